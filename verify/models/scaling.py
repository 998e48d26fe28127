"""Factors and offsets beside dense layers, exactly: what becomes part of the layer, and how."""

from collections.abc import Sequence
from fractions import Fraction
from math import lcm
from typing import Any

import numpy as np

from certify.networks.operations import Dense, Scale
from certify.numbers.rationals import DyadicArray, Vector
from verify.data.tables import float_table


def _scaled(layer: Dense, factors: Sequence[Fraction], axis: int) -> Any:
    """Return the weights with each row (axis 0) or column (axis 1) times its factor, exactly."""
    table = layer.weights
    turned = (slice(None), None) if axis == 0 else (None, slice(None))
    scale = lcm(*(f.denominator for f in factors))
    times = np.array([int(f * scale) for f in factors], dtype=object)[turned]
    if isinstance(table, DyadicArray) and scale & (scale - 1) == 0:
        signs = all(abs(n) == 1 for n in times.flat)
        integers = table.integers if signs else table.integers.astype(object)
        exponent = table.exponent - scale.bit_length() + 1
        return DyadicArray(integers * times.astype(integers.dtype), exponent)
    rows = np.array([list(map(Fraction, row)) for row in float_table(layer).tolist()], dtype=object)
    return tuple(map(tuple, (rows * np.array(factors, dtype=object)[turned]).tolist()))


def followed(layer: Dense, factors: Sequence[Fraction], offsets: Sequence[Fraction]) -> Dense:
    """Return f (W x + b) + o as one layer, exactly, with a factor and an offset for each row."""
    rows = zip(factors, offsets, layer.biases, strict=True)
    return Dense(_scaled(layer, factors, 0), tuple(f * b + o for f, o, b in rows))


def preceded(scale: Scale, layer: Dense) -> Dense:
    """Return a dense layer that does what it does behind a scale, exactly."""
    factors, offsets = (spread(v, layer.inputs) for v in (scale.factors, scale.offsets))
    moved = (
        b + sum((Fraction(w) * o for w, o in zip(row, offsets, strict=True)), Fraction(0))
        for b, row in zip(layer.biases, float_table(layer).tolist(), strict=True)
    )
    return Dense(_scaled(layer, factors, 1), tuple(moved))


def spread(values: Vector, n: int) -> list[Fraction]:
    """Return numbers that stand for equally long runs of n entries, one for each entry."""
    return [x for x in values for _ in range(n // len(values))]


def dyadic(x: Fraction) -> bool:
    """Tell whether a number is a whole one times a power of two."""
    return x.denominator & (x.denominator - 1) == 0
