"""scikit-learn's linear models and multi-layer perceptrons, exactly."""

from __future__ import annotations

import json
import warnings
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from certify.errors import InputError, said
from verify.data.memory import Budget
from verify.models.chain import Chain
from verify.models.model import Label, Model, Runtime

SUPPORTED = (
    "a fitted linear classifier (coef_, intercept_) or an MLPClassifier with ReLU or no activation"
)

_ANSWERS = ("predict", "decision_function", "predict_proba")

_OPTIMISERS = [  # of MLPClassifier; plain data, which skops does not know
    f"sklearn.neural_network._stochastic_optimizers.{name}Optimizer" for name in ("Adam", "SGD")
]


def of_estimator(
    estimator: Any, name: str = "model", origin: str = "", budget: Budget | None = None
) -> Model:
    """Return a fitted estimator; a binary one has the logits 0 and its decision function.

    Where that function is 0, scikit-learn gives the first label, as the first of two equal logits
    says. Its SVC and NuSVC give the second, so their logits and labels come in the other order. An
    MLPClassifier of two classes gives the second where its probability, rounded, is above 1/2: what
    is read says so where it is above 1/2 without rounding, which differs for scores up to some
    1e-16 alone.

    Raises InputError for any other estimator: one that is not fitted, a regressor, one that gives
    several labels at once, and an SVC of three classes or more, where pairs of classes vote; and
    for one that answers by code that is not scikit-learn's own.
    """
    _check_own(estimator)
    if _frozen(estimator):
        return of_estimator(estimator.estimator, name, origin, budget)
    kind = type(estimator).__name__
    labels = _labels(estimator, kind)
    hidden, softmax = "identity", False
    if hasattr(estimator, "coefs_"):
        hidden, softmax = estimator.activation, True
        if hidden not in ("relu", "identity"):
            raise InputError("model", expected=SUPPORTED, got=f"activation {hidden!r}")
        layers = list(zip(estimator.coefs_, estimator.intercepts_, strict=True))
    elif hasattr(estimator, "coef_") and hasattr(estimator, "intercept_"):
        coefficients = np.atleast_2d(_dense(estimator.coef_, budget))
        layers = [(coefficients.T, np.broadcast_to(estimator.intercept_, len(coefficients)))]
    else:
        raise InputError("model", expected=SUPPORTED, got=kind)
    turned = _votes(estimator)
    if turned:
        if len(labels) > 2:
            got = f"{kind} of {len(labels)} classes, whose label is the most votes of pairs"
            raise InputError("model", expected=SUPPORTED, got=got)
        layers, labels = [(-w, -b) for w, b in layers], labels[::-1]
    chain = Chain()
    for k, (weights, biases) in enumerate(layers):
        if k and hidden == "relu":
            chain.relu(f"layer {k}")
        chain.dense(np.asarray(weights).T, biases, f"layer {k}")
    runtime = _runtime(estimator, turned, softmax)
    return chain.model(name, origin or f"scikit-learn {kind}", labels, runtime)


def read_skops(path: Path, budget: Budget) -> Model:
    """Return the estimator of a ``.skops`` file, of which only known types are opened."""
    try:
        from skops.io import load
    except ImportError:
        raise InputError(
            str(path),
            expected="the package skops (pip install 'adversarial-geometry[audit]')",
            got="a Python without it",
        ) from None
    budget.take_archive(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            _check_references(path)
            estimator = load(path, trusted=_OPTIMISERS)
    except InputError:
        raise
    except Exception as error:
        raise InputError(
            str(path),
            expected="an estimator saved by skops.io.dump, of scikit-learn's own types",
            got=said(error),
        ) from None
    return of_estimator(estimator, path.stem, f"skops file {path.name}", budget)


def _check_references(path: Path) -> None:
    """Raise InputError for a member that skops would load several times.

    It saves an array once, and gives every place where it stands the same number, by which it
    knows it again; the members of the archive are no bound for what is loaded otherwise.
    """
    with zipfile.ZipFile(path) as archive:
        left: list[Any] = [[json.loads(archive.read("schema.json"))]]
    numbers: dict[str, Any] = {}
    while left:
        part = left.pop()
        if isinstance(part, dict) and isinstance(file := part.get("file"), str):
            number = part.get("__id__")
            if file in numbers and (number is None or numbers[file] != number):
                raise InputError(str(path), expected="each array once", got=f"{file!r} again")
            numbers[file] = number
        inner = part.values() if isinstance(part, dict) else part
        left += [value for value in inner if isinstance(value, dict | list)]


def _check_own(estimator: Any) -> None:
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
        raise InputError(
            "model", expected=f"{SUPPORTED}, which answers by scikit-learn's own code",
            got=f"{name} of {kind_}",
        )  # fmt: skip


def _labels(estimator: Any, kind: str) -> list[Label]:
    """Return the labels of a fitted classifier that gives one at a time."""
    from sklearn.base import is_classifier, is_regressor

    if is_regressor(estimator):
        raise InputError("model", expected=SUPPORTED, got=f"{kind}, which is a regressor")
    labels = getattr(estimator, "classes_", None)
    if labels is None:
        got = f"{kind}, not fitted" if is_classifier(estimator) else f"{kind}, no classifier"
        raise InputError("model", expected=SUPPORTED, got=got)
    target = str(getattr(getattr(estimator, "_label_binarizer", None), "y_type_", ""))
    if isinstance(labels, list) or target.startswith("multilabel"):
        got = f"{kind} fitted on several labels for each example"
        raise InputError("model", expected=f"{SUPPORTED}, with one label each", got=got)
    found = np.asarray(labels)
    values = found.tolist() if found.ndim == 1 else []
    if not values or any(not isinstance(x, int | float | str) for x in values):
        got = f"{kind} with classes of type {found.dtype} and shape {found.shape}"
        raise InputError("model", expected="numbers or words as labels", got=got)
    return list(values)


def _frozen(estimator: Any) -> bool:
    """Tell whether an estimator only holds another, whose attributes and labels show through."""
    try:
        from sklearn.frozen import FrozenEstimator
    except ImportError:  # before scikit-learn 1.6
        return False
    return isinstance(estimator, FrozenEstimator)


def _votes(estimator: Any) -> bool:
    """Tell whether an estimator is one of libsvm's, where pairs of classes vote."""
    from sklearn.svm import SVC, NuSVC

    return isinstance(estimator, SVC | NuSVC)


def _dense(coefficients: Any, budget: Budget | None) -> np.ndarray:
    """Return coefficients as an array, also those of ``sparsify()``."""
    if not hasattr(coefficients, "toarray"):
        return np.asarray(coefficients)
    if budget is not None:
        budget.take(int(np.prod(coefficients.shape, dtype=object)), "coef_")
    return np.asarray(coefficients.toarray())


def _runtime(estimator: Any, turned: bool, softmax: bool) -> Runtime:
    """Return the estimator as scikit-learn runs it."""
    import sklearn

    def answer(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of names of features, which points have none of
            labels = np.asarray(estimator.predict(points))
            if softmax:
                return labels, np.log(estimator.predict_proba(points))
            scores = np.asarray(estimator.decision_function(points))
        if scores.ndim == 1:
            scores = np.stack([np.zeros_like(scores), -scores if turned else scores], axis=1)
        return labels, scores

    name = f"scikit-learn {sklearn.__version__}"
    return Runtime(name, answer, np.dtype(np.float64), 2.0**-52, softmax)
