from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from certify.errors import InputError
from certify.networks import rays
from certify.networks.graph import Network, Node
from certify.networks.operations import (
    Convolution,
    Dense,
    Maximum,
    MaxPool,
    Relu,
    Scale,
    Selection,
    Sum,
)
from certify.networks.rays import first_change
from certify.networks.relu import ReluNetwork
from certify.numbers.rationals import combine, vector

F = Fraction
small = st.integers(-2, 2).map(F) | st.fractions(-2, 2, max_denominator=3)
# |x| against 1: the label is 0 where |x| > 1.
HAT = Network.chain(Dense.of([[1], [-1]], [0, 0]), Relu(), Dense.of([[1, 1], [0, 0]], [0, 1]))


def vectors(n: int) -> st.SearchStrategy[list[Fraction]]:
    return st.lists(small, min_size=n, max_size=n)


def dense(outputs: int, inputs: int) -> st.SearchStrategy[Dense]:
    rows = st.lists(vectors(inputs), min_size=outputs, max_size=outputs)
    return st.builds(Dense.of, rows, vectors(outputs))


@st.composite
def networks(draw: st.DrawFn) -> Network:
    """An image of 2 x 3, convolved and pooled, or two layers around which the input goes."""
    if draw(st.booleans()):
        kernel = draw(dense(2, 2))
        return Network.chain(
            Convolution((1, 2, 3), (1, 2), kernel), Relu(), MaxPool((2, 2, 2), (2, 1)),
            draw(dense(3, 4)),
        )  # fmt: skip
    nodes = [
        Node(draw(dense(6, 6)), (0,)), Node(Relu(), (1,)), Node(Scale.of(F(1, 2), F(-1)), (0,)),
        Node(Sum(), (2, 3)), Node(Maximum(((0, 1), (2,), (5, 4, 3))), (4,)),
        Node(Selection((2, 1, 0, 0)), (5,)), Node(draw(dense(3, 4)), (6,)),
    ]  # fmt: skip
    return Network(tuple(nodes), 6)


def winners(network: Network, point: Any) -> list[int]:
    (z,) = network.outputs([point])
    return [k for k, value in enumerate(z) if value == max(z)]


@given(networks(), vectors(6), vectors(6), st.fractions(F(1, 9), 20, max_denominator=9))
def test_the_change_is_the_first_on_pieces_on_which_outputs_are_linear(
    network: Network, x: list[Fraction], v: list[Fraction], reach: Fraction
) -> None:
    def at(c: Fraction) -> Any:
        return combine((1, vector(x)), (c, vector(v)))

    found = first_change(network, x, v, reach)
    first = winners(network, x)
    if len(first) > 1:
        assert found is None
        return
    assume(found is not None)
    assert found is not None
    assert first == [found.label]
    assert found.steps[0] == 0
    assert found.steps[-1] <= reach
    assert found.step in found.steps
    assert all(a < b for a, b in pairwise(found.steps))
    for a, b in pairwise(found.steps):
        outputs = network.outputs([at(a), at((2 * a + b) / 3), at((a + b) / 2), at(b)])
        for t, z in ((F(1, 3), outputs[1]), (F(1, 2), outputs[2])):
            assert z == combine((1 - t, outputs[0]), (t, outputs[3]))
        if a < found.step:
            assert winners(network, at(a)) == [found.label]
    beyond = winners(network, at(found.steps[-1]))
    if found.changes:
        assert found.step < found.steps[-1]
        assert len(winners(network, at(found.step))) > 1
        assert found.label in winners(network, at(found.step))
        assert found.label not in beyond
    else:
        assert found.step == found.steps[-1] == reach
        assert beyond == [found.label]


