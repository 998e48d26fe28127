"""Bounds of the values of a network on many parts of a box at once, in integers.

What is computed, and how it is rounded, is the rule ``no-counterexample`` of the checker to the
letter; here it is computed for many rows together. Bounds and coefficients are integers in units of
2^-g, g being the grid, and constants in units of 2^-2g.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from certify.bounds.affine import Affine
from certify.bounds.ellipsoids import curved
from certify.bounds.maxima import Bend, relu, scattered
from certify.bounds.regions import Halfspace, Leaf, Region
from certify.bounds.unrounded import (
    Array,
    Term,
    TooLong,
    Unrounded,
    floor_quotient,
    floor_shift,
    framed,
    integers,
    most,
    objects,
    plus,
)
from certify.numbers.digits import LIMIT

Improving = Callable[[int, int], None]  # is told of a node and how many of its bounds


class Parts:
    """Bounds of all values on parts of the box, those of ``leaves`` that are not empty.

    They are those of a larger part, narrowed to the halfspaces; without one they are computed anew.
    ``improving`` is told of bounds before they are improved. Raises
    :class:`TooLong` when floats do not hold a number that occurs, unless wide.
    """

    def __init__(
        self,
        region: Region,
        leaves: Sequence[Leaf],
        larger: Parts | None = None,
        wide: bool = False,
        improving: Improving | None = None,
    ) -> None:
        self.region, self.leaves, self.wide = region, list(leaves), wide
        self.count = len(leaves)
        self.index = np.arange(len(leaves))  # of the parts that are left
        self.improving = improving
        self.improved: dict[int, Array] = {}  # how many bounds of a node were, in each part
        self.bounds: list[tuple[Array, Array]] = []
        self._bends: dict[int, Bend] = {}
        self._read_paths()
        for k in range(region.end + 1):
            if larger:
                l, u = (integers(x, wide) for x in larger.bounds[k])
            else:
                l, u = self._reach(k)
            self.bounds.append((l, u))
            self._cut(k)
            if not larger and k in region.refined and len(self.index):
                self._refine(k, region.refined[k])
            if not len(self.index):
                return

    def _read_paths(self) -> None:
        depth = max(len(leaf.path) for leaf in self.leaves)
        none = Halfspace(-1, -1, -1, 0)
        paths = [[*leaf.path, *[none] * (depth - len(leaf.path))] for leaf in self.leaves]
        table = np.array(paths, dtype=object).reshape(len(paths), depth, 4)
        self.node, self.more, self.less = (table[..., c].astype(np.int64) for c in range(3))
        self.by = integers(table[..., 3], self.wide)
        self.kept = {
            i: lists.kept([
                [
                    (cut.more, cut.less)
                    for cut in leaf.path
                    if cut.node == self.region.reads[i][0] and min(cut[1:]) >= 0
                ]
                for leaf in self.leaves
            ])
            for i, lists in enumerate(self.region.lists)
            if lists
        }  # fmt: skip

    def _keep(self, full: Array) -> None:
        """Forget the parts that are empty."""
        self.leaves = [leaf for leaf, kept in zip(self.leaves, full.tolist(), strict=True) if kept]

        def some(x: Array) -> Array:
            return x[full] if len(x) == len(full) else x

        self.index, self.node, self.more, self.less, self.by = (
            x[full] for x in (self.index, self.node, self.more, self.less, self.by)
        )
        self.bounds = [(some(l), some(u)) for l, u in self.bounds]
        self.kept = {i: some(kept) for i, kept in self.kept.items()}
        self._bends = {i: bend.map(some) for i, bend in self._bends.items()}

    def _reach(self, k: int) -> tuple[Array, Array]:
        """Return bounds of what a node gives, from those of what it reads."""
        region, grid, wide = self.region, self.region.grid, self.wide
        if not k:
            lower, upper = (x.row(True) for x in (region.lower, region.upper))
            return integers(lower.floor(grid, True), wide), integers(upper.ceil(grid, True), wide)
        given = [self.bounds[j] for j in region.reads[k]]
        lists, node = region.lists[k], region.affine[k]
        if lists:
            l, u = (lists.largest(x, self.kept[k])[1] for x in given[0])
        elif node is None:
            l, u = (np.maximum(x, 0) for x in given[0])
        else:
            half = -grid - 1
            middle = node.values([Unrounded.of(self._sum(l, u), half) for l, u in given])
            if node.offsets:
                middle += node.offsets.row(wide)
            spread = node.spread([Unrounded.of(self._sum(u, -l), half) for l, u in given])
            l, u = (middle + -spread).floor(grid, wide), (middle + spread).ceil(grid, wide)
        return l, u

    def _sum(self, x: Array, y: Array) -> Array:
        if not self.wide and most(x) + most(y) > LIMIT:
            raise TooLong
        return x + y

    def _cut(self, k: int) -> None:
        """Narrow the bounds of what a node gives to the halfspaces, one after another."""
        steps = np.flatnonzero((self.node == k).any(axis=0))
        if not len(steps):
            return
        if not self.wide and max(map(most, self.bounds[k])) + most(self.by) > LIMIT // 2:
            raise TooLong
        l, u = (framed(np.broadcast_to(x, (len(self.index), x.shape[1]))) for x in self.bounds[k])
        for step in steps:
            parts = np.flatnonzero(self.node[:, step] == k)
            more, less, by = (x[parts, step] for x in (self.more, self.less, self.by))
            l[parts, more] = np.maximum(l[parts, more], l[parts, less] + by)
            u[parts, less] = np.minimum(u[parts, less], u[parts, more] - by)
        full = np.array(~(l > u).any(axis=1))
        self.bounds[k] = l[:, :-1], u[:, :-1]
        if not full.all():
            self._keep(full)

    def _refine(self, k: int, entries: Sequence[int] | None) -> None:
        """Improve the bounds of some entries of what a node gives, or of all undecided ones."""
        l, u = self.bounds[k]
        if entries is None:
            chosen = np.broadcast_to(self._undecided(k), l.shape)
        else:
            chosen = np.zeros(l.shape, dtype=bool)
            chosen[:, list(entries)] = True
        l, u = l.copy(), u.copy()
        counts = np.zeros(self.count, dtype=np.int64)
        counts[self.index] = chosen.sum(axis=1)
        self.improved[k] = counts
        if self.improving:
            self.improving(k, int(counts.sum()))
        part, entry = np.nonzero(chosen)
        for first in range(0, len(part), self.region.together):
            rows = slice(first, first + self.region.together)
            ends = []
            for sign in (1, -1):
                a = self._zeros(len(part[rows]), l.shape[1])
                a[np.arange(len(a)), entry[rows]] = sign << self.region.grid
                at = part[rows] if len(l) > 1 else np.zeros(len(a), dtype=np.int64)
                ends.append(self.least(k, a, at) >> self.region.grid)
            place = part[rows], entry[rows]
            l[place] = np.maximum(l[place], integers(ends[0], self.wide))
            u[place] = np.minimum(u[place], integers(-ends[1], self.wide))
        self.bounds[k] = l, u
        full = np.broadcast_to(~(l > u).any(axis=1), (len(self.index),))
        if not full.all():
            self._keep(full)

    def _undecided(self, k: int) -> Array:
        """Return which entries have both signs at a relu, or some maximum may need any of."""
        l, u = self.bounds[k]
        found = np.zeros(l.shape, dtype=bool)
        for i in range(k + 1, self.region.end + 1):
            if self.region.reads[i] == (k,) and self.region.affine[i] is None:
                lists = self.region.lists[i]
                found = found | (
                    lists.undecided(l, u, self.kept[i]) if lists else (l < 0) & (u > 0)
                )
        return found

    def _zeros(self, rows: int, size: int) -> Array:
        return np.zeros((rows, size), dtype=object if self.wide else np.float64)

    def effort(self, part: int) -> tuple[tuple[int, int], ...]:
        """Return of which nodes how many bounds were improved in a part, empty or not."""
        return tuple((k, int(counts[part])) for k, counts in self.improved.items())

    def ties(self) -> Array | None:
        """Return the ties of the leaves on the grid, None where all are 0."""
        if not any(any(leaf.ties) for leaf in self.leaves):
            return None
        finer = self.region.grid - self.region.bits
        depth = self.node.shape[1]
        found = [[t << finer for t in leaf.ties] for leaf in self.leaves]
        table = [[*ties, *[0] * (depth - len(ties))] for ties in found]
        return integers(np.array(table, dtype=object), self.wide)

    def chosen(self) -> tuple[dict[int, Bend], Array]:
        """Return what to put for relus with the slopes of the leaves, and how many these have."""
        region = self.region
        masks = {}
        for i in region.relus:
            l, u = self.bounds[region.reads[i][0]]
            masks[i] = np.broadcast_to((l < 0) & (u > 0), (len(self.leaves), l.shape[1]))
        if ball := region.ellipsoid:
            straight = np.array([leaf.curve is None for leaf in self.leaves])
            masks[ball.node] = masks[ball.node] & straight[:, None]
        bends = {i: self._bend_of(i) for i in region.relus}
        counts = sum((mask.sum(axis=1) for mask in masks.values()), np.zeros(len(self.leaves), int))
        given = [
            p for p, leaf in enumerate(self.leaves)
            if leaf.slopes is not None and len(leaf.slopes) == counts[p]
        ]  # fmt: skip
        if given:
            flat = np.concatenate([np.array(self.leaves[p].slopes, dtype=object) for p in given])
            starts = np.cumsum([0, *(counts[p] for p in given)])[:-1]
            for i, mask in masks.items():
                bend = bends[i]
                assert bend.slope is not None
                if not self.wide and region.bits > 52:
                    raise TooLong
                slope = np.repeat(bend.slope, len(mask) // len(bend.slope), axis=0)
                slope = slope * (1 << region.bits)
                for k, p in enumerate(given):
                    entries = np.flatnonzero(mask[p])
                    slope[p, entries] = flat[starts[k] : starts[k] + len(entries)]
                    starts[k] += len(entries)
                bends[i] = replace(bend, slope=slope, places=region.bits)
        return bends, counts

    def least(
        self,
        k: int,
        a: Array,
        parts: Array | None = None,
        bends: Mapping[int, Bend] | None = None,
        ties: Array | None = None,
    ) -> Array:
        """Return lower bounds of the sums of a (rows, size) times what a node gives.

        ``parts`` tells of which part each row is, if there is not one for each in order.
        """
        region, grid = self.region, self.region.grid
        constant: Array = np.zeros(len(a), dtype=np.int64)
        sums = {k: a}
        for i in range(k, -1, -1):
            if i not in sums:
                continue
            a = sums.pop(i)
            if ties is not None:
                a, more = self._tied(i, a, ties)
                constant = plus(constant, more)
            if not i:
                break
            node = region.affine[i]
            if node:
                terms, rest = self._turn(i, node, a, parts)
            else:
                terms, rest = self._bend(i, a, parts, bends)
                if bends and region.ellipsoid and i == region.ellipsoid.node:
                    rest = self._curve(i, a, terms[0], rest)
            constant = plus(constant, rest)
            for j, x in zip(region.reads[i], terms, strict=True):
                sums[j] = self._sum(sums[j], x) if j in sums else x
        l, u = (self._of(x, parts) for x in self.bounds[0])
        positive = np.maximum(a, 0)
        end = Unrounded.of(positive, -grid).dot(Term.of(l, -grid))
        end += Unrounded.of(a - positive, -grid).dot(Term.of(u, -grid))
        return plus(constant, self.constant(end))

    def lowered(self, x: Unrounded, k: int, parts: Array | None) -> tuple[Array, Array | int]:
        """Return coefficients of what a node gives, rounded down, and what that may take away."""
        grid = self.region.grid
        found = x.floor(grid, self.wide)
        if x.odd == 1 and all(term.exponent >= -grid for term in x.terms):
            return found, 0
        low = np.minimum(self.bounds[k][0], 0)
        below = np.flatnonzero((low < 0).any(axis=0))
        if not len(below):
            return found, 0
        some = x.map(lambda plane: plane[:, below])
        rest = integers((some.ceil(grid, self.wide) > found[:, below]).astype(np.int64), self.wide)
        loss = Unrounded.of(rest, -grid).dot(Term.of(self._of(low[:, below], parts), -grid))
        return found, self.constant(loss)

    def _turn(
        self, i: int, node: Affine, a: Array, parts: Array | None
    ) -> tuple[list[Array], Array]:
        """Return sums of what an affine node reads, and constants, that are not larger."""
        region, x = self.region, Unrounded.of(a, -self.region.grid)
        constant: Array = np.zeros(len(a), dtype=np.int64)
        if node.offsets:
            b = node.offsets
            offset = x.dot(b.term(self.wide))
            constant = plus(constant, self.constant(Unrounded(offset.terms, b.odd)))
        found = []
        for j, term in zip(region.reads[i], node.back(x), strict=True):
            lowered, loss = self.lowered(term, j, parts)
            constant = plus(constant, loss)
            found.append(lowered)
        return found, constant

    def _bend(
        self, i: int, a: Array, parts: Array | None, bends: Mapping[int, Bend] | None
    ) -> tuple[list[Array], Array]:
        """Return sums of what a maximum reads, and constants, that are not larger."""
        grid, lists = self.region.grid, self.region.lists[i]
        bend = (bends[i] if bends and i in bends else self._bend_of(i)).map(
            lambda x: self._of(x, parts)
        )
        positive = np.maximum(a, 0)
        n = positive - a
        rise, run, top = bend.most
        own, other = most(n), most(positive)
        steep = floor_quotient(n, bend.rise, bend.run, own * rise + run)
        n -= steep
        cost = Unrounded((Term(n, -grid, own),)).dot(Term(bend.top, -grid, top))
        if lists:
            assert bend.low is not None
            assert bend.high is not None
            found = self._zeros(len(a), self.region.sizes[self.region.reads[i][0]])
            if not self.wide and max(own, other) * 2 * lists.repeats > LIMIT:
                raise TooLong
            scattered(found, bend.low, positive, lists.disjoint)
            scattered(found, bend.high, -steep, lists.disjoint)
        else:
            assert bend.slope is not None
            if not self.wide and other << bend.places > LIMIT:
                raise TooLong
            gentle = positive * bend.slope
            found = (floor_shift(gentle, bend.places) if bend.places else gentle) - steep
        return [found], self.constant(-cost)

    def _curve(self, i: int, a: Array, found: Array, constant: Array) -> Array:
        """Put what an ellipsoid gives in the rows of the leaves that have a curve."""
        rows = [p for p, leaf in enumerate(self.leaves) if leaf.curve is not None]
        if rows:
            bounds = self.bounds[self.region.reads[i][0]]
            l, u = (np.broadcast_to(x, found.shape)[rows] for x in bounds)
            given = [self.leaves[p].curve for p in rows]
            slopes, constants = curved(self.region, a[rows], given, l, u)
            found[rows], constant = integers(slopes, self.wide), constant.astype(object)
            constant[rows] = constants
        return constant

    def _bend_of(self, i: int) -> Bend:
        """Return what to put for a maximum, for all parts, at a relu with the default slopes."""
        if i not in self._bends:
            l, u = self.bounds[self.region.reads[i][0]]
            lists = self.region.lists[i]
            if lists:
                self._bends[i] = lists.bend(l, u, self.kept[i])
            else:
                slope = integers((u >= -l).astype(np.int64), self.wide)
                self._bends[i] = relu(l, u, slope, 0)
        return self._bends[i]

    def _tied(self, i: int, a: Array, ties: Array) -> tuple[Array, Array | int]:
        """Return sums of what a node gives with ties to the halfspaces, and constants."""
        steps = np.flatnonzero(((self.node == i) & (ties != 0)).any(axis=0))
        if not len(steps):
            return a, 0
        if not self.wide and most(a) + len(steps) * most(ties) > LIMIT:
            raise TooLong
        a = framed(a)
        constant: Array = np.zeros(len(a), dtype=object)
        for step in steps:
            rows = np.flatnonzero(self.node[:, step] == i)
            more, less, tie, by = (x[rows, step] for x in (self.more, self.less, ties, self.by))
            a[rows, more] -= tie
            a[rows, less] += tie
            constant[rows] += objects(tie) * objects(by)
        return a[:, :-1], constant

    def _of(self, x: Array, parts: Array | None) -> Array:
        return x if parts is None or len(x) == 1 else x[parts]

    def constant(self, x: Unrounded) -> Array:
        """Return exact numbers in units of 2^-2g, rounded down."""
        if not self.wide:
            try:
                return x.floor(2 * self.region.grid).astype(np.int64)
            except TooLong:
                pass
        return x.floor(2 * self.region.grid, wide=True)
