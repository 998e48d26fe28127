"""The max-margin direction and networks: the smallest example and the exact criterion."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction as F

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import failing, largest_margin, refuted

from certify.numbers.rationals import Rows, combine
from verify.claims.charles2019 import sec6_nontransfer
from verify.claims.charles2019.sec6_nontransfer import CLAIM, FALLING, FLAT, SMALLEST
from verify.claims.charles2019.shared import labelled
from verify.claims.charles2019.shared.separators import LargestMargin
from verify.claims.charles2019.sharp import relu_directions
from verify.claims.claim import Proof
from verify.objects import LabelledSet
from verify.objects.rays import is_adversarial

EXAMPLE = CLAIM.example

Patch = pytest.MonkeyPatch
UP = (F(0), F(1))


def points_that_are_not_nearest(patch: Patch) -> Proof:
    moved = ((F(0), F(2)), (F(0), F(0)))
    patch.setattr(
        sec6_nontransfer, "LargestMargin", lambda data: largest_margin(data, nearest_points=moved)
    )
    return CLAIM.prove(EXAMPLE)


def units_too_small(patch: Patch) -> Proof:
    half = replace(FLAT, output=(F(1, 2), F(1, 2)))
    patch.setattr(sec6_nontransfer, "silent_network", lambda *_: half)
    return CLAIM.prove(EXAMPLE)


def unused_unit_that_grows(patch: Patch) -> Proof:
    growing = replace(
        FLAT,
        weights=(*FLAT.weights, UP),
        biases=(*FLAT.biases, F(0)),
        output=(*FLAT.output, F(0)),
    )
    patch.setattr(sec6_nontransfer, "silent_network", lambda *_: growing)
    return CLAIM.prove(EXAMPLE)


def traversal_that_finds_everything(patch: Patch) -> Proof:
    patch.setattr(labelled, "is_adversarial", lambda *_: True)
    return CLAIM.prove(EXAMPLE)


FAULTS: dict[int, Callable[[Patch], Proof]] = {
    1: points_that_are_not_nearest,
    2: units_too_small,
    3: unused_unit_that_grows,
    4: traversal_that_finds_everything,
}


@pytest.mark.parametrize("number", FAULTS)
def test_each_step_can_fail(number: int, monkeypatch: Patch) -> None:
    assert failing(FAULTS[number](monkeypatch)) == [number]


def test_the_recorded_network_has_the_values_1_1_0() -> None:
    origin, right, left = SMALLEST.points
    assert [FLAT.value(x) for x in (right, left, origin)] == [1, 1, 0]
    assert LargestMargin(SMALLEST).direction == UP
    assert LargestMargin(SMALLEST).nearest_points == (UP, origin)


def test_on_the_smallest_set_the_direction_turns_no_point_at_all() -> None:
    for x, y in zip(SMALLEST.points, SMALLEST.labels, strict=True):
        assert not is_adversarial(FLAT, x, combine((-y, UP)))


@given(st.lists(st.fractions(F(-1, 20), F(1, 20), max_denominator=100), min_size=12, max_size=12))
def test_the_falling_network_stands_small_changes(noise: list[F]) -> None:
    """Weights and data move by at most 1/20: the rule stays right and u turns no -1 point."""
    data = LabelledSet(_moved(SMALLEST.points, noise[:6]), SMALLEST.labels)
    weights = _moved(FALLING.weights, noise[6:10])
    network = replace(FALLING, weights=weights, biases=tuple(noise[10:]))
    assert network.is_accurate(data)
    assert not is_adversarial(network, data.points[0], LargestMargin(data).direction)


def _moved(rows: Rows, noise: list[F]) -> Rows:
    pairs = zip(noise[::2], noise[1::2], strict=True)
    return tuple(combine((1, x), (1, e)) for x, e in zip(rows, pairs, strict=True))


@pytest.mark.parametrize(
    ("points", "labels", "universal"),
    [
        ([[0, 0], [1, 1], [-1, 1]], [-1, 1, 1], False),
        ([[0, 0], [0, -1], [1, 1], [-1, 1]], [-1, -1, 1, 1], False),  # two points labelled -1
        ([[0, 0], [1, 1], [-1, 1], [0, 7]], [-1, 1, 1, 1], True),  # one far above the hull
        ([[-1, 0], [1, 0], [1, 1], [-1, 1]], [-1, -1, 1, 1], True),  # level with its ends
        ([[0, 0], [1, 1]], [-1, 1], True),
    ],
)
def test_the_criterion(points: list[list[int]], labels: list[int], universal: bool) -> None:
    data = LabelledSet.of(points, labels)
    u = LargestMargin(data).direction
    assert (relu_directions.universal_path(data, u) is not None) == universal
    over, units = (CLAIM.counterexamples()[h.name] for h in CLAIM.hypotheses)
    assert refuted(over, data) == universal
    assert refuted(units, data) == (not universal)


def test_inseparable_sets_refute_nothing() -> None:
    data = LabelledSet.of([[0], [1], [2]], [-1, 1, -1])
    assert not any(refuted(weak, data) for weak in CLAIM.counterexamples().values())
