"""scikit-learn's linear models as ONNX files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from certify.errors import InputError
from tests.verify.models.onnx_models import ML, node, onnx, onnx_file, refused, scores
from verify.models.agreement import compare
from verify.models.readers import read_model

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
