"""The linear programs behind the sharp forms: both answers of each, with their certificates."""

from __future__ import annotations

from fractions import Fraction as F

import pytest

from certify.certificates.certificate import Certificate
from certify.checking import checker
from verify.claims.charles2019.sharp import accurate_models, accurate_rules
from verify.objects import LabelledSet, LinearRule
from verify.objects.multiclass_sets import MulticlassSet

LINE = LabelledSet.of([[0], [1]], [-1, 1])
THREE = MulticlassSet.of([[0], [1], [2]], [0, 1, 2], 3)


def accepted(certificate: Certificate) -> str:
    return checker.check(checker.parse(certificate.line()))[0]


def test_combinations_are_found_or_refused() -> None:
    rays = [(F(1), F(0)), (F(1), F(1))]
    inside = accurate_rules.combination(rays, (F(3), F(2)))
    assert inside.found == (1, 2)
    outside = accurate_rules.combination(rays, (F(0), F(1)))
    assert outside.found is None
    assert accepted(outside.certificate) == "lp-infeasible"


def test_rules_that_do_not_grow_are_found_or_refused() -> None:
    falling, _ = accurate_rules.rule(LINE, falling=[(F(-1),)])
    assert falling is not None
    assert falling.separates(LINE)
    none, certificate = accurate_rules.rule(LINE, falling=[(F(1),)])
    assert none is None
    assert accepted(certificate) == "lp-infeasible"
    assert accurate_rules.rule(LINE, constant=True)[0] is None


@pytest.mark.parametrize("owner", [1, -1])
def test_points_of_the_owner_may_lie_on_the_boundary(owner: int) -> None:
    """The two labels meet in one point: only a rule that leaves it to its owner would do."""
    data = LabelledSet.of([[0], [0]], [owner, owner])
    found, _ = accurate_rules.rule(data, owner, constant=True)
    assert found is not None
    assert found.is_accurate(data)
    assert not LinearRule.of([0], 0, -owner).is_accurate(data)


def test_half_the_gap_is_where_no_rule_keeps_all_points_whoever_owns_the_boundary() -> None:
    both = accurate_rules.of_label(LINE, 1, -1)
    kept, shown = accurate_rules.keeping(LINE, (F(49, 100),), both)
    assert kept is not None
    assert [accepted(c) for c in shown] == ["rule-facts"]
    lost, refuted = accurate_rules.keeping(LINE, (F(1, 2),), both)
    assert lost is None
    assert [accepted(c) for c in refuted] == ["lp-infeasible"] * 3


def test_classes_are_left_or_kept() -> None:
    left, kept = (accurate_models.left(THREE, 0, (F(s),)) for s in (1, -1))
    assert left.proved
    assert accepted(left.certificate) == "class-left"
    assert not kept.proved
    model, _ = accurate_models.model(THREE, 0, [(F(-1),)])
    assert model is not None
    assert [model.label(x) for x in THREE.points] == [0, 1, 2]
    assert accurate_models.model(THREE, 0, [(F(1),)])[0] is None
