"""Sparse programs: the same answers as dense ones, and what floats cannot lead to."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import certify.programs.linear_program as linear_programs
from certify.errors import InputError
from certify.programs import optima, sparse_programs
from certify.programs.linear_program import linear_program
from certify.programs.refinement import solve
from certify.programs.sparse import SparseRows
from tests.certify.programs.oracle import F, medium, oracle, solved, sparse
from tests.certify.programs.test_linear_program import small_programs


@settings(max_examples=300, deadline=None)
@given(small_programs(), st.booleans())
def test_status_and_value_agree_with_elimination(program: tuple[Any, ...], maximize: bool) -> None:
    c, upper, b, equal, d, signed = program
    status, value = oracle([-v for v in c] if maximize else c, upper, b, equal, d, signed)
    n = len(c)
    result = solved(
        c, sparse((upper, b), n), sparse((equal, d), n), nonnegative=signed, maximize=maximize
    )
    assert result.status == status
    if status == "optimal":
        assert result.value == (-value if maximize else value)


@pytest.mark.parametrize("kind", ["optimal", "infeasible", "unbounded"])
@pytest.mark.parametrize("seed", range(3))
def test_medium_programs(seed: int, kind: str) -> None:
    c, upper, equal = medium(seed, kind)
    assert solved(c, sparse(upper, 8), sparse(equal, 8)).status == kind


def test_a_floor_that_is_missed_by_less_than_floats_see() -> None:
    c, (rows, b), equal = medium(0, "optimal")
    least = solved(c, (rows, b), equal).value
    assert least is not None
    for sign, status in ((-1, "infeasible"), (0, "optimal"), (1, "optimal")):
        cut = [[*rows, c], [*b, least + sign * F(1, 10**20)]]
        answer = solved(c, sparse(cut, 8), sparse(equal, 8))
        assert answer.status == status
        assert answer.value == (None if sign < 0 else least)


def test_numbers_that_no_float_or_word_holds() -> None:
    long = F(10**400 + 1, 3**200)
    rows = [[long, 1, 0], [0, F(1, 7**300), 1], [1, 0, 10**30]]
    answer = solved([-1, -1, -1], sparse((rows, [long, 1, 10**30]), 3), nonnegative=True)
    assert answer.status == "optimal"
    assert answer.value == solved([-1, -1, -1], (rows, [long, 1, 10**30]), nonnegative=True).value


def test_ends_that_cross() -> None:
    rows = ([[2], [-3]], [1, -2])  # 2/3 <= x <= 1/2
    assert solved([1], sparse(rows, 1)).status == "infeasible"
    assert solved([1], sparse(([[2]], [-1]), 1), nonnegative=True).status == "infeasible"
    assert solved([1], equalities=sparse(([[2], [3]], [1, 1]), 1)).status == "infeasible"


def test_a_second_try_is_a_careful_one(monkeypatch: pytest.MonkeyPatch) -> None:
    tries = []

    def decide(program: Any, careful: bool = False) -> Any:
        tries.append(careful)
        return optima.decide(program, careful) if careful else None

    c, upper, equal = medium(1, "optimal")
    value = solved(c, upper, equal).value
    monkeypatch.setattr(sparse_programs, "decide", decide)
    assert solved(c, sparse(upper, 8), sparse(equal, 8)).value == value
    assert tries == [False, True]


def test_where_floats_lead_nowhere_exact_pivots_decide(monkeypatch: pytest.MonkeyPatch) -> None:
    c, upper, equal = medium(1, "optimal")
    value = solved(c, upper, equal).value
    monkeypatch.setattr(optima, "vertex", lambda *_: None)
    assert solved(c, sparse(upper, 8), sparse(equal, 8)).value == value
    monkeypatch.setattr(linear_programs, "MOST_ENTRIES", 100)
    with pytest.raises(InputError, match="at most 100 entries, got 27 rows of 8 columns on which"):
        linear_program(c, sparse(upper, 8), sparse(equal, 8))


def test_a_solution_is_proved_by_sizes_alone() -> None:
    draw = random.Random(0)
    n = 12
    rows = [{j: F(draw.randrange(-9, 10)) for j in range(n)} for _ in range(n)]
    kernel = SparseRows.of(rows, n)
    dense = np.array([[float(row[j]) for j in range(n)] for row in rows])
    for right_side in ([1] * n, [draw.randrange(10**50) for _ in range(n)], [0] * n):
        found = solve(kernel, lambda r: np.linalg.solve(dense, r), right_side)
        assert found is not None
        products = kernel.product([int(p) for p in found.numerators])
        assert products == [found.denominator * b for b in right_side]
    # Nothing is believed of approximate solutions that are none.
    assert solve(kernel, lambda r: np.zeros(n), [1] * n) is None
    assert solve(kernel, lambda r: np.full(n, np.nan), [1] * n) is None
    singular = SparseRows.of([rows[0]] * n, n)
    assert solve(singular, lambda r: np.linalg.solve(dense, r), list(range(n))) is None


def test_sparse_and_dense_systems_may_stand_together() -> None:
    rows, b = [[2, 1], [1, 3]], [4, 5]
    answer = solved([-1, -1], sparse((rows, b), 2), ([[1, -1]], [0]), nonnegative=True)
    assert answer.value == F(-5, 2)
    with pytest.raises(InputError, match=r"inequalities\[0\]: expected 3 columns, got 2 columns"):
        linear_program([1, 1, 1], sparse((rows, b), 2))
    with pytest.raises(InputError, match=r"inequalities\[1\]: expected 2 entries, got 1"):
        linear_program([1, 1], (sparse((rows, b), 2)[0], [1]))
