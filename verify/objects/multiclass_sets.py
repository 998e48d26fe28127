"""Finite lists of points with one of K class labels, repetitions allowed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

from certify.errors import InputError
from certify.numbers import rationals
from certify.numbers.rationals import Rows, Vector


@dataclass(frozen=True)
class MulticlassSet:
    """Points of shape (n, d) with labels 0 to K - 1; a class may be without points."""

    points: Rows
    labels: tuple[int, ...]
    classes: int

    def __post_init__(self) -> None:
        if not self.points:
            raise InputError("points", expected="at least one point", got="none")
        if len(self.points) != len(self.labels):
            raise InputError(
                "labels", expected=f"{len(self.points)} labels", got=f"{len(self.labels)}"
            )
        rationals.check_rectangular(self.points, "points")
        for i, label in enumerate(self.labels):
            if not 0 <= label < self.classes:
                raise InputError(
                    "labels",
                    expected=f"classes 0 to {self.classes - 1}",
                    got=str(label),
                    where=f"entry {i}",
                )

    @classmethod
    def of(cls, points: Any, labels: Sequence[int], classes: int) -> Self:
        """Make a set from numbers of any accepted kind.

        >>> MulticlassSet.of([[0], [1], [2]], [0, 1, 2], 3).members(1)
        (1,)
        """
        return cls(rationals.rows(points, "points"), tuple(labels), classes)

    @property
    def pairs(self) -> tuple[tuple[Vector, int], ...]:
        """The points, each with its label."""
        return tuple(zip(self.points, self.labels, strict=True))

    @property
    def dimension(self) -> int:
        """The dimension d of the points."""
        return len(self.points[0])

    def members(self, k: int) -> tuple[int, ...]:
        """Return the indices of the points with label k."""
        return tuple(i for i, y in enumerate(self.labels) if y == k)
