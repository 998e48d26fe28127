"""Tests of processes that compute for another."""

import signal
import subprocess
import sys

import pytest

POOL = """
import concurrent.futures.process
import sys

import certify

sys.platform = {platform!r}
from certify.processes import process_pool

sys.platform = {actual!r}
with process_pool(1, "certify.errors", abs, -1) as executor:
    print(type(executor._mp_context).__mro__[1].__name__, executor.submit(abs, -3).result())
"""


@pytest.mark.parametrize(
    ("platform", "context"), [("win32", "SpawnContext"), (sys.platform, "ForkServerContext")]
)
def test_processes_are_forked_where_any_can_be(platform: str, context: str) -> None:
    command = [sys.executable, "-c", POOL.format(platform=platform, actual=sys.platform)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=100)
    assert done.stdout == f"{context} 3\n", done.stderr


BLOCKED = """
import signal

from certify.processes import process_pool

with process_pool(1, "certify.errors", abs, -1) as executor:
    print(sorted(executor.submit(signal.pthread_sigmask, signal.SIG_BLOCK, ()).result()))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="which has no such signals")
def test_workers_leave_signals_to_the_main_process() -> None:
    """Also where nothing ran before: Python's tracker of resources unblocks what it blocked."""
    done = subprocess.run([sys.executable, "-c", BLOCKED], capture_output=True, text=True)
    assert done.stdout == f"{[signal.SIGINT, signal.SIGTERM]}\n", done.stderr
