from __future__ import annotations

import gzip
import hashlib
import os
import warnings
import zipfile
from fractions import Fraction
from http.client import IncompleteRead
from pathlib import Path
from types import SimpleNamespace
from urllib.error import URLError

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hypothesis_numpy

from certify.errors import InputError
from verify.data import sources
from verify.data.digits import digits
from verify.data.sources import decode_idx, encode_idx, load, ranked, read_npz, unit_pixels

NAMES = (
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
)


def refusal(name: str, folder: Path | None = None, *, download: bool = False) -> str:
    with pytest.raises(InputError) as caught:
        load(name, folder, download=download)
    return str(caught.value)


@pytest.fixture
def arrays(monkeypatch: pytest.MonkeyPatch) -> tuple[np.ndarray, ...]:
    """Five training and three test images that pass for MNIST: the official hashes are theirs."""
    rng = np.random.default_rng(8)
    small = (
        rng.integers(0, 256, (5, 28, 28), dtype=np.uint8),
        np.array([3, 1, 4, 1, 5], dtype=np.uint8),
        rng.integers(0, 256, (3, 28, 28), dtype=np.uint8),
        np.array([9, 2, 6], dtype=np.uint8),
    )
    hashes = [hashlib.sha256(encode_idx(array)).hexdigest() for array in small]
    monkeypatch.setattr(sources, "SHA256", dict(zip(sources.SHA256, hashes, strict=True)))
    monkeypatch.setattr(sources, "TRAINING_IMAGES", 5)
    return small


@pytest.fixture
def folder(arrays: tuple[np.ndarray, ...], tmp_path: Path) -> Path:
    for name, array in zip(NAMES, arrays, strict=True):
        (tmp_path / name).write_bytes(encode_idx(array))
    return tmp_path


def test_digits_have_no_official_test_part() -> None:
    source = load("digits")
    assert (source.name, source.test) == ("digits", None)
    assert source.sha256 == source.data.sha256 == digits().sha256
    for part, same in zip(source.partition(0.3, 7), digits().split(0.3, 7), strict=True):
        assert part.sha256 == same.sha256


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("mark", ["-", "."])
def test_mnist_by_every_name_of_its_files(
    arrays: tuple[np.ndarray, ...], tmp_path: Path, mark: str, packed: bool
) -> None:
    for name, array in zip(NAMES, arrays, strict=True):
        path = tmp_path / name.replace("-idx", f"{mark}idx")
        if packed:
            path.with_name(path.name + ".gz").write_bytes(gzip.compress(encode_idx(array)))
        else:
            path.write_bytes(encode_idx(array))
    source = load("mnist", tmp_path)
    train, test = source.partition(0.5, seed=0)
    assert train is source.data
    assert test is source.test
    assert (source.name, train.name, test.name) == ("mnist", "mnist/train", "mnist/test")
    assert train.image_shape == test.image_shape == (28, 28)
    assert np.array_equal(train.images, unit_pixels(arrays[0]).reshape(5, 784))
    assert np.array_equal(test.images, unit_pixels(arrays[2]).reshape(3, 784))
    assert train.labels.tolist() == [3, 1, 4, 1, 5]
    assert test.labels.tolist() == [9, 2, 6]
    together = hashlib.sha256((train.sha256 + test.sha256).encode()).hexdigest()
    assert source.sha256 == together


def test_a_file_unpacked_under_its_packed_name_is_read(folder: Path) -> None:
    before = load("mnist", folder).sha256
    (folder / NAMES[0]).rename(folder / f"{NAMES[0]}.gz")
    assert load("mnist", folder).sha256 == before


def test_other_bytes_are_not_mnist(folder: Path) -> None:
    path = folder / NAMES[2]
    contents = bytearray(path.read_bytes())
    official = hashlib.sha256(contents).hexdigest()
    contents[-1] ^= 1
    path.write_bytes(contents)
    other = hashlib.sha256(contents).hexdigest()
    assert refusal("mnist", folder) == (
        f"{folder}: t10k-images: expected the official bytes of MNIST, "
        f"SHA-256 {official[:16]}..., got {other[:16]}..."
    )


