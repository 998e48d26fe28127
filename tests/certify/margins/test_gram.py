"""Shortest vectors from inner products: lifting finds what a solver for any matrix finds."""

from __future__ import annotations

from typing import Any

import flint
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import certify
from certify.checking import checker
from certify.margins import gram
from certify.margins.max_margin import MaxMargin
from certify.numbers.elimination import primes

ENTRIES = st.integers(-3, 3) | st.integers(-(2**70), 2**70)
Solved = tuple[list[flint.fmpz], flint.fmpz]


def bordered(matrix: flint.fmpz_mat) -> flint.fmpz_mat:
    return flint.fmpz_mat([[0] + [1] * matrix.nrows(), *([1, *row] for row in matrix.tolist())])


def solved(system: flint.fmpz_mat) -> Solved:
    n = system.nrows()
    solution: Any = system.solve(flint.fmpz_mat(n, 1, [1] + [0] * (n - 1)))
    numerators, denominator = solution.numer_denom()
    return numerators.entries(), denominator


def random_gram(size: int, bits: int) -> flint.fmpz_mat:
    rng = np.random.default_rng(size)
    rows = [[int(x) << bits - 20 for x in row] for row in rng.integers(-(2**20), 2**20, (size, 90))]
    rows[0][0] += 1
    vertices = flint.fmpz_mat(rows)
    return vertices * vertices.transpose()


@settings(deadline=None)
@given(st.data(), st.integers(1, 6), st.integers(0, 1200))
def test_lifting_is_right_or_finds_nothing(data: st.DataObject, n: int, bits: int) -> None:
    row = st.lists(ENTRIES, min_size=n, max_size=n)
    vertices = flint.fmpz_mat(data.draw(st.lists(row, min_size=n, max_size=n)))
    system = bordered(vertices * vertices.transpose())
    if system.det() == 0:
        assert gram._lifted(system, bits) is None
    else:
        assert gram._lifted(system, bits) in (None, solved(system))


@pytest.mark.parametrize("size", [1, 2, 30, 80])
@pytest.mark.parametrize("bits", [20, 70])
def test_the_bound_on_the_length_is_enough(
    monkeypatch: pytest.MonkeyPatch, size: int, bits: int
) -> None:
    matrix = random_gram(size, bits)
    found: list[Solved | None] = []
    lift = gram._lifted

    def lifted(system: flint.fmpz_mat, bits: int) -> Solved | None:
        found.append(lift(system, bits))
        return found[-1]

    monkeypatch.setattr(gram, "_LARGE", 1)
    monkeypatch.setattr(gram, "_lifted", lifted)
    assert gram.affine_weights(matrix) == solved(bordered(matrix)) == found[0]


def test_too_few_digits_find_nothing() -> None:
    system = bordered(random_gram(30, 40))
    longest = max(x.bit_length() for x in (*solved(system)[0], solved(system)[1]))
    assert gram._lifted(system, longest) == solved(system)
    assert gram._lifted(system, longest // 2) is None


def test_a_prime_that_divides_the_determinant_is_no_obstacle(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(gram, "_LARGE", 1)
    prime = next(primes())
    matrix = flint.fmpz_mat([[prime, 0], [0, 0]])
    assert gram._lifted(bordered(matrix), 200) is None
    assert gram.affine_weights(matrix) == ([0, 0, 1], 1)


@pytest.mark.parametrize("bias", [True, False])
def test_margins_of_many_support_vectors_are_those_of_the_other_solver(
    monkeypatch: pytest.MonkeyPatch, bias: bool
) -> None:
    rng = np.random.default_rng(3)
    X = rng.normal(size=(120, 90))
    labels = np.where(X[:, 0] > 0, 1, -1)
    answer = certify.max_margin(X, labels, bias)
    assert len(answer.certificate.evidence["multipliers"]) == 120
    assert isinstance(answer, MaxMargin)
    assert len(answer.support) > gram._LARGE
    checker.check(answer.certificate.to_json())
    monkeypatch.setattr(gram, "_LARGE", 1000)
    assert certify.max_margin(X, labels, bias) == answer
