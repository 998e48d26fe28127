"""Faults on purpose: solvers that return garbage, and runs that are killed, starved and damaged."""

import multiprocessing
from collections.abc import Callable

from verify.trust.faults import guesses
from verify.trust.faults import runs as faults_runs
from verify.trust.faults import solvers as faults_solvers
from verify.trust.section import Section, shown

_WORDS = (
    "Guesses in floats behind the exact methods were replaced by garbage, NaN, infinity, "
    "exceptions and lies: answers and certificates have to stay what they are. And runs were "
    "killed at random moments, interrupted, given a full disk, a failing one, no rights, a second "
    "run in the same directory, jumping clocks and damaged files: what is on the disk has to be a "
    "beginning of the undisturbed run's files, and going on has to complete them byte for byte, or "
    "one line says why not. {injected:,} faults, {same:,} with the same result, {refused:,} with "
    "such a line."
)


def preload() -> None:
    """Have processes on this machine begin with the modules of a run; before the first of them."""
    multiprocessing.set_forkserver_preload([faults_runs.__name__])


def run(
    *, every: int, rounds: int, share: float, seed: int, progress: Callable[[int, int, str], None]
) -> Section:
    """Inject faults: ``rounds`` sets of questions, and a ``share`` of the kills of runs.

    Of the faults of solvers one in ``every`` is injected, of those of runs each.
    """
    total = len(guesses.FAULTS[::every]) + len(faults_runs.FAULTS)
    solvers = faults_solvers.run(
        seed, rounds, lambda done, _, name: progress(done, total, name), every
    )
    tallies = list(solvers)
    before = len(tallies)
    tallies += faults_runs.run(
        seed, share, lambda done, _, name: progress(before + done, total, name)
    )
    problems = [line for tally in tallies for line in tally.problems]
    numbers = {
        name: sum(getattr(tally, name) for tally in tallies)
        for name in ("injected", "same", "refused")
    }
    return Section(
        "Faults",
        _WORDS.format(**numbers),
        ("place", "fault", "injected", "same result", "clear refusal", "problems"),
        tuple(tally.row() for tally in tallies),
        shown(problems),
    )
