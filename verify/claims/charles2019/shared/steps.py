"""The step along one direction that a point needs over all separators, in terms of the claims.

The mathematics is in :mod:`certify.margins.steps`; here a separator is made that keeps a label.
"""

from dataclasses import dataclass
from fractions import Fraction

from certify import certificates
from certify.certificates.certificate import Certificate
from certify.errors import InputError
from certify.margins.steps import PointStep, StepPrograms
from certify.numbers.rationals import Vector, combine
from verify.objects import LabelledSet, LinearRule


@dataclass(frozen=True)
class UniversalStep:
    """The answer for one point: ``multipliers`` with the largest a_k, and the rule ``limit``.

    The limit rule has margins >= 0 on the data. If a_k > 0 it grows by 1 along the direction and
    has the margin 1/a_k at the point; otherwise it is level and has a positive margin there.
    """

    data: LabelledSet
    direction: Vector
    point: int
    multipliers: Vector
    limit: LinearRule

    @property
    def step(self) -> Fraction | None:
        """The exact supremum of the needed steps, or None when it is infinite."""
        largest = self.multipliers[self.point]
        return 1 / largest if largest else None

    def moved(self, c: Fraction) -> Vector:
        """Return x_k - c y_k v."""
        x, y = self.data.points[self.point], self.data.labels[self.point]
        return combine((1, x), (-y * c, self.direction))

    def keeping(self, separator: LinearRule, c: Fraction) -> LinearRule:
        """Return a separator that keeps the label of the point at the step c, below the supremum.

        It is the limit rule with a little of any separator mixed in.
        """
        y, x = self.data.labels[self.point], self.moved(c)
        left = y * self.limit.value(x)
        if left <= 0:
            raise InputError("c", expected=f"a step below {self.step}", got=str(c))
        share = left / (2 * (1 + abs(separator.value(x))))
        return LinearRule(
            combine((1, self.limit.normal), (share, separator.normal)),
            self.limit.offset + share * separator.offset,
        )

    def certificate(self, separator: LinearRule) -> Certificate:
        """Certify the supremum, or that no step is enough; ``separator`` is any strict one."""
        answer = PointStep(self.point, self.multipliers, self.limit.normal, self.limit.offset)
        programs = StepPrograms(self.data.points, self.data.labels, self.direction)
        return programs.certificate(answer, separator.normal, separator.offset)


def serving(
    data: LabelledSet, direction: Vector, multipliers: Vector, point: int
) -> tuple[Certificate, Certificate]:
    """Certify that every accurate rule gives x_k - c y_k v the label -y_k, from c = 1 / a_k on.

    ``multipliers`` represent v, and that of the point is a_k > 0. The first certificate is for the
    step 1 / a_k and rules that may have points labelled y_k on their boundary. Where the other
    label owns the boundary the value can be exactly 0 there; the second is for one step more.
    """
    y, x = data.labels[point], data.points[point]

    def beyond(c: Fraction, owner: int) -> Certificate:
        # -y (w.(x - c y v) + b) = c sum a_i m_i - m_k.
        moved = combine((-y, x), (c, direction))
        shares = tuple(c * a - (i == point) for i, a in enumerate(multipliers))
        weak = [i for i, label in enumerate(data.labels) if label == owner]
        return certificates.every_separator(data, moved, Fraction(-y), shares, weak)

    step = 1 / multipliers[point]
    return beyond(step, y), beyond(step + 1, -y)


def universal_step(data: LabelledSet, direction: Vector, point: int) -> UniversalStep:
    """Solve the linear program of one point.

    Raises InputError when some separator does not grow along the direction, or there is none.
    """
    answer = StepPrograms(data.points, data.labels, direction).solve(point)
    limit = LinearRule(answer.normal, answer.offset)
    return UniversalStep(data, direction, point, answer.multipliers, limit)
