"""Small torch networks of every kind that people write."""

import itertools
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils import parametrizations

from benchmarks.model_sweep.torch_graphs import graphs

Forward = Callable[[Any, Tensor], Any]


class Net(nn.Module):
    """A module with named parts and any forward."""

    def __init__(self, forward: Forward, **parts: nn.Module | Tensor) -> None:
        super().__init__()
        for name, part in parts.items():
            if isinstance(part, nn.Module | nn.Parameter):
                setattr(self, name, part)
            else:
                self.register_buffer(name, part)
        self._run = forward

    def forward(self, x: Tensor) -> Any:
        """Return what the function makes of the parts and an input."""
        return self._run(self, x)


_CHANGED = ("average, divisor",)  # which the exporters of torch 2.13 leave out


@dataclass(frozen=True)
class Network:
    """A module of the sweep.

    shape   of one input
    single  whether it gives one label to each input
    dense   whether its state dict is one of dense layers with ReLU between
    kept    whether what exporters write of a trace on a few examples is the same function
    """

    name: str
    module: nn.Module
    shape: tuple[int, ...] = (20,)
    single: bool = True
    dense: bool = False
    kept: bool = True


def _vector(*numbers: float) -> Tensor:
    return torch.tensor(numbers)


def _mlp(*widths: int, bias: bool = True, act: Callable[[], nn.Module] = nn.ReLU) -> nn.Sequential:
    layers: list[nn.Module] = []
    for before, after in itertools.pairwise(widths or (20, 8, 4)):
        layers += [nn.Linear(before, after, bias), act()]
    return nn.Sequential(*layers[:-1])


def _dense() -> Iterator[Network]:
    """Dense layers, in the spellings that they come in."""
    yield Network("linear", nn.Linear(20, 4))
    yield Network("linear in a sequence", nn.Sequential(nn.Linear(20, 4)), dense=True)
    yield Network("linear without bias", nn.Sequential(nn.Linear(20, 4, False)), dense=True)
    yield Network("mlp", _mlp(), dense=True)
    yield Network("mlp of four layers", _mlp(20, 9, 8, 7, 4), dense=True)
    yield Network("mlp without biases", _mlp(20, 8, 4, bias=False), dense=True)
    yield Network("mlp with a bottleneck of 1", _mlp(20, 1, 4), dense=True)
    yield Network("mlp with 100 classes", _mlp(20, 16, 100), dense=True)
    yield Network("mlp with two classes", _mlp(20, 8, 2), dense=True)
    yield Network("mlp, relu in place", _mlp(act=lambda: nn.ReLU(inplace=True)), dense=True)
    dropped = nn.Sequential(nn.Linear(20, 8), nn.ReLU(), nn.Dropout(), nn.Linear(8, 4))
    yield Network("mlp with dropout", dropped, dense=True)
    halves = [nn.Linear(20, 8), nn.ReLU()], [nn.Linear(8, 4)]
    parts = nn.Sequential(*(nn.Sequential(*half) for half in halves))
    yield Network("mlp of two sequences", parts, dense=True)
    spelled: list[tuple[str, Forward]] = [
        ("mlp, fc1 and fc2", lambda m, x: m.b(F.relu(m.a(x)))),
        ("mlp, method relu", lambda m, x: m.b(m.a(x).relu())),
        ("mlp, relu_", lambda m, x: m.b(m.a(x).relu_())),
        ("mlp, functional dropout", lambda m, x: m.b(F.dropout(F.relu(m.a(x)), 0.3, m.training))),
        ("mlp, dictionary out", lambda m, x: {"logits": m.b(F.relu(m.a(x)))}),
        ("mlp, tuple of one out", lambda m, x: (m.b(F.relu(m.a(x))),)),
        ("mlp, F.linear", lambda m, x: F.linear(F.relu(m.a(x)), m.b.weight, m.b.bias)),
        ("mlp, cloned input", lambda m, x: m.b(F.relu(m.a(x.clone().contiguous().detach())))),
        ("mlp, float()", lambda m, x: m.b(F.relu(m.a(x.float())))),
        ("mlp, unused head", lambda m, x: (m.b(x[:, :8]), m.b(F.relu(m.a(x))))[1]),
    ]
    for name, run in spelled:
        dense = name != "mlp, unused head"
        yield Network(name, Net(run, a=nn.Linear(20, 8), b=nn.Linear(8, 4)), dense=dense)
    clamped: list[tuple[str, Forward]] = [
        ("mlp, clamp", lambda m, x: m.b(m.a(x).clamp(min=0))),
        ("mlp, maximum", lambda m, x: m.b(torch.maximum(m.a(x), torch.zeros(1)))),
        ("mlp, threshold 0.1", lambda m, x: m.b(F.threshold(m.a(x), 0.1, 0.0))),
        ("mlp, tied weights", lambda m, x: m.b(F.relu(m.a(F.relu(F.linear(x, m.a.weight[:20])))))),
    ]
    for name, run in clamped:
        yield Network(name, Net(run, a=nn.Linear(20, 20), b=nn.Linear(20, 4)))
    same = nn.Linear(20, 20)
    yield Network("mlp, a layer twice", nn.Sequential(same, nn.ReLU(), same, nn.ReLU(), _mlp()))
    loop = Net(lambda m, x: _folded(m.layers, x), layers=nn.ModuleList([nn.Linear(20, 20)] * 3))
    yield Network("mlp, loop over layers", loop)


