from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certify.numbers.rationals import Vector, combine, rows, vector
from verify.claims.claim import Proof
from verify.claims.zou2018 import region_convex
from verify.claims.zou2018.region_convex import OwnTies
from verify.claims.zou2018.shared import regions
from verify.drawing import layers
from verify.objects import ArgmaxRule, SoftmaxHead

EXAMPLE = region_convex.CLAIM.example
RECORDED = region_convex.CLAIM.counterexamples()["fixed tie rule"].example


class Bent(SoftmaxHead):
    """A layer whose second logit is not affine."""

    def logits(self, h: Vector) -> Vector:
        first, second, *rest = super().logits(h)
        return (first, second + h[0] ** 2, *rest)


class Moody(ArgmaxRule):
    """A rule that changes its mind between the two ends of the example."""

    def label(self, x: Vector) -> int | None:
        return (
            0
            if x == region_convex.mixture(EXAMPLE.start, EXAMPLE.end, EXAMPLE.t)
            else super().label(x)
        )


def ends_of_two_classes(patch: pytest.MonkeyPatch) -> Proof:
    return region_convex.CLAIM.prove(replace(EXAMPLE, end=vector([5, 0]), t=Fraction(0)))


def curved_logits(patch: pytest.MonkeyPatch) -> Proof:
    head = Bent(EXAMPLE.head.weights, EXAMPLE.head.bias)
    return region_convex.CLAIM.prove(replace(EXAMPLE, head=head))


def other_class_between(patch: pytest.MonkeyPatch) -> Proof:
    patch.setattr(
        regions,
        "argmax_rule",
        lambda head, lowest: Moody(regions.columns(head), head.bias, lowest),
    )
    return region_convex.CLAIM.prove(EXAMPLE)


FAULTS: dict[int, Callable[[pytest.MonkeyPatch], Proof]] = {
    1: ends_of_two_classes,
    2: curved_logits,
    3: other_class_between,
}


@pytest.mark.parametrize("number", FAULTS)
def test_a_fault_breaks_its_step_alone(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    proof = FAULTS[number](monkeypatch)
    assert [n for n, step in enumerate(proof.steps, 1) if not step.holds] == [number]


def test_the_recorded_line_of_ties() -> None:
    # w = (1, 0), (0, 0), b = 0, and (0, 0) goes to the second class.
    rule = RECORDED.rule()
    assert [rule.label(vector(h)) for h in ([0, 1], [0, -1], [0, 0])] == [0, 0, 1]


def test_an_exception_beside_another_needs_a_longer_segment() -> None:
    crowded = replace(RECORDED, exceptions=rows([[0, 0], [0, 1]]))
    refutation = region_convex.refute_own_ties(crowded)
    assert refutation is not None
    points = [vector(fact["point"]) for fact in refutation.certificates[0].statement["facts"][:3]]
    assert vector([0, 1]) not in points
    assert all(step.holds for step in refutation.steps)


@pytest.mark.parametrize(
    "near",
    [
        replace(RECORDED, exceptions=()),
        replace(RECORDED, exceptions=rows([["1/1000", 0]])),  # not a tie
        replace(RECORDED, head=SoftmaxHead.of([[0, 0], [0, 0]], [0, 0])),  # no bisector
        OwnTies(SoftmaxHead.of([[1, 0]], [0, 0]), rows([[0]])),  # the tie is a single point
    ],
)
def test_near_misses_refute_nothing(near: OwnTies) -> None:
    assert region_convex.refute_own_ties(near) is None


@given(st.randoms(use_true_random=False), st.fractions(0, 1, max_denominator=9))
def test_lowest_index_regions_keep_segments(rng, t: Fraction) -> None:  # type: ignore[no-untyped-def]
    rule = regions.argmax_rule(layers.small_head(rng, 2, 3), lowest=True)
    x, y = layers.small_vector(rng, 2), layers.small_vector(rng, 2)
    if rule.label(x) == rule.label(y):
        assert rule.label(combine((1 - t, x), (t, y))) == rule.label(x)
