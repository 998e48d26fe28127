"""What was read of a model against the model itself, run by the library that it is made for."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

import numpy as np
import torch

from certify.errors import InputError, said
from certify.networks.graph import Network
from certify.numbers.rationals import Vector
from verify.models.effort import products
from verify.models.floating import floating
from verify.models.model import Model, Runtime

SLACK = 16  # how many times the rounding that was measured a runtime's own may be
APART = 64  # times as far from its scores as that may be what was read; a wrong reading is farther
WORK = 10**8  # products in all points together, over which there are fewer points
FEWEST, MOST = 16, 200  # examples, and as many points drawn at random
ASKED = 10**10  # products of a runtime, over which it is asked about fewer of the user's examples
SCALES = (0.1, 1.0, 10.0)  # of points drawn at random, when there are no examples
FAR = (10, 1000)  # ranges of the examples, within which some points are drawn
ALONE = 4  # points of each kind that a runtime is given one at a time, too
EXCUSED, COARSE = 0.01, 0.03  # shares of labels that rounding may turn; of types below float32


@dataclass(frozen=True, eq=False)
class Agreement:
    """What comparing a model with its runtime found: the labels are the same.

    runtime   the library that ran the model, "" for a model that none runs
    examples  how many of the user's examples were compared
    drawn     how many points drawn at random in and around their range were
    ties      at how many the labels differ, where two scores of the runtime are within its rounding
    rows      int64 (examples,), the numbers of those examples
    answers   int64 (examples,), the places of the runtime's labels for them in the model's
    """

    runtime: str
    examples: int = 0
    drawn: int = 0
    ties: int = 0
    rows: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))
    answers: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))

    def __str__(self) -> str:
        """Return the sentence of reports."""
        sentence = (
            f"What was read gives the labels of {self.runtime} on {self.examples} examples and "
            f"{self.drawn} random points"
        )
        if self.ties:
            sentence += f", but for {self.ties} with two best scores that its rounding confuses"
        return f"{sentence}."


def compare(
    model: Model, X: np.ndarray | None = None, *, seed: int = 0, given: np.dtype | None = None
) -> Agreement:
    """Make sure that what was read gives the labels of the model's own runtime.

    ``X`` are examples (n, ...) as the model takes them, of the type ``given`` before they became
    floats: the runtime is asked about all of them that it can answer in reasonable time, in that
    type too where it takes it, and about random points in, around and far from their range;
    without examples, about random points around 0. A few points are asked one at a time as well.

    Labels may differ where the runtime's own scores for the two labels are nearer to each other
    than its rounding, and nowhere else. That rounding is measured: it is taken to be at most
    ``SLACK`` times what the layers that were read, evaluated in floating point of the runtime's
    precision, are away from their exact values, and a few units in the last place of the scores;
    for labels chosen after a softmax or sigmoid, which rounds again, of 1. They may differ at few
    points alone: at one, or a share of ``EXCUSED`` of them (``COARSE`` in types of fewer bits than
    float32). Of a model whose rounding decides more labels than that, what is exact says nothing.

    Scores that are to be those of what was read may differ by ``APART`` times as much.

    Raises InputError naming the first point at which they differ otherwise, both labels and the
    runtime's scores, and for a model that its runtime does not run.
    """
    runtime = model.runtime
    if runtime is None:
        return Agreement("")
    asked = _Comparison(model, runtime, given)
    for own, numbers, points in _points(model, X, np.random.default_rng(seed)):
        asked.about(points, numbers, "example" if own else "random point")
    if not asked.compared:
        raise InputError(
            "model", expected=f"finite scores of {runtime.name} at some points", got="none"
        )
    rows, answers = (np.array(found, np.int64) for found in (asked.rows, asked.answers))
    drawn = asked.compared - len(rows)
    return Agreement(runtime.name, len(rows), drawn, len(asked.ties), rows, answers)


def confirm(model: Model, points: Sequence[Any], what: str) -> int:
    """Make sure that a model's runtime gives the labels of what was read at points (n, d), too.

    The points, exact numbers, are rounded to the type that the runtime takes, and decided there.
    Returns at how many the rounding of the runtime decides another label. Raises InputError naming
    the first where they differ beyond rounding; ``what`` they are.
    """
    if model.runtime is None or not len(points):
        return 0
    asked = _Comparison(model, model.runtime, None, limited=False)
    asked.about(_floats(points), np.arange(len(points)), what)
    return len(asked.ties)


def score_gap(model: Model, points: Sequence[Any]) -> tuple[str, float]:
    """Return a floating-point type, and how far scores in it are from the exact ones at most.

    It is the type in which the model's runtime computes, or float32: that of the layers and of the
    points (n, d), exact numbers that are rounded to it first.
    """
    double = model.runtime is not None and model.runtime.unit < np.finfo(np.float32).eps
    kind = torch.float64 if double else torch.float32
    rounded = torch.tensor(_floats(points)).to(kind)
    with torch.no_grad():
        found = floating(model.network, kind)(rounded).double().numpy()
    outputs = model.network.outputs(rounded.double().numpy())
    return str(kind).removeprefix("torch."), float(np.abs(found - _floats(outputs)).max(initial=0))


def _floats(points: Sequence[Any]) -> np.ndarray:
    """Return exact numbers (n, d) as the nearest floats."""
    with np.errstate(over="ignore"):
        return np.array([[_float(x) for x in point] for point in points])


class _Comparison:
    """What was read of a model beside its runtime, point by point.

    ``given`` is the type of the user's own examples; ``limited`` tells whether rounding may decide
    the labels of few points alone, as it may of points that nobody chose for being near a border.
    """

    def __init__(
        self, model: Model, runtime: Runtime, given: np.dtype | None, *, limited: bool = True
    ) -> None:
        self.model, self.runtime, self.given, self.limited = model, runtime, given, limited
        self.index = {label: k for k, label in enumerate(model.labels)}
        self.compared = 0
        self.ties: list[str] = []
        self.rows: list[int] = []
        self.answers: list[int] = []
        self.known: dict[bytes, Vector] = {}  # exact scores by point
        self.measured: float | None = None  # the rounding of these points

    def about(self, points: np.ndarray, numbers: np.ndarray, what: str) -> None:
        """Compare at points (n, d); raises InputError for a label that differs, or too many."""
        own = what == "example"
        self.known.clear()
        self.measured = None
        with np.errstate(over="ignore"):
            held = points.astype(self.runtime.dtype)  # the runtime sees no other points
        kept = np.isfinite(held).all(axis=1)
        if own and not kept.all():
            wanted, got = f"numbers that {self.runtime.dtype} of the model holds", "larger ones"
            raise InputError("X", expected=wanted, got=got, where=f"example {numbers[~kept][0]}")
        points, held, numbers = points[kept], held[kept], numbers[kept]
        if not len(held):
            return
        labels, scores = _answers(self.model, self.runtime, held)
        if scores is not None and not own:
            # Too large a point for the runtime, and one that nobody asked about.
            fine = np.isfinite(scores).all(axis=1)
            labels = [label for label, good in zip(labels, fine, strict=True) if good]
            held, numbers, scores = held[fine], numbers[fine], scores[fine]
        if not len(held):
            return
        before = len(self.ties)
        self._check(held, numbers, what, labels, scores)
        self.compared += len(held)
        if own:
            self.rows += numbers.tolist()
            self.answers += [self.index[label] for label in labels]
        self._few(before, len(held), what)
        some = np.unique(np.linspace(0, len(held) - 1, ALONE).astype(int))
        single = [_answers(self.model, self.runtime, held[k : k + 1]) for k in some]
        table = None if scores is None else np.concatenate([z for _, z in single if z is not None])
        told = [label for found, _ in single for label in found]
        self._check(held[some], numbers[some], f"{what} alone,", told, table, counted=False)
        if own and self.runtime.live and self.given not in (None, self.runtime.dtype):
            self._as_given(points, held, numbers)

    def _as_given(self, points: np.ndarray, held: np.ndarray, numbers: np.ndarray) -> None:
        """Ask the runtime about the examples in their own type, where it takes that."""
        assert self.given is not None
        try:
            labels, scores = _answers(self.model, self.runtime, points.astype(self.given))
        except InputError:
            return  # such as layers of floats, which take no whole numbers
        what = f"as {self.given}, example"
        coarse = float(np.finfo(self.given).eps) if self.given.kind == "f" else 0.0
        if coarse <= self.runtime.unit:
            self._check(held, numbers, what, labels, scores, counted=False)
            return
        # A library that computes in the type of the examples rounds more than in its own.
        other = _Comparison(self.model, replace(self.runtime, unit=coarse), None)
        other._check(held, numbers, what, labels, scores)
        self.ties += other.ties

    def _check(
        self,
        points: np.ndarray,
        numbers: np.ndarray,
        what: str,
        labels: list[Any],
        scores: np.ndarray | None,
        *,
        counted: bool = True,
    ) -> None:
        theirs = [self.index.get(label) for label in labels]
        chosen = self._doubtful(points, theirs)
        for i, exact in zip(chosen, self._exact(points[chosen]), strict=True):
            mine, other = self.model.rule.answer(exact), theirs[i]
            read = np.array([_float(value) for value in exact])
            own = read if scores is None else scores[i]
            apart = self.runtime.logits and self._apart(read, own, points)
            if mine == other and not apart:
                continue
            shown = "" if scores is None else f" with scores {_listed(scores[i])}"
            first = ", ".join(f"{x:.9g}" for x in points[i][:4])
            place = f"{what} {numbers[i]}: {first}{', ...' if points.shape[1] > 4 else ''}"
            if mine == other or other is None or apart or not self._near(own, mine, other, points):
                raise InputError(
                    "model",
                    expected=f"the label {labels[i]!r} that {self.runtime.name} gives{shown}",
                    got=f"{self.model.labels[mine]!r} with scores {_listed(read)} from what was "
                    "read of it, which is therefore not this model",
                    where=place,
                )
            if counted:
                self.ties.append(place)
                if self.limited and len(self.ties) > self._excused(self.compared + len(points)):
                    self._refuse(self.ties[0])

    def _exact(self, points: np.ndarray) -> list[Vector]:
        """Return the exact scores, computed once for each point."""
        keys = [point.tobytes() for point in points]
        new = {key: k for k, key in enumerate(keys) if key not in self.known}
        found = self.model.network.outputs(points[list(new.values())]) if new else []
        self.known.update(zip(new, found, strict=True))
        return [self.known[key] for key in keys]

    def _apart(self, read: np.ndarray, own: np.ndarray, points: np.ndarray) -> bool:
        """Tell whether scores are not the runtime's, by far more than its rounding."""
        gap = float(np.abs(read - own).max(initial=0, where=np.isfinite(own)))
        units = self.runtime.unit * float(np.abs(own).max(initial=0))
        # What has to be measured is only measured where it matters.
        return gap > APART * SLACK * units and gap > APART * SLACK * (
            units + self._rounding(points)
        )

    def _doubtful(self, points: np.ndarray, theirs: list[int | None]) -> list[int]:
        """Return the points to decide exactly: some of many, and all where floats differ."""
        count = _count(self.model.network)
        if len(points) <= count:
            return list(range(len(points)))
        with torch.no_grad():
            read = self.model.in_floats(torch.float64)(torch.tensor(points.astype(np.float64)))
        differ = read.argmax(dim=1).numpy() != np.array([-1 if k is None else k for k in theirs])
        differ[np.linspace(0, len(points) - 1, count).round().astype(int)] = True
        return np.flatnonzero(differ).tolist()

    def _near(self, scores: np.ndarray, mine: int, other: int, points: np.ndarray) -> bool:
        """Tell whether scores are such that rounding may turn one class into another."""
        finite = np.abs(scores[np.isfinite(scores)])
        size = float(finite.max(initial=1.0 if self.runtime.softmax else 0.0))
        away = SLACK * (self._rounding(points) + self.runtime.unit * size)
        return self.model.rule.near(scores, mine, other, away)

    def _rounding(self, points: np.ndarray) -> float:
        """Return how far the layers in floating point are from their exact values, at most."""
        if self.measured is not None:
            return self.measured
        some = points[np.unique(np.linspace(0, len(points) - 1, FEWEST).astype(int))]
        network, outputs = self.model.network, self._exact
        if self.runtime.way is not None:
            network = self.runtime.way()
            outputs = network.outputs
        exact = np.array([[_float(value) for value in z] for z in outputs(some)])
        double = self.runtime.unit < np.finfo(np.float32).eps
        kind = torch.float64 if double else torch.float32
        with torch.no_grad():
            module = floating(network, kind)
            found = module(torch.tensor(some.astype(np.float64)).to(kind))
        gaps = np.abs(found.double().numpy() - exact)
        largest = float(gaps.max(initial=0.0, where=np.isfinite(gaps)))
        self.measured = largest * self.runtime.unit / torch.finfo(kind).eps
        return self.measured

    def _excused(self, count: int) -> int:
        """Return of how many points of so many rounding may decide the labels."""
        coarse = self.runtime.unit > np.finfo(np.float32).eps
        return max(1, int(count * (COARSE if coarse else EXCUSED)))

    def _few(self, before: int, count: int, what: str) -> None:
        """Refuse a model if rounding decides too many labels of these points alone."""
        if self.limited and what == "example" and len(self.ties) - before > self._excused(count):
            self._refuse(self.ties[before])

    def _refuse(self, place: str) -> None:
        raise InputError(
            "model",
            expected=f"a model whose labels {self.runtime.name} does not decide by its rounding",
            got="two best scores nearer to each other than that at more than a few points, where "
            "its labels are not those of exact arithmetic",
            where=place,
        )


