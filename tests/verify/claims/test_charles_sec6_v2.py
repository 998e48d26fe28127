"""Which directions serve all networks: differences of data points, and more."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction as F

import pytest
from support import failing, refuted

from verify.claims.charles2019 import sec6_v2, thm_10
from verify.claims.charles2019.sec6_v2 import CLAIM, EXAMPLE
from verify.claims.charles2019.sharp import relu_directions
from verify.claims.claim import Proof
from verify.objects import LabelledSet, TwoLayerNetwork

Patch = pytest.MonkeyPatch


def weights_that_do_not_sum_to_one(patch: Patch) -> Proof:
    return sec6_v2.prove(replace(EXAMPLE, combination=(F(1, 2), F(1, 4), F(0))))


def hat_between_the_negative_points(patch: Patch) -> Proof:
    network = TwoLayerNetwork(
        ((F(1), F(0)), (F(0), F(1)), (F(0), F(1))),
        (F(0), F(0), F(-1)),
        (F(1), F(1), F(-2)),
        F(1),
        strict=False,
    )
    return sec6_v2.prove(replace(EXAMPLE, network=network, queries=()))


def network_with_equal_values(patch: Patch) -> Proof:
    network = TwoLayerNetwork(
        ((F(1), F(0)), (F(-1), F(0))), (F(0), F(1)), (F(1), F(1)), F(2), strict=False
    )
    return sec6_v2.prove(replace(EXAMPLE, network=network))


def step_that_is_too_short(patch: Patch) -> Proof:
    patch.setattr(thm_10, "escape_step", lambda *_: F(0))
    return sec6_v2.prove(EXAMPLE)


FAULTS: dict[int, Callable[[Patch], Proof]] = {
    1: weights_that_do_not_sum_to_one,
    2: hat_between_the_negative_points,
    3: network_with_equal_values,
    4: step_that_is_too_short,
}


@pytest.mark.parametrize("number", FAULTS)
def test_each_step_can_fail(number: int, monkeypatch: Patch) -> None:
    assert failing(FAULTS[number](monkeypatch)) == [number]


def test_the_example_starts_half_way_between_two_points() -> None:
    assert EXAMPLE.start == (0, 1)
    assert EXAMPLE.direction == (1, 0)


@pytest.mark.parametrize("multiple", [F(1, 100), F(1), F(7)])
def test_any_length_of_a_difference_does(multiple: F) -> None:
    direction = (multiple, multiple)
    path = relu_directions.universal_path(EXAMPLE.data, direction)
    assert path is not None
    assert path.scale == 1 / multiple


def test_directions_of_the_set_are_no_counterexamples() -> None:
    weak = CLAIM.counterexamples()["starts among the points labelled -1"]
    data = weak.example.data
    assert not refuted(weak, data, (F(1, 2),))
    assert not refuted(weak, data, (F(0),))  # the direction 0 is never adversarial
    surrounded = LabelledSet.of([[0], [1], [2]], [-1, 1, -1])
    assert not refuted(weak, surrounded, (F(-1),))  # no network is right on it
    # Right between the two differences (1, 1) and (1, -1), and just outside of them.
    assert not refuted(weak, EXAMPLE.data, (F(1), F(99, 100)))
    assert refuted(weak, EXAMPLE.data, (F(1), F(101, 100)))
