"""Points as integers, and the filter in floats that decides which inner products are needed."""

from __future__ import annotations

from typing import Any

import flint
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from certify.errors import InputError
from certify.margins import points as point_sets
from certify.margins.points import LabelledSet, check_labels

ENTRIES = st.integers(-3, 3) | st.integers(-(2**53), 2**53) | st.integers(2**90, 2**90 + 9)
FORCED = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


@FORCED
@given(st.data(), st.integers(1, 4), st.integers(2, 8), st.booleans())
def test_the_filter_never_loses_the_lowest_vertex(
    monkeypatch: pytest.MonkeyPatch, data: st.DataObject, d: int, n: int, bias: bool
) -> None:
    monkeypatch.setattr(point_sets, "LARGE", 0)
    row = st.lists(ENTRIES, min_size=d, max_size=d)
    rows = data.draw(st.lists(row, min_size=n, max_size=n))
    signs = data.draw(st.lists(st.sampled_from([-1, 1]), min_size=n - 2, max_size=n - 2))
    labels = [1, -1, *signs]
    # Long numbers whose differences are far below what floats resolve.
    direction = data.draw(
        st.lists(st.integers(-(10**60), 10**60) | ENTRIES, min_size=d, max_size=d)
    )
    points = LabelledSet(np.array(rows), labels, bias)
    vertex, value = points.lowest([flint.fmpz(z) for z in direction])
    sides = [
        y * sum(x * z for x, z in zip(row, direction, strict=True))
        for row, y in zip(rows, labels, strict=True)
    ]
    if bias:
        least = sum(min(s for s, y in zip(sides, labels, strict=True) if y == t) for t in (1, -1))
        assert [labels[i] for i in vertex] == [1, -1]
    else:
        least = min(sides)
    assert value == least == sum(sides[i] for i in vertex)


def test_the_filter_leaves_few_points() -> None:
    rng = np.random.default_rng(0)
    X = rng.integers(0, 256, (2000, 20))
    points = LabelledSet(X, np.where(X[:, 0] > 100, 1, -1), bias=True)
    assert points.large
    assert len(points._candidates([flint.fmpz(int(z)) for z in rng.integers(-99, 99, 20)])) < 10
    zero = points._candidates([flint.fmpz(0)] * 20)
    assert len(zero) == 2000


@pytest.mark.parametrize(
    ("X", "rows", "denominator", "instance"),
    [
        ([["1/2"], [3]], [[1], [6]], 2, [["1/2"], ["3"]]),
        (np.array([[0.5], [3.0]]), [[1], [6]], 2, {"exponent": -1, "integers": [[1], [6]]}),
        (np.array([[4.0], [6.0]]), [[4], [6]], 1, {"exponent": 1, "integers": [[2], [3]]}),
        (
            np.array([[1], [2]], dtype=np.uint8),
            [[1], [2]],
            1,
            {"exponent": 0, "integers": [[1], [2]]},
        ),
    ],
)
def test_arrays_are_stored_compactly_and_lists_as_numerals(
    X: Any, rows: Any, denominator: int, instance: Any
) -> None:
    points = LabelledSet(X, [1, -1], bias=True)
    assert (points.rows, points.denominator) == (rows, denominator)
    assert points.instance == {"labels": [1, -1], "points": instance}
    top = max(map(max, rows))
    assert (points.floats / points.floats.max() * top).tolist() == rows


@pytest.mark.parametrize("x", [2**53 + 1, 2**64, 10**400])
def test_integers_that_floats_cannot_hold_are_rounded_for_guesses(x: int) -> None:
    points = LabelledSet([[0], [x]], [1, -1], bias=True)
    power = 1 if x < 2**62 else 1 << x.bit_length()
    assert points.floats.tolist() == [[0], [x / power]]
    assert points.lowest([flint.fmpz(1)]) == ((0, 1), -x)


def test_labels_from_arrays() -> None:
    assert check_labels(np.array([1, -1])) == (1, -1)
    assert check_labels([1.0, -1.0]) == (1, -1)
    with pytest.raises(InputError, match=r"labels: expected labels -1 or \+1, got 0"):
        check_labels(np.array([0]), "labels")
