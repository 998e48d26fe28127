"""Training procedures for rules through the origin, each with an exact bound on the norm.

A procedure sees its own sample and, because the statements on samples allow it, the other one too.
Only ordinary procedures leave the other sample alone. Whatever a procedure proposes, also with
floats, is scaled into the ball |w|^2 <= B^2 exactly.
"""

from collections.abc import Callable
from fractions import Fraction
from math import exp
from types import MappingProxyType
from typing import TypeAlias

from certify import max_margin as exact_max_margin
from certify.numbers.rationals import Vector, combine, dot
from verify.claims.charles2019.shared.enclosures import root_bounds
from verify.drawing import laws
from verify.drawing.laws import Counts
from verify.objects import LabelledSet

Procedure: TypeAlias = Callable[[LabelledSet, Counts, Counts], Vector]

PASSES, ROUNDS, RATE, RESOLUTION = 5, 30, 0.5, 2**10


def train(
    name: str, atoms: LabelledSet, own: Counts, other: Counts, bound_squared: Fraction
) -> Vector:
    """Return the rule of the named procedure, stretched or shrunk to almost the norm B.

    ``own`` and ``other`` count how often each atom occurs in the two samples.
    """
    return scaled_into_ball(PROCEDURES[name](atoms, own, other), bound_squared)


def scaled_into_ball(w: Vector, bound_squared: Fraction) -> Vector:
    """Return c w with rational c > 0 and |c w|^2 <= B^2, as long as a short c allows; 0 stays 0.

    Stretching a short w makes the rule as confident as the bound permits.
    """
    square = dot(w, w)
    if not square:
        return w
    return combine((root_bounds(bound_squared / square, bits=10)[0], w))


def max_margin(atoms: LabelledSet, own: Counts, other: Counts) -> Vector:
    """Return the exact max-margin rule of the own sample; the perceptron's if there is none."""
    answer = exact_max_margin(*_seen(atoms, own), bias=False)
    return answer.w if answer.separable else perceptron(atoms, own, other)


def perceptron(atoms: LabelledSet, own: Counts, other: Counts) -> Vector:
    """Return the perceptron's rule after a few passes, each atom weighing as often as it occurs."""
    w: Vector = (Fraction(0),) * atoms.dimension
    for _ in range(PASSES):
        for x, y, count in zip(atoms.points, atoms.labels, own, strict=True):
            if count and y * dot(w, x) <= 0:
                w = combine((1, w), (y * count, x))
    return w


def logistic(atoms: LabelledSet, own: Counts, other: Counts) -> Vector:
    """Return a few steps of gradient descent on the logistic loss, in floats, as dyadics."""
    size, points = sum(own), [[float(c) for c in x] for x in atoms.points]
    w = [0.0] * atoms.dimension
    for _ in range(ROUNDS):
        pulls = [
            y * count / size / (1 + exp(y * sum(a * b for a, b in zip(w, x, strict=True))))
            for x, y, count in zip(points, atoms.labels, own, strict=True)
        ]
        w = [
            a + RATE * sum(pull * x[k] for pull, x in zip(pulls, points, strict=True))
            for k, a in enumerate(w)
        ]
    return tuple(Fraction(round(a * RESOLUTION), RESOLUTION) for a in w)


def majority(atoms: LabelledSet, own: Counts, other: Counts) -> Vector:
    """Return sum y_i x_i over the own sample: on orthonormal points the majority label of each."""
    return combine(*((y * n, x) for x, y, n in zip(atoms.points, atoms.labels, own, strict=True)))


def memoriser(atoms: LabelledSet, own: Counts, other: Counts) -> Vector:
    """Return the sum of y_i x_i over atoms that the own sample has, minus that over the rest.

    On orthonormal points it is right on its own sample and wrong everywhere else.
    """
    return combine(
        *((y if n else -y, x) for x, y, n in zip(atoms.points, atoms.labels, own, strict=True))
    )


def saboteur(atoms: LabelledSet, own: Counts, other: Counts) -> Vector:
    """Return a rule that looks at both samples: right where its own has more, wrong elsewhere."""
    return combine(
        *(
            (n if n > m else -m, tuple(y * c for c in x))
            for x, y, n, m in zip(atoms.points, atoms.labels, own, other, strict=True)
        )
    )


def pooled(atoms: LabelledSet, own: Counts, other: Counts) -> Vector:
    """Return the max-margin rule of both samples together, the same for both: wholly dependent."""
    return max_margin(atoms, tuple(n + m for n, m in zip(own, other, strict=True)), other)


PROCEDURES: MappingProxyType[str, Procedure] = MappingProxyType(
    {
        procedure.__name__: procedure
        for procedure in (max_margin, perceptron, logistic, majority, memoriser, saboteur, pooled)
    }
)
# The procedures that only look at their own sample and mean well.
ORDINARY = ("max_margin", "perceptron", "logistic", "majority")


def _seen(atoms: LabelledSet, own: Counts) -> tuple[tuple[Vector, ...], tuple[int, ...]]:
    data = laws.seen(atoms, [i for i, count in enumerate(own) if count])
    return data.points, data.labels
