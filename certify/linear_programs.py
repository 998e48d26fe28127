"""Linear programs, decided exactly: optimal, infeasible or unbounded, each with its certificate.

HiGHS proposes the basis to start from and :mod:`certify.simplex` decides from there in rational
arithmetic. Nothing that HiGHS says about feasibility or optimality is used, so its tolerances, its
limits on the size of numbers and its failures cost pivots, never correctness.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, NamedTuple

import highspy
import numpy as np
from flint import fmpq, fmpq_mat

from certify import rationals
from certify.certificates import Certificate
from certify.errors import InputError
from certify.simplex import Basis, Numbers, Outcome, Program, Status, minimise, product

# A call of HiGHS costs about 0.3 ms however small the program, and below this many matrix entries
# the exact pivots that it would save take less (measured: 5 x 5 in 0.5 against 0.75 ms, 8 x 8 and
# 10 x 5 even, 12 x 12 in 2.1 against 1.7 ms).
_GUESS_FROM_ENTRIES = 60


class Multipliers(NamedTuple):
    """One number per inequality, never negative, and one per equality, of any sign."""

    inequalities: rationals.Vector
    equalities: rationals.Vector


@dataclass(frozen=True)
class LinearProgramResult:
    """The exact answer to a linear program.

    ``x`` is an optimal point, or for "unbounded" a feasible one from which the objective improves
    for ever along ``ray``; ``value`` is the optimal value as asked, a maximum when maximising.
    ``multipliers`` (y, z) are dual optimal for "optimal", and Farkas multipliers for "infeasible":
    with c the objective to be minimised (negated when maximising, and zero for "infeasible"),
    c + A^T y + C^T z vanishes on free variables and is nonnegative on the nonnegative ones, while
    b·y + d·z is minus the minimum for "optimal" and negative for "infeasible". What does not apply
    is None. ``certificate`` proves the answer for the minimisation problem.
    """

    status: Status
    x: rationals.Vector | None
    ray: rationals.Vector | None
    value: Fraction | None
    multipliers: Multipliers | None
    certificate: Certificate


def linear_program(
    objective: Iterable[Any],
    inequalities: tuple[Any, Any] | None = None,
    equalities: tuple[Any, Any] | None = None,
    *,
    nonnegative: Iterable[int] | bool = (),
    maximize: bool = False,
) -> LinearProgramResult:
    """Minimise objective·x subject to A x <= b and C x = d, exactly.

    ``inequalities`` is (A, b) and ``equalities`` (C, d), with as many columns as ``objective`` has
    entries and any number of rows. Variables are free, except those whose indices are listed in
    ``nonnegative`` (True: all). Numbers are whatever :func:`certify.rationals.rational` accepts.
    Raises :class:`InputError` naming the argument that does not fit. Always ends with an answer.

    >>> answer = linear_program([1, 1], ([[2, 1], [1, 3]], [4, 5]), nonnegative=True, maximize=True)
    >>> answer.status, answer.value, answer.x
    ('optimal', Fraction(13, 5), (Fraction(7, 5), Fraction(6, 5)))
    """
    costs = [rationals.as_flint(c) for c in rationals.vector(objective, "objective")]
    if maximize:
        costs = [-c for c in costs]
    n = len(costs)
    matrix, right_side = _system(inequalities, "inequalities", n)
    equal_matrix, equal_right_side = _system(equalities, "equalities", n)
    signed = _indices(nonnegative, n)

    split, total = len(right_side), len(right_side) + len(equal_right_side)
    program = Program(
        costs,
        fmpq_mat(total, n, matrix.entries() + equal_matrix.entries()),
        right_side + equal_right_side,
        frozenset(range(split, total)),
        frozenset(range(n)).difference(signed),
    )
    no_guess = Basis((), ())
    outcome = minimise(program, _guess(program) if n * total >= _GUESS_FROM_ENTRIES else no_guess)
    _confirm(program, outcome)

    value = None
    statement: dict[str, Any] = {}
    evidence: dict[str, Any] = {}
    if outcome.status == "optimal":
        least = _dot(costs, outcome.x)
        value = _fractions([-least if maximize else least])[0]
        statement["value"] = rationals.text(least)
    if outcome.x is not None:
        statement["x"] = _texts(outcome.x)
    if outcome.ray is not None:
        statement["ray"] = _texts(outcome.ray)
    if outcome.multipliers is not None:
        evidence["inequality_multipliers"] = _texts(outcome.multipliers[:split])
        evidence["equality_multipliers"] = _texts(outcome.multipliers[split:])
    instance = {
        "objective": _texts(costs),
        "inequalities": _system_texts(matrix, right_side),
        "equalities": _system_texts(equal_matrix, equal_right_side),
        "nonnegative": sorted(signed),
    }
    return LinearProgramResult(
        status=outcome.status,
        x=None if outcome.x is None else _fractions(outcome.x),
        ray=None if outcome.ray is None else _fractions(outcome.ray),
        value=value,
        multipliers=None
        if outcome.multipliers is None
        else Multipliers(
            _fractions(outcome.multipliers[:split]), _fractions(outcome.multipliers[split:])
        ),
        certificate=Certificate(f"lp-{outcome.status}", instance, statement, evidence),
    )


def _system(system: Any, name: str, columns: int) -> tuple[fmpq_mat, Numbers]:
    """Return the matrix and the right side of one system of rows, empty for None."""
    if system is None:
        return fmpq_mat(0, columns), []
    if not isinstance(system, tuple | list) or len(system) != 2:
        got = f"{len(system)} parts" if isinstance(system, tuple | list) else type(system).__name__
        raise InputError(name, expected="a pair (matrix, right side)", got=got)
    matrix = rationals.flint_matrix(system[0], f"{name}[0]", columns=columns)
    if matrix.ncols() != columns:
        raise InputError(
            f"{name}[0]", expected=f"{columns} columns", got=f"{matrix.ncols()} columns"
        )
    right_side = rationals.vector(system[1], f"{name}[1]", length=matrix.nrows())
    return matrix, [rationals.as_flint(b) for b in right_side]


def _indices(nonnegative: Any, columns: int) -> frozenset[int]:
    if isinstance(nonnegative, bool):
        return frozenset(range(columns) if nonnegative else ())
    expected = f"True or indices of variables, 0 to {columns - 1}" if columns else "no indices"
    if not isinstance(nonnegative, Iterable):
        raise InputError("nonnegative", expected=expected, got=repr(nonnegative))
    indices = list(nonnegative)
    for place, j in enumerate(indices):
        # bool is an int, and a mask of truth values would be read as indices 0 and 1.
        whole = isinstance(j, int | np.integer) and not isinstance(j, bool)
        if not whole or not 0 <= j < columns:
            raise InputError("nonnegative", expected=expected, got=repr(j), where=f"entry {place}")
    return frozenset(int(j) for j in indices)


def _guess(program: Program) -> Basis:
    """Return the basis with which HiGHS ends, or an empty one when it fails.

    Its status is ignored on purpose: an "infeasible" or "unbounded" that only tolerances see comes
    with a basis that is as good a start as any other.
    """
    try:
        with np.errstate(over="raise", divide="raise", invalid="raise"):
            return _highs_basis(program)
    except Exception:
        # A number beyond the range of floats, a model that HiGHS refuses, no basis at all: each
        # means only that the exact method starts from the empty basis.
        return Basis((), ())


def _highs_basis(program: Program) -> Basis:
    m, n = program.matrix.nrows(), program.matrix.ncols()
    matrix = np.array(_floats(program.matrix.entries())).reshape(m, n)
    # Scaling rows and columns to largest entry 1 keeps the basis and avoids two limits of HiGHS:
    # it drops entries below 1e-9 and refuses those above 1e15.
    row_scale = _inverse_peaks(matrix, axis=1)
    matrix *= row_scale[:, None]
    column_scale = _inverse_peaks(matrix, axis=0)
    matrix *= column_scale
    right_side = np.array(_floats(program.right_side)) * row_scale
    costs = np.array(_floats(program.objective)) * column_scale
    costs *= _inverse_peaks(costs, axis=0)
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
    return Basis(
        [i for i, status in enumerate(basis.row_status) if status != basic],
        [j for j, status in enumerate(basis.col_status) if status == basic],
    )


def _inverse_peaks(array: np.ndarray[Any, Any], axis: int) -> np.ndarray[Any, Any]:
    peaks = np.abs(array).max(axis=axis, initial=0.0)
    return 1.0 / np.where(peaks > 0, peaks, 1.0)


def _confirm(program: Program, outcome: Outcome) -> None:
    """Verify the relations of the certificate exactly; they cannot fail unless there is a bug."""
    x, ray, y = outcome.x, outcome.ray, outcome.multipliers
    held = True
    if x is not None:
        held &= _within(x, program.free, frozenset())
        held &= _within(program.slacks(x), frozenset(), program.equalities)
    if ray is not None:
        change = product(program.matrix, ray)
        held &= _within(ray, program.free, frozenset())
        held &= _within([-a for a in change], frozenset(), program.equalities)
        held &= _dot(program.objective, ray) < 0
    if y is not None:
        costs = product(program.transposed, y)
        if outcome.status == "optimal":
            costs = [c + a for c, a in zip(program.objective, costs, strict=True)]
            held &= _dot(program.objective, x) == -_dot(program.right_side, y)
        else:
            held &= _dot(program.right_side, y) < 0
        held &= _within(y, program.equalities, frozenset())
        held &= _within(costs, frozenset(), program.free)
    needed = {"optimal": (x, y), "infeasible": (y,), "unbounded": (x, ray)}[outcome.status]
    if not held or any(part is None for part in needed):
        raise RuntimeError(f"internal error: the proof of {outcome.status!r} does not hold")


def _within(values: Numbers, unbounded: frozenset[int], zero: frozenset[int]) -> bool:
    """Return whether all values are nonnegative, except ``unbounded`` ones, and ``zero`` ones 0."""
    return all(v == 0 if k in zero else (k in unbounded or v >= 0) for k, v in enumerate(values))


def _dot(a: Numbers, b: Numbers | None) -> fmpq:
    return sum((p * q for p, q in zip(a, b or [], strict=True)), fmpq(0))


def _floats(values: Numbers) -> list[float]:
    return [int(v.p) / int(v.q) for v in values]


def _fractions(values: Numbers) -> rationals.Vector:
    return rationals.from_flint(fmpq_mat(1, len(values), values))[0]


def _texts(values: Numbers) -> list[str]:
    return [rationals.text(v) for v in values]


def _system_texts(matrix: fmpq_mat, right_side: Numbers) -> dict[str, Any]:
    return {"matrix": [_texts(row) for row in matrix.tolist()], "right_side": _texts(right_side)}