def test_absent_files_are_named(folder: Path) -> None:
    (folder / NAMES[3]).unlink()
    assert refusal("mnist", folder) == (
        "--data-dir: expected a file t10k-labels-idx1-ubyte or t10k-labels.idx1-ubyte, "
        f"gzipped or not, got none ({folder})"
    )
    assert refusal("mnist", folder / "absent") == (
        "--data-dir: expected a file train-images-idx3-ubyte or train-images.idx3-ubyte, "
        f"gzipped or not, got no such folder ({folder / 'absent'})"
    )


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lambda packed: packed[:-9], "EOFError: Compressed file ended before"),
        (lambda packed: packed[:2], "EOFError: Compressed file ended before"),
        (lambda packed: packed[:-8] + bytes(8), "BadGzipFile: CRC check failed"),
        (lambda packed: packed + b"more", "BadGzipFile: Not a gzipped file"),
        (lambda packed: packed[:10] + b"\xff" * 9, "error: Error -3 while decompressing data"),
    ],
)
def test_damaged_gzip_is_refused(folder: Path, damage: object, reason: str) -> None:
    path = folder / NAMES[1]
    path.write_bytes(damage(gzip.compress(path.read_bytes())))  # type: ignore[operator]
    assert refusal("mnist", folder).startswith(f"{path}: expected a whole file, got {reason}")


@pytest.mark.parametrize(
    ("contents", "message"),
    [
        (b"", "expected IDX bytes in 1 dimensions: 00 00 08 01, then the shape, "
         "got [] at the start of 0 bytes"),
        (b"\1\0\x08\1\0\0\0\1\5", "expected IDX bytes in 1 dimensions: 00 00 08 01, then the "
         "shape, got [01 00 08 01 00 00 00 01] at the start of 9 bytes"),
        (b"\0\0\x0d\1\0\0\0\1\5", "expected IDX bytes in 1 dimensions: 00 00 08 01, then the "
         "shape, got [00 00 0d 01 00 00 00 01] at the start of 9 bytes"),
        (b"\0\0\x08\3\0\0\0\1\5", "expected IDX bytes in 1 dimensions: 00 00 08 01, then the "
         "shape, got [00 00 08 03 00 00 00 01] at the start of 9 bytes"),
        (b"\0\0\x08\1\0\0\0", "expected IDX bytes in 1 dimensions: 00 00 08 01, then the shape, "
         "got [00 00 08 01 00 00 00] at the start of 7 bytes"),
        (b"\0\0\x08\1\0\0\0\0", "expected a shape without 0, got (0,)"),
        (b"\0\0\x08\1\0\0\0\2\5", "expected 10 bytes for (2,), got 9"),
        (b"\0\0\x08\1\0\0\0\2\5\6\7", "expected 10 bytes for (2,), got 11"),
        (b"\0\0\x08\1\xff\xff\xff\xff\5", "expected 4294967303 bytes for (4294967295,), got 9"),
    ],
)  # fmt: skip
def test_malformed_idx_is_refused(contents: bytes, message: str) -> None:
    with pytest.raises(InputError) as caught:
        decode_idx(contents, 1, "file")
    assert str(caught.value) == f"file: {message}"


@given(
    hypothesis_numpy.arrays(
        np.uint8, hypothesis_numpy.array_shapes(min_dims=1, max_dims=5, max_side=5)
    ),
    st.data(),
)
def test_idx_round_trip_and_every_prefix_is_refused(array: np.ndarray, data: st.DataObject) -> None:
    contents = encode_idx(array)
    again = decode_idx(contents, array.ndim, "file")
    assert again.dtype == np.uint8
    assert again.shape == array.shape
    assert np.array_equal(again, array)
    assert not again.flags.writeable
    cut = data.draw(st.integers(0, len(contents) - 1))
    with pytest.raises(InputError, match=r"file: expected (IDX bytes|[0-9]+ bytes for)"):
        decode_idx(contents[:cut], array.ndim, "file")


def test_a_byte_becomes_the_nearest_float32() -> None:
    pixels = unit_pixels(np.arange(256, dtype=np.uint8))
    assert pixels.dtype == np.float32
    for k, pixel in enumerate(pixels):
        neighbours = (np.nextafter(pixel, np.float32(side)) for side in (-1, 2))
        error = abs(Fraction(float(pixel)) - Fraction(k, 255))
        assert all(error < abs(Fraction(float(n)) - Fraction(k, 255)) for n in neighbours)
        assert (error == 0) == (k in (0, 255))


