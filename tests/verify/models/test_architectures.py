"""State dicts become what is declared of them: by the names and orders that files really have."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from certify.errors import InputError
from verify.attack.networks import Architecture, build
from verify.models.model import Model
from verify.models.readers import ARCHITECTURES, read_model

RNG = np.random.default_rng(0)


def scores(model: Model, points: np.ndarray) -> np.ndarray:
    return np.array([[float(z) for z in row] for row in model.network.outputs(points)])


def saved(path: Path, state: dict[str, Any]) -> Path:
    if path.suffix == ".safetensors":
        library = pytest.importorskip("safetensors.torch")
        library.save_file({name: value.contiguous() for name, value in state.items()}, path)
    else:
        torch.save(state, path)
    return path


def dense(*widths: int) -> list[Tensor]:
    """Matrices from each width to the next."""
    sizes = zip(widths[1:], widths, strict=False)
    return [torch.tensor(RNG.normal(size=size), dtype=torch.float32) for size in sizes]


def test_the_names_are_those_of_the_networks_that_are_built() -> None:
    assert set(ARCHITECTURES) == set(get_args(Architecture))


@pytest.mark.parametrize("suffix", [".pt", ".pth", ".ckpt", ".safetensors"])
@pytest.mark.parametrize("architecture", ["cnn", "cnn-2018"])
def test_convolutional_networks_have_the_names_of_the_example(
    architecture: Any, suffix: str, tmp_path: Path
) -> None:
    network = build(architecture, 3).eval()
    own = network.state_dict()
    normalised = {key: value for key, value in own.items() if not key.startswith("0.")}
    layers = [key.rpartition(".")[0] for key in normalised][::2]
    names = dict(zip(layers, ("conv1", "conv2", "fc1", "fc2"), strict=True))
    renamed = {
        f"{names[key.rpartition('.')[0]]}.{key.rpartition('.')[2]}": value.contiguous()
        for key, value in normalised.items()
    }
    points = RNG.random((2, 784), np.float32)
    with torch.no_grad():
        wanted = network[1:](torch.tensor(points)).double().numpy()
        whole = network(torch.tensor(points)).double().numpy()
    model = read_model(saved(tmp_path / f"m{suffix}", renamed), architecture)
    assert np.allclose(scores(model, points), wanted, atol=1e-4)
    assert "on images that are normalised already, are what --architecture" in model.alone
    model = read_model(saved(tmp_path / f"n{suffix}", own), architecture)
    assert np.allclose(scores(model, points), whole, atol=1e-4)
    assert "normalised already" not in model.alone


def test_a_convolutional_network_has_each_layer_once(tmp_path: Path) -> None:
    state = build("cnn-2018", 0).state_dict()
    for changed, message in (
        ({**state, "twice.weight": state["2.weight"], "twice.bias": state["2.bias"]}, "('twice')"),
        ({**state, "2.weight": torch.zeros(10, 1, 3, 3)}, "got {'weight': (10, 1, 3, 3)"),
        ({k: v for k, v in state.items() if k[:2] != "2."}, "a layer {'weight': (10, 1, 5, 5)"),
    ):
        with pytest.raises(InputError, match="expected the state of cnn-2018") as caught:
            read_model(saved(tmp_path / "m.pt", changed), "cnn-2018")
        assert message in str(caught.value)


@pytest.mark.parametrize(
    ("names", "widths"),
    [
        (["fc1", "fc2", "fc3"], (5, 4, 4, 3)),
        ([f"layers.{2 * k}" for k in range(7)], (3,) * 8),  # "layers.10" comes before "layers.2"
        (["input", "hidden", "out"], (6, 5, 4, 3)),
        (["fc1", "fc2", "fc3", "out"], (6, 5, 5, 5, 2)),
        (["zeroth", "body.0", "body.2", "a"], (6, 5, 5, 5, 3)),
        ([""], (5, 3)),
    ],
)
def test_a_safetensors_file_is_read_in_the_order_that_its_layers_have(
    names: list[str], widths: tuple[int, ...], tmp_path: Path
) -> None:
    matrices = dense(*widths)
    state = {f"{name}.weight".lstrip("."): m for name, m in zip(names, matrices, strict=True)}
    state |= {f"{names[0]}.bias".lstrip("."): torch.ones(widths[1])}
    model = read_model(saved(tmp_path / "m.safetensors", state), "mlp")
    points = RNG.normal(size=(5, widths[0]))
    values = points @ matrices[0].double().numpy().T + 1
    for matrix in matrices[1:]:
        values = np.maximum(values, 0) @ matrix.double().numpy().T
    assert np.allclose(scores(model, points), values, rtol=1e-12)


@pytest.mark.parametrize(
    ("names", "widths"),
    [
        (["input", "hidden", "out"], (4, 4, 4, 4)),
        (["a", "b"], (3, 4, 3)),  # either could be the first
        ([f"a{'b' * k}" for k in range(30)], (3,) * 31),
        ([f"a{'b' * k}" for k in range(30)], (*(3,) * 30, 4)),
        (["a.2", "a.1"], (5, 4, 3)),  # the numbers say another order than the widths
    ],
)
def test_a_safetensors_file_that_tells_no_order_is_refused(
    names: list[str], widths: tuple[int, ...], tmp_path: Path
) -> None:
    state = {f"{name}.weight": m for name, m in zip(names, dense(*widths), strict=True)}
    with pytest.raises(InputError, match="layers whose numbers and widths tell in which order"):
        read_model(saved(tmp_path / "m.safetensors", state), "mlp")


def test_short_floats_of_safetensors_are_exact(tmp_path: Path) -> None:
    for kind in (torch.bfloat16, torch.float16):
        W, b = torch.tensor(RNG.normal(size=(4, 3))).to(kind), torch.zeros(3, dtype=kind)
        head = read_model(saved(tmp_path / "m.safetensors", {"W": W, "b": b}))
        assert np.array_equal(head.weights, W.double().numpy())
        state = {"weight": W.T.contiguous(), "bias": b}
        mlp = read_model(saved(tmp_path / "m.safetensors", state), "mlp")
        assert np.array_equal(mlp.weights, W.double().numpy())


def test_arrays_that_are_no_head_say_what_to_do(tmp_path: Path) -> None:
    path = saved(tmp_path / "m.safetensors", {"weight": torch.ones(3, 4), "bias": torch.ones(3)})
    with pytest.raises(InputError, match=r"this array \(or a state dict, with --architecture"):
        read_model(path)


def test_a_torchscript_program_is_named(tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.jit.save(torch.jit.trace(nn.Linear(2, 2), torch.zeros(1, 2)), tmp_path / "m.pt")
    with pytest.raises(InputError, match="got a TorchScript program"):
        read_model(tmp_path / "m.pt", "mlp")
