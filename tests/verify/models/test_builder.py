"""What a builder makes computes exactly what NumPy and torch compute on whole numbers."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from certify.errors import InputError
from certify.networks.graph import Network
from certify.networks.operations import (
    Concatenation,
    Convolution,
    Dense,
    Maximum,
    Relu,
    Scale,
    Selection,
    Sum,
)
from verify.models.builder import Builder
from verify.models.model import Model
from verify.models.scaling import spread
from verify.models.values import Sides, Value

RNG = np.random.default_rng(0)


def whole(*shape: int, low: int = -4) -> np.ndarray:
    """Return whole numbers, of which floats compute sums and products exactly."""
    return RNG.integers(low, 5, shape).astype(np.float64)


def computed(builder: Builder, value: Value, x: np.ndarray) -> np.ndarray:
    """Return what a value is at a point, by the nodes as they were added."""
    network = Network(tuple(builder.nodes), builder.inputs) if builder.nodes else None
    table: np.ndarray = np.append(np.array(_given(builder, value.node, x)), 0)
    assert network is None or network.inputs == x.size
    return np.asarray(table[value.entries])


def _given(builder: Builder, node: int, x: np.ndarray) -> list[float]:
    given: dict[int, list[Fraction]] = {0: [Fraction(v) for v in x.reshape(-1).tolist()]}
    for k, (operation, reads) in enumerate(builder.nodes, start=1):
        if len(reads) > 1:
            parts = [given[j] for j in reads]
            given[k] = (
                [v for part in parts for v in part]
                if isinstance(operation, Concatenation)
                else [sum(row, Fraction(0)) for row in zip(*parts, strict=True)]
            )
        else:
            source = given[reads[0]]
            (found,) = Network((operation_node(operation),), len(source)).outputs([source])
            given[k] = list(found)
    return [float(v) for v in given[node]]


def operation_node(operation: Any) -> Any:
    from certify.networks.graph import Node

    return Node(operation, (0,))


def same(
    shape: tuple[int, ...],
    build: Callable[[Builder, Value], Value],
    wanted: Callable[[np.ndarray], Any],
) -> Builder:
    """Assert that a value is what a function of arrays says, at a few points."""
    builder = Builder(shape)
    value = build(builder, builder.input)
    for _ in range(3):
        x = whole(*shape)
        expected = np.asarray(wanted(x))
        assert value.shape == expected.shape
        assert np.array_equal(computed(builder, value, x), expected)
    return builder


def kinds(model: Model) -> list[type]:
    return [type(node.operation) for node in model.network.nodes]


def test_moving_numbers_adds_no_node() -> None:
    def moved(builder: Builder, value: Value) -> Value:
        entries = value.entries.transpose(2, 0, 1)[::-1].reshape(4, 6)
        return value.moved(np.repeat(entries, 2, axis=1)).padded((1, -1), (0, 2)).spaced((2, 1))

    def expected(x: np.ndarray) -> np.ndarray:
        y = np.repeat(x.transpose(2, 0, 1)[::-1].reshape(4, 6), 2, axis=1)
        y = np.pad(y, [(1, 0), (0, 2)])[:, 1:]
        z = np.zeros((9, 13))
        z[::2] = y
        return z

    assert same((2, 3, 4), moved, expected).nodes == []


def test_numbers_are_moved_once_when_something_computes_with_them() -> None:
    def build(b: Builder, v: Value) -> Value:
        turned = v.moved(v.entries.T)
        return b.relu(b.affine(turned, whole(2), 1, "here").moved(turned.entries), "here")

    builder = Builder((2, 3))
    turned = builder.input.moved(builder.input.entries.T)
    scaled = builder.affine(turned, np.array([2.0, 3.0]), 1, "here")
    assert [type(node.operation) for node in builder.nodes] == [Scale]  # the order of the input
    builder.relu(scaled.moved(scaled.entries[:2]), "here")
    assert [type(node.operation) for node in builder.nodes] == [Scale, Selection, Relu]


SHAPES = st.lists(st.integers(1, 3), min_size=1, max_size=3).map(tuple)


@given(SHAPES, SHAPES, st.data())
@settings(max_examples=40, deadline=None)
def test_arithmetic_repeats_as_numpy_does(shape: Any, other: Any, data: Any) -> None:
    try:
        np.broadcast_shapes(shape, other)
    except ValueError:
        other = shape
    f, o = whole(*other), whole(*(shape if data.draw(st.booleans()) else (1,)))
    same(shape, lambda b, v: b.affine(v, f, o, "here"), lambda x: x * f + o)
    same(shape, lambda b, v: b.at_least(v, f, "here"), lambda x: np.maximum(x, f))
    same(shape, lambda b, v: b.at_most(v, f, "here"), lambda x: np.minimum(x, f))
    same(shape, lambda b, v: b.kinked(v, f, "here"), lambda x: np.where(x < 0, f * x, x))
    same(
        shape,
        lambda b, v: b.sum([b.affine(v, f, 1, "f"), v, b.constant(o, "o")], "s"),
        lambda x: f * x + 1 + x + o,
    )
    same(
        shape,
        lambda b, v: b.largest([b.affine(v, f, 1, "f"), v, b.constant(o, "o")], "s"),
        lambda x: np.maximum(np.maximum(f * x + 1, x), o),
    )


@given(SHAPES, st.integers(1, 4), st.booleans(), st.data())
@settings(max_examples=40, deadline=None)
def test_products_are_of_the_last_axis(shape: Any, made: int, turned: bool, data: Any) -> None:
    order = data.draw(st.permutations(range(len(shape))))
    w = whole(made, np.transpose(np.empty(shape), order).shape[-1])
    b = whole(made) if turned else None

    def build(builder: Builder, value: Value) -> Value:
        moved = value.moved(value.entries.transpose(order))
        if turned:
            moved = moved.padded([1] * len(shape), [0] * len(shape))
            moved = moved.moved(moved.entries[..., 1:])
        return builder.dense(moved, w, b, "here")

    def expected(x: np.ndarray) -> np.ndarray:
        y = x.transpose(order)
        if turned:
            y = np.pad(y, [(1, 0)] * len(shape))[..., 1:]
        return np.asarray(y @ w.T + (0 if b is None else b))

    same(shape, build, expected)


@given(
    st.integers(1, 2), st.integers(1, 2), st.integers(1, 2), st.integers(1, 2), st.booleans(),
    st.data(),
)  # fmt: skip
@settings(max_examples=60, deadline=None)
def test_convolutions_are_torch_s(
    axes: int, groups: int, per: int, made: int, transposed: bool, data: Any
) -> None:
    def each(low: int, high: int) -> tuple[int, ...]:
        return tuple(data.draw(st.integers(low, high)) for _ in range(axes))

    window, strides, dilations = each(1, 3), each(1, 3), each(1, 2)
    reach = [(k - 1) * d + 1 for k, d in zip(window, dilations, strict=True)]
    pads = tuple(min(p, e - 1) for p, e in zip(each(0, 2), reach, strict=True))
    sizes = tuple(max(n, e) for n, e in zip(each(1, 5), reach, strict=True))
    shape = (data.draw(st.integers(1, 2)), groups * per, *sizes)
    bias = whole(groups * made)
    if transposed:
        kernel = whole(groups * per, made, *window)
        more = tuple(
            data.draw(st.integers(0, max(s, d) - 1))
            for s, d in zip(strides, dilations, strict=True)
        )
        sides = Sides(window, strides, dilations, pads, pads, more)
        call = (torch.conv_transpose1d, torch.conv_transpose2d)[axes - 1]
        sized = [
            s * (n - 1) + e + m - 2 * p
            for s, n, e, m, p in zip(strides, sizes, reach, more, pads, strict=True)
        ]
        if min(sized) < 1:
            return
        same(
            shape,
            lambda b, v: b.transposed_convolution(v, kernel, bias, sides, groups, "here"),
            lambda x: call(
                torch.tensor(x), torch.tensor(kernel), torch.tensor(bias), strides, pads, more,
                groups, dilations,
            ).numpy(),
        )  # fmt: skip
        return
    kernel = whole(groups * made, per, *window)
    plain = (torch.conv1d, torch.conv2d)[axes - 1]
    same(
        shape,
        lambda b, v: b.convolution(
            v, kernel, bias, Sides(window, strides, dilations, pads, pads), groups, "here"
        ),
        lambda x: plain(
            torch.tensor(x), torch.tensor(kernel), torch.tensor(bias), strides, pads, dilations,
            groups,
        ).numpy(),
    )  # fmt: skip


def test_zeros_around_an_image_are_padding_of_the_convolution() -> None:
    builder = Builder((1, 1, 3, 3))
    sides = Sides((2, 2), (1, 1), (1, 1), (0, 0), (1, -1))
    value = builder.convolution(
        builder.input.padded((0, 0, 1, 2), (0, 0, 0, 3)), whole(1, 1, 2, 2), None, sides, 1, "c"
    )
    (node,) = builder.nodes
    assert isinstance(node.operation, Convolution)
    assert node.operation.padding == (1, 2, 1, 2)
    assert value.shape == (1, 1, 4, 6)


@given(st.booleans(), st.booleans(), st.data())
@settings(max_examples=60, deadline=None)
def test_windows_of_pools_are_torch_s(up: bool, counted: bool, data: Any) -> None:
    n, k, s, d = (data.draw(st.integers(1, m)) for m in (7, 4, 4, 2))
    p = data.draw(st.integers(0, k // 2))
    reach = (k - 1) * d + 1
    if n + 2 * p < reach:
        return
    sides = Sides((k,), (s,), (d,), (p,), (p,))
    sides = sides.rounded_up((n,)) if up else sides
    places = sides.places((1, 2, n))
    if (places < 0).all(axis=-1).any():
        return  # a window of padding alone: minus infinity
    x = whole(1, 2, n)
    torch_x = torch.tensor(x)
    largest = torch.max_pool1d(torch_x, k, s, p, d, up).numpy()
    same(
        (1, 2, n), lambda b, v: b.maxima(v, places, "here"),
        lambda x: torch.max_pool1d(torch.tensor(x), k, s, p, d, up).numpy(),
    )  # fmt: skip
    assert places.shape == (*largest.shape, k)
    if d == 1:
        counts = (places >= -1 if counted else places >= 0).sum(axis=-1)
        builder = Builder((1, 2, n))
        value = builder.means(builder.input, places, counts, "here")
        found = torch.nn.functional.avg_pool1d(torch_x, k, s, p, up, counted).numpy()
        assert np.allclose(computed(builder, value, x), found, atol=1e-12)


def test_maxima_of_values_that_are_0_know_them() -> None:
    places = np.array([[0, 3], [1, -1]])
    same(
        (2,), lambda b, v: b.maxima(v.padded((1,), (1,)), places, "here"),
        lambda x: [0, x[0]],
    )  # fmt: skip


def test_values_of_several_nodes_are_joined() -> None:
    def build(b: Builder, v: Value) -> Value:
        first, second = v.moved(v.entries[:, :1]), b.relu(v.moved(v.entries[:, 1:]), "relu")
        return b.concatenate(
            [second, first.padded((0, 0), (0, 1)), b.constant(2 * np.ones((2, 1)), "c")], 1, "join"
        )

    def expected(x: np.ndarray) -> np.ndarray:
        zero = np.zeros((2, 1))
        return np.hstack([np.maximum(x[:, 1:], 0), x[:, :1], zero, zero + 2])

    builder = same((2, 3), build, expected)
    assert isinstance(builder.nodes[-1].operation, Concatenation)
    parts = Builder((4,))
    halves = [parts.input.moved(parts.input.entries[k : k + 2]) for k in (2, 0)]
    assert parts.concatenate(halves, 0, "here").entries.tolist() == [2, 3, 0, 1]
    assert parts.nodes == []


# The end


def test_a_model_of_one_dense_layer_is_one_node() -> None:
    builder = Builder((1, 2, 3))
    value = builder.affine(builder.input, 1 / np.float64(2), np.array([[1.0], [2.0]]), "s")
    value = value.moved(value.entries.transpose(0, 2, 1).reshape(1, 6))
    value = builder.dense(value, w := whole(3, 6), whole(3), "d")
    value = builder.affine(value, [[Fraction(1, 3), 2, 1]], 5, "f")
    model = builder.model(value, "m", "here")
    assert kinds(model) == [Dense]
    x = whole(1, 2, 3)
    y = (x / 2 + [[1], [2]]).transpose(0, 2, 1).reshape(1, 6) @ w.T
    shift = [float(b) for b in builder.nodes[1].operation.biases]  # type: ignore[union-attr]
    (found,) = model.network.outputs(x)
    expected = ((y + shift) * [1 / 3, 2, 1] + 5)[0]
    assert np.allclose([float(z) for z in found], expected, atol=1e-12)


@pytest.mark.parametrize(
    ("build", "wanted"),
    [
        (lambda b, v: b.relu(v, "r"), [Relu, Dense]),
        (lambda b, v: b.affine(b.relu(v, "r"), [2.0, 1.0], 1, "s"), [Relu, Dense]),
        (lambda b, v: v.moved(v.entries[::-1]), [Dense]),
        (lambda b, v: b.sum([b.relu(v, "r"), v], "s"), [Relu, Sum, Dense]),
        (lambda b, v: b.maxima(v, np.array([[0, 1]]), "m"), [Maximum, Dense]),
        (lambda b, v: b.dense(b.dense(v, np.eye(2), None, "d"), np.eye(2), None, "e"), [Dense] * 2),
        (
            lambda b, v: b.dense(b.affine(b.dense(v, np.eye(2), None, "d"), [2.0, 3.0], 1, "s"),
                                 np.eye(2), None, "e"),
            [Dense, Dense],
        ),
        (
            lambda b, v: b.dense(b.affine(b.dense(v, np.eye(2), None, "d"), [Fraction(1, 3), 3], 1,
                                          "s"), np.eye(2), None, "e"),
            [Dense, Scale, Dense],
        ),
        (
            lambda b, v: b.relu(b.affine(b.affine(v, 2, 1, "s"), [4.0, 5.0], 1, "t"), "r"),
            [Scale, Relu, Dense],
        ),
        (lambda b, v: b.relu(b.affine(b.affine(v, 2, 0, "s"), 0.5, 0, "t"), "r"), [Relu, Dense]),
        (lambda b, v: b.relu(b.relu(v, "r"), "s"), [Relu, Dense]),
    ],
)  # fmt: skip
def test_nodes_that_can_be_one_are_one(build: Any, wanted: list[type]) -> None:
    builder = Builder((2,))
    value = build(builder, builder.input)
    model = builder.model(value, "m", "here")
    assert kinds(model) == wanted
    for x in whole(3, 2):
        (found,) = model.network.outputs([x])
        scores = computed(builder, value, x)
        assert np.allclose([float(z) for z in found], np.append(0, scores)[-2:], atol=1e-12)


def test_what_nothing_reads_is_dropped_and_what_two_read_stays() -> None:
    builder = Builder((2,))
    first = builder.dense(builder.input, whole(2, 2), None, "first")
    builder.relu(builder.affine(first, 3, 0, "unread"), "unread")
    scaled = builder.affine(first, np.array([2.0, 4.0]), 0, "scaled")
    model = builder.model(builder.sum([builder.relu(first, "r"), scaled], "sum"), "m", "here")
    assert kinds(model) == [Dense, Scale, Relu, Sum, Dense]


def test_the_least_score_may_be_the_answer() -> None:
    builder = Builder((2,))
    value = builder.dense(builder.input, w := whole(3, 2), None, "d")
    model = builder.model(value, "m", "here", answer="least")
    x = whole(2)
    assert [float(z) for z in model.network.outputs([x])[0]] == (-w @ x).tolist()
    assert model.origin == "here, its scores negated because the least is its answer"


def test_one_score_becomes_two() -> None:
    builder = Builder((2,))
    model = builder.model(builder.dense(builder.input, [[1.0, 2.0]], [3.0], "d"), "m", "here")
    assert model.network.outputs([[1, 1]])[0] == (Fraction(0), Fraction(6))


# Batch normalisation

NUMBERS = [np.array([0.7, -1.3]), np.array([0.3, 2.0]), np.array([0.1, -4.0]), np.array([0.2, 3.0])]


@pytest.mark.parametrize(
    ("before", "after", "wanted"),
    [
        (lambda b, v: v, lambda b, v: b.relu(v, "r"), [1]),
        (lambda b, v: b.dense(v, np.eye(2), None, "d"), lambda b, v: b.affine(v, 2.0, 3, "s"), [1]),
        (lambda b, v: v, lambda b, v: b.dense(v, [[1.0, 2.0], [3.0, 4.0]], None, "d"), [0]),
        (lambda b, v: v, lambda b, v: b.dense(v, [[1.0, 2.0]], None, "d"), [0]),
        (lambda b, v: b.dense(v, np.eye(2), None, "d"),
         lambda b, v: b.batch_norm(v.moved(v.entries[:, ::-1]), NUMBERS, 1e-3, "bn"), [1, 1]),
        (lambda b, v: b.relu(v, "r"), lambda b, v: b.batch_norm(v, NUMBERS, 1e-3, "bn"), [2, 2]),
    ],
)  # fmt: skip
def test_a_root_is_known_by_where_another_factor_would_act(
    before: Any, after: Any, wanted: list[int]
) -> None:
    """Changing a factor a little changes the scores as the roots say."""
    shift = np.array([2.0**-10, -(2.0**-11)])

    def built(change: np.ndarray) -> Model:
        builder = Builder((1, 2))
        value = before(builder, builder.input)
        weights = NUMBERS[0] * (1 + change)
        value = builder.batch_norm(value, [weights, *NUMBERS[1:]], 1e-5, "bn")
        return builder.model(after(builder, value), "m", "here")

    model, other = built(np.zeros(2)), built(shift)
    assert [root.node for root in model.roots] == wanted
    assert "root" in model.rounded
    root = model.roots[0]
    x = np.array([0.4, -1.7])
    nodes = model.network.nodes
    given = list(map(Fraction, x.tolist()))
    if root.node:
        (given,) = Network(nodes[: root.node], 2).outputs([given])  # type: ignore[assignment]
    # The second batch normalisation turns the channels, and so do its roots.
    turned = shift[::-1] if wanted == [1, 1] else shift
    moved = [
        y + Fraction(float(e)) * (y - p)
        for y, p, e in zip(given, spread(root.fixed, 2), turned, strict=True)
    ]
    rest = tuple(
        node._replace(reads=tuple(j - root.node for j in node.reads)) for node in nodes[root.node :]
    )
    found = Network(rest, 2).outputs([moved])[0] if rest else moved
    (expected,) = other.network.outputs([x])
    assert np.allclose([float(z) for z in found], [float(z) for z in expected], rtol=1e-14)
    (plain,) = model.network.outputs([x])
    assert not np.allclose([float(z) for z in plain], [float(z) for z in expected], rtol=1e-6)


def test_the_roots_of_an_image_are_those_of_its_channels() -> None:
    builder = Builder((1, 2, 3))
    value = builder.relu(builder.batch_norm(builder.input, NUMBERS, 1e-5, "bn"), "r")
    model = builder.model(value, "m", "here")
    (root,) = model.roots
    assert root.node == 1
    assert root.fixed == tuple(map(Fraction, NUMBERS[1].tolist()))


# Refusals


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda b, v: b.dense(v, np.eye(3), None, "there"), "expected 3 values"),
        (lambda b, v: b.dense(v, np.ones(2), None, "there"), "a matrix of weights, got shape"),
        (lambda b, v: b.affine(v, np.nan, 0, "there"), r"got nan \(there\)"),
        (lambda b, v: b.at_least(v, np.inf, "there"), r"got inf \(there\)"),
        (lambda b, v: b.dense(v, [[np.nan, 1]], None, "there"), r"got nan \(there\)"),
        (
            lambda b, v: b.batch_norm(v, [None, None, np.zeros(2), -np.ones(2)], 1e-5, "there"),
            "a root of no positive number",
        ),
        (
            lambda b, v: b.batch_norm(v, [None, None, np.zeros(3), np.ones(3)], 1e-5, "there"),
            r"batch normalisation of {.*} numbers of \(1, 2\)",
        ),
        (lambda b, v: b.maxima(v, np.array([[-1, -2]]), "there"), "a maximum of no values"),
        (lambda b, v: b.means(v, np.array([[-1, -2]]), [0], "there"), "a mean of no values"),
        (
            lambda b, v: b.convolution(v, np.ones((1, 1, 1)), None, Sides((1,), (1,), (1,), (0,), (0,)), 1, "there"),  # noqa: E501
            r"a convolution of shape \(1, 2\) with a kernel of shape \(1, 1, 1\)",
        ),
        (
            lambda b, v: b.convolution(v.moved(v.entries[..., None]), np.ones((1, 3, 1)), None, Sides((1,), (1,), (1,), (0,), (0,)), 1, "there"),  # noqa: E501
            "images of 3 channels",
        ),
        (
            lambda b, v: b.convolution(v.moved(v.entries[..., None]), np.ones((1, 2, 3)), None, Sides((3,), (1,), (1,), (0,), (0,)), 1, "there"),  # noqa: E501
            r"expected at most \(1, 1\), got \(1, 3\) \(there\)",
        ),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused_by_its_place(build: Any, message: str) -> None:
    builder = Builder((1, 2))
    with pytest.raises(InputError, match=message):
        build(builder, builder.input)
