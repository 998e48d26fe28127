"""ONNX files: graphs that are none, or do not end, and operators that make much of little."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from onnx import GraphProto, ModelProto, NodeProto, TensorProto, helper, numpy_helper

from benchmarks.hostile_files import Hostile, models, nothing_of_the_kind

Build = Callable[[], bytes]
LONG = "\x1b[2J\u202e\n" * 10_000


def files() -> list[Hostile]:
    """Return the files of this format."""
    good = model([dense()])
    made: dict[str, Build] = {**nothing_of_the_kind(good), **_wires(good), **_graphs()}
    made.update({**_folded(), **_operators(), **_large()})
    return models("onnx", "m.onnx", made)


def dense(**changed: Any) -> NodeProto:
    """Return the one node of a linear model, x W + b, with other fields if they are given."""
    node = helper.make_node("Gemm", ["x", "W", "b"], ["y"])
    for name, value in changed.items():
        if isinstance(value, list):
            del getattr(node, name)[:]
            getattr(node, name).extend(value)
        else:
            setattr(node, name, value)
    return node


def weights(*others: TensorProto) -> list[TensorProto]:
    """Return W of shape (2, 3), b, and others."""
    table = np.arange(6, dtype=np.float32).reshape(2, 3)
    return [
        numpy_helper.from_array(table, "W"),
        numpy_helper.from_array(np.zeros(3, np.float32), "b"),
        *others,
    ]


def constant(name: str, value: Any, kind: Any = np.int64) -> TensorProto:
    """Return a stored array."""
    return numpy_helper.from_array(np.asarray(value, kind), name)


def model(
    nodes: list[NodeProto], stored: list[TensorProto] | None = None, *,
    change: Callable[[ModelProto], Any] = lambda proto: None, sizes: Any = ("n", 2),
    outputs: tuple[str, ...] = ("y",), opset: int = 17,
) -> bytes:  # fmt: skip
    """Return the bytes of a model of these nodes, changed at last."""
    kind = TensorProto.FLOAT
    graph = helper.make_graph(
        nodes, "g", [helper.make_tensor_value_info("x", kind, sizes)],
        [helper.make_tensor_value_info(name, kind, None) for name in outputs],
        weights() if stored is None else stored,
    )  # fmt: skip
    proto = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)
    change(proto)
    return bytes(proto.SerializeToString())


def _changed(change: Callable[[ModelProto], Any]) -> Build:
    return lambda: model([dense()], change=change)


def _varint(number: int) -> bytes:
    found = bytearray()
    while number > 127:
        found.append(number & 127 | 128)
        number >>= 7
    return bytes([*found, number])


def _field(number: int, content: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(content)) + content


def _wires(good: bytes) -> dict[str, Build]:
    """Return messages that are wrong before anything in them is understood."""

    def nested(depth: int) -> bytes:
        graph = b""
        for _ in range(depth):  # a node with an attribute that is a graph, and so on
            graph = _field(1, _field(5, _field(6, graph)))
        return _field(7, graph)

    return {
        "a length of 2^60": lambda: good + _varint(7 << 3 | 2) + _varint(2**60),
        "a number of 20 bytes": lambda: good + b"\x08" + b"\xff" * 20,
        "a group that does not end": lambda: good + b"\x0b",
        "field 0": lambda: good + b"\x00\x00",
        "10^5 unknown fields": lambda: good + b"\xf8\x3f\x01" * 10**5,
        "graphs 30 deep": lambda: nested(30),
        "graphs 5,000 deep": lambda: nested(5000),
        "100,000 empty nodes": lambda: _field(7, b"\x0a\x00" * 10**5),
        "500,000 empty nodes": lambda: _field(7, b"\x0a\x00" * 5 * 10**5),
        "500,000 empty initialisers": lambda: _field(7, b"\x2a\x00" * 5 * 10**5),
        "500,000 empty inputs": lambda: _field(7, b"\x5a\x00" * 5 * 10**5),
        "500,000 empty functions": lambda: good + _field(25, b"") * 5 * 10**5,
        "500,000 empty attributes": lambda: _field(7, _field(1, _field(5, b"") * 5 * 10**5)),
        "no graph": lambda: b"\x08\x08",
        "a name that is not UTF-8": lambda: good.replace(b"W", b"\xff"),
    }


def _graphs() -> dict[str, Build]:
    """Return graphs that are no chain of operators."""

    def graph(change: Callable[[GraphProto], Any]) -> Build:
        return _changed(lambda proto: change(proto.graph))

    def typed(**fields: Any) -> Build:
        def change(proto: ModelProto) -> None:
            for name, value in fields.items():
                setattr(proto.graph.input[0].type.tensor_type, name, value)

        return _changed(change)

    def sized(*sizes: Any) -> Build:
        return lambda: model([dense()], sizes=sizes)

    def opsets(*pairs: tuple[str, int]) -> Build:
        def change(proto: ModelProto) -> None:
            del proto.opset_import[:]
            proto.opset_import.extend(helper.make_opsetid(*pair) for pair in pairs)

        return _changed(change)

    node = helper.make_node
    own = helper.make_function(
        "own", "F", ["x"], ["y"], [node("F", ["x"], ["y"], domain="own")],
        [helper.make_opsetid("own", 1)],
    )  # fmt: skip
    relu = helper.make_function(
        "", "Gemm", ["x", "W", "b"], ["y"], [node("Neg", ["x"], ["y"])],
        [helper.make_opsetid("", 17)],
    )  # fmt: skip
    return {
        "no nodes": graph(lambda g: g.ClearField("node")),
        "no inputs": graph(lambda g: g.ClearField("input")),
        "no outputs": graph(lambda g: g.ClearField("output")),
        "two inputs": graph(lambda g: g.input.append(helper.make_tensor_value_info("z", 1, [1]))),
        "an output that nothing computes": lambda: model([dense()], outputs=("absent",)),
        "an output twice": lambda: model([dense()], outputs=("y", "y")),
        "1,000 outputs": lambda: model([dense()], outputs=tuple(f"y{k}" for k in range(1000))),
        "a node that is its own input": lambda: model([dense(input=["y", "W", "b"])]),
        "a cycle of two nodes": lambda: model(
            [
                dense(input=["z", "W", "b"]),
                node("Relu", ["y"], ["z"]),
            ]
        ),
        "a cycle of 3,000 nodes": lambda: model(
            [node("Relu", [f"z{k}"], [f"z{(k + 1) % 3000}"]) for k in range(3000)]
        ),
        "nodes in the wrong order": lambda: model(
            [node("Relu", ["z"], ["y"]), dense(output=["z"])]
        ),
        "an input that nothing gives": lambda: model([dense(input=["x", "W", "absent"])]),
        "a node without inputs": lambda: model([dense(input=[])]),
        "a node without outputs": lambda: model([dense(output=[])]),
        "a node of 10,000 inputs": lambda: model([dense(input=["x"] + ["W"] * 10_000)]),
        "a node of 10,000 outputs": lambda: model(
            [dense(output=["y", *(f"y{k}" for k in range(10_000))])]
        ),
        "empty names": lambda: model([dense(output=[""])], outputs=("",)),
        "an output named as a weight": lambda: model([dense(output=["W"])], outputs=("W",)),
        "a node twice": lambda: model([dense(), dense()]),
        "a weight twice": graph(lambda g: g.initializer.append(g.initializer[0])),
        "a sparse weight": graph(lambda g: g.sparse_initializer.add()),
        "a weight that is an input": graph(
            lambda g: g.input.append(helper.make_tensor_value_info("W", 1, [7, 7]))
        ),
        "a name of node with control characters": lambda: model([dense(name=LONG, op_type="Tanh")]),
        "an operator of 10^6 letters": lambda: model([dense(op_type="A" * 10**6)]),
        "an operator with control characters": lambda: model([dense(op_type="Re\x1b[2Jlu\n")]),
        "an operator without name": lambda: model([dense(op_type="")]),
        "names with control characters": lambda: model(
            [dense(input=["x", "W", LONG])], outputs=(LONG,)
        ),
        "an unknown domain": lambda: model([dense(domain="com.microsoft")]),
        "a domain with control characters": lambda: model([dense(domain=LONG)]),
        "a domain that nothing imports": lambda: model([dense(domain="ai.onnx.ml")]),
        "no versions of operators": opsets(),
        "a version below 0": opsets(("", -1)),
        "version 0": opsets(("", 0)),
        "version 6": opsets(("", 6)),
        "version 10^9": opsets(("", 10**9)),
        "version 2^63 - 1": opsets(("", 2**63 - 1)),
        "two versions": opsets(("", 17), ("", 18)),
        "two spellings of a domain": opsets(("", 17), ("ai.onnx", 9)),
        "1,000 domains": opsets(("", 17), *((f"d{k}", 1) for k in range(1000))),
        "version 0 of the format": _changed(lambda p: setattr(p, "ir_version", 0)),
        "version 10^9 of the format": _changed(lambda p: setattr(p, "ir_version", 10**9)),
        "a function that calls itself": lambda: model(
            [dense(output=["z"]), node("F", ["z"], ["y"], domain="own")],
            change=lambda p: p.functions.append(own),
        ),
        "a function with the name of an operator": _changed(lambda p: p.functions.append(relu)),
        "training": _changed(lambda p: p.training_info.add()),
        "metadata of 10^6 letters": _changed(
            lambda p: p.metadata_props.add(key=LONG, value="v" * 10**6)
        ),
        "examples of no type": typed(elem_type=0),
        "examples of an unknown type": typed(elem_type=999),
        "examples that are words": typed(elem_type=TensorProto.STRING),
        "examples that are a sequence": _changed(
            lambda p: p.graph.input[0].type.sequence_type.elem_type.tensor_type.ClearField("shape")
        ),
        "a size below 0": sized("n", -2),
        "a size of 0": sized("n", 0),
        "a size of 2^62": sized("n", 2**62),
        "sizes whose product is 0 in 64 bits": sized("n", 2**32, 2**32),
        "1,000 axes": sized("n", *[1] * 1000),
        "no axes": sized(),
        "10^9 examples at once": sized(10**9, 2),
        "words as sizes": sized(LONG, LONG),
    }


def _folded() -> dict[str, Build]:
    """Return graphs whose constants grow while they are computed."""
    node = helper.make_node

    def fold(nodes: list[NodeProto], *stored: TensorProto) -> Build:
        last = nodes[-1].output[0]
        graph = [*nodes, dense(input=["x", "W", last])]
        return lambda: model(graph, weights(*stored))

    def shaped(kind: str, *sizes: int) -> Build:
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


def _operators() -> dict[str, Build]:
    """Return operators with attributes that they cannot have."""
    node = helper.make_node

    def gemm(**options: Any) -> Build:
        return lambda: model([node("Gemm", ["x", "W", "b"], ["y"], **options)])

    def ahead(kind: str, *others: str, stored: Any = None, **options: Any) -> Build:
        """Return a graph with another operator in front of the dense layer."""
        graph = [node(kind, ["x", *others], ["z"], **options), dense(input=["z", "W", "b"])]
        more = [] if stored is None else [constant("s", stored)]
        return lambda: model(graph, weights(*more))

    def images(kind: str, kernel: Any = (1, 1, 2, 2), **options: Any) -> Build:
        graph = [
            node(kind, ["x", "k"] if kind == "Conv" else ["x"], ["z"], **options),
            node("Flatten", ["z"], ["f"]), dense(input=["f", "W", "b"]),
        ]  # fmt: skip
        stored = weights(constant("k", np.ones(kernel), np.float32))
        return lambda: model(graph, stored, sizes=("n", 1, 3, 2))

    def linear(**options: Any) -> Build:
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


def _large() -> dict[str, Build]:
    """Return long graphs of small operators, which are honest."""
    node = helper.make_node

    def chain(kind: str, count: int, *others: str) -> Build:
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
