"""Arrays and the files of MNIST."""

import gzip
import hashlib
import io
import zipfile
from collections.abc import Mapping
from pathlib import Path
from random import Random
from typing import Any
from unittest import mock

import numpy as np

from verify.data import sources
from verify.trust.surfaces import hostile
from verify.trust.surfaces.surface import Surface, accepted


def arrays(folder: Path) -> list[Surface]:
    """Return the surfaces of the reader of arrays, which write into a folder."""
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (6, 3, 3), dtype=np.uint8)
    labels = np.array([0, 1, 2, 0, 1, 2])
    idx = [sources.encode_idx(images), sources.encode_idx(labels.astype(np.uint8))]
    pixels = sources.unit_pixels(images)
    packed = [
        npz({"X": X, "y": y}, compressed)
        for X in (images, pixels, pixels.astype(np.float64), np.float16(images > 99))
        for y in (labels, labels.astype(np.uint8))
        for compressed in (False, True)
    ]

    def draw_idx(rng: Random) -> tuple[bytes, int]:
        contents = hostile.changed_bytes(rng, rng.choice(idx))
        return contents, rng.choice((0, 1, 1, 3, 3, 3, 255))

    def decide_idx(given: tuple[bytes, int]) -> bool:
        return accepted(lambda: sources.decode_idx(*given, "file"))

    def draw_npz(rng: Random) -> bytes:
        if rng.random() < 0.5:
            return hostile.changed_bytes(rng, rng.choice(packed))
        members = {f"{name}.npy": _npy(rng, name) for name in ("X", "y")}
        return zipped(members, rng.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)))

    def decide_npz(contents: bytes) -> bool:
        path = folder / "images.npz"
        path.write_bytes(contents)
        return accepted(lambda: sources.read_npz(path))

    return [
        Surface("IDX bytes", 5, draw_idx, decide_idx),
        Surface("images in .npz", 5, draw_npz, decide_npz),
    ]


def npz(arrays: Mapping[str, Any], compressed: bool = False) -> bytes:
    """Return a .npz file of arrays."""
    file = io.BytesIO()
    (np.savez_compressed if compressed else np.savez)(file, **arrays)
    return file.getvalue()


def _npy(rng: Random, name: str) -> bytes:
    """Return an array file: of a type that may be wrong, or under a header that is."""
    array = rng.choice(
        (
            np.arange(6) % 3,
            np.ones((6, 9), np.float32),
            np.full((6, 9), np.nan),
            np.full((6, 9), 1e300),
            np.ones((6, 9), np.longdouble) / 3,
            np.ones((6, 9), complex),
            np.zeros((6, 9), "M8[s]"),
            np.zeros(6, [("a", "<f4"), ("b", "<i8", (2,))]),
            np.array(["x"] * 6),
            np.array([{}, []], object),
            np.float32(1),
            np.zeros((0, 3), np.uint8),
            np.zeros((6, *[1] * 30), np.uint8),
            np.full((6, 2), -0.0, np.float32),
            np.array([2**63] * 6, np.uint64),
        )
    )
    file = io.BytesIO()
    np.save(file, array, allow_pickle=True)
    if rng.random() < 0.5:
        return file.getvalue()
    shape = rng.choice(("(6, 9)", "(6,)", "()", "(-1, 9)", "(10**9,)", "(1000000000,)", "6", "{}"))
    kind = rng.choice(("<f4", "|u1", "<i8", "|O", "<U999999999", "<f16", "[('a','<f4')]", ""))
    header = f"{{'descr': {kind!r}, 'fortran_order': False, 'shape': {shape}, }}"
    if rng.random() < 0.3:
        header = hostile.changed_text(rng, header)
    text = header.encode("utf-8", "surrogatepass")[:9_000] + b"\n"
    version = rng.choice((b"\1\0", b"\2\0", b"\3\0", b"\7\7"))
    length = len(text).to_bytes(2 if version == b"\1\0" else 4, "little")
    return b"\x93NUMPY" + version + length + text + array.tobytes()


def zipped(members: Mapping[str, bytes], method: int = zipfile.ZIP_STORED) -> bytes:
    """Return an archive whose dates do not depend on the clock."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, contents in members.items():
            archive.writestr(zipfile.ZipInfo(name), contents, method)
    return file.getvalue()


def mnist(folder: Path) -> list[Surface]:
    """Return the surfaces of the reader of the files of MNIST, which write into a folder."""
    rng = np.random.default_rng(1)
    arrays = {
        part: rng.integers(0, 3, (4, 2, 2)[:dimensions], dtype=np.uint8)
        for part, dimensions in sources.DIMENSIONS.items()
    }
    for part, array in arrays.items():
        array[:2] = np.array([0, 1]).reshape(-1, *[1] * (array.ndim - 1))
        arrays[part] = array
    valid = {part: sources.encode_idx(array) for part, array in arrays.items()}
    hashes = {part: hashlib.sha256(contents).hexdigest() for part, contents in valid.items()}
    # Far more than any file of MNIST holds, in a few hundred kilobytes.
    bomb = gzip.compress(bytes((0, 0, 8, 1)) + bytes(600 << 20), 9, mtime=0)

    def draw(rng: Random) -> tuple[str, bytes]:
        part = rng.choice(list(valid))
        if rng.random() < 0.01:
            return part, bomb
        contents = valid[part] if rng.random() < 0.7 else hostile.changed_bytes(rng, valid[part])
        if rng.random() < 0.7:
            contents = gzip.compress(contents, mtime=0)
        return part, contents if rng.random() < 0.2 else hostile.changed_bytes(rng, contents)

    def decide(given: tuple[str, bytes]) -> bool:
        for part, contents in {**valid, given[0]: given[1]}.items():
            (folder / f"{part}-idx{sources.DIMENSIONS[part]}-ubyte").write_bytes(contents)
        with mock.patch.dict(sources.SHA256, hashes):
            return accepted(lambda: sources.load("mnist", folder))

    return [Surface("folder of MNIST", 3, draw, decide)]
