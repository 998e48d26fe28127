from __future__ import annotations

import json
import pickle
from collections.abc import Callable
from fractions import Fraction
from math import prod
from typing import Any, get_args

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, find, given, settings
from hypothesis import strategies as st
from torch import nn

from certify.certificates.certificate import Certificate
from certify.certificates.networks import box, label, network_points, same_softmax, within
from certify.checking import checker
from certify.checking import fast as fast_checker
from certify.errors import InputError
from certify.networks.graph import Network, Node
from certify.networks.grid import MOST_APART, Grid
from certify.networks.operations import (
    Concatenation,
    Convolution,
    Dense,
    Maximum,
    MaxPool,
    Operation,
    Relu,
    Scale,
    Selection,
    Sum,
)

F = Fraction
Vector = list[Fraction]

exact = st.integers(-2, 2).map(F) | st.fractions(-2, 2, max_denominator=4)
floats = st.floats(-4, 4, width=32)


def vectors(size: int, numbers: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Any]]:
    return st.lists(numbers, min_size=size, max_size=size)


@st.composite
def maps(draw: st.DrawFn, outputs: int, inputs: int) -> Dense:
    if draw(st.booleans()):
        rows = draw(st.lists(vectors(inputs, floats), min_size=outputs, max_size=outputs))
        weights = np.array(rows, dtype=draw(st.sampled_from([np.float32, np.float64])))
        return Dense.of(weights, np.array(draw(vectors(outputs, floats))))
    rows = draw(st.lists(vectors(inputs, exact), min_size=outputs, max_size=outputs))
    return Dense.of(rows, draw(vectors(outputs, exact)))


