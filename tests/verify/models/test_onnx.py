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
from verify import audit
from verify.attack.networks import build
from verify.models.agreement import compare
from verify.models.model import Model
from verify.models.readers import read_model
from verify.models.torch_graph import of_module

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


BEST = [("ArgMax", "z", "best", {"axis": 1})]
NAMED = [*BEST, ("ArrayFeatureExtractor", "classes best", "label0", ML)]


@pytest.mark.parametrize(
    ("rows", "outputs", "labels"),
    [
        ([GEMM, ("Softmax", "z", "y", {"axis": 1}), ("Identity", "y", "o", {})], "o", (0, 1, 2)),
        ([GEMM, ("LogSoftmax", "z", "y", {"axis": -1})], "z y", (0, 1, 2)),
        ([GEMM, *BEST], "best", (0, 1, 2)),
        ([GEMM, *NAMED], "label0", (7, 5, 9)),
        ([GEMM, *BEST, ("Gather", "classes best", "label0", {})], "label0 z", (7, 5, 9)),
        ([GEMM, *NAMED, ("Softmax", "z", "y", {"axis": -1})], "label0 y", (7, 5, 9)),
        ([GEMM, *BEST, ("LogSoftmax", "z", "y", {"axis": -1})], "y best", (0, 1, 2)),
        ([GEMM, ("Relu", "z", "r", {}), ("ArgMax", "r", "best", {"axis": 1})], "best", (0, 1, 2)),
        ([("Relu", "x", "r", {}), ("Gemm", "r w b", "z", {})], "r", tuple(range(64))),
        ([GEMM, ("Add", "z z", "y", {})], "y", (0, 1, 2)),
        ([GEMM, *NAMED, ("Reshape", "label0 wide", "label1", {})], "label1", (7, 5, 9)),
        ([GEMM, *NAMED, ("Cast", "label0", "label1", {"to": 6})], "label1", (7, 5, 9)),
        (
            [
                GEMM, ("Softmax", "z", "y", {}), ("Normalizer", "y", "o", {"norm": "L1", **ML}),
                ("ZipMap", "o", "d", {"classlabels_int64s": [4, 2, 8], **ML}),
            ],
            "o", (4, 2, 8),
        ),
        (ONE, "q", (0, 1)),
        (
            [
                *ONE, ("Sub", "u q", "r", {}), ("Concat", "r q", "y", {"axis": 1}),
                ("ArgMax", "y", "best", {"axis": 1}),
            ],
            "best y", (0, 1),
        ),
    ],
)  # fmt: skip
def test_what_keeps_the_order_of_the_scores_may_follow_them(
    rows: list[Any], outputs: str, labels: tuple[int, ...], tmp_path: Path
) -> None:
    model = read_model(small(tmp_path / "m.onnx", rows, outputs))
    assert model.labels == labels
    assert (compare(model, X).examples, compare(model, X).ties) == (30, 0)


SOFT = [GEMM, ("Softmax", "z", "y", {"axis": 1})]


