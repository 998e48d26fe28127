"""Factors and offsets for each input or channel, and batch normalisation, from every reader."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor, nn

from certify.cli import main as certify
from certify.errors import InputError
from certify.networks.operations import Convolution, Dense, Relu, Scale
from verify import audit
from verify.models.agreement import compare
from verify.models.builder import Builder
from verify.models.model import Model
from verify.models.readers import of_object, read_model

RNG = np.random.default_rng(0)
ROWS = RNG.normal(size=(20, 5)).astype(np.float32)
IMAGES = RNG.random((20, 3, 4, 4), dtype=np.float32)


class Standardised(nn.Module):
    """(x - m) / d with numbers of a shape."""

    def __init__(self, *shape: int) -> None:
        super().__init__()
        numbers = torch.Generator().manual_seed(2)
        self.register_buffer("m", torch.rand(shape, generator=numbers))
        self.register_buffer("d", torch.rand(shape, generator=numbers) + 0.5)

    def forward(self, x: Tensor) -> Tensor:
        return (x - self.m) / self.d


def sequential(*layers: nn.Module) -> nn.Sequential:
    """Return layers in evaluation mode, with numbers as training leaves them."""
    made = nn.Sequential(*layers)
    numbers = torch.Generator().manual_seed(3)
    with torch.no_grad():
        for tensor in [*made.parameters(), *made.buffers()]:
            if tensor.is_floating_point() and tensor.ndim == 1:
                tensor.uniform_(0.25, 1.5, generator=numbers)
            elif tensor.is_floating_point():
                tensor.uniform_(-1, 1, generator=numbers)
    return made.eval()


# Each with what becomes of it: whatever stands beside a dense layer is part of it.
NETWORKS: list[tuple[Callable[[], nn.Sequential], np.ndarray, list[type]]] = [
    (lambda: sequential(Standardised(5), nn.Linear(5, 2)), ROWS, [Dense]),
    (
        lambda: sequential(Standardised(5), nn.Linear(5, 4), nn.ReLU(), nn.Linear(4, 2)),
        ROWS,
        [Scale, Dense, Relu, Dense],
    ),
    (lambda: sequential(nn.Linear(5, 3), Standardised(3)), ROWS, [Dense]),
    (
        lambda: sequential(Standardised(1, 3, 1, 1), nn.Conv2d(3, 2, 3), nn.BatchNorm2d(2),
                           nn.ReLU(), nn.Flatten(), nn.Linear(8, 3)),
        IMAGES,
        [Scale, Convolution, Scale, Relu, Dense],
    ),
    (
        lambda: sequential(nn.Linear(5, 4), nn.BatchNorm1d(4), nn.ReLU(), nn.Linear(4, 2)),
        ROWS,
        [Dense, Relu, Dense],
    ),
    (
        lambda: sequential(nn.BatchNorm1d(5, affine=False), Standardised(5), nn.Linear(5, 3),
                           nn.ReLU(), nn.Linear(3, 3), nn.BatchNorm1d(3)),
        ROWS,
        [Scale, Dense, Relu, Dense],
    ),
]  # fmt: skip


def operations(model: Model) -> list[type]:
    return [type(node.operation) for node in model.network.nodes]


@pytest.mark.parametrize("place", range(len(NETWORKS)))
def test_what_torch_computes_is_read(place: int, tmp_path: Path) -> None:
    make, points, wanted = NETWORKS[place]
    module = make()
    program = torch.export.export(module, (torch.tensor(points[:3]),))
    torch.export.save(program, tmp_path / "m.pt2")
    double = make().double()(torch.tensor(points, dtype=torch.float64)).detach().numpy()
    for model in (of_object(module, points), read_model(tmp_path / "m.pt2")):
        assert operations(model) == wanted
        assert compare(model, points).examples == len(points)
        read = np.array([[float(z) for z in row] for row in model.network.outputs(points)])
        assert np.abs(read - double).max() < 1e-13
        guessed = model.module(torch.tensor(points).reshape(len(points), -1)).numpy()
        assert np.abs(guessed - double).max() < 1e-4
        has_root = any(isinstance(m, nn.BatchNorm1d | nn.BatchNorm2d) for m in module.modules())
        assert ("root" in model.rounded) == has_root


def test_all_but_the_root_is_exact() -> None:
    module = sequential(Standardised(5), nn.Linear(5, 2))
    (z,) = of_object(module, ROWS).network.outputs(ROWS[:1])
    m, d = (v.tolist() for v in (module[0].m, module[0].d))
    x = [
        (Fraction(float(a)) - Fraction(b)) / Fraction(c)
        for a, b, c in zip(ROWS[0], m, d, strict=True)
    ]
    weights, biases = module[1].weight.tolist(), module[1].bias.tolist()
    wanted = (
        sum((Fraction(w) * v for w, v in zip(row, x, strict=True)), Fraction(b))
        for row, b in zip(weights, biases, strict=True)
    )
    assert z == tuple(wanted)


@pytest.mark.parametrize("rounded", [True, False])
def test_the_page_says_what_was_rounded(rounded: bool, tmp_path: Path) -> None:
    middle = nn.BatchNorm1d(4) if rounded else Standardised(4)
    module = sequential(nn.Linear(5, 4), middle, nn.ReLU(), nn.Linear(4, 2))
    report = audit(module, ROWS[:4], [0, 1, 0, 1])
    assert ("its factors are read as doubles, within 2^-51" in str(report)) == rounded
    report.write(tmp_path / "out")
    page = " ".join((tmp_path / "out" / "index.html").read_text(encoding="utf-8").split())
    assert ("torch module Sequential, its batch normalisation in doubles" in page) == rounded
    assert "Every stored number is the rational number that its float is" in page
    assert certify(["check", str(tmp_path / "out")]) == 0


def onnx_file(path: Path, nodes: list[tuple[str, str, str, dict[str, Any]]], **arrays: Any) -> Path:
    graph = helper.make_graph(
        [helper.make_node(k, ins.split(), [out], **more) for k, ins, out, more in nodes],
        "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [None, 3, 2, 2])],
        [helper.make_tensor_value_info(nodes[-1][2], TensorProto.FLOAT, [None, 2])],
        [numpy_helper.from_array(np.float32(value), name) for name, value in arrays.items()],
    )
    opsets = [helper.make_opsetid("", 17)]
    onnx.save(helper.make_model(graph, opset_imports=opsets, ir_version=9), path)
    return path


CHANNELS = np.array([0.5, 0.75, 1.25])
BATCH_NORM = ("BatchNormalization", "b f o m v", "c", {"epsilon": 0.125})
NODES: list[tuple[str, str, str, dict[str, Any]]] = [
    ("Sub", "x mean", "a", {}),
    ("Div", "a deviation", "b", {}),
    BATCH_NORM,
    ("Flatten", "c", "d", {}),
    ("Mul", "d each", "e", {}),
    ("Gemm", "e w", "z", {}),
]
ARRAYS = {
    "mean": CHANNELS.reshape(1, 3, 1, 1),
    "deviation": CHANNELS[::-1].reshape(3, 1, 1),
    "f": CHANNELS,
    "o": CHANNELS - 1,
    "m": CHANNELS / 2,
    "v": CHANNELS * 2,
    "each": np.linspace(1, 2, 12),
    "w": np.random.default_rng(1).normal(size=(12, 2)),
}


def test_what_onnxruntime_computes_is_read(tmp_path: Path) -> None:
    model = read_model(onnx_file(tmp_path / "m.onnx", NODES, **ARRAYS))
    assert operations(model) == [Dense]
    assert "root" in model.rounded
    images = np.random.default_rng(2).normal(size=(30, 3, 2, 2)).astype(np.float32)
    assert compare(model, images).examples == 30


@pytest.mark.parametrize(
    ("place", "row", "message"),
    [
        (2, ("BatchNormalization", "b f o m v", "c", {"training_mode": 1}), "by the examples them"),
        (2, ("BatchNormalization", "f b o m v", "c", {}), "by computed numbers"),
        (2, ("BatchNormalization", "b f o m each", "c", {}), "got batch normalisation of {"),
        (2, ("BatchNormalization", "b f o m none", "c", {"epsilon": 0.0}), "of no positive number"),
        (1, ("Div", "a none", "b", {}), "got a division by 0 (Div b)"),
        (1, ("Div", "a each", "b", {}), "a constant of shape (12,) beside values of shape (1, 3"),
    ],
)
def test_what_is_close_to_it_is_refused(
    place: int, row: tuple[str, str, str, dict[str, Any]], message: str, tmp_path: Path
) -> None:
    nodes = [*NODES[:place], row, *NODES[place + 1 :]]
    arrays = {**ARRAYS, "none": np.array([0.0, 1.0, 1.0])}
    if row[0] == "Div":
        arrays["none"] = arrays["none"].reshape(3, 1, 1)
    with pytest.raises(InputError) as caught:
        read_model(onnx_file(tmp_path / "m.onnx", nodes, **arrays))
    assert message in str(caught.value)


def test_training_mode_is_refused() -> None:
    class Training(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer = nn.Linear(5, 2)

        def forward(self, x: Tensor) -> Any:
            return nn.functional.batch_norm(self.layer(x), None, None, training=True)

    with pytest.raises(InputError, match="a normalisation by what the examples themselves are"):
        of_object(Training(), ROWS)


def test_equal_numbers_become_few() -> None:
    def scaled(factors: Any, offsets: Any) -> Any:
        builder = Builder((3, 2, 2))
        builder.affine(builder.input, factors, offsets, "here")
        return builder.nodes[0].operation if builder.nodes else None

    channels = np.array([1.0, 2.0, 3.0]).reshape(3, 1, 1)
    assert scaled(1, channels) == Scale((Fraction(1),) * 3, tuple(map(Fraction, (1, 2, 3))))
    assert scaled(np.full((3, 2, 2), 2.0), 1) == Scale((Fraction(2),), (Fraction(1),))
    assert scaled(1.0, np.zeros((3, 2, 2))) is None
