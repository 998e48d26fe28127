"""Reads certificates for the fast checker: JSON becomes tables of exact numbers, or is malformed.

A shape is a function from a JSON value and its place to what it stands for. Nothing here is shared
with :mod:`certify.checker`, which reads the same certificates.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import flint

LONGEST_NUMERAL = 200_002  # characters
LARGEST_EXPONENT = 10_000
_WHOLE = re.compile(r"0|-?[1-9][0-9]*")
_QUOTIENT = re.compile(r"(0|-?[1-9][0-9]*)/([1-9][0-9]*)")

Table: TypeAlias = list[list[Any]]  # of int, fmpz and fmpq
Read: TypeAlias = Callable[[Any, str], Any]


class Refused(Exception):
    """A certificate is "rejected" at a step or "malformed" at a place, as ``verdict`` says."""

    def __init__(self, verdict: str, place: str, reason: str) -> None:
        self.verdict, self.place, self.reason = verdict, place, reason
        super().__init__(f"{verdict}: {place}: {reason}")


def fields(value: Any, where: str, shape: Mapping[str, Read | None]) -> list[Any]:
    """Return the fields of an object in the order of the shape; there must be no others."""
    malformed_unless(isinstance(value, dict), where, "not an object")
    for name in shape:
        malformed_unless(name in value, where, f"{name} is missing")
    for name in value:
        malformed_unless(name in shape, where, f"unknown field {name}")
    return [value[n] if f is None else f(value[n], f"{where}.{n}") for n, f in shape.items()]


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


def number(value: Any, where: str) -> Any:
    """Read a numeral in lowest terms."""
    malformed_unless(isinstance(value, str) and len(value) <= LONGEST_NUMERAL, where, "no numeral")
    if _WHOLE.fullmatch(value):
        return flint.fmpz(value)
    parts = _QUOTIENT.fullmatch(value)
    if parts is None:
        raise Refused("malformed", where, f"{value[:40]!r} is no numeral")
    p, q = flint.fmpz(parts[1]), flint.fmpz(parts[2])
    malformed_unless(p.gcd(q) == 1, where, f"{value[:40]!r} is not in lowest terms")
    return p if q == 1 else flint.fmpq(p, q)


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
    e, rows = fields(value, where, {"exponent": None, "integers": listed})
    bounded = type(e) is int and -LARGEST_EXPONENT <= e <= LARGEST_EXPONENT
    malformed_unless(bounded, f"{where}.exponent", "no integer of moderate size")
    read = [_integers(row, f"{where}.integers[{i}]") for i, row in enumerate(rows)]
    return _rectangular(read), flint.fmpq(2) ** e


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


def malformed_unless(condition: bool, where: str, reason: str) -> None:
    """Refuse a certificate that is not well formed."""
    if not condition:
        raise Refused("malformed", where, reason)


def signs(value: Any, where: str) -> list[int]:
    """Read labels -1 and +1."""
    labels = listed(value, where)
    malformed_unless(all(type(y) is int and abs(y) == 1 for y in labels), where, "not -1 or 1")
    return labels
