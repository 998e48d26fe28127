"""The checker: decides with integers and fractions alone whether a certificate proves its claim.

It imports nothing but the standard library and shares no code with the producers, so this file is
all that has to be trusted. Every rule reads an instance, a statement and the evidence, evaluates
finitely many exact relations and returns in words what they establish; it raises :class:`Rejected`
with the step that failed, or :class:`Malformed` with the place that is not well formed.

Use it as ``certify check PATH...`` or, with nothing installed, ``python checker.py PATH...``.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from fractions import Fraction
from functools import cache
from itertools import combinations, islice
from math import comb, lcm, prod
from operator import mul
from pathlib import Path
from typing import Any

FORMAT, VERSION = "adversarial-geometry/certificate", 1
MAX_DIGITS = 100_000  # of one numerator, denominator or integer
FREE_WORK, WORK = 1_000_000, 50  # what rules may evaluate, and more for each character
WINDOW, PRODUCTS = 20, 25  # for a value in a window of a layer: (20 + rows) / 25
MAX_DEPTH = 100  # of an expression
MAX_BITS = 4_000_000  # of a number that an expression builds
MAX_WORK = 500_000_000_000  # sum of bits^2 over what expressions build: seconds
MAX_TRIALS = 200_001  # of a binomial law, whose tail is summed term by term
MAX_TAIL = 200_000_000_000  # terms * trials * bits^2 of such a sum: seconds
MAX_LINE, BLOCK = 200_000_000, 1_000_000  # characters of one certificate, and read at once
MAX_EXPONENT = 10_000  # of the power of two that scales a matrix of integers
MAX_VALUES, MAX_VALUES_BITS = 1_000_000, 500_000_000  # that a layer of a network yields
MAX_LENGTH = 100_000  # of one of them, in bits
MAX_PRIME = 2**64  # the modulus of a minor is smaller
MAX_IN_WINDOWS = 10_000_000  # values in all windows of a layer together
_NUMERAL = re.compile(r"0|-?[1-9][0-9]*(/([2-9]|[1-9][0-9]+))?")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")

Vector = list[Fraction]
Matrix = list[Vector]
Rows = Sequence[Sequence[Fraction | int]]


def shortened(reason: str) -> str:
    """Return a reason that fits on a screen, whatever the size of its numbers."""
    return reason if len(reason) <= 400 else f"{reason[:300]}... ({len(reason)} characters)"


class Rejected(Exception):
    """The certificate is well formed and does not prove its statement: ``step`` fails."""

    def __init__(self, step: str, reason: str) -> None:
        self.step, self.reason = step, shortened(reason)
        super().__init__(f"{step}: {self.reason}")


class Malformed(Exception):
    """The certificate is not well formed at ``where``."""

    def __init__(self, where: str, reason: str) -> None:
        self.where, self.reason = where, shortened(reason)
        super().__init__(f"{where}: {self.reason}")


def require(condition: bool, step: str, reason: str) -> None:
    """Reject with the step and the reason unless the condition holds."""
    if not condition:
        raise Rejected(step, reason)


def size(x: Fraction | int) -> int:
    """Return the bits of the longer of numerator and denominator."""
    return max(x.numerator.bit_length(), x.denominator.bit_length())


def shown(x: Fraction | int) -> str:
    """Return a number as text, or only its length where that is long."""
    return str(x) if size(x) <= 100 else f"(a number of {size(x)} bits)"


def listed(values: Sequence[Fraction | int]) -> str:
    """Return some numbers as text, the first six of them where they are many."""
    rest = f", ...; {len(values)} entries" if len(values) > 6 else ""
    return f"({', '.join(map(shown, values[:6]))}{rest})"


def tabled(rows: Rows) -> str:
    """Return a table as text, the first three rows of it where they are many."""
    rest = f", ...; {len(rows)} rows" if len(rows) > 3 else ""
    return f"({', '.join(map(listed, rows[:3]))}{rest})"


def series(parts: Iterable[str], most: int = 4) -> str:
    """Return different texts in a row, the first of them where they are many."""
    different = list(dict.fromkeys(parts))
    rest = f"; and {len(different) - most} more" if len(different) > most else ""
    return f"{'; '.join(different[:most])}{rest}"


# Reading: every field is asked for by name and shape, and nothing may be left over.


class Reader:
    """One JSON object whose fields are read once each; unread fields are refused."""

    def __init__(self, value: Any, where: str) -> None:
        if not isinstance(value, dict):
            raise Malformed(where, f"expected an object, got {_name(value)}")
        self._fields, self._where = dict(value), where
        self._inner: list[Reader] = []
        self.budget = 0

    def take(self, name: str) -> tuple[Any, str]:
        """Return a required field and its place."""
        if name not in self._fields:
            raise Malformed(self._where, f"field {name!r} is missing")
        return self._fields.pop(name), f"{self._where}.{name}"

    def has(self, name: str) -> bool:
        """Tell whether an optional field is there."""
        return name in self._fields

    def spend(self, work: int) -> None:
        """Refuse more work than a document of this length may ask for."""
        self.budget -= work
        if self.budget < 0:
            raise Malformed(self._where, "more work than a document of this length may ask for")

    def close(self) -> None:
        """Refuse fields, here or in objects inside, that no rule has read."""
        for name in self._fields:
            raise Malformed(self._where, f"unknown field {name!r}")
        for reader in self._inner:
            reader.close()

    def object(self, name: str) -> Reader:
        """Read a nested object."""
        self._inner.append(Reader(*self.take(name)))
        return self._inner[-1]

    def objects(self, name: str, least: int = 0) -> list[Reader]:
        """Read a list of objects."""
        items, where = self.items(name, least)
        readers = [Reader(item, f"{where}[{i}]") for i, item in enumerate(items)]
        self._inner += readers
        return readers

    def items(self, name: str, least: int = 0) -> tuple[list[Any], str]:
        """Read a list, with at least so many entries, and its place."""
        value, where = self.take(name)
        if len(_list(value, where)) < least:
            raise Malformed(where, "expected at least one entry")
        return value, where

    def truth(self, name: str) -> bool:
        """Read true or false."""
        value, where = self.take(name)
        if not isinstance(value, bool):
            raise Malformed(where, f"expected true or false, got {_name(value)}")
        return value

    def label(self, name: str) -> int:
        """Read -1 or 1."""
        return _label(*self.take(name))

    def integer(self, name: str, low: int = 0, high: int | None = None) -> int:
        """Read an integer with low <= value < high."""
        return _integer(*self.take(name), low, high)

    def indices(self, name: str, high: int, length: int | None = None, least: int = 0) -> list[int]:
        """Read distinct indices below ``high``, as many as ``length`` says."""
        items, where = self.items(name, least)
        if length is not None and len(items) != length:
            raise Malformed(where, f"expected {length} entries, got {len(items)}")
        result = [_integer(x, f"{where}[{i}]", 0, high) for i, x in enumerate(items)]
        if len(set(result)) != len(result):
            raise Malformed(where, "an index occurs twice")
        return result

    def rational(self, name: str) -> Fraction:
        """Read one rational."""
        return _rational(*self.take(name))

    def vector(self, name: str, length: int | None = None) -> Vector:
        """Read a vector, of the given length if there is one."""
        return _vector(*self.take(name), length)

    def matrix(self, name: str, columns: int | None = None, rows: int | None = None) -> Matrix:
        """Read a list of equally long vectors."""
        items, where, columns = self._table(name, columns, rows)
        return [_vector(row, f"{where}[{i}]", columns) for i, row in enumerate(items)]

    def positive(self, name: str, length: int) -> list[int]:
        """Read some integers above 0."""
        value, where = self.take(name)
        items = enumerate(_entries(value, where, length))
        return [_integer(x, f"{where}[{i}]", 1, None) for i, x in items]

    def scaled_matrix(
        self, name: str, columns: int | None = None, rows: int | None = None
    ) -> tuple[Rows, Fraction]:
        """Read a matrix and its unit, either rows of numerals, whose unit is 1, or compactly.

        ``{"exponent": e, "integers": [[...]]}`` stands for integers times 2^e, and stays integers.
        """
        if not isinstance(self._fields.get(name), dict):
            return self.matrix(name, columns, rows), Fraction(1)
        compact = self.object(name)
        exponent = compact.integer("exponent", -MAX_EXPONENT, MAX_EXPONENT + 1)
        items, where, columns = compact._table("integers", columns, rows)
        table = [_integer_row(row, f"{where}[{i}]", columns) for i, row in enumerate(items)]
        return table, Fraction(2) ** exponent

    def _table(
        self, name: str, columns: int | None, rows: int | None
    ) -> tuple[list[Any], str, int | None]:
        items, where = self.items(name)
        if rows is not None and len(items) != rows:
            raise Malformed(where, f"expected {rows} rows, got {len(items)}")
        if columns is None and items:
            columns = len(_list(items[0], f"{where}[0]"))
        return items, where, columns


def _name(value: Any) -> str:
    return "null" if value is None else type(value).__name__


def _list(value: Any, where: str) -> list[Any]:
    if not isinstance(value, list):
        raise Malformed(where, f"expected a list, got {_name(value)}")
    return value


def _label(value: Any, where: str) -> int:
    if type(value) is not int or value not in (-1, 1):
        raise Malformed(where, "expected -1 or 1")
    return value


def _integer(value: Any, where: str, low: int, high: int | None) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise Malformed(where, f"expected an integer, got {_name(value)}")
    if value < low or (high is not None and value >= high):
        limits = f"at least {low}" if high is None else f"from {low} to {high - 1}"
        raise Malformed(where, f"expected an integer {limits}, got {value}")
    return value


def _rational(value: Any, where: str) -> Fraction:
    if not isinstance(value, str):
        raise Malformed(where, f"expected a numeral in a string, got {_name(value)}")
    if not _NUMERAL.fullmatch(value):
        raise Malformed(where, f"expected a numeral such as '-3/7', got {value[:40]!r}")
    numerator, _, denominator = value.partition("/")
    if max(len(numerator), len(denominator)) > MAX_DIGITS:
        raise Malformed(where, f"a numeral has more than {MAX_DIGITS} digits")
    if not denominator:
        return Fraction(int(numerator))
    number = Fraction(int(numerator), int(denominator))
    if str(number.denominator) != denominator:
        raise Malformed(where, f"{value[:40]!r} is not in lowest terms")
    return number


def _entries(value: Any, where: str, length: int | None) -> list[Any]:
    items = _list(value, where)
    if length is not None and len(items) != length:
        raise Malformed(where, f"expected {length} entries, got {len(items)}")
    return items


def _vector(value: Any, where: str, length: int | None) -> Vector:
    return [_rational(x, f"{where}[{i}]") for i, x in enumerate(_entries(value, where, length))]


def _integer_row(value: Any, where: str, length: int | None) -> list[int]:
    """Read integers, as such or as numerals in strings."""
    items = _entries(value, where, length)
    if set(map(type, items)) <= {int}:
        return items  # millions of pixels pass here, so they are not looked at one by one
    row = [Fraction(x) if type(x) is int else _rational(x, where) for x in items]
    if any(x.denominator != 1 for x in row):
        raise Malformed(where, "expected integers")
    return [x.numerator for x in row]


def _scaled_vector(
    value: Any, where: str, length: int | None
) -> tuple[Sequence[Fraction | int], int]:
    """Read numerals, or integers and the power of 2 that scales them, which is 0 for numerals."""
    if not isinstance(value, dict):
        return _vector(value, where, length), 0
    compact = Reader(value, where)
    exponent = compact.integer("exponent", -MAX_EXPONENT, MAX_EXPONENT + 1)
    integers = _integer_row(*compact.take("integers"), length)
    compact.close()
    return integers, exponent


# Exact arithmetic. Sums are taken over a common denominator: one reduction for each inner product.


def _integers(v: Sequence[Fraction | int]) -> tuple[Sequence[int], int]:
    if set(map(type, v)) <= {int}:
        return v, 1  # type: ignore[return-value]
    scale = lcm(*(x.denominator for x in v))
    return [x.numerator * (scale // x.denominator) for x in v], scale


def products(rows: Rows, v: Sequence[Fraction | int], offset: Fraction = Fraction(0)) -> Vector:
    """Return the inner product of every row with v, plus the offset."""
    (*integers, constant), scale = _integers([*v, offset])
    result = []
    for row in rows:
        if len(row) != len(integers):
            raise Malformed("dimensions", f"{len(row)} and {len(integers)} entries do not match")
        scaled, row_scale = _integers(row)
        value = sum(map(mul, scaled, integers)) + row_scale * constant
        result.append(Fraction(value, row_scale * scale))
    return result


def dot(a: Sequence[Fraction], b: Sequence[Fraction]) -> Fraction:
    """Return the inner product of two vectors."""
    return products([list(a)], b)[0]


def transpose(rows: Matrix, columns: int) -> Matrix:
    """Return the transposed matrix; ``columns`` gives the shape when there are no rows."""
    return [[row[j] for row in rows] for j in range(columns)]


def along(x: Vector, step: Fraction, direction: Vector) -> Vector:
    """Return x + step * direction."""
    return [a + step * v for a, v in zip(x, direction, strict=True)]


def nonnegative(values: Vector, step: str, what: str) -> None:
    """Reject a negative entry."""
    for i, value in enumerate(values):
        require(value >= 0, step, f"{what} {i} is negative")


def zero(values: Vector, step: str, what: str) -> None:
    """Reject a nonzero entry."""
    for i, value in enumerate(values):
        require(value == 0, step, f"{what} {i} is not zero")


def equal(left: Vector, right: Vector, step: str, what: str) -> None:
    """Reject a differing entry."""
    for i, (a, b) in enumerate(zip(left, right, strict=True)):
        require(a == b, step, f"{what} {i} differs")


# Linear algebra.


def line(v: Vector) -> tuple[Fraction, ...]:
    """Return the multiple of v that begins with 1, after zeros: the same for every multiple."""
    first = next((x for x in v if x), Fraction(1))
    return tuple(x / first for x in v)


def check_minor(matrix: Rows, columns: int, evidence: Reader) -> int:
    """Return r after checking that an r x r minor is a unit modulo the named number."""
    modulus = evidence.integer("prime", 2, MAX_PRIME)
    rows = evidence.indices("rows", len(matrix))
    chosen = evidence.indices("columns", columns)
    require(len(rows) == len(chosen), "minor is square", f"{len(rows)} rows, {len(chosen)} columns")
    step = "minor is nonzero modulo the prime"
    block = []
    for i in rows:
        try:
            block.append(
                [
                    matrix[i][j].numerator * pow(matrix[i][j].denominator, -1, modulus) % modulus
                    for j in chosen
                ]
            )
        except ValueError:
            raise Rejected(step, f"a denominator in row {i} is not invertible") from None
    for k in range(len(block)):
        pivot = next((i for i in range(k, len(block)) if block[i][k]), None)
        require(pivot is not None, step, f"elimination stops at column {k}")
        assert pivot is not None
        block[k], block[pivot] = block[pivot], block[k]
        try:
            inverse = pow(block[k][k], -1, modulus)
        except ValueError:
            raise Rejected(step, f"{modulus} is not prime") from None
        for i in range(k + 1, len(block)):
            if factor := block[i][k] * inverse % modulus:
                block[i] = [
                    (a - factor * b) % modulus for a, b in zip(block[i], block[k], strict=True)
                ]
    return len(rows)


def check_basis(matrix: Rows, columns: int, basis: Matrix, free: list[int], rank: int) -> None:
    """Check that the vectors are null vectors, independent, and as many as the rank allows."""
    step = "basis vectors are independent"
    require(len(basis) == len(free), step, f"{len(basis)} vectors, {len(free)} free coordinates")
    for i, v in enumerate(basis):
        equal(
            [v[j] for j in free],
            [Fraction(i == k) for k in range(len(free))],
            step,
            f"vector {i}, free coordinate",
        )
        zero(products(matrix, v), "basis vectors are null vectors", f"vector {i}, equation")
    require(
        len(basis) + rank == columns,
        "rank and dimension add up",
        f"rank at least {rank} and {len(basis)} null vectors in dimension {columns}",
    )


def rank(instance: Reader, statement: Reader, evidence: Reader) -> str:
    """Rank of a matrix, from both sides."""
    matrix, n = shaped(instance, "matrix")
    r = statement.integer("rank")
    lower = check_minor(matrix, n, evidence)
    require(lower == r, "minor has the stated size", f"stated rank {r}, minor of size {lower}")
    check_basis(matrix, n, evidence.matrix("basis", n), evidence.indices("free", n), r)
    return f"the {len(matrix)} x {n} matrix {tabled(matrix)} has the rank {r}"


def null_space(instance: Reader, statement: Reader, evidence: Reader) -> str:
    """Complete basis of a null space."""
    matrix, n = shaped(instance, "matrix")
    basis = statement.matrix("basis", n)
    check_basis(matrix, n, basis, evidence.indices("free", n), check_minor(matrix, n, evidence))
    return (
        f"the {len(basis)} vectors {tabled(basis)} are a basis of the space of all x with M x = 0, "
        f"M = {tabled(matrix)}, {len(matrix)} x {n}"
    )


def solution(instance: Reader, statement: Reader, evidence: Reader) -> str:
    """Solution of a linear system."""
    matrix, n = shaped(instance, "matrix")
    b, x = instance.vector("right_side", len(matrix)), statement.vector("solution", n)
    equal(products(matrix, x), b, "solution satisfies the equations", "equation")
    return f"M x = b with x = {listed(x)}, M = {tabled(matrix)} and b = {listed(b)}"


def inconsistent(instance: Reader, statement: Reader, evidence: Reader) -> str:
    """Contradiction between linear equations."""
    matrix, n = shaped(instance, "matrix")
    b = instance.vector("right_side", len(matrix))
    y = evidence.vector("combination", len(matrix))
    zero(products(transpose(matrix, n), y), "combination cancels the unknowns", "coefficient")
    require(dot(b, y) != 0, "combination leaves a contradiction", "the right side cancels as well")
    return f"no x has M x = b, for M = {tabled(matrix)} and b = {listed(b)}"


def shaped(instance: Reader, name: str) -> tuple[Matrix, int]:
    """Read a matrix with at least one row and one column, and its number of columns."""
    matrix = instance.matrix(name)
    if not matrix or not matrix[0]:
        raise Malformed(f"instance.{name}", "expected at least one row and one column")
    return matrix, len(matrix[0])


# Linear programs: minimise c.x subject to A x <= b, C x = d, x_j >= 0 for the listed j.


class Program:
    """A linear program and the two ways in which multipliers speak about it."""

    def __init__(self, instance: Reader) -> None:
        self.c = instance.vector("objective")
        self.n = len(self.c)
        self.A, self.b = self._system(instance.object("inequalities"))
        self.C, self.d = self._system(instance.object("equalities"))
        self.signed = set(instance.indices("nonnegative", self.n))

    def _system(self, part: Reader) -> tuple[Matrix, Vector]:
        right_side = part.vector("right_side")
        matrix = part.matrix("matrix", self.n, len(right_side))
        return matrix, right_side

    def __str__(self) -> str:
        return (
            f"A x <= b, C x = d, x_j >= 0 for j in {listed(sorted(self.signed))} ({len(self.b)} "
            f"inequalities, {len(self.d)} equations, {self.n} variables)"
        )

    def feasible(self, x: Vector) -> None:
        """Check that x satisfies every constraint."""
        for i, (value, bound) in enumerate(zip(products(self.A, x), self.b, strict=True)):
            require(value <= bound, "point is feasible", f"inequality {i} is violated")
        equal(products(self.C, x), self.d, "point is feasible", "equation")
        nonnegative(
            [x[j] for j in sorted(self.signed)], "point is feasible", "nonnegative variable"
        )

    def multipliers(self, evidence: Reader, objective: Vector) -> Fraction:
        """Check objective + A^T y + C^T z against zero (or >= 0) and return -(b.y + d.z)."""
        y = evidence.vector("inequality_multipliers", len(self.b))
        z = evidence.vector("equality_multipliers", len(self.d))
        nonnegative(y, "multipliers are nonnegative", "inequality multiplier")
        sums = zip(
            objective,
            products(transpose(self.A, self.n), y),
            products(transpose(self.C, self.n), z),
            strict=True,
        )
        for j, terms in enumerate(sums):
            reduced = sum(terms)
            good = reduced >= 0 if j in self.signed else reduced == 0
            require(good, "multipliers cancel the variables", f"variable {j} keeps {reduced}")
        return -dot(self.b, y) - dot(self.d, z)


def lp_optimal(instance: Reader, statement: Reader, evidence: Reader) -> str:
    """Optimum of a linear program."""
    program = Program(instance)
    x, value = statement.vector("x", program.n), statement.rational("value")
    program.feasible(x)
    require(dot(program.c, x) == value, "point attains the value", "the objective differs there")
    bound = program.multipliers(evidence, program.c)
    require(bound == value, "multipliers prove the bound", f"they prove {bound}")
    return f"the least c.x with {program} is {shown(value)}, at x = {listed(x)}"


def lp_infeasible(instance: Reader, statement: Reader, evidence: Reader) -> str:
    """Infeasibility of a linear program (Farkas)."""
    program = Program(instance)
    bound = program.multipliers(evidence, [Fraction(0)] * program.n)
    require(bound > 0, "multipliers prove a contradiction", f"they prove 0 >= {bound}")
    return f"no x has {program}"


def lp_unbounded(instance: Reader, statement: Reader, evidence: Reader) -> str:
    """Unboundedness of a linear program: a feasible point and an improving ray."""
    program = Program(instance)
    x, ray = statement.vector("x", program.n), statement.vector("ray", program.n)
    program.feasible(x)
    for i, value in enumerate(products(program.A, ray)):
        require(value <= 0, "ray stays feasible", f"inequality {i} fails along it")
    zero(products(program.C, ray), "ray stays feasible", "equation")
    nonnegative(
        [ray[j] for j in sorted(program.signed)], "ray stays feasible", "nonnegative variable"
    )
    slope = dot(program.c, ray)
    require(slope < 0, "ray improves the objective", "the objective does not fall along it")
    return (
        f"c.x has no lower bound over the x with {program}: x + s r is one for all s >= 0, with x "
        f"= {listed(x)} and r = {listed(ray)}, and c.r = {shown(slope)}"
    )


# Labelled sets, separators and the directions that every separator shares.


class LabelledSet:
    """Points with labels -1 and +1, of the given dimension if there is one."""

    def __init__(self, instance: Reader, dimension: int | None = None) -> None:
        labels, where = instance.items("labels", 1)
        self.labels = [_label(label, f"{where}[{i}]") for i, label in enumerate(labels)]
        self._rows, self._unit = instance.scaled_matrix("points", dimension, len(labels))
        self.dimension = len(self._rows[0])
        if not self.dimension:
            raise Malformed(where, "expected points with at least one coordinate")

    def point(self, i: int) -> Vector:
        """Return a point as it is, whatever the unit."""
        return [self._unit * x for x in self._rows[i]]

    def margins(self, w: Vector, b: Fraction) -> Vector:
        """Return y_i (w.x_i + b) for every point."""
        values = products(self._rows, [self._unit * c for c in w], b)
        return [v if y > 0 else -v for y, v in zip(self.labels, values, strict=True)]

    def mixture(self, shares: Vector) -> Vector:
        """Return sum a_i x_i."""
        used = [i for i, a in enumerate(shares) if a]
        columns = [[self._rows[i][j] for i in used] for j in range(self.dimension)]
        return products(columns, [self._unit * shares[i] for i in used])

    def signed_sum(self, multipliers: Vector) -> Vector:
        """Return sum a_i y_i x_i."""
        return self.mixture([y * a for y, a in zip(self.labels, multipliers, strict=True)])

    def balance(self, multipliers: Vector) -> Fraction:
        """Return sum a_i y_i."""
        return products([self.labels], multipliers)[0]

    def multipliers(
        self, evidence: Reader, normal: Vector, offset: Fraction = Fraction(0)
    ) -> Vector:
        """Read a >= 0, not all 0, with sum a_i y_i x_i = normal and sum a_i y_i = offset."""
        a = evidence.vector("multipliers", len(self.labels))
        nonnegative(a, "multipliers are nonnegative", "multiplier")
        require(any(a), "multipliers are not all zero", "every multiplier is zero")
        balance = self.balance(a)
        require(balance == offset, "multipliers give the offset", f"sum a_i y_i is {balance}")
        equal(self.signed_sum(a), normal, "multipliers give the normal", "coordinate")
        return a

    def separator(self, part: Reader) -> tuple[Vector, Fraction, Vector]:
        """Read (w, b), check that it is strictly right on every point, and return its margins."""
        w, b = part.vector("normal", self.dimension), part.rational("offset")
        margins = self.margins(w, b)
        i = margins.index(min(margins))
        require(margins[i] > 0, "separator is accurate", f"point {i} has margin {margins[i]}")
        return w, b, margins

    def separated(self, w: str = "w", b: str = "b") -> str:
        """Return the words for: (w, b) is strictly right on every point."""
        return f"y_i ({w}.x_i + {b}) > 0 at all {len(self.labels)} points"


def max_margin(instance: Reader, statement: Reader, evidence: Reader) -> str:
    """Maximum-margin separator in the canonical scale, by its KKT conditions."""
    data = LabelledSet(instance)
    homogeneous = statement.truth("homogeneous")
    w, b = statement.vector("normal", data.dimension), statement.rational("offset")
    require(b == 0 or not homogeneous, "offset is zero", f"homogeneous, with offset {b}")
    a = evidence.vector("multipliers", len(data.labels))
    nonnegative(a, "multipliers are nonnegative", "multiplier")
    equal(data.signed_sum(a), w, "multipliers give the normal", "coordinate")
    require(
        homogeneous or data.balance(a) == 0,
        "multipliers balance the classes",
        f"sum a_i y_i is {data.balance(a)}",
    )
    margins = data.margins(w, b)
    i = margins.index(min(margins))
    require(
        margins[i] >= 1,
        "separator is accurate in the canonical scale",
        f"point {i} has margin {margins[i]}",
    )
    for i in (i for i, multiplier in enumerate(a) if multiplier):
        require(
            margins[i] == 1,
            "multipliers live on support vectors",
            f"point {i} has margin {margins[i]}",
        )
    square = statement.rational("margin_squared")
    require(
        square * dot(w, w) == 1, "margin is the reciprocal of the norm", f"|w|^2 is {dot(w, w)}"
    )
    family = " with b = 0" if homogeneous else ""
    return (
        f"among all (w, b){family} the least of y_i (w.x_i + b) / |w| over the {len(a)} points is "
        f"largest for w = {listed(w)}, b = {shown(b)}, and its positive multiples alone: this "
        f"margin squared is {shown(square)}"
    )


def not_separable(instance: Reader, statement: Reader, evidence: Reader) -> str:
    """Inseparability, by a convex combination of both classes."""
    data = LabelledSet(instance)
    homogeneous = statement.truth("homogeneous")
    a = evidence.vector("multipliers", len(data.labels))
    nonnegative(a, "multipliers are nonnegative", "multiplier")
    require(any(a), "multipliers are not all zero", "every multiplier is zero")
    require(
        homogeneous or data.balance(a) == 0,
        "multipliers balance the classes",
        f"sum a_i y_i is {data.balance(a)}",
    )
    zero(data.signed_sum(a), "multipliers cancel the points", "coordinate")
    return f"no (w, b){' with b = 0' if homogeneous else ''} has {data.separated()}"


def separable(instance: Reader, statement: Reader, evidence: Reader) -> str:
    """Separability, by one rule that is strictly right on every point."""
    data = LabelledSet(instance)
    w, b, _ = data.separator(evidence)
    homogeneous = statement.truth("homogeneous")
    require(b == 0 or not homogeneous, "offset is zero", f"homogeneous, with offset {b}")
    return f"w = {listed(w)}, b = {shown(b)} has {data.separated()}"


def every_separator(instance: Reader, statement: Reader, evidence: Reader) -> str:
    """A form u.w + t b is positive for every separator (w, b) (Charles et al., Theorem 4).

    Because it is the sum of a_i times the margin of (w, b) at i: no term is negative, and one with
    a_i > 0 and a margin > 0 is positive. At weak points a margin of 0 is allowed.
    """
    data = LabelledSet(instance)
    normal, offset = statement.vector("normal", data.dimension), statement.rational("offset")
    weak = statement.indices("weak", len(data.labels), least=1) if statement.has("weak") else []
    a = data.multipliers(evidence, normal, offset)
    strict = any(c for i, c in enumerate(a) if i not in set(weak))
    require(strict, "a strict point has a multiplier", "only weak points have multipliers")
    margins = data.separated()
    if weak:
        margins += f" (>= 0 is enough at the points {listed(weak)})"
    if not any(normal) and not offset:
        return f"no (w, b) has {margins}"
    form = f"u.w + t b > 0, with u = {listed(normal)} and t = {shown(offset)}"
    return f"every (w, b) with {margins}, if there is one, has {form}"


def separator_steps(instance: Reader, statement: Reader, evidence: Reader) -> str:
    """Exact step at which one separator flips each query, within the bound of Theorem 5."""
    data = LabelledSet(instance)
    w, b, _ = data.separator(instance.object("separator"))
    queries = LabelledSet(instance.object("queries"), data.dimension)
    direction = statement.vector("direction", data.dimension)
    # With these multipliers w.u is sum a_i m_i, at least (sum a_i) min m_i: hence the bound.
    data.multipliers(evidence, direction)
    slope = dot(w, direction)
    steps = statement.vector("steps", len(queries.labels))
    for i, margin in enumerate(queries.margins(w, b)):
        require(margin >= 0, "query is on its own side", f"query {i} has margin {margin}")
        require(
            steps[i] * slope == margin,
            "step brings the query to the boundary",
            f"query {i}, step {steps[i]}",
        )
    return (
        f"every (w, b) with {data.separated()} has w.u > 0, with u = {listed(direction)}; for w = "
        f"{listed(w)}, b = {shown(b)}, one of them, y (w.(x - y c u) + b) is > 0 for c < s, 0 for "
        f"c = s and < 0 for c > s, at the {len(steps)} queries (x, y) with s = {listed(steps)}"
    )


def some_point_flips(instance: Reader, statement: Reader, evidence: Reader) -> str:
    """One step at which every separator flips a point, and no smaller one (Corollary 6).

    Because the margins of (w, b) at x_i - y_i s u, times a_i, have the sum 0; where all with
    a_i > 0 are 0, points of both labels are among them.
    """
    data = LabelledSet(instance)
    direction, step = statement.vector("direction", data.dimension), statement.rational("step")
    a = data.multipliers(evidence, direction)
    require(
        step * sum(a) == 1, "step is the reciprocal of the multipliers", f"their sum is {sum(a)}"
    )
    w, b, margins = data.separator(evidence.object("separator"))
    slope = dot(w, direction)
    for i, margin in enumerate(margins):
        require(
            margin >= step * slope,
            "separator keeps every label at smaller steps",
            f"point {i} flips earlier",
        )
    return (
        f"for every (w, b) with {data.separated()} some y_i (w.(x_i - y_i s u) + b) is < 0, or "
        f"0 at points of both labels, with s = {shown(step)} and u = {listed(direction)}; for "
        f"w = {listed(w)}, b = {shown(b)} all y_i (w.(x_i - y_i c u) + b) are > 0 where 0 <= c < s"
    )


# Softmax layers with logits z_i(h) = w_i.h + b_i; column i of the weights is w_i.


def difference_matrix(weights: Rows) -> Rows:
    """Return the rows w_i - w_m for i < m."""
    return [[row[i] - row[-1] for row in weights] for i in range(len(weights[0]) - 1)]


def invariant_space(instance: Reader, statement: Reader, evidence: Reader) -> str:
    """All directions that leave a softmax layer unchanged (Zou et al., Theorem 1)."""
    weights, m = shaped(instance, "weights")
    features, differences = len(weights), difference_matrix(weights)
    basis, free = statement.matrix("basis", features), evidence.indices("free", features)
    check_basis(differences, features, basis, free, check_minor(differences, features, evidence))
    dimension = statement.integer("dimension")
    require(dimension == len(basis), "dimension is the size of the basis", f"{len(basis)} vectors")
    return (
        f"softmax({m} logits) is the same at h + v as at h, {features} features, exactly for v in "
        f"the space of dimension {dimension} with the basis {tabled(basis)}"
    )


def invariant_dimension(instance: Reader, statement: Reader, evidence: Reader) -> str:
    """Dimension of the invariant space without a basis (Zou et al., Theorem 1)."""
    weights = scaled_weights(instance)
    features, n = len(weights), len(weights[0]) - 1
    tall: Rows = [[x - row[-1] for x in row[:-1]] for row in weights]
    if features < n:  # then the dependencies among the features say it all
        tall, n = difference_matrix(weights), features
    r = check_minor(tall, n, evidence)
    check_basis(tall, n, evidence.matrix("dependencies", n), evidence.indices("free", n), r)
    stated, dimension = statement.integer("rank"), statement.integer("dimension")
    require(stated == r, "minor has the stated size", f"stated rank {stated}, minor of size {r}")
    left = features - r
    require(dimension == left, "dimension is what the rank leaves", f"it leaves {left}")
    return (
        f"softmax({len(weights[0])} logits) is the same at h + v as at h, {features} features, "
        f"exactly for v in a space of dimension {dimension}; the weight differences have rank {r}"
    )


def invariant_direction(instance: Reader, statement: Reader, evidence: Reader) -> str:
    """One direction that leaves a softmax layer unchanged (Zou et al., Definition 1)."""
    weights = scaled_weights(instance)
    direction = statement.vector("direction", len(weights))
    check_invariant(weights, direction)
    return unchanged(len(weights[0]), direction)


def check_invariant(weights: Rows, direction: Vector) -> None:
    """Check that a nonzero direction changes all logits by the same amount."""
    require(any(direction), "direction is not zero", "every coordinate is zero")
    shifts = products(difference_matrix(weights), direction)
    zero(shifts, "direction shifts all logits equally", "logit difference")


def unchanged(classes: int, direction: Vector) -> str:
    """Return the words for: softmax outputs do not change along a direction."""
    return (
        f"softmax({classes} logits) is the same at h + c v as at h, for all h and c, with v = "
        f"{listed(direction)}"
    )


def scaled_weights(instance: Reader) -> Rows:
    """Read weights up to their unit, on which no rank and no null vector depends."""
    weights, _ = instance.scaled_matrix("weights")
    if not weights or not weights[0]:
        raise Malformed("instance.weights", "expected at least one row and one column")
    return weights


def invariant_regions(instance: Reader, statement: Reader, evidence: Reader) -> str:
    """Decision regions that extend to infinity with constant outputs (Zou et al., Theorem 2)."""
    weights, m = shaped(instance, "weights")
    bias = instance.vector("bias", m)
    direction = statement.vector("direction", len(weights))
    check_invariant(weights, direction)
    columns = transpose(weights, m)
    regions, classes = statement.objects("regions", 1), set()
    instance.spend(len(regions) * m * (len(weights) + 10))
    for region in regions:
        i, point = region.integer("class", 0, m), region.vector("point", len(weights))
        logits = [value + b for value, b in zip(products(columns, point), bias, strict=True)]
        require(
            logits[i] == max(logits),
            "point lies in the region",
            f"class {i} has not the largest logit",
        )
        classes.add(i)
    return (
        f"{unchanged(m, direction)}; so every region {{z_i >= all z_j}} contains, with a point h, "
        f"the line of all h + c v; those of the classes {listed(sorted(classes))} have a point"
    )


# Two-layer rules f(x) = sum v_i relu(w_i.x + b_i), +1 where f exceeds the threshold.


class Network:
    """A two-layer ReLU rule; ``strict`` tells f > a from f >= a."""

    def __init__(self, part: Reader, dimension: int | None = None) -> None:
        self.output = part.vector("output")
        self.weights = part.matrix("weights", dimension, len(self.output))
        self.biases = part.vector("biases", len(self.output))
        self.threshold, self.strict = part.rational("threshold"), part.truth("strict")
        if not self.output:
            raise Malformed("network", "expected at least one unit")
        self.dimension = len(self.weights[0])
        self.size = len(self.output) * (self.dimension + 10)

    def __str__(self) -> str:
        return f"f {'>' if self.strict else '>='} {shown(self.threshold)}"

    def label(self, x: Vector) -> int:
        """Return the label of a point."""
        units = zip(self.output, self.forms(x), strict=True)
        return self._side(dot_of_positive(units) - self.threshold)

    def forms(self, x: Vector) -> Vector:
        """Return w_i.x + b_i for every unit."""
        return [a + b for a, b in zip(products(self.weights, x), self.biases, strict=True)]

    def _side(self, height: Fraction) -> int:
        return 1 if height > 0 or (height == 0 and not self.strict) else -1

    def keeps(self, x: Vector, v: Vector) -> bool:
        """Tell whether every x + c v with c > 0 has the label of x.

        Between two steps at which a unit wakes or falls asleep f is affine, and where its ends have
        one label, all between them have it. Beyond the last one the slope of f decides.
        """
        starts, slopes = self.forms(x), products(self.weights, v)
        units = list(zip(self.output, starts, slopes, strict=True))
        height = dot_of_positive(zip(self.output, starts, strict=True)) - self.threshold
        label, rise, last = self._side(height), Fraction(0), Fraction(0)
        for a, s, r in units:
            rise += a * r if s > 0 or (s == 0 and r > 0) else 0
        for c, more in sorted((-s / r, a * abs(r)) for a, s, r in units if s * r < 0):
            height += rise * (c - last)
            if self._side(height) != label:
                return False
            rise, last = rise + more, c
        return rise == 0 or (rise > 0) == (label == 1)

    def monotone(self) -> None:
        """Check that all output weights are nonnegative: f is then convex."""
        nonnegative(self.output, "output weights are nonnegative", "output weight")

    def accurate(self, data: LabelledSet) -> None:
        """Check that the rule is right on every point."""
        for i, y in enumerate(data.labels):
            right = self.label(data.point(i)) == y
            require(right, "network is accurate", f"point {i} is mislabelled")


def dot_of_positive(units: Iterable[tuple[Fraction, Fraction]]) -> Fraction:
    """Return the sum of a * max(z, 0)."""
    return sum((a * z for a, z in units if z > 0), Fraction(0))


def convex_negative_region(instance: Reader, statement: Reader, evidence: Reader) -> str:
    """{h = -1} of a rule f > 0 as a polyhedron (Charles et al., Lemma 13)."""
    network = Network(instance.object("network"))
    network.monotone()
    require(
        network.threshold == 0 and network.strict, "rule is f > 0", f"threshold {network.threshold}"
    )
    bounds = statement.vector("right_side")
    rows = statement.matrix("matrix", network.dimension, len(bounds))
    active = [k for k, v in enumerate(network.output) if v > 0]
    require(
        len(rows) == len(active),
        "one half-space for each unit",
        f"{len(rows)} half-spaces, {len(active)} units",
    )
    for row, bound, k in zip(rows, bounds, active, strict=True):
        same = row == network.weights[k] and bound == -network.biases[k]
        require(same, "half-space belongs to its unit", f"unit {k} gives another one")
    segments = statement.objects("segments")
    instance.spend(3 * len(segments) * network.size)
    for i, segment in enumerate(segments):
        start, end = (segment.vector(name, network.dimension) for name in ("start", "end"))
        t = segment.rational("parameter")
        require(0 <= t <= 1, "parameter lies between 0 and 1", f"segment {i}, parameter {t}")
        middle = along(start, t, [b - a for a, b in zip(start, end, strict=True)])
        for name, x in (("start", start), ("end", end), ("point between", middle)):
            require(network.label(x) == -1, "segment lies in the region", f"segment {i}, {name}")
    return (
        f"the x with label -1, those with f <= 0, are exactly those with A x <= b, A = "
        f"{tabled(rows)}, b = {listed(bounds)}: a convex set; f has {len(network.output)} units"
    )


def check_path(
    data: LabelledSet, label: int, direction: Vector, k: int, scale: Fraction, share: Vector
) -> None:
    """Check that p + scale * direction is the point k of the other label.

    p is the convex combination of points with the label that has the given shares.
    """
    require(any(direction), "direction is not zero", "every coordinate is zero")
    require(data.labels[k] != label, "end point has the other label", f"point {k} is {label:+d}")
    require(scale > 0, "scale is positive", f"it is {scale}")
    nonnegative(share, "combination is convex", "coefficient")
    require(sum(share) == 1, "combination is convex", f"the coefficients sum to {sum(share)}")
    for i, (a, y) in enumerate(zip(share, data.labels, strict=True)):
        require(
            a == 0 or y == label, "combination uses points of one label", f"point {i} is {y:+d}"
        )
    end = along(data.mixture(share), scale, direction)
    equal(end, data.point(k), "direction leads to the end point", "coordinate")


def relu_universal_direction(instance: Reader, statement: Reader, evidence: Reader) -> str:
    """A direction that flips every -1 point of every accurate rule with v >= 0 (Theorem 10).

    f is convex, and at the start of the path, which is a mixture of -1 points, less than at its
    end x_k. So some unit with v_i > 0 rises along u, and f grows beyond every bound, from anywhere.
    """
    data = LabelledSet(instance)
    direction = statement.vector("direction", data.dimension)
    k, scale = evidence.integer("positive", 0, len(data.labels)), evidence.rational("scale")
    share = evidence.vector("combination", len(data.labels))
    check_path(data, -1, direction, k, scale, share)
    return (
        f"{relu_rules(data)} gives the label +1 to x + c u for all large c, from every x, so from "
        f"every x labelled -1, with u = {listed(direction)}"
    )


def convex_direction(instance: Reader, statement: Reader, evidence: Reader) -> str:
    """A direction that leaves every convex set, open or closed (Theorems 11 and 12).

    A hyperplane separates A from x_k, strictly on one side: g.z < t for all z in A, and g.x_k >= t.
    The start of the path is a mixture of points of A, hence in A. So g grows along u, and x + c u
    is beyond t, outside A, for all large c. This is all that the words open or closed are for.
    """
    data = LabelledSet(instance)
    label, direction = statement.label("label"), statement.vector("direction", data.dimension)
    k, scale = evidence.integer("outside", 0, len(data.labels)), evidence.rational("scale")
    share = evidence.vector("combination", len(data.labels))
    check_path(data, label, direction, k, scale, share)
    return (
        f"for every convex set A, open or closed, that contains the points labelled {label:+d} and "
        f"none of the others, and every x in A: x + c u lies outside A for all large c, with u = "
        f"{listed(direction)}; so a rule that gives the label {label:+d} only within such a set "
        "changes it along u from every point that has it"
    )


def network_flip(instance: Reader, statement: Reader, evidence: Reader) -> str:
    """An explicit step at which one accurate network changes from -1 to +1."""
    data = LabelledSet(instance)
    network = Network(instance.object("network"), data.dimension)
    network.monotone()
    direction = statement.vector("direction", data.dimension)
    flips, shows = statement.objects("flips", 1), []
    instance.spend((len(data.labels) + 2 * len(flips)) * network.size)
    network.accurate(data)
    for i, flip in enumerate(flips):
        point, step = flip.vector("point", data.dimension), flip.rational("step")
        require(step > 0, "step is positive", f"flip {i}, step {step}")
        require(network.label(point) == -1, "point is labelled -1", f"flip {i}")
        require(
            network.label(along(point, step, direction)) == 1,
            "step reaches label +1",
            f"flip {i}, step {step}",
        )
        shows.append(f"x = {listed(point)}, c = {shown(step)}")
    return (
        f"the rule {network} of {len(network.output)} units with output weights >= 0 is right on "
        f"all {len(data.labels)} points, and gives x the label -1 and x + c u the label +1, u = "
        f"{listed(direction)}, for {series(shows)}"
    )


# Any rule: its label at a point, and along a ray the steps at which its label can change.


class Linear:
    """sign(w.x + b), with a stated label on the boundary."""

    def __init__(self, part: Reader) -> None:
        self.w, self.b = part.vector("normal"), part.rational("offset")
        self.zero = part.integer("zero", -1, 2)
        self.dimension = len(self.w)
        self.size = self.dimension + 10

    def label(self, x: Vector) -> int:
        """Return -1 or +1, and the stated label on the boundary (0 for none of the two)."""
        value = dot(self.w, x) + self.b
        return (value > 0) - (value < 0) or self.zero

    def keeps(self, x: Vector, v: Vector) -> bool:
        """Tell whether every x + c v with c > 0 has the label of x."""
        slope = dot(self.w, v)
        return slope == 0 or self.label(x) == (1 if slope > 0 else -1)


class Argmax:
    """The class with the largest logit; on a tie the lowest class, or none."""

    def __init__(self, part: Reader) -> None:
        self.bias = part.vector("bias")
        self.weights = part.matrix("weights", rows=len(self.bias))
        self.lowest = part.truth("lowest")
        if not self.bias:
            raise Malformed("rule.bias", "expected at least one class")
        self.dimension = len(self.weights[0])
        self.size = len(self.bias) * (self.dimension + 10)

    def label(self, x: Vector) -> int | None:
        """Return the class, counted from 0."""
        z = [value + b for value, b in zip(products(self.weights, x), self.bias, strict=True)]
        return z.index(max(z)) if self.lowest or z.count(max(z)) == 1 else None

    def keeps(self, x: Vector, v: Vector) -> bool:
        """Tell whether every x + c v with c > 0 has the class of x: no logit may rise faster."""
        slopes, label = products(self.weights, v), self.label(x)
        require(label is not None, "point has a label to keep", "its largest logits tie")
        return label is not None and slopes[label] == max(slopes)


Cut = tuple[int, Fraction | int, int]  # of the line: (0, c, 0) just before c, (0, c, 1) just after
START: Cut = (0, 0, 1)  # of all c > 0
END: Cut = (1, 0, 0)


class Cells:
    """One label on finitely many cells of strict and weak inequalities, another elsewhere."""

    def __init__(self, part: Reader) -> None:
        self.rows: Matrix = []  # of all cells
        self.bounds: list[list[tuple[Fraction, bool]]] = []
        for cell in part.objects("cells"):
            bounds = cell.vector("right_side")
            strict, where = cell.items("strict")
            if len(strict) != len(bounds) or not all(isinstance(flag, bool) for flag in strict):
                raise Malformed(where, f"expected {len(bounds)} truth values")
            matrix = cell.matrix("matrix", rows=len(bounds))
            self.rows += matrix
            self.bounds.append(list(zip(bounds, strict, strict=True)))
        widths = set(map(len, self.rows))
        if len(widths) > 1:
            raise Malformed("rule.cells", f"expected one dimension, got {sorted(widths)}")
        self.inside, self.outside = part.integer("inside", -1), part.integer("outside", -1)
        self.dimension = next(iter(widths), None)
        self.size = 50 * len(self.bounds) + len(self.rows) * ((self.dimension or 0) + 10)

    def label(self, x: Vector) -> int:
        """Return the label of a point."""
        values = iter(products(self.rows, x))
        for cell in self.bounds:
            sides = [(next(values), c, strict) for c, strict in cell]
            if all(value < c or (value == c and not strict) for value, c, strict in sides):
                return self.inside
        return self.outside

    def keeps(self, x: Vector, v: Vector) -> bool:
        """Tell whether every x + c v with c > 0 has the label of x.

        Each cell holds one interval of the c, from one cut to another. Outside of all cells no
        interval may have a point; inside of one they have to cover all c > 0 together.
        """
        lines = zip(products(self.rows, x), products(self.rows, v), strict=True)
        intervals = sorted(_interval(cell, lines) for cell in self.bounds)
        if self.label(x) == self.outside:
            return self.inside == self.outside or all(low >= high for low, high in intervals)
        reach: Cut = START
        for low, high in intervals:
            if low <= reach:
                reach = max(reach, high)
        return reach == END


def _interval(
    cell: list[tuple[Fraction, bool]], lines: Iterator[tuple[Fraction, Fraction]]
) -> tuple[Cut, Cut]:
    """Return the cuts between which s + c r < bound, or <= bound, for the next lines (s, r)."""
    low, high = START, END
    for bound, strict in cell:
        s, r = next(lines)
        if r > 0:
            high = min(high, (0, (bound - s) / r, 0 if strict else 1))
        elif r < 0:
            low = max(low, (0, (bound - s) / r, 1 if strict else 0))
        elif s > bound or (s == bound and strict):
            high = START
    return low, high


Classifier = Linear | Argmax | Cells | Network
CLASSIFIERS: dict[str, Callable[[Reader], Classifier]] = {
    "linear": Linear,
    "argmax": Argmax,
    "cells": Cells,
    "two-layer": lambda part: Network(part),
}


def rule_facts(instance: Reader, statement: Reader, evidence: Reader) -> str:
    """Finitely many facts about rules: labels of points, and labels along whole rays."""
    rules: list[Classifier] = []
    names: list[str] = []
    for part in instance.objects("rules"):
        kind, where = part.take("type")
        if not isinstance(kind, str) or kind not in CLASSIFIERS:
            raise Malformed(where, f"unknown rule {kind!r}")
        rules.append(CLASSIFIERS[kind](part))
        names.append(f"rule {len(names)} ({kind})")
    labels, where = instance.items("labels")
    expected = [_integer(y, f"{where}[{i}]", -1, None) for i, y in enumerate(labels)]
    dimensions = {rule.dimension for rule in rules if rule.dimension is not None}
    if len(dimensions) != 1 or 0 in dimensions:
        raise Malformed("instance.rules", f"expected one dimension, got {sorted(dimensions)}")
    (dimension,) = dimensions
    points = instance.matrix("points", dimension, len(expected))
    facts, shows = statement.objects("facts", 1), []
    for i, fact in enumerate(facts):
        name, place = fact.take("fact")
        k = fact.integer("rule", 0, len(rules))
        rule, about = rules[k], f"fact {i}, {name}"
        instance.spend(rule.size * {"accurate": len(points), "keeps": 6}.get(str(name), 2))
        if name == "accurate":
            if not points:
                raise Malformed(place, "expected at least one point to be accurate on")
            for j, (x, y) in enumerate(zip(points, expected, strict=True)):
                require(rule.label(x) == y, "rule is right on the data", f"{about}: point {j}")
            says = f"gives all {len(points)} points their labels"
        elif name == "convex":
            require(isinstance(rule, Network), "rule is a two-layer network", about)
            assert isinstance(rule, Network)
            rule.monotone()
            says = f"is {rule} with a convex f"
        elif name in ("label", "keeps", "changes"):
            x = fact.vector("point", dimension)
            label = rule.label(x)
            says = f"has the label {label} at x = {listed(x)}"
            if name == "label":
                stated, where = fact.take("label")
                if stated is not None:
                    stated = _integer(stated, where, -1, None)
                require(label == stated, "point has the label", f"{about}: {label}")
            else:
                v = fact.vector("direction", dimension)
                if name == "keeps":
                    require(rule.keeps(x, v), "label stays along the ray", about)
                    says += f" and at x + c v for every c > 0, v = {listed(v)}"
                else:
                    c = fact.rational("step")
                    require(c > 0, "step is positive", f"{about}: {c}")
                    changed = rule.label(along(x, c, v))
                    require(changed != label, "label has changed at the step", f"{about}: step {c}")
                    says += f" and {changed} at x + {shown(c)} v, v = {listed(v)}"
        else:
            raise Malformed(place, f"unknown fact {name!r}")
        shows.append(f"{names[k]} {says}")
    return series(shows)


def universal_step(instance: Reader, statement: Reader, evidence: Reader) -> str:
    """The step that one point needs over all separators: its exact supremum, or infinity.

    No separator needs more, since m_k a_k is at most sum a_i m_i = w.u. The limit rule with a
    little of the separator added is a separator that needs as nearly as much as one likes.
    """
    data = LabelledSet(instance)
    u, k = (
        statement.vector("direction", data.dimension),
        statement.integer("point", 0, len(data.labels)),
    )
    require(any(u), "direction is not zero", "every coordinate is zero")
    infinite = statement.truth("infinite")
    data.separator(evidence.object("separator"))
    limit = evidence.object("limit")
    w, b = limit.vector("normal", data.dimension), limit.rational("offset")
    margins = data.margins(w, b)
    nonnegative(margins, "limit rule is weakly accurate", "margin")
    slope = dot(w, u)
    kept = f"some (w, b) has {data.separated()} and y (w.(x - y c u) + b) > 0"
    where = f"x the point {k}, y its label and u = {listed(u)}"
    if infinite:
        require(slope == 0, "limit rule is level along the direction", f"slope {slope}")
        require(margins[k] > 0, "limit rule keeps the point strictly", f"margin {margins[k]}")
        return f"for every c > 0: {kept}, with {where}"
    step = statement.rational("step")
    a = data.multipliers(evidence, u)
    require(a[k] * step == 1, "multiplier is the reciprocal of the step", f"it is {a[k]}")
    require(slope == 1, "limit rule has slope one", f"slope {slope}")
    require(margins[k] == step, "limit rule needs the step", f"margin {margins[k]}")
    return f"for 0 <= c < s, and for no c >= s: {kept}, with s = {shown(step)}, {where}"


# Multi-class linear rules, accurate when the label's logit is strictly the largest.


def weighted_gaps(instance: Reader, evidence: Reader) -> tuple[dict[int, Vector], int, int, str]:
    """Return the rows of sum a (e_y - e_j) x (x_i, 1) that have a term, the classes, the dimension.

    The last is the words for: (W, b) is right on every point.
    """
    classes = instance.integer("classes", 2)
    labels, where = instance.items("labels", 1)
    checked = [_integer(y, f"{where}[{i}]", 0, classes) for i, y in enumerate(labels)]
    points = instance.matrix("points", rows=len(checked))
    dimension = len(points[0])
    if not dimension:
        raise Malformed("instance.points", "expected at least one coordinate")
    shares: dict[int, dict[int, Fraction]] = {}
    positive = False
    for gap in evidence.objects("gaps"):
        i, j = gap.integer("point", 0, len(points)), gap.integer("class", 0, classes)
        a = gap.rational("multiplier")
        require(j != checked[i], "gap is to another class", f"point {i} has class {j}")
        require(a >= 0, "multipliers are nonnegative", f"point {i}, class {j}: {a}")
        positive = positive or a > 0
        for k, sign in ((checked[i], 1), (j, -1)):
            share = shares.setdefault(k, {})
            share[i] = share.get(i, Fraction(0)) + sign * a
    require(positive, "multipliers are not all zero", "every multiplier is zero")
    instance.spend(3 * len(shares) * (dimension + 1))
    total = {}
    for k, share in shares.items():
        lifted = [[*points[i], Fraction(1)] for i in share]
        total[k] = products(transpose(lifted, dimension + 1), list(share.values()))
    right = f"the largest logit, W_y.x + b_y, at the label y of each of the {len(points)} points x"
    return total, classes, dimension, f"(W, b) with {right}, strictly"


def every_model(instance: Reader, statement: Reader, evidence: Reader) -> str:
    """A linear form in (W, b) is positive for every accurate multi-class rule.

    Because it is a sum of gaps between the logit of a label and another, times a >= 0, not all 0.
    """
    total, classes, dimension, right = weighted_gaps(instance, evidence)
    form = statement.matrix("form", dimension + 1, classes)
    zeros = [Fraction(0)] * (dimension + 1)
    for k, wanted in enumerate(form):
        equal(total.get(k, zeros), wanted, "gaps give the form", f"class {k}, coordinate")
    if not any(map(any, form)):
        return f"no {right} exists"
    rows = f"F = {tabled(form)}, a row for each of the {classes} classes"
    return f"every {right}, if there is one, has sum_k F_k.(W_k, b_k) > 0, with {rows}"


def class_left(instance: Reader, statement: Reader, evidence: Reader) -> str:
    """Every accurate multi-class rule leaves a class along a direction (Theorem 8).

    Because sum_j p_j (W_j - W_k).v is a sum of gaps, positive: some logit outgrows that of class k.
    """
    total, classes, dimension, right = weighted_gaps(instance, evidence)
    k, v = statement.integer("class", 0, classes), statement.vector("direction", dimension)
    require(any(v), "direction is not zero", "every coordinate is zero")
    weights = evidence.vector("targets", classes)
    nonnegative(weights, "target weights are nonnegative", "class")
    all_weights, direction = sum(weights), [*v, Fraction(0)]
    for j in range(classes):
        share = weights[j] - (all_weights if j == k else 0)
        if j in total or share:
            wanted = [share * x for x in direction]
            found = total.get(j, [Fraction(0)] * len(direction))
            equal(found, wanted, "gaps give the growth of the targets", f"class {j}, coordinate")
    return (
        f"for every {right}, if there is one, and every x: at x + c v the logit of class {k} is "
        f"not the largest for all large c, with v = {listed(v)}"
    )


def relu_label_forced(instance: Reader, statement: Reader, evidence: Reader) -> str:
    """Every accurate rule with v >= 0 labels a point +1, by a mixture that is a +1 point.

    By convexity of f: were the point labelled -1 as well, so were the mixture.
    """
    data = LabelledSet(instance)
    point = statement.vector("point", data.dimension)
    k, weight = evidence.integer("positive", 0, len(data.labels)), evidence.rational("weight")
    require(data.labels[k] == 1, "mixture has label +1", f"point {k} has label -1")
    require(weight > 0, "weight of the point is positive", f"it is {weight}")
    share = evidence.vector("combination", len(data.labels))
    nonnegative(share, "combination is convex", "coefficient")
    require(sum(share) + weight == 1, "combination is convex", f"sum {sum(share) + weight}")
    for i, (a, y) in enumerate(zip(share, data.labels, strict=True)):
        require(a == 0 or y == -1, "combination uses points labelled -1", f"point {i}")
    mixed = along(data.mixture(share), weight, point)
    equal(mixed, data.point(k), "mixture is the +1 point", "coordinate")
    return f"{relu_rules(data)} gives the label +1 to x = {listed(point)}"


def relu_rules(data: LabelledSet) -> str:
    """Return the words for: every accurate two-layer rule with nonnegative output weights."""
    return (
        "every rule f > t or f >= t, f a sum of ReLU units with output weights >= 0, that is "
        f"right on all {len(data.labels)} points, if there is one,"
    )


# Polyhedra {x : A x <= b}, and decision regions of softmax layers as polyhedra.


def polyhedron(instance: Reader) -> tuple[Matrix, Vector, int]:
    """Read A, b and the dimension."""
    matrix, n = shaped(instance, "matrix")
    return matrix, instance.vector("right_side", len(matrix)), n


def check_bounded(matrix: Matrix, n: int, evidence: Reader) -> None:
    """Check that positive multiples of rows spanning R^n cancel: no direction is left open."""
    share = evidence.vector("combination", len(matrix))
    nonnegative(share, "combination is nonnegative", "coefficient")
    zero(products(transpose(matrix, n), share), "combination cancels the rows", "coordinate")
    used = [row if a > 0 else [Fraction(0)] * n for a, row in zip(share, matrix, strict=True)]
    rank = check_minor(used, n, evidence)
    require(rank == n, "rows in the combination span the space", f"rank {rank} of {n}")


def check_ray(matrix: Matrix, ray: Vector) -> None:
    """Check that a nonzero direction never leaves the polyhedron."""
    require(any(ray), "ray is not zero", "every coordinate is zero")
    for i, value in enumerate(products(matrix, ray)):
        require(value <= 0, "ray stays inside", f"inequality {i} fails along it")


def check_inside(matrix: Matrix, bounds: Vector, point: Vector) -> None:
    """Check that a point satisfies every inequality."""
    for i, (value, bound) in enumerate(zip(products(matrix, point), bounds, strict=True)):
        require(value <= bound, "point lies inside", f"inequality {i} is violated")


def bounded(instance: Reader, statement: Reader, evidence: Reader) -> str:
    """A polyhedron without recession directions."""
    matrix, _, n = polyhedron(instance)
    if not statement.truth("bounded"):
        raise Malformed("statement.bounded", "expected true")
    check_bounded(matrix, n, evidence)
    return (
        f"the set of all x with A x <= b is bounded, and possibly empty, for A = {tabled(matrix)} "
        f"({len(matrix)} x {n}) and every b"
    )


def unbounded_polyhedron(instance: Reader, statement: Reader, evidence: Reader) -> str:
    """A polyhedron with a point and a recession direction."""
    matrix, bounds, n = polyhedron(instance)
    point, ray = statement.vector("point", n), statement.vector("ray", n)
    check_inside(matrix, bounds, point)
    check_ray(matrix, ray)
    return (
        f"A (x + c r) <= b for all c >= 0, with x = {listed(point)} and r = {listed(ray)}: the "
        f"polyhedron of the {len(matrix)} inequalities is unbounded"
    )


def decision_region(instance: Reader, statement: Reader, evidence: Reader) -> str:
    """A class region of a softmax layer is empty, bounded or unbounded."""
    weights, m = shaped(instance, "weights")
    bias, n = instance.vector("bias", m), len(weights)
    i = statement.integer("class", 0, m)
    columns = transpose(weights, m)
    others = [j for j in range(m) if j != i]
    matrix = [[a - b for a, b in zip(columns[j], columns[i], strict=True)] for j in others]
    bounds = [bias[i] - bias[j] for j in others]
    shape, where = statement.take("region")
    region = f"the region of class {i}, all h with z_{i}(h) >= z_j(h) for all j of {m} classes,"
    if shape == "empty":
        share = evidence.vector("combination", len(others))
        nonnegative(share, "combination is nonnegative", "coefficient")
        zero(products(transpose(matrix, n), share), "combination cancels the rows", "coordinate")
        require(
            dot(share, bounds) < 0, "combination leaves a contradiction", f"{dot(share, bounds)}"
        )
        return f"{region} is empty"
    if shape not in ("bounded", "unbounded"):
        raise Malformed(where, f"expected 'empty', 'bounded' or 'unbounded', got {shape!r}")
    point = statement.vector("point", n)
    check_inside(matrix, bounds, point)
    if shape == "bounded":
        check_bounded(matrix, n, evidence)
        return f"{region} is bounded, and contains p = {listed(point)}"
    ray = statement.vector("ray", n)
    check_ray(matrix, ray)
    return f"{region} contains p + c r for all c >= 0, p = {listed(point)}, r = {listed(ray)}"


def adjacency(instance: Reader, statement: Reader, evidence: Reader) -> str:
    """Two class regions of a softmax layer share a facet, or do not."""
    weights, m = shaped(instance, "weights")
    bias, n = instance.vector("bias", m), len(weights)
    i, j = statement.indices("classes", m, 2)
    lifted = [[*w, b] for w, b in zip(transpose(weights, m), bias, strict=True)]
    regions = f"the regions of classes {i} and {j}, where their logits are largest, ties included,"
    if statement.truth("adjacent"):
        point = [*statement.vector("point", n), Fraction(1)]
        z = products(lifted, point)
        require(z[i] == z[j], "point lies on the boundary of both", f"{z[i]} and {z[j]}")
        require(lifted[i][:-1] != lifted[j][:-1], "boundary is a hyperplane", "equal weights")
        for k in range(m):
            require(k in (i, j) or z[k] < z[i], "no third class reaches the point", f"class {k}")
        return f"{regions} share a facet, of dimension {n - 1}, around {listed(point[:-1])}"
    # A mixture of other logits dominates a mixture of z_i and z_j, which are equal on a facet.
    share, t = evidence.vector("combination", m), evidence.rational("parameter")
    nonnegative(share, "combination is convex", "coefficient")
    require(share[i] == share[j] == 0, "combination is of other classes", f"{share[i]}, {share[j]}")
    require(sum(share) == 1, "combination is convex", f"the coefficients sum to {sum(share)}")
    ours = along([t * x for x in lifted[i]], 1 - t, lifted[j])
    theirs = products(transpose(lifted, n + 1), share)
    equal(ours[:-1], theirs[:-1], "mixtures have equal gradients", "coordinate")
    excess = theirs[-1] - ours[-1]
    require(excess >= 0, "mixture of other classes dominates", f"it lies {-excess} below")
    if excess > 0:
        return f"{regions} have no common point"
    # Where z_i = z_j is largest, every class of the mixture ties as well: one dimension less.
    border = along(lifted[i], Fraction(-1), lifted[j])
    require(any(border[:-1]), "boundary is a hyperplane", "equal weights")
    others = [along(lifted[k], Fraction(-1), lifted[i]) for k in range(m) if share[k]]
    thin = any(any(q) and line(q) != line(border) for q in others)
    require(thin, "another class cuts the boundary", "the mixture ties along all of it")
    return f"{regions} share no facet: no common points, or a set of dimension below {n - 1}"


def parallel(instance: Reader, statement: Reader, evidence: Reader) -> str:
    """Two bisectors of a softmax layer are parallel, or no two are (Zou et al., Definition 2)."""
    weights, m = shaped(instance, "weights")
    columns = transpose(weights, m)

    def difference(pair: Sequence[int]) -> Vector:
        return [a - b for a, b in zip(columns[pair[0]], columns[pair[1]], strict=True)]

    if statement.truth("parallel"):
        first, second = statement.indices("first", m, 2), statement.indices("second", m, 2)
        if set(first) == set(second):
            raise Malformed("statement", "expected two different pairs of classes")
        factor = evidence.rational("factor")
        require(factor != 0 and any(difference(second)), "bisectors exist", "a difference is zero")
        scaled = [factor * x for x in difference(second)]
        equal(difference(first), scaled, "normals are proportional", "coordinate")
        (i, j), (k, l) = first, second
        return (
            f"W_{i} - W_{j} = {shown(factor)} (W_{k} - W_{l}), not 0: the bisectors of classes "
            f"{i} and {j} and of classes {k} and {l} are parallel, or the same"
        )
    pairs = m * (m - 1) // 2
    instance.spend(10 * pairs * len(weights))
    seen: dict[tuple[Fraction, ...], tuple[int, int]] = {}
    for pair in combinations(range(m), 2):
        normal = difference(pair)
        exists = any(normal) or pairs == 1
        require(exists, "normals are not proportional", f"that of classes {list(pair)} is zero")
        other = seen.setdefault(line(normal), pair)
        twins = f"classes {list(other)} and {list(pair)}"
        require(other is pair, "normals are not proportional", twins)
    if pairs < 2:
        return f"{m} classes have {pairs} pairs: there are no two bisectors that could be parallel"
    return (
        f"no two of the {pairs} bisectors of {m} classes are parallel: no W_i - W_j is 0 or a "
        "multiple of another"
    )


# Deep networks, and numbers on their own.


Scaled = tuple[Sequence[int], int]  # numerators over one positive denominator


def moderate(count: int, bits: int, where: str, copies: int = 1) -> None:
    """Refuse no values, long ones, and more than fit into memory."""
    held = count * bits * copies
    if not 0 < count <= MAX_VALUES or bits > MAX_LENGTH or held > MAX_VALUES_BITS:
        raise Malformed(where, f"expected a moderate size, got {count} values of {bits} bits")


def length(values: Sequence[Fraction | int], unit: Fraction = Fraction(1)) -> int:
    """Return bits of the common denominator, the longest numerator and a power of two together."""
    common = lcm(*(x.denominator for x in values)).bit_length()
    return common + max((x.numerator.bit_length() for x in values), default=0) + size(unit) - 1


class Layer:
    """A layer: over each window of its input the maximum, or the products with some rows.

    A window is the set of indices start + offset. Starts and offsets are the sums of three ranges,
    so that a layer takes no more room than its text.
    """

    def __init__(self, part: Reader, size: int, bits: int, spend: Callable[[int], None]) -> None:
        kind, where = part.take("type")
        one, biases = range(1), [Fraction(0)]
        weights: tuple[Rows, Fraction] | None = None
        self.starts, self.offsets = [range(size), one, one], [one, one, one]
        self.floor = [0] if kind == "relu" else []
        if kind in ("convolution", "max-pool"):
            (c, h, w), (p, q) = part.positive("shape", 3), part.positive("window", 2)
            if c * h * w != size or p > h or q > w:
                got = f"{c} x {h} x {w} with a window {p} x {q}"
                raise Malformed(where, f"expected an image of {size} values, got {got}")
            channels, down, right = range(0, size, h * w), range(0, h * w, w), range(w)
            top, left = down[: h - p + 1], right[: w - q + 1]
            self.starts, self.offsets = [one, top, left], [channels, down[:p], right[:q]]
            if kind == "max-pool":
                self.starts, self.offsets[0] = [channels, top[::p], left[::q]], one
        elif kind == "affine":
            self.starts, self.offsets = self.offsets, self.starts
        elif kind == "scale":
            biases = [part.rational("offset")]
            weights = [[part.rational("factor")]], Fraction(1)
        elif kind != "relu":
            raise Malformed(where, f"unknown layer {kind!r}")
        windows, width = prod(map(len, self.starts)), prod(map(len, self.offsets))
        if kind in ("affine", "convolution"):
            biases = part.vector("biases")
            weights = part.scaled_matrix("weights", width, len(biases))
        self.size, self.bits = windows * len(biases), bits
        self.effort = windows * width * (WINDOW + len(biases))
        if windows * width > MAX_IN_WINDOWS:
            raise Malformed(where, f"its windows hold more than {MAX_IN_WINDOWS} values")
        self.rows: list[list[int]] = []
        if weights is not None:
            flat = [x for row in weights[0] for x in row]
            own = length(flat, weights[1])
            spend(len(flat) * own // 64)
            self.bits += own + length(biases) + width.bit_length()
            scale = lcm(*(x.denominator for x in flat))
            self.rows = [[int(x * scale) for x in row] for row in weights[0]]
            self.unit, (self.biases, self.scale) = weights[1] / scale, _integers(biases)
        moderate(self.size, self.bits, where)

    def apply(self, x: Sequence[int], scale: int) -> Scaled:
        """Return the outputs, channel by channel."""
        starts, offsets = (
            [a + b + c for a in r for b in s for c in t] for r, s, t in (self.starts, self.offsets)
        )
        windows = ([x[start + offset] for offset in offsets] for start in starts)
        if not self.rows:
            return [max(self.floor + window) for window in windows], scale
        common = lcm(scale * self.unit.denominator, self.scale)
        factor = common // (scale * self.unit.denominator) * self.unit.numerator
        shifts = [b * (common // self.scale) for b in self.biases]
        pairs = list(zip(self.rows, shifts, strict=True))
        table = [[factor * sum(map(mul, r, window)) + b for r, b in pairs] for window in windows]
        return [value for channel in zip(*table, strict=True) for value in channel], common


def network_points(instance: Reader, statement: Reader, evidence: Reader) -> str:
    """Points under a deep network: labels, distances, different points of one softmax output."""
    items, where = instance.items("points", 1)
    points: list[Scaled] = []
    bits, shifted = 0, 0
    for i, item in enumerate(items):
        place = f"{where}[{i}]"
        values, exponent = _scaled_vector(item, place, len(points[0][0]) if points else None)
        own = length(values, Fraction(2) ** exponent)
        shifted += len(values) * max(exponent, 0)
        moderate(len(values), own, place)
        if shifted > MAX_VALUES_BITS:
            raise Malformed(place, f"expected a moderate size, got {shifted} bits with all before")
        numerators, denominator = _integers(values)
        up, down = max(exponent, 0), max(-exponent, 0)
        points.append(([x << up for x in numerators], denominator << down))
        bits = max(bits, own)
    size, layers = len(points[0][0]), []
    for part in instance.objects("layers"):
        layers.append(Layer(part, size, bits, instance.spend))
        size, bits = layers[-1].size, layers[-1].bits
    moderate(size, bits, "outputs", len(points))
    effort = sum(layer.effort for layer in layers) // PRODUCTS

    @cache
    def outputs(k: int) -> Scaled:
        instance.spend(effort)
        values, scale = points[k]
        for layer in layers:
            values, scale = layer.apply(values, scale)
        return values, scale

    facts, shows = statement.objects("facts", 1), []
    for i, fact in enumerate(facts):
        name, place = fact.take("fact")
        k, about = fact.integer("point", 0, len(points)), f"fact {i}, {name}"
        if name == "label":
            label, (z, _) = fact.integer("label", 0, size), outputs(k)
            larger = [j for j, value in enumerate(z) if value > z[label]]
            require(not larger, "no output is larger", f"{about}: outputs {larger} are")
            ties = [j for j, value in enumerate(z) if value == z[label] and j != label]
            require(not ties, "no output is as large", f"{about}: output {label} ties with {ties}")
            says = f"output {label} of {size} is the largest, alone, at point {k}"
        elif name == "box":
            x, a = points[k]
            out = [j for j, value in enumerate(x) if not 0 <= value <= a]
            require(not out, "point lies in the unit box", f"{about}: not its coordinates {out}")
            says = f"point {k} has all coordinates in [0, 1]"
        elif name in ("within", "same softmax"):
            other = fact.integer("of" if name == "within" else "as", 0, len(points))
            if other == k:
                raise Malformed(place, "expected two different points")
            (x, a), (y, b) = points[k], points[other]
            moves = [abs(p * b - q * a) for p, q in zip(x, y, strict=True)]
            if name == "within":
                radius = fact.rational("radius")
                out = [j for j, move in enumerate(moves) if move > radius * a * b]
                require(not out, "points are near", f"{about}: not in coordinates {out}")
                says = (
                    f"no coordinate of points {k} and {other} differs by more than {shown(radius)}"
                )
            else:
                require(any(moves), "points differ", f"{about}: {k} and {other} are the same")
                (x, a), (y, b) = outputs(k), outputs(other)
                gaps = [Fraction(p * b - q * a) for p, q in zip(x, y, strict=True)]
                equal(gaps, [gaps[0]] * size, "outputs differ by a constant", f"{about}: output")
                says = f"points {k} and {other} differ and have the same softmax({size} outputs)"
        else:
            raise Malformed(place, f"unknown fact {name!r}")
        shows.append(says)
    return f"of a network of {len(layers)} layers on {len(points)} points: {series(shows)}"


class Expressions:
    """Evaluates numerals, names, and [operation, ...] over + - * / ^ max abs."""

    def __init__(self, names: dict[str, Fraction]) -> None:
        self.names, self.work = names, 0

    def spend(self, bits: int, where: str) -> None:
        """Refuse numbers that are too long, or too long together: time grows as the square."""
        self.work += bits**2
        if bits > MAX_BITS or self.work > MAX_WORK:
            raise Malformed(where, "the numbers are too long to compute with")

    def evaluate(self, expression: Any, where: str, depth: int = 0) -> Fraction:
        """Return the value of one expression."""
        if isinstance(expression, str):
            known = expression in self.names
            return self.names[expression] if known else _rational(expression, where)
        if depth >= MAX_DEPTH:
            raise Malformed(where, f"nested more than {MAX_DEPTH} deep")
        operation, *parts = _list(expression, where) or [None]
        values = [self.evaluate(x, f"{where}[{i}]", depth + 1) for i, x in enumerate(parts, 1)]
        bits = sum(map(size, values))
        if operation == "^" and len(values) == 2:
            bits = size(values[0]) * max(values[1].numerator, 1)
        self.spend(bits, where)
        if operation == "+":
            numerators, denominator = _integers(values)
            return Fraction(sum(numerators), denominator)
        if operation == "max" and values:
            return max(values)
        if operation == "abs" and len(values) == 1:
            return abs(values[0])
        if len(values) == 2:
            a, b = values
            if operation in ("-", "*"):
                return a - b if operation == "-" else a * b
            if operation == "/" and b:
                return a / b
            if operation == "^" and b.denominator == 1 and b >= 0:
                return Fraction(a**b.numerator)
        raise Malformed(where, f"cannot evaluate {operation!r} of {len(values)} values")


def words(expression: Any) -> str:
    """Return an expression as text, as in (a + 1/2), or only how it begins."""
    if isinstance(expression, str):
        return expression if len(expression) <= 40 else f"{expression[:30]}..."
    operation, *parts = expression
    inner = [words(part) for part in parts[:6]] + ["..."] * (len(parts) > 6)
    if operation in ("max", "abs") or len(parts) < 2:
        text = f"{operation}({', '.join(inner)})"
    else:
        text = f"({f' {operation} '.join(inner)})"
    return text if len(text) <= 120 else f"{text[:110]}..."


COMPARE: dict[str, Callable[[Fraction, Fraction], bool]] = {
    "=": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
}


def arithmetic(instance: Reader, statement: Reader, evidence: Reader) -> str:
    """Exact relations between expressions in named numbers."""
    names = {}
    for part in instance.objects("numbers"):
        name, where = part.take("name")
        if not isinstance(name, str) or not _NAME.fullmatch(name) or name in names:
            raise Malformed(where, f"expected a new identifier, got {name!r}")
        names[name] = part.rational("value")
    expressions = Expressions(names)
    (relations, where), shows = statement.items("relations", 1), []
    for i, relation in enumerate(relations):
        place = f"{where}[{i}]"
        parts = _list(relation, place)
        if len(parts) != 3 or parts[1] not in list(COMPARE):
            raise Malformed(place, "expected [left, operator, right]")
        left, right = (expressions.evaluate(parts[k], f"{place}[{k}]") for k in (0, 2))
        expressions.spend(size(left) + size(right), place)
        if not COMPARE[parts[1]](left, right):
            false = f"{shown(left)} {parts[1]} {shown(right)} is false"
            raise Rejected("relation holds", f"relation {i}: {false}")
        shows.append(f"{words(parts[0])} {parts[1]} {words(parts[2])}")
    given = series([f"{name} = {shown(value)}" for name, value in names.items()], 6)
    return f"{series(shows, 6)}{', with ' if given else ''}{given}"


def binomial_tail(instance: Reader, statement: Reader, evidence: Reader) -> str:
    """P(X <= k), or P(X >= k), of a binomial law is at most a bound."""
    n, p = instance.integer("trials", 1, MAX_TRIALS), instance.rational("probability")
    k, bound = statement.integer("successes", 0, n + 1), statement.rational("bound")
    require(0 <= p <= 1, "probability lies between 0 and 1", f"it is {p}")
    upper = statement.truth("at_least")
    values = range(k, n + 1) if upper else range(k + 1)
    bits = p.denominator.bit_length()
    if n * bits > MAX_BITS or len(values) * n * max(16, bits) ** 2 > MAX_TAIL:
        got = f"{len(values)} of {n} trials at {bits} bits"
        raise Malformed("instance.trials", f"expected a moderate number of terms, got {got}")
    r, s, first = p.numerator, p.denominator - p.numerator, values[0]
    tail, term = 0, comb(n, first) * r**first * s ** (n - first)
    for j in values:
        tail += term
        # C(n, j + 1) is C(n, j) (n - j) / (j + 1); where s is 0, only the last term is not.
        term = term * (n - j) * r // ((j + 1) * s) if s else int(j + 1 == n)
    within = tail * bound.denominator <= bound.numerator * p.denominator**n
    require(within, "tail is within the bound", "the exact tail is larger")
    event = f"P(X {'>=' if upper else '<='} {k}) <= {shown(bound)}"
    return f"{event} for X the number of successes in {n} trials of probability {shown(p)}"


Rule = Callable[[Reader, Reader, Reader], str]
RULES: dict[str, Rule] = {
    "rank": rank,
    "null-space": null_space,
    "linear-system-solution": solution,
    "linear-system-inconsistent": inconsistent,
    "lp-optimal": lp_optimal,
    "lp-infeasible": lp_infeasible,
    "lp-unbounded": lp_unbounded,
    "max-margin": max_margin,
    "not-separable": not_separable,
    "separable": separable,
    "every-separator": every_separator,
    "separator-steps": separator_steps,
    "some-point-flips": some_point_flips,
    "invariant-space": invariant_space,
    "invariant-dimension": invariant_dimension,
    "invariant-direction": invariant_direction,
    "invariant-regions": invariant_regions,
    "convex-negative-region": convex_negative_region,
    "relu-universal-direction": relu_universal_direction,
    "convex-direction": convex_direction,
    "network-flip": network_flip,
    "rule-facts": rule_facts,
    "universal-step": universal_step,
    "every-model": every_model,
    "class-left": class_left,
    "relu-label-forced": relu_label_forced,
    "bounded": bounded,
    "unbounded-polyhedron": unbounded_polyhedron,
    "decision-region": decision_region,
    "adjacency": adjacency,
    "parallel": parallel,
    "network-points": network_points,
    "arithmetic": arithmetic,
    "binomial-tail": binomial_tail,
}


# Documents.


def check(certificate: Any) -> tuple[str, str]:
    """Check one parsed certificate and return its kind and what it establishes.

    Raises :class:`Rejected` or :class:`Malformed`.
    """
    # Numerals have a limit of their own, and a reason must be printable whatever its numbers.
    limit = sys.get_int_max_str_digits()
    sys.set_int_max_str_digits(0)
    try:
        return _check(certificate)
    except RecursionError:
        raise Malformed("certificate", "nested too deeply") from None
    finally:
        sys.set_int_max_str_digits(limit)


def _check(certificate: Any) -> tuple[str, str]:
    document = Reader(certificate, "certificate")
    for name, wanted in (("format", FORMAT), ("version", VERSION)):
        value, where = document.take(name)
        if value != wanted or isinstance(value, bool):
            raise Malformed(where, f"expected {wanted!r}, got {value!r}")
    kind, where = document.take("kind")
    if not isinstance(kind, str) or kind not in RULES:
        raise Malformed(where, f"unknown kind {kind!r}")
    stated, where = document.take("instance_sha256")
    instance, statement, evidence = map(document.object, ("instance", "statement", "evidence"))
    canonical, claimed = (
        json.dumps(certificate[name], sort_keys=True, separators=(",", ":"))
        for name in ("instance", "statement")
    )
    if stated != hashlib.sha256(canonical.encode("ascii")).hexdigest():
        raise Malformed(where, "the hash does not belong to the instance")
    instance.budget = FREE_WORK + WORK * (len(canonical) + len(claimed))
    established = RULES[kind](instance, statement, evidence)
    document.close()
    return kind, established


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

    def no_float(literal: str) -> Any:
        raise Malformed("document", f"the number {literal[:40]} is not exact; numerals are strings")

    limit = sys.get_int_max_str_digits()
    sys.set_int_max_str_digits(0)
    try:
        return json.loads(
            text,
            object_pairs_hook=pairs,
            parse_int=whole,
            parse_float=no_float,
            parse_constant=no_float,
        )
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


def main(paths: Sequence[str], decide: Callable[[Any], tuple[str, str]] = check) -> int:
    """Check every certificate: 0 all accepted, 1 some refused, 2 nothing to check."""
    accepted: Counter[str] = Counter()
    refused = 0
    try:
        for path in paths:
            for place, text in certificates_in(Path(path)):
                try:
                    accepted[decide(parse(text))[0]] += 1
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


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]) if sys.argv[1:] else "usage: python checker.py PATH...")
