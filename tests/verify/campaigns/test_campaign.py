"""Campaigns: the same files from any number of workers and after any interruption."""

from __future__ import annotations

import itertools
import json
import multiprocessing
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from certify.checking import checker
from verify.campaigns import campaign
from verify.campaigns.campaign import run_campaign, run_instance
from verify.evidence.grades import Grade
from verify.evidence.ledger import CERTIFICATES, LEDGER, Ledger, Record

CLAIM_IDS = ["zou-thm-1", "charles-cor-6", "charles-thm-10"]
INSTANCES = 15  # not a multiple of the chunk, so that chunks span two claims


class Inline(Executor):
    """Run every task when it is submitted, and count the tasks that are waiting to be read."""

    def __init__(self) -> None:
        self.submitted = 0

    def submit(self, function: Any, /, *arguments: Any, **named: Any) -> Future[Any]:
        self.submitted += 1
        future: Future[Any] = Future()
        future.set_result(function(*arguments, **named))
        return future


def run(directory: Path, executor: Executor, seed: int = 3, **options: Any) -> list[Any]:
    directory.mkdir(exist_ok=True)
    calls: list[Any] = []
    with Ledger.open(directory) as ledger:
        run_campaign(
            options.get("claim_ids", CLAIM_IDS),
            seed=seed,
            instances=options.get("instances", INSTANCES),
            ledger=ledger,
            executor=executor,
            progress=lambda *call: calls.append(call),
        )
    return calls


def contents(directory: Path) -> tuple[bytes, bytes]:
    return (directory / LEDGER).read_bytes(), (directory / CERTIFICATES).read_bytes()


@pytest.fixture(scope="module")
def complete(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, bytes]:
    directory = tmp_path_factory.mktemp("complete")
    run(directory, Inline())
    return contents(directory)


def test_records_come_by_claim_and_number(complete: tuple[bytes, bytes]) -> None:
    records = [json.loads(line) for line in complete[0].splitlines()]
    expected = list(itertools.product(CLAIM_IDS, range(INSTANCES)))
    assert [(record["claim"], record["index"]) for record in records] == expected
    assert {record["grade"] for record in records} == {Grade.CERTIFIED}
    lines = complete[1].decode().splitlines()
    assert len(lines) == sum(record["certificates"] for record in records)
    kinds = [checker.check(checker.parse(line))[0] for line in lines]
    # Theorem 10 gives two certificates for each instance.
    assert kinds[-2:] == ["relu-universal-direction", "network-flip"]


def test_an_instance_depends_on_its_arguments_alone() -> None:
    once = run_instance("charles-thm-5", 11, 4)
    run_instance("charles-thm-5", 11, 5)
    assert run_instance("charles-thm-5", 11, 4) == once
    assert run_instance("charles-thm-5", 12, 4) != once
    record, lines = once
    assert record == Record.of("charles-thm-5", 4, record.case, Grade.CERTIFIED, "", lines)


def test_two_workers_write_the_same_files(tmp_path: Path, complete: tuple[bytes, bytes]) -> None:
    with ThreadPoolExecutor(2) as threads:
        run(tmp_path / "threads", threads)
    assert contents(tmp_path / "threads") == complete
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(2, mp_context=context) as processes:
        run(tmp_path / "processes", processes)
    assert contents(tmp_path / "processes") == complete


def test_another_seed_writes_other_files(tmp_path: Path, complete: tuple[bytes, bytes]) -> None:
    run(tmp_path, Inline(), seed=4)
    assert contents(tmp_path)[1] != complete[1]


