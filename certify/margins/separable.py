"""Whether a rule sign(w.x + b) is right on all points: decided exactly, at the size of MNIST."""

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Literal

import flint
import numpy as np

from certify.certificates.certificate import Certificate
from certify.margins.guesses import soft_margins, vanishing_combination
from certify.margins.max_margin import MaxMargin, NotSeparable, max_margin, not_separable
from certify.margins.points import LabelledSet
from certify.numbers import rationals
from certify.numbers.rationals import Vector
from certify.shown import Shown

_BITS = (30, 90)  # of the integers that a float normal is rounded to


@dataclass(frozen=True, repr=False)
class Separable(Shown):
    """A rule with y_i (normal.x_i + offset) > 0 for all points."""

    normal: Vector
    offset: Fraction
    certificate: Certificate = field(repr=False)
    separable: Literal[True] = True


def separate(X: Any, y: Any, bias: bool = True) -> Separable | NotSeparable:
    """Return a rule that is strictly right on all points, or the proof that there is none.

    ``X`` has shape (points, dimension) and ``y`` one label -1 or +1 for each point. Cheaper than
    :func:`certify.max_margin`, which asks for the best rule, and raises the same errors. Always
    ends with an answer.

    >>> separate([[0, 0], [0, 1], [1, 1]], [-1, 1, 1]).separable
    True
    """
    points = LabelledSet(X, y, bias)
    if points.large:
        for rule in soft_margins(points.floats, np.array(points.labels), bias):
            if rule.margins.min() > 0:
                found = _rounded(points, rule.normal)
                if found is not None:
                    return found
            else:
                vanishing = vanishing_combination(points, rule.slacks)
                if vanishing is not None:
                    return not_separable(points, vanishing)
    answer = max_margin(X, y, bias)
    return _separable(points, answer.w, answer.b) if isinstance(answer, MaxMargin) else answer


def _rounded(points: LabelledSet, normal: np.ndarray[Any, Any]) -> Separable | None:
    """Return the rule with a rounded normal and the best offset, if it is right on all points."""
    if not np.isfinite(normal).all() or not normal.any():
        return None
    for bits in _BITS:
        largest = Fraction(float(np.abs(normal).max()))
        integers = [round(Fraction(float(x)) / largest * 2**bits) for x in normal]
        vertex, value = points.lowest([flint.fmpz(x) for x in integers])
        if value > 0:
            ends = (sum(map(int.__mul__, integers, points.rows[i])) for i in vertex)
            offset = -Fraction(sum(ends), 2 * points.denominator) if points.bias else Fraction(0)
            return _separable(points, tuple(map(Fraction, integers)), offset)
    return None


def _separable(points: LabelledSet, normal: Vector, offset: Fraction) -> Separable:
    certificate = Certificate(
        "separable",
        points.instance,
        {"homogeneous": not points.bias},
        {"normal": rationals.texts(normal), "offset": rationals.text(offset)},
    )
    return Separable(normal, offset, certificate)
