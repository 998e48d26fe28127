"""Parts on which a network is affine, decided in floats by one linear program."""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import linprog


@dataclass(frozen=True)
class Optimum:
    """The least t such that A x + b <= t in some rows and E x + f >= -t in others, in a box.

    A point ``x`` of it, and multipliers >= 0 of the rows, whose sum is 1: with them the bound t is
    proved.
    """

    value: float
    x: np.ndarray
    weights: np.ndarray
    ties: np.ndarray


def optimum(
    rows: np.ndarray,
    constants: np.ndarray,
    constraints: np.ndarray,
    offsets: np.ndarray,
    lower: np.ndarray,
    upper: np.ndarray,
) -> Optimum | None:
    """Return the optimum, or None where the solver gives none."""
    table = np.vstack([rows, -constraints])
    found = linprog(
        [*np.zeros(len(lower)), 1.0],
        A_ub=np.hstack([table, -np.ones((len(table), 1))]),
        b_ub=np.concatenate([-constants, offsets]),
        bounds=[*zip(lower, upper, strict=True), (None, None)],
        method="highs",
    )
    if found.status:
        return None
    multipliers = np.maximum(-found.ineqlin.marginals, 0)
    return Optimum(
        float(found.fun), found.x[:-1], multipliers[: len(rows)], multipliers[len(rows) :]
    )
