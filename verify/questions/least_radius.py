"""How near to an example another label is, between two exact ends.

The distance is that of the largest coordinate. Within the lower end every input has the label of
the example: one certificate says so of a whole box. At the upper end lies an input with another
label, which an attack found or the search for a certificate.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from time import monotonic
from typing import Protocol

import numpy as np

from certify.bounds.decision import Verdict
from certify.bounds.question import Box, Property, label_properties
from certify.certificates.certificate import Certificate
from certify.networks.graph import Network
from certify.numbers.rationals import Vector
from verify.attack.balls import distance, moved_exactly
from verify.attack.parallel import one_thread
from verify.models.model import Label
from verify.questions.attacks import seek
from verify.questions.found import Point
from verify.questions.question import Subject

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
    lower     within it no input has another label, by ``proof``; 0 without one
    upper     the distance of ``point``, an input to which the model gives the label ``answer``;
              None where none was found
    attacked  the least such distance that the attack reached alone
    open      radii at which the search gave up, each with the reason

    Distances and radii are in units of the data. All but ``attacked`` and ``open`` are exact and
    certified; the next input of another label may be anywhere between ``lower`` and ``upper``.
    """

    index: int
    original: np.ndarray
    label: Label
    lower: Fraction = Fraction(0)
    proof: Certificate | None = None
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

    def find(self, subject: Subject, k: int, seconds: float, decide: Decide) -> None:
        """Bring the ends of an example, by its place in the subject, together for some time."""
        end = monotonic() + seconds
        network, rule, top = subject.model.network, subject.model.rule, subject.units.top
        x, y = subject.X[k], int(subject.y[k])
        properties = label_properties(network.sizes[-1], y)
        self._attack(subject, x, y)
        while (radius := self._next(subject.robust)) is not None:
            left = end - monotonic()
            if left <= seconds / PARTS:
                break
            box = Box.around(x, radius, within=None if top is None else (0, top))
            found = decide(network, box.lower, box.upper, properties, seconds=left * SHARE)
            if found.answer == "certified":
                self.lower, self.proof = radius, found.certificate
            elif found.answer != "refuted" or found.counterexample is None:
                self.open[radius] = f"no certificate and no counterexample within {seconds:g} s"
            elif not self._reached(subject, x, y, found.counterexample):
                scores = network.outputs([found.counterexample])[0]
                assert rule.decide(scores) is None, "a counterexample has another label, or a tie"
                self.open[radius] = "two largest scores are equal at an input within it"
        for radius in subject.robust:
            if self.undecided(radius):
                self.open.setdefault(radius, f"no time left after {seconds:g} s")

    def _attack(self, subject: Subject, x: np.ndarray, y: int) -> None:
        """Attack within the radii asked for, and ever nearer where that succeeds."""
        asked, failed = sorted(subject.robust), Fraction(0)
        for radius in asked:
            if self._reached(subject, x, y, _moved(subject, x, y, radius)):
                break
            failed = radius
        while self.upper is not None and self.upper - failed > asked[-1] / PARTS:
            radius = _between(failed, self.upper, asked[-1])
            if not self._reached(subject, x, y, _moved(subject, x, y, radius)):
                failed = radius
        self.attacked = self.upper

    def _reached(self, subject: Subject, x: np.ndarray, y: int, point: Point) -> bool:
        """Note an input where the model gives another label, if it does and if it is nearer."""
        answer = subject.model.rule.decide(subject.model.network.outputs([point])[0])
        far = distance(point, x)
        if answer in (None, y) or (self.upper is not None and far >= self.upper):
            return False
        self.upper, self.point, self.answer = far, point, subject.model.labels[answer]
        return True


def _between(low: Fraction, high: Fraction, largest: Fraction) -> Fraction:
    """Return the multiple of a small part of the largest radius that is next below the middle."""
    unit = largest / GRID
    return (low + high) / 2 // unit * unit


def _moved(subject: Subject, x: np.ndarray, y: int, radius: Fraction) -> Point:
    """Return an input within the radius at which floats saw another label, or nearly."""
    reach = subject.units.reach(radius, len(x))
    with one_thread():
        shares, _ = seek(subject, x[None], np.array([y]), reach)
    return moved_exactly(x, shares[0], reach, top=subject.units.top)
