"""Whether a decision region of a small ReLU network is convex, decided exactly with a witness.

A region {f <= a} or {f < a} is a union of polyhedra, one for each activation cell. Its closed
convex hull comes from their generators, and a linear program for each cell asks whether the hull
holds a point outside the region. (Regions on the other side are those of -f.)
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import count
from typing import Any, NamedTuple

from certify.errors import InputError
from certify.networks.cells import ActivationCell, cells
from certify.networks.crossings import checked_threshold
from certify.networks.relu import ReluNetwork
from certify.numbers.rationals import Rows, Vector, combine, dot
from certify.polyhedra.double_description import Generators
from certify.polyhedra.polyhedron import Polyhedron
from certify.programs.linear_program import linear_program

_ZERO, _ONE = Fraction(0), Fraction(1)


class Gap(NamedTuple):
    """Two points of a region and one between them, (1 - t) start + t end, that is not in it."""

    start: Vector
    end: Vector
    t: Fraction

    @property
    def point(self) -> Vector:
        """The point between, outside the region; 0 < t < 1."""
        return combine((1 - self.t, self.start), (self.t, self.end))


@dataclass(frozen=True)
class RegionConvexity:
    """Either the inequalities of a convex region, or a ``gap`` in one that is not convex.

    ``polyhedron`` has A, b as ``matrix`` and ``right_side``, irredundant: the region is
    {x : A x < b} when ``strict`` and {x : A x <= b} otherwise, the same for all rows. No rows mean
    the whole space; the empty region has the one row 0·x <= -1. True in a condition when convex.
    """

    strict: bool
    polyhedron: Polyhedron | None
    gap: Gap | None

    @property
    def convex(self) -> bool:
        """Whether the region is convex."""
        return self.gap is None

    def __bool__(self) -> bool:
        return self.convex


def decision_region_convexity(
    network: ReluNetwork, threshold: Any, strict: bool, side: int
) -> RegionConvexity:
    """Decide whether {x : label = ``side``} is convex, for a network f with one output.

    The label is +1 where f > threshold (``strict``) or f >= threshold, and -1 elsewhere; ``side``
    is -1 or 1. Enumerates all activation cells (see :func:`certify.networks.cells.cells`), so
    the network must be small. Raises :class:`InputError`.

    >>> distance = ReluNetwork.of([([[1], [-1]], [0, 0]), ([[1, 1]], [0])])
    >>> inner = decision_region_convexity(distance, 1, strict=True, side=-1)
    >>> inner.convex, inner.polyhedron.matrix, inner.polyhedron.right_side, inner.strict
    (True, ((Fraction(1, 1),), (Fraction(-1, 1),)), (Fraction(1, 1), Fraction(1, 1)), False)
    >>> decision_region_convexity(distance, 1, strict=True, side=1).gap.point
    (Fraction(0, 1),)
    """
    level = checked_threshold(network, threshold, strict)
    if side not in (-1, 1):
        raise InputError("side", expected="-1 or 1", got=repr(side))
    region = _Region(network, level, side, is_open=strict == (side == 1))
    heights = [region.height_on(cell) for cell in cells(network)]
    parts = [part for height in heights if (part := region.part(*height)) is not None]
    hull = _closed_hull(parts, network.dimension)
    for height in heights:
        outside = region.outside(hull, *height)
        if outside is not None:
            return RegionConvexity(region.is_open, None, _gap(region, parts, outside))
    return RegionConvexity(region.is_open, hull, None)


class _Part(NamedTuple):
    """The closure of the region in one cell, and a point of its relative interior."""

    generators: Generators
    centre: Vector


@dataclass(frozen=True)
class _Region:
    """{g <= 0}, or {g < 0} when open, with g = threshold - f for side 1 and its negative for -1."""

    network: ReluNetwork
    threshold: Fraction
    side: int
    is_open: bool

    def contains(self, x: Vector) -> bool:
        height = self.side * (self.threshold - self.network.values(x)[0])
        return height < 0 or (height == 0 and not self.is_open)

    def height_on(self, cell: ActivationCell) -> tuple[Polyhedron, Vector, Fraction]:
        """Return the cell and s, r such that g(x) = s·x + r on it."""
        slope = tuple(-self.side * c for c in cell.slope[0])
        return cell.polyhedron, slope, self.side * (self.threshold - cell.offset[0])

    def part(self, cell: Polyhedron, slope: Vector, offset: Fraction) -> _Part | None:
        """Return the closure of the region in the interior of the cell, or None when empty.

        (For a closed region: of the region in the cell.)
        """
        closed = Polyhedron(
            (*cell.matrix, slope), (*cell.right_side, -offset), cell.ambient_dimension
        )
        generators = closed.vertices_and_rays()
        if not generators.vertices:
            return None
        share = Fraction(1, len(generators.vertices))
        centre = combine(
            *((share, x) for x in generators.vertices), *((1, r) for r in generators.rays)
        )
        # g vanishes in the relative interior only where it is 0 on all of the closed part, and then
        # an open region has no points in the cell.
        if self.is_open and dot(slope, centre) + offset == 0:
            return None
        return _Part(generators, centre)

    def outside(
        self, hull: Polyhedron, cell: Polyhedron, slope: Vector, offset: Fraction
    ) -> Vector | None:
        """Return a point of the cell in the hull but not in the region, None when there is none.

        For an open region the point is in the interior of the hull: an open set is convex when it
        is the interior of its closed convex hull, a closed one when it is the hull itself.
        """
        # The last variable is how strictly the inequalities hold of which one has to be strict.
        in_hull, out_of_region = (_ONE, _ZERO) if self.is_open else (_ZERO, _ONE)
        rows = [
            *((*a, _ZERO) for a in cell.matrix),
            *((*a, in_hull) for a in hull.matrix),
            (*(-c for c in slope), out_of_region),
            (*(_ZERO for _ in slope), _ONE),
        ]
        right_side = [*cell.right_side, *hull.right_side, offset, _ONE]
        answer = linear_program(rows[-1], (rows, right_side), maximize=True)
        if answer.x is None or answer.x[-1] <= 0:
            return None
        return answer.x[:-1]


def _closed_hull(parts: list[_Part], dimension: int) -> Polyhedron:
    # Neighbouring parts share most of their generators.
    vertices, rays, lines = (
        list(dict.fromkeys(x for part in parts for x in part.generators[kind])) for kind in range(3)
    )
    return Polyhedron.from_generators(vertices, rays, lines, dimension)


def _gap(region: _Region, parts: list[_Part], outside: Vector) -> Gap:
    """Return two points of the region with a point between that is not, given one in the hull."""
    target = outside
    if not region.is_open:
        # The hull may hold limits of convex combinations that are none themselves, but not in its
        # relative interior. Points near ``outside`` are outside too.
        centre = combine(*((Fraction(1, len(parts)), part.centre) for part in parts))
        nearer = (combine((1 - s, outside), (s, centre)) for s in _halves())
        target = next(x for x in nearer if not region.contains(x))
    weights, points = next(
        found for s in _halves() if (found := _combination(_sample(region, parts, s), target))
    )
    # Combine the points one after the other; the first combination that leaves the region was
    # made of two points inside, and the last one is the target.
    total, inside = weights[0], points[0]
    for weight, point in zip(weights[1:], points[1:], strict=True):
        total += weight
        between = combine((1 - weight / total, inside), (weight / total, point))
        if not region.contains(between):
            return Gap(inside, point, weight / total)
        inside = between
    raise AssertionError("a point outside of the region is a combination that never leaves it")


def _sample(region: _Region, parts: list[_Part], s: Fraction) -> Rows:
    """Return finitely many points of the region; their hull fills its hull as s goes to zero."""
    points: dict[Vector, None] = {}
    for (vertices, rays, lines), centre in parts:
        points[centre] = None
        # In an open region the vertices may be missing.
        shrink = s if region.is_open else _ZERO
        points |= dict.fromkeys(combine((1 - shrink, x), (shrink, centre)) for x in vertices)
        both_ways = [*((1, r) for r in rays), *((sign, l) for l in lines for sign in (1, -1))]
        points |= dict.fromkeys(combine((1, centre), (sign / s, r)) for sign, r in both_ways)
    return tuple(points)


def _combination(points: Rows, target: Vector) -> tuple[Vector, Rows] | None:
    """Return positive weights with sum 1 and points of which they make the target, or None."""
    coordinates = list(zip(*points, strict=True))
    answer = linear_program(
        [0] * len(points),
        equalities=([*coordinates, [1] * len(points)], [*target, 1]),
        nonnegative=True,
    )
    if answer.x is None:
        return None
    used = [(w, x) for w, x in zip(answer.x, points, strict=True) if w]
    weights, chosen = zip(*used, strict=True)
    return weights, chosen


def _halves() -> Iterator[Fraction]:
    """Yield 1/2, 1/4, 1/8 and so on."""
    return (Fraction(1, 2**k) for k in count(1))
