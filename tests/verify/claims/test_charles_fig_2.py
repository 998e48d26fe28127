"""Figure 2: nonlinear rules, for which a direction serves neither a label nor another rule."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction as F

import pytest
from support import failing, refuted

from certify import max_margin
from verify.claims.charles2019 import fig_2
from verify.claims.charles2019.fig_2 import CLAIM, EXAMPLE
from verify.claims.charles2019.shared import labelled
from verify.claims.charles2019.sharp import fig_2 as sharp
from verify.claims.claim import Proof
from verify.objects import LabelledSet
from verify.objects.rays import changed_step, is_adversarial

Patch = pytest.MonkeyPatch


def point_beyond_the_wedge(patch: Patch) -> Proof:
    data = LabelledSet.of([[10, 1], [0, -1], [0, 1], [2, -1]], EXAMPLE.data.labels)
    return fig_2.prove(replace(EXAMPLE, data=data))


def first_direction_backwards(patch: Patch) -> Proof:
    return fig_2.prove(replace(EXAMPLE, first=(F(-1), F(0))))


def first_direction_downwards(patch: Patch) -> Proof:
    return fig_2.prove(replace(EXAMPLE, first=(F(1), F(-1))))


def no_point_over_the_strip(patch: Patch) -> Proof:
    return fig_2.prove(replace(EXAMPLE, data=LabelledSet.of([[0, 1], [2, -1]], [1, -1])))


def no_point_beside_the_strip(patch: Patch) -> Proof:
    return fig_2.prove(replace(EXAMPLE, data=LabelledSet.of([[0, 1], [0, -1]], [1, -1])))


def traversal_that_turns_the_first_rule(patch: Patch) -> Proof:
    first = EXAMPLE.rules[0]
    patch.setattr(
        labelled, "is_adversarial", lambda rule, x, v: rule == first or is_adversarial(rule, x, v)
    )
    return fig_2.prove(EXAMPLE)


FAULTS: dict[int, Callable[[Patch], Proof]] = {
    1: point_beyond_the_wedge,
    2: first_direction_backwards,
    3: first_direction_downwards,
    4: no_point_over_the_strip,
    5: no_point_beside_the_strip,
    6: traversal_that_turns_the_first_rule,
}


@pytest.mark.parametrize("number", FAULTS)
def test_each_step_can_fail(number: int, monkeypatch: Patch) -> None:
    assert failing(FAULTS[number](monkeypatch)) == [number]


def test_the_steps_of_the_recorded_picture() -> None:
    one, two = EXAMPLE.rules
    other, plus = EXAMPLE.data.positive
    over, beside = EXAMPLE.data.negative
    # (0, 1) leaves the wedge at (4, 1), (1, 1) one unit of length earlier.
    assert [changed_step(one, x, EXAMPLE.first) for x in (plus, other)] == [4, 3]
    assert one.label((F(10), F(1))) == -1
    assert two.label((F(10), F(1))) == 1
    # (0, -1) is in the strip from (0, -3) on, where the edge does not belong to it.
    assert two.label((F(0), F(-3))) == -1
    assert two.label((F(0), F(-4))) == 1
    assert is_adversarial(two, over, EXAMPLE.second)
    assert not is_adversarial(two, beside, EXAMPLE.second)


def test_the_table_and_the_caption_call_the_same_points_x_1_and_x_2() -> None:
    assert EXAMPLE.data.pairs[0] == (EXAMPLE.data.positive[0], 1)
    assert EXAMPLE.data.pairs[1] == (EXAMPLE.data.negative[0], -1)


def test_in_the_plane_the_points_need_not_fit_the_rules_of_the_statement() -> None:
    """No coordinate t is positive between two points at which it is not."""
    between = LabelledSet.of([[0, 0], [1, 0], [-1, 0]], [1, -1, -1])
    assert not max_margin(between.points, between.labels).separable
    decided = sharp.decide(between)
    assert sharp.allowed(between)
    assert all(one.holds for one in decided.steps)


def test_a_rule_of_class_r_prime_refutes_only_where_a_direction_turns_something() -> None:
    weak = CLAIM.counterexamples()["nonconvex rule"]
    assert not refuted(weak, replace(weak.example, direction=(F(-1),)))
    one_negative = LabelledSet.of([[1], [0]], [1, -1])
    assert not refuted(weak, replace(weak.example, data=one_negative))
    reversed_rule = replace(weak.example.rule, output=(F(-1),))
    assert not refuted(weak, replace(weak.example, rule=reversed_rule))
