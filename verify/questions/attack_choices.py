"""What the choices that the paper leaves open change, and how alike perturbations are."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from certify.bounds.threads import one_thread
from verify.attack.answers import perturbed
from verify.attack.checkpoints import Checkpoints
from verify.attack.experiment import TransferExperiment
from verify.attack.models import Classifier, count_correct
from verify.attack.projected_gradient import Attack
from verify.attack.similarity import SUBSPACE, similarity
from verify.evidence.grades import Grade
from verify.evidence.result import Question, Result, table
from verify.questions.kept import kept_answer
from verify.questions.question import Materials
from verify.questions.transfer import NAMES

RADII = (0.1, 0.2, 0.4)  # or those next to them of the attack, whose steps reach no further
IMAGES = 200  # at most, attacked for each choice
COMPARED = 0.1  # radius at which perturbations are compared, or the one next to it

STEPS = {"sign": "steps of signs", "gradient": "raw gradient steps"}

AS_HERE = "as chosen here, from one source alone"

# Family of the source, what is changed, and the setting.
CHOICES: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("svm", AS_HERE, {}),
    *(("svm", text, {"step_rule": rule}) for rule, text in STEPS.items()),
    ("svm", "random start", {"start": "random"}),
    ("svm", "one step of the radius", {"steps": 1}),
    ("svm", "margin loss", {"loss": "margin"}),
    ("svm", "one-against-rest hinge loss", {"loss": "hinge"}),
    ("svm", "its square, LinearSVC's own loss", {"loss": "squared-hinge"}),
    ("svm", "inputs may leave [0, 1]", {"box": False}),
    ("network", AS_HERE, {}),
    *(("network", text, {"step_rule": rule}) for rule, text in STEPS.items()),
    ("network", "random start", {"start": "random"}),
    ("network", "one step of the radius", {"steps": 1}),
    ("network", "margin loss", {"loss": "margin"}),
    ("network", "gradients in bfloat16", {"precision": "bfloat16"}),
    ("network", "inputs may leave [0, 1]", {"box": False}),
)

Job = tuple[TransferExperiment, tuple[str, str, dict[str, Any]], int, Checkpoints | None]


def run(materials: Materials) -> Result:
    """Attack from the first classifier of each family in every way, and test the others."""
    models = materials.models.portable()
    seed = materials.seed_for("choices")
    own, radii = STEPS[models.preset.attack.step_rule], _near(RADII, models)
    choices = [choice for choice in CHOICES if choice[1] != own]
    jobs = [(models, choice, seed, materials.keep) for choice in choices]
    found = materials.each("trying other choices", _accuracies, jobs)
    rows: list[list[Any]] = [
        [NAMES[family], text, *(round(v, 4) for values in accuracies for v in values)]
        for (family, text, _), accuracies in zip(choices, found, strict=True)
    ]
    columns = [
        ("attack from", "", Grade.FLOAT), ("choice", "", Grade.FLOAT),
        *((f"{NAMES[target]} at {r:g}", "accuracy", Grade.FLOAT)
          for target in NAMES if target != "random" for r in radii),
    ]  # fmt: skip
    noise = [list(_noise(models, law, seed)) for law in ("uniform", "signs")]
    for law, values in zip(("uniform noise", "noise of random signs"), noise, strict=True):
        rows.append(["random", law, *(round(v, 4) for v in values)])
    alike, measured = _alike(materials, seed)
    titles = (AS_HERE if text == own else text for text in STEPS.values())
    signs, raw = ({row[0]: row[2:] for row in rows if row[1] == title} for title in titles)
    last = len(radii) - 1
    finding = (
        f"With raw gradients instead of their signs, attacks from an SVM leave other SVMs an "
        f"accuracy of {raw['SVM'][last]:.2f} at $\\varepsilon={radii[-1]:g}$ where signs leave "
        f"{signs['SVM'][last]:.2f}, and attacks from a network leave other networks "
        f"{raw['network'][-1]:.2f} where signs leave {signs['network'][-1]:.2f}. " + alike[0]
    )
    tables = (table("What a choice changes: accuracy of the other classifiers", columns, rows),)
    return Result(
        finding, {}, (), sum(len(row) - 2 for row in rows) + measured, (*tables, alike[1]), (),
        {"examples": min(IMAGES, len(models.examples))},
    )  # fmt: skip


def _near(wanted: Sequence[float], models: TransferExperiment) -> tuple[float, ...]:
    """Return the radii of the attack that are nearest to those wanted: its steps reach these."""
    own = models.preset.attack.radii
    return tuple(dict.fromkeys(min(own, key=lambda r: abs(r - w)) for w in wanted))


def _accuracies(job: Job) -> list[list[float]]:
    """Return the mean accuracy of the other classifiers, by family and radius."""
    models, (family, text, settings), seed, keep = job
    facts, _ = kept_answer(
        keep,
        f"choice of {family}: {text}",
        lambda: ({"accuracies": _measured(models, family, settings, seed)}, ()),
    )
    accuracies: list[list[float]] = facts["accuracies"]
    return accuracies


def _measured(
    models: TransferExperiment, family: str, settings: dict[str, Any], seed: int
) -> list[list[float]]:
    source = next(c for c in models.classifiers if c.family == family)
    images, labels = models.examples.images[:IMAGES], models.examples.labels[:IMAGES]
    loss = models.preset.svm_loss if family == "svm" else models.preset.attack.loss
    radii = _near(RADII, models)
    attack = replace(models.preset.attack.on_cpu(), **{"loss": loss, "radii": radii, **settings})
    with one_thread():
        if attack.steps == 1:
            # A single step has to be as long as the radius.
            singles = [replace(attack, radii=(r,), step=r) for r in radii]
            moved = [perturbed(source, images, labels, a, seed)[0] for a in singles]
        else:
            moved = list(perturbed(source, images, labels, attack, seed))
        return _tested(models, source, moved, labels)


def _noise(models: TransferExperiment, law: Any, seed: int) -> list[float]:
    images, labels = models.examples.images[:IMAGES], models.examples.labels[:IMAGES]
    with one_thread():
        attack = Attack(radii=_near(RADII, models), box=models.preset.attack.box)
        moved = list(perturbed(None, images, labels, attack, seed, noise=law))
        return [v for values in _tested(models, None, moved, labels) for v in values]


def _tested(
    models: TransferExperiment, source: Classifier | None, moved: list[Any], labels: np.ndarray
) -> list[list[float]]:
    result = []
    for family in ("svm", "network"):
        others = [c for c in models.classifiers if c.family == family and c is not source]
        modules = [c.module() for c in others if source is None or c.name != source.name]
        counts = [[count_correct(m, points, labels) for points in moved] for m in modules]
        result.append((np.mean(counts, axis=0) / len(labels)).tolist())
    return result


def _alike(materials: Materials, seed: int) -> tuple[tuple[str, dict[str, Any]], int]:
    """Compare the perturbations of all classifiers with one another and with universal ones."""
    models = materials.models
    images, labels = models.examples.images[:IMAGES], models.examples.labels[:IMAGES]
    (radius,) = _near((COMPARED,), models)
    attack = replace(models.preset.attack.on_cpu(), radii=(radius,))
    sources = [*models.classifiers, *models.universal]
    n = len(sources)
    moved = materials.map(_changes, sources, [images] * n, [labels] * n, [attack] * n, [seed] * n)
    # As wide as all of space, subspaces would be the same whatever the perturbations.
    dimension = min(SUBSPACE, len(images), (images.shape[1] + 1) // 2)
    found = similarity(moved, dimension)
    kinds = [*(NAMES[c.family] for c in models.classifiers), *(u.name for u in models.universal)]
    names = list(dict.fromkeys(kinds))
    rows: list[list[Any]] = []
    means = {}
    for a in names:
        for b in names[names.index(a) :]:
            pairs = [
                (i, j) for i, p in enumerate(kinds) for j, q in enumerate(kinds)
                if (p, q) == (a, b) and i != j
            ]  # fmt: skip
            if pairs:
                cosine = float(np.mean([found.cosines[p] for p in pairs]))
                angle = float(np.mean([found.angles[p] for p in pairs]))
                rows.append([a, b, round(cosine, 4), round(angle, 1)])
                means[a, b] = cosine
    columns = [
        ("perturbations of", "", Grade.FLOAT), ("and of", "", Grade.FLOAT),
        ("mean cosine", "", Grade.FLOAT),
        (f"mean angle of {dimension}-dimensional subspaces", "degrees", Grade.FLOAT),
    ]  # fmt: skip
    text = (
        f"At $\\varepsilon={radius:g}$ the perturbations of two SVMs have a mean cosine of "
        f"{means['SVM', 'SVM']:.2f}, of two networks {means['network', 'network']:.2f}, of an SVM "
        f"and a network {means['SVM', 'network']:.2f}; those of SVMs and the exact max-margin "
        f"directions {means['SVM', 'max margin']:.2f}."
    )
    title = f"How alike perturbations of the same examples are at radius {radius:g}"
    return (text, table(title, columns, rows)), 2 * len(rows)


def _changes(
    source: Any, images: np.ndarray, labels: np.ndarray, attack: Attack, seed: int
) -> np.ndarray:
    with one_thread():
        moved = perturbed(source, images, labels, attack, seed)[0]
    return np.asarray(moved.cpu().numpy() - images)


EXPERIMENT = Question(
    id="attack-choices",
    title="What the choices of the attack change",
    question="Which of the choices that the paper leaves open matter, and how alike are the "
    "perturbations of different classifiers?",
    claims=("charles-sec7-steps", "charles-sec7-link", "charles-thm-8"),
    run=run,
)
