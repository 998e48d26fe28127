"""Fewer nodes that compute exactly the same, the last of them dense."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from math import lcm

import numpy as np

from certify.networks.graph import Node
from certify.networks.operations import Convolution, Dense, Operation, Relu, Scale, Selection
from certify.numbers.rationals import DyadicArray, Vector
from verify.data.memory import Budget
from verify.data.tables import float_table
from verify.models.model import Root
from verify.models.scaling import dyadic, followed, preceded, spread


def ended(
    nodes: Sequence[Node],
    roots: Sequence[Root],
    last: int,
    inputs: int,
    *,
    headed: bool,
    doubled: bool,
    budget: Budget,
) -> tuple[list[Node], list[Root]]:
    """Return the nodes that give the scores of node ``last``, and where roots are in them.

    What nothing reads is dropped, what one node can do for two becomes one, and where the network
    is to be ``headed`` the last is dense; of one score f it makes 0 and f where it is ``doubled``.
    Raises InputError for what takes more than the budget.
    """
    made, found = list(nodes), list(roots)
    while True:
        work = _Work(inputs, made, found, last)
        if len(work.made) == len(made):
            break
        made, found, last = work.made, work.roots, work.last
    if headed or not work.made:
        work.end(doubled=doubled, budget=budget)
    return work.made, work.roots


class _Work:
    """Nodes one by one, each joined with what it reads where that is exact and nothing else reads.

    ``roots`` move with the numbers that they are about.
    """

    def __init__(
        self, inputs: int, nodes: Sequence[Node], roots: Sequence[Root], last: int
    ) -> None:
        self.made: list[Node] = []
        self.roots: list[Root] = []
        self.sizes = [inputs]
        live = _read(nodes, last)
        readers = Counter(j for k in live for j in nodes[k - 1].reads)
        self.readers = [readers[0]]
        place = {0: 0}
        for k in live:
            operation, reads = nodes[k - 1]
            own = [root.fixed for root in roots if root.node == k]
            place[k] = self._add(operation, tuple(place[j] for j in reads), readers[k], own)
        self.last = place[last]

    def _add(
        self, operation: Operation, reads: tuple[int, ...], readers: int, own: list[Vector]
    ) -> int:
        source = reads[0]
        before, earlier = self.made[source - 1] if source else (None, ())
        if isinstance(operation, Selection) and isinstance(before, Selection):
            entries = tuple(before.entries[e] if e >= 0 else -1 for e in operation.entries)
            return self._add(Selection(entries), earlier, readers, own)
        if not own and _leaves(operation, self.sizes[source]):
            self.readers[source] += readers - 1
            return source
        joined = _joined(before, operation) if before and self.readers[source] == 1 else None
        if joined is None:
            self.made.append(Node(operation, reads))
            self.sizes.append(operation.outputs(*(self.sizes[j] for j in reads)))
            self.readers.append(readers)
            source = len(self.made)
        else:
            self._join(source, joined, operation)
            self.readers[source] = readers
        self.roots += [Root(source, fixed) for fixed in own]
        return source

    def _join(self, source: int, joined: Operation, operation: Operation) -> None:
        """Let a node do what another one that reads it does."""
        reads, size = self.made[source - 1].reads, self.sizes[source]
        self.made[source - 1] = Node(joined, reads)
        self.sizes[source] = joined.outputs(*(self.sizes[j] for j in reads))
        self.roots = [
            Root(k, _moved(fixed, operation, size) if k == source else fixed)
            for k, fixed in self.roots
        ]

    def end(self, *, doubled: bool, budget: Budget) -> None:
        """Make the last node dense, of several scores, and the only one where it can be."""
        last, reads = self.made[self.last - 1] if self.last else (None, (0,))
        before = self.made[reads[0] - 1].operation if reads[0] else None
        if isinstance(last, Scale) and isinstance(before, Dense) and self.readers[reads[0]] == 1:
            # Whatever its factors are: of the last layer they become part, dyadic or not.
            rows = (spread(v, len(before.biases)) for v in (last.factors, last.offsets))
            own = [fixed for k, fixed in self.roots if k == self.last]
            self.roots = [root for root in self.roots if root.node != self.last]
            self._join(reads[0], followed(before, *rows), last)
            self.last = reads[0]
            self.made.pop()
            self.roots += [Root(self.last, fixed) for fixed in own]
        elif isinstance(last, Scale | Selection):
            budget.take(self.sizes[reads[0]] * self.sizes[self.last], "the last layer")
            self.made[-1] = Node(_matrix(last, self.sizes[reads[0]]), reads)
        elif not isinstance(last, Dense):
            size = self.sizes[self.last]
            budget.take(size * size, "the last layer")
            self.made.append(Node(_matrix(Selection(tuple(range(size))), size), (self.last,)))
        first, head = self.made[0].operation, self.made[-1].operation
        assert isinstance(head, Dense)
        if len(self.made) == 2 and isinstance(first, Scale):
            # A linear model, whose features are its inputs.
            factors, offsets = (spread(v, head.inputs) for v in (first.factors, first.offsets))
            head = preceded(first, head)
            self.made = [Node(head, (0,))]
            self.roots = [
                Root(k - 1, fixed if k == 2 else _before(fixed, factors, offsets))
                for k, fixed in self.roots
            ]
        if doubled and len(head.biases) == 1:
            row = float_table(head)
            weights = Dense.of(np.vstack([np.zeros_like(row), row]), [0, 0]).weights
            self.made[-1] = Node(Dense(weights, (Fraction(0), *head.biases)), self.made[-1].reads)
            count = len(self.made)
            self.roots = [
                Root(k, (Fraction(0), *fixed) if k == count else fixed) for k, fixed in self.roots
            ]


def _read(nodes: Sequence[Node], last: int) -> list[int]:
    """Return the numbers of the nodes on which one depends, and its own, in their order."""
    live: set[int] = set()
    waiting = [last]
    while waiting:
        k = waiting.pop()
        if k and k not in live:
            live.add(k)
            waiting += nodes[k - 1].reads
    return sorted(live)


def _leaves(operation: Operation, size: int) -> bool:
    """Tell whether a node gives what it reads."""
    if isinstance(operation, Selection):
        return operation.entries == tuple(range(size))
    if isinstance(operation, Scale):
        return all(f == 1 for f in operation.factors) and not any(operation.offsets)
    return False


def _joined(before: Operation, operation: Operation) -> Operation | None:
    """Return one operation that does two, None where none does, or only with longer numbers."""
    if isinstance(operation, Relu) and isinstance(before, Relu):
        return before
    if isinstance(operation, Selection) and isinstance(before, Dense):
        few = len(operation.entries) <= len(before.biases)
        return _rows(before, operation.entries) if few else None
    if not isinstance(operation, Scale):
        return None
    factors, offsets = operation.factors, operation.offsets
    if isinstance(before, Scale):
        n = lcm(len(factors), len(before.factors))
        parts = (spread(v, n) for v in (factors, offsets, before.factors, before.offsets))
        pairs = [(f * g, f * p + o) for f, o, g, p in zip(*parts, strict=True)]
        return Scale(tuple(f for f, _ in pairs), tuple(o for _, o in pairs))
    if isinstance(before, Dense) and (len(factors) == 1 or all(map(dyadic, factors))):
        n = len(before.biases)
        return followed(before, spread(factors, n), spread(offsets, n))
    if isinstance(before, Convolution) and all(map(_shift, factors)):
        n = len(before.kernel.biases)
        if n % len(factors) == 0:
            kernel = followed(before.kernel, spread(factors, n), spread(offsets, n))
            return replace(before, kernel=kernel)
    return None


def _shift(x: Fraction) -> bool:
    """Tell whether a number is plus or minus a power of two, by which no weight gets longer."""
    return dyadic(x) and abs(x.numerator) & (abs(x.numerator) - 1) == 0


def _rows(layer: Dense, entries: Sequence[int]) -> Dense:
    """Return a dense layer that gives some of the numbers that it gives, and 0 where -1 stands."""
    taken, blank = np.maximum(entries, 0), np.array(entries) < 0
    biases = tuple(layer.biases[e] if e >= 0 else Fraction(0) for e in entries)
    if isinstance(layer.weights, DyadicArray):
        integers = layer.weights.integers[taken]
        integers[blank] = 0
        return Dense(DyadicArray(integers, layer.weights.exponent), biases)
    zeros = (Fraction(0),) * layer.inputs
    return Dense(tuple(layer.weights[e] if e >= 0 else zeros for e in entries), biases)


def _matrix(operation: Scale | Selection, size: int) -> Dense:
    """Return what a node does to so many numbers as a dense layer."""
    if isinstance(operation, Selection):
        return _rows(Dense.of(np.eye(size), np.zeros(size)), operation.entries)
    rows = (spread(v, size) for v in (operation.factors, operation.offsets))
    return followed(Dense.of(np.eye(size), np.zeros(size)), *rows)


def _moved(fixed: Vector, operation: Operation, size: int) -> Vector:
    """Return what becomes of the numbers that a root leaves as they are, of so many entries."""
    if isinstance(operation, Selection):
        each = spread(fixed, size)
        return tuple(each[e] if e >= 0 else Fraction(0) for e in operation.entries)
    assert isinstance(operation, Scale)
    n = lcm(len(fixed), len(operation.factors))
    rows = (spread(v, n) for v in (fixed, operation.factors, operation.offsets))
    return tuple(f * p + o for p, f, o in zip(*rows, strict=True))


def _before(fixed: Vector, factors: Sequence[Fraction], offsets: Sequence[Fraction]) -> Vector:
    """Return the numbers that factors and offsets make the fixed ones; any where a factor is 0."""
    rows = zip(spread(fixed, len(factors)), factors, offsets, strict=True)
    return tuple((p - o) / f if f else Fraction(0) for p, f, o in rows)
