"""Every claim has every part, every part works, and every step can fail."""

from __future__ import annotations

import importlib.util
import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from certify.checking import checker
from verify.campaigns.falsify import accepted
from verify.claims.claim import Claim, Counterexample, Dispensable, Proof, Verdict
from verify.claims.evaluation import evaluate
from verify.claims.registry import CLAIMS
from verify.evidence.grades import Grade
from verify.objects import from_json, to_json
from verify.reporting.mathematics import to_html
from verify.reporting.plain_text import plain

HERE = Path(__file__).parent
FOLDERS = {"zou2018": "zou", "charles2019": "charles"}

pytestmark = pytest.mark.parametrize("claim", CLAIMS.values(), ids=CLAIMS)


def texts(claim: Claim[Any]) -> dict[str, str]:
    """Every text of a claim that people read."""
    steps = claim.prove(claim.example).steps + claim.sharpness().steps
    return {
        "title": claim.title,
        "number": claim.number,
        "literal": claim.literal,
        "statement": claim.statement,
        "verdict_reason": claim.verdict_reason,
        "sharp_form": claim.sharp_form,
        "quantifier": claim.quantifier,
        "the idea": claim.idea,
        "why it is true": claim.why,
        "before you use it": claim.caution,
        **{f"hypothesis {h.name}": h.text for h in claim.hypotheses},
        **{f"without {h.name}": h.without.text for h in claim.hypotheses},
        **{f"step {n}": step.text for n, step in enumerate(steps)},
        **{f"symbolic {n}": f"${s.formula}$" for n, s in enumerate(claim.symbolic())},
    }


def test_texts_are_there_and_their_formulas_can_be_set(claim: Claim[Any]) -> None:
    for name, text in texts(claim).items():
        assert text.strip(), name
        assert "<code>" not in to_html(text), f"{name}: {text}"
        assert not re.search(r"\\[a-zA-Z]", plain(text)), f"{name}: {plain(text)}"


def proves(proof: Proof) -> None:
    assert proof.steps, "no step"
    assert proof.certificates, "no certificate"
    for number, step in enumerate(proof.steps, 1):
        assert step.relations, f"step {number} compares nothing"
        assert step.holds, f"step {number}: {[str(r) for r in step.relations if not r.holds]}"
    for certificate in proof.certificates:
        checker.check(checker.parse(certificate.line()))


def test_the_example_is_proved(claim: Claim[Any]) -> None:
    proves(claim.prove(claim.example))


def test_the_sharp_form_is_attained(claim: Claim[Any]) -> None:
    proves(claim.sharpness())


def test_symbolic_steps_hold_and_name_their_size(claim: Claim[Any]) -> None:
    for symbolic in claim.symbolic():
        assert symbolic.holds, symbolic.formula
        assert symbolic.size


def test_every_case_is_certified(claim: Claim[Any]) -> None:
    seen = set()
    for index in range(2 * len(claim.cases)):
        case, instance = claim.instance(1, index)
        seen.add(case)
        outcome = evaluate(claim, instance)
        assert outcome.grade is Grade.CERTIFIED, f"{case}, instance {index}: {outcome.reason}"
    assert seen == set(claim.cases)


def test_instances_survive_json_and_depend_on_the_seed_alone(claim: Claim[Any]) -> None:
    _, instance = claim.instance(1, 0)
    assert claim.instance(1, 0)[1] == instance
    assert from_json(type(instance), to_json(instance)) == instance


def test_every_hypothesis_says_what_happens_without_it(claim: Claim[Any]) -> None:
    for hypothesis in claim.hypotheses:
        assert isinstance(hypothesis.without, Counterexample | Dispensable), hypothesis.name
        if isinstance(hypothesis.without, Dispensable):
            from random import Random

            for seed in range(5):
                proves(hypothesis.without.prove(hypothesis.without.draw(Random(seed))))


def test_recorded_counterexamples_are_exact(claim: Claim[Any]) -> None:
    for name, weak in claim.counterexamples().items():
        refutation = accepted(weak, weak.example)
        assert refutation is not None, name
        assert refutation.text


def test_false_and_vacuous_statements_are_refuted_as_printed(claim: Claim[Any]) -> None:
    if claim.verdict in (Verdict.FALSE, Verdict.VACUOUS):
        assert claim.as_printed is not None, "no counterexample to the statement as printed"
    if claim.verdict is not Verdict.TRUE:
        assert claim.counterexamples(), "no counterexample, and not true as printed"


def test_used_claims_exist(claim: Claim[Any]) -> None:
    assert set(claim.uses) <= set(CLAIMS) - {claim.id}


def own_tests(claim: Claim[Any]) -> ModuleType:
    """The claim's own test module, which holds the faults of its steps."""
    name = claim.id.split("-", 1)[1].replace("-", "_")
    path = HERE / f"test_{FOLDERS[claim.paper]}_{name}.py"
    assert path.exists(), f"{path.name} is missing"
    spec = importlib.util.spec_from_file_location(f"faults_of_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # data classes look their own module up
    spec.loader.exec_module(module)
    return module


def test_every_step_can_fail(claim: Claim[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    steps = len(claim.prove(claim.example).steps)
    faults = getattr(own_tests(claim), "FAULTS", None)
    assert faults is not None, "the claim's own test has no FAULTS"
    assert sorted(faults) == list(range(1, steps + 1)), "one fault for each step"
    for number, fault in faults.items():
        with monkeypatch.context() as patch:
            proof = fault(patch)
            assert not proof.steps[number - 1].holds, f"FAULTS[{number}] leaves its step true"
