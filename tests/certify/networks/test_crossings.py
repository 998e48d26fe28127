from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certify.errors import InputError
from certify.networks.crossings import Crossing, first_crossing
from certify.networks.relu import ReluNetwork

F = Fraction
Point = tuple[Fraction, ...]

small = st.integers(-2, 2).map(F) | st.fractions(-2, 2, max_denominator=3)
DISTANCE = ReluNetwork.of([([[1], [-1]], [0, 0]), ([[1, 1]], [0])])
# f = x_2 - max(0, x_1 - 3)
BENT = ReluNetwork.of([([[1, 0], [0, 1], [0, -1]], [-3, 0, 0]), ([[-1, 1, -1]], [0])])


def vectors(n: int) -> st.SearchStrategy[Point]:
    return st.lists(small, min_size=n, max_size=n).map(tuple)


@st.composite
def networks(draw: st.DrawFn) -> ReluNetwork:
    widths = [draw(st.integers(1, 2)), *draw(st.lists(st.integers(1, 3), max_size=2)), 1]
    return ReluNetwork.of(
        [([draw(vectors(a)) for _ in range(b)], draw(vectors(b))) for a, b in pairwise(widths)]
    )


def value(network: ReluNetwork, x: Point, v: Point, c: Fraction) -> Fraction:
    entries = [p + c * q for p, q in zip(x, v, strict=True)]
    for k, layer in enumerate(network.layers):
        entries = [max(a, F(0)) for a in entries] if k else entries
        entries = [
            sum((w * a for w, a in zip(row, entries, strict=True)), b)
            for row, b in zip(layer.weights, layer.biases, strict=True)
        ]
    return entries[0]


def crossing_by_bisection_of_breaks(label, breaks: list[Fraction]) -> tuple[Fraction, bool] | None:
    """Find the first change, given steps between which the label is constant."""
    start = label(F(0))
    for low, high in pairwise([*breaks, breaks[-1] + 2]):
        if label(low) != start:
            return low, True
        if label((low + high) / 2) != start:
            return low, False
    return None


@given(st.data())
def test_two_layers_agree_with_the_roots_of_every_piece(data):
    d, units = data.draw(st.integers(1, 2)), data.draw(st.integers(1, 4))
    w, b = [data.draw(vectors(d)) for _ in range(units)], data.draw(vectors(units))
    output, bias = data.draw(vectors(units)), data.draw(small)
    x, v, a = data.draw(vectors(d)), data.draw(vectors(d)), data.draw(small)
    strict = data.draw(st.booleans())
    network = ReluNetwork.of([(w, b), ([output], [bias])])

    def label(c: Fraction) -> bool:
        f = value(network, x, v, c)
        return f > a or (f == a and not strict)

    slopes = [sum((p * q for p, q in zip(row, v, strict=True)), F(0)) for row in w]
    at_start = [
        sum((p * q for p, q in zip(row, x, strict=True)), t) for row, t in zip(w, b, strict=True)
    ]
    bends = {-p / s for p, s in zip(at_start, slopes, strict=True) if s and -p / s > 0} | {F(0)}
    breaks = set(bends)
    ordered = sorted(bends)
    for low, high in pairwise([*ordered, ordered[-1] + 1]):
        f, g = value(network, x, v, low), value(network, x, v, high)
        if f != g:
            breaks.add(low + (a - f) * (high - low) / (g - f))
    expected = crossing_by_bisection_of_breaks(label, sorted(c for c in breaks if c >= 0))
    found = first_crossing(network, x, v, a, strict)
    assert (found and (found.infimum, found.attained)) == expected
    if found:
        assert label(found.step) != label(F(0))
        assert found.step > 0
        assert found.step >= found.infimum


