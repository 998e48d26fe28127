"""How attacks made against one classifier fare against the others.

Charles, Rosenberg and Papailiopoulos (2019), Section 7 and Figure 4.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass

import numpy as np

from certify.errors import InputError
from verify.attack.data import Dataset
from verify.attack.models import Classifier, count_correct
from verify.attack.parallel import one_thread, run_jobs
from verify.attack.projected_gradient import Attack, adversaries, random_perturbations

RANDOM = "random"
"""Name and family of the source that is no classifier: random perturbations."""


@dataclass(frozen=True, eq=False)
class Average:
    """Accuracy per radius, (radius,) each: mean, least and greatest over target classifiers."""

    mean: np.ndarray
    minimum: np.ndarray
    maximum: np.ndarray


@dataclass(frozen=True, eq=False)
class Transfer:
    """Accuracies of all targets on the adversaries of all sources.

    targets   classifier names, in order; the sources are the same names followed by "random"
    families  the targets' families, "svm" or "network"
    radii     the attack's radii
    examples  how many examples were attacked
    correct   int64 (source, target, radius): how many of them the target still got right
    """

    targets: tuple[str, ...]
    families: tuple[str, ...]
    radii: tuple[float, ...]
    examples: int
    correct: np.ndarray

    def __post_init__(self) -> None:
        expected = (len(self.targets) + 1, len(self.targets), len(self.radii))
        if self.correct.shape != expected or len(self.families) != len(self.targets):
            raise InputError(
                "correct",
                expected=f"shape {expected} and as many families as targets",
                got=f"{self.correct.shape} and {len(self.families)} families",
            )

    @property
    def sources(self) -> tuple[str, ...]:
        """The names along the first axis: every target, then "random"."""
        return (*self.targets, RANDOM)

    @property
    def accuracy(self) -> np.ndarray:
        """The accuracies float64 (source, target, radius)."""
        return self.correct / np.float64(self.examples)

    def averages(self, *, include_self: bool = False) -> dict[tuple[str, str], Average]:
        """Return the curves of Figure 4 by (target family, source family).

        A target's accuracy on a family is over all adversaries from that family's sources; its own
        adversaries count only with `include_self`. Mean, minimum and maximum run over the targets.
        Raises InputError when a target is left without a source of its own family.
        """
        accuracy = self.accuracy
        kinds = np.array((*self.families, RANDOM))
        result = {}
        for target_family in dict.fromkeys(self.families):
            for source_family in (*dict.fromkeys(self.families), RANDOM):
                rows = []
                for target in np.flatnonzero(kinds == target_family):
                    sources = np.flatnonzero(kinds == source_family)
                    if not include_self:
                        sources = sources[sources != target]
                    if len(sources) == 0:
                        raise InputError(
                            "families",
                            expected=f"two classifiers of family {target_family}, or include_self",
                            got="one",
                        )
                    rows.append(accuracy[sources, target].mean(axis=0))
                result[target_family, source_family] = Average(
                    np.mean(rows, axis=0), np.min(rows, axis=0), np.max(rows, axis=0)
                )
        return result


@dataclass(frozen=True, eq=False)
class _Job:
    source: Classifier | None
    targets: tuple[Classifier, ...]
    examples: Dataset
    attack: Attack
    seed: int
    device: str


def _correct_counts(job: _Job) -> np.ndarray:
    """Return int64 (target, radius): right answers on the adversaries of one source."""
    images, labels = job.examples.images, job.examples.labels
    with one_thread():
        if job.source is None:
            moved = random_perturbations(images, job.attack.radii, job.seed)
        else:
            moved = adversaries(job.source.module(job.device), images, labels, job.attack)
        models = [target.module(job.device) for target in job.targets]
        counts = [[count_correct(model, points, labels) for points in moved] for model in models]
    return np.array(counts, dtype=np.int64)


def transfer_accuracy(
    classifiers: Sequence[Classifier],
    examples: Dataset,
    attack: Attack,
    seed: int,
    *,
    device: str = "cpu",
    executor: Executor | None = None,
    finished: Callable[[int], None] = lambda index: None,
) -> Transfer:
    """Attack the examples from every classifier, add random noise, and test all classifiers.

    The seed decides the random perturbations; the attacks draw nothing. One job per source goes to
    the executor, and `finished` gets the index of each source as it ends (the last is random). On
    the CPU the counts are the same at any number of workers.
    """
    targets = tuple(classifiers)
    if not targets:
        raise InputError("classifiers", expected="at least one classifier", got="none")
    if len({target.name for target in targets}) < len(targets):
        raise InputError(
            "classifiers", expected="different names", got=f"{[target.name for target in targets]}"
        )
    jobs = [_Job(source, targets, examples, attack, seed, device) for source in (*targets, None)]
    counts = run_jobs(_correct_counts, jobs, executor, finished)
    return Transfer(
        targets=tuple(target.name for target in targets),
        families=tuple(target.family for target in targets),
        radii=attack.radii,
        examples=len(examples),
        correct=np.stack(counts),
    )
