"""The steps that an instance is about: w*, differences of points and of means, as arrows.

Which they are follows from the fields that an instance has, as everything in its picture does.
"""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from fractions import Fraction
from typing import Any

from certify.numbers.rationals import Vector, combine
from verify.claims.charles2019.shared.separators import LargestMargin
from verify.objects import LabelledSet, LinearRule
from verify.objects.multiclass_sets import MulticlassSet

_OF_MARGINS = {"data", "rule", "rules", "separators", "queries"}  # fields where w* is what matters


@dataclass(frozen=True)
class Step:
    """An arrow between two points of the data's space; ``name`` may be empty."""

    start: Vector
    end: Vector
    name: str


@dataclass(frozen=True)
class Steps:
    """Arrows, and a sentence with ``$LaTeX$`` that says what they are."""

    arrows: tuple[Step, ...]
    caption: str


def steps(instance: Any) -> Steps | None:
    """Return what leads from one label to the other in an instance, or None where nothing does."""
    data = getattr(instance, "data", None)
    if isinstance(data, MulticlassSet) and hasattr(instance, "k") and hasattr(instance, "l"):
        return _means(data, instance.k, instance.l)
    if not isinstance(data, LabelledSet):
        return None
    signs = (getattr(instance, "positive", None), getattr(instance, "negative", None))
    if isinstance(signs[0], int) and isinstance(signs[1], int):
        high, low = data.points[signs[0]], data.points[signs[1]]
        if hasattr(instance, "units"):  # of class R'', which is left from its +1 points
            return Steps((Step(high, low, "v"),), "The arrow is $v=x_--x_+$.")
        return Steps((Step(low, high, "v"),), "The arrow is $v=x_+-x_-$.")
    parts = {field.name: getattr(instance, field.name) for field in fields(instance)}
    rules = [parts.get("rule"), *parts.get("rules", ()), *parts.get("separators", ())]
    if not parts.keys() <= _OF_MARGINS or set(data.labels) != {-1, 1}:
        return None
    if any(isinstance(rule, LinearRule) and rule.separates(data) for rule in rules):
        return _largest_margin(data)
    return None


def _largest_margin(data: LabelledSet) -> Steps:
    largest = LargestMargin(data)
    high, low = largest.nearest_points
    arrows = [Step(low, high, "2γ*w*")]
    for x, y in data.pairs:
        arrow = Step(x, combine((1, x), (-y, largest.direction)), "")
        if (arrow.start, arrow.end) != (low, high):
            arrows.append(arrow)
    return Steps(
        tuple(arrows),
        r"The arrow named $2\gamma^*w^*$ joins the nearest points of the two convex hulls; the "
        r"others are the step $-y\cdot 2\gamma^*w^*$ from each point of the data.",
    )


def _means(data: MulticlassSet, k: int, l: int) -> Steps | None:
    ends = [tuple(_mean([x for x, y in data.pairs if y == label])) for label in (k, l)]
    if not all(ends):
        return None
    return Steps(
        (Step(ends[0], ends[1], "v"),),
        f"The arrow $v$ leads from the mean of class {k + 1} to that of class {l + 1}.",
    )


def _mean(points: list[Vector]) -> Iterator[Fraction]:
    for column in zip(*points, strict=True):
        yield sum(column, Fraction(0)) / len(column)
