"""Vectors at several points, exactly: integers over one denominator for each point."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from typing import Any

import numpy as np

from certify.numbers.digits import Digits, joined
from certify.numbers.rationals import DyadicArray, Vector


@dataclass(frozen=True, eq=False)
class Columns:
    """The vectors ``numerators[:, k] / denominators[k]``, one for each point.

    numerators    (size, points), integers times a power of two
    denominators  positive, as many as points; nearly always 1
    """

    numerators: Digits
    denominators: tuple[int, ...]

    @classmethod
    def of(cls, points: Sequence[DyadicArray | Vector]) -> Columns:
        """Return points, at least one, as columns."""
        found = [
            (Digits.of(x.integers.reshape(-1), x.exponent), 1)
            if isinstance(x, DyadicArray) else numbers(x)
            for x in points
        ]  # fmt: skip
        columns = joined([column.reshape(-1, 1) for column, _ in found], axis=1)
        return cls(columns, tuple(odd for _, odd in found))

    @property
    def units(self) -> Digits:
        """The denominators (1, points): what stands for 1."""
        return Digits.of(np.array([self.denominators], dtype=object))

    def points(self, chosen: np.ndarray[Any, Any]) -> Columns:
        """Return the vectors at some of the points, by their numbers."""
        return Columns(self.numerators[:, chosen], tuple(self.denominators[k] for k in chosen))

    def over(self, numerators: Digits, factor: int = 1) -> Columns:
        """Return other numerators over these denominators times a positive integer."""
        return Columns(numerators, tuple(d * factor for d in self.denominators))

    def fractions(self) -> list[Vector]:
        """Return the vectors."""
        numerators, exponent = self.numerators.integers(), self.numerators.exponent
        up, down = 1 << max(exponent, 0), 1 << max(-exponent, 0)
        return [
            tuple(Fraction(int(n) * up, d * down) for n in column)
            for column, d in zip(numerators.T, self.denominators, strict=True)
        ]


def aligned(columns: Sequence[Columns]) -> list[Columns]:
    """Return vectors at the same points over denominators that they have in common."""
    common = tuple(map(lcm, *(c.denominators for c in columns)))
    found = []
    for c in columns:
        factors = [d // own for d, own in zip(common, c.denominators, strict=True)]
        same = set(factors) == {1}
        row = Digits.of(np.array([factors], dtype=object))
        found.append(Columns(c.numerators if same else c.numerators * row, common))
    return found


def numbers(values: Sequence[Fraction]) -> tuple[Digits, int]:
    """Return numbers as integers times a power of two, (values,), and their odd denominator."""
    pairs = [v.as_integer_ratio() for v in values]
    scale = lcm(*{q for _, q in pairs})
    power = (scale & -scale).bit_length() - 1
    integers = [p * (scale // q) for p, q in pairs]
    return Digits.of(np.array(integers, dtype=object), -power), scale >> power
