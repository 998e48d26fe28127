"""Time and memory of the main job, as a whole process: ``make bench``."""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

RUNS = 3


def main() -> None:
    """Run ``verify run`` and ``certify check`` a few times each and print a table."""
    table = Table("command", "median seconds", "peak MiB of one process")
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "digits"
        run = ["-m", "verify", "run", "--overwrite", "--out", str(report)]
        for name, command in (
            ("verify run (200 instances for each claim)", run),
            ("certify check", ["-m", "certify", "check", str(report)]),
        ):
            seconds = sorted(_seconds([sys.executable, *command]) for _ in range(RUNS))
            peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
            table.add_row(name, f"{seconds[RUNS // 2]:.1f}", f"{peak:.0f}")
    Console().print(table)


def _seconds(command: list[str]) -> float:
    start = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
