"""Samples of different sizes: an onlooker, unequal totals, and a fault in every step."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction as F

import pytest
from support import failing, refuted, sentences

from certify.checking import checker
from certify.numbers.rationals import vector
from verify.claims.charles2019 import ratio_remark
from verify.claims.charles2019.ratio_remark import CLAIM
from verify.claims.charles2019.shared.enclosures import Loss
from verify.claims.charles2019.shared.multiclass_samples import Models, through_origin
from verify.claims.charles2019.shared.transfers import Transfer
from verify.claims.charles2019.without.ratio import Onlooker
from verify.claims.claim import Proof
from verify.drawing.laws import FiniteLaw
from verify.objects import ArgmaxRule

Patch = pytest.MonkeyPatch
WEAK = CLAIM.counterexamples()
MIXED = CLAIM.example


def patched(name: str, value: object) -> Callable[[Patch], Proof]:
    """Return a fault that gives one number of every transfer another value."""

    def fault(patch: Patch) -> Proof:
        patch.setattr(Transfer, name, value)
        return CLAIM.prove(MIXED)

    return fault


def long_third_row(patch: Patch) -> Proof:
    rules = MIXED.models.rules
    longer = through_origin([*rules[0].weights, vector([0, 9])])
    return CLAIM.prove(replace(MIXED, models=replace(MIXED.models, rules=(longer, rules[1]))))


def opposite(*u: int) -> ArgmaxRule:
    half = tuple(c / 2 for c in vector(u))
    return through_origin([half, tuple(-c for c in half)])


def no_loss(patch: Patch) -> Proof:
    """The first rule never saw the second point; the bound would have to allow for that."""
    patch.setattr(Transfer, "total", Loss((), (), F(1)))
    law = FiniteLaw.of([[1, 0], [0, 1]], [1, 1], [6, 1])
    models = Models(law, F(1, 2), ((40, 0), (30, 5)), (opposite(1, -1), opposite(1, 1)))
    return CLAIM.prove(replace(MIXED, models=models))


def wide_counts(patch: Patch) -> Proof:
    patch.setattr(ratio_remark, "allowed_counts", lambda *_: (100, 101, F(1, 4)))
    return CLAIM.prove(MIXED)


def deviation_above_one(patch: Patch) -> Proof:
    return CLAIM.prove(replace(MIXED, deviation=F(2)))


FAULTS: dict[int, Callable[[Patch], Proof]] = {
    1: long_third_row,
    2: patched("strays", F(-99)),
    3: patched("chance", F(1)),
    4: patched("strays", F(2)),
    5: patched("ramp_loss", F(0)),
    6: patched("ramp_loss", F(99)),
    7: patched("own_ramp", F(2)),
    8: no_loss,
    9: wide_counts,
    10: deviation_above_one,
}


@pytest.mark.parametrize("number", FAULTS)
def test_each_step_can_fail(number: int, monkeypatch: Patch) -> None:
    assert failing(FAULTS[number](monkeypatch)) == [number]


def test_the_example_shares() -> None:
    first = Transfer(MIXED.models, MIXED.delta, 0, 1)
    assert first.sizes == (90, 60)
    assert first.errors == (F(11, 90), F(3, 10))
    assert (first.overlap, first.strays) == (F(7, 10), F(1, 6))
    assert (first.wrong, first.ramp_loss, first.own_ramp) == (F(3, 20), F(3, 20), F(11, 90))
    assert first.unlikely == 30
    assert first.chance < MIXED.delta


def test_the_tails_of_the_sizes_are_within_their_bound() -> None:
    low, high, chance = ratio_remark.allowed_counts(100, F(1, 2), F(1, 5))
    # exp(-2) = 0.13534 from below: 27 of 200 parts.
    assert (low, high, chance) == (39, 61, F(27, 200))
    assert float(chance) < math.exp(-2) < float(chance) * 1.01
    assert ratio_remark.rounded_up(F(1, 3), F(1)) == F(334, 1000)
    assert ratio_remark.rounded_up(F(1, 4), F(1, 4)) == F(1, 4)


def test_a_bound_of_the_tails_above_the_exponential_is_refused(monkeypatch: Patch) -> None:
    # Tails of 71/4000 are below 1/4 as well, but 1/4 is not below exp(-2).
    monkeypatch.setattr(ratio_remark, "allowed_counts", lambda *_: (39, 61, F(1, 4)))
    proof = CLAIM.prove(MIXED)
    assert failing(proof) == []
    with pytest.raises(checker.Rejected, match=r"1/4 <= [0-9/]* is false"):
        sentences(proof.certificates)


def test_an_onlooker_needs_enough_points_and_enough_failures() -> None:
    weak = WEAK["independent training"]
    assert refuted(weak, Onlooker(10, 748, F(9, 20)))
    assert not refuted(weak, Onlooker(10, 747, F(9, 20)))
    assert not refuted(weak, Onlooker(10, 748, F(8, 20)))
    assert not refuted(weak, Onlooker(3, 748, F(9, 20)))


def test_equal_or_small_totals_refute_nothing() -> None:
    weak = WEAK["equal totals"]
    assert refuted(weak, (17, 7), F(2, 5), F(1))
    assert not refuted(weak, (16, 7), F(2, 5), F(1))
    assert not refuted(weak, (17, 6), F(2, 5), F(1))
    assert not refuted(weak, (7, 7), F(2, 5), F(1))


def test_counts_without_a_ratio_need_probability_zero() -> None:
    weak = WEAK["labels occur"]
    assert refuted(weak, (1, 1), F(1, 10), F(0))
    assert not refuted(weak, (1, 1), F(1, 10), F(1, 4))
