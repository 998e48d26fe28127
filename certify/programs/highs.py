"""Sparse programs in HiGHS: bases proposed, and nearly solved systems of their kernels.

Nothing here decides. HiGHS factorises each basis anyway, so that its own solves with it are the
approximate solves that :mod:`certify.programs.refinement` asks for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ldexp
from typing import Any

import highspy
import numpy as np

from certify.programs.bounded import Bounded, Ends
from certify.programs.sparse import Array, as_floats

# HiGHS drops entries below 1e-9 and refuses those above 1e15.
_SMALLEST, _LARGEST = 1e-7, 1e9
_PRESOLVED = 25_000  # nonzeros from which on a presolved program is solved first
_TIGHT = 1e-10  # the least tolerance that HiGHS takes


@dataclass(frozen=True)
class Basis:
    """The variables and rows that are basic, and which of the others lie at their upper end."""

    columns: Array  # indices, rising
    rows: Array  # of the rows that are *not* basic, rising
    high_columns: Array  # of truth values, one a variable
    high_rows: Array  # of truth values, one a row


class Silent(highspy.Highs):
    """HiGHS that prints nothing: 1.16 writes a header at the first call, which making one is."""

    def enableCallbacks(self) -> None:
        """Do what is called when one is made, in silence."""
        self.silent()
        super().enableCallbacks()  # type: ignore[no-untyped-call]


def started(model: Any, **options: Any) -> Any:
    """Return HiGHS with a model, ready to solve it by its simplex method in this thread."""
    solver = Silent()  # type: ignore[no-untyped-call]
    most = 100 * (model.num_col_ + model.num_row_)
    for option, value in {
        # Presolve may end without a basis when it finds the program infeasible or unbounded.
        "presolve": "off",
        "solver": "simplex",
        "parallel": "off",
        "simplex_iteration_limit": most,
        **options,
    }.items():
        solver.setOptionValue(option, value)
    solver.passModel(model)
    return solver


class Solver:
    """One program in HiGHS, of which bounds and costs may be replaced; each start is the last end.

    Its entries are those of the program times ``row_factors`` and ``column_factors``. A ``careful``
    one takes larger pivots, which costs time and digits less.
    """

    def __init__(self, program: Bounded, careful: bool = False) -> None:
        matrix = program.matrix
        self.program = program
        self.row_factors = 1.0 / as_floats(matrix.denominators)
        self.column_factors = np.ones(matrix.width)
        values = as_floats(matrix.integers) * self.row_factors[matrix.row_of]
        sizes = np.abs(values)
        if len(sizes) and not (sizes.min() > _SMALLEST and sizes.max() < _LARGEST):
            values = self._scale(values)
        model = highspy.HighsLp()
        model.num_col_, model.num_row_ = matrix.width, len(matrix)
        model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        model.a_matrix_.start_ = matrix.starts
        model.a_matrix_.index_ = matrix.columns
        model.a_matrix_.value_ = values
        low, high = _floats(program.columns)
        row_low, row_high = _floats(program.rows)
        self.low, self.high = low / self.column_factors, high / self.column_factors
        self.row_low, self.row_high = row_low * self.row_factors, row_high * self.row_factors
        self.costs = (
            _ratios(program.costs, [program.unit] * matrix.width, 0.0) * self.column_factors
        )
        model.col_lower_, model.col_upper_ = self.low, self.high
        model.row_lower_, model.row_upper_ = self.row_low, self.row_high
        model.col_cost_ = self.costs
        # By powers of two alone, which is also faster on most programs.
        self._solver = started(model, threads=1, simplex_scale_strategy=4)
        if careful:
            self._solver.setOptionValue("simplex_scale_strategy", 2)
            self._solver.setOptionValue("factor_pivot_threshold", 0.5)  # the most

    def _scale(self, values: Array) -> Array:
        """Bring the largest entries of rows, then of columns, to between 1/2 and 1."""
        matrix = self.program.matrix
        values = values.copy()
        for places, factors in (
            (matrix.row_of, self.row_factors),
            (matrix.columns, self.column_factors),
        ):
            peaks = np.zeros(len(factors))
            np.maximum.at(peaks, places, np.abs(values))
            powers = np.ldexp(1.0, -np.frexp(peaks)[1])
            values *= powers[places]
            factors *= powers
        return values

    def run(self) -> str:
        """Solve; return "optimal", "infeasible", "unbounded" or "unknown", as HiGHS says."""
        large = len(self.program.matrix.columns) >= _PRESOLVED
        if large:
            self._solver.setOptionValue("presolve", "on")
            self._solver.run()
            self._solver.setOptionValue("presolve", "off")
        self._solver.run()
        return self._status()

    def tighten(self) -> str:
        """Go on with the least tolerances."""
        for kind in ("primal", "dual"):
            self._solver.setOptionValue(f"{kind}_feasibility_tolerance", _TIGHT)
        self._solver.run()
        return self._status()

    def move(self, low: Array, high: Array, row_low: Array, row_high: Array, costs: Array) -> str:
        """Go on from the same basis with other bounds and costs, in the program's own scale."""
        n, m = len(low), len(row_low)
        for kind in ("dual_simplex_cost", "primal_simplex_bound"):  # by which they would be hidden
            self._solver.setOptionValue(f"{kind}_perturbation_multiplier", 0.0)
        columns, rows = np.arange(n, dtype=np.int32), np.arange(m, dtype=np.int32)
        factors = self.column_factors
        self._solver.changeColsBounds(n, columns, low / factors, high / factors)
        self._solver.changeRowsBounds(m, rows, row_low, row_high)
        self._solver.changeColsCost(n, columns, costs * factors)
        self._solver.run()
        return self._status()

    def _status(self) -> str:
        status = self._solver.getModelStatus()
        names = highspy.HighsModelStatus
        known = {
            names.kOptimal: "optimal",
            names.kInfeasible: "infeasible",
            names.kUnbounded: "unbounded",
        }
        return known.get(status, "unknown")

    def basis(self) -> Basis | None:
        """Return the basis at which HiGHS ended, None if it has none."""
        if not len(self.program.matrix.columns):
            # HiGHS solves these without a factor, and dies when it is asked for one (1.15).
            falling = np.isfinite(self.high) & ((self.costs < 0) | np.isinf(self.low))
            none = np.zeros(0, dtype=np.int64)
            return Basis(none, none, falling, np.zeros(len(self.row_low), dtype=bool))
        done, basic = self._solver.getBasicVariables()
        if done != highspy.HighsStatus.kOk:
            return None
        m, n = len(self.row_low), len(self.low)
        order = np.asarray(basic, dtype=np.int64)
        tight = np.ones(m, dtype=bool)
        tight[-1 - order[order < 0]] = False
        self._places = np.argsort(order)[m - int(tight.sum()) :]  # of the columns, in their order
        columns = order[self._places]
        status = self._solver.getBasis()
        upper = highspy.HighsBasisStatus.kUpper
        high_columns, high_rows = np.zeros(n, dtype=bool), np.zeros(m, dtype=bool)
        for flags, low, high, given in (
            (high_columns, self.low, self.high, "col_status"),
            (high_rows, self.row_low, self.row_high, "row_status"),
        ):
            flags |= np.isinf(low) & np.isfinite(high)
            both = np.flatnonzero(np.isfinite(low) & (low < high) & np.isfinite(high))
            if len(both):
                names = getattr(status, given)
                flags[both] = [names[k] == upper for k in both.tolist()]
        return Basis(columns, np.flatnonzero(tight), high_columns, high_rows)

    def solve(self, basis: Basis, right_side: Array) -> Array:
        """Return nearly the x with K x = ``right_side`` for the kernel K of the last basis."""
        whole = np.zeros(len(self.row_low))
        whole[basis.rows] = right_side * self.row_factors[basis.rows]
        _, found = self._solver.getBasisSolve(whole)
        return np.asarray(found)[self._places] * self.column_factors[basis.columns]

    def solve_transposed(self, basis: Basis, right_side: Array) -> Array:
        """Return nearly the y with K^T y = ``right_side``."""
        whole = np.zeros(len(self.row_low))
        whole[self._places] = right_side * self.column_factors[basis.columns]
        _, found = self._solver.getBasisTransposeSolve(whole)
        return np.asarray(found)[basis.rows] * self.row_factors[basis.rows]

    def dual_ray(self) -> Array | None:
        """Return the multipliers by which HiGHS thinks that the rows contradict each other."""
        _, found, ray = self._solver.getDualRay()
        return np.asarray(ray) if found else None


def _floats(ends: Ends) -> tuple[Array, Array]:
    return _ratios(ends.low, ends.units, -np.inf), _ratios(ends.high, ends.units, np.inf)


def _ratios(values: Sequence[int | None], units: Sequence[int], absent: float) -> Array:
    return np.array(
        [
            absent if v is None else ratio(v, u) if v else 0.0
            for v, u in zip(values, units, strict=True)
        ]
    )


def ratio(p: int, q: int) -> float:
    """Return p / q as a float, a very large one where it is beyond."""
    try:
        return p / q
    except OverflowError:
        return ldexp(1.0 if p > 0 else -1.0, 1000)
