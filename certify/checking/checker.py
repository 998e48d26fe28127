"""The checker: decides with integers and fractions alone whether a certificate proves its claim.

It imports nothing but the standard library and shares no code with the producers, so this file is
all that has to be trusted. A rule reads the fields of instance, statement and evidence, yields one
named exact relation after another, and ends. The first paragraph about it is the sentence that they
establish, with the numbers filled in; the second says why they suffice. A certificate is
:class:`Rejected` at the step that fails, or :class:`Malformed` at a place that is not well formed.

Use it as ``certify check PATH...`` or, with nothing installed, ``python checker.py PATH...``.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from fractions import Fraction
from functools import cache, cached_property, lru_cache, reduce
from itertools import accumulate, chain, combinations, islice
from math import comb, gcd, isqrt, lcm
from operator import add, and_, eq, ge, gt, le, lt, mul, ne, sub
from pathlib import Path
from typing import Any, NamedTuple, Self

FORMAT, VERSION = "adversarial-geometry/certificate", 2
MAX_DIGITS = 100_000  # of one numerator, denominator or integer
FREE_WORK, WORK = 1_000_000, 50  # what rules may evaluate, and more for each character
MAX_DEPTH = 100  # of an expression, and of splits
MAX_HALFSPACES = 10_000_000  # of paths beyond that depth, all together
MAX_WORK = 500_000_000_000  # sum of bits^2 over what expressions build: seconds
MAX_TRIALS = 200_001  # of a binomial law, whose tail is summed term by term
MAX_BITS = 4_000_000  # trials * bits of its probability
MAX_TAIL = 200_000_000_000  # terms * trials * bits^2 of such a sum: seconds
MAX_LINE, BLOCK = 200_000_000, 1_000_000  # characters of one certificate, and read at once
MAX_SPARSE = 1_000_000  # entries of a vector that is written by those that are not 0
MAX_EXPONENT = 10_000  # of the power of two that scales a matrix of integers
MAX_VALUES, MAX_IN_WINDOWS = 1_000_000, 10_000_000  # that a node yields, and combines
MAX_LENGTH, MAX_VALUES_BITS = 100_000, 500_000_000  # of one of them, and of all of a node
MAX_NETWORK_BITS = 4_000_000_000  # of the values of all nodes
MAX_GRID, MAX_PRODUCTS = 1_000, 10_000_000_000  # of bounds of a network on a box: minutes
MAX_SPREADS = 512  # values that an ellipsoid holds
MAX_WIDTH = 64  # bytes of a number among others in one integer; longer ones gain nothing
MAX_PRIME = 2**64  # the modulus of a minor is smaller
NUMERAL = re.compile(r"0|-?[1-9][0-9]*(/([2-9]|[1-9][0-9]+))?")
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
ZERO, ONE = Fraction(0), Fraction(1)
fraction = lru_cache(32)(Fraction)  # units occur often; many might be made to have one hash


class Rejected(Exception):
    """The certificate is well formed and does not prove its statement: ``step`` fails."""

    def __init__(self, step: str, reason: str) -> None:
        self.step, self.reason = step, shortened(reason)

    def __str__(self) -> str:
        return f"{self.step}: {self.reason}"


class Malformed(Exception):
    """The certificate is not well formed at ``where``."""

    def __init__(self, where: str, reason: str) -> None:
        self.where, self.reason = where, shortened(reason)

    def __str__(self) -> str:
        return f"{self.where}: {self.reason}"


def shortened(reason: str) -> str:
    """Return a reason that fits on a screen, whatever the size of its numbers."""
    return reason if len(reason) <= 400 else f"{reason[:300]}... ({len(reason)} characters)"


# Exact vectors and matrices: integers times one positive rational unit.


class Relation(NamedTuple):
    """Whether something holds and, where it does not, the reason."""

    holds: bool
    reason: str

    def __bool__(self) -> bool:
        return self.holds


def relation(sign: str, holds: Callable[[int, int], bool]) -> Callable[[Vector, Any], Relation]:
    """Return the relation that holds between two vectors when it does between all entries."""

    def compare(x: Vector, y: Vector | int) -> Relation:
        a, b, unit = x.aligned(y)
        if all(map(holds, a, b)):
            return Relation(True, "")
        i, word = list(map(holds, a, b)).index(False), sign
        if isinstance(x, Number) and not isinstance(y, Number | int):
            a, b, word = b, a, sign.translate({60: 62, 62: 60})  # Python has turned them round
        left, right = text(Number([a[i]], unit)), text(Number([b[i]], unit))
        which = "it" if len(a) == 1 else f"entry {i}"
        return Relation(False, f"{which} is {left}, not {word}{right}")

    return compare


class Vector:
    """Integers times a unit. In sums and relations one number stands for equal entries."""

    __slots__ = ("n", "unit")

    def __init__(self, n: Sequence[int], unit: Fraction = ONE) -> None:
        self.n, self.unit = n, unit

    @classmethod
    def of(cls, fractions: Iterable[tuple[int, int]]) -> Self:
        """Return the vector of some fractions, each a numerator and a denominator."""
        pairs = list(fractions)
        scale = lcm(*{q for _, q in pairs})
        if scale == 1:
            return cls([p for p, _ in pairs])
        return cls([p if q == scale else p * (scale // q) for p, q in pairs], fraction(1, scale))

    def __len__(self) -> int:
        return len(self.n)

    def __getitem__(self, i: int) -> Number:
        return Number([self.n[i]], self.unit)

    def __iter__(self) -> Iterator[Number]:
        return (Number([x], self.unit) for x in self.n)

    def at(self, places: Iterable[int]) -> Vector:
        """Return the entries at some places."""
        return Vector([self.n[i] for i in places], self.unit)

    @property
    def ratios(self) -> list[tuple[int, int]]:
        """The numerator and denominator of every entry, in lowest terms."""
        p, q = self.unit.as_integer_ratio()
        return [lowest(x * p, q) for x in self.n]

    @property
    def total(self) -> Number:
        """The sum of all entries."""
        return Number([sum(self.n)], self.unit)

    def aligned(self, other: Vector | int) -> tuple[Sequence[int], Sequence[int], Fraction]:
        """Return the integers of both and the unit that they have in common."""
        if isinstance(other, int):
            other = Number([other], ONE if other else self.unit)
        a, b, unit = self.n, other.n, self.unit
        if unit is not other.unit:
            (p, q), unit = shared((unit, other.unit))
            a, b = [p * x for x in a], [q * y for y in b]
        if len(a) != len(b):
            a = list(a) * len(b) if isinstance(self, Number) else a
            b = list(b) * len(a) if isinstance(other, Number) else b
            same_length(a, b)
        return a, b, unit

    def __add__(self, other: Vector | int) -> Self:
        a, b, unit = self.aligned(other)
        return type(self)(list(map(add, a, b)), unit)

    def __sub__(self, other: Vector) -> Self:
        a, b, unit = self.aligned(other)
        return type(self)(list(map(sub, a, b)), unit)

    def __mul__(self, other: Vector | int) -> Self:
        """Multiply by a number, or entry by entry."""
        if not isinstance(other, int | Number):
            same_length(self.n, other.n)
            return type(self)(list(map(mul, self.n, other.n)), both(self.unit, other.unit))
        (k,), unit = (other.n, other.unit) if isinstance(other, Number) else ((other,), ONE)
        return type(self)(self.n if k == 1 else [k * x for x in self.n], both(self.unit, unit))

    def __matmul__(self, other: Vector) -> Number:
        """Return the inner product."""
        if not isinstance(other, Vector):
            return NotImplemented  # of a matrix: its own business
        same_length(self.n, other.n)
        return Number([sum(map(mul, self.n, other.n))], both(self.unit, other.unit))

    def __abs__(self) -> Vector:
        return Vector(list(map(abs, self.n)), self.unit)

    def positive(self) -> Vector:
        """Return the positive part of every entry."""
        return Vector([max(x, 0) for x in self.n], self.unit)

    __eq__ = relation("", eq)  # type: ignore[assignment]
    __lt__, __le__ = relation("< ", lt), relation("<= ", le)
    __gt__, __ge__ = relation("> ", gt), relation(">= ", ge)

    def __ne__(self, other: Vector | int) -> Relation:  # type: ignore[override]
        """Deny that all entries are equal."""
        a, b, _ = self.aligned(other)
        return Relation(any(map(ne, a, b)), "no entry differs")


class Number(Vector):
    """A vector of one entry."""

    __slots__ = ()

    @property
    def value(self) -> Fraction:
        """The number itself."""
        return Fraction(*self.ratios[0])


def exact(x: int) -> Number:
    """Return an integer as a number."""
    return Number([x])


class Matrix:
    """Rows; ``columns`` tells the shape where there are none.

    Each keeps a unit of its own: over one for all, as many different denominators as there are
    entries would make every entry as long as all of them together.
    """

    def __init__(self, rows: Iterable[Vector], columns: int) -> None:
        self.rows, self.columns = list(rows), columns
        self.n = [row.n for row in self.rows]

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, i: int) -> Vector:
        return self.rows[i]

    def at(self, places: Iterable[int]) -> Matrix:
        """Return some of the rows."""
        return Matrix((self.rows[i] for i in places), self.columns)

    def times(self, exponent: int) -> Matrix:
        """Return the matrix times a power of two."""
        factor = Number([1], Fraction(2) ** exponent)
        return Matrix((row * factor for row in self.rows), self.columns)

    @cached_property
    def shared(self) -> tuple[list[int], Fraction]:
        """How many times as much as the largest common unit that of each row is, and that."""
        return shared([row.unit for row in self.rows])

    @property
    def level(self) -> Matrix:
        """The same matrix, with one unit for all rows."""
        times, unit = self.shared
        rows = zip(times, self.rows, strict=True)
        return Matrix((Vector((row * k).n, unit) for k, row in rows), self.columns)

    @property
    def T(self) -> Matrix:
        """The transposed matrix."""
        columns = [list(column) for column in zip(*self.n, strict=True)] or [[]] * self.columns
        units = [row.unit for row in self.rows] or [ONE]
        if units.count(units[0]) == len(units):
            return Matrix((Vector(column, units[0]) for column in columns), len(self))
        ratios = zip(*(row.ratios for row in self.rows), strict=True)
        return Matrix(map(Vector.of, ratios), len(self))

    def beside(self, column: Vector) -> Matrix:
        """Return the matrix with one more column."""

        def longer(row: Vector, x: Number) -> Vector:
            (p, q), unit = shared((row.unit, x.unit))
            return Vector([*(p * y for y in row.n), q * x.n[0]], unit)

        pairs = zip(self.rows, column, strict=True)
        return Matrix((longer(row, x) for row, x in pairs), self.columns + 1)

    def __abs__(self) -> Matrix:
        return Matrix(map(abs, self.rows), self.columns)

    def images(self, vectors: Iterable[Sequence[int]]) -> list[list[int]]:
        """Return the products of the integers of all rows with each of some vectors of integers."""
        return [[sum(map(mul, row, v)) for row in self.n] for v in vectors]

    def __matmul__(self, x: Vector) -> Vector:
        same_length(range(self.columns), x.n)
        times, unit = self.shared
        values = list(map(mul, times, self.images([x.n])[0]))
        return Vector(values, both(unit, x.unit))

    def __rmatmul__(self, y: Vector) -> Vector:
        """Return the sum of the rows, each times its entry of y."""
        same_length(y.n, self.n)
        used = [i for i, c in enumerate(y.n) if c]
        if not used:
            return Vector([0] * self.columns)
        part = self.at(used)
        times, unit = part.shared
        weights = list(map(mul, times, y.at(used).n))
        sums = [sum(map(mul, weights, column)) for column in zip(*part.n, strict=True)]
        return Vector(sums, both(unit, y.unit))


class Sparse:
    """Rows by some of their entries, a vector of them and their places; all others are 0."""

    def __init__(self, rows: list[tuple[Vector, Sequence[int]]], columns: int) -> None:
        self.rows, self.columns = rows, columns

    def __matmul__(self, x: Vector) -> Vector:
        same_length(range(self.columns), x.n)
        times, unit = shared([row.unit for row, _ in self.rows])
        rows = zip(times, self.rows, strict=True)
        sums = [k * sum(map(mul, row.n, map(x.n.__getitem__, at))) for k, (row, at) in rows]
        return Vector(sums, both(unit, x.unit))

    def __rmatmul__(self, y: Vector) -> Vector:
        """Return the sum of the rows, each times its entry of y."""
        same_length(y.n, self.rows)
        used = [(c, row, at) for c, (row, at) in zip(y.n, self.rows, strict=True) if c]
        times, unit = shared([row.unit for _, row, _ in used])
        sums = [0] * self.columns
        for k, (c, row, at) in zip(times, used, strict=True):
            for j, x in zip(at, row.n, strict=True):
                sums[j] += k * c * x
        return Vector(sums, both(unit, y.unit))


class Packed:
    """Rows of integers, those of each as digits of one: many sums of multiples are fast.

    A sum of products of whole rows is one of Python's operations on long integers for each row,
    and none of its digits, of so many bytes that it holds a sign as well, reaches into the next.
    """

    def __init__(self, matrix: Matrix) -> None:
        self.rows, self.columns = matrix.n, matrix.columns
        self.bits = (
            max(map(int.bit_length, chain(*self.rows)), default=0) + len(matrix).bit_length()
        )
        self.packed = lru_cache(2)(self.pack)

    def pack(self, width: int) -> tuple[list[int], int, int]:
        """Return rows with digits of so many bytes, and by what to raise sums, and a digit."""
        half = 1 << 8 * width - 1
        halves = int.from_bytes(half.to_bytes(width, "little") * self.columns, "little")
        raised = (b"".join((x + half).to_bytes(width, "little") for x in row) for row in self.rows)
        return [int.from_bytes(row, "little") - halves for row in raised], halves, half

    def sums(self, a: Sequence[int]) -> list[int]:
        """Return the sum of the rows, each times its entry of a."""
        width = ((max(map(int.bit_length, a), default=0) + self.bits) // 32 + 1) * 4
        if width > MAX_WIDTH:
            return [sum(map(mul, a, column)) for column in zip(*self.rows, strict=True)]
        rows, halves, half = self.packed(width)
        total = sum([x * row for x, row in zip(a, rows, strict=True) if x], halves)
        digits = total.to_bytes(width * self.columns, "little")
        places = range(0, len(digits), width)
        return [int.from_bytes(digits[i : i + width], "little") - half for i in places]


def lowest(p: int, q: int) -> tuple[int, int]:
    """Return a fraction, with q not 0, in lowest terms."""
    common = gcd(p, q) if q > 0 else -gcd(p, q)
    return (p, q) if common == 1 else (p // common, q // common)


def both(a: Fraction, b: Fraction) -> Fraction:
    """Return the product of two units, most of which are 1."""
    if a is ONE or b is ONE:
        return a if b is ONE else b
    return fraction(*lowest(a.numerator * b.numerator, a.denominator * b.denominator))


def shared(units: Sequence[Fraction]) -> tuple[list[int], Fraction]:
    """Return how many times as much as the largest common unit each of some units is, and that."""
    first = units[0] if units else ONE
    if units.count(first) == len(units):
        return [1] * len(units), first
    pairs = [u.as_integer_ratio() for u in units]
    p, q = gcd(*[a for a, _ in pairs]), lcm(*[b for _, b in pairs])
    return [a // p * (q // b) for a, b in pairs], fraction(p, q)


def same_length(a: Sequence[Any], b: Sequence[Any]) -> None:
    """Refuse two sequences of different lengths: no rule may compute with them."""
    if len(a) != len(b):
        raise Malformed("dimensions", f"{len(a)} and {len(b)} entries do not match")


def size(x: tuple[int, int]) -> int:
    """Return the bits of the longer of numerator and denominator."""
    return max(x[0].bit_length(), x[1].bit_length())


def written(p: int, q: int) -> str:
    """Return a fraction in words: of a long one the length."""
    bits = max(p.bit_length(), q.bit_length())
    return f"(a number of {bits} bits)" if bits > 100 else str(p) if q == 1 else f"{p}/{q}"


def text(x: Any) -> str:
    """Return a value in words: of a long number the length, of a long list the beginning."""
    if isinstance(x, Number):
        return written(*x.ratios[0])
    if not isinstance(x, Vector | Matrix | list):
        return str(x() if callable(x) else x)
    table = isinstance(x, Matrix) or (isinstance(x, list) and x and isinstance(x[0], list | Vector))
    most, what = (3, "rows") if table else (6, "entries")
    rest = f", ...; {len(x)} {what}" if len(x) > most else ""
    return f"({', '.join(text(x[i]) for i in range(min(most, len(x))))}{rest})"


def series(parts: Iterable[str], most: int = 4) -> str:
    """Return different texts in a row, the first of them where they are many."""
    different = list(dict.fromkeys(parts))
    rest = f"; and {len(different) - most} more" if len(different) > most else ""
    return f"{'; '.join(different[:most])}{rest}"


# Reading: every field is asked for by name and shape, and nothing may be left over.


class Numerals(dict[str, tuple[int, int]]):
    """Numerator and denominator of the numerals of a document, each of which is read once."""

    def __missing__(self, value: Any) -> tuple[int, int]:
        """Read a numeral. Raises ValueError."""
        if not isinstance(value, str) or not NUMERAL.fullmatch(value):
            raise ValueError(f"expected a numeral such as '-3/7', got {str(value)[:40]!r}")
        numerator, _, denominator = value.partition("/")
        if max(len(numerator), len(denominator)) > MAX_DIGITS:
            raise ValueError(f"a numeral has more than {MAX_DIGITS} digits")
        p, q = int(numerator), int(denominator or 1)
        if gcd(p, q) != 1:
            raise ValueError(f"{value[:40]!r} is not in lowest terms")
        self[value] = pair = p, q
        return pair


NUMERALS = Numerals()


class Field:
    """A JSON value and its place. An object gives each field once, and all have to be read."""

    __slots__ = ("budget", "objects", "unread", "value", "where")

    def __init__(self, value: Any, where: str, objects: list[Field] | None = None) -> None:
        self.value, self.where, self.budget = value, where, 0
        self.unread: dict[str, Any] = {}
        self.objects = [] if objects is None else objects  # of the document, as they are met
        if isinstance(value, dict):
            self.unread = dict(value)
            self.objects.append(self)

    def __contains__(self, name: str) -> bool:
        if not isinstance(self.value, dict):
            raise Malformed(self.where, f"expected an object, got {self.type}")
        return name in self.unread

    def __getitem__(self, name: str) -> Field:
        """Read a field of an object."""
        if name not in self:
            raise Malformed(self.where, f"field {name!r} is missing")
        return Field(self.unread.pop(name), f"{self.where}.{name}", self.objects)

    def close(self) -> None:
        """Refuse fields, here or in values inside, that no rule has read."""
        for item in reversed(self.objects):
            for name in item.unread:
                raise Malformed(item.where, f"unknown field {name!r}")
        self.objects.clear()

    def spend(self, work: int) -> None:
        """Refuse more work than a document may ask for."""
        self.budget -= work
        if self.budget < 0:
            raise Malformed(self.where, "more work than a document may ask for")

    @property
    def type(self) -> str:
        """The name of the type of the value."""
        return "null" if self.value is None else type(self.value).__name__

    def entries(self, least: int = 0, length: int | None = None) -> list[Any]:
        """Return the entries of a list, which are at least or exactly so many."""
        if not isinstance(self.value, list):
            raise Malformed(self.where, f"expected a list, got {self.type}")
        if length is not None and len(self.value) != length:
            raise Malformed(self.where, f"expected {length} entries, got {len(self.value)}")
        if len(self.value) < least:
            few = "one entry" if least == 1 else f"{least} entries"
            raise Malformed(self.where, f"expected at least {few}")
        return self.value

    def items(self, least: int = 0, length: int | None = None) -> list[Field]:
        """Read a list."""
        values = enumerate(self.entries(least, length))
        return [Field(value, f"{self.where}[{i}]", self.objects) for i, value in values]

    def choice(self, *values: Any) -> Any:
        """Read one of some values."""
        if not any(type(self.value) is type(x) and self.value == x for x in values):
            got = json.dumps(self.value) if isinstance(self.value, str | int) else self.type
            known = ", ".join(map(json.dumps, values))
            raise Malformed(self.where, f"{got[:40]} is none of {known}")
        return self.value

    def integer(self, low: int = 0, high: int | None = None) -> int:
        """Read an integer with low <= value < high."""
        if not isinstance(self.value, int) or isinstance(self.value, bool):
            raise Malformed(self.where, f"expected an integer, got {self.type}")
        if self.value < low or (high is not None and self.value >= high):
            limits = f"at least {low}" if high is None else f"from {low} to {high - 1}"
            raise Malformed(self.where, f"expected an integer {limits}, got {self.value}")
        return self.value

    def whole(
        self, low: int, high: int | None, least: int = 0, length: int | None = None
    ) -> list[int]:
        """Read integers from low to below high: raw, as there may be millions of them."""
        values = self.entries(least, length)
        for i, x in enumerate(values):
            if type(x) is not int or x < low or (high is not None and x >= high):
                Field(x, f"{self.where}[{i}]").integer(low, high)
        return values

    def signs(self) -> list[int]:
        """Read at least one label, -1 or 1: raw, as there may be millions of them."""
        values = self.entries(1)
        for i, x in enumerate(values):
            if type(x) is not int or x not in (-1, 1):
                Field(x, f"{self.where}[{i}]").choice(-1, 1)
        return values

    def indices(self, high: int, least: int = 0, length: int | None = None) -> list[int]:
        """Read distinct indices below ``high``."""
        found = self.whole(0, high, least, length)
        if len(set(found)) != len(found):
            raise Malformed(self.where, "an index occurs twice")
        return found

    def numeral(self, value: Any, index: int | None = None) -> tuple[int, int]:
        """Return numerator and denominator of a numeral, here or at a place of this list."""
        try:
            if isinstance(value, str):
                return NUMERALS[value]
            reason = f"expected a numeral in a string, got {Field(value, '').type}"
        except ValueError as error:
            reason = str(error)
        raise Malformed(self.where if index is None else f"{self.where}[{index}]", reason)

    def number(self) -> Number:
        """Read one rational."""
        return Number.of([self.numeral(self.value)])

    def vector(self, length: int | None = None, compact: bool = False) -> Vector:
        """Read numerals, or if compact integers, written as such or as numerals in strings."""
        values = self.entries(0, length)
        if compact and set(map(type, values)) <= {int}:
            return Vector(values)  # millions of pixels pass here, not looked at one by one
        try:
            pairs = list(map(NUMERALS.__getitem__, values))
        except (ValueError, TypeError):
            given = values if not compact else [str(x) if type(x) is int else x for x in values]
            pairs = [self.numeral(x, None if compact else i) for i, x in enumerate(given)]
        if compact and any(q != 1 for _, q in pairs):
            raise Malformed(self.where, "expected integers")
        return Vector.of(pairs)

    def entry_list(self, length: int | None = None) -> tuple[Vector, Sequence[int], int]:
        """Read a vector as some of its entries, their places, and how many it has.

        A list has all of them; an object those that it names, and the others are 0.
        """
        if not isinstance(self.value, dict):
            numbers = self.vector(length)
            return numbers, range(len(numbers)), len(numbers)
        count = self["length"].integer(0, MAX_SPARSE + 1)
        if length is not None and count != length:
            raise Malformed(self.where, f"expected {length} entries, got {count}")
        places = self["indices"].indices(count)
        return self["values"].vector(len(places)), places, count

    def sparse_vector(self, length: int | None = None) -> Vector:
        """Read a vector, with the zeros that are not written."""
        numbers, places, count = self.entry_list(length)
        found = [0] * count
        for i, x in zip(places, numbers.n, strict=True):
            found[i] = x
        return Vector(found, numbers.unit)

    def sparse_matrix(self, columns: int, rows: int) -> Sparse:
        """Read rows, each as some of its entries."""
        items = self.items()
        if len(items) != rows:
            raise Malformed(self.where, f"expected {rows} rows, got {len(items)}")
        return Sparse([item.entry_list(columns)[:2] for item in items], columns)

    def vectors(self, length: int) -> list[Vector]:
        """Read vectors of one length."""
        return [item.vector(length) for item in self.items()]

    def matrix(self, columns: int | None = None, rows: int | None = None) -> Matrix:
        """Read equally long vectors as a matrix."""
        self.entries()
        return self.scaled_matrix(columns, rows)[0]

    def compact(self) -> tuple[Field, int]:
        """Return what holds the numbers, and the exponent of their scale: of numerals, 0."""
        if not isinstance(self.value, dict):
            return self, 0
        return self["integers"], self["exponent"].integer(-MAX_EXPONENT, MAX_EXPONENT + 1)

    def scaled_matrix(
        self, columns: int | None = None, rows: int | None = None
    ) -> tuple[Matrix, int]:
        """Read a matrix, of numerals or compact, and the exponent of its scale."""
        table, exponent = self.compact()
        items = table.items()
        if rows is not None and len(items) != rows:
            raise Malformed(table.where, f"expected {rows} rows, got {len(items)}")
        if columns is None:
            columns = len(items[0].entries()) if items else 0
        found = (x.vector(columns, table is not self) for x in items)
        return Matrix(found, columns), exponent

    def scaled_vector(self, length: int | None = None) -> tuple[Vector, int]:
        """Read a vector, of numerals or compact, and the exponent of its scale."""
        numbers, exponent = self.compact()
        return numbers.vector(length, numbers is not self), exponent


# Rules. A step is a name, whether it holds, and where or what is looked at, if that helps.

Step = tuple[str, Relation | bool] | tuple[str, Relation | bool, str]
Steps = Generator[Step, None, Any]  # a sentence, or values for the first paragraph of the rule
READ: Step = "the fields of a fact are read", True
Rule = Callable[[Field, Field, Field], Steps]


class Minor:
    """Rows and columns of a matrix, and a number modulo which their determinant is a unit."""

    def __init__(self, evidence: Field, matrix: Matrix) -> None:
        self.matrix, self.modulus = matrix, evidence["prime"].integer(2, MAX_PRIME)
        self.rows = evidence["rows"].indices(len(matrix))
        self.columns = evidence["columns"].indices(matrix.columns)
        self.size = exact(len(self.rows))

    def steps(self, used: Iterable[int] | None = None) -> Iterator[Step]:
        """Show that the rank of the matrix, or of the used rows alone, is at least the size."""
        yield "minor is square", self.size == len(self.columns)
        kept = set(self.rows if used is None else used)
        yield "minor is nonzero modulo the prime", self.unit(kept)

    def unit(self, used: set[int]) -> Relation:
        """Reduce the minor modulo the number, rows that are not used to 0, and eliminate."""
        block = []
        inverse = lru_cache(32)(lambda q: pow(q, -1, self.modulus))
        for i in self.rows:
            row = self.matrix[i].at(self.columns) * (i in used)
            try:
                block.append([p * inverse(q) % self.modulus for p, q in row.ratios])
            except ValueError:
                return Relation(False, f"a denominator in row {i} is not invertible")
        return eliminated(block, self.modulus)


def eliminated(block: list[list[int]], modulus: int) -> Relation:
    """Eliminate a square block modulo a number; every pivot has to be invertible."""
    for k in range(len(block)):
        pivot = next((i for i in range(k, len(block)) if block[i][k]), None)
        if pivot is None:
            return Relation(False, f"elimination stops at column {k}")
        block[k], block[pivot] = block[pivot], block[k]
        if gcd(block[k][k], modulus) != 1:
            return Relation(False, f"{modulus} is not prime")
        inverse = pow(block[k][k], -1, modulus)
        for i in range(k + 1, len(block)):
            if factor := block[i][k] * inverse % modulus:
                pairs = zip(block[i], block[k], strict=True)
                block[i] = [(a - factor * b) % modulus for a, b in pairs]
    return Relation(True, "")


def null_basis(M: Matrix, basis: list[Vector], free: list[int], rank: Number) -> Iterator[Step]:
    """Show that the vectors are null vectors, independent, and as many as the rank allows."""
    count = exact(len(basis))
    yield "basis vectors are independent", count == len(free), "number of vectors"
    for i, v in enumerate(basis):
        unit = Vector([int(i == k) for k in range(len(free))])
        yield "basis vectors are independent", v.at(free) == unit, f"vector {i}, free coordinates"
        yield "basis vectors are null vectors", M @ v == 0, f"vector {i}, equations"
    yield "rank and dimension add up", count + rank == M.columns


def shaped(field: Field, scaled: bool = False) -> Matrix:
    """Read a matrix with at least one row and one column, if compact without its scale."""
    matrix = field.scaled_matrix()[0] if scaled else field.matrix()
    if not len(matrix) or not matrix.columns:
        raise Malformed(field.where, "expected at least one row and one column")
    return matrix


def rank(instance: Field, statement: Field, evidence: Field) -> Steps:
    """the {m} x {n} matrix {M} has the rank {r}

    A minor of size r that is a unit modulo some number is not 0, so the rank is at least r; n - r
    independent null vectors show that it is at most r.
    """
    M, r = shaped(instance["matrix"]), statement["rank"].integer()
    minor, m, n = Minor(evidence, M), len(M), M.columns
    basis, free = evidence["basis"].vectors(n), evidence["free"].indices(n)
    yield from minor.steps()
    yield "minor has the stated size", minor.size == r
    yield from null_basis(M, basis, free, minor.size)
    return locals()


def null_space(instance: Field, statement: Field, evidence: Field) -> Steps:
    """the {k} vectors {basis} are a basis of the space of all x with M x = 0, M = {M}, {m} x {n}

    They are independent null vectors, and a minor of M leaves no room for more.
    """
    M = shaped(instance["matrix"])
    minor, m, n = Minor(evidence, M), len(M), M.columns
    basis, free = statement["basis"].vectors(n), evidence["free"].indices(n)
    yield from minor.steps()
    yield from null_basis(M, basis, free, minor.size)
    k = len(basis)
    return locals()


def linear_system_solution(instance: Field, statement: Field, evidence: Field) -> Steps:
    """M x = b with x = {x}, M = {M} and b = {b}

    By substitution.
    """
    M = shaped(instance["matrix"])
    b, x = instance["right_side"].vector(len(M)), statement["solution"].vector(M.columns)
    yield "solution satisfies the equations", M @ x == b
    return locals()


def linear_system_inconsistent(instance: Field, statement: Field, evidence: Field) -> Steps:
    """no x has M x = b, for M = {M} and b = {b}

    With y M = 0 and y.b not 0, such an x would give 0 = y.M x = y.b.
    """
    M = shaped(instance["matrix"])
    b, y = instance["right_side"].vector(len(M)), evidence["combination"].vector(len(M))
    yield "combination cancels the unknowns", y @ M == 0
    yield "combination leaves a contradiction", y @ b != 0
    return locals()


class Program:
    """Minimise c.x subject to A x <= b, C x = d, x_j >= 0 for the signed j."""

    def __init__(self, instance: Field) -> None:
        self.c = instance["objective"].sparse_vector()
        (self.A, self.b), (self.C, self.d) = (
            (part["matrix"].sparse_matrix(len(self.c), len(bounds)), bounds)
            for part in (instance["inequalities"], instance["equalities"])
            for bounds in [part["right_side"].sparse_vector()]
        )
        self.signed = sorted(instance["nonnegative"].indices(len(self.c)))
        signed = set(self.signed)
        self.free = Vector([int(j not in signed) for j in range(len(self.c))])

    def __str__(self) -> str:
        return (
            f"A x <= b, C x = d, x_j >= 0 for j in {text(self.signed)} ({len(self.b)} "
            f"inequalities, {len(self.d)} equations, {len(self.c)} variables)"
        )

    def satisfied(self, step: str, x: Vector, b: Vector | int, d: Vector | int) -> Iterator[Step]:
        """Show that A x <= b, C x = d and x_j >= 0 for the signed j."""
        yield step, self.A @ x <= b, "inequalities"
        yield step, self.C @ x == d, "equations"
        yield step, x.at(self.signed) >= 0, "nonnegative variables"

    def feasible(self, x: Vector) -> Iterator[Step]:
        """Show that x satisfies every constraint."""
        return self.satisfied("point is feasible", x, self.b, self.d)

    def multipliers(self, evidence: Field) -> tuple[Vector, Vector]:
        """Read a multiplier for each inequality and each equation."""
        y = evidence["inequality_multipliers"].sparse_vector(len(self.b))
        return y, evidence["equality_multipliers"].sparse_vector(len(self.d))

    def dual(self, c: Vector, y: Vector, z: Vector) -> Iterator[Step]:
        """Show that c.x >= -(b.y + d.z) for every feasible x: c + y A + z C is 0, or >= 0."""
        yield "multipliers are nonnegative", y >= 0, "inequality multipliers"
        kept = c + y @ self.A + z @ self.C
        yield "multipliers cancel the variables", kept * self.free == 0
        yield "multipliers cancel the variables", kept >= 0


def lp_optimal(instance: Field, statement: Field, evidence: Field) -> Steps:
    """the least c.x with {program} is {value}, at x = {x}

    The x is feasible, and multipliers prove c.x >= value for every feasible one.
    """
    program = Program(instance)
    x, value = statement["x"].sparse_vector(len(program.c)), statement["value"].number()
    y, z = program.multipliers(evidence)
    yield from program.feasible(x)
    yield "point attains the value", program.c @ x == value
    yield from program.dual(program.c, y, z)
    yield "multipliers prove the bound", (program.b @ y + program.d @ z) * -1 == value
    return locals()


def lp_infeasible(instance: Field, statement: Field, evidence: Field) -> Steps:
    """no x has {program}

    Multipliers prove 0 >= -(b.y + d.z) for every feasible x, and this bound is positive (Farkas).
    """
    program = Program(instance)
    y, z = program.multipliers(evidence)
    yield from program.dual(program.c * 0, y, z)
    yield "multipliers prove a contradiction", program.b @ y + program.d @ z < 0
    return locals()


def lp_unbounded(instance: Field, statement: Field, evidence: Field) -> Steps:
    """c.x has no lower bound over the x with {program}: x + s r is one for all s >= 0, with x =
    {x} and r = {r}, and c.r = {slope}

    A feasible point stays feasible along a ray of the homogeneous constraints.
    """
    program = Program(instance)
    x, r = (statement[name].sparse_vector(len(program.c)) for name in ("x", "ray"))
    yield from program.feasible(x)
    yield from program.satisfied("ray stays feasible", r, 0, 0)
    slope = program.c @ r
    yield "ray improves the objective", slope < 0
    return locals()


class LabelledSet:
    """Points x_i with labels y_i, -1 or +1, of the given dimension if there is one."""

    def __init__(self, part: Field, dimension: int | None = None) -> None:
        self.y = Vector(part["labels"].signs())
        points, exponent = part["points"].scaled_matrix(dimension, len(self.y))
        self.x, self.d, self.count = points.times(exponent), points.columns, len(self.y)
        if not self.d:
            raise Malformed(f"{part.where}.points", "expected at least one coordinate")
        self.separated = f"y_i (w.x_i + b) > 0 at all {self.count} points"

    def classifier(self, part: Field) -> tuple[Vector, Number]:
        """Read w and b."""
        return part["normal"].vector(self.d), part["offset"].number()

    def multipliers(self, evidence: Field) -> Vector:
        """Read a number for each point."""
        return evidence["multipliers"].vector(self.count)

    def margins(self, w: Vector, b: Number) -> Vector:
        """Return y_i (w.x_i + b) for every point."""
        return (self.x @ w + b) * self.y

    def combined(self, a: Vector, normal: Vector, offset: Number | int = 0) -> Iterator[Step]:
        """Show a >= 0, not all 0, with sum a_i y_i x_i = normal and sum a_i y_i = offset.

        Then normal.w + offset b is sum a_i times the margin of (w, b) at x_i.
        """
        yield from positive(a)
        yield "multipliers give the offset", self.y @ a == offset
        yield "multipliers give the normal", a * self.y @ self.x == normal

    def only(self, share: Vector, label: int) -> Relation:
        """Return whether points of the other label have no share."""
        return share * Vector([int(y != label) for y in self.y.n]) == 0


def positive(a: Vector) -> Iterator[Step]:
    """Show that multipliers are nonnegative and not all zero."""
    yield "multipliers are nonnegative", a >= 0
    yield "multipliers are not all zero", a != 0


def convex(share: Vector, rest: Number | int = 0) -> Iterator[Step]:
    """Show that the shares, and a rest, are the coefficients of a convex combination."""
    yield "combination is convex", share >= 0
    yield "combination is convex", share.total + rest == 1, "sum"


def max_margin(instance: Field, statement: Field, evidence: Field) -> Steps:
    """among all (w, b){family} the least of y_i (w.x_i + b) / |w| over the {m} points is largest
    for w = {w}, b = {b}, and its positive multiples alone: this margin squared is {square}

    The KKT conditions of: minimise |w|^2 with all margins >= 1. The program is convex, and w is
    unique; a support vector of each label fixes b.
    """
    data, homogeneous = LabelledSet(instance), statement["homogeneous"].choice(True, False)
    (w, b), square = data.classifier(statement), statement["margin_squared"].number()
    a, m, family = data.multipliers(evidence), data.count, " with b = 0" if homogeneous else ""
    yield "offset is zero", not homogeneous or b == 0
    yield "multipliers are nonnegative", a >= 0
    yield "multipliers give the normal", a * data.y @ data.x == w
    yield "multipliers balance the classes", homogeneous or data.y @ a == 0
    margins = data.margins(w, b)
    yield "separator is accurate in the canonical scale", margins >= 1
    yield "multipliers live on support vectors", margins.at(i for i in range(m) if a.n[i]) == 1
    yield "margin is the reciprocal of the norm", square * (w @ w) == 1
    return locals()


def not_separable(instance: Field, statement: Field, evidence: Field) -> Steps:
    """no (w, b){family} has {separated}

    Weights >= 0, not all 0, make the sum of all margins 0, whatever (w, b) is.
    """
    data, homogeneous = LabelledSet(instance), statement["homogeneous"].choice(True, False)
    a, separated = data.multipliers(evidence), data.separated
    yield from positive(a)
    yield "multipliers balance the classes", homogeneous or data.y @ a == 0
    yield "multipliers cancel the points", a * data.y @ data.x == 0
    family = " with b = 0" if homogeneous else ""
    return locals()


def separable(instance: Field, statement: Field, evidence: Field) -> Steps:
    """w = {w}, b = {b} has {separated}

    By substitution.
    """
    data, homogeneous = LabelledSet(instance), statement["homogeneous"].choice(True, False)
    (w, b), separated = data.classifier(evidence), data.separated
    yield "separator is accurate", data.margins(w, b) > 0
    yield "offset is zero", not homogeneous or b == 0
    return locals()


def every_separator(instance: Field, statement: Field, evidence: Field) -> Steps:
    """every (w, b) with {margins}, if there is one, has u.w + t b > 0, with u = {u} and t = {t}

    Because it is the sum of a_i times the margin of (w, b) at i: no term is negative, and one with
    a_i > 0 and a margin > 0 is positive. At weak points a margin of 0 is allowed.
    """
    data = LabelledSet(instance)
    (u, t), a = data.classifier(statement), data.multipliers(evidence)
    weak = statement["weak"].indices(data.count, 1) if "weak" in statement else []
    yield from data.combined(a, u, t)
    strict = a.at(set(range(data.count)) - set(weak))
    yield "a strict point has a multiplier", strict != 0, "only weak points have multipliers"
    margins = data.separated
    if weak:
        margins += f" (>= 0 is enough at the points {text(weak)})"
    return locals() if u != 0 or t != 0 else f"no (w, b) has {margins}"


def separator_steps(instance: Field, statement: Field, evidence: Field) -> Steps:
    """every (w, b) with {separated} has w.u > 0, with u = {u}; for w = {w}, b = {b}, one of them,
    y (w.(x - y c u) + b) is > 0 for c < s, 0 for c = s and < 0 for c > s, at the {k} queries (x, y)
    with s = {s}

    This number is the margin of x less c w.u, and w.u is sum a_i times the margins of the points,
    at least (sum a_i) min m_i: hence the bound of Theorem 5 (Charles et al.).
    """
    data = LabelledSet(instance)
    (w, b), a = data.classifier(instance["separator"]), data.multipliers(evidence)
    queries, separated = LabelledSet(instance["queries"], data.d), data.separated
    u, k = statement["direction"].vector(data.d), queries.count
    s = statement["steps"].vector(k)
    yield "separator is accurate", data.margins(w, b) > 0
    yield from data.combined(a, u)
    margins = queries.margins(w, b)
    yield "query is on its own side", margins >= 0
    yield "step brings the query to the boundary", s * (w @ u) == margins
    return locals()


def some_point_flips(instance: Field, statement: Field, evidence: Field) -> Steps:
    """for every (w, b) with {separated} some y_i (w.(x_i - y_i s u) + b) is < 0, or 0 at points of
    both labels, with s = {s} and u = {u}; for w = {w}, b = {b} all y_i (w.(x_i - y_i c u) + b) are
    > 0 where 0 <= c < s

    Because these margins, times a_i, have the sum 0 (Charles et al., Corollary 6); where all with
    a_i > 0 are 0, points of both labels are among them.
    """
    data = LabelledSet(instance)
    u, s = statement["direction"].vector(data.d), statement["step"].number()
    a = data.multipliers(evidence)
    (w, b), separated = data.classifier(evidence["separator"]), data.separated
    yield from data.combined(a, u)
    yield "step is the reciprocal of the multipliers", s * a.total == 1
    margins = data.margins(w, b)
    yield "separator is accurate", margins > 0
    yield "separator keeps every label at smaller steps", margins >= s * (w @ u)
    return locals()


def universal_step(instance: Field, statement: Field, evidence: Field) -> Steps:
    """for 0 <= c < s, and for no c >= s: some (w, b) has {separated} and y (w.(x - y c u) + b) > 0,
    with s = {s}, x the point {k}, y its label and u = {u}

    No separator needs more, since m_k a_k is at most sum a_i m_i = w.u. The limit rule with a
    little of the separator added is a separator that needs as nearly as much as one likes, or that
    keeps the label as long as one likes.
    """
    data = LabelledSet(instance)
    u, k = statement["direction"].vector(data.d), statement["point"].integer(0, data.count)
    infinite, separated = statement["infinite"].choice(True, False), data.separated
    separator = data.classifier(evidence["separator"])
    limit = w, _ = data.classifier(evidence["limit"])
    s, a = (exact(0), u) if infinite else (statement["step"].number(), data.multipliers(evidence))
    yield "direction is not zero", u != 0
    yield "separator is accurate", data.margins(*separator) > 0
    margins = data.margins(*limit)
    yield "limit rule is weakly accurate", margins >= 0
    if infinite:
        yield "limit rule is level along the direction", w @ u == 0
        yield "limit rule keeps the point strictly", margins[k] > 0
        return (
            f"for every c > 0: some (w, b) has {separated} and y (w.(x - y c u) + b) > 0, with x "
            f"the point {k}, y its label and u = {text(u)}"
        )
    yield from data.combined(a, u)
    yield "multiplier is the reciprocal of the step", a[k] * s == 1
    yield "limit rule has slope one", w @ u == 1
    yield "limit rule needs the step", margins[k] == s
    return locals()


# Softmax layers with logits z_i(h) = W_i.h + b_i; column i of the weights is W_i.


def differences(weights: Matrix) -> Matrix:
    """Return the rows W_i - W_m for i < m."""
    *columns, last = map(weights.T.__getitem__, range(weights.columns))
    return Matrix((column - last for column in columns), len(weights))


def unchanged(weights: Matrix, v: Vector) -> Iterator[Step]:
    """Show that a nonzero direction changes all logits by the same amount."""
    yield "direction is not zero", v != 0
    shifts = v @ weights
    yield "direction shifts all logits equally", shifts == shifts[-1]


def invariant_space(instance: Field, statement: Field, evidence: Field) -> Steps:
    """softmax({m} logits) is the same at h + v as at h, {n} features, exactly for v in the space of
    dimension {dimension} with the basis {basis}

    It is when all logits move by the same amount (Zou et al., Theorem 1): D v = 0 for the matrix D
    of the differences, of which the basis is a complete null basis.
    """
    weights = shaped(instance["weights"])
    D, m, n = differences(weights), weights.columns, len(weights)
    basis, dimension = statement["basis"].vectors(n), statement["dimension"].integer()
    minor, free = Minor(evidence, D), evidence["free"].indices(n)
    yield from minor.steps()
    yield from null_basis(D, basis, free, minor.size)
    yield "dimension is the size of the basis", exact(dimension) == len(basis)
    return locals()


def invariant_dimension(instance: Field, statement: Field, evidence: Field) -> Steps:
    """softmax({m} logits) is the same at h + v as at h, {n} features, exactly for v in a space of
    dimension {dimension}; the weight differences have rank {r}

    It is the null space of the differences, whose rank is that of their transpose: where that has
    fewer columns, its dependencies say it all. No rank depends on a scale of all weights.
    """
    weights = shaped(instance["weights"], scaled=True)
    tall, m, n = differences(weights), weights.columns, len(weights)
    tall = tall.T if n >= len(tall) else tall
    r, dimension = statement["rank"].integer(), statement["dimension"].integer()
    minor, free = Minor(evidence, tall), evidence["free"].indices(tall.columns)
    basis = evidence["dependencies"].vectors(tall.columns)
    yield from minor.steps()
    yield from null_basis(tall, basis, free, minor.size)
    yield "minor has the stated size", minor.size == r
    yield "dimension is what the rank leaves", exact(dimension) == n - r
    return locals()


def invariant_direction(instance: Field, statement: Field, evidence: Field) -> Steps:
    """softmax({m} logits) is the same at h + c v as at h, for all h and c, with v = {v}

    All logits move by the same amount (Zou et al., Definition 1), whatever scale the weights have.
    """
    weights = shaped(instance["weights"], scaled=True)
    v, m = statement["direction"].vector(len(weights)), weights.columns
    yield from unchanged(weights, v)
    return locals()


def invariant_regions(instance: Field, statement: Field, evidence: Field) -> Steps:
    """softmax({m} logits) is the same at h + c v as at h, for all h and c, with v = {v}; so every
    region {z_i >= all z_j} contains, with a point h, the line of all h + c v; those of the classes
    {classes} have a point

    All logits move by the same amount (Zou et al., Theorem 2).
    """
    weights = shaped(instance["weights"])
    bias, n, m = instance["bias"].vector(weights.columns), len(weights), weights.columns
    v, parts = statement["direction"].vector(n), statement["regions"].items(1)
    instance.spend(len(parts) * m * (n + 10))
    regions = [(part["class"].integer(0, m), part["point"].vector(n)) for part in parts]
    yield from unchanged(weights, v)
    for i, point in regions:
        logits = point @ weights + bias
        yield "point lies in the region", logits <= logits[i], f"class {i}"
    classes = sorted({i for i, _ in regions})
    return locals()


def stays(A: Matrix, ray: Vector) -> Iterator[Step]:
    """Show that a nonzero direction never leaves the polyhedron A x <= b."""
    yield "ray is not zero", ray != 0
    yield "ray stays inside", A @ ray <= 0


def cancels(A: Matrix, share: Vector) -> Iterator[Step]:
    """Show that a nonnegative combination of the rows is 0."""
    yield "combination is nonnegative", share >= 0
    yield "combination cancels the rows", share @ A == 0


def closed(A: Matrix, share: Vector, minor: Minor) -> Iterator[Step]:
    """Show that A r <= 0 for r = 0 alone: rows with positive multiples that cancel span all."""
    yield from cancels(A, share)
    yield from minor.steps(i for i, c in enumerate(share.n) if c)
    yield "rows in the combination span the space", minor.size == A.columns


def bounded(instance: Field, statement: Field, evidence: Field) -> Steps:
    """the set of all x with A x <= b is bounded, and possibly empty, for A = {A} ({m} x {n}) and
    every b

    Of a ray r, A r <= 0. Positive multiples of some rows cancel, so these rows are 0 on r; they
    span the space, so r = 0.
    """
    A = shaped(instance["matrix"])
    m, n = len(A), A.columns
    instance["right_side"].vector(m)
    if not statement["bounded"].choice(True, False):
        raise Malformed(f"{statement.where}.bounded", "expected true")
    yield from closed(A, evidence["combination"].vector(m), Minor(evidence, A))
    return locals()


def unbounded_polyhedron(instance: Field, statement: Field, evidence: Field) -> Steps:
    """A (x + c r) <= b for all c >= 0, with x = {x} and r = {r}: the polyhedron of the {m}
    inequalities is unbounded

    Since A x <= b, A r <= 0 and r is not 0.
    """
    A = shaped(instance["matrix"])
    m, b = len(A), instance["right_side"].vector(len(A))
    x, r = (statement[name].vector(A.columns) for name in ("point", "ray"))
    yield "point lies inside", A @ x <= b
    yield from stays(A, r)
    return locals()


def decision_region(instance: Field, statement: Field, evidence: Field) -> Steps:
    """the region of class {i}, all h with z_{i}(h) >= z_j(h) for all j of {m} classes, {says}

    That is, it is empty, or bounded and not empty, or unbounded; it is the polyhedron of the rows
    W_j - W_i and the bounds b_i - b_j, j not i. Empty by Farkas: a combination s >= 0 of rows that
    is 0, and s.b < 0. Otherwise as for any polyhedron.
    """
    weights = shaped(instance["weights"])
    n, m, columns = len(weights), weights.columns, weights.T
    bias, i = instance["bias"].vector(m), statement["class"].integer(0, m)
    others = [j for j in range(m) if j != i]
    A = Matrix((columns[j] - columns[i] for j in others), n)
    b = bias.at(others) * -1 + bias[i]
    shape = statement["region"].choice("empty", "bounded", "unbounded")
    if shape == "empty":
        share, says = evidence["combination"].vector(m - 1), "is empty"
        yield from cancels(A, share)
        yield "combination leaves a contradiction", share @ b < 0
        return locals()
    p = statement["point"].vector(n)
    if shape == "bounded":
        share, minor = evidence["combination"].vector(m - 1), Minor(evidence, A)
        yield "point lies inside", A @ p <= b
        yield from closed(A, share, minor)
        says = f"is bounded, and contains p = {text(p)}"
    else:
        r = statement["ray"].vector(n)
        yield "point lies inside", A @ p <= b
        yield from stays(A, r)
        says = f"contains p + c r for all c >= 0, p = {text(p)}, r = {text(r)}"
    return locals()


def adjacency(instance: Field, statement: Field, evidence: Field) -> Steps:
    """the regions of classes {i} and {j}, where their logits are largest, ties included, {says}

    That is, they share a facet or do not. They do around a point where z_i = z_j is above all
    others and W_i is not W_j. On any
    facet z_i = z_j is a mixture of both, and so below a mixture of other logits that exceeds it;
    where the two mixtures are equal, every class of the second ties as well, and one that cuts the
    boundary leaves one dimension less.
    """
    weights = shaped(instance["weights"])
    n, m = len(weights), weights.columns
    bias, (i, j) = instance["bias"].vector(m), statement["classes"].indices(m, length=2)
    rows = weights.T.beside(bias)  # (W_k, b_k)
    border = rows[i] - rows[j]
    if statement["adjacent"].choice(True, False):
        point = statement["point"].vector(n)
        z = point @ weights + bias
        yield "point lies on the boundary of both", z[i] == z[j]
        yield "boundary is a hyperplane", border.at(range(n)) != 0
        yield "no third class reaches the point", z.at(set(range(m)) - {i, j}) < z[i]
        says = f"share a facet, of dimension {n - 1}, around {text(point)}"
        return locals()
    share, t = evidence["combination"].vector(m), evidence["parameter"].number()
    yield "combination is of other classes", share.at((i, j)) == 0
    yield from convex(share)
    gap = share @ rows - border * t - rows[j]  # of a mixture of others over t z_i + (1 - t) z_j
    yield "mixtures have equal gradients", gap.at(range(n)) == 0
    yield "mixture of other classes dominates", gap[n] >= 0
    says = "have no common point"
    if gap[n] == 0:
        yield "boundary is a hyperplane", border.at(range(n)) != 0
        ties = [line(rows[k] - rows[i]) for k in range(m) if share.n[k]]
        thin = any(any(tie) and tie != line(border) for tie in ties)
        yield "another class cuts the boundary", thin, "the mixture ties along all of it"
        says = f"share no facet: no common points, or a set of dimension below {n - 1}"
    return locals()


def line(v: Vector) -> tuple[int, ...]:
    """Return the same integers for all multiples of a vector, and 0 for 0."""
    scale = gcd(*v.n) * (-1 if next(filter(None, v.n), 1) < 0 else 1) or 1
    return tuple(x // scale for x in v.n)


def parallel(instance: Field, statement: Field, evidence: Field) -> Steps:
    """W_{i} - W_{j} = {factor} (W_{k} - W_{l}), not 0: the bisectors of classes {i} and {j} and of
    classes {k} and {l} are parallel, or the same

    Bisectors {z_i = z_j} are parallel when their normals W_i - W_j are multiples of each other (Zou
    et al., Definition 2); no two are when all pairs have different lines of normals.
    """
    weights = shaped(instance["weights"])
    columns, m = weights.T, weights.columns
    if statement["parallel"].choice(True, False):
        (i, j), (k, l) = (statement[name].indices(m, length=2) for name in ("first", "second"))
        if {i, j} == {k, l}:
            raise Malformed(statement.where, "expected two different pairs of classes")
        factor, normal = evidence["factor"].number(), columns[k] - columns[l]
        yield "bisectors exist", normal * factor != 0
        yield "normals are proportional", columns[i] - columns[j] == normal * factor
        return locals()
    pairs = m * (m - 1) // 2
    seen: dict[tuple[int, ...], tuple[int, int]] = {}
    instance.spend(10 * pairs * len(weights))
    for pair in combinations(range(m), 2):
        normal = columns[pair[0]] - columns[pair[1]]
        yield "normals are not proportional", pairs == 1 or normal != 0, f"classes {list(pair)}"
        twins = f"classes {list(seen.setdefault(line(normal), pair))} and {list(pair)}"
        yield "normals are not proportional", seen[line(normal)] == pair, twins
    if pairs < 2:
        return f"{m} classes have {pairs} pairs: there are no two bisectors that could be parallel"
    return (
        f"no two of the {pairs} bisectors of {m} classes are parallel: no W_i - W_j is 0 or a "
        "multiple of another"
    )


# Classifiers: their label at a point, and whether x + c v has that of x for every c > 0.


class TwoLayer:
    """+1 where f(x) = sum v_i relu(w_i.x + b_i) exceeds a threshold; ``strict`` tells > from >=."""

    def __init__(self, part: Field, dimension: int | None = None) -> None:
        self.output = part["output"].vector()
        units = len(self.output)
        self.weights = part["weights"].matrix(dimension, units)
        self.biases, self.strict = part["biases"].vector(units), part["strict"].choice(True, False)
        self.threshold, self.dimension = part["threshold"].number(), self.weights.columns
        if not units:
            raise Malformed(part.where, "expected at least one unit")
        self.size = units * (self.dimension + 10)

    def __str__(self) -> str:
        return f"f {'>' if self.strict else '>='} {text(self.threshold)}"

    def forms(self, x: Vector) -> Vector:
        """Return w_i.x + b_i for every unit."""
        return self.weights @ x + self.biases

    def height(self, x: Vector) -> Number:
        """Return f(x) less the threshold."""
        return self.output @ self.forms(x).positive() - self.threshold

    def side(self, height: Fraction | int) -> int:
        """Return the label where f exceeds the threshold by so much."""
        return 1 if height > 0 or (height == 0 and not self.strict) else -1

    def label(self, x: Vector) -> int:
        """Return the label of a point."""
        return self.side(self.height(x).n[0])

    def keeps(self, x: Vector, v: Vector) -> bool:
        """Tell whether the label stays.

        Between two steps at which a unit wakes or falls asleep f is affine, and where its ends have
        one label, all between them have it. Beyond the last one the slope of f decides.
        """
        columns = (self.output, self.forms(x), self.weights @ v)
        units = [(a.value, s.value, r.value) for a, s, r in zip(*columns, strict=True)]
        height, last = self.height(x).value, ZERO
        rise = sum((a * r for a, s, r in units if s > 0 or (s == 0 and r > 0)), ZERO)
        label = self.side(height)
        for c, more in sorted((-s / r, a * abs(r)) for a, s, r in units if s * r < 0):
            height += rise * (c - last)
            if self.side(height) != label:
                return False
            rise, last = rise + more, c
        return rise == 0 or (rise > 0) == (label == 1)

    def convex(self) -> Iterator[Step]:
        """Show that f is convex."""
        yield "output weights are nonnegative", self.output >= 0


class Linear:
    """sign(w.x + b), with a stated label on the boundary (0 for none of the two)."""

    def __init__(self, part: Field) -> None:
        self.w, self.b = part["normal"].vector(), part["offset"].number()
        self.zero, self.dimension = part["zero"].integer(-1, 2), len(self.w)
        self.size = self.dimension + 10

    def label(self, x: Vector) -> int:
        """Return the label of a point."""
        n = (self.w @ x + self.b).n[0]
        return 1 if n > 0 else -1 if n < 0 else self.zero

    def keeps(self, x: Vector, v: Vector) -> bool:
        """Tell whether the label stays."""
        slope = (self.w @ v).n[0]
        return slope == 0 or self.label(x) == (1 if slope > 0 else -1)


class Argmax:
    """The class with the largest logit, counted from 0; on a tie the lowest class, or none."""

    def __init__(self, part: Field) -> None:
        self.bias, self.lowest = part["bias"].vector(), part["lowest"].choice(True, False)
        self.weights = part["weights"].matrix(rows=len(self.bias))
        if not len(self.bias):
            raise Malformed(part.where, "expected at least one class")
        self.dimension = self.weights.columns
        self.size = len(self.bias) * (self.dimension + 10)

    def label(self, x: Vector) -> int | None:
        """Return the label of a point."""
        z = (self.weights @ x + self.bias).n
        return z.index(max(z)) if self.lowest or z.count(max(z)) == 1 else None

    def keeps(self, x: Vector, v: Vector) -> bool:
        """Tell whether the label stays: no logit may rise faster."""
        slopes, label = (self.weights @ v).n, self.label(x)
        return label is not None and slopes[label] == max(slopes)


Cut = tuple[int, Fraction, bool] | tuple[int]  # (0, c, False) just before c, (0, c, True) after
START: Cut = (0, ZERO, True)  # of all c > 0
END: Cut = (1,)


class Cells:
    """One label on finitely many cells of strict and weak inequalities, another elsewhere."""

    def __init__(self, part: Field) -> None:
        self.cells: list[tuple[Matrix, Vector, list[bool]]] = []
        for cell in part["cells"].items():
            bounds = cell["right_side"].vector()
            strict = [flag.choice(True, False) for flag in cell["strict"].items(length=len(bounds))]
            self.cells.append((cell["matrix"].matrix(rows=len(bounds)), bounds, strict))
        widths = {matrix.columns for matrix, _, strict in self.cells if strict}
        if len(widths) > 1:
            raise Malformed(part.where, f"expected one dimension, got {sorted(widths)}")
        self.inside, self.outside = part["inside"].integer(-1), part["outside"].integer(-1)
        self.dimension = next(iter(widths), None)
        rows = sum(len(strict) for *_, strict in self.cells)
        self.size = 50 * len(self.cells) + rows * ((self.dimension or 0) + 10)

    def label(self, x: Vector) -> int:
        """Return the label of a point."""
        for matrix, bounds, strict in self.cells:
            gaps = (bounds - matrix @ x).n if strict else ()
            if all(gap > 0 or (gap == 0 and not s) for gap, s in zip(gaps, strict, strict=True)):
                return self.inside
        return self.outside

    def keeps(self, x: Vector, v: Vector) -> bool:
        """Tell whether the label stays.

        Each cell holds one interval of the c, from one cut to another. Outside of all cells no
        interval may have a point; inside of one they have to cover all c > 0 together.
        """
        intervals = sorted(interval(*cell, x, v) for cell in self.cells)
        if self.label(x) == self.outside:
            return self.inside == self.outside or all(low >= high for low, high in intervals)
        reach: Cut = START
        for low, high in intervals:
            if low <= reach:
                reach = max(reach, high)
        return reach == END


def interval(A: Matrix, b: Vector, strict: list[bool], x: Vector, v: Vector) -> tuple[Cut, Cut]:
    """Return the cuts between which every row of a cell holds at x + c v."""
    low, high = START, END
    rows = zip(b - A @ x, A @ v, strict, strict=True) if strict else ()
    for gap, slope, s in ((gap.value, slope.value, s) for gap, slope, s in rows):
        if slope > 0:
            high = min(high, (0, gap / slope, not s))
        elif slope < 0:
            low = max(low, (0, gap / slope, s))
        elif gap < 0 or (gap == 0 and s):
            high = START
    return low, high


CLASSIFIERS: dict[str, Callable[[Field], TwoLayer | Linear | Argmax | Cells]] = {
    "linear": Linear, "argmax": Argmax, "cells": Cells, "two-layer": TwoLayer,
}  # fmt: skip
FACTS = {
    "accurate": (), "convex": (), "label": ("point", "label"), "keeps": ("point", "direction"),
    "changes": ("point", "direction", "step"),
}  # fmt: skip


def rule_facts(instance: Field, statement: Field, evidence: Field) -> Steps:
    """each stated fact holds: a rule gives points their labels, is convex, has a label at x, keeps
    it at x + c v for every c > 0, or has another one at a step

    A label is evaluated; along a ray x + c v, c > 0, it can change at finitely many steps alone.
    """
    kinds = [(part, part["type"].choice(*CLASSIFIERS)) for part in instance["rules"].items()]
    rules = [CLASSIFIERS[kind](part) for part, kind in kinds]
    dimensions = {rule.dimension for rule in rules if rule.dimension is not None}
    if len(dimensions) != 1 or 0 in dimensions:
        where = f"{instance.where}.rules"
        raise Malformed(where, f"expected one dimension, got {sorted(dimensions)}")
    (d,) = dimensions
    labels = instance["labels"].whole(-1, None)
    points, facts = instance["points"].matrix(d, len(labels)), []
    shows: list[list[Any]] = []  # a form for words, and values in it
    meaning: dict[str, Callable[[Field], Any]] = {
        "point": lambda field: field.vector(d),
        "direction": lambda field: field.vector(d),
        "label": lambda field: None if field.value is None else field.integer(-1),
        "step": Field.number,
    }
    for fact in statement["facts"].items(1):
        name, k = fact["fact"].choice(*FACTS), fact["rule"].integer(0, len(rules))
        instance.spend(rules[k].size * {"accurate": len(points), "keeps": 6}.get(name, 2))
        if name == "accurate" and not labels:
            raise Malformed(fact.where, "expected at least one point to be accurate on")
        facts.append((name, k, [meaning[field](fact[field]) for field in FACTS[name]]))
    for i, (name, k, given) in enumerate(facts):
        rule, about = rules[k], f"fact {i}, {name}"
        if name == "accurate":
            for j, y in enumerate(labels):
                yield "rule is right on the data", rule.label(points[j]) == y, f"{about}: point {j}"
            says = ["gives all {} points their labels", len(points)]
        elif name == "convex":
            yield "rule is a two-layer network", isinstance(rule, TwoLayer), about
            assert isinstance(rule, TwoLayer)
            yield from rule.convex()
            says = ["is {} with a convex f", rule]
        else:
            x, *more = given
            label = rule.label(x)
            says = ["has the label {} at x = {}", label, x]
        if name == "label":
            yield "point has the label", [label] == more, f"{about}: {label}"
        elif name == "keeps":
            yield "point has a label to keep", label is not None, "its largest logits tie"
            yield "label stays along the ray", rule.keeps(x, *more), about
            says = [f"{says[0]} and at x + c v for every c > 0, v = {{}}", label, x, *more]
        elif name == "changes":
            v, c = more
            yield "step is positive", c > 0, about
            changed = rule.label(x + v * c)
            yield "label has changed at the step", changed != label, f"{about}: step {text(c)}"
            says = [f"{says[0]} and {{}} at x + {{}} v, v = {{}}", label, x, changed, c, v]
        shows.append([f"rule {k} ({kinds[k][1]}) {says[0]}", *says[1:]])
    return lambda: series(form.format(*map(text, values)) for form, *values in shows)


def convex_negative_region(instance: Field, statement: Field, evidence: Field) -> Steps:
    """the x with label -1, those with f <= 0, are exactly those with A x <= b, A = {A}, b = {b}: a
    convex set; f has {units} units

    A sum of nonnegative terms is <= 0 when every unit with v_i > 0 is (Charles et al., Lemma 13).
    """
    f, b = TwoLayer(instance["network"]), statement["right_side"].vector()
    A, units = statement["matrix"].matrix(f.dimension, len(b)), len(f.output)
    parts = statement["segments"].items()
    instance.spend(3 * len(parts) * f.size)
    ends = [[part[name].vector(f.dimension) for name in ("start", "end")] for part in parts]
    parameters = [part["parameter"].number() for part in parts]
    yield from f.convex()
    yield "rule is f > 0", f.strict and f.threshold == 0
    active = [k for k, v in enumerate(f.output.n) if v > 0]
    yield "one half-space for each unit", exact(len(A)) == len(active)
    for row, k in enumerate(active):
        same = A[row] == f.weights[k] and b[row] == f.biases[k] * -1
        yield "half-space belongs to its unit", same, f"unit {k} gives another one"
    for i, ((start, end), t) in enumerate(zip(ends, parameters, strict=True)):
        yield "parameter lies between 0 and 1", t >= 0, f"segment {i}"
        yield "parameter lies between 0 and 1", t <= 1, f"segment {i}"
        for name, x in {"start": start, "end": end, "between": start + (end - start) * t}.items():
            yield "segment lies in the region", f.label(x) == -1, f"segment {i}, {name}"
    return locals()


def network_flip(instance: Field, statement: Field, evidence: Field) -> Steps:
    """the rule {f} of {units} units with output weights >= 0 is right on all {m} points, and gives
    x the label -1 and x + c u the label +1, u = {u}, for {flips}

    By evaluation.
    """
    data = LabelledSet(instance)
    f, u = TwoLayer(instance["network"], data.d), statement["direction"].vector(data.d)
    m, units, parts = data.count, len(f.output), statement["flips"].items(1)
    instance.spend((m + 2 * len(parts)) * f.size)
    steps = [(part["point"].vector(data.d), part["step"].number()) for part in parts]
    yield from f.convex()
    for i, y in enumerate(data.y.n):
        yield "network is accurate", f.label(data.x[i]) == y, f"point {i} is mislabelled"
    for i, (x, c) in enumerate(steps):
        yield "step is positive", c > 0, f"flip {i}"
        yield "point is labelled -1", f.label(x) == -1, f"flip {i}"
        yield "step reaches label +1", f.label(x + u * c) == 1, f"flip {i}, step {text(c)}"
    return {**locals(), "flips": lambda: series(f"x = {text(x)}, c = {text(c)}" for x, c in steps)}


def path(
    data: LabelledSet, label: int, u: Vector, k: int, evidence: tuple[Number, Vector]
) -> Iterator[Step]:
    """Show that a convex combination of points with the label, plus scale * u, is the point k."""
    scale, share = evidence
    yield "direction is not zero", u != 0
    yield "end point has the other label", data.y[k] == -label
    yield "scale is positive", scale > 0
    yield from convex(share)
    yield "combination uses points of one label", data.only(share, label)
    yield "direction leads to the end point", share @ data.x + u * scale == data.x[k]


def shares(data: LabelledSet, evidence: Field, name: str) -> tuple[Number, Vector]:
    """Read a number and the coefficients of a combination of all points."""
    return evidence[name].number(), evidence["combination"].vector(data.count)


def relu_universal_direction(instance: Field, statement: Field, evidence: Field) -> Steps:
    """every rule f > t or f >= t, f a sum of ReLU units with output weights >= 0, that is right on
    all {m} points, if there is one, gives the label +1 to x + c u for all large c, from every x, so
    from every x labelled -1, with u = {u}

    f is convex, and at the start of the path, which is a mixture of -1 points, less than at its end
    x_k. So some unit with v_i > 0 rises along u, and f grows beyond every bound, from anywhere
    (Charles et al., Theorem 10).
    """
    data = LabelledSet(instance)
    m, u = data.count, statement["direction"].vector(data.d)
    k = evidence["positive"].integer(0, m)
    yield from path(data, -1, u, k, shares(data, evidence, "scale"))
    return locals()


def convex_direction(instance: Field, statement: Field, evidence: Field) -> Steps:
    """for every convex set A, open or closed, that contains the points labelled {label} and none of
    the others, and every x in A: x + c u lies outside A for all large c, with u = {u}; so a rule
    that gives the label {label} only within such a set changes it along u from every point that has
    it

    A hyperplane separates A from x_k, strictly on one side: g.z < t for all z in A, and g.x_k >= t.
    The start of the path is a mixture of points of A, hence in A. So g grows along u, and x + c u
    is beyond t, outside A, for all large c (Charles et al., Theorems 11 and 12). This is all that
    the words open or closed are for.
    """
    data, y = LabelledSet(instance), statement["label"].choice(-1, 1)
    k, u = evidence["outside"].integer(0, data.count), statement["direction"].vector(data.d)
    yield from path(data, y, u, k, shares(data, evidence, "scale"))
    label = f"{y:+d}"
    return locals()


def relu_label_forced(instance: Field, statement: Field, evidence: Field) -> Steps:
    """every rule f > t or f >= t, f a sum of ReLU units with output weights >= 0, that is right on
    all {m} points, if there is one, gives the label +1 to x = {x}

    By convexity of f: were x labelled -1 as well, so were its mixture with -1 points, a +1 point.
    """
    data = LabelledSet(instance)
    m, x = data.count, statement["point"].vector(data.d)
    k, (weight, share) = evidence["positive"].integer(0, m), shares(data, evidence, "weight")
    yield "mixture has label +1", data.y[k] == 1
    yield "weight of the point is positive", weight > 0
    yield from convex(share, weight)
    yield "combination uses points labelled -1", data.only(share, -1)
    yield "mixture is the +1 point", share @ data.x + x * weight == data.x[k]
    return locals()


class Gaps:
    """Gaps a (logit of a point's label - another logit), of multi-class rules."""

    def __init__(self, instance: Field, evidence: Field) -> None:
        self.classes = instance["classes"].integer(2)
        self.labels = instance["labels"].whole(0, self.classes, 1)
        points = instance["points"].matrix(rows=len(self.labels))
        self.d, self.lifted = points.columns, points.beside(Vector([1] * len(points)))
        if not self.d:
            raise Malformed(f"{instance.where}.points", "expected at least one coordinate")
        self.others: list[tuple[int, int]] = []
        self.shares: dict[int, dict[int, int]] = {}
        parts = evidence["gaps"].items()
        self.a = Vector.of(part["multiplier"].number().ratios[0] for part in parts)
        for part, a in zip(parts, self.a.n, strict=True):
            i, j = part["point"].integer(0, len(points)), part["class"].integer(0, self.classes)
            self.others.append((i, j))
            for k, term in ((self.labels[i], a), (j, -a)):
                share = self.shares.setdefault(k, {})
                share[i] = share.get(i, 0) + term
        instance.spend(3 * len(self.shares) * (self.d + 1))
        self.accurate = (
            "(W, b) with the largest logit, W_y.x + b_y, at the label y of each of the "
            f"{len(points)} points x, strictly"
        )

    def steps(self) -> Iterator[Step]:
        """Show that the sum of the gaps is positive for every accurate rule."""
        for i, j in self.others:
            yield "gap is to another class", j != self.labels[i], f"point {i} has class {j}"
        yield from positive(self.a)

    def row(self, k: int) -> Vector:
        """Return the row of class k in the sum of a (e_y - e_j) x (x_i, 1)."""
        share = self.shares.get(k, {})
        return Vector(list(share.values()), self.a.unit) @ self.lifted.at(share)


def every_model(instance: Field, statement: Field, evidence: Field) -> Steps:
    """every {accurate}, if there is one, has sum_k F_k.(W_k, b_k) > 0, with F = {F}, a row for each
    of the {classes} classes

    Because it is a sum of gaps between the logit of a label and another, times a >= 0, not all 0.
    """
    gaps = Gaps(instance, evidence)
    classes, accurate = gaps.classes, gaps.accurate
    F = statement["form"].matrix(gaps.d + 1, classes)
    yield from gaps.steps()
    for k in range(classes):
        yield "gaps give the form", gaps.row(k) == F[k], f"class {k}"
    return locals() if any(map(any, F.n)) else f"no {accurate} exists"


def class_left(instance: Field, statement: Field, evidence: Field) -> Steps:
    """for every {accurate}, if there is one, and every x: at x + c v the logit of class {k} is not
    the largest for all large c, with v = {v}

    Because sum_j p_j (W_j - W_k).v is a sum of gaps, positive: some logit outgrows that of class k
    (Charles et al., Theorem 8).
    """
    gaps = Gaps(instance, evidence)
    k, v = statement["class"].integer(0, gaps.classes), statement["direction"].vector(gaps.d)
    p, accurate = evidence["targets"].vector(gaps.classes), gaps.accurate
    yield "direction is not zero", v != 0
    yield from gaps.steps()
    yield "target weights are nonnegative", p >= 0
    growth = Vector([*v.n, 0], v.unit)
    for j in range(gaps.classes):
        share = p[j] - p.total if j == k else p[j]
        if j in gaps.shares or share != 0:
            yield "gaps give the growth of the targets", gaps.row(j) == growth * share, f"class {j}"
    return locals()


# Networks of nodes. Number 0 is the point, every node reads earlier ones, the last is the output.


def moderate(count: int, bits: int, where: str, copies: int = 1) -> int:
    """Refuse no values, long ones, and more than fit into memory; return their bits together."""
    held = count * bits * copies
    if not 0 < count <= MAX_VALUES or bits > MAX_LENGTH or held > MAX_VALUES_BITS:
        raise Malformed(where, f"expected a moderate size, got {count} values of {bits} bits")
    return held


def length(n: Iterable[int], unit: Fraction) -> int:
    """Return bits of the common denominator and of the longest numerator, as written, together."""
    q = unit.denominator
    reduced = n if q == 1 else (x // gcd(x, q) for x in n)
    return q.bit_length() + max(map(int.bit_length, reduced), default=0)


def repeated(v: Vector, times: int) -> Vector:
    """Return every entry so many times in a row."""
    return Vector([x for x in v.n for _ in range(times)], v.unit)


class Node:
    """A node: what it reads, how many values it yields from them, and what that costs."""

    def __init__(self, part: Field, sizes: list[int], spend: Callable[[int], None]) -> None:
        self.where, self.spend = f"{part.where}.type", spend
        kind, reads, earlier = part["type"].choice(*NODES), part["reads"], len(sizes)
        fields = reads.items(2) if kind in ("sum", "concatenation") else [reads]
        self.reads = [field.integer(0, earlier) for field in fields]
        self.lengths = [sizes[i] for i in self.reads]
        self.size, self.in_windows = self.lengths[0], sum(self.lengths)
        self.work, self.bits = 1, 0  # for a value in a window besides 20, and more for a value
        self.windows = 1  # that rows see
        self.largest: Callable[..., list[int]] | None = None  # of a node that is not affine
        self.lists: list[list[int]] | None = None  # of a maximum
        # Of an affine one: a.values as sums of what it reads, in this unit, and of offsets; and how
        # far values vary, if not as they depend on what is read.
        self.back: Callable[[list[int]], list[list[int]]]
        self.unit, self.offsets = ONE, Vector([])
        self.weights: Matrix | None = None  # of a dense one, in this unit
        self.spread: Callable[..., Vector] | None = None
        self.apply = NODES[kind](self, part, self.size)
        if self.in_windows > MAX_IN_WINDOWS:
            raise Malformed(self.where, f"its windows hold more than {MAX_IN_WINDOWS} values")

    def weigh(
        self, n: list[int], unit: Fraction, exponent: int, biases: Vector, width: int, spent: int
    ) -> None:
        """Note by how many bits the products with weights in windows can be longer."""
        own = length(n, unit) + abs(exponent)
        self.spend(len(n) * own // 64 - spent)
        self.bits = own + length(biases.n, biases.unit) + width.bit_length()

    def affine(self, part: Field, width: int) -> tuple[Matrix, Vector]:
        """Read weights for windows of that many values, and biases."""
        biases = part["biases"].vector()
        weights, exponent = part["weights"].scaled_matrix(width, len(biases))
        entries = len(weights) * width
        unit = weights.shared[1] if entries else ONE
        least = entries * unit.denominator.bit_length() // 64
        self.spend(least)  # of what follows, before numbers of that length are made
        weights = weights.level
        self.weigh(list(chain(*weights.n)), unit, exponent, biases, width, least)
        self.size = self.work = len(biases)
        return weights.times(exponent), biases

    def dense(self, part: Field, n: int) -> Callable[..., Vector]:
        """Rows times the input, plus biases."""
        weights, biases = self.affine(part, n)
        sizes, packed = cache(lambda: abs(weights)), cache(lambda: Packed(weights))
        self.offsets, self.spread = biases, lambda x: sizes() @ x
        self.unit, self.back = weights.shared[1], lambda a: [packed().sums(a)]
        self.weights = weights
        return lambda x: weights @ x + biases

    def convolution(self, part: Field, n: int) -> Callable[..., Vector]:
        """Rows times every window of an image with zeros around it, plus biases.

        The rows of one of some groups of channels see those of theirs alone.
        """
        (c, h, w), (p, q) = (
            [field.integer(1) for field in part[name].items(length=count)]
            for name, count in (("shape", 3), ("window", 2))
        )
        (down, across), (below, beside), (top, left, bottom, right) = (
            part[name].whole(low, MAX_VALUES + 1, length=count) if name in part else [low] * count
            for name, low, count in (("strides", 1, 2), ("dilations", 1, 2), ("padding", 0, 4))
        )
        lines = (top + h + bottom - below * (p - 1) - 1) // down + 1
        columns = (left + w + right - beside * (q - 1) - 1) // across + 1
        if c * h * w != n or min(lines, columns) < 1:
            got = f"{c} x {h} x {w} with a window {p} x {q}"
            raise Malformed(self.where, f"expected an image of {n} values, got {got}")
        groups = part["groups"].integer(1, MAX_VALUES + 1) if "groups" in part else 1
        weights, biases = self.affine(part, c // groups * p * q)
        if c % groups or len(biases) % groups:
            got = f"{c} and {len(biases)} channels in {groups} groups"
            raise Malformed(self.where, f"expected groups of one size, got {got}")
        seen, self.work = c // groups, len(biases) // groups
        kernels = [weights.at(range(g * self.work, (g + 1) * self.work)) for g in range(groups)]
        places = lines * columns
        self.size, self.in_windows = places * len(biases), places * c * p * q
        self.windows = places * groups

        def windows(g: int) -> Iterator[list[int]]:
            channels = range(g * seen, (g + 1) * seen)
            for i in range(-top, lines * down - top, down):
                rows = [  # where each begins; one outside has no place
                    (k * h + r) * w if 0 <= r < h else -1
                    for k in channels
                    for r in range(i, i + p * below, below)
                ]
                for j in range(-left, columns * across - left, across):
                    places = range(j, j + q * beside, beside)
                    yield [r + s if r >= 0 <= s < w else -1 for r in rows for s in places]

        def image(kernels: list[Matrix], x: Vector) -> Vector:
            values, framed = list[int](), [*x.n, 0]
            for g, kernel in enumerate(kernels):
                table = kernel.images([framed[i] for i in window] for window in windows(g))
                values += chain(*zip(*table, strict=True))
            return Vector(values, weights[0].unit * x.unit)

        def back(a: list[int]) -> list[list[int]]:
            sums = [0] * (n + 1)
            for g, kernel in enumerate(packed()):
                rows = range(g * self.work * places, (g + 1) * self.work * places, places)
                shares = zip(*(a[r : r + places] for r in rows), strict=True)
                for window, share in zip(windows(g), shares, strict=True):
                    if any(share):
                        for i, y in zip(window, kernel.sums(share), strict=True):
                            sums[i] += y
            return [sums[:n]]

        packed = cache(lambda: list(map(Packed, kernels)))
        sizes, self.back, self.unit = (
            cache(lambda: list(map(abs, kernels))),
            back,
            kernels[0][0].unit,
        )
        self.spread, self.offsets = lambda x: image(sizes(), x), repeated(biases, places)
        return lambda x: image(kernels, x) + repeated(biases, places)

    def scale(self, part: Field, n: int) -> Callable[..., Vector]:
        """Each of k equal parts of the input times a factor, plus an offset."""
        factors, offsets = part["factors"].vector(), part["offsets"].vector()
        k = len(factors)
        if not k or n % k or len(offsets) != k:
            got = f"{k} factors and {len(offsets)} offsets"
            raise Malformed(self.where, f"expected as many of both, a divisor of {n}, got {got}")
        self.weigh(list(factors.n), factors.unit, 0, offsets, 1, 0)
        each, self.offsets = repeated(factors, n // k), repeated(offsets, n // k)
        self.unit, self.back = each.unit, lambda a: [list(map(mul, a, each.n))]
        self.spread = lambda x: x * abs(each)
        return lambda x: x * each + repeated(offsets, n // k)

    def maximum(self, part: Field, n: int) -> Callable[..., Vector]:
        """The largest entry of each list of indices."""
        lists = [places.indices(n, 1) for places in part["lists"].items()]
        self.size, self.in_windows, self.lists = len(lists), sum(map(len, lists)), lists

        def apply(x: Vector) -> Vector:
            return Vector([max(x.n[i] for i in places) for places in lists], x.unit)

        def largest(x: Vector) -> list[int]:
            pairs = zip(lists, apply(x).n, strict=True)
            flags = (bytes(x.n[i] == top for i in places) for places, top in pairs)
            return [int.from_bytes(attained, "big") for attained in flags]

        self.largest = largest
        return apply

    def selection(self, part: Field, n: int) -> Callable[..., Vector]:
        """Some entries, in the stated order, and 0 at -1."""
        entries = part["entries"].whole(-1, n, 1)
        self.size = self.in_windows = len(entries)

        def back(a: list[int]) -> list[list[int]]:
            sums = [0] * (n + 1)
            for i, y in zip(entries, a, strict=True):
                sums[i] += y
            return [sums[:n]]

        self.back = back
        return lambda x: Vector([x.n[i] if i >= 0 else 0 for i in entries], x.unit)

    def relu(self, part: Field, n: int) -> Callable[..., Vector]:
        """The positive part of each entry: the larger one of 0 and the entry."""
        self.largest = lambda x: [2 * (y >= 0) + (y <= 0) for y in x.n]
        return Vector.positive

    def total(self, part: Field, n: int) -> Callable[..., Vector]:
        """The sum of some vectors."""
        if len(set(self.lengths)) > 1:
            got = sorted(set(self.lengths))
            raise Malformed(self.where, f"expected equally long vectors, got {got}")
        self.bits, self.back = len(self.reads).bit_length(), lambda a: [a] * len(self.reads)
        return lambda *vectors: reduce(add, vectors)

    def joined(self, part: Field, n: int) -> Callable[..., Vector]:
        """The entries of some vectors, those of one after those of another."""
        self.size = self.in_windows
        ends = list(accumulate(self.lengths))
        pairs = list(zip([0, *ends], ends, strict=False))
        self.back = lambda a: [a[i:j] for i, j in pairs]

        def apply(*vectors: Vector) -> Vector:
            rows = Matrix(vectors, 0).level
            return Vector(list(chain(*rows.n)), rows.shared[1])

        return apply


NODES = {
    "dense": Node.dense, "convolution": Node.convolution, "sum": Node.total, "scale": Node.scale,
    "relu": Node.relu, "maximum": Node.maximum, "selection": Node.selection,
    "concatenation": Node.joined,
}  # fmt: skip


class Graph:
    """Nodes, each but the last read by a later one, and how long the values are that they yield."""

    def __init__(self, instance: Field, n: int, longest: int, copies: int) -> None:
        self.nodes: list[Node] = []
        self.longest, self.copies = longest, copies  # of the points, and how many they are
        self.sizes = [n]
        for part in instance["nodes"].items():
            self.nodes.append(Node(part, self.sizes, instance.spend))
            self.sizes.append(self.nodes[-1].size)
        self.end, self.size = len(self.nodes), self.sizes[-1]
        read = {j for node in self.nodes for j in node.reads}
        for i in sorted(set(range(1, self.end)) - read):
            raise Malformed(self.nodes[i - 1].where, "no later node reads it")
        self.weigh()

    def weigh(self) -> None:
        """Refuse values that are too long, or too many, and note how long they are."""
        bits, total, self.bits = self.longest, 0, list[int]()
        for node in self.nodes:
            bits += node.bits
            total += moderate(node.size, bits, node.where)
            if total > MAX_NETWORK_BITS:
                raise Malformed(node.where, "the values of all nodes are more than fit into memory")
            self.bits.append(bits)
        moderate(self.size, bits, "outputs", self.copies)


class Network(Graph):
    """Points, the nodes that they go through, and facts about them: fields, and their steps."""

    def __init__(self, instance: Field) -> None:
        self.points: list[Vector] = []
        self.lengths: list[int] = []
        self.bent: list[int] = []
        shifted = 0
        for item in instance["points"].items(1):
            v, exponent = item.scaled_vector(len(self.points[0]) if self.points else None)
            own = length(v.n, v.unit) + abs(exponent)
            moderate(len(v), own, item.where)
            shifted += len(v) * max(exponent, 0)
            if shifted > MAX_VALUES_BITS:
                raise Malformed(item.where, f"expected a moderate size, got {shifted} bits in all")
            self.points.append(v * Number([1], Fraction(2) ** exponent))
            self.lengths.append(own)
        super().__init__(instance, len(self.points[0]), max(self.lengths), len(self.points))
        straight = {0}
        for i, node in enumerate(self.nodes, 1):  # those before all maxima, which are affine, first
            if not node.largest and straight.issuperset(node.reads):
                straight.add(i)
            else:
                self.bent.append(i)
        self.straight = sorted(straight - {0})
        order = [*self.straight, *self.bent]
        self.last = {j: i for i in order for j in self.nodes[i - 1].reads}
        self.spend, self.outputs = instance.spend, cache(self.at_point)

    def weigh(self) -> None:
        """Refuse values that are too long, or too many, and note what those at a point cost."""
        super().weigh()
        self.effort = 0
        for node, bits in zip(self.nodes, self.bits, strict=True):
            more = bits**2 // MAX_LENGTH if len(node.reads) > 1 else 0
            self.effort += node.in_windows * (20 + node.work + more)

    def at_point(self, k: int) -> Vector:
        """Return the outputs at a point."""
        self.spend(self.effort // 25)
        return self.through(self.bent, self.through(self.straight, {0: self.points[k]}))[self.end]

    def through(
        self, numbers: list[int], values: dict[int, Vector], largest: list[int] | None = None
    ) -> dict[int, Vector]:
        """Return what other nodes read of values and of what the nodes of some numbers yield.

        Note, if asked, which entries are the largest in each maximum.
        """
        for i in numbers:
            node = self.nodes[i - 1]
            given = [values[j] for j in node.reads]
            values[i] = node.apply(*given)
            if largest is not None and node.largest:
                largest += node.largest(*given)
            for j in {j for j in node.reads if self.last[j] == i}:
                del values[j]  # nothing reads it again
        return values

    def point(self, field: Field) -> int:
        """Read the index of a point."""
        return field.integer(0, len(self.points))

    def two(self, fact: Field, one: str, other: str) -> tuple[int, int]:
        """Read the indices of two points."""
        k, j = self.point(fact[one]), self.point(fact[other])
        if k == j:
            raise Malformed(fact.where, "expected two different points")
        return k, j

    def alone(self, z: Vector, label: int, about: str) -> Iterator[Step]:
        """Show that one output is larger than all others."""
        yield "no output is larger", z <= z[label], about
        single = z.n.count(z.n[label]) == 1
        yield "no output is as large", single, f"{about}: a tie with output {label}"

    def label(self, fact: Field, about: str) -> Steps:
        """The output of the label is larger than all others."""
        k, label = self.point(fact["point"]), fact["label"].integer(0, self.size)
        yield READ
        yield from self.alone(self.outputs(k), label, about)
        return f"output {label} of {self.size} is the largest, alone, at point {k}"

    def votes(self, fact: Field, about: str) -> Steps:
        """The label has most votes of the outputs d_ij, i < j: for i if d_ij > 0, else for j."""
        k, m = self.point(fact["point"]), (1 + isqrt(1 + 8 * self.size)) // 2
        if m * (m - 1) // 2 != self.size:
            got = f"{self.size} outputs"
            raise Malformed(fact.where, f"expected one for each pair of classes, got {got}")
        label = fact["label"].integer(0, m)
        yield READ
        pairs = zip(combinations(range(m), 2), self.outputs(k).n, strict=True)
        found = Counter(i if d > 0 else j for (i, j), d in pairs)
        votes = [found[i] for i in range(m)]
        yield "no class has more votes", Vector(votes) <= votes[label], about
        first = votes.index(votes[label])
        yield "no lower class has as many", first == label, f"{about}: class {first}"
        says = "where output d_ij, i < j, is a vote for i if it is positive, else for j"
        return f"class {label} of {m} is the first with most votes at point {k}, {says}"

    def box(self, fact: Field, about: str) -> Steps:
        """All coordinates lie in [0, 1]."""
        k = self.point(fact["point"])
        yield READ
        x = self.points[k]
        yield "point lies in the unit box", x >= 0, about
        yield "point lies in the unit box", x[x.n.index(max(x.n))] <= 1, about
        return f"point {k} has all coordinates in [0, 1]"

    def within(self, fact: Field, about: str) -> Steps:
        """No coordinates of two points differ by more than the radius."""
        (k, j), radius = self.two(fact, "point", "of"), fact["radius"].number()
        yield READ
        self.spend(len(self.points[k]))
        gaps = abs(self.points[k] - self.points[j])
        i = gaps.n.index(max(gaps.n))
        yield "points are near", gaps[i] <= radius, f"{about}: coordinate {i}"
        far = text(radius)
        return f"no coordinate of points {k} and {j} differs by more than {far}"

    def same_softmax(self, fact: Field, about: str) -> Steps:
        """Two points differ, and their outputs by one constant."""
        k, j = self.two(fact, "point", "as")
        yield READ
        yield "points differ", self.points[k] != self.points[j], about
        gaps = self.outputs(k) - self.outputs(j)
        yield "outputs differ by a constant", gaps == gaps[0], about
        return f"points {k} and {j} differ and have the same softmax({self.size} outputs)"

    def segment(self, fact: Field, about: str) -> Steps:
        """An output is larger than all others on a segment, or up to the last step but one."""
        (k, j), label = self.two(fact, "from", "to"), fact["label"].integer(0, self.size)
        changes = fact["changes"].choice(True, False)
        places = [item.number() for item in fact["steps"].items(2)]
        n, bits = len(self.points[k]), self.lengths[k] + self.lengths[j]
        bits += max(length(c.n, c.unit) for c in places)
        moderate(n, bits, fact.where)
        self.longest = max(self.longest, bits)
        own = n * (42 + bits**2 // MAX_LENGTH)
        yield READ
        x = self.points[k]
        yield "ends differ", x != self.points[j], about
        yield "steps start at 0", places[0] == 0, about
        yield "steps end at 1", places[-1] == 1, about
        end, before, ties = len(places) - 2 if changes else len(places), [0], [label]
        self.spend(len(places) * ((2 * self.effort + own) // 25))
        start, rise = (self.through(self.straight, {0: self.points[i]}) for i in (k, j))
        rise = {v: rise[v] - start[v] for v in start}
        for i, c in enumerate(places):
            here = f"{about}, step {i}"
            yield "steps increase", not i or c > places[i - 1], here
            largest: list[int] = []
            values = {v: start[v] + rise[v] * c for v in start}
            z = self.through(self.bent, values, largest)[self.end]
            affine = not i or all(map(and_, before, largest))
            yield "network is affine between steps", affine, here
            if i < end or not i:
                yield from self.alone(z, label, here)
            elif i == end:
                yield "no output is larger", z <= z[label], here
                ties = [t for t, y in enumerate(z.n) if y == z.n[label] and t != label]
                yield "another output is as large", bool(ties), here
            else:
                larger = any(z.n[t] > z.n[label] for t in ties)
                yield "one that is as large becomes larger", larger, here
            before = largest
        upto, s = "<= 1", text(places[-2])
        if changes:
            upto = f"< {s}, smaller than another for {s} < c <= 1"
        where = f"x and y being points {k} and {j}"
        shown = f"output {label} of {self.size} is the largest, alone, at x + c (y - x)"
        return f"{shown} for 0 <= c {upto}, {where}"


POINT_FACTS = {
    "label": Network.label, "box": Network.box, "within": Network.within,
    "same softmax": Network.same_softmax, "votes": Network.votes, "segment": Network.segment,
}  # fmt: skip


def network_points(instance: Field, statement: Field, evidence: Field) -> Steps:
    """of a network of {nodes} nodes on {count} points: {facts}

    By evaluation. Outputs that differ by one constant have the same softmax. Between consecutive
    steps of a segment all nodes are affine, by induction: of each maximum (relu is one, of an entry
    and 0) some part is the largest at both steps, so between them, too. There, a difference of two
    outputs is positive if it is so at one of both steps and not negative at the other.
    """
    network, shows = Network(instance), []
    stated: dict[str, Steps] = {}
    for i, fact in enumerate(statement["facts"].items(1)):
        name = fact["fact"].choice(*POINT_FACTS)
        steps = POINT_FACTS[name](network, fact, f"fact {i}, {name}")
        next(steps)
        stated.setdefault(json.dumps(fact.value, sort_keys=True), steps)
    network.weigh()  # again, as the points of segments may be longer
    for steps in stated.values():
        shows.append((yield from steps))
    nodes, count, facts = len(network.nodes), len(network.points), series(shows)
    return locals()


# Bounds of a network on a box: integers, in units of the grid 2^-g, constants in units of 2^-2g.

Pair = tuple[list[int], list[int]]  # lower and upper bounds of what a node yields


class Halfspace(NamedTuple):
    """Entry ``more`` of what a node yields, minus entry ``less``, is at least ``by``.

    The entry -1 is 0.
    """

    node: int
    more: int
    less: int
    by: int


class Leaf(NamedTuple):
    """A part of the box that is not split, and what bounds the rows of a property there."""

    where: str
    path: tuple[Halfspace, ...]
    weights: list[int]
    slopes: list[int] | None
    ties: list[int]
    curve: list[int] | None


class Region(Graph):
    """A box, the network on it, and how it is bounded and split: fields."""

    def __init__(self, instance: Field, evidence: Field) -> None:
        self.grid = evidence["grid"].integer(0, MAX_GRID + 1)
        self.places = evidence["bits"].integer(0, self.grid + 1)  # of slopes, weights and ties
        self.unit, ends, longest, n = Fraction(1, 1 << self.grid), list[Vector](), 0, None
        for field in (instance["lower"], instance["upper"]):
            v, exponent = field.scaled_vector(n)
            n, own = len(v), length(v.n, v.unit) + abs(exponent) + self.grid
            moderate(n, own, field.where)
            ends.append(v * Number([1], Fraction(2) ** exponent))
            longest = max(longest, own)
        self.lower, self.upper = ends
        super().__init__(instance, len(self.lower), longest, 1)
        self.spend, evidence.budget = evidence.spend, MAX_PRODUCTS
        self.long = 0  # how many halfspaces paths have beyond those of splits
        self.ones = cache(lambda rows: [1 << self.places] * rows)  # not one list for each leaf
        self.readers: dict[int, list[int]] = {}  # that are not affine, of each node
        self.listed = Counter[int]()  # how many of its values their lists hold
        for i, node in enumerate(self.nodes, 1):
            if node.largest:
                self.readers.setdefault(node.reads[0], []).append(i)
            if node.lists:
                self.listed[node.reads[0]] += node.in_windows
        self.refined: dict[int, list[int] | None] = {}
        k = 0
        for item in evidence["refine"].items():
            first, entries = item.items(length=2)
            k, some = first.integer(k + 1, self.end + 1), entries.value
            self.refined[k] = None if some is None else entries.indices(self.sizes[k])
        self.ellipsoid = Ellipsoid(self, evidence["ellipsoid"]) if "ellipsoid" in evidence else None

    def lengthen(self, bits: int, where: str) -> None:
        """Refuse values that are too long with coefficients of so many bits, and note these."""
        self.longest += bits
        moderate(len(self.lower), self.longest, where)
        self.weigh()

    @cached_property
    def works(self) -> list[int]:
        """The work of a bound from each node to the input."""
        works = [21 * len(self.lower)]
        for node, bits in zip(self.nodes, self.bits, strict=True):
            work = 200 * node.windows + node.in_windows * (20 + node.work) + 20 * sum(node.lengths)
            works.append(work * (1 + bits**2 // 1_000_000))
        return list(accumulate(works))

    def along(self, path: Iterable[tuple[int, int, int, int]]) -> int:
        """Return the work for the halfspaces of a path."""
        return sum(10 * (self.end + self.listed[node]) for node, *_ in path)

    def for_leaf(self, leaf: Leaf) -> int:
        """Return the work for a leaf, but for the rows of its property."""
        curved = self.ellipsoid.work if self.ellipsoid and leaf.curve else 0
        return self.works[-1] + self.along(leaf.path) + curved

    def down(self, v: Vector, power: int = 1) -> list[int]:
        """Return a vector in units of 2^-g, or of another power of it, rounded down."""
        p, q = (v.unit / self.unit**power).as_integer_ratio()
        return [x * p // q for x in v.n]

    def up(self, v: Vector) -> list[int]:
        """Return a vector in units of the grid, rounded up."""
        return [-x for x in self.down(v * -1)]

    def leaves(
        self, tree: Field, rows: int, path: tuple[Halfspace, ...] = (), depth: int = 0
    ) -> Iterator[Leaf]:
        """Read the leaves of a tree of parts, for a property of so many rows."""
        most, one = 1 << MAX_GRID, 1 << self.places
        if "cuts" in tree:
            cuts, rest = tree["cuts"], tree["rest"]
            if depth >= MAX_DEPTH:
                raise Malformed(cuts.where, f"split more than {MAX_DEPTH} times")
            for cut in cuts.items(1):
                sides = self.sides(cut)
                if [part.value for _, part in sides].count(None) != 1:
                    raise Malformed(f"{cut.where}.parts", "expected null for one part alone")
                for halfspace, part in sides:
                    if part.value is not None:
                        yield from self.leaves(part, rows, (*path, halfspace), depth + 1)
                (kept,) = (halfspace for halfspace, part in sides if part.value is None)
                path = (*(x for x in path if x[:3] != kept[:3]), kept)
            yield from self.leaves(rest, rows, path, depth + 1)
            return
        if "split" in tree:
            for halfspace, part in self.sides(tree, depth):
                yield from self.leaves(part, rows, (*path, halfspace), depth + 1)
            return
        weights, slopes, ties, curve = self.ones(rows), None, [0] * len(path), None
        if "weights" in tree:
            weights = tree["weights"].whole(0, most, length=rows)
        if "slopes" in tree:
            slopes = tree["slopes"].whole(0, one + 1)
        if "ties" in tree:
            ties = tree["ties"].whole(0, most, length=len(path))
        if self.ellipsoid and "curve" in tree:
            field = tree["curve"]
            curve = field.whole(1 - most, most, length=1 + len(self.ellipsoid.spreads))
            Field(curve[0], f"{field.where}[0]").integer(1)
        self.long += max(0, len(path) - MAX_DEPTH)
        if self.long > MAX_HALFSPACES:
            raise Malformed(tree.where, f"more than {MAX_HALFSPACES} halfspaces of long paths")
        yield Leaf(tree.where, path, weights, slopes, ties, curve)

    def sides(self, tree: Field, depth: int = 0) -> list[tuple[Halfspace, Field]]:
        """Read the halfspaces below and above a split, and what is said of both parts."""
        split = tree["split"]
        if depth >= MAX_DEPTH:
            raise Malformed(split.where, f"split more than {MAX_DEPTH} times")
        node, *entries = split.whole(0, None, length=3 if len(split.entries(2)) > 2 else 2)
        Field(node, split.where).integer(0, self.end + 1)
        i, j = (*Field(entries, split.where).indices(self.sizes[node]), -1)[:2]
        at = tree["at"].number() if "at" in tree else exact(0)
        by = self.down(at)[0]
        if self.up(at)[0] != by:
            raise Malformed(tree.where, f"expected a split at a multiple of 2^-{self.grid}")
        below, above = tree["parts"].items(length=2)
        return [(Halfspace(node, j, i, -by), below), (Halfspace(node, i, j, by), above)]


class Ellipsoid:
    """That sum (z_i - c_i)^2 / s_i <= r of what a relu reads, in the box: fields.

    The z are those of a dense node that reads the input; c are their values at the center.
    """

    def __init__(self, region: Region, field: Field) -> None:
        self.region, most = region, 1 << MAX_GRID
        place = field["node"]
        self.node = place.integer(1, region.end + 1)
        relu = region.nodes[self.node - 1]
        dense = region.nodes[relu.reads[0] - 1] if relu.reads[0] else relu
        if not relu.largest or relu.lists or not dense.weights or dense.reads != [0]:
            raise Malformed(place.where, "expected a relu of a dense node of the input")
        if dense.size > MAX_SPREADS:
            raise Malformed(place.where, f"it reads more than {MAX_SPREADS} values")
        self.dense, self.reads = dense, relu.reads[0]
        self.spreads = field["spreads"].whole(1, most, length=dense.size)
        self.weights = field["weights"].whole(1, most, length=region.sizes[0])

    @cached_property
    def times(self) -> int:
        """How many times as much work longer numbers are."""
        own = max(self.spreads).bit_length() + max(self.weights).bit_length()
        return 1 + (self.region.bits[self.reads - 1] + 2 * self.region.grid + own) ** 2 // 100_000

    @property
    def work(self) -> int:
        """The work of one bound."""
        return 200 * len(self.spreads) * self.times

    @cached_property
    def center(self) -> tuple[list[int], int]:
        """The c in units of the grid, as integers and what they are divided by."""
        c = self.dense.apply((self.region.lower + self.region.upper) * Number([1], Fraction(1, 2)))
        p, q = (c.unit / self.region.unit).as_integer_ratio()
        return [x * p for x in c.n], q

    @cached_property
    def size(self) -> int:
        """The r: the sum of the squares of the half widths of the box over the weights."""
        widths, unit = self.region.upper - self.region.lower, self.region.unit
        p, q = (widths.unit**2 / 4 / unit**3).as_integer_ratio()
        return sum(-(-x * x * p // (q * w)) for x, w in zip(widths.n, self.weights, strict=True))

    def holds(self) -> Relation:
        """Tell whether diag(s) - W diag(weights) W^T is positive semidefinite.

        By elimination. Where entries of a symmetric matrix of k rows are rounded down, and those on
        the diagonal by k - 1 more, it becomes smaller by one that is diagonally dominant.
        """
        W, k = self.dense.weights, len(self.spreads)
        assert W
        self.region.spend(2 * k * k * (k + W.columns) * self.times)
        p, q = (self.dense.unit**2).as_integer_ratio()
        images = W.images(list(map(mul, self.weights, row)) for row in W.n)
        M = [[-x * p << self.region.grid for x in row] for row in images]
        del images
        for i, s in enumerate(self.spreads):
            M[i][i] += s * q << self.region.grid
        while M:
            M = [[x // q for x in row] for row in M]
            for i, row in enumerate(M):
                row[i] -= len(M) - 1
            q, first = M[0][0], M[0][1:]
            if q <= 0:
                return Relation(False, f"pivot {k - len(M)} is not > 0")
            M = [[q * x - row[0] * y for x, y in zip(row[1:], first, strict=True)] for row in M[1:]]
        return Relation(True, "")

    def least(self, a: list[int], curve: list[int], bounds: Pair) -> tuple[list[int], int]:
        """Return a sum of z, and a constant, that are not larger than one of the max(z, 0)."""
        grid, (centers, q) = self.region.grid, self.center
        k, *slopes = (x << grid - self.region.places for x in curve)
        total = -k * self.size >> grid

        def least(b: int, n: int, s: int, first: int, last: int) -> int:
            """Return the least b z + k (z - c)^2 / s for z from first to last, rounded down."""
            top, y, end = -b * s * q, q * first - n, q * last - n
            if 2 * k * y <= top <= 2 * k * end:
                return (4 * k * b * n - b * b * s * q) // (4 * k * q)
            y = y if top < 2 * k * y else end
            return (b * s * q * (y + n) + k * y * y) // (s * q * q)

        for x, e, n, s, l, u in zip(a, slopes, centers, self.spreads, *bounds, strict=True):
            sides = (-e, l, min(u, 0)), (x - e, max(l, 0), u)
            total += min(least(b, n, s, *ends) for b, *ends in sides if ends[0] <= ends[1])
        return slopes, total


class Part:
    """Bounds of all values on the part of the box on which some cuts hold.

    They are those of a larger part, narrowed to the cuts; without one they are computed anew.
    """

    def __init__(
        self, region: Region, path: Sequence[Halfspace] = (), larger: Part | None = None
    ) -> None:
        self.region, self.path, self.empty = region, path, False
        self.lists = {k: self.kept(node) for k, node in enumerate(region.nodes, 1) if node.lists}
        self.bounds: list[Pair] = []
        self.slopes: dict[tuple[int, int], int] = {}  # of lower bounds, if not the default ones
        self.curve: list[int] | None = None
        self.signs, self.tops, self.losses = cache(self.sign), cache(self.top), cache(self.loss)
        if not larger:
            region.spend(2 * region.works[-1])
        for k in range(region.end + 1):
            self.bounds.append(larger.bounds[k] if larger else self.reach(k))
            self.cut(k)
            if not larger and not self.empty and k in region.refined:
                self.refine(k, region.refined[k])
            if self.empty:
                return

    def kept(self, node: Node) -> list[list[int]]:
        """Return the lists of a maximum without entries that by a cut do not exceed another one."""
        lists = node.lists or []
        for of, more, less, by in self.path:
            if of == node.reads[0] and min(more, less, by) >= 0:
                pair = {more, less}
                lists = [[i for i in x if i != less] if pair.issubset(x) else x for x in lists]
        return lists

    def reach(self, k: int) -> Pair:
        """Return bounds of what a node yields, from those of what it reads."""
        if not k:
            return self.region.down(self.region.lower), self.region.up(self.region.upper)
        node, half = self.region.nodes[k - 1], self.region.unit / 2
        given = [self.bounds[j] for j in node.reads]
        if k in self.lists:
            l, u = ([max(x[i] for i in places) for places in self.lists[k]] for x in given[0])
        elif node.largest:
            l, u = ([max(x, 0) for x in bounds] for bounds in given[0])
        else:
            middle = node.apply(*(Vector(list(map(add, l, u)), half) for l, u in given))
            widths = (Vector(list(map(sub, u, l)), half) for l, u in given)
            spread = (node.spread or node.apply)(*widths)
            l, u = self.region.down(middle - spread), self.region.up(middle + spread)
        return l, u

    def cut(self, k: int) -> None:
        """Narrow the bounds of what a node yields to its cuts, one after another."""
        cuts = [cut for cut in self.path if cut.node == k]
        if cuts:
            l, u = ([*x, 0] for x in self.bounds[k])
            for _, more, less, by in cuts:
                l[more] = max(l[more], l[less] + by)
                u[less] = min(u[less], u[more] - by)
            self.empty = any(map(gt, l, u))
            self.bounds[k] = l[:-1], u[:-1]

    def refine(self, k: int, entries: list[int] | None) -> None:
        """Improve the bounds of some entries of what a node yields, or of all undecided ones."""
        l, u = map(list, self.bounds[k])
        entries, one = self.undecided(k) if entries is None else entries, 1 << self.region.grid
        self.region.spend(2 * len(entries) * self.region.works[k])
        for e in entries:
            ends = [self.least(k, [sign * (i == e) for i in range(len(l))]) for sign in (one, -one)]
            l[e], u[e] = max(l[e], ends[0] // one), min(u[e], -(ends[1] // one))
        self.empty = any(map(gt, l, u))
        self.bounds[k] = l, u

    def undecided(self, k: int) -> list[int]:
        """Return the entries of which a maximum may need any, and those of both signs at a relu."""
        found, (l, u) = set[int](), self.bounds[k]
        for i in self.region.readers.get(k, ()):
            if i not in self.lists:
                found.update(e for e in range(len(l)) if l[e] < 0 < u[e])
                continue
            for places, (first, p, most) in zip(self.lists[i], self.top(i), strict=True):
                found.update(e for e in places if l[p] < most and u[e] > l[first])
        return sorted(found)

    def top(self, i: int) -> list[tuple[int, int, int]]:
        """Return of each list of a maximum the entries with the largest l and u, and others' u."""
        (l, u), found = self.bounds[self.region.nodes[i - 1].reads[0]], []
        for places in self.lists[i]:
            p = max(places, key=u.__getitem__)
            most = max((u[e] for e in places if e != p), default=l[p])
            found.append((max(places, key=l.__getitem__), p, most))
        return found

    def loss(self, k: int) -> list[tuple[int, int]]:
        """Return the entries of what a node yields that may be negative, with their bounds."""
        return [(e, low) for e, low in enumerate(self.bounds[k][0]) if low < 0]

    def sign(self, k: int) -> tuple[list[bool], list[int]]:
        """Return of which entries of what a node yields more is positive, and which are bent."""
        l, u = self.bounds[k]
        bent = [e for e, (low, high) in enumerate(zip(l, u, strict=True)) if low < 0 < high]
        return [high >= -low for low, high in zip(l, u, strict=True)], bent

    def chosen(self, slopes: list[int]) -> Relation:
        """Take slopes of lower bounds where a relu may see both signs, in order."""
        nodes, ball = enumerate(self.region.nodes, 1), self.region.ellipsoid
        relus = [(i, node.reads[0]) for i, node in nodes if node.largest and not node.lists]
        if self.curve and ball:
            relus.remove((ball.node, ball.reads))
        places = [(i, e) for i, k in relus for e in self.signs(k)[1]]
        self.slopes = dict(zip(places, slopes, strict=False))
        return exact(len(slopes)) == len(places)

    def least(self, k: int, a: list[int], constant: int = 0, ties: Sequence[int] = ()) -> int:
        """Return a lower bound of a constant and the sum of a times what a node yields."""
        sums = {k: a}
        for i in range(k, -1, -1):
            if i not in sums:
                continue
            a = [*sums.pop(i), 0]
            for (of, more, less, by), tie in zip(self.path, ties, strict=False):
                if of == i:
                    a[more] -= tie
                    a[less] += tie
                    constant += tie * by
            a.pop()
            if i:
                node = self.region.nodes[i - 1]
                terms, rest = self.bend(i, node, a) if node.largest else self.turn(node, a)
                constant += rest
                for j, x in zip(node.reads, terms, strict=True):
                    sums[j] = list(map(add, sums[j], x)) if j in sums else x
        ends = zip(a, *self.bounds[0], strict=True)
        return constant + sum(x * (low if x > 0 else high) for x, low, high in ends)

    def turn(self, node: Node, a: list[int]) -> tuple[list[list[int]], int]:
        """Return a sum of what an affine node reads, and a constant, that are not larger."""
        p, q = node.offsets.unit.as_integer_ratio()
        constant = (sum(map(mul, a, node.offsets.n)) * p << self.region.grid) // q
        back = zip(node.reads, node.back(a), strict=True)
        lowered = [self.lowered(x, node.unit, j) for j, x in back]
        return [x for x, _ in lowered], constant + sum(loss for _, loss in lowered)

    def lowered(self, x: list[int], unit: Fraction, k: int) -> tuple[list[int], int]:
        """Return coefficients of what a node yields, rounded down, and what that may take away."""
        p, q = unit.as_integer_ratio()
        x = x if p == 1 else [y * p for y in x]
        if q == 1:
            return x, 0
        return [y // q for y in x], sum(low for e, low in self.losses(k) if x[e] % q)

    def bend(self, i: int, node: Node, a: list[int]) -> tuple[list[list[int]], int]:
        """Return a sum of what a maximum or relu reads, and a constant, that are not larger."""
        (l, u), constant, ball = self.bounds[node.reads[0]], 0, self.region.ellipsoid
        if self.curve and ball and i == ball.node:
            passed, constant = ball.least(a, self.curve, (l, u))
            return [passed], constant
        if i in self.lists:
            found = [0] * len(l)
            for x, (first, p, most) in zip(a, self.tops(i), strict=True):
                if x >= 0:
                    found[first] += x
                else:
                    e = x if l[p] >= most else -(-x * (u[p] - most) // (u[p] - l[p]))
                    found[p] += e
                    constant += (x - e) * u[p]
            return [found], constant
        larger, bent = self.signs(node.reads[0])
        found = list(map(mul, a, larger))
        for e in bent:
            x = a[e]
            if x < 0:
                found[e] = -(-x * u[e] // (u[e] - l[e]))
                constant += (x - found[e]) * u[e]
            elif (i, e) in self.slopes:
                found[e] = x * self.slopes[i, e] >> self.region.places
        return [found], constant


class Claim(NamedTuple):
    """The rows C z <= d of a property, the work of a sum of them, and leaves that cover the box."""

    C: Matrix
    d: Vector
    work: int
    leaves: list[Leaf]


def bounds(region: Region, claims: list[Claim], every: bool) -> Iterator[tuple[str, Relation, int]]:
    """Yield of each leaf that is not empty its place, whether its slopes fit, and its bound."""
    larger = None if every else Part(region)
    for C, d, work, leaves in claims:
        for leaf in leaves:
            region.spend(region.for_leaf(leaf) + work)
            where, path, weights, slopes, ties, curve = leaf
            part = Part(region, path, larger)
            if part.empty:
                continue
            part.curve = curve
            fit = Relation(True, "") if slopes is None else part.chosen(slopes)
            g = Vector(weights, Fraction(1, 1 << region.places))
            v = g @ C
            a, loss = part.lowered([*v.n], v.unit / region.unit, region.end)
            constant = loss + region.down(g @ d * -1, 2)[0]
            on_grid = [x << region.grid - region.places for x in ties]
            yield where, fit, part.least(region.end, a, constant, on_grid)


def no_counterexample(instance: Field, statement: Field, evidence: Field) -> Steps:
    """no x with {lower} <= x <= {upper} has C f(x) <= d for any of these: {properties}; f is the
    network of {nodes} nodes, {types}, from {n} values to {m}

    Both sides of a split are parts, so all parts cover the box. On each that is not empty, a sum of
    the rows of C f(x) - d with weights >= 0 is at least a number > 0; where C f(x) <= d, it would
    be <= 0. For what a node yields, sums of what it reads are put: for an affine one the same sum,
    with coefficients of v >= l reduced by r < 2^-g, as r v >= 2^-g min(l, 0); for a maximum v of
    some z, a z <= a v if a >= 0, e z <= a v if 0 <= e <= a and one of them is 0, and with n >= e >=
    0 and z <= u, -e z - (n - e) u <= -n v if this holds at z >= l of all others, too. Where a split
    says z >= t or z <= t, b (z - t) or b (t - z), b >= 0, may be subtracted. Of z = W x + b, and c
    at the center of the box, sum (z - c)^2 / s is at most r, the sum of (half widths)^2 / w, if
    diag(s) - W diag(w) W^T is positive semidefinite; then a sum of a max(z, 0) is at least that of
    e z and, of each z between its bounds, the least a max(z, 0) + k (z - c)^2 / s - e z, minus k r,
    k > 0. The input lies in the box.
    """
    region, wanted, shows = Region(instance, evidence), list[Any](), []
    n, m, nodes = len(region.lower), region.size, len(region.nodes)
    types, longest = text([part["type"] for part in instance.value["nodes"]]), 0
    for claim in statement["properties"].items(1):
        C, exponent = claim["matrix"].scaled_matrix(m)
        d = claim["right_side"].vector(len(C))
        if not len(C):
            raise Malformed(f"{claim.where}.matrix", "expected at least one row")
        lengths = [length(row.n, row.unit) for row in C.rows]
        longest = max(longest, abs(exponent) + max(lengths))
        bits = abs(exponent) + length(d.n, d.unit) + sum(lengths)
        work = len(C) * (m + 1) * (1 + bits**2 // 1_000_000)
        shows.append(f"C = {text(C.times(exponent))}, d = {text(d)}")
        wanted.append((C.times(exponent), d, work))
    region.lengthen(longest, f"{statement.where}.properties")
    every, trees = evidence["every"].choice(True, False), evidence["trees"].items(0, len(wanted))
    pairs = zip(wanted, trees, strict=True)
    claims = [Claim(C, d, w, list(region.leaves(tree, len(C)))) for (C, d, w), tree in pairs]
    lower, upper, properties = region.lower, region.upper, series(shows)
    yield "box is not empty", lower <= upper
    if region.ellipsoid:
        yield "ellipsoid holds all values", region.ellipsoid.holds()
    for where, fit, least in bounds(region, claims, every):
        yield "slopes are as many as undecided values", fit, where
        yield "bound is positive", Number([least], region.unit**2) > 0, where
    return locals()


# Numbers on their own.


class Expressions:
    """Evaluates numerals, names, and [operation, ...] over + - * / ^ max abs, in lowest terms."""

    def __init__(self, names: dict[str, tuple[int, int]]) -> None:
        self.names, self.work = names, 0

    def spend(self, bits: int, where: str = "") -> None:
        """Refuse numbers that are too long, or too long together: time grows as the square."""
        self.work += bits**2
        if self.work > MAX_WORK:
            raise Malformed(where, "the numbers are too long to compute with")

    def at(self, where: str, expression: Any) -> tuple[int, int]:
        """Return the value of an expression at some place."""
        try:
            return self.evaluate(expression)
        except Malformed as error:
            error.where = f"{where}{error.where}"
            raise

    def evaluate(self, expression: Any, depth: int = 0) -> tuple[int, int]:
        """Return the value of one expression; what is malformed is placed within it."""
        if isinstance(expression, str):
            if expression in self.names:
                return self.names[expression]
            return Field(None, "").numeral(expression)
        if depth >= MAX_DEPTH:
            raise Malformed("", f"nested more than {MAX_DEPTH} deep")
        if not isinstance(expression, list):
            Field(expression, "").entries()
        operation, *parts = expression or [None]
        values: list[tuple[int, int]] = []
        try:
            for part in parts:
                values.append(self.evaluate(part, depth + 1))
        except Malformed as error:
            error.where = f"[{len(values) + 1}]{error.where}"
            raise
        bits = sum(map(size, values))
        if operation == "^" and len(values) == 2:
            bits = size(values[0]) * max(values[1][0], 1)
        self.spend(bits)
        if operation == "+":
            scale = lcm(*[q for _, q in values])
            return lowest(sum([p * (scale // q) for p, q in values]), scale)
        if operation == "max" and values:
            return max(values, key=lambda x: Fraction(*x))
        if operation == "abs" and len(values) == 1:
            return abs(values[0][0]), values[0][1]
        if len(values) == 2:
            (a, b), (c, d) = values
            if operation == "*":
                return lowest(a * c, b * d)
            if operation == "-":
                return lowest(a * d - c * b, b * d)
            if operation == "/" and c:
                return lowest(a * d, b * c)
            if operation == "^" and d == 1 and c >= 0:
                return a**c, b**c
        raise Malformed("", f"cannot evaluate {operation!r} of {len(values)} values")


def words(expression: Any) -> str:
    """Return an expression as text, as in (a + 1/2), or only how it begins."""
    if isinstance(expression, str):
        return expression if len(expression) <= 40 else f"{expression[:30]}..."
    operation, *parts = expression
    inner = [words(part) for part in parts[:6]] + ["..."] * (len(parts) > 6)
    call = operation in ("max", "abs") or len(parts) < 2
    found = f"{operation}({', '.join(inner)})" if call else f"({f' {operation} '.join(inner)})"
    return found if len(found) <= 120 else f"{found[:110]}..."


def arithmetic(instance: Field, statement: Field, evidence: Field) -> Steps:
    """{relations}{given}

    By evaluation. What the numbers stand for is not said.
    """
    names: dict[str, tuple[int, int]] = {}
    for part in instance["numbers"].items():
        field, value = part["name"], part["value"]
        name = field.value if isinstance(field.value, str) else ""
        if not NAME.fullmatch(name) or name in names:
            raise Malformed(field.where, f"expected a new identifier, got {field.value!r}")
        names[name] = value.numeral(value.value)
    expressions, shows = Expressions(names), []
    signs = {"=": eq, "!=": ne, "<": lt, "<=": le}
    for i, item in enumerate(statement["relations"].items(1)):
        if len(item.entries()) != 3 or item.value[1] not in list(signs):
            raise Malformed(item.where, "expected [left, operator, right]")
        left, sign, right = item.value
        a, b = (expressions.at(f"{item.where}[{k}]", x) for k, x in ((0, left), (2, right)))
        expressions.spend(size(a) + size(b), item.where)
        holds = signs[sign](a[0] * b[1], b[0] * a[1])
        false = "" if holds else f"relation {i}: {written(*a)} {sign} {written(*b)} is false"
        yield "relation holds", holds, false
        shows.append((left, sign, right))
    relations = (f"{words(a)} {by} {words(b)}" for a, by, b in shows)
    given = (f"{name} = {written(*x)}" for name, x in names.items())
    return {
        "relations": lambda: series(relations, 6),
        "given": lambda: ", with " * bool(names) + series(given, 6),
    }


def binomial_tail(instance: Field, statement: Field, evidence: Field) -> Steps:
    """P(X {sign} {k}) <= {bound} for X the number of successes in {n} trials of probability {p}

    The sum of its terms, as integers over the denominator of p to the power n.
    """
    n, p = instance["trials"].integer(1, MAX_TRIALS), instance["probability"].number()
    k, bound = statement["successes"].integer(0, n + 1), statement["bound"].number()
    upper = statement["at_least"].choice(True, False)
    yield "probability lies between 0 and 1", p >= 0
    yield "probability lies between 0 and 1", p <= 1
    values, sign = (range(k, n + 1), ">=") if upper else (range(k + 1), "<=")
    q = p.unit.denominator
    bits = q.bit_length()
    if n * bits > MAX_BITS or len(values) * n * max(16, bits) ** 2 > MAX_TAIL:
        got = f"{len(values)} of {n} trials at {bits} bits"
        where = f"{instance.where}.trials"
        raise Malformed(where, f"expected a moderate number of terms, got {got}")
    r, s, first = p.n[0], q - p.n[0], values[0]
    tail, term = 0, comb(n, first) * r**first * s ** (n - first)
    for j in values:
        tail += term
        # C(n, j + 1) is C(n, j) (n - j) / (j + 1); where s is 0, only the last term is not.
        term = term * (n - j) * r // ((j + 1) * s) if s else int(j + 1 == n)
    yield "tail is within the bound", Number([tail], Fraction(1, q**n)) <= bound
    return locals()


RULES: dict[str, Rule] = {
    rule.__name__.replace("_", "-"): rule
    for rule in (
        rank, null_space, linear_system_solution, linear_system_inconsistent, lp_optimal,
        lp_infeasible, lp_unbounded, max_margin, not_separable, separable, every_separator,
        separator_steps, some_point_flips, invariant_space, invariant_dimension,
        invariant_direction, invariant_regions, convex_negative_region, relu_universal_direction,
        convex_direction, network_flip, rule_facts, universal_step, every_model, class_left,
        relu_label_forced, bounded, unbounded_polyhedron, decision_region, adjacency, parallel,
        network_points, no_counterexample, arithmetic, binomial_tail,
    )
}  # fmt: skip


# Documents.


def check(certificate: Any, words: bool = True) -> tuple[str, str]:
    """Check one parsed certificate and return its kind and, in words, what it establishes.

    Without words it takes a sixth less time. Raises :class:`Rejected` or :class:`Malformed`.
    """
    # Numerals have a limit of their own, and a reason must be printable whatever its numbers.
    limit = sys.get_int_max_str_digits()
    sys.set_int_max_str_digits(0)
    try:
        rule, values = decided(Field(certificate, "certificate"))
        return certificate["kind"], sentence(rule, values) if words else ""
    except RecursionError:
        raise Malformed("certificate", "nested too deeply") from None
    finally:
        NUMERALS.clear()
        fraction.cache_clear()
        sys.set_int_max_str_digits(limit)


def decided(document: Field) -> tuple[Rule, Any]:
    """Read what every certificate has, and hand its parts to the rule of its kind."""
    for name, wanted in (("format", FORMAT), ("version", VERSION)):
        field = document[name]
        if type(field.value) is not type(wanted) or field.value != wanted:
            raise Malformed(field.where, f"expected {wanted!r}, got {field.value!r}")
    kind, stated = document["kind"].choice(*RULES), document["instance_sha256"]
    parts = instance, *_ = [document[x] for x in ("instance", "statement", "evidence")]
    for part in parts:
        if not isinstance(part.value, dict):
            raise Malformed(part.where, f"expected an object, got {part.type}")
    canonical, claimed = (
        json.dumps(part.value, sort_keys=True, separators=(",", ":")) for part in parts[:2]
    )
    if stated.value != hashlib.sha256(canonical.encode("ascii")).hexdigest():
        raise Malformed(stated.where, "the hash does not belong to the instance")
    instance.budget = FREE_WORK + WORK * (len(canonical) + len(claimed))
    rule = RULES[kind]
    steps = rule(*parts)
    while True:
        try:
            step, holds, *reasons = next(steps)
        except StopIteration as end:
            document.close()
            return rule, end.value
        document.close()  # all fields have been read before anything is decided
        if not holds:
            reasons += [holds.reason] if isinstance(holds, Relation) else []
            why = ": ".join(filter(None, reasons)) or "it does not hold"
            steps.throw(Rejected(step, why))  # at the line that yields the step


def sentence(rule: Rule, values: Any) -> str:
    """Return the first paragraph about a rule with its numbers filled in, or what takes its place.

    Values that take long to write are functions.
    """
    if not isinstance(values, dict):
        return text(values)
    paragraph = " ".join((rule.__doc__ or "").partition("\n\n")[0].split())
    return re.sub(r"\{(\w+)\}", lambda name: text(values[name[1]]), paragraph)


def parse(text: str) -> Any:
    """Parse JSON, refusing floats, duplicate keys, and nesting or numbers beyond the limits."""
    if len(text) > MAX_LINE:
        raise Malformed("document", f"longer than {MAX_LINE} characters")

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        result = dict(items)
        if len(result) != len(items):
            raise Malformed("document", "a key occurs twice in one object")
        return result

    def whole(literal: str) -> int:
        if len(literal) > MAX_DIGITS:
            raise Malformed("document", f"an integer has more than {MAX_DIGITS} digits")
        return int(literal)

    def inexact(literal: str) -> Any:
        raise Malformed("document", f"the number {literal[:40]} is not exact; numerals are strings")

    limit = sys.get_int_max_str_digits()
    sys.set_int_max_str_digits(0)
    hooks: dict[str, Any] = {"parse_int": whole, "parse_float": inexact, "parse_constant": inexact}
    try:
        return json.loads(text, object_pairs_hook=pairs, **hooks)
    except RecursionError:
        raise Malformed("document", "nested too deeply") from None
    except ValueError as error:
        raise Malformed("document", f"not JSON: {error}") from None
    finally:
        sys.set_int_max_str_digits(limit)


def certificates_in(path: Path) -> Iterator[tuple[str, str]]:
    """Yield (place, text) for every certificate in a ``.json`` or ``.jsonl`` file or a folder."""
    if path.is_dir():
        files = sorted([*path.rglob("certificates.jsonl"), *path.rglob("*.certificate.json")])
        if not files:
            raise OSError(f"{path}: no certificates.jsonl or *.certificate.json in this folder")
        for file in files:
            yield from certificates_in(file)
    elif path.suffix == ".jsonl":
        # A line ends at "\n" alone: "\r" is white space of JSON.
        with path.open(encoding="utf-8", newline="\n") as lines:
            # Of a longer line, or file, hardly more than what is refused comes into memory.
            for number, text in enumerate(iter(lambda: lines.readline(MAX_LINE + 1), ""), 1):
                yield f"{path}:{number}", text
    else:
        with path.open(encoding="utf-8", newline="\n") as whole:
            blocks = iter(lambda: whole.read(BLOCK), "")
            yield str(path), "".join(islice(blocks, MAX_LINE // BLOCK + 1))


def printable(text: str) -> str:
    """Return a text with escapes for what standard output cannot show, as in names of files."""
    encoding = sys.stdout.encoding or "utf-8"
    return text.encode(encoding, "backslashreplace").decode(encoding)


def main(paths: Sequence[str], decide: Callable[[Any, bool], tuple[str, str]] = check) -> int:
    """Check every certificate: 0 all accepted, 1 some refused, 2 nothing to check."""
    accepted: Counter[str] = Counter()
    refused = 0
    try:
        for path in paths:
            for place, text in certificates_in(Path(path)):
                try:
                    accepted[decide(parse(text), False)[0]] += 1
                except (Rejected, Malformed) as error:
                    refused += 1
                    print(printable(f"{place}: {type(error).__name__.lower()}: {error}"))
    except (OSError, UnicodeDecodeError) as error:
        print(f"certify check: {error}", file=sys.stderr)
        return 2
    if not accepted and not refused:
        print("certify check: no certificates found", file=sys.stderr)
        return 2
    for kind, count in sorted(accepted.items()):
        print(f"{count:8d}  {kind}")
    print(f"{accepted.total():8d}  accepted, {refused} refused")
    return 1 if refused else 0


if __doc__ is None:  # nothing may be accepted without the words for what it establishes
    print("checker: expected its docstrings, which python -OO leaves out", file=sys.stderr)
    raise SystemExit(2)
if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]) if sys.argv[1:] else "usage: python checker.py PATH...")
