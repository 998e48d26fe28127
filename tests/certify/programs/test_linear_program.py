"""Linear programs: status, value and certificate, whatever was guessed, and what is refused."""

from __future__ import annotations

import pickle
from dataclasses import replace
from typing import Any

import flint
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import certify.programs.linear_program as linear_programs
from certify.checking import checker
from certify.errors import InputError
from certify.programs.linear_program import linear_program
from certify.programs.simplex import Basis
from tests.certify.programs.oracle import (
    GUESSES,
    F,
    accepted,
    choose_guess,
    medium,
    oracle,
    proof_fails,
    solved,
)


@st.composite
def small_programs(draw: st.DrawFn) -> tuple[Any, ...]:
    n = draw(st.integers(0, 3))
    entry = st.integers(-3, 3)
    row = st.lists(entry, min_size=n, max_size=n)
    upper = draw(st.lists(row, max_size=4))
    equal = draw(st.lists(row, max_size=2 if n < 3 else 1))
    return (
        draw(row),
        upper,
        draw(st.lists(entry, min_size=len(upper), max_size=len(upper))),
        equal,
        draw(st.lists(entry, min_size=len(equal), max_size=len(equal))),
        sorted(draw(st.sets(st.integers(0, n - 1)))) if n else [],
    )


@settings(max_examples=200, deadline=None)
@given(small_programs(), st.booleans(), st.sampled_from(GUESSES))
def test_status_and_value_agree_with_elimination(
    program: tuple[Any, ...], maximize: bool, guess: str | None
) -> None:
    c, upper, b, equal, d, signed = program
    status, value = oracle([-v for v in c] if maximize else c, upper, b, equal, d, signed)
    with pytest.MonkeyPatch.context() as patch:
        choose_guess(patch, guess)
        result = solved(c, (upper, b), (equal, d), nonnegative=signed, maximize=maximize)
    assert result.status == status
    if status == "optimal":
        assert result.value == (-value if maximize else value)


@settings(max_examples=150, deadline=None)
@given(
    small_programs(),
    st.lists(st.integers(-2, 9)),
    st.lists(st.integers(-2, 9)),
    st.none() | st.integers(-2, 9),
)
def test_a_wrong_guess_changes_nothing(
    program: tuple[Any, ...], rows: list[int], columns: list[int], blocked: int | None
) -> None:
    c, upper, b, equal, d, signed = program
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(linear_programs, "guess_basis", lambda _: Basis(rows, columns, blocked))
        result = solved(c, (upper, b), (equal, d), nonnegative=signed)
    assert (result.status, result.value) == oracle(c, upper, b, equal, d, signed)


def test_free_and_nonnegative_variables() -> None:
    rows = ([[1, 1], [-1, 1]], [4, 2])
    assert solved([0, 1], rows, maximize=True).value == 3
    assert solved([0, 1], rows).status == "unbounded"
    assert solved([0, 1], rows, nonnegative=[1]).value == 0
    assert solved([1, 0], rows, nonnegative=np.array([1])).value == -2
    assert solved([1, 0], rows, nonnegative=True).value == 0
    assert solved([1, 0], rows, nonnegative=False).status == "unbounded"
    assert solved([1, 0], rows, nonnegative=(1, 0, 1)).certificate.instance["nonnegative"] == [0, 1]


def test_results_cross_to_other_processes_with_their_certificate() -> None:
    result = linear_program([1], ([[-1]], [-3]))
    copy = pickle.loads(pickle.dumps(result))
    assert copy == result
    assert accepted(copy).certificate == result.certificate


def test_a_line_of_optima_and_a_line_that_improves() -> None:
    assert solved([1, 1, 0], ([[-1, -1, 0]], [-3])).value == 3
    assert solved([1, 0, 0], ([[-1, -1, 0]], [-3])).status == "unbounded"


def test_no_rows_and_no_columns() -> None:
    assert solved([]).value == 0
    assert solved([], ([[], []], [0, 1])).value == 0
    assert solved([], ([[], []], [0, -1])).status == "infeasible"
    assert solved([], equalities=([[]], [2])).status == "infeasible"
    assert solved([0, 0]).x == (0, 0)
    assert solved([0, 1]).ray == (0, -1)
    assert solved([0, 1], nonnegative=True).value == 0
    assert solved([0, 1], nonnegative=True, maximize=True).status == "unbounded"
    assert solved([1, 1], ([], []), (np.zeros((0, 2)), []), nonnegative=[0, 1]).value == 0
    assert solved([1], ([[0], [0]], [0, 3]), nonnegative=True).value == 0
    assert solved([1], ([[0]], [-1]), nonnegative=True).status == "infeasible"


def test_redundant_and_inconsistent_equalities() -> None:
    left = [[1, 2, 3], [2, 4, 6], [0, 0, 0], [1, 1, 1], [2, 3, 4]]
    answer = solved([1, 0, 0], equalities=(left, [6, 12, 0, 3, 9]), nonnegative=True)
    assert (answer.value, answer.x) == (0, (0, 3, 0))
    for wrong in ([6, 13, 0, 3, 9], [6, 12, 1, 3, 9], [6, 12, -1, 3, 9], [6, 12, 0, 3, 8]):
        answer = solved([1, 0, 0], ([[1, 0, 0]], [5]), (left, wrong), nonnegative=True)
        assert answer.status == "infeasible"
    assert solved([1, 0], equalities=([[1, 1]], [-1]), nonnegative=True).status == "infeasible"


