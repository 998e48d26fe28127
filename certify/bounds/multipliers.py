"""What proves bounds of many values at once, in floats: they guess."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from torch import Tensor


class Multipliers(NamedTuple):
    """What proves bounds, a row for each.

    weights  of the rows of the property (R, K), >= 0
    slopes   of the lower bounds of ReLUs, at what they read, by node (R, n)
    walls    by node (R, n): of its lower bounds where > 0, minus those of its upper ones where < 0
    share    of an ellipsoid, > 0 (R, 1), and ``bends`` (R, n), what is added to the coefficients
             that are put for what the ReLU in it gives; without one both are (R, 0)
    """

    weights: Tensor
    slopes: dict[int, Tensor]
    walls: dict[int, Tensor]
    share: Tensor
    bends: Tensor

    def all(self) -> list[tuple[str, Tensor]]:
        """Return all tensors, with the names of what they are."""
        named = (("slopes", self.slopes), ("walls", self.walls))
        alone = [(n, getattr(self, n)) for n in ("weights", "share", "bends")]
        return [*alone, *((n, x) for n, t in named for x in t.values())]

    def map(self, change: Callable[[Tensor], Tensor]) -> Multipliers:
        """Return others."""
        slopes, walls = ({j: change(x) for j, x in t.items()} for t in (self.slopes, self.walls))
        ball = change(self.share), change(self.bends)
        return Multipliers(change(self.weights), slopes, walls, *ball)

    def rows(self, chosen: list[int]) -> Multipliers:
        """Return some of the rows."""
        return self.map(lambda x: x[chosen])
