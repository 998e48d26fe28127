"""Killed drivers, killed workers, full disks and second runs: the ledger ends up the same."""

from __future__ import annotations

import errno
import multiprocessing
import os
import random
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import BrokenExecutor, Executor, Future
from contextlib import contextmanager
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

import psutil
import pytest
from distributed import LocalCluster

import verify.campaigns.job
from certify.errors import InputError
from verify import cli, commands
from verify.campaigns import campaign, workers
from verify.campaigns.job import CONFIGURATION, Configuration, Job
from verify.commands import jobs
from verify.evidence.ledger import CERTIFICATES, LEDGER, Ledger, Record

ROOT = Path(__file__).parents[3]
CLAIM, SEED, INSTANCES = "charles-thm-4", 5, 130
RUN = ["run", "--claims", CLAIM, "--seed", str(SEED), "--instances", str(INSTANCES)]
CONFIGURED = Configuration(SEED, INSTANCES, (CLAIM,))
SUBJECTS = campaign.subjects([CLAIM])

# The campaign of `verify run` in a process of its own, without the experiments that come after it.
# It waits after each batch of records, as long as it is told: where it is killed, on the fastest
# machine as on a busy one, there is more to do.
DRIVER = f"""
import sys
import time
from pathlib import Path
from verify.campaigns.campaign import run_campaign
from verify.evidence.ledger import Ledger
from verify.campaigns.job import Configuration, Job
from verify.campaigns.workers import local_processes

extend = Ledger.extend

def extend_and_wait(ledger, results):
    extend(ledger, results)
    time.sleep(float(sys.argv[2]))

Ledger.extend = extend_and_wait
directory = Path(sys.argv[1])
job = Job(Configuration({SEED}, {INSTANCES}, ("{CLAIM}",)), directory)
with local_processes(2) as (executor, _), job.prepare(resume=directory.exists()) as ledger:
    run_campaign({SUBJECTS}, seed={SEED}, instances={INSTANCES}, ledger=ledger, executor=executor,
                 progress=lambda *call: None)
"""


class Inline(Executor):
    """Run every task when it is submitted."""

    def submit(self, function: Any, /, *arguments: Any, **named: Any) -> Future[Any]:
        future: Future[Any] = Future()
        future.set_result(function(*arguments, **named))
        return future


def certify_all(ledger: Ledger, executor: Executor, progress: Any = lambda *call: None) -> None:
    campaign.run_campaign(
        SUBJECTS,
        seed=SEED,
        instances=INSTANCES,
        ledger=ledger,
        executor=executor,
        progress=progress,
    )


def contents(directory: Path) -> tuple[bytes, bytes]:
    return (directory / LEDGER).read_bytes(), (directory / CERTIFICATES).read_bytes()


@pytest.fixture(scope="module")
def complete(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, bytes]:
    """The files of a campaign that nothing disturbed."""
    directory = tmp_path_factory.mktemp("complete")
    with Ledger.open(directory) as ledger:
        certify_all(ledger, Inline())
    return contents(directory)


@pytest.fixture
def campaign_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the command end, as if by Ctrl-C, when its campaign is complete."""

    def then_interrupt(claim_ids: Sequence[str], **options: Any) -> None:
        campaign.run_campaign(claim_ids, **options)
        raise KeyboardInterrupt

    monkeypatch.setattr(verify.campaigns.job, "run_campaign", then_interrupt)


@pytest.fixture
def after_first_records(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Functions to call, one after each first batch of records of a campaign."""
    calls: list[Any] = []
    extend = Ledger.extend

    def calling(self: Ledger, results: Any) -> None:
        extend(self, results)
        if calls:
            calls.pop(0)()

    monkeypatch.setattr(Ledger, "extend", calling)
    return calls


@pytest.fixture
def few_ahead(monkeypatch: pytest.MonkeyPatch) -> None:
    """Submit so few tasks ahead that after the first records there are others left to submit."""
    monkeypatch.setattr(campaign, "AHEAD", 2)


def kill_a_worker() -> None:
    # Not one of the Dask workers, which are children of this process too.
    children = multiprocessing.active_children()
    process = next(child for child in children if isinstance(child, ForkServerProcess))
    process.kill()
    process.join()
    time.sleep(0.5)  # the executor has noticed by then


# The driver


def test_a_killed_driver_resumes_to_the_same_files(
    tmp_path: Path, complete: tuple[bytes, bytes]
) -> None:
    out, moments = tmp_path / "out", random.Random(1)
    for attempt in range(4):
        driver = subprocess.Popen([sys.executable, "-c", DRIVER, str(out), "60"], cwd=ROOT)
        before = (out / LEDGER).stat().st_size if out.exists() else 0
        wait_for(lambda size=before: (out / LEDGER).stat().st_size > size)
        time.sleep(moments.uniform(0, 0.2))
        processes = psutil.Process(driver.pid).children(recursive=True)
        if attempt == 0:
            with pytest.raises(InputError, match="another run that is still going on"):
                Job(CONFIGURED, out).prepare(resume=True)
        driver.kill()
        driver.wait()
        assert len(processes) >= 2
        _, alive = psutil.wait_procs(processes, timeout=20)
        assert not alive  # a killed driver leaves no process behind
        assert complete[0].startswith(contents(out)[0].rpartition(b"\n")[0])
    subprocess.run([sys.executable, "-c", DRIVER, str(out), "0"], cwd=ROOT, check=True)
    assert contents(out) == complete


