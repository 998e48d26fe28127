"""What was read of a model against the model itself, run by the library that it is made for."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import prod
from typing import Any

import numpy as np
import torch

from certify.deep_layers import Affine, Convolution
from certify.deep_networks import DeepNetwork
from certify.errors import InputError, said
from verify.auditing.model import Model, Runtime

SLACK = 16  # how many times the rounding that was measured a runtime's own may be
WORK = 10**8  # products in all points together, over which there are fewer points
FEWEST, MOST = 16, 200  # examples, and as many points drawn at random
SCALES = (0.1, 1.0, 10.0)  # of points drawn at random, when there are no examples


@dataclass(frozen=True)
class Agreement:
    """What comparing a model with its runtime found: the labels are the same.

    runtime   the library that ran the model, "" for a model of which only arrays are there
    examples  how many of the user's examples were compared
    drawn     how many points drawn at random in and around their range were
    ties      at how many the labels differ, where two scores of the runtime are within its rounding
    """

    runtime: str
    examples: int = 0
    drawn: int = 0
    ties: int = 0

    def __str__(self) -> str:
        """Return the sentence of reports."""
        if not self.runtime:
            return "There is no runtime to compare with: the model is given by its weights alone."
        sentence = (
            f"What was read gives the labels of {self.runtime} on {self.examples} examples and "
            f"{self.drawn} random points"
        )
        if self.ties:
            sentence += f", but for {self.ties} with two best scores that its rounding confuses"
        return f"{sentence}."


def compare(model: Model, X: np.ndarray | None = None, *, seed: int = 0) -> Agreement:
    """Make sure that what was read gives the labels of the model's own runtime.

    ``X`` are examples (n, ...) as the model takes them: they, evenly chosen where they are many,
    and random points in and around their range are compared; without them, random points about 0.
    Labels may differ where the runtime's own scores for the two labels are nearer to each other
    than its rounding, and nowhere else. That rounding is measured: it is taken to be at most
    ``SLACK`` times what the layers that were read, evaluated in floating point of the runtime's
    precision, are away from their exact values, and a few units in the last place of the scores;
    for labels chosen after a softmax or sigmoid, which rounds again, of 1.

    Raises InputError naming the first point at which they differ otherwise, both labels and the
    runtime's scores, and for a model that its runtime does not run.
    """
    runtime = model.runtime
    if runtime is None:
        return Agreement("")
    count = int(np.clip(WORK // _products(model.network), FEWEST, MOST))
    rng = np.random.default_rng(seed)
    examples = drawn = ties = 0
    for given, numbers, points in _points(model, X, count, rng):
        tied, compared = _compare(model, runtime, given, numbers, points)
        ties += tied
        examples += compared if given else 0
        drawn += 0 if given else compared
    if not examples + drawn:
        raise InputError(
            "model", expected=f"finite scores of {runtime.name} at some points", got="none"
        )
    return Agreement(runtime.name, examples, drawn, ties)


def _compare(
    model: Model, runtime: Runtime, given: bool, numbers: np.ndarray, points: np.ndarray
) -> tuple[int, int]:
    """Return how many labels differ within rounding, and how many points were compared."""
    with np.errstate(over="ignore"):
        points = points.astype(runtime.dtype)  # the runtime sees no other points
    kept = np.isfinite(points).all(axis=1)
    if not kept.any():
        return 0, 0
    points, numbers = points[kept], numbers[kept]
    labels, scores = _answers(model, runtime, points)
    exact = model.network.outputs(points)
    read = [max(range(len(z)), key=z.__getitem__) for z in exact]
    table = np.array([[_float(value) for value in z] for z in exact])
    index = {label: k for k, label in enumerate(model.labels)}
    theirs = [index.get(label) for label in labels]
    rounding = None
    ties, compared = 0, 0
    for i, (mine, other) in enumerate(zip(read, theirs, strict=True)):
        if scores is not None and not given and not np.isfinite(scores[i]).all():
            continue  # too large a point for the runtime, and one that nobody asked about
        compared += 1
        if mine == other:
            continue
        if rounding is None:
            rounding = _rounding(model, runtime, points, table)
        own = table[i] if scores is None else scores[i]
        if other is None or not _near(own, mine, other, rounding, runtime):
            place = f"example {numbers[i]}" if given else f"random point {numbers[i]}"
            first = ", ".join(f"{x:.9g}" for x in points[i][:4])
            shown = "" if scores is None else f" with scores {_listed(scores[i])}"
            raise InputError(
                "model",
                expected=f"the label {labels[i]!r} that {runtime.name} gives{shown}",
                got=f"{model.labels[mine]!r} with scores {_listed(table[i])} from what was read "
                f"of it, which is therefore not this model",
                where=f"{place}: {first}{', ...' if points.shape[1] > 4 else ''}",
            )
        ties += 1
    return ties, compared


def _float(value: Fraction) -> float:
    """Return a score as a float, infinite beyond the largest."""
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def _answers(
    model: Model, runtime: Runtime, points: np.ndarray
) -> tuple[list[Any], np.ndarray | None]:
    try:
        with np.errstate(all="ignore"):
            labels, scores = runtime.answer(points)
    except InputError:
        raise
    except Exception as error:
        raise InputError(
            "model", expected=f"one that {runtime.name} runs", got=said(error)
        ) from None
    if len(labels) != len(points):
        raise InputError(
            "model", expected=f"{len(points)} labels of {runtime.name}, one for each point",
            got=f"{len(labels)}",
        )  # fmt: skip
    shape = (len(points), len(model.labels))
    if scores is not None and scores.shape != shape:
        raise InputError(
            "model", expected=f"scores of {runtime.name} of shape {shape}", got=f"{scores.shape}"
        )
    # NumPy's scalars become Python's: 1, 1.0 and True are one label, as are two kinds of words.
    return [x.item() if hasattr(x, "item") else x for x in labels], scores


def _near(scores: np.ndarray, mine: int, other: int, rounding: float, runtime: Runtime) -> bool:
    """Tell whether two scores are as near to each other as rounding may bring them."""
    finite = np.abs(scores[np.isfinite(scores)])
    size = float(finite.max(initial=1.0 if runtime.softmax else 0.0))
    return bool(abs(scores[mine] - scores[other]) <= SLACK * (rounding + runtime.unit * size))


def _rounding(model: Model, runtime: Runtime, points: np.ndarray, exact: np.ndarray) -> float:
    """Return how far the layers in floating point are from their exact values, at most."""
    double = runtime.unit < np.finfo(np.float32).eps
    kind = torch.float64 if double else torch.float32
    with torch.no_grad():
        found = model.floating(kind)(torch.tensor(points.astype(np.float64)).to(kind))
    gaps = np.abs(found.double().numpy() - exact)
    largest = float(gaps.max(initial=0.0, where=np.isfinite(gaps)))
    return largest * runtime.unit / torch.finfo(kind).eps


def _points(
    model: Model, X: np.ndarray | None, count: int, rng: np.random.Generator
) -> Iterator[tuple[bool, np.ndarray, np.ndarray]]:
    """Yield whether points are the user's, their numbers, and the points, flat, by their size."""
    size = model.network.inputs
    if X is None or not len(X):
        each = -(-count // (len(SCALES) + 1))
        kinds = [rng.random((each, size))] + [s * rng.normal(size=(each, size)) for s in SCALES]
    else:
        flat = np.asarray(X).reshape(len(X), -1).astype(np.float64)
        chosen = np.unique(np.linspace(0, len(flat) - 1, count).round().astype(int))
        yield True, chosen, np.asarray(X).reshape(len(X), -1)[chosen]
        low, high = flat.min(axis=0), flat.max(axis=0)
        wide = high - low
        wide = np.where(wide > 0, wide, wide.max() or max(1.0, float(np.abs(flat).max())))
        each = -(-count // 2)
        around = rng.uniform(low - wide / 2, high + wide / 2, (each, size))
        near = flat[rng.integers(len(flat), size=each)] + wide / 10 * rng.normal(size=(each, size))
        kinds = [around, near]
    first = 0
    for points in kinds:
        yield False, np.arange(first, first + len(points)), points
        first += len(points)


def _products(network: DeepNetwork) -> int:
    """Return how many products of numbers one evaluation takes, at least 1."""
    total, size = 1, network.inputs
    for layer in network.layers:
        after = layer.outputs(size)
        if isinstance(layer, Affine):
            total += size * after
        elif isinstance(layer, Convolution):
            total += after * layer.shape[0] * prod(layer.window)
        size = after
    return total


def _listed(scores: np.ndarray) -> str:
    """Return a few scores, the largest of many."""
    if len(scores) <= 6:
        return f"[{', '.join(f'{x:.6g}' for x in scores)}]"
    best = np.argsort(-scores, kind="stable")[:3]
    return ", ".join(f"{scores[k]:.6g} (class {k})" for k in best)
