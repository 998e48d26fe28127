"""Exact twins: images near one image with exactly the softmax output of another (Zou et al.).

Softmax outputs agree exactly when the scores differ by a constant, so no exponential is needed.
A candidate comes from floats and is moved onto the equations in rational arithmetic; whether it
then is a twin is decided by exact evaluation of the network, and by nothing before.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

import numpy as np
from flint import fmpq_mat
from scipy.linalg import qr
from torch import nn

from certify.errors import InputError
from certify.networks.graph import Network
from certify.numbers.elimination import pivot_columns
from certify.numbers.rationals import Vector, as_flint, rational
from verify.attack.score_matching import PLAIN, QUICK, THOROUGH, Gaps, Match, match
from verify.data.checks import check_images, check_whole

Reason = Literal["no float candidate", "rank too small", "cell infeasible"]

ASIDE = 0.01  # the share of the way to a random point by which a search starts beside the other
RANDOM_STARTS = 2  # of quick searches, beside the image itself; their minima nearly always agree
NEAR = 0.05  # the share of the first residual below which a thorough search follows
CANDIDATE = 1e-6  # the residual below which an exact repair is tried
REPAIRS = 4  # exact Newton steps from one candidate
GRID_BITS = 32  # candidates are rounded to an image plus multiples of 2 ** -32
PROBE = Fraction(1, 1 << 64)  # a step so short that it hardly ever leaves a cell
# Bounds of the float search are drawn in by this share, so that rounding does not exceed them.
INWARD = 1.0 - 2.0**-40


@dataclass(frozen=True)
class Twin:
    """A rational image (d,) that is not the other one and has exactly its softmax output.

    It lies in [0, 1]^d and, in the l-infinity norm, within the radius of the first image: both are
    exact, the radius is the rational that was given.
    """

    point: Vector
    radius: Fraction


@dataclass(frozen=True)
class NoTwin:
    """Why no twin was found; this proves nothing about whether there is one.

    reason    "no float candidate": the scores were not matched;
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
    radius: float | Fraction,
    seed: int,
) -> Twin | NoTwin:
    """Seek an image within the radius of `image` with exactly the softmax output of `other`.

    Both images are float32 (d,) with pixels in [0, 1], the radius is at least 0. ``module``, the
    network's layers in floats, only guesses, and the seed decides random starts of the search.
    Every float is taken as the dyadic rational that it is. Raises InputError for other arguments.
    """
    reach = rational(radius, "radius")
    if reach < 0:
        raise InputError("radius", expected="a number >= 0", got=str(radius))
    rng = np.random.default_rng(check_whole("seed", seed))
    x, y = _pixels(image, "image"), _pixels(other, "other")
    for name, pixels in (("image", x), ("other", y)):
        if len(pixels) != network.inputs:
            raise InputError(name, expected=f"{network.inputs} pixels", got=f"{len(pixels)}")
    gaps = Gaps.of(copy.deepcopy(module), np.stack([x, y]))
    search = _Search(network, gaps, x, y, reach)
    best: Match | None = None
    reason: Reason = "no float candidate"
    for found in search.candidates(rng):
        if best is None or found.residual < best.residual:
            best = found
        if found.residual < CANDIDATE:
            answer = search.repaired(found.image)
            if isinstance(answer, Twin):
                return answer
            reason = answer
    assert best is not None, "there is always a first candidate"
    if reason == "no float candidate":
        slopes = gaps.linearised(best.image, 0.0)[1]
        if np.linalg.matrix_rank(slopes) < len(slopes):
            reason = "rank too small"
    # The last score is 0 in gaps.
    labels = [
        int(np.append(values, 0.0).argmax()) for values in (gaps.values(best.image), search.target)
    ]
    return NoTwin(reason, best.residual, labels[0] == labels[1])