def _float(value: Fraction) -> float:
    """Return a score as a float, infinite beyond the largest."""
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def _answers(
    model: Model, runtime: Runtime, points: np.ndarray
) -> tuple[list[Any], np.ndarray | None]:
    try:
        with np.errstate(all="ignore"):
            labels, scores = runtime.answer(points)
    except InputError:
        raise
    except Exception as error:
        raise InputError(
            "model", expected=f"one that {runtime.name} runs", got=said(error)
        ) from None
    if len(labels) != len(points):
        wanted = f"{len(points)} labels of {runtime.name}, one for each point"
        raise InputError("model", expected=wanted, got=f"{len(labels)}")
    shape = (len(points), model.rule.scores(len(model.labels)))
    if scores is not None and scores.shape != shape:
        raise InputError(
            "model", expected=f"scores of {runtime.name} of shape {shape}", got=f"{scores.shape}"
        )
    # NumPy's scalars become Python's: 1, 1.0 and True are one label, as are two kinds of words.
    return [x.item() if hasattr(x, "item") else x for x in labels], scores


def _points(
    model: Model, X: np.ndarray | None, rng: np.random.Generator
) -> Iterator[tuple[bool, np.ndarray, np.ndarray]]:
    """Yield whether points are the user's, their numbers, and the points, flat, by their size."""
    size, count = model.network.inputs, _count(model.network)
    if X is None or not len(X):
        each = -(-count // (len(SCALES) + 1))
        kinds = [rng.random((each, size))] + [s * rng.normal(size=(each, size)) for s in SCALES]
    else:
        flat = np.asarray(X).reshape(len(X), -1).astype(np.float64)
        most = min(len(flat), max(count, ASKED // products(model.network)))
        chosen = np.unique(np.linspace(0, len(flat) - 1, most).round().astype(int))
        yield True, chosen, np.asarray(X).reshape(len(X), -1)[chosen]
        low, high = flat.min(axis=0), flat.max(axis=0)
        wide = high - low
        wide = np.where(wide > 0, wide, wide.max() or max(1.0, float(np.abs(flat).max())))
        each = -(-count // (len(FAR) + 2))
        around = rng.uniform(low - wide / 2, high + wide / 2, (each, size))
        near = flat[rng.integers(len(flat), size=each)] + wide / 10 * rng.normal(size=(each, size))
        far = [rng.uniform(low - k * wide, high + k * wide, (each, size)) for k in FAR]
        kinds = [around, near, *far]
    first = 0
    for points in kinds:
        yield False, np.arange(first, first + len(points)), points
        first += len(points)


def _count(network: Network) -> int:
    """Return how many points are decided exactly."""
    return int(np.clip(WORK // products(network), FEWEST, MOST))


def _listed(scores: np.ndarray) -> str:
    """Return a few scores, the largest of many."""
    if len(scores) <= 6:
        return f"[{', '.join(f'{x:.6g}' for x in scores)}]"
    best = np.argsort(-scores, kind="stable")[:3]
    return ", ".join(f"{scores[k]:.6g} (class {k})" for k in best)
