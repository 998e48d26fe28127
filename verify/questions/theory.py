"""Theory beside the curves of Figure 4: what a theorem promises, exactly, and what was measured.

Of linear machines much is known without an attack: the least accuracy that any could leave, and at
which radius a step along a normal flips an image. All is decided on the trained weights, for the
very images that were attacked.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np

from certify.numbers.digits import one_thread
from verify.attack.checkpoints import Checkpoints
from verify.attack.linear import Linear, kept, nearest_boundaries, right_along_normals
from verify.attack.radii import exact_radius
from verify.attack.transfer import Transfer
from verify.data.digits import Dataset
from verify.evidence.grades import Grade
from verify.evidence.result import Question, Result, figure, table
from verify.questions.common_part import common_part, common_table, said
from verify.questions.question import Materials
from verify.reporting.plain_text import plain

TABLE_RADII = (0.02, 0.05, 0.1, 0.2, 0.4)
FREE, INSIDE = "free", "in [0, 1]"
NETWORKS = (
    "Of networks no theorem promises anything here: Theorems 10 to 16 and Corollary 17 speak of "
    "one output and convex regions; these have an output for each class, and weights of any sign."
)


@dataclass(frozen=True, eq=False)
class _Job:
    machines: Linear
    source: int
    test: Dataset
    examples: np.ndarray  # that the source attacks
    radii: tuple[Fraction, ...]
    box: bool
    name: str
    keep: Checkpoints | None

    def promised(self) -> dict[str, np.ndarray]:
        """Return how many radii keep each test image, and who reads images along normals right.

        int64 (test,) and int64 (2, m, radius), of the source's examples in the box and without it.
        """
        images, labels = self.test.images, self.test.labels
        machine = self.machines.one(self.source)
        right = np.zeros((2, len(self.machines.bias), len(self.radii)), dtype=np.int64)
        with one_thread():
            for k, radius in enumerate(self.radii):
                rows = self.examples[k % len(self.examples)]
                chosen = images[rows], labels[rows]
                towards = nearest_boundaries(machine, *chosen)
                for n, box in enumerate((True, False)):
                    found = right_along_normals(
                        self.machines, self.source, *chosen, towards, radius, box=box
                    )
                    right[n, :, k] = np.count_nonzero(found, axis=0)
            return {"right": right, "kept": kept(machine, images, labels, self.radii, box=self.box)}


def _promised(job: _Job) -> dict[str, np.ndarray]:
    if job.keep is None:
        return job.promised()
    return job.keep.cached(f"promised of {job.name}", job.promised)


@dataclass(frozen=True, eq=False)
class Promised:
    """Accuracies of machines as the theory has them, beside the measured ones.

    transfer  of which the first ``kept`` targets and sources are the machines
    kept      int64 (m, test): how many of the first radii keep the label in all of the ball
    right     int64 (m, 2, m, radius): along the normals of a source, how many of its examples each
              machine reads right, in the box and without it
    """

    transfer: Transfer
    kept: np.ndarray
    right: np.ndarray

    @cached_property
    def least(self) -> np.ndarray:
        """The least accuracies that any attack could leave: float64 (source, target, radius)."""
        radii = np.arange(len(self.transfer.radii))[:, None]
        found = [
            (self.kept[:, answers.examples] > radii).mean(axis=2)
            for answers in self.transfer.answers[: len(self.kept)]
        ]
        return np.array(found)

    def along(self, *, box: bool) -> np.ndarray:
        """The accuracies after steps along normals: float64 (source, target, radius)."""
        return np.asarray(self.right[:, 0 if box else 1] / self.transfer.examples)

    @property
    def measured(self) -> np.ndarray:
        """The accuracies under the attacks of machines: float64 (source, target, radius)."""
        return self.transfer.accuracy[: len(self.kept), : len(self.kept)]

    def contradicted(self) -> tuple[int, int]:
        """Count labels that machines gave within balls that keep the image's, and wrong ones."""
        radii = np.arange(len(self.transfer.radii))[:, None]
        count = wrong = 0
        for source, answers in enumerate(self.transfer.answers):
            right, _ = self.transfer.right(source)
            for j, kept_by in enumerate(self.kept):
                held = kept_by[answers.examples] > radii
                count += int(np.count_nonzero(held))
                wrong += int(np.count_nonzero(held & ~right[j]))
        return count, wrong


