"""Runs that are killed, starved and damaged, and what is on the disk afterwards.

Whatever happens to a run, its files are beginnings of those of a run that nothing disturbed, and
going on makes them equal to these, byte for byte: no record is lost, doubled or wrong. Where that
cannot be, one clear line says why.
"""

import errno
import multiprocessing
import os
import resource
import signal
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, Executor, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from random import Random
from typing import Any

from certify.errors import InputError
from verify.campaigns.campaign import run_campaign
from verify.campaigns.job import Configuration, Job
from verify.campaigns.workers import local_processes
from verify.data.sources import Source, load
from verify.evidence.ledger import CERTIFICATES, CONFIGURATION, LEDGER
from verify.trust.faults.tally import Tally

CLAIMS, INSTANCES = ("charles-thm-4", "zou-thm-1"), 100
PATIENCE = 60.0  # seconds in which a run that takes one must have ended
NOBODY = 65534  # the user without rights, where the campaign itself has all of them
COMPLETE, REFUSED, PROBLEM = "complete", "refused", "problem"

Message = tuple[str, str]
Fault = Callable[[Random], None]
"""What a run does to its own process before it begins."""


@dataclass
class _Run:
    """A run in a process of its own."""

    process: BaseProcess
    pipe: Connection

    def begun(self) -> None:
        """Wait until the run has its modules and goes to work."""
        self.pipe.recv()

    def ended(self) -> Message | None:
        """Wait for the end; return what the run says of it, None when it was killed."""
        try:
            message: Message = self.pipe.recv() if self.pipe.poll(PATIENCE) else (PROBLEM, "hangs")
        except EOFError:
            message = ("", "")
        self.process.kill()
        self.process.join()
        return message if message[0] else None


def _drive(
    directory: Path, seed: int, source: Source, fault: Fault | None, workers: int, pipe: Connection
) -> None:
    """Run or continue the campaign of a directory, and say how it ended."""
    # They are blocked where a pool of processes began the server that this one is forked off.
    signal.pthread_sigmask(signal.SIG_UNBLOCK, (signal.SIGINT, signal.SIGTERM))
    # Ctrl-C is ignored in what a shell has started in the background, and a run would never be hit.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    pipe.send("begun")
    try:
        if fault:
            fault(Random(f"{seed}/{directory.name}"))
        job = Job(_configuration(seed), directory, source)
        resume = (directory / CONFIGURATION).exists()
        with _executor(workers) as executor, job.prepare(resume=resume, overwrite=True) as ledger:
            options: dict[str, Any] = {"seed": seed, "instances": INSTANCES, "ledger": ledger}
            run_campaign(CLAIMS, executor=executor, progress=lambda *call: None, **options)
        pipe.send((COMPLETE, ""))
    except (InputError, OSError, BrokenExecutor, KeyboardInterrupt) as error:
        # These are what the command line turns into one line and an exit code.
        pipe.send((REFUSED, f"{type(error).__name__}: {error}"))
    except BaseException as error:
        pipe.send((PROBLEM, f"{type(error).__name__}: {error}"))


@contextmanager
def _executor(workers: int) -> Iterator[Executor]:
    """Yield processes where one is to be killed, else a thread, which starts at once."""
    if workers == 1:
        with ThreadPoolExecutor(1) as thread:
            yield thread
    else:
        with local_processes(workers) as (executor, _):
            yield executor


def _configuration(seed: int) -> Configuration:
    return Configuration(seed, INSTANCES, CLAIMS)


