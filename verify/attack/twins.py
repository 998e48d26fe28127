"""Exact twins: inputs near one with exactly the softmax output of another (Zou et al.).

Softmax outputs agree exactly when the scores differ by a constant, so no exponential is needed.
A candidate comes from floats and is moved onto the equations in rational arithmetic; whether it
then is a twin is decided by exact evaluation of the network, and by nothing before.
"""

import copy
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

import numpy as np
from flint import fmpq_mat
from scipy.linalg import qr
from torch import nn

from certify.errors import InputError
from certify.networks.graph import Network
from certify.numbers import rationals
from certify.numbers.elimination import pivot_columns
from certify.numbers.rationals import Vector, as_flint, rational
from verify.attack.balls import moved_exactly
from verify.attack.score_matching import PLAIN, QUICK, THOROUGH, Gaps, Match, match
from verify.data.checks import check_whole

Reason = Literal["no match in floats", "rank too small", "cell infeasible"]

ASIDE = 0.01  # the share of the way to a random point by which a search starts beside the other
RANDOM_STARTS = 2  # of quick searches, beside the image itself; their minima nearly always agree
NEAR = 0.05  # the share of the first residual below which a thorough search follows
CANDIDATE = 1e-6  # the residual below which an exact repair is tried
REPAIRS = 4  # exact Newton steps from one candidate
GRID_BITS = 32  # candidates are rounded to an input plus shares of the radius of so many bits
PROBE_BITS = 64  # a step that much shorter than the radius hardly ever leaves a cell
# Bounds of the float search are drawn in by this share, so that rounding does not exceed them.
INWARD = 1.0 - 2.0**-40


@dataclass(frozen=True)
class Twin:
    """A rational input (d,) that is not the other one and has exactly its softmax output.

    It lies within the radii of the first input, and of the box if there is one, exactly.
    """

    point: Vector


@dataclass(frozen=True)
class NoTwin:
    """Why no twin was found; this proves nothing about whether there is one.

    reason    "no match in floats": the scores were not matched;
              "rank too small": they were not either, or not exactly, and where the search ended
              the gaps between scores depend on the pixels with rank below their number;
              "cell infeasible": no exact solution close to a candidate lies in ball and box and
              is one for the true network
    residual  the least Euclidean distance between the gaps of scores that the search reached
    reached   whether, by floats, the image at that distance has the label of the other one
    """

    reason: Reason
    residual: float
    reached: bool


def find_twin(
    network: Network,
    module: nn.Module,
    image: np.ndarray,
    other: np.ndarray,
    radius: Any,
    seed: int,
    *,
    top: int | None = 1,
) -> Twin | NoTwin:
    """Seek an input within the radius of `image` with exactly the softmax output of `other`.

    Both inputs are floats (d,), in [0, ``top``] unless that is None, where the twin lies, too. The
    radius is a number >= 0, or a list of one for each coordinate. ``module``, the network's layers
    in floats, only guesses, and the seed decides random starts of the search. Every float is taken
    as the dyadic rational that it is. Raises InputError for other arguments.
    """
    size = network.inputs
    single = isinstance(radius, float | int | str | Fraction)
    radii = rationals.vector([radius] * size if single else radius, "radius", length=size)
    if min(radii) < 0:
        raise InputError("radius", expected="a number >= 0", got=f"{float(min(radii)):g}")
    rng = np.random.default_rng(check_whole("seed", seed))
    x, y = (_floats(p, size, top, name) for p, name in ((image, "image"), (other, "other")))
    gaps = Gaps.of(copy.deepcopy(module), np.stack([x, y]))
    search = _Search(network, gaps, x, y, radii, top)
    best: Match | None = None
    reason: Reason = "no match in floats"
    for found in search.candidates(rng):
        if best is None or found.residual < best.residual:
            best = found
        if found.residual < CANDIDATE:
            answer = search.repaired(found.image)
            if isinstance(answer, Twin):
                return answer
            reason = answer
    assert best is not None, "there is always a first candidate"
    if reason == "no match in floats":
        slopes = gaps.linearised(x + search.reach * best.image, 0.0)[1]
        if np.linalg.matrix_rank(slopes) < len(slopes):
            reason = "rank too small"
    # The last score is 0 in gaps.
    labels = [
        int(np.append(values, 0.0).argmax())
        for values in (search.gaps.values(best.image), search.target)
    ]
    return NoTwin(reason, best.residual, labels[0] == labels[1])


