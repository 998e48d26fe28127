"""Sharp forms are decided on drawn instances, on both sides of their words."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from certify.checking import checker
from verify.claims.claim import OVERSTATED, Claim, SharpForm
from verify.claims.registry import CLAIMS
from verify.objects import from_json, to_json

DECIDED = {name: claim for name, claim in CLAIMS.items() if claim.sharp}


@pytest.mark.parametrize("claim", DECIDED.values(), ids=DECIDED)
def test_each_case_is_decided_as_the_words_say(claim: Claim[Any]) -> None:
    sharp: SharpForm | None = claim.sharp
    assert sharp is not None
    wanted = "@sharp: two different cases or more, on both sides of its words"
    assert len(set(sharp.cases)) == len(sharp.cases) >= 2, wanted
    for case in sharp.cases:
        for seed in range(2):
            instance = sharp.draw(Random(f"{seed}/{claim.id}/{case}"), case)
            assert sharp.draw(Random(f"{seed}/{claim.id}/{case}"), case) == instance
            assert from_json(type(instance), to_json(instance)) == instance
            proof = sharp.decide(instance)
            assert proof.certificates
            for step in proof.steps:
                assert step.relations, step.text
                assert step.holds, f"{case}: {[str(r) for r in step.relations if not r.holds]}"
            for certificate in proof.certificates:
                checker.check(checker.parse(certificate.line()))


@pytest.mark.parametrize("claim", DECIDED.values(), ids=DECIDED)
def test_the_reading_is_named_and_the_overstatement_can_be_searched(claim: Claim[Any]) -> None:
    assert claim.reading
    assert OVERSTATED in claim.counterexamples()
