"""Theorem 10: every step on its own, the explicit steps, and sets short of a counterexample."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction as F

import pytest
from support import failing, refuted

from verify.claims.charles2019 import thm_10
from verify.claims.charles2019.thm_10 import CLAIM, EXAMPLE
from verify.claims.charles2019.without import relu
from verify.claims.charles2019.without.line_directions import OnALine
from verify.claims.claim import Proof
from verify.objects import LabelledSet, TwoLayerNetwork

Patch = pytest.MonkeyPatch
R = relu.R


def pair_exchanged(patch: Patch) -> Proof:
    return thm_10.prove(replace(EXAMPLE, positive=2, negative=0))


def unit_without_output_weight(patch: Patch) -> Proof:
    """Above a negative threshold a unit that counts for nothing is high enough."""
    network = TwoLayerNetwork(
        ((F(1), F(0)), (F(0), F(1))), (F(0), F(0)), (F(0), F(1)), F(-1), strict=True
    )
    patch.setattr(thm_10, "rising_unit", lambda *_: 0)
    patch.setattr(thm_10, "escape_step", lambda *_: F(1))
    return thm_10.prove(replace(EXAMPLE, network=network))


def value_far_too_small(patch: Patch) -> Proof:
    given, true = set(EXAMPLE.data.points), TwoLayerNetwork.value
    patch.setattr(
        TwoLayerNetwork, "value", lambda f, x: true(f, x) if x in given else -true(f, x) - 1
    )
    patch.setattr(TwoLayerNetwork, "label", lambda *_: 1)
    return thm_10.prove(EXAMPLE)


def label_stuck(patch: Patch) -> Proof:
    patch.setattr(TwoLayerNetwork, "label", lambda *_: -1)
    return thm_10.prove(EXAMPLE)


FAULTS: dict[int, Callable[[Patch], Proof]] = {
    1: pair_exchanged,
    2: unit_without_output_weight,
    3: value_far_too_small,
    4: label_stuck,
}


@pytest.mark.parametrize("number", FAULTS)
def test_each_step_can_fail(number: int, monkeypatch: Patch) -> None:
    assert failing(FAULTS[number](monkeypatch)) == [number]


def test_the_explicit_steps_of_the_example() -> None:
    universal, flip = thm_10.prove(EXAMPLE).certificates
    assert universal.statement == {"direction": ["1", "1"]}
    assert [entry["step"] for entry in flip.statement["flips"]] == ["1", "1"]


def test_without_a_negative_point_two_rules_disagree() -> None:
    weak = CLAIM.counterexamples()["both labels"]
    data = LabelledSet.of([[0]], [1])
    rules = (R.network([1], [1], [1]), R.network([-1], [1], [1]))
    starts = ((F(-1),), (F(1),))
    assert refuted(weak, OnALine(data, rules, starts))
    # One rule alone has all its -1 points on one side, and data points alone say nothing.
    assert not refuted(weak, OnALine(data, rules[:1], starts))
    assert not refuted(weak, OnALine(data, rules))


@pytest.mark.parametrize(
    ("dropped", "points", "labels", "units"),
    [
        # A point labelled +1 as well: the constant rule is wrong there.
        ("both labels", [0, 1], [-1, 1], ([0], [0], [1])),
        # The second unit only levels the first one: no hat.
        ("nonnegative output weights", [-1, 0, 1], [-1, 1, 1], ([1, 1], [1, 0], [1, -1])),
        # A -1 point on one side of the hat only.
        ("nonnegative output weights", [-1, 0], [-1, 1], ([1, 1], [1, 0], [1, -2])),
        # No point labelled +1: that is another hypothesis.
        ("nonnegative output weights", [-1, 1], [-1, -1], ([1, 1], [1, 0], [1, -2])),
        # A +1 point on one side of the -1 region only.
        ("points labelled -1", [0, 1], [-1, 1], ([1, -1], [0, 0], [1, 1])),
        # Output weights that are not those of the class.
        ("points labelled -1", [-1, 0, 1], [1, -1, 1], ([1, -1], [0, 0], [1, 2])),
    ],
)
def test_near_misses(
    dropped: str, points: list[int], labels: list[int], units: tuple[list[int], ...]
) -> None:
    instance = OnALine(LabelledSet.of([[x] for x in points], labels), (R.network(*units),))
    assert CLAIM.counterexamples()[dropped].refute(instance) is None


def test_in_the_plane_two_directions_decide_nothing() -> None:
    rule = TwoLayerNetwork.sum_of_units([[0, 0]], [0])
    instance = OnALine(LabelledSet.of([[0, 0]], [-1]), (rule,))
    assert CLAIM.counterexamples()["both labels"].refute(instance) is None