@st.composite
def convolutions(draw: st.DrawFn, shape: tuple[int, int, int]) -> Convolution:
    """On images of a shape, half of them as plain as can be."""
    channels, height, width = shape
    plain = draw(st.booleans())
    most, far = (1, 0) if plain else (3, 2)
    padding = top, left, bottom, right = draw(st.tuples(*[st.integers(0, far)] * 4))
    sides = top + height + bottom, left + width + right
    strides = draw(st.tuples(*[st.integers(1, most)] * 2))
    h, w = window = draw(st.tuples(*(st.integers(1, min(n, 3)) for n in sides)))
    room = ((n - 1) // max(length - 1, 1) for n, length in zip(sides, window, strict=True))
    dilations = draw(st.tuples(*(st.integers(1, max(1, min(most, n))) for n in room)))
    groups = draw(st.sampled_from([1] if plain else [1, channels]))
    kernel = maps(draw(st.integers(1, 2)) * groups, channels // groups * h * w)
    return Convolution(shape, window, draw(kernel), strides, dilations, padding, groups)


@st.composite
def networks(draw: st.DrawFn) -> Network:
    """Up to five nodes on a small image, some of which read several, and one dense map at the end.

    Every node reads the one before it; sums, and selections behind them, read earlier ones besides.
    """
    c, h, w = shape = tuple(draw(st.integers(1, n)) for n in (2, 4, 4))
    nodes: list[Node] = []
    images = [shape]  # of every vector so far, the input first
    for k in range(draw(st.integers(0, 5))):
        kinds = [
            "scale", "relu", "convolution", "max-pool", "maximum", "selection", "concatenation",
        ]  # fmt: skip
        alike = [j for j in range(k) if prod(images[j]) == c * h * w]
        kind = draw(st.sampled_from([*kinds, *["sum"] * 3 * bool(alike)]))
        reads = (k,)
        f: Operation
        if kind == "scale":
            pairs = draw(st.sampled_from([n for n in (1, c, c * h * w) if c * h * w % n == 0]))
            f = Scale(*(tuple(draw(vectors(pairs, exact))) for _ in range(2)))
        elif kind == "relu":
            f = Relu()
        elif kind == "sum":
            others = draw(st.lists(st.sampled_from([*alike, k]), min_size=1, max_size=3))
            f, reads = Sum(), (k, *others)
        elif kind == "concatenation":
            others = draw(st.lists(st.integers(0, k), min_size=1, max_size=2))
            f, reads = Concatenation(), (k, *others)
            c, h, w = sum(prod(images[j]) for j in reads), 1, 1
        elif kind == "convolution":
            f = draw(convolutions((c, h, w)))
            c, (h, w) = len(f.kernel.biases), f.grid.counts
        elif kind == "max-pool":
            f = MaxPool(
                (c, h, w), (draw(st.integers(1, min(h, 3))), draw(st.integers(1, min(w, 3))))
            )
            h, w = f.grid.counts
        elif kind == "selection":
            places = st.integers(-1, c * h * w - 1)
            f = Selection(tuple(draw(st.lists(places, min_size=1, max_size=4))))
            c, h, w = len(f.entries), 1, 1
        else:
            places = st.integers(0, c * h * w - 1)
            entries = st.lists(places, min_size=1, max_size=4, unique=True).map(tuple)
            f = Maximum(tuple(draw(st.lists(entries, min_size=1, max_size=4))))
            c, h, w = len(f.lists), 1, 1
        nodes.append(Node(f, reads))
        images.append((c, h, w))
    last = Node(draw(maps(draw(st.integers(1, 3)), c * h * w)), (len(nodes),))
    return Network((*nodes, last), prod(shape))


@pytest.mark.parametrize("operation", get_args(Operation))
def test_every_operation_is_drawn(operation: type) -> None:
    """Else nothing here compares it with what checkers compute: draw it in ``networks``."""
    has_it = settings(max_examples=2000, database=None, suppress_health_check=list(HealthCheck))
    found = find(
        networks(), lambda n: any(isinstance(f, operation) for f, _ in n.nodes), settings=has_it
    )
    assert direct(found, [F(0)] * found.inputs) is not None


def table(layer: Dense) -> list[Vector]:
    if isinstance(layer.weights, tuple):
        return [list(row) for row in layer.weights]
    unit = F(2) ** layer.weights.exponent
    return [[v * unit for v in row] for row in layer.weights.integers.tolist()]


def direct(network: Network, x: Vector) -> Vector:
    """Evaluate with Fractions alone, one index at a time."""
    given = [x]
    for layer, reads in network.nodes:
        x = given[reads[0]]
        if isinstance(layer, Sum):
            x = [sum(entries) for entries in zip(*(given[j] for j in reads), strict=True)]
        elif isinstance(layer, Scale):
            run = len(x) // len(layer.factors)
            x = [layer.factors[e // run] * v + layer.offsets[e // run] for e, v in enumerate(x)]
        elif isinstance(layer, Maximum):
            x = [max(x[e] for e in entries) for entries in layer.lists]
        elif isinstance(layer, Concatenation):
            x = [v for j in reads for v in given[j]]
        elif isinstance(layer, Selection):
            x = [F(0) if e == -1 else x[e] for e in layer.entries]
        elif isinstance(layer, Relu):
            x = [max(v, F(0)) for v in x]
        elif isinstance(layer, Dense):
            x = [
                sum((a * v for a, v in zip(row, x, strict=True)), b)
                for row, b in zip(table(layer), layer.biases, strict=True)
            ]
        else:
            c, h, w = layer.shape
            p, q = layer.window
            image = [
                [[x[(k * h + i) * w + j] for j in range(w)] for i in range(h)] for k in range(c)
            ]
            x = []
            if isinstance(layer, MaxPool):
                for k in range(c):
                    for i in range(h // p):
                        for j in range(w // q):
                            rows = image[k][i * p : i * p + p]
                            x.append(max(v for row in rows for v in row[j * q : j * q + q]))
                given.append(x)
                continue
            (down, across), (u, v) = layer.strides, layer.dilations
            top, left, bottom, right = layer.padding
            blank = [F(0)] * (left + w + right)
            image = [
                [*[blank] * top, *([*blank[:left], *r, *blank[:right]] for r in channel)]
                + [blank] * bottom
                for channel in image
            ]
            made, seen = len(layer.kernel.biases) // layer.groups, c // layer.groups
            for o, (row, b) in enumerate(
                zip(table(layer.kernel), layer.kernel.biases, strict=True)
            ):
                first = o // made * seen
                for i in range(0, top + h + bottom - u * (p - 1), down):
                    for j in range(0, left + w + right - v * (q - 1), across):
                        total = b
                        for k in range(seen):
                            for s in range(p):
                                for t in range(q):
                                    value = image[first + k][i + u * s][j + v * t]
                                    total += row[(k * p + s) * q + t] * value
                        x.append(total)
        given.append(x)
    return given[-1]


def asking(network: Network, outputs: Vector) -> Network:
    """Return a network with the label 0 exactly where the outputs are (nearly) the given ones."""
    k, n = len(network.nodes), len(outputs)
    signs = [F(i % n == j) * (1 if i < n else -1) for i in range(2 * n) for j in range(n)]
    off = Dense.of(
        [signs[i * n : (i + 1) * n] for i in range(2 * n)], [*(-z for z in outputs), *outputs]
    )
    total = Dense.of([[-1] * 2 * n, [0] * 2 * n], [0, F(-1, 10**40)])
    return Network(
        (*network.nodes, Node(off, (k,)), Node(Relu(), (k + 1,)), Node(total, (k + 2,))),
        network.inputs,
    )


def verdicts(certificate: Certificate) -> list[str]:
    """Return the failing step of both checkers, empty where they accept."""
    document = json.loads(certificate.line())
    found = []
    for check in (checker.check, fast_checker.check):
        try:
            check(document)
            found.append("")
        except checker.Rejected as rejected:
            found.append(rejected.step)
    return found


@given(networks(), st.data())
@settings(deadline=None)
def test_evaluations_agree(network: Network, data: st.DataObject) -> None:
    dyadic = np.array(data.draw(vectors(network.inputs, floats)), dtype=np.float32)
    points = [dyadic, data.draw(vectors(network.inputs, exact))]
    found = network.outputs(points)
    for x, outputs in zip(points, found, strict=True):
        fractions = [F(float(v)) if isinstance(v, np.floating) else v for v in x]
        assert list(outputs) == direct(network, fractions)
        # Both checkers find them too, and nothing else.
        asked = asking(network, list(outputs))
        assert verdicts(network_points(asked, [x], [label(0, 0)])) == ["", ""]
        asked = asking(network, [*outputs[:-1], outputs[-1] + F(1, 10**30)])
        wrong = ["no output is larger"] * 2
        assert verdicts(network_points(asked, [x], [label(0, 0)])) == wrong


@given(networks(), st.data())
@settings(deadline=None)
def test_labels_are_certified_exactly_where_one_output_is_largest(
    network: Network, data: st.DataObject
) -> None:
    points = [data.draw(vectors(network.inputs, exact))]
    (z,) = network.outputs(points)
    for k in range(len(z)):
        expected = "" if z.count(max(z)) == 1 else "no output is as large"
        expected = expected if z[k] == max(z) else "no output is larger"
        assert verdicts(network_points(network, points, [label(0, k)])) == [expected] * 2


def converted(layers: nn.Sequential, shape: tuple[int, ...]) -> Network:
    """Return the exact network of torch layers on images of a shape."""
    result: list[Any] = []
    image = torch.zeros(1, *shape, dtype=torch.float64)
    for layer in layers:
        size = tuple(image.shape[1:])
        if isinstance(layer, nn.Conv2d):
            kernel = Dense.of(layer.weight.flatten(1), layer.bias)
            result.append(Convolution(size, layer.kernel_size, kernel))  # type: ignore[arg-type]
        elif isinstance(layer, nn.MaxPool2d):
            result.append(MaxPool(size, (layer.kernel_size,) * 2))  # type: ignore[arg-type]
        elif isinstance(layer, nn.Linear):
            result.append(Dense.of(layer.weight, layer.bias))
        elif isinstance(layer, nn.ReLU):
            result.append(Relu())
        image = layer(image)
    return Network.chain(*result)


@pytest.mark.parametrize("seed", range(3))
def test_torch_agrees_up_to_rounding(seed: int) -> None:
    with torch.random.fork_rng(), torch.no_grad():
        torch.manual_seed(seed)
        layers = nn.Sequential(
            nn.Conv2d(2, 3, (3, 2)), nn.MaxPool2d(2), nn.ReLU(), nn.Conv2d(3, 4, 2),
            nn.MaxPool2d(2), nn.ReLU(), nn.Flatten(), nn.Linear(8, 5), nn.ReLU(), nn.Linear(5, 3),
        ).double()  # fmt: skip
        images = torch.rand(5, 2, 9, 12, dtype=torch.float64)
        network = converted(layers, (2, 9, 12))
        expected = layers(images).numpy()
    found = np.array([[float(v) for v in z] for z in network.outputs(images)])
    assert np.allclose(found, expected, rtol=1e-12, atol=1e-12)
    facts = [label(i, int(z.argmax())) for i, z in enumerate(expected)]
    facts += [box(i) for i in range(5)]
    assert verdicts(network_points(network, images.numpy(), facts)) == ["", ""]


@given(st.data())
@settings(deadline=None)
def test_torch_convolves_small_integers_alike(data: st.DataObject) -> None:
    shape = data.draw(st.tuples(*[st.integers(1, n) for n in (4, 5, 5)]))
    f = data.draw(convolutions(shape))
    rows = len(f.kernel.biases), f.kernel.inputs
    generator = torch.Generator().manual_seed(data.draw(st.integers(0, 2**32)))
    image, weights, biases = (
        torch.randint(-9, 10, size, generator=generator, dtype=torch.float64)
        for size in (shape, (rows[0], shape[0] // f.groups, *f.window), rows[:1])
    )
    top, left, bottom, right = f.padding
    padded = nn.functional.pad(image[None], (left, right, top, bottom))
    expected = nn.functional.conv2d(padded, weights, biases, f.strides, 0, f.dilations, f.groups)
    kernel = Dense.of(weights.flatten(1), biases)
    same = Convolution(shape, f.window, kernel, f.strides, f.dilations, f.padding, f.groups)
    (found,) = Network.chain(same).outputs([image])
    assert list(found) == expected.flatten().tolist()


# |x + y| and 1: a point may move along (1, -1), and to the other side of 0.
FOLD = Network.chain(
    Scale.of(2, -1),
    Dense.of([[1, 1], [-1, -1]], [0, 0]),
    Relu(),
    Dense.of(np.array([[1.0, 1.0], [0.0, 0.0]]), [0, 1]),
)
ORIGIN = np.array([0.25, 0.5])


@pytest.mark.parametrize("twin", [["1/3", "5/12"], ["3/4", "1/2"]])
def test_twins(twin: list[str]) -> None:
    points = [ORIGIN, twin]
    radius = max(abs(F(a) - F(b)) for a, b in zip(twin, ORIGIN, strict=True))
    facts = [same_softmax(1, 0), within(1, 0, radius), box(1)]
    assert verdicts(network_points(FOLD, points, facts)) == ["", ""]
    short = within(1, 0, radius - F(1, 10**30))
    assert verdicts(network_points(FOLD, points, [short])) == ["points are near"] * 2


def test_a_difference_far_below_floats_is_seen() -> None:
    points = [ORIGIN, [F(3, 4) + F(1, 10**40), F(1, 2)]]
    found = verdicts(network_points(FOLD, points, [same_softmax(1, 0)]))
    assert found == ["outputs differ by a constant"] * 2
    found = verdicts(network_points(FOLD, [[F(1) + F(1, 10**40), 0]], [box(0)]))
    assert found == ["point lies in the unit box"] * 2


def test_each_point_is_evaluated_once(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []
    positive = checker.Vector.positive
    monkeypatch.setattr(checker.Vector, "positive", lambda x: calls.append(x) or positive(x))
    facts = [*(label(0, 1) for _ in range(5)), box(1), within(1, 0, F(1)), same_softmax(1, 0)]
    certificate = network_points(FOLD, [ORIGIN, ["3/4", "1/2"]], facts)
    assert checker.check(json.loads(certificate.line()))
    assert len(calls) == 2  # points, and one relu node


def test_floats_stay_integers_in_the_certificate() -> None:
    instance = network_points(FOLD, [ORIGIN, ["1/3", "2"]], []).instance
    assert instance["points"] == [{"exponent": -2, "integers": [1, 2]}, ["1/3", "2"]]
    assert instance["nodes"][3]["weights"] == {"exponent": 0, "integers": [[1, 1], [0, 0]]}
    assert instance["nodes"][1]["weights"] == [["1", "1"], ["-1", "-1"]]


def test_many_points_and_long_numbers() -> None:
    points = [np.array([k / 256, 0.5]) for k in range(130)]
    points.append(np.array([2.0**-1074, 2.0**1000]))
    found = FOLD.outputs(points)
    assert [z[0] for z in found[:130]] == [abs(F(k, 128) - 1) for k in range(130)]
    assert found[130][0] == 2 * F(2) ** 1000 - 2 + F(2) ** -1073
    assert FOLD.outputs([]) == []


extreme = st.sampled_from(
    [0.0, -0.0, 1.0, -3.0, 2.0**-1074, -(2.0**-1022), 2.0**1000, 1 + 2.0**-52]
)


@given(st.data())
def test_numbers_of_any_size(data: st.DataObject) -> None:
    def drawn(*shape: int) -> np.ndarray:
        values = data.draw(vectors(prod(shape), extreme))
        return np.array(values).reshape(shape)

    factor = F(data.draw(st.integers(-(10**60), 10**60)), data.draw(st.sampled_from([1, 3])))
    nodes = [
        Node(Dense.of(drawn(4, 3), drawn(4)), (0,)),
        Node(Convolution((1, 2, 2), (1, 2), Dense.of(drawn(2, 2), drawn(2)), groups=1), (1,)),
        Node(Scale.of(factor, 1), (1,)),
        Node(Sum(), (2, 3)),
        Node(Maximum(((0, 1), (3, 2, 0))), (4,)),
        Node(Relu(), (4,)),
        Node(Concatenation(), (6, 5)),
    ]
    network = Network(tuple(nodes), 3)
    x = drawn(3)
    assert list(network.outputs([x])[0]) == direct(network, [F(v) for v in x.tolist()])


def test_what_is_made_of_a_network_is_made_once_for_each_argument_and_not_pickled() -> None:
    network = Network.chain(Dense.of([[1]], [0]))
    made = []

    def make(of: Network, *given: int) -> tuple[int, ...]:
        made.append((of, *given))
        return given

    assert [network.once(make, k) for k in (1, 2, 1)] == [(1,), (2,), (1,)]
    assert made == [(network, 1), (network, 2)]
    copy = pickle.loads(pickle.dumps(network))  # which functions of this test would not pass
    assert copy.once(make, 1) == (1,)
    assert made[2] == (copy, 1)


def test_networks_can_be_pickled() -> None:
    twice = Convolution((1, 1, 2), (1, 1), Dense.of([[2]], [1]))
    network = Network.chain(twice, MaxPool((1, 1, 2), (1, 1)), FOLD.nodes[1].operation)
    assert network.outputs([[1, 2]]) == [(F(8), F(-8))]  # fills the caches
    copy = pickle.loads(pickle.dumps(network))
    assert copy.outputs([[1, 2]]) == [(F(8), F(-8))]


def after(network: Network, operation: Operation, *reads: int) -> Network:
    last = Node(operation, reads or (len(network.nodes),))
    return Network((*network.nodes, last), network.inputs)


def test_a_residual_network_by_hand() -> None:
    twice = Node(Dense.of([[2, 0], [0, 2]], [0, 0]), (0,))
    network = Network((twice, Node(Relu(), (1,)), Node(Sum(), (0, 1, 2, 0))), 2)
    assert network.outputs([[1, -1], ["1/3", 0]]) == [(F(6), F(-4)), (F(2), F(0))]
    assert network.body.outputs([[1, -1]]) == [(F(2), F(0))]
    assert network.body.body.body.outputs([[1, -1]]) == [(F(1), F(-1))]
    assert [node["reads"] for node in network.to_json()] == [0, 1, [0, 1, 2, 0]]


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: Dense.of([], []), "at least one row and one column"),
        (lambda: Dense.of([[1]], [1, 2]), "biases: expected 1 entries, got 2"),
        (lambda: Dense.of([[1], [1, 2]], [1, 2]), "weights: expected 1 columns"),
        (lambda: Dense.of([[float("nan")]], [0]), "weights: expected a finite number"),
        (lambda: MaxPool((1, 2, 2), (3, 1)), "window: expected at most"),
        (lambda: MaxPool((1, 2, 2), (0, 1)), "3 and 2 positive integers"),
        (lambda: MaxPool((2, 2), (1, 1)), "3 and 2 positive integers"),  # type: ignore[arg-type]
        (lambda: Convolution((2, 2, 2), (1, 2), Dense.of([[1]], [0])), "expected 1 inputs, got 4"),
        (lambda: Grid((1, 2, 2), (2, 1), dilations=(2, 1)), r"at most \(2, 2\), got \(3, 1\)"),
        (lambda: Grid((1, 2, 2), (1, 4), padding=(0, 1, 5, 0)), r"at most \(7, 3\), got \(1, 4\)"),
        (lambda: Grid((1, 2, 2), (1, 1), strides=(1, 0)), "strides: expected 2 integers from 1"),
        (lambda: Grid((1, 2, 2), (1, 1), dilations=(0, 1)), "dilations: expected 2 integers"),
        (lambda: Grid((1, 2, 2), (1, 1), padding=(0, 0, -1, 0)), "padding: expected 4 integers"),
        (lambda: Grid((1, 2, 2), (1, 1), padding=(0, 0)), "padding: expected 4 integers"),  # type: ignore[arg-type]
        (
            lambda: Grid((1, 2, 2), (1, 1), padding=(0, 0, MOST_APART + 1, 0)),
            "padding: expected 4 integers from 0 to 1000000",
        ),
        (
            lambda: Convolution((2, 1, 1), (1, 1), Dense.of([[1]] * 3, [0] * 3), groups=2),
            "groups: expected a divisor of 2 and 3 channels, got 2",
        ),
        (
            lambda: Convolution((4, 1, 1), (1, 1), Dense.of([[1] * 4] * 2, [0] * 2), groups=2),
            "expected 4 inputs, got 2",
        ),
        (lambda: Network.chain(Relu()), "one that tells the number of inputs"),
        (lambda: after(FOLD, MaxPool((1, 1, 3), (1, 1))), r"3 inputs, got 2 \(node 5\)"),
        (lambda: after(FOLD, Scale.of(0, 0), 5), r"one number of earlier nodes, got \(5,\) \(node"),
        (lambda: after(FOLD, Relu(), 3, 4), "one number of earlier nodes"),
        (lambda: after(FOLD, Sum(), 4), "two numbers or more of earlier nodes"),
        (lambda: after(FOLD, Sum(), 4, -1), "two numbers or more of earlier nodes"),
        (lambda: after(FOLD, Concatenation(), 4), "two numbers or more of earlier nodes"),
        (lambda: after(FOLD, Relu(), 3), "no idle ones, got node 4, which no later node reads"),
        (lambda: after(FOLD, Scale((F(1),) * 3, (F(0),) * 3)), "a multiple of 3 inputs, got 2"),
        (lambda: after(FOLD, Selection((0, 2))), "an index of 2 entries, got 2"),
        (lambda: after(FOLD, Selection((-1, -2))), "an index of 2 entries, got -2"),
        (lambda: after(FOLD, Maximum(((0,), (-1,)))), "an index of 2 entries, got -1"),
        (lambda: Network((Node(Selection((0,)), (0,)), Node(Sum(), (0, 1))), 3), "3 inputs, got 1"),
        (lambda: Scale((F(1),), ()), "as many, at least one, got 1 and 0"),
        (lambda: Selection(()), "at least one index"),
        (lambda: Maximum(((0,), ())), "at least one index each"),
        (lambda: Maximum(((0,), (1, 0, 1))), r"different indices in each list, got \(1, 0, 1\)"),
        (lambda: FOLD.outputs([ORIGIN, [1]]), "point 1: expected 2 coordinates, got 1"),
        (lambda: FOLD.outputs([np.array([1.0, np.inf])]), "point 0: expected a finite number"),
        (lambda: network_points(FOLD, [["x", 1]], []), "point 0: expected a finite number"),
    ],
)
def test_what_does_not_fit_is_refused(build: Callable[[], Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        build()
