"""Maximum-margin separators, exactly, and the proof when there is none.

The separator with the largest margin is given by the shortest vector of a polytope: the difference
of the convex hulls of the two classes when there is a bias term, the hull of the points y_i x_i
when there is none. Wolfe's algorithm finds that vector in finitely many exact steps from any start,
so a float solver may propose the support vectors and can never spoil the answer.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from operator import mul
from typing import Any, Literal, TypeAlias

import flint
import numpy as np

from certify.certificates.certificate import Certificate
from certify.margins.gram import affine_weights
from certify.margins.guesses import propose_multipliers, soft_margins, vanishing_combination
from certify.margins.points import LabelledSet, Vertex
from certify.margins.points import check_labels as check_labels
from certify.numbers import rationals
from certify.numbers.elimination import independent_columns, primes
from certify.numbers.rationals import Vector
from certify.shown import Shown

# Slacks shrink with the penalty; once they are this small, the support vectors stay the same.
_HARD = 1e-6

Weights: TypeAlias = dict[Vertex, flint.fmpq]


@dataclass(frozen=True, repr=False)
class MaxMargin(Shown):
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


@dataclass(frozen=True, repr=False)
class NotSeparable(Shown):
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
    points = LabelledSet(X, y, bias)
    vertices: dict[Vertex, float] = {}
    if not points.large:
        guess = propose_multipliers(points.floats, np.array(points.labels), bias)
        vertices = _spread(points, guess)
    else:
        guess = np.zeros(len(points.labels))
        for rule in soft_margins(points.floats, np.array(points.labels), bias):
            guess = rule.slacks
            if guess.max() < _HARD:
                break
            if rule.margins.min() <= 0:
                vanishing = vanishing_combination(points, guess)
                if vanishing is not None:
                    return not_separable(points, vanishing)
        vertices = _spread(points, guess)
    weights = _independent(points, vertices) or {points.any_vertex(): flint.fmpq(1)}
    return _answer(points, _shortest_vector(points, weights))


def not_separable(points: LabelledSet, weights: Mapping[int, flint.fmpz]) -> NotSeparable:
    """Return the proof of inseparability by integers a_i >= 0 with sum a_i y_i (x_i, 1) = 0."""
    multipliers, texts = _placed(points, weights, sum(weights.values(), flint.fmpz(0)))
    certificate = Certificate(
        "not-separable",
        points.instance,
        {"homogeneous": not points.bias},
        {"multipliers": texts},
    )
    return NotSeparable(multipliers, certificate)


def _placed(
    points: LabelledSet, shares: Mapping[int, flint.fmpz], total: flint.fmpz
) -> tuple[Vector, list[str]]:
    """Return shares / total of all points, 0 for those without one, and their numerals."""
    values, numerals = rationals.quotients(shares.values(), total)
    found, texts = [Fraction(0)] * len(points.labels), ["0"] * len(points.labels)
    for i, value, numeral in zip(shares, values, numerals, strict=True):
        found[i], texts[i] = value, numeral
    return tuple(found), texts


@dataclass(frozen=True)
class _Shortest:
    """The shortest vector of an affine hull, x = sum ``shares``[v] / ``scale`` v.

    All are integers, the vertices v those of the points times their denominator; ``square`` is
    |x|^2 ``scale``, and ``vector`` x ``scale``. The numbers of the exact answer are all multiples
    of 1 / ``square``, so that nothing has to be squared or reduced on the way.
    """

    shares: dict[Vertex, flint.fmpz]
    scale: flint.fmpz
    square: flint.fmpz
    vector: list[flint.fmpz]

    def weights(self) -> Weights:
        """Return the weights of the vertices, which sum to 1."""
        return {v: flint.fmpq(a, self.scale) for v, a in self.shares.items()}


def _shortest_vector(points: LabelledSet, weights: Weights) -> _Shortest:
    """Return the shortest convex combination, from affinely independent vertices with weights."""
    while True:
        shortest = _shortest_in_corral(points, weights)
        if shortest.square == 0:
            return shortest
        vertex, value = points.lowest(shortest.vector)
        if value >= shortest.square:
            return shortest
        # The new vertex is affinely independent: x.v = x.x on the whole corral but not on it.
        weights = {**shortest.weights(), vertex: flint.fmpq(0)}


def _shortest_in_corral(points: LabelledSet, weights: Weights) -> _Shortest:
    """Walk to the shortest vector of the affine hull, dropping vertices that would leave the hull.

    Every step shortens the vector or drops a vertex, and the length over a corral is determined by
    the corral, so no corral comes twice and the search ends.
    """
    while True:
        found = _shortest_affine(points, list(weights))
        if all(a > 0 for a in found.shares.values()):
            return found
        target = found.weights()
        ratio = min(weights[v] / (weights[v] - t) for v, t in target.items() if t <= 0)
        moved = {v: w + ratio * (target[v] - w) for v, w in weights.items()}
        weights = {v: w for v, w in moved.items() if w > 0}


def _shortest_affine(points: LabelledSet, corral: list[Vertex]) -> _Shortest:
    """Return the shortest vector over the affine hull of affinely independent vertices."""
    vertices = points.vertices(corral)
    # The first number is minus the square, as x.v is the same for all vertices.
    (minus_square, *shares), scale = affine_weights(vertices * vertices.transpose())
    vector = (flint.fmpz_mat(1, len(corral), shares) * vertices).entries()
    return _Shortest(dict(zip(corral, shares, strict=True)), scale, -minus_square, vector)


def _spread(points: LabelledSet, guess: np.ndarray[Any, Any]) -> dict[Vertex, float]:
    """Spread guessed multipliers over vertices; with a bias, as a flow from class to class."""
    heavy = {int(i): float(guess[i]) for i in np.flatnonzero(guess > _HARD * guess.max())}
    if not points.bias:
        return {(i,): a for i, a in heavy.items()}
    sides = [[i for i in heavy if points.labels[i] == s] for s in (1, -1)]
    totals = [sum(heavy[k] for k in side) for side in sides]
    left = {i: heavy[i] / total for side, total in zip(sides, totals, strict=True) for i in side}
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


def _independent(points: LabelledSet, guess: dict[Vertex, float]) -> Weights:
    """Keep affinely independent vertices, the heaviest first, with exact weights that sum to 1."""
    order = sorted(guess, key=lambda v: -guess[v])
    if not order:
        return {}
    # Edges from the first vertex that are independent modulo a prime are independent.
    first = flint.fmpz_mat([points.vertex(order[0])])
    edges = points.vertices(order) - flint.fmpz_mat(len(order), 1, [1] * len(order)) * first
    others = independent_columns(flint.nmod_mat(edges.transpose(), next(primes())))
    kept = [order[j] for j in (0, *others)]
    exact = {v: rationals.as_flint(Fraction(guess[v])) for v in kept}
    total = sum(exact.values(), flint.fmpq(0))
    return {v: w / total for v, w in exact.items()}


def _answer(points: LabelledSet, shortest: _Shortest) -> MaxMargin | NotSeparable:
    shares: dict[int, flint.fmpz] = {}
    for vertex, share in shortest.shares.items():
        for i in vertex:
            shares[i] = shares.get(i, flint.fmpz(0)) + share
    if shortest.square == 0:
        return not_separable(points, shares)
    # The normal is c / |u|^2 times the shortest vector u in the units of the data, so of the
    # integer ``vector`` it is c times the denominator / ``square``. With a bias u is the difference
    # of the nearest points, and the margin is half its length.
    square, denominator, c = shortest.square, flint.fmpz(points.denominator), 1 + points.bias
    w, normal = rationals.quotients([c * denominator * x for x in shortest.vector], square)
    multipliers, texts = _placed(
        points, {i: c * denominator**2 * a for i, a in shares.items()}, square
    )
    support = tuple(sorted(shares))
    b = Fraction(0)
    if points.bias:
        first = support[0]
        product = sum(map(mul, shortest.vector, points.row(first)), flint.fmpz(0))
        (b,), _ = rationals.quotients([points.labels[first] * square - c * product], square)
    (margin_squared,), _ = rationals.quotients([square], shortest.scale * (c * denominator) ** 2)
    certificate = Certificate(
        "max-margin",
        points.instance,
        {
            "homogeneous": not points.bias,
            "normal": normal,
            "offset": rationals.text(b),
            "margin_squared": rationals.text(margin_squared),
        },
        {"multipliers": texts},
    )
    return MaxMargin(w, b, multipliers, support, margin_squared, certificate)
