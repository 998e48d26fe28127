"""The report on versions says what failed and what was not run; the one that is kept holds."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from benchmarks import versions
from benchmarks.versions import NOT_FOUND, PYTHONS, ROOT, Cell, named, run, written

REPORT = ROOT / "reports/versions.md"


def table(text: str, first: str) -> list[list[str]]:
    """Return the rows of the first table whose first column is named so."""
    found = next(part for part in text.split("\n\n") if part.startswith(f"| {first} |"))
    return [line.strip("| ").split(" | ") for line in found.splitlines()]


def test_what_fails_and_what_is_not_there_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def commands(*_: Any) -> Iterator[Any]:
        yield "install", [sys.executable, "-c", ""], ROOT
        yield "tests", [sys.executable, "-c", "print('1 failed, 23 passed'); exit(1)"], ROOT
        yield "verify run", [sys.executable, "-c", "exit('no solver')"], ROOT
        yield "certify check", [sys.executable, "-c", ""], ROOT

    monkeypatch.setattr(versions, "commands", commands)
    broken = Cell("3.11", "newest")
    run(broken, sys.executable)
    assert list(broken.outcomes) == ["install", "tests", "verify run"]  # What follows needs it.
    text = written([broken, Cell("3.99", "oldest", {"install": NOT_FOUND})])
    assert table(text, "Python")[2][3:] == ["not run", "**failed**", "**failed**", "not run"]
    assert "## Python 3.11, newest releases: what failed" in text
    assert "1 failed, 23 passed\nno solver" in text
    assert f"| 3.99 | oldest | {NOT_FOUND} |" in text


def test_the_report_that_is_kept_is_about_the_oldest_releases_that_are_promised() -> None:
    head, _, *rows = table(REPORT.read_text(encoding="utf-8"), "package")
    oldest = {row[0]: row[head.index("3.11 oldest")] for row in rows}
    assert oldest.keys() == named().keys()
    for name, promised in named().items():
        assert re.fullmatch(rf"{re.escape(promised)}(\.0)*", oldest[name]), name


def test_the_report_that_is_kept_has_every_python_and_no_failure() -> None:
    _, _, *rows = table(REPORT.read_text(encoding="utf-8"), "Python")
    shown = [row for row in rows if row[0] in PYTHONS]
    assert [row[:2] for row in shown] == [[p, r] for p in PYTHONS for r in ("newest", "oldest")]
    assert all("failed" not in entry for row in shown for entry in row)
