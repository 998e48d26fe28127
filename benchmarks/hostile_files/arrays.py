"""Arrays: NumPy archives as models and as data, and safetensors."""

import io
import json
import struct
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.hostile_files import NESTED, Content, Hostile, models, nothing_of_the_kind, packed

W, B = np.arange(6.0).reshape(3, 2), np.zeros(2)


def files() -> list[Hostile]:
    """Return the files of these formats."""
    good, safe = packed({"W.npy": stored(W), "b.npy": stored(B)}), tensors(_both())
    return [
        *models("npz, model", "w.npz", nothing_of_the_kind(good)),
        *models("npz, model", "w.npz", {name: partial(_head, w) for name, w in _heads().items()}),
        *models("npz, model", "w.npz", _archives()),
        *models("safetensors", "w.safetensors", nothing_of_the_kind(safe)),
        *models("safetensors", "w.safetensors", _safetensors()),
        *_data("audit"),
        *_data("attack"),
    ]


def stored(array: np.ndarray) -> bytes:
    """Return an array in NumPy's format."""
    stream = io.BytesIO()
    np.save(stream, array, allow_pickle=False)
    return stream.getvalue()


def headed(
    shape: str, kind: str = "'<f8'", data: bytes = bytes(48), version: tuple[int, int] = (1, 0),
    length: int | None = None,
) -> bytes:  # fmt: skip
    """Return what seems an array of a shape and type, given as text, with these bytes."""
    header = f"{{'descr': {kind}, 'fortran_order': False, 'shape': {shape}, }}".encode()
    header = header.ljust(117) + b"\n"
    form = "<H" if version == (1, 0) else "<I"
    size = struct.pack(form, len(header) if length is None else length)
    return b"\x93NUMPY" + bytes(version) + size + header + data


def _head(weights: Content) -> bytes:
    return packed({"W.npy": weights(), "b.npy": stored(B)}, compressed=True)


def _heads() -> dict[str, Content]:
    """Return what may stand in the place of weights."""
    return {
        "a shape of 10^9 numbers": lambda: headed("(500000000, 2)"),
        "a shape beyond 64 bits": lambda: headed("(9223372036854775807, 9223372036854775807)"),
        "a shape of 5,000 digits": lambda: headed(f"({'9' * 5000},)"),
        "a size below 0": lambda: headed("(-3, 2)"),
        "two sizes below 0": lambda: headed("(-3, -2)"),
        "two large sizes below 0": lambda: headed("(-500000000, -2)"),
        "sizes that are no numbers": lambda: headed("('three', 2)"),
        "sizes that are truth values": lambda: headed("(True, 2)"),
        "a shape that is no tuple": lambda: headed("'no shape'"),
        "a shape of 1,000 axes": lambda: headed("(" + "1," * 1000 + ")"),
        "no numbers, many of them": lambda: headed("(0, 500000000)", data=b""),
        "fewer numbers than promised": lambda: headed("(3, 2)", data=bytes(8)),
        "more numbers than promised": lambda: headed("(3, 2)", data=bytes(10**6)),
        "100 MB of zeros": lambda: headed("(6000000, 2)", data=bytes(10**8)),
        "objects": lambda: headed("(3, 2)", "'|O'"),
        "words": lambda: stored(np.full((3, 2), "word")),
        "a word of 10^9 letters": lambda: headed("(1, 1)", "'<U1000000000'"),
        "complex numbers": lambda: stored(W.astype(complex)),
        "dates": lambda: stored(np.zeros((3, 2), "M8[s]")),
        "truth values": lambda: stored(W > 1),
        "long doubles": lambda: stored(W.astype(np.longdouble)),
        "numbers in records": lambda: stored(np.zeros((3, 2), [("a", "f8"), ("b", "f4", (9,))])),
        "numbers that are arrays of 10^9": lambda: headed("(1,)", "('<f8', (1000000000,))"),
        "numbers of no bytes": lambda: headed("(1000000000, 2)", "'|V0'", b""),
        "an unknown type": lambda: headed("(3, 2)", "'<z9'"),
        "a type nested deeply": lambda: headed("(3, 2)", "[" * 90 + "]" * 90),
        "a header that is no dict": lambda: b"\x93NUMPY\x01\x00\x08\x00(3, 2) \n" + bytes(48),
        "a header that lacks its shape": lambda: (
            b"\x93NUMPY\x01\x00\x10\x00{'descr': 'f8'}\n" + bytes(48)
        ),
        "a header of 4 GiB": lambda: headed("(3, 2)", version=(2, 0), length=2**32 - 1),
        "a header of 200 MB of blanks": lambda: headed(
            "(3, 2)", version=(2, 0), length=2 * 10**8, data=b" " * 2 * 10**8
        ),
        "a header longer than the file": lambda: headed("(3, 2)", length=60000),
        "version 9 of the format": lambda: headed("(3, 2)", version=(9, 9)),
        "not a number": lambda: stored(np.where(W == 1, np.nan, W)),
        "infinity": lambda: stored(np.where(W == 1, np.inf, W)),
        "no rows": lambda: stored(np.zeros((0, 2))),
        "no columns": lambda: stored(np.zeros((3, 0))),
        "one number": lambda: stored(np.float64(1)),
        "three axes": lambda: stored(np.zeros((1, 3, 2))),
        "the largest and the smallest floats": lambda: stored(np.array([[1.7e308, 5e-324]] * 3)),
        "integers of 64 bits": lambda: stored(np.full((3, 2), 2**63 - 1)),
    }


