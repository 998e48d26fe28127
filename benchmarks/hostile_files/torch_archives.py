"""Programs of ``torch.export`` in ``.pt2`` files, changed after they were saved."""

import io
import json
from collections.abc import Callable
from functools import cache
from typing import Any

import torch
from torch import nn

from benchmarks.hostile_files import (
    NESTED,
    Content,
    Hostile,
    later,
    models,
    nothing_of_the_kind,
    packed,
    unpacked,
)

GRAPH, WEIGHTS = "p/models/model.json", "p/data/weights/model_weights_config.json"
CONSTANTS, FIRST = "p/data/constants/model_constants_config.json", "p/data/weights/weight_0"
LONG = "\x1b[2J\u202e\n" * 10_000
Change = Callable[[Any], Any]


def files() -> list[Hostile]:
    """Return the files of this format."""
    made = {**nothing_of_the_kind(saved()), **_archives(), **_graphs(), **_tensors()}
    return models("pt2", "m.pt2", made)


@cache
def saved() -> bytes:
    """Return a linear layer, ReLU, and another, saved by torch."""
    made = nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 2)).eval()
    with torch.no_grad():
        for number, weight in enumerate(made.parameters()):
            weight.copy_(torch.linspace(-1, 1 + number, weight.numel()).reshape(weight.shape))
    stream = io.BytesIO()
    torch.export.save(torch.export.export(made, (torch.zeros(2, 2),)), stream)
    members = unpacked(stream.getvalue())
    return packed({f"p/{name.partition('/')[2]}": content for name, content in members.items()})


@later
def _members(**changed: bytes | Change | None) -> bytes:
    """Return the archive with other members, named "graph", "weights", "constants", "first".

    None leaves a member out, and a function changes the document in it.
    """
    names = {"graph": GRAPH, "weights": WEIGHTS, "constants": CONSTANTS, "first": FIRST}
    members: dict[str, Any] = dict(unpacked(saved()))
    for key, content in changed.items():
        if callable(content):
            document = json.loads(members[names[key]])
            content(document)
            content = json.dumps(document).encode()
        members[names[key]] = content
    return packed({name: content for name, content in members.items() if content is not None})


def _archives() -> dict[str, Content]:
    @later
    def more(name: str, content: bytes, **changed: Any) -> bytes:
        return packed([*unpacked(saved()).items(), (name, content)], **changed)

    return {
        "no graph": _members(graph=None),
        "no table of weights": _members(weights=None),
        "no table of constants": _members(constants=None),
        "a weight that is not there": _members(first=None),
        "a weight that is too short": _members(first=bytes(4)),
        "a weight that is too long": _members(first=bytes(10**6)),
        "two graphs": more("p/models/other.json", b"{}"),
        "a graph twice": more(GRAPH, b"{}"),
        "a graph in another folder": more("q/models/model.json", b"{}"),
        "a graph of torch 2.5": more("serialized_exported_program.json", b"{}"),
        "members that are compressed": more("p/x", bytes(10**8), compressed=True),
        "5,000 members more": lambda: packed(
            {**unpacked(saved()), **{f"p/x{k}": b"" for k in range(5000)}}
        ),
        "a member with a name of 60,000 letters": more("p/" + "x" * 60_000, b""),
        "a member with control characters": more("p/models/\x1b[2J\n.json", b"{}"),
        "a member above": more("../../x", b"{}"),
        "no bytes of graph": _members(graph=b""),
        "a graph that is text": _members(graph=b"graph"),
        "a graph nested 100,000 deep": _members(graph=NESTED.encode()),
        "a graph of 30 MB of lists": _members(graph=b"[" + b"[]," * 10**7 + b"[]]"),
        "a graph that is a list": _members(graph=b"[]"),
        "a graph that is a number of 10^6 digits": _members(graph=b"9" * 10**6),
        "a graph that is not UTF-8": _members(graph=b'{"\xff": 1}'),
        "weights in a list": _members(weights=b'{"config": []}'),
        "weights that are nothing": _members(weights=b'{"config": null}'),
    }


