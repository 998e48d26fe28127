"""Pairs of classes: separable or not, the widest margin, and the steps that flip this model."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations, islice
from math import comb
from statistics import median
from typing import Any

import numpy as np

from certify import certificates, max_margin
from certify.certificates.certificate import Certificate
from certify.certificates.networks import network_points
from certify.margins.max_margin import MaxMargin
from certify.margins.steps import StepPrograms
from certify.numbers.rationals import Vector, combine, dot
from verify.attack.models import predict
from verify.evidence.decision import Decision
from verify.evidence.grades import Grade
from verify.evidence.result import Found, Question, Result, figure, table
from verify.models.agreement import confirm
from verify.objects import LabelledSet, LinearRule
from verify.questions.question import Subject
from verify.reporting.summary import quantity

PAIRS = 4  # of many classes, those that the model confuses most
POINTS = 70  # of each class in a pair, at most
WALKED = 20  # examples of a pair that are moved until a network changes its answer
UNIVERSAL = 30  # points in all of the sets whose steps over all separators are decided
LONGEST = 64.0  # steps, in multiples of the direction, at which walking ends
BESIDE = Fraction(1, 16)  # of a step, before and behind its end, where a linear model is asked
DECIDED = ": separability"  # of a pair, in the names of decisions
HALVINGS = 20  # of the interval in which a network changes its answer


_EXACT = (
    "Along the exact direction of the widest margin of the examples that the model's rule for the "
    "two classes reads right, in multiples of that margin; the steps are exact."
)
_WALKED = (
    "Along the direction of the widest margin, rounded to float32. At both ends of a step the "
    "answer is decided exactly, and differs; it may have changed before, and back."
)


@dataclass(frozen=True)
class Pair:
    """The examples of two classes as a labelled set, -1 for the first, and what is true of it."""

    name: str
    classes: tuple[int, int]
    rows: np.ndarray
    signs: np.ndarray
    margin: MaxMargin | None
    certificate: Certificate

    @property
    def direction(self) -> Vector:
        """Return p - q of the nearest points of the two hulls, for a separable pair."""
        assert self.margin is not None
        return tuple(2 * self.margin.margin_squared * c for c in self.margin.w)


def chosen(subject: Subject) -> list[tuple[int, int]]:
    """Return the pairs of classes to ask about: all of three classes, else the most confused."""
    answers = subject.answers
    wrong = np.flatnonzero(answers != subject.y)
    confusion = Counter(
        (min(a, b), max(a, b))
        for a, b in zip(subject.y[wrong].tolist(), answers[wrong].tolist(), strict=True)
    )
    here = set(subject.classes)
    confused = [pair for pair, _ in confusion.most_common() if here.issuperset(pair)]
    # Where fewer are confused, the first ones that are not.
    others = (pair for pair in combinations(subject.classes, 2) if pair not in confusion)
    return sorted([*confused, *islice(others, PAIRS)][:PAIRS])


def pair(subject: Subject, classes: tuple[int, int], points: int = POINTS) -> Pair:
    """Return a pair of classes with its exact answer; ``points`` of each class at most."""
    rng = subject.rng("pair", *classes, points)
    rows = np.concatenate([
        np.sort(rng.permutation(np.flatnonzero(subject.y == k))[:points]) for k in classes
    ])  # fmt: skip
    signs = np.where(subject.y[rows] == classes[1], 1, -1)
    found = max_margin(subject.X[rows], signs)
    names = [str(subject.model.labels[k]) for k in classes]
    margin = found if isinstance(found, MaxMargin) else None
    return Pair(" vs ".join(names), classes, rows, signs, margin, found.certificate)


def margins(subject: Subject) -> Result | None:
    """Decide for each pair whether it is separable, and the steps at which this model flips."""
    pairs = [pair(subject, classes) for classes in chosen(subject)]
    if not pairs:
        return None
    decisions = [Decision.by_checker(f"{p.name}{DECIDED}", p.certificate) for p in pairs]
    separable = [p for p in pairs if p.margin is not None]
    groups: list[dict[str, Any]] = []
    rows = []
    for p in pairs:
        steps: list[Fraction] = []
        tried: int | None = None
        if subject.model.linear:
            steps, tried, certificate = _linear_steps(subject, p)
        elif p.margin is not None:
            steps, tried, certificate = _walked_steps(subject, p)
        if steps:
            assert certificate is not None
            decisions.append(Decision.by_checker(f"{p.name}: steps of this model", certificate))
            # The direction is twice the margin long.
            values = [2 * float(c) for c in steps]
            groups.append({"label": p.name, "unit": "multiples of the margin γ*",
                           "values": values, "bound": None})  # fmt: skip
        margin = "none" if p.margin is None else f"{float(p.margin.margin_squared) ** 0.5:.4g}"
        rows.append([
            p.name, str(len(p.rows)), "no" if p.margin is None else "yes", margin,
            "" if p.margin is None else str(len(p.margin.support)),
            "" if tried is None else str(tried), "" if tried is None else str(len(steps)),
            f"{2 * float(median(steps)):.3g}" if steps else "",
        ])  # fmt: skip
    flips = sum(len(group["values"]) for group in groups)
    # Of more than two classes, the answer between the two need not be the answer of the model.
    between = "" if len(subject.model.labels) == 2 else ", asked about the two classes alone,"
    steps_ = quantity(flips, "step")
    finding = (
        f"{_of(len(separable), pairs, subject)} linearly separable here, each with its "
        "exact widest margin"
    )
    if not flips:
        finding += "; no example of them is flipped along the widest margin."
    elif subject.model.linear:
        finding += f". Along it this model{between} changes its answer exactly at {steps_}."
    else:
        finding += f". Along it this model has changed its answer at {steps_}."
    columns: list[tuple[str, str, Grade | None]] = [
        ("pair", "", None), ("examples", "", None),
        ("separable", "", Grade.CERTIFIED), ("margin $\\gamma^*$", "rounded", Grade.CERTIFIED),
        ("support vectors", "", None), ("tried", "", None), ("flipped", "", Grade.CERTIFIED),
        ("median step", "multiples of $\\gamma^*$, rounded", Grade.CERTIFIED),
    ]  # fmt: skip
    figures: list[dict[str, Any]] = []
    if groups:
        figures.append(
            figure(
                "steps",
                "Steps at which this model flips examples",
                _EXACT if subject.model.linear else _WALKED,
                Grade.CERTIFIED,
                {"groups": groups},
            )
        )
    if separable and len(subject.image) == 2:
        figures.append(
            figure(
                "images",
                "Directions of the widest margin",
                "The difference of the nearest points of the two hulls: for every separator it "
                "leads from the first class to the second.",
                Grade.CERTIFIED,
                {
                    "shape": list(subject.image),
                    "unit": "input units",
                    "items": [
                        {"title": p.name, "values": [float(x) for x in p.direction]}
                        for p in separable
                    ],
                    "diverging": True,
                },
            )
        )
    title = "Pairs of classes"
    return Result(
        finding, {}, tuple(decisions), 0, (table(title, columns, rows),), tuple(figures),
        found={"separable": Found(len(separable), Grade.CERTIFIED)}, examples=_used(pairs),
    )  # fmt: skip


def _of(count: int, pairs: Sequence[Pair], subject: Subject) -> str:
    """Return how many pairs, of how many, and which these are."""
    total = comb(len(subject.classes), 2)
    which = "" if len(pairs) == total else f" (of {total}, those that the model confuses most)"
    verb = "is" if count == 1 else "are"
    return f"{count} of {quantity(len(pairs), 'pair')} of classes{which} {verb}"


def _used(pairs: Iterable[Pair]) -> tuple[int, ...]:
    """Return the numbers of the examples of pairs, each once."""
    return tuple(dict.fromkeys(int(k) for p in pairs for k in p.rows))


def _linear_steps(
    subject: Subject, p: Pair
) -> tuple[list[Fraction], int | None, Certificate | None]:
    """Return the exact steps of the examples that the model's rule for the pair reads right.

    The theorem speaks of rules that are right on a set, so the set is what the rule reads right.
    """
    rule = LinearRule.of(*subject.model.between(*p.classes))
    data = LabelledSet.of(subject.X[p.rows], p.signs)
    right = np.array([m > 0 for m in rule.margins(data)])
    if len(set(p.signs[right].tolist())) < 2:
        return [], len(p.rows), None
    kept = LabelledSet.of(subject.X[p.rows][right], p.signs[right])
    found = max_margin(subject.X[p.rows][right], p.signs[right])
    assert isinstance(found, MaxMargin), "a rule separates the points that it reads right"
    scale = 2 * found.margin_squared
    direction = tuple(scale * c for c in found.w)
    multipliers = tuple(scale * a for a in found.multipliers)
    rate = dot(rule.normal, direction)
    steps = [margin / rate for margin in rule.margins(kept)]
    # At a step itself two scores are equal: the model is asked on both sides of it.
    beside = [
        combine((1, x), (-y * step * share, direction))
        for x, y, step in zip(kept.points, kept.labels, steps, strict=True)
        for share in (1 - BESIDE, 1 + BESIDE)
    ]
    confirm(subject.model, beside, "end of a step")
    certificate = certificates.separator_steps(
        kept, rule, kept, direction, multipliers, tuple(steps)
    )
    return steps, len(p.rows), certificate


def _walked_steps(
    subject: Subject, p: Pair
) -> tuple[list[Fraction], int | None, Certificate | None]:
    """Return steps at which a network has changed its answer, found by halving in floats.

    A step ends at exactly x + c v, with v the direction rounded to float32: short numbers, so that
    the network is evaluated there without rounding.
    """
    answers = subject.answers[p.rows]
    right = np.flatnonzero(answers == subject.y[p.rows])[:: max(1, len(p.rows) // WALKED)]
    right = right[:WALKED]
    direction = np.array([float(x) for x in p.direction]).astype(np.float32)
    steps, points = [], []
    for k in right:
        x, v = subject.X[p.rows[k]], -int(p.signs[k]) * direction
        found = _change(subject, x.astype(np.float64), v.astype(np.float64), int(answers[k]))
        if found is None:
            continue
        step = Fraction(found)
        start = tuple(map(Fraction, x.tolist()))
        steps.append(step)
        points += [start, combine((1, start), (step, tuple(map(Fraction, v.tolist()))))]
    if not points:
        return [], len(right), None
    confirm(subject.model, points, "end of a step")
    rule = subject.model.rule
    winners = [rule.decide(scores) for scores in subject.model.network.outputs(points)]
    flipped, facts = [], []
    for n, step in enumerate(steps):
        before, after = winners[2 * n], winners[2 * n + 1]
        if before is not None and after is not None and before != after:
            flipped.append(step)
            facts += [rule.fact(2 * n, before), rule.fact(2 * n + 1, after)]
    return flipped, len(right), network_points(subject.model.network, points, facts)


def _change(subject: Subject, x: np.ndarray, v: np.ndarray, answer: int) -> float | None:
    """Return a step behind which floats answer otherwise, close to one where they do not."""
    low, high = 0.0, _first_change(subject, x, v, answer)
    if high is None:
        return None
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        if _answer(subject, x + middle * v) == answer:
            low = middle
        else:
            high = middle
    return high


def _first_change(subject: Subject, x: np.ndarray, v: np.ndarray, answer: int) -> float | None:
    step = 1 / 16
    while step <= LONGEST:
        if _answer(subject, x + step * v) != answer:
            return step
        step *= 2
    return None


def _answer(subject: Subject, x: np.ndarray) -> int:
    import torch

    return int(predict(subject.precise, torch.tensor(x[None]))[0])


def universal(subject: Subject) -> Result | None:
    """Decide for few points how far a step over *all* separators has to go, or that none serves."""
    rows, decisions, groups, used = [], [], [], []
    never = total = 0
    for classes in chosen(subject):
        p = pair(subject, classes, UNIVERSAL // 2)
        if p.margin is None:
            continue
        used.append(p)
        programs = StepPrograms(subject.X[p.rows], p.signs, p.direction)
        answers = [programs.solve(k) for k in _spread(len(p.rows))]
        decisions += [
            Decision.by_checker(
                f"{p.name}: point {a.point}", programs.certificate(a, p.margin.w, p.margin.b)
            )
            for a in answers
        ]
        finite = [2 * float(a.step) for a in answers if a.step is not None]
        infinite = len(answers) - len(finite)
        never, total = never + infinite, total + len(answers)
        largest = f"{max(finite):.3g}" if finite else ""
        rows.append([p.name, str(len(p.rows)), str(len(answers)), str(infinite), largest])
        if finite:
            groups.append({"label": p.name, "unit": "multiples of the margin γ*",
                           "values": finite, "bound": None})  # fmt: skip
    if not rows:
        return None
    finding = (
        f"Over all separators of sets of at most {UNIVERSAL} examples, {never} of "
        f"{quantity(total, 'point')} {'has' if never == 1 else 'have'} no step that flips them "
        "whatever the separator; the others have an exact one."
    )
    columns: list[tuple[str, str, Grade | None]] = [
        ("pair", "", None), ("examples", "", None), ("points asked about", "", None),
        ("no step serves all separators", "", Grade.CERTIFIED),
        ("largest step", "multiples of $\\gamma^*$, rounded", Grade.CERTIFIED),
    ]  # fmt: skip
    figures = ()
    if groups:
        figures = (
            figure(
                "steps",
                "Steps that serve every separator",
                "Suprema over all separators of the examples, exact and rounded for drawing.",
                Grade.CERTIFIED,
                {"groups": groups},
            ),
        )  # type: ignore[assignment]
    return Result(
        finding, {}, tuple(decisions), 0,
        (table("Steps over all separators", columns, rows),), figures,
        found={"no-step": Found(never, Grade.CERTIFIED)}, examples=_used(used),
    )  # fmt: skip


def _spread(count: int, wanted: int = 8) -> Sequence[int]:
    return sorted({k * count // wanted for k in range(wanted)})


MARGINS = Question(
    "pairs",
    "Pairs of classes and this model",
    "Which pairs of classes are linearly separable, how widely, and at which step along the widest "
    "margin does this model change its answer?",
    ("charles-lem-3", "charles-thm-4", "charles-thm-5", "charles-cor-6"),
    margins,
    examples=True,
)
UNIVERSAL_STEPS = Question(
    "universal-steps",
    "One step for every separator",
    "How far does a step along the widest margin have to go to flip a point for every separator, "
    "and for which points is there none?",
    ("charles-cor-6-remark",),
    universal,
    examples=True,
)
