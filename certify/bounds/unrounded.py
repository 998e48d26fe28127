"""Sums of integers times powers of two that are rounded once, at the end, and at float speed.

Integers lie in float64 arrays as long as all are at most 2^53, as such are exact; bounds of their
absolute values travel with them, and what might exceed the limit raises :class:`TooLong`. The same
functions then take the same integers in arrays of Python's: only slower.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from math import lcm
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from certify.numbers.digits import BITS, HALF, LIMIT, Digits, Integers

Array: TypeAlias = np.ndarray[Any, Any]  # integers: float64 up to 2^53, or Python's
Map: TypeAlias = Callable[[Array, Array], Array]
MOST_LIMBS = 4  # into which an array of floats is cut for a product
SHORT = 16  # bits of the limbs of long integers in a matrix


class TooLong(ArithmeticError):
    """Integers beyond 2^53 would occur: Python's are needed instead of floats."""


def integers(values: Any, wide: bool) -> Array:
    """Return an array of integers as floats, or as Python's if ``wide``.

    Raises :class:`TooLong` when floats do not hold them.
    """
    found = np.asarray(values)
    if wide:
        return (found.astype(np.int64) if found.dtype.kind == "f" else found).astype(object)
    if most(found) > LIMIT:
        raise TooLong
    return found.astype(np.float64)


def objects(x: Array) -> Array:
    """Return an array of integers as Python's."""
    return x if x.dtype == object else x.astype(np.int64).astype(object)


def most(x: Array) -> int:
    """Return the largest absolute value of integers."""
    return max(int(x.max()), -int(x.min())) if x.size else 0


def plus(x: Array, y: Array | int) -> Array:
    """Return sums of int64 or of Python integers, which take the place of too long ones."""
    if isinstance(y, int):
        return x if not y else x + y
    if x.dtype != object and y.dtype != object and most(x) + most(y) >= 2**62:
        x = x.astype(object)
    return x + y


def framed(rows: Array) -> Array:
    """Return rows (rows, size) with one more entry, a zero, which has the index -1."""
    # np.pad would put zeros of a fixed size among Python's integers.
    return np.concatenate([rows, np.zeros((len(rows), 1), dtype=rows.dtype)], axis=1)


def floor_shift(x: Array, bits: int) -> Array:
    """Return floor(x / 2^bits) for bits >= 0."""
    if x.dtype == object:
        return x >> bits
    if bits > 1000:  # beyond what a float tells from 0
        return np.minimum(np.sign(x), 0.0)
    return np.floor(x * 2.0**-bits)


def floor_quotient(n: Array, u: Array, d: Array, largest: int) -> Array:
    """Return floor(n u / d) for 0 <= n, 0 <= u <= d and 0 < d; n u + d is at most ``largest``."""
    if n.dtype == object:
        return n * u // d
    found = n * u
    if largest <= LIMIT:
        # n u / d is at least 1/d below the next integer, so no float division reaches it.
        np.divide(found, d, out=found)
        np.floor(found, out=found)
        return found
    a, b, c, q = (x.astype(np.int64) for x in (n, u, d, np.floor(found / d)))  # nearly
    rest = a * b - q * c  # is small, so that it is right although the products overflow
    while (low := rest < 0).any():
        q, rest = q - low, rest + np.where(low, c, 0)
    while (high := rest >= c).any():
        q, rest = q + high, rest - np.where(high, c, 0)
    return q.astype(np.float64)


