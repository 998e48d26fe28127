"""Small random networks of all kinds of nodes, and certificates about them that mostly fail."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from math import ceil, floor
from operator import mul
from typing import Any

import numpy as np

from certify.errors import InputError
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
from certify.numbers.rationals import DyadicArray, Vector, texts

STYLES = ("small", "odd", "floats", "floats", "huge", "tiny", "mixed")
GRIDS = (0, 3, 8, 10, 16, 16, 16, 20, 24, 30, 64, 100)


@dataclass
class Draw:
    """Draws networks with numbers of one style, and what certificates say about them."""

    seed: int
    r: random.Random = field(init=False)
    curves: random.Random = field(init=False)
    middle: list[int] = field(init=False)  # of the box, on the grid

    def __post_init__(self) -> None:
        self.r, self.curves = random.Random(self.seed), random.Random(-1 - self.seed)
        self.curved = 0  # values that an ellipsoid is around
        self.style = self.r.choice(STYLES)
        self.network = self._network()

    def number(self, style: str) -> Fraction:
        r = self.r
        if style == "mixed":
            style = r.choice(STYLES[:4])
        if style == "odd":
            return Fraction(r.randint(-9, 9), r.choice([1, 2, 3, 5, 7]))
        if style == "floats":
            return Fraction(round(r.gauss(0, 1) * 2**24), 2 ** r.randint(22, 30))
        if style == "huge":
            return r.randint(-(2**70), 2**70) * Fraction(2) ** r.randint(-40, 40)
        if style == "tiny":
            return Fraction(r.randint(-999, 999), 7) * Fraction(2) ** -r.randint(20, 120)
        return Fraction(r.randint(-8, 8), 4)

    def numbers(self, count: int, style: str = "") -> Vector:
        return tuple(self.number(style or self.style) for _ in range(count))

    def document(self) -> dict[str, Any]:
        """Return instance, statement and evidence; leaves that shall have slopes have none yet."""
        r, sizes = self.r, self.network.sizes
        grid = r.choice(GRIDS)
        bits = r.randint(0, min(grid, 10))
        lower = self.numbers(sizes[0], "odd" if self.style == "odd" else "small")
        upper = [x + abs(self.number("odd")) * Fraction(r.choice([0, 1, 8]), 8) for x in lower]
        style = "small" if self.style in ("huge", "tiny") else self.style
        rows = [r.randint(1, 3) for _ in range(r.randint(1, 2))]
        ellipsoid = enclosed(self.network, grid, self.curves)
        self.curved = len(ellipsoid["spreads"]) if ellipsoid else 0
        self.middle = [floor((a + b) / 2 * 2**grid) for a, b in zip(lower, upper, strict=True)]
        return {
            "instance": {
                "nodes": self.network.to_json(), "lower": texts(lower), "upper": texts(upper),
            },
            "statement": {"properties": [
                {
                    "matrix": [texts(self.numbers(sizes[-1], style)) for _ in range(k)],
                    "right_side": texts([
                        self.number("odd") - r.choice([0, 5, 20, 100]) for _ in range(k)
                    ]),
                }
                for k in rows
            ]},
            "evidence": {
                "grid": grid, "bits": bits, "every": r.random() < 0.5,
                "refine": [
                    [k, None if r.random() < 0.6 else sorted(r.sample(range(n), r.randint(0, n)))]
                    for k, n in enumerate(sizes) if k and r.random() < 0.45
                ],
                **({"ellipsoid": ellipsoid} if ellipsoid else {}),
                "trees": [self._tree(grid, bits, k, r.randint(0, 4)) for k in rows],
            },
        }  # fmt: skip

    def slopes(self, tree: Any, counts: Iterator[int], bits: int) -> None:
        """Give leaves that shall have slopes as many as there are, now and then others."""
        for cut in tree.get("cuts", ()):
            self.slopes(cut, counts, bits)
        if "cuts" in tree:
            self.slopes(tree["rest"], counts, bits)
            return
        for part in tree.get("parts", ()):
            if part is not None:
                self.slopes(part, counts, bits)
        if "parts" not in tree:
            count = next(counts)
            if "slopes" in tree:
                count += self.r.random() < 0.07
                tree["slopes"] = [self.r.randint(0, 2**bits) for _ in range(count)]

    def _tree(
        self, grid: int, bits: int, rows: int, depth: int, path: tuple[Any, ...] = ()
    ) -> dict[str, Any]:
        """Return a tree below halfspaces, of which only node and entries matter here."""
        r = self.r
        if depth and r.random() < 0.25:
            cuts: list[dict[str, Any]] = []
            sides: list[tuple[int, ...]] = []
            for _ in range(r.randint(1, 4)):
                cut, other = self._split(grid)
                if cuts and r.random() < 0.5:  # the same difference again
                    cut["split"] = cuts[-1]["split"]
                else:
                    sides = other
                gone = r.randrange(2)
                part = self._tree(grid, bits, rows, r.randint(0, 1), (*path, sides[gone]))
                cuts.append({**cut, "parts": [None, part] if gone else [part, None]})
                path = (*(x for x in path if x != sides[1 - gone]), sides[1 - gone])
            return {"cuts": cuts, "rest": self._tree(grid, bits, rows, depth - 1, path)}
        if depth and r.random() < 0.75:
            split, sides = self._split(grid)
            parts = [self._tree(grid, bits, rows, depth - 1, (*path, side)) for side in sides]
            return {**split, "parts": parts}
        leaf: dict[str, Any] = {}
        if r.random() < 0.7:
            leaf["weights"] = [r.randint(0, 2**bits) for _ in range(rows)]
        if r.random() < 0.6:
            leaf["ties"] = [r.choice([0, r.randint(0, 2**bits)]) for _ in path]
        if r.random() < 0.5:
            leaf["slopes"] = []
        if self.curved and self.curves.random() < 0.7:
            leaf["curve"] = curve(self.curved, bits, self.curves)
        return leaf

    def _split(self, grid: int) -> tuple[dict[str, Any], list[tuple[int, ...]]]:
        """Return a split without its parts, and node and entries of its two halfspaces."""
        r = self.r
        node = r.choice([0, r.randrange(len(self.network.sizes))])
        n = self.network.sizes[node]
        entries = r.sample(range(n), 2 if n > 1 and r.random() < 0.4 else 1)
        at = Fraction(r.randint(-6, 6), 2 ** min(grid, 2))
        if not node and len(entries) == 1:
            at = Fraction(self.middle[entries[0]], 2**grid)
        more, less = (*entries, -1)[:2]
        found = {"split": [node, *entries]} | (
            {"at": str(at)} if not node or r.random() < 0.4 else {}
        )
        return found, [(node, less, more), (node, more, less)]

    def _network(self) -> Network:
        r = self.r
        sizes = [r.choice([r.randint(1, 5), 9, 16, 18])]
        nodes: list[Node] = []
        if self.curves.random() < 0.4:
            nodes = [
                Node(self._dense(sizes[0], self.curves.randint(1, 5)), (0,)),
                Node(Relu(), (1,)),
            ]
            sizes += [len(nodes[0].operation.biases)] * 2
        wanted = len(nodes) + r.randint(1, 7)
        while len(nodes) < wanted:
            last = len(sizes) - 1
            j = r.randint(max(0, last - 2), last) if r.random() < 0.5 else last
            operation = self._operation(sizes[j])
            reads = (j,)
            if isinstance(operation, Sum | Concatenation):
                fitting = [i for i, n in enumerate(sizes) if n == sizes[j]]
                from_which = fitting if isinstance(operation, Sum) else range(len(sizes))
                reads = tuple(r.choice(from_which) for _ in range(r.randint(2, 3)))
            size = operation.outputs(*(sizes[i] for i in reads))
            if size <= 60:
                nodes.append(Node(operation, reads))
                sizes.append(size)
        read = {i for node in nodes for i in node.reads}
        if idle := [i for i in range(1, len(nodes)) if i not in read]:
            nodes.append(Node(Concatenation(), (*idle, len(nodes))))
            sizes.append(sum(sizes[i] for i in nodes[-1].reads))
        nodes.append(Node(self._dense(sizes[-1], r.randint(1, 3)), (len(nodes),)))
        return Network(tuple(nodes), sizes[0])

    def _dense(self, inputs: int, outputs: int) -> Dense:
        rows = tuple(self.numbers(inputs) for _ in range(outputs))
        if self.style == "floats":
            table = np.array([list(map(float, row)) for row in rows], dtype=np.float32)
            return Dense.of(table, self.numbers(outputs))
        return Dense(rows, self.numbers(outputs))

    def _operation(self, n: int) -> Operation:
        r = self.r
        kind = r.choice(["relu", "maximum", "convolution"] * 2 + list("dwsjc"))
        if kind == "maximum":
            lists = (r.sample(range(n), r.randint(1, min(4, n))) for _ in range(r.randint(1, 4)))
            return Maximum(tuple(map(tuple, lists)))
        if kind == "convolution":
            return self._convolution(n)
        if kind == "d":
            return self._dense(n, r.randint(1, 5))
        if kind == "w":
            k = r.choice(_divisors(n))
            return Scale(self.numbers(k), self.numbers(k))
        if kind == "s":
            return Selection(tuple(r.randint(-1, n - 1) for _ in range(r.randint(1, 6))))
        return {"j": Sum(), "c": Concatenation(), "relu": Relu()}[kind]

    def _convolution(self, n: int) -> Operation:
        r = self.r
        c = r.choice(_divisors(n))
        h = r.choice(_divisors(n // c))
        groups, window = r.choice(_divisors(c)), (r.randint(1, 2), r.randint(1, 3))
        kernel = self._dense(c // groups * window[0] * window[1], groups * r.randint(1, 2))
        strides, dilations = (r.randint(1, 2), r.randint(1, 3)), (r.randint(1, 2), r.randint(1, 2))
        top, left, bottom, right = (r.randint(0, 2) for _ in range(4))
        try:
            return Convolution(
                (c, h, n // c // h), window, kernel, strides, dilations,
                (top, left, bottom, right), groups,
            )  # fmt: skip
        except InputError:  # no window fits
            return Relu()


def enclosed(network: Network, grid: int, r: random.Random) -> dict[str, Any] | None:
    """Return an ellipsoid around what a relu reads of a dense node of the input, if there is any.

    The matrix is dominated by its diagonal, with a little more for rounding.
    """
    for i, (operation, (j, *_)) in enumerate(network.nodes, 1):
        dense = network.nodes[j - 1].operation
        if not isinstance(operation, Relu) or not j or network.nodes[j - 1].reads != (0,):
            continue
        if isinstance(dense, Dense) and r.random() < 0.9:
            weights = [r.randint(1, 3 << grid) for _ in range(network.inputs)]
            W: Any = dense.weights
            if isinstance(W, DyadicArray):
                W = [[int(x) * Fraction(2) ** W.exponent for x in row] for row in W.integers]
            table = [[sum(map(mul, map(mul, x, weights), y)) for y in W] for x in W]
            spreads = [ceil(sum(map(abs, row))) + len(table) ** 2 for row in table]
            return {"node": i, "spreads": spreads, "weights": weights}
    return None


def curve(size: int, bits: int, r: random.Random) -> list[int]:
    """Return a multiplier of an ellipsoid, and a coefficient of each value."""
    most = 3 << bits
    return [r.randint(1, most), *(r.randint(-most, most) for _ in range(size))]


def _divisors(n: int) -> list[int]:
    return [d for d in range(1, n + 1) if n % d == 0]
