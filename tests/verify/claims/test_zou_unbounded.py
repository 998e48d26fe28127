from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certify.numbers.rationals import dot, vector
from certify.polyhedra.polyhedron import Boundedness, Polyhedron
from verify.claims.claim import Proof
from verify.claims.zou2018 import unbounded
from verify.claims.zou2018.shared import regions
from verify.claims.zou2018.shared.regions import INTERVAL, circle_layer, simplex_layer
from verify.drawing import layers
from verify.objects import SoftmaxHead

EXAMPLE = unbounded.CLAIM.example
RAY = replace(EXAMPLE, region=2)


def shifted_inequalities(patch: pytest.MonkeyPatch) -> Proof:
    polyhedron = regions.polyhedron

    def shifted(head: SoftmaxHead, i: int) -> Polyhedron:
        right = polyhedron(head, i)
        return replace(right, right_side=tuple(b + 1 for b in right.right_side))

    patch.setattr(regions, "polyhedron", shifted)
    return unbounded.CLAIM.prove(EXAMPLE)


def unbalanced_combination(patch: pytest.MonkeyPatch) -> Proof:
    decide = unbounded.decide

    def wrong(region: Polyhedron) -> Boundedness:
        return replace(decide(region), combination=vector([2, 1]))

    patch.setattr(unbounded, "decide", wrong)
    return unbounded.CLAIM.prove(EXAMPLE)


def box_too_small(patch: pytest.MonkeyPatch) -> Proof:
    box = regions.box
    patch.setattr(
        unbounded,
        "box",
        lambda region: [replace(side, bound=Fraction(-100)) for side in box(region)],
    )
    return unbounded.CLAIM.prove(EXAMPLE)


def miscounted_classes(patch: pytest.MonkeyPatch) -> Proof:
    patch.setattr(unbounded, "enough_classes", lambda l, m: False)
    return unbounded.CLAIM.prove(EXAMPLE)


FAULTS: dict[int, Callable[[pytest.MonkeyPatch], Proof]] = {
    1: shifted_inequalities,
    2: unbalanced_combination,
    3: box_too_small,
    4: miscounted_classes,
}


def failing(proof: Proof) -> list[int]:
    return [n for n, step in enumerate(proof.steps, 1) if not step.holds]


@pytest.mark.parametrize("number", FAULTS)
def test_a_fault_breaks_its_step_alone(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    assert failing(FAULTS[number](monkeypatch)) == [number]


@pytest.mark.parametrize(("ray", "broken"), [([0], [2]), ([-1], [2, 3])])
def test_a_wrong_ray_breaks_the_unbounded_branch(
    ray: list[int], broken: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    # A direction that leaves the region fails as a direction and along the way.
    decide = unbounded.decide
    monkeypatch.setattr(
        unbounded, "decide", lambda region: replace(decide(region), ray=vector(ray))
    )
    assert failing(unbounded.CLAIM.prove(RAY)) == broken


def test_the_interval_of_the_smallest_figure() -> None:
    region = regions.polyhedron(INTERVAL, 1)
    assert {side.bound for side in regions.box(region)} == {Fraction(1)}
    assert [bool(shape) for shape in regions.shapes(INTERVAL)] == [False, True, False]


@given(l=st.integers(1, 4), extra=st.integers(0, 2))
def test_two_classes_more_than_features_can_close_a_region(l: int, extra: int) -> None:
    head = simplex_layer(l, extra)
    assert head.classes == l + 2 + extra
    assert regions.polyhedron(head, 0).bounded()
    assert min(regions.gaps(head, 0, vector([0] * l))) == 1


@given(st.integers(1, 4), st.randoms(use_true_random=False))
def test_one_class_more_than_features_closes_none(l: int, rng) -> None:  # type: ignore[no-untyped-def]
    head = layers.small_head(rng, l, l + 1)
    for shape in regions.shapes(head):
        assert shape.point is None or not shape.bounded


def test_twelve_integer_points_of_length_five() -> None:
    head = circle_layer()
    assert head.classes == 12
    assert {dot(w, w) for w in regions.columns(head)} == {Fraction(25)}
    assert not any(regions.shapes(head))


def test_near_misses_refute_nothing() -> None:
    bounded, empty = (
        unbounded.refute_bounded,
        unbounded.refute_empty,
    )
    assert bounded(INTERVAL, 0) is None
    flat = SoftmaxHead.of([[-1, 0, 1]], [0, 0, 0])  # the region is the point 0
    assert bounded(flat, 1) is None
    assert empty(SoftmaxHead.of([[0, 0]], [0, 0]), 1) is None
    assert empty(SoftmaxHead.of([[0, 0, 0]], [1, 0, 0]), 1) is None  # m = l + 2
    assert unbounded.refute_caption(INTERVAL) is None
    assert unbounded.refute_caption(SoftmaxHead.of([[1, 0], [0, 0]], [0, 0])) is None
