"""Exact networks as torch modules, for what floats are good for: to guess."""

from collections.abc import Sequence
from functools import reduce

import numpy as np
import torch
from torch import Tensor, nn

from certify.networks.graph import Network
from certify.networks.operations import (
    Concatenation,
    Convolution,
    Dense,
    Maximum,
    MaxPool,
    Operation,
    Relu,
    Scale,
    Selection,
    Sum,
)
from certify.numbers.rationals import Vector
from verify.data.tables import float_table


def floating(network: Network, kind: torch.dtype) -> nn.Module:
    """Return a network as the same layers of a floating-point type, from flat inputs (n, d).

    A chain of nodes is an ``nn.Sequential``, whose layers can be looked at one by one.
    """
    maps = [_layers(f, kind) for f, _ in network.nodes]
    chain = all(reads == (k,) for k, (_, reads) in enumerate(network.nodes))
    module: nn.Module
    if chain:
        module = nn.Sequential(*(layer for layers in maps for layer in layers))
    else:
        module = Graph(list(map(_joined, maps)), [reads for _, reads in network.nodes])
    return module.eval().requires_grad_(False)


def layer(operation: Operation, kind: torch.dtype) -> nn.Module:
    """Return one map of flat vectors (n, d) in a floating-point type."""
    return _joined(_layers(operation, kind)).eval().requires_grad_(False)


def _joined(layers: list[nn.Module]) -> nn.Module:
    return nn.Sequential(*layers) if len(layers) > 1 else layers[0]


class Graph(nn.Module):
    """Modules, numbered from 1, each of which takes what earlier ones give; 0 is the input."""

    def __init__(self, maps: Sequence[nn.Module], reads: Sequence[tuple[int, ...]]) -> None:
        super().__init__()
        self.maps = nn.ModuleList(maps)
        self.reads = tuple(reads)
        self.last = {j: k for k, taken in enumerate(reads, start=1) for j in taken}

    def forward(self, x: Tensor) -> Tensor:
        """Return what the last module gives; what nothing reads any more is forgotten."""
        given = {0: x}
        for k, (f, taken) in enumerate(zip(self.maps, self.reads, strict=True), start=1):
            given[k] = f(*(given[j] for j in taken))
            for j in set(taken):
                if self.last[j] == k:
                    del given[j]
        return given[len(self.reads)]


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


class Selected(nn.Module):
    """Some entries of vectors (n, d), of which -1 stands for a 0."""

    places: Tensor

    def __init__(self, entries: Sequence[int]) -> None:
        super().__init__()
        self.register_buffer("places", torch.tensor(entries) + 1)

    def forward(self, x: Tensor) -> Tensor:
        """Return these entries."""
        return nn.functional.pad(x, (1, 0)).index_select(1, self.places)


class Largest(nn.Module):
    """The largest of the entries of vectors (n, d) that each list names."""

    lists: Tensor

    def __init__(self, lists: Sequence[tuple[int, ...]]) -> None:
        super().__init__()
        longest = max(map(len, lists))
        # The first index again changes no maximum.
        table = [[*entries, *entries[:1] * (longest - len(entries))] for entries in lists]
        self.register_buffer("lists", torch.tensor(table))

    def forward(self, x: Tensor) -> Tensor:
        """Return the maximum for each list."""
        return self._listed(x).amax(dim=2)

    def smooth(self, x: Tensor, width: float) -> Tensor:
        """Return smooth values, which are off by about a width."""
        return width * torch.logsumexp(self._listed(x) / width, dim=2)

    def _listed(self, x: Tensor) -> Tensor:
        return x.index_select(1, self.lists.flatten()).reshape(len(x), *self.lists.shape)


class Added(nn.Module):
    """The sum of vectors."""

    def forward(self, *x: Tensor) -> Tensor:
        """Return their sum."""
        return reduce(torch.add, x)


class Joined(nn.Module):
    """Vectors (n, d), one after another."""

    def forward(self, *x: Tensor) -> Tensor:
        """Return all their entries."""
        return torch.cat(x, dim=1)


def _layers(f: Operation, kind: torch.dtype) -> list[nn.Module]:
    """Return a map of flat vectors as layers one after the other."""
    match f:
        case Dense():
            # Made without memory first: initialising it would move torch's global generator.
            dense = nn.Linear(f.inputs, len(f.biases), dtype=kind, device="meta")
            return [_filled(dense.to_empty(device="cpu"), f)]
        case Convolution():
            channels, made = f.shape[0], len(f.kernel.biases)
            blank = nn.Conv2d(
                channels, made, f.window, f.strides, 0, f.dilations, f.groups,
                dtype=kind, device="meta",
            )  # fmt: skip
            filled = _filled(blank.to_empty(device="cpu"), f.kernel)
            top, left, bottom, right = f.padding
            padded = [nn.ZeroPad2d((left, right, top, bottom))] if any(f.padding) else []
            return [nn.Unflatten(1, f.shape), *padded, filled, nn.Flatten()]
        case MaxPool():
            return [nn.Unflatten(1, f.shape), nn.MaxPool2d(f.window), nn.Flatten()]
        case Scale():
            return [Entrywise(f.factors, f.offsets, kind)]
        case Relu():
            return [nn.ReLU()]
        case Maximum():
            return [Largest(f.lists)]
        case Selection():
            return [Selected(f.entries)]
        case Sum():
            return [Added()]
        case Concatenation():
            return [Joined()]


def _filled(module: nn.Linear | nn.Conv2d, kernel: Dense) -> nn.Module:
    weights = torch.tensor(float_table(kernel).astype(np.float64))
    with torch.no_grad():
        module.weight.copy_(weights.reshape(module.weight.shape))
        assert module.bias is not None
        module.bias.copy_(torch.tensor([float(b) for b in kernel.biases], dtype=torch.float64))
    return module
