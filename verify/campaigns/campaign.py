"""Claims times instances on any executor, recorded in a ledger in a fixed order."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor, Future, wait
from itertools import chain, islice, product
from typing import TypeVar

from verify.claims.evaluation import evaluate, evaluate_sharp
from verify.claims.registry import CLAIMS
from verify.evidence.ledger import SHARP, Ledger, Record

CHUNK = 10  # instances for each task: long enough to hide the cost of sending it
PATIENCE = 10  # seconds without the next result before making sure that the executor is there
AHEAD = 512  # tasks under way: enough for hundreds of workers, few enough to hold in memory

T = TypeVar("T")
R = TypeVar("R")


def subjects(claim_ids: Iterable[str]) -> list[str]:
    """Return what a campaign runs: each claim, and after it its sharp form where it is decided."""
    return [
        subject
        for claim_id in claim_ids
        for subject in (claim_id, *([f"{claim_id}{SHARP}"] if CLAIMS[claim_id].sharp else []))
    ]


def run_instance(subject: str, seed: int, index: int) -> tuple[Record, tuple[str, ...]]:
    """Draw one instance, prove it, check its certificates; return its record and certificates.

    ``subject`` is the id of a claim, with ``SHARP`` behind it for the sharp form. A function of
    its arguments alone, so it gives the same result on any worker.
    """
    claim = CLAIMS[subject.removesuffix(SHARP)]
    if subject.endswith(SHARP):
        case, instance = claim.sharp_instance(seed, index)
        outcome = evaluate_sharp(claim, instance)
    else:
        case, instance = claim.instance(seed, index)
        outcome = evaluate(claim, instance)
    certificates = outcome.proof.certificates if outcome.proof else ()
    lines = tuple(certificate.line() for certificate in certificates)
    return Record.of(subject, index, case, outcome.grade, outcome.reason, lines), lines


def run_campaign(
    subjects: Sequence[str],
    *,
    seed: int,
    instances: int,
    ledger: Ledger,
    executor: Executor,
    progress: Callable[[int, int, str], None],
) -> None:
    """Run every instance that the ledger does not have yet and append it, in a fixed order.

    ``subjects`` are those of :func:`subjects`. The order is by subject and number whatever the
    number of workers, so equal seeds give equal ledgers. ``progress(done, total, subject)`` is
    called after each recorded instance.
    """
    done, total = len(ledger.records), len(subjects) * instances
    todo = islice(product(subjects, range(instances)), done, None)
    tasks = ((seed, chunk) for chunk in _chunks(todo))
    for batch in in_order(executor, _run_chunk, tasks):
        results = list(chain.from_iterable(batch))
        ledger.extend(results)
        for record, _ in results:
            done += 1
            progress(done, total, record.claim)


def check_recorded(
    claim_ids: Sequence[str],
    *,
    seed: int,
    instances: int,
    ledger: Ledger,
    first: int,
    executor: Executor,
    progress: Callable[[int, int, str], None],
) -> None:
    """Run the instances of the recorded ones, from number ``first`` on, again, and compare.

    Only so is it known that they are of this campaign: whoever can write a ledger can write hashes
    that fit. Raises :class:`~verify.evidence.ledger.OtherRecord` at the first that differs.
    """
    last = min(len(ledger.records), len(claim_ids) * instances)
    todo = islice(product(claim_ids, range(instances)), first, last)
    tasks = ((seed, chunk) for chunk in _chunks(todo))
    results = chain.from_iterable(chain.from_iterable(in_order(executor, _run_chunk, tasks)))
    for position, (own, _) in enumerate(results, first):
        ledger.compare(position, own)
        progress(position + 1, last, own.claim)


def _chunks(todo: Iterator[tuple[str, int]]) -> Iterator[list[tuple[str, int]]]:
    while chunk := list(islice(todo, CHUNK)):
        yield chunk


def _run_chunk(task: tuple[int, list[tuple[str, int]]]) -> list[tuple[Record, tuple[str, ...]]]:
    seed, chunk = task
    return [run_instance(subject, seed, index) for subject, index in chunk]


def in_order(
    executor: Executor, function: Callable[[T], R], tasks: Iterable[T]
) -> Iterator[list[R]]:
    """Map with a bounded number of tasks under way, yielding results in the order of the tasks.

    Results come in lists: all that are ready at the head of the line, at least one. So the caller
    may take as long as it needs over each list; the next is longer then. What is under way when it
    stops goes with the executor.
    """
    waiting = iter(tasks)
    pending = deque(executor.submit(function, task) for task in islice(waiting, AHEAD))
    while pending:
        while not wait([pending[0]], PATIENCE).done:
            # An executor whose cluster is gone may never answer, but it refuses new tasks.
            executor.submit(int)
        batch = [pending[0].result()]
        pending.popleft()
        while pending and _succeeded(pending[0]):
            batch.append(pending.popleft().result())
        pending.extend(executor.submit(function, task) for task in islice(waiting, len(batch)))
        yield batch


def _succeeded(future: Future[R]) -> bool:
    return future.done() and not future.cancelled() and future.exception() is None
