"""Counts on trials, and trained rules: against lists, and within their ball."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction as F
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from certify.checking import checker
from certify.numbers.rationals import dot
from verify.claims.charles2019.shared import independent_samples, sample_losses, training_procedures
from verify.claims.charles2019.shared.independent_samples import Experiment, Reading, ramp
from verify.claims.charles2019.shared.training_procedures import PROCEDURES
from verify.drawing import laws

names = st.sampled_from(sorted(PROCEDURES))
cases = st.sampled_from(laws.CASES)


def experiment(seed: int, case: str, first: str, second: str) -> Experiment:
    rng = Random(seed)
    law = laws.law(rng, case)
    return independent_samples.experiment(
        rng, law, F(4) / law.radius_squared, rng.randint(1, 30), (first, second)
    )


@settings(max_examples=60)
@given(st.integers(0, 10**6), cases, names, names)
def test_counts_agree_with_the_lists_of_draws(seed: int, case: str, a: str, b: str) -> None:
    instance = experiment(seed, case, a, b)
    (reading,) = instance.readings
    atoms, trial = instance.law.atoms, reading.trial
    lists = [[i for i, n in enumerate(sample) for _ in range(n)] for sample in trial.samples]
    margin = [
        [y * dot(w, x) for x, y in zip(atoms.points, atoms.labels, strict=True)]
        for w in trial.normals
    ]
    for j in (0, 1):
        own, other = margin[j], margin[1 - j]
        assert len(lists[j]) == instance.size
        assert reading.errors[j] == sum(own[i] < 1 for i in lists[j])
        assert reading.strays[j] == sum(other[i] <= 0 for i in lists[j])
        assert reading.overlaps[j] == sum(own[i] > 0 < other[i] for i in lists[j])
        assert reading.gaps[j] == sum(ramp(other[i]) for i in lists[j]) - sum(
            ramp(other[i]) for i in lists[1 - j]
        )
        assert dot(trial.normals[j], trial.normals[j]) <= instance.bound_squared


@settings(max_examples=60)
@given(st.integers(0, 10**6), cases, names)
def test_the_direction_is_certified_for_all_separators(seed: int, case: str, name: str) -> None:
    (reading,) = experiment(seed, case, name, name).readings
    for certificate in independent_samples.direction_certificates(reading):
        checker.check(checker.parse(certificate.line()))
    for step in independent_samples.direction_steps([reading]):
        assert step.holds


@pytest.mark.parametrize("name", sorted(PROCEDURES))
def test_training_is_a_function_of_the_samples(name: str) -> None:
    law = laws.law(Random(5), laws.NOISY)
    own, other = law.sample(Random(1), 20), law.sample(Random(2), 20)
    rules = {training_procedures.train(name, law.atoms, own, other, F(9)) for _ in range(2)}
    assert len(rules) == 1


def test_ordinary_procedures_separate_what_can_be_separated() -> None:
    for seed in range(20):
        law = laws.law(Random(seed), laws.BASIS)
        own = law.sample(Random(seed), 30)
        for name in ("max_margin", "perceptron", "majority", "logistic"):
            w = training_procedures.train(name, law.atoms, own, own, F(25))
            trial = independent_samples.Trial((own, own), (w, w))
            assert Reading(law.atoms, trial).strays == (0, 0), name


def test_scaling_fills_the_ball_and_leaves_nothing_outside() -> None:
    scaled = training_procedures.scaled_into_ball((F(3), F(4)), F(2))
    assert F(199, 100) < dot(scaled, scaled) <= 2
    assert scaled[0] * 4 == scaled[1] * 3
    assert training_procedures.scaled_into_ball((F(0),), F(2)) == (F(0),)
    assert training_procedures.scaled_into_ball((F(3), F(4)), F(100)) == (F(6), F(8))


def test_an_exceptional_draw_is_certified_as_one() -> None:
    law = laws.FiniteLaw.of([[1, 0], [0, 1]], [1, 1], [1, 1])
    trial = independent_samples.Trial(((60, 0), (0, 60)), ((F(1), F(-1)), (F(-1), F(1))))
    reading = Reading(law.atoms, trial)
    loss = sample_losses.two_sample_loss(60, F(2))
    assert independent_samples.fails(reading, 60, loss)
    certificate = independent_samples.overlap_certificate([reading], 60, F(2), loss)
    checker.check(checker.parse(certificate.line()))
    relations = certificate.statement["relations"]
    assert ["loss_above", "<", "missing0_1"] in relations
    assert ["missing0_1", "<=", "loss_below"] not in relations
    *_, last = independent_samples.overlap_steps([reading], 60, loss)
    assert last.holds
    assert last.text.startswith("In 0 of 2 samples")


def test_the_bound_itself_is_not_certified_on_an_exceptional_draw(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    law = laws.FiniteLaw.of([[1, 0], [0, 1]], [1, 1], [1, 1])
    trial = independent_samples.Trial(((60, 0), (0, 60)), ((F(1), F(-1)), (F(-1), F(1))))
    loss = sample_losses.two_sample_loss(60, F(2))
    monkeypatch.setattr(type(loss), "covers", lambda self, value: True)
    certificate = independent_samples.overlap_certificate(
        [Reading(law.atoms, trial)], 60, F(2), loss
    )
    with pytest.raises(checker.Rejected, match="relation holds"):
        checker.check(checker.parse(certificate.line()))


def test_the_certificate_counts_the_sample_itself() -> None:
    law = laws.FiniteLaw.of([[1, 0], [0, 1]], [1, -1], [1, 1])
    trial = independent_samples.Trial(((60, 30), (50, 40)), ((F(1), F(-1)), (F(1), F(1, 2))))
    reading = Reading(law.atoms, trial)
    assert (reading.errors, reading.overlaps) == ((0, 40), (60, 50))
    loss = sample_losses.two_sample_loss(90, F(2))
    honest = independent_samples.overlap_certificate([reading], 90, F(2), loss)
    checker.check(checker.parse(honest.line()))
    # Another rule, other draws, other errors: each is at odds with the rest.
    for name, value in (("w0_1_1", "1"), ("n0_2_1", "39"), ("errors0_2", "0"), ("norms", "1")):
        numbers = [
            {**number, "value": value} if number["name"] == name else number
            for number in honest.instance["numbers"]
        ]
        assert numbers != honest.instance["numbers"]
        forged = replace(honest, instance={"numbers": numbers})
        with pytest.raises(checker.Rejected, match="relation holds"):
            checker.check(checker.parse(forged.line()))
