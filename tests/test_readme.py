"""Every command and example of the README runs, the long ones at a size that is stated here."""

from __future__ import annotations

import gzip
import hashlib
import re
import shlex
import subprocess
import sys
import zipfile
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

import certify.cli
import verify.cli
from certify.checking import checker
from verify.data import sources
from verify.data.sources import SHA256, encode_idx

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```console\n(.*?)```", README, re.DOTALL)
EXAMPLES = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
ONE = "--claims charles-thm-4 --instances 1 --workers 1"  # instead of all claims and 200 instances
# What is added to make a command short; of the same option the last counts.
SHORTER = {
    "verify run --seed": ONE,
    "verify decide": "--seconds 20 --workers 1",
    "verify claims": "--instances 1",
}
# Refused or not, without the work: hours, a cluster, or what other tests do in parts.
REHEARSED = ("verify run --instances 100000", "verify attack --preset paper", "verify mutate")
# What `make` runs besides setting up the environment, which a clone of this repository does.
MADE = {
    "verify": ["verify run --overwrite --out reports/digits"],
    "test": ["ruff check .", "ruff format --check .", "mypy", "pytest -n 2 --dist worksteal"],
    "reference": ["verify reference --overwrite"],
    "trust": ["verify trust"],
}
PROPERTY = """(declare-const X_0 Real)
(declare-const X_1 Real)
(declare-const Y_0 Real)
(declare-const Y_1 Real)
(declare-const Y_2 Real)
(assert (>= X_0 2))
(assert (<= X_0 3))
(assert (>= X_1 0))
(assert (<= X_1 1))
(assert (>= Y_1 Y_0))
"""
NET = """from torch import nn


def Net():
    return nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 3))
"""
SECOND, FIRST = torch.tensor([[1.0, 0, 0], [0, 1, 0], [0, 0, 1]]), [[1.0, 0], [0, 1], [-1, -1]]


def network() -> nn.Sequential:
    """Return a network of 2 inputs and 3 classes: which of x, y and -x - y is the largest."""
    found = nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 3))
    with torch.no_grad():
        for layer, weights in ((found[0], torch.tensor(FIRST)), (found[2], SECOND)):
            layer.weight.copy_(weights)
            layer.bias.zero_()
    return found


def save_files(official: dict[str, str]) -> None:
    """Write all files that the commands name into the current folder.

    The images that stand for MNIST become the official ones.
    """
    onnx = pytest.importorskip("onnx")
    helper, arrays = onnx.helper, onnx.numpy_helper
    X = np.random.default_rng(0).normal(size=(60, 2)).astype(np.float32)
    model = network()
    y = model(torch.tensor(X)).argmax(1).numpy()
    np.savez("data.npz", X=X, y=y)
    np.savez("head.npz", W=np.array(FIRST).T, b=np.zeros(3))
    torch.save(model.state_dict(), "checkpoint.pt")
    Path("net.py").write_text(NET, encoding="utf-8")
    Path("property.vnnlib").write_text(PROPERTY, encoding="utf-8")
    nodes = [
        helper.make_node("Gemm", ["x", "V", "c"], ["u"], transB=1),
        helper.make_node("Relu", ["u"], ["v"]),
        helper.make_node("Gemm", ["v", "W", "c"], ["y"], transB=1),
    ]
    constants = {"V": np.array(FIRST, "f"), "W": SECOND.numpy(), "c": np.zeros(3, "f")}
    ends = [
        [helper.make_tensor_value_info(name, 1, ["n", size])] for name, size in (("x", 2), ("y", 3))
    ]
    graph = helper.make_graph(
        nodes, "g", *ends, [arrays.from_array(v, k) for k, v in constants.items()]
    )
    opset = [helper.make_opsetid("", 17)]
    onnx.save(helper.make_model(graph, opset_imports=opset, ir_version=8), "model.onnx")

    torch.manual_seed(0)
    digits = nn.Sequential(nn.Flatten(), nn.Linear(784, 6), nn.ReLU(), nn.Linear(6, 10))
    torch.save(digits.state_dict(), "mnist.pt")
    images = np.random.default_rng(0).integers(0, 256, (400, 28, 28), dtype=np.uint8)
    labels = np.arange(400, dtype=np.uint8) % 2
    Path("mnist").mkdir()
    for part in ("train", "t10k"):
        for name, array in (("images-idx3", images), ("labels-idx1", labels)):
            found = encode_idx(array)
            official[f"{part}-{name.partition('-')[0]}"] = hashlib.sha256(found).hexdigest()
            Path(f"mnist/{part}-{name}-ubyte.gz").write_bytes(gzip.compress(found))


