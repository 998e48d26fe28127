"""The scores of scikit-learn's classifiers, exactly, and what makes a label of them."""

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from sklearn.base import is_classifier, is_regressor
from sklearn.feature_selection import RFE
from sklearn.frozen import FrozenEstimator
from sklearn.metrics.pairwise import euclidean_distances
from sklearn.model_selection._search import BaseSearchCV
from sklearn.multiclass import (
    OneVsOneClassifier,
    OneVsRestClassifier,
    OutputCodeClassifier,
    _ConstantPredictor,
)
from sklearn.naive_bayes import ComplementNB, MultinomialNB
from sklearn.neighbors import NearestCentroid
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import Pipeline
from sklearn.semi_supervised import SelfTrainingClassifier
from sklearn.svm import SVC, NuSVC

from verify.models.model import Label
from verify.models.rules import LARGEST, Rule, Votes
from verify.models.sklearn_own import check_own, exact, refused, table_of, unsupported
from verify.models.sklearn_steps import Columns, Rows, Steps
from verify.models.values import Value

Answer = Callable[[Any], np.ndarray]


@dataclass(frozen=True, eq=False)
class Scores:
    """The scores of a classifier on the way.

    value    k numbers: one for each class or pair, or one alone, of the second of two classes
    labels   in the order of the classes; none of a regression, whose scores are its numbers
    answer   from examples to the same scores (n, k) as scikit-learn computes them; where labels are
             chosen by probabilities they are logarithms of these, or logits of one alone
    rule     which makes a class of several scores
    turned   whether a score of 0 alone says the second class, not the first
    softmax  whether labels are chosen after a softmax or sigmoid
    way      makes the same scores by the numbers that scikit-learn computes on the way to them
    """

    value: Value | Rows
    labels: list[Label]
    answer: Answer
    rule: Rule = LARGEST
    turned: bool = False
    softmax: bool = False
    way: Callable[[], Value] | None = None


