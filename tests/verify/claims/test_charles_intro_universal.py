"""Universal perturbations: every step on its own, least lengths, near misses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction as F

import pytest
from support import bumped, failing, refuted, sentences

from certify.numbers.rationals import combine
from verify.claims.charles2019 import intro_universal
from verify.claims.charles2019.intro_universal import CLAIM, EXAMPLE, Dropped
from verify.claims.charles2019.shared import separators
from verify.claims.charles2019.shared.least_perturbation import least_perturbation
from verify.claims.claim import Proof
from verify.objects import LabelledSet, LinearRule

Patch = pytest.MonkeyPatch
FLAT = replace(EXAMPLE, separators=(LinearRule.of([0, 1], "-1/2"),))


def wrong_sum(patch: Patch) -> Proof:
    patch.setattr(LabelledSet, "signed_sum", lambda *_: (F(0), F(1)))
    return intro_universal.prove(FLAT)


def margin_that_is_not_linear(patch: Patch) -> Proof:
    rule = bumped(FLAT.separators[0], {(0, 1): F(51, 100)})
    return intro_universal.prove(replace(FLAT, separators=(rule,)))


def inaccurate_rule(patch: Patch) -> Proof:
    wedge = LabelledSet.of([[-1, 0], [1, 0], [0, 1]], [-1, -1, 1])
    rule = LinearRule.of([0, 1], "1/100")
    return intro_universal.prove(replace(FLAT, data=wedge, separators=(rule,)))


def label_that_stays_at_the_step(patch: Patch) -> Proof:
    """(0, 1) is moved by twice (1/2, 1)."""
    rule = bumped(FLAT.separators[0], {(-1, -1): 1})
    return intro_universal.prove(replace(FLAT, separators=(rule,)))


def slope_too_small(patch: Patch) -> Proof:
    patch.setattr(separators, "slope", lambda *_: F(1, 100))
    return intro_universal.prove(FLAT)


FAULTS: dict[int, Callable[[Patch], Proof]] = {
    1: wrong_sum,
    2: margin_that_is_not_linear,
    3: inaccurate_rule,
    4: label_that_stays_at_the_step,
    5: slope_too_small,
}


@pytest.mark.parametrize("number", FAULTS)
def test_each_step_can_fail(number: int, monkeypatch: Patch) -> None:
    found = failing(FAULTS[number](monkeypatch))
    # The number of step 3 is the value at the step n_y, so the label of step 4 stays with it.
    assert found == ([3, 4] if number == 3 else [number])


def test_least_perturbations() -> None:
    assert least_perturbation(EXAMPLE.data).vector == (1, 2)
    assert least_perturbation(Dropped(EXAMPLE.data, 2).rest).vector == (0, 1)
    line = LabelledSet.of([[0], [1], [7]], [-1, 1, 1])
    assert least_perturbation(line).vector == (7,)


def test_least_perturbation_of_flat_data_stays_in_their_span() -> None:
    diagonal = LabelledSet.of([[0, 0], [1, 1], [3, 3]], [-1, 1, 1])
    least = least_perturbation(diagonal)
    assert (least.vector, least.square) == ((3, 3), 18)


def test_inseparable_points_have_no_least_perturbation() -> None:
    with pytest.raises(ValueError, match="separable"):
        least_perturbation(LabelledSet.of([[0], [1], [2]], [1, -1, 1]))


def test_points_that_change_neither_or_both_are_no_counterexample() -> None:
    weak = CLAIM.as_printed
    assert weak is not None
    line = LabelledSet.of([[0], [1], [2]], [-1, 1, 1])
    assert refuted(weak, Dropped(line, 2))
    assert not refuted(weak, Dropped(line, 1))  # the max-margin rule changes
    assert not refuted(weak, Dropped(LabelledSet.of([[0], [1], [1]], [-1, 1, 1]), 2))
    assert not refuted(weak, Dropped(LabelledSet.of([[-1], [0], [1]], [-1, -1, 1]), 0))


def test_each_label_has_a_least_perturbation_of_its_own() -> None:
    """For the point labelled -1 the length is 1 whatever the points labelled +1 are."""
    for far in (1, 2, 7):
        line = LabelledSet.of([[0], [1], [far]], [-1, 1, 1])
        mirrored = LabelledSet(line.points, tuple(-y for y in line.labels))
        assert least_perturbation(mirrored).square == 1
        assert least_perturbation(line).square == far**2


def test_rules_with_points_on_their_boundary_are_covered_by_certificates() -> None:
    """One certificate for rules that own the label of the point, one for the other label."""
    proof = intro_universal.prove(EXAMPLE)
    labels = EXAMPLE.data.labels
    weak = [c.statement["weak"] for c in proof.certificates]
    for k, y in enumerate(labels):
        same, other = ([i for i, s in enumerate(labels) if s == owner] for owner in (y, -y))
        assert weak[2 * k : 2 * k + 2] == [same, other]
    assert all(">= 0 is enough" in text for text in sentences(proof.certificates))


def test_the_perturbation_of_points_labelled_1_leads_against_the_means() -> None:
    shortest = least_perturbation(EXAMPLE.data).vector
    assert shortest == (1, 2)
    for rule in EXAMPLE.separators:
        for x in EXAMPLE.data.positive:
            assert rule.label(combine((1, x), (-1, shortest))) == -1
            assert rule.label(combine((1, x), (1, shortest))) == 1
