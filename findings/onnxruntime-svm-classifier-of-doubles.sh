#!/usr/bin/env bash
# onnxruntime 1.32.0: SVMClassifier rounds double inputs to float32, and labels change.
#
# The operator takes tensors of doubles. A linear SVC fitted to 0 and 2 has the border 1 and numbers
# that float32 holds exactly (support vectors 0 and 2, coefficients of one half, intercept -1);
# skl2onnx (1.20.0) exports it with double inputs and double outputs. At 1 - 2**-30 scikit-learn
# (1.9.1), and onnx's reference evaluator (1.23.2) on the same file, have the score -2**-30 and the
# label 0. onnxruntime has the score 0 and the label 1: it computes with 1, the nearest float32. The
# scores leave the operator as float32, but -2**-30 is one. At 1 - 2**-20 all agree. Whoever compares
# labels in double precision has to allow for inputs that are rounded first.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet skl2onnx==1.20.0 scikit-learn==1.9.1 onnxruntime==1.32.0 \
  onnx==1.23.2 numpy==2.4.6
"$folder/venv/bin/python" -W ignore - <<'PYTHON'
import numpy as np
import onnxruntime
from onnx import TensorProto
from onnx.reference import ReferenceEvaluator
from skl2onnx import to_onnx
from sklearn.svm import SVC

model = SVC(kernel="linear", C=1e6).fit([[0.0], [2.0]], [0, 1])
assert model.intercept_[0] == -1.0 and model.dual_coef_.tolist() == [[-0.5, 0.5]]
options = {id(model): {"zipmap": False, "raw_scores": True}}
converted = to_onnx(model, np.zeros((1, 1)), options=options)
types = [v.type.tensor_type.elem_type for v in (converted.graph.input[0], converted.graph.output[1])]
assert types == [TensorProto.DOUBLE] * 2

x = np.array([[1 - 2.0**-20], [1 - 2.0**-30]])
session = onnxruntime.InferenceSession(converted.SerializeToString())
answers = {
    "scikit-learn": (model.predict(x), np.abs(model.decision_function(x))),
    "reference": ReferenceEvaluator(converted).run(None, {"X": x}),
    "onnxruntime": session.run(None, {"X": x}),
}
for name, (labels, scores) in answers.items():
    sizes = np.abs(scores).reshape(2, -1)[:, 0].tolist()
    print(name, labels.tolist(), sizes)
    rounded = name == "onnxruntime"
    assert labels.tolist() == [0, int(rounded)]
    assert sizes == [2.0**-20, 0.0 if rounded else 2.0**-30]
PYTHON
