"""ONNX's classical operators as scikit-learn's models are exported, beside onnxruntime."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper
from sklearn.svm import SVC, NuSVC

from certify.errors import InputError
from verify.models.agreement import compare
from verify.models.model import Model
from verify.models.readers import read_model
from verify.models.rules import LARGEST, Votes
from verify.models.sklearn_models import of_estimator

RNG = np.random.default_rng(0)
X = RNG.integers(0, 17, (80, 3)).astype(np.float32) / 16
FOUR = np.argmax(np.hstack([X, X.sum(axis=1, keepdims=True) / 2.5]), axis=1)
THREE, TWO = np.argmax(X, axis=1), (X[:, 0] > X[:, 1]).astype(int)
GRID = RNG.integers(-2, 3, (300, 3)).astype(np.float32)
POINTS = np.vstack([X, GRID, RNG.normal(size=(100, 3))]).astype(np.float32)
CORNERS = np.array([[-1.0, 0], [1, 0], [0, 3]], np.float32)

Node = tuple[str, str, str, dict[str, Any]]


def file(
    path: Path, nodes: list[Node], outputs: dict[str, int], size: int = 3, **arrays: Any
) -> Path:
    """Write a graph; operators of classical models are those of their own."""
    classical = {"SVMClassifier", "LinearClassifier", "ArrayFeatureExtractor", "Imputer", "ZipMap"}
    made = [
        helper.make_node(
            kind, takes.split(), gives.split(),
            domain="ai.onnx.ml" if kind in classical else "", **options,
        )
        for kind, takes, gives, options in nodes
    ]  # fmt: skip
    graph = helper.make_graph(
        made, "g", [helper.make_tensor_value_info("x", TensorProto.FLOAT, [None, size])],
        [helper.make_tensor_value_info(name, kind, None) for name, kind in outputs.items()],
        [numpy_helper.from_array(np.asarray(value), name) for name, value in arrays.items()],
    )  # fmt: skip
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("ai.onnx.ml", 1)]
    onnx.save(helper.make_model(graph, opset_imports=opsets, ir_version=9), path)
    return path


def machine(fitted: Any, **more: Any) -> dict[str, Any]:
    """Return the attributes with which a support vector machine is exported."""
    words = fitted.classes_.dtype.kind == "U"
    named = {f"classlabels_{'strings' if words else 'ints'}": fitted.classes_.tolist()}
    return {
        **named, "kernel_type": "LINEAR", "kernel_params": [0.0, 0.0, 3.0],
        "coefficients": fitted._dual_coef_.ravel().tolist(),
        "support_vectors": fitted.support_vectors_.ravel().tolist(),
        "vectors_per_class": fitted.n_support_.tolist(), "post_transform": "NONE",
        "rho": fitted._intercept_.tolist(), **more,
    }  # fmt: skip


def saved(path: Path, fitted: Any, **more: Any) -> Path:
    nodes: list[Node] = [("SVMClassifier", "x", "label scores", machine(fitted, **more))]
    kind = TensorProto.STRING if fitted.classes_.dtype.kind == "U" else TensorProto.INT64
    return file(path, nodes, {"label": kind}, fitted.n_features_in_)


def same(path: Path, points: np.ndarray = POINTS) -> Model:
    """Assert that what is read gives the labels of onnxruntime, and return it."""
    model = read_model(path)
    theirs = onnxruntime.InferenceSession(path).run(["label"], {"x": points})[0]
    found = [model.labels[model.rule.answer(z)] for z in model.network.outputs(points)]
    assert found == np.ravel(theirs).tolist()
    assert compare(model, points).ties == 0
    return model


@pytest.mark.parametrize("y", [TWO, THREE, FOUR, np.array(list("dbca"))[FOUR]])
@pytest.mark.parametrize("estimator", [SVC(kernel="linear"), NuSVC(kernel="linear", nu=0.1)])
def test_support_vector_machines_vote(estimator: Any, y: Any, tmp_path: Path) -> None:
    fitted = estimator.fit(X, y)
    model = same(saved(tmp_path / "m.onnx", fitted))
    assert sorted(model.labels, key=str) == sorted(fitted.classes_.tolist(), key=str)
    assert model.rule == (LARGEST if y is TWO else Votes(len(model.labels)))
    assert model.linear


def test_a_pair_of_score_0_votes_for_its_second_class(tmp_path: Path) -> None:
    three = SVC(kernel="linear", C=1000).fit(CORNERS, [5, 7, 9])
    points = np.vstack([CORNERS, [[0, -1]], RNG.integers(-4, 5, (200, 2))]).astype(np.float32)
    model = same(saved(tmp_path / "three.onnx", three), points)
    (scores,) = model.network.outputs(points[3:4])
    assert scores[0] == 0
    assert model.rule.answer(scores) == 1
    two = SVC(kernel="linear").fit([[-1.0], [1]], [3, 8])
    model = same(saved(tmp_path / "two.onnx", two), np.array([[-1], [0], [1]], np.float32))
    assert model.labels == (8, 3)


def test_beside_probabilities_the_label_is_by_votes(tmp_path: Path) -> None:
    fitted = SVC(kernel="linear").fit(X, THREE)
    # Such that the largest probability is never that of the label.
    path = saved(tmp_path / "m.onnx", fitted, prob_a=[1.0] * 3, prob_b=[0.0] * 3)
    assert same(path).rule == Votes(3)


def test_what_else_a_graph_gives_beside_its_label_is_left_out(tmp_path: Path) -> None:
    fitted = SVC(kernel="linear").fit(X, THREE)
    nodes: list[Node] = [
        ("SVMClassifier", "x", "label scores", machine(fitted)),
        ("Exp", "scores", "e", {}),
        ("ReduceLogSumExp", "e", "other", {"keepdims": 1, "axes": [1]}),
    ]
    outputs = {"other": TensorProto.FLOAT, "label": TensorProto.INT64}
    same(file(tmp_path / "m.onnx", nodes, outputs))
    with pytest.raises(InputError, match="got Exp, which is not piecewise linear"):
        read_model(file(tmp_path / "n.onnx", nodes, {"other": TensorProto.FLOAT}))
    # Of scores of pairs alone no label can be told.
    alone = file(tmp_path / "p.onnx", nodes[:1], {"scores": TensorProto.FLOAT})
    with pytest.raises(InputError, match=r"expected an output that tells labels, got \['scores'\]"):
        read_model(alone)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"kernel_type": "RBF"}, "got SVMClassifier with the kernel RBF"),
        ({"rho": [0.0, 0.0]}, "expected vectors of classes, their numbers, coefficients, rho"),
        ({"vectors_per_class": [1, 1]}, "vectors of classes, their numbers, coefficients, rho"),
        ({"classlabels_ints": [0, 1, 2, 3]}, "vectors of classes, their numbers, coefficients"),
        ({"coefficients": [np.inf] * 2000}, "their numbers, coefficients, rho"),
    ],
)
def test_other_machines_are_refused(change: Any, message: str, tmp_path: Path) -> None:
    fitted = SVC(kernel="linear").fit(X, THREE)
    with pytest.raises(InputError) as caught:
        read_model(saved(tmp_path / "m.onnx", fitted, **change))
    assert message in str(caught.value)


LINEAR: Node = (
    "LinearClassifier", "taken", "label scores",
    {"classlabels_ints": [4, 5], "coefficients": [1.0, -1.0], "intercepts": [0.25],
     "post_transform": "LOGISTIC"},
)  # fmt: skip


def test_columns_are_taken_and_numbers_are_not_missing(tmp_path: Path) -> None:
    imputed = {"imputed_value_floats": [1.0, 2.0, 3.0], "replaced_value_float": float("nan")}
    nodes: list[Node] = [
        ("Imputer", "x", "whole", imputed),
        ("ArrayFeatureExtractor", "whole places", "taken", {}),
        LINEAR,
    ]
    places = np.array([[2, 0]])
    path = file(tmp_path / "m.onnx", nodes, {"label": TensorProto.INT64}, places=places)
    model = same(path)
    (z,) = model.network.outputs([[1, 2, 4]])
    assert z == (0, 3.25)
    zeros: list[Node] = [("Imputer", "x", "whole", {**imputed, "replaced_value_float": 0.0})]
    with pytest.raises(InputError, match="got Imputer, which replaces each 0"):
        read_model(file(path, [*zeros, *nodes[1:]], {"label": TensorProto.INT64}, places=places))
    with pytest.raises(InputError, match="got ArrayFeatureExtractor of columns up to 3"):
        read_model(file(path, nodes, {"label": TensorProto.INT64}, places=places + 1))


def test_large_products_of_support_vectors_round_and_are_still_the_models(tmp_path: Path) -> None:
    """Scores are differences of much larger products, so that float32 has few digits of them."""
    points = np.hstack([X, 100 + 50 * X[:, :1]]).astype(np.float32)
    fitted = SVC(kernel="linear").fit(points, THREE)
    path = saved(tmp_path / "m.onnx", fitted)
    model = read_model(path)
    assert compare(model, points).ties == 0
    assert model.runtime is not None
    assert model.runtime.way is not None
    few, way = points[:5], model.runtime.way()
    assert way.nodes[0].operation.outputs(4) == fitted.support_vectors_.shape[0]
    assert way.outputs(few) == model.network.outputs(few)


@pytest.mark.parametrize("y", [TWO, THREE])
def test_the_way_of_scikit_learn_gives_its_scores(y: Any) -> None:
    fitted = SVC(kernel="linear").fit(X, y)
    model = of_estimator(fitted)
    assert model.runtime is not None
    assert model.runtime.way is not None
    sign = -1 if y is TWO else 1
    scores = np.array(model.runtime.way().outputs(X), dtype=float)[:, -3:]
    fitted.decision_function_shape = "ovo"
    wanted = fitted.decision_function(X)
    found = scores if y is THREE else scores[:, -1]
    assert found == pytest.approx(wanted, abs=1e-9)
    assert sign * np.array(model.network.outputs(X), dtype=float)[:, -1] == pytest.approx(
        wanted if y is TWO else wanted[:, -1], abs=1e-6
    )


def test_onnxruntime_imputes_float32_alone(tmp_path: Path) -> None:
    imputed = {"imputed_value_floats": [1.0], "replaced_value_float": float("nan")}
    nodes: list[Node] = [("Imputer", "x", "taken", imputed), LINEAR]
    path = file(tmp_path / "m.onnx", nodes, {"label": TensorProto.INT64}, 2)
    same(path, POINTS[:, :2])
    proto = onnx.load(path)
    proto.graph.input[0].type.tensor_type.elem_type = TensorProto.DOUBLE
    onnx.save(proto, path)
    with pytest.raises(InputError, match="Imputer of float64, which onnxruntime does not compute"):
        read_model(path)