def _folded(layers: Any, x: Tensor) -> Tensor:
    for layer in layers[:-1]:
        x = F.relu(layer(x))
    found: Tensor = layers[-1](x)
    return found


def _products() -> Iterator[Network]:
    """Products with matrices by other names, and weights that are computed."""
    runs: list[tuple[str, Forward]] = [
        ("x @ W.T + b", lambda m, x: x @ m.W.T + m.b),
        ("x @ W.t()", lambda m, x: x @ m.W.t()),
        ("x @ transpose(W)", lambda m, x: x @ m.W.transpose(0, 1) + m.b),
        ("x.matmul(permuted W)", lambda m, x: x.matmul(m.W.permute(1, 0))),
        ("mm", lambda m, x: torch.mm(x, m.W.T)),
        ("addmm", lambda m, x: torch.addmm(m.b, x, m.W.T)),
        ("addmm with alpha", lambda m, x: torch.addmm(m.b, x, m.W.T, alpha=-2)),
        ("(W @ x.T).T", lambda m, x: (m.W @ x.T).T),
        ("einsum", lambda m, x: torch.einsum("nd,kd->nk", x, m.W) + m.b),
        ("sum of products", lambda m, x: (x[:, None, :] * m.W).sum(-1)),
        ("constant vector inside", lambda m, x: x @ m.W.T + torch.tensor([3.0, 1.0, -1.0, 0.0])),
        ("constant number inside", lambda m, x: (x @ m.W.T) + torch.tensor(0.5)),
        ("linspace inside", lambda m, x: x @ m.W.T + torch.linspace(0, 1, 4)),
        ("arange inside", lambda m, x: x @ m.W.T + torch.arange(4)),
        ("ones inside", lambda m, x: x @ m.W.T + torch.ones(4)),
        ("weights doubled", lambda m, x: x @ (2 * m.W).T),
        ("weights of part", lambda m, x: x @ m.W[:3].T),
        ("weights turned over", lambda m, x: x @ m.W.flip(0).T),
        ("weights viewed otherwise", lambda m, x: x @ m.W.view(20, 4)),
        ("weights in double", lambda m, x: x.double() @ m.W.double().T),
        ("kernel over patterns", lambda m, x: torch.cdist(x, m.W)),
    ]
    for name, run in runs:
        yield Network(name, Net(run, W=nn.Parameter(torch.randn(4, 20)), b=torch.randn(4)))
    strided = nn.Parameter(torch.randn(40, 9)[::2, 1:5].T)
    yield Network("weights with strides", Net(lambda m, x: x @ m.W.T, W=strided))
    yield Network("weight_norm", nn.Sequential(parametrizations.weight_norm(nn.Linear(20, 4))))
    yield Network("spectral_norm", nn.Sequential(parametrizations.spectral_norm(nn.Linear(20, 4))))
    scaled = [torch.randn(4, 20) * size for size in (1e-30, 1e18)]
    for size, weights in zip(("tiny", "large"), scaled, strict=True):
        yield Network(f"{size} weights", Net(lambda m, x: x @ m.W.T, W=nn.Parameter(weights)))


