"""The exact simplex method on ``min c·x, A x + s = b``, warm-started from any basis.

A variable is *free* or nonnegative, a row is an *equality* (its slack s_i is zero) or an
inequality (s_i >= 0). Slacks stay implicit: a basis names its tight rows R and its basic columns J
with the kernel A[R, J] square and nonsingular, so every linear system that is solved has the size
of the kernel, however many rows or columns the program has.

All arithmetic is python-flint's rational arithmetic. Every path ends: progress is strict or Bland's
rule is in force (R. G. Bland, "New finite pivoting rules for the simplex method", 1977).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal, NamedTuple, TypeAlias

from flint import fmpq, fmpq_mat, fmpz, fmpz_mat, nmod_mat

from certify.numbers.elimination import independent_columns, primes

Status: TypeAlias = Literal["optimal", "infeasible", "unbounded"]
Numbers: TypeAlias = list[fmpq]
_Move: TypeAlias = tuple[int, fmpq]

_ZERO, _ONE = fmpq(0), fmpq(1)
# Products of integers are several times faster than those of fractions, unless the denominator that
# all entries have in common is much longer than their own ones.
_COMMON_BITS = 512


class Basis(NamedTuple):
    """Tight rows and basic columns, equally many; or a guess of them, which may be anything.

    ``blocked`` belongs to guesses only: a basic variable, slack i numbered after the columns, that
    the rest of its row of the tableau may keep below zero, so that the program is infeasible.
    """

    rows: Sequence[int]
    columns: Sequence[int]
    blocked: int | None = None


@dataclass(frozen=True)
class Program:
    """Minimise ``objective``·x subject to ``matrix`` x <= ``right_side``, with = on ``equalities``.

    ``matrix`` is m by n, ``objective`` has n entries and ``right_side`` m; ``equalities`` are row
    indices and ``free`` the indices of the variables without sign; all others are nonnegative.
    """

    objective: Numbers
    matrix: fmpq_mat
    right_side: Numbers
    equalities: frozenset[int]
    free: frozenset[int]

    @cached_property
    def transposed(self) -> fmpq_mat:
        """The transposed matrix, n by m."""
        return self.matrix.transpose()

    def times(self, x: Numbers) -> Numbers:
        """Return A x."""
        return _product(self.matrix, self._whole, x)

    def transposed_times(self, y: Numbers) -> Numbers:
        """Return A^T y."""
        return _product(self.transposed, self._whole_transposed, y)

    def slacks(self, x: Numbers) -> Numbers:
        """Return b - A x."""
        return [b - a for b, a in zip(self.right_side, self.times(x), strict=True)]

    def reduced_costs(self, y: Numbers) -> Numbers:
        """Return c + A^T y."""
        return [c + a for c, a in zip(self.objective, self.transposed_times(y), strict=True)]

    @cached_property
    def _whole(self) -> tuple[fmpz_mat, fmpz]:
        """A as integers over a common denominator."""
        return self.matrix.numer_denom()

    @cached_property
    def _whole_transposed(self) -> tuple[fmpz_mat, fmpz]:
        integers, denominator = self._whole
        return integers.transpose(), denominator

    def kernel(self, basis: Basis) -> fmpq_mat:
        """Return A[R, J]."""
        return _submatrix(self.matrix, basis.rows, basis.columns)


@dataclass(frozen=True)
class Outcome:
    """What :func:`minimise` found.

    "optimal": ``x`` and ``multipliers`` (one per row, y) are a primal and dual optimal pair, with
    c + A^T y zero on free and nonnegative on the other variables, and c·x = -b·y.
    "infeasible": ``multipliers`` y satisfy the same with c = 0, and b·y < 0 (Farkas).
    "unbounded": ``x`` is feasible and ``ray`` a direction of recession along which c·x falls.
    ``pivots`` counts the exact pivots that were needed; ``value`` is c·x, where it is known.
    """

    status: Status
    x: Numbers | None = None
    ray: Numbers | None = None
    multipliers: Numbers | None = None
    pivots: int = 0
    value: fmpq | None = None


class _End(NamedTuple):
    """Where a descent ended: optimal (multipliers), unbounded (ray), or neither when stopped."""

    basis: Basis
    x: Numbers
    pivots: int
    multipliers: Numbers | None = None
    ray: Numbers | None = None


def minimise(program: Program, guess: Basis) -> Outcome:
    """Solve ``program`` exactly; ``guess`` decides only how many pivots that takes.

    Indices in ``guess`` that do not exist are ignored, rows or columns that would make the kernel
    singular are left out, and a blocked variable that is not one costs a solve.
    """
    basis = _starting_basis(program, guess)
    x = _point(program, basis)
    farkas = _contradiction(program, basis, x)
    if farkas is None and guess.blocked is not None:
        farkas = _blocked(program, basis, guess.blocked)
    if farkas is not None:
        return Outcome("infeasible", multipliers=farkas)
    start = _phase_one(program, basis, x)
    if start.multipliers is not None:
        return Outcome("infeasible", multipliers=start.multipliers, pivots=start.pivots)
    end = _descend(program, start.basis, start.x)
    pivots = start.pivots + end.pivots
    if end.ray is not None:
        return Outcome("unbounded", x=end.x, ray=end.ray, pivots=pivots)
    return Outcome("optimal", x=end.x, multipliers=end.multipliers, pivots=pivots)


def _descend(program: Program, basis: Basis, x: Numbers, stop: int | None = None) -> _End:
    """Pivot from the feasible ``basis`` at ``x`` to the end, or until column ``stop`` leaves."""
    columns, slacks = len(x), program.slacks(x)
    progress, pivots = True, 0
    while True:
        tight = set(basis.rows)
        y = _multipliers(program, basis)
        entering = _entering(program, basis, y, progress)
        if entering is None:
            return _End(basis, x, pivots, multipliers=y)
        d = _direction(program, basis, *entering)
        change = program.times(d)
        # Basic variables that shrink, with the step at which they reach zero. A slack is numbered
        # after the columns; equalities are tight, or implied by tight ones and do not change.
        limits = [
            (x[j] / -d[j], j) for j in basis.columns if j not in program.free and d[j] < 0
        ] + [(slacks[i] / a, columns + i) for i, a in enumerate(change) if a > 0 and i not in tight]
        if not limits:
            return _End(basis, x, pivots, ray=d)
        step = min(limits)[0]
        ties = [k for t, k in limits if t == step]
        leaving = stop if stop in ties else min(ties)
        x = [p + step * q for p, q in zip(x, d, strict=True)]
        slacks = [s - step * a for s, a in zip(slacks, change, strict=True)]
        basis = _exchange(basis, entering[0], leaving, columns)
        progress, pivots = step > 0, pivots + 1
        if leaving == stop:
            return _End(basis, x, pivots)


def _entering(program: Program, basis: Basis, y: Numbers, greedy: bool) -> _Move | None:
    """Return a variable outside the basis that lowers the objective, and the sign of its change.

    The steepest one while ``greedy``, which takes far fewer pivots; the first one (Bland's rule)
    after a pivot without progress, so that no sequence of such pivots can cycle.
    """
    basic = set(basis.columns)
    candidates = [
        (abs(r), -j, -r)
        for j, r in enumerate(program.reduced_costs(y))
        if j not in basic and (r < 0 or (r != 0 and j in program.free))
    ]
    first = len(program.objective)
    tight = [i for i in basis.rows if i not in program.equalities]
    candidates += [(-y[i], -first - i, -y[i]) for i in tight if y[i] < 0]
    if not candidates:
        return None
    _, k, gain = max(candidates) if greedy else max(candidates, key=lambda c: c[1])
    return -k, _ONE if gain > 0 else -_ONE


def _direction(program: Program, basis: Basis, entering: int, sign: fmpq) -> Numbers:
    """Return the edge along which ``entering`` moves by ``sign`` and tight rows stay tight."""
    columns = len(program.objective)
    if entering >= columns:
        right_side = [-sign if columns + i == entering else _ZERO for i in basis.rows]
        return _spread(columns, basis.columns, _solve(program.kernel(basis), right_side))
    right_side = [-sign * program.matrix[i, entering] for i in basis.rows]
    direction = _spread(columns, basis.columns, _solve(program.kernel(basis), right_side))
    direction[entering] = sign
    return direction


def _exchange(basis: Basis, entering: int, leaving: int, columns: int) -> Basis:
    """Return the basis after a pivot; slack i is the variable ``columns`` + i."""
    moved = {entering, leaving}
    return Basis(
        sorted(set(basis.rows) ^ {k - columns for k in moved if k >= columns}),
        sorted(set(basis.columns) ^ {k for k in moved if k < columns}),
    )


def _phase_one(program: Program, basis: Basis, x: Numbers) -> _End:
    """Reach a feasible basis from any basis, or return multipliers that prove there is none.

    One artificial variable t >= 0 relaxes exactly the bounds that ``x`` violates, all by t: its
    column is minus the sum of the columns of the violated variables. Exchanging it for the worst
    of them is feasible, and from there t is minimised. At a minimum t > 0 the multipliers are
    Farkas multipliers; once t reaches zero it leaves, and the basis belongs to ``program``.
    """
    columns, slacks = len(x), program.slacks(x)
    violated = [(x[j], j) for j in basis.columns if x[j] < 0 and j not in program.free]
    violated += [(s, columns + i) for i, s in enumerate(slacks) if s < 0]
    if not violated:
        return _End(basis, x, 0)
    worst, leaving = min(violated)
    lifted = _spread(columns + len(slacks), [k for _, k in violated], [_ONE] * len(violated))
    moved = program.times(lifted[:columns])
    artificial = [-a - s for a, s in zip(moved, lifted[columns:], strict=True)]
    transposed = program.transposed.entries() + artificial
    relaxed = replace(
        program,
        objective=[_ZERO] * columns + [_ONE],
        matrix=fmpq_mat(columns + 1, len(slacks), transposed).transpose(),
    )
    start = [v - worst * s for v, s in zip(x, lifted[:columns], strict=True)] + [-worst]
    wide = _exchange(basis, columns, leaving if leaving < columns else leaving + 1, columns + 1)
    end = _descend(relaxed, wide, start, stop=columns)
    return end._replace(x=end.x[:columns], pivots=end.pivots + 1)


def _starting_basis(program: Program, guess: Basis) -> Basis:
    """Return a basis with all independent equalities and as much of ``guess`` as is independent."""
    columns, tight, basic = range(len(program.objective)), set(guess.rows), set(guess.columns)
    whole = Basis(
        sorted(tight.intersection(range(len(program.right_side))) | program.equalities),
        sorted(basic.intersection(columns)),
    )
    if len(whole.rows) == len(whole.columns) and _surely_nonsingular(program.kernel(whole)):
        return whole
    guessed = [j for j in columns if j in basic]
    every = sorted(program.equalities)
    transposed = _submatrix(program.matrix, every, columns).transpose()
    equalities = [every[k] for k in independent_columns(transposed)]
    chosen = independent_columns(_submatrix(program.matrix, equalities, guessed))
    if len(chosen) < len(equalities):
        guessed += [j for j in columns if j not in basic]
        chosen = independent_columns(_submatrix(program.matrix, equalities, guessed))
    first = [guessed[k] for k in chosen]
    rest = basic.difference(first)
    order = first + [j for j in guessed if j in rest]
    inequalities = set(range(len(program.right_side))) - program.equalities
    rows = equalities + sorted(inequalities & tight)
    matrix = _submatrix(program.matrix, rows, order)
    # The equalities and their columns come first and are independent, so all of them are kept.
    return Basis(
        sorted(rows[k] for k in independent_columns(matrix.transpose())),
        sorted(order[k] for k in independent_columns(matrix)),
    )


def _surely_nonsingular(matrix: fmpq_mat) -> bool:
    # A matrix that is nonsingular modulo a prime is nonsingular; the converse may fail.
    integers, _ = matrix.numer_denom()
    return bool(nmod_mat(integers, next(primes())).rank() == matrix.nrows())


def _contradiction(program: Program, basis: Basis, x: Numbers) -> Numbers | None:
    """Return multipliers z with C^T z = 0 and d·z < 0 when the equalities C x = d have no solution.

    ``x`` solves the independent equalities; one that it misses is, on the left side, a combination
    of tight rows, and the difference is the contradiction.
    """
    slacks = program.slacks(x)
    for i in sorted(program.equalities):
        if slacks[i] != 0:
            row = [program.matrix[i, j] for j in basis.columns]
            combination = _solve(program.kernel(basis).transpose(), row)
            z = _spread(len(slacks), basis.rows, combination)
            z[i] = -_ONE
            return z if slacks[i] > 0 else [-value for value in z]
    return None


def _blocked(program: Program, basis: Basis, variable: int) -> Numbers | None:
    """Return Farkas multipliers when the row of a basic variable proves that it is negative.

    The row of the tableau writes the variable as its value at the vertex minus a combination of
    nonbasic ones; when all of these are nonnegative and so are their factors, it never rises.
    """
    i = variable - len(program.objective)
    if i < 0 and variable in basis.columns:
        row = [_ONE if j == variable else _ZERO for j in basis.columns]
    elif 0 <= i < len(program.right_side) and i not in basis.rows:
        row = [-program.matrix[i, j] for j in basis.columns]
    else:
        return None
    values = _solve(program.kernel(basis).transpose(), row)
    y = _spread(len(program.right_side), basis.rows, values)
    if i >= 0:
        y[i] = _ONE
    costs = program.transposed_times(y)
    proves = (
        sum((p * q for p, q in zip(program.right_side, y, strict=True)), _ZERO) < 0
        and all(v >= 0 for k, v in enumerate(y) if k not in program.equalities)
        and all(v == 0 if j in program.free else v >= 0 for j, v in enumerate(costs))
    )
    return y if proves else None


def _point(program: Program, basis: Basis) -> Numbers:
    """Return the vertex of ``basis``: tight rows are equations and nonbasic variables zero."""
    right_side = [program.right_side[i] for i in basis.rows]
    values = _solve(program.kernel(basis), right_side)
    return _spread(len(program.objective), basis.columns, values)


def _multipliers(program: Program, basis: Basis) -> Numbers:
    """Return y, zero off the tight rows, whose reduced costs vanish on the basic columns."""
    costs = [-program.objective[j] for j in basis.columns]
    values = _solve(program.kernel(basis).transpose(), costs)
    return _spread(len(program.right_side), basis.rows, values)


def _product(matrix: fmpq_mat, whole: tuple[fmpz_mat, fmpz], vector: Numbers) -> Numbers:
    integers, denominator = whole
    column = fmpq_mat(len(vector), 1, vector)
    if denominator.bit_length() > _COMMON_BITS:
        return (matrix * column).entries()
    numerators, scale = column.numer_denom()
    return (fmpq_mat(integers * numerators) * fmpq(1, denominator * scale)).entries()


def _solve(matrix: fmpq_mat, right_side: Numbers) -> Numbers:
    return matrix.solve(fmpq_mat(len(right_side), 1, right_side)).entries()


def _spread(length: int, indices: Sequence[int], values: Numbers) -> Numbers:
    """Return the vector with ``values`` at ``indices`` and zeros elsewhere."""
    vector = [_ZERO] * length
    for k, value in zip(indices, values, strict=True):
        vector[k] = value
    return vector


def _submatrix(matrix: fmpq_mat, rows: Sequence[int], columns: Sequence[int]) -> fmpq_mat:
    return fmpq_mat(len(rows), len(columns), [matrix[i, j] for i in rows for j in columns])
