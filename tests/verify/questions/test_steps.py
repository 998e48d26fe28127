"""The steps of networks along a direction: first changes exactly, else changes, and never more."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from sklearn.neural_network import MLPClassifier
from torch import nn

from certify.checking import checker
from certify.networks import rays
from verify.evidence.grades import Grade
from verify.models.readers import of_object
from verify.questions import hulls, pairs, steps
from verify.questions.question import Subject
from verify.questions.units import Units


def hat() -> Any:
    """|x| > 1/2 or not."""
    net = nn.Sequential(nn.Linear(1, 2), nn.ReLU(), nn.Linear(2, 2))
    for parameter, values in zip(
        net.parameters(), ([[1], [-1]], [0, 0], [[0, 0], [1, 1]], [0, -0.5]), strict=True
    ):
        parameter.data = parameter.data.new_tensor(values)
    return net


def subject(model: Any, X: Any, y: Any) -> Subject:
    points, rows = np.array(X, np.float32), np.arange(len(X))
    read = of_object(model, points)
    return Subject(
        read, points, np.array(y), (points.shape[1],), Units(), (Fraction(1, 10),), (), 0, rows
    )


def walked(asked: Subject) -> tuple[list[steps.Steps], Any]:
    separable = [hulls.pair(asked, classes) for classes in hulls.chosen(asked)]
    found, decisions = steps.walked_steps(asked, [p for p in separable if p.margin])
    assert all(d.grade is Grade.CERTIFIED for d in decisions)
    return found, decisions


def test_the_first_change_of_a_network_is_exact() -> None:
    asked = subject(hat(), [[0.0], [1.0], [0.25]], [0, 1, 0])
    ((found,), (decision,)) = walked(asked)
    # The direction is the 3/4 from 1/4 to 1; the answer changes at 1/2.
    assert sorted(found.first) == [Fraction(1, 3), Fraction(2, 3), Fraction(2, 3)]
    assert (found.tried, found.later) == (3, ())
    (certificate,) = decision.certificates
    facts = certificate.statement["facts"]
    assert {f["fact"] for f in facts} == {"segment"}
    assert all(f["changes"] for f in facts)
    points = [Fraction(p["integers"][0]) * Fraction(2) ** p["exponent"] if isinstance(p, dict)
              else Fraction(p[0]) for p in certificate.instance["points"]]  # fmt: skip
    for n, f in enumerate(facts):
        start, end = points[2 * n : 2 * n + 2]
        assert abs(start + Fraction(f["steps"][-2]) * (end - start)) == Fraction(1, 2)
    result = pairs.margins(asked)
    assert result is not None
    assert result.tables[0]["rows"][0][5:] == ["3", "3", "1.33"]
    assert "3 keep their answer up to an exact step" in result.finding


def test_steps_of_a_trained_network_agree_with_floats() -> None:
    rng = np.random.default_rng(0)
    X = np.r_[rng.normal(size=(40, 3)) - 1.5, rng.normal(size=(40, 3)) + 1.5].astype(np.float32)
    y = np.repeat([0, 1], 40)
    asked = subject(MLPClassifier((12, 8), max_iter=400, random_state=0).fit(X, y), X, y)
    ((found,), (decision,)) = walked(asked)
    assert found.tried == len(found.first) == steps.WALKED
    network = asked.model.network
    facts = decision.certificates[0].statement["facts"]
    assert any(len(f["steps"]) > 3 for f in facts)  # kinks are passed on the way
    v = np.array([float(c) for c in found.pair.beside(asked.X)[0]])
    drawn = [k for _, k in steps._in_turn(asked, [found.pair])]
    for k, step in zip(drawn, found.first, strict=True):
        x, way = X[found.pair.rows[k]], -int(found.pair.signs[k]) * v
        answers = [
            z[0] > z[1] for z in network.outputs([x + float(step) * t * way for t in (0.99, 1.01)])
        ]
        assert answers[0] != answers[1]


def test_a_forged_step_is_refused() -> None:
    asked = subject(hat(), [[0.0], [1.0], [0.25]], [0, 1, 0])
    certificate = walked(asked)[1][0].certificates[0]
    checker.check(checker.parse(certificate.line()))
    fact, *others = certificate.statement["facts"]
    *before, step, end = fact["steps"]
    later = [*before, str((Fraction(step) + 1) / 2), end]
    forged = replace(certificate, statement={"facts": [{**fact, "steps": later}, *others]})
    with pytest.raises(checker.Rejected, match="fact 0, segment, step"):
        checker.check(checker.parse(forged.line()))


def test_where_the_way_is_too_long_a_change_is_certified_and_not_called_the_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rays, "VALUES", 1)
    asked = subject(hat(), [[0.0], [1.0], [0.25]], [0, 1, 0])
    ((found,), (decision,)) = walked(asked)
    assert (found.first, len(found.later)) == ((), 3)
    certificate = decision.certificates[0]
    assert {f["fact"] for f in certificate.statement["facts"]} == {"label"}
    result = pairs.margins(asked)
    assert result is not None
    assert "3 have another answer at a step, perhaps since an earlier one" in result.finding
    assert result.tables[0]["columns"][7]["name"] == "flipped by some step"
    assert "perhaps since an earlier one" in result.figures[0]["caption"]


def test_a_change_that_exact_arithmetic_denies_is_not_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(steps, "_change", lambda *_: 1 / 1024)  # floats see a change too soon
    asked = subject(hat(), [[0.0], [1.0]], [0, 1])
    (found,), decisions = walked(asked)
    assert (found.tried, found.first, found.later, decisions) == (2, (), (), [])
    result = pairs.margins(asked)
    assert result is not None
    assert "No example of them is flipped" in result.finding


def test_how_many_are_followed_depends_on_what_is_to_be_computed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = subject(hat(), [[0.0], [1.0], [0.25]], [0, 1, 0])
    monkeypatch.setattr(steps, "PRODUCTS", 1)
    ((found,), _) = walked(asked)
    assert found.tried == 1  # one in any case
    assert len(found.later) == 1


@pytest.mark.parametrize(
    ("low", "high", "between"),
    [("0", "1", "1/2"), ("1/2", "2", "1"), ("1/3", "2/5", "3/8"), ("7/3", "5/2", "19/8")],
)
def test_the_end_of_a_step_has_few_bits(low: str, high: str, between: str) -> None:
    assert steps._between(Fraction(low), Fraction(high)) == Fraction(between)


# Points of the hulls next to the nearest ones


def test_the_short_direction_lies_between_the_hulls_and_separates() -> None:
    rng = np.random.default_rng(2)
    X = np.r_[rng.normal(size=(20, 5)) - 2, rng.normal(size=(20, 5)) + 2]
    y = np.repeat([0, 1], 20)
    asked = subject(MLPClassifier((3,), max_iter=20).fit(X, y), X, y)
    p = hulls.pair(asked, (0, 1))
    direction, normal, offset = p.beside(asked.X)
    assert p.margin is not None
    gap = [float(abs(a - b)) for a, b in zip(direction, p.direction, strict=True)]
    assert 0 < max(gap) < 1e-4
    assert max(len(str(c)) for c in direction) < 40 < max(len(str(c)) for c in p.direction)
    for x, sign in zip(asked.X[p.rows].tolist(), p.signs.tolist(), strict=True):
        assert sign * (sum(Fraction(a) * w for a, w in zip(x, normal, strict=True)) + offset) > 0


def test_where_rounding_matters_the_separator_is_the_widest() -> None:
    X = np.array([[0.0, 0.0], [1e-12, 1.0], [1e-12, 0.0], [0.0, -1.0]])
    p = hulls.pair(_plain(X), (0, 1))
    assert p.margin is not None
    _, normal, offset = p.beside(X)
    for x, sign in zip(X[p.rows].tolist(), p.signs.tolist(), strict=True):
        assert sign * (sum(Fraction(a) * w for a, w in zip(x, normal, strict=True)) + offset) > 0


def _plain(X: np.ndarray) -> Subject:
    model = of_object(MLPClassifier((2,), max_iter=5).fit(X, [0, 0, 1, 1]), X)
    return Subject(model, X, np.array([0, 0, 1, 1]), (2,), Units(), (), (), 0, np.arange(4))


@pytest.mark.parametrize(
    ("work", "parts", "exact"), [(100, 1, 3), (60, 2, 3), (30, 3, 3), (10, 0, 0)]
)
def test_certificates_ask_for_no_more_work_than_they_may(
    work: int, parts: int, exact: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = subject(hat(), [[0.0], [1.0], [0.25]], [0, 1, 0])
    pairs_ = [hulls.pair(asked, classes) for classes in hulls.chosen(asked)]
    monkeypatch.setattr(checker, "FREE_WORK", work)
    monkeypatch.setattr(checker, "WORK", 0)
    (found,), decisions = steps.walked_steps(asked, pairs_)
    assert len(found.first) == exact
    made = [d for d in decisions if d.subject.startswith("first")]
    assert len(made) == parts
    assert all(d.grade is Grade.CERTIFIED for d in made)


def test_a_certificate_malformed_otherwise_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = subject(hat(), [[0.0], [1.0], [0.25]], [0, 1, 0])
    made = steps.segment
    monkeypatch.setattr(steps, "segment", lambda *a, **k: {**made(*a, **k), "label": 9})
    (found,), decisions = steps.walked_steps(asked, [hulls.pair(asked, (0, 1))])
    assert found.first == ()
    (first,) = (d for d in decisions if d.subject.startswith("first"))
    assert first.grade is Grade.MALFORMED
    assert "expected an integer from 0 to 1, got 9" in first.reason
