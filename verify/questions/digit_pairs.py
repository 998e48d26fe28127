"""Pairs of classes: the exact max-margin direction, and where trained separators flip."""

from dataclasses import dataclass
from fractions import Fraction
from statistics import median
from typing import Any

import numpy as np

from certify import certificates
from certify.certificates.certificate import Certificate
from certify.errors import InputError
from certify.numbers.rationals import Vector, dot
from verify.attack.training import train_binary_svm
from verify.claims.charles2019.shared.separators import LargestMargin, slope
from verify.data.digits import Dataset
from verify.evidence.decision import Decision
from verify.evidence.grades import Grade
from verify.evidence.result import Question, Result, figure, table, unanswered
from verify.objects import LabelledSet, LinearRule
from verify.questions.question import Materials, pairs_of
from verify.reporting.summary import quantity

PAIRS = ((0, 1), (1, 7), (3, 8), (4, 9), (5, 6))
SEPARATORS = 3  # LinearSVCs for each pair, each on a random part of its training images
SHARE = 0.8  # of a pair's training images that each separator sees
STRENGTH = 100.0  # LIBLINEAR's C; weak regularisation, so that most rules separate what they saw
TEST_FRACTION = 0.3


@dataclass(frozen=True)
class Pair:
    """What was decided for one pair of classes; steps in multiples of gamma*."""

    label: str
    decisions: tuple[Decision, ...]
    points: int
    misread: int
    support: int
    margin: float
    direction: tuple[float, ...]
    steps: tuple[Fraction, ...]
    first: tuple[Fraction, ...]  # smallest step on the training points, for each separator
    bound: Fraction


def run(materials: Materials) -> Result:
    """Decide every pair exactly; one task for each pair."""
    train, test = materials.data.split(TEST_FRACTION, materials.seed_for("digit-pairs"))
    asked = pairs_of(materials.data.classes, PAIRS)
    seeds = [materials.seed_for("digit-pairs", *pair) for pair in asked]
    n = len(asked)
    found = materials.map(decide, [train] * n, [test] * n, asked, seeds)
    pairs = [pair for pair in found if isinstance(pair, Pair)]
    if not pairs:
        return unanswered("; ".join(map(str, found)))
    left = "".join(f" Left out: {reason}." for reason in found if not isinstance(reason, Pair))
    steps = [c for pair in pairs for c in pair.steps]
    count = len(pairs) * SEPARATORS
    first = [c for pair in pairs for c in pair.first]
    median_step, largest_step = float(median(steps)), float(max(steps))
    span = f"{float(min(first)):.2f} to {float(max(first)):.2f}"
    finding = (
        f"{_whose(len(pairs), n)} an exact "
        f"max-margin direction, and along it each of {count} trained separators flips every "
        f"held-out example that it reads right: {len(steps)} exact steps, median "
        f"{median_step:.2f} and at most {largest_step:.1f} times the margin $\\gamma^*$.{left}"
    )
    findings = {
        "charles-lem-3": f"{quantity(len(pairs), 'pair')} of classes, each with its exact "
        f"margin and at most {max(pair.support for pair in pairs)} support vectors.",
        "charles-thm-4": f"Each of {count} trained separators flips every held-out example that it "
        f"reads right: {len(steps)} exact steps, median {median_step:.2f} $\\gamma^*$.",
        "charles-thm-5": f"{len(steps)} exact steps of at most {largest_step:.1f} $\\gamma^*$, "
        f"where the bounds go up to {float(max(pair.bound for pair in pairs)):.1f} $\\gamma^*$.",
        "charles-cor-6": f"The {count} trained separators lose their first training example at "
        f"{span} times $\\gamma^*$; the corollary says at most 1.",
    }
    return Result(
        finding,
        findings,
        tuple(decision for pair in pairs for decision in pair.decisions),
        0,
        (_table(pairs),),
        (_steps_figure(pairs), *_images_figure(pairs, materials.data)),
        {"separators for each pair": SEPARATORS, "training share": SHARE, "C": STRENGTH},
    )


def _whose(decided: int, asked: int) -> str:
    """Return whose the directions are: of all pairs that were asked about, or of some."""
    if decided == asked:
        return "The pair has" if asked == 1 else f"All {asked} pairs have"
    return f"{decided} of {asked} pairs {'has' if decided == 1 else 'have'}"


def decide(train: Dataset, test: Dataset, pair: tuple[int, int], seed: int) -> Pair | str:
    """Train separators of one pair, drop the points that one of them misreads, decide the rest.

    The claims speak of rules that are right on the set, so the set is what all rules read right.
    Returns in words why nothing can be decided where that leaves a class without points.
    """
    try:
        return _decide(train, test, pair, seed)
    except InputError as error:
        return f"{train.versus(*pair)} ({error})"


