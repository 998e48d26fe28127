"""Multi-class linear rules: the class with the largest logit, ties left open or to the lowest."""

from dataclasses import dataclass
from typing import Any, ClassVar, Self

from certify.errors import InputError
from certify.numbers import rationals
from certify.numbers.rationals import Rows, Vector


@dataclass(frozen=True)
class ArgmaxRule:
    """The class k with the largest z_k = w_k.x + b_k, classes counted from 0.

    ``weights`` has shape (K, d), one row for each class. On a tie the rule gives the lowest index
    when ``lowest`` is set and no label (None) otherwise.
    """

    rule_type: ClassVar = "argmax"
    weights: Rows
    bias: Vector
    lowest: bool = False

    def __post_init__(self) -> None:
        if not self.weights or len(self.weights) != len(self.bias):
            raise InputError(
                "bias",
                expected=f"{len(self.weights)} entries, at least one",
                got=str(len(self.bias)),
            )
        rationals.check_rectangular(self.weights, "weights")

    @classmethod
    def of(cls, weights: Any, bias: Any, lowest: bool = False) -> Self:
        """Make a rule from numbers of any accepted kind."""
        return cls(rationals.rows(weights, "weights"), rationals.vector(bias, "bias"), lowest)

    @property
    def classes(self) -> int:
        """The number K of classes."""
        return len(self.weights)

    def logits(self, x: Vector) -> Vector:
        """Return z_k(x) for every class."""
        return tuple(rationals.dot(w, x, b) for w, b in zip(self.weights, self.bias, strict=True))

    def label(self, x: Vector) -> int | None:
        """Return the class of x, or None on an open tie."""
        z = self.logits(x)
        best = [k for k, value in enumerate(z) if value == max(z)]
        return best[0] if self.lowest or len(best) == 1 else None
