"""Time and memory of one case at a time, each in a process of its own.

A case runs in a fresh interpreter, so its peak memory is its own and nothing that an earlier case
imported, cached or left behind can help or hurt it. It runs again until a second or 51 runs are
spent, three times at least unless that takes longer than ten seconds, of which on a busy machine
those on the processor count alone. The median counts; imports and inputs behind
:func:`functools.cache` therefore weigh only on cases that take seconds, where they do not
matter. A case that exceeds the limit is killed with its children.
"""

import multiprocessing
import os
import resource
import signal
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from multiprocessing.connection import Connection
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

OURS = "certify"
_MOST_RUNS, _ENOUGH_SECONDS = 51, 1.0
_LEAST_RUNS, _TOO_LONG_SECONDS = 3, 10.0
# Below this a time says more about calling a function than about the method.
_FIT_FROM_SECONDS = 0.001


class NotInstalled(Exception):
    """A contender that this machine does not have; an ImportError counts the same."""


@dataclass(frozen=True)
class Case:
    """One contender at one size of one job.

    ``parameter`` is the size that grows, against which times are fitted. ``run`` is a
    ``functools.partial`` of a top-level function, so that it can cross to another process; it
    imports its library inside. It returns what all contenders must agree on, made of strings,
    integers, Fractions, tuples and None; None is compared with nothing.
    """

    job: str
    size: str
    parameter: float
    contender: str
    run: Callable[[], object]


@dataclass(frozen=True)
class Job:
    """A question of speed, with the cases that answer it and two sentences on their growth.

    ``limit`` is the number of seconds after which a case is killed, and ``counted`` says what the
    parameter of the cases counts. Contenders that compute on one thread may be compared
    ``by_processor``: by the processor's time, which other programs on the machine disturb less.
    """

    name: str
    question: str
    explanation: str
    cases: Callable[[], list[Case]]
    counted: str
    limit: float = 60.0
    by_processor: bool = False


@dataclass(frozen=True)
class Measurement:
    """What one case took: ``seconds`` of every run, and the peak of resident memory in MiB.

    ``processor`` has the processor seconds of every run, programs that it started included: on a
    busy machine they say more than ``seconds``. ``problem`` is empty, or says why there are no
    seconds: "not installed", "> 60 s" or an error.
    """

    case: Case
    seconds: tuple[float, ...] = ()
    processor: tuple[float, ...] = ()
    peak_mib: float = 0.0
    answer: object = None
    problem: str = ""

    @property
    def median(self) -> float:
        """The median of the runs, infinite when there are none."""
        return median(self.seconds) if self.seconds else float("inf")


@dataclass(frozen=True)
class Growth:
    """The fit seconds = constant * parameter ** ``exponent`` over ``sizes`` cases."""

    exponent: float
    sizes: int


def measure(case: Case, limit: float) -> Measurement:
    """Run ``case`` in a fresh process and return what it took; never raises for its failures."""
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_child, args=(case.run, sender), daemon=False)
    process.start()
    sender.close()
    seconds: list[float] = []
    processor: list[float] = []
    peak, answer, problem = 0.0, None, ""
    deadline = time.monotonic() + limit
    try:
        while receiver.poll(max(0.0, deadline - time.monotonic())):
            kind, *values = receiver.recv()
            if kind == "done":
                break
            if kind == "ready":
                deadline = time.monotonic() + limit
            elif kind == "problem":
                problem = values[0]
            else:
                taken, used, peak, answer = values
                seconds.append(taken)
                processor.append(used)
        else:
            if not seconds:
                problem = f"> {limit:g} s"
    except EOFError:
        problem = problem or "the process died"
    _end(process)
    return Measurement(case, tuple(seconds), tuple(processor), peak, answer, problem)


def measure_all(
    job: Job, announce: Callable[[str], object] = lambda text: None
) -> list[Measurement]:
    """Measure the cases of a job; who exceeds the limit at one size is not run at larger ones."""
    measurements: list[Measurement] = []
    exceeded: dict[str, float] = {}
    for case in job.cases():
        if case.parameter > exceeded.get(case.contender, float("inf")):
            measurements.append(Measurement(case, problem="not run: too slow at a smaller size"))
            continue
        announce(f"{case.job}: {case.size}, {case.contender}")
        measurements.append(measure(case, job.limit))
        if measurements[-1].problem.startswith(">"):
            exceeded.setdefault(case.contender, case.parameter)
    return measurements


def growth(measurements: Sequence[Measurement]) -> Growth | None:
    """Fit the exponent by least squares on logarithms, None with fewer than two usable sizes."""
    usable = [
        m
        for m in measurements
        if m.case.parameter > 0 and _FIT_FROM_SECONDS <= m.median < float("inf")
    ]
    if len({m.case.parameter for m in usable}) < 2:
        return None
    logarithms = np.log([[m.case.parameter, m.median] for m in usable])
    return Growth(float(np.polyfit(logarithms[:, 0], logarithms[:, 1], 1)[0]), len(usable))


def disagreements(measurements: Sequence[Measurement]) -> list[str]:
    """Return one line for each case whose answer is not that of the first contender at its size."""
    first: dict[str, Measurement] = {}
    lines = []
    for m in measurements:
        if m.problem or m.answer is None or not _comparable(m.answer):
            continue
        other = first.setdefault(m.case.size, m)
        if not _agree(m.answer, other.answer):
            lines.append(
                f"{m.case.job}, {m.case.size}: {m.case.contender} answers {m.answer!r}, "
                f"{other.case.contender} {other.answer!r}"
            )
    return lines


def _agree(one: object, other: object) -> bool:
    """Return whether two answers are equal where both say something: None says nothing."""
    if isinstance(one, tuple) and isinstance(other, tuple) and len(one) == len(other):
        return all(map(_agree, one, other))
    return one is None or other is None or one == other


def _child(run: Callable[[], object], sender: Connection) -> None:
    # A group of its own, so that programs which the case starts can be killed with it.
    os.setsid()
    sender.send(("ready",))
    total, runs = 0.0, 0
    try:
        while runs < _MOST_RUNS and (
            runs == 0 or total < (_TOO_LONG_SECONDS if runs < _LEAST_RUNS else _ENOUGH_SECONDS)
        ):
            start, before = time.perf_counter(), _processor_seconds()
            answer = run()
            taken, used = time.perf_counter() - start, _processor_seconds() - before
            total, runs = total + min(taken, used), runs + 1
            sender.send(("run", taken, used, _peak_mib(), answer if _comparable(answer) else None))
    except (ImportError, NotInstalled):
        sender.send(("problem", "not installed"))
    except Exception as error:
        sender.send(("problem", f"{type(error).__name__}: {error}"[:200]))
    sender.send(("done",))


def _end(process: Any) -> None:
    process.join(timeout=1.0)
    if process.is_alive():
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            process.kill()
        process.join()


def _processor_seconds() -> float:
    times = os.times()
    # process_time counts in nanoseconds, os.times in hundredths but with finished children.
    return time.process_time() + times.children_user + times.children_system


def _peak_mib() -> float:
    """Return the larger of this process's own peak and the peak of the programs it started."""
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    status = Path("/proc/self/status")
    if status.exists():
        # On Linux ru_maxrss starts from the parent's peak; VmHWM is this process's own.
        own = next(int(l.split()[1]) for l in status.read_text().splitlines() if "VmHWM" in l)
    started = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return float(max(own, started)) / (2**20 if sys.platform == "darwin" else 2**10)


def _comparable(answer: object) -> bool:
    if isinstance(answer, tuple):
        return all(map(_comparable, answer))
    return answer is None or isinstance(answer, str | int | Fraction)
