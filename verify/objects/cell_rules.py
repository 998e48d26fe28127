"""Rules given by finitely many convex cells: how counterexamples with odd regions are written."""

from dataclasses import dataclass
from typing import Any, ClassVar, Self

from certify.errors import InputError
from certify.numbers import rationals
from certify.numbers.rationals import Rows, Vector
from verify.objects.vectors import units


@dataclass(frozen=True)
class Cell:
    """{x : a_i.x <= c_i, strictly where ``strict[i]``}; ``matrix`` has shape (rows, d)."""

    matrix: Rows
    right_side: Vector
    strict: tuple[bool, ...]

    def __post_init__(self) -> None:
        if not len(self.matrix) == len(self.right_side) == len(self.strict):
            raise InputError("strict", expected=f"{len(self.matrix)} entries", got="another number")

    @classmethod
    def of(cls, matrix: Any, right_side: Any, strict: tuple[bool, ...] | bool = False) -> Self:
        """Make a cell from numbers of any accepted kind; one truth value stands for all rows."""
        rows = rationals.rows(matrix, "matrix")
        flags = (strict,) * len(rows) if isinstance(strict, bool) else strict
        return cls(rows, rationals.vector(right_side, "right_side"), flags)

    @classmethod
    def point(cls, x: Vector) -> Self:
        """Return the cell that holds x alone."""
        unit = units(len(x))
        return cls.of([*unit, *(rationals.combine((-1, e)) for e in unit)], [*x, *(-c for c in x)])

    def contains(self, x: Vector) -> bool:
        """Return whether x satisfies every inequality."""
        rows = zip(self.matrix, self.right_side, self.strict, strict=True)
        values = ((rationals.dot(a, x), c, strict) for a, c, strict in rows)
        return all(value < c or (value == c and not strict) for value, c, strict in values)


@dataclass(frozen=True)
class CellRule:
    """Label ``inside`` on the union of the cells and ``outside`` elsewhere."""

    rule_type: ClassVar = "cells"
    cells: tuple[Cell, ...]
    inside: int
    outside: int

    def label(self, x: Vector) -> int:
        """Return the label of x."""
        return self.inside if any(cell.contains(x) for cell in self.cells) else self.outside