def _decide(train: Dataset, test: Dataset, pair: tuple[int, int], seed: int) -> Pair:
    X, y = train.pair(*pair)
    data = LabelledSet.of(X, y)
    rules = _train(X, y, seed)
    right = [
        all(margins)
        for margins in zip(*([m > 0 for m in r.margins(data)] for r in rules), strict=True)
    ]
    kept = LabelledSet(
        tuple(x for x, good in zip(data.points, right, strict=True) if good),
        tuple(label for label, good in zip(data.labels, right, strict=True) if good),
    )
    if len(set(kept.labels)) < 2:
        raise InputError("separators", expected="some points of each class right", got="none")
    largest = LargestMargin(kept)
    u, a = largest.direction, largest.multipliers
    label = train.versus(*pair)
    decisions = [
        Decision.by_checker(f"{label}: max margin", largest.answer.certificate),
        Decision.by_checker(
            f"{label}: all separators", certificates.every_separator(kept, u, Fraction(0), a)
        ),
        Decision.by_checker(
            f"{label}: first flip", certificates.some_point_flips(kept, u, a, largest.rule)
        ),
    ]
    steps: list[Fraction] = []
    first: list[Fraction] = []
    bounds: list[Fraction] = []
    held_out = LabelledSet.of(*test.pair(*pair))
    for k, rule in enumerate(rules):
        exact, certificate = _steps(rule, largest, held_out)
        decisions.append(Decision.by_checker(f"{label}: separator {k}", certificate))
        # gamma* is half of |u|, so a step c along u is 2c times gamma*.
        steps += [2 * c for c in exact]
        smallest, rate = min(rule.margins(kept)), slope(rule, largest)
        first.append(2 * smallest / rate)
        bounds.append(max(2 * c * rate / (smallest * sum(a)) for c in exact))
    return Pair(
        label, tuple(decisions), len(kept.points), len(data.points) - len(kept.points),
        len(largest.answer.support), float(largest.answer.margin_squared) ** 0.5,
        tuple(float(x) for x in u), tuple(steps), tuple(first), max(bounds),
    )  # fmt: skip


def _train(X: np.ndarray, y: np.ndarray, seed: int) -> list[LinearRule]:
    rules = []
    for k in range(SEPARATORS):
        rng = np.random.default_rng([seed, k])
        part = rng.permutation(len(y))[: round(SHARE * len(y))]
        w, b = train_binary_svm(X[part], y[part], seed, STRENGTH)
        rules.append(LinearRule.of(w, b))
    return rules


def _steps(
    rule: LinearRule, largest: LargestMargin, held_out: LabelledSet
) -> tuple[Vector, Certificate]:
    """Return the exact steps of the held-out points that the rule reads right, and the proof."""
    pairs = zip(held_out.points, held_out.labels, strict=True)
    right = [(x, y) for x, y in pairs if rule.label(x) == y]
    if not right:
        raise InputError("held_out", expected="points that the rule reads right", got="none")
    queries = LabelledSet(tuple(x for x, _ in right), tuple(y for _, y in right))
    rate = dot(rule.normal, largest.direction)
    steps = tuple(margin / rate for margin in rule.margins(queries))
    certificate = certificates.separator_steps(
        largest.data, rule, queries, largest.direction, largest.multipliers, steps
    )
    return steps, certificate


def _table(pairs: list[Pair]) -> dict[str, Any]:
    certified = Grade.CERTIFIED  # every number is exact before it is rounded for reading
    columns: list[tuple[str, str, Grade | None]] = [
        ("pair", "", None), ("training examples", "", None),
        ("misread by some separator, left out", "", None), ("support vectors", "", None),
        ("margin $\\gamma^*$", "1 = full range, rounded", certified),
        ("first flip in training", "multiples of $\\gamma^*$, rounded", certified),
        ("median step held out", "multiples of $\\gamma^*$, rounded", certified),
        ("largest step held out", "multiples of $\\gamma^*$, rounded", certified),
        ("largest bound of Theorem 5", "multiples of $\\gamma^*$, rounded", certified),
    ]  # fmt: skip
    rows = [
        [
            pair.label, str(pair.points), str(pair.misread), str(pair.support),
            f"{pair.margin:.4f}", f"{float(min(pair.first)):.3f}",
            f"{float(median(pair.steps)):.3f}", f"{float(max(pair.steps)):.3f}",
            f"{float(pair.bound):.3f}",
        ]
        for pair in pairs
    ]  # fmt: skip
    title = "Exact margins of pairs of classes and exact steps of trained separators"
    return table(title, columns, rows)


def _steps_figure(pairs: list[Pair]) -> dict[str, Any]:
    return figure(
        "steps",
        "Exact steps at which trained separators flip held-out examples",
        f"Steps along the exact max-margin direction of the training examples, {SEPARATORS} "
        "LinearSVCs for each pair; exact rationals, rounded for drawing.",
        Grade.CERTIFIED,
        {
            "groups": [
                {
                    "label": pair.label,
                    "unit": "multiples of the margin γ*",
                    "values": [float(c) for c in pair.steps],
                    "bound": None,
                }
                for pair in pairs
            ]
        },
    )


def _images_figure(pairs: list[Pair], data: Dataset) -> tuple[dict[str, Any], ...]:
    if len(data.image_shape) != 2:
        return ()
    shown = figure(
        "images",
        "Exact max-margin directions",
        "The vector $u=p-q$ between the nearest points of the two classes: moving an image "
        "along $-u$ or $u$ turns the first into the second or back, for every separator.",
        Grade.CERTIFIED,
        {
            "shape": list(data.image_shape),
            "unit": "1 = full range",
            "items": [{"title": pair.label, "values": list(pair.direction)} for pair in pairs],
            "diverging": True,
        },
    )
    return (shown,)


EXPERIMENT = Question(
    id="digit-pairs",
    title="Trained separators of pairs of classes",
    question="At exactly which step along the exact max-margin direction does each really trained "
    "separator of two classes flip?",
    claims=(
        "charles-def-adv",
        "charles-linear-same-label",
        "charles-normal-direction",
        "charles-lem-3",
        "charles-thm-4",
        "charles-thm-5",
        "charles-cor-6",
    ),
    run=run,
)
