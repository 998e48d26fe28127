"""The campaign of faults: it notices wrong answers, and files that are not what they must be."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any
from unittest import mock

import pytest

import certify
from certify.certificates.certificate import Certificate
from certify.processes import process_pool
from verify.data.sources import load
from verify.evidence.ledger import CERTIFICATES, LEDGER
from verify.trust.faults import fault as faults
from verify.trust.faults import runs as faults_runs
from verify.trust.faults import solvers as faults_solvers
from verify.trust.faults.guesses import Fault
from verify.trust.faults.tally import Tally
from verify.trust.faults.tasks import Found, Task, tasks

X, Y = [[0], [1]], [-1, 1]


def _notice(rng: Random, acted: list[str]) -> Any:
    acted.append("garbage")
    return mock.patch.object(certify, "__doc__", "changed")


NOTHING = Fault("a guess", "garbage", ("few points",), _notice)


def _asked(solve: Callable[[], Found], answer: Any = True) -> Tally:
    tally, task = Tally("a guess", "garbage"), Task("few points", "f", "x", solve, answer)
    instances = [certify.max_margin(X, Y).certificate.instance]
    faults_solvers._ask(task, instances, NOTHING, 0, tally)
    return tally


def _honest() -> Certificate:
    return certify.max_margin(X, Y).certificate


def test_an_answer_that_stays_is_counted() -> None:
    tally = _asked(lambda: (True, [_honest()]))
    assert tally.row() == ("a guess", "garbage", "1", "1", "0", "0")


def _raises() -> Found:
    raise ZeroDivisionError("planted")


@pytest.mark.parametrize(
    ("solve", "problem"),
    [
        (lambda: (False, [_honest()]), "the answer is False and not True"),
        (lambda: (True, []), "the certificate speaks of something else"),
        (
            lambda: (True, [certify.max_margin([[0], [2]], Y).certificate]),
            "the certificate speaks of something else",
        ),
        (
            lambda: (True, [Certificate("max-margin", _honest().instance, {}, {})]),
            "the checker refuses the certificate: certificate.statement",
        ),
        (_raises, "ZeroDivisionError: planted"),
    ],
)
def test_whatever_changes_under_a_fault_is_a_problem(
    solve: Callable[[], Found], problem: str
) -> None:
    (line,) = _asked(solve).problems
    assert problem in line
    assert line.startswith("a guess, garbage: f of x, seed 0: ")


def test_an_answer_that_takes_too_long_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(faults_solvers, "SECONDS", 0.0)
    (line,) = _asked(lambda: (True, [_honest()])).problems
    assert "it takes 0 s" in line


def test_a_fault_that_meets_no_guess_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    def unused(rng: Random, acted: list[str]) -> Any:
        return mock.patch.object(certify, "__doc__", "changed")

    few = [task for task in tasks(0, 1) if task.group == "few points"]
    monkeypatch.setattr(faults_solvers, "tasks", lambda seed, rounds: few[:1])
    monkeypatch.setattr(
        faults_solvers, "FAULTS", [Fault("a guess", "garbage", ("few points",), unused)]
    )
    (tally,) = faults_solvers.run(0, 1, lambda *call: None)
    assert tally.problems == ["a guess, garbage: nothing asked for the guess"]


def test_a_planted_answer_that_is_wrong_stops_the_campaign() -> None:
    with pytest.raises(AssertionError, match="planted is 7"):
        faults_solvers._undisturbed(Task("few points", "f", "x", lambda: (8, []), 7))


# Runs


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> faults_runs._Site:
    # Its server, off which runs are forked where it is the first, blocks the signals that end them.
    with process_pool(1, faults_runs.__name__, abs, -1) as executor:
        assert executor.submit(abs, -3).result() == 3
    faults.preload()
    return faults_runs._Site(tmp_path_factory.mktemp("runs"), 3)


def _judged(
    site: faults_runs._Site, change: Callable[[Path], None], message: tuple[str, str] | None
) -> Tally:
    directory, tally = site.new(), Tally("run", "a change")
    site.start(directory).ended()
    change(directory)
    site.judge(directory, message, tally, "now")
    return tally


def _doubled(directory: Path) -> None:
    path = directory / LEDGER
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([*lines, lines[-1]]))


def test_a_doubled_record_is_a_problem(site: faults_runs._Site) -> None:
    (line,) = _judged(site, _doubled, None).problems
    assert line == "run, a change, now: the files are not beginnings of the complete ones"


def test_a_lost_certificate_that_stops_the_run_is_a_problem(site: faults_runs._Site) -> None:
    (line,) = _judged(site, lambda path: (path / CERTIFICATES).write_bytes(b""), None).problems
    assert "going on ends with ('refused', 'InputError: ledger: expected 300 lines" in line


def test_an_unexpected_error_is_a_problem_and_a_clear_line_is_not(
    site: faults_runs._Site,
) -> None:
    unexpected = ("problem", "KeyError: 'x'")
    assert _judged(site, lambda path: None, unexpected).problems
    tally = _judged(site, lambda path: None, ("refused", "OSError: no space"))
    assert tally.row()[2:] == ("1", "0", "1", "0")


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_run_that_dies_by_a_signal_says_nothing(
    site: faults_runs._Site, number: signal.Signals
) -> None:
    run = site.start(site.new())
    os.kill(run.process.pid or 0, number)
    assert run.ended() is None
    assert run.process.exitcode == -number


def test_ctrl_c_reaches_a_run_that_was_begun_in_the_background(tmp_path: Path) -> None:
    """There a shell has it ignored, and a campaign that tries until a run is hit would not end."""
    here, there = multiprocessing.Pipe(duplex=False)
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        faults_runs._drive(
            tmp_path, 3, load("digits"), lambda _: os.kill(os.getpid(), signal.SIGINT), 1, there
        )
    finally:
        signal.signal(signal.SIGINT, before)
    assert [here.recv(), here.recv()] == ["begun", ("refused", "KeyboardInterrupt: ")]


def test_a_run_that_hangs_is_stopped(
    site: faults_runs._Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(faults_runs, "PATIENCE", 0.01)
    assert site.start(site.new()).ended() == ("problem", "hangs")


def test_problems_reach_the_section(monkeypatch: pytest.MonkeyPatch) -> None:
    def planted(seed: int, share: float, progress: Any) -> Iterator[Tally]:
        progress(1, 1, "planted")
        yield Tally("run", "planted", 30, 4, 5, [f"problem {k}" for k in range(21)])

    monkeypatch.setattr(faults_runs, "run", planted)
    monkeypatch.setattr(faults_solvers, "run", lambda *arguments: iter(()))
    section = faults.run(every=1, rounds=1, share=1, seed=0, progress=lambda *call: None)
    assert section.rows == (("run", "planted", "30", "4", "5", "21"),)
    assert section.problems[-1] == "1 more problems"
    assert "30 faults, 4 with the same result, 5 with such a line" in section.words
