"""Projected gradient ascent in the l-infinity ball and the unit box, for a grid of radii at once.

Charles, Rosenberg and Papailiopoulos (2019), Section 7: from x itself, repeat x <- projection of
x + step * (gradient of the cross-entropy) onto the ball. The printed update uses the gradient as
it is; reaching radius 40 * step in 40 steps needs its sign. Both are here.

**Shared steps.** With sign steps no coordinate moves further than one step at a time, so the ball
of radius k * step cannot bind during the first k steps: all runs share one trunk, and the run of
that radius leaves it at step k + 1. Floats keep this exact because the bounds of the ball are
built by the same rounded additions as the iterates: rounding is monotone, so an iterate after t
steps is at most the bound after t additions of the step. The price is that a bound may miss
x + radius by RADIUS_ERROR_PER_STEP for each step of the radius.

Every run makes its own forward pass, of one shape, since matrix products may round differently
for different batch shapes: a run's result does not depend on which other radii are asked for.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from certify.errors import InputError
from verify.attack.checks import check_images, check_labels, check_positive, check_whole
from verify.attack.models import device_of, evaluation

RADIUS_ERROR_PER_STEP = 2.0**-24
"""How far float32 lets an adversary leave its ball, per step of the radius: half a unit in the
last place of 1 for the addition, and as much for the step itself."""

StepRule = Literal["sign", "gradient"]
Loss = Literal["cross-entropy", "margin", "hinge"]
NoiseLaw = Literal["uniform", "signs"]


@dataclass(frozen=True)
class Attack:
    """The numbers of the attack; the defaults are those of Section 7, with sign steps.

    radii      increasing l-infinity radii, in pixel units (the box has side 1)
    steps      iterations, the same for each radius
    step       length of one step
    step_rule  "sign": each coordinate moves by `step`; "gradient": by `step` times the gradient of
               the example's own loss
    loss       what grows: "cross-entropy" of the scores, "margin" (best other score minus the
               label's), or "hinge" (the sum of the one-against-rest hinge losses)
    start      "image", or "random": uniform in the ball, the same draw scaled for each radius
    box        whether adversaries are kept in [0, 1]
    """

    radii: tuple[float, ...] = tuple(k / 100 for k in range(1, 41))
    steps: int = 40
    step: float = 0.01
    step_rule: StepRule = "sign"
    loss: Loss = "cross-entropy"
    start: Literal["image", "random"] = "image"
    box: bool = True

    def __post_init__(self) -> None:
        object.__setattr__(self, "radii", check_radii(self.radii))
        check_whole("steps", self.steps, 1)
        check_positive("step", self.step)
        for name, allowed in (
            ("step_rule", get_args(StepRule)),
            ("loss", get_args(Loss)),
            ("start", ("image", "random")),
        ):
            value = getattr(self, name)
            if value not in allowed:
                raise InputError(name, expected=" or ".join(allowed), got=repr(value))

    @property
    def edges(self) -> tuple[float, float]:
        """The least and the greatest value of a pixel."""
        return (0.0, 1.0) if self.box else (-math.inf, math.inf)

    def whole_steps(self, radius: float) -> tuple[int, float]:
        """Return how many whole steps fit in the radius, and the length that is left.

        >>> Attack().whole_steps(0.07)
        (7, 0.0)
        """
        # The slack absorbs the rounding of the quotient: 0.29 / 0.01 is 28.999999999999996.
        count = int(radius / self.step + 1e-6)
        rest = radius - count * self.step
        return count, rest if rest > 1e-6 * self.step else 0.0


def check_radii(radii: Sequence[float]) -> tuple[float, ...]:
    """Return the radii when they are positive, at most 1, and strictly increasing."""
    if len(radii) == 0:
        raise InputError("radii", expected="at least one radius", got="none")
    for i, radius in enumerate(radii):
        if not (0.0 if i == 0 else radii[i - 1]) < radius <= 1.0:
            raise InputError(
                "radii", expected="increasing, in (0, 1]", got=f"{radius:g}", where=f"radius {i}"
            )
    return tuple(float(radius) for radius in radii)


def _bounds(images: Tensor, attack: Attack) -> list[tuple[Tensor, Tensor]]:
    """Return the lower and upper bound (n, d) of ball and box, for each radius."""
    bounds = []
    least, greatest = attack.edges
    low, high, added = images, images, 0
    for count, rest in map(attack.whole_steps, attack.radii):
        while added < count:
            low = (low - attack.step).clamp(min=least)
            high = (high + attack.step).clamp(max=greatest)
            added += 1
        bounds.append(((low - rest).clamp(min=least), (high + rest).clamp(max=greatest)))
    return bounds


def _losses(scores: Tensor, labels: Tensor, loss: Loss) -> Tensor:
    """Return the loss float64 (n,) of each example."""
    # In float64 the softmax still tells 1 - p from 0 for a confident classifier; in float32 the
    # gradient would lose the pull away from the true class.
    scores = scores.double()
    if loss == "cross-entropy":
        return functional.cross_entropy(scores, labels, reduction="none")
    own = functional.one_hot(labels, scores.shape[1]).bool()
    if loss == "margin":
        others = scores.masked_fill(own, -math.inf)
        return others.amax(dim=1) - scores.gather(1, labels[:, None])[:, 0]
    signs = own.double() * 2.0 - 1.0
    return (1.0 - signs * scores).clamp(min=0.0).sum(dim=1)


def _ascend(model: nn.Module, images: Tensor, labels: Tensor, attack: Attack) -> Tensor:
    """Return the images after one step, not yet projected."""
    images = images.detach().requires_grad_()
    # Summed, examples stay independent.
    (gradient,) = torch.autograd.grad(_losses(model(images), labels, attack.loss).sum(), images)
    direction = gradient.sign() if attack.step_rule == "sign" else gradient
    return images.detach() + attack.step * direction


def _runs(
    model: nn.Module, images: Tensor, labels: Tensor, attack: Attack, noise: Tensor | None
) -> Tensor:
    """Return the adversaries (radius, n, d) of one batch; noise in [-1, 1] gives a random start."""
    bounds = _bounds(images, attack)
    # Raw gradients may exceed 1, so with them only the first gradient is common to all radii.
    shared = [attack.whole_steps(r)[0] if attack.step_rule == "sign" else 0 for r in attack.radii]
    runs = [images] * len(bounds)
    if noise is not None:
        # Each radius starts elsewhere, so that not even the first gradient is common.
        shared = [-1] * len(bounds)
        runs = [
            torch.minimum(torch.maximum(images + radius * noise, low), high)
            for radius, (low, high) in zip(attack.radii, bounds, strict=True)
        ]
    trunk = images
    for number in range(1, attack.steps + 1):
        if number <= max(shared) + 1:
            trunk = _ascend(model, trunk, labels, attack).clamp(*attack.edges)
        for i, (low, high) in enumerate(bounds):
            on_trunk = number <= shared[i] + 1
            moved = trunk if on_trunk else _ascend(model, runs[i], labels, attack)
            runs[i] = torch.minimum(torch.maximum(moved, low), high)
    return torch.stack(runs)


def adversaries(
    model: nn.Module,
    images: np.ndarray,
    labels: np.ndarray,
    attack: Attack,
    batch_size: int = 1000,
    *,
    seed: int = 0,
) -> Tensor:
    """Return adversaries float32 (radius, n, d) of images (n, d), on the model's device.

    The seed decides random starts; without them nothing is drawn. Each adversary lies in the box
    [0, 1]^d, if the attack keeps to it, and within its radius up to RADIUS_ERROR_PER_STEP times
    the number of steps in the radius, rounded up, and once more for a random start. Success is not
    decided here: recompute it with `predict`. On the CPU the result for one radius is the same,
    bit for bit, whatever other radii are asked for. The whole grid 0.01..0.40 takes 781 gradients
    of each image instead of 1600.
    """
    pixels = torch.tensor(check_images(images), device=device_of(model))
    targets = torch.tensor(check_labels(labels, len(images)), device=device_of(model))
    with evaluation(model), torch.enable_grad():
        classes = model(pixels[:1]).shape[1]
        if int(targets.max()) >= classes:
            raise InputError(
                "labels", expected=f"below {classes}, the model's classes", got=f"{targets.max()}"
            )
        noise = None
        if attack.start == "random":
            generator = torch.Generator().manual_seed(check_whole("seed", seed))
            noise = (2.0 * torch.rand(pixels.shape, generator=generator) - 1.0).to(pixels.device)
        runs = []
        for rows in torch.split(torch.arange(len(pixels), device=pixels.device), batch_size):
            # Indexing copies, so that every batch starts at an aligned address, on which rounding
            # may depend.
            start = None if noise is None else noise[rows]
            runs.append(_runs(model, pixels[rows], targets[rows], attack, start))
        return torch.cat(runs, dim=1)


def random_perturbations(
    images: np.ndarray, radii: Sequence[float], seed: int, law: NoiseLaw = "uniform"
) -> Tensor:
    """Return float32 (radius, n, d): images (n, d) plus noise, clipped to the box.

    Each coordinate's noise is uniform in [-radius, radius], or by the law "signs" either end of
    that interval with equal chance; it is drawn afresh for each radius. Rounding may exceed a
    radius by RADIUS_ERROR_PER_STEP. The result is on the CPU.
    """
    if law not in get_args(NoiseLaw):
        raise InputError("law", expected=" or ".join(get_args(NoiseLaw)), got=repr(law))
    pixels = torch.tensor(check_images(images))
    scale = torch.tensor(check_radii(radii), dtype=torch.float32)[:, None, None]
    generator = torch.Generator().manual_seed(check_whole("seed", seed))
    noise = 2.0 * torch.rand((len(scale), *pixels.shape), generator=generator) - 1.0
    if law == "signs":
        noise = torch.where(noise < 0.0, -1.0, 1.0)
    return (pixels + scale * noise).clamp(0.0, 1.0)
