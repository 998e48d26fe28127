"""Models of many kinds, by every route into an audit, against the library that made them."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from certify.errors import InputError
from certify.numbers.rationals import Vector
from verify.models.agreement import compare
from verify.models.model import Model

POINTS = 400  # at which each model is compared with its own library
FILE_POINTS = 100  # for files of a folder
NUMBERS = 1e-3  # of the largest number, how far outputs that are no scores may be from exact ones
CLOSE = 64  # rounding units by which two scores may lie apart and still be one


@dataclass(frozen=True)
class Truth:
    """What a model's own library answers.

    labels  one for each point
    scores  (n, classes) with which to tell ties, in the order of labels 0, 1, ...; None for none
    unit    the distance of 1 from the next number of the type in which it computes
    """

    labels: np.ndarray
    scores: np.ndarray | None = None
    unit: float = 2.0**-23


@dataclass(frozen=True)
class Case:
    """One model of the sweep.

    points  (n, ...), as the model takes them; None where they are drawn once it is read
    truth   from points to what its own library answers; None for a model that gives no single
            label, which has to be refused
    """

    name: str
    model: Any
    points: np.ndarray | None
    truth: Callable[[np.ndarray], Truth] | None


@dataclass(frozen=True)
class Route:
    """A way into an audit.

    read     from a case and an empty folder to what is read; raises InputError for a refusal
    missing  the packages without which the route is left out
    takes    whether a case can go this way at all
    truth    what the file in that folder answers, where another library runs it than the case's
    """

    name: str
    read: Callable[[Case, Path], Model]
    missing: tuple[str, ...] = ()
    takes: Callable[[Case], bool] = lambda case: True
    truth: Callable[[Case, Path, np.ndarray], Truth] | None = None


@dataclass(frozen=True)
class Outcome:
    """How a case fares on a route: "read", "refused", "wrong" or "-", ties, and details.

    ``gap`` is the largest difference of a score from the runtime's, in shares of its largest, where
    its scores are those of the network.
    """

    cell: str
    note: str = ""
    ties: int = 0
    gap: float | None = None

    def __str__(self) -> str:
        """Return the cell of a table."""
        tied = f", {self.ties} tied" if self.ties else ""
        return (
            self.cell + tied + (f", scores within {self.gap:.0e}" if self.gap is not None else "")
        )


class NotMade(Exception):
    """An exporter does not write the file of a model: no answer about it either way."""


def outcome(case: Case, route: Route, folder: Path) -> Outcome:
    """Return how a case fares on a route."""
    if not route.takes(case):
        return Outcome("-", "no such file")
    try:
        model = route.read(case, folder)
        compare(model, case.points)  # as an audit does
    except NotMade as error:
        return Outcome("-", f"not exported: {error}")
    except InputError as error:
        return Outcome("refused", str(error))
    points = _drawn(model) if case.points is None else case.points
    if model.numbers:
        gap = _gap(model, points, model.network.outputs(points.reshape(len(points), -1)))
        wrong = gap is None or not gap < NUMBERS
        return Outcome("wrong" if wrong else "read", f"no classifier: {model.numbers}", gap=gap)
    if route.truth is not None:
        truth = route.truth(case, folder, points)
    elif case.truth is not None:
        truth = case.truth(points)
    else:
        return Outcome("wrong", "read, although the model gives no single label")
    exact = model.network.outputs(points.reshape(len(points), -1))
    classes = [model.rule.answer(z) for z in exact]
    index = {label: k for k, label in enumerate(model.labels)}
    found: Counter[str] = Counter()
    for row, (mine, label) in enumerate(zip(classes, truth.labels.tolist(), strict=True)):
        other = index.get(label, -1)
        if mine == other:
            found["same"] += 1
        elif truth.scores is not None and other >= 0 and _tied(truth, row, mine, other):
            found["tied"] += 1
        else:
            found["wrong"] += 1
    if found["wrong"]:
        return Outcome("wrong", f"{found['wrong']} of {len(classes)} labels")
    return Outcome("read", ties=found["tied"], gap=_gap(model, points, exact))


def _gap(model: Model, points: np.ndarray, exact: list[Vector]) -> float | None:
    """Return how far the runtime's scores are from the exact ones, None where it has others."""
    if model.runtime is None or not model.runtime.logits:
        return None
    flat = points.reshape(len(points), -1).astype(model.runtime.dtype)
    _, scores = model.runtime.answer(flat)
    if scores is None:
        return None
    gaps = np.abs(np.array([[float(v) for v in z] for z in exact]) - scores)
    return float((gaps.max(axis=1) / np.maximum(np.abs(scores).max(axis=1), 1e-30)).max())


def _drawn(model: Model) -> np.ndarray:
    """Return random points, half in the unit cube and half around 0, as float32 holds them."""
    rng, size = np.random.default_rng(0), (FILE_POINTS // 2, model.network.inputs)
    points = np.vstack([rng.random(size), rng.normal(size=size)])
    return points.astype(np.float32).astype(np.float64)


def _tied(truth: Truth, row: int, mine: int, other: int) -> bool:
    assert truth.scores is not None
    scores = truth.scores[row]
    size = float(np.abs(scores[np.isfinite(scores)]).max(initial=1.0))
    return bool(abs(scores[mine] - scores[other]) <= CLOSE * truth.unit * size)
