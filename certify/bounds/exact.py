"""Exact lower bounds of properties on many parts of a box at once, as the checker computes them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import NamedTuple

import numpy as np

from certify.bounds.affine import Numbers
from certify.bounds.parts import Halfspace, Improving, Leaf, Parts, Region
from certify.bounds.question import Property
from certify.bounds.unrounded import TooLong, Unrounded, Weights, integers, plus
from certify.numbers.digits import one_thread

__all__ = ["Exact", "Halfspace", "Leaf", "Outcome", "Region"]

LEAVES, VALUES = 256, 4_000_000  # that are computed together, and the values on all of them


class Outcome(NamedTuple):
    """What is proved on a part: it is empty, or weighted rows of a property are at least ``bound``.

    bound     in units of 2^-2g, g being the grid; None where the part is empty
    bent      how many relus may see both signs there: as many slopes a leaf has, if any
    improved  of which nodes how many bounds were improved in this part alone
    """

    bound: int | None
    bent: int
    improved: tuple[tuple[int, int], ...] = ()

    def passes(self, leaf: Leaf) -> bool:
        """Return whether this proves that the part of the leaf holds no counterexample."""
        fits = leaf.slopes is None or len(leaf.slopes) == self.bent
        return self.bound is None or (fits and self.bound > 0)


class Exact:
    """Bounds on parts of the box of a region, those on the whole box being computed once.

    The bounds of all values are those on the whole box, narrowed to the halfspaces of the part, or
    if ``every`` computed anew for each part. All numbers are exact, and the same as the checker's.
    ``improving`` is told of the bounds on the whole box that are about to be improved.
    """

    def __init__(self, region: Region, *, every: bool, improving: Improving | None = None) -> None:
        self.region = region
        self.whole: Parts | None = None
        if not every:
            box = [Leaf((), (), None, ())]
            with one_thread():
                try:
                    self.whole = Parts(region, box, improving=improving)
                except TooLong:
                    self.whole = Parts(region, box, wide=True, improving=improving)
        self.together = max(1, min(LEAVES, VALUES // region.values))

    def outcomes(
        self, unwanted: Property, leaves: Sequence[Leaf], improving: Improving | None = None
    ) -> Iterator[Outcome]:
        """Yield what is proved on each leaf: the least of sum_k weight_k (C f(x) - d)_k on it."""
        rows = _Rows(unwanted)
        with one_thread():
            for first in range(0, len(leaves), self.together):
                yield from self._decided(rows, leaves[first : first + self.together], improving)

    def _decided(
        self, rows: _Rows, leaves: Sequence[Leaf], improving: Improving | None
    ) -> list[Outcome]:
        """Return the outcomes of leaves; those that floats do not hold are done alone."""
        wide = bool(self.whole and self.whole.wide)
        try:
            return self._found(rows, leaves, improving, wide)
        except TooLong:
            half = len(leaves) // 2
            if not half:
                return self._found(rows, leaves, improving, True)
        parts = leaves[:half], leaves[half:]
        return [one for part in parts for one in self._decided(rows, part, improving)]

    def _found(
        self, rows: _Rows, leaves: Sequence[Leaf], improving: Improving | None, wide: bool
    ) -> list[Outcome]:
        region = self.region
        parts = Parts(region, leaves, self.whole, wide, improving)
        found = [Outcome(None, 0, parts.effort(p)) for p in range(len(leaves))]
        if not len(parts.index):
            return found
        bends, counts = parts.chosen()
        one = [1 << region.bits] * len(rows.right_side.integers)
        given = np.array([leaf.weights or one for leaf in parts.leaves], dtype=object)
        weights = Unrounded.of(integers(given, wide), -region.bits)
        a, loss = parts.lowered(rows.matrix.times(weights), region.end, None)
        shift = weights.dot(rows.right_side.term(wide))
        loss = plus(parts.constant(Unrounded((-shift).terms, rows.right_side.odd)), loss)
        bounds = plus(parts.least(region.end, a, None, bends, parts.ties()), loss)
        ends = zip(parts.index.tolist(), bounds.tolist(), counts.tolist(), strict=True)
        for p, bound, bent in ends:
            found[p] = found[p]._replace(bound=bound, bent=bent)
        return found


class _Rows:
    """The rows of a property C z <= d, for products with weights."""

    def __init__(self, unwanted: Property) -> None:
        flat = Numbers([*chain.from_iterable(unwanted.matrix)])
        table = flat.integers.reshape(len(unwanted.matrix), -1)
        self.matrix = Weights(table, flat.exponent, flat.odd)
        self.right_side = Numbers(unwanted.right_side)
