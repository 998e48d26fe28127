"""The better first term of the uniform bound, and two sample sizes, by enumeration of "
"small laws."""

from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from math import comb
from random import Random

from certify.certificates import facts
from certify.errors import InputError
from certify.numbers.rationals import Rows, dot
from verify.claims.charles2019.shared import rademacher, training_procedures
from verify.claims.charles2019.shared.enclosures import Loss, exponential_below
from verify.claims.charles2019.shared.independent_samples import ramp
from verify.claims.charles2019.shared.rademacher import Instance
from verify.claims.charles2019.without import offset_memorisers
from verify.claims.charles2019.without.offset_memorisers import Memory, central
from verify.claims.claim import Counterexample, Proof, Refutation, SharpForm, step
from verify.claims.relation import computed, named, told
from verify.drawing import laws, numbers
from verify.drawing.laws import FiniteLaw
from verify.objects import LinearRule

ZERO, ONE = Fraction(0), Fraction(1)
FEW, MORE = "up to three draws", "four draws or more"
ENDS, INSIDE = "counts at the ends of their band", "counts inside the band"
SWAPPED = "counts at the other ends of their band"
NORM_FACTORS = (Fraction(1, 2), ONE, Fraction(2))  # B R


def small_law(rng: Random) -> tuple[FiniteLaw, Fraction, Rows]:
    """Return a law with two points, a bound B^2, and two or three rules that nearly attain it."""
    law = laws.law(rng, rng.choice(laws.CASES))
    atoms = laws.seen(law.atoms, range(min(2, len(law.probabilities))))
    law = FiniteLaw.of(atoms.points, atoms.labels, law.probabilities[: len(atoms.labels)])
    bound = rng.choice(NORM_FACTORS) ** 2 / law.radius_squared
    rules = tuple(
        training_procedures.scaled_into_ball(numbers.nonzero_vector(rng, atoms.dimension), bound)
        for _ in range(rng.randint(2, 3))
    )
    return law, bound, rules


def draw(rng: Random, case: str) -> Instance:
    """Return a small law with rules, a size n, and 2n points of the law."""
    law, bound, rules = small_law(rng)
    size = rng.randint(1, 3) if case == FEW else rng.randint(4, 5)
    sample = tuple(rng.randrange(len(law.probabilities)) for _ in range(2 * size))
    return Instance(law, size, bound, rules, sample)


def decide(instance: Instance) -> Proof:
    """Compare balanced with independent signs on the points, and both bounds with the "
    "exact mean."""
    n, ramps = instance.size, instance.ramps
    rest = 1 - central(n)
    signs = rademacher.signs(2 * n)
    met = [[row[i] for i in instance.sample] for row in ramps]
    best = {s: max(dot(s, row) for row in met) for s in signs}
    balanced = [best[s] for s in signs if sum(s) == 0]
    all_signs = sum(best.values(), ZERO) / len(signs)
    pairs = rademacher.pairs(instance)
    mean = sum((p.probability * p.gap for p in pairs), ZERO)
    square = dot(instance.law.probabilities, tuple(dot(x, x) for x in instance.law.atoms.points))
    total, agreement = offset_memorisers.mean_given_balanced(n)
    steps = (
        step(r"Given balanced signs the independent ones have the mean $(1-p_n)\tau$.",
             (total, "=", Fraction(1, comb(2 * n, n))), (agreement, "=", rest)),
        step(r"On the $2n$ points $(1-p_n)$ times the mean supremum over balanced signs is at most "
             "that over all signs.",
             (rest * sum(balanced, ZERO) / len(balanced), "<=", all_signs)),
        step(r"$EF\leq2B\sqrt{E|x|^2}/\sqrt n$ and $EF\leq\sqrt2B\sqrt{E|x|^2}/((1-p_n)\sqrt n)$ "
             "(squares are compared).",
             (n * max(mean, ZERO) ** 2, "<=", 4 * instance.bound_squared * square),
             (rest**2 * n * max(mean, ZERO) ** 2, "<=", 2 * instance.bound_squared * square)),
        step(r"The second is smaller exactly for $n\geq4$ (1 for yes, 0 for no).",
             (int(2 * rest**2 > 1), "=", int(n >= 4))),
    )  # fmt: skip
    short = Instance(instance.law, n, instance.bound_squared, instance.rules, instance.sample[:2])
    return Proof.of(
        *steps,
        rademacher.law_certificate(instance, pairs, mean),
        rademacher.sign_certificate(short),
    )


