"""Questions about small models whose answers are known."""

from __future__ import annotations

import json
from fractions import Fraction

import numpy as np
import pytest

import certify
from tests.verify.questions.models import linear, network, subject, table_of
from verify.attack.networks import build
from verify.evidence.grades import Grade
from verify.questions import convexity, head, hulls, pairs, universal_steps
from verify.questions.audit import audit

# Known answers


def test_a_head_with_a_dead_feature_has_one_direction_more() -> None:
    model = linear([[1, 0, 0], [0, 1, 0], [0, 0, 0], [1, 1, 0]], [0, 0, 0])
    ((shape, rank, dimension, promised),) = table_of(head.invariance(subject(model, np.eye(4))))
    assert (shape, rank, dimension, promised) == ("4 x 3", "2", "2", "1")


def test_regions_of_a_small_head() -> None:
    # On the line: class 1 lies between the others, class 3 below all of them.
    model = linear([[-1, 0, 1, 0]], [0, 1, 0, -5])
    found = head.class_regions(subject(model, [[0.0]]))
    assert table_of(found) == [
        ["0", "unbounded", "1"], ["1", "bounded", "0, 2"], ["2", "unbounded", "1"],
        ["3", "empty", "none"],
    ]  # fmt: skip
    # All borders on a line are parallel, but for the border of equal weights, which is none.
    assert len(table_of(found, 1)) == sum("parallel borders" in d.subject for d in found.decisions)
    assert len(table_of(found, 1)) == 10


def test_of_many_parallel_borders_those_with_a_certificate_are_listed() -> None:
    model = linear([list(range(8))], [-k * k for k in range(8)])
    found = head.class_regions(subject(model, [[0.0]]))
    assert len(table_of(found, 1)) == head.PARALLEL
    assert "378 pairs of borders are parallel" in found.finding


def test_no_parallel_borders_are_certified_for_dependent_heads_too() -> None:
    found = head.class_regions(subject(linear([[0, 1, 0, 3], [0, 0, 1, 5]], [0] * 4)))
    assert found is not None
    assert {d.grade for d in found.decisions} == {Grade.CERTIFIED}
    assert "no parallel borders" in {d.subject for d in found.decisions}


def test_independent_weights_and_linear_programs_agree() -> None:
    rng = np.random.default_rng(1)
    W, b = rng.normal(size=(4, 4)), rng.normal(size=4)
    one = head.class_regions(subject(linear(W, b), np.zeros((1, 4))))
    assert head.Independent.of(linear(W, b).head, certify.invariant_dimension(W)) is not None
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(head.Independent, "of", lambda *_: None)
        two = head.class_regions(subject(linear(W, b), np.zeros((1, 4))))
    assert table_of(one) == table_of(two)


def test_the_rank_answers_for_large_heads() -> None:
    rng = np.random.default_rng(2)
    wide = linear(rng.normal(size=(40, 35)).astype(np.float32), np.zeros(35))
    result = head.class_regions(subject(wide, np.zeros((1, 40))))
    assert result is not None
    assert "all 35 class regions are unbounded" in result.finding
    assert [d.grade for d in result.decisions] == [Grade.CERTIFIED]
    narrow = linear(rng.normal(size=(5, 35)), np.zeros(35))
    (undecided,) = head.class_regions(subject(narrow, np.zeros((1, 5)))).decisions
    assert undecided.grade is Grade.UNDECIDED
    assert "more than 30 classes" in undecided.reason


def test_large_heads_are_decided_by_the_fast_checker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(head, "WEIGHTS", 3)
    model = linear([[1, 0, 0], [0, 1, 0], [0, 0, 2]], [0, 0, 0])
    for question in (head.invariance, head.class_regions):
        result = question(subject(model, np.eye(3)))
        assert result is not None
        assert result.grade is Grade.CERTIFIED
    wrong = model.dimension.certificate
    forged = type(wrong)(wrong.kind, wrong.instance, {**wrong.statement, "rank": 1}, wrong.evidence)
    decision = head._decided("a forged rank", forged, 9)
    assert decision.grade is Grade.UNDECIDED
    assert "minor" in decision.reason


