"""Cuts of a box where a property narrows what values of a network can be, and splits beneath them.

Of a point that has a property C z <= d, the value v of any node is at least the least of
v + weights . (C z - d), weights >= 0: what is asked of outputs bounds what lies before them (Kotha
et al., Provably bounding neural network preimages, 2023). Such a bound t is stated as a split at t
of which one part is closed at once: a *cut*. Cuts of some tens of undecided values are sought
together, one group after the other, again and again on what they leave; where that ends, the part
is split at 0, at the value whose sign would improve most of the bounds that were sought.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from certify.bounds.enclosing import enclosing
from certify.bounds.evaluation import Floats
from certify.bounds.multipliers import Multipliers
from certify.bounds.proof import Proof
from certify.bounds.question import Question
from certify.bounds.regions import Halfspace, Leaf
from certify.bounds.relaxation import Bounds, Chords, Linear
from certify.bounds.tree import written
from certify.numbers.rationals import text

TOGETHER = 32  # neighbouring values of a node at most that are cut together
FIRST_STEPS, STEPS = 160, 80  # of ascent for their cuts
# Of ascent, at first.
RATES = {"weights": 0.05, "slopes": 0.1, "walls": 0.05, "share": 1.0, "bends": 0.02}
DECAY = 0.95  # of them, in each step
PLACES = 10  # thresholds are multiples of 2^-10, which floats hold
GAIN = 0.03  # of the width of bounds, that a cut has to take away
STALLED = 0.05  # of the sum of widths, less than which a round has to take away before a split
DEEPEST = 40  # splits, beside each of which stand cuts

Side = tuple[int, int, bool]  # node, entry, and whether its lower bound is meant


class Sought(NamedTuple):
    """What came of seeking cuts together: of which sides, and what proves most.

    ``curves`` (R, n) are the slopes of the curves under the ReLU that an ellipsoid is around.
    ``effects`` tell, by node (n,), how much all these bounds lose because a ReLU may see both
    signs: the sum of what each loses, in widths of its value.
    """

    sides: list[Side]
    multipliers: Multipliers
    curves: Tensor
    effects: dict[int, Tensor]


@dataclass
class Place:
    """A part of the box, its path of halfspaces, and bounds of what ReLUs read, by node.

    ``found`` is what came of seeking cuts last, by node and group of its values.
    """

    path: tuple[Halfspace, ...]
    lower: dict[int, Tensor]
    upper: dict[int, Tensor]
    found: dict[tuple[int, int], Sought] = field(default_factory=dict)

    def copy(self) -> Place:
        """Return the same place, whose bounds may be changed."""
        lower, upper = ({j: x.clone() for j, x in t.items()} for t in (self.lower, self.upper))
        return Place(self.path, lower, upper, dict(self.found))

    def narrow(self, halfspace: Halfspace, unit: float) -> None:
        """Narrow its bounds to a halfspace z >= by or -z >= by."""
        j, more, less, by = halfspace
        table, i, end = (self.upper, less, -by) if more < 0 else (self.lower, more, by)
        worst = torch.minimum if more < 0 else torch.maximum
        table[j][i] = worst(table[j][i], table[j].new_tensor(end * unit))

    @property
    def empty(self) -> bool:
        """Whether some lower bound is above the upper one."""
        return any(bool((self.lower[j] > self.upper[j]).any()) for j in self.lower)

    @property
    def width(self) -> float:
        """The sum of the widths of what both signs are possible of."""
        undecided = {j: self.undecided(j) for j in self.lower}
        return sum(
            float((self.upper[j] - self.lower[j])[some].sum()) for j, some in undecided.items()
        )

    def undecided(self, j: int) -> Tensor:
        """Tell of which values of a node both signs are possible."""
        return (self.lower[j] < 0) & (self.upper[j] > 0)


def equalities(question: Question) -> bool:
    """Tell whether a question is of one property alone, and this has a row and its negative."""
    if len(question.properties) != 1:
        return False
    (unwanted,) = question.properties
    # Of rows of hundreds of outputs nearly all entries are 0, and hashes of fractions take long.
    listed = [
        ([(k, x) for k, x in enumerate(row) if x], end)
        for row, end in zip(unwanted.matrix, unwanted.right_side, strict=True)
    ]
    rows = {(tuple(row), end) for row, end in listed}
    return any((tuple((k, -x) for k, x in row), -end) in rows for row, end in listed)


class Shaving:
    """The search for cuts and splits that leave nothing of a box where outputs have a property.

    It ends at a time, at so many parts, and where a proof would be too long for the checker.
    """

    def __init__(self, floats: Floats, proof: Proof, end: float, parts: float) -> None:
        self.floats, self.proof, self.end, self.parts = floats, proof, end, parts
        relaxation = floats.relaxation
        self.unit = 2.0**-proof.precision.grid
        self.relus = [k for k in relaxation.maxima if k not in relaxation.lists]
        self.nodes = sorted({relaxation.reads[k][0] for k in self.relus})
        ball = enclosing(relaxation, floats.lower, floats.upper, proof.precision.grid)
        self.ball = ball if ball and proof.enclose(ball.evidence) else None
        self.bent = [k for k in self.relus if not self.ball or k != self.ball.relu]
        self.leaves = 0
        self.read, self.most = proof.effort()
        self.work = 0  # of the checker, for all leaves

    def tree(self) -> dict[str, Any] | None:
        """Return the tree of a proof as it stands in a certificate; None where time is up."""
        root = self.floats.root
        lower, upper = (
            {j: side[j][0].clone() for j in self.nodes} for side in (root.lower, root.upper)
        )
        return self._closed(Place((), lower, upper), 0)

    def _closed(self, place: Place, depth: int) -> dict[str, Any] | None:
        cuts: list[dict[str, Any]] = []
        first = True
        while not place.empty:
            width = place.width
            for j in reversed(self.nodes):
                if time.monotonic() > self.end or self.leaves > self.parts or self.work > self.most:
                    return None
                if not (first and not depth and j not in self.floats.relaxation.refined):
                    cuts += self._cuts(place, j)
                if place.empty:
                    break
            if not first and place.width >= (1 - STALLED) * width:
                break
            first = False
        rest: dict[str, Any] = {}
        if place.empty:
            self._count(place.path)
        else:
            split = self._split(place)
            if split is None or depth == DEEPEST:
                return None
            j, i = split
            sides = []
            for halfspace in (Halfspace(j, -1, i, 0), Halfspace(j, i, -1, 0)):
                side = place.copy()
                side.path = (*side.path, halfspace)
                side.narrow(halfspace, self.unit)
                sides.append(self._closed(side, depth + 1))
                if sides[-1] is None:
                    return None
            rest = {"split": [j, i], "parts": sides}
        return {"cuts": cuts, "rest": rest} if cuts else rest

    def _count(self, path: tuple[Halfspace, ...]) -> None:
        """Count a leaf and what the checker does there; the row of a property is little of it."""
        self.leaves += 1
        self.work += self.read.works[-1] + self.read.along(path) + self.proof.curved

    def _split(self, place: Place) -> tuple[int, int] | None:
        """Return the value whose sign is worth most for the bounds that were sought last."""
        best, chosen = -1.0, None
        for j in self.nodes:
            found = (sought.effects[j] for sought in place.found.values())
            effects = sum(found, torch.zeros_like(place.lower[j]))
            worth, i = effects.masked_fill(~place.undecided(j), -1.0).max(dim=0)
            if float(worth) > best:
                best, chosen = float(worth), (j, int(i))
        return chosen

    def _cuts(self, place: Place, j: int) -> list[dict[str, Any]]:
        """Cut a place where bounds of a node's values can be narrowed; return the cuts."""
        groups: dict[int, list[Side]] = {}
        for i in place.undecided(j).nonzero()[:, 0].tolist():
            groups.setdefault(i // TOGETHER, []).extend(((j, i, True), (j, i, False)))
        place.found = {k: v for k, v in place.found.items() if k[0] != j or k[1] in groups}
        cuts: list[dict[str, Any]] = []
        for group, sides in groups.items():
            if not place.empty and time.monotonic() < self.end:
                cuts += self._narrowed(place, (j, group), sides)
        return cuts

    def _narrowed(
        self, place: Place, group: tuple[int, int], sides: list[Side]
    ) -> list[dict[str, Any]]:
        """Cut a place at some sides of values together; return the cuts."""
        values, sought = self._ascended(place, sides, place.found.get(group))
        place.found[group] = sought
        scale = 2.0**PLACES
        wanted = []
        for row, ((j, i, low), value) in enumerate(zip(sides, values.tolist(), strict=True)):
            end = (np.floor(value * scale) - 1) / scale
            l, u = float(place.lower[j][i]), float(place.upper[j][i])
            gain = end - l if low else end + u
            if gain > GAIN * (u - l):
                by = int(end / self.unit)
                kept = Halfspace(j, i, -1, by) if low else Halfspace(j, -1, i, by)
                wanted.append((gain / (u - l), row, kept))
        wanted.sort(reverse=True)
        if wanted and wanted[0][0] > 1:  # which leaves nothing
            wanted = wanted[:1]
        while True:
            leaves, after = self._made(place, wanted, sought)
            passed = self.proof.closes(leaves)
            if all(passed):
                break
            wanted = [one for one, fine in zip(wanted, passed, strict=True) if fine]
        place.path, place.lower, place.upper = after.path, after.lower, after.upper
        for leaf in leaves:
            self._count(leaf.path)
        return [
            self._written(leaf, kept) for leaf, (_, _, kept) in zip(leaves, wanted, strict=True)
        ]

    def _made(
        self, place: Place, wanted: list[tuple[float, int, Halfspace]], sought: Sought
    ) -> tuple[list[Leaf], Place]:
        """Return leaves of what cuts take away, one after another, and what they leave."""
        scale = 2**self.proof.precision.bits

        def whole(x: Tensor) -> Tensor:
            return x.double().mul(scale).round().to(torch.long)

        numbers, curves = sought.multipliers.map(whole), whole(sought.curves)
        place, leaves = place.copy(), []
        for _, row, kept in wanted:
            away = Halfspace(kept.node, kept.less, kept.more, -kept.by)
            part = place.copy()
            part.narrow(away, self.unit)
            undecided = [(j, part.undecided(j)) for k in self.bent for j in self._read(k)]
            slopes = [x for j, some in undecided for x in numbers.slopes[j][row][some].tolist()]
            curve = [*numbers.share[row].tolist(), *curves[row].tolist()] or None
            last = {half[:3]: n for n, half in enumerate(place.path)}
            ties = [0] * len(place.path)
            for (j, more, less), n in last.items():
                wall = int(numbers.walls[j][row, less if more < 0 else more])
                ties[n] = max(0, -wall if more < 0 else wall)
            weights = tuple(numbers.weights[row].tolist())
            path, ties = (*place.path, away), [*ties, scale]
            leaves.append(Leaf(path, weights, slopes, tuple(ties), curve))
            place.narrow(kept, self.unit)
            place.path = (*(half for half in place.path if half[:3] != kept[:3]), kept)
        return leaves, place

    def _read(self, k: int) -> tuple[int, ...]:
        return self.floats.relaxation.reads[k]

    def _written(self, leaf: Leaf, kept: Halfspace) -> dict[str, Any]:
        j, more, less, by = kept
        leaf_of = written(leaf, self.proof.precision.bits)
        at = text(Fraction(-by if more < 0 else by, 1 << self.proof.precision.grid))
        parts = [None, leaf_of] if more < 0 else [leaf_of, None]
        return {"split": [j, less if more < 0 else more], "at": at, "parts": parts}

    def _ascended(
        self, place: Place, sides: list[Side], last: Sought | None
    ) -> tuple[Tensor, Sought]:
        """Return bounds of values, or minus these, that a point of the property has, and why."""
        floats, relaxation, (j, _, _) = self.floats, self.floats.relaxation, sides[0]
        bounds = Bounds(list(floats.root.lower), list(floats.root.upper))
        for n in self.nodes:
            bounds.lower[n], bounds.upper[n] = place.lower[n][None], place.upper[n][None]
        chords = relaxation.chords(bounds)
        aim = bounds.lower[j].new_zeros(len(sides), relaxation.sizes[j])
        for row, (_, i, low) in enumerate(sides):
            aim[row, i] = 1.0 if low else -1.0
        widths = (place.upper[j] - place.lower[j])[[i for _, i, _ in sides], None]
        free = {n: self._free(place, n) for n in self.nodes}
        ball = self.ball
        present, right = floats.present[0], floats.right_side[0].masked_fill(~floats.present[0], 0)

        def sloped(m: Multipliers) -> dict[int, Chords]:
            now = dict(chords)
            for k in self.relus:
                (n,) = relaxation.reads[k]
                chord = chords[k]
                bent = (chord.upper > 0) & (chord.upper < 1)
                now[k] = chord._replace(lower=torch.where(bent, m.slopes[n], chord.lower))
            return now

        def curved(m: Multipliers, chord: Chords, a: Tensor) -> Tensor:
            return a * torch.where(a > 0, chord.lower, chord.upper) + m.bends

        def bound(m: Multipliers, slopes: Tensor | None = None) -> Linear:
            now, curves = sloped(m), {}
            constant = -(m.weights @ right)
            ties = {}
            for n, wall in m.walls.items():
                constant = constant + wall.clamp(min=0) @ place.lower[n]
                constant = constant + wall.clamp(max=0) @ place.upper[n]
                ties[n] = wall - aim if n == j else wall
            rows = (m.weights @ floats.matrix[0])[:, None]
            if ball:
                chord, ends = now[ball.relu], (place.lower[ball.reads], place.upper[ball.reads])

                def curve(a: Tensor) -> tuple[Tensor, Tensor]:
                    z = curved(m, chord, a[:, 0]) if slopes is None else slopes
                    return z[:, None], ball.least(a[:, 0], m.share, z, *ends)[:, None]

                curves[ball.relu] = curve
            return relaxation.backward(
                bounds, now, rows, constant[:, None], ties=ties, curves=curves
            )

        @torch.no_grad()
        def project(m: Multipliers) -> None:
            m.weights.clamp_(min=0).mul_(present)
            m.share.clamp_(min=2.0**-floats.bits)
            for n in m.slopes:
                m.slopes[n].clamp_(0, 1)
            for n in self.nodes:
                m.walls[n].clamp_(*free[n])

        m = self._start(place, sides, last)
        best, least = m.map(torch.clone), torch.full((len(sides),), -torch.inf).to(aim)
        with torch.enable_grad():
            m = m.map(lambda x: x.clone().requires_grad_())
            groups = [{"params": [x], "lr": RATES[name]} for name, x in m.all()]
            ascent = torch.optim.Adam(groups, betas=(0.9, 0.99), maximize=True)
            for _ in range(FIRST_STEPS if last is None else STEPS):
                value = bound(m).value[:, 0]
                better = value.detach() > least
                least = torch.where(better, value.detach(), least)
                for (_, kept), (_, x) in zip(best.all(), m.all(), strict=True):
                    kept[better] = x.detach()[better]
                if time.monotonic() >= self.end:
                    break
                ascent.zero_grad()
                torch.autograd.backward(value.sum())
                ascent.step()
                project(m)
                for group in ascent.param_groups:
                    group["lr"] *= DECAY
        best = best.map(floats.short)
        slopes = best.bends
        if ball and (arrived := bound(best).arrived.get(ball.relu)) is not None:
            slopes = floats.short(curved(best, sloped(best)[ball.relu], arrived[:, 0]))
        proved = bound(best, slopes)
        lost = {}
        for k in self.relus:
            falling = -proved.arrived[k][:, 0].clamp(max=0) / widths
            lost[relaxation.reads[k][0]] = falling.sum(dim=0) * chords[k].intercept[0]
        return proved.value[:, 0], Sought(sides, best, slopes, lost)

    def _free(self, place: Place, n: int) -> tuple[Tensor, Tensor]:
        """Return the least and largest walls of a node: some only where halfspaces bound values.

        None of one that an ellipsoid is around, as a curve knows the bounds of its values.
        """
        least, most = torch.zeros_like(place.lower[n]), torch.zeros_like(place.lower[n])
        if self.ball and n == self.ball.reads:
            return least, most
        for j, more, less, _ in place.path:
            if j == n and more < 0:
                least[less] = -torch.inf
            elif j == n:
                most[more] = torch.inf
        return least, most

    def _start(self, place: Place, sides: list[Side], last: Sought | None) -> Multipliers:
        """Return the multipliers that were found last for some sides, or first ones."""
        sizes, kind = self.floats.relaxation.sizes, self.floats.matrix
        if last is not None:
            rows = {side: row for row, side in enumerate(last.sides)}
            return last.multipliers.rows([rows[side] for side in sides])
        weights = kind.new_zeros(len(sides), kind.shape[1])
        slopes = {
            n: (place.upper[n] >= -place.lower[n]).to(kind.dtype).repeat(len(sides), 1)
            for n in self.nodes
        }
        walls = {n: kind.new_zeros(len(sides), sizes[n]) for n in self.nodes}
        size = sizes[self.ball.reads] if self.ball else 0
        share = kind.new_full((len(sides), min(size, 1)), 2.0**-self.floats.bits)
        return Multipliers(weights, slopes, walls, share, kind.new_zeros(len(sides), size))
