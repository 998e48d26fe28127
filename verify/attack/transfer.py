"""How attacks made against one classifier fare against the others.

Charles, Rosenberg and Papailiopoulos (2019), Section 7 and Figure 4.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace

import numpy as np
from torch import Tensor

from certify.bounds.threads import one_thread
from certify.errors import InputError
from verify.attack.checkpoints import Checkpoints
from verify.attack.models import Classifier, predict, resolve_device
from verify.attack.parallel import run_jobs
from verify.attack.projected_gradient import (
    Attack,
    Loss,
    NoiseLaw,
    adversaries,
    random_perturbations,
)
from verify.attack.universal import UniversalDirections, universal_perturbations
from verify.data.checks import check_whole
from verify.data.digits import Dataset

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
    """How all targets answer on the adversaries of all sources.

    targets   classifier names, in order
    families  the targets' families, "svm" or "network"
    extras    the sources that are no classifiers: random noise and universal directions
    radii     the attack's radii
    examples  how many examples were attacked
    clean     int64 (target,): how many of them the target gets right unperturbed
    correct   int64 (source, target, radius): how many it still gets right; the sources are the
              targets in their order, then the extras
    kept      the same, of those that it gets right unperturbed
    fooled    int64 (source, target, radius): how many fool the source itself and the target, and
    agreed    to how many of these both give the same wrong label; 0 for extras, which give none
    """

    targets: tuple[str, ...]
    families: tuple[str, ...]
    extras: tuple[str, ...]
    radii: tuple[float, ...]
    examples: int
    clean: np.ndarray
    correct: np.ndarray
    kept: np.ndarray
    fooled: np.ndarray
    agreed: np.ndarray

    def __post_init__(self) -> None:
        count = len(self.targets)
        expected = (count + len(self.extras), count, len(self.radii))
        arrays = ("correct", "kept", "fooled", "agreed")
        shapes = {name: getattr(self, name).shape for name in arrays}
        wrong = [name for name, shape in shapes.items() if shape != expected]
        if wrong or len(self.families) != count or self.clean.shape != (count,):
            name = wrong[0] if wrong else "clean"
            wanted = f"shape {expected} and as many families and clean counts as targets"
            got = f"{getattr(self, name).shape} and {len(self.families)} families"
            raise InputError(name, expected=wanted, got=got)

    @property
    def sources(self) -> tuple[str, ...]:
        """The names along the first axis: every target, then the extras."""
        return (*self.targets, *self.extras)

    @property
    def accuracy(self) -> np.ndarray:
        """The accuracies float64 (source, target, radius), of all examples."""
        return self.correct / np.float64(self.examples)

    @property
    def kept_accuracy(self) -> np.ndarray:
        """The same, of the examples that the target gets right unperturbed."""
        return np.asarray(self.kept / np.maximum(self.clean, 1)[None, :, None])

    @property
    def same_mistakes(self) -> np.ndarray:
        """The share of adversaries fooling source and target to which both give one label.

        float64 (source, target, radius), NaN where no adversary fools both.
        """
        share = np.where(self.fooled > 0, self.agreed, np.nan) / np.maximum(self.fooled, 1)
        return np.asarray(share)

    def averages(
        self, *, include_self: bool = False, kept: bool = False
    ) -> dict[tuple[str, str], Average]:
        """Return the curves of Figure 4 by (target family, source family or extra).

        A target's accuracy on a family is over all adversaries from that family's sources; its own
        adversaries count only with `include_self`, and with `kept` only the examples that the
        target gets right unperturbed. Mean, minimum and maximum run over the targets. Raises
        InputError when a target is left without a source of its own family.
        """
        curves = self._curves(include_self, kept)
        return {
            pair: Average(np.mean(rows, axis=0), np.min(rows, axis=0), np.max(rows, axis=0))
            for pair, rows in curves.items()
        }

    def intervals(
        self, seed: int, *, draws: int = 1000, level: float = 0.95
    ) -> dict[tuple[str, str], tuple[np.ndarray, np.ndarray]]:
        """Return bootstrap intervals of the means in `averages`, by target and source.

        Targets are drawn anew with replacement, so an interval speaks of other models trained in
        the same way, on the same examples: ends float64 (radius,), percentiles of the draws.
        """
        generator = np.random.default_rng(check_whole("seed", seed))
        result = {}
        for pair, rows in self._curves(False, False).items():
            chosen = generator.integers(0, len(rows), (draws, len(rows)))
            means = np.stack(rows)[chosen].mean(axis=1)
            low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2], axis=0)
            result[pair] = (low, high)
        return result

    def _curves(self, include_self: bool, kept: bool) -> dict[tuple[str, str], list[np.ndarray]]:
        """Return one accuracy curve (radius,) for each target, by target and source family."""
        accuracy = self.kept_accuracy if kept else self.accuracy
        kinds = np.array((*self.families, *self.extras))
        result: dict[tuple[str, str], list[np.ndarray]] = {}
        for target_family in dict.fromkeys(self.families):
            for source_family in (*dict.fromkeys(self.families), *self.extras):
                rows = result[target_family, source_family] = []
                for target in np.flatnonzero(kinds == target_family):
                    sources = np.flatnonzero(kinds == source_family)
                    if not include_self:
                        sources = sources[sources != target]
                    if len(sources) == 0:
                        wanted = f"two classifiers of family {target_family}, or include_self"
                        raise InputError("families", expected=wanted, got="one")
                    rows.append(accuracy[sources, target].mean(axis=0))
        return result


@dataclass(frozen=True, eq=False)
class _Job:
    source: Classifier | UniversalDirections | None
    targets: tuple[Classifier, ...]
    clean: tuple[np.ndarray, ...]  # for each target: which examples it gets right unperturbed
    examples: Dataset
    attack: Attack
    noise: NoiseLaw
    seed: int
    device: str
    keep: Checkpoints | None


def perturbed(
    source: Classifier | UniversalDirections | None,
    images: np.ndarray,
    labels: np.ndarray,
    attack: Attack,
    seed: int,
    *,
    noise: NoiseLaw = "uniform",
    device: str = "cpu",
) -> Tensor:
    """Return images (n, d) perturbed by a classifier's attack, by directions, or by noise (None).

    float32 (radius, n, d). The seed decides noise and random starts. All three keep to the balls,
    and to [0, 1] if the attack does: curves of one figure speak of one domain.
    """
    if source is None:
        return random_perturbations(images, attack.radii, seed, noise, box=attack.box)
    if isinstance(source, UniversalDirections):
        return universal_perturbations(source, images, labels, attack.radii, box=attack.box)
    return adversaries(source.module(device), images, labels, attack, seed=seed)


def _counts(job: _Job) -> np.ndarray:
    if job.keep is None:
        return _count(job)
    name = RANDOM if job.source is None else job.source.name
    kept = job.keep.cached(f"source {name}", lambda: {"counts": _count(job)})
    return np.asarray(kept["counts"])


def _count(job: _Job) -> np.ndarray:
    """Return int64 (4, target, radius): correct, kept, fooled and agreed for one source.

    Perturbed images live only here: they are made, shown to every target and forgotten.
    """
    images, labels = job.examples.images, job.examples.labels
    with one_thread():
        moved = perturbed(
            job.source, images, labels, job.attack, job.seed, noise=job.noise, device=job.device
        )
        # All radii together make few, large batches; on a GPU they are moved there once.
        flat = moved.reshape(-1, moved.shape[2]).to(resolve_device(job.device))

        def answers(classifier: Classifier) -> np.ndarray:
            return predict(classifier.module(job.device), flat).reshape(len(moved), -1)

        own = answers(job.source) if isinstance(job.source, Classifier) else None
        counts = []
        for target, clean in zip(job.targets, job.clean, strict=True):
            found = answers(target)
            right = found == labels
            both = np.zeros_like(right) if own is None else ~right & (own != labels)
            same = both if own is None else both & (own == found)
            counts.append([part.sum(axis=1) for part in (right, right & clean, both, same)])
    return np.array(counts, dtype=np.int64).transpose(1, 0, 2)


def transfer_accuracy(
    classifiers: Sequence[Classifier],
    examples: Dataset,
    attack: Attack,
    seed: int,
    *,
    svm_loss: Loss = "cross-entropy",
    noise: NoiseLaw = "uniform",
    universal: Sequence[UniversalDirections] = (),
    device: str = "cpu",
    executor: Executor | None = None,
    finished: Callable[[int], None] = lambda index: None,
    keep: Checkpoints | None = None,
) -> Transfer:
    """Attack the examples from every classifier, add noise and directions, test all classifiers.

    The seed decides noise and random starts. One job per source goes to the executor, and
    `finished` gets the index of each source as it ends: classifiers, random noise, universal
    directions. What `keep` has of an interrupted run is not made again. On the
    CPU the counts are the same at any number of workers. Raises InputError without classifiers or
    when two of them share a name.
    """
    targets = tuple(classifiers)
    if not targets:
        raise InputError("classifiers", expected="at least one classifier", got="none")
    if len({target.name for target in targets}) < len(targets):
        raise InputError(
            "classifiers", expected="different names", got=f"{[target.name for target in targets]}"
        )
    with one_thread():
        clean = tuple(
            predict(t.module(device), examples.images) == examples.labels for t in targets
        )
    jobs = [
        _Job(
            source, targets, clean, examples,
            replace(attack, loss=svm_loss) if getattr(source, "family", "") == "svm" else attack,
            noise, seed, device, keep,
        )
        for source in (*targets, None, *universal)
    ]  # fmt: skip
    counts = run_jobs(_counts, jobs, executor, finished)
    correct, kept, fooled, agreed = np.stack(counts, axis=1)
    return Transfer(
        targets=tuple(target.name for target in targets),
        families=tuple(target.family for target in targets),
        extras=(RANDOM, *(source.name for source in universal)),
        radii=attack.radii,
        examples=len(examples),
        clean=np.array([right.sum() for right in clean], dtype=np.int64),
        correct=correct,
        kept=kept,
        fooled=fooled,
        agreed=agreed,
    )
