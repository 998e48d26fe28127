"""The weights of exact layers as arrays, and whether floats can hold them."""

from fractions import Fraction

import numpy as np

from certify.networks.operations import Convolution, Dense, Operation, Scale
from certify.numbers import rationals
from certify.numbers.rationals import DyadicArray


def float_table(layer: Dense) -> np.ndarray:
    """Return the weights of a dense layer (outputs, inputs), exactly.

    They are float64 where floats hold all of them, else an array of Fractions.
    """
    if isinstance(layer.weights, DyadicArray):
        integers, exponent = layer.weights.integers, layer.weights.exponent
        largest = int(np.abs(integers).max())
        if largest.bit_length() > 1023:  # no float holds these integers, but maybe what they are of
            return _floats(integers, Fraction(2) ** exponent)
        with np.errstate(over="ignore"):
            table = np.asarray(np.ldexp(integers.astype(np.float64), exponent))
        # Without more than 53 bits, and no power of two outside of the normal range, all are held.
        if largest < 2**53 and exponent >= -1074 and largest.bit_length() + exponent <= 1024:
            return table
        back = rationals.dyadic_array(table) if np.isfinite(table).all() else None
        if back is not None and _same(back, layer.weights):
            return table
        return _times(integers, Fraction(2) ** exponent)
    return np.array(layer.weights, dtype=object)


def _times(integers: np.ndarray, scale: Fraction) -> np.ndarray:
    return np.array([[int(n) * scale for n in row] for row in integers], dtype=object)


def _floats(integers: np.ndarray, scale: Fraction) -> np.ndarray:
    """Return integers times a number as float64 where that holds all of them, else exactly."""
    exact = _times(integers, scale)
    try:
        table = exact.astype(np.float64)
    except OverflowError:
        return exact
    return table if (table.astype(object) == exact).all() else exact


def _same(one: DyadicArray, other: DyadicArray) -> bool:
    """Tell whether two arrays hold the same numbers."""
    shift = one.exponent - other.exponent
    up, down = max(shift, 0), max(-shift, 0)
    return bool(
        np.array_equal(one.integers.astype(object) << up, other.integers.astype(object) << down)
    )


def in_range(layer: Operation) -> bool:
    """Tell whether all numbers of a layer are small enough for float64, which guesses need."""
    if isinstance(layer, Scale):
        return all(abs(x) < 2**1023 for x in (*layer.factors, *layer.offsets))
    kernel = layer.kernel if isinstance(layer, Convolution) else layer
    if not isinstance(kernel, Dense):
        return True
    table = kernel.weights
    if isinstance(table, DyadicArray):
        largest = int(np.abs(table.integers).max(initial=0)).bit_length() + table.exponent
        small = largest <= 1023
    else:
        small = all(abs(x) < 2**1023 for row in table for x in row)
    return small and all(abs(b) < 2**1023 for b in kernel.biases)
