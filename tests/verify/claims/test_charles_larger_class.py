"""More models, fewer directions: every step on its own, and near misses."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from support import failing, refuted

from certify.numbers.rationals import rows, vector
from verify.claims.charles2019 import larger_class
from verify.claims.charles2019.larger_class import CLAIM, EXAMPLE
from verify.claims.charles2019.sharp import accurate_rules
from verify.claims.claim import Proof
from verify.objects import LinearRule

Patch = pytest.MonkeyPatch
RULES, FEW, DIRECTION, POINT = EXAMPLE
ORIGIN = vector([0, 0])


def rule_that_falls(patch: Patch) -> Proof:
    return larger_class.prove((*RULES, LinearRule.of([-1, 0], -1)), FEW, DIRECTION, POINT)


def class_that_is_not_smaller(patch: Patch) -> Proof:
    return larger_class.prove(RULES, 4, DIRECTION, POINT)


def label_that_stays(patch: Patch) -> Proof:
    patch.setattr(LinearRule, "label", lambda *_: -1)
    return larger_class.prove(*EXAMPLE)


FAULTS: dict[int, Callable[[Patch], Proof]] = {
    1: rule_that_falls,
    2: class_that_is_not_smaller,
    3: label_that_stays,
}


@pytest.mark.parametrize("number", FAULTS)
def test_each_step_can_fail(number: int, monkeypatch: Patch) -> None:
    assert failing(FAULTS[number](monkeypatch)) == [number]


def test_one_rule_is_not_enough() -> None:
    weak = CLAIM.counterexamples()["all rules"]
    right, up = LinearRule.of([1, 0], -1), LinearRule.of([0, 1], -1)
    assert refuted(weak, right, up, vector([1, 0]), ORIGIN)
    assert not refuted(weak, right, up, vector([1, 1]), ORIGIN)  # serves both
    assert not refuted(weak, right, up, vector([0, 1]), ORIGIN)  # not the first
    assert not refuted(weak, right, up, vector([1, 0]), vector([2, 0]))  # labelled +1


@pytest.mark.parametrize(
    ("extra", "lost"), [((1, 2), 0), ((1, 0), 0), ((1, -1), 1), ((-1, -1), 1), ((0, 0), 1)]
)
def test_mixtures_take_nothing_away(extra: tuple[int, int], lost: int) -> None:
    proof = larger_class.decide(rows([[1, 0], [0, 1]]), vector(extra))
    assert failing(proof) == []
    assert proof.steps[0].relations[0].left == lost


def test_a_search_that_finds_nothing_is_noticed(monkeypatch: Patch) -> None:
    found = larger_class.lost(rows([[1, 0]]), vector([0, 1]))
    monkeypatch.setattr(larger_class, "lost", lambda *_: (None, found[1]))
    assert failing(larger_class.decide(rows([[1, 0]]), vector([0, 1]))) == [1]


def test_the_sum_of_two_rules_takes_nothing_away() -> None:
    weak = CLAIM.counterexamples()["sharp form, overstated"]
    right, up, left = (LinearRule.of(w, -1) for w in ([1, 0], [0, 1], [-1, 0]))
    assert refuted(weak, right, up, ORIGIN, ORIGIN)
    assert not refuted(weak, right, left, ORIGIN, ORIGIN)  # no direction serves both
    assert not refuted(weak, right, right, ORIGIN, ORIGIN)


def test_a_constant_rule_can_take_nothing_away_and_be_no_mixture() -> None:
    """That is why the rules of the sharp form are not constant: this one has no point at -1."""
    constant, right = LinearRule.of([0, 0], 1), LinearRule.of([1, 0], -1)
    assert {constant.label(vector(x)) for x in ([0, 0], [-9, 9], [9, -9])} == {1}
    # The weights are not all 0, so the sum grows where all normals do, and 0 does not.
    assert accurate_rules.combination([right.normal], constant.normal).found == (0,)
