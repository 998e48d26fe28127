"""In which units a radius is given, and how far each coordinate may be moved by it.

Asked for by nobody, a radius follows the data: pixels have one scale, and so one radius for all of
them; features of a table have each its own, and move by a share of their range over the examples.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from certify.certificates.certificate import Certificate
from certify.certificates.facts import Fact
from certify.certificates.networks import box, network_points, within
from certify.networks.graph import Network, Node
from certify.networks.operations import Scale
from certify.numbers.rationals import Vector, text
from verify.attack.radii import radius_text
from verify.data.ranges import limits

BITS = 5  # of ranges, which are rounded down: else points in their units have endless denominators
SHARES = (
    Fraction(1, 20),
    Fraction(1, 10),
)  # of a range: the radii of attacks, unless others are asked for


@dataclass(frozen=True)
class Units:
    """What radii are multiples of, and where inputs stay that are moved.

    top      the greatest value of a pixel, the least being 0: moved ones lie between; None where
             the data have no such limits
    ranges   of the features over the examples, rounded down to few bits, of which radii are shares;
             () where radii are in units of the data, the same for all
    level    the only value of each feature whose range is 0, of others 0; () without ranges
    """

    top: int | None = None
    ranges: Vector = ()
    level: Vector = ()

    def reach(self, radius: Fraction, size: int) -> Vector:
        """Return how far each of so many coordinates may move, in units of the data."""
        return tuple(radius * width for width in self.ranges) or (radius,) * size

    def to_json(self) -> dict[str, Any]:
        """Return what a report states, with which ``certify`` compares certificates and data."""
        return {
            "top": self.top,
            "factors": [text(width) for width in self.ranges],
            "offsets": [text(value) for value in self.level],
        }

    def radius(self, radius: Fraction) -> str:
        """Return a radius in words."""
        return self.number(radius) + " of the ranges" * bool(self.ranges)

    @staticmethod
    def number(radius: Fraction) -> str:
        """Return a radius exactly."""
        return radius_text(radius)

    @property
    def unit(self) -> str:
        """What a radius counts, for the heads of tables."""
        return "of the range of each feature" if self.ranges else "units of the data"

    @property
    def rule(self) -> str:
        """How inputs are moved, in words that follow the number of them."""
        if self.ranges:
            return (
                "each feature by at most a share of its range over the examples and no other limit"
            )
        limits = "" if self.top is None else f" and within [0, {self.top}]"
        return f"each coordinate by at most the radius{limits}"

    def certificate(
        self, network: Network, points: Sequence[Any], facts: Sequence[Fact], moved: Iterable[int]
    ) -> Certificate:
        """Certify facts about points, and that the ``moved`` ones, by number, are in the limits.

        Radii of facts are in these units. Where they are shares, so are the points: a first node
        multiplies by the ranges, and yields the features that have one value only.
        """
        given, stated = list(points), list(facts)
        if self.ranges:
            first = Node(Scale(self.ranges, self.level), (0,))
            rest = (Node(f, tuple(j + 1 for j in reads)) for f, reads in network.nodes)
            network = Network((first, *rest), network.inputs)
            given = [self._shares(x) for x in given]
        elif self.top == 1:
            stated += map(box, moved)
        elif self.top is not None:
            # From 0 to the top is within half of it from the point in the middle.
            given.append(np.full(network.inputs, self.top / 2))
            half = Fraction(self.top, 2)
            stated += [within(k, len(given) - 1, half) for k in moved]
        return network_points(network, given, stated)

    def _shares(self, x: Any) -> Vector:
        listed = x.tolist() if isinstance(x, np.ndarray) else x
        pairs = zip(listed, self.ranges, strict=True)
        return tuple(Fraction(v) / width if width else Fraction(0) for v, width in pairs)


def unasked(
    X: np.ndarray, top: int | None, *, images: bool, shares: tuple[Fraction, ...] = SHARES
) -> tuple[Units, tuple[Fraction, ...]]:
    """Return units and radii for examples (n, d): shares of what they range over.

    Pixels have one range, that of all of them if there are no limits, of which a share is rounded
    to two digits; of features that all have one value, such as those of a single example, the unit
    is that of the data.
    """
    if top is not None:
        return Units(top), tuple(share * top for share in shares)
    low, high = ([Fraction(v) for v in f(axis=0).tolist()] for f in (X.min, X.max))
    ranges = tuple(_rounded_down(b - a) for a, b in zip(low, high, strict=True))
    if not any(ranges):
        return Units(), shares
    if images:
        width = float(max(high) - min(low))
        return Units(), tuple(Fraction(f"{width * float(share):.2g}") for share in shares)
    level = tuple(a if not width else Fraction(0) for a, width in zip(low, ranges, strict=True))
    return Units(None, ranges, level), shares


def possible(X: np.ndarray) -> list[Units]:
    """Return all units that examples (n, ...) may have, whatever else was asked of them.

    Only whoever asks knows whether flat examples are images, and whether radii are shares.
    """
    flat = X.reshape(len(X), -1)
    found = []
    for images in (False, True)[X.ndim > 2 :]:
        top = limits(flat, images=images)
        found += [Units(top), unasked(flat, top, images=False)[0]]
    return found


def _rounded_down(width: Fraction) -> Fraction:
    """Return a number >= 0 without all but its first bits."""
    size = width.numerator.bit_length() - width.denominator.bit_length()
    unit = Fraction(2) ** (size - BITS)
    return width // unit * unit
