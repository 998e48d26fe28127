"""Radii are the numbers that one reads."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from certify.errors import InputError
from verify.attack.radii import Asked, exact_radii, exact_radius, radius_text


@pytest.mark.parametrize(
    ("given_", "radius", "text"),
    [
        (0.05, Fraction(1, 20), "0.05"),
        ("0.05", Fraction(1, 20), "0.05"),
        (np.float32(0.05), Fraction(1, 20), "0.05"),
        (np.float64(0.3), Fraction(3, 10), "0.3"),
        (0.1 + 0.2, Fraction("0.30000000000000004"), "0.30000000000000004"),
        (2, Fraction(2), "2"),
        (np.int64(255), Fraction(255), "255"),
        (1e-9, Fraction(1, 10**9), "1e-09"),
        (Fraction(1, 3), Fraction(1, 3), "1/3"),
        ("1/8", Fraction(1, 8), "0.125"),
    ],
)
def test_a_radius_is_the_number_that_one_reads(given_: Any, radius: Fraction, text: str) -> None:
    assert exact_radius(given_) == radius
    assert radius_text(radius) == text
    assert Fraction(text) == radius


@pytest.mark.parametrize(
    "bad", [0, -0.1, float("nan"), float("inf"), "nan", "a", True, None, "1e999", "1e-999", "-1"]
)
def test_what_is_no_radius_is_refused(bad: Any) -> None:
    with pytest.raises(InputError, match="radius: expected"):
        exact_radius(bad)


def test_one_radius_or_several_are_taken() -> None:
    assert exact_radii("0.05") == exact_radii([0.05]) == (Fraction(1, 20),)
    assert exact_radii(["1/3", 2]) == (Fraction(1, 3), Fraction(2))
    assert exact_radii(np.float32(0.5)) == (Fraction(1, 2),)
    assert exact_radii([0.1, "1/10", 0.05]) == (Fraction(1, 10), Fraction(1, 20))
    assert Asked.of(["2%", "2%", "0.5%"], "robust").radii == (Fraction(1, 50), Fraction(1, 200))
    with pytest.raises(InputError, match="radii: expected positive numbers, got none"):
        exact_radii([])
