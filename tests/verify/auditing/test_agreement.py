"""What was read of a model is compared with the model's own runtime, and refused if it differs."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from certify.errors import InputError
from verify.auditing.agreement import compare
from verify.auditing.model import Model, Runtime
from verify.auditing.sklearn_models import of_estimator

RNG = np.random.default_rng(0)
X = RNG.integers(0, 17, (60, 6)).astype(np.float64)
Y = np.where(X[:, 0] > X[:, 1], 7, np.where(X[:, 2] > 8, 5, 6))
ESTIMATOR = LogisticRegression(max_iter=2000).fit(X, Y)


def runtime(estimator: Any, **changes: Any) -> Runtime:
    answers = {
        "answer": lambda points: (
            estimator.predict(points),
            np.asarray(estimator.decision_function(points)),
        ),
        "dtype": np.dtype(float),
        "unit": 2.0**-52,
    }
    return Runtime("the library", **{**answers, **changes})


def model(**changes: Any) -> Model:
    return replace(of_estimator(ESTIMATOR), runtime=runtime(ESTIMATOR, **changes))


def test_a_model_that_is_read_rightly_agrees() -> None:
    assert str(compare(model(), X)) == (
        "What was read gives the labels of the library on 60 examples and 200 random points."
    )
    assert (compare(model()).examples, compare(model()).drawn) == (0, 200)


def test_weights_alone_have_no_runtime() -> None:
    found = compare(replace(model(), runtime=None), X)
    assert str(found).startswith("There is no runtime to compare with")


def wrong() -> Model:
    """Return a model of which one weight was read wrongly."""
    other = LogisticRegression(max_iter=2000).fit(X, Y)
    other.coef_[1, 2] += 0.5
    return replace(of_estimator(other), runtime=runtime(ESTIMATOR))


def test_a_wrong_weight_is_refused_by_the_first_input_that_differs() -> None:
    read = wrong()
    scores = np.array([[float(z) for z in row] for row in read.network.outputs(X)])
    first = int(
        np.flatnonzero(np.array([5, 6, 7])[scores.argmax(axis=1)] != ESTIMATOR.predict(X))[0]
    )
    theirs = ESTIMATOR.predict(X)[first]
    with pytest.raises(InputError) as caught:
        compare(read, X)
    said = str(caught.value)
    assert f"expected the label {theirs} that the library gives with scores [" in said
    assert f"got {[5, 6, 7][scores[first].argmax()]} with scores [" in said
    assert f"(example {first}: " in said
    with pytest.raises(InputError, match=r"\(random point \d+: "):
        compare(read)


def test_labels_in_another_order_are_refused() -> None:
    with pytest.raises(InputError, match="which is therefore not this model"):
        compare(replace(model(), labels=(6, 5, 7)), X)


def test_a_label_that_the_model_has_not_is_refused_even_at_a_tie() -> None:
    zero = model(answer=lambda points: (np.full(len(points), 9), np.zeros((len(points), 3))))
    with pytest.raises(InputError, match="expected the label 9 that the library gives"):
        compare(zero, X)


def nearly_tied(gap: float, **changes: Any) -> Model:
    """Return a model that reads class 5 by a gap where its runtime answers 6 by the same gap."""
    other = LogisticRegression(max_iter=2000).fit(X, Y)
    other.coef_[:] = 0
    other.intercept_[:] = [1 + gap, 1, 0]
    scores = np.array([1.0, 1 + gap, 0.0])
    answer = lambda points: (np.full(len(points), 6), np.tile(scores, (len(points), 1)))  # noqa: E731
    return replace(of_estimator(other), runtime=runtime(None, answer=answer, **changes))


def test_labels_may_differ_only_where_the_runtime_s_scores_are_within_its_rounding() -> None:
    found = compare(nearly_tied(2.0**-50), X)
    assert found.ties == 260
    assert "but for 260 with two best scores that its rounding confuses" in str(found)
    for gap, unit in ((2.0**-40, 2.0**-52), (2.0**-15, 2.0**-23)):
        with pytest.raises(InputError, match="example 0"):
            compare(nearly_tied(gap, unit=unit), X)


def test_a_softmax_rounds_once_more() -> None:
    def small(softmax: bool) -> Model:
        scores = np.array([0.0, 2.0**-60, -(2.0**-58)])
        answer = lambda points: (np.full(len(points), 6), np.tile(scores, (len(points), 1)))  # noqa: E731
        other = LogisticRegression(max_iter=2000).fit(X, Y)
        other.coef_[:] = 0
        other.intercept_[:] = [2.0**-60, 0, -(2.0**-58)]
        return replace(of_estimator(other), runtime=runtime(None, answer=answer, softmax=softmax))

    assert compare(small(True), X).ties == 260
    with pytest.raises(InputError, match="example 0"):
        compare(small(False), X)


def test_a_runtime_that_fails_is_named() -> None:
    def fails(points: np.ndarray) -> Any:
        raise RuntimeError("no kernel\nfor this")

    with pytest.raises(InputError, match="runs, got RuntimeError: no kernel for this"):
        compare(model(answer=fails), X)
    with pytest.raises(InputError, match=r"scores of the library of shape \(60, 3\), got \(60,\)"):
        compare(model(answer=lambda p: (np.full(len(p), 5), np.zeros(len(p)))), X)
    with pytest.raises(InputError, match="60 labels of the library, one for each point, got 1"):
        compare(model(answer=lambda p: (np.array([5]), None)), X)
