"""The nodes of a network on the way, and how values become all that a node gives."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import reduce
from math import gcd, prod
from typing import Any

import numpy as np

from certify.errors import InputError
from certify.networks.graph import Node
from certify.networks.operations import Operation, Scale, Selection
from certify.numbers import rationals
from verify.data.memory import Budget
from verify.models.model import Root
from verify.models.values import Value

SUPPORTED = "operations that can be read exactly, affine or piecewise linear"
DEEPEST = 500  # nodes; exact numbers grow with each
_UNLIMITED = 2**62  # bytes


def unsupported(got: str, where: str) -> InputError:
    """Return the error of what cannot be decided exactly, or is not read."""
    return InputError("model", expected=SUPPORTED, got=got, where=where)


@contextmanager
def at(where: str) -> Iterator[None]:
    """Name the place in a model at which something does not fit."""
    try:
        yield
    except InputError as error:
        raise InputError("model", expected=error.expected, got=error.got, where=where) from None


class Nodes:
    """Nodes, each of which reads earlier ones, and where batch normalisation was rounded."""

    def __init__(self, shape: Sequence[int], budget: Budget | None = None) -> None:
        self.budget = budget or Budget(_UNLIMITED)
        self.inputs = prod(shape)
        self.nodes: list[Node] = []
        self.sizes = [self.inputs]
        self.roots: list[Root] = []
        self.input = Value(0, np.arange(self.inputs).reshape(shape))

    def check_size(self, shape: Sequence[int], where: str) -> None:
        """Make sure that a value of a shape can be in memory."""
        Budget(self.budget.limit).take(prod(shape), where)

    def _append(self, operation: Operation, *reads: int, where: str) -> int:
        if len(self.nodes) >= DEEPEST:
            raise unsupported(f"more than {DEEPEST} layers", where)
        with at(where):
            self.sizes.append(operation.outputs(*(self.sizes[j] for j in reads)))
        self.nodes.append(Node(operation, reads))
        return len(self.nodes)

    def _listed(self, value: Value, where: str) -> Value:
        """Return a value whose entries are those of a node, all of them and in order."""
        flat = value.entries.reshape(-1)
        if np.array_equal(flat, np.arange(self.sizes[value.node])):
            return value
        return Value(
            self._selected(value.node, flat, where), np.arange(flat.size).reshape(value.shape)
        )

    def _compact(self, value: Value, where: str) -> Value:
        """Return a value of a node with no entries but those of the value."""
        kept = np.unique(value.entries[value.entries >= 0])
        if len(kept) in (0, self.sizes[value.node]):
            return value
        node = self._selected(value.node, kept, where)
        found = np.searchsorted(kept, value.entries)
        return Value(node, np.where(value.entries < 0, -1, found))

    def _selected(self, node: int, entries: np.ndarray, where: str) -> int:
        if not entries.size:
            raise unsupported("no values at all", where)
        self.budget.take(entries.size, where)
        return self._append(Selection(tuple(entries.tolist())), node, where=where)

    def _scaled(self, node: int, f: np.ndarray, o: np.ndarray, where: str) -> int:
        """Add a factor and an offset for each number of a node, few where they are alike."""
        run = run_length(f, o)
        self.budget.take(2 * len(f) // run, where)
        with at(where):
            few = [rationals.vector(v[::run], "numbers") for v in (f, o)]
        return self._append(Scale(*few), node, where=where)


def run_length(*rows: np.ndarray) -> int:
    """Return how long the equal runs are, of which vectors of one length all consist."""
    changes = np.flatnonzero(np.any([row[1:] != row[:-1] for row in rows], axis=0)) + 1
    return reduce(gcd, changes.tolist(), len(rows[0]))


def fractions(numbers: Any, where: str) -> np.ndarray:
    """Return numbers as Fractions, in an array of their shape."""
    table = np.asarray(numbers)
    with at(where):
        exact = rationals.vector(table.reshape(-1), "numbers")
    made = np.empty(table.size, dtype=object)
    made[:] = exact
    return made.reshape(table.shape)
