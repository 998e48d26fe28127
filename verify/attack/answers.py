"""The labels that all classifiers give to the adversaries of all sources.

Charles, Rosenberg and Papailiopoulos (2019), Section 7. This is the whole experiment but for the
averages: every label is kept, in one byte, so that accuracies, intervals and decisions are made
from them afterwards, and made again otherwise without another attack.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from typing import Literal, get_args

import numpy as np
import torch
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
"""The kind of source that is no classifier: random perturbations."""

PART = 250
"""Images that are attacked at a time, and lost of a source when the run is killed."""

Draws = Literal["once", "source", "radius"]


@dataclass(frozen=True, eq=False)
class Attacker:
    """A source of perturbed images: a classifier's attack, universal directions, or noise (None).

    ``kind`` is a classifier's family, RANDOM, or the name of the directions.
    """

    name: str
    kind: str
    by: Classifier | UniversalDirections | None


@dataclass(frozen=True, eq=False)
class Answers:
    """The labels that all targets give to the adversaries of one source.

    examples  int32 (radius, n), or (1, n) when all radii have the same: which of the test images
    labels    unsigned (target, radius, n), in as few bytes as the classes need
    places    int32 (m, 2), of the adversaries drawn to be kept: the radius' index, and which of n
    kept      float32 (m, d): these adversaries
    """

    examples: np.ndarray
    labels: np.ndarray
    places: np.ndarray
    kept: np.ndarray

    @classmethod
    def joined(cls, parts: "Sequence[Answers]") -> "Answers":
        """Return the answers on one source's parts as one."""
        starts = np.cumsum([0, *(part.labels.shape[2] for part in parts)])
        moved = [
            part.places + np.array([0, start], dtype=np.int32)
            for part, start in zip(parts, starts, strict=False)
        ]
        return cls(
            np.concatenate([part.examples for part in parts], axis=1),
            np.concatenate([part.labels for part in parts], axis=2),
            np.concatenate(moved),
            np.concatenate([part.kept for part in parts]),
        )


def label_type(data: Dataset) -> np.dtype:
    """Return the shortest type for the labels of the data, and one more for all other labels."""
    return np.min_scalar_type(len(data.classes))


def draw_examples(
    test_size: int, count: int, draws: Draws, seed: int, sources: int, radii: int
) -> list[np.ndarray]:
    """Return which test images each source attacks, without repetition: int32 (1 or radius, count).

    With ``draws`` "once" they are the same for all sources and radii, with "source" each source
    draws anew, with "radius" each source does for each radius.
    """
    if draws not in get_args(Draws):
        raise InputError("draws", expected=" or ".join(get_args(Draws)), got=repr(draws))
    if check_whole("examples", count, 1) > test_size:
        raise InputError("examples", expected=f"at most {test_size}, the test part", got=f"{count}")

    def drawn(*path: int) -> np.ndarray:
        rng = np.random.default_rng([seed, *path])
        return rng.permutation(test_size)[:count].astype(np.int32)

    if draws == "radius":
        return [np.stack([drawn(i, k) for k in range(radii)]) for i in range(sources)]
    return [drawn(*([i] if draws == "source" else []))[None] for i in range(sources)]


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


@dataclass(frozen=True, eq=False)
class _Job:
    source: Attacker
    targets: tuple[Classifier, ...]
    test: Dataset
    examples: np.ndarray
    attack: Attack
    noise: NoiseLaw
    share: float
    seed: int
    device: str
    keep: Checkpoints | None


def _answers(job: _Job) -> Answers:
    """Return all targets' labels, part by part; what is kept of a part is not made again."""
    parts = []
    for start in range(0, job.examples.shape[1], PART):
        part = replace(job, examples=job.examples[:, start : start + PART])

        def make(part: _Job = part, start: int = start) -> dict[str, np.ndarray]:
            return vars(_part(part, start))

        if job.keep is None:
            arrays = make()
        else:
            arrays = job.keep.cached(f"source {job.source.name} from {start}", make)
        parts.append(Answers(**arrays))
    return Answers.joined(parts)


def _part(job: _Job, start: int) -> Answers:
    """Return the labels of one part, which begins at the example ``start`` of the source's.

    Perturbed images live only here: they are made, shown to every target, and but for a random
    share forgotten.
    """
    with one_thread():
        moved = _moved(job, start)
        # All radii together make few, large batches; on a GPU they are moved there once.
        flat = moved.reshape(-1, moved.shape[2]).to(resolve_device(job.device))
        kind = label_type(job.test)
        found = [predict(target.module(job.device), flat) for target in job.targets]
        labels = np.array(found).astype(kind).reshape(len(found), *moved.shape[:2])
        rng = np.random.default_rng([job.seed, start, 1])
        count = int(np.ceil(job.share * len(flat)))
        chosen = np.sort(rng.permutation(len(flat))[:count])
        kept = flat[torch.tensor(chosen, device=flat.device)].cpu().numpy()
    places = np.stack(np.unravel_index(chosen, moved.shape[:2]), axis=1).astype(np.int32)
    return Answers(job.examples, labels, places, kept)


def _moved(job: _Job, start: int) -> Tensor:
    """Return the perturbed images float32 (radius, n, d)."""
    together = len(job.examples) == 1

    def moved(k: int) -> Tensor:
        rows, radii = job.examples[k], job.attack.radii
        attack = replace(job.attack, radii=radii if together else radii[k : k + 1])
        # No two parts, nor two radii with examples of their own, share noise.
        seed = int(np.random.SeedSequence([job.seed, start, 0, k]).generate_state(1)[0])
        images, labels = job.test.images[rows], job.test.labels[rows]
        return perturbed(
            job.source.by, images, labels, attack, seed, noise=job.noise, device=job.device
        )

    return torch.cat([moved(k) for k in range(len(job.examples))])


def find_answers(
    classifiers: Sequence[Classifier],
    sources: Sequence[Attacker],
    test: Dataset,
    examples: Sequence[np.ndarray],
    attack: Attack,
    seed: int,
    *,
    share: float = 0.0,
    svm_loss: Loss = "cross-entropy",
    noise: NoiseLaw = "uniform",
    device: str = "cpu",
    executor: Executor | None = None,
    finished: Callable[[int], None] = lambda index: None,
    keep: Checkpoints | None = None,
) -> tuple[Answers, ...]:
    """Attack test images from every source, and return all classifiers' labels.

    ``examples`` are those of each source, as `draw_examples` returns them. A random ``share`` of
    the adversaries is returned as well. The seed decides it, noise and random starts. One job per
    source goes to the executor, and `finished` gets the index of each source as it ends. What
    `keep` has of an interrupted run is not made again. On the CPU the labels are the same at any
    number of workers. Raises InputError when two classifiers, or two sources, share a name.
    """
    targets = tuple(classifiers)
    if not targets:
        raise InputError("classifiers", expected="at least one classifier", got="none")
    for argument, names in (
        ("classifiers", [target.name for target in targets]),
        ("sources", [source.name for source in sources]),
    ):
        if len(set(names)) < len(names):
            raise InputError(argument, expected="different names", got=f"{names}")
    check_whole("seed", seed)
    jobs = [
        _Job(
            source, targets, test, rows,
            replace(attack, loss=svm_loss) if source.kind == "svm" else attack,
            noise, share, int(np.random.SeedSequence([seed, index]).generate_state(1)[0]),
            device, keep,
        )
        for index, (source, rows) in enumerate(zip(sources, examples, strict=True))
    ]  # fmt: skip
    return tuple(run_jobs(_answers, jobs, executor, finished))
