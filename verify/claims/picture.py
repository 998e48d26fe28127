"""A picture of an exact instance in the plane: what is drawn is what was certified."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from certify.rationals import Rows, Vector


@dataclass(frozen=True)
class Region:
    """A convex polygon, corners in order, clipped to the view; ``name`` labels it."""

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
    """The line {x : normal.x = level}, drawn across the view, with a name."""

    normal: Vector
    level: Fraction
    name: str


@dataclass(frozen=True)
class Picture:
    """A picture in the plane: ``view`` is (left, right, bottom, top) in the units of the data.

    ``caption`` states the certified facts that the picture shows, as text with ``$LaTeX$``.
    """

    title: str
    caption: str
    view: tuple[Fraction, ...]
    regions: tuple[Region, ...] = ()
    lines: tuple[Line, ...] = ()
    markers: tuple[Marker, ...] = ()
    arrows: tuple[Arrow, ...] = ()
