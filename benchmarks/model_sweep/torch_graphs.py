"""Small torch networks with branches, and the layers of today's networks."""

from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

Parts = tuple[str, nn.Module, tuple[int, ...]]


class Graph(nn.Module):
    """Named parts, and any forward."""

    def __init__(self, forward: Callable[[Any, Tensor], Any], **parts: nn.Module) -> None:
        super().__init__()
        for name, part in parts.items():
            setattr(self, name, part)
        self._run = forward

    def forward(self, x: Tensor) -> Any:
        """Return what the function makes of the parts and an input."""
        return self._run(self, x)


def _block(before: int, after: int, stride: int) -> nn.Module:
    """Return a residual block of a ResNet."""
    down: nn.Module = nn.Identity()
    if stride > 1 or before != after:
        down = nn.Sequential(nn.Conv2d(before, after, 1, stride), nn.BatchNorm2d(after))
    body = nn.Sequential(
        nn.Conv2d(before, after, 3, stride, 1, bias=False), nn.BatchNorm2d(after), nn.ReLU(),
        nn.Conv2d(after, after, 3, 1, 1, bias=False), nn.BatchNorm2d(after),
    )  # fmt: skip
    return Graph(lambda m, x: F.relu_(m.body(x).add_(m.down(x))), body=body, down=down)


def _end(inputs: int) -> nn.Sequential:
    return nn.Sequential(nn.Flatten(), nn.Linear(inputs, 4))


def _pooled(inputs: int) -> nn.Sequential:
    return nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(inputs, 4))


def graphs() -> Iterator[Parts]:
    """Yield names, networks and the shapes of their inputs."""
    yield from _architectures()
    yield from _layers()
    yield from _rows()


