"""Audits of models in which pairs of classes vote: attacks and steps, certified by votes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.multiclass import OneVsOneClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, LinearSVC

from certify.cli import main as certify
from certify.errors import InputError
from verify import audit
from verify.cli import main as verify

X, Y = load_iris(return_X_y=True)


def test_a_support_vector_machine_is_audited_by_its_votes(tmp_path: Path) -> None:
    fitted = make_pipeline(StandardScaler(), SVC(kernel="linear", C=10)).fit(X, Y)
    found = audit(fitted, X, Y, radii=["0.2"])
    assert set(found.results) == {"adversaries", "pairs", "universal-steps"}
    assert found.count("certified") == len(found.decisions) > 10
    assert found.found("fooled") > 0
    assert any(note.startswith("Pairs of classes vote") for note in found.notes)
    (adversaries,) = found.results["adversaries"].decisions
    kinds = {fact["fact"] for fact in adversaries.certificates[0].statement["facts"]}
    assert kinds == {"votes", "within"}
    found.write(tmp_path / "out")
    assert certify(["check", str(tmp_path / "out")]) == 0


def test_the_steps_of_a_pair_are_those_of_its_own_score() -> None:
    fitted = SVC(kernel="linear").fit(X, Y)
    found = audit(fitted, X, Y, radii=["0.1"])
    steps = [d for d in found.results["pairs"].decisions if "steps of this model" in d.subject]
    assert len(steps) == 3
    # 150 examples in two pairs each, of which the rule of a pair reads nearly all right.
    assert "reads some right, 29" in found.results["pairs"].finding


def test_one_against_one_is_certified_where_votes_alone_decide() -> None:
    found = audit(OneVsOneClassifier(LinearSVC(random_state=0)).fit(X, Y), X, Y, radii=["0.2"])
    assert found.count("certified") == len(found.decisions) > 10


def test_there_are_no_twins_where_there_is_no_softmax() -> None:
    fitted = SVC(kernel="linear").fit(X, Y)
    with pytest.raises(InputError, match="twins: expected a model with a softmax"):
        audit(fitted, X, Y, twins=[(0, 1)])


def test_a_file_is_audited_by_the_command_line(tmp_path: Path, capsys: object) -> None:
    skops = pytest.importorskip("skops.io")
    names = np.array(["setosa", "versicolor", "virginica"])[Y]
    np.savez(tmp_path / "iris.npz", X=X, y=names)
    skops.dump(SVC(kernel="linear").fit(X, names), tmp_path / "svc.skops")
    out = tmp_path / "out"
    asked = ["audit", str(tmp_path / "svc.skops"), "--data", str(tmp_path / "iris.npz")]
    assert verify([*asked, "--radius", "0.1", "--out", str(out)]) == 0
    assert certify(["check", str(out)]) == 0