class Classifiers:
    """What classifiers make of columns, as nodes of a network on the way."""

    def __init__(self, steps: Steps) -> None:
        self.steps, self.builder = steps, steps.builder

    def scores(self, estimator: Any, columns: Columns, where: str = "") -> Scores:
        """Return the scores of a fitted classifier; raises InputError for one that is not read."""
        check_own(estimator)
        held = _held(estimator)
        if held is not None:
            return self.scores(held, columns, where)
        if isinstance(estimator, Pipeline):
            return self._behind_steps(estimator, columns, where)
        if isinstance(estimator, RFE):
            few = columns.taken(np.flatnonzero(estimator.get_support()))
            found = self.scores(estimator.estimator_, few, where)
            return replace(found, answer=lambda x: found.answer(estimator.transform(x)))
        if isinstance(estimator, _ConstantPredictor):  # of codes that do not tell classes apart
            constant = self.builder.constant(estimator.y_.reshape(1, 1), where)
            return Scores(constant, [], lambda x: _table(estimator.decision_function(x)))
        if isinstance(estimator, MLPRegressor) and hasattr(estimator, "coefs_"):
            return self._regression(estimator, columns, where)
        labels = labels_of(estimator, where)
        if isinstance(estimator, OneVsRestClassifier):
            return self._one_against_the_rest(estimator, labels, columns, where)
        if isinstance(estimator, OneVsOneClassifier):
            return self._one_against_one(estimator, labels, columns, where)
        if isinstance(estimator, OutputCodeClassifier):
            parts, value, several = self._parts(estimator.estimators_, columns, where)
            if any(part.softmax for part in parts):
                raise unsupported("OutputCodeClassifier of probabilities", where)
            codes = estimator.code_book_
            decided = Columns.of(self.steps.made_of(value, where))
            nearest = self._nearest(decided, codes, where)
            return Scores(nearest, labels, lambda x: -(euclidean_distances(several(x), codes) ** 2))
        if isinstance(estimator, NearestCentroid):
            return self._nearest_centroid(estimator, labels, columns, where)
        if isinstance(estimator, MLPClassifier):
            return self._perceptron(estimator, labels, columns, where)
        if isinstance(estimator, MultinomialNB | ComplementNB):
            prior = estimator.class_log_prior_ if isinstance(estimator, MultinomialNB) else None
            likely = self.steps.rows(columns, estimator.feature_log_prob_, prior, where)
            return Scores(likely, labels, estimator.predict_joint_log_proba)
        if isinstance(estimator, SVC | NuSVC) and estimator.kernel != "linear":
            kernel = f"{type(estimator).__name__} with the kernel {estimator.kernel!r}"
            raise unsupported(f"{kernel}, which is not linear", where)
        if not (hasattr(estimator, "coef_") and hasattr(estimator, "intercept_")):
            raise refused(estimator, where)
        return self._linear(estimator, labels, columns, where)

    def _linear(self, estimator: Any, labels: list[Label], columns: Columns, where: str) -> Scores:
        weights = table_of(estimator.coef_, self.builder.budget)
        biases = np.broadcast_to(estimator.intercept_, len(weights))
        value = self.steps.rows(columns, weights, biases, where)
        if isinstance(estimator, SVC | NuSVC):
            return self._vectors(estimator, value, labels, columns, where)
        return Scores(value, labels, lambda x: _table(estimator.decision_function(x)))

    def _vectors(
        self, estimator: Any, value: Rows, labels: list[Label], columns: Columns, where: str
    ) -> Scores:
        """Return the scores of a support vector machine, in which pairs of classes vote."""
        asked = copy.copy(estimator)
        asked.decision_function_shape, asked.break_ties = "ovo", False

        def way() -> Value:
            vectors, dual = (
                table_of(table, self.builder.budget)
                for table in (estimator.support_vectors_, estimator.dual_coef_)
            )
            products = self.steps.dense(columns, vectors, None, where)
            if len(labels) > 2:
                dual = Votes(len(labels)).coefficients(dual, estimator.n_support_)
            return self.builder.dense(products, dual, estimator.intercept_, where)

        found = Scores(
            value, labels, lambda x: _table(asked.decision_function(x)), turned=True, way=way
        )
        if len(labels) == 2:
            return found
        # A score of 0 votes for the second of a pair, but for the first where sums break ties.
        summed = bool(estimator.break_ties)
        return replace(found, rule=Votes(len(labels), summed, first=summed))

    def _behind_steps(self, pipeline: Pipeline, columns: Columns, where: str) -> Scores:
        *before, (name, last) = pipeline.steps
        if last is None or isinstance(last, str):
            raise unsupported("Pipeline without a classifier at its end", where)
        columns = self.steps.behind(before, columns, where)
        found = self.scores(last, columns, f"{where}{', ' * bool(where)}{name}")
        if not before:
            return found
        return replace(found, answer=lambda x: found.answer(pipeline[:-1].transform(x)))

    def _parts(
        self, parts: Sequence[Any], columns: Columns, where: str
    ) -> tuple[list[Scores], Value | Rows, Answer]:
        """Return the scores of classifiers of two classes, each of the second, and their table."""
        found = [self.scores(part, columns, f"{where}{', ' * bool(where)}part {k}")
                 for k, part in enumerate(parts)]  # fmt: skip
        value = self.steps.together([part.value for part in found], where)
        return found, value, lambda x: np.hstack([part.answer(x) for part in found])

    def _one_against_the_rest(
        self, estimator: Any, labels: list[Label], columns: Columns, where: str
    ) -> Scores:
        parts, value, several = self._parts(estimator.estimators_, columns, where)
        if len(parts) == 1:
            return Scores(value, labels, several, softmax=parts[0].softmax)
        softmax = any(part.softmax for part in parts)
        if softmax and not all(part.softmax for part in parts):
            raise unsupported("OneVsRestClassifier of scores and probabilities", where)
        if softmax:  # sigmoids of different scores, of which the largest is the answer
            return Scores(value, labels, lambda x: -np.logaddexp(0, -several(x)), softmax=True)
        return Scores(value, labels, several)

    def _one_against_one(
        self, estimator: Any, labels: list[Label], columns: Columns, where: str
    ) -> Scores:
        if estimator.pairwise_indices_ is not None:
            raise unsupported("OneVsOneClassifier of a kernel that was computed before", where)
        parts, value, several = self._parts(estimator.estimators_, columns, where)
        if any(part.softmax for part in parts):
            raise unsupported("OneVsOneClassifier, which adds probabilities", where)
        turned = parts[0].turned
        if len(labels) == 2:
            return Scores(value, labels, several, turned=turned, way=parts[0].way)
        # A part's score above 0 says the second of its pair.
        value = self.builder.negated(self.steps.made_of(value, where), where)
        rule = Votes(len(labels), summed=True, first=not turned)
        return Scores(value, labels, lambda x: -several(x), rule)

    def _nearest_centroid(
        self, estimator: Any, labels: list[Label], columns: Columns, where: str
    ) -> Scores:
        if estimator.metric != "euclidean":
            got = f"NearestCentroid by the metric {estimator.metric!r}"
            raise unsupported(f"{got}, which is not Euclidean", where)
        priors = getattr(estimator, "class_prior_", np.array([]))  # there since scikit-learn 1.6
        if not np.isclose(priors, 1 / len(labels)).all():
            raise unsupported("NearestCentroid with priors that differ", where)
        centroids = estimator.centroids_
        value = self._nearest(columns, centroids, where)
        return Scores(value, labels, lambda x: -(euclidean_distances(x, centroids) ** 2))

    def _nearest(self, columns: Columns, points: np.ndarray, where: str) -> Rows:
        """Return 2 c.x - c.c for each of some points c: the nearest to x has the largest."""
        rows = [exact(point) for point in np.asarray(points)]
        weights = np.array([2 * row for row in rows], dtype=object)
        biases = [-(row @ row) for row in rows]
        return self.steps.rows(columns, weights, np.array(biases), where)

    def _regression(self, estimator: Any, columns: Columns, where: str) -> Scores:
        if estimator.out_activation_ != "identity":
            got = f"MLPRegressor whose outputs have the activation {estimator.out_activation_!r}"
            raise unsupported(got, where)
        value = self._last_of(estimator, columns, where)
        return Scores(value, [], lambda x: _table(estimator.predict(x)))

    def _perceptron(
        self, estimator: Any, labels: list[Label], columns: Columns, where: str
    ) -> Scores:
        scores = self._last_of(estimator, columns, where)

        def answer(points: Any) -> np.ndarray:
            probabilities = estimator.predict_proba(points)
            with np.errstate(divide="ignore"):
                found = np.log(probabilities)
            return np.asarray(found if len(labels) > 2 else found[:, 1:] - found[:, :1])

        return Scores(scores, labels, answer, softmax=True)

    def _last_of(self, estimator: Any, columns: Columns, where: str) -> Rows:
        """Return what the last layer of a perceptron gives."""
        if estimator.activation not in ("relu", "identity"):
            raise unsupported(f"activation {estimator.activation!r}", where)
        layers = list(zip(estimator.coefs_, estimator.intercepts_, strict=True))
        for k, (weights, biases) in enumerate(layers[:-1]):
            at = f"{where}{', ' * bool(where)}layer {k}"
            value = self.steps.dense(columns, weights.T, biases, at)
            relu = estimator.activation == "relu"
            columns = Columns.of(self.builder.relu(value, at) if relu else value)
        weights, biases = layers[-1]
        return self.steps.rows(columns, weights.T, biases, where)


