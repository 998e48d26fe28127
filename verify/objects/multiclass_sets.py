"""Finite lists of points with one of K class labels, repetitions allowed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

from certify.errors import InputError
from certify.numbers import rationals
from verify.objects.labelled_sets import Labelled


@dataclass(frozen=True)
class MulticlassSet(Labelled):
    """Points of shape (n, d) with labels 0 to K - 1; a class may be without points."""

    classes: int

    def __post_init__(self) -> None:
        super().__post_init__()
        for i, label in enumerate(self.labels):
            if not 0 <= label < self.classes:
                expected = f"classes 0 to {self.classes - 1}"
                raise InputError("labels", expected=expected, got=str(label), where=f"entry {i}")

    @classmethod
    def of(cls, points: Any, labels: Sequence[int], classes: int) -> Self:
        """Make a set from numbers of any accepted kind.

        >>> MulticlassSet.of([[0], [1], [2]], [0, 1, 2], 3).members(1)
        (1,)
        """
        return cls(rationals.rows(points, "points"), tuple(labels), classes)

    def members(self, k: int) -> tuple[int, ...]:
        """Return the indices of the points with label k."""
        return tuple(i for i, y in enumerate(self.labels) if y == k)
