"""Transfer of projected-gradient attacks between trained classifiers, as the paper's Section 7."""

from __future__ import annotations

from typing import Any

import numpy as np

from verify.attack.transfer import Average
from verify.experiments.experiment import Experiment, Materials, Result, figure, table
from verify.grades import Grade

NAMES = {"svm": "SVM", "network": "network", "random": "random"}
TABLE_RADII = (0.05, 0.1, 0.2, 0.3, 0.4)


def run(materials: Materials) -> Result:
    """Average the measured accuracies as Figure 4 does and say in which order the attacks come."""
    models = materials.models
    averages = models.transfer.averages()
    radii = list(models.transfer.radii)
    targets = list(dict.fromkeys(target for target, _ in averages))
    panels = [
        {
            "title": f"{NAMES[target]} targets",
            "curves": [
                _curve(source, averages[target, source]) for t, source in averages if t == target
            ],
        }
        for target in targets
    ]
    shown = [int(np.argmin([abs(r - wanted) for r in radii])) for wanted in TABLE_RADII]
    rows: list[list[Any]] = [
        [NAMES[target], NAMES[source], *(round(float(average.mean[k]), 4) for k in shown)]
        for (target, source), average in averages.items()
    ]
    columns = [
        ("attacked", "", Grade.FLOAT), ("attack from", "", Grade.FLOAT),
        *((f"$\\varepsilon={radii[k]:g}$", "accuracy", Grade.FLOAT) for k in shown),
    ]  # fmt: skip
    attack = models.preset.attack
    caption = (
        f"Mean accuracy over classifiers, with the least and the greatest of any one classifier; "
        f"{models.preset.subsets} SVMs and {models.preset.subsets} networks, each trained on "
        f"{models.preset.subset_size} images of its own; {models.transfer.examples} attacked test "
        "images; "
        f"{attack.steps} {attack.step_rule} steps of {attack.step:g}; a classifier's own attack on "
        "itself is left out."
    )
    return Result(
        _finding(averages, shown[1], radii),
        {},
        (),
        models.transfer.correct.size,
        (table("Mean accuracy under attack", columns, rows),),
        (figure("transfer-curves", "Accuracy against the size of the perturbation", caption,
                Grade.FLOAT, {"radii": radii, "panels": panels}),),
        {"examples": models.transfer.examples, "steps": attack.steps, "step": attack.step,
         "step rule": attack.step_rule},
    )  # fmt: skip


def _curve(source: str, average: Average) -> dict[str, Any]:
    return {
        "source": NAMES[source],
        "mean": [float(x) for x in average.mean],
        "low": [float(x) for x in average.minimum],
        "high": [float(x) for x in average.maximum],
    }


def _finding(averages: dict[tuple[str, str], Average], k: int, radii: list[float]) -> str:
    parts = []
    for target in dict.fromkeys(target for target, _ in averages):
        ranked = sorted(
            (float(average.mean[k]), source)
            for (t, source), average in averages.items()
            if t == target
        )
        listed = ", ".join(f"{NAMES[source]} {mean:.2f}" for mean, source in ranked)
        parts.append(f"{NAMES[target]} targets, strongest attack first: {listed}")
    return f"Mean accuracy at $\\varepsilon={radii[k]:g}$: {'; '.join(parts)}."


EXPERIMENT = Experiment(
    id="transfer",
    title="Transfer of gradient attacks",
    question="How much accuracy do SVMs and networks lose to attacks made on others, and to noise?",
    claims=(
        "charles-thm-4",
        "charles-thm-7",
        "charles-thm-10",
        "charles-cor-17",
        "charles-abstract-transfer",
        "charles-sec6-nontransfer",
        "charles-sec7-steps",
        "charles-sec7-independence",
        "charles-sec7-link",
    ),
    run=run,
)
