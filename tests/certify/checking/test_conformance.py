"""Checkers in any language are run over all kinds, and one that is wrong is found out."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from certify import cli
from certify.certificates.kinds import HONEST, KINDS, REFUSALS
from certify.checking import checker

SOURCE = Path(checker.__file__)
ROOT = SOURCE.parents[2]
ALL = f"{len(HONEST)} honest and {len(REFUSALS)} refused certificates of {len(KINDS)} kinds"


def conformance(*command: str | Path) -> int:
    return cli.main(["conformance", "--", *map(str, command)])


def test_the_checker_conforms(capsys: pytest.CaptureFixture[str]) -> None:
    assert conformance(sys.executable, "-I", "-S", SOURCE) == 0
    assert capsys.readouterr().out == f"{ALL}: 0 verdicts differ\n"


@pytest.mark.skipif(shutil.which("node") is None, reason="needs Node.js (node)")
def test_the_second_checker_conforms(capsys: pytest.CaptureFixture[str]) -> None:
    assert conformance("node", SOURCE.with_name("second_checker.mjs")) == 0
    assert capsys.readouterr().out == f"{ALL}: 0 verdicts differ\n"


def broken(folder: Path, change: str) -> Path:
    """Write the program of a checker after some change to the one that is right."""
    program = folder / "broken.py"
    program.write_text(
        f"import sys; sys.path.insert(0, {str(ROOT)!r})\n"
        f"from certify.checking import checker\n{change}\n"
        "raise SystemExit(checker.main(sys.argv[1:]))\n"
    )
    return program


LENIENT = """
def lenient(certificate, words):
    try:
        return right(certificate)
    except checker.Rejected:
        if certificate["kind"] == "rank":
            return "rank", "anything"
        raise
right, checker.main.__defaults__ = checker.check, (lenient,)
"""
STRICT = """
def strict(certificate, words):
    if certificate["kind"] == "parallel":
        raise checker.Rejected("everything", "is refused")
    return right(certificate)
right, checker.main.__defaults__ = checker.check, (strict,)
"""
CARELESS = """
def careless(certificate, words):
    try:
        return right(certificate)
    except checker.Rejected as error:
        if certificate["kind"] == "bounded":
            raise checker.Malformed("somewhere", error.reason)
        raise
right, checker.main.__defaults__ = checker.check, (careless,)
"""


@pytest.mark.parametrize(
    ("change", "first", "count"),
    [
        (
            LENIENT,
            'rank/tight with {"evidence.rows": []}: expected rejected: minor is square: it is 0, '
            "not 1, got accepted",
            sum(r.kind == "rank" and r.verdict == "rejected" for r in REFUSALS),
        ),
        (
            STRICT,
            f"parallel/tight: expected accepted ({HONEST['parallel/tight'].says}), got rejected: "
            "everything: is refused",
            sum(one.kind == "parallel" for one in HONEST.values())
            + sum(r.kind == "parallel" and r.verdict == "malformed" for r in REFUSALS),
        ),
        (
            CARELESS,
            'bounded/tight with {"evidence.combination": ',
            sum(r.kind == "bounded" and r.verdict == "rejected" for r in REFUSALS),
        ),
    ],
    ids=["accepts too much", "refuses too much", "malformed for rejected"],
)
def test_a_checker_that_is_wrong_is_found_out(
    change: str, first: str, count: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert conformance(sys.executable, broken(tmp_path, change)) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith(first)
    assert lines[-1] == f"{ALL}: {count} verdicts differ"
    assert len(lines) == count + 1


@pytest.mark.parametrize(
    ("program", "got"),
    [
        ("import sys; sys.exit(2)", f"got 0 of {len(HONEST)} refused and exit code 2"),
        ("sys.exit(1)", "NameError: name 'sys' is not defined"),
        ("import sys; print(f'{sys.argv[1]}:1: rejected: x')", "got 1 of"),
        ("import sys; print(f'{sys.argv[1]}:999: rejected: x'); sys.exit(1)", "got 1 of"),
    ],
)
def test_a_command_that_fails_is_an_error(
    program: str, got: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert conformance(sys.executable, "-c", program) == 2
    error = capsys.readouterr().err
    assert error.startswith(f"certify conformance: {sys.executable}: expected exit code 0, or 1")
    assert got in error
    assert error.count("\n") == 1


def test_a_command_that_is_not_there_is_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert conformance("no-such-checker") == 2
    assert "no-such-checker" in capsys.readouterr().err
