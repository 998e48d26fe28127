#!/usr/bin/env bash
# onnxruntime 1.32.0: LinearClassifier with SOFTMAX_ZERO answers NaN where all scores are 0.
#
# SOFTMAX_ZERO is a softmax that leaves scores of exactly 0 out. Where every score is 0, at a point
# on the border of two classes as it is, the sum that it divides by is 0 as well: the probabilities
# are (nan, nan), beside a label. onnx's reference evaluator (1.23.2) gives (1/2, 1/2). A comparison
# of probabilities with a tolerance is false for NaN, whichever way round it is written.
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

node = helper.make_node(
    "LinearClassifier", ["x"], ["label", "scores"], domain="ai.onnx.ml", coefficients=[-1.0, 1.0],
    intercepts=[0.0, 0.0], classlabels_ints=[0, 1], post_transform="SOFTMAX_ZERO",
)
graph = helper.make_graph(
    [node], "g", [helper.make_tensor_value_info("x", TensorProto.FLOAT, [None, 1])],
    [helper.make_tensor_value_info("label", TensorProto.INT64, [None]),
     helper.make_tensor_value_info("scores", TensorProto.FLOAT, [None, 2])],
)
opsets = [helper.make_opsetid("", 17), helper.make_opsetid("ai.onnx.ml", 3)]
model = helper.make_model(graph, opset_imports=opsets, ir_version=9)
x = {"x": np.array([[0.0], [0.5]], np.float32)}
label, ours = onnxruntime.InferenceSession(model.SerializeToString()).run(None, x)
_, reference = ReferenceEvaluator(model).run(None, x)
print("onnxruntime", label.tolist(), ours.round(3).tolist())
print("reference", reference.round(3).tolist())
assert np.isnan(ours[0]).all()
assert label[0] == 0
assert reference[0].tolist() == [0.5, 0.5]
assert np.isfinite(ours[1]).all()
PYTHON
