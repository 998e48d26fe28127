"""Whether certificates about moved examples are in the units, and the limits, that a report states.

It states them for each question that moves examples; here a certificate is compared with that,
by the standard library alone. That they follow from the data is for ``certify bind`` to say.
"""

import re
from collections.abc import Collection, Sequence
from fractions import Fraction
from typing import Any, NamedTuple, Self

from certify.checking.robust_answers import Units, exact

PAIRED = ("adversaries", "robustness")  # questions with moved points, then as many examples
TWINS = "exact-twins"  # of which each certificate has a moved point, and two examples
TWIN = re.compile("twin (0|[1-9][0-9]*) to (0|[1-9][0-9]*)")  # names of its results
MOVING = (*PAIRED, TWINS)


class Points(NamedTuple):
    """What a certificate says about points: its first node, the points and the facts."""

    first: Any
    points: Any
    facts: Sequence[Any]

    @classmethod
    def of(cls, certificate: Any) -> Self:
        """Return what matters of a certificate, whose network may be large."""
        instance = certificate["instance"]
        first, points = instance["nodes"][:1], instance["points"]
        return cls(first, points, certificate["statement"]["facts"])

    def unlike(self, units: Units, question: str, examples: int) -> str | None:
        """Say what is not as stated, in a question about so many examples; None if all is."""
        count = 2 * examples if question in PAIRED else 3
        return self._unlike(units, count, range(examples if question in PAIRED else 1))

    def _unlike(self, units: Units, count: int, moved: Collection[int]) -> str | None:
        points, top = exact(self.points), units.top
        between = top is not None and top != 1
        if len(points) != count + between:
            return f"{len(points)} points instead of {count + between}"
        if units.factors and not any(map(units.multiplies, self.first)):
            return "points in other units"
        boxed = {fact["point"] for fact in self.facts if fact["fact"] == "box"}
        if boxed != set(moved if top == 1 else ()):
            return f"points {sorted(boxed)} said to be in [0, 1]"
        if top is not None and between:
            # From 0 to the top is within half of it from one more point, in the middle.
            half = Fraction(top, 2)
            ends = [f for f in self.facts if f["fact"] == "within" and f["of"] == count]
            near = {f["point"] for f in ends if Fraction(f["radius"]) == half}
            if set(points[count]) != {half} or near != set(moved):
                return f"points {sorted(near)} said to be between 0 and {top}"
        return None
