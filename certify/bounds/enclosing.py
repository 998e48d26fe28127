"""An ellipsoid around what ReLUs read of the input, and what it bounds, in floats: they guess.

Bounds that take one ReLU after the other know of each entry of z = W x + b its interval on the box,
and of many inputs none comes near the ends of all of them at once. How large a weighted sum of the
(z_i - c_i)^2 gets is bounded by the semidefinite relaxation of a quadratic form on a box (Goemans
and Williamson, 1995), as first used for networks by Raghunathan et al. (Certified defenses against
adversarial examples, 2018).
"""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
from torch import Tensor

from certify.bounds.linear_maps import Product
from certify.bounds.relaxation import Relaxation

LARGEST = 256  # values that are read: to eliminate a matrix of so many takes some seconds
RANK, ROUNDS = 24, 60  # of the maximisation
APART = 2.0**-12  # by which the matrix is kept from being singular


class Enclosing(NamedTuple):
    """That sum (z_i - c_i)^2 / spread is at most 1, nearly, for what a ReLU reads: a node.

    ``centers`` are the c (n,), and ``evidence`` is all of it as it stands in a certificate.
    """

    relu: int
    reads: int
    spread: float
    centers: Tensor
    evidence: dict[str, Any]

    def least(self, a: Tensor, share: Tensor, slopes: Tensor, low: Tensor, high: Tensor) -> Tensor:
        """Return (R,) the least sum of a v - slopes . z, minus share, of what a ReLU gives, v.

        Of rows (R, n), of share (R, 1). It rests on share times the ellipsoid, and low <= z <= high
        of shape (n,), alone.
        """
        bend = share / self.spread

        def part(linear: Tensor, first: Tensor, last: Tensor) -> Tensor:
            vertex = self.centers - linear.detach() / (2 * bend.detach())
            # Where a minimum lies changes its value by nothing, at first.
            z = torch.minimum(torch.maximum(vertex, first), last)
            return linear * z + bend * (z - self.centers).square()

        below = part(-slopes, low, high.clamp(max=0)).masked_fill(low > 0, torch.inf)
        above = part(a - slopes, low.clamp(min=0), high).masked_fill(high < 0, torch.inf)
        return torch.minimum(below, above).sum(dim=1) - share[:, 0]


def enclosing(relaxation: Relaxation, lower: Tensor, upper: Tensor, grid: int) -> Enclosing | None:
    """Return the ellipsoid of a dense node of the input on a box (1, d), if a ReLU reads one."""
    for k in relaxation.maxima:
        j = relaxation.reads[k][0]
        read = relaxation.maps[j - 1] if j and relaxation.reads[j] == (0,) else None
        if k not in relaxation.lists and isinstance(read, Product) and len(read.biases) <= LARGEST:
            break
    else:
        return None
    radius = ((upper - lower) / 2)[0].double()
    W = read.weights.double() * radius
    draw = torch.Generator().manual_seed(0)
    points = torch.randn(len(radius), RANK, generator=draw, dtype=W.dtype).to(W)
    for _ in range(ROUNDS):
        points = points / points.norm(dim=1, keepdim=True).clamp(min=1e-30)
        points = W.T @ (W @ points)
    prices = points.norm(dim=1)
    prices = prices.clamp(min=1e-9 * float(prices.max()))
    most = float(torch.linalg.eigvalsh((W / prices) @ W.T)[-1]) * (1 + APART)
    spread = most * float(prices.sum())
    weights = radius.square() * spread / (most * prices)
    # In Python's integers, as units may be too many for those of a tensor.
    whole = [max(1, round(x * 2**grid)) for x in (spread, *weights.tolist())]
    evidence = {"node": k, "spreads": whole[:1] * len(W), "weights": whole[1:]}
    centers = read.apply((lower + upper) / 2)[0]
    return Enclosing(k, j, spread, centers, evidence)
