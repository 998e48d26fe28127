"""Running independent jobs on any `concurrent.futures.Executor`, with the same results."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, as_completed
from contextlib import contextmanager
from typing import TypeVar

import torch

Job = TypeVar("Job")
Result = TypeVar("Result")


@contextmanager
def one_thread() -> Iterator[None]:
    """Hold torch to one thread, and restore the number.

    Sums may round differently on another number of threads, so every job runs on one: then its
    result is the same in this process and in any worker.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def run_jobs(
    function: Callable[[Job], Result],
    jobs: Sequence[Job],
    executor: Executor | None,
    finished: Callable[[int], None],
) -> list[Result]:
    """Return function(job) for each job, in the order of the jobs.

    Without an executor they run here, one after another. `finished` is called in this process
    with a job's index as it ends. The first failure cancels what has not begun and is raised.

    >>> run_jobs(abs, [-2, 3], None, print)
    0
    1
    [2, 3]
    """
    if executor is None:
        results = []
        for index, job in enumerate(jobs):
            results.append(function(job))
            finished(index)
        return results
    futures: dict[Future[Result], int] = {
        executor.submit(function, job): i for i, job in enumerate(jobs)
    }
    try:
        for future in as_completed(futures):
            future.result()
            finished(futures[future])
    finally:
        for future in futures:
            future.cancel()
    return [future.result() for future in futures]
