"""Deep networks, evaluated exactly."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import lcm
from typing import Any

import numpy as np
from flint import fmpq, fmpz

from certify.errors import InputError
from certify.networks.layers import Affine, Convolution, Layer, MaxPool, Relu, Scale
from certify.numbers import rationals
from certify.numbers.rationals import DyadicArray, Vector

__all__ = ["Affine", "Convolution", "DeepNetwork", "MaxPool", "Relu", "Scale"]

_BATCH = 64  # points whose windows are in memory at one time


@dataclass(frozen=True, eq=False)
class DeepNetwork:
    """Layers one after the other; the outputs of the last are the logits.

    Raises :class:`InputError` when two layers do not fit, or none tells the number of inputs.

    >>> network = DeepNetwork((Affine.of([[1], [-1]], [0, 0]), Relu(), Affine.of([[1, 1]], [0])))
    >>> network.outputs([["-2/3"]])
    [(Fraction(2, 3),)]
    """

    layers: tuple[Layer, ...]

    def __post_init__(self) -> None:
        size = self.inputs
        for k, layer in enumerate(self.layers):
            try:
                size = layer.outputs(size)
            except InputError as error:
                raise InputError(
                    "layers", expected=error.expected, got=error.got, where=f"layer {k}"
                ) from None

    @property
    def inputs(self) -> int:
        """The dimension of a point."""
        sizes = (layer.inputs for layer in self.layers if not isinstance(layer, Scale | Relu))
        size = next(sizes, None)
        if size is None:
            raise InputError("layers", expected="one that tells the number of inputs", got="none")
        return size

    def outputs(self, points: Iterable[Any]) -> list[Vector]:
        """Return the exact outputs at each point.

        A point is an array or tensor of floats or integers of any shape, flattened, or a list of
        exact numbers. Raises :class:`InputError` for a wrong number of coordinates.
        """
        exact = self.exact(points)
        found: list[Vector] = []
        for k in range(0, len(exact), _BATCH):
            scaled = [_scaled(x) for x in exact[k : k + _BATCH]]
            columns = (
                np.array([numerators for numerators, _ in scaled], dtype=object).T,
                np.array([denominator for _, denominator in scaled], dtype=object),
            )
            for layer in self.layers:
                columns = layer.apply(columns)
            found += map(_fractions, columns[0].T, columns[1])
        return found

    def exact(self, points: Iterable[Any]) -> list[DyadicArray | Vector]:
        """Return the points, which are given as for :meth:`outputs`, as the numbers they are."""
        return [_point(x, self.inputs, i) for i, x in enumerate(points)]

    def to_json(self) -> list[dict[str, Any]]:
        """Return the layers as they stand in a certificate."""
        return [layer.to_json() for layer in self.layers]


def _point(x: Any, size: int, i: int) -> DyadicArray | Vector:
    """Return a point exactly: one row of integers times a power of two, or fractions."""
    name = f"point {i}"
    array = rationals.dyadic_array(x.reshape(1, -1), name) if hasattr(x, "reshape") else None
    point = rationals.vector(x, name) if array is None else array
    length = len(point) if isinstance(point, tuple) else point.integers.size
    if length != size:
        raise InputError(name, expected=f"{size} coordinates", got=f"{length}")
    return point


def _scaled(x: DyadicArray | Vector) -> tuple[list[fmpz], fmpz]:
    """Return the numerators of a point and their denominator."""
    if isinstance(x, DyadicArray):
        up, down = max(x.exponent, 0), max(-x.exponent, 0)
        return [fmpz(v) << up for v in x.integers[0].tolist()], fmpz(1) << down
    scale = lcm(*(v.denominator for v in x))
    return [fmpz(v.numerator * (scale // v.denominator)) for v in x], fmpz(scale)


def _fractions(numerators: Iterable[fmpz], denominator: fmpz) -> Vector:
    return tuple(rationals.rational(fmpq(v, denominator)) for v in numerators)
