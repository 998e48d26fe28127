#!/usr/bin/env bash
# skl2onnx 1.20.0: with raw_scores a RidgeClassifier of several labels becomes one of one label.
#
# RidgeClassifier fits several labels at once when y is a table of 0 and 1, and predicts such a
# table. Converted plainly, it stays that: LinearClassifier, Binarizer and Cast give a table. With
# the option raw_scores, the graph is the LinearClassifier alone, whose label is the class with the
# largest score: one number for each example, without an error, and with the same name "label".
# What was three yes-or-no answers reads as a choice among three classes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet skl2onnx==1.20.0 scikit-learn==1.9.1 onnxruntime==1.32.0 \
  onnx==1.23.2 numpy==2.4.6
"$folder/venv/bin/python" - 2>/dev/null <<'PYTHON'
import numpy as np
import onnxruntime
from skl2onnx import to_onnx
from sklearn.linear_model import RidgeClassifier

rng = np.random.default_rng(0)
X = rng.normal(size=(60, 4)).astype(np.float32)
Y = (X @ rng.normal(size=(4, 3)) > 0).astype(int)
model = RidgeClassifier().fit(X, Y)
print("scikit-learn", model.predict(X[:3]).tolist())
labels = {}
for raw in (False, True):
    options = {id(model): {"raw_scores": raw, "zipmap": False}}
    converted = to_onnx(model, X[:1], options=options)
    session = onnxruntime.InferenceSession(converted.SerializeToString())
    labels[raw] = session.run(None, {"X": X[:3]})[0]
    print("raw_scores" if raw else "plain", [n.op_type for n in converted.graph.node],
          labels[raw].tolist())
assert np.array_equal(labels[False], model.predict(X[:3]))
assert labels[True].shape == (3,)
PYTHON
