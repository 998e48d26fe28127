"""A basis to start the exact simplex method from, proposed in floats.

A guess decides only how many exact pivots follow. HiGHS makes it, or for small programs
:mod:`certify.programs.criss_cross`, because a call of HiGHS takes some 0.3 ms however small the
program.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import highspy
import numpy as np
from numpy.typing import NDArray

from certify.programs.criss_cross import criss_cross
from certify.programs.simplex import Basis, Numbers, Program

# Up to this many matrix entries the criss-cross method is faster (measured: 10 x 10 in 0.2 against
# 0.4 ms, 14 x 14 even, 20 x 20 in 1.2 against 0.7 ms).
_SMALL = 150

_Floats: TypeAlias = NDArray[np.float64]


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
            scaled = _scaled(program)
            if scaled.matrix.size > _SMALL:
                return _highs(scaled, program)
        return criss_cross(
            scaled.costs.tolist(),
            scaled.matrix.tolist(),
            scaled.right_side.tolist(),
            program.equalities,
            program.free,
        )
    except Exception:
        # A number beyond the range of floats, a model that HiGHS refuses, no basis at all: each
        # means only that the exact method starts from the empty basis.
        return Basis((), ())


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


def _highs(scaled: _Scaled, program: Program) -> Basis:
    """Return the basis with which HiGHS ends."""
    m, n = scaled.matrix.shape
    equal = np.isin(np.arange(m), list(program.equalities))
    free = np.isin(np.arange(n), list(program.free))
    present = scaled.matrix != 0

    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = n, m
    model.col_cost_ = scaled.costs
    model.col_lower_ = np.where(free, -np.inf, 0.0)
    model.col_upper_ = np.full(n, np.inf)
    model.row_lower_ = np.where(equal, scaled.right_side, -np.inf)
    model.row_upper_ = scaled.right_side
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.start_ = np.concatenate([[0], np.cumsum(present.sum(axis=1))])
    model.a_matrix_.index_ = np.nonzero(present)[1]
    model.a_matrix_.value_ = scaled.matrix[present]

    solver = highspy.Highs()  # type: ignore[no-untyped-call]
    solver.silent()
    # Presolve may end without a basis when it finds the program infeasible or unbounded.
    solver.setOptionValue("presolve", "off")
    solver.setOptionValue("solver", "simplex")
    solver.setOptionValue("parallel", "off")
    solver.setOptionValue("simplex_iteration_limit", 100 * (m + n))
    solver.passModel(model)
    solver.run()
    basis = solver.getBasis()
    basic = highspy.HighsBasisStatus.kBasic
    tight = np.array([status != basic for status in basis.row_status], dtype=bool)
    columns = np.array([status == basic for status in basis.col_status], dtype=bool)
    blocked = None
    if solver.getModelStatus() == highspy.HighsModelStatus.kInfeasible:
        blocked = _blocked(solver, scaled.matrix, tight, columns)
    return Basis(np.flatnonzero(tight).tolist(), np.flatnonzero(columns).tolist(), blocked)


def _blocked(solver: Any, matrix: _Floats, tight: Any, columns: Any) -> int | None:
    """Return the basic variable whose row of the table is the dual ray of HiGHS."""
    _, found, ray = solver.getDualRay()
    if not found:
        return None
    # Of all basic variables only that one has an entry in the row.
    entries = np.append(np.where(columns, ray @ matrix, 0.0), np.where(tight, 0.0, ray))
    return int(np.abs(entries).argmax())


def _inverse_peaks(array: _Floats, axis: int) -> Any:
    """Return the powers of two that bring the largest entries to between 1/2 and 1."""
    exponents = np.frexp(np.abs(array).max(axis=axis, initial=0.0))[1]
    return np.ldexp(1.0, -exponents)


def _floats(values: Numbers) -> _Floats:
    return np.array(list(map(float, values)), dtype=np.float64)
