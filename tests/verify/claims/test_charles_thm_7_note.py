"""The note after Theorem 7: thresholds, faults in each step, and what does not refute it."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction as F

import pytest

from certify.errors import InputError
from verify.claims.charles2019 import thm_7_note
from verify.claims.charles2019.shared.enclosures import Loss
from verify.claims.charles2019.thm_7_note import Instance, SplitErrors
from verify.claims.charles2019.without.memorisers import Memorisers
from verify.claims.claim import Proof

Patch = pytest.MonkeyPatch


def with_loss(patch: Patch, rho: F, loss: Loss) -> Proof:
    instance = Instance(rho, thm_7_note.smallest_size(rho, F(1)), F(1))
    patch.setattr(Instance, "loss", loss)
    return thm_7_note.prove(instance)


def slow_logarithm(patch: Patch) -> Proof:
    patch.setattr(thm_7_note, "log_bounds", lambda x: (F(1, 2), F(1, 2)))
    return thm_7_note.prove(Instance(F(1, 10), 300, F(1)))


FAULTS: dict[int, Callable[[Patch], Proof]] = {
    1: lambda patch: thm_7_note.prove(Instance(F(1, 10), 250, F(1, 100))),
    2: lambda patch: thm_7_note.prove(Instance(F(1, 10), 1000, F(11))),
    3: lambda patch: with_loss(patch, F(1, 10), Loss((F(10**6),), (F(1),), F(2))),
    4: slow_logarithm,
    5: lambda patch: with_loss(patch, F(1, 4), Loss((F(0),), (F(0),), F(1))),
}


@pytest.mark.parametrize("number", FAULTS)
def test_each_step_can_fail(number: int, monkeypatch: Patch) -> None:
    steps = FAULTS[number](monkeypatch).steps
    assert [k for k, step in enumerate(steps, 1) if not step.holds] == [number]


def test_the_threshold_is_the_smallest_size() -> None:
    n = thm_7_note.smallest_size(F(1, 10), F(1))
    assert n == 283
    assert all(step.holds for step in thm_7_note.prove(Instance(F(1, 10), n, F(1))).steps)
    assert not thm_7_note.prove(Instance(F(1, 10), n - 1, F(1))).steps[0].holds


def test_one_half_is_no_rho() -> None:
    with pytest.raises(InputError, match=r"rho: expected 0 <= rho < 1/2, got 1/2"):
        Instance(F(1, 2), 10, F(1))


@pytest.mark.parametrize(
    "instance",
    [SplitErrors(8, F(1, 3), F(1, 2)), SplitErrors(9, F(1, 2), F(1, 2)),
     SplitErrors(9, F(1, 3), F(1, 3))],
)  # fmt: skip
def test_shares_that_are_not_refuted(instance: SplitErrors) -> None:
    assert thm_7_note.refute_most(instance) is None


@pytest.mark.parametrize(
    "instance", [SplitErrors(45, F(2, 5), F(1, 2)), SplitErrors(46, F(2, 5), F(1, 4))]
)
def test_constant_shares_that_are_not_refuted(instance: SplitErrors) -> None:
    assert thm_7_note.refute_growing_rho(instance) is None


def test_rules_that_memorise_leave_nothing_of_a_constant_share() -> None:
    found = thm_7_note.refute_long_rules(Memorisers(3, 9, F(1), F(1), F(0)))
    assert found is not None
    assert [one.text.partition(" ")[0] for one in found.steps] == ["The", "A", "The", "Then"]
    assert all(one.holds for one in found.steps)


@pytest.mark.parametrize(
    "instance",
    [
        Memorisers(3, 7, F(1), F(1), F(0)),  # the samples meet too often: (4/7)^3 < 2/9
        Memorisers(3, 9, F(1), F(1, 2), F(0)),  # all points are errors
        Memorisers(3, 9, F(1), F(1), F(1)),  # all points are right
        Memorisers(2, 3, F(1), F(1), F(0)),  # two points: 2 / n^2 = 1/2
    ],
)
def test_memorisers_that_leave_a_constant_share(instance: Memorisers) -> None:
    assert thm_7_note.refute_long_rules(instance) is None