def refute_mean(memory: Memory) -> Refutation | None:
    """Refute EF <= B R / ((1 - p_n) sqrt(n)): F is 1 on disjoint samples, and never negative."""
    n, norms, rest = memory.size, memory.norm_squared, 1 - central(memory.size)
    if (memory.disjoint * rest) ** 2 * n <= norms:
        return None
    numbers: dict[str, Fraction | int] = {
        "size": n, "support": memory.support, "part": memory.part, "rest": rest,
    }  # fmt: skip
    square = ["+", ["/", "1", ["*", "4", "part"]], ["/", "size", ["*", "2", ["-", "1", "part"]]]]
    disjoint = ["^", ["-", "1", ["/", "size", "support"]], "size"]
    return Refutation.of(
        "Rules that remember two disjoint samples lose nothing on the first and 1 on all points of "
        r"the second, so $F=1$ there; $w=0$ gives $F\geq0$ elsewhere. So $EF>BR/((1-p_n)\sqrt n)$.",
        *offset_memorisers.objects(),
        told("p_n", 1 - rest, rf"C({2 * n},{n})/4^{{{n}}}"),
        step(
            "On disjoint samples the rules lose nothing on the first and $1$ on each point of the "
            r"second, so $F=1$; elsewhere $F\geq0$, by $w=0$. So $EF\geq(1-n/M)^n$, and that "
            r"exceeds $BR/((1-p_n)\sqrt n)$ (squares are compared).",
            (
                told(
                    r"n(1-p_n)^2(1-n/M)^{2n}",
                    n * (rest * memory.disjoint) ** 2,
                    rf"{n}(1-p_{{{n}}})^2(1-{n}/{memory.support})^{{{2 * n}}}",
                ),
                ">",
                computed("B^2R^2", "1 / (4 * p) + n / (2 * (1 - p))", n=n, p=memory.part),
            ),
        ),
        facts.arithmetic(numbers, [
            ("rest", "=", ["-", "1", ["/", str(comb(2 * n, n)), ["^", "4", "size"]]]),
            (square, "<", ["*", "size", ["^", ["*", "rest", disjoint], "2"]]),
        ]),
    )  # fmt: skip


MEANS = SharpForm((FEW, MORE), draw, decide, Counterexample(
    r"The mean of $F$ is not at most $BR/((1-p_n)\sqrt n)$ for all laws.",
    Memory(14, 14 * 2000, Fraction(1, 6)), refute_mean, offset_memorisers.draw,
))  # fmt: skip


@dataclass(frozen=True)
class Ratio:
    """Counts n_1, n_2 within (1 +- e) times a mean, and a small law with rules for two sizes."""

    mean: Fraction
    deviation: Fraction
    counts: tuple[Fraction, Fraction]
    law: FiniteLaw
    bound_squared: Fraction
    rules: Rows
    sizes: tuple[int, int]


def draw_ratio(rng: Random, case: str) -> Ratio:
    """Return counts at the ends of their band or not, and a small law."""
    mean, e = Fraction(rng.randint(1, 50)), Fraction(rng.randint(1, 9), 10)
    shares = [ONE, -ONE]
    if case == SWAPPED:
        shares = shares[::-1]
    while case == INSIDE and shares == [1, -1]:
        shares = [Fraction(rng.randint(-4, 4), 4) for _ in range(2)]
    first, second = (mean * (1 + e * share) for share in shares)
    sizes = rng.randint(1, 4), rng.randint(1, 4)
    return Ratio(mean, e, (first, second), *small_law(rng), sizes)


def gaps(ratio: Ratio) -> list[tuple[Fraction, Fraction]]:
    """Return the values of F = sup (L' - L) for samples of both sizes, with their probabilities."""
    law, (a, b) = ratio.law, ratio.sizes
    rows = [tuple(map(ramp, LinearRule(w, ZERO).margins(law.atoms))) for w in ratio.rules]
    return [
        (
            max(
                sum((r * (Fraction(t, b) - Fraction(s, a))
                     for r, s, t in zip(row, first, second, strict=True)), ZERO)
                for row in rows
            ),
            Fraction(p * q, law.denominator ** (a + b)),
        )
        for (first, p), (second, q) in product(law.all_samples(a), law.all_samples(b))
    ]  # fmt: skip


