"""Hostile inputs for everything that reads: nothing but the documented errors may come out.

Each surface draws its inputs by number from valid ones, and says for each whether it was accepted
or refused. Whatever else happens is a problem: another exception, much time, or much memory.
"""

import resource
import signal
import tempfile
import threading
import time
import traceback
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from random import Random
from types import FrameType
from typing import Any

from verify.trust.section import Section, shown
from verify.trust.surfaces.answers import answers
from verify.trust.surfaces.arguments import CommandLine, arguments
from verify.trust.surfaces.certificates import certificates
from verify.trust.surfaces.images import arrays, mnist
from verify.trust.surfaces.instances import instances
from verify.trust.surfaces.ledgers import checkpoints, ledgers
from verify.trust.surfaces.models import models
from verify.trust.surfaces.programs import programs
from verify.trust.surfaces.surface import Surface

SECONDS = 2.0  # of the processor, for one input
PATIENCE = 15  # times as many of the clock, in which a busy machine gives these
MEMORY = 256 * 2**20  # bytes by which one input may raise the peak of the process
_ROOT = Path(__file__).parents[3]

_WORDS = (
    "Valid certificates, instances, images, programs, checkpoints, ledgers, answers and arguments "
    "were changed at random, in their structure and in their bytes, and read. Accepted and refused "
    "are both fine; a problem is any error that is not documented, an exit code other than 0, 1 "
    f"and 2, more than {SECONDS:g} s of the processor or {PATIENCE * SECONDS:g} s in all, or more "
    f"than {MEMORY >> 20} MiB. Of each problem the surface, the seed and the number are given; "
    "verify.trust.surfaces.fuzz.again(surface, seed, number, verify.cli.command_line()) repeats it."
)


class _Overdue(BaseException):
    """Raised inside what takes too long; no exception that a reader may catch."""


@dataclass
class _Tally:
    accepted: int = 0
    refused: int = 0
    slowest: float = 0.0


def run(
    *,
    count: int = 20_000,
    seed: int = 0,
    progress: Callable[[int, int, str], None],
    commands: CommandLine,
) -> Section:
    """Give so many inputs in all to the surfaces; ``progress(done, total, surface)`` is told."""
    rows, problems, done = [], [], 0
    with _prepared(commands) as surfaces:
        for surface, share in zip(surfaces, _shares(surfaces, count), strict=True):
            tally = _Tally()
            for number in range(share):
                problems += _attempt(surface, seed, number, tally)
                done += 1
                progress(done, count, surface.name)
            numbers = (share, tally.accepted, tally.refused)
            rows.append((surface.name, *map(str, numbers), f"{1000 * tally.slowest:.0f}"))
    columns = ("surface", "inputs", "accepted", "refused", "slowest in ms")
    return Section("Hostile inputs", _WORDS, columns, tuple(rows), shown(problems))


def all_surfaces(folder: Path, commands: CommandLine) -> list[Surface]:
    """Return every surface; those that read files write them into the empty folder given."""
    found: list[Surface] = []
    for make in (
        certificates, instances, arrays, mnist, programs, checkpoints, ledgers, answers, models,
        partial(arguments, commands=commands),
    ):  # fmt: skip
        place = folder / str(len(found))
        place.mkdir()
        found += make(place)
    return found


def drawn(surface: str, seed: int, number: int, commands: CommandLine) -> Any:
    """Return one input of the surface of that name."""
    with _prepared(commands) as surfaces:
        return _input(_named(surfaces, surface), seed, number)


def again(surface: str, seed: int, number: int, commands: CommandLine) -> bool:
    """Give one input to its surface as a run does, without guards; return whether it accepts."""
    with _prepared(commands) as surfaces:
        chosen = _named(surfaces, surface)
        return chosen.decide(_input(chosen, seed, number))


@contextmanager
def _prepared(commands: CommandLine) -> Iterator[list[Surface]]:
    # Libraries warn of what they then refuse.
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield all_surfaces(Path(folder), commands)


def _named(surfaces: Sequence[Surface], name: str) -> Surface:
    return next(surface for surface in surfaces if surface.name == name)


def _shares(surfaces: Sequence[Surface], count: int) -> list[int]:
    """Divide the inputs among the surfaces in proportion; the first gets what is left over."""
    total = sum(surface.share for surface in surfaces)
    shares = [count * surface.share // total for surface in surfaces]
    shares[0] += count - sum(shares)
    return shares


def _input(surface: Surface, seed: int, number: int) -> Any:
    return surface.draw(Random(f"{seed}/{surface.name}/{number}"))


def _attempt(surface: Surface, seed: int, number: int, tally: _Tally) -> list[str]:
    """Give one input to its surface and return what should not have happened."""
    data = _input(surface, seed, number)
    before = _peak()
    seconds, error = _timed(surface, data, tally)
    if seconds > SECONDS and (error is None or isinstance(error, _Overdue)):
        # Loading a library may take as long, once; an input that is slow is slow twice.
        seconds, error = _timed(surface, data, _Tally())
    tally.slowest = max(tally.slowest, seconds)
    found = []
    if isinstance(error, _Overdue) or seconds > SECONDS:
        found.append(
            f"it takes more than {SECONDS:g} s of the processor, or {PATIENCE * SECONDS:g} s in all"
        )
    elif error is not None:
        text = " ".join(ascii(str(error))[1:-1].split())[:200]
        found.append(f"{type(error).__name__}: {text} ({_place(error)})")
    if (growth := _peak() - before) > MEMORY:
        found.append(f"it takes {growth >> 20} MiB")
    return [f"{surface.name}, seed {seed}, number {number}: {what}" for what in found]


def _place(error: BaseException) -> str:
    """Return the file and line of this project that the error went through last."""
    frames = traceback.extract_tb(error.__traceback__)
    inside = [f for f in frames if Path(f.filename).is_relative_to(_ROOT)]
    return f"{Path(inside[-1].filename).relative_to(_ROOT)}:{inside[-1].lineno}" if inside else "?"


def _timed(surface: Surface, data: Any, tally: _Tally) -> tuple[float, BaseException | None]:
    """Return how long of the processor a surface takes, and what it raised."""
    error: BaseException | None = None
    start = time.process_time()
    try:
        with _deadline(SECONDS, PATIENCE * SECONDS):
            accepted = surface.decide(data)
        tally.accepted += accepted
        tally.refused += not accepted
    except (Exception, SystemExit, _Overdue) as caught:
        error = caught
    return time.process_time() - start, error


@contextmanager
def _deadline(processor: float, clock: float) -> Iterator[None]:
    """Raise :class:`_Overdue` inside after so many seconds of the processor or the clock.

    Again and again, for it may be swallowed.

    Signals reach the main thread alone; in another one, time is measured afterwards.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def overdue(number: int, frame: FrameType | None) -> None:
        raise _Overdue

    timers = (
        (signal.ITIMER_PROF, signal.SIGPROF, processor), (signal.ITIMER_REAL, signal.SIGALRM, clock)
    )  # fmt: skip
    earlier = [(number, signal.signal(number, overdue)) for _, number, _ in timers]
    for timer, _, seconds in timers:
        signal.setitimer(timer, seconds, 0.5)
    try:
        yield
    finally:
        for timer, _, _ in timers:
            signal.setitimer(timer, 0)
        for number, handler in earlier:
            signal.signal(number, handler)


def _peak() -> int:
    """Return the largest memory of this process so far, in bytes, as Linux counts it."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