@pytest.mark.parametrize(
    ("rows", "outputs", "message"),
    [
        ([*SOFT, ("MatMul", "y p", "o", {})], "o", "got MatMul behind the scores"),
        ([*SOFT, ("Neg", "y", "o", {})], "o", "got Neg behind the scores"),
        ([*SOFT, ("Sub", "u y", "o", {})], "o", "got Sub behind the scores"),
        ([*SOFT, ("Add", "y b", "o", {})], "o", "got Add behind the scores"),
        ([*SOFT, ("Div", "y b", "o", {})], "o", "got Div behind the scores"),
        ([*SOFT, ("Gather", "y i", "o", {"axis": 1})], "o", "got Gather behind the scores"),
        ([*SOFT, ("Relu", "y", "o", {})], "o", "got Relu behind the scores"),
        ([*SOFT, ("Softmax", "y", "o", {})], "o", "an output that tells labels, got ['o']"),
        ([GEMM, *BEST, ("Softmax", "z", "y", {})], "y", "an output that tells labels, got ['y']"),
        (
            [*SOFT, ("Softmax", "y", "o", {}), ("ArgMax", "o", "best", {"axis": 1})], "best",
            "got ArgMax behind the scores",
        ),
        ([*SOFT, ("Gemm", "x w b", "o", {})], "o", "got Gemm of an earlier value behind"),
        ([*SOFT, ("ArgMax", "y", "best", {"axis": 0})], "best", "got ArgMax behind the scores"),
        ([*SOFT, ("ArgMax", "y", "best", {})], "best", "got ArgMax behind the scores"),
        ([*SOFT, ("Normalizer", "y", "o", {"norm": "MAX", **ML})], "o", "got ml.Normalizer"),
        ([*SOFT, ("Cast", "y", "o", {"to": 7})], "o", "got Cast behind the scores"),
        (
            [*SOFT, ("ArgMax", "y", "best", {"axis": 1, "select_last_index": 1})], "best",
            "got ArgMax behind the scores",
        ),
        ([*ONE, ("Sub", "two q", "r", {})], "r q", "got Sub behind the scores"),
        (
            [*ONE, ("Sub", "u q", "r", {}), ("Concat", "q r", "o", {"axis": 1})], "o",
            "got Concat behind the scores",
        ),
        (
            [GEMM, *NAMED, ("ZipMap", "z", "o", {"classlabels_int64s": [0, 1, 2], **ML})], "label0",
            "expected 3 labels, the same in the whole graph",
        ),
        ([*ONE, ("Sub", "u q", "r", {})], "r", "expected an output that tells labels, got ['r']"),
        (
            [GEMM, *BEST, ("ArrayFeatureExtractor", "z first", "o", ML)], "o",
            "expected an output that tells labels, got ['o']",
        ),
        ([("Gemm", "x w b", "h", {}), ("Relu", "h", "z", {}), ("MatMul", "z p", "y", {})], "h y",
         "got y of ['h', 'y']"),
        ([GEMM], "w", "got w of ['w']"),
        (
            [("MatMul", "x v", "f", {}), ("Softmax", "f", "y", {})], "y",
            "got the score of one class alone (Softmax y)",
        ),
        (
            [("MatMul", "x v", "f", {}), ("ArgMax", "f", "best", {"axis": 1})], "best",
            "got the score of one class alone (ArgMax best)",
        ),
        ([("Cast", "x", "l", {"to": 11}), ("MatMul", "l w", "z", {})], "z",
         "got float32 beside float64 (MatMul z)"),
    ],
)  # fmt: skip
def test_what_might_change_a_label_is_refused(
    rows: list[Any], outputs: str, message: str, tmp_path: Path
) -> None:
    assert message in refused(small(tmp_path / "m.onnx", rows, outputs))


@pytest.mark.parametrize("rows", [[("MatMul", "x v", "f", {})], ONE])
def test_a_regression_is_read_and_is_no_classifier(rows: list[Any], tmp_path: Path) -> None:
    path = small(tmp_path / "m.onnx", rows, "f")
    model = read_model(path)
    assert compare(model, X).examples == len(X)
    assert model.runtime is not None
    (scores,) = model.network.outputs(X[:1])
    _, told = model.runtime.answer(X[:1].astype(np.float32).reshape(1, -1))
    assert told is not None
    assert [float(s) for s in scores] == pytest.approx(told[0])
    with pytest.raises(InputError, match="got one number for each example, as a regression gives"):
        audit(path)


def test_more_than_one_axis_of_classes_is_read_and_is_no_classifier(tmp_path: Path) -> None:
    rows = [
        ("MatMul", "x w", "z", {}), ("Reshape", "z shape", "y", {}),
    ]  # fmt: skip
    nodes = [node(kind, given, out, **more) for kind, given, out, more in rows]
    w = RNG.normal(size=(64, 6)).astype(np.float32)
    for shape, fits in (([0, 2, 3], False), ([0, 1, 6], True), ([0, 6, 1], True)):
        constants = {"w": w, "shape": np.array(shape)}
        path = onnx_file(tmp_path / "m.onnx", nodes, constants)
        model = read_model(path)
        assert compare(model, X).ties == 0
        assert model.numbers == ("" if fits else "numbers of shape (1, 2, 3) for each example")
    path = onnx_file(tmp_path / "m.onnx", nodes, {"w": w, "shape": np.array([0, 2, 3])})
    with pytest.raises(InputError, match=r"a classifier: .*, got numbers of shape \(1, 2, 3\)"):
        audit(path)


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


def test_many_numbers_of_a_convolution_are_no_classes(tmp_path: Path) -> None:
    """As of detectors: an identity behind them, to be the last layer, would not fit in memory."""
    nodes = [node("Conv", "x w", "z"), node("Reshape", "z shape", "y")]
    constants = {"w": np.ones((66, 1, 1, 1), np.float32), "shape": np.array([1, 66 * 64])}
    path = onnx_file(tmp_path / "m.onnx", nodes, constants, shape=[1, 1, 8, 8])
    model = read_model(path)
    assert model.numbers == "4,224 numbers for each example, which no layer of classes makes"
    assert compare(model).drawn


