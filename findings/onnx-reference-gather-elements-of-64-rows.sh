#!/usr/bin/env bash
# onnx 1.23.2: GatherElements of the reference evaluator changes its meaning at 64 rows.
#
# GatherElements along axis 0 takes, for every place, the row that the index there names. With a
# column of 63 values and indices that are all 0, each place gets the first value. With 64 values each
# gets its own: the column comes back unchanged, without an error. In two columns of 64 values it
# raises ValueError. onnxruntime (1.32.0) gives the first value at every size. A test of small arrays
# against the reference never sees it.
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


def run(rows, columns):
    """Return what onnxruntime and the reference gather from 0, 1, 2, ... with indices of 0."""
    shape = [rows, columns]
    graph = helper.make_graph(
        [helper.make_node("GatherElements", ["x", "i"], ["y"], axis=0)], "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape),
         helper.make_tensor_value_info("i", TensorProto.INT64, shape)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, shape)],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    checker.check_model(model, full_check=True)
    feeds = {
        "x": np.arange(rows * columns, dtype=np.float32).reshape(shape),
        "i": np.zeros(shape, np.int64),
    }
    ours = onnxruntime.InferenceSession(model.SerializeToString()).run(None, feeds)[0]
    try:
        reference = ReferenceEvaluator(model).run(None, feeds)[0]
    except ValueError as error:
        return ours, error
    return ours, reference


for rows in (63, 64):
    ours, reference = run(rows, 1)
    print(f"{rows} rows: onnxruntime {ours[-3:, 0].tolist()}, reference {reference[-3:, 0].tolist()}")
    assert not ours.any()
    expected = np.zeros(rows) if rows == 63 else np.arange(rows)
    assert np.array_equal(reference[:, 0], expected)
ours, reference = run(63, 2)
assert np.array_equal(ours, reference)
ours, error = run(64, 2)
print(f"64 rows of 2: {error!r}")
assert isinstance(error, ValueError) and np.array_equal(ours, np.tile([0, 1], (64, 1)))
PYTHON
