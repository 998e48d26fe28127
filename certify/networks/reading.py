"""Networks from nodes as they stand in certificates, which the checker has read before."""

from collections.abc import Sequence
from itertools import chain
from typing import Any

import numpy as np

from certify.networks.graph import Network, Node
from certify.networks.operations import (
    Concatenation,
    Convolution,
    Dense,
    Maximum,
    Operation,
    Relu,
    Scale,
    Selection,
    Sum,
)
from certify.numbers import rationals
from certify.numbers.rationals import DyadicArray


def network(nodes: Sequence[dict[str, Any]], inputs: int) -> Network:
    """Return the network of the nodes of a certificate, for points of so many numbers."""
    return Network(tuple(Node(_operation(node), _reads(node)) for node in nodes), inputs)


def _reads(node: dict[str, Any]) -> tuple[int, ...]:
    reads = node["reads"]
    return tuple(reads) if isinstance(reads, list) else (reads,)


def _operation(node: dict[str, Any]) -> Operation:
    kind = node["type"]
    if kind == "dense":
        return _dense(node)
    if kind == "convolution":
        shape, window = (tuple(node[name]) for name in ("shape", "window"))
        strides, dilations = (tuple(node.get(name, (1, 1))) for name in ("strides", "dilations"))
        padding, groups = tuple(node.get("padding", (0, 0, 0, 0))), node.get("groups", 1)
        return Convolution(shape, window, _dense(node), strides, dilations, padding, groups)
    if kind == "scale":
        factors, offsets = (rationals.vector(node[name], name) for name in ("factors", "offsets"))
        return Scale(factors, offsets)
    if kind == "maximum":
        return Maximum(tuple(map(tuple, node["lists"])))
    if kind == "selection":
        return Selection(tuple(node["entries"]))
    if kind == "relu":
        return Relu()
    return Sum() if kind == "sum" else Concatenation()


def _dense(node: dict[str, Any]) -> Dense:
    weights, biases = node["weights"], rationals.vector(node["biases"], "biases")
    if not isinstance(weights, dict):
        return Dense(rationals.rows(weights, "weights"), biases)
    table = weights["integers"]
    shape = len(table), len(table[0])
    try:
        integers = np.fromiter(chain.from_iterable(table), np.int64, shape[0] * shape[1])
    except OverflowError:
        integers = np.array(list(map(int, chain.from_iterable(table))), dtype=object)
    # As rationals.dyadic_array has them.
    short = max(int(integers.max()), -int(integers.min())) < 2**61
    exact = integers.reshape(shape) if short else integers.reshape(shape).astype(object)
    return Dense(DyadicArray(exact, weights["exponent"]), biases)
