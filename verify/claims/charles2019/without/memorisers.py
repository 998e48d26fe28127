"""Rules that memorise their sample: right on every point they saw and nowhere else.

Without a bound on the norm, on the points, or on the confidence, nothing stops such rules, and two
independent samples of a law with many points then have no point in common that both rules get
right, although each rule is perfect on its own sample.
"""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from random import Random

from certify.certificates import facts
from certify.certificates.certificate import Certificate
from certify.numbers import rationals
from verify.claims.charles2019.shared.enclosures import Loss, Relations
from verify.claims.claim import Counterexample, Given, Refutation, Step, step
from verify.claims.relation import Named, Operator, Side, computed, named

NORM, RADIUS, MARGIN = "norm bound", "bounded points", "margin one"
LARGEST_SIZE, LARGEST_SUPPORT, LARGEST_SCALE = 40, 200, 20
ZERO, ONE = Fraction(0), Fraction(1)
LAW = (
    "The law: $M$ equally likely orthogonal points of one length, labelled $+1$. Each rule gives "
    "the points of its own sample, at most $n$ different ones, one margin and all others another: "
    r"$w=\sum m_ix_i/|x_i|^2$."
)


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
    given: tuple[Given, ...],
) -> Refutation | None:
    """Refute |S cap S^(j)| >= n - loss(n) with a failure probability of at most allowed(n).

    ``loss`` is the loss for B = R = 1. On disjoint samples no point is right under both rules.
    ``given`` says in formulas what the loss and the allowed failure probability are.
    """
    n = instance.size
    fails = instance.unknown <= 0 and instance.disjoint > allowed(n)
    if not kept(instance, dropped) or not fails or loss(n).covers(Fraction(n)):
        return None
    return Refutation.of(
        "With the stated probability the samples have no point in common; then each rule is wrong "
        "on all points of the other sample, more than the bound allows.",
        *given,
        *steps(instance, dropped, allowed(n)),
        step("On disjoint samples a rule is right on none of the $n$ points of the other one: "
             "more than the loss that is allowed (a rational above it stands on the right).",
             (named("n", n), ">", loss(n).above(r"\text{loss}", [Fraction(n)]))),
        certificate(instance, loss(n), allowed(n)),
    )  # fmt: skip


def steps(instance: Memorisers, dropped: str, allowed: Fraction) -> tuple[Step, ...]:
    """Return what remains of the assumptions, and that disjoint samples are too likely."""
    known = named(r"\text{own margin}", instance.known)
    held: dict[str, tuple[Side, Operator, Side]] = {
        NORM: (largest_norm(instance), "<=", ONE),
        RADIUS: (named("|x|", instance.length), "<=", ONE),
        MARGIN: (known, ">=", ONE),
    }
    remaining = [relation for name, relation in held.items() if name != dropped]
    if dropped == NORM:
        remaining.append((largest_norm(instance), ">", ONE))
    return (
        step(f"{LAW} So it is right on its own sample, and the other assumptions hold with "
             "$B=R=1$.",
             (known, ">", 0), *remaining),
        *disjoint_steps(instance, allowed),
    )  # fmt: skip


def disjoint_steps(instance: Memorisers, allowed: Fraction) -> tuple[Step, Step]:
    """Return that no rule is right beyond its own sample, and that these are often disjoint."""
    return (
        step("A point outside the own sample is not right.",
             (named(r"\text{margin elsewhere}", instance.unknown), "<=", 0)),
        step(r"The samples are disjoint with probability at least $(1-n/M)^n$, too often.",
             (Named("(1-n/M)^n", instance.disjoint,
                    computed("", "(1 - n / m)**n", n=instance.size,
                             m=instance.support).numbers), ">",
              named(r"\text{allowed}", allowed))),
    )  # fmt: skip


def largest_norm(instance: Memorisers) -> Named:
    """Return the largest |w|^2 by name: (M - n) u^2 + n k^2 over |x|^2 for the two margins."""
    own, others = instance.known**2, instance.unknown**2
    known = min(instance.size, instance.support) if own > others else 0
    return computed(r"\max|w|^2", "((m - n) * u**2 + n * k**2) / l**2", m=instance.support,
                    n=known, u=instance.unknown, k=instance.known, l=instance.length)  # fmt: skip


def certificate(instance: Memorisers, loss: Loss, allowed: Fraction) -> Certificate:
    """Certify that the disjoint samples are too likely and that the bound is positive."""
    numbers = _numbers(instance, allowed)
    relations: Relations = [
        *_relations(),
        ("root0", "=", ["*", "4", "size"]),
        ("deviation0", "=", ["*", rationals.text(loss.deviations[0] / instance.size), "size"]),
    ]
    return loss.certificate(numbers, relations, beyond=["size"])


def long_certificate(instance: Memorisers) -> Certificate:
    """Certify that disjoint samples are too likely for 2 / n^2, and that B R >= sqrt(n)."""
    relations: Relations = [
        *_relations(),
        ("allowed", "=", ["/", "2", ["^", "size", "2"]]),
        ("1", "<=", "known"),
        ("size", "<=", ["*", "norm_squared", ["^", "length", "2"]]),
    ]
    return facts.arithmetic(_numbers(instance, twice_over_square(instance.size)), relations)


def _numbers(instance: Memorisers, allowed: Fraction) -> dict[str, Fraction | int]:
    return {
        "size": instance.size,
        "support": instance.support,
        "length": instance.length,
        "known": instance.known,
        "unknown": instance.unknown,
        "norm_squared": instance.norm_squared,
        "allowed": allowed,
    }


def _relations() -> Relations:
    own, others = ["^", "known", "2"], ["^", "unknown", "2"]
    most = ["*", "size", ["max", "0", ["-", own, others]]]
    disjoint = ["^", ["-", "1", ["/", "size", "support"]], "size"]
    return [
        ("norm_squared", "=", ["/", ["+", ["*", "support", others], most], ["^", "length", "2"]]),
        ("0", "<", "known"),
        ("unknown", "<=", "0"),
        ("size", "<=", "support"),
        ("allowed", "<", disjoint),
    ]


def counterexample(
    text: str,
    dropped: str,
    example: Memorisers,
    loss: Callable[[int], Loss],
    allowed: Callable[[int], Fraction],
    given: tuple[Given, ...],
) -> Counterexample[Memorisers]:
    """Return the counterexample to a bound on samples without the named assumption."""
    return Counterexample(
        text, example, lambda instance: refute(instance, dropped, loss, allowed, given), draw
    )


def twice_over_square(size: int) -> Fraction:
    """Return 2 / n^2, the failure probability of the sharpened Theorem 7."""
    return Fraction(2, size**2)


# What the loss and the failure probability of the sharpened Theorem 7 are.
OF_THEOREM_7 = (
    Given("loss", r"$2BR\sqrt n+\sqrt{2n\ln n}$ for $B=R=1$"), Given("allowed", "$2/n^2$")
)  # fmt: skip
