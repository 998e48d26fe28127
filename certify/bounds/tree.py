"""The trees of parts that a search has made, one for each property."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from certify.bounds.regions import Leaf


@dataclass
class Trees:
    """Parts by number: those of ``splits`` have parts ``first`` and ``first + 1``, leaves none.

    The first numbers are those of the whole box for each property.
    """

    count: int
    splits: dict[int, tuple[int, int]] = field(default_factory=dict)  # its number, and first
    leaves: dict[int, Leaf] = field(default_factory=dict)

    def __len__(self) -> int:
        return self.count

    def split(self, part: int, split: int) -> int:
        """Note a split of a part; return the number of the first of its two parts."""
        first = self.count
        self.splits[part] = split, first
        self.count += 2
        return first

    def join(self, other: Trees, given: Sequence[int]) -> list[int]:
        """Take in trees whose first parts are some of these; return the number of each of theirs.

        ``given`` are the numbers of those.
        """
        own = [*given, *range(self.count, self.count + len(other) - len(given))]
        self.splits |= {own[k]: (n, own[first]) for k, (n, first) in other.splits.items()}
        self.leaves |= {own[k]: leaf for k, leaf in other.leaves.items()}
        self.count += len(other) - len(given)
        return own

    def leaves_below(self, part: int) -> int:
        """Return into how many closed parts one was split."""
        count, stack = 0, [part]
        while stack:
            k = stack.pop()
            if k in self.splits:
                first = self.splits[k][1]
                stack += (first, first + 1)
            else:
                count += 1
        return count

    def closed(self) -> Iterator[tuple[int, list[tuple[int, bool]], Leaf]]:
        """Yield of each leaf the whole box that it is a part of, splits and sides, and itself."""
        above: dict[int, tuple[int, tuple[int, bool]]] = {}
        for k, (split, first) in self.splits.items():
            above |= {first: (k, (split, False)), first + 1: (k, (split, True))}
        for k, leaf in self.leaves.items():
            path, part = [], k
            while part in above:
                part, side = above[part]
                path.append(side)
            yield part, path[::-1], leaf

    def state(self) -> dict[str, Any]:
        """Return all of it in numbers."""
        leaves = [
            [k, list(w), s if s is None else [int(x) for x in s], list(ties)]
            for k, (_, w, s, ties, _) in self.leaves.items()
        ]
        return {"splits": [[k, *split] for k, split in self.splits.items()], "leaves": leaves}

    def take(self, state: dict[str, Any]) -> None:
        """Take in what :meth:`state` returned."""
        self.splits = {k: (n, first) for k, n, first in state["splits"]}
        self.leaves = {k: Leaf((), tuple(w), s, tuple(ties)) for k, w, s, ties in state["leaves"]}
        self.count += 2 * len(self.splits)

    def document(
        self, part: int, described: Callable[[int], dict[str, Any]], bits: int
    ) -> dict[str, Any]:
        """Return the tree below a part as it stands in a certificate."""
        # Paths may be longer than Python's stack is deep.
        order, stack = [], [part]
        while stack:
            order.append(stack.pop())
            if order[-1] in self.splits:
                first = self.splits[order[-1]][1]
                stack += (first, first + 1)
        made: dict[int, dict[str, Any]] = {}
        for k in reversed(order):
            if k in self.leaves:
                made[k] = written(self.leaves[k], bits)
                continue
            number, first = self.splits[k]
            parts = [made.pop(first), made.pop(first + 1)]
            made[k] = {**described(number), "parts": parts}
        return made[part]


def written(leaf: Leaf, bits: int) -> dict[str, Any]:
    """Return a leaf without what is the default: a single weight of 1, no multipliers."""
    found: dict[str, Any] = {}
    if leaf.weights != (1 << bits,):
        found["weights"] = list(leaf.weights)
    if leaf.slopes is not None:
        found["slopes"] = [int(s) for s in leaf.slopes]
    if any(leaf.ties):
        found["ties"] = list(leaf.ties)
    if leaf.curve is not None:
        found["curve"] = list(leaf.curve)
    return found
