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

On the CPU every run makes its own forward pass, of one shape, since matrix products may round
differently for different batch shapes: a run's result does not depend on which other radii are
asked for. On a GPU all runs that have left the trunk make one, as large as its memory allows, and
nothing in a step waits for the processor.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, get_args

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from certify.errors import InputError
from verify.attack.balls import into_ball
from verify.attack.batches import Precision, images_per_batch, in_batches, products_in
from verify.attack.fused import fused
from verify.attack.models import device_of, evaluation
from verify.attack.radii import exact_radius
from verify.data.checks import check_images, check_labels, check_positive, check_whole

RADIUS_ERROR_PER_STEP = 2.0**-24
"""How far float32 lets an iterate leave its ball, per step of the radius: half a unit in the last
place of 1 for the addition, and as much for the step itself."""

SATURATED = -30.0
"""The m below which sign steps follow m itself: exp(m) is short for a gradient in float32."""

StepRule = Literal["sign", "gradient"]
Loss = Literal["cross-entropy", "margin", "hinge", "squared-hinge"]
NoiseLaw = Literal["uniform", "signs"]


@dataclass(frozen=True)
class Attack:
    """The numbers of the attack; the defaults are those of Section 7, with sign steps.

    radii      increasing l-infinity radii, in pixel units (the box has side 1), as decimals
    steps      iterations, the same for each radius
    step       length of one step
    step_rule  "sign": each coordinate moves by `step`; "gradient": by `step` times the gradient of
               the example's own loss
    loss       what grows: "cross-entropy" of the scores, "margin" (best other score minus the
               label's), "hinge" (the sum of the one-against-rest hinge losses), or
               "squared-hinge" (the sum of their squares, which LinearSVC is trained with)
    start      "image", or "random": uniform in the ball, the same draw scaled for each radius
    box        whether adversaries are kept in [0, 1]
    precision  of the products in the model while its gradients are taken; "tf32" is for CUDA
    """

    radii: tuple[float, ...] = tuple(k / 100 for k in range(1, 41))
    steps: int = 40
    step: float = 0.01
    step_rule: StepRule = "sign"
    loss: Loss = "cross-entropy"
    start: Literal["image", "random"] = "image"
    box: bool = True
    precision: Precision = "float32"

    def __post_init__(self) -> None:
        object.__setattr__(self, "radii", check_radii(self.radii))
        check_whole("steps", self.steps, 1)
        check_positive("step", self.step)
        for name, allowed in (
            ("step_rule", get_args(StepRule)),
            ("loss", get_args(Loss)),
            ("start", ("image", "random")),
            ("precision", get_args(Precision)),
        ):
            value = getattr(self, name)
            if value not in allowed:
                raise InputError(name, expected=" or ".join(allowed), got=repr(value))

    @property
    def edges(self) -> tuple[float, float]:
        """The least and the greatest value of a pixel."""
        return (0.0, 1.0) if self.box else (-math.inf, math.inf)

    def on_cpu(self) -> Attack:
        """Return the attack as a CPU can run it: where "tf32" was asked for, with float32."""
        return replace(self, precision="float32") if self.precision == "tf32" else self

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
    """Return the radii when they are positive, finite and strictly increasing."""
    if len(radii) == 0:
        raise InputError("radii", expected="at least one radius", got="none")
    for i, radius in enumerate(radii):
        if not (0.0 if i == 0 else radii[i - 1]) < radius < math.inf:
            wanted = "positive numbers, increasing"
            raise InputError("radii", expected=wanted, got=f"{radius:g}", where=f"radius {i}")
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
    hinges = (1.0 - signs * scores).clamp(min=0.0)
    return (hinges**2 if loss == "squared-hinge" else hinges).sum(dim=1)


def _rising(scores: Tensor, labels: Tensor, attack: Attack) -> Tensor:
    """Return float64 (n,) whose gradients steps follow: the loss, or m where it is saturated."""
    losses = _losses(scores, labels, attack.loss)
    if attack.loss != "cross-entropy" or attack.step_rule != "sign":
        return losses
    own = functional.one_hot(labels, scores.shape[1]).bool()
    others = torch.logsumexp(scores.double().masked_fill(own, -math.inf), dim=1)
    lead = others - scores.double().gather(1, labels[:, None])[:, 0]
    return torch.where(lead < SATURATED, lead, losses)


def _ascend(model: nn.Module, images: Tensor, labels: Tensor, attack: Attack, size: int) -> Tensor:
    """Return runs (runs, n, d) after one step, not yet projected, ``size`` images at a time."""
    flat, targets = images.flatten(0, 1), labels.repeat(len(images))

    def moved(rows: slice) -> Tensor:
        # A copy begins at an aligned address; rounding may depend on that.
        pixels = flat[rows].clone().requires_grad_()
        # Summed, examples stay independent.
        loss = _rising(model(pixels), targets[rows], attack).sum()
        (gradient,) = torch.autograd.grad(loss, pixels)
        direction = gradient.sign() if attack.step_rule == "sign" else gradient
        return flat[rows] + attack.step * direction

    return torch.cat(in_batches(moved, len(flat), size)).view(images.shape)