class _Search:
    """One search: the network in both forms, what to match, and where."""

    def __init__(
        self, network: Network, gaps: Gaps, x: np.ndarray, y: np.ndarray, radius: Fraction
    ) -> None:
        self.network, self.gaps, self.radius = network, gaps, radius
        self.image, self.other = _exact(x), _exact(y)
        self.pixels, self.away = x, y
        self.target = gaps.values(y)
        (self.exact_target,) = self.exact_gaps([self.other])
        reach = float(min(radius, Fraction(1)))  # as wide as the box
        self.low = x + np.maximum(-x, -reach) * INWARD
        self.high = x + np.minimum(1.0 - x, reach) * INWARD

    def candidates(self, rng: np.random.Generator) -> Iterator[Match]:
        """Yield what quick searches find, and, where they come near, a thorough one."""
        inside = rng.uniform(self.low, self.high, (RANDOM_STARTS + 1, len(self.low)))
        # The other image solves the equations, but is no twin of itself and may not be in reach.
        starts = [(self.away + ASIDE * (inside[0] - self.away), PLAIN), (self.pixels, QUICK)]
        starts += [(start, QUICK) for start in inside[1:]]
        least = np.inf
        for start, schedule in starts:
            found = match(self.gaps, self.target, self.low, self.high, start, schedule)
            least = min(least, found.residual)
            yield found
        first = np.linalg.norm(self.target - self.gaps.values(self.pixels))
        if least < NEAR * first:
            yield match(self.gaps, self.target, self.low, self.high, self.pixels, THOROUGH)

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
            probes = [_moved(point, (j,), (PROBE,)) for j in chosen]
            here, *there = self.exact_gaps([point, *probes])
            missing = [t - g for t, g in zip(self.exact_target, here, strict=True)]
            slopes = [[(a - b) / PROBE for a, b in zip(p, here, strict=True)] for p in there]
            steps = _solution(slopes, missing)
            if steps is None:
                return "rank too small"
            solved = _moved(point, chosen, steps)
            if self.is_twin(solved):
                return Twin(solved, self.radius)
            point = self.rounded(np.clip([float(v) for v in solved], self.low, self.high))
        return "cell infeasible"

    def columns(self, point: Vector) -> tuple[int, ...]:
        """Return at most K - 1 pixels, away from their bounds, on which the gaps depend well."""
        pixels = np.array([float(v) for v in point])
        slack = np.minimum(pixels - self.low, self.high - pixels)
        # Weighted by their room, so that pixels that can move far come first.
        weighted = self.gaps.linearised(pixels, 0.0)[1] * np.maximum(slack, 0.0)
        triangle, order = qr(weighted, mode="r", pivoting=True)
        sizes = np.abs(np.diagonal(triangle))
        rank = int(np.count_nonzero(sizes > 1e-12 * max(float(sizes[0]), 1e-300)))
        return tuple(map(int, order[:rank]))

    def rounded(self, pixels: np.ndarray) -> Vector:
        """Return the image plus a multiple of the grid, rounded towards the image."""
        steps = np.trunc((pixels - self.pixels) * 2.0**GRID_BITS).astype(np.int64).tolist()
        grid = 1 << GRID_BITS
        return tuple(v + Fraction(n, grid) for v, n in zip(self.image, steps, strict=True))

    def is_twin(self, point: Vector) -> bool:
        """Decide exactly whether the point is a twin."""
        near = all(abs(a - b) <= self.radius for a, b in zip(point, self.image, strict=True))
        inside = all(0 <= v <= 1 for v in point)
        different = point != self.other
        return near and inside and different and self.exact_gaps([point]) == [self.exact_target]


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


def _pixels(image: np.ndarray, argument: str) -> np.ndarray:
    """Return an image float32 (d,) in [0, 1] as float64, which holds its pixels exactly."""
    if not isinstance(image, np.ndarray) or image.ndim != 1:
        got = f"shape {image.shape}" if isinstance(image, np.ndarray) else type(image).__name__
        raise InputError(argument, expected="a float32 array of shape (d,)", got=got)
    return np.asarray(check_images(image[None], argument)[0], np.float64)
