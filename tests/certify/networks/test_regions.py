from __future__ import annotations

from fractions import Fraction
from itertools import pairwise, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from certify.errors import InputError
from certify.networks.regions import RegionConvexity, decision_region_convexity
from certify.networks.relu import ReluNetwork

F = Fraction
Point = tuple[Fraction, ...]

small = st.integers(-2, 2).map(F) | st.fractions(-2, 2, max_denominator=3)
sides = st.sampled_from([-1, 1])


def vectors(n: int, entries: st.SearchStrategy[Fraction] = small) -> st.SearchStrategy[Point]:
    return st.lists(entries, min_size=n, max_size=n).map(tuple)


def two_layers(weights, biases, output) -> ReluNetwork:
    return ReluNetwork.of([(weights, biases), ([output], [0])])


DISTANCE = two_layers([[1], [-1]], [0, 0], [1, 1])
HAT = two_layers([[1], [1]], [2, 0], [1, -2])
QUADRANT = two_layers([[1, 0], [0, 1]], [0, 0], [1, 1])
LINE_PAIR = two_layers([[1, 0], [-1, 0]], [0, 0], [1, 1])
SPHERE = two_layers([[1, 0], [-1, 0], [0, 1], [0, -1]], [0] * 4, [1, 1, 1, 1])
# f = x_2 - max(0, x_1 - 3)
BENT = two_layers([[1, 0], [0, 1], [0, -1]], [-3, 0, 0], [-1, 1, -1])
# f = max(x_2, min(-3 - x_2, 1 - |x_1|)), made of relu(x_1), relu(-x_1), relu(x_2), relu(-x_2)
ISLAND = ReluNetwork.of(
    [
        ([[1, 0], [-1, 0], [0, 1], [0, -1]], [0] * 4),
        # min(m, n) = m - relu(m - n) with m = -3 - x_2 and n = 1 - |x_1|
        ([[1, 1, -1, 1], [0, 0, -1, 1], [0, 0, 1, -1], [0, 0, 1, 0], [0, 0, 0, 1]],
         [-4, -3, 3, 0, 0]),
        # max(x_2, p) = p + relu(x_2 - p) with p = min(m, n)
        ([[1, -1, 1, 1, -1], [-1, 1, -1, 0, 0], [1, -1, 1, 0, 0]], [0, 0, 0]),
        ([[1, 1, -1]], [0]),
    ]
)  # fmt: skip
# f = min(|x_2|, |x_1| + |x_2 - 1|) = a - relu(a - b): zero on a line and at one point
LINE_AND_POINT = ReluNetwork.of(
    [
        ([[1, 0], [-1, 0], [0, 1], [0, -1], [0, 1], [0, -1]], [0, 0, 0, 0, -1, 1]),
        ([[0, 0, 1, 1, 0, 0], [-1, -1, 1, 1, -1, -1]], [0, 0]),
        ([[1, -1]], [0]),
    ]
)


def value(network: ReluNetwork, x: Point) -> Fraction:
    entries = list(x)
    for k, layer in enumerate(network.layers):
        entries = [max(a, F(0)) for a in entries] if k else entries
        entries = [
            sum((w * a for w, a in zip(row, entries, strict=True)), b)
            for row, b in zip(layer.weights, layer.biases, strict=True)
        ]
    return entries[0]


def label(network: ReluNetwork, threshold, strict: bool, x: Point) -> int:
    f = value(network, x)
    return 1 if f > threshold or (f == threshold and not strict) else -1


def holds(result: RegionConvexity, x: Point) -> bool:
    assert result.polyhedron is not None
    rows = zip(result.polyhedron.matrix, result.polyhedron.right_side, strict=True)
    heights = [sum((p * q for p, q in zip(a, x, strict=True)), F(0)) - b for a, b in rows]
    return all(h < 0 or (h == 0 and not result.strict) for h in heights)


