"""A fault in one of the two ways that decide a sharp form is noticed by the other."""

from __future__ import annotations

from fractions import Fraction as F
from random import Random
from typing import Any

import pytest
from support import failing

from certify.rationals import vector
from verify.claims.charles2019 import (
    offset_memorisers,
    sample_losses,
    sharp_assumptions,
    sharp_labels,
    sharp_ramps,
    sharp_rivals,
    sharp_samples,
    sharp_subsets,
)
from verify.claims.charles2019.assumption_counterexamples import BadOutcomes
from verify.claims.charles2019.enclosures import Loss
from verify.claims.charles2019.offset_memorisers import Memory
from verify.claims.registry import find
from verify.claims.zou2018 import (
    def_2,
    parallel_counterexamples,
    regions,
    sharp_borders,
    sharp_directions,
    sharp_regions,
    sharp_twins,
)
from verify.claims.zou2018.sharp_regions import TwoTies
from verify.objects import SoftmaxHead

Patch = pytest.MonkeyPatch


def constant(value: object) -> Any:
    return lambda *arguments, **options: value


FAULTS = [
    ("zou-def-1", sharp_directions.OUTSIDE, sharp_directions, "affine_dimension", constant(99)),
    ("zou-thm-1", sharp_directions.ATTAINED, sharp_directions, "affine_dimension", constant(0)),
    ("zou-thm-2", sharp_directions.LINES, sharp_directions, "reaches", constant(vector([0]))),
    ("zou-region-convex", sharp_regions.ALL_FACETS, regions.Border, "facet", False),
    ("zou-boundary-pl", sharp_regions.ON_TOP, sharp_regions, "thick", constant([])),
    ("zou-unbounded", sharp_regions.OPEN, sharp_regions, "interior", constant(True)),
    ("zou-unbounded", sharp_regions.CLOSED, sharp_regions, "boxed", constant(False)),
    ("zou-def-2", sharp_borders.ASIDE, sharp_borders, "facets_overlap", constant(True)),
    ("zou-conj", sharp_twins.NEARER, sharp_twins, "least_by_pieces", constant(F(9))),
    ("charles-thm-1-informal", sharp_labels.BOTH_LABELS, sharp_labels, "served", constant(True)),
    ("charles-bias-remark", sharp_labels.OPPOSITE, sharp_labels, "opposite", constant(False)),
    ("charles-A1-A3", sharp_assumptions.EQUAL, sharp_assumptions, "combine", constant(())),
    ("charles-B1-B3", sharp_assumptions.TWICE, BadOutcomes, "afterwards", F(9)),
    ("charles-thm-7", sharp_samples.ENOUGH, sample_losses, "smallest_positive_size",
     constant(10**9)),
    ("charles-thm-9", sharp_samples.TOO_FEW, sample_losses, "smallest_positive_size", constant(1)),
    ("charles-thm-7-note", sharp_samples.MOST, Loss, "covers", constant(True)),
    ("charles-thm-9-note", sharp_rivals.THIRD, sharp_rivals.samples, "margin", constant(F(1))),
    ("charles-ratio-remark", sharp_ramps.ENDS, sharp_ramps, "exponential_below", constant(F(0))),
    ("charles-rademacher-step", sharp_ramps.MORE, sharp_ramps, "central", constant(F(0))),
    ("charles-sec7-independence", sharp_subsets.MORE_DRAWS, sharp_subsets, "moment",
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
    (outer,) = sharp_borders.outer_regions(def_2.FIGURE)
    assert outer.gap == vector([2, 0])
    assert sharp_borders.refute_exact(def_2.FIGURE) is None
    assert sharp_borders.refute_exact(parallel_counterexamples.ASKEW) is None
    # Five classes, all with interior, whose outer regions are further apart than 2.
    five = SoftmaxHead.of(
        [[-1, 0, 1, "-1/2", "1/2"], [0, 0, 0, 4, -4]], [-1, 0, -1, "-1/10", "-1/10"]
    )
    found = [o for o in sharp_borders.outer_regions(five) if (o.below, o.above) == ((0, 1), (1, 2))]
    assert [sharp_borders.straight_across(five, o).x for o in found] == [None]
    assert not sharp_borders.facets_overlap(five, found[0])


@pytest.mark.parametrize(("l", "m"), [(2, 5), (3, 4), (1, 2), (4, 2)])
def test_almost_no_layer_of_these_shapes_is_parallel(l: int, m: int) -> None:
    assert regions.parallel_pairs(sharp_borders.witness(l, m)) == []


def test_with_one_feature_and_three_classes_all_are_parallel() -> None:
    assert len(regions.parallel_pairs(sharp_borders.witness(1, 3))) == 3


def test_ties_that_the_middle_rule_settles_well() -> None:
    layer = SoftmaxHead.of([[0, 0, 1, -1]], [0, 0, -1, -1])
    assert sharp_regions.refute_middle(TwoTies(layer, vector([1]), vector([-1]))) is not None
    assert sharp_regions.refute_middle(TwoTies(layer, vector([1]), vector([1]))) is None


def test_memorisers_that_do_not_refute_the_smaller_factor() -> None:
    known = offset_memorisers.overstated("").example
    assert offset_memorisers.refute(known) is not None
    assert offset_memorisers.refute(Memory(known.size // 2, known.support, known.part)) is None
    assert offset_memorisers.refute(Memory(known.size, known.size, known.part)) is None
    assert sharp_ramps.refute_mean(Memory(1, 400, F(1, 4))) is None