@given(
    st.lists(vectors(3), min_size=2, max_size=2), vectors(2), vectors(2), small,
    vectors(3), vectors(3),
)  # fmt: skip
@example(
    [[F(1), 0, 0], [F(-1), 0, 0]], [F(0), F(0)], [F(1), F(1)], F(-1), [F(2), 0, 0], [F(-1), 0, 0]
)
def test_it_is_decided_wherever_the_lead_crosses_0(
    W: list[Any], b: list[Fraction], V: list[Fraction], c: Fraction, x: Any, v: Any
) -> None:
    """Against the trace of the ray in a network of two layers, for the labels f > 0 and f < 0."""
    trace = ReluNetwork.of([(W, b), ([V], [c])]).trace_ray(x, v)
    network = Network.chain(Dense.of(W, b), Relu(), Dense.of([V, [0] * len(V)], [c, 0]))
    found = first_change(network, x, v, 5)
    steps = sorted({F(0), F(5), *(s for s in trace.steps if s < 5)})
    values = [trace.at(s)[0] for s in steps]
    side = (values[0] > 0) - (values[0] < 0)
    crossed = next((k for k, f in enumerate(values) if side * f <= 0), None)
    if side == 0:
        assert found is None
    elif crossed is None:
        assert found is not None
        assert not found.changes
    elif values[crossed]:
        low, high = values[crossed - 1 : crossed + 1]
        share = low / (low - high)
        assert found is not None
        assert (
            found.step == combine((1 - share, (steps[crossed - 1],)), (share, (steps[crossed],)))[0]
        )
    else:
        behind = next(iter(values[crossed + 1 :]), F(0))
        assert (found is not None) == (side * behind < 0)


def test_the_first_of_two_changes_is_found_where_floats_only_see_the_second() -> None:
    # Above 1/2 on a bump 2^-60 wide, and far behind it for good.
    thin = F(1, 2**60)
    bump = Network.chain(
        Dense.of([[1], [1], [1], [1]], [-1, -1 - thin, -1 - 2 * thin, -3]), Relu(),
        Dense.of([[1 / thin, -2 / thin, 1 / thin, 1], [0, 0, 0, 0]], [0, F(1, 2)]),
    )  # fmt: skip
    found = first_change(bump, [0], [1], 10)
    assert found is not None
    assert (found.label, found.step) == (1, 1 + thin / 2)


def test_what_is_not_decided_is_none() -> None:
    touching = Network.chain(
        Dense.of([[1], [-1]], [0, 0]), Relu(), Dense.of([[1, 1], [0, 0]], [0, 0])
    )
    assert first_change(touching, [-1], [1], 2) is None  # the lead is 0 at 1, and positive again
    assert first_change(HAT, [1], [1], 2) is None  # a tie at the start
    assert first_change(HAT, [2], [-1], 1) is None  # a tie at the end of what is asked
    assert first_change(HAT, [2], [-1], 3, pieces=1) is None
    assert first_change(HAT, [2], [-1], 3, pieces=2) is not None


def test_too_many_numbers_are_not_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rays, "VALUES", 4)
    assert first_change(HAT, [2], [1], 1) is not None
    assert first_change(HAT, [2], [-1], 3) is None


def test_a_ray_that_goes_nowhere_keeps_its_label() -> None:
    found = first_change(HAT, np.array([2.0]), np.array([0.0]), "1/3")
    assert found is not None
    assert (found.changes, found.steps) == (False, (F(0), F(1, 3)))


@pytest.mark.parametrize(
    ("x", "v", "reach", "message"),
    [
        ([1, 2], [1], 1, "x: expected 1 entries"),
        ([1], [1, 2], 1, "v: expected 1 entries"),
        ([1], [float("nan")], 1, "got nan (entry 0)"),
        ([1], [1], 0, "reach: expected a positive number, got 0"),
        ([1], [1], float("inf"), "reach: expected a finite number"),
    ],
)
def test_what_is_no_ray_is_refused(x: Any, v: Any, reach: Any, message: str) -> None:
    with pytest.raises(InputError) as caught:
        first_change(HAT, x, v, reach)
    assert message in str(caught.value)
