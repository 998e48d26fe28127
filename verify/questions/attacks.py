"""Adversarial examples found by attack, and twins on request: floats seek, exact numbers decide."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import torch

from certify.certificates.certificate import Certificate
from certify.certificates.facts import Fact
from certify.certificates.networks import box, network_points, same_softmax, within
from certify.numbers.rationals import Vector
from verify.attack.balls import moved_exactly
from verify.attack.parallel import one_thread
from verify.attack.radii import radius_text
from verify.attack.twins import NoTwin, find_twin
from verify.evidence.decision import Decision
from verify.evidence.grades import Grade
from verify.evidence.result import Found, Question, Result, figure, table
from verify.models.agreement import confirm
from verify.questions.question import Subject
from verify.reporting.summary import quantity

ATTACKED = 24  # examples, of those that the model reads right
STEPS = 40
STEP = 2.5 / STEPS  # in multiples of the radius
SHOWN = 4  # adversaries drawn


def adversarial(subject: Subject) -> Result | None:
    """Attack examples that the model reads right, and decide each of them and each adversary."""
    candidates = np.flatnonzero(subject.answers == subject.y)
    chosen = np.sort(subject.rng("attack").permutation(candidates)[:ATTACKED])
    network, rule = subject.model.network, subject.model.rule
    # Floats may read an example otherwise than exact arithmetic does.
    right = [
        rule.decide(scores) == y
        for scores, y in zip(network.outputs(subject.X[chosen]), subject.y[chosen], strict=True)
    ]
    chosen = chosen[np.array(right, dtype=bool)]
    if not len(chosen):
        return None
    points, truth = subject.X[chosen], subject.y[chosen].tolist()
    decisions: list[Decision] = []
    rows, fooled_at, still = [], [], 0
    drawn: list[dict[str, Any]] = []
    found: set[int] = set()
    for radius in subject.radii:
        with one_thread():
            shares, moving = seek(subject, points, subject.y[chosen], radius)
        still = max(still, int(np.count_nonzero(~moving)))
        moved = [
            moved_exactly(x, share, radius, box=subject.box)
            for x, share in zip(points, shares, strict=True)
        ]
        confirm(subject.model, moved, "moved example")
        winners = [rule.decide(scores) for scores in network.outputs(moved)]
        # That the examples are read right stands in the first certificate.
        read = [] if decisions else [rule.fact(len(moved) + i, y) for i, y in enumerate(truth)]
        certificate = _certificate(subject, moved, points, winners, radius, read)
        at = radius_text(radius)
        decisions.append(Decision.by_checker(f"adversaries at {at}", certificate))
        fooled = [i for i, k in enumerate(winners) if k is not None and k != truth[i]]
        if decisions[-1].grade is not Grade.CERTIFIED:
            fooled = []
        found.update(fooled)
        drawn += [_drawn(subject, moved[i], truth[i], winners[i]) for i in fooled]
        rows.append([at, str(len(moved)), str(len(fooled))])
        fooled_at.append(f"{len(fooled)} of {len(moved)} at {at}")
    finding = (
        f"An attack moves {quantity(len(chosen), 'example')} that the model reads right, each "
        f"coordinate by the radius at most{' and within [0, 1]' if subject.box else ''}, and exact "
        f"arithmetic confirms that they fool it: {', '.join(fooled_at)}. That the attack found no "
        "more proves nothing about the others."
    )
    if still:
        finding += (
            f" For {still} of them the gradient was 0, and the attack did not move them at all."
        )
    columns: list[tuple[str, str, Grade | None]] = [
        ("radius", "units of the data", None), ("attacked", "", None),
        ("that fool the model", "", Grade.CERTIFIED),
    ]  # fmt: skip
    figures: tuple[dict[str, Any], ...] = ()
    if drawn and len(subject.image) == 2:
        items = {"shape": list(subject.image), "unit": "units of the data"}
        figures = (
            figure(
                "images", "Adversarial examples",
                "Each is read as another class, exactly; its pixels are rounded for drawing.",
                Grade.CERTIFIED, {**items, "items": drawn[:SHOWN], "diverging": False},
            ),
        )  # fmt: skip
    return Result(
        finding, {}, tuple(decisions), 0,
        (table("Adversarial examples, decided exactly", columns, rows),), figures,
        {"steps": STEPS, "step in radii": STEP, "loss": "margin", "kept in [0, 1]": subject.box},
        {"fooled": Found(len(found), Grade.CERTIFIED)},
        tuple(chosen.tolist()),
    )  # fmt: skip


def seek(
    subject: Subject, points: np.ndarray, truth: np.ndarray, radius: Fraction
) -> tuple[np.ndarray, np.ndarray]:
    """Return moves (n, d) in multiples of the radius, and of which examples the gradient was not 0.

    Sign steps climb the best other score minus the label's own: this gradient does not fade as
    that of the cross-entropy does, whatever the scale of the scores. Of all steps the best is kept.
    """
    reach = float(radius)
    start, labels = torch.tensor(points.astype(np.float64)), torch.tensor(truth)
    low, high = torch.full_like(start, -1.0), torch.full_like(start, 1.0)
    if subject.box:
        low, high = torch.maximum(low, -start / reach), torch.minimum(high, (1.0 - start) / reach)
    shares, best = torch.zeros_like(start), torch.zeros_like(start)
    highest = torch.full((len(start),), -torch.inf, dtype=torch.float64)
    moving = torch.zeros(len(start), dtype=torch.bool)
    for step in range(STEPS + 1):
        inputs = (start + reach * shares).requires_grad_()
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
        moving |= (gradient != 0).any(dim=1)
        stepped = shares + STEP * torch.nan_to_num(gradient.sign())
        shares = torch.minimum(torch.maximum(stepped, low), high)
    return best.detach().numpy(), moving.numpy()


def _certificate(
    subject: Subject,
    moved: list[np.ndarray | Vector],
    points: np.ndarray,
    winners: list[int | None],
    radius: Fraction,
    more: list[Fact],
) -> Certificate:
    facts = list(more)
    for i, winner in enumerate(winners):
        if winner is not None:
            facts.append(subject.model.rule.fact(i, winner))
        facts.append(within(i, len(moved) + i, radius))
        if subject.box:
            facts.append(box(i))
    return network_points(subject.model.network, [*moved, *points], facts)


def _drawn(subject: Subject, point: Any, truth: int, answer: int | None) -> dict[str, Any]:
    assert answer is not None
    names = (str(subject.model.labels[k]) for k in (truth, answer))
    return {"title": " read as ".join(names), "values": [float(v) for v in point]}


def twins(subject: Subject) -> Result | None:
    """Seek, for each pair asked for, a twin of the second example near the first."""
    if not subject.twins:
        return None
    radius = max(subject.radii)
    decisions, rows = [], []
    for i, j in subject.twins:
        with one_thread():
            answer = find_twin(
                subject.model.network, subject.model.module, subject.single[i], subject.single[j],
                radius, subject.seed,
            )  # fmt: skip
        if isinstance(answer, NoTwin):
            rows.append([f"{i} to {j}", "", f"none found: {answer.reason}"])
            continue
        certificate = network_points(
            subject.model.network,
            [answer.point, subject.single[i], subject.single[j]],
            [same_softmax(0, 2), within(0, 1, answer.radius), box(0)],
        )
        decisions.append(Decision.by_checker(f"twin {i} to {j}", certificate))
        rows.append([f"{i} to {j}", "found", ""])
    shown = f"{len(decisions)} of {quantity(len(rows), 'pair')}"
    finding = (
        f"Within {radius_text(radius)} of the first example of a pair an input with exactly the "
        f"softmax output of the second was found for {shown}. Where none was found nothing is "
        "proved."
    )
    columns: list[tuple[str, str, Grade | None]] = [
        ("examples", "", None), ("exact twin", "", Grade.CERTIFIED),
        ("where none was found", "", Grade.FLOAT),
    ]  # fmt: skip
    certified = sum(d.grade is Grade.CERTIFIED for d in decisions)
    return Result(
        finding, {}, tuple(decisions), len(rows) - len(decisions),
        (table("Exact twins", columns, rows),), (),
        found={"twin": Found(certified, Grade.CERTIFIED)},
        examples=tuple(dict.fromkeys(k for pair in subject.twins for k in pair)),
    )  # fmt: skip


ADVERSARIES = Question(
    "adversaries",
    "Adversarial examples decided again",
    "Which examples does an attack turn into ones that fool this model, in exact arithmetic?",
    ("charles-def-adv",),
    adversarial,
    examples=True,
)
TWINS = Question(
    "exact-twins",
    "Exact twins",
    "Is there, near an example, an input with exactly the softmax output of another one?",
    ("zou-conj",),
    twins,
    examples=True,
)