def decide_ratio(ratio: Ratio) -> Proof:
    """Compare the ratio with its bound, and the gap of two samples with that for any rules."""
    (first, second), e, (a, b) = ratio.counts, ratio.deviation, ratio.sizes
    if not 0 < e < 1 or max(abs(first - ratio.mean), abs(second - ratio.mean)) > e * ratio.mean:
        expected = "a deviation between 0 and 1, and counts within that part of their mean"
        raise InputError("counts", expected=expected, got=f"{first}, {second} and {e}")
    gap, limit = abs(first / second - 1), 2 * e / (1 - e)
    ends = first == (1 + e) * ratio.mean and second == (1 - e) * ratio.mean
    values = gaps(ratio)
    mean = sum((value * p for value, p in values), ZERO)
    norms = ratio.bound_squared * ratio.law.radius_squared
    loss = Loss((4 * norms / a, 4 * norms / b), (), ONE)
    tails = [
        (sum((p for value, p in values if value >= t), ZERO),
         exponential_below(-2 * (t - mean) ** 2 / (Fraction(1, a) + Fraction(1, b))))
        for t in sorted({value for value, _ in values if value >= mean})
    ]  # fmt: skip
    steps = (
        step(r"$|n_1/n_2-1|\leq2\varepsilon/(1-\varepsilon)$ for counts in the band, with equality "
             r"exactly at $(1+\varepsilon)Nq$ and $(1-\varepsilon)Nq$ (1 for yes, 0 for no).",
             (gap, "<=", limit), (int(gap == limit), "=", int(ends))),
        step(r"For samples of two sizes $EF\leq2BR(1/\sqrt{n_1}+1/\sqrt{n_2})$ for all rules of "
             "norm $B$ at once, by symmetrising each.",
             (mean, "<=", loss.decisive_bounds([mean])[0])),
        step(r"$P(F-EF\geq t)\leq e^{-2t^2/(1/n_1+1/n_2)}$ for each $t$ that occurs (a rational "
             "below the exponential).", *((chance, "<=", bound) for chance, bound in tails)),
    )  # fmt: skip
    numbers: dict[str, Fraction | int] = {"first": first, "second": second, "deviation": e}
    band = facts.arithmetic(numbers, [
        (["abs", ["-", ["/", "first", "second"], "1"]], "<=",
         ["/", ["*", "2", "deviation"], ["-", "1", "deviation"]]),
    ])  # fmt: skip
    bound = loss.certificate(
        {"norms": norms, "mean": mean, "first": a, "second": b},
        [("root0", "=", ["/", ["*", "4", "norms"], "first"]),
         ("root1", "=", ["/", ["*", "4", "norms"], "second"])],
        within=["mean"],
    )  # fmt: skip
    return Proof.of(*steps, band, bound)


def draw_counts(rng: Random) -> tuple[tuple[int, int], Fraction]:
    """Return two counts up to 20 and a deviation in tenths."""
    return (rng.randint(1, 20), rng.randint(1, 20)), Fraction(rng.randint(1, 9), 10)


def refute_twice(counts: tuple[int, int], deviation: Fraction) -> Refutation | None:
    """Refute |n_1 / n_2 - 1| <= 2 e for two counts within the fraction e of their mean."""
    (n, m), e = counts, deviation
    mean = Fraction(n + m, 2)
    if abs(n - mean) > e * mean or abs(Fraction(n, m) - 1) <= 2 * e:
        return None
    middle = ["/", ["+", "first", "second"], "2"]
    return Refutation.of(
        r"Both counts are within $\varepsilon$ of their mean, and the ratio is further from 1 than "
        r"$2\varepsilon$.",
        step(r"The counts are $(1\pm\varepsilon)$ times $Nq=(n_1+n_2)/2$ or between, and the ratio "
             r"is further from 1 than $2\varepsilon$.",
             (computed(r"|n_1-n_2|/(n_1+n_2)", "a / b", a=abs(n - m), b=n + m), "<=",
              named(r"\varepsilon", e)),
             (told("|n_1/n_2-1|", abs(Fraction(n, m) - 1), f"|{n}/{m}-1|"), ">",
              computed(r"2\varepsilon", "2 * e", e=e))),
        facts.arithmetic({"first": n, "second": m, "deviation": e}, [
            (["abs", ["-", "first", middle]], "<=", ["*", "deviation", middle]),
            (["*", "2", "deviation"], "<", ["abs", ["-", ["/", "first", "second"], "1"]]),
        ]),
    )  # fmt: skip


RATIOS = SharpForm((ENDS, INSIDE, SWAPPED), draw_ratio, decide_ratio, Counterexample(
    r"The ratio need not be within $2\varepsilon$ of 1.",
    ((3, 1), Fraction(1, 2)), refute_twice, draw_counts,
))  # fmt: skip
