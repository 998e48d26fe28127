"""Class R in words: every step on its own, and near misses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction as F

import pytest
from support import failing, refuted

from certify.numbers.rationals import vector
from verify.claims.charles2019 import R_units
from verify.claims.charles2019.R_units import CLAIM, EXAMPLE
from verify.claims.claim import Proof
from verify.objects import TwoLayerNetwork

Patch = pytest.MonkeyPatch
NETWORK, POINTS = EXAMPLE


def unit_that_counts_against(patch: Patch) -> Proof:
    """At the last point f = 0 with either sign, and nowhere else is the unit active alone."""
    return R_units.prove(replace(NETWORK, output=vector([1, -1])), (vector([3, 0]),))


def sign_that_ignores_a_unit(patch: Patch) -> Proof:
    patch.setattr(TwoLayerNetwork, "value", lambda *_: F(0))
    patch.setattr(R_units, "total", lambda name, _: R_units.named(name, F(0)))
    return R_units.prove(NETWORK, POINTS[:1])


def label_of_another_point(patch: Patch) -> Proof:
    patch.setattr(TwoLayerNetwork, "label", lambda *_: 1)
    return R_units.prove(*EXAMPLE)


FAULTS: dict[int, Callable[[Patch], Proof]] = {
    1: unit_that_counts_against,
    2: sign_that_ignores_a_unit,
    3: label_of_another_point,
}


@pytest.mark.parametrize("number", FAULTS)
def test_each_step_can_fail(number: int, monkeypatch: Patch) -> None:
    assert number in failing(FAULTS[number](monkeypatch))


def test_a_positive_unit_is_outweighed_or_too_low() -> None:
    signed = CLAIM.counterexamples()["no negative weight"]
    network, x = vars(signed.example).values()
    assert refuted(signed, network, x)
    assert not refuted(signed, replace(network, output=vector([2, -1])), x)
    assert not refuted(signed, network, vector([-1]))
    low = CLAIM.counterexamples()["threshold zero"]
    network, x = vars(low.example).values()
    assert refuted(low, network, x)
    assert not refuted(low, network, vector([2]))
    assert not refuted(low, replace(network, output=vector([-1])), x)


@pytest.mark.parametrize(
    ("weights", "biases", "threshold", "holds"),
    [
        ([1], [0], 1, 0),  # 1/2 is below the threshold
        ([1, -1], [2, 0], 1, 1),  # never below 2
        ([1, -1], [2, 0], 2, 0),  # 2 itself is not above 2
        ([0], [-1], 1, 1),
        ([0], [1], 1, 0),
        ([0], [2], 1, 1),
    ],
)
def test_only_constant_labels_keep_to_the_words(
    weights: list[int], biases: list[int], threshold: int, holds: int
) -> None:
    network = TwoLayerNetwork.sum_of_units([[w] for w in weights], biases)
    proof = R_units.decide(replace(network, threshold=F(threshold)))
    assert failing(proof) == []
    assert proof.steps[0].relations[0].left == holds


def test_a_search_that_finds_nothing_is_noticed(monkeypatch: Patch) -> None:
    monkeypatch.setattr(R_units, "exception", lambda *_: None)
    network = replace(TwoLayerNetwork.sum_of_units([[1]], [0]), threshold=F(1))
    assert failing(R_units.decide(network)) == [1]
