"""``verify attack``: bad input, the report, and going on after an interruption."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
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


@pytest.mark.usefixtures("small")
def test_a_table_with_words_as_labels_and_an_own_model_end_in_a_file_of_labels(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(80, 3)) * [1.0, 50.0, 0.1] + 7.0, np.array(["no", "yes"] * 40)
    X[::2] -= [1.0, 40.0, 0.1]
    np.savez(tmp_path / "own.npz", X=X, y=y)
    np.savez(tmp_path / "words.npz", X=X, y=np.arange(80) % 2)
    np.savez(tmp_path / "head.npz", W=rng.normal(size=(3, 2)), b=np.zeros(2))
    head, out, saved = str(tmp_path / "head.npz"), tmp_path / "out", tmp_path / "labels.npz"
    data = ("--data", str(tmp_path / "words.npz"))
    own = ("--source", head, "--target", head, "--save", str(saved))
    assert attack(out, *data, *own, "--radius", "0.2", "--radius", "0.1", "--steps", "4") == 0
    assert "head.npz reads " in capsys.readouterr().out
    report = json.loads((out / "report.json").read_text(encoding="utf-8"))
    # The same files in other roles have other labels than those that were kept.
    again = ("--radius", "0.2", "--radius", "0.1", "--steps", "4", "--resume")
    assert attack(out, *data, "--source", head, *again) == 2
    assert "expected one of this experiment and job" in capsys.readouterr().err
    assert f" --data {tmp_path / 'words.npz'} " in report["run"]["command"]
    assert report["data"]["scale"].startswith(
        "read as a table, each feature brought to [0, 1] by its range"
    )
    assert report["configuration"]["choices"] == {"steps": 4, "radii": [0.1, 0.2]}
    titles = [t["title"] for e in report["experiments"] for t in e["tables"]]
    assert "Accuracy under attack, with your own models" in titles
    with np.load(saved, allow_pickle=False) as file:
        assert file["labels"].shape == (4 + 2 + 3 + 1, 4 + 1, 2, 20)
        assert np.array_equal(file["classes"][file["truth"]], file["rows"] % 2)
    # Its labels 0 and 1 are the ranks of two words, but not of three.
    own_data, few = tmp_path / "own.npz", ("--radius", "0.2", "--steps", "4")
    assert attack(tmp_path / "ranks", "--data", str(own_data), *own, *few) == 0
    said = capsys.readouterr().out
    assert "examples right, its labels 0, 1, ... standing for the data's in their order" in said
    with np.load(saved, allow_pickle=False) as file:
        assert file["classes"].tolist() == ["no", "yes"]
        assert np.array_equal(file["classes"][file["truth"]], y[file["rows"]])
    np.savez(own_data, X=X, y=np.where(np.arange(80) % 3, y, "perhaps"))
    assert attack(tmp_path / "other", "--data", str(own_data), *own) == 2
    error = capsys.readouterr().err
    assert "y: expected labels of the model, [0, 1], for without a score" in error
    assert "got ['no', 'perhaps', 'yes'] (80 of 80 examples)" in error


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
        (["--steps", "0"], "steps: expected an integer >= 1, got 0"),
        (["--steps", "10"], "steps: expected at least 40 steps of 0.01, to reach the radius 0.4, "
         "got 10"),
        (["--steps", "3", "--step", "0.1", "--radius", "0.35"], "steps: expected at least 4 steps"),
        (["--radius", "-0.1"], "radii: expected positive numbers, increasing, got -0.1"),
        (["--subsets", "1"], "subsets: expected an integer >= 2, got 1"),
        (["--save", "labels.csv"], "--save: expected a .npz file in a folder that is there"),
        (["--source", "none.onnx"], "none.onnx: expected a file of a model, got no such file"),
        (["--target", "a/m.onnx", "--source", "b/m.onnx"], "--source: expected files of different "
         "names, got m, m"),
        (["--target", "network-1.onnx"], "--source: expected files named otherwise than the models "
         "trained here, got network-1"),
        (["--target", "m.pkl"], "m.pkl: expected a file that cannot run code"),
        (["--architecture", "mlp"], "--architecture: expected --source or --target with it"),
        (["--output", "y"], "--output: expected --source or --target with it, got neither"),
    ],
)  # fmt: skip
def test_bad_input_is_one_clear_line_and_leaves_nothing(
    arguments: list[str], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert attack(out, *arguments) == commands.EXIT_USAGE
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1
    assert not out.exists()
