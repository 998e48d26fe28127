"""From an instance to a grade: run the proof, then let the independent checker decide."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from certify.certificates.certificate import Certificate
from certify.checking import checker
from certify.errors import InputError
from verify.claims.claim import Claim, Proof
from verify.evidence.grades import Grade


@dataclass(frozen=True)
class Outcome:
    """The grade of one instance, with the reason when it is not ``certified``."""

    grade: Grade
    reason: str
    proof: Proof | None


def graded(
    certificates: Sequence[Certificate], decide: Callable[[Any], object] | None = None
) -> tuple[Grade, str]:
    """Return the grade that certificates earn, and the reason when it is not ``certified``.

    ``decide`` is a checker, by default the independent one: it raises Rejected or Malformed. All
    grades of exact results come from here.
    """
    if not certificates:
        return Grade.UNDECIDED, "the proof gave no certificate"
    for certificate in certificates:
        try:
            (decide or checker.check)(checker.parse(certificate.line()))
        except checker.Rejected as error:
            return Grade.UNDECIDED, f"certificate rejected: {error}"
        except checker.Malformed as error:
            return Grade.MALFORMED, f"certificate malformed: {error}"
    return Grade.CERTIFIED, ""


@dataclass(frozen=True)
class Decision:
    """One exact result: what it is about, its grade and its certificates."""

    subject: str
    grade: Grade
    reason: str
    certificates: tuple[Certificate, ...]

    @classmethod
    def by_checker(
        cls,
        subject: str,
        *certificates: Certificate,
        decide: Callable[[Any], object] | None = None,
    ) -> Decision:
        """Grade a result by the independent checker, or another one: see :func:`graded`."""
        return cls(subject, *graded(certificates, decide), certificates)

    @classmethod
    def undecided(cls, subject: str, reason: str) -> Decision:
        """Record that the exact method gave up, with the reason."""
        return cls(subject, Grade.UNDECIDED, reason, ())


def evaluate(claim: Claim[Any], instance: Any) -> Outcome:
    """Run the proof of a claim on an instance and re-verify every certificate it yields.

    ``certified`` needs every step to hold and every certificate to be accepted. A step that fails
    is ``undecided``: it breaks this proof and is not by itself a counterexample.
    """
    return _graded(lambda: claim.prove(instance), Grade.UNDECIDED)


def evaluate_sharp(claim: Claim[Any], instance: Any) -> Outcome:
    """Decide the sharp form of a claim on an instance.

    Its steps compare what the words say with what is so: one that fails refutes the words.
    """
    assert claim.sharp is not None, claim.id
    decide = claim.sharp.decide
    return _graded(lambda: decide(instance), Grade.REFUTED)


def _graded(prove: Callable[[], Proof], failing: Grade) -> Outcome:
    try:
        proof = prove()
    except InputError as error:
        return Outcome(Grade.MALFORMED, str(error), None)
    for number, step in enumerate(proof.steps, 1):
        for relation in step.relations:
            if not relation.holds:
                return Outcome(failing, f"step {number} fails: {relation}", proof)
    return Outcome(*graded(proof.certificates), proof)


def counterexamples(claim: Claim[Any]) -> tuple[Decision, ...]:
    """Decide the recorded counterexamples of a claim: refuted, once the checker accepts each."""
    decisions = []
    for dropped, weak in claim.counterexamples().items():
        refutation = weak.refute(weak.example)
        if refutation is None:
            decisions.append(Decision.undecided(dropped, "the recorded instance refutes nothing"))
            continue
        decided = Decision.by_checker(dropped, *refutation.certificates)
        if decided.grade is Grade.CERTIFIED:
            decided = replace(decided, grade=Grade.REFUTED)
        decisions.append(decided)
    return tuple(decisions)