def test_progress_counts_recorded_instances(tmp_path: Path) -> None:
    calls = run(tmp_path, Inline())
    total = len(CLAIM_IDS) * INSTANCES
    assert calls == [
        (done, total, CLAIM_IDS[(done - 1) // INSTANCES]) for done in range(1, total + 1)
    ]
    assert run(tmp_path, Inline()) == []


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Replace the proofs by numbered lines: resuming is about the order, not the mathematics."""

    def numbered(claim_id: str, seed: int, index: int) -> tuple[Record, tuple[str, ...]]:
        lines = tuple(f"{claim_id}/{seed}/{index}/{k}" for k in range(index % 3))
        return Record.of(claim_id, index, "generic", Grade.FLOAT, "", lines), lines

    monkeypatch.setattr(campaign, "run_instance", numbered)


@pytest.mark.usefixtures("quick")
def test_resuming_after_a_cut_at_any_byte_completes_the_same_files(tmp_path: Path) -> None:
    options = {"claim_ids": ["a", "b"], "instances": 4}
    run(tmp_path, Inline(), **options)
    ledger, certificates = complete = contents(tmp_path)
    last = len(b"".join(ledger.splitlines(keepends=True)[-3:]))
    for cut in range(len(ledger) - last, len(ledger) + 1):
        (tmp_path / LEDGER).write_bytes(ledger[:cut])
        (tmp_path / CERTIFICATES).write_bytes(certificates)
        run(tmp_path, Inline(), **options)
        assert contents(tmp_path) == complete
    # The certificates of the last record are on disk in part, and its line is not.
    records = ledger.splitlines(keepends=True)
    for keep in range(len(records)):
        owned = sum(json.loads(record)["certificates"] for record in records[:keep])
        start = len(b"".join(certificates.splitlines(keepends=True)[:owned]))
        for cut in range(start, len(certificates) + 1):
            (tmp_path / LEDGER).write_bytes(b"".join(records[:keep]))
            (tmp_path / CERTIFICATES).write_bytes(certificates[:cut])
            run(tmp_path, Inline(), **options)
            assert contents(tmp_path) == complete


@pytest.mark.usefixtures("quick")
def test_resuming_in_the_middle_of_a_chunk(tmp_path: Path) -> None:
    options = {"claim_ids": ["a", "b", "c"], "instances": 13}
    run(tmp_path / "whole", Inline(), **options)
    whole = contents(tmp_path / "whole")
    for kept in range(0, 40, 3):
        directory = tmp_path / str(kept)
        directory.mkdir()
        records = whole[0].splitlines(keepends=True)[:kept]
        (directory / LEDGER).write_bytes(b"".join(records))
        (directory / CERTIFICATES).write_bytes(whole[1])
        calls = run(directory, Inline(), **options)
        assert [done for done, _, _ in calls] == list(range(kept + 1, 40))
        assert contents(directory) == whole


@pytest.mark.usefixtures("quick")
def test_few_tasks_are_under_way_at_once(tmp_path: Path) -> None:
    executor = Inline()
    ahead = []
    tmp_path.mkdir(exist_ok=True)
    with Ledger.open(tmp_path) as ledger:
        run_campaign(
            ["a"],
            seed=0,
            instances=500,
            ledger=ledger,
            executor=executor,
            progress=lambda done, *_: ahead.append(
                executor.submitted - (done - 1) // campaign.CHUNK
            ),
        )
    assert max(ahead) <= campaign.AHEAD + 1
    assert executor.submitted == 500 / campaign.CHUNK


class Stopping(Inline):
    """Fail at the third task, after one that is done and one that never will be."""

    def __init__(self) -> None:
        super().__init__()
        self.futures: list[Future[Any]] = []

    def submit(self, function: Any, /, *arguments: Any, **named: Any) -> Future[Any]:
        future: Future[Any] = Future()
        self.futures.append(future)
        if len(self.futures) == 1:
            future.set_result(function(*arguments, **named))
        elif len(self.futures) == 2:
            future.set_exception(KeyboardInterrupt())
        return future


@pytest.mark.usefixtures("quick")
def test_an_interrupt_keeps_what_is_done(tmp_path: Path) -> None:
    executor = Stopping()
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path, executor, claim_ids=["a"], instances=100)
    assert contents(tmp_path)[0].count(b"\n") == campaign.CHUNK
    run(tmp_path, Inline(), claim_ids=["a"], instances=100)
    run(tmp_path / "whole", Inline(), claim_ids=["a"], instances=100)
    assert contents(tmp_path) == contents(tmp_path / "whole")
