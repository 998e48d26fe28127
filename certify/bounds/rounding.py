"""Floats of a search as exact numbers."""

from fractions import Fraction

from torch import Tensor

from certify.bounds.question import Box
from certify.numbers.rationals import Vector


def inside(box: Box, point: Tensor) -> Vector:
    """Return the point of a box that is nearest to one in floats, which is taken as it is."""
    sides = zip(box.lower, map(Fraction, point.tolist()), box.upper, strict=True)
    return tuple(max(low, min(x, high)) for low, x, high in sides)
