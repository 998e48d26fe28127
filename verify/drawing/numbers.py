"""Small random rationals: short numerals keep every printed proof readable."""

from fractions import Fraction
from random import Random

from certify.numbers.rationals import Rows, Vector

LARGEST = 6  # numerators range over -6..6 ...
DENOMINATORS = (1, 1, 1, 2, 3, 4)  # ... and most numbers are integers


def number(rng: Random) -> Fraction:
    """Return a rational between -6 and 6 with denominator at most 4."""
    return Fraction(rng.randint(-LARGEST, LARGEST), rng.choice(DENOMINATORS))


def positive(rng: Random) -> Fraction:
    """Return a positive rational, at most 6."""
    return Fraction(rng.randint(1, LARGEST), rng.choice(DENOMINATORS))


def vector(rng: Random, dimension: int) -> Vector:
    """Return a vector of small rationals."""
    return tuple(number(rng) for _ in range(dimension))


def nonzero_vector(rng: Random, dimension: int) -> Vector:
    """Return a vector with at least one nonzero entry."""
    entries = list(vector(rng, dimension))
    if not any(entries):
        entries[rng.randrange(dimension)] = positive(rng)
    return tuple(entries)


def vectors(rng: Random, count: int, dimension: int) -> Rows:
    """Return several vectors."""
    return tuple(vector(rng, dimension) for _ in range(count))


def convex_weights(rng: Random, count: int) -> Vector:
    """Return nonnegative weights that sum to one, some of them zero."""
    weights = [Fraction(rng.choice((0, 1, 1, 2, 3))) for _ in range(count)]
    if not any(weights):
        weights[rng.randrange(count)] = Fraction(1)
    total = sum(weights)
    return tuple(w / total for w in weights)