def _graphs() -> dict[str, Content]:
    """Return programs with another graph."""

    def version(major: Any) -> Content:
        return _members(graph=lambda document: document["schema_version"].update(major=major))

    def part(change: Change) -> Content:
        return _members(graph=lambda document: change(document["graph_module"]["graph"]))

    def node(change: Change) -> Content:
        return part(lambda g: change(g["nodes"][0]))

    def signature(change: Change) -> Content:
        return _members(graph=lambda document: change(document["graph_module"]["signature"]))

    def argument(value: Any) -> Content:
        return node(lambda n: n["inputs"][1].update(arg=value))

    def examples(*sizes: Any) -> Content:
        return part(lambda g: g["tensor_values"]["input"].update(sizes=list(sizes)))

    deep: Any = {"as_tensor": {"name": "input"}}
    for _ in range(300):
        deep = {"as_optional_tensor": deep}
    repeated = {
        "target": "torch.ops.aten.relu.default", "name": "r", "metadata": {},
        "inputs": [{"name": "self", "arg": {"as_tensor": {"name": "input"}}, "kind": 1}],
        "outputs": [{"as_tensor": {"name": "r"}}], "is_hop_single_tensor_return": None,
    }  # fmt: skip
    two, many = {"as_int": 2}, {"as_int": 2**62}
    return {
        "another version": _members(graph=lambda d: d["schema_version"].update(major=10**30)),
        "a version that is a list": _members(
            graph=lambda d: d["schema_version"].update(major=[LONG])
        ),
        "torch of a version with control characters": _members(
            graph=lambda d: (d["schema_version"].update(major=1), d.update(torch_version=LONG))
        ),
        "no signature": _members(graph=lambda d: d["graph_module"].pop("signature")),
        "no nodes": part(lambda g: g.update(nodes=[])),
        "nodes that are words": part(lambda g: g.update(nodes=["\x1b[2J"])),
        "no outputs": part(lambda g: g.update(outputs=[])),
        "another output": part(lambda g: g.update(outputs=[{"as_tensor": {"name": "input"}}])),
        "the nodes twice": part(lambda g: g.update(nodes=g["nodes"] * 2)),
        "the nodes turned around": part(lambda g: g["nodes"].reverse()),
        "2,000 nodes": part(lambda g: g.update(nodes=[repeated] * 2000 + g["nodes"])),
        "a node that is its own input": argument({"as_tensor": {"name": "linear"}}),
        "an argument that is not there": argument({"as_tensor": {"name": "absent"}}),
        "an argument of no kind": argument({}),
        "an argument of two kinds": argument({"as_int": 1, "as_float": 2.0}),
        "an argument of an unknown kind": argument({"as_\x1b[2J": 1}),
        "an argument that is an expression": argument({"as_sym_int": {"as_expr": "2 + 2"}}),
        "an argument that is a number": argument({"as_int": 10**30}),
        "an argument that is not a number": argument({"as_float": "NaN"}),
        "an argument that is a list of 10^6": argument({"as_ints": [1] * 10**6}),
        "an argument nested 300 deep": argument(deep),
        "arguments without names": node(lambda n: n.update(inputs=[{}])),
        "an argument that is not known": node(lambda n: n["inputs"][0].update(name="absent")),
        "an operation that is not known": node(
            lambda n: n.update(target="torch.ops.own.f.default")
        ),
        "an operation of Python": node(lambda n: n.update(target="_operator.add")),
        "an operation with control characters": node(lambda n: n.update(target=LONG)),
        "an operation without overload": node(lambda n: n.update(target="torch.ops.aten.linear")),
        "a name with control characters": node(lambda n: n.update(name="\x1b[2J")),
        "a name of 10^6 letters": node(lambda n: n.update(name="x" * 10**6)),
        "two outputs of a node": node(lambda n: n.update(outputs=n["outputs"] * 2)),
        "no outputs of a node": node(lambda n: n.update(outputs=[])),
        "examples of size 2^62": examples(two, many),
        "10^9 examples at once": examples({"as_int": 10**9}, two),
        "examples of size below 0": examples(two, {"as_int": -2}),
        "examples of size 0": examples(two, {"as_int": 0}),
        "examples of a size in words": examples(two, {"as_int": LONG}),
        "examples of a size that is an expression": examples({"as_expr": {"expr_str": "s0"}}, two),
        "examples without axes": examples(),
        "examples of 1,000 axes": examples(*[two] * 1000),
        "a signature without inputs": signature(lambda s: s.update(input_specs=[])),
        "a signature of two examples": signature(
            lambda s: s.update(input_specs=[*s["input_specs"], s["input_specs"][-1]])
        ),
        "a signature with a custom object": signature(
            lambda s: s["input_specs"].append({"custom_obj": {"arg": {"name": LONG}}})
        ),
        "a buffer that changes": signature(
            lambda s: s["output_specs"].append({"buffer_mutation": {"arg": {"name": "x"}}})
        ),
    }


def _tensors() -> dict[str, Content]:
    """Return programs with another table of weights."""

    def entry(change: Change) -> Content:
        return _members(weights=lambda table: change(table["config"]["0.weight"]))

    def meta(**fields: Any) -> Content:
        return entry(lambda e: e["tensor_meta"].update(fields))

    def layout(sizes: list[Any], strides: list[Any], offset: Any = 0) -> Content:
        return meta(
            sizes=[{"as_int": n} for n in sizes], strides=[{"as_int": n} for n in strides],
            storage_offset={"as_int": offset},
        )  # fmt: skip

    return {
        "a pickle of a weight": entry(lambda e: e.update(use_pickle=True)),
        "a weight in a path above": entry(lambda e: e.update(path_name="../../weight_0")),
        "a weight with control characters": entry(lambda e: e.update(path_name="\x1b[2J")),
        "a weight in a list": entry(lambda e: e.update(path_name=["weight_0"])),
        "a weight of no type": meta(dtype=0),
        "a weight of an unknown type": meta(dtype=10**30),
        "a weight of a type in words": meta(dtype=LONG),
        "a weight of complex numbers": meta(dtype=10),
        "a weight of another type": meta(dtype=8),
        "a weight of bytes": meta(dtype=1),
        "a sparse weight": meta(layout=1),
        "a weight of 10^12 numbers": layout([10**6, 10**6], [10**6, 1]),
        "a weight of 10^12 numbers, all the same": layout([10**6, 10**6], [0, 0]),
        "a weight of 3 x 2 numbers, all the same": layout([3, 2], [0, 0]),
        "a weight of sizes below 0": layout([-3, -2], [2, 1]),
        "a weight of strides below 0": layout([3, 2], [-2, -1], 5),
        "a weight of strides behind the end": layout([3, 2], [10**12, 1]),
        "a weight of strides of 10^30": layout([3, 2], [10**30, 1]),
        "a weight of more strides than sizes": layout([3, 2], [2, 1, 1]),
        "a weight of no numbers, many of them": layout([0, 2**62], [1, 1]),
        "a weight of 500 sizes": layout([1] * 500, [1] * 500),
        "a weight of sizes that are truth values": layout([True, True], [True, True]),
        "a weight of sizes in lists": layout([[3], [2]], [2, 1]),
        "a weight at offset 10^18": layout([3, 2], [2, 1], 10**18),
        "a weight at offset -1": layout([3, 2], [2, 1], -1),
        "a weight at offset 2.5": layout([3, 2], [2, 1], 2.5),
    }
