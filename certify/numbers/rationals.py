"""The boundary where numbers enter: every accepted value becomes exactly the rational it is.

A finite float is the dyadic rational that it stores, so ``0.1`` enters as
3602879701896397/36028797018963968 and not as 1/10; write ``"0.1"`` to mean one tenth.
NaN and infinity never enter. Two exact forms leave this module: tuples of
:class:`~fractions.Fraction`, immutable, for the objects that people read, and python-flint
matrices for computing. Where python-flint is missing, single numbers still enter.
"""

from __future__ import annotations

import math
import numbers
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, NamedTuple, TypeAlias, cast

import numpy as np

from certify.errors import InputError, described, shortened

try:
    import flint
except ImportError:  # attacks in floats run on machines without it
    flint = None  # type: ignore[assignment]

Vector: TypeAlias = tuple[Fraction, ...]
Rows: TypeAlias = tuple[Vector, ...]

# "1/2e3" would be ambiguous, so a fraction takes no exponent.
_QUOTIENT = re.compile(r"([+-]?\d+)/(\d+)", re.ASCII)
_DECIMAL = re.compile(r"([+-]?)(\d+|\d*\.\d+|\d+\.)(?:[eE]([+-]?\d{1,4}))?", re.ASCII)
_LONG_EXPONENT = re.compile(r"[+-]?[\d.]+[eE][+-]?\d{5,}", re.ASCII)
_PYTHON = (Fraction, int)
_SHORT = 600  # digits, which Python reads and prints itself, whatever its limit
_LONG = 10**_SHORT
_EXPECTED = "a finite number (int, Fraction, float, decimal string or 'p/q')"


def rational(value: Any, name: str = "value", where: str = "") -> Fraction:
    """Return ``value`` as the rational number that it is, without rounding.

    Accepts int, Fraction, python-flint integers and rationals, finite floats (Python, NumPy,
    torch scalars), decimal strings and ``"p/q"``. Raises :class:`InputError` naming ``name`` and
    ``where`` for anything else: booleans, NaN, infinities, complex numbers, malformed strings.

    >>> rational("-3/7"), rational("0.1"), rational(0.5)
    (Fraction(-3, 7), Fraction(1, 10), Fraction(1, 2))
    """
    # Most entries are of these types, and the tests below take their time.
    if type(value) is int or (type(value) is float and math.isfinite(value)):
        return Fraction(value)
    if isinstance(value, Fraction):
        # NumPy's integers overflow in silence, also inside of a Fraction.
        plain = type(value.numerator) is int is type(value.denominator)
        return value if plain else Fraction(int(value.numerator), int(value.denominator))
    if isinstance(value, bool | np.bool_):
        raise InputError(name, expected=_EXPECTED, got=f"the truth value {value}", where=where)
    if isinstance(value, str):
        return _from_text(value, name, where)
    if flint is not None and isinstance(value, flint.fmpq):
        return _lowest(value.p, value.q)
    if flint is not None and isinstance(value, flint.fmpz):
        return Fraction(int(value))
    if isinstance(value, numbers.Rational):
        return Fraction(int(value.numerator), int(value.denominator))
    if isinstance(value, np.generic) or hasattr(value, "detach"):
        value = value.item()  # NumPy and torch scalars: the same number as a Python one
        if isinstance(value, int) and not isinstance(value, bool):
            return Fraction(value)
    if isinstance(value, float | np.longdouble):  # which Python has no type for
        if not np.isfinite(value):
            raise InputError(name, expected=_EXPECTED, got=str(value), where=where)
        return Fraction(*value.as_integer_ratio())
    raise InputError(name, expected=_EXPECTED, got=described(value), where=where)


def vector(values: Iterable[Any], name: str = "vector", *, length: int | None = None) -> Vector:
    """Return a one-dimensional list of numbers as a tuple of Fractions.

    Raises :class:`InputError` when ``values`` is not a flat list of numbers, when it mixes floats
    with exact non-integers, or when its length is not ``length``.
    """
    entries = _listed(values, name)
    result = _converted(entries, name, lambda i: f"entry {i}")
    if length is not None and len(result) != length:
        raise InputError(name, expected=f"{length} entries", got=f"{len(result)} entries")
    return result