def verified(network: ReluNetwork, threshold, strict: bool, side: int) -> RegionConvexity:
    """Decide, and verify a gap by evaluation, a polyhedron on a grid."""
    result = decision_region_convexity(network, threshold, strict, side)
    assert result.strict == (strict == (side == 1))
    if result.gap is not None:
        assert not result
        assert result.polyhedron is None
        start, end, t = result.gap
        assert 0 < t < 1
        between = tuple((1 - t) * p + t * q for p, q in zip(start, end, strict=True))
        assert between == result.gap.point
        labels = [label(network, threshold, strict, x) for x in (start, end, between)]
        assert labels == [side, side, -side]
    else:
        assert result
        for x in product([F(k, 2) for k in range(-9, 10)], repeat=network.dimension):
            assert holds(result, x) == (label(network, threshold, strict, x) == side), x
    return result


def is_interval(network: ReluNetwork, threshold, strict: bool, side: int) -> bool:
    """Decide convexity on the line from the labels at, between and beyond all critical points."""
    first, last = network.layers
    assert last.units == first.inputs == 1
    bends = sorted(
        {-b / w for (w,), b in zip(first.weights, first.biases, strict=True) if w} | {F(0)}
    )
    critical = set(bends)
    for low, high in pairwise([bends[0] - 1, *bends, bends[-1] + 1]):
        f, g = value(network, (low,)), value(network, (high,))
        if f != g:
            critical.add(low + (threshold - f) * (high - low) / (g - f))
    points = sorted(critical)
    middles = [(p + q) / 2 for p, q in pairwise(points)]
    tested = sorted([points[0] - 1, *points, *middles, points[-1] + 1])
    member = [label(network, threshold, strict, (x,)) == side for x in tested]
    return sum(now and not before for before, now in pairwise([False, *member])) <= 1


@given(st.integers(1, 4).flatmap(lambda n: st.tuples(vectors(n), vectors(n), vectors(n))),
       small, st.booleans(), sides)  # fmt: skip
def test_on_the_line_the_answer_is_that_of_the_sign_changes(rule, threshold, strict, side):
    weights, biases, output = rule
    network = two_layers([[w] for w in weights], biases, output)
    result = verified(network, threshold, strict, side)
    assert result.convex == is_interval(network, threshold, strict, side)


@given(st.data())
@settings(max_examples=60)
def test_in_the_plane_and_in_depth_every_answer_can_be_verified(data):
    widths = [2, *data.draw(st.lists(st.integers(1, 3), max_size=2)), 1]
    network = ReluNetwork.of(
        [
            ([data.draw(vectors(a)) for _ in range(b)], data.draw(vectors(b)))
            for a, b in pairwise(widths)
        ]
    )
    threshold, strict, side = data.draw(small), data.draw(st.booleans()), data.draw(sides)
    result = verified(network, threshold, strict, side)
    if result.convex:
        inside = [
            x
            for x in data.draw(st.lists(vectors(2), max_size=6))
            if label(network, threshold, strict, x) == side
        ]
        for x, y in product(inside, repeat=2):
            middle = tuple((p + q) / 2 for p, q in zip(x, y, strict=True))
            assert label(network, threshold, strict, middle) == side


@given(st.data())
@settings(max_examples=40)
def test_lower_side_is_convex_when_output_weights_are_nonnegative(data):
    # Charles et al., Lemmas 13 and 14, without the restriction to positive thresholds.
    d, units = data.draw(st.integers(1, 2)), data.draw(st.integers(1, 4))
    output = data.draw(vectors(units, small.map(abs)))
    weights = [data.draw(vectors(d)) for _ in range(units)]
    network = two_layers(weights, data.draw(vectors(units)), output)
    assert verified(network, data.draw(small), data.draw(st.booleans()), -1)


