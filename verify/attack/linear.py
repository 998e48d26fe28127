"""What linear classifiers do in a ball and along a line, decided exactly on their stored weights.

Floats guess. A sum of n products differs from the exact one by at most n units of the sum of their
sizes, in whatever order it is taken (Higham, 2002, Section 3.1); where such a bound leaves a sign
open, rational numbers decide it. A classifier's label is the first of its largest scores.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from certify.numbers.rationals import Vector, combine, dot, vector
from verify.attack.models import Classifier

UNIT = 2.0**-52  # twice what rounding loses of a number: half of it is to spare
OPERATIONS = 16  # roundings of an entry or a sum, at most, beside those of the products
TINY = 2.0**-1000  # more than what products below the range of floats lose


@dataclass(frozen=True, eq=False)
class Linear:
    """Classifiers with scores x . weights[j, :, k] + bias[j, k]: float64 (m, d, K) and (m, K)."""

    weights: np.ndarray
    bias: np.ndarray

    @classmethod
    def of(cls, classifiers: Sequence[Classifier]) -> "Linear":
        """Return the weights of trained machines, which float64 holds exactly."""
        weights, bias = (
            np.stack([c.parameters[name] for c in classifiers]).astype(np.float64)
            for name in ("weights", "bias")
        )
        return cls(weights, bias)

    def one(self, j: int) -> "Linear":
        """Return one of the classifiers alone."""
        return Linear(self.weights[j : j + 1], self.bias[j : j + 1])

    def scores(self, points: np.ndarray) -> np.ndarray:
        """Return the scores float64 (n, m, K) of points float64 (n, d), rounded."""
        flat = self.weights.transpose(1, 0, 2).reshape(points.shape[1], -1)
        return np.asarray((points @ flat).reshape(len(points), *self.bias.shape) + self.bias)

    def slack(self, size: float) -> np.ndarray:
        """Return how far scores (m, K) may be from the exact ones, for entries up to a size."""
        return _slack(self.weights, self.bias, size)

    def affine(self, j: int, k: int) -> tuple[Vector, Fraction]:
        """Return the exact weights and bias of one score."""
        return vector(self.weights[j, :, k].tolist()), Fraction(float(self.bias[j, k]))

    def lead(self, j: int, k: int, over: int) -> tuple[Vector, Fraction]:
        """Return the exact affine function by which score k is above another."""
        (w, b), (v, c) = self.affine(j, k), self.affine(j, over)
        return combine((1, w), (-1, v)), b - c

    def reads(self, j: int, point: Vector, label: int) -> bool:
        """Decide whether a classifier gives a label to a point."""
        others = (k for k in range(self.bias.shape[1]) if k != label)
        leads = ((k, *self.lead(j, k, label)) for k in others)
        return all(_behind(dot(w, point, b), k, label) for k, w, b in leads)


def _slack(weights: np.ndarray, bias: np.ndarray, size: float) -> np.ndarray:
    """Return how far sums of products of weights (..., d, K) and entries are from the exact ones.

    The entries are at most ``size``, and both may have been rounded a few times.
    """
    sums = np.abs(weights).sum(axis=-2) * size + np.abs(bias)
    return np.asarray((weights.shape[-2] + OPERATIONS) * UNIT * sums + TINY)


def _behind(lead: Fraction, other: int, label: int) -> bool:
    """Decide whether a label is given for all that another score leads by this much."""
    return lead < 0 or (lead == 0 and label < other)


def kept(
    machine: Linear, images: np.ndarray, labels: np.ndarray, radii: Sequence[Fraction], *, box: bool
) -> np.ndarray:
    """Return how many of the first radii keep each image's label in all of the ball: int64 (n,).

    The machine is one; images float32 (n, d) lie in [0, 1], radii increase, and with ``box`` the
    ball ends at 0 and 1. Of an image that is misread unmoved none do.
    """
    found = np.zeros(len(images), dtype=np.int64)
    for label in np.unique(labels).tolist():
        rows = np.flatnonzero(labels == label)
        for radius in radii:
            rows = rows[_stay(machine, images[rows], label, radius, box)]
            found[rows] += 1
    return found


def _stay(
    machine: Linear, images: np.ndarray, label: int, radius: Fraction, box: bool
) -> np.ndarray:
    """Return which images of one class keep its label in all of the ball: bool (n,).

    Another score leads most at the corner of the ball where each pixel went as far as it may, in
    the direction of its weight's sign.
    """
    points = images.astype(np.float64)
    others = np.delete(np.arange(machine.bias.shape[1]), label)
    weights = machine.weights[0][:, others] - machine.weights[0][:, [label]]
    bias = machine.bias[0][others] - machine.bias[0][label]
    far = float(radius)
    up, down = (
        np.minimum(far, room if box else np.full_like(room, np.inf))
        for room in (1.0 - points, points)
    )
    leads = points @ weights + bias
    leads += up @ np.maximum(weights, 0.0) + down @ np.maximum(-weights, 0.0)
    slack = _slack(weights, bias, 1.0 + far)
    stay = np.asarray((leads < -slack).all(axis=1))
    for i in np.flatnonzero(~stay & ~(leads > slack).any(axis=1)):
        x = vector(points[i].tolist())
        leads_exactly = ((k, *machine.lead(0, k, label)) for k in others.tolist())
        stay[i] = all(
            _behind(dot(w, moved(x, w, radius, box=box, corner=True), b), k, label)
            for k, w, b in leads_exactly
        )
    return stay


def moved(
    x: Vector, normal: Vector, radius: Fraction, *, box: bool, corner: bool = False
) -> Vector:
    """Return x + radius n, where n is the normal over its largest entry, or its signs.

    With ``box`` each entry ends at 0 or 1.
    """
    if corner:
        normal = tuple(Fraction((w > 0) - (w < 0)) for w in normal)
    largest = max(map(abs, normal)) or Fraction(1)
    point = combine((1, x), (radius / largest, normal))
    return tuple(min(max(v, Fraction(0)), Fraction(1)) for v in point) if box else point


def nearest_boundaries(machine: Linear, images: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return for each image a class other than its label, int64 (n,).

    It is the one whose boundary is reached at the least radius along its own normal, by floats:
    which normal is followed is a choice.
    """
    weights, bias = machine.weights[0], machine.bias[0]
    points, chosen = images.astype(np.float64), np.zeros(len(images), dtype=np.int64)
    for label in np.unique(labels).tolist():
        rows = np.flatnonzero(labels == label)
        others = np.delete(np.arange(len(bias)), label)
        normals = weights[:, others] - weights[:, [label]]
        slopes = (normals**2).sum(axis=0) / np.maximum(np.abs(normals).max(axis=0), TINY)
        behind = bias[label] - bias[others] - points[rows] @ normals
        chosen[rows] = others[(behind / np.maximum(slopes, TINY)).argmin(axis=1)]
    return chosen


