"""The attack beside those of other libraries: the same labels on the adversaries, but for ties."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from benchmarks.attack_sweep import digits_28
from verify.attack.projected_gradient import RADIUS_ERROR_PER_STEP, Attack, adversaries
from verify.attack.training import train_model

RADII, STEPS, STEP = (0.02, 0.05, 0.1, 0.2, 0.4), 40, 0.01
EXAMPLES = digits_28().random_subset(40, 1)
IMAGES, LABELS = torch.tensor(EXAMPLES.images), torch.tensor(EXAMPLES.labels)
TIE = 1e-3  # of the spread of an image's scores


@cache
def network() -> nn.Module:
    return train_model("cnn-2018", digits_28().random_subset(600, 0), 3, 0, widths=(784, 10)).eval()


@cache
def ours() -> Tensor:
    return adversaries(network(), EXAMPLES.images, EXAMPLES.labels, Attack(RADII, STEPS, STEP))


def by_torchattacks() -> list[Tensor]:
    torchattacks = pytest.importorskip("torchattacks", reason="torchattacks is not installed")
    return [
        torchattacks.PGD(network(), eps=r, alpha=STEP, steps=STEPS, random_start=False)(
            IMAGES, LABELS
        )
        for r in RADII
    ]


def by_foolbox() -> list[Tensor]:
    foolbox = pytest.importorskip("foolbox", reason="foolbox is not installed")
    attack = foolbox.attacks.LinfPGD(abs_stepsize=STEP, steps=STEPS, random_start=False)
    model = foolbox.PyTorchModel(network(), bounds=(0, 1), device="cpu")
    return list(attack(model, IMAGES, LABELS, epsilons=list(RADII))[1])


@pytest.mark.parametrize("other", [by_torchattacks, by_foolbox])
def test_labels_on_the_adversaries_are_those_of_other_libraries(
    other: Callable[[], list[Tensor]],
) -> None:
    theirs = torch.stack(other())
    with torch.no_grad():
        scores = [network()(points.flatten(0, 1)) for points in (ours(), theirs)]
    labels = [s.argmax(dim=1).numpy() for s in scores]
    best = scores[0].topk(2, dim=1).values
    spread = scores[0].amax(dim=1) - scores[0].amin(dim=1)
    tied = (best[:, 0] - best[:, 1] <= TIE * spread).numpy()
    differ = labels[0] != labels[1]
    assert not np.any(differ & ~tied)
    assert tied.mean() < 0.05  # or the comparison would say little
    wrong = labels[0] != np.tile(EXAMPLES.labels, len(RADII))
    fooled = wrong.reshape(len(RADII), -1).mean(axis=1)
    assert fooled[0] < 0.5 < fooled[-1]  # an attack, and not from the start
    # Pixel by pixel almost everything is the same: two libraries round a gradient of 0 otherwise.
    largest = STEPS * RADIUS_ERROR_PER_STEP
    assert float(((ours() - theirs).abs() > 2 * largest).float().mean()) < 0.02
