"""Labels of scikit-learn's classifiers where good guesses are wrong, on small examples.

What is expected is what scikit-learn 1.9.1 answers; every test asks it again.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from sklearn.base import clone
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.feature_selection import RFE
from sklearn.linear_model import (
    LogisticRegression,
    PassiveAggressiveClassifier,
    Perceptron,
    RidgeClassifier,
    SGDClassifier,
)
from sklearn.model_selection import GridSearchCV
from sklearn.multiclass import OneVsOneClassifier, OneVsRestClassifier, OutputCodeClassifier
from sklearn.naive_bayes import ComplementNB, MultinomialNB
from sklearn.neighbors import NearestCentroid
from sklearn.neural_network import MLPClassifier
from sklearn.semi_supervised import SelfTrainingClassifier
from sklearn.svm import SVC, LinearSVC, NuSVC

from certify.errors import InputError
from verify.models.agreement import compare
from verify.models.model import Model
from verify.models.rules import Votes
from verify.models.sklearn_models import of_estimator

pytestmark = [
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
]
RNG = np.random.default_rng(0)
X = RNG.integers(0, 17, (80, 4)).astype(np.float64) / 16
FOUR = np.argmax(X + 0.1 * RNG.random(X.shape), axis=1)
THREE, TWO = np.minimum(FOUR, 2), (FOUR > 1).astype(int)
# Small whole numbers, on which scores of whole weights often tie, and points of all sizes.
GRID = RNG.integers(-2, 3, (300, 4)).astype(np.float64)
WIDE = np.vstack([X, GRID, RNG.normal(size=(100, 4)), 1000 * RNG.normal(size=(100, 4))])


def answers(model: Model, points: np.ndarray) -> list[Any]:
    return [model.labels[model.rule.answer(z)] for z in model.network.outputs(points)]


def same(fitted: Any, points: np.ndarray = WIDE) -> Model:
    """Assert that what is read answers as scikit-learn does, and return it."""
    model = of_estimator(fitted)
    assert answers(model, points) == fitted.predict(points).tolist()
    agreement = compare(model, points)
    assert (agreement.examples, agreement.ties) == (len(points), 0)
    return model


def whole(fitted: Any) -> Any:
    """Give a linear classifier small whole weights, whose scores tie at many points of the grid."""
    shape = np.shape(fitted.coef_)
    fitted.coef_ = RNG.integers(-1, 2, shape).astype(np.float64)
    fitted.intercept_ = np.zeros(len(np.atleast_2d(fitted.coef_)))
    return fitted


@pytest.mark.parametrize("y", [TWO, THREE, FOUR], ids=["two", "three", "four"])
@pytest.mark.parametrize(
    "estimator",
    [
        LogisticRegression(), LinearSVC(random_state=0), RidgeClassifier(), Perceptron(),
        SGDClassifier(random_state=0), PassiveAggressiveClassifier(random_state=0),
        LinearDiscriminantAnalysis(), LinearSVC(multi_class="crammer_singer", random_state=0),
    ],
    ids=lambda e: type(e).__name__,
)  # fmt: skip
def test_linear_classifiers_give_the_first_of_equal_scores(estimator: Any, y: Any) -> None:
    trained = clone(estimator).fit(X, y)
    clear = gaps(trained, WIDE) > 1e-12  # else rounding decides, that of releases of NumPy too
    assert clear.mean() > 0.99
    same(trained, WIDE[clear])
    fitted = whole(clone(estimator).fit(X, y))
    assert (gaps(fitted, GRID) == 0).sum() > 20
    same(fitted, GRID)


def gaps(fitted: Any, points: np.ndarray) -> np.ndarray:
    """Return how far the best score of each point is above the second."""
    scores = fitted.decision_function(points)
    if scores.ndim == 1:
        return np.abs(scores)
    best = np.sort(scores, axis=1)
    return best[:, -1] - best[:, -2]


def test_the_least_score_above_0_is_enough() -> None:
    fitted = LogisticRegression().fit([[-1.0], [1.0]], [3, 8])
    fitted.coef_[:], fitted.intercept_[:] = 1, 0
    points = np.array([[0.0], [-0.0], [1e-300], [-1e-300]])
    assert fitted.predict(points).tolist() == [3, 3, 8, 3]
    same(fitted, points)


def test_logistic_regression_takes_scores_and_a_perceptron_rounds_probabilities() -> None:
    intercepts = [0.0, 1e-17, 0.0]
    fitted = LogisticRegression().fit(X, THREE)
    fitted.coef_[:], fitted.intercept_[:] = 0, intercepts
    assert set(fitted.predict(X).tolist()) == set(answers(of_estimator(fitted), X)) == {1}
    network = MLPClassifier((), max_iter=2).fit(X, THREE)
    network.coefs_[0][:], network.intercepts_[0][:] = 0, intercepts
    assert set(network.predict(X).tolist()) == {0}
    with pytest.raises(InputError, match="does not decide by its rounding"):
        compare(of_estimator(network), X)


def test_a_perceptron_of_two_classes_rounds_its_probability() -> None:
    network = MLPClassifier((), max_iter=2).fit(X, TWO)
    network.coefs_[0][:] = np.array([[2.0**-55], [0], [0], [0]])
    network.intercepts_[0][:] = 0
    points = np.vstack([np.eye(4)[:1], GRID[:150], 2.0**60 * GRID[:150]])
    assert network.predict(points[:1]).tolist() == [0]
    assert answers(of_estimator(network), points[:1]) == [1]  # its score is above 0
    with pytest.raises(InputError, match="does not decide by its rounding"):
        compare(of_estimator(network), points)


@pytest.mark.parametrize("shape", [(4,), (1,)])
def test_ridge_classifiers_of_two_classes_have_one_row(shape: tuple[int, ...]) -> None:
    for intercept in (True, False):
        fitted = RidgeClassifier(fit_intercept=intercept).fit(X[:, : shape[0]], TWO)
        assert fitted.coef_.shape == shape
        same(fitted, WIDE[:, : shape[0]])


def test_libsvm_gives_the_second_of_two_labels_at_0() -> None:
    points = np.array([[-1.0], [1.0], [0.0]])
    for estimator in (SVC(kernel="linear"), NuSVC(kernel="linear")):
        fitted = clone(estimator).fit(points[:2], [3, 8])
        assert fitted.decision_function([[0.0]]) == 0
        assert fitted.predict([[0.0]]) == 8
        assert same(fitted, points).labels == (8, 3)
        for held in (
            OneVsOneClassifier(estimator).fit(points[:2], [3, 8]),
            GridSearchCV(estimator, {"probability": [False]}, cv=[([0, 1], [0, 1])]).fit(
                points[:2], [3, 8]
            ),
        ):
            assert held.predict([[0.0]]) == 8
            same(held, points)
        rest = OneVsRestClassifier(estimator).fit(points[:2], [3, 8])
        assert rest.predict([[0.0]]) == 3
        assert same(rest, points).labels == (3, 8)


def test_pairs_vote_in_a_support_vector_machine() -> None:
    corners = np.array([[-1.0, 0], [1, 0], [0, 3]])
    points = np.vstack([corners, [[0.0, -1]], RNG.integers(-4, 5, (200, 2))])
    fitted = SVC(kernel="linear", C=1000).fit(corners, [0, 1, 2])
    assert fitted.predict([[0.0, -1]]) == 1
    assert fitted.decision_function([[0.0, -1]]).argmax() == 0
    model = same(fitted, points)
    assert model.rule == Votes(3)
    (scores,) = model.network.outputs([[0, -1]])
    assert list(map(float, scores)) == pytest.approx([0, 1.4, 1.4], abs=1e-3)


@pytest.mark.parametrize("y", [THREE, FOUR, np.array(list("dbca"))[FOUR]], ids=["3", "4", "words"])
@pytest.mark.parametrize(
    "estimator",
    [
        SVC(kernel="linear"), SVC(kernel="linear", C=1000), NuSVC(kernel="linear", nu=0.1),
        SVC(kernel="linear", decision_function_shape="ovo"),
        SVC(kernel="linear", break_ties=True), OneVsOneClassifier(LinearSVC(random_state=0)),
        OneVsOneClassifier(SVC(kernel="linear")), OneVsOneClassifier(Perceptron()),
    ],
    ids=["SVC", "hard", "NuSVC", "ovo", "sums", "pairs", "pairs of SVC", "perceptrons"],
)  # fmt: skip
def test_votes_are_those_of_scikit_learn(estimator: Any, y: Any) -> None:
    fitted = clone(estimator).fit(X, y)
    model = same(fitted)
    assert model.voting
    summed = isinstance(estimator, OneVsOneClassifier) or estimator.break_ties
    assert isinstance(model.rule, Votes)
    assert model.rule.summed == summed
    # Somewhere the votes tie, and the sums decide or do not.
    outputs = model.network.outputs(WIDE)
    undecided = [Votes(len(model.labels), summed=True).decide(z) is None for z in outputs]
    assert any(undecided) or not isinstance(estimator, OneVsOneClassifier) or y is not FOUR
    assert summed or all(model.rule.decide(z) is not None for z in outputs)


def test_sums_decide_between_cyclic_votes() -> None:
    fitted = OneVsOneClassifier(Perceptron()).fit(X, THREE)
    for k, part in enumerate(fitted.estimators_):
        part.coef_[:] = 0
        part.intercept_[:] = [-1, 2, -4][k]  # for 0 of (0, 1), for 2 of (0, 2), for 1 of (1, 2)
    assert set(fitted.predict(X).tolist()) == {1}
    same(fitted, X)
    for part in fitted.estimators_:
        part.intercept_[:] = 0  # each votes for its first class
    assert set(fitted.predict(X).tolist()) == {0}
    same(fitted, X)


@pytest.mark.parametrize("y", [TWO, THREE])
def test_support_vectors_of_sparse_examples_are_read(y: Any) -> None:
    fitted = SVC(kernel="linear").fit(csr_matrix(X), y)
    same(fitted, X)
    for estimator in (LinearSVC(random_state=0), LogisticRegression(), RidgeClassifier()):
        same(clone(estimator).fit(csr_matrix(X), y))


def test_one_against_the_rest_gives_the_first_of_equal_scores() -> None:
    for y in (TWO, THREE, FOUR):
        fitted = OneVsRestClassifier(LinearSVC(random_state=0)).fit(X, y)
        same(fitted)
        assert len(fitted.estimators_) == (1 if y is TWO else len(set(y)))
        for part in fitted.estimators_:
            whole(part)
        same(fitted, GRID)
    several = OneVsRestClassifier(MLPClassifier((3,), max_iter=20, random_state=0)).fit(X, THREE)
    assert answers(of_estimator(several), X) == several.predict(X).tolist()
    with pytest.raises(InputError, match=r"by its rounding.*\(random point"):
        compare(of_estimator(several), X)  # far away several sigmoids round to 1
    one = OneVsRestClassifier(MLPClassifier((3,), max_iter=20, random_state=0)).fit(X, TWO)
    same(one)


def test_probabilities_are_not_added_up() -> None:
    network = MLPClassifier((2,), max_iter=2, random_state=0)
    # One of some 256 random codes gives all classes the same word, and asks no network anything.
    for several in (OneVsOneClassifier(network), OutputCodeClassifier(network, random_state=0)):
        with pytest.raises(InputError, match=f"got {type(several).__name__}.* probabilities"):
            of_estimator(several.fit(X, THREE))


@pytest.mark.parametrize("seed", range(4))
def test_codes_are_compared_by_distance(seed: int) -> None:
    fitted = OutputCodeClassifier(LinearSVC(random_state=0), random_state=seed).fit(X, FOUR)
    same(fitted, np.vstack([X, WIDE[380:480]]))


def test_the_nearest_centroid_is_that_of_plain_distance() -> None:
    points, y = np.array([[-1.0, -10], [1, 10], [3, 20], [5, 40]]), [0, 0, 1, 1]
    fitted = NearestCentroid().fit(points, y)
    assert fitted.predict([[3.0, 12]]) == 0
    assert fitted.decision_function([[3.0, 12]]) > 0
    more = RNG.integers(-50, 50, (200, 2)).astype(np.float64)
    same(fitted, np.vstack([points, [[3.0, 12]], more]))
    for estimator in (
        NearestCentroid(), NearestCentroid(shrink_threshold=0.1),
        NearestCentroid(priors=[0.25] * 4),
    ):  # fmt: skip
        same(clone(estimator).fit(X, FOUR))
    even = NearestCentroid(priors="empirical").fit(np.vstack([X, X]), np.repeat([1, 0], len(X)))
    same(even)  # as many of each: the centroids are one, and the first class wins everywhere


def test_affine_naive_bayes_is_read() -> None:
    for estimator in (MultinomialNB(), ComplementNB()):
        for y in (TWO, FOUR):
            same(clone(estimator).fit(X, y), X)


def test_estimators_that_hold_others_are_read_as_these() -> None:
    some = np.where(np.arange(len(FOUR)) % 3, FOUR, -1)
    for held in (
        GridSearchCV(LogisticRegression(), {"C": [0.1, 10]}, cv=2).fit(X, FOUR),
        SelfTrainingClassifier(LogisticRegression()).fit(X, some),
        RFE(LinearSVC(random_state=0), n_features_to_select=2).fit(X, FOUR),
    ):
        same(held)


def test_the_best_of_early_stopping_is_in_the_weights() -> None:
    fitted = MLPClassifier((5,), early_stopping=True, max_iter=30, random_state=0).fit(X, FOUR)
    assert fitted.best_loss_ is None
    same(fitted, X)


@pytest.mark.parametrize(
    ("named", "expected"),
    [
        (lambda y: np.array(["10", "9", "B", "\xe9"])[y], ("10", "9", "B", "\xe9")),
        (lambda y: y > 1, (False, True)),
        (lambda y: y * 1.0, (0.0, 1.0, 2.0, 3.0)),
        (lambda y: np.array([1, "a", "b", 2], dtype=object)[y].astype(str), ("1", "2", "a", "b")),
    ],
)
def test_labels_are_shown_as_they_are(named: Any, expected: tuple[Any, ...]) -> None:
    model = same(LogisticRegression().fit(X, named(FOUR)), X)
    assert model.labels == expected
    assert [type(x) for x in model.labels] == [type(x) for x in expected]
