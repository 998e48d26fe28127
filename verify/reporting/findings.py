"""From a claim, what was computed of it and its records to its entry in the report."""

from collections.abc import Sequence
from dataclasses import asdict
from fractions import Fraction
from typing import Any

from verify.claims.claim import Claim, Counterexample, Refutation, Step
from verify.claims.evaluation import Shown
from verify.claims.picture import Picture
from verify.evidence.grades import Grade
from verify.evidence.ledger import COUNTEREXAMPLES, SHARP, Record
from verify.evidence.report import counted
from verify.reporting import object_table


def claim_entry(
    claim: Claim[Any], shown: Shown, records: Sequence[Record], experiment: str | None
) -> dict[str, Any]:
    """Return the report's entry of one claim from the records of its instances.

    ``experiment`` is the id of the first that illustrates it.
    """
    own = [record for record in records if record.claim == claim.id]
    against = [record for record in records if record.claim == claim.id + COUNTEREXAMPLES]
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
        "sharp": counted(sharp) if claim.sharp else None,
        "hypotheses": [{"name": h.name, "text": h.text} for h in claim.hypotheses],
        "quantifier": claim.quantifier,
        **counted(own),
        "certificates": sum(record.certificates for record in (*own, *sharp, *against)),
        "example": worked_example(claim, shown) if own else None,
        "counterexamples": [
            _counterexample(name, weak, shown.refutations[name], against)
            for name, weak in claim.counterexamples().items()
        ],
        "symbolic": [asdict(symbolic) for symbolic in shown.symbolic],
        "pictures": [picture_entry(picture) for picture in shown.pictures],
        "experiment": experiment,
    }


def worked_example(claim: Claim[Any], shown: Shown) -> dict[str, Any]:
    """Return the claim's own small instance and the proof on it, step by step."""
    proof = shown.example
    rows = object_table.rows(claim.example, proof.objects)
    return {"objects": [[*row] for row in rows], "steps": _steps(proof.steps)}


def _steps(steps: Sequence[Step]) -> list[dict[str, Any]]:
    return [
        {
            "number": n,
            "text": step.text,
            "relations": step.formulas,
            "holds": step.holds,
        }
        for n, step in enumerate(steps, 1)
    ]


def _counterexample(
    dropped: str,
    weak: Counterexample[Any],
    refutation: Refutation | None,
    records: Sequence[Record],
) -> dict[str, Any]:
    return {
        "dropped": dropped,
        "grade": str(next((r.grade for r in records if r.case == dropped), Grade.UNDECIDED)),
        "text": weak.text,
        "objects": [
            [*row]
            for row in object_table.rows(weak.example, refutation.objects if refutation else ())
        ],
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
