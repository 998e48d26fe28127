"""What is enough to leave a convex set, and which data show Figure 2, decided both ways."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction as F
from random import Random

import pytest
from support import failing, refuted

from certify.checking import checker
from verify.claims.charles2019 import thm_12
from verify.claims.charles2019.sharp import convex_sets, fig_2
from verify.claims.charles2019.sharp.convex_sets import Pair, Parts
from verify.claims.charles2019.sharp.fig_2 import DIRECTIONS
from verify.claims.claim import Proof
from verify.objects import Cell, LabelledSet

Patch = pytest.MonkeyPatch

# The open half-plane above the edge, with the left half of the edge.
HALF = Cell.of([[0, -1]], [0], strict=True)
LEFT = Cell.of([[0, 1], [0, -1], [1, 0]], [0, 0, 0])
ON_EDGE = Pair((HALF, LEFT), (F(0), F(0)), (F(1), F(0)), ((F(0), F(1)),))
TWO = Parts((Cell.of([[1]], [0]), Cell.of([[-1]], [-2], strict=True)), ((F(-1),), (F(3),)), (F(1),))


def accepted(proof: Proof) -> None:
    assert failing(proof) == []
    assert proof.certificates
    for certificate in proof.certificates:
        checker.check(checker.parse(certificate.line()))


@pytest.mark.parametrize(
    ("inside", "outside", "expected"),
    [
        ((0, 0), (1, 0), False),  # both on the edge
        ((0, 1), (1, 0), True),  # from the interior
        ((0, 0), (1, -1), True),  # to beyond the closure
    ],
)
def test_one_pair_and_a_half_space(
    inside: tuple[int, int], outside: tuple[int, int], expected: bool
) -> None:
    pair = replace(ON_EDGE, inside=tuple(map(F, inside)), outside=tuple(map(F, outside)))
    accepted(convex_sets.decide_pair(pair))
    assert convex_sets.enough(pair) == expected


def test_places_that_are_misread_are_noticed(monkeypatch: Patch) -> None:
    monkeypatch.setattr(convex_sets, "enough", lambda _: True)
    assert failing(convex_sets.decide_pair(ON_EDGE)) == [1, 2]
    monkeypatch.setattr(convex_sets, "enough", lambda _: False)
    interior = replace(ON_EDGE, inside=(F(0), F(1)))
    assert failing(convex_sets.decide_pair(interior)) == [2]
    inner = replace(interior, outside=(F(0), F(2)))
    assert {3, 4} <= set(failing(convex_sets.decide_pair(inner)))


def test_a_region_that_is_never_left_is_noticed() -> None:
    level = Pair((HALF,), (F(0), F(1)), (F(1), F(1)), ())  # the outer point lies inside
    assert failing(convex_sets.decide_pair(level)) == [1, 2, 3, 4]


def test_both_answers_of_the_pairs_are_drawn() -> None:
    drawn = [
        convex_sets.draw_pair(Random(i), case) for i in range(40) for case in convex_sets.PAIRS
    ]
    assert {(len(p.cells), convex_sets.enough(p)) for p in drawn} == {
        (1, True), (1, False), (2, True), (2, False),
    }  # fmt: skip


def test_a_point_in_the_gap_has_no_half_space() -> None:
    accepted(thm_12.decide_parts(TWO))
    assert convex_sets.half_space(TWO) is None
    one = Parts(TWO.cells[:1], TWO.inside[:1], TWO.outside)
    accepted(thm_12.decide_parts(one))
    assert convex_sets.in_closed_hull(one).x is None
    on_edge = Parts((Cell.of([[1]], [1], strict=True),), TWO.inside[:1], TWO.outside)
    accepted(thm_12.decide_parts(on_edge))
    assert convex_sets.half_space(on_edge) is None


def test_a_half_space_that_is_overlooked_is_noticed(monkeypatch: Patch) -> None:
    monkeypatch.setattr(convex_sets, "half_space", lambda _: None)
    one = Parts(TWO.cells[:1], TWO.inside[:1], TWO.outside)
    assert failing(thm_12.decide_parts(one)) == [2]
    monkeypatch.setattr(convex_sets, "half_space", lambda _: Cell.of([[1]], [0]))
    assert 2 in failing(thm_12.decide_parts(TWO))


@pytest.mark.parametrize(
    ("points", "labels", "possible"),
    [
        ([[0], [-1], [-3]], [1, -1, -1], True),
        ([[0], [2], [3], [1]], [1, -1, -1, 1], True),
        ([[0], [-1], [1]], [1, -1, -1], False),
        ([[0], [1], [2], [3]], [1, -1, -1, 1], False),
        ([[0], [1]], [1, -1], False),
        ([[0, 0], [-1, 0], [1, 0]], [1, -1, -1], True),
        ([[0, 0], [1, 1], [1, 1]], [1, -1, -1], False),
        ([[0, 0, 0], [1, 1, 1], [2, 2, 2], [-1, -1, -1]], [1, -1, -1, 1], True),
        ([[0], [1], [2]], [-1, -1, -1], False),
        ([[0, 0], [1, 1]], [-1, -1], False),
    ],
)
def test_which_points_show_figure_2(
    points: list[list[int]], labels: list[int], possible: bool
) -> None:
    data = LabelledSet.of(points, labels)
    accepted(fig_2.decide(data))
    assert fig_2.allowed(data) == possible


def test_a_picture_that_fails_and_places_that_are_misread_are_noticed(monkeypatch: Patch) -> None:
    data = LabelledSet.of([[0], [-1], [-3]], [1, -1, -1])
    true = fig_2.attempt(data)
    monkeypatch.setattr(
        fig_2, "attempt", lambda _: replace(true, second=true.first, point=true.point)
    )
    assert failing(fig_2.decide(data)) == [1, 2]
    between = LabelledSet.of([[0], [-1], [1]], [1, -1, -1])
    monkeypatch.setattr(fig_2, "allowed", lambda _: True)
    assert 1 in failing(fig_2.decide(between))


def test_both_directions_of_a_line_are_blocked_by_labels_alone() -> None:
    """Where the places do not allow the picture, no rule at all shows it; else one way is free."""
    drawn = [
        fig_2.draw(Random(seed), case) for seed in range(30) for case in (fig_2.APART, fig_2.AMONG)
    ]
    blocked = [all(fig_2.forced(data, v) for v in DIRECTIONS) for data in drawn]
    assert blocked == [not fig_2.allowed(data) for data in drawn]
    assert set(blocked) == {True, False}
    free = LabelledSet.of([[0], [-1], [-3]], [1, -1, -1])
    assert fig_2.forced(free, (F(1),)) is None
    assert not fig_2._blocked(free).holds


def test_without_a_point_labelled_plus_one_there_is_no_picture() -> None:
    proof = fig_2.decide(LabelledSet.of([[0], [1], [2]], [-1, -1, -1]))
    assert proof.steps[1].text == "There is no point $x_1$ labelled +1."


def test_three_points_in_the_right_order_are_no_counterexample() -> None:
    weak = fig_2.ANY_THREE
    assert refuted(weak, weak.example)
    assert not refuted(weak, LabelledSet.of([[0], [-1], [-3]], [1, -1, -1]))
    assert not refuted(weak, LabelledSet.of([[0], [-1], [1]], [1, -1, 1]))
