"""Instances whose answer is known by construction, and what a family of them consists of."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from random import Random
from typing import Any, Generic, TypeAlias, TypeVar

import numpy as np

from certify.certificates.certificate import Certificate

Array: TypeAlias = np.ndarray[Any, Any]
Json: TypeAlias = dict[str, Any]
Row: TypeAlias = Sequence[Fraction | int]
Data = TypeVar("Data")

EASY, BORDER = "easy", "exactly on the border"
EXPONENTS = (20, 38, 60)  # of the powers of two that decide: below tolerances, then below rounding
CASES = (EASY, *(f"by 2^-{k}" for k in EXPONENTS))
MIXED = 38  # the largest of them at which a float holds an integer as well


@dataclass(frozen=True)
class Instance(Generic[Data]):
    """Numbers of which the truth is known because they were made so.

    data    floats, each exactly the number that the construction asks for
    answer  what a method has to say: 0 or 1 for the statement of the family, or a whole number
    holds   whether the statement of the family is true
    case    what makes the instance hard, or ``EASY``
    """

    data: Data
    answer: int
    holds: bool
    case: str


@dataclass(frozen=True)
class Family(Generic[Data]):
    """One question, asked of drawn instances with a planted answer.

    statement     what is true or false of an instance
    draw          the instance of a number, a function of the number and of the generator's state
    certificates  what the exact methods establish, each by a method of its own
    read          the answer that an accepted certificate gives; raises :class:`OtherInstance`
    floats        the answer of the obvious method in floats; None when it gives none
    method        the name of that method
    """

    name: str
    statement: str
    draw: Callable[[Random, int], Instance[Data]]
    certificates: Callable[[Data], Iterable[Certificate]]
    read: Callable[[Json, Data], int]
    floats: Callable[[Data], int | None]
    method: str


class OtherInstance(Exception):
    """An accepted certificate speaks of something else than what was drawn."""


def require_same(stated: Any, given: Any) -> None:
    """Raise :class:`OtherInstance` unless a certificate states what was given."""
    if stated != given:
        raise OtherInstance(f"the certificate states {stated!r:.80}, given was {given!r:.80}")


def floats(values: Sequence[Any], dtype: str = "float64") -> Array:
    """Return a vector or the rows of a matrix as floats that are exactly these numbers."""
    array = np.array(_nested(float, values), dtype=dtype)
    if exact(array) != _nested(Fraction, values):
        raise AssertionError(f"a number of the construction is no {dtype}")
    return array


def exact(array: Array) -> Any:
    """Return floats as nested tuples of the rational numbers that they are."""
    return _nested(Fraction, array.tolist())


def stated(value: Any) -> Any:
    """Return numbers as they stand in a certificate, in any notation, as nested tuples."""
    if isinstance(value, dict) and "indices" in value:
        found = [Fraction(0)] * value["length"]
        for place, entry in zip(value["indices"], value["values"], strict=True):
            found[place] = Fraction(entry)
        return tuple(found)
    if isinstance(value, list) and any(isinstance(row, dict) for row in value):
        return tuple(map(stated, value))
    if isinstance(value, dict):
        unit = Fraction(2) ** value["exponent"]
        return _nested(lambda x: Fraction(x) * unit, value["integers"])
    return _nested(Fraction, value)


def _nested(convert: Callable[[Any], Any], values: Any) -> Any:
    if isinstance(values, list | tuple):
        return tuple(_nested(convert, x) for x in values)
    return convert(values)


def exponent_of(case: str) -> int:
    """Return the exponent in the name of a case, 0 for an easy one."""
    return int(case.rpartition("-")[2]) if "^-" in case else 0


def cycled(number: int, cases: Sequence[str]) -> tuple[str, int]:
    """Return the case of an instance and how often the case has come before.

    All cases come equally often, and whatever alternates within one is as frequent.
    """
    return cases[number % len(cases)], number // len(cases)


def whole(rng: Random, count: int, size: int = 3) -> list[int]:
    """Return integers of at most the given size."""
    return [rng.randint(-size, size) for _ in range(count)]


def nonzero(rng: Random, size: int = 3) -> int:
    """Return an integer of at most the given size, not 0."""
    return rng.choice((-1, 1)) * rng.randint(1, size)


def unimodular(rng: Random, n: int) -> list[list[int]]:
    """Return an integer matrix of determinant 1: a product of shears."""
    matrix = [[int(i == j) for j in range(n)] for i in range(n)]
    for _ in range(2 * n if n > 1 else 0):
        i, j = rng.sample(range(n), 2)
        factor = rng.choice((-1, 1))
        matrix[i] = [a + factor * b for a, b in zip(matrix[i], matrix[j], strict=True)]
    return matrix


def dot(a: Row, b: Row) -> Fraction:
    """Return the inner product."""
    return Fraction(sum(p * q for p, q in zip(a, b, strict=True) if p))


def mapped(matrix: Sequence[Row], vector: Row) -> list[Fraction]:
    """Return the product of a matrix and a vector."""
    return [dot(row, vector) for row in matrix]


def moved(x: Row, factor: Fraction | int, direction: Row) -> list[Fraction]:
    """Return x + factor * direction."""
    return [Fraction(a + factor * b) for a, b in zip(x, direction, strict=True)]


def order(rng: Random, n: int) -> list[int]:
    """Return the numbers below n in random order."""
    return rng.sample(range(n), n)


def shuffled_columns(rng: Random, rows: Sequence[Row]) -> list[Row]:
    """Return rows with their entries in one random order."""
    columns = order(rng, len(rows[0]))
    return [[row[j] for j in columns] for row in rows]
