"""What a model's own library computes in its floats, beside the exact outputs."""

from fractions import Fraction
from typing import Any

import numpy as np

from certify.bounds.question import Box
from certify.errors import InputError
from certify.numbers.rationals import Vector
from verify.models.model import Model

POINTS, APART = 8, 1e-3  # of the box at which the model is run, and how far apart outputs may be
FAR = Fraction(2**20)  # from 0, where points are that a box has farther away, beyond floats


def check_reading(model: Model, box: Box, seed: int) -> None:
    """Raise InputError when the model's own library gives other outputs at points of a box."""
    runtime = model.runtime
    if runtime is None or model.behind != "nothing":
        return
    lower, upper = (
        np.array([float(min(max(x, -FAR), FAR)) for x in end]) for end in (box.lower, box.upper)
    )
    drawn = lower + np.random.default_rng(seed).random((POINTS, len(lower))) * (upper - lower)
    points = drawn.astype(runtime.dtype)
    scores = runtime.answer(points)[1]
    if scores is None:
        return
    exact = np.array([[float(y) for y in z] for z in model.network.outputs(points)])
    scores = np.asarray(scores, np.float64).reshape(len(exact), -1)
    if not alike(scores, exact):
        raise InputError(
            "model", expected=f"the outputs of {runtime.name} at points of the box",
            got="others", where=model.origin,
        )  # fmt: skip


def floats_at(model: Model, point: Vector) -> tuple[float, ...] | None:
    """Return the outputs that a model's own library computes at a point, None without any."""
    runtime = model.runtime
    if runtime is None or model.behind != "nothing":
        return None
    if max(map(abs, point)) > np.finfo(runtime.dtype).max:
        return None
    near = np.array([[float(x) for x in point]]).astype(runtime.dtype)
    scores = runtime.answer(near)[1]
    if scores is None or not np.isfinite(scores).all():
        return None
    return tuple(np.asarray(scores, np.float64).reshape(-1).tolist())


def alike(floats: Any, others: Any) -> bool:
    """Tell whether outputs are as near to others as those of one model in two libraries are."""
    x, y = np.array(floats), np.array(others)
    return x.shape == y.shape and bool((np.abs(x - y) <= APART * (1 + np.abs(y).max())).all())
