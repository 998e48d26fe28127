"""Hostile model files: what ``verify audit`` would open, changed in bytes and inside archives."""

import importlib.util
import io
import re
import zipfile
from pathlib import Path
from random import Random

import numpy as np
import torch
import torch._dynamo  # torch's tracer, which takes longer to load than an input may take

from verify.attack.networks import build
from verify.models.readers import read_model
from verify.trust.surfaces import hostile
from verify.trust.surfaces.images import zipped
from verify.trust.surfaces.surface import Surface, accepted

SEED = 5


def models(folder: Path) -> list[Surface]:
    """Return the surface of model files, which it writes into a folder."""
    files = model_files()
    return [
        Surface("model file", 5, lambda rng: draw(rng, files), lambda given: decide(given, folder))
    ]


def model_files() -> dict[str, bytes]:
    """Return small valid files by name, of the formats whose packages are there."""
    rng = np.random.default_rng(SEED)
    W, b = rng.random((4, 3)), rng.random(3)
    network = build("mlp", SEED, (4, 3, 2))
    found = {"m.npz": io.BytesIO(), "m.pt": io.BytesIO()}
    np.savez(found["m.npz"], W=W, b=b)
    torch.save(network.state_dict(), found["m.pt"])
    files = {name: file.getvalue() for name, file in found.items()}
    if importlib.util.find_spec("safetensors"):
        from safetensors.numpy import save

        files["m.safetensors"] = save({"W": W, "b": b})
    if importlib.util.find_spec("onnx"):
        files["m.onnx"] = _onnx(W.astype(np.float32), b.astype(np.float32))
    if importlib.util.find_spec("skops"):
        from sklearn.svm import LinearSVC
        from skops.io import dumps

        files["m.skops"] = _renamed(dumps(LinearSVC(random_state=0).fit(np.eye(3), [0, 1, 2])))
    return {name: _undated(contents) for name, contents in files.items()}


def _undated(contents: bytes) -> bytes:
    """Return an archive with dates that do not depend on the clock; anything else as it is."""
    return zipped(_members(contents)) if zipfile.is_zipfile(io.BytesIO(contents)) else contents


def _members(contents: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(contents)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _renamed(contents: bytes) -> bytes:
    """Return a skops archive with names and addresses that are the same in every process."""
    members = _members(contents)
    schema = members.pop("schema.json").decode()
    names = sorted(members, key=schema.index)
    addresses = dict.fromkeys(re.findall(r'"__id__": ([0-9]+)', schema))
    for number, old in enumerate([*names, *addresses]):
        schema = schema.replace(old, f"{number}.npy" if old in members else str(10_000 + number))
    renamed = {f"{k}.npy": members[name] for k, name in enumerate(names)}
    return zipped({**renamed, "schema.json": schema.encode()})


def _onnx(W: np.ndarray, b: np.ndarray) -> bytes:
    from onnx import TensorProto, helper, numpy_helper

    nodes = [
        helper.make_node("Relu", ["x"], ["r"]),
        helper.make_node("Gemm", ["r", "W", "b"], ["z"]),
        helper.make_node("Softmax", ["z"], ["y"]),
    ]
    graph = helper.make_graph(
        nodes, "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 4])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 3])],
        [numpy_helper.from_array(W, "W"), numpy_helper.from_array(b, "b")],
    )  # fmt: skip
    contents: bytes = helper.make_model(graph).SerializeToString()
    return contents


def draw(rng: Random, files: dict[str, bytes]) -> tuple[str, bytes]:
    """Return a name and contents: changed bytes, or one changed member of an archive."""
    name = rng.choice(sorted(files))
    contents = files[name]
    if rng.random() < 0.05:
        return name, contents
    if zipfile.is_zipfile(io.BytesIO(contents)) and rng.random() < 0.6:
        return name, _with_changed_member(rng, contents)
    return name, hostile.changed_bytes(rng, contents)


def _with_changed_member(rng: Random, contents: bytes) -> bytes:
    members = _members(contents)
    victim = rng.choice(list(members))
    return zipped({**members, victim: hostile.changed_bytes(rng, members[victim])})


def decide(given: tuple[str, bytes], folder: Path) -> bool:
    """Read the file as an audit does; True when it is a model."""
    name, contents = given
    path = folder / name
    path.write_bytes(contents)
    return accepted(lambda: read_model(path, "mlp" if path.suffix == ".pt" else None))
