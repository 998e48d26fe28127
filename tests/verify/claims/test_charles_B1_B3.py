"""Assumptions B1 to B3: what each condition excludes, and a fault in every step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction as F

import pytest
from support import failing, refuted

from certify.numbers.rationals import Vector, vector
from verify.claims.charles2019 import B1_B3
from verify.claims.charles2019.B1_B3 import CLAIM, Instance
from verify.claims.charles2019.shared import multiclass_samples
from verify.claims.charles2019.shared.multiclass_samples import through_origin
from verify.claims.charles2019.without.assumptions import BadOutcomes, Rivals
from verify.claims.claim import AS_PRINTED, Proof
from verify.objects import ArgmaxRule
from verify.objects.multiclass_sets import MulticlassSet

Patch = pytest.MonkeyPatch
WEAK = CLAIM.counterexamples()
ONE = vector([1])


def long_third_row(patch: Patch) -> Proof:
    rule = through_origin([*CLAIM.example.rules[0].weights[:2], vector([0, -9])])
    return B1_B3.prove(replace(CLAIM.example, rules=(rule, CLAIM.example.rules[1])))


def other_square(patch: Patch) -> Proof:
    patch.setattr(B1_B3, "parallelogram", lambda *_: F(-1))
    return B1_B3.prove(CLAIM.example)


def margin_of_exactly_one(patch: Patch) -> Proof:
    patch.setattr(multiclass_samples, "confident", lambda *_: True)
    data = MulticlassSet.of([[1]], [0], 2)
    rule = through_origin([vector(["1/2"]), vector(["-1/2"])])
    return B1_B3.prove(Instance((data, data), (rule, rule), 0, 1, F(1)))


def fewer_points(patch: Patch) -> Proof:
    patch.setattr(B1_B3, "size", lambda *_: 0)
    return B1_B3.prove(CLAIM.example)


def small_radius(patch: Patch) -> Proof:
    patch.setattr(B1_B3, "radius_squared", lambda instance: F(0))
    return B1_B3.prove(CLAIM.example)


FAULTS: dict[int, Callable[[Patch], Proof]] = {
    1: long_third_row,
    2: other_square,
    3: margin_of_exactly_one,
    4: fewer_points,
    5: small_radius,
}


@pytest.mark.parametrize("number", FAULTS)
def test_each_step_can_fail(number: int, monkeypatch: Patch) -> None:
    assert failing(FAULTS[number](monkeypatch)) == [number]


def test_what_counts_in_the_example() -> None:
    first, second = zip(CLAIM.example.samples, CLAIM.example.rules, strict=True)
    assert [y for _, y in B1_B3.counted(*first, 0, 1)] == [0, 1]
    assert [y for _, y in B1_B3.counted(*second, 0, 1)] == [0, 1]
    assert [B1_B3.low(*pair, 0, 1) for pair in (first, second)] == [0, 1]


def one_point(label: int, *weights: int) -> tuple[Vector, int, ArgmaxRule]:
    return (ONE, label, through_origin([vector([w]) for w in weights]))


def test_the_size_alone_misleads_only_beyond_one_and_on_the_wrong_side() -> None:
    weak = WEAK["right label"]
    assert refuted(weak, *one_point(0, 0, 2))
    assert not refuted(weak, *one_point(0, 0, 1))
    assert not refuted(weak, *one_point(1, 0, 2))


def test_the_gloss_fails_only_at_points_of_the_second_class() -> None:
    weak = WEAK[AS_PRINTED]
    assert refuted(weak, *one_point(1, 0, 2))
    assert not refuted(weak, *one_point(1, 0, 1))
    assert not refuted(weak, *one_point(0, 2, 0))


def test_a_class_is_never_apart_from_itself() -> None:
    weak = WEAK["two different classes"]
    assert refuted(weak, *one_point(0, 1, 0))
    assert not refuted(weak, *one_point(0, 0, 1))


def rivals(size: int, *rows: tuple[str, str, str]) -> Rivals:
    first, second = (through_origin([vector([w]) for w in row]) for row in rows)
    return Rivals(size, (first, second))


def test_rivals_refute_only_when_no_class_serves_both() -> None:
    weak = WEAK["one class for both rules"]
    assert refuted(weak, rivals(1, ("0", "5/4", "0"), ("0", "0", "5/4")))
    assert not refuted(weak, rivals(1, ("0", "1", "0"), ("0", "0", "5/4")))
    assert not refuted(weak, rivals(1, ("0", "5/4", "1/4"), ("0", "1/4", "5/4")))
    assert not refuted(weak, rivals(1, ("0", "5/4", "0"), ("0", "5/4", "0")))


def test_choosing_afterwards_costs_at_most_the_number_of_classes() -> None:
    weak = WEAK["class fixed in advance"]
    apart = BadOutcomes(3, ((0,), (1,), (2,)))
    assert (apart.fixed, apart.afterwards) == (F(1, 3), F(1))
    assert refuted(weak, apart)
    assert not refuted(weak, BadOutcomes(3, ((0, 1), (1,), (0,))))