def wait_for(condition: Any, seconds: float = 300) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if condition():
                return
        except FileNotFoundError:
            pass
        time.sleep(0.002)
    raise TimeoutError


def test_a_disk_too_full_for_the_configuration_leaves_a_new_directory(tmp_path: Path) -> None:
    for size in (0, 1, 50):
        with files_of_at_most(size), pytest.raises(OSError, match="too large"):
            Job(CONFIGURED, tmp_path).prepare()
        assert not (tmp_path / CONFIGURATION).exists()
    with Job(CONFIGURED, tmp_path).prepare() as ledger:
        assert ledger.records == []
    Job(CONFIGURED, tmp_path).prepare(resume=True).close()


@pytest.mark.parametrize("names", [[], [LEDGER], [LEDGER, CERTIFICATES, CONFIGURATION]])
def test_what_a_driver_killed_at_once_leaves_is_no_obstacle(
    tmp_path: Path, names: list[str]
) -> None:
    for name in names:
        (tmp_path / name).touch()
    with Job(CONFIGURED, tmp_path).prepare() as ledger:
        assert ledger.records == []
    Job(CONFIGURED, tmp_path).prepare(resume=True).close()
    with pytest.raises(InputError, match="an existing one"):
        Job(CONFIGURED, tmp_path).prepare()


# Processes on this machine


@pytest.mark.usefixtures("campaign_alone", "few_ahead")
def test_killed_processes_are_replaced(
    tmp_path: Path,
    complete: tuple[bytes, bytes],
    after_first_records: list[Any],
    capsys: pytest.CaptureFixture[str],
) -> None:
    after_first_records.append(kill_a_worker)
    out = tmp_path / "out"
    assert cli.main([*RUN, "--workers", "2", "--out", str(out)]) == commands.EXIT_INTERRUPTED
    assert contents(out) == complete
    lines = [line for line in capsys.readouterr().err.splitlines() if line.startswith("verify:")]
    assert lines[0].startswith("verify: a worker process was killed or could not start; going on")
    assert len(lines) == 2


