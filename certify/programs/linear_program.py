"""Linear programs, decided exactly: optimal, infeasible or unbounded, each with its certificate.

Floats propose the basis to start from (:mod:`certify.programs.guesses`) and
:mod:`certify.programs.simplex` decides from there in rational arithmetic. Nothing that floats say
about feasibility or optimality is believed, so tolerances, limits on the size of numbers and
failing solvers cost pivots, never correctness.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from itertools import islice
from typing import Any, NamedTuple

import numpy as np
from flint import fmpq, fmpq_mat

from certify import shown
from certify.certificates.certificate import Certificate
from certify.certificates.programs import Row
from certify.certificates.programs import linear_program as certified
from certify.errors import InputError
from certify.numbers import rationals
from certify.programs.guesses import guess_basis
from certify.programs.simplex import Numbers, Outcome, Program, Status, minimise
from certify.programs.sparse import SparseRows
from certify.programs.sparse_programs import Given, stacked
from certify.programs.sparse_programs import minimise as minimise_sparse
from certify.shown import Shown

MOST_ENTRIES = 10_000_000  # of the dense matrix that a program becomes where floats fail


class Multipliers(NamedTuple):
    """One number per inequality, never negative, and one per equality, of any sign."""

    inequalities: rationals.Vector
    equalities: rationals.Vector

    def __repr__(self) -> str:
        return shown.line(self)

    def _repr_html_(self) -> str:
        return shown.table(self)


@dataclass(frozen=True, repr=False)
class LinearProgramResult(Shown):
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
    _certify: Callable[[], Certificate] = field(repr=False, compare=False)

    @cached_property
    def certificate(self) -> Certificate:
        """The proof, written when it is first asked for: most of its length is the program."""
        return self._certify()

    def __getstate__(self) -> dict[str, Any]:
        # python-flint matrices do not cross to another process, so the certificate goes instead.
        certificate = self.certificate
        return {**self.__dict__, "certificate": certificate, "_certify": None}


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
    ``nonnegative`` (True: all). Numbers are whatever
    :func:`certify.numbers.rationals.rational` accepts.
    Raises :class:`InputError` naming the argument that does not fit. Always ends with an answer.

    >>> answer = linear_program([1, 1], ([[2, 1], [1, 3]], [4, 5]), nonnegative=True, maximize=True)
    >>> answer.status, answer.value, answer.x
    ('optimal', Fraction(13, 5), (Fraction(7, 5), Fraction(6, 5)))
    """
    parts = [_part(inequalities, "inequalities"), _part(equalities, "equalities")]
    if any(isinstance(part[0], SparseRows) for part in parts):
        return _sparse(objective, parts, nonnegative, maximize)
    costs = _numbers(objective, "objective")
    if maximize:
        costs = [-c for c in costs]
    n = len(costs)
    matrix, right_side = _system(parts[0], "inequalities", n)
    equal_matrix, equal_right_side = _system(parts[1], "equalities", n)
    signed = _indices(nonnegative, n)

    split, total = len(right_side), len(right_side) + len(equal_right_side)
    if equal_right_side:
        matrix = fmpq_mat(total, n, matrix.entries() + equal_matrix.entries())
    right_side += equal_right_side
    program = Program(
        costs,
        matrix,
        right_side,
        frozenset(range(split, total)),
        frozenset(range(n)).difference(signed),
    )
    outcome = _pivoted(program)

    def rows() -> Iterator[Row]:
        for i in range(total):
            row = [(j, v) for j in range(n) if (v := matrix[i, j])]
            yield [j for j, _ in row], [str(v) for _, v in row]

    return _result(outcome, maximize, split, costs, rows, right_side, sorted(signed))


def _sparse(
    objective: Any, parts: list[tuple[Any, Any]], nonnegative: Any, maximize: bool
) -> LinearProgramResult:
    """Decide a program one of whose matrices is sparse."""
    costs = _exact(objective, "objective")
    if maximize:
        costs = tuple(-c for c in costs)
    n = len(costs)
    systems = [
        (_sparse_rows(matrix, f"{name}[0]", n), right_side)
        for (matrix, right_side), name in zip(parts, ("inequalities", "equalities"), strict=True)
    ]
    sides = [
        _exact(right_side, f"{name}[1]", len(matrix))
        for (matrix, right_side), name in zip(systems, ("inequalities", "equalities"), strict=True)
    ]
    given = Given(
        costs,
        stacked(systems[0][0], systems[1][0]),
        (*sides[0], *sides[1]),
        len(sides[0]),
        sorted(_indices(nonnegative, n)),
    )
    outcome = minimise_sparse(given)
    if outcome is None:  # floats lead nowhere
        if len(given.matrix) * n > MOST_ENTRIES:
            got = f"{len(given.matrix)} rows of {n} columns on which floats fail"
            raise InputError("objective", expected=f"at most {MOST_ENTRIES} entries", got=got)
        outcome = _pivoted(
            Program(
                [rationals.as_flint(c) for c in costs],
                given.matrix.dense(),
                [rationals.as_flint(b) for b in given.right_side],
                frozenset(range(given.split, len(given.matrix))),
                frozenset(range(n)).difference(given.signed),
            )
        )
    return _result(
        outcome, maximize, given.split, costs, given.matrix.rows, given.right_side, given.signed
    )


