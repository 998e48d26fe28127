"""Weights of the rows of a property: where a search begins, and what keeps them of one length.

An equality is two rows, each the other's negative, with one weight in effect: the difference of the
two. All weights alike would then say nothing at all, and with the bound 0 of nothing no search gets
anywhere; so of each such pair only one row has a weight.
"""

from __future__ import annotations

import torch
from torch import Tensor


class RowWeights:
    """What is known of the rows of properties C z <= d before any bound is computed.

    matrix      (properties, K, outputs), and ``right_side`` (properties, K), infinite for rows
                that are none
    opposite    (properties, K), a row that is the negative of each, -1 where there is none
    """

    def __init__(self, matrix: Tensor, right_side: Tensor) -> None:
        self.matrix, self.right_side = matrix, right_side
        self.present = right_side.isfinite()
        there = self.present & (matrix != 0).any(dim=2)
        found = map(_opposite, *(x.cpu() for x in (matrix, right_side, there)))
        self.opposite = torch.tensor([*found], device=matrix.device)

    def first(self, asked: Tensor, outputs: Tensor) -> Tensor:
        """Return weights (P, K) of properties: as far as outputs (1, m) miss each row of them.

        Where they miss none, all rows weigh alike.
        """
        right = self.right_side[asked].masked_fill(~self.present[asked], torch.inf)
        misses = ((self.matrix[asked] @ outputs[0]) - right).clamp(min=0)
        alike = self.present[asked].to(misses.dtype)
        return self.scaled(misses, asked, alike / alike.sum(dim=1, keepdim=True))

    def scaled(self, weights: Tensor, asked: Tensor, otherwise: Tensor) -> Tensor:
        """Return weights >= 0 (P, K) whose sum is 1, in the direction of these.

        Where none is left, ``otherwise``.
        """
        weights, opposite = weights.clamp(min=0), self.opposite[asked]
        other = weights.gather(1, opposite.clamp(min=0)).masked_fill(opposite < 0, 0.0)
        weights = weights - torch.minimum(weights, other)
        total = weights.sum(dim=1, keepdim=True)
        return torch.where(total > 0, weights / total.clamp(min=1e-30), otherwise)


def _opposite(matrix: Tensor, right_side: Tensor, there: Tensor) -> list[int]:
    """Return of each row (K, outputs) the first one that is its negative, -1 where there is none.

    Two rows that exclude each other prove something together: they are not meant.
    """
    places: dict[bytes, list[int]] = {}
    d, given = right_side.tolist(), there.tolist()
    # Of 0 and -0 the bytes differ, and a sum with 0 is never -0.
    rows, negatives = ([x.tobytes() for x in (side + 0.0).numpy()] for side in (matrix, -matrix))
    for k, row in enumerate(rows):
        if given[k]:
            places.setdefault(row, []).append(k)
    return [
        next((j for j in places.get(row, ()) if given[k] and d[k] + d[j] >= 0), -1)
        for k, row in enumerate(negatives)
    ]


def on_simplex(w: Tensor, present: Tensor) -> Tensor:
    """Return the nearest vectors with entries >= 0 whose sum is 1, 0 where none is present."""
    order = w.masked_fill(~present, -torch.inf).sort(dim=1, descending=True).values
    sums = order.cumsum(dim=1) - 1
    count = torch.arange(1, w.shape[1] + 1, device=w.device)
    last = ((order - sums / count) > 0).sum(dim=1, keepdim=True).clamp(min=1)
    level: Tensor = sums.gather(1, last - 1) / last
    return (w - level).clamp(min=0) * present
