from __future__ import annotations

import random
from fractions import Fraction
from math import ceil, floor
from typing import Any

import numpy as np
import pytest

from certify.bounds.unrounded import (
    Term,
    TooLong,
    Unrounded,
    Weights,
    floor_quotient,
    integers,
    joined,
)

WIDE = pytest.mark.parametrize("wide", [False, True], ids=["floats", "Python"])


def drawn(r: random.Random, shape: tuple[int, ...], bits: int) -> np.ndarray[Any, Any]:
    flat = [r.randint(-(2**bits), 2**bits) >> r.randint(0, bits) for _ in range(np.prod(shape))]
    return np.array(flat, dtype=object).reshape(shape)


def unrounded(r: random.Random, shape: tuple[int, ...], wide: bool) -> Unrounded:
    terms = [
        Term.of(integers(drawn(r, shape, r.choice([1, 9, 30])), wide), r.randint(-40, 2))
        for _ in range(r.randint(1, 3))
    ]
    return Unrounded(tuple(terms), r.choice([1, 1, 3, 3081]))


def exact(x: Unrounded) -> np.ndarray[Any, Any]:
    """Return the numbers as fractions."""
    return np.sum(
        [
            np.vectorize(lambda n, e=t.exponent: int(n) * Fraction(2) ** e / x.odd, otypes="O")(
                t.plane
            )
            for t in x.terms
        ],
        axis=0,
    )


@WIDE
@pytest.mark.parametrize("seed", range(40))
def test_sums_products_and_their_rounding_are_those_of_fractions(seed: int, wide: bool) -> None:
    r = random.Random(seed)
    x, y = (unrounded(r, (3, 4), wide) for _ in range(2))
    a, b = exact(x), exact(y)
    factor = Term.of(integers(drawn(r, r.choice([(4,), (1, 4), (3, 4)]), 20), wide), -7)
    f = exact(Unrounded((factor,)))
    grid = r.choice([0, 5, 16, 45])
    for found, wanted in (
        (x + y, a + b),
        (-x, -a),
        (x.scaled(factor), a * f),
        (joined([x, y]), np.concatenate([a, b], axis=1)),
    ):
        assert (exact(found) == wanted).all()
    assert (exact(x.dot(factor)) == (a * f).sum(axis=1)).all()
    try:
        down, up = x.floor(grid, wide), x.ceil(grid, wide)
    except TooLong:
        assert not wide
        assert max(abs(int(n * 2**grid)) for n in a.ravel()) > 2**40, "they would have fitted"
    else:
        assert down.tolist() == [[floor(n * 2**grid) for n in row] for row in a]
        assert up.tolist() == [[ceil(n * 2**grid) for n in row] for row in a]


@WIDE
@pytest.mark.parametrize("bits", [3, 24, 45, 60, 200])
@pytest.mark.parametrize("own", [2, 26, 50])
def test_products_with_matrices_do_not_round(bits: int, own: int, wide: bool) -> None:
    r = random.Random(bits)
    table = drawn(r, (7, 5), bits)
    weights = Weights(table if bits > 60 else table.astype(np.int64), -3, 5)
    x, scale = drawn(r, (4, 7), own), Fraction(1, 8) / 5
    rows = Unrounded.of(integers(x, wide), 0)
    assert (exact(weights.times(rows)) == (x @ table) * scale).all()
    assert (exact(weights.absolute.times(rows)) == (x @ abs(table)) * scale).all()
    stack = Unrounded.of(integers(np.stack([x.T, x.T - 1]), wide), 0)
    turned = np.stack([table.T @ x.T, table.T @ (x.T - 1)]) * scale
    assert (exact(weights.images(stack, 9)) == turned).all()
    back = Unrounded.of(integers(drawn(r, (2, 5), own), wide), 0)
    assert (exact(weights.transposed.times(back)) == exact(back) @ table.T * scale).all()


