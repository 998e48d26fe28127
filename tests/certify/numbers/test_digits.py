from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from certify.numbers.digits import BITS, HALF, LIMIT, Digits, Sums, Table, joined, larger

long = st.integers(-(2**200), 2**200)
# Numbers whose digits are the largest that there are, and those next to them.
edges = st.builds(
    lambda signs, off: sum(s * HALF << BITS * k for k, s in enumerate(signs)) + off,
    st.lists(st.sampled_from([-1, 0, 1]), max_size=5), st.integers(-1, 1),
)  # fmt: skip
integers = st.integers(-9, 9) | edges | long
exponents = st.integers(-60, 60) | st.sampled_from([-1074, 1000])


def array(values: Any, *shape: int) -> np.ndarray[Any, Any]:
    return np.array([*values, None], dtype=object)[:-1].reshape(shape)


def arrays(*shape: int) -> st.SearchStrategy[np.ndarray[Any, Any]]:
    size = int(np.prod(shape))
    return st.lists(integers, min_size=size, max_size=size).map(lambda v: array(v, *shape))


def numbers(digits: Digits) -> list[Fraction]:
    """Return the numbers, and make sure that the digits are what they have to be."""
    for plane in digits.planes:
        assert plane.dtype == np.float64
        assert plane.shape == digits.shape
        assert ((plane >= -HALF) & (plane < HALF) & (plane == np.rint(plane))).all()
    return [int(n) * Fraction(2) ** digits.exponent for n in digits.integers().ravel()]


def plain(integers: np.ndarray[Any, Any], exponent: int) -> list[Fraction]:
    return [int(n) * Fraction(2) ** exponent for n in integers.ravel()]


@given(arrays(2, 3), exponents)
def test_integers_come_back(table: np.ndarray[Any, Any], exponent: int) -> None:
    found = Digits.of(table, exponent)
    assert numbers(found) == plain(table, exponent)
    assert (np.sign(found.signs()) == np.sign(table.astype(object))).all()
    assert found.fraction(1, 2) == table[1, 2] * Fraction(2) ** exponent
    small = np.clip(table, -(2**61), 2**61).astype(np.int64)
    assert Digits.of(small).integers().tolist() == small.tolist()


@given(arrays(2, 3), exponents, arrays(2, 1), exponents)
def test_sums_and_products(a: Any, e: int, b: Any, f: int) -> None:
    x, y = Digits.of(a, e), Digits.of(b, f)
    e, f = max(e, -1100), max(f, -1100)
    unit = min(e, f)
    added = (a << (e - unit)) + (b << (f - unit))
    assert numbers(x + y) == plain(added, unit)
    assert numbers(x - y) == plain((a << (e - unit)) - (b << (f - unit)), unit)
    assert numbers(x * y) == plain(a * b, e + f)
    assert numbers(joined([x, y], axis=1)[:, 3:]) == numbers(y)
    assert numbers(joined([x, y[:, [0] * 3]])[:2]) == numbers(x)
    assert (x + y).exponent == unit


@given(arrays(4, 3), st.data())
def test_the_larger_ones(table: Any, data: st.DataObject) -> None:
    # Neighbours of what is there differ in the last digits alone.
    other = table + array(data.draw(st.lists(st.integers(-1, 1), min_size=12, max_size=12)), 4, 3)
    both = Digits.of(np.stack([table, other]), 5)
    assert numbers(larger(both[0], both[1])) == plain(np.maximum(table, other), 5)


@given(arrays(3, 4), exponents, arrays(4, 2), exponents, arrays(3, 1), exponents)
def test_tables_times_columns(
    a: Any, e: int, x: Any, f: int, b: Any, g: int
) -> None:  # fmt: skip
    found = Table(Digits.of(a, e)).times(Digits.of(x, f), Digits.of(b, g))
    products = [sum(a[i, k] * x[k, j] for k in range(4)) for i in range(3) for j in range(2)]
    shifts = np.repeat(b, 2, axis=1)
    expected = zip(plain(array(products, 6), e + f), plain(shifts, g), strict=True)
    assert numbers(found) == [p + s for p, s in expected]


@pytest.mark.parametrize("columns", [1, 31, 32, 33, 128, 129, 1001])
@pytest.mark.parametrize("planes", [1, 3])
def test_no_sum_of_the_largest_products_rounds(columns: int, planes: int) -> None:
    worst = sum((1 - HALF) << BITS * k for k in range(planes))
    table, x = array([worst, -worst] * columns, columns, 2).T, array([worst] * columns, columns, 1)
    found = Table(Digits.of(table)).times(Digits.of(x), Digits.of(array([1, 1], 2, 1)))
    assert found.integers().ravel().tolist() == [
        columns * worst**2 + 1,
        -columns * worst**2 + 1,
    ]


def test_wide_tables_are_cut_where_products_would_round() -> None:
    rng = np.random.default_rng(0)
    table, x = rng.integers(-(2**60), 2**60, (5, 3000)), rng.integers(-(2**60), 2**60, (3000, 4))
    found = Table(Digits.of(table)).times(Digits.of(x), Digits.of(np.zeros((5, 1), np.int64)))
    assert (found.integers() == table.astype(object) @ x.astype(object)).all()


def test_many_additions_stay_below_the_limit() -> None:
    sums = Sums((1,), 0)
    for _ in range(3000):
        sums.add(0, np.array([float(LIMIT)]), LIMIT)
        sums.add(1, np.array([1.0 - LIMIT]), LIMIT)
    assert sums.digits().integers().tolist() == [3000 * (LIMIT + (1 - LIMIT) * 2**BITS)]


def test_what_may_round_is_not_added() -> None:
    with pytest.raises(AssertionError):
        Sums((1,), 0).add(0, np.array([0.0]), LIMIT + 1)
    with pytest.raises(AssertionError):
        Sums((1,), 0).include(Digits.of(np.array([1]), -1))


def test_zeros_have_one_digit_whatever_they_come_from() -> None:
    a = Digits.of(array([2**100, -(2**100)], 2))
    gone = a - a
    assert len(gone.planes) == 1
    assert numbers(gone) == [0, 0]
    assert not gone.signs().any()
    assert (a * Digits.of(np.zeros(2, np.int64))).integers().tolist() == [0, 0]