class _Site:
    """A folder for the runs of one campaign, and the files of a run that nothing disturbs."""

    def __init__(self, root: Path, seed: int) -> None:
        self.root, self.seed, self.source = root, seed, load("digits")
        self.rng = Random(f"{seed}/runs")
        self._made = 0
        undisturbed = self.new()
        run = self.start(undisturbed)
        start = time.perf_counter()
        message = run.ended()
        self.seconds = time.perf_counter() - start
        self.complete = self.contents(undisturbed)
        records = self.complete[0].count(b"\n")
        if message != (COMPLETE, "") or records != len(CLAIMS) * INSTANCES:
            raise AssertionError(f"the undisturbed run ended with {message}, {records} records")

    def new(self) -> Path:
        """Return the path of a directory that is not there yet."""
        self._made += 1
        return self.root / f"run-{self._made}"

    def start(self, directory: Path, fault: Fault | None = None, workers: int = 1) -> _Run:
        """Start or continue a run, and return when it has begun."""
        here, there = multiprocessing.Pipe(duplex=False)
        process = multiprocessing.get_context("forkserver").Process(
            target=_drive, args=(directory, self.seed, self.source, fault, workers, there)
        )
        process.start()
        there.close()
        run = _Run(process, here)
        run.begun()
        return run

    def contents(self, directory: Path) -> tuple[bytes, bytes]:
        """Return both files, empty where one is not there."""
        paths = directory / LEDGER, directory / CERTIFICATES
        first, second = (path.read_bytes() if path.exists() else b"" for path in paths)
        return first, second

    def judge(self, directory: Path, message: Message | None, tally: Tally, about: str) -> None:
        """Compare the files after a fault with the complete ones; go on, and compare again."""
        tally.injected += 1
        found = ""
        if message and message[0] == PROBLEM:
            found = message[1]
        elif not self._beginnings(directory):
            found = "the files are not beginnings of the complete ones"
        else:
            again = self.start(directory).ended()
            if again != (COMPLETE, ""):
                found = f"going on ends with {again}"
            elif self.contents(directory) != self.complete:
                found = "the files of the continued run differ"
        self._note(found, message, tally, about)

    def _beginnings(self, directory: Path) -> bool:
        pairs = zip(self.complete, self.contents(directory), strict=True)
        return all(whole.startswith(part) for whole, part in pairs)

    def _note(self, found: str, message: Message | None, tally: Tally, about: str) -> None:
        if found:
            tally.problems.append(f"{tally.place}, {tally.fault}, {about}: {found:.300}")
        elif message and message[0] == REFUSED:
            tally.refused += 1
        else:
            tally.same += 1


# Faults that a run does to its own process. All of them are looked up by name in it.


def _small_disk(rng: Random) -> None:
    size = rng.randrange(1, 60_000)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


def _failing_disk(rng: Random) -> None:
    fsync, left = os.fsync, [rng.randrange(12)]

    def failing(file: int) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        fsync(file)

    os.fsync = failing  # type: ignore[assignment]


def _jumping_clock(rng: Random) -> None:
    now = time.time
    time.time = lambda: now() + rng.uniform(-1e6, 1e6)


def _lost_worker(rng: Random) -> None:
    def kill(delay: float) -> None:
        while not (children := multiprocessing.active_children()):
            time.sleep(0.001)
        time.sleep(delay)
        children[0].kill()

    threading.Thread(target=kill, args=(rng.uniform(0, 0.3),), daemon=True).start()


def _no_rights(rng: Random) -> None:
    if os.getuid() == 0:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)


# What is done to runs. Each function does it so many times.


def _killed(number: signal.Signals, site: _Site, tally: Tally, count: int) -> None:
    while tally.injected < count:
        directory = site.new()
        while tally.injected < count and not tally.problems:
            run = site.start(directory)
            time.sleep(site.rng.uniform(0, site.seconds))
            with suppress(ProcessLookupError):
                os.kill(run.process.pid or 0, number)
            message = run.ended()
            if message == (COMPLETE, ""):
                break  # it had ended before
            tally.injected += 1
            found = "" if site._beginnings(directory) else "the files are not beginnings"
            if message and message[0] == PROBLEM:
                found = message[1]
            site._note(found, message, tally, f"kill {tally.injected}")
        if tally.problems:
            return
        last = site.start(directory).ended()
        if last != (COMPLETE, "") or site.contents(directory) != site.complete:
            tally.problems.append(f"{tally.place}, {tally.fault}: going on ends with {last}")
            return


