"""Lemma 3: every step on its own, the golden numbers, and sets just short of a counterexample."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction as F

import pytest
from support import failing, largest_margin, refuted

from certify.numbers.rationals import combine
from verify.claims.charles2019 import lem_3
from verify.claims.charles2019.lem_3 import CLAIM, EXAMPLE
from verify.claims.charles2019.shared.separators import Instance, LargestMargin
from verify.claims.charles2019.without.infinite_sets import Sequences
from verify.claims.claim import Proof
from verify.objects import LabelledSet, LinearRule

Patch = pytest.MonkeyPatch

# -1 labelled -1, and 1, 3 labelled +1: u = 2, with one support vector in each class.
LINE = Instance(LabelledSet.of([[-1], [1], [3]], [-1, 1, 1]), (), ())


def with_margin(patch: Patch, instance: Instance, **changed: object) -> Proof:
    patch.setattr(lem_3, "LargestMargin", lambda data: largest_margin(data, **changed))
    return lem_3.prove(instance)


def negative_weight(patch: Patch) -> Proof:
    """A repeated point makes up for it in every sum."""
    twice = Instance(LabelledSet.of([[0], [1], [1]], [-1, 1, 1]), (), ())
    return with_margin(patch, twice, multipliers=(F(1), F(2), F(-1)))


def point_beside_the_nearest(patch: Patch) -> Proof:
    return with_margin(patch, EXAMPLE, nearest_points=((F(0), F(1, 2)), (F(0), F(0))))


def points_moved_together(patch: Patch) -> Proof:
    true = LargestMargin(EXAMPLE.data)
    moved = tuple(combine((1, z), (F(1, 8), true.direction)) for z in true.nearest_points)
    return with_margin(patch, EXAMPLE, nearest_points=moved)


def inaccurate_rule_with_a_large_margin(patch: Patch) -> Proof:
    return lem_3.prove(replace(EXAMPLE, separators=(LinearRule.of([0, 1], 9),)))


def wrong_margin(patch: Patch) -> Proof:
    answer = replace(LargestMargin(EXAMPLE.data).answer, margin_squared=F(1, 2))
    return with_margin(patch, EXAMPLE, answer=answer)


def offset_beside_the_middle(patch: Patch) -> Proof:
    answer = replace(LargestMargin(EXAMPLE.data).answer, b=F(-9, 10))
    return with_margin(patch, EXAMPLE, answer=answer)


def weight_on_another_support_vector(patch: Patch) -> Proof:
    """Both points labelled +1 have minimal margin, but only one is opposite (0, 0)."""
    return with_margin(patch, EXAMPLE, multipliers=(F(1), F(0), F(1)))


def support_vector_beyond_the_margin(patch: Patch) -> Proof:
    """The margin of the point 1 is 2, that of -1 is 1."""
    return with_margin(patch, LINE, rule=LinearRule.of(["3/2"], "1/2"))


FAULTS: dict[int, Callable[[Patch], Proof]] = {
    1: negative_weight,
    2: point_beside_the_nearest,
    3: points_moved_together,
    4: inaccurate_rule_with_a_large_margin,
    5: wrong_margin,
    6: offset_beside_the_middle,
    7: weight_on_another_support_vector,
    8: support_vector_beyond_the_margin,
}


@pytest.mark.parametrize("number", FAULTS)
def test_each_step_can_fail(number: int, monkeypatch: Patch) -> None:
    assert failing(FAULTS[number](monkeypatch)) == [number]


def test_the_running_example_has_margin_one_half_and_multipliers_one() -> None:
    largest = LargestMargin(EXAMPLE.data)
    assert largest.direction == (0, 1)
    assert largest.multipliers == (1, 1, 0)
    assert largest.answer.margin_squared == F(1, 4)


def test_the_multipliers_of_the_line_sum_to_two_in_the_scale_of_u() -> None:
    largest = LargestMargin(LINE.data)
    assert (largest.direction, largest.multipliers) == ((2,), (1, 1, 0))


def test_a_point_of_the_other_label_bounds_the_margin() -> None:
    weak = CLAIM.counterexamples()["both labels"]
    assert not refuted(weak, LabelledSet.of([[0], [0]], [1, -1]), (F(1),))
    assert not refuted(weak, LabelledSet.of([[0]], [1]), (F(0),))


def test_separated_limits_leave_one_max_margin_rule() -> None:
    weak = CLAIM.counterexamples()["finite"]
    upper, tilted = LinearRule.of([0, 1], 0), LinearRule.of([1, 1], 0)
    touching = [[0, 1], [0, -1]], [[0, 0], [0, 0]]
    assert refuted(weak, Sequences.of(*touching, upper, tilted))
    assert not refuted(weak, Sequences.of(*touching, upper, LinearRule.of([0, 2], 0)))
    apart = [[0, 2], [0, -2]], [[0, 1], [0, -1]]
    assert not refuted(weak, Sequences.of(*apart, upper, tilted))


def test_points_that_touch_nothing_are_separable() -> None:
    weak = CLAIM.counterexamples()["separable"]
    assert not refuted(weak, LabelledSet.of([[0], [1]], [1, -1]))
    assert refuted(weak, LabelledSet.of([[0], [1], [2]], [1, -1, 1]))


def test_multipliers_on_distant_points_have_a_smaller_sum() -> None:
    fewest = lem_3.representation(LINE.data, (F(1),) * 3)
    assert (fewest.x, fewest.value) == ((F(1, 2), F(0), F(1, 2)), 1)
    proof = lem_3.decide_costs(LINE.data, (F(1),) * 3)
    assert not failing(proof)
    assert str(proof.steps[0].relations[0]) == "0 = 0"


def test_a_wrong_largest_sum_is_noticed(monkeypatch: Patch) -> None:
    """With the margin rule half as steep no point has the least margin any more."""
    monkeypatch.setattr(
        lem_3, "LargestMargin", lambda data: largest_margin(data, rule=LinearRule.of(["1/2"], 0))
    )
    assert failing(lem_3.decide_costs(LINE.data, (F(-1),) * 3)) == [1]


def test_the_sum_is_determined_where_all_points_have_the_least_margin() -> None:
    assert CLAIM.sharp is not None
    weak = CLAIM.sharp.overstated
    assert refuted(weak, LINE.data)
    assert not refuted(weak, LabelledSet.of([[0], [1], [1]], [-1, 1, 1]))
