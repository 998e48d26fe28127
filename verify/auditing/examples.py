"""The user's examples: read as they are given, never rescaled unasked, refused in one line."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from certify.errors import InputError, described
from verify.attack.sources import is_npz, load, stored_array, unit_pixels
from verify.auditing.memory import MEMORY, Budget
from verify.places import printable

GIVEN, UNIT = "given", "unit"
PIXELS = (GIVEN, UNIT)
_SPARSE = "numbers of shape (n, ...), such as X.toarray() of a sparse matrix"


@dataclass(frozen=True, eq=False)
class Examples:
    """Labelled examples, or none.

    X       float32 or float64 (n, ...), exactly the numbers that were given
    y       object (n,), whole numbers and words
    rows    int64 (n,), the places of the examples in what the user has, before any were drawn
    name    of where they came from; file and sha256 of its bytes are None for arrays in memory
    scale   what was done to the numbers, in words
    image   the shape of one picture where the source tells it
    """

    X: np.ndarray
    y: np.ndarray
    rows: np.ndarray
    name: str = "the user's examples"
    file: str | None = None
    sha256: str | None = None
    scale: str = "as they were given"
    image: tuple[int, ...] = ()

    @classmethod
    def of(cls, X: Any, y: Any) -> Examples | None:
        """Return arrays, lists, tables or tensors as examples, None for no data at all.

        Raises InputError for anything but finite numbers (n, ...) that float64 holds exactly and
        n labels that are whole numbers, truth values or words.
        """
        if X is None:
            if y is not None:
                raise InputError("X", expected="examples for the labels", got="nothing")
            return None
        points = numbers(X)
        return cls(points, labels(y, len(points)), np.arange(len(points)))

    def __len__(self) -> int:
        """Return the number of examples."""
        return len(self.X)

    @property
    def arrays_sha256(self) -> str:
        """The SHA-256 of the examples: X little-endian in its type, then the labels as text."""
        digest = hashlib.sha256(f"{self.X.dtype.name} {self.X.shape}\n".encode())
        digest.update(self.X.astype(self.X.dtype.newbyteorder("<")).tobytes())
        digest.update("\n".join(map(repr, self.y.tolist())).encode("utf-8", "surrogatepass"))
        return digest.hexdigest()

    def in_unit(self) -> Examples:
        """Return bytes k as the float32 next to k / 255; raises InputError for other numbers."""
        whole = np.floor(self.X) == self.X
        if not (whole.all() and self.X.min() >= 0 and self.X.max() <= 255):
            raise InputError(
                "pixels", expected="whole numbers from 0 to 255, to divide by 255", got="others"
            )
        pixels = unit_pixels(self.X.astype(np.uint8))
        return replace(self, X=pixels, scale="divided by 255, as asked")


def read_examples(
    name: str,
    folder: Path | None = None,
    *,
    count: int | None = None,
    seed: int = 0,
    keep: Sequence[int] = (),
    pixels: str = GIVEN,
    memory: int = MEMORY,
) -> Examples:
    """Return the examples that ``verify audit --data NAME`` names, at most ``count`` of them.

    name    "digits" or "mnist" (its test images), whose pixels lie in [0, 1], or a .npz file with
            ``X`` (n, ...) and ``y`` (n,)
    keep    examples, by number, that are among those drawn
    pixels  "given", or "unit" to divide whole numbers from 0 to 255 by 255
    memory  bytes that the arrays may take; they are added up before anything is read

    Raises InputError for data that cannot be used, naming the file.
    """
    if pixels not in PIXELS:
        raise InputError("pixels", expected=" or ".join(PIXELS), got=repr(pixels))
    if is_npz(name):
        found = _of_file(Path(name), memory, count, seed, keep)
        return found.in_unit() if pixels == UNIT else found
    if pixels == UNIT:
        got = f"--data {name}, whose pixels lie in [0, 1]"
        raise InputError("pixels", expected="this choice with a .npz file", got=got)
    source = load(name, folder)
    data = source.test or source.data
    rows = _drawn(len(data), count, seed, keep)
    return Examples(
        data.images[rows], data.labels[rows].astype(object), rows, source.name,
        scale="divided by the largest possible, in [0, 1]", image=data.image_shape,
    )  # fmt: skip


def _drawn(total: int, count: int | None, seed: int, keep: Sequence[int]) -> np.ndarray:
    """Return the numbers of the examples that are kept, in order, those drawn at random."""
    if count is None or total <= count:
        return np.arange(total)
    first = dict.fromkeys(k for k in keep if k < total)
    others = (int(k) for k in np.random.default_rng(seed).permutation(total) if k not in first)
    return np.array(sorted([*first, *islice(others, max(0, count - len(first)))]))


def _of_file(
    path: Path, memory: int, count: int | None, seed: int, keep: Sequence[int]
) -> Examples:
    Budget(memory, 8).take_archive(path)
    X, y = stored_array(path, "X"), stored_array(path, "y")
    rows = np.arange(len(X) if X.ndim else 0)
    if X.ndim and y.ndim and len(X) == len(y):
        rows = _drawn(len(X), count, seed, keep)
        X, y = X[rows], y[rows]
    try:
        points = numbers(X)
        read = labels(y, len(points))
    except InputError as error:
        raise InputError(
            f"{path}: {error.argument}", expected=error.expected, got=error.got, where=error.where
        ) from None
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return Examples(points, read, rows, printable(path.name), str(path), digest)


def numbers(X: Any) -> np.ndarray:
    """Return examples as float32 where they are, else as float64, without rounding."""
    values = _array(X, "X", _SPARSE)
    if values.dtype == object:
        values = _of_objects(values)
    if values.dtype.kind not in "fiub" or values.ndim < 2 or not values.size:
        got = f"{values.dtype} of shape {values.shape}"
        raise InputError("X", expected="numbers of shape (n, ...), not empty", got=got)
    bad = np.argwhere(~np.isfinite(values))
    if len(bad):
        where = f"example {bad[0][0]}"
        got = str(values[tuple(bad[0])])
        raise InputError("X", expected="finite numbers", got=got, where=where)
    if values.dtype == np.float32:
        return values
    with np.errstate(over="ignore"):
        kept = values.astype(np.float64)
    if values.dtype.kind == "f":
        exact = bool((kept.astype(values.dtype) == values).all())
    else:
        exact = all(int(float(v)) == v for v in values[np.abs(kept) > 2.0**53].tolist())
    if not exact or not np.isfinite(kept).all():
        raise InputError("X", expected="numbers that float64 holds exactly", got="longer ones")
    return kept


def labels(y: Any, count: int) -> np.ndarray:
    """Return labels as an object array (count,) of whole numbers and words."""
    wanted = f"{count} whole numbers or words, one label for each example"
    if y is None:
        raise InputError("y", expected=wanted, got="nothing")
    values = _array(y, "y", wanted)
    if values.ndim == 2 and values.shape[1:] == (1,):
        values = values[:, 0]
    if values.shape != (count,):
        shape = f"{values.dtype} of shape {values.shape}"
        hint = " (of one-hot rows take y.argmax(axis=1))" if values.ndim == 2 else ""
        raise InputError("y", expected=wanted + hint, got=shape)
    found = np.empty(count, dtype=object)
    for i, value in enumerate(values.tolist()):
        found[i] = _label(value, i)
    return found


def _label(value: Any, place: int) -> int | str:
    plain = value.item() if isinstance(value, np.generic) else value
    if isinstance(plain, bytes):
        plain = plain.decode("utf-8", "backslashreplace")
    if isinstance(plain, str):
        return str(plain)
    if isinstance(plain, int) or (isinstance(plain, float) and plain.is_integer()):
        return int(plain)
    raise InputError(
        "y", expected="labels that are whole numbers or words", got=described(value),
        where=f"label {place}",
    )  # fmt: skip


def _array(values: Any, name: str, expected: str) -> np.ndarray:
    """Return what people hold as an array; raises InputError for what would change on the way."""
    if np.ma.isMaskedArray(values):
        if np.ma.is_masked(values):
            raise InputError(name, expected="an array without masked entries", got="masked ones")
        values = values.data
    if hasattr(values, "tocsr"):
        raise InputError(name, expected=expected, got=f"a sparse {type(values).__name__}")
    if hasattr(values, "detach"):
        values = _of_tensor(values)
    try:
        found = np.asarray(values)
    except (TypeError, ValueError, OverflowError, RuntimeError):  # ragged, or of no array at all
        raise InputError(name, expected=expected, got=described(values)) from None
    if found.dtype.name in ("bfloat16", "float8_e4m3fn", "float8_e5m2"):
        return found.astype(np.float32)  # wider, so exact
    return found


def _of_tensor(tensor: Any) -> np.ndarray:
    """Return a torch tensor; types that NumPy lacks become float32, which is wider."""
    import torch

    tensor = tensor.detach().cpu()
    if tensor.is_sparse:
        tensor = tensor.to_dense()
    if tensor.is_floating_point() and tensor.dtype not in (torch.float64, torch.float16):
        tensor = tensor.float()
    return np.asarray(tensor.resolve_conj().resolve_neg().numpy())


def _of_objects(values: np.ndarray) -> np.ndarray:
    """Return an array of Python numbers as float64 if they all are such floats exactly."""
    found = np.empty(values.shape, np.float64)
    for place in np.ndindex(values.shape):
        value = values[place]
        value = value.item() if isinstance(value, np.generic) else value
        try:
            found[place] = float(value)
            exact = not isinstance(value, str) and (
                found[place] == value or math.isnan(found[place])
            )
        except (TypeError, ValueError, OverflowError):
            exact = False
        if not exact:
            raise InputError(
                "X", expected="numbers that float64 holds exactly", got=described(value),
                where=f"example {place[0] if place else 0}",
            )  # fmt: skip
    return found
