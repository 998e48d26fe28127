"""Networks as lists of nodes, each an exact map of what earlier nodes give."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeVar

from certify.errors import InputError
from certify.networks.columns import Columns
from certify.networks.operations import Convolution, Dense, Joining, MaxPool, Operation
from certify.numbers import rationals
from certify.numbers.digits import one_thread
from certify.numbers.rationals import DyadicArray, Vector

POINTS = 64  # that go through a network together
VALUES = 1_000_000  # at most, of all these points behind one node

Made = TypeVar("Made")


class Node(NamedTuple):
    """A map and the numbers of the nodes whose vectors it takes; number 0 is the input."""

    operation: Operation
    reads: tuple[int, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the node as it stands in a certificate."""
        several = isinstance(self.operation, Joining)
        return {**self.operation.to_json(), "reads": list(self.reads) if several else self.reads[0]}


@dataclass(frozen=True, eq=False)
class Network:
    """Nodes, numbered from 1, each of which reads earlier ones; the last gives the outputs.

    Raises :class:`InputError` when a node does not fit what it reads, or is read by none.

    >>> from certify.networks.operations import Relu
    >>> distance = Network.chain(Dense.of([[1], [-1]], [0, 0]), Relu(), Dense.of([[1, 1]], [0]))
    >>> distance.outputs([["-2/3"]])
    [(Fraction(2, 3),)]
    """

    nodes: tuple[Node, ...]
    inputs: int
    sizes: tuple[int, ...] = field(init=False, repr=False)  # of the input and of each node's values
    _made: dict[Any, Any] = field(init=False, repr=False, default_factory=dict)

    def __post_init__(self) -> None:
        sizes = [self.inputs]
        for k, (operation, reads) in enumerate(self.nodes, start=1):
            wanted = "two numbers or more" if isinstance(operation, Joining) else "one number"
            right = len(reads) > 1 if isinstance(operation, Joining) else len(reads) == 1
            if not right or not all(0 <= j < k for j in reads):
                wanted = f"{wanted} of earlier nodes"
                raise InputError("reads", expected=wanted, got=f"{reads}", where=f"node {k}")
            try:
                sizes.append(operation.outputs(*(sizes[j] for j in reads)))
            except InputError as error:
                raise InputError(
                    "nodes", expected=error.expected, got=error.got, where=f"node {k}"
                ) from None
        object.__setattr__(self, "sizes", tuple(sizes))
        idle = set(range(1, len(self.nodes))) - {j for node in self.nodes for j in node.reads}
        if idle:
            got = f"node {min(idle)}, which no later node reads"
            raise InputError("nodes", expected="no idle ones", got=got)

    @classmethod
    def chain(cls, *operations: Operation) -> Network:
        """Return the network of maps one after the other, one of which tells what enters.

        Raises :class:`InputError` when none does.
        """
        sizes = (f.inputs for f in operations if isinstance(f, Dense | Convolution | MaxPool))
        size = next(sizes, None)
        if size is None:
            raise InputError("nodes", expected="one that tells the number of inputs", got="none")
        return cls(tuple(Node(f, (k,)) for k, f in enumerate(operations)), size)

    @property
    def body(self) -> Network:
        """The network without its last node, which reads one: what is behind gives that vector."""
        return Network(self.nodes[:-1], self.inputs)

    def exact(self, points: Iterable[Any]) -> list[DyadicArray | Vector]:
        """Return the points, which are given as for :meth:`outputs`, as the numbers they are."""
        return [_point(x, self.inputs, i) for i, x in enumerate(points)]

    def outputs(self, points: Iterable[Any]) -> list[Vector]:
        """Return the exact outputs at each point.

        A point is an array or tensor of floats or integers of any shape, flattened, or a list of
        exact numbers. Raises :class:`InputError` for a wrong number of coordinates.
        """
        exact = self.exact(points)
        together = max(1, min(POINTS, VALUES // max(self.sizes)))
        found: list[Vector] = []
        with one_thread():
            for k in range(0, len(exact), together):
                found += self._last(Columns.of(exact[k : k + together])).fractions()
        return found

    def _last(self, columns: Columns) -> Columns:
        """Return what the last node gives; vectors that nothing reads any more are forgotten."""
        given = {0: columns}
        final = {j: k for k, node in enumerate(self.nodes, start=1) for j in node.reads}
        for k, (operation, reads) in enumerate(self.nodes, start=1):
            given[k] = operation.apply(*(given[j] for j in reads))
            for j in set(reads):
                if final[j] == k:
                    del given[j]
        return given[len(self.nodes)]

    def once(self, make: Callable[..., Made], *given: Hashable) -> Made:
        """Return what a function makes of the network, the same again as long as there is both.

        It is for what many questions about one network need, and none of them changes.
        """
        key = make, *given
        if key not in self._made:
            self._made[key] = make(self, *given)
        found: Made = self._made[key]
        return found

    def __reduce__(self) -> tuple[object, ...]:
        # What was made is large, and cheap to make again.
        return type(self), (self.nodes, self.inputs)

    def to_json(self) -> list[dict[str, Any]]:
        """Return the nodes as they stand in a certificate."""
        return [node.to_json() for node in self.nodes]


def _point(x: Any, size: int, i: int) -> DyadicArray | Vector:
    """Return a point exactly: one row of integers times a power of two, or fractions."""
    name = f"point {i}"
    array = rationals.dyadic_array(x.reshape(1, -1), name) if hasattr(x, "reshape") else None
    point = rationals.vector(x, name) if array is None else array
    length = len(point) if isinstance(point, tuple) else point.integers.size
    if length != size:
        raise InputError(name, expected=f"{size} coordinates", got=f"{length}")
    return point
