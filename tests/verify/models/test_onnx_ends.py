"""What an ONNX graph makes of its scores: probabilities, labels, several outputs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from certify.errors import InputError
from tests.verify.models.onnx_models import (
    GEMM,
    ML,
    ONE,
    SMALL,
    X,
    node,
    onnx_file,
    refused,
    scores,
    small,
)
from verify import audit
from verify.models.agreement import compare
from verify.models.readers import read_model

RNG = np.random.default_rng(2)

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
