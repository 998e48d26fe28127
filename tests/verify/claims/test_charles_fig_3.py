"""Figure 3: the direction for networks serves the linear rule, and not the other way round."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction as F

import pytest
from support import failing, largest_margin, refuted

from verify.claims.charles2019 import fig_3, sec6_nontransfer, thm_10
from verify.claims.charles2019.fig_3 import CLAIM
from verify.claims.charles2019.sec6_nontransfer import FLAT
from verify.claims.claim import Proof
from verify.objects import LabelledSet

EXAMPLE = CLAIM.example

Patch = pytest.MonkeyPatch


def threshold_too_high(patch: Patch) -> Proof:
    patch.setattr(sec6_nontransfer, "silent_network", lambda *_: replace(FLAT, threshold=F(2)))
    return CLAIM.prove(EXAMPLE)


def opposite_direction(patch: Patch) -> Proof:
    patch.setattr(
        fig_3, "LargestMargin", lambda data: largest_margin(data, direction=(F(0), F(-1)))
    )
    return CLAIM.prove(EXAMPLE)


def unused_unit_that_grows(patch: Patch) -> Proof:
    growing = replace(
        FLAT,
        weights=(*FLAT.weights, (F(0), F(1))),
        biases=(*FLAT.biases, F(0)),
        output=(*FLAT.output, F(0)),
    )
    patch.setattr(sec6_nontransfer, "silent_network", lambda *_: growing)
    return CLAIM.prove(EXAMPLE)


def second_direction_backwards(patch: Patch) -> Proof:
    return CLAIM.prove(replace(EXAMPLE, positive=0, negative=1))


def unit_that_falls(patch: Patch) -> Proof:
    patch.setattr(thm_10, "rising_unit", lambda network, low, high: 1)
    # The direction is (1, 1), along which only the first of the two units grows.
    patch.setattr(sec6_nontransfer, "silent_network", lambda *_: FLAT)
    return CLAIM.prove(EXAMPLE)


FAULTS: dict[int, Callable[[Patch], Proof]] = {
    1: threshold_too_high,
    2: opposite_direction,
    3: unused_unit_that_grows,
    4: second_direction_backwards,
    5: unit_that_falls,
}


@pytest.mark.parametrize("number", FAULTS)
def test_each_step_can_fail(number: int, monkeypatch: Patch) -> None:
    assert failing(FAULTS[number](monkeypatch)) == [number]


def test_the_smallest_picture_has_three_points_and_two_units() -> None:
    data = EXAMPLE.data
    assert (len(data.points), data.dimension) == (3, 2)
    network = sec6_nontransfer.silent_network(data, (F(0), F(1)))
    assert set(network.weights) == {(1, 0), (-1, 0)}
    assert (network.threshold, network.strict) == (1, False)


def test_a_line_and_a_single_point_refute_only_within_their_hypothesis() -> None:
    line, single = (CLAIM.counterexamples()[h.name] for h in CLAIM.hypotheses)
    assert not refuted(line, LabelledSet.of([[0], [1]], [1, 1]))  # no max-margin direction
    assert not refuted(line, LabelledSet.of([[0, 0], [1, 0]], [-1, 1]))  # not on a line
    assert not refuted(single, EXAMPLE.data)  # two points labelled +1
    twice = LabelledSet.of([[0, 0], [0, 1], [0, 1]], [-1, 1, 1])
    assert refuted(single, twice)
