"""How many instances of a benchmark of VNN-COMP are decided, and in which time.

``python -m benchmarks.decide_acasxu FOLDER [NAME [OUT]]`` reads ``FOLDER/instances.csv``: a
network, a property and seconds in each line, as the competition has them; files are sought in the
folder by their names, and lines without files are left out. With a NAME only lines that hold it
count. The instances are decided one after the other, and what comes of each is a line of the table.
Limits and times are those of one processor, so that what else a machine does counts little.
Certificates are checked again by the fast checker, and counterexamples by their exact outputs; the
folder OUT keeps the answers. Exit code 1 when one is not accepted.
"""

import csv
import os
import sys
import time
from collections import Counter
from pathlib import Path
from unittest import mock

os.environ["OMP_NUM_THREADS"] = "1"

import torch

from benchmarks.check_boxes import leaves, refusal
from benchmarks.results import table
from verify.models.readers import read_model
from verify.properties.decided import Decided
from verify.properties.decision import decide

HEAD = ("network", "property", "answer", "parts", "leaves", "seconds", "check, ms a leaf")


def instances(folder: Path, name: str) -> list[tuple[Path, Path, float]]:
    """Return the networks, properties and seconds of the lines whose files are there."""
    found = []
    with (folder / "instances.csv").open(newline="") as file:
        for row in csv.reader(file):
            network, stated = (folder / Path(word).name for word in row[:2])
            if network.is_file() and stated.is_file() and name in ",".join(row):
                found.append((network, stated, float(row[2])))
    return found


def problem(found: Decided) -> str:
    """Return what is wrong with certificates or a counterexample, nothing if they are as said."""
    if found.counterexample is not None:
        network = found.model.network
        cases = found.asked.cases(network.sizes[0], network.sizes[-1])
        (outputs,) = network.outputs([found.counterexample])
        holds = any(case.holds(found.counterexample, outputs) for case in cases)
        return "" if holds else "the point is no counterexample"
    return refusal(found.certificates)


def main() -> int:
    """Decide all instances of a folder and print the table."""
    folder, name, out = (*sys.argv[1:], *("", "", "")[len(sys.argv) - 1 :])
    torch.set_num_threads(1)
    counts: Counter[str] = Counter()
    slowest, refused = 0.0, 0
    for line in table(HEAD, ()):
        print(line, flush=True)
    with mock.patch.object(time, "monotonic", time.process_time):
        for network, stated, seconds in instances(Path(folder), name):
            found = decide(read_model(network), stated, seconds=seconds)
            counts[found.answer] += 1
            slowest = max(slowest, found.seconds)
            closed = sum(leaves(x.evidence["trees"]) for x in found.certificates)
            start = time.process_time()
            wrong = problem(found)
            each = 1000 * (time.process_time() - start) / max(1, closed)
            if wrong:
                refused += 1
                print(f"{network.name}, {stated.name}: {wrong}", file=sys.stderr)
            if out:
                found.write(Path(out) / f"{network.stem}_{stated.stem}", overwrite=True)
            cells = (
                network.stem, stated.stem, found.answer, f"{found.parts}", f"{closed}",
                f"{found.seconds:.1f}", f"{each:.1f}" if closed else "",
            )  # fmt: skip
            print(table(cells, ())[0], flush=True)
    words = ", ".join(f"{count} {answer}" for answer, count in sorted(counts.items()))
    print(f"\n{words}; the slowest took {slowest:.1f} s; {refused} refused")
    return 1 if refused else 0


if __name__ == "__main__":
    raise SystemExit(main())
