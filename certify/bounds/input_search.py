"""Branch and bound over the inputs, for networks of few: floats search, and close boxes.

In the end the bounds of all closed boxes are computed again exactly; a box of which floats said too
much is split once more, unless there are many: then the grid was too coarse.
"""

import math
import time
from fractions import Fraction
from typing import Any

import torch

from certify.bounds.checkpoints import Checkpoint
from certify.bounds.input_trees import BITS, InputTrees
from certify.bounds.inputs import Boxes, BoxSearch
from certify.bounds.pool import Claimed, Found, Local, Pool, Task
from certify.bounds.relaxation import Relaxation
from certify.bounds.telling import Telling
from certify.bounds.threads import one_thread
from certify.certificates.certificate import Certificate
from certify.checking import checker
from certify.numbers.rationals import dot

FEW = 16  # inputs at most that are split
CONFIRMED = 256  # boxes that are decided exactly before the time is looked at
COARSEST, FINEST, FINER = 20, 48, 12  # bits of grids, and how many more the next has
ALONE = 4096  # parts that are made before open boxes are handed out
TASKS, PARTS = 16, 1024  # into how many, and how many parts are made in each


class InputSearch(BoxSearch):
    """A search by splitting boxes: those that are open, and the trees of those that are closed.

    grid  bounds in certificates are multiples of 2^-grid
    """

    def __init__(
        self, pool: Pool, seconds: float, parts: float, checkpoint: Checkpoint | None = None
    ) -> None:
        self.pool, self.parts, self.checkpoint = pool, parts, checkpoint
        self.end = time.monotonic() + seconds
        question = pool.local.question
        trees = InputTrees(question, pool.local.refined)
        self.lower, self.upper = (
            torch.tensor([float(x) for x in end], dtype=torch.float64)
            for end in (question.box.lower, question.box.upper)
        )
        widths = [w for w in (self.upper - self.lower).tolist() if w > 0]
        self.grid = min(FINEST, max(COARSEST, 10 - math.frexp(min(widths, default=1.0))[1]))
        self.finest = min(checker.MAX_GRID, FINEST + gain(pool.local.floats.relaxation))
        self.read = trees.region(self.grid)
        count = len(question.properties)
        ends = self.lower.repeat(count, 1), self.upper.repeat(count, 1)
        numbers, none = torch.arange(count), torch.full((count,), -torch.inf, dtype=torch.float64)
        boxes = Boxes(numbers, numbers, *ends, none)
        narrow = 2.0 ** (3 - self.grid)
        super().__init__(pool.local.floats, pool.local.witness, trees, boxes, narrow)

    def certificates(self) -> list[Certificate]:
        """Return what proves that there is no counterexample, when all boxes are closed."""
        return self.trees.certificates(self.grid)

    def run(self, tell: Telling, state: dict[str, Any] | None = None) -> bool:
        """Search until a counterexample is found, all is closed, or time is up; tell the first.

        It goes on from a state, if there is one.
        """
        with torch.no_grad(), one_thread(), self.pool:
            if state is not None:
                self._take(state)
            # What is stuck is decided by another search, if at all.
            while (
                len(self.open.number)
                and not self.stuck
                and time.monotonic() < self.end
                and len(self.trees) < self.parts
            ):
                many = len(self.trees) >= ALONE and len(self.open.number) >= TASKS
                if self._shared() if many else self.step():
                    return True
                if not len(self.open.number):
                    self._confirm()
                tell(self)
                if self.checkpoint and self.checkpoint.due:
                    self.checkpoint.write(self.state())
        return False

    def at_point(self) -> bool:
        """Close boxes of one point each, by the row that is most above its right side there.

        Tell whether all are closed. The outputs are exact, and the grid is as fine as that needs.
        """
        question, trees = self.pool.local.question, self.trees
        (outputs,) = question.network.outputs([question.box.lower])
        above = []
        for n, (matrix, right) in enumerate((p.matrix, p.right_side) for p in question.properties):
            rows = zip(matrix, right, strict=True)
            heights = [
                (dot(row, outputs) - d) / max([Fraction(1), *map(abs, row)]) for row, d in rows
            ]
            above.append(max(heights))
            best = heights.index(above[-1])
            trees.leaves[n] = tuple((k == best) << BITS for k in range(len(heights)))
        if min(above) <= 0:
            trees.leaves.clear()
            return False
        small = max(0, (1 / min(above)).__ceil__().bit_length())
        self.grid = min(checker.MAX_GRID, small + COARSEST + self.finest - FINEST)
        self.read = trees.region(self.grid)
        with self.pool:
            failed = self._failing(list(trees.leaves))
        closed = not failed and len(trees.effort) == len(trees.leaves)
        if not closed:
            trees.leaves.clear()
        return closed

    def state(self) -> dict[str, Any]:
        """Return what is needed to go on."""
        return {
            "split": "inputs", "grid": self.grid, "open": [*self.open],
            "stuck": self.stuck, "failed": sorted(self.failed), **self.trees.state(),
        }  # fmt: skip

    def _take(self, state: dict[str, Any]) -> None:
        self.grid, self.stuck, self.failed = state["grid"], state["stuck"], set(state["failed"])
        self.open = Boxes(*state["open"])
        self.trees.take(state)
        if not len(self.open.number):
            self._confirm()

    def left(self) -> list[float]:
        """Return the bounds of the boxes that are open."""
        return [*self.open.bound.tolist(), *self.stuck]

    def _shared(self) -> bool:
        """Search open boxes in several processes; tell whether a counterexample was found."""
        groups = [self.open.rows(slice(k, None, TASKS)) for k in range(TASKS)]
        parts = min(PARTS, max(1, (self.parts - len(self.trees)) / TASKS))
        tasks = []
        for boxes in groups:
            numbers, _, *ends = boxes
            places = [self.trees.places[n] for n in numbers.tolist()]
            failed = [k for k, n in enumerate(numbers.tolist()) if n in self.failed]
            arrays = tuple(x.numpy() for x in ends)
            most = len(places) + parts
            tasks.append(Task(places, failed, arrays, self.narrow, most, self.end))
        self.open = self.open.rows(slice(0, 0))
        for boxes, found in zip(groups, self.pool.map(Local.searched, tasks), strict=True):
            if found.counterexample is not None:
                self.pool.local.witness.found = found.counterexample
                return True
            self._join(boxes.number.tolist(), found)
        return False

    def _join(self, given: list[int], found: Found) -> None:
        """Take in what came of some boxes."""
        trees, beyond = self.trees, len(self.trees) - len(given)

        def own(n: int) -> int:
            return given[n] if n < len(given) else beyond + n

        trees.splits |= {
            own(n): split._replace(first=own(split.first)) for n, split in found.splits.items()
        }
        trees.leaves |= {own(n): weights for n, weights in found.leaves.items()}
        trees.places += found.places
        self.stuck += found.stuck
        numbers = [own(n) for n in found.numbers]
        asked = [trees.places[n].asked for n in numbers]
        ends = map(torch.from_numpy, found.ends)
        here = torch.tensor([numbers, asked], dtype=torch.long)
        self.open = self.open.and_those([*here, *ends])

    def _confirm(self) -> None:
        """Decide the closed boxes exactly; those that are not closed are open again."""
        trees = self.trees
        while waiting := [n for n in trees.leaves if n not in trees.effort]:
            failed = self._failing(waiting)
            finer = self.finest if self.grid >= FINEST else min(FINEST, self.grid + FINER)
            if len(failed) <= len(waiting) // 4 or finer == self.grid:
                self.failed.update(failed)
                break
            self.grid, self.read = finer, trees.region(finer)
            trees.effort.clear()
        for n in [n for n in trees.leaves if n not in trees.effort]:
            del trees.leaves[n]
            lower, upper = self.lower.clone(), self.upper.clone()
            for k, at, side in trees.places[n].path:
                (lower if side else upper)[k] = float(at)
            none = torch.full((1,), -torch.inf, dtype=torch.float64)
            numbers = torch.tensor([[n], [trees.places[n][0]]])
            self.open = self.open.and_those([*numbers, lower[None], upper[None], none])

    def _failing(self, boxes: list[int]) -> list[int]:
        """Note the effort for boxes that are closed, exactly, and return the numbers of others.

        When time is up the rest is neither.
        """
        trees, failed = self.trees, list[int]()
        groups = [boxes[k : k + CONFIRMED] for k in range(0, len(boxes), CONFIRMED)]
        claimed = [
            Claimed(
                self.grid,
                [trees.places[n].asked for n in group],
                [trees.leaf(n, self.grid) for n in group],
                self.end,
            )
            for group in groups
        ]
        for group, given, outcomes in zip(
            groups, claimed, self.pool.map(Local.confirmed, claimed), strict=True
        ):
            if outcomes is None:
                continue
            for n, leaf, outcome in zip(group, given.leaves, outcomes, strict=True):
                if outcome.passes(leaf):
                    works, along = self.read.works, self.read.along(leaf.path)
                    improved = sum(2 * count * works[j] for j, count in outcome.improved)
                    trees.effort[n] = improved + 4 * works[-1] + along
                else:
                    failed.append(n)
        return failed


def gain(relaxation: Relaxation) -> int:
    """Return how many bits long what a network multiplies roundings with may be, 0 if it shrinks.

    They are multiplied with the coefficients of a node, of one after the other.
    """
    gained = 0
    for k, f in enumerate(relaxation.maps, start=1):
        if f is not None:
            ones = (
                relaxation.tensor([Fraction(1)] * relaxation.sizes[j])[None]
                for j in relaxation.reads[k]
            )
            most = float(f.spread(*ones).max())
            gained += max(0, math.frexp(most)[1]) if math.isfinite(most) else checker.MAX_GRID
    return gained
