"""How far rounded factors of batch normalisation may move the scores of points, proved in floats.

A network is read with the double next to each true factor, give or take a few units. What that
changes is carried from node to node by upper bounds: all are sums of products of numbers that are
not negative, which floats get right but for a known share, whatever the order of the sums, and that
share is added. Points are evaluated in floats as well, with bounds on their rounding.
"""

import copy
from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_UP, Context

import numpy as np
import torch
from torch import Tensor, nn

from certify.networks.operations import Convolution, Dense, Operation, Scale, Sum
from verify.models.floating import Entrywise, layer
from verify.models.model import Model

FACTOR = 2.0**-51  # relatively, how far a factor is from the true one at most
UNIT = 2.0**-53  # relatively, how far a rounded number is
TINY = 2.0**-1000  # more than what a sum of small products loses below the range of floats
BATCH = 256  # points in memory at one time


@dataclass(frozen=True)
class Moved:
    """What the true factors can change at points, at most.

    points  how many
    most    no score moves farther than this
    gap     the least difference of the two best scores of a point, rounded down
    unsure  the points at which the two best scores are so near that the label may change
    """

    points: int
    most: float
    gap: float
    unsure: tuple[int, ...]

    def __str__(self) -> str:
        """Return the sentence of reports."""
        sentence = (
            "Its batch normalisation is read with factors rounded to doubles, which moves no score "
            f"of the {self.points} examples by more than {_shown(self.most, ROUND_UP)}; the "
            f"smallest gap between two best scores is {_shown(self.gap, ROUND_DOWN)}"
        )
        if not self.unsure:
            return f"{sentence}, so that the labels are those of the true factors."
        several = len(self.unsure) > 1
        return (
            f"{sentence}: the label{'s' * several} of {len(self.unsure)} example"
            f"{'s' * several} may be another with the true factors."
        )


def moved(model: Model, X: np.ndarray) -> Moved:
    """Return how far the true factors of a model may move its scores at points X (n, d).

    Labels are compared by the largest score. Every number is a proved bound, if floats round as
    IEEE 754 says and a sum of n products is computed by n additions, in any order.
    """
    walk = _Walk(model)
    points = torch.tensor(np.asarray(X, np.float64))
    most, gap = 0.0, np.inf
    unsure: list[int] = []
    for first in range(0, len(points), BATCH):
        scores, errors, moves = walk.through(points[first : first + BATCH])
        most = max(most, float(moves.max()))
        _, sure, least = _compared(scores, errors, moves)
        gap = min(gap, max(least, 0.0))
        unsure += (first + np.flatnonzero(~sure)).tolist()
    return Moved(len(points), most, gap, tuple(unsure))


def largest_scores(model: Model, X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return which score of a model is the largest at points X (n, d), and where that is proved.

    int64 (n,) and bool (n,): where true, exact arithmetic on the weights gives the same, by the
    bounds that `moved` has; elsewhere two scores are too near one another for floats.
    """
    walk = _Walk(model)
    points = torch.tensor(np.asarray(X, np.float64))
    found = [
        _compared(*walk.through(points[first : first + BATCH]))
        for first in range(0, len(points), BATCH)
    ]
    best, sure = (np.concatenate([part[i] for part in found]) for i in (0, 1))
    return best, sure


def _compared(
    scores: Tensor, errors: Tensor, moves: Tensor
) -> tuple[np.ndarray, np.ndarray, float]:
    """Return the best score of each point, whether it surely is that, and the least gap."""
    best = scores.argmax(dim=1, keepdim=True)
    own = torch.zeros_like(scores, dtype=torch.bool).scatter(1, best, True)
    ahead = _down(scores.gather(1, best) - scores)
    away = _up(errors + errors.gather(1, best), 1)
    least = _down(ahead - away).masked_fill(own, np.inf)
    sure = ahead > _up(away + _up(moves + moves.gather(1, best), 1), 1)
    return best[:, 0].numpy(), (sure | own).all(dim=1).numpy(), float(least.min())


def _shown(x: float, rounding: str) -> str:
    """Return two digits of a bound, rounded in its own direction."""
    return f"{Context(prec=2, rounding=rounding).create_decimal(x):g}".lower()


class _Walk:
    """The nodes of a network as maps of floats, and as maps of bounds."""

    def __init__(self, model: Model) -> None:
        self.nodes = model.network.nodes
        self.fixed: dict[int, list[Tensor]] = {}
        for node, fixed in model.roots:
            row = torch.tensor([float(x) for x in fixed], dtype=torch.float64)
            self.fixed.setdefault(node, []).append(row)
        self.maps = [layer(operation, torch.float64) for operation, _ in self.nodes]
        self.sizes = [_absolute(module, biases=True) for module in self.maps]
        self.bounds = [_absolute(module, biases=False) for module in self.maps]

    def through(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return scores in floats, how far they are from the exact ones, and how these move."""
        none = torch.zeros_like(x)
        given = {0: (x, none, self._moved(0, x, none, none))}
        last = {j: k for k, (_, reads) in enumerate(self.nodes, start=1) for j in reads}
        for k, (operation, reads) in enumerate(self.nodes, start=1):
            taken = [given[j] for j in reads]
            values, errors, moves = (list(column) for column in zip(*taken, strict=True))
            terms = _terms(operation, len(reads))
            made = self.maps[k - 1](*values)
            error, move = (_up(self.bounds[k - 1](*v), terms) for v in (errors, moves))
            if terms:
                size = _up(self.sizes[k - 1](*(v.abs() for v in values)), terms)
                error = _up(error + 2 * (terms + 4) * UNIT * size + TINY, 2)
            given[k] = made, error, self._moved(k, made, error, move)
            for j in set(reads):
                if last[j] == k:
                    del given[j]
        return given[len(self.nodes)]

    def _moved(self, node: int, values: Tensor, errors: Tensor, moves: Tensor) -> Tensor:
        """Return how far numbers of a node move when its own factors are the true ones, too."""
        for row in self.fixed.get(node, []):
            fixed = row.repeat_interleave(values.shape[1] // len(row))
            away = (values - fixed).abs() + UNIT * fixed.abs() + errors + moves
            moves = _up(moves + FACTOR * _up(away, 4) + TINY, 2)
        return moves


def _terms(operation: Operation, reads: int) -> int:
    """Return how many numbers are added up to one; 0 for a map that computes no numbers."""
    if isinstance(operation, Dense):
        return operation.inputs + 1
    if isinstance(operation, Convolution):
        return operation.kernel.inputs + 1
    if isinstance(operation, Sum):
        return reads
    return 2 if isinstance(operation, Scale) else 0


def _up(bound: Tensor, terms: int) -> Tensor:
    """Return more than the true value of a bound that floats computed from so many terms."""
    return bound * (1 + 2 * (terms + 4) * UNIT) if terms else bound


def _down(bound: Tensor) -> Tensor:
    """Return less than the true value of a difference that floats computed."""
    return bound - bound.abs() * 4 * UNIT


def _absolute(module: nn.Module, *, biases: bool) -> nn.Module:
    """Return a map with the absolute values of its weights, and of its biases or without them."""
    made = copy.deepcopy(module)
    for part in made.modules():
        if isinstance(part, nn.Linear | nn.Conv2d):
            assert part.bias is not None
            factors, added = part.weight, part.bias
        elif isinstance(part, Entrywise):
            factors, added = part.factors, part.offsets
        else:
            continue
        factors.abs_()
        added.abs_().mul_(float(biases))
    return made
