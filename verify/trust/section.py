"""What one part of the trust campaign found: a table, and whatever should not have happened."""

from collections.abc import Sequence
from dataclasses import dataclass

SHOWN = 20  # problems of one part


@dataclass(frozen=True)
class Section:
    """One table of the trust report.

    words     what was done and what the numbers mean, in a few sentences
    columns   the names of the columns
    rows      cells as text, one list for each row
    problems  one line for each thing that should not have happened; none when all is well
    notes     lines to look up, such as the reasons of exceptions
    """

    title: str
    words: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def shown(problems: Sequence[str]) -> tuple[str, ...]:
    """Return the first problems of a part, and how many there are besides."""
    more = len(problems) - SHOWN
    return (*problems[:SHOWN], *[f"{more} more problems"] * (more > 0))
