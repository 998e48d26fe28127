"""The other region: every step on its own, and near misses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction as F

import pytest
from support import failing, refuted

from certify.numbers.rationals import dot, vector
from verify.claims.charles2019 import other_region
from verify.claims.charles2019.other_region import CLAIM, EXAMPLE
from verify.claims.claim import Proof
from verify.objects import Cell

Patch = pytest.MonkeyPatch
QUADRANT, ORIGIN = EXAMPLE
T, FAR, NEAR = vector([1, -1]), vector([2, -2]), vector([-2, 2])


def direction_along_a_wall(patch: Patch) -> Proof:
    patch.setattr(other_region, "outer", lambda *_: (vector([1, 0]), FAR, NEAR))
    return other_region.prove(*EXAMPLE)


def points_inside(patch: Patch) -> Proof:
    patch.setattr(other_region, "outer", lambda *_: (T, vector([1, -1]), vector([-1, 1])))
    return other_region.prove(*EXAMPLE)


def points_that_are_not_opposite(patch: Patch) -> Proof:
    patch.setattr(other_region, "outer", lambda *_: (T, vector([2, -2]), vector([-3, 2])))
    return other_region.prove(*EXAMPLE)


def point_that_is_outside(patch: Patch) -> Proof:
    patch.setattr(other_region, "outer", lambda *_: (T, vector([5, 0]), vector([-1, 4])))
    return other_region.prove(QUADRANT, vector([2, 2]))


FAULTS: dict[int, Callable[[Patch], Proof]] = {
    1: direction_along_a_wall,
    2: points_inside,
    3: points_that_are_not_opposite,
    4: point_that_is_outside,
}


@pytest.mark.parametrize("number", FAULTS)
def test_each_step_can_fail(number: int, monkeypatch: Patch) -> None:
    assert failing(FAULTS[number](monkeypatch)) == [number]


@pytest.mark.parametrize(
    ("a", "b"), [((1, 0), (0, 1)), ((1, 0), (-1, 0)), ((1, 1), (1, 0)), ((1, 2), (-3, 1))]
)
def test_a_direction_climbs_over_one_inequality_only(
    a: tuple[int, int], b: tuple[int, int]
) -> None:
    t = other_region.climbing(vector(a), vector(b))
    assert dot(vector(a), t) > 0 > dot(vector(b), t)


@pytest.mark.parametrize(
    ("rows", "bounds", "several"),
    [
        ([[1, 0], [0, 1]], [1, 1], 1),
        ([[1, 0], [2, 0]], [1, 5], 0),
        ([[0, 0]], [1], 0),
        ([[1, 0], [-1, 0]], [0, 0], 1),
    ],
)
def test_what_is_needed_decides(rows: list[list[int]], bounds: list[int], several: int) -> None:
    cell = Cell.of(rows, bounds)
    proof = other_region.decide(cell, ORIGIN)
    assert failing(proof) == []
    assert proof.steps[0].relations[0].left == several


def test_a_search_that_finds_nothing_is_noticed(monkeypatch: Patch) -> None:
    monkeypatch.setattr(other_region, "between", lambda *_: None)
    assert failing(other_region.decide(QUADRANT, ORIGIN)) == [1]


def test_one_inequality_and_two() -> None:
    weak = CLAIM.counterexamples()
    one, two = weak["two inequalities"], weak["sharp form, overstated"]
    zero = (F(0),)
    assert refuted(one, Cell.of([[2]], [1]), zero)
    assert not refuted(one, Cell.of([[0]], [1]), zero)
    assert refuted(two, Cell.of([[1], [3]], [0, 1]), zero)
    assert not refuted(two, Cell.of([[1], [-1]], [0, 1]), zero)
    assert not refuted(two, Cell.of([[1], [-1]], [0, -1]), zero)  # empty
    assert replace(one.example)
