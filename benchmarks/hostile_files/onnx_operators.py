"""ONNX files: operators that make much of little, that cannot be, or that are many."""

from typing import Any

import numpy as np
from onnx import NodeProto, TensorProto, helper

from benchmarks.hostile_files import Content, Hostile, later, models
from benchmarks.hostile_files.onnx_graphs import LONG, constant, dense, model, weights


def files() -> list[Hostile]:
    """Return the files of this format."""
    return models("onnx", "m.onnx", {**_folded(), **_operators(), **_large()})


def _folded() -> dict[str, Content]:
    """Return graphs whose constants grow while they are computed."""
    node = helper.make_node

    def fold(nodes: list[NodeProto], *stored: TensorProto) -> Content:
        last = nodes[-1].output[0]
        graph = [*nodes, dense(input=["x", "W", last])]
        return lambda: model(graph, weights(*stored))

    def shaped(kind: str, *sizes: int) -> Content:
        return fold([node(kind, ["s"], ["c"])], constant("s", sizes))

    long = constant("one", np.ones((50_000, 1)), np.float32)
    wide = constant("two", np.ones((1, 50_000)), np.float32)
    doubled = [node("Concat", [f"c{k}"] * 2, [f"c{k + 1}"], axis=0) for k in range(40)]
    squared = [node("Mul", [f"c{k}"] * 2, [f"c{k + 1}"]) for k in range(200)]
    spread = [node("Add", [f"c{k}", f"d{k}"], [f"c{k + 1}"]) for k in range(8)]
    return {
        "ConstantOfShape of 10^9": shaped("ConstantOfShape", 10**9),
        "ConstantOfShape below 0": shaped("ConstantOfShape", -1),
        "Expand to 10^10": fold(
            [node("Expand", ["v", "s"], ["c"])], constant("s", [10**5] * 2), constant("v", [1.0])
        ),
        "Tile 10^9 times": fold(
            [node("Tile", ["v", "s"], ["c"])], constant("s", [10**9]), constant("v", [1.0])
        ),
        "Range to 10^12": fold(
            [node("Range", ["a", "b", "c0"], ["c"])], constant("a", 0), constant("c0", 1)
        ),
        "OneHot of 10^9": fold([node("OneHot", ["s", "s", "s"], ["c"])], constant("s", [10**9])),
        "RandomNormal of 10^9": fold([node("RandomNormal", [], ["c"], shape=[10**9])]),
        "a sum of a row and a column": fold([node("Add", ["one", "two"], ["c"])], long, wide),
        "a quotient of a row and a column": fold([node("Div", ["one", "two"], ["c"])], long, wide),
        "a sum over 8 axes": fold(
            spread,
            constant("c0", np.ones(1)),
            *(constant(f"d{k}", np.ones([20] + [1] * k)) for k in range(8)),
        ),
        "Concat, doubled 40 times": fold(doubled, constant("c0", np.ones(10))),
        "Concat of one array 10,000 times": fold(
            [node("Concat", ["one"] * 10_000, ["c"], axis=0)], long
        ),
        "Gather of one row 10^6 times": fold(
            [node("Gather", ["two", "i"], ["c"])], wide, constant("i", np.zeros(10**6))
        ),
        "Gather behind the end": fold(
            [node("Gather", ["two", "i"], ["c"])], wide, constant("i", [10**9])
        ),
        "Gather along axis 10^9": fold(
            [node("Gather", ["two", "i"], ["c"], axis=10**9)], wide, constant("i", [0])
        ),
        "a square 200 times": fold(squared, constant("c0", [3], np.float32)),
        "whole numbers that overflow": fold(squared, constant("c0", [3])),
        "a division by 0": fold(
            [node("Div", ["a", "z"], ["c"])], constant("a", [1]), constant("z", [0])
        ),
        "a remainder by 0": fold(
            [node("Mod", ["a", "z"], ["c"])], constant("a", [1]), constant("z", [0])
        ),
        "Reshape to what does not fit": fold(
            [node("Reshape", ["one", "s"], ["c"])], long, constant("s", [-1, -1])
        ),
        "Slice with a step of 0": fold(
            [node("Slice", ["one", "z", "z", "z", "z"], ["c"])], long, constant("z", [0])
        ),
        "Transpose of axes that are not there": fold(
            [node("Transpose", ["one"], ["c"], perm=[5, 9])], long
        ),
        "Cast to words": fold([node("Cast", ["one"], ["c"], to=8)], long),
        "Cast to no type": fold([node("Cast", ["one"], ["c"], to=999)], long),
        "a Constant of nothing": fold([node("Constant", [], ["c"])]),
        "a Constant of words": fold([node("Constant", [], ["c"], value_strings=[b"\x1b[2J"])]),
        "a Loop of constants": fold([node("Loop", ["m", "m"], ["c"])], constant("m", 2**60)),
        "an If of constants": fold([node("If", ["m"], ["c"])], constant("m", 1)),
        "3,000 nodes of constants": fold(
            [node("Identity", [f"c{k}"], [f"c{k + 1}"]) for k in range(3000)],
            constant("c0", np.zeros(3), np.float32),
        ),
        "9,000 nodes of constants": fold(
            [node("Neg", [f"c{k}"], [f"c{k + 1}"]) for k in range(9000)],
            constant("c0", np.zeros(3), np.float32),
        ),
    }


