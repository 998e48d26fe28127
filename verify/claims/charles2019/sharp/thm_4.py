"""The sharp form of Theorem 4: which directions turn every accurate rule, decided from both sides.

One linear program looks for the direction in the cone of differences, another one for an accurate
rule that does not grow along it; neither sees the answer of the other.
"""

from fractions import Fraction
from random import Random

from certify import certificates
from certify.certificates import facts
from certify.certificates.certificate import Certificate
from certify.numbers.rationals import Vector, combine, dot
from verify.claims.charles2019.shared import separators
from verify.claims.charles2019.shared.separators import LargestMargin
from verify.claims.charles2019.sharp import accurate_rules
from verify.claims.claim import Counterexample, Proof, Refutation, SharpForm, step
from verify.drawing import numbers, small
from verify.objects import LabelledSet, LinearRule

INSIDE, BESIDE, ANY, ZERO = "in the cone", "beside an edge of it", "any direction", "zero"
ONE_LABEL = "points of one label"


def draw(rng: Random, case: str) -> tuple[LabelledSet, Vector]:
    """Return a set with a mixture of differences, one of them moved a little, or any vector.

    With points of one label there are no differences, and the cone is 0 alone.
    """
    data = separators.draw_data(rng)
    if case == ONE_LABEL:
        data = LabelledSet(data.points, (rng.choice((1, -1)),) * len(data.labels))
    v = numbers.vector(rng, data.dimension)
    rays = accurate_rules.differences(data)
    if case == INSIDE:
        v = combine(*zip(numbers.convex_weights(rng, len(rays)), rays, strict=True))
    if case == BESIDE:
        v = combine((1, rng.choice(rays)), (Fraction(1, 100), v))
    if case == ZERO:
        v = (Fraction(0),) * data.dimension
    return data, v


def decide(data: LabelledSet, vector: Vector) -> Proof:
    """Decide membership in the cone and the existence of a rule that is not turned."""
    v = vector
    rays = accurate_rules.differences(data) or [(Fraction(0),) * data.dimension]
    inside = accurate_rules.combination(rays, v)
    beaten, refuted = accurate_rules.rule(data, falling=(v,))
    in_cone, all_turned = any(v) and inside.found is not None, beaten is None
    steps = [
        step(r"$v$ is not $0$ and a mixture of differences exactly when no accurate rule has "
             r"$w\cdot v\le0$.", (int(in_cone), "=", int(all_turned))),
    ]  # fmt: skip
    found = [refuted if beaten is None else inside.certificate]
    if inside.found is not None and any(v):
        a = per_point(data, inside.found)
        steps.append(step("The multipliers of the mixture give it.", (data.signed_sum(a), "=", v)))
        found.append(certificates.every_separator(data, v, Fraction(0), a))
    if beaten is not None:
        steps.append(
            step("The rule is right on all points and does not grow.",
                 (min(beaten.margins(data)), ">", 0), (dot(beaten.normal, v), "<=", 0))
        )  # fmt: skip
        found.append(not_turned(data, beaten, v))
    return Proof.of(*steps, *found)


def per_point(data: LabelledSet, multipliers: Vector) -> Vector:
    """Return the multipliers of the points from those of the differences x_+ - x_-."""
    plus = [i for i, y in enumerate(data.labels) if y == 1]
    minus = [i for i, y in enumerate(data.labels) if y == -1]
    pairs = [(i, j) for i in plus for j in minus]
    return tuple(
        sum((a for a, pair in zip(multipliers, pairs, strict=True) if k in pair), Fraction(0))
        for k in range(len(data.labels))
    )


def not_turned(data: LabelledSet, rule: LinearRule, v: Vector) -> Certificate:
    """Certify that a rule is right on the data and keeps every point along -y v."""
    kept = [facts.keeps(0, x, combine((-y, v))) for x, y in data.pairs]
    return data.certificate([rule], [facts.accurate(0), *kept])


def refute_half_space(data: LabelledSet, vector: Vector) -> Refutation | None:
    """Refute that every direction with w*.v > 0 turns all accurate rules."""
    v = vector
    largest = LargestMargin(data)  # raises InputError when no rule is right
    product = dot(largest.direction, v)
    beaten, _ = accurate_rules.rule(data, falling=(v,))
    if product <= 0 or beaten is None:
        return None
    return Refutation.of(
        r"The direction has $w^*\cdot v>0$, and a rule that is right on every point does not grow "
        "along it.",
        step(r"$u\cdot v>0$.", (product, ">", 0)),
        step(r"$w\cdot v\le0$.", (dot(beaten.normal, v), "<=", 0)),
        largest.answer.certificate,
        not_turned(data, beaten, v),
    )


SHARP = SharpForm((INSIDE, BESIDE, ANY, ZERO, ONE_LABEL), draw, decide, Counterexample(
    r"Not every $v$ with $w^*\cdot v>0$ does: on $(0,0)$ labelled -1 and $(0,1)$ labelled +1 "
    r"the vector $(1,1)$ has $w^*\cdot v=1$ and does not turn every accurate rule.",
    (LabelledSet.of([[0, 0], [0, 1]], [-1, 1]), (Fraction(1), Fraction(1))),
    refute_half_space,
    lambda rng: (small.both_labels(rng, 2, rng.randint(2, 3)), small.vector(rng, 2)),
))  # fmt: skip
