"""Audits of real networks, beside an earlier build, and exact evaluation beside onnxruntime.

``BEFORE`` names the folder of another checkout of this repository, whose audits are measured as
well, and ``NETWORKS`` a folder of ONNX files, of which the largest are evaluated.
"""

import os
import subprocess
import sys
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import mnist
from benchmarks.measure import OURS, Case, Job, NotInstalled

HERE = Path(__file__).resolve().parents[1]
EXAMPLES = 200
FILES, INPUTS = 3, 16  # of the largest networks of a folder, and how many inputs each is given


def images(count: int = EXAMPLES) -> np.ndarray[Any, Any]:
    """Return images of digits, float32 (count, 784) in [0, 1]."""
    return (mnist.training_images()[0][:count] / np.float32(255)).astype(np.float32)


def dense() -> tuple[Any, np.ndarray[Any, Any]]:
    """Return 784-256-256-10 on images of digits."""
    from torch import nn

    network = nn.Sequential(
        nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 256), nn.ReLU(), nn.Linear(256, 10)
    )
    return network, images()


def digits_example() -> tuple[Any, np.ndarray[Any, Any]]:
    """Return the network of PyTorch's MNIST example, of 1.2 million weights."""
    from torch import nn

    network = nn.Sequential(
        nn.Conv2d(1, 32, 3), nn.ReLU(), nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(9216, 128), nn.ReLU(), nn.Linear(128, 10),
    )  # fmt: skip
    return network, images().reshape(-1, 1, 28, 28)


def colours() -> tuple[Any, np.ndarray[Any, Any]]:
    """Return a convolutional network of 0.2 million weights on colour images of random pixels."""
    from torch import nn

    def convolution(before: int, after: int) -> list[nn.Module]:
        return [nn.Conv2d(before, after, 3, padding=1), nn.ReLU()]

    network = nn.Sequential(
        *convolution(3, 32), *convolution(32, 32), nn.MaxPool2d(2),
        *convolution(32, 64), nn.MaxPool2d(2), *convolution(64, 64), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(1024, 128), nn.ReLU(), nn.Linear(128, 10),
    )  # fmt: skip
    pixels = np.random.default_rng(0).random((EXAMPLES, 3, 32, 32), np.float32)
    return network, pixels


def head() -> tuple[Any, np.ndarray[Any, Any]]:
    """Return a linear layer of 512 x 1000 weights on random features."""
    from torch import nn

    features = np.random.default_rng(0).normal(size=(EXAMPLES, 512)).astype(np.float32)
    return nn.Sequential(nn.Linear(512, 1000)), features


AUDITED: dict[str, Callable[[], tuple[Any, np.ndarray[Any, Any]]]] = {
    "head 512 x 1000": head,
    "784-256-256-10": dense,
    "colour images": colours,
    "MNIST example": digits_example,
}


def audit(name: str) -> None:
    """Audit a network with weights as they begin, and an offset so that it answers variously."""
    import torch

    import verify

    torch.manual_seed(0)
    network, X = AUDITED[name]()
    with torch.no_grad():
        scores = network.eval()(torch.tensor(X))
        network[-1].bias -= scores.mean(dim=0)
        y = network(torch.tensor(X)).argmax(dim=1).numpy()
    found = verify.audit(network, X, y)
    print(found)


def _audited(name: str, folder: str) -> None:
    if not folder:
        raise NotInstalled("no other build; set BEFORE")
    # One thread: on a busy machine two that wait for each other count twice.
    threads = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, __file__, name],
        env={**os.environ, **threads, "PYTHONPATH": folder},
        cwd=folder, capture_output=True, text=True,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(done.stderr.strip().rpartition("\n")[2])


def audits() -> list[Case]:
    """Return each network with this build and the one before."""
    builds = {OURS: str(HERE), "before": os.environ.get("BEFORE", "")}
    return [
        Case("audits", f"{name}, {EXAMPLES} examples", size, build, partial(_audited, name, folder))
        for size, name in enumerate(AUDITED, 1)
        for build, folder in builds.items()
    ]


@cache
def _inputs(path: str) -> tuple[Any, np.ndarray[Any, Any]]:
    from verify.models.readers import read_model

    network = read_model(Path(path)).network
    points = np.random.default_rng(0).random((INPUTS, network.inputs), np.float32)
    return network, points


def _exactly(path: str) -> tuple[int, ...]:
    network, points = _inputs(path)
    return tuple(scores.index(max(scores)) for scores in network.outputs(points))


@cache
def _session(path: str) -> Any:
    import onnxruntime

    return onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])


def _in_floats(path: str) -> tuple[int, ...]:
    session, (_, points) = _session(path), _inputs(path)
    given = session.get_inputs()[0]
    shape = [n if isinstance(n, int) else 1 for n in given.shape]
    scores = [session.run(None, {given.name: x.reshape(shape)})[0].reshape(-1) for x in points]
    return tuple(int(z.argmax()) for z in scores)


def evaluations() -> list[Case]:
    """Return the largest ONNX files of a folder that are read, with exact and rounded numbers."""
    from certify.errors import InputError

    folder = os.environ.get("NETWORKS")
    files = sorted(Path(folder).rglob("*.onnx"), key=lambda p: -p.stat().st_size) if folder else []
    read: list[str] = []
    for path in map(str, files):
        try:
            _inputs(path)
        except InputError:
            continue
        read.append(path)
        if len(read) == FILES:
            break
    contenders = {OURS: _exactly, "onnxruntime": _in_floats}
    return [
        Case("evaluations", f"{Path(path).stem}, {INPUTS} inputs", size, name, partial(run, path))
        for size, path in enumerate(reversed(read), 1)
        for name, run in contenders.items()
    ]


JOBS = [
    Job(
        "audits",
        "How long does a whole audit take?",
        "Processor time is what counts here. Much of an audit, such as separators of pairs of "
        "classes, depends on the examples and not on the size of the network.",
        audits,
        counted="networks, the smallest first",
        limit=600.0,
    ),
    Job(
        "evaluations",
        "How much slower than rounding is exact evaluation of a network?",
        "Numbers grow by some 50 bits with each layer of weights, two digits in base 2^24. A "
        "weight has two or three digits, so a layer costs a few dozen products in place of one.",
        evaluations,
        counted="networks, the smallest first",
        limit=300.0,
    ),
]


if __name__ == "__main__":
    audit(sys.argv[1])