def test_fetched_mnist_is_the_stored_one(
    arrays: tuple[np.ndarray, ...], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As the parser returns them: floats and strings, one table.
    table = SimpleNamespace(
        data=np.vstack([arrays[0], arrays[2]]).reshape(8, 784).astype(np.float64),
        target=np.array([str(label) for label in (*arrays[1], *arrays[3])], dtype=object),
    )
    asked = []

    def fetch(*args: object, **options: object) -> SimpleNamespace:
        asked.append((args, options))
        return table

    monkeypatch.setattr("sklearn.datasets.fetch_openml", fetch)
    assert load("mnist", folder, download=True).sha256 == load("mnist", folder).sha256
    load("mnist", download=True)
    options = {"version": 1, "as_frame": False, "parser": "liac-arff"}
    assert asked == [
        (("mnist_784",), {**options, "data_home": folder}),
        (("mnist_784",), {**options, "data_home": None}),
    ]
    table.data[6, 3] = (table.data[6, 3] + 1) % 256
    assert refusal("mnist", folder, download=True).startswith(
        "openml.org: t10k-images: expected the official bytes of MNIST, SHA-256 "
    )


@pytest.mark.parametrize(
    ("failure", "got"),
    [
        (URLError("no route\nto host"), "URLError: <urlopen error no route to host>"),
        (TimeoutError("timed out"), "TimeoutError: timed out"),
        (IncompleteRead(b"half"), "IncompleteRead: IncompleteRead(4 bytes read)"),
        (ValueError("md5 checksum differs"), "ValueError: md5 checksum differs"),
    ],
)
def test_offline_says_what_to_do_in_one_line(
    failure: Exception, got: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fetch(*_: object, **__: object) -> None:
        warnings.warn("trying again", stacklevel=1)
        raise failure

    monkeypatch.setattr("sklearn.datasets.fetch_openml", fetch)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert refusal("mnist", download=True) == (
            "--download: expected MNIST from openml.org "
            f"(or its four files, with --data-dir alone), got {got}"
        )


def test_a_table_of_another_width_is_refused(
    arrays: tuple[np.ndarray, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    table = SimpleNamespace(data=np.zeros((8, 64)), target=np.array(["1"] * 8, dtype=object))
    monkeypatch.setattr("sklearn.datasets.fetch_openml", lambda *_, **__: table)
    assert "got ValueError: cannot reshape array of size 512" in refusal("mnist", download=True)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("mnist", None, False), "--data-dir: expected the folder of MNIST's files "
         "(or --download), got nothing"),
        (("digits", Path("x"), False), "--data-dir: expected this option with mnist alone, "
         "got --data digits"),
        (("a.npz", None, True), "--download: expected this option with mnist alone, "
         "got --data a.npz"),
        (("MNIST", None, False), "--data: expected digits, mnist or a .npz file, got 'MNIST'"),
    ],
)  # fmt: skip
def test_options_that_do_not_go_together(
    arguments: tuple[str, Path | None, bool], message: str
) -> None:
    name, folder, download = arguments
    assert refusal(name, folder, download=download) == message


IMAGES = np.array([[[0, 51, 255]], [[1, 2, 3]]], dtype=np.uint8)
LABELS = np.array([4, 0], dtype=np.uint16)


def test_npz_of_bytes_and_of_floats(tmp_path: Path) -> None:
    path = tmp_path / "own.npz"
    hashes = set()
    floats = unit_pixels(IMAGES)
    for images in (IMAGES, floats, floats.astype(np.float64), floats.astype(">f4")):
        np.savez_compressed(path, X=images, y=LABELS)
        source = load(str(path))
        assert (source.name, source.data.name, source.test) == ("own", "own", None)
        assert source.data.image_shape == (1, 3)
        assert source.data.labels.tolist() == [4, 0]
        hashes.add(source.sha256)
    assert len(hashes) == 1
    np.savez(path, X=np.array([[0.5], [0.25]], dtype=np.float16), y=LABELS)
    assert read_npz(path).images.tolist() == [[0.5], [0.25]]


def test_labels_of_other_kinds_are_numbered_and_the_report_says_how(tmp_path: Path) -> None:
    path = tmp_path / "OWN.NPZ"
    for y, numbers, named in (
        (np.array(["cat", "ant"]), [1, 0], ("ant", "cat")),
        (np.array([1.0, -1.0]), [1, 0], (-1, 1)),
        (np.array([[True], [False]]), [1, 0], ()),
        (np.array([7, 3]), [7, 3], ()),
    ):
        np.savez(path.with_suffix(".npz"), X=IMAGES, y=y)
        path.with_suffix(".npz").rename(path)
        data = load(str(path)).data
        assert data.labels.tolist() == numbers
        assert data.names == named
    assert ranked(data).labels.tolist() == [1, 0]
    assert ranked(data).said == "read as images of 1 x 3, divided by 255; labels from 0: 3, 7"
    assert ranked(ranked(data)).names == (3, 7)


def test_numbers_of_any_range_are_brought_to_0_and_1(tmp_path: Path) -> None:
    path = tmp_path / "own.npz"
    table = np.array([[5.5, -2, 7], [6.5, 2, 7], [6.0, 1, 7]])
    pixels = np.array([[[0, 8], [16, 4]]] * 3)
    shown = "brought to [0, 1] by their range, -4.5 to 11.5 (rounded)"
    tenth = np.array([[0, 0.1], [0, 1], [1, 1]])
    columns = "each feature brought to [0, 1] by its range over the data, the first by 5.5 to 6.5"
    columns += " (rounded)"
    for X, first, said in (
        (table, [0, 0, 0], columns),
        (table.astype(np.float16), [0, 0, 0], columns),
        (tenth, [0, np.float32(0.1)], "as they were given (rounded)"),
        (np.array([[0, 0.5], [0, 1], [1, 1]]), [0, 0.5], "as they were given"),
        (pixels, [0, 0.5, 1, 0.25], "divided by 16"),
        (pixels * 15.0, [0, *np.float32([120, 240, 60]) / np.float32(255)], "divided by 255"),
        (pixels - 4.5, [0, 0.5, 1, 0.25], shown),
        (np.array([[True, False]] * 3), [1, 0], "as they were given"),
    ):  # fmt: skip
        np.savez(path, X=X, y=np.array([0, 1, 1]))
        data = read_npz(path)
        assert data.images[0].tolist() == first
        assert data.scale == said
        back = data.ranges.back(data.images)
        assert np.abs(back - X.reshape(3, -1)).max() < 1e-5


@pytest.mark.parametrize("columns", [4, 9, 13, 16, 30, 64])
@pytest.mark.parametrize("kind", [np.uint8, np.int64, np.float64])
def test_a_table_keeps_the_ranges_of_its_columns_whatever_their_type_and_number(
    columns: int, kind: type, tmp_path: Path
) -> None:
    path = tmp_path / "own.npz"
    X = (np.arange(3 * columns).reshape(3, columns) + np.array([[0], [5], [7]])).astype(kind)
    np.savez(path, X=X, y=np.array([0, 1, 1]))
    table = read_npz(path)
    assert table.images.min(axis=0).tolist() == [0.0] * columns
    assert table.images.max(axis=0).tolist() == [1.0] * columns
    assert table.said.startswith("read as a table, each feature brought to [0, 1] by its range")
    np.savez(path, X=X.reshape(3, 1, columns), y=np.array([0, 1, 1]))
    images = read_npz(path)
    assert images.said.startswith(f"read as images of 1 x {columns}, ")
    assert len(images.ranges.width) == 1


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"X": np.zeros(2)}, "X: expected numbers of shape (n, ...), not empty, "
         "got float64 of shape (2,)"),
        ({"X": np.zeros((2, 0))}, "X: expected numbers of shape (n, ...), not empty, "
         "got float64 of shape (2, 0)"),
        ({"X": np.array([["a"], ["b"]])}, "X: expected numbers of shape (n, ...), "
         "not empty, got <U1 of shape (2, 1)"),
        ({"X": np.array([[0, 1], [np.nan, 1]])}, "X: expected finite numbers, got nan (example 1)"),
        ({"X": np.array([[0, -1e308], [0, 1e308]])}, "X: expected numbers whose range floats hold, "
         "got a longer one"),
        ({"X": np.array([[{}], [1]], dtype=object)}, "X: expected an array of numbers in a .npz "
         "file, got one of Python objects, which could run code and are not opened"),
        ({"y": np.array([1, None])}, "y: expected an array of numbers in a .npz file, "
         "got one of Python objects, which could run code and are not opened"),
        ({"y": np.array([1.5, 0.0])}, "y: expected labels that are whole numbers or words, "
         "got float 1.5 (label 0)"),
        ({"y": np.eye(2)}, "y: expected 2 whole numbers or words, one label for each example (of "
         "one-hot rows take y.argmax(axis=1)), got float64 of shape (2, 2)"),
        ({"y": np.array([1, 0, 1])}, "y: expected 2 whole numbers or words, one label for each "
         "example, got int64 of shape (3,)"),
        ({"y": np.array([3, 3])}, "y: expected at least two different labels, got only 3"),
        ({"y": np.array(["a", "a"])}, "y: expected at least two different labels, got only 'a'"),
    ],
)  # fmt: skip
def test_malformed_npz_is_refused(
    tmp_path: Path, changes: dict[str, np.ndarray], message: str
) -> None:
    path = tmp_path / "own.npz"
    np.savez(path, **({"X": IMAGES, "y": LABELS} | changes))  # type: ignore[arg-type]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert refusal(str(path)) == f"{path}: {message}"


