"""Branch and bound over the inputs, for networks of few: each part is a box with its own bounds.

Splitting a box narrows the bounds of all values, which are computed anew in each part; what a
network of five inputs does is then decided by hundreds or thousands of boxes. Floats search; a box
is closed when its bound has been computed again exactly, and otherwise split once more.
"""

import math
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from fractions import Fraction
from typing import Any, NamedTuple, Self, TypeAlias

import torch
from torch import Tensor

from certify.bounds.attack import descended, excess
from certify.bounds.evaluation import Floats, on_simplex
from certify.bounds.exact import Exact, Halfspace, Leaf, Region
from certify.bounds.proof import BITS, closed, instance, settings, stated
from certify.bounds.question import Box, Question
from certify.bounds.relaxation import Bounds
from certify.bounds.tree import Leaf as Closed
from certify.bounds.tree import Trees
from certify.certificates.certificate import Certificate
from certify.checking import checker
from certify.numbers.rationals import text

FEW = 16  # inputs at most that are split
BATCH = 256  # boxes that are bounded together
STEPS = 4  # in which weights of rows are improved where no row alone closes a box
ATTACKED, ATTACK_STEPS = 16, 8  # points of a batch from which a counterexample is sought
TOLERANCE = 1e-9  # of floats
COARSEST, FINEST, FINER = 20, 48, 12  # bits of grids, and how many more the next has
DEEPEST = checker.MAX_DEPTH - 1  # splits above a box
WORK = checker.MAX_PRODUCTS * 9 // 10  # of a certificate, what the checker says of it being more

