"""Which pairs of MNIST digits a linear rule separates, on all training images, decided exactly.

``MNIST=folder python -m benchmarks.mnist_pairs [RESULTS.jsonl]`` appends one line for each of the
45 pairs and leaves out those that the file has already, so it can be interrupted. Each certificate
is written out, parsed again and accepted by the checker before its line is written.
"""

import hashlib
import json
import os
import resource
import sys
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from itertools import combinations, pairwise
from multiprocessing import get_context
from pathlib import Path
from typing import Any

# Set before NumPy is loaded, here and in the workers: they share the cores among themselves.
os.environ["OPENBLAS_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"] = "1"

from benchmarks import mnist
from benchmarks.measure import NotInstalled
from certify import separate
from certify.checking import checker

PAIRS = list(combinations(range(10), 2))
WORKERS = 2
RESULTS = Path(__file__).resolve().parents[1] / "reports" / "benchmarks" / "mnist_pairs.jsonl"


def decide(first: int, second: int) -> dict[str, Any]:
    """Decide one pair and check the certificate; seconds, and the peak of the worker in MiB."""
    X, y = mnist.pair(first, second)
    start, times = time.process_time(), [time.perf_counter()]
    answer = separate(X, y)
    times.append(time.perf_counter())
    line = answer.certificate.line()
    times.append(time.perf_counter())
    kind, established = checker.check(checker.parse(line))
    times.append(time.perf_counter())
    decided, written, checked = (b - a for a, b in pairwise(times))
    return {
        "pair": [first, second],
        "points": len(y),
        "separable": answer.separable,
        "points in the combination": None
        if answer.separable
        else sum(a > 0 for a in answer.multipliers),
        "certificate": kind,
        "established": established,
        "megabytes": round(len(line) / 1e6, 1),
        "sha256": hashlib.sha256(line.encode()).hexdigest(),
        "decided": round(decided, 2),
        "written": round(written, 2),
        "checked": round(checked, 2),
        "processor": round(time.process_time() - start, 2),
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def main(results: Path) -> None:
    """Decide the pairs that ``results`` does not have yet; a complete file is measured anew."""
    try:
        mnist.training_images()
    except NotInstalled as missing:
        print(f"not run: {missing}")
        return
    results.parent.mkdir(parents=True, exist_ok=True)
    text = results.read_text() if results.exists() else ""
    # An interruption may leave half a line; that pair is decided again.
    whole = text[: text.rfind("\n") + 1]
    if len(whole.splitlines()) == len(PAIRS):
        whole = ""
    done = [json.loads(line) for line in whole.splitlines()]
    known = {tuple(entry["pair"]) for entry in done}
    with (
        results.open("w") as file,
        ProcessPoolExecutor(WORKERS, mp_context=get_context("spawn")) as pool,
    ):
        file.write(whole)
        file.flush()
        tasks = [pool.submit(decide, *pair) for pair in PAIRS if pair not in known]
        for task in as_completed(tasks):
            done.append(task.result())
            file.write(json.dumps(done[-1]) + "\n")
            file.flush()
            print(json.dumps(done[-1]), flush=True)
    results.with_suffix(".md").write_text("\n".join(_table(done)) + "\n")
    print(_summary(done))


def _summary(done: list[dict[str, Any]]) -> str:
    separable = sum(entry["separable"] for entry in done)
    decided, checked = (sum(entry[name] for entry in done) for name in ("decided", "checked"))
    return (
        f"{len(done)} of {len(PAIRS)} pairs decided, {separable} of them separable: "
        f"{decided:.0f} s to decide and {checked:.0f} s to check, summed over {WORKERS} processes; "
        f"peak {max(entry['peak_mib'] for entry in done)} MiB."
    )


def _table(done: list[dict[str, Any]]) -> list[str]:
    names = ("points", "separable", "points in the combination", "decided", "checked", "megabytes")
    lines = ["# All pairs of MNIST digits", "", _summary(done), ""]
    lines += [f"| pair | {' | '.join(names)} |", "|" + " --- |" * (len(names) + 1)]
    for entry in sorted(done, key=lambda entry: entry["pair"]):
        first, second = entry["pair"]
        cells = [str(entry[n]) if entry[n] is not None else "" for n in names]
        lines.append(f"| {first} and {second} | {' | '.join(cells)} |")
    return lines


if __name__ == "__main__":
    main(Path(sys.argv[1]) if sys.argv[1:] else RESULTS)
