"""Theorem 7 on the samples of an experiment: what it promises of two machines, and what there is.

Each score of a machine is a linear rule, of its class against the rest, trained on the machine's
subset of the training part. The theorem, with the uniform law on that part, holds for subsets as
for draws with replacement (see the claim charles-sec7-independence). The offset is one more weight,
on an entry 1 of each image.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from math import floor, isqrt
from typing import Any

import numpy as np

from certify.numbers.digits import one_thread
from verify.attack.linear import Linear, margins
from verify.claims.charles2019.shared.enclosures import Loss
from verify.claims.charles2019.shared.sample_losses import (
    TWO_SAMPLE,
    printed_loss,
    smallest_positive_size,
)
from verify.claims.charles2019.without.offset_memorisers import balanced_loss
from verify.evidence.grades import Grade
from verify.evidence.result import table
from verify.questions.question import Materials

PART = 5_000  # training images that are read at a time
MOST = 2**15  # examples, up to which a bound is computed as it is: a power of two
UPWARDS = 1 + 2.0**-30  # norms are rounded up: of any bound of a norm the theorem is true


@dataclass(frozen=True, eq=False)
class CommonPart:
    """What is known of all pairs of machines, for each score as a rule of its own.

    size     n, of each sample, of ``population`` images; two share ``overlap`` on average
    counts   int64 (pair, 2, K): the points of either sample that both rules read strictly right
    errors   int64 (m, K): points of a rule's own sample where y s < 1
    norms    float64 (m, K): B of each rule alone, rounded up
    largest  R, the norm of the longest image, and ``mean`` of the mean square, both rounded up
    rest     the greatest share of a sample that is of none but the rest, over samples and classes
    """

    size: int
    population: int
    overlap: float
    counts: np.ndarray
    errors: np.ndarray
    norms: np.ndarray
    largest: float
    mean: float
    rest: float

    def promises(self, k: int) -> tuple[Fraction, Fraction]:
        """Return above what the printed and the sharpest form never promise, for rules of a class.

        Of no pair is more promised: it is of the fewest errors and the least norms of any two.
        """
        errors, norms = np.sort(self.errors[:, k]), np.sort(self.norms[:, k])
        largest, mean = (Fraction(float(norms[1])) ** 2 * Fraction(r) ** 2
                         for r in (self.largest, self.mean))  # fmt: skip
        printed = self.size - 2 * int(errors[1]) - printed_loss(self.size, largest).bounds()[0]
        loss = balanced_loss(self.size, mean).bounds()[0]
        return printed, self.size - int(errors[0] + errors[1]) - loss

    def wanted(self, k: int) -> int | None:
        """Return from which sample size on the sharpest form promises something, None for never.

        With the errors and norms of those two rules, as shares and as they are. Beyond MOST it may
        do so a little earlier.
        """
        rho = Fraction(int(np.sort(self.errors[:, k])[:2].sum()), 2 * self.size)
        norms = Fraction(float(np.sort(self.norms[:, k])[1])) ** 2 * Fraction(self.mean) ** 2
        if rho >= Fraction(1, 2) or norms < 1:
            return None
        return smallest_positive_size(rho, norms, TWO_SAMPLE, at_most)


def at_most(size: int, norms: Fraction) -> Loss:
    """Return the loss of the sharpest form, or beyond MOST one that is hardly larger.

    It has the chance that 2n signs balance, C(2n, n) / 4^n, a number of as many digits. That is at
    most 1 / sqrt(3n + 1), and both fall with n, as `smallest_positive_size` asks.
    """
    if size <= MOST:
        return balanced_loss(size, norms)
    rest = 1 - Fraction(1, isqrt(3 * size + 1))
    return Loss((2 * norms * size / rest**2,), (Fraction(2 * size),), Fraction(size))


def common_part(materials: Materials) -> CommonPart:
    """Count, exactly, on the samples of all machines of the experiment."""
    models = materials.models
    machines = Linear.of([c for c in models.classifiers if c.family == "svm"])
    samples = [models.trained_on(j) for j in range(len(machines.bias))]
    right, confident = _margins(machines, materials)
    errors = [np.count_nonzero(~confident[sample, j], axis=0) for j, sample in enumerate(samples)]
    pairs = list(combinations(range(len(samples)), 2))
    counts = [
        [np.count_nonzero(right[samples[c], a] & right[samples[c], b], axis=0) for c in (a, b)]
        for a, b in pairs
    ]
    shared = [len(np.intersect1d(samples[a], samples[b])) for a, b in pairs]
    images, labels = models.train.images, models.train.labels
    squares = np.einsum("ij,ij->i", images, images, dtype=np.float64) + 1
    fewest = min(np.bincount(labels[sample]).min() for sample in samples)
    size = len(samples[0])
    return CommonPart(
        size, len(labels), float(np.mean(shared)), np.array(counts), np.array(errors),
        np.sqrt((machines.weights**2).sum(axis=1) + machines.bias**2) * UPWARDS,
        float(np.sqrt(squares.max()) * UPWARDS), float(np.sqrt(squares.mean()) * UPWARDS),
        1 - float(fewest) / size,
    )  # fmt: skip


def _margins(machines: Linear, materials: Materials) -> tuple[np.ndarray, np.ndarray]:
    """Return what `margins` says of the whole training part, a few images at a time."""
    train, report = materials.models.train, materials.stage("counting what two machines share")
    parts = []
    with one_thread():
        for start in range(0, len(train), PART):
            rows = slice(start, start + PART)
            parts.append(margins(machines, train.images[rows], train.labels[rows]))
            report(min(start + PART, len(train)), len(train), "training examples")
    right, confident = (np.concatenate(found) for found in zip(*parts, strict=True))
    return right, confident


def said(found: CommonPart) -> str:
    """Say what there is, what is promised, and from which size on something would be."""
    n, classes = found.size, range(found.errors.shape[1])
    best = max(classes, key=lambda k: found.promises(k)[1])
    most, wanted = found.promises(best)[1], found.wanted(best)
    promised = f"it promises at most {floor(most):,}"
    if most < 0:
        promised = f"it promises nothing, for its sharpest form has at most {floor(most):,}"
        if wanted:
            promised += f", and with such errors and norms more than 0 from {wanted:,} examples on"
    shares = found.counts / n
    return (
        f"Of the {n:,} examples that one of them was trained on, two machines both read from "
        f"{shares.min():.1%} to {shares.max():.1%} right, {shares.mean():.1%} on average, each "
        "score being a rule of its class against the rest; always to say the rest is right on up "
        f"to {found.rest:.1%}. Theorem 7 speaks of such samples, subsets of {found.population:,} "
        f"examples drawn without replacement that share {found.overlap:,.0f} on average: of the "
        f"{n:,} {promised}."
    )


def common_table(found: CommonPart, names: Sequence[str]) -> dict[str, Any]:
    """Return a table of the classes."""
    columns: list[tuple[str, str, Grade | None]] = [
        ("rule", "class against the rest", None),
        ("norm $B$", "least and greatest of a machine, rounded", Grade.FLOAT),
        ("errors", "share of the own sample with $y\\,w\\cdot x<1$", Grade.FLOAT),
        ("promised as printed", f"of {found.size:,}, at most", Grade.FLOAT),
        ("promised by the sharpest form", f"of {found.size:,}, at most", Grade.FLOAT),
        ("right under both", f"of {found.size:,}, least of any pair", Grade.FLOAT),
        ("right under both", f"of {found.size:,}, mean", Grade.FLOAT),
    ]  # fmt: skip
    rows = [
        [
            name, f"{found.norms[:, k].min():.2f} to {found.norms[:, k].max():.2f}",
            f"{found.errors[:, k].mean() / found.size:.3f}",
            *(f"{floor(bound):,}" for bound in found.promises(k)),
            f"{found.counts[:, :, k].min():,}", f"{found.counts[:, :, k].mean():,.0f}",
        ]
        for k, name in enumerate(names)
    ]  # fmt: skip
    title = (
        "Theorem 7 on the samples of the machines: examples of one sample that both of two rules "
        "read right; counted exactly, without certificates. B and R are taken from the rules "
        "and examples, as if fixed beforehand: where they are not, less is promised"
    )
    return table(title, columns, rows)
