"""scikit-learn's classifiers, exactly: what is affine, votes, or is a multi-layer perceptron."""

import warnings
from dataclasses import replace
from typing import Any

import numpy as np

from certify.networks.graph import Network
from verify.data.memory import Budget
from verify.models.builder import Builder
from verify.models.model import Model, Runtime
from verify.models.sklearn_scores import Classifiers, Scores, inputs_of
from verify.models.sklearn_steps import Columns, Steps

NUMBERS = "the numbers of a regression"


def of_estimator(
    estimator: Any, name: str = "model", origin: str = "", budget: Budget | None = None
) -> Model:
    """Return a fitted classifier: pipelines of affine steps, searches, and many kinds at the end.

    One of two classes has the logits 0 and its score. Where that score is 0, scikit-learn gives the
    first label, as the first of two equal logits says. Its SVC and NuSVC give the second, so their
    logits and labels come in the other order. An MLPClassifier of two classes gives the second
    where its probability, rounded, is above 1/2: what is read says so where it is above 1/2 without
    rounding, which differs for scores up to some 1e-16 alone. Where pairs of classes vote, as in an
    SVC of three classes or more, they do so in what is read, too. An MLPRegressor gives numbers
    that are no scores: properties of these are decided, and there is nothing else to audit.

    Numbers are divided by scales exactly. Raises InputError for any other estimator, by what it is
    or does: one that is not fitted, another regressor, one that gives several labels at once, steps
    that are not affine; and for one that answers by code that is not scikit-learn's own.
    """
    builder = Builder((1, inputs_of(estimator)), budget)
    steps = Steps(builder)
    found = Classifiers(steps).scores(estimator, Columns.of(builder.input))
    value, labels = steps.made_of(found.value, "scores"), found.labels
    if found.turned and value.shape[1] == 1:
        value, labels = builder.negated(value, "scores"), labels[::-1]
    names = tuple(getattr(estimator, "feature_names_in_", ()))
    origin, rule = origin or f"scikit-learn {type(estimator).__name__}", found.rule
    runtime = _runtime(estimator, found, names)
    if (made := found.way) is not None:

        def way() -> Network:
            return builder.model(made(), name, origin, labels, rule=rule).network

        runtime = replace(runtime, way=way)
    if not labels:
        model = builder.model(value, name, origin, None, runtime, numbers=NUMBERS)
        return replace(model, columns=names, behind="nothing")
    model = builder.model(value, name, origin, labels, runtime, rule=rule)
    return replace(model, columns=names)


def _runtime(estimator: Any, found: Scores, names: tuple[str, ...]) -> Runtime:
    """Return the estimator as scikit-learn runs it."""
    import sklearn

    def answer(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        table = _named(points, names)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of names of features, which points have none of
            labels, scores = np.asarray(estimator.predict(table)), found.answer(table)
        if scores.shape[1] == 1 and found.labels:
            column = -scores if found.turned else scores
            scores = np.hstack([np.zeros_like(column), column])
        return labels, scores

    name = f"scikit-learn {sklearn.__version__}"
    return Runtime(name, answer, np.dtype(np.float64), 2.0**-52, found.softmax, live=True)


def _named(points: np.ndarray, names: tuple[str, ...]) -> Any:
    """Return points with the names of the columns that the estimator may ask for."""
    if names:
        try:
            from pandas import DataFrame
        except ImportError:
            return points
        return DataFrame(points, columns=list(names))
    return points
