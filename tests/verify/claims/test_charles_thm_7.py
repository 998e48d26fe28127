"""Theorem 7: the table of sizes, the exact enumeration, and every way in which a step can fail."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction as F
from itertools import combinations, product
from random import Random

import pytest

from verify.claims.charles2019 import thm_7
from verify.claims.charles2019.shared import (
    failure_probability,
    independent_samples,
    sample_losses,
    trials,
)
from verify.claims.charles2019.shared.enclosures import Loss
from verify.claims.charles2019.shared.independent_samples import Experiment, Reading, Trial
from verify.claims.charles2019.thm_7 import TABLE, noisy_enumeration
from verify.claims.charles2019.without import fixed_rules, offset_memorisers
from verify.claims.charles2019.without.fixed_rules import FixedRules
from verify.claims.charles2019.without.memorisers import MARGIN, NORM, RADIUS, Memorisers
from verify.claims.claim import Proof
from verify.claims.evaluation import evaluate
from verify.drawing.laws import FiniteLaw
from verify.evidence.grades import Grade
from verify.objects import LabelledSet, LinearRule

Patch = pytest.MonkeyPatch

# One point in each sample is drawn in it alone, and both rules know only what they have seen.
APART = Experiment(
    FiniteLaw.of([[1, 0], [0, 1]], [1, 1], [1, 1]),
    F(2),
    (Trial(((4, 0), (0, 4)), ((F(1), F(-1)), (F(-1), F(1)))),),
)
MIXED = thm_7.EXAMPLE


def failing(proof: Proof) -> list[int]:
    return [number for number, step in enumerate(proof.steps, 1) if not step.holds]


def no_strays(patch: Patch) -> Proof:
    patch.setattr(Reading, "strays", (0, 0))
    return thm_7.prove(APART)


def many_strays(patch: Patch) -> Proof:
    patch.setattr(Reading, "strays", (99, 99))
    return thm_7.prove(MIXED)


def wasteful_ramp(patch: Patch) -> Proof:
    """The own rule's loss exceeds the errors; hesitant rules leave room in the other steps."""
    true = Reading.ramp_total
    patch.setattr(
        Reading,
        "ramp_total",
        lambda self, s, r: F(self.errors[s] + 1) if s == r else true(self, s, r),
    )
    hesitant = ((F(1, 2), F(0)), (F(1, 2), F(0)))
    return thm_7.prove(Experiment(APART.law, F(2), (Trial(((4, 0), (4, 0)), hesitant),)))


def small_gaps(patch: Patch) -> Proof:
    patch.setattr(Reading, "gaps", (F(-99), F(-99)))
    return thm_7.prove(MIXED)


# Sixty draws that all differ between the samples: possible, and very unlikely.
EXCEPTION = Trial(((60, 0), (0, 60)), ((F(1), F(-1)), (F(-1), F(1))))


def exception_overlooked(patch: Patch) -> Proof:
    patch.setattr(independent_samples, "favourable", lambda gap, loss: True)
    return thm_7.prove(Experiment(APART.law, F(2), (EXCEPTION,)))


def weights_too_large(patch: Patch) -> Proof:
    true = Reading.direction.func

    def doubled(self: Reading) -> object:
        u, weights, certificate = true(self)
        return tuple(2 * c for c in u), tuple(2 * c for c in weights), certificate

    patch.setattr(Reading, "direction", property(doubled))
    return thm_7.prove(MIXED)


def wrong_direction(patch: Patch) -> Proof:
    """S wrongly holds a point that both rules get wrong."""
    patch.setattr(Reading, "common", (0,))
    wrong = ((F(-1), F(0)), (F(-1), F(0)))
    return thm_7.prove(Experiment(APART.law, F(2), (Trial(((4, 0), (4, 0)), wrong),)))


def stubborn_labels(patch: Patch) -> Proof:
    patch.setattr(LinearRule, "label", lambda self, x: 1)
    return thm_7.prove(MIXED)


def short_interval(patch: Patch) -> Proof:
    patch.setattr(failure_probability, "clopper_pearson", lambda k, n: (F(0), F(1, 2)))
    return thm_7.prove(MIXED)


FAULTS: dict[int, Callable[[Patch], Proof]] = {
    1: no_strays,
    2: many_strays,
    3: wasteful_ramp,
    4: small_gaps,
    5: exception_overlooked,
    6: weights_too_large,
    7: wrong_direction,
    8: stubborn_labels,
    9: short_interval,
}


@pytest.mark.parametrize("number", FAULTS)
def test_each_step_can_fail(number: int, monkeypatch: Patch) -> None:
    found = failing(FAULTS[number](monkeypatch))
    if number == 7:
        # A rule that does not fall along -yu does not change its labels either.
        assert found == [7, 8]
    else:
        assert found == [number]


def test_the_sizes_from_which_the_bounds_are_positive() -> None:
    sizes = [
        [sample_losses.smallest_positive_size(rho, norm**2, factor) for factor in (16, 4, 2)]
        for norm, rho in TABLE
    ]
    assert sizes == [
        [115, 33, 20],
        [196, 57, 34],
        [586, 171, 102],
        [171, 66, 46],
        [391, 215, 175],
        [928, 629, 555],
        [1484, 997, 877],
        [5140, 4328, 4107],
        [21096, 17558, 16594],
    ]


