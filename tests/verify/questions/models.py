"""Small models, subjects of questions, and what results say."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.datasets import load_digits, load_iris

from verify import cli
from verify.evidence.grades import Grade
from verify.evidence.result import Result
from verify.models.builder import Builder
from verify.models.model import Model
from verify.questions.question import Subject
from verify.questions.units import Units

IRIS = load_iris(return_X_y=True)
DIGITS = load_digits(return_X_y=True)
IMAGES, LABELS = (DIGITS[0][:300] / 16).astype(np.float32), DIGITS[1][:300]


def linear(W: Any, b: Any, labels: Any = None) -> Model:
    builder = Builder((len(W),))
    scores = builder.dense(builder.input, np.array(W, np.float64).T, b, "the test")
    return builder.model(scores, "test", "the test", labels=labels)


def network(first: Any, between: Any, last: Any, biases: Any) -> Model:
    """Return a network of two dense layers with ReLU between."""
    builder = Builder((len(first[0]),))
    hidden = builder.relu(builder.dense(builder.input, first, between, "first"), "relu")
    return builder.model(builder.dense(hidden, last, biases, "last"), "net", "test")


def subject(model: Model, X: Any = ((0.0, 0.0),), y: Any = (0,)) -> Subject:
    flat = np.array(X, np.float64)
    radii, rows = (Fraction(1, 10),), np.arange(len(flat))
    return Subject(model, flat, np.array(y), (flat.shape[1],), Units(), radii, (), 0, rows)


def table_of(result: Result | None, number: int = 0) -> list[list[Any]]:
    assert result is not None
    assert all(d.grade is Grade.CERTIFIED for d in result.decisions)
    rows: list[list[Any]] = result.tables[number]["rows"]
    return rows


def run(files: Path, *arguments: str) -> int:
    return cli.main(["audit", *(a.replace("@", f"{files}/") for a in arguments)])


# Attacks: exact balls, any scale of the scores, and what was not found


def facts_of(result: Result | None, name: str) -> list[Fraction]:
    assert result is not None
    return [
        Fraction(fact["radius"])
        for decision in result.decisions
        for certificate in decision.certificates
        for fact in certificate.statement["facts"]
        if fact["fact"] == name
    ]