class _Search:
    """One search: the network in both forms, what to match, and where.

    Floats see it in multiples of the radii from the first input, all between -1 and 1.
    """

    def __init__(
        self, network: Network, gaps: Gaps, x: np.ndarray, y: np.ndarray, radii: Vector,
        top: int | None,
    ) -> None:  # fmt: skip
        self.network, self.radii, self.top, self.start = network, radii, top, x
        self.image, self.other = _exact(x), _exact(y)
        self.reach = np.array([float(r) for r in radii])
        self.target = gaps.values(y)
        self.gaps = gaps.around(x, self.reach)
        (self.exact_target,) = self.exact_gaps([self.other])
        self.low, self.high = -np.ones(len(x)), np.ones(len(x))
        self.low[self.reach == 0] = self.high[self.reach == 0] = 0
        if top is not None:
            self.low = np.maximum(self.low, self.shares(np.zeros(len(x))))
            self.high = np.minimum(self.high, self.shares(np.full(len(x), float(top))))
        self.low, self.high = self.low * INWARD, self.high * INWARD
        self.away = self.shares(y)

    def shares(self, point: np.ndarray) -> np.ndarray:
        """Return a point in multiples of the radii, as floats."""
        found = np.zeros(len(point))
        np.divide(point - self.start, self.reach, out=found, where=self.reach > 0)
        return found

    def candidates(self, rng: np.random.Generator) -> Iterator[Match]:
        """Yield what quick searches find, and, where they come near, a thorough one."""
        inside = rng.uniform(self.low, self.high, (RANDOM_STARTS + 1, len(self.low)))
        first = np.zeros(len(self.low))
        # The other input solves the equations, but is no twin of itself and may not be in reach.
        starts = [(self.away + ASIDE * (inside[0] - self.away), PLAIN), (first, QUICK)]
        starts += [(start, QUICK) for start in inside[1:]]
        least = np.inf
        for start, schedule in starts:
            found = match(self.gaps, self.target, self.low, self.high, start, schedule)
            least = min(least, found.residual)
            yield found
        if least < NEAR * np.linalg.norm(self.target - self.gaps.values(first)):
            yield match(self.gaps, self.target, self.low, self.high, first, THOROUGH)

    def exact_gaps(self, points: Sequence[Vector]) -> list[Vector]:
        """Return score_i - score_K, i < K, at every point."""
        return [
            tuple(z - scores[-1] for z in scores[:-1]) for scores in self.network.outputs(points)
        ]

    def repaired(self, candidate: np.ndarray) -> Twin | Reason:
        """Return a twin close to a candidate (d,), by exact Newton steps; or why there is none."""
        point = self.rounded(candidate)
        for _ in range(REPAIRS):
            chosen = self.columns(point)
            probes = [self._probe(j) for j in chosen]
            moved = [_moved(point, (j,), (p,)) for j, p in zip(chosen, probes, strict=True)]
            here, *there = self.exact_gaps([point, *moved])
            missing = [t - g for t, g in zip(self.exact_target, here, strict=True)]
            slopes = [
                [(a - b) / probe for a, b in zip(gaps, here, strict=True)]
                for gaps, probe in zip(there, probes, strict=True)
            ]
            steps = _solution(slopes, missing)
            if steps is None:
                return "rank too small"
            solved = _moved(point, chosen, steps)
            if self.is_twin(solved):
                return Twin(solved)
            shares = self.shares(np.array([float(v) for v in solved]))
            point = self.rounded(np.clip(shares, self.low, self.high))
        return "cell infeasible"

    def columns(self, point: Vector) -> tuple[int, ...]:
        """Return at most K - 1 inputs, away from their bounds, on which the gaps depend well."""
        shares = self.shares(np.array([float(v) for v in point]))
        slack = np.minimum(shares - self.low, self.high - shares)
        # Weighted by their room, so that inputs that can move far come first.
        weighted = self.gaps.linearised(shares, 0.0)[1] * np.maximum(slack, 0.0)
        triangle, order = qr(weighted, mode="r", pivoting=True)
        sizes = np.abs(np.diagonal(triangle))
        rank = int(np.count_nonzero(sizes > 1e-12 * max(float(sizes[0]), 1e-300)))
        return tuple(map(int, order[:rank]))

    def rounded(self, shares: np.ndarray) -> Vector:
        """Return the first input plus shares of the radii on a grid, rounded towards it."""
        found = moved_exactly(self.start, shares, self.radii, top=self.top, bits=GRID_BITS)
        return _exact(found) if isinstance(found, np.ndarray) else found

    def is_twin(self, point: Vector) -> bool:
        """Decide exactly whether the point is a twin."""
        moves = zip(point, self.image, self.radii, strict=True)
        near = all(abs(a - b) <= r for a, b, r in moves)
        inside = self.top is None or all(0 <= v <= self.top for v in point)
        different = point != self.other
        return near and inside and different and self.exact_gaps([point]) == [self.exact_target]

    def _probe(self, j: int) -> Fraction:
        """Return a move of one input so short that it hardly ever leaves a cell."""
        radius = self.radii[j]
        size = radius.numerator.bit_length() - radius.denominator.bit_length()
        return Fraction(2) ** (size - PROBE_BITS)


