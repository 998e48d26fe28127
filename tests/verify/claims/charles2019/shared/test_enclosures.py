"""Bounds of roots and logarithms: true, tight, proved by relations that reject anything else."""

from __future__ import annotations

import math
from fractions import Fraction as F

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certify.certificates import facts
from certify.checking import checker
from certify.errors import InputError
from verify.claims.charles2019.shared import enclosures
from verify.claims.charles2019.shared.enclosures import Loss

positive = st.fractions(min_value=F(1, 1000), max_value=10**6, max_denominator=1000)
bits = st.sampled_from((8, 32, 100))


def accepts(numbers: dict[str, F | int], relations: enclosures.Relations) -> bool:
    try:
        checker.check(checker.parse(facts.arithmetic(numbers, relations).line()))
    except checker.Rejected:
        return False
    return True


@given(positive, bits)
def test_root_bounds_enclose_the_root_closely(x: F, precision: int) -> None:
    low, high = enclosures.root_bounds(x, precision)
    assert low**2 <= x <= high**2
    assert high - low <= F(1, 2**precision)
    assert (low == high) == (low**2 == x)


@given(positive)
def test_squares_have_exact_roots(x: F) -> None:
    assert enclosures.root_bounds(x**2) == (x, x)


def test_negative_numbers_have_no_root_and_small_ones_no_logarithm() -> None:
    with pytest.raises(InputError, match=r"x: expected a number >= 0, got -1/2"):
        enclosures.root_bounds(F(-1, 2))
    with pytest.raises(InputError, match=r"x: expected a number >= 1, got 1/2"):
        enclosures.log_bounds(F(1, 2))


@given(positive.map(lambda x: x + 1), bits)
def test_log_bounds_are_proved_by_the_checker(x: F, precision: int) -> None:
    low, high = enclosures.log_bounds(x, precision)
    assert high - low <= F(4, 2**precision)
    assert float(low) - 1e-9 <= math.log(x) <= float(high) + 1e-9
    assert accepts({"x": x}, enclosures.log_relations("x", low, high, precision))


@pytest.mark.parametrize("shift", [F(1, 1000), F(-1, 1000)])
def test_wrong_log_bounds_are_rejected(shift: F) -> None:
    low, high = enclosures.log_bounds(F(116))
    assert accepts({"x": 116}, enclosures.log_relations("x", low, high, 32))
    moved = (low + shift, high + shift)
    assert not accepts({"x": 116}, enclosures.log_relations("x", *moved, 32))


@given(st.fractions(min_value=-8, max_value=8, max_denominator=50))
def test_the_exponential_is_bounded_from_below_closely(x: F) -> None:
    bound = enclosures.exponential_below(x)
    assert math.exp(x) * (1 - 1e-6) - 1e-6 <= float(bound) <= math.exp(x) * (1 + 1e-12)
    assert accepts({"b": bound}, enclosures.exponential_relations("b", x))
    assert not accepts({"b": bound + F(1, 100)}, enclosures.exponential_relations("b", x))


LOSS = Loss((F(8 * 90),), (F(2 * 90),), F(90))  # about 55.29


@given(st.fractions(min_value=0, max_value=200, max_denominator=100))
def test_comparisons_agree_with_floats_and_are_certified(value: F) -> None:
    near = math.sqrt(8 * 90) + math.sqrt(2 * 90 * math.log(90))
    assert LOSS.covers(value) == (float(value) < near)
    for side, holds in (("within", LOSS.covers(value)), ("beyond", not LOSS.covers(value))):
        certificate = LOSS.certificate({"value": value}, [], **{side: ["value"]})
        if holds:
            checker.check(checker.parse(certificate.line()))
        else:
            with pytest.raises(checker.Rejected, match="relation holds"):
                checker.check(checker.parse(certificate.line()))


def test_close_values_are_decided_by_more_bits() -> None:
    low, high = LOSS.bounds(200)
    assert LOSS.covers(low)
    assert not LOSS.covers(high)
    assert LOSS.decisive_bounds([low, high])[1] <= high
    checker.check(checker.parse(LOSS.certificate({"low": low}, [], within=["low"]).line()))


def test_exact_roots_are_compared_exactly() -> None:
    loss = Loss((F(4), F(1, 9)), (), F(1))
    assert loss.bounds() == (F(7, 3), F(7, 3))
    assert loss.covers(F(7, 3))
    assert not loss.covers(F(7, 3) + F(1, 10**30))
