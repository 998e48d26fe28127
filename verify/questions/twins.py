"""Zou's conjecture on a trained network: images with exactly the softmax output of another one."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np

from certify.certificates.networks import box, network_points, same_softmax, within
from certify.networks.graph import Network
from certify.numbers.rationals import Vector
from verify.attack.models import Classifier, count_correct
from verify.attack.parallel import one_thread
from verify.attack.radii import exact_radius
from verify.attack.training import train_model
from verify.attack.twins import NoTwin, find_twin
from verify.data.digits import Dataset
from verify.evidence.decision import Decision
from verify.evidence.grades import Grade
from verify.evidence.result import Question, Result, table
from verify.models.torch_graph import of_classifier
from verify.questions.question import Materials

CONVOLUTIONAL_PAIRS = 20  # at most; convolutional networks take longer


@dataclass(frozen=True)
class Search:
    """What was found for one pair of images at one radius: a decision, or why there is none.

    ``reached`` says whether the other image's label was reached, by floats at least.
    """

    network: str
    radius: float
    decision: Decision | None
    reason: str
    reached: bool


def run(materials: Materials) -> Result:
    """Draw pairs of different classes, seek a twin of each under each network; one task a search.

    The networks are one trained for this, and the first of the attacked ones if it is another kind.
    """
    models, preset = materials.models, materials.models.preset
    seed = materials.seed_for("twins")
    pairs = _pairs(models.examples, preset.twin_pairs, seed)
    with one_thread():
        dense = _network(materials, seed)
        correct = count_correct(dense.module(), models.examples.images, models.examples.labels)
    networks = {"-".join(map(str, preset.twin_widths)): (dense, pairs)}
    if preset.architecture != "mlp":
        first = next(c for c in models.classifiers if c.family == "network")
        networks[preset.architecture] = (first, pairs[:CONVOLUTIONAL_PAIRS])
    images = models.examples.images
    exact = {n: of_classifier(network, images.shape[1]) for n, (network, _) in networks.items()}
    jobs = [
        (name, network, exact[name], f"{i} to {j}", images[i], images[j], radius,
         materials.seed_for("twins", i, j))
        for name, (network, chosen) in networks.items()
        for radius in preset.twin_radii
        for i, j in chosen
    ]  # fmt: skip
    found = list(materials.executor.map(_search, jobs))
    rows, shares = [], []
    for name in networks:
        parts = []
        for radius in preset.twin_radii:
            searches = [s for s in found if (s.network, s.radius) == (name, radius)]
            twins = sum(s.decision is not None for s in searches)
            reached = sum(s.reached for s in searches)
            why = Counter(s.reason for s in searches if s.decision is None)
            reasons = ", ".join(f"{reason}: {n}" for reason, n in sorted(why.items())) or "none"
            parts.append(f"{twins} of {len(searches)} at $\\varepsilon={radius:g}$")
            rows.append(
                [name, f"{radius:g}", str(len(searches)), str(reached), str(twins), reasons]
            )
        shares.append(f"under the network {name} for {', '.join(parts)}")
    columns: list[tuple[str, str, Grade | None]] = [
        ("network", "", None), (r"$\varepsilon$", "pixel units", None),
        ("pairs", "", None), ("other's label reached", "", Grade.FLOAT),
        ("exact twins", "", Grade.CERTIFIED), ("where none was found", "", Grade.FLOAT),
    ]  # fmt: skip
    finding = (
        "For random pairs of images of different classes a rational image in the ball around the "
        "first was found whose softmax output under a trained network is exactly that of the "
        f"second: {'; '.join(shares)}. Where none was found nothing is proved."
    )
    return Result(
        finding,
        {"zou-conj": f"Exact twins on trained networks: {'; '.join(shares)}."},
        tuple(s.decision for s in found if s.decision is not None),
        sum(s.decision is None for s in found),
        (table("Exact twins under trained networks", columns, rows),),
        (),
        {"pairs": len(pairs), "dense network's accuracy": round(correct / len(models.examples), 4)},
    )


def _network(materials: Materials, seed: int) -> Classifier:
    """Return the dense network, trained on a random part of the training images."""
    models, preset = materials.models, materials.models.preset

    def train() -> Classifier:
        size = min(preset.subset_size, len(models.train))
        subset = models.train.random_subset(size, seed)
        module = train_model("mlp", subset, preset.twin_epochs, seed, widths=preset.twin_widths)
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


def _search(job: tuple[str, Classifier, Network, str, Any, Any, float, int]) -> Search:
    network, classifier, exact, name, image, other, radius, seed = job
    with one_thread():
        reach = exact_radius(radius)
        answer = find_twin(exact, classifier.module(), image, other, reach, seed)
    if isinstance(answer, NoTwin):
        return Search(network, radius, None, answer.reason, answer.reached)
    point: Vector = answer.point
    certificate = network_points(
        exact,
        [point, image, other],
        [same_softmax(0, 2), within(0, 1, reach), box(0)],
    )
    subject = f"{network}: twin {name} at {radius:g}"
    return Search(network, radius, Decision.by_checker(subject, certificate), "", True)


EXPERIMENT = Question(
    id="twins",
    title="Exact twins",
    question="Is there, near an image, another one with exactly the softmax output of an image of "
    "another class?",
    claims=("zou-conj",),
    run=run,
)
