"""The report of a run as a dictionary, whatever was run; its form is ``report.schema.json``."""

import platform
import shlex
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from certify.version import __version__
from verify.evidence.grades import Grade, weakest
from verify.evidence.ledger import Ledger, Record
from verify.evidence.places import FORMAT, printable
from verify.evidence.result import Question, Result

LIBRARIES = ("highspy", "numpy", "python-flint", "scikit-learn", "torch")
SHOWN_PROBLEMS = 5


@dataclass(frozen=True)
class Run:
    """When and how a report came about: all that may differ where the configuration is the same."""

    started: datetime
    seconds: float
    stage_seconds: dict[str, float]
    command: str
    complete: bool = True
    workers: int = 1
    libraries: Sequence[str] = LIBRARIES

    def to_json(self, directory: Path) -> dict[str, Any]:
        """Return the JSON form of the run whose report lies in a directory."""
        return {
            "started": self.started.isoformat(timespec="seconds"),
            "seconds": round(self.seconds, 2),
            "machine": f"{platform.machine()}, {platform.system()}",
            "python": platform.python_version(),
            "libraries": {name: version(name) for name in self.libraries},
            "workers": self.workers,
            "stage_seconds": self.stage_seconds,
            "complete": self.complete,
            "command": printable(self.command),
            "check": printable(shlex.join(["certify", "check", str(directory)])),
        }


def report(
    ledger: Ledger,
    run: Run,
    *,
    configuration: dict[str, Any],
    data: dict[str, Any] | None,
    claims: Sequence[dict[str, Any]],
    experiments: Sequence[dict[str, Any]],
    **more: Any,
) -> dict[str, Any]:
    """Return the report on what a ledger records, from the entries of its parts."""
    return {
        "format": FORMAT,
        "version": 2,
        "name": printable(ledger.directory.resolve().name),
        "software_version": __version__,
        "configuration": configuration,
        "run": run.to_json(ledger.directory),
        "data": data,
        "claims": list(claims),
        "experiments": list(experiments),
        **ledger.evidence(),
        **more,
    }


def answer(question: Question[Any], result: Result) -> dict[str, Any]:
    """Return the report's entry of one question."""
    return {
        "id": question.id,
        "title": question.title,
        "question": question.question,
        "claims": list(question.claims),
        "grade": str(result.grade),
        "finding": result.finding + _not_certified(result),
        "findings": result.findings,
        "settings": result.settings,
        "counts": result.counts(),
        "certificates": sum(len(decision.certificates) for decision in result.decisions),
        "tables": list(result.tables),
        "figures": list(result.figures),
    }


def counted(records: Sequence[Record]) -> dict[str, Any]:
    """Return the grade of records as a whole, their counts by grade and case, and the problems."""
    grades = Counter(record.grade for record in records)
    problems = [f"instance {r.index}: {r.reason}" for r in records if r.reason]
    return {
        "grade": str(weakest(grades)),
        "counts": {str(g): grades[g] for g in Grade if g is not Grade.FLOAT},
        "cases": dict(sorted(Counter(record.case for record in records).items())),
        "problems": problems[:SHOWN_PROBLEMS],
    }


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
