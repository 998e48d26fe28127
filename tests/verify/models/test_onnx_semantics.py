"""What operators mean where a good guess is wrong: small numbers, as onnxruntime 1.32 gives them.

Where engines differ, what is read is what onnxruntime runs, or it is refused.
"""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from certify.errors import InputError
from tests.verify.models.onnx_nodes import f, graph, ints, node, read

# What it shows, nodes, constants, x, y, version of the operators.
ROWS: list[tuple[str, Any, dict[str, Any], Any, Any, int]] = [
    # Shapes
    (
        "0 keeps the size at its own place",
        node("Reshape", "x s"),
        {"s": ints(0, -1)},
        np.arange(6.0).reshape(1, 2, 3),
        np.arange(6.0).reshape(1, 6),
        20,
    ),
    (
        "minus one is what is left",
        node("Reshape", "x s"),
        {"s": ints(-1, 0, 8)},
        np.arange(24.0).reshape(1, 3, 8),
        np.arange(24.0).reshape(1, 3, 8),
        20,
    ),
    (
        "flatten counts from the rank",
        node("Flatten", "x", axis=-1),
        {},
        np.arange(6.0).reshape(1, 2, 3),
        np.arange(6.0).reshape(2, 3),
        20,
    ),
    (
        "new axes are those of the result",
        node("Unsqueeze", "x a"),
        {"a": ints(-1, 0)},
        f([1, 2]),
        f([[[1], [2]]]),
        20,
    ),
    (
        "expanding repeats both",
        node("Expand", "x s"),
        {"s": ints(3, 1)},
        f([1, 2]),
        f([[1, 2]] * 3),
        20,
    ),
    # Parts
    (
        "an end of -1 is the last place",
        [node("Slice", "x a b c d", "e"), node("Concat", "e x", axis=0)],
        {"a": ints(4), "b": ints(-1), "c": ints(0), "d": ints(-1)},
        f(range(5)),
        f(range(5)),
        20,
    ),
    (
        "backwards to the front",
        node("Slice", "x a b c d"),
        {"a": ints(-1), "b": ints(-6), "c": ints(0), "d": ints(-1)},
        f(range(5)),
        f([4, 3, 2, 1, 0]),
        20,
    ),
    (
        "backwards to the second",
        node("Slice", "x a b c d"),
        {"a": ints(4), "b": ints(0), "c": ints(0), "d": ints(-1)},
        f(range(5)),
        f([4, 3, 2, 1]),
        20,
    ),
    (
        "the last part is the rest",
        [node("Split", "x", "a b c", num_outputs=3), node("Concat", "c a", axis=0)],
        {},
        f(range(7)),
        f([6, 0, 1, 2]),
        20,
    ),
    (
        "the last part may be nothing",
        [node("Split", "x", "a b c d", num_outputs=4), node("Concat", "d c a", axis=0)],
        {},
        f(range(6)),
        f([4, 5, 0, 1]),
        20,
    ),
    (
        "negative indices count from the end",
        node("Gather", "x i"),
        {"i": ints(-1, 0)},
        f([1, 2, 3]),
        f([3, 1]),
        20,
    ),
    (
        "all begins, then all ends",
        node("Pad", "x p"),
        {"p": ints(0, -1, 0, 2)},
        f([[1, 2, 3, 4]]),
        f([[2, 3, 4, 0, 0]]),
        20,
    ),
    (
        "a reflection does not repeat the edge",
        node("Pad", "x p", mode="reflect"),
        {"p": ints(2, 3)},
        f([1, 2, 3, 4]),
        f([3, 2, 1, 2, 3, 4, 3, 2, 1]),
        20,
    ),
    (
        "wrapping",
        node("Pad", "x p", mode="wrap"),
        {"p": ints(2, 1)},
        f([1, 2, 3, 4]),
        f([3, 4, 1, 2, 3, 4, 1]),
        20,
    ),
    (
        "a number beside a mode is ignored",
        node("Pad", "x p v", mode="edge"),
        {"p": ints(1, 1), "v": f(9)},
        f([1, 2]),
        f([1, 1, 2, 2]),
        20,
    ),
    (
        "depth by columns",
        node("DepthToSpace", "x", blocksize=2),
        {},
        np.arange(8.0).reshape(1, 8, 1, 1),
        f([[[[0, 2], [4, 6]], [[1, 3], [5, 7]]]]),
        20,
    ),
    (
        "depth by rows",
        node("DepthToSpace", "x", blocksize=2, mode="CRD"),
        {},
        np.arange(8.0).reshape(1, 8, 1, 1),
        f([[[[0, 1], [2, 3]], [[4, 5], [6, 7]]]]),
        20,
    ),
    # Products
    (
        "alpha, beta and a column",
        node("Gemm", "x w c", alpha=2.0, beta=3.0),
        {"w": f([[1, 0, 1], [0, 1, 1]]), "c": f([[10], [20]])},
        f([[1, 2], [3, 4]]),
        f([[32, 34, 36], [66, 68, 74]]),
        20,
    ),
    (
        "beta 0 hides what it is times",
        node("Gemm", "x w c", beta=0.0),
        {"w": f([[1, 0], [0, 1]]), "c": f([np.nan, 0])},
        f([[1, 2]]),
        f([[1, 2]]),
        20,
    ),
    (
        "a vector on the right",
        node("MatMul", "x w"),
        {"w": f([1, 1])},
        np.ones((2, 2, 2)),
        f([[2, 2], [2, 2]]),
        20,
    ),
    ("two vectors", node("MatMul", "x w"), {"w": f([3, 4])}, f([1, 2]), f(11), 20),
    (
        "shapes grow beside each other",
        node("Add", "x c"),
        {"c": f([10, 20])},
        f([[1], [2]]),
        f([[11, 21], [12, 22]]),
        20,
    ),
    # Kinks
    (
        "the slope of all exports",
        node("LeakyRelu", "x"),
        {},
        f([-2]),
        f([-2 * np.float32(0.01)]),
        20,
    ),
    ("a slope above 1", node("LeakyRelu", "x", alpha=2.0), {}, f([-2]), f([-4]), 20),
    (
        "a high bound below a low one",
        node("Clip", "x l h"),
        {"l": f(2), "h": f(1)},
        f([-2, 0, 3]),
        f([1, 1, 1]),
        20,
    ),
    (
        "slopes lie along the last axes",
        node("PRelu", "x s"),
        {"s": f([0.5, 0.25])},
        -np.ones((1, 2, 2, 2)),
        np.tile(f([-0.5, -0.25]), (1, 2, 2, 1)),
        20,
    ),
    ("one value is its own mean", node("Mean", "x"), {}, f([1, 2]), f([1, 2]), 20),
    (
        "nothing to reduce, but the magnitude",
        node("ReduceL1", "x", noop_with_empty_axes=1),
        {},
        f([-1, 2]),
        f([1, 2]),
        20,
    ),
    # Convolutions
    (
        "more at the end",
        node("Conv", "x w", auto_pad="SAME_UPPER"),
        {"w": f([[[1, 1]]])},
        f([[[1, 2, 4, 8, 16]]]),
        f([[[3, 6, 12, 24, 16]]]),
        20,
    ),
    (
        "more at the beginning",
        node("Conv", "x w", auto_pad="SAME_LOWER"),
        {"w": f([[[1, 1]]])},
        f([[[1, 2, 4, 8, 16]]]),
        f([[[1, 3, 6, 12, 24]]]),
        20,
    ),
    (
        "strides change how much",
        node("Conv", "x w", auto_pad="SAME_UPPER", strides=[2]),
        {"w": f([[[1, 1]]])},
        f([[[1, 2, 4, 8, 16]]]),
        f([[[3, 12, 16]]]),
        20,
    ),
    (
        "strides and the beginning",
        node("Conv", "x w", auto_pad="SAME_LOWER", strides=[2]),
        {"w": f([[[1, 1]]])},
        f([[[1, 2, 4, 8, 16]]]),
        f([[[1, 6, 24]]]),
        20,
    ),
    (
        "output channels come in blocks",
        node("Conv", "x w", group=2),
        {"w": f([[[1]], [[2]], [[3]], [[4]]])},
        f([[[1, 2], [10, 20]]]),
        f([[[1, 2], [2, 4], [30, 60], [40, 80]]]),
        20,
    ),
    (
        "transposed, no flip",
        node("ConvTranspose", "x w", strides=[2]),
        {"w": f([[[1, 10, 100]]])},
        f([[[1, 2]]]),
        f([[[1, 10, 102, 20, 200]]]),
        20,
    ),
    (
        "transposed to a size, less at the beginning",
        node("ConvTranspose", "x w", strides=[2], output_shape=[4]),
        {"w": f([[[1, 10, 100]]])},
        f([[[1, 2]]]),
        f([[[10, 102, 20, 200]]]),
        20,
    ),
    (
        "transposed to a size, less at the end",
        node("ConvTranspose", "x w", strides=[2], output_shape=[4], auto_pad="SAME_UPPER"),
        {"w": f([[[1, 10, 100]]])},
        f([[[1, 2]]]),
        f([[[1, 10, 102, 20]]]),
        20,
    ),
    (
        "transposed, biases of groups",
        node("ConvTranspose", "x w b", group=2),
        {"w": np.zeros((2, 1, 1)), "b": f([5, 7])},
        np.zeros((1, 2, 1)),
        f([[[5], [7]]]),
        20,
    ),
    # Pools
    (
        "a last window starts inside",
        node("MaxPool", "x", kernel_shape=[2], strides=[3], pads=[1, 1], ceil_mode=1),
        {},
        f([[[-1, -2, -4, -8]]]),
        f([[[-1, -4]]]),
        20,
    ),
    (
        "padding is no number",
        node("MaxPool", "x", kernel_shape=[2, 2], pads=[0, 0, 1, 1]),
        {},
        f([[[[0, 1], [2, 3]]]]),
        f([[[[3, 3], [3, 3]]]]),
        20,
    ),
    (
        "windows lie close unless it is said",
        node("MaxPool", "x", kernel_shape=[2]),
        {},
        f([[[1, 2, 3]]]),
        f([[[2, 3]]]),
        20,
    ),
    (
        "means of what is there",
        node("AveragePool", "x", kernel_shape=[4], strides=[3], pads=[1, 1], ceil_mode=1),
        {},
        f([[[1, 2, 4, 8, 16]]]),
        f([[[7 / 3, 28 / 3]]]),
        20,
    ),
    (
        "means of padding, but not of more",
        node(
            "AveragePool",
            "x",
            kernel_shape=[4],
            strides=[3],
            pads=[1, 1],
            ceil_mode=1,
            count_include_pad=1,
        ),
        {},
        f([[[1, 2, 4, 8, 16]]]),
        f([[[7 / 4, 28 / 4]]]),
        20,
    ),
    (
        "a last window of one",
        node("AveragePool", "x", kernel_shape=[4], strides=[3], pads=[1, 1], ceil_mode=1),
        {},
        f([[[-6, -9, -3]]]),
        f([[[-6, -3]]]),
        20,
    ),
    (
        "spread windows, a last one",
        node("AveragePool", "x", kernel_shape=[2], dilations=[2], strides=[3], ceil_mode=1),
        {},
        f([[[1, 2, 4, 8]]]),
        f([[[5 / 2, 8]]]),
        20,
    ),
    (
        "channels stay apart",
        node("GlobalMaxPool", "x"),
        {},
        np.arange(6.0).reshape(1, 2, 3),
        f([[[2], [5]]]),
        20,
    ),
    # Resizing
    (
        "between the places",
        node("Resize", "x - s", mode="nearest"),
        {"s": f([0.6])},
        f(range(5)),
        f([0, 2, 4]),
        20,
    ),
    (
        "by twos",
        node("Upsample", "x s"),
        {"s": f([1, 1, 2])},
        f([[[1, 2]]]),
        f([[[1, 1, 2, 2]]]),
        9,
    ),
    (
        "a second axis that changes",
        node(
            "Resize",
            "x - s",
            mode="nearest",
            coordinate_transformation_mode="asymmetric",
            nearest_mode="floor",
        ),
        {"s": f([1, 1, 2, 3])},
        f([[[[1, 2]]]]),
        f([[[[1, 1, 1, 2, 2, 2]] * 2]]),
        20,
    ),
    # Norms
    (
        "a variance of 0",
        node("BatchNormalization", "x a b m v"),
        {"a": f([1]), "b": f([0]), "m": f([1]), "v": f([0])},
        f([[[1, 3]]]),
        f([[[0, 632.4556]]]),
        20,
    ),
    (
        "of an old version, too",
        node("BatchNormalization", "x a b m v"),
        {"a": f([1]), "b": f([0]), "m": f([0]), "v": f([1])},
        f([[[1, 3]]]),
        f([[[1, 3]]]) / np.sqrt(f(1.00001)),
        9,
    ),
    # Constants
    ("an end that is left out", node("Dropout", "x", "y"), {}, f([1, 2]), f([1, 2]), 7),
    (
        "several sizes",
        node("Tile", "x t"),
        {"t": ints(2, 2)},
        f([[1, 2]]),
        f([[1, 2, 1, 2]] * 2),
        20,
    ),
]


