"""The strongest l-infinity adversary of a binary linear score, in closed form."""

from __future__ import annotations

import numpy as np


def linear_optimum(
    weights: np.ndarray, images: np.ndarray, signs: np.ndarray, radius: float
) -> np.ndarray:
    """Return float64 (n, d): in each image's ball and box, a point where y * (w.x) is least.

    weights is (d,), images (n, d) in [0, 1], signs (n,) in {-1, +1}. The feasible set is a product
    of intervals and the score a sum over coordinates, so each coordinate goes to the end of its
    interval that -y * w points to, and no adversary does better; coordinates of weight 0 stay.

    >>> linear_optimum(np.array([2.0, -1.0]), np.array([[0.25, 0.875]]), np.array([1]), 0.25)
    array([[0., 1.]])
    """
    return np.clip(images.astype(np.float64) - radius * np.outer(signs, np.sign(weights)), 0.0, 1.0)