@pytest.mark.parametrize("kind", ["Softmax", "Identity"])
def test_numbers_are_not_taken_along_an_axis_without_classes(kind: str, tmp_path: Path) -> None:
    rows = [
        ("MatMul", "x w", "z", {}), ("Reshape", "z shape", "s", {}),
        (kind, "s", "y", {"axis": 1} if kind == "Softmax" else {}),
        ("ArgMax", "y", "best", {"axis": -1}),
    ]  # fmt: skip
    nodes = [node(kind, given, out, **more) for kind, given, out, more in rows]
    constants = {"w": SMALL["w"], "shape": np.array([0, 3, 1])}
    said = refused(onnx_file(tmp_path / "m.onnx", nodes, constants, "best"))
    assert "got ArgMax behind the scores" in said


def test_one_of_several_outputs_is_chosen(tmp_path: Path) -> None:
    rows = [
        ("Gemm", "x w b", "h", {}), ("Relu", "h", "z", {}), ("MatMul", "z p", "y", {}),
        ("Tanh", "h", "t", {}),
    ]  # fmt: skip
    path = small(tmp_path / "m.onnx", rows, "h y t")
    with pytest.raises(InputError, match="got Tanh, which is not piecewise linear"):
        read_model(path)
    for output, wanted in (("h", X @ SMALL["w"] + SMALL["b"]), ("y", None)):
        model = read_model(path, output=output)
        assert compare(model, X).ties == 0
        if wanted is not None:
            assert np.allclose(scores(model), wanted, atol=1e-5)
    with pytest.raises(InputError, match=r"--output: expected one of \['h', 'y', 't'\], got 'z'"):
        read_model(path, output="z")
    with pytest.raises(InputError, match="got Tanh"):
        read_model(path, output="t")
    path = small(tmp_path / "m.onnx", rows[:3], "h y")
    assert "or --output with the name of one, got y of ['h', 'y']" in refused(path)


def test_the_least_score_may_be_the_answer(tmp_path: Path) -> None:
    path = small(tmp_path / "m.onnx", [GEMM], "z")
    largest, least = read_model(path), read_model(path, answer="least")
    assert np.array_equal(scores(least), -scores(largest))
    assert compare(least, X).ties == 0
    assert least.runtime is not None
    labels, theirs = least.runtime.answer(X)
    assert labels == (X @ SMALL["w"] + SMALL["b"]).argmin(axis=1).tolist()
    assert theirs is not None
    assert np.allclose(theirs, scores(least), atol=1e-5)
    with pytest.raises(InputError, match="which is therefore not this model"):
        compare(replace(least, runtime=largest.runtime), X)
    path = small(tmp_path / "m.onnx", [GEMM, *BEST], "best")
    with pytest.raises(InputError, match="--answer: expected largest, or a file whose outputs are"):
        read_model(path, answer="least")


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


def test_scores_that_are_in_order_only_are_not_the_model_s(tmp_path: Path) -> None:
    model = read_model(small(tmp_path / "m.onnx", [GEMM], "z"))
    runtime = model.runtime
    assert runtime is not None

    def doubled(points: np.ndarray) -> Any:
        labels, found = runtime.answer(points)
        assert found is not None
        return labels, 2 * found

    with pytest.raises(InputError, match=r"got \d with scores .*which is therefore not this"):
        compare(replace(model, runtime=replace(runtime, answer=doubled)), X)
    compare(replace(model, runtime=replace(runtime, answer=doubled, logits=False)), X)


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


# scikit-learn's linear models


def linear(path: Path, rows: Any, intercepts: Any, words: bool = False, **options: Any) -> Path:
    size = max(2, len(rows))
    labels = {"classlabels_strings": list("abcd")[:size]} if words else {}
    named = labels or {"classlabels_ints": [3, 8, 5, 2][:size]}
    given = {"coefficients": np.ravel(rows).tolist(), **named, **options}
    if intercepts:
        given["intercepts"] = intercepts
    made = node("LinearClassifier", "x", "label probabilities", **ML, **given)
    onnx_file(path, [made], {}, "label probabilities", shape=("n", 1))
    if words:
        proto = onnx.load(path)
        proto.graph.output[0].type.tensor_type.elem_type = 8
        onnx.save(proto, path)
    return path


