"""Soft-margin separators in floats: guesses of what the exact methods then decide.

Minimising |w|^2 / 2 + C/2 * sum max(0, 1 - y_i (w.x_i + b))^2 for growing C tells two things. On
separable points w tends to the max-margin rule and C times the slacks to its multipliers. On
inseparable points the slacks themselves tend to multipliers with sum s_i y_i (x_i, 1) = 0, because
that is what a vanishing gradient says as C grows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

Array: TypeAlias = np.ndarray[Any, Any]

_PENALTIES = [10.0**k for k in (1, 2, 4, 6, 8, 10, 12)]
_MOST_STEPS = 60  # of Newton's method for each C; it takes 5 to 20
_SAMPLE = 3  # the first C is tried on this many points for each coordinate


@dataclass(frozen=True)
class SoftMargin:
    """One point of the path: the normal in the units of the data, margins and slacks."""

    normal: Array
    margins: Array
    penalty: float

    @property
    def slacks(self) -> Array:
        """How much each point lacks to margin 1; proportional to the multipliers."""
        slacks: Array = np.maximum(0.0, 1.0 - self.margins)
        return slacks


def soft_margins(X: Array, y: Array, bias: bool) -> Iterator[SoftMargin]:
    """Yield soft-margin rules for growing C; floats throughout, so nothing here is exact.

    ``X`` has shape (points, dimension), ``y`` holds -1 and +1. Ends early when floats fail, in
    whatever way: a linear system is singular or overflows, or there is no memory for it.
    """
    try:
        yield from _path(X, y, bias)
    except Exception:
        return


def _path(X: Array, y: Array, bias: bool) -> Iterator[SoftMargin]:
    center = X.mean(axis=0) if bias else np.zeros(X.shape[1])
    with np.errstate(over="ignore", invalid="ignore"):
        size = float(np.sqrt(np.max(np.einsum("ij,ij->i", X - center, X - center))))
    if not 0 < size < np.inf:
        return
    Z = np.empty((X.shape[0], X.shape[1] + bias))
    np.subtract(X, center, out=Z[:, : X.shape[1]])
    Z[:, : X.shape[1]] *= (y / size)[:, None]
    if bias:
        Z[:, -1] = y
    w = np.zeros(Z.shape[1])
    few = _SAMPLE * Z.shape[1]
    if len(Z) > 2 * few:
        sample = np.random.default_rng(0).choice(len(Z), few, replace=False)
        w = _minimise(Z[sample], bias, _PENALTIES[0], w)
    for penalty in _PENALTIES:
        w = _minimise(Z, bias, penalty, w)
        yield SoftMargin(w[: X.shape[1]] / size, Z @ w, penalty)


def _minimise(Z: Array, bias: bool, C: float, w: Array) -> Array:
    """Newton's method; the objective is piecewise quadratic, so it ends in finitely many steps."""
    weight = np.ones(Z.shape[1])
    if bias:
        weight[-1] = 0.0
    margins = Z @ w
    for _ in range(_MOST_STEPS):
        active = margins < 1
        if not active.any():
            break
        p = _newton(Z[active], bias, C, w, weight, margins[active])
        q = Z @ p
        t = _line_search(margins, q, C, float((weight * w) @ p), float((weight * p) @ p))
        w, margins = w + t * p, margins + t * q
        if abs(t - 1) < 1e-9 and np.array_equal(margins < 1, active):
            break
    return w


def _newton(A: Array, bias: bool, C: float, w: Array, weight: Array, margins: Array) -> Array:
    """Return the step to the minimum of the quadratic piece whose active rows are ``A``."""
    k, n = A.shape
    if k >= n:
        hessian = C * (A.T @ A)
        hessian[np.diag_indices(n)] += weight
        step: Array = np.linalg.solve(hessian, C * (A.T @ (1 - margins)) - weight * w)
        return step
    # With few active rows the multipliers are the better conditioned unknowns.
    points = A[:, :-1] if bias else A
    system = np.zeros((k + bias, k + bias))
    system[:k, :k] = points @ points.T
    system[np.diag_indices(k)] += 1 / C
    right_side = np.ones(k + bias)
    if bias:
        system[:k, k] = system[k, :k] = A[:, -1]
        right_side[k] = 0.0
    solution = np.linalg.solve(system, right_side)
    target: Array = points.T @ solution[:k]
    return np.append(target, solution[k:]) - w


def _line_search(margins: Array, q: Array, C: float, wp: float, pp: float) -> float:
    """Return t > 0 where the objective along a descent direction is smallest."""

    def slope(t: float) -> float:
        moved = margins + t * q
        return wp + t * pp - C * float(q @ np.maximum(0.0, 1 - moved))

    start = abs(slope(0.0))
    low, high = 0.0, 1.0
    if abs(slope(1.0)) <= 1e-9 * start:
        return 1.0
    while slope(high) < 0 and high < 1e6:
        low, high = high, 2 * high
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (middle, high) if slope(middle) < 0 else (low, middle)
    return (low + high) / 2
