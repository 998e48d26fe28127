"""Every way into an audit reads exactly what the model computes, and refuses the rest clearly."""

from __future__ import annotations

import pickle
import sys
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.svm import LinearSVC
from torch import Tensor, nn

from certify.errors import InputError
from verify.attack.networks import build
from verify.models.model import Model
from verify.models.readers import of_object, read_model
from verify.models.torch_graph import of_module

RNG = np.random.default_rng(0)
X = RNG.integers(0, 17, (30, 64)).astype(np.float32) / 16
Y = np.arange(30) % 3


class Image(nn.Module):
    """Everything that is read, in one network with a forward of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = nn.Conv2d(1, 3, 3), nn.Conv2d(3, 2, 2)
        self.dense, self.out = nn.Linear(8, 5), nn.Linear(5, 3)
        self.register_buffer("deviation", torch.tensor(0.5))
        torch.manual_seed(1)
        for part in (self.first, self.second, self.dense, self.out):
            part.reset_parameters()

    def forward(self, x: Tensor) -> Tensor:
        x = (x.reshape(-1, 1, 8, 8) - 0.25) / self.deviation * 2 + 1
        x = torch.relu(nn.functional.max_pool2d(self.first(x), 2))
        x = nn.functional.dropout(self.second(x), 0.5, self.training)
        x = torch.relu(self.dense(torch.relu(x).flatten(1)))
        return torch.log_softmax(self.out(x), 1)


def scores(model: Model, points: np.ndarray = X) -> np.ndarray:
    return np.array([[float(z) for z in row] for row in model.network.outputs(points)])


def same_up_to_a_constant(found: np.ndarray, wanted: np.ndarray) -> bool:
    gaps = [values - values[:, -1:] for values in (found, wanted)]
    return np.allclose(*gaps, rtol=1e-4, atol=1e-5)


def test_a_torch_module_is_traced_not_guessed() -> None:
    module = Image()
    module.train()
    model = of_module(module, X[:2])
    assert module.training  # as it was
    with torch.no_grad():
        wanted = module.eval()(torch.tensor(X)).numpy()
    assert same_up_to_a_constant(scores(model), wanted)
    assert np.allclose(model.module(torch.tensor(X)).numpy(), scores(model), atol=1e-4)


def exported(path: Path) -> None:
    torch.export.save(torch.export.export(Image().eval(), (torch.tensor(X[:2]),)), path)


def test_an_exported_program_is_read(tmp_path: Path) -> None:
    exported(tmp_path / "image.pt2")
    model = read_model(tmp_path / "image.pt2")
    assert np.array_equal(scores(model), scores(of_module(Image(), X[:2])))


@pytest.mark.parametrize("architecture", ["mlp", "cnn-2018"])
def test_a_state_dict_is_read_by_its_architecture(architecture: Any, tmp_path: Path) -> None:
    widths = (64, 7, 3) if architecture == "mlp" else ()
    network = build(architecture, 3, widths).eval()
    torch.save(network.state_dict(), tmp_path / "net.pt")
    model = read_model(tmp_path / "net.pt", architecture)
    points = X if architecture == "mlp" else RNG.random((3, 784), np.float32)
    with torch.no_grad():
        wanted = network(torch.tensor(points)).numpy()
    assert same_up_to_a_constant(scores(model, points), wanted)


def test_arrays_are_read_exactly(tmp_path: Path) -> None:
    numpy = pytest.importorskip("safetensors.numpy")
    W, b = RNG.normal(size=(4, 3)), np.array([0.1, 0.2, 0.3])
    np.savez(tmp_path / "head.npz", W=W, b=b)
    numpy.save_file({"W": W, "b": b}, tmp_path / "head.safetensors")
    for name in ("head.npz", "head.safetensors"):
        model = read_model(tmp_path / name)
        (z,) = model.network.outputs([[1, 0, 0, 0]])
        assert z == tuple(Fraction(w) + Fraction(c) for w, c in zip(W[0], b, strict=True))
        assert model.head.weights[0] == tuple(map(Fraction, W[0]))


@pytest.mark.parametrize("dynamic", [False, True])
def test_a_program_for_any_number_of_examples_is_read(dynamic: bool, tmp_path: Path) -> None:
    shapes = {"x": {0: torch.export.Dim("n")}} if dynamic else None
    program = torch.export.export(Image().eval(), (torch.tensor(X[:3]),), dynamic_shapes=shapes)
    torch.export.save(program, tmp_path / "image.pt2")
    model = read_model(tmp_path / "image.pt2")
    assert np.array_equal(scores(model), scores(of_module(Image(), X[:1])))


# What is refused


class Whole(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x.to(torch.int32)


class Mixed(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x.reshape(1, -1)


class Dropping(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return nn.functional.dropout(x, 0.5, True)


class Data(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x if bool((x > 0).all()) else -x


@pytest.mark.parametrize(
    ("module", "message"),
    [
        (nn.Sequential(nn.Linear(64, 3), nn.Tanh()), "aten.tanh"),
        (
            nn.Sequential(nn.LogSoftmax(1), nn.Linear(64, 3)),
            "an operation behind the log_softmax (linear",
        ),
        (Whole(), "got a conversion to torch.int32"),
        (Mixed(), "got an output whose first axis is not that of examples (the output)"),
        (Dropping(), "got dropout in training mode"),
        (nn.Softmax(0), "got aten.softmax.int"),
        (Data(), "a module that torch.export can trace"),
    ],
)
def test_torch_modules_beyond_the_list_are_named(module: nn.Module, message: str) -> None:
    with pytest.raises(InputError) as caught:
        of_module(module, X[:2])
    assert message in str(caught.value)


def pickled(path: Path) -> None:
    path.write_bytes(pickle.dumps(LinearSVC().fit(X, Y)))


class Code:
    """An object whose loading would run code."""

    def __reduce__(self) -> Any:
        return print, ("this ran",)


@pytest.mark.parametrize(
    ("name", "write", "message"),
    [
        ("m.pkl", pickled, "expected a file that cannot run code: save the estimator with skops"),
        ("m.joblib", pickled, "got a pickle (.joblib)"),
        ("m.pt", lambda p: torch.save({"w": Code()}, p), "dict of tensors by name, got 'w'"),
        ("m.pt", lambda p: torch.save([1], p), "expected a dict of tensors by name, got list"),
        ("m.pt", lambda p: torch.save({"a": torch.ones(3)}, p), "a matrix weight, and"),
        ("m.pt", lambda p: torch.save({"a": torch.ones(3, 2)}, p), "expected the state of mlp"),
        ("m.pt2", lambda p: p.write_bytes(b"no"), "expected a program saved by torch.export"),
        ("m.onnx", lambda p: p.write_bytes(b"no"), "expected an ONNX file"),
        ("m.skops", lambda p: p.write_bytes(b"no"), "saved by skops.io.dump"),
        (
            "m.npz",
            lambda p: p.write_bytes(b"no"),
            "m.npz: W: expected an array of numbers in a .npz file",
        ),
        ("m.safetensors", lambda p: p.write_bytes(b"no"), "expected a safetensors file"),
        (
            "m.npz",
            lambda p: np.savez(p, W=np.ones((2, 3))),
            "m.npz: b: expected an array of this name, got ['W']",
        ),
        ("m.npz", lambda p: np.savez(p, W=np.ones((2, 3)), b=np.ones(2)), "(features, classes)"),
        ("m.h5", lambda p: p.write_bytes(b"no"), "got '.h5'"),
        ("m.onnx", lambda p: p.mkdir(), "got a folder"),
        ("m.onnx", lambda p: None, "got no such file"),
    ],
)
def test_files_that_are_not_models_are_refused(
    name: str, write: Callable[[Path], Any], message: str,
    tmp_path: Path, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    for library in ("onnx", "skops", "safetensors"):
        if name == f"m.{library}":
            pytest.importorskip(library)
    write(tmp_path / name)
    with pytest.raises(InputError) as caught:
        read_model(tmp_path / name, "mlp" if name == "m.pt" else None)
    assert message in str(caught.value)
    assert "this ran" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("architecture", "message"),
    [(None, "or --module FILE.py:NAME, got nothing"), ("resnet", "got 'resnet'")],
)
def test_a_state_dict_needs_a_known_architecture(
    architecture: str | None, message: str, tmp_path: Path
) -> None:
    torch.save(build("mlp", 0, (4, 2)).state_dict(), tmp_path / "m.pt")
    with pytest.raises(InputError, match=r"--architecture: expected mlp or cnn") as caught:
        read_model(tmp_path / "m.pt", architecture)
    assert message in str(caught.value)


def test_architectures_are_for_state_dicts(tmp_path: Path) -> None:
    np.savez(tmp_path / "m.npz", W=np.ones((2, 3)), b=np.ones(3))
    with pytest.raises(InputError, match="this option with a state dict"):
        read_model(tmp_path / "m.npz", "mlp")


@pytest.mark.parametrize(
    ("estimator", "message"),
    [
        (KNeighborsClassifier().fit(X, Y), "got KNeighborsClassifier"),
        (LinearSVC(), "got LinearSVC, not fitted"),
        (MLPClassifier((3,), activation="tanh", max_iter=2).fit(X, Y), "got activation 'tanh'"),
        (3, "got int"),
    ],
)
def test_other_objects_are_refused(estimator: Any, message: str) -> None:
    with pytest.raises(InputError) as caught:
        of_object(estimator, X)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("package", "name"),
    [("onnx", "m.onnx"), ("skops.io", "m.skops"), ("safetensors.torch", "m.safetensors")],
)
def test_without_its_package_a_file_says_what_to_install(
    package: str, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    (tmp_path / name).write_bytes(b"anything")
    with pytest.raises(InputError, match=r"pip install (onnx|skops|safetensors)\)"):
        read_model(tmp_path / name)
