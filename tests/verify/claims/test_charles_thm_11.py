"""Theorem 11: every step on its own, and regions just short of a counterexample."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction as F

import pytest
from support import failing, refuted

from certify.numbers.rationals import Vector, combine
from verify.claims.charles2019 import thm_11
from verify.claims.charles2019.thm_11 import CLAIM, EXAMPLE, Exit, Instance
from verify.claims.charles2019.without import convexity
from verify.claims.charles2019.without.convexity import ALPHA, BETA, Ragged
from verify.claims.charles2019.without.line_directions import OnALine
from verify.claims.claim import Proof
from verify.objects import Cell, CellRule, LabelledSet

Patch = pytest.MonkeyPatch
FAR: Vector = (F(10), F(0))


def changed_exits(patch: Patch, change: Callable[[Exit], Exit]) -> Proof:
    true = thm_11.leave
    patch.setattr(thm_11, "leave", lambda *given: change(true(*given)))
    return thm_11.prove(EXAMPLE)


def start_outside_the_region(patch: Patch) -> Proof:
    outside = (F(5), F(5))
    return thm_11.prove(replace(EXAMPLE, points=(*EXAMPLE.points, outside)))


def mixture_of_points_outside(patch: Patch) -> Proof:
    """Both sides of the identity are moved alike."""
    return changed_exits(
        patch,
        lambda e: replace(
            e, p=combine((1, e.p), (1, FAR)), r=combine((1, e.r), (1 - 1 / e.step, FAR))
        ),
    )


def mixture_that_is_another_point(patch: Patch) -> Proof:
    return changed_exits(patch, lambda e: replace(e, r=combine((1, e.r), (1, FAR))))


def rule_that_says_alpha_beyond(patch: Patch) -> Proof:
    beyond = Cell.of([[-1, 0]], [-2])
    patch.setattr(Instance, "rule", property(lambda i: CellRule((i.region, beyond), ALPHA, BETA)))
    return thm_11.prove(EXAMPLE)


FAULTS: dict[int, Callable[[Patch], Proof]] = {
    1: start_outside_the_region,
    2: mixture_of_points_outside,
    3: mixture_that_is_another_point,
    4: rule_that_says_alpha_beyond,
}


@pytest.mark.parametrize("number", FAULTS)
def test_each_step_can_fail(number: int, monkeypatch: Patch) -> None:
    assert failing(FAULTS[number](monkeypatch)) == [number]


def test_both_ways_out_are_taken() -> None:
    closed, opened = Cell.of([[1]], [0]), Cell.of([[1]], [1], strict=True)
    zero, one, minus = (F(0),), (F(1),), (F(-3),)
    from_closed = thm_11.leave(closed, zero, one, minus)
    assert from_closed == Exit(minus, F(5), zero, (F(2, 5),), (F(2),))
    from_opened = thm_11.leave(opened, zero, one, minus)
    assert from_opened == Exit(minus, F(5), (F(3, 4),), one, (F(2),))


def line(cells: tuple[Cell, ...], points: list[int], labels: list[int]) -> OnALine:
    rule = CellRule(cells, ALPHA, BETA)
    return OnALine(LabelledSet.of([[x] for x in points], labels), (rule,))


def test_the_punctured_line() -> None:
    weak = CLAIM.counterexamples()["convex"]
    half = convexity.half_line
    left, right = half(1, 1, True), half(1, -1, True)
    assert refuted(weak, line((left, right), [0, 1, 2], [ALPHA, BETA, ALPHA]))
    assert not refuted(weak, line((left,), [0, 1, 2], [ALPHA, BETA, BETA]))
    assert not refuted(weak, line((left, right), [0, 1], [ALPHA, BETA]))
    # One cell open and one closed is not for this hypothesis to refute.
    mixed = line((half(0, 1, True), half(2, -1, False)), [-1, 1, 2], [ALPHA, BETA, ALPHA])
    assert not refuted(weak, mixed)


def test_ragged_half_planes_need_opposite_normals_along_the_edge() -> None:
    weak = CLAIM.counterexamples()["open or closed"]
    recorded: Ragged = weak.example
    assert refuted(weak, recorded)
    up, down = recorded.normals
    assert refuted(weak, replace(recorded, normals=(up, combine((3, down)))))
    assert not refuted(weak, replace(recorded, normals=(up, up)))
    assert not refuted(weak, replace(recorded, normals=(up, (F(1), F(-1)))))
    assert not refuted(weak, replace(recorded, beta=(F(1), F(1, 100))))
    assert not refuted(weak, replace(recorded, beta=recorded.alpha))


def test_one_label_with_two_rules() -> None:
    weak = CLAIM.counterexamples()["both labels"]
    half = convexity.half_line
    left = CellRule((half(-1, 1, False),), ALPHA, BETA)
    right = CellRule((half(1, -1, False),), ALPHA, BETA)
    data, starts = LabelledSet.of([[0]], [BETA]), ((F(-2),), (F(2),))
    assert refuted(weak, OnALine(data, (left, right), starts))
    assert not refuted(weak, OnALine(data, (left,), starts))
    # A third rule that is wrong on the point.
    wrong = CellRule((half(1, 1, False),), ALPHA, BETA)
    assert not refuted(weak, OnALine(data, (left, right, wrong), starts))
