"""scikit-learn's estimators are read as ``predict`` answers, or refused by what they are."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.ensemble import (
    AdaBoostClassifier,
    BaggingClassifier,
    RandomForestClassifier,
    StackingClassifier,
    VotingClassifier,
)
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import (
    LinearRegression,
    LogisticRegression,
    Perceptron,
    Ridge,
    RidgeClassifier,
    SGDClassifier,
)
from sklearn.model_selection import FixedThresholdClassifier, GridSearchCV
from sklearn.multiclass import OneVsRestClassifier
from sklearn.multioutput import MultiOutputClassifier
from sklearn.naive_bayes import BernoulliNB, GaussianNB
from sklearn.neighbors import KNeighborsClassifier, NearestCentroid
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, LinearSVC, NuSVC
from sklearn.tree import DecisionTreeClassifier

from certify.errors import InputError
from verify import audit
from verify.models.agreement import compare
from verify.models.model import Model
from verify.models.readers import of_object, read_model
from verify.models.sklearn_models import of_estimator

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
RNG = np.random.default_rng(0)
X = RNG.integers(0, 17, (60, 5)).astype(np.float64) / 16
THREE = np.argmax(X[:, :3] + 0.1 * RNG.random((60, 3)), axis=1)
TWO = (X[:, 0] > X[:, 1]).astype(int)
SEVERAL = np.stack([TWO, 1 - TWO, THREE > 0], axis=1).astype(int)


def answers(model: Model, points: np.ndarray = X) -> list[Any]:
    return [model.labels[model.rule.answer(z)] for z in model.network.outputs(points)]


ESTIMATORS = [
    LinearSVC(random_state=0), LinearSVC(multi_class="crammer_singer", random_state=0),
    LogisticRegression(), LogisticRegression(fit_intercept=False), RidgeClassifier(),
    RidgeClassifier(fit_intercept=False), SGDClassifier(random_state=0), Perceptron(),
    LinearDiscriminantAnalysis(), MLPClassifier((4,), max_iter=5, random_state=0),
    MLPClassifier((4, 3), activation="identity", max_iter=5, random_state=0),
]  # fmt: skip
VOTING = [SVC(kernel="linear"), NuSVC(kernel="linear", nu=0.3), SVC(kernel="linear", C=1000)]
LABELS = [
    ("whole", lambda y: y * 3 + 4),
    ("words", lambda y: np.array(["no", "yes", "maybe"])[y]),
    ("objects", lambda y: np.array(["b", "a", "c"], dtype=object)[y]),
    ("floats", lambda y: y - 1.0),
    ("signs", lambda y: 2 * y.astype(np.int8) - 1),
]


@pytest.mark.parametrize(("kind", "named"), LABELS, ids=[kind for kind, _ in LABELS])
@pytest.mark.parametrize("target", [TWO, THREE], ids=["two", "three"])
def test_labels_are_those_of_the_estimator(kind: str, named: Any, target: Any) -> None:
    y = named(target)
    for estimator in ESTIMATORS[:: 1 if kind == "whole" else 4] + (VOTING if y is TWO else []):
        fitted = clone(estimator).fit(X, y)
        model = of_estimator(fitted)
        assert sorted(model.labels) == fitted.classes_.tolist()
        assert answers(model) == fitted.predict(X).tolist()
        assert (compare(model, X).examples, compare(model, X).ties) == (60, 0)
        assert sorted(set(model.classes_of(y).tolist())) == list(range(len(set(y))))


def test_truth_values_are_labels() -> None:
    model = of_estimator(LogisticRegression().fit(X, TWO > 0))
    assert model.labels == (False, True)
    assert compare(model, X).ties == 0
    assert np.array_equal(model.classes_of(TWO > 0), TWO)


@pytest.mark.parametrize("target", [TWO, THREE], ids=["two", "three"])
def test_sparse_coefficients_are_read(target: np.ndarray) -> None:
    for estimator in (LogisticRegression(), SGDClassifier(random_state=0), Perceptron()):
        fitted = clone(estimator).fit(X, target)
        wanted = fitted.predict(X).tolist()
        model = of_estimator(fitted.sparsify())
        assert answers(model) == wanted
        assert compare(model, X).ties == 0


def test_a_score_of_exactly_0_gives_the_label_that_the_estimator_gives() -> None:
    """libsvm gives the second label, all other linear models the first."""
    points, y = np.array([[-1.0], [1.0]]), np.array([3, 8])
    zero = np.zeros((1, 1))
    for estimator, label in (
        (SVC(kernel="linear"), 8),
        (LinearSVC(), 3),
        (LogisticRegression(), 3),
    ):
        fitted = clone(estimator).fit(points, y)
        if label == 3:
            fitted.intercept_[:] = 0
        assert fitted.decision_function(zero) == [0]
        assert fitted.predict(zero).tolist() == answers(of_estimator(fitted), zero) == [label]
        compare(of_estimator(fitted), np.vstack([points, zero]))


def test_a_frozen_estimator_is_read_as_what_it_holds() -> None:
    points, y, zero = np.array([[-1.0], [1.0]]), np.array([3, 8]), np.zeros((1, 1))
    for estimator, label in ((SVC(kernel="linear"), 8), (LinearSVC(random_state=0), 3)):
        fitted = clone(estimator).fit(points, y)
        fitted.intercept_[:] = 0
        frozen = FrozenEstimator(FrozenEstimator(fitted))
        model = of_estimator(frozen)
        assert frozen.predict(zero).tolist() == answers(model, zero) == [label]
        assert compare(model, np.vstack([points, zero])).ties == 0
    voting = FrozenEstimator(SVC(kernel="linear").fit(X, THREE))
    assert answers(of_estimator(voting)) == voting.predict(X).tolist()
    with pytest.raises(InputError, match="got SVC, not fitted"):
        of_estimator(FrozenEstimator(SVC(kernel="linear")))


def test_a_perceptron_whose_probabilities_round_to_a_half_everywhere_is_refused() -> None:
    fitted = MLPClassifier((), max_iter=2, random_state=0).fit(X, TWO)
    fitted.coefs_[0][:] = 0
    for score in (1e-9, 1e-17):
        fitted.intercepts_[0][:] = score
        model = of_estimator(fitted)
        assert set(answers(model)) == {1}
        if score == 1e-9:
            assert compare(model, X).ties == 0
            continue
        with pytest.raises(InputError, match=r"by its rounding.*\(example 0: "):
            compare(model, X)


def test_a_wrong_coefficient_is_refused_by_the_example_that_shows_it() -> None:
    fitted = LogisticRegression().fit(X, THREE)
    model = of_estimator(fitted)
    fitted.coef_ = fitted.coef_[[1, 0, 2]]
    with pytest.raises(InputError, match=r"which is therefore not this model \(example \d+: "):
        compare(model, X)


def multilabel(estimator: Any) -> Any:
    return estimator.fit(X, SEVERAL)


def perceptron(ends: str = "identity", **settings: Any) -> MLPRegressor:
    """Return a regressor with an activation of its outputs, as a loss may ask for."""
    fitted = MLPRegressor(hidden_layer_sizes=(2,), max_iter=2, **settings).fit(X, TWO)
    fitted.out_activation_ = ends
    return fitted


@pytest.mark.parametrize(
    ("estimator", "message"),
    [
        (SVC().fit(X, TWO), "got SVC with the kernel 'rbf', which is not linear"),
        (SVC(kernel="poly", degree=1).fit(X, TWO), "got SVC with the kernel 'poly'"),
        (multilabel(RidgeClassifier()), "got RidgeClassifier fitted on several labels for each"),
        (multilabel(MLPClassifier((2,), max_iter=2)), "got MLPClassifier fitted on several labels"),
        (multilabel(MultiOutputClassifier(LogisticRegression())), "fitted on several labels"),
        (LinearRegression().fit(X, TWO), "got LinearRegression, which is a regressor"),
        (Ridge().fit(X, SEVERAL), "got Ridge, which is a regressor"),
        (MLPRegressor(), "got MLPRegressor, which is a regressor"),
        (perceptron(activation="tanh"), "got activation 'tanh'"),
        (perceptron("exp"), "got MLPRegressor whose outputs have the activation 'exp'"),
        (BaggingClassifier(LogisticRegression()).fit(X, TWO), "got BaggingClassifier, which aver"),
        (VotingClassifier([("a", LogisticRegression())]).fit(X, TWO), "got VotingClassifier, whic"),
        (CalibratedClassifierCV(LinearSVC()).fit(X, TWO), "which averages calibrated probabiliti"),
        (StackingClassifier([("a", LinearSVC())]).fit(X, TWO), "which learns from the probabiliti"),
        (AdaBoostClassifier(LogisticRegression()).fit(X, TWO), "which adds weighted votes of sev"),
        (DecisionTreeClassifier().fit(X, TWO), "changes in steps, where features pass threshold"),
        (RandomForestClassifier(2).fit(X, TWO), "got RandomForestClassifier, whose trees change"),
        (KNeighborsClassifier().fit(X, TWO), "whose label is that of the nearest examples"),
        (GaussianNB().fit(X, TWO), "got GaussianNB, whose scores are quadratic"),
        (BernoulliNB().fit(X, TWO), "which compares features with a threshold"),
        (FixedThresholdClassifier(LogisticRegression()).fit(X, TWO), "a threshold of its own"),
        (NearestCentroid(metric="manhattan").fit(X, TWO), "which is not Euclidean"),
        (NearestCentroid(priors=[0.4, 0.6]).fit(X, TWO), "NearestCentroid with priors that differ"),
        (NearestCentroid(priors="empirical").fit(X, TWO), "NearestCentroid with priors that"),
        (multilabel(OneVsRestClassifier(LinearSVC())), "got OneVsRestClassifier fitted on several"),
        (LinearSVC(), "got LinearSVC, not fitted"),
        (Pipeline([("a", LinearSVC())]), "not fitted"),
        (GridSearchCV(LinearSVC(), {"C": [1]}, refit=False).fit(X, TWO), "not fitted or refit"),
        (RidgeClassifier().fit(X, 0 * TWO + 3), "RidgeClassifier fitted on one class, 3"),
        (MLPClassifier((3,), activation="tanh", max_iter=2).fit(X, TWO), "got activation 'tanh'"),
        (MLPClassifier((3,), max_iter=2).fit(X, 0 * TWO), "MLPClassifier fitted on one class, 0"),
        (
            LogisticRegression().fit(X, np.array(["a\x1b[2J", "b"])[TWO]),
            "expected words of at most 100 characters as labels",
        ),
    ],
)
def test_other_estimators_are_refused_by_name(estimator: Any, message: str, tmp_path: Path) -> None:
    skops = pytest.importorskip("skops.io")
    path = tmp_path / "m.skops"
    skops.dump(estimator, path)
    for read in (lambda: of_object(estimator, X), lambda: read_model(path)):
        with pytest.raises(InputError) as caught:
            read()
        unopened = "got types that are not opened: sklearn." in str(caught.value)
        assert message in str(caught.value) or (unopened and str(path) in str(caught.value))
        assert str(caught.value).isprintable()


@pytest.mark.parametrize("outputs", [1, 2])
@pytest.mark.parametrize("hidden", [(3,), (3, 2)])
def test_a_perceptron_of_numbers_is_read_and_no_classifier(
    outputs: int, hidden: tuple[int, ...], tmp_path: Path
) -> None:
    skops = pytest.importorskip("skops.io")
    numbers = np.column_stack([TWO + X[:, 0], X[:, 1]])[:, :outputs]
    alone = MLPRegressor(hidden_layer_sizes=hidden, max_iter=20, random_state=0)
    fitted = make_pipeline(StandardScaler(), alone).fit(X, numbers.squeeze())
    skops.dump(fitted, tmp_path / "m.skops")
    for model in (of_object(fitted, X), read_model(tmp_path / "m.skops")):
        assert model.numbers == "the numbers of a regression"
        assert model.behind == "nothing"
        exact = [[float(y) for y in z] for z in model.network.outputs(X)]
        assert np.allclose(exact, fitted.predict(X).reshape(-1, outputs), rtol=1e-12)
        assert model.runtime is not None
        assert np.allclose(np.asarray(model.runtime.answer(X)[1]), exact, rtol=1e-12)
    with pytest.raises(InputError, match="the numbers of a regression"):
        audit(fitted, X, TWO)


def test_saved_estimators_are_read_and_compared(tmp_path: Path) -> None:
    skops = pytest.importorskip("skops.io")
    for k, estimator in enumerate([*ESTIMATORS[::3], *VOTING[:1]]):
        fitted = clone(estimator).fit(X, TWO)
        path = tmp_path / f"{k}.skops"
        skops.dump(fitted, path)
        model = read_model(path)
        assert model.labels == of_estimator(fitted).labels
        assert answers(model) == fitted.predict(X).tolist()
        assert compare(model, X).runtime.startswith("scikit-learn")


def test_what_a_saved_estimator_unpacks_to_is_added_up(tmp_path: Path) -> None:
    skops = pytest.importorskip("skops.io")
    fitted = LogisticRegression().fit(X, TWO)
    fitted.coef_ = np.zeros((1, 10**6))
    path = tmp_path / "m.skops"
    skops.dump(fitted, path)
    with (
        zipfile.ZipFile(path) as plain,
        zipfile.ZipFile(tmp_path / "small.skops", "w", zipfile.ZIP_DEFLATED) as packed,
    ):
        for member in plain.infolist():
            packed.writestr(member.filename, plain.read(member))
    assert (tmp_path / "small.skops").stat().st_size < 100_000
    for name in ("m.skops", "small.skops"):
        with pytest.raises(InputError, match=r"--memory: expected at most 10 MiB for reading, got"):
            read_model(tmp_path / name, memory=10 * 2**20)


class Fitted(LogisticRegression):
    """An estimator that is fitted in its own way, and answers as scikit-learn does."""

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Any:
        """Fit."""
        return super().fit(X, y, sample_weight)


class Other(LogisticRegression):
    """An estimator that answers otherwise far away."""

    def predict(self, X: Any) -> Any:
        """Answer."""
        return super().predict(np.clip(X, -8, 8))


class Helped(MLPClassifier):
    """An estimator that answers by another function within."""

    def _forward_pass_fast(self, X: Any, check_input: bool = True) -> Any:
        return super()._forward_pass_fast(np.clip(X, -8, 8), check_input)


def test_estimators_that_answer_by_code_of_their_own_are_refused() -> None:
    assert compare(of_estimator(Fitted().fit(X, TWO)), X).ties == 0
    with pytest.raises(
        InputError, match="got predict of Other, which is not scikit-learn's own code"
    ):
        of_estimator(Other().fit(X, TWO))
    with pytest.raises(InputError, match="got _forward_pass_fast of Helped"):
        of_estimator(Helped((), max_iter=2).fit(X, TWO))
    changed = LogisticRegression().fit(X, TWO)
    changed.predict = lambda points: np.zeros(len(points))
    with pytest.raises(InputError, match="got predict of LogisticRegression"):
        of_estimator(changed)
