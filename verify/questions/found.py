"""What an audit found among the examples: inputs near them, exact, and how reports show them."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from certify.numbers.rationals import Vector, text
from verify.evidence.grades import Grade
from verify.evidence.result import Result, figure, table
from verify.models.model import Label
from verify.questions.question import Subject

SHOWN = 4  # of them in pictures and tables
FEATURES = 20  # of an input that a table shows; of more, those that change most

Point = np.ndarray[Any, Any] | Vector  # floats, or fractions where floats do not hold it


@dataclass(frozen=True, eq=False)
class Adversary:
    """An example that the model reads right, and an input near it that it reads otherwise.

    index     the place of the example in the user's data
    original  the example, floats (d,); ``point`` the input, exactly: floats (d,), or Fractions
    radius    within which it lies, in the ``unit`` that is named; the least of those tried
    label     of the example; ``answer`` the model's label for the input
    scores    exact scores of the model there; ``scores_before`` those of the example
    """

    index: int
    original: np.ndarray
    point: Point
    radius: Fraction
    unit: str
    label: Label
    answer: Label
    scores: Vector
    scores_before: Vector


@dataclass(frozen=True, eq=False)
class Twin:
    """An input near one example with exactly the softmax output of another one.

    index     the place of the example in the user's data, ``of`` that of the other
    original  the example, ``other`` the other one, floats (d,); ``point`` the input, exactly
    radius    within which it lies of the first, in the ``unit`` that is named
    answer    the model's label for input and other; ``answer_before`` that for the first
    scores    exact scores at the input, which differ by one constant from ``other_scores``
    """

    index: int
    of: int
    original: np.ndarray
    other: np.ndarray
    point: Point
    radius: Fraction
    unit: str
    answer: Label
    answer_before: Label
    scores: Vector
    other_scores: Vector


@dataclass(frozen=True)
class Attacked(Result):
    """A result with the adversaries that were found, in the order of the examples."""

    adversaries: tuple[Adversary, ...] = ()


@dataclass(frozen=True)
class Matched(Result):
    """A result with the twins that were found."""

    twins: tuple[Twin, ...] = ()


def rounded(point: Point) -> np.ndarray:
    """Return a point as floats, rounded where they do not hold it."""
    return np.array([float(v) for v in point])


def pictures(
    subject: Subject, titled: Sequence[tuple[str, Sequence[tuple[str, Point]]]], caption: str
) -> tuple[dict[str, Any], ...]:
    """Return figures of images and of what differs between the first and the second of each.

    ``titled`` has for each thing found its name, and images in order, each with its own name.
    """
    if len(subject.image) != 2 or not titled:
        return ()
    shown = titled[:SHOWN]
    data = {"shape": list(subject.image), "unit": "units of the data"}
    beside = [
        {"title": name, "values": rounded(point).tolist()}
        for _, images in shown
        for name, point in images
    ]
    changes = [
        {"title": name, "values": (rounded(images[1][1]) - rounded(images[0][1])).tolist()}
        for name, images in shown
    ]
    return (
        figure(
            "images", "Before and after", f"{caption} Pixels are rounded for drawing.",
            Grade.CERTIFIED, {**data, "items": beside, "diverging": False},
        ),
        figure(
            "images", "What was added",
            "Each input minus its example; the scale of these colours is below them.",
            Grade.CERTIFIED, {**data, "items": changes, "diverging": True},
        ),
    )  # fmt: skip


def changes(
    subject: Subject, titled: Sequence[tuple[str, np.ndarray, Point]]
) -> tuple[dict[str, Any], ...]:
    """Return tables of the features, of more than fit those that change most; none for pictures."""
    if len(subject.image) == 2 or len(subject.X[0]) > 100 * FEATURES:
        return ()
    tables, left = [], len(subject.X[0]) - FEATURES
    note = f" (the {FEATURES} features that change most; {left} left out)" if left > 0 else ""
    for title, original, point in titled[: SHOWN // 2]:
        before, after = original.astype(np.float64), rounded(point)
        order = np.argsort(-np.abs((after - before) / subject.widths), kind="stable")[:FEATURES]
        rows = [
            [subject.feature(int(k)), f"{before[k]:.6g}", f"{after[k]:.6g}",
             f"{after[k] - before[k]:+.3g}"]
            for k in sorted(order.tolist())
        ]  # fmt: skip
        columns: list[tuple[str, str, Grade | None]] = [
            ("feature", "", None), ("before", "units of the data", None),
            ("after", "rounded", Grade.CERTIFIED), ("change", "rounded", Grade.CERTIFIED),
        ]  # fmt: skip
        tables.append(table(f"{title}{note}", columns, rows))
    return tuple(tables)


def save(path: Path | str, adversaries: Sequence[Adversary], shape: tuple[int, ...]) -> None:
    """Write n adversaries as arrays of a .npz file; ``shape`` is that of one example.

    index        int64 (n,), the places of the examples in the user's data
    originals    (n, *shape), the examples, in their own type
    adversaries  float64 (n, *shape), exactly, unless there is ``exact``
    exact        words (n, *shape), the numbers of the adversaries as p/q; only where float64 does
                 not hold them all, and ``adversaries`` are rounded
    radius       words (n,), exact fractions: a tenth is "1/10", which no float is
    unit         words (n,), of the radius
    label        (n,) of the examples, and ``answer`` the model's for the adversaries
    """
    found = list(adversaries)
    size = (len(found), *shape)
    arrays: dict[str, Any] = {
        "index": np.array([a.index for a in found], np.int64),
        "originals": np.array([a.original for a in found]).reshape(size),
        "adversaries": np.array([rounded(a.point) for a in found]).reshape(size),
        "radius": np.array([text(a.radius) for a in found], str),
        "unit": np.array([a.unit for a in found], str),
        "label": np.array([a.label for a in found]),
        "answer": np.array([a.answer for a in found]),
    }
    if any(isinstance(a.point, tuple) for a in found):
        exact = [[text(Fraction(v)) for v in a.point] for a in found]
        arrays["exact"] = np.array(exact, str).reshape(size)
    np.savez(path, **arrays)


def as_table(adversaries: Sequence[Adversary]) -> Any:
    """Return a row for each adversary: a pandas DataFrame where pandas is there, else dicts."""
    rows = [
        {
            "index": a.index, "label": a.label, "answer": a.answer, "radius": float(a.radius),
            "unit": a.unit, "largest change": float(np.abs(rounded(a.point) - a.original).max()),
        }
        for a in adversaries
    ]  # fmt: skip
    try:
        pandas = import_module("pandas")
    except ImportError:
        return rows
    return pandas.DataFrame(rows)
