"""``python -m benchmarks [JOB ...]``: measure all jobs, or some, and write the results."""

import argparse
import importlib
import pkgutil
import sys
from dataclasses import replace
from pathlib import Path

from rich.console import Console

import benchmarks
from benchmarks import results
from benchmarks.measure import Job, measure_all
from benchmarks.plots import growth_plot

_OUT = Path(__file__).resolve().parents[1] / "reports" / "benchmarks"


def jobs() -> dict[str, Job]:
    """Return the ``JOB`` or the ``JOBS`` of every module of this package that has some, by name."""
    found: list[Job] = []
    for module in pkgutil.iter_modules(benchmarks.__path__):
        if module.name != "__main__":
            loaded = importlib.import_module(f"benchmarks.{module.name}")
            found += getattr(loaded, "JOBS", None) or filter(None, [getattr(loaded, "JOB", None)])
    return {job.name: job for job in found}


def main() -> int:
    """Measure, print and write; exit code 1 when contenders disagree on an answer."""
    available = jobs()
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    names = f"of: {', '.join(available)}"
    parser.add_argument("jobs", nargs="*", choices=available, metavar="JOB", help=names)
    parser.add_argument("--limit", type=float, help="seconds for each case (default: the job's)")
    parser.add_argument("--out", type=Path, default=_OUT, help="directory of the results")
    arguments = parser.parse_args()
    console = Console()
    agreed = True
    for name in arguments.jobs or available:
        job = available[name]
        if arguments.limit is not None:
            job = replace(job, limit=arguments.limit)
        with console.status(name) as status:
            measurements = measure_all(job, lambda text, status=status: status.update(text))
        results.show(job, measurements, console)
        data = results.record(job, measurements)
        agreed &= not data["disagreements"]
        # Written after each job, so that an interruption loses one job at most.
        results.write(arguments.out, name, data, growth_plot(job, measurements))
    console.print(f"Results: {arguments.out / 'index.md'}")
    return 0 if agreed else 1


if __name__ == "__main__":
    sys.exit(main())
