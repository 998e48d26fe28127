"""The sharp form of Theorem 5: the exact threshold, and when the printed bound is attained."""

from fractions import Fraction
from random import Random

from certify import certificates
from certify.certificates import facts
from certify.numbers.rationals import Vector, combine, dot, vector
from verify.claims.charles2019.shared.separators import LargestMargin, draw_data
from verify.claims.claim import Counterexample, Proof, Refutation, SharpForm, step
from verify.drawing import numbers, small
from verify.drawing.separators import separators
from verify.objects import LabelledSet, LinearRule

BEST, TILTED, OTHER = "max-margin rule", "equal margins on the support", "any separator"


def draw(rng: Random, case: str) -> tuple[LabelledSet, LinearRule, Vector]:
    """Return a set with its best rule, a tilted one, or another separator, and a free point.

    The tilted rule gives all points that carry multipliers the least margin: it is the best rule
    plus a little of a normal that is level on them and has no offset there, where there is one.
    """
    data = draw_data(rng)
    best = LargestMargin(data).rule
    rule = separators(rng, data, best, 3)[rng.randint(1, 2)] if case == OTHER else best
    if case == TILTED:
        data, rule = lifted(rng, data, best)
    x = numbers.vector(rng, data.dimension)
    while not rule.value(x):
        x = numbers.vector(rng, data.dimension)
    return data, rule, x


def lifted(rng: Random, data: LabelledSet, best: LinearRule) -> tuple[LabelledSet, LinearRule]:
    """Return the set in one dimension more, and the best rule tilted into it.

    The points that carry multipliers stay at height 0. The others are lifted to one side at which
    the tilted rule gains, so that the least margins are as before.
    """
    carried = LargestMargin(data).multipliers
    heights = [Fraction(0) if a else y * numbers.positive(rng)
               for a, y in zip(carried, data.labels, strict=True)]  # fmt: skip
    points = tuple((*x, h) for x, h in zip(data.points, heights, strict=True))
    tilted = LinearRule((*best.normal, numbers.positive(rng)), best.offset)
    return LabelledSet(points, data.labels), tilted


def decide(data: LabelledSet, rule: LinearRule, point: Vector) -> Proof:
    """Compare bound and threshold, look at the margins, and walk to both sides of the threshold."""
    x = point
    largest = LargestMargin(data)
    a, u, y = largest.multipliers, largest.direction, rule.label(x)
    margins = rule.margins(data)
    margin, least = y * rule.value(x), min(margins)
    threshold = margin / dot(rule.normal, u)
    bound = margin / (least * sum(a, Fraction(0)))
    equal = all(m == least for m, weight in zip(margins, a, strict=True) if weight)
    before, beyond = (combine((1, x), (-y * threshold * t, u)) for t in (Fraction(7, 8), 2))
    return Proof.of(
        step(r"The bound is the threshold exactly when all points with $\alpha_i>0$ have the "
             "least margin.", (int(bound == threshold), "=", int(equal))),
        step("Otherwise it is larger.", (bound, ">=", threshold)),
        step("Short of the threshold the label stays, beyond it it has changed.",
             (rule.label(before), "=", y), (rule.label(beyond), "=", -y)),
        largest.answer.certificate,
        certificates.separator_steps(
            data, rule, LabelledSet((x,), (y,)), u, a, (threshold,)
        ),
        facts.certificate(
            [rule],
            [facts.accurate(0), facts.label(0, before, y), facts.label(0, beyond, -y)],
            data.points, data.labels,
        ),
    )  # fmt: skip


def draw_small(rng: Random) -> tuple[LabelledSet, LinearRule, Vector]:
    """Return two or three small points of the plane with both labels, a rule and a point."""
    data = small.both_labels(rng, 2, rng.randint(2, 3))
    rule = LinearRule(small.vector(rng, 2), Fraction(rng.randint(-6, 6), 2))
    return data, rule, small.vector(rng, 2)


def refute_best_only(data: LabelledSet, rule: LinearRule, point: Vector) -> Refutation | None:
    """Refute that only the max-margin rule attains the bound."""
    x = point
    if not rule.separates(data) or not rule.value(x):
        return None
    largest = LargestMargin(data)
    a, u, y = largest.multipliers, largest.direction, rule.label(x)
    slope, least = dot(rule.normal, u), min(rule.margins(data))
    parallel = slope**2 == dot(u, u) * dot(rule.normal, rule.normal)
    if parallel or slope != least * sum(a, Fraction(0)):
        return None
    return Refutation.of(
        "The rule attains the bound at the point, and its normal is no multiple of the max-margin "
        "normal.",
        step(r"$w\cdot u=\gamma_h\sum\alpha_i$.", (slope, "=", least * sum(a, Fraction(0)))),
        step(r"$(w\cdot u)^2<|w|^2|u|^2$.",
             (slope**2, "<", dot(u, u) * dot(rule.normal, rule.normal))),
        largest.answer.certificate,
        certificates.separator_steps(
            data, rule, LabelledSet((x,), (y,)), u, a, (y * rule.value(x) / slope,)
        ),
    )  # fmt: skip


SHARP = SharpForm((BEST, TILTED, OTHER), draw, decide, Counterexample(
    r"Not only the max-margin rule attains the bound: on $(0,0)$ labelled -1 and $(0,1)$ "
    r"labelled +1 every rule with equal margins does.",
    (
        LabelledSet.of([[0, 0], [0, 1]], [-1, 1]), LinearRule.of([1, 1], "-1/2"),
        vector([0, 0]),
    ),
    refute_best_only, draw_small,
))  # fmt: skip
