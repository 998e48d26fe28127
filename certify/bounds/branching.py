"""Parts of a box by signs of what ReLUs read and the order of what maxima read, and where to split.

A split is "value i of a node, or value i minus value j, is at most, or at least, zero".
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from itertools import combinations

import numpy as np
import torch
from torch import Tensor

from certify.bounds.regions import Halfspace
from certify.bounds.relaxation import Bounds, Chords, Linear, Relaxation

PAIRS = 64  # entries of a list at most whose order is split


@dataclass
class Parts:
    """Some open parts, one a row.

    tree     its number in the tree of all parts
    asked    the property that is to be excluded on it
    bound    what is proved in floats, or will be believed until it is computed
    path     the splits that lead to it (P, depth), in order; -1 behind the last
    above    on which side of each it lies
    ties     the multiplier >= 0 of each
    weights  those >= 0 of the property's rows (P, K)
    slopes   of lower bounds of ReLUs, at the splits of their signs (P, signs)
    """

    tree: Tensor
    asked: Tensor
    bound: Tensor
    path: Tensor
    above: Tensor
    ties: Tensor
    weights: Tensor
    slopes: Tensor

    def __len__(self) -> int:
        return len(self.tree)

    def rows(self, chosen: Tensor) -> Parts:
        """Return some of them."""
        return Parts(*(getattr(self, f.name)[chosen] for f in fields(self)))

    def arrays(self) -> list[np.ndarray]:
        """Return all of it as arrays, for :meth:`of`."""
        return [getattr(self, f.name).cpu().numpy() for f in fields(self)]

    @classmethod
    def of(cls, arrays: Iterable[np.ndarray], device: torch.device) -> Parts:
        """Return parts on a device from their arrays."""
        return cls(*(torch.from_numpy(x).to(device) for x in arrays))

    def copy(self) -> Parts:
        """Return the same parts, whose entries may be replaced."""
        return Parts(*(getattr(self, f.name) for f in fields(self)))

    def improved(self, other: Parts) -> Parts:
        """Return them with what proves the other's bounds, where these are better."""
        better = other.bound > self.bound
        kept = self.copy()
        kept.bound = torch.where(better, other.bound, self.bound)
        for name in ("ties", "weights", "slopes"):
            chosen = torch.where(better[:, None], getattr(other, name), getattr(self, name))
            setattr(kept, name, chosen)
        return kept

    def split(self, chosen: Tensor, above: Tensor | bool) -> Parts:
        """Return the parts on one side of one more split each."""
        depth = int((self.path >= 0).sum(dim=1).max()) if len(self) else 0
        kept = self.copy()
        if depth == self.path.shape[1]:
            for name, blank in (("path", -1), ("above", 0), ("ties", 0)):
                old = getattr(self, name)
                more = old.new_full((len(self), depth // 2 + 4), blank)
                setattr(kept, name, torch.cat((old, more), dim=1))
        kept.path, kept.above = kept.path.clone(), kept.above.clone()
        row = torch.arange(len(self), device=self.path.device)
        end = (self.path >= 0).sum(dim=1)
        kept.path[row, end] = chosen
        kept.above[row, end] = torch.as_tensor(above, device=row.device)
        return kept


def joined(several: list[Parts]) -> Parts:
    """Return the parts of several batches together."""
    deepest = max(p.path.shape[1] for p in several)

    def padded(x: Tensor, blank: int) -> Tensor:
        return torch.nn.functional.pad(x, (0, deepest - x.shape[1]), value=blank)

    return Parts(
        torch.cat([p.tree for p in several]),
        torch.cat([p.asked for p in several]),
        torch.cat([p.bound for p in several]),
        torch.cat([padded(p.path, -1) for p in several]),
        torch.cat([padded(p.above, 0) for p in several]),
        torch.cat([padded(p.ties, 0) for p in several]),
        torch.cat([p.weights for p in several]),
        torch.cat([p.slopes for p in several]),
    )


class Splits:
    """All splits that are open on a box, by number.

    node, first, second   (S,), second -1 for a sign
    signs                 how many of them are signs, the first
    signs_of              the numbers of those of each node
    pair_of               of each maximum but ReLUs, the split of two places of a list (n, longest,
                          longest), -1 where there is none
    """

    def __init__(self, relaxation: Relaxation, root: Bounds) -> None:
        self.relaxation, self.root = relaxation, root
        found: dict[tuple[int, int, int], int] = {}
        pairs: dict[int, list[tuple[int, int, int, int]]] = {}  # (list, place, place, split)
        for k in relaxation.maxima:
            if k not in relaxation.lists:
                j = relaxation.reads[k][0]
                l, u = root.lower[j][0], root.upper[j][0]
                for i in ((l < 0) & (u > 0)).nonzero()[:, 0].tolist():
                    found.setdefault((j, i, -1), len(found))
        self.signs = len(found)  # which come first
        for k in relaxation.lists:
            j = relaxation.reads[k][0]
            low, high = root.lower[j][0].tolist(), root.upper[j][0].tolist()
            lists, blank = (x.tolist() for x in relaxation.lists[k])
            pairs[k] = []
            for row, (entries, none) in enumerate(zip(lists, blank, strict=True)):
                here = [(q, i) for q, i in enumerate(entries) if not none[q]]
                best = max(low[i] for _, i in here)
                alive = [(q, i) for q, i in here if high[i] >= best]
                for (p, i), (q, h) in combinations(alive[:PAIRS], 2):
                    # Those that only touch are left: a bound may rest on either.
                    if low[i] > high[h] or low[h] > high[i]:
                        continue
                    number = found.setdefault((j, min(i, h), max(i, h)), len(found))
                    pairs[k].append((row, p, q, number) if i < h else (row, q, p, number))
        self._table = list(found)
        table = torch.tensor(self._table, dtype=torch.long).reshape(-1, 3)
        self.node, self.first, self.second = table.to(relaxation.device).unbind(dim=1)
        nodes = set(self.node.tolist())
        sign = self.second < 0
        self.signs_of = {j: ((self.node == j) & sign).nonzero()[:, 0] for j in nodes}
        self._orders = {j: ((self.node == j) & ~sign).nonzero()[:, 0] for j in nodes}
        ordered = {j: n[self.first[n].argsort()].tolist() for j, n in self.signs_of.items()}
        relus = [k for k in relaxation.maxima if k not in relaxation.lists]
        self._order = [n for k in relus for n in ordered.get(relaxation.reads[k][0], ())]
        # Of each maximum: the split of two places of a list, and what each side of a split drops.
        self.pair_of: dict[int, Tensor] = {}
        self._drops: dict[int, tuple[Tensor, Tensor, Tensor]] = {}
        for k, places in pairs.items():
            if places:
                at, first, second, split = torch.tensor(places).to(relaxation.device).unbind(dim=1)
                count, longest = relaxation.lists[k][0].shape
                split_of = torch.full((count, longest, longest), -1, device=relaxation.device)
                split_of[at, first, second] = split_of[at, second, first] = split
                self.pair_of[k] = split_of
                self._drops[k] = split, at * longest + second, at * longest + first
        self._width = torch.ones(max(1, len(self)), dtype=relaxation.kind, device=self.node.device)
        self.default_slopes = torch.zeros_like(self._width[: self.signs])
        for j in self.signs_of:
            numbers = self.signs_of[j]
            low, high = (b[j][0][self.first[numbers]] for b in (root.lower, root.upper))
            self.default_slopes[numbers] = (high >= -low).to(relaxation.kind)
            here, width = self.node == j, (root.upper[j] - root.lower[j])[0]
            self._width[here] = width[self.first[here]]

    def __len__(self) -> int:
        return len(self.node)

    def entries(self, split: int) -> list[int]:
        """Return a split as a node, an entry, and one that is taken off, if any."""
        node, first, second = self._table[split]
        return [node, first] if second < 0 else [node, first, second]

    def described(self, split: int) -> dict[str, list[int]]:
        """Return a split as it stands in a certificate."""
        return {"split": self.entries(split)}

    def halfspace(self, split: int, above: bool) -> Halfspace:
        """Return one side of a split."""
        node, first, second = self._table[split]
        return Halfspace(node, *((first, second) if above else (second, first)), 0)

    def bent(self, side: Tensor) -> list[int]:
        """Return the splits whose slopes a leaf has, in order: a part's ``side`` (signs,) is 0."""
        open_ = (side == 0).tolist()
        return [k for k in self._order if open_[k]]

    def _dense(self, parts: Parts, values: Tensor) -> Tensor:
        """Return what stands at the splits of paths (P, depth) as (P, S)."""
        table = values.new_zeros(len(parts), len(self) + 1)
        return table.scatter_(1, torch.where(parts.path < 0, len(self), parts.path), values)[:, :-1]

    def sides(self, parts: Parts) -> Tensor:
        """Return 1 for splits (P, S) above which parts lie, -1 for those below, 0 for others."""
        return self._dense(parts, torch.where(parts.above, 1, -1).to(torch.int8))

    def narrowed(self, parts: Parts, sides: Tensor) -> tuple[Bounds, dict[int, Tensor]]:
        """Return the root's bounds on parts, and what maxima drop there, as chords take it."""
        bounds = Bounds(list(self.root.lower), list(self.root.upper))
        for j, numbers in self.signs_of.items():
            if len(self._orders[j]):
                bounds.lower[j], bounds.upper[j] = self._ordered(j, parts)
                continue
            side, entries = sides[:, numbers], self.first[numbers]
            for table, wanted in ((bounds.lower, 1), (bounds.upper, -1)):
                full = table[j].expand(len(sides), -1).clone()
                full[:, entries] = full[:, entries].masked_fill(side == wanted, 0.0)
                table[j] = full
        dropped = {}
        for k, (numbers, second, first) in self._drops.items():
            side, shape = sides[:, numbers], self.relaxation.lists[k][0].shape
            gone = sides.new_zeros(len(sides), shape.numel())
            gone.index_add_(1, second, (side > 0).to(gone.dtype))
            gone.index_add_(1, first, (side < 0).to(gone.dtype))
            dropped[k] = (gone > 0).reshape(-1, *shape)
        return bounds, dropped

    def _ordered(self, j: int, parts: Parts) -> tuple[Tensor, Tensor]:
        """Return bounds of a node's values narrowed to the constraints of paths, one by one."""
        low, high = (
            torch.nn.functional.pad(x[j].expand(len(parts), -1), (0, 1))  # the last one is 0
            for x in (self.root.lower, self.root.upper)
        )
        for path, above in zip(parts.path.T, parts.above.T, strict=True):
            at = path.clamp(min=0)
            row = ((path >= 0) & (self.node[at] == j)).nonzero()[:, 0]
            first, second, on = self.first[at[row]], self.second[at[row]], above[row]
            more, less = torch.where(on, first, second), torch.where(on, second, first)
            low[row, more] = torch.maximum(low[row, more], low[row, less])
            high[row, less] = torch.minimum(high[row, less], high[row, more])
        return low[:, :-1], high[:, :-1]

    def empty(self, bounds: Bounds) -> Tensor:
        """Tell which parts have no point, by bounds of what was split."""
        found = self.node.new_zeros((), dtype=torch.bool)
        for j in self.signs_of:
            found = found | (bounds.lower[j] > bounds.upper[j]).any(dim=1)
        return found

    def shifts(self, parts: Parts) -> dict[int, Tensor]:
        """Return what the multipliers of paths take from the coefficients of nodes, (P, n)."""
        signed = self._dense(parts, torch.where(parts.above, parts.ties, -parts.ties))
        found = {}
        for j in self.signs_of:
            shift = signed.new_zeros(len(parts), self.relaxation.sizes[j])
            shift.index_add_(1, self.first[self.signs_of[j]], signed[:, self.signs_of[j]])
            if len(self._orders[j]):
                pairs = self._orders[j]
                shift.index_add_(1, self.first[pairs], signed[:, pairs])
                shift.index_add_(1, self.second[pairs], -signed[:, pairs])
            found[j] = shift
        return found

    def sloped(self, chords: dict[int, Chords], slopes: Tensor) -> dict[int, Chords]:
        """Return chords with these slopes (P, signs) of ReLUs where they may see both signs."""
        found = dict(chords)
        for k, chord in chords.items():
            numbers = self.signs_of.get(self.relaxation.reads[k][0])
            if chord.first is not None or numbers is None:
                continue
            lower, entries = chord.lower.expand(len(slopes), -1).clone(), self.first[numbers]
            upper = chord.upper[:, entries]
            lower[:, entries] = torch.where((upper > 0) & (upper < 1), slopes[:, numbers], upper)
            found[k] = chord._replace(lower=lower)
        return found

    def slope_rises(self, linear: Linear, values: list[Tensor]) -> Tensor:
        """Return how fast bounds rise with slopes (P, signs), where these are used."""
        rises = linear.value.new_zeros(len(linear.value), self.signs)
        for k, a in linear.arrived.items():
            j = self.relaxation.reads[k][0]
            if k not in self.relaxation.lists and j in self.signs_of:
                numbers = self.signs_of[j]
                entries = self.first[numbers]
                rises[:, numbers] += a[:, 0].clamp(min=0)[:, entries] * values[j][:, entries]
        return rises

    def heights(self, parts: Parts, values: list[Tensor]) -> Tensor:
        """Return how far values of nodes lie inside of each constraint of the paths (P, depth)."""
        on, across = torch.zeros_like(parts.ties), parts.path.clamp(min=0)
        for j in self.signs_of:
            here = (self.node[across] == j) & (parts.path >= 0)
            z = values[j].gather(1, torch.where(here, self.first[across], 0))
            other = torch.where(here, self.second[across], -1)
            minus = values[j].gather(1, other.clamp(min=0)).masked_fill(other < 0, 0.0)
            on += torch.where(here, z - minus, 0.0)
        return torch.where(parts.above, on, -on)

    def widths(self, parts: Parts) -> Tensor:
        """Return how wide the root's bounds are of what the constraints of paths bound."""
        return self._width[parts.path.clamp(min=0)]
