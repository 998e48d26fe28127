"""Two-layer rules of the classes R' and R'' that are right on a labelled set, and tiny ones."""

from fractions import Fraction
from random import Random

from certify.numbers.rationals import dot
from verify.drawing import networks, numbers, small
from verify.objects import LabelledSet, TwoLayerNetwork

ATTAINED = "threshold attained"
UNUSED = "units without output weight"
CASES = (*networks.CASES, ATTAINED, UNUSED)


def network_of_class_r_prime(rng: Random, data: LabelledSet, case: str) -> TwoLayerNetwork:
    """Return an accurate rule with weights v >= 0 and a threshold a > 0, exceeded or reached.

    The units of a rule of class R, silent on all -1 points, are lifted until every +1 point reaches
    the threshold; one more unit is active at some -1 point. In the case ``ATTAINED`` a point of
    the set lies exactly on the threshold, on the side that the rule gives to its label.
    """
    base = networks.network_of_class_r(rng, data)
    strict = rng.random() < 0.5
    attained = case == ATTAINED
    # A free unit of height 1 at a -1 point.
    normal = numbers.vector(rng, data.dimension)
    offset = 1 - dot(normal, rng.choice(data.negative))
    share = Fraction(rng.randint(1, 3), 2)
    if attained and not strict:
        share = Fraction(0)
    level = share * max(max(dot(normal, x) + offset, Fraction(0)) for x in data.negative)
    threshold = level if attained and strict else level + numbers.positive(rng)
    lift = threshold / min(base.value(x) for x in data.positive)
    if not attained or strict:
        lift *= 1 + numbers.positive(rng)
    weights, biases = (*base.weights, normal), (*base.biases, offset)
    output = (*((lift,) * len(base.weights)), share)
    if case == UNUSED:
        weights += numbers.vectors(rng, 2, data.dimension)
        biases += numbers.vector(rng, 2)
        output += (Fraction(0), Fraction(0))
    return TwoLayerNetwork(weights, biases, output, threshold, strict)


def small_network(
    rng: Random, dimension: int, output: tuple[int, int], threshold: tuple[int, int]
) -> TwoLayerNetwork:
    """Return one or two units with small integers; output weights and threshold in the ranges."""
    units = rng.randint(1, 2)
    return TwoLayerNetwork(
        tuple(small.vector(rng, dimension, 2) for _ in range(units)),
        small.vector(rng, units, 2),
        tuple(Fraction(rng.randint(*output)) for _ in range(units)),
        Fraction(rng.randint(*threshold)),
        rng.random() < 0.5,
    )
