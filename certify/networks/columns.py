"""Vectors at several points: integers, over one denominator for each point."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
from flint import fmpz

Integers: TypeAlias = np.ndarray[Any, Any]  # of fmpz
Columns: TypeAlias = tuple[Integers, Integers]  # numerators (size, points), denominators (points,)


def aligned(columns: Sequence[Columns]) -> tuple[list[Integers], Integers]:
    """Return the numerators of vectors over the denominators that they have in common, and these.

    The sequence may not be empty.
    """
    common = columns[0][1]
    for _, denominators in columns[1:]:
        common = np.array([a.lcm(b) for a, b in zip(common, denominators, strict=True)])
    return [x * (common // denominators) for x, denominators in columns], common


def and_zero(x: Integers) -> Integers:
    """Return numerators with one more row, of zeros, which has the index -1."""
    return np.concatenate([x, np.full((1, x.shape[1]), fmpz(0))])
