"""Adversarial examples found by attack, and twins on request: floats seek, exact numbers decide."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from certify.deep_networks import box, label, network_points, same_softmax, within
from verify.attack.models import predict
from verify.attack.parallel import one_thread
from verify.attack.projected_gradient import Attack, adversaries
from verify.attack.twins import NoTwin, find_twin_of
from verify.auditing.question import Question, Subject
from verify.claims.evaluation import Decision
from verify.experiments.experiment import Result, figure, table
from verify.grades import Grade

ATTACKED = 24  # examples, of those that the model reads right
STEPS = 40
SHOWN = 4  # adversaries drawn


def adversarial(subject: Subject) -> Result | None:
    """Attack examples that the model reads right, and decide each adversary exactly."""
    import torch

    answers = predict(subject.model.module, torch.tensor(subject.single))
    right = np.flatnonzero(answers == subject.y)
    accuracy = len(right) / len(subject.y)
    if not len(right):
        return None
    chosen = np.sort(subject.rng("attack").permutation(right)[:ATTACKED])
    images, labels = subject.single[chosen], subject.y[chosen]
    network = subject.model.network
    decisions, rows = [], []
    drawn: list[dict[str, Any]] = []
    fooled_at: list[str] = []
    for radius in subject.radii:
        attack = Attack(
            radii=(radius,), steps=STEPS, step=2.5 * radius / STEPS, box=subject.box, start="image"
        )
        with one_thread():
            moved = adversaries(subject.model.module, images, labels, attack, seed=subject.seed)[
                0
            ].numpy()
        facts, wrong, points = [], 0, [*moved, *subject.X[chosen]]
        for i, scores in enumerate(network.outputs(moved)):
            best = max(range(len(scores)), key=scores.__getitem__)
            if scores.count(scores[best]) == 1:
                facts.append(label(i, best))
                wrong += best != labels[i]
                if best != labels[i] and len(drawn) < SHOWN:
                    names = (subject.model.labels[k] for k in (labels[i], best))
                    drawn.append(
                        {
                            "title": " read as ".join(map(str, names)),
                            "values": [float(v) for v in moved[i]],
                        }
                    )
            facts.append(within(i, len(moved) + i, _distance(moved[i], subject.X[chosen[i]])))
            if subject.box:
                facts.append(box(i))
        certificate = network_points(network, points, facts)
        decisions.append(Decision.by_checker(f"adversaries at {radius:g}", certificate))
        rows.append([f"{radius:g}", str(len(moved)), str(wrong)])
        fooled_at.append(f"{wrong} of {len(moved)} at {radius:g}")
    finding = (
        f"The model reads {accuracy:.1%} of {len(subject.y)} examples right by floats. An attack "
        f"moves some of them within a cube, and exact arithmetic confirms that they fool it: "
        f"{', '.join(fooled_at)}."
    )
    columns = [
        ("radius", "input units", Grade.CERTIFIED), ("attacked", "", Grade.CERTIFIED),
        ("that fool the model", "", Grade.CERTIFIED),
    ]  # fmt: skip
    figures = ()
    if drawn and len(subject.image) == 2:
        figures = (
            figure(
                "images", "Adversarial examples", "Each is read as another class, exactly.",
                Grade.CERTIFIED,
                {"shape": list(subject.image), "unit": "input units", "items": drawn,
                 "diverging": False},
            ),
        )  # type: ignore[assignment]  # fmt: skip
    return Result(
        finding, {}, tuple(decisions), 1,
        (table("Adversarial examples, decided exactly", columns, rows),), figures,
    )  # fmt: skip


def _distance(a: np.ndarray, b: np.ndarray) -> Fraction:
    """Return the exact distance in the largest coordinate of two vectors of floats."""
    pairs = zip(a.tolist(), b.tolist(), strict=True)
    return max(abs(Fraction(p) - Fraction(q)) for p, q in pairs)


def twins(subject: Subject) -> Result | None:
    """Seek, for each pair asked for, a twin of the second example near the first."""
    if not subject.twins:
        return None
    radius = max(subject.radii)
    decisions, rows = [], []
    for i, j in subject.twins:
        with one_thread():
            answer = find_twin_of(
                subject.model.network, subject.model.module, subject.single[i], subject.single[j],
                radius, subject.seed,
            )  # fmt: skip
        if isinstance(answer, NoTwin):
            rows.append([f"{i} to {j}", "none found", answer.reason])
            continue
        certificate = network_points(
            subject.model.network,
            [answer.point, subject.single[i], subject.single[j]],
            [same_softmax(0, 2), within(0, 1, answer.radius), box(0)],
        )
        decisions.append(Decision.by_checker(f"twin {i} to {j}", certificate))
        rows.append([f"{i} to {j}", "found", ""])
    finding = (
        f"Within {radius:g} of the first example of {len(rows)} pairs, {len(decisions)} have an "
        "input with exactly the softmax output of the second. Where none was found nothing is "
        "proved."
    )
    columns = [
        ("examples", "", Grade.CERTIFIED), ("exact twin", "", Grade.CERTIFIED),
        ("where none was found", "", Grade.FLOAT),
    ]  # fmt: skip
    return Result(
        finding, {}, tuple(decisions), len(rows) - len(decisions),
        (table("Exact twins", columns, rows),), (),
    )  # fmt: skip


ADVERSARIES = Question(
    "adversaries",
    "Adversarial examples decided again",
    "Which examples does an attack turn into ones that fool this model, in exact arithmetic?",
    ("charles-def-adv",),
    adversarial,
)
TWINS = Question(
    "exact-twins",
    "Exact twins",
    "Is there, near an example, an input with exactly the softmax output of another one?",
    ("zou-conj",),
    twins,
)
