"""Noise against attacks on linear rules: every step on its own, and near misses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction as F

import pytest
from support import bumped, failing, refuted

from certify.numbers.rationals import vector
from verify.claims.charles2019 import sec7_findings
from verify.claims.charles2019.sec7_findings import CLAIM, EXAMPLE
from verify.claims.claim import Proof
from verify.objects import LinearRule

Patch = pytest.MonkeyPatch
RULE, POINT, RADIUS = EXAMPLE
LINE = LinearRule.of([1], 0)
ONE = vector([1])


def prove() -> Proof:
    return sec7_findings.prove(*EXAMPLE)


def attack_that_falls_short(patch: Patch) -> Proof:
    return sec7_findings.prove(bumped(RULE, {(0, F(-1, 2)): F(-1, 4)}), POINT, RADIUS)


def noise_with_one_sign(patch: Patch) -> Proof:
    patch.setattr(sec7_findings, "noise", lambda r, d: ((r,) * d,))
    return prove()


def labels_that_change_without_reason(patch: Patch) -> Proof:
    true = sec7_findings.changed
    patch.setattr(sec7_findings, "changed", lambda *given: true(*given)[::-1])
    return prove()


def all_labels_changed(patch: Patch) -> Proof:
    patch.setattr(sec7_findings, "changed", lambda *_: [True] * 4)
    return prove()


FAULTS: dict[int, Callable[[Patch], Proof]] = {
    1: attack_that_falls_short,
    2: noise_with_one_sign,
    3: labels_that_change_without_reason,
    4: all_labels_changed,
}


@pytest.mark.parametrize("number", FAULTS)
def test_each_step_can_fail(number: int, monkeypatch: Patch) -> None:
    assert number in failing(FAULTS[number](monkeypatch))


@pytest.mark.parametrize(
    ("zero", "radius", "share", "attained"),
    [(-1, F(1), F(1, 2), 1), (0, F(1), F(1, 2), 1), (1, F(1), 0, 0), (-1, F(9, 10), 0, 0),
     (-1, F(11, 10), F(1, 2), 0)],
)  # fmt: skip
def test_half_of_the_noise_at_the_boundary(zero: int, radius: F, share: F, attained: int) -> None:
    proof = sec7_findings.decide(replace(LINE, zero=zero), ONE, radius)
    assert failing(proof) == []
    assert proof.steps[0].relations[0].left == share
    assert proof.steps[0].relations[1].left == attained


def test_noise_of_one_sign_exceeds_the_bound() -> None:
    weak = CLAIM.counterexamples()["independent entries"]
    rule, origin = LinearRule.of([1, 1], "3/2", 1), vector([0, 0])
    assert refuted(weak, rule, origin, F(1))
    assert not refuted(weak, rule, origin, F(1, 2))  # too small
    assert not refuted(weak, replace(rule, normal=vector([1, -1])), origin, F(1))  # cancels


def test_the_owner_of_the_boundary_matters() -> None:
    weak = CLAIM.counterexamples()["sharp form, overstated"]
    assert refuted(weak, replace(LINE, zero=1), ONE, F(1))
    assert not refuted(weak, replace(LINE, zero=-1), ONE, F(1))
    assert not refuted(weak, replace(LINE, zero=1), ONE, F(1, 2))


def test_a_count_that_is_wrong_is_noticed(monkeypatch: Patch) -> None:
    monkeypatch.setattr(sec7_findings, "changed", lambda *_: [True, True])
    assert failing(sec7_findings.decide(replace(LINE, zero=-1), ONE, F(1))) == [1]
