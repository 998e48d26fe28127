"""What is said of the regions of two-layer rules, decided twice; each answer can be wrong."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction as F
from random import Random
from typing import Any

import pytest
from support import failing, refuted

from certify.checking import checker
from verify.claims.charles2019 import relu_same_label
from verify.claims.charles2019.sharp import sublevel_sets, two_units
from verify.claims.charles2019.sharp.sublevel_sets import Sampled
from verify.claims.claim import Proof
from verify.objects import TwoLayerNetwork

Patch = pytest.MonkeyPatch
QUADRANT = TwoLayerNetwork.sum_of_units([[1, 0], [0, 1]], [0, 0])
BAND = TwoLayerNetwork(((F(1),), (F(-1),)), (F(0), F(0)), (F(1), F(1)), F(1), strict=True)
LINE = ((F(0),), (F(3),), (F(1),))


def accepted(proof: Proof) -> None:
    assert failing(proof) == []
    assert proof.certificates
    for certificate in proof.certificates:
        checker.check(checker.parse(certificate.line()))


def test_the_polyhedron_has_an_inequality_for_each_set_of_units() -> None:
    cell = sublevel_sets.polyhedron(BAND)
    assert sorted(zip(cell.matrix, cell.right_side, strict=True)) == [
        ((-1,), 1), ((0,), 1), ((0,), 1), ((1,), 1),
    ]  # fmt: skip
    assert not any(cell.strict)
    assert all(sublevel_sets.polyhedron(replace(BAND, strict=False)).strict)


@pytest.mark.parametrize("strict", [True, False])
def test_the_edge_is_found_by_labels_and_belongs_to_the_closed_region(strict: bool) -> None:
    network = replace(BAND, strict=strict)
    assert sublevel_sets.edge(network, (F(0),), (F(3),)) == (1,)
    assert sublevel_sets.edge(network, (F(3),), (F(0),)) is None
    accepted(sublevel_sets.decide_closed(Sampled(network, LINE)))
    accepted(sublevel_sets.decide_polyhedron(Sampled(network, LINE)))


def test_empty_regions_and_whole_spaces_are_drawn() -> None:
    drawn = [sublevel_sets.draw(Random(i), case) for i in range(60) for case in sublevel_sets.CASES]
    found = {frozenset(map(d.network.label, d.points)) for d in drawn}
    assert found == {frozenset({-1}), frozenset({1}), frozenset({-1, 1})}


def test_a_wrong_polyhedron_and_a_wrong_edge_are_noticed(monkeypatch: Patch) -> None:
    true = sublevel_sets.polyhedron
    monkeypatch.setattr(
        sublevel_sets, "polyhedron", lambda n: true(replace(n, strict=not n.strict))
    )
    wrong = sublevel_sets.decide_polyhedron(Sampled(BAND, LINE))
    assert [str(r) for r in wrong.steps[0].relations if not r.holds] == ["1 = 0"] * 2
    monkeypatch.setattr(sublevel_sets, "edge", lambda *_: (F(2),))
    assert failing(sublevel_sets.decide_closed(Sampled(BAND, LINE))) == [2]


def test_signed_weights_are_noticed() -> None:
    hat = TwoLayerNetwork.sum_of_units([[1], [1]], [1, 0])
    hat = replace(hat, output=(F(1), F(-2)))
    ends = Sampled(hat, ((F(-1),), (F(1),)))
    assert failing(sublevel_sets.decide_closed(ends)) == [1]


@pytest.mark.parametrize(
    ("weights", "biases", "needed"),
    [
        ([[1, 0], [0, 1]], [0, 0], True),
        ([[1, 0, 2], [0, 1, -1]], [1, 1], True),
        ([[1, 0], [2, 0]], [0, 1], False),  # a half-plane
        ([[1, 0], [-1, 0]], [-1, -1], False),  # a strip
        ([[1, 0], [-2, 0]], [0, 0], False),  # a line
        ([[1, 0], [-1, 0]], [1, 1], False),  # nothing
        ([[1, 1], [0, 0]], [0, 1], False),  # nothing, by a constant unit
        ([[0, 0], [0, 0]], [0, -1], False),  # everything
        ([[-2]], [3], False),
    ],
)
def test_two_units_are_enough_unless_they_make_a_wedge(
    weights: Any, biases: Any, needed: bool
) -> None:
    network = TwoLayerNetwork.sum_of_units(weights, biases)
    proof = two_units.decide(network)
    accepted(proof)
    assert (two_units.wedge(network) is not None) == needed
    assert (two_units.same_width(network) is None) == needed


def test_the_argument_against_two_units_can_fail() -> None:
    shape = two_units.wedge(QUADRANT)
    assert shape is not None
    assert all(step.holds for step in two_units.impossible(QUADRANT, shape))
    turned = replace(shape, edges=shape.edges[::-1])
    assert [step.holds for step in two_units.impossible(QUADRANT, turned)] == [
        False, True, True, True,
    ]  # fmt: skip
    outside = replace(shape, corner=(F(1), F(1)))
    assert [step.holds for step in two_units.impossible(QUADRANT, outside)] == [
        False, False, True, False,
    ]  # fmt: skip
    short = replace(shape, edges=(shape.edges[0], shape.edges[0]))
    assert not two_units.impossible(QUADRANT, short)[2].holds


def test_a_rule_with_other_labels_is_noticed(monkeypatch: Patch) -> None:
    half = TwoLayerNetwork.sum_of_units([[1], [2]], [0, 0])
    other = two_units.same_width(half)
    assert other is not None
    step, _ = two_units.compared(half, replace(other, strict=False))
    assert [str(r) for r in step.relations if not r.holds] == ["1 = -1"]
    monkeypatch.setattr(two_units, "same_width", lambda _: None)
    assert failing(two_units.decide(half)) == [1]


def test_the_overstated_forms_have_near_misses() -> None:
    third = two_units.SHARP.overstated
    assert not refuted(third, QUADRANT)
    assert not refuted(third, TwoLayerNetwork.sum_of_units([[1], [1]], [0, 0]))
    each, closed = sublevel_sets.POLYHEDRON.overstated, sublevel_sets.CLOSED.overstated
    assert not refuted(each, replace(each.example, start=(F(1, 2),)))
    assert not refuted(closed, replace(closed.example, end=(F(2),)))
    total = relu_same_label.TOTAL_GROWTH
    assert not refuted(total, replace(total.example, u=(F(0),)))
    rising = replace(total.example.network, output=(F(2), F(1)))
    assert not refuted(total, replace(total.example, network=rising))


def test_growth_and_labels_are_compared(monkeypatch: Patch) -> None:
    instance = relu_same_label.EXAMPLE
    accepted(relu_same_label.decide(instance))
    accepted(relu_same_label.decide(replace(instance, u=(F(0), F(1)))))
    monkeypatch.setattr(relu_same_label, "rise", lambda *_: F(0))
    assert failing(relu_same_label.decide(instance)) == [1]
    assert failing(relu_same_label.decide(replace(instance, points=((F(5), F(0)),)))) == [2]