@pytest.mark.parametrize("row", ROWS, ids=[row[0] for row in ROWS])
def test_operators_mean_what_onnxruntime_does(row: Any, tmp_path: Path) -> None:
    _, nodes, constants, x, y, opset = row
    point = f(x)
    model = graph(
        nodes if isinstance(nodes, list) else [nodes], constants, point.shape, opset=opset
    )
    mine, theirs = read(tmp_path, model, point[None], exact=False)
    wanted = f(y).reshape(-1)
    assert np.allclose(theirs[0], wanted, rtol=1e-6, atol=0)
    assert np.allclose([float(v) for v in mine[0]], wanted, rtol=1e-6, atol=0)


def test_a_product_of_constants_is_exact(tmp_path: Path) -> None:
    left, right = f([[1, 2.0**-24], [3, 5]]), f([[1, 1], [2.0**-24, 1]])
    nodes = [node("MatMul", "a b", "w"), node("MatMul", "x w")]
    model = graph(nodes, {"a": left, "b": right}, [1, 2])
    (mine,), _ = read(tmp_path, model, f([[1, 0]]), exact=False)
    assert mine == [1 + Fraction(1, 2**48), 1 + Fraction(1, 2**24)]  # as no float32 is
    model = graph(nodes, {"a": left, "b": f([[1, 1]])}, [1, 2])
    with pytest.raises(InputError, match=r"expected matrices that fit, .* got \(2, 2\) and \(1, 2"):
        read(tmp_path, model, f([[1, 0]]))


def test_slopes_are_the_floats_of_the_file(tmp_path: Path) -> None:
    model = graph([node("LeakyRelu", "x")], {}, [1])
    (mine,), _ = read(tmp_path, model, f([[-1]]))
    assert float(-mine[0]) == float(np.float32(0.01)) == 0.009999999776482582
