"""ONNX files are read as their runtime runs them, or refused by the name of what is in the way."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from certify.errors import InputError
from certify.networks.operations import Convolution, Dense, Maximum, Relu
from tests.verify.models.onnx_models import (
    GEMM,
    ML,
    SMALL,
    X,
    helper,
    node,
    onnx,
    onnx_file,
    refused,
    scores,
    small,
)
from verify.attack.networks import build
from verify.models.agreement import compare
from verify.models.model import Model
from verify.models.readers import read_model
from verify.models.torch_graph import of_module

RNG = np.random.default_rng(1)

KERNEL = RNG.normal(size=(2, 1, 3, 3)).astype(np.float32)
DENSE = RNG.normal(size=(18, 3)).astype(np.float32)
CONSTANTS = {
    "shape": np.array([0, 1, 8, 8]),
    "k": KERNEL,
    "kb": np.array([0.5, -0.25], np.float32),
    "w": DENSE,
    "b": np.array([0.1, 0.2, 0.3], np.float32),
    "half": np.array(0.5, np.float32),
    "one": np.array([1], np.int64),
    "rest": np.array([8, 8], np.int64),
    "classes": np.array([3, 5, 8]),
    "on": np.array(True),
    "whole": np.array(2),
    "column": np.zeros((3, 1), np.float32),
    "deep": np.zeros((1, 1, 1), np.float32),
}
LAYERS = [
    ("Mul", "x half", "a", {}),
    ("Sub", "a half", "c", {}),
    ("Concat", "one one rest", "target", {"axis": 0}),
    ("Reshape", "c target", "i", {}),
    ("Conv", "i k kb", "d", {"kernel_shape": [3, 3]}),
    ("Relu", "d", "e", {}),
    ("MaxPool", "e", "f", {"kernel_shape": [2, 2], "strides": [2, 2]}),
    ("Flatten", "f", "h", {}),
    ("MatMul", "h w", "m", {}),
    ("Add", "m b", "z", {}),
    ("Softmax", "z", "y", {}),
    ("ArgMax", "y", "best", {"axis": 1}),
    ("ArrayFeatureExtractor", "classes best", "label", ML),
]


def layers(*changes: tuple[int, Any]) -> list[Any]:
    rows: list[Any] = list(LAYERS)
    for place, row in changes:
        rows[place] = row
    return [node(kind, inputs, out, **options) for kind, inputs, out, options in rows if kind]


@pytest.mark.parametrize("outputs", ["label", "y", "y label", "z"])
@pytest.mark.parametrize("reference", [False, True])
def test_an_onnx_graph_is_read(
    outputs: str, reference: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if reference:
        monkeypatch.setitem(sys.modules, "onnxruntime", None)
    model = read_model(onnx_file(tmp_path / "g.onnx", layers(), CONSTANTS, outputs))
    assert model.labels == (3, 5, 8)
    image = torch.tensor(X * 0.5 - 0.5).reshape(-1, 1, 8, 8)
    hidden = torch.conv2d(image, torch.tensor(KERNEL), torch.tensor(CONSTANTS["kb"]))
    pooled = torch.max_pool2d(torch.relu(hidden), 2).flatten(1).numpy()
    assert np.allclose(scores(model), pooled @ DENSE + CONSTANTS["b"], atol=1e-5)
    found = compare(model, X)
    assert (found.examples, found.ties) == (30, 0)
    assert found.runtime.startswith("onnx 1" if reference else "onnxruntime")


def test_an_onnx_file_of_torch_s_exporter_is_the_module(tmp_path: Path) -> None:
    network = build("mlp", 2, (64, 6, 3)).eval()
    torch.onnx.export(network, (torch.tensor(X[:2]),), str(tmp_path / "n.onnx"), dynamo=False)
    model = read_model(tmp_path / "n.onnx")
    assert np.array_equal(scores(model), scores(of_module(network, X[:2])))
    assert compare(model, X).examples == 30  # two at a time, as the file says


def test_a_wrong_reading_is_refused_by_the_input_that_shows_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from verify.models import onnx_file as file

    right = read_model(onnx_file(tmp_path / "g.onnx", layers(), CONSTANTS, "label"))
    wrong = {**CONSTANTS, "w": DENSE[:, [1, 2, 0]]}
    monkeypatch.setattr(file, "initialisers", lambda graph, path: dict(wrong))
    read = read_model(tmp_path / "g.onnx")
    mine, theirs = scores(read).argmax(axis=1), scores(right).argmax(axis=1)
    first = int(np.flatnonzero(mine != theirs)[0])
    labels = (3, 5, 8)
    with pytest.raises(InputError) as caught:
        compare(read, X)
    said = str(caught.value)
    assert f"expected the label {labels[theirs[first]]} that onnx" in said
    assert f"got {labels[mine[first]]} with scores" in said
    assert f"(example {first}: " in said


@pytest.mark.parametrize(
    ("place", "row", "message"),
    [
        (5, ("Sigmoid", "d", "e", {}), "got Sigmoid, which is not piecewise linear (Sigmoid e)"),
        (5, ("Tanh", "d", "e", {}), "got Tanh, which is not piecewise linear (Tanh e)"),
        (5, ("Floor", "d", "e", {}), "got Floor, whose values jump (Floor e)"),
        (5, ("Einsum", "d", "e", {"equation": "i->i"}), "got Einsum (Einsum e)"),
        (4, ("Conv", "i k kb", "d", {"pads": [-1, 0, 0, 0]}), "got Conv with {'pads': [-1, 0"),
        (4, ("Conv", "i k kb", "d", {"strides": [0, 1]}), "got Conv with {'strides': [0"),
        (4, ("Conv", "i k kb", "d", {"strides": [1]}), "got Conv with numbers for other axes than"),
        (4, ("Conv", "i k kb", "d", {"group": 2}), "expected images of 2 channels"),
        (4, ("Conv", "i k i", "d", {}), "got biases that are computed (Conv d)"),
        (4, ("Conv", "i i kb", "d", {}), "got weights that are computed (Conv d)"),
        (
            4,
            ("Conv", "i k kb", "d", {"auto_pad": "SAME_UPPER", "pads": [0, 0, 1, 1]}),
            "got Conv with auto_pad beside pads or dilations",
        ),
        (4, ("Conv", "i k kb", "d", {"kernel_shape": [2, 2]}), "a kernel of another shape"),
        (4, ("Conv", "i k kb", "d", {"kin": 2}), "got Conv with ['kin'] (Conv d)"),
        (6, ("MaxPool", "e", "f", {"kernel_shape": [2]}), "got MaxPool over [2] of shape"),
        (0, ("Mul", "x w", "a", {}), "a constant of shape"),
        (0, ("Mul", "x whole", "a", {}), "got int64 beside float32 (Mul a)"),
        (0, ("Div", "x whole", "a", {}), "got int64 beside float32 (Div a)"),
        (0, ("Div", "half x", "a", {}), "got a division by computed values (Div a)"),
        (0, ("Add", "x deep", "a", {}), "got a constant of shape (1, 1, 1) beside"),
        (
            9,
            ("Add", "m column", "z", {}),
            "a constant of shape (3, 1) beside values of shape (1, 3)",
        ),
        (9, ("Mul", "m m", "z", {}), "got Mul of two computed values (Mul z)"),
        (9, ("Add", "m h", "z", {}), "got Add of shapes (1, 3) and (1, 18) (Add z)"),
        (8, ("MatMul", "x w", "m", {}), "expected 18 values, got shape (1, 64) (MatMul m)"),
        (8, ("MatMul", "h h", "m", {}), "got MatMul of two computed values (MatMul m)"),
        (8, ("Gemm", "h h", "m", {}), "got Gemm of two computed values (Gemm m)"),
        (8, ("Gemm", "h w b", "m", {"transA": 1}), "got Gemm across examples (Gemm m)"),
        (8, ("MatMul", "w h", "m", {}), "got MatMul across examples (MatMul m)"),
        (
            8,
            ("Gemm", "h w column", "m", {}),
            "a constant of shape (3, 1) beside values of shape (1, 3)",
        ),
        (8, ("Gemm", "h w h", "m", {}), "got numbers that are computed (Gemm m)"),
        (
            6,
            (
                "MaxPool",
                "e",
                "f",
                {"kernel_shape": [2, 2], "auto_pad": "SAME_LOWER", "dilations": [2, 2]},
            ),
            "got MaxPool with auto_pad beside pads or dilations",
        ),
        (6, ("MaxPool", "e", "f", {"kernel_shape": [7, 7]}), "got MaxPool over [7, 7] of shape"),
        (5, ("Cast", "d", "e", {"to": 7}), "got Cast to type 7 of ONNX (Cast e)"),
        (5, ("Dropout", "d half on", "e", {}), "got Dropout in training mode, which draws at"),
        (5, ("Relu", "d", "e", {"domain": "of.my.own"}), "got Relu of the domain 'of.my.own'"),
        (
            10,
            ("Softmax", "z", "y", {"axis": 0}),
            "got Softmax, which is not piecewise linear (Softmax y)",
        ),
    ],
)
def test_what_an_onnx_graph_has_beyond_the_list_is_named(
    place: int, row: Any, message: str, tmp_path: Path
) -> None:
    said = refused(onnx_file(tmp_path / "g.onnx", layers((place, row)), CONSTANTS))
    assert said.startswith("model: expected ")
    assert message in said


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (("Relu", "w", "target", {}), "got Relu of constants (Relu target)"),
        (("RandomNormal", "", "target", {"shape": [4]}), "got RandomNormal (RandomNormal target)"),
        (("Div", "minus whole", "target", {}), "got a division of negative whole numbers"),
        (("Add", "w k", "target", {}), "expected constants that can be computed"),
    ],
)
def test_constants_that_are_not_computed_are_named(row: Any, message: str, tmp_path: Path) -> None:
    constants = {**CONSTANTS, "minus": np.array([-3])}
    assert message in refused(onnx_file(tmp_path / "g.onnx", layers((2, row)), constants))


def test_a_function_of_the_model_s_own_is_not_the_standard_operator(tmp_path: Path) -> None:
    opset = [helper.make_opsetid("", 17)]
    for domain in ("", "of.my.own"):
        own = helper.make_function(
            domain, "Relu", ["a"], ["b"], [helper.make_node("Neg", ["a"], ["b"])], opset
        )
        changed = layers((5, ("Relu", "d", "e", {"domain": domain})))
        path = onnx_file(tmp_path / "g.onnx", changed, CONSTANTS, functions=[own])
        assert "got Relu, a function of the model's own, (Relu e)" in refused(path)


def test_weights_in_a_file_of_their_own_are_read(tmp_path: Path) -> None:
    path = onnx_file(tmp_path / "g.onnx", layers(), CONSTANTS)
    apart = tmp_path / "apart.onnx"
    onnx.save(onnx.load(path), apart, save_as_external_data=True, size_threshold=0)
    assert len(list(tmp_path.iterdir())) > 2
    assert np.array_equal(scores(read_model(apart)), scores(read_model(path)))
    for other in tmp_path.iterdir():
        if other.suffix != ".onnx":
            other.unlink()
    assert "expected a file with all of its weights" in refused(apart)


def reshaped(path: Path, shape: list[int]) -> tuple[Model, np.ndarray]:
    nodes = [
        node("Reshape", "x shape", "i"), node("Flatten", "i", "h"), node("Gemm", "h w b", "y")
    ]  # fmt: skip
    w = RNG.normal(size=(64, 3)).astype(np.float32)
    constants = {"shape": np.array(shape), "w": w, "b": CONSTANTS["b"]}
    return read_model(onnx_file(path, nodes, constants)), X @ w + CONSTANTS["b"]


@pytest.mark.parametrize("shape", [[0, 1, 8, 8], [-1, 1, 8, 8], [1, 1, -1, 8], [0, 0, 1]])
def test_reshapes_are_read_in_every_spelling(shape: list[int], tmp_path: Path) -> None:
    model, wanted = reshaped(tmp_path / "g.onnx", shape)
    assert np.allclose(scores(model), wanted, atol=1e-5)
    assert compare(model, X).examples == 30


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        ([0, 3, 8, 8], r"got 64 values in shape \(1, 3, 8, 8\) \(Reshape i\)"),
        ([0, 5, -1], r"got 64 values in shape \(1, 5, 12\) \(Reshape i\)"),
        ([-1, -1, 8], r"got a reshape to \[-1, -1, 8\]"),
        ([2, -1, 8], r"got a reshape to \[2, -1, 8\]"),
        ([0, -8, -8], r"got a reshape to \[0, -8, -8\]"),
    ],
)
def test_reshapes_to_another_size_are_refused(
    shape: list[int], message: str, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match=message):
        reshaped(tmp_path / "g.onnx", shape)


def test_images_with_channels_last_are_moved_as_little_as_can_be(tmp_path: Path) -> None:
    """As Keras's exporters write them: every layer of images lies between two transpositions."""
    rows = [
        ("Reshape", "x shape", "i", {}), ("Transpose", "i", "c", {"perm": [0, 3, 1, 2]}),
        ("Conv", "c k", "d", {"auto_pad": "SAME_UPPER", "strides": [2, 2]}),
        ("Transpose", "d", "l", {"perm": [0, 2, 3, 1]}), ("Add", "l kb", "m", {}),
        ("Relu", "m", "r", {}), ("Transpose", "r", "c2", {"perm": [0, 3, 1, 2]}),
        ("MaxPool", "c2", "p", {"kernel_shape": [2, 2], "strides": [2, 2]}),
        ("Transpose", "p", "q", {"perm": [0, 2, 3, 1]}), ("Reshape", "q flat", "f", {}),
        ("MatMul", "f w", "z", {}), ("Add", "z b", "s", {}), ("Softmax", "s", "y", {}),
    ]  # fmt: skip
    nodes = [node(kind, given, out, **more) for kind, given, out, more in rows]
    constants = {
        **{name: CONSTANTS[name] for name in ("k", "kb", "b")}, "w": DENSE[:8],
        "shape": np.array([-1, 8, 8, 1]), "flat": np.array([-1, 8]),
    }  # fmt: skip
    model = read_model(onnx_file(tmp_path / "m.onnx", nodes, constants))
    kinds = [type(node.operation) for node in model.network.nodes]
    assert kinds == [Convolution, Relu, Maximum, Dense]
    padded = torch.nn.functional.pad(torch.tensor(X).reshape(-1, 1, 8, 8), (0, 1, 0, 1))
    hidden = torch.conv2d(padded, torch.tensor(KERNEL), torch.tensor(CONSTANTS["kb"]), 2)
    pooled = torch.max_pool2d(torch.relu(hidden), 2).permute(0, 2, 3, 1).flatten(1).numpy()
    assert np.allclose(scores(model), pooled @ DENSE[:8] + CONSTANTS["b"], atol=1e-5)
    assert compare(model, X).ties == 0