def _ends() -> Iterator[Network]:
    """What comes behind the scores."""
    prior = _vector(0.0, 0.3, 0.6, 0.9)
    runs: list[tuple[str, Forward]] = [
        ("softmax", lambda m, x: torch.softmax(m.f(x), 1)),
        ("softmax, last axis", lambda m, x: F.softmax(m.f(x), dim=-1)),
        ("softmax in double", lambda m, x: torch.softmax(m.f(x), 1, dtype=torch.float64)),
        ("log_softmax", lambda m, x: F.log_softmax(m.f(x), dim=1)),
        ("softmax, then squeezed", lambda m, x: torch.softmax(m.f(x)[:, None], 2).squeeze(1)),
        ("log of softmax", lambda m, x: torch.log(torch.softmax(m.f(x), 1))),
        ("exp of log_softmax", lambda m, x: torch.exp(F.log_softmax(m.f(x), 1))),
        ("softmin", lambda m, x: F.softmin(m.f(x), 1)),
        ("softmax twice", lambda m, x: torch.softmax(torch.softmax(m.f(x), 1), 1)),
        ("softmax, then a prior", lambda m, x: torch.softmax(m.f(x), 1) + m.prior),
        ("a prior, then softmax", lambda m, x: torch.softmax(m.f(x) + m.prior, 1)),
        ("log_softmax, then a prior", lambda m, x: F.log_softmax(m.f(x), 1) - m.prior),
        ("softmax over a prior", lambda m, x: torch.softmax(m.f(x), 1) / (m.prior + 0.1)),
        ("softmax times -1", lambda m, x: -torch.softmax(m.f(x), 1)),
        ("complement", lambda m, x: 1 - torch.softmax(m.f(x), 1)),
        ("softmax, a number added", lambda m, x: torch.softmax(m.f(x), 1) + 0.5),
        ("softmax, clamped", lambda m, x: torch.softmax(m.f(x), 1).clamp(0.2, 0.4)),
        ("softmax, permuted", lambda m, x: torch.softmax(m.f(x), 1)[:, [2, 0, 3, 1]]),
        ("softmax, turned over", lambda m, x: torch.softmax(m.f(x), 1).flip(1)),
        ("softmax, two kept", lambda m, x: torch.softmax(m.f(x), 1)[:, 1:3]),
        ("softmax, then linear", lambda m, x: m.g(torch.softmax(m.f(x), 1))),
        ("softmax, then relu", lambda m, x: F.relu(torch.softmax(m.f(x), 1) - 0.25)),
        ("mean of two softmaxes", lambda m, x: (m.f(x).softmax(1) + m.h(x).softmax(1)) / 2),
        ("product of experts", lambda m, x: m.f(x).log_softmax(1) + m.h(x).log_softmax(1)),
        ("logits permuted", lambda m, x: m.f(x)[:, [2, 0, 3, 1]]),
        ("logits turned over", lambda m, x: m.f(x).flip(1)),
        ("logits over a temperature", lambda m, x: m.f(x) / 2.5),
        ("logits times -2", lambda m, x: -2 * m.f(x)),
        ("logits plus a vector", lambda m, x: m.f(x) + m.prior),
        ("a vector minus logits", lambda m, x: m.prior - m.f(x)),
        ("logits times a vector", lambda m, x: m.f(x) * m.prior),
        ("logits plus a row", lambda m, x: m.f(x) + m.prior[None]),
        ("logits, alpha 2", lambda m, x: torch.add(m.f(x), m.prior, alpha=2)),
        ("logits less their mean", lambda m, x: m.f(x) - m.f(x).mean(1, keepdim=True)),
        ("logits, relu", lambda m, x: F.relu(m.f(x))),
        ("logits, tanh", lambda m, x: torch.tanh(m.f(x))),
        ("attention of softmax", lambda m, x: torch.softmax(m.f(x), 1) * m.f(x)),
        ("argmax", lambda m, x: m.f(x).argmax(1)),
    ]
    for name, run in runs:
        module = Net(run, f=_mlp(), g=nn.Linear(4, 4), h=nn.Linear(20, 4), prior=prior)
        yield Network(name, module)
    yield Network("softmax layer", nn.Sequential(*_mlp(), nn.Softmax(dim=1)))
    yield Network("log_softmax layer", nn.Sequential(*_mlp(), nn.LogSoftmax(dim=-1)))
    one: list[tuple[str, Forward]] = [
        ("one sigmoid", lambda m, x: torch.sigmoid(m.f(x))),
        ("one sigmoid, squeezed", lambda m, x: torch.sigmoid(m.f(x)).squeeze(-1)),
        ("one sigmoid, [:, 0]", lambda m, x: torch.sigmoid(m.f(x))[:, 0]),
        ("one sigmoid, complement", lambda m, x: 1 - torch.sigmoid(m.f(x))),
        ("one sigmoid, and 1 - p", lambda m, x: _pair(torch.sigmoid(m.f(x)))),
    ]
    for name, run in one:
        yield Network(name, Net(run, f=_mlp(20, 8, 1)))
    number: list[tuple[str, Forward]] = [
        ("one number", lambda m, x: m.f(x)),
        ("one number, squeezed", lambda m, x: m.f(x).squeeze(1)),
        ("softmax of one number", lambda m, x: torch.softmax(m.f(x), 1)),
    ]
    for name, run in number:
        yield Network(name, Net(run, f=_mlp(20, 8, 1)), single=False)
    none: list[tuple[str, Forward]] = [
        ("several sigmoids", lambda m, x: torch.sigmoid(m.f(x))),
        ("softmax over examples", lambda m, x: torch.softmax(m.f(x), 0)),
        ("softmax of single values", lambda m, x: torch.softmax(m.f(x)[..., None], -1)[..., 0]),
        ("two heads", lambda m, x: (m.f(x), m.f(-x))),
        ("scores and features", lambda m, x: {"logits": m.f(x), "features": m.f[0](x)}),
        ("scores of two axes", lambda m, x: m.f(x).view(-1, 2, 2)),
        ("softmax of two axes", lambda m, x: m.f(x).view(-1, 2, 2).softmax(-1)),
        ("largest two", lambda m, x: m.f(x).topk(2)),
    ]
    for name, run in none:
        yield Network(name, Net(run, f=_mlp()), single=False)


