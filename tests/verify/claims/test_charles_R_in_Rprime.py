"""Class R in class R': every step on its own, and which pairs of units need a third."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction as F
from typing import Any

import pytest
from support import failing, refuted

from verify.claims.charles2019 import R_in_Rprime
from verify.claims.charles2019.R_in_Rprime import CLAIM, EXAMPLE
from verify.claims.claim import Proof
from verify.objects import TwoLayerNetwork

Patch = pytest.MonkeyPatch


def unit_of_twice_the_height(patch: Patch) -> Proof:
    true = R_in_Rprime.with_constant_unit
    patch.setattr(R_in_Rprime, "with_constant_unit", lambda network, a: true(network, 2 * a))
    return R_in_Rprime.prove(EXAMPLE)


def threshold_zero(patch: Patch) -> Proof:
    return R_in_Rprime.prove(replace(EXAMPLE, threshold=F(0)))


def threshold_that_may_be_reached(patch: Patch) -> Proof:
    true = R_in_Rprime.with_constant_unit
    patch.setattr(
        R_in_Rprime,
        "with_constant_unit",
        lambda network, a: replace(true(network, a), strict=False),
    )
    return R_in_Rprime.prove(EXAMPLE)


def linear_boundary_on_the_other_side(patch: Patch) -> Proof:
    true = R_in_Rprime.linear_as_unit
    patch.setattr(
        R_in_Rprime, "linear_as_unit", lambda rule, a: replace(true(rule, a), strict=False)
    )
    return R_in_Rprime.prove(EXAMPLE)


FAULTS: dict[int, Callable[[Patch], Proof]] = {
    1: unit_of_twice_the_height,
    2: threshold_zero,
    3: threshold_that_may_be_reached,
    4: linear_boundary_on_the_other_side,
}


@pytest.mark.parametrize("number", FAULTS)
def test_each_step_can_fail(number: int, monkeypatch: Patch) -> None:
    assert failing(FAULTS[number](monkeypatch)) == [number]


@pytest.mark.parametrize(
    ("weights", "biases", "needed"),
    [
        ([[1, 0], [0, 1]], [0, 0], True),
        ([[1, 0], [1, 1]], [-3, 5], True),
        ([[1, 0, 2], [0, 1, -1]], [1, 1], True),
        ([[1, 0], [2, 0]], [0, 0], False),
        ([[1, 1], [-1, -1]], [0, 0], False),
        ([[1, 1], [0, 0]], [0, 1], False),
        ([[1, 0], [0, 1], [1, 1]], [0, 0, 0], False),
    ],
)
def test_which_pairs_of_units_need_a_third(weights: Any, biases: Any, needed: bool) -> None:
    weak = CLAIM.counterexamples()["one more unit"]
    assert refuted(weak, TwoLayerNetwork.sum_of_units(weights, biases)) == needed


def test_the_line_is_sampled_at_both_edges_and_beyond() -> None:
    points = R_in_Rprime.line_points((EXAMPLE.network,), (F(0), F(0)), (F(1), F(-1)))
    assert {x[0] for x in points} == {F(-1), F(0), F(1)}
    apart = TwoLayerNetwork.sum_of_units([[1], [-1]], [-2, 0])
    steps = R_in_Rprime.line_points((apart,), (F(1),), (F(1),))
    assert sorted(x[0] for x in steps) == [F(-1), F(0), F(1, 2), F(1), F(3, 2), F(2), F(3)]
