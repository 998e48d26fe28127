"""Theorem 5: every step on its own, the exact bound, and rules just short of a counterexample."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction as F

import pytest
from support import bumped, failing, refuted

from certify.numbers.rationals import dot
from verify.claims.charles2019 import thm_5
from verify.claims.charles2019.shared import separators
from verify.claims.charles2019.shared.separators import LargestMargin
from verify.claims.charles2019.thm_5 import CLAIM, EXAMPLE
from verify.claims.claim import Proof
from verify.objects import LabelledSet, LinearRule

Patch = pytest.MonkeyPatch
# Margins 1/4, 3/4, 3/4 and slope 1: the bound is twice what the points labelled +1 need.
LOW = replace(EXAMPLE, separators=(LinearRule.of([0, 1], "-1/4"),), queries=())


def wrong_weighted_margins(patch: Patch) -> Proof:
    patch.setattr(separators, "weighted_margins", lambda *_: F(0))
    return thm_5.prove(EXAMPLE)


def mislabelled_query(patch: Patch) -> Proof:
    """Just below the boundary with label +1: its bound is negative and below the exact step."""
    query = LabelledSet.of([[0, "6/25"]], [1])
    patch.setattr(separators, "labelled_queries", lambda *_: query)
    return thm_5.prove(LOW)


def label_that_returns_beyond_the_bound(patch: Patch) -> Proof:
    """From (0, 1) the bound is 3/2; a step of 1/8 more ends at (0, -5/8)."""
    return thm_5.prove(replace(LOW, separators=(bumped(LOW.separators[0], {(0, F(-5, 8)): 1}),)))


FAULTS: dict[int, Callable[[Patch], Proof]] = {
    1: wrong_weighted_margins,
    2: mislabelled_query,
    3: label_that_returns_beyond_the_bound,
}


@pytest.mark.parametrize("number", FAULTS)
def test_each_step_can_fail(number: int, monkeypatch: Patch) -> None:
    assert failing(FAULTS[number](monkeypatch)) == [number]


def test_the_bound_is_attained_by_the_max_margin_rule_alone() -> None:
    largest = LargestMargin(LOW.data)
    needed, bounds = [], []
    for rule in (largest.rule, LOW.separators[0]):
        margins, slope = rule.margins(LOW.data), separators.slope(rule, largest)
        needed.append([m / slope for m in margins])
        bounds.append([m / (2 * min(margins)) for m in margins])
    assert needed == [[F(1, 2)] * 3, [F(1, 4), F(3, 4), F(3, 4)]]
    assert bounds == [[F(1, 2)] * 3, [F(1, 2), F(3, 2), F(3, 2)]]


def test_multipliers_on_farther_points_keep_the_max_margin_rule_from_the_bound() -> None:
    data, multipliers = thm_5.farther(LOW.data, F(1))
    largest = LargestMargin(data)
    assert data.signed_sum(multipliers) == largest.direction
    assert dot(multipliers, data.labels) == 0
    least, slope = min(largest.rule.margins(data)), separators.slope(largest.rule, largest)
    assert slope > least * sum(multipliers)
    assert slope == least * sum(largest.multipliers)
    assert not failing(thm_5.decide(data, largest.rule, multipliers, LOW.data.points[0]))


def test_a_boundary_of_the_other_label_is_no_counterexample() -> None:
    weak = CLAIM.counterexamples()["positive margin"]
    data = LabelledSet.of([[0], [-1]], [1, -1])
    assert refuted(weak, data, LinearRule.of([1], 0, 1))
    assert not refuted(weak, data, LinearRule.of([1], 0, 0))
    assert not refuted(weak, data, LinearRule.of([1], "1/9", 1))


def test_a_point_on_the_right_side_is_no_counterexample() -> None:
    weak = CLAIM.counterexamples()["correct at the point"]
    recorded = weak.example
    assert not refuted(weak, replace(recorded, label=-1))
    # The step -2 is not beyond the bound, which is -2.
    assert not refuted(weak, replace(recorded, step=F(-2)))
