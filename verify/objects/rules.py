"""Linear rules x -> sign(w.x + b), without normalising: |w| is irrational in general."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any, ClassVar, Self

from certify.errors import InputError
from certify.numbers import rationals
from certify.numbers.rationals import Vector
from verify.objects.labelled_sets import LabelledSet


@dataclass(frozen=True)
class LinearRule:
    """The rule sign(w.x + b), with the label ``zero`` on the boundary: -1, +1 or 0 for neither.

    Which label the boundary has is left open by the papers; 0 is the strictest reading.
    """

    rule_type: ClassVar = "linear"
    normal: Vector
    offset: Fraction
    zero: int = 0

    def __post_init__(self) -> None:
        if self.zero not in (-1, 0, 1):
            raise InputError("zero", expected="-1, 0 or 1", got=str(self.zero))

    @classmethod
    def of(cls, normal: Any, offset: Any, zero: int = 0) -> Self:
        """Make a rule from numbers of any accepted kind; ``normal`` has d entries."""
        return cls(rationals.vector(normal, "normal"), rationals.rational(offset, "offset"), zero)

    def value(self, x: Vector) -> Fraction:
        """Return w.x + b."""
        return rationals.dot(self.normal, x, self.offset)

    def label(self, x: Vector) -> int:
        """Return -1 or +1, and ``zero`` on the boundary."""
        value = self.value(x)
        return (value > 0) - (value < 0) or self.zero

    def margins(self, data: LabelledSet) -> Vector:
        """Return y_i (w.x_i + b) for every point, in units of |w|."""
        return tuple(y * self.value(x) for x, y in data.pairs)

    def is_accurate(self, data: LabelledSet) -> bool:
        """Return whether every point has its label; points on the boundary have ``zero``."""
        return all(self.label(x) == y for x, y in data.pairs)

    def separates(self, data: LabelledSet) -> bool:
        """Return whether every point lies strictly on the side of its label."""
        return all(margin > 0 for margin in self.margins(data))
