"""One vector for two classes: false on two points, open with three; faults of the repair."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction as F
from random import Random

import pytest
from support import failing, refuted, sentences

from certify.numbers.rationals import vector
from verify.claims.charles2019 import thm_8_stronger
from verify.claims.charles2019.shared import multiclass
from verify.claims.charles2019.shared.multiclass import STEEP, THREE
from verify.claims.charles2019.thm_8_stronger import CLAIM
from verify.claims.claim import AS_PRINTED, OVERSTATED, Proof
from verify.objects import ArgmaxRule
from verify.objects.multiclass_sets import MulticlassSet

Patch = pytest.MonkeyPatch


def level_rule(patch: Patch) -> Proof:
    """A rule that is the same everywhere has no slope; as a rule it leaves nothing either."""
    flat = ArgmaxRule.of([[0], [0], [0]], [0, 0, 1])
    return thm_8_stronger.prove(replace(CLAIM.example, rules=(flat,)))


def backwards(patch: Patch) -> Proof:
    true = multiclass.mean_difference

    def doubled_backwards(data: MulticlassSet, k: int, l: int) -> tuple[F, ...]:
        v = true(data, k, l)
        return v if k < l else tuple(2 * c for c in v)

    patch.setattr(multiclass, "mean_difference", doubled_backwards)
    return thm_8_stronger.prove(CLAIM.example)


def stubborn_label(patch: Patch) -> Proof:
    patch.setattr(multiclass, "final_label", lambda rule, x, v: rule.label(x) + 1)
    return thm_8_stronger.prove(CLAIM.example)


FAULTS: dict[int, Callable[[Patch], Proof]] = {1: level_rule, 2: backwards, 3: stubborn_label}


@pytest.mark.parametrize("number", FAULTS)
def test_each_step_can_fail(number: int, monkeypatch: Patch) -> None:
    # Steps 1 and 2 state the same slope for both classes, so a rule without slope breaks both.
    found = failing(FAULTS[number](monkeypatch))
    assert found == ([1, 2] if number == 1 else [number])


def test_on_the_line_the_pairs_differ() -> None:
    final = multiclass.final_label
    assert [final(STEEP, x, vector([1])) for x in THREE.points] == [3, 3, 3]
    assert [final(STEEP, x, vector([-1])) for x in THREE.points] == [1, 1, 1]


def test_the_printed_form_is_refuted_only_by_an_accurate_rule_with_both_labels() -> None:
    weak = CLAIM.counterexamples()[AS_PRINTED]
    rule = ArgmaxRule.of([[0], [1]], ["1/2", 0])
    assert refuted(weak, MulticlassSet.of([[0], [1]], [0, 1], 2), rule)
    assert not refuted(weak, MulticlassSet.of([[0], ["1/2"]], [0, 1], 2), rule)
    assert not refuted(weak, MulticlassSet.of([[0], [0]], [0, 0], 2), rule)


def test_two_classes_share_a_vector_only_without_an_accurate_rule() -> None:
    apart = MulticlassSet.of([[0], [1]], [0, 1], 2)
    same = MulticlassSet.of([[0], [0]], [0, 1], 2)
    for data, shown in ((apart, "0 = 0"), (same, "1 = 1")):
        for v in (vector([1]), vector([-1]), vector([0])):
            proof = thm_8_stronger.decide_two(data, v)
            assert not failing(proof)
            assert str(proof.steps[0].relations[0]) == shown


def test_neighbouring_classes_on_a_line_do_share_a_vector() -> None:
    weak = CLAIM.counterexamples()[OVERSTATED]
    assert refuted(weak, weak.example)
    middle = MulticlassSet.of([[1], [0], [2]], [0, 1, 2], 3)  # class 1 in the middle is now first
    rule = ArgmaxRule.of([[1], [0], [2]], ["-1/2", 0, -2])
    assert not refuted(weak, middle, rule)


def test_directions_are_never_zero_so_every_certificate_is_accepted() -> None:
    for seed in range(60):
        drawn = thm_8_stronger.draw_two(Random(seed), thm_8_stronger.MIXED_UP)
        assert any(drawn[1])
        assert all(sentences(thm_8_stronger.decide_two(*drawn).certificates))
