"""How many labels of MNIST are decided to be kept, or not, within a radius, and in which time.

``MNIST=folder python -m benchmarks.decide_labels [mlp|cnn-2018] [IMAGES] [SECONDS]`` trains two
networks, one on images as they are and one on those that projected gradients find within 0.1, and
asks for the first test images and for each radius whether all images within it, from 0 to 1, have
the same label, one question after the other. Certificates are checked again by the fast checker.
Exit code 1 when one is not accepted.
"""

import os
import sys
import time
from collections import Counter
from functools import partial

os.environ["OMP_NUM_THREADS"] = "1"

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from benchmarks import mnist
from certify.bounds.decision import no_counterexample
from certify.bounds.question import Box, label_properties
from certify.checking import checker, fast
from verify.attack.networks import Architecture, build
from verify.models.torch_graph import of_module

RADII = {
    "mlp": (0.002, 0.005, 0.01, 0.02, 0.05, 0.1),
    "cnn-2018": (0.005, 0.01, 0.02, 0.05),
}
WIDTHS = (784, 128, 64, 10)
EPOCHS = {"mlp": (6, 9), "cnn-2018": (3, 4)}  # without and with attacks
REACH, ASCENT, BATCH = 0.1, 7, 128  # of attacks in training, their steps, and images together
TRAINED, SEED = 59_000, 0  # of the images; the others are asked about


def trained(architecture: Architecture, reach: float, epochs: int) -> nn.Module:
    """Return a network trained on images, or on those that attacks find within a reach."""
    images, labels = mnist.training_images()
    x = torch.tensor(images[:TRAINED].astype(np.float32) / 255)
    y = torch.tensor(labels[:TRAINED].astype(np.int64))
    network = build(architecture, SEED, WIDTHS if architecture == "mlp" else ()).train()
    optimiser = torch.optim.Adam(network.parameters(), lr=0.001 if architecture == "mlp" else 0.002)
    draw = torch.Generator().manual_seed(SEED)
    for epoch in range(epochs):
        radius = reach * min(1.0, 3 * (epoch + 1) / epochs)  # which grows in the first third
        for rows in torch.split(torch.randperm(len(x), generator=draw), BATCH):
            points = attacked(network, x[rows], y[rows], radius, draw) if reach else x[rows]
            optimiser.zero_grad()
            functional.cross_entropy(network(points), y[rows]).backward()
            optimiser.step()
    return network.eval()


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


def row(name: str, network: nn.Module, radius: float, count: int, seconds: float) -> int:
    """Decide for one radius, print a row, and return how many certificates were refused."""
    images, labels = (part[TRAINED : TRAINED + count] for part in mnist.training_images())
    points = images.astype(np.float32) / 255
    exact = of_module(network, points[:2]).network
    counts: Counter[str] = Counter()
    spent, parts, refused = [], 0, 0
    for x, label in zip(points, labels.tolist(), strict=True):
        box = Box.around(x, str(radius), within=(0, 1))
        start = time.process_time()
        asked = label_properties(10, label)
        found = no_counterexample(exact, box.lower, box.upper, asked, seconds=seconds)
        spent.append(time.process_time() - start)
        counts[found.answer] += 1
        parts += found.parts
        for certificate in found.certificates:
            try:
                fast.check(checker.parse(certificate.line()), words=False)
            except (checker.Rejected, checker.Malformed) as error:
                refused += 1
                print(f"{name}, {radius}: {error}", file=sys.stderr)
    answers = " | ".join(str(counts[word]) for word in ("certified", "refuted", "undecided"))
    times = f"{np.median(spent):.2f} | {max(spent):.1f} | {sum(spent):.0f}"
    print(f"| {name} | {radius} | {answers} | {parts} | {times} |", flush=True)
    return refused


def main() -> int:
    """Train, decide and print the table."""
    architecture, count, seconds = (*sys.argv[1:], *("mlp", "30", "60")[len(sys.argv) - 1 :])
    torch.set_num_threads(1)
    head = ("network", "radius", "certified", "refuted", "undecided", "parts")
    print(f"| {' | '.join(head)} | median, s | slowest, s | all, s |")
    print("|---|" + "---:|" * 8, flush=True)
    refused = 0
    for kind, reach, epochs in zip(
        ("normal", "robust"), (0.0, REACH), EPOCHS[architecture], strict=True
    ):
        network = trained(architecture, reach, epochs)
        ask = partial(row, f"{architecture}, {kind}", network)
        refused += sum(ask(r, int(count), float(seconds)) for r in RADII[architecture])
    return 1 if refused else 0


if __name__ == "__main__":
    raise SystemExit(main())
