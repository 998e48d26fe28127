"""Claims times instances on any executor, recorded in a ledger in a fixed order."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future
from itertools import islice
from typing import TypeVar

from verify.claims.evaluation import evaluate
from verify.claims.registry import CLAIMS
from verify.ledger import Ledger, Record

CHUNK = 10  # instances for each task: long enough to hide the cost of sending it
AHEAD = 8  # tasks under way: enough to keep the workers busy, few enough to interrupt at once

T = TypeVar("T")
R = TypeVar("R")


def run_instance(claim_id: str, seed: int, index: int) -> tuple[Record, tuple[str, ...]]:
    """Draw one instance, prove it, check its certificates; return its record and certificates.

    A function of its arguments alone, so it gives the same result on any worker.
    """
    claim = CLAIMS[claim_id]
    case, instance = claim.instance(seed, index)
    outcome = evaluate(claim, instance)
    certificates = outcome.proof.certificates if outcome.proof else ()
    lines = tuple(certificate.line() for certificate in certificates)
    return Record(claim_id, index, case, outcome.grade, outcome.reason, len(lines)), lines


def run_campaign(
    claim_ids: Sequence[str],
    *,
    seed: int,
    instances: int,
    ledger: Ledger,
    executor: Executor,
    progress: Callable[[int, int, str], None],
) -> None:
    """Run every instance that the ledger does not have yet and append it, in a fixed order.

    The order is by claim and number whatever the number of workers, so equal seeds give equal
    ledgers. ``progress(done, total, claim_id)`` is called after each recorded instance.
    """
    todo = [(claim_id, index) for claim_id in claim_ids for index in range(instances)]
    done = len(ledger.records)
    chunks = [todo[k : k + CHUNK] for k in range(done, len(todo), CHUNK)]
    for results in _in_order(executor, _run_chunk, [(seed, chunk) for chunk in chunks]):
        for record, lines in results:
            ledger.append(record, lines)
            done += 1
            progress(done, len(todo), record.claim)


def _run_chunk(
    task: tuple[int, list[tuple[str, int]]],
) -> list[tuple[Record, tuple[str, ...]]]:
    seed, chunk = task
    return [run_instance(claim_id, seed, index) for claim_id, index in chunk]


def _in_order(executor: Executor, function: Callable[[T], R], tasks: Sequence[T]) -> Iterator[R]:
    """Map with a bounded number of tasks under way, yielding results in the order of the tasks."""
    waiting = iter(tasks)
    pending: list[Future[R]] = [executor.submit(function, t) for t in islice(waiting, AHEAD)]
    try:
        while pending:
            result = pending.pop(0).result()
            pending.extend(executor.submit(function, t) for t in islice(waiting, 1))
            yield result
    finally:
        for future in pending:
            future.cancel()
