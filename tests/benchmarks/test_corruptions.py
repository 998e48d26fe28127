"""Every corruption of every kind is refused for its reason by both checkers, on small instances."""

from __future__ import annotations

import copy
import io
import json
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rich.console import Console

from benchmarks import corruptions, full_size, mnist
from benchmarks.corruptions import Corruption, Outcome
from benchmarks.full_size import Subject
from certify import max_margin
from certify.checking import checker
from certify.checking import fast as fast_checker


def points() -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Return labelled points with a gap between them and several support vectors."""
    rng = np.random.default_rng(3)
    y = np.where(rng.integers(0, 2, 60) == 1, 1, -1)
    X = rng.integers(-9, 10, (60, 6))
    X[:, 0] = y * (3 + np.abs(X[:, 0]))
    return X, y


X, Y = points()
SUBJECTS = [
    *full_size.heads(60, 40),
    full_size.margin(X, Y, "integers, "),
    full_size.margin(X / 8, Y, "floats, "),
]
MADE = [(subject, json.loads(subject.make().line())) for subject in SUBJECTS]
CASES = [
    pytest.param(certificate, corruption, id=f"{subject.name}-{corruption.what}")
    for subject, certificate in MADE
    for corruption in subject.corruptions(certificate)
]


@pytest.mark.parametrize("check", [checker.check, fast_checker.check])
@pytest.mark.parametrize(("certificate", "corruption"), CASES)
def test_each_is_refused_for_its_reason(
    certificate: Any, corruption: Corruption, check: Any
) -> None:
    outcome = corruptions.outcome(check, corruptions.corrupted(certificate, corruption))
    assert corruption.explains(outcome), outcome


@pytest.mark.parametrize(("subject", "certificate"), MADE, ids=lambda x: getattr(x, "name", ""))
def test_the_lists(subject: Subject, certificate: Any) -> None:
    before = copy.deepcopy(certificate)
    listed = subject.corruptions(certificate)
    assert len({c.what for c in listed}) == len(listed)
    verdicts = Counter(c.verdict for c in listed)
    assert min(verdicts["rejected"], verdicts["malformed"]) >= 15
    hashes = []
    for corruption in listed:
        corrupted = corruptions.corrupted(certificate, corruption)
        hashes.append(corrupted["instance_sha256"] == before["instance_sha256"])
        assert corrupted != before
    # One alone changes the instance and keeps its hash.
    stale = [c for c in listed if not c.rehashed]
    assert [c.places for c in stale] == [("certificate.instance_sha256",)]
    assert any(hashes)
    assert not all(hashes)
    # Whatever was changed was changed in a copy.
    assert certificate == before


def test_the_dependencies_are_those_planted() -> None:
    dimension = MADE[1][1]
    assert dimension["statement"] == {"rank": 37, "dimension": 23}
    assert dimension["evidence"]["free"] == [6, 9]


def test_reasons_are_told_apart() -> None:
    step = Corruption("a", "rejected", ("rank",), {})
    place = Corruption("b", "malformed", ("certificate.evidence",), {})
    assert step.explains(Outcome("rejected", "rank", "it is 3"))
    assert not step.explains(Outcome("malformed", "rank", "it is 3"))
    assert not step.explains(Outcome("rejected", "rank.more", ""))
    for inside in ("", ".rows", "[0]"):
        assert place.explains(Outcome("malformed", f"certificate.evidence{inside}", ""))
    assert not place.explains(Outcome("malformed", "certificate.evidences", ""))
    assert not place.explains(Outcome("accepted", "certificate.evidence", ""))


def test_a_checker_that_breaks_down_has_refused_nothing() -> None:
    def broken(certificate: Any) -> tuple[str, str]:
        raise IndexError("list index out of range")

    outcome = corruptions.outcome(broken, {})
    assert outcome == ("failed", "IndexError", "list index out of range")


def silent() -> Console:
    return Console(file=io.StringIO(), width=200)


def test_the_script_writes_a_row_for_each_corruption(tmp_path: Path) -> None:
    table = tmp_path / "new" / "table.md"
    console = silent()
    assert full_size.run(SUBJECTS[:4], table, console) == 0
    text = table.read_text(encoding="utf-8")
    expected = sum(len(subject.corruptions(made)) for subject, made in MADE[:4])
    assert text.count("| rejected: ") + text.count("| malformed: ") == expected
    assert "accepts 0; 0 of the outcomes" in text
    assert [file.name for file in table.parent.iterdir()] == ["table.md"]
    assert console.file.getvalue().count("corruptions refused") == 4  # type: ignore[attr-defined]


@pytest.mark.parametrize("change", [{}, {"statement.rank": 7}])
def test_the_script_names_what_is_not_refused_as_expected(
    change: dict[str, Any], tmp_path: Path
) -> None:
    culprit = Corruption("the culprit", "malformed", ("certificate.statement",), change)
    subject = replace(SUBJECTS[0], corruptions=lambda _: [culprit])
    console = silent()
    assert full_size.run([subject], tmp_path / "table.md", console) == 1
    printed = console.file.getvalue()  # type: ignore[attr-defined]
    said = "got rejected: minor has" if change else "got accepted: invariant-dimension"
    assert "wrong: dimension, 60 x 40, the culprit: expected malformed" in printed
    assert said in printed
    assert "**Wrong:** dimension, 60 x 40, the culprit" in (tmp_path / "table.md").read_text()


def test_the_script_notices_a_refused_certificate(tmp_path: Path) -> None:
    certificate = max_margin(X, Y).certificate
    bad = replace(certificate, statement={**certificate.statement, "offset": "0"})
    subject = Subject("bad", lambda: bad, lambda _: [])
    console = silent()
    assert full_size.run([subject], tmp_path / "table.md", console) == 1
    printed = console.file.getvalue()  # type: ignore[attr-defined]
    assert "wrong: bad: the fast checker says rejected" in printed
    assert "wrong: bad: the checker says rejected" in printed


def test_a_checker_that_takes_long_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def endless(certificate: Any) -> tuple[str, str]:
        while True:
            sum(range(1000))

    monkeypatch.setattr(full_size, "PATIENCE", 0.05)
    monkeypatch.setattr(checker, "check", endless)
    subject = replace(SUBJECTS[0], corruptions=lambda _: [])
    assert full_size.run([subject], tmp_path / "table.md", silent()) == 0
    assert "| over 0 |" in (tmp_path / "table.md").read_text()


def test_interruptions_and_missing_images_leave_no_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*_: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setenv(mnist.FOLDER, str(tmp_path))
    mnist.training_images.cache_clear()
    assert full_size.main(tmp_path / "table.md") == 0
    assert "not run: no MNIST files" in capsys.readouterr().out
    monkeypatch.setattr(mnist, "pair", lambda *_: (X, Y))
    monkeypatch.setattr(full_size, "heads", lambda *_: [])
    monkeypatch.setattr(full_size, "examine", interrupted)
    assert full_size.main(tmp_path / "table.md") == 130
    assert not list(tmp_path.iterdir())
