"""Branch and bound over the inputs, for networks of few: each part is a box with its own bounds.

Splitting a box narrows the bounds of all values, which are computed anew in each part; what a
network of five inputs does is then decided by hundreds or thousands of boxes. Floats search, and
close boxes. In the end the bounds of all of these are computed again exactly; a box of which floats
said too much is split once more, unless there are many: then the grid was too coarse.
"""

import math
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from typing import NamedTuple, Self

import torch
from torch import Tensor

from certify.bounds.attack import descended, excess
from certify.bounds.evaluation import Floats
from certify.bounds.exact import Exact, Region
from certify.bounds.input_trees import BITS, InputTrees
from certify.bounds.relaxation import Bounds
from certify.bounds.weights import on_simplex
from certify.certificates.certificate import Certificate
from certify.checking import checker

FEW = 16  # inputs at most that are split
BATCH = 64  # boxes that are bounded together; what more take does not fit into caches
CONFIRMED = 256  # that are decided exactly before the time is looked at
STEPS = 4  # in which weights of rows are improved where no row alone closes a box
ATTACKED, ATTACK_STEPS = 16, 8  # points of a batch from which a counterexample is sought
TOLERANCE = 1e-9  # of floats
COARSEST, FINEST, FINER = 20, 48, 12  # bits of grids, and how many more the next has
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


class InputSearch:
    """A search by splitting boxes: those that are open, and the trees of those that are closed.

    exact   computes bounds again; those in certificates are multiples of its 2^-grid
    stuck   the bounds of boxes that are too small, or too deep, to be split
    failed  boxes that only floats close
    """

    def __init__(
        self, floats: Floats, decided: Callable[[Tensor], bool], seconds: float, parts: float
    ) -> None:
        self.floats, self.decided, self.parts = floats, decided, parts
        self.end = time.monotonic() + seconds
        question = floats.question
        self.trees = InputTrees(question, tuple(floats.relaxation.refined))
        self.stuck: list[float] = []
        self.failed: set[int] = set()
        self.lower, self.upper = (
            torch.tensor([float(x) for x in end], dtype=torch.float64)
            for end in (question.box.lower, question.box.upper)
        )
        widths = [w for w in (self.upper - self.lower).tolist() if w > 0]
        grid = 10 - math.frexp(min(widths, default=1.0))[1]
        self.exact = self._exactly(min(FINEST, max(COARSEST, grid)))
        self.narrow = 2.0 ** (3 - self.grid)  # what is not split
        self.works = self.trees.works(self.grid)
        count = len(question.properties)
        ends = self.lower.repeat(count, 1), self.upper.repeat(count, 1)
        numbers, none = torch.arange(count), torch.full((count,), -torch.inf, dtype=torch.float64)
        self.open = Boxes(numbers, numbers, *ends, none)

    @property
    def grid(self) -> int:
        """How many bits behind the point bounds have in certificates."""
        return self.exact.region.grid

    def _exactly(self, grid: int) -> Exact:
        question, refined = self.floats.question, dict.fromkeys(self.trees.refined)
        region = Region(question.network, question.box, grid, BITS, refined)
        return Exact(region, every=True)

    def certificates(self) -> list[Certificate]:
        """Return what proves that there is no counterexample, when all boxes are closed."""
        return self.trees.certificates(self.grid)

    def run(self) -> bool:
        """Search until a counterexample is found, all is closed, or time is up; tell the first."""
        with torch.no_grad(), _one_thread():
            # What is stuck is decided by another search, if at all.
            while (
                len(self.open.number)
                and not self.stuck
                and time.monotonic() < self.end
                and len(self.trees) < self.parts
            ):
                if self.step():
                    return True
                if not len(self.open.number):
                    self._confirm()
        return False

    def left(self) -> list[float]:
        """Return the bounds of the boxes that are open."""
        return [*self.open.bound.tolist(), *self.stuck]

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
        return any(self.decided(found[i]) for i in good[least[good].argsort()])

    def _rows(self, box: int) -> int:
        """Return how many rows the property has that is asked of a box."""
        return len(self.floats.question.properties[self.trees.places[box][0]].matrix)

    def _confirm(self) -> None:
        """Decide the closed boxes exactly; those that are not closed are open again."""
        trees = self.trees
        while waiting := [n for n in trees.leaves if n not in trees.effort]:
            failed = self._failing(waiting)
            finer = min(FINEST, self.grid + FINER)
            if len(failed) <= len(waiting) // 4 or finer == self.grid:
                self.failed.update(failed)
                break
            self.exact = self._exactly(finer)
            trees.effort.clear()
        for n in [n for n in trees.leaves if n not in trees.effort]:
            del trees.leaves[n]
            lower, upper = self.lower.clone(), self.upper.clone()
            for k, at, side in trees.halfspaces(n):
                (lower if side else upper)[k] = float(at)
            none = torch.full((1,), -torch.inf, dtype=torch.float64)
            numbers = torch.tensor([[n], [trees.places[n][0]]])
            self.open = self.open.and_those([*numbers, lower[None], upper[None], none])

    def _failing(self, boxes: list[int]) -> list[int]:
        """Note the effort for boxes that are closed, exactly, and return the numbers of others.

        When time is up the rest is neither.
        """
        trees, properties, failed = self.trees, self.floats.question.properties, list[int]()
        for first in range(0, len(boxes), CONFIRMED):
            if time.monotonic() > self.end:
                break
            some = boxes[first : first + CONFIRMED]
            leaves = [trees.leaf(n, self.grid) for n in some]
            outcomes = self.exact.outcomes([properties[trees.places[n][0]] for n in some], leaves)
            for n, leaf, outcome in zip(some, leaves, outcomes, strict=True):
                if outcome.passes(leaf):
                    improved = sum(2 * count * self.works[j] for j, count in outcome.improved)
                    trees.effort[n] = improved + 4 * self.works[-1]
                else:
                    failed.append(n)
        return failed

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
            if narrow[i, k] or len(self.trees.places[numbers[i]][1]) == DEEPEST:
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


@contextmanager
def _one_thread() -> Iterator[None]:
    """Hold torch to one thread: waking more costs more than these products take."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def middle(low: float, high: float) -> Fraction:
    """Return a number of few bits near the middle between two different ones.

    >>> middle(0.1, 0.3)
    Fraction(13, 64)
    """
    bits = max(0, 4 - math.frexp(high - low)[1])
    return Fraction(round((low + high) / 2 * 2.0**bits), 2**bits)