def test_npz_without_a_key_or_that_is_none(tmp_path: Path) -> None:
    path = tmp_path / "own.npz"
    np.savez(path, X=IMAGES, labels=LABELS)
    assert refusal(str(path)) == f"{path}: y: expected an array of this name, got ['X', 'labels']"
    np.savez(path, X=IMAGES, y=LABELS)
    whole = path.read_bytes()
    wanted = "--data: expected a .npz file with the arrays X and y, got "
    archived = f"{path}: expected a zip archive that is whole, got "
    damaged = whole.replace(IMAGES.tobytes(), bytes(6))
    for contents, reason in (
        (b"", f"{wanted}an empty file ({path})"),
        (b"not an archive", f"{wanted}a file of another kind ({path})"),
        (whole[:-30], f"{wanted}a damaged one, cut off perhaps ({path})"),
        (damaged, f"{archived}BadZipFile: Bad CRC-32 for file 'X.npy'"),
    ):
        path.write_bytes(contents)
        assert refusal(str(path)) == reason
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("X", b"text")
        archive.writestr("y", b"text")
    assert refusal(str(path)) == (
        f"{path}: X: expected numbers of shape (n, ...), not empty, got |S4 of shape ()"
    )
    with path.open("wb") as file:
        np.save(file, IMAGES)
    assert refusal(str(path)) == (
        f"{wanted}a single array, as of .npy (np.savez keeps both) ({path})"
    )
    path.unlink()
    assert refusal(str(path)) == f"{wanted}no such file ({path})"
    path.mkdir()
    assert refusal(str(path)) == f"{wanted}a folder ({path})"


def test_npz_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    path = tmp_path / "own.npz"
    np.savez(path, X=IMAGES, y=LABELS)
    monkeypatch.setattr(Path, "open", denied)
    assert refusal(str(path)) == (
        "--data: expected a .npz file with the arrays X and y, "
        f"got one that cannot be read, Permission denied ({path})"
    )


def test_official_mnist() -> None:
    beside = Path(__file__).parents[3] / ".." / "shared" / "data" / "mnist"
    folders = [Path(os.environ.get("MNIST", beside)), beside]
    folder = next((folder for folder in folders if folder.is_dir()), None)
    if folder is None:
        pytest.skip("no MNIST files: set MNIST to their folder")
    train, test = load("mnist", folder).partition(0.5, seed=0)
    assert np.bincount(train.labels).tolist() == [
        5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949,
    ]  # fmt: skip
    assert np.bincount(test.labels).tolist() == [
        980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009,
    ]  # fmt: skip
    assert train.images.shape == (60_000, 784)
    assert test.images.shape == (10_000, 784)
    # The mean that is used everywhere to normalise its training pixels.
    assert round(float(train.images.mean(dtype=np.float64)), 4) == 0.1307
