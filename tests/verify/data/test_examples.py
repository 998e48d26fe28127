"""Examples as people hold them: read as they are, or refused in one line."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from certify.errors import InputError
from verify.data.examples import Examples, read_examples
from verify.data.given import dense
from verify.models.builder import Builder
from verify.models.model import Model
from verify.questions.subjects import check_shape

X = np.array([[0.5, 1.0], [0.25, 3.0], [2.0, -1.0]])


def model(shape: tuple[int, ...] | None) -> Model:
    size = 2 if shape is None else int(np.prod(shape))
    builder = Builder((size,))
    scores = builder.dense(builder.input, np.ones((2, size)), None, "the test")
    return builder.model(scores, "test", "the test", shape=shape)


@pytest.mark.parametrize(
    "points",
    [
        X, X.tolist(), X.astype(np.float16), X.astype(object), np.ma.array(X), np.matrix(X),
        torch.tensor(X), torch.tensor(X, requires_grad=True), torch.tensor(X).bfloat16(),
        torch.tensor(X).half(), X.astype(np.longdouble), X.astype(">f8"),
        [[Fraction(1, 2), 1], [Fraction(np.int64(1), np.int64(4)), 3], [2.0, np.float32(-1)]],
    ],
)  # fmt: skip
def test_numbers_are_read_as_they_are(points: Any) -> None:
    found = Examples.of(points, [0, 1, 0])
    assert found is not None
    assert found.X.dtype in (np.float32, np.float64)
    assert found.X.tolist() == X.tolist()


@pytest.mark.parametrize("kind", ["u1", "i2", "i8", "f4", "f8", "?"])
def test_whole_numbers_are_not_rescaled(kind: str) -> None:
    found = Examples.of(np.array([[0, 1], [1, 0]], kind), [0, 1])
    assert found is not None
    assert found.X.tolist() == [[0.0, 1.0], [1.0, 0.0]]


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        ([0, 1, 0], [0, 1, 0]),
        ([0.0, 1.0, -1.0], [0, 1, -1]),
        ([True, False, True], [1, 0, 1]),
        (["a", "b", "a"], ["a", "b", "a"]),
        (np.array(["a", "b", "a"], object), ["a", "b", "a"]),
        (np.array([b"a", b"b", b"a"]), ["a", "b", "a"]),
        ([[0], [1], [2]], [0, 1, 2]),
        (np.matrix([[0], [1], [2]]), [0, 1, 2]),
        (torch.tensor([0, 1, 2], dtype=torch.uint8), [0, 1, 2]),
        (np.ma.array([0, 1, 2]), [0, 1, 2]),
        ([np.int8(0), 1.0, "c"], None),
    ],
)
def test_labels_are_whole_numbers_or_words(labels: Any, expected: list[Any] | None) -> None:
    found = Examples.of(X, labels)
    assert found is not None
    if expected is not None:
        assert found.y.tolist() == expected
    assert {type(label) for label in found.y.tolist()} <= {int, str}


@pytest.mark.parametrize(
    ("points", "labels", "message"),
    [
        (X, [0.5, 1, 2], "y: expected labels that are whole numbers or words, got float 0.5"),
        (X, [np.nan, 1, 2], "y: expected labels that are whole numbers or words, got float nan"),
        (X, [None, 1, 2], "y: expected labels that are whole numbers or words, got NoneType"),
        (X, np.eye(3), "of one-hot rows take y.argmax(axis=1)"),
        (X, 3, "one label for each example, got int64 of shape ()"),
        (X, np.ma.array([0, 1, 2], mask=[0, 0, 1]), "y: expected an array without masked"),
        (np.ma.array(X, mask=X > 2), [0, 1, 2], "X: expected an array without masked entries"),
        ([0, 1, 2], X, "X: expected numbers of shape (n, ...), not empty, got int64 of shape (3,)"),
        ([["a"], ["b"], ["c"]], [0, 1, 2], "X: expected numbers of shape (n, ...)"),
        ([[1], [2, 3], [4]], [0, 1, 2], "X: expected numbers of shape (n, ...)"),
        (X * 1j, [0, 1, 2], "X: expected numbers of shape (n, ...), not empty, got complex128"),
        (np.array([[None], [1], [2]]), [0, 1, 2], "X: expected numbers that float64 holds exactly"),
        ([[Fraction(1, 3)], [1], [2]], [0, 1, 2], "X: expected numbers that float64 holds exactly"),
        ([[2**53 + 1], [1], [2]], [0, 1, 2], "X: expected numbers that float64 holds exactly"),
        (np.full((3, 1), np.inf), [0, 1, 2], "X: expected finite numbers, got inf (example 0)"),
        (None, [0], "X: expected examples for the labels, got nothing"),
    ],
)
def test_anything_else_is_refused_in_one_line(points: Any, labels: Any, message: str) -> None:
    with pytest.raises(InputError) as caught:
        Examples.of(points, labels)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("kind", ["csr_matrix", "csc_array", "coo_matrix", "dok_array"])
def test_sparse_examples_become_arrays(kind: str) -> None:
    scipy = pytest.importorskip("scipy.sparse")
    for dtype, wanted in ((np.float32, np.float32), (np.int8, np.float64)):
        found = Examples.of(getattr(scipy, kind)(X.astype(dtype)), [0, 1, 2])
        assert found is not None
        assert (found.X.dtype, found.X.tolist()) == (wanted, X.astype(dtype).tolist())
        assert found.given == dtype


def test_sparse_examples_that_are_too_large_are_refused_before_they_are_arrays() -> None:
    scipy = pytest.importorskip("scipy.sparse")
    with pytest.raises(InputError, match="takes at most 1024 MiB as an array, got 8000000 MiB"):
        Examples.of(scipy.csr_matrix((2**20, 10**6)), [0])
    assert dense(scipy.csr_matrix(X), memory=8 * X.size).shape == X.shape
    with pytest.raises(InputError, match="got 1 MiB"):
        dense(scipy.csr_matrix(X), memory=8 * X.size - 1)


class Table:
    """What pandas and polars have of a table: columns with names, and an array of them."""

    def __init__(self, columns: list[Any], values: Any) -> None:
        self.columns, self.values = columns, values

    def __array__(self, dtype: Any = None, copy: Any = None) -> np.ndarray:
        return np.array(self.values, dtype)


def test_the_columns_of_a_table_are_known_by_their_names() -> None:
    found = Examples.of(Table(["age", "height"], [[30, 1.5], [40, 2]]), ["b", "a"])
    assert found is not None
    assert (found.X.tolist(), found.names) == ([[30, 1.5], [40, 2]], ("age", "height"))
    numbered = Examples.of(Table([0, 1], [[30, 1.5], [40, 2]]), ["b", "a"])
    assert numbered is not None
    assert numbered.names == ()
    mixed = np.array([[30, True], [40, "x"]], object)
    with pytest.raises(InputError, match=r"got str 'x' \(example 1, column 'height'\)"):
        Examples.of(Table(["age", "height"], mixed), [0, 1])
    with pytest.raises(InputError, match=r"finite numbers, got nan \(example 0, column 'age'\)"):
        Examples.of(Table(["age", "height"], [[np.nan, 1], [40, 2]]), [0, 1])


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "data.npz"
    np.savez(path, X=np.arange(40, dtype=np.uint8).reshape(20, 2), y=np.arange(20))
    return path


def test_bytes_of_a_file_are_what_they_are_unless_pixels_are_asked_for(file: Path) -> None:
    found = read_examples(str(file))
    assert found.X[1].tolist() == [2.0, 3.0]
    assert found.scale == "as they were given"
    unit = read_examples(str(file), pixels="unit")
    assert unit.X[1].tolist() == [np.float32(2) / np.float32(255), np.float32(3) / np.float32(255)]
    assert unit.scale == "divided by 255, as asked"
    np.savez(file, X=X, y=[0, 1, 2])
    with pytest.raises(InputError, match="pixels: expected whole numbers from 0 to 255"):
        read_examples(str(file), pixels="unit")
    with pytest.raises(InputError, match="pixels: expected given or unit or none, got 'bytes'"):
        read_examples(str(file), pixels="bytes")
    with pytest.raises(InputError, match=r"this choice with a \.npz file, got --data digits"):
        read_examples("digits", pixels="unit")


def test_rows_are_those_of_a_table_where_that_is_said(file: Path) -> None:
    assert read_examples(str(file)).image == ()
    assert read_examples(str(file), pixels="none").image == (2,)
    np.savez(file, X=np.zeros((3, 4, 4)), y=[0, 1, 2])
    with pytest.raises(InputError, match=r"rows of a table, for none, got .* shape \(4, 4\)"):
        read_examples(str(file), pixels="none")


def test_examples_that_are_drawn_know_their_places_in_the_file(file: Path) -> None:
    found = read_examples(str(file), count=5, seed=1, keep=(19, 0))
    assert len(found) == 5
    assert {0, 19} <= set(found.rows.tolist())
    assert found.rows.tolist() == sorted(found.rows.tolist()) == found.y.tolist()
    assert found.X[:, 0].tolist() == (2 * found.rows).tolist()
    assert read_examples(str(file), count=20).rows.tolist() == list(range(20))


def test_a_file_that_unpacks_to_much_is_refused_before_it_is_read(file: Path) -> None:
    with pytest.raises(InputError, match="--memory: expected at most 0 MiB"):
        read_examples(str(file), memory=100)


@pytest.mark.parametrize(
    ("wanted", "shape"),
    [
        (None, (2,)), (None, (1, 2)), ((3, 4, 4), (3, 4, 4)), ((3, 4, 4), (48,)),
        ((48,), (4, 4, 3)), ((1, 4, 4), (4, 4)), ((1, 4, 4), (4, 4, 1)), ((1, 4, 4), (16,)),
    ],
)  # fmt: skip
def test_shapes_in_the_model_s_order_fit(
    wanted: tuple[int, ...] | None, shape: tuple[int, ...]
) -> None:
    check_shape(model(wanted), shape)


@pytest.mark.parametrize(
    ("wanted", "shape"),
    [((3, 4, 4), (4, 4, 3)), ((3, 4, 4), (4, 3, 4)), ((2, 3), (3, 2)), ((2, 3, 4), (6, 4))],
)
def test_another_order_is_refused_with_both_shapes(
    wanted: tuple[int, ...], shape: tuple[int, ...]
) -> None:
    with pytest.raises(InputError) as caught:
        check_shape(model(wanted), shape)
    assert str(wanted) in str(caught.value)
    assert str(shape) in str(caught.value)


def test_tensors_without_numbers_are_refused_in_one_line() -> None:
    for X in (
        torch.quantize_per_tensor(torch.ones(3, 2), 0.1, 0, torch.quint8),
        torch.nested.nested_tensor([torch.ones(2), torch.ones(3)]),
        torch.empty(3, 2, device="meta"),
    ):
        with pytest.raises(InputError, match=r"^X: expected numbers of shape"):
            Examples.of(X, [0, 1, 0])


def test_dates_are_no_labels() -> None:
    X = np.ones((2, 2))
    for kind in ("datetime64[ns]", "datetime64[D]", "timedelta64[ns]"):
        dates = np.array([0, 1]).astype(kind)
        for y in (dates, np.array([dates[0], dates[1]], dtype=object), list(dates)):
            with pytest.raises(InputError, match=r"^y: expected .*whole numbers or words"):
                Examples.of(X, y)
