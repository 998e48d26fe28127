from __future__ import annotations

import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from flint import fmpq, fmpq_mat

from certify.margins import guesses as margin_guesses
from certify.margins import max_margin
from certify.programs import guesses
from certify.programs.guesses import Highs, criss_cross, guess_basis
from certify.programs.simplex import Basis, Program

# x + y + z = 1 with x, y, z >= 0
SIMPLEX = Program([fmpq(0)] * 3, fmpq_mat([[1, 1, 1]]), [fmpq(1)], frozenset([0]), frozenset())


def test_nothing_is_printed_by_the_solver() -> None:
    program = (
        "certify.linear_program([1], ([[-1]], [-2])); certify.linear_program([1], ([[1]], [2]))"
    )
    run = [
        sys.executable,
        "-c",
        f"import certify; {program}",
    ]  # the first of a process may say more
    done = subprocess.run(run, capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("", "")


def test_an_optimal_basis() -> None:
    # max x + y on x + 2y <= 4, 3x + y <= 6: both rows tight, both columns basic.
    basis = criss_cross([-1, -1], [[1, 2], [3, 1]], [4, 6], (), ())
    assert (sorted(basis.rows), sorted(basis.columns), basis.blocked) == ([0, 1], [0, 1], None)


def test_a_row_that_cannot_be_met_is_named() -> None:
    # x + y <= -1 with x, y >= 0: slack 0 is the variable 2.
    basis = criss_cross([1, 1], [[1, 1], [1, 0]], [-1, 5], (), ())
    assert basis.blocked == 2


def test_equalities_and_free_variables_stay_where_they_belong() -> None:
    # min y with x + y = 1, x <= 3, x and y free: x = 3, y = -2.
    basis = criss_cross([0, 1], [[1, 1], [1, 0]], [1, 3], (0,), (0, 1))
    assert (sorted(basis.rows), sorted(basis.columns)) == ([0, 1], [0, 1])


@pytest.mark.parametrize("rows", [0, 3])
def test_nothing_to_choose_from(rows: int) -> None:
    assert criss_cross([], [[]] * rows, [1.0] * rows, range(rows), ()).columns == []
    assert criss_cross([1.0], [], [], (), (0,)) == ([], [], None)


def test_an_unbounded_program_ends() -> None:
    assert criss_cross([-1.0], [[-1.0]], [0.0], (), ()).blocked is None


def test_the_objective_moves_from_variable_to_variable() -> None:
    solver = Highs(SIMPLEX, primal=True)
    assert [solver.largest(j) for j in (2, 0, 1)] == [Basis([0], [j]) for j in (2, 0, 1)]


@pytest.mark.parametrize("error", [OverflowError, np.linalg.LinAlgError, RuntimeWarning])
def test_floats_may_fail(error: type[Exception], monkeypatch: pytest.MonkeyPatch) -> None:
    plant(error, monkeypatch)
    assert guess_basis(SIMPLEX) == Basis((), ())
    assert max_margin.max_margin([[0], [2]], [-1, 1]).margin_squared == 1


@pytest.mark.parametrize("error", [TypeError, AttributeError, IndexError, AssertionError])
def test_mistakes_are_not_taken_for_failures_of_floats(
    error: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    plant(error, monkeypatch)
    with pytest.raises(error):
        guess_basis(SIMPLEX)
    with pytest.raises(error):
        max_margin.max_margin([[0], [2]], [-1, 1])


def plant(error: type[Exception], patch: pytest.MonkeyPatch) -> None:
    def fails(*_: Any) -> Any:
        raise error

    patch.setattr(guesses, "_floats", fails)
    patch.setattr(margin_guesses, "nnls", fails)
