"""``verify attack``: bad input, the report, and going on after an interruption."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import verify.campaigns.job
from verify import cli, commands
from verify.attack.presets import PRESETS
from verify.attack.projected_gradient import Attack
from verify.questions import exact_adversaries, transfer


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    attack = Attack(radii=(0.05, 0.1, 0.2), steps=5, step=0.05)
    quick = replace(
        PRESETS["quick"], subsets=2, subset_size=300, examples=20, epochs=5, attack=attack, exact=8
    )
    monkeypatch.setitem(PRESETS, "quick", quick)
    # The others have tests of their own, and take longer than all the rest.
    experiments = tuple(
        e if e is exact_adversaries.EXPERIMENT else replace(e, run=transfer.run)
        for e in verify.campaigns.job.EXPERIMENTS
    )
    monkeypatch.setattr(verify.campaigns.job, "EXPERIMENTS", experiments)


def attack(out: Path, *more: str) -> int:
    return cli.main(["attack", "--instances", "1", "--workers", "1", "--out", str(out), *more])


def finished(out: Path) -> dict[str, Any]:
    report: dict[str, Any] = json.loads((out / "report.json").read_text(encoding="utf-8"))
    del report["run"], report["name"]
    return report


@pytest.mark.usefixtures("small")
def test_an_interrupted_attack_resumes_to_the_same_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    choices = ("--start", "random", "--svm-loss", "margin")
    assert attack(whole, *choices) == 0
    assert "Adversaries decided again (certified)" in capsys.readouterr().out
    report = finished(whole)
    assert report["configuration"]["choices"] == {"start": "random", "svm_loss": "margin"}

    def interrupt(*_: Any, **__: Any) -> Any:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        # Training and attacks are over then, and lie in files.
        patch.setattr(verify.campaigns.job, "Materials", interrupt)
        assert attack(parts, *choices) == commands.EXIT_INTERRUPTED
    kept = {path: path.stat().st_mtime_ns for path in (parts / "models").iterdir()}
    assert len(kept) == 4 + 9
    assert attack(parts, "--resume", *choices) == 0
    assert all(path.stat().st_mtime_ns == when for path, when in kept.items())
    assert finished(parts) == report
    for name in ("ledger.jsonl", "certificates.jsonl"):
        assert (parts / name).read_bytes() == (whole / name).read_bytes()


@pytest.mark.usefixtures("small")
def test_all_adversaries_can_be_decided_again(tmp_path: Path) -> None:
    assert attack(tmp_path / "all", "--exact", "all") == 0
    report = finished(tmp_path / "all")
    (entry,) = [e for e in report["experiments"] if e["id"] == "exact-adversaries"]
    # Each of 2 + 2 classifiers, at each of 3 radii, from each of 20 images.
    assert entry["settings"]["adversaries"] == 4 * 3 * 20
    assert entry["counts"]["certified"] == 4 * 3
    assert [row[1] for row in entry["tables"][0]["rows"]] == ["60"] * 4


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--preset", "huge"], "preset: expected one of quick, standard, paper, got 'huge'"),
        (["--preset", "standard"], "--data-dir: expected the folder of MNIST's files"),
        (["--data", "faces"], "--data: expected digits, mnist or a .npz file, got 'faces'"),
        (["--device", "tpu"], "device: expected"),
        (["--device", "mps"], "device: expected auto, cpu or cuda, got 'mps'"),
        (["--precision", "tf32"], "precision: expected float32 or bfloat16 on cpu, got 'tf32'"),
        (["--exact", "some"], "exact: expected an integer >= 0, or all, got 'some'"),
        (["--epochs", "0"], "epochs: expected an integer >= 1, got 0"),
        (["--exact", "-1"], "exact: expected an integer >= 0, got -1"),
    ],
)
def test_bad_input_is_one_clear_line_and_leaves_nothing(
    arguments: list[str], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert attack(out, *arguments) == commands.EXIT_USAGE
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1
    assert not out.exists()
