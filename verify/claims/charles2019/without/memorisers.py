"""Rules that memorise their sample: right on every point they saw and nowhere else.

Without a bound on the norm, on the points, or on the confidence, nothing stops such rules, and two
independent samples of a law with many points then have no point in common that both rules get
right, although each rule is perfect on its own sample.
"""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from random import Random

from certify.certificates.certificate import Certificate
from certify.numbers import rationals
from verify.claims.charles2019.shared.enclosures import Loss, Relations
from verify.claims.claim import Counterexample, Refutation, Step, step
from verify.claims.relation import Named, Operator, Side, computed, named

NORM, RADIUS, MARGIN = "norm bound", "bounded points", "margin one"
LARGEST_SIZE, LARGEST_SUPPORT, LARGEST_SCALE = 40, 200, 20
ZERO, ONE = Fraction(0), Fraction(1)


@dataclass(frozen=True)
class Memorisers:
    """Two samples from ``support`` equally likely orthogonal points of one length, labelled +1.

    Each rule has the margin ``known`` on every point of its own sample and ``unknown`` elsewhere.
    """

    size: int
    support: int
    length: Fraction
    known: Fraction
    unknown: Fraction

    @property
    def norm_squared(self) -> Fraction:
        """The largest |w|^2 of any sample: at most ``size`` points have the margin ``known``.

        w is the sum of the points, each times its margin over the square of its length.
        """
        own, others = self.known**2, self.unknown**2
        most = min(self.size, self.support)
        return (self.support * others + most * max(own - others, ZERO)) / self.length**2

    @property
    def disjoint(self) -> Fraction:
        """A lower bound of the probability that the two samples have no point in common.

        The first sample has at most ``size`` points, and each draw of the second misses them.
        """
        return max(1 - Fraction(self.size, self.support), Fraction(0)) ** self.size


def draw(rng: Random) -> Memorisers:
    """Return sizes, lengths and margins of all kinds; the margins have a common denominator."""
    scale = rng.choice((1, rng.randint(1, LARGEST_SCALE)))
    return Memorisers(
        rng.randint(1, LARGEST_SIZE),
        rng.randint(1, LARGEST_SUPPORT),
        Fraction(rng.choice((1, rng.randint(1, LARGEST_SCALE)))),
        Fraction(rng.randint(-2, 2), scale),
        Fraction(rng.randint(-2, 2), scale),
    )


def kept(instance: Memorisers, dropped: str) -> bool:
    """Return whether all assumptions with B = R = 1 and no error hold, except the dropped one."""
    held = {
        NORM: instance.norm_squared <= 1,
        RADIUS: instance.length <= 1,
        MARGIN: instance.known >= 1,
    }
    return instance.known > 0 and all(held[name] for name in held if name != dropped)


def refute(
    instance: Memorisers,
    dropped: str,
    loss: Callable[[int], Loss],
    allowed: Callable[[int], Fraction],
) -> Refutation | None:
    """Refute |S cap S^(j)| >= n - loss(n) with a failure probability of at most allowed(n).

    ``loss`` is the loss for B = R = 1. On disjoint samples no point is right under both rules.
    """
    n = instance.size
    fails = instance.unknown <= 0 and instance.disjoint > allowed(n)
    if not kept(instance, dropped) or not fails or loss(n).covers(Fraction(n)):
        return None
    return Refutation.of(
        "With the stated probability the samples have no point in common; then no point is right "
        "under both rules, while the bound is positive.",
        *steps(instance, dropped, loss(n), allowed(n)),
        certificate(instance, loss(n), allowed(n)),
    )


def steps(instance: Memorisers, dropped: str, loss: Loss, allowed: Fraction) -> tuple[Step, ...]:
    """Return what remains of the assumptions, and why the conclusion fails."""
    known, n = named(r"\text{own margin}", instance.known), instance.size
    held: dict[str, tuple[Side, Operator, Side]] = {
        NORM: (_largest_norm(instance), "<=", ONE),
        RADIUS: (named("|x|", instance.length), "<=", ONE),
        MARGIN: (known, ">=", ONE),
    }
    remaining = [relation for name, relation in held.items() if name != dropped]
    if dropped == NORM:
        remaining.append((_largest_norm(instance), ">", ONE))
    return (
        step("The law: $M$ equally likely orthogonal points of one length, labelled $+1$. Each "
             "rule gives the points of its own sample, at most $n$ different ones, one margin and "
             r"all others another: $w=\sum m_ix_i/|x_i|^2$. So it is right on its own sample, and "
             "the other assumptions hold with $B=R=1$.",
             (known, ">", 0), *remaining),
        step("A point outside the own sample is not right.",
             (named(r"\text{margin elsewhere}", instance.unknown), "<=", 0)),
        step(r"The samples are disjoint with probability at least $(1-n/M)^n$, too often.",
             (Named("(1-n/M)^n", instance.disjoint,
                    computed("", "(1 - n / m)**n", n=n, m=instance.support).numbers), ">",
              named(r"\text{allowed}", allowed))),
        step(r"The bound is positive (a rational above the loss stands on the right).",
             (named("n", n), ">",
              loss.above(r"\text{loss}", [Fraction(n)]))),
    )  # fmt: skip


def _largest_norm(instance: Memorisers) -> Named:
    """Return the largest |w|^2 by name: M u^2 + n (k^2 - u^2) over |x|^2 for the two margins."""
    own, others = instance.known**2, instance.unknown**2
    return computed(r"\max|w|^2", "(m * u**2 + n * d) / l**2", m=instance.support,
                    u=instance.unknown, n=instance.size, d=max(own - others, ZERO),
                    l=instance.length)  # fmt: skip


def certificate(instance: Memorisers, loss: Loss, allowed: Fraction) -> Certificate:
    """Certify that the disjoint samples are too likely and that the bound is positive."""
    numbers: dict[str, Fraction | int] = {
        "size": instance.size,
        "support": instance.support,
        "length": instance.length,
        "known": instance.known,
        "unknown": instance.unknown,
        "norm_squared": instance.norm_squared,
        "allowed": allowed,
    }
    own, others = ["^", "known", "2"], ["^", "unknown", "2"]
    most = ["*", "size", ["max", "0", ["-", own, others]]]
    disjoint = ["^", ["-", "1", ["/", "size", "support"]], "size"]
    relations: Relations = [
        ("norm_squared", "=", ["/", ["+", ["*", "support", others], most], ["^", "length", "2"]]),
        ("0", "<", "known"),
        ("unknown", "<=", "0"),
        ("size", "<=", "support"),
        ("allowed", "<", disjoint),
        ("root0", "=", ["*", "4", "size"]),
        ("deviation0", "=", ["*", rationals.text(loss.deviations[0] / instance.size), "size"]),
    ]
    return loss.certificate(numbers, relations, beyond=["size"])


def counterexample(
    text: str,
    dropped: str,
    example: Memorisers,
    loss: Callable[[int], Loss],
    allowed: Callable[[int], Fraction],
) -> Counterexample[Memorisers]:
    """Return the counterexample to a bound on samples without the named assumption."""
    return Counterexample(
        text, example, lambda instance: refute(instance, dropped, loss, allowed), draw
    )


def twice_over_square(size: int) -> Fraction:
    """Return 2 / n^2, the failure probability of the sharpened Theorem 7."""
    return Fraction(2, size**2)