class Term(NamedTuple):
    """Integers times 2 ** exponent; floats are at most ``bound``."""

    plane: Array
    exponent: int
    bound: int

    @classmethod
    def of(cls, x: Array, exponent: int) -> Term:
        """Return integers times a power of two."""
        return cls(x, exponent, 0 if x.dtype == object else most(x))

    def objects(self) -> Array:
        """Return the integers as Python's."""
        plane = self.plane
        return plane if plane.dtype == object else plane.astype(np.int64).astype(object)

    def limbs(self, count: int) -> list[Term]:
        """Return terms with this sum, of integers that are shorter so many times."""
        width, rest, found = -(-self.bound.bit_length() // count), self, list[Term]()
        for _ in range(count - 1):
            high = np.rint(rest.plane * 2.0**-width)
            low = rest.plane - high * 2.0**width
            found.append(Term(low, rest.exponent, 2**width // 2))
            rest = Term(high, rest.exponent + width, (rest.bound >> width) + 1)
        return [*found, rest]


@dataclass(frozen=True, eq=False)
class Unrounded:
    """An array of exact numbers: the sum of some terms, divided by an odd positive integer."""

    terms: tuple[Term, ...]
    odd: int = 1

    @classmethod
    def of(cls, x: Array, exponent: int) -> Unrounded:
        """Return integers times a power of two."""
        return cls((Term.of(x, exponent),))

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the array."""
        return tuple(self.terms[0].plane.shape)

    def over(self, odd: int) -> Unrounded:
        """Return the same numbers over a multiple of the odd number."""
        if odd == self.odd:
            return self
        factor = odd // self.odd
        return Unrounded(tuple(_times(term, factor) for term in self.terms), odd)

    def __add__(self, other: Unrounded) -> Unrounded:
        odd = lcm(self.odd, other.odd)
        return Unrounded((*self.over(odd).terms, *other.over(odd).terms), odd)

    def __neg__(self) -> Unrounded:
        return self.map(np.negative)

    def map(self, change: Callable[[Array], Array], copies: int = 1) -> Unrounded:
        """Return the numbers in other places, or with other signs, or sums of so many of them."""
        terms = (Term(change(t.plane), t.exponent, t.bound * copies) for t in self.terms)
        return Unrounded(tuple(terms), self.odd)

    def floor(self, grid: int, wide: bool = False) -> Array:
        """Return the largest integers that are at most the numbers times 2 ** grid.

        Raises :class:`TooLong` for floats that do not hold them, unless wide.
        """
        found: Array | None = None
        exponent = bound = 0
        planes = ((t.exponent, t.objects() if wide else t.plane, t.bound) for t in self.terms)
        for own, plane, limit in sorted(planes, key=lambda part: part[0]):
            to = min(own, -grid)  # what lies below does not matter to what is above
            if found is not None and exponent < to:
                found, bound = floor_shift(found, to - exponent), (bound >> (to - exponent)) + 1
            if own > to and (limit or wide):  # of zeros nothing is left to shift
                if not wide and limit << (own - to) > LIMIT:
                    raise TooLong
                plane = plane << (own - to) if wide else plane * 2.0 ** (own - to)
                limit <<= own - to
            exponent = to
            if found is not None and not wide and bound + limit > LIMIT:
                bound, limit = most(found), most(plane)
                if bound + limit > LIMIT:
                    raise TooLong
            found, bound = plane if found is None else found + plane, bound + limit
        assert found is not None
        if exponent < -grid:
            found = floor_shift(found, -grid - exponent)
        if self.odd == 1:
            return found
        if wide:
            return found // self.odd
        if most(found) + self.odd > LIMIT:
            raise TooLong
        return np.floor(found / float(self.odd))

    def ceil(self, grid: int, wide: bool = False) -> Array:
        """Return the smallest integers that are at least the numbers times 2 ** grid."""
        return -(-self).floor(grid, wide)

    def dot(self, y: Term) -> Unrounded:
        """Return the sums along the last axis of the numbers (rows, n) times y.

        y has the shape (n,), (1, n) or (rows, n), and holds floats or Python integers as the terms
        of the numbers do.
        """
        if len(y.plane) == 1 < y.plane.ndim:
            y = y._replace(plane=y.plane[0])
        if y.plane.dtype == object:
            sums = ((t, (t.objects() * y.plane).sum(-1)) for t in self.terms)
            found = [Term(plane, t.exponent + y.exponent, 0) for t, plane in sums]
            return Unrounded(tuple(found), self.odd)
        n, found = y.plane.shape[-1], []
        for a, b in (pair for term in self.terms for pair in _cut(term, y, n)):
            alike = a.plane.ndim == b.plane.ndim
            plane = np.einsum("ij,ij->i", a.plane, b.plane) if alike else a.plane @ b.plane
            found.append(Term(plane, a.exponent + b.exponent, n * a.bound * b.bound))
        return Unrounded(tuple(found), self.odd)

    def scaled(self, y: Term) -> Unrounded:
        """Return the products entry by entry with y, as NumPy broadcasts."""
        if y.plane.dtype == object:
            objects = ((t, t.objects() * y.plane) for t in self.terms)
            found = [Term(plane, t.exponent + y.exponent, 0) for t, plane in objects]
        else:
            pairs = (pair for term in self.terms for pair in _cut(term, y, 1))
            found = [
                Term(a.plane * b.plane, a.exponent + b.exponent, a.bound * b.bound)
                for a, b in pairs
            ]
        return Unrounded(tuple(found), self.odd)


def _times(term: Term, factor: int) -> Term:
    if term.plane.dtype != object and term.bound * factor > LIMIT:
        raise TooLong
    return Term(term.plane * factor, term.exponent, term.bound * factor)


def _cut(a: Term, b: Term, count: int) -> Iterator[tuple[Term, Term]]:
    """Yield pairs of parts of two terms, sums of so many products of which do not round."""
    cuts = sorted(product(range(1, MOST_LIMBS + 1), repeat=2), key=lambda cut: cut[0] * cut[1])
    for p, q in cuts:
        long, wide = -(-a.bound.bit_length() // p), -(-b.bound.bit_length() // q)
        if count << (long + wide) <= LIMIT:
            yield from product(a.limbs(p), b.limbs(q))
            return
    raise TooLong


@dataclass(frozen=True, eq=False)
class Weights:
    """A matrix (m, n) of integers times 2 ** exponent, over an odd number."""

    integers: Integers
    exponent: int
    odd: int = 1
    source: tuple[Weights, Callable[[Array], Array]] | None = None  # whose parts are like its own

    def times(self, x: Unrounded) -> Unrounded:
        """Return x W for rows x of the shape (rows, m).

        Raises :class:`TooLong` for floats that few limbs do not multiply exactly.
        """
        return self._product(x, np.matmul, 1)

    def images(self, x: Unrounded, copies: int = 1) -> Unrounded:
        """Return W^T x for x of the shape (rows, m, p), so many entries of which may be summed."""
        return self._product(x, lambda plane, limb: limb.T @ plane, copies)

    def part(self, rows: Integers) -> Weights:
        """Return some of the rows."""
        return Weights(self.integers[rows], self.exponent, self.odd)

    @cached_property
    def transposed(self) -> Weights:
        """The transposed matrix."""
        return Weights(self.integers.T, self.exponent, self.odd, (self, np.transpose))

    @cached_property
    def absolute(self) -> Weights:
        """The matrix of absolute values."""
        signs = np.sign(self.integers).astype(np.float64)
        signed = (self, lambda plane: signs * plane)
        return Weights(abs(self.integers), self.exponent, self.odd, signed)

    def _product(self, x: Unrounded, times: Map, n: int) -> Unrounded:
        terms = [product for term in x.terms for product in self._terms(term, times, n)]
        return Unrounded(tuple(terms), x.odd * self.odd)

    def _terms(self, x: Term, times: Map, copies: int) -> Iterator[Term]:
        if x.plane.dtype == object:
            digits = Digits.of(x.plane, x.exponent).planes
            cut = (Term(plane, x.exponent + BITS * k, HALF) for k, plane in enumerate(digits))
            found = [product for term in cut for product in self._terms(term, times, 1)]
            lowest = min(term.exponent for term in found)
            yield Term(Unrounded(tuple(found)).floor(-lowest, wide=True), lowest, 0)
            return
        for p, q in self._cuts:
            limbs, parts = self._limbs(p), x.limbs(q)
            if all(a.bound * b.bound * copies < LIMIT for a, b in product(parts, limbs)):
                for a, b in product(parts, limbs):
                    # No sum of some of these products exceeds this, so none rounds.
                    bound = a.bound * b.bound * copies
                    yield Term(times(a.plane, b.plane), a.exponent + b.exponent, bound)
                return
        raise TooLong

    @cached_property
    def _cuts(self) -> list[tuple[int, int]]:
        """Into how many limbs to cut the matrix and what it is multiplied with, cheapest first."""
        bits = most(self.integers).bit_length()
        # Products with longer limbs are beyond the limit, and these perhaps beyond all floats.
        counts = (*range(1, MOST_LIMBS + 1), bits // SHORT + 1)
        own = {p for p in counts if 1 << (bits // p) < LIMIT}
        # To cut what it is multiplied with takes longer, as that is done each time.
        return sorted(product(own, range(1, MOST_LIMBS + 1)), key=lambda cut: (cut[0] + 1) * cut[1])

    def _limbs(self, count: int) -> list[Term]:
        """Return the matrix as so many terms, the bound of each the largest sum of a column."""
        if count not in self._known:
            self._known[count] = [
                # The sum of absolute values is exact, if it is below the limit.
                Term(plane, exponent, int(np.abs(plane).sum(axis=0).max(initial=0.0)))
                for plane, exponent in self._planes(count)
            ]
        return self._known[count]

    @cached_property
    def _known(self) -> dict[int, list[Term]]:
        return {}

    def _planes(self, count: int) -> Iterator[tuple[Array, int]]:
        """Yield matrices of integers and the exponents of two that they are times."""
        if self.source:
            origin, change = self.source
            yield from ((change(t.plane), t.exponent) for t in origin._limbs(count))
            return
        width = most(self.integers).bit_length() // count + 1
        rest, half = self.integers, 1 << (width - 1)
        for k in range(count):
            low = rest if k == count - 1 else ((rest + half) & (2 * half - 1)) - half
            yield low.astype(np.float64, order="C"), self.exponent + width * k
            rest = (rest - low) >> width


def joined(parts: Sequence[Unrounded]) -> Unrounded:
    """Return rows (rows, sizes) of which one is behind another; a single row is beside all."""
    (rows,) = np.broadcast_shapes(*(part.shape[:1] for part in parts))
    odd = lcm(*(part.odd for part in parts))
    columns: dict[tuple[int, int], dict[int, Term]] = {}  # by exponent and how often it occurs
    for i, part in enumerate(parts):
        seen: Counter[int] = Counter()
        for term in part.over(odd).terms:
            columns.setdefault((term.exponent, seen[term.exponent]), {})[i] = term
            seen[term.exponent] += 1
    zeros = [np.zeros_like(part.terms[0].plane) for part in parts]
    terms = []
    for (exponent, _), found in columns.items():
        some = (found[i].plane if i in found else zero for i, zero in enumerate(zeros))
        planes = [np.broadcast_to(plane, (rows, plane.shape[1])) for plane in some]
        bound = max(term.bound for term in found.values())
        terms.append(Term(np.concatenate(planes, axis=1), exponent, bound))
    return Unrounded(tuple(terms), odd)
