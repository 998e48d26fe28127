"""The networks of kind "cnn-2018" with their convolutions in compiled kernels, on the CPU.

One interface: `fused` takes a module and returns one with the same scores and the same gradients
by the images, up to the rounding of float32. Where numba is missing, on a GPU, and for any other
module, that is the module itself.
"""

from functools import cache
from importlib.util import find_spec
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from verify.attack.networks import SIDE, Dropout, Normalise, build

LARGE_BATCH = 1_000
"""Images whose labels are found at once where kernels do it: they keep nothing of a batch."""

_NOT_FUSED = 9  # the first layer behind the convolutions: Dropout is none in evaluation


def fused(model: nn.Module) -> nn.Module:
    """Return what computes the model in evaluation mode, with its weights of now, the fastest."""
    if not (isinstance(model, nn.Sequential) and installed() and _known(model)):
        return model
    layers = [part for part in model if not isinstance(part, Dropout)]
    return nn.Sequential(_Convolutions(layers), *layers[_NOT_FUSED:]).eval()


@cache
def installed() -> bool:
    """Return whether the library that compiles the kernels is there."""
    return find_spec("numba") is not None


@cache
def _layers() -> list[str]:
    return [repr(part) for part in list(build("cnn-2018", 0))[1:]]


def _known(model: nn.Sequential) -> bool:
    if model.training or [repr(part) for part in list(model)[1:]] != _layers():
        return False
    if not isinstance(model[0], Normalise | nn.Identity):
        return False
    if any(part._forward_hooks or part._forward_pre_hooks for part in model.modules()):
        return False
    return all(t.dtype == torch.float32 and t.device.type == "cpu" for t in model.parameters())


class _Convolutions(nn.Module):
    """The layers from the image to the features (n, 320), for images (n, 784)."""

    def __init__(self, layers: list[nn.Module]) -> None:
        from verify.attack.kernels import GROUP, LANES, NONE

        super().__init__()
        first, second = (layer for layer in layers if isinstance(layer, nn.Conv2d))
        weights1, bias1, weights2, bias2 = (
            p.detach().double().numpy()
            for p in (first.weight, first.bias, second.weight, second.bias)
            if p is not None
        )
        if isinstance(layers[0], Normalise):
            # Without padding every output sees 25 pixels, so the affine map goes into the weights.
            bias1 = bias1 + float(layers[0].offset) * weights1.sum(axis=(1, 2, 3))
            weights1 = weights1 * float(layers[0].factor)
        side1 = (SIDE - 4) // 2
        side2 = (side1 - 4) // 2
        self.shapes = [(len(w), side, side) for w, side in ((weights1, side1), (weights2, side2))]
        self.kernels = [
            # (group, input, 25, channel of the group)
            _aligned(w.reshape(-1, GROUP, w.shape[1], 25).transpose(0, 2, 3, 1))
            for w in (weights1, weights2)
        ]
        self.biases = [_aligned(bias) for bias in (bias1, bias2)]
        rows = np.zeros((len(weights2), 5, 5, LANES))
        rows[..., : len(weights1)] = weights2.transpose(0, 2, 3, 1)
        self.rows2 = _aligned(rows.reshape(len(rows), 5, -1))
        squares = np.zeros((len(weights1), NONE + 1, 6, 8))
        for place in range(NONE):
            i, j = divmod(place, 2)
            squares[:, place, i : i + 5, j : j + 5] = weights1[:, 0]
        self.squares1 = _aligned(squares.reshape(len(squares), NONE + 1, -1))

    def forward(self, images: Tensor) -> Tensor:
        """Return the features, with a gradient by the images where they ask for it."""
        return _Fused.apply(images, self)  # type: ignore[no-any-return, no-untyped-call]

    def features(self, images: Tensor, *, keep: bool) -> tuple[Tensor, list[np.ndarray]]:
        """Return the features, and the choices that the gradient needs, if they are to be kept."""
        from verify.attack.kernels import GROUP, LANES, forward

        blocks = -(-len(images) // LANES) if keep else 0
        choices = [np.empty((blocks, *shape, LANES), np.uint8) for shape in self.shapes]
        features = torch.empty(len(images), int(np.prod(self.shapes[1])))
        forward(
            images.detach().contiguous().numpy(),
            self.kernels[0], self.biases[0], self.kernels[1], self.biases[1],
            *(_room(*shape, LANES) for shape in ((GROUP, 4), (1, SIDE, SIDE), *self.shapes)),
            features.numpy(), *choices,
        )  # fmt: skip
        return features, choices

    def gradient(self, rising: Tensor, choices: list[np.ndarray]) -> Tensor:
        """Return the gradient by the images (n, 784) from that by the features."""
        from verify.attack.kernels import LANES, backward

        gradient = torch.empty(len(rising), SIDE**2)
        side = self.shapes[0][1]
        backward(
            rising.contiguous().numpy(), self.rows2, self.squares1, *choices,
            _room(side, side * LANES), _room(SIDE, SIDE + 4), _room(6 * 8), gradient.numpy(),
        )  # fmt: skip
        return gradient


class _Fused(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, images: Tensor, layers: _Convolutions) -> Tensor:
        features, choices = layers.features(images, keep=ctx.needs_input_grad[0])
        ctx.layers, ctx.choices = layers, choices
        return features

    @staticmethod
    def backward(ctx: Any, rising: Tensor) -> tuple[Tensor, None]:
        return ctx.layers.gradient(rising, ctx.choices), None


def _room(*shape: int) -> np.ndarray:
    # Torch aligns memory to cache lines, which vectors then do not straddle; NumPy does not.
    return torch.empty(shape).numpy()


def _aligned(values: np.ndarray) -> np.ndarray:
    room = _room(*values.shape)
    with np.errstate(over="ignore"):  # infinite products make infinite scores, as in torch
        room[:] = values
    return room
