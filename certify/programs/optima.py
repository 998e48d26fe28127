"""Optimal points of sparse programs, and proofs that there is none: floats lead, integers decide.

HiGHS proposes a basis; its vertex and multipliers are solved for exactly, and their signs and the
gap between them decide. A basis that is wrong, because floats have tolerances, is repaired by
further runs: with the least tolerances, and then of the same program about the exact point, with
what is violated made as large as 1 (A. Gleixner, D. Steffy and K. Wolter, "Iterative refinement for
linear programming", 2016). What says "infeasible" or "unbounded" are optima of other programs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from typing import NamedTuple

import numpy as np

from certify.programs.bounded import Bounded, Ends, elastic, recession
from certify.programs.highs import Basis, Solver, ratio
from certify.programs.refinement import solve
from certify.programs.simplex import Status
from certify.programs.sparse import as_floats
from certify.programs.vertices import (
    Point,
    Prices,
    bound,
    feasible,
    priced,
    prices,
    supported,
    vertex,
)  # fmt: skip

_ROUNDS = 12  # of runs about the last exact point
_FAR = 1e6  # ends and costs beyond are moved to it: none of them should be reached
_MOST_POWER = 900  # of two, by which violations are made larger


class Pair(NamedTuple):
    """An optimal point and the multipliers that prove it."""

    point: Point
    prices: Prices


@dataclass(frozen=True)
class Decision:
    """What is the case, with what proves it; as :class:`certify.programs.simplex.Outcome`."""

    status: Status
    point: Point | None = None
    prices: Prices | None = None
    ray: Point | None = None


def decide(program: Bounded, careful: bool = False) -> Decision | None:
    """Return the answer with its proof, or None where floats lead nowhere.

    The ends of each variable must not cross. ``careful`` is of :class:`Solver`.
    """
    solver = Solver(program, careful)
    status = solver.run()
    found = None if status == "unbounded" else optimum(program, solver, status)
    if found is None:
        start = _optimum(elastic(program), careful)
        if not isinstance(start, Pair):
            return None
        n, x = program.matrix.width, start.point.x
        if any(x[n:]):
            y = start.prices
            found = priced(program.matrix, y.y, y.unit, [0] * n, 1)
        else:
            steepest = _optimum(recession(program), careful)
            if isinstance(steepest, Pair) and _dot(program.costs, steepest.point.x) < 0:
                point = Point(x[:n], program.matrix.product(x[:n]), start.point.unit)
                return Decision("unbounded", point, ray=steepest.point)
            found = optimum(program, solver, status) if status == "unbounded" else None
    if isinstance(found, Prices):
        return Decision("infeasible", prices=found)
    return None if found is None else Decision("optimal", *found)


def _optimum(program: Bounded, careful: bool) -> Pair | Prices | None:
    solver = Solver(program, careful)
    return optimum(program, solver, solver.run())


def optimum(program: Bounded, solver: Solver, status: str) -> Pair | Prices | None:
    """Return an optimal pair, or Farkas multipliers; None where floats lead to neither.

    ``solver`` has run already, and ended with ``status``.
    """
    for turn in range(_ROUNDS):
        basis = solver.basis()
        if basis is None:
            return None
        if status == "infeasible":
            farkas = _contradiction(program, solver, basis, _from_ray(program, solver, basis))
            if farkas is not None:
                return farkas
        point = vertex(program, solver, basis)
        if point is None:
            return None
        multipliers = prices(program, solver, basis, program.costs, program.unit)
        if multipliers is None:
            return None
        if optimal(program, point, multipliers):
            return Pair(point, multipliers)
        if status != "optimal":  # HiGHS does not always see why it cannot go on
            farkas = _contradiction(program, solver, basis, _farthest(program, point))
            if farkas is not None:
                return farkas
        status = solver.tighten() if turn == 0 else _move(program, solver, point, multipliers)
    return None


def optimal(program: Bounded, point: Point, multipliers: Prices) -> bool:
    """Return whether both are feasible, and no gap is between their values."""
    if not (feasible(program, point) and supported(program, multipliers)):
        return False
    least, unit = bound(program, multipliers)
    return _dot(program.costs, point.x) * unit == least * program.unit * point.unit


def _from_ray(program: Bounded, solver: Solver, basis: Basis) -> int | None:
    """Return the basic variable, or the row after all variables, of HiGHS's dual ray.

    Of all basic variables only that one has an entry in it.
    """
    ray, matrix = solver.dual_ray(), program.matrix
    if ray is None:
        return None
    parts = as_floats(matrix.integers) * (ray * solver.row_factors)[matrix.row_of]
    entries = np.bincount(matrix.columns, parts, minlength=matrix.width) * solver.column_factors
    own = np.zeros(matrix.width, dtype=bool)
    own[basis.columns] = True
    slack = np.abs(ray)
    slack[basis.rows] = 0
    sizes = np.concatenate([np.where(own, np.abs(entries), 0.0), slack])
    return int(sizes.argmax()) if len(sizes) else None


def _farthest(program: Bounded, point: Point) -> int | None:
    """Return the variable, or the row after all variables, that misses its end by most."""
    missed: list[float] = []
    for ends, values in ((program.columns, point.x), (program.rows, point.rows)):
        low, high = _distances(ends, values, point.unit)
        missed += [max(a, -b) for a, b in zip(low, high, strict=True)]
    k = int(np.argmax(missed)) if missed else 0
    return k if missed and missed[k] > 0 else None


def _contradiction(program: Bounded, solver: Solver, basis: Basis, k: int | None) -> Prices | None:
    """Return Farkas multipliers when the row of a basic variable proves that it misses its end.

    The row of the table writes it as a combination of nonbasic ones, all of them at the end that
    suits it.
    """
    if k is None:
        return None
    matrix = program.matrix
    y = [0] * len(matrix)
    if k < matrix.width:
        wanted = [int(j == k) for j in basis.columns.tolist()]
    else:
        row = matrix.chosen(np.array([k - matrix.width]))
        spread = dict(zip(row.columns.tolist(), row.integers.tolist(), strict=True))
        wanted = [-spread.get(j, 0) for j in basis.columns.tolist()]
    kernel = matrix.block(basis.rows, basis.columns).transposed
    found = solve(kernel, lambda r: solver.solve_transposed(basis, r), wanted)
    if found is None:
        return None
    unit = int(found.denominator)
    for i, value in zip(basis.rows.tolist(), found.numerators, strict=True):
        y[i] = int(value)
    if k >= matrix.width:
        y[k - matrix.width] = unit
    for sign in (1, -1):
        proof = priced(matrix, [sign * v for v in y], unit, [0] * matrix.width, 1)
        if supported(program, proof) and bound(program, proof)[0] > 0:
            return proof
    return None


def _move(program: Bounded, solver: Solver, point: Point, multipliers: Prices) -> str:
    """Run on about the exact point and its reduced costs, violations of each made about 1."""
    low, high = map(np.array, _distances(program.columns, point.x, point.unit))
    rows = _distances(program.rows, point.rows, point.unit)
    row_low, row_high = (np.array(ends) * solver.row_factors for ends in rows)
    missed = max(v.max(initial=0.0) for v in (low, row_low, -high, -row_high))
    costs = [ratio(v, multipliers.unit) for v in multipliers.reduced]
    wrong = [abs(c) for c, a, b in zip(costs, low, high, strict=True)
             if (c > 0 and a < 0) or (c < 0 and b > 0)]  # fmt: skip
    grow = _power(missed)
    low, row_low = (np.minimum(np.ldexp(v, grow), _FAR) for v in (low, row_low))
    high, row_high = (np.maximum(np.ldexp(v, grow), -_FAR) for v in (high, row_high))
    grown = np.ldexp(np.array(costs), _power(max(wrong, default=0.0)))
    return solver.move(low, high, row_low, row_high, np.clip(grown, -_FAR, _FAR))


def _distances(ends: Ends, values: Sequence[int], unit: int) -> tuple[list[float], list[float]]:
    """Return how far the ends are from the values, infinite where there is none."""
    low, high = [], []
    for v, a, b, own in zip(values, *ends, strict=True):
        if own != 1:
            v *= own
        low.append(-inf if a is None else ratio(a * unit - v, own * unit))
        high.append(inf if b is None else ratio(b * unit - v, own * unit))
    return low, high


def _power(size: float) -> int:
    """Return the power of two by which a size becomes about 1."""
    return 0 if not size else max(0, min(_MOST_POWER, -int(np.frexp(size)[1])))


def _dot(a: Sequence[int], b: Sequence[int]) -> int:
    return sum(p * q for p, q in zip(a, b, strict=False) if p and q)
