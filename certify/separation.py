"""Maximum-margin separators, exactly, and the proof when there is none.

The separator with the largest margin is given by the shortest vector of a polytope: the difference
of the convex hulls of the two classes when there is a bias term, the hull of the points y_i x_i
when there is none. Wolfe's algorithm finds that vector in finitely many exact steps from any start,
so a float solver may propose the support vectors and can never spoil the answer.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Literal, TypeAlias

import flint
import numpy as np

from certify import rationals
from certify.certificates import Certificate
from certify.errors import InputError
from certify.rationals import Vector

# Below this many coordinates the exact steps alone are faster than setting up a float solver.
GUESS_FROM_SIZE = 20_000

Vertex: TypeAlias = tuple[int, ...]  # (i,) is the vertex y_i x_i and (i, j) is x_i - x_j
Weights: TypeAlias = dict[Vertex, flint.fmpq]


@dataclass(frozen=True)
class MaxMargin:
    """The separator of largest margin in the canonical scale y_i (w.x_i + b) >= 1.

    ``multipliers`` are the exact KKT multipliers: w = sum a_i y_i x_i, and sum a_i y_i = 0 when
    there is a bias. ``support`` lists the points with a positive multiplier. The margin is in the
    units of the data: ``margin_squared`` = 1 / |w|^2 is half the distance of the hulls, squared.
    """

    w: Vector
    b: Fraction
    multipliers: Vector
    support: tuple[int, ...]
    margin_squared: Fraction
    certificate: Certificate = field(repr=False)
    separable: Literal[True] = True


@dataclass(frozen=True)
class NotSeparable:
    """No (w, b) has y_i (w.x_i + b) > 0 for all i, because sum m_i y_i (x_i, 1) = 0.

    ``multipliers`` are nonnegative and sum to one; without a bias term the 1 is left out.
    """

    multipliers: Vector
    certificate: Certificate = field(repr=False)
    separable: Literal[False] = False


def max_margin(X: Any, y: Any, bias: bool = True) -> MaxMargin | NotSeparable:
    """Return the exact maximum-margin separator of labelled points, or the proof of inseparability.

    ``X`` has shape (points, dimension) and ``y`` one label -1 or +1 for each point. With
    ``bias=False`` the separating hyperplane passes through the origin. Raises :class:`InputError`
    when there are no points, a label is not -1 or +1, or only one label occurs although a bias is
    asked for: then separators of every margin exist and none is best (Charles et al., Lemma 3).

    >>> import certify
    >>> answer = certify.max_margin([[0, 0], [0, 1], [1, 1]], [-1, 1, 1])
    >>> answer.w, answer.b, answer.margin_squared
    ((Fraction(0, 1), Fraction(2, 1)), Fraction(-1, 1), Fraction(1, 4))
    """
    labels = check_labels(y, "y")
    points = rationals.flint_matrix(X, "X")
    if points.nrows() != len(labels):
        raise InputError("y", expected=f"{points.nrows()} labels", got=f"{len(labels)} labels")
    if not labels:
        raise InputError("X", expected="at least one point", got="none")
    if points.ncols() == 0:
        raise InputError("X", expected="at least one coordinate", got="points without any")
    if bias and len(set(labels)) == 1:
        raise InputError("y", expected="both labels -1 and +1", got=f"only {labels[0]:+d}")
    polytope = _Polytope(points, labels, bias)
    weights = _shortest_vector(polytope, _first_guess(polytope))
    return _answer(polytope, weights)


def check_labels(y: Any, name: str = "y") -> tuple[int, ...]:
    """Return labels as a tuple of -1 and +1; raise :class:`InputError` for any other value."""
    labels = rationals.vector(y, name)
    for i, label in enumerate(labels):
        if abs(label) != 1:
            raise InputError(name, expected="labels -1 or +1", got=str(label), where=f"entry {i}")
    return tuple(int(label) for label in labels)


class _Polytope:
    """The hull whose shortest vector is wanted, over integer points with a common denominator."""

    def __init__(self, points: flint.fmpq_mat, labels: tuple[int, ...], bias: bool) -> None:
        self.points, self.labels, self.bias = points, labels, bias
        self.integers, denominator = points.numer_denom()
        self.denominator = flint.fmpq(denominator)
        self.dimension = points.ncols()
        flat: list[flint.fmpz] = self.integers.entries()
        d = self.dimension
        self._rows = [flat[i * d : (i + 1) * d] for i in range(len(labels))]

    def vertex(self, v: Vertex) -> list[flint.fmpz]:
        """Return a vertex, scaled by the common denominator."""
        if len(v) == 1:
            return [self.labels[v[0]] * x for x in self._rows[v[0]]]
        return [p - q for p, q in zip(self._rows[v[0]], self._rows[v[1]], strict=True)]

    def lowest(self, direction: flint.fmpz_mat) -> tuple[Vertex, flint.fmpz]:
        """Return the vertex with the smallest inner product with an integer column, and that."""
        values = (self.integers * direction).entries()
        sides = [label * value for label, value in zip(self.labels, values, strict=True)]
        if not self.bias:
            i = min(range(len(sides)), key=sides.__getitem__)
            return (i,), sides[i]
        i, j = (
            min((k for k, label in enumerate(self.labels) if label == s), key=sides.__getitem__)
            for s in (1, -1)
        )
        return (i, j), sides[i] + sides[j]

    def any_vertex(self) -> Vertex:
        """Return the first vertex: where the search starts without a guess."""
        if not self.bias:
            return (0,)
        return (self.labels.index(1), self.labels.index(-1))


def _shortest_vector(polytope: _Polytope, weights: Weights) -> Weights:
    """Return convex weights on affinely independent vertices whose combination is shortest."""
    weights = _shortest_in_corral(polytope, weights)
    while True:
        x = _combination(polytope, weights)
        vertex, value = polytope.lowest(x)
        # The direction is x times a positive integer; compare with x.x in the same units.
        if value * _scale(weights) >= _square(x):
            return weights
        # The new vertex is affinely independent: x.v = x.x on the whole corral but not on it.
        weights = _shortest_in_corral(polytope, {**weights, vertex: flint.fmpq(0)})


def _shortest_in_corral(polytope: _Polytope, weights: Weights) -> Weights:
    """Walk to the shortest vector of the affine hull, dropping vertices that would leave the hull.

    Every step shortens the vector or drops a vertex, and the length over a corral is determined by
    the corral, so no corral comes twice and the search ends.
    """
    while True:
        target = _shortest_affine(polytope, list(weights))
        if all(t > 0 for t in target.values()):
            return target
        ratio = min(weights[v] / (weights[v] - t) for v, t in target.items() if t <= 0)
        moved = {v: w + ratio * (target[v] - w) for v, w in weights.items()}
        weights = {v: w for v, w in moved.items() if w > 0}


def _shortest_affine(polytope: _Polytope, corral: list[Vertex]) -> Weights:
    """Return the affine weights of the shortest vector over affinely independent vertices."""
    k = len(corral)
    flat = [x for v in corral for x in polytope.vertex(v)]
    vertices = flint.fmpz_mat(k, polytope.dimension, flat)
    gram = (vertices * vertices.transpose()).tolist()
    system = flint.fmpz_mat([[0] + [1] * k] + [[1, *row] for row in gram])
    right_side = flint.fmpz_mat(k + 1, 1, [1] + [0] * k)
    solution = flint.fmpq_mat(system).solve(flint.fmpq_mat(right_side))
    return {v: solution[i + 1, 0] for i, v in enumerate(corral)}


def _combination(polytope: _Polytope, weights: Weights) -> flint.fmpz_mat:
    """Return the combination of vertices as an integer column, scaled by :func:`_scale`."""
    scale = _scale(weights)
    total = flint.fmpz_mat(1, polytope.dimension)
    for v, w in weights.items():
        row = flint.fmpz_mat(1, polytope.dimension, polytope.vertex(v))
        total += row * (w * scale).p
    return total.transpose()


def _scale(weights: Weights) -> flint.fmpz:
    scale = flint.fmpz(1)
    for w in weights.values():
        scale = scale.lcm(w.q)
    return scale


def _square(column: flint.fmpz_mat) -> flint.fmpz:
    return (column.transpose() * column)[0, 0]


def _first_guess(polytope: _Polytope) -> Weights:
    start = {polytope.any_vertex(): flint.fmpq(1)}
    if len(polytope.labels) * polytope.dimension < GUESS_FROM_SIZE:
        return start
    try:
        X = np.array([[float(x) for x in row] for row in polytope.points.tolist()])
        proposal = propose_multipliers(X, np.array(polytope.labels), polytope.bias)
    except (ArithmeticError, ValueError):  # no float can hold the data, or the solver stumbled
        return start
    return _independent(polytope, _pairs(polytope, proposal)) or start


def propose_multipliers(X: np.ndarray, y: np.ndarray, bias: bool) -> Sequence[float]:
    """Return float multipliers of the max-margin problem from a convex solver; only a guess.

    Returns zeros when the solver gives up: the exact search then starts from one vertex.
    """
    import cvxpy  # slow to import, and small problems never need it

    w, b = cvxpy.Variable(X.shape[1]), cvxpy.Variable()
    margins = cvxpy.multiply(y, X @ w + (b if bias else 0))
    constraint = margins >= 1
    problem = cvxpy.Problem(cvxpy.Minimize(cvxpy.sum_squares(w)), [constraint])
    try:
        problem.solve(solver=cvxpy.CLARABEL)
    except cvxpy.SolverError:
        return [0.0] * len(y)
    found = constraint.dual_value
    return [0.0] * len(y) if found is None else np.nan_to_num(found, posinf=0, neginf=0).tolist()


def _pairs(polytope: _Polytope, proposal: Sequence[float]) -> dict[Vertex, float]:
    """Spread the guessed multipliers over vertices; with a bias, as a flow from class to class."""
    finite = [a if math.isfinite(a) else 0.0 for a in proposal]
    threshold = 1e-6 * max(finite, default=0.0)
    heavy = {i: a for i, a in enumerate(finite) if a > threshold}
    if not polytope.bias:
        return {(i,): a for i, a in heavy.items()}
    sides = [[i for i in heavy if polytope.labels[i] == s] for s in (1, -1)]
    left = {i: heavy[i] / sum(heavy[k] for k in side) for side in sides for i in side}
    flow: dict[Vertex, float] = {}
    i = j = 0
    # The corner rule of transport problems: every turn exhausts one point and moves past it, and
    # the pairs form a forest, hence they are affinely independent unless the points are special.
    while i < len(sides[0]) and j < len(sides[1]):
        p, q = sides[0][i], sides[1][j]
        amount = min(left[p], left[q])
        if amount > 0:
            flow[p, q] = amount
        left[p], left[q] = left[p] - amount, left[q] - amount
        if left[p] <= left[q]:
            i += 1
        else:
            j += 1
    return flow


def _independent(polytope: _Polytope, proposal: dict[Vertex, float]) -> Weights:
    """Keep affinely independent vertices, the heaviest first, with exact weights that sum to 1."""
    order = sorted(proposal, key=lambda v: -proposal[v])
    if not order:
        return {}
    columns = [[*polytope.vertex(v), flint.fmpz(1)] for v in order]
    matrix = flint.fmpq_mat(flint.fmpz_mat(columns).transpose())
    reduced, rank = matrix.rref()
    kept: list[Vertex] = []
    j = 0
    for row in range(rank):
        while reduced[row, j] == 0:
            j += 1
        kept.append(order[j])
        j += 1
    exact = {v: rationals.as_flint(Fraction(proposal[v])) for v in kept}
    total = sum(exact.values(), flint.fmpq(0))
    return {v: w / total for v, w in exact.items()}


def _answer(polytope: _Polytope, weights: Weights) -> MaxMargin | NotSeparable:
    shares = [flint.fmpq(0)] * len(polytope.labels)
    for vertex, weight in weights.items():
        for i in vertex:
            shares[i] += weight
    instance = {
        "points": [[str(x) for x in row] for row in polytope.points.tolist()],
        "labels": list(polytope.labels),
    }
    scale = polytope.denominator * flint.fmpq(_scale(weights))
    u = [flint.fmpq(x) / scale for x in _combination(polytope, weights).entries()]
    square = sum((x * x for x in u), flint.fmpq(0))
    if square == 0:
        share = flint.fmpq(1, 2) if polytope.bias else flint.fmpq(1)
        farkas = tuple(rationals.rational(a * share) for a in shares)
        return NotSeparable(
            farkas,
            Certificate(
                "not-separable",
                instance,
                {"homogeneous": not polytope.bias},
                {"multipliers": rationals.texts(farkas)},
            ),
        )
    # With a bias u is the difference of the nearest points, and the margin is half its length.
    factor = flint.fmpq(2 if polytope.bias else 1) / square
    w = tuple(rationals.rational(factor * x) for x in u)
    multipliers = tuple(rationals.rational(factor * a) for a in shares)
    support = tuple(i for i, a in enumerate(multipliers) if a > 0)
    b = Fraction(0)
    if polytope.bias:
        first = polytope.points.tolist()[support[0]]
        b = polytope.labels[support[0]] - rationals.dot(w, rationals.vector(first))
    margin_squared = 1 / rationals.dot(w, w)
    certificate = Certificate(
        "max-margin",
        instance,
        {
            "homogeneous": not polytope.bias,
            "normal": rationals.texts(w),
            "offset": rationals.text(b),
            "margin_squared": rationals.text(margin_squared),
        },
        {"multipliers": rationals.texts(multipliers)},
    )
    return MaxMargin(w, b, multipliers, support, margin_squared, certificate)
