"""Floats of a search as exact numbers."""

from collections.abc import Iterable, Iterator
from fractions import Fraction
from functools import lru_cache

from torch import Tensor

from certify.bounds.question import Box, Question
from certify.numbers.rationals import Vector

DENOMINATORS = (1_000, 1_000_000)  # of simple points
FEW = 100  # coordinates up to which they are tried
KEPT = 256  # points whose answers are kept: attacks end in the same corners again


class Witness:
    """Decides exactly whether points are counterexamples to a question, and keeps the first."""

    def __init__(self, question: Question) -> None:
        self.question = question
        self.found: Vector | None = None
        self._refuted_by = lru_cache(KEPT)(question.refuted_by)

    def __call__(self, point: Tensor | Vector) -> bool:
        """Tell whether a point in floats is a counterexample, or a simple one near it."""
        tried = candidates(self.question, point)
        one = next((y for y in tried if self._refuted_by(y) is not None), None)
        self.found = self.found or one
        return one is not None


def candidates(question: Question, point: Tensor | Vector) -> Iterator[Vector]:
    """Yield what may be a counterexample where floats find one: that point, and simpler ones.

    Where outputs have a property only just, at one point, floats come close to it at best. A point
    that is exact is the only one.
    """
    if isinstance(point, tuple):
        yield from question.candidates(point)
        return
    x = inside(question.box, point)
    yield from question.candidates(x)
    if len(x) <= FEW:
        for most in DENOMINATORS:
            near = _within(question.box, (y.limit_denominator(most) for y in x))
            yield from question.candidates(near)


def inside(box: Box, point: Tensor) -> Vector:
    """Return the point of a box that is nearest to one in floats, which is taken as it is.

    Sides of the box that floats round to the same numbers are the sides.
    """
    sides = zip(box.lower, point.tolist(), box.upper, strict=True)
    return _within(
        box,
        (
            next((end for end in (low, high) if float(end) == x), Fraction(x))
            for low, x, high in sides
        ),
    )


def _within(box: Box, point: Iterable[Fraction]) -> Vector:
    sides = zip(box.lower, point, box.upper, strict=True)
    return tuple(max(low, min(x, high)) for low, x, high in sides)
