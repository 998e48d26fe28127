"""Whether decisions of small random networks are right, beside all of their affine pieces.

``python -m benchmarks.decided_networks [COUNT [FIRST]]`` draws networks (dense, convolutional,
residual, pooled) with numbers that are integers, fractions or floats, and boxes some sides of which
are points. All pieces are enumerated, and the least values that properties miss by are those of
exact linear programs on them. Right sides are moved such that this value is what is wanted: also
exactly 0, which is a counterexample, and 2^-40 above and below it. Then
they are decided, in a minute of one processor each, so that what else a machine does counts little,
and all checkers check. Exit code 1 when an answer is wrong, missing or not accepted.
"""

import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import product
from typing import NamedTuple
from unittest import mock

import numpy as np

from certify.bounds.decision import Verdict, decided
from certify.bounds.question import Box, Property, Question
from certify.checking import checker, fast
from certify.networks.columns import Columns
from certify.networks.graph import Network, Node
from certify.networks.operations import (
    Convolution,
    Dense,
    Maximum,
    MaxPool,
    Relu,
    Scale,
    Selection,
    Sum,
)
from certify.numbers.rationals import Rows, Vector
from certify.programs.linear_program import linear_program
from verify.trust.second import available, second_checker

MISSES = {
    "far above": Fraction(1, 3), "little above": Fraction(1, 10**6),
    "2^-40 above": Fraction(1, 2**40), "reached": Fraction(0),
    "2^-40 below": -Fraction(1, 2**40), "far below": -Fraction(1, 3),
}  # fmt: skip
AT_ONCE = 200  # questions whose certificates the second checker gets together


class Piece(NamedTuple):
    """The x of a box with A x <= b, where outputs are affine: their values at 0 and unit points."""

    matrix: Rows
    right_side: Vector
    values: Rows


class Drawn(NamedTuple):
    """A question, what kinds of network and of least values it has, and its answer."""

    question: Question
    kinds: tuple[str, ...]
    answer: str


def pieces(network: Network, box: Box) -> Iterator[Piece]:
    """Yield pieces of a network that cover a box; some may have no interior."""
    d = network.inputs
    zero = tuple(Fraction(0) for _ in range(d))
    units = [tuple(Fraction(i == j) for j in range(d)) for i in range(d)]
    yield from _pieces(network, box, [Columns.of([zero, *units])], (), ())


def _pieces(
    network: Network, box: Box, given: list[Columns], matrix: Rows, right_side: Vector
) -> Iterator[Piece]:
    while len(given) <= len(network.nodes):
        operation, reads = network.nodes[len(given) - 1]
        if isinstance(operation, Relu | Maximum | MaxPool):
            break
        given = [*given, operation.apply(*(given[j] for j in reads))]
    else:
        yield Piece(matrix, right_side, tuple(given[-1].fractions()))
        return
    read = given[reads[0]]
    forms = [*map(_affine, zip(*read.fractions(), strict=True))]
    nothing = (*(Fraction(0) for _ in range(network.inputs)), Fraction(0))
    lists: Sequence[Sequence[int]] = [(i, -1) for i in range(len(forms))]
    if not isinstance(operation, Relu):
        lists = (operation if isinstance(operation, Maximum) else operation.maximum).lists
    forms.append(nothing)  # at -1
    found: list[tuple[tuple[int, ...], Rows, Vector]] = [((), matrix, right_side)]
    for entries in lists:
        found = [
            ((*chosen, p), *wider)
            for (chosen, *region), p in product(found, entries)
            if (wider := _where_largest(box, (region[0], region[1]), forms, entries, p)) is not None
        ]
    for chosen, *region in found:
        values = Selection(chosen).apply(read)
        yield from _pieces(network, box, [*given, values], *region)


def _affine(values: Vector) -> Vector:
    """Return coefficients and constant of an affine form with these values at 0, e_1, ..."""
    return (*(v - values[0] for v in values[1:]), values[0])


