#!/usr/bin/env bash
# onnxruntime 1.32.0: a dilated pool with SAME padding loses an output, which a convolution keeps.
#
# auto_pad SAME_UPPER with strides of 1 asks for as many outputs as inputs. Of 1, 2, 4, 8, 16, with a
# window of two places that are two apart, MaxPool gives four: 4, 8, 16, 8. The padding is that of a
# window without dilation, so it is one short. The same window padded by hand, one in front and one
# behind, gives five: 2, 4, 8, 16, 8; and onnx's shape inference (1.23.2) for the model with SAME_UPPER
# says five. AveragePool comes short alike. onnxruntime infers five as well and only logs a warning
# that the shape of the output is another one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet onnxruntime==1.32.0 onnx==1.23.2 numpy==2.4.6
"$folder/venv/bin/python" - <<'PYTHON'
import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper


def pool(operator, **padding):
    node = helper.make_node(operator, ["x"], ["y"], kernel_shape=[2], dilations=[2], **padding)
    graph = helper.make_graph(
        [node], "g", [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 1, 5])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [None] * 3)],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 22)], ir_version=10)
    onnx.checker.check_model(model, full_check=True)
    inferred = onnx.shape_inference.infer_shapes(model, strict_mode=True).graph.output[0]
    session = onnxruntime.InferenceSession(model.SerializeToString())
    x = np.array([[[1, 2, 4, 8, 16]]], np.float32)
    values = session.run(None, {"x": x})[0][0, 0].tolist()
    length = inferred.type.tensor_type.shape.dim[2].dim_value
    print(f"{operator}, {padding}: {values}, inferred length {length}")
    return values, length


assert pool("MaxPool", auto_pad="SAME_UPPER") == ([4, 8, 16, 8], 5)
assert pool("MaxPool", pads=[1, 1]) == ([2, 4, 8, 16, 8], 5)
found, length = pool("AveragePool", auto_pad="SAME_UPPER")
assert (len(found), length) == (4, 5)
assert len(pool("AveragePool", pads=[1, 1])[0]) == 5
PYTHON
