"""Lemma 14: every step on its own, open and closed regions, and near misses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction as F

import pytest
from support import failing, refuted

from certify.numbers.rationals import Vector
from verify.claims.charles2019 import lem_14
from verify.claims.charles2019.lem_14 import CLAIM, EXAMPLE
from verify.claims.charles2019.shared import two_layer
from verify.claims.claim import Proof
from verify.drawing import relu_rules
from verify.objects import TwoLayerNetwork

Patch = pytest.MonkeyPatch


def affine_part_too_low_in_the_middle(patch: Patch) -> Proof:
    true = TwoLayerNetwork.preactivations

    def lowered(network: TwoLayerNetwork, x: Vector) -> Vector:
        return tuple(a - (x == (F(-1, 2), F(1, 2))) for a in true(network, x))

    patch.setattr(TwoLayerNetwork, "preactivations", lowered)
    return lem_14.prove(EXAMPLE)


def unit_that_is_not_convex(patch: Patch) -> Proof:
    """Affine parts make relu convex, so the unit itself is exchanged: -a^2 for max(a, 0)."""
    patch.setattr(two_layer, "max", lambda a, _: -(a**2), raising=False)
    return lem_14.prove(EXAMPLE)


def silent_unit_with_negative_weight(patch: Patch) -> Proof:
    network = EXAMPLE.network
    longer = TwoLayerNetwork(
        (*network.weights, (F(0), F(0))), (*network.biases, F(-1)), (*network.output, F(-1)),
        network.threshold, network.strict,
    )  # fmt: skip
    return lem_14.prove(replace(EXAMPLE, network=longer))


def end_outside_the_region(patch: Patch) -> Proof:
    return lem_14.prove(replace(EXAMPLE, end=(F(3), F(2))))


def label_of_the_other_reading(patch: Patch) -> Proof:
    patch.setattr(TwoLayerNetwork, "label", lambda *_: 1)
    return lem_14.prove(EXAMPLE)


FAULTS: dict[int, Callable[[Patch], Proof]] = {
    1: affine_part_too_low_in_the_middle,
    2: unit_that_is_not_convex,
    3: silent_unit_with_negative_weight,
    4: end_outside_the_region,
    5: label_of_the_other_reading,
}


@pytest.mark.parametrize("number", FAULTS)
def test_each_step_can_fail(number: int, monkeypatch: Patch) -> None:
    assert failing(FAULTS[number](monkeypatch)) == [number]


def test_the_edge_belongs_to_a_strict_rule_only() -> None:
    reached = replace(EXAMPLE, network=replace(EXAMPLE.network, strict=False))
    assert EXAMPLE.network.label(EXAMPLE.start) == -1
    assert failing(lem_14.prove(reached)) == [4]


def test_the_hat_with_threshold_one() -> None:
    weak = CLAIM.counterexamples()["nonnegative output weights"]
    hat = weak.example.network
    assert [hat.label((F(x),)) for x in (-2, -1, 0, 1, 2)] == [-1, 1, 1, 1, -1]
    closed = replace(hat, strict=True)
    assert [closed.label((F(x),)) for x in (-1, 1)] == [-1, -1]
    assert [closed.label((F(x, 100),)) for x in (-99, 99)] == [1, 1]
    assert refuted(weak, weak.example)
    lower = replace(hat, threshold=F(0), strict=True)
    assert not refuted(weak, replace(weak.example, network=lower))
    level = replace(hat, output=(F(1), F(-1)))
    assert not refuted(weak, replace(weak.example, network=level))


def test_attained_thresholds_are_drawn_on_both_sides() -> None:
    seen = set()
    for index in range(len(CLAIM.cases) * 12):
        case, instance = CLAIM.instance(3, index)
        if case == relu_rules.ATTAINED:
            network = instance.network
            seen.add((network.strict, network.value(instance.start) == network.threshold))
    assert (True, True) in seen
    assert (False, True) not in seen
