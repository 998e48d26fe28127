"""Sparse programs with bounds: what is decided, and how its answer becomes one of the rows given.

Rows with a single nonzero are bounds of a variable and no rows any more; so a program of thousands
of bounds is not larger than its other rows. A multiplier of a bound is a reduced cost.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import lcm
from typing import NamedTuple

import numpy as np

from certify.programs.sparse import Array, SparseRows, objects, whole


class Ends(NamedTuple):
    """Intervals from ``low[k] / units[k]`` to ``high[k] / units[k]``, None for no end."""

    low: list[int | None]
    high: list[int | None]
    units: list[int]


@dataclass(frozen=True)
class Rows:
    """The program as it was given: least ``costs``·x with each row <= its ``right_side``.

    Variables in ``signed`` are nonnegative. Costs are integers over ``unit``; right sides, which
    count like the integers of their rows, over ``units``.
    """

    costs: list[int]
    unit: int
    matrix: SparseRows
    right_side: list[int]
    units: list[int]
    split: int  # the first row that is an equation, all later ones are
    signed: Array  # of truth values, one a variable


@dataclass(frozen=True)
class Bounded:
    """Minimise ``costs``·x with the integers of each row of ``matrix``, and each variable, between.

    ``kept`` are the rows of the given program that are rows here; ``low_rows`` and ``high_rows``
    name for each variable the row that its ends come from, -1 for none (its sign, or no end).
    """

    costs: list[int]
    unit: int
    matrix: SparseRows
    rows: Ends
    columns: Ends
    kept: Array
    low_rows: list[int]
    high_rows: list[int]

    @cached_property
    def contradiction(self) -> int | None:
        """A variable whose ends cross, None if there is none."""
        low, high, _ = self.columns
        return next((j for j, (a, b) in enumerate(zip(low, high, strict=True))
                     if a is not None and b is not None and a > b), None)  # fmt: skip


def bounded(program: Rows) -> Bounded:
    """Return the program with its rows of one nonzero as bounds."""
    matrix, n = program.matrix, program.matrix.width
    counts = np.diff(matrix.starts)
    single = np.flatnonzero(counts == 1)
    kept = np.flatnonzero(counts != 1)
    places = matrix.starts[single]
    low: list[int | None] = [0 if s else None for s in program.signed.tolist()]
    high: list[int | None] = [None] * n
    units, low_rows, high_rows = [1] * n, [-1] * n, [-1] * n
    for i, j, a in zip(
        single.tolist(),
        matrix.columns[places].tolist(),
        matrix.integers[places].tolist(),
        strict=True,
    ):
        b = program.right_side[i]
        value, unit = (b, a * program.units[i]) if a > 0 else (-b, -a * program.units[i])
        if unit != units[j]:
            common = lcm(unit, units[j])
            value *= common // unit
            low[j] = _times(low[j], common // units[j])
            high[j] = _times(high[j], common // units[j])
            units[j] = common
        equal = i >= program.split
        floor, ceiling = low[j], high[j]
        if (equal or a > 0) and (ceiling is None or value < ceiling):
            high[j], high_rows[j] = value, i
        if (equal or a < 0) and (floor is None or value > floor):
            low[j], low_rows[j] = value, i
    sides = [program.right_side[i] for i in kept.tolist()]
    first = int(np.searchsorted(kept, program.split))
    floors: list[int | None] = [None] * first
    rows = Ends([*floors, *sides[first:]], [*sides], [program.units[i] for i in kept.tolist()])
    columns = Ends(low, high, units)
    costs, unit = program.costs, program.unit
    return Bounded(costs, unit, matrix.chosen(kept), rows, columns, kept, low_rows, high_rows)


def _times(value: int | None, factor: int) -> int | None:
    return None if value is None else value * factor


def elastic(program: Bounded) -> Bounded:
    """Return the program of the least sum of what rows miss: feasible, and its least value is 0
    exactly where ``program`` is.
    """
    matrix = program.matrix
    m, n = len(matrix), matrix.width
    low, high, _ = program.rows
    # Row i gains what it lacks in a column of its own, and loses what it has too much in another.
    gains = [i for i in range(m) if low[i] is not None]
    losses = [i for i in range(m) if high[i] is not None]
    added = np.array(gains + losses, dtype=np.int64)
    signs = np.array([1] * len(gains) + [-1] * len(losses), dtype=np.int64)
    order = np.argsort(np.concatenate([matrix.row_of, added]), kind="stable")
    columns = np.concatenate([matrix.columns, np.arange(n, n + len(added))])[order]
    unit = matrix.denominators[added] if len(added) else objects([])
    integers = np.concatenate([matrix.integers.astype(object), signs * unit])[order]
    starts = np.zeros(m + 1, dtype=np.int64)
    np.cumsum(np.diff(matrix.starts) + np.bincount(added, minlength=m), out=starts[1:])
    extra = len(added)
    ends = program.columns
    return replace(
        program,
        costs=[0] * n + [1] * extra,
        unit=1,
        matrix=SparseRows(n + extra, starts, columns, whole(integers), matrix.denominators),
        columns=Ends(
            [*ends.low, *[0] * extra], [*ends.high, *[None] * extra], [*ends.units, *[1] * extra]
        ),
    )


def recession(program: Bounded) -> Bounded:
    """Return the program of the steepest direction, of steps of at most 1, in which it recedes."""

    def cone(low: Sequence[int | None], high: Sequence[int | None], most: int | None) -> Ends:
        return Ends(
            [None if a is None and most is None else 0 if a is not None else -1 for a in low],
            [None if b is None and most is None else 0 if b is not None else 1 for b in high],
            [1] * len(low),
        )

    return replace(
        program,
        rows=cone(program.rows.low, program.rows.high, None),
        columns=cone(program.columns.low, program.columns.high, 1),
    )
