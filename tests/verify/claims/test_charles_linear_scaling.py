"""Scaling a linear rule: what stays, and what the unit normal excludes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction as F

import pytest
from support import failing, refuted, sentences

from verify.claims.charles2019 import linear_scaling
from verify.claims.charles2019.linear_scaling import CLAIM
from verify.claims.claim import Proof
from verify.objects import LabelledSet, LinearRule

EXAMPLE = CLAIM.example

Patch = pytest.MonkeyPatch


def offset_scaled_a_little_too_far(patch: Patch) -> Proof:
    true = linear_scaling.rescaled
    patch.setattr(
        linear_scaling,
        "rescaled",
        lambda rule, t: LinearRule(true(rule, t).normal, t * rule.offset - F(1, 100)),
    )
    return CLAIM.prove(EXAMPLE)


def negative_factor(patch: Patch) -> Proof:
    return CLAIM.prove(replace(EXAMPLE, factor=F(-1)))


def inaccurate_rule(patch: Patch) -> Proof:
    return CLAIM.prove(replace(EXAMPLE, rule=LinearRule.of([3, -4], "-1/2")))


def wrong_norm(patch: Patch) -> Proof:
    patch.setattr(linear_scaling, "square", lambda w: sum(map(abs, w), F(0)))
    return CLAIM.prove(EXAMPLE)


FAULTS: dict[int, Callable[[Patch], Proof]] = {
    1: offset_scaled_a_little_too_far,
    2: negative_factor,
    3: inaccurate_rule,
    4: wrong_norm,
}


@pytest.mark.parametrize("number", FAULTS)
def test_each_step_can_fail(number: int, monkeypatch: Patch) -> None:
    assert failing(FAULTS[number](monkeypatch)) == [number]


def test_the_factor_of_the_example_makes_a_unit_normal() -> None:
    other = linear_scaling.rescaled(EXAMPLE.rule, EXAMPLE.factor)
    assert (other.normal, other.offset) == ((F(3, 5), F(4, 5)), F(-1, 10))
    assert linear_scaling.square(other.normal) == 1


def test_a_constant_rule_is_no_counterexample_once_both_labels_occur() -> None:
    weak, constant = CLAIM.counterexamples()["both labels"], LinearRule.of([0], 1)
    assert refuted(weak, LabelledSet.of([[0], [1]], [1, 1]), constant)
    assert not refuted(weak, LabelledSet.of([[0], [1]], [1, -1]), constant)
    assert not refuted(weak, LabelledSet.of([[0]], [1]), LinearRule.of([1], 1))


def test_factors_that_keep_the_label_are_no_counterexample() -> None:
    weak = CLAIM.counterexamples()["positive factor"]
    assert not refuted(weak, LinearRule.of([0], 1), F(1, 7), (F(0),))
    assert refuted(weak, LinearRule.of([0], 1), F(-1, 7), (F(0),))
    # A factor of zero changes nothing where the label is that of the boundary.
    assert not refuted(weak, LinearRule.of([1], 0), F(0), (F(0),))


def test_rules_with_points_on_their_boundary_are_covered_by_certificates() -> None:
    """One certificate for rules that own the label +1, one for the label -1."""
    says = sentences(CLAIM.prove(EXAMPLE).certificates)
    assert sum(">= 0 is enough" in text for text in says) == 2, says
