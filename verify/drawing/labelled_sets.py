"""Linearly separable labelled sets, degenerate ones on purpose.

Points are constructed around a planted hyperplane, never filtered: every draw is separable.
"""

from fractions import Fraction
from random import Random

from certify.numbers.rationals import Vector, combine, dot
from verify.drawing import numbers
from verify.objects import LabelledSet

GENERIC = "generic"
REPEATED = "repeated points"
COLLINEAR = "collinear points"
SINGLE = "one-point classes"
TIED = "tied support sets"
SCALED = "coordinates of very different size"
CASES = (GENERIC, REPEATED, COLLINEAR, SINGLE, TIED, SCALED)

LARGEST_DIMENSION, LARGEST_CLASS = 4, 5
SCALE = 10**9


def separable_set(rng: Random, case: str) -> LabelledSet:
    """Return a strictly separable set with both labels, of the named case, in dimension 1 to 4."""
    d = rng.randint(1, LARGEST_DIMENSION)
    normal = numbers.nonzero_vector(rng, d)
    largest = 1 if case == SINGLE else LARGEST_CLASS
    sizes = [rng.randint(1, largest) for _ in range(2)]
    if case == COLLINEAR:
        points = _on_a_line(rng, normal, sizes)
    elif case == TIED:
        points = _mirrored(rng, normal, sizes[0] + 1)
    else:
        points = _around(rng, normal, sizes)
    if case == REPEATED:
        points += [rng.choice(points) for _ in range(rng.randint(1, 3))]
    if case == SCALED:
        factors = [Fraction(SCALE) ** rng.randint(-1, 1) for _ in range(d)]
        points = [(tuple(f * c for f, c in zip(factors, x, strict=True)), y) for x, y in points]
    rng.shuffle(points)
    return LabelledSet(tuple(x for x, _ in points), tuple(y for _, y in points))


def pair_of_indices(rng: Random, data: LabelledSet) -> tuple[int, int]:
    """Return the index of a point labelled +1 and that of one labelled -1."""
    sides = ([i for i, y in enumerate(data.labels) if y == side] for side in (1, -1))
    positive, negative = map(rng.choice, sides)
    return positive, negative


def _around(rng: Random, normal: Vector, sizes: list[int]) -> list[tuple[Vector, int]]:
    """Push points along the normal to their side of the planted hyperplane w.x = c."""
    offset = numbers.number(rng)
    points = []
    for y, size in zip((1, -1), sizes, strict=True):
        for _ in range(size):
            x = numbers.vector(rng, len(normal))
            excess = y * (dot(normal, x) - offset)
            if excess <= 0:
                push = y * (numbers.positive(rng) - excess) / dot(normal, normal)
                x = combine((1, x), (push, normal))
            points.append((x, y))
    return points


def _on_a_line(rng: Random, direction: Vector, sizes: list[int]) -> list[tuple[Vector, int]]:
    origin = numbers.vector(rng, len(direction))
    points = []
    for y, size in zip((1, -1), sizes, strict=True):
        for _ in range(size):
            points.append((combine((1, origin), (y * numbers.positive(rng), direction)), y))
    return points


def _mirrored(rng: Random, normal: Vector, pairs: int) -> list[tuple[Vector, int]]:
    """Pairs x + n, x - n with x on one hyperplane: each pair alone is a support set."""
    points = []
    for _ in range(pairs):
        x = numbers.vector(rng, len(normal))
        foot = combine((1, x), (-dot(normal, x) / dot(normal, normal), normal))
        points += [(combine((1, foot), (y, normal)), y) for y in (1, -1)]
    return points
