"""Convex polyhedra in exact arithmetic: emptiness, interior, dimension, boundedness, generators.

A polyhedron is given by inequalities, {x : A x <= b}; nothing is assumed of them, so the set may be
empty, flat, unbounded, contain lines or be the whole space. Questions about the set are linear
programs of :mod:`certify.programs.linear_program`; generators come from
:mod:`certify.polyhedra.double_description`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from numbers import Integral
from operator import le
from typing import Any

from certify.certificates.certificate import Certificate
from certify.errors import InputError
from certify.numbers import elimination, rationals
from certify.numbers.rationals import Rows, Vector
from certify.polyhedra.double_description import Generators, generators, inequalities, primitive
from certify.programs.linear_program import LinearProgramResult, linear_program
from certify.shown import Shown

_ZERO, _ONE = Fraction(0), Fraction(1)


@dataclass(frozen=True, repr=False)
class Emptiness(Shown):
    """Either ``point`` in the polyhedron, or ``multipliers`` y >= 0 with y A = 0 and y·b < 0.

    True in a condition when the polyhedron is empty.
    """

    point: Vector | None
    multipliers: Vector | None
    certificate: Certificate = field(repr=False)

    def __bool__(self) -> bool:
        return self.point is None


@dataclass(frozen=True, repr=False)
class Boundedness(Shown):
    """Whether a polyhedron is bounded, and why.

    Unbounded: ``point`` + t ``ray`` stays inside for every t >= 0. Bounded and not empty: ``point``
    is inside, and ``combination`` lists one number > 0 for each row, with sum lam_j a_j = 0, while
    the rows have rank d; so A d <= 0 forces d = 0. The empty set is bounded: ``point`` and ``ray``
    are None, and ``combination`` lists the multipliers of its emptiness, whose certificate it has.
    True in a condition when bounded.
    """

    bounded: bool
    point: Vector | None
    ray: Vector | None
    combination: Vector | None
    certificate: Certificate = field(repr=False)

    def __bool__(self) -> bool:
        return self.bounded


@dataclass(frozen=True, repr=False)
class Irredundant(Shown):
    """A subset of the rows with the same solutions, none of which can be dropped.

    ``rows`` are the indices that were kept, increasing. ``certificates[i]`` is the linear program
    that decided on row i: the maximum of a_i·x over the rows that were left when it was looked at.
    Rows without one repeat another row, up to a positive factor and a larger right side.
    """

    polyhedron: "Polyhedron"
    rows: tuple[int, ...]
    certificates: Mapping[int, Certificate] = field(repr=False)


@dataclass(frozen=True, repr=False)
class Polyhedron(Shown):
    """The set {x : ``matrix`` x <= ``right_side``} in R^d, d = ``ambient_dimension`` >= 1.

    ``matrix`` is n x d, with any number n of rows, zero included. Build one with :meth:`of`, which
    converts and checks the numbers. Equality of objects is equality of rows, not of sets.
    """

    matrix: Rows
    right_side: Vector
    ambient_dimension: int

    @classmethod
    def of(cls, matrix: Any, right_side: Any, dimension: int | None = None) -> "Polyhedron":
        """Return {x : A x <= b} for A (n x d) and b (n) in any numbers that are accepted.

        ``dimension`` is d; without rows there is no other way to know it. Raises
        :class:`InputError` when numbers or shapes do not fit.

        >>> Polyhedron.of([[1], [-1]], [1, 0]).vertices_and_rays().vertices
        ((Fraction(0, 1),), (Fraction(1, 1),))
        """
        exact = rationals.rows(matrix, "matrix", columns=dimension)
        d = _dimension(dimension, exact)
        return cls(exact, rationals.vector(right_side, "right_side", length=len(exact)), d)

    @classmethod
    def from_generators(
        cls, vertices: Any, rays: Any = (), lines: Any = (), dimension: int | None = None
    ) -> "Polyhedron":
        """Return conv(vertices) + cone(rays) + span(lines) by an irredundant list of inequalities.

        Each argument is a list of vectors of length d, in any order, repetitions and redundant ones
        included; an equation comes as two opposite inequalities. Rays and lines without a vertex
        generate a cone, with its apex at 0, as in files of cddlib and lrs. No generators at all
        give the empty set, and then ``dimension`` says in which space. Raises :class:`InputError`
        when numbers or shapes do not fit.

        >>> Polyhedron.from_generators([[0, 0]], rays=[[1, 0], [1, 1]]).matrix
        ((Fraction(0, 1), Fraction(-1, 1)), (Fraction(-1, 1), Fraction(1, 1)))
        """
        points = rationals.rows(vertices, "vertices", columns=dimension)
        columns = len(points[0]) if points else dimension
        directions = rationals.rows(rays, "rays", columns=columns)
        columns = len(directions[0]) if directions else columns
        both_ways = rationals.rows(lines, "lines", columns=columns)
        d = _dimension(dimension, points or directions or both_ways)
        if not points and (directions or both_ways):
            points = ((_ZERO,) * d,)
        return cls(*inequalities(Generators(points, directions, both_ways), d), d)

    def contains(self, point: Iterable[Any]) -> bool:
        """Return whether A x <= b holds at ``point``, d numbers; raises :class:`InputError`."""
        x = rationals.vector(point, "point", length=self.ambient_dimension)
        return all(map(le, (rationals.dot(a, x) for a in self.matrix), self.right_side))

    def is_empty(self) -> Emptiness:
        """Decide whether there is a point, with a point or Farkas multipliers.

        >>> bool(Polyhedron.of([[1], [-1]], [0, -1]).is_empty())
        True
        """
        answer = self._maximum((_ZERO,) * self.ambient_dimension)
        multipliers = None if answer.x is not None else _multipliers(answer)
        return Emptiness(answer.x, multipliers, answer.certificate)

    def interior_point(self) -> Vector | None:
        """Return a point of the interior, or None when there is none.

        It is the centre of a largest cube [x_1 - t, x_1 + t] x ... with t <= 1 in the polyhedron.

        >>> Polyhedron.of([[1, 0], [-1, 0], [0, 1]], [1, 0, 0]).interior_point()
        (Fraction(1, 2), Fraction(-1, 2))
        """
        d = self.ambient_dimension
        cube = [(*a, sum(map(abs, a), _ZERO)) for a in self.matrix]
        t = (_ZERO,) * d + (_ONE,)
        answer = linear_program(t, ([*cube, t], [*self.right_side, _ONE]), maximize=True)
        if answer.x is None or answer.x[d] <= 0:
            return None
        return answer.x[:d]

    def dimension(self) -> int:
        """Return the dimension of the affine hull, -1 for the empty set.

        >>> Polyhedron.of([[1, 1], [-1, -1]], [1, -1]).dimension()
        1
        """
        equalities = self._implicit_equalities()
        if equalities is None:
            return -1
        return len(_null_space([self.matrix[i] for i in equalities], self.ambient_dimension))

    def bounded(self) -> Boundedness:
        """Decide whether the polyhedron is bounded, with a ray or a positive combination.

        >>> Polyhedron.of([[1, 0], [-1, 0]], [1, 1]).bounded().ray
        (Fraction(0, 1), Fraction(1, 1))
        """
        inside = self.is_empty()
        if inside.point is None:
            return Boundedness(True, None, None, inside.multipliers, inside.certificate)
        lines = self.lineality()
        if lines:
            return self._unbounded(inside.point, lines[0])
        # Stiemke's lemma: either A d <= 0 and A d != 0 for some d, and then the sum of the rows
        # falls along d, or a combination with positive factors vanishes. Without lines the first
        # is a ray, and there are at least d rows to sum.
        slope = rationals.combine(*((-1, a) for a in self.matrix))
        cone = self.recession_cone()._maximum(slope)
        if cone.ray is not None:
            return self._unbounded(inside.point, cone.ray)
        combination = tuple(1 + y for y in _multipliers(cone))
        exact = rationals.flint_matrix(self.matrix, "matrix")
        minor = elimination.minor_evidence(exact, self.ambient_dimension)
        evidence = {"combination": rationals.texts(combination), **minor}
        certificate = Certificate("bounded", self._instance(), {"bounded": True}, evidence)
        return Boundedness(True, inside.point, None, combination, certificate)

    def recession_cone(self) -> "Polyhedron":
        """Return {d : A d <= 0}, the directions in which a nonempty polyhedron has no end."""
        return Polyhedron(self.matrix, (_ZERO,) * len(self.matrix), self.ambient_dimension)

    def lineality(self) -> Rows:
        """Return a basis of {d : A d = 0}, the lines that a nonempty polyhedron contains.

        >>> Polyhedron.of([[1, 1]], [5]).lineality()
        ((Fraction(-1, 1), Fraction(1, 1)),)
        """
        return _null_space(self.matrix, self.ambient_dimension)

    def irredundant(self) -> Irredundant:
        """Return rows that describe the same set and none of which can be dropped.

        Of equivalent rows the first is kept. For the empty set the result is a contradiction all
        of whose rows are needed.

        >>> Polyhedron.of([[1], [2], [3], [-1]], [4, 4, 6, 0]).irredundant().rows
        (1, 3)
        """
        kept = self._tightest_of_each_direction()
        certificates = {}
        for i in reversed(kept):
            others = [k for k in kept if k != i]
            answer = self._subset(others)._maximum(self.matrix[i])
            certificates[i] = answer.certificate
            implied = answer.value is not None and answer.value <= self.right_side[i]
            if implied or answer.status == "infeasible":
                kept = others
        return Irredundant(self._subset(kept), tuple(kept), certificates)

    def vertices_and_rays(self) -> Generators:
        """Return the minimal generators: vertices, extreme rays and lines.

        >>> Polyhedron.of([[-1, 0], [0, -1], [-1, -1]], [0, 0, -1]).vertices_and_rays().rays
        ((Fraction(0, 1), Fraction(1, 1)), (Fraction(1, 1), Fraction(0, 1)))
        """
        return generators(self.matrix, self.right_side, self.ambient_dimension)

    def _unbounded(self, point: Vector, direction: Vector) -> Boundedness:
        ray = primitive(direction)
        statement = {"point": rationals.texts(point), "ray": rationals.texts(ray)}
        certificate = Certificate("unbounded-polyhedron", self._instance(), statement, {})
        return Boundedness(False, point, tuple(map(Fraction, ray)), None, certificate)

    def _instance(self) -> dict[str, Any]:
        # A matrix without rows has no shape of its own, so the certificate gets 0·x <= 0.
        matrix = self.matrix or ((_ZERO,) * self.ambient_dimension,)
        right_side = self.right_side or (_ZERO,)
        return {
            "matrix": [rationals.texts(a) for a in matrix],
            "right_side": rationals.texts(right_side),
        }

    def _maximum(self, objective: Vector) -> LinearProgramResult:
        return linear_program(objective, (self.matrix, self.right_side), maximize=True)

    def _subset(self, rows: Sequence[int]) -> "Polyhedron":
        return Polyhedron(
            tuple(self.matrix[i] for i in rows),
            tuple(self.right_side[i] for i in rows),
            self.ambient_dimension,
        )

    def _tightest_of_each_direction(self) -> list[int]:
        """Return one index for each class of rows that are positive multiples of one another."""
        best: dict[Vector, tuple[Fraction, int]] = {}
        for i, (a, b) in enumerate(zip(self.matrix, self.right_side, strict=True)):
            size = next((abs(x) for x in a if x), _ONE)
            direction = tuple(x / size for x in a)
            best[direction] = min(best.get(direction, (b / size, i)), (b / size, i))
        return sorted(i for _, i in best.values())

    def _implicit_equalities(self) -> list[int] | None:
        """Return the rows that hold with equality everywhere, None when there is no point.

        One linear program (R. M. Freund, R. Roundy and M. J. Todd, 1985): maximise sum s over
        A x + s <= b t, 0 <= s <= 1, t >= 1. As x/t may be any point of the set and t any size,
        s_i ends at 1 on every row that is ever slack and at 0 on the others.
        """
        n, d = len(self.matrix), self.ambient_dimension
        # The variables are x, then u = t - 1, then s.
        unit = [tuple(Fraction(i == k) for k in range(n)) for i in range(n)]
        rows = [(*a, -b, *e) for a, b, e in zip(self.matrix, self.right_side, unit, strict=True)]
        rows += [((_ZERO,) * (d + 1)) + e for e in unit]
        slack = (_ZERO,) * (d + 1) + (_ONE,) * n
        system = (rows, self.right_side + (_ONE,) * n)
        signed = range(d, d + 1 + n)
        answer = linear_program(slack, system, nonnegative=signed, maximize=True)
        if answer.x is None:
            return None
        return [i for i, s in enumerate(answer.x[d + 1 :]) if s == 0]


def _dimension(dimension: Any, rows: Rows) -> int:
    expected = "an integer, at least 1"
    if dimension is None:
        if not rows:
            raise InputError(
                "dimension", expected=f"{expected}, when there are no rows", got="None"
            )
        dimension = len(rows[0])
    if isinstance(dimension, bool) or not isinstance(dimension, Integral) or dimension < 1:
        raise InputError("dimension", expected=expected, got=repr(dimension))
    return int(dimension)


def _null_space(rows: Sequence[Vector], dimension: int) -> Rows:
    # The zero row changes nothing but gives a shape to a matrix without rows.
    return elimination.null_space([*rows, (_ZERO,) * dimension]).basis


def _multipliers(answer: LinearProgramResult) -> Vector:
    if answer.multipliers is None:
        raise AssertionError(f"a program that is {answer.status} has multipliers")
    return answer.multipliers.inequalities
