"""The boundary where numbers enter: exactly, or not at all."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction
from typing import Any

import flint
import numpy as np
import pytest
import torch
from hypothesis import example, given
from hypothesis import strategies as st

from certify.errors import InputError
from certify.numbers import rationals

F = Fraction
SMALL = st.fractions(min_value=-100, max_value=100, max_denominator=30)
VECTORS = st.lists(SMALL, max_size=6)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_floats_enter_as_the_dyadic_rational_they_are(x: float) -> None:
    value = rationals.rational(x)
    assert float(value) == x
    assert value.denominator & (value.denominator - 1) == 0
    assert rationals.rational(np.float64(x)) == value
    assert rationals.rational(torch.tensor(x, dtype=torch.float64)) == value
    narrow = np.float32(x) if abs(x) < 3e38 else np.float32(0)
    assert rationals.rational(narrow) == F(float(narrow))


@given(st.fractions())
def test_exact_numbers_enter_unchanged_and_come_out_as_text(x: Fraction) -> None:
    assert rationals.rational(x) == x
    assert rationals.rational(rationals.as_flint(x)) == x
    assert rationals.text(x) == str(x)
    assert rationals.rational(rationals.text(x)) == x
    assert rationals.rational(x.numerator) == x.numerator
    assert rationals.rational(flint.fmpz(x.numerator)) == x.numerator


@pytest.mark.parametrize(
    ("given", "value"),
    [
        ("3/7", F(3, 7)),
        (" -3/7\n", F(-3, 7)),
        ("+4/6", F(2, 3)),
        ("0.1", F(1, 10)),
        (".5", F(1, 2)),
        ("5.", F(5)),
        ("-1e-3", F(-1, 1000)),
        ("2.5E2", F(250)),
        (np.int64(-3), F(-3)),
        (np.uint8(200), F(200)),
        (Fraction(np.int64(2**62), np.int64(3)), F(2**62, 3)),
        (torch.tensor(7), F(7)),
        (-0.0, F(0)),
        (5e-324, F(1, 2**1074)),
        (np.longdouble(2) ** 64 + np.longdouble(2) ** 1, F(2**64 + 2)),
        (np.longdouble(2) ** 5000, F(2**5000)),  # which is finite, and beyond all doubles
    ],
)
def test_accepted_numbers(given: Any, value: Fraction) -> None:
    assert rationals.rational(given) == value
    assert type(rationals.rational(given)) is Fraction
    assert type(rationals.rational(given).numerator) is int


@pytest.mark.parametrize(
    ("given", "got"),
    [
        (True, "the truth value True"),
        (np.bool_(False), "the truth value False"),
        (math.nan, "nan"),
        (math.inf, "inf"),
        (np.float32("-inf"), "-inf"),
        (np.longdouble("nan"), "nan"),
        (torch.tensor(math.nan), "nan"),
        (torch.tensor(True), "bool True"),
        (1j, "complex 1j"),
        (np.complex128(1j), "complex 1j"),
        (Decimal("0.1"), "Decimal Decimal('0.1')"),
        (None, "NoneType None"),
        ([1], "list [1]"),
        ("", "''"),
        ("nan", "'nan'"),
        ("inf", "'inf'"),
        ("1/2e3", "'1/2e3'"),
        ("1.5/2", "'1.5/2'"),
        ("1 000", "'1 000'"),
        ("1_000", "'1_000'"),
        ("٣", "'٣'"),
        ("1e99999", "'1e99999'"),
        (".", "'.'"),
        (b"1", "bytes b'1'"),
    ],
)
def test_refused_numbers(given: Any, got: str) -> None:
    with pytest.raises(InputError) as caught:
        rationals.rational(given, "weight", "row 3")
    error = caught.value
    assert (error.argument, error.got, error.where) == ("weight", got, "row 3")
    assert "a finite number" in error.expected


@pytest.mark.parametrize("given", ["1e-999999999", "-.5E+10000"])
def test_a_long_exponent_is_named(given: str) -> None:
    with pytest.raises(InputError, match="its exponent of at most four digits, got"):
        rationals.rational(given)


def test_a_zero_denominator_is_named() -> None:
    with pytest.raises(InputError, match="expected a nonzero denominator, got '1/0'"):
        rationals.rational("1/0")


@given(st.lists(st.lists(SMALL, min_size=3, max_size=3), max_size=4))
def test_matrices_survive_the_way_through_flint(table: list[list[Fraction]]) -> None:
    exact = rationals.rows(table, columns=3)
    assert exact == tuple(map(tuple, table))
    matrix = rationals.flint_matrix(table, columns=3)
    assert (matrix.nrows(), matrix.ncols()) == (len(table), 3)
    assert rationals.from_flint(matrix) == exact
    assert rationals.flint_matrix(matrix) is matrix


@pytest.mark.parametrize(
    "table",
    [
        np.array([[1, 2], [3, 4]]),
        np.array([[1, 2], [3, 4]], dtype=np.uint8),
        np.array([[1.0, 2.0], [3.0, 4.0]], dtype=np.float32),
        torch.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True),
        [["1", "2"], ["3", "4"]],
        ((1, 2), (3, 4)),
        [np.array([1, 2]), torch.tensor([3, 4])],
        flint.fmpq_mat(2, 2, [1, 2, 3, 4]),
    ],
)
def test_matrices_of_every_library(table: Any) -> None:
    expected = ((F(1), F(2)), (F(3), F(4)))
    assert rationals.rows(table) == expected
    assert rationals.from_flint(rationals.flint_matrix(table)) == expected


def test_empty_shapes_keep_their_columns() -> None:
    for table in ([], np.zeros((0, 4), dtype=int)):
        matrix = rationals.flint_matrix(table, columns=4)
        assert (matrix.nrows(), matrix.ncols()) == (0, 4)
    matrix = rationals.flint_matrix(np.zeros((3, 0), dtype=int))
    assert (matrix.nrows(), matrix.ncols()) == (3, 0)
    assert rationals.rows([]) == ()
    assert rationals.vector(np.array([])) == ()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: rationals.rows([[1], [1, 2]], "W"),
            "W: expected 1 columns, got 2 columns (row 1)",
        ),
        (
            lambda: rationals.rows([[1, 2]], "W", columns=3),
            "W: expected 3 columns, got 2 columns (row 0)",
        ),
        (lambda: rationals.rows([[1, "x"]], "W"), "got 'x' (row 0, column 1)"),
        (lambda: rationals.rows([1, 2], "W"), "W: expected a list of numbers, got int 1 (row 0)"),
        (lambda: rationals.rows(5, "W"), "W: expected a list of numbers, got int 5"),
        (
            lambda: rationals.rows(["12"], "W"),
            "W: expected a list of numbers, got str '12' (row 0)",
        ),
        (lambda: rationals.vector("12", "b"), "b: expected a list of numbers, got str '12'"),
        (lambda: rationals.vector({1: 2}, "b"), "b: expected a list of numbers, got dict {1: 2}"),
        (lambda: rationals.vector([1, math.nan], "b"), "got nan (entry 1)"),
        (lambda: rationals.vector([1, 2], "b", length=3), "b: expected 3 entries, got 2 entries"),
        (lambda: rationals.vector([[1]], "b"), "got list [1] (entry 0)"),
        (
            lambda: rationals.vector([0.5, "1/3"], "b"),
            "b: expected floats or exact numbers, not a mixture, got the float 0.5 (entry 0) "
            "beside the exact 1/3 (entry 1)",
        ),
        (
            lambda: rationals.rows([[F(1, 3), 1], [2, 0.5]], "W"),
            "got the float 0.5 (row 1, column 1) beside the exact 1/3 (row 0, column 0)",
        ),
        (lambda: rationals.flint_matrix([[1.0, "2"]], "W"), "not a mixture"),
        (lambda: rationals.dot((F(1),), ()), "b: expected 1 entries, got 0 entries"),
    ],
)
def test_refused_lists_name_the_place(call: Any, message: str) -> None:
    with pytest.raises(InputError) as caught:
        call()
    assert message in str(caught.value)


def test_floats_may_stand_beside_integers() -> None:
    assert rationals.vector([1, 0.5, F(2)]) == (F(1), F(1, 2), F(2))


FLOATS = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False),
    st.floats(allow_nan=False, allow_infinity=False, width=32),
    st.sampled_from([0.0, -0.0, 5e-324, -1e-310, 1.7e308, 2.0**-1022, 1.0, -0.75]),
)
TABLES = st.tuples(st.integers(1, 3), st.integers(1, 3)).flatmap(
    lambda shape: st.lists(
        st.lists(FLOATS, min_size=shape[1], max_size=shape[1]),
        min_size=shape[0],
        max_size=shape[0],
    )
)


def value(array: rationals.DyadicArray) -> list[list[Fraction]]:
    unit = F(2) ** array.exponent
    return [[unit * int(x) for x in row] for row in array.integers.tolist()]


@given(TABLES)
def test_arrays_of_floats_cross_in_one_piece(table: list[list[float]]) -> None:
    exact = [[F(x) for x in row] for row in table]
    for array in (np.array(table), torch.tensor(table, dtype=torch.float64, requires_grad=True)):
        dyadic = rationals.dyadic_array(array)
        assert dyadic is not None
        assert value(dyadic) == exact
        assert rationals.from_flint(rationals.flint_matrix(array)) == tuple(map(tuple, exact))
        # The exponent is the largest one, so that the integers are the smallest.
        assert not any(map(any, exact)) or any(x % 2 for x in dyadic.integers.ravel().tolist())


@pytest.mark.parametrize("kind", [np.float16, np.float32, np.float64, np.int8, np.uint64, np.int64])
def test_arrays_of_every_type(kind: Any) -> None:
    table = np.array([[0, 1, 2], [3, 96, 7]]).astype(kind)
    dyadic = rationals.dyadic_array(table)
    assert dyadic is not None
    assert value(dyadic) == [[0, 1, 2], [3, 96, 7]]
    assert dyadic.integers.dtype == np.int64


def test_tensors_of_every_type() -> None:
    for kind in (torch.bfloat16, torch.float16, torch.float32, torch.int32):
        dyadic = rationals.dyadic_array(torch.tensor([[1, 3], [0, -96]]).to(kind).t())
        assert dyadic is not None
        assert value(dyadic) == [[1, 0], [3, -96]]


def test_long_integers_leave_the_machine_words() -> None:
    for table in (np.array([[2**63 - 1, 1]]), np.array([[2**64 - 1, 1]], dtype=np.uint64)):
        dyadic = rationals.dyadic_array(table)
        assert dyadic is not None
        assert dyadic.integers.dtype == object
        assert value(dyadic) == table.tolist()


@pytest.mark.parametrize(
    "other", [[[1.0]], np.zeros(3), np.array([[True]]), np.array([["1"]]), torch.tensor(1.0), "1"]
)
def test_other_objects_are_no_arrays_of_numbers(other: Any) -> None:
    assert rationals.dyadic_array(other) is None


@pytest.mark.parametrize("kind", [float, int])
def test_masked_numbers_are_no_numbers(kind: Any) -> None:
    table = np.ma.masked_array(np.array([[1, 2], [3, 4]], dtype=kind))
    assert rationals.from_flint(rationals.flint_matrix(table)) == ((1, 2), (3, 4))
    table[1, 0] = np.ma.masked
    with pytest.raises(InputError, match=r"W: expected a finite .* got NoneType None \(row 1, col"):
        rationals.flint_matrix(table, "W")


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_arrays_name_the_place_of_what_is_not_finite(bad: float) -> None:
    table = np.ones((3, 4), dtype=np.float32)
    table[1, 2] = table[2, 0] = bad
    for array in (table, torch.tensor(table)):
        with pytest.raises(InputError) as caught:
            rationals.flint_matrix(array, "W")
        assert str(caught.value).startswith("W: expected a finite number")
        assert (caught.value.got, caught.value.where) == (str(bad), "row 1, column 2")


def test_integers_of_any_length_are_printed() -> None:
    assert rationals.text(10**5000) == "1" + "0" * 5000
    assert rationals.text(F(1, 10**5000)) == "1/1" + "0" * 5000
    assert rationals.texts([F(1, 2), 3]) == ["1/2", "3"]


@given(VECTORS.flatmap(lambda v: st.tuples(st.just(v), st.just(v[::-1]), SMALL, SMALL)))
def test_combinations_are_linear(drawn: Any) -> None:
    v, w, a, b = drawn
    mixed = rationals.combine((a, v), (b, w))
    assert mixed == tuple(a * x + b * y for x, y in zip(v, w, strict=True))
    assert rationals.dot(v, mixed) == a * rationals.dot(v, v) + b * rationals.dot(v, w)


def test_combinations_refuse_unequal_lengths() -> None:
    with pytest.raises(InputError, match="terms: expected vectors of equal length"):
        rationals.combine((1, (F(1),)), (1, ()))


@given(st.lists(st.integers(-(10**30), 10**30)), st.integers(1, 10**20), st.integers(1, 10**9))
@example([0, 0], 6, 1)
@example([4, 2, 8], 64, 8)
@example([6, 35, 1], 2**3 * 3 * 5 * 7, 1)
def test_quotients_are_reduced(numerators: list[int], denominator: int, common: int) -> None:
    given = [flint.fmpz(n * common) for n in numerators]
    values, numerals = rationals.quotients(given, flint.fmpz(denominator * common))
    assert values == tuple(Fraction(n, denominator) for n in numerators)
    assert [(v.numerator, v.denominator) for v in values] == [
        Fraction(n, denominator).as_integer_ratio() for n in numerators
    ]
    assert numerals == [str(v) for v in values]
    assert all(type(v.numerator) is int for v in values)