@pytest.mark.parametrize("transform", ["NONE", "LOGISTIC", "SOFTMAX"])
@pytest.mark.parametrize(
    ("rows", "intercepts"),
    [
        ([[-1], [1]], [0.0, 0.0]),
        ([[-1], [1]], [0.0, 0.5]),  # rows that are each other's negatives, and intercepts not
        ([[-2], [1]], [0.25, 0.5]),
        ([[1]], [0.0]),
        ([[1]], [0.25]),
        ([[1], [1], [-1]], [0.0, 0.0, 0.0]),
    ],
)
def test_rows_of_linear_models_are_read_as_they_are(
    rows: Any, intercepts: Any, transform: str, tmp_path: Path
) -> None:
    points = np.array([[-1], [-0.25], [-0.125], [0], [0.125], [0.25], [1]], np.float32)
    path = linear(tmp_path / "m.onnx", rows, intercepts, post_transform=transform)
    model = read_model(path)
    labels, _ = model.runtime.answer(points)  # type: ignore[union-attr]
    read = [model.labels[k] for k in scores(model, points).argmax(axis=1)]
    assert read == labels  # ties, too
    assert compare(model, points).ties == 0


@pytest.mark.parametrize(("rows", "transform"), [([[1]], "NONE"), ([[1], [2], [3]], "LOGISTIC")])
def test_scores_that_do_not_tell_the_label_are_not_taken_for_it(
    rows: Any, transform: str, tmp_path: Path
) -> None:
    """Of one row they are 1 - s and s, and several sigmoids may all be 1."""
    path = linear(tmp_path / "m.onnx", rows, [0.25] * len(rows), post_transform=transform)
    proto = onnx.load(path)
    del proto.graph.output[0]
    onnx.save(proto, path)
    assert "expected an output that tells labels, got ['probabilities']" in refused(path)
    proto.graph.node.append(node("ArgMax", "probabilities", "label2", axis=1))
    proto.graph.output[0].name = "label2"
    proto.graph.output[0].type.tensor_type.elem_type = 7
    onnx.save(proto, path)
    assert "got ArgMax behind the scores" in refused(path)


def test_words_are_labels(tmp_path: Path) -> None:
    model = read_model(linear(tmp_path / "m.onnx", [[1], [0], [-1]], [0.0, 0.5, 0.0], words=True))
    assert model.labels == ("a", "b", "c")
    assert compare(model).ties == 0
    assert model.classes_of(np.array(["c", "a"])).tolist() == [2, 0]
    with pytest.raises(InputError, match=r"expected labels of the model, \['a', 'b', 'c'\]"):
        model.classes_of(np.array([1, 2]))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"intercepts": []}, "got 1 coefficients, 0 intercepts, 2 labels"),
        ({"classlabels_ints": [3]}, "got 1 coefficients, 1 intercepts, 1 labels"),
        ({"post_transform": "PROBIT"}, "got LinearClassifier with PROBIT"),
        ({"classlabels_ints": [3, 3]}, r"expected different labels, got (3, 3)"),
    ],
)
def test_linear_models_that_say_too_little_are_refused(
    options: Any, message: str, tmp_path: Path
) -> None:
    given = {"intercepts": [0.0], **options}
    path = linear(tmp_path / "m.onnx", [[1]], given.pop("intercepts"), **given)
    assert message in refused(path)


@pytest.mark.parametrize(
    "name", ["OneVsOneClassifier", "CalibratedClassifierCV", "BaggingClassifier"]
)
def test_of_several_linear_models_none_is_taken_for_the_whole(name: str, tmp_path: Path) -> None:
    """As exporters write ensembles: each part tells labels, and something is made of them."""
    given = {"classlabels_ints": [0, 1], "intercepts": [0.0], **ML}
    parts = [
        node("LinearClassifier", "x", f"label{k} p{k}", coefficients=[float(k)] * 64, **given)
        for k in (1, 2)
    ]
    nodes = [*parts, node("Add", "p1 p2", "y")]
    outputs = {"OneVsOneClassifier": "label1", "CalibratedClassifierCV": "y"}.get(name, "label1 y")
    said = refused(onnx_file(tmp_path / f"{name}.onnx", nodes, {}, outputs))
    assert "got ml.LinearClassifier of an earlier value behind the scores" in said


# Files that are not what they seem


def plain(path: Path) -> Any:
    return onnx.load(small(path, [GEMM], "z"))


