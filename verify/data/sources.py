"""Where labelled images come from: embedded digits, MNIST, or a NumPy file of the user's own.

MNIST is MNIST only when all of its bytes are, and nothing is fetched unless it is asked for.
"""

import gzip
import hashlib
import math
import warnings
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from http.client import HTTPException
from pathlib import Path

import numpy as np

from certify.errors import InputError, said
from verify.data.digits import Dataset, digits
from verify.data.given import labels, numbers
from verify.data.memory import Budget
from verify.data.ranges import Ranges, in_unit

DIMENSIONS = {"train-images": 3, "train-labels": 1, "t10k-images": 3, "t10k-labels": 1}
"""The four files of MNIST and the dimensions of their arrays."""

SHA256 = {
    "train-images": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "train-labels": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    "t10k-images": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "t10k-labels": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
}
"""Of the official four files, unpacked; gzip may pack the same bytes in many ways."""

BYTES = Ranges.pixels(255)

LONGEST = 16 + 60_000 * 28 * 28
"""Bytes of the longest of the four files, unpacked."""

TRAINING_IMAGES = 60_000
"""OpenML has MNIST as one table: these come first, then the official test images."""


@dataclass(frozen=True, eq=False)
class Source:
    """Labelled images, with the official test part where their publisher made one.

    data  all the images, or the official training part when `test` is there
    test  the official test part, or None
    """

    name: str
    data: Dataset
    test: Dataset | None = None

    @property
    def sha256(self) -> str:
        """The hash of the data; with a test part, that of both hashes one after the other."""
        if self.test is None:
            return self.data.sha256
        return hashlib.sha256((self.data.sha256 + self.test.sha256).encode()).hexdigest()

    def partition(self, test_fraction: float, seed: int) -> tuple[Dataset, Dataset]:
        """Return the official (training, test) parts, or `data.split(test_fraction, seed)`."""
        if self.test is None:
            return self.data.split(test_fraction, seed)
        return self.data, self.test


def load(
    name: str, folder: Path | None = None, *, download: bool = False, memory: int = 2**30
) -> Source:
    """Return the images that `verify attack --data NAME --data-dir FOLDER --download` names.

    name      "digits", "mnist", or the path of a .npz file (see `read_npz`)
    folder    for "mnist" alone: the place of its four IDX files, gzipped or not; with `download`,
              that of scikit-learn's cache (None: the usual one)
    download  for "mnist" alone: fetch it from openml.org unless it was fetched before
    memory    bytes that a .npz file may take; sizes are added up before anything is read

    Raises InputError for anything else, and for files that are absent, damaged or not MNIST.
    """
    if name == "mnist":
        if download:
            return _mnist(_fetched_mnist(folder), "openml.org")
        if folder is None:
            raise InputError(
                "--data-dir", expected="the folder of MNIST's files (or --download)", got="nothing"
            )
        return _mnist(_stored_mnist(folder), str(folder))
    if folder is not None or download:
        option = "--download" if download else "--data-dir"
        raise InputError(option, expected="this option with mnist alone", got=f"--data {name}")
    if name == "digits":
        return Source(name, digits())
    if is_npz(name):
        return Source(Path(name).stem, read_npz(Path(name), memory))
    raise InputError("--data", expected="digits, mnist or a .npz file", got=repr(name))


def is_npz(name: str) -> bool:
    """Tell whether a name is that of a NumPy archive, in capitals or not."""
    return name.lower().endswith(".npz")


def unit_pixels(values: np.ndarray) -> np.ndarray:
    """Return float32 k/255 for bytes k, in the same shape.

    A pixel is the float32 nearest to the rational k/255, which is dyadic for k = 0 and 255 alone.
    Whatever is decided exactly later speaks of that dyadic number, not of k/255.

    >>> unit_pixels(np.array([0, 51, 255], dtype=np.uint8)).tolist()
    [0.0, 0.20000000298023224, 1.0]
    """
    # Not by a table: the indices would take eight bytes for each pixel.
    divided: np.ndarray = np.divide(values, np.float32(255), dtype=np.float32)
    return divided


def encode_idx(array: np.ndarray) -> bytes:
    """Return a uint8 array as the bytes of an uncompressed IDX file."""
    return bytes((0, 0, 8, array.ndim)) + np.array(array.shape, ">u4").tobytes() + array.tobytes()


