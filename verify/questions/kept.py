"""Answers of long tasks in checkpoints, so that a killed experiment does not ask them again."""

import json
from collections.abc import Callable
from typing import Any

import numpy as np

from verify.attack.checkpoints import Checkpoints
from verify.evidence.decision import Decision, Line
from verify.evidence.grades import Grade

Answer = tuple[dict[str, Any], tuple[Decision, ...]]
"""What was found, as a JSON object, and what was decided."""


def kept_answer(keep: Checkpoints | None, name: str, ask: Callable[[], Answer]) -> Answer:
    """Return the answer to a task of that name: the one that is kept, or a new one, and keep it.

    Of certificates there are the lines alone.
    """
    if keep is None:
        return _read(_written(ask()))
    return _read(keep.cached(name, lambda: {"text": _written(ask())})["text"])


def _written(answer: Answer) -> np.ndarray:
    facts, decisions = answer
    records = [
        {"subject": d.subject, "grade": d.grade, "reason": d.reason,
         "certificates": [c.line() for c in d.certificates]}
        for d in decisions
    ]  # fmt: skip
    text = json.dumps({"facts": facts, "decisions": records})
    return np.frombuffer(text.encode("ascii"), dtype=np.uint8)


def _read(text: np.ndarray) -> Answer:
    found = json.loads(text.tobytes())
    decisions = (
        Decision(d["subject"], Grade(d["grade"]), d["reason"], tuple(map(Line, d["certificates"])))
        for d in found["decisions"]
    )
    return found["facts"], tuple(decisions)
