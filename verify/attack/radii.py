"""Radii of attacks: each the decimal that one reads.

0.05 is one twentieth, not the float next to it, so that a page and its certificates say the same
number.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from numbers import Real
from typing import Any, Self

import numpy as np

from certify.errors import InputError, described
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
    """Return radii as the numbers that one reads, each once, in order.

    Raises InputError for one that is no radius.

    >>> exact_radii([0.1, "1/10", 0.2])
    (Fraction(1, 10), Fraction(1, 5))
    """
    exact = tuple(dict.fromkeys(exact_radius(radius, name) for radius in _listed(radii, name)))
    if not exact:
        raise InputError(name, expected="positive numbers", got="none")
    return exact


def _listed(values: Any, name: str) -> list[Any]:
    if isinstance(values, str | Real):
        return [values]
    try:
        return list(values)
    except TypeError:
        raise InputError(name, expected="positive numbers", got=described(values)) from None


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
        listed = _listed(values, name)
        percents = [v for v in listed if isinstance(v, str) and v.endswith("%")]
        if not percents:
            return cls(exact_radii(listed, name))
        if len(percents) < len(listed):
            wanted = "all radii in units of the data, or all as shares such as 5%"
            raise InputError(name, expected=wanted, got=", ".join(map(str, listed)))
        return cls(tuple(dict.fromkeys(_share(v, name) for v in percents)), shares=True)


def _share(percent: str, name: str) -> Fraction:
    """Return a share that is written as percents; raises InputError, which says all of it."""
    try:
        share = exact_radius(percent[:-1], name) / 100
    except InputError:
        raise InputError(name, expected="a positive share such as 5%", got=percent) from None
    if share > 1:
        raise InputError(name, expected="at most 100%, all of a range", got=percent)
    return share


def radius_text(radius: Fraction) -> str:
    """Return a radius exactly, as a decimal where it has a short one.

    >>> radius_text(Fraction(1, 20)), radius_text(Fraction(1, 3))
    ('0.05', '1/3')
    """
    nearest = float(radius)
    texts = (f"{nearest:g}", repr(nearest))
    return next((text for text in texts if Fraction(text) == radius), str(radius))
