"""Square sparse systems of integers, solved exactly from approximate solves in doubles.

Each step takes an approximate solution of the residual, rounded to integers, off the residual, and
multiplies the rest by a power of two. After some steps K N + r = 2^t b holds exactly, in integers,
with N known to t bits and r of at most 62. No step is exact arithmetic of more than 64 bits: the
residual is computed modulo 2^64, and a bound on it, computed beforehand, proves that it is itself
(Z. Wan, "An algorithm to solve integer linear systems exactly using numerical methods", 2006).

A guess of the common denominator D and of P, D N / 2^t rounded, is proved by sizes alone. With
e = D N - 2^t P, the integer vector 2^t (K P - D b) equals -(D r + K e); so if its entries are
smaller than 2^t, K P = D b.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from flint import fmpz

from certify.programs.sparse import Array, SparseRows, as_floats, objects

Approximate: TypeAlias = Callable[[Array], Array]

_SHIFTS = (40, 32, 24, 16, 8)  # bits of a step, whole bytes; fewer where doubles contract less
_BITS = 62  # of residuals and digits
_MIXTURES = 20  # random combinations until every factor of a denominator should be known
_MOST_SCALE = 30  # bits by which a column of small integers is scaled
_MASK = 2**64 - 1
_LONG = 2_000  # bits from which on integers of python-flint are faster, conversion included


class Shared(NamedTuple):
    """A vector of rationals: ``numerators`` over one positive ``denominator``.

    They are Python's integers, or those of python-flint where they are long.
    """

    numerators: list[Any]
    denominator: Any


def solve(kernel: SparseRows, approximate: Approximate, right_side: Sequence[int]) -> Shared | None:
    """Return the solution of ``kernel`` x = ``right_side``, or None where doubles do not contract.

    ``kernel`` is square and counts without its denominators; ``approximate`` returns nearly the x
    of a right side. What is returned solves the system; a singular one may have other solutions.
    """
    if not any(right_side):
        return Shared([0] * len(kernel), 1)
    if (np.diff(kernel.starts) == 0).any():
        return None
    scaled = _Kernel.of(kernel)
    first = approximate(as_floats(objects(right_side)))
    if not np.isfinite(first).all():
        return None
    for shift in _SHIFTS:
        steps = _Steps(scaled, approximate, right_side, shift, first)
        found = steps.run()
        if found is not None:
            numerators = [
                p << e if e else p
                for p, e in zip(found.numerators, scaled.exponents.tolist(), strict=True)
            ]
            return Shared(numerators, found.denominator)
    return None


@dataclass(frozen=True)
class _Kernel:
    """A matrix whose columns are scaled by powers of two, so that digits of all count alike."""

    firsts: Array  # where each row begins; none is empty
    columns: Array  # of each entry
    exponents: Array
    residues: Array  # its entries modulo 2^64
    floats: Array
    widest: float  # the largest sum of magnitudes of a row, not less than it is
    longest: int  # entries of a row
    bits: int  # of the solution's numerators and denominator, times a right side, at most

    @classmethod
    def of(cls, matrix: SparseRows) -> _Kernel:
        floats = as_floats(matrix.integers)
        peaks = np.zeros(matrix.width)
        np.maximum.at(peaks, matrix.columns, np.abs(floats))
        sizes = np.frexp(peaks)[1]
        exponents = np.minimum(sizes.max() - sizes, _MOST_SCALE)
        shifts = exponents[matrix.columns]
        if matrix.integers.dtype == object:
            residues = np.array([v & _MASK for v in matrix.integers.tolist()], dtype=np.uint64)
        else:
            residues = matrix.integers.view(np.uint64)
        floats = np.ldexp(floats, shifts)
        sums = np.add.reduceat(np.abs(floats), matrix.starts[:-1])
        return cls(
            matrix.starts[:-1],
            matrix.columns,
            exponents,
            residues << shifts.astype(np.uint64),
            floats,
            float(sums.max()) * (1 + 1e-9),
            int(np.diff(matrix.starts).max()),
            int(np.log2(sums).sum()) + 64,
        )

    def sums(self, entries: Array, x: Array) -> Array:
        """Return the sums of the entries of each row times ``x``, modulo 2^64 for integers."""
        terms = x[self.columns]
        terms *= entries
        return np.asarray(np.add.reduceat(terms, self.firsts))


class _Steps:
    """The steps of one right side, with a fixed shift."""

    def __init__(
        self,
        kernel: _Kernel,
        approximate: Approximate,
        right_side: Sequence[int],
        shift: int,
        first: Array,
    ) -> None:
        self.kernel, self.approximate, self.shift = kernel, approximate, shift
        self.factors = np.ldexp(1.0, shift - kernel.exponents)
        # A long right side enters by and by, the last ``left`` bits of it later.
        size = int(np.frexp(np.abs(first).max())[1])
        self.left = max(0, size + shift - _BITS + 4, max(map(abs, right_side)).bit_length() - 61)
        self.scale = -self.left
        self.right_side = right_side
        if self.left:
            self.residual = np.array([b >> self.left for b in right_side], dtype=np.int64)
        else:
            self.residual = np.array(right_side, dtype=np.int64)
        self.digits: list[Array] = []
        self.weights = _weights(len(right_side), 0)
        self.mixed = 0  # the combination of N by the weights
        self.rest = 0  # about the largest entry of what N misses

    def run(self) -> Shared | None:
        """Step until the solution is known and proved."""
        most = 2 * self.kernel.bits + 2 * self.left + 128
        attempt = 1
        while self.scale <= most:
            if not self.step():
                return None
            if len(self.digits) >= attempt and self.scale > 0:
                found = self.attempt()
                if found is not None:
                    return found
                attempt = max(attempt + 1, 4 * attempt // 3)
        return None

    def step(self) -> bool:
        """Take one step, unless a residual might not fit."""
        kernel, shift = self.kernel, self.shift
        residual = self.residual.astype(np.float64)
        rounded = np.rint(self.approximate(residual) * self.factors)
        peak = float(np.abs(rounded).max())
        if not peak < 2.0**_BITS:  # also where it is no number
            return False
        digits = rounded.astype(np.int64)
        rest = residual * 2.0**shift - kernel.sums(kernel.floats, rounded)
        largest = float(np.abs(residual).max())
        # What sums of so many rounded terms miss at most, with room for the bound's own rounding.
        missed = (kernel.widest * peak + largest * 2.0**shift) * (kernel.longest + 8) * 2.0**-52
        if not float(np.abs(rest).max()) + missed + 2.0**shift < 2.0**_BITS:
            return False
        exact = (self.residual << shift).view(np.uint64)
        exact -= kernel.sums(kernel.residues, digits.view(np.uint64))
        self.residual = exact.view(np.int64)
        if self.left:
            self.residual += np.array(self._entering(), dtype=np.int64)
        self.digits.append(digits)
        low = digits & (2**31 - 1)
        mixed = (int(self.weights @ (digits >> 31)) << 31) + int(self.weights @ low)
        self.mixed = (self.mixed << shift) + mixed
        self.scale += shift
        self.rest = (int(peak) >> shift) + 2**8
        return True

    def _entering(self) -> list[int]:
        """Return the next bits of the right side."""
        taken = min(self.left, self.shift)
        self.left -= taken
        mask = (1 << taken) - 1
        return [((b >> self.left) & mask) << (self.shift - taken) for b in self.right_side]

    def attempt(self) -> Shared | None:
        """Return the solution if it can be read off by now."""
        power = self.scale
        found = _denominator(self.mixed, power, int(self.weights.sum()) * self.rest)
        if found is None:
            return None
        kind: Any = fmpz if power > _LONG else int
        denominator = kind(found)
        half, unit = kind(1) << (power - 1), kind(1) << power
        largest = int(np.abs(self.residual).max())
        scaled = [denominator * kind(value) for value in self._numbers()]
        for turn in range(1, _MIXTURES):
            numerators = [(value + half) >> power for value in scaled]
            errors = [v - (p << power) for v, p in zip(scaled, numerators, strict=True)]
            error = max(max(errors), -min(errors))
            if denominator * largest + (int(self.kernel.widest) + 1) * error < unit:
                return Shared(numerators, denominator)
            # The weights cancelled a factor of the denominator; others find it.
            weights = _weights(len(scaled), turn).tolist()
            mixed = sum(w * e for w, e in zip(weights, errors, strict=True))
            more = _denominator(int(mixed), power, sum(weights) * int(denominator) * self.rest)
            if more is None:
                return None
            denominator *= kind(more)
            scaled = [kind(more) * value for value in scaled]
        return None

    def _numbers(self) -> list[int]:
        """Return N, the sum of all digits at their places."""
        shift, count = self.shift, len(self.digits)
        size = shift // 8
        bytes_of = np.empty((len(self.residual), count, size), dtype=np.uint8)
        carry = np.zeros(len(self.residual), dtype=np.int64)
        for place, digits in enumerate(reversed(self.digits)):
            total = digits + carry
            carry = total >> shift
            low = (total & (2**shift - 1)).astype("<u8")
            bytes_of[:, place] = low.view(np.uint8).reshape(-1, 8)[:, :size]
        length = count * size
        text, top = bytes_of.tobytes(), carry.tolist()
        return [
            int.from_bytes(text[k * length : (k + 1) * length], "little") + (top[k] << (8 * length))
            for k in range(len(top))
        ]


def _weights(count: int, turn: int) -> Array:
    """Return numbers from 1 to 1024 that look drawn (a multiplicative hash of their places)."""
    places = np.arange(1, count + 1, dtype=np.uint64) + np.uint64(turn << 32)
    mixed = places * np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(29))) * np.uint64(0xBF58476D1CE4E5B9)
    return (mixed >> np.uint64(54)).astype(np.int64) + 1


def _denominator(value: int, power: int, uncertain: int) -> int | None:
    """Return q if ``value`` is 2^``power`` p / q up to ``uncertain``, and hardly by chance."""
    a, b, p, q = 1 << power, value % (1 << power), 0, 1
    while b > q * uncertain:
        quotient, rest = divmod(a, b)
        a, b, p, q = b, rest, q, p + quotient * q
    if 2 * q.bit_length() + uncertain.bit_length() + 8 > power:
        return None
    return q
