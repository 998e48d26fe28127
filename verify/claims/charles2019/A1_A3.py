r"""Assumptions A1, A2, A3: What is assumed of two rules trained on independent samples

Printed: A1. With probability 1 over the training procedure, $\Vert w^{(j)}\Vert_2\leq B$. A2. The
    probability that $w^{(1)}$ correctly classifies any point in $S^{(1)}$ is independent from the
    probability $w^{(2)}$ correctly classifies any point in $S^{(2)}$, and vice-versa. A3. There are
    at least $(1-\rho)n$ for $\rho\in[0,1)$ points $(x,y)\in S^{(j)}$ such that
    $y\langle w^{(j)},x\rangle\geq1$.
Statement: $S^{(1)},S^{(2)}$ are lists of $n\geq3$ i.i.d. draws. A1: $|w^{(j)}|\leq B$ for a number
    $B$ fixed in advance. A2: $(S^{(1)},w^{(1)})$ and $(S^{(2)},w^{(2)})$ are independent (not
    needed). A3: at least $(1-\rho)n>0$ indices of $S^{(j)}$ have $y\,w^{(j)}\cdot x\geq1$. With
    $|x|\leq R$, A1 and A3 together force $BR\geq1$. All can be met, for every $n$, with $BR=1$: by
    a law with the one point $x=1$, labelled $+1$, and $w^{(j)}=1$.
Verdict: true. Assumptions that can be met, in that reading. A2 as printed speaks of the
    independence of two numbers; sets in place of lists would rule out laws with few points; and
    $1-4/n^2$, which they are to give, is positive for $n\geq3$ only.
Reading: Training sets of size n are lists of n draws; $B$, $R$ and $\rho$ are numbers fixed in
    advance; A2 means that the training procedures are independent, as the paper goes on to say.
Needs A1: $|w^{(j)}|\leq B$ for a number $B$ fixed in advance.
    Without it: A long rule is confident although $BR<1$.
Needs A3: Some sample point has $y\,w^{(j)}\cdot x\geq1$.
    Without it: Without a confident point $BR$ may be below 1.
Needs lists: A training set of size n is a list of n draws.
    Without it: A law with fewer than n points has no training sets of n points.
Needs A2: The two training procedures are independent of each other.
    Without it: Nothing here, nor in Theorem 7, uses it: both rules may be trained on both samples
        together.
Sharp: A rule that is confident at a point, $y\,w\cdot x\ge1$, has $|w||x|\geq1$, with equality
    exactly when $w=yx/|x|^2$; so $BR=1$ is attained, on the line by $x=1$ and $w=1$.
    Rests on: algebra. $1\le y\,w\cdot x\le|w||x|$. With $s=|x|^2$ and $r=w\cdot x$ the square above
        is $0$ exactly when $|w||x|=|w\cdot x|$, and then $w=(w\cdot x)x/|x|^2$, which is $yx/|x|^2$
        if $y\,w\cdot x=1$.
Quantifier: for the sampled trials: the norms and the confident points are certified, the counts are
    computed; the inequality of Cauchy and Schwarz is shown for all vectors at once
The idea: Three assumptions stand behind the probability statements: the rules are not too long
    (A1), they are trained independently (A2), and they are confidently right on a share of their
    own sample (A3).
Why it is true: Nothing is to be proved except that the assumptions can be met. If even one sample
    point has $y\,w\cdot x\geq1$, then by the Cauchy-Schwarz inequality $|w||x|\geq1$, so $BR\geq1$.
    Confidence costs length.
Before you use it: Samples must be lists, with repetitions: a law with three possible points has no
    set of a hundred different ones. And the printed A2 speaks of independent numbers where
    independent training must be meant. It turns out that independence is not needed at all.
"""

from dataclasses import dataclass
from fractions import Fraction
from random import Random

import sympy

