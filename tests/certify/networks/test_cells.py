from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from math import comb

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from certify.errors import InputError
from certify.networks.cells import cells
from certify.networks.relu import ReluNetwork

F = Fraction

small = st.integers(-2, 2).map(F) | st.fractions(-2, 2, max_denominator=3)
DISTANCE = ReluNetwork.of([([[1], [-1]], [0, 0]), ([[1, 1]], [0])])


def vectors(n: int) -> st.SearchStrategy[tuple[Fraction, ...]]:
    return st.lists(small, min_size=n, max_size=n).map(tuple)


@st.composite
def networks(draw: st.DrawFn) -> ReluNetwork:
    widths = [draw(st.integers(1, 3)), *draw(st.lists(st.integers(1, 3), max_size=2)), 1]
    return ReluNetwork.of(
        [([draw(vectors(a)) for _ in range(b)], draw(vectors(b))) for a, b in pairwise(widths)]
    )


def is_interior(polyhedron, x) -> bool:
    rows = zip(polyhedron.matrix, polyhedron.right_side, strict=True)
    return all(sum((p * q for p, q in zip(a, x, strict=True)), F(0)) < b for a, b in rows)


def affine(cell, x):
    rows = zip(cell.slope, cell.offset, strict=True)
    return tuple(sum((p * q for p, q in zip(a, x, strict=True)), e) for a, e in rows)


@given(st.data())
@settings(max_examples=60)
def test_cells_cover_the_space_and_their_interiors_are_disjoint(data):
    network = data.draw(networks())
    found = cells(network)
    patterns = [cell.pattern for cell in found]
    assert len(set(patterns)) == len(patterns)
    for cell in found:
        assert is_interior(cell.polyhedron, cell.interior_point)
        assert network.activation_pattern(cell.interior_point) == cell.pattern
    sample = st.lists(vectors(network.dimension), min_size=1, max_size=8)
    for x in data.draw(sample):
        homes = [cell for cell in found if cell.polyhedron.contains(x)]
        assert homes
        for cell in homes:
            assert affine(cell, x) == network.values(x)
            matrix, right_side = network.cell(cell.pattern)
            for a, b in zip(matrix, right_side, strict=True):
                assert sum((p * q for p, q in zip(a, x, strict=True)), F(0)) <= b
        inside = [cell for cell in homes if is_interior(cell.polyhedron, x)]
        assert len(inside) <= 1
        if inside:
            assert network.activation_pattern(x) == inside[0].pattern


@pytest.mark.parametrize("d", [1, 2, 3])
@pytest.mark.parametrize("units", [1, 3, 6])
def test_planes_in_general_position_make_the_known_number_of_cells(d, units):
    # Points on the moment curve: any d of the planes meet in one point, and no d + 1 do.
    weights = [[F(t) ** k for k in range(d)] for t in range(1, units + 1)]
    biases = [F(t) ** d for t in range(1, units + 1)]
    network = ReluNetwork.of([(weights, biases), ([[1] * units], [0])])
    assert len(cells(network)) == sum(comb(units, k) for k in range(d + 1))


def test_units_without_a_hyperplane_do_not_cut():
    network = ReluNetwork.of([([[0], [0], [0], [1]], [-1, 0, 1, 0]), ([[1, 1, 1, 1]], [0])])
    assert [cell.pattern for cell in cells(network)] == [((-1, 0, 1, -1),), ((-1, 0, 1, 1),)]
    assert [cell.offset for cell in cells(network)] == [(1,), (1,)]


def test_a_deep_unit_that_receives_zero_on_a_cell():
    network = ReluNetwork.of([([[1]], [0]), ([[1], [1]], [0, -1]), ([[1, 1]], [0])])
    assert [cell.pattern for cell in cells(network)] == [
        ((-1,), (0, -1)),
        ((1,), (1, -1)),
        ((1,), (1, 1)),
    ]


def test_an_affine_map_has_one_cell():
    (cell,) = cells(ReluNetwork.of([([[1, 2]], [3])]))
    assert (cell.pattern, cell.slope, cell.offset) == ((), ((1, 2),), (3,))
    assert cell.polyhedron.matrix == ()


def test_a_box_restricts_the_search():
    assert [cell.pattern for cell in cells(DISTANCE, ([1], [2]))] == [((1, -1),)]
    assert [cell.pattern for cell in cells(DISTANCE, ([-1], [2]))] == [((-1, 1),), ((1, -1),)]
    (cell,) = cells(DISTANCE, (["1/2"], [2]))
    assert not cell.polyhedron.contains([0])
    assert cells(DISTANCE, ([1], [1])) == ()
    assert cells(DISTANCE, ([2], [1])) == ()


@pytest.mark.parametrize(
    ("box", "message"),
    [
        (3, "box: expected a pair"),
        (([0], [0], [0]), "box: expected a pair"),
        (([0, 0], [1]), "box[0]: expected 1 entries, got 2 entries"),
        (([0], [float("inf")]), "box[1]: expected a finite number"),
    ],
)
def test_bad_boxes_are_named(box, message):
    with pytest.raises(InputError) as caught:
        cells(DISTANCE, box)
    assert message in str(caught.value)
