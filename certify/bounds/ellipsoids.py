"""What an ellipsoid around the values of a node takes from a sum of their positive parts, exactly.

The numbers are those of the rule ``no-counterexample`` of the checker, computed for many rows
together.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from certify.bounds.regions import Ellipsoid, Region
from certify.bounds.unrounded import Array, objects


def ellipsoid(read: Any) -> Ellipsoid:
    """Return an ellipsoid as the checker has read it."""
    centers, divisor = read.center
    return Ellipsoid(read.node, read.spreads, centers, divisor, read.size)


def curved(
    region: Region, a: Array, curves: Sequence[Any], lower: Array, upper: Array
) -> tuple[Array, Array]:
    """Return sums of what a relu reads, and constants, that are not larger than sums a of it.

    Rows (rows, size) in units of 2^-g; curves are those of leaves, and bounds those of the parts.
    """
    ball = region.ellipsoid
    assert ball
    a, lower, upper = map(objects, (a, lower, upper))
    curve = np.array(curves, dtype=object) * (1 << region.grid - region.bits)
    k, slopes = curve[:, :1], curve[:, 1:]
    n, s = (np.array(x, dtype=object) for x in (ball.centers, ball.spreads))
    q, zero = ball.divisor, lower * 0

    def least(b: Array, first: Array, last: Array) -> Array:
        """Return the least b z + k (z - c)^2 / s for z from first to last, rounded down."""
        y, end = q * first - n, q * last - n
        bsq = b * s * q
        inside = (2 * k * y <= -bsq) & (-bsq <= 2 * k * end)
        y = np.where(-bsq < 2 * k * y, y, end)
        found: Array = np.where(
            inside,
            (4 * k * b * n - b * bsq) // (4 * k * q),
            (bsq * (y + n) + k * y * y) // (s * q * q),
        )
        return found

    below = least(-slopes, lower, np.minimum(upper, zero))
    above = least(a - slopes, np.maximum(lower, zero), upper)
    both = np.where(lower > 0, above, np.where(upper < 0, below, np.minimum(below, above)))
    constants = both.sum(axis=1) + (-k[:, 0] * ball.size >> region.grid)
    return slopes, constants
