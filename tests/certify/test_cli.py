"""The command ``certify``: what it prints and the exit code it leaves."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from certify import cli
from certify.certificates import kinds
from certify.certificates.certificate import VERSION
from certify.certificates.schema import schema
from certify.version import __version__

GOOD = json.dumps(kinds.certificate("rank"))
BAD = GOOD.replace('"rank": 1}', '"rank": 0}')
MALFORMED = GOOD.replace(f'"version": {VERSION}', '"version": 99')


def write(path: Path, text: str) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_accepted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(tmp_path / "a.json", GOOD)
    assert cli.main(["check", path, path]) == 0
    captured = capsys.readouterr()
    assert captured.out.split() == ["2", "rank", "2", "accepted,", "0", "refused"]
    assert captured.err == ""


def test_refused_ones_are_named_with_line_and_reason(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path / "a.jsonl", "\n".join([GOOD, BAD, MALFORMED, "", GOOD]) + "\n")
    assert cli.main(["check", path]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"{path}:2: rejected: minor has the stated size: it is 1, not 0"
    assert lines[1] == f"{path}:3: malformed: certificate.version: expected {VERSION}, got 99"
    assert lines[2].startswith(f"{path}:4: malformed: document: not JSON")
    assert lines[-1].split() == ["2", "accepted,", "3", "refused"]


def test_all_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["check", write(tmp_path / "a.json", BAD)]) == 1
    assert capsys.readouterr().out.splitlines()[-1].split()[0] == "0"


def test_a_folder_is_searched(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path / "run" / "certificates.jsonl", f"{GOOD}\n{GOOD}\n")
    write(tmp_path / "deep" / "er" / "x.certificate.json", GOOD)
    write(tmp_path / "ledger.jsonl", "not a certificate")
    write(tmp_path / "other.json", "not a certificate")
    assert cli.main(["check", str(tmp_path)]) == 0
    assert "3  accepted, 0 refused" in capsys.readouterr().out


def test_a_file_inside_a_folder_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path / "certificates.jsonl", f"{GOOD}\n{BAD}\n")
    assert cli.main(["check", str(tmp_path)]) == 1
    assert f"{path}:2: rejected" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["folder", "empty.jsonl", "missing.json", "binary.json"])
def test_nothing_to_check(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "empty.jsonl").touch()
    (tmp_path / "binary.json").write_bytes(b"\xff\xfe\x00")
    assert cli.main(["check", str(tmp_path / name)]) == 2
    captured = capsys.readouterr()
    assert captured.err.startswith("certify check: ")
    assert captured.err.count("\n") == 1


def test_an_empty_json_file_is_malformed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["check", write(tmp_path / "empty.json", "")]) == 1
    assert "empty.json: malformed: document: not JSON" in capsys.readouterr().out


def test_an_unreadable_file_is_not_passed_over(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good = write(tmp_path / "a.json", GOOD)
    assert cli.main(["check", good, str(tmp_path / "missing.json")]) == 2
    captured = capsys.readouterr()
    assert "missing.json" in captured.err
    assert "accepted" not in captured.out


def test_help_and_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([]) == 0
    assert "check certificates" in capsys.readouterr().out
    with pytest.raises(SystemExit) as ended:
        cli.main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out == f"certify {__version__}\n"
    with pytest.raises(SystemExit) as ended:
        cli.main(["check"])
    assert ended.value.code == 2


def test_the_schema_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["schema"]) == 0
    assert json.loads(capsys.readouterr().out) == schema()


@pytest.mark.parametrize("module", ["certify", "certify.cli"])
def test_the_module_is_the_command(tmp_path: Path, module: str) -> None:
    path = write(tmp_path / "a.json", BAD)
    root = Path(cli.__file__).parent.parent
    run = subprocess.run(
        [sys.executable, "-m", module, "check", path], capture_output=True, text=True, cwd=root
    )
    assert run.returncode == 1
    assert "0  accepted, 1 refused" in run.stdout