def _where_largest(
    box: Box, region: tuple[Rows, Vector], forms: Sequence[Vector], entries: Sequence[int], p: int
) -> tuple[Rows, Vector] | None:
    """Return the part of a region where form ``p`` is the largest, None where that is nowhere."""
    matrix, right_side = region
    for q in entries:
        *row, constant = (a - b for a, b in zip(forms[q], forms[p], strict=True))
        low, high = (
            constant + sum(a * (x if (a > 0) == above else y) for a, x, y in sides)
            for above in (False, True)
            for sides in [[*zip(row, box.upper, box.lower, strict=True)]]
        )
        if low > 0:
            return None
        if high > 0:
            matrix, right_side = (*matrix, tuple(row)), (*right_side, -constant)
    if len(matrix) > len(region[0]) and _least(box, matrix, right_side, len(row) * [0], 0) is None:
        return None
    return matrix, right_side


def _least(
    box: Box, matrix: Rows, right_side: Vector, row: Sequence[Fraction | int], free: int
) -> Fraction | None:
    """Return the least value of a form, of x and so many free variables, on a part of a box.

    None means that the part is empty.
    """
    # From the lower corner on, so that bounds are those of variables.
    d = len(box)
    sizes = [high - low for low, high in zip(box.lower, box.upper, strict=True)]
    table = [*matrix, *([Fraction(i == j) for j in range(d + free)] for i in range(d))]
    shifts = [sum(a * x for a, x in zip(r, box.lower, strict=False)) for r in matrix]
    ends = [b - s for b, s in zip(right_side, shifts, strict=True)] + sizes
    found = linear_program(row, (table, ends), nonnegative=range(d))
    if found.status == "infeasible":
        return None
    assert found.value is not None
    return found.value + sum(a * x for a, x in zip(row, box.lower, strict=False))


def least_miss(covering: Sequence[Piece], box: Box, unwanted: Property) -> Fraction:
    """Return the least, over the box, of the largest entry of C f(x) - d."""
    found = []
    for matrix, right_side, values in covering:
        outputs = [_affine(column) for column in zip(*values, strict=True)]
        table = [(*row, Fraction(0)) for row in matrix]
        ends = list(right_side)
        for weights, d in zip(unwanted.matrix, unwanted.right_side, strict=True):
            forms = zip(*outputs, strict=True)
            *row, constant = (sum(w * a for w, a in zip(weights, f, strict=True)) for f in forms)
            table.append((*row, Fraction(-1)))
            ends.append(d - constant)
        least = _least(box, tuple(table), tuple(ends), [0] * len(box) + [1], 1)
        if least is not None:
            found.append(least)
    return min(found)


