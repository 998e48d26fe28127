"""Adversarial examples decided again: label, distance and box in exact arithmetic."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from certify.bounds.threads import one_thread
from certify.certificates.networks import box, label, network_points, within
from verify.attack.answers import perturbed
from verify.attack.checkpoints import Checkpoints
from verify.attack.experiment import TransferExperiment
from verify.attack.models import Classifier, predict
from verify.attack.radii import exact_radius
from verify.evidence.decision import Decision
from verify.evidence.grades import Grade
from verify.evidence.result import Question, Result, table
from verify.models.torch_graph import of_classifier
from verify.questions.kept import Answer, kept_answer
from verify.questions.question import Materials

RADII = (0.1, 0.2, 0.3)  # one after the other, of those that the attack has


@dataclass(frozen=True)
class Portion:
    """Adversaries of one classifier that one task makes and decides: ``count`` at most."""

    classifier: Classifier
    models: TransferExperiment
    radii: tuple[float, ...]
    count: int
    seed: int
    keep: Checkpoints | None


@dataclass(frozen=True)
class Decided:
    """What exact arithmetic says of one classifier's adversaries at a few radii."""

    name: str
    decisions: tuple[Decision, ...]
    examples: int
    fooled: int
    disagreements: int
    still: int  # adversaries that are their image


def run(materials: Materials) -> Result:
    """Attack images from every classifier and decide each adversary exactly."""
    models = materials.models.portable()
    portions = _portions(models, materials)
    parts: dict[str, list[Decided]] = {}
    for decided in materials.each("deciding adversaries", _decide, portions):
        parts.setdefault(decided.name, []).append(decided)
    found = [_together(decided) for decided in parts.values()]
    total, fooled = (sum(getattr(d, n) for d in found) for n in ("examples", "fooled"))
    wrong, still = (sum(getattr(d, n) for d in found) for n in ("disagreements", "still"))
    finding = (
        f"Of {total} adversaries, decided in exact arithmetic on the trained weights, "
        f"{fooled or 'none'} {'fools' if fooled == 1 else 'fool'} the classifier that "
        f"{'it was' if fooled == 1 else 'they were'} made for, examples that it misreads unmoved "
        f"among them, each within its radius; floats give {wrong or 'none'} of them another label "
        "than exact arithmetic does."
    )
    if still:
        finding += (
            f" The attack left {still} of them where the example was: in floats its gradient is 0, "
            "too small, or leads out of the box. Where these do not fool, that says little."
        )
    rows: list[list[Any]] = [
        [d.name, str(d.examples), str(d.fooled), str(d.disagreements), str(d.still)] for d in found
    ]
    columns: list[tuple[str, str, Grade | None]] = [
        ("classifier", "", None), ("adversaries", "", None),
        ("that fool it", "", Grade.CERTIFIED), ("labels that floats get wrong", "", Grade.FLOAT),
        ("left where they were", "", Grade.FLOAT),
    ]  # fmt: skip
    return Result(
        finding,
        {},
        tuple(decision for d in found for decision in d.decisions),
        0,
        (table("Adversaries of each classifier, decided exactly", columns, rows),),
        (),
        {"adversaries": total},
    )


def _portions(models: TransferExperiment, materials: Materials) -> list[Portion]:
    """Share a sample among the classifiers, or take all radii and examples of each."""
    classifiers, radii = models.classifiers, models.transfer.radii
    seeds = [materials.seed_for("exact", c.name) for c in classifiers]
    if models.preset.exact == "all":
        return [
            Portion(classifier, models, (radius,), len(models.examples), seed, materials.keep)
            for classifier, seed in zip(classifiers, seeds, strict=True)
            for radius in radii
        ]
    few = tuple(r for r in radii if min(abs(r - s) for s in RADII) < 1e-9) or radii[-1:]
    counts = _shares(models.preset.exact, len(classifiers))
    return [
        Portion(classifier, models, few, count, seed, materials.keep)
        for classifier, count, seed in zip(classifiers, counts, seeds, strict=True)
        if count
    ]


def _shares(total: int, parts: int) -> list[int]:
    return [total // parts + (i < total % parts) for i in range(parts)]


def _together(parts: list[Decided]) -> Decided:
    """Return what the parts of one classifier say as one."""
    return Decided(
        parts[0].name,
        tuple(decision for part in parts for decision in part.decisions),
        sum(part.examples for part in parts),
        sum(part.fooled for part in parts),
        sum(part.disagreements for part in parts),
        sum(part.still for part in parts),
    )


def _decide(portion: Portion) -> Decided:
    name = portion.classifier.name
    facts, decisions = kept_answer(
        portion.keep,
        f"{portion.count} adversaries of {name} at {portion.radii!r}",
        lambda: _decided(portion),
    )
    return Decided(name, decisions, **facts)


def _decided(portion: Portion) -> Answer:
    classifier, models, radii = portion.classifier, portion.models, portion.radii
    count, seed = portion.count, portion.seed
    rng = np.random.default_rng(seed)
    chosen = rng.permutation(len(models.examples))[: max(1, -(-count // len(radii)))]
    images, labels = models.examples.images[chosen], models.examples.labels[chosen]
    attack = replace(models.preset.attack.on_cpu(), radii=radii)
    if classifier.family == "svm":
        attack = replace(attack, loss=models.preset.svm_loss)
    with one_thread():
        moved = perturbed(classifier, images, labels, attack, seed).flatten(0, 1)[:count].cpu()
        # A tensor, whose entries may lie outside [0, 1], as those of attacks without the box do.
        floats = predict(classifier.module(), moved)
    flat = moved.numpy()
    network = of_classifier(classifier, images.shape[1])
    outputs = network.outputs(flat)
    truth = np.tile(labels, len(radii))[: len(flat)]
    answers, facts, fooled = [], [], 0
    for i, scores in enumerate(outputs):
        best = max(range(len(scores)), key=scores.__getitem__)
        answers.append(best)
        # On a tie floats answer with the first, and no label is larger than all others.
        if scores.count(scores[best]) == 1:
            facts.append(label(i, best))
            fooled += int(best != truth[i])
        j, radius = i % len(images), exact_radius(radii[i // len(images)])
        facts.append(within(i, len(flat) + j, radius))
        if models.preset.attack.box:
            facts.append(box(i))
    points = np.vstack([flat, images])
    certificate = network_points(network, points, facts)
    at = f" at {radii[0]:g}" if models.preset.exact == "all" else ""
    decision = Decision.by_checker(f"{classifier.name}: adversaries{at}", certificate)
    still = (flat == np.tile(images, (len(radii), 1))[:count]).all(axis=1)
    facts_of = {
        "examples": len(flat),
        "fooled": fooled if decision.grade is Grade.CERTIFIED else 0,
        "disagreements": int(np.count_nonzero(np.array(answers) != floats)),
        "still": int(np.count_nonzero(still)),
    }
    return facts_of, (decision,)


EXPERIMENT = Question(
    id="exact-adversaries",
    title="Adversaries decided again",
    question="Do adversaries that floats found fool the trained classifiers in exact arithmetic?",
    claims=("charles-def-adv",),
    run=run,
)
