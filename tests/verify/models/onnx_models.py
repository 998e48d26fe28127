"""ONNX files of a few nodes, and what is refused of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from certify.errors import InputError
from verify.models.model import Model
from verify.models.readers import read_model

onnx = pytest.importorskip("onnx")
helper = pytest.importorskip("onnx.helper")

RNG = np.random.default_rng(0)
X = RNG.integers(0, 17, (30, 64)).astype(np.float32) / 16
ML = {"domain": "ai.onnx.ml"}


def scores(model: Model, points: np.ndarray = X) -> np.ndarray:
    return np.array([[float(z) for z in row] for row in model.network.outputs(points)])


def value(name: str, shape: list[Any] | None, kind: int = 1) -> Any:
    return helper.make_tensor_value_info(name, kind, shape)


def onnx_file(
    path: Path,
    nodes: list[Any],
    constants: dict[str, np.ndarray],
    outputs: str = "y",
    shape: Any = ("n", 64),
    kind: int = 1,
    opset: int = 17,
    functions: list[Any] = (),  # type: ignore[assignment]
) -> Path:
    graph = helper.make_graph(
        nodes, "g", [value("x", list(shape), kind)],
        [value(name, None, 7 if name.startswith("label") else 1) for name in outputs.split()],
        [onnx.numpy_helper.from_array(v, name) for name, v in constants.items()],
    )  # fmt: skip
    versions = [helper.make_opsetid("", opset), helper.make_opsetid("ai.onnx.ml", 3)]
    versions += [helper.make_opsetid("of.my.own", 1)]
    made = helper.make_model(graph, opset_imports=versions, functions=functions, ir_version=10)
    onnx.save(made, path)
    return path


def node(kind: str, inputs: str, output: str, **options: Any) -> Any:
    return helper.make_node(kind, inputs.split(), output.split(), **options)


def refused(path: Path) -> str:
    with pytest.raises(InputError) as caught:
        read_model(path)
    assert "\n" not in str(caught.value)
    return str(caught.value)


# What the graph makes of its scores

SMALL = {
    "w": RNG.normal(size=(64, 3)).astype(np.float32),
    "b": RNG.normal(size=3).astype(np.float32),
    "v": RNG.normal(size=(64, 1)).astype(np.float32),
    "u": np.array([1], np.float32),
    "two": np.array([2], np.float32),
    "p": np.eye(3, dtype=np.float32)[[2, 0, 1]],
    "i": np.array([2, 0, 1]),
    "classes": np.array([7, 5, 9]),
    "wide": np.array([-1]),
    "first": np.array([[0]]),
}
GEMM = ("Gemm", "x w b", "z", {})
ONE = [("MatMul", "x v", "f", {}), ("Sigmoid", "f", "q", {})]


def small(path: Path, rows: list[Any], outputs: str, **options: Any) -> Path:
    nodes = [node(kind, given, out, **more) for kind, given, out, more in rows]
    used = {name for n in nodes for name in n.input}
    constants = {name: array for name, array in SMALL.items() if name in used}
    return onnx_file(path, nodes, constants, outputs, **options)
