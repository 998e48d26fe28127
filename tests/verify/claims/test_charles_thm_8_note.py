"""The class reached at last: the three points on a line, and a fault in every step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction as F

import pytest
from support import failing, refuted

from certify.numbers.rationals import vector
from verify.claims.charles2019 import thm_8_note
from verify.claims.charles2019.shared import multiclass
from verify.claims.charles2019.shared.multiclass import STEEP, THREE, Instance
from verify.claims.charles2019.thm_8_note import CLAIM
from verify.claims.claim import Proof
from verify.objects import ArgmaxRule
from verify.objects.multiclass_sets import MulticlassSet

Patch = pytest.MonkeyPatch
TWO = MulticlassSet.of([[0], [1]], [0, 1], 2)


def falling_gap(patch: Patch) -> Proof:
    """A rule for which class 1 loses along v and nothing has class 0, so nothing is followed."""
    rule = ArgmaxRule.of([[0], [-1], [0]], [0, 0, 9])
    return thm_8_note.prove(replace(CLAIM.example, rules=(rule,)))


def early_crossing(patch: Patch) -> Proof:
    true = thm_8_note.crossing
    patch.setattr(thm_8_note, "crossing", lambda *a: true(*a) - 1)
    return thm_8_note.prove(CLAIM.example)


def stays(patch: Patch) -> Proof:
    patch.setattr(multiclass, "final_label", lambda rule, x, v: F(1))
    return thm_8_note.prove(CLAIM.example)


def third_of_two(patch: Patch) -> Proof:
    patch.setattr(multiclass, "final_label", lambda rule, x, v: F(3))
    rule = ArgmaxRule.of([[0], [1]], ["1/2", 0])
    return thm_8_note.prove(Instance(TWO, 0, 1, (rule,), ()))


FAULTS: dict[int, Callable[[Patch], Proof]] = {
    1: falling_gap,
    2: early_crossing,
    3: stays,
    4: third_of_two,
}


@pytest.mark.parametrize("number", FAULTS)
def test_each_step_can_fail(number: int, monkeypatch: Patch) -> None:
    assert failing(FAULTS[number](monkeypatch)) == [number]


def test_the_steep_rule_passes_the_second_class_and_ends_in_the_third() -> None:
    x, v = THREE.points[0], vector([1])
    assert [STEEP.label(vector([c])) for c in (0, 1, 2)] == [0, 1, 2]
    assert thm_8_note.end(STEEP, x, v)[1] == 2
    assert thm_8_note.crossing(F(-1, 2), F(1)) == F(1, 2)


def test_a_third_class_of_the_same_slope_is_not_astray() -> None:
    weak = CLAIM.counterexamples()["two classes"]
    assert refuted(weak, THREE, STEEP)
    slower = ArgmaxRule.of([[0], [2], [1]], [0, -1, -1])
    assert not refuted(weak, THREE, slower)
    inaccurate = ArgmaxRule.of([[0], [1], [2]], [0, "-1/2", -1])
    assert not refuted(weak, THREE, inaccurate)


@pytest.mark.parametrize(
    ("step", "shown"), [(F(1, 4), "0 = 0"), (F(1, 2), "0 = 0"), (F(1), "1 = 1")]
)
def test_the_second_class_is_ahead_beyond_the_step_only(step: F, shown: str) -> None:
    ahead = thm_8_note.Ahead(STEEP, 0, 1, vector([0]), vector([1]), step)
    proof = thm_8_note.decide_ahead(ahead)
    assert not failing(proof)
    assert str(proof.steps[0].relations[0]) == shown
