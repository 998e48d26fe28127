"""Arrays of integers times powers of two, exactly and at the speed of floats.

A number is written in base 2^24, its digits from -2^23 to 2^23 - 1 and each of them a float64.
Products of digits have 46 bits, and a float64 holds every integer up to 2^53: so the product of
two matrices is a few products of matrices of floats in which no sum rounds, in whatever order it
is taken. That no sum exceeds the limit is computed from the digits that there are, and asserted.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, cached_property
from typing import Any, TypeAlias

import numpy as np
from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped]

BITS = 24
BASE, HALF = 2.0**BITS, 2 ** (BITS - 1)
LIMIT = 2**53  # all integers up to here are floats
PART = 32  # columns of a matrix, some times as many of which are a block

Plane: TypeAlias = np.ndarray[Any, np.dtype[np.float64]]
Integers: TypeAlias = np.ndarray[Any, Any]  # int64 or Python integers


@dataclass(frozen=True, eq=False)
class Digits:
    """The array of the numbers sum_k planes[k] * 2 ** (24 k + exponent).

    The planes, at least one, are float64 of one shape with integers from -2^23 to 2^23 - 1. These
    digits are unique: numbers with one exponent compare as their highest digits that differ.

    >>> long = Digits.of(np.array([3, -(2**80)]), -1)
    >>> (long + long).integers().tolist(), long.planes[0].tolist()
    ([6, -2417851639229258349412352], [3.0, 0.0])
    """

    planes: tuple[Plane, ...]
    exponent: int

    @classmethod
    def of(cls, integers: Integers, exponent: int = 0) -> Digits:
        """Return integers, int64 below 2^62 or Python ones of any size, times a power of two."""
        planes: list[Plane] = []
        while not planes or integers.any():
            low = ((integers + HALF) & (2**BITS - 1)) - HALF
            planes.append(low.astype(np.float64))
            integers = (integers - low) >> BITS
        return cls(tuple(planes), exponent)

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the array."""
        return tuple(self.planes[0].shape)

    def integers(self) -> Integers:
        """Return the array times 2 ** -exponent, as Python integers."""
        found: Integers = np.zeros(self.shape, dtype=object)
        for plane in reversed(self.planes):
            found = (found << BITS) + plane.astype(np.int64).astype(object)
        return found

    def __getitem__(self, index: Any) -> Digits:
        """Return some of the numbers, as NumPy finds them."""
        return Digits(tuple(plane[index] for plane in self.planes), self.exponent)

    def reshape(self, *shape: int) -> Digits:
        """Return the numbers in another shape."""
        return Digits(tuple(plane.reshape(shape) for plane in self.planes), self.exponent)

    def and_zero(self) -> Digits:
        """Return the numbers (m, n) with one more row, of zeros, which has the index -1."""
        zero = ((0, 1), (0, 0))
        return Digits(tuple(np.pad(plane, zero) for plane in self.planes), self.exponent)

    def where(self, kept: np.ndarray[Any, np.dtype[np.bool_]]) -> Digits:
        """Return the numbers that are kept, and 0 instead of the others."""
        return Digits(tuple(np.where(kept, plane, 0.0) for plane in self.planes), self.exponent)

    def fraction(self, *index: int) -> Fraction:
        """Return one of the numbers."""
        return Fraction(self[index].reshape(1).integers().item()) * Fraction(2) ** self.exponent

    def __add__(self, other: Digits) -> Digits:
        """Return the sums, as NumPy broadcasts."""
        exponent = min(self.exponent, other.exponent)
        sums = Sums(np.broadcast_shapes(self.shape, other.shape), exponent)
        sums.include(self)
        sums.include(other)
        return sums.digits()

    def __sub__(self, other: Digits) -> Digits:
        """Return the differences, as NumPy broadcasts."""
        return self + Digits(tuple(-plane for plane in other.planes), other.exponent)

    def __mul__(self, other: Digits) -> Digits:
        """Return the products entry by entry, as NumPy broadcasts."""
        exponent = self.exponent + other.exponent
        sums = Sums(np.broadcast_shapes(self.shape, other.shape), exponent)
        for j, a in enumerate(self.planes):
            for k, b in enumerate(other.planes):
                sums.add(j + k, a * b, _largest(a) * _largest(b))
        return sums.digits()

    def signs(self) -> Plane:
        """Return an array of numbers that have the signs of these: the highest digits not 0."""
        found = self.planes[-1].copy()
        for plane in reversed(self.planes[:-1]):
            np.copyto(found, plane, where=found == 0)
        return found


def larger(a: Digits, b: Digits) -> Digits:
    """Return the larger of two numbers in each place, of digits with equally many planes."""
    assert a.exponent == b.exponent
    planes = list(zip(a.planes, b.planes, strict=True))
    # Digits are unique, so what is behind the highest ones that differ is less than 1 of these.
    first = Digits(tuple(p - q for p, q in planes), 0).signs() >= 0
    return Digits(tuple(np.where(first, p, q) for p, q in planes), a.exponent)