def right_along_normals(
    machines: Linear,
    source: int,
    images: np.ndarray,
    labels: np.ndarray,
    towards: np.ndarray,
    radius: Fraction,
    *,
    box: bool,
) -> np.ndarray:
    """Return which machines still read images that moved along one machine's normals: bool (n, m).

    Each image moves by n times the radius, n being the normal of the source's boundary between the
    image's label and the class ``towards`` (n,), over its largest entry; see `moved`.
    """
    columns = machines.weights[source]
    normals = (columns[:, towards] - columns[:, labels]).T
    largest = np.abs(normals).max(axis=1, keepdims=True)
    points = images + float(radius) * (normals / np.where(largest > 0, largest, 1.0))
    if box:
        points = points.clip(0.0, 1.0)
    scores, slack = machines.scores(points), machines.slack(1.0 + float(radius))
    own = np.take_along_axis(scores, labels[:, None, None], axis=2)[:, :, 0]
    beside = slack.T[labels]
    away = scores + slack
    np.put_along_axis(away, labels[:, None, None], -np.inf, axis=2)
    right = np.asarray(own - beside > away.max(axis=2))
    wrong = own + beside < (away - 2 * slack).max(axis=2)
    for i, j in np.argwhere(~right & ~wrong).tolist():
        label = int(labels[i])
        normal, _ = machines.lead(source, int(towards[i]), label)
        point = moved(vector(images[i].tolist()), normal, radius, box=box)
        right[i, j] = machines.reads(j, point, label)
    return right


def margins(machines: Linear, images: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, ...]:
    """Return where y s > 0 and where y s >= 1, both bool (n, m, K), exactly.

    s are all scores, and y is 1 for the score of the image's label, -1 for others: what each score
    does as the rule of its class against the rest.
    """
    points = images.astype(np.float64)
    signs = np.where(np.arange(machines.bias.shape[1]) == labels[:, None], 1, -1)
    found, slack = signs[:, None] * machines.scores(points), machines.slack(1.0)
    right, confident = found > 0, found >= 1
    near = (np.abs(found) <= slack) | (np.abs(found - 1) <= slack)
    for i, j, k in np.argwhere(near).tolist():
        w, b = machines.affine(j, k)
        margin = int(signs[i, k]) * dot(w, vector(points[i].tolist()), b)
        right[i, j, k], confident[i, j, k] = margin > 0, margin >= 1
    return right, confident
