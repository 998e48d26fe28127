"""The paper's experiment on one device, stage by stage, with torch, NumPy and scikit-learn alone.

``make gpu`` runs it on CUDA and writes `reports/gpu.md`. Networks and attacks go through the same
functions as ``verify attack``; exact arithmetic, which a machine with a GPU may lack, has no part.
"""

import argparse
import json
import os
import platform
import time
from collections.abc import Callable
from concurrent.futures import Executor, ProcessPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import torch

from benchmarks.attack_sweep import digits_28
from certify.bounds.threads import one_thread
from verify.attack.answers import RANDOM, Attacker, draw_examples, find_answers
from verify.attack.models import Classifier, predict, resolve_device
from verify.attack.parallel import run_jobs
from verify.attack.presets import Preset, preset
from verify.attack.projected_gradient import Attack
from verify.attack.training import train_model, train_svm
from verify.attack.transfer import Average, Transfer
from verify.data.digits import Dataset
from verify.data.sources import load

SIZES = {
    "paper": preset("paper"),
    "tiny": replace(
        preset("paper"), subsets=2, subset_size=120, examples=4, epochs=1,
        attack=Attack(radii=(0.1, 0.2), steps=2, step=0.1),
    ),
}  # fmt: skip
LEAST = 60_000  # training images, as MNIST has


@dataclass(frozen=True)
class _Machine:
    name: str
    data: Dataset
    seed: int
    preset: Preset


def _machine(job: _Machine) -> Classifier:
    return Classifier.of_svm(
        job.name, *train_svm(job.data, job.seed, job.preset.C, job.preset.training)
    )


def images(size: Preset) -> tuple[Dataset, Dataset]:
    """Return training and test images: MNIST where its files are, else enlarged digits, repeated.

    Repeated digits take as much time as MNIST, and are easier to read.
    """
    folder = Path(os.environ.get("MNIST", "data/mnist"))
    if size.name == "paper" and folder.is_dir():
        source = load("mnist", folder)
        assert source.test is not None
        return source.data, source.test
    train, test = digits_28().split(0.3, 0)
    times = -(-min(LEAST, 2 * size.subset_size) // len(train)), -(-size.examples // len(test))
    return tuple(  # type: ignore[return-value]
        Dataset(part.name, np.tile(part.images, (n, 1)), np.tile(part.labels, n), (28, 28))
        for part, n in zip((train, test), times, strict=True)
    )


def measured(
    size: Preset,
    device: str,
    executor: Executor | None = None,
    told: Callable[[str], None] = lambda words: None,
) -> tuple[dict[str, float], dict[tuple[str, str], Average]]:
    """Return seconds of each stage, and the mean accuracies of Figure 4 as a check."""
    train, test = images(size)
    seconds: dict[str, float] = {}

    def timed(name: str, since: float) -> None:
        if device == "cuda":
            torch.cuda.synchronize()
        seconds[name] = round(time.perf_counter() - since, 1)
        told(f"{name}: {seconds[name]} s")

    start = time.perf_counter()
    parts = [train.random_subset(size.subset_size, k) for k in range(2 * size.subsets)]
    networks = []
    for k, part in enumerate(parts[: size.subsets]):
        with one_thread():
            network = train_model(
                size.architecture, part, size.epochs, k, device=device, training=size.training
            )
        networks.append(Classifier.of_network(f"network-{k}", network, size.architecture))
    timed("training networks", start)
    start = time.perf_counter()
    jobs = [_Machine(f"svm-{k}", p, k, size) for k, p in enumerate(parts[size.subsets :])]
    machines = run_jobs(_machine, jobs, executor, lambda k: None)
    timed("training machines", start)
    start = time.perf_counter()
    classifiers = (*machines, *networks)
    sources = (
        *(Attacker(c.name, c.family, c) for c in classifiers),
        *(Attacker(f"{RANDOM}-{k}", RANDOM, None) for k in range(size.subsets)),
    )
    radii = size.attack.radii
    drawn = draw_examples(len(test), size.examples, size.draws, 0, len(sources), len(radii))
    answers = find_answers(
        classifiers, sources, test, drawn, size.attack, 0, svm_loss=size.svm_loss,
        noise=size.noise, device=device,
        finished=lambda k: told(f"attacked from {sources[k].name}"),
    )  # fmt: skip
    timed("attacks and labels", start)
    clean = np.stack([predict(c.module(device), test.images) for c in classifiers])
    transfer = Transfer(
        tuple(c.name for c in classifiers), tuple(c.family for c in classifiers),
        tuple(s.name for s in sources), tuple(s.kind for s in sources), radii, test.labels, clean,
        answers,
    )  # fmt: skip
    return seconds, transfer.averages()


def text(
    size: str, device: str, seconds: dict[str, float], found: dict[tuple[str, str], Average]
) -> str:
    """Return the report in Markdown."""
    name = torch.cuda.get_device_name() if device == "cuda" else platform.processor() or "CPU"
    radii = SIZES[size].attack.radii
    shown = sorted({len(radii) // 4, len(radii) // 2, len(radii) - 1})
    heads = [f"{radii[k]:g}" for k in shown]
    rows = [
        [target, source, *(f"{average.mean[k]:.3f}" for k in shown)]
        for (target, source), average in found.items()
    ]
    lines = [
        f"# The paper's experiment on {name}", "",
        f"Size {size}, on {images(SIZES[size])[0].name}; torch {torch.__version__}, "
        f"Python {platform.python_version()}, {os.cpu_count()} cores.", "",
        "| stage | seconds |", "| --- | --- |",
        *(f"| {stage} | {spent} |" for stage, spent in seconds.items()),
        f"| all | {sum(seconds.values()):.1f} |", "",
        "Mean accuracy of targets under attack:", "",
        f"| target | source | {' | '.join(heads)} |", f"|{' --- |' * (2 + len(heads))}",
        *(f"| {' | '.join(row)} |" for row in rows),
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


def main() -> None:
    """Measure, print progress, and write the report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", choices=SIZES, default="paper")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--out", type=Path, default=Path("reports/gpu.md"))
    options = parser.parse_args()
    device = resolve_device(options.device).type
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as executor:
        seconds, found = measured(
            SIZES[options.size], device, executor, lambda words: print(words, flush=True)
        )
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(text(options.size, device, seconds, found), encoding="utf-8")
    print(json.dumps(seconds))


if __name__ == "__main__":
    main()
