"""Theorem 12: every step on its own, and convex sets just short of a counterexample."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction as F

import pytest
from support import failing, refuted

from certify.numbers.rationals import Vector, combine
from verify.claims.charles2019 import thm_11, thm_12
from verify.claims.charles2019.thm_12 import CLAIM, EXAMPLE, HOLES
from verify.claims.charles2019.without import convexity
from verify.claims.charles2019.without.convexity import ALPHA, BETA
from verify.claims.charles2019.without.line_directions import OnALine
from verify.claims.claim import Proof
from verify.objects import Cell, CellRule, LabelledSet

Patch = pytest.MonkeyPatch
FAR: Vector = (F(10), F(0))


def start_between_the_parts(patch: Patch) -> Proof:
    """The point lies in C, but its label is beta."""
    return thm_12.prove(replace(EXAMPLE, points=(*EXAMPLE.points, (F(0), F(1, 2)))))


def mixture_of_points_outside(patch: Patch) -> Proof:
    true = thm_11.leave

    def moved(*given: Vector) -> thm_11.Exit:
        e = true(*given)  # type: ignore[arg-type]
        return replace(e, p=combine((1, e.p), (1, FAR)), r=combine((1, e.r), (1 - 1 / e.step, FAR)))

    patch.setattr(thm_11, "leave", moved)
    return thm_12.prove(EXAMPLE)


def mixture_that_is_another_point(patch: Patch) -> Proof:
    true = thm_11.leave

    def moved(*given: Vector) -> thm_11.Exit:
        e = true(*given)  # type: ignore[arg-type]
        return replace(e, r=combine((1, e.r), (1, FAR)))

    patch.setattr(thm_11, "leave", moved)
    return thm_12.prove(EXAMPLE)


def part_outside_the_convex_set(patch: Patch) -> Proof:
    return thm_12.prove(replace(EXAMPLE, parts=(*EXAMPLE.parts, Cell.of([[-1, 0]], [-3]))))


FAULTS: dict[int, Callable[[Patch], Proof]] = {
    1: start_between_the_parts,
    2: mixture_of_points_outside,
    3: mixture_that_is_another_point,
    4: part_outside_the_convex_set,
}


@pytest.mark.parametrize("number", FAULTS)
def test_each_step_can_fail(number: int, monkeypatch: Patch) -> None:
    assert failing(FAULTS[number](monkeypatch)) == [number]


def test_holes_are_drawn() -> None:
    drawn = [CLAIM.instance(0, i) for i in range(30)]
    assert any(HOLES in case and len(instance.parts) == 3 for case, instance in drawn)


def on_a_line(cells: tuple[Cell, ...], labels: list[int]) -> OnALine:
    return OnALine(LabelledSet.of([[0], [1], [2]], labels), (CellRule(cells, ALPHA, BETA),))


def test_a_convex_set_that_holds_the_other_point() -> None:
    weak = CLAIM.counterexamples()["other point outside"]
    half = convexity.half_line
    left, right = half(1, 1, True), half(1, -1, True)
    bounded = Cell.of([[1], [-1]], [5, -1], (False, True))
    below = Cell.of([[-1], [1]], [5, 1], (False, True))
    alternating = [ALPHA, BETA, ALPHA]
    assert refuted(weak, on_a_line((left, right), alternating))
    # [-5, 1) and (1, oo) keep 2 along +1 but not 0 along -1; (-oo, 1) and (1, 5] the reverse.
    assert not refuted(weak, on_a_line((below, right), alternating))
    assert not refuted(weak, on_a_line((left, bounded), alternating))
    # The two rules together leave no direction.
    both = on_a_line((below, right), alternating)
    other = on_a_line((left, bounded), alternating)
    assert refuted(weak, replace(both, rules=(*both.rules, *other.rules)))


def test_the_theorem_needs_no_continuity_as_printed() -> None:
    weak = CLAIM.counterexamples()["as printed"]
    assert refuted(weak, weak.example)
    assert not refuted(weak, replace(weak.example, positive=0))
