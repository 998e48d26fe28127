import numpy as np
import pytest
import torch

from certify.bounds.relaxation import Relaxation
from certify.networks.graph import Network, Node
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

INPUTS, BOXES, POINTS = 50, 3, 500


def network(seed: int) -> Network:
    """Return a network of all types of nodes, with overlapping and single lists of maxima."""
    rng = np.random.default_rng(seed)

    def dense(m: int, n: int) -> Dense:
        return Dense.of(rng.normal(size=(m, n)), rng.normal(size=m))

    convolution = Convolution((2, 5, 5), (3, 2), dense(4, 6), (2, 1), (1, 2), (1, 0, 2, 1), 2)
    size = convolution.outputs(INPUTS)
    return Network(
        (
            Node(convolution, (0,)),
            Node(Relu(), (1,)),
            Node(Scale.of("1/2", "-1/3"), (2,)),
            Node(Selection((*range(0, size, 2), -1, 0)), (1,)),
            Node(Maximum(((0, 1, 2), (2, 3), (5,), (7, 8, 9, 10, 11))), (4,)),
            Node(dense(4, size), (3,)),
            Node(Sum(), (5, 6)),
            Node(Relu(), (7,)),
            Node(Concatenation(), (8, 5, 7)),
            Node(dense(3, 12), (9,)),
        ),
        INPUTS,
    )


@pytest.fixture(params=range(2))
def relaxation(request: pytest.FixtureRequest) -> Relaxation:
    return Relaxation(network(request.param))


@pytest.fixture
def boxes() -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    draw = torch.rand(2, BOXES, INPUTS, generator=generator, dtype=torch.float64)
    return draw[0] - 0.5, draw[0] - 0.5 + 0.5 * draw[1]


def drawn(boxes: tuple[torch.Tensor, torch.Tensor]) -> torch.Tensor:
    generator = torch.Generator().manual_seed(1)
    draw = torch.rand(POINTS, BOXES, INPUTS, generator=generator, dtype=torch.float64)
    # Bounds are met at corners, if anywhere.
    draw[::2] = draw[::2].round()
    return boxes[0] + draw * (boxes[1] - boxes[0])


def test_values_are_those_of_the_exact_network(relaxation: Relaxation) -> None:
    x = torch.linspace(-1, 1, 4 * INPUTS, dtype=torch.float64).reshape(4, INPUTS)
    exact = relaxation.network.outputs(x.unbind())
    assert relaxation.values(x)[-1].numpy() == pytest.approx(np.array(exact, float), abs=1e-12)


@pytest.mark.parametrize("refine", [False, True])
def test_bounds_of_all_nodes_hold_on_each_box(relaxation, boxes, refine) -> None:
    bounds = relaxation.bounds(*boxes, refine=refine)
    given = relaxation.values(drawn(boxes).flatten(0, 1))
    for low, high, values in zip(bounds.lower, bounds.upper, given, strict=True):
        z = values.reshape(POINTS, BOXES, -1)
        assert (low - 1e-9 <= z.amin(dim=0)).all()
        assert (z.amax(dim=0) <= high + 1e-9).all()


def test_backward_passes_improve_what_they_refine_on_every_box(relaxation, boxes) -> None:
    rough, fine = (relaxation.bounds(*boxes, refine=refine) for refine in (False, True))
    assert relaxation.refined == [7]
    widths = [(b.upper[7] - b.lower[7]).sum(dim=1) for b in (rough, fine)]
    assert (widths[1] < widths[0]).all()
    alone = relaxation.bounds(boxes[0][1:2], boxes[1][1:2])
    assert torch.allclose(alone.upper[-1][0], fine.upper[-1][1])


def test_linear_bounds_hold_and_are_met_by_the_relaxation(relaxation, boxes) -> None:
    bounds = relaxation.bounds(*boxes)
    generator = torch.Generator().manual_seed(2)
    rows = torch.randn(BOXES, 4, 3, generator=generator, dtype=torch.float64)
    chords = relaxation.chords(bounds)
    linear = relaxation.backward(bounds, chords, rows)
    points = drawn(boxes)
    outputs = relaxation.values(points.flatten(0, 1))[-1].reshape(POINTS, BOXES, -1, 1)
    true = (rows @ outputs)[..., 0]
    below = (linear.gradient @ points[..., None])[..., 0] + linear.constant
    assert (below <= true + 1e-9).all()
    assert (linear.value <= below + 1e-9).all()
    linear = relaxation.backward(bounds, chords, rows[:, :1])
    corners = relaxation.minimisers(bounds, linear)[:, 0]
    relaxed = relaxation.relaxed(chords, linear, corners)[-1]
    assert torch.allclose((rows[:, 0] * relaxed).sum(dim=1), linear.value[:, 0])
