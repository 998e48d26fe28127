"""The bounds of the rule ``no-counterexample`` on many leaves at once, with NumPy.

The numbers are those of the checker, and so is the work that is spent before each of them: a
certificate that asks for too much of it is refused at the same leaf.
"""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any

from certify.bounds.ellipsoids import ellipsoid
from certify.bounds.exact import Exact, Outcome
from certify.bounds.question import Box, Property
from certify.bounds.regions import Leaf, Region
from certify.networks.reading import network
from certify.numbers.rationals import Vector

Bound = tuple[Any, Outcome]  # of a leaf, as the rule has read it


class _Exceeded(Exception):
    """More bounds would be improved than may be: leaves are then taken one by one."""


def bounds(read: Any, claims: Sequence[Any], every: bool) -> Iterator[Bound]:
    """Yield what is proved on each leaf of claims, of what the rule has read of a region."""
    box = Box(_fractions(read.lower), _fractions(read.upper))
    net = network(read.written, len(box))
    ball = read.ellipsoid and ellipsoid(read.ellipsoid)
    region = Region(net, box, read.grid, read.places, read.refined, ball)
    whole = _Improved(read)
    if not every:
        read.spend(2 * read.works[-1])
    try:
        exact = Exact(region, every=every, improving=whole)
    except _Exceeded:
        read.spend(whole.work)
        raise
    read.spend(whole.work)
    properties = [Property(tuple(map(_fractions, x.C.rows)), _fractions(x.d)) for x in claims]
    pairs = zip(claims, properties, strict=True)
    asked = [(claim.work, p, leaf) for claim, p in pairs for leaf in claim.leaves]
    first, least = 0, (3 if every else 1) * read.works[-1]
    while first < len(asked):
        last = first + min(exact.together, 1 + max(0, read.evidence.budget) // least)
        for work, leaf, outcome in _together(read, exact, asked[first:last]):
            read.spend(read.for_leaf(leaf) + work)
            if every:
                read.spend(2 * read.works[-1])
            for k, count in outcome.improved:
                read.spend(2 * count * read.works[k])
            yield leaf, outcome
        first = last


def _together(
    read: Any, exact: Exact, asked: Sequence[tuple[int, Property, Any]]
) -> Iterator[tuple[int, Any, Outcome]]:
    works, unwanted, leaves = zip(*asked, strict=True)
    improved = _Improved(read)
    same = [Leaf(x.path, x.weights, x.slopes, x.ties, x.curve) for x in leaves]
    try:
        outcomes = list(exact.outcomes(unwanted, same, improved))
    except _Exceeded:
        if len(leaves) == 1:
            yield works[0], leaves[0], Outcome(None, 0, tuple(improved.most.items()))
            return
        for one in asked:
            yield from _together(read, exact, [one])
        return
    yield from zip(works, leaves, outcomes, strict=True)


class _Improved:
    """How many bounds of a node are improved at once, which may not take more than is left."""

    def __init__(self, read: Any) -> None:
        self.read = read
        self.most: dict[int, int] = {}

    @property
    def work(self) -> int:
        """The work of all of them."""
        return sum(2 * count * self.read.works[k] for k, count in self.most.items())

    def __call__(self, k: int, count: int) -> None:
        self.most[k] = max(count, self.most.get(k, 0))  # more than once, if floats do not do
        if self.work > self.read.evidence.budget:
            raise _Exceeded


def _fractions(v: Any) -> Vector:
    return tuple(Fraction(*ratio) for ratio in v.ratios)