def _solution(slopes: list[list[Fraction]], missing: list[Fraction]) -> tuple[Fraction, ...] | None:
    """Return the combination of the slopes, given column by column, that yields what is missing.

    None when there is none; a column that depends on earlier ones gets 0.
    """
    width = len(slopes) + 1
    rows = zip(*slopes, missing, strict=True)
    flat = [as_flint(entry) for row in rows for entry in row]
    reduced, rank = fmpq_mat(len(missing), width, flat).rref()
    pivots = pivot_columns(reduced, rank)
    if width - 1 in pivots:
        return None
    steps = [Fraction(0)] * (width - 1)
    for row, column in enumerate(pivots):
        steps[column] = rational(reduced[row, width - 1])
    return tuple(steps)


def _moved(point: Vector, columns: Sequence[int], steps: Sequence[Fraction]) -> Vector:
    moved = list(point)
    for j, step in zip(columns, steps, strict=True):
        moved[j] += step
    return tuple(moved)


def _exact(pixels: np.ndarray) -> Vector:
    return tuple(map(Fraction, pixels.tolist()))


def _floats(point: np.ndarray, size: int, top: int | None, argument: str) -> np.ndarray:
    """Return an input of floats (d,) as float64, which holds them exactly."""
    if not isinstance(point, np.ndarray) or point.ndim != 1 or point.dtype.kind != "f":
        got = (
            f"{point.dtype} of shape {point.shape}"
            if isinstance(point, np.ndarray)
            else type(point).__name__
        )
        raise InputError(argument, expected="an array of floats of shape (d,)", got=got)
    if len(point) != size:
        raise InputError(argument, expected=f"{size} numbers", got=f"{len(point)}")
    low, high = (-np.inf, np.inf) if top is None else (0.0, float(top))
    strange = np.flatnonzero(~(np.isfinite(point) & (point >= low) & (point <= high)))
    if len(strange):
        wanted = "finite numbers" if top is None else f"numbers in [0, {top}]"
        got = f"{point[strange[0]]:g}"
        raise InputError(argument, expected=wanted, got=got, where=f"entry {strange[0]}")
    return point.astype(np.float64)
