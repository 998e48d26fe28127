"""The directions that serve a class, decided twice; each of the two answers can be wrong."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction as F
from typing import Any

import pytest
from support import failing

from certify.checking import checker
from certify.errors import InputError
from verify.claims.charles2019 import thm_11, thm_16
from verify.claims.charles2019.sharp import (
    direction_decisions,
    direction_overstatements,
    relu_directions,
)
from verify.claims.charles2019.sharp.direction_decisions import R_PRIME, Query
from verify.claims.charles2019.sharp.direction_overstatements import BELOW, BESIDE, UP
from verify.claims.claim import Proof
from verify.objects import LabelledSet, LinearRule

Patch = pytest.MonkeyPatch
FAMILIES = {
    "R": direction_decisions.R,
    "R'": R_PRIME,
    "R''": thm_16.R_SECOND,
    "convex": thm_11.CONVEX,
}


def accepted(proof: Proof) -> None:
    assert failing(proof) == []
    assert proof.certificates
    for certificate in proof.certificates:
        checker.check(checker.parse(certificate.line()))


@pytest.mark.parametrize("family", FAMILIES.values(), ids=FAMILIES)
def test_a_direction_from_the_hull_serves_and_one_beside_it_does_not(
    family: direction_decisions.Family,
) -> None:
    serving = direction_decisions.decide(family, Query(family.inward(BELOW), UP))
    accepted(serving)
    assert serving.certificates[0].kind in ("relu-universal-direction", "convex-direction")
    refused = direction_decisions.decide(family, Query(family.inward(BESIDE), UP))
    accepted(refused)
    assert {c.kind for c in refused.certificates} == {"rule-facts"}


@pytest.mark.parametrize("data", [BELOW, BESIDE])
def test_for_linear_rules_the_sum_serves(data: LabelledSet) -> None:
    proof = direction_decisions.decide_linear(Query(data, UP))
    accepted(proof)
    # Rules that are 0 at points labelled +1, or at points labelled -1, are among them.
    weak = [c.statement["weak"] for c in proof.certificates if c.kind == "every-separator"]
    assert weak == [[i for i, y in enumerate(data.labels) if y == side] for side in (1, -1)]
    accepted(direction_decisions.decide_linear(Query(data, (F(0), F(-1)))))


def test_the_sets_agree_with_one_positive_point_only() -> None:
    accepted(direction_decisions.decide_both(Query(BELOW, UP)))
    accepted(direction_decisions.decide_both(Query(BESIDE, UP)))


def relations(proof: Proof, number: int) -> list[str]:
    return [str(r) for r in proof.steps[number - 1].relations if not r.holds]


def test_a_path_that_is_overlooked_is_noticed(monkeypatch: Patch) -> None:
    monkeypatch.setattr(relu_directions, "universal_path", lambda *_: None)
    proof = direction_decisions.decide(R_PRIME, Query(BELOW, UP))
    assert relations(proof, 1) == ["0 = 1"]


def test_rules_that_are_overlooked_are_noticed(monkeypatch: Patch) -> None:
    monkeypatch.setattr(direction_decisions, "level_rules", lambda *_: ())
    proof = direction_decisions.decide(R_PRIME, Query(BESIDE, UP))
    assert relations(proof, 1) == ["0 = 1"]
    assert relations(proof, 2) == ["0 > 0"]


def test_rules_that_are_wrong_or_rise_are_noticed(monkeypatch: Patch) -> None:
    def constant(points: Sequence[Any], target: Any, direction: Any) -> LinearRule:
        return LinearRule((F(0), F(0)), F(1))

    monkeypatch.setattr(direction_decisions, "level_unit", constant)
    assert failing(direction_decisions.decide(R_PRIME, Query(BESIDE, UP))) == [2]
    rising = LinearRule((F(0), F(1)), F(0))
    monkeypatch.setattr(direction_decisions, "level_unit", lambda *_: rising)
    assert failing(direction_decisions.decide(R_PRIME, Query(BESIDE, UP))) == [3]


def test_a_sum_that_is_overlooked_or_wrong_is_noticed(monkeypatch: Patch) -> None:
    monkeypatch.setattr(direction_decisions, "sum_of_differences", lambda *_: (F(1), F(1), F(0)))
    assert 2 in failing(direction_decisions.decide_linear(Query(BELOW, UP)))
    monkeypatch.setattr(direction_decisions, "sum_of_differences", lambda *_: None)
    proof = direction_decisions.decide_linear(Query(BELOW, UP))
    assert relations(proof, 1) == ["0 = 1"]
    assert failing(direction_decisions.decide_both(Query(BELOW, UP)))[-1] == len(
        direction_decisions.decide_both(Query(BELOW, UP)).steps
    )


def test_the_zero_direction_serves_nothing() -> None:
    zero = (F(0), F(0))
    assert direction_decisions.sum_of_differences(BELOW, zero) is None
    accepted(direction_decisions.decide_both(Query(BELOW, zero)))


@pytest.mark.parametrize("family", FAMILIES.values(), ids=FAMILIES)
def test_near_misses_of_the_overstatements(family: direction_decisions.Family) -> None:
    one = direction_overstatements.only_differences(family, "")
    assert one.refute(Query(family.inward(BELOW), UP)) is not None
    assert one.refute(Query(family.inward(BELOW), (F(3), F(3)))) is None  # three times (1, 1)
    assert one.refute(Query(family.inward(BESIDE), UP)) is None  # serves nothing
    many = direction_overstatements.all_sums(family, "")
    assert many.refute(Query(family.inward(BESIDE), UP)) is not None
    assert many.refute(Query(family.inward(BESIDE), (F(1), F(1)))) is None  # serves all
    assert many.refute(Query(family.inward(BESIDE), (F(0), F(-1)))) is None  # no sum
    inside = LabelledSet.of([[0, 0], [2, 0], [1, 0]], [-1, -1, 1])
    with pytest.raises(InputError, match="outside the hull"):
        many.refute(Query(family.inward(inside), UP))
