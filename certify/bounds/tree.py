"""The trees of parts that a search has made, one for each property."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple


class Leaf(NamedTuple):
    """What excludes a property on a part: weights of its rows, and multipliers of its path."""

    weights: tuple[float, ...]
    ties: tuple[float, ...]


@dataclass
class Trees:
    """Parts by number: those of ``splits`` have parts ``first`` and ``first + 1``, leaves none.

    The first numbers are those of the whole box for each property.
    """

    count: int
    splits: dict[int, tuple[int, int]] = field(default_factory=dict)  # its number, and first
    leaves: dict[int, Leaf] = field(default_factory=dict)

    def split(self, part: int, split: int) -> int:
        """Note a split of a part; return the number of the first of its two parts."""
        first = self.count
        self.splits[part] = split, first
        self.count += 2
        return first

    def document(self, part: int, described: Any, closed: Any) -> Any:
        """Return the tree below a part; ``described`` and ``closed`` write splits and leaves."""
        # Paths may be longer than Python's stack is deep.
        order, stack = [], [part]
        while stack:
            order.append(stack.pop())
            if order[-1] in self.splits:
                first = self.splits[order[-1]][1]
                stack += (first, first + 1)
        made: dict[int, Any] = {}
        for k in reversed(order):
            if k in self.leaves:
                made[k] = closed(self.leaves[k])
                continue
            number, first = self.splits[k]
            made[k] = {**described(number), "parts": [made.pop(first), made.pop(first + 1)]}
        return made[part]
