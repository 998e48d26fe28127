"""From an instance of a claim to a grade: run the proof, then let the checker decide."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

from certify.errors import InputError
from verify.claims.claim import Claim, Proof, Refutation, SymbolicStep
from verify.claims.picture import Picture
from verify.evidence.decision import Decision, graded
from verify.evidence.grades import Grade


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


@dataclass(frozen=True)
class Shown:
    """What is shown of a claim beside its campaign; all of it is computed here, and only once.

    example      the proof on its own small instance
    refutations  of its recorded counterexamples, by what they drop
    symbolic     the steps proved for all values
    pictures     exact instances in the plane
    """

    example: Proof
    refutations: dict[str, Refutation | None]
    symbolic: tuple[SymbolicStep, ...]
    pictures: tuple[Picture, ...]

    @classmethod
    def of(cls, claim: Claim[Any]) -> Self:
        """Prove, refute and draw what is shown of a claim."""
        return cls(
            claim.prove(claim.example),
            {name: weak.refute(weak.example) for name, weak in claim.counterexamples().items()},
            claim.symbolic(),
            claim.pictures(),
        )


def counterexamples(refutations: Mapping[str, Refutation | None]) -> tuple[Decision, ...]:
    """Decide the counterexamples of a claim: refuted, once the checker accepts each."""
    decisions = []
    for dropped, refutation in refutations.items():
        if refutation is None:
            decisions.append(Decision.undecided(dropped, "the recorded instance refutes nothing"))
            continue
        decided = Decision.by_checker(dropped, *refutation.certificates)
        if decided.grade is Grade.CERTIFIED:
            decided = replace(decided, grade=Grade.REFUTED)
        decisions.append(decided)
    return tuple(decisions)
