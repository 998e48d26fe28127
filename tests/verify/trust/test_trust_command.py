"""The trust campaign as a whole: its report, its words and its exit code."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from verify import cli, commands
from verify.trust import report
from verify.trust.mutants import campaign
from verify.trust.section import Section

GOOD = Section("A part", "What was done.", ("kind", "tried"), (("a < b", "3"),), (), ("a note",))
BAD = Section("Another", "Words.", ("kind",), (("a",),), ("seed 1, number 2: wrong",))


def planned(*sections: Section) -> Any:
    def run(size: campaign.Size, **options: Any) -> Iterator[Section]:
        assert size in (campaign.SHORT, campaign.FULL)
        yield from sections

    return run


def test_a_report_without_problems(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(campaign, "run", planned(GOOD))
    out = tmp_path / "trust"
    assert cli.main(["trust", "--short", "--workers", "1", "--out", str(out)]) == 0
    assert "What was done." in capsys.readouterr().out
    found = json.loads((out / "trust.json").read_text())
    assert found["problems"] == 0
    assert found["run"]["command"] == "verify trust --short --seed 0"
    page = (out / "index.html").read_text()
    assert "Nothing false was accepted" in page
    assert "a &lt; b" in page
    assert sorted(path.name for path in out.iterdir()) == ["index.html", "trust.json"]


def test_problems_are_named_and_make_the_exit_code_1(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(campaign, "run", planned(GOOD, BAD))
    command = ["trust", "--workers", "1", "--out", str(tmp_path)]
    assert cli.main(command) == commands.EXIT_PROBLEMS
    assert "seed 1, number 2: wrong" in capsys.readouterr().out
    page = (tmp_path / "index.html").read_text()
    assert "1 problem found" in page
    assert "seed 1, number 2: wrong" in page


def test_equal_seeds_give_equal_reports_apart_from_the_run() -> None:
    one, two = (
        report.as_json([GOOD], seed=3, command="c", seconds=seconds) for seconds in (1.0, 2.0)
    )
    assert {**one, "run": None} == {**two, "run": None}


def test_the_short_campaign_finds_no_problem(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["trust", "--short", "--out", str(tmp_path)]) == 0
    found = json.loads((tmp_path / "trust.json").read_text())
    assert len(found["sections"]) == 4
    assert all(section["rows"] for section in found["sections"])
