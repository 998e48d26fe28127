"""Attacks within a cube: faults in each step, and what does not refute it."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction as F

import pytest

from certify.rationals import Vector
from verify.claims.charles2019 import cube_attacks, sec7_link
from verify.claims.charles2019.cube_attacks import Budget, Transfer
from verify.claims.claim import Proof
from verify.objects import LabelledSet, LinearRule

Patch = pytest.MonkeyPatch
LINE = LabelledSet.of([[-1], [1]], [-1, 1])


def patched(patch: Patch, name: str, value: object) -> Proof:
    patch.setattr(cube_attacks, name, value)
    return sec7_link.prove(sec7_link.EXAMPLE)


def short_steps(patch: Patch) -> Proof:
    """Steps of points far away stop just before the boundary, still beyond the cube."""
    true = cube_attacks.step_along
    return patched(
        patch, "step_along", lambda rule, u, m: true(rule, u, m) - F(1, 1000) * (m > F(3, 2))
    )


def long_steps(patch: Patch) -> Proof:
    """Steps that lead one unit too far."""
    true = cube_attacks.step_along

    def late(rule: LinearRule, u: Vector, m: F) -> F:
        return true(rule, u, m) + 1

    return patched(patch, "step_along", late)


FAULTS: dict[int, Callable[[Patch], Proof]] = {
    1: short_steps,
    2: lambda p: patched(p, "signs", lambda w: tuple(F(0) for _ in w)),
    3: lambda p: patched(p, "largest_entry", lambda v: F(0)),
    4: long_steps,
}


@pytest.mark.parametrize("number", FAULTS)
def test_each_step_can_fail(number: int, monkeypatch: Patch) -> None:
    steps = FAULTS[number](monkeypatch).steps
    found = [k for k, step in enumerate(steps, 1) if not step.holds]
    # Steps that lead beyond the boundary are not those to the boundary either.
    assert found == ([1, 4] if number == 4 else [number])


def test_steps_and_radii_of_the_example() -> None:
    rule, data = sec7_link.EXAMPLE.separators[1], sec7_link.EXAMPLE.data
    margins = rule.margins(data)
    assert margins == (F(1, 2), F(1, 2), F(7, 2))
    assert [cube_attacks.step_along(rule, (F(0), F(1)), m) for m in margins] == list(margins)
    assert [cube_attacks.radius_needed(rule, m) for m in margins] == [F(1, 8), F(1, 8), F(7, 8)]


@pytest.mark.parametrize(("normal", "radius"), [(1, F(1)), (-1, F(1, 2)), (0, F(1, 2))])
def test_a_large_cube_or_no_separator_refutes_nothing(normal: int, radius: F) -> None:
    budget = Budget(LINE, LinearRule.of([normal], 0), radius)
    assert cube_attacks.refute_bounded(budget) is None


@pytest.mark.parametrize(("normal", "radius"), [(-1, F(1)), (1, F(2))])
def test_a_small_cube_or_a_rule_that_turns_refutes_nothing(normal: int, radius: F) -> None:
    rule = LinearRule.of([normal], 2)
    data = LabelledSet.of([[0], [1]], [-1, 1])
    assert cube_attacks.refute_evidence(Transfer(data, (rule, rule), radius)) is None
