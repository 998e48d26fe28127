"""Finite lists of labelled points, with repetitions allowed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

from certify.certificates import facts
from certify.certificates.certificate import Certificate
from certify.certificates.objects import Rule
from certify.errors import InputError
from certify.margins.max_margin import check_labels
from certify.numbers import rationals
from certify.numbers.rationals import Rows, Vector


@dataclass(frozen=True)
class Labelled:
    """Points of shape (n, d), n >= 1, each with a label."""

    points: Rows
    labels: tuple[int, ...]

    def __post_init__(self) -> None:
        if not self.points:
            raise InputError("points", expected="at least one point", got="none")
        if len(self.points) != len(self.labels):
            raise InputError(
                "labels", expected=f"{len(self.points)} labels", got=f"{len(self.labels)}"
            )
        rationals.check_rectangular(self.points, "points")

    @property
    def dimension(self) -> int:
        """The dimension d of the points."""
        return len(self.points[0])

    @property
    def pairs(self) -> tuple[tuple[Vector, int], ...]:
        """The points, each with its label."""
        return tuple(zip(self.points, self.labels, strict=True))

    def certificate(self, rules: Sequence[Rule], stated: Sequence[facts.Fact]) -> Certificate:
        """Certify facts about rules, where "accurate" means these points and labels."""
        return facts.certificate(rules, stated, self.points, self.labels)


@dataclass(frozen=True)
class LabelledSet(Labelled):
    """Points of shape (n, d) with labels -1 or +1."""

    def __post_init__(self) -> None:
        super().__post_init__()
        check_labels(self.labels, "labels")

    @classmethod
    def of(cls, points: Any, labels: Any) -> Self:
        """Make a labelled set from numbers of any accepted kind."""
        return cls(rationals.rows(points, "points"), check_labels(labels, "labels"))

    def labelled(self, label: int) -> Rows:
        """Return the points with this label."""
        return tuple(x for x, y in self.pairs if y == label)

    @property
    def positive(self) -> Rows:
        """The points labelled +1."""
        return self.labelled(1)

    @property
    def negative(self) -> Rows:
        """The points labelled -1."""
        return self.labelled(-1)

    def signed_sum(self, multipliers: Vector) -> Vector:
        """Return sum a_i y_i x_i."""
        terms = zip(multipliers, self.labels, self.points, strict=True)
        return rationals.combine(*((a * y, x) for a, y, x in terms))
