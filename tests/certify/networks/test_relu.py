from __future__ import annotations

import pickle
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from certify.errors import InputError
from certify.networks.relu import AffineLayer, ReluNetwork

F = Fraction
Point = tuple[Fraction, ...]

numbers = st.integers(-2, 2).map(F) | st.fractions(-2, 2, max_denominator=4)
DISTANCE = ReluNetwork.of([([[1], [-1]], [0, 0]), ([[1, 1]], [0])])


def arrays(*shape: int) -> st.SearchStrategy[list]:
    if len(shape) == 1:
        return st.lists(numbers, min_size=shape[0], max_size=shape[0])
    return st.lists(arrays(*shape[1:]), min_size=shape[0], max_size=shape[0])


@st.composite
def networks(draw: st.DrawFn, outputs: int = 1, depth: int = 2) -> ReluNetwork:
    hidden = draw(st.lists(st.integers(1, 3), max_size=depth))
    widths = [draw(st.integers(1, 3)), *hidden, outputs]
    return ReluNetwork.of([(draw(arrays(b, a)), draw(arrays(b))) for a, b in pairwise(widths)])


def points(d: int) -> st.SearchStrategy[Point]:
    return arrays(d).map(tuple)


def direct(network: ReluNetwork, x: Point) -> tuple[Point, list[Point]]:
    """Evaluate with Fractions alone: outputs, and preactivations of the hidden layers."""
    received = []
    for k, layer in enumerate(network.layers):
        entries = x if k == 0 else [max(a, F(0)) for a in received[-1]]
        received.append(
            tuple(
                sum((w * a for w, a in zip(row, entries, strict=True)), b)
                for row, b in zip(layer.weights, layer.biases, strict=True)
            )
        )
    return received[-1], received[:-1]


def along(x: Point, v: Point, c: Fraction) -> Point:
    return tuple(p + c * q for p, q in zip(x, v, strict=True))


def satisfies(system: tuple, x: Point) -> bool:
    return all(
        sum((p * q for p, q in zip(a, x, strict=True)), F(0)) <= b
        for a, b in zip(*system, strict=True)
    )


@given(st.data())
def test_values_preactivations_and_patterns_are_those_of_direct_evaluation(data):
    network = data.draw(networks(outputs=data.draw(st.integers(1, 3))))
    x = data.draw(points(network.dimension))
    outputs, hidden = direct(network, x)
    assert network.values(x) == outputs
    assert list(network.preactivations(x)) == hidden
    signs = [tuple((a > 0) - (a < 0) for a in layer) for layer in hidden]
    assert list(network.activation_pattern(x)) == signs


@given(st.data())
def test_cell_and_affine_map_hold_on_points_of_the_cell(data):
    network = data.draw(networks(outputs=2))
    x = data.draw(points(network.dimension))
    pattern = network.activation_pattern(x)
    cell, (slope, offset) = network.cell(pattern), network.affine_on(pattern)
    assert satisfies(cell, x)
    for y in data.draw(st.lists(points(network.dimension), max_size=8)):
        _, hidden = direct(network, y)
        agrees = all(
            (s >= 0 or a <= 0) and (s <= 0 or a >= 0) and (s or a == 0)
            for signs, layer in zip(pattern, hidden, strict=True)
            for s, a in zip(signs, layer, strict=True)
        )
        # Beyond the first layer rows describe units as they are inside the cells of the layers
        # below, so only the conjunction is the same.
        assert satisfies(cell, y) == agrees
        if agrees:
            assert network.values(y) == tuple(
                sum((p * q for p, q in zip(row, y, strict=True)), e)
                for row, e in zip(slope, offset, strict=True)
            )


def test_a_pattern_of_the_first_layers_gives_what_the_next_layer_receives():
    deep = ReluNetwork.of([([[1], [-1]], [0, 0]), ([[1, 1]], [-2]), ([[3]], [1])])
    assert deep.affine_on([]) == (((1,), (-1,)), (0, 0))
    assert deep.affine_on([(1, -1)]) == (((1,),), (-2,))
    assert deep.affine_on([(-1, 1), (1,)]) == (((-3,),), (-5,))
    assert deep.cell([(1, -1)]) == (((-1,), (-1,)), (0, 0))


