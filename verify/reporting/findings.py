"""From ledger records and experiment results to the entries of the report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from verify.campaigns.campaign import SHARP
from verify.claims.claim import Claim, Counterexample, Step
from verify.claims.picture import Picture
from verify.evidence.grades import Grade
from verify.evidence.ledger import Record
from verify.evidence.result import Experiment, Result
from verify.questions.experiments import paired_with
from verify.reporting.plain_text import describe

if TYPE_CHECKING:
    from verify.questions.question import Question

SHOWN_PROBLEMS = 5
SHOWN_RELATIONS = 4  # of one step of the worked example


def claim_entry(claim: Claim[Any], records: Sequence[Record]) -> dict[str, Any]:
    """Return the report's entry of one claim from the records of its instances."""
    own = [record for record in records if record.claim == claim.id]
    against = [r for r in records if r.claim == counterexample_subject(claim.id)]
    sharp = [record for record in records if record.claim == claim.id + SHARP]
    return {
        "id": claim.id,
        "paper": str(claim.paper),
        "number": claim.number,
        "title": claim.title,
        "literal": claim.literal,
        "statement": claim.statement,
        "verdict": str(claim.verdict),
        "verdict_reason": claim.verdict_reason,
        "reading": claim.reading,
        "sharp_form": claim.sharp_form,
        "sharp": _counted(sharp) if claim.sharp else None,
        "hypotheses": [{"name": h.name, "text": h.text} for h in claim.hypotheses],
        "quantifier": claim.quantifier,
        **_counted(own),
        "certificates": sum(record.certificates for record in (*own, *sharp, *against)),
        "example": worked_example(claim) if own else None,
        "counterexamples": [
            _counterexample(name, weak, against) for name, weak in claim.counterexamples().items()
        ],
        "symbolic": [asdict(symbolic) for symbolic in claim.symbolic()],
        "pictures": [picture_entry(picture) for picture in claim.pictures()],
        "experiment": paired_with(claim.id),
    }


def _counted(records: Sequence[Record]) -> dict[str, Any]:
    """Return the grade of records as a whole, their counts by grade and case, and the problems."""
    grades = Counter(record.grade for record in records)
    problems = [f"instance {r.index}: {r.reason}" for r in records if r.reason]
    return {
        "grade": str(weakest(grades)),
        "counts": {str(g): grades[g] for g in Grade if g is not Grade.FLOAT},
        "cases": dict(sorted(Counter(record.case for record in records).items())),
        "problems": problems[:SHOWN_PROBLEMS],
    }


def counterexample_subject(claim_id: str) -> str:
    """Return the name under which the ledger holds a claim's counterexamples."""
    return f"{claim_id}, counterexamples"


def weakest(grades: Counter[Grade]) -> Grade:
    """Return the grade of a whole: refuted if anything is, certified only if everything is."""
    for grade in (Grade.REFUTED, Grade.MALFORMED, Grade.UNDECIDED):
        if grades[grade]:
            return grade
    return Grade.CERTIFIED if grades[Grade.CERTIFIED] else Grade.UNDECIDED


def worked_example(claim: Claim[Any]) -> dict[str, Any]:
    """Return the claim's own small instance and the proof on it, step by step."""
    instance = claim.example
    proof = claim.prove(instance)
    return {"instance": describe(instance), "steps": _steps(proof.steps)}


def _steps(steps: Sequence[Step]) -> list[dict[str, Any]]:
    return [
        {"number": n, "text": step.text, "relation": relations(step), "holds": step.holds}
        for n, step in enumerate(steps, 1)
    ]


def _counterexample(
    dropped: str, weak: Counterexample[Any], records: Sequence[Record]
) -> dict[str, Any]:
    refutation = weak.refute(weak.example)
    return {
        "dropped": dropped,
        "grade": str(next((r.grade for r in records if r.case == dropped), Grade.UNDECIDED)),
        "text": weak.text,
        "instance": describe(weak.example),
        "steps": _steps(refutation.steps if refutation else ()),
    }


def picture_entry(picture: Picture) -> dict[str, Any]:
    """Return a picture as a figure of the report, its exact coordinates rounded for drawing."""
    drawn = _rounded(asdict(picture))
    parts = ("view", "regions", "lines", "markers", "arrows", "flat")
    return {
        "kind": "plane",
        "title": picture.title,
        "caption": picture.caption,
        "grade": str(Grade.CERTIFIED),
        "data": {name: drawn[name] for name in parts},
    }


def _rounded(value: Any) -> Any:
    if isinstance(value, Fraction):
        return float(value)
    if isinstance(value, dict):
        return {name: _rounded(item) for name, item in value.items()}
    return [_rounded(item) for item in value] if isinstance(value, tuple | list) else value


def relations(step: Step) -> str:
    """Return the first relations of a step as text, and how many more there are."""
    shown = "; ".join(str(relation) for relation in step.relations[:SHOWN_RELATIONS])
    more = len(step.relations) - SHOWN_RELATIONS
    return f"{shown}; and {more} more" if more > 0 else shown or "nothing to compare here"


def _not_certified(result: Result) -> str:
    """Return the warning that belongs behind a finding some of whose decisions failed."""
    failed = [d for d in result.decisions if d.grade is not Grade.CERTIFIED]
    if not failed:
        return ""
    first = failed[0]
    return (
        f" But {len(failed)} of {len(result.decisions)} exact results are not certified, "
        f"the first being {first.subject} ({first.grade}: {first.reason})."
    )


def experiment_entry(experiment: Experiment | Question, result: Result) -> dict[str, Any]:
    """Return the report's entry of one experiment."""
    return {
        "id": experiment.id,
        "title": experiment.title,
        "question": experiment.question,
        "claims": list(experiment.claims),
        "grade": str(result.grade),
        "finding": result.finding + _not_certified(result),
        "findings": result.findings,
        "settings": result.settings,
        "counts": result.counts(),
        "certificates": sum(len(decision.certificates) for decision in result.decisions),
        "tables": list(result.tables),
        "figures": list(result.figures),
    }