@given(st.data())
def test_no_sampled_step_contradicts_the_first_crossing(data):
    network = data.draw(networks())
    x, v = data.draw(vectors(network.dimension)), data.draw(vectors(network.dimension))
    a, strict = data.draw(small), data.draw(st.booleans())

    def label(c: Fraction) -> bool:
        f = value(network, x, v, c)
        return f > a or (f == a and not strict)

    found = first_crossing(network, x, v, a, strict)
    for c in [F(k, 12) for k in range(80)] + [F(10) ** k for k in range(1, 8)]:
        if found is None or c < found.infimum or (c == found.infimum and not found.attained):
            assert label(c) == label(F(0))
    if found:
        just_after = found.infimum + (found.step - found.infimum) / 10**6
        assert label(found.step) != label(F(0))
        assert label(just_after) != label(F(0))
        assert label(found.infimum) == (label(F(0)) != found.attained)


@pytest.mark.parametrize(
    ("x", "v", "threshold", "strict", "expected"),
    [
        ([0], [1], 0, True, Crossing(F(0), False, F(1))),  # both units tie at the start
        ([0], [1], 0, False, None),
        ([0], [0], 0, True, None),
        ([-2], [1], 0, True, Crossing(F(2), True, F(2))),  # touches zero and comes back
        ([-2], [1], 0, False, None),
        ([-2], [1], 1, False, Crossing(F(1), False, F(2))),  # |x| < 1 on an open interval
        ([-2], [1], 1, True, Crossing(F(1), True, F(1))),
        ([0], [-1], 3, True, Crossing(F(3), False, F(4))),  # after the last bend
        ([0], [-1], 3, False, Crossing(F(3), True, F(3))),
        ([1], [1], 0, True, None),
    ],
)
def test_distance_from_zero(x, v, threshold, strict, expected):
    assert first_crossing(DISTANCE, x, v, threshold, strict) == expected


def test_a_flat_piece_at_the_threshold_changes_the_weak_label_only():
    # f = relu(x) - relu(x - 1) - relu(x - 2) is 1 on [1, 2] and falls after.
    flat = ReluNetwork.of([([[1], [1], [1]], [0, -1, -2]), ([[1, -1, -1]], [0])])
    assert first_crossing(flat, [0], [1], 1, strict=False) == Crossing(F(1), True, F(1))
    assert first_crossing(flat, [0], [1], 1, strict=True) is None
    assert first_crossing(flat, [1], [1], 1, strict=False) == Crossing(F(1), False, F(2))


def test_a_direction_that_flips_two_points_of_one_rule():
    # +1 where x_2 > max(0, x_1 - 3): along (1, 0) both points change, along (0, -1) no other does.
    assert first_crossing(BENT, [0, 1], [1, 0], 0, strict=True) == Crossing(F(4), True, F(4))
    assert first_crossing(BENT, [1, 1], [1, 0], 0, strict=True) == Crossing(F(3), True, F(3))
    assert first_crossing(BENT, [0, -1], [0, -1], 0, strict=True) is None
    assert first_crossing(BENT, [2, -1], [0, -1], 0, strict=True) is None


def test_the_max_margin_direction_that_does_not_transfer():
    spread = ReluNetwork.of([([[1, 0], [-1, 0]], [0, 0]), ([[1, 1]], [0])])
    for x in ([0, 0], [1, 1], [-1, 1]):
        for v in ([0, 1], [0, -1]):
            assert first_crossing(spread, x, v, 1, strict=False) is None
    assert first_crossing(spread, [0, 0], [1, 1], 1, strict=False) == Crossing(F(1), True, F(1))


def test_bad_input_is_named():
    two = ReluNetwork.of([([[1], [1]], [0, 0])])
    with pytest.raises(InputError, match="network: expected one output, got 2 outputs"):
        first_crossing(two, [0], [1], 0, strict=True)
    with pytest.raises(InputError, match="strict: expected True or False, got 1"):
        first_crossing(DISTANCE, [0], [1], 0, strict=1)
    with pytest.raises(InputError, match="threshold: expected a finite number"):
        first_crossing(DISTANCE, [0], [1], float("inf"), strict=True)
