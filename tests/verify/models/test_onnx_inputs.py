"""The inputs of an ONNX graph: several of them, and axes of examples and of one example."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.verify.models.onnx_models import (
    SMALL,
    X,
    helper,
    node,
    onnx,
    onnx_file,
    refused,
    scores,
    value,
)
from verify.models.agreement import compare
from verify.models.readers import read_model

RNG = np.random.default_rng(3)


def several(path: Path, shapes: dict[str, list[Any]], kinds: tuple[int, ...] = (1, 1)) -> Path:
    """Save relu(a) + b with the scores of four classes, of two inputs."""
    nodes = [node("Relu", "a", "r"), node("Add", "r b", "y")]
    given = zip(shapes.items(), kinds, strict=True)
    graph = helper.make_graph(
        nodes, "g", [value(name, shape, kind) for (name, shape), kind in given],
        [value("y", None)],
    )  # fmt: skip
    onnx.save(
        helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=10), path
    )
    return path


def test_several_inputs_are_one_example_together(tmp_path: Path) -> None:
    path = several(tmp_path / "m.onnx", {"a": ["n", 4], "b": [1, 4]})
    model = read_model(path)
    points = RNG.normal(size=(50, 8)).astype(np.float32)
    assert compare(model, points).examples == 50
    assert model.network.outputs([[-1, 2, 0, 0, 5, 5, 7, 5]]) == [(5, 7, 7, 5)]


@pytest.mark.parametrize(
    ("shapes", "kinds"), [({"a": [1, "k"], "b": [1, 4]}, (1, 1)), ({"a": [4], "b": [4]}, (1, 7))]
)
def test_several_inputs_of_other_forms_are_refused(
    shapes: dict[str, list[Any]], kinds: tuple[int, ...], tmp_path: Path
) -> None:
    path = several(tmp_path / "m.onnx", shapes, kinds)
    assert "expected one input, or several of floats of known sizes, got 2: a " in refused(path)


@pytest.mark.parametrize(
    ("shape", "rows", "example"),
    [
        ((64,), [("MatMul", "x w", "z", {}), ("Add", "z b", "y", {})], (64,)),
        ((1, 64), [("MatMul", "x w", "z", {}), ("Add", "z b", "y", {})], (64,)),
        ((5, 64), [("MatMul", "x w", "z", {}), ("Add", "z b", "y", {})], (64,)),
        ((64, 1), [("Transpose", "w", "t", {}), ("MatMul", "t x", "z", {}),
                   ("Add", "z c", "y", {})], (64, 1)),
        ((1, 1, 1, 64), [("Sub", "x b0", "f", {}), ("MatMul", "f w", "z", {}),
                         ("Add", "z b", "y", {})], (1, 1, 64)),
        ((8, 8), [("Reshape", "x row", "f", {}), ("Gemm", "f w b", "y", {})], (8, 8)),
        ((3, 8, 8), [("Reshape", "x three", "f", {}), ("Gemm", "f w b", "y", {})], (8, 8)),
    ],
)  # fmt: skip
def test_axes_of_examples_and_of_one_example_are_told_apart(
    shape: tuple[int, ...], rows: list[Any], example: tuple[int, ...], tmp_path: Path
) -> None:
    nodes = [node(kind, given, out, **more) for kind, given, out, more in rows]
    constants = {
        "w": SMALL["w"], "b": SMALL["b"], "c": SMALL["b"][:, None], "b0": np.float32([0.0]),
        "row": np.array([1, -1]), "three": np.array([3, 64]),
    }  # fmt: skip
    used = {name for n in nodes for name in n.input}
    path = onnx_file(
        tmp_path / "m.onnx", nodes, {k: v for k, v in constants.items() if k in used}, shape=shape
    )
    model = read_model(path)
    assert model.shape == example
    assert np.allclose(scores(model), X @ SMALL["w"] + SMALL["b"], atol=1e-5)
    assert compare(model, X).ties == 0
