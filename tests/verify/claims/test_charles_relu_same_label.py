"""Same label in class R': every step on its own, and pairs just short of a counterexample."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction as F

import pytest
from support import failing, refuted

from verify.claims.charles2019 import relu_same_label, thm_10
from verify.claims.charles2019.relu_same_label import CLAIM, EXAMPLE, FALLING, rise
from verify.claims.charles2019.shared import labelled
from verify.claims.claim import Proof
from verify.objects import TwoLayerNetwork
from verify.objects.rays import is_adversarial

Patch = pytest.MonkeyPatch


def silent_unit_with_negative_weight(patch: Patch) -> Proof:
    network = EXAMPLE.network
    longer = TwoLayerNetwork(
        (*network.weights, (F(0), F(0))), (*network.biases, F(-1)), (*network.output, F(-1)),
        network.threshold, network.strict,
    )  # fmt: skip
    return relu_same_label.prove(replace(EXAMPLE, network=longer))


def step_that_is_too_short(patch: Patch) -> Proof:
    patch.setattr(thm_10, "escape_step", lambda *_: F(0))
    return relu_same_label.prove(EXAMPLE)


def ray_that_is_not_followed(patch: Patch) -> Proof:
    patch.setattr(labelled, "is_adversarial", lambda *_: False)
    return relu_same_label.prove(EXAMPLE)


FAULTS: dict[int, Callable[[Patch], Proof]] = {
    1: silent_unit_with_negative_weight,
    2: step_that_is_too_short,
    3: ray_that_is_not_followed,
}


@pytest.mark.parametrize("number", FAULTS)
def test_each_step_can_fail(number: int, monkeypatch: Patch) -> None:
    assert failing(FAULTS[number](monkeypatch)) == [number]


def test_along_a_direction_of_no_rise_the_second_step_compares_values(monkeypatch: Patch) -> None:
    falling = replace(EXAMPLE, u=(F(0), F(1)))
    assert failing(relu_same_label.prove(falling)) == []
    monkeypatch.setattr(TwoLayerNetwork, "value", lambda _, x: F(x[1] > 3))
    assert 2 in failing(relu_same_label.prove(falling))


def test_rising_and_falling_directions_are_drawn() -> None:
    drawn = [CLAIM.instance(0, i) for i in range(60)]
    rises = {case: set() for case, _ in drawn}
    for case, instance in drawn:
        rises[case].add(rise(instance.network, instance.u) > 0)
    assert {r for seen in rises.values() for r in seen} == {True, False}
    assert False in rises[FALLING]


def test_positive_points_can_differ() -> None:
    network = TwoLayerNetwork.sum_of_units([[1], [-1]], [-1, -1])
    right = (F(1),)
    assert is_adversarial(network, (F(-2),), right)
    assert not is_adversarial(network, (F(2),), right)


def test_near_misses() -> None:
    signed = CLAIM.counterexamples()["nonnegative output weights"]
    hat = signed.example
    assert refuted(signed, hat)
    assert not refuted(signed, replace(hat, points=tuple(reversed(hat.points))))
    assert not refuted(signed, replace(hat, u=(F(0),)))
    level = replace(hat.network, output=(F(1), F(-1)))
    assert not refuted(signed, replace(hat, network=level))
    positive = CLAIM.counterexamples()["points labelled -1"]
    assert refuted(positive, positive.example)
    one_unit = replace(positive.example.network, output=(F(1), F(0)))
    assert not refuted(positive, replace(positive.example, network=one_unit))
    assert not refuted(positive, replace(hat, points=((F(0),), (F(1),))))
