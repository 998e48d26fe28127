"""Certificates without counterexample: the checker of the standard library, and that with NumPy.

The weights are random and the properties such that every leaf passes, so that all are computed.
"""

from functools import cache, partial
from itertools import pairwise
from typing import Any

import numpy as np

from benchmarks.measure import OURS, Case, Job
from certify.bounds.question import Box, Property, label_properties
from certify.certificates.certificate import Certificate
from certify.networks.graph import Network
from certify.networks.operations import Convolution, Dense, MaxPool, Operation, Relu
from certify.numbers.rationals import texts

GRID, BITS = 16, 8
FAR = -1_000_000  # how far the outputs of a label would have to be below another
CONTENDERS = (OURS, "the standard library")


def dense(rng: np.random.Generator, inputs: int, outputs: int) -> Dense:
    """Return random weights as PyTorch draws them."""
    end = 1 / np.sqrt(inputs)
    weights, biases = rng.uniform(-end, end, (outputs, inputs)), rng.uniform(-end, end, outputs)
    return Dense.of(weights.astype(np.float32), biases.astype(np.float32).tolist())


def chain(*sizes: int) -> Network:
    """Return dense layers of these sizes with ReLUs between them."""
    rng = np.random.default_rng(0)
    maps: list[Operation] = []
    for inputs, outputs in pairwise(sizes):
        maps += [dense(rng, inputs, outputs), Relu()]
    return Network.chain(*maps[:-1])


def images() -> Network:
    """Return the network of PyTorch's MNIST example, of 1.2 million weights."""
    rng = np.random.default_rng(0)
    return Network.chain(
        Convolution((1, 28, 28), (3, 3), dense(rng, 9, 32)), Relu(),
        Convolution((32, 26, 26), (3, 3), dense(rng, 288, 64)), Relu(),
        MaxPool((64, 24, 24), (2, 2)), dense(rng, 9216, 128), Relu(), dense(rng, 128, 10),
    )  # fmt: skip


def tree(entries: list[tuple[int, int]], at: str) -> dict[str, Any]:
    """Return a tree whose leaves have all of (node, entry) on their path, split at a number."""
    if not entries:
        return {}
    first, *rest = entries
    return {"split": list(first), "at": at, "parts": [tree(rest, at) for _ in range(2)]}


def first(network: Network) -> Network:
    """Return the first node alone."""
    return Network(network.nodes[:1], network.inputs)


@cache
def document(name: str) -> Any:
    """Return a certificate as the checkers take it."""
    network, refined, depth, every = {
        "784-128-64-10": (chain(784, 128, 64, 10), [3], 0, False),
        "784-128-64-10, 512 leaves": (chain(784, 128, 64, 10), [3], 9, False),
        "5-6x50-5, 32 leaves": (chain(5, *[50] * 6, 5), [3, 5, 7, 9, 11], 5, True),
        "MNIST example": (images(), [6], 0, False),
    }[name]
    rng = np.random.default_rng(1)
    center = [0.5] * 5 if every else rng.random(network.inputs).tolist()
    box = Box.around(center, "1/2" if every else "1/100", within=(0, 1))
    rivals = label_properties(network.sizes[-1], 0)
    asked = [Property.of(p.matrix, [FAR]) for p in (rivals[:1] if depth else rivals)]
    nearest = np.argsort(np.abs([float(z) for z in first(network).outputs([center])[0]]))
    splits = [(0, i) if every else (1, int(nearest[i])) for i in range(depth)]
    trees = [tree(splits, "1/2" if every else "0") for _ in asked]
    evidence = {
        "grid": GRID, "bits": BITS, "refine": [[k, None] for k in refined], "every": every,
        "trees": trees,
    }  # fmt: skip
    instance = {
        "nodes": network.to_json(), "lower": texts(box.lower), "upper": texts(box.upper),
    }  # fmt: skip
    rows = [
        {"matrix": [texts(row) for row in p.matrix], "right_side": texts(p.right_side)}
        for p in asked
    ]
    found = Certificate("no-counterexample", instance, {"properties": rows}, evidence)
    from certify.checking import checker

    return checker.parse(found.line())


def decided(contender: str, name: str) -> str:
    """Return the verdict of one of the checkers."""
    from certify.checking import checker, fast

    check = fast.check if contender == OURS else checker.check
    try:
        return check(document(name), False)[0]
    except checker.Rejected as rejected:
        return str(rejected)


def cases() -> list[Case]:
    """Return every network with both checkers."""
    names = (
        "784-128-64-10", "784-128-64-10, 512 leaves", "5-6x50-5, 32 leaves", "MNIST example",
    )  # fmt: skip
    return [
        Case("network_bounds", name, float(k), contender, partial(decided, contender, name))
        for contender in CONTENDERS
        for k, name in enumerate(names, 1)
    ]


JOB = Job(
    "network_bounds",
    "How long does it take to decide a certificate about all inputs of a box?",
    "With NumPy many leaves go through the network together, in products of matrices of floats in "
    "which no sum rounds; the numbers are those of the standard library. What is left is to read "
    "the weights and to hash them.",
    cases,
    counted="position in the table",
)
