"""Parts on which a network is affine, solved by one linear program: in floats, or exactly."""

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

import numpy as np
import torch
from scipy.optimize import linprog
from torch import Tensor

from certify.bounds.branching import Parts
from certify.bounds.evaluation import Floats
from certify.bounds.relaxation import Chords
from certify.networks.columns import Columns
from certify.networks.operations import Selection
from certify.numbers.rationals import Vector, dot
from certify.programs.linear_program import linear_program

SUM = 2.0**10  # of all multipliers, so that small ones are more than their rounding
EXACT_SUM = 2**30


class Optimum(NamedTuple):
    """The least t such that all rows of a property are <= t and the part's constraints >= -t.

    ``x`` is a point of the box with this t. ``weights`` of the rows and ``ties`` of the constraints
    are >= 0 and prove t > 0, if it is.
    """

    value: float | Fraction
    x: Tensor | Vector
    weights: Tensor
    ties: Tensor


def optimum(floats: Floats, part: Parts) -> Optimum | None:
    """Return the optimum in floats on one part, or None where the solver gives none."""
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


def exact_optimum(floats: Floats, part: Parts) -> Optimum | None:
    """Return the optimum on one part exactly, or None where it is not affine or has no points."""
    relaxation, splits, question = floats.relaxation, floats.splits, floats.question
    bounds, dropped = splits.narrowed(part, splits.sides(part))
    chords = relaxation.chords(bounds, dropped)
    if any((chord.upper.frac() != 0).any() for chord in chords.values()):
        return None
    box, unwanted = question.box, question.properties[int(part.asked)]
    forms = _forms(floats, chords)
    outputs = [*zip(*forms[-1], strict=True)]
    table = [[dot(row, column) for column in outputs] for row in unwanted.matrix]
    for row, d in zip(table, unwanted.right_side, strict=True):
        row[-1] -= d
    depth = int((part.path >= 0).sum())
    for split, above in zip(part.path[0, :depth].tolist(), part.above[0, :depth], strict=True):
        node, first, *second = splits.entries(split)
        sign = -1 if above else 1
        table.append([sign * a for a in forms[node][first]])
        for other in second:
            pairs = zip(table[-1], forms[node][other], strict=True)
            table[-1] = [a - sign * b for a, b in pairs]
    # In how far x is above the lower corner, so that bounds are those of variables.
    sizes = [high - low for low, high in zip(box.lower, box.upper, strict=True)]
    costs = [*[0] * len(box), 1]
    matrix = [[*row, -1] for *row, _ in table]
    matrix += [[int(i == j) for j in range(len(costs))] for i in range(len(box))]
    right_side = [-dot((*box.lower, Fraction(1)), row) for row in table]
    found = linear_program(costs, (matrix, [*right_side, *sizes]), nonnegative=range(len(box)))
    if found.x is None or found.value is None or found.multipliers is None:
        return None
    x = tuple(low + y for low, y in zip(box.lower, found.x, strict=False))
    scaled = [float(y * EXACT_SUM) for y in found.multipliers.inequalities]
    multipliers = torch.tensor(scaled, dtype=torch.float64).to(floats.matrix)
    count, weights = len(unwanted.matrix), torch.zeros(floats.present.shape[1]).to(multipliers)
    weights[:count] = multipliers[:count]
    return Optimum(found.value, x, weights, multipliers[count : len(table)])


def _forms(floats: Floats, chords: dict[int, Chords]) -> list[Sequence[Vector]]:
    """Return the entries of all nodes as coefficients and a constant, where chords are exact."""
    network = floats.question.network
    d = network.inputs
    points = [tuple(Fraction(i == j) for j in range(d)) for i in range(d + 1)]
    given = [Columns.of(points)]  # the last is 0
    for k, (operation, reads) in enumerate(network.nodes, start=1):
        if k in chords:
            chord = chords[k]
            # A maximum that passes nothing of its highest entry is that of the largest lower bound.
            on, off = torch.arange(chord.upper.shape[1]), torch.tensor(-1)
            if chord.first is not None and chord.second is not None:
                on, off = chord.second[0].cpu(), chord.first[0].cpu()
            passed = torch.where(chord.upper[0].cpu() > 0, on, off)
            operation = Selection(tuple(passed.tolist()))
        given.append(operation.apply(*(given[j] for j in reads)))
    return [
        [(*(v - values[-1] for v in values[:-1]), values[-1]) for values in entries]
        for columns in given
        for entries in [zip(*columns.fractions(), strict=True)]
    ]
