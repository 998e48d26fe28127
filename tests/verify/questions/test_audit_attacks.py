"""Attacks of an audit: exact balls, any scale of the scores, and what was not found."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from tests.verify.questions.models import facts_of, linear, network, subject
from verify.evidence.grades import Grade
from verify.questions import attacks
from verify.questions.audit import audit


def test_attacks_say_nothing_where_the_model_reads_nothing_right() -> None:
    assert attacks.adversarial(subject(linear([[0, 1]], [0, 5]), [[0.0]], [0])) is None


@pytest.mark.parametrize(("radius", "offset"), [(0.05, 0), (0.05, 1e7), ("0.5", 1e8), (0.3, 1e17)])
def test_certificates_say_the_radius_that_the_page_says(radius: Any, offset: float) -> None:
    rng = np.random.default_rng(0)
    X = np.r_[rng.normal(size=(15, 2)) - 1, rng.normal(size=(15, 2)) + 1] + offset
    y = np.repeat([0, 1], 15)
    asked = replace(
        subject(linear([[0, 1.0], [0, 1.0]], [0, -2 * offset]), X, y),
        radii=(Fraction(str(radius)),),
    )
    result = attacks.adversarial(asked)
    if result is None:  # at 1e17 the examples of one class are all there is, and none is read right
        return
    assert set(facts_of(result, "within")) == {Fraction(str(radius))}
    assert result.decisions[0].grade is Grade.CERTIFIED
    assert result.tables[0]["rows"][0][0] == str(radius)


@pytest.mark.parametrize("scale", [1e-100, 1e-8, 100.0, 1e4, 1e100])
def test_the_scale_of_the_scores_changes_no_attack(scale: float) -> None:
    rng = np.random.default_rng(1)
    X = rng.random((60, 4)).astype(np.float32)
    w = rng.normal(size=(4, 2)) * 8
    y = (X @ w + [0, 0.1]).argmax(axis=1)
    fooled = []
    for factor in (1.0, scale):
        asked = subject(linear(w * factor, np.array([0, 0.1]) * factor), X, y)
        result = attacks.adversarial(asked)
        assert result is not None
        fooled.append(result.tables[0]["rows"][0][1:])
        assert "gradient was 0" not in result.finding
    assert fooled[0] == fooled[1]
    assert int(fooled[0][1]) > 0


def test_a_gradient_of_0_is_said() -> None:
    dead = network([[1.0], [1.0]], [-9.0, -9.0], [[1.0, 0.0], [0.0, 1.0]], [1.0, 0.0])
    asked = subject(dead, [[0.0], [1.0]], [0, 0])
    result = attacks.adversarial(asked)
    assert result is not None
    assert "For 2 of them the gradient was 0" in result.finding


def test_examples_that_exact_arithmetic_reads_otherwise_are_not_attacked() -> None:
    # A tie, which floats give to the first.
    asked = subject(linear([[1.0, 1.0]], [0, 0]), [[1.0], [2.0]], [0, 0])
    assert attacks.adversarial(asked) is None


def test_radii_of_any_size_are_in_units_of_the_data() -> None:
    X, y = 16 * np.random.default_rng(0).random((20, 2)), np.arange(20) % 2
    X[:, 0] += 16 * y
    found = audit(linear([[0, 1], [0, 0]], [0, -16]), X, y, radii=("0.5", 4, 100))
    rows = found.results["adversaries"].tables[0]["rows"]
    assert [row[0] for row in rows] == ["0.5", "4", "100"]
    assert rows[2][2] == rows[2][1] == "20"
    assert any("The coordinates range over" in note for note in found.notes)
