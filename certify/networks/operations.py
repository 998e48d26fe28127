"""The maps that networks are made of, exactly: dense, convolution, scaling, ReLU, maxima, sums.

A vector is flat; an image lies in it channel by channel and row by row, as torch flattens it.
Values travel as digits, so that dense nodes and convolutions are products of matrices of floats in
which nothing rounds: see :mod:`certify.numbers.digits`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from itertools import chain
from math import prod
from operator import add
from typing import Any, TypeAlias

import numpy as np

from certify.errors import InputError
from certify.networks.columns import Columns, aligned, numbers
from certify.networks.grid import Grid, Padding, Pair, Shape
from certify.numbers import rationals
from certify.numbers.digits import Digits, Integers, Table, joined, larger
from certify.numbers.rationals import DyadicArray, Rows, Vector, texts

WINDOWED = 1_000_000  # values in the windows that one product of a convolution takes, or one row


@dataclass(frozen=True, eq=False)
class Dense:
    """The map x -> W x + b with W of shape (outputs, inputs). Build one with :meth:`of`."""

    weights: DyadicArray | Rows
    biases: Vector

    def __post_init__(self) -> None:
        rows = _rows(self.weights)
        if not len(rows) or not len(rows[0]):
            raise InputError("weights", expected="at least one row and one column", got="none")
        if isinstance(self.weights, tuple):
            rationals.check_rectangular(self.weights, "weights")
        if len(rows) != len(self.biases):
            got = f"{len(self.biases)} entries"
            raise InputError("biases", expected=f"{len(rows)} entries", got=got)

    @classmethod
    def of(cls, weights: Any, biases: Iterable[Any]) -> Dense:
        """Return the map with a matrix and a vector of any accepted numbers, kept exactly."""
        table = rationals.dyadic_array(weights, "weights") or rationals.rows(weights, "weights")
        return cls(table, rationals.vector(biases, "biases"))

    @property
    def inputs(self) -> int:
        """The dimension of x."""
        return len(_rows(self.weights)[0])

    def outputs(self, size: int) -> int:
        """Return the dimension of W x + b for x of the given dimension."""
        _fitting(size, self.inputs)
        return len(self.biases)

    def apply(self, columns: Columns) -> Columns:
        """Return W x + b for every column."""
        table, biases, odd = self.table
        return columns.over(table.times(columns.numerators, biases * columns.units), odd)

    def to_json(self) -> dict[str, Any]:
        """Return the map as it stands in a certificate."""
        weights: Any
        if isinstance(self.weights, DyadicArray):
            weights = compact(self.weights.exponent, self.weights.integers)
        else:
            weights = list(map(texts, self.weights))
        return {"type": "dense", "weights": weights, "biases": texts(self.biases)}

    def __reduce__(self) -> tuple[object, ...]:
        # The cached digits are large, and cheap to make again.
        return type(self), (self.weights, self.biases)

    @cached_property
    def table(self) -> tuple[Table, Digits, int]:
        """The weights and the biases (outputs, 1) times an odd number, and that number."""
        if isinstance(self.weights, DyadicArray):
            weights = Digits.of(self.weights.integers, self.weights.exponent)
            biases, odd = numbers(self.biases)
            if odd > 1:
                weights *= Digits.of(np.array([[odd]], dtype=object))
        else:
            flat, odd = numbers([*chain.from_iterable(self.weights), *self.biases])
            cut = len(self.biases) * self.inputs
            weights, biases = flat[:cut].reshape(-1, self.inputs), flat[cut:]
        return Table(weights), biases.reshape(-1, 1), odd


@dataclass(frozen=True)
class Scale:
    """The map x -> f x + o, with one factor f and one offset o for each run of n/k entries.

    Of the n entries of x, k pairs share them evenly: one pair is for all, one a channel, or one an
    entry.
    """

    factors: Vector
    offsets: Vector

    def __post_init__(self) -> None:
        if not self.factors or len(self.factors) != len(self.offsets):
            got = f"{len(self.factors)} and {len(self.offsets)}"
            raise InputError("factors, offsets", expected="as many, at least one", got=got)

    @classmethod
    def of(cls, factor: Any, offset: Any) -> Scale:
        """Return the map with one factor and one offset for all entries, any accepted numbers."""
        return cls(rationals.vector([factor], "factor"), rationals.vector([offset], "offset"))

    def outputs(self, size: int) -> int:
        """Return the dimension, which stays."""
        if size % len(self.factors):
            wanted = f"a multiple of {len(self.factors)} inputs"
            raise InputError("input", expected=wanted, got=f"{size}")
        return size

    def apply(self, columns: Columns) -> Columns:
        """Return f x + o for every column."""
        x, k = columns.numerators, len(self.factors)
        pairs, odd = numbers([*self.factors, *self.offsets])
        factors, offsets = (part.reshape(k, 1, 1) for part in (pairs[:k], pairs[k:]))
        runs = x.reshape(k, -1, x.shape[1]) * factors + offsets * columns.units
        return columns.over(runs.reshape(*x.shape), odd)

    def to_json(self) -> dict[str, Any]:
        """Return the map as it stands in a certificate."""
        return {"type": "scale", "factors": texts(self.factors), "offsets": texts(self.offsets)}


@dataclass(frozen=True)
class Relu:
    """The map x -> max(x, 0) in every coordinate."""

    def outputs(self, size: int) -> int:
        """Return the dimension, which stays."""
        return size

    def apply(self, columns: Columns) -> Columns:
        """Return max(x, 0) for every column."""
        return columns.over(columns.numerators.where(columns.numerators.signs() > 0))

    def to_json(self) -> dict[str, Any]:
        """Return the map as it stands in a certificate."""
        return {"type": "relu"}


@dataclass(frozen=True)
class Convolution:
    """Cross-correlation with padding by zeros, as torch's Conv2d.

    ``kernel`` maps a window, flattened channel by channel, to the output channels:
    ``Dense.of(conv.weight.flatten(1), conv.bias)``. Channels of input and output fall into as many
    equal ``groups``, and those of one group see that of the input alone. Raises
    :class:`InputError` when the kernel does not fit the window.
    """

    shape: Shape
    window: Pair
    kernel: Dense
    strides: Pair = (1, 1)
    dilations: Pair = (1, 1)
    padding: Padding = (0, 0, 0, 0)
    groups: int = 1

    def __post_init__(self) -> None:
        channels, made = self.grid.shape[0], len(self.kernel.biases)
        if self.groups < 1 or channels % self.groups or made % self.groups:
            wanted = f"a divisor of {channels} and {made} channels"
            raise InputError("groups", expected=wanted, got=f"{self.groups}")
        self.kernel.outputs(channels // self.groups * prod(self.window))

    @cached_property
    def grid(self) -> Grid:
        """Where the windows lie."""
        return Grid(self.shape, self.window, self.strides, self.dilations, self.padding)

    @property
    def inputs(self) -> int:
        """The number of values of an image."""
        return prod(self.shape)

    def outputs(self, size: int) -> int:
        """Return the number of values of the resulting image."""
        _fitting(size, self.inputs)
        return len(self.kernel.biases) * prod(self.grid.counts)

    def apply(self, columns: Columns) -> Columns:
        """Return the convolved images."""
        x, points = columns.numerators.and_zero(), columns.numerators.shape[1]
        rows, across = self.grid.counts
        windows = self.grid.indices.transpose(0, 3, 4, 1, 2).reshape(self.groups, -1, rows, across)
        high = max(1, WINDOWED // (windows[0, :, 0].size * points))
        images = []
        for (table, biases), entries in zip(self._groups, windows, strict=True):
            bands = []
            for first in range(0, rows, high):
                band = entries[:, first : first + high].reshape(len(entries), -1)
                shift = biases * columns.units[:, np.arange(band[0].size * points) % points]
                bands.append(table.times(x[band].reshape(len(entries), -1), shift))
            images.append(joined(bands, axis=1).reshape(-1, points))
        return columns.over(joined(images), self.kernel.table[2])

    def to_json(self) -> dict[str, Any]:
        """Return the map as it stands in a certificate."""
        place = {"type": "convolution", "shape": list(self.shape), "window": list(self.window)}
        pairs = {"strides": self.strides, "dilations": self.dilations}
        more: dict[str, Any] = {name: list(p) for name, p in pairs.items() if p != (1, 1)}
        if any(self.padding):
            more["padding"] = list(self.padding)
        if self.groups > 1:
            more["groups"] = self.groups
        return {**self.kernel.to_json(), **place, **more}

    @cached_property
    def _groups(self) -> list[tuple[Table, Digits]]:
        """The weights and the biases of each group."""
        table, biases, _ = self.kernel.table
        step = len(self.kernel.biases) // self.groups
        parts = [slice(k, k + step) for k in range(0, len(self.kernel.biases), step)]
        return [(Table(table.numbers[part]), biases[part]) for part in parts]


@dataclass(frozen=True)
class MaxPool:
    """Maxima over windows side by side, the remainder cut off, as torch's MaxPool2d.

    In a certificate it is the :class:`Maximum` of its windows.
    """

    shape: Shape
    window: Pair

    def __post_init__(self) -> None:
        self.grid  # noqa: B018 - refuses what is none

    @property
    def grid(self) -> Grid:
        """Where the windows lie."""
        return Grid(self.shape, self.window, strides=self.window)

    @property
    def inputs(self) -> int:
        """The number of values of an image."""
        return prod(self.shape)

    @cached_property
    def maximum(self) -> Maximum:
        """The same map by the lists of its windows, channel by channel and row by row."""
        tiles = self.grid.indices.reshape(-1, prod(self.window))
        return Maximum(tuple(map(tuple, tiles.tolist())))

    def outputs(self, size: int) -> int:
        """Return the number of windows."""
        _fitting(size, self.inputs)
        return len(self.maximum.lists)

    def apply(self, columns: Columns) -> Columns:
        """Return the maximum over each window."""
        return self.maximum.apply(columns)

    def to_json(self) -> dict[str, Any]:
        """Return the map as it stands in a certificate."""
        return self.maximum.to_json()


@dataclass(frozen=True)
class Maximum:
    """The map x -> the largest of the entries that each list names."""

    lists: tuple[tuple[int, ...], ...]

    def __post_init__(self) -> None:
        if not self.lists or not all(self.lists):
            raise InputError("lists", expected="lists of at least one index each", got="none")
        twice = next((e for e in self.lists if len(set(e)) < len(e)), None)
        if twice:
            wanted = "different indices in each list"
            raise InputError("lists", expected=wanted, got=f"{twice[:20]}")

    def outputs(self, size: int) -> int:
        """Return the number of lists."""
        for entries in self.lists:
            _within(entries, size)
        return len(self.lists)

    def apply(self, columns: Columns) -> Columns:
        """Return the largest entry of each list for every column."""
        longest = max(map(len, self.lists))
        # The first entry again changes no maximum, nor does the middle one of an odd number.
        listed = columns.numerators[
            np.array([[*e, *e[:1] * (longest - len(e))] for e in self.lists])
        ]
        while (n := listed.shape[1]) > 1:
            half = (n + 1) // 2
            listed = larger(listed[:, :half], listed[:, n - half :])
        return columns.over(listed[:, 0])

    def to_json(self) -> dict[str, Any]:
        """Return the map as it stands in a certificate."""
        return {"type": "maximum", "lists": [list(entries) for entries in self.lists]}


@dataclass(frozen=True)
class Selection:
    """The map x -> some of its entries, in a given order, repeats allowed; -1 stands for a 0."""

    entries: tuple[int, ...]

    def __post_init__(self) -> None:
        if not self.entries:
            raise InputError("entries", expected="at least one index", got="none")

    def outputs(self, size: int) -> int:
        """Return the number of entries that are selected."""
        _within([e for e in self.entries if e != -1], size)
        return len(self.entries)

    def apply(self, columns: Columns) -> Columns:
        """Return the entries of every column."""
        return columns.over(columns.numerators.and_zero()[np.array(self.entries)])

    def to_json(self) -> dict[str, Any]:
        """Return the map as it stands in a certificate."""
        return {"type": "selection", "entries": list(self.entries)}


@dataclass(frozen=True)
class Sum:
    """The map of two vectors or more of one length to their sum, entry by entry."""

    def outputs(self, *sizes: int) -> int:
        """Return the dimension that all of them have."""
        for size in sizes[1:]:
            _fitting(size, sizes[0])
        return sizes[0]

    def apply(self, *columns: Columns) -> Columns:
        """Return the sums for every column."""
        alike = aligned(columns)
        return alike[0].over(reduce(add, (c.numerators for c in alike)))

    def to_json(self) -> dict[str, Any]:
        """Return the map as it stands in a certificate."""
        return {"type": "sum"}


@dataclass(frozen=True)
class Concatenation:
    """The map of two vectors or more to their entries, those of one after those of another."""

    def outputs(self, *sizes: int) -> int:
        """Return the dimensions of all of them together."""
        return sum(sizes)

    def apply(self, *columns: Columns) -> Columns:
        """Return all entries for every column."""
        alike = aligned(columns)
        return alike[0].over(joined([c.numerators for c in alike]))

    def to_json(self) -> dict[str, Any]:
        """Return the map as it stands in a certificate."""
        return {"type": "concatenation"}


Joining: TypeAlias = Sum | Concatenation  # what reads two nodes or more
Operation: TypeAlias = (
    Dense | Scale | Relu | Convolution | MaxPool | Maximum | Selection | Sum | Concatenation
)


def compact(exponent: int, integers: Integers) -> dict[str, Any]:
    """Return integers times a power of two as they stand in a certificate."""
    return {"exponent": exponent, "integers": integers.tolist()}


def _rows(table: DyadicArray | Rows) -> Any:
    return table.integers if isinstance(table, DyadicArray) else table


def _fitting(size: int, wanted: int) -> None:
    if size != wanted:
        raise InputError("input", expected=f"{wanted} inputs", got=f"{size}")


def _within(entries: Sequence[int], size: int) -> None:
    for e in entries:
        if not 0 <= e < size:
            raise InputError("input", expected=f"an index of {size} entries", got=f"{e}")
