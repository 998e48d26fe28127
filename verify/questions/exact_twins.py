"""Twins on request: an input near one example with exactly the softmax output of another."""

from certify.bounds.threads import one_thread
from certify.certificates.networks import same_softmax, within
from verify.attack import twins as search
from verify.evidence.decision import Decision
from verify.evidence.grades import Grade
from verify.evidence.result import Found, Question, Result, table
from verify.questions.found import Matched, Twin, changes, pictures
from verify.questions.question import Subject
from verify.reporting.summary import quantity


def twins(subject: Subject) -> Result | None:
    """Seek, for each pair asked for, a twin of the second example near the first."""
    if not subject.twins:
        return None
    radius, units, network = max(subject.radii), subject.units, subject.model.network
    reach = units.reach(radius, network.inputs)
    decisions, rows, found = [], [], []
    for i, j in subject.twins:
        first, second = subject.X[i], subject.X[j]
        with one_thread():
            answer = search.find_twin(
                network, subject.precise, first, second, reach, subject.seed, top=units.top
            )
        name = f"{subject.rows[i]} to {subject.rows[j]}"
        if isinstance(answer, search.NoTwin):
            rows.append([name, "", f"none found: {answer.reason}"])
            continue
        certificate = units.certificate(
            network, [answer.point, first, second], [same_softmax(0, 2), within(0, 1, radius)], [0]
        )
        decisions.append(Decision.by_checker(f"twin {name}", certificate))
        rows.append([name, "found", ""])
        if decisions[-1].grade is Grade.CERTIFIED:
            found.append(_twin(subject, i, j, answer))
    finding = (
        f"Within {units.radius(radius)} of the first example of a pair an input with exactly the "
        f"softmax output of the second was found for {len(decisions)} of "
        f"{quantity(len(rows), 'pair')}. Where none was found nothing is proved."
    )
    columns: list[tuple[str, str, Grade | None]] = [
        ("examples", "", None), ("exact twin", "", Grade.CERTIFIED),
        ("where none was found", "", Grade.FLOAT),
    ]  # fmt: skip
    named = [
        (f"Example {t.index}", [
            (f"example {t.index}: read as {t.answer_before}", t.original),
            (f"twin of {t.of}: read as {t.answer}", t.point),
            (f"example {t.of}: the same outputs", t.other),
        ])
        for t in found
    ]  # fmt: skip
    shown = [(f"Example {t.index}, moved to a twin of {t.of}", t.original, t.point) for t in found]
    return Matched(
        finding, {}, tuple(decisions), len(rows) - len(decisions),
        (table("Exact twins", columns, rows), *changes(subject, shown)),
        pictures(subject, named, "Each example, the input near it, and the example whose softmax "
                 "output that input has, exactly."),
        found={"twin": Found(len(found), Grade.CERTIFIED)},
        examples=tuple(dict.fromkeys(k for pair in subject.twins for k in pair)),
        units=units.to_json(),
        twins=tuple(found),
    )  # fmt: skip


def _twin(subject: Subject, i: int, j: int, answer: search.Twin) -> Twin:
    labels, rule = subject.model.labels, subject.model.rule
    points = [answer.point, subject.X[i], subject.X[j]]
    scores, before, other = subject.model.network.outputs(points)
    return Twin(
        int(subject.rows[i]), int(subject.rows[j]), subject.X[i], subject.X[j], answer.point,
        max(subject.radii), subject.units.unit, labels[rule.answer(scores)],
        labels[rule.answer(before)], scores, other,
    )  # fmt: skip


TWINS = Question(
    "exact-twins",
    "Exact twins",
    "Is there, near an example, an input with exactly the softmax output of another one?",
    ("zou-conj",),
    twins,
    examples=True,
)