def _operators() -> dict[str, Content]:
    """Return operators with attributes that they cannot have."""
    node = helper.make_node

    @later
    def gemm(**options: Any) -> bytes:
        return model([node("Gemm", ["x", "W", "b"], ["y"], **options)])

    def ahead(kind: str, *others: str, stored: Any = None, **options: Any) -> Content:
        """Return a graph with another operator in front of the dense layer."""
        graph = [node(kind, ["x", *others], ["z"], **options), dense(input=["z", "W", "b"])]
        more = [] if stored is None else [constant("s", stored)]
        return lambda: model(graph, weights(*more))

    def images(kind: str, kernel: Any = (1, 1, 2, 2), **options: Any) -> Content:
        graph = [
            node(kind, ["x", "k"] if "Conv" in kind else ["x"], ["z"], **options),
            node("Flatten", ["z"], ["f"]), dense(input=["f", "W", "b"]),
        ]  # fmt: skip
        stored = weights(constant("k", np.ones(kernel), np.float32))
        return lambda: model(graph, stored, sizes=("n", 1, 3, 2))

    def linear(**options: Any) -> Content:
        plain = {"coefficients": [1.0] * 6, "intercepts": [0.0] * 3, "classlabels_ints": [0, 1, 2]}
        given = {name: value for name, value in {**plain, **options}.items() if value != []}
        last = node("LinearClassifier", ["x"], ["y", "p"], domain="ai.onnx.ml", **given)
        return lambda: model([last], change=lambda p: p.opset_import.append(ml))

    ml = helper.make_opsetid("ai.onnx.ml", 3)
    return {
        "Gemm: transB of 10^18": gemm(transB=10**18),
        "Gemm: transB in words": gemm(transB="yes"),
        "Gemm: alpha not a number": gemm(alpha=float("nan")),
        "Gemm: alpha infinite": gemm(alpha=float("inf")),
        "Gemm: alpha of the smallest float": gemm(alpha=1e-45),
        "Gemm: an attribute that is not known": gemm(**{LONG[:100]: 1}),
        "Gemm: alpha twice": lambda: model(
            [dense(attribute=[helper.make_attribute("alpha", a) for a in (1.0, 2.0)])]
        ),
        "Gemm: an attribute of no type": lambda: model(
            [dense(attribute=[helper.make_attribute("alpha", 1.0).__class__(name="alpha")])]
        ),
        "Flatten along axis 10^9": ahead("Flatten", axis=10**9),
        "Softmax along axis 10^9": ahead("Softmax", axis=10**9),
        "Reshape to 2^62": ahead("Reshape", "s", stored=[2**62, 2]),
        "Reshape to sizes below 0": ahead("Reshape", "s", stored=[-5, -7]),
        "Reshape to 10^6 axes": ahead("Reshape", "s", stored=[1] * 10**6),
        "Reshape to nothing": ahead("Reshape", "s", stored=[]),
        "Unsqueeze along axis 10^9": ahead("Unsqueeze", "s", stored=[10**9]),
        "Cast without a type": ahead("Cast"),
        "Cast to whole numbers": ahead("Cast", to=7),
        "Dropout of words": ahead("Dropout", seed="x"),
        "Pad by 10^9": ahead("Pad", "s", stored=[10**9] * 4),
        "Resize by 10^9": ahead("Resize", "", "", "s", stored=[10**9] * 2),
        "Resize by scales of 10^30": ahead("Resize", "", "s", stored=np.float32([1, 1e30])),
        "Expand to 10^12": ahead("Expand", "s", stored=[10**6, 10**6]),
        "Expand below 0": ahead("Expand", "s", stored=[-1, 2]),
        "Tile 10^9 times": ahead("Tile", "s", stored=[1, 10**9]),
        "Gather 10^6 times": ahead("Gather", "s", stored=[0] * 10**6, axis=1),
        "Gather along axis 10^9": ahead("Gather", "s", stored=[0], axis=10**9),
        "Slice with a step of 0": ahead("Slice", "s", "s", "s", "s", stored=[0]),
        "Split into parts below 0": ahead("Split", "s", stored=[-1, 3], axis=1),
        "Split into 10^9": ahead("Split", num_outputs=10**9, axis=1),
        "Transpose of axes that are not there": ahead("Transpose", perm=[5, 9]),
        "Concat along axis 10^9": ahead("Concat", "x", axis=10**9),
        "Loop around the input": ahead("Loop", stored=[1]),
        "Conv: kernel of 5 x 5": images("Conv", (1, 1, 5, 5)),
        "Conv: kernel of 0": images("Conv", (1, 1, 0, 0)),
        "Conv: no kernels": images("Conv", (0, 1, 2, 2)),
        "Conv: 7 axes": images("Conv", (1,) * 7),
        "Conv: shape of the kernel of 10^6 numbers": images("Conv", kernel_shape=[1] * 10**6),
        "Conv: strides of 0": images("Conv", strides=[0, 0]),
        "Conv: padding of 10^9": images("Conv", pads=[10**9] * 4),
        "Conv: padding below 0": images("Conv", pads=[-1] * 4),
        "Conv: group of 0": images("Conv", group=0),
        "Conv: auto_pad with control characters": images("Conv", auto_pad=b"\x1b[2J\xff"),
        "Conv: dilations of 10^9": images("Conv", dilations=[10**9] * 2),
        "Conv: padded SAME over 10^9": images("Conv", auto_pad="SAME_UPPER", strides=[10**9] * 2),
        "ConvTranspose: strides of 10^9": images("ConvTranspose", strides=[10**9] * 2),
        "ConvTranspose: output_padding of 10^9": images(
            "ConvTranspose", strides=[2] * 2, output_padding=[10**9] * 2
        ),
        "ConvTranspose: to 10^9": images("ConvTranspose", output_shape=[10**9] * 2),
        "AveragePool: padding of 10^9": images(
            "AveragePool", kernel_shape=[10**9] * 2, pads=[10**9 - 1] * 4
        ),
        "AveragePool: strides of 0": images("AveragePool", kernel_shape=[1, 1], strides=[0, 0]),
        "DepthToSpace: blocks of 10^9": images("DepthToSpace", blocksize=10**9),
        "Upsample: 10^9 times": images("Upsample", scales=[1.0, 1.0, 1e9, 1e9]),
        "MaxPool: window of 0": images("MaxPool", kernel_shape=[0, 0], strides=[0, 0]),
        "MaxPool: window below 0": images("MaxPool", kernel_shape=[-1, -1], strides=[-1, -1]),
        "MaxPool: window of 10^9": images("MaxPool", kernel_shape=[10**9] * 2, strides=[10**9] * 2),
        "MaxPool: no window": images("MaxPool"),
        "MaxPool: window of 10^6 numbers": images("MaxPool", kernel_shape=[2] * 10**6),
        "LinearClassifier: labels twice": linear(classlabels_ints=[1, 1, 1]),
        "LinearClassifier: 10^6 labels": linear(classlabels_ints=list(range(10**6))),
        "LinearClassifier: words with control characters": linear(
            classlabels_ints=[], classlabels_strings=[b"\x1b[2J", b"\xff", b"a\nb"]
        ),
        "LinearClassifier: words of 10^6 letters": linear(
            classlabels_ints=[], classlabels_strings=[b"a" * 10**6, b"b", b"c"]
        ),
        "LinearClassifier: 7 coefficients": linear(coefficients=[1.0] * 7),
        "LinearClassifier: not a number": linear(coefficients=[float("nan")] * 6),
        "LinearClassifier: an unknown transformation": linear(post_transform=b"\x1b\xff"),
        "LinearClassifier: nothing": linear(coefficients=[], intercepts=[], classlabels_ints=[]),
    }


def _large() -> dict[str, Content]:
    """Return long graphs of small operators, which are honest."""
    node = helper.make_node

    def chain(kind: str, count: int, *others: str) -> Content:
        nodes = [node(kind, [f"z{k}", *others], [f"z{k + 1}"]) for k in range(count)]
        nodes[0].input[0] = "x"
        stored = weights(
            constant("t", 0.1, np.float32),
            constant("u", 3e38, np.float32),
            constant("Q", [[0.6, 0.8], [-0.8, 0.6]], np.float32),
            constant("q", [0.1, 0.2], np.float32),
        )  # fmt: skip
        return lambda: model([*nodes, dense(input=[f"z{count}", "W", "b"])], stored)

    return {
        "Relu 3,000 times": chain("Relu", 3000),
        "Identity 9,000 times": chain("Identity", 9000),
        "Neg 3,000 times": chain("Neg", 3000),
        "a product with 0.1 3,000 times": chain("Mul", 3000, "t"),
        "a product with 3e38 300 times": chain("Mul", 300, "u"),
        "Gemm 300 times": chain("Gemm", 300, "Q", "q"),
        "Gemm 3,000 times": chain("Gemm", 3000, "Q", "q"),
    }
