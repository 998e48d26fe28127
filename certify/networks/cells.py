"""The full-dimensional activation cells of a small ReLU network, enumerated exactly."""

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from certify.errors import InputError
from certify.networks.relu import Pattern, ReluNetwork
from certify.numbers import rationals
from certify.numbers.rationals import Rows, Vector
from certify.polyhedra.polyhedron import Polyhedron
from certify.shown import Shown


@dataclass(frozen=True, repr=False)
class ActivationCell(Shown):
    """A closed cell with interior, on which the outputs are D x + e.

    ``pattern`` has the sign of every hidden unit in the interior: 0 only where the unit receives
    0 on the whole cell. ``polyhedron`` describes the cell without the rows that did not cut when
    they were met, ``interior_point`` lies in its interior, and D = ``slope`` (outputs x d),
    e = ``offset``.
    """

    pattern: Pattern
    polyhedron: Polyhedron
    interior_point: Vector
    slope: Rows
    offset: Vector


@dataclass(frozen=True)
class _Piece:
    """A polyhedron, a point of its interior, and signs of units, the same on all its interior."""

    polyhedron: Polyhedron
    interior_point: Vector
    signs: tuple[int, ...] = ()


def cells(network: ReluNetwork, box: tuple[Any, Any] | None = None) -> tuple[ActivationCell, ...]:
    """Return all activation cells that have interior; together they cover the space.

    ``box`` is a pair (lower, upper) of d numbers each, and restricts the search to the x between
    them; a box without interior has no cells. Polyhedra are cut by one unit after the other, layer
    by layer, with one exact linear program for each unit and polyhedron; n units of one layer make
    at most sum_{k <= d} C(n, k) cells, so this is for few units or few dimensions. Raises
    :class:`InputError`.

    >>> distance = ReluNetwork.of([([[1], [-1]], [0, 0]), ([[1, 1]], [0])])
    >>> [(cell.pattern, cell.slope) for cell in cells(distance)]
    [(((-1, 1),), ((Fraction(-1, 1),),)), (((1, -1),), ((Fraction(1, 1),),))]
    """
    start = _searched(network.dimension, box)
    point = start.interior_point()
    if point is None:
        return ()
    patterns: list[tuple[Pattern, _Piece]] = [((), _Piece(start, point))]
    for _ in network.layers[:-1]:
        patterns = [
            ((*pattern, piece.signs), replace(piece, signs=()))
            for pattern, whole in patterns
            for piece in _cut(whole, *network.affine_on(pattern))
        ]
    return tuple(
        ActivationCell(pattern, piece.polyhedron, piece.interior_point, *network.affine_on(pattern))
        for pattern, piece in patterns
    )


def _searched(d: int, box: Any) -> Polyhedron:
    if box is None:
        return Polyhedron.of([], [], d)
    if not isinstance(box, tuple | list) or len(box) != 2:
        raise InputError("box", expected="a pair (lower, upper)", got=repr(box)[:80])
    lower, upper = (
        rationals.vector(bound, f"box[{k}]", length=d) for k, bound in enumerate(box)
    )  # fmt: skip
    unit = [tuple(Fraction(i == j) for j in range(d)) for i in range(d)]
    opposite = [tuple(-x for x in e) for e in unit]
    return Polyhedron.of([*unit, *opposite], [*upper, *(-x for x in lower)], d)


def _cut(piece: _Piece, slopes: Rows, offsets: Vector) -> list[_Piece]:
    """Cut by every hyperplane a·x + c = 0 in turn; one sign is added for each."""
    pieces = [piece]
    for a, c in zip(slopes, offsets, strict=True):
        pieces = [side for whole in pieces for side in _sides(whole, a, c)]
    return pieces


def _sides(piece: _Piece, a: Vector, c: Fraction) -> list[_Piece]:
    """Return the parts with interior where a·x + c is negative and positive, in this order."""
    if not any(a):
        return [replace(piece, signs=(*piece.signs, (c > 0) - (c < 0)))]
    height = rationals.dot(a, piece.interior_point) + c
    sides = []
    for sign in (-1, 1):
        polyhedron = Polyhedron(
            (*piece.polyhedron.matrix, tuple(-sign * x for x in a)),
            (*piece.polyhedron.right_side, sign * c),
            piece.polyhedron.ambient_dimension,
        )
        point = piece.interior_point if sign * height > 0 else polyhedron.interior_point()
        if point is not None:
            sides.append(_Piece(polyhedron, point, (*piece.signs, sign)))
    if len(sides) == 1:
        return [replace(piece, signs=sides[0].signs)]  # the row does not cut, so it is not needed
    return sides
