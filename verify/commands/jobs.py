"""How the commands run a job and end: on which workers, what is tried again, which exit code."""

from __future__ import annotations

import argparse
import sys
from concurrent.futures import BrokenExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from typing import TYPE_CHECKING

from certify.errors import of_the_system
from verify.commands import EXIT_INTERRUPTED, EXIT_PROBLEMS, EXIT_USAGE
from verify.commands.options import check_workers

if TYPE_CHECKING:
    from verify.campaigns.job import Job

RESTARTS = 3  # of the processes of a run after one was killed; Dask has the same limit for a task


def execute(job: Job, options: argparse.Namespace, command: list[str]) -> int:
    """Run a job on local processes, which are replaced when one is killed, or on a cluster."""
    from verify.campaigns.workers import dask_cluster, local_processes
    from verify.evidence.ledger import CONFIGURATION
    from verify.evidence.places import check_out
    from verify.reporting import terminal
    from verify.reporting.progress import Progress

    check_workers(options)
    check_out(options.out, overwrite=options.overwrite, resume=options.resume)
    command = [
        *command, "--seed", str(options.seed), "--instances", str(options.instances),
        "--out", str(options.out),
    ]  # fmt: skip
    job.local = options.scheduler is None
    if job.local:
        workers = partial(local_processes, options.workers)
    else:
        workers = partial(dask_cluster, options.scheduler)
    if options.rehearsal:
        if options.resume:
            job.prepare(resume=True).close()
        return 0
    resume, restarts = options.resume, 0
    while True:
        try:
            with (
                workers() as (executor, job.workers),
                job.prepare(overwrite=options.overwrite, resume=resume) as ledger,
                Progress() as progress,
            ):
                report = job.execute(ledger, executor, progress, command)
            return 0 if terminal.print_run(report, str(options.out)) else EXIT_PROBLEMS
        except KeyboardInterrupt:
            page = options.out / "index.html"
            partial_report = f"; partial report: {page}" if page.exists() else ""
            print(f"verify: interrupted{partial_report}; continue with --resume", file=sys.stderr)
            return EXIT_INTERRUPTED
        except (BrokenExecutor, OSError) as error:
            if not (options.out / CONFIGURATION).exists():
                raise
            why = reason(error)
            if not isinstance(error, BrokenProcessPool) or restarts == RESTARTS:
                print(f"verify: {why}; continue with --resume", file=sys.stderr)
                return EXIT_USAGE
            print(f"verify: {why}; going on with new processes", file=sys.stderr)
            resume, restarts = True, restarts + 1


def reason(error: Exception) -> str:
    """Return why a command cannot go on, in one line."""
    if isinstance(error, BrokenProcessPool):
        return "a worker process was killed or could not start"
    if isinstance(error, OSError):
        return of_the_system(error)
    return str(error)
