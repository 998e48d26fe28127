"""Results on networks where no linear rule is right: every step on its own, and near misses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction as F

import pytest
from support import failing, refuted

from certify.numbers.rationals import vector
from verify.claims.charles2019 import conclusion_linear
from verify.claims.charles2019.conclusion_linear import CLAIM, EXAMPLE
from verify.claims.charles2019.sharp import accurate_rules
from verify.claims.charles2019.without import relu
from verify.claims.claim import Proof
from verify.objects import LabelledSet

Patch = pytest.MonkeyPatch
DATA, NETWORK = EXAMPLE


def network_that_is_wrong(patch: Patch) -> Proof:
    return conclusion_linear.prove(DATA, replace(NETWORK, threshold=F(2)))


def point_that_is_not_between(patch: Patch) -> Proof:
    data = LabelledSet.of([[0], [1], [2]], [-1, 1, 1])
    return conclusion_linear.prove(data, NETWORK)


def step_that_does_not_turn(patch: Patch) -> Proof:
    patch.setattr(conclusion_linear, "changed_step", lambda *_: F(1, 2))
    return conclusion_linear.prove(*EXAMPLE)


FAULTS: dict[int, Callable[[Patch], Proof]] = {
    1: network_that_is_wrong,
    2: point_that_is_not_between,
    3: step_that_does_not_turn,
}


@pytest.mark.parametrize("number", FAULTS)
def test_each_step_can_fail(number: int, monkeypatch: Patch) -> None:
    with monkeypatch.context() as patch:
        if number == 2:  # the points are separable, and the certificate is another one
            assert 2 in failing(FAULTS[2](patch))
        else:
            assert failing(FAULTS[number](patch)) == [number]


def test_the_sentence_is_refuted_by_right_networks_on_inseparable_sets_only() -> None:
    printed = CLAIM.counterexamples()["as printed"]
    assert refuted(printed, DATA, NETWORK)
    assert not refuted(printed, DATA, replace(NETWORK, threshold=F(2)))
    assert not refuted(printed, DATA, replace(NETWORK, output=vector([1, -1])))
    assert not refuted(printed, LabelledSet.of([[0], [1]], [-1, 1]), NETWORK)


@pytest.mark.parametrize(
    ("weights", "biases", "linear"),
    [([1, -1], [0, 0], 0), ([1, 2], [0, 1], 1), ([0], [0], 1), ([0], [2], 1), ([1, -1], [3, 3], 1)],
)
def test_a_gap_decides(weights: list[int], biases: list[int], linear: int) -> None:
    network = relu.R_PRIME.network(weights, biases, [1] * len(weights))
    proof = conclusion_linear.decide(network)
    assert failing(proof) == []
    assert proof.steps[0].relations[0].left == linear


def test_a_search_that_finds_no_rule_is_noticed(monkeypatch: Patch) -> None:
    network = relu.R_PRIME.network([2], [0], [1])
    nothing = conclusion_linear.decide(network).certificates[0]
    monkeypatch.setattr(accurate_rules, "rule", lambda *_: (None, nothing))
    assert failing(conclusion_linear.decide(network)) == [1]
