"""How many instances of a benchmark of VNN-COMP are decided, and in which time.

``python -m benchmarks.decide_acasxu FOLDER [NAME]`` reads ``FOLDER/instances.csv``: a network, a
property and seconds in each line, as the competition has them; files are sought in the folder by
their names, and lines without files are left out. With a NAME only lines that hold it count. The
instances are decided one after the other, and what comes of each is a line of the table;
certificates are checked again by the fast checker. Exit code 1 when one is not accepted.
"""

import csv
import sys
import time
from collections import Counter
from pathlib import Path

from certify.certificates.certificate import Certificate
from certify.checking import checker, fast
from verify.models.readers import read_model
from verify.properties.decision import Decided, decide


def instances(folder: Path, name: str) -> list[tuple[Path, Path, float]]:
    """Return the networks, properties and seconds of the lines whose files are there."""
    found = []
    with (folder / "instances.csv").open(newline="") as file:
        for row in csv.reader(file):
            network, stated = (folder / Path(word).name for word in row[:2])
            if network.is_file() and stated.is_file() and name in ",".join(row):
                found.append((network, stated, float(row[2])))
    return found


def leaves(certificate: Certificate) -> int:
    """Return how many parts of the box a certificate closes."""
    waiting, count = list(certificate.evidence["trees"]), 0
    while waiting:
        tree = waiting.pop()
        waiting += tree.get("parts", ())
        count += "parts" not in tree
    return count


def main() -> int:
    """Decide all instances of a folder and print the table."""
    folder, name = Path(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else ""
    counts: Counter[str] = Counter()
    slowest, refused = 0.0, 0
    print(
        "| network | property | answer | parts | leaves | seconds | processor | check, ms a leaf |"
    )
    print("|---|---|---|---|---|---|---|---|")
    for network, stated, seconds in instances(folder, name):
        model = read_model(network)
        start = time.process_time()
        found: Decided = decide(model, stated, seconds=seconds)
        spent = time.process_time() - start
        counts[found.answer] += 1
        slowest = max(slowest, found.seconds)
        closed = sum(map(leaves, found.certificates))
        documents = [checker.parse(certificate.line()) for certificate in found.certificates]
        start = time.process_time()
        for document in documents:
            try:
                fast.check(document, words=False)
            except (checker.Rejected, checker.Malformed) as error:
                refused += 1
                print(f"{network.name}, {stated.name}: {error}", file=sys.stderr)
        each = 1000 * (time.process_time() - start) / max(1, closed)
        print(
            f"| {network.stem} | {stated.stem} | {found.answer} | {found.parts} | {closed} | "
            f"{found.seconds:.1f} | {spent:.1f} | {f'{each:.1f}' if closed else ''} |",
            flush=True,
        )
    words = ", ".join(f"{count} {answer}" for answer, count in sorted(counts.items()))
    print(f"\n{words}; the slowest took {slowest:.1f} s; {refused} certificates refused")
    return 1 if refused else 0


if __name__ == "__main__":
    raise SystemExit(main())