def joined(parts: Sequence[Digits], axis: int = 0) -> Digits:
    """Return arrays, at least one, one after another along an axis."""
    if len(parts) == 1:
        return parts[0]
    exponent = min(part.exponent for part in parts)
    zero = Digits((np.zeros(()),), exponent)
    alike = [part if part.exponent == exponent else part + zero for part in parts]
    count = max(len(part.planes) for part in alike)
    rows = [[*p.planes, *[np.zeros(p.shape)] * (count - len(p.planes))] for p in alike]
    planes = tuple(np.concatenate(row, axis) for row in zip(*rows, strict=True))
    return Digits(planes, exponent)


class Sums:
    """Sums of planes times powers of the base, held below the limit by moving parts of them up."""

    def __init__(self, shape: tuple[int, ...], exponent: int) -> None:
        self.shape, self.exponent = shape, exponent
        self.planes: list[Plane] = []
        self.most: list[int] = []  # bounds of their absolute values

    def add(self, k: int, plane: Plane, most: int) -> None:
        """Add a plane of integers times 2 ** (24 k), which are at most ``most`` <= 2^53."""
        assert most <= LIMIT
        self._open(k)
        if self.most[k] + most > LIMIT // 4:
            high = np.rint(plane * 2.0**-BITS)
            self._add(k + 1, high, (most >> BITS) + 1)
            plane, most = plane - high * BASE, HALF
        self._add(k, plane, most)

    def include(self, numbers: Digits) -> None:
        """Add numbers, the exponent of which is not lower."""
        assert numbers.exponent >= self.exponent
        whole, bits = divmod(numbers.exponent - self.exponent, BITS)
        for k, plane in enumerate(numbers.planes, whole):
            self.add(k, plane * 2.0**bits, HALF << bits)

    def digits(self) -> Digits:
        """Return the sums as digits."""
        self._open(0)
        found: list[Plane] = []
        carry, most = np.zeros(()), 0
        for plane, own in zip(self.planes, self.most, strict=True):
            assert own + most <= LIMIT // 2  # half, for what is behind the point in _carry
            whole = plane + carry
            carry, most = _carry(whole), (own + most) // 2**BITS + 1
            found.append(whole - carry * BASE)
        while carry.any():
            higher = _carry(carry)
            found.append(carry - higher * BASE)
            carry = higher
        while len(found) > 1 and not found[-1].any():
            found.pop()
        return Digits(tuple(found), self.exponent)

    def _add(self, k: int, plane: Plane, most: int) -> None:
        self._open(k)
        self.planes[k] += plane
        self.most[k] += most

    def _open(self, k: int) -> None:
        while len(self.planes) <= k:
            self.planes.append(np.zeros(self.shape))
            self.most.append(0)


def _carry(plane: Plane) -> Plane:
    """Return what has to move up so that -2^23 <= rest < 2^23."""
    return np.floor(plane * 2.0**-BITS + 0.5)


def _largest(plane: Plane) -> int:
    """Return the largest absolute value of integers."""
    return int(max(plane.max(initial=0.0), -plane.min(initial=0.0)))


@dataclass(frozen=True, eq=False)
class Table:
    """A matrix (m, n), cut into blocks of columns whose products with digits do not round."""

    numbers: Digits

    def times(self, x: Digits, shift: Digits) -> Digits:
        """Return its product with a matrix (n, p), plus what broadcasts to (m, p)."""
        exponent = self.numbers.exponent + x.exponent
        finer = max(0, -((shift.exponent - exponent) // BITS))  # whole digits of the shift below
        sums = Sums((self.numbers.shape[0], x.shape[1]), exponent - BITS * finer)
        sums.include(shift)
        largest = list(map(_largest, x.planes))
        for columns, norms in self._blocks:
            for j, (table, norm) in enumerate(zip(self.numbers.planes, norms, strict=True), finer):
                for k, (plane, most) in enumerate(zip(x.planes, largest, strict=True), j):
                    # No sum of some of these products exceeds this, so none rounds.
                    if bound := norm * most:
                        sums.add(k, table[:, columns] @ plane[columns], bound)
        return sums.digits()

    @cached_property
    def _blocks(self) -> list[tuple[slice, list[int]]]:
        """Blocks of columns, and for each plane the largest sum of absolute values of a row."""
        n = self.numbers.shape[1]
        starts = list(range(0, n, PART))
        norms = np.array(
            [np.add.reduceat(np.abs(plane), starts, axis=1) for plane in self.numbers.planes]
        )
        blocks: list[tuple[slice, Plane]] = []
        first, total = 0, norms[:, :, 0]
        for k in range(1, len(starts)):
            more = total + norms[:, :, k]
            if more.max() * HALF > LIMIT:
                blocks.append((slice(starts[first], starts[k]), total))
                first, more = k, norms[:, :, k]
            total = more
        blocks.append((slice(starts[first], n), total))
        return [(columns, list(map(int, sums.max(axis=1)))) for columns, sums in blocks]


@cache
def _threads() -> ThreadpoolController:
    return ThreadpoolController()


def one_thread() -> AbstractContextManager[Any]:
    """Hold the products of matrices to one thread: waking more costs more than small ones take."""
    context: AbstractContextManager[Any] = _threads().limit(limits=1, user_api="blas")
    return context
