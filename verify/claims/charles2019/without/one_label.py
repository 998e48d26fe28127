"""Without both labels: no direction is adversarial for every accurate rule (Theorem 4)."""

from random import Random

from certify.certificates import facts
from certify.numbers.rationals import vector
from verify.claims.charles2019.shared.separators import least_margin
from verify.claims.language import Counterexample, Refutation, computed, step
from verify.drawing import small
from verify.objects import LabelledSet, LinearRule, is_adversarial


def draw(rng: Random) -> tuple[LabelledSet, tuple[LinearRule, LinearRule]]:
    """Return points on a line, all labelled +1, and two rules with small numbers."""
    points = tuple(small.vector(rng, 1) for _ in range(rng.randint(1, 3)))
    return LabelledSet(points, (1,) * len(points)), (small.rule(rng, 1), small.rule(rng, 1))


def refute(data: LabelledSet, rules: tuple[LinearRule, LinearRule]) -> Refutation | None:
    """Refute when both rules are right on the points and no direction turns both.

    On a line the directions are +1 and -1 up to length; each must fail for one of the rules, and
    then it fails for it at every point.
    """
    if set(data.labels) != {1} or not all(rule.separates(data) for rule in rules):
        return None
    directions = [vector([1]), vector([-1])]
    failing = [
        next((i for i, r in enumerate(rules) if not is_adversarial(r, data.points[0], v)), None)
        for v in directions
    ]
    if failing[0] is None or failing[1] is None or failing[0] == failing[1]:
        return None
    kept = [
        facts.keeps(rule, x, v)
        for rule, v in zip((failing[0], failing[1]), directions, strict=True)
        for x in data.points
    ]
    slopes = [rule.normal[0] for rule in rules]
    return Refutation.of(
        "Both rules are right on the points; one keeps its label along $+1$, the other along $-1$, "
        "so no direction is adversarial for both, and no step along one direction is enough.",
        step(
            "The rules have slopes of opposite sign.",
            (computed("w_1w_2", "a * b", a=slopes[0], b=slopes[1]), "<", 0),
        ),
        step(
            "Both are right on every point, all of them labelled $+1$.",
            ([least_margin(r"\min_i m_i(h_#)", rule, data) for rule in rules], ">", 0),
        ),
        data.certificate(rules, [facts.accurate(0), facts.accurate(1), *kept]),
    )


COUNTEREXAMPLE = Counterexample(
    "With one label there is no max-margin direction, and two accurate rules can need opposite "
    "directions.",
    (LabelledSet.of([[0]], [1]), (LinearRule.of([1], 1), LinearRule.of([-1], 1))),
    refute,
    draw,
)
