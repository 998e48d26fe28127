"""ONNX files that are not what they seem."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from certify.errors import InputError
from tests.verify.models.onnx_models import (
    GEMM,
    SMALL,
    X,
    helper,
    node,
    onnx,
    onnx_file,
    refused,
    small,
)
from verify.models.agreement import compare
from verify.models.readers import read_model

# Files that are not what they seem


def plain(path: Path) -> Any:
    return onnx.load(small(path, [GEMM], "z"))


def change(what: str, proto: Any) -> None:
    tensors = proto.graph.initializer
    if what == "twice":
        tensors.append(tensors[0])
    elif what == "input":
        proto.graph.input.append(proto.graph.input[0])
    elif what == "output":
        proto.graph.node.append(node("Relu", "x", "z"))
    elif what == "negative":
        tensors[0].dims[0] = -64
    elif what == "zero":
        proto.graph.input[0].type.tensor_type.shape.dim[1].dim_value = 0
    elif what == "old":
        proto.opset_import[0].version = 6
    elif what == "two versions":
        proto.opset_import.append(helper.make_opsetid("", 13))
    elif what == "large":
        for k in (1, 2):
            dimension = proto.graph.input[0].type.tensor_type.shape.dim
            (dimension.add() if k == 2 else dimension[1]).dim_value = 10**5
    elif what == "whole":
        proto.graph.input[0].type.tensor_type.elem_type = 7
    elif what == "sparse":
        proto.graph.sparse_initializer.append(onnx.SparseTensorProto())
    elif what == "unknown":
        dimensions = proto.graph.input[0].type.tensor_type.shape.dim
        dimensions[1].dim_param = "m"
        dimensions.add().dim_value = 64
    elif what == "none":
        del proto.graph.output[:]
    elif what == "huge":
        tensors[0].dims[0] = 10**12
    elif what == "apart":
        tensors[0].data_location = 1
        for key, text in (("location", "w.bin"), ("length", str(10**13))):
            entry = tensors[0].external_data.add()
            entry.key, entry.value = key, text


@pytest.mark.parametrize(
    ("what", "message"),
    [
        ("twice", "expected every value once, got 'w' twice"),
        ("input", "expected every value once, got 'x' twice"),
        ("output", "expected every value once, got 'z' twice"),
        ("negative", "expected sizes of 0 or more, got [-64, 3] (initialiser w)"),
        ("zero", "expected sizes above 0, got [None, 0]"),
        ("old", "expected operators of version 7 or later, got version 6"),
        ("two versions", "expected operators of version 7 or later, got version 17, 3, 1, 13"),
        ("large", "--memory: expected at most 1024 MiB for reading, got 915528 MiB (the input)"),
        ("whole", "expected an input of floats, got type 7"),
        ("sparse", "expected dense weights, got sparse initialisers"),
        ("unknown", "expected the sizes of one example, got the shape [None, None, 64]"),
        ("none", "got none of []"),
        ("huge", "--memory: expected at most 1024 MiB for reading, got"),
        ("apart", "--memory: expected at most 1024 MiB for reading, got"),
    ],
)
def test_graphs_that_say_something_impossible_are_refused(
    what: str, message: str, tmp_path: Path
) -> None:
    proto = plain(tmp_path / "m.onnx")
    change(what, proto)
    (tmp_path / "m.onnx").write_bytes(proto.SerializeToString())
    assert message in refused(tmp_path / "m.onnx")


@pytest.mark.parametrize(
    ("kind", "given", "options"),
    [
        ("Concat", "c0 c0 c0 c0 c0 c0 c0 c0", {"axis": 0}),
        ("Gather", "c0 many", {}),
        ("Mul", "c0 turned", {}),
    ],
)
def test_constants_that_grow_are_added_up_before_they_are_there(
    kind: str, given: str, options: Any, tmp_path: Path
) -> None:
    nodes = [node(kind, given.replace("c0", f"c{k}"), f"c{k + 1}", **options) for k in range(12)]
    constants = {
        "c0": np.zeros((8, 1) if kind == "Mul" else 8, np.float32),
        "many": np.zeros((400,) if kind == "Gather" else (1,), np.int64),
        "turned": np.zeros((*[1] * (2 if kind == "Mul" else 1), 10**6), np.float32),
    }
    path = onnx_file(tmp_path / "m.onnx", [*nodes, node(*GEMM[:3])], {**constants, **{
        name: SMALL[name] for name in ("w", "b")}}, "z")  # fmt: skip
    with pytest.raises(InputError, match=r"--memory: expected at most 20 MiB for reading"):
        read_model(path, memory=20 * 2**20)


def test_a_version_that_is_told_twice_is_one(tmp_path: Path) -> None:
    """As exporters of classical models write it."""
    proto = plain(tmp_path / "m.onnx")
    proto.opset_import.append(helper.make_opsetid("", 17))
    onnx.save(proto, tmp_path / "m.onnx")
    assert compare(read_model(tmp_path / "m.onnx"), X).ties == 0


def test_a_pointer_to_a_file_elsewhere_is_named(tmp_path: Path) -> None:
    path = tmp_path / "m.onnx"
    path.write_text("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 5\n")
    assert "got a Git LFS pointer to one" in refused(path)


def test_numbers_that_are_not_finite_are_named_with_their_node(tmp_path: Path) -> None:
    proto = plain(tmp_path / "m.onnx")
    bad = np.full((64, 3), np.nan, np.float32)
    proto.graph.initializer[0].CopyFrom(onnx.numpy_helper.from_array(bad, "w"))
    onnx.save(proto, tmp_path / "m.onnx")
    assert "got nan (Gemm z)" in refused(tmp_path / "m.onnx")
