"""How much bounds may gain from splits, crudely: which are worth to be tried."""

import torch
from torch import Tensor

from certify.bounds.branching import Splits
from certify.bounds.evaluation import Evaluation
from certify.bounds.relaxation import Chords

ELSEWHERE = 0.1  # weight of what a relaxation may lose, beside what it loses at its minimiser


def scores(splits: Splits, found: Evaluation) -> Tensor:
    """Return (P, S) what relaxations lose at splits that are open, and -1 at the others."""
    relaxation, values = splits.relaxation, found.relaxed
    made = found.linear.value.new_full(found.sides.shape, -1.0)
    for k, arrived in found.linear.arrived.items():
        j, a = relaxation.reads[k][0], arrived[:, 0]
        chord, z = found.chords[k], values[j]
        low, high = found.bounds.lower[j], found.bounds.upper[j]
        loss = -a.clamp(max=0) * chord.intercept
        if k not in relaxation.lists and j in splits.signs_of:
            used = torch.where(a >= 0, chord.lower * z, chord.upper * z + chord.intercept)
            # For rising terms, the most that the slope may lose on the interval.
            most = torch.maximum(-low * chord.lower, high * (1 - chord.lower))
            gain = a * (z.clamp(min=0) - used) + ELSEWHERE * (loss + a.clamp(min=0) * most)
            numbers = splits.signs_of[j]
            gain = gain[:, splits.first[numbers]].clamp(min=0)
            made[:, numbers] = torch.maximum(made[:, numbers], gain)
        elif k in splits.pair_of:
            without = found.dropped[k]
            low, high, z = (
                relaxation.listed(k, x).expand_as(without).masked_fill(without, -torch.inf)
                for x in (low, high, z)
            )
            number, lost = _of_pairs(splits.pair_of[k], a, low, high, z, chord)
            wide = torch.nn.functional.pad(made, (0, 1))
            wide.scatter_reduce_(
                1, torch.where(number < 0, len(splits), number), lost + ELSEWHERE * loss, "amax"
            )
            made = wide[:, :-1]
    return made.masked_fill(found.sides != 0, -1.0)


def _of_pairs(
    pair_of: Tensor, a: Tensor, low: Tensor, high: Tensor, z: Tensor, chord: Chords
) -> tuple[Tensor, Tensor]:
    """Return for each list (P, n) the pair that its bound misses most, and by how much.

    ``low``, ``high`` and ``z`` (P, n, longest) are its entries' bounds and values; the pair is -1
    where one entry is known to be the largest.
    """
    rising = a >= 0
    place = torch.where(rising, low.argmax(dim=2), high.argmax(dim=2))[:, :, None]
    used = z.gather(2, place)[:, :, 0]
    used = torch.where(rising, used, chord.upper * used + chord.intercept)
    lost = (a * (z.amax(dim=2) - used)).clamp(min=0)
    rivals = torch.where(rising[:, :, None], z, high)
    rivals = rivals.masked_fill(high <= low.gather(2, place), -torch.inf)
    rival = rivals.scatter(2, place, -torch.inf).max(dim=2, keepdim=True)
    table = pair_of.expand(len(z), -1, -1, -1)
    row = place[:, :, :, None].expand(-1, -1, 1, table.shape[3])
    number = table.gather(2, row)[:, :, 0].gather(2, rival.indices)[:, :, 0]
    return number.masked_fill(rival.values[:, :, 0].isinf(), -1), lost
