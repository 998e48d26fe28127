"""Boxes of few inputs, bounded and split in floats: each part is a box with its own bounds.

Splitting a box narrows the bounds of all values, which are computed anew in each part; what a
network of five inputs does is then decided by hundreds or thousands of boxes.
"""

import math
from collections.abc import Callable, Iterable
from fractions import Fraction
from typing import NamedTuple, Self

import torch
from torch import Tensor

from certify.bounds.attack import descended, excess
from certify.bounds.evaluation import Floats
from certify.bounds.input_trees import BITS, InputTrees
from certify.bounds.relaxation import Bounds
from certify.bounds.weights import on_simplex
from certify.checking import checker

BATCH = 64  # boxes that are bounded together; what more take does not fit into caches
STEPS = 4  # in which weights of rows are improved where no row alone closes a box
ATTACKED, ATTACK_STEPS = 16, 8  # points of a batch from which a counterexample is sought
DECIDED = 4  # of those that it has found whose outputs are computed exactly
TOLERANCE = 1e-9  # of floats
DEEPEST = checker.MAX_DEPTH - 1  # splits above a box


class Boxes(NamedTuple):
    """Open parts, one a row: their numbers in the trees, and what is known.

    lower, upper  (P, d), in float64
    bound         proved in floats for a larger part
    """

    number: Tensor
    asked: Tensor
    lower: Tensor
    upper: Tensor
    bound: Tensor

    def rows(self, chosen: Tensor | slice) -> Self:
        """Return some of them."""
        return type(self)(*(x[chosen] for x in self))

    def and_those(self, *others: Iterable[Tensor]) -> Self:
        """Return these, and others."""
        return type(self)(*map(torch.cat, zip(self, *others, strict=True)))