def _architectures() -> Iterator[Parts]:
    shape = (2, 8, 8)
    yield "resnet", nn.Sequential(
        nn.Conv2d(2, 3, 3, 1, 1), nn.BatchNorm2d(3), nn.ReLU(), nn.MaxPool2d(3, 2, 1),
        _block(3, 3, 1), _block(3, 4, 2), _pooled(4),
    ), shape  # fmt: skip
    yield "vgg", nn.Sequential(
        nn.Conv2d(2, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(4, 4, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Dropout(),
        nn.Linear(16, 4),
    ), shape  # fmt: skip
    yield "mobilenet", nn.Sequential(
        nn.Conv2d(2, 4, 3, 2, 1), nn.ReLU6(), nn.Conv2d(4, 4, 3, 1, 1, groups=4), nn.BatchNorm2d(4),
        nn.ReLU6(), nn.Conv2d(4, 6, 1), _pooled(6),
    ), shape  # fmt: skip
    yield "densenet", Graph(
        lambda m, x: m.f(torch.cat([x, y := m.a(x).relu(), m.b(torch.cat([x, y], 1)).relu()], 1)),
        a=nn.Conv2d(2, 2, 3, padding=1), b=nn.Conv2d(4, 2, 3, padding=1), f=_pooled(6),
    ), shape  # fmt: skip
    yield "inception", Graph(
        lambda m, x: m.f(torch.cat([m.a(x), m.b(x), F.avg_pool2d(x, 3, 1, 1)], 1)),
        a=nn.Conv2d(2, 2, 1), b=nn.Conv2d(2, 3, 5, padding=2), f=_end(448),
    ), shape  # fmt: skip
    yield "unet", Graph(
        lambda m, x: m.f(torch.cat([m.up(m.down(x).relu()), x], 1)),
        down=nn.Conv2d(2, 3, 2, 2), up=nn.ConvTranspose2d(3, 2, 2, 2), f=_end(256),
    ), shape  # fmt: skip
    yield "squeeze and excitation", Graph(
        lambda m, x: m.f(x * torch.sigmoid(m.g(x.mean((2, 3))))[..., None, None]),
        g=nn.Linear(2, 2), f=_end(128),
    ), shape  # fmt: skip
    yield (
        "convnext",
        nn.Sequential(
            nn.Conv2d(2, 2, 3, padding=1, groups=2), nn.GroupNorm(1, 2), nn.GELU(), _pooled(2)
        ),
        shape,
    )
    yield (
        "deep sets",
        Graph(lambda m, x: m.g(F.relu(m.f(x)).sum(1)), f=nn.Linear(8, 6), g=nn.Linear(6, 4)),
        (3, 8),
    )
    yield "mixer", Graph(
        lambda m, x: m.g((x + m.f(x.transpose(1, 2)).relu().transpose(1, 2)).mean(1)),
        f=nn.Linear(3, 3), g=nn.Linear(8, 4),
    ), (3, 8)  # fmt: skip
    yield "patches", Graph(
        lambda m, x: m.g(m.f(x).flatten(2).transpose(1, 2).relu().mean(1)),
        f=nn.Conv2d(2, 5, 4, 4), g=nn.Linear(5, 4),
    ), shape  # fmt: skip
    yield (
        "transformer",
        nn.Sequential(
            nn.TransformerEncoderLayer(8, 2, 16, batch_first=True), nn.Flatten(), nn.Linear(24, 4)
        ),
        (3, 8),
    )
    yield "shared weights", Graph(
        lambda m, x: m.g((m.f(x[:, 0]).relu() - m.f(x[:, 1]).relu()).abs()),
        f=nn.Linear(8, 5), g=nn.Linear(5, 4),
    ), (2, 8)  # fmt: skip


def _layers() -> Iterator[Parts]:
    """One layer of images each, behind it a dense one."""
    bodies: dict[str, nn.Module] = {
        "conv, all at once": nn.Conv2d(2, 4, 3, (2, 1), (1, 2), (1, 2), groups=2),
        "conv, same and dilated": nn.Conv2d(2, 3, 4, padding="same", dilation=2),
        "conv, reflected": nn.Conv2d(2, 3, 3, padding=1, padding_mode="reflect"),
        "conv, circular": nn.Conv2d(2, 3, 3, padding=1, padding_mode="circular"),
        "conv, replicated": nn.Conv2d(2, 3, 3, padding=1, padding_mode="replicate"),
        "conv transposed, all at once": nn.ConvTranspose2d(2, 4, 3, 2, 1, 1, groups=2),
        "max-pooling, all at once": nn.MaxPool2d(3, 2, 1, ceil_mode=True),
        "max-pooling with places": nn.MaxPool2d(2, return_indices=True),
        "average, padded": nn.AvgPool2d(3, 2, 1),
        "average, padding not counted": nn.AvgPool2d(3, 2, 1, count_include_pad=False),
        "average, ceiling": nn.AvgPool2d(3, 2, 1, ceil_mode=True),
        "average, divisor": nn.AvgPool2d(2, divisor_override=3),
        "adaptive average, 3": nn.AdaptiveAvgPool2d(3),
        "adaptive maximum, 3": nn.AdaptiveMaxPool2d(3),
        "batch norm": nn.BatchNorm2d(2),
        "batch norm without factors": nn.BatchNorm2d(2, affine=False),
        "batch norm of the examples": nn.BatchNorm2d(2, track_running_stats=False),
        "instance norm": nn.InstanceNorm2d(2),
        "prelu of channels": nn.PReLU(2),
        "softshrink": nn.Softshrink(),
        "hardshrink": nn.Hardshrink(),
        "hardsigmoid": nn.Hardsigmoid(),
        "rrelu": nn.RReLU(),
        "pixel shuffle": nn.PixelShuffle(1),
        "pixel unshuffle": nn.PixelUnshuffle(2),
        "channel shuffle": nn.ChannelShuffle(2),
        "reflection padding": nn.ReflectionPad2d((1, 2, 0, 1)),
        "circular padding": nn.CircularPad2d(1),
        "constant padding": nn.ConstantPad2d(1, 0.5),
        "upsampling by 3": nn.Upsample(scale_factor=3),
        "upsampling to 12": nn.Upsample(size=12),
        "upsampling, exact": nn.Upsample(scale_factor=2, mode="nearest-exact"),
        "upsampling, bilinear": nn.Upsample(scale_factor=2, mode="bilinear"),
        "unfold": nn.Unfold(2, stride=2),
        "power pooling": nn.LPPool2d(1, 2),
    }
    for name, body in bodies.items():
        found = body.eval()(torch.zeros(1, 2, 8, 8))
        size = (found[0] if isinstance(found, tuple) else found).numel()
        parts = {"body": body, "f": _end(size)}
        if isinstance(found, tuple):
            yield name, Graph(lambda m, x: m.f(m.body(x)[0]), **parts), (2, 8, 8)
        else:
            yield name, nn.Sequential(body, *parts["f"]), (2, 8, 8)


def _rows() -> Iterator[Parts]:
    """Functions of vectors, in place and otherwise."""
    runs: dict[str, Callable[[Any, Tensor], Any]] = {
        "written in part": _written,
        "masked": lambda m, x: m.g(m.f(x).masked_fill(torch.arange(20) % 3 == 0, 0.5)),
        "chosen by a mask": lambda m, x: m.g(torch.where(torch.arange(20) > 7, m.f(x), x)),
        "chosen by the sign": lambda m, x: m.g(torch.where(x > 0, m.f(x), x)),
        "split and joined": lambda m, x: m.g(torch.cat(m.f(x).chunk(3, 1)[::-1], 1)),
        "maxout": lambda m, x: m.g(m.f(x).view(-1, 10, 2).amax(2).repeat(1, 2)),
        "minimum of two": lambda m, x: m.g(torch.minimum(m.f(x), x)),
        "stacked": lambda m, x: m.g(torch.stack([m.f(x), x], 1).mean(1)),
        "rolled": lambda m, x: m.g(m.f(x).roll(3, 1) + m.f(x).flip(1)),
        "broadcast over tokens": lambda m, x: m.g(
            (x.view(-1, 2, 10) + m.f(x)[:, None, :10]).repeat(1, 1, 2).sum(1)
        ),
        "argmax of max": lambda m, x: m.g(x).max(1)[1],
        "log of one": lambda m, x: torch.log(m.g(m.f(x)).exp()),
        "cosine": lambda m, x: F.cosine_similarity(m.f(x)[:, None], m.g.weight, dim=-1),
        "twenty layers": _twenty,
    }  # fmt: skip
    for name, run in runs.items():
        yield name, Graph(run, f=nn.Linear(20, 20), g=nn.Linear(20, 4)), (20,)


def _written(m: Any, x: Tensor) -> Any:
    y = m.f(x)
    y[:, ::2].relu_()
    y[:, 0] = 1.0
    return m.g(y)


def _twenty(m: Any, x: Tensor) -> Any:
    for _ in range(20):
        x = x + F.relu(m.f(x)) / 8
    return m.g(x)
