"""Softmax heads of every shape, with planted rank deficiencies."""

from fractions import Fraction
from random import Random

from certify.numbers.rationals import Vector, combine
from verify.drawing import numbers
from verify.objects import SoftmaxHead

WIDE = "l > m"
SQUARE = "l = m"
NARROW = "l < m"
EQUAL = "equal classes"
DEPENDENT = "rank-deficient differences"
SCALED = "coordinates of very different size"
CASES = (WIDE, SQUARE, NARROW, EQUAL, DEPENDENT, SCALED)

LARGEST = 6
SCALE = 10**9


def softmax_head(rng: Random, case: str) -> SoftmaxHead:
    """Return a head of the named case with at most 6 features and 5 classes, at least 2."""
    m = rng.randint(2, LARGEST - 1)
    if case == NARROW:
        features = rng.randint(1, m - 1)
    elif case == SQUARE:
        features = m
    else:
        features = rng.randint(m + 1, LARGEST) if m < LARGEST else LARGEST
    columns = [numbers.vector(rng, features) for _ in range(m)]
    if case == EQUAL:
        columns[rng.randrange(m - 1)] = columns[-1]
    if case == DEPENDENT:
        columns = _in_an_affine_plane(rng, features, m)
    if case == SCALED:
        factors = [Fraction(SCALE) ** rng.randint(-1, 1) for _ in range(features)]
        columns = [tuple(f * x for f, x in zip(factors, w, strict=True)) for w in columns]
    return SoftmaxHead(tuple(zip(*columns, strict=True)), numbers.vector(rng, m))


def head_with_directions(rng: Random, case: str) -> SoftmaxHead:
    """Return a head with an invariant direction: in the narrow case the classes are collinear."""
    if case != NARROW:
        return softmax_head(rng, case)
    m = rng.randint(3, LARGEST - 1)
    features = rng.randint(2, m - 1)
    columns = _in_an_affine_plane(rng, features, m, directions=1)
    return SoftmaxHead(tuple(zip(*columns, strict=True)), numbers.vector(rng, m))


def _in_an_affine_plane(
    rng: Random, features: int, classes: int, directions: int | None = None
) -> list[Vector]:
    """Class weights whose differences span fewer dimensions than the shape allows."""
    span = min(features, classes - 1)
    count = directions if directions is not None else rng.randint(0, span - 1)
    base = numbers.vector(rng, features)
    spanning = [numbers.vector(rng, features) for _ in range(count)]
    return [
        combine((1, base), *((numbers.number(rng), s) for s in spanning)) for _ in range(classes)
    ]
