"""Points of a box whose outputs come close to having a property, found by gradients in floats."""

import math
import time

import torch
from torch import Tensor

from certify.bounds.relaxation import Relaxation


def excess(outputs: Tensor, matrix: Tensor, right_side: Tensor) -> Tensor:
    """Return (points,) by how much outputs (points, m) miss C z <= d in the worst row of each.

    ``matrix`` is (points, K, m), and rows that are none have ``right_side`` (points, K) infinite.
    """
    return ((matrix @ outputs[:, :, None])[:, :, 0] - right_side).amax(dim=1)


def descended(
    relaxation: Relaxation,
    lower: Tensor,
    upper: Tensor,
    start: Tensor,
    matrix: Tensor,
    right_side: Tensor,
    steps: int,
    end: float = math.inf,
) -> tuple[Tensor, Tensor]:
    """Return the best points (points, d) on the way, and their :func:`excess`.

    Signs of gradients: a first step to a corner, and others that shrink to a hundredth of the box.
    When the clock is at ``end``, no more steps are made.
    """
    radius = (upper - lower) / 2
    best, least = start, torch.full_like(right_side[:, 0], torch.inf)
    x = start
    for k in range(steps + 1):
        with torch.enable_grad():
            points = x.detach().requires_grad_()
            found = excess(relaxation.values(points)[-1], matrix, right_side)
            (gradient,) = torch.autograd.grad(found.sum(), points)
        found = found.detach()
        better = found < least
        best = torch.where(better[:, None], x, best)
        least = torch.where(better, found, least)
        if time.monotonic() >= end:
            break
        step = 0.02 ** (k / max(1, steps - 1))
        x = torch.minimum(torch.maximum(x - step * radius * gradient.sign(), lower), upper)
    return best, least
