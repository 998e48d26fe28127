"""Rank, null spaces and linear systems, compared with elimination over plain Fractions."""

from __future__ import annotations

import itertools
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from certify.certificates.certificate import Certificate
from certify.checking import checker
from certify.errors import InputError
from certify.heads import invariant_directions
from certify.numbers import elimination
from certify.numbers.elimination import null_space, rank, solve

F = Fraction
Matrix = list[list[Fraction]]

ENTRIES = st.one_of(
    st.integers(-3, 3).map(F),
    st.fractions(min_value=-5, max_value=5, max_denominator=4),
    st.sampled_from([F(10**30), F(1, 10**30), F(2**61 - 1), F(1, 2**61 - 1)]),
)


def shapes(largest: int = 5) -> st.SearchStrategy[tuple[int, int]]:
    return st.tuples(st.integers(1, largest), st.integers(1, largest))


def full_matrices(shape: tuple[int, int]) -> st.SearchStrategy[Matrix]:
    row = st.lists(ENTRIES, min_size=shape[1], max_size=shape[1])
    return st.lists(row, min_size=shape[0], max_size=shape[0])


@st.composite
def matrices(draw: st.DrawFn) -> Matrix:
    """Draw matrices of every shape, half of them of lower rank than the shape allows."""
    shape = draw(shapes())
    if draw(st.booleans()):
        return draw(full_matrices(shape))
    inner = draw(st.integers(0, 2))
    left = draw(full_matrices((shape[0], inner))) if inner else [[] for _ in range(shape[0])]
    right = draw(full_matrices((inner, shape[1]))) if inner else []
    return [
        [sum((a * r[j] for a, r in zip(row, right, strict=True)), F(0)) for j in range(shape[1])]
        for row in left
    ]


def times(matrix: Matrix, x: Any) -> list[Fraction]:
    return [sum((a * b for a, b in zip(row, x, strict=True)), F(0)) for row in matrix]


def eliminated_rank(matrix: Matrix) -> int:
    """Count the pivots of plain elimination."""
    rows = [list(row) for row in matrix]
    found = 0
    for j in range(len(rows[0]) if rows else 0):
        pivot = next((i for i in range(found, len(rows)) if rows[i][j]), None)
        if pivot is None:
            continue
        rows[found], rows[pivot] = rows[pivot], rows[found]
        for i in range(found + 1, len(rows)):
            factor = rows[i][j] / rows[found][j]
            rows[i] = [a - factor * b for a, b in zip(rows[i], rows[found], strict=True)]
        found += 1
    return found


def accept(certificate: Certificate) -> str:
    return checker.check(checker.parse(certificate.line()))[0]


@given(matrices())
def test_rank_is_that_of_elimination(matrix: Matrix) -> None:
    answer = rank(matrix)
    assert answer.value == eliminated_rank(matrix)
    assert np.arange(10)[answer] == answer.value  # a rank can be used as an index
    assert accept(answer.certificate) == "rank"
    assert rank([list(column) for column in zip(*matrix, strict=True)]).value == answer.value


@given(matrices())
def test_null_space_is_complete_and_independent(matrix: Matrix) -> None:
    space = null_space(matrix)
    assert all(not any(times(matrix, v)) for v in space.basis)
    assert space.dimension + space.rank == len(matrix[0])
    assert space.rank == eliminated_rank(matrix)
    for (i, v), (k, j) in itertools.product(enumerate(space.basis), enumerate(space.free)):
        assert v[j] == (i == k)
    assert accept(space.certificate) == "null-space"


@given(matrices().flatmap(lambda a: st.tuples(st.just(a), full_matrices((1, len(a[0]))))))
def test_solvable_systems_are_solved(drawn: tuple[Matrix, Matrix]) -> None:
    matrix, (x,) = drawn
    right_side = times(matrix, x)
    answer = solve(matrix, right_side)
    assert answer.solvable
    assert answer.contradiction is None
    assert times(matrix, answer.solution) == right_side
    assert accept(answer.certificate) == "linear-system-solution"


