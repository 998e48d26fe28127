"""Guesses in floats replaced by garbage, under every exact method that asks for them.

A guess is what a solver in floats proposes: a basis, support vectors, multipliers. Exact arithmetic
decides, so garbage may cost time and nothing else: the answer, its certificate and the absence of
errors are the same. That is what these faults put to the test.
"""

import time
import warnings
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

from certify.checking import checker
from verify.trust.faults.guesses import FAULTS, Fault
from verify.trust.faults.tally import Tally
from verify.trust.faults.tasks import Task, tasks

SECONDS = 20.0  # in which a question of a fraction of a second has to be answered


def run(
    seed: int, rounds: int, progress: Callable[[int, int, str], None], every: int = 1
) -> Iterator[Tally]:
    """Ask all questions under one fault in so many, and yield what became of each fault."""
    asked = tasks(seed, rounds)
    plain = [_undisturbed(task) for task in asked]
    chosen = FAULTS[::every]
    for done, fault in enumerate(chosen, 1):
        tally = Tally(fault.guess, fault.kind)
        for task, instances in zip(asked, plain, strict=True):
            if task.group in fault.groups:
                _ask(task, instances, fault, seed, tally)
        if not tally.injected:
            tally.problems.append(f"{fault.guess}, {fault.kind}: nothing asked for the guess")
        yield tally
        progress(done, len(chosen), f"{fault.guess}: {fault.kind}")


def _undisturbed(task: Task) -> list[Any]:
    """Return the instances that the certificates of a question speak of."""
    answer, certificates = task.solve()
    if answer != task.answer:
        raise AssertionError(f"{task.function}, {task.name}: {answer}, planted is {task.answer}")
    return [certificate.instance for certificate in certificates]


def _ask(task: Task, instances: list[Any], fault: Fault, seed: int, tally: Tally) -> None:
    """Ask one question under a fault and note what comes of it."""
    acted: list[str] = []
    rng = Random(f"{seed}/{fault.guess}/{fault.kind}/{task.function}/{task.name}")
    start, found = time.perf_counter(), ""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            with fault.inject(rng, acted):
                answer, certificates = task.solve()
                lines = [certificate.line() for certificate in certificates]
            for line in lines:
                checker.check(checker.parse(line))
            if answer != task.answer:
                found = f"the answer is {answer!r:.80} and not {task.answer!r:.80}"
            elif [certificate.instance for certificate in certificates] != instances:
                found = "the certificate speaks of something else"
        except (checker.Rejected, checker.Malformed) as error:
            found = f"the checker refuses the certificate: {error}"
        except Exception as error:
            # Guesses are optional, so that not even a documented error may come of a bad one.
            found = f"{type(error).__name__}: {error}"
    if not found and (seconds := time.perf_counter() - start) > SECONDS:
        found = f"it takes {seconds:.0f} s"
    if not acted:
        return
    tally.injected += 1
    if found:
        where = f"{fault.guess}, {fault.kind}: {task.function} of {task.name}, seed {seed}"
        tally.problems.append(f"{where}: {found:.200}")
    else:
        tally.same += 1