def decode_idx(contents: bytes, dimensions: int, name: str) -> np.ndarray:
    """Return the read-only uint8 array of an uncompressed IDX file; `name` is for messages.

    Raises InputError unless it holds unsigned bytes (type 0x08) in so many dimensions, at least
    one, and has exactly the length that its header tells.
    """
    magic, header = bytes((0, 0, 8, dimensions)), 4 + 4 * dimensions
    if contents[:4] != magic or len(contents) < header:
        wanted = f"IDX bytes in {dimensions} dimensions: {magic.hex(' ')}, then the shape"
        got = f"[{contents[:header].hex(' ')}] at the start of {len(contents)} bytes"
        raise InputError(name, expected=wanted, got=got)
    shape = tuple(np.frombuffer(contents, ">u4", dimensions, offset=4).tolist())
    if 0 in shape:
        raise InputError(name, expected="a shape without 0", got=f"{shape}")
    if len(contents) != (length := header + math.prod(shape)):
        raise InputError(name, expected=f"{length} bytes for {shape}", got=f"{len(contents)}")
    return np.frombuffer(contents, np.uint8, offset=header).reshape(shape)


def _mnist(contents: Mapping[str, bytes], origin: str) -> Source:
    """Return MNIST from the bytes of its four uncompressed files, once they are the official."""
    arrays = []
    for part, dimensions in DIMENSIONS.items():
        arrays.append(decode_idx(contents[part], dimensions, f"{origin}: {part}"))
        if (found := hashlib.sha256(contents[part]).hexdigest()) != SHA256[part]:
            wanted = f"the official bytes of MNIST, SHA-256 {SHA256[part][:16]}..."
            raise InputError(f"{origin}: {part}", expected=wanted, got=f"{found[:16]}...")
    names = ("mnist/train", "mnist/test")
    datasets = [
        Dataset(
            name,
            unit_pixels(images.reshape(len(images), -1)),
            digit,
            images.shape[1:],
            "divided by 255",
        )
        for name, images, digit in zip(names, arrays[::2], arrays[1::2], strict=True)
    ]
    return Source("mnist", *datasets)


def _stored_mnist(folder: Path) -> dict[str, bytes]:
    """Return the contents of the four files, unpacked, by either spelling of their names."""
    contents = {}
    for part, dimensions in DIMENSIONS.items():
        names = [f"{part}{mark}idx{dimensions}-ubyte" for mark in "-."]
        paths = [folder / f"{name}{suffix}" for name in names for suffix in ("", ".gz")]
        path = next((path for path in paths if path.is_file()), None)
        if path is None:
            wanted = f"a file {names[0]} or {names[1]}, gzipped or not"
            got = "none" if folder.is_dir() else "no such folder"
            raise InputError("--data-dir", expected=wanted, got=got, where=str(folder))
        try:
            contents[part] = _unpacked(path)
        except (OSError, EOFError, zlib.error) as error:
            raise InputError(str(path), expected="a whole file", got=said(error)) from None
        if len(contents[part]) > LONGEST:
            raise InputError(str(path), expected=f"at most {LONGEST} bytes, unpacked", got="more")
    return contents


def _unpacked(path: Path) -> bytes:
    """Return the bytes of a file, unpacked; no more than it takes to see that they are too many.

    A small file can hold gigabytes once it is unpacked.
    """
    with path.open("rb") as file:
        # Known by its first bytes: browsers unpack files and leave them their names.
        packed = file.peek(2)[:2] == b"\x1f\x8b"
        return (gzip.GzipFile(fileobj=file) if packed else file).read(LONGEST + 1)


def _fetched_mnist(folder: Path | None) -> dict[str, bytes]:
    """Return what the four files would hold, from scikit-learn's copy of OpenML's table."""
    from sklearn.datasets import fetch_openml

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # one for each try again; the error says it all
            # This parser is scikit-learn's own; the faster one needs pandas.
            table = fetch_openml(
                "mnist_784", version=1, as_frame=False, parser="liac-arff", data_home=folder
            )
            # A number that is no byte changes here, and the hash of the whole with it.
            images = np.asarray(table.data).astype(np.uint8).reshape(-1, 28, 28)
            labels = np.asarray(table.target).astype(np.uint8)
    except (OSError, HTTPException, ValueError) as error:
        wanted = "MNIST from openml.org (or its four files, with --data-dir alone)"
        raise InputError("--download", expected=wanted, got=said(error)) from None
    arrays = (*np.split(images, [TRAINING_IMAGES]), *np.split(labels, [TRAINING_IMAGES]))
    parts = ("train-images", "t10k-images", "train-labels", "t10k-labels")
    return {part: encode_idx(array) for part, array in zip(parts, arrays, strict=True)}


