"""Trained ReLU rules of class R on pairs of digits: one data difference flips every -1 image."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from statistics import median
from typing import Any

import numpy as np

from certify.rationals import Vector, combine, dot
from verify.attack.data import Dataset
from verify.attack.training import train_convex_detector
from verify.claims.charles2019 import certificates
from verify.claims.evaluation import Decision
from verify.experiments.experiment import Experiment, Materials, Result, figure, table
from verify.grades import Grade
from verify.objects import LabelledSet, TwoLayerNetwork

PAIRS = ((0, 1), (3, 8), (4, 9))
UNITS = 8
TEST_FRACTION = 0.3
SEGMENTS = 5  # segments between -1 images whose middle is evaluated, for each rule
BEYOND = Fraction(1, 1000)  # how far past the boundary a stated step goes


@dataclass(frozen=True)
class Detector:
    """What was decided for one trained rule; steps in multiples of v = x_+ - x_-."""

    label: str
    decisions: tuple[Decision, ...]
    points: int
    misread: int
    held_out: int
    steps: tuple[Fraction, ...]
    direction: tuple[float, ...]


def run(materials: Materials) -> Result:
    """Train one rule for each pair and follow every -1 image; one task for each pair."""
    train, test = materials.data.split(TEST_FRACTION, materials.seed_for("convex-detectors"))
    seeds = [materials.seed_for("convex-detectors", *pair) for pair in PAIRS]
    n = len(PAIRS)
    found = list(materials.executor.map(decide, [train] * n, [test] * n, PAIRS, seeds))
    steps = [c for detector in found for c in detector.steps]
    finding = (
        f"For each of {len(found)} trained rules one difference $x_+-x_-$ of training images flips "
        f"all of the images labelled -1, {len(steps)} in number, held-out ones among them: exact "
        f"steps of {float(min(steps)):.3f} to {float(max(steps)):.2f} times the difference, median "
        f"{float(median(steps)):.2f}. The direction is certified for every accurate rule of "
        "the class, trained or not."
    )
    columns = [
        ("pair (-1 vs +1)", "", Grade.CERTIFIED), ("training images", "", Grade.CERTIFIED),
        ("misread, left out", "", Grade.CERTIFIED), ("units", "", Grade.CERTIFIED),
        ("images labelled -1", "", Grade.CERTIFIED), ("of them held out", "", Grade.CERTIFIED),
        ("flipped", "", Grade.CERTIFIED),
        ("median step", "multiples of $x_+-x_-$, rounded", Grade.CERTIFIED),
        ("largest step", "multiples of $x_+-x_-$, rounded", Grade.CERTIFIED),
    ]  # fmt: skip
    rows: list[list[Any]] = [
        [
            d.label, str(d.points), str(d.misread), str(UNITS), str(len(d.steps)), str(d.held_out),
            str(len(d.steps)), f"{float(median(d.steps)):.3f}", f"{float(max(d.steps)):.3f}",
        ]
        for d in found
    ]  # fmt: skip
    picture = figure(
        "images",
        "The differences of two training images that flip every -1 image",
        "The vector $v=x_+-x_-$ between the two closest training images of different label.",
        Grade.CERTIFIED,
        {
            "shape": list(materials.data.image_shape),
            "unit": "pixel units, 1 = full range",
            "items": [{"title": d.label, "values": list(d.direction)} for d in found],
            "diverging": True,
        },
    )
    segments = len(found) * SEGMENTS
    findings = {
        "charles-lem-13": f"The -1 regions of {len(found)} trained rules are polyhedra of at most "
        f"{UNITS} half-spaces; {segments} midpoints of -1 images are labelled -1.",
        "charles-thm-10": f"One difference of training images for each of {len(found)} trained "
        f"rules flips all {len(steps)} images labelled -1, at exact steps.",
    }
    return Result(
        finding,
        findings,
        tuple(decision for detector in found for decision in detector.decisions),
        0,
        (table("Trained rules of class R", columns, rows),),
        (picture,),
        {"units": UNITS},
    )


def decide(train: Dataset, test: Dataset, pair: tuple[int, int], seed: int) -> Detector:
    """Train one rule, keep the training images it reads right, and flip every -1 image."""
    X, y = train.pair(*pair)
    trained = train_convex_detector(X, y, UNITS, seed)
    network = TwoLayerNetwork.sum_of_units(trained.weights, trained.bias)
    data = LabelledSet.of(X, y)
    right = [network.label(x) == label for x, label in zip(data.points, data.labels, strict=True)]
    kept = LabelledSet(
        tuple(x for x, good in zip(data.points, right, strict=True) if good),
        tuple(label for label, good in zip(data.labels, right, strict=True) if good),
    )
    positive, negative = _closest_pair(kept)
    v = combine((1, kept.points[positive]), (-1, kept.points[negative]))
    held_out = [x for x in LabelledSet.of(*test.pair(*pair)).points if network.label(x) == -1]
    starts = [*kept.negative, *held_out]
    flips = [(x, flip_step(network, x, v)) for x in starts]
    share = tuple(Fraction(i == negative) for i in range(len(kept.points)))
    segments = [(kept.negative[k], kept.negative[-1 - k], Fraction(1, 2)) for k in range(SEGMENTS)]
    label = f"{pair[0]} vs {pair[1]}"
    decisions = (
        Decision.by_checker(
            f"{label}: convex region", certificates.convex_negative_region(network, segments)
        ),
        Decision.by_checker(
            f"{label}: all networks",
            certificates.relu_universal_direction(kept, v, positive, share, Fraction(1)),
        ),
        Decision.by_checker(
            f"{label}: trained network", certificates.network_flip(kept, network, v, flips)
        ),
    )
    return Detector(
        label, decisions, len(kept.points), len(data.points) - len(kept.points), len(held_out),
        tuple(c for _, c in flips), tuple(float(c) for c in v),
    )  # fmt: skip


def flip_step(network: TwoLayerNetwork, x: Vector, direction: Vector) -> Fraction:
    """Return a step just beyond the smallest at which a rule of class R leaves the label -1.

    The -1 region is where every unit is silent, so the first unit to wake decides.
    """
    wake = [
        -a / dot(w, direction)
        for w, a in zip(network.weights, network.preactivations(x), strict=True)
        if dot(w, direction) > 0
    ]
    return min(wake) + BEYOND


def _closest_pair(data: LabelledSet) -> tuple[int, int]:
    """Return the indices, positive first, of the closest points of different label, by floats."""
    X, y = np.array(data.points, dtype=np.float64), np.array(data.labels)
    positive, negative = np.flatnonzero(y == 1), np.flatnonzero(y == -1)
    distances = np.linalg.norm(X[positive][:, None] - X[negative][None, :], axis=2)
    i, j = np.unravel_index(int(distances.argmin()), distances.shape)
    return int(positive[i]), int(negative[j])


EXPERIMENT = Experiment(
    id="convex-detectors",
    title="Trained ReLU rules with a convex -1 region",
    question="Does one difference of training images flip every -1 image of a really trained rule "
    "of class R, and at which step?",
    claims=("charles-lem-13", "charles-thm-10"),
    run=run,
)
