"""Running independent jobs on any `concurrent.futures.Executor`, with the same results."""

from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future, as_completed
from typing import TypeVar

Job = TypeVar("Job")
Result = TypeVar("Result")


def run_jobs(
    function: Callable[[Job], Result],
    jobs: Sequence[Job],
    executor: Executor | None,
    finished: Callable[[int], None],
) -> list[Result]:
    """Return function(job) for each job, in the order of the jobs.

    Without an executor they run here, one after another. `finished` is called in this process
    with a job's index as it ends. The first failure is raised, and what has not begun goes with the
    executor.

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
    for future in as_completed(futures):
        future.result()
        finished(futures[future])
    return [future.result() for future in futures]
