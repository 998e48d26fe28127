"""Architectures by name: torch modules from flat images in [0, 1] to scores.

"cnn-2018" is the network of the PyTorch MNIST example at the time of Charles et al. (2019), "cnn"
its successor; both end in scores, not in log-probabilities. They hold the normalisation of MNIST
as their first layer, so that attacks work in pixels.
"""

import itertools
import math
from collections.abc import Sequence
from typing import Literal, get_args

import numpy as np
import torch
from torch import Tensor, nn

from certify.errors import InputError
from verify.data.checks import check_whole, check_widths

Architecture = Literal["mlp", "cnn-2018", "cnn"]

MEAN, DEVIATION = 0.1307, 0.3081  # of MNIST's training pixels
SIDE = 28  # of the images that the convolutional networks take


class Normalise(nn.Module):
    """The map factor * x + offset in every pixel, with numbers of one kind."""

    factor: Tensor
    offset: Tensor

    def __init__(self, factor: float, offset: float, kind: torch.dtype = torch.float32) -> None:
        super().__init__()
        self.register_buffer("factor", torch.tensor(factor, dtype=kind))
        self.register_buffer("offset", torch.tensor(offset, dtype=kind))

    def forward(self, images: Tensor) -> Tensor:
        """Return the normalised images, in any shape."""
        return images * self.factor + self.offset


class Dropout(nn.Module):
    """Dropout that draws from a generator of its own and works in training mode alone.

    The seed and the place among a network's dropout layers decide what is dropped. With
    ``channels`` whole channels of images (n, channels, rows, columns) are dropped.
    """

    def __init__(self, share: float, seed: int, place: int = 0, *, channels: bool = False) -> None:
        super().__init__()
        self.share, self.channels = share, channels
        # Seeded as they are, all layers would drop by the numbers that made the first weights.
        self.seed = int(np.random.SeedSequence([seed, place]).generate_state(1)[0])
        self._generator: torch.Generator | None = None

    def forward(self, values: Tensor) -> Tensor:
        """Return the values with a random share set to 0 and the others scaled up."""
        if not self.training:
            return values
        if self._generator is None or self._generator.device != values.device:
            self._generator = torch.Generator(values.device).manual_seed(self.seed)
        shape = values.shape[:2] if self.channels else values.shape
        drawn = torch.rand(shape, generator=self._generator, device=values.device)
        kept = (drawn >= self.share).to(values.dtype) / (1.0 - self.share)
        return values * (kept[:, :, None, None] if self.channels else kept)


def build(architecture: Architecture, seed: int, widths: Sequence[int] = ()) -> nn.Sequential:
    """Return an untrained network; ``widths`` are the layer widths of an "mlp".

    Weights and biases are uniform in +-1/sqrt(fan in), torch's own default, but drawn from a
    generator of their own; the global random state is neither read nor advanced.
    """
    if architecture not in get_args(Architecture):
        raise InputError(
            "architecture", expected=" or ".join(get_args(Architecture)), got=repr(architecture)
        )
    check_whole("seed", seed)
    # Built without memory first: torch's own initialisation would use the global generator.
    with torch.device("meta"):
        layers = _mlp(check_widths(widths)) if architecture == "mlp" else _cnn(architecture, seed)
    network = nn.Sequential(*layers).to_empty(device="cpu")
    generator = torch.Generator().manual_seed(seed)
    for layer in network:
        if isinstance(layer, nn.Linear | nn.Conv2d):
            bound = 1.0 / math.sqrt(layer.weight[0].numel())
            with torch.no_grad():
                for parameter in layer.parameters():
                    parameter.uniform_(-bound, bound, generator=generator)
    if architecture != "mlp":
        network[0] = Normalise(1.0 / DEVIATION, -MEAN / DEVIATION)
        # Convolutions follow the layout of their kernels, and in this one take half the time.
        network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return network


def _mlp(widths: Sequence[int]) -> list[nn.Module]:
    layers: list[nn.Module] = []
    for fan_in, fan_out in itertools.pairwise(widths):
        layers += [nn.Linear(fan_in, fan_out), nn.ReLU()]
    return layers[:-1]


def _cnn(architecture: Architecture, seed: int) -> list[nn.Module]:
    image = nn.Unflatten(1, (1, SIDE, SIDE))
    if architecture == "cnn-2018":
        return [
            nn.Identity(), image,
            nn.Conv2d(1, 10, 5), nn.MaxPool2d(2), nn.ReLU(),
            nn.Conv2d(10, 20, 5), Dropout(0.5, seed, channels=True), nn.MaxPool2d(2), nn.ReLU(),
            nn.Flatten(), nn.Linear(320, 50), nn.ReLU(), Dropout(0.5, seed, 1),
            nn.Linear(50, 10),
        ]  # fmt: skip
    return [
        nn.Identity(), image,
        nn.Conv2d(1, 32, 3), nn.ReLU(), nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2),
        Dropout(0.25, seed), nn.Flatten(), nn.Linear(9216, 128), nn.ReLU(),
        Dropout(0.5, seed, 1), nn.Linear(128, 10),
    ]  # fmt: skip
