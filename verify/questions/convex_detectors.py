"""Trained ReLU rules of class R on pairs of digits: one data difference fools all of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from statistics import median
from typing import Any

import numpy as np

from certify import certificates
from certify.bounds.threads import one_thread
from certify.errors import InputError
from certify.networks.graph import Network
from certify.networks.operations import Dense
from certify.numbers.rationals import combine, dot
from verify.attack.training import train_convex_detector
from verify.data.digits import Dataset
from verify.evidence.decision import Decision
from verify.evidence.grades import Grade
from verify.evidence.result import Question, Result, figure, table, unanswered
from verify.objects import LabelledSet, TwoLayerNetwork
from verify.questions.question import Materials, pairs_of

PAIRS = ((0, 1), (3, 8), (4, 9))
UNITS = 8
RULES = 3  # for each pair, each trained on a random part of its training images
SHARE = 0.8  # of a pair's training images that each rule sees
TEST_FRACTION = 0.3
SEGMENTS = 5  # segments between -1 images whose middle is evaluated, for each rule
BEYOND = Fraction(1, 1000)  # how far past the boundary a stated step goes


@dataclass(frozen=True)
class Pair:
    """What was decided for the rules of one pair; steps in multiples of v = x_+ - x_-.

    own     the smallest step of each image that all rules label -1, for each rule
    common  the step at which an image fools all rules at once
    """

    label: str
    decisions: tuple[Decision, ...]
    points: int
    misread: int
    held_out: int
    own: tuple[Fraction, ...]
    common: tuple[Fraction, ...]
    direction: tuple[float, ...]


def run(materials: Materials) -> Result:
    """Train the rules of each pair and follow every -1 image; one task for each pair."""
    train, test = materials.data.split(TEST_FRACTION, materials.seed_for("convex-detectors"))
    asked = pairs_of(materials.data.classes, PAIRS)
    seeds = [materials.seed_for("convex-detectors", *pair) for pair in asked]
    n = len(asked)
    answers = materials.map(decide, [train] * n, [test] * n, asked, seeds)
    found = [pair for pair in answers if isinstance(pair, Pair)]
    if not found:
        return unanswered("; ".join(map(str, answers)))
    n = len(found)
    left = "".join(f" Left out: {reason}." for reason in answers if not isinstance(reason, Pair))
    each = "one pair" if n == 1 else f"each of {n} pairs"
    own = [c for pair in found for c in pair.own]
    common = [c for pair in found for c in pair.common]
    unseen = any(pair.held_out for pair in found)
    held_out = "held-out ones among them" if unseen else "none of them held out"
    finding = (
        f"For {each} one difference $x_+-x_-$ of training examples fools all {RULES} "
        f"trained rules at once, on every one of the {len(common)} examples that they label -1, "
        f"{held_out}: transfer is complete. A rule by itself flips at exact steps "
        f"of {float(min(own)):.3f} to {float(max(own)):.2f} times the difference, median "
        f"{float(median(own)):.2f}; the median step that fools all is {float(median(common)):.2f}. "
        f"The direction is certified for every accurate rule of the class, trained or not.{left}"
    )
    certified = Grade.CERTIFIED
    columns: list[tuple[str, str, Grade | None]] = [
        ("pair (-1 vs +1)", "", None), ("training examples", "", None),
        ("misread by some rule, left out", "", None), ("rules", "", None),
        ("examples labelled -1 by all", "", certified), ("of them held out", "", None),
        ("fooling all rules at one step", "", certified),
        ("median step for one rule", "multiples of $x_+-x_-$, rounded", certified),
        ("median step for all", "multiples of $x_+-x_-$, rounded", certified),
        ("largest step for all", "multiples of $x_+-x_-$, rounded", certified),
    ]  # fmt: skip
    rows: list[list[Any]] = [
        [
            d.label, str(d.points), str(d.misread), str(RULES), str(len(d.common)),
            str(d.held_out), str(len(d.common)), f"{float(median(d.own)):.3f}",
            f"{float(median(d.common)):.3f}", f"{float(max(d.common)):.3f}",
        ]
        for d in found
    ]  # fmt: skip
    pictures = (
        ()
        if len(materials.data.image_shape) != 2
        else (
            figure(
                "images",
                "The differences of two training examples that flip every -1 example",
                "The vector $v=x_+-x_-$ between the closest training examples of different label.",
                Grade.CERTIFIED,
                {
                    "shape": list(materials.data.image_shape),
                    "unit": "1 = full range",
                    "items": [{"title": d.label, "values": list(d.direction)} for d in found],
                    "diverging": True,
                },
            ),
        )
    )
    total = n * RULES
    findings = {
        "charles-lem-13": f"The -1 regions of {total} trained rules are polyhedra of at most "
        f"{UNITS} half-spaces; {total * SEGMENTS} midpoints of -1 examples are labelled -1.",
        "charles-thm-10": f"One difference of training examples for {each} fools "
        f"{RULES} trained rules at once on all {len(common)} examples labelled -1, at exact steps.",
    }
    return Result(
        finding,
        findings,
        tuple(decision for pair in found for decision in pair.decisions),
        0,
        (table("Transfer between trained rules of class R", columns, rows),),
        pictures,
        {"units": UNITS, "rules for each pair": RULES, "training share": SHARE},
    )


def decide(train: Dataset, test: Dataset, pair: tuple[int, int], seed: int) -> Pair | str:
    """Train rules, keep the training images that all read right, and fool all on -1 images.

    Returns in words why nothing can be decided where that leaves a class without images.
    """
    try:
        return _decide(train, test, pair, seed)
    except InputError as error:
        return f"{train.versus(*pair)} ({error})"


def _decide(train: Dataset, test: Dataset, pair: tuple[int, int], seed: int) -> Pair:
    X, y = train.pair(*pair)
    others, signs = test.pair(*pair)
    networks = _train(X, y, seed)
    data = LabelledSet.of(X, y)
    images = (*data.points, *LabelledSet.of(others, signs).points)
    # What the units receive at every image; a rule of class R says +1 where one of them wakes.
    received = [Network.chain(Dense(n.weights, n.biases)).outputs([*X, *others]) for n in networks]
    labels = [[1 if max(units) > 0 else -1 for units in found] for found in received]
    right = [all(found[i] == label for found in labels) for i, label in enumerate(data.labels)]
    kept = LabelledSet(
        tuple(x for x, good in zip(data.points, right, strict=True) if good),
        tuple(label for label, good in zip(data.labels, right, strict=True) if good),
    )
    if len(kept.negative) < 2 * SEGMENTS or not kept.positive:
        raise InputError("rules", expected="some examples of each class right", got="too few")
    positive, negative = _closest_pair(kept)
    v = combine((1, kept.points[positive]), (-1, kept.points[negative]))
    held_out = [i for i in range(len(X), len(images)) if all(found[i] == -1 for found in labels)]
    chosen = [i for i in range(len(X)) if right[i] and data.labels[i] == -1] + held_out
    starts = [images[i] for i in chosen]
    slopes = [[dot(w, v) for w in network.weights] for network in networks]
    own = [
        [flip_step(found[i], along) for i in chosen]
        for found, along in zip(received, slopes, strict=True)
    ]
    # A ray that has left a convex region does not come back: the last rule to flip decides.
    common = tuple(max(steps) for steps in zip(*own, strict=True))
    share = tuple(Fraction(i == negative) for i in range(len(kept.points)))
    segments = [(kept.negative[k], kept.negative[-1 - k], Fraction(1, 2)) for k in range(SEGMENTS)]
    label = train.versus(*pair)
    decisions = [
        Decision.by_checker(
            f"{label}: all networks",
            certificates.relu_universal_direction(kept, v, positive, share, Fraction(1)),
        )
    ]
    for k, network in enumerate(networks):
        decisions += [
            Decision.by_checker(
                f"{label}: convex region of rule {k}",
                certificates.convex_negative_region(network, segments),
            ),
            Decision.by_checker(
                f"{label}: rule {k} is fooled",
                certificates.network_flip(kept, network, v, list(zip(starts, common, strict=True))),
            ),
        ]
    return Pair(
        label, tuple(decisions), len(kept.points), len(data.points) - len(kept.points),
        len(held_out), tuple(c for steps in own for c in steps), common,
        tuple(float(c) for c in v),
    )  # fmt: skip


def _train(X: np.ndarray, y: np.ndarray, seed: int) -> list[TwoLayerNetwork]:
    networks = []
    for k in range(RULES):
        rng = np.random.default_rng([seed, k])
        part = rng.permutation(len(y))[: round(SHARE * len(y))]
        with one_thread():
            trained = train_convex_detector(X[part], y[part], UNITS, int(rng.integers(2**31)))
        networks.append(TwoLayerNetwork.sum_of_units(trained.weights, trained.bias))
    return networks


def flip_step(received: Sequence[Fraction], slopes: Sequence[Fraction]) -> Fraction:
    """Return a step just beyond the smallest at which a rule of class R leaves the label -1.

    The -1 region is where every unit is silent, so the first unit to wake decides. ``received`` is
    what the units receive at the start, ``slopes`` how much more with each step.
    """
    wake = [-a / s for a, s in zip(received, slopes, strict=True) if s > 0]
    return min(wake) + BEYOND


def _closest_pair(data: LabelledSet) -> tuple[int, int]:
    """Return the indices, positive first, of the closest points of different label, by floats."""
    X, y = np.array(data.points, dtype=np.float64), np.array(data.labels)
    positive, negative = np.flatnonzero(y == 1), np.flatnonzero(y == -1)
    distances = np.linalg.norm(X[positive][:, None] - X[negative][None, :], axis=2)
    i, j = np.unravel_index(int(distances.argmin()), distances.shape)
    return int(positive[i]), int(negative[j])


EXPERIMENT = Question(
    id="convex-detectors",
    title="Trained ReLU rules with a convex -1 region",
    question="Does one difference of training examples fool really trained rules of class R on "
    "every -1 example, all of them at once, and at which step?",
    claims=("charles-R-units", "charles-lem-13", "charles-thm-10"),
    run=run,
)
