#!/usr/bin/env bash
# onnxruntime 1.32.0: LinearClassifier with one row of coefficients ignores post_transform.
#
# A classifier of two labels may be written with one row, whose score s is that of the second label.
# The operator's attribute post_transform asks for a softmax of the scores. onnxruntime gives
# (1 - s, s) with SOFTMAX as with NONE, so "probabilities" of 3 and -2; onnx's own reference
# evaluator (1.23.2) gives the softmax of (-s, s). With two rows, -w and w, both give the softmax.
# The labels agree. Whoever compares scores across runtimes, or reads them as probabilities, has to
# know the number of rows.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet onnxruntime==1.32.0 onnx==1.23.2 numpy==2.4.6
"$folder/venv/bin/python" - <<'PYTHON'
import numpy as np
import onnxruntime
from onnx import TensorProto, helper
from onnx.reference import ReferenceEvaluator


def scores(rows, transform):
    node = helper.make_node(
        "LinearClassifier", ["x"], ["label", "scores"], domain="ai.onnx.ml", coefficients=rows,
        intercepts=[0.0] * len(rows), classlabels_ints=[0, 1], post_transform=transform,
    )
    graph = helper.make_graph(
        [node], "g", [helper.make_tensor_value_info("x", TensorProto.FLOAT, [None, 1])],
        [helper.make_tensor_value_info("label", TensorProto.INT64, [None]),
         helper.make_tensor_value_info("scores", TensorProto.FLOAT, [None, 2])],
    )
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("ai.onnx.ml", 3)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=9)
    x = {"x": np.array([[-2.0]], np.float32)}
    ours = onnxruntime.InferenceSession(model.SerializeToString()).run(["scores"], x)[0]
    return ours[0].round(3).tolist(), ReferenceEvaluator(model).run(["scores"], x)[0][0].round(3).tolist()


seen = {(len(rows), t): scores(rows, t) for rows in ([1.0], [-1.0, 1.0]) for t in ("NONE", "SOFTMAX")}
for (rows, transform), (runtime, reference) in seen.items():
    print(f"{rows} row(s), {transform}: onnxruntime {runtime}, reference {reference}")
assert seen[1, "NONE"][0] == seen[1, "SOFTMAX"][0] == [3.0, -2.0]
assert np.allclose(seen[1, "SOFTMAX"][1], [0.982, 0.018], atol=2e-3)
assert seen[2, "SOFTMAX"][0] != seen[1, "SOFTMAX"][0]
PYTHON
