"""Exact linear programs chosen to be hard: nearly singular, degenerate, cycling, badly scaled."""

import functools
from fractions import Fraction

from benchmarks import lp_instances, lp_peers
from benchmarks.measure import Case, Job


def cases() -> list[Case]:
    """Return every contender on every program of the hard set."""
    return [
        Case(
            "hard_linear_programs",
            name,
            program.matrix.size
            + (0 if program.equal_matrix is None else program.equal_matrix.size),
            contender,
            functools.partial(solve, contender, name),
        )
        for name, program in lp_instances.hard()
        for contender in lp_peers.CONTENDERS
    ]


def solve(contender: str, name: str) -> tuple[str, Fraction | None]:
    """Solve one program of the hard set."""
    return lp_peers.CONTENDERS[contender](lp_instances.hard_program(name))


JOB = Job(
    "hard_linear_programs",
    "How long do programs take on which floats mislead?",
    "These programs differ in kind more than in size, so exponents mean little here: a time "
    "counts the exact pivots between the basis that floats propose and the right one. Floats that "
    "cannot tell two rows apart leave some twenty pivots, each a solve with numbers of some "
    "thousand bits; where they can, there is none.",
    cases,
    counted="entries of the matrices",
    limit=20.0,
)
