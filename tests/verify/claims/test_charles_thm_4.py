"""Theorem 4: every step on its own, and sets just short of a counterexample."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction as F

import pytest
from support import bumped, failing, largest_margin, refuted

from certify.rationals import dot
from verify.claims.charles2019 import separation, thm_4
from verify.claims.charles2019.infinite_sets import Sequences
from verify.claims.charles2019.one_label import OneLabel
from verify.claims.charles2019.thm_4 import CLAIM, EXAMPLE, Boxed
from verify.claims.claim import Proof
from verify.objects import LinearRule

Patch = pytest.MonkeyPatch
SMALL = replace(EXAMPLE, separators=(LinearRule.of([0, 1], "-1/4"),), queries=())


def unbalanced_multipliers(patch: Patch) -> Proof:
    patch.setattr(
        thm_4, "LargestMargin", lambda data: largest_margin(data, multipliers=(F(1), F(2), F(0)))
    )
    return thm_4.prove(EXAMPLE)


def no_multiplier_at_all(patch: Patch) -> Proof:
    """The sums are patched to agree: what is left is that no multiplier is positive."""
    zeros = (F(0),) * 3
    patch.setattr(thm_4, "LargestMargin", lambda data: largest_margin(data, multipliers=zeros))
    patch.setattr(separation, "weighted_margins", separation.slope)
    return thm_4.prove(EXAMPLE)


def value_that_jumps_on_the_boundary(patch: Patch) -> Proof:
    """From (0, 1) the boundary x_2 = 1/4 is reached at (0, 1/4)."""
    rule = bumped(SMALL.separators[0], {(0, F(1, 4)): 1})
    return thm_4.prove(replace(SMALL, separators=(rule,)))


def label_that_returns_beyond_the_boundary(patch: Patch) -> Proof:
    """One step beyond, at (0, -3/4)."""
    rule = bumped(SMALL.separators[0], {(0, F(-3, 4)): 1})
    return thm_4.prove(replace(SMALL, separators=(rule,)))


FAULTS: dict[int, Callable[[Patch], Proof]] = {
    1: unbalanced_multipliers,
    2: no_multiplier_at_all,
    3: value_that_jumps_on_the_boundary,
    4: label_that_returns_beyond_the_boundary,
}


@pytest.mark.parametrize("number", FAULTS)
def test_each_step_can_fail(number: int, monkeypatch: Patch) -> None:
    assert failing(FAULTS[number](monkeypatch)) == [number]


def test_the_recorded_normals_have_product_minus_three() -> None:
    best, other = CLAIM.counterexamples()["finite"].example.rules
    assert dot(best.normal, other.normal) == -3


def test_rules_that_agree_on_a_direction_are_no_counterexample() -> None:
    weak = CLAIM.counterexamples()["both labels"]
    same = (LinearRule.of([1], 1), LinearRule.of([2], 1))
    assert not refuted(weak, OneLabel(((F(0),),), same))
    # Nor a rule that is wrong on the point.
    assert not refuted(weak, OneLabel(((F(0),),), (LinearRule.of([1], 1), LinearRule.of([-1], -1))))


def test_a_box_that_ends_just_beyond_the_boundary_is_no_counterexample() -> None:
    weak = CLAIM.counterexamples()["whole space"]
    assert refuted(weak, Boxed(EXAMPLE.data, LinearRule.of([1, 1], "-1/2")))
    assert not refuted(weak, Boxed(EXAMPLE.data, LinearRule.of([0, 1], "-1/2")))


@pytest.mark.parametrize(
    ("first", "limits", "rules"),
    [
        # An acute angle; a rule that is wrong on the limit; limits a little apart.
        ([[0, 1], [0, -1]], [[0, 0], [0, 0]], ([2, 1], [-1, 3], 0)),
        ([[0, 1], [0, -1]], [[0, 0], [0, 0]], ([2, 1], [-2, 1], 1)),
        ([[0, 1], [0, -1]], [[0, "1/9"], [0, "-1/9"]], ([2, 1], [-2, 1], 0)),
    ],
)
def test_infinite_sets_just_short_of_a_counterexample(first, limits, rules) -> None:  # type: ignore[no-untyped-def]
    weak = CLAIM.counterexamples()["finite"]
    best, other, offset = rules
    instance = Sequences.of(first, limits, LinearRule.of(best, 0), LinearRule.of(other, offset))
    assert not refuted(weak, instance)


def test_separated_infinite_sets_can_still_fail() -> None:
    """The limits (0, 1) and (0, -1) lie on the boundary of a rule that is right on all points."""
    instance = Sequences.of(
        [[1, 1], [-1, -1]], [[0, 1], [0, -1]], LinearRule.of([0, 1], 0), LinearRule.of([1, 0], 0)
    )
    assert refuted(CLAIM.counterexamples()["finite"], instance)
