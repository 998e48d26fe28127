"""Vectors that have a name."""

from fractions import Fraction

from certify.numbers.rationals import Rows, Vector, dot


def units(dimension: int) -> Rows:
    """Return the unit vectors e_1 to e_d."""
    places = range(dimension)
    return tuple(tuple(Fraction(i == k) for k in places) for i in places)


def square(v: Vector) -> Fraction:
    """Return |v|^2."""
    return dot(v, v)
