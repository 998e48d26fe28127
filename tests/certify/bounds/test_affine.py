from __future__ import annotations

import random
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from certify.bounds.affine import affine
from certify.bounds.unrounded import Unrounded, integers
from certify.networks.graph import Network, Node
from certify.networks.operations import (
    Concatenation,
    Convolution,
    Dense,
    Operation,
    Relu,
    Scale,
    Selection,
    Sum,
)

Table = np.ndarray[Any, Any]


def dense(r: random.Random, inputs: int, outputs: int, odd: bool) -> Dense:
    def number() -> Fraction:
        return Fraction(r.randint(-9, 9), r.choice([1, 3, 7]) if odd else 8)

    rows = tuple(tuple(number() for _ in range(inputs)) for _ in range(outputs))
    if odd:
        return Dense(rows, tuple(number() for _ in range(outputs)))
    return Dense.of(np.array(rows, dtype=np.float32), np.array([0.5] * outputs))


def operations(r: random.Random, odd: bool) -> list[tuple[Operation, list[int]]]:
    """Return operations, and how many values of how many vectors each reads."""
    shape = (r.choice([2, 4]), r.randint(2, 5), r.randint(2, 5))
    window = r.randint(1, 2), r.randint(1, 2)
    groups, size = r.choice([1, 2]), int(np.prod(shape))
    convolution = Convolution(
        shape, window, dense(r, shape[0] // groups * window[0] * window[1], 2 * groups, odd),
        (r.randint(1, 2), r.randint(1, 4)), (1, r.randint(1, 2)),
        (r.randint(0, 1), 1, r.randint(0, 3), 2), groups,
    )  # fmt: skip
    factors = tuple(Fraction(r.randint(-9, 9), 3 if odd else 4) for _ in range(3))
    entries = tuple(r.randint(-1, 5) for _ in range(9))
    return [
        (dense(r, 6, 4, odd), [6]), (convolution, [size]), (Scale(factors, factors[::-1]), [6]),
        (Selection(entries), [6]), (Sum(), [5, 5, 5]), (Concatenation(), [1, 4, 2]),
    ]  # fmt: skip


def matrix(operation: Operation, sizes: list[int]) -> tuple[Table, Table]:
    """Return W and b of an affine map of vectors one behind another, from its values."""
    ends = np.cumsum([0, *sizes])
    parts = [Node(Selection(tuple(range(a, b))), (0,)) for a, b in pairwise(ends)]
    nodes = (*parts, Node(operation, tuple(range(1, len(sizes) + 1))))
    units = [[0] * ends[-1], *np.eye(ends[-1], dtype=int).tolist()]
    zero, *columns = np.array(Network(nodes, int(ends[-1])).outputs(units), dtype=object)
    return np.array(columns).T - zero[:, None], zero


def exact(x: Unrounded) -> Table:
    found = [t.objects() * Fraction(2) ** t.exponent / x.odd for t in x.terms]
    return np.broadcast_to(sum(found), x.shape)


@pytest.mark.parametrize("wide", [False, True], ids=["floats", "Python"])
@pytest.mark.parametrize("odd", [False, True], ids=["dyadic", "odd"])
@pytest.mark.parametrize("seed", range(8))
def test_maps_are_the_matrices_that_their_values_tell(seed: int, odd: bool, wide: bool) -> None:
    r = random.Random(seed)

    def rows(size: int) -> Unrounded:
        flat = [r.randint(-(2**20), 2**20) for _ in range(3 * size)]
        return Unrounded.of(integers(np.array(flat).reshape(3, size), wide), -16)

    for operation, sizes in operations(r, odd):
        W, b = matrix(operation, sizes)
        node = affine(operation, sizes)
        assert node is not None
        x = [rows(size) for size in sizes]
        whole = np.concatenate([exact(part) for part in x], axis=1)
        assert (exact(node.values(x)) == whole @ W.T).all(), operation
        assert (exact(node.spread(x)) == whole @ abs(W).T).all(), operation
        a = rows(len(W))
        back = np.concatenate([exact(part) for part in node.back(a)], axis=1)
        assert (back == exact(a) @ W).all(), operation
        assert (exact(node.offsets.row(wide))[0] == b).all() if node.offsets else not b.any()


def test_a_maximum_is_not_affine() -> None:
    assert affine(Relu(), [3]) is None
