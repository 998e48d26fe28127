"""ONNX files: weights whose sizes, types and places lie."""

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from onnx import ModelProto, TensorProto

from benchmarks.hostile_files import Hostile, Write, later, models
from benchmarks.hostile_files.onnx_graphs import constant, dense, model, weights

Change: TypeAlias = Callable[[TensorProto], Any]


def files() -> list[Hostile]:
    """Return the files of this format."""
    made = {name: _stored(change) for name, change in _tensors().items()}
    apart = [
        Hostile("onnx, data apart", name, ["verify", "audit", "m.onnx"], partial(_apart, *place))
        for name, place in _places().items()
    ]
    return [*models("onnx", "m.onnx", made), *apart]


@later
def _stored(change: Change) -> bytes:
    """Return a model whose W is changed."""
    stored = weights()
    change(stored[0])
    return model([dense()], stored)


def _tensors() -> dict[str, Change]:
    def dims(*sizes: int) -> Change:
        def change(tensor: TensorProto) -> None:
            del tensor.dims[:]
            tensor.dims.extend(sizes)

        return change

    def kind(number: int) -> Change:
        return lambda tensor: setattr(tensor, "data_type", number)

    def filled(value: Any) -> Change:
        return lambda tensor: tensor.CopyFrom(constant("W", value, np.asarray(value).dtype))

    def both(tensor: TensorProto) -> None:
        tensor.float_data.extend([1.0] * 6)

    nan = np.full((2, 3), np.nan, np.float32)
    return {
        "sizes of 10^9": dims(10**9, 1),
        "sizes of 2^62": dims(2**62, 2**62),
        "sizes below 0": dims(-2, -3),
        "one size below 0": dims(2, -3),
        "sizes whose product is 6 in 64 bits": dims(2**62, 4, 6),
        "sizes of 0": dims(2, 0),
        "no sizes": dims(),
        "1,000 sizes": dims(2, 3, *[1] * 1000),
        "10^5 sizes": dims(*[1] * 10**5),
        "more numbers than bytes": dims(20, 30),
        "fewer numbers than bytes": dims(1, 1),
        "no type": kind(0),
        "an unknown type": kind(9999),
        "a type below 0": kind(-1),
        "words": kind(TensorProto.STRING),
        "complex numbers": kind(TensorProto.COMPLEX64),
        "truth values": kind(TensorProto.BOOL),
        "numbers of 4 bits": kind(TensorProto.INT4),
        "numbers of 8 bits": kind(TensorProto.FLOAT8E4M3FN),
        "doubles beside floats": filled(np.ones((2, 3))),
        "integers": filled(np.full((2, 3), 2**62)),
        "bytes and numbers": both,
        "bytes of no whole number": lambda t: setattr(t, "raw_data", t.raw_data[:-1]),
        "no bytes": lambda t: t.ClearField("raw_data"),
        "not a number": filled(nan),
        "infinity": filled(np.full((2, 3), np.inf, np.float32)),
        "the smallest floats": filled(np.full((2, 3), 1e-45, np.float32)),
        "the largest floats": filled(np.full((2, 3), 3.4e38, np.float32)),
        "a part of something": lambda t: setattr(t.segment, "end", 10**12),
        "no name": lambda t: t.ClearField("name"),
        "another name": lambda t: setattr(t, "name", "\x1b[2J"),
        "200 MB of zeros": lambda t: (
            dims(5, 10**7)(t), setattr(t, "raw_data", bytes(2 * 10**8)),
        ),
    }  # fmt: skip


def _places() -> dict[str, tuple[dict[str, str], Write]]:
    """Return entries of a weight that lies elsewhere, and what is put there."""

    def nothing(folder: Path) -> None:
        pass

    def data(folder: Path) -> None:
        (folder / "w.bin").write_bytes(bytes(24))

    return {
        "a file that is not there": ({"location": "absent.bin"}, nothing),
        "a path above": ({"location": "../absent.bin"}, nothing),
        "a path above that is there": ({"location": "../said"}, nothing),
        "a path from the root": ({"location": "/nowhere/absent.bin"}, nothing),
        "a device": ({"location": "/dev/zero"}, nothing),
        "no path": ({"location": ""}, nothing),
        "this folder": ({"location": "."}, nothing),
        "a folder": ({"location": "w"}, lambda folder: (folder / "w").mkdir()),
        "the model itself": ({"location": "m.onnx", "offset": "0", "length": "24"}, nothing),
        "a pipe": ({"location": "w.bin"}, lambda folder: os.mkfifo(folder / "w.bin")),
        "a pipe, with a length": (
            {"location": "w.bin", "length": "24"}, lambda folder: os.mkfifo(folder / "w.bin"),
        ),
        "a link to zeros without end": (
            {"location": "w.bin", "length": "24"},
            lambda folder: (folder / "w.bin").symlink_to("/dev/zero"),
        ),
        "a link out of the folder": (
            {"location": "w.bin"}, lambda folder: (folder / "w.bin").symlink_to("../words"),
        ),
        "a name with control characters": ({"location": "\x1b[2J\n"}, nothing),
        "a name of 10^5 letters": ({"location": "w" * 10**5}, nothing),
        "a name with a zero": ({"location": "w\0.bin"}, nothing),
        "no place at all": ({"offset": "0"}, nothing),
        "a length of 10^18": ({"location": "w.bin", "length": "9" * 18}, data),
        "a length below 0": ({"location": "w.bin", "length": "-24"}, data),
        "a length in words": ({"location": "w.bin", "length": "long"}, data),
        "a length of 10^5 digits": ({"location": "w.bin", "length": "9" * 10**5}, data),
        "an offset behind the end": ({"location": "w.bin", "offset": "9999"}, data),
        "an offset below 0": ({"location": "w.bin", "offset": "-8"}, data),
        "an offset in words": ({"location": "w.bin", "offset": "far"}, data),
        "a shorter file": (
            {"location": "w.bin"}, lambda folder: (folder / "w.bin").write_bytes(bytes(8)),
        ),
        "a file of 200 GB, mostly a hole": (
            {"location": "w.bin"}, lambda folder: os.truncate(_made(folder / "w.bin"), 2 * 10**11),
        ),
        "a file with the wrong checksum": ({"location": "w.bin", "checksum": "0" * 40}, data),
    }  # fmt: skip


def _made(path: Path) -> Path:
    path.touch()
    return path


def _apart(entries: dict[str, str], beside: Write, folder: Path) -> None:
    def change(proto: ModelProto) -> None:
        tensor = proto.graph.initializer[0]
        tensor.ClearField("raw_data")
        tensor.data_location = TensorProto.EXTERNAL
        for key, value in entries.items():
            tensor.external_data.add(key=key, value=value)

    beside(folder)
    (folder / "m.onnx").write_bytes(model([dense()], change=change))
