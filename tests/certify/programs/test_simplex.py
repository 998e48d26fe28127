from __future__ import annotations

import random
from fractions import Fraction

import pytest
from flint import fmpq, fmpq_mat

from certify.programs.guesses import guess_basis
from certify.programs.simplex import Basis, Program, minimise

NOTHING = Basis((), ())


def program(
    objective: list[int],
    rows: list[list[int]],
    right_side: list[int],
    equalities: tuple[int, ...] = (),
    free: tuple[int, ...] = (),
) -> Program:
    return Program(
        [fmpq(c) for c in objective],
        fmpq_mat(len(rows), len(objective), [v for row in rows for v in row]),
        [fmpq(b) for b in right_side],
        frozenset(equalities),
        frozenset(free),
    )


def drawn(seed: int) -> Program:
    """Draw 60 inequalities and 4 equalities in 12 free and 4 nonnegative variables: optimal."""
    draw = random.Random(seed)
    rows = [[draw.randrange(-99, 100) for _ in range(16)] for _ in range(64)]
    objective = [-sum(row[j] for row in rows[:40]) for j in range(16)]
    right_side = [sum(row) + draw.randrange(50) for row in rows[:60]]
    right_side += [sum(row) for row in rows[60:]]
    return program(objective, rows, right_side, (60, 61, 62, 63), tuple(range(12)))


@pytest.mark.parametrize("seed", range(5))
def test_the_guess_of_highs_needs_no_pivots(seed: int) -> None:
    # A guess that failed would be forgiven silently and only cost time, so its success is tested.
    hard = drawn(seed)
    guessed, unaided = minimise(hard, guess_basis(hard)), minimise(hard, NOTHING)
    assert guessed.status == unaided.status == "optimal"
    assert (guessed.x, guessed.multipliers) == (unaided.x, unaided.multipliers)
    assert guessed.pivots == 0 < unaided.pivots


@pytest.mark.parametrize("seed", range(5))
def test_the_dual_ray_of_highs_needs_no_pivots(seed: int) -> None:
    draw = random.Random(seed)
    rows = [[draw.randrange(-99, 100) for _ in range(16)] for _ in range(40)]
    rows.append([draw.randrange(1, 9) - sum(row[j] for row in rows) for j in range(16)])
    right_side = [draw.randrange(200) for _ in range(40)]
    empty = program([1] * 16, rows, [*right_side, -sum(right_side) - 1])
    guess = guess_basis(empty)
    assert guess.blocked is not None
    outcome = minimise(empty, guess)
    assert (outcome.status, outcome.pivots) == ("infeasible", 0)
    assert minimise(empty, guess._replace(blocked=None)).pivots > 0


def test_a_blocked_variable_that_can_rise_proves_nothing() -> None:
    # x >= 3 and x <= 4: at x = 0 the slack of the first row is -3, and rises with x.
    shifted = program([1], [[-1], [1]], [-3, 4])
    for blocked in (-1, 0, 1, 2, 3):
        assert minimise(shifted, Basis((), (), blocked)).x == [3]
    assert minimise(shifted, Basis([0], [0], 0)).x == [3]


def test_a_proposed_basis_is_kept_when_it_can_be() -> None:
    # max x + y on x + 2y <= 4, 3x + y <= 6; the optimum (8/5, 6/5) has both rows tight.
    small = program([-1, -1], [[1, 2], [3, 1]], [4, 6])
    outcome = minimise(small, Basis([1, 0], [0, 1]))
    assert (outcome.x, outcome.pivots) == ([fmpq(8, 5), fmpq(6, 5)], 0)
    assert minimise(small, Basis([0, 1, 7, -3, 0], [1, 0, 2])).pivots == 0
    assert minimise(small, Basis([0], [1])).pivots == 1
    assert minimise(small, NOTHING).pivots == 2


def test_a_singular_guess_is_completed() -> None:
    twins = program([-1, -1], [[1, 1], [2, 2], [1, 0]], [3, 6, 1])
    outcome = minimise(twins, Basis([0, 1], [0, 1]))
    assert outcome.status == "optimal"
    assert sum(outcome.x or []) == 3


def test_phase_one_from_an_infeasible_vertex() -> None:
    # The vertex of rows 0 and 1 is (4, 4), which row 2 and row 3 cut off.
    cut = program([1, 1], [[1, 0], [0, 1], [1, 1], [1, -2]], [4, 4, 5, -6], free=(0, 1))
    outcome = minimise(cut, Basis([0, 1], [0, 1]))
    assert outcome.status == "unbounded"
    assert outcome.x is not None
    assert min(cut.slacks(outcome.x)) >= 0
    empty = program([1, 1], [[1, 0], [0, 1], [-1, -1]], [4, 4, -9], free=(0, 1))
    outcome = minimise(empty, Basis([0, 1], [0, 1]))
    assert outcome.status == "infeasible"
    assert outcome.multipliers == [1, 1, 1]


def test_contradicting_equalities_need_no_pivots() -> None:
    outcome = minimise(program([1], [[1], [2], [1]], [1, 3, 1], (0, 1, 2)), NOTHING)
    assert (outcome.status, outcome.pivots) == ("infeasible", 0)
    assert outcome.multipliers == [2, -1, 0]


def test_degenerate_pivots_end() -> None:
    # Every row passes through the origin, so no pivot makes progress.
    draw = random.Random(2)
    rows = [[draw.randrange(-3, 4) for _ in range(5)] for _ in range(40)]
    cone = program([-sum(row[j] for row in rows) for j in range(5)], rows, [0] * 40)
    outcome = minimise(cone, NOTHING)
    assert (outcome.status, outcome.x) == ("optimal", [0] * 5)
    assert outcome.pivots > 0


def test_the_point_is_exact_where_floats_round() -> None:
    third = program([-3], [[3]], [1])
    outcome = minimise(third, NOTHING)
    assert outcome.x is not None
    assert Fraction(int(outcome.x[0].p), int(outcome.x[0].q)) == Fraction(1, 3)
