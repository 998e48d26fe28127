"""What a search says of itself while it runs."""

import time
from collections.abc import Callable
from typing import Protocol, TypeAlias

from certify.bounds.input_trees import InputTrees
from certify.bounds.tree import Trees

EVERY = 0.5  # seconds

# Is told how many parts are closed, how many there are, and the least bound of an open one.
Progress: TypeAlias = Callable[[int, int, float], None]


class Running(Protocol):
    """A search: its trees, and the bounds of parts that are open."""

    @property
    def trees(self) -> Trees | InputTrees:
        """The parts that were split, and those that are closed."""

    def left(self) -> list[float]:
        """Return the bounds of the parts that are not closed."""


class Telling:
    """Tells how far a search is, not more often than twice a second."""

    def __init__(self, progress: Progress | None) -> None:
        self._progress, self._next = progress, time.monotonic() + EVERY

    def __call__(self, search: Running) -> None:
        """Tell it, if it is time."""
        if self._progress is None or time.monotonic() < self._next:
            return
        trees, left = search.trees, search.left()
        self._progress(len(trees.leaves), len(trees) - len(trees.splits), min(left, default=0.0))
        self._next = time.monotonic() + EVERY
