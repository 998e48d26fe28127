"""The exact set of directions that flip every -1 point of every accurate rule with v >= 0.

Let P be the points labelled +1, N those labelled -1, and no point of P in conv N (otherwise no rule
with a convex -1 region is accurate). A direction v flips every -1 point of every accurate rule of
class R, and equally of class R', exactly when x_+ - s v lies in conv N for some x_+ in P and s > 0.
If so, the convex combination proves it. If not, each x_+ has a half-space that holds x_+ and misses
conv N + R_+ v; one unit for each of them makes an accurate network that is silent on that set, and
v flips none of its -1 points. One exact linear program for each x_+ finds the one or the other.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from certify import certificates, linear_program
from certify.certificates import facts
from certify.certificates.certificate import Certificate
from certify.errors import InputError
from certify.numbers.rationals import Rows, Vector, combine, dot
from verify.objects import LabelledSet, LinearRule, TwoLayerNetwork

ONE = Fraction(1)


@dataclass(frozen=True)
class Path:
    """x_+ = sum_j a_j x_j + s v: from the hull of the -1 points along v to one +1 point.

    ``positive`` is the index of x_+; ``combination`` has one entry for each point of the set,
    nonnegative with sum 1 and zero at points labelled +1; ``scale`` is s > 0.
    """

    positive: int
    combination: Vector
    scale: Fraction

    def start(self, data: LabelledSet) -> Vector:
        """Return the point of conv N where the path begins."""
        return combine(*zip(self.combination, data.points, strict=True))

    def direction(self, data: LabelledSet) -> Vector:
        """Return v = (x_+ - sum_j a_j x_j) / s."""
        share = 1 / self.scale
        return combine((share, data.points[self.positive]), (-share, self.start(data)))


def difference(data: LabelledSet, positive: int, negative: int) -> Path:
    """Return the path from one point labelled -1 to one labelled +1, given by their indices."""
    return Path(positive, tuple(Fraction(i == negative) for i in range(len(data.points))), ONE)


def spread(weights: Iterable[Fraction], data: LabelledSet) -> Vector:
    """Return an entry for each data point: the weights at those labelled -1, zero elsewhere."""
    shares = iter(weights)
    return tuple(next(shares) if y == -1 else Fraction(0) for y in data.labels)


def universal_path(data: LabelledSet, direction: Vector) -> Path | None:
    """Return why the direction flips every -1 point of every accurate rule; None if it does not.

    Raises :class:`InputError` unless both labels occur and no +1 point lies in conv N.

    >>> data = LabelledSet.of([[0], [1]], [-1, 1])
    >>> universal_path(data, (Fraction(2),)).scale
    Fraction(1, 2)
    >>> universal_path(data, (Fraction(-2),)) is None
    True
    """
    require_accurate_rules(data)
    for k, y in enumerate(data.labels):
        if y == 1:
            found = mixture(data.negative, data.points[k], direction)
            if isinstance(found, Mixture):
                return Path(k, spread(found.weights, data), found.scale)
    return None


def silent_network(data: LabelledSet, direction: Vector) -> TwoLayerNetwork | None:
    """Return an accurate network none of whose -1 points v flips; None if v is universal.

    It has one unit for each different +1 point, output weights 1, f = 0 on conv N + R_+ v and
    f >= 1 at every +1 point. The threshold is 1 and need not be exceeded (class R'); with threshold
    0, to be exceeded, the same units make a rule of class R. Raises as :func:`universal_path`.

    >>> data = LabelledSet.of([[0, 0], [1, 1], [-1, 1]], [-1, 1, 1])
    >>> network = silent_network(data, (Fraction(0), Fraction(1)))
    >>> [[str(c) for c in w] for w in network.weights]
    [['1', '0'], ['-1', '0']]
    """
    require_accurate_rules(data)
    answers = [mixture(data.negative, x, direction) for x in dict.fromkeys(data.positive)]
    units = [unit for unit in answers if isinstance(unit, LinearRule)]
    return sum_of_units(units) if len(units) == len(answers) else None


def sum_of_units(units: Iterable[LinearRule]) -> TwoLayerNetwork:
    """Return the class R' rule: +1 where the units relu(w.x + b) add up to at least 1."""
    chosen = tuple(units)
    return TwoLayerNetwork(
        tuple(unit.normal for unit in chosen),
        tuple(unit.offset for unit in chosen),
        (Fraction(1),) * len(chosen),
        Fraction(1),
        strict=False,
    )


def require_accurate_rules(data: LabelledSet) -> None:
    """Raise :class:`InputError` unless both labels occur and no +1 point lies in conv N."""
    if not data.positive or not data.negative:
        raise InputError("data", expected="points of both labels", got="one label")
    for x in dict.fromkeys(data.positive):
        if not outside(data.negative, x):
            raise InputError(
                "data", expected="+1 points outside the hull of the -1 points", got="one inside"
            )


def outside(points: Rows, target: Vector) -> bool:
    """Return whether the target lies outside the hull of the points, which has shape (n, d)."""
    return not isinstance(mixture(points, target), Mixture)


@dataclass(frozen=True)
class Mixture:
    """target = sum_j weights_j z_j + scale * ray, with convex weights and scale >= 0."""

    weights: Vector
    scale: Fraction


def mixture(points: Rows, target: Vector, ray: Vector | None = None) -> Mixture | LinearRule:
    """Return the target as a point of conv{z_j} + R_+ ray, with the least scale, or a half-space.

    ``points`` has shape (n, d); without ``ray`` it is a point of the hull. If there is no mixture,
    the multipliers of the exact linear program give a rule w.x + b that is 1 at the target, at most
    0 at every z_j, and has w.ray <= 0.
    """
    direction = ray if ray is not None else (Fraction(0),) * len(target)
    n = len(points)
    rows = [[Fraction(1)] * n + [Fraction(0)]]
    rows += [[*(z[i] for z in points), direction[i]] for i in range(len(target))]
    answer = linear_program(
        [0] * n + [1], equalities=(rows, (Fraction(1), *target)), nonnegative=True
    )
    if answer.x is not None:
        return Mixture(answer.x[:n], answer.x[n])
    assert answer.multipliers is not None  # infeasible: the objective is bounded from below
    offset, *normal = answer.multipliers.equalities
    height = offset + dot(normal, target)
    return LinearRule(combine((1 / height, normal)), offset / height)


def path_certificate(data: LabelledSet, direction: Vector, path: Path) -> Certificate:
    """Every accurate rule with v >= 0 flips each of its -1 points along the direction."""
    return certificates.relu_universal_direction(
        data, direction, path.positive, path.combination, path.scale
    )


def refusal_certificate(
    data: LabelledSet, network: TwoLayerNetwork, direction: Vector
) -> Certificate:
    """An accurate rule with v >= 0 keeps the label of every -1 point along the direction."""
    return data.certificate(
        [network],
        [
            facts.accurate(0),
            facts.convex(0),
            *(facts.keeps(0, x, direction) for x in data.negative),
        ],
    )