Place: TypeAlias = tuple[int, tuple[tuple[int, int], ...]]  # a property; splits, and their sides


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

    thresholds  splits by their numbers in the trees: a coordinate, and where it is split
    exact       computes bounds again; those in certificates are multiples of its 2^-grid
    stuck       the bounds of boxes that are too small, or too deep, to be split
    """

    def __init__(self, floats: Floats, decided: Callable[[Tensor], bool], seconds: float) -> None:
        self.floats, self.decided = floats, decided
        self.end = time.monotonic() + seconds
        question = floats.question
        count = len(question.properties)
        self.trees, self.thresholds = Trees(count), list[tuple[int, Fraction]]()
        self.places: dict[int, Place] = {k: (k, ()) for k in range(count)}
        self.effort: dict[int, int] = {}  # of the checker, for each closed box
        self.stuck: list[float] = []
        self.lower, self.upper = (
            torch.tensor([float(x) for x in end], dtype=torch.float64)
            for end in (question.box.lower, question.box.upper)
        )
        widths = [w for w in (self.upper - self.lower).tolist() if w > 0]
        grid = 10 - math.frexp(min(widths, default=1.0))[1]
        self.exact = self._exactly(min(FINEST, max(COARSEST, grid)))
        self.narrow = 2.0 ** (3 - self.grid)  # what is not split
        evidence = {**settings(floats.relaxation.refined, self.grid, every=True), "trees": []}
        fields = checker.Field(instance(question), ""), checker.Field(evidence, "")
        fields[0].budget = checker.MAX_PRODUCTS
        self.works = checker.Region(*fields).works
        ends = self.lower.repeat(count, 1), self.upper.repeat(count, 1)
        numbers, none = torch.arange(count), torch.full((count,), -torch.inf, dtype=torch.float64)
        self.open = Boxes(numbers, numbers, *ends, none)

    @property
    def grid(self) -> int:
        """How many bits behind the point bounds have in certificates."""
        return self.exact.region.grid

    def _exactly(self, grid: int) -> Exact:
        question = self.floats.question
        refined = dict.fromkeys(self.floats.relaxation.refined)
        region = Region(question.network, question.box, grid, BITS, refined)
        return Exact(region, every=True)

    def run(self) -> bool:
        """Search until a counterexample is found, all is closed, or time is up; tell the first."""
        with torch.no_grad(), _one_thread():
            while len(self.open.number) and time.monotonic() < self.end:
                if self.step():
                    return True
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
        still = self._closed(boxes, weights)
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

    def _closed(self, boxes: Boxes, weights: Tensor) -> Tensor:
        """Note the boxes whose bounds are above 0 exactly; return the rows of the others."""
        hopeful = (boxes.bound > TOLERANCE).nonzero()[:, 0].tolist()
        scaled, numbers = (weights * 2**BITS).round().long().tolist(), boxes.number.tolist()
        tried = {numbers[i]: tuple(scaled[i]) for i in hopeful}
        passed = self._passing(self.exact, tried)
        failed = {n: own for n, own in tried.items() if n not in passed}
        finer = min(FINEST, self.grid + FINER)
        # Where many fail the grid is too coarse; a few are split once more.
        if len(failed) > len(tried) // 4 and finer > self.grid:
            exact = self._exactly(finer)
            if more := self._passing(exact, failed):
                passed |= more
                self._refine(exact)
        for n in passed:
            self.trees.leaves[n] = Closed(tuple(w / 2**BITS for w in tried[n]), ())
        return torch.tensor([i for i, n in enumerate(numbers) if n not in passed]).long()

    def _passing(self, exact: Exact, tried: Mapping[int, tuple[int, ...]]) -> set[int]:
        """Return the numbers of boxes that are closed with weights of rows, exactly."""
        found = set()
        for k, unwanted in enumerate(self.floats.question.properties):
            own = [n for n in tried if self.places[n][0] == k]
            rows = len(unwanted.matrix)
            paths = [self._path(n, exact.region.grid) for n in own]
            leaves = [
                Leaf(path, tried[n][:rows], None, (0,) * len(path))
                for n, path in zip(own, paths, strict=True)
            ]
            outcomes = exact.outcomes(unwanted, leaves)
            for n, leaf, outcome in zip(own, leaves, outcomes, strict=True):
                if outcome.passes(leaf):
                    found.add(n)
                    improved = sum(2 * count * self.works[j] for j, count in outcome.improved)
                    self.effort[n] = improved + 4 * self.works[-1]
        return found

    def _path(self, number: int, grid: int) -> tuple[Halfspace, ...]:
        found = []
        for split, side in self.places[number][1]:
            k, at = self.thresholds[split]
            by = int(at * 2**grid)
            found.append(Halfspace(0, k, -1, by) if side else Halfspace(0, -1, k, -by))
        return tuple(found)

    def _refine(self, exact: Exact) -> None:
        """Go on with a finer grid, on which a few boxes may be open again."""
        self.exact = exact
        leaves = self.trees.leaves
        scaled = {n: tuple(round(w * 2**BITS) for w in leaf.weights) for n, leaf in leaves.items()}
        for n in leaves.keys() - self._passing(exact, scaled):
            del leaves[n]
            lower, upper = self.lower.clone(), self.upper.clone()
            for split, side in self.places[n][1]:
                k, at = self.thresholds[split]
                (lower if side else upper)[k] = float(at)
            bound = lower.new_full((1,), -torch.inf)
            numbers = torch.tensor([[n], [self.places[n][0]]])
            self.open = self.open.and_those([*numbers, lower[None], upper[None], bound])

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
            asked, path = self.places[numbers[i]]
            if narrow[i, k] or len(path) == DEEPEST:
                self.stuck.append(bounds[i])
                continue
            at = middle(float(boxes.lower[i, k]), float(boxes.upper[i, k]))
            split = len(self.thresholds)
            self.thresholds.append((k, at))
            first = self.trees.split(numbers[i], split)
            for side in range(2):
                self.places[first + side] = asked, (*path, (split, side))
            made.append((i, k, float(at), first))
        if not made:
            return
        row, coordinate, threshold, new = (torch.tensor(x) for x in zip(*made, strict=True))
        place = torch.arange(len(row))
        parts = [boxes.rows(row)._replace(number=new + side) for side in range(2)]
        parts[0].upper[place, coordinate] = threshold.double()
        parts[1].lower[place, coordinate] = threshold.double()
        self.open = self.open.and_those(*parts)

    def certificates(self) -> list[Certificate]:
        """Return what proves that no part of the box has a counterexample, when all are closed.

        It is one certificate, or several where the checker would do more for it than it does for
        one document: about one property and one part of the box each.
        """
        question, whole = self.floats.question, range(len(self.floats.question.properties))
        if sum(self.effort.values()) <= WORK:
            return [self._certificate(question, whole)]
        return [c for k in whole for c in self._divided(question.box, k, k)]

    def _divided(self, box: Box, asked: int, part: int) -> Iterator[Certificate]:
        """Yield certificates of one property on a part, whose sides are those of the box."""
        question = self.floats.question
        leaves = self.trees.below(part)
        if leaves == [part] or sum(self.effort[n] for n in leaves) <= WORK:
            own = Question(question.network, box, [question.properties[asked]])
            yield self._certificate(own, [part])
            return
        number, first = self.trees.splits[part]
        k, at = self.thresholds[number]
        for side, end in enumerate((box.upper, box.lower)):
            moved = (*end[:k], at, *end[k + 1 :])
            ends = (moved, box.upper) if side else (box.lower, moved)
            yield from self._divided(Box(*ends), asked, first + side)

    def _certificate(self, question: Question, parts: Iterable[int]) -> Certificate:
        def described(number: int) -> dict[str, Any]:
            k, at = self.thresholds[number]
            return {"split": [0, k], "at": text(at)}

        refined = self.floats.relaxation.refined
        evidence = settings(refined, self.grid, every=True)
        written = [self.trees.document(n, described, closed) for n in parts]
        return stated(question, {**evidence, "trees": written})


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
