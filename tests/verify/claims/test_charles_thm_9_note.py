"""Right between two classes is not right: a third class wins; a fault in every step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction as F

import pytest
from support import failing, refuted

from certify.numbers.rationals import Vector, vector
from verify.claims.charles2019 import thm_9_note
from verify.claims.charles2019.shared import multiclass
from verify.claims.charles2019.shared.multiclass_samples import through_origin
from verify.claims.charles2019.thm_9_note import CLAIM
from verify.claims.claim import Proof
from verify.objects import ArgmaxRule
from verify.objects.multiclass_sets import MulticlassSet

Patch = pytest.MonkeyPatch
ORIGIN = vector([0, 0])


def point_on_the_boundary(patch: Patch) -> Proof:
    """The origin, where all logits are equal, is taken into S."""
    ordered, nearest = thm_9_note.ordered_points, thm_9_note.nearest_point

    def without_last(points: list[tuple[Vector, int]]) -> tuple[Vector, Vector]:
        v, weights = nearest(points[:-1])
        return v, (*weights, F(0))

    patch.setattr(thm_9_note, "ordered_points", lambda *i: [*ordered(*i), (ORIGIN, 0)])
    patch.setattr(thm_9_note, "nearest_point", without_last)
    return CLAIM.prove(CLAIM.example)


def no_third_class(patch: Patch) -> Proof:
    patch.setattr(thm_9_note, "top", lambda rule, x: 1)
    return CLAIM.prove(CLAIM.example)


def stubborn_label(patch: Patch) -> Proof:
    patch.setattr(multiclass, "final_label", lambda rule, x, v: F((rule.label(x) or 0) + 1))
    return CLAIM.prove(CLAIM.example)


def no_losses(patch: Patch) -> Proof:
    patch.setattr(thm_9_note, "losses", lambda rule, data: [0])
    return CLAIM.prove(CLAIM.example)


FAULTS: dict[int, Callable[[Patch], Proof]] = {
    1: point_on_the_boundary,
    2: no_third_class,
    3: stubborn_label,
    4: no_losses,
}


@pytest.mark.parametrize("number", FAULTS)
def test_each_step_can_fail(number: int, monkeypatch: Patch) -> None:
    assert failing(FAULTS[number](monkeypatch)) == [number]


def test_the_rivals_of_the_example() -> None:
    """The first rule loses three points to the third class, at one of them to both others."""
    data, rules = CLAIM.example.data, CLAIM.example.rules
    assert [thm_9_note.errors(rule, data) for rule in rules] == [3, 0]
    assert thm_9_note.losses(rules[0], data) == [1, 0, 3]
    assert thm_9_note.nearest_point(thm_9_note.ordered_points(data, rules))[0] == vector([1, 0])


def test_with_two_classes_all_points_of_the_set_are_right() -> None:
    data = MulticlassSet.of([[1, 0], [-1, 1]], [0, 1], 2)
    rules = tuple(through_origin(rule.weights[:2]) for rule in CLAIM.example.rules)
    proof = CLAIM.prove(replace(CLAIM.example, data=data, rules=rules))
    assert failing(proof) == []
    assert all(thm_9_note.errors(rule, data) == 0 for rule in rules)


def test_a_third_class_that_ties_or_loses_refutes_nothing() -> None:
    weak = CLAIM.counterexamples()["two classes"]

    def rule(*weights: int) -> tuple[Vector, ArgmaxRule]:
        return (vector([1]), through_origin([vector([w]) for w in weights]))

    assert refuted(weak, *rule(1, 0, 2))
    assert not refuted(weak, *rule(1, 0, 1))
    assert not refuted(weak, *rule(1, 1, 2))
