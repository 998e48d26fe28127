"""Training: ReLU networks, support vector machines, and rules of the convex class R.

Each function is a deterministic function of its arguments on the CPU, for a given number of torch
threads, and leaves the global random states of torch, NumPy and Python alone.
"""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from certify.errors import InputError
from verify.attack.batches import products_in
from verify.attack.models import mlp, resolve_device
from verify.attack.networks import SIDE, Architecture, build
from verify.data.checks import check_positive, check_signed, check_whole
from verify.data.digits import Dataset

PASS = 9  # minibatches of a pass at least: with fewer, few passes do not fit few images

Training = Literal["ours", "2018"]
"""By what suits few epochs, or as the software did by default that Charles et al. used: the MNIST
example of PyTorch in 2018, and LinearSVC of scikit-learn 0.19 and 0.20."""


def fit(
    model: nn.Module,
    data: Dataset,
    *,
    epochs: int,
    seed: int,
    learning_rate: float = 0.005,
    batch_size: int = 32,
    momentum: float | None = None,
    device: str = "cpu",
) -> None:
    """Train a module in place on the cross-entropy, in freshly shuffled minibatches.

    By Adam, or with a ``momentum`` by gradient descent. The seed alone decides the shuffles. The
    model ends on the device, in evaluation mode.
    """
    check_whole("epochs", epochs, 1)
    check_whole("batch_size", batch_size, 1)
    check_positive("learning_rate", learning_rate)
    place = resolve_device(device)
    model.to(place).train()
    images = torch.tensor(data.images, device=place)
    labels = torch.tensor(data.labels, device=place)
    generator = torch.Generator().manual_seed(check_whole("seed", seed))
    optimiser: torch.optim.Optimizer
    if momentum is None:
        optimiser = torch.optim.Adam(model.parameters(), lr=learning_rate)
    else:
        optimiser = torch.optim.SGD(model.parameters(), lr=learning_rate, momentum=momentum)
    with products_in("float32", place):
        for _ in range(epochs):
            order = torch.randperm(len(data), generator=generator).to(place)
            for rows in torch.split(order, batch_size):
                optimiser.zero_grad()
                loss = functional.cross_entropy(model(images[rows]), labels[rows])
                torch.autograd.backward(loss)
                optimiser.step()
    model.eval()


def train_network(
    data: Dataset,
    widths: Sequence[int],
    epochs: int,
    seed: int,
    *,
    learning_rate: float = 0.005,
    batch_size: int = 32,
    momentum: float | None = None,
    device: str = "cpu",
) -> nn.Sequential:
    """Return `mlp(widths, seed)` trained by `fit` with the same seed.

    widths[0] is the number of pixels and widths[-1] more than the highest label.
    """
    network = mlp(widths, seed)
    if widths[0] != data.images.shape[1]:
        raise InputError("widths[0]", expected=f"{data.images.shape[1]} pixels", got=f"{widths[0]}")
    if widths[-1] <= data.classes[-1]:
        raise InputError(
            "widths[-1]", expected=f"more than {data.classes[-1]}, a label", got=f"{widths[-1]}"
        )
    fit(
        network,
        data,
        epochs=epochs,
        seed=seed,
        learning_rate=learning_rate,
        batch_size=batch_size,
        momentum=momentum,
        device=device,
    )
    return network


