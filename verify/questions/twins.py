"""Zou's conjecture on a trained network, pair by pair: is there an exact twin nearby, or none?"""

from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np

from certify.bounds.threads import one_thread
from certify.networks.graph import Network
from verify.attack.checkpoints import Checkpoints
from verify.attack.models import Classifier, count_correct
from verify.attack.training import train_model
from verify.data.digits import Dataset
from verify.evidence.decision import Decision, checker_for
from verify.evidence.grades import Grade
from verify.evidence.result import Question, Result, table
from verify.models.torch_graph import of_classifier
from verify.questions.decided_twins import ANSWERS, Answer, decide_twin
from verify.questions.kept import Answer as Answered
from verify.questions.kept import kept_answer
from verify.questions.question import Materials
from verify.reporting.summary import listed

CONVOLUTIONAL_PAIRS = 20  # at most; convolutional networks take longer
UNBRANCHED = 1  # parts of a ball under them

Job = tuple[str, Classifier, Network, str, Any, Any, float, int, int, Checkpoints | None]
"""Network's name, in floats, exactly; the pair in words, its images; radius, parts, seed."""


@dataclass(frozen=True)
class Search:
    """What was decided for one pair of images at one radius, or why nothing was.

    ``answer`` is what certificates showed that the checker accepted. ``reason`` says why no twin
    was found, and ``reached`` whether the other image's label was reached, by floats at least.
    """

    network: str
    radius: float
    answer: Answer
    decision: Decision | None
    reason: str
    reached: bool


def run(materials: Materials) -> Result:
    """Draw pairs of different classes, decide each under each network; one task a pair and radius.

    The networks are one trained for this, and the first of the attacked ones if it is another kind.
    """
    models, preset = materials.models, materials.models.preset
    seed = materials.seed_for("twins")
    pairs = drawn_pairs(models.examples, preset.twin_pairs, seed)
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
         preset.twin_parts if network is dense else UNBRANCHED, materials.seed_for("twins", i, j),
         materials.keep)
        for name, (network, chosen) in networks.items()
        for radius in preset.twin_radii
        for i, j in chosen
    ]  # fmt: skip
    found = materials.each("seeking exact twins", _search, jobs)
    rows, said = [], []
    for name in networks:
        words = []
        for radius in preset.twin_radii:
            searches = [s for s in found if (s.network, s.radius) == (name, radius)]
            counts = Counter(s.answer for s in searches)
            why = Counter(s.reason for s in searches if s.answer == "undecided")
            reasons = ", ".join(f"{reason}: {n}" for reason, n in sorted(why.items())) or "none"
            words.append(f"at $\\varepsilon={radius:g}$: {_counted(counts)}")
            numbers = [counts[answer] for answer in ANSWERS]
            reached = sum(s.reached for s in searches)
            rows.append(
                [name, f"{radius:g}", *map(str, (len(searches), *numbers, reached)), reasons]
            )
        count = len(networks[name][1])
        said.append(f"under the network {name}, of {count} pairs, {', '.join(words)}")
    columns: list[tuple[str, str, Grade | None]] = [
        ("network", "", None), (r"$\varepsilon$", "1 = full range", None), ("pairs", "", None),
        ("exact twin", "", Grade.CERTIFIED), ("no twin", "", Grade.CERTIFIED),
        ("undecided", "", None), ("other's label reached", "", Grade.FLOAT),
        ("where undecided, why no twin was found", "", Grade.FLOAT),
    ]  # fmt: skip
    finding = (
        "For random pairs of examples of different classes it was asked whether some input in the "
        "ball of the maximum norm around the first has exactly the softmax output of the second, "
        "its twin: "
        f"{'; '.join(said)}. A twin is an exact rational input; that "
        "there is none, in all of the ball, a certificate says."
    )
    return Result(
        finding,
        {"zou-conj": f"Asked pair by pair: {'; '.join(said)}. Where a pair is decided, the "
         "conjecture's twin is there at this radius or is not; nothing follows about most "
         "networks."},
        tuple(s.decision for s in found if s.decision is not None),
        sum(s.decision is None for s in found),
        (table("Exact twins under trained networks, or none", columns, rows),),
        (),
        {"pairs": len(pairs), "parts of a ball at most": preset.twin_parts,
         "dense network's accuracy": round(correct / len(models.examples), 4)},
    )  # fmt: skip


def _counted(counts: Counter[Answer]) -> str:
    twins, none, undecided = (counts[answer] for answer in ANSWERS)
    has, have = ("has" if n == 1 else "have" for n in (twins, none))
    words = [f"{twins} {has} an exact twin", f"{none} {have} none"]
    verb = "is" if undecided == 1 else "are"
    return listed(words + [f"{undecided} {verb} undecided"] * bool(undecided))


def _network(materials: Materials, seed: int) -> Classifier:
    """Return the dense network, trained on a random part of the training images."""
    models, preset = materials.models, materials.models.preset

    def train() -> Classifier:
        size = min(preset.subset_size, len(models.train))
        subset = models.train.random_subset(size, seed)
        module = train_model("mlp", subset, preset.twin_epochs, seed, widths=preset.twin_widths)
        return Classifier.of_network("twins-network", module, "mlp")

    return train() if materials.keep is None else materials.keep.classifier("twins-network", train)


def drawn_pairs(examples: Dataset, count: int, seed: int) -> list[tuple[int, int]]:
    """Draw pairs of images of different classes, with replacement."""
    rng = np.random.default_rng(seed)
    pairs: list[tuple[int, int]] = []
    while len(pairs) < count:
        i, j = map(int, rng.integers(0, len(examples), 2))
        if examples.labels[i] != examples.labels[j]:
            pairs.append((i, j))
    return pairs


def _search(job: Job) -> Search:
    name, _, _, pair, _, _, radius, parts, _, keep = job
    found, decisions = kept_answer(
        keep, f"twin of {name} from {pair} at {radius!r} in {parts} parts", lambda: _decided(job)
    )
    decision = decisions[0] if decisions else None
    return Search(name, radius, found["answer"], decision, found["reason"], found["reached"])


def _decided(job: Job) -> Answered:
    name, classifier, exact, pair, image, other, radius, parts, seed, _ = job
    found = decide_twin(exact, classifier.module(), image, other, radius, seed, parts=parts)
    answer, reason, decisions = found.answer, found.reason, []
    if answer != "undecided":
        what = "twin" if answer == "twin" else "no twin"
        decisions.append(
            Decision.by_checker(
                f"{name}: {what} {pair} at {radius:g}",
                *found.certificates,
                decide=checker_for(found.work),
            )
        )
        reason = decisions[0].reason or reason
        if decisions[0].grade is not Grade.CERTIFIED:
            answer = "undecided"
    return {"answer": answer, "reason": reason, "reached": found.reached}, tuple(decisions)


EXPERIMENT = Question(
    id="twins",
    title="Exact twins",
    question="Is there, near an example, another one with exactly the softmax output of an example "
    "of another class, or is there none?",
    claims=("zou-conj", "zou-input-manipulation"),
    run=run,
)