from certify.certificates import facts
from certify.certificates.certificate import Certificate
from certify.numbers.rationals import Vector, dot, vector
from verify.claims.charles2019.shared import independent_samples, trials
from verify.claims.charles2019.shared.enclosures import Relations
from verify.claims.charles2019.shared.independent_samples import Experiment, Reading, Trial
from verify.claims.charles2019.sharp.assumptions import LENGTHS
from verify.claims.charles2019.thm_7 import NOISY_LAW
from verify.claims.charles2019.without import fixed_rules
from verify.claims.charles2019.without.fixed_rules import FixedRules
from verify.claims.language import (
    Given,
    Named,
    Proof,
    Refutation,
    Step,
    Symbolic,
    computed,
    counted,
    identity,
    inner,
    matrices,
    named,
    products,
    step,
    symmetric,
    theorem,
    told,
    total,
)
from verify.drawing.laws import FiniteLaw

ONE = Fraction(1)


@theorem.not_needed("A2", trials.draw_dependent)
def prove(instance: Experiment) -> Proof:
    """Read the assumptions off every trial, and derive that B R >= 1."""
    n, readings = instance.size, instance.readings
    drawn = [
        (j, i, w, x, margin)
        for reading in readings
        for j, (w, sample, margins) in enumerate(
            zip(reading.trial.normals, reading.trial.samples, reading.margins, strict=True), 1
        )
        for i, (x, count, margin) in enumerate(
            zip(reading.atoms.points, sample, margins, strict=True), 1
        )
        if count
    ]
    symbols = r"\geq "
    confident = any(margin >= 1 for *_, margin in drawn)
    norms = [
        inner(f"|w^{{({j})}}|^2", w, w)
        for reading in readings for j, w in enumerate(reading.trial.normals, 1)
    ]  # fmt: skip
    steps = (
        step(r"The samples are lists of $n$ draws, repetitions counted.",
             ([total(f"|S^{{({j})}}|", sample) for r in readings
               for j, sample in enumerate(r.trial.samples, 1)], "=", named("n", n))),
        step(r"A1: $|w^{(j)}|^2\leq B^2$, for $B$ fixed before the draws.",
             (norms, "<=", named("B^2", instance.bound_squared))),
        step(r"A3 with $\rho_j$ read off: $(1-\rho_j)n$ points have $y\,w^{(j)}\cdot x\geq1$.",
             *((named(rf"|\{{y\,w^{{({j + 1})}}\cdot x\geq1\}}|", confident_draws(r, j)), "=",
                computed(rf"n-n\rho_{j + 1}", "n - e", n=n, e=r.errors[j]))
               for r in readings for j in (0, 1))),
        step(r"Every sample point has $(y\,w\cdot x)^2\leq|w|^2|x|^2$, and $|x|^2\leq R^2$.",
             *((computed(rf"(y_{{{i}}}w^{{({j})}}\cdot x_{{{i}}})^2", "m**2", m=margin), "<=",
                computed(rf"|w^{{({j})}}|^2|x_{{{i}}}|^2", "w * x", w=dot(w, w), x=dot(x, x)))
               for j, i, w, x, margin in drawn),
             ([inner(f"|x_{{{i}}}|^2", x, x) for i, x in {i: x for _, i, _, x, _ in drawn}.items()],
              "<=", named("R^2", instance.law.radius_squared))),
        step(r"So if a single sample point has margin at least $1$, $B^2R^2\geq1$.",
             (Named("B^2R^2", instance.norms,
                    computed("", "b * r", b=instance.bound_squared,
                             r=instance.law.radius_squared).numbers), ">=",
              named(r"[\text{some margin}\geq1]", int(confident)))),
        step(r"A failure probability of $4/n^2$ says something only for $n\geq3$.",
             (told("[4/n^2<1]", int(Fraction(4, n**2) < 1),
                   f"[4/{n}^2{'<' if n**2 > 4 else symbols}1]"), "=",
              told(r"[n\geq3]", int(n >= 3), f"[{n}{symbols if n >= 3 else '<'}3]"))),
    )  # fmt: skip
    certificates = [certificate(instance, r, j) for r in readings for j in (0, 1)]
    return Proof.of(*steps, *certificates)