def rows(values: Iterable[Any], name: str = "matrix", *, columns: int | None = None) -> Rows:
    """Return a two-dimensional list of numbers as a tuple of equally long tuples of Fractions.

    ``columns`` fixes the expected row length; it is also how a matrix without rows gets its shape.
    Raises :class:`InputError` naming the first ragged row, bad entry or mixture of types.
    """
    table = [_listed(row, name, f"row {i}") for i, row in enumerate(_listed(values, name))]
    if table:
        wanted = columns if columns is not None else len(table[0])
        for i, row in enumerate(table):
            if len(row) != wanted:
                raise InputError(
                    name, expected=f"{wanted} columns", got=f"{len(row)} columns", where=f"row {i}"
                )
    width = len(table[0]) if table else 1
    entries = [x for row in table for x in row]
    flat = _converted(entries, name, lambda k: f"row {k // width}, column {k % width}")
    return tuple(flat[i * width : (i + 1) * width] for i in range(len(table)))


def flint_matrix(
    values: Any, name: str = "matrix", *, columns: int | None = None
) -> flint.fmpq_mat:
    """Return a two-dimensional list of numbers as an exact python-flint rational matrix."""
    if isinstance(values, flint.fmpq_mat):
        return values
    array = dyadic_array(values, name)
    if array is not None and (columns is None or len(array.integers)):
        width = array.integers.shape[1]
        if columns not in (None, width):
            raise InputError(name, expected=f"{columns} columns", got=f"{width} columns")
        scale = flint.fmpq(2) ** array.exponent
        return flint.fmpq_mat(integer_matrix(array.integers)) * scale
    exact = rows(values, name, columns=columns)
    width = len(exact[0]) if exact else (columns or 0)
    return flint.fmpq_mat(len(exact), width, [as_flint(x) for row in exact for x in row])


@dataclass(frozen=True)
class DyadicArray:
    """The matrix ``integers`` * 2 ** ``exponent``; int64 below 2 ** 61, Python integers beyond."""

    integers: np.ndarray[Any, Any]
    exponent: int


def dyadic_array(values: Any, name: str = "matrix") -> DyadicArray | None:
    """Return a two-dimensional NumPy array or torch tensor of floats or integers, exactly.

    The entries cross together, so that millions of weights take a fraction of a second. Returns
    None for every other object. Raises :class:`InputError` naming the first NaN or infinity.

    >>> dyadic_array(np.array([[0.5, -3.0]]))
    DyadicArray(integers=array([[ 1, -6]]), exponent=-1)
    """
    if hasattr(values, "detach"):  # a torch tensor; double precision holds its other floats
        values = values.detach().cpu()
        values = (values.double() if values.is_floating_point() else values).numpy()
    plain = isinstance(values, np.ndarray) and not np.ma.isMaskedArray(values)
    if not plain or values.ndim != 2 or values.dtype.itemsize > 8:
        return None
    if values.dtype.kind in "iu":
        small = not values.size or -(2**61) < int(values.min()) <= int(values.max()) < 2**61
        return DyadicArray(values.astype(np.int64 if small else object), 0)
    if values.dtype.kind != "f":
        return None
    outside = np.argwhere(~np.isfinite(values))
    if outside.size:
        i, j = map(int, outside[0])
        got, place = str(float(values[i, j])), f"row {i}, column {j}"
        raise InputError(name, expected=_EXPECTED, got=got, where=place)
    fractions, exponents = np.frexp(values.astype(np.float64))
    integers = np.ldexp(fractions, 53).astype(np.int64)
    # The lowest set bit is a power of two, whose logarithm frexp tells exactly.
    trailing = np.frexp((integers & -integers).astype(np.float64))[1] - 1
    nonzero = integers != 0
    places = np.where(nonzero, exponents - 53 + trailing, 0).astype(np.int64)
    integers = integers >> np.where(nonzero, trailing, 0)
    lowest = int(places[nonzero].min()) if nonzero.any() else 0
    shifts = np.where(nonzero, places - lowest, 0)
    bits = np.where(nonzero, 53 - trailing, 0) + shifts
    if bits.size and int(bits.max()) > 61:
        integers, shifts = integers.astype(object), shifts.astype(object)
    return DyadicArray(integers << shifts, lowest)


def integer_matrix(integers: np.ndarray[Any, Any]) -> flint.fmpz_mat:
    """Return a two-dimensional array of integers as a python-flint matrix."""
    rows, columns = integers.shape
    return flint.fmpz_mat(rows, columns, integers.ravel().tolist())


