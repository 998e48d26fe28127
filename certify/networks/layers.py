"""Layers of deep networks as exact maps: dense, scaling, ReLU, convolution, max-pooling.

A vector is flat; an image lies in it channel by channel and row by row, as torch flattens it.
Values travel as integers over one denominator for each point, so that a layer is one product of
integer matrices in python-flint.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import lcm, prod
from typing import Any, TypeAlias

import numpy as np
from flint import fmpz, fmpz_mat
from numpy.lib.stride_tricks import sliding_window_view

from certify.errors import InputError
from certify.numbers import rationals
from certify.numbers.rationals import DyadicArray, Rows, Vector, text, texts

Integers: TypeAlias = np.ndarray[Any, Any]  # of fmpz
Columns: TypeAlias = tuple[Integers, Integers]  # numerators (size, points), denominators (points,)


@dataclass(frozen=True, eq=False)
class Affine:
    """The map x -> W x + b with W of shape (outputs, inputs). Build one with :meth:`of`."""

    weights: DyadicArray | Rows
    biases: Vector

    def __post_init__(self) -> None:
        rows = _rows(self.weights)
        if not len(rows) or not len(rows[0]):
            raise InputError("weights", expected="at least one row and one column", got="none")
        if len(rows) != len(self.biases):
            raise InputError("biases", expected=f"{len(rows)} entries", got=f"{len(self.biases)}")

    @classmethod
    def of(cls, weights: Any, biases: Iterable[Any]) -> Affine:
        """Return the map with a matrix and a vector of any accepted numbers, kept exactly."""
        table = rationals.dyadic_array(weights, "weights") or rationals.rows(weights, "weights")
        return cls(table, rationals.vector(biases, "biases"))

    @property
    def inputs(self) -> int:
        """The dimension of x."""
        return len(_rows(self.weights)[0])

    def outputs(self, size: int) -> int:
        """Return the dimension of W x + b for x of the given dimension."""
        _fitting(size, self.inputs)
        return len(self.biases)

    def apply(self, columns: Columns) -> Columns:
        """Return W x + b for every column."""
        x, denominators = columns
        matrix, biases, scale = self._integers
        product = matrix * rationals.integer_matrix(x)
        values = np.array(product.entries(), dtype=object).reshape(len(biases), -1)
        return values + np.outer(biases, denominators), denominators * scale

    def to_json(self) -> dict[str, Any]:
        """Return the layer as it stands in a certificate."""
        weights: Any = [texts(row) for row in _rows(self.weights)]
        if isinstance(self.weights, DyadicArray):
            weights = compact(self.weights.exponent, self.weights.integers)
        return {"type": "affine", "weights": weights, "biases": texts(self.biases)}

    def __reduce__(self) -> tuple[object, ...]:
        # The cached matrix cannot be pickled, and is cheap to make again.
        return Affine, (self.weights, self.biases)

    @cached_property
    def _integers(self) -> tuple[fmpz_mat, Integers, fmpz]:
        """Weights and biases as integers, and the denominator of both."""
        rows, exponent = _rows(self.weights), 0
        if isinstance(self.weights, DyadicArray):
            exponent = self.weights.exponent
        weights, denominator = rationals.flint_matrix(rows).numer_denom()
        denominator *= 1 << max(-exponent, 0)
        scale = fmpz(lcm(int(denominator), *(b.denominator for b in self.biases)))
        biases = [b.numerator * (scale // b.denominator) for b in self.biases]
        factor = (scale // denominator) << max(exponent, 0)
        return weights * factor, np.array(biases, dtype=object), scale


@dataclass(frozen=True)
class Scale:
    """The map x -> factor * x + offset in every coordinate."""

    factor: Fraction
    offset: Fraction

    def outputs(self, size: int) -> int:
        """Return the dimension, which stays."""
        return size

    def apply(self, columns: Columns) -> Columns:
        """Return factor * x + offset for every column."""
        x, denominators = columns
        scale = lcm(self.factor.denominator, self.offset.denominator)
        factor, offset = (fmpz(int(r * scale)) for r in (self.factor, self.offset))
        return x * factor + denominators * offset, denominators * fmpz(scale)

    def to_json(self) -> dict[str, Any]:
        """Return the layer as it stands in a certificate."""
        return {"type": "scale", "factor": text(self.factor), "offset": text(self.offset)}


@dataclass(frozen=True)
class Relu:
    """The map x -> max(x, 0) in every coordinate."""

    def outputs(self, size: int) -> int:
        """Return the dimension, which stays."""
        return size

    def apply(self, columns: Columns) -> Columns:
        """Return max(x, 0) for every column."""
        return np.maximum(columns[0], 0), columns[1]

    def to_json(self) -> dict[str, Any]:
        """Return the layer as it stands in a certificate."""
        return {"type": "relu"}


@dataclass(frozen=True)
class _Windows:
    """Windows (h, w) of images of shape (channels, height, width)."""

    shape: tuple[int, int, int]
    window: tuple[int, int]

    def __post_init__(self) -> None:
        sizes = (*self.shape, *self.window)
        if len(self.shape) != 3 or len(self.window) != 2 or min(sizes) < 1:
            got = f"{self.shape} and {self.window}"
            raise InputError("shape, window", expected="3 and 2 positive integers", got=got)
        if self.window[0] > self.shape[1] or self.window[1] > self.shape[2]:
            raise InputError("window", expected=f"at most {self.shape[1:]}", got=f"{self.window}")

    @property
    def inputs(self) -> int:
        """The number of values of an image."""
        return prod(self.shape)

    def _indices(self) -> Integers:
        """Return the flat indices of windows, an array (channels, rows, columns, h, w)."""
        image = np.arange(self.inputs).reshape(self.shape)
        return sliding_window_view(image, self.window, axis=(1, 2))


@dataclass(frozen=True)
class Convolution(_Windows):
    """Cross-correlation with stride 1 and no padding, as torch's Conv2d.

    ``kernel`` maps a window, flattened channel by channel, to the output channels:
    ``Affine.of(conv.weight.flatten(1), conv.bias)``. Raises :class:`InputError` when it does not
    fit the window.
    """

    kernel: Affine

    def __post_init__(self) -> None:
        super().__post_init__()
        self.kernel.outputs(self.shape[0] * prod(self.window))

    def outputs(self, size: int) -> int:
        """Return the number of values of the resulting image."""
        _fitting(size, self.inputs)
        _, down, right, *_ = self._indices().shape
        return len(self.kernel.biases) * int(down * right)

    def apply(self, columns: Columns) -> Columns:
        """Return the convolved images."""
        x, denominators = columns
        windows = self._indices().transpose(0, 3, 4, 1, 2).reshape(self.kernel.inputs, -1)
        patches = x[windows].reshape(self.kernel.inputs, -1)
        repeated = np.tile(denominators, windows.shape[1])
        values, scaled = self.kernel.apply((patches, repeated))
        return values.reshape(-1, len(denominators)), scaled[: len(denominators)]

    def to_json(self) -> dict[str, Any]:
        """Return the layer as it stands in a certificate."""
        place = {"type": "convolution", "shape": list(self.shape), "window": list(self.window)}
        return {**self.kernel.to_json(), **place}


@dataclass(frozen=True)
class MaxPool(_Windows):
    """Maxima over windows side by side, the remainder cut off, as torch's MaxPool2d."""

    def _tiles(self) -> Integers:
        down, right = self.window
        return self._indices()[:, ::down, ::right].reshape(-1, down * right)

    def outputs(self, size: int) -> int:
        """Return the number of windows."""
        _fitting(size, self.inputs)
        return len(self._tiles())

    def apply(self, columns: Columns) -> Columns:
        """Return the maximum over each window."""
        return columns[0][self._tiles()].max(axis=1), columns[1]

    def to_json(self) -> dict[str, Any]:
        """Return the layer as it stands in a certificate."""
        return {"type": "max-pool", "shape": list(self.shape), "window": list(self.window)}


Layer: TypeAlias = Affine | Scale | Relu | Convolution | MaxPool


def compact(exponent: int, integers: Integers) -> dict[str, Any]:
    """Return integers times a power of two as they stand in a certificate."""
    return {"exponent": exponent, "integers": integers.tolist()}


def _rows(table: DyadicArray | Rows) -> Any:
    return table.integers if isinstance(table, DyadicArray) else table


def _fitting(size: int, wanted: int) -> None:
    if size != wanted:
        raise InputError("layer", expected=f"{wanted} inputs", got=f"{size}")