def confident_draws(reading: Reading, j: int) -> int:
    """Return how many points of sample j have margin at least 1 under rule j."""
    pairs = zip(reading.trial.samples[j], reading.margins[j], strict=True)
    return sum(count for count, margin in pairs if margin >= 1)


def certificate(instance: Experiment, reading: Reading, j: int) -> Certificate:
    """Certify A1 for one rule, and B R >= 1 from each point on which it is confident."""
    w = reading.trial.normals[j]
    entries: dict[str, Fraction | int] = {f"w{c}": value for c, value in enumerate(w)}
    entries |= {
        "bound_squared": instance.bound_squared,
        "radius_squared": instance.law.radius_squared,
    }
    norm = ["+", *(["^", f"w{c}", "2"] for c in range(len(w)))]
    relations: Relations = [(norm, "<=", "bound_squared")]
    for i, (x, y) in enumerate(reading.atoms.pairs):
        if reading.trial.samples[j][i] and reading.margins[j][i] >= 1:
            entries |= {f"x{i}_{c}": value for c, value in enumerate(x)} | {f"y{i}": y}
            terms = [["*", f"w{c}", f"x{i}_{c}"] for c in range(len(w))]
            square = ["+", *(["^", f"x{i}_{c}", "2"] for c in range(len(w)))]
            margin = ["*", f"y{i}", ["+", *terms]]
            relations += [
                ("1", "<=", margin),
                (["^", margin, "2"], "<=", ["*", norm, square]),
                (square, "<=", "radius_squared"),
                ("1", "<=", ["*", "bound_squared", "radius_squared"]),
            ]
    return facts.arithmetic(entries, relations)


@dataclass(frozen=True)
class Pair:
    """A rule, a point with label +1, and a number B."""

    normal: Vector
    point: Vector
    bound: Fraction


def draw_pair(rng: Random) -> Pair:
    """Return a rule, a point and a bound with small numbers, in dimension 1 or 2."""
    d = rng.randint(1, 2)
    w, x = (tuple(Fraction(rng.randint(-3, 3)) for _ in range(d)) for _ in range(2))
    return Pair(w, x, Fraction(rng.randint(1, 3), rng.randint(1, 3)))


@theorem.without("A1", Pair((ONE,), (ONE,), Fraction(1, 2)), draw_pair)
def refute_without_bound(instance: Pair) -> Refutation | None:
    """Refute B R >= 1 when the rule is confident and its norm is not bounded by B."""
    if dot(instance.normal, instance.point) < 1:
        return None
    w = instance.normal
    shown = step(
        "The rule is confident at the point, labelled $+1$, and longer than $B$.",
        (inner(r"w\cdot x", w, instance.point), ">=", 1),
        (inner("|w|^2", w, w), ">", computed("B^2", "b**2", b=instance.bound)),
    )
    return _refutation(instance, "The rule is confident on the point because it is long.", shown)


@theorem.without("A3", Pair(vector([0]), vector([0]), ONE), draw_pair)
def refute_without_confidence(instance: Pair) -> Refutation | None:
    """Refute B R >= 1 when the norm is bounded and no point need be confident."""
    if dot(instance.normal, instance.normal) > instance.bound**2:
        return None
    w = instance.normal
    shown = step(
        "The rule is no longer than $B$, and not confident at the point, whatever its label.",
        (inner("|w|^2", w, w), "<=", computed("B^2", "b**2", b=instance.bound)),
        (told(r"|w\cdot x|", abs(dot(w, instance.point)), f"|{products(w, instance.point)()}|"),
         "<", 1),
    )  # fmt: skip
    return _refutation(instance, "The rule is short, and confident on no point.", shown)


