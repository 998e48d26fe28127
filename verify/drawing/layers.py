"""Softmax layers with small integers, and layers whose regions have a planted shape."""

from collections.abc import Sequence
from fractions import Fraction
from random import Random

from certify.numbers.rationals import Vector, combine, dot
from verify.drawing import numbers
from verify.objects import SoftmaxHead

LARGEST_INTEGER = 3


def small_vector(rng: Random, dimension: int) -> Vector:
    """Return a vector of integers between -3 and 3."""
    return tuple(Fraction(rng.randint(-LARGEST_INTEGER, LARGEST_INTEGER)) for _ in range(dimension))


def small_head(rng: Random, features: int, classes: int) -> SoftmaxHead:
    """Return a layer of the given shape with integers between -3 and 3, nothing planted."""
    columns = [small_vector(rng, features) for _ in range(classes)]
    return of_columns(columns, small_vector(rng, classes))


def of_columns(columns: Sequence[Vector], bias: Sequence[Fraction]) -> SoftmaxHead:
    """Return the layer with the given class weights w_1, ..., w_m."""
    return SoftmaxHead(tuple(zip(*columns, strict=True)), tuple(bias))


def with_all_regions(rng: Random, columns: Sequence[Vector]) -> SoftmaxHead:
    """Return a layer with these class weights, all different, each region having interior.

    With b_i = -w_i.w_i / 2 the class of h is the nearest weight vector, and around w_i the gap to
    class j is |w_i - w_j|^2 / 2. Shifts of the features and small changes of b keep the interiors.
    """
    nearest = min(
        dot(v, v)
        for i, p in enumerate(columns)
        for q in columns[:i]
        for v in [combine((1, p), (-1, q))]
    )
    shift = numbers.vector(rng, len(columns[0]))
    slack = [nearest * Fraction(rng.randint(-3, 3), 16) for _ in columns]
    bias = [dot(w, shift) - dot(w, w) / 2 + e for w, e in zip(columns, slack, strict=True)]
    return of_columns(columns, bias)


def with_bounded_region(rng: Random, features: int) -> SoftmaxHead:
    """Return a layer with a planted bounded region of class 0, which contains a ball.

    The other weights lie around w_0: a basis, one vector against all of it, and an optional extra.
    """
    centre = numbers.vector(rng, features)
    basis = [
        tuple(numbers.positive(rng) if k == j else Fraction(0) for k in range(features))
        for j in range(features)
    ]
    against = combine(*((-numbers.positive(rng), e) for e in basis))
    offsets = [*basis, against, *numbers.vectors(rng, rng.randint(0, 1), features)]
    columns = [centre, *(combine((1, centre), (1, v)) for v in offsets)]
    return of_columns(columns, [numbers.positive(rng), *([Fraction(0)] * len(offsets))])


def distinct(columns: Sequence[Vector]) -> bool:
    """Return whether no vector occurs twice."""
    return len(set(columns)) == len(columns)
