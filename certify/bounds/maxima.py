"""How lower bounds of maxima, of relus among them, are put from bounds of what they read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

import numpy as np

from certify.bounds.unrounded import Array, most
from certify.networks.operations import Maximum, MaxPool, Operation


@dataclass(frozen=True, eq=False)
class Bend:
    """What to put for a maximum, for one part of a box or for many (parts, maxima).

    A coefficient a >= 0 of it goes to entry ``low`` of what it reads, or at a relu a ``slope`` of
    it / 2^``places`` to the only one. Of a = -n < 0, floor(n rise / run) goes to entry ``high``,
    and the rest times ``top`` is what it costs.
    """

    rise: Array
    run: Array
    top: Array
    slope: Array | None = None
    places: int = 0
    low: Array | None = None
    high: Array | None = None

    @cached_property
    def most(self) -> tuple[int, int, int]:
        """The largest ``rise``, ``run`` and absolute value of ``top``."""
        return most(self.rise), most(self.run), most(self.top)

    def map(self, change: Callable[[Array], Array]) -> Bend:
        """Return it for other parts, each of which is one of these."""
        slope, low, high = (
            None if x is None else change(x) for x in (self.slope, self.low, self.high)
        )
        rise, run, top = (change(x) for x in (self.rise, self.run, self.top))
        found = Bend(rise, run, top, slope, self.places, low, high)
        found.__dict__["most"] = self.most
        return found


def relu(l: Array, u: Array, slope: Array, places: int) -> Bend:
    """Return what to put for relus of values between bounds (parts, values)."""
    silent, active = u <= 0, l >= 0
    one = np.ones_like(l)
    rise = np.where(active, one, np.where(silent, 0 * one, u))
    run = np.where(active | silent, one, u - l)
    return Bend(rise, run, np.where(silent, 0 * one, u), slope, places)


class Lists:
    """The lists of a maximum, as a table; entries may be struck out for some parts of a box."""

    def __init__(self, operation: Maximum) -> None:
        lists = operation.lists
        longest = max(map(len, lists))
        self.table = np.array([[*e, *e[:1] * (longest - len(e))] for e in lists])
        self.all = np.arange(longest) < np.array([len(e) for e in lists])[:, None]
        entries = list(chain.from_iterable(lists))
        self.disjoint = len(set(entries)) == len(entries)

    @classmethod
    def of(cls, operation: Operation) -> Lists | None:
        """Return the lists of a maximum or a pool, None for other operations."""
        if isinstance(operation, MaxPool):
            operation = operation.maximum
        return cls(operation) if isinstance(operation, Maximum) else None

    @cached_property
    def repeats(self) -> int:
        """In how many lists an entry is at most."""
        return int(np.bincount(self.table[self.all]).max())

    def kept(self, pairs: Sequence[Sequence[tuple[int, int]]]) -> Array:
        """Return which entries are not struck out, (parts or 1, lists, longest).

        For each part, pairs of entries tell of which one the second, where a list holds both, does
        not exceed the first.
        """
        if not any(pairs):
            return self.all[None]
        found = np.repeat(self.all[None], len(pairs), axis=0)
        for kept, part in zip(found, pairs, strict=True):
            for more, less in part:
                second = kept & (self.table == less)
                both = (kept & (self.table == more)).any(1) & second.any(1)
                kept &= ~(second & both[:, None])
        return found

    def largest(self, x: Array, kept: Array) -> tuple[Array, Array]:
        """Return where in its list the first largest kept entry is, and how large."""
        listed = np.where(kept, x[:, self.table], x.min() - 1 if x.size else 0)
        at = listed.argmax(-1)
        return at, np.take_along_axis(listed, at[..., None], -1)[..., 0]

    def highest(self, l: Array, u: Array, kept: Array) -> tuple[Array, Array, Array, Array]:
        """Return where the entry of largest u is, its bounds, and how large the others may be."""
        at, top = self.largest(u, kept)
        others = kept & (np.arange(kept.shape[-1]) != at[..., None])
        entry = np.take_along_axis(self.table[None], at[..., None], -1)[..., 0]
        bottom = np.take_along_axis(np.broadcast_to(l, (len(at), l.shape[1])), entry, 1)
        rest = np.where(others.any(-1), self.largest(u, others)[1], bottom)
        return entry, bottom, top, rest

    def bend(self, l: Array, u: Array, kept: Array) -> Bend:
        """Return what to put for the maxima."""
        first, _ = self.largest(l, kept)
        low = np.take_along_axis(self.table[None], first[..., None], -1)[..., 0]
        high, bottom, top, rest = self.highest(l, u, kept)
        decided, one = bottom >= rest, np.ones_like(top)
        rise = np.where(decided, one, top - rest)
        return Bend(rise, np.where(decided, one, top - bottom), top, low=low, high=high)

    def undecided(self, l: Array, u: Array, kept: Array) -> Array:
        """Return of which values, (parts, values), some maximum may need any."""
        _, bottom, _, rest = self.highest(l, u, kept)
        _, least = self.largest(l, kept)
        needed = kept & (bottom < rest)[..., None] & (u[:, self.table] > least[..., None])
        found = np.zeros((len(needed), l.shape[1]), dtype=bool)
        part, *place = np.nonzero(needed)
        found[part, self.table[tuple(place)]] = True
        return found


def scattered(sums: Array, entries: Array, values: Array, disjoint: bool) -> None:
    """Add values (rows, lists) to the entries (rows or 1, lists) of sums (rows, size)."""
    if len(entries) == 1 and disjoint:
        sums[:, entries[0]] += values
    else:
        rows = np.arange(len(sums))[:, None]
        np.add.at(sums, (rows, np.broadcast_to(entries, values.shape)), values)
