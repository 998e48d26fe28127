"""What was read of a model is compared with the model's own runtime, and refused if it differs."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from certify.errors import InputError
from verify.models.agreement import compare, confirm
from verify.models.model import Model, Runtime
from verify.models.sklearn_models import of_estimator

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
    assert (found.runtime, found.examples, len(found.answers)) == ("", 0, 0)


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


def nearly_tied(gap: float, rows: int = 0, **changes: Any) -> Model:
    """Return a model that reads class 5 by a gap where its runtime answers 6 by the same gap.

    At all points but the first ``rows`` of each answer, where both answer 5, if rows are given.
    """
    other = LogisticRegression(max_iter=2000).fit(X, Y)
    other.coef_[:] = 0
    other.intercept_[:] = [1 + gap, 1, 0]

    def answer(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        confused = np.isin(points, X[:rows]).all(axis=1) if rows else np.ones(len(points), bool)
        scores = np.where(confused[:, None], [1.0, 1 + gap, 0.0], [1 + gap, 1.0, 0.0])
        return np.where(confused, 6, 5), scores

    return replace(of_estimator(other), runtime=runtime(None, answer=answer, **changes))


def test_labels_may_differ_only_where_the_runtime_s_scores_are_within_its_rounding() -> None:
    one = X.copy()
    one[0] = 99
    found = compare(nearly_tied(2.0**-50, 1), X[:1])
    assert (found.examples, found.ties) == (1, 1)
    assert "but for 1 with two best scores that its rounding confuses" in str(found)
    for gap, unit in ((2.0**-40, 2.0**-52), (2.0**-15, 2.0**-23)):
        with pytest.raises(InputError, match=r"therefore not this model \(example 0: "):
            compare(nearly_tied(gap, 1, unit=unit), X[:1])


def test_rounding_may_decide_few_labels_alone() -> None:
    far = np.vstack([X + 1000, X[:1], X[1:2]])
    few = np.vstack([X + 1000, X[:1]])
    assert compare(nearly_tied(2.0**-50, 1), few).ties == 1
    with pytest.raises(InputError) as caught:
        compare(nearly_tied(2.0**-50, 2), far)
    assert "whose labels the library does not decide by its rounding" in str(caught.value)
    assert "(example 60: " in str(caught.value)
    many = np.vstack([X + 1000] * 4 + [X[:2]])
    assert compare(nearly_tied(2.0**-50, 2), many).ties == 2  # at most 1 % of 242
    with pytest.raises(InputError, match="does not decide by its rounding"):
        compare(nearly_tied(2.0**-50))


def test_all_examples_are_asked_of_the_runtime() -> None:
    """A label that differs at one of many examples, which are not all decided exactly, is seen."""
    many = np.vstack([X] * 10)
    many[401] += 0.25

    def answer(points: np.ndarray) -> Any:
        labels, scores = ESTIMATOR.predict(points), ESTIMATOR.decision_function(points)
        odd = (points == many[401]).all(axis=1)
        return np.where(odd, 13 - labels, labels), scores

    assert compare(model(), many).examples == 600
    with pytest.raises(InputError, match="example 401: "):
        compare(model(answer=answer), many)


def test_the_answers_of_the_runtime_are_kept() -> None:
    found = compare(model(), X)
    assert np.array_equal(np.array([5, 6, 7])[found.answers], ESTIMATOR.predict(X))
    assert found.rows.tolist() == list(range(60))


def test_examples_that_the_runtime_cannot_hold_are_refused() -> None:
    large = X.copy()
    large[3, 0] = 1e39
    with pytest.raises(InputError, match=r"numbers that float32 of the model holds.*\(example 3\)"):
        compare(model(dtype=np.dtype(np.float32)), large)


def test_a_single_row_and_far_points_are_asked_about_too() -> None:
    def lonely(points: np.ndarray) -> Any:
        labels, scores = ESTIMATOR.predict(points), ESTIMATOR.decision_function(points)
        return (12 - labels if len(points) == 1 else labels), scores

    with pytest.raises(InputError, match=r"\(example alone, \d+: "):
        compare(model(answer=lonely), X)

    def tame(points: np.ndarray) -> Any:
        points = np.clip(points, -8, 24)
        return ESTIMATOR.predict(points), ESTIMATOR.decision_function(points)

    with pytest.raises(InputError, match=r"\(random point \d+: "):
        compare(model(answer=tame), X)


def test_points_of_certificates_are_confirmed_or_refused() -> None:
    exact = [[Fraction(1, 3)] * 6, X[0], X[1]]
    confirm(model(), exact, "adversary")
    confirm(replace(model(), runtime=None), exact, "adversary")
    confirm(nearly_tied(2.0**-50), exact, "adversary")  # near a border by design
    with pytest.raises(InputError, match=r"therefore not this model \(adversary [012]: "):
        confirm(wrong(), X[:40], "adversary")


@pytest.mark.parametrize("softmax", [True, False])
def test_a_softmax_rounds_once_more(softmax: bool) -> None:
    scores = np.array([0.0, 2.0**-60, -(2.0**-58)])
    answer = lambda points: (np.full(len(points), 6), np.tile(scores, (len(points), 1)))  # noqa: E731
    other = LogisticRegression(max_iter=2000).fit(X, Y)
    other.coef_[:] = 0
    other.intercept_[:] = [2.0**-60, 0, -(2.0**-58)]
    read = replace(of_estimator(other), runtime=runtime(None, answer=answer, softmax=softmax))
    reason = "does not decide by its rounding" if softmax else "which is therefore not this model"
    with pytest.raises(InputError, match=reason):
        compare(read, X)


def test_a_runtime_that_fails_is_named() -> None:
    def fails(points: np.ndarray) -> Any:
        raise RuntimeError("no kernel\nfor this")

    with pytest.raises(InputError, match="runs, got RuntimeError: no kernel for this"):
        compare(model(answer=fails), X)
    with pytest.raises(InputError, match=r"scores of the library of shape \(60, 3\), got \(60,\)"):
        compare(model(answer=lambda p: (np.full(len(p), 5), np.zeros(len(p)))), X)
    with pytest.raises(InputError, match="60 labels of the library, one for each point, got 1"):
        compare(model(answer=lambda p: (np.array([5]), None)), X)
