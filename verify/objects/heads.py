"""Softmax heads: the last layer of a classifier, exactly."""

from dataclasses import dataclass
from typing import Any, Self

from certify.errors import InputError
from certify.numbers import rationals
from certify.numbers.rationals import Rows, Vector


@dataclass(frozen=True)
class SoftmaxHead:
    """Logits z_i(h) = w_i.h + b_i with W of shape (l, m): column i holds the weights of class i.

    Softmax outputs at two points are equal exactly when the logits differ by a constant, so no
    exponential is ever needed (Zou et al., Section 3).
    """

    weights: Rows
    bias: Vector

    def __post_init__(self) -> None:
        if not self.weights or not self.weights[0]:
            raise InputError("weights", expected="shape (l, m) with l, m >= 1", got="an empty one")
        rationals.check_rectangular(self.weights, "weights")
        if len(self.bias) != self.classes:
            raise InputError("bias", expected=f"{self.classes} entries", got=str(len(self.bias)))

    @classmethod
    def of(cls, weights: Any, bias: Any) -> Self:
        """Make a head from numbers of any accepted kind; W has shape (l, m), b has m entries.

        A torch ``Linear`` layer stores W transposed: pass ``layer.weight.T`` and ``layer.bias``.
        """
        return cls(rationals.rows(weights, "weights"), rationals.vector(bias, "bias"))

    @property
    def features(self) -> int:
        """The dimension l of the feature space."""
        return len(self.weights)

    @property
    def classes(self) -> int:
        """The number m of classes."""
        return len(self.weights[0])

    def class_weights(self, i: int) -> Vector:
        """Return w_i."""
        return tuple(row[i] for row in self.weights)

    def logits(self, h: Vector) -> Vector:
        """Return the m logits at features h."""
        return tuple(
            rationals.dot(self.class_weights(i), h, self.bias[i]) for i in range(self.classes)
        )
