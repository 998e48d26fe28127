"""Small ONNX graphs, read exactly beside what onnxruntime makes of them."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import helper, numpy_helper

from verify.models.readers import read_model

FLOATS: dict[Any, int] = {np.float32: 1, np.float64: 11}


def f(numbers: Any) -> np.ndarray:
    return np.array(numbers, np.float32)


def ints(*numbers: int) -> np.ndarray:
    return np.array(numbers, np.int64)


def node(kind: str, inputs: str, outputs: str = "y", **options: Any) -> Any:
    """Return a node; a missing input is "-"."""
    names = ["" if name == "-" else name for name in inputs.split()]
    domain = {"domain": "ai.onnx.ml"} if kind in ("Scaler",) else {}
    return helper.make_node(kind, names, outputs.split(), **domain, **options)


def graph(
    nodes: Sequence[Any],
    constants: dict[str, Any],
    shape: Sequence[int | str],
    *,
    opset: int = 20,
    kind: Any = np.float32,
) -> Any:
    """Return a model whose scores are the numbers of the value y, twice."""
    flat = [
        helper.make_node("Reshape", ["y", "flat_"], ["row_"]),
        helper.make_node("Concat", ["row_", "row_"], ["scores_"], axis=1),
    ]
    arrays = {**constants, "flat_": np.array([1, -1])}
    made = helper.make_graph(
        [*nodes, *flat], "g",
        [helper.make_tensor_value_info("x", FLOATS[kind], list(shape))],
        [helper.make_tensor_value_info("scores_", FLOATS[kind], None)],
        [numpy_helper.from_array(_array(v, kind), name) for name, v in arrays.items()],
    )  # fmt: skip
    opsets = [helper.make_opsetid("", opset), helper.make_opsetid("ai.onnx.ml", 3)]
    return helper.make_model(made, opset_imports=opsets, ir_version=9)


def _array(value: Any, kind: Any) -> np.ndarray:
    array = np.asarray(value)
    return array.astype(kind) if array.dtype.kind == "f" else array


def read(
    folder: Path, model: Any, points: np.ndarray, *, exact: bool = True
) -> tuple[list[list[Fraction]], np.ndarray]:
    """Return the numbers of y at points, exactly, and as onnxruntime gives them: the same."""
    path = folder / "m.onnx"
    onnx.save(model, path)
    found = read_model(path)
    assert found.runtime is not None
    assert found.runtime.name.startswith("onnxruntime")
    flat = points.reshape(len(points), -1)
    _, theirs = found.runtime.answer(flat)
    assert theirs is not None
    mine = found.network.outputs(flat)
    rows = [list(z[: len(z) // 2]) for z in mine]
    table, own = np.array([list(map(float, z)) for z in mine]), theirs
    assert table.shape == own.shape
    assert np.array_equal(table, own) if exact else np.allclose(table, own, rtol=1e-5, atol=1e-5)
    return rows, own[:, : own.shape[1] // 2]