@pytest.mark.usefixtures("campaign_alone", "few_ahead")
def test_processes_killed_too_often_end_the_run_in_one_line(
    tmp_path: Path,
    complete: tuple[bytes, bytes],
    after_first_records: list[Any],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(jobs, "RESTARTS", 0)
    after_first_records.append(kill_a_worker)
    out = tmp_path / "out"
    assert cli.main([*RUN, "--workers", "2", "--out", str(out)]) == commands.EXIT_USAGE
    error = capsys.readouterr().err
    assert error.endswith("killed or could not start; continue with --resume\n")
    assert "Traceback" not in error
    assert 0 < contents(out)[0].count(b"\n") < INSTANCES
    arguments = [*RUN, "--workers", "1", "--resume", "--out", str(out)]
    assert cli.main(arguments) == commands.EXIT_INTERRUPTED
    assert contents(out) == complete


# A Dask cluster


@pytest.fixture(scope="module")
def cluster() -> Iterator[LocalCluster]:
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as started:
        yield started


def test_a_killed_dask_worker_changes_nothing(
    tmp_path: Path, complete: tuple[bytes, bytes], cluster: LocalCluster
) -> None:
    cluster.scale(2)
    cluster.wait_for_workers(2)  # a test before this one may have killed some
    killed = []

    def kill_one(done: int, *_: Any) -> None:
        if not killed and done > INSTANCES // 5:
            killed.append(nanny_pids(cluster)[0])
            os.kill(killed[0], signal.SIGKILL)

    with (
        workers.dask_cluster(cluster.scheduler_address) as (executor, count),
        Ledger.open(tmp_path) as ledger,
    ):
        assert count == 2
        certify_all(ledger, executor, kill_one)
    assert killed
    assert contents(tmp_path) == complete


def nanny_pids(cluster: LocalCluster) -> list[int]:
    return [nanny.pid for nanny in cluster.workers.values()]


@pytest.mark.usefixtures("campaign_alone")
def test_the_command_runs_on_a_cluster(
    tmp_path: Path, complete: tuple[bytes, bytes], cluster: LocalCluster
) -> None:
    arguments = [*RUN, "--scheduler", cluster.scheduler_address, "--out", str(tmp_path / "out")]
    assert cli.main(arguments) == commands.EXIT_INTERRUPTED
    assert contents(tmp_path / "out") == complete


def test_workers_with_another_version_are_refused(
    cluster: LocalCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "__version__", "0.0.7")
    with (
        pytest.raises(InputError, match=r"expected version 0\.0\.7 of this package on every"),
        workers.dask_cluster(cluster.scheduler_address),
    ):
        pass


@pytest.mark.parametrize(
    ("count", "message"),
    [(1, "expected workers of one thread each"), (0, "expected a scheduler with workers")],
)
def test_unsuitable_clusters_are_refused(
    count: int, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "CONNECT_SECONDS", 2)
    with (
        LocalCluster(
            n_workers=count, threads_per_worker=2, processes=False, dashboard_address=None
        ) as unsuitable,
        pytest.raises(InputError, match=message),
        workers.dask_cluster(unsuitable.scheduler_address),
    ):
        pass


def test_a_task_that_kills_every_worker_ends_the_run(
    cluster: LocalCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster.scheduler, "allowed_failures", 0)
    with (
        pytest.raises(BrokenExecutor, match="every worker that tried a task was killed"),
        workers.dask_cluster(cluster.scheduler_address) as (executor, _),
    ):
        executor.submit(os._exit, 1).result()


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("tcp://127.0.0.1:9", "a Dask scheduler that answers within 1 seconds, got Timed out"),
        ("nonsense", "got missing port number in address 'nonsense'"),
    ],
)
def test_an_unreachable_scheduler_is_one_clear_line(
    address: str,
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(workers, "CONNECT_SECONDS", 1)
    out = tmp_path / "out"
    assert cli.main([*RUN, "--scheduler", address, "--out", str(out)]) == commands.EXIT_USAGE
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1
    assert not out.exists()


def test_without_dask_the_command_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    out = tmp_path / "out"
    assert cli.main([*RUN, "--scheduler", "tcp://127.0.0.1:9", "--out", str(out)]) == 2
    error = capsys.readouterr().err
    assert "pip install distributed" in error
    assert error.count("\n") == 1
    assert not out.exists()


# Two runs at once


@pytest.mark.parametrize("option", ["--resume", "--overwrite"])
def test_a_second_run_is_refused(
    option: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with Job(CONFIGURED, tmp_path).prepare() as ledger:
        ledger.append(*campaign.run_instance(CLAIM, SEED, 0))
        before = contents(tmp_path)
        assert cli.main([*RUN, option, "--out", str(tmp_path)]) == commands.EXIT_USAGE
        error = capsys.readouterr().err
        assert "expected one run at a time in a directory, got another run that is" in error
        assert error.count("\n") == 1
        assert contents(tmp_path) == before
    Ledger.open(tmp_path).close()


# A full disk


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """Let the system refuse to write beyond a size, as a full disk or a quota does."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.usefixtures("campaign_alone")
def test_a_full_disk_is_one_clear_line_and_the_run_resumes(
    tmp_path: Path, complete: tuple[bytes, bytes], capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    with files_of_at_most(len(complete[1]) // 2):
        assert cli.main([*RUN, "--workers", "1", "--out", str(out)]) == commands.EXIT_USAGE
    error = capsys.readouterr().err
    assert f"verify: {out}" in error
    assert error.endswith(f": {os.strerror(errno.EFBIG)}; continue with --resume\n")
    assert "Traceback" not in error
    arguments = [*RUN, "--workers", "1", "--resume", "--out", str(out)]
    assert cli.main(arguments) == commands.EXIT_INTERRUPTED
    assert contents(out) == complete


def _extend_in_pairs(ledger: Ledger, results: Sequence[tuple[Record, Sequence[str]]]) -> None:
    for start in range(0, len(results), 2):
        ledger.extend(results[start : start + 2])


def test_no_write_that_fails_loses_or_doubles_a_record(
    tmp_path: Path, complete: tuple[bytes, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fill the disk while certificates are written (odd calls), and while records are (even)."""
    results = [campaign.run_instance(CLAIM, SEED, index) for index in range(6)]
    fsync = os.fsync
    for failing in range(1, 7):
        directory = tmp_path / str(failing)
        directory.mkdir()
        calls = iter(range(1, 7))

        def full(file: int, calls: Iterator[int] = calls, failing: int = failing) -> None:
            if next(calls) == failing:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            fsync(file)

        with monkeypatch.context() as patch, Ledger.open(directory) as ledger:
            patch.setattr(os, "fsync", full)
            with pytest.raises(OSError, match="No space left on device") as caught:
                _extend_in_pairs(ledger, results)
            assert caught.value.filename == str(directory / (CERTIFICATES, LEDGER)[1 - failing % 2])
            recorded = len(ledger.records)
            assert recorded == (failing - 1) // 2 * 2
            with pytest.raises(ValueError, match="closed file"):
                ledger.append(*results[recorded])
        with Ledger.open(directory) as ledger:
            assert len(ledger.records) in (recorded, recorded + 2)
            certify_all(ledger, Inline()) if failing == 3 else None
        if failing == 3:
            assert contents(directory) == complete
