from __future__ import annotations

from fractions import Fraction
from typing import get_args

import numpy as np
import pytest
import torch
from torch import nn

from certify.networks.graph import Network, Node
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
from verify.attack.score_matching import Gaps
from verify.models.floating import floating

RNG = np.random.default_rng(5)


def dense(outputs: int, inputs: int) -> Dense:
    return Dense.of(RNG.normal(size=(outputs, inputs)), RNG.normal(size=outputs))


def network() -> Network:
    """Return a network with every operation, in which some vectors are read several times."""
    lopsided = Convolution(
        (4, 5, 6), (2, 3), dense(6, 12), strides=(1, 2), dilations=(2, 1), padding=(1, 0, 2, 3),
        groups=2,
    )  # fmt: skip
    height, width = lopsided.grid.counts
    flat = 6 * height * width
    size = flat // 6
    third = (Fraction(1, 3),) * 6
    nodes = [
        Node(Scale((Fraction(2),) * 4, (Fraction(-1, 2),) * 4), (0,)),
        Node(lopsided, (1,)),
        Node(Relu(), (2,)),
        Node(Scale(third, third), (2,)),
        Node(Sum(), (3, 4, 3, 2)),
        Node(MaxPool((6, height, width), (2, 2)), (5,)),
        Node(Selection((*range(size), -1, 0, 0)), (5,)),
        Node(Maximum(((0, 2, 1), (1,), (5, 4))), (7,)),
        Node(Concatenation(), (8, 6, 7, 8)),
        Node(dense(3, 6 + 6 * (height // 2) * (width // 2) + size + 3), (9,)),
    ]
    return Network(tuple(nodes), 4 * 5 * 6)


def test_floats_are_near_what_is_exact_for_every_operation() -> None:
    given = network()
    assert {type(f) for f, _ in given.nodes} == set(get_args(Operation))
    points = RNG.normal(size=(4, given.inputs))
    exact = np.array([[float(v) for v in z] for z in given.outputs(points)])
    module = floating(given, torch.float64)
    assert np.allclose(module(torch.tensor(points)).numpy(), exact, rtol=1e-12, atol=1e-12)
    half = floating(given, torch.float32)(torch.tensor(points, dtype=torch.float32))
    assert half.dtype == torch.float32
    assert np.allclose(half.numpy(), exact, rtol=1e-4, atol=1e-4)
    assert not any(p.requires_grad for p in module.parameters())


def test_gradients_are_those_of_the_function() -> None:
    given = network()
    points = torch.tensor(RNG.normal(size=(2, given.inputs)), requires_grad=True)
    assert torch.autograd.gradcheck(floating(given, torch.float64), points)


@pytest.mark.parametrize("padding", [0, 1, (2, 1)])
@pytest.mark.parametrize("strides", [1, (2, 3)])
@pytest.mark.parametrize("groups", [1, 2, 4])
def test_convolutions_are_those_of_torch(padding: int, strides: int, groups: int) -> None:
    with torch.random.fork_rng():
        torch.manual_seed(1)
        module = nn.Conv2d(4, 8, (3, 2), strides, padding, (1, 2), groups, dtype=torch.float64)  # type: ignore[arg-type]
    images = torch.tensor(RNG.normal(size=(3, 4, 7, 8)))
    (top, left), kernel = module.padding, Dense.of(module.weight.flatten(1), module.bias)
    layer = Convolution(
        (4, 7, 8), (3, 2), kernel, module.stride, (1, 2), (top, left, top, left), groups,  # type: ignore[arg-type]
    )  # fmt: skip
    chain = Network.chain(layer, Relu())
    found = floating(chain, torch.float64)
    expected = module(images).relu().flatten(1)
    assert isinstance(found, nn.Sequential)  # whose layers can be looked at
    assert torch.allclose(found(images.flatten(1)), expected)
    exact = np.array([[float(v) for v in z] for z in chain.outputs(images)])
    assert np.allclose(exact, expected.detach().numpy())


def test_kinks_of_a_graph_are_rounded_off_wherever_they_are() -> None:
    given = network()
    points = RNG.normal(size=(2, given.inputs))
    gaps = Gaps.of(floating(given, torch.float64), points)
    assert len(gaps.kinks) == 3  # ReLU, pool and maxima
    exact = [float(v) for v in given.outputs(points[:1])[0]]
    expected = np.array(exact[:-1]) - exact[-1]
    assert np.allclose(gaps.values(points[0]), expected)
    for smoothing, far in ((1e-6, 1e-3), (0.5, 100.0)):
        away = np.abs(gaps.linearised(points[0], smoothing)[0] - expected).max()
        assert 0 < away < far
    assert np.allclose(gaps.linearised(points[0], 0.0)[0], expected)


def test_what_is_large_does_not_move_the_generator_of_torch() -> None:
    before = torch.get_rng_state()
    floating(network(), torch.float32)
    assert torch.equal(before, torch.get_rng_state())


def test_a_network_without_nodes_gives_its_input() -> None:
    empty = Network.chain(dense(2, 3)).body
    x = torch.ones(1, 3)
    assert torch.equal(floating(empty, torch.float32)(x), x)
