"""Where the label of a threshold rule on a ReLU network first changes along a ray."""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any

from certify.errors import InputError
from certify.networks.relu import ReluNetwork
from certify.numbers import rationals


@dataclass(frozen=True)
class Crossing:
    """The first change of label along x + c v, c >= 0.

    ``infimum`` is the infimum of the steps with the changed label. When ``attained`` the label has
    changed at the infimum itself; otherwise it is still the old one there and changes just after.
    ``step`` > 0 is a step with the changed label, the infimum when it is attained.
    """

    infimum: Fraction
    attained: bool
    step: Fraction


def first_crossing(
    network: ReluNetwork, x: Iterable[Any], v: Iterable[Any], threshold: Any, strict: bool
) -> Crossing | None:
    """Return the first change of label along x + c v, c >= 0, or None when it never changes.

    ``network`` has one output f, and the label is +1 where f > threshold (``strict``) or
    f >= threshold, and -1 elsewhere; ``x`` and ``v`` have d entries, and v may be zero. Decided
    exactly for all c up to infinity. Raises :class:`InputError`.

    >>> distance = ReluNetwork.of([([[1], [-1]], [0, 0]), ([[1, 1]], [0])])
    >>> first_crossing(distance, [0], ["1/2"], 1, strict=False)
    Crossing(infimum=Fraction(2, 1), attained=True, step=Fraction(2, 1))
    >>> first_crossing(distance, [1], [1], 1, strict=True)
    Crossing(infimum=Fraction(0, 1), attained=False, step=Fraction(1, 1))
    """
    level = checked_threshold(network, threshold, strict)
    trace = network.trace_ray(x, v)
    start = trace.values[0][0]
    positive = start > level or (start == level and not strict)
    # The height is oriented such that the label has changed where it is > 0, or already = 0.
    sign = -1 if positive else 1
    changed_at_zero = strict == positive
    heights = [sign * (f - level) for (f,) in trace.values]

    pieces = zip(pairwise(trace.steps), pairwise(heights), strict=True)
    for (begin, end), (low, high) in pieces:
        if high > 0 or (high == 0 and changed_at_zero):
            zero = begin - low * (end - begin) / (high - low)
            return Crossing(zero, changed_at_zero, zero if changed_at_zero else end)
    slope = sign * trace.final_slope[0]
    if slope <= 0:
        return None
    zero = trace.steps[-1] - heights[-1] / slope
    return Crossing(zero, changed_at_zero, zero if changed_at_zero else zero + 1)


def checked_threshold(network: ReluNetwork, threshold: Any, strict: Any) -> Fraction:
    """Return the threshold of a rule f > threshold or f >= threshold on a network with one output.

    Raises :class:`InputError` for several outputs, and for ``strict`` other than True or False.
    """
    if network.outputs != 1:
        raise InputError("network", expected="one output", got=f"{network.outputs} outputs")
    if not isinstance(strict, bool):
        raise InputError("strict", expected="True or False", got=repr(strict))
    return rationals.rational(threshold, "threshold")
