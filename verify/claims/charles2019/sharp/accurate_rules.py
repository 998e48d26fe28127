"""Two questions that decide most sharp forms on linear rules, each by an exact linear program.

Is a vector a nonnegative combination of given ones, and is there a rule that is right on given
points and satisfies a little more? Either answer comes with what proves it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from certify import certificates, linear_program
from certify.certificates import facts
from certify.certificates.certificate import Certificate
from certify.numbers.rationals import Rows, Vector, combine
from verify.objects import LabelledSet, LinearRule

OWNERS = (0, 1, -1)  # which label a rule gives to its boundary; 0 for neither


@dataclass(frozen=True)
class Answer:
    """What was found, or None, and the certificate of the linear program that decided it."""

    found: Vector | None
    certificate: Certificate


def combination(rays: Sequence[Vector], v: Vector) -> Answer:
    """Return a >= 0 with sum a_i rays_i = v, if there are any."""
    columns: Rows = tuple(zip(*rays, strict=True))
    answer = linear_program([0] * len(rays), equalities=(columns, v), nonnegative=True)
    return Answer(answer.x, answer.certificate)


def differences(data: LabelledSet) -> list[Vector]:
    """Return all x_+ - x_-, for points of either label."""
    return [combine((1, x), (-1, z)) for x in data.positive for z in data.negative]


def rule(
    data: LabelledSet, owner: int = 0, falling: Sequence[Vector] = (), constant: bool = False
) -> tuple[LinearRule | None, Certificate]:
    """Return a rule that is right on the points, with w.v <= 0 for every v in ``falling``.

    The rule gives its boundary the label ``owner``. Where a label may not be on the boundary, the
    value is asked to be at least 1 on its side: rules can be scaled. ``constant`` asks for w = 0.
    """
    d = data.dimension
    rows = [[*(-y * c for c in x), Fraction(-y)] for x, y in data.pairs]
    bounds = [Fraction(0 if y == owner else -1) for y in data.labels]
    rows += [[*v, Fraction(0)] for v in falling]
    bounds += [Fraction(0)] * len(falling)
    level = [[Fraction(i == j) for j in range(d + 1)] for i in range(d)] if constant else []
    equalities = (level, [0] * d) if constant else None
    answer = linear_program([0] * (d + 1), (rows, bounds), equalities)
    if answer.x is None:
        return None, answer.certificate
    return LinearRule(answer.x[:-1], answer.x[-1], owner), answer.certificate


def growing(data: LabelledSet, v: Vector, multipliers: Vector) -> tuple[Certificate, ...]:
    """Certify w.v > 0 for every rule that is right on the points, whatever label its boundary has.

    Points of either label may lie on the boundary, if their label owns it: one certificate each.
    """
    return tuple(
        certificates.every_separator(data, v, Fraction(0), multipliers, of_label(data, owner))
        for owner in (1, -1)
    )


def of_label(data: LabelledSet, *labels: int) -> list[int]:
    """Return the indices of the points with these labels."""
    return [i for i, y in enumerate(data.labels) if y in labels]


def moved(data: LabelledSet, shift: Vector, chosen: Sequence[int]) -> LabelledSet:
    """Return the data with the chosen points once more, at x - y shift, labels kept."""
    labels = tuple(data.labels[i] for i in chosen)
    points = tuple(
        combine((1, data.points[i]), (-y, shift)) for i, y in zip(chosen, labels, strict=True)
    )
    return LabelledSet(data.points + points, data.labels + labels)


def keeping(
    data: LabelledSet, shift: Vector, chosen: Sequence[int]
) -> tuple[LinearRule | None, tuple[Certificate, ...]]:
    """Return an accurate rule that keeps the labels of the chosen points at x - y shift, or None.

    All three labels that a boundary can have are tried. The certificates prove either answer: the
    labels under the rule, or that each of the three linear programs has no solution.
    """
    more, refuted = moved(data, shift, chosen), []
    for owner in OWNERS:
        found, certificate = rule(more, owner)
        if found is not None:
            stated = more.certificate([found], [facts.accurate(0)])
            return found, (stated,)
        refuted.append(certificate)
    return None, tuple(refuted)
