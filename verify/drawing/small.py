"""Tiny integer objects for searches: few points with small numbers, that shrink well."""

from fractions import Fraction
from random import Random

from certify.numbers.rationals import Vector
from verify.objects import LabelledSet, LinearRule

LARGEST = 3


def integer(rng: Random, largest: int = LARGEST) -> Fraction:
    """Return an integer between -largest and largest."""
    return Fraction(rng.randint(-largest, largest))


def vector(rng: Random, dimension: int, largest: int = LARGEST) -> Vector:
    """Return a vector of small integers."""
    return tuple(integer(rng, largest) for _ in range(dimension))


def rule(rng: Random, dimension: int, largest: int = LARGEST, zero: int = 0) -> LinearRule:
    """Return a linear rule with small integer weights, possibly a constant one."""
    return LinearRule(vector(rng, dimension, largest), integer(rng, largest), zero)


def labelled_set(rng: Random, dimension: int, points: int, largest: int = LARGEST) -> LabelledSet:
    """Return points with small integer coordinates and any labels."""
    return LabelledSet(
        tuple(vector(rng, dimension, largest) for _ in range(points)),
        tuple(rng.choice((-1, 1)) for _ in range(points)),
    )


def both_labels(rng: Random, dimension: int, points: int) -> LabelledSet:
    """Return points with small integer coordinates, the first labelled +1 and the second -1."""
    drawn = labelled_set(rng, dimension, points)
    return LabelledSet(drawn.points, (1, -1, *drawn.labels[2:]))