def promised(materials: Materials) -> Promised:
    """Decide what is promised; one task for each machine."""
    models, transfer = materials.models, materials.models.transfer
    classifiers = [c for c in models.classifiers if c.family == "svm"]
    machines, attack = Linear.of(classifiers), models.preset.attack
    radii = tuple(exact_radius(r) for r in transfer.radii)
    jobs = [
        _Job(machines, j, models.test, transfer.answers[j].examples, radii, attack.box, c.name,
             materials.keep)
        for j, c in enumerate(classifiers)
    ]  # fmt: skip
    found = materials.each("deciding what theorems promise", _promised, jobs)
    kept_by, right = (np.stack([a[name] for a in found]) for name in ("kept", "right"))
    return Promised(transfer, kept_by, right)


def run(materials: Materials) -> Result:
    """Set promises and measurements side by side, with the gap between them."""
    models, found, shared = materials.models, promised(materials), common_part(materials)
    radii = list(found.transfer.radii)
    shown = dict.fromkeys(
        int(np.argmin([abs(r - wanted) for r in radii])) for wanted in TABLE_RADII
    )
    k = int(np.argmax((_others(found.measured) - _others(found.least)).mean(axis=0)))
    measured = {
        "others' attacks (measured)": _others(found.measured),
        "own attacks (measured)": _own(found.measured),
    }
    normals = {
        f"{whose} normal, {where}": part(found.along(box=inside))
        for whose, part in (("own", _own), ("another's", _others))
        for where, inside in ((FREE, False), (INSIDE, True))
    }
    own = normals[f"own normal, {INSIDE if models.preset.attack.box else FREE}"]
    least = {"any attack (exact)": _others(found.least)}
    panels = {
        "SVM targets": {**measured, "own normal (exact)": own, **least},
        "SVM targets, steps along normals (exact)": normals,
    }
    sentences = (
        _optimum(found, k),
        _along_normals(
            {name: rows[:, k] for name, rows in normals.items()},
            _others(found.measured)[:, k], radii[k],
        ),
        said(shared),
        NETWORKS,
    )  # fmt: skip
    columns = [
        ("accuracy of SVMs", "", None),
        *((f"$\\varepsilon={radii[s]:g}$", "accuracy", Grade.FLOAT) for s in shown),
    ]
    listed = {
        **measured,
        **least,
        "any attack, examples of the own (exact)": _own(found.least),
        **{f"{name} (exact)": rows for name, rows in normals.items()},
    }
    rows: list[list[Any]] = [
        [name, *(round(float(values[:, s].mean()), 4) for s in shown)]
        for name, values in listed.items()
    ]
    names = [str(name) for name in models.train.names or models.train.classes]
    return Result(
        sentences[0],
        {"charles-normal-direction": sentences[1], "charles-thm-4": sentences[1],
         "charles-thm-7": sentences[2], "charles-sec7-independence": sentences[2],
         "charles-sec7-link": sentences[0]},
        (),
        found.kept.size + found.right.size + shared.counts.size,
        (_said(sentences),
         table("Promised and measured; what is exact was decided on the trained weights, without "
               "certificates", columns, rows), common_table(shared, names)),
        (_figure(radii, panels),),
        {"kept in [0, 1]": models.preset.attack.box, "machines": len(found.kept)},
    )  # fmt: skip


