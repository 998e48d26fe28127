"""Two-layer ReLU rules that are right on a labelled set."""

from fractions import Fraction
from random import Random

from certify import max_margin
from certify.numbers.rationals import Vector, combine, dot
from verify.drawing import numbers
from verify.objects import LabelledSet, TwoLayerNetwork

GENERIC = "generic"
REPEATED = "repeated points"
COLLINEAR = "collinear negative points"
SINGLE = "one-point classes"
FACET = "positive points level with a facet"
SCALED = "coordinates of very different size"
CASES = (GENERIC, REPEATED, COLLINEAR, SINGLE, FACET, SCALED)

LARGEST_DIMENSION, LARGEST_CLASS = 3, 4
SCALE = 10**9


def surrounded_set(rng: Random, case: str) -> LabelledSet:
    """Return a labelled set whose positive points lie outside the hull of the negative ones.

    Such sets need not be linearly separable: positive points may lie all around.
    """
    d = rng.randint(1, LARGEST_DIMENSION)
    count = 1 if case == SINGLE else rng.randint(1, LARGEST_CLASS)
    negative = list(numbers.vectors(rng, count, d))
    if case == COLLINEAR:
        direction = numbers.nonzero_vector(rng, d)
        negative = [combine((1, negative[0]), (numbers.number(rng), direction)) for _ in negative]
    points = [(x, -1) for x in negative]
    for _ in range(1 if case == SINGLE else rng.randint(1, LARGEST_CLASS)):
        normal = numbers.nonzero_vector(rng, d)
        base = rng.choice(negative) if case == FACET else numbers.vector(rng, d)
        gap = max(dot(normal, x) for x in negative) + numbers.positive(rng) - dot(normal, base)
        beyond = max(gap, Fraction(0)) / dot(normal, normal)
        points.append((combine((1, base), (beyond, normal)), 1))
    if case == REPEATED:
        points += [rng.choice(points) for _ in range(rng.randint(1, 3))]
    if case == SCALED:
        factors = [Fraction(SCALE) ** rng.randint(-1, 1) for _ in range(d)]
        points = [(tuple(f * c for f, c in zip(factors, x, strict=True)), y) for x, y in points]
    rng.shuffle(points)
    return LabelledSet(tuple(x for x, _ in points), tuple(y for _, y in points))


def network_of_class_r(rng: Random, data: LabelledSet) -> TwoLayerNetwork:
    """Return an accurate rule "some unit is active": v = 1 and threshold 0.

    One half-space separates each positive point from the hull of the negative ones; a further unit
    that is silent on all negative points is thrown in.
    """
    weights, biases = [], []
    for x in dict.fromkeys(data.positive):
        margin = max_margin((x, *data.negative), (1, *(-1 for _ in data.negative)))
        assert margin.separable
        weights.append(margin.w)
        # Any offset strictly between the two sides keeps the rule accurate.
        biases.append(margin.b + Fraction(rng.randint(-3, 3), 4))
    extra: Vector = numbers.vector(rng, data.dimension)
    weights.append(extra)
    biases.append(-max(dot(extra, x) for x in data.negative))
    return TwoLayerNetwork.sum_of_units(weights, biases)
