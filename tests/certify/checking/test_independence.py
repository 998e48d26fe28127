"""The checker needs nothing but the standard library, so nothing else has to be trusted."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

from certify.certificates import kinds
from certify.checking import checker

SOURCE = Path(checker.__file__)
ROOT = SOURCE.parents[2]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    lines = [json.dumps(honest.document()) for honest in kinds.HONEST.values()]
    (tmp_path / "certificates.jsonl").write_text("\n".join(lines) + "\n")
    return tmp_path


def isolated(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Python without site-packages, user packages, environment variables and this folder."""
    return subprocess.run(
        [sys.executable, "-I", "-S", *arguments],
        capture_output=True,
        text=True,
        timeout=30,
        cwd="/",
    )


def test_nothing_is_accepted_without_the_words(folder: Path) -> None:
    for program in ([str(SOURCE)], ["-m", "certify", "check"]):
        run = subprocess.run(
            [sys.executable, "-OO", *program, str(folder)], capture_output=True, text=True, cwd=ROOT
        )
        assert run.returncode == 2
        assert run.stdout == ""
        assert run.stderr == "checker: expected its docstrings, which python -OO leaves out\n"


def test_the_checker_imports_the_standard_library_only() -> None:
    imported = set()
    for node in ast.walk(ast.parse(SOURCE.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            imported |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "a relative import would share code with the producers"
            imported.add((node.module or "").partition(".")[0])
    assert imported
    assert imported <= sys.stdlib_module_names
    names = {n.id for n in ast.walk(ast.parse(SOURCE.read_text())) if isinstance(n, ast.Name)}
    assert not names & {"__import__", "exec", "eval", "compile", "float"}


def test_the_isolation_is_real() -> None:
    assert "ModuleNotFoundError" in isolated("-c", "import flint").stderr
    assert "ModuleNotFoundError" in isolated("-c", "import certify").stderr


def test_the_checker_runs_alone_as_a_script(folder: Path) -> None:
    run = isolated(str(SOURCE), str(folder))
    assert run.stderr == ""
    assert run.returncode == 0
    assert run.stdout.split()[-4:] == [str(len(kinds.HONEST)), "accepted,", "0", "refused"]
    assert isolated(str(SOURCE)).returncode == 1


def test_the_command_runs_without_any_other_package(folder: Path) -> None:
    program = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r}); from certify.cli import main; "
        f"code = main(['check', {str(folder)!r}]); "
        "print(sorted(m for m in sys.modules if m.partition('.')[0] == 'certify')); "
        "raise SystemExit(code)"
    )
    run = isolated("-c", program)
    assert run.stderr == ""
    assert run.returncode == 0
    checking = (
            "answers", "batches", "checker", "folders", "ledger_records", "moved_points",
            "report_fields", "robust_answers",
        )  # fmt: skip
    modules = ("checking", *(f"checking.{name}" for name in checking))
    names = ("arguments", *modules, "cli", "errors", "version")
    loaded = ["certify", *(f"certify.{name}" for name in names)]
    assert run.stdout.splitlines()[-1] == str(loaded)


def test_a_refused_certificate_is_refused_there_as_well(tmp_path: Path) -> None:
    path = tmp_path / "one.certificate.json"
    path.write_text(json.dumps(kinds.certificate("rank")).replace('"rank": 1}', '"rank": 0}'))
    run = isolated(str(SOURCE), str(path))
    assert run.returncode == 1
    assert "rejected: minor has the stated size" in run.stdout


def test_what_the_package_offers_is_loaded_on_first_use() -> None:
    import certify

    for name in certify.__all__:
        assert getattr(certify, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'margin'"):
        _ = certify.margin
