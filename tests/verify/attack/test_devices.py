"""One code path on every device: what a GPU gives is what the processor gives, up to rounding."""

from __future__ import annotations

import copy
from dataclasses import replace

import numpy as np
import pytest
import torch

from certify.bounds.threads import one_thread
from verify.attack.models import predict
from verify.attack.projected_gradient import Attack, adversaries
from verify.attack.training import train_model
from verify.data.digits import Dataset, digits

DEVICES = ("cpu", *(["cuda"] if torch.cuda.is_available() else []))
SMALL = digits().random_subset(60, 0)
# Any place of the 28 x 28 pixels will do.
PIXELS = np.pad(SMALL.images.reshape(-1, 8, 8), ((0, 0), (10, 10), (10, 10))).reshape(60, 784)
DATA = Dataset("digits", PIXELS, SMALL.labels, (28, 28))
ATTACK = Attack(radii=(0.1, 0.25), steps=3, step=0.1)


def loss(network: torch.nn.Module, points: torch.Tensor, labels: np.ndarray) -> float:
    with torch.no_grad():
        scores = network.eval()(points).double()
    return float(torch.nn.functional.cross_entropy(scores, torch.tensor(labels)))


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_attacks_on_a_device_are_those_on_the_processor(device: str, precision: str) -> None:
    with one_thread():
        network = train_model("cnn-2018", DATA, 2, 0)
        there = copy.deepcopy(network).to(device)
    images, labels = PIXELS[:20], SMALL.labels[:20]
    ours = adversaries(network, images, labels, ATTACK)
    attack = Attack(ATTACK.radii, 3, 0.1, precision=precision)  # type: ignore[arg-type]
    moved = adversaries(there, images, labels, attack)
    assert moved.device.type == device
    found = moved.cpu().numpy()
    for points, radius in zip(found, ATTACK.radii, strict=True):
        assert np.abs(points.astype(np.float64) - images).max() <= radius
    assert found.min() >= 0.0
    assert found.max() <= 1.0
    if precision == "float32":
        alike = np.mean(found == ours.numpy())
        assert alike == 1.0 if device == "cpu" else alike > 0.7
    # One step after the other rounding takes them apart, but makes none of them weaker.
    one = Attack((0.1,), 1, 0.1, precision=precision)  # type: ignore[arg-type]
    first = adversaries(there, images, labels, one).cpu().numpy()
    own_first = adversaries(network, images, labels, replace(one, precision="float32")).numpy()
    assert np.mean(first == own_first) > 0.95
    before = loss(network, torch.tensor(images), labels)
    for points, own in zip(moved.cpu(), ours, strict=True):
        gain = loss(network, own, labels) - before
        assert gain > 0.0
        assert loss(network, points, labels) - before > 0.9 * gain
    answers = predict(network, ours.reshape(-1, 784))
    assert np.mean(predict(there, ours.reshape(-1, 784)) == answers) >= 0.95


@pytest.mark.parametrize("device", DEVICES)
def test_training_on_a_device_learns(device: str) -> None:
    with one_thread():
        network = train_model("cnn-2018", DATA, 15, 0, device=device)
    assert np.mean(predict(network, PIXELS) == SMALL.labels) > 0.4
