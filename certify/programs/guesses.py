"""A basis to start the exact simplex method from, proposed in floats.

A guess decides only how many exact pivots follow. HiGHS makes it, or for small programs the
criss-cross method on a dense table, because a call of HiGHS takes some 0.3 ms however small the
program.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import highspy
import numpy as np
from numpy.typing import NDArray

from certify.errors import FLOATS_FAIL
from certify.programs.highs import started
from certify.programs.simplex import Basis, Numbers, Program

# Up to this many matrix entries the criss-cross method is faster (measured: 10 x 10 in 0.2 against
# 0.4 ms, 14 x 14 even, 20 x 20 in 1.2 against 0.7 ms).
_SMALL = 150
_TOLERANCE = 1e-9  # of the criss-cross method

_Floats: TypeAlias = NDArray[np.float64]
_Table: TypeAlias = list[list[float]]


@dataclass(frozen=True)
class _Scaled:
    """A program in floats; rows, columns, costs and right side divided by powers of two.

    The largest entry of each is then between 1/2 and 1. That keeps every basis, rounds nothing, and
    avoids two limits of HiGHS: it drops entries below 1e-9 and refuses those above 1e15.
    """

    costs: _Floats
    matrix: _Floats
    right_side: _Floats


def guess_basis(program: Program) -> Basis:
    """Return a basis that is likely to be optimal, or to show that the program is infeasible.

    An empty one when floats fail. What the solver says besides is ignored on purpose: a status that
    only tolerances see comes with a basis that is as good a start as any other.
    """
    try:
        with np.errstate(over="raise", divide="raise", invalid="raise"):
            if program.matrix.nrows() * program.matrix.ncols() > _SMALL:
                return Highs(program).basis()
            scaled = _scaled(program)
        return criss_cross(
            scaled.costs.tolist(),
            scaled.matrix.tolist(),
            scaled.right_side.tolist(),
            program.equalities,
            program.free,
        )
    except FLOATS_FAIL:
        return Basis((), ())  # the exact method starts from nothing


def _scaled(program: Program) -> _Scaled:
    m, n = program.matrix.nrows(), program.matrix.ncols()
    matrix = _floats(program.matrix.entries()).reshape(m, n)
    row_scale = _inverse_peaks(matrix, axis=1)
    matrix *= row_scale[:, None]
    column_scale = _inverse_peaks(matrix, axis=0)
    matrix *= column_scale
    right_side = _floats(program.right_side) * row_scale
    right_side *= _inverse_peaks(right_side, axis=0)
    costs = _floats(program.objective) * column_scale
    costs *= _inverse_peaks(costs, axis=0)
    return _Scaled(costs, matrix, right_side)


class Highs:
    """A program as HiGHS takes it; the objective may be replaced, and each start is from the last.

    With ``primal`` set its simplex method is the primal one, for which the last point of the same
    constraints stays a feasible start.
    """

    def __init__(self, program: Program, *, primal: bool = False) -> None:
        scaled = _scaled(program)
        costs, matrix, right_side = scaled.costs, scaled.matrix, scaled.right_side
        m, n = matrix.shape
        self._matrix, self._objective = matrix, np.flatnonzero(costs)
        equal = np.isin(np.arange(m), list(program.equalities))
        free = np.isin(np.arange(n), list(program.free))
        present = matrix != 0

        model = highspy.HighsLp()
        model.num_col_, model.num_row_ = n, m
        model.col_cost_ = costs
        model.col_lower_ = np.where(free, -np.inf, 0.0)
        model.col_upper_ = np.full(n, np.inf)
        model.row_lower_ = np.where(equal, right_side, -np.inf)
        model.row_upper_ = right_side
        model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        model.a_matrix_.start_ = np.concatenate([[0], np.cumsum(present.sum(axis=1))])
        model.a_matrix_.index_ = np.nonzero(present)[1]
        model.a_matrix_.value_ = matrix[present]

        self._solver = started(model, simplex_strategy=4 if primal else 1)

    def largest(self, variable: int) -> Basis:
        """Return the basis at which HiGHS ends with one variable to be made as large as can be."""
        for j in self._objective.tolist():
            self._solver.changeColCost(j, 0.0)
        self._solver.changeColCost(variable, -1.0)
        self._objective = np.array([variable])
        return self.basis()

    def basis(self) -> Basis:
        """Return the basis at which HiGHS ends."""
        self._solver.run()
        basis = self._solver.getBasis()
        basic = highspy.HighsBasisStatus.kBasic
        tight = np.array([status != basic for status in basis.row_status], dtype=bool)
        columns = np.array([status == basic for status in basis.col_status], dtype=bool)
        blocked = None
        if self._solver.getModelStatus() == highspy.HighsModelStatus.kInfeasible:
            blocked = self._blocked(tight, columns)
        return Basis(np.flatnonzero(tight).tolist(), np.flatnonzero(columns).tolist(), blocked)

    def _blocked(self, tight: Any, columns: Any) -> int | None:
        """Return the basic variable whose row of the table is the dual ray of HiGHS."""
        _, found, ray = self._solver.getDualRay()
        if not found:
            return None
        # Of all basic variables only that one has an entry in the row.
        entries = np.append(np.where(columns, ray @ self._matrix, 0.0), np.where(tight, 0.0, ray))
        return int(np.abs(entries).argmax())


def _inverse_peaks(array: _Floats, axis: int) -> Any:
    """Return the powers of two that bring the largest entries to between 1/2 and 1."""
    exponents = np.frexp(np.abs(array).max(axis=axis, initial=0.0))[1]
    return np.ldexp(1.0, -exponents)


def _floats(values: Numbers) -> _Floats:
    return np.array(list(map(float, values)), dtype=np.float64)


def criss_cross(
    costs: Sequence[float],
    matrix: Sequence[Sequence[float]],
    right_side: Sequence[float],
    equalities: Collection[int],
    free: Collection[int],
) -> Basis:
    """Return a basis for min c·x, A x <= b, meant to be optimal or to show why none is.

    The criss-cross method with the largest violation of primal or dual feasibility next
    (T. Terlaky, "A convergent criss-cross method", 1985, takes the first one instead). It needs no
    feasible start and no phases. In floats nothing guarantees its end, so pivots are limited.
    Rows in ``equalities`` are equations; variables not in ``free`` are nonnegative. Entries should
    be about 1 in size.
    """
    m, n = len(right_side), len(costs)
    # Row i reads: its basic variable = last entry - sum of entries x nonbasic variables. The last
    # row does the same for minus the objective. Slack i is the variable n + i.
    table = [[*row, b] for row, b in zip(matrix, right_side, strict=True)]
    table.append([*costs, 0.0])
    basic, nonbasic = list(range(n, n + m)), list(range(n))
    rows, columns = list(range(m)), list(range(n))
    for i in equalities:
        # The slack leaves for good: it may not come back.
        if columns:
            s = max(columns, key=lambda j: abs(table[i][j]))
            if abs(table[i][s]) > _TOLERANCE:
                _pivot(table, basic, nonbasic, i, s)
                columns.remove(s)
    for s in [j for j in range(n) if nonbasic[j] in free]:
        # A free variable enters for good: it bounds nothing.
        open_rows = [i for i in rows if basic[i] not in free]
        if open_rows:
            r = max(open_rows, key=lambda i: abs(table[i][s]))
            if abs(table[r][s]) > _TOLERANCE:
                _pivot(table, basic, nonbasic, r, s)
    rows = [i for i in rows if basic[i] not in free]
    columns = [j for j in columns if nonbasic[j] not in free]
    blocked = _run(table, basic, nonbasic, rows, columns)
    tight = [k - n for k in nonbasic if k >= n]
    return Basis(tight, [k for k in basic if k < n], blocked)


def _run(
    table: _Table, basic: list[int], nonbasic: list[int], rows: list[int], columns: list[int]
) -> int | None:
    """Pivot to the end, or to the limit; return a basic variable that cannot reach zero, if any."""
    for _ in range(3 * (len(rows) + len(columns)) + 10):
        costs = table[-1]
        primal, r = min(((table[i][-1], i) for i in rows), default=(0.0, 0))
        dual, s = min(((costs[j], j) for j in columns), default=(0.0, 0))
        if min(primal, dual) >= -_TOLERANCE:
            return None
        if primal <= dual:
            row = table[r]
            falling = [j for j in columns if row[j] < -_TOLERANCE]
            if not falling:
                return basic[r]
            s = min(falling, key=lambda j: abs(costs[j] / row[j]))
        else:
            rising = [i for i in rows if table[i][s] > _TOLERANCE]
            if not rising:
                return None
            r = min(rising, key=lambda i: abs(table[i][-1] / table[i][s]))
        _pivot(table, basic, nonbasic, r, s)
    return None


def _pivot(table: _Table, basic: list[int], nonbasic: list[int], r: int, s: int) -> None:
    inverse = 1.0 / table[r][s]
    row = [v * inverse for v in table[r]]
    row[s] = inverse
    for i, other in enumerate(table):
        factor = other[s]
        if factor and i != r:
            table[i] = new = [a - factor * b for a, b in zip(other, row, strict=True)]
            new[s] = -factor * inverse
    table[r] = row
    basic[r], nonbasic[s] = nonbasic[s], basic[r]
