"""How many pairs of MNIST images have an exact twin within a radius, none, or are undecided.

``MNIST=folder python -m benchmarks.twins_decided [RESULTS.md] [NETWORK]`` trains the networks of
the preset ``standard`` on 10,000 images, draws pairs of test images of different classes, and
decides each at each radius: an exact twin, a certificate that all of the ball has none, or neither.
Every certificate counts after a checker has accepted it.
"""

import os
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from unittest import mock

# Set before NumPy is loaded.
os.environ["OPENBLAS_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"] = "1"

import numpy as np

from benchmarks.measure import NotInstalled
from benchmarks.mnist import FOLDER
from certify.errors import InputError
from verify.attack.models import Classifier
from verify.attack.networks import Architecture
from verify.attack.presets import preset
from verify.attack.training import train_model
from verify.data.digits import Dataset
from verify.data.sources import Source, load
from verify.evidence.decision import checker_for, graded
from verify.evidence.grades import Grade
from verify.models.torch_graph import of_classifier
from verify.questions.decided_twins import ANSWERS, DecidedTwin, decide_twin
from verify.questions.twins import drawn_pairs

RESULTS = Path(__file__).resolve().parents[1] / "reports" / "benchmarks" / "twins_decided.md"
SEED = 0
# Of each architecture: pairs, radii, and seconds of the processor for a pair without a twin found.
ASKED: dict[Architecture, tuple[int, tuple[float, ...], float]] = {
    "mlp": (20, (0.05, 0.1, 0.15, 0.2, 0.3), 60.0),
    "cnn-2018": (5, (0.01, 0.05, 0.1), 30.0),
}


def images() -> Source:
    """Return MNIST; raises NotInstalled without its files."""
    folder = Path(os.environ.get(FOLDER, "data/mnist"))
    try:
        return load("mnist", folder)
    except InputError:
        raise NotInstalled(f"no MNIST files in {folder}; set {FOLDER}") from None


def trained(architecture: Architecture, data: Dataset) -> Classifier:
    """Return the network of the preset, trained on a part of the images."""
    sizes = preset("standard")
    part = data.random_subset(sizes.subset_size, SEED)
    epochs = sizes.twin_epochs if architecture == "mlp" else sizes.epochs
    module = train_model(architecture, part, epochs, SEED, widths=sizes.twin_widths)
    return Classifier.of_network(architecture, module, architecture)


def rows(architecture: Architecture, source: Source) -> Sequence[str]:
    """Return lines of the table, one for each radius."""
    count, radii, seconds = ASKED[architecture]
    _, test = source.partition(1 / 7, SEED)
    classifier = trained(architecture, source.data)
    network, module = of_classifier(classifier, test.images.shape[1]), classifier.module()
    pairs = drawn_pairs(test, count, SEED)
    lines = []
    for radius in radii:
        start, spent = time.process_time(), list[float]()
        counts: Counter[str] = Counter()
        for i, j in pairs:
            before = time.process_time()
            x, y = test.images[i].astype(np.float64), test.images[j].astype(np.float64)
            found = decide_twin(network, module, x, y, radius, SEED, seconds=seconds)
            counts[accepted(found).answer] += 1
            spent.append(time.process_time() - before)
        numbers = " | ".join(str(counts[answer]) for answer in ANSWERS)
        total = time.process_time() - start
        lines.append(
            f"| {architecture} | {radius:g} | {count} | {numbers} | {np.median(spent):.2f} | "
            f"{max(spent):.1f} | {total:.0f} |"
        )
        print(lines[-1], flush=True)
    return lines


def accepted(found: DecidedTwin) -> DecidedTwin:
    """Return what a checker accepts of an answer."""
    if found.answer == "undecided":
        return found
    grade, _ = graded(found.certificates, checker_for(found.work))
    return found if grade is Grade.CERTIFIED else replace(found, answer="undecided")


def main(results: Path, only: Sequence[str]) -> None:
    """Write the table, of some networks alone if any are named."""
    try:
        source = images()
    except NotInstalled as missing:
        print(f"not run: {missing}")
        return
    lines = [
        "# Twins of MNIST images, decided",
        "",
        "Within a radius of one image: an image with exactly the softmax output of another one, of "
        "another class; a certificate that there is none; or neither within "
        + " and ".join(f"{s:g} s ({name})" for name, (_, _, s) in ASKED.items())
        + " for each pair. All seconds are the processor's, of one thread, those of the fast "
        "checker among them.",
        "",
        "| network | radius | pairs | twin | none | undecided | median s | longest s | all s |",
        "|" + " --- |" * 9,
    ]
    for architecture in ASKED:
        if not only or architecture in only:
            lines += rows(architecture, source)
            results.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    with mock.patch.object(time, "monotonic", time.process_time):
        main(Path(sys.argv[1]) if sys.argv[1:] else RESULTS, sys.argv[2:])
