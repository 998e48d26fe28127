"""Figure 1: two accurate rules whose normals do not transfer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction as F

import pytest
from support import failing, refuted, sentences

from certify.numbers.rationals import dot
from verify.claims.charles2019 import fig_1
from verify.claims.charles2019.fig_1 import CLAIM
from verify.claims.charles2019.shared import labelled
from verify.claims.claim import Proof
from verify.objects import LabelledSet

EXAMPLE = CLAIM.example

Patch = pytest.MonkeyPatch


def point_off_the_hyperplane(patch: Patch) -> Proof:
    return CLAIM.prove(replace(EXAMPLE, data=LabelledSet.of([[0, 1], ["1/10", -1]], [1, -1])))


def negative_point_on_the_wrong_side(patch: Patch) -> Proof:
    return CLAIM.prove(replace(EXAMPLE, data=LabelledSet.of([[0, 2], [0, 1]], [1, -1])))


def wrong_norm(patch: Patch) -> Proof:
    patch.setattr(fig_1, "square", lambda v: 2 * dot(v, v))
    return CLAIM.prove(EXAMPLE)


def traversal_that_finds_everything(patch: Patch) -> Proof:
    patch.setattr(labelled, "is_adversarial", lambda *_: True)
    return CLAIM.prove(EXAMPLE)


def traversal_that_finds_nothing(patch: Patch) -> Proof:
    patch.setattr(labelled, "is_adversarial", lambda *_: False)
    return CLAIM.prove(EXAMPLE)


FAULTS: dict[int, Callable[[Patch], Proof]] = {
    1: point_off_the_hyperplane,
    2: negative_point_on_the_wrong_side,
    3: wrong_norm,
    4: traversal_that_finds_everything,
    5: traversal_that_finds_nothing,
}


@pytest.mark.parametrize("number", FAULTS)
def test_each_step_can_fail(number: int, monkeypatch: Patch) -> None:
    assert failing(FAULTS[number](monkeypatch)) == [number]


def test_the_smallest_example_has_normals_with_product_minus_three() -> None:
    rules = [fig_1.tilted(EXAMPLE.rule, EXAMPLE.tilt, EXAMPLE.level, t) for t in (F(2), F(-2))]
    assert [rule.normal for rule in rules] == [(2, 1), (-2, 1)]
    assert dot(rules[0].normal, rules[1].normal) == -3


def test_a_small_tilt_is_not_enough() -> None:
    # The normals then meet at an acute angle, so each one transfers to the other rule.
    assert failing(CLAIM.prove(replace(EXAMPLE, amount=F(1, 2)))) == [3, 4]


def test_a_line_refutes_only_with_both_labels() -> None:
    weak = CLAIM.counterexamples()["two dimensions"]
    assert not refuted(weak, LabelledSet.of([[0], [1]], [1, 1]))
    assert not refuted(weak, LabelledSet.of([[0], [1], [2]], [-1, 1, -1]))
    assert not refuted(weak, LabelledSet.of([[0, 0], [1, 0]], [-1, 1]))


def test_rules_with_points_on_their_boundary_are_covered_by_certificates() -> None:
    """One certificate for rules that own the label +1, one for the label -1."""
    says = sentences(fig_1.sharpness().certificates)
    assert sum(">= 0 is enough" in text for text in says) == 2, says