def test_the_most_confused_pairs_are_asked_about() -> None:
    model = linear(np.eye(6), np.zeros(6))
    X = np.eye(6)[[0, 1, 2, 3, 4, 5, 2, 2]]
    asked = subject(model, X, [0, 1, 2, 3, 4, 5, 5, 0])
    assert hulls.chosen(asked) == [(0, 1), (0, 2), (0, 3), (2, 5)]


def test_two_classes_share_the_only_border() -> None:
    found = head.class_regions(subject(linear([[1, 0], [0, 2]], [0, 1])))
    assert table_of(found) == [["0", "unbounded", "1"], ["1", "unbounded", "0"]]


def test_equal_classes_have_no_border() -> None:
    found = head.class_regions(subject(linear([[1, 1, 0]], [0, -1, 0]), [[0.0]]))
    assert found is not None
    assert found.tables[0]["rows"][1][1:] == ["empty", "none"]
    graded = {d.subject: d for d in found.decisions}
    equal = graded["border of 0 and 1"]
    assert equal.grade is Grade.CERTIFIED
    assert equal.certificates[0].statement == {"relations": [["a0", "=", "b0"]]}


def test_a_head_without_borders_has_nothing_certified_of_them() -> None:
    found = head.class_regions(subject(linear([[1, 1, 1]], [0, -1, 0]), [[0.0]]))
    assert found is not None
    decision = next(d for d in found.decisions if d.subject == "no parallel borders")
    assert decision.grade is Grade.UNDECIDED
    assert decision.reason == "all classes have equal weights, and there is no border"


def test_steps_of_a_linear_model_on_points_of_a_line() -> None:
    # The rule flips at 1/2; the widest margin is 1/2, the direction 1 long.
    model = linear([[0, 1]], [0, -0.5])
    asked = subject(model, [[0.0], [1.0], [3.0]], [0, 1, 1])
    result = pairs.margins(asked)
    ((name, count, separable, margin, support, tried, flipped, _),) = table_of(result)
    assert (name, count, separable, margin, support) == ("0 vs 1", "3", "yes", "0.5", "2")
    assert (tried, flipped) == ("3", "3")
    assert result is not None
    steps = result.decisions[1].certificates[0].statement["steps"]
    assert sorted(map(Fraction, steps)) == [Fraction(1, 2), Fraction(1, 2), Fraction(5, 2)]


def test_a_pair_that_no_rule_separates_is_said_to_be_so() -> None:
    asked = subject(linear([[0, 1]], [0, 0]), [[0.0], [2.0], [1.0]], [0, 0, 1])
    ((_, _, separable, margin, *_),) = table_of(pairs.margins(asked))
    assert (separable, margin) == ("no", "none")
    assert universal_steps.universal(asked) is None


def test_a_rule_is_asked_about_the_points_that_it_reads_right() -> None:
    # Inseparable as they are, but the rule x > 1/2 is right on all but one.
    asked = subject(linear([[0, 1]], [0, -0.5]), [[0.0], [2.0], [1.0]], [0, 0, 1])
    ((_, _, separable, margin, _, tried, flipped, own, _),) = table_of(pairs.margins(asked))
    assert (separable, margin, tried, flipped, own) == ("no", "none", "3", "2", "0.5")


def test_signs_of_output_weights_tell_the_convex_class() -> None:
    model = network(
        [[1.0, 0.0], [0.0, 1.0]], [0.0, 1.0], [[0.0, 0.0], [1.0, 2.0], [1.0, -1.0]], [0.5, 0.0, 0.0]
    )
    found = convexity.convex(subject(model))
    assert table_of(found) == [["0 vs 1", "0"], ["1 vs 2", "2"]]
    assert convexity.convex(subject(linear([[1, 2]], [0, 0]), [[0.0]])) is None


def test_twins_on_request() -> None:
    network = build("mlp", 0, (4, 3))
    X = np.array([[0.5, 0.5, 0.5, 0.5], [0.25, 0.75, 0.5, 0.5]], np.float32)
    found = audit(network, X, [0, 1], radii=(0.5,), twins=[(0, 1)])
    assert table_of(found.results["exact-twins"]) == [["0 to 1", "found", ""]]
    assert "same softmax" in json.dumps(
        found.results["exact-twins"].decisions[0].certificates[0].to_json()
    )
