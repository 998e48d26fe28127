"""Reads certificates for the fast checker: JSON becomes tables of exact numbers, or is malformed.

A shape is a function from a JSON value and its place to what it stands for. Nothing here is shared
with :mod:`certify.checking.checker`, which reads the same certificates.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import flint

LONGEST_PART = 100_000  # characters of a numerator or denominator
FREE_WORK, WORK_OF_A_CHARACTER = 10**6, 50
LARGEST_EXPONENT = 10_000
LONGEST_REASON = 300  # characters
_WHOLE = re.compile(r"0|-?[1-9][0-9]*")
_QUOTIENT = re.compile(r"(-?[1-9][0-9]*)/([2-9]|[1-9][0-9]+)")

Table: TypeAlias = list[list[Any]]  # of int, fmpz and fmpq
Read: TypeAlias = Callable[[Any, str], Any]


class Refused(Exception):
    """A certificate is "rejected" at a step or "malformed" at a place, as ``verdict`` says."""

    def __init__(self, verdict: str, place: str, reason: str) -> None:
        self.verdict, self.place, self.reason = verdict, place, reason[:LONGEST_REASON]
        super().__init__(f"{verdict}: {place}: {self.reason}")


def shown(value: Any) -> str:
    """Return how a string begins, or the type of another value, whatever is in it."""
    return ascii(value[:40]) if isinstance(value, str) else type(value).__name__


def fields(value: Any, where: str, shape: Mapping[str, Read | None]) -> list[Any]:
    """Return the fields of an object in the order of the shape; there must be no others."""
    malformed_unless(isinstance(value, dict), where, "not an object")
    for name in shape:
        malformed_unless(name in value, where, f"{name} is missing")
    for name in value:
        malformed_unless(name in shape, where, f"unknown field {shown(name)}")
    return [value[n] if f is None else f(value[n], f"{where}.{n}") for n, f in shape.items()]


def variant(
    value: Any, where: str, key: str, shapes: Mapping[str, Mapping[str, Read]]
) -> list[Any]:
    """Return the field ``key`` of an object, which names its shape, and then its other fields."""
    malformed_unless(isinstance(value, dict), where, "not an object")
    kind = value.get(key)
    known = isinstance(kind, str) and kind in shapes
    malformed_unless(known, f"{where}.{key}", f"{shown(kind)} is unknown")
    others = {name: item for name, item in value.items() if name != key}
    return [kind, *fields(others, where, shapes[kind])]


def natural(value: Any, where: str) -> int:
    """Read a nonnegative integer."""
    malformed_unless(type(value) is int and value >= 0, where, "not a nonnegative integer")
    return int(value)


def truth(value: Any, where: str) -> bool:
    """Read true or false."""
    malformed_unless(isinstance(value, bool), where, "neither true nor false")
    return bool(value)


def listed(value: Any, where: str) -> list[Any]:
    """Read a list."""
    malformed_unless(isinstance(value, list), where, "not a list")
    return list(value)


def indices(value: Any, where: str) -> list[int]:
    """Read different nonnegative integers."""
    found = [natural(x, where) for x in listed(value, where)]
    malformed_unless(len(set(found)) == len(found), where, "an index occurs twice")
    return found


def sizes(length: int) -> Read:
    """Return the shape of a list of so many positive integers."""

    def read(value: Any, where: str) -> list[int]:
        found = [natural(x, where) for x in listed(value, where)]
        malformed_unless(len(found) == length and 0 not in found, where, f"not {length} sizes")
        return found

    return read


def number(value: Any, where: str) -> Any:
    """Read a numeral in lowest terms."""
    malformed_unless(isinstance(value, str), where, "no numeral")
    moderate = all(len(part) <= LONGEST_PART for part in value.split("/"))
    malformed_unless(moderate, where, "too long a numeral")
    if _WHOLE.fullmatch(value):
        return flint.fmpz(value)
    parts = _QUOTIENT.fullmatch(value)
    if parts is None:
        raise Refused("malformed", where, f"{value[:40]!r} is no numeral")
    p, q = flint.fmpz(parts[1]), flint.fmpz(parts[2])
    malformed_unless(p.gcd(q) == 1, where, f"{value[:40]!r} is not in lowest terms")
    return flint.fmpq(p, q)


def vector(value: Any, where: str) -> list[Any]:
    """Read a list of numerals."""
    return [number(x, f"{where}[{i}]") for i, x in enumerate(listed(value, where))]


def table(value: Any, where: str) -> Table:
    """Read equally long lists of numerals."""
    return _rectangular([vector(x, f"{where}[{i}]") for i, x in enumerate(listed(value, where))])


def matrix(value: Any, where: str) -> Table:
    """Read a table with at least one row and one column."""
    rows = table(value, where)
    malformed_unless(bool(rows) and bool(rows[0]), where, "no rows or no columns")
    return rows


def scaled(value: Any, where: str) -> tuple[Table, Any]:
    """Read a table and its unit: numerals of unit 1, or integers and the exponent of 2."""
    if not isinstance(value, dict):
        return table(value, where), 1
    unit, rows = fields(value, where, {"exponent": _power, "integers": listed})
    read = [_integers(row, f"{where}.integers[{i}]") for i, row in enumerate(rows)]
    return _rectangular(read), unit


def scaled_vector(value: Any, where: str) -> tuple[list[Any], int]:
    """Read numerals, or integers and the exponent of 2 that scales them; it is 0 for numerals."""
    if not isinstance(value, dict):
        return vector(value, where), 0
    exponent, row = fields(value, where, {"exponent": _exponent, "integers": _integers})
    return row, exponent


def _exponent(value: Any, where: str) -> int:
    bounded = type(value) is int and -LARGEST_EXPONENT <= value <= LARGEST_EXPONENT
    malformed_unless(bounded, where, "no integer of moderate size")
    return int(value)


def _power(value: Any, where: str) -> Any:
    return flint.fmpq(2) ** _exponent(value, where)


def _integers(value: Any, where: str) -> list[Any]:
    row = listed(value, where)
    if not all(type(x) is int for x in row):
        row = [x if type(x) is int else number(x, where) for x in row]
        malformed_unless(not any(isinstance(x, flint.fmpq) for x in row), where, "not an integer")
    return row


def head(value: Any, where: str) -> Table:
    """Read weights up to their unit, on which no rank and no null vector depends."""
    rows, _ = scaled(value, where)
    malformed_unless(bool(rows) and bool(rows[0]), where, "no rows or no columns")
    return rows


def _rectangular(rows: Table) -> Table:
    malformed_unless(len({len(row) for row in rows}) <= 1, "dimensions", "rows differ in length")
    return rows


def require(condition: bool, step: str, reason: str) -> None:
    """Reject a certificate whose step fails."""
    if not condition:
        raise Refused("rejected", step, reason)


def malformed_unless(condition: bool, where: str, reason: str) -> None:
    """Refuse a certificate that is not well formed."""
    if not condition:
        raise Refused("malformed", where, reason)


def signs(value: Any, where: str) -> list[int]:
    """Read labels -1 and +1."""
    labels = listed(value, where)
    malformed_unless(all(type(y) is int and abs(y) == 1 for y in labels), where, "not -1 or 1")
    return labels


class Budget:
    """The work that a document of so many characters may ask for."""

    def __init__(self, characters: int) -> None:
        self.left = FREE_WORK + WORK_OF_A_CHARACTER * characters

    def spend(self, work: int) -> None:
        """Refuse more work."""
        self.left -= work
        malformed_unless(self.left >= 0, "certificate.instance", "too much work for its length")


# Numbers in words, few of them where there are many.


def number_text(x: Any) -> str:
    """Return a number as text, or only its length."""
    bits = int(flint.fmpq(x).height_bits())
    return str(x) if bits <= 100 else f"(a number of {bits} bits)"


def row_text(values: list[Any]) -> str:
    """Return a list of numbers as text."""
    rest = f", ...; {len(values)} entries" if len(values) > 6 else ""
    return f"({', '.join(map(number_text, values[:6]))}{rest})"


def table_text(rows: Table) -> str:
    """Return a table of numbers as text."""
    rest = f", ...; {len(rows)} rows" if len(rows) > 3 else ""
    return f"({', '.join(map(row_text, rows[:3]))}{rest})"
