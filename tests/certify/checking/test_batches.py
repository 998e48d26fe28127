"""Certificates are decided in their order, by one process or by several."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from certify import cli
from certify.certificates.kinds import certificate
from certify.checking import batches, checker

GOOD = json.dumps(certificate("rank"))
BAD = GOOD.replace('"rank": 1}', '"rank": 0}')
MALFORMED = GOOD.replace('"rank": 1}', '"rank": 1.0}')
TEXTS = [(GOOD, BAD, MALFORMED, "x")[k % 4] for k in range(100)]


@pytest.fixture
def several(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two processes, which get three certificates at once."""
    monkeypatch.setattr(batches, "BATCH", 3 * len(BAD) - 10)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1}, raising=False)


def waiting(taken: list[int]) -> Iterator[batches.Certificate]:
    for number, text in enumerate(TEXTS):
        taken.append(number)
        yield str(number), text, None


def test_order_and_verdicts_are_those_of_one_process(several: None) -> None:
    taken: list[int] = []
    found = list(batches.decided(waiting(taken), checker.check))
    assert [one for one, _ in found] == [(str(k), text, None) for k, text in enumerate(TEXTS)]
    assert [verdict for _, verdict in found] == [
        batches.verdict(text, checker.check) for text in TEXTS
    ]
    assert {verdict[0] for _, verdict in found} == {"rank", ""}


def test_few_certificates_wait_at_any_time(several: None) -> None:
    taken: list[int] = []
    deciding = batches.decided(waiting(taken), checker.check)
    next(deciding)
    assert len(taken) <= 5 * (batches.FEW + 2 * batches.WAITING) < len(TEXTS)
    deciding.close()  # type: ignore[attr-defined]


def test_without_means_for_processes_one_decides(
    several: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none(*_: object, **__: object) -> None:
        raise OSError("no semaphores here")

    monkeypatch.setattr("concurrent.futures.ProcessPoolExecutor", none)
    found = [verdict for _, verdict in batches.decided(waiting([]), checker.check)]
    assert found == [batches.verdict(text, checker.check) for text in TEXTS]


def killed(_: object) -> tuple[str, str]:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


def test_a_process_that_is_killed_is_an_error(several: None) -> None:
    with pytest.raises(OSError, match="a process that decides certificates was killed"):
        list(batches.decided(waiting([]), killed))


def test_the_command_says_the_same(
    several: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "certificates.jsonl"
    path.write_text("\n".join(TEXTS) + "\n")
    assert cli.main(["check", "--show", str(path)]) == 1
    by_several = capsys.readouterr().out
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(batches, "FEW", len(TEXTS))
        assert cli.main(["check", "--show", str(path)]) == 1
    assert capsys.readouterr().out == by_several
    assert f"{path}:2: rejected: minor has the stated size: it is 1, not 0" in by_several
    assert f"{TEXTS.count(GOOD):8d}  accepted, {100 - TEXTS.count(GOOD)} refused" in by_several


def test_ctrl_c_is_told_in_one_line(
    several: None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def interrupted(_: object, __: object) -> Iterator[None]:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "decided", interrupted)
    (tmp_path / "certificates.jsonl").write_text(GOOD)
    assert cli.main(["check", str(tmp_path)]) == 130
    assert capsys.readouterr().err == "certify check: interrupted\n"