def _refutation(instance: Pair, text: str, shown: Step) -> Refutation | None:
    square = instance.bound**2 * dot(instance.point, instance.point)
    if square >= 1:
        return None
    entries: dict[str, Fraction | int] = {"bound": instance.bound}
    entries |= {f"x{c}": value for c, value in enumerate(instance.point)}
    squares = ["+", *(["^", f"x{c}", "2"] for c in range(len(instance.point)))]
    relations = [(["*", ["^", "bound", "2"], squares], "<", "1")]
    return Refutation.of(
        text + r" $BR$ is below 1.",
        shown,
        step(r"$B^2R^2<1$ with $R=|x|$.",
             (computed("B^2|x|^2", "b**2 * x", b=instance.bound,
                       x=dot(instance.point, instance.point)), "<", 1)),
        facts.arithmetic(entries, relations),
    )  # fmt: skip


@theorem.without(
    "lists", FixedRules((FiniteLaw.of([[1]], [1], [1]),) * 2, 3, ((ONE,), (ONE,))), fixed_rules.draw
)
def refute_sets(instance: FixedRules) -> Refutation | None:
    """Refute that a training *set* of n points can be drawn: the law has fewer points."""
    law, n = instance.laws[0], instance.size
    distinct = len(set(law.atoms.pairs))
    if n < 3 or distinct >= n:
        return None
    return Refutation.of(
        f"The law has fewer than {n} points, so {n} draws never form a set of {n} points.",
        step("Fewer points than draws.",
             (counted(r"\text{points}", [f"x_{i}" for i in range(1, distinct + 1)]), "<",
              named("n", n))),
        facts.arithmetic({"points": distinct, "size": n}, [("points", "<", "size")]),
    )  # fmt: skip


def sharpness() -> Proof:
    """Evaluate the equality B R = 1, and the printed probability for n = 1, 2, 3."""
    law = FiniteLaw.of([[1]], [1], [1])
    instance = Experiment(law, ONE, (Trial(((3,), (3,)), ((ONE,), (ONE,))),))
    values = [computed("1-4/n^2", "1 - 4 / n**2", n=n) for n in (1, 2, 3)]
    reading = instance.readings[0]
    return Proof.of(
        Given("law", law), Given("samples and rules", instance.trials[0]),
        step(r"On the line, $x=1$ and $w=1$ satisfy A1 and A3 with $BR=1$.",
             (computed("B^2R^2=|w|^2|x|^2", "w**2 * x**2", w=1, x=1), "=", instance.norms),
             (inner(r"y\,w\cdot x", vector([1]), law.atoms.points[0]), ">=", 1),
             (independent_samples.named_errors(r"n\rho_1", reading, 0), "=", 0)),
        step(r"$1-4/n^2$ is $-3$, $0$ and $5/9$ for $n=1,2,3$.",
             (values[0], "<", 0), (values[1], "=", 0), (values[2], ">", 0)),
        *(certificate(instance, reading, j) for j in (0, 1)),
    )  # fmt: skip


def symbolic() -> Symbolic:
    """Prove the Cauchy-Schwarz inequality by a square."""
    w, x = matrices("w x", "d")
    r, s = sympy.symbols("r s")
    yield identity(
        r"What is missing in the inequality of Cauchy and Schwarz, times $s$, is a square: for "
        r"$s=|x|^2$ and $r=w\cdot x$ the right side is $s(|w|^2|x|^2-(w\cdot x)^2)$.",
        r"|sw-rx|^2=s^2|w|^2-2sr\,(w\cdot x)+r^2|x|^2",
        "all dimensions",
        (s * w - r * x).T * (s * w - r * x),
        s**2 * w.T * w - 2 * s * r * symmetric(w, x) + r**2 * x.T * x,
    )


EXAMPLE = Experiment(
    NOISY_LAW, Fraction(2), (Trial(((5, 2, 1), (6, 1, 1)), ((ONE, ONE), (ONE, -ONE))),)
)


CLAIM = theorem(__name__, sharp=LENGTHS, cases=trials.CASES, draw=trials.draw)