class BoxSearch:
    """Boxes that are open, and the trees of those that floats close.

    narrow  what is not split
    failed  boxes that only floats close, and that are split therefore
    stuck   the bounds of boxes that are too small, or too deep, to be split
    """

    def __init__(
        self,
        floats: Floats,
        decided: Callable[[Tensor], bool],
        trees: InputTrees,
        opened: Boxes,
        narrow: float,
        failed: Iterable[int] = (),
    ) -> None:
        self.floats, self.decided, self.trees, self.open = floats, decided, trees, opened
        self.narrow, self.failed, self.stuck = narrow, set(failed), list[float]()

    def step(self) -> bool:
        """Bound the boxes that were split last; tell whether a counterexample was found."""
        boxes, self.open = self.open.rows(slice(-BATCH, None)), self.open.rows(slice(-BATCH))
        relaxation = self.floats.relaxation
        lower, upper = (x.to(relaxation.kind) for x in (boxes.lower, boxes.upper))
        bounds = relaxation.bounds(lower, upper)
        value, weights, points = self._bounded(boxes, bounds)
        boxes = boxes._replace(bound=value)
        if self._attacked(boxes, points):
            return True
        hopes = (value > TOLERANCE).tolist()
        numbers, scaled = boxes.number.tolist(), (weights * 2**BITS).round().long().tolist()
        closed = [hope and n not in self.failed for hope, n in zip(hopes, numbers, strict=True)]
        for n, done, own in zip(numbers, closed, scaled, strict=True):
            if done:
                self.trees.leaves[n] = tuple(own[: self._rows(n)])
        still = (~torch.tensor(closed)).nonzero()[:, 0]
        if len(still):
            self._split(boxes.rows(still), self._reaches(bounds, boxes)[still])
        return False

    def _bounded(self, boxes: Boxes, bounds: Bounds) -> tuple[Tensor, Tensor, Tensor]:
        """Return bounds in floats, the weights of rows (P, K) that give them, and points (P, d)."""
        relaxation, floats = self.floats.relaxation, self.floats
        chords = relaxation.chords(bounds)
        matrix, present = floats.matrix[boxes.asked], floats.present[boxes.asked]
        right = floats.right_side[boxes.asked].masked_fill(~present, 0.0)
        linear = relaxation.backward(bounds, chords, matrix, -right)
        values = linear.value.masked_fill(~present, -torch.inf)
        value, row = values.max(dim=1)
        weights = torch.nn.functional.one_hot(row, matrix.shape[1]).to(matrix.dtype)
        every = relaxation.minimisers(bounds, linear)
        points = every[torch.arange(len(row)), row]
        some = (value <= TOLERANCE).nonzero()[:, 0] if matrix.shape[1] > 1 else row[:0]
        if not len(some):
            return value, weights, points
        narrow = bounds.rows(some)
        these = relaxation.chords(narrow)
        matrix, right, present = matrix[some], right[some], present[some]
        mixed = present / present.sum(dim=1, keepdim=True)
        mixed = mixed.to(matrix.dtype)
        for _ in range(STEPS):
            linear = relaxation.backward(
                narrow, these, mixed[:, None] @ matrix, -(mixed * right).sum(dim=1, keepdim=True)
            )
            found = linear.value[:, 0]
            better = found > value[some]
            value[some] = torch.maximum(value[some], found)
            weights[some] = torch.where(better[:, None], mixed, weights[some])
            least = relaxation.minimisers(narrow, linear)[:, 0]
            points[some] = least
            # A step of Polyak's along the supergradient.
            outputs = relaxation.relaxed(these, linear, least)[-1]
            misses = ((matrix @ outputs[:, :, None])[:, :, 0] - right) * present
            mean = misses.sum(dim=1, keepdim=True) / present.sum(dim=1, keepdim=True)
            misses = (misses - mean) * present
            length = misses.square().sum(dim=1).clamp(min=1e-30)
            step = 1.5 * (TOLERANCE - found).clamp(min=0) / length
            mixed = on_simplex(mixed + step[:, None] * misses, present)
        return value, weights, points

    def _attacked(self, boxes: Boxes, points: Tensor) -> bool:
        """Seek a counterexample from the centres of boxes and the minimisers of their bounds."""
        floats = self.floats
        lower, upper = (x.to(points.dtype) for x in (boxes.lower, boxes.upper))
        start = torch.cat(((lower + upper) / 2, points))
        asked = torch.cat((boxes.asked, boxes.asked))
        right = floats.right_side.masked_fill(~floats.present, torch.inf)
        misses = excess(floats.relaxation.values(start)[-1], floats.matrix[asked], right[asked])
        best = misses.argsort()[:ATTACKED]
        found, least = descended(
            floats.relaxation,
            floats.lower,
            floats.upper,
            start[best],
            floats.matrix[asked[best]],
            right[asked[best]],
            ATTACK_STEPS,
        )
        good = (least <= TOLERANCE).nonzero()[:, 0]
        return any(self.decided(found[i]) for i in good[least[good].argsort()][:DECIDED])

    def _rows(self, box: int) -> int:
        """Return how many rows the property has that is asked of a box."""
        return len(self.floats.question.properties[self.trees.places[box][0]].matrix)

    def _reaches(self, bounds: Bounds, boxes: Boxes) -> Tensor:
        """Return how far each coordinate (P, d) may move the rows, through values not at rest.

        An interval of the width of that coordinate alone goes forward; where a ReLU is at rest, or
        another entry of a maximum is larger, it ends.
        """
        relaxation = self.floats.relaxation
        radii = ((boxes.upper - boxes.lower) / 2).to(relaxation.kind)
        parts, count = radii.shape
        given = [torch.diag_embed(radii).flatten(0, 1)]
        for k, f in enumerate(relaxation.maps, start=1):
            read = [given[j] for j in relaxation.reads[k]]
            if f is not None:
                given.append(f.spread(*read))
            elif k in relaxation.lists:
                given.append(self._largest(k, read[0]))
            else:
                awake = bounds.upper[relaxation.reads[k][0]] > 0
                given.append(read[0] * awake.repeat_interleave(count, dim=0))
        sizes = self.floats.matrix[boxes.asked].abs().repeat_interleave(count, dim=0)
        return (sizes @ given[-1][:, :, None])[:, :, 0].amax(dim=1).reshape(parts, count)

    def _largest(self, k: int, radii: Tensor) -> Tensor:
        """Return how far a maximum may move where its entries move so far."""
        table, blank = self.floats.relaxation.lists[k]
        listed = radii[:, table.flatten()].reshape(-1, *table.shape)
        return listed.masked_fill(blank, 0.0).amax(dim=2)

    def _split(self, boxes: Boxes, reaches: Tensor) -> None:
        """Halve boxes where a coordinate moves the rows most, at numbers of few bits."""
        made = []
        numbers, bounds = boxes.number.tolist(), boxes.bound.tolist()
        narrow = boxes.upper - boxes.lower <= self.narrow
        coordinates = reaches.masked_fill(narrow, -1).argmax(dim=1).tolist()
        for i, k in enumerate(coordinates):
            if narrow[i, k] or len(self.trees.places[numbers[i]].path) == DEEPEST:
                self.stuck.append(bounds[i])
                continue
            at = middle(float(boxes.lower[i, k]), float(boxes.upper[i, k]))
            made.append((i, k, float(at), self.trees.split(numbers[i], k, at)))
        if not made:
            return
        row, coordinate, threshold, new = (torch.tensor(x) for x in zip(*made, strict=True))
        place = torch.arange(len(row))
        parts = [boxes.rows(row)._replace(number=new + side) for side in range(2)]
        parts[0].upper[place, coordinate] = threshold.double()
        parts[1].lower[place, coordinate] = threshold.double()
        self.open = self.open.and_those(*parts)


def middle(low: float, high: float) -> Fraction:
    """Return a number of few bits near the middle between two different ones.

    >>> middle(0.1, 0.3)
    Fraction(13, 64)
    """
    bits = max(0, 4 - math.frexp(high - low)[1])
    return Fraction(round((low + high) / 2 * 2.0**bits), 2**bits)
