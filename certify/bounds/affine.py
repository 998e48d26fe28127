"""The affine nodes of a network on many rows at once: values, how far they vary, and transposed.

Rows are arrays (rows, size) of exact numbers. Without its offsets b, such a node is a matrix W: it
gives x W^T, varies by r |W|^T where what it reads varies by r, each entry for itself, and turns
coefficients a of what it gives into a W.
"""

from collections.abc import Sequence
from fractions import Fraction
from functools import cached_property, reduce
from itertools import accumulate, chain, pairwise, product
from math import prod
from operator import add, itemgetter
from typing import Protocol

import numpy as np

from certify.bounds.unrounded import Array, Term, Unrounded, Weights, framed, integers, joined, most
from certify.networks.columns import numbers
from certify.networks.operations import (
    Concatenation,
    Convolution,
    Dense,
    Maximum,
    MaxPool,
    Operation,
    Scale,
    Selection,
    Sum,
)
from certify.numbers.rationals import DyadicArray

Many = list[Unrounded]  # as many arrays as the node reads others


class Numbers:
    """A vector of integers times 2 ** exponent, over an odd number."""

    def __init__(self, values: Sequence[Fraction]) -> None:
        digits, self.odd = numbers(values)
        self.integers, self.exponent = digits.integers(), digits.exponent
        self._terms: dict[bool, Term] = {}

    @property
    def bits(self) -> int:
        """How long they are, with their common denominator."""
        return most(self.integers).bit_length() + abs(self.exponent) + self.odd.bit_length()

    def term(self, wide: bool) -> Term:
        """Return the integers, as Python's if ``wide``."""
        if wide not in self._terms:
            self._terms[wide] = Term.of(integers(self.integers, wide), self.exponent)
        return self._terms[wide]

    def row(self, wide: bool) -> Unrounded:
        """Return the vector as one row."""
        term = self.term(wide)
        return Unrounded((term._replace(plane=term.plane[None]),), self.odd)


class Affine(Protocol):
    """An affine node. The arrays that it takes hold floats, or Python integers if they are wide."""

    @property
    def offsets(self) -> Numbers | None:
        """The vector b."""

    def values(self, x: Many) -> Unrounded:
        """Return x W^T."""

    def spread(self, r: Many) -> Unrounded:
        """Return r |W|^T."""

    def back(self, a: Unrounded) -> Many:
        """Return a W."""


def affine(operation: Operation, lengths: Sequence[int]) -> Affine | None:
    """Return the node of an operation on vectors of some lengths, None if it is a maximum."""
    if isinstance(operation, Dense):
        return _Dense(operation)
    if isinstance(operation, Convolution):
        return _Convolution(operation)
    if isinstance(operation, Scale):
        return _Scale(operation, lengths[0])
    if isinstance(operation, Selection):
        return _Selection(operation, lengths[0])
    if isinstance(operation, Sum):
        return _Sum(len(lengths))
    if isinstance(operation, Concatenation):
        return _Concatenation(lengths)
    return None


def in_windows(operation: Operation, outputs: int) -> int:
    """Return how many values are held at once for one row of outputs."""
    if isinstance(operation, Convolution):
        return outputs // len(operation.kernel.biases) * operation.kernel.inputs * operation.groups
    if isinstance(operation, MaxPool):
        return operation.inputs
    return outputs * max(map(len, operation.lists)) if isinstance(operation, Maximum) else outputs


def _weights(dense: Dense) -> Weights:
    """Return the matrix (outputs, inputs)."""
    if isinstance(dense.weights, DyadicArray):
        return Weights(dense.weights.integers, dense.weights.exponent)
    table = Numbers([*chain.from_iterable(dense.weights)])
    return Weights(table.integers.reshape(-1, dense.inputs), table.exponent, table.odd)


class _Dense:
    def __init__(self, operation: Dense) -> None:
        self.weights, self.offsets = _weights(operation), Numbers(operation.biases)

    def values(self, x: Many) -> Unrounded:
        return self.weights.transposed.times(x[0])

    def spread(self, r: Many) -> Unrounded:
        return self.weights.transposed.absolute.times(r[0])

    def back(self, a: Unrounded) -> Many:
        return [self.weights.times(a)]


