"""Parts on which a network is affine, solved in floats by one linear program."""

from typing import NamedTuple

import numpy as np
import torch
from scipy.optimize import linprog
from torch import Tensor

from certify.bounds.branching import Parts
from certify.bounds.evaluation import Floats

SUM = 2.0**10  # of all multipliers, so that small ones are more than their rounding


class Optimum(NamedTuple):
    """The least t such that all rows of a property are <= t and the part's constraints >= -t.

    ``x`` is a point of the box with this t. ``weights`` of the rows and ``ties`` of the constraints
    are >= 0 and prove t > 0, if it is.
    """

    value: float
    x: Tensor
    weights: Tensor
    ties: Tensor


def optimum(floats: Floats, part: Parts) -> Optimum | None:
    """Return the optimum on one part, or None where the solver gives none."""
    relaxation, splits = floats.relaxation, floats.splits
    bounds, dropped = splits.narrowed(part, splits.sides(part))
    chords = relaxation.chords(bounds, dropped)
    present = floats.present[int(part.asked)]
    rows = relaxation.backward(bounds, chords, floats.matrix[part.asked][:, present])
    depth = int((part.path >= 0).sum())
    table = [rows.gradient[0]]
    offsets = [rows.constant[0] - floats.right_side[int(part.asked), present]]
    for split, above in zip(part.path[0, :depth].tolist(), part.above[0, :depth], strict=True):
        node, first, *second = splits.entries(split)
        unit = torch.zeros(1, 1, relaxation.sizes[node]).to(floats.matrix)
        unit[0, 0, first] = 1
        unit[0, 0, second] = -1
        unit *= -1 if above else 1
        height = relaxation.backward(bounds, chords, unit, node=node)
        table.append(height.gradient[0])
        offsets.append(height.constant[0])
    matrix, b = torch.cat(table).double().cpu().numpy(), torch.cat(offsets).double().cpu().numpy()
    ends = torch.cat((floats.lower, floats.upper)).T.double().cpu().numpy()
    found = linprog(
        [*np.zeros(len(ends)), 1.0],
        A_ub=np.hstack([matrix, -np.ones((len(matrix), 1))]),
        b_ub=-b,
        bounds=[*ends.tolist(), (None, None)],
        method="highs",
    )
    if found.status:
        return None
    multipliers = torch.from_numpy(SUM * np.maximum(-found.ineqlin.marginals, 0)).to(floats.matrix)
    weights = torch.zeros(len(present)).to(multipliers)
    weights[present] = multipliers[: len(rows.constant[0])]
    x = torch.from_numpy(found.x[:-1]).to(floats.matrix)
    return Optimum(float(found.fun), x, weights, multipliers[len(rows.constant[0]) :])
