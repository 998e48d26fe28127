"""Balls of an exact radius: where adversaries lie, whatever floats make of a sum."""

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import torch
from torch import Tensor

from certify.numbers.rationals import Vector

GRID_BITS = 24  # of the grid of moves, below the radius: as fine as float32 is


def ball(images: Tensor, radius: Fraction, edges: tuple[float, float]) -> tuple[Tensor, Tensor]:
    """Return the least and the greatest float32 within the radius of each pixel, and the edges.

    Both ends lie in the closed interval exactly; the next float behind an end does not, but where
    their distance in float64 rounds to the radius.
    """
    reach = _below(radius)
    pixels = images.double()
    ends = []
    for sign in (-1.0, 1.0):
        end = (pixels + sign * reach).to(images.dtype)
        # Knuth's two-sum: distance + error is the exact difference.
        first, second = (end.double(), pixels)[:: int(sign)]
        distance = first - second
        part = distance - first
        error = (first - (distance - part)) - (second + part)
        beyond = (distance > reach) | ((distance == reach) & (error > 0))
        end = torch.where(beyond, torch.nextafter(end, images), end)
        ends.append(end.clamp(*edges))
    return ends[0], ends[1]


def into_ball(
    moved: Tensor, images: Tensor, radius: Fraction, edges: tuple[float, float]
) -> Tensor:
    """Return the points of the exact ball, and between the edges, that are nearest to moved ones.

    >>> half = torch.tensor([[0.5]])
    >>> moved = into_ball(half + 0.1, half, Fraction(1, 10), (0.0, 1.0))
    >>> Fraction(float(moved)) - Fraction(1, 2) <= Fraction(1, 10)
    True
    """
    low, high = ball(images, radius, edges)
    return torch.minimum(torch.maximum(moved, low), high)


def moved_exactly(
    x: np.ndarray,
    shares: np.ndarray,
    radii: Sequence[Fraction],
    *,
    top: int | None = None,
    bits: int = GRID_BITS,
) -> np.ndarray | Vector:
    """Return x + radii * shares exactly in the ball, moves being rounded to a grid towards 0.

    x (d,) are floats, shares (d,) lie in [-1, 1], and ``radii`` has one number >= 0 for each
    coordinate. The point is a float64 array where that holds it exactly, else a tuple of Fractions:
    far from 0 floats are farther apart than the radius is long. With ``top`` it is brought into
    [0, top], in which x must lie. The grid is 2 ** -bits of a radius wide, or less.
    """
    sizes = {r: r.numerator.bit_length() - r.denominator.bit_length() - bits - 1 for r in {*radii}}
    tops = {r: int(r // Fraction(2) ** e) for r, e in sizes.items()}
    exponents = np.array([sizes[r] for r in radii])
    counts = np.trunc(shares * np.array([float(tops[r]) for r in radii]))
    start = x.astype(np.float64)
    moves = np.ldexp(counts, exponents)
    with np.errstate(over="ignore"):
        moved = start + moves
        part = moved - start
        exact = (start - (moved - part)) + (moves - part) == 0
    if top is not None:
        # Rounding keeps order, so what floats see beyond an edge is beyond it.
        exact |= (moved < 0) | (moved > top)
        moved = np.clip(moved, 0.0, top)
    if exact.all() and exponents.min() > -1000 and np.isfinite(moved).all():
        return np.asarray(moved)
    point = (
        Fraction(a) + int(n) * Fraction(2) ** int(e)
        for a, n, e in zip(start.tolist(), counts, exponents, strict=True)
    )
    return tuple(v if top is None else min(max(v, Fraction(0)), Fraction(top)) for v in point)


def distance(a: Any, b: Any) -> Fraction:
    """Return the exact distance in the largest coordinate of two vectors of floats or Fractions."""
    listed = (p.tolist() if hasattr(p, "tolist") else p for p in (a, b))
    return max(abs(Fraction(p) - Fraction(q)) for p, q in zip(*listed, strict=True))


def _below(radius: Fraction) -> float:
    """Return the largest float that is at most the radius."""
    nearest = float(radius)
    return nearest if Fraction(nearest) <= radius else math.nextafter(nearest, 0.0)
