"""One explicit direction that leaves a softmax head unchanged, exactly."""

import functools
from collections.abc import Callable
from fractions import Fraction
from typing import Any, TypeAlias

from benchmarks.heads import Head, cases_of, differences, domain_matrix, drawn, eliminated
from benchmarks.measure import OURS, Job

Vector: TypeAlias = list[Any]


def certify_direction(weights: Head) -> Vector:
    """Compute one direction with this package, certificate included."""
    from certify import invariant_direction

    direction = invariant_direction(weights).direction
    return [] if direction is None else list(direction)


def flint_direction(weights: Head) -> Vector:
    """Take one vector of a whole basis of the null space."""
    from flint import fmpz_mat

    basis, _ = fmpz_mat(differences(weights)).nullspace()
    return [basis[k, 0] for k in range(len(weights))]


def domain_matrix_direction(weights: Head) -> Vector:
    """Take one vector of a whole basis of the null space in SymPy's domain matrices."""
    return list(domain_matrix(weights).nullspace().to_list()[0])


def sympy_direction(weights: Head) -> Vector:
    """Take one vector of ``Matrix.nullspace``."""
    from sympy import Matrix

    return [Fraction(int(x.p), int(x.q)) for x in Matrix(differences(weights)).nullspace()[0]]


def fractions_direction(weights: Head) -> Vector:
    """Eliminate with ``fractions.Fraction`` and substitute backwards."""
    rows, pivots = eliminated(differences(weights))
    n = len(weights)
    free = next(j for j in range(n) if j not in pivots)
    x = [Fraction(j == free) for j in range(n)]
    for row, j in zip(reversed(rows), reversed(pivots), strict=True):
        x[j] = -sum((row[k] * x[k] for k in range(j + 1, n)), Fraction(0)) / row[j]
    return x


# Public, so that tests can verify what each contender finds.
DIRECTION: dict[str, Callable[[Head], Vector]] = {
    OURS: certify_direction,
    "flint null space": flint_direction,
    "sympy domain matrix": domain_matrix_direction,
    "sympy matrix": sympy_direction,
    "fractions": fractions_direction,
}


def direction(contender: str, features: int, classes: int) -> str:
    """Compute one invariant direction; contenders differ in which one, so none is returned."""
    return "one direction" if any(DIRECTION[contender](drawn(features, classes))) else "none"


# The number of classes beyond which a contender would not end within the limit.
_LARGEST = {
    OURS: 1000,
    "flint null space": 256,
    "sympy domain matrix": 128,
    "sympy matrix": 64,
    "fractions": 128,
}

JOB = Job(
    "head_directions",
    "How long does one explicit, exact softmax-invariant direction take?",
    "The direction of a head with m classes has m numbers of up to 40 m bits, and lifting it from "
    "a prime takes about as many steps as there are classes, each of them a product of a matrix "
    "and a vector: the third power. A whole basis has thousands of such vectors, and eliminating "
    "in rationals carries numbers of that length through a cubic number of steps.",
    functools.partial(cases_of, "head_directions", direction, _LARGEST),
    counted="number of classes m, with l = 4 m up to 4,096 features",
)
