"""Rows of sparse matrices, exactly: integers over a positive denominator for each row.

A row in decimals, as files have them, is a row of integers over a power of ten. Products of such
rows with integers are one operation of NumPy where an a-priori bound shows that 64 bits hold every
sum, and Python's integers elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, cached_property
from itertools import pairwise
from math import gcd, lcm, ldexp
from typing import Any, TypeAlias

import numpy as np
from flint import fmpq, fmpq_mat
from numpy.typing import NDArray

from certify.numbers import rationals

Array: TypeAlias = NDArray[Any]
Row: TypeAlias = dict[int, Fraction]

_SAFE = 2.0**62  # floats that say that an integer has at most 63 bits, their own error included


@dataclass(frozen=True)
class SparseRows:
    """A matrix by its nonzeros: entry k is ``integers[k] / denominators[i]`` in row i.

    Row i has the entries ``starts[i]`` to ``starts[i + 1]``, in rising ``columns`` below ``width``.
    ``integers`` are of 64 bits, or Python's own where one is longer; ``denominators`` are Python's.
    """

    width: int
    starts: Array
    columns: Array
    integers: Array
    denominators: Array

    @classmethod
    def of(cls, rows: Iterable[Row], width: int) -> SparseRows:
        """Return the matrix with these rows, each a number for some columns."""
        starts, columns, integers, denominators = [0], [], [], []
        for row in rows:
            scale = lcm(*(v.denominator for v in row.values()))
            for j in sorted(row):
                if row[j]:
                    columns.append(j)
                    integers.append(row[j].numerator * (scale // row[j].denominator))
            starts.append(len(columns))
            denominators.append(scale)
        return cls(
            width,
            np.array(starts, dtype=np.int64),
            np.array(columns, dtype=np.int64),
            whole(integers),
            objects(denominators),
        )

    def __len__(self) -> int:
        return len(self.denominators)

    @cached_property
    def row_of(self) -> Array:
        """The row of each entry."""
        return np.repeat(np.arange(len(self)), np.diff(self.starts))

    @cached_property
    def transposed(self) -> SparseRows:
        """The integers alone, by columns."""
        order = np.argsort(self.columns, kind="stable")
        starts = np.zeros(self.width + 1, dtype=np.int64)
        np.cumsum(np.bincount(self.columns, minlength=self.width), out=starts[1:])
        ones = objects([1] * self.width)
        return SparseRows(len(self), starts, self.row_of[order], self.integers[order], ones)

    @cached_property
    def magnitudes(self) -> Array:
        """The integers' absolute values, as floats."""
        return np.abs(as_floats(self.integers))

    def primitive(self) -> tuple[SparseRows, list[int]]:
        """Return the rows divided by what divides all their integers, where some are long."""
        if self.integers.dtype != object:
            return self, [1] * len(self)
        divisors = [
            gcd(*self.integers[a:b].tolist()) or 1 for a, b in pairwise(self.starts.tolist())
        ]
        integers = whole(self.integers // objects(divisors)[self.row_of])
        part = SparseRows(self.width, self.starts, self.columns, integers, self.denominators)
        return part, divisors

    def chosen(self, rows: Array) -> SparseRows:
        """Return some rows, in the order of their indices."""
        counts = np.diff(self.starts)[rows]
        starts = np.zeros(len(rows) + 1, dtype=np.int64)
        np.cumsum(counts, out=starts[1:])
        places = np.arange(starts[-1]) + np.repeat(self.starts[rows] - starts[:-1], counts)
        return SparseRows(
            self.width,
            starts,
            self.columns[places],
            self.integers[places],
            self.denominators[rows],
        )

    def block(self, rows: Array, columns: Array) -> SparseRows:
        """Return the rows and columns of these indices, in their order, without denominators."""
        part = self.chosen(rows)
        position = np.full(self.width, -1)
        position[columns] = np.arange(len(columns))
        places = position[part.columns]
        kept = places >= 0
        starts = np.zeros(len(rows) + 1, dtype=np.int64)
        np.cumsum(np.bincount(part.row_of[kept], minlength=len(rows)), out=starts[1:])
        ones = objects([1] * len(rows))
        return SparseRows(len(columns), starts, places[kept], part.integers[kept], ones)

    def product(self, x: Sequence[int]) -> list[int]:
        """Return the sums of the integers of each row times ``x``, without the denominators."""
        if not len(self.columns):
            return [0] * len(self)
        largest = max(map(abs, x))
        if largest.bit_length() < 63 and self.integers.dtype != object:
            sizes = self.magnitudes * float(largest)
            if np.bincount(self.row_of, sizes, minlength=len(self)).max() < _SAFE:
                terms = self.integers * np.array(x, dtype=np.int64)[self.columns]
                found: list[int] = segment_sums(terms, self.starts).tolist()
                return found
        sums = [0] * len(self)
        for i, j, a in zip(
            self.row_of.tolist(), self.columns.tolist(), self.integers.tolist(), strict=True
        ):
            if value := x[j]:
                sums[i] += a * value
        return sums

    def rows(self) -> Iterator[tuple[list[int], list[str]]]:
        """Yield the columns and the entries of each row, as numerals in lowest terms."""
        columns, integers, starts = (
            part.tolist() for part in (self.columns, self.integers, self.starts)
        )
        numeral = cache(rationals.quotient_text)  # in most matrices they are few
        for i, denominator in enumerate(self.denominators.tolist()):
            part = slice(starts[i], starts[i + 1])
            yield columns[part], [numeral(a, denominator) for a in integers[part]]

    def dense(self) -> fmpq_mat:
        """Return the matrix with its zeros."""
        matrix = fmpq_mat(len(self), self.width)
        for i, j, a in zip(
            self.row_of.tolist(), self.columns.tolist(), self.integers.tolist(), strict=True
        ):
            matrix[i, j] = fmpq(a, self.denominators[i])
        return matrix


def segment_sums(values: Array, starts: Array) -> Array:
    """Return the sums of ``values`` between neighbours in ``starts``, modulo 2^64 for integers."""
    sums = np.zeros(len(starts) - 1, dtype=values.dtype)
    filled = np.flatnonzero(starts[1:] > starts[:-1])
    if len(filled):
        sums[filled] = np.add.reduceat(values, starts[filled])
    return sums


def whole(values: Any) -> Array:
    """Return integers as an array of 64 bits if all fit, with one to spare, else of objects."""
    try:
        fitting = np.array(values, dtype=np.int64)
    except OverflowError:
        return objects(values)
    if len(fitting) and not -(2**62) < fitting.min() <= fitting.max() < 2**62:
        return objects(values)
    return fitting


def objects(values: Any) -> Array:
    """Return integers of any size as an array of Python's own."""
    result = np.empty(len(values), dtype=object)
    result[:] = values
    return result


def as_floats(values: Array) -> Array:
    """Return integers as floats, very large ones where they are beyond."""
    try:
        return values.astype(np.float64)
    except OverflowError:
        return np.array([_float(v) for v in values.tolist()])


def _float(value: int) -> float:
    try:
        return float(value)
    except OverflowError:
        return ldexp(1.0 if value > 0 else -1.0, 1000)
