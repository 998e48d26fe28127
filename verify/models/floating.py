"""Exact networks as torch modules, for what floats are good for: to guess."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from certify.networks.graph import Network
from certify.networks.operations import Convolution, Dense, MaxPool, Operation, Scale
from certify.numbers.rationals import Vector
from verify.data.tables import float_table


def floating(network: Network, kind: torch.dtype) -> nn.Sequential:
    """Return a chain of nodes as the same layers of a floating-point type."""
    made: list[nn.Module] = []
    flat = True
    for layer, _ in network.nodes:
        if isinstance(layer, Convolution | MaxPool) and flat:
            made.append(nn.Unflatten(1, layer.shape))
            flat = False
        if isinstance(layer, Dense) and not flat:
            made.append(nn.Flatten())
            flat = True
        made.append(_module(layer, kind))
    return nn.Sequential(*made).eval().requires_grad_(False)


class Entrywise(nn.Module):
    """The map f x + o with one pair of numbers for each of several equally long runs of entries."""

    factors: Tensor
    offsets: Tensor

    def __init__(self, factors: Vector, offsets: Vector, kind: torch.dtype) -> None:
        super().__init__()
        for name, values in (("factors", factors), ("offsets", offsets)):
            column = torch.tensor([float(x) for x in values], dtype=torch.float64)
            self.register_buffer(name, column.to(kind)[:, None])

    def forward(self, x: Tensor) -> Tensor:
        """Return the values of examples, of any shape."""
        runs = x.reshape(len(x), len(self.factors), -1)
        return (runs * self.factors + self.offsets).reshape(x.shape)


def _module(layer: Operation, kind: torch.dtype) -> nn.Module:
    if isinstance(layer, Dense):
        # Made without memory first: initialising it would move torch's global generator.
        dense = nn.Linear(layer.inputs, len(layer.biases), dtype=kind, device="meta")
        return _filled(dense.to_empty(device="cpu"), layer)
    if isinstance(layer, Convolution):
        channels, made = layer.shape[0], len(layer.kernel.biases)
        blank = nn.Conv2d(channels, made, layer.window, dtype=kind, device="meta")
        return _filled(blank.to_empty(device="cpu"), layer.kernel)
    if isinstance(layer, MaxPool):
        side, other = layer.window
        return nn.MaxPool2d(side if side == other else layer.window)
    if isinstance(layer, Scale):
        return Entrywise(layer.factors, layer.offsets, kind)
    return nn.ReLU()


def _filled(module: nn.Linear | nn.Conv2d, kernel: Dense) -> nn.Module:
    weights = torch.tensor(float_table(kernel).astype(np.float64))
    with torch.no_grad():
        module.weight.copy_(weights.reshape(module.weight.shape))
        assert module.bias is not None
        module.bias.copy_(torch.tensor([float(b) for b in kernel.biases], dtype=torch.float64))
    return module
