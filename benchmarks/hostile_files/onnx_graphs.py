"""ONNX files: messages that are none, and graphs that are no chain, or do not end."""

from collections.abc import Callable
from typing import Any

import numpy as np
from onnx import GraphProto, ModelProto, NodeProto, TensorProto, helper, numpy_helper

from benchmarks.hostile_files import Content, Hostile, later, models, nothing_of_the_kind

LONG = "\x1b[2J\u202e\n" * 10_000


def files() -> list[Hostile]:
    """Return the files of this format."""
    good = model([dense()])
    made: dict[str, Content] = {**nothing_of_the_kind(good), **_wires(good), **_graphs()}
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


@later
def _changed(change: Callable[[ModelProto], Any]) -> bytes:
    return model([dense()], change=change)


def _varint(number: int) -> bytes:
    found = bytearray()
    while number > 127:
        found.append(number & 127 | 128)
        number >>= 7
    return bytes([*found, number])


def _field(number: int, content: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(content)) + content


def _wires(good: bytes) -> dict[str, Content]:
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


def _graphs() -> dict[str, Content]:
    """Return graphs that are no chain of operators."""

    def graph(change: Callable[[GraphProto], Any]) -> Content:
        return _changed(lambda proto: change(proto.graph))

    def typed(**fields: Any) -> Content:
        def change(proto: ModelProto) -> None:
            for name, value in fields.items():
                setattr(proto.graph.input[0].type.tensor_type, name, value)

        return _changed(change)

    @later
    def sized(*sizes: Any) -> bytes:
        return model([dense()], sizes=sizes)

    @later
    def one(outputs: tuple[str, ...] = ("y",), **changed: Any) -> bytes:
        return model([dense(**changed)], outputs=outputs)

    def opsets(*pairs: tuple[str, int]) -> Content:
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
        "an output that nothing computes": one(("absent",)),
        "an output twice": one(("y", "y")),
        "1,000 outputs": one(tuple(f"y{k}" for k in range(1000))),
        "a node that is its own input": one(input=["y", "W", "b"]),
        "a cycle of two nodes": lambda: model(
            [dense(input=["z", "W", "b"]), node("Relu", ["y"], ["z"])]
        ),
        "a cycle of 3,000 nodes": lambda: model(
            [node("Relu", [f"z{k}"], [f"z{(k + 1) % 3000}"]) for k in range(3000)]
        ),
        "nodes in the wrong order": lambda: model(
            [node("Relu", ["z"], ["y"]), dense(output=["z"])]
        ),
        "an input that nothing gives": one(input=["x", "W", "absent"]),
        "a node without inputs": one(input=[]),
        "a node without outputs": one(output=[]),
        "a node of 10,000 inputs": one(input=["x"] + ["W"] * 10_000),
        "a node of 10,000 outputs": one(output=["y", *(f"y{k}" for k in range(10_000))]),
        "empty names": one(("",), output=[""]),
        "an output named as a weight": one(("W",), output=["W"]),
        "a node twice": lambda: model([dense(), dense()]),
        "a weight twice": graph(lambda g: g.initializer.append(g.initializer[0])),
        "a sparse weight": graph(lambda g: g.sparse_initializer.add()),
        "a weight that is an input": graph(
            lambda g: g.input.append(helper.make_tensor_value_info("W", 1, [7, 7]))
        ),
        "a name of node with control characters": one(name=LONG, op_type="Tanh"),
        "an operator of 10^6 letters": one(op_type="A" * 10**6),
        "an operator with control characters": one(op_type="Re\x1b[2Jlu\n"),
        "an operator without name": one(op_type=""),
        "names with control characters": one((LONG,), input=["x", "W", LONG]),
        "an unknown domain": one(domain="com.microsoft"),
        "a domain with control characters": one(domain=LONG),
        "a domain that nothing imports": one(domain="ai.onnx.ml"),
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
