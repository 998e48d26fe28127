"""Two-layer ReLU rules of class R' that are right on a labelled set."""

from __future__ import annotations

from fractions import Fraction
from random import Random

from certify.rationals import combine
from verify.objects import LabelledSet, TwoLayerNetwork
from verify.sampling import numbers
from verify.sampling.networks import network_of_class_r


def network_of_class_r_prime(rng: Random, data: LabelledSet) -> TwoLayerNetwork:
    """Return an accurate rule f > a or f >= a with v >= 0 and a > 0.

    The units of a rule of class R get output weights of their own; the threshold lies above f at
    every -1 point and, in half of the draws, exactly at the least f of a +1 point. A unit without
    input raises f everywhere, and one with output weight zero is thrown in. No +1 point may lie in
    the hull of the -1 points.
    """
    units = network_of_class_r(rng, data)
    output = tuple(numbers.positive(rng) for _ in units.output)
    base = TwoLayerNetwork(units.weights, units.biases, output, Fraction(0), strict=True)
    lowest = min(base.value(x) for x in data.positive)  # positive, and f = 0 at -1 points
    level, on_level = numbers.positive(rng), rng.random() < 0.5
    threshold = level + (lowest if on_level else lowest / 2)
    nothing = combine((0, units.weights[0]))
    return TwoLayerNetwork(
        (*units.weights, nothing, numbers.vector(rng, data.dimension)),
        (*units.biases, level, numbers.number(rng)),
        (*output, Fraction(1), Fraction(0)),
        threshold,
        strict=not on_level,
    )
