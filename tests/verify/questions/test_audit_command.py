"""``verify audit``: reports, exit codes, and arguments that are refused."""

from __future__ import annotations

import hashlib
import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from certify.checking import checker
from tests.verify.questions.models import IMAGES, linear, run, subject
from verify import cli, commands
from verify.commands.audit import found_in, was_asked
from verify.questions import Audit, attacks, head


def test_the_command_writes_a_report_that_checks(
    files: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert run(files, "@head.npz", "--data", "@data.npz", "--out", str(out)) == 0
    printed = capsys.readouterr().out
    assert "0 refuted, 0 undecided" in printed
    assert f"certify check {out}" in printed
    assert checker.main([str(out)]) == 0
    report = json.loads((out / "report.json").read_text())
    assert report["experiments"][0]["id"] == "adversaries"
    page = (out / "index.html").read_text()
    assert '<h1 id="headline">Reads ' in page
    assert '<article id="charles-def-adv" class="claim">' in page
    assert "verify audit" in report["run"]["command"]
    assert "Class regions of the last layer" in page
    again = ["@head.npz", "--data", "@data.npz", "--out", str(out)]
    assert run(files, *again) == commands.EXIT_USAGE
    assert "expected a new directory (or --overwrite)" in capsys.readouterr().err
    assert run(files, *again, "--overwrite", "--json") == 0
    answers = json.loads(capsys.readouterr().out)
    assert answers["format"] == "adversarial-geometry/audit"
    assert answers["answers"][0]["grade"] == "certified"


@pytest.mark.parametrize(("starts", "said"), [(True, ""), (False, "no browser was found")])
def test_the_report_opens_in_a_browser(
    starts: bool,
    said: str,
    files: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    opened: list[str] = []
    monkeypatch.setattr("webbrowser.open", lambda address: opened.append(address) or starts)
    assert run(files, "@head.npz", "--out", str(tmp_path / "out"), "--open") == 0
    assert opened == [(tmp_path / "out" / "index.html").as_uri()]
    assert said in capsys.readouterr().err


def test_fail_on_is_an_exit_code(
    files: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["@head.npz", "--data", "@data.npz", "--examples", "60", "--overwrite"]
    arguments += ["--out", str(tmp_path), "--radius", "0.3"]
    assert run(files, *arguments, "--fail-on", "undecided", "empty-class", "parallel") == 0
    capsys.readouterr()
    assert run(files, *arguments, "--fail-on", "fooled") == 1
    assert capsys.readouterr().err.endswith("verify audit: found: fooled\n")


def test_what_fail_on_looks_for_is_found() -> None:
    model = linear([[-1, 0, 1, 0]], [0, 1, 0, -5])
    regions = head.class_regions(subject(model, [[0.0]]))
    assert regions is not None
    found = Audit(model, 0, "", 0, {"class-regions": regions}, {})
    assert found_in(found, "empty-class")
    assert found_in(found, "parallel")
    assert not found_in(found, "fooled")
    assert not found_in(found, "undecided")
    assert was_asked(found, "parallel")
    assert was_asked(found, "undecided")
    assert not was_asked(found, "fooled")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("@none.onnx",), "none.onnx: expected a file of a model, got no such file"),
        (("@net.pt", "--data", "@data.npz"), "--architecture: expected mlp or cnn"),
        (("@head.npz", "--data", "@none.npz"), "the arrays X and y, got no such file ("),
        (("@head.npz", "--data", "nothing"), "--data: expected digits, mnist or a .npz file"),
        (("@head.npz", "--data", "mnist"), "--data-dir: expected the folder of MNIST's files"),
        (("@head.npz", "--data", "@wrong.npz"), "y: expected labels of the model"),
        (("@head.npz", "--data-dir", "."), "--data-dir: expected this option with --data"),
        (("@head.npz", "--fail-on", "fooled"), "--fail-on: expected --data with fooled"),
        (
            ("@head.npz", "--data", "@data.npz", "--fail-on", "twin"),
            "--fail-on: expected --twin I:J with twin",
        ),
        (("@head.npz", "--twin", "1:2"), "--twin: expected this option with --data"),
        (("@head.npz", "--save", "@none/a.npz"), "--save: expected a .npz file in a folder that"),
        (("@head.npz", "--save", "@a.csv"), "--save: expected a .npz file in a folder that"),
        (("@head.npz", "--data", "digits", "--twin", "1-2"), "--twin: expected two numbers"),
        (("@head.npz", "--data", "digits", "--examples", "0"), "--examples: expected at least 1"),
    ],
)
def test_bad_arguments_are_one_line_and_nothing_is_written(
    arguments: tuple[str, ...], message: str,
    files: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    out = tmp_path / "out"
    assert run(files, *arguments, "--out", str(out)) == commands.EXIT_USAGE
    error = capsys.readouterr().err
    assert message in error
    assert "Traceback" not in error
    assert not out.exists()


def test_the_model_comes_first_for_options_take_what_follows(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit):
        cli.main(["audit", "--fail-on", "fooled", "model.onnx"])
    error = capsys.readouterr().err
    assert error.startswith("usage: verify audit MODEL [OPTION ...]\n")
    assert "argument --fail-on: invalid choice: 'model.onnx'" in error


def test_a_state_dict_is_audited(files: Path, tmp_path: Path) -> None:
    arguments = ["@net.pt", "--architecture", "mlp", "--data", "digits", "--examples", "80"]
    assert run(files, *arguments, "--out", str(tmp_path / "out")) == 0
    assert checker.main([str(tmp_path / "out")]) == 0


def test_a_report_knows_model_data_and_the_rows_of_its_examples(
    files: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    arguments = ("@head.npz", "--data", "@data.npz", "--examples", "50", "--seed", "3")
    assert run(files, *arguments, "--out", str(out)) == 0
    about = json.loads((out / "report.json").read_text())["audit"]
    for part, name in (("model", "head.npz"), ("data", "data.npz")):
        assert about[part]["sha256"] == hashlib.sha256((files / name).read_bytes()).hexdigest()
        assert about[part]["file"] == str(files / name)
    assert len(about["data"]["rows"]) == 50
    used = about["questions"]["adversaries"]["examples"]
    assert 0 < len(used) <= attacks.ATTACKED
    assert set(used) <= set(about["data"]["rows"])
    points = {tuple(x) for x in IMAGES[used].tolist()}
    lines = (out / "certificates.jsonl").read_text().splitlines()
    certificate = next(c for c in map(json.loads, lines) if '"within"' in json.dumps(c))
    assert {tuple(x) for x in _points(certificate)[len(used) :]} == points


def _points(certificate: dict[str, Any]) -> list[list[float]]:
    return [
        [float(Fraction(v)) for v in point]
        if isinstance(point, list)
        else [n * 2.0 ** point["exponent"] for n in point["integers"]]
        for point in certificate["instance"]["points"]
    ]
