"""Perturbations that look at an image's class only: one direction for every class.

Each class k has a direction from the images of k towards those of the class whose mean is
nearest, and an image of class k at radius r moves by r times the sign of that direction. The
theorems of Charles et al. (2019) speak of such directions: the exact max-margin direction for
linear rules (Theorems 4 and 8), differences of data for the convex ReLU classes (Theorems 10, 15
and Corollary 17).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from certify.errors import InputError
from verify.attack.balls import into_ball
from verify.attack.models import Classifier
from verify.attack.projected_gradient import Attack, adversaries
from verify.attack.radii import exact_radius
from verify.data.checks import check_images, check_labels
from verify.data.digits import Dataset


@dataclass(frozen=True, eq=False)
class UniversalDirections:
    """One direction for each class: float64 (K, d), class k in row k.

    ``replaced`` are the classes whose direction is another than the name says, for there is none.
    """

    name: str
    directions: np.ndarray
    replaced: tuple[int, ...] = ()


def universal_perturbations(
    source: UniversalDirections,
    images: np.ndarray,
    labels: np.ndarray,
    radii: Sequence[float],
    *,
    box: bool = True,
) -> Tensor:
    """Return float32 (radius, n, d): images (n, d) moved along their class's direction.

    Every coordinate moves by the whole radius, rounded towards the image, in the direction's sign,
    or stays where that is 0; with ``box`` it ends at 0 or 1.
    """
    attack = Attack(radii=tuple(radii), box=box)
    pixels = torch.tensor(check_images(images, box=box))
    signs = torch.tensor(np.sign(source.directions), dtype=torch.float32)
    labels = check_labels(labels, len(images))
    if labels.max() >= len(signs):
        raise InputError(
            "labels", expected=f"below {len(signs)}, the classes", got=f"{labels.max()}"
        )
    moves = signs[torch.tensor(labels)]
    return torch.stack([
        into_ball(pixels + r * moves, pixels, exact_radius(r), attack.edges) for r in attack.radii
    ])  # fmt: skip


def nearest_classes(data: Dataset) -> list[tuple[int, int]]:
    """Return (k, l) for every class k, where l is the other class with the nearest mean."""
    means = class_means(data)
    distances = np.linalg.norm(means[:, None] - means[None], axis=2)
    np.fill_diagonal(distances, np.inf)
    return [(k, int(distances[k].argmin())) for k in range(len(means))]


def class_means(data: Dataset) -> np.ndarray:
    """Return the mean image of each class, float64 (K, d); the labels must be 0..K-1."""
    if data.classes != tuple(range(len(data.classes))):
        raise InputError("data", expected="labels 0..K-1, each present", got=f"{data.classes}")
    images = data.images.astype(np.float64)
    return np.stack([images[data.labels == k].mean(axis=0) for k in data.classes])


def mean_differences(data: Dataset) -> UniversalDirections:
    """Return the differences of class means, which are differences of data, averaged."""
    means = class_means(data)
    rows = [means[l] - means[k] for k, l in nearest_classes(data)]
    return UniversalDirections("class means", np.stack(rows))


def margin_directions(data: Dataset) -> UniversalDirections:
    """Return the exact max-margin directions of each class against the nearest, rounded.

    Classes that no hyperplane separates from the nearest have no such direction; the difference of
    class means stands in for it, and they are listed.
    """
    from certify import max_margin  # exact, and so not everywhere where attacks run

    rows, replaced = [], []
    means = mean_differences(data).directions
    for k, l in nearest_classes(data):
        X, y = data.pair(k, l)
        answer = max_margin(X, y)
        if answer.separable:
            largest = max(map(abs, answer.w))
            rows.append([float(c / largest) for c in answer.w])
        else:
            rows.append(means[k].tolist())
            replaced.append(k)
    return UniversalDirections("max margin", np.array(rows), tuple(replaced))


def mean_perturbations(
    classifier: Classifier, data: Dataset, attack: Attack, device: str = "cpu"
) -> UniversalDirections:
    """Return for each class the mean of what the attack on the classifier adds to its images.

    Taken at the attack's largest radius.
    """
    largest = replace(attack, radii=attack.radii[-1:])
    moved = adversaries(classifier.module(device), data.images, data.labels, largest)[0]
    changes = moved.cpu().numpy().astype(np.float64) - data.images
    rows = [changes[data.labels == k].mean(axis=0) for k in data.classes]
    return UniversalDirections("mean perturbation", np.stack(rows))
