"""One direction for a whole label: linear rules, and the network for which it fails."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction as F

import pytest
from support import bumped, failing, refuted

from verify.claims.charles2019.linear_same_label import CLAIM
from verify.claims.charles2019.shared import labelled
from verify.claims.claim import Proof
from verify.objects import LinearRule, TwoLayerNetwork
from verify.objects.rays import changed_step

EXAMPLE = CLAIM.example

Patch = pytest.MonkeyPatch

# The direction is (-1, 0): it turns (1, 0) and (3, -1), labelled +1, and not (0, 0) and (-2, 1).


def bent_value(patch: Patch) -> Proof:
    """The value is a little off at one of the near steps, without a change of label."""
    return CLAIM.prove(replace(EXAMPLE, rule=bumped(EXAMPLE.rule, {(F(-1, 4), 0): F(-5, 4)})))


def label_that_returns_far_away(patch: Patch) -> Proof:
    return CLAIM.prove(replace(EXAMPLE, rule=bumped(EXAMPLE.rule, {(-(10**6), 0): 1})))


def label_that_stays_at_one_step(patch: Patch) -> Proof:
    """From (3, -1), margin 4, the step (4 + 1)/2 ends at (1/2, -1)."""
    return CLAIM.prove(replace(EXAMPLE, rule=bumped(EXAMPLE.rule, {(F(1, 2), -1): 1})))


def traversal_that_finds_nothing(patch: Patch) -> Proof:
    patch.setattr(labelled, "is_adversarial", lambda *_: False)
    return CLAIM.prove(EXAMPLE)


FAULTS: dict[int, Callable[[Patch], Proof]] = {
    1: bent_value,
    2: label_that_returns_far_away,
    3: label_that_stays_at_one_step,
    4: traversal_that_finds_nothing,
}


@pytest.mark.parametrize("number", FAULTS)
def test_each_step_can_fail(number: int, monkeypatch: Patch) -> None:
    assert failing(FAULTS[number](monkeypatch)) == [number]


def test_the_network_turns_minus_two_after_step_one_and_never_two() -> None:
    pair = CLAIM.counterexamples()["linear"].example
    assert changed_step(pair.rule, (F(-2),), (F(1),)) == 1
    assert changed_step(pair.rule, (F(2),), (F(1),)) is None


def test_one_unit_alone_is_no_counterexample() -> None:
    weak = CLAIM.counterexamples()["linear"]
    alone = TwoLayerNetwork.sum_of_units([[1]], [-1])
    assert not refuted(weak, alone, ((F(2),), (F(3),)), (F(-1),))


def test_points_of_one_label_are_no_counterexample() -> None:
    weak = CLAIM.counterexamples()["same label"]
    pair = weak.example
    assert refuted(weak, pair)
    assert not refuted(weak, pair.rule, ((F(1),), (F(2),)), pair.direction)


@pytest.mark.parametrize("zero", [-1, 0, 1])
def test_every_reading_of_the_boundary_is_covered(zero: int) -> None:
    rule = LinearRule(EXAMPLE.rule.normal, EXAMPLE.rule.offset, zero)
    on_boundary = (F(1, 2), F(0))
    proof = CLAIM.prove(replace(EXAMPLE, rule=rule, points=(on_boundary,)))
    assert failing(proof) == []
    assert bool(proof.steps[3].relations) == (zero != 0)
