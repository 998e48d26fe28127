"""Where the label of a network first changes along a ray, exactly, for every network of nodes.

Along x + c v each node gives piecewise linear functions of c. On a piece they are straight lines,
and a line is known by its values at c = 0 and c = 1, wherever the piece lies: a node acts on two
points for each piece, whose numbers stay as short as those of x and v. A piece is cut in two where
a number whose sign matters is 0; both parts have its lines.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain, pairwise
from typing import Any, NamedTuple, TypeAlias, assert_never

import numpy as np

from certify.errors import InputError
from certify.networks.columns import Columns, numbers
from certify.networks.graph import Network
from certify.networks.operations import (
    Concatenation,
    Convolution,
    Dense,
    Maximum,
    MaxPool,
    Operation,
    Relu,
    Scale,
    Selection,
    Sum,
)
from certify.numbers import rationals
from certify.numbers.digits import Digits, one_thread
from certify.numbers.rationals import Vector

PIECES = 2000  # into which a ray may fall
VALUES = 1_000_000  # that one node may give on all pieces; each takes a hundred bytes or more
_Affine: TypeAlias = Dense | Scale | Convolution | Selection | Sum | Concatenation


@dataclass(frozen=True)
class FirstChange:
    """The label of a network along x + c v from c = 0 to where it first changes.

    Output ``label`` is larger than all others for 0 <= c < ``step``. If ``changes``, another one is
    as large at ``step`` and larger behind it, up to the last of ``steps`` at least; otherwise
    ``step`` is that last one, and the label is still the largest there, alone. The outputs are
    linear between consecutive ``steps``, which begin with 0 and of which ``step`` is one.
    """

    label: int
    step: Fraction
    changes: bool
    steps: Vector


def first_change(
    network: Network, x: Any, v: Any, reach: Any, *, pieces: int = PIECES
) -> FirstChange | None:
    """Return the first change of label along x + c v, 0 <= c <= ``reach``, decided exactly.

    ``x`` and ``v`` are given as points for :meth:`Network.outputs`; v may be 0. None where it is
    not decided: no output is the largest alone at x, the ray falls into more than ``pieces`` pieces
    or takes too much memory, or the label's lead is 0 at a single step, or first at ``reach``.
    Raises :class:`InputError`.

    >>> from certify.networks.operations import Dense
    >>> hat = Network.chain(
    ...     Dense.of([[1], [-1]], [0, 0]), Relu(), Dense.of([[1, 1], [0, 0]], [0, 1])
    ... )
    >>> found = first_change(hat, [-3], [1], 10)
    >>> found.label, found.step, found.steps[-1]
    (0, Fraction(2, 1), Fraction(3, 1))
    """
    end = rationals.rational(reach, "reach")
    if end <= 0:
        raise InputError("reach", expected="a positive number", got=rationals.text(end))
    start, direction = (_exactly(p, network.inputs, name) for p, name in ((x, "x"), (v, "v")))
    ray = _Ray([Fraction(0), end], pieces)
    try:
        with one_thread():
            outputs = ray.through(network, start, direction)
            return _first(ray.steps, outputs)
    except _TooLong:
        return None


def _exactly(point: Any, size: int, name: str) -> Vector:
    flat = point.reshape(-1) if hasattr(point, "reshape") else point
    return rationals.vector(flat, name, length=size)


class _TooLong(Exception):
    """A ray with more pieces, or more numbers on them, than are followed."""


class _Lines(NamedTuple):
    """Lines ``at_zero`` + ``slope`` c, (functions, pieces), up to one positive factor a piece."""

    at_zero: Digits
    slope: Digits

    @classmethod
    def of(cls, columns: Columns) -> _Lines:
        """Return the lines through values at c = 0 and at c = 1, which take turns."""
        zero, one = columns.numerators[:, ::2], columns.numerators[:, 1::2]
        assert columns.denominators[::2] == columns.denominators[1::2]  # nodes change both alike
        return cls(zero, one - zero)

    def of_pieces(self, functions: Any, pieces: Any) -> _Lines:
        """Return some of the lines, as NumPy finds them."""
        return _Lines(self.at_zero[functions, pieces], self.slope[functions, pieces])

    def over(self, other: _Lines) -> _Lines:
        """Return how far these lines are above others."""
        return _Lines(self.at_zero - other.at_zero, self.slope - other.slope)

    def signs(self, steps: Sequence[Fraction]) -> np.ndarray[Any, Any]:
        """Return numbers with the signs of the values at one step for each piece."""
        p, q = (
            Digits.of(np.array(part, dtype=object))
            for part in zip(*(c.as_integer_ratio() for c in steps), strict=True)
        )
        return (self.at_zero * q + self.slope * p).signs()

    def zero(self, function: int, piece: int) -> Fraction:
        """Return where a line that is not level is 0."""
        return -self.at_zero.fraction(function, piece) / self.slope.fraction(function, piece)


class _Ray:
    """The pieces between ``steps`` of a ray, and what the nodes give on them."""

    def __init__(self, steps: list[Fraction], limit: int) -> None:
        self.steps, self._limit = steps, limit
        self._given: dict[int, Columns] = {}  # by number, two columns a piece

    def through(self, network: Network, x: Vector, v: Vector) -> _Lines:
        """Return the outputs (outputs, pieces) along x + c v."""
        ends, odd = numbers([end for a, b in zip(x, v, strict=True) for end in (a, a + b)])
        self._given[0] = Columns(ends.reshape(-1, 2), (odd, odd))
        final = {j: k for k, node in enumerate(network.nodes, 1) for j in node.reads}
        for k, (operation, reads) in enumerate(network.nodes, 1):
            self._given[k] = self._applied(operation, reads)
            for j in {j for j in reads if final[j] == k}:
                del self._given[j]
        return _Lines.of(self._given[len(network.nodes)])

    def _applied(self, operation: Operation, reads: tuple[int, ...]) -> Columns:
        given = [self._given[j] for j in reads]
        sizes = (columns.numerators.shape[0] for columns in given)
        if operation.outputs(*sizes) * 2 * (len(self.steps) - 1) > VALUES:
            raise _TooLong
        if isinstance(operation, Relu):
            positive = self._positive(_Lines.of(given[0]))[0]
            columns = self._given[reads[0]]
            return columns.over(columns.numerators.where(positive.repeat(2, axis=1)))
        if isinstance(operation, MaxPool | Maximum):
            lists = (operation.maximum if isinstance(operation, MaxPool) else operation).lists
            entries = self._largest(reads[0], lists).repeat(2, axis=1)
            columns = self._given[reads[0]]
            return columns.over(columns.numerators[entries, np.arange(entries.shape[1])])
        if isinstance(operation, _Affine):
            # What they give at the two points of a piece is what holds on its line.
            return operation.apply(*given)
        assert_never(operation)

    def _largest(self, node: int, lists: Sequence[Sequence[int]]) -> np.ndarray[Any, Any]:
        """Return the entry that is the largest of each list on each piece, (lists, pieces)."""
        found = np.array([[entries[0]] for entries in lists]).repeat(len(self.steps) - 1, axis=1)
        for k in range(1, max(map(len, lists))):
            longer = [i for i, entries in enumerate(lists) if len(entries) > k]
            others = np.array([lists[i][k] for i in longer])[:, None]
            lines, pieces = _Lines.of(self._given[node]), np.arange(found.shape[1])
            above = lines.of_pieces(others, pieces).over(lines.of_pieces(found[longer], pieces))
            larger, parents = self._positive(above)
            found = found[:, parents]
            found[longer] = np.where(larger, others, found[longer])
        return found

    def _positive(self, lines: _Lines) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
        """Cut pieces where lines cross 0; return which are positive inside the parts.

        (functions, parts); and of which piece each is a part.
        """
        low, high = lines.signs(self.steps[:-1]), lines.signs(self.steps[1:])
        zeros: dict[int, set[Fraction]] = defaultdict(set)
        for i, k in np.argwhere(low * high < 0).tolist():
            zeros[k].add(lines.zero(i, k))
        counts = [1 + len(zeros.get(k, ())) for k in range(len(self.steps) - 1)]
        if sum(counts) > self._limit:
            raise _TooLong
        parents = np.repeat(np.arange(len(counts)), counts)
        self.steps = sorted({*self.steps, *chain.from_iterable(zeros.values())})
        columns = np.stack([2 * parents, 2 * parents + 1], axis=1).ravel()
        self._given = {j: given.points(columns) for j, given in self._given.items()}
        middles = [(a + b) / 2 for a, b in pairwise(self.steps)]
        return lines.of_pieces(slice(None), parents).signs(middles) > 0, parents


def _first(steps: list[Fraction], outputs: _Lines) -> FirstChange | None:
    """Return the first change of the largest of outputs on pieces between steps."""
    start = [outputs.at_zero.fraction(i, 0) for i in range(outputs.at_zero.shape[0])]
    label = start.index(max(start))
    if start.count(start[label]) > 1:
        return None
    others = [k for k in range(len(start)) if k != label]
    lead = _Lines(*(part[label] - part[others] for part in outputs))
    ends = lead.signs(steps[1:])
    reached = np.flatnonzero((ends <= 0).any(axis=0))
    if not len(reached):
        return FirstChange(label, steps[-1], False, tuple(steps))
    piece = int(reached[0])
    zeros = {i: lead.zero(i, piece) for i in np.flatnonzero(ends[:, piece] <= 0).tolist()}
    step, end = min(zeros.values()), steps[piece + 1]
    if step < end:
        return FirstChange(label, step, True, (*steps[: piece + 1], step, end))
    # The lead ends where a piece does: it may be 0 there and positive again.
    if piece + 2 == len(steps) or not any(lead.slope.fraction(i, piece + 1) < 0 for i in zeros):
        return None
    return FirstChange(label, step, True, tuple(steps[: piece + 3]))
