"""Rules with offsets on the line that are right everywhere and share no direction."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from random import Random

from certify.certificates import facts
from certify.numbers.rationals import dot
from verify.claims.charles2019.shared import sample_losses
from verify.claims.claim import Refutation, step
from verify.objects import LabelledSet, LinearRule
from verify.objects.rays import is_adversarial

ONE = Fraction(1)


@dataclass(frozen=True)
class Shifts:
    """Points of a uniform law on the line with their labels, two affine rules, a sample size."""

    data: LabelledSet
    rules: tuple[LinearRule, LinearRule]
    size: int


def draw_shifts(rng: Random) -> Shifts:
    """Return one or two points, two rules that are not constant, and a sample size."""
    count = rng.randint(1, 2)
    data = LabelledSet.of(
        [[rng.randint(-2, 2)] for _ in range(count)], [rng.choice((1, -1)) for _ in range(count)]
    )
    first, second = (
        LinearRule.of([rng.choice((1, -1, 2, -2))], rng.randint(-2, 2)) for _ in range(2)
    )
    return Shifts(data, (first, second), rng.randint(1, 400))


def refute_shifts(instance: Shifts) -> Refutation | None:
    """Refute that a positive bound gives a common direction: at no point is there any.

    Both rules are confident on all points, so S is not empty; on the line the directions are +1
    and -1 up to length, and at each point each of them fails for one of the rules.
    """
    data, rules, n = instance.data, instance.rules, instance.size
    longest = max(dot(rule.normal, rule.normal) + rule.offset**2 for rule in rules)
    norms = longest * max(dot(x, x) + 1 for x in data.points)
    loss = sample_losses.printed_loss(n, norms)
    if min(min(rule.margins(data)) for rule in rules) < 1 or loss.covers(Fraction(n)):
        return None
    kept = []
    for x in data.points:
        for v in ((ONE,), (-ONE,)):
            k = next((k for k, r in enumerate(rules) if not is_adversarial(r, x, v)), None)
            if k is None:
                return None
            kept.append(facts.keeps(k, x, v))
    return Refutation(
        "Both rules have margin at least 1 everywhere and the bound is positive, but no direction "
        "changes the labels of both rules at any point.",
        (step("Both rules are confident on every point.",
              ([min(rule.margins(data)) for rule in rules], ">=", 1)),
         step("The printed bound, for the augmented points and rules, is positive.",
              (n, ">", loss.decisive_bounds([Fraction(n)])[1])),
         step("At every point each of the two directions leaves one label as it is.",
              (len(kept), "=", 2 * len(data.points)))),
        (facts.certificate(rules, [facts.accurate(0), facts.accurate(1), *kept],
                           data.points, data.labels),
         loss.certificate(
             {"size": n, "norms": norms},
             sample_losses.shape(sample_losses.PRINTED),
             beyond=["size"],
         )),
    )  # fmt: skip