def inputs_of(estimator: Any) -> int:
    """Return the number of features of a fitted estimator."""
    found = getattr(estimator, "n_features_in_", None)
    if found is not None:
        return int(found)
    held = _held(estimator)
    if held is None and isinstance(estimator, Pipeline):
        # Behind a first step that leaves everything as it is.
        held = next((s for _, s in estimator.steps if hasattr(s, "n_features_in_")), None)
    if held is not None:
        return inputs_of(held)
    labels_of(estimator)  # which tells what it is, where it is no classifier or not fitted
    raise unsupported(f"{type(estimator).__name__} without n_features_in_")


def labels_of(estimator: Any, where: str = "") -> list[Label]:
    """Return the labels of a fitted classifier that gives one of several at a time."""
    kind = type(estimator).__name__
    if is_regressor(estimator):
        raise unsupported(f"{kind}, which is a regressor", where)
    labels = getattr(estimator, "classes_", None)
    if labels is None:
        words = "not fitted" if is_classifier(estimator) else "no classifier"
        raise unsupported(f"{kind}, {words}", where)
    binarizers = (getattr(estimator, n, None) for n in ("_label_binarizer", "label_binarizer_"))
    targets = [str(getattr(binarizer, "y_type_", "")) for binarizer in binarizers]
    if isinstance(labels, list) or any(target.startswith("multilabel") for target in targets):
        raise unsupported(f"{kind} fitted on several labels for each example", where)
    found = np.asarray(labels)
    values = found.tolist() if found.ndim == 1 else []
    if not values or any(not isinstance(x, int | float | str) for x in values):
        got = f"{kind} with classes of type {found.dtype} and shape {found.shape}"
        raise unsupported(got, where)
    if len(values) == 1:
        raise unsupported(f"{kind} fitted on one class, {values[0]!r}, its only answer", where)
    return list(values)


def _held(estimator: Any) -> Any:
    """Return the estimator that another only holds, which answers by it; None where there is none.

    Raises InputError for a search that did not fit one.
    """
    if isinstance(estimator, BaseSearchCV):
        best = getattr(estimator, "best_estimator_", None)
        if best is None:
            got = f"{type(estimator).__name__} without its best_estimator_, not fitted or refit"
            raise unsupported(got)
        return best
    if isinstance(estimator, SelfTrainingClassifier):
        return getattr(estimator, "estimator_", None)
    return estimator.estimator if isinstance(estimator, FrozenEstimator) else None


def _table(scores: Any) -> np.ndarray:
    """Return scores (n,) or (n, k) as a table."""
    found = np.asarray(scores)
    return found[:, None] if found.ndim == 1 else found
