"""Adversarial examples found by attack: floats seek, exact numbers decide."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import torch

from certify.bounds.threads import one_thread
from certify.certificates.networks import within
from certify.checking.report_fields import WITHIN
from certify.numbers.rationals import Vector, text
from verify.attack.balls import moved_exactly
from verify.evidence.decision import Decision, checker_for
from verify.evidence.grades import Grade
from verify.evidence.result import Found, Question, Result, table
from verify.models.agreement import confirm
from verify.models.effort import products
from verify.questions.found import SHOWN, Adversary, Attacked, Point, changes, pictures
from verify.questions.question import Subject
from verify.reporting.summary import listed, quantity

ATTACKED = 24  # examples, of those that the model reads right
STEPS = 40
STEP = 2.5 / STEPS  # in multiples of the radius


@dataclass
class _Attempt:
    """An example under attack: the last point tried, within which radius, and what came of it."""

    place: int  # of the example in the subject
    before: Vector  # scores
    point: Point
    radius: Fraction
    scores: Vector = ()
    answer: int | None = None
    fooled: bool = False
    moved: bool = False  # whether some gradient was not 0


def adversarial(subject: Subject) -> Result | None:
    """Attack examples that the model reads right, at one radius after the other, and decide each.

    Whoever is fooled within a radius is fooled within a larger one, so that each example has at
    most one adversary, within the least of the radii that sufficed.
    """
    chosen, right = drawn(subject)
    radii = sorted(set(subject.radii))
    attempts = [_Attempt(k, scores, subject.X[k], radii[0]) for k, scores in chosen]
    if not attempts:
        return None
    for radius in radii:
        _attack(subject, [a for a in attempts if not a.fooled], radius)
    decision = _decision(subject, attempts)
    certified = decision.grade is Grade.CERTIFIED
    found = [_adversary(subject, a) for a in attempts if a.fooled and certified]
    fooled = {r: sum(a.radius <= r for a in found) for r in radii}
    shares = [f"{n} of {len(attempts)} at {subject.units.radius(r)}" for r, n in fooled.items()]
    finding = (
        f"An attack moves {how_drawn(len(attempts), right)}, {subject.units.rule}, and exact "
        f"arithmetic confirms that they fool it: "
        f"{listed(shares)}. That the attack found no more proves nothing about the others."
    )
    still = sum(not a.moved for a in attempts)
    if still:
        finding += (
            f" For {still} of them the gradient was 0, and the attack did not move them at all."
        )
    columns: list[tuple[str, str, Grade | None]] = [
        ("radius", subject.units.unit, None), ("attacked", "", None),
        ("that fool the model", "", Grade.CERTIFIED),
    ]  # fmt: skip
    rows = [[subject.units.number(r), str(len(attempts)), str(n)] for r, n in fooled.items()]
    named = [(_name(a), [(f"example {a.index}: {a.label}", a.original),
                         (f"read as {a.answer}", a.point)]) for a in found]  # fmt: skip
    shown = [(f"{_name(a)}: {a.label} read as {a.answer}", a.original, a.point) for a in found]
    settings: dict[str, str | float | bool] = {
        "steps": STEPS, "step in radii": STEP, "loss": "margin",
        "kept between": "none" if subject.units.top is None else f"0 and {subject.units.top}",
    }  # fmt: skip
    return Attacked(
        finding, {}, (decision,), 0,
        (table("Adversarial examples, decided exactly", columns, rows),
         *([_scores(subject, found)] * bool(found)), *changes(subject, shown)),
        pictures(subject, named, "Each example, and the input near it that the model reads as "
                 "another class, exactly."),
        settings,
        {
            "fooled": Found(len(found), Grade.CERTIFIED),
            **{f"{WITHIN}{text(r)}": Found(n, Grade.CERTIFIED) for r, n in fooled.items()},
        },
        tuple(a.place for a in attempts), subject.units.to_json(), tuple(found),
    )  # fmt: skip


def drawn(subject: Subject) -> tuple[list[tuple[int, Vector]], int]:
    """Return the examples to attack, by place and exact scores, and how many are read right."""
    right = np.flatnonzero(subject.answers == subject.y)
    chosen = np.sort(subject.rng("attack").permutation(right)[:ATTACKED])
    outputs = subject.model.network.outputs(subject.X[chosen])
    # Floats may read an example otherwise than exact arithmetic does.
    decide = subject.model.rule.decide
    found = [(int(k), z) for k, z in zip(chosen, outputs, strict=True) if decide(z) == subject.y[k]]
    return found, len(right)


def how_drawn(count: int, of: int) -> str:
    """Return how many examples are attacked, and how they were chosen."""
    if count == of:
        return f"the {quantity(of, 'example')} that the model reads right"
    return f"{count} of the {quantity(of, 'example')} that the model reads right, drawn at random"


def _attack(subject: Subject, attempts: Sequence[_Attempt], radius: Fraction) -> None:
    """Move examples within a radius, and decide each point."""
    if not attempts:
        return
    places = [a.place for a in attempts]
    points, reach = subject.X[places], subject.units.reach(radius, subject.X.shape[1])
    with one_thread():
        shares, moving = seek(subject, points, subject.y[places], reach)
    moved = [
        moved_exactly(x, share, reach, top=subject.units.top)
        for x, share in zip(points, shares, strict=True)
    ]
    confirm(subject.model, moved, "moved example")
    outputs = subject.model.network.outputs(moved)
    for a, point, scores, moves in zip(attempts, moved, outputs, moving, strict=True):
        a.point, a.radius, a.scores, a.moved = point, radius, scores, a.moved or bool(moves)
        a.answer = subject.model.rule.decide(scores)
        a.fooled = a.answer not in (None, subject.y[a.place])


def seek(
    subject: Subject, points: np.ndarray, truth: np.ndarray, reach: Vector
) -> tuple[np.ndarray, np.ndarray]:
    """Return moves (n, d) in multiples of the reach of each coordinate, and where they began.

    The second says of each example whether some gradient was not 0. Sign steps climb the best other
    score minus the label's own: this gradient does not fade as that of the cross-entropy does,
    whatever the scale of the scores. Of all steps the best is kept.
    """
    far = torch.tensor([float(r) for r in reach], dtype=torch.float64)
    start, labels = torch.tensor(points.astype(np.float64)), torch.tensor(truth)
    low, high = torch.full_like(start, -1.0), torch.full_like(start, 1.0)
    if subject.units.top is not None:
        low = torch.maximum(low, -start / far)
        high = torch.minimum(high, (subject.units.top - start) / far)
    shares, best = torch.zeros_like(start), torch.zeros_like(start)
    highest = torch.full((len(start),), -torch.inf, dtype=torch.float64)
    moving = torch.zeros(len(start), dtype=torch.bool)
    for step in range(STEPS + 1):
        inputs = (start + far * shares).requires_grad_()
        scores = subject.precise(inputs)
        own = scores.gather(1, labels[:, None])[:, 0]
        lead = scores.scatter(1, labels[:, None], -torch.inf).amax(dim=1) - own
        better = lead > highest
        highest, best = (
            torch.where(better, lead, highest),
            torch.where(better[:, None], shares, best),
        )
        if step == STEPS:
            break
        (gradient,) = torch.autograd.grad(lead.sum(), inputs)
        moving |= (gradient * far != 0).any(dim=1)
        stepped = shares + STEP * torch.nan_to_num(gradient.sign())
        shares = torch.minimum(torch.maximum(stepped, low), high)
    return best.detach().numpy(), moving.numpy()


def _decision(subject: Subject, attempts: Sequence[_Attempt]) -> Decision:
    """Certify, of the moved points and behind them the examples, labels and distances."""
    n, rule = len(attempts), subject.model.rule
    facts = [rule.fact(n + i, int(subject.y[a.place])) for i, a in enumerate(attempts)]
    for i, a in enumerate(attempts):
        if a.answer is not None:
            facts.append(rule.fact(i, a.answer))
        facts.append(within(i, n + i, a.radius))
    points = [*(a.point for a in attempts), *(subject.X[a.place] for a in attempts)]
    certificate = subject.units.certificate(subject.model.network, points, facts, range(n))
    decide = checker_for(len(points) * products(subject.model.network))
    return Decision.by_checker("adversaries", certificate, decide=decide)


def _adversary(subject: Subject, a: _Attempt) -> Adversary:
    assert a.answer is not None
    labels = subject.model.labels
    return Adversary(
        int(subject.rows[a.place]), subject.X[a.place], a.point, a.radius, subject.units.unit,
        labels[int(subject.y[a.place])], labels[a.answer], a.scores, a.before,
    )  # fmt: skip


def _name(a: Adversary) -> str:
    return f"Example {a.index}"


def _scores(subject: Subject, found: Sequence[Adversary]) -> dict[str, Any]:
    """Return a table of a few adversaries, with the scores of both labels where each has one."""
    columns: list[tuple[str, str, Grade | None]] = [
        ("example", "", None), ("label", "", None), ("read as", "", Grade.CERTIFIED),
        ("radius", subject.units.unit, None),
    ]  # fmt: skip
    rows = [[str(a.index), str(a.label), str(a.answer), subject.units.number(a.radius)]
            for a in found[:SHOWN]]  # fmt: skip
    if not subject.model.voting:
        places = {label: k for k, label in enumerate(subject.model.labels)}
        moved = "before → after, rounded"
        columns += [("score of the label", moved, None), ("score of what is read", moved, None)]
        for row, a in zip(rows, found, strict=False):
            for k in (places[a.label], places[a.answer]):
                row.append(" → ".join(f"{float(z[k]):.4g}" for z in (a.scores_before, a.scores)))
    return table("Some of them", columns, rows)


ADVERSARIES = Question(
    "adversaries",
    "Adversarial examples decided again",
    "Which examples does an attack turn into ones that fool this model, in exact arithmetic?",
    ("charles-def-adv",),
    adversarial,
    examples=True,
)