class _Convolution:
    def __init__(self, operation: Convolution) -> None:
        self.grid, self.groups = operation.grid, operation.groups
        self.places = self.grid.counts[0] * self.grid.counts[1]
        kernel, biases = _weights(operation.kernel), operation.kernel.biases
        self.kernels = [kernel.part(rows) for rows in np.split(np.arange(len(biases)), self.groups)]
        self.offsets = Numbers([b for b in biases for _ in range(self.places)])

    def values(self, x: Many) -> Unrounded:
        return self._images(x[0], [kernel.transposed for kernel in self.kernels])

    def spread(self, r: Many) -> Unrounded:
        return self._images(r[0], [kernel.transposed.absolute for kernel in self.kernels])

    def _images(self, x: Unrounded, kernels: Sequence[Weights]) -> Unrounded:
        windows = x.map(lambda plane: framed(plane)[:, self._windows])
        images = (
            kernel.images(windows.map(itemgetter((slice(None), g))))
            for g, kernel in enumerate(kernels)
        )
        return joined([image.map(_flat) for image in images])

    @cached_property
    def _windows(self) -> Array:
        """The indices of what the windows of each group hold, (groups, values, places)."""
        return self.grid.indices.transpose(0, 3, 4, 1, 2).reshape(self.groups, -1, self.places)

    def back(self, a: Unrounded) -> Many:
        rows, most = a.shape[0], prod(self.grid.window)
        shares = a.map(lambda plane: plane.reshape(rows, self.groups, -1, self.places))
        windows = (
            kernel.images(shares.map(itemgetter((slice(None), g))), most)
            for g, kernel in enumerate(self.kernels)
        )
        return [joined([held.map(self._scattered) for held in windows])]

    def _scattered(self, windows: Array) -> Array:
        """Return the sums (rows, size) of what windows (rows, values, places) hold of images."""
        parts = windows.reshape(len(windows), -1, *self.grid.window, *self.grid.counts)
        sums = np.zeros((*parts.shape[:2], *self.grid.shape[1:]), dtype=windows.dtype)
        for i, j in product(*map(range, self.grid.window)):
            (down, lines), (across, columns) = self._reach(0, i), self._reach(1, j)
            sums[:, :, lines, columns] += parts[:, :, i, j, down, across]
        return _flat(sums)

    def _reach(self, axis: int, offset: int) -> tuple[slice, slice]:
        """Return which windows hold something at their offset on an axis, and where it lies."""
        stride, size = self.grid.strides[axis], self.grid.shape[1 + axis]
        start = offset * self.grid.dilations[axis] - self.grid.padding[axis]
        first = max(0, -(start // stride))
        end = min(self.grid.counts[axis], (size - 1 - start) // stride + 1)
        if end <= first:
            return slice(0), slice(0)
        return slice(first, end), slice(
            start + first * stride, start + (end - 1) * stride + 1, stride
        )


class _Scale:
    def __init__(self, operation: Scale, length: int) -> None:
        times = length // len(operation.factors)
        self.factors, self.sizes, self.offsets = (
            Numbers([x for x in vector for _ in range(times)])
            for vector in (operation.factors, map(abs, operation.factors), operation.offsets)
        )

    def values(self, x: Many) -> Unrounded:
        return self._times(x[0], self.factors)

    def spread(self, r: Many) -> Unrounded:
        return self._times(r[0], self.sizes)

    def back(self, a: Unrounded) -> Many:
        return [self._times(a, self.factors)]

    def _times(self, x: Unrounded, factors: Numbers) -> Unrounded:
        found = x.scaled(factors.term(x.terms[0].plane.dtype == object))
        return Unrounded(found.terms, x.odd * factors.odd)


class _Selection:
    offsets = None

    def __init__(self, operation: Selection, length: int) -> None:
        self.entries, self.length = np.array(operation.entries), length

    def values(self, x: Many) -> Unrounded:
        return x[0].map(lambda plane: framed(plane)[:, self.entries])

    spread = values

    def back(self, a: Unrounded) -> Many:
        inside = np.flatnonzero(self.entries >= 0)
        entries = self.entries[inside]
        repeats = int(np.bincount(entries, minlength=1).max())

        def scattered(plane: Array) -> Array:
            sums = np.zeros((self.length, len(plane)), dtype=plane.dtype)
            np.add.at(sums, entries, plane[:, inside].T)
            return sums.T

        return [a.map(scattered, repeats)]


class _Sum:
    offsets = None

    def __init__(self, count: int) -> None:
        self.count = count

    def values(self, x: Many) -> Unrounded:
        return reduce(add, x)

    spread = values

    def back(self, a: Unrounded) -> Many:
        return [a] * self.count


class _Concatenation:
    offsets = None

    def __init__(self, lengths: Sequence[int]) -> None:
        self.places = [slice(*ends) for ends in pairwise(accumulate(lengths, initial=0))]

    def values(self, x: Many) -> Unrounded:
        return joined(x)

    spread = values

    def back(self, a: Unrounded) -> Many:
        return [a.map(itemgetter((slice(None), at))) for at in self.places]


def _flat(rows: Array) -> Array:
    return rows.reshape(len(rows), -1)
