"""What is relied on of scikit-learn: that an estimator is the library's own, and what it lacks."""

from typing import Any

import numpy as np

from certify.errors import InputError
from certify.numbers import rationals
from verify.data.memory import Budget

SUPPORTED = (
    "a fitted classifier that is linear, votes by linear scores, or is an MLPClassifier with ReLU "
    "or no activation, behind affine steps"
)

_ANSWERS = ("predict", "decision_function", "predict_proba", "transform")

# Why what is known is not read, by the names of classes of scikit-learn.
_REASONS = {
    "AdaBoostClassifier": "which adds weighted votes of several classifiers",
    "BaggingClassifier": "which averages probabilities or counts votes of several classifiers",
    "BaseDecisionTree": "whose label changes in steps, where features pass thresholds",
    "BaseForest": "whose trees change their labels in steps, where features pass thresholds",
    "BaseGradientBoosting": "whose trees change their scores in steps, where features pass "
    "thresholds",
    "BaseHistGradientBoosting": "whose trees change their scores in steps, where features pass "
    "thresholds",
    "BernoulliNB": "which compares features with a threshold",
    "Binarizer": "which compares numbers with a threshold",
    "CalibratedClassifierCV": "which averages calibrated probabilities",
    "CategoricalNB": "which looks features up in tables",
    "DummyClassifier": "which does not look at the features",
    "FixedThresholdClassifier": "which has a threshold of its own",
    "GaussianNB": "whose scores are quadratic",
    "GaussianProcessClassifier": "whose scores are no affine functions",
    "IterativeImputer": "of which only SimpleImputer is read",
    "KBinsDiscretizer": "whose numbers change in steps",
    "KNNImputer": "of which only SimpleImputer is read",
    "KNeighborsClassifier": "whose label is that of the nearest examples",
    "Normalizer": "which divides each example by its length",
    "OneHotEncoder": "which compares features with categories",
    "OrdinalEncoder": "which compares features with categories",
    "PolynomialFeatures": "which multiplies features with each other",
    "PowerTransformer": "whose numbers are powers",
    "QuadraticDiscriminantAnalysis": "whose scores are quadratic",
    "QuantileTransformer": "which looks numbers up in tables",
    "RadiusNeighborsClassifier": "whose label is that of the nearest examples",
    "StackingClassifier": "which learns from the probabilities of several classifiers",
    "TargetEncoder": "which compares features with categories",
    "TunedThresholdClassifierCV": "which has a threshold of its own",
    "VotingClassifier": "which averages probabilities or counts votes of several classifiers",
}


def unsupported(got: str, where: str = "") -> InputError:
    """Return the error of an estimator that is not read."""
    return InputError("model", expected=SUPPORTED, got=got, where=where)


def refused(estimator: Any, where: str = "") -> InputError:
    """Return the error of an estimator of a kind that is not read, with the reason if known."""
    names = [kind.__name__ for kind in type(estimator).__mro__]
    reason = next((f", {_REASONS[name]}" for name in names if name in _REASONS), "")
    return unsupported(f"{names[0]}{reason}", where)


def check_own(estimator: Any) -> None:
    """Raise InputError for an estimator that answers by code of somebody else.

    Such code may answer as scikit-learn does near the examples, and otherwise elsewhere.
    """
    found = [(type(estimator).__name__, name) for name in _ANSWERS if name in vars(estimator)]
    for kind in type(estimator).__mro__:
        if kind is object or kind.__module__.partition(".")[0] == "sklearn":
            continue
        for name, value in vars(kind).items():
            helper = callable(value) and name.startswith("_") and not name.startswith("__")
            over = helper and any(hasattr(base, name) for base in kind.__mro__[1:])
            if over or name in (*_ANSWERS, "__getattribute__"):
                found.append((kind.__name__, name))
    if found:
        kind_, name = found[0]
        raise unsupported(f"{name} of {kind_}, which is not scikit-learn's own code")


def table_of(weights: Any, budget: Budget) -> np.ndarray:
    """Return weights as an array of two axes, also those of ``sparsify()``."""
    if hasattr(weights, "toarray"):
        budget.take(int(np.prod(weights.shape, dtype=object)), "sparse weights")
        weights = weights.toarray()
    return np.atleast_2d(weights)


def exact(numbers: Any) -> np.ndarray:
    """Return numbers (n,) as Fractions, which nothing rounds."""
    made = np.empty(len(numbers), dtype=object)
    made[:] = rationals.vector(numbers, "numbers")
    return made
