"""Theorem 4: every step on its own, and sets just short of a counterexample."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction as F
from random import Random

import pytest
from support import bumped, failing, largest_margin, refuted

from certify.numbers.rationals import dot
from verify.claims.charles2019 import thm_4
from verify.claims.charles2019.shared import separators
from verify.claims.charles2019.shared.separators import Instance
from verify.claims.charles2019.sharp import accurate_rules
from verify.claims.charles2019.thm_4 import CLAIM, EXAMPLE
from verify.claims.charles2019.without.infinite_sets import Sequences
from verify.claims.claim import Proof
from verify.objects import LabelledSet, LinearRule

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
    patch.setattr(separators, "weighted_margins", separators.slope)
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


@pytest.mark.parametrize(("owner", "offset"), [(1, 0), (-1, 1)])
def test_a_rule_that_owns_its_boundary_has_margin_zero_and_is_turned(
    owner: int, offset: int
) -> None:
    """On -1 labelled -1 and 0 labelled +1, one of the points lies on the boundary."""
    data = LabelledSet.of([[-1], [0]], [-1, 1])
    rule = LinearRule.of([1], offset, owner)
    assert rule.is_accurate(data)
    assert not rule.separates(data)
    proof = thm_4.prove(Instance(data, (rule,), ()))
    assert not failing(proof)
    shown = [str(relation) for relation in proof.steps[1].relations]
    assert shown[:2] == ["0 >= 0", "1 > 0"]  # the least margins: one is 0, the other is not
    wrong = LinearRule.of([1], offset, -owner)
    assert not wrong.is_accurate(data)


def test_drawn_rules_own_their_boundary_on_either_side() -> None:
    drawn = [CLAIM.instance(1, index)[1] for index in range(20)]
    owners = {
        rule.zero
        for instance in drawn
        for rule in instance.separators
        if min(rule.margins(instance.data)) == 0 and rule.is_accurate(instance.data)
    }
    assert owners == {1, -1}


@pytest.mark.parametrize("case", CLAIM.sharp.cases)
def test_the_cone_and_the_rules_agree(case: str) -> None:
    assert CLAIM.sharp is not None
    for seed in range(10):
        assert not failing(CLAIM.sharp.decide(CLAIM.sharp.draw(Random(seed), case)))


def test_a_cone_that_is_too_large_is_noticed(monkeypatch: Patch) -> None:
    """With the half-space of w* for the cone the two sides of the words disagree."""
    direction = CLAIM.sharp.overstated.example
    assert not failing(thm_4.decide(direction.data, direction.vector))
    monkeypatch.setattr(
        accurate_rules, "differences", lambda data: [(F(0), F(1)), (F(1), F(0)), (F(-1), F(0))]
    )
    monkeypatch.setattr(thm_4, "per_point", lambda *_: (F(1), F(1)))
    assert failing(thm_4.decide(direction.data, direction.vector))[0] == 1


def test_the_recorded_normals_have_product_minus_three() -> None:
    best, other = CLAIM.counterexamples()["finite"].example.rules
    assert dot(best.normal, other.normal) == -3


def test_rules_that_agree_on_a_direction_are_no_counterexample() -> None:
    weak = CLAIM.counterexamples()["both labels"]
    one = LabelledSet.of([[0]], [1])
    same = (LinearRule.of([1], 1), LinearRule.of([2], 1))
    assert not refuted(weak, one, same)
    # Nor a rule that is wrong on the point, nor one with another label.
    assert not refuted(weak, one, (LinearRule.of([1], 1), LinearRule.of([-1], -1)))
    opposite = (LinearRule.of([1], -1), LinearRule.of([-1], -1))
    assert not refuted(weak, LabelledSet.of([[0]], [-1]), opposite)


def test_a_box_that_ends_just_beyond_the_boundary_is_no_counterexample() -> None:
    weak = CLAIM.counterexamples()["whole space"]
    assert refuted(weak, EXAMPLE.data, LinearRule.of([1, 1], "-1/2"))
    assert not refuted(weak, EXAMPLE.data, LinearRule.of([0, 1], "-1/2"))


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


def test_with_one_label_no_direction_turns_every_rule() -> None:
    """There are no differences, the cone is 0 alone, and a constant rule is right."""
    for seed in range(4):
        drawn = thm_4.draw_directions(Random(seed), thm_4.ONE_LABEL)
        assert len(set(drawn[0].labels)) == 1
        proof = thm_4.decide(*drawn)
        assert failing(proof) == []
        assert [str(r) for r in proof.steps[0].relations] == ["0 = 0"]
