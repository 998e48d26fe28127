"""Points of two classes with a planted maximum margin, compared with a margin next to it."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from random import Random

import cvxpy
import numpy as np

import certify
from certify.certificates.certificate import Certificate
from verify.trust.planted.instances import (
    CASES,
    EASY,
    MIXED,
    Family,
    Instance,
    Json,
    Row,
    cycled,
    dot,
    exponent_of,
    floats,
    moved,
    nonzero,
    order,
    require_same,
    whole,
)
from verify.trust.planted.points import Points, require_about


@dataclass(frozen=True, eq=False)
class Margin:
    """Points and a squared margin to be reached."""

    points: Points
    squared: float


def _margin(rng: Random, number: int) -> Instance[Margin]:
    """Plant the nearest points p + g w and p - g w of the hulls: the squared margin is |g w|^2."""
    case, turn = cycled(number, CASES)
    exponent, holds = exponent_of(case), turn % 2 == 0
    d, bias = rng.randint(2, 4), rng.random() < 0.7
    # Beside 2^-60 a float holds no other number, so p has to be 0 where w is not.
    free = rng.randint(1, d - 1) if exponent > MIXED else 0
    w = [0] * free + [nonzero(rng) for _ in range(d - free)]
    p = [0] * d
    if bias:
        p[: free or d] = whole(rng, free or d)
    g, square = Fraction(1, 2**exponent), dot(w, w)
    rows: list[Row] = [moved(p, g, w), moved(p, -g, w)]
    labels = [1, -1]
    for _ in range(rng.randint(3, 8)):
        u = whole(rng, d, 9)
        value = dot(w, moved(u, -1, p))
        if abs(value) >= g * square:
            rows.append(u)
            labels.append(1 if value > 0 else -1)
    indices = order(rng, len(rows))
    nearly = Fraction(1, 2 if case == EASY else 2**38)
    factor = 1 - nearly if holds else 1 + nearly
    if case != EASY:
        reached = holds and rng.random() < 0.5
        case = f"2^-{exponent}, {'exactly' if reached else 'beside'} the largest"
        factor = Fraction(1) if reached else factor
    (squared,) = floats([factor * g * g * square])
    points = Points(floats([rows[i] for i in indices]), tuple(labels[i] for i in indices), bias)
    return Instance(Margin(points, float(squared)), int(holds), holds, case)


def _greatest(data: Margin) -> Iterator[Certificate]:
    points = data.points
    yield certify.max_margin(points.X, list(points.y), bias=points.bias).certificate


def _read_margin(document: Json, data: Margin) -> int:
    require_about(document, data.points)
    if document["kind"] == "not-separable":
        return 0
    require_same(document["kind"], "max-margin")
    return int(Fraction(document["statement"]["margin_squared"]) >= Fraction(data.squared))


def _by_quadratic_program(data: Margin) -> int | None:
    """Minimise |w|^2 with all margins at least 1."""
    points = data.points
    w = cvxpy.Variable(points.X.shape[1])
    offset = cvxpy.Variable() if points.bias else 0
    margins = cvxpy.multiply(np.array(points.y), points.X @ w + offset)
    problem = cvxpy.Problem(cvxpy.Minimize(cvxpy.sum_squares(w)), [margins >= 1])
    problem.solve(solver=cvxpy.CLARABEL)
    if problem.status in ("infeasible", "infeasible_inaccurate"):
        return 0
    if w.value is None:
        return None
    return int(1 / float(w.value @ w.value) >= data.squared)


FAMILIES = (
    Family(
        "maximum margin", "a rule has at least the given margin", _margin, _greatest,
        _read_margin, _by_quadratic_program, "CVXPY and Clarabel: compare the margin in floats",
    ),
)  # fmt: skip
