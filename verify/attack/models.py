"""Classifiers as torch modules from flat images to class scores, and as picklable arrays."""

import copy
import itertools
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from torch import Tensor, nn

from certify.errors import InputError
from verify.attack.batches import images_per_batch, in_batches, products_in
from verify.attack.fused import LARGE_BATCH, fused
from verify.attack.networks import Architecture, build
from verify.data.checks import check_images

Family = Literal["svm", "network", "given"]


def resolve_device(device: str) -> torch.device:
    """Return the torch device that "auto", "cpu" or "cuda" names; auto prefers CUDA.

    Apple's "mps" is none of them: it has no float64, which support vector machines and the losses
    of attacks need.

    >>> resolve_device("cpu")
    device(type='cpu')
    """
    if device not in ("auto", "cpu", "cuda"):
        raise InputError("device", expected="auto, cpu or cuda", got=repr(device))
    present = torch.cuda.is_available()
    if device == "cuda" and not present:
        raise InputError("device", expected="a device of this machine", got="cuda, which is absent")
    return torch.device("cuda" if present and device != "cpu" else "cpu")


def mlp(widths: Sequence[int], seed: int) -> nn.Sequential:
    """Return an untrained ReLU network with layers widths[0] -> ... -> widths[-1], see `build`."""
    return build("mlp", seed, widths)


class LinearScores(nn.Module):
    """The scores x @ weights + bias, computed in the type of the weights."""

    weights: Tensor
    bias: Tensor

    def __init__(self, weights: Tensor, bias: Tensor) -> None:
        super().__init__()
        self.register_buffer("weights", weights)
        self.register_buffer("bias", bias)

    def forward(self, images: Tensor) -> Tensor:
        """Return the scores (n, K) of images (n, d)."""
        return images.to(self.weights.dtype) @ self.weights + self.bias


def linear_scores(weights: np.ndarray, bias: np.ndarray) -> LinearScores:
    """Return a linear classifier's scores as a module, so that attacks need no second code path.

    weights is (d, K) and bias (K,); float64 weights keep float64 scores.
    """
    if weights.ndim != 2 or bias.shape != (weights.shape[1],):
        wanted = "shapes (d, K) and (K,)"
        raise InputError("weights, bias", expected=wanted, got=f"{weights.shape} and {bias.shape}")
    return LinearScores(torch.tensor(weights), torch.tensor(bias))


@contextmanager
def evaluation(model: nn.Module) -> Iterator[None]:
    """Hold every part of the model in evaluation mode, and restore each part's own mode."""
    modes = [(part, part.training) for part in model.modules()]
    model.eval()
    try:
        yield
    finally:
        for part, mode in modes:
            part.training = mode


def device_of(model: nn.Module) -> torch.device:
    """Return the device of the model's first parameter or buffer."""
    return next(itertools.chain(model.parameters(), model.buffers())).device


def predict(
    model: nn.Module, images: np.ndarray | Tensor, batch_size: int | None = None
) -> np.ndarray:
    """Return the labels int64 (n,) of images (n, d): the highest score, lowest index on ties.

    Runs on the model's device in evaluation mode, without gradients, in float32 or the wider type
    of its weights, in batches that fit its memory; every module's mode is restored. Raises
    InputError when a score is not finite, or when images in an array are not float32 within
    [0, 1]; a tensor's may lie outside, as adversaries without the box do.
    """
    # Read-only arrays, such as those of a Dataset, are copied: torch has no read-only tensors.
    pixels = torch.tensor(check_images(images)) if isinstance(images, np.ndarray) else images
    device = device_of(model)

    with evaluation(model), torch.no_grad(), products_in("float32", device):
        fastest = fused(model)

        def labels(rows: slice) -> Tensor:
            scores = fastest(pixels[rows].to(device))
            if not bool(torch.isfinite(scores).all()):
                raise InputError("model", expected="finite scores", got="nan or infinity")
            return torch.argmax(scores, dim=1)

        asked = LARGE_BATCH if batch_size is None and fastest is not model else batch_size
        found = in_batches(labels, len(pixels), images_per_batch(device, asked))
        return np.asarray(torch.cat(found).cpu().numpy())


def count_correct(model: nn.Module, images: np.ndarray | Tensor, labels: np.ndarray) -> int:
    """Return how many of the images (n, d) the model gives their label."""
    return int(np.count_nonzero(predict(model, images) == labels))


@dataclass(frozen=True, eq=False)
class Classifier:
    """A trained classifier as plain arrays: what crosses process boundaries and enters reports.

    architecture  "linear" (arrays `weights` (d, K) and `bias` (K,)), or that of a network (the
                  state of `build`: `0.weight` (out, in), `0.bias` (out,), `2.weight`, ...)
    parameters    the module's state by name, in its own float type
    """

    name: str
    family: Family
    architecture: Literal["linear", "given"] | Architecture
    parameters: Mapping[str, np.ndarray]

    @classmethod
    def of_network(
        cls, name: str, network: nn.Sequential, architecture: Architecture = "mlp"
    ) -> "Classifier":
        """Return the network's weights, copied to NumPy."""
        state = {key: value.cpu().numpy().copy() for key, value in network.state_dict().items()}
        return cls(name, "network", architecture, state)

    @classmethod
    def of_svm(cls, name: str, weights: np.ndarray, bias: np.ndarray) -> "Classifier":
        """Return the linear classifier with weights (d, K) and bias (K,)."""
        return cls(name, "svm", "linear", {"weights": weights.copy(), "bias": bias.copy()})

    def module(self, device: str = "cpu") -> nn.Module:
        """Return the classifier as a fresh module on the device, in evaluation mode."""
        if self.architecture == "linear":
            return linear_scores(self.parameters["weights"], self.parameters["bias"]).to(
                resolve_device(device)
            )
        assert self.architecture != "given", "these have a module of their own"
        matrices = [value for value in self.parameters.values() if value.ndim == 2]
        widths = (matrices[0].shape[1], *(matrix.shape[0] for matrix in matrices))
        network = build(self.architecture, 0, widths)
        network.load_state_dict({key: torch.tensor(v) for key, v in self.parameters.items()})
        return network.to(resolve_device(device)).eval()


@dataclass(frozen=True, eq=False)
class Given(Classifier):
    """A user's own model: a module from numbers in [0, 1] to scores of the data's classes.

    by_rank  whether its labels 0, 1, ... were taken as the ranks of the data's
    """

    network: nn.Module
    by_rank: bool = False

    @classmethod
    def of(cls, name: str, network: nn.Module, *, by_rank: bool = False) -> "Given":
        """Return a module, in evaluation mode, as a classifier."""
        return cls(name, "given", "given", {}, network.eval(), by_rank)

    def module(self, device: str = "cpu") -> nn.Module:
        """Return a copy on the device, which is that of a fresh one of other classifiers."""
        return copy.deepcopy(self.network).to(resolve_device(device))
