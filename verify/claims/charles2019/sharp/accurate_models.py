"""The same two questions for multi-class rules, each by an exact linear program.

Is there a combination of gaps that proves that a class is left along a direction, and is there an
accurate rule that keeps it? By Motzkin's theorem exactly one of them has a solution.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from certify import certificates, linear_program
from certify.certificates.certificate import Certificate
from certify.numbers.rationals import Vector, combine
from verify.claims.charles2019.shared.multiclass import Gap
from verify.objects import ArgmaxRule, MulticlassSet


@dataclass(frozen=True)
class Left:
    """Whether all accurate rules leave the class, and the certificate of either answer."""

    proved: bool
    certificate: Certificate


def left(data: MulticlassSet, k: int, v: Vector) -> Left:
    """Look for multiples of gaps, with sum 1, that are sums of growths of z_l - z_k along v.

    The unknowns are a multiplier for each point and other class, and a weight for each class but k.
    """
    pairs = [(i, j) for i, y in enumerate(data.labels) for j in range(data.classes) if j != y]
    others = [l for l in range(data.classes) if l != k]
    lifted = [(*x, Fraction(1)) for x in data.points]
    growth = (*v, Fraction(0))
    columns = [
        *(_row(data, data.labels[i], j, lifted[i]) for i, j in pairs),
        *(_row(data, k, l, growth) for l in others),  # minus the growth of z_l - z_k
    ]
    rows = [*zip(*columns, strict=True), (*[1] * len(pairs), *[0] * len(others))]
    answer = linear_program(
        [0] * len(columns), equalities=(rows, [0] * (len(rows) - 1) + [1]), nonnegative=True
    )
    if answer.x is None:
        return Left(False, answer.certificate)
    gaps: list[Gap] = [(i, j, a) for (i, j), a in zip(pairs, answer.x, strict=False) if a]
    weights = dict(zip(others, answer.x[len(pairs) :], strict=True))
    targets = tuple(weights.get(l, Fraction(0)) for l in range(data.classes))
    return Left(True, certificates.class_left(data, k, v, gaps, targets))


def model(
    data: MulticlassSet, k: int = 0, level: Sequence[Vector] = ()
) -> tuple[ArgmaxRule | None, Certificate]:
    """Return a rule with gaps of at least 1 at all points, or None.

    For every v in ``level`` no logit may gain on that of class k along v.
    """
    columns = data.dimension + 1
    rows, bounds = [], []
    for x, y in data.pairs:
        for j in range(data.classes):
            if j != y:
                rows.append(_row(data, j, y, (*x, Fraction(1))))
                bounds.append(-1)
    for v in level:
        for l in range(data.classes):
            if l != k:
                rows.append(_row(data, l, k, (*v, Fraction(0))))
                bounds.append(0)
    answer = linear_program([0] * (columns * data.classes), (rows, bounds))
    if answer.x is None:
        return None, answer.certificate
    table = [answer.x[i * columns : (i + 1) * columns] for i in range(data.classes)]
    return (
        ArgmaxRule(tuple(row[:-1] for row in table), tuple(row[-1] for row in table)),
        answer.certificate,
    )


def differences(data: MulticlassSet, k: int, l: int) -> list[Vector]:
    """Return all differences x_l - x_k of points of two classes."""
    return [
        combine((1, data.points[i]), (-1, data.points[j]))
        for i in data.members(l)
        for j in data.members(k)
    ]


def _row(data: MulticlassSet, plus: int, minus: int, values: Vector) -> list[Fraction]:
    """Return the entries (e_plus - e_minus) x values of a matrix with a row for each class."""
    return [c * ((l == plus) - (l == minus)) for l in range(data.classes) for c in values]
