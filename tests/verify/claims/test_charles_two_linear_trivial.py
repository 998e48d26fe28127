"""Directions that several linear rules share: every step on its own, and when there is none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction as F
from random import Random

import pytest
from support import bumped, failing, refuted

from certify.numbers.rationals import combine
from verify.claims.charles2019 import two_linear_trivial
from verify.claims.charles2019.two_linear_trivial import CLAIM, Opposed, nearest_point
from verify.claims.claim import Proof
from verify.objects import LinearRule

EXAMPLE = CLAIM.example

Patch = pytest.MonkeyPatch
NORMALS = [rule.normal for rule in EXAMPLE.rules]


def with_nearest(patch: Patch, vector: tuple[F, ...], weights: tuple[F, ...]) -> Proof:
    certificate = nearest_point(NORMALS)[2]
    patch.setattr(two_linear_trivial, "nearest_point", lambda _: (vector, weights, certificate))
    return CLAIM.prove(EXAMPLE)


def weights_of_another_point(patch: Patch) -> Proof:
    return with_nearest(patch, (F(0), F(1)), (F(1), F(0)))


def point_that_is_not_nearest(patch: Patch) -> Proof:
    weights = (F(11, 20), F(9, 20))
    return with_nearest(patch, combine(*zip(weights, NORMALS, strict=True)), weights)


def label_that_stays(patch: Patch) -> Proof:
    """From (0, 3) the first rule, with value 2 and slope 1, is followed to (0, 0)."""
    first = bumped(EXAMPLE.rules[0], {(0, 0): 1})
    return CLAIM.prove(replace(EXAMPLE, rules=(first, EXAMPLE.rules[1])))


def opposite_normals(patch: Patch) -> Proof:
    true = two_linear_trivial.not_opposite
    patch.setattr(two_linear_trivial, "not_opposite", lambda a, *_: true(a, combine((-1, a))))
    return CLAIM.prove(EXAMPLE)


FAULTS: dict[int, Callable[[Patch], Proof]] = {
    1: weights_of_another_point,
    2: point_that_is_not_nearest,
    3: label_that_stays,
    4: opposite_normals,
}


@pytest.mark.parametrize("number", FAULTS)
def test_each_step_can_fail(number: int, monkeypatch: Patch) -> None:
    assert failing(FAULTS[number](monkeypatch)) == [number]


def test_the_normals_of_figure_one_share_a_direction() -> None:
    assert nearest_point(NORMALS)[:2] == ((0, 1), (F(1, 2), F(1, 2)))


def test_nearly_opposite_normals_are_no_counterexample() -> None:
    weak = CLAIM.counterexamples()["hull without zero"]
    rule = LinearRule.of([1, 0], 0)
    assert refuted(weak, Opposed((rule, LinearRule.of([-3, 0], 1))))
    assert not refuted(weak, Opposed((rule, LinearRule.of([-3, "1/1000"], 1))))
    assert not refuted(weak, Opposed((rule, LinearRule.of([0, 0], 1))))


def test_two_rules_of_which_one_is_constant_share_no_direction() -> None:
    """No two normals are opposite in direction, and still nothing lowers a constant."""
    flat = Opposed((LinearRule.of([1, 0], 0), LinearRule.of([0, 0], 1)))
    proof = two_linear_trivial.decide_normals(flat)
    assert failing(proof) == []
    assert len(proof.steps) == 1  # no direction that all of them grow along was found
    for seed in range(6):
        drawn = two_linear_trivial.draw_normals(Random(seed), two_linear_trivial.CONSTANT)
        assert any(not any(rule.normal) for rule in drawn.rules)
        assert len(two_linear_trivial.decide_normals(drawn).steps) == 1
