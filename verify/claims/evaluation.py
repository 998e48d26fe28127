"""From an instance to a grade: run the proof, then let the independent checker decide."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from certify import checker
from certify.errors import InputError
from verify.claims.claim import Claim, Proof
from verify.grades import Grade


@dataclass(frozen=True)
class Outcome:
    """The grade of one instance, with the reason when it is not ``certified``."""

    grade: Grade
    reason: str
    proof: Proof | None


def evaluate(claim: Claim[Any], instance: Any) -> Outcome:
    """Run the proof of a claim on an instance and re-verify every certificate it yields.

    ``certified`` needs every step to hold and every certificate to be accepted. A step that fails
    is ``undecided``: it breaks this proof and is not by itself a counterexample.
    """
    try:
        proof = claim.prove(instance)
    except InputError as error:
        return Outcome(Grade.MALFORMED, str(error), None)
    for number, step in enumerate(proof.steps, 1):
        for relation in step.relations:
            if not relation.holds:
                return Outcome(Grade.UNDECIDED, f"step {number} fails: {relation}", proof)
    if not proof.certificates:
        return Outcome(Grade.UNDECIDED, "the proof gave no certificate", proof)
    for certificate in proof.certificates:
        try:
            checker.check(checker.parse(certificate.line()))
        except checker.Rejected as error:
            return Outcome(Grade.UNDECIDED, f"certificate rejected: {error}", proof)
        except checker.Malformed as error:
            return Outcome(Grade.MALFORMED, f"certificate malformed: {error}", proof)
    return Outcome(Grade.CERTIFIED, "", proof)
