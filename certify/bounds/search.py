"""Branch and bound over signs of ReLUs and orders in maxima, in batches: floats search."""

import math
import time
from collections.abc import Callable, Iterable
from copy import copy
from dataclasses import dataclass, field, fields
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import torch
from torch import Tensor

from certify.bounds.affine_part import Optimum, exact_optimum, optimum
from certify.bounds.attack import descended, excess
from certify.bounds.branching import Parts, joined
from certify.bounds.checkpoints import Checkpoint
from certify.bounds.evaluation import Evaluation, Floats
from certify.bounds.proof import LONG, SHORT, Proof
from certify.bounds.question import Question
from certify.bounds.rounding import Witness
from certify.bounds.scores import scores
from certify.bounds.telling import Telling
from certify.bounds.threads import one_thread
from certify.bounds.tree import Trees
from certify.certificates.certificate import Certificate
from certify.errors import InputError
from certify.numbers.rationals import Vector

BATCH = 256  # parts that are split together
CANDIDATES = 3  # splits of each that are tried
STEPS, ROOT_STEPS = 4, 20  # in which multipliers of a part are improved before it is split
GOAL = 1e-3  # the bound that they aim at
PROBE_STEPS = 4  # of an attack from the centre, before anything is bounded
ATTACKS, ATTACK_STEPS = 4, 40
NEAR, NEAR_STEPS = 32, 10  # minimisers from which an attack goes on, each time
DECIDED = 8  # points at most whose outputs are computed exactly, of those that an attack has found
CLOSE = 1e-4  # in floats, to zero
DEEPEST = 100  # splits of a part that certificates have
HELD = 400_000_000  # numbers of open parts, which are gigabytes
# Values of nodes on all parts after which open ones are handed out, in how many tasks, and values
# on the parts that each makes.
ALONE, TASKS, SHARED = 4_000_000, 16, 1_000_000
SMALL = 500  # values of nodes: networks up to these are computed in float64


class Task(NamedTuple):
    """Open parts, as arrays, to be split until there are so many or a time is over.

    ``deep`` tells that those are split first that are nearest to being closed.
    """

    opened: list[np.ndarray]
    deep: bool
    parts: float
    end: float


class Grown(NamedTuple):
    """What came of a task: trees whose first numbers are its parts in order, and what is left."""

    trees: Trees
    opened: list[list[np.ndarray]]
    stuck: list[list[np.ndarray]]
    evaluated: int
    counterexample: Vector | None


Share: TypeAlias = Callable[[list[Task]], Iterable[Grown]]


