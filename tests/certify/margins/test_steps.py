"""The step that every separator needs at a point: exact, from both sides."""

from __future__ import annotations

from fractions import Fraction as F
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from certify import linear_program, max_margin, universal_step
from certify.checking import checker
from certify.errors import InputError
from certify.margins.steps import PointStep, StepPrograms

S0: Any = ([[0, 0], [0, 1], [1, 1]], [-1, 1, 1])


def accepted(certificate: Any) -> str:
    return checker.check(checker.parse(certificate.line()))[0]


def test_the_running_example_has_a_point_without_a_step() -> None:
    answer = universal_step(*S0)
    assert answer.direction == (0, 1)
    assert [p.step for p in answer.points] == [1, 1, None]
    assert answer.step is None
    assert [accepted(c) for c in answer.certificates] == ["universal-step"] * 3


def test_another_direction_serves_all_points() -> None:
    # The difference of the class means, the repair of the remark: the step is n_+ = 2.
    answer = universal_step(*S0, direction=["1/2", 1])
    assert [p.step for p in answer.points] == [1, 2, 2]
    assert answer.step == 2


@st.composite
def separable(draw: st.DrawFn) -> Any:
    d, n = draw(st.integers(1, 3)), draw(st.integers(2, 6))
    row = st.lists(st.integers(-3, 3), min_size=d, max_size=d)
    rows = draw(st.lists(row, min_size=n, max_size=n))
    labels = [1 if sum(r) >= 1 else -1 for r in rows]
    labels[0], labels[1] = 1, -1
    rows[0], rows[1] = [4] * d, [-4] * d
    return rows, labels


@settings(deadline=None)
@given(separable())
def test_every_step_is_that_of_its_own_linear_program(data: Any) -> None:
    rows, labels = data
    answer = universal_step(rows, labels)
    signed = [[y * x for x in (*row, 1)] for row, y in zip(rows, labels, strict=True)]
    for k, (p, certificate) in enumerate(zip(answer.points, answer.certificates, strict=True)):
        best = linear_program(
            [int(i == k) for i in range(len(rows))],
            equalities=(list(zip(*signed, strict=True)), (*answer.direction, 0)),
            nonnegative=True,
            maximize=True,
        )
        assert p.multipliers[k] == best.value
        assert accepted(certificate) == "universal-step"


@pytest.mark.parametrize("exponent", [-3, 0, 2])
def test_units_of_the_data(exponent: int) -> None:
    scaled = np.ldexp(np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 1.0], [2.0, 3.0]]), exponent)
    answer = universal_step(scaled, [-1, 1, 1, 1])
    assert [p.step for p in answer.points][:2] == [1, 1]
    assert {accepted(c) for c in answer.certificates} == {"universal-step"}


def test_a_wrong_answer_is_refused() -> None:
    programs = StepPrograms(*S0, direction=[0, 1])
    answer, best = programs.solve(0), max_margin(*S0)
    assert best.separable
    longer = PointStep(0, answer.multipliers, tuple(2 * c for c in answer.normal), answer.offset)
    with pytest.raises(checker.Rejected):
        checker.check(programs.certificate(longer, best.w, best.b).to_json())


def test_without_proposals_the_answers_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(3)
    X = rng.integers(-9, 10, (30, 3))
    y = np.where(X.sum(axis=1) > 0, 1, -1)
    steps = [p.step for p in universal_step(X, y).points]
    monkeypatch.setattr("certify.programs.guesses._floats", _overflow)
    assert [p.step for p in universal_step(X, y).points] == steps
    assert len([c for c in steps if c is not None]) >= 2


def _overflow(*_: Any) -> Any:
    raise OverflowError


def test_numbers_beyond_the_range_of_floats() -> None:
    answer = universal_step([[0], [10**400]], [-1, 1])
    assert [p.step for p in answer.points] == [1, 1]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([[0], [1], [2]], [1, -1, 1]), "X: expected linearly separable points"),
        ((*S0, [-1, 0]), "direction: expected one that every separator grows along"),
        ((*S0, [1]), "direction: expected 2 entries, got 1"),
    ],
)
def test_malformed_input(arguments: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        universal_step(*arguments)


def test_zero_is_no_direction() -> None:
    with pytest.raises(InputError, match="direction: expected one that is not 0, got zeros alone"):
        universal_step(*S0, direction=[F(0), F(0)])
