"""The transfer experiment of Charles, Rosenberg and Papailiopoulos (2019), Section 7, end to end.

Differences from the paper: the attacked examples are the same for every source; there is one
random perturbation per example and radius; the sizes are the preset's.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass

import numpy as np

from certify.errors import InputError
from verify.attack.checks import check_whole
from verify.attack.data import Dataset
from verify.attack.models import Classifier, Family, count_correct
from verify.attack.parallel import one_thread, run_jobs
from verify.attack.presets import Preset
from verify.attack.training import train_network, train_svm
from verify.attack.transfer import Transfer, transfer_accuracy

FAMILIES: tuple[Family, ...] = ("svm", "network")


@dataclass(frozen=True, eq=False)
class TransferExperiment:
    """What the experiment measured, of grade float, with what is needed to decide it again.

    dataset_sha256  of the whole data set
    classifiers     the trained weights: machines, then networks
    test_correct    int64 (target,): right answers on the unperturbed test part
    test_size       images in the test part
    examples        the test images that were attacked
    transfer        the accuracies under attack; `transfer.averages()` gives Figure 4
    """

    preset: Preset
    seed: int
    dataset: str
    dataset_sha256: str
    classifiers: tuple[Classifier, ...]
    test_correct: np.ndarray
    test_size: int
    examples: Dataset
    transfer: Transfer

    @property
    def test_accuracy(self) -> dict[str, float]:
        """Accuracy on the test part, by classifier name."""
        return {
            classifier.name: int(correct) / self.test_size
            for classifier, correct in zip(self.classifiers, self.test_correct, strict=True)
        }


@dataclass(frozen=True, eq=False)
class _Training:
    name: str
    family: Family
    subset: Dataset
    test: Dataset
    preset: Preset
    seed: int
    device: str


def _train(job: _Training) -> tuple[Classifier, int]:
    """Return the trained classifier and its right answers on the test part."""
    with one_thread():
        if job.family == "svm":
            weights, bias = train_svm(job.subset, job.seed, job.preset.C)
            classifier = Classifier.of_svm(job.name, weights, bias)
        else:
            network = train_network(
                job.subset, job.preset.widths, job.preset.epochs, job.seed, device=job.device
            )
            classifier = Classifier.of_network(job.name, network)
        model = classifier.module(job.device)
        return classifier, count_correct(model, job.test.images, job.test.labels)


def _derived_seed(seed: int, *path: int) -> int:
    """Return a 32-bit seed for one random choice of the experiment, independent of the others."""
    return int(np.random.SeedSequence([seed, *path]).generate_state(1)[0])


def _check_fit(preset: Preset, dataset: Dataset) -> None:
    pixels = dataset.images.shape[1]
    expected = (pixels, len(dataset.classes))
    if (preset.widths[0], preset.widths[-1]) != expected:
        raise InputError(
            "preset.widths",
            expected=f"{pixels} pixels first and {expected[1]} classes last, as in {dataset.name}",
            got=f"{preset.widths}",
        )


def run_transfer(
    preset: Preset,
    dataset: Dataset,
    seed: int,
    *,
    device: str = "cpu",
    executor: Executor | None = None,
    progress: Callable[[int, int, str], None] | None = None,
) -> TransferExperiment:
    """Train machines and networks on random subsets, attack them all, and test them all.

    Jobs, one per training and one per source of perturbations, go to the executor when there is
    one. On the CPU every number of the result depends on (preset, dataset, seed) alone, not on
    the number of workers. `progress` is called in this process as progress(done, total, label)
    after each job. Raises InputError when the preset does not fit the data.
    """
    check_whole("seed", seed)
    _check_fit(preset, dataset)
    train, test = dataset.split(preset.test_fraction, _derived_seed(seed, 0))
    examples = test.random_subset(preset.examples, _derived_seed(seed, 1))
    trainings = [
        _Training(
            name=f"{family}-{index}",
            family=family,
            subset=train.random_subset(preset.subset_size, _derived_seed(seed, 2, kind, index)),
            test=test,
            preset=preset,
            seed=_derived_seed(seed, 3, kind, index),
            device=device,
        )
        for kind, family in enumerate(FAMILIES)
        for index in range(preset.subsets)
    ]
    sources = [*(job.name for job in trainings), "random noise"]
    total = len(trainings) + len(sources)
    done = 0

    def report(label: str) -> None:
        nonlocal done
        done += 1
        if progress is not None:
            progress(done, total, label)

    trained = run_jobs(
        _train, trainings, executor, lambda i: report(f"trained {trainings[i].name}")
    )
    classifiers = tuple(classifier for classifier, _ in trained)
    transfer = transfer_accuracy(
        classifiers,
        examples,
        preset.attack,
        _derived_seed(seed, 4),
        device=device,
        executor=executor,
        finished=lambda i: report(f"perturbed by {sources[i]}"),
    )
    return TransferExperiment(
        preset=preset,
        seed=seed,
        dataset=dataset.name,
        dataset_sha256=dataset.sha256,
        classifiers=classifiers,
        test_correct=np.array([correct for _, correct in trained], dtype=np.int64),
        test_size=len(test),
        examples=examples,
        transfer=transfer,
    )
