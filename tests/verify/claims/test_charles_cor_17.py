"""Corollary 17: differences of data points, for linear rules and for networks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction as F

import pytest
from support import bumped, failing, refuted

from certify.checking import checker
from verify.claims.charles2019 import cor_17, thm_10
from verify.claims.charles2019.cor_17 import CLAIM, EXAMPLE
from verify.claims.charles2019.sharp import forced_labels
from verify.claims.claim import Proof
from verify.objects import LabelledSet, TwoLayerNetwork
from verify.objects.rays import changed_step

Patch = pytest.MonkeyPatch


def value_that_is_not_linear(patch: Patch) -> Proof:
    rule = bumped(EXAMPLE.separators[0], {(1, 1): 10})
    return cor_17.prove(replace(EXAMPLE, separators=(rule,)))


def label_that_comes_back(patch: Patch) -> Proof:
    rule = bumped(EXAMPLE.separators[0], {(F(8, 7), F(8, 7)): -1})
    return cor_17.prove(replace(EXAMPLE, separators=(rule,)))


def network_with_equal_values(patch: Patch) -> Proof:
    network = TwoLayerNetwork(
        ((F(1), F(0)), (F(-1), F(0))), (F(0), F(1)), (F(1), F(1)), F(1), strict=False
    )
    return cor_17.prove(replace(EXAMPLE, network=network))


def step_that_is_too_short(patch: Patch) -> Proof:
    patch.setattr(thm_10, "escape_step", lambda *_: F(0))
    return cor_17.prove(EXAMPLE)


FAULTS: dict[int, Callable[[Patch], Proof]] = {
    1: value_that_is_not_linear,
    2: label_that_comes_back,
    3: network_with_equal_values,
    4: step_that_is_too_short,
}


@pytest.mark.parametrize("number", FAULTS)
def test_each_step_can_fail(number: int, monkeypatch: Patch) -> None:
    assert failing(FAULTS[number](monkeypatch)) == [number]


def test_the_example_turns_at_one_seventh_and_at_one() -> None:
    # The linear rule is 3 x_1 + 4 x_2 - 1 and the network |x_1| >= 1, from (0, 0) along (1, 1).
    origin = EXAMPLE.data.points[0]
    assert EXAMPLE.direction == (1, 1)
    assert EXAMPLE.separators[0].value((F(1, 7), F(1, 7))) == 0
    assert changed_step(EXAMPLE.network, origin, EXAMPLE.direction) == 1


def test_a_rule_that_can_be_left_is_no_counterexample_to_both_labels() -> None:
    weak = CLAIM.counterexamples()["both labels"]
    (rule,) = weak.example.rules
    grows = replace(rule, weights=((F(1),),), output=(F(1),))
    assert not refuted(weak, replace(weak.example, rules=(grows,)))
    both = LabelledSet.of([[0], [1]], [-1, 1])
    assert not refuted(weak, replace(weak.example, data=both))


def test_rules_that_own_their_boundary_are_drawn_with_points_on_it() -> None:
    for index in range(12):
        _, instance = CLAIM.instance(0, index)
        owning = [rule for rule in instance.separators if rule.zero]
        assert {rule.zero for rule in owning} == {1, -1}
        for rule in owning:
            assert 0 in rule.margins(instance.data)
            labels = [rule.label(x) for x in instance.data.points]
            assert labels == list(instance.data.labels)


def test_the_certificates_allow_zero_at_the_points_of_either_label() -> None:
    proof = cor_17.prove(EXAMPLE)
    weak = [c.statement["weak"] for c in proof.certificates if c.kind == "every-separator"]
    assert weak == [[1, 2], [0]]


def step_one_is_forced(step: F) -> bool:
    move = forced_labels.Move(LabelledSet.of([[0], [1], [2]], [-1, 1, 1]), 2, 0, 0, step)
    proof = forced_labels.decide(move)
    assert failing(proof) == []
    for certificate in proof.certificates:
        checker.check(checker.parse(certificate.line()))
    return proof.certificates[0].kind == "relu-label-forced"


def test_the_step_that_turns_all_rules_ends_at_the_nearest_positive_point() -> None:
    assert [step_one_is_forced(F(c, 4)) for c in (1, 2, 3, 4, 6)] == [False, True, True, True, True]


def test_from_another_point_no_step_may_be_enough() -> None:
    # + (1, 0) and - (0, 0), (0, 1): from (0, 1) along (1, 0) some network never turns.
    data = LabelledSet.of([[1, 0], [0, 0], [0, 1]], [1, -1, -1])
    for step in (F(1), F(10**6)):
        proof = forced_labels.decide(forced_labels.Move(data, 0, 1, 2, step))
        assert failing(proof) == []
        assert [c.kind for c in proof.certificates] == ["rule-facts"]


def test_what_is_overlooked_is_noticed(monkeypatch: Patch) -> None:
    move = forced_labels.LEAST.example
    monkeypatch.setattr(forced_labels, "forced", lambda *_: None)
    proof = forced_labels.decide(move)
    assert [str(r) for r in proof.steps[0].relations] == ["0 = 1"]
    short = replace(move, step=F(1, 4))
    assert failing(forced_labels.decide(short)) == []
    monkeypatch.setattr(forced_labels, "refusing", lambda *_: None)
    proof = forced_labels.decide(short)
    assert [str(r) for r in proof.steps[0].relations] == ["0 = 1"]
    assert proof.certificates == ()


def test_the_overstated_form_needs_a_nearer_point() -> None:
    weak = forced_labels.LEAST
    assert refuted(weak, weak.example)
    assert not refuted(weak, replace(weak.example, step=F(1, 4)))
    assert not refuted(weak, replace(weak.example, positive=1))
    assert not refuted(weak, replace(weak.example, step=F(1)))