def test_what_floats_do_not_hold_is_refused_and_not_rounded() -> None:
    with pytest.raises(TooLong):
        integers([2**53 + 1], wide=False)
    assert integers([2**53], wide=False).tolist() == [2**53]
    large = Unrounded.of(integers([[2**52]], wide=False), 0)
    assert (large + large).floor(0).tolist() == [[2**53]]
    with pytest.raises(TooLong):
        (large + large + large).floor(0)
    with pytest.raises(TooLong):
        large.floor(2)
    assert (large + large + large).floor(2, wide=True).tolist() == [[3 * 2**54]]
    with pytest.raises(TooLong):
        Unrounded(large.terms, 1).over(3)


@pytest.mark.parametrize("seed", range(20))
def test_quotients_are_rounded_down_whatever_their_length(seed: int) -> None:
    r = random.Random(seed)
    bits = r.choice([8, 26, 40, 53])
    d = [r.randint(1, 2**bits) for _ in range(500)]
    u = [r.randint(0, x) for x in d]
    n = [r.choice([r.randint(0, 2**bits), x, x - 1, 2 * x]) for x in d]
    n = [min(x, 2**bits) for x in n]
    columns = (np.array(x, dtype=np.float64) for x in (n, u, d))
    found = floor_quotient(*columns, largest=2 ** (2 * bits) + 2**bits)
    assert found.tolist() == [a * b // c for a, b, c in zip(n, u, d, strict=True)]


def test_all_limbs_of_large_matrices_have_their_sum() -> None:
    """NumPy may overwrite large arrays that it takes for temporary ones."""
    rng = np.random.default_rng(5)
    table = rng.integers(-(2**44), 2**44, size=(64, 700))
    weights = Weights(table, 0)
    x, y = (rng.integers(-(2**16), 2**16, size=(2, n)).astype(np.float64) for n in table.shape)
    for found, given, wanted in (
        (weights, x, table),
        (weights.absolute, x, abs(table)),
        (weights.transposed, y, table.T),
        (weights.transposed.absolute, y, abs(table.T)),
    ):
        for count in range(1, 5):
            limbs = found._limbs(count)
            total = sum(t.plane.astype(object) * 2**t.exponent for t in limbs)
            assert (total == wanted).all()
            largest = [np.abs(t.plane).sum(axis=0).max() for t in limbs]
            assert [t.bound for t in limbs] == largest
        rows = exact(found.times(Unrounded.of(given, 0)))
        assert (rows == given.astype(int).astype(object) @ wanted.astype(object)).all()


@WIDE
@pytest.mark.parametrize("exponent", [-9_000, -1_100, -1_001, -999, -60])
def test_numbers_far_below_the_grid_are_rounded_by_their_signs(exponent: int, wide: bool) -> None:
    tiny = Unrounded.of(integers([[-(2**53), -1, 0, 1]], wide), exponent)
    assert tiny.floor(0, wide).tolist() == [[-1, -1, 0, 0]]
    assert tiny.ceil(0, wide).tolist() == [[0, 0, 0, 1]]
    above = tiny + Unrounded.of(integers([[5]], wide), 0)
    assert above.floor(0, wide).tolist() == [[4, 4, 5, 5]]


@WIDE
def test_zeros_are_zero_whatever_their_exponent(wide: bool) -> None:
    zero = Unrounded.of(integers([[0, 0]], wide), 9_000)
    one = Unrounded.of(integers([[1]], wide), 0)
    assert (zero + one).floor(3, wide).tolist() == [[8, 8]]
    table = Weights(np.zeros((2, 3), dtype=np.int64), 9_000)
    assert table.times(zero).floor(0, wide).tolist() == [[0, 0, 0]]


def test_python_integers_come_from_any_array() -> None:
    for values in ([2**63 + 5], [2**80], [-3], [7.0]):
        found = integers(values, wide=True)
        assert found.tolist() == values
        assert type(found[0]) is int
