"""The affine maps of networks in batched floats: values, spreads of intervals, and transposes.

A batch of vectors is a tensor (rows, n). What is exact elsewhere is rounded here: floats guess.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import reduce
from typing import Protocol

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from certify.networks.operations import (
    Concatenation,
    Convolution,
    Dense,
    Operation,
    Scale,
    Selection,
    Sum,
)
from certify.numbers.rationals import DyadicArray


class Affine(Protocol):
    """An affine map of one or several batches of vectors."""

    def apply(self, *x: Tensor) -> Tensor:
        """Return the values."""

    def spread(self, *radii: Tensor) -> Tensor:
        """Return the half widths of the intervals of the values, given those of the entries."""

    def transposed(self, a: Tensor) -> tuple[tuple[Tensor, ...], Tensor]:
        """Return what a . values is: coefficients for each batch that is read, and a constant."""


class Product:
    """The map x -> W x + b."""

    def __init__(self, f: Dense, kind: torch.dtype, device: str) -> None:
        self.weights, self.biases = _matrix(f).to(device, kind), _vector(f.biases, kind, device)
        self.sizes = self.weights.abs()

    def apply(self, *x: Tensor) -> Tensor:
        """Return W x + b."""
        return torch.addmm(self.biases, x[0], self.weights.T)

    def spread(self, *radii: Tensor) -> Tensor:
        """Return abs(W) r."""
        return radii[0] @ self.sizes.T

    def transposed(self, a: Tensor) -> tuple[tuple[Tensor, ...], Tensor]:
        """Return a W and a . b."""
        return (a @ self.weights,), a @ self.biases


class Windows:
    """A convolution of flat images."""

    def __init__(self, f: Convolution, kind: torch.dtype, device: str) -> None:
        channels = f.shape[0] // f.groups
        self.kernel = _matrix(f.kernel).to(device, kind).reshape(-1, channels, *f.window)
        self.biases = _vector(f.kernel.biases, kind, device)
        self.sizes, self.shape, self.groups = self.kernel.abs(), f.shape, f.groups
        self.strides, self.dilations = f.strides, f.dilations
        top, left, bottom, right = f.padding
        self.rim = (left, right, top, bottom)
        self.counts = f.grid.counts

    def apply(self, *x: Tensor) -> Tensor:
        """Return the convolved images."""
        return self._convolved(x[0], self.kernel, self.biases)

    def spread(self, *radii: Tensor) -> Tensor:
        """Return the images of half widths, convolved with the sizes of the weights."""
        return self._convolved(radii[0], self.sizes, None)

    def _convolved(self, x: Tensor, kernel: Tensor, biases: Tensor | None) -> Tensor:
        image = functional.pad(x.reshape(-1, *self.shape), self.rim)
        return functional.conv2d(
            image, kernel, biases, self.strides, 0, self.dilations, self.groups
        ).flatten(1)

    def transposed(self, a: Tensor) -> tuple[tuple[Tensor, ...], Tensor]:
        """Return the transposed convolution, and the biases' part."""
        image = a.reshape(len(a), len(self.biases), *self.counts)
        back = functional.conv_transpose2d(
            image, self.kernel, None, self.strides, 0, 0, self.groups, self.dilations
        )
        (left, right, top, bottom), (_, height, width) = self.rim, self.shape
        # What no window reaches gets zeros, and what lies on the rim is cut off.
        short = (0, left + width + right - back.shape[3], 0, top + height + bottom - back.shape[2])
        back = functional.pad(back, short)[:, :, top : top + height, left : left + width]
        return (back.flatten(1),), image.flatten(2).sum(2) @ self.biases


class Entrywise:
    """The map f x + o, entry by entry."""

    def __init__(self, f: Scale, size: int, kind: torch.dtype, device: str) -> None:
        run = size // len(f.factors)
        self.factors = _vector(f.factors, kind, device).repeat_interleave(run)
        self.offsets = _vector(f.offsets, kind, device).repeat_interleave(run)

    def apply(self, *x: Tensor) -> Tensor:
        """Return f x + o."""
        return x[0] * self.factors + self.offsets

    def spread(self, *radii: Tensor) -> Tensor:
        """Return abs(f) r."""
        return radii[0] * self.factors.abs()

    def transposed(self, a: Tensor) -> tuple[tuple[Tensor, ...], Tensor]:
        """Return f a and a . o."""
        return (a * self.factors,), a @ self.offsets


class Chosen:
    """Some entries, of which -1 stands for a 0."""

    def __init__(self, f: Selection, size: int, device: str) -> None:
        self.places, self.size = torch.tensor(f.entries, device=device) + 1, size

    def apply(self, *x: Tensor) -> Tensor:
        """Return these entries."""
        return functional.pad(x[0], (1, 0)).index_select(1, self.places)

    spread = apply

    def transposed(self, a: Tensor) -> tuple[tuple[Tensor, ...], Tensor]:
        """Return coefficients, added up where an entry was chosen more than once."""
        back = a.new_zeros(len(a), self.size + 1).index_add_(1, self.places, a)
        return (back[:, 1:],), a.new_zeros(len(a))


class Added:
    """The sum of several vectors."""

    def __init__(self, terms: int) -> None:
        self.terms = terms

    def apply(self, *x: Tensor) -> Tensor:
        """Return the sum."""
        return reduce(torch.add, x)

    spread = apply

    def transposed(self, a: Tensor) -> tuple[tuple[Tensor, ...], Tensor]:
        """Return the same coefficients for each of them."""
        return (a,) * self.terms, a.new_zeros(len(a))


class Joined:
    """Several vectors, one after another."""

    def __init__(self, sizes: Sequence[int]) -> None:
        self.sizes = list(sizes)

    def apply(self, *x: Tensor) -> Tensor:
        """Return all their entries."""
        return torch.cat(x, dim=1)

    spread = apply

    def transposed(self, a: Tensor) -> tuple[tuple[Tensor, ...], Tensor]:
        """Return the coefficients of each."""
        return torch.split(a, self.sizes, dim=1), a.new_zeros(len(a))


def affine(f: Operation, sizes: Sequence[int], kind: torch.dtype, device: str) -> Affine | None:
    """Return an affine map that reads vectors of these sizes, and None for a maximum."""
    match f:
        case Dense():
            return Product(f, kind, device)
        case Convolution():
            return Windows(f, kind, device)
        case Scale():
            return Entrywise(f, sizes[0], kind, device)
        case Selection():
            return Chosen(f, sizes[0], device)
        case Sum():
            return Added(len(sizes))
        case Concatenation():
            return Joined(sizes)
    return None


def _matrix(f: Dense) -> Tensor:
    """Return weights in float64, each rounded."""
    if isinstance(f.weights, DyadicArray):
        integers, exponent = f.weights.integers, f.weights.exponent
        try:
            return torch.from_numpy(np.ldexp(integers.astype(np.float64), exponent))
        except OverflowError:  # of the integers, where the exponents of weights are far apart
            unit = Fraction(2) ** exponent
            table = [[float(n * unit) for n in row] for row in integers.tolist()]
            return torch.tensor(table, dtype=torch.float64)
    return torch.tensor([[float(w) for w in row] for row in f.weights], dtype=torch.float64)


def _vector(values: Sequence[object], kind: torch.dtype, device: str) -> Tensor:
    floats = [float(x) for x in values]  # type: ignore[arg-type]
    return torch.tensor(floats, dtype=torch.float64).to(device, kind)
