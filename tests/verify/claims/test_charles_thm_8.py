"""Theorem 8: the three points on a line, the two strict inclusions, and a fault in every step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction as F
from random import Random
from typing import Any

import pytest
from support import failing, refuted

from certify import certificates
from certify.checking import checker
from certify.numbers.rationals import vector
from verify.claims.charles2019 import thm_8
from verify.claims.charles2019.shared import multiclass
from verify.claims.charles2019.shared.multiclass import STEEP, THREE, Instance
from verify.claims.charles2019.sharp import accurate_models, left_steps
from verify.claims.charles2019.sharp.accurate_rules import Answer
from verify.claims.charles2019.thm_8 import CLAIM, UNEXPECTED, UNEXPECTED_DIRECTION
from verify.claims.charles2019.without.classes import Tied
from verify.claims.claim import Proof
from verify.claims.relation import named
from verify.objects import ArgmaxRule
from verify.objects.multiclass_sets import MulticlassSet

Patch = pytest.MonkeyPatch
WEAK = CLAIM.counterexamples()


def one_wrong_point(patch: Patch) -> Proof:
    """Two points of class 0, of which the rule gets the nearer one wrong; the slope stays."""
    data = MulticlassSet.of([[0], [-4], [1]], [0, 0, 1], 2)
    rule = ArgmaxRule.of([[0], [1]], [0, "1/2"])
    return thm_8.prove(Instance(data, 0, 1, (rule,), ()))


def other_slope(patch: Patch) -> Proof:
    patch.setattr(multiclass, "weighted_gaps", lambda *_: F(-1))
    return thm_8.prove(CLAIM.example)


def late_crossing(patch: Patch) -> Proof:
    true = thm_8.crossing
    patch.setattr(thm_8, "crossing", lambda *a: true(*a) + 1)
    return thm_8.prove(CLAIM.example)


def stubborn_label(patch: Patch) -> Proof:
    patch.setattr(thm_8, "labelled", lambda name, rule, x: named(name, F(1)))
    return thm_8.prove(CLAIM.example)


def no_step(patch: Patch) -> Proof:
    patch.setattr(thm_8, "left_at_once", thm_8.nearest_points)
    patch.setattr(thm_8, "landing", lambda data, i, v: data.points[i])
    return thm_8.prove(CLAIM.example)


FAULTS: dict[int, Callable[[Patch], Proof]] = {
    1: one_wrong_point,
    2: other_slope,
    3: late_crossing,
    4: stubborn_label,
    5: no_step,
}


@pytest.mark.parametrize("number", FAULTS)
def test_each_step_can_fail(number: int, monkeypatch: Patch) -> None:
    assert failing(FAULTS[number](monkeypatch)) == [number]


def test_the_example_leaves_the_first_class_along_plus_one() -> None:
    assert multiclass.mean_difference(THREE, 0, 1) == vector([1])
    assert multiclass.weighted_gaps(STEEP, THREE, multiclass.mean_gaps(THREE, 0, 1)) == 1
    assert thm_8.landing(THREE, 0, vector([1])) == vector([1])


def test_ties_to_the_lowest_class_count() -> None:
    """The rule ties at the point of class 0 and is right there by the tie rule."""
    data = MulticlassSet.of([[0], [1]], [0, 1], 2)
    tied = ArgmaxRule.of([[0], [1]], [0, 0], lowest=True)
    assert all(step.holds for step in thm_8.prove(Instance(data, 0, 1, (tied,), ())).steps)
    open_ties = replace(tied, lowest=False)
    assert failing(thm_8.prove(Instance(data, 0, 1, (open_ties,), ()))) == [1]


@pytest.mark.parametrize(("point", "target", "by"), [(1, F(1, 4), F(1, 8)), (0, F(1, 3), F(0))])
def test_the_unexpected_direction_needs_its_exact_multipliers(point: int, target: F, by: F) -> None:
    gaps = [(i, j, a + by * (i == point)) for i, j, a in thm_8.UNEXPECTED_GAPS]
    wrong = certificates.class_left(UNEXPECTED, 0, UNEXPECTED_DIRECTION, gaps, (F(0), target, F(0)))
    with pytest.raises(checker.Rejected, match="gaps give the growth of the targets"):
        checker.check(checker.parse(wrong.line()))


def test_the_fork_keeps_its_class_along_the_average_only() -> None:
    first = thm_8.FORK.points[0]
    assert multiclass.final_label(thm_8.FORK_RULE, first, vector([1, 0])) == 1
    assert multiclass.final_label(thm_8.FORK_RULE, first, vector([1, 1])) == 2
    assert multiclass.final_label(thm_8.FORK_RULE, first, vector([1, -1])) == 3


def test_rules_that_turn_alike_refute_nothing() -> None:
    growing, falling = ArgmaxRule.of([[1], [0]], [1, 0]), ArgmaxRule.of([[-1], [0]], [1, 0])
    weak = WEAK["another label"]
    one = MulticlassSet.of([[0]], [0], 2)
    assert refuted(weak, one, (growing, falling))
    assert not refuted(weak, one, (growing, growing))
    assert not refuted(weak, MulticlassSet.of([[0], [-1]], [0, 0], 2), (growing, falling))
    # Both rules are right on these as well, but they have two classes.
    both = MulticlassSet.of([[0], [-3]], [0, 1], 2)
    assert not refuted(weak, both, (growing, ArgmaxRule.of([[2], [0]], [1, 0])))


def test_ties_refute_only_when_every_logit_is_tied_and_the_query_is_beyond() -> None:
    data = MulticlassSet.of([[0], [1]], [0, 1], 2)
    weak = WEAK["tie rule"]
    assert refuted(weak, Tied(data, F(0), F(0), vector([2])))
    assert not refuted(weak, Tied(data, F(1), F(-1), vector([2])))
    assert not refuted(weak, Tied(data, F(0), F(0), vector([-1])))


def test_the_unexpected_direction_is_found_to_be_proved_outside_both_cones() -> None:
    unexpected = (thm_8.UNEXPECTED, 0, thm_8.UNEXPECTED_DIRECTION)
    proof = thm_8.decide(*unexpected)
    assert not failing(proof)
    directions = [str(r) for s in proof.steps[:2] for r in s.relations]
    assert directions == ["1 = 1", "0 <= 1", "1 <= 1"]


def test_the_fork_is_kept_along_the_average_and_left_towards_either_class() -> None:
    for direction, kept in (((1, 0), "0 = 0"), ((1, 1), "1 = 1"), ((1, -1), "1 = 1")):
        proof = thm_8.decide(thm_8.FORK, 0, vector(direction))
        assert not failing(proof)
        assert str(proof.steps[0].relations[0]) == kept


def test_a_cone_that_is_too_small_is_noticed(monkeypatch: Patch) -> None:
    monkeypatch.setattr(accurate_models, "differences", lambda *_: [vector([-1, 0])])
    fork = (thm_8.FORK, 0, vector([1, 1]))
    assert failing(thm_8.decide(*fork)) == [2]


def test_both_inclusions_of_cones_are_drawn_strict() -> None:
    """With equalities in place of the two inclusions the draws of the last cases fail."""

    def drawn(case: str) -> set[tuple[str, ...]]:
        leaving = [thm_8.draw_directions(Random(seed), case) for seed in range(12)]
        steps = [thm_8.decide(*instance).steps[1] for instance in leaving]
        assert all(step.holds for step in steps)
        return {tuple(map(str, step.relations)) for step in steps}

    assert ("0 <= 1", "1 <= 1") in drawn(thm_8.BETWEEN)  # in no cone of one class, and left
    assert ("0 <= 0", "0 <= 1") in drawn(thm_8.MIXED)  # in the joint cone, and kept


# From which step on a class has been left.


def test_a_point_of_another_class_is_forced_and_one_between_is_not() -> None:
    # 0, 1, 2 in three classes: from 1 on no rule that is right gives the first class.
    assert [left_steps.left_at(THREE, 0, (c,))[0] for c in (F(1023, 1024), F(1), F(3))] == [0, 1, 1]
    assert [left_steps.kept_at(THREE, 0, (c,))[0] for c in (F(1023, 1024), F(1), F(3))] == [1, 0, 0]
    step = left_steps.least_towards(THREE, 0, 1, (F(0),), (F(1),)).found
    assert step is not None
    assert step[0] == 1


def test_the_least_step_of_two_classes_together_is_shorter_than_towards_one() -> None:
    data, end = left_steps.BOTH, left_steps.END
    assert left_steps.left_at(data, 0, end)[0]
    x = data.points[1]
    way = tuple(b - a for a, b in zip(x, end, strict=True))
    towards = [left_steps.least_towards(data, 0, l, x, way).found for l in (1, 2)]
    assert towards[1] is None
    assert towards[0] is not None
    assert towards[0][0] == F(11, 7)
    before = tuple(a + F(99, 100) * d for a, d in zip(x, way, strict=True))
    assert left_steps.kept_at(data, 0, before)[0]


@pytest.mark.parametrize("name", ["left_at", "kept_at"])
def test_a_fault_on_either_side_of_a_step_is_noticed(name: str, monkeypatch: Patch) -> None:
    true = getattr(left_steps, name)
    monkeypatch.setattr(left_steps, name, lambda *a: (True, true(*a)[1]))
    assert CLAIM.sharp is not None
    instance = CLAIM.sharp.draw(Random(3), thm_8.ONE)
    assert failing(CLAIM.sharp.decide(instance))


def test_a_step_towards_one_class_that_is_too_short_is_noticed(monkeypatch: Patch) -> None:
    true = left_steps.least_towards

    def shorter(*arguments: Any) -> Answer:
        answer = true(*arguments)
        found = answer.found and (answer.found[0] / 2, *answer.found[1:])
        return Answer(found, answer.certificate)

    monkeypatch.setattr(left_steps, "least_towards", shorter)
    assert CLAIM.sharp is not None
    assert failing(CLAIM.sharp.decide(CLAIM.sharp.draw(Random(3), thm_8.ONE)))
