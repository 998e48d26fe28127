"""Answers of long tasks in checkpoints, so that a killed experiment does not ask them again."""

import json
from collections.abc import Callable
from dataclasses import fields
from typing import Any

import numpy as np

from certify.certificates.certificate import Certificate
from verify.attack.checkpoints import Checkpoints
from verify.evidence.decision import Decision
from verify.evidence.grades import Grade

Answer = tuple[dict[str, Any], tuple[Decision, ...]]
"""What was found, as a JSON object, and what was decided."""


def kept_answer(keep: Checkpoints | None, name: str, ask: Callable[[], Answer]) -> Answer:
    """Return the answer to a task of that name: the one that is kept, or a new one, and keep it."""
    if keep is None:
        return ask()
    stored = keep.cached(name, lambda: {"text": _array(ask())})
    found = json.loads(stored["text"].tobytes())
    return found["facts"], tuple(_decision(record) for record in found["decisions"])


def _array(answer: Answer) -> np.ndarray:
    facts, decisions = answer
    records = [
        {"subject": d.subject, "grade": d.grade, "reason": d.reason,
         "certificates": [_fields(c) for c in d.certificates]}
        for d in decisions
    ]  # fmt: skip
    text = json.dumps({"facts": facts, "decisions": records})
    return np.frombuffer(text.encode("ascii"), dtype=np.uint8)


def _fields(certificate: Certificate) -> dict[str, Any]:
    return {f.name: getattr(certificate, f.name) for f in fields(certificate)}


def _decision(record: dict[str, Any]) -> Decision:
    certificates = tuple(Certificate(**proof) for proof in record["certificates"])
    return Decision(record["subject"], Grade(record["grade"]), record["reason"], certificates)
