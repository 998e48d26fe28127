"""What the bounds on two independent samples lose, and from which size on they say anything."""

from collections.abc import Callable
from fractions import Fraction

from certify.errors import InputError
from certify.numbers.rationals import text
from verify.claims.charles2019.shared.enclosures import Loss, Relations
from verify.claims.claim import Given
from verify.claims.relation import Named, named

# The factors f of the deviation term sqrt(f n ln n) in three proofs of the same bound.
PRINTED, TWO_STEP, TWO_SAMPLE = 16, 4, 2

RAMP_LOSS = Given("ramp loss", r"the sum of $\min(1,\max(0,1-y\,w\cdot x))$ over a sample")


def two_sample_loss(size: int, norms: Fraction) -> Loss:
    """Return 2 B R sqrt(n) + sqrt(2 n ln n) for norms = B^2 R^2: the sharpest form proved here."""
    return loss(size, norms, TWO_SAMPLE)


def printed_loss(size: int, norms: Fraction) -> Loss:
    """Return 2 B R sqrt(n) + 4 sqrt(n ln n), as printed (Charles et al., Theorem 7)."""
    return loss(size, norms, PRINTED)


def loss(size: int, norms: Fraction, factor: int) -> Loss:
    """Return 2 B R sqrt(n) + sqrt(factor n ln n) for norms = B^2 R^2."""
    return Loss((4 * norms * size,), (Fraction(factor * size),), Fraction(size))


def written(factor: int, norm: str = "B") -> str:
    """Return the formula of such a loss, for rules of at most the named norm."""
    return rf"2{norm}R\sqrt n+\sqrt{{{factor}n\ln n}}"


def objects(size: int, radius_squared: Fraction, norm: str = "B") -> tuple[Named | Given, ...]:
    """Return what the steps on two samples speak of beside the instance."""
    return (
        named("n", size),
        named("R^2", radius_squared),
        Given("allowed loss", f"${written(TWO_SAMPLE, norm)}$"),
        RAMP_LOSS,
    )


def shape(factor: int) -> Relations:
    """Return what ties the entries of such a loss to the numbers named size and norms."""
    return [
        ("root0", "=", ["*", "4", ["*", "norms", "size"]]),
        ("deviation0", "=", ["*", str(factor), "size"]),
        ("argument", "=", "size"),
    ]


def smallest_positive_size(
    rho: Fraction, norms: Fraction, factor: int, lost: Callable[[int, Fraction], Loss] | None = None
) -> int:
    """Return the smallest n with (1 - 2 rho) n > 2 B R sqrt(n) + sqrt(factor n ln n).

    Defined for rho < 1/2 and B R >= 1. For n <= 2 the left side is the smaller one. Where it is the
    larger one, (1 - 2 rho) sqrt(n ln n) > sqrt(factor) ln n, so that the difference divided by
    sqrt(n) rises from there on: it stays positive, and bisection finds the place.
    ``lost(n, norms)`` may be another loss, of which the same is true.
    """
    if rho >= Fraction(1, 2) or norms < 1:
        got = f"rho = {text(rho)}, B^2 R^2 = {text(norms)}"
        raise InputError("rho, norms", expected="rho < 1/2 and B R >= 1", got=got)

    def positive(n: int) -> bool:
        found = lost(n, norms) if lost else loss(n, norms, factor)
        return not found.covers((1 - 2 * rho) * n)

    low, high = 1, 2
    while not positive(high):
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if positive(middle) else (middle, high)
    return high


def smallest_linear_size(share: Fraction, norms: Fraction) -> int:
    """Return the smallest n >= 3 with 2 B R sqrt(n) + sqrt(2 n ln n) <= share n, for share > 0.

    Both terms divided by n fall from n = 3 on, so the inequality holds for all larger n as well.
    """
    if share <= 0:
        raise InputError("share", expected="a positive number", got=text(share))

    def below(n: int) -> bool:
        return two_sample_loss(n, norms).decisive_bounds([share * n])[1] <= share * n

    low, high = 2, 3
    while not below(high):
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if below(middle) else (middle, high)
    return high