def test_the_exact_failure_probability_of_the_noisy_law() -> None:
    found = noisy_enumeration()
    assert F(19, 10**30) < found.failure < F(20, 10**30)
    assert F(9994, 10_000) < found.positive < F(9995, 10_000)


def test_an_exceptional_draw_is_counted_as_the_failure_that_it_is() -> None:
    proof = thm_7.prove(Experiment(APART.law, F(2), (EXCEPTION,)))
    assert failing(proof) == []
    assert "Failures: 1 of 1." in proof.steps[-1].text
    assert "to support $2/n^2$" in proof.steps[-1].text
    assert evaluate(thm_7.CLAIM, Experiment(APART.law, F(2), (EXCEPTION,))).grade is Grade.CERTIFIED


def test_more_failures_than_the_theorem_allows_contradict_it() -> None:
    proof = thm_7.prove(Experiment(APART.law, F(2), (EXCEPTION,) * 3))
    assert failing(proof) == [9]
    assert "Failures: 3 of 3." in proof.steps[-1].text


def test_rules_that_lose_nearly_all_would_show_a_wrong_constant(monkeypatch: Patch) -> None:
    instance = trials.draw(Random(1), trials.NEARLY)
    assert failing(thm_7.prove(instance)) == []

    def quarter(size: int, norms: F) -> Loss:
        return Loss((norms * size / 16,), (F(2 * size),), F(size))

    monkeypatch.setattr(thm_7, "two_sample_loss", quarter)
    assert failing(thm_7.prove(instance)) == [9]


def test_the_sizes_of_the_better_first_term() -> None:
    for norm, size in ((1, 16), (5, 112), (10, 324)):
        found = sample_losses.smallest_positive_size(
            F(0), F(norm**2), sample_losses.TWO_SAMPLE, offset_memorisers.balanced_loss
        )
        assert found == size


@pytest.mark.parametrize("size", [1, 2, 3])
def test_signs_given_that_they_balance(size: int) -> None:
    """Every way to flip surplus signs, one by one: the mean given tau is (1 - p_n) tau."""
    agree, total = F(0), F(0)
    tau = (1,) * size + (-1,) * size
    for sigma in product((1, -1), repeat=2 * size):
        surplus = sum(sigma) // 2
        places = [i for i, s in enumerate(sigma) if s * surplus > 0]
        choices = list(combinations(places, abs(surplus)))
        for chosen in choices:
            if tuple(-s if i in chosen else s for i, s in enumerate(sigma)) == tau:
                weight = F(1, len(choices) * 4**size)
                total += weight
                agree += weight * sigma[0]
    assert (total, agree / total) == offset_memorisers.mean_given_balanced(size)
    assert agree / total == 1 - offset_memorisers.central(size)


def test_the_example_counts() -> None:
    (reading,) = MIXED.readings
    assert reading.errors == (11, 12)
    assert reading.common == (0,)
    assert reading.overlaps == (64, 62)
    assert reading.strays == (15, 16)
    assert reading.gaps == (F(15 * 1 + 0 - 12), F(16 - 11))
    assert reading.direction[:2] == ((F(1), F(0)), (F(1),))


@pytest.mark.parametrize(
    ("dropped", "instance"),
    [
        (NORM, Memorisers(20, 85, F(1), F(1), F(0))),
        (NORM, Memorisers(19, 86, F(1), F(1), F(0))),
        (NORM, Memorisers(20, 86, F(2), F(1), F(0))),
        (NORM, Memorisers(20, 86, F(1), F(1), F(1))),
        (RADIUS, Memorisers(20, 86, F(4), F(1), F(0))),
        (MARGIN, Memorisers(20, 86, F(1), F(1, 4), F(0))),
        (MARGIN, Memorisers(20, 86, F(1), F(0), F(0))),
    ],
)
def test_memorisers_that_refute_nothing(dropped: str, instance: Memorisers) -> None:
    assert thm_7.CLAIM.counterexamples()[dropped].refute(instance) is None


def fixed(second: int, size: int) -> FixedRules:
    laws = FiniteLaw.of([[1]], [1], [1]), FiniteLaw.of([[1]], [second], [1])
    return FixedRules(laws, size, ((F(1),), (F(second),)))


def test_one_law_or_a_small_sample_refutes_nothing() -> None:
    assert fixed_rules.refute_common_law(fixed(-1, 20)) is not None
    assert fixed_rules.refute_common_law(fixed(-1, 19)) is None
    assert fixed_rules.refute_common_law(fixed(1, 20)) is None


def test_the_set_is_empty_only_without_a_common_point() -> None:
    law = FiniteLaw.of([[1], [1]], [1, -1], [1, 1])
    assert fixed_rules.refute_nonempty(FixedRules((law, law), 3, ((F(1),), (F(-1),)))) is not None
    assert fixed_rules.refute_nonempty(FixedRules((law, law), 2, ((F(1),), (F(-1),)))) is None
    assert fixed_rules.refute_nonempty(FixedRules((law, law), 3, ((F(1),), (F(1),)))) is None


def test_with_both_labels_there_is_a_largest_margin() -> None:
    assert fixed_rules.refute_offset(LabelledSet.of([[1]], [-1])) is not None
    assert fixed_rules.refute_offset(LabelledSet.of([[1], [-1]], [1, -1])) is None
    assert fixed_rules.refute_offset(LabelledSet.of([[0]], [1])) is None
