"""What is asked of a network on a box: that no input has outputs with certain properties."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from operator import index
from typing import Any, SupportsIndex

from certify.errors import InputError
from certify.networks.graph import Network
from certify.numbers import rationals
from certify.numbers.rationals import Rows, Vector
from certify.shown import Shown


@dataclass(frozen=True, repr=False)
class Box(Shown):
    """The x with ``lower`` <= x <= ``upper`` in every coordinate; exact, and not empty.

    Build one with :meth:`of` or :meth:`around`. Raises :class:`InputError` naming the first
    coordinate in which there is no x.
    """

    lower: Vector
    upper: Vector

    def __post_init__(self) -> None:
        if len(self.lower) != len(self.upper) or not self.lower:
            got = f"{len(self.lower)} and {len(self.upper)}"
            raise InputError("lower, upper", expected="as many numbers, at least one", got=got)
        pairs = zip(self.lower, self.upper, strict=True)
        empty = next((i for i, (low, high) in enumerate(pairs) if low > high), None)
        if empty is not None:
            got = f"{rationals.text(self.lower[empty])} above {rationals.text(self.upper[empty])}"
            place = f"coordinate {empty}"
            raise InputError("box", expected="lower bounds up to the upper", got=got, where=place)

    @classmethod
    def of(cls, lower: Any, upper: Any) -> Box:
        """Return the box between two points: arrays of any shape, or lists of exact numbers.

        >>> Box.of([0, "-1/3"], [1, "1/3"]).upper
        (Fraction(1, 1), Fraction(1, 3))
        """
        return cls(_flat(lower, "lower"), _flat(upper, "upper"))

    @classmethod
    def around(cls, point: Any, radius: Any, *, within: tuple[Any, Any] | None = None) -> Box:
        """Return the x with ``|x_i - point_i| <= radius``, also low <= x_i <= high if ``within``.

        The point is an array of any shape or a list of exact numbers. A radius in floats is the
        number that it stores: write "1/255" to mean that.

        >>> Box.around([0, "1/2"], "1/4", within=(0, 1)).lower
        (Fraction(0, 1), Fraction(1, 4))
        """
        center, r = _flat(point, "point"), rationals.rational(radius, "radius")
        if r < 0:
            raise InputError("radius", expected="a number >= 0", got=rationals.text(r))
        lower, upper = (tuple(x + s * r for x in center) for s in (-1, 1))
        if within is not None:
            low, high = rationals.vector(within, "within", length=2)
            lower, upper = tuple(max(x, low) for x in lower), tuple(min(x, high) for x in upper)
        return cls(lower, upper)

    def __len__(self) -> int:
        return len(self.lower)

    def __contains__(self, point: Vector) -> bool:
        sides = zip(self.lower, point, self.upper, strict=True)
        return all(low <= x <= high for low, x, high in sides)


@dataclass(frozen=True, repr=False)
class Property(Shown):
    """The outputs z with ``matrix`` z <= ``right_side`` in every row: what no input shall have.

    One row or more, and as many columns as there are outputs. Build one with :meth:`of`.
    """

    matrix: Rows
    right_side: Vector

    def __post_init__(self) -> None:
        if not self.matrix or not self.matrix[0]:
            raise InputError("matrix", expected="at least one row and one column", got="none")
        rationals.check_rectangular(self.matrix, "matrix")
        if len(self.matrix) != len(self.right_side):
            got = f"{len(self.right_side)} entries"
            raise InputError("right_side", expected=f"{len(self.matrix)} entries", got=got)

    @classmethod
    def of(cls, matrix: Any, right_side: Iterable[Any]) -> Property:
        """Return the property of a matrix and a vector of any accepted numbers, kept exactly."""
        return cls(rationals.rows(matrix, "matrix"), rationals.vector(right_side, "right_side"))

    def __contains__(self, outputs: Vector) -> bool:
        rows = zip(self.matrix, self.right_side, strict=True)
        return all(rationals.dot(row, outputs) <= d for row, d in rows)


def label_properties(outputs: int, label: SupportsIndex) -> tuple[Property, ...]:
    """Return what outputs have of which the one of the label is not the largest, alone.

    One property for each other output j, in order: that of the label minus output j is <= 0.

    >>> [rival.matrix for rival in label_properties(3, 1)]  # doctest: +NORMALIZE_WHITESPACE
    [((Fraction(-1, 1), Fraction(1, 1), Fraction(0, 1)),),
     ((Fraction(0, 1), Fraction(1, 1), Fraction(-1, 1)),)]
    """
    if outputs < 2:
        raise InputError("outputs", expected="at least two", got=f"{outputs}")
    try:
        y = index(label)
    except TypeError:
        y = -1
    if not 0 <= y < outputs:
        raise InputError("label", expected=f"an index of {outputs} outputs", got=f"{label!r}")
    return tuple(
        Property((tuple(Fraction((k == y) - (k == j)) for k in range(outputs)),), (Fraction(0),))
        for j in range(outputs)
        if j != y
    )


def softmax_property(outputs: Sequence[Any]) -> Property:
    """Return that outputs have exactly the softmax of given ones: they differ by one constant.

    Two rows for each output but the last: its difference to the last is that of the given ones.

    >>> softmax_property([2, 5]).right_side
    (Fraction(-3, 1), Fraction(3, 1))
    """
    *given, last = rationals.vector(outputs, "outputs")
    if not given:
        raise InputError("outputs", expected="at least two", got="1")
    count = len(given)
    gaps = [
        ((*(Fraction(k == i) for k in range(count)), Fraction(-1)), z - last)
        for i, z in enumerate(given)
    ]
    rows = [(sign, row, d) for row, d in gaps for sign in (1, -1)]
    return Property(
        tuple(tuple(sign * a for a in row) for sign, row, _ in rows),
        tuple(sign * d for sign, _, d in rows),
    )


@dataclass(frozen=True)
class Question:
    """Whether no x of the box has outputs ``network(x)`` in any of the properties.

    Raises :class:`InputError` when sizes do not fit, or nothing is asked.
    """

    network: Network
    box: Box
    properties: Sequence[Property]

    def __post_init__(self) -> None:
        if not isinstance(self.network, Network):
            wanted, got = "a network of certify.networks.graph", type(self.network).__name__
            raise InputError("network", expected=wanted, got=got)
        inputs, outputs = self.network.sizes[0], self.network.sizes[-1]
        if len(self.box) != inputs:
            got = f"{len(self.box)} coordinates"
            raise InputError("box", expected=f"{inputs} coordinates, as the network has", got=got)
        if not self.properties:
            raise InputError("properties", expected="at least one", got="none")
        for i, unwanted in enumerate(self.properties):
            if (columns := len(unwanted.matrix[0])) != outputs:
                wanted = f"{outputs} columns, one for each output"
                where = f"property {i}"
                raise InputError("matrix", expected=wanted, got=f"{columns}", where=where)

    def candidates(self, point: Vector) -> Iterable[Vector]:
        """Return the points that are decided exactly where floats find a counterexample."""
        return (point,)

    def refuted_by(self, point: Any) -> int | None:
        """Return the first property that the outputs at a point have, None if they have none.

        The point is given as for :meth:`Network.outputs`; one outside of the box refutes nothing.
        """
        if _flat(point, "point") not in self.box:
            return None
        outputs = self.network.outputs([point])[0]
        return next((i for i, unwanted in enumerate(self.properties) if outputs in unwanted), None)


def _flat(point: Any, name: str) -> Vector:
    return rationals.vector(point.reshape(-1) if hasattr(point, "reshape") else point, name)
