"""A question in floats: bounds of many parts at once, and their multipliers improved."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from certify.bounds.branching import Parts, Splits
from certify.bounds.question import Question
from certify.bounds.relaxation import Bounds, Chords, Linear, Relaxation

NUMBERS = 20_000_000  # bounds of nodes at most that are computed with together


@dataclass
class Evaluation:
    """What is known of parts: bounds, and the last of the relaxations that gave them.

    value           (P,), the best bound, with ``weights`` (P, K) and ``ties`` (P, depth)
    points          (P, d), minimisers of the relaxation
    relaxed         its values of all nodes there
    """

    value: Tensor
    weights: Tensor
    ties: Tensor
    points: Tensor
    relaxed: list[Tensor]
    sides: Tensor
    bounds: Bounds
    dropped: dict[int, Tensor]
    chords: dict[int, Chords]
    linear: Linear


class Floats:
    """A question in floats: its properties as tables, its box, and bounds of the whole of it.

    matrix      (properties, K, outputs), with rows of zeros where a property has less than K
    right_side  (properties, K), infinite for these rows
    """

    def __init__(self, question: Question, kind: torch.dtype, device: str) -> None:
        self.question, self.relaxation = question, Relaxation(question.network, kind, device)
        self.lower = self.relaxation.tensor(question.box.lower)[None]
        self.upper = self.relaxation.tensor(question.box.upper)[None]
        properties = question.properties
        most = max(len(p.matrix) for p in properties)
        outputs = question.network.sizes[-1]
        self.matrix = torch.zeros(len(properties), most, outputs, dtype=kind, device=device)
        self.right_side = torch.full((len(properties), most), torch.inf, dtype=kind, device=device)
        for i, p in enumerate(properties):
            rows = [self.relaxation.tensor(row) for row in p.matrix]
            self.matrix[i, : len(rows)] = torch.stack(rows)
            self.right_side[i, : len(rows)] = self.relaxation.tensor(p.right_side)
        self.present = self.right_side.isfinite()
        self.root = self.relaxation.bounds(self.lower, self.upper)
        self.splits = Splits(self.relaxation, self.root)

    def whole(self, asked: Sequence[int]) -> Parts:
        """Return the whole box for some properties, each a part of its own tree."""
        which = torch.tensor(asked, device=self.matrix.device)
        count, zero = len(which), self.matrix.new_zeros
        present = self.present[which].to(self.matrix.dtype)
        path = torch.full((count, 0), -1, device=which.device)
        return Parts(
            which.clone(), which, zero(count) - torch.inf, path, path > 0,
            zero(count, 0), present / present.sum(dim=1, keepdim=True),
        )  # fmt: skip

    @property
    def together(self) -> int:
        """How many parts are evaluated together at most."""
        return max(1, NUMBERS // sum(self.relaxation.sizes))

    def evaluate(self, parts: Parts, steps: int, goal: float) -> Evaluation:
        """Return bounds of parts, their multipliers improved towards a goal in some steps.

        Each is a step of Polyak's along the supergradient, whose entries are measured by the widths
        of what they multiply.
        """
        relaxation, splits = self.relaxation, self.splits
        sides = splits.sides(parts)
        bounds, dropped = splits.narrowed(sides)
        chords = relaxation.chords(bounds, dropped)
        matrix, right = self.matrix[parts.asked], self.right_side[parts.asked]
        present = self.present[parts.asked]
        right = right.masked_fill(~present, 0.0)
        weights, ties, best = parts.weights, parts.ties, None
        several = self.matrix.shape[1] > 1
        for k in range(steps + 1):
            now = Parts(
                parts.tree, parts.asked, parts.bound, parts.path, parts.above, ties, weights
            )
            linear = relaxation.backward(
                bounds, chords, weights[:, None] @ matrix,
                -(weights * right).sum(dim=1, keepdim=True), ties=splits.shifts(now),
            )  # fmt: skip
            value = linear.value[:, 0]
            if best is None:
                best = (value, weights, ties)
            else:
                better = value > best[0]
                best = (
                    torch.where(better, value, best[0]),
                    torch.where(better[:, None], weights, best[1]),
                    torch.where(better[:, None], ties, best[2]),
                )
            points = relaxation.minimisers(bounds, linear)[:, 0]
            relaxed = relaxation.relaxed(chords, linear, points)
            if k == steps:
                break
            rise = -splits.heights(now, relaxed)
            rise = rise.masked_fill((ties <= 0) & (rise < 0), 0.0)
            width = splits.widths(now)
            length = (rise / width).square().sum(dim=1)
            if several:
                misses = ((matrix @ relaxed[-1][:, :, None])[:, :, 0] - right) * present
                mean = misses.sum(dim=1, keepdim=True) / present.sum(dim=1, keepdim=True)
                misses = (misses - mean) * present
                length = length + misses.square().sum(dim=1)
            step = ((goal - value).clamp(min=0) / length.clamp(min=1e-30))[:, None]
            ties = (ties + step * rise / width.square()).clamp(min=0)
            if several:
                weights = on_simplex(weights + step * misses, present)
        assert best is not None
        return Evaluation(*best, points, relaxed, sides, bounds, dropped, chords, linear)


def on_simplex(w: Tensor, present: Tensor) -> Tensor:
    """Return the nearest vectors with entries >= 0 whose sum is 1, 0 where none is present."""
    order = w.masked_fill(~present, -torch.inf).sort(dim=1, descending=True).values
    sums = order.cumsum(dim=1) - 1
    count = torch.arange(1, w.shape[1] + 1, device=w.device)
    last = ((order - sums / count) > 0).sum(dim=1, keepdim=True).clamp(min=1)
    return (w - sums.gather(1, last - 1) / last).clamp(min=0) * present
