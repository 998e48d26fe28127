"""The normal as the nearest way to the boundary: every step on its own, and near misses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction as F
from typing import Any

import pytest
from support import failing, refuted

from certify.numbers.rationals import vector
from verify.claims.charles2019 import normal_direction
from verify.claims.charles2019.normal_direction import CLAIM, EXAMPLE
from verify.claims.claim import Proof
from verify.claims.relation import computed
from verify.objects import LinearRule

Patch = pytest.MonkeyPatch
RULE, POINT, _ = EXAMPLE


def prove() -> Proof:
    return normal_direction.prove(*EXAMPLE)


def label_of_the_other_side(patch: Patch) -> Proof:
    patch.setattr(LinearRule, "label", lambda _, x: -1 if x == POINT else 1)
    return prove()


def directions_taken_for_multiples(patch: Patch) -> Proof:
    patch.setattr(normal_direction, "_parallel", lambda *_: True)
    return prove()


def step_along_the_normal_too_long(patch: Patch) -> Proof:
    def longer(name: str, expression: str, **numbers: Any) -> Any:
        more = " + 1" if name.startswith("c_0") else ""
        return computed(name, expression + more, **numbers)

    patch.setattr(normal_direction, "computed", longer)
    return prove()


def label_that_stays(patch: Patch) -> Proof:
    patch.setattr(LinearRule, "label", lambda *_: 1)
    return prove()


FAULTS: dict[int, Callable[[Patch], Proof]] = {
    1: label_of_the_other_side,
    2: directions_taken_for_multiples,
    3: step_along_the_normal_too_long,
    4: label_that_stays,
}


@pytest.mark.parametrize("number", FAULTS)
def test_each_step_can_fail(number: int, monkeypatch: Patch) -> None:
    assert failing(FAULTS[number](monkeypatch)) == [number]


def test_signs_of_the_weights_are_nearer_in_the_maximum_norm() -> None:
    weak = CLAIM.counterexamples()["Euclidean norm"]
    rule = LinearRule.of([2, 1], 0, -1)
    assert refuted(weak, rule, vector([1, 1]), vector([-1, -1]))
    assert not refuted(weak, rule, vector([1, 1]), vector(["-6/5", "-6/5"]))  # as long
    assert not refuted(weak, rule, vector([1, 1]), vector(["-9/10", "-9/10"]))  # too short
    assert not refuted(weak, LinearRule.of([0, 0], 1), vector([1, 1]), vector([-1, -1]))


@pytest.mark.parametrize(("zero", "stays"), [(1, True), (-1, False), (0, False)])
def test_the_owner_of_the_boundary_decides_at_the_foot(zero: int, stays: bool) -> None:
    rule = replace(RULE, zero=zero)
    d = vector(["-12/5", "-16/5"])
    assert normal_direction.foot(rule, POINT) == (F(3, 5), F(4, 5))
    proof = normal_direction.decide(rule, POINT, d)
    assert failing(proof) == []
    assert proof.steps[1].relations[0].left == int(not stays)
    overstated = CLAIM.counterexamples()["sharp form, overstated"]
    assert refuted(overstated, rule, POINT, d) is stays


def test_a_label_that_ignores_the_owner_is_noticed(monkeypatch: Patch) -> None:
    monkeypatch.setattr(LinearRule, "label", lambda self, x: 1 if self.value(x) >= 0 else -1)
    rule = replace(RULE, zero=-1)
    assert failing(normal_direction.decide(rule, POINT, vector(["-12/5", "-16/5"]))) == [2]
