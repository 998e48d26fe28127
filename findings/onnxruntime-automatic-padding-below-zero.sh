#!/usr/bin/env bash
# onnxruntime 1.32.0: with strides beyond the window, SAME_UPPER reads another place in each operator.
#
# auto_pad SAME_UPPER asks for ceil(size / stride) outputs and pads what is missing. For five values,
# a window of 1 and strides of 5 nothing is missing: the total by the formula, (1 - 1) * 5 + 1 - 5,
# is -4. Of the values 1, 2, 3, 4, 5 onnxruntime averages the third, convolves the second, and fails
# for MaxPool ("padding values must be non-negative"), as it does for AveragePool of an operator set
# before 19. onnx's reference evaluator (1.23.2) convolves the first, takes the third as the maximum,
# and fails for AveragePool. All three operators have the same window on the same values.
# SAME_LOWER moves the place again. A convolution with strides of 2 and a window of 1, as residual
# networks have it, agrees; MaxPool fails there for an even size.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet onnxruntime==1.32.0 onnx==1.23.2 numpy==2.4.6
"$folder/venv/bin/python" - <<'PYTHON'
import numpy as np
import onnxruntime
from onnx import TensorProto, checker, helper
from onnx.reference import ReferenceEvaluator

onnxruntime.set_default_logger_severity(4)


def outcome(run):
    try:
        return run()[0].ravel().tolist()
    except Exception as error:
        return f"{type(error).__name__}: {error}"


def outputs(operator, size, stride, form="SAME_UPPER", opset=19):
    """Return what onnxruntime and the reference give for a window of 1 over 1, 2, ..., size."""
    kernel = [helper.make_tensor("w", TensorProto.FLOAT, [1, 1, 1], [1.0])] * (operator == "Conv")
    node = helper.make_node(
        operator, ["x", *(k.name for k in kernel)], ["y"], auto_pad=form, kernel_shape=[1],
        strides=[stride],
    )
    graph = helper.make_graph(
        [node], "g", [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 1, size])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 1, -(-size // stride)])], kernel,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=9)
    checker.check_model(model, full_check=True)
    x = {"x": np.arange(1, size + 1, dtype=np.float32).reshape(1, 1, size)}
    session = onnxruntime.InferenceSession(model.SerializeToString())
    seen = outcome(lambda: session.run(None, x)), outcome(lambda: ReferenceEvaluator(model).run(None, x))
    print(operator, opset, form, f"{size} values, strides of {stride}: onnxruntime {seen[0]}, reference {seen[1]}")
    return seen


negative = "padding values must be non-negative"
runtime, reference = outputs("AveragePool", 5, 5)
assert runtime == [3.0] and reference.startswith("ValueError")
assert outputs("Conv", 5, 5) == ([2.0], [1.0])
runtime, reference = outputs("MaxPool", 5, 5)
assert negative in runtime and reference == [3.0]
assert negative in outputs("AveragePool", 5, 5, opset=17)[0]

for operator in ("AveragePool", "Conv"):
    assert outputs(operator, 4, 4)[0] == [2.0]
assert outputs("AveragePool", 3, 3)[0] == [2.0]
assert outputs("AveragePool", 3, 3, "SAME_LOWER")[0] == [1.0]
assert outputs("Conv", 4, 4, "SAME_LOWER")[0] == [1.0]

assert outputs("Conv", 4, 2) == ([1.0, 3.0], [1.0, 3.0])
assert negative in outputs("MaxPool", 4, 2)[0]
PYTHON
