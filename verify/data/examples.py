"""The user's examples: read as they are given, never rescaled unasked, refused in one line."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from certify.errors import InputError
from verify.data.given import column_names, dense, labels, number_type, numbers
from verify.data.memory import MEMORY, Budget
from verify.data.sources import check_archive, is_npz, load, stored_array, unit_pixels
from verify.evidence.places import printable

GIVEN, UNIT, NONE = "given", "unit", "none"
PIXELS = (GIVEN, UNIT, NONE)


@dataclass(frozen=True, eq=False)
class Examples:
    """Labelled examples, or none.

    X       float32 or float64 (n, ...), exactly the numbers that were given
    y       object (n,), whole numbers and words
    rows    int64 (n,), the places of the examples in what the user has, before any were drawn
    name    of where they came from; file and sha256 of its bytes are None for arrays in memory
    scale   what was done to the numbers, in words
    image   the shape of one picture where the source tells it
    given   the type of the numbers before they became floats, where it was another
    names   of the columns of a table, () without
    """

    X: np.ndarray
    y: np.ndarray
    rows: np.ndarray
    name: str = "the user's examples"
    file: str | None = None
    sha256: str | None = None
    scale: str = "as they were given"
    image: tuple[int, ...] = ()
    given: np.dtype | None = None
    names: tuple[str, ...] = ()

    @classmethod
    def of(cls, X: Any, y: Any) -> "Examples | None":
        """Return arrays, lists, tables, tensors or sparse matrices as examples, None for none.

        Raises InputError for anything but finite numbers (n, ...) that float64 holds exactly and
        n labels that are whole numbers, truth values or words.
        """
        if X is None:
            if y is not None:
                raise InputError("X", expected="examples for the labels", got="nothing")
            return None
        names, X = column_names(X), dense(X)
        points = numbers(X)
        rows = np.arange(len(points))
        return cls(points, labels(y, len(points)), rows, given=number_type(X), names=names)

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

    @property
    def shapes(self) -> list[tuple[int, ...]]:
        """The shapes in which a model may want one: as given, or a picture with one channel."""
        own, image = self.X.shape[1:], self.image or self.X.shape[1:]
        channel = [(1, *image)] if len(image) == 2 else []
        return list(dict.fromkeys([own, *channel, image, (int(np.prod(own)),)]))

    def in_unit(self) -> "Examples":
        """Return bytes k as the float32 next to k / 255; raises InputError for other numbers."""
        whole = np.floor(self.X) == self.X
        if not (whole.all() and self.X.min() >= 0 and self.X.max() <= 255):
            raise InputError(
                "pixels", expected="whole numbers from 0 to 255, to divide by 255", got="others"
            )
        pixels = unit_pixels(self.X.astype(np.uint8))
        return replace(self, X=pixels, scale="divided by 255, as asked", given=None)

    def as_table(self) -> "Examples":
        """Return the same where rows are no pictures; raises InputError for more axes than one."""
        if self.X.ndim != 2:
            got = f"examples of shape {self.X.shape[1:]}"
            raise InputError("pixels", expected="rows of a table, for none", got=got)
        return replace(self, image=self.X.shape[1:])


def read_examples(
    name: str,
    folder: Path | None = None,
    *,
    count: int | None = None,
    seed: int = 0,
    keep: Sequence[int] = (),
    pixels: str = GIVEN,
    memory: int = MEMORY,
) -> "Examples":
    """Return the examples that ``verify audit --data NAME`` names, at most ``count`` of them.

    name    "digits" or "mnist" (its test images), whose pixels lie in [0, 1], or a .npz file with
            ``X`` (n, ...) and ``y`` (n,)
    keep    examples, by number, that are among those drawn
    pixels  "given", "unit" to divide whole numbers from 0 to 255 by 255, or "none" where rows are
            those of a table, whatever the number of their columns
    memory  bytes that the arrays may take; they are added up before anything is read

    Raises InputError for data that cannot be used, naming the file.
    """
    if pixels not in PIXELS:
        raise InputError("pixels", expected=" or ".join(PIXELS), got=repr(pixels))
    if is_npz(name):
        found = _of_file(Path(name), memory, count, seed, keep)
        if pixels == NONE:
            return found.as_table()
        return found.in_unit() if pixels == UNIT else found
    if pixels != GIVEN:
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
) -> "Examples":
    check_archive(path)
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