def _pivoted(program: Program) -> Outcome:
    """Decide a program of a dense matrix."""
    outcome = minimise(program, guess_basis(program))
    _confirm(program, outcome)
    if outcome.status == "optimal":
        outcome = replace(outcome, value=_dot(program.objective, outcome.x))
    return outcome


def _result(
    outcome: Outcome,
    maximize: bool,
    split: int,
    costs: Sequence[Any],
    rows: Callable[[], Iterable[Row]],
    right_side: Sequence[Any],
    signed: Sequence[int],
) -> LinearProgramResult:
    """Return the answer to a program whose first ``split`` rows are the inequalities."""
    y, least = outcome.multipliers, outcome.value

    def certificate() -> Certificate:
        given = rows()
        return certified(
            outcome.status,
            costs,
            (list(islice(given, split)), right_side[:split]),
            (given, right_side[split:]),
            signed,
            value=least,
            x=outcome.x,
            ray=outcome.ray,
            multipliers=None if y is None else (y[:split], y[split:]),
        )

    return LinearProgramResult(
        status=outcome.status,
        x=None if outcome.x is None else rationals.fractions(outcome.x),
        ray=None if outcome.ray is None else rationals.fractions(outcome.ray),
        value=None if least is None else rationals.fractions([-least if maximize else least])[0],
        multipliers=None
        if y is None
        else Multipliers(rationals.fractions(y[:split]), rationals.fractions(y[split:])),
        _certify=certificate,
    )


def _exact(values: Any, name: str, length: int | None = None) -> tuple[Fraction | int, ...]:
    listed = isinstance(values, tuple | list) and length in (None, len(values))
    if listed and set(map(type, values)) <= {Fraction, int}:  # as files are read
        return tuple(values)
    return rationals.vector(values, name, length=length)


def _sparse_rows(matrix: Any, name: str, columns: int) -> SparseRows:
    if not isinstance(matrix, SparseRows):
        exact = rationals.rows([] if matrix is None else matrix, name, columns=columns)
        return SparseRows.of((dict(enumerate(row)) for row in exact), columns)
    if matrix.width != columns:
        raise InputError(name, expected=f"{columns} columns", got=f"{matrix.width} columns")
    return matrix


def _part(system: Any, name: str) -> tuple[Any, Any]:
    """Return the matrix and the right side of one system of rows, None and [] for None."""
    if system is None:
        return None, []
    if not isinstance(system, tuple | list) or len(system) != 2:
        got = f"{len(system)} parts" if isinstance(system, tuple | list) else type(system).__name__
        raise InputError(name, expected="a pair (matrix, right side)", got=got)
    return system[0], system[1]


def _system(part: tuple[Any, Any], name: str, columns: int) -> tuple[fmpq_mat, Numbers]:
    if part[0] is None:
        return fmpq_mat(0, columns), []
    matrix = rationals.flint_matrix(part[0], f"{name}[0]", columns=columns)
    if matrix.ncols() != columns:
        raise InputError(
            f"{name}[0]", expected=f"{columns} columns", got=f"{matrix.ncols()} columns"
        )
    return matrix, _numbers(part[1], f"{name}[1]", length=matrix.nrows())


def _numbers(values: Any, name: str, length: int | None = None) -> Numbers:
    if isinstance(values, np.ndarray) and values.ndim == 1 and length in (None, len(values)):
        kind = values.dtype.kind
        if kind in "iu" or (kind == "f" and np.isfinite(values).all()):
            return rationals.flint_matrix(values[None, :], name).entries()
    return [rationals.as_flint(v) for v in rationals.vector(values, name, length=length)]


def _indices(nonnegative: Any, columns: int) -> frozenset[int]:
    if isinstance(nonnegative, bool):
        return frozenset(range(columns) if nonnegative else ())
    expected = f"True or indices of variables, 0 to {columns - 1}" if columns else "no indices"
    if not isinstance(nonnegative, Iterable):
        raise InputError("nonnegative", expected=expected, got=repr(nonnegative))
    indices = list(nonnegative)
    if set(map(type, indices)) == {int} and min(indices) >= 0 and max(indices) < columns:
        return frozenset(indices)
    for place, j in enumerate(indices):
        # bool is an int, and a mask of truth values would be read as indices 0 and 1.
        whole = isinstance(j, int | np.integer) and not isinstance(j, bool)
        if not whole or not 0 <= j < columns:
            raise InputError("nonnegative", expected=expected, got=repr(j), where=f"entry {place}")
    return frozenset(int(j) for j in indices)


def _confirm(program: Program, outcome: Outcome) -> None:
    """Verify the relations of the certificate exactly; they cannot fail unless there is a bug."""
    x, ray, y = outcome.x, outcome.ray, outcome.multipliers
    held = True
    if x is not None:
        held &= _within(x, program.free, frozenset())
        held &= _within(program.slacks(x), frozenset(), program.equalities)
    if ray is not None:
        change = program.times(ray)
        held &= _within(ray, program.free, frozenset())
        held &= _within([-a for a in change], frozenset(), program.equalities)
        held &= _dot(program.objective, ray) < 0
    if y is not None:
        costs = program.transposed_times(y)
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
