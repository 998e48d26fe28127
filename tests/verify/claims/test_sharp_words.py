"""Words of sharp forms that fail are refuted: by campaigns, and by the search for an instance."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from verify import cli
from verify.campaigns import falsify
from verify.campaigns.campaign import run_instance, subjects
from verify.claims.claim import Claim, Proof, step
from verify.claims.evaluation import evaluate_sharp
from verify.claims.registry import CLAIMS, find
from verify.evidence.grades import Grade
from verify.evidence.ledger import SHARP

LEMMA = "charles-lem-13"


@pytest.mark.parametrize("claim", CLAIMS.values(), ids=CLAIMS)
def test_every_sharp_form_is_decided_and_every_verdict_names_its_reading(
    claim: Claim[Any],
) -> None:
    assert claim.sharp
    assert claim.reading.strip().endswith("."), claim.reading


def test_sides_that_differ_refute_the_words() -> None:
    claim = find(LEMMA)
    assert claim.sharp
    honest = claim.sharp.decide

    def decide(instance: Any) -> Proof:
        return Proof((step("The sides agree.", (0, "=", 1)),), honest(instance).certificates)

    wrong = replace(claim, sharp=replace(claim.sharp, decide=decide))
    outcome = evaluate_sharp(wrong, wrong.sharp_instance(0, 0)[1])
    assert outcome.grade is Grade.REFUTED
    assert outcome.reason.startswith("step 1 fails: ")
    found = falsify.search_sharp(wrong)
    assert found.refutation is not None
    assert found.refutation.text == outcome.reason


def test_a_decision_without_certificates_decides_nothing() -> None:
    claim = find(LEMMA)
    assert claim.sharp
    bare = replace(claim.sharp, decide=lambda _: Proof((step("Fine.", (1, "=", 1)),), ()))
    outcome = evaluate_sharp(replace(claim, sharp=bare), claim.sharp_instance(0, 0)[1])
    assert outcome.grade is Grade.UNDECIDED


def test_campaigns_run_the_sharp_form_after_its_claim() -> None:
    subject = f"{LEMMA}{SHARP}"
    assert subjects([LEMMA]) == [LEMMA, subject]
    record, lines = run_instance(subject, 5, 1)
    assert (record.claim, record.index, record.grade) == (subject, 1, Grade.CERTIFIED)
    assert lines
    assert run_instance(subject, 5, 1) == (record, lines)
    assert run_instance(subject, 6, 1)[1] != lines


def test_the_command_searches_the_sharp_form(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(falsify, "SHARP_TRIES", 20)
    assert cli.main(["falsify", LEMMA, "--sharp"]) == 1
    assert f"{LEMMA} (sharp form): no counterexample in 20 tries" in capsys.readouterr().out
    assert cli.main(["falsify", LEMMA, "--overstated"]) == 0
    assert f"{LEMMA} (sharp form, overstated): refuted, after" in capsys.readouterr().out


def test_words_about_one_example_alone_have_nothing_to_search() -> None:
    claim = replace(find(LEMMA), sharp=None)
    expected = "--sharp: expected a claim whose sharp form speaks of every instance"
    with pytest.raises(falsify.InputError, match=expected):
        falsify.search_sharp(claim)
