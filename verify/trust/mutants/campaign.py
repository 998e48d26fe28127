"""The whole trust campaign, part by part, at its full size or at a short one for every day."""

from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from dataclasses import dataclass

from verify.trust.faults import fault as faults
from verify.trust.mutants import mutation
from verify.trust.planted import labelled
from verify.trust.section import Section
from verify.trust.surfaces import fuzz
from verify.trust.surfaces.arguments import CommandLine

Stage = Callable[[str], Callable[[int, int, str], None]]


@dataclass(frozen=True)
class Size:
    """How much of each part is done.

    every     one in so many honest certificates is changed, and one in so many guesses replaced
    labelled  instances whose answer is known by construction
    inputs    that are given to the readers of files, documents and arguments
    rounds    sets of questions that are asked under each fault of a solver
    share     of the full number of runs that are killed, starved and damaged
    """

    every: int
    labelled: int
    inputs: int
    rounds: int
    share: float


FULL = Size(every=1, labelled=5_000, inputs=20_000, rounds=3, share=1.0)
SHORT = Size(every=8, labelled=240, inputs=1_000, rounds=1, share=0.02)


def run(
    size: Size, *, seed: int, executor: Executor, stage: Stage, commands: CommandLine
) -> Iterator[Section]:
    """Yield the section of each part when it is done; ``stage(name)`` returns its progress."""
    faults.preload()
    yield mutation.run(
        executor=executor,
        progress=stage("mutants"),
        checkers=mutation.checkers(),
        certificates=mutation.honest_certificates()[:: size.every],
    )
    yield labelled.run(count=size.labelled, seed=seed, progress=stage("known labels"))
    yield fuzz.run(count=size.inputs, seed=seed, progress=stage("fuzz"), commands=commands)
    yield faults.run(
        every=size.every, rounds=size.rounds, share=size.share, seed=seed, progress=stage("faults")
    )
