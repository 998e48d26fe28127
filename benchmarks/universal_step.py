"""The step that each point needs over all separators: all points together, and one by one."""

import functools
from fractions import Fraction
from typing import Any

import numpy as np

from benchmarks.measure import Case, Job

_SIZES = ((10, 2), (50, 5), (100, 8), (200, 10), (400, 10))


def cases() -> list[Case]:
    """Return the contenders on separable integer points of growing number."""
    contenders = {"certify": _certify, "one exact program each": _one_by_one, "SymPy": _sympy}
    return [
        Case("universal_step", f"{n} x {d}", n * d, name, functools.partial(run, n, d))
        for n, d in _SIZES
        for name, run in contenders.items()
    ]


@functools.cache
def _points(n: int, d: int) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    rng = np.random.default_rng([n, d])
    X = rng.integers(-20, 21, (n, d))
    X[:, 0] = np.where(X[:, 0] == 0, 1, X[:, 0])
    return X, np.where(X[:, 0] > 0, 1, -1)


def _certify(n: int, d: int) -> tuple[Fraction | None, ...]:
    from certify import universal_step

    return tuple(p.step for p in universal_step(*_points(n, d)).points)


@functools.cache
def _constraints(n: int, d: int) -> tuple[list[list[int]], list[Fraction]]:
    """Return the rows of sum a_i y_i (x_i, 1) and the right side (u, 0)."""
    from certify import max_margin

    X, y = _points(n, d)
    best = max_margin(X, y)
    assert best.separable
    rows = [*(X.T * y).tolist(), y.tolist()]
    return rows, [*(2 * best.margin_squared * c for c in best.w), Fraction(0)]


def _step(largest: Fraction) -> Fraction | None:
    return 1 / largest if largest else None


def _one_by_one(n: int, d: int) -> tuple[Fraction | None, ...]:
    from certify import linear_program

    steps = []
    for k in range(n):
        objective = [int(i == k) for i in range(n)]
        answer = linear_program(
            objective, equalities=_constraints(n, d), nonnegative=True, maximize=True
        )
        assert answer.value is not None
        steps.append(_step(answer.value))
    return tuple(steps)


def _sympy(n: int, d: int) -> tuple[Fraction | None, ...]:
    from sympy import Matrix, Rational, zeros
    from sympy.solvers.simplex import linprog

    rows, right_side = _constraints(n, d)
    equal = [Rational(c.numerator, c.denominator) for c in right_side]
    steps = []
    for k in range(n):
        costs = [-int(i == k) for i in range(n)]
        # Without any inequality linprog stops with an error, hence 0 <= 0.
        least, _ = linprog(costs, zeros(1, n), [0], Matrix(rows), equal)
        steps.append(_step(Fraction(int(-least.p), int(least.q))))
    return tuple(steps)


JOB = Job(
    "universal_step",
    "Which step along the max-margin direction does each point need, over all separators?",
    "There is one linear program for each point, and all share their constraints: ours starts each "
    "from the basis of the one before and verifies that basis by exact solves of the size of the "
    "dimension, so the time grows little faster than the square of the number of points. Peers "
    "read and solve every program afresh.",
    cases,
    counted="entries N d of the points",
)