def train_model(
    architecture: Architecture,
    data: Dataset,
    epochs: int,
    seed: int,
    *,
    widths: Sequence[int] = (),
    device: str = "cpu",
    training: Training = "ours",
) -> nn.Sequential:
    """Return a trained network of any architecture.

    The ``widths`` are those of an "mlp"; convolutional networks take 28 x 28 pixels and 10 classes.
    By "ours" they learn by Adam at a rate that suits the size: in minibatches of 64 at 0.002
    ("cnn-2018") or 0.001 ("cnn"), of 32 or a ninth of the images, if that is less, at 0.005, or
    0.001 with more than 2,000 images ("mlp"). By "2018" any of them learns in minibatches of 64 by
    gradient descent, at a rate of 0.01 with a momentum of 0.5.
    """
    momentum, batch_size = None, 64
    if training == "2018":
        rate, momentum = 0.01, 0.5
    elif architecture == "mlp":
        # Few images give few steps: these have to be larger, and of fewer images each.
        rate = 0.001 if len(data) > 2000 else 0.005
        batch_size = min(32, max(1, len(data) // PASS))
    else:
        # "cnn-2018" drops half of its values twice: at 0.001 it learns too little in few epochs.
        rate = 0.002 if architecture == "cnn-2018" else 0.001
    if architecture == "mlp":
        return train_network(
            data, widths, epochs, seed, learning_rate=rate, batch_size=batch_size,
            momentum=momentum, device=device,
        )  # fmt: skip
    check_pictures(architecture, data)
    network = build(architecture, seed)
    fit(
        network, data, epochs=epochs, seed=seed, learning_rate=rate, batch_size=batch_size,
        momentum=momentum, device=device,
    )  # fmt: skip
    return network


def check_pictures(architecture: Architecture, data: Dataset) -> None:
    """Raise InputError unless a convolutional network takes the data."""
    if data.images.shape[1] != SIDE**2 or data.classes[-1] >= 10:
        wanted = f"{SIDE} x {SIDE} pixels and labels below 10, for {architecture}"
        got = f"{data.images.shape[1]} pixels and labels up to {data.classes[-1]}"
        raise InputError("data", expected=wanted, got=got)


def _liblinear(
    points: np.ndarray,
    labels: np.ndarray,
    seed: int,
    C: float,
    dual: bool | Literal["auto"] = "auto",
    passes: int = 10_000,
) -> tuple[np.ndarray, np.ndarray]:
    from sklearn.svm import LinearSVC

    machine = LinearSVC(
        C=check_positive("C", C),
        dual=dual,
        max_iter=passes,
        random_state=check_whole("seed", seed),
    ).fit(points, labels)
    return np.asarray(machine.coef_.T, np.float64), np.asarray(machine.intercept_, np.float64)


def train_svm(
    data: Dataset, seed: int, C: float = 1.0, training: Training = "ours"
) -> tuple[np.ndarray, np.ndarray]:
    """Return weights float64 (d, K) and bias (K,) of scikit-learn's LinearSVC, one against rest.

    The labels must be exactly 0..K-1. By "2018" LIBLINEAR solves the dual problem, and stops after
    1,000 passes whether or not it has converged; by "ours" it does so only when there are more
    pixels than images. The dual problem is solved in random order, so that the seed matters. Like
    every LinearSVC, the machine penalises its bias as one more weight.
    """
    from sklearn.exceptions import ConvergenceWarning

    if data.classes != tuple(range(len(data.classes))):
        raise InputError("data", expected="labels 0..K-1, each present", got=f"{data.classes}")
    if training == "2018":
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            weights, bias = _liblinear(data.images, data.labels, seed, C, True, 1_000)
    else:
        weights, bias = _liblinear(data.images, data.labels, seed, C)
    if len(data.classes) == 2:
        # A single score for the second class: spread it over two, keeping its sign rule.
        return np.hstack([-weights, weights]), np.concatenate([-bias, bias])
    return weights, bias


def train_binary_svm(
    X: np.ndarray, y: np.ndarray, seed: int, C: float = 1.0
) -> tuple[np.ndarray, float]:
    """Return w float64 (d,) and b of LinearSVC on points X (n, d) with labels y in {-1, +1}.

    The rule is the sign of w.x + b. See `train_svm` for what the seed and the bias penalty mean.
    """
    points, signs = check_signed(X, y)
    weights, bias = _liblinear(points, signs, seed, C)
    return weights[:, 0], float(bias[0])


@dataclass(frozen=True, eq=False)
class ConvexDetector:
    """A two-layer rule of class R of Charles, Rosenberg and Papailiopoulos (2019), Section 5.

    h(x) = +1 when sum_i relu(w_i.x + b_i) > 0, that is when max_i (w_i.x + b_i) > 0, else -1; the
    region of -1 is a polyhedron.

    weights   float32 (units, d), the rows w_i
    bias      float32 (units,)
    accurate  whether float64 evaluation puts every training point strictly on its side; a guess,
              not a proof
    epochs    the gradient steps that were made
    """

    weights: np.ndarray
    bias: np.ndarray
    accurate: bool
    epochs: int

    def score(self, points: np.ndarray) -> np.ndarray:
        """Return max_i (w_i.x + b_i) as float64 (n,) for points (n, d)."""
        affine = points.astype(np.float64) @ self.weights.T.astype(np.float64) + self.bias
        return np.asarray(affine.max(axis=1))


def train_convex_detector(
    X: np.ndarray,
    y: np.ndarray,
    units: int,
    seed: int,
    *,
    max_epochs: int = 2000,
    learning_rate: float = 0.02,
) -> ConvexDetector:
    """Fit max_i (w_i.x + b_i) to points X (n, d), labels y in {-1, +1}; a rule of class R.

    Full-batch Adam on the logistic loss of the score, its maximum smoothed to log-sum-exp, from a
    random start (uniform in +-1/sqrt(d), by the seed), until every point is strictly on its side
    or `max_epochs` steps are made. The result says which in `accurate`.
    """
    points, signs = check_signed(X, y)
    (layer,) = mlp((points.shape[1], check_whole("units", units, 1)), seed)
    optimiser = torch.optim.Adam(
        layer.parameters(), lr=check_positive("learning_rate", learning_rate)
    )
    inputs = torch.tensor(points, dtype=torch.float32)
    targets = torch.tensor(signs, dtype=torch.float32)

    def snapshot(epochs: int) -> ConvexDetector:
        weights, bias = (p.detach().numpy().copy() for p in layer.parameters())
        detector = ConvexDetector(weights, bias, False, epochs)
        accurate = bool(np.all(signs * detector.score(points) > 0.0))
        return ConvexDetector(weights, bias, accurate, epochs)

    for epoch in range(check_whole("max_epochs", max_epochs, 1)):
        affine = layer(inputs)
        right = bool((targets * affine.amax(dim=1) > 0.0).all())
        if right and (detector := snapshot(epoch)).accurate:
            return detector
        # The maximum moves one row per point and stalls; this bound of it from above moves all.
        smooth = affine.logsumexp(dim=1)
        optimiser.zero_grad()
        torch.autograd.backward(functional.softplus(-targets * smooth).mean())
        optimiser.step()
    return snapshot(max_epochs)
