"""Linear bounds of a network on many parts of boxes at once, in floats: they guess.

The rules are those of the certificates of kind ``no-counterexample``, without their rounding. Every
affine map is taken as it is. Of a maximum v = max_i z_i, with l <= z <= u on the part, a term a v
is bounded from below by slope z_i + intercept, for one entry: see :class:`Chords`.

Shapes: P parts (bounds may have one row for all of them), R rows of coefficients a part, n values
of a node. Node 0 is the input.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from certify.bounds.linear_maps import affine
from certify.networks.graph import Network
from certify.networks.operations import Maximum, MaxPool

NUMBERS = 20_000_000  # coefficients at most that one backward pass holds behind a node
_TINY = 1e-30  # what an interval of no width is divided by


@dataclass
class Bounds:
    """Intervals ``lower[k]`` <= values of node k <= ``upper[k]``, tensors (P, n) or (1, n)."""

    lower: list[Tensor]
    upper: list[Tensor]

    def rows(self, chosen: Tensor) -> Bounds:
        """Return those of some of the parts."""
        return Bounds(
            [x if len(x) == 1 else x[chosen] for x in self.lower],
            [x if len(x) == 1 else x[chosen] for x in self.upper],
        )


class Chords(NamedTuple):
    """How maxima are bounded: a v >= a lower z_p if a >= 0, else a (upper z_q + intercept).

    Of shape (P, n), or (1, n) for all parts. ``first`` are the p, ``second`` the q, None where they
    are v's own numbers: a ReLU.
    """

    lower: Tensor
    upper: Tensor
    intercept: Tensor
    first: Tensor | None = None
    second: Tensor | None = None


class Linear(NamedTuple):
    """The bounds gradient . x + constant, on the part, of rows of coefficients.

    value      (P, R), the least on the box
    gradient   (P, R, d)
    constant   (P, R)
    arrived    for each maximum that was passed its coefficients (P, R, n)
    """

    value: Tensor
    gradient: Tensor
    constant: Tensor
    arrived: dict[int, Tensor]


class Relaxation:
    """A network whose bounds are computed in batches on one device, ``kind`` the type of floats.

    kind     torch.float64, or torch.float32, in which values close to 0 say little
    lists    of each maximum node, but not ReLUs: the entries (n, longest), and which are none
    refined  nodes whose values maxima read, behind other maxima: backward passes improve these
    """

    def __init__(
        self, network: Network, kind: torch.dtype = torch.float64, device: str = "cpu"
    ) -> None:
        self.network, self.kind, self.device = network, kind, torch.device(device)
        self.sizes = network.sizes
        self.reads = [(), *(reads for _, reads in network.nodes)]
        self.maps = [
            affine(f, [self.sizes[j] for j in reads], kind, device) for f, reads in network.nodes
        ]
        self.maxima = [k for k, f in enumerate(self.maps, start=1) if f is None]
        self.lists: dict[int, tuple[Tensor, Tensor]] = {}
        for k in self.maxima:
            f = network.nodes[k - 1].operation
            f = f.maximum if isinstance(f, MaxPool) else f
            if isinstance(f, Maximum):
                longest = max(map(len, f.lists))
                table = torch.tensor([[*e, *[-1] * (longest - len(e))] for e in f.lists])
                self.lists[k] = table.clamp(min=0).to(device), (table < 0).to(device)
        behind = {0: False}
        for k, reads in enumerate(self.reads[1:], start=1):
            behind[k] = k in self.maxima or any(behind[j] for j in reads)
        read = {self.reads[k][0] for k in self.maxima}
        self.refined = sorted(j for j in read if behind[j] and j not in self.maxima)

    def tensor(self, values: Iterable[Fraction]) -> Tensor:
        """Return exact numbers in floats."""
        floats = [p / q for p, q in (x.as_integer_ratio() for x in values)]
        return torch.tensor(floats, dtype=torch.float64).to(self.device, self.kind)

    def values(self, x: Tensor) -> list[Tensor]:
        """Return the values of all nodes at points (rows, d), the points first."""
        given = [x]
        for k, f in enumerate(self.maps, start=1):
            read = [given[j] for j in self.reads[k]]
            if f is not None:
                given.append(f.apply(*read))
            elif k in self.lists:
                given.append(self.listed(k, read[0]).amax(dim=2))
            else:
                given.append(read[0].clamp(min=0))
        return given

    def bounds(
        self, lower: Tensor, upper: Tensor, within: Bounds | None = None, *, refine: bool = True
    ) -> Bounds:
        """Return bounds of all nodes on boxes (P, d), computed anew for each box.

        Intervals go forward; values that maxima read, undecided on any of the boxes, are improved
        by backward passes if ``refine``. With ``within`` all of them are intersected with other
        bounds as they come; a part where some lower bound is above the upper one is empty.
        """
        found = Bounds([], [])

        def add(low: Tensor, high: Tensor) -> None:
            k = len(found.lower)
            if within is not None:
                low = torch.maximum(low, within.lower[k])
                high = torch.minimum(high, within.upper[k])
            found.lower.append(low)
            found.upper.append(high)

        add(lower, upper)
        for k, f in enumerate(self.maps, start=1):
            lows = [found.lower[j] for j in self.reads[k]]
            highs = [found.upper[j] for j in self.reads[k]]
            if f is not None:
                center = f.apply(*((l + u) / 2 for l, u in zip(lows, highs, strict=True)))
                radius = f.spread(*((u - l) / 2 for l, u in zip(lows, highs, strict=True)))
                add(center - radius, center + radius)
                if refine and k in self.refined:
                    self._refine(found, k)
            elif k in self.lists:
                add(self.listed(k, lows[0]).amax(dim=2), self.listed(k, highs[0]).amax(dim=2))
            else:
                add(lows[0].clamp(min=0), highs[0].clamp(min=0))
        return found

    def undecided(self, bounds: Bounds, node: int) -> Tensor:
        """Tell which values of a node (P, n) a maximum reads whose place is not decided."""
        low, high = bounds.lower[node], bounds.upper[node]
        found = torch.zeros_like(low, dtype=torch.bool)
        for k in self.maxima:
            if self.reads[k][0] != node:
                continue
            if k not in self.lists:
                found |= (low < 0) & (high > 0)
                continue
            best = self.listed(k, low).amax(dim=2, keepdim=True)
            table, blank = self.lists[k]
            rivals = (self.listed(k, high) > best) & ~blank
            open_ = rivals & (rivals.sum(dim=2, keepdim=True) > 1)
            found |= torch.zeros_like(low).index_add_(
                1, table.flatten(), open_.flatten(1).to(low.dtype)
            ).bool()  # fmt: skip
        return found

    def _refine(self, bounds: Bounds, node: int) -> None:
        """Improve the undecided values of a node by backward passes from each of them."""
        low, high = bounds.lower[node], bounds.upper[node]
        undecided = self.undecided(bounds, node)
        wanted = undecided.any(dim=0).nonzero()[:, 0]
        chords = self.chords(bounds, before=node)
        step = max(1, NUMBERS // (2 * len(low) * max(self.sizes[: node + 1])))
        for some in torch.split(wanted, step) if len(wanted) else ():
            unit = functional.one_hot(some, self.sizes[node]).to(self.kind)
            rows = torch.cat((unit, -unit)).expand(len(low), -1, -1)
            value = self.backward(bounds, chords, rows, node=node).value
            # Those that are decided on a box stay, whatever other boxes are computed beside it.
            value = value.masked_fill(~undecided[:, some].repeat(1, 2), -torch.inf)
            least, most = value[:, : len(some)], value[:, len(some) :]
            low[:, some] = torch.maximum(low[:, some], least)
            high[:, some] = torch.minimum(high[:, some], -most)

    def chords(
        self,
        bounds: Bounds,
        dropped: Mapping[int, Tensor] | None = None,
        *,
        before: int | None = None,
    ) -> dict[int, Chords]:
        """Return how each maximum is bounded, those of nodes ``before`` one alone if it is given.

        ``dropped`` tells of maxima which places of their lists (P, n, longest) another entry of
        the list is never below on the part.
        """
        found = {}
        for k in self.maxima:
            if before is not None and k > before:
                break
            low, high = bounds.lower[self.reads[k][0]], bounds.upper[self.reads[k][0]]
            without = None if dropped is None else dropped.get(k)
            found[k] = (
                self._of_lists(k, low, high, without) if k in self.lists else _of_relus(low, high)
            )
        return found

    def _of_lists(self, k: int, low: Tensor, high: Tensor, without: Tensor | None) -> Chords:
        lows, highs = self.listed(k, low), self.listed(k, high)
        if without is not None:
            lows, highs = (x.masked_fill(without, -torch.inf) for x in (lows, highs))
        table = self.lists[k][0].expand(len(lows), -1, -1)
        least, u, place = lows.argmax(dim=2, keepdim=True), *highs.max(dim=2, keepdim=True)
        l = lows.gather(2, place)
        rival = highs.scatter(2, place, -torch.inf).amax(dim=2, keepdim=True)
        upper = torch.where(l >= rival, 1.0, (u - rival) / (u - l).clamp(min=_TINY))[:, :, 0]
        lists = (table.gather(2, p)[:, :, 0] for p in (least, place))
        return Chords(torch.ones_like(upper), upper, u[:, :, 0] * (1 - upper), *lists)

    def listed(self, k: int, values: Tensor) -> Tensor:
        """Return the entries of each list (P, n, longest), none of which is -infinity."""
        table, blank = self.lists[k]
        listed = values.index_select(1, table.flatten()).reshape(-1, *table.shape)
        return listed.masked_fill(blank, -torch.inf)

    def backward(
        self,
        bounds: Bounds,
        chords: Mapping[int, Chords],
        coefficients: Tensor,
        constant: Tensor | float = 0.0,
        *,
        node: int | None = None,
        ties: Mapping[int, Tensor] | None = None,
        curves: Mapping[int, Callable[[Tensor], tuple[Tensor, Tensor]]] | None = None,
    ) -> Linear:
        """Return linear lower bounds of coefficients (P, R, n) . values of a node + a constant.

        The node is the last one if none is given. ``ties`` (P, n) are taken from the coefficients
        of nodes: at the price of a threshold, which is the caller's, a constraint of the part.
        ``curves`` of maxima give from their coefficients those of what they read, and constants.
        """
        last = len(self.maps) if node is None else node
        parts, rows = coefficients.shape[:2]
        found, arrived = {last: coefficients}, {}
        total = coefficients.new_zeros(parts, rows) + constant
        for k in range(last, 0, -1):
            a = found.pop(k, None)
            if a is None:
                continue
            if ties and k in ties:
                a = a - ties[k][:, None]
            f = self.maps[k - 1]
            if f is not None:
                back, more = f.transposed(a.flatten(0, 1))
                terms = [x.reshape(parts, rows, -1) for x in back]
                total = total + more.reshape(parts, rows)
            else:
                arrived[k] = a
                if curves and k in curves:
                    term, more = curves[k](a)
                else:
                    term, more = _through(chords[k], a, self.sizes[self.reads[k][0]])
                terms, total = [term], total + more
            for j, term in zip(self.reads[k], terms, strict=True):
                found[j] = found[j] + term if j in found else term
        g = found.get(0)
        if g is None:  # constant outputs
            g = coefficients.new_zeros(parts, rows, self.sizes[0])
        if ties and 0 in ties:
            g = g - ties[0][:, None]
        low, high = bounds.lower[0], bounds.upper[0]
        center, radius = ((low + high) / 2)[:, :, None], ((high - low) / 2)[:, :, None]
        if len(low) == 1:  # one product of matrices for all parts
            center, radius = center[0], radius[0]
        least = (g @ center - g.abs() @ radius)[:, :, 0]
        return Linear(total + least, g, total, arrived)

    def minimisers(self, bounds: Bounds, linear: Linear) -> Tensor:
        """Return the points (P, R, d) of the boxes where linear bounds are least."""
        low, high = bounds.lower[0][:, None], bounds.upper[0][:, None]
        return torch.where(linear.gradient > 0, low, high)

    def relaxed(self, chords: Mapping[int, Chords], linear: Linear, points: Tensor) -> list[Tensor]:
        """Return values (P, n) of all nodes at points (P, d) with maxima as the bounds see them.

        They are the minimisers of the relaxation for the first row of each part, so that their
        side of a constraint is the direction in which its multiplier improves the bound.
        """
        given = [points]
        for k, f in enumerate(self.maps, start=1):
            read = [given[j] for j in self.reads[k]]
            if f is not None:
                given.append(f.apply(*read))
                continue
            chord = chords[k]
            rising = linear.arrived[k][:, 0] >= 0
            low = high = read[0]
            if chord.first is not None and chord.second is not None:
                low, high = (
                    read[0].gather(1, x.expand(len(points), -1))
                    for x in (chord.first, chord.second)
                )
            given.append(
                torch.where(rising, chord.lower * low, chord.upper * high + chord.intercept)
            )
        return given


def _of_relus(low: Tensor, high: Tensor) -> Chords:
    low, high = low.clamp(max=0), high.clamp(min=0)
    upper = high / (high - low).clamp(min=_TINY)
    lower = ((high + low >= 0) & (high > 0)).to(low.dtype)
    return Chords(lower, upper, -low * upper)


def _through(chords: Chords, a: Tensor, size: int) -> tuple[Tensor, Tensor]:
    """Return coefficients (P, R, size) of what maxima read, and constants, for a on them."""
    rising = a.clamp(min=0)
    falling = a - rising
    constant = (falling @ chords.intercept[:, :, None])[:, :, 0]
    rising, falling = rising * chords.lower[:, None], falling * chords.upper[:, None]
    if chords.first is None or chords.second is None:
        return rising + falling, constant
    passed = a.new_zeros(*a.shape[:2], size)
    for entries, values in ((chords.first, rising), (chords.second, falling)):
        passed.scatter_add_(2, entries[:, None].expand_as(values), values)
    return passed, constant
