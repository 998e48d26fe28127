"""Models of many kinds, by every route into an audit, against the library that made them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from certify.errors import InputError
from verify.auditing.agreement import compare
from verify.auditing.model import Model

POINTS = 400  # at which each model is compared with its own library
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

    points  (n, ...), as the model takes them
    truth   from points to what its own library answers; None for a model that gives no single
            label, which has to be refused
    """

    name: str
    model: Any
    points: np.ndarray
    truth: Callable[[np.ndarray], Truth] | None


@dataclass(frozen=True)
class Route:
    """A way into an audit.

    read     from a case and an empty folder to what is read; raises InputError for a refusal
    missing  the packages without which the route is left out
    takes    whether a case can go this way at all
    """

    name: str
    read: Callable[[Case, Path], Model]
    missing: tuple[str, ...] = ()
    takes: Callable[[Case], bool] = lambda case: True


class NotMade(Exception):
    """An exporter does not write the file of a model: no answer about it either way."""


def outcome(case: Case, route: Route, folder: Path) -> tuple[str, str]:
    """Return how a case fares on a route, "read", "refused", "wrong" or "-", and details."""
    if not route.takes(case):
        return "-", "no such file"
    try:
        model = route.read(case, folder)
        compare(model, case.points)  # as an audit does
    except NotMade as error:
        return "-", f"not exported: {error}"
    except InputError as error:
        return "refused", str(error)
    if case.truth is None:
        return "wrong", "read, although the model gives no single label"
    truth = case.truth(case.points)
    exact = model.network.outputs(case.points.reshape(len(case.points), -1))
    classes = [max(range(len(z)), key=z.__getitem__) for z in exact]
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
        return "wrong", f"{found['wrong']} of {len(classes)} labels"
    return "read", f"{found['tied']} within rounding" if found["tied"] else ""


def _tied(truth: Truth, row: int, mine: int, other: int) -> bool:
    assert truth.scores is not None
    scores = truth.scores[row]
    size = float(np.abs(scores[np.isfinite(scores)]).max(initial=1.0))
    return bool(abs(scores[mine] - scores[other]) <= CLOSE * truth.unit * size)
