"""Random degenerate linear programs: status and value beside QSopt_ex and cddlib.

``python -m benchmarks.degenerate_programs [COUNT [FIRST]] [--out FILE]`` draws programs, 300 if no
number is given, with many ties: small integers, rows again or summed, rows through one point, zero
columns, equations that depend on others; optimal, infeasible and unbounded ones, free and
nonnegative variables. Each is decided from sparse rows, its certificate is checked, and QSopt_ex
(``esolver``) and cddlib (pycddlib) are asked where they are installed. Exit code 1: an answer
differs.
"""

import argparse
import random
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np

from benchmarks import lp_peers
from benchmarks.lp_instances import Program
from benchmarks.measure import NotInstalled
from certify.checking import checker
from certify.programs.linear_program import linear_program
from certify.programs.sparse import SparseRows
from verify.evidence.commit import commit

PEERS = {"QSopt_ex": lp_peers.qsopt_ex, "cddlib": lp_peers.pycddlib}


def drawn(seed: int) -> Program:
    """Return a degenerate program of 1 to 12 variables."""
    draw = random.Random(seed)
    n, m, k = draw.randint(1, 12), draw.randint(0, 20), draw.randint(0, 4)
    most = draw.choice((1, 1, 2, 9))
    point = [draw.choice((0, 0, 1, 2)) for _ in range(n)]

    def row() -> list[int]:
        return [draw.choice((0, draw.randint(-most, most))) for _ in range(n)]

    def side(row: list[int], slack: int) -> int:
        return sum(a * x for a, x in zip(row, point, strict=True)) + slack

    upper = [row() for _ in range(m)]
    for i in range(1, m):
        if draw.random() < 0.3:
            other = draw.choice(upper[:i])
            upper[i] = [a + b for a, b in zip(upper[i - 1], other, strict=True)]
    equal = [row() for _ in range(k)]
    if k > 1 and draw.random() < 0.5:
        equal[-1] = [a + b for a, b in zip(equal[0], equal[-2], strict=True)]
    b = [side(r, draw.choice((0, 0, 0, 1))) for r in upper]
    d = [side(r, 0) for r in equal]
    if draw.random() < 0.3 and (b or d):
        sides = draw.choice([s for s in (b, d) if s])
        sides[draw.randrange(len(sides))] -= draw.choice((1, 1, 3))
    costs = row()
    if draw.random() < 0.6:  # a combination of the constraints: bounded
        weights = [draw.choice((0, 1, 2)) for _ in upper]
        costs = [-sum(w * r[j] for w, r in zip(weights, upper, strict=True)) for j in range(n)]
    free = tuple(j for j in range(n) if draw.random() < 0.3)
    shaped = (np.array(rows, dtype=object).reshape(len(rows), n) for rows in (upper, equal))
    matrix, equal_matrix = shaped
    return Program(np.array(costs, dtype=object), matrix, b, equal_matrix, d, free)


def decided(program: Program) -> tuple[str, Fraction | None]:
    """Return our answer, from sparse rows and with its certificate checked."""
    n = len(program.objective)
    systems = []
    for matrix, side in (
        (program.matrix, program.right_side),
        (program.equal_matrix, program.equal_right_side),
    ):
        rows = ({j: Fraction(a) for j, a in enumerate(row)} for row in matrix.tolist())
        systems.append((SparseRows.of(rows, n), side))
    answer = linear_program(program.objective, *systems, nonnegative=program.nonnegative)
    checker.check(answer.certificate.to_json())
    return answer.status, answer.value


def answers(seeds: range) -> Iterator[tuple[int, str, tuple[str, Fraction | None], object]]:
    """Yield seed, peer, our answer and the peer's, or why it has none."""
    for seed in seeds:
        program = drawn(seed)
        own = decided(program)
        for peer, ask in PEERS.items():
            asked = program
            if peer == "cddlib" and own[0] == "infeasible":
                # Where the dual has no solution either, it does not decide on the primal.
                asked = replace(program, objective=0 * program.objective)
            try:
                yield seed, peer, own, ask(asked)
            except (ImportError, NotInstalled):
                yield seed, peer, own, "not installed"
            except RuntimeError:  # esolver takes no program without rows
                yield seed, peer, own, "no answer"


def main() -> int:
    """Draw, decide, compare and write."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.degenerate_programs")
    parser.add_argument("count", type=int, nargs="?", default=300)
    parser.add_argument("first", type=int, nargs="?", default=0, help="the first seed")
    parser.add_argument("--out", type=Path, help="a file that is written")
    options = parser.parse_args()
    statuses = ("optimal", "infeasible", "unbounded")
    agreed: Counter[tuple[str, str]] = Counter()
    silent: Counter[tuple[str, str]] = Counter()
    wrong: list[str] = []
    seeds = range(options.first, options.first + options.count)
    for seed, peer, own, theirs in answers(seeds):
        if isinstance(theirs, str):
            silent[peer, theirs] += 1
        elif theirs == own:
            agreed[peer, own[0]] += 1
        else:
            wrong.append(f"seed {seed}: {own}, {peer} says {theirs}")
    lines = [
        "# Degenerate linear programs",
        "",
        f"{options.count} programs with many ties from seed {options.first} on, decided with",
        "checked certificates: of how many another exact library says the same, status and optimal",
        "value (`python -m benchmarks.degenerate_programs`). QSopt_ex takes none without rows.",
        f"Commit {commit()}.",
        "",
        f"| library | {' | '.join(statuses)} | neither |",
        f"| --- |{' --- |' * (len(statuses) + 1)}",
    ]
    for peer in PEERS:
        counts = [str(agreed[peer, status]) for status in statuses]
        without = [f"{n}: {why}" for (who, why), n in silent.items() if who == peer]
        lines.append(f"| {peer} | {' | '.join([*counts, ', '.join(without) or '0'])} |")
    lines += ["", f"{len(wrong)} answers differ.", *wrong]
    text = "\n".join([*lines, ""])
    print(text, end="")
    if options.out:
        options.out.write_text(text, encoding="utf-8")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
