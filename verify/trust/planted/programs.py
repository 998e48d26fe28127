"""Feasibility and membership by construction: programs, points on facets, points of a hull."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from random import Random

import numpy as np
from scipy.optimize import linprog
from scipy.spatial import Delaunay

import certify
from certify.certificates import facts
from certify.certificates.certificate import Certificate
from certify.polyhedra.polyhedron import Polyhedron
from verify.objects import Cell, CellRule
from verify.trust.planted.cancellation import Cancellation
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


@dataclass(frozen=True, eq=False)
class System:
    """A x <= b and C x = d, with x >= 0 or free."""

    A: Array
    b: Array
    C: Array
    d: Array
    nonnegative: bool


@dataclass(frozen=True, eq=False)
class Membership:
    """A point, and the inequalities a_i.x <= b_i, some of them strict."""

    A: Array
    b: Array
    strict: tuple[bool, ...]
    x: Array


@dataclass(frozen=True, eq=False)
class Hull:
    """A point, and the points that span the hull."""

    V: Array
    x: Array


def _border(rng: Random, number: int) -> tuple[str, int, Fraction]:
    """Return a case, its exponent, and a distance from the border that is negative outside."""
    case, turn = cycled(number, CASES)
    exponent = exponent_of(case)
    sign = -1 if turn % 2 else 1 if case == EASY else rng.randint(0, 1)
    return (case if sign else BORDER), exponent, Fraction(sign, 2**exponent)


def _program(rng: Random, number: int) -> Instance[System]:
    """Plant a point x_0, and rows that sum to 0 with right sides that sum to a planted slack.

    The first rows, with factors y, and the last add up to 0; they hold with equality at x_0, the
    last up to the slack. If that is negative, y and 1 are Farkas multipliers.
    """
    case, exponent, slack = _border(rng, number)
    n, m = rng.randint(2, 4), rng.randint(2, 4)
    x = [rng.randint(rng.choice((-3, 0)), 3) for _ in range(n - 1)] + [1]
    y = [rng.randint(1, 3) for _ in range(m - 1)] + [1]
    A = [whole(rng, n) for _ in range(m)]
    # Beside 2^-60 a float holds no other number, so the last row has to be 0 at x_0.
    end = 0 if exponent > MIXED else rng.randint(-3, 3)
    A[-1][-1] -= int(dot(y, mapped(A, x))) + end
    last = [-dot(y, column) for column in zip(*A, strict=True)]
    rows: list[tuple[Row, Fraction, bool]] = [(a, dot(a, x), rng.random() < 0.2) for a in A]
    rows.append((last, end + slack, False))
    for a in (whole(rng, n) for _ in range(rng.randint(0, 3))):
        rows.append((a, dot(a, x) + rng.randint(1, 5), False))
    rng.shuffle(rows)
    nonnegative = min(x) >= 0 and rng.random() < 0.5
    return Instance(_system(rng, rows, nonnegative), int(slack >= 0), slack >= 0, case)


def _system(rng: Random, rows: list[tuple[Row, Fraction, bool]], nonnegative: bool) -> System:
    """Scale the rows, reorder the variables, and part inequalities from equalities."""
    units = [Fraction(2) ** rng.randint(-5, 5) for _ in rows]
    scaled = [[unit * v for v in (*a, b)] for unit, (a, b, _) in zip(units, rows, strict=True)]
    matrix = floats(shuffled_columns(rng, [row[:-1] for row in scaled]))
    right_side = floats([row[-1] for row in scaled])
    equal = np.array([flag for _, _, flag in rows])
    return System(matrix[~equal], right_side[~equal], matrix[equal], right_side[equal], nonnegative)


def _member(rng: Random, number: int) -> Instance[Membership]:
    """Plant the values a_i.x - b_i: one of them near the border, the others below it."""
    case, turn = cycled(number, (EASY, "by 2^-38", "by 2^-60", "by 2^-60, long", BORDER))
    at = Cancellation(rng, 3 if case in CASES else 30, 19 if case == "by 2^-38" else 30)
    sign = 0 if case == BORDER else (-1, 1)[turn % 2]
    values = [(sign, 0) if case == EASY else (0, sign)]
    strict = [bool(turn % 2) if case == BORDER else rng.random() < 0.3]
    holds = sign < 0 or (sign == 0 and not strict[0])
    for _ in range(rng.randint(2, 5)):
        values.append((-rng.randint(1, 4), 0))
        strict.append(rng.random() < 0.3)
    rows = order(rng, len(values))
    A, bias, x = at.system([values[i] for i in rows])
    data = Membership(A, -bias, tuple(strict[i] for i in rows), x)
    return Instance(data, int(holds), holds, case)


def _hull(rng: Random, number: int) -> Instance[Hull]:
    """Plant a point of the simplex of 0 and 4 e_i, or a point beyond its facet x_1 >= 0."""
    case, exponent, depth = _border(rng, number)
    d = rng.randint(2, 4)
    x: Row = [depth / 2, *(Fraction(rng.randint(1, 7), 8) for _ in range(d - 1))]
    V: list[Row] = [[0] * d, *([4 * int(i == j) for j in range(d)] for i in range(d))]
    V += [[rng.randint(0, 4), *whole(rng, d - 1)] for _ in range(rng.randint(0, 3))]
    # Beside 2^-60 a float holds no other number, so the facet stays where it is.
    fixed = int(exponent > MIXED)
    change, shift = unimodular(rng, d - fixed), whole(rng, d - fixed)
    placed = [[*v[:fixed], *moved(mapped(change, v[fixed:]), 1, shift)] for v in (*V, x)]
    *V, x = shuffled_columns(rng, placed)
    rng.shuffle(V)
    return Instance(Hull(floats(V), floats(x)), int(depth >= 0), depth >= 0, case)


def _solved(data: System) -> Iterator[Certificate]:
    zeros = [0] * data.A.shape[1]
    inequalities, equalities = (data.A, data.b), (data.C, data.d)
    answer = certify.linear_program(zeros, inequalities, equalities, nonnegative=data.nonnegative)
    yield answer.certificate
    if not len(data.d) and not data.nonnegative:
        yield Polyhedron.of(exact(data.A), exact(data.b)).is_empty().certificate


def _located(data: Membership) -> Iterator[Certificate]:
    cell = Cell.of(exact(data.A), exact(data.b), data.strict)
    yield _cell_certificate(cell, exact(data.x))
    if not any(data.strict):
        yield Polyhedron.of(*map(exact, _with_point(data))).is_empty().certificate


def _with_point(data: Membership) -> tuple[Array, Array]:
    """Return the inequalities together with those that only the point satisfies."""
    one = np.eye(len(data.x))
    return np.vstack([data.A, one, -one]), np.hstack([data.b, data.x, -data.x])


def _cell_certificate(cell: Cell, x: tuple[Fraction, ...]) -> Certificate:
    rule = CellRule((cell,), inside=1, outside=0)
    return facts.certificate([rule], [facts.label(0, x, rule.label(x))])


def _combined(data: Hull) -> Iterator[Certificate]:
    A, b = _mixture(data)
    yield certify.linear_program([0] * len(data.V), None, (A, b), nonnegative=True).certificate
    facets = Polyhedron.from_generators(exact(data.V))
    yield _cell_certificate(Cell.of(facets.matrix, facets.right_side), exact(data.x))


def _mixture(data: Hull) -> tuple[Array, Array]:
    """Return the equations of the weights that make the point."""
    return np.vstack([data.V.T, np.ones(len(data.V))]), np.hstack([data.x, 1.0])


def _read_program(document: Json, A: Array, b: Array, C: Array, d: Array, signs: int) -> int:
    instance = document["instance"]
    for part, matrix, right_side in (("inequalities", A, b), ("equalities", C, d)):
        require_same(stated(instance[part]["matrix"]), exact(matrix))
        require_same(stated(instance[part]["right_side"]), exact(right_side))
    require_same(instance["nonnegative"], list(range(signs)))
    return {"lp-optimal": 1, "lp-unbounded": 1, "lp-infeasible": 0}[document["kind"]]


def _read_system(document: Json, data: System) -> int:
    n = data.A.shape[1] if data.nonnegative else 0
    return _read_program(document, data.A, data.b, data.C, data.d, n)


def _read_member(document: Json, data: Membership) -> int:
    none = np.empty((0, len(data.x)))
    if document["kind"] != "rule-facts":
        return _read_program(document, *_with_point(data), none, none[:, 0], 0)
    cell = document["instance"]["rules"][0]["cells"][0]
    require_same(stated(cell["matrix"]), exact(data.A))
    require_same(stated(cell["right_side"]), exact(data.b))
    require_same(tuple(cell["strict"]), data.strict)
    return _read_label(document, data.x)


def _read_hull(document: Json, data: Hull) -> int:
    none = np.empty((0, len(data.V)))
    if document["kind"] != "rule-facts":
        return _read_program(document, none, none[:, 0], *_mixture(data), len(data.V))
    return _read_label(document, data.x)


def _read_label(document: Json, x: Array) -> int:
    (fact,) = document["statement"]["facts"]
    require_same((fact["fact"], fact["rule"], stated(fact["point"])), ("label", 0, exact(x)))
    rule = document["instance"]["rules"][0]
    require_same((rule["type"], rule["inside"], rule["outside"]), ("cells", 1, 0))
    return int(fact["label"])


def _by_linprog(data: System) -> int | None:
    systems = (data.A, data.b, *((data.C, data.d) if len(data.d) else (None, None)))
    zeros = np.zeros(data.A.shape[1])
    answer = linprog(zeros, *systems, bounds=(0 if data.nonnegative else None, None))
    return {0: 1, 2: 0}.get(answer.status)


def _by_evaluation(data: Membership) -> int:
    values, strict = data.A @ data.x, np.array(data.strict)
    return int(np.where(strict, values < data.b, values <= data.b).all())


def _by_delaunay(data: Hull) -> int:
    return int(Delaunay(data.V).find_simplex(data.x) >= 0)


FAMILIES = (
    Family(
        "linear programs", "the program has a point", _program, _solved,
        _read_system, _by_linprog, "HiGHS: the status of linprog",
    ),
    Family(
        "polyhedra by inequalities", "the point satisfies all", _member, _located,
        _read_member, _by_evaluation, "NumPy: the inequalities in float64",
    ),
    Family(
        "polyhedra by vertices", "the point is in the hull", _hull, _combined,
        _read_hull, _by_delaunay, "SciPy: find_simplex of Delaunay",
    ),
)  # fmt: skip