def as_flint(value: Fraction | int) -> flint.fmpq:
    """Return a Fraction or int as a python-flint rational."""
    return flint.fmpq(value.numerator, value.denominator)


def flint_column(values: Sequence[Fraction]) -> flint.fmpq_mat:
    """Return a vector as a python-flint matrix with one column."""
    return flint.fmpq_mat(len(values), 1, [as_flint(x) for x in values])


def from_flint(matrix: flint.fmpq_mat) -> Rows:
    """Return a python-flint matrix as rows of Fractions."""
    width = matrix.ncols()
    flat = fractions(matrix.entries())
    return tuple(flat[i * width : (i + 1) * width] for i in range(matrix.nrows()))


def fractions(values: Iterable[flint.fmpq]) -> Vector:
    """Return python-flint rationals as Fractions."""
    zero = Fraction(0)
    return tuple([_lowest(x.p, x.q) if x else zero for x in values])


class _Ratio(NamedTuple):
    """Numerator and denominator in lowest terms, which a Fraction takes as they are."""

    numerator: int
    denominator: int


numbers.Rational.register(_Ratio)


def _lowest(numerator: flint.fmpz, denominator: flint.fmpz | int) -> Fraction:
    if denominator == 1:
        return Fraction(int(numerator))
    # Without Python's search for common divisors, which takes longest of all on long numbers.
    return Fraction(cast(numbers.Rational, _Ratio(int(numerator), int(denominator))))


def quotients(numerators: Iterable[flint.fmpz], unit: flint.fmpz) -> tuple[Vector, list[str]]:
    """Return integers over one positive unit, reduced, and as canonical numerals.

    Divisors of one of them and it divide their product modulo it: as a rule that leaves few small
    primes to look for.

    >>> quotients([flint.fmpz(4), flint.fmpz(-3)], flint.fmpz(6))
    ((Fraction(2, 3), Fraction(-1, 2)), ['2/3', '-1/2'])
    """
    given = list(numerators)
    product = flint.fmpz(1)
    for n in given:
        product = product * n % unit if n else product
    # Of the unit, all that is made of primes which divide the product.
    shared, part = flint.fmpz(1), unit.gcd(product)
    rest = unit
    while part != 1:
        shared, rest = shared * part, rest // part
        part = rest.gcd(part)
    values, numerals = [], []
    whole, below = int(unit), f"/{unit}"  # of most numbers
    for n in given:
        divisor = (n % shared).gcd(shared) if n else unit
        if divisor == 1 != whole:
            values.append(_lowest(n, whole))
            numerals.append(f"{n}{below}")
        else:
            p, q = n // divisor, unit // divisor
            values.append(_lowest(p, q))
            numerals.append(str(p) if q == 1 else f"{p}/{q}")
    return tuple(values), numerals


def text(value: Fraction | int | flint.fmpq) -> str:
    """Return the canonical numeral used in JSON: ``"-12"`` or ``"3/7"`` in lowest terms."""
    if not isinstance(value, _PYTHON):
        return str(value)
    return _numeral(*value.as_integer_ratio())