def test_a_unit_at_zero_gives_two_rows_and_sends_nothing():
    assert DISTANCE.cell([(0, 0)]) == (((-1,), (1,), (1,), (-1,)), (0, 0, 0, 0))
    assert DISTANCE.affine_on([(0, 0)]) == (((0,),), (0,))


@given(st.data())
def test_trace_is_the_network_on_a_dense_sample_and_far_away(data):
    network = data.draw(networks(outputs=2, depth=3))
    x, v = data.draw(points(network.dimension)), data.draw(points(network.dimension))
    trace = network.trace_ray(x, v)
    assert trace.steps[0] == 0
    assert list(trace.steps) == sorted(set(trace.steps))
    steps = [F(k, 7) for k in range(60)] + [trace.steps[-1] + F(10) ** k for k in range(6)]
    for c in [*trace.steps, *steps]:
        assert trace.at(c) == direct(network, along(x, v, c))[0]
    for low, high in pairwise([*trace.steps, trace.steps[-1] + 1000]):
        ends = [
            network.activation_pattern(along(x, v, low + (high - low) * part))
            for part in (F(1, 100), F(1, 2), F(99, 100))
        ]
        assert ends[0] == ends[1] == ends[2]


def test_trace_along_zero_is_constant():
    trace = DISTANCE.trace_ray([-3], [0])
    assert (trace.steps, trace.values, trace.final_slope) == ((0,), ((3,),), (0,))


@given(networks())
@settings(max_examples=10)
def test_networks_are_equal_by_value_and_travel_between_processes(network):
    before = pickle.dumps(network)
    network.values([0] * network.dimension)
    assert pickle.loads(before) == pickle.loads(pickle.dumps(network)) == network
    assert hash(pickle.loads(before)) == hash(network)


def test_floats_enter_as_the_numbers_they_are():
    weights = np.array([[0.1], [2.0]])
    network = ReluNetwork.of([(weights, np.zeros(2)), (torch.tensor([[1.0, 0.5]]), [0])])
    assert network.values([1]) == (F(0.1) + 1,)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: ReluNetwork.of([]), "layers: expected at least one layer, got none"),
        (lambda: ReluNetwork.of([5]), "expected pairs (weights, biases), got int (layer 0)"),
        (lambda: ReluNetwork.of([([], [])]), "weights: expected at least one row and one column"),
        (lambda: ReluNetwork.of([([[1, 2]], [1, 2])]), "biases: expected 1 entries, got 2 entries"),
        (
            lambda: ReluNetwork.of([([[1], [2]], [0, 0]), ([[1]], [0])]),
            "layers: expected 2 columns, got 1 columns (layer 1)",
        ),
        (
            lambda: ReluNetwork.of([([[float("nan")]], [0])]),
            "weights of layer 0: expected a finite",
        ),
        (
            lambda: AffineLayer(((F(1),), ()), (F(0), F(0))),
            "weights: expected 1 entries, got 0 (row 1)",
        ),
        (lambda: DISTANCE.values([1, 2]), "x: expected 1 entries, got 2 entries"),
        (lambda: DISTANCE.trace_ray([1], [1, 2]), "v: expected 1 entries, got 2 entries"),
        (lambda: DISTANCE.trace_ray([1], [1]).at(-1), "step: expected a number >= 0, got -1"),
        (lambda: DISTANCE.cell((1, -1)), "got a flat list"),
        (lambda: DISTANCE.cell([(1,)]), "of [2] units, got layers of [1]"),
        (lambda: DISTANCE.cell([(1, 1), (1,)]), "of [2] units, got layers of [2, 1]"),
        (lambda: DISTANCE.affine_on([(1, 2)]), "expected -1, 0 or 1, got 2 (layer 0, unit 1)"),
    ],
)
def test_bad_input_is_named(make, message):
    with pytest.raises(InputError) as caught:
        make()
    assert message in str(caught.value)
