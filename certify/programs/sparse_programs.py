"""Programs of sparse rows, decided: what was given becomes bounded, and its answer rows again."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import gcd, lcm
from typing import NamedTuple

import numpy as np
from flint import fmpq

from certify.programs.bounded import Bounded, Rows, bounded
from certify.programs.optima import decide
from certify.programs.simplex import Numbers, Outcome
from certify.programs.sparse import SparseRows, objects
from certify.programs.vertices import Point, Prices, bound

_ZERO = fmpq(0)


class Given(NamedTuple):
    """A program with its inequalities first: least ``costs``·x, rows <= or = ``right_side``."""

    costs: Sequence[Fraction | int]
    matrix: SparseRows
    right_side: Sequence[Fraction | int]
    split: int  # the first equation
    signed: Sequence[int]


def minimise(program: Given) -> Outcome | None:
    """Return the answer with exact proofs, or None where floats lead nowhere."""
    given, divisors = _integers(program)
    small = bounded(given)
    if small.contradiction is not None:
        crossing = _crossing(given, small, small.contradiction)
        return Outcome("infeasible", multipliers=_divided(crossing, divisors))
    answer = decide(small) or decide(small, careful=True)
    if answer is None:
        return None
    y = None
    if answer.prices is not None:
        y = _divided(_multipliers(given, small, answer.prices), divisors)
    value = None
    if answer.status == "optimal" and answer.prices is not None:
        value = fmpq(*bound(small, answer.prices))
    return Outcome(
        answer.status,
        None if answer.point is None else _numbers(answer.point),
        None if answer.ray is None else _numbers(answer.ray),
        y,
        value=value,
    )


def _integers(program: Given) -> tuple[Rows, list[int]]:
    """Return the program in integers, and what each row was divided by to make them short."""
    matrix, divisors = program.matrix.primitive()
    right_side, units = [], []
    sides = [b.as_integer_ratio() for b in program.right_side]
    for (p, q), d, g in zip(sides, matrix.denominators.tolist(), divisors, strict=True):
        if p:
            p, q = p * d, q * g
            common = q if p % q == 0 else gcd(p, q)
            right_side.append(p // common)
            units.append(q // common)
        else:
            right_side.append(0)
            units.append(1)
    pairs = [c.as_integer_ratio() for c in program.costs]
    unit = lcm(*{q for _, q in pairs})
    costs = [p and p * (unit // q) for p, q in pairs]
    signed = np.zeros(matrix.width, dtype=bool)
    signed[list(program.signed)] = True
    rows = Rows(costs, unit, matrix, right_side, units, program.split, signed)
    return rows, divisors


def _numbers(point: Point) -> Numbers:
    return [fmpq(v, point.unit) if v else _ZERO for v in point.x]


def _multipliers(given: Rows, small: Bounded, prices: Prices) -> Numbers:
    """Return multipliers y of the given rows with c + A^T y >= 0: those of bounds are costs."""
    y = [_ZERO] * len(given.matrix)
    for i, value in zip(small.kept.tolist(), prices.y, strict=True):
        if value:
            y[i] = fmpq(-value * given.matrix.denominators[i], prices.unit)
    for value, low, high in zip(prices.reduced, small.low_rows, small.high_rows, strict=True):
        row = low if value > 0 else high
        if value and row >= 0:
            place = given.matrix.starts[row]
            entry = fmpq(int(given.matrix.integers[place]), given.matrix.denominators[row])
            y[row] -= fmpq(value, prices.unit) / entry
    return y


def _divided(y: Numbers, divisors: list[int]) -> Numbers:
    return [v if g == 1 else v / g for v, g in zip(y, divisors, strict=True)]


def _crossing(given: Rows, small: Bounded, j: int) -> Numbers:
    """Return multipliers of the ends of a variable that cross."""
    y = [_ZERO] * len(given.matrix)
    for row, sign in ((small.high_rows[j], 1), (small.low_rows[j], -1)):
        if row >= 0:
            place = given.matrix.starts[row]
            entry = fmpq(int(given.matrix.integers[place]), given.matrix.denominators[row])
            y[row] += sign / entry
    return y


def stacked(above: SparseRows, below: SparseRows) -> SparseRows:
    """Return the rows of both, of the same width."""
    return SparseRows(
        above.width,
        np.concatenate([above.starts, below.starts[1:] + above.starts[-1]]),
        np.concatenate([above.columns, below.columns]),
        np.concatenate([above.integers, below.integers]),
        objects([*above.denominators, *below.denominators]),
    )
