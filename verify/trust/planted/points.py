"""Points of two classes: whether a rule separates them, by construction.

Coordinates come in two groups. The coarse ones hold integers. The fine ones hold small integers
times a power of two, and decide where the coarse ones do not; a float holds either, while no float
holds their sum when the power is 2^-60.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from random import Random

import numpy as np
from scipy.optimize import linprog

import certify
from certify.certificates.certificate import Certificate
from verify.trust.planted.instances import (
    BORDER,
    CASES,
    EASY,
    MIXED,
    Array,
    Family,
    Instance,
    Json,
    Row,
    cycled,
    dot,
    exact,
    exponent_of,
    floats,
    mapped,
    moved,
    order,
    require_same,
    shuffled_columns,
    stated,
    unimodular,
    whole,
)

_MANY = 2_500  # points that make the exact methods start from a proposal in floats
_LARGE = f"{_MANY:,} points, by 2^-20"
_EVERY = 120  # how rare those are


@dataclass(frozen=True, eq=False)
class Points:
    """Points with labels, and whether a rule may have an offset."""

    X: Array
    y: tuple[int, ...]
    bias: bool


def _separable(rng: Random, number: int) -> Instance[Points]:
    """True: a planted rule, with margins of a power of two. False: hulls that overlap by it."""
    case, turn = cycled(number, CASES)
    if number % _EVERY == _EVERY - 1:
        case, turn = _LARGE, number // _EVERY
    holds, exponent = turn % 2 == 0, exponent_of(case)
    count, bias = _MANY if case == _LARGE else rng.randint(6, 14), rng.random() < 0.7
    if holds:
        points = _ruled(rng, exponent, count, bias)
    else:
        points = _crossing(rng, Fraction(1, 2**exponent), exponent, count, bias)
    return Instance(points, int(holds), holds, case)


def _touching(rng: Random, number: int) -> Instance[Points]:
    """False: one point is a mixture of the other class. True: it is a power of two away."""
    case, turn = cycled(number, CASES)
    holds, exponent = turn % 2 == 0, exponent_of(case)
    depth = -Fraction(1, 2**exponent) if holds else Fraction(case == EASY)
    points = _crossing(rng, depth, exponent, rng.randint(6, 14), bias=True)
    return Instance(points, int(holds), holds, case if depth else BORDER)


def _sizes(rng: Random, count: int) -> tuple[int, int]:
    """Return the numbers of coarse and fine coordinates."""
    return (6, 2) if count == _MANY else (rng.randint(2, 3), rng.randint(1, 2))


def _ruled(rng: Random, exponent: int, count: int, bias: bool) -> Points:
    """Return points on the right sides of n.u + b + m.v = 0; those with n.u + b = 0 are near."""
    c, f = _sizes(rng, count)
    # A coefficient 1 lets the last coordinate make up the value that the others miss.
    n, m = [*whole(rng, c - 1), 1], [*whole(rng, f - 1, 2), 1]
    b = rng.randint(-3, 3) if bias else 0
    unit = Fraction(1, 2 ** (exponent or 6))
    rows: list[tuple[Row, Row]] = []
    labels = []
    for i in range(count):
        y = 1 if i % 2 else -1
        near = exponent and i < 4
        u, v = [*whole(rng, c - 1), 0], [*whole(rng, f - 1, 2), 0]
        u[-1] = (0 if near else y * rng.randint(1, 4)) - b - int(dot(n, u))
        v[-1] = (y * rng.randint(1, 2) if near else rng.randint(-2, 2)) - int(dot(m, v))
        rows.append((u, [unit * a for a in v]))
        labels.append(y)
    return _arranged(rng, rows, labels, exponent, bias)


def _crossing(rng: Random, depth: Fraction, exponent: int, count: int, bias: bool) -> Points:
    """Return a triangle, and a segment with a point at the given depth behind one of its sides.

    The triangle has its corners at z + p r, z - q r and z + v, hence z on a side, and the segment
    has z + depth v between its ends. Other points are on their sides of m.x = 0, where m.v > 0.
    """
    c, f = _sizes(rng, count)
    z, r, s = (whole(rng, c) for _ in range(3))
    m, v, nothing = [*whole(rng, f - 1, 2), 1], [*whole(rng, f - 1, 2), 0], [0] * f
    v[-1] = rng.randint(1, 2) - int(dot(m, v))
    (p, q), (k, l) = (rng.choice([(1, 1), (1, 3), (3, 1)]) for _ in range(2))
    rows: list[tuple[Row, Row]] = [(moved(z, step, r), nothing) for step in (p, -q)]
    rows += [(z, v), *((moved(z, step, s), moved(nothing, depth, v)) for step in (k, -l))]
    labels = [1, 1, 1, -1, -1]
    for _ in range(count - 5):
        y, w = rng.choice((-1, 1)), [*whole(rng, f - 1, 2), 0]
        # Where the segment is in front of the side, at depth m.v >= -2, no other point is between.
        w[-1] = (rng.randint(0, 3) if y == 1 else -rng.randint(3, 5)) - int(dot(m, w))
        rows.append((whole(rng, c), w))
        labels.append(y)
    return _arranged(rng, rows, labels, exponent, bias)


def _arranged(
    rng: Random, pairs: list[tuple[Row, Row]], labels: list[int], exponent: int, bias: bool
) -> Points:
    """Hide a construction by linear maps and orders that change nothing about separability."""
    coarse, fine = (unimodular(rng, len(part)) for part in pairs[0])
    rows: list[Row] = [[*mapped(coarse, u), *mapped(fine, v)] for u, v in pairs]
    if exponent <= MIXED:
        both = unimodular(rng, len(rows[0]))
        rows = [mapped(both, x) for x in rows]
    units = [Fraction(2) ** rng.randint(-3, 3) for _ in rows[0]]
    rows = [[unit * x for unit, x in zip(units, row, strict=True)] for row in rows]
    rows = shuffled_columns(rng, rows)
    indices, sign = order(rng, len(rows)), rng.choice((-1, 1))
    X = floats([rows[i] for i in indices])
    return Points(X, tuple(sign * labels[i] for i in indices), bias)


def _separated(data: Points) -> Iterator[Certificate]:
    yield certify.separate(data.X, list(data.y), bias=data.bias).certificate


def require_about(document: Json, points: Points) -> None:
    """Raise :class:`OtherInstance` unless a certificate speaks of these points."""
    instance, statement = document["instance"], document["statement"]
    require_same(stated(instance["points"]), exact(points.X))
    require_same(tuple(instance["labels"]), points.y)
    require_same(statement["homogeneous"], not points.bias)


def _read_separable(document: Json, data: Points) -> int:
    require_about(document, data)
    return {"separable": 1, "not-separable": 0}[document["kind"]]


def _signed(data: Points) -> Array:
    """Return the rows y_i (x_i, 1), without the 1 when there is no offset."""
    signs = np.array(data.y, dtype=float)[:, None]
    extended = np.hstack([data.X, np.ones_like(signs)]) if data.bias else data.X
    return np.asarray(signs * extended)


def _by_feasibility(data: Points) -> int | None:
    """Ask for a rule with all margins at least 1."""
    rows = _signed(data)
    answer = linprog(np.zeros(len(rows.T)), -rows, -np.ones(len(rows)), bounds=(None, None))
    return {0: 1, 2: 0}.get(answer.status)


def _by_best_margin(data: Points) -> int | None:
    """Maximise the least margin over the rules with coefficients from -1 to 1."""
    rows = _signed(data)
    n, ones = len(rows.T), np.ones((len(rows), 1))
    objective, bounds = [*[0.0] * n, -1.0], [*[(-1, 1)] * n, (None, None)]
    answer = linprog(objective, np.hstack([-rows, ones]), np.zeros(len(rows)), bounds=bounds)
    return None if answer.x is None else int(answer.x[-1] > 0)


FAMILIES = (
    Family(
        "separable points", "a rule separates the points", _separable, _separated,
        _read_separable, _by_feasibility, "HiGHS: is a rule with all margins at least 1 feasible",
    ),
    Family(
        "touching hulls", "a rule separates the points", _touching, _separated,
        _read_separable, _by_best_margin, "HiGHS: is the largest least margin positive",
    ),
)  # fmt: skip