def commands(block: str) -> list[str]:
    """Return the commands of a block, without remarks."""
    lines = [line for line in block.splitlines() if line.strip()]
    assert all(line.startswith("$ ") for line in lines)
    return [shlex.join(shlex.split(line[2:], comments=True)) for line in lines]


def run(command: str) -> int:
    """Run one command, or what stands for it; return its exit code."""
    program, *words = shlex.split(command)
    if program == "make":
        listed = subprocess.run(
            ["make", "--dry-run", *words], cwd=ROOT, capture_output=True, text=True, check=True
        ).stdout
        assert all(f".venv/bin/{line}" in listed for line in MADE[words[0]])
        return verify.cli.main(["run", *ONE.split(), "--out", "made"]) if words == ["verify"] else 0
    if program == ".":
        assert words == [".venv/bin/activate"]  # of the environment that `make` sets up
        return 0
    if program == "python":
        return subprocess.run([sys.executable, *words[:2], checker.__file__, *words[3:]]).returncode
    main = {"verify": verify.cli.main, "certify": certify.cli.main}[program]
    if command.startswith(REHEARSED):
        return verify.cli.main(words, rehearsal=True)
    added = next((more for start, more in SHORTER.items() if command.startswith(start)), "")
    return main([*words, *added.split()])


@pytest.mark.parametrize("block", [b for b in BLOCKS if "pip install" not in b])
def test_every_command_runs(
    block: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    official = dict(SHA256)
    monkeypatch.setattr(sources, "SHA256", official)
    save_files(official)
    if "reports/digits" in block:
        assert verify.cli.main(["run", *ONE.split(), "--out", "reports/digits"]) == 0
    for command in commands(block):
        # What is found is no failure: the head has parallel borders or not, as --fail-on asks.
        expected = (0, 1) if "--fail-on" in command else (0,)
        assert run(command) in expected, (command, capsys.readouterr())


def test_the_checkout_installs_with_every_extra_that_is_named(tmp_path: Path) -> None:
    (command,) = [c for b in BLOCKS if "pip install" in b for c in commands(b)]
    extras = command.split("[")[1].split("]")[0].split(",")
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    subprocess.run([*pip, "--wheel-dir", str(tmp_path), str(ROOT)], check=True)
    (wheel,) = tmp_path.glob("adversarial_geometry-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        packed = set(archive.namelist())
        (metadata,) = [name for name in packed if name.endswith("METADATA")]
        offered = re.findall("Provides-Extra: (.*)", archive.read(metadata).decode())
    assert set(extras) <= set(offered)
    listed = subprocess.run(
        ["git", "ls-files", "certify", "verify"], cwd=ROOT, capture_output=True, text=True
    ).stdout.split()
    assert set(listed) <= packed


def test_the_examples_of_the_library_give_what_they_say(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    X, W = rng.normal(size=(30, 2)), rng.normal(size=(12, 4))
    Path("program.mps").write_text(
        "ROWS\n N c\n G r\nCOLUMNS\n x c 1 r 1\nRHS\n b r 0.1\nENDATA\n", encoding="ascii"
    )
    labels = np.array([[[[0, 1]]], [[[1, 1]]]])
    np.savez("t.npz", labels=labels, truth=np.zeros((2, 1, 2)))
    found: dict[str, Any] = {"X": X, "y": np.where(X[:, 0] > 0, 1, -1), "W": W, "np": np}
    rule = found["y"]
    found["my_margin"] = lambda data: certify.max_margin(data.points, data.labels).margin_squared
    for number, example in enumerate(EXAMPLES):
        if "separate(X, y)" in example:  # of two labels
            found |= {"X": X, "y": rule}
        exec(compile(example, f"example {number} of the README", "exec"), found)
    found["test_my_solver"]()
    assert (found["answer"].w, found["answer"].b) == ((0, 2), -1)
    assert found["answer"].margin_squared == Fraction(1, 4)
    assert found["fooled"].mean() == 0.75
    assert certify.cli.main(["check", "reports/my-audit"]) == 0


def test_links_and_pictures_are_there() -> None:
    targets = re.findall(r'(?:\]\(|src(?:set)?=")([^)"]+)', README)
    assert all((ROOT / target).exists() for target in targets), targets
    pictures = [ROOT / target for target in targets if target.endswith(".png")]
    assert len(pictures) == 2  # in light and in dark
    assert all(picture.stat().st_size < 100_000 for picture in pictures)
