"""From which step on every accurate network has turned a point: the least over the +1 points.

The points that all accurate networks label +1 are the cones x_+ + cone(x_+ - N). If x + c v lies in
one of them and x is labelled -1, then c v is the sum of x_+ - x and of a vector of the cone, so the
cone holds v, and every longer step ends there too. The least such step is a linear program. On the
other side the end of the step is tried: it is forced by a mixture, or an accurate network labels it
-1.
"""

from dataclasses import dataclass
from fractions import Fraction
from random import Random

from certify import linear_program
from certify.certificates import facts
from certify.numbers.rationals import Vector, combine
from verify.claims.charles2019.sharp import forced_labels, relu_directions
from verify.claims.charles2019.sharp.accurate_rules import Answer
from verify.claims.claim import Proof, step
from verify.drawing import networks, numbers
from verify.objects import LabelledSet

AT_LEAST, NEAR_LEAST = "the least step behind a point", "near that step"
ANY_STEP = "any direction and step"
CASES = (AT_LEAST, NEAR_LEAST, ANY_STEP)


@dataclass(frozen=True)
class Forcing:
    """A step c > 0 along a direction from a point of the set that is labelled -1, by index."""

    data: LabelledSet
    start: int
    direction: Vector
    step: Fraction

    @property
    def end(self) -> Vector:
        """The point x + c v."""
        return combine((1, self.data.points[self.start]), (self.step, self.direction))


def least(data: LabelledSet, positive: int, x: Vector, v: Vector) -> Answer:
    """Return the least step along v from x that ends behind one +1 point, seen from -1 points."""
    target = data.points[positive]
    columns = [v, *(combine((1, z), (-1, target)) for z in data.negative)]
    rows = list(zip(*columns, strict=True))
    costs = [1] + [0] * (len(columns) - 1)
    gap = combine((1, target), (-1, x))
    found = linear_program(costs, equalities=(rows, gap), nonnegative=True)
    return Answer(found.x, found.certificate)


def leasts(data: LabelledSet, x: Vector, v: Vector) -> list[Answer]:
    """Return the least step for each +1 point of the set, the first entry of what was found."""
    return [least(data, k, x, v) for k, y in enumerate(data.labels) if y == 1]


def draw(rng: Random, case: str) -> Forcing:
    """Return a set for which some network is right, a direction, a -1 point of it, and a step."""
    data = networks.surrounded_set(rng, rng.choice(networks.CASES))
    start = rng.choice([i for i, y in enumerate(data.labels) if y == -1])
    x = data.points[start]
    v = combine((1, rng.choice(data.positive)), (-1, rng.choice((x, *data.negative))))
    if case == ANY_STEP:
        v = numbers.nonzero_vector(rng, data.dimension)
    ends = [one.found[0] for one in leasts(data, x, v) if one.found]
    c = rng.choice(ends or [numbers.positive(rng)])
    if case == NEAR_LEAST:
        c += rng.choice((-1, 1)) * Fraction(1, rng.choice((4, 64, 1024)))
    elif case == ANY_STEP and rng.random() < 0.5:
        c = numbers.positive(rng)
    return Forcing(data, start, v, max(c, Fraction(1, 100)))


def decide(forcing: Forcing) -> Proof:
    """Compare the least step with whether all accurate networks label the end of the step +1."""
    data, c, y = forcing.data, forcing.step, forcing.end
    relu_directions.require_accurate_rules(data)
    found = leasts(data, data.points[forcing.start], forcing.direction)
    steps = [one.found[0] for one in found if one.found]
    reason, network = forced_labels.forced(data, y), forced_labels.refusing(data, y)
    rules = () if network is None else (network,)
    shown = [facts.accurate(0), facts.convex(0), facts.label(0, y, -1)]
    return Proof.of(
        step("Either the end is labelled +1 by all accurate networks, since some point labelled +1 "
             "is a mixture of it and of points labelled -1, or an accurate network labels it -1.",
             (int(reason is not None) + len(rules), "=", 1)),
        step("All do exactly from the least of the steps that end behind a point labelled +1.",
             (int(reason is not None), "=", int(any(c >= one for one in steps)))),
        *([forced_labels.of_networks(data, y, reason)] if reason else []),
        *(data.certificate([rule], shown) for rule in rules),
        *(one.certificate for one in found),
    )  # fmt: skip
