"""The transfer experiment of Charles, Rosenberg and Papailiopoulos (2019), Section 7, end to end.

Universal directions, which the paper's theorems speak of, attack as well; all else is as there,
at the preset's sizes and with its choices.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any, NoReturn

import numpy as np

from certify.bounds.threads import one_thread
from certify.errors import InputError
from verify.attack.answers import RANDOM, Attacker, draw_examples, find_answers, label_type
from verify.attack.checkpoints import Checkpoints
from verify.attack.models import Classifier, Family, Given, predict
from verify.attack.parallel import run_jobs
from verify.attack.presets import Preset
from verify.attack.training import check_pictures, train_model, train_svm
from verify.attack.transfer import Transfer
from verify.attack.universal import (
    UniversalDirections,
    margin_directions,
    mean_differences,
    mean_perturbations,
)
from verify.data.checks import check_whole
from verify.data.digits import Dataset

FAMILIES: tuple[Family, ...] = ("svm", "network")
UNIVERSAL = ("class means", "max margin", "mean perturbation")  # in the order of their making


def own_names(preset: Preset) -> list[str]:
    """Return the names of all sources but the user's models, which need others."""
    numbered = [f"{kind}-{i}" for kind in (*FAMILIES, RANDOM) for i in range(preset.subsets)]
    return [*numbered, *UNIVERSAL]


@dataclass(frozen=True, eq=False)
class TransferExperiment:
    """What the experiment measured, of grade float, with what is needed to decide it again.

    dataset_sha256  of the whole data set
    classifiers     the trained weights: machines, then networks
    train           the training part, of which each classifier saw a random subset
    test            the test part, of which each source attacks a random subset
    examples        a random subset of it for whatever else is asked of the trained models
    universal       directions that attack with an image's class alone
    transfer        the accuracies under attack; `transfer.averages()` gives Figure 4
    everything      the same with the user's own models as sources and targets, behind the others
    test_rows       int64 (test,): the places of the test part in the data, or in its official part
    scale           what was done to the pixels before, in words
    """

    preset: Preset
    seed: int
    dataset: str
    dataset_sha256: str
    classifiers: tuple[Classifier, ...]
    train: Dataset
    test: Dataset
    examples: Dataset
    universal: tuple[UniversalDirections, ...]
    transfer: Transfer
    everything: Transfer
    test_rows: np.ndarray
    scale: str = "as they were given"

    def trained_on(self, index: int) -> np.ndarray:
        """Return the rows of the training part that a classifier was trained on: int64 (n,)."""
        seed = _derived_seed(self.seed, 2, *divmod(index, self.preset.subsets))
        return self.train.subset_rows(self.preset.subset_size, seed)

    def portable(self) -> "TransferExperiment":
        """Return the experiment without what is long to send to a process.

        That is the training and the test part, and the labels of the adversaries.
        """
        few = replace(self.transfer, truth=self.transfer.truth[:0],
                      clean=self.transfer.clean[:, :0], answers=())  # fmt: skip
        return replace(self, train=self.examples, test=self.examples, transfer=few, everything=few)


@dataclass(frozen=True, eq=False)
class _Training:
    name: str
    family: Family
    train: Dataset  # of which a subset is drawn with this seed, or was drawn where there is none
    draw: int | None
    test: Dataset
    preset: Preset
    seed: int
    device: str
    keep: Checkpoints | None

    def subset(self) -> Dataset:
        """Return the images that it is trained on."""
        if self.draw is None:
            return self.train
        return self.train.random_subset(self.preset.subset_size, self.draw)

    def __getstate__(self) -> dict[str, Any]:
        # All jobs wait together: the subsets of 100 classifiers would take gigabytes until then.
        return self.__dict__ | {"train": self.subset(), "draw": None}


def _train(job: _Training) -> tuple[Classifier, np.ndarray]:
    """Return the trained classifier and its labels of the test part."""

    def train() -> Classifier:
        if job.family == "svm":
            found = train_svm(job.subset(), job.seed, job.preset.C, job.preset.training)
            return Classifier.of_svm(job.name, *found)
        network = train_model(
            job.preset.architecture,
            job.subset(),
            job.preset.epochs,
            job.seed,
            widths=job.preset.widths,
            device=job.device,
            training=job.preset.training,
        )
        return Classifier.of_network(job.name, network, job.preset.architecture)

    with one_thread():
        classifier = train() if job.keep is None else job.keep.classifier(job.name, train)
        found = predict(classifier.module(job.device), job.test.images)
        return classifier, found.astype(label_type(job.test))


def _derived_seed(seed: int, *path: int) -> int:
    """Return a 32-bit seed for one random choice of the experiment, independent of the others."""
    return int(np.random.SeedSequence([seed, *path]).generate_state(1)[0])


def check_fits(preset: Preset, dataset: Dataset, seed: int, test: Dataset | None = None) -> None:
    """Raise InputError when the experiment cannot be made with these data, before any work."""
    _plan(preset, dataset, seed, test, "cpu", None)


