"""Laws with finitely many labelled points and rational probabilities, and exact i.i.d. samples."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import accumulate
from math import factorial, lcm, prod
from random import Random
from typing import Any, Self, TypeAlias

from certify.errors import InputError
from certify.numbers import rationals
from certify.numbers.rationals import Vector, dot
from verify.drawing import numbers
from verify.objects import LabelledSet

# A sample as a list up to order: how often each point of the law was drawn.
Counts: TypeAlias = tuple[int, ...]

PLANTED = "labels by a planted rule"
UNIFORM = "uniform on a fixed set"
NOISY = "label noise"
ONE_LABEL = "one label"
BASIS = "orthonormal points"
CASES = (PLANTED, UNIFORM, NOISY, ONE_LABEL, BASIS)

LARGEST_DIMENSION, LARGEST_SUPPORT, LARGEST_COORDINATE = 3, 5, 3


@dataclass(frozen=True)
class FiniteLaw:
    """A law on labelled points: ``atoms`` may hold one point with both labels.

    ``probabilities`` are positive rationals that sum to one, in the order of the atoms.
    """

    atoms: LabelledSet
    probabilities: Vector

    def __post_init__(self) -> None:
        if len(self.probabilities) != len(self.atoms.points):
            raise InputError(
                "probabilities",
                expected=f"{len(self.atoms.points)} numbers",
                got=f"{len(self.probabilities)}",
            )
        if min(self.probabilities) <= 0 or sum(self.probabilities) != 1:
            raise InputError(
                "probabilities",
                expected="positive numbers that sum to 1",
                got="(" + ", ".join(rationals.texts(self.probabilities)) + ")",
            )

    @classmethod
    def of(cls, points: Any, labels: Any, weights: Any) -> Self:
        """Make a law from positive weights of any accepted kind; they are divided by their sum.

        >>> FiniteLaw.of([[1], [1]], [1, -1], [3, 1]).probabilities
        (Fraction(3, 4), Fraction(1, 4))
        """
        exact = rationals.vector(weights, "weights")
        total = sum(exact, Fraction(0))
        if total <= 0:
            got = f"the sum {rationals.text(total)}"
            raise InputError("weights", expected="positive numbers", got=got)
        return cls(LabelledSet.of(points, labels), tuple(w / total for w in exact))

    @cached_property
    def radius_squared(self) -> Fraction:
        """The largest squared length of a point: R^2."""
        return max(dot(x, x) for x in self.atoms.points)

    def sample(self, rng: Random, size: int) -> Counts:
        """Return ``size`` independent draws as counts; exact, no float is involved.

        Every draw is one integer below the common denominator of the probabilities.
        """
        ends = list(accumulate(int(p * self.denominator) for p in self.probabilities))
        counts = [0] * len(ends)
        for _ in range(size):
            counts[bisect_right(ends, rng.randrange(self.denominator))] += 1
        return tuple(counts)

    @property
    def denominator(self) -> int:
        """The common denominator of the probabilities."""
        return lcm(*(p.denominator for p in self.probabilities))

    def all_samples(self, size: int) -> Iterator[tuple[Counts, int]]:
        """Yield all counts of ``size`` draws, each with its probability times denominator^size."""
        weights = [int(p * self.denominator) for p in self.probabilities]
        for counts in compositions(size, len(weights)):
            ways = factorial(size) // prod(map(factorial, counts))
            yield counts, ways * prod(w**n for w, n in zip(weights, counts, strict=True))


def compositions(size: int, parts: int) -> Iterator[Counts]:
    """Yield all tuples of ``parts`` nonnegative integers with the sum ``size``."""
    if parts == 1:
        yield (size,)
        return
    for first in range(size + 1):
        for rest in compositions(size - first, parts - 1):
            yield (first, *rest)


def seen(atoms: LabelledSet, indices: Sequence[int]) -> LabelledSet:
    """Return the atoms with the given indices, of which there must be one at least."""
    return LabelledSet(
        tuple(atoms.points[i] for i in indices), tuple(atoms.labels[i] for i in indices)
    )


def law(rng: Random, case: str) -> FiniteLaw:
    """Return a law of the named case with at most five points in dimension 1 to 3.

    Under a planted rule, and with one label, some rule through the origin is right everywhere;
    with label noise one point carries both labels, so no rule is.
    """
    d = rng.randint(1, LARGEST_DIMENSION)
    support = rng.randint(2, LARGEST_SUPPORT)
    if case == BASIS:
        points = [tuple(Fraction(i == j) for i in range(support)) for j in range(support)]
        labels = [rng.choice((1, -1)) for _ in points]
    else:
        normal = _integers(rng, d)
        drawn = [_integers(rng, d) for _ in range(support)]
        points = [x for x in drawn if dot(normal, x)] or [normal]
        labels = [1 if dot(normal, x) > 0 else -1 for x in points]
        if case == ONE_LABEL:
            points = [tuple(y * c for c in x) for x, y in zip(points, labels, strict=True)]
            labels = [1] * len(points)
        if case == NOISY:
            points, labels = [*points, points[0]], [*labels, -labels[0]]
    weights = [1 if case == UNIFORM else int(numbers.positive(rng)) + 1 for _ in points]
    if case == NOISY:  # the wrong label is the rarer one
        weights[0] += 4 * weights[-1]
    return FiniteLaw.of(points, labels, weights)


def _integers(rng: Random, d: int) -> Vector:
    entries = [rng.randint(-LARGEST_COORDINATE, LARGEST_COORDINATE) for _ in range(d)]
    if not any(entries):
        entries[rng.randrange(d)] = 1
    return tuple(map(Fraction, entries))
