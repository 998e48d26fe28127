"""Projected gradients at 40 radii beside the attack libraries, on one thread and the same networks.

The networks are of kind cnn-2018, trained on the digits of scikit-learn enlarged to 28 x 28
pixels, so that no data has to be fetched. All contenders attack the very same modules, with sign
steps and no random start, and answer with how many labels are still right at each radius.

A second job gives labels to adversaries, as every network does in the experiment. Both have an
earlier build as a contender, where the environment's BEFORE names a checkout of it.
"""

import functools
import os
import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.measure import OURS, Case, Job, NotInstalled

BEFORE = "an earlier build"
_IMAGES, _STEPS, _STEP = 50, 40, 0.01
_RADII = tuple(k / 100 for k in range(1, 41))
_TRAINED_ON = 1_500

# (radius, n, d) of a module, images and labels.
Attack = Callable[[Any, Any, Any], Any]


def cases() -> list[Case]:
    """Return the attacks on one network, trained here so that no case waits for it."""
    weights = _weights()
    return [
        Case(
            "attack_sweep",
            f"1 network, {_IMAGES} images",
            _IMAGES,
            name,
            functools.partial(_run, attack, weights[:1], name == BEFORE),
        )
        for name, attack in CONTENDERS.items()
    ]


def label_cases() -> list[Case]:
    """Return the labels that ten networks give to images under noise, in sizes of a source."""
    weights = _weights()
    return [
        Case(
            "attack_labels",
            f"{len(weights)} networks, {count:,} images",
            count,
            name,
            functools.partial(_label, name, count, weights),
        )
        for count in (1_000, 4_000)
        for name in (OURS, "torch", BEFORE)
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
def _weights() -> list[Any]:
    """Return networks as their arrays, which any build can read."""
    from verify.attack.training import train_model

    data = digits_28().random_subset(_TRAINED_ON, 0)
    networks = (train_model("cnn-2018", data, 3, seed, widths=(784, 10)) for seed in range(10))
    return [{k: v.numpy().copy() for k, v in n.state_dict().items()} for n in networks]


def _modules(weights: list[Any], before: bool) -> list[Any]:
    """Return the networks as modules of this build, or of the one before, on one thread."""
    if before:
        if (checkout := os.environ.get("BEFORE")) is None:
            raise NotInstalled
        assert "verify" not in sys.modules or sys.path[0] == checkout
        sys.path.insert(0, checkout)
    import torch

    from verify.attack.models import Classifier

    torch.set_num_threads(1)
    return [Classifier("n", "network", "cnn-2018", arrays).module() for arrays in weights]


def _run(attack: Attack, weights: list[Any], before: bool) -> tuple[tuple[int, ...], ...]:
    modules = _modules(weights, before)
    import torch

    from verify.attack.models import count_correct

    data = digits_28().random_subset(_IMAGES, 1)
    counts = []
    for module in modules:
        moved = attack(module, torch.tensor(data.images), torch.tensor(data.labels))
        counts.append(tuple(count_correct(module, points, data.labels) for points in moved))
    return tuple(counts)


def _label(name: str, count: int, weights: list[Any]) -> tuple[tuple[int, ...], ...]:
    """Return how often each network gives each label."""
    modules = _modules(weights, name == BEFORE)
    import torch

    from verify.attack.models import predict

    images = _noisy(count)

    def by_torch(module: Any, images: Any) -> Any:
        with torch.no_grad():
            return torch.cat([module(part).argmax(dim=1) for part in images.split(250)]).numpy()

    labels = by_torch if name == "torch" else predict
    return tuple(
        tuple(np.bincount(labels(module, images), minlength=10).tolist()) for module in modules
    )


@functools.cache
def _noisy(count: int) -> Any:
    import torch

    images = digits_28().random_subset(1_000, 2).images
    noise = torch.rand((count, images.shape[1]), generator=torch.Generator().manual_seed(0))
    return (torch.tensor(images).repeat(count // 1_000, 1) + 0.8 * noise - 0.4).clamp(0.0, 1.0)


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
    BEFORE: ours,
}

JOBS = [
    Job(
        "attack_sweep",
        f"How long do adversaries at {len(_RADII)} radii take, {_STEPS} steps each, on one thread?",
        "Ours makes 781 gradients "
        "of each image where the others make 1,600: with sign steps the runs of all radii agree "
        "until the smallest ball binds, so each leaves a common trunk at its own step. Where numba "
        "is installed, convolutions and their gradients run in compiled kernels; one run alone "
        "includes imports, some two seconds.",
        cases,
        counted="images",
        limit=900.0,
        by_processor=True,
    ),
    Job(
        "attack_labels",
        "How long do the labels of perturbed images take under ten networks, on one thread?",
        "A network multiplies .48 million times for each image. Torch runs layer by layer, in "
        "batches of 250; the compiled kernels keep the sums of a pooling in registers.",
        label_cases,
        counted="images",
        by_processor=True,
    ),
]