def _pair(p: Tensor) -> Tensor:
    return torch.cat([1 - p, p], 1)


def _inputs() -> Iterator[Network]:
    """What comes before the first layer, and shapes on the way."""
    mean = torch.linspace(-1, 1, 20)
    runs: list[tuple[str, Forward]] = [
        ("(x - 0.5) / 0.5", lambda m, x: m.f((x - 0.5) / 0.5)),
        ("x / 255", lambda m, x: m.f(x / 255)),
        ("2 x - 1", lambda m, x: m.f(2 * x - 1)),
        ("1 - x", lambda m, x: m.f(1 - x)),
        ("-x", lambda m, x: m.f(-x)),
        ("x - number in a buffer", lambda m, x: m.f((x - m.number) / m.number)),
        ("x - vector", lambda m, x: m.f(x - m.mean)),
        ("(x - vector) / vector", lambda m, x: m.f((x - m.mean) / (m.mean + 2))),
        ("x minus its mean", lambda m, x: m.f(x - x.mean(1, keepdim=True))),
        ("x over its norm", lambda m, x: m.f(F.normalize(x))),
        ("x rounded", lambda m, x: m.f(x.round())),
        ("x as integers", lambda m, x: m.f(x.int().float())),
        ("x in half", lambda m, x: m.f(x.half().float())),
        ("x clamped", lambda m, x: m.f(x.clamp(-1, 1))),
        ("x squared", lambda m, x: m.f(x * x)),
        ("x permuted", lambda m, x: m.f(x[:, torch.arange(19, -1, -1)])),
        ("x turned over", lambda m, x: m.f(x.flip(1))),
        ("x padded", lambda m, x: m.f(F.pad(x[:, 1:], (0, 1)))),
        ("x += 1", lambda m, x: m.f(x.add_(1))),
        ("view(-1, 20)", lambda m, x: m.f(x.view(-1, 4, 5).view(-1, 20))),
        ("view(size(0), -1)", lambda m, x: m.f(x.view(x.size(0), 2, 10).view(x.size(0), -1))),
        ("view(shape[0], -1)", lambda m, x: m.f(x.view(x.shape[0], -1))),
        ("reshape, flatten", lambda m, x: m.f(x.reshape(len(x), 2, 2, 5).flatten(1))),
        ("flatten from the end", lambda m, x: m.f(x.reshape(-1, 4, 5).flatten(-2))),
        ("unflatten", lambda m, x: m.f(torch.unflatten(x, 1, (4, 5)).flatten(start_dim=1))),
        ("squeezed", lambda m, x: m.f(x.unsqueeze(1).squeeze(1))),
        ("squeezed everywhere", lambda m, x: m.f(x[:, None, :, None].squeeze())),
        ("rows and columns changed", lambda m, x: m.f(x.view(-1, 4, 5).transpose(1, 2).flatten(1))),
        ("examples mixed", lambda m, x: m.f(x.reshape(2, -1).reshape(-1, 20))),
        ("examples changed", lambda m, x: m.f(x.flip(0))),
        ("residual", lambda m, x: m.f(x + F.relu(m.g(x)))),
        ("skip by concatenation", lambda m, x: m.f(torch.cat([x[:, :10], m.g(x)[:, 10:]], 1))),
        ("gated", lambda m, x: m.f(x * torch.sigmoid(m.g(x)))),
        ("branch on data", lambda m, x: m.f(x) if bool(x.sum() > 0) else m.f(-x)),
        ("depends on the number", lambda m, x: m.f(x / x.shape[0])),
        ("depends on other examples", lambda m, x: m.f(x - x.mean(0))),
        ("noise", lambda m, x: m.f(x + torch.randn_like(x))),
        ("dropout that is on", lambda m, x: m.f(F.dropout(x, 0.5, True))),
    ]
    many = {"examples changed", "depends on the number", "noise",
            "depends on other examples", "dropout that is on", "branch on data"}  # fmt: skip
    for name, run in runs:
        half = torch.tensor(0.5)
        module = Net(run, f=_mlp(), g=nn.Linear(20, 20), mean=mean, number=half)
        kept = name not in ("branch on data", "depends on the number")
        yield Network(name, module, single=name not in many, kept=kept)
    acts: list[type[nn.Module]] = [
        nn.Tanh, nn.Sigmoid, nn.GELU, nn.SiLU, nn.ELU, nn.LeakyReLU, nn.PReLU, nn.ReLU6,
        nn.Hardtanh, nn.Hardswish, nn.Softplus, nn.Softsign, nn.Identity, nn.AlphaDropout,
    ]  # fmt: skip
    for act in acts:
        yield Network(f"mlp of {act.__name__}", _mlp(act=act))
    norms: list[tuple[str, nn.Module]] = [
        ("batch norm", nn.BatchNorm1d(8)), ("layer norm", nn.LayerNorm(8)),
        ("group norm", nn.GroupNorm(2, 8)),
    ]  # fmt: skip
    for name, norm in norms:
        yield Network(name, nn.Sequential(nn.Linear(20, 8), norm, nn.ReLU(), nn.Linear(8, 4)))


