"""Exact linear programs, drawn: three outcomes, two kinds of numbers, 5 x 5 to 200 x 784."""

import functools
from fractions import Fraction
from typing import get_args

from benchmarks import lp_instances, lp_peers
from benchmarks.measure import Case, Job

_SIZES = ((5, 5), (10, 10), (20, 20), (50, 50), (100, 100), (100, 200), (200, 784))


def cases() -> list[Case]:
    """Return every contender on every outcome, kind of numbers and size."""
    return [
        Case(
            "linear_programs",
            f"{rows} x {columns} {numbers}, {kind}",
            rows * columns,
            contender,
            functools.partial(solve, contender, kind, rows, columns, numbers),
        )
        for rows, columns in _SIZES
        for numbers in ("integers", "float32")
        for kind in get_args(lp_instances.Kind)
        for contender in lp_peers.CONTENDERS
    ]


def solve(
    contender: str, kind: lp_instances.Kind, rows: int, columns: int, numbers: str
) -> tuple[str, Fraction | None]:
    """Solve one drawn program; raises when the outcome is not the one that was drawn."""
    program = lp_instances.drawn(kind, rows, columns, numbers)
    status, value = lp_peers.CONTENDERS[contender](program)
    if status != kind:
        raise RuntimeError(f"wrong answer: {status}")
    return status, value


JOB = Job(
    "linear_programs",
    "How long does an exact answer to a linear program take, from NumPy arrays to a certificate?",
    "HiGHS does the pivots in floats, so what is left for exact arithmetic is one linear system "
    "in the kernel of the last basis, and up to a few thousand entries reading and writing the "
    "numbers dominates: the exponent in the number of entries is near one. Peers that pivot in "
    "rationals pay for as many exact updates of the whole table as there are pivots, with numbers "
    "that grow along the way, so their exponent is near two.",
    cases,
    counted="entries of the matrix",
    limit=20.0,
)
