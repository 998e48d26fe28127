"""A picture of an exact instance in the plane: what is drawn is what was certified."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

from certify.numbers.rationals import Rows, Vector, dot

Place: TypeAlias = tuple[Fraction, Fraction]


@dataclass(frozen=True)
class Region:
    """A convex polygon, corners in order, clipped to the view: a part of what ``name`` labels."""

    name: str
    corners: Rows


@dataclass(frozen=True)
class Marker:
    """A point of the data with its label -1 or +1, or 0 for a point of another kind."""

    at: Vector
    label: int
    name: str = ""


@dataclass(frozen=True)
class Arrow:
    """An arrow from a point along a direction, with a name."""

    start: Vector
    end: Vector
    name: str


@dataclass(frozen=True)
class Line:
    """The line {x : normal.x = level}, drawn across the view, with a name.

    With ``rule`` it is the border of a rule that says +1 where normal.x > level.
    """

    normal: Vector
    level: Fraction
    name: str
    rule: bool = False


@dataclass(frozen=True)
class Picture:
    """A picture in the plane: ``view`` is (left, right, bottom, top) in the units of the data.

    ``caption`` states the certified facts that the picture shows, as text with ``$LaTeX$``. With
    ``flat`` it is a picture of a line, whose points have the second coordinate 0.
    """

    title: str
    caption: str
    view: tuple[Fraction, ...]
    regions: tuple[Region, ...] = ()
    lines: tuple[Line, ...] = ()
    markers: tuple[Marker, ...] = ()
    arrows: tuple[Arrow, ...] = ()
    flat: bool = False


def clipped(
    matrix: Sequence[Vector], right_side: Sequence[Fraction | int], view: Sequence[Fraction | int]
) -> Rows:
    """Return the corners, in order, of {x : A x <= b} within ``view``; none if it has no interior.

    ``matrix`` has two columns, ``view`` is (left, right, bottom, top). One half-plane after the
    other cuts the rectangle (I. E. Sutherland and G. W. Hodgman, 1974), in exact arithmetic.

    >>> corners = clipped([(Fraction(1), Fraction(1))], [1], (0, 1, 0, 1))
    >>> [tuple(map(str, corner)) for corner in corners]
    [('0', '0'), ('1', '0'), ('0', '1')]
    """
    left, right, bottom, top = map(Fraction, view)
    corners = [(left, bottom), (right, bottom), (right, top), (left, top)]
    for a, b in zip(matrix, right_side, strict=True):
        corners = _cut(corners, a, b)
    area = sum(p[0] * q[1] - q[0] * p[1] for p, q in _sides(corners))
    return tuple(corners) if area else ()


def _cut(corners: list[Place], a: Vector, b: Fraction | int) -> list[Place]:
    kept: list[Place] = []
    for p, q in _sides(corners):
        before, after = dot(a, p) - b, dot(a, q) - b
        if before <= 0:
            kept.append(p)
        if before * after < 0:
            t = before / (before - after)
            kept.append((p[0] + t * (q[0] - p[0]), p[1] + t * (q[1] - p[1])))
    return kept


def _sides(corners: list[Place]) -> list[tuple[Place, Place]]:
    return list(zip(corners, corners[1:] + corners[:1], strict=True))
