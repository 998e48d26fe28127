"""Certificates of linear programs: rows and vectors by their nonzeros, whatever their size."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Any, TypeAlias

from flint import fmpq

from certify.certificates.certificate import Certificate
from certify.numbers.rationals import text

Number: TypeAlias = Fraction | int | fmpq
Texts: TypeAlias = list[str] | dict[str, Any]
Row: TypeAlias = tuple[Sequence[int], Sequence[str]]  # rising columns, and the numerals there


def linear_program(
    status: str,
    objective: Sequence[Number],
    inequalities: tuple[Iterable[Row], Sequence[Number]],
    equalities: tuple[Iterable[Row], Sequence[Number]],
    nonnegative: Sequence[int],
    *,
    value: Number | None = None,
    x: Sequence[Number] | None = None,
    ray: Sequence[Number] | None = None,
    multipliers: tuple[Sequence[Number], Sequence[Number]] | None = None,
) -> Certificate:
    """Certify that the program is of this ``status``; what does not apply to it is None."""
    n = len(objective)
    instance = {
        "objective": vector(objective),
        "inequalities": _system(*inequalities, n),
        "equalities": _system(*equalities, n),
        "nonnegative": list(nonnegative),
    }
    statement: dict[str, Any] = {}
    if value is not None:
        statement["value"] = text(value)
    if x is not None:
        statement["x"] = vector(x)
    if ray is not None:
        statement["ray"] = vector(ray)
    evidence: dict[str, Any] = {}
    if multipliers is not None:
        evidence["inequality_multipliers"] = vector(multipliers[0])
        evidence["equality_multipliers"] = vector(multipliers[1])
    return Certificate(f"lp-{status}", instance, statement, evidence)


def vector(values: Sequence[Number]) -> Texts:
    """Return numerals, by their places where one of them is zero.

    >>> vector([Fraction(1), Fraction(1, 2)]), vector([Fraction(0), Fraction(3)])
    (['1', '1/2'], {'length': 2, 'indices': [1], 'values': ['3']})
    """
    places = [k for k, v in enumerate(values) if v]
    return _placed(len(values), places, [text(values[k]) for k in places])


def _placed(length: int, places: Sequence[int], texts: Sequence[str]) -> Texts:
    if len(texts) == length:
        return list(texts)
    return {"length": length, "indices": list(places), "values": list(texts)}


def _system(rows: Iterable[Row], right_side: Sequence[Number], columns: int) -> dict[str, Any]:
    return {
        "matrix": [_placed(columns, *row) for row in rows],
        "right_side": vector(right_side),
    }
