"""The exact maximum margin: ours, and a float solver followed by the KKT system in fractions."""

import functools
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from benchmarks import mnist
from benchmarks.measure import Case, Job

_SIZES = ((40, 8), (200, 20), (1000, 50), (4000, 200))
_MNIST = "MNIST 0 and 1: 12665 x 784"
# Multipliers below this part of the largest count as zero; Clarabel's own tolerance is 1e-8.
_SUPPORT = 1e-5

Solve = Callable[[list[list[int]]], Sequence[Fraction]]


def cases() -> list[Case]:
    """Return all contenders on separable integer points of growing size, and on real images."""
    sizes = [(f"{n} x {d}", n * d, functools.partial(_points, n, d)) for n, d in _SIZES]
    sizes.append((_MNIST, 12665 * 784, functools.partial(mnist.pair, 0, 1)))
    contenders = {
        "certify": _certify,
        "certify, and checked": _checked,
        "cvxpy, then fractions": functools.partial(_cvxpy, _fractions),
        "cvxpy, then SymPy": functools.partial(_cvxpy, _sympy),
    }
    return [
        Case("max_margin", size, parameter, name, functools.partial(run, data))
        for size, parameter, data in sizes
        for name, run in contenders.items()
    ]


@functools.cache
def _points(n: int, d: int) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Return integer points of both labels with a gap between them.

    Their range is wide, so that no two points are at the same distance by chance: with ties the
    contenders that solve the system of a guessed support find it singular.
    """
    rng = np.random.default_rng([n, d])
    y = np.where(rng.integers(0, 2, n) == 1, 1, -1)
    X = rng.integers(-(10**6), 10**6 + 1, (n, d))
    X[:, 0] = y * (10**5 + np.abs(X[:, 0]))
    return X, y


def _certify(data: Callable[[], tuple[Any, Any]]) -> Fraction:
    from certify import max_margin

    answer = max_margin(*data())
    assert answer.separable
    return answer.margin_squared


def _checked(data: Callable[[], tuple[Any, Any]]) -> Fraction:
    from certify import max_margin
    from certify.checking import checker

    answer = max_margin(*data())
    checker.check(checker.parse(answer.certificate.line()))
    assert answer.separable
    return answer.margin_squared


def _cvxpy(solve: Solve, data: Callable[[], tuple[Any, Any]]) -> Fraction:
    """Guess the support with Clarabel, solve its KKT system exactly, compare every point."""
    import cvxpy

    X, y = data()
    w, b = cvxpy.Variable(X.shape[1]), cvxpy.Variable()
    # In units of the largest coordinate: the solver's tolerances are absolute.
    constraint = cvxpy.multiply(y, (X / np.abs(X).max()) @ w + b) >= 1
    cvxpy.Problem(cvxpy.Minimize(cvxpy.sum_squares(w)), [constraint]).solve(solver=cvxpy.CLARABEL)
    multipliers = constraint.dual_value
    support = np.flatnonzero(multipliers > _SUPPORT * multipliers.max())
    signed = X[support].astype(np.int64) * y[support, None]
    gram, k = signed @ signed.T, len(support)
    rows = [[*map(int, gram[i]), int(y[support[i]]), 1] for i in range(k)]
    rows.append([*map(int, y[support]), 0, 0])
    *a, b_exact = solve(rows)
    normal = [sum((m * int(x) for m, x in zip(a, c, strict=True)), Fraction(0)) for c in signed.T]
    if min(a) < 0:
        raise ArithmeticError("the guessed support has a negative multiplier")
    for x, label in zip(X.tolist(), y.tolist(), strict=True):
        if label * (sum(c * p for c, p in zip(normal, x, strict=True)) + b_exact) < 1:
            raise ArithmeticError("the guessed support leaves a point inside the margin")
    return 1 / sum((c * c for c in normal), Fraction(0))


def _fractions(rows: list[list[int]]) -> list[Fraction]:
    """Solve by elimination; the right side is the last column."""
    matrix = [[Fraction(x) for x in row] for row in rows]
    n = len(matrix)
    for k in range(n):
        pivot = next(i for i in range(k, n) if matrix[i][k])
        matrix[k], matrix[pivot] = matrix[pivot], matrix[k]
        matrix[k] = [x / matrix[k][k] for x in matrix[k]]
        for i in range(n):
            if i != k and (factor := matrix[i][k]):
                matrix[i] = [p - factor * q for p, q in zip(matrix[i], matrix[k], strict=True)]
    return [row[-1] for row in matrix]


def _sympy(rows: list[list[int]]) -> list[Fraction]:
    from sympy import QQ
    from sympy.polys.matrices import DomainMatrix

    n = len(rows)
    matrix = DomainMatrix([[QQ(x) for x in row[:-1]] for row in rows], (n, n), QQ)
    right_side = DomainMatrix([[QQ(row[-1])] for row in rows], (n, 1), QQ)
    solution = matrix.lu_solve(right_side).to_list_flat()
    return [Fraction(int(x.numerator), int(x.denominator)) for x in solution]


JOB = Job(
    "max_margin",
    "How long does the exact maximum-margin rule take, with its certificate?",
    "The guess in floats costs a few passes over the points, and the exact step is one system of "
    "the size of the support, which hardly grows with the number of points. Peers spend their time "
    "in the convex solver when points are many and in fractions when the support is large; they "
    "stop with an error where the guessed support is not the exact one.",
    cases,
    counted="entries N d of the points",
)
