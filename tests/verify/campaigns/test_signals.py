"""A signal to a whole group of processes ends a run at once, and leaves it to be continued."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from verify import cli, commands

from .test_durability import ROOT, wait_for

# Long tasks with long results, of which some lie half written in a pipe at any moment.
SORTING = """
import numpy as np
from verify import cli
from verify.attack.parallel import run_jobs
from verify.campaigns.workers import local_processes
from verify.commands import run

def sort(options):
    numbers = np.random.default_rng(0).random(2**18)
    with local_processes(2) as (executor, _):
        run_jobs(np.sort, [numbers] * 10_000, executor, lambda k: print(k, flush=True))

run.run = sort
raise SystemExit(cli.main(["run"]))
"""


def ended_as_a_group(driver: subprocess.Popen[str]) -> str:
    """Send SIGTERM as `timeout` does, to a process and its group; return what it said, at its end.

    Nothing of the group is left then.
    """
    processes = psutil.Process(driver.pid).children(recursive=True)
    driver.terminate()
    os.killpg(driver.pid, signal.SIGTERM)
    try:
        _, said = driver.communicate(timeout=60)
    finally:
        driver.kill()
    _, alive = psutil.wait_procs(processes, timeout=20)
    assert len(processes) >= 2
    assert not alive
    return said


@pytest.mark.parametrize("attempt", range(6))
def test_a_signal_to_the_group_ends_tasks_under_way(attempt: int) -> None:
    driver = subprocess.Popen(
        [sys.executable, "-c", SORTING], cwd=ROOT, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    assert driver.stdout is not None
    driver.stdout.readline()
    time.sleep(random.Random(attempt).uniform(0, 0.2))
    assert ended_as_a_group(driver) == "verify: interrupted\n"
    assert driver.returncode == commands.EXIT_INTERRUPTED


def test_a_signal_to_the_group_leaves_a_run_that_can_be_continued(tmp_path: Path) -> None:
    out = tmp_path / "out"
    run = [sys.executable, "-m", "verify", "attack", "--subsets", "2", "--instances", "1",
           "--workers", "2", "--out", str(out)]  # fmt: skip
    driver = subprocess.Popen(
        run, cwd=ROOT, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    wait_for(lambda: any((out / "models").iterdir()))
    (line,) = [s for s in ended_as_a_group(driver).splitlines() if s.startswith("verify:")]
    assert line.endswith("; continue with --resume")
    assert driver.returncode == commands.EXIT_INTERRUPTED
    again = cli.main([*run[3:], "--resume"], rehearsal=True)
    assert again == 0
