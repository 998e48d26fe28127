from __future__ import annotations

import pytest

from certify.programs.guesses import criss_cross


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
