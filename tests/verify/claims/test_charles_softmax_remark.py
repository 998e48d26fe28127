"""Softmax keeps the order: enclosures, the last distance that doubles do not see, faults."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction as F
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import failing, refuted

from certify.numbers.rationals import vector
from verify.claims.charles2019 import softmax_remark
from verify.claims.charles2019.sharp import softmax_remark as softmax_sharp
from verify.claims.charles2019.softmax_remark import ABSORBED, CLAIM, Logits
from verify.claims.claim import Proof

Patch = pytest.MonkeyPatch
WEAK = CLAIM.counterexamples()["real numbers"]


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


def test_one_class_is_certified_with_a_relation() -> None:
    proof = softmax_remark.prove(Logits(vector([5])))
    assert [relation[0] for relation in proof.certificates[0].statement["relations"]] == [
        ["max", "z0"]
    ]


@given(st.lists(st.integers(0, 2**20), min_size=1, max_size=5))
def test_the_computation_in_rationals_is_that_of_doubles(numerators: list[int]) -> None:
    z = [-n / 2**18 for n in numerators]
    powers = [math.exp(x - max(z)) for x in z]
    total = 0.0
    for power in powers:
        total += power
    done = softmax_sharp.follow(tuple(map(F, z)))
    # The library's exponential function may err in the last bit; given its results, all agrees.
    for ours, theirs in zip(done.exponentials, powers, strict=True):
        assert abs(ours - F(theirs)) <= F(theirs) / 2**52
    if list(done.exponentials) == list(map(F, powers)):
        assert list(done.outputs) == [F(power / total) for power in powers]


@pytest.mark.parametrize(
    ("count", "multiple", "lost"),
    [(2, F(1), True), (2, F(5, 4), False), (3, F(3), True), (3, F(13, 4), False)],
)
def test_the_limits_for_two_and_for_three_classes(count: int, multiple: F, lost: bool) -> None:
    z = (*((F(0),) * (count - 1)), -multiple * ABSORBED)
    outputs = softmax_sharp.computed(z)
    assert (outputs[0] == outputs[-1]) is lost
    assert not failing(softmax_sharp.decide(Logits(z)))


def test_a_limit_that_is_too_small_or_too_large_is_noticed(monkeypatch: Patch) -> None:
    lost = Logits((F(0), F(0), -3 * ABSORBED))
    monkeypatch.setattr(softmax_sharp, "MOST", ABSORBED)
    assert failing(softmax_sharp.decide(lost)) == [3]
    monkeypatch.setattr(softmax_sharp, "ABSORBED", 8 * ABSORBED)
    monkeypatch.setattr(softmax_sharp, "SLACK", {ABSORBED: F(0), 8 * ABSORBED: F(0)})
    assert failing(softmax_sharp.decide(Logits((F(0), -2 * ABSORBED)))) == [2]


ROUNDED_AWAY = [
    Logits((ABSORBED, -F(1, 2**200))),
    Logits((3 * ABSORBED, 3 * ABSORBED, -F(1, 2**200))),
]


@pytest.mark.parametrize("logits", ROUNDED_AWAY)
def test_a_distance_beyond_a_limit_can_be_lost_because_the_subtraction_rounds(
    logits: Logits,
) -> None:
    outputs = softmax_sharp.computed(logits.z)
    assert set(outputs) == {F(1 / len(logits.z))}
    assert not failing(softmax_sharp.decide(logits))


@pytest.mark.parametrize(("count", "limit"), [(2, ABSORBED), (3, 3 * ABSORBED)])
def test_the_exact_limits_are_half_way_to_the_next_double(count: int, limit: F) -> None:
    slack, little = softmax_sharp.SLACK[limit], F(1, 2**150)
    for below, lost in ((slack, True), (slack + little, False)):
        logits = Logits((*(limit,) * (count - 1), -below))
        outputs = softmax_sharp.computed(logits.z)
        assert (outputs[-1] == outputs[0]) is lost
        assert not failing(softmax_sharp.decide(logits))


def test_the_draws_find_limits_on_exact_distances_false() -> None:
    """Without the rounding of the subtraction no distance beyond the limits would be lost."""

    def exceeds(logits: Logits) -> bool:
        z, outputs = logits.z, softmax_sharp.computed(logits.z)
        limit = (1 if len(z) == 2 else 3) * ABSORBED
        return any(
            o == max(outputs) and max(z) - x > limit for x, o in zip(z, outputs, strict=True)
        )

    drawn = [softmax_sharp.draw(Random(seed), softmax_sharp.ROUNDED) for seed in range(60)]
    assert {len(logits.z) for logits in drawn if exceeds(logits)} >= {2, 3}


def test_the_largest_logit_drawn_is_often_not_zero() -> None:
    for case in (softmax_sharp.PAIR, softmax_sharp.SEVERAL, softmax_sharp.ENDS):
        drawn = [softmax_sharp.draw(Random(seed), case) for seed in range(20)]
        assert any(max(logits.z) for logits in drawn)
        assert not all(max(logits.z) for logits in drawn)


def test_two_classes_lose_nothing_beyond_the_first_limit() -> None:
    assert CLAIM.sharp is not None
    weak = CLAIM.sharp.overstated
    assert refuted(weak, Logits((F(0), F(0), -3 * ABSORBED)))
    assert not refuted(weak, Logits((F(0), F(0), -ABSORBED)))
    assert not refuted(weak, Logits((F(0), -3 * ABSORBED)))
