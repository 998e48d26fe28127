"""The bounds of the rule ``no-counterexample`` on many leaves at once, with NumPy.

The numbers are those of the checker, and so is the work that is spent before each of them: a
certificate that asks for too much of it is refused at the same leaf.
"""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any

from certify.bounds.exact import Exact, Outcome
from certify.bounds.parts import Leaf, Region
from certify.bounds.question import Box, Property
from certify.networks.reading import network
from certify.numbers.rationals import Vector

Bound = tuple[Any, Outcome]  # of a leaf, as the rule has read it


class _Exceeded(Exception):
    """More bounds would be improved than may be: leaves are then taken one by one."""


def bounds(read: Any, claims: Sequence[Any], every: bool) -> Iterator[Bound]:
    """Yield what is proved on each leaf of claims, of what the rule has read of a region."""
    box = Box(_fractions(read.lower), _fractions(read.upper))
    net = network(read.written, len(box))
    region = Region(net, box, read.grid, read.places, read.refined)
    whole = _Improved(read)
    if not every:
        read.spend(2 * read.works[-1])
    try:
        exact = Exact(region, every=every, improving=whole)
    except _Exceeded:
        read.spend(whole.work)
        raise
    read.spend(whole.work)
    for claim in claims:
        rows = tuple(map(_fractions, claim.C.rows))
        unwanted, first = Property(rows, _fractions(claim.d)), 0
        least = claim.work + read.works[-1] * (3 if every else 1)
        while first < len(claim.leaves):
            last = first + min(exact.together, 1 + max(0, read.evidence.budget) // least)
            for leaf, outcome in _together(read, exact, unwanted, claim.leaves[first:last]):
                read.spend(read.works[-1] + claim.work)
                if every:
                    read.spend(2 * read.works[-1])
                for k, count in outcome.improved:
                    read.spend(2 * count * read.works[k])
                yield leaf, outcome
            first = last


def _together(
    read: Any, exact: Exact, unwanted: Property, leaves: Sequence[Any]
) -> Iterator[Bound]:
    improved = _Improved(read)
    same = [Leaf(x.path, x.weights, x.slopes, x.ties) for x in leaves]
    try:
        yield from zip(leaves, list(exact.outcomes(unwanted, same, improved)), strict=True)
    except _Exceeded:
        if len(leaves) == 1:
            yield leaves[0], Outcome(None, 0, tuple(improved.most.items()))
            return
        for leaf in leaves:
            yield from _together(read, exact, unwanted, [leaf])


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