def test_every_form_of_number_gives_the_same_certificate() -> None:
    rows, b = [[2, 1], [1, 3]], [4, 5]
    first = solved([-1, -1], (rows, b), nonnegative=True).certificate
    forms: list[Any] = [
        ([["2", 1], [1, "6/2"]], ["4", F(5)]),
        (np.array(rows), np.array(b)),
        (np.array(rows, dtype=float), np.array(b, dtype=np.float32)),
        (flint.fmpq_mat(2, 2, [2, 1, 1, 3]), [flint.fmpq(4), flint.fmpz(5)]),
        [rows, tuple(b)],
    ]
    for form in forms:
        assert solved(np.array([-1.0, -1.0]), form, nonnegative=True).certificate == first
    assert first.instance == {
        "objective": ["-1", "-1"],
        "inequalities": {"matrix": [["2", "1"], ["1", "3"]], "right_side": ["4", "5"]},
        "equalities": {"matrix": [], "right_side": []},
        "nonnegative": [0, 1],
    }
    assert first.statement == {"value": "-13/5", "x": ["7/5", "6/5"]}
    assert first.evidence == {
        "inequality_multipliers": ["2/5", "1/5"],
        "equality_multipliers": [],
    }


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"inequalities": ([[1, 2], [3]], [1, 2])},
            "inequalities[0]: expected 2 columns, got 1 columns (row 1)",
        ),
        (
            {"inequalities": (np.ones((1, 3), dtype=int), [1])},
            "inequalities[0]: expected 2 columns, got 3 columns",
        ),
        (
            {"inequalities": ([[1, 2]], [1, 2])},
            "inequalities[1]: expected 1 entries, got 2 entries",
        ),
        ({"equalities": ([[1, 2]], [])}, "equalities[1]: expected 1 entries, got 0 entries"),
        (
            {"equalities": ([[1, float("nan")]], [1])},
            "equalities[0]: expected a finite number (int, Fraction, float, decimal string or "
            "'p/q'), got nan (row 0, column 1)",
        ),
        (
            {"inequalities": ([[1, 2]],)},
            "inequalities: expected a pair (matrix, right side), got 1 parts",
        ),
        ({"equalities": 7}, "equalities: expected a pair (matrix, right side), got int"),
        (
            {"nonnegative": [0, 2]},
            "nonnegative: expected True or indices of variables, 0 to 1, got 2 (entry 1)",
        ),
        (
            {"nonnegative": [-1]},
            "nonnegative: expected True or indices of variables, 0 to 1, got -1 (entry 0)",
        ),
        (
            {"nonnegative": [False, True]},
            "nonnegative: expected True or indices of variables, 0 to 1, got False (entry 0)",
        ),
        ({"nonnegative": 1}, "nonnegative: expected True or indices of variables, 0 to 1, got 1"),
        ({"objective": "12"}, "objective: expected a list of numbers, got str '12'"),
        (
            {"objective": [], "nonnegative": [0]},
            "nonnegative: expected no indices, got 0 (entry 0)",
        ),
    ],
)
def test_bad_input_is_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError) as refusal:
        linear_program(**{"objective": [1, 1], **options})
    assert str(refusal.value) == message


@pytest.mark.parametrize(
    ("field", "spoil"),
    [
        ("multipliers", lambda v: [-v[0], *v[1:]]),
        ("multipliers", lambda v: [2 * v[0], *v[1:]]),
        ("x", lambda v: [v[0] + 1, *v[1:]]),
        ("x", lambda v: [v[0] - 1, *v[1:]]),
        ("multipliers", lambda v: None),
    ],
)
def test_a_wrong_proof_never_leaves(
    field: str, spoil: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def spoiled(*args: Any) -> Any:
        outcome = genuine(*args)
        return replace(outcome, **{field: spoil(getattr(outcome, field))})

    genuine = linear_programs.minimise
    monkeypatch.setattr(linear_programs, "minimise", spoiled)
    with pytest.raises(RuntimeError, match="internal error: the proof of 'optimal' does not hold"):
        linear_program([-1, -1], ([[2, 1], [1, 3]], [4, 5]), nonnegative=True)


def test_the_test_verification_rejects_wrong_certificates() -> None:
    optimal = solved([-1, -1], ([[2, 1], [1, 3]], [4, 5]), nonnegative=True).certificate.to_json()
    wrong = [
        ("statement", "value", "-3", "value"),
        ("statement", "x", ["5", "0"], "infeasible point"),
        ("statement", "x", ["0", "0"], "value"),
        ("evidence", "inequality_multipliers", ["-2/5", "1/5"], "negative multiplier"),
        ("evidence", "inequality_multipliers", ["2/5", "0"], "reduced cost"),
        ("evidence", "inequality_multipliers", ["1", "1"], "duality gap"),
    ]
    for part, key, value, reason in wrong:
        spoiled = {**optimal, part: {**optimal[part], key: value}}
        assert proof_fails(spoiled) == reason
        with pytest.raises(checker.Rejected):
            checker.check(spoiled)


def test_same_input_same_answer() -> None:
    args = medium(0, "optimal")
    assert linear_program(*args) == linear_program(*args)
