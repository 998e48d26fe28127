"""From a proof to a grade: the step, the certificate or the input that stands in the way."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

import certify
from certify.certificates.certificate import Certificate
from certify.checking import checker
from certify.errors import InputError
from verify.claims.charles2019.shared import separators as separation
from verify.claims.claim import (
    Claim,
    Counterexample,
    Paper,
    Proof,
    Refutation,
    Relation,
    Step,
    Verdict,
    step,
)
from verify.claims.evaluation import Shown, counterexamples, evaluate
from verify.claims.registry import CLAIMS
from verify.evidence.decision import PRODUCTS, Decision, checker_for
from verify.evidence.grades import Grade
from verify.evidence.result import Result
from verify.objects import LabelledSet

F = Fraction
GOOD = Certificate(
    "linear-system-solution", {"matrix": [["2"]], "right_side": ["1"]}, {"solution": ["1/2"]}, {}
)
HOLDS = step("One is below two.", (1, "<", 2))


def claim_with(prove: Any) -> Claim[Any]:
    return Claim(
        id="test-claim",
        paper=Paper.ZOU,
        number="Claim",
        title="A claim",
        literal="A statement.",
        statement="A statement.",
        verdict=Verdict.TRUE,
        verdict_reason="So it is.",
        hypotheses=(),
        sharp_form="None.",
        rests_on="written proof. There is none.",
        quantifier="for this one",
        idea="An idea.",
        why="Why it is true.",
        caution="A caution.",
        cases=("generic",),
        draw=lambda rng, case: None,
        example=None,
        sharpness=lambda: Proof((HOLDS,), (GOOD,)),
        prove=prove,
    )


def outcome_of(steps: tuple[Step, ...], certificates: tuple[Certificate, ...]) -> Any:
    return evaluate(claim_with(lambda _: Proof(steps, certificates)), None)


def test_all_steps_and_certificates_together_certify() -> None:
    outcome = outcome_of((HOLDS, HOLDS), (GOOD, GOOD))
    assert (outcome.grade, outcome.reason) == (Grade.CERTIFIED, "")
    assert len(outcome.proof.steps) == 2


def test_a_failing_step_is_undecided_and_named_with_its_relation() -> None:
    bad = step("Two relations.", (1, "<", 2), (F(1, 2), ">=", F(2, 3)))
    outcome = outcome_of((HOLDS, bad, HOLDS), (GOOD,))
    assert outcome.grade is Grade.UNDECIDED
    assert outcome.reason == "step 2 fails: 1/2 >= 2/3"
    assert outcome.proof is not None


def test_a_rejected_certificate_is_undecided() -> None:
    outcome = outcome_of((HOLDS,), (GOOD, replace(GOOD, statement={"solution": ["1"]})))
    assert outcome.grade is Grade.UNDECIDED
    assert outcome.reason == (
        "certificate rejected: solution satisfies the equations: it is 2, not 1"
    )


def test_a_malformed_certificate_is_malformed() -> None:
    outcome = outcome_of((HOLDS,), (replace(GOOD, statement={"solution": ["0.5"]}),))
    assert outcome.grade is Grade.MALFORMED
    assert outcome.reason.startswith(
        "certificate malformed: certificate.statement.solution[0]: expected a numeral"
    )


def test_no_certificate_is_undecided() -> None:
    outcome = outcome_of((HOLDS,), ())
    assert (outcome.grade, outcome.reason) == (Grade.UNDECIDED, "the proof gave no certificate")


@pytest.mark.parametrize(
    ("certificates", "grade", "reason"),
    [
        ((GOOD, GOOD), Grade.CERTIFIED, ""),
        ((), Grade.UNDECIDED, "the proof gave no certificate"),
        ((GOOD, replace(GOOD, statement={"solution": ["1"]})), Grade.UNDECIDED, "rejected: "),
        ((GOOD, replace(GOOD, statement={"solution": ["0.5"]})), Grade.MALFORMED, "malformed: "),
    ],
)
def test_decisions_are_graded_as_proofs_are(
    certificates: tuple[Certificate, ...], grade: Grade, reason: str
) -> None:
    decision = Decision.by_checker("the test", *certificates)
    assert decision.grade is grade
    assert reason in decision.reason
    outcome = outcome_of((HOLDS,), certificates)
    assert (outcome.grade, outcome.reason) == (decision.grade, decision.reason)
    result = Result("A finding.", {}, (decision,), 0, (), ())
    assert result.grade is grade
    assert result.counts()[grade] == 1


def test_a_counterexample_without_certificate_refutes_nothing() -> None:
    weak = Counterexample(
        "It fails.", None, lambda _: Refutation("So.", (HOLDS,), ()), lambda rng: None
    )
    claim = replace(claim_with(lambda _: Proof((HOLDS,), (GOOD,))), as_printed=weak)
    (decision,) = counterexamples(Shown.of(claim).refutations)
    assert decision.grade is Grade.UNDECIDED
    good = replace(weak, refute=lambda _: Refutation("So.", (HOLDS,), (GOOD,)))
    (decision,) = counterexamples(Shown.of(replace(claim, as_printed=good)).refutations)
    assert decision.grade is Grade.REFUTED


def test_input_that_is_refused_is_malformed() -> None:
    def prove(_: Any) -> Proof:
        raise InputError("points", expected="two", got="one", where="row 3")

    outcome = evaluate(claim_with(prove), None)
    assert outcome.grade is Grade.MALFORMED
    assert outcome.reason == "points: expected two, got one (row 3)"
    assert outcome.proof is None


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (LabelledSet.of([[0], [1], [2]], [1, -1, 1]), "linearly separable points"),
        (LabelledSet.of([[0], [1]], [1, 1]), "both labels -1 and +1"),
    ],
)
def test_data_outside_the_hypotheses_are_malformed(data: LabelledSet, reason: str) -> None:
    outcome = evaluate(CLAIMS["charles-thm-4"], separation.Instance(data, (), ()))
    assert outcome.grade is Grade.MALFORMED
    assert reason in outcome.reason


def test_the_checker_has_the_last_word(monkeypatch: pytest.MonkeyPatch) -> None:
    def reject(_: Any, words: bool = True) -> Any:
        raise checker.Rejected("some step", "some reason")

    claim = CLAIMS["zou-thm-1"]
    _, instance = claim.instance(0, 0)
    assert evaluate(claim, instance).grade is Grade.CERTIFIED
    monkeypatch.setattr(checker, "check", reject)
    outcome = evaluate(claim, instance)
    assert outcome.grade is Grade.UNDECIDED
    assert outcome.reason == "certificate rejected: some step: some reason"


@pytest.mark.parametrize(
    ("left", "operator", "right", "holds"),
    [
        (F(1, 2), "=", F(1, 2), True),
        (1, "!=", 1, False),
        (1, "<", 1, False),
        (1, "<=", 1, True),
        (2, ">", 1, True),
        (0, ">=", 1, False),
        ((F(1), F(2)), "=", (F(1), F(2)), True),
        ((F(1), F(2)), "=", (F(1), F(3)), False),
        ((F(1), F(2)), "!=", (F(1), F(3)), True),
        ((F(1), F(2)), "!=", (F(1), F(2)), False),
        ((F(1), F(2)), "<=", (F(1), F(3)), True),
        ((F(1), F(2)), "<", (F(1), F(3)), False),
    ],
)
def test_relations(left: Any, operator: Any, right: Any, holds: bool) -> None:
    assert Relation(left, operator, right).holds is holds


@pytest.mark.parametrize("operator", ["<=", "<", ">="])
def test_vectors_of_different_length_are_in_no_order(operator: Any) -> None:
    assert not Relation((F(0),) * 2, operator, ()).holds


def test_relations_are_printed_exactly() -> None:
    assert str(Relation(F(-3, 7), "<=", 12)) == "-3/7 <= 12"
    assert str(Relation((F(1), F(1, 2)), "=", ())) == "(1, 1/2) = ()"


def test_the_fast_checker_decides_where_the_other_takes_long() -> None:
    assert checker_for(PRODUCTS) is None  # the independent one
    certificate = certify.rank([[1, 2], [2, 4]]).certificate
    wrong = replace(certificate, statement={"rank": "2"})
    for decide in (None, checker_for(PRODUCTS + 1)):
        assert Decision.by_checker("rank", certificate, decide=decide).grade is Grade.CERTIFIED
        refused = Decision.by_checker("rank", wrong, decide=decide)
        assert refused.grade is not Grade.CERTIFIED
