"""Rates of a transfer experiment, and how they vary with other classifiers and other images.

A rate is a share of (source, target, image) triples. Resampling draws classifiers, sources of noise
and test images anew with replacement, each by itself (the pigeonhole bootstrap of Owen, 2007, which
errs on the side of wide intervals): a classifier that is drawn twice counts twice both where it
attacks and where it is attacked. All rates of one draw are of the same classifiers and images, so
that their differences are paired.
"""

from dataclasses import dataclass

import numpy as np

from verify.attack.transfer import Transfer
from verify.data.checks import check_whole

LEVEL = 0.95


@dataclass(frozen=True, eq=False)
class Rate:
    """A rate at each radius, and the same of every draw.

    value   float64 (radius,)
    draws   float64 (radius, draw)
    images  how many images it is of; a band is never narrower than so many allow
    """

    value: np.ndarray
    draws: np.ndarray
    images: int

    def __sub__(self, other: "Rate") -> "Rate":
        images = min(self.images, other.images)
        return Rate(self.value - other.value, self.draws - other.draws, images)

    def band(self, level: float = LEVEL) -> tuple[np.ndarray, np.ndarray]:
        """Return the ends (radius,) of intervals that hold for all radii at once.

        By the largest deviation of a draw in standard errors, over the radii, and no less than the
        rate of what is not seen in so many images once in twenty times: draws of rates that are all
        0 or all 1 do not vary.
        """
        error = np.maximum(self.draws.std(axis=1), 1.0 / self.images)
        # Where the rate is missing in some draw, nothing is known of it.
        known = np.isfinite(error)
        deviations = np.abs(self.draws - self.value[:, None])[known] / error[known, None]
        largest = deviations.max(axis=0, initial=0.0)
        reach = np.full(len(error), np.inf)
        unseen = 1.0 - (1.0 - level) ** (1.0 / self.images)
        reach[known] = np.maximum(float(np.quantile(largest, level)) * error[known], unseen)
        return np.maximum(self.value - reach, -1.0), np.minimum(self.value + reach, 1.0)


@dataclass(frozen=True)
class Rates:
    """The rates of one family of targets on the adversaries of one kind of source.

    right     of adversaries, those to which the target gives the right label
    clean     the same of their images, unmoved
    transfer  of adversaries that fool their own source, and whose image both read right, those
              that fool the target; None for sources that give no labels, nan where there are none
    """

    right: Rate
    clean: Rate
    transfer: Rate | None


def resampled_rates(
    transfer: Transfer, seed: int, *, draws: int = 500
) -> dict[tuple[str, str], Rates]:
    """Return rates by target family and kind of source, without own attacks."""
    rng = np.random.default_rng(check_whole("seed", seed))
    images = _weights(rng, len(transfer.truth), draws)
    weights = {
        name: row
        for kind in dict.fromkeys((*transfer.families, *transfer.kinds))
        for names in [_members(transfer, kind)]
        for name, row in zip(names, _weights(rng, len(names), draws), strict=True)
    }
    sums: dict[tuple[str, str], dict[str, np.ndarray]] = {}
    for i, (source, kind) in enumerate(zip(transfer.sources, transfer.kinds, strict=True)):
        right, clean = transfer.right(i)
        drawn = images[transfer.answers[i].examples]
        own = transfer.targets.index(source) if source in transfer.targets else None
        for family in dict.fromkeys(transfer.families):
            targets = [
                j for j, f in enumerate(transfer.families) if f == family and j != own
            ]  # fmt: skip
            if not targets:
                continue
            parts = {"right": right[targets], "clean": clean[targets]}
            parts["all"] = np.ones_like(parts["clean"])
            if own is not None:
                parts["could"] = clean[targets] & clean[own] & ~right[own]
                parts["did"] = parts["could"] & ~right[targets]
            both = np.stack([weights[transfer.targets[j]] for j in targets]) * weights[source]
            into = sums.setdefault((family, kind), {})
            for name, part in parts.items():
                into[name] = into.get(name, 0.0) + _summed(part, drawn, both)
    count = len(np.unique(np.concatenate([a.examples.ravel() for a in transfer.answers])))
    return {pair: _rates(found, len(transfer.radii), count) for pair, found in sums.items()}


def _members(transfer: Transfer, kind: str) -> list[str]:
    """Return the names of a kind, each once, whether they attack or are attacked."""
    named = (*zip(transfer.sources, transfer.kinds, strict=True),
             *zip(transfer.targets, transfer.families, strict=True))  # fmt: skip
    return list(dict.fromkeys(name for name, of in named if of == kind))


def _weights(rng: np.random.Generator, count: int, draws: int) -> np.ndarray:
    """Return how often each of ``count`` is drawn: (count, 1 + draws), once each in the first.

    Draws of one alone are made again: it would have no other to attack.
    """
    drawn = rng.multinomial(count, np.full(count, 1.0 / count), draws).T
    while count > 1 and (alone := drawn.max(axis=0) == count).any():
        drawn[:, alone] = rng.multinomial(count, np.full(count, 1.0 / count), alone.sum()).T
    return np.hstack([np.ones((count, 1)), drawn]).astype(np.float32)


def _summed(part: np.ndarray, images: np.ndarray, both: np.ndarray) -> np.ndarray:
    """Return sums float64 (radius, draw) over targets and images, by their weights.

    part (target, radius or 1, n) bool, images (radius or 1, n, draw), both (target, draw).
    """
    of_images = np.matmul(part.transpose(1, 0, 2).astype(np.float32), images)
    return np.asarray((of_images * both).sum(axis=1, dtype=np.float64))


def _rates(sums: dict[str, np.ndarray], radii: int, images: int) -> Rates:
    def rate(part: str, of: str) -> Rate:
        # A draw without a single triple, or a radius without, has no rate.
        with np.errstate(invalid="ignore"):
            found = np.broadcast_to(sums[part] / sums[of], (radii, sums[part].shape[1]))
        return Rate(found[:, 0], found[:, 1:], images)

    return Rates(
        rate("right", "all"), rate("clean", "all"), rate("did", "could") if "did" in sums else None
    )
