"""Radii of attacks: each the decimal that one reads.

0.05 is one twentieth, not the float next to it, so that a page and its certificates say the same
number.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Self

import numpy as np

from certify.errors import InputError
from certify.numbers.rationals import rational


def exact_radius(value: Any, name: str = "radius") -> Fraction:
    """Return a radius as the number that one reads: a float as its shortest decimal.

    Raises InputError unless it is positive and within the range of floats.

    >>> exact_radius(0.05), exact_radius("0.05"), exact_radius(Fraction(1, 3))
    (Fraction(1, 20), Fraction(1, 20), Fraction(1, 3))
    """
    shown = str(value) if isinstance(value, float | np.floating) else value
    radius = rational(shown, name)
    if not 0 < radius < 1 << 1023 or float(radius) == 0:
        raise InputError(name, expected="a positive number in the range of floats", got=str(value))
    return radius


def exact_radii(
    radii: Iterable[float | str | Fraction] | float | Fraction, name: str = "radii"
) -> tuple[Fraction, ...]:
    """Return radii as the numbers that one reads; raises InputError for one that is no radius."""
    if isinstance(radii, str | int | float | Fraction):
        radii = (radii,)
    exact = tuple(exact_radius(radius, name) for radius in radii)
    if not exact:
        raise InputError(name, expected="positive numbers", got="none")
    return exact


@dataclass(frozen=True)
class Asked:
    """Radii in units of the data or, with ``shares``, as shares of what the data range over."""

    radii: tuple[Fraction, ...]
    shares: bool = False

    @classmethod
    def of(cls, values: Iterable[float | str | Fraction] | float | Fraction, name: str) -> Self:
        """Return radii as :func:`exact_radii` does, or words such as "5%" as shares.

        >>> Asked.of(["1%", "5%"], "robust")
        Asked(radii=(Fraction(1, 100), Fraction(1, 20)), shares=True)
        """
        listed = [values] if isinstance(values, str | int | float | Fraction) else list(values)
        percents = [v for v in listed if isinstance(v, str) and v.endswith("%")]
        if not percents:
            return cls(exact_radii(listed, name))
        if len(percents) < len(listed):
            wanted = "all radii in units of the data, or all as shares such as 5%"
            raise InputError(name, expected=wanted, got=", ".join(map(str, listed)))
        shares = tuple(r / 100 for r in exact_radii([v[:-1] for v in percents], name))
        if max(shares) > 1:
            raise InputError(name, expected="at most 100%, all of a range", got=max(percents))
        return cls(shares, shares=True)


def radius_text(radius: Fraction) -> str:
    """Return a radius exactly, as a decimal where it has a short one.

    >>> radius_text(Fraction(1, 20)), radius_text(Fraction(1, 3))
    ('0.05', '1/3')
    """
    nearest = float(radius)
    texts = (f"{nearest:g}", repr(nearest))
    return next((text for text in texts if Fraction(text) == radius), str(radius))