def _itself(fault: Fault, workers: int = 1) -> Callable[[_Site, Tally, int], None]:
    def act(site: _Site, tally: Tally, count: int) -> None:
        for number in range(count):
            directory = site.new()
            message = site.start(directory, fault, workers).ended()
            site.judge(directory, message, tally, f"time {number}")

    return act


def _read_only(site: _Site, tally: Tally, count: int) -> None:
    site.root.chmod(0o755)
    for number in range(count):
        directory = site.new()
        if number % 2:  # half of the time there is a run that cannot be continued
            site.start(directory).ended()
            directory.chmod(0o555)
        message = site.start(directory, _no_rights).ended()
        if directory.exists():
            directory.chmod(0o755)
        if not message or message[0] != REFUSED:
            tally.problems.append(f"{tally.place}, {tally.fault}: ends with {message}")
        site.judge(directory, message, tally, f"time {number}")


def _twice(site: _Site, tally: Tally, count: int) -> None:
    for number in range(count):
        directory = site.new()
        first = site.start(directory)
        while not (directory / CONFIGURATION).exists():
            time.sleep(0.001)
        time.sleep(site.rng.uniform(0, site.seconds / 2))
        second = site.start(directory).ended()
        message = first.ended()
        if message != (COMPLETE, ""):
            tally.problems.append(f"{tally.place}, {tally.fault}: the first ends with {message}")
        site.judge(directory, second, tally, f"time {number}")


def _damaged(change: Callable[[Random, bytes], bytes]) -> Callable[[_Site, Tally, int], None]:
    """Damage one file of a complete run: it is repaired, or the run is refused and left alone."""

    def act(site: _Site, tally: Tally, count: int) -> None:
        for number in range(count):
            directory = site.new()
            site.start(directory).ended()
            path = directory / (LEDGER, CERTIFICATES)[number % 2]
            path.write_bytes(change(site.rng, path.read_bytes()))
            before = site.contents(directory)
            message = site.start(directory).ended()
            tally.injected += 1
            found = ""
            if message == (COMPLETE, ""):
                if site.contents(directory) != site.complete:
                    found = "the files of the continued run differ"
            elif not message or message[0] != REFUSED:
                found = f"going on ends with {message}"
            elif site.contents(directory)[0] != before[0]:
                found = "a refused run changes the ledger"
            site._note(found, message, tally, f"{path.name}, time {number}")

    return act


def _cut(rng: Random, contents: bytes) -> bytes:
    return contents[: rng.randrange(len(contents))]


def _zeros(rng: Random, contents: bytes) -> bytes:
    """Return the file with zeros at its end, as some file systems leave it after a crash."""
    return contents[: (end := rng.randrange(len(contents)))] + bytes(len(contents) - end)


_Act = Callable[[_Site, Tally, int], None]
FAULTS: tuple[tuple[str, str, int, _Act], ...] = (
    ("run", "kill -9 at a random moment", 60, partial(_killed, signal.SIGKILL)),
    ("run", "Ctrl-C at a random moment", 10, partial(_killed, signal.SIGINT)),
    ("run", "kill -9 of a worker", 6, _itself(_lost_worker, workers=2)),
    ("run", "the clock jumps by days, forwards and backwards", 4, _itself(_jumping_clock)),
    ("directory", "the disk is full", 12, _itself(_small_disk)),
    ("directory", "writing fails", 12, _itself(_failing_disk)),
    ("directory", "no right to write", 4, _read_only),
    ("directory", "a second run at the same time", 4, _twice),
    ("ledger or certificates", "cut off at a random byte", 10, _damaged(_cut)),
    ("ledger or certificates", "zeros from a random byte on", 10, _damaged(_zeros)),
)


def run(seed: int, share: float, progress: Callable[[int, int, str], None]) -> Iterator[Tally]:
    """Do all faults, a share of the full number of times but once at least; yield the tallies."""
    with tempfile.TemporaryDirectory() as folder:
        site = _Site(Path(folder), seed)
        for done, (place, fault, times, act) in enumerate(FAULTS, 1):
            tally = Tally(place, fault)
            act(site, tally, max(1, round(share * times)))
            yield tally
            progress(done, len(FAULTS), fault)
