"""Zou's conjecture on a trained network: images with exactly the softmax output of another one."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np

from certify.deep_networks import box, network_points, same_softmax, within
from certify.rationals import Vector
from verify.attack.data import Dataset
from verify.attack.exact import exact_network
from verify.attack.models import Classifier, count_correct
from verify.attack.parallel import one_thread
from verify.attack.training import train_model
from verify.attack.twins import NoTwin, find_twin
from verify.claims.evaluation import Decision
from verify.experiments.experiment import Experiment, Materials, Result, table
from verify.grades import Grade


@dataclass(frozen=True)
class Search:
    """What was found for one pair of images at one radius: a decision, or why there is none."""

    radius: float
    decision: Decision | None
    reason: str


def run(materials: Materials) -> Result:
    """Train a network, draw pairs of different classes, seek a twin of each; one task a search."""
    models, preset = materials.models, materials.models.preset
    seed = materials.seed_for("twins")
    size = min(preset.subset_size, len(models.train))
    subset = models.train.random_subset(size, seed)
    with one_thread():
        network = _network(materials, subset, preset.twin_widths, preset.epochs, seed)
        correct = count_correct(network.module(), models.examples.images, models.examples.labels)
    pairs = _pairs(models.examples, preset.twin_pairs, seed)
    jobs = [
        (network, models.examples.image_shape, f"{i} to {j}", models.examples.images[i],
         models.examples.images[j], radius, materials.seed_for("twins", i, j))
        for radius in preset.twin_radii
        for i, j in pairs
    ]  # fmt: skip
    found = list(materials.executor.map(_search, jobs))
    rows, shares = [], []
    for radius in preset.twin_radii:
        searches = [s for s in found if s.radius == radius]
        twins = sum(s.decision is not None for s in searches)
        why = Counter(s.reason for s in searches if s.decision is None)
        reasons = ", ".join(f"{reason}: {n}" for reason, n in sorted(why.items())) or "none"
        shares.append(f"{twins} of {len(searches)} at $\\varepsilon={radius:g}$")
        rows.append([f"{radius:g}", str(len(searches)), str(twins), reasons])
    columns = [
        (r"$\varepsilon$", "pixel units", Grade.CERTIFIED), ("pairs", "", Grade.CERTIFIED),
        ("exact twins", "", Grade.CERTIFIED), ("where none was found", "", Grade.FLOAT),
    ]  # fmt: skip
    shape = "-".join(map(str, preset.twin_widths))
    finding = (
        f"For {'; '.join(shares)} random pairs of images of different classes there is a rational "
        f"image in the ball around the first whose softmax output under a trained network "
        f"({shape}) is exactly that of the second. Where none was found nothing is proved."
    )
    return Result(
        finding,
        {"zou-conj": f"On one trained network {shape}: exact twins for {'; '.join(shares)}."},
        tuple(s.decision for s in found if s.decision is not None),
        sum(s.decision is None for s in found),
        (table(f"Exact twins under a network {shape}", columns, rows),),
        (),
        {"pairs": len(pairs), "network's accuracy": round(correct / len(models.examples), 4)},
    )


def _network(
    materials: Materials, subset: Dataset, widths: tuple[int, ...], epochs: int, seed: int
) -> Classifier:
    def train() -> Classifier:
        module = train_model("mlp", subset, epochs, seed, widths=widths)
        return Classifier.of_network("twins-network", module, "mlp")

    return train() if materials.keep is None else materials.keep.classifier("twins-network", train)


def _pairs(examples: Dataset, count: int, seed: int) -> list[tuple[int, int]]:
    """Draw pairs of images of different classes, with replacement."""
    rng = np.random.default_rng(seed)
    pairs: list[tuple[int, int]] = []
    while len(pairs) < count:
        i, j = map(int, rng.integers(0, len(examples), 2))
        if examples.labels[i] != examples.labels[j]:
            pairs.append((i, j))
    return pairs


def _search(job: tuple[Classifier, tuple[int, ...], str, Any, Any, float, int]) -> Search:
    classifier, shape, name, image, other, radius, seed = job
    with one_thread():
        answer = find_twin(classifier, image, other, radius, seed)
    if isinstance(answer, NoTwin):
        return Search(radius, None, answer.reason)
    point: Vector = answer.point
    certificate = network_points(
        exact_network(classifier, shape),
        [point, image, other],
        [same_softmax(0, 2), within(0, 1, answer.radius), box(0)],
    )
    subject = f"twin {name} at {radius:g}"
    return Search(radius, Decision.by_checker(subject, certificate), "")


EXPERIMENT = Experiment(
    id="twins",
    title="Exact twins",
    question="Is there, near an image, another one with exactly the softmax output of an image of "
    "another class?",
    claims=("zou-conj",),
    run=run,
)