def _archives() -> dict[str, Content]:
    w, b = stored(W), stored(B)
    large = np.zeros((2, 20_000), np.float32)
    return {
        "no b": lambda: packed({"W.npy": w}),
        "other names": lambda: packed({"\x1b[31mW\n.npy": w, "x" * 60000 + ".npy": b}),
        "members without a suffix": lambda: packed({"W": headed("(500000000, 2)"), "b": b}),
        "members of text": lambda: packed({"W": b"text", "b": b}),
        "a name twice": lambda: packed([("W.npy", w), ("W.npy", w), ("b.npy", b)]),
        "a name with and without a suffix": lambda: packed({"W.npy": w, "W": b"\x1b", "b.npy": b}),
        "a path above": lambda: packed({"../../W.npy": w, "/b.npy": b}),
        "5,000 members": lambda: packed({f"{k}.npy": w for k in range(5000)}),
        "archives in archives": lambda: _nested(w),
        "300 MB of zeros beside": lambda: packed(
            {"W.npy": w, "b.npy": b, "x": bytes(3 * 10**8)}, compressed=True
        ),
        "an encrypted member": lambda: _flagged(_archive(w, b), 1),
        "an unknown compression": lambda: _method(_archive(w, b), 77),
        "a size that lies": lambda: _resized(_archive(w, b), 2**31),
        "a checksum that lies": lambda: _archive(w, b).replace(w[-16:], w[-16:-1] + b"\x01", 1),
        "20,000 classes": lambda: packed({"W.npy": stored(large), "b.npy": stored(large[0])}),
        "200,000 inputs": lambda: packed(
            {"W.npy": stored(np.zeros((200_000, 2), np.float32)), "b.npy": b}, compressed=True
        ),
    }


def _archive(w: bytes, b: bytes) -> bytes:
    return packed({"W.npy": w, "b.npy": b})


def _nested(content: bytes) -> bytes:
    for _ in range(50):
        content = packed({"W.npz": content})
    return packed({"W.npz": content, "W.npy": stored(W), "b.npy": stored(B)})


def _directory(archive: bytes) -> int:
    return archive.index(b"PK\x01\x02")


def _flagged(archive: bytes, flag: int) -> bytes:
    """Return an archive whose first member has a flag, in both of its headers."""
    return _patched(_patched(archive, 6, bytes([flag])), _directory(archive) + 8, bytes([flag]))


def _method(archive: bytes, method: int) -> bytes:
    written = bytes([method])
    return _patched(_patched(archive, 8, written), _directory(archive) + 10, written)


def _resized(archive: bytes, size: int) -> bytes:
    """Return an archive whose first member says that it is longer than it is."""
    return _patched(archive, _directory(archive) + 20, struct.pack("<II", size, size))


def _patched(archive: bytes, place: int, written: bytes) -> bytes:
    return archive[:place] + written + archive[place + len(written) :]


# safetensors


def tensors(entries: Any, data: bytes = bytes(64), length: int | None = None) -> bytes:
    """Return a safetensors file of a header, given as an object or as text, and bytes."""
    header = (entries if isinstance(entries, str) else json.dumps(entries)).encode()
    return struct.pack("<Q", len(header) if length is None else length) + header + data


def _entry(shape: Any, first: Any = 0, last: Any = 48, dtype: str = "F64") -> dict[str, Any]:
    return {"dtype": dtype, "shape": shape, "data_offsets": [first, last]}


def _both(**changed: Any) -> dict[str, Any]:
    return {"W": _entry([3, 2]), "b": _entry([2], 48, 64), **changed}


