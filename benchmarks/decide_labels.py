"""How many labels of MNIST are decided to be kept, or not, within a radius, and in which time.

``MNIST=folder python -m benchmarks.decide_labels [mlp|cnn-2018]`` trains two networks, one on
images as they are and one on those that projected gradients find within 0.1, and asks for the
first test images and for each radius whether all images within it, from 0 to 1, have the same
label. Limits and times are those of one processor, so that what else a machine does counts little;
``--only robust 0.1`` is one row of the table. Certificates are checked again by the fast checker,
and counterexamples by their exact outputs; ``--out`` keeps certificates for other checkers.
Exit code 1 when one is not accepted.
"""

import argparse
import os
import sys
import time
from collections import Counter
from pathlib import Path
from unittest import mock

os.environ["OMP_NUM_THREADS"] = "1"

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from benchmarks import mnist
from benchmarks.check_boxes import refusal
from benchmarks.results import table
from certify.bounds.decision import Verdict, no_counterexample
from certify.bounds.question import Box, label_properties
from certify.networks.graph import Network
from verify.attack.networks import Architecture, build
from verify.models.torch_graph import of_module

RADII = {
    "mlp": ("0.002", "0.005", "0.01", "0.02", "0.05", "0.1"),
    "cnn-2018": ("0.005", "0.01", "0.02", "0.05"),
}
WIDTHS = (784, 128, 64, 10)
EPOCHS = {"mlp": (6, 9), "cnn-2018": (3, 4)}  # without and with attacks
REACHES = {"normal": 0.0, "robust": 0.1}  # of attacks in training
ASCENT, BATCH, SEED = 7, 128, 0  # steps of these attacks, and images together
HEAD = (
    "network", "radius", "certified", "refuted", "undecided", "parts", "median, s", "slowest, s",
    "all, s", "refused",
)  # fmt: skip


def network(architecture: Architecture, name: str, folder: Path | None) -> nn.Module:
    """Return a network of which a folder has the weights, or train it and keep these there."""
    found = build(architecture, SEED, WIDTHS if architecture == "mlp" else ())
    place = folder and folder / f"{architecture}_{name}.pt"
    if place and place.exists():
        found.load_state_dict(torch.load(place, weights_only=True))
    else:
        train(found, REACHES[name], EPOCHS[architecture][name == "robust"])
        if place:
            torch.save(found.state_dict(), place)
    return found.eval()


def train(network: nn.Module, reach: float, epochs: int) -> None:
    """Train a network on images, or on those that attacks find within a reach."""
    images, labels = mnist.training_images()
    x = torch.tensor(images.astype(np.float32) / 255)
    y = torch.tensor(labels.astype(np.int64))
    optimiser = torch.optim.Adam(network.parameters(), lr=0.001 if epochs > 4 else 0.002)
    draw = torch.Generator().manual_seed(SEED)
    for epoch in range(epochs):
        radius = reach * min(1.0, (epoch + 1) / max(1, epochs // 3))  # which grows at first
        network.train()
        for rows in torch.split(torch.randperm(len(x), generator=draw), BATCH):
            points = attacked(network, x[rows], y[rows], radius, draw) if reach else x[rows]
            optimiser.zero_grad()
            functional.cross_entropy(network(points), y[rows]).backward()
            optimiser.step()


def attacked(
    network: nn.Module, x: torch.Tensor, y: torch.Tensor, radius: float, draw: torch.Generator
) -> torch.Tensor:
    """Return images of [0, 1] within a radius whose loss has grown, by steps of a third of it."""
    network.eval()
    points = x + radius * (2 * torch.rand(x.shape, generator=draw) - 1)
    for _ in range(ASCENT):
        points = points.clamp(0, 1).detach().requires_grad_()
        (gradient,) = torch.autograd.grad(functional.cross_entropy(network(points), y), points)
        moved = points + radius / 3 * gradient.sign()
        points = torch.minimum(torch.maximum(moved, x - radius), x + radius)
    network.train()
    return points.clamp(0, 1).detach()


def problem(network: Network, box: Box, label: int, found: Verdict) -> str:
    """Return what is wrong with a certificate or a counterexample, nothing if it is as it says."""
    if found.counterexample is not None:
        own = network.outputs([found.counterexample])[0]
        rivals = (z for k, z in enumerate(own) if k != label)
        kept = own[label] > max(rivals) or found.counterexample not in box
        return "the point is no counterexample" if kept else ""
    return refusal(found.certificates)


def row(
    name: str, network: Network, points: np.ndarray, labels: np.ndarray, radius: str,
    seconds: float, out: Path | None,
) -> tuple[str, ...]:  # fmt: skip
    """Decide for one radius, and return a row of the table."""
    counts: Counter[str] = Counter()
    spent, parts, refused = [], 0, 0
    for k, (x, label) in enumerate(zip(points, labels.tolist(), strict=True)):
        box = Box.around(x, radius, within=(0, 1))
        start = time.process_time()
        asked = label_properties(10, label)
        found = no_counterexample(network, box.lower, box.upper, asked, seconds=seconds)
        spent.append(time.process_time() - start)
        counts[found.answer] += 1
        parts += found.parts
        wrong = problem(network, box, label, found)
        refused += bool(wrong)
        print(
            f"{name}, {radius}, image {k}: {found.answer}, {found.parts} parts, "
            f"{spent[-1]:.2f} s{f', REFUSED: {wrong}' * bool(wrong)}",
            file=sys.stderr, flush=True,
        )  # fmt: skip
        if out:
            lines = "".join(f"{certificate.line()}\n" for certificate in found.certificates)
            place = out / f"{name.replace(', ', '_')}_{radius}_{k}.jsonl"
            place.write_text(lines, encoding="utf-8")
    answers = (f"{counts[word]}" for word in ("certified", "refuted", "undecided"))
    times = f"{np.median(spent):.2f}", f"{max(spent):.1f}", f"{sum(spent):.0f}"
    return name, radius, *answers, f"{parts}", *times, f"{refused}"


def main() -> int:
    """Train, decide and print the table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("architecture", nargs="?", default="mlp", choices=EPOCHS)
    options.add_argument("--images", type=int, default=30)
    options.add_argument("--seconds", type=float, default=60.0, help="for each question")
    options.add_argument("--only", nargs=2, metavar=("NETWORK", "RADIUS"))
    options.add_argument("--networks", type=Path, help="a folder for the weights")
    options.add_argument("--out", type=Path, help="a folder for the certificates")
    chosen = options.parse_args()
    torch.set_num_threads(1)
    images, labels = (part[: chosen.images] for part in mnist.test_images())
    points = images.astype(np.float32) / 255
    pairs = [(name, radius) for name in REACHES for radius in RADII[chosen.architecture]]
    for line in table(HEAD, ()):
        print(line, flush=True)
    refused = 0
    with mock.patch.object(time, "monotonic", time.process_time):
        for name, radius in [chosen.only] if chosen.only else pairs:
            module = network(chosen.architecture, name, chosen.networks)
            exact = of_module(module, points[:2]).network
            title = f"{chosen.architecture}, {name}"
            cells = row(title, exact, points, labels, radius, chosen.seconds, chosen.out)
            print(table(cells, ())[0], flush=True)
            refused += int(cells[-1])
    return 1 if refused else 0


if __name__ == "__main__":
    raise SystemExit(main())
