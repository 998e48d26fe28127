"""Certificates of full size: how long they take, and whether corrupted ones are refused.

``MNIST=folder python -m benchmarks.full_size [TABLE.md]`` certifies softmax heads of 4096 x 1000
weights and the maximum margin between MNIST's zeros and ones, checks each certificate, corrupts it
in every way of :mod:`benchmarks.corruptions`, and writes what the fast checker says. The exit code
is 1 when an honest certificate is refused, or a corrupted one is not refused for its own reason.
"""

import os
import resource
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

# Set before NumPy is loaded: seconds are those of one processor.
os.environ["OPENBLAS_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"] = "1"

import numpy as np
from rich.console import Console

from benchmarks import corruptions, mnist
from benchmarks.corruptions import Corruption, Outcome
from benchmarks.heads import Head, drawn
from benchmarks.measure import NotInstalled
from benchmarks.results import machine, table
from certify import invariant_dimension, invariant_direction, max_margin
from certify.certificates.certificate import Certificate
from certify.checking import checker
from certify.checking import fast as fast_checker
from verify.evidence.places import write_whole

FEATURES, CLASSES = 4096, 1000
PATIENCE = 120.0  # seconds for the checker that has the standard library alone
TABLE = Path(__file__).resolve().parents[1] / "reports" / "benchmarks" / "full_size.md"
T = TypeVar("T")


@dataclass(frozen=True)
class Subject:
    """A certificate to make, and the corruptions that fit it."""

    name: str
    make: Callable[[], Certificate]
    corruptions: Callable[[Any], list[Corruption]]


@dataclass
class Findings:
    """What became of one certificate: seconds, outcomes, and in ``wrong`` what should not be."""

    subject: str
    megabytes: float = 0.0
    made: float = 0.0
    written: float = 0.0
    parsed: float = 0.0
    established: str = ""
    fast: float = 0.0
    standard: float | None = None  # None when it takes longer than is waited for
    refused: list[tuple[str, Outcome, float]] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


def dependent(features: int, classes: int) -> Head:
    """Return a drawn head with two dependencies between its classes and two equal features."""
    weights = drawn(features, classes).copy()
    # Twenty binary places, so that single precision holds the combination exactly.
    weights[:, 7:9] = np.round(weights[:, 7:9] * 2**20) / 2**20
    weights[:, 5] = weights[:, 6]
    weights[:, 9] = 2 * weights[:, 7] - weights[:, 8]
    weights[3] = weights[4]
    return weights


def heads(features: int, classes: int) -> list[Subject]:
    """Return the subjects that are softmax heads."""
    size, full = f"{features} x {classes}", drawn(features, classes)
    return [
        Subject(
            f"dimension, {size}",
            lambda: invariant_dimension(full).certificate,
            corruptions.of_dimension,
        ),
        Subject(
            f"dimension, {size} with dependent classes",
            lambda: invariant_dimension(dependent(features, classes)).certificate,
            corruptions.of_dimension,
        ),
        Subject(
            f"direction, {size}",
            lambda: invariant_direction(full).certificate,
            corruptions.of_direction,
        ),
    ]


def margin(X: Any, y: Any, name: str) -> Subject:
    """Return the maximum margin of some points as a subject."""
    size = f"{len(X)} x {len(X[0])}"
    make = partial(_separator, X, y)
    return Subject(f"maximum margin, {name}{size}", make, corruptions.of_max_margin)


def _separator(X: Any, y: Any) -> Certificate:
    return max_margin(X, y).certificate


def examine(subject: Subject, console: Console) -> Findings:
    """Make a certificate, check it with both checkers, and check every corruption of it."""
    found = Findings(subject.name)
    with console.status(f"{subject.name}: certificate") as status:
        made, found.made = _timed(subject.make)
        line, found.written = _timed(made.line)
        found.megabytes = len(line) / 1e6
        certificate, found.parsed = _timed(partial(checker.parse, line))
        del made, line
        status.update(f"{subject.name}: fast checker")
        fast, found.fast = _timed(partial(corruptions.outcome, fast_checker.check, certificate))
        found.established = fast.reason
        status.update(f"{subject.name}: checker with the standard library alone")
        try:
            with _at_most(PATIENCE):
                run = partial(corruptions.outcome, checker.check, certificate)
                first, found.standard = _timed(run)
        except _OutOfTime:
            first = fast
        for said, by in ((fast, "the fast checker"), (first, "the checker")):
            if said.verdict != "accepted":
                found.wrong.append(f"{subject.name}: {by} says {said}")
        listed = subject.corruptions(certificate)
        for k, corruption in enumerate(listed, 1):
            status.update(f"{subject.name}: corruption {k} of {len(listed)}, {corruption.what}")
            corrupted = corruptions.corrupted(certificate, corruption)
            said, seconds = _timed(partial(corruptions.outcome, fast_checker.check, corrupted))
            del corrupted
            found.refused.append((corruption.what, said, seconds))
            if not corruption.explains(said):
                places = " or ".join(corruption.places)
                found.wrong.append(
                    f"{subject.name}, {corruption.what}: expected {corruption.verdict}: {places}, "
                    f"got {said}"
                )
    console.print(_summary(found), highlight=False, markup=False, soft_wrap=True)
    for problem in found.wrong:
        console.print(f"wrong: {problem}", style="bold red", markup=False, soft_wrap=True)
    return found


