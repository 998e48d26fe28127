"""What the commands print fits a terminal of 80 columns, and passes through any encoding."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import certify.cli
from verify import cli

EIGHTY = {**os.environ, "COLUMNS": "80"}


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_no_encoding_loses_work(encoding: str, tmp_path: Path) -> None:
    def printed(module: str, *words: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", module, *words], cwd=tmp_path, check=True, capture_output=True,
            env={**EIGHTY, "PYTHONIOENCODING": encoding, "PYTHONPATH": str(Path.cwd())},
        )  # fmt: skip
        return done.stdout.decode(encoding)

    asked = ["--claims", "charles-thm-4", "--instances", "1", "--workers", "1", "--out", "report"]
    assert "certify check report" in printed("verify", "run", *asked)
    assert "accepted, 0 refused" in printed("certify", "check", "--show", "report")
    text = printed("verify", "claims", "thm-4")
    assert "\\u2211" in text  # the sign of a sum, which both lack


@pytest.mark.parametrize(
    "words",
    [[], ["claims", "thm-4"], ["claims", "zou-conj"], ["falsify", "cor-6-remark"]],
    ids=" ".join,
)
def test_answers_fit_80_columns(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(words) == 0
    fits(capsys.readouterr().out)


@pytest.mark.parametrize("command", cli.COMMANDS)
def test_help_fits_80_columns(
    command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    with pytest.raises(SystemExit):
        cli.main([command, "--help"])
    fits(capsys.readouterr().out)


def fits(printed: str) -> None:
    assert max(map(len, printed.splitlines())) <= 80
    assert "$" not in printed  # no marks of formulas


MAINS = {"verify": cli.main, "certify": certify.cli.main}


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("verify audit m.npz d.npz", "'d.npz': expected MODEL alone and --data d.npz"),
        (
            "verify audit m.npz 'my d.npz' x",
            "'my d.npz': expected MODEL alone and --data 'my d.npz'",
        ),
        ("verify attack mnist", "'mnist': expected --data mnist"),
        ("verify run thm-1", "'thm-1': expected --claims thm-1"),
        ("verify claims thm-1 thm-2", "'thm-2': expected ID alone"),
        ("verify falsify thm-1 labels", "'labels': expected ID alone and --without labels"),
        ("verify decide m.onnx p.vnnlib x", "'x': expected MODEL PROPERTY alone"),
        ("verify reference made", "'made': expected --report made"),
        ("verify mutate 5", "'5': expected options alone"),
        ("verify trust '\n'", "'\\n': expected options alone"),
        ("certify bind dir m.npz d.npz", "'d.npz': expected DIR MODEL alone and --data d.npz"),
        ("certify schema made", "'made': expected options alone"),
    ],
)
def test_a_word_without_an_option_is_told_what_was_expected(
    typed: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    name, command, *words = shlex.split(typed)
    assert MAINS[name]([command, *words]) == 2
    assert capsys.readouterr().err == f"{name} {command}: {said}, got no option before it\n"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("verify run --instnaces=5", "verify run: option: expected --instances, got"),
        ("verify audit m.npz --dta d", "verify audit: option: expected --data, --data-dir, got"),
        ("verify --versoin", "verify: option: expected --version, got"),
        ("certify check a --fst", "certify check: option: expected --fast, got"),
        ("certify --versoin", "certify: option: expected --version, got"),
    ],
)
def test_unknown_options_suggest(typed: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    name, *words = typed.split()
    assert MAINS[name](words) == 2
    wrong = next(w for w in words if w.startswith("-")).split("=")[0]
    assert capsys.readouterr().err == f"{said} '{wrong}'\n"


@pytest.mark.parametrize(
    ("main", "name", "typed", "near"),
    [
        (cli.main, "verify", "aduit", "audit"),
        (cli.main, "verify", "check", "certify check"),
        (certify.cli.main, "certify", "chek", "check, schema"),
    ],
)
def test_unknown_commands_suggest(
    main: Callable[[list[str]], int],
    name: str,
    typed: str,
    near: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main([typed, "--help"]) == 2
    assert capsys.readouterr().err == f"{name}: command: expected {near}, got {typed!r}\n"


def test_a_wrong_hypothesis_gets_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["falsify", "charles-thm-4", "--without", "labels"]) == 2
    assert capsys.readouterr().err == "verify: hypothesis: expected 'both labels', got 'labels'\n"