def _plan(
    preset: Preset,
    dataset: Dataset,
    seed: int,
    test: Dataset | None,
    device: str,
    keep: Checkpoints | None,
) -> tuple[Preset, Dataset, Dataset, Dataset, list[_Training]]:
    """Return the preset as it fits the data, training and test part, examples, and trainings."""
    check_whole("seed", seed)
    train = dataset
    if test is None:
        if not 0 < round(preset.test_fraction * len(dataset)) < len(dataset):
            wanted, got = "examples for training and for testing", f"{len(dataset)} examples"
            raise InputError("data", expected=wanted, got=got)
        train, test = dataset.split(preset.test_fraction, _derived_seed(seed, 0))
    preset = preset.fitted(dataset, len(train), len(test))
    if preset.architecture != "mlp":
        check_pictures(preset.architecture, dataset)
    examples = test.random_subset(preset.examples, _derived_seed(seed, 1))
    trainings = [
        _Training(
            name=f"{family}-{index}",
            family=family,
            train=train,
            draw=_derived_seed(seed, 2, kind, index),
            test=test,
            preset=preset,
            seed=_derived_seed(seed, 3, kind, index),
            device=device,
            keep=keep,
        )
        for kind, family in enumerate(FAMILIES)
        for index in range(preset.subsets)
    ]
    universal = train.random_subset(
        min(preset.universal_images, len(train)), _derived_seed(seed, 5)
    )
    if len(examples.classes) < 2:
        wanted = f"two labels among the {len(examples)} test examples that are attacked"
        _refuse(dataset, examples, wanted)
    for part in chain([universal], (training.subset() for training in trainings)):
        if part.classes != tuple(range(len(dataset.classes))):
            wanted = f"every label in every random subset of {len(part)} examples for training"
            _refuse(dataset, part, wanted)
    return preset, train, test, examples, trainings


def _refuse(dataset: Dataset, part: Dataset, wanted: str) -> NoReturn:
    """Refuse data of which a random part lacks a label."""
    absent = next(k for k in dataset.classes if k not in part.classes)
    label = dataset.names[absent] if dataset.names else absent
    count = int(np.count_nonzero(dataset.labels == absent))
    raise InputError(
        "data",
        expected=f"{wanted} (another --seed draws others)",
        got=f"none with the label {label!r}, which {count} of {len(dataset)} examples have",
    )


def run_transfer(
    preset: Preset,
    dataset: Dataset,
    seed: int,
    *,
    test: Dataset | None = None,
    device: str = "cpu",
    executor: Executor | None = None,
    progress: Callable[[int, int, str], None] | None = None,
    keep: Checkpoints | None = None,
    given_sources: Sequence[Given] = (),
    given_targets: Sequence[Given] = (),
) -> "TransferExperiment":
    """Train machines and networks on random subsets, attack them all, and test them all.

    Without an official ``test`` part a random share of the data is held out. Jobs, one per training
    and one per source of perturbations, go to the executor when there is one; ``keep`` holds the
    results of those that end, so that a killed experiment goes on. On the CPU every number of the
    result depends on (preset, data, seed) alone, not on the number of workers. `progress` is called
    in this process as progress(done, total, label) after each job. The user's models attack and are
    attacked beside the others, and change nothing of what these give. Raises InputError when the
    preset does not fit the data.
    """
    preset, train, test, examples, trainings = _plan(preset, dataset, seed, test, device, keep)
    noises, radii = preset.subsets, preset.attack.radii
    total = len(trainings) + len(trainings) + noises + len(UNIVERSAL) + len(given_sources)
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
    universal = _universal(preset, train, classifiers[-1], seed, device)
    sources = (
        *(Attacker(c.name, c.family, c) for c in classifiers),
        *(Attacker(f"{RANDOM}-{index}", RANDOM, None) for index in range(noises)),
        *(Attacker(directions.name, directions.name, directions) for directions in universal),
        *(Attacker(own.name, own.family, own) for own in given_sources),
    )
    targets = (*classifiers, *given_targets)
    clean = [labels for _, labels in trained]
    with one_thread():
        for own in given_targets:
            found = predict(own.module(device), test.images)
            clean.append(found.astype(label_type(test)))
    answers = find_answers(
        targets,
        sources,
        test,
        draw_examples(
            len(test), preset.examples, preset.draws, _derived_seed(seed, 1), len(sources),
            len(radii),
        ),
        preset.attack,
        _derived_seed(seed, 4),
        share=preset.share,
        svm_loss=preset.svm_loss,
        noise=preset.noise,
        device=device,
        executor=executor,
        finished=lambda i: report(f"perturbed by {sources[i].name}"),
        keep=keep,
    )  # fmt: skip
    everything = Transfer(
        targets=tuple(target.name for target in targets),
        families=tuple(target.family for target in targets),
        sources=tuple(source.name for source in sources),
        kinds=tuple(source.kind for source in sources),
        radii=radii,
        truth=test.labels,
        clean=np.stack(clean),
        answers=answers,
    )
    return TransferExperiment(
        preset=preset,
        seed=seed,
        dataset=dataset.name,
        dataset_sha256=dataset.sha256,
        classifiers=classifiers,
        train=train,
        test=test,
        examples=examples,
        universal=universal,
        transfer=everything.first(len(classifiers), len(sources) - len(given_sources)),
        everything=everything,
        test_rows=_test_rows(preset, dataset, seed, len(test)),
        scale=dataset.said,
    )


def _test_rows(preset: Preset, dataset: Dataset, seed: int, count: int) -> np.ndarray:
    """Return where the test part lies in the data that it was split from, or all of another."""
    rows = dataset.split_rows(preset.test_fraction, _derived_seed(seed, 0))[1]
    return rows if len(rows) == count else np.arange(count)


def _universal(
    preset: Preset, train: Dataset, classifier: Classifier, seed: int, device: str
) -> tuple[UniversalDirections, ...]:
    sample = train.random_subset(min(preset.universal_images, len(train)), _derived_seed(seed, 5))
    with one_thread():
        return (
            mean_differences(sample),
            margin_directions(sample),
            mean_perturbations(classifier, sample, preset.attack, device),
        )
