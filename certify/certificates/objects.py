"""What the makers of certificates take: objects of any library that have these fields."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Protocol

from certify.numbers.rationals import Rows, Vector


class LabelledSet(Protocol):
    """Points of shape (n, d), each with a label; JSON has the object's other fields besides."""

    @property
    def points(self) -> Rows:
        """The points."""

    @property
    def labels(self) -> Sequence[int]:
        """One label for each point."""


class Separator(Protocol):
    """The hyperplane normal.x + offset = 0 with its two sides."""

    @property
    def normal(self) -> Vector:
        """The normal w, d numbers."""

    @property
    def offset(self) -> Fraction:
        """The offset b."""


class TwoLayerNetwork(Protocol):
    """+1 where sum_i output_i relu(weights_i.x + biases_i) exceeds a threshold."""

    @property
    def weights(self) -> Rows:
        """One row for each unit."""

    @property
    def biases(self) -> Vector:
        """One number for each unit."""

    @property
    def output(self) -> Vector:
        """One number for each unit."""


class SoftmaxHead(Protocol):
    """Logits W^T h + bias with W of shape (features, classes)."""

    @property
    def weights(self) -> Rows:
        """The matrix W; column i holds the weights of class i."""

    @property
    def bias(self) -> Vector:
        """One number for each class."""


class Rule(Protocol):
    """A rule of one of the types that certificates of kind ``rule-facts`` know."""

    @property
    def rule_type(self) -> str:
        """The name of the type: linear, argmax, two-layer or cells."""
