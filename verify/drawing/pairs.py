"""Small ReLU networks with a softmax layer, and two inputs in the unit box."""

from dataclasses import dataclass
from fractions import Fraction
from random import Random

from certify.networks.relu import AffineLayer, ReluNetwork
from certify.numbers.rationals import Rows, Vector, combine
from verify.drawing import layers

ONE_LAYER, TWO_LAYERS, NO_CLIPPING = "one hidden layer", "two hidden layers", "no unit clips"
DEAD, WIDE, PARALLEL = "dead units", "l > m", "parallel softmax layer"
CASES = (ONE_LAYER, TWO_LAYERS, NO_CLIPPING, DEAD, WIDE, PARALLEL)


@dataclass(frozen=True)
class Pair:
    """A network whose last layer is the softmax layer, and inputs x and x' in [0, 1]^n."""

    network: ReluNetwork
    origin: Vector
    target: Vector


def draw(rng: Random, case: str) -> Pair:
    """Return a network of the named case with at most two inputs and four hidden units."""
    n = rng.randint(1, 2)
    if case == TWO_LAYERS:
        hidden = [_layer(rng, 2, n), _layer(rng, 2, 2)]
    elif case == NO_CLIPPING:
        hidden = [_nonnegative(_layer(rng, 3, n))]
    elif case == DEAD:
        hidden = [_with_dead_unit(_layer(rng, 3, n))]
    else:
        hidden = [_layer(rng, 3, n)]
    last = _softmax_layer(rng, hidden[-1].units, case)
    return Pair(ReluNetwork((*hidden, last)), point(rng, n), point(rng, n))


def draw_small(rng: Random) -> Pair:
    """Return one or two inputs, three hidden units and two classes, with small integers."""
    n = rng.randint(1, 2)
    network = ReluNetwork((_layer(rng, 3, n), _layer(rng, 2, 3)))
    return Pair(network, corner(rng, n), corner(rng, n))


def draw_plane(rng: Random) -> Pair:
    """Return two inputs, two hidden units and two or three classes, with small integers."""
    network = ReluNetwork((_layer(rng, 2, 2), _layer(rng, rng.randint(2, 3), 2)))
    return Pair(network, corner(rng, 2), point(rng, 2))


def draw_parallel(rng: Random) -> Pair:
    """Return a network with a parallel softmax layer of three classes."""
    return draw(rng, PARALLEL)


def point(rng: Random, n: int) -> Vector:
    """Return a point of the unit box with coordinates in quarters."""
    return tuple(Fraction(rng.randint(0, 4), 4) for _ in range(n))


def corner(rng: Random, n: int) -> Vector:
    """Return a corner of the unit box."""
    return tuple(Fraction(rng.randint(0, 1)) for _ in range(n))


def _layer(rng: Random, units: int, inputs: int) -> AffineLayer:
    weights = tuple(layers.small_vector(rng, inputs) for _ in range(units))
    return AffineLayer(weights, layers.small_vector(rng, units))


def _softmax_layer(rng: Random, l: int, case: str) -> AffineLayer:
    m = 2 if case == WIDE else 3
    rows: Rows = tuple(layers.small_vector(rng, l) for _ in range(m))
    if case == PARALLEL:
        side = combine((1, rows[0]), (-1, rows[1]))
        rows = (*rows[:2], combine((1, rows[1]), (rng.randint(1, 2), side)))
    return AffineLayer(rows, layers.small_vector(rng, m))


def _nonnegative(layer: AffineLayer) -> AffineLayer:
    weights = tuple(tuple(map(abs, row)) for row in layer.weights)
    return AffineLayer(weights, tuple(map(abs, layer.biases)))


def _with_dead_unit(layer: AffineLayer) -> AffineLayer:
    """Make the first unit negative on the whole unit box."""
    dead = -1 - sum(map(abs, layer.weights[0]), Fraction(0))
    return AffineLayer(layer.weights, (dead, *layer.biases[1:]))
