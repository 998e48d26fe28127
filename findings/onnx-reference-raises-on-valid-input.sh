#!/usr/bin/env bash
# onnx 1.23.2: the reference evaluator raises for valid models of four operators.
#
# Each of these passes onnx's own full check, is what the operator's text allows, and is computed by
# onnxruntime (1.32.0):
# - Mean of a row and a table: it adds to a copy of the first input, so the larger has to come first.
#   Sum and Max take them in either order.
# - Pad by -1, which cuts.
# - GatherElements with fewer indices than values along an axis other than its own.
# - MaxPool along one axis with SAME_UPPER and strides of 1. AveragePool, and MaxPool of images, work.
# Whoever takes the reference as the judge of another runtime has to tell such errors from its answers.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet onnxruntime==1.32.0 onnx==1.23.2 numpy==2.4.6
"$folder/venv/bin/python" - <<'PYTHON'
import numpy as np
import onnxruntime
from onnx import checker, helper
from onnx.reference import ReferenceEvaluator


def outcomes(operator, inputs, **attributes):
    """Return what onnxruntime gives and what the reference gives, or the name of its error."""
    feeds = {f"x{k}": np.array(values) for k, values in enumerate(inputs)}
    feeds = {k: v.astype(np.float32) if v.dtype == float else v for k, v in feeds.items()}
    kinds = {k: helper.np_dtype_to_tensor_dtype(v.dtype) for k, v in feeds.items()}
    rank = max(v.ndim for v in feeds.values())
    graph = helper.make_graph(
        [helper.make_node(operator, [*feeds], ["y"], **attributes)], "g",
        [helper.make_tensor_value_info(k, kinds[k], v.shape) for k, v in feeds.items()],
        [helper.make_tensor_value_info("y", kinds["x0"], [None] * rank)],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    checker.check_model(model, full_check=True)
    ours = onnxruntime.InferenceSession(model.SerializeToString()).run(None, feeds)[0].tolist()
    try:
        reference = ReferenceEvaluator(model).run(None, feeds)[0].tolist()
    except Exception as error:
        print(f"{operator}: onnxruntime {ours}, reference {error!r}")
        return ours, type(error).__name__
    return ours, reference


row, table = [1.0, 2.0], [[1.0, 2.0], [3.0, 4.0]]
mean = [[1.0, 2.0], [2.0, 3.0]]
assert outcomes("Mean", [table, row]) == (mean, mean)
assert outcomes("Mean", [row, table]) == (mean, "ValueError")
for operator in ("Sum", "Max"):
    ours, reference = outcomes(operator, [row, table])
    assert ours == reference
assert outcomes("Pad", [row, [-1, 0]]) == ([2.0], "ValueError")
assert outcomes("GatherElements", [table, [[1], [0]]], axis=0) == ([[3.0], [1.0]], "ValueError")

pool = {"kernel_shape": [2], "auto_pad": "SAME_UPPER"}
values = [[[1.0, 3.0, 2.0]]]
assert outcomes("MaxPool", [values], **pool) == ([[[3.0, 3.0, 2.0]]], "IndexError")
for inputs, operator, size in (([values], "AveragePool", [2]), ([[values]], "MaxPool", [1, 2])):
    ours, reference = outcomes(operator, inputs, kernel_shape=size, auto_pad="SAME_UPPER")
    assert ours == reference
PYTHON
