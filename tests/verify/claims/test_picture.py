"""Clipping to the view, and the paper's figures against the exact facts of their captions."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction as F
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certify.numbers.rationals import Rows, Vector, combine, dot
from certify.polyhedra.polyhedron import Polyhedron
from verify.claims.charles2019 import fig_1, fig_2, fig_3, sec6_nontransfer
from verify.claims.charles2019.shared import figures
from verify.claims.picture import Picture, clipped
from verify.claims.zou2018.shared import figures as zou
from verify.objects import TwoLayerNetwork

VIEW = (-2, 2, -1, 3)
GRID: Rows = tuple(
    (F(x, 2), F(y, 2)) for x, y in product(range(-4, 5), range(-2, 7))
)  # the half-integers of the view
small = st.integers(-3, 3).map(F)
rows = st.lists(st.tuples(small, small, small), max_size=5)


def inside(corners: Sequence[Vector], x: Vector) -> bool:
    """Whether x lies on the left of every side of a polygon."""
    ends = zip(corners, [*corners[1:], corners[0]], strict=True)
    sides = [(p, combine((1, q), (-1, p))) for p, q in ends]
    return all(v[0] * (x[1] - p[1]) >= v[1] * (x[0] - p[0]) for p, v in sides)


@given(rows)
def test_the_clipped_polygon_is_the_set_within_the_view(system: list[tuple[F, F, F]]) -> None:
    matrix, bounds = [(a, b) for a, b, _ in system], [c for *_, c in system]
    corners = clipped(matrix, bounds, VIEW)
    left, right, bottom, top = VIEW
    for corner in corners:
        assert all(dot(a, corner) <= c for a, c in zip(matrix, bounds, strict=True))
        assert left <= corner[0] <= right
        assert bottom <= corner[1] <= top
    for x in GRID:
        strictly = all(dot(a, x) < c for a, c in zip(matrix, bounds, strict=True))
        weakly = all(dot(a, x) <= c for a, c in zip(matrix, bounds, strict=True))
        if corners:
            assert not strictly or inside(corners, x)
            assert weakly or not inside(corners, x)
        else:  # no interior: a neighbourhood of x within the view would be some
            assert not strictly


@given(rows)
def test_it_has_corners_exactly_when_there_is_interior(system: list[tuple[F, F, F]]) -> None:
    box = [((F(-1), F(0)), 2), ((F(1), F(0)), 2), ((F(0), F(-1)), 1), ((F(0), F(1)), 3)]
    matrix = [(a, b) for a, b, _ in system]
    bounds = [c for *_, c in system]
    cut = Polyhedron.of(
        [*matrix, *(a for a, _ in box)], [*bounds, *(c for _, c in box)]
    ).interior_point()
    assert bool(clipped(matrix, bounds, VIEW)) == (cut is not None)


def test_corners_come_in_order_without_repetitions() -> None:
    square = clipped([(F(1), F(0))], [2], (0, 2, 0, 2))  # touches the right side of the view
    assert square == ((0, 0), (2, 0), (2, 2), (0, 2))
    assert clipped([(F(1), F(0)), (F(-1), F(0))], [1, -1], (0, 2, 0, 2)) == ()  # a segment
    assert clipped([(F(0), F(0))], [-1], (0, 2, 0, 2)) == ()  # 0 <= -1


PICTURES = [
    *figures.figure_1(
        fig_1.CLAIM.example.data,
        (
            fig_1.tilted(fig_1.CLAIM.example.rule, (F(1), F(0)), F(0), F(2)),
            fig_1.tilted(fig_1.CLAIM.example.rule, (F(1), F(0)), F(0), F(-2)),
        ),
    ),
    *fig_2.CLAIM.pictures(),
    *fig_3.CLAIM.pictures(),
    *sec6_nontransfer.CLAIM.pictures(),
    *zou.bounded_and_unbounded(),
    *zou.parallel_layers(),
]


@pytest.mark.parametrize("picture", PICTURES, ids=lambda p: p.title)
def test_everything_drawn_lies_in_the_view(picture: Picture) -> None:
    left, right, bottom, top = picture.view
    places = [
        *(c for region in picture.regions for c in region.corners),
        *(marker.at for marker in picture.markers),
        *(end for arrow in picture.arrows for end in (arrow.start, arrow.end)),
    ]
    assert picture.regions
    assert all(left <= x <= right and bottom <= y <= top for x, y in places)
    assert all(len(region.corners) >= 3 for region in picture.regions)


def of_title(start: str) -> Picture:
    (found,) = [p for p in PICTURES if p.title.startswith(start)]
    return found


def test_the_bounded_region_is_the_stated_triangle() -> None:
    first, *others = of_title("A bounded region").regions
    assert set(first.corners) == {(1, 1), (1, -2), (-2, 1)}
    assert len(others) == 3
    edge = of_title("A bounded region").view
    # The others reach the edge of the view, and the triangle lies inside of it.
    assert all(any(abs(c) == edge[1] for x in region.corners for c in x) for region in others)
    assert all(abs(c) < edge[1] for x in first.corners for c in x)


def test_the_captions_speak_of_the_rules_that_are_drawn() -> None:
    assert r"w_1\cdot w_2=-3<0" in of_title("Figure 1").caption
    rules = fig_2.EXAMPLE  # t > max(0, a - 3), and the strip |a| < 1, t < -3
    assert (rules.steepness, rules.reach, rules.depth, rules.width) == (1, 3, 3, 1)
    assert rules.data.negative[0] == (0, -1)


def test_the_gap_between_parallel_boundaries_is_one_wide() -> None:
    one, two, three = of_title("Parallel boundaries").regions
    assert max(x for x, _ in one.corners) == min(x for x, _ in two.corners) == 0
    assert max(x for x, _ in two.corners) == min(x for x, _ in three.corners) == 1
    adjacent = of_title("Parallel bisectors").regions
    assert [region.name for region in adjacent] == ["class 1", "class 3"]


@given(st.tuples(st.integers(-9, 9), st.integers(-9, 9)))
def test_the_negative_region_of_a_network(point: tuple[int, int]) -> None:
    x = (F(point[0], 4), F(point[1], 4))
    uneven = TwoLayerNetwork(
        ((F(1), F(2)), (F(-1), F(1)), (F(3), F(0))), (F(1), F(-1), F(0)), (F(2), F(1), F(0)),
        F(3), strict=True,
    )  # fmt: skip
    for network in (sec6_nontransfer.FLAT, sec6_nontransfer.FALLING, uneven):
        matrix, bounds = figures.negative_region(network)
        below = all(dot(a, x) <= c for a, c in zip(matrix, bounds, strict=True))
        assert below == (network.value(x) <= network.threshold)
