"""Images in a box of pixels whose scores are, up to a constant, given ones: a search in floats.

Adding a constant to all scores changes no softmax output, so what must agree are the gaps between
each score and the last one: K - 1 equations in d pixels, piecewise affine with a cell for each
activation pattern. Within a cell Gauss-Newton steps solve them at once. Between cells these steps
stall at kinks, so the search begins on a network whose kinks are rounded off, and sharpens them.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

SOLVED = 1e-10  # a Euclidean norm of the residual below this is as good as floats can tell
STEPS = 40  # at most, under each smoothing


@dataclass(frozen=True)
class Schedule:
    """How a search goes from a smooth network to the true one.

    smoothings  half-widths of the rounded kinks, in mean absolute inputs of the layer, one descent
                after the other; the last is 0, the true network
    stalled     a descent ends when five steps save less than this share of the residual
    """

    smoothings: tuple[float, ...]
    stalled: float


PLAIN = Schedule((0.0,), 0.05)
QUICK = Schedule((0.5, 0.12, 0.03, 0.0), 0.05)
THOROUGH = Schedule((*(3.0**-k for k in range(7)), 0.0), 0.005)
"""It finds a few more matches, those that barely exist, and takes ten times as long."""


class Kink:
    """A ReLU or maximum within a module, whose kinks are rounded off by a width where it is not 0.

    ``scale`` is the mean absolute input at the first inputs that the module is given.
    """

    def __init__(self, layer: nn.Module) -> None:
        self.scale: float | None = None
        self.width = 0.0
        layer.register_forward_hook(self)

    def __call__(self, layer: nn.Module, inputs: tuple[Tensor], output: Tensor) -> Tensor:
        """Return what the layer is taken to give."""
        if self.scale is None:
            self.scale = float(inputs[0].abs().mean())
        return _rounded_off(layer, inputs[0], self.width) if self.width else output


@dataclass(frozen=True, eq=False)
class Gaps:
    """The gaps score_i - score_K, i < K, of a module in float64, with kinks rounded off at will.

    ``kinks`` are those of its ReLUs, its max-pooling layers, and what else has a ``smooth``.
    """

    module: nn.Module
    kinks: tuple[Kink, ...]

    @classmethod
    def of(cls, module: nn.Module, images: np.ndarray) -> "Gaps":
        """Return the gaps of a module on the CPU, which it changes, scaled by images (n, d)."""
        module = module.double().eval().requires_grad_(False)
        kinked = (
            m for m in module.modules()
            if isinstance(m, nn.ReLU | nn.MaxPool2d) or hasattr(m, "smooth")
        )  # fmt: skip
        kinks = tuple(map(Kink, kinked))
        module(torch.tensor(images, dtype=torch.float64))
        return cls(module, kinks)

    def around(self, start: np.ndarray, reach: np.ndarray) -> "Gaps":
        """Return the same gaps at start + reach u, in dependence on u (n, d)."""
        return Gaps(nn.Sequential(_Around(start, reach), self.module), self.kinks)

    def _scores(self, images: Tensor, smoothing: float) -> Tensor:
        for kink in self.kinks:
            kink.width = smoothing * (kink.scale or 0.0)
        scores: Tensor = self.module(images)
        return scores

    def values(self, image: np.ndarray) -> np.ndarray:
        """Return the gaps (K - 1,) of the true network at an image (d,)."""
        scores = self._scores(torch.tensor(image[None], dtype=torch.float64), 0.0)[0]
        return np.asarray((scores[:-1] - scores[-1]).numpy())

    def linearised(self, image: np.ndarray, smoothing: float) -> tuple[np.ndarray, np.ndarray]:
        """Return the gaps (K - 1,) at an image (d,) and their Jacobian (K - 1, d)."""
        rows = len(self.values(image))
        # One copy of the image for each gap: then one backward pass gives all gradients.
        copies = torch.tensor(np.tile(image, (rows, 1)), requires_grad=True)
        with torch.enable_grad():
            scores = self._scores(copies, smoothing)
            gaps = scores[:, :-1] - scores[:, -1:]
            (jacobian,) = torch.autograd.grad(gaps.diagonal().sum(), copies)
        return gaps[0].detach().numpy(), jacobian.numpy()


class _Around(nn.Module):
    """The map u -> start + reach u of every coordinate."""

    def __init__(self, start: np.ndarray, reach: np.ndarray) -> None:
        super().__init__()
        self.start, self.reach = torch.tensor(start), torch.tensor(reach)

    def forward(self, images: Tensor) -> Tensor:
        """Return points (n, d)."""
        return self.start + self.reach * images


def _rounded_off(layer: nn.Module, values: Tensor, width: float) -> Tensor:
    """Return smooth values of a ReLU or a max-pooling layer, which are off by about a width."""
    if (own := getattr(layer, "smooth", None)) is not None:
        smooth: Tensor = own(values, width)
        return smooth
    if isinstance(layer, nn.ReLU):
        return (values + torch.sqrt(values * values + width * width)) / 2.0
    size: Any = layer.kernel_size
    down, right = (size, size) if isinstance(size, int) else size
    windows = values.unfold(2, down, down).unfold(3, right, right).flatten(4)
    return width * torch.logsumexp(windows / width, dim=4)


@dataclass(frozen=True, eq=False)
class Match:
    """An image (d,) of the box and how far its gaps are from the target, in Euclidean norm."""

    image: np.ndarray
    residual: float


def match(
    gaps: "Gaps",
    target: np.ndarray,
    low: np.ndarray,
    high: np.ndarray,
    start: np.ndarray,
    schedule: Schedule,
) -> Match:
    """Seek, from a start (d,), an image between low and high (d,) with the target gaps (K - 1,)."""
    found = Match(np.clip(start, low, high), np.inf)
    for smoothing in schedule.smoothings:
        found = _descend(gaps, target, low, high, found.image, smoothing, schedule.stalled)
    return found


def _descend(
    gaps: "Gaps",
    target: np.ndarray,
    low: np.ndarray,
    high: np.ndarray,
    image: np.ndarray,
    smoothing: float,
    stalled: float,
) -> Match:
    """Make Gauss-Newton steps, each in a cube that grows where the linear model predicts well."""
    values, jacobian = gaps.linearised(image, smoothing)
    residuals = [float(np.linalg.norm(target - values))]
    side = 0.25 * float(np.max(high - low))
    multipliers = np.zeros(len(target))
    for _ in range(STEPS):
        residual = residuals[-1]
        if residual < SOLVED or not jacobian.any():
            break
        missing = target - values
        below, above = np.maximum(low - image, -side), np.minimum(high - image, side)
        move, multipliers = _least_squares(jacobian, missing, below, above, multipliers)
        predicted = residual - float(np.linalg.norm(missing - jacobian @ move))
        moved = np.clip(image + move, low, high)
        there, slopes = gaps.linearised(moved, smoothing)
        saved = residual - float(np.linalg.norm(target - there))
        if saved > 0.0:
            image, values, jacobian = moved, there, slopes
        residuals.append(residual - max(saved, 0.0))
        if saved > 0.7 * predicted:
            side *= 2.0
        elif saved < 0.3 * predicted:
            side /= 3.0
        slow = len(residuals) > 5 and residuals[-6] - residuals[-1] < stalled * residuals[-1]
        if slow or predicted < 0.01 * residual:
            break
    return Match(image, residuals[-1])


def _least_squares(
    D: np.ndarray, r: np.ndarray, low: np.ndarray, high: np.ndarray, start: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return s, low <= s <= high, that minimises |s|^2 + c |D s - r|^2, and its multipliers.

    c is so large that the first term only chooses the shortest of all nearly best s. The solution
    is s = clip(D^T y) for the multipliers y = c (r - D s), the minimum of a convex function of few
    variables with piecewise linear gradient; Newton's method finds it from ``start``.
    """
    c = 1000.0 * len(r) / float(np.sum(D * D))
    identity = np.eye(len(r))

    def dual(y: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
        free = y @ D
        s = np.minimum(np.maximum(free, low), high)
        return s, s == free, float(y @ y / (2.0 * c) - r @ y + s @ (free - s / 2.0))

    y = start
    s, inside, value = dual(y)
    tolerance = 1e-3 * float(np.linalg.norm(r))
    for _ in range(20):
        gradient = y / c + D @ s - r
        if float(np.abs(gradient).max()) < tolerance:
            break
        hessian = (D * inside) @ D.T
        direction = -np.linalg.solve(hessian + identity / c, gradient)
        slope, length = float(gradient @ direction), 1.0
        while True:
            trial = dual(y + length * direction)
            if trial[2] <= value + 1e-4 * length * slope:
                break
            length /= 2.0
            if length < 1e-4:
                return s, y
        y = y + length * direction
        s, inside, value = trial
    return s, y
