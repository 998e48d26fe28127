"""Convex polyhedra, open or closed, with points inside and one point outside."""

from dataclasses import dataclass
from fractions import Fraction
from random import Random

from certify.numbers.rationals import Rows, Vector, combine, dot
from verify.drawing import numbers
from verify.objects import Cell

CLOSED, OPEN = "closed region", "open region"
EDGE = "other point on the edge of an open region"
FLAT = "closed region without interior"
MIXED = "mixed inequalities, other point beyond the closure"
CASES = (CLOSED, OPEN, EDGE, FLAT, MIXED)

LARGEST_DIMENSION, STARTS = 3, 3


@dataclass(frozen=True)
class Region:
    """A cell with points of it, the first of them named, and a point outside.

    The cell is open or closed, or the point outside is not even in its closure.
    """

    cell: Cell
    inside: Rows
    outside: Vector


def draw(rng: Random, case: str) -> Region:
    """Return a region of the named case in dimension 1 to 3."""
    d = rng.randint(1, LARGEST_DIMENSION)
    first, outside = numbers.vector(rng, d), numbers.vector(rng, d)
    gap = combine((1, outside), (-1, first))
    if not any(gap):
        gap = numbers.nonzero_vector(rng, d)
        outside = combine((1, first), (1, gap))
    # One row keeps the point outside out; the others only hold the first point.
    normal = numbers.vector(rng, d)
    if dot(normal, gap) <= 0:
        normal = combine((1, gap), (-dot(gap, normal) / dot(gap, gap), gap), (1, normal))
    share = Fraction(1) if case == EDGE else Fraction(rng.randint(case != CLOSED, 3), 4)
    rows, bounds = [normal], [dot(normal, first) + share * dot(normal, gap)]
    for _ in range(rng.randint(0, 3)):
        row = numbers.vector(rng, d)
        rows.append(row)
        bounds.append(dot(row, first) + numbers.positive(rng))
    if case == FLAT:
        row = numbers.vector(rng, d)
        rows += [row, combine((-1, row))]
        bounds += [dot(row, first), -dot(row, first)]
    strict = [case in (OPEN, EDGE)] * len(rows)
    if case == MIXED:
        strict = [rng.random() < 0.5 for _ in rows]
    cell = Cell(tuple(rows), tuple(bounds), tuple(strict))
    others = (_inside(rng, cell, first) for _ in range(STARTS - 1))
    return Region(cell, (first, *others), outside)


def _inside(rng: Random, cell: Cell, x: Vector) -> Vector:
    """Return a point of the cell: from x in a random direction, at most to the edge."""
    v = numbers.vector(rng, len(x))
    limits = [
        (c - dot(a, x)) / dot(a, v)
        for a, c in zip(cell.matrix, cell.right_side, strict=True)
        if dot(a, v) > 0
    ]
    reach = min(limits, default=Fraction(100))
    largest = 3 if any(cell.strict) else 4
    return combine((1, x), (reach * Fraction(rng.randint(0, largest), 4), v))
