"""From the numbers that a user has to those in [0, 1] that are attacked, and back.

Pixels have one scale, and so one range; features of a table have each its own. A radius is then a
share of the range, whatever the units of the data.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np

from certify.errors import InputError

DEPTHS = (16, 255)  # greatest values of pixels that are whole numbers


@dataclass(frozen=True, eq=False)
class Ranges:
    """The user's numbers x = least + width * u of numbers u in [0, 1].

    least, width  float64 (d,), or (1,) where all pixels have the same; widths are positive
    """

    least: np.ndarray
    width: np.ndarray

    @classmethod
    def pixels(cls, top: int) -> Self:
        """Return the ranges of pixels from 0 to ``top``."""
        return cls(np.zeros(1), np.full(1, float(top)))

    def back(self, shares: np.ndarray) -> np.ndarray:
        """Return the user's numbers, float64 (n, d), of shares in [0, 1] up to their rounding."""
        return np.asarray(self.least + self.width * shares.astype(np.float64))

    def unit(self, rows: np.ndarray) -> np.ndarray:
        """Return the float32 next to (x - least) / width, for rows x (n, d) between the ends."""
        shares = (rows.astype(np.float64) - self.least) / self.width
        return np.asarray(shares.clip(0.0, 1.0).astype(np.float32))


AS_GIVEN = Ranges.pixels(1)


def limits(X: np.ndarray, *, images: bool) -> int | None:
    """Return the greatest value of pixels, 1, 16 or 255, None for numbers that are none.

    Any numbers from 0 to 1 may be; whole ones up to more than half of 16 or 255 if they make up
    ``images``.
    """
    low, high = float(X.min()), float(X.max())
    if low >= 0 and high <= 1:
        return 1
    if images and low >= 0 and bool((np.floor(X) == X).all()):
        return next((top for top in DEPTHS if top / 2 < high <= top), None)
    return None


def in_unit(rows: np.ndarray, shape: tuple[int, ...]) -> tuple[np.ndarray, Ranges, str]:
    """Return finite rows (n, d) as float32 in [0, 1], their ranges, and in words what was done.

    Numbers in [0, 1] stay as they are but for rounding, and whole pixels are divided by the largest
    possible. Other pixels have one range, from the least to the greatest of all; of a table, each
    feature is brought to [0, 1] by its own range over the rows. ``shape`` is that of one example:
    with one axis it is a row of a table, however many columns this has.

    >>> in_unit(np.array([[2.0, 7.0], [4.0, 7.0], [3.0, 7.0]]), (2,))[0].tolist()
    [[0.0, 0.0], [1.0, 0.0], [0.5, 0.0]]
    """
    top = limits(rows, images=len(shape) > 1)
    if top is not None:
        ranges = Ranges.pixels(top)
        pixels = np.divide(rows, top, dtype=np.float32) if top > 1 else rows.astype(np.float32)
        if top > 1:
            return pixels, ranges, f"divided by {top}"
        return pixels, ranges, "as they were given" + " (rounded)" * bool((pixels != rows).any())
    axis = None if len(shape) > 1 else 0
    low, high = (np.atleast_1d(f(axis=axis)).astype(np.float64) for f in (rows.min, rows.max))
    with np.errstate(over="ignore"):
        width = high - low
    if not np.isfinite(width).all():
        raise InputError("X", expected="numbers whose range floats hold", got="a longer one")
    ranges = Ranges(low, np.where(width > 0.0, width, 1.0))
    if axis is None:
        said = f"brought to [0, 1] by their range, {low[0]:g} to {high[0]:g}"
    else:
        said = (
            "each feature brought to [0, 1] by its range over the data, "
            f"the first by {low[0]:g} to {high[0]:g}"
        )
    return ranges.unit(rows), ranges, f"{said} (rounded)"


def is_square(size: int) -> bool:
    """Tell whether so many numbers may be a flat image: a square of more than 3 rows."""
    side = round(size**0.5)
    return bool(side * side == size and side > 3)
