"""Branch and bound over signs of ReLUs and orders in maxima, in batches: floats search."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

import torch
from torch import Tensor

from certify.bounds.attack import descended, excess
from certify.bounds.branching import Parts, joined
from certify.bounds.evaluation import Evaluation, Floats
from certify.bounds.tree import Leaf, Trees

BATCH = 256  # parts that are split together
CANDIDATES = 5  # splits of each that are tried
STEPS = 4  # in which multipliers of a part are improved before it is split
ROOT_STEPS = 20
ATTACKS, ATTACK_STEPS = 4, 40


@dataclass
class Search:
    """The open parts of a question, and the trees of those that are closed."""

    floats: Floats
    decided: Callable[[Tensor], bool]  # whether a point is a counterexample, exactly
    seconds: float
    seed: int = 0
    trees: Trees = field(init=False)
    open: list[Parts] = field(default_factory=list)
    evaluated: int = 0

    def __post_init__(self) -> None:
        self.generator = torch.Generator().manual_seed(self.seed)
        self.end = time.monotonic() + self.seconds
        self.trees = Trees(len(self.floats.question.properties))
        self.tolerance = 1e-9 if self.floats.relaxation.kind == torch.float64 else 1e-5
        self.goal = 1e-3

    def attacked(self, asked: Tensor, start: Tensor, steps: int) -> bool:
        """Look for a counterexample from some points (n, d), for a property each."""
        floats = self.floats
        matrix, right = floats.matrix[asked], floats.right_side[asked]
        right = right.masked_fill(~floats.present[asked], torch.inf)
        points, found = descended(
            floats.relaxation, floats.lower, floats.upper, start, matrix, right, steps
        )
        good = (found <= self.tolerance).nonzero()[:, 0]
        order = good[found[good].argsort()]
        return any(self.decided(points[i]) for i in order[:8])

    def run(self) -> bool:
        """Search until a counterexample is found, all is closed, or time is up; tell the first."""
        floats = self.floats
        asked = list(range(len(floats.question.properties)))
        whole = floats.whole(asked)
        found = floats.evaluate(whole, ROOT_STEPS, self.goal)
        whole.bound, whole.weights, whole.ties = found.value, found.weights, found.ties
        still = self._closed(whole)
        if not len(still):
            return False
        rows = torch.cat([still] * ATTACKS)
        draw = torch.rand(len(rows), floats.lower.shape[1], generator=self.generator)
        start = floats.lower + draw.to(floats.lower) * (floats.upper - floats.lower)
        start[: len(still)] = found.points[still]
        start[len(still) : 2 * len(still)] = (floats.lower + floats.upper) / 2
        if self.attacked(whole.asked[rows], start, ATTACK_STEPS):
            return True
        self.open = [whole.rows(still)]
        while self.open and time.monotonic() < self.end:
            if self.step():
                return True
        return False

    def left(self) -> list[float]:
        """Return the bounds of the parts that are open."""
        return [bound for parts in self.open for bound in parts.bound.tolist()]

    def step(self) -> bool:
        """Split the open parts of the least bounds; tell whether a counterexample was found."""
        floats = self.floats
        parts = self._taken(min(BATCH, max(1, floats.together // (2 * CANDIDATES))))
        found = floats.evaluate(parts, STEPS, self.goal)
        self.evaluated += len(parts)
        parts.bound, parts.weights, parts.ties = found.value, found.weights, found.ties
        still = self._closed(parts)
        if not len(still):
            return False
        outputs = floats.relaxation.values(found.points[still])[-1]
        right = floats.right_side.masked_fill(~floats.present, torch.inf)
        misses = excess(outputs, floats.matrix[parts.asked[still]], right[parts.asked[still]])
        near = still[misses.argsort()[:32]]
        if self.attacked(parts.asked[near], found.points[near], 10):
            return True
        self._split(parts, found, still)
        return False

    def _taken(self, most: int) -> Parts:
        parts = joined(self.open)
        order = parts.bound.argsort()
        self.open = [parts.rows(order[most:])] if len(order) > most else []
        return parts.rows(order[:most])

    def _closed(self, parts: Parts) -> Tensor:
        """Note the parts that are closed; return the numbers of the others."""
        done = parts.bound > self.tolerance
        depth = (parts.path >= 0).sum(dim=1).tolist()
        weights, ties, tree = parts.weights.tolist(), parts.ties.tolist(), parts.tree.tolist()
        for i in done.nonzero()[:, 0].tolist():
            self.trees.leaves[tree[i]] = Leaf(tuple(weights[i]), tuple(ties[i][: depth[i]]))
        return (~done).nonzero()[:, 0]

    def _split(self, parts: Parts, found: Evaluation, still: Tensor) -> None:
        """Split parts where the lesser of two new bounds is best, of some splits that are tried."""
        splits = self.floats.splits
        scores = splits.scores(
            found.sides, found.bounds, found.dropped, found.chords, found.linear, found.relaxed
        )[still]
        parts = parts.rows(still)
        tried = min(CANDIDATES, scores.shape[1])
        score, candidates = scores.topk(tried, dim=1)
        again = torch.arange(len(parts)).repeat_interleave(tried)
        wide = parts.rows(again)
        sides = [wide.split(candidates.flatten(), above) for above in (False, True)]
        values = [self.floats.evaluate(side, 0, self.goal).value for side in sides]
        self.evaluated += 2 * len(wide)
        least = torch.minimum(*values).reshape(-1, tried)
        # What is no open split is no choice, and among those that close equally the rest decides.
        total = (values[0].clamp(max=0) + values[1].clamp(max=0)).reshape(-1, tried)
        rank = (least.clamp(max=0) + 0.1 * total).masked_fill(score < 0, -torch.inf)
        best = rank.argmax(dim=1)
        at = torch.arange(len(parts)) * tried + best
        number = candidates[torch.arange(len(parts)), best].tolist()
        first = [self.trees.split(t, n) for t, n in zip(parts.tree.tolist(), number, strict=True)]
        for k, (side, value) in enumerate(zip(sides, values, strict=True)):
            child = side.rows(at)
            child.tree = torch.tensor(first) + k
            child.bound = torch.maximum(value[at], parts.bound)
            rest = self._closed(child)
            if len(rest):
                self.open.append(child.rows(rest))
