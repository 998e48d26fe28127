"""Theorem 15: every step on its own, the least universal step, and near misses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction as F

import pytest
from support import failing, refuted

from certify import certificates
from certify.checking import checker
from certify.numbers.rationals import combine
from verify.claims.charles2019 import thm_10, thm_15
from verify.claims.charles2019.thm_15 import CLAIM, EXAMPLE
from verify.claims.charles2019.without import relu
from verify.claims.charles2019.without.line_directions import OnALine
from verify.claims.claim import Proof
from verify.objects import LabelledSet, TwoLayerNetwork

Patch = pytest.MonkeyPatch
R_PRIME = relu.R_PRIME
# The direction (1, 0) takes the step 1 from (0, 0), and no step serves (0, 1).
UNEVEN = LabelledSet.of([[1, 0], [0, 0], [0, 1]], [1, -1, -1])


def pair_exchanged(patch: Patch) -> Proof:
    return thm_15.prove(replace(EXAMPLE, positive=2, negative=0))


def unit_without_output_weight(patch: Patch) -> Proof:
    """Above a negative threshold a unit that counts for nothing is high enough."""
    network = replace(
        EXAMPLE.network, weights=((F(1), F(0)), (F(0), F(1))), output=(F(0), F(1)), threshold=F(-1)
    )
    patch.setattr(thm_10, "rising_unit", lambda *_: 0)
    patch.setattr(thm_10, "escape_step", lambda *_: F(1))
    return thm_15.prove(replace(EXAMPLE, network=network))


def value_far_too_small(patch: Patch) -> Proof:
    given, true = set(EXAMPLE.data.points), TwoLayerNetwork.value
    patch.setattr(
        TwoLayerNetwork, "value", lambda f, x: true(f, x) if x in given else -true(f, x) - 1
    )
    patch.setattr(TwoLayerNetwork, "label", lambda *_: 1)
    return thm_15.prove(EXAMPLE)


def label_stuck(patch: Patch) -> Proof:
    patch.setattr(TwoLayerNetwork, "label", lambda *_: -1)
    return thm_15.prove(EXAMPLE)


FAULTS: dict[int, Callable[[Patch], Proof]] = {
    1: pair_exchanged,
    2: unit_without_output_weight,
    3: value_far_too_small,
    4: label_stuck,
}


@pytest.mark.parametrize("number", FAULTS)
def test_each_step_can_fail(number: int, monkeypatch: Patch) -> None:
    assert failing(FAULTS[number](monkeypatch)) == [number]


def test_the_label_is_forced_from_step_one_on() -> None:
    zero = (F(0), F(0), F(0))
    forced = certificates.relu_label_forced(UNEVEN, (F(1), F(0)), 0, F(1), zero)
    assert checker.check(checker.parse(forced.line()))[0] == "relu-label-forced"
    early = certificates.relu_label_forced(UNEVEN, (F(999, 1000), F(0)), 0, F(1), zero)
    with pytest.raises(checker.Rejected, match="mixture is the"):
        checker.check(checker.parse(early.line()))


@pytest.mark.parametrize(("start", "step"), [((0, 0), F(999, 1000)), ((0, 1), F(10**6))])
def test_a_rule_that_keeps_a_point_for_long(start: tuple[int, int], step: F) -> None:
    x = combine((1, tuple(map(F, start))), (step, (F(1), F(0))))
    rule = thm_15.not_forced(UNEVEN, x)
    assert rule.is_accurate(UNEVEN)
    assert rule.label(x) == -1


def test_no_step_at_all_is_certified() -> None:
    direction = (F(1), F(0))
    assert thm_15.never_forced(UNEVEN, (F(0), F(1)), direction).kind == "lp-infeasible"
    assert thm_15.never_forced(UNEVEN, (F(0), F(0)), direction).kind == "lp-optimal"


@pytest.mark.parametrize(
    ("dropped", "points", "labels", "units"),
    [
        ("both labels", [0, 1], [-1, 1], ([0], [0], [1])),
        ("nonnegative output weights", [-2, 0, 2], [-1, 1, 1], ([1, 1], [2, 0], [1, -1])),
        ("nonnegative output weights", [-2, 0], [-1, 1], ([1, 1], [2, 0], [1, -2])),
        ("points labelled -1", [0, 1], [-1, 1], ([1, -1], [0, 0], [1, 1])),
        ("points labelled -1", [-1, 0, 1], [1, -1, 1], ([1, -1], [0, 2], [1, -1])),
    ],
)
def test_near_misses(
    dropped: str, points: list[int], labels: list[int], units: tuple[list[int], ...]
) -> None:
    instance = OnALine(LabelledSet.of([[x] for x in points], labels), (R_PRIME.network(*units),))
    assert CLAIM.counterexamples()[dropped].refute(instance) is None


def test_the_threshold_has_to_be_positive_in_the_class() -> None:
    weak = CLAIM.counterexamples()["points labelled -1"]
    lowered = replace(weak.example.rules[0], threshold=F(0), strict=True)
    assert refuted(weak, weak.example)
    assert weak.refute(replace(weak.example, rules=(lowered,))) is None
