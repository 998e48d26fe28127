"""Signs of logits do not matter: shifts, one-versus-rest, and a fault in every step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction as F

import pytest
from support import failing, refuted

from certify.numbers.rationals import vector
from verify.claims.charles2019 import multiclass_note
from verify.claims.charles2019.multiclass_note import CLAIM
from verify.claims.charles2019.shared.multiclass import STEEP, THREE
from verify.claims.claim import Proof
from verify.objects import ArgmaxRule
from verify.objects.multiclass_sets import MulticlassSet

Patch = pytest.MonkeyPatch


def uneven_shift(patch: Patch) -> Proof:
    """A shift of the first class only, small enough to leave every label."""
    true = multiclass_note.shifted

    def shifted(rule: ArgmaxRule, slope: tuple[F, ...], offset: F) -> ArgmaxRule:
        moved = true(rule, slope, offset)
        return replace(moved, bias=(moved.bias[0] + F(1, 100), *moved.bias[1:]))

    patch.setattr(multiclass_note, "shifted", shifted)
    return CLAIM.prove(CLAIM.example)


def inaccurate(patch: Patch) -> Proof:
    """A rule that gives the middle point to the third class; one-versus-rest is wrong there."""
    rule = ArgmaxRule.of([[0], [0], [1]], ["1/2", 0, 0])
    return CLAIM.prove(replace(CLAIM.example, rules=(rule,)))


def not_centred(patch: Patch) -> Proof:
    patch.setattr(multiclass_note, "halfway", lambda rule, x, y: F(99))
    return CLAIM.prove(CLAIM.example)


def not_raised(patch: Patch) -> Proof:
    patch.setattr(multiclass_note, "raise_above_zero", lambda rule, data: STEEP)
    return CLAIM.prove(CLAIM.example)


FAULTS: dict[int, Callable[[Patch], Proof]] = {
    1: uneven_shift,
    2: inaccurate,
    3: not_centred,
    4: not_raised,
}


@pytest.mark.parametrize("number", FAULTS)
def test_each_step_can_fail(number: int, monkeypatch: Patch) -> None:
    # A point that has not its label cannot be centred so that one-versus-rest is right.
    found = failing(FAULTS[number](monkeypatch))
    assert found == ([2, 3] if number == 2 else [number])


def test_the_gaps_of_the_three_points() -> None:
    gaps = multiclass_note.gaps(STEEP, THREE)
    assert gaps == tuple(map(F, ("1/2", "2", "1/2", "1/2", "2", "1/2")))
    raised = multiclass_note.raise_above_zero(STEEP, THREE)
    assert raised.bias == tuple(map(F, ("3", "5/2", "1")))
    assert multiclass_note.gap_form(THREE) == (
        (F(-3), F(0)),
        (F(0), F(0)),
        (F(3), F(0)),
    )


def test_a_small_uneven_shift_refutes_nothing() -> None:
    weak = CLAIM.counterexamples()["same shift"]
    data = MulticlassSet.of([[0]], [0], 2)
    rule = ArgmaxRule.of([[0], [0]], [1, 0])
    assert refuted(weak, data, rule, vector([0, 1]))
    assert not refuted(weak, data, rule, vector([0, "1/2"]))
    assert not refuted(weak, data, rule, vector([1, 1]))


def test_the_separating_rules_together_are_accurate() -> None:
    corners = MulticlassSet.of([[0, 0], [1, 0], [0, 1]], [0, 1, 2], 3)
    proof = multiclass_note.decide_rest(corners)
    assert not failing(proof)
    assert len(proof.steps) == 2
    assert not failing(multiclass_note.decide_rest(THREE))
    assert [answer.separable for answer in multiclass_note.against_rest(THREE)] == [
        True, False, True,
    ]  # fmt: skip
