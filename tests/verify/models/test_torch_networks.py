"""Networks as people write them are read exactly, with what they share, write over and compute."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils import parametrizations

from certify.errors import InputError
from verify.models.agreement import compare
from verify.models.readers import of_object, read_model


class Block(nn.Module):
    """A residual block, with a convolution of one place where sizes change."""

    def __init__(self, before: int, after: int, stride: int = 1) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(before, after, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(after)
        self.conv2 = nn.Conv2d(after, after, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(after)
        self.relu = nn.ReLU(inplace=True)
        self.down: nn.Module = nn.Identity()
        if stride > 1:
            self.down = nn.Sequential(
                nn.Conv2d(before, after, 1, stride, bias=False), nn.BatchNorm2d(after)
            )

    def forward(self, x: Tensor) -> Tensor:
        out = self.relu(self.bn1(self.conv1(x)))
        out = self.bn2(self.conv2(out))
        out += self.down(x)
        found: Tensor = self.relu(out)
        return found


class Net(nn.Module):
    """Named parts and any forward."""

    def __init__(self, forward: Callable[[Any, Tensor], Tensor], **parts: nn.Module) -> None:
        super().__init__()
        for name, part in parts.items():
            setattr(self, name, part)
        self._run = forward

    def forward(self, x: Tensor) -> Tensor:
        return self._run(self, x)


def networks() -> dict[str, tuple[nn.Module, tuple[int, ...]]]:
    def conv(before: int, after: int, *more: Any, **named: Any) -> nn.Module:
        return nn.Conv2d(before, after, *more, **named)

    resnet = nn.Sequential(
        nn.Conv2d(1, 3, 3, 1, 1, bias=False), nn.BatchNorm2d(3), nn.ReLU(inplace=True),
        nn.MaxPool2d(3, 2, 1), Block(3, 3), Block(3, 4, 2), nn.AdaptiveAvgPool2d((1, 1)),
        nn.Flatten(), nn.Linear(4, 3),
    )  # fmt: skip
    plain = nn.Sequential(
        conv(2, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU(), conv(4, 4, 3, stride=2, padding=1),
        nn.BatchNorm2d(4), nn.ReLU(), nn.AvgPool2d(2, padding=1), nn.Flatten(), nn.Dropout(),
        nn.Linear(16, 3), nn.LogSoftmax(1),
    )  # fmt: skip
    mobile = nn.Sequential(
        conv(1, 4, 3, 2, 1), nn.ReLU6(), conv(4, 4, 3, 1, 1, groups=4), nn.ReLU6(), conv(4, 3, 1),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Softmax(1),
    )  # fmt: skip
    dense = Net(
        lambda m, x: m.f(torch.cat([x, y := m.a(x).relu(), m.b(torch.cat([x, y], 1)).relu()], 1)),
        a=conv(1, 2, 3, padding="same"), b=conv(3, 2, 2, padding="same", padding_mode="reflect"),
        f=nn.Sequential(nn.MaxPool2d(2), nn.Flatten(), nn.Linear(45, 3)),
    )  # fmt: skip
    unet = Net(
        lambda m, x: m.f(m.up(m.down(x).relu()) + m.skip(x)),
        down=conv(1, 2, 2, stride=2), up=nn.ConvTranspose2d(2, 2, 2, stride=2), skip=conv(1, 2, 1),
        f=nn.Sequential(nn.LeakyReLU(0.1), nn.Flatten(), nn.Linear(72, 3)),
    )  # fmt: skip
    signal = nn.Sequential(
        nn.Conv1d(2, 3, 3, dilation=2), nn.PReLU(3), nn.AvgPool1d(2), nn.ConvTranspose1d(3, 2, 2),
        nn.AdaptiveMaxPool1d(3), nn.Flatten(), nn.Linear(6, 3),
    )  # fmt: skip
    maxout = Net(
        lambda m, x: m.b(m.a(x).view(-1, 4, 2).max(2)[0]), a=nn.Linear(5, 8), b=nn.Linear(4, 3)
    )
    shuffle = nn.Sequential(
        conv(1, 4, 1), nn.PixelShuffle(2), nn.Upsample(scale_factor=2), nn.ChannelShuffle(1),
        nn.ReplicationPad2d(1), nn.CircularPad2d(1), nn.AvgPool2d(5), nn.Flatten(), nn.Linear(4, 3),
    )  # fmt: skip
    normed = nn.Sequential(
        parametrizations.weight_norm(nn.Linear(5, 4)), nn.Hardtanh(),
        parametrizations.spectral_norm(nn.Linear(4, 3)),
    )  # fmt: skip
    return {
        "resnet": (resnet, (1, 8, 8)), "plain": (plain, (2, 6, 6)), "mobile": (mobile, (1, 6, 6)),
        "dense": (dense, (1, 6, 6)), "unet": (unet, (1, 6, 6)), "signal": (signal, (2, 9)),
        "maxout": (maxout, (5,)), "shuffle": (shuffle, (1, 2, 2)), "normed": (normed, (5,)),
    }  # fmt: skip


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", list(networks()))
def test_networks_in_use_are_read(name: str, tmp_path: Path) -> None:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        module, shape = networks()[name]
        for part in module.modules():
            if isinstance(part, nn.BatchNorm2d):
                part.running_mean.uniform_(-1, 1)
                part.running_var.uniform_(0.5, 2)
    module.eval()
    X = np.random.default_rng(0).normal(size=(6, *shape)).astype(np.float32)
    with torch.no_grad():
        wanted = module(torch.tensor(X)).double().numpy()
    ended = isinstance(module, nn.Sequential) and isinstance(module[-1], nn.Softmax | nn.LogSoftmax)
    program = torch.export.export(module, (torch.tensor(X[:2]),))
    torch.export.save(program, tmp_path / "m.pt2")
    torch.export.save(program.run_decompositions({}), tmp_path / "functional.pt2")
    paths = [tmp_path / "m.pt2", tmp_path / "functional.pt2"]
    for model in (of_object(module, X), *map(read_model, paths)):
        found = np.array(
            [[float(z) for z in row] for row in model.network.outputs(X.reshape(6, -1))]
        )
        assert np.array_equal(found.argmax(1), wanted.argmax(1))
        if not ended:
            assert np.allclose(found, wanted, rtol=1e-4, atol=1e-5)
        agreement = compare(model, X)
        assert (agreement.examples, agreement.ties) == (6, 0)
        assert bool(model.notes) == (name == "normed")
        assert bool(model.rounded) == (name in ("resnet", "plain"))
    if name == "normed":
        assert "are those that torch 2." in model.notes[0]
        assert "_weight_norm" in model.notes[0]


def writing(forward: Callable[[Any, Tensor], Tensor]) -> nn.Module:
    with torch.random.fork_rng():
        torch.manual_seed(1)
        return Net(forward, f=nn.Linear(6, 6), g=nn.Linear(6, 3)).eval()


def _part(m: Any, x: Tensor) -> Tensor:
    y = m.f(x)
    y[:, :3].relu_()  # a view: y itself changes
    return m.g(y)  # type: ignore[no-any-return]


def _copied(m: Any, x: Tensor) -> Tensor:
    y = m.f(x)
    y[:, [0, 1]].relu_()  # a copy: y does not change
    return m.g(y)  # type: ignore[no-any-return]


def _older(m: Any, x: Tensor) -> Tensor:
    y = m.f(x)
    kept, seen = y.clone(), y.view(-1, 2, 3)
    y.mul_(-2).add_(0.5)
    return m.g(seen.flatten(1)) + m.g(kept)  # type: ignore[no-any-return]


def _shifted(m: Any, x: Tensor) -> Tensor:
    y = torch.ones_like(x)
    first = y[:, 0]
    y[:, 1:] = x[:, :-1]
    first.mul_(3)
    return m.g(y)  # type: ignore[no-any-return]


def _filled(m: Any, x: Tensor) -> Tensor:
    y = m.f(x).t()
    y[1] = 0.25
    y[2].zero_()
    y[3:5].clamp_(max=0)
    return m.g(y.t())  # type: ignore[no-any-return]


def _twice(m: Any, x: Tensor) -> Tensor:
    y = m.f(x)
    z = functional.relu_(y)
    return m.g(y + z)  # type: ignore[no-any-return]


def _cast(m: Any, x: Tensor) -> Tensor:
    y = m.f(x)
    same, other = y.to(torch.float32), y.to(torch.float32, copy=True)
    y.neg_()
    return m.g(same) + m.g(other)  # type: ignore[no-any-return]


def _reshaped(m: Any, x: Tensor) -> Tensor:
    y = m.f(x).view(-1, 2, 3)
    turned = y.transpose(1, 2).reshape(-1, 6)  # has to copy
    flat = y.reshape(-1, 6)  # shares
    y.abs_()
    return m.g(turned) - m.g(flat)  # type: ignore[no-any-return]


WRITING = [_part, _copied, _older, _shifted, _filled, _twice, _cast, _reshaped]


@pytest.mark.parametrize("run", WRITING)
def test_what_is_written_is_seen_by_all_that_share_it(run: Any, tmp_path: Path) -> None:
    module = writing(run)
    X = np.random.default_rng(0).normal(size=(5, 6)).astype(np.float32)
    with torch.no_grad():
        wanted = module(torch.tensor(X)).numpy()
    torch.export.save(torch.export.export(module, (torch.tensor(X[:3]),)), tmp_path / "m.pt2")
    for model in (of_object(module, X), read_model(tmp_path / "m.pt2")):
        found = np.array([[float(z) for z in row] for row in model.network.outputs(X)])
        assert np.allclose(found, wanted, atol=1e-5)
        assert compare(model, X).examples == 5


def test_examples_that_share_an_axis_with_others_are_read() -> None:
    def run(m: Any, x: Tensor) -> Tensor:
        tokens = m.f(x.view(-1, 6)).relu()  # three of each example
        return m.g(tokens).view(-1, 3, 3).sum(1)  # type: ignore[no-any-return]

    module = writing(run)
    X = np.random.default_rng(0).normal(size=(5, 3, 6)).astype(np.float32)
    model = of_object(module, X)
    with torch.no_grad():
        wanted = module(torch.tensor(X)).numpy()
    found = np.array([[float(z) for z in row] for row in model.network.outputs(X.reshape(5, -1))])
    assert np.allclose(found, wanted, atol=1e-5)


def test_types_of_few_bits_are_said_to_be_read_in_real_arithmetic() -> None:
    X = np.random.default_rng(0).normal(size=(5, 6))
    for kind, said in ((torch.float16, True), (torch.bfloat16, True), (torch.float64, False)):
        model = of_object(nn.Linear(6, 3).to(kind), X)
        assert bool(model.notes) == said
        assert not said or "in real arithmetic, not about that type's rounding" in model.notes[0]


def test_numbers_of_a_module_are_those_of_its_type() -> None:
    class Tenth(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return x * 0.1

    X = np.ones((2, 2))
    for kind in (np.float32, np.float64):
        module = nn.Sequential(nn.Identity(), Tenth(), nn.Linear(2, 2))
        module.to(torch.float64 if kind == np.float64 else torch.float32)
        with torch.no_grad():
            module[2].weight.copy_(torch.eye(2))
            module[2].bias.zero_()
        (scores,) = of_object(module, X).network.outputs(X[:1])
        assert float(scores[0]) == float(kind(0.1))


def test_a_constant_that_is_no_number_is_refused() -> None:
    module = Net(lambda m, x: m.g(x + torch.tensor(float("nan"))), g=nn.Linear(6, 3))
    with pytest.raises(InputError, match="that are not finite"):
        of_object(module, np.zeros((2, 6)))


@pytest.mark.parametrize("end", [nn.Softmax(1), nn.LogSoftmax(1), nn.Sigmoid(), nn.Identity()])
def test_a_live_module_is_left_as_it_was(end: nn.Module) -> None:
    outputs = 1 if isinstance(end, nn.Sigmoid) else 3
    module = nn.Sequential(
        nn.Linear(6, 4), nn.BatchNorm1d(4), nn.Dropout(), nn.ReLU(inplace=True),
        nn.Linear(4, outputs), end,
    )  # fmt: skip
    module.train()
    module[1].eval()
    before = {key: value.clone() for key, value in module.state_dict().items()}
    X = np.random.default_rng(0).normal(size=(9, 6))  # float64, where the module has float32
    for live in (module, torch.compile(module)):
        model = of_object(live, X)
        assert compare(model, X, given=np.dtype(np.float64)).examples == 9
    assert [part.training for part in module] == [True, False, True, True, True, True]
    assert all(torch.equal(value, before[key]) for key, value in module.state_dict().items())
    assert all(parameter.requires_grad for parameter in module.parameters())


def test_a_module_that_begins_with_a_dense_layer_needs_no_examples() -> None:
    module = nn.Sequential(nn.Linear(6, 4), nn.ReLU(), nn.Linear(4, 3)).double()
    assert compare(of_object(module, None)).drawn > 0
    with pytest.raises(InputError, match="X: expected examples, to trace a torch module that begi"):
        of_object(nn.Sequential(nn.Conv1d(1, 1, 2), nn.Flatten(), nn.Linear(4, 3)), None)
