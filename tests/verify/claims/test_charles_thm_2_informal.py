"""Theorem 2, informal: every step on its own, and rules just short of a counterexample."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction as F

import pytest
from support import failing, refuted

from certify.numbers.rationals import vector
from verify.claims.charles2019 import thm_10
from verify.claims.charles2019.sharp import relu_directions
from verify.claims.charles2019.thm_2_informal import CLAIM
from verify.claims.charles2019.without import relu
from verify.claims.charles2019.without.line_directions import OnALine
from verify.claims.claim import Proof
from verify.claims.registry import CLAIMS
from verify.objects import LabelledSet, TwoLayerNetwork

Patch = pytest.MonkeyPatch
EXAMPLE = CLAIM.example


def equal_values(patch: Patch) -> Proof:
    """A unit that the other one outweighs: both points have f = 1."""
    network = replace(EXAMPLE.network, biases=(F(0), F(1)))
    return CLAIM.prove(replace(EXAMPLE, network=network))


def unit_without_output_weight(patch: Patch) -> Proof:
    """Above a negative threshold a unit that counts for nothing is high enough."""
    network = replace(
        EXAMPLE.network, weights=((F(1), F(0)), (F(0), F(1))), output=(F(0), F(1)), threshold=F(-1)
    )
    patch.setattr(thm_10, "rising_unit", lambda *_: 0)
    patch.setattr(thm_10, "escape_step", lambda *_: F(1))
    return CLAIM.prove(replace(EXAMPLE, network=network))


def value_far_too_small(patch: Patch) -> Proof:
    given, true = set(EXAMPLE.data.points), TwoLayerNetwork.value
    patch.setattr(
        TwoLayerNetwork, "value", lambda f, x: true(f, x) if x in given else -true(f, x) - 1
    )
    patch.setattr(TwoLayerNetwork, "label", lambda *_: 1)
    return CLAIM.prove(EXAMPLE)


def label_stuck(patch: Patch) -> Proof:
    patch.setattr(TwoLayerNetwork, "label", lambda *_: -1)
    return CLAIM.prove(EXAMPLE)


FAULTS: dict[int, Callable[[Patch], Proof]] = {
    1: equal_values,
    2: unit_without_output_weight,
    3: value_far_too_small,
    4: label_stuck,
}


@pytest.mark.parametrize("number", FAULTS)
def test_each_step_can_fail(number: int, monkeypatch: Patch) -> None:
    assert failing(FAULTS[number](monkeypatch)) == [number]


def test_both_classes_are_drawn() -> None:
    thresholds = {CLAIM.instance(0, i)[1].network.threshold > 0 for i in range(40)}
    assert thresholds == {True, False}


def test_of_points_outside_of_the_set_nothing_is_claimed() -> None:
    """Two rules that are right on 0 and need opposite directions at -2 and 2."""
    rules = tuple(relu.R_PRIME.network([sign], [2], [1]) for sign in (1, -1))
    instance = OnALine(LabelledSet.of([[0]], [1]), rules, (vector([-2]), vector([2])))
    assert refuted(CLAIMS["charles-thm-15"].counterexamples()["both labels"], instance)
    assert not refuted(CLAIM.counterexamples()["both labels"], instance)


def test_reversal_needs_points_on_both_sides_of_the_positive_one() -> None:
    weak = CLAIM.counterexamples()["upward threshold"]
    assert refuted(weak, weak.example)
    one_sided = LabelledSet.of([[0], [1]], [1, -1])
    assert weak.refute(replace(weak.example, data=one_sided)) is None
    upward = TwoLayerNetwork(((F(1),), (F(-1),)), (F(0), F(0)), (F(1), F(1)), F(1), strict=False)
    data = LabelledSet.of([[-1], [0], [1]], [1, -1, 1])
    assert weak.refute(replace(weak.example, data=data, rules=(upward,))) is None


def test_the_max_margin_direction_serves_one_unit_only() -> None:
    network = relu_directions.silent_network(EXAMPLE.data, (F(0), F(1)))
    assert network is not None
    assert len(network.weights) == 2
    assert {kind.kind for kind in CLAIM.sharpness().certificates} == {
        "every-separator",
        "rule-facts",
    }
