"""What a question is and what answers it: exact decisions, measurements, tables and figures."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from verify.evidence.decision import Decision
from verify.evidence.grades import Grade, weakest

S = TypeVar("S")  # what a question is asked about


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
    """The answer to a question; tables and figures have the form of the report's schema.

    ``found`` has what a pipeline may ask for, by name; nothing is read off tables. ``examples``
    are the numbers of the user's examples that its certificates speak of, in their order, and
    ``units`` says in which units and limits they are moved, in the form of a report; {} if not.
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
    units: dict[str, Any] = field(default_factory=dict)

    def counts(self) -> dict[str, int]:
        """Return how many results have each grade."""
        grades = Counter(decision.grade for decision in self.decisions)
        exact = (Grade.CERTIFIED, Grade.REFUTED, Grade.UNDECIDED, Grade.MALFORMED)
        return {**{str(g): grades[g] for g in exact}, str(Grade.FLOAT): self.measurements}

    @property
    def grade(self) -> Grade:
        """The weakest exact grade, or float when nothing was decided exactly."""
        return weakest(d.grade for d in self.decisions) if self.decisions else Grade.FLOAT


@dataclass(frozen=True)
class Question(Generic[S]):
    """A question with the claims that answer it; ``run`` gives None where it makes no sense.

    One with ``examples`` is not asked about a model alone.
    """

    id: str
    title: str
    question: str
    claims: tuple[str, ...]
    run: Callable[[S], Result | None]
    examples: bool = False


def unanswered(reason: str) -> Result:
    """Return the answer to a question that the data cannot answer."""
    return Result(f"Not answered by these data: {reason}.", {}, (), 0, (), ())


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
