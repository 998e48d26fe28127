"""The main job end to end: the same report at any number of workers, resumable, checkable."""

from __future__ import annotations

import filecmp
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from certify.checking import checker
from verify import cli, commands
from verify.campaigns.job import CONFIGURATION, OWN_FILES
from verify.claims.claim import Paper
from verify.claims.registry import CLAIMS
from verify.evidence.ledger import CERTIFICATES, LEDGER
from verify.reporting import validate
from verify.reporting.progress import Progress

ROOT = Path(__file__).parents[3]
INSTANCES = 6
RUN = ["run", "--instances", str(INSTANCES), "--seed", "0"]


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished report, made with two workers."""
    out = tmp_path_factory.mktemp("two") / "digits"
    assert cli.main([*RUN, "--workers", "2", "--out", str(out)]) == 0
    return out


def stable(report: Path) -> dict[str, Any]:
    """The report without what may differ between two runs."""
    content: dict[str, Any] = json.loads((report / "report.json").read_text(encoding="utf-8"))
    del content["run"]
    return content


def test_everything_is_certified_and_counted(finished: Path) -> None:
    report = json.loads((finished / "report.json").read_text(encoding="utf-8"))
    validate(report)
    assert [claim["id"] for claim in report["claims"]] == list(CLAIMS)
    for claim in report["claims"]:
        assert claim["counts"]["certified"] == INSTANCES, claim["problems"]
    assert all(e["grade"] in ("certified", "float") for e in report["experiments"])
    lines = (finished / CERTIFICATES).read_text(encoding="ascii").splitlines()
    counted = sum(entry["certificates"] for entry in report["claims"] + report["experiments"])
    assert report["certificates"]["count"] == len(lines) == counted


def test_every_claim_has_an_experiment_or_says_so(finished: Path) -> None:
    page = (finished / "index.html").read_text(encoding="utf-8")
    for claim_id in CLAIMS:
        assert claim_id in page


def test_an_interrupted_run_resumes_to_the_same_files_with_one_worker(
    finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "digits"
    stage = Progress.stage

    def interrupting(self: Progress, description: str) -> Any:
        report = stage(self, description)

        def stop(done: int, total: int, label: str) -> None:
            report(done, total, label)
            if done == total // 2:
                raise KeyboardInterrupt

        return stop

    with monkeypatch.context() as patch:
        patch.setattr(Progress, "stage", interrupting)
        assert cli.main([*RUN, "--workers", "2", "--out", str(out)]) == commands.EXIT_INTERRUPTED
    partial = json.loads((out / "report.json").read_text(encoding="utf-8"))
    assert partial["run"]["complete"] is False
    assert "Partial report" in (out / "index.html").read_text(encoding="utf-8")
    assert cli.main([*RUN, "--workers", "1", "--resume", "--out", str(out)]) == 0
    assert stable(out) == stable(finished)
    names = (LEDGER, CERTIFICATES, CONFIGURATION)
    assert filecmp.cmpfiles(out, finished, names, shallow=False) == (list(names), [], [])


def test_the_checker_alone_accepts_the_report(finished: Path) -> None:
    command = [
        sys.executable,
        "-I",
        "-S",
        str(ROOT / "certify" / "checking" / "checker.py"),
        str(finished),
    ]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout[-500:]
    assert re.search(r"\d+  accepted, 0 refused\n$", result.stdout)


def test_a_changed_digit_is_refused_with_step_and_reason(finished: Path, tmp_path: Path) -> None:
    lines = (finished / CERTIFICATES).read_text(encoding="ascii").splitlines()
    line = next(text for text in lines if '"kind":"max-margin"' in text)
    certificate = json.loads(line)
    certificate["statement"]["margin_squared"] = "1/7919"
    (tmp_path / "certificates.jsonl").write_text(json.dumps(certificate) + "\n")
    command = [sys.executable, "-m", "certify", "check", str(tmp_path)]
    result = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert result.returncode == 1
    assert ":1: rejected: margin is the reciprocal of the norm: it is " in result.stdout


def test_readme_sample_output_is_what_the_job_prints(
    finished: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from verify.reporting import terminal

    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (sample,) = re.findall(r"ends with\n\n```text\n(.*?)```", readme, re.DOTALL)
    report = json.loads((finished / "report.json").read_text(encoding="utf-8"))
    terminal.print_run(report, "reports/digits")
    printed = capsys.readouterr().out

    def comparable(text: str) -> list[str]:
        # The sample is of 200 instances for each claim; only these counts depend on the number.
        for paper in Paper:
            size = sum(claim.paper is paper for claim in CLAIMS.values())
            for instances in (200, INSTANCES):
                every = size * instances
                text = re.sub(rf"\b{every}/{every}\b", "all/all", text)
                text = re.sub(rf"\b{size}( +){every}\b", f"{size} all", text)
                text = re.sub(rf"\ball( +){every}\b", "all all", text)
        # What is trained in floats differs a little from processor to processor.
        counts, experiments = text.split("\n\n", 1)
        masked = re.sub(r"\d+(\.\d+)?(e-?\d+)?", "#", experiments)
        return counts.split() + masked.split()

    assert comparable(printed) == comparable(sample)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--seed", "-1"], "verify: seed: expected at least 0, got -1"),
        (["--instances", "0"], "verify: instances: expected at least 1, got 0"),
        (["--workers", "0"], "verify: --workers: expected at least 1, got 0"),
        (["--claims", "charles-thm-44"], "got 'charles-thm-44'"),
        (["--resume"], "verify: --resume: expected the configuration of the interrupted run"),
    ],
)
def test_bad_arguments_leave_nothing_behind(
    arguments: list[str], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "digits"
    assert cli.main(["run", "--out", str(out), *arguments]) == commands.EXIT_USAGE
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1
    assert not out.exists()


def test_unknown_claims_are_answered_with_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["claims", "charles-thm-44"]) == commands.EXIT_USAGE
    assert "charles-thm-4," in capsys.readouterr().err


def test_an_existing_directory_is_refused(
    finished: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = {name: (finished / name).stat().st_mtime_ns for name in OWN_FILES}
    assert cli.main([*RUN, "--out", str(finished)]) == commands.EXIT_USAGE
    assert "expected a new directory (or --overwrite, or --resume)" in capsys.readouterr().err
    assert before == {name: (finished / name).stat().st_mtime_ns for name in OWN_FILES}
    (tmp_path / "thesis.tex").write_text("precious")
    assert cli.main([*RUN, "--overwrite", "--out", str(tmp_path)]) == commands.EXIT_USAGE
    assert "got one with other files" in capsys.readouterr().err
    assert (tmp_path / "thesis.tex").read_text() == "precious"


def test_resuming_another_configuration_is_refused(
    finished: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["run", "--instances", "7", "--resume", "--out", str(finished)]
    assert cli.main(arguments) == commands.EXIT_USAGE
    assert "got another instances" in capsys.readouterr().err


def test_an_unwritable_place_is_one_clear_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([*RUN, "--out", "/proc/nowhere/digits"]) == commands.EXIT_USAGE
    error = capsys.readouterr().err
    assert error.startswith("verify: --out: expected a directory that can be written, got")
    assert "(/proc/nowhere/digits)" in error
    assert error.count("\n") == 1


def test_the_commands_answer() -> None:
    for command in (["verify", "--version"], ["verify", "claims", "--help"], ["certify", "--help"]):
        result = subprocess.run(
            [sys.executable, "-m", *command], capture_output=True, text=True, check=False, cwd=ROOT
        )
        assert result.returncode == 0, result.stderr


def test_certificates_can_be_parsed_one_by_one(finished: Path) -> None:
    place, text = next(iter(checker.certificates_in(finished)))
    assert place.endswith("certificates.jsonl:1")
    assert checker.check(checker.parse(text))[0] in checker.RULES