def quotient_text(p: int, q: int) -> str:
    """Return the canonical numeral of p / q, for positive q."""
    common = math.gcd(p, q)
    return _numeral(p // common, q // common)


def _numeral(n: int, d: int) -> str:
    if -_LONG < n < _LONG > d:
        return str(n) if d == 1 else f"{n}/{d}"
    # flint prints integers of any size; Python stops at sys.get_int_max_str_digits().
    return str(flint.fmpq(n, d))


def texts(values: Iterable[Fraction | int | flint.fmpq]) -> list[str]:
    """Return a vector as canonical numerals."""
    return [text(x) for x in values]


def matrix_texts(matrix: flint.fmpq_mat) -> list[list[str]]:
    """Return the rows of a matrix as canonical numerals, as text() writes them."""
    return [list(map(str, row)) for row in matrix.tolist()]


def check_rectangular(rows: Rows, name: str) -> None:
    """Raise :class:`InputError` naming the first row that is not as long as the first one."""
    for i, row in enumerate(rows):
        if len(row) != len(rows[0]):
            raise InputError(
                name, expected=f"{len(rows[0])} entries", got=f"{len(row)}", where=f"row {i}"
            )


def dot(
    a: Sequence[Fraction | int], b: Sequence[Fraction | int], plus: Fraction | int = 0
) -> Fraction:
    """Return the inner product of two vectors of equal length, plus a number, exactly."""
    if len(a) != len(b):
        raise InputError("b", expected=f"{len(a)} entries", got=f"{len(b)} entries")
    return _sum_of_products((*a, plus), (*b, 1)) if plus else _sum_of_products(a, b)


def combine(*terms: tuple[Fraction | int, Sequence[Fraction]]) -> Vector:
    """Return the linear combination sum of c·v over ``(c, v)`` pairs of equal length.

    >>> combine((2, vector([1, 0])), (Fraction(-1, 2), vector([0, 4])))
    (Fraction(2, 1), Fraction(-2, 1))
    """
    if len({len(v) for _, v in terms}) > 1:
        raise InputError(
            "terms", expected="vectors of equal length", got=f"{[len(v) for _, v in terms]} entries"
        )
    factors = [c for c, _ in terms]
    columns = zip(*(v for _, v in terms), strict=True)
    return tuple(_sum_of_products(factors, column) for column in columns)


def _sum_of_products(a: Sequence[Fraction | int], b: Sequence[Fraction | int]) -> Fraction:
    """Return the inner product, reduced to lowest terms once and not after each operation."""
    total, common = 0, 1
    for x, y in zip(a, b, strict=True):
        p, q = x.as_integer_ratio()
        if not p:
            continue
        r, s = y.as_integer_ratio()
        q *= s
        if q == common:
            total += p * r
        else:
            wanted = math.lcm(common, q)
            total = total * (wanted // common) + p * r * (wanted // q)
            common = wanted
    return Fraction(total, common)


def _from_text(value: str, name: str, where: str) -> Fraction:
    if quotient := _QUOTIENT.fullmatch(value.strip()):
        denominator = _integer(quotient[2])
        if not denominator:
            raise InputError(name, expected="a nonzero denominator", got=repr(value), where=where)
        return Fraction(_integer(quotient[1]), denominator)
    decimal = _DECIMAL.fullmatch(value.strip())
    if decimal is None:
        long = _LONG_EXPONENT.fullmatch(value.strip())
        wanted = "a finite number, its exponent of at most four digits" if long else _EXPECTED
        raise InputError(name, expected=wanted, got=shortened(repr(value)), where=where)
    sign, digits, exponent = decimal.groups()
    whole, _, decimals = digits.partition(".")
    power = int(exponent or "0") - len(decimals)
    number = Fraction(_integer(sign + whole + decimals))
    return number * Fraction(10) ** power if power else number


def _integer(digits: str) -> int:
    # flint reads integers of any size; Python stops at sys.get_int_max_str_digits(), at least 640.
    return int(digits) if len(digits) <= _SHORT else int(flint.fmpz(digits.removeprefix("+")))


def _listed(values: Any, name: str, where: str = "") -> list[Any]:
    if hasattr(values, "detach"):  # a torch tensor; torch itself is not imported here
        values = values.detach().cpu().tolist()
    elif isinstance(values, np.ndarray | flint.fmpq_mat):
        values = values.tolist()
    if isinstance(values, str | bytes | dict) or not isinstance(values, Iterable):
        raise InputError(name, expected="a list of numbers", got=described(values), where=where)
    return list(values)


def _converted(entries: list[Any], name: str, place: Callable[[int], str]) -> Vector:
    """Return all entries exactly; ``place`` tells the place of one that is refused.

    So are floats beside Fractions or strings: one of the two is then not what was meant.
    """
    result: list[Fraction] = []
    try:
        for x in entries:
            result.append(rational(x, name))
    except InputError:
        rational(entries[len(result)], name, place(len(result)))
        raise
    if len(set(map(type, entries))) < 2:
        return tuple(result)
    floats = [i for i, x in enumerate(entries) if isinstance(x, float | np.floating)]
    exact = [
        i for i, x in enumerate(entries)
        if isinstance(x, str | flint.fmpq) or (isinstance(x, Fraction) and x.denominator != 1)
    ]  # fmt: skip
    if floats and exact:
        other = entries[exact[0]]
        raise InputError(
            name,
            expected="floats or exact numbers, not a mixture",
            got=f"the float {entries[floats[0]]!r} ({place(floats[0])}) "
            f"beside the exact {other if isinstance(other, str) else text(other)}",
            where=place(exact[0]),
        )
    return tuple(result)
