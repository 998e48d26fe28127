r"""Section 7, training subsets: Models trained on random subsets of one data set

Printed: We use scikit-Learn LinearSVC (Pedregosa et al., 2011; Fan et al., 2008) to train 50
    support vector machines, each on 10000 random images from the MNIST training set. … This shows
    that SVMs are often susceptible to adversarial examples generated from other SVMs trained on
    different subsets of the data. This supports our result that SVMs trained independently from
    some distribution are jointly susceptible to some adversarial direction.
Statement: A random $n$-subset of $N$ points, in random order, is exchangeable, and an i.i.d. sample
    of their uniform law for $n=1$ only; separately drawn subsets are independent given the whole
    set and overlap in $n^2/N$ points on average. Theorem 7, with the uniform law on the set, holds
    for two separately drawn subsets as it does for draws with replacement.
Verdict: true. With replacement these are the independent samples of Theorem 7; subsets are not, but
    convexity makes them no worse. Of the law behind the images the theorem says nothing here: as
    its samples the training sets share some 1667 images on average.
Reading: Some distribution is the uniform law on the images of the training set, from which random
    images are drawn; whether with or without replacement is not said, and either will do. The claim
    is that the training sets are an instance of the result, Theorem 7.
Needs with replacement: The points of a sample are drawn one by one, each from the whole set.
    Without it: Subsets are no worse than draws with replacement, by convexity.
Sharp: A random subset, in random order, has the law of independent uniform draws exactly when
    $n=1$: two draws without replacement have covariance $-\sigma^2/(N-1)$. Every convex increasing
    function of $F$ has a mean for subsets that is at most its mean for draws with replacement.
    Rests on: written proof. The laws and the covariance are proved for all $N$ and $n$ by algebra;
        a function of $F$ that is convex and increasing is convex in the counts, and Jensen's
        inequality is the last step of the proof.
    Overstated: A subset of two points never holds one point twice, and independent draws may.
Quantifier: the laws of the draws, the overlap, the covariance and the filled patterns for all sizes
    $2\leq n\leq N$ by algebra; that $F$ is convex and Jensen's inequality on paper; on the sampled
    small sets everything at once, by enumeration
Uses: charles-thm-7
The idea: The models of the experiment are trained on random subsets of one data set. Are these
    independent samples, as the theorems want?
Why it is true: Within one subset no image occurs twice, so the draws are not independent: after the
    first, its image is out of the game. Drawn with replacement they would be. But subsets do no
    worse. Draw a subset first, and fill a random pattern of repetitions with its points: that gives
    draws with replacement, and on average, given the subset, each of its points occurs once.
    Theorem 7 rests on a bound of the mean of $e^{sF}$, a convex function of the counts, so by
    Jensen's inequality it holds for subsets too. Two subsets drawn separately are independent of
    each other, given the whole set, and share about $n^2/N$ images.
Before you use it: With 10,000 of 60,000 images two models have 1,667 images in common on average.
    Given the images, and with the uniform law on them, the experiment is one that Theorem 7 covers.
    As samples of the law behind the images the training sets are not independent, and about that
    law the theorem says nothing here.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from itertools import combinations, permutations, product
from math import comb, perm
from random import Random

import sympy

from certify.certificates import facts
from certify.certificates.certificate import Certificate
from certify.errors import InputError
from certify.numbers.rationals import Vector, dot
from verify.claims.charles2019.shared.enclosures import Relations
from verify.claims.charles2019.sharp.subsets import (
    MORE_DRAWS,
    ONE_DRAW,
    ZERO,
    Values,
    averages,
    draw_losses,
    filled_patterns,
    laws,
    mean_certificate,
    moment,
    patterns,
)
from verify.claims.language import (
    Given,
    Named,
    Proof,
    Refutation,
    Step,
    Symbolic,
    computed,
    identity,
    inner,
    matrices,
    multiples,
    named,
    step,
    theorem,
    told,
    total,
)
from verify.claims.relation import number

# The sizes that the section states: of the whole training set, and of each subset.
POPULATION, SUBSET = 60_000, 10_000
LARGEST = 5
MOST_LISTED = 3  # draws whose patterns are written out

GENERIC, WHOLE, PAIRS, HALVES = "generic", "the whole set", "pairs", "nearly half of the set"
CASES = (GENERIC, WHOLE, PAIRS, HALVES)


@dataclass(frozen=True)
class Subsets:
    """A set of ``population`` points and the size of the subsets drawn from it."""

    population: int
    size: int

    def __post_init__(self) -> None:
        if not 1 <= self.size <= self.population:
            raise InputError("size", expected=f"1 to {self.population}", got=str(self.size))


def draw(rng: Random, case: str) -> Subsets:
    """Return a set and subsets of two points at least."""
    population = rng.randint(2, LARGEST)
    sizes = {WHOLE: population, PAIRS: 2, HALVES: max(2, population // 2)}
    return Subsets(population, sizes.get(case, rng.randint(2, population)))


Law = dict[tuple[int, int], Fraction]  # of the first two draws, or of one point of each subset


@theorem.not_needed("with replacement", lambda rng: draw(rng, GENERIC))
def prove(instance: Subsets) -> Proof:
    """List all ways to draw subsets, in order, and all pairs of subsets."""
    whole, n = instance.population, instance.size
    without, repeated = pair_law(instance), repeated_pair_law(instance)
    ways = perm(whole, n)
    (same, overlap), uniform = meeting_law(instance), Fraction(1, whole)
    return Proof.of(
        *_given_patterns(whole, n),
        step(r"Without replacement the first two draws of a subset are every pair of *different* "
             r"points with the same probability $1/(N(N-1))$: their order does not matter.",
             ([computed(f"P(X_1={i + 1},X_2={j + 1})", "k / n", k=p * ways, n=ways)
               for (i, j), p in without.items()], "=",
              [Fraction(int(i != j), whole * (whole - 1)) for i, j in without])),
        step(r"Each draw alone is uniform, but together they are not a product: they never agree, "
             r"where independent draws agree with probability $1/N$.",
             ([Named("P(X_1=#)", p, total("", [without[i, j] for j in range(whole)]).numbers)
               for i, p in enumerate(first_law(instance))], "=", uniform),
             (total("P(X_1=X_2)", [without[i, i] for i in range(whole)]), "<", uniform)),
        step(r"With replacement all pairs have the probability $1/N^2$: the draws are independent "
             "and uniform, as Theorem 7 asks.",
             ([named(f"P(X_1={i + 1},X_2={j + 1})", p) for (i, j), p in repeated.items()], "=",
              computed("1/N^2", "1 / n**2", n=whole))),
        step(r"Two subsets drawn separately are independent given the whole set: points $i$ and "
             r"$j$ belong to them with probability $(n/N)^2$.",
             ([named(rf"P({i + 1}\in A,{j + 1}\in B)", p) for (i, j), p in same.items()], "=",
              computed("(n/N)^2", "(n / m)**2", n=n, m=whole))),
        step(r"They overlap in $n^2/N$ points on average; with the section's sizes in "
             r"$10000^2/60000$, about 1667 points.",
             (named(r"E|A\cap B|", overlap), "=", computed("n^2/N", "n**2 / m", n=n, m=whole)),
             (computed("n^2/N", "n**2 / m", n=SUBSET, m=POPULATION), "=", Fraction(5000, 3))),
        step("Fill a random pattern of repetitions with points of a random subset: these are draws "
             "with replacement, and given the subset their counts are on average those of the "
             r"subset: each pattern gives its probability over $n!$, times the counts that it has "
             r"in the $n!$ orders of the subset, added up. With the mean losses $L$, $L'$ of a "
             r"rule $w$ on both samples, $F=\sup_w(L'-L)$ is convex in the counts of both. So by "
             r"Jensen's inequality $E e^{sF}$ is no larger for subsets (Hoeffding 1963): the bound "
             "behind Theorem 7 holds for them as well.",
             ([Named(r"E[\text{counts}|A_#]", mean, partial(_filled, whole, n, k))
               for k, (_, mean) in enumerate(averages(whole, n))], "=",
              [told(r"\text{counts of }A_#", own, _members(own))
               for own, _ in averages(whole, n)])),
        certificate(instance),
    )  # fmt: skip


def _given_patterns(whole: int, size: int) -> tuple[Given, ...]:
    """Return the patterns of repetitions with their probabilities; nothing for many of them."""
    if size > MOST_LISTED:
        return ()
    listed = (
        f"${number(tuple(Fraction(k + 1) for k in key))}$ of probability ${number(p)}$"
        for key, p in patterns(whole, size).items()
    )
    return (Given("patterns of repetitions", "; ".join(listed)),)


def _filled(whole: int, size: int, place: int) -> str:
    """Return the mean counts from a subset with the weight and the counts of each pattern."""
    return multiples(*filled_patterns(whole, size)[place][1])()


def _members(counts: Vector) -> str:
    """Return the points of a subset from its counts."""
    points = (str(i) for i, count in enumerate(counts, 1) if count)
    return rf"[A=\{{{','.join(points)}\}}]"


def pair_law(instance: Subsets) -> Law:
    """Return the law of the first two draws without replacement, from all ordered subsets."""
    return _first_two(instance, permutations(range(instance.population), instance.size))


def repeated_pair_law(instance: Subsets) -> Law:
    """Return the law of the first two draws with replacement."""
    return _first_two(instance, product(range(instance.population), repeat=min(instance.size, 3)))


def _first_two(instance: Subsets, draws: Iterable[tuple[int, ...]]) -> Law:
    counts = Counter(order[:2] for order in draws)
    points = range(instance.population)
    return {(i, j): Fraction(counts[i, j], counts.total()) for i in points for j in points}


def first_law(instance: Subsets) -> list[Fraction]:
    """Return the law of the first draw."""
    law, points = pair_law(instance), range(instance.population)
    return [sum((law[i, j] for j in points), Fraction(0)) for i in points]


def meeting_law(instance: Subsets) -> tuple[Law, Fraction]:
    """Return P(i in A, j in B) for two separately drawn subsets, and the mean size of A and B."""
    points = range(instance.population)
    drawn = [set(s) for s in combinations(points, instance.size)]
    pairs, members = len(drawn) ** 2, [sum(i in s for s in drawn) for i in points]
    meeting = {(i, j): Fraction(members[i] * members[j], pairs) for i in points for j in points}
    return meeting, Fraction(sum(len(a & b) for a in drawn for b in drawn), pairs)


def certificate(instance: Subsets) -> Certificate:
    """Certify the probabilities from counts of subsets, with N and n as the only free numbers."""
    whole, n = instance.population, instance.size
    entries: dict[str, Fraction | int] = {
        "population": whole, "size": n,
        "subsets": comb(whole, n), "with_point": comb(whole - 1, n - 1),
        "without": Fraction(1, whole * (whole - 1)), "independent": Fraction(1, whole**2),
    }  # fmt: skip
    relations: Relations = [
        # Every point is in the same number of subsets: N (number with a point) = n (number).
        (["*", "population", "with_point"], "=", ["*", "size", "subsets"]),
        (["*", "without", ["*", "population", ["-", "population", "1"]]], "=", "1"),
        (["*", "independent", ["^", "population", "2"]], "=", "1"),
        ("independent", "<", "without"),
        # Two draws agree with probability 0 without replacement and 1/N with it.
        ("0", "<", ["*", "population", "independent"]),
        (["*", "population", ["^", ["/", "with_point", "subsets"], "2"]], "=",
         ["/", ["^", "size", "2"], "population"]),
    ]  # fmt: skip
    return facts.arithmetic(entries, relations)


def draw_any(rng: Random) -> Subsets:
    """Return a set of one to four points and any size of subset."""
    population = rng.randint(1, 4)
    return Subsets(population, rng.randint(1, population))


@theorem.overstated(Subsets(2, 2), draw_any)
def refute_independence(instance: Subsets) -> Refutation | None:
    """Refute that a random subset is an independent sample: two draws never agree."""
    if instance.size < 2:
        return None
    pairs = pair_law(instance)
    agree = sum((pairs[i, i] for i in range(instance.population)), Fraction(0))
    return Refutation.of(
        f"Two points of a subset never agree; two independent draws from {instance.population} "
        f"points agree with probability 1/{instance.population}.",
        step("Never against sometimes.",
             (named("P(X_1=X_2)", agree), "<", computed("1/N", "1 / n", n=instance.population))),
        certificate(instance),
    )  # fmt: skip


EXAMPLE = Subsets(3, 2)


def sharpness() -> Proof:
    """Evaluate the covariance of two draws without replacement on the values 0, 1, ..., N - 1."""
    instance, whole = Subsets(4, 3), 4
    centred = [i - Fraction(whole - 1, 2) for i in range(whole)]
    variance = dot(centred, centred) / whole
    covariance = sum(centred[i] * centred[j] * p for (i, j), p in pair_law(instance).items())
    sums = [sum(centred[i] * centred[j] for j in range(whole) if j != i) for i in range(whole)]
    return Proof.of(
        named("N", whole), Named("a", tuple(map(Fraction, range(whole)))),
        Named(r"a-\bar a", tuple(centred)),
        inner(r"\sigma^2=\frac1N\sum_i(a_i-\bar a)^2", centred, [c / whole for c in centred]),
        step(r"Two draws without replacement from $N$ numbers $a_i$ are correlated: their "
             r"covariance, the mean of $(a_i-\bar a)(a_j-\bar a)$ over the $N(N-1)$ pairs of "
             r"different places, is $-\sigma^2/(N-1)$, for all $N\geq2$ and $a$; here for $N=4$ "
             r"and the numbers $0,1,2,3$. For one $i$ the products add up to $-(a_i-\bar a)^2$.",
             (computed(r"\frac{1}{N(N-1)}\sum_{i\neq j}(a_i-\bar a)(a_j-\bar a)",
                       "(p + q + r + s) / (n * (n - 1))", n=whole,
                       **dict(zip("pqrs", sums, strict=True))), "=",
              computed(r"-\sigma^2/(N-1)", "-v / (n - 1)", v=variance, n=whole)),
             (Named(r"\mathrm{Cov}(X_1,X_2)", covariance,
                    total("", [Fraction(s) / (whole * (whole - 1)) for s in sums]).numbers),
              "<", 0)),
        certificate(instance),
    )  # fmt: skip


def symbolic() -> Symbolic:
    """Prove the laws of the draws, the overlap and the covariance for all N and n at once."""
    whole, n, r = sympy.symbols("N n r", integer=True, positive=True)
    ordered = sympy.ff(whole - r, n - r) / sympy.ff(whole, n)
    sizes = r"all $1\leq r\leq n\leq N$"
    yield identity(
        r"Of the $(N)_n=N(N-1)\cdots(N-n+1)$ ordered subsets $(N-r)_{n-r}$ have $r$ given points "
        r"at $r$ given places: these are as likely as any others, and for $r=2$ it is "
        r"$1/(N(N-1))$.",
        r"\frac{(N-r)_{n-r}}{(N)_n}=\frac1{(N)_r}",
        sizes, sympy.combsimp(ordered * sympy.ff(whole, r)), 1,
    )  # fmt: skip
    pattern = sympy.ff(whole, r) / whole**n
    yield identity(
        "A pattern of repetitions with $r$ different points, filled from a random subset, gives "
        "each sequence of $n$ draws that has the pattern the probability it has with replacement.",
        r"\frac{(N)_r}{N^n}\cdot\frac{(N-r)_{n-r}}{(N)_n}=\frac1{N^n}",
        sizes, sympy.combsimp(pattern * ordered * whole**n), 1,
    )  # fmt: skip
    member = sympy.binomial(whole - 1, n - 1) / sympy.binomial(whole, n)
    yield identity(
        "Each point is in a subset with the probability $n/N$, and so in both of two with its "
        "square: $N$ points together.",
        r"N\left(\binom{N-1}{n-1}/\binom Nn\right)^2=\frac{n^2}N",
        r"all $1\leq n\leq N$", sympy.combsimp(whole * member**2), n**2 / whole,
    )  # fmt: skip
    (a,), (one,) = matrices("a", "N"), matrices("1", "N")
    pairs = a.T * (one * one.T - sympy.Identity(a.shape[0])) * a
    yield identity(
        r"The products of two different ones of the values $a_1,\ldots,a_N$ add up to the square "
        "of their sum less the sum of their squares.",
        r"a\cdot(\mathbf 1\mathbf 1^\top-I)a=(\mathbf 1\cdot a)^2-a\cdot a",
        "all $N$ and any values", pairs, a.T * one * one.T * a - a.T * a,
    )  # fmt: skip
    p, q = sympy.symbols("p q")
    mean, variance = p / whole, q / whole - p**2 / whole**2
    yield identity(
        "Two draws without replacement have negative covariance; here $p$ is the sum of the values "
        "and $q$ that of their squares.",
        r"\frac{p^2-q}{N(N-1)}-\frac{p^2}{N^2}=-\frac{\sigma^2}{N-1},\quad"
        r"\sigma^2=\frac qN-\frac{p^2}{N^2}",
        r"all $N\geq2$ and any values",
        (p**2 - q) / (whole * (whole - 1)) - mean**2, -variance / (whole - 1),
    )  # fmt: skip


def convexity_steps(values: Values) -> tuple[Step, ...]:
    """Return why subsets do no worse than draws with replacement, evaluated on a small set."""
    without, repeated = laws(values)
    bends = (Fraction(-1), ZERO, Fraction(1, 4))
    return (
        step("Fill a random pattern of repetitions with points of a random subset: the draws are "
             "draws with replacement, and given the subset the mean of their counts is the counts "
             "of the subset.",
             *((named(r"E[\text{counts}|A]", mean), "=", named(r"\text{counts of }A", own))
               for own, mean in averages(values.population, values.size))),
        step(r"$F=\sup_w(L'-L)$ is convex in the counts of both samples, so by Jensen's inequality "
             r"every convex increasing function of $F$, as $e^{sF}$, has no larger mean for "
             "subsets: Hoeffding (1963). Here squares of positive parts.",
             *((named(r"E\max(F-t,0)^2\text{ without}", moment(values, without, t)), "<=",
                named(r"E\max(F-t,0)^2\text{ with}", moment(values, repeated, t))) for t in bends)),
    )  # fmt: skip


@theorem.sharp((ONE_DRAW, MORE_DRAWS), draw_losses)
def decide(values: Values) -> Proof:
    """Compare both laws of all ordered draws, and means of convex functions."""
    without, repeated = laws(values)
    return Proof.of(
        step("A random subset, in random order, has the law of independent uniform draws exactly "
             r"when $n=1$ (1 for yes, 0 for no).",
             (named(r"[\text{same law}]", int(without == repeated)), "=",
              named("[n=1]", int(values.size == 1)))),
        *convexity_steps(values),
        mean_certificate(values),
    )  # fmt: skip


CLAIM = theorem(__name__)
