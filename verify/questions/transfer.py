"""Transfer of projected-gradient attacks between trained classifiers, as the paper's Section 7."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from verify.attack.experiment import TransferExperiment
from verify.attack.findings import Found
from verify.attack.resampling import resampled_rates
from verify.attack.transfer import Average, Transfer
from verify.evidence.grades import Grade
from verify.evidence.result import Question, Result, figure, table
from verify.questions.question import Materials
from verify.questions.section_7 import choices_table, confirmed, findings_tables

NAMES = {"svm": "SVM", "network": "network", "random": "random"}
PRINTED = {"svm": ", as in Figure 4a", "network": ", as in Figure 4b"}
FINDINGS = "charles-sec7-findings"  # the claim that has them
TABLE_RADII = (0.05, 0.1, 0.2, 0.3, 0.4)
UNMOVED = ("unperturbed", "accuracy", Grade.FLOAT)
DRAWN = ("svm", "network", "random")  # what Figure 4 shows; tables have the other sources too


def run(materials: Materials) -> Result:
    """Average the measured accuracies as Figure 4 does and say in which order the attacks come."""
    models = materials.models
    transfer, attack = models.transfer, models.preset.attack
    averages = transfer.averages()
    radii = list(transfer.radii)
    found = resampled_rates(transfer, materials.seed_for("bootstrap"))
    first, *others = (int(np.argmin([abs(r - wanted) for r in radii])) for wanted in TABLE_RADII)
    main, later = others[0], list(dict.fromkeys(others))  # the same where radii are few
    shown = list(dict.fromkeys([first, *others]))
    caption = (
        f"Mean accuracy over classifiers, with the least and the greatest of any one classifier; "
        f"{models.preset.subsets} SVMs and {models.preset.subsets} networks, each trained on "
        f"{models.preset.subset_size} examples of its own; {transfer.examples} test "
        "examples attacked from each of them, and as much noise; "
        f"{attack.steps} {attack.step_rule} steps of {attack.step:g}; "
    )
    figures = [
        figure("transfer-curves", f"Accuracy against the size of the perturbation{title}",
               f"{caption}{text}.", Grade.FLOAT,
               {"radii": radii, "panels": _panels(curves, parts)})
        for title, text, curves, parts in (
            (", own attacks counted as in Figure 4", "a classifier's own attack is counted",
             transfer.averages(include_self=True), PRINTED),
            ("", "a classifier's own attack on itself is left out", averages, {}),
        )
    ]  # fmt: skip
    findings = confirmed(found, radii, models.preset.subsets)
    return Result(
        f"{_finding(averages, main, radii)} {findings}",
        {FINDINGS: findings},
        (),
        transfer.correct.size,
        (
            *findings_tables(found, radii, later, models.preset.subsets),
            choices_table(models.preset, mnist=models.dataset == "mnist/train"),
            _accuracies(transfer, found, shown, main),
            _kept(transfer, shown),
            _mistakes(transfer, shown),
            *_given(models.everything, shown),
        ),
        tuple(figures),
        {"examples": transfer.examples, "steps": attack.steps, "step": attack.step,
         "step rule": attack.step_rule, "loss for networks": attack.loss,
         "loss for SVMs": models.preset.svm_loss, "start": attack.start, "noise":
         models.preset.noise, "kept in [0, 1]": attack.box,
         "precision of gradients": attack.precision, "inputs": models.scale,
         **_replaced(models)},
    )  # fmt: skip


def _replaced(models: TransferExperiment) -> dict[str, str | float | bool]:
    """Say for which classes a universal direction is not what its name says."""
    classes = [str(k) for u in models.universal for k in u.replaced]
    name = "classes that no hyperplane separates, with means instead of margins"
    return {name: ", ".join(classes)} if classes else {}


def _panels(
    averages: dict[tuple[str, str], Average], parts: Mapping[str, str]
) -> list[dict[str, Any]]:
    return [
        {
            "title": f"{NAMES[target]} targets{parts.get(target, '')}",
            "curves": [
                _curve(source, average)
                for (t, source), average in averages.items()
                if t == target and source in DRAWN
            ],
        }
        for target in dict.fromkeys(target for target, _ in averages)
    ]


def _accuracies(transfer: Transfer, found: Found, shown: list[int], main: int) -> dict[str, Any]:
    """Tabulate the means of Figure 4 and where they would lie for other models and images."""
    rows: list[list[Any]] = []
    for (target, source), average in transfer.averages().items():
        low, high = (float(end[main]) for end in found[target, source].right.band())
        means = [round(float(average.mean[k]), 4) for k in shown]
        own = transfer.averages(include_self=True)[target, source].mean[main]
        unmoved = float(found[target, source].clean.value[main])
        rows.append(
            [NAMES[target], NAMES.get(source, source), round(unmoved, 4), *means,
             f"{low:.3f} to {high:.3f}", round(float(own), 4)]
        )  # fmt: skip
    return table(
        "Mean accuracy under attack (Theorem 7: SVM on SVM; Corollary 17: network on SVM; "
        "Section 6: SVM on network)",
        [
            *_pair_columns(), UNMOVED, *_radius_columns(transfer, shown, "accuracy"),
            (f"95% interval at {transfer.radii[main]:g}", "for all radii at once",
             Grade.FLOAT),
            (f"with self-attacks at {transfer.radii[main]:g}", "accuracy", Grade.FLOAT),
        ],
        rows,
    )  # fmt: skip


def _kept(transfer: Transfer, shown: list[int]) -> dict[str, Any]:
    """Tabulate the accuracy among the examples that the target had right."""
    rows: list[list[Any]] = [
        [NAMES[target], NAMES.get(source, source),
         *(round(float(average.mean[k]), 4) for k in shown)]
        for (target, source), average in transfer.averages(kept=True).items()
    ]  # fmt: skip
    columns = [*_pair_columns(), *_radius_columns(transfer, shown, "accuracy")]
    return table("The same, of the examples that the target gets right unperturbed", columns, rows)


def _given(transfer: Transfer, shown: list[int]) -> list[dict[str, Any]]:
    """Tabulate what the user's own models do to the others, and the others to them."""
    kinds, families = np.array(transfer.kinds), np.array(transfer.families)
    rows: list[list[Any]] = []

    def add(target: str, source: str, targets: np.ndarray, sources: np.ndarray) -> None:
        pairs = np.ix_(sources, targets)
        unmoved = float(transfer.clean_accuracy[pairs].mean())
        means = transfer.accuracy[pairs].mean(axis=(0, 1))
        rows.append([target, source, *(round(float(v), 4) for v in (unmoved, *means[shown]))])

    for j in np.flatnonzero(families == "given"):
        for kind in dict.fromkeys(transfer.kinds):
            if kind != "given":
                add(transfer.targets[j], NAMES.get(kind, kind), np.array([j]), kinds == kind)
    for i in np.flatnonzero(kinds == "given"):
        for family in dict.fromkeys(transfer.families):
            if family != "given":
                add(NAMES[family], transfer.sources[i], families == family, np.array([i]))
        for j in np.flatnonzero(families == "given"):
            add(transfer.targets[j], transfer.sources[i], np.array([j]), np.array([i]))
    columns = [*_pair_columns(), UNMOVED, *_radius_columns(transfer, shown, "accuracy")]
    return [table("Accuracy under attack, with your own models", columns, rows)] if rows else []


