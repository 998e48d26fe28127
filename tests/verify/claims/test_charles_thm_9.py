"""Theorem 9: the sizes from which its bound is positive, rival classes, a fault in every step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction as F
from random import Random

import pytest
from support import failing, refuted

from certify.numbers.rationals import vector
from verify.claims.charles2019 import thm_9
from verify.claims.charles2019.shared import (
    failure_probability,
    independent_samples,
    multiclass,
    sample_losses,
)
from verify.claims.charles2019.shared.enclosures import Loss
from verify.claims.charles2019.shared.independent_samples import Reading
from verify.claims.charles2019.shared.multiclass_samples import Models, through_origin
from verify.claims.charles2019.thm_9 import CLAIM
from verify.claims.charles2019.without.assumptions import Rivals
from verify.claims.claim import Proof
from verify.drawing.laws import Counts, FiniteLaw
from verify.objects import ArgmaxRule

Patch = pytest.MonkeyPatch
MIXED = CLAIM.example
AXES = FiniteLaw.of([[1, 0], [0, 1]], [1, 1], [1, 1])


def opposite(*u: int | str) -> ArgmaxRule:
    """Return a rule of two classes with w_k = u / 2 and w_l = -u / 2."""
    half = tuple(c / 2 for c in vector(u))
    return through_origin([half, tuple(-c for c in half)])


def models(first: Counts, second: Counts, *rules: ArgmaxRule) -> Models:
    return Models(AXES, F(1, 2), (first, second), (rules[0], rules[1]))


APART = models((4, 0), (0, 4), opposite(1, -1), opposite(-1, 1))


def long_third_row(patch: Patch) -> Proof:
    rule = through_origin([*MIXED.rules[0].weights[:2], vector([0, 9])])
    return thm_9.prove(replace(MIXED, rules=(rule, MIXED.rules[1])))


def no_strays(patch: Patch) -> Proof:
    patch.setattr(Reading, "strays", (0, 0))
    return thm_9.prove(APART)


def many_strays(patch: Patch) -> Proof:
    patch.setattr(Reading, "strays", (99, 99))
    return thm_9.prove(replace(MIXED))


def wasteful_ramp(patch: Patch) -> Proof:
    """The own rule's loss exceeds the errors; hesitant rules leave room in the other steps."""
    true = Reading.ramp_total
    patch.setattr(
        Reading,
        "ramp_total",
        lambda self, s, r: F(self.errors[s] + 1) if s == r else true(self, s, r),
    )
    return thm_9.prove(models((4, 0), (4, 0), opposite("1/2", 0), opposite("1/2", 0)))


def small_gaps(patch: Patch) -> Proof:
    patch.setattr(Reading, "gaps", (F(-99), F(-99)))
    return thm_9.prove(replace(MIXED))


# Two hundred draws that all differ between the samples: possible, and very unlikely.
EXCEPTION = models((200, 0), (0, 200), opposite(1, -1), opposite(-1, 1))


def exception_overlooked(patch: Patch) -> Proof:
    patch.setattr(independent_samples, "favourable", lambda gap, loss: True)
    return thm_9.prove(EXCEPTION)


def short_interval(patch: Patch) -> Proof:
    patch.setattr(failure_probability, "clopper_pearson", lambda k, n: (F(0), F(1, 2)))
    return thm_9.prove(MIXED)


def weights_too_large(patch: Patch) -> Proof:
    true = Reading.direction.func

    def doubled(self: Reading) -> object:
        u, weights, certificate = true(self)
        return tuple(2 * c for c in u), tuple(2 * c for c in weights), certificate

    patch.setattr(Reading, "direction", property(doubled))
    return thm_9.prove(MIXED)


def wrong_points(patch: Patch) -> Proof:
    """S wrongly holds a point that both rules get wrong, so no label is followed."""
    patch.setattr(Reading, "common", (0,))
    return thm_9.prove(models((4, 0), (4, 0), opposite(-1, 0), opposite(-1, 0)))


def stubborn_label(patch: Patch) -> Proof:
    patch.setattr(multiclass, "final_label", lambda rule, x, v: F(1))
    return thm_9.prove(MIXED)


FAULTS: dict[int, Callable[[Patch], Proof]] = {
    1: long_third_row,
    2: no_strays,
    3: many_strays,
    4: wasteful_ramp,
    5: small_gaps,
    6: exception_overlooked,
    7: weights_too_large,
    8: wrong_points,
    9: stubborn_label,
    10: short_interval,
}


@pytest.mark.parametrize("number", FAULTS)
def test_each_step_can_fail(number: int, monkeypatch: Patch) -> None:
    assert failing(FAULTS[number](monkeypatch)) == [number]


@pytest.mark.parametrize(
    ("norm", "printed", "sharper"),
    [(1, 171, 46), (5, 928, 555), (10, 2624, 1927), (30, 17558, 15474)],
)
def test_the_sizes_from_which_the_bound_is_positive(norm: int, printed: int, sharper: int) -> None:
    found = [
        sample_losses.smallest_positive_size(F(0), F(4 * norm**2), factor) for factor in (16, 2)
    ]
    assert found == [printed, sharper]


def test_an_exceptional_draw_is_counted_as_the_failure_that_it_is() -> None:
    proof = thm_9.prove(EXCEPTION)
    assert failing(proof) == []
    assert "Failures: 1 of 1." in proof.steps[-1].text


def test_rules_that_lose_nearly_all_would_fail_with_a_wrong_constant(monkeypatch: Patch) -> None:
    instance = thm_9.draw(Random(1), thm_9.NEARLY)
    assert "Failures: 0 of 1." in thm_9.prove(instance).steps[-1].text

    def quarter(size: int, norms: F) -> Loss:
        return Loss((norms * size / 16,), (F(2 * size),), F(size))

    monkeypatch.setattr(sample_losses, "two_sample_loss", quarter)
    assert "Failures: 1 of 1." in thm_9.prove(instance).steps[-1].text


def test_the_example_counts() -> None:
    reading = MIXED.reading
    assert reading.errors == (11, 28)
    assert reading.common == (0,)
    assert reading.overlaps == (64, 62)
    assert MIXED.norms == 4


def rivals(size: int, high: str) -> Rivals:
    low = vector(["-1/2"])
    first = through_origin([low, vector([high]), low])
    return Rivals(size, (first, through_origin([low, low, vector([high])])))


def test_rivals_refute_only_when_the_bound_is_positive() -> None:
    weak = CLAIM.counterexamples()["one class for both rules"]
    assert refuted(weak, rivals(32, "3/4"))
    assert not refuted(weak, rivals(31, "3/4"))
    assert not refuted(weak, rivals(32, "1/2"))
    assert not refuted(weak, rivals(32, "1"))
