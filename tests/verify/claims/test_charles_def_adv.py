"""The definition of adversarial directions: steps that decide, and rules on a box."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction as F

import pytest
from support import bumped, failing, refuted

from verify.claims.charles2019 import def_adv
from verify.claims.charles2019.def_adv import CLAIM, EXAMPLE
from verify.claims.claim import Proof
from verify.objects import LinearRule
from verify.objects.rays import changed_step

Patch = pytest.MonkeyPatch


def missing_critical_steps(patch: Patch) -> Proof:
    """The boundary of the linear rule, at step 3/2, is not among the steps any more."""
    patch.setattr(def_adv, "critical_steps", lambda *_: [])
    return def_adv.prove(EXAMPLE)


def undecided_ray(patch: Patch) -> Proof:
    patch.setattr(def_adv, "changed_step", lambda *_: None)
    return def_adv.prove(EXAMPLE)


def direction_turned_by_scaling(patch: Patch) -> Proof:
    patch.setattr(
        def_adv, "scaled", lambda t, v: tuple(F(t) * c * (1 + i) for i, c in enumerate(v))
    )
    return def_adv.prove(EXAMPLE)


def zero_that_moves(patch: Patch) -> Proof:
    true = def_adv.scaled
    patch.setattr(def_adv, "scaled", lambda t, v: true(t, v) if t else tuple(F(1) for _ in v))
    return def_adv.prove(EXAMPLE)


FAULTS: dict[int, Callable[[Patch], Proof]] = {
    1: missing_critical_steps,
    2: undecided_ray,
    3: direction_turned_by_scaling,
    4: zero_that_moves,
}


@pytest.mark.parametrize("number", FAULTS)
def test_each_step_can_fail(number: int, monkeypatch: Patch) -> None:
    assert failing(FAULTS[number](monkeypatch)) == [number]


def test_a_rule_that_is_not_constant_between_critical_steps_is_noticed() -> None:
    odd = bumped(EXAMPLE.linear, {(1, F(1, 2)): -1})
    assert failing(def_adv.prove(replace(EXAMPLE, linear=odd))) == [1]


def test_the_first_change_is_at_three_halves_and_the_square_ends_at_one() -> None:
    box = CLAIM.counterexamples()["whole space"]
    assert refuted(box, LinearRule.of([1, 1], "-1/2"), EXAMPLE.point, EXAMPLE.direction)
    assert changed_step(EXAMPLE.linear, EXAMPLE.point, EXAMPLE.direction) == F(3, 2)


def test_no_counterexample_when_the_boundary_is_reached_on_the_edge_of_the_square() -> None:
    box = CLAIM.counterexamples()["whole space"]
    assert not refuted(box, LinearRule.of([1, 1], -1), EXAMPLE.point, EXAMPLE.direction)
    # Nor when no step changes the label in the plane either.
    assert not refuted(box, LinearRule.of([1, 0], "-1/2"), EXAMPLE.point, EXAMPLE.direction)
