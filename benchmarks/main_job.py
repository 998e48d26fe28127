"""The main job as a user starts it: ``verify run`` and ``certify check``, as whole processes."""

import functools
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.measure import Case, Job

_INSTANCES = (10, 50, 200)
_PROGRAMS = ("verify run", "certify check")


def cases() -> list[Case]:
    """Return both programs at growing numbers of instances; a check reads what the run wrote."""
    return [
        Case(
            "main_job",
            f"{instances} instances of each claim",
            instances,
            program,
            functools.partial(_start, program, instances, _folder().name),
        )
        for instances in _INSTANCES
        for program in _PROGRAMS
    ]


@functools.cache
def _folder() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory()


def _start(program: str, instances: int, folder: str) -> None:
    report = str(Path(folder) / str(instances))
    arguments = [report]
    if program == "verify run":
        arguments = ["--instances", str(instances), "--overwrite", "--out", report]
    command = [sys.executable, "-m", *program.split(), *arguments]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{program} ended with {done.returncode}: {done.stderr[-400:]}")


JOB = Job(
    "main_job",
    "How long do the two programs take from start to exit?",
    "Training, the exact decisions on the trained models and starting the interpreters cost the "
    "same at any number of instances, so at first the time hardly grows. Beyond that instances are "
    "independent of one another and the growth is linear, in the run and in the check.",
    cases,
    counted="instances of each claim",
    limit=600.0,
)
