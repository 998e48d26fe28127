"""A label stands with the inequality that decides it, a turn with a step or with the slopes."""

from __future__ import annotations

from fractions import Fraction as F

import pytest

from certify.numbers.rationals import Vector, vector
from verify.claims.charles2019.shared.enclosures import Loss
from verify.claims.charles2019.shared.labelled import labelled, labels, turned
from verify.objects import ArgmaxRule, Cell, CellRule, LinearRule, Rule, TwoLayerNetwork

LINE = LinearRule.of([3, 1], "-1/2")
EDGE = LinearRule.of([1], 0, zero=-1)
CLOSED = TwoLayerNetwork((vector([1]),), vector([0]), vector([2]), F(1), strict=True)
OPEN = TwoLayerNetwork((vector([1]),), vector([0]), vector([2]), F(1), strict=False)
TIE = ArgmaxRule.of([[0], [1]], [0, 0])
PARTS = CellRule((Cell.of([[1]], [0]), Cell.of([[-1]], [-2], strict=True)), -1, 1)


@pytest.mark.parametrize(
    ("rule", "x", "reason", "label"),
    [
        (LINE, vector([0, 1]), r"[3\cdot 0+1-\frac{1}{2}=\frac{1}{2}>0]", "1"),
        (LINE, vector([0, 0]), r"[3\cdot 0+0-\frac{1}{2}=-\frac{1}{2}<0]", "-1"),
        (EDGE, vector([0]), r"[1\cdot 0=0]", "-1"),
        (CLOSED, vector(["1/2"]), r"[2\cdot \frac{1}{2}=1\leq 1]", "-1"),
        (OPEN, vector(["1/2"]), r"[2\cdot \frac{1}{2}=1\geq 1]", "1"),
        (TIE, vector([0]), "[z=(0,0)]", "0"),
        (TIE, vector([3]), "[z=(0,3)]", "2"),
        # In the second part, by its strict inequality; then in neither, by one of each.
        (PARTS, vector([3]), "[-3<-2]", "-1"),
        (PARTS, vector([2]), r"[2>0,-2\geq -2]", "1"),
    ],
)
def test_a_label_is_shown_with_what_decides_it(
    rule: Rule, x: Vector, reason: str, label: str
) -> None:
    assert labelled("h(x)", rule, x).formula == ["h(x)", reason, label]


def test_labels_name_their_points() -> None:
    assert [one.name for one in labels("h", EDGE, [vector([1]), vector([-2])])] == ["h(1)", "h(-2)"]


@pytest.mark.parametrize(
    ("rule", "x", "v", "reason", "turns"),
    [
        (EDGE, vector([2]), vector([-1]), r"[c=2\text{: }1\cdot 0=0]", "1"),
        (EDGE, vector([2]), vector([1]), r"[w\cdot v=1]", "0"),
        (OPEN, vector([0]), vector([-1]), r"[\text{growth of the units }(-2)]", "0"),
        (PARTS, vector([-1]), vector([-1]), r"[(a_i\cdot v)_i=(-1)]", "0"),
    ],
)
def test_a_turn_is_shown_with_its_step_or_with_the_slopes(
    rule: Rule, x: Vector, v: Vector, reason: str, turns: str
) -> None:
    assert turned("t", rule, x, v).formula == ["t", reason, turns]


def test_bounds_of_a_loss_lie_on_their_sides_of_it() -> None:
    loss = Loss((F(80),), (F(40),), F(20))
    value = F(20)
    low, high = loss.below("l", [value]), loss.above("l", [value])
    assert isinstance(low.value, F)
    assert isinstance(high.value, F)
    assert low.value < high.value < value
    assert low.formula[1] == r"(\sqrt{80}+\sqrt{40\ln 20})^-"
    assert high.formula[1] == r"(\sqrt{80}+\sqrt{40\ln 20})^+"
