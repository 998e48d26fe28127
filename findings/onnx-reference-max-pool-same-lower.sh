#!/usr/bin/env bash
# onnx 1.23.2: the reference evaluator's MaxPool with SAME_LOWER gives other maxima, and fewer.
#
# SAME_LOWER keeps ceil(size / stride) outputs and puts an odd zero of padding in front. For 1 to 6
# with a window of 3 and strides of 2 that is one in front: maxima 2, 4, 6, which onnxruntime (1.32.0)
# gives. The reference gives 3, 5, 6. For 1 to 5 with a window and strides of 2 it gives two outputs,
# 3 and 5, where its own AveragePool, with the same attributes, has three, and so have shape inference
# and onnxruntime: 1, 3, 5. SAME_UPPER agrees everywhere here.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet onnxruntime==1.32.0 onnx==1.23.2 numpy==2.4.6
"$folder/venv/bin/python" - <<'PYTHON'
import numpy as np
import onnxruntime
from onnx import TensorProto, checker, helper, shape_inference
from onnx.reference import ReferenceEvaluator


def outputs(operator, form, size, window):
    """Return onnxruntime's and the reference's outputs for strides of 2, and the inferred number."""
    node = helper.make_node(
        operator, ["x"], ["z"], auto_pad=form, kernel_shape=[window], strides=[2]
    )
    graph = helper.make_graph(
        [node, helper.make_node("Identity", ["z"], ["y"])], "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 1, size])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 1, None])],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    checker.check_model(model, full_check=True)
    inferred = shape_inference.infer_shapes(model).graph.value_info[0].type.tensor_type.shape
    x = {"x": np.arange(1, size + 1, dtype=np.float32).reshape(1, 1, size)}
    session = onnxruntime.InferenceSession(model.SerializeToString())
    both = [f(None, x)[0].ravel().tolist() for f in (session.run, ReferenceEvaluator(model).run)]
    print(operator, form, f"{size} values, window of {window}: onnxruntime {both[0]}, reference {both[1]}")
    return *both, inferred.dim[2].dim_value


assert outputs("MaxPool", "SAME_LOWER", 6, 3) == ([2.0, 4.0, 6.0], [3.0, 5.0, 6.0], 3)
assert outputs("MaxPool", "SAME_LOWER", 5, 2) == ([1.0, 3.0, 5.0], [3.0, 5.0], 3)
runtime, reference, inferred = outputs("AveragePool", "SAME_LOWER", 5, 2)
assert runtime == reference and len(reference) == inferred == 3
for size, window in ((6, 3), (5, 2)):
    runtime, reference, inferred = outputs("MaxPool", "SAME_UPPER", size, window)
    assert runtime == reference and len(reference) == inferred
PYTHON
