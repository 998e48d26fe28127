"""How long certificates about all inputs of a box take to be decided, in all and for each leaf.

``python -m benchmarks.check_boxes [--dull] FILE...`` reads certificates, one in each line, and
prints for each file the processor time of the fast checker, and how much of it is spent on bounds;
the rest is to read and to hash weights. Each is the least of three. With ``--dull`` the checker of
the standard library and the one in JavaScript decide each, too, once. Exit code 1 when one refuses.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from typing import Any
from unittest import mock

os.environ["OMP_NUM_THREADS"] = "1"

from benchmarks.results import duration, table
from certify.certificates.certificate import Certificate
from certify.checking import checker, fast, fast_bounds

RUNS = 3
HEAD = ("file", "trees", "leaves", "megabytes", "bounds", "a leaf", "fast", "dull", "JavaScript")
SECOND = Path(checker.__file__).with_name("second_checker.mjs")


def refusal(certificates: Iterable[Certificate]) -> str:
    """Return why the fast checker does not accept all of some certificates, nothing if it does."""
    try:
        for certificate in certificates:
            fast.check(checker.parse(certificate.line()), words=False)
    except (checker.Rejected, checker.Malformed) as error:
        return str(error)
    return ""


def leaves(trees: Iterable[Any]) -> int:
    """Return how many parts of the box the trees of a certificate close."""
    waiting, count = list(trees), 0
    while waiting:
        tree = waiting.pop()
        waiting += tree.get("parts", ())
        count += "parts" not in tree
    return count


def decided(documents: list[Any], check: Callable[[Any, bool], Any]) -> tuple[float, float]:
    """Return the processor time of a checker, and that of the bounds with NumPy among it."""
    alone = 0.0

    def timed(*given: Any) -> Iterator[fast_bounds.Bound]:
        nonlocal alone
        begun = time.process_time()
        found = list(bounds(*given))
        alone += time.process_time() - begun
        yield from found

    bounds = fast_bounds.bounds
    with mock.patch.object(fast_bounds, "bounds", timed):
        start = time.process_time()
        for document in documents:
            check(document, False)
    return time.process_time() - start, alone


def second(path: Path) -> float:
    """Return the processor time of the checker in JavaScript, which has to accept all."""
    before = getrusage(RUSAGE_CHILDREN)
    subprocess.run(["node", str(SECOND), str(path)], check=True, stdout=subprocess.DEVNULL)
    after = getrusage(RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> int:
    """Decide all files and print the table."""
    dull, paths = "--dull" in sys.argv, [Path(x) for x in sys.argv[1:] if x != "--dull"]
    for line in table(HEAD, ()):
        print(line, flush=True)
    refused = 0
    for path in paths:
        documents = [checker.parse(line) for line in path.read_text("utf-8").splitlines()]
        trees = [tree for document in documents for tree in document["evidence"]["trees"]]
        closed, others = leaves(trees), ("", "")
        try:
            runs = [decided(documents, fast.check) for _ in range(RUNS)]
            total, alone = map(min, zip(*runs, strict=True))
            if dull:
                standard, _ = decided(documents, checker.check)
                others = duration(standard), duration(second(path))
        except (checker.Rejected, checker.Malformed, subprocess.CalledProcessError) as error:
            refused += 1
            print(f"{path}: {error}", file=sys.stderr)
            continue
        cells = (
            path.stem, f"{len(trees)}", f"{closed}", f"{path.stat().st_size / 1e6:.2f}",
            duration(alone), duration(alone / closed), duration(total), *others,
        )  # fmt: skip
        print(table(cells, ())[0], flush=True)
    return 1 if refused else 0


if __name__ == "__main__":
    raise SystemExit(main())
