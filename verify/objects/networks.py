"""Two-layer ReLU rules: +1 where sum_i v_i relu(w_i.x + b_i) exceeds a threshold."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any, ClassVar, Self

from certify.errors import InputError
from certify.numbers import rationals
from certify.numbers.rationals import Rows, Vector
from verify.objects.labelled_sets import LabelledSet


@dataclass(frozen=True)
class TwoLayerNetwork:
    """f(x) = sum_i v_i relu(w_i.x + b_i); label +1 where f > a (strict) or f >= a.

    ``weights`` has shape (units, d), ``biases`` and ``output`` one entry for each unit. The class R
    of Charles et al. (Section 5) has v = 1, a = 0 and a strict rule; R' has v >= 0 and a > 0.
    """

    rule_type: ClassVar = "two-layer"
    weights: Rows
    biases: Vector
    output: Vector
    threshold: Fraction
    strict: bool

    def __post_init__(self) -> None:
        if not self.weights:
            raise InputError("weights", expected="at least one unit", got="none")
        rationals.check_rectangular(self.weights, "weights")
        for name, given in (("biases", self.biases), ("output", self.output)):
            if len(given) != len(self.weights):
                raise InputError(name, expected=f"{len(self.weights)} entries", got=str(len(given)))

    @classmethod
    def sum_of_units(cls, weights: Any, biases: Any) -> Self:
        """Make a rule of class R: +1 where some unit is active."""
        w = rationals.rows(weights, "weights")
        return cls(
            w, rationals.vector(biases, "biases"), (Fraction(1),) * len(w), Fraction(0), True
        )

    @property
    def dimension(self) -> int:
        """The dimension d of the input."""
        return len(self.weights[0])

    def preactivations(self, x: Vector) -> Vector:
        """Return w_i.x + b_i for every unit."""
        return tuple(rationals.dot(w, x, b) for w, b in zip(self.weights, self.biases, strict=True))

    def value(self, x: Vector) -> Fraction:
        """Return f(x)."""
        return rationals.dot(self.output, [a if a > 0 else 0 for a in self.preactivations(x)])

    def label(self, x: Vector) -> int:
        """Return -1 or +1."""
        f = self.value(x)
        return 1 if f > self.threshold or (f == self.threshold and not self.strict) else -1

    def is_accurate(self, data: LabelledSet) -> bool:
        """Return whether every point gets its label."""
        return all(self.label(x) == y for x, y in data.pairs)
