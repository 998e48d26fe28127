"""Lemma 13: every step on its own, and segments just short of a counterexample."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction as F

import pytest
from support import failing, refuted

from certify.numbers.rationals import Vector
from verify.claims.charles2019 import lem_13
from verify.claims.charles2019.lem_13 import CLAIM, EXAMPLE
from verify.claims.charles2019.shared import two_layer
from verify.claims.claim import Proof
from verify.objects import TwoLayerNetwork

Patch = pytest.MonkeyPatch


def affine_part_too_low_in_the_middle(patch: Patch) -> Proof:
    true = TwoLayerNetwork.preactivations

    def lowered(network: TwoLayerNetwork, x: Vector) -> Vector:
        return tuple(a - (x == (F(-1, 2), F(-1, 2))) for a in true(network, x))

    patch.setattr(TwoLayerNetwork, "preactivations", lowered)
    return lem_13.prove(EXAMPLE)


def unit_that_is_not_convex(patch: Patch) -> Proof:
    """Affine parts make relu convex, so the unit itself is exchanged: -a^2 for max(a, 0)."""
    patch.setattr(two_layer, "max", lambda a, _: -(a**2), raising=False)
    return lem_13.prove(EXAMPLE)


def silent_unit_with_negative_weight(patch: Patch) -> Proof:
    return lem_13.prove(replace(EXAMPLE, network=replace(EXAMPLE.network, output=(F(1), F(-1)))))


def end_outside_the_region(patch: Patch) -> Proof:
    return lem_13.prove(replace(EXAMPLE, end=(F(1), F(0))))


FAULTS: dict[int, Callable[[Patch], Proof]] = {
    1: affine_part_too_low_in_the_middle,
    2: unit_that_is_not_convex,
    3: silent_unit_with_negative_weight,
    4: end_outside_the_region,
}


@pytest.mark.parametrize("number", FAULTS)
def test_each_step_can_fail(number: int, monkeypatch: Patch) -> None:
    assert failing(FAULTS[number](monkeypatch)) == [number]


def test_the_hat_is_refuted_between_its_feet_only() -> None:
    weak = CLAIM.counterexamples()["nonnegative output weights"]
    hat = weak.example
    assert refuted(weak, hat)
    assert refuted(weak, replace(hat, parameter=F(999, 1000)))
    assert not refuted(weak, replace(hat, parameter=F(1)))
    assert not refuted(weak, replace(hat, parameter=F(-1, 2)))
    assert not refuted(weak, replace(hat, end=(F(1, 2),)))
    # With weights 1 and -1 the function stays at its height: no second foot.
    assert not refuted(weak, replace(hat, network=replace(hat.network, output=(F(1), F(-1)))))
    # Another threshold is another class.
    assert not refuted(weak, replace(hat, network=replace(hat.network, threshold=F(1, 2))))