def _safetensors() -> dict[str, Content]:
    named = {"\x1b[2J" * 9: _entry([3, 2]), "b" * 10**5: _entry([2], 48, 64)}
    nan = np.full(8, np.nan).tobytes()
    entries: dict[str, Any] = {
        "a shape of 10^18 numbers": _both(W=_entry([10**9, 10**9])),
        "sizes whose product is 0 in 64 bits": _both(W=_entry([2**32, 2**32])),
        "no numbers, many of them": _both(W=_entry([2**40, 0], 0, 0), b=_entry([8], 0, 64)),
        "sizes below 0": _both(W=_entry([-3, -2])),
        "offsets behind the end": _both(b=_entry([2], 48, 2**40)),
        "offsets below 0": _both(W=_entry([3, 2], -48, 0)),
        "offsets that overlap": _both(b=_entry([2], 0, 16)),
        "offsets the wrong way": _both(W=_entry([3, 2], 48, 0)),
        "an unknown type": _both(W=_entry([3, 2], dtype="F7")),
        "truth values": {"W": _entry([24, 2], dtype="BOOL"), "b": _entry([2], 48, 64)},
        "another type of b": _both(b=_entry([16], 48, 64, "U8")),
        "float8 of 48 rows": _both(W=_entry([24, 2], dtype="F8_E4M3")),
        "no tensors": {},
        "no b": {"W": _entry([4, 2], 0, 64)},
        "control characters in names": named,
        "metadata that is no text": _both(__metadata__={"a": [1]}),
        "a list": [1, 2],
    }
    return {
        **{name: partial(tensors, entry) for name, entry in entries.items()},
        "a header of 2^63 bytes": lambda: tensors(_both(), length=2**63),
        "a header of 2^27 bytes": lambda: tensors(_both(), length=2**27),
        "a header of no bytes": lambda: tensors(_both(), length=0),
        "a header that is no JSON": lambda: tensors("{'W': 1}"),
        "a header nested 100,000 deep": lambda: tensors(NESTED),
        "a name twice": lambda: tensors(
            '{"W":{"dtype":"F64","shape":[3,2],"data_offsets":[0,48]},'
            '"W":{"dtype":"F64","shape":[2],"data_offsets":[48,64]}}'
        ),
        "not a number": lambda: tensors(_both(), nan),
    }


# Data


def _data(command: str) -> list[Hostile]:
    words = ["verify", "attack", "--data", "d.npz"]
    if command == "audit":
        words = ["verify", "audit", "w.npz", "--data", "d.npz"]

    def write(x: Content, y: Content, folder: Path) -> None:
        members = {"X.npy": x(), "y.npy": y()}
        (folder / "d.npz").write_bytes(packed(members, compressed=True))
        if command == "audit":
            np.savez(folder / "w.npz", W=W, b=B)

    return [
        Hostile(f"npz, data of {command}", name, words, partial(write, x, y))
        for name, (x, y) in _examples().items()
    ]


def _examples() -> dict[str, tuple[Content, Content]]:
    x, y = partial(stored, np.eye(3)), partial(stored, np.array([0, 1, 0]))
    words = np.array(["\x1b[2J", "a\nb", "\u202e"])
    return {
        "examples: a shape of 10^9 numbers": (lambda: headed("(500000000, 3)"), y),
        "examples: 300 MB of zeros": (
            lambda: headed("(100000000, 3)", "'|u1'", bytes(3 * 10**8)),
            y,
        ),
        "examples: objects": (lambda: headed("(3, 3)", "'|O'"), y),
        "examples: no numbers": (lambda: stored(np.zeros((3, 0))), y),
        "examples: sizes below 0": (lambda: headed("(-3, -3)", data=bytes(72)), y),
        "examples: not a number": (lambda: stored(np.full((3, 3), np.nan)), y),
        "examples: text": (lambda: b"text", y),
        "examples: a header of 4 GiB": (
            lambda: headed("(3, 3)", version=(2, 0), length=2**32 - 1),
            y,
        ),
        "labels: a word of 10^9 letters": (x, lambda: headed("(3,)", "'<U1000000000'")),
        "labels: control characters": (x, lambda: stored(words)),
        "labels: words of 10^5 letters": (x, lambda: stored(np.array(["a" * 10**5, "b", "c"]))),
        "labels: of other examples": (x, lambda: stored(np.arange(1000))),
        "labels: not a number": (x, lambda: stored(np.array([0, np.nan, 1]))),
        "labels: below 0": (x, lambda: stored(np.array([-(2**63), 1, 0]))),
    }
