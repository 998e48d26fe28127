"""The remark after Corollary 6: every step on its own, exact steps, near misses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction as F

import pytest
from support import bumped, failing, largest_margin, refuted, sentences

from certify.checking import checker
from certify.numbers.rationals import combine
from verify.claims.charles2019 import cor_6_remark
from verify.claims.charles2019.cor_6_remark import CLAIM, EXAMPLE
from verify.claims.charles2019.shared import separators
from verify.claims.charles2019.shared.separators import Instance, LargestMargin
from verify.claims.charles2019.shared.steps import UniversalStep, serving, universal_step
from verify.claims.claim import Proof
from verify.objects import LabelledSet, LinearRule

Patch = pytest.MonkeyPatch

HALFWAY = (LinearRule.of([1], "-1/2"),)
LINE = Instance(LabelledSet.of([[0], [1], [2]], [-1, 1, 1]), HALFWAY, ())
# The point (0, 1) needs the step to (0, 0), between the two points labelled -1.
WEDGE = Instance(
    LabelledSet.of([[-1, 0], [1, 0], [0, 1]], [-1, -1, 1]), (LinearRule.of([0, 1], "-1/2"),), ()
)


def steps(data: LabelledSet) -> list[F | None]:
    u = LargestMargin(data).direction
    return [universal_step(data, u, k).step for k in range(len(data.labels))]


def with_steps(
    patch: Patch, instance: Instance, change: Callable[[UniversalStep], UniversalStep]
) -> Proof:
    patch.setattr(cor_6_remark, "universal_step", lambda *args: change(universal_step(*args)))
    return cor_6_remark.prove(instance)


def multiplier_too_many(patch: Patch) -> Proof:
    """Only the point 1 is given another weight on 2; no separator is there to notice."""
    return with_steps(
        patch,
        replace(LINE, separators=()),
        lambda s: replace(s, multipliers=(F(1), F(1), F(1, 7))) if s.point == 1 else s,
    )


def margin_that_is_not_linear(patch: Patch) -> Proof:
    rule = bumped(LINE.separators[0], {(2,): F(5, 3)})
    return cor_6_remark.prove(replace(LINE, separators=(rule,)))


def label_that_stays_at_the_step(patch: Patch) -> Proof:
    rule = bumped(WEDGE.separators[0], {(0, 0): 1})
    return cor_6_remark.prove(replace(WEDGE, separators=(rule,)))


def limit_of_another_slope(patch: Patch) -> Proof:
    def doubled(s: UniversalStep) -> UniversalStep:
        return replace(s, limit=LinearRule(combine((2, s.limit.normal)), 2 * s.limit.offset))

    return with_steps(patch, LINE, doubled)


def rule_that_does_not_keep_the_label(patch: Patch) -> Proof:
    patch.setattr(UniversalStep, "keeping", lambda *_: LINE.separators[0])
    return cor_6_remark.prove(LINE)


def mean_with_a_zero(patch: Patch) -> Proof:
    patch.setattr(cor_6_remark, "combine", lambda *_: (F(0),))
    return cor_6_remark.prove(LINE)


def direction_that_is_too_long(patch: Patch) -> Proof:
    patch.setattr(
        cor_6_remark, "LargestMargin", lambda data: largest_margin(data, direction=(F(2),))
    )
    return cor_6_remark.prove(LINE)


FAULTS: dict[int, Callable[[Patch], Proof]] = {
    1: multiplier_too_many,
    2: margin_that_is_not_linear,
    3: label_that_stays_at_the_step,
    4: limit_of_another_slope,
    5: rule_that_does_not_keep_the_label,
    6: mean_with_a_zero,
    7: direction_that_is_too_long,
}


@pytest.mark.parametrize("number", FAULTS)
def test_each_step_can_fail(number: int, monkeypatch: Patch) -> None:
    assert failing(FAULTS[number](monkeypatch)) == [number]


def test_exact_steps_in_units_of_u() -> None:
    assert steps(EXAMPLE.data) == [1, 1, None]
    assert steps(LINE.data) == [1, 1, 2]
    assert steps(WEDGE.data) == [2, 2, 1]
    assert steps(LabelledSet.of([[0], [1]], [-1, 1])) == [1, 1]


def test_a_step_at_the_supremum_cannot_be_kept() -> None:
    largest = LargestMargin(LINE.data)
    answer = universal_step(LINE.data, largest.direction, 2)
    assert answer.keeping(largest.rule, F(199, 100)).label(answer.moved(F(199, 100))) == 1
    with pytest.raises(ValueError, match="below 2"):
        answer.keeping(largest.rule, F(2))


def test_directions_that_some_separator_does_not_grow_along_are_refused() -> None:
    with pytest.raises(ValueError, match="direction"):
        universal_step(EXAMPLE.data, (F(-1), F(0)), 1)


def test_the_other_points_of_the_example_and_a_point_above_are_no_counterexample() -> None:
    assert CLAIM.as_printed is not None
    assert refuted(CLAIM.as_printed, EXAMPLE.data, 2)
    assert not refuted(CLAIM.as_printed, EXAMPLE.data, 1)
    # With (0, 2) in place of (1, 1) the points are on a line, and the step 2 is enough.
    assert not refuted(CLAIM.as_printed, LabelledSet.of([[0, 0], [0, 1], [0, 2]], [-1, 1, 1]), 2)


def test_rules_with_points_on_their_boundary_are_covered_by_certificates() -> None:
    """One certificate for rules that own the label +1, one for the label -1."""
    says = sentences(cor_6_remark.prove(cor_6_remark.EXAMPLE).certificates)
    assert sum(">= 0 is enough" in text for text in says) == 4, says


def test_a_step_that_is_too_short_is_no_certificate() -> None:
    """With a larger multiplier of the point the step is shorter, and the sum no longer fits."""
    data, u = EXAMPLE.data, LargestMargin(EXAMPLE.data).direction
    answer = universal_step(data, u, 1)
    longer = tuple(a + (i == 1) * F(1, 10) for i, a in enumerate(answer.multipliers))
    for certificate in serving(data, u, longer, 1):
        with pytest.raises(checker.Rejected, match="multipliers"):
            checker.check(checker.parse(certificate.line()))


def test_classes_can_carry_less_than_the_largest_sum() -> None:
    """To carry as much as it can, the point 2 of the line takes half of what the classes can."""
    u = LargestMargin(LINE.data).direction
    totals = [
        separators.class_totals(LINE.data, universal_step(LINE.data, u, k).multipliers)
        for k in range(3)
    ]
    assert totals[2] == (F(1, 2), F(1, 2))
    assert max(max(pair) for pair in totals) == 1
