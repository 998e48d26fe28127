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
    others = [l for l in range(data.classes) if l != k]
    growth, multiplied = (*v, Fraction(0)), pairs(data)
    columns = [
        *gap_rows(data),
        *(row(data, k, l, growth) for l in others),  # minus the growth of z_l - z_k
    ]
    rows = [*zip(*columns, strict=True), (*[1] * len(multiplied), *[0] * len(others))]
    answer = linear_program(
        [0] * len(columns), equalities=(rows, [0] * (len(rows) - 1) + [1]), nonnegative=True
    )
    if answer.x is None:
        return Left(False, answer.certificate)
    gaps: list[Gap] = [(i, j, a) for (i, j), a in zip(multiplied, answer.x, strict=False) if a]
    weights = dict(zip(others, answer.x[len(multiplied) :], strict=True))
    targets = tuple(weights.get(l, Fraction(0)) for l in range(data.classes))
    return Left(True, certificates.class_left(data, k, v, gaps, targets))


def pairs(data: MulticlassSet) -> list[tuple[int, int]]:
    """Return each point, by index, with each class that is not its own."""
    return [(i, j) for i, y in enumerate(data.labels) for j in range(data.classes) if j != y]


def gap_rows(data: MulticlassSet) -> list[list[Fraction]]:
    """Return the gaps z_y - z_j of all these pairs, as linear forms of (W, b)."""
    lifted = [(*x, Fraction(1)) for x in data.points]
    return [row(data, data.labels[i], j, lifted[i]) for i, j in pairs(data)]


def model(
    data: MulticlassSet, k: int = 0, level: Sequence[Vector] = (), among: Sequence[int] = ()
) -> tuple[ArgmaxRule | None, Certificate]:
    """Return a rule with gaps of at least 1 at all points, or None.

    For every v in ``level`` no logit, or none of the classes ``among``, may gain on that of class k
    along v.
    """
    columns = data.dimension + 1
    rows, bounds = [], []
    for x, y in data.pairs:
        for j in range(data.classes):
            if j != y:
                rows.append(row(data, j, y, (*x, Fraction(1))))
                bounds.append(-1)
    for v in level:
        for l in among or range(data.classes):
            if l != k:
                rows.append(row(data, l, k, (*v, Fraction(0))))
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


def row(data: MulticlassSet, plus: int, minus: int, values: Vector) -> list[Fraction]:
    """Return the entries (e_plus - e_minus) x values of a matrix with a row for each class."""
    return [c * ((l == plus) - (l == minus)) for l in range(data.classes) for c in values]
