"""What questions are asked about: one model with examples, or the trained models of a run."""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, partial
from itertools import combinations, count, islice
from random import Random
from typing import Any, TypeVar

import numpy as np
import torch
from torch import nn

from certify.bounds.threads import one_thread
from verify.attack.checkpoints import Checkpoints
from verify.attack.experiment import TransferExperiment
from verify.attack.models import predict
from verify.attack.parallel import run_jobs
from verify.data.digits import Dataset
from verify.evidence.result import Result
from verify.models.model import Model
from verify.questions.units import Units

Part = TypeVar("Part")
Found = TypeVar("Found")

PAIRED = 1797  # as many as digits has
SECONDS = 5.0  # for each example whose label is decided within radii


@dataclass(frozen=True)
class Robust:
    """Radii within which the labels of examples are decided, their units, and the time for each."""

    radii: tuple[Fraction, ...]
    units: Units
    seconds: float = SECONDS


@dataclass(frozen=True)
class Subject:
    """A model and the examples that it is asked about.

    X       float32 or float64 (n, d), flat inputs, as they are given
    y       int64 (n,), indices of the model's logits
    image   the shape of one input, for pictures: (rows, columns), or (d,)
    units   in which radii are given, and the limits of pixels
    radii   of attacks, exactly
    twins   pairs of examples, by their places in X, for which a twin is sought
    rows    int64 (n,), the places of the examples in what the user has
    names   of the features, () where they have none
    robust  within which radii to decide the label, exactly; None where nobody asks
    told    is called with what is asked just now, for progress
    """

    model: Model
    X: np.ndarray
    y: np.ndarray
    image: tuple[int, ...]
    units: Units
    radii: tuple[Fraction, ...]
    twins: tuple[tuple[int, int], ...]
    seed: int
    rows: np.ndarray
    names: tuple[str, ...] = ()
    robust: Robust | None = None
    told: Callable[[str], None] = lambda words: None

    @property
    def box(self) -> bool:
        """Whether the inputs are pixels with limits, between which attacks keep."""
        return self.units.top is not None

    def feature(self, k: int) -> str:
        """Return the name of a feature, or its number."""
        return self.names[k] if self.names else str(k)

    @cached_property
    def widths(self) -> np.ndarray:
        """The ranges of the features over the examples in floats, 1 where they are 0: (d,)."""
        found = self.X.max(axis=0).astype(np.float64) - self.X.min(axis=0)
        return np.where(found > 0, found, 1.0)

    @cached_property
    def precise(self) -> nn.Module:
        """The model in float64, for guesses at weights and inputs of any size."""
        return self.model.in_floats(torch.float64)

    @cached_property
    def answers(self) -> np.ndarray:
        """The answers int64 (n,) of the model on all examples, by float64."""
        with one_thread():
            return predict(self.precise, torch.tensor(self.X.astype(np.float64)))

    def rng(self, *purpose: object) -> np.random.Generator:
        """Return a generator of its own for one purpose, from the seed."""
        return generator(self.seed, *purpose)

    @property
    def classes(self) -> list[int]:
        """The indices of logits whose label occurs among the examples."""
        return [int(k) for k in np.unique(self.y)]


def generator(seed: int, *purpose: object) -> np.random.Generator:
    """Return a generator of its own for one purpose, from a seed."""
    text = f"{seed}/{'/'.join(map(str, purpose))}"
    return np.random.default_rng(Random(text).randrange(2**31))


class Stopped(KeyboardInterrupt):
    """A question that was interrupted, with the ``result`` on what it was answered about."""

    def __init__(self, result: Result | None) -> None:
        super().__init__("interrupted")
        self.result = result


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

    def each(self, stage: str, task: Callable[[Part], Found], parts: Sequence[Part]) -> list[Found]:
        """Return task(part) for each part, computed by the executor, with a stage of progress."""
        report, ended = self.stage(stage), count(1)
        return run_jobs(task, parts, self.executor, lambda _: report(next(ended), len(parts), ""))

    def map(self, task: Callable[..., Found], *arguments: Iterable[Any]) -> list[Found]:
        """Return task(a, b, ...) for the arguments in their order, computed by the executor."""
        parts = list(zip(*arguments, strict=True))
        return run_jobs(partial(_applied, task), parts, self.executor, lambda _: None)

    def seed_for(self, *purpose: object) -> int:
        """Return a seed of its own for one purpose, from the run's seed."""
        return Random(f"{self.seed}/{'/'.join(map(str, purpose))}").randrange(2**31)


def _applied(task: Callable[..., Found], arguments: tuple[Any, ...]) -> Found:
    return task(*arguments)


def pairs_of(
    classes: Sequence[int], preferred: Sequence[tuple[int, int]]
) -> tuple[tuple[int, int], ...]:
    """Return the preferred pairs of classes that are there, and others up to as many.

    >>> pairs_of((0, 1, 2), ((0, 1), (3, 8), (4, 9)))
    ((0, 1), (0, 2), (1, 2))
    """
    there = [pair for pair in preferred if set(pair) <= set(classes)]
    return tuple(islice(dict.fromkeys([*there, *combinations(classes, 2)]), len(preferred)))