def drawn(seed: int) -> Drawn:
    """Return a question whose answer is known."""
    rng = np.random.default_rng(seed)
    style = rng.choice(["integers", "fractions", "floats", "float32"])

    def numbers(*shape: int) -> np.ndarray:
        if style.startswith("float"):
            return rng.normal(size=shape).astype(np.float32 if style == "float32" else np.float64)
        whole = rng.integers(-4, 5, shape)
        if style == "integers":
            return whole
        parts = rng.integers(1, 8, shape)
        exact = map(Fraction, map(int, whole.flat), map(int, parts.flat))
        return np.array([*exact], dtype=object).reshape(shape)

    def dense(outputs: int, inputs: int) -> Dense:
        return Dense.of(numbers(outputs, inputs).tolist(), numbers(outputs).tolist())

    kind = str(rng.choice(["dense", "convolutional", "residual", "pooled", "pooled images"]))
    outputs, relu = int(rng.integers(1, 4)), Relu()
    if kind == "dense":
        widths = [int(rng.integers(1, 5)), *rng.choice([2, 3, 4, 6], int(rng.integers(1, 4)))]
        maps = [f for m, n in zip(widths[1:], widths, strict=False) for f in (dense(m, n), relu)]
        network = Network.chain(*maps, dense(outputs, int(widths[-1])))
    elif kind == "residual":
        d, n = int(rng.integers(1, 4)), int(rng.integers(2, 5))
        nodes = [
            (dense(n, d), (0,)), (relu, (1,)), (dense(n, n), (2,)), (Sum(), (1, 3)),
            (Scale.of("3/4", "-1/7"), (4,)), (relu, (5,)), (dense(outputs, n), (6,)),
        ]  # fmt: skip
        network = Network(tuple(Node(*node) for node in nodes), d)
    elif kind == "pooled":
        d, wide = int(rng.integers(1, 4)), int(rng.integers(4, 7))
        lists = ((0, 1, 2), (1, 3), tuple(range(2, wide)))
        network = Network.chain(
            dense(wide, d), Maximum(lists), relu, dense(3, 3), relu, dense(outputs, 3)
        )
    elif kind == "convolutional":
        kernel = dense(2, 4)
        image = Convolution((1, 2, 3), (2, 2), kernel)
        network = Network.chain(image, relu, dense(4, 4), relu, dense(outputs, 4))
    else:
        image = Convolution((1, 3, 3), (2, 2), dense(1, 4))
        network = Network.chain(image, MaxPool((1, 2, 2), (2, 1)), relu, dense(outputs, 2))
    center, radius = (Property.of([numbers(network.inputs).tolist()], [0]).matrix[0] for _ in "ab")
    radius = tuple(abs(r) / 2 if rng.random() < 0.9 else Fraction(0) for r in radius)
    box = Box(*(tuple(c + s * r for c, r in zip(center, radius, strict=True)) for s in (-1, 1)))
    covering = list(pieces(network, box))
    count, certified = int(rng.integers(1, 4)), bool(rng.integers(2))
    names = list(MISSES)
    wanted = [names[rng.integers(3)] for _ in range(count)]
    if not certified:
        wanted[rng.integers(count)] = names[3 + rng.integers(3)]
    asked = []
    for name in wanted:
        rows = int(rng.integers(1, 4))
        free = Property.of(numbers(rows, outputs).tolist(), numbers(rows).tolist())
        move = least_miss(covering, box, free) - MISSES[name]
        asked.append(replace(free, right_side=tuple(d + move for d in free.right_side)))
    answer = "certified" if certified else "refuted"
    closest = min(wanted, key=lambda name: abs(MISSES[name]) if certified else MISSES[name])
    return Drawn(Question(network, box, asked), (kind, str(style), closest), answer)


def wrong(question: Question, verdict: Verdict, answer: str) -> list[str]:
    """Return what is not right about a verdict; nothing when all is."""
    found = [] if verdict.answer == answer else [f"{verdict.answer}, not {answer}"]
    point = verdict.counterexample
    if point is not None and question.refuted_by(point) != verdict.refuted:
        found.append("its counterexample is none")
    for certificate in verdict.certificates:
        for check in (checker.check, fast.check):
            try:
                check(checker.parse(certificate.line()), words=False)
            except (checker.Rejected, checker.Malformed) as error:
                found.append(f"{check.__module__}: {error}")
    return found


def main() -> int:
    """Decide all, and print what went wrong and how many there were of each kind."""
    count, first = map(int, (*sys.argv[1:], *("2000", "0")[len(sys.argv) - 1 :]))
    counts: Counter[tuple[str, str]] = Counter()
    problems, documents, spent = 0, list[str](), 0.0
    for seed in range(first, first + count):
        question, kinds, answer = drawn(seed)
        start = time.process_time()
        with mock.patch.object(time, "monotonic", time.process_time):
            verdict = decided(question)
        spent += time.process_time() - start
        documents += [certificate.line() for certificate in verdict.certificates]
        counts.update((kind, verdict.answer) for kind in ("all", *kinds))
        found = wrong(question, verdict, answer)
        if available() and (len(documents) >= AT_ONCE or seed == first + count - 1):
            found += [why for told, why in second_checker(documents) if told != "accepted"]
            documents = []
        for problem in found:
            print(f"{seed}: {', '.join(kinds)}: {problem}", flush=True)
        problems += len(found)
    print("| | certified | refuted | undecided |\n|---|---|---|---|")
    for kind in dict.fromkeys(kind for kind, _ in counts):
        cells = (str(counts[kind, found]) for found in ("certified", "refuted", "undecided"))
        print(f"| {kind} | {' | '.join(cells)} |")
    print(f"\n{problems} problems; deciding took {spent:.0f} s of the processor")
    return 1 if problems else 0


if __name__ == "__main__":
    raise SystemExit(main())
