"""Certificates are decided in their order: where there are many of them, by several processes.

A few megabytes of text are at work or wait at any time, or one certificate if it is longer.
"""

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import BrokenExecutor, Future
from itertools import chain, islice
from multiprocessing.connection import wait
from typing import TYPE_CHECKING, Any

from certify.checking import checker
from certify.checking.ledger_records import Record

if TYPE_CHECKING:
    from concurrent.futures import ProcessPoolExecutor

BATCH = 500_000  # characters that a process is given at once
FEW = 4  # batches that are decided here before other processes would have started
WAITING = 4  # batches for each process

Certificate = tuple[str, str, Record | None]  # its place, its text, and the record that it is of
Verdict = tuple[str, str]  # kind and sentence, or no kind and why it is refused
Decide = Callable[[Any], tuple[str, str]]


def decided(
    certificates: Iterable[Certificate], decide: Decide
) -> Iterator[tuple[Certificate, Verdict]]:
    """Yield every certificate with its verdict, in order.

    Raises OSError when a process is killed, as one that runs out of memory is.
    """
    batches = _batches(certificates)
    first = list(islice(batches, FEW))
    processes = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1
    pool = _pool(processes) if len(first) == FEW and processes > 1 else None
    if pool:
        yield from _by_others(chain(first, batches), decide, pool, WAITING * processes)
        return
    for one in chain.from_iterable(chain(first, batches)):
        yield one, verdict(one[1], decide)


def verdict(text: str, decide: Decide) -> Verdict:
    """Return kind and sentence of an accepted certificate, or nothing and why it is refused."""
    try:
        return decide(checker.parse(text))
    except (checker.Rejected, checker.Malformed) as error:
        return "", f"{type(error).__name__.lower()}: {error}"


def _batches(certificates: Iterable[Certificate]) -> Iterator[list[Certificate]]:
    batch: list[Certificate] = []
    held = 0
    for one in certificates:
        batch.append(one)
        held += len(one[1])
        if held >= BATCH:
            yield batch
            batch, held = [], 0
    if batch:
        yield batch


def _pool(processes: int) -> "ProcessPoolExecutor | None":
    """Return processes to come, and None where the system has no means for them."""
    from concurrent.futures import ProcessPoolExecutor

    try:
        return ProcessPoolExecutor(processes, initializer=_begin)
    except (ImportError, NotImplementedError, OSError):
        return None


def _by_others(
    batches: Iterable[list[Certificate]], decide: Decide, pool: "ProcessPoolExecutor", most: int
) -> Iterator[tuple[Certificate, Verdict]]:
    asked: deque[tuple[list[Certificate], Future[list[Verdict]]]] = deque()
    try:
        for batch in chain(batches, [[]] * most):  # the last are there to wait for
            asked.append((batch, pool.submit(_verdicts, [text for _, text, _ in batch], decide)))
            if len(asked) == most:
                done, verdicts = asked.popleft()
                yield from zip(done, verdicts.result(), strict=True)
    except BrokenExecutor:
        raise OSError("a process that decides certificates was killed") from None
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _verdicts(texts: Iterable[str], decide: Decide) -> list[Verdict]:
    return [verdict(text, decide) for text in texts]


def _begin() -> None:
    """End with the process that asks, and in silence after Ctrl-C."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()


def _end_with(parent: int) -> None:
    wait([parent])  # an idle process waits for work on a pipe that it holds open itself
    os._exit(1)
