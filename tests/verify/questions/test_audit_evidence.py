"""The report of an audit says what its certificates say, and `certify bind` what its files are."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_iris

from certify import cli
from tests.verify.questions.forgeries import REPORT, edited
from verify.data.examples import read_examples
from verify.questions.audit import audit

OTHER = "0" * 64


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a model, data, and the audit of both, by their files."""
    folder = tmp_path_factory.mktemp("files")
    X, y = (array[::5] for array in load_iris(return_X_y=True))
    means = np.stack([X[k == y].mean(axis=0) for k in range(3)])
    np.savez(folder / "model.npz", W=means.T, b=-(means**2).sum(axis=1) / 2)
    np.savez(folder / "data.npz", X=X, y=y)
    examples = read_examples(str(folder / "data.npz"))
    audit(str(folder / "model.npz"), examples, radii=["1"]).write(folder / "audit")
    return folder


def called(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, list[str]]:
    code = cli.main([str(word) for word in words])
    return code, capsys.readouterr().out.splitlines()


def bound(files: Path, folder: Path) -> tuple[object, ...]:
    return ("bind", folder, files / "model.npz", "--data", files / "data.npz")


def test_the_honest_audit_is_accepted(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = json.loads((files / "audit" / REPORT).read_text(encoding="utf-8"))
    assert report["audit"]["questions"]["adversaries"]["found"]["fooled"]["count"] > 1
    for words in (("check", files / "audit"), bound(files, files / "audit")):
        code, lines = called(capsys, *words)
        assert code == 0, lines


def found(question: str, name: str) -> Callable[[dict[str, Any]], object]:
    def change(report: dict[str, Any]) -> None:
        report["audit"]["questions"][question]["found"][name]["count"] += 1

    return change


EDITS: dict[str, tuple[Callable[[dict[str, Any]], object], str]] = {
    **{
        f"one {name} more": (
            found(question, name),
            f'audit.questions.{question}.found: expected {{"',
        )
        for question, name in (
            ("adversaries", "fooled"),
            ("adversaries", "fooled within 1"),
            ("class-regions", "empty-class"),
            ("class-regions", "parallel"),
            ("invariant-directions", "dimension"),
            ("pairs", "separable"),
            ("universal-steps", "no-step"),
        )
    },
    "a float grade of a count": (
        lambda r: r["audit"]["questions"]["pairs"]["found"]["separable"].update(grade="float"),
        "audit.questions.pairs.found: expected",
    ),
    "an example less": (
        lambda r: r["audit"]["questions"]["adversaries"]["examples"].pop(),
        "audit.questions.adversaries.examples, how many: expected ",
    ),
    "an example that is none": (
        lambda r: r["audit"]["questions"]["pairs"]["examples"].append(99),
        "audit.questions.pairs.examples: expected numbers of audit.data.rows, each once",
    ),
    "a question that was not asked": (
        lambda r: r["audit"]["questions"].update(more={"examples": [], "found": {}}),
        "audit.questions: expected [",
    ),
    "rows less": (lambda r: r["audit"]["data"]["rows"].pop(), "report.json: data: expected {"),
    "more examples": (lambda r: r["data"].update(examples=31), "report.json: data: expected {"),
    "more classes": (lambda r: r["data"].update(classes=4), "report.json: data: expected {"),
    "more pixels": (lambda r: r["data"].update(pixels=5), "report.json: data: expected {"),
    "other arrays": (lambda r: r["data"].update(sha256=OTHER), "report.json: data: expected {"),
    "no data": (lambda r: r.update(data=None), "report.json: data: expected {"),
    "instances": (
        lambda r: r["configuration"].update(instances=5),
        "report.json: configuration: expected {",
    ),
    "another origin": (
        lambda r: r["configuration"]["choices"].update(model="other.onnx"),
        "report.json: configuration: expected {",
    ),
    "no audit": (
        lambda r: r.pop("audit"),
        "report.json: audit: expected what the certificates of an audit are about, got none",
    ),
    "claims that are a text": (
        lambda r: r.update(claims="x"),
        'report.json: claims: expected array, got "x"',
    ),
    "an accuracy of more examples": (
        lambda r: r["audit"]["accuracy"].update(examples=10**6),
        "report.json: audit.accuracy: expected at most ",
    ),
    "more right than there are": (
        lambda r: r["audit"]["accuracy"].update(right=10**6),
        "report.json: audit.accuracy: expected at most ",
    ),
    "no accuracy": (
        lambda r: r["audit"].update(accuracy=None),
        "report.json: audit.accuracy: expected one with data, got null",
    ),
    "a wider narrowest margin": (
        lambda r: r["audit"]["narrowest"].update(margin_squared="99"),
        'audit.narrowest: expected {"',
    ),
    "another pair": (
        lambda r: r["audit"]["narrowest"].update(pair="8 vs 9"),
        'audit.narrowest: expected {"',
    ),
    "no narrowest margin": (
        lambda r: r["audit"].update(narrowest=None),
        'audit.narrowest: expected {"',
    ),
    "a certified drift": (
        lambda r: next(
            f for e in r["experiments"] for f in e["figures"] if f["kind"] == "drift"
        ).update(grade="certified"),
        "figures[0].grade: expected float, as every figure of kind drift, got certified",
    ),
}


@pytest.mark.parametrize("edit", EDITS)
def test_every_edit_is_refused_with_its_reason(
    edit: str, files: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    change, reason = EDITS[edit]
    folder = Path(shutil.copytree(files / "audit", tmp_path / "audit"))
    edited(folder, change)
    code, lines = called(capsys, "check", folder)
    assert code == 1
    assert any(reason in line for line in lines), lines


def test_settings_of_a_run_beside_an_audit_are_refused(
    files: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = Path(shutil.copytree(files / "audit", tmp_path / "audit"))
    (folder / "configuration.json").write_text("{}")
    edited(folder, lambda report: None)
    code, lines = called(capsys, "check", folder)
    assert code == 1
    assert any("configuration.json: expected no such file beside an audit" in x for x in lines)


@pytest.mark.parametrize("name", ["model", "data"])
def test_another_file_with_the_same_numbers_is_said(
    name: str, files: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Either the file is another one, or the report names another."""
    folder = Path(shutil.copytree(files / "audit", tmp_path / "audit"))
    edited(folder, lambda report: report["audit"][name].update(sha256=OTHER))
    code, lines = called(capsys, *bound(files, folder))
    assert code == 1
    assert f"report.json: audit.{name}.sha256: {OTHER}, but the file given has " in lines[0]
    assert lines[-1].endswith("about this model and these data, 1 differences")
    for other in ("model", "data"):
        shutil.copy(files / f"{other}.npz", tmp_path)
    with np.load(files / f"{name}.npz") as stored:
        np.savez_compressed(tmp_path / f"{name}.npz", **stored)
    code, lines = called(capsys, *bound(tmp_path, files / "audit"))
    assert code == 1
    assert f"report.json: audit.{name}.sha256: " in lines[0]
    assert lines[-1].endswith(", 1 differences")


def test_certificates_alone_are_said_to_be_alone(
    files: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copy(files / "audit" / "certificates.jsonl", tmp_path)
    code, lines = called(capsys, "check", tmp_path)
    assert code == 0
    assert lines[0] == (
        f"{tmp_path / 'certificates.jsonl'}: certificates alone: no report and no ledger was "
        "compared with them"
    )
