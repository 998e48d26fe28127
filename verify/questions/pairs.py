"""Pairs of classes: separable or not, the widest margin, and the steps that flip this model."""

from collections.abc import Sequence
from statistics import median
from typing import Any

from certify.checking.report_fields import DECIDED
from verify.evidence.decision import Decision
from verify.evidence.grades import Grade
from verify.evidence.result import Found, Question, Result, figure, table
from verify.questions.hulls import POINTS, Pair, chosen, drawn, pair, used, which
from verify.questions.question import Subject
from verify.questions.steps import Steps, linear_steps, walked_steps
from verify.reporting.summary import quantity

_EXACT = (
    "Along the exact direction of the widest margin of the examples that the model's rule for the "
    "two classes reads right, in multiples of their margin γ*; the steps are exact."
)
_ALONG = "Along the difference of points of the two hulls next to the nearest ones. "
_WALKED = (
    f"{_ALONG}Up to its step each example keeps its answer, which is decided at every kink of the "
    "network on the way."
)
_LATER = (
    f"{_ALONG}Of a pair without an exact step, those at which the answer has changed, exactly, "
    "perhaps since an earlier one: the way is too long to decide it."
)


def margins(subject: Subject) -> Result | None:
    """Decide for each pair whether it is separable, and the steps at which this model flips."""
    pairs = [pair(subject, classes) for classes in chosen(subject)]
    if not pairs:
        return None
    decisions = [Decision.by_checker(f"{p.name}{DECIDED}", p.certificate) for p in pairs]
    separable = [p for p in pairs if p.margin is not None]
    if subject.model.linear:
        found = [linear_steps(subject, p) for p in pairs]
        steps, more = [s for s, _ in found], [d for _, own in found for d in own]
    else:
        steps, more = walked_steps(subject, separable)
    decisions += more
    count = len(separable)
    finding = (
        f"{count or 'None'} of {which(subject, len(pairs))} {'is' if count <= 1 else 'are'} "
        f"linearly separable on {drawn(subject, POINTS)}"
    )
    if count:
        finding += f", {'each ' * (count > 1)}with its exact widest margin"
    finding += f".{_said(subject, steps)}"
    return Result(
        finding, {}, tuple(decisions), 0, (_table(pairs, steps),),
        (*_figure(subject, steps), *_directions(subject, separable)),
        found={"separable": Found(count, Grade.CERTIFIED)}, examples=used(pairs),
    )  # fmt: skip


def _said(subject: Subject, steps: Sequence[Steps]) -> str:
    """Return a sentence on the steps at which this model changes its answer."""
    tried = sum(s.tried for s in steps)
    first, later = sum(len(s.first) for s in steps), sum(len(s.later) for s in steps)
    if not tried:
        return ""
    if not first + later:
        return " No example of them is flipped along the widest margin."
    if subject.model.linear:
        # Of more than two classes, the answer between the two need not be that of the model.
        between = "" if len(subject.model.labels) == 2 else " between the two classes"
        return (
            f" Of each pair the model reads some right, {quantity(first, 'example')} in all: moved "
            f"along the widest margin of these, each changes its answer{between} at one exact step."
        )
    said = (
        f" Of {quantity(tried, 'example')} that it reads right, drawn at random and moved along it,"
    )
    if first:
        verb = "keeps its answer" if first == 1 else "keep their answer"
        said += f" {first} {verb} up to an exact step, where it changes for the first time"
    if later:
        verb = "has another answer" if later == 1 else "have another answer"
        said += f"{', and' * bool(first)} {later} {verb} at a step, perhaps since an earlier one"
    return f"{said}."


def _table(pairs: Sequence[Pair], steps: Sequence[Steps]) -> dict[str, Any]:
    walked = {s.pair.name: s for s in steps}
    later = any(s.later for s in steps)
    linear = any(s.width != s.pair.width for s in steps)
    rows = []
    for p in pairs:
        row = [p.name, str(len(p.rows)), "no", p.width, ""]
        if p.margin is not None:
            row[2:] = ["yes", p.width, str(len(p.margin.support))]
        s = walked.get(p.name)
        row += ["", ""] if s is None else [str(s.tried), str(len(s.first))]
        row += [str(len(s.later)) if s else ""] * later
        row += [s.width if s else ""] * linear
        row.append(f"{2 * float(median(s.first)):.3g}" if s and s.first else "")
        rows.append(row)
    columns: list[tuple[str, str, Grade | None]] = [
        ("pair", "", None), ("examples", "", None),
        ("separable", "", Grade.CERTIFIED),
        ("margin" if linear else "margin $\\gamma^*$", "rounded", Grade.CERTIFIED),
        ("support vectors", "", None), ("tried", "", None),
        ("flipped at an exact step", "", Grade.CERTIFIED),
        *[("flipped by some step", "", Grade.CERTIFIED)] * later,
        *[("margin $\\gamma^*$ of those read right", "rounded", Grade.FLOAT)] * linear,
        ("median exact step", "multiples of $\\gamma^*$, rounded", Grade.CERTIFIED),
    ]  # fmt: skip
    return table("Pairs of classes", columns, rows)


def _figure(subject: Subject, steps: Sequence[Steps]) -> tuple[dict[str, Any], ...]:
    """Return the figure of the steps, which are multiples of a direction twice the margin long."""
    groups = [
        {"label": s.pair.name, "unit": "multiples of the margin γ*",
         "values": [2 * float(c) for c in (s.first or s.later)], "bound": None}
        for s in steps
        if s.first or s.later
    ]  # fmt: skip
    if not groups:
        return ()
    bounds = any(s.later and not s.first for s in steps)
    caption = _EXACT if subject.model.linear else _LATER if bounds else _WALKED
    title = "Steps at which this model flips examples"
    return (figure("steps", title, caption, Grade.CERTIFIED, {"groups": groups}),)


def _directions(subject: Subject, separable: Sequence[Pair]) -> tuple[dict[str, Any], ...]:
    if not separable or len(subject.image) != 2:
        return ()
    items = [{"title": p.name, "values": [float(x) for x in p.direction]} for p in separable]
    data = {"shape": list(subject.image), "unit": "units of the data", "items": items}
    return (
        figure(
            "images", "Directions of the widest margin",
            "The difference of the nearest points of the two hulls: for every separator it leads "
            "from the first class to the second.",
            Grade.CERTIFIED, {**data, "diverging": True},
        ),
    )  # fmt: skip


MARGINS = Question(
    "pairs",
    "Pairs of classes and this model",
    "Which pairs of classes are linearly separable, how widely, and at which step along the widest "
    "margin does this model change its answer?",
    ("charles-lem-3", "charles-thm-4", "charles-thm-5", "charles-cor-6"),
    margins,
    examples=True,
)
