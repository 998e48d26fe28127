"""Programs that are hard for floats or for pivoting, whatever was guessed."""

from __future__ import annotations

import random
from typing import Any

import pytest

import certify.programs.linear_program as linear_programs
from certify.programs import guesses
from certify.programs.simplex import Basis
from tests.certify.programs.oracle import GUESSES, F, choose_guess, medium, solved, without_guess


@pytest.mark.parametrize("kind", ["optimal", "infeasible", "unbounded"])
@pytest.mark.parametrize("seed", range(4))
def test_garbage_and_failing_guesses_on_medium_programs(
    kind: str, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    args = medium(seed, kind)
    expected = solved(*args)
    assert expected.status == kind

    def fails(program: Any) -> Basis:
        raise RuntimeError("HiGHS is out of order")

    with monkeypatch.context() as patch:
        patch.setattr(guesses, "Highs", fails)
        result = solved(*args)
        assert (result.status, result.value) == (kind, expected.value)
    draw = random.Random(seed)
    rows, columns = draw.sample(range(40), 8), draw.sample(range(10), 8)
    monkeypatch.setattr(linear_programs, "guess_basis", lambda _: Basis(rows, columns, seed))
    result = solved(*args)
    assert (result.status, result.value) == (kind, expected.value)


BEALE = {
    "objective": ["-3/4", 150, "-1/50", 6],
    "inequalities": ([["1/4", -60, "-1/25", 9], ["1/2", -90, "-1/50", 3], [0, 0, 1, 0]], [0, 0, 1]),
    "nonnegative": True,
}
KUHN = {
    "objective": [-2, -3, 1, 12],
    "inequalities": ([[-2, -9, 1, 9], ["1/3", 1, "-1/3", -2]], [0, 0]),
    "nonnegative": True,
}


def test_cycling_examples(monkeypatch: pytest.MonkeyPatch) -> None:
    without_guess(monkeypatch)
    assert solved(**BEALE).value == F(-1, 20)
    assert solved(**KUHN).status == "unbounded"
    kuhn = dict(KUHN, inequalities=([*KUHN["inequalities"][0], [2, 3, -1, -12]], [0, 0, 2]))
    assert solved(**kuhn).value == -2


def test_klee_minty_cube(monkeypatch: pytest.MonkeyPatch) -> None:
    n = 7
    rows = [[2 ** (i - j + 1) if j < i else int(i == j) for j in range(n)] for i in range(n)]
    cube = {
        "objective": [2 ** (n - 1 - j) for j in range(n)],
        "inequalities": (rows, [5 ** (i + 1) for i in range(n)]),
        "nonnegative": True,
        "maximize": True,
    }
    assert solved(**cube).value == 5**n
    without_guess(monkeypatch)
    assert solved(**cube).value == 5**n


@pytest.mark.parametrize("guess", GUESSES)
def test_degenerate_vertex_with_many_ties(
    guess: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    choose_guess(monkeypatch, guess)
    draw = random.Random(1)
    rows = [[draw.randrange(-4, 5) for _ in range(6)] for _ in range(50)]
    cone = [-sum(row[j] for row in rows) for j in range(6)]
    assert solved(cone, (rows, [0] * 50)).value == 0
    assert solved(cone, (rows + rows, [0] * 100)).value == 0
    # Assignment of 5 to 5: every vertex is degenerate, and one equality follows from the others.
    cost = [draw.randrange(20) for _ in range(25)]
    sums = [[int(k // 5 == i) for k in range(25)] for i in range(5)]
    sums += [[int(k % 5 == i) for k in range(25)] for i in range(5)]
    answer = solved(cost, equalities=(sums, [1] * 10), nonnegative=True)
    assert answer.x is not None
    assert sorted(answer.x) == [0] * 20 + [1] * 5


@pytest.mark.parametrize("guess", GUESSES)
def test_infeasible_by_a_hair(guess: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    choose_guess(monkeypatch, guess)
    hair = F(1, 2**38)
    rows = [[3, 5, -2], [-1, 2, 7], [-2, -7, -5]]
    assert solved([1, 1, 1], (rows, [4, 9, -13 - hair])).status == "infeasible"
    assert solved([0, 0, 0], (rows, [4, 9, -13])).status == "optimal"
    assert solved([0, 0, 0], (rows, [4, 9, -13 + hair])).status == "optimal"
    # As floats, which are dyadic rationals.
    assert solved([0.0], ([[1.0], [-1.0]], [1.0, -1.0 - 2.0**-38])).status == "infeasible"


@pytest.mark.parametrize("n", [4, 8])
def test_hilbert_rows(n: int) -> None:
    hilbert = [[F(1, i + j + 1) for j in range(n)] for i in range(n)]
    ones = [sum(row) for row in hilbert]
    objective = [sum(hilbert[i][j] for i in range(n)) for j in range(n)]
    answer = solved(objective, (hilbert, ones), maximize=True)
    assert answer.x == (F(1),) * n
    answer = solved(objective, equalities=(hilbert, ones))
    assert answer.x == (F(1),) * n


def test_coefficients_over_many_orders_of_magnitude() -> None:
    draw = random.Random(3)
    n = 10
    scale = [F(10) ** draw.randrange(-6, 7) for _ in range(n)]
    rows = [[draw.randrange(-9, 10) * s for s in scale] for _ in range(3 * n)]
    b = [(1 + draw.randrange(9)) * F(10) ** draw.randrange(-6, 7) for _ in range(3 * n)]
    objective = [-sum(row[j] for row in rows) for j in range(n)]
    plain = solved(objective, (rows, b))
    assert plain.status == "optimal"
    # Rows in other units: the same answer, although HiGHS sees entries from 1e-18 to 1e18.
    units = [F(10) ** draw.randrange(-12, 13) for _ in rows]
    scaled = [[u * a for a in row] for u, row in zip(units, rows, strict=True)]
    assert solved(objective, (scaled, [u * v for u, v in zip(units, b, strict=True)])).value == (
        plain.value
    )


def test_entries_that_floats_lose(monkeypatch: pytest.MonkeyPatch) -> None:
    choose_guess(monkeypatch, "HiGHS")
    tiny, huge = F(1, 10**400), F(10**400)
    assert solved([-1, 0], ([[tiny, 1], [0, -1]], [1, 0])).value == -(10**400)
    assert solved([1], ([[-huge]], [-1])).value == tiny
    assert solved([-1], ([[tiny], [-1]], [-tiny, 0])).status == "infeasible"
    assert solved([1], ([[5e-324]], [1.0])).status == "unbounded"
