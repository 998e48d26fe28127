"""Experiments on few examples, few radii, few or many classes: answered, or said why not."""

from __future__ import annotations

import dataclasses
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from verify.attack.experiment import TransferExperiment, run_transfer
from verify.attack.models import Classifier
from verify.attack.presets import preset
from verify.attack.projected_gradient import Attack
from verify.data.digits import Dataset
from verify.questions import attack_choices, certified_band, softmax_heads, theory, transfer
from verify.questions.question import Materials

TINY = dataclasses.replace(
    preset("quick"), name="tiny", subsets=2, examples=6, epochs=1, certified=2,
    attack=Attack(radii=(0.05,), steps=5, step=0.01, step_rule="gradient"),
)  # fmt: skip
SQUARE = np.random.default_rng(0).random((60, 2)).astype(np.float32)
DATA = Dataset("square", SQUARE, (SQUARE[:, 0] > 0.5).astype(int), (2,))


@pytest.fixture(scope="module")
def models() -> TransferExperiment:
    return run_transfer(TINY, DATA, 1)


def materials(models: TransferExperiment) -> Materials:
    return Materials(DATA, models, 0, ThreadPoolExecutor(1))


def test_a_single_radius_has_one_column(models: TransferExperiment) -> None:
    found = transfer.run(materials(models))
    (table,) = [t for t in found.tables if t["title"].startswith("Mean accuracy under attack")]
    names = [column["name"] for column in table["columns"]]
    assert names[2:4] == ["unperturbed", "$\\varepsilon=0.05$"]
    assert len(names) == 6
    (row,) = [row for row in table["rows"] if row[:2] == ["SVM", "network"]]
    rows = models.transfer.answers[0].examples[0]
    right = models.transfer.clean[:2, rows] == models.test.labels[rows]
    assert row[2] == round(float(right.mean()), 4)


def test_no_attack_is_called_the_strongest_where_all_tie(models: TransferExperiment) -> None:
    assert "strongest attack first" in str(transfer.run(materials(models)).finding)
    same = tuple(
        dataclasses.replace(a, labels=np.zeros_like(a.labels)) for a in models.transfer.answers
    )
    tied = dataclasses.replace(models, transfer=dataclasses.replace(models.transfer, answers=same))
    assert "strongest" not in str(transfer.run(materials(tied)).finding)


def test_theory_names_classes_that_the_test_part_lacks(models: TransferExperiment) -> None:
    labels = np.zeros(len(models.test), int)
    one = Dataset("test", models.test.images, labels, (2,))
    found = theory.run(materials(dataclasses.replace(models, test=one)))
    assert [row[0] for row in found.tables[2]["rows"]] == ["0", "1"]
    assert len(found.tables[1]["columns"]) == 2


def test_choices_are_asked_at_radii_that_the_attack_reaches(models: TransferExperiment) -> None:
    found = attack_choices.run(materials(models))
    table = found.tables[0]
    names = [column["name"] for column in table["columns"]]
    assert names == ["attack from", "choice", "SVM at 0.05", "network at 0.05"]
    rows = {tuple(row[:2]): row[2:] for row in table["rows"]}
    # Of the two rules of steps, the one that is not the report's own.
    assert ("SVM", "steps of signs") in rows
    assert ("SVM", "raw gradient steps") not in rows
    raw, signs = rows["network", attack_choices.AS_HERE][1], rows["network", "steps of signs"][1]
    said = f"leave other networks {raw:.2f} where signs leave {signs:.2f}. At $\\varepsilon=0.05$"
    assert said in found.finding
    assert "at $\\varepsilon=0.05$ where signs leave" in found.finding


def test_nobody_reads_an_example_right(models: TransferExperiment) -> None:
    wrong = np.array([[-1.0, 1.0], [0.0, 0.0]])
    upside_down = Classifier.of_svm("svm-0", -wrong, -np.array([0.5, -0.5]))
    other = dataclasses.replace(models, classifiers=(upside_down, *models.classifiers[1:]))
    found = certified_band.run(materials(other))
    assert "of 0 examples that it reads right svm-0 keeps 0 within 0.05" in found.finding
    assert [f["title"] for f in found.figures] == [
        "Accuracy of network-0 within each radius, whatever the attack"
    ]


def test_heads_of_many_classes_have_no_direction(models: TransferExperiment) -> None:
    head = np.array([[1, 0], [0, 1], [-1, 1], [2, 3]])
    state = {
        "0.weight": np.eye(2), "0.bias": np.zeros(2), "2.weight": head, "2.bias": np.zeros(4)
    }  # fmt: skip
    network = Classifier(
        "network-0", "network", "mlp", {k: v.astype(np.float32) for k, v in state.items()}
    )
    found = softmax_heads.run(materials(dataclasses.replace(models, classifiers=(network,))))
    assert found.finding.endswith("of dimension exactly 0, where Theorem 1 promises 0.")
    assert list(found.findings) == ["zou-thm-1", "zou-unconstrained"]
    assert not found.figures
    assert found.tables[0]["rows"][0][-3:] == ["no direction"] * 3
    assert [str(decision.grade) for decision in found.decisions] == ["certified"]
