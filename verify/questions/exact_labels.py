"""A random share of all adversaries, read again by every classifier in exact arithmetic."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch

from certify.bounds.threads import one_thread
from verify.attack.answers import Answers
from verify.attack.balls import ball
from verify.attack.checkpoints import Checkpoints
from verify.attack.experiment import TransferExperiment
from verify.attack.models import Classifier
from verify.attack.radii import exact_radius
from verify.evidence.grades import Grade
from verify.evidence.result import Question, Result, table
from verify.models.rounding import largest_scores
from verify.models.torch_graph import of_module
from verify.questions.kept import kept_answer
from verify.questions.question import Materials

PORTION = 2_000  # adversaries that are sent to a process at once, and kept when they are decided


@dataclass(frozen=True, eq=False)
class _Portion:
    """Some adversaries of one kind of source, and the labels (classifier, n) that floats gave."""

    kind: str
    first: int
    points: np.ndarray
    labels: np.ndarray
    classifiers: tuple[Classifier, ...]
    keep: Checkpoints | None


@dataclass(frozen=True)
class Reread:
    """What exact arithmetic says of the labels of one kind of source.

    labels   by all classifiers together
    near     labels that float64 did not prove, and rational numbers decided
    changed  labels that are others than floats had
    """

    labels: int = 0
    near: int = 0
    changed: int = 0

    def __add__(self, other: "Reread") -> "Reread":
        return Reread(
            self.labels + other.labels, self.near + other.near, self.changed + other.changed
        )


def run(materials: Materials) -> Result | None:
    """Decide the labels of all adversaries that were kept."""
    models = materials.models
    transfer = models.transfer
    if not sum(len(found.kept) for found in transfer.answers):
        return None
    portions = _portions(models, materials.keep)
    kinds = {kind: Reread() for kind in dict.fromkeys(transfer.kinds)}
    reread = materials.each("deciding labels", _reread, portions)
    for portion, of_portion in zip(portions, reread, strict=True):
        kinds[portion.kind] += of_portion
    counts = {
        kind: sum(len(a.kept) for k, a in zip(transfer.kinds, transfer.answers, strict=True)
                  if k == kind)
        for kind in kinds
    }  # fmt: skip
    outside = sum(_outside(models, found) for found in transfer.answers)
    total = sum(kinds.values(), Reread())
    finding = (
        f"Of a random {100 * models.preset.share:.3g} % of all adversaries, "
        f"{sum(counts.values()):,}, every classifier's label was decided in exact arithmetic "
        f"on its weights: of {total.labels:,} labels {total.changed or 'none'} "
        f"differ{'s' * (total.changed == 1)} from what floats gave. Float64 with proved "
        f"bounds decides all but {total.near:,}, "
        f"rational numbers these. {outside or 'None'} of the adversaries "
        f"lie{'s' * (outside == 1)} outside the ball, exactly."
    )
    columns: list[tuple[str, str, Grade | None]] = [
        ("adversaries of", "", None), ("adversaries", "", None), ("labels", "", None),
        ("too near for float64", "labels", Grade.FLOAT), ("changed", "labels", Grade.FLOAT),
    ]  # fmt: skip
    rows: list[list[Any]] = [
        [kind, f"{counts[kind]:,}", f"{found.labels:,}", found.near, found.changed]
        for kind, found in kinds.items()
    ]
    title = "Labels decided exactly, by the kind of source; no certificates are kept of them"
    return Result(finding, {}, (), total.labels, (table(title, columns, rows),), (),
                  {"share of the adversaries": models.preset.share})  # fmt: skip


def _portions(models: TransferExperiment, keep: Checkpoints | None) -> list[_Portion]:
    portions = []
    transfer = models.transfer
    for kind in dict.fromkeys(transfer.kinds):
        answers = [a for k, a in zip(transfer.kinds, transfer.answers, strict=True) if k == kind]
        points = np.concatenate([a.kept for a in answers])
        labels = [a.labels[:, a.places[:, 0], a.places[:, 1]] for a in answers]
        of_targets = np.concatenate(labels, axis=1)
        portions += [
            _Portion(
                kind,
                k,
                points[k : k + PORTION],
                of_targets[: len(models.classifiers), k : k + PORTION],
                models.classifiers,
                keep,
            )
            for k in range(0, len(points), PORTION)
        ]
    return portions


def _reread(portion: _Portion) -> Reread:
    facts, _ = kept_answer(
        portion.keep,
        f"labels of {portion.kind} from {portion.first}",
        lambda: (asdict(sum((_by(portion, k) for k in range(len(portion.labels))), Reread())), ()),
    )
    return Reread(**facts)


def _by(portion: _Portion, k: int) -> Reread:
    """Decide the labels by one classifier."""
    points = portion.points
    with one_thread():
        model = of_module(portion.classifiers[k].module(), points[:1])
        exact, sure = largest_scores(model, points)
    near = np.flatnonzero(~sure)
    for i in near:
        (scores,) = model.network.outputs(points[i : i + 1])
        # The first of the largest, as floats answer on a tie.
        exact[i] = max(range(len(scores)), key=scores.__getitem__)
    return Reread(len(points), len(near), int(np.count_nonzero(exact != portion.labels[k])))


def _outside(models: TransferExperiment, found: Answers) -> int:
    """Count the adversaries of a source outside their ball, or beyond the edges."""
    draws = np.minimum(found.places[:, 0], len(found.examples) - 1)
    originals = models.test.images[found.examples[draws, found.places[:, 1]]]
    attack, count = models.preset.attack, 0
    for k in np.unique(found.places[:, 0]).tolist():
        chosen = found.places[:, 0] == k
        points, images = torch.tensor(found.kept[chosen]), torch.tensor(originals[chosen])
        low, high = ball(images, exact_radius(attack.radii[k]), attack.edges)
        count += int(((points < low) | (points > high)).any(dim=1).sum())
    return count


EXPERIMENT = Question(
    id="exact-labels",
    title="Labels decided again",
    question="Do the labels that floats gave to adversaries stand in exact arithmetic?",
    claims=("charles-def-adv",),
    run=run,
)
