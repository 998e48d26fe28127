"""Separable or not: exact on small sets, and by float guesses on sets of a thousand points."""

from __future__ import annotations

from fractions import Fraction as F
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from certify import max_margin, separate
from certify.checking import checker
from certify.errors import InputError
from certify.margins import guesses
from certify.margins import max_margin as separation
from certify.margins import points as point_sets
from certify.margins import separable as separability
from certify.margins.guesses import vanishing_combination
from certify.margins.max_margin import NotSeparable
from certify.margins.points import LabelledSet
from certify.margins.separable import Separable


def established(answer: Separable | NotSeparable) -> str:
    return checker.check(checker.parse(answer.certificate.line()))[0]


def cloud(seed: int, n: int, d: int, gap: int) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Return two overlapping or separated clouds; the last coordinates are rare or constant."""
    rng = np.random.default_rng(seed)
    y = np.where(rng.integers(0, 2, n) == 1, 1, -1)
    X = rng.integers(-50, 51, (n, d))
    X[:, 0] += gap * y
    X[:, -1] = 7
    X[:, -2] = 0
    X[0, -2] = 9
    return X, y


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.data(), st.integers(1, 3), st.booleans(), st.sampled_from([0, 10**9]))
def test_the_same_answer_as_the_maximum_margin(
    monkeypatch: pytest.MonkeyPatch, data: st.DataObject, d: int, bias: bool, limit: int
) -> None:
    monkeypatch.setattr(point_sets, "LARGE", limit)
    row = st.lists(st.integers(-4, 4), min_size=d, max_size=d)
    rows = data.draw(st.lists(row, min_size=2, max_size=8))
    signs = st.lists(st.sampled_from([-1, 1]), min_size=len(rows) - 2, max_size=len(rows) - 2)
    labels = [1, -1, *data.draw(signs)]
    answer = separate(rows, labels, bias)
    assert answer.separable == max_margin(rows, labels, bias).separable
    assert established(answer) == ("separable" if answer.separable else "not-separable")
    if isinstance(answer, Separable):
        for x, y in zip(rows, labels, strict=True):
            value = sum(a * b for a, b in zip(answer.normal, x, strict=True))
            assert y * (value + answer.offset) > 0
        assert bias or answer.offset == 0


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize(("gap", "expected"), [(60, True), (30, False)])
def test_a_thousand_points_are_decided_from_the_guess(
    gap: int, expected: bool, bias: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def not_reached(*_: Any) -> Any:
        raise AssertionError("the guess was good enough")

    monkeypatch.setattr(separability, "max_margin", not_reached)
    answer = separate(*cloud(1, 1500, 20, gap), bias=bias)
    assert answer.separable == expected
    assert established(answer) == ("separable" if expected else "not-separable")


def test_max_margin_of_inseparable_points_uses_the_guess() -> None:
    answer = max_margin(*cloud(2, 1500, 20, 30))
    assert isinstance(answer, NotSeparable)
    assert sum(answer.multipliers) == 1
    assert answer.multipliers[0] == 0  # it alone has the rare coordinate
    assert established(answer) == "not-separable"


@pytest.mark.parametrize("guess", [[0.0] * 4, [1.0, 0.0, 0.0, 0.0], [1.0, 1.0, 0.0, 0.0]])
def test_a_bad_guess_of_the_combination_is_no_combination(guess: list[float]) -> None:
    square = LabelledSet([[0, 0], [1, 1], [0, 1], [1, 0]], [1, 1, -1, -1], bias=True)
    assert vanishing_combination(square, np.array(guess)) is None
    found = vanishing_combination(square, np.array([1.0, 3.0, 2.0, 2.0]))
    assert found is not None
    assert set(map(str, found.values())) == {str(found[0])}


def test_rounding_that_spoils_a_weight_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guesses, "_refined", lambda columns, weights: weights)
    line = LabelledSet([[0], [1], [2]], [1, -1, 1], bias=True)
    # Twice the middle must balance the ends; the heaviest two cannot absorb 8 of the third.
    assert vanishing_combination(line, np.array([8.0, 9.0, 7.0])) is not None
    assert vanishing_combination(LabelledSet([[0], [3]], [1, -1], True), np.ones(2)) is None


def test_a_guess_that_fails_as_floats_do_costs_nothing_but_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fails(*_: Any) -> Any:
        raise RuntimeError("too many iterations")

    monkeypatch.setattr(guesses, "nnls", fails)
    assert established(separate(*cloud(1, 20, 3, 60))) == "separable"


@pytest.mark.parametrize("name", ["nnls", "_path", "_refined"])
def test_any_other_failure_of_a_guess_is_seen(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """As of a library that has changed: without guesses everything would only be slow."""

    def fails(*_: Any) -> Any:
        raise TypeError("planted")

    monkeypatch.setattr(guesses, name, fails)
    points = cloud(1, 20, 3, 60) if name == "nnls" else cloud(1, 1500, 20, 30)
    with pytest.raises(TypeError, match="planted"):
        max_margin(*points)


@pytest.mark.parametrize("gap", [60, 30])
def test_wide_floats_are_decided_from_the_guess(gap: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The common denominator of these points is far beyond 2^53, and the floats guess all the same.

    Without a guess the shortest vector is approached by one system of equations for each point.
    """
    X, y = cloud(3, 1500, 20, gap)
    wide = X + np.random.default_rng(0).normal(size=X.shape) * 2.0**-20
    assert LabelledSet(wide, y, True).array.dtype == object
    solved = []
    affine = separation._shortest_affine
    monkeypatch.setattr(
        separation, "_shortest_affine", lambda *given: solved.append(1) or affine(*given)
    )
    for rounded in (wide, wide.tolist()):
        answer = max_margin(rounded, y)
        assert answer.separable == (gap == 60)
        assert established(answer) == ("max-margin" if answer.separable else "not-separable")
        assert len(solved) <= 3
        solved.clear()


def test_the_rule_is_right_although_floats_cannot_see_it() -> None:
    tiny = F(1, 10**40)
    answer = separate([[F(1)], [1 + tiny]], [-1, 1])
    assert isinstance(answer, Separable)
    assert established(answer) == "separable"


def test_malformed_input() -> None:
    with pytest.raises(InputError, match=r"y: expected both labels"):
        separate([[1], [2]], [1, 1])
