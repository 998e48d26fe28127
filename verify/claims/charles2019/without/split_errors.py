"""Two rules with disjoint errors: points that both get right, and points that only one gets."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import ceil, isqrt
from random import Random

from certify.certificates import facts
from certify.numbers.rationals import vector
from verify.claims.charles2019.shared.failure_probability import tail, tail_certificate
from verify.claims.claim import Refutation, step
from verify.objects import LinearRule

HALF = Fraction(1, 2)
POINTS = (vector([1, 1]), vector([1, -1]), vector([-1, 1]))
RULES = (LinearRule(vector([1, 0]), Fraction(0)), LinearRule(vector([0, 1]), Fraction(0)))
LARGEST_SIZE, LARGEST_WEIGHT = 200, 12


@dataclass(frozen=True)
class SplitErrors:
    """A law in the plane with all labels +1, and the rules sign(x_1) and sign(x_2).

    ``both`` is the probability of the point (1, 1); the rest is shared equally by (1, -1), which
    only the first rule gets right, and (-1, 1), which only the second does. ``share`` is the
    fraction of a sample that is claimed to be right under both.
    """

    size: int
    both: Fraction
    share: Fraction


def draw(rng: Random) -> SplitErrors:
    """Return a sample size, a probability and a claimed fraction."""
    whole = rng.randint(2, LARGEST_WEIGHT)
    return SplitErrors(
        rng.randint(1, LARGEST_SIZE),
        Fraction(rng.randint(1, whole - 1), whole),
        Fraction(1, rng.randint(2, 4)),
    )


def refute_most(instance: SplitErrors) -> Refutation | None:
    """Refute that rho < 1/2 makes the share at least one half."""
    if instance.share != HALF:
        return None
    return _refute(instance, (instance.size - 1) // 2, r"$\rho_1,\rho_2<1/2$")


def refute_growing_rho(instance: SplitErrors) -> Refutation | None:
    """Refute a constant share when rho = 1/2 - 1 / sqrt(n) approaches one half."""
    n = instance.size
    root = isqrt(4 * n) + (isqrt(4 * n) ** 2 < 4 * n)  # n - 2 errors >= 2 sqrt(n), rounded up
    if root > n:
        return None
    return _refute(instance, (n - root) // 2, r"$\rho_1,\rho_2\leq1/2-n^{-1/2}$")


def _refute(instance: SplitErrors, errors: int, premise: str) -> Refutation | None:
    """Refute the share when at most ``errors`` errors and too small an overlap are likely."""
    n = instance.size
    needed = ceil(instance.share * n)
    wrong = (1 - instance.both) / 2
    excess = tail(n, wrong, errors + 1, at_least=True)
    enough = tail(n, instance.both, needed, at_least=True)
    total = 2 * excess + enough
    if not total < HALF:
        return None
    return Refutation(
        f"With probability above 1/2 both rules satisfy {premise} on samples of {n} points, and "
        f"fewer than {needed} points of the first sample are right under both.",
        (
            step("More errors are too rare.", (2 * excess, "<", HALF)),
            step("A larger common part is too rare as well.", (total, "<", HALF)),
        ),
        (
            facts.certificate(
                RULES,
                [facts.label(k, x, rule.label(x)) for x in POINTS for k, rule in enumerate(RULES)],
            ),
            tail_certificate(n, wrong, errors + 1, excess, at_least=True),
            tail_certificate(n, instance.both, needed, enough, at_least=True),
            facts.arithmetic(
                {"excess": excess, "enough": enough},
                [(["+", ["*", "2", "excess"], "enough"], "<", "1/2")],
            ),
        ),
    )
