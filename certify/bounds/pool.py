"""Parts of a question that are searched, and decided exactly, by several processes.

What is handed out does not depend on how many processes there are, and what comes back is taken in
the order in which it was handed out: so do proofs and counterexamples not.
"""

import time
import warnings
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import BrokenExecutor, ProcessPoolExecutor
from contextlib import ExitStack
from functools import cache, cached_property
from typing import Any, NamedTuple, Self, TypeVar

import numpy as np
import torch

from certify.bounds import search
from certify.bounds.evaluation import Floats
from certify.bounds.exact import Exact, Leaf, Outcome, Region
from certify.bounds.input_trees import BITS, InputTrees, Place, Split
from certify.bounds.inputs import Boxes, BoxSearch
from certify.bounds.question import Question
from certify.bounds.rounding import Witness
from certify.bounds.search import Search
from certify.bounds.tree import Trees
from certify.numbers.rationals import Vector
from certify.processes import process_pool

FEWEST = 16  # tasks for which processes are started

Given = TypeVar("Given")
Made = TypeVar("Made")


class Task(NamedTuple):
    """Open boxes: what leads to each, and which of them floats may not close.

    ends    lower and upper (P, d), and what is proved of a larger part (P,), as arrays
    narrow  what is not split
    parts   how many are made of all of them at most, until ``end`` by the clock
    """

    places: list[Place]
    failed: list[int]
    ends: tuple[np.ndarray, ...]
    narrow: float
    parts: float
    end: float


class Found(NamedTuple):
    """What came of a task: trees whose first numbers are the places in it, and boxes left open."""

    splits: dict[int, Split]
    places: list[Place]
    leaves: dict[int, tuple[int, ...]]
    numbers: list[int]
    ends: tuple[np.ndarray, ...]
    stuck: list[float]
    counterexample: Vector | None


class Claimed(NamedTuple):
    """Boxes that floats close, each with the number of its property, to be decided exactly."""

    grid: int
    asked: list[int]
    leaves: list[Leaf]
    end: float


class Local:
    """A question in one process."""

    def __init__(self, question: Question, device: str) -> None:
        self.question, self.device, self.witness = question, device, Witness(question)
        self.exactly = cache(self._exactly)

    @cached_property
    def floats(self) -> Floats:
        """The question in floats, for boxes."""
        return Floats(self.question, torch.float64, self.device)

    @property
    def refined(self) -> tuple[int, ...]:
        """The nodes whose bounds are improved."""
        return tuple(self.floats.relaxation.refined)

    @cached_property
    def signs(self) -> Search:
        """What splits signs and orders, from the bounds of the whole box on."""
        found = Search(self.question, self.witness, 0.0, device=self.device)
        found.start()
        return found

    def further(self, task: search.Task) -> search.Grown:
        """Split parts by signs and orders; leave them as they are when time is up."""
        if time.monotonic() >= task.end:  # before the whole box is bounded here, for the first time
            count = len(task.opened[0])
            return search.Grown(Trees(count), [task.opened], [], 0, None)
        return self.signs.further(task)

    def _exactly(self, grid: int) -> Exact:
        network, box = self.question.network, self.question.box
        return Exact(Region(network, box, grid, BITS, dict.fromkeys(self.refined)), every=True)

    def searched(self, task: Task) -> Found:
        """Split and close boxes until none is open, or an end is reached."""
        trees = InputTrees(self.question, self.refined, places=list(task.places))
        boxes = Boxes(
            torch.arange(len(trees)),
            torch.tensor([place.asked for place in task.places]),
            *map(torch.from_numpy, task.ends),
        )
        search = BoxSearch(self.floats, self.witness, trees, boxes, task.narrow, task.failed)
        while len(search.open.number) and not search.stuck and len(trees) < task.parts:
            if time.monotonic() > task.end or search.step():
                break
        _, _, *ends = search.open
        return Found(
            trees.splits, trees.places[len(task.places) :], trees.leaves,
            search.open.number.tolist(), tuple(x.numpy() for x in ends), search.stuck,
            self.witness.found,
        )  # fmt: skip

    def confirmed(self, claimed: Claimed) -> list[Outcome] | None:
        """Return what is proved exactly on each box; nothing when time is up."""
        if time.monotonic() > claimed.end:
            return None
        asked = [self.question.properties[k] for k in claimed.asked]
        return list(self.exactly(claimed.grid).outcomes(asked, claimed.leaves))


class Pool:
    """A question in this process, and in others, which are started when they are first used."""

    def __init__(self, question: Question, device: str, workers: int) -> None:
        self.local, self.workers, self._device = Local(question, device), workers, device
        self._executor: ProcessPoolExecutor | None = None
        self._others = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: Any) -> None:
        self._executor = None
        self._others.__exit__(*raised)

    def map(self, method: Callable[[Local, Given], Made], given: Iterable[Given]) -> Iterator[Made]:
        """Yield what a method of :class:`Local` makes of each, in order."""
        tasks = list(given)
        if self.workers == 1 or (self._executor is None and len(tasks) < FEWEST):
            yield from (method(self.local, task) for task in tasks)
            return
        if self._executor is None:
            arguments = self.local.question, self._device
            pool = process_pool(self.workers, __name__, _begin, *arguments)
            self._executor = self._others.enter_context(pool)
        done = 0
        try:
            asked = [self._executor.submit(_done, method.__name__, task) for task in tasks]
            for future in asked:
                yield future.result()
                done += 1
        except BrokenExecutor:
            warnings.warn(
                "a worker was killed, perhaps for memory; one process goes on alone",
                RuntimeWarning,
                stacklevel=2,
            )
            self.workers, self._executor = 1, None
            yield from (method(self.local, task) for task in tasks[done:])


_here: Local


def _begin(question: Question, device: str) -> None:
    """Make a process ready."""
    global _here
    torch.set_num_threads(1)
    _here = Local(question, device)


def _done(method: str, task: Any) -> Any:
    with torch.no_grad():
        return getattr(_here, method)(task)