def read_npz(path: Path, memory: int = 2**30) -> Dataset:
    """Return the images `X` and labels `y` of a .npz file; no pickled object is ever opened.

    X  (n, d), rows of a table, or (n, height, width, ...), images, of finite numbers; those outside
       of [0, 1] are brought there by :func:`verify.data.ranges.in_unit`, and ``scale`` says how;
       images of bytes are divided by 255
    y  (n,), whole numbers or words, two of them different; labels that are not whole numbers of at
       least 0 are numbered in their order, and ``names`` has them

    Raises InputError naming the file, the key, and the first entry that is wrong, and for arrays
    that would take more bytes than ``memory``.
    """
    check_archive(path)
    Budget(memory, 8).take_archive(path)
    X, y = stored_array(path, "X"), stored_array(path, "y")
    try:
        given = numbers(X)
        shape, rows = given.shape[1:], given.reshape(len(given), -1)
        if X.dtype == np.uint8 and len(shape) > 1:
            pixels, ranges, scale = unit_pixels(X.reshape(rows.shape)), BYTES, "divided by 255"
        else:
            pixels, ranges, scale = in_unit(rows, shape)
        numbered, names = _numbered(labels(y, len(X)))
        if len(np.unique(numbered)) < 2:
            got = f"only {(names or numbered.tolist())[0]!r}"
            raise InputError("y", expected="at least two different labels", got=got)
        return Dataset(path.stem, pixels, numbered, shape, scale, ranges, names)
    except InputError as error:
        key = "X" if error.argument in ("images", "X") else "y"
        raise InputError(
            f"{path}: {key}", expected=error.expected, got=error.got, where=error.where
        ) from None


def _numbered(y: np.ndarray) -> tuple[np.ndarray, tuple[int | str, ...]]:
    """Return labels as int64 (n,), and what each number stands for where that is another label."""
    if all(isinstance(label, int) and 0 <= label < 2**62 for label in y):
        return y.astype(np.int64), ()
    names = sorted(set(y.tolist()), key=lambda label: (isinstance(label, str), label))
    number = {label: k for k, label in enumerate(names)}
    return np.array([number[label] for label in y], np.int64), tuple(names)


def ranked(data: Dataset) -> Dataset:
    """Return the data with labels 0..K-1 in the order of their own, which ``names`` then has."""
    if data.classes == tuple(range(len(data.classes))):
        return data
    ranks = np.searchsorted(data.classes, data.labels)
    names = tuple(data.names[k] for k in data.classes) if data.names else data.classes
    return replace(data, labels=ranks, names=names)


def check_archive(path: Path) -> None:
    """Raise InputError, naming ``--data``, for what is no NumPy archive that can be read."""
    try:
        got = _instead_of_archive(path)
    except FileNotFoundError:
        got = "no such file"
    except OSError as error:
        got = f"one that cannot be read, {error.strerror}"
    if got:
        wanted = "a .npz file with the arrays X and y"
        raise InputError("--data", expected=wanted, got=got, where=str(path))


def _instead_of_archive(path: Path) -> str:
    """Return what is there instead of a zip archive, "" for an archive."""
    if path.is_dir():
        return "a folder"
    if path.exists() and not path.is_file():
        return "a pipe or device"
    with path.open("rb") as file:
        start = file.read(len(np.lib.format.MAGIC_PREFIX))
    if not start:
        return "an empty file"
    if start == np.lib.format.MAGIC_PREFIX:
        return "a single array, as of .npy (np.savez keeps both)"
    if zipfile.is_zipfile(path):
        return ""
    return "a damaged one, cut off perhaps" if start.startswith(b"PK") else "a file of another kind"


def stored_array(path: Path, key: str) -> np.ndarray:
    """Return one array of a .npz file; no pickled object is ever opened."""
    try:
        # Opened here, for NumPy leaves a file that is no archive open.
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            names = archive.files
            if key in names:
                return np.asarray(archive[key])
    except Exception as error:  # a damaged file makes NumPy, zipfile and zlib raise eight kinds
        got = said(error)
        if "Object arrays" in got:
            got = "one of Python objects, which could run code and are not opened"
        raise InputError(
            f"{path}: {key}", expected="an array of numbers in a .npz file", got=got
        ) from None
    raise InputError(f"{path}: {key}", expected="an array of this name", got=f"{names}")
