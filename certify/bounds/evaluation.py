"""A question in floats: bounds of many parts at once, and their multipliers improved."""

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from certify.bounds.branching import Parts, Splits
from certify.bounds.question import Question
from certify.bounds.relaxation import Bounds, Chords, Linear, Relaxation
from certify.bounds.weights import RowWeights

NUMBERS = 20_000_000  # bounds of nodes at most that are computed with together
SLOPES = 0.5  # how far slopes are changed, beside multipliers


@dataclass
class Evaluation:
    """What is known of parts: bounds, and the last of the relaxations that gave them.

    parts      with their best bounds, and what proves these
    points     (P, d), minimisers of the relaxation, and ``relaxed`` its values of all nodes there
    """

    parts: Parts
    sides: Tensor
    bounds: Bounds
    dropped: dict[int, Tensor]
    chords: dict[int, Chords]
    linear: Linear
    points: Tensor = field(default_factory=Tensor)
    relaxed: list[Tensor] = field(default_factory=list)


class Floats:
    """A question in floats: its properties as tables, its box, and bounds of the whole of it.

    matrix      (properties, K, outputs), with rows of zeros where a property has less than K
    right_side  (properties, K), infinite for these rows
    bits        of what proves bounds: multiples of 2^-bits
    """

    def __init__(self, question: Question, kind: torch.dtype, device: str, bits: int = 12) -> None:
        self.question = question
        self.relaxation = question.network.once(Relaxation, kind, device)
        self.bits = bits
        self.root: Bounds
        self.splits: Splits
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
        self.weights = RowWeights(self.matrix, self.right_side)

    def start(self, bounds: Sequence[tuple[np.ndarray, np.ndarray]]) -> None:
        """Take bounds (1, n) of all nodes on the box: those that proofs start from."""
        kind, device = self.relaxation.kind, self.relaxation.device
        low, high = (
            [torch.tensor(x, dtype=kind, device=device) for x in side]
            for side in zip(*bounds, strict=True)
        )
        self.root = Bounds(low, high)
        self.splits = Splits(self.relaxation, self.root)

    def whole(self, asked: Sequence[int]) -> Parts:
        """Return the whole box for some properties, each a part of its own tree."""
        which = torch.tensor(asked, device=self.matrix.device)
        count, zero = len(which), self.matrix.new_zeros
        center = self.relaxation.values((self.lower + self.upper) / 2)[-1]
        path = torch.full((count, 0), -1, device=which.device)
        return Parts(
            which.clone(), which, zero(count) - torch.inf, path, path > 0,
            zero(count, 0), self.weights.first(which, center),
            self.splits.default_slopes.expand(count, -1),
        )  # fmt: skip

    def affine(self, point: Tensor, asked: Tensor) -> Parts:
        """Return the part around a point (1, d) that is split by all there is, for a property."""
        found = self.whole(asked.tolist())
        found.path = torch.arange(len(self.splits), device=point.device)[None]
        found.above = torch.ones_like(found.path, dtype=torch.bool)
        found.ties = torch.zeros_like(found.path).to(point)
        found.above = self.splits.heights(found, self.relaxation.values(point)) > 0
        return found

    @property
    def together(self) -> int:
        """How many parts are evaluated together at most."""
        return max(1, NUMBERS // sum(self.relaxation.sizes))

    def evaluate(self, parts: Parts, steps: int, goal: float, end: float = math.inf) -> Evaluation:
        """Return bounds of parts, their multipliers and slopes improved towards a goal in steps.

        Each is a step of Polyak's along the supergradient: as long as the bound would need, were it
        linear. They end where all are close to it, or when the clock is at ``end``. Without steps
        there are no points.
        """
        relaxation, splits = self.relaxation, self.splits
        sides = splits.sides(parts)
        bounds, dropped = splits.narrowed(parts, sides)
        empty = splits.empty(bounds)
        chords = relaxation.chords(bounds, dropped)
        present = self.present[parts.asked]
        matrix = self.matrix[parts.asked]
        right = self.right_side[parts.asked].masked_fill(~present, 0.0)
        several, width = self.matrix.shape[1] > 1, splits.widths(parts)
        now = parts.copy()
        best = now
        for k in range(steps + 1):
            now.ties, now.slopes, now.weights = map(self.short, (now.ties, now.slopes, now.weights))
            chords = splits.sloped(chords, now.slopes)
            linear = relaxation.backward(
                bounds, chords, now.weights[:, None] @ matrix,
                -(now.weights * right).sum(dim=1, keepdim=True), ties=splits.shifts(now),
            )  # fmt: skip
            now.bound = linear.value[:, 0].masked_fill(empty, torch.inf)
            best = now.copy() if not k else best.improved(now)
            if not steps:
                return Evaluation(best, sides, bounds, dropped, chords, linear)
            points = relaxation.minimisers(bounds, linear)[:, 0]
            relaxed = relaxation.relaxed(chords, linear, points)
            near = bool((best.bound >= goal / 2).all())
            if k == steps or near or time.monotonic() >= end:
                return Evaluation(best, sides, bounds, dropped, chords, linear, points, relaxed)
            # Each kind of number is measured in what it may change.
            lack = (goal - now.bound).clamp(min=0)[:, None]
            unit = lack / width
            ties = -splits.heights(now, relaxed) * unit
            ties = ties.masked_fill((now.ties <= 0) & (ties < 0), 0.0)
            slopes = SLOPES * splits.slope_rises(linear, relaxed)
            slopes = slopes.masked_fill((now.slopes <= 0) & (slopes < 0), 0.0)
            slopes = slopes.masked_fill((now.slopes >= 1) & (slopes > 0), 0.0)
            length = ties.square().sum(dim=1) + slopes.square().sum(dim=1)
            if several:
                misses = ((matrix @ relaxed[-1][:, :, None])[:, :, 0] - right) * present
                length = length + misses.square().sum(dim=1)
            step = lack / length.clamp(min=1e-30)[:, None]
            now.ties = (now.ties + step * unit * ties).clamp(min=0)
            now.slopes = (now.slopes + SLOPES * step * slopes).clamp(0, 1)
            if several:
                now.weights = self.weights.scaled(
                    now.weights + step * misses, parts.asked, now.weights
                )
        raise AssertionError("the last step returns")

    def short(self, x: Tensor) -> Tensor:
        """Return multiples of 2^-bits, which certificates can hold."""
        unit = 2.0**-self.bits
        return (x / unit).round() * unit
