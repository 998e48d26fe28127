"""Corollary 6: every step on its own, both exact constants, and rules short of a counterexample."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction as F

import pytest
from support import bumped, failing, largest_margin, refuted, sentences

from certify import linear_program, max_margin
from verify.claims.charles2019 import cor_6
from verify.claims.charles2019.cor_6 import CLAIM, EXAMPLE
from verify.claims.charles2019.shared import separators
from verify.claims.charles2019.shared.separators import LargestMargin
from verify.claims.claim import Proof
from verify.objects import LabelledSet, LinearRule

Patch = pytest.MonkeyPatch


def wrong_margin(patch: Patch) -> Proof:
    answer = replace(LargestMargin(EXAMPLE.data).answer, margin_squared=F(1))
    patch.setattr(cor_6, "LargestMargin", lambda data: largest_margin(data, answer=answer))
    return cor_6.prove(EXAMPLE)


def slope_too_small(patch: Patch) -> Proof:
    true = separators.slope
    patch.setattr(
        separators,
        "slope",
        lambda rule, largest: F(1, 9) if rule in EXAMPLE.separators else true(rule, largest),
    )
    return cor_6.prove(EXAMPLE)


def value_that_stays_positive(patch: Patch) -> Proof:
    """The first point of least margin is (0, 0), which half of u brings to (0, 1/2)."""
    rule = bumped(EXAMPLE.separators[0], {(0, F(1, 2)): -1})
    return cor_6.prove(replace(EXAMPLE, separators=(rule,)))


def rule_that_is_not_the_best(patch: Patch) -> Proof:
    low = LinearRule.of([0, 1], "-1/4")
    patch.setattr(cor_6, "LargestMargin", lambda data: largest_margin(data, rule=low))
    return cor_6.prove(EXAMPLE)


FAULTS: dict[int, Callable[[Patch], Proof]] = {
    1: wrong_margin,
    2: slope_too_small,
    3: value_that_stays_positive,
    4: rule_that_is_not_the_best,
}


@pytest.mark.parametrize("number", FAULTS)
def test_each_step_can_fail(number: int, monkeypatch: Patch) -> None:
    assert failing(FAULTS[number](monkeypatch)) == [number]


@pytest.mark.parametrize("label", [1, -1])
def test_twice_gamma_is_where_rules_stop_keeping_all_points_of_a_label(label: int) -> None:
    data, u = EXAMPLE.data, LargestMargin(EXAMPLE.data).direction
    for c, status in ((F(99, 100), True), (F(1), False)):
        moved = cor_6.with_moved(data, u, label, c)
        assert max_margin(moved.points, moved.labels).separable is status
    assert cor_6.no_rule_keeps_label(data, u, label).kind == "lp-infeasible"


def test_no_separator_keeps_every_label_at_gamma() -> None:
    """All margins at least 1, and at least half the slope: the linear program has no solution."""
    data, u = EXAMPLE.data, LargestMargin(EXAMPLE.data).direction

    def status(c: F) -> str:
        rows, bounds = [], []
        for x, y in zip(data.points, data.labels, strict=True):
            rows.append([*(-y * z for z in x), -y])
            rows.append([*(-y * z + c * v for z, v in zip(x, u, strict=True)), -y])
            bounds += [-1, -1]
        return linear_program([0, 0, 0], (rows, bounds)).status

    assert (status(F(49, 100)), status(F(1, 2))) == ("optimal", "infeasible")


def test_an_accurate_rule_is_no_counterexample() -> None:
    weak = CLAIM.counterexamples()["accurate"]
    data = LabelledSet.of([[0], [1]], [-1, 1])
    assert refuted(weak, data, LinearRule.of([-1], 0))
    assert not refuted(weak, data, LinearRule.of([1], "-1/2"))
    # A constant rule gives the points of the other label never their own.
    assert not refuted(weak, data, LinearRule.of([0], 1))


def test_rules_with_points_on_their_boundary_are_covered_by_certificates() -> None:
    """One certificate for rules that own the label +1, one for the label -1."""
    says = sentences(cor_6.prove(cor_6.EXAMPLE).certificates)
    assert sum(">= 0 is enough" in text for text in says) == 2, says
