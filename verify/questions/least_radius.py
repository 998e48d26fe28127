"""How near to an example another label is, between two exact ends.

The distance is that of the largest coordinate. Within the lower end every input has the label of
the example: one certificate says so of a whole box. At the upper end lies an input with another
label, which an attack found or the search for a certificate.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from time import monotonic
from typing import Protocol

import numpy as np

from certify.bounds.decision import Verdict
from certify.bounds.question import Property, label_properties
from certify.bounds.threads import one_thread
from certify.certificates.certificate import Certificate
from certify.networks.graph import Network
from certify.numbers.rationals import Vector
from verify.attack.balls import distance, moved_exactly
from verify.models.model import Label
from verify.questions.attacks import seek
from verify.questions.found import Point
from verify.questions.question import Robust, Subject
from verify.questions.units import Units

PARTS = 64  # of the largest radius asked for, to one of which the ends are brought together
GRID = 16 * PARTS  # of it: radii between are multiples of one of these, so that numbers stay short
SHARE = 0.5  # of the time left, which a single box may take


class Decide(Protocol):
    """A search for a certificate that no input of a box has outputs with some property."""

    def __call__(
        self,
        network: Network,
        lower: Vector,
        upper: Vector,
        properties: Sequence[Property],
        *,
        seconds: float,
    ) -> Verdict:
        """Search for so long."""


@dataclass(eq=False)
class Ends:
    """The ends of the least distance from an example to an input with another label.

    index     the place of the example in the user's data; ``original`` the example, floats (d,)
    label     of the example, which the model gives it
    lower     within it no input has another label, by ``proof``, certificates whose boxes cover
              the ball of the example, split into so many ``parts``; 0 without any
    upper     the distance of ``point``, an input to which the model gives the label ``answer``;
              None where none was found
    attacked  the least such distance that the attack reached alone
    open      radii at which the search gave up, each with the reason

    Distances and radii are in the units of radii that were asked for. All but ``attacked`` and
    ``open`` are exact and certified; the nearest input of another label may be anywhere between
    ``lower`` and ``upper``.
    """

    index: int
    original: np.ndarray
    label: Label
    lower: Fraction = Fraction(0)
    proof: tuple[Certificate, ...] = ()
    parts: int = 0
    upper: Fraction | None = None
    point: Point | None = None
    answer: Label | None = None
    attacked: Fraction | None = None
    open: dict[Fraction, str] = field(default_factory=dict)

    def undecided(self, radius: Fraction) -> bool:
        """Tell whether it is not known if there is another label within a radius."""
        return self.lower < radius and (self.upper is None or radius < self.upper)

    def _next(self, radii: Iterable[Fraction]) -> Fraction | None:
        """Return the radius to ask about: those asked for first, then between the ends."""
        asked = sorted(radii)
        ceiling = min(self.open, default=None)
        left = [r for r in asked if self.undecided(r) and (ceiling is None or r < ceiling)]
        if left:
            return left[-1]
        high = min(r for r in (asked[-1], self.upper, ceiling) if r is not None)
        if high - self.lower <= asked[-1] / PARTS:
            return None
        return _between(self.lower, high, asked[-1])

    def find(self, subject: Subject, robust: Robust, k: int, decide: Decide) -> None:
        """Bring the ends of an example, by its place in the subject, together for some time."""
        end, x, y = monotonic() + robust.seconds, subject.X[k], int(subject.y[k])
        network = subject.model.network
        properties = label_properties(network.sizes[-1], y)

        def reached(point: Point) -> bool:
            """Note an input where the model gives another label, if it does and is nearer."""
            answer = subject.model.rule.decide(network.outputs([point])[0])
            far = _distance(robust.units, point, x)
            if answer in (None, y) or (self.upper is not None and far >= self.upper):
                return False
            self.upper, self.point, self.answer = far, point, subject.model.labels[answer]
            return True

        self._attack(robust.radii, lambda radius: reached(_moved(subject, robust.units, k, radius)))
        while (radius := self._next(robust.radii)) is not None:
            left = end - monotonic()
            if left <= robust.seconds / PARTS:
                break
            lower, upper = _ball(robust.units, x, radius)
            found = decide(network, lower, upper, properties, seconds=left * SHARE)
            if found.answer == "certified":
                self.lower, self.proof, self.parts = radius, found.certificates, found.parts
            elif found.counterexample is None:
                self.open[radius] = f"no proof and no counterexample within {robust.seconds:g} s"
            elif not reached(found.counterexample):
                # No other label, nor the example's: whatever its rule, it has no certificate.
                self.open[radius] = "two largest scores are equal at an input within it"
        for radius in filter(self.undecided, robust.radii):
            self.open.setdefault(radius, f"no time was left of {robust.seconds:g} s")

    def _attack(self, radii: Iterable[Fraction], succeeds: Callable[[Fraction], bool]) -> None:
        """Attack within the radii asked for, and ever nearer where that succeeds."""
        asked, failed = sorted(radii), Fraction(0)
        for radius in asked:
            if succeeds(radius):
                break
            failed = radius
        while self.upper is not None and self.upper - failed > asked[-1] / PARTS:
            radius = _between(failed, self.upper, asked[-1])
            if not succeeds(radius):
                failed = radius
        self.attacked = self.upper


def _between(low: Fraction, high: Fraction, largest: Fraction) -> Fraction:
    """Return the multiple of a small part of the largest radius that is next below the middle."""
    unit = largest / GRID
    return (low + high) / 2 // unit * unit


def _moved(subject: Subject, units: Units, k: int, radius: Fraction) -> Point:
    """Return an input within the radius at which floats saw another label, or nearly."""
    x, reach = subject.X[k], units.reach(radius, subject.X.shape[1])
    with one_thread():
        shares, _ = seek(subject, x[None], subject.y[k : k + 1], reach)
    return moved_exactly(x, shares[0], reach, top=units.top)


def _ball(units: Units, x: np.ndarray, radius: Fraction) -> tuple[Vector, Vector]:
    """Return the corners of the box of all inputs within a radius and the limits of pixels."""
    reach = units.reach(radius, len(x))
    pairs = list(zip(map(Fraction, x.tolist()), reach, strict=True))
    lower, upper = tuple(v - r for v, r in pairs), tuple(v + r for v, r in pairs)
    if units.top is None:
        return lower, upper
    return tuple(max(v, Fraction(0)) for v in lower), tuple(
        min(v, Fraction(units.top)) for v in upper
    )


def _distance(units: Units, point: Point, x: np.ndarray) -> Fraction:
    """Return the distance of an input from an example, in units of which radii are multiples."""
    if not units.ranges:
        return distance(point, x)
    moves = zip(point, x.tolist(), units.ranges, strict=True)
    return max(abs(Fraction(p) - Fraction(v)) / width for p, v, width in moves if width)
