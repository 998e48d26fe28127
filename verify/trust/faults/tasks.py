"""Questions to the exact methods whose answers are known, for the campaign of injected faults.

Small ones come from the families of :mod:`verify.trust.planted.labelled`. The others are of a size
at which other guesses in floats are asked for, or ask methods that have no family there.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from random import Random
from typing import Any, Literal, TypeAlias

import numpy as np

import certify
from certify.certificates.certificate import Certificate
from certify.margins.points import LARGE
from certify.polyhedra.polyhedron import Polyhedron
from verify.trust.planted import margins as labelled_margins
from verify.trust.planted import points as labelled_points
from verify.trust.planted import programs as labelled_programs
from verify.trust.planted.instances import (
    Family,
    Row,
    dot,
    mapped,
    moved,
    nonzero,
    order,
    unimodular,
    whole,
)

Group: TypeAlias = Literal["small programs", "large programs", "few points", "many points", "steps"]
Found: TypeAlias = tuple[Any, Sequence[Certificate]]

_FAMILIES: tuple[tuple[Group, str, Family[Any]], ...] = (
    ("few points", "separate", labelled_points.FAMILIES[0]),
    ("few points", "separate", labelled_points.FAMILIES[1]),
    ("few points", "max_margin", labelled_margins.FAMILIES[0]),
    ("small programs", "linear_program", labelled_programs.FAMILIES[0]),
    ("small programs", "linear_program", labelled_programs.FAMILIES[2]),
)


@dataclass(frozen=True)
class Task:
    """One question with its answer.

    group     which guesses in floats it uses
    function  what is asked, by its name in certify
    name      tells it from the others
    solve     ask; return what is said, and the certificates for it
    answer    what has to be said
    """

    group: Group
    function: str
    name: str
    solve: Callable[[], Found]
    answer: Any


def tasks(seed: int, rounds: int) -> list[Task]:
    """Return the questions of so many rounds, each with some of every group."""
    return [task for number in range(rounds) for task in _round(seed, number)]


def _round(seed: int, number: int) -> Iterator[Task]:
    rng = Random(f"{seed}/faults/{number}")
    for group, function, family in _FAMILIES:
        yield _of_family(group, function, family, rng, number)
    for group, m, n in (("small programs", 5, 4), ("large programs", 16, 12)):
        for kind in ("optimal", "infeasible", "unbounded"):
            yield _program(group, kind, rng, f"{kind} {number}", m, n)
    for separable in (True, False):
        yield from _many_points(rng, separable, number)
    yield _step(rng, f"line of points {number}")
    yield from _polyhedra(rng, number)


def _of_family(group: Group, function: str, family: Family[Any], rng: Random, number: int) -> Task:
    instance = family.draw(rng, number)

    def solve() -> Found:
        certificates = tuple(family.certificates(instance.data))
        return {family.read(c.to_json(), instance.data) for c in certificates}, certificates

    return Task(group, function, f"{family.name} {number}", solve, {instance.answer})


def _program(group: Group, kind: str, rng: Random, name: str, m: int, n: int) -> Task:
    """Plant a point, and beside it dual multipliers, Farkas multipliers or a ray."""
    x = [rng.randint(0, 3) for _ in range(n)]
    signed = [j for j in range(n) if rng.random() < 0.5]
    A, C = ([whole(rng, n) for _ in range(k)] for k in (m, 2))
    y = [rng.randint(0, 2) for _ in range(m)]
    slack = [0 if a else rng.randint(0, 4) for a in y]
    reduced = [rng.randint(0, 2) if j in signed and not x[j] else 0 for j in range(n)]
    b = moved(mapped(A, x), 1, slack)
    combined = [dot(y, column) for column in zip(*A, strict=True)]
    costs: Row = moved(moved(reduced, -1, combined), nonzero(rng), C[0])
    answer: Any = ("lp-optimal", dot(costs, x))
    if kind == "infeasible":
        A.append([int(r - a) for a, r in zip(combined, reduced, strict=True)])
        b.append(-dot(y, b) - 1)
        answer = ("lp-infeasible", None)
    elif kind == "unbounded":
        ray = [1, *(rng.randint(0, 2) for _ in range(n - 1))]
        for row in C:
            row[0] -= int(dot(row, ray))
        A = [row if dot(row, ray) <= 0 else [-a for a in row] for row in A]
        b = moved(mapped(A, x), 1, slack)
        costs = whole(rng, n)
        costs = [costs[0] - dot(costs, ray) - 1, *costs[1:]]
        answer = ("lp-unbounded", None)
    systems = ((A, b), (C, mapped(C, x)))

    def solve() -> Found:
        found = certify.linear_program(costs, *systems, nonnegative=signed)
        return (found.certificate.kind, found.value), (found.certificate,)

    return Task(group, "linear_program", name, solve, answer)


def _many_points(rng: Random, separable: bool, number: int) -> Iterator[Task]:
    """Plant the nearest points p + w and p - w of two hulls, or p in the middle of both hulls."""
    d = 5
    p, w = np.array(whole(rng, d)), np.array([nonzero(rng) for _ in range(d)])
    square = int(w @ w)
    others = np.random.default_rng(rng.getrandbits(32)).integers(
        -9, 9, (2 * LARGE, d), endpoint=True
    )
    values = (others - p) @ w
    if separable:
        others, values = (part[abs(values) >= square] for part in (others, values))
        chosen, signs = [p + w, p - w], [1, -1]
    else:
        chosen, signs = [p, p + w, p - w], [1, -1, -1]
    X = np.vstack([chosen, others])[: LARGE // d]
    labels = [*signs, *np.where(values > 0, 1, -1).tolist()][: len(X)]
    about = f"{'separable' if separable else 'inseparable'} {number}"

    def best() -> Found:
        found = certify.max_margin(X, labels)
        margin = found.margin_squared if found.separable else None
        return (found.separable, margin), (found.certificate,)

    def any_rule() -> Found:
        found = certify.separate(X, labels)
        return found.separable, (found.certificate,)

    yield Task("many points", "max_margin", about, best, (separable, square if separable else None))
    yield Task("many points", "separate", about, any_rule, separable)


def _step(rng: Random, name: str) -> Task:
    """Plant points p + s u on a line, s >= 1/2 or <= -1/2, and others that no equation can use.

    On the line the least positive and the largest negative s are 1/2 and -1/2, so that a point at
    s has the coefficient 1 / (|s| + 1/2) at most. The labels times the last coordinate sum to 0 in
    every representation of u, and are positive at the others, whose coefficients are therefore 0.
    """
    d = rng.randint(3, 4)
    places = [Fraction(k, 2) for k in (1, 1, *(rng.randint(1, 9) for _ in range(6)))]
    labels = [1, -1, *(rng.choice((1, -1)) for _ in places[2:])]
    beside = [0] * 4 + [rng.randint(0, 3) for _ in places[4:]]
    origin, change = whole(rng, d), unimodular(rng, d)
    triples = zip(labels, places, beside, strict=True)
    rows: list[list[Fraction | int]] = [[y * s, *whole(rng, d - 2), y * h] for y, s, h in triples]
    for row, height in zip(rows, beside, strict=True):
        row[1:-1] = row[1:-1] if height else [0] * (d - 2)
    X = [moved(origin, 1, mapped(change, row)) for row in rows]
    direction = mapped(change, [1] + [0] * (d - 1))
    steps = [None if h else s + Fraction(1, 2) for s, h in zip(places, beside, strict=True)]

    def solve() -> Found:
        found = certify.universal_step(X, labels, direction)
        return [point.step for point in found.points], found.certificates

    return Task("steps", "universal_step", name, solve, steps)


def _polyhedra(rng: Random, number: int) -> Iterator[Task]:
    """Ask about a box, some of its sides flat, open or contradictory, in other coordinates."""
    d = rng.randint(2, 4)
    sides = [rng.choice(("long", "long", "flat", "open")) for _ in range(d)]
    if number % 4 == 3:
        sides[0] = "empty"
    change = unimodular(rng, d)
    rows: list[tuple[Row, int]] = []
    for axis, side in zip(change, sides, strict=True):
        low = rng.randint(-3, 3)
        high = low + {"flat": 0, "empty": -1}.get(side, rng.randint(1, 4))
        rows.append((axis, high))
        if side != "open":
            rows.append(([-a for a in axis], -low))
    # The sum of two sides is redundant, and so is a side moved outwards.
    rows.append((moved(rows[0][0], 1, rows[1][0]), rows[0][1] + rows[1][1] + 1))
    rows.append((rows[0][0], rows[0][1] + 1))
    rows = [rows[i] for i in order(rng, len(rows))]
    set_ = Polyhedron.of([a for a, _ in rows], [b for _, b in rows])
    empty, flat = "empty" in sides, sides.count("flat")
    about = f"{', '.join(sides)} {number}"

    def emptiness() -> Found:
        found = set_.is_empty()
        return bool(found), (found.certificate,)

    def boundedness() -> Found:
        found = set_.bounded()
        return bool(found), (found.certificate,)

    def interior() -> Found:
        point = set_.interior_point()
        strict = point is not None and all(dot(a, point) < b for a, b in rows)
        return (point is not None, strict), ()

    def needed() -> Found:
        found = set_.irredundant()
        same = empty or all(found.polyhedron.contains(v) for v in set_.vertices_and_rays().vertices)
        return (len(found.rows), same), tuple(found.certificates.values())

    sides_needed = 2 * d - sides.count("open")
    solid = not empty and not flat
    for function, solve, answer in (
        ("Polyhedron.is_empty", emptiness, empty),
        ("Polyhedron.bounded", boundedness, empty or "open" not in sides),
        ("Polyhedron.interior_point", interior, (solid, solid)),
        ("Polyhedron.dimension", lambda: (set_.dimension(), ()), -1 if empty else d - flat),
        ("Polyhedron.irredundant", needed, (2 if empty else sides_needed, True)),
    ):
        yield Task("small programs", function, about, solve, answer)
