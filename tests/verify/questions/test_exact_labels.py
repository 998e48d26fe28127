"""Labels of kept adversaries are decided again, and what is wrong is noticed."""

from __future__ import annotations

import dataclasses
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from verify.attack.answers import Answers
from verify.attack.checkpoints import Checkpoints
from verify.attack.experiment import TransferExperiment, run_transfer
from verify.attack.presets import preset
from verify.data.digits import digits
from verify.evidence.result import Result
from verify.questions import exact_labels
from verify.questions.exact_labels import EXPERIMENT
from verify.questions.question import Materials

SMALL = dataclasses.replace(
    preset("quick"), subsets=2, subset_size=200, examples=20, epochs=2, share=0.05
).with_choices({"radii": (0.1, 0.2)})


@pytest.fixture(scope="module")
def models() -> TransferExperiment:
    return run_transfer(SMALL, digits(), seed=1)


def asked(models: TransferExperiment, **changes: Any) -> Result | None:
    """Ask of labels, with other arrays of the first source."""
    first, *others = models.transfer.answers
    answers = (dataclasses.replace(first, **changes), *others)
    transfer = dataclasses.replace(models.transfer, answers=answers)
    with ThreadPoolExecutor(1) as executor:
        return EXPERIMENT.run(
            Materials(digits(), dataclasses.replace(models, transfer=transfer), 0, executor)
        )


def test_labels_of_all_kinds_stand(models: TransferExperiment) -> None:
    result = asked(models)
    assert result is not None
    # Nine sources, a twentieth of 20 images at 2 radii, and four classifiers.
    assert result.measurements == 9 * 2 * 4
    assert "of 72 labels none differ from what floats gave" in result.finding
    assert "None of the adversaries lie outside the ball" in result.finding
    kinds = [row[0] for row in result.tables[0]["rows"]]
    assert kinds == ["svm", "network", "random", "class means", "max margin", "mean perturbation"]


def test_wrong_labels_and_points_outside_are_counted(models: TransferExperiment) -> None:
    found: Answers = models.transfer.answers[0]
    wrong = asked(models, labels=(found.labels + 1) % 10)
    assert wrong is not None
    assert "of 72 labels 8 differ from" in wrong.finding
    moved = found.kept.copy()
    moved[0, 0] = np.nextafter(np.float32(1), np.float32(2))
    outside = asked(models, kept=moved)
    assert outside is not None
    assert "1 of the adversaries lies outside the ball, exactly" in outside.finding


def test_labels_of_a_killed_run_are_not_decided_again(
    models: TransferExperiment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ask() -> Result | None:
        with ThreadPoolExecutor(1) as executor:
            keep = Checkpoints(tmp_path, "key")
            return EXPERIMENT.run(Materials(digits(), models, 0, executor, keep))

    monkeypatch.setattr(exact_labels, "PORTION", 4)
    first = ask()
    # Sources of a kind have 2 adversaries each at both radii together: in portions of 4 at most.
    assert len(list(tmp_path.iterdir())) == 6
    assert first == asked(models)
    (tmp_path / "labels-of-network-from-0.npz").unlink()
    decided = []
    by = exact_labels._by
    monkeypatch.setattr(exact_labels, "_by", lambda p, k: decided.append(p.kind) or by(p, k))
    assert ask() == first
    assert decided == ["network"] * 4


def test_nothing_is_said_where_nothing_was_kept(models: TransferExperiment) -> None:
    none = [
        dataclasses.replace(a, places=a.places[:0], kept=a.kept[:0])
        for a in models.transfer.answers
    ]
    transfer = dataclasses.replace(models.transfer, answers=tuple(none))
    with ThreadPoolExecutor(1) as executor:
        materials = Materials(digits(), dataclasses.replace(models, transfer=transfer), 0, executor)
        assert EXPERIMENT.run(materials) is None
