"""The remark on bias terms: faults in each step, and what does not refute it."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction as F

import pytest

from verify.claims.charles2019 import bias_remark
from verify.claims.charles2019.shared import independent_samples
from verify.claims.charles2019.shared.independent_samples import Experiment, Reading, Trial
from verify.claims.charles2019.shared.separators import LargestMargin
from verify.claims.claim import Proof
from verify.drawing.laws import FiniteLaw
from verify.objects import LabelledSet, LinearRule

Patch = pytest.MonkeyPatch
EXAMPLE = bias_remark.EXAMPLE
KNOWS_FIRST, KNOWS_SECOND = (F(-1), F(-1)), (F(1), F(1))
APART = Experiment(EXAMPLE.law, F(2), (Trial(((4000, 0), (0, 4000)), (KNOWS_FIRST, KNOWS_SECOND)),))


def not_lifted(patch: Patch) -> Proof:
    law = FiniteLaw.of([[0, 2], [2, 2]], [-1, 1], [1, 1])
    return bias_remark.prove(Experiment(law, F(2), EXAMPLE.trials))


def patched(
    patch: Patch, owner: object, name: str, value: object, instance: Experiment = EXAMPLE
) -> Proof:
    patch.setattr(owner, name, value)
    return bias_remark.prove(instance)


def wasteful_ramp(patch: Patch) -> Proof:
    """The own rule's loss exceeds the errors; hesitant rules leave room in the other steps."""
    true = Reading.ramp_total
    half = (F(1, 2), F(-1, 2))
    return patched(
        patch,
        Reading,
        "ramp_total",
        lambda self, s, r: F(self.errors[s] + 1) if s == r else true(self, s, r),
        Experiment(EXAMPLE.law, F(2), (Trial(EXAMPLE.trials[0].samples, (half, half)),)),
    )


def doubled_multipliers(patch: Patch) -> Proof:
    true = LargestMargin.multipliers.func
    doubled = property(lambda self: tuple(2 * a for a in true(self)))
    return patched(patch, LargestMargin, "multipliers", doubled)


FAULTS: dict[int, Callable[[Patch], Proof]] = {
    1: not_lifted,
    2: lambda p: patched(p, Reading, "strays", (-1, -1)),
    3: lambda p: patched(p, Reading, "strays", (999, 999)),
    4: wasteful_ramp,
    5: lambda p: patched(p, Reading, "gaps", (F(-9), F(-9))),
    6: lambda p: patched(p, independent_samples, "favourable", lambda gap, loss: True, APART),
    7: lambda p: patched(p, bias_remark, "common_with", lambda reading, j, y: 0),
    8: doubled_multipliers,
    9: lambda p: patched(p, LinearRule, "label", lambda self, x: 1),
}


@pytest.mark.parametrize("number", FAULTS)
def test_each_step_can_fail(number: int, monkeypatch: Patch) -> None:
    steps = FAULTS[number](monkeypatch).steps
    found = [k for k, step in enumerate(steps, 1) if not step.holds]
    # Gaps that are too small break the count of each label as well as that of all points.
    assert found == ([5, 7] if number == 5 else [number])


def shifts(
    offset: int, size: int, labels: list[int]
) -> tuple[LabelledSet, tuple[LinearRule, LinearRule], int]:
    rules = LinearRule.of([1], 1), LinearRule.of([-1], offset)
    return (LabelledSet.of([[0] for _ in labels], labels), rules, size)


def test_the_smallest_size_for_two_opposite_rules() -> None:
    assert bias_remark.refute_shifts(*shifts(1, 137, [1])) is not None
    assert bias_remark.refute_shifts(*shifts(1, 136, [1])) is None


def test_hesitant_or_wrong_rules_refute_nothing() -> None:
    assert bias_remark.refute_shifts(*shifts(0, 400, [1])) is None
    assert bias_remark.refute_shifts(*shifts(1, 400, [1, -1])) is None


def test_constant_rules_share_no_direction_from_the_size_on_that_the_bound_is_positive() -> None:
    constant = LinearRule.of([0], 1)
    data = LabelledSet.of([[0]], [1])
    assert bias_remark.refute_shifts(data, (constant, constant), 115) is not None
    assert bias_remark.refute_shifts(data, (constant, constant), 114) is None
