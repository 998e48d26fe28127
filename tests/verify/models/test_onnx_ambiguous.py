"""What is ambiguous, or not linear, in an ONNX graph is refused by its name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from certify.errors import InputError
from tests.verify.models.onnx_nodes import f, graph, ints, node, read

ONE = {"w": f([[[1, 10]]])}
REFUSED: list[tuple[str, Any, dict[str, Any], list[Any], int, str]] = [
    (
        "engines round differently",
        node(
            "Resize",
            "x - - s",
            mode="nearest",
            coordinate_transformation_mode="asymmetric",
            nearest_mode="floor",
        ),
        {"s": ints(2)},
        [14],
        20,
        "Resize of 14 values to 2, where runtimes differ in rounding",
    ),
    (
        "enlarged, too",
        node(
            "Resize",
            "x - - s",
            mode="nearest",
            coordinate_transformation_mode="asymmetric",
            nearest_mode="floor",
        ),
        {"s": ints(82)},
        [2],
        20,
        "Resize of 2 values to 82, where runtimes differ",
    ),
    (
        "on the border of two numbers",
        node("Resize", "x - s", mode="nearest", nearest_mode="ceil"),
        {"s": f([3])},
        [2],
        20,
        "Resize of 2 values to 6, where runtimes differ",
    ),
    (
        "a scale that changes no length",
        node("Resize", "x - s", mode="nearest"),
        {"s": f([1.2])},
        [4],
        20,
        "got Resize of 4 values by 1.2",
    ),
    (
        "between two numbers",
        node("Resize", "x - s", mode="linear"),
        {"s": f([2])},
        [4],
        20,
        "got Resize in mode linear",
    ),
    (
        "spread windows of the same size",
        node("MaxPool", "x", kernel_shape=[2], dilations=[2], auto_pad="SAME_UPPER"),
        {},
        [1, 1, 5],
        20,
        "got MaxPool with auto_pad beside pads or dilations",
    ),
    (
        "transposed to the same size by short windows",
        node("ConvTranspose", "x w", strides=[3], auto_pad="SAME_UPPER"),
        ONE,
        [1, 1, 2],
        20,
        r"got ConvTranspose to \[6\], more than the \[5\] that it makes",
    ),
    (
        "transposed to more than there is",
        node("ConvTranspose", "x w", strides=[2], output_shape=[9]),
        ONE,
        [1, 1, 2],
        20,
        r"got ConvTranspose to \[9\], more than the \[4\]",
    ),
    (
        "slopes of each channel",
        node("PRelu", "x s"),
        {"s": f([0.5, 0.25, 0.125])},
        [1, 3, 2, 2],
        20,
        r"slopes of shape \(3,\) beside values of shape \(1, 3, 2, 2\)",
    ),
    (
        "no axes to squeeze",
        node("Squeeze", "x a"),
        {"a": np.zeros(0, np.int64)},
        [1, 2, 1],
        20,
        "got Squeeze without axes",
    ),
    ("a long axis", node("Squeeze", "x a"), {"a": ints(1)}, [1, 2, 1], 20, "got Squeeze of axes"),
    ("a bound that is no number", node("Clip", "x l"), {"l": f(np.nan)}, [2], 20, "got nan"),
    (
        "a mean of nothing",
        [node("Slice", "x a a", "e"), node("ReduceMean", "e", keepdims=0)],
        {"a": ints(0)},
        [2],
        20,
        "of no values",
    ),
    (
        "a column of biases",
        node("Gemm", "x w c"),
        {"w": f([[1, 0], [0, 1]]), "c": f([[1], [2]])},
        ["n", 2],
        20,
        r"a constant of shape \(2, 1\) beside values of shape \(1, 2\)",
    ),
    (
        "an axis of examples that moves",
        node("Transpose", "x", perm=[1, 0]),
        {},
        ["n", 2],
        20,
        "got Transpose across examples",
    ),
    (
        "examples beside each other",
        node("Concat", "x x", axis=0),
        {},
        ["n", 2],
        20,
        "got Concat across examples",
    ),
    (
        "the mean of examples",
        node("ReduceMean", "x", axes=[0]),
        {},
        ["n", 2],
        13,
        "got ReduceMean across examples",
    ),
    ("all of them", node("ReduceMean", "x"), {}, ["n", 2], 13, "got ReduceMean across examples"),
    (
        "a part of them",
        node("Slice", "x a b c"),
        {"a": ints(1), "b": ints(9), "c": ints(0)},
        ["n", 2],
        20,
        "got Slice across examples",
    ),
    (
        "examples turned over",
        node("Slice", "x a b c d"),
        {"a": ints(-1), "b": ints(-(2**63)), "c": ints(0), "d": ints(-1)},
        ["n", 2],
        20,
        "got Slice across examples",
    ),
    (
        "statistics of examples",
        node("BatchNormalization", "x a a a a", training_mode=1),
        {"a": f([1])},
        [1, 1, 2],
        20,
        "batch normalisation by the examples themselves",
    ),
    (
        "equal to no size",
        node("Reshape", "x s", allowzero=1),
        {"s": ints(0, 2)},
        [1, 2],
        20,
        r"got a reshape to \[0, 2\]",
    ),
    (
        "a volume",
        node("Conv", "x w"),
        {"w": np.ones((1, 1, 1, 1, 1))},
        [1, 1, 2, 2, 2],
        20,
        "got a convolution of shape",
    ),
    (
        "beyond the numbers",
        node("Gather", "x i"),
        {"i": ints(2)},
        [2],
        20,
        "Gather that does not fit",
    ),
    (
        "reflected too far",
        node("Pad", "x p", mode="reflect"),
        {"p": ints(2, 0)},
        [2],
        20,
        "got Pad in mode reflect",
    ),
    ("a product of values", node("Mul", "x x"), {}, [2], 20, "got Mul of two computed values"),
    ("a quotient of values", node("Div", "x x"), {}, [2], 20, "got Div of two computed values"),
    (
        "divided by a value",
        node("Div", "c x"),
        {"c": f(1)},
        [2],
        20,
        "a division by computed values",
    ),
    ("a step", node("Sign", "x"), {}, [2], 20, "got Sign, whose values jump"),
    ("a curve", node("Exp", "x"), {}, [2], 20, "got Exp, which is not piecewise linear"),
    (
        "whole numbers of a scale",
        node("QuantizeLinear", "x a"),
        {"a": f(1)},
        [2],
        20,
        "got QuantizeLinear, whose values jump",
    ),
    (
        "instances",
        node("InstanceNormalization", "x a a"),
        {"a": f([1])},
        [1, 1, 2],
        20,
        "got InstanceNormalization",
    ),
]


@pytest.mark.parametrize("row", REFUSED, ids=[row[0] for row in REFUSED])
def test_what_is_ambiguous_or_not_linear_is_refused_by_its_name(row: Any, tmp_path: Path) -> None:
    _, nodes, constants, shape, opset, message = row
    model = graph(nodes if isinstance(nodes, list) else [nodes], constants, shape, opset=opset)
    sizes = [n if isinstance(n, int) else 1 for n in shape]
    with pytest.raises(InputError, match=message) as caught:
        read(tmp_path, model, f(np.ones((1, *sizes))))
    assert "\n" not in str(caught.value)
