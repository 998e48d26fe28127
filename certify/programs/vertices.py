"""The vertex and the multipliers of a basis of a sparse program, exactly, and whether they do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import lcm

import numpy as np

from certify.programs.bounded import Bounded, Ends
from certify.programs.highs import Basis, Solver
from certify.programs.refinement import solve
from certify.programs.sparse import SparseRows


@dataclass(frozen=True)
class Point:
    """A point x, ``x[j] / unit``, and the values of the rows' integers at it over the same unit."""

    x: list[int]
    rows: list[int]
    unit: int


@dataclass(frozen=True)
class Prices:
    """Multipliers y of the rows' integers, ``y[i] / unit``, and the reduced costs c - A^T y."""

    y: list[int]
    reduced: list[int]
    unit: int


def vertex(program: Bounded, solver: Solver, basis: Basis) -> Point | None:
    """Return the point of a basis, None where floats do not lead to it."""
    n = program.matrix.width
    basic = np.zeros(n, dtype=bool)
    basic[basis.columns] = True
    x, unit = _at_ends(program.columns, basis.high_columns.tolist(), basic.tolist())
    part = program.matrix.chosen(basis.rows)
    sides, row_unit = _at_ends(
        Ends(*([v[i] for i in basis.rows.tolist()] for v in program.rows)),
        basis.high_rows[basis.rows].tolist(),
        [False] * len(basis.rows),
    )
    common = lcm(unit, row_unit)
    right_side, x = _times(sides, common // row_unit), _times(x, common // unit)
    if any(x):
        fixed = part.product(x)
        right_side = [b - a for b, a in zip(right_side, fixed, strict=True)]
    kernel = program.matrix.block(basis.rows, basis.columns)
    found = solve(kernel, lambda r: solver.solve(basis, r), right_side)
    if found is None:
        return None
    denominator = int(found.denominator)
    x = _times(x, denominator)
    for j, value in zip(basis.columns.tolist(), found.numerators, strict=True):
        x[j] = int(value)
    return Point(x, program.matrix.product(x), common * denominator)


def _times(values: list[int], factor: int) -> list[int]:
    return values if factor == 1 else [v and v * factor for v in values]


def prices(
    program: Bounded, solver: Solver, basis: Basis, costs: Sequence[int], unit: int
) -> Prices | None:
    """Return the multipliers of a basis for some costs over a unit, None as for a vertex."""
    kernel = program.matrix.block(basis.rows, basis.columns).transposed
    wanted = [costs[j] for j in basis.columns.tolist()]
    found = solve(kernel, lambda r: solver.solve_transposed(basis, r), wanted)
    if found is None:
        return None
    y = [0] * len(program.matrix)
    for i, value in zip(basis.rows.tolist(), found.numerators, strict=True):
        y[i] = int(value)
    return priced(program.matrix, y, int(found.denominator), costs, unit)


def priced(
    matrix: SparseRows, y: list[int], denominator: int, costs: Sequence[int], unit: int
) -> Prices:
    """Return multipliers ``y`` / (``denominator`` ``unit``) with their reduced costs."""
    taken = matrix.transposed.product(y)
    reduced = [c * denominator - a for c, a in zip(costs, taken, strict=True)]
    return Prices(y, reduced, denominator * unit)


def feasible(program: Bounded, point: Point) -> bool:
    """Return whether a point is within all ends."""
    return _within(point.x, point.unit, program.columns) and _within(
        point.rows, point.unit, program.rows
    )


def _within(values: list[int], unit: int, ends: Ends) -> bool:
    for v, low, high, own in zip(values, *ends, strict=True):
        if own != 1:
            v *= own
        if low is not None and v < low * unit:
            return False
        if high is not None and v > high * unit:
            return False
    return True


def supported(program: Bounded, prices: Prices) -> bool:
    """Return whether each multiplier and each reduced cost has an end on its side."""
    return _leaning(prices.y, program.rows) and _leaning(prices.reduced, program.columns)


def _leaning(values: list[int], ends: Ends) -> bool:
    for v, low, high in zip(values, ends.low, ends.high, strict=True):
        if v > 0 and low is None:
            return False
        if v < 0 and high is None:
            return False
    return True


def bound(program: Bounded, prices: Prices) -> tuple[int, int]:
    """Return the least value that supported multipliers prove, as numerator and denominator."""
    total, unit = 0, 1
    for values, ends in ((prices.y, program.rows), (prices.reduced, program.columns)):
        for v, low, high, own in zip(values, *ends, strict=True):
            end = low if v > 0 else high
            if not v or not end:  # supported multipliers have ends
                continue
            if unit % own:
                total, unit = total * own, unit * own
            total += v * end * (unit // own)
    return total, unit * prices.unit


def _at_ends(ends: Ends, high: list[bool], skipped: list[bool]) -> tuple[list[int], int]:
    """Return each nonbasic value, at its end or 0, over a common unit; 0 where skipped."""
    values, units = [0] * len(high), {1}
    for k, (a, b, own, up, no) in enumerate(zip(*ends, high, skipped, strict=True)):
        if no:
            continue
        end = b if up or a is None else a
        if end:
            values[k] = end
            units.add(own)
    unit = lcm(*units)
    if unit != 1:
        values = [v and v * (unit // own) for v, own in zip(values, ends.units, strict=True)]
    return values, unit