@pytest.mark.parametrize(
    ("network", "threshold", "strict", "side", "convex"),
    [
        (DISTANCE, 1, True, -1, True),
        (DISTANCE, 1, False, -1, True),
        (DISTANCE, 1, True, 1, False),
        (DISTANCE, 1, False, 1, False),
        (DISTANCE, 0, True, 1, False),  # only the point 0 is missing
        (HAT, 1, True, -1, False),  # |x| >= 1
        (HAT, 1, False, -1, False),  # |x| > 1
        (HAT, 1, True, 1, True),
        (HAT, 2, False, 1, True),  # the one point 0
        (QUADRANT, 0, True, -1, True),
        (QUADRANT, 0, True, 1, False),
        (LINE_PAIR, 1, False, -1, True),
        (LINE_PAIR, 0, True, -1, True),  # the line x_1 = 0
        (LINE_PAIR, 0, True, 1, False),  # only that line is missing
        (SPHERE, 1, True, -1, True),
        (SPHERE, 0, True, 1, False),  # only the origin is missing
        (BENT, 0, True, 1, True),
        (BENT, 0, True, -1, False),
        (ISLAND, 0, True, 1, False),
        (ISLAND, 0, True, -1, False),
        (LINE_AND_POINT, 0, True, -1, False),
    ],
)
def test_known_regions(network, threshold, strict, side, convex):
    assert verified(network, threshold, strict, side).convex == convex


def test_network_values_are_those_that_the_shapes_mean():
    for x, y in product([F(k, 2) for k in range(-10, 11)], repeat=2):
        assert value(ISLAND, (x, y)) == max(y, min(-3 - y, 1 - abs(x)))
        assert value(LINE_AND_POINT, (x, y)) == min(abs(y), abs(x) + abs(y - 1))


def test_inequalities_of_the_diamond_and_of_the_quadrant_are_irredundant():
    diamond = decision_region_convexity(SPHERE, 1, strict=False, side=-1)
    assert diamond.strict
    assert set(diamond.polyhedron.matrix) == set(product([1, -1], repeat=2))
    assert diamond.polyhedron.right_side == (1, 1, 1, 1)
    quadrant = decision_region_convexity(QUADRANT, 0, strict=True, side=-1)
    assert not quadrant.strict
    assert set(quadrant.polyhedron.matrix) == {(1, 0), (0, 1)}
    assert quadrant.polyhedron.right_side == (0, 0)


@pytest.mark.parametrize("strict", [True, False])
@pytest.mark.parametrize("side", [1, -1])
def test_empty_region_and_whole_space(strict, side):
    # |x_1| > -1 everywhere, and a constant network has whole regions whatever the cells.
    for network, threshold in ((LINE_PAIR, -1), (two_layers([[1, 1]], [0], [0]), -1)):
        result = verified(network, threshold, strict, side)
        if side == 1:
            assert result.polyhedron.matrix == ()
        else:
            assert (result.polyhedron.matrix, result.polyhedron.right_side) == (((0, 0),), (-1,))


def test_threshold_reached_everywhere():
    constant = two_layers([[1, 1]], [0], [0])
    assert verified(constant, 0, False, 1).polyhedron.matrix == ()
    assert verified(constant, 0, True, -1).polyhedron.matrix == ()
    assert verified(constant, 0, False, -1).polyhedron.matrix == ((0, 0),)
    assert verified(constant, 0, True, 1).polyhedron.matrix == ((0, 0),)


def test_bad_input_is_named():
    with pytest.raises(InputError, match="side: expected -1 or 1, got 0"):
        decision_region_convexity(DISTANCE, 1, strict=True, side=0)
    with pytest.raises(InputError, match="network: expected one output, got 2 outputs"):
        decision_region_convexity(ReluNetwork.of([([[1], [1]], [0, 0])]), 1, True, 1)
    with pytest.raises(InputError, match="strict: expected True or False"):
        decision_region_convexity(DISTANCE, 1, strict="yes", side=1)
