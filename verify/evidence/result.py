"""What an experiment is: a question on trained models, its exact decisions and its measurements."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from itertools import combinations, islice
from random import Random
from typing import Any

from verify.attack.checkpoints import Checkpoints
from verify.attack.experiment import TransferExperiment
from verify.data.digits import Dataset
from verify.evidence.decision import Decision
from verify.evidence.grades import Grade

PAIRED = 1797  # as many as digits has


@dataclass(frozen=True)
class Materials:
    """What all experiments of a run share: the data, the trained models and where to compute.

    ``data`` is a part of at most PAIRED images: enough for separators of two classes, and their
    certificates, which hold every image, stay short. ``keep`` has what an interrupted run made, and
    ``stage`` begins a stage of progress, see :meth:`verify.reporting.progress.Progress.stage`.
    """

    data: Dataset
    models: TransferExperiment
    seed: int
    executor: Executor
    keep: Checkpoints | None = None
    stage: Callable[[str], Callable[[int, int, str], None]] = lambda _: lambda *_: None

    def seed_for(self, *purpose: object) -> int:
        """Return a seed of its own for one purpose, from the run's seed."""
        return Random(f"{self.seed}/{'/'.join(map(str, purpose))}").randrange(2**31)


@dataclass(frozen=True)
class Found:
    """How many there are of something that was looked for, and what stands behind the number.

    Of grade certified when certificates of the same result show each of them; that there are no
    more is said by none, where the number is not of all that there are.
    """

    count: int
    grade: Grade


@dataclass(frozen=True)
class Result:
    """The outcome of an experiment; tables and figures have the form of the report's schema.

    ``found`` has what a pipeline may ask for, by name; nothing is read off tables. ``examples``
    are the numbers of the user's examples that its certificates speak of, in their order.
    """

    finding: str
    findings: dict[str, str]  # what it says about single claims, by id
    decisions: tuple[Decision, ...]
    measurements: int  # how many numbers are float only
    tables: tuple[dict[str, Any], ...]
    figures: tuple[dict[str, Any], ...]
    settings: dict[str, str | float | bool] = field(default_factory=dict)
    found: dict[str, Found] = field(default_factory=dict)
    examples: tuple[int, ...] = ()

    def counts(self) -> dict[str, int]:
        """Return how many results have each grade."""
        grades = Counter(decision.grade for decision in self.decisions)
        exact = (Grade.CERTIFIED, Grade.REFUTED, Grade.UNDECIDED, Grade.MALFORMED)
        return {**{str(g): grades[g] for g in exact}, str(Grade.FLOAT): self.measurements}

    @property
    def grade(self) -> Grade:
        """The weakest exact grade, or float when nothing was decided exactly."""
        if not self.decisions:
            return Grade.FLOAT
        grades = {decision.grade for decision in self.decisions}
        order = (Grade.REFUTED, Grade.MALFORMED, Grade.UNDECIDED, Grade.CERTIFIED)
        return next(grade for grade in order if grade in grades)


@dataclass(frozen=True)
class Experiment:
    """A question that pairs claims with trained models."""

    id: str
    title: str
    question: str
    claims: tuple[str, ...]
    run: Callable[[Materials], Result]


def unanswered(reason: str) -> Result:
    """Return the result of an experiment that the data cannot answer."""
    return Result(f"Not answered by these data: {reason}.", {}, (), 0, (), ())


def pairs_of(
    classes: Sequence[int], preferred: Sequence[tuple[int, int]]
) -> tuple[tuple[int, int], ...]:
    """Return the preferred pairs of classes that are there, or the first ones where none is."""
    there = tuple(pair for pair in preferred if set(pair) <= set(classes))
    return there or tuple(islice(combinations(classes, 2), len(preferred)))


def table(
    title: str, columns: Sequence[tuple[str, str, Grade | None]], rows: list[list[Any]]
) -> dict[str, Any]:
    """Return a table of the report from ``(name, unit, grade)`` columns and its rows.

    A column without grade says what was asked or chosen: names, settings, sizes of samples.
    """
    return {
        "title": title,
        "columns": [
            {
                "name": name,
                **({"unit": unit} if unit else {}),
                **({"grade": str(grade)} if grade else {}),
            }
            for name, unit, grade in columns
        ],
        "rows": rows,
    }


def figure(
    kind: str, title: str, caption: str, grade: Grade, data: dict[str, Any]
) -> dict[str, Any]:
    """Return a figure of the report."""
    return {"kind": kind, "title": title, "caption": caption, "grade": str(grade), "data": data}