def _said(sentences: Sequence[str]) -> dict[str, Any]:
    """Return a table of one sentence for each part of the theory."""
    parts = ("the best of all attacks", "steps along normals", "Theorem 7", "networks")
    columns: list[tuple[str, str, Grade | None]] = [
        ("theory", "", None), ("what is promised, what was measured, and the gap", "", Grade.FLOAT)
    ]  # fmt: skip
    rows = [[part, plain(words)] for part, words in zip(parts, sentences, strict=True)]
    return table("What theorems promise of the curves", columns, rows)


def _figure(radii: list[float], panels: dict[str, dict[str, np.ndarray]]) -> dict[str, Any]:
    data = {
        "radii": radii,
        "panels": [
            {"title": title, "curves": [_curve(name, rows) for name, rows in curves.items()]}
            for title, curves in panels.items()
        ],
    }
    return figure(
        "transfer-curves", "Theory beside the curves of SVMs", _CAPTION, Grade.FLOAT, data
    )


_CAPTION = (
    "Mean accuracy over SVMs, with the least and the greatest of any one. First what attacks left, "
    "and the least that any attack on the examples of the other SVMs' attacks could leave; then "
    "what is left where each example moves by the radius along a normal: that of the boundary "
    "which a machine, the attacked one or another, reaches first. What is exact was decided for "
    "each example on the trained weights."
)


def _optimum(found: Promised, k: int) -> str:
    others, own, least, own_least = (
        float(rows[:, k].mean())
        for accuracy in (found.measured, found.least)
        for rows in (_others(accuracy), _own(accuracy))
    )
    count, wrong = found.contradicted()
    return (
        f"At $\\varepsilon={found.transfer.radii[k]:g}$, where theory and measurement are farthest "
        f"apart, no attack leaves SVMs less than an accuracy of {least:.3f}, exactly, and some "
        f"attack leaves no more. Measured, attacks of other SVMs left {others:.3f}, "
        f"{others - least:.3f} above it, and their own {own:.3f}, {own - own_least:.3f} above the "
        f"least on their examples; of {count:,} labels that SVMs gave to any attack or noise in "
        f"balls that keep the label, {wrong or 'none'} {'was' if wrong < 2 else 'were'} wrong."
    )


def _along_normals(normals: dict[str, np.ndarray], measured: np.ndarray, radius: float) -> str:
    free, inside, other_free, other_inside = (f"{float(v.mean()):.3f}" for v in normals.values())
    return (
        "Along a normal one score overtakes another at an exact length: where each example moves "
        f"by {radius:g}, in the maximum norm, along a normal of the machine itself, an accuracy of "
        f"{free} is left, or "
        f"{inside} where inputs end at 0 and 1; along one of another SVM, which stands for the "
        f"$w^*$ of Theorem 4, {other_free} or {other_inside} is left, where measured attacks of "
        f"other SVMs within that radius left {float(measured.mean()):.3f}."
    )


def _own(accuracy: np.ndarray) -> np.ndarray:
    """Return what each machine is left by itself as a source: (machine, radius)."""
    return np.asarray(accuracy.diagonal().T)


def _others(accuracy: np.ndarray) -> np.ndarray:
    """Return what each machine is left by all others, on average: (machine, radius)."""
    return np.array([
        np.delete(accuracy[:, j], j, axis=0).mean(axis=0) for j in range(len(accuracy))
    ])  # fmt: skip


def _curve(source: str, rows: np.ndarray) -> dict[str, Any]:
    return {
        "source": source,
        "mean": rows.mean(axis=0).tolist(),
        "low": rows.min(axis=0).tolist(),
        "high": rows.max(axis=0).tolist(),
    }


EXPERIMENT = Question(
    id="theory",
    title="Theory beside the curves",
    question="Which part of the curves does a theorem promise, and how far is what was measured?",
    claims=(
        "charles-normal-direction",
        "charles-thm-4",
        "charles-thm-7",
        "charles-sec7-independence",
        "charles-sec7-link",
    ),
    run=run,
)
