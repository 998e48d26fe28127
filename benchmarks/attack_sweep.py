"""Projected gradients at 40 radii beside the attack libraries, on one thread and the same networks.

The networks are of kind cnn-2018, trained on the digits of scikit-learn enlarged to 28 x 28
pixels, so that no data has to be fetched. All contenders attack the very same modules, with sign
steps and no random start, and answer with how many labels are still right at each radius.
"""

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.measure import OURS, Case, Job

_IMAGES, _STEPS, _STEP = 50, 40, 0.01
_RADII = tuple(k / 100 for k in range(1, 41))
_TRAINED_ON = 1_500

# (radius, n, d) of a module, images and labels.
Attack = Callable[[Any, Any, Any], Any]


def cases() -> list[Case]:
    """Return the attacks on one network and on ten, trained here so that no case waits for it."""
    networks = _networks()
    return [
        Case(
            "attack_sweep",
            f"{count} network{'s'[: count > 1]}, {_IMAGES} images",
            count,
            name,
            functools.partial(_run, attack, networks[:count]),
        )
        for count in (1, len(networks))
        for name, attack in CONTENDERS.items()
    ]


@functools.cache
def digits_28() -> Any:
    """Return scikit-learn's digits in 28 x 28 pixels: each pixel three wide, and a rim."""
    from verify.data.digits import Dataset, digits

    small = digits()
    squares = small.images.reshape(-1, 8, 8)
    large = np.pad(squares.repeat(3, axis=1).repeat(3, axis=2), ((0, 0), (2, 2), (2, 2)))
    return Dataset("digits-28", large.reshape(len(large), -1), small.labels, (28, 28))


@functools.cache
def _networks() -> list[Any]:
    from verify.attack.models import Classifier
    from verify.attack.training import train_model

    data = digits_28().random_subset(_TRAINED_ON, 0)
    return [
        Classifier.of_network(
            f"network-{seed}", train_model("cnn-2018", data, 3, seed, widths=(784, 10)), "cnn-2018"
        )
        for seed in range(10)
    ]


def _run(attack: Attack, networks: list[Any]) -> tuple[tuple[int, ...], ...]:
    import torch

    from verify.attack.models import count_correct

    torch.set_num_threads(1)
    data = digits_28().random_subset(_IMAGES, 1)
    counts = []
    for network in networks:
        module = network.module()
        moved = attack(module, torch.tensor(data.images), torch.tensor(data.labels))
        counts.append(tuple(count_correct(module, points, data.labels) for points in moved))
    return tuple(counts)


def ours(module: Any, images: Any, labels: Any) -> Any:
    """Return the adversaries of `verify.attack`: one call for all radii, with shared steps."""
    from verify.attack.projected_gradient import Attack, adversaries

    attack = Attack(_RADII, _STEPS, _STEP)
    return adversaries(module, images.numpy(), labels.numpy(), attack)


def by_torchattacks(module: Any, images: Any, labels: Any) -> Any:
    """Return those of torchattacks: one attack for each radius."""
    import torchattacks

    return [
        torchattacks.PGD(module, eps=r, alpha=_STEP, steps=_STEPS, random_start=False)(
            images, labels
        )
        for r in _RADII
    ]


def by_foolbox(module: Any, images: Any, labels: Any) -> Any:
    """Return those of foolbox: one call for all radii."""
    import foolbox

    attack = foolbox.attacks.LinfPGD(abs_stepsize=_STEP, steps=_STEPS, random_start=False)
    model = foolbox.PyTorchModel(module, bounds=(0, 1), device="cpu")
    _, moved, _ = attack(model, images, labels, epsilons=list(_RADII))
    return moved


def by_art(module: Any, images: Any, labels: Any) -> Any:
    """Return those of the Adversarial Robustness Toolbox: one attack for each radius."""
    import torch
    from art.attacks.evasion import ProjectedGradientDescentPyTorch
    from art.estimators.classification import PyTorchClassifier

    loss = torch.nn.CrossEntropyLoss()
    shape = tuple(images.shape[1:])
    classifier = PyTorchClassifier(
        module, loss, shape, 10, clip_values=(0.0, 1.0), device_type="cpu"
    )
    found = []
    for r in _RADII:
        attack = ProjectedGradientDescentPyTorch(
            classifier, eps=r, eps_step=_STEP, max_iter=_STEPS, batch_size=_IMAGES, verbose=False
        )
        found.append(torch.tensor(attack.generate(images.numpy(), labels.numpy())))
    return found


CONTENDERS: dict[str, Attack] = {
    OURS: ours,
    "torchattacks": by_torchattacks,
    "foolbox": by_foolbox,
    "ART": by_art,
}

JOB = Job(
    "attack_sweep",
    f"How long do adversaries at {len(_RADII)} radii take, {_STEPS} steps each, on one thread?",
    "All contenders are linear in networks, images, radii and steps. Ours makes 781 gradients of "
    "each image where the others make 1,600: with sign steps the runs of all radii agree until the "
    "smallest ball binds, so each leaves a common trunk at its own step.",
    cases,
    counted="networks",
    limit=900.0,
)