@given(matrices().flatmap(lambda a: st.tuples(st.just(a), full_matrices((1, len(a))))))
def test_a_system_has_a_solution_or_a_contradiction(drawn: tuple[Matrix, Matrix]) -> None:
    matrix, (right_side,) = drawn
    answer = solve(matrix, right_side)
    augmented = [[*row, b] for row, b in zip(matrix, right_side, strict=True)]
    assert answer.solvable == (eliminated_rank(augmented) == eliminated_rank(matrix))
    if not answer.solvable:
        y = answer.contradiction
        assert y is not None
        assert not any(times([list(column) for column in zip(*matrix, strict=True)], y))
        assert times([right_side], y) == [1]
        assert accept(answer.certificate) == "linear-system-inconsistent"


@given(matrices())
def test_invariant_directions_shift_every_logit_alike(weights: Matrix) -> None:
    space = invariant_directions(weights)
    columns = [list(column) for column in zip(*weights, strict=True)]
    for d in space.basis:
        assert len(set(times(columns, d))) == 1
    differences = [
        [a - b for a, b in zip(column, columns[-1], strict=True)] for column in columns[:-1]
    ]
    assert space.rank == eliminated_rank(differences)
    assert space.dimension == len(weights) - space.rank >= len(weights) - len(columns) + 1
    assert accept(space.certificate) == "invariant-space"


@given(matrices(), st.data())
def test_other_directions_do_not(weights: Matrix, data: st.DataObject) -> None:
    space = invariant_directions(weights)
    assume(space.dimension < len(weights))
    (d,) = data.draw(full_matrices((1, len(weights))))
    columns = [list(column) for column in zip(*weights, strict=True)]
    inside = eliminated_rank([*map(list, space.basis), d]) == space.dimension
    assert (len(set(times(columns, d))) == 1) == inside


@pytest.mark.parametrize(("l", "m"), [(l, m) for l in range(1, 5) for m in range(1, 5)])
def test_the_bound_on_the_dimension_is_attained(l: int, m: int) -> None:
    weights = [[int(i == k and i < min(m - 1, l)) for i in range(m)] for k in range(l)]
    assert invariant_directions(weights).dimension == max(0, l - m + 1)


def test_large_minors_pass_over_unlucky_primes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(elimination, "LARGEST_PRIME_BELOW", 8)
    # 7 divides a denominator, 5 divides the minor, 3 is good.
    answer = rank([["1/7", 0], [0, 5]])
    assert answer.value == 2
    assert answer.certificate.evidence["prime"] == 3
    assert accept(answer.certificate) == "rank"


@settings(max_examples=10)
@given(st.integers(0, 2**32 - 1))
def test_larger_matrices(seed: int) -> None:
    rng = np.random.default_rng(seed)
    left, right = rng.integers(-9, 9, (12, 5)), rng.integers(-9, 9, (5, 9))
    table = (left @ right).tolist()
    assert rank(table).value == eliminated_rank([[F(x) for x in row] for row in table])
    assert accept(null_space(table).certificate) == "null-space"


@pytest.mark.parametrize("function", [rank, null_space, invariant_directions])
@pytest.mark.parametrize("empty", [[], [[]], np.zeros((0, 3)), np.zeros((3, 0), dtype=int)])
def test_empty_matrices_are_refused(function: Any, empty: Any) -> None:
    with pytest.raises(InputError, match="expected at least one row and one column"):
        function(empty)


def test_shapes_that_do_not_fit_are_refused() -> None:
    with pytest.raises(InputError, match="right_side: expected 2 entries, got 1 entries"):
        solve([[1], [2]], [1])
    with pytest.raises(InputError, match="matrix: expected 1 columns, got 2 columns"):
        rank([[1], [1, 2]])
    with pytest.raises(InputError, match="at least one row"):
        solve([], [])


def test_floats_count_as_the_numbers_they_are() -> None:
    # 0.1 + 0.2 is not 0.3 in binary, so these two rows are independent.
    assert rank([[0.1 + 0.2, 1.0], [0.3, 1.0]]).value == 2
    assert rank([["0.3", 1], ["3/10", 1]]).value == 1
