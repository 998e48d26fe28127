"""Floats of a search as exact numbers."""

from fractions import Fraction

from torch import Tensor

from certify.bounds.question import Box
from certify.numbers.rationals import Vector


def inside(box: Box, point: Tensor) -> Vector:
    """Return the point of a box that is nearest to one in floats, which is taken as it is.

    Sides of the box that floats round to the same numbers are the sides.
    """
    found = []
    for low, x, high in zip(box.lower, point.tolist(), box.upper, strict=True):
        side = next((end for end in (low, high) if float(end) == x), Fraction(x))
        found.append(max(low, min(side, high)))
    return tuple(found)
