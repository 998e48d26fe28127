"""The dimension of the invariant space and one direction, against the basis and both checkers."""

from __future__ import annotations

import json
import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from benchmarks import corruptions
from certify.certificates.certificate import Certificate
from certify.checking import checker
from certify.checking import fast as fast_checker
from certify.errors import InputError
from certify.heads import invariant_dimension, invariant_direction, invariant_directions
from certify.numbers import elimination

F = Fraction


def accept(certificate: Certificate) -> str:
    """Check a certificate with both checkers and return its kind."""
    parsed = checker.parse(certificate.line())
    kind, _ = checker.check(parsed)
    assert fast_checker.check(parsed)[0] == kind
    return kind


@st.composite
def heads(draw: st.DrawFn) -> np.ndarray[Any, Any]:
    """Draw weights of every shape whose rank is often lower than the shape allows."""
    l, m = draw(st.integers(1, 6)), draw(st.integers(1, 6))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    kind = draw(st.sampled_from(["any", "repeated", "product", "zero"]))
    weights = rng.integers(-2, 3, (l, m)) * 2.0 ** rng.integers(-3, 4, (l, m))
    if kind == "repeated":
        weights = weights[:, rng.integers(0, m, m)]
    elif kind == "product":
        weights = rng.integers(-3, 4, (l, 2)) @ rng.integers(-3, 4, (2, m)) / 4
    elif kind == "zero":
        weights = np.zeros((l, m))
    return weights.astype(draw(st.sampled_from([np.float32, np.float64])))


@given(heads())
def test_dimension_and_direction_are_those_of_the_basis(weights: np.ndarray[Any, Any]) -> None:
    space = invariant_directions(weights)
    thirds = [[F(x) / 3 for x in row] for row in weights.tolist()]
    for same in (weights, torch.from_numpy(weights), thirds):
        answer = invariant_dimension(same)
        assert (answer.rank, answer.dimension) == (space.rank, space.dimension)
        assert accept(answer.certificate) == "invariant-dimension"
        found = invariant_direction(same)
        assert (found.direction is None) == (space.dimension == 0)
        if found.direction is None:
            assert accept(found.certificate) == "invariant-dimension"
            assert found.certificate.statement["dimension"] == 0
            continue
        assert accept(found.certificate) == "invariant-direction"
        assert all(x.denominator == 1 for x in found.direction)
        assert math.gcd(*map(int, found.direction)) == 1
        shifts = [
            sum((F(w) * d for w, d in zip(c, found.direction, strict=True)), F(0))
            for c in weights.T.tolist()
        ]
        assert len(set(shifts)) == 1


def test_primes_that_see_too_small_a_rank_are_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(elimination, "LARGEST_PRIME_BELOW", 8)
    # 7 sees nothing, 5 sees one dimension less, 3 sees the rank.
    weights = [[7, 0, 0], [0, 35, 0]]
    answer = invariant_dimension(weights)
    assert (answer.rank, answer.certificate.evidence["prime"]) == (2, 3)
    assert accept(answer.certificate) == "invariant-dimension"
    none = invariant_direction(weights)
    assert none.direction is None
    assert accept(none.certificate) == "invariant-dimension"
    found = invariant_direction([[7, 0, 0], [0, 35, 0], [0, 14, 0]])
    assert found.direction == (0, F(2), F(-5))
    assert accept(found.certificate) == "invariant-direction"


def test_a_head_whose_first_features_are_not_typical() -> None:
    weights = np.random.default_rng(0).standard_normal((30, 10)).astype(np.float32)
    weights[:9] = 0
    answer = invariant_dimension(weights)
    assert (answer.rank, answer.dimension) == (9, 21)
    assert accept(answer.certificate) == "invariant-dimension"
    assert invariant_direction(weights).direction == (1, *[0] * 29)


@pytest.mark.parametrize("shape", [(60, 40), (40, 60), (40, 41), (41, 40)])
def test_planted_dependencies_between_classes(shape: tuple[int, int]) -> None:
    weights = np.random.default_rng(1).integers(-(2**20), 2**20, shape).astype(np.float32)
    weights[:, 5], weights[:, 9] = weights[:, 6], 2 * weights[:, 7] - weights[:, 8]
    weights[3] = weights[4]
    expected = min(shape[0] - 1, shape[1] - 3)
    answer = invariant_dimension(weights)
    assert (answer.rank, answer.dimension) == (expected, shape[0] - expected)
    assert accept(answer.certificate) == "invariant-dimension"
    assert accept(invariant_direction(weights).certificate) == "invariant-direction"


def test_how_weights_are_written() -> None:
    assert invariant_dimension(np.array([[0.5, 2]])).certificate.instance == {
        "weights": {"exponent": -1, "integers": [[1, 4]]}
    }
    assert invariant_dimension(np.array([[1, 2.0**60]])).certificate.instance == {
        "weights": {"exponent": 0, "integers": [["1", str(2**60)]]}
    }
    assert invariant_dimension([["1/3", 2]]).certificate.instance == {"weights": [["1/3", "2"]]}


@pytest.mark.parametrize("function", [invariant_dimension, invariant_direction])
@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ([], "weights: expected at least one row and one column, got 0 rows"),
        ([[]], "got 1 rows and 0 columns"),
        (np.zeros((0, 3)), "got 0 rows and 3 columns"),
        (np.array([[1.0, np.nan]]), r"weights: expected a finite .* got nan \(row 0, column 1\)"),
        ([[1.0], [1.0, 2.0]], r"weights: expected 1 columns, got 2 columns \(row 1\)"),
    ],
)
def test_bad_weights_are_refused(function: Any, weights: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        function(weights)


# Corruptions of larger certificates: each is refused, for its reason, by both checkers.

WEIGHTS = np.random.default_rng(7).standard_normal((60, 40)).astype(np.float32)
WEIGHTS[:, 5] = WEIGHTS[:, 6]
DIMENSION = json.loads(invariant_dimension(WEIGHTS).certificate.line())
DIRECTION = json.loads(invariant_direction(WEIGHTS).certificate.line())
CORRUPTIONS = [
    pytest.param(certificate, corruption, id=f"{certificate['kind']}-{corruption.what}")
    for certificate, listed in (
        (DIMENSION, corruptions.of_dimension(DIMENSION)),
        (DIRECTION, corruptions.of_direction(DIRECTION)),
    )
    for corruption in listed
]


@pytest.mark.parametrize("certificate", [DIMENSION, DIRECTION], ids=lambda c: c["kind"])
def test_the_larger_certificates_are_honest(certificate: Any) -> None:
    assert checker.check(certificate)[0] == fast_checker.check(certificate)[0]


@pytest.mark.parametrize(("certificate", "corruption"), CORRUPTIONS)
@pytest.mark.parametrize("check", [checker.check, fast_checker.check])
def test_corruptions_of_larger_certificates(
    certificate: Any, corruption: corruptions.Corruption, check: Any
) -> None:
    corrupted = corruptions.corrupted(certificate, corruption)
    outcome = corruptions.outcome(check, corrupted)
    assert corruption.explains(outcome), outcome
