"""Exact lower bounds of properties on many parts of a box at once, as the checker computes them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import NamedTuple

import numpy as np

from certify.bounds.affine import Numbers
from certify.bounds.parts import Improving, Parts
from certify.bounds.question import Property
from certify.bounds.regions import Halfspace, Leaf, Region
from certify.bounds.unrounded import Array, TooLong, Unrounded, Weights, integers, plus
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
        self._rows: dict[int, _Rows] = {}

    def outcomes(
        self,
        unwanted: Property | Sequence[Property],
        leaves: Sequence[Leaf],
        improving: Improving | None = None,
    ) -> Iterator[Outcome]:
        """Yield what is proved on each leaf: the least of sum_k weight_k (C f(x) - d)_k on it.

        The property is the same on all, or there is one for each.
        """
        given = [unwanted] * len(leaves) if isinstance(unwanted, Property) else unwanted
        for asked in given:
            if id(asked) not in self._rows:
                self._rows[id(asked)] = _Rows(asked)
        pairs = [(self._rows[id(asked)], leaf) for asked, leaf in zip(given, leaves, strict=True)]
        for first in range(0, len(pairs), self.together):
            with one_thread():
                found = self._decided(pairs[first : first + self.together], improving)
            yield from found

    def _decided(self, pairs: Sequence[Pair], improving: Improving | None) -> list[Outcome]:
        """Return the outcomes of leaves; those that floats do not hold are done alone."""
        wide = bool(self.whole and self.whole.wide)
        try:
            return self._found(pairs, improving, wide)
        except TooLong:
            half = len(pairs) // 2
            if not half:
                return self._found(pairs, improving, True)
        parts = pairs[:half], pairs[half:]
        return [one for part in parts for one in self._decided(part, improving)]

    def _found(
        self, pairs: Sequence[Pair], improving: Improving | None, wide: bool
    ) -> list[Outcome]:
        end = self.region.end
        parts = Parts(self.region, [leaf for _, leaf in pairs], self.whole, wide, improving)
        found = [Outcome(None, 0, parts.effort(p)) for p in range(len(pairs))]
        if not len(parts.index):
            return found
        asked: dict[_Rows, list[int]] = {}
        for n, p in enumerate(parts.index.tolist()):
            asked.setdefault(pairs[p][0], []).append(n)
        a: Array = np.zeros((len(parts.index), self.region.sizes[end]), object if wide else float)
        losses: Array = np.zeros(len(a), dtype=object)
        for rows, own in asked.items():
            a[own], losses[own] = self._start(rows, parts, np.array(own))
        bends, counts = parts.chosen()
        bounds = plus(parts.least(end, a, None, bends, parts.ties()), losses)
        ends = zip(parts.index.tolist(), bounds.tolist(), counts.tolist(), strict=True)
        for p, bound, bent in ends:
            found[p] = found[p]._replace(bound=bound, bent=bent)
        return found

    def _start(self, rows: _Rows, parts: Parts, own: Array) -> tuple[Array, Array]:
        """Return coefficients of the outputs, and constants, for some of the parts."""
        region, wide, d = self.region, parts.wide, rows.right_side
        one = [1 << region.bits] * len(d.integers)
        given: Array = np.array(
            [parts.leaves[n].weights or one for n in own.tolist()], dtype=object
        )
        weights = Unrounded.of(integers(given, wide), -region.bits)
        a, loss = parts.lowered(rows.matrix.times(weights), region.end, own)
        # The right side may be outputs of the network, which are long; but there are few.
        product = Unrounded.of(given, -region.bits).dot(d.term(wide=True))
        shift = Unrounded((-product).terms, d.odd)
        return a, plus(shift.floor(2 * region.grid, wide=True), loss)


class _Rows:
    """The rows of a property C z <= d, for products with weights."""

    def __init__(self, unwanted: Property) -> None:
        self.of = unwanted  # which keeps its id
        flat = Numbers([*chain.from_iterable(unwanted.matrix)])
        table = flat.integers.reshape(len(unwanted.matrix), -1)
        self.matrix = Weights(table, flat.exponent, flat.odd)
        self.right_side = Numbers(unwanted.right_side)


Pair = tuple[_Rows, Leaf]
