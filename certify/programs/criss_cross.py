"""A float basis for small linear programs, cheaper than calling a solver for them.

The criss-cross method on a dense table, with the largest violation of primal or dual feasibility
next (T. Terlaky, "A convergent criss-cross method", 1985, takes the first one instead). It needs no
feasible start and no phases. With that choice and in floats nothing guarantees its end, so pivots
are limited: what it returns is a guess, which :func:`certify.programs.simplex.minimise` completes.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from certify.programs.simplex import Basis

_TOLERANCE = 1e-9
_Table = list[list[float]]


def criss_cross(
    costs: Sequence[float],
    matrix: Sequence[Sequence[float]],
    right_side: Sequence[float],
    equalities: Collection[int],
    free: Collection[int],
) -> Basis:
    """Return a basis for min c·x, A x <= b, meant to be optimal or to show why none is.

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
