"""The sharp form of Corollary 6: both constants and the best direction, decided from both sides.

Whether every accurate rule loses a point is decided by looking for a rule that loses none: three
linear programs, one for each label that a boundary can have. The other side compares lengths.
"""

from dataclasses import dataclass
from fractions import Fraction
from random import Random

from certify.numbers.rationals import Vector, combine, dot
from verify.claims.charles2019.shared import separators
from verify.claims.charles2019.shared.separators import LargestMargin
from verify.claims.charles2019.sharp import accurate_rules
from verify.claims.claim import Counterexample, Proof, Refutation, SharpForm, step
from verify.drawing import numbers, small
from verify.objects import LabelledSet

HALF = Fraction(1, 2)
ENDPOINTS, NEAR, OTHER = "at gamma* and 2 gamma*", "near them", "another direction"


@dataclass(frozen=True)
class Step:
    """A separable set with both labels, a direction, and a step along it in multiples of it."""

    data: LabelledSet
    direction: Vector
    step: Fraction


def draw(rng: Random, case: str) -> Step:
    """Return a set with a step along u near the two constants, or along a vector as long as u."""
    data = separators.draw_data(rng)
    u = LargestMargin(data).direction
    if case == OTHER:
        mirror = numbers.nonzero_vector(rng, data.dimension)
        along = combine((1, u), (-2 * dot(u, mirror) / dot(mirror, mirror), mirror))
        return Step(data, along, HALF - rng.choice((0, 0, 1, 2)) * Fraction(1, 10))
    c = rng.choice((HALF, Fraction(1)))
    if case == NEAR:
        c += Fraction(rng.randint(-6, 6), 16)
    return Step(data, u, c)


def decide(instance: Step) -> Proof:
    """Look for a rule that keeps all labels at the step, and for one that keeps those of a label.

    The step c along u is c |u| = 2 c gamma* along w*.
    """
    data, c = instance.data, instance.step
    u, shift = LargestMargin(data).direction, combine((c, instance.direction))
    square, length = dot(u, u), dot(shift, shift)
    kept, proofs = accurate_rules.keeping(data, shift, accurate_rules.of_label(data, 1, -1))
    answer = LargestMargin(data).answer.certificate
    if instance.direction != u:
        # |shift| <= gamma* = |u| / 2 and not along u: the max-margin rule itself keeps all labels.
        best = LargestMargin(data).rule
        return Proof.of(
            step("Some accurate rule keeps every label.", (int(kept is not None), "=", 1)),
            step(r"The direction is another one, and no step is longer than $\gamma^*$.",
                 (instance.direction, "!=", u), (4 * length, "<=", square)),
            step("The max-margin rule is such a rule.",
                 ([*best.margins(data)], ">", dot(best.normal, shift))),
            answer, *proofs,
        )  # fmt: skip
    by_label = [
        accurate_rules.keeping(data, shift, accurate_rules.of_label(data, y)) for y in (1, -1)
    ]
    return Proof.of(
        step(r"No accurate rule keeps all labels exactly when $c\ge\gamma^*$.",
             (int(kept is None), "=", int(4 * length >= square))),
        step(r"None keeps all of one label exactly when $c\ge2\gamma^*$.",
             ([int(rule is None) for rule, _ in by_label], "=", int(length >= square))),
        answer, *proofs, *(proof for _, found in by_label for proof in found),
    )  # fmt: skip


@dataclass(frozen=True)
class Along:
    """A labelled set and a step along u, in multiples of it."""

    data: LabelledSet
    step: Fraction


def draw_small(rng: Random) -> Along:
    """Return two or three small points with both labels, and a step along u in quarters of it."""
    data = small.both_labels(rng, rng.randint(1, 2), rng.randint(2, 3))
    return Along(data, Fraction(rng.randint(1, 6), 4))


def refute_each_label(instance: Along) -> Refutation | None:
    """Refute that from gamma* on every accurate rule loses a point of each label."""
    data, c = instance.data, instance.step
    largest = LargestMargin(data)  # raises InputError when no rule is right
    if c < HALF:
        return None
    shift = combine((c, largest.direction))
    kept, proofs = accurate_rules.keeping(data, shift, accurate_rules.of_label(data, 1))
    if kept is None:
        return None
    return Refutation.of(
        r"The step is at least $\gamma^*$, and a rule that is right on every point keeps all "
        "points labelled +1.",
        step(r"In units of $u$ the step is at least $1/2$.", (c, ">=", HALF)),
        step("The rule is right on all points.", (int(kept.is_accurate(data)), "=", 1)),
        largest.answer.certificate,
        *proofs,
    )


SHARP = SharpForm((ENDPOINTS, NEAR, OTHER), draw, decide, Counterexample(
    r"From $\gamma^*$ on every accurate rule loses some point, but not one of each label: on "
    r"$0$ labelled -1 and $1$ labelled +1 some rule keeps $+1$ at $1-\frac12$.",
    Along(LabelledSet.of([[0], [1]], [-1, 1]), HALF), refute_each_label, draw_small,
))  # fmt: skip
