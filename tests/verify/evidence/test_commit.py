"""The commit that a measurement speaks of."""

import shutil
import subprocess
from pathlib import Path

import pytest

from verify.evidence import commit


def git(folder: Path, *arguments: str) -> str:
    who = ["-c", "user.name=n", "-c", "user.email=n@example.org"]
    return subprocess.check_output(["git", "-C", folder, *who, *arguments], text=True).strip()


@pytest.mark.skipif(not shutil.which("git"), reason="git is not installed")
def test_changes_are_told_but_not_those_of_reports(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commit, "ROOT", tmp_path)
    assert commit.commit() is None
    (tmp_path / "reports").mkdir()
    for name in ("code.py", "reports/table.md"):
        (tmp_path / name).write_text("first\n")
    git(tmp_path, "init", "--quiet")
    assert commit.commit() is None  # nothing has been committed
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "--quiet", "-m", "first")
    name = git(tmp_path, "rev-parse", "--short", "HEAD")
    (tmp_path / "reports/table.md").write_text("second\n")
    assert commit.commit() == name
    (tmp_path / "code.py").write_text("second\n")
    assert commit.commit() == f"{name} with changes"


def test_a_package_that_is_installed_within_a_repository_is_none_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "site-packages").mkdir()
    monkeypatch.setattr(commit, "ROOT", tmp_path / "site-packages")
    assert commit.commit() is None
