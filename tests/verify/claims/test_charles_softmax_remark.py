"""Softmax keeps the order: enclosures, the last distance that doubles do not see, faults."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction as F

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import failing, refuted

from certify.rationals import vector
from verify.claims.charles2019 import softmax_remark
from verify.claims.charles2019.softmax_remark import ABSORBED, CLAIM, Logits
from verify.claims.claim import Proof

Patch = pytest.MonkeyPatch
(WEAK,) = CLAIM.counterexamples().values()


def descending(patch: Patch) -> Proof:
    patch.setattr(softmax_remark, "neighbours", lambda z: ([(1, 0)], []))
    patch.setattr(softmax_remark, "enclosures", lambda z: [(F(1), F(1)), (F(0), F(0))])
    patch.setattr(softmax_remark, "leading", lambda outputs: vector([1]))
    return softmax_remark.prove(Logits(vector([0, 1])))


def not_level(patch: Patch) -> Proof:
    patch.setattr(softmax_remark, "neighbours", lambda z: ([], [(0, 1)]))
    return softmax_remark.prove(Logits(vector([0, 1])))


def touching(patch: Patch) -> Proof:
    patch.setattr(softmax_remark, "enclosures", lambda z: [(F(0), F(1, 2)), (F(1, 2), F(1))])
    patch.setattr(softmax_remark, "leading", lambda outputs: vector([1]))
    return softmax_remark.prove(Logits(vector([0, 1])))


def other_leader(patch: Patch) -> Proof:
    patch.setattr(softmax_remark, "leading", lambda outputs: vector([0]))
    return softmax_remark.prove(CLAIM.example)


FAULTS: dict[int, Callable[[Patch], Proof]] = {
    1: descending,
    2: not_level,
    3: touching,
    4: other_leader,
}


@pytest.mark.parametrize("number", FAULTS)
def test_each_step_can_fail(number: int, monkeypatch: Patch) -> None:
    assert failing(FAULTS[number](monkeypatch)) == [number]


@given(st.lists(st.fractions(-5, 5, max_denominator=9), min_size=1, max_size=5))
def test_enclosures_hold_the_outputs_and_sum_to_one(z: list[F]) -> None:
    bounds = softmax_remark.enclosures(tuple(z))
    weights = [math.exp(x) for x in z]
    for (low, high), weight in zip(bounds, weights, strict=True):
        assert low <= high
        assert abs(float(low) - weight / sum(weights)) < 1e-12
    assert sum(low for low, _ in bounds) <= 1 <= sum(high for _, high in bounds)


def test_very_close_and_very_distant_logits_are_told_apart() -> None:
    close = (F(1), F(1) + F(1, 10**100))
    assert softmax_remark.leading(softmax_remark.enclosures(close)) == vector([1])
    distant = (F(0), F(2000))
    (low, high), _ = softmax_remark.enclosures(distant)
    assert 0 < low <= high < F(1, 10**800)


def test_the_float_counterexample_of_the_text_and_the_last_lost_distance() -> None:
    tiny = Logits((F(0), F(1e-17)))
    assert refuted(WEAK, tiny)
    assert math.exp(-1e-17) == 1.0
    assert refuted(WEAK, Logits((F(0), ABSORBED)))
    following = ABSORBED * (1 + F(1, 2**52))
    assert not refuted(WEAK, Logits((F(0), following)))


def test_no_refutation_when_the_largest_comes_first_or_is_no_double() -> None:
    assert not refuted(WEAK, Logits((ABSORBED, F(0))))
    assert not refuted(WEAK, Logits((F(0), F(1, 10**17))))
