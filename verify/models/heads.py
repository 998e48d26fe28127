"""Linear classifiers as plain arrays of weights."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from certify.errors import InputError
from verify.models.builder import Builder
from verify.models.model import Model


def of_head(path: Path, W: np.ndarray, b: np.ndarray) -> Model:
    """Return the linear model of W (features, classes) and b (classes,), from a file."""
    if W.ndim != 2 or b.shape != (W.shape[1],) or W.dtype.kind not in "fiu":
        wanted = "numbers of shapes (features, classes) and (classes,)"
        got = f"{W.dtype} {W.shape} and {b.dtype} {b.shape}"
        raise InputError(f"{path}: W, b", expected=wanted, got=got)
    builder = Builder((len(W),))
    scores = builder.dense(builder.input, W.T, b, str(path))
    found = builder.model(scores, path.stem, f"{path.suffix[1:]} file {path.name}")
    return replace(found, behind="nothing" if len(b) > 1 else "labels")
