"""The step along one direction that a point of the data needs, over all separators at once.

For a direction v that every separator grows along, a point x_k with label y_k needs, over all
separators, steps up to exactly 1/a_k along -y_k v, where a_k is the largest coefficient that x_k
has in a representation v = sum a_i y_i x_i, sum a_i y_i = 0, a >= 0; no step is enough when a_k is
0. That is a linear program, and its dual solution is a rule that shows that nothing smaller works.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from certify import linear_program
from certify.certificates import Certificate
from certify.errors import InputError
from certify.rationals import Vector, combine, dot, text, texts
from verify.objects import LabelledSet, LinearRule, to_json


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
        statement: dict[str, Any] = {
            "direction": texts(self.direction),
            "point": self.point,
            "infinite": self.step is None,
        }
        evidence: dict[str, Any] = {"separator": _rule(separator), "limit": _rule(self.limit)}
        if self.step is not None:
            statement["step"] = text(self.step)
            evidence["multipliers"] = texts(self.multipliers)
        return Certificate("universal-step", to_json(self.data), statement, evidence)


def universal_step(data: LabelledSet, direction: Vector, point: int) -> UniversalStep:
    """Solve the linear program of one point.

    Raises InputError when some separator does not grow along the direction, or there is none.
    """
    signed = [
        tuple(y * c for c in (*x, Fraction(1)))
        for x, y in zip(data.points, data.labels, strict=True)
    ]
    objective = [Fraction(i == point) for i in range(len(signed))]
    answer = linear_program(
        objective,
        equalities=(list(zip(*signed, strict=True)), (*direction, Fraction(0))),
        nonnegative=True,
        maximize=True,
    )
    if answer.status != "optimal" or answer.x is None or answer.multipliers is None:
        raise InputError(
            "direction", expected="one that every separator grows along", got=str(answer.status)
        )
    dual = answer.multipliers.equalities
    limit = LinearRule(dual[:-1], dual[-1])
    # The dual rule has slope a_k and margin at least 1 at the point; scale the slope to 1.
    slope = dot(limit.normal, direction)
    if slope:
        limit = LinearRule(combine((1 / slope, limit.normal)), limit.offset / slope)
    return UniversalStep(data, direction, point, answer.x, limit)


def _rule(rule: LinearRule) -> dict[str, Any]:
    return {"normal": texts(rule.normal), "offset": text(rule.offset)}