def _images() -> Iterator[Network]:
    """Convolutions and pools."""
    shape = (2, 8, 8)
    bodies: list[tuple[str, list[nn.Module]]] = [
        ("flatten", []),
        ("conv", [nn.Conv2d(2, 3, 3), nn.ReLU()]),
        ("conv without bias", [nn.Conv2d(2, 3, 3, bias=False), nn.ReLU()]),
        ("conv 1x1", [nn.Conv2d(2, 3, 1), nn.ReLU()]),
        ("conv of a rectangle", [nn.Conv2d(2, 3, (2, 5)), nn.ReLU()]),
        ("conv twice", [nn.Conv2d(2, 3, 3), nn.ReLU(), nn.Conv2d(3, 2, 2), nn.ReLU()]),
        ("conv, padded", [nn.Conv2d(2, 3, 3, padding=1), nn.ReLU()]),
        ("conv, same", [nn.Conv2d(2, 3, 3, padding="same"), nn.ReLU()]),
        ("conv, stride 2", [nn.Conv2d(2, 3, 3, stride=2), nn.ReLU()]),
        ("conv, dilated", [nn.Conv2d(2, 3, 3, dilation=2), nn.ReLU()]),
        ("conv in groups", [nn.Conv2d(2, 4, 3, groups=2), nn.ReLU()]),
        ("conv, batch norm", [nn.Conv2d(2, 3, 3), nn.BatchNorm2d(3), nn.ReLU()]),
        ("conv transposed", [nn.ConvTranspose2d(2, 3, 2), nn.ReLU()]),
        ("conv, dropout of channels", [nn.Conv2d(2, 3, 3), nn.Dropout2d(), nn.ReLU()]),
        ("max-pooling", [nn.MaxPool2d(2)]),
        ("max-pooling behind conv", [nn.Conv2d(2, 3, 3), nn.MaxPool2d(2), nn.ReLU()]),
        ("max-pooling of a rectangle", [nn.MaxPool2d((2, 4))]),
        ("max-pooling with remainder", [nn.MaxPool2d(3)]),
        ("max-pooling, stride said", [nn.MaxPool2d(2, 2)]),
        ("max-pooling, overlapping", [nn.MaxPool2d(3, 2)]),
        ("max-pooling, padded", [nn.MaxPool2d(2, padding=1)]),
        ("max-pooling, ceiling", [nn.MaxPool2d(3, ceil_mode=True)]),
        ("max-pooling, dilated", [nn.MaxPool2d(2, dilation=2)]),
        ("adaptive max-pooling", [nn.AdaptiveMaxPool2d(2)]),
        ("average pooling", [nn.AvgPool2d(2)]),
        ("adaptive average", [nn.AdaptiveAvgPool2d(1)]),
        ("zero padding", [nn.ZeroPad2d(1)]),
        ("upsampling", [nn.Upsample(scale_factor=2)]),
    ]
    for name, body in bodies:
        size = nn.Sequential(*body).eval()(torch.zeros(1, *shape)).numel()
        module = nn.Sequential(*body, nn.Flatten(), nn.Linear(size, 4))
        yield Network(name, module, shape)
    lenet = [
        nn.Conv2d(2, 4, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(36, 8), nn.ReLU(),
        nn.Dropout(), nn.Linear(8, 4), nn.LogSoftmax(1),
    ]  # fmt: skip
    yield Network("lenet", nn.Sequential(*lenet), shape)
    parts = {"f": nn.Sequential(nn.Flatten(), nn.Linear(128, 4)), "c": nn.Conv2d(2, 2, 1)}
    deviation, convolution = torch.tensor([0.5, 2.0]).view(1, 2, 1, 1), nn.Conv2d(2, 4, 8)
    runs: list[tuple[str, Forward]] = [
        ("a number for each channel", lambda m, x: m.f((x - m.d) / m.d)),
        ("image plus channels", lambda m, x: m.f(m.c(x) + m.d)),
        ("channels last inside", lambda m, x: m.f(x.permute(0, 2, 3, 1))),
        ("channels changed", lambda m, x: m.f(x[:, [1, 0]])),
        ("mean of the image", lambda m, x: m.f(x.mean((2, 3), keepdim=True).expand(-1, 2, 8, 8))),
        ("cropped", lambda m, x: m.f(F.pad(x[:, :, 1:-1, 1:-1], (1, 1, 1, 1)))),
        ("conv as the last layer", lambda m, x: m.k(x).flatten(1)),
        ("conv, no flatten", lambda m, x: m.k(x)),
        ("memory format", lambda m, x: m.f(x.contiguous(memory_format=torch.channels_last))),
    ]
    for name, run in runs:
        yield Network(name, Net(run, **parts, d=deviation, k=convolution), shape)
    yield Network("segmentation", nn.Conv2d(2, 4, 3), shape, single=False)
    signal = nn.Sequential(nn.Conv1d(2, 3, 3), nn.ReLU(), nn.Flatten(), nn.Linear(18, 4))
    yield Network("conv of one axis", signal, (2, 8))
    yield Network("dense on tokens", nn.Sequential(nn.Linear(8, 3), nn.Flatten()), (2, 8))


def _precisions() -> Iterator[Network]:
    """Other types of numbers."""
    for kind in (torch.float64, torch.float16, torch.bfloat16):
        name = str(kind).removeprefix("torch.")
        yield Network(f"mlp in {name}", _mlp().to(kind), dense=True)
        yield Network(f"softmax in {name}", nn.Sequential(*_mlp(), nn.Softmax(1)).to(kind))
        body = [nn.Conv2d(1, 2, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(8, 3)]
        yield Network(f"conv in {name}", nn.Sequential(*body).to(kind), (1, 6, 6))
    mixed = Net(lambda m, x: m.b(F.relu(m.a(x)).double()), a=nn.Linear(20, 8), b=nn.Linear(8, 4))
    mixed.b.double()
    yield Network("float32, then float64", mixed)
    stored = Net(lambda m, x: x @ m.W.float().T, W=torch.randn(4, 20).to(torch.float8_e4m3fn))
    yield Network("weights in float8", stored)


def networks() -> list[Network]:
    """Return all networks, their weights drawn anew from the same seed each time."""
    with torch.random.fork_rng([]), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.manual_seed(0)
        groups = (_dense, _products, _ends, _inputs, _images, _precisions)
        found = [network for group in groups for network in group()]
        found += [
            Network(name, module, shape, kept=name not in _CHANGED)
            for name, module, shape in graphs()
        ]
        for network in found:
            network.module.eval()
            for part in network.module.modules():
                norm = isinstance(part, nn.BatchNorm1d | nn.BatchNorm2d)
                if norm and part.running_mean is not None:
                    part.running_mean.normal_()
    return found
