"""Theorem 16: every step on its own, the exact set of directions, and near misses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction as F
from random import Random

import pytest
from support import failing, refuted

from certify.numbers.rationals import combine
from verify.claims.charles2019 import thm_16
from verify.claims.charles2019.thm_16 import CLAIM, EXAMPLE
from verify.claims.charles2019.without.line_directions import OnALine
from verify.claims.claim import Proof
from verify.objects import Cell, CellRule, LabelledSet
from verify.objects.rays import is_adversarial

Patch = pytest.MonkeyPatch


def positive_point_on_the_edge(patch: Patch) -> Proof:
    data = LabelledSet.of([[0, 1], [2, 1], [1, 0], [-1, 2]], EXAMPLE.data.labels)
    return thm_16.prove(replace(EXAMPLE, data=data))


def slope_that_is_misread(patch: Patch) -> Proof:
    """The true slope is -1, so the steps are still right."""
    patch.setattr(thm_16, "dot", lambda *_: F(0))
    return thm_16.prove(EXAMPLE)


def start_below_the_unit(patch: Patch) -> Proof:
    return thm_16.prove(replace(EXAMPLE, starts=((F(5), F(-3)),)))


def label_stuck(patch: Patch) -> Proof:
    patch.setattr(CellRule, "label", lambda *_: 1)
    return thm_16.prove(EXAMPLE)


FAULTS: dict[int, Callable[[Patch], Proof]] = {
    1: positive_point_on_the_edge,
    2: slope_that_is_misread,
    3: start_below_the_unit,
    4: label_stuck,
}


@pytest.mark.parametrize("number", FAULTS)
def test_each_step_can_fail(number: int, monkeypatch: Patch) -> None:
    assert failing(FAULTS[number](monkeypatch)) == [number]


def test_directions_without_a_path_are_kept_by_some_rule() -> None:
    data = LabelledSet.of([[0, 0], [1, 1], [-1, 1]], [1, -1, -1])
    rng = Random(0)
    for _ in range(40):
        v = (F(rng.randint(-3, 3)), F(rng.randint(-3, 3)))
        rule = thm_16.silent_rule(data, v)
        along_a_difference = v[1] > 0 and abs(v[0]) == v[1]
        assert (rule is None) == along_a_difference
        if rule is not None:
            assert [rule.label(x) for x in data.points] == [1, -1, -1]
            assert not is_adversarial(rule, data.points[0], v)


def test_degenerate_units_are_drawn() -> None:
    drawn = [CLAIM.instance(0, i) for i in range(2 * len(CLAIM.cases))]
    zeros = [i for case, i in drawn if case == thm_16.ZERO_ROW]
    assert all(any(not any(unit.normal) for unit in i.units) for i in zeros)
    attained = [i for case, i in drawn if case == thm_16.ATTAINED]
    for instance in attained:
        low = instance.data.points[instance.negative]
        assert thm_16.falling_unit(instance).value(low) <= 0
        assert any(unit.value(low) == 0 for unit in instance.units)


def interval(low: int, high: int, strict: bool = True) -> CellRule:
    return CellRule((Cell.of([[1], [-1]], [high, -low], strict),), 1, -1)


def test_without_a_positive_point_two_rules_disagree() -> None:
    weak = CLAIM.counterexamples()["both labels"]
    right = CellRule((Cell.of([[-1]], [0], True),), 1, -1)
    left = CellRule((Cell.of([[1]], [0], True),), 1, -1)
    data, starts = LabelledSet.of([[0]], [-1]), ((F(1),), (F(-1),))
    assert refuted(weak, OnALine(data, (right, left), starts))
    assert not refuted(weak, OnALine(data, (right,), starts))
    assert not refuted(weak, OnALine(data, (right, interval(1, 2)), starts))


def test_negative_points_on_both_sides_of_an_open_interval() -> None:
    weak = CLAIM.counterexamples()["points labelled +1"]
    recorded = weak.example
    assert refuted(weak, recorded)
    assert not refuted(weak, replace(recorded, rules=(interval(-1, 1, strict=False),)))
    one_sided = LabelledSet.of([[0], [1]], [1, -1])
    assert not refuted(weak, replace(recorded, data=one_sided))
    half = CellRule((Cell.of([[1]], [1], True),), 1, -1)
    assert not refuted(weak, replace(recorded, rules=(half,)))


def test_the_mixture_of_positive_points_counts() -> None:
    """The direction (0, 1) from the middle of two +1 points to a -1 point."""
    data = LabelledSet.of([[0, 0], [2, 0], [1, 1]], [1, 1, -1])
    assert thm_16.silent_rule(data, (F(0), F(1))) is None
    assert thm_16.silent_rule(data, combine((-1, (F(0), F(1))))) is not None
