"""What the assertions of a property say: linear comparisons of inputs and outputs, with and and or.

All numbers are exact. What is not linear, or compares nothing that is there, has been refused when
such a formula is made: by the readers of the two versions of VNN-LIB.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple, TypeAlias

from certify.errors import InputError


class Variable(NamedTuple):
    """One number of the flat input, or of the flat output."""

    output: bool
    place: int


@dataclass(frozen=True)
class Linear:
    """The sum of coefficients times variables, and a constant."""

    coefficients: dict[Variable, Fraction]
    constant: Fraction

    def times(self, factor: Fraction) -> Linear:
        """Return the multiple."""
        scaled = {v: factor * c for v, c in self.coefficients.items() if factor}
        return Linear(scaled, factor * self.constant)

    def plus(self, other: Linear) -> Linear:
        """Return the sum; variables that cancel are no longer in it."""
        found = dict(self.coefficients)
        for v, c in other.coefficients.items():
            found[v] = found.get(v, Fraction(0)) + c
        return Linear({v: c for v, c in found.items() if c}, self.constant + other.constant)


@dataclass(frozen=True)
class Relation:
    """That a linear expression is at most 0, or below 0 where it is ``strict``; and where that is.

    ``place`` is empty, or where in the file it stands.
    """

    left: Linear
    strict: bool
    place: str


@dataclass(frozen=True)
class And:
    """That all of some formulas hold."""

    parts: tuple[Formula, ...]


@dataclass(frozen=True)
class Or:
    """That one of some formulas holds."""

    parts: tuple[Formula, ...]


Formula: TypeAlias = Relation | And | Or


def constant(value: Fraction) -> Linear:
    """Return a number as an expression."""
    return Linear({}, value)


def variable(output: bool, place: int) -> Linear:
    """Return a variable as an expression."""
    return Linear({Variable(output, place): Fraction(1)}, Fraction(0))


def combined(operator: str, values: Sequence[Linear], name: str, place: str) -> Linear:
    """Return what an operator of arithmetic makes of expressions: + - * or /.

    Raises InputError, with name and place, for a product or quotient that is not linear.
    """
    first, *others = values
    if operator == "-":
        if not others:
            return first.times(Fraction(-1))
        return combined("+", [first, *(v.times(Fraction(-1)) for v in others)], name, place)
    for other in others:
        if operator == "+":
            first = first.plus(other)
        elif operator == "*":
            if first.coefficients and other.coefficients:
                raise InputError(
                    name, expected="linear expressions", got="a product of variables",
                    where=place,
                )  # fmt: skip
            factor, rest = (other, first) if first.coefficients else (first, other)
            first = rest.times(factor.constant)
        else:
            if other.coefficients or not other.constant:
                got = "a quotient by a variable" if other.coefficients else "a quotient by 0"
                raise InputError(name, expected="linear expressions", got=got, where=place)
            first = first.times(1 / other.constant)
    return first


def compared(operator: str, values: Sequence[Linear], place: str) -> Formula:
    """Return what a comparison says of two expressions, or of each with the next.

    The operators are <=, >=, <, >, ==, = and !=.
    """
    return _all([_compared(operator, a, b, place) for a, b in pairwise(values)])


def _compared(operator: str, a: Linear, b: Linear, place: str) -> Formula:
    below, above = (x.plus(y.times(Fraction(-1))) for x, y in ((a, b), (b, a)))
    if operator in ("<=", "<"):
        return Relation(below, operator == "<", place)
    if operator in (">=", ">"):
        return Relation(above, operator == ">", place)
    both = tuple(Relation(side, operator == "!=", place) for side in (below, above))
    return Or(both) if operator == "!=" else And(both)


def _all(parts: list[Formula]) -> Formula:
    return parts[0] if len(parts) == 1 else And(tuple(parts))


COMPARISONS = ("<=", ">=", "<", ">", "=", "==", "!=")
ARITHMETIC = ("+", "-", "*", "/")
CONNECTIVES: dict[str, Callable[[tuple[Formula, ...]], Formula]] = {"and": And, "or": Or}
