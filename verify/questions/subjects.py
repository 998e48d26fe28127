"""From a model and examples to what questions are asked about; what does not fit is refused."""

from collections.abc import Sequence
from fractions import Fraction
from numbers import Integral

import numpy as np

from certify.errors import InputError, described
from verify.attack.radii import Asked, radius_text
from verify.data.examples import Examples
from verify.data.ranges import is_square, limits
from verify.models.model import Model
from verify.questions.question import SECONDS, Robust, Subject
from verify.questions.units import SHARES, Units, unasked

LARGEST = 1e36  # of the numbers of examples: float32 ends at 3.4e38


def subject_of(
    model: Model,
    examples: Examples | None,
    image_shape: tuple[int, ...],
    radii: tuple[Fraction, ...] | None,
    twins: tuple[tuple[int, int], ...],
    seed: int,
    robust: Asked | None = None,
    seconds: float = SECONDS,
) -> Subject:
    """Return a model with examples, or without any, as what questions are asked about.

    Radii that are not given follow the data. Raises InputError for what does not fit the model.
    """
    size = model.network.inputs
    _check_shape(image_shape)
    if twins and model.voting:
        got = "one in which pairs of classes vote, which has none"
        raise InputError("twins", expected="a model with a softmax", got=got)
    if robust and model.voting:
        got = "one in which pairs of classes vote"
        raise InputError("robust", expected="a model whose largest score is its label", got=got)
    if examples is None:
        if robust:
            raise InputError("robust", expected="examples, around which radii are", got="none")
        if twins:
            raise InputError("twins", expected="examples, whose numbers these are", got="none")
        none, rows = np.zeros((0, size), np.float32), np.zeros(0, np.int64)
        return Subject(model, none, rows, (size,), Units(), radii or SHARES, (), seed, rows)
    check_shape(model, examples.X.shape[1:])
    check_columns(model, examples.names)
    flat = examples.X.reshape(len(examples), -1)
    if not (np.abs(flat) <= LARGEST).all():
        wanted = f"numbers of at most {LARGEST:g}, which attacks in floats can move"
        raise InputError("X", expected=wanted, got=f"{np.abs(flat).max():g}")
    place = {row: k for k, row in enumerate(examples.rows.tolist())}
    for two in twins:
        pair = isinstance(two, tuple | list) and len(two) == 2
        if not pair or not all(isinstance(i, Integral) for i in two):
            wanted = "pairs of examples, such as (3, 17)"
            raise InputError("twins", expected=wanted, got=described(two))
    for i, j in twins:
        if i not in place or j not in place or i == j:
            expected = f"two different examples below {len(place)}"
            raise InputError("twins", expected=expected, got=f"{i}:{j}")
    shape = tuple(image_shape) or examples.image
    if not shape:
        named = examples.names or model.columns
        shape = (size,) if named else _image_shape(examples.X, size)
    if len(image_shape) and int(np.prod(shape)) != size:
        raise InputError("image_shape", expected=f"{size} numbers in all", got=f"{shape}")
    top = limits(flat, images=len(shape) == 2 or examples.X.ndim > 2)
    pictured = bool(image_shape) or examples.X.ndim > 2
    units, shares = unasked(flat, top, images=pictured)
    if radii:
        units = Units(top)
    pairs_ = tuple((place[i], place[j]) for i, j in twins)
    return Subject(
        model, flat, model.classes_of(examples.y), shape, units, radii or shares, pairs_, seed,
        examples.rows, examples.names or model.columns,
        None if robust is None else _robust(robust, flat, top, pictured, seconds),
    )  # fmt: skip


def _robust(asked: Asked, X: np.ndarray, top: int | None, images: bool, seconds: float) -> Robust:
    """Return radii with their units; raises InputError for more than the data range over."""
    if asked.shares:
        units, radii = unasked(X, top, images=images, shares=asked.radii)
        return Robust(radii, units, seconds)
    span = Fraction(float(X.max())) - Fraction(float(X.min())) if top is None else Fraction(top)
    if max(asked.radii) > span > 0:
        what = f"at most {float(span):g}, the range of the data"
        raise InputError("robust", expected=what, got=radius_text(max(asked.radii)))
    return Robust(asked.radii, Units(top), seconds)


def _check_shape(image_shape: Sequence[int]) -> None:
    whole = isinstance(image_shape, Sequence) and all(
        isinstance(n, Integral) and n > 0 for n in image_shape
    )
    if not whole:
        wanted = "positive integers, such as (28, 28)"
        raise InputError("image_shape", expected=wanted, got=described(image_shape))


def check_shape(model: Model, shape: tuple[int, ...]) -> None:
    """Raise InputError unless examples of a shape are inputs of the model, in its order.

    Flat examples fit a model of images, and images a flat model; axes of length 1 may be missing.
    """
    size, wanted = model.network.inputs, model.shape
    if int(np.prod(shape)) != size:
        raise InputError(
            "X", expected=f"{size} numbers in each example, as the model takes",
            got=f"{int(np.prod(shape))}",
        )  # fmt: skip
    if wanted is None:
        return
    ours, theirs = (tuple(n for n in s if n != 1) for s in (shape, wanted))
    if len(ours) > 1 and len(theirs) > 1 and ours != theirs:
        raise InputError(
            "X", expected=f"examples of shape {wanted}, in the order that the model takes",
            got=f"{shape}",
        )  # fmt: skip


def check_columns(model: Model, names: tuple[str, ...]) -> None:
    """Raise InputError for a table with other columns than the model's, or in another order."""
    wanted = model.columns
    if not names or not wanted or names == wanted:
        return
    place = next((k for k, (a, b) in enumerate(zip(wanted, names, strict=False)) if a != b), 0)
    raise InputError(
        "X", expected=f"the columns of the model in its order, {wanted[place]!r} here",
        got=f"{names[place]!r}", where=f"column {place}",
    )  # fmt: skip


def _image_shape(examples: np.ndarray, size: int) -> tuple[int, ...]:
    if examples.ndim > 2 and examples.shape[-1] * examples.shape[-2] == size:
        return examples.shape[-2:]
    return (round(size**0.5),) * 2 if is_square(size) else (size,)
