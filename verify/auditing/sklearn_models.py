"""scikit-learn's linear models and multi-layer perceptrons, exactly."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from certify.errors import InputError, said
from verify.auditing.model import Chain, Model

SUPPORTED = (
    "a fitted linear classifier (coef_, intercept_) or an MLPClassifier with ReLU or no activation"
)


_OPTIMISERS = [  # of MLPClassifier; plain data, which skops does not know
    f"sklearn.neural_network._stochastic_optimizers.{name}Optimizer" for name in ("Adam", "SGD")
]


def of_estimator(estimator: Any, name: str = "model", origin: str = "") -> Model:
    """Return a fitted estimator; a binary one has the logits 0 and its decision function.

    Raises InputError for any other estimator, and for one that is not fitted.
    """
    kind = type(estimator).__name__
    origin = origin or f"scikit-learn {kind}"
    labels = getattr(estimator, "classes_", None)
    if labels is None or np.asarray(labels).dtype.kind not in "iu":
        got = f"{kind} with classes {labels}" if labels is not None else f"{kind}, not fitted"
        raise InputError("model", expected=f"{SUPPORTED}, with whole numbers as labels", got=got)
    if hasattr(estimator, "coefs_"):
        activation = estimator.activation
        if activation not in ("relu", "identity"):
            raise InputError("model", expected=SUPPORTED, got=f"activation {activation!r}")
        layers = list(zip(estimator.coefs_, estimator.intercepts_, strict=True))
    elif hasattr(estimator, "coef_") and hasattr(estimator, "intercept_"):
        activation = "identity"
        coefficients = np.atleast_2d(np.asarray(estimator.coef_))
        layers = [(coefficients.T, np.broadcast_to(estimator.intercept_, len(coefficients)))]
    else:
        raise InputError("model", expected=SUPPORTED, got=kind)
    chain = Chain()
    for k, (weights, biases) in enumerate(layers):
        if k and activation == "relu":
            chain.relu(f"layer {k}")
        chain.dense(np.asarray(weights).T, biases, f"layer {k}")
    return chain.model(name, origin, np.asarray(labels).tolist())


def read_skops(path: Path) -> Model:
    """Return the estimator of a ``.skops`` file, of which only known types are opened."""
    try:
        from skops.io import load
    except ImportError:
        raise InputError(
            str(path),
            expected="the package skops (pip install 'adversarial-geometry[audit]')",
            got="a Python without it",
        ) from None
    try:
        estimator = load(path, trusted=_OPTIMISERS)
    except Exception as error:
        raise InputError(
            str(path),
            expected="an estimator saved by skops.io.dump, of scikit-learn's own types",
            got=said(error),
        ) from None
    return of_estimator(estimator, path.stem, f"skops file {path.name}")
