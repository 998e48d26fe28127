"""The class C: every step on its own, where rules jump, and near misses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction as F

import pytest
from support import failing, refuted

from verify.claims.charles2019 import class_C
from verify.claims.charles2019.class_C import CLAIM, EXAMPLE
from verify.claims.charles2019.without import relu
from verify.claims.claim import Proof
from verify.objects import LabelledSet, TwoLayerNetwork

Patch = pytest.MonkeyPatch


def end_that_the_rule_gets_wrong(patch: Patch) -> Proof:
    """The jump lies beyond the second point."""
    return class_C.prove(replace(EXAMPLE, data=LabelledSet.of([[-1], ["-1/2"]], [-1, 1])))


def value_off_the_threshold(patch: Patch) -> Proof:
    patch.setattr(TwoLayerNetwork, "label", lambda _, x: 1 if x[0] > 0 else -1)
    patch.setattr(TwoLayerNetwork, "value", lambda *_: F(7))
    return class_C.prove(EXAMPLE)


def label_that_waits_behind_the_jump(patch: Patch) -> Proof:
    patch.setattr(TwoLayerNetwork, "label", lambda _, x: 1 if x[0] >= F(1, 2) else -1)
    return class_C.prove(EXAMPLE)


def silent_unit_with_negative_weight(patch: Patch) -> Proof:
    network = TwoLayerNetwork(((F(1),), (F(0),)), (F(0), F(-1)), (F(1), F(-1)), F(0), strict=True)
    return class_C.prove(replace(EXAMPLE, network=network))


FAULTS: dict[int, Callable[[Patch], Proof]] = {
    1: end_that_the_rule_gets_wrong,
    2: value_off_the_threshold,
    3: label_that_waits_behind_the_jump,
    4: silent_unit_with_negative_weight,
}


@pytest.mark.parametrize("number", FAULTS)
def test_each_step_can_fail(number: int, monkeypatch: Patch) -> None:
    assert failing(FAULTS[number](monkeypatch)) == [number]


@pytest.mark.parametrize(
    ("rule", "step"),
    [
        (TwoLayerNetwork.sum_of_units([[1]], [0]), 0),
        (TwoLayerNetwork.sum_of_units([[4]], [-1]), F(1, 4)),
        (relu.R_PRIME.network([1], [0], [1]), 1),
        (TwoLayerNetwork.sum_of_units([[1], [3]], ["-1/2", -1]), F(1, 3)),
    ],
)
def test_where_a_rule_jumps(rule: TwoLayerNetwork, step: F) -> None:
    assert class_C.jump(rule, (F(0),), (F(1),)) == step


def test_the_printed_class_is_refuted_by_accurate_rules_only() -> None:
    printed = CLAIM.counterexamples()["as printed"]
    assert refuted(printed, EXAMPLE)
    assert not refuted(printed, replace(EXAMPLE, positive=0, negative=1))
    later = replace(EXAMPLE, network=TwoLayerNetwork.sum_of_units([[1]], [-1]))
    assert not refuted(printed, later)
    signed = replace(EXAMPLE, network=replace(EXAMPLE.network, output=(F(-1),)))
    assert not refuted(printed, signed)


def test_a_constant_rule_needs_one_label() -> None:
    weak = CLAIM.counterexamples()["both labels"]
    assert refuted(weak, weak.example)
    both = LabelledSet.of([[0], [1]], [-1, 1])
    assert not refuted(weak, replace(weak.example, data=both))
    rising = TwoLayerNetwork.sum_of_units([[1]], [0])
    assert not refuted(weak, replace(weak.example, network=rising))
