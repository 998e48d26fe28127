"""Directions for networks and for linear rules: what the inclusion of the classes gives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction as F

import pytest
from support import bumped, failing, refuted

from verify.claims.charles2019 import abstract_transfer
from verify.claims.charles2019.abstract_transfer import CLAIM, EXAMPLE, as_network
from verify.claims.charles2019.sec6_nontransfer import FLAT, SMALLEST
from verify.claims.charles2019.shared import labelled
from verify.claims.claim import Proof
from verify.objects import LinearRule

Patch = pytest.MonkeyPatch


def network_with_another_threshold(patch: Patch) -> Proof:
    patch.setattr(
        abstract_transfer, "as_network", lambda rule: replace(as_network(rule), threshold=F(2))
    )
    return abstract_transfer.prove(EXAMPLE)


def traversal_that_finds_nothing(patch: Patch) -> Proof:
    patch.setattr(labelled, "is_adversarial", lambda *_: False)
    return abstract_transfer.prove(EXAMPLE)


def label_that_comes_back(patch: Patch) -> Proof:
    rule = bumped(EXAMPLE.separators[0], {(2, 0): -1})
    return abstract_transfer.prove(replace(EXAMPLE, separators=(rule,)))


def positive_point_in_the_mixture(patch: Patch) -> Proof:
    return abstract_transfer.prove(replace(EXAMPLE, combination=(F(1, 2), F(0), F(1, 2))))


FAULTS: dict[int, Callable[[Patch], Proof]] = {
    1: network_with_another_threshold,
    2: traversal_that_finds_nothing,
    3: label_that_comes_back,
    4: positive_point_in_the_mixture,
}


@pytest.mark.parametrize("number", FAULTS)
def test_each_step_can_fail(number: int, monkeypatch: Patch) -> None:
    assert failing(FAULTS[number](monkeypatch)) == [number]


def test_the_counterexample_in_the_plane() -> None:
    # f = |x_1| >= 1 is left from (0, 0) along (1, 0), the rule x_2 > 1/2 never is.
    weak = CLAIM.counterexamples()["universal direction"]
    rule = LinearRule.of([0, 1], "-1/2")
    # (1, 0) keeps the rule from every point labelled -1, so this is one, too.
    assert refuted(weak, SMALLEST, FLAT, rule, (F(1), F(0)))


def test_near_misses_are_no_counterexamples() -> None:
    weak = CLAIM.counterexamples()["universal direction"]
    assert not refuted(weak, replace(weak.example, direction=(F(1),)))  # universal
    linear = replace(weak.example.network, output=(F(1), F(0)))  # -1 does not leave relu(x) < 1
    assert not refuted(weak, replace(weak.example, network=linear))
    wrong = replace(weak.example, rule=LinearRule.of([-2], 1))  # right on neither point
    assert not refuted(weak, wrong)
