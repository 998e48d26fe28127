"""Checks of the arguments that several modules of this package share.

Each returns the value in canonical form or raises `certify.errors.InputError`.
"""

import sys
from collections.abc import Sequence
from numbers import Real

import numpy as np

from certify.errors import InputError, described

FINITE = float(np.finfo(np.float32).max)


def check_whole(argument: str, value: object, minimum: int = 0, maximum: int | None = None) -> int:
    """Return `value` as an int when it is a whole number from `minimum` to `maximum`, if any.

    >>> check_whole("seed", np.int64(3))
    3
    """
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < minimum:
        raise InputError(argument, expected=f"an integer >= {minimum}", got=repr(value))
    if maximum is not None and value > maximum:
        raise InputError(argument, expected=f"at most {maximum:,}", got=described(value))
    return int(value)


def check_positive(argument: str, value: float) -> float:
    """Return `value` as a float when it is a positive number in the range of floats."""
    real = isinstance(value, Real) and not isinstance(value, bool)
    if not real or not 0.0 < value <= sys.float_info.max:
        raise InputError(argument, expected="a positive finite number", got=described(value))
    return float(value)


def check_widths(widths: Sequence[int]) -> tuple[int, ...]:
    """Return the layer widths (input, hidden ..., output) when there are two or more."""
    if len(widths) < 2:
        raise InputError(
            "widths", expected="at least an input and an output width", got=f"{widths}"
        )
    return tuple(check_whole(f"widths[{i}]", width, 1) for i, width in enumerate(widths))


def check_images(images: np.ndarray, argument: str = "images", *, box: bool = True) -> np.ndarray:
    """Return flat images (n, d) when they are float32, not empty, finite, and within [0, 1].

    Without ``box`` they may lie outside.

    Other float types are refused instead of rounded, so that the pixels that are attacked are the
    pixels that the caller holds.
    """
    if not isinstance(images, np.ndarray) or images.dtype != np.float32 or images.ndim != 2:
        raise InputError(argument, expected="a float32 array of shape (n, d)", got=_form(images))
    if images.size == 0:
        raise InputError(argument, expected="at least one pixel", got=f"shape {images.shape}")
    # Written so that NaN, for which every comparison is false, counts as bad.
    low, high = (0.0, 1.0) if box else (-FINITE, FINITE)
    bad = np.argwhere(~((images >= low) & (images <= high)))
    if len(bad):
        row, column = bad[0]
        wanted = "pixels in [0, 1]" if box else "finite numbers"
        where = f"image {row}, pixel {column}"
        raise InputError(argument, expected=wanted, got=f"{images[row, column]:g}", where=where)
    return np.ascontiguousarray(images)


def _form(value: object) -> str:
    if isinstance(value, np.ndarray):
        return f"{value.dtype} of shape {value.shape}"
    return type(value).__name__


def check_labels(labels: np.ndarray, count: int, argument: str = "labels") -> np.ndarray:
    """Return class labels (count,) as int64 when they are whole numbers of at least 0."""
    if not isinstance(labels, np.ndarray) or labels.dtype.kind not in "iu" or labels.ndim != 1:
        raise InputError(argument, expected="an integer array of shape (n,)", got=_form(labels))
    if len(labels) != count:
        raise InputError(argument, expected=f"{count} labels, one per image", got=f"{len(labels)}")
    bad = np.flatnonzero(labels < 0)
    if len(bad):
        raise InputError(
            argument, expected="labels >= 0", got=f"{labels[bad[0]]}", where=f"label {bad[0]}"
        )
    return labels.astype(np.int64)


def check_signed(points: np.ndarray, signs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return points (n, d) as float32 or float64 and signs (n,) as int64, both signs present."""
    if points.ndim != 2 or points.size == 0 or points.dtype not in (np.float32, np.float64):
        wanted = "a float32 or float64 array of shape (n, d), not empty"
        raise InputError("X", expected=wanted, got=f"{points.dtype} of shape {points.shape}")
    bad = np.argwhere(~np.isfinite(points))
    if len(bad):
        row, column = bad[0]
        where = f"row {row}, column {column}"
        raise InputError("X", expected="finite numbers", got=f"{points[row, column]}", where=where)
    if signs.shape != (len(points),):
        raise InputError("y", expected=f"{len(points)} labels", got=f"shape {signs.shape}")
    present = np.unique(signs).tolist()
    if present != [-1, 1]:
        raise InputError("y", expected="labels -1 and +1, both present", got=f"{present[:5]}")
    return points, signs.astype(np.int64)
