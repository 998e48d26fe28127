"""What a rule needs for a difference of data points to turn it: more than a convex region."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction as F
from itertools import product

import pytest
from support import failing, refuted

from certify.numbers.rationals import Rows, Vector
from verify.claims.charles2019 import sec6_necessity
from verify.claims.charles2019.sec6_necessity import CLAIM, EXAMPLE, Instance
from verify.claims.claim import Proof
from verify.objects import Cell, CellRule, LabelledSet
from verify.objects.rays import is_adversarial

Patch = pytest.MonkeyPatch


def positive_point_inside(patch: Patch) -> Proof:
    data = LabelledSet.of([[0, 0], [2, 0], ["1/2", "1/2"]], [-1, 1, 1])
    return sec6_necessity.prove(replace(EXAMPLE, data=data))


def region_neither_open_nor_closed(patch: Patch) -> Proof:
    region = Cell.of([[-1, 0], [1, 0]], [5, 0], (True, False))
    data = LabelledSet.of([[0, 0], [2, 0]], [-1, 1])
    return sec6_necessity.prove(Instance(data, region, 1, 0))


def difference_of_two_positive_points(patch: Patch) -> Proof:
    # The other side of the region is crossed instead, so the label changes all the same.
    data = LabelledSet.of([[0, 0], [2, 0], [6, 0]], [-1, 1, 1])
    region = Cell.of([[1, 0], [-1, 0]], [1, "1/2"])
    return sec6_necessity.prove(Instance(data, region, 1, 2))


@dataclass(frozen=True)
class Stubborn(CellRule):
    """A rule that says -1 at every point but the known ones."""

    known: Rows = ()

    def label(self, x: Vector) -> int:
        return super().label(x) if x in self.known else -1


def rule_that_never_changes(patch: Patch) -> Proof:
    patch.setattr(
        Instance,
        "rule",
        property(lambda self: Stubborn((self.region,), -1, 1, self.data.points)),
    )
    return sec6_necessity.prove(EXAMPLE)


FAULTS: dict[int, Callable[[Patch], Proof]] = {
    1: positive_point_inside,
    2: region_neither_open_nor_closed,
    3: difference_of_two_positive_points,
    4: rule_that_never_changes,
}


@pytest.mark.parametrize("number", FAULTS)
def test_each_step_can_fail(number: int, monkeypatch: Patch) -> None:
    assert failing(FAULTS[number](monkeypatch)) == [number]


def test_along_the_edge_of_the_recorded_region_the_label_stays_for_ever() -> None:
    edge = CLAIM.counterexamples()["open or closed"].example
    along = (F(1), F(0))
    assert not is_adversarial(edge.rule, (F(0), F(1)), along)
    assert is_adversarial(edge.rule, (F(0), F(0)), along)  # from the point of the edge it leaves


def test_near_misses_of_the_edge_are_no_counterexamples() -> None:
    weak = CLAIM.counterexamples()["open or closed"]
    off = LabelledSet.of([[0, 0], [1, -1]], [-1, 1])
    assert not refuted(weak, replace(weak.example, data=off))  # x_+ is not on the edge
    ends = ((F(0), F(0)), (F(2), F(0)))
    assert not refuted(weak, replace(weak.example, added=ends))  # no longer convex
    below = ((F(0), F(0)), (F(0), F(-1)))
    assert not refuted(weak, replace(weak.example, added=below))
    assert not refuted(weak, replace(weak.example, start=(F(0), F(-1))))  # labelled +1


def test_a_single_half_line_is_no_counterexample() -> None:
    weak = CLAIM.counterexamples()["convex"]
    one_piece = replace(weak.example.rule, cells=weak.example.rule.cells[:1])
    assert not refuted(weak, replace(weak.example, rule=one_piece, start=(F(-1),)))


def test_a_bounded_region_with_a_part_of_its_edge_is_left_by_every_difference() -> None:
    """Intersections of open half-spaces are enough, and more than is needed: this is none."""
    square = Cell.of([[1, 0], [-1, 0], [0, 1], [0, -1]], [1, 0, 1, 0], strict=True)
    foot, beside = (F(1, 2), F(0)), (F(1, 4), F(0))
    rule = CellRule((square, Cell.point(foot)), -1, 1)
    inside, outside = [foot, (F(1, 2), F(1, 2))], [beside, (F(0), F(0)), (F(2), F(3))]
    for start, low, high in product(inside, inside, outside):
        assert (rule.label(low), rule.label(high)) == (-1, 1)
        assert is_adversarial(rule, start, (high[0] - low[0], high[1] - low[1]))