def _timed(run: Callable[[], T]) -> tuple[T, float]:
    """Return the result and the processor seconds, which other jobs hardly change."""
    start = time.process_time()
    return run(), time.process_time() - start


class _OutOfTime(BaseException):
    """Raised wherever the program is when its seconds are spent, and no error of a checker."""


@contextmanager
def _at_most(seconds: float) -> Iterator[None]:
    def stop(*_: object) -> None:
        raise _OutOfTime

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def run(subjects: Sequence[Subject], path: Path, console: Console) -> int:
    """Examine all subjects and write the table; 1 when anything is wrong."""
    findings = [examine(subject, console) for subject in subjects]
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, "\n".join(_table(findings)) + "\n")
    return 1 if any(found.wrong for found in findings) else 0


def _summary(found: Findings) -> str:
    refusals = (corruptions.REJECTED, corruptions.MALFORMED)
    refused = [seconds for _, said, seconds in found.refused if said.verdict in refusals]
    standard = f"> {PATIENCE:.0f} s" if found.standard is None else f"{found.standard:.1f} s"
    return (
        f"{found.subject}: made in {found.made:.1f} s, checked in {found.fast:.1f} s (fast) and "
        f"{standard} (standard library); {len(refused)} of {len(found.refused)} corruptions "
        f"refused, in {min(refused, default=0):.1f} to {max(refused, default=0):.1f} s"
    )


def _table(findings: Sequence[Findings]) -> list[str]:
    """Return the lines of the report."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    rows = [(f.subject, *entry) for f in findings for entry in f.refused]
    verdicts = Counter(said.verdict for _, _, said, _ in rows)
    wrong = [line for f in findings for line in f.wrong]
    about = machine()
    lines = [
        "# Certificates of full size, and what corrupts them",
        "",
        "Softmax heads as they are initialised, in single precision, and all raw images of two "
        "digits. Seconds are those of one processor; the certificate is written out and parsed "
        "again before it is checked. The fast checker is `certify check --fast`, the other one "
        "needs the standard library alone.",
        "",
        *table(
            ("certificate", "megabytes", "made", "written", "parsed", "fast checker",
             "standard library", "what it establishes"),
            map(_measured, findings),
        ),
    ]  # fmt: skip
    lines += [
        "",
        "## Corruptions",
        "",
        f"Of {len(rows)} corrupted certificates the fast checker rejects {verdicts['rejected']}, "
        f"calls {verdicts['malformed']} malformed and accepts {verdicts['accepted']}; {len(wrong)} "
        "of the outcomes are not the expected ones. The SHA-256 of a changed instance is computed "
        "again, so that it is not the hash that gives the corruption away, except where it says "
        "so.",
        "",
        *table(
            ("certificate", "what was changed", "the fast checker", "seconds"),
            [(name, what, str(said), f"{seconds:.1f}") for name, what, said, seconds in rows],
        ),
        *(f"\n**Wrong:** {line}" for line in wrong),
        "",
        f"Measured at commit {about['commit']} on {about['processor']}, {about['memory']}, "
        f"Python {about['python']}, "
        f"python-flint {about['libraries']['python-flint']}; at most {peak:.1f} GiB in use.",
    ]
    return lines


def _measured(f: Findings) -> Sequence[str]:
    numbers = [f"{x:.1f}" for x in (f.megabytes, f.made, f.written, f.parsed, f.fast)]
    standard = f"over {PATIENCE:.0f}" if f.standard is None else f"{f.standard:.1f}"
    return f.subject, *numbers, standard, f.established


def main(path: Path) -> int:
    """Examine the certificates of full size; without MNIST nothing is run."""
    try:
        X, y = mnist.pair(0, 1)
    except NotInstalled as missing:
        print(f"not run: {missing}")
        return 0
    subjects = [*heads(FEATURES, CLASSES), margin(X, y, "MNIST 0 and 1, ")]
    try:
        return run(subjects, path, Console())
    except KeyboardInterrupt:
        print("interrupted: no table is written")
        return 130


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if sys.argv[1:] else TABLE))