def _mistakes(transfer: Transfer, shown: list[int]) -> dict[str, Any]:
    """Tabulate how often source and target make the same mistake."""
    kinds = np.array(transfer.families)
    rows: list[list[Any]] = []
    for target in dict.fromkeys(transfer.families):
        for source in dict.fromkeys(transfer.families):
            chosen = np.outer(kinds == source, kinds == target) & ~np.eye(len(kinds), dtype=bool)
            fooled, agreed = (
                part[: len(kinds)][chosen].sum(axis=0)
                for part in (transfer.fooled, transfer.agreed)
            )
            shares = [
                round(float(agreed[k] / fooled[k]), 4) if fooled[k] else "none fooled"
                for k in shown
            ]
            rows.append([NAMES[target], NAMES[source], *shares])
    columns = [*_pair_columns(), *_radius_columns(transfer, shown, "share")]
    return table("Of adversaries that fool both, the share with the same label", columns, rows)


def _pair_columns() -> list[tuple[str, str, Grade]]:
    return [("attacked", "", Grade.FLOAT), ("attack from", "", Grade.FLOAT)]


def _radius_columns(
    transfer: Transfer, shown: list[int], unit: str
) -> list[tuple[str, str, Grade]]:
    return [(f"$\\varepsilon={transfer.radii[k]:g}$", unit, Grade.FLOAT) for k in shown]


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
            if t == target and source in DRAWN
        )
        listed = ", ".join(f"{NAMES[source]} {mean:.2f}" for mean, source in ranked)
        order = ", strongest attack first" if ranked[0][0] < ranked[-1][0] else ""
        parts.append(f"{NAMES[target]} targets{order}: {listed}")
    return f"Mean accuracy at $\\varepsilon={radii[k]:g}$: {'; '.join(parts)}."


EXPERIMENT = Question(
    id="transfer",
    title="Transfer of gradient attacks",
    question="How much accuracy do SVMs and networks lose to attacks made on others, and to noise?",
    claims=(
        "charles-thm-4",
        "charles-thm-7",
        "charles-thm-10",
        "charles-cor-17",
        FINDINGS,
        "charles-larger-class",
        "charles-abstract-transfer",
        "charles-sec6-nontransfer",
        "charles-sec7-steps",
        "charles-sec7-independence",
        "charles-sec7-link",
    ),
    run=run,
)