def _runs(
    model: nn.Module, images: Tensor, labels: Tensor, attack: Attack, noise: Tensor | None
) -> Tensor:
    """Return the adversaries (radius, n, d) of images; noise in [-1, 1] gives a random start."""
    low, high = map(torch.stack, zip(*_bounds(images, attack), strict=True))
    # Raw gradients may exceed 1, so with them only the first gradient is common to all radii.
    shared = [attack.whole_steps(r)[0] if attack.step_rule == "sign" else 0 for r in attack.radii]
    trunk, runs = images[None], images.expand(low.shape)
    if noise is not None:
        # Each radius starts elsewhere, so that not even the first gradient is common.
        shared = [-1] * len(shared)
        radii = torch.tensor(attack.radii, dtype=images.dtype, device=images.device)
        runs = torch.minimum(torch.maximum(images + radii[:, None, None] * noise, low), high)
    # On the CPU each run has a batch of its own, for its shape may decide how sums are rounded.
    size = len(images) if images.device.type == "cpu" else images_per_batch(images.device)
    for number in range(1, attack.steps + 1):
        # Shared steps increase with the radius, so these are the first runs.
        left, next_left = (sum(n > steps + 1 for steps in shared) for n in (number, number + 1))
        moved = []
        if left:
            moved.append(_ascend(model, runs[:left], labels, attack, size))
        if left < len(shared):
            trunk = _ascend(model, trunk, labels, attack, size).clamp(*attack.edges)
        # Who stays on the trunk needs no projection before it leaves, or ends.
        kept = len(shared) if number == attack.steps else next_left
        moved.append(trunk.expand(kept - left, -1, -1))
        runs = torch.cat(moved).clamp(low[:kept], high[:kept])
    return _kept(runs, images, attack.radii, attack.edges)


def _kept(
    runs: Tensor, images: Tensor, radii: Sequence[float], edges: tuple[float, float]
) -> Tensor:
    """Return runs (radius, n, d) in their balls around the images, exactly, and in the edges."""
    return torch.stack([
        into_ball(run, images, exact_radius(radius), edges)
        for run, radius in zip(runs, radii, strict=True)
    ])  # fmt: skip


def adversaries(
    model: nn.Module,
    images: np.ndarray,
    labels: np.ndarray,
    attack: Attack,
    batch_size: int | None = None,
    *,
    seed: int = 0,
) -> Tensor:
    """Return adversaries float32 (radius, n, d) of images (n, d), on the model's device.

    The seed decides random starts; without them nothing is drawn. Each adversary lies exactly in
    the box [0, 1]^d, if the attack keeps to it, and within its radius, read as a decimal. Success
    is not decided here: recompute it with `predict`. On the CPU the result for one radius is the
    same, bit for bit, whatever other radii are asked for. The whole grid 0.01..0.40 takes 781
    gradients of each image instead of 1600.
    """
    device = device_of(model)
    pixels = torch.tensor(check_images(images, box=attack.box), device=device)
    targets = torch.tensor(check_labels(labels, len(images)), device=device)
    with evaluation(model), torch.enable_grad(), products_in(attack.precision, device):
        scores = fused(model) if attack.precision == "float32" else model
        classes = scores(pixels[:1]).shape[1]
        if int(targets.max()) >= classes:
            raise InputError(
                "labels", expected=f"below {classes}, the model's classes", got=f"{targets.max()}"
            )
        noise = None
        if attack.start == "random":
            generator = torch.Generator().manual_seed(check_whole("seed", seed))
            noise = (2.0 * torch.rand(pixels.shape, generator=generator) - 1.0).to(device)

        def moved(rows: slice) -> Tensor:
            start = None if noise is None else noise[rows]
            return _runs(scores, pixels[rows], targets[rows], attack, start)

        size = images_per_batch(device, batch_size)
        return torch.cat(in_batches(moved, len(pixels), size), dim=1)


def random_perturbations(
    images: np.ndarray,
    radii: Sequence[float],
    seed: int,
    law: NoiseLaw = "uniform",
    *,
    box: bool = True,
) -> Tensor:
    """Return float32 (radius, n, d): images (n, d) plus noise, in [0, 1] unless without ``box``.

    Each coordinate's noise is uniform in [-radius, radius], or by the law "signs" either end of
    that interval with equal chance; it is drawn afresh for each radius, which is never exceeded.
    The result is on the CPU.
    """
    if law not in get_args(NoiseLaw):
        raise InputError("law", expected=" or ".join(get_args(NoiseLaw)), got=repr(law))
    attack = Attack(radii=tuple(radii), box=box)
    pixels = torch.tensor(check_images(images, box=box))
    scale = torch.tensor(attack.radii, dtype=torch.float32)[:, None, None]
    generator = torch.Generator().manual_seed(check_whole("seed", seed))
    noise = 2.0 * torch.rand((len(scale), *pixels.shape), generator=generator) - 1.0
    if law == "signs":
        noise = torch.where(noise < 0.0, -1.0, 1.0)
    return _kept(pixels + scale * noise, pixels, attack.radii, attack.edges)
