"""Guesses in floats of what the exact methods then decide: rules, multipliers, combinations.

A soft margin says on which side the points fall, nonnegative least squares which points carry the
shortest vector, and the slacks of a soft margin which combination of the points vanishes.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import flint
import numpy as np
from scipy.optimize import nnls

from certify.errors import FLOATS_FAIL
from certify.margins.points import LabelledSet
from certify.numbers import rationals
from certify.numbers.elimination import nonsingular_block, primes

Array: TypeAlias = np.ndarray[Any, Any]

# Of the soft margins
_PENALTIES = [10.0**k for k in (1, 2, 4, 6, 8, 10, 12)]
_MOST_STEPS = 60  # of Newton's method for each C; it takes 5 to 20
_SAMPLE = 3  # the first C is tried on this many points for each coordinate
# Of nonnegative least squares
_BALANCE = 1e3  # weight of the condition that both classes have equal weight
# Of vanishing combinations
_BITS = 40  # of a weight that is kept as guessed, below the largest one
_ROUNDS = 30  # of dropping points


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

    Minimising |w|^2 / 2 + C/2 * sum max(0, 1 - y_i (w.x_i + b))^2 for growing C tells two things.
    On separable points w tends to the max-margin rule and C times the slacks to its multipliers. On
    inseparable points the slacks themselves tend to multipliers with sum s_i y_i (x_i, 1) = 0,
    because that is what a vanishing gradient says as C grows.

    ``X`` has shape (points, dimension), ``y`` holds -1 and +1. Ends early when floats fail, in
    whatever way: a linear system is singular or overflows, or there is no memory for it.
    """
    try:
        yield from _path(X, y, bias)
    except FLOATS_FAIL:
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
        p = _newton(Z[active], bias, C, w, weight, margins[active]).reshape(w.shape)
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


def propose_multipliers(X: Array, y: Array, bias: bool) -> Array:
    """Return guessed multipliers of the points, one float >= 0 for each, without any guarantee.

    ``X`` has shape (points, dimension) and ``y`` holds -1 and +1. The multipliers a minimise
    |sum a_i y_i x_i|^2 + (1 - sum a_i)^2, which is the shortest vector of the hull of the y_i x_i
    up to a factor; with a bias sum a_i y_i is held near 0 besides. Nonnegative least squares finds
    them for some thousand numbers in less time than one exact step takes. All are 0 when it fails.
    """
    try:
        multipliers = _least_squares(X, y, bias)
    except FLOATS_FAIL:
        return np.zeros(len(y))
    return multipliers if multipliers.shape == y.shape else np.zeros(len(y))


def _least_squares(X: Array, y: Array, bias: bool) -> Array:
    centred = X - X.mean(axis=0) if bias else X
    size = np.abs(centred).max() or 1.0
    rows = [(centred * y[:, None]).T / size, np.ones((1, len(y)))]
    if bias:
        rows.append(_BALANCE * y[None, :])
    system = np.vstack(rows)
    target = np.zeros(len(system))
    target[X.shape[1]] = 1.0
    multipliers: Array = nnls(system, target)[0]
    return multipliers


def vanishing_combination(points: LabelledSet, guess: Array) -> dict[int, flint.fmpz] | None:
    """Return integers a_i > 0 for some points with sum a_i y_i x_i = 0, or None.

    With a bias also sum a_i y_i = 0. ``guess`` has one float for each point; only points with a
    positive guess are used. None says nothing about the points: the guess may be a bad one.

    The guess has more positive weights than there are equations. All but as many points as the rank
    demands keep their guessed weights, as dyadic rationals; the weights of the others are solved
    for exactly. They come out positive when the guess was good.
    """
    chosen = np.flatnonzero((guess > 0) & np.isfinite(guess))
    if not len(chosen):
        return None
    labels = np.array(points.labels)
    try:
        weights = _refined(
            _lifted(points.floats[chosen], labels[chosen], points.bias), guess[chosen]
        )
    except FLOATS_FAIL:
        return None
    if weights is None:
        return None
    # The heaviest points are solved for: their weights can take up what rounding leaves.
    order = [int(i) for i in np.argsort(-weights, kind="stable") if weights[i] > 0]
    chosen, weights = chosen[order], weights[order]
    kept = np.maximum(1.0, np.round(weights / weights[0] * 2.0**_BITS)).astype(np.int64)
    exact = _complete(points.array[chosen], labels[chosen], points.bias, kept)
    if exact is None:
        return None
    return {int(i): a for i, a in zip(chosen, exact, strict=True)}


def _lifted(rows: Array, labels: Array, bias: bool) -> Array:
    """Return the columns y_i (x_i, 1), as the numbers that the rows are."""
    signed = (rows * labels[:, None]).T
    return np.vstack([signed, labels]) if bias else signed


def _refined(columns: Array, weights: Array) -> Array | None:
    """Move the weights onto the equations, each by as small a part of itself as possible.

    Points that would turn negative are dropped: in the limit their weights vanish.
    """
    weights = weights / weights.max()
    for _ in range(_ROUNDS):
        used = np.flatnonzero(weights)
        scaled = columns[:, used] * weights[used]
        scaled = scaled[np.any(scaled != 0, axis=1)]
        scaled /= np.abs(scaled).max(axis=1, keepdims=True)
        relative = np.linalg.lstsq(scaled, -scaled.sum(axis=1), rcond=None)[0]
        if not np.all(np.isfinite(relative)):
            return None
        if np.all(relative > -1):
            weights[used] *= 1 + relative
            return weights
        weights[used[relative <= -1]] = 0.0
        if not weights.any():
            return None
    return None


def _complete(points: Array, labels: Array, bias: bool, kept: Array) -> Sequence[flint.fmpz] | None:
    """Return multiples of the kept weights with a basis of the columns solved for, if positive."""
    rows, basis = _regular(points, labels, bias)
    fixed = (labels * kept).astype(object)
    fixed[basis] = 0
    moved = (fixed @ points.astype(object)).tolist()
    if bias:
        moved.append(fixed.sum())
    block = rationals.integer_matrix(_lifted(points[basis], labels[basis], bias)[rows])
    solved: Any = block.solve(_column([-moved[i] for i in rows]))
    numerators, scale = solved.numer_denom()
    result = [scale * a for a in kept.tolist()]
    for j, a in zip(basis, numerators.entries(), strict=True):
        result[j] = a
    if any(a <= 0 for a in result):
        return None
    # Rows outside the block follow from it unless the rank is larger than modulo the prime.
    if len(rows) < len(moved):
        whole = rationals.integer_matrix(_lifted(points, labels, bias))
        if any((whole * _column(result)).entries()):
            return None
    return result


def _regular(points: Array, labels: Array, bias: bool) -> tuple[list[int], list[int]]:
    """Return rows and the first columns of a largest block that is regular modulo a prime.

    It is regular then. As a rule so few points as twice the rows hold as many independent ones.
    """
    width = points.shape[1] + bias
    for count in sorted({min(2 * width, len(points)), len(points)}):
        columns = rationals.integer_matrix(_lifted(points[:count], labels[:count], bias))
        rows, basis = nonsingular_block(flint.nmod_mat(columns, next(primes())))
        if len(rows) == width:
            break
    return rows, basis


def _column(entries: Sequence[Any]) -> flint.fmpz_mat:
    return flint.fmpz_mat(len(entries), 1, entries)
