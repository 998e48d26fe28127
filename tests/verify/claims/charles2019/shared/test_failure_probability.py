"""Exact failure probabilities, against brute force and textbook values."""

from __future__ import annotations

from fractions import Fraction as F
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certify.checking import checker
from certify.errors import InputError
from verify.claims.charles2019.shared import failure_probability
from verify.claims.charles2019.shared.enclosures import Loss
from verify.claims.charles2019.shared.failure_probability import LEVEL, clopper_pearson, tail
from verify.claims.charles2019.shared.independent_samples import Reading, Trial
from verify.claims.charles2019.thm_7 import NOISY_LAW, majority


@given(st.integers(1, 40), st.data())
def test_intervals_are_as_wide_as_they_must_be(trials: int, data: st.DataObject) -> None:
    failures = data.draw(st.integers(0, trials))
    low, high = clopper_pearson(failures, trials)
    assert 0 <= low <= F(failures, trials) <= high <= 1
    grid = F(1, failure_probability.GRID)
    if low:
        assert tail(trials, low, failures, at_least=True) <= LEVEL
        assert tail(trials, low + grid, failures, at_least=True) > LEVEL
    if high < 1:
        assert tail(trials, high, failures, at_least=False) <= LEVEL
        assert tail(trials, high - grid, failures, at_least=False) > LEVEL
    for certificate in failure_probability.interval_certificates(failures, trials):
        checker.check(checker.parse(certificate.line()))


def test_narrower_intervals_are_rejected() -> None:
    high = clopper_pearson(0, 14)[1] - F(1, failure_probability.GRID)
    certificate = failure_probability.tail_certificate(14, high, 0, LEVEL, at_least=False)
    with pytest.raises(checker.Rejected, match="tail is within the bound"):
        checker.check(checker.parse(certificate.line()))


def test_there_are_no_more_failures_than_trials() -> None:
    with pytest.raises(InputError, match="failures: expected 0 to 3 of one or more, got 4"):
        clopper_pearson(4, 3)


@pytest.mark.parametrize(("n", "needed"), [(116, 10077), (200, 29956), (500, 187232)])
def test_trials_that_four_over_n_squared_needs(n: int, needed: int) -> None:
    p = F(4, n**2)
    assert failure_probability.trials_needed(p) == needed
    certificate = failure_probability.trials_certificate(p, needed)
    checker.check(checker.parse(certificate.line()))
    for wrong in (needed - 1, needed + 1):
        certificate = failure_probability.trials_certificate(p, wrong)
        with pytest.raises(checker.Rejected):
            checker.check(checker.parse(certificate.line()))


def test_trials_needed_agree_with_powers() -> None:
    needed = failure_probability.trials_needed(F(1, 16))
    assert F(15, 16) ** needed <= LEVEL < F(15, 16) ** (needed - 1)


@pytest.mark.parametrize("loss", [F(0), F(1, 2), F(3, 2), F(5, 2)])
def test_enumeration_agrees_with_all_pairs_of_samples(loss: F) -> None:
    size, allowed = 4, Loss((loss**2,), (), F(1))
    found = failure_probability.enumerate_samples(NOISY_LAW, size, majority, allowed)
    failing = positive = total = 0
    for (c, p), (d, q) in product(NOISY_LAW.all_samples(size), repeat=2):
        reading = Reading(NOISY_LAW.atoms, Trial((c, d), (majority(c), majority(d))))
        guaranteed = size - sum(reading.errors) - loss
        total += p * q
        failing += p * q * (min(reading.overlaps) < guaranteed)
        positive += p * q * (guaranteed > 0)
    assert found.failure == F(failing, total)
    assert found.positive == F(positive, total)
