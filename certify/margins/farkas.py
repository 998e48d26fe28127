"""Exact combinations that prove points inseparable, from float guesses of their weights.

The guess has more positive weights than there are equations. All but as many points as the rank
demands keep their guessed weights, as dyadic rationals; the weights of the others are solved for
exactly. They come out positive when the guess was good, and otherwise the guess is of no use.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import flint
import numpy as np

from certify.margins.points import PointSet
from certify.numbers import rationals
from certify.numbers.elimination import pivot_columns, primes

Array: TypeAlias = np.ndarray[Any, Any]

_BITS = 40  # of a weight that is kept as guessed, below the largest one
_ROUNDS = 30  # of dropping points


def vanishing_combination(points: PointSet, guess: Array) -> dict[int, flint.fmpq] | None:
    """Return weights a_i > 0 of some points with sum a_i y_i x_i = 0, or None.

    With a bias also sum a_i y_i = 0. ``guess`` has one float for each point; only points with a
    positive guess are used. None says nothing about the points: the guess may be a bad one.
    """
    chosen = np.flatnonzero((guess > 0) & np.isfinite(guess))
    if not len(chosen):
        return None
    labels = np.array(points.labels)
    try:
        weights = _refined(
            _lifted(points.floats[chosen], labels[chosen], points.bias), guess[chosen]
        )
    except Exception:
        return None  # least squares failed, in whatever way
    if weights is None:
        return None
    # The heaviest points are solved for: their weights can take up what rounding leaves.
    order = [int(i) for i in np.argsort(-weights, kind="stable") if weights[i] > 0]
    chosen, weights = chosen[order], weights[order]
    rows: Array = np.array([points.rows[i] for i in chosen], dtype=points.integers)
    kept = np.maximum(1.0, np.round(weights / weights[0] * 2.0**_BITS)).astype(np.int64)
    exact = _complete(_lifted(rows, labels[chosen], points.bias), kept.tolist())
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


def _complete(columns: Array, kept: list[int]) -> Sequence[flint.fmpq] | None:
    """Return the kept weights with a basis of the columns solved for, or None if not positive."""
    prime = next(primes())
    basis = _independent_columns(columns, prime)
    block = columns[:, basis]
    rows = _independent_columns(block.T, prime)
    rest = sorted(set(range(columns.shape[1])) - set(basis))
    weights = flint.fmpz_mat(len(rest), 1, [kept[j] for j in rest])
    right_side = -(rationals.integer_matrix(columns[np.ix_(rows, rest)]) * weights)
    # The block is regular modulo the prime, so it is regular.
    solved = rationals.integer_matrix(block[rows]).solve(right_side)
    result = [flint.fmpq(a) for a in kept]
    for k, j in enumerate(basis):
        result[j] = flint.fmpq(solved[k, 0])
    if any(a <= 0 for a in result):
        return None
    # Rows outside the block follow from it unless the rank is larger than modulo the prime.
    scale = flint.fmpz(1)
    for a in result:
        scale = scale.lcm(a.q)
    scaled = flint.fmpz_mat(len(result), 1, [(a * scale).p for a in result])
    return None if any((rationals.integer_matrix(columns) * scaled).entries()) else result


def _independent_columns(matrix: Array, prime: int) -> list[int]:
    height, width = matrix.shape
    residues = flint.nmod_mat(height, width, (matrix % prime).ravel().tolist(), prime)
    return pivot_columns(*residues.rref())