def test_nodes_in_another_order_are_read_as_they_are_run(tmp_path: Path) -> None:
    proto = onnx.load(
        small(tmp_path / "m.onnx", [("Relu", "x", "r", {}), ("Gemm", "r w b", "y", {})], "y")
    )
    nodes = list(proto.graph.node)[::-1]
    del proto.graph.node[:]
    proto.graph.node.extend(nodes)
    onnx.save(proto, tmp_path / "m.onnx")
    assert compare(read_model(tmp_path / "m.onnx"), X).ties == 0
    nodes[1].input[0] = "y"
    del proto.graph.node[:]
    proto.graph.node.extend(nodes)
    onnx.save(proto, tmp_path / "m.onnx")
    assert "expected nodes in some order, got a circle of them" in refused(tmp_path / "m.onnx")


def test_spellings_of_one_dense_layer_are_one(tmp_path: Path) -> None:
    w, b = SMALL["w"], SMALL["b"]
    wanted = X @ w + b
    spellings: list[tuple[list[Any], dict[str, np.ndarray], np.ndarray]] = [
        ([GEMM], {"b": b[None]}, wanted),
        ([GEMM], {"b": b[:1]}, X @ w + b[0]),
        ([GEMM], {"b": b[0]}, X @ w + b[0]),
        ([("Gemm", "x w b", "z", {"alpha": 0.3, "beta": 2.5})], {}, 0.3 * (X @ w) + 2.5 * b),
        ([("MatMul", "x w", "m", {}), ("Add", "b m", "z", {})], {"b": b[None]}, wanted),
        ([("MatMul", "x w", "m", {}), ("Sub", "b m", "z", {})], {}, b - X @ w),
        ([("MatMul", "x w", "m", {}), ("Neg", "m", "z", {})], {}, -X @ w),
        ([("Neg", "w", "m", {}), ("MatMul", "x m", "z", {})], {}, -X @ w),
        ([("MatMul", "x w", "m", {}), ("Div", "m h", "z", {})], {"h": np.float32(3)}, X @ w / 3),
    ]  # fmt: skip
    for rows, changes, found in spellings:
        nodes = [node(kind, given, out, **more) for kind, given, out, more in rows]
        used = {name for n in nodes for name in n.input}
        constants = {
            name: np.asarray(v) for name, v in {**SMALL, **changes}.items() if name in used
        }
        model = read_model(onnx_file(tmp_path / "m.onnx", nodes, constants, "z"))
        assert np.allclose(scores(model), found, atol=1e-4)
        assert compare(model, X).ties == 0


def test_half_precision_is_compared_by_its_own_rounding(tmp_path: Path) -> None:
    w = RNG.normal(size=(64, 3)).astype(np.float16)
    path = onnx_file(
        tmp_path / "m.onnx", [node("MatMul", "x w", "y")], {"w": w}, kind=10, shape=("n", 64)
    )
    proto = onnx.load(path)
    proto.graph.output[0].type.tensor_type.elem_type = 10
    onnx.save(proto, path)
    model = read_model(path)
    assert model.runtime is not None
    assert model.runtime.unit == 2.0**-10
    compare(model, X)
    turned = replace(model, labels=(1, 0, 2))
    with pytest.raises(InputError, match="which is therefore not this model"):
        compare(turned, X)
