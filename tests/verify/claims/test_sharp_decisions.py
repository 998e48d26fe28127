"""A fault in one of the two ways that decide a sharp form is noticed by the other."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction as F
from random import Random
from types import SimpleNamespace
from typing import Any

import pytest
from support import failing, instance_of

from certify.networks.relu import ReluNetwork
from certify.numbers.rationals import Vector, dot, vector
from verify.claims.charles2019 import sec7_independence, thm_9_note
from verify.claims.charles2019.shared import multiclass_samples, sample_losses
from verify.claims.charles2019.shared.enclosures import Loss
from verify.claims.charles2019.shared.multiclass_samples import through_origin
from verify.claims.charles2019.sharp import assumptions, labels, ramps, samples
from verify.claims.charles2019.sharp.direction_decisions import Query
from verify.claims.charles2019.sharp.labels import Common
from verify.claims.charles2019.thm_9_note import Judged
from verify.claims.charles2019.without import offset_memorisers
from verify.claims.charles2019.without.assumptions import BadOutcomes
from verify.claims.charles2019.without.offset_memorisers import Memory
from verify.claims.evaluation import evaluate, evaluate_sharp
from verify.claims.registry import find
from verify.claims.zou2018 import (
    boundary_pl,
    conj,
    def_1,
    def_2,
    region_convex,
    thm_1,
    thm_2,
    unbounded,
    unconstrained,
)
from verify.claims.zou2018.shared import regions
from verify.claims.zou2018.sharp import borders, directions
from verify.claims.zou2018.sharp import regions as sharp_regions
from verify.claims.zou2018.sharp import twins as plane
from verify.claims.zou2018.without import parallel
from verify.drawing.pairs import Pair
from verify.evidence.grades import Grade
from verify.objects import LabelledSet, LinearRule, SoftmaxHead
from verify.objects.multiclass_sets import MulticlassSet

Patch = pytest.MonkeyPatch


def one_class(head: SoftmaxHead, region: int) -> SimpleNamespace:
    return SimpleNamespace(head=head, region=region)


def move(head: SoftmaxHead, bias: Vector, h: Vector, d: Vector, theta: F) -> SimpleNamespace:
    return SimpleNamespace(head=head, other_bias=bias, features=h, direction=d, theta=theta)


def constant(value: object) -> Any:
    return lambda *arguments, **options: value


FAULTS = [
    ("zou-def-1", directions.OUTSIDE, directions, "affine_dimension", constant(99)),
    ("zou-thm-1", directions.ATTAINED, directions, "affine_dimension", constant(0)),
    ("zou-thm-2", directions.LINES, directions, "reaches", constant(vector([0]))),
    ("zou-region-convex", sharp_regions.ALL_FACETS, regions.Border, "facet", False),
    ("zou-boundary-pl", boundary_pl.ON_TOP, boundary_pl, "thick", constant([])),
    ("zou-unbounded", sharp_regions.OPEN, sharp_regions, "interior", constant(True)),
    ("zou-unbounded", sharp_regions.CLOSED, sharp_regions, "boxed", constant(False)),
    ("zou-unbounded", sharp_regions.FLAT, sharp_regions, "rank",
     lambda rows: SimpleNamespace(value=len(rows[0]))),
    ("zou-def-2", borders.ASIDE, borders, "facets_overlap", constant(True)),
    ("zou-conj", conj.NEARER, conj, "least_by_pieces", constant(F(9))),
    ("zou-unconstrained", unconstrained.BETWEEN, unconstrained, "longest_half", constant(F(-9))),
    ("zou-conj-norms", plane.NEARER, plane, "candidates", constant([vector([9, 9])])),
    ("charles-thm-1-informal", labels.BOTH_LABELS, labels, "served", constant(True)),
    ("charles-bias-remark", labels.OPPOSITE, labels, "opposite", constant(False)),
    ("charles-A1-A3", assumptions.EQUAL, assumptions, "combine", constant(())),
    ("charles-B1-B3", assumptions.TWICE, BadOutcomes, "afterwards", F(9)),
    ("charles-thm-7", samples.ENOUGH, sample_losses, "smallest_positive_size",
     constant(10**9)),
    ("charles-thm-9", samples.TOO_FEW, sample_losses, "smallest_positive_size", constant(1)),
    ("charles-thm-7-note", samples.MOST, Loss, "covers", constant(True)),
    (
        "charles-thm-9-note", thm_9_note.THIRD, multiclass_samples, "margin",
        constant(F(1)),
    ),
    ("charles-ratio-remark", ramps.ENDS, ramps, "exponential_below", constant(F(0))),
    ("charles-rademacher-step", ramps.MORE, ramps, "central", constant(F(0))),
    ("charles-sec7-independence", sec7_independence.MORE_DRAWS, sec7_independence, "moment",
     lambda values, law, bend: F(-len([p for p in law.values() if p]))),
]  # fmt: skip


@pytest.mark.parametrize(("claim", "case", "owner", "name", "value"), FAULTS)
def test_a_fault_in_one_way_is_noticed(
    claim: str, case: str, owner: object, name: str, value: object, monkeypatch: Patch
) -> None:
    sharp = find(claim).sharp
    assert sharp is not None
    instance = sharp.draw(Random(3), case)
    assert failing(sharp.decide(instance)) == []
    monkeypatch.setattr(owner, name, value)
    assert failing(sharp.decide(instance))


def test_outer_regions_of_the_figure_and_of_stairs() -> None:
    (outer,) = borders.outer_regions(def_2.FIGURE)
    assert outer.gap == vector([2, 0])
    assert borders.refute_exact(def_2.FIGURE) is None
    assert borders.refute_exact(parallel.ASKEW) is None
    # From (-1/2, 1/2) to (1/2, -1/2): the square of the distance is 2, that of the gap is 1.
    stairs = borders.refute_exact(borders.STAIRS)
    assert stairs is not None
    assert [str(r) for r in stairs.steps[-1].relations] == ["2 > 1"]
    assert all(step.holds for step in stairs.steps)
    # Five classes, all with interior, whose outer regions are further apart than 2.
    five = SoftmaxHead.of(
        [[-1, 0, 1, "-1/2", "1/2"], [0, 0, 0, 4, -4]], [-1, 0, -1, "-1/10", "-1/10"]
    )
    found = [o for o in borders.outer_regions(five) if (o.below, o.above) == ((0, 1), (1, 2))]
    assert [borders.straight_across(five, o).x for o in found] == [None]
    assert not borders.facets_overlap(five, found[0])


@pytest.mark.parametrize(("l", "m"), [(2, 5), (3, 4), (1, 2), (4, 2)])
def test_almost_no_layer_of_these_shapes_is_parallel(l: int, m: int) -> None:
    assert regions.parallel_pairs(borders.witness(l, m)) == []


def test_with_one_feature_and_three_classes_all_are_parallel() -> None:
    assert len(regions.parallel_pairs(borders.witness(1, 3))) == 3


def test_ties_that_the_middle_rule_settles_well() -> None:
    layer = SoftmaxHead.of([[0, 0, 1, -1]], [0, 0, -1, -1])
    assert sharp_regions.refute_middle(layer, vector([1]), vector([-1])) is not None
    assert sharp_regions.refute_middle(layer, vector([1]), vector([1])) is None


def test_memorisers_that_do_not_refute_the_smaller_factor() -> None:
    known = offset_memorisers.overstated("").example
    assert offset_memorisers.refute(known) is not None
    assert offset_memorisers.refute(Memory(known.size // 2, known.support, known.part)) is None
    assert offset_memorisers.refute(Memory(known.size, known.size, known.part)) is None
    assert ramps.refute_mean(Memory(1, 400, F(1, 4))) is None
    # This one refutes a mean of B R / sqrt(n), but not with 1 - p_n in it.
    assert ramps.refute_mean(Memory(4, 400, F(1, 4))) is None
    assert ramps.refute_mean(Memory(14, 28_000, F(1, 6))) is not None
    assert ramps.refute_mean(Memory(13, 10**6, F(1, 6))) is None


def malformed(claim: str, instance: object, message: str) -> None:
    outcome = evaluate_sharp(find(claim), instance)
    assert outcome.grade is Grade.MALFORMED
    assert message in outcome.reason


def drawn(claim: str, case: str, count: int = 20) -> list[Any]:
    sharp = find(claim).sharp
    assert sharp is not None
    return [sharp.draw(Random(seed), case) for seed in range(count)]


def test_a_rule_that_settles_ties_is_right_without_a_margin_over_all_others() -> None:
    """Logits 1, 0, 1 at a point of the class k: right for the lowest index, an error for no one."""
    data = MulticlassSet.of([[1]], [0], 3)
    rows = tuple(vector([t]) for t in (1, 0, 1))
    tied = Judged(data, through_origin(rows))
    assert tied.rule.label(vector([1])) is None
    assert evaluate_sharp(find("charles-thm-9-note"), tied).grade is Grade.CERTIFIED
    lowest = replace(tied, rule=replace(tied.rule, lowest=True))
    assert lowest.rule.label(vector([1])) == 0
    malformed("charles-thm-9-note", lowest, "rule: expected ties that are errors")
    for instance in drawn("charles-thm-9-note", thm_9_note.TIED):
        assert None in [instance.rule.label(x) for x, _ in instance.ordered]
        settled = replace(instance.rule, lowest=True)
        margins = [
            min(
                multiclass_samples.margin(settled, y, i, x, y)
                for i in range(settled.classes)
                if i != y
            )
            for x, y in instance.ordered
        ]
        assert 0 in margins


def test_only_equal_length_is_not_opposite() -> None:
    for instance in drawn("charles-B1-B3", assumptions.OBTUSE):
        w, v = instance.weights
        assert dot(w, w) == dot(v, v)
        assert dot(w, v) < 0
        assert -dot(w, v) < dot(w, w)


@pytest.mark.parametrize("claim", ["charles-thm-7", "charles-thm-9"])
def test_sizes_on_both_sides_of_the_better_first_term_are_drawn(claim: str) -> None:
    assert {instance.size for instance in drawn(claim, samples.FEW)} == {1, 2, 3, 4, 5}


@pytest.mark.parametrize("case", [sharp_regions.FLAT, sharp_regions.FACE])
def test_mixtures_on_the_boundary_of_the_hull_are_drawn(case: str) -> None:
    for instance in drawn("zou-unbounded", case):
        mixed = sharp_regions.refute_mixture(**vars(instance))
        assert mixed is not None
        assert all(step.holds for step in mixed.steps)
        assert not sharp_regions.interior(instance.head, 0)


def test_the_ratio_is_not_attained_at_the_other_ends() -> None:
    for ratio in drawn("charles-ratio-remark", ramps.SWAPPED, 5):
        first, second = ratio.counts
        assert first < second
        assert abs(first / second - 1) < 2 * ratio.deviation / (1 - ratio.deviation)


def test_counts_outside_their_band_and_wide_bands_are_refused() -> None:
    (ratio,) = drawn("charles-ratio-remark", ramps.ENDS, 1)
    message = "expected a deviation between 0 and 1, and counts within that part of their mean"
    for wrong in (
        replace(ratio, deviation=F(1), counts=(2 * ratio.mean, ratio.mean)),
        replace(ratio, deviation=F(3), counts=(4 * ratio.mean, ratio.mean)),
        replace(ratio, counts=(3 * ratio.mean, ratio.mean)),
    ):
        malformed("charles-ratio-remark", wrong, message)


@pytest.mark.parametrize("normals", [(1, -1), (1, 1)])
def test_a_common_point_on_the_boundary_is_not_strictly_right(normals: tuple[int, int]) -> None:
    """With +1 for 0 both rules give 0 its label, and opposite ones have no direction in common."""
    rules = [LinearRule.of([w], 0) for w in normals]
    rules = [replace(rule, zero=1) for rule in rules]
    common = Common(LabelledSet.of([[0]], [1]), (rules[0], rules[1]))
    assert [rule.label(vector([0])) for rule in rules] == [1, 1]
    malformed("charles-thm-1-informal", common, "points that a rule gets right")


@pytest.mark.parametrize("label", [1, -1])
@pytest.mark.parametrize(
    "claim",
    ["charles-thm-2-informal", "charles-thm-10", "charles-thm-11", "charles-thm-15",
     "charles-thm-16", "charles-abstract-transfer"],
)  # fmt: skip
def test_directions_between_two_labels_need_both(claim: str, label: int) -> None:
    query = Query(LabelledSet.of([[0]], [label]), vector([1]))
    malformed(claim, query, "data: expected points of both labels")
    assert "both labels" in find(claim).sharp_form


@pytest.mark.parametrize(
    ("head", "region"),
    [
        (SoftmaxHead.of([[1, 2, 0]], [0, 0, 0]), 1),  # (x, 2x, 0): one facet, two neighbours
        (SoftmaxHead.of([[1, 1, 0]], [0, 0, 0]), 0),  # two equal logits
        (SoftmaxHead.of([[1, 1]], [0, 0]), 0),  # the whole line
    ],
)
def test_regions_that_meet_all_others_may_have_fewer_facets(head: SoftmaxHead, region: int) -> None:
    assert sharp_regions.meets_all(head, region)
    assert len(regions.polyhedron(head, region).irredundant().rows) < head.classes - 1
    outcome = evaluate_sharp(find("zou-region-convex"), one_class(head, region))
    assert outcome.grade is Grade.CERTIFIED, outcome.reason


def test_meeting_all_others_is_drawn_and_does_not_decide() -> None:
    for instance in drawn("zou-region-convex", sharp_regions.TOUCHING):
        assert sharp_regions.meets_all(instance.head, instance.region)
        rows = regions.polyhedron(instance.head, instance.region).irredundant().rows
        assert len(rows) < instance.head.classes - 1
    squeezed = one_class(SoftmaxHead.of([[0, 1, -1]], [0, 0, 0]), 0)
    malformed("zou-region-convex", squeezed, "region: expected one with interior")


def test_equal_logits_on_top_at_single_points_are_drawn() -> None:
    for head in drawn("zou-boundary-pl", boundary_pl.EDGE):
        assert boundary_pl.equal_pairs(head)
        assert not boundary_pl.thick(head)
        shapes = [regions.polyhedron(head, i) for i, _ in boundary_pl.equal_pairs(head)]
        assert not all(shape.is_empty() for shape in shapes)


def test_what_the_words_exclude_is_malformed_and_refutes_nothing() -> None:
    head = SoftmaxHead.of([[1, 0], [0, 1]], [0, 0])
    bias, e = vector([0, 0]), vector([1, 0])
    for d, theta in ((e, F(0)), (vector([0, 0]), F(1))):
        malformed("zou-def-1", move(head, bias, e, d, theta), "move: expected a direction and")
    never = one_class(SoftmaxHead.of([[0, 0]], [1, 0]), 1)
    malformed("zou-unbounded", never, "region: expected one that is not empty")
    (sizes,) = drawn("charles-thm-7", samples.FEW, 1)
    for wrong in ({"rho": F(1, 2)}, {"norms": F(1, 2)}, {"size": 0}):
        for claim in ("charles-thm-7", "charles-thm-9"):
            malformed(claim, replace(sizes, **wrong), "sizes: expected n and BR of at least 1")


ONE = SoftmaxHead.of([[1], [2]], [0])
H, MOVE = vector([1, 0]), vector([0, 1])
ONE_CLASS = {
    "zou-def-1": (instance_of(def_1, ONE, MOVE, (H,), (F(1),)), move(ONE, (F(1),), H, MOVE, F(1))),
    "zou-thm-1": (instance_of(thm_1, ONE, H, F(1)), ONE),
    "zou-thm-2": (instance_of(thm_2, ONE, (H,), (F(1),)), ONE),
    "zou-unbounded": (instance_of(unbounded, ONE, 0, (H,)), one_class(ONE, 0)),
    "zou-region-convex": (instance_of(region_convex, ONE, H, MOVE, F(1, 2)), one_class(ONE, 0)),
    "zou-boundary-pl": (instance_of(boundary_pl, ONE, (H,)), ONE),
    "zou-def-2": (def_2.Instance(ONE), ONE),
    "zou-conj": (
        Pair(ReluNetwork.of([([[1]], [0]), ([[1]], [0])]), vector([0]), vector([1])),
        Pair(ReluNetwork.of([([[1]], [0]), ([[1]], [0])]), vector([0]), vector([1])),
    ),
    "zou-unconstrained": (instance_of(unconstrained, ONE, 0, F(1)), one_class(ONE, 0)),
    "zou-conj-norms": (
        Pair(ReluNetwork.of([([[1, 1]], [0]), ([[1]], [0])]), vector([0, 0]), vector([1, 0])),
        Pair(ReluNetwork.of([([[1, 1]], [0]), ([[1]], [0])]), vector([0, 0]), vector([1, 0])),
    ),
}  # fmt: skip


@pytest.mark.parametrize("claim", ONE_CLASS)
def test_one_class_is_refused_by_name(claim: str) -> None:
    example, sharp = ONE_CLASS[claim]
    message = "expected two"
    malformed(claim, sharp, message)
    outcome = evaluate(find(claim), example)
    assert outcome.grade is Grade.MALFORMED
    assert message in outcome.reason
