"""Assumptions A1 to A3: what they force, and faults in each step."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction as F

import pytest

from verify.claims.charles2019 import A1_A3
from verify.claims.charles2019.A1_A3 import Pair
from verify.claims.charles2019.shared.independent_samples import Experiment, Reading, Trial
from verify.claims.charles2019.without.fixed_rules import FixedRules
from verify.claims.claim import Proof
from verify.drawing.laws import FiniteLaw

Patch = pytest.MonkeyPatch
LAW = FiniteLaw.of([[1], [-2]], [1, -1], [1, 1])
ONE = (F(1),)


def prove(
    samples: tuple[tuple[int, int], tuple[int, int]] = ((2, 1), (3, 0)),
    normal: F = F(1),
    bound_squared: F = F(1),
) -> Proof:
    trial = Trial(samples, ((normal,), ONE))
    return A1_A3.prove(Experiment(LAW, bound_squared, (trial,)))


def miscounted(patch: Patch) -> Proof:
    patch.setattr(A1_A3, "confident_draws", lambda reading, j: 1)
    return prove()


def longer_margins(patch: Patch) -> Proof:
    """Twice the true margins: then a point is further from the boundary than it can be."""
    true = Reading.margins.func
    patch.setattr(
        Reading, "margins", property(lambda r: tuple(tuple(2 * m for m in row) for row in true(r)))
    )
    return prove()


def small_norms(patch: Patch) -> Proof:
    patch.setattr(Experiment, "norms", F(1, 2))
    return prove()


def late_threshold(patch: Patch) -> Proof:
    """Rounding 4/n^2 up to a whole number hides that it falls below 1."""
    patch.setattr(A1_A3, "Fraction", lambda a, b=1: F(-(-a // b)) if a == 4 else F(a, b))
    return prove()


FAULTS: dict[int, Callable[[Patch], Proof]] = {
    1: lambda patch: prove(((2, 1), (2, 0))),
    2: lambda patch: prove(normal=F(3, 2)),
    3: miscounted,
    4: longer_margins,
    5: small_norms,
    6: late_threshold,
}


@pytest.mark.parametrize("number", FAULTS)
def test_each_step_can_fail(number: int, monkeypatch: Patch) -> None:
    steps = FAULTS[number](monkeypatch).steps
    found = [k for k, step in enumerate(steps, 1) if not step.holds]
    # Samples of different sizes cannot both have n - errors confident points.
    assert found == ([1, 3] if number == 1 else [number])


def test_equality_is_attained_on_the_line() -> None:
    assert all(step.holds for step in A1_A3.sharpness().steps)


@pytest.mark.parametrize(
    "pair",
    [Pair((F(1),), (F(1),), F(1)), Pair((F(0),), (F(1),), F(1, 2)), Pair(ONE, (F(1, 2),), F(1))],
)
def test_no_refutation_with_a_bound_of_one_or_without_confidence(pair: Pair) -> None:
    assert A1_A3.refute_without_bound(pair) is None


def test_long_rules_do_not_refute_the_need_for_confident_points() -> None:
    assert A1_A3.refute_without_confidence(Pair((F(2),), (F(0),), F(1))) is None
    assert A1_A3.refute_without_confidence(Pair((F(0),), (F(1),), F(1))) is None


def test_a_law_with_enough_points_has_training_sets() -> None:
    one = FiniteLaw.of([[1]], [1], [1])
    assert A1_A3.refute_sets(FixedRules((one, one), 3, (ONE, ONE))) is not None
    assert A1_A3.refute_sets(FixedRules((one, one), 2, (ONE, ONE))) is None  # n >= 3 is assumed
    three = FiniteLaw.of([[1], [2], [3]], [1, 1, 1], [1, 1, 1])
    assert A1_A3.refute_sets(FixedRules((three, three), 3, (ONE, ONE))) is None