@dataclass
class Search:
    """The open parts of a question, and the trees of those that are closed.

    ``stuck`` are parts that no split is left for, and neither a proof nor a counterexample found.
    """

    question: Question
    decided: Witness  # whether a point is a counterexample, exactly
    seconds: float
    parts: float = math.inf  # after which it ends, too
    device: str = "cpu"
    seed: int = 0
    checkpoint: Checkpoint | None = None
    open: list[Parts] = field(default_factory=list)
    stuck: list[Parts] = field(default_factory=list)
    evaluated: int = 0
    deep: bool = False

    def __post_init__(self) -> None:
        self.end = time.monotonic() + self.seconds
        small = sum(self.question.network.sizes) <= SMALL
        self.precision = LONG if small else SHORT
        kind = torch.float64 if small else torch.float32
        self.floats = Floats(self.question, kind, self.device, self.precision.bits)
        self.trees = Trees(len(self.question.properties))

    @property
    def late(self) -> bool:
        """Whether time is up."""
        return time.monotonic() >= self.end

    def start(self) -> None:
        """Bound the whole box exactly."""
        self.proof = Proof(self.question, self.floats.relaxation, self.precision)
        self.floats.start(self.proof.bounds)

    def run(self, share: Share, tell: Telling, state: dict[str, Any] | None = None) -> bool:
        """Search until a counterexample is found, all is closed, or time is up; tell the first.

        Tasks are shared as soon as they are worth it. It goes on from a state, if there is one. It
        ends, too, where memory would not hold more.
        """
        floats, count = self.floats, len(self.question.properties)
        if state is None:
            center = (floats.lower + floats.upper).expand(count, -1) / 2
            if self._attacked(torch.arange(count).to(floats.lower.device), center, PROBE_STEPS):
                return True
        self.start()
        if state is not None:
            self._take(state)
        else:
            self.evaluated += count
            self._keep(floats.evaluate(floats.whole(range(count)), 0, GOAL).parts)
            if self.open and not self.late and self._begun(self.open.pop()):
                return True
        values = sum(self.question.network.sizes)
        while self.open and not self.late and len(self.trees) < self.parts:
            held = sum(x.numel() for p in self.open for x in (p.path, p.ties, p.slopes))
            if held > HELD:
                break
            self.deep = held > HELD // 2
            many = len(self.trees) * values >= ALONE and sum(map(len, self.open)) >= TASKS
            if self._shared(share, max(1, SHARED // values)) if many else self.step():
                return True
            tell(self)
            if self.checkpoint and self.checkpoint.due:
                self.checkpoint.write(self.state())
        return False

    def _shared(self, share: Share, most: float) -> bool:
        """Have open parts split in several tasks, so many parts each; tell of a counterexample."""
        parts = joined(self.open)
        order = parts.bound.argsort(stable=True)
        groups = [parts.rows(order[k::TASKS]) for k in range(TASKS)]
        most = min(most, max(1, (self.parts - len(self.trees)) / TASKS))
        tasks = []
        for group in groups:
            own = group.copy()
            own.tree = torch.arange(len(own)).to(own.tree)
            tasks.append(Task(own.arrays(), self.deep, len(own) + most, self.end))
        self.open = []
        device = parts.tree.device
        for group, grown in zip(groups, share(tasks), strict=True):
            if grown.counterexample is not None:
                self.decided.found = grown.counterexample
                return True
            numbers = torch.tensor(self.trees.join(grown.trees, group.tree.tolist())).to(device)
            self.evaluated += grown.evaluated
            for kept, several in ((self.open, grown.opened), (self.stuck, grown.stuck)):
                for arrays in several:
                    left = Parts.of(arrays, device)
                    left.tree = numbers[left.tree]
                    kept.append(left)
        return False

    def further(self, task: Task) -> Grown:
        """Split the parts of a task; nothing of this search changes, unless a point is found."""
        parts = Parts.of(task.opened, self.floats.lower.device)
        own = copy(self)
        own.open, own.stuck, own.trees = [parts], [], Trees(len(parts))
        own.evaluated, own.deep, own.end = 0, task.deep, task.end
        # As in any other process: sums of several threads may round differently.
        with one_thread():
            while own.open and not own.late and len(own.trees) < task.parts:
                if own.step():
                    break
        opened, stuck = ([p.arrays() for p in several] for several in (own.open, own.stuck))
        return Grown(own.trees, opened, stuck, own.evaluated, self.decided.found)

    def state(self) -> dict[str, Any]:
        """Return what is needed to go on."""
        parts = {
            name: [{f.name: getattr(p, f.name) for f in fields(p)} for p in several]
            for name, several in (("open", self.open), ("stuck", self.stuck))
        }
        return {"split": "maxima", "evaluated": self.evaluated, **parts, **self.trees.state()}

    def _take(self, state: dict[str, Any]) -> None:
        self.evaluated = state["evaluated"]
        device = self.floats.lower.device
        self.open, self.stuck = (
            [Parts(**{name: x.to(device) for name, x in part.items()}) for part in state[name]]
            for name in ("open", "stuck")
        )
        self.trees.take(state)
        if not self.proof.holds(self.trees, self.floats.splits):
            expected = "parts that are closed exactly"
            raise InputError("checkpoint", expected=expected, got="others")

    def _begun(self, whole: Parts) -> bool:
        """Attack what is left of the whole box, from several points, then bound it better."""
        floats = self.floats
        draw = torch.Generator().manual_seed(self.seed)
        rows = whole.asked.repeat(ATTACKS)
        places = torch.rand(len(rows), floats.lower.shape[1], generator=draw).to(floats.lower)
        places[: len(whole)] = 0.5
        start = floats.lower + places * (floats.upper - floats.lower)
        if self._attacked(rows, start, ATTACK_STEPS, corner=True):
            return True
        self.evaluated += len(whole)
        self._keep(floats.evaluate(whole, ROOT_STEPS, GOAL, self.end).parts)
        return False

    def left(self) -> list[float]:
        """Return the bounds of the parts that are not closed."""
        return [bound for parts in (*self.open, *self.stuck) for bound in parts.bound.tolist()]

    def certificates(self) -> list[Certificate]:
        """Return what proves that no part has a counterexample, when all are closed."""
        return self.proof.certificates(self.trees, self.floats.splits)

    def step(self) -> bool:
        """Split the open parts of the least bounds, or if deep of the largest.

        Tell whether a counterexample was found. Parts that time is up for stay open, with the
        bounds that they have got.
        """
        most = max(1, min(BATCH, self.floats.together // CANDIDATES))
        parts = joined(self.open)
        order = parts.bound.argsort(descending=self.deep, stable=True)
        self.open = [parts.rows(order[most:])] if len(order) > most else []
        found = self.floats.evaluate(parts.rows(order[:most]), STEPS, GOAL, self.end)
        self.evaluated += len(found.parts)
        still = self._closed(found.parts)
        if not len(still):
            return False
        if self.late:
            self.open.append(found.parts.rows(still))
            return False
        misses = self._misses(found.points[still], found.parts.asked[still])
        near = still[misses.argsort()[:NEAR]]
        if self._attacked(found.parts.asked[near], found.points[near], NEAR_STEPS):
            return True
        return self._split(found, still)

    def _attacked(self, asked: Tensor, start: Tensor, steps: int, *, corner: bool = False) -> bool:
        """Look for a counterexample from some points (n, d), for a property each.

        Of a small network also, at the best one, on all of the part where it is affine: gradients
        come only near the ``corner`` where what is just reached is reached.
        """
        floats = self.floats
        points, found = descended(
            floats.relaxation, floats.lower, floats.upper, start,
            floats.matrix[asked], floats.right_side[asked], steps, self.end,
        )  # fmt: skip
        order = found.argsort()[:DECIDED]
        if any(self.decided(points[i]) for i in order[found[order] <= CLOSE]):
            return True
        if not corner or self.precision is SHORT or self.late:
            return False
        part = floats.affine(points[order[:1]], asked[order[:1]])
        for solve in (optimum, exact_optimum):
            best = solve(floats, part)
            if best is None or best.value > CLOSE:  # Programs of many inputs take long exactly.
                return False
            if self.decided(best.x):
                return True
            if self.late:
                return False
        return False

    def _misses(self, points: Tensor, asked: Tensor) -> Tensor:
        """Return by how much the outputs at points miss to have a property each."""
        floats = self.floats
        outputs = floats.relaxation.values(points)[-1]
        return excess(outputs, floats.matrix[asked], floats.right_side[asked])

    def _keep(self, parts: Parts) -> None:
        """Close parts, or put them to the open ones."""
        still = self._closed(parts)
        if len(still):
            self.open.append(parts.rows(still))

    def _closed(self, parts: Parts) -> Tensor:
        """Close the parts whose bounds hold exactly; return the numbers of the others."""
        done = (parts.bound > 0).nonzero()[:, 0]
        if not len(done):
            return torch.arange(len(parts), device=done.device)
        leaves = self.proof.leaves(parts.rows(done), self.floats.splits)
        for p, leaf in zip(done.tolist(), leaves, strict=True):
            if leaf is None:
                parts.bound[p] = 0.0
            else:
                self.trees.leaves[int(parts.tree[p])] = leaf
        return (parts.bound <= 0).nonzero()[:, 0]

    def _split(self, found: Evaluation, still: Tensor) -> bool:
        """Split parts where the lesser of two new bounds is best, of some splits that are tried.

        Parts without any are decided; tell whether one had a counterexample.
        """
        lost = scores(self.floats.splits, found)[still]
        parts = found.parts.rows(still)
        tried = min(CANDIDATES, lost.shape[1])
        score, choices = lost.topk(tried, dim=1)
        deep = (parts.path >= 0).sum(dim=1) >= DEEPEST
        ended = deep | (score[:, 0] < 0) if tried else torch.ones_like(deep)
        for p in ended.nonzero()[:, 0].tolist():
            part = parts.rows(torch.tensor([p], device=ended.device))
            if self.late:
                self.open.append(part)
            elif self._ended(part):
                return True
        rest = (~ended).nonzero()[:, 0]
        if self.late and len(rest):
            self.open.append(parts.rows(rest))
        if self.late or not len(rest):
            return False
        parts, score, choices = parts.rows(rest), score[rest], choices[rest]
        each = torch.arange(len(parts), device=rest.device)
        wide = parts.rows(each.repeat_interleave(tried))
        sides = [wide.split(choices.flatten(), above) for above in (False, True)]
        sides = [self.floats.evaluate(side, 0, GOAL).parts for side in sides]
        self.evaluated += 2 * len(wide)
        values = [side.bound.clamp(max=0).reshape(-1, tried) for side in sides]
        # Among splits whose worse sides are alike, the other sides decide.
        rank = torch.minimum(*values) + 0.1 * (values[0] + values[1])
        best = rank.masked_fill(score < 0, -torch.inf).argmax(dim=1)
        numbers, trees = choices[each, best].tolist(), parts.tree.tolist()
        first = torch.tensor([self.trees.split(*pair) for pair in zip(trees, numbers, strict=True)])
        for k, side in enumerate(sides):
            child = side.rows(each * tried + best)
            child.tree = first.to(child.tree) + k
            # What is proved on a part is proved on what it is split into.
            child.bound = torch.where(
                child.bound > 0, child.bound, child.bound.maximum(parts.bound)
            )
            self._keep(child)
        return False

    def _ended(self, part: Parts) -> bool:
        """Close a part on which the network is affine, or tell whether it has a counterexample."""
        for solved in (optimum, exact_optimum):
            found = solved(self.floats, part)
            if found is not None:
                if found.value <= CLOSE and self.decided(found.x):
                    return True
                if found.value > 0 and self._proved(part, found):
                    return False
                part = part.copy()  # its optimum says more of an affine part than any relaxation
                part.bound = part.bound.maximum(part.bound.new_tensor(min(float(found.value), 0.0)))
        self.stuck.append(part)
        return False

    def _proved(self, part: Parts, found: Optimum) -> bool:
        part = part.copy()
        part.weights, part.ties = part.weights.clone(), torch.zeros_like(part.ties)
        part.weights[0], part.ties[0, : len(found.ties)] = found.weights, found.ties
        # Orders of a maximum may decide signs, too, which then have no slopes.
        part.slopes = self.floats.splits.default_slopes[None]
        part.bound = part.bound.new_ones(1)
        return not len(self._closed(part))