def change(what: str, proto: Any) -> None:
    tensors = proto.graph.initializer
    if what == "twice":
        tensors.append(tensors[0])
    elif what == "input":
        proto.graph.input.append(proto.graph.input[0])
    elif what == "output":
        proto.graph.node.append(node("Relu", "x", "z"))
    elif what == "negative":
        tensors[0].dims[0] = -64
    elif what == "zero":
        proto.graph.input[0].type.tensor_type.shape.dim[1].dim_value = 0
    elif what == "old":
        proto.opset_import[0].version = 6
    elif what == "two versions":
        proto.opset_import.append(helper.make_opsetid("", 13))
    elif what == "large":
        for k in (1, 2):
            dimension = proto.graph.input[0].type.tensor_type.shape.dim
            (dimension.add() if k == 2 else dimension[1]).dim_value = 10**5
    elif what == "whole":
        proto.graph.input[0].type.tensor_type.elem_type = 7
    elif what == "sparse":
        proto.graph.sparse_initializer.append(onnx.SparseTensorProto())
    elif what == "unknown":
        dimensions = proto.graph.input[0].type.tensor_type.shape.dim
        dimensions[1].dim_param = "m"
        dimensions.add().dim_value = 64
    elif what == "none":
        del proto.graph.output[:]
    elif what == "huge":
        tensors[0].dims[0] = 10**12
    elif what == "apart":
        tensors[0].data_location = 1
        for key, text in (("location", "w.bin"), ("length", str(10**13))):
            entry = tensors[0].external_data.add()
            entry.key, entry.value = key, text


@pytest.mark.parametrize(
    ("what", "message"),
    [
        ("twice", "expected every value once, got 'w' twice"),
        ("input", "expected every value once, got 'x' twice"),
        ("output", "expected every value once, got 'z' twice"),
        ("negative", "expected sizes of 0 or more, got [-64, 3] (initialiser w)"),
        ("zero", "expected sizes above 0, got [None, 0]"),
        ("old", "expected operators of version 7 or later, got version 6"),
        ("two versions", "expected operators of version 7 or later, got version 17, 3, 1, 13"),
        ("large", "--memory: expected at most 1024 MiB for reading, got 915528 MiB (the input)"),
        ("whole", "expected an input of floats, got type 7"),
        ("sparse", "expected dense weights, got sparse initialisers"),
        ("unknown", "expected the sizes of one example, got the shape [None, None, 64]"),
        ("none", "got none of []"),
        ("huge", "--memory: expected at most 1024 MiB for reading, got"),
        ("apart", "--memory: expected at most 1024 MiB for reading, got"),
    ],
)
def test_graphs_that_say_something_impossible_are_refused(
    what: str, message: str, tmp_path: Path
) -> None:
    proto = plain(tmp_path / "m.onnx")
    change(what, proto)
    (tmp_path / "m.onnx").write_bytes(proto.SerializeToString())
    assert message in refused(tmp_path / "m.onnx")


@pytest.mark.parametrize(
    ("kind", "given", "options"),
    [
        ("Concat", "c0 c0 c0 c0 c0 c0 c0 c0", {"axis": 0}),
        ("Gather", "c0 many", {}),
        ("Mul", "c0 turned", {}),
    ],
)
def test_constants_that_grow_are_added_up_before_they_are_there(
    kind: str, given: str, options: Any, tmp_path: Path
) -> None:
    nodes = [node(kind, given.replace("c0", f"c{k}"), f"c{k + 1}", **options) for k in range(12)]
    constants = {
        "c0": np.zeros((8, 1) if kind == "Mul" else 8, np.float32),
        "many": np.zeros((400,) if kind == "Gather" else (1,), np.int64),
        "turned": np.zeros((*[1] * (2 if kind == "Mul" else 1), 10**6), np.float32),
    }
    path = onnx_file(tmp_path / "m.onnx", [*nodes, node(*GEMM[:3])], {**constants, **{
        name: SMALL[name] for name in ("w", "b")}}, "z")  # fmt: skip
    with pytest.raises(InputError, match=r"--memory: expected at most 20 MiB for reading"):
        read_model(path, memory=20 * 2**20)


def test_a_version_that_is_told_twice_is_one(tmp_path: Path) -> None:
    """As exporters of classical models write it."""
    proto = plain(tmp_path / "m.onnx")
    proto.opset_import.append(helper.make_opsetid("", 17))
    onnx.save(proto, tmp_path / "m.onnx")
    assert compare(read_model(tmp_path / "m.onnx"), X).ties == 0


def test_a_pointer_to_a_file_elsewhere_is_named(tmp_path: Path) -> None:
    path = tmp_path / "m.onnx"
    path.write_text("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 5\n")
    assert "got a Git LFS pointer to one" in refused(path)


def test_numbers_that_are_not_finite_are_named_with_their_node(tmp_path: Path) -> None:
    proto = plain(tmp_path / "m.onnx")
    bad = np.full((64, 3), np.nan, np.float32)
    proto.graph.initializer[0].CopyFrom(onnx.numpy_helper.from_array(bad, "w"))
    onnx.save(proto, tmp_path / "m.onnx")
    assert "got nan (Gemm z)" in refused(tmp_path / "m.onnx")


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
