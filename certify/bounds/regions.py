"""A network on a box, as bounds are computed of it, and the parts that a proof cuts it into."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from certify.bounds.affine import Affine, Numbers, affine, in_windows
from certify.bounds.maxima import Lists
from certify.bounds.question import Box
from certify.networks.graph import Network

AT_ONCE, IN_WINDOWS = 200_000, 500_000  # values of a node, and in windows, in rows together


class Halfspace(NamedTuple):
    """Entry ``more`` of what a node gives, minus entry ``less``, is at least ``by`` * 2^-grid.

    Node 0 is the input; the entry -1 is 0.
    """

    node: int
    more: int
    less: int
    by: int


class Leaf(NamedTuple):
    """A part of the box, by the halfspaces that it lies in, and what bounds a property there.

    ``weights`` of its rows, ``slopes`` of the relus that may see both signs, None for the default
    ones, and ``ties``, one for each halfspace, are integers in units of 2^-bits. So is a ``curve``:
    a multiplier > 0 of an ellipsoid, and of each value that its relu reads the coefficient e, for a
    sum of a_i v_i of this relu is at least the sum of e_i z_i and of the least values of
    a_i max(z_i, 0) + k (z_i - c_i)^2 / s_i - e_i z_i, minus k r.
    """

    path: tuple[Halfspace, ...]
    weights: tuple[int, ...]
    slopes: Sequence[int] | None
    ties: tuple[int, ...]
    curve: Sequence[int] | None = None


class Ellipsoid(NamedTuple):
    """That sum (z_i - c_i)^2 / s_i <= r in the box, for the z that a relu reads: see ``curve``.

    node     the relu
    spreads  the s, and ``size``, r in units of 2^-2g, g being the grid
    centers  the c, times ``divisor``; these and spreads are integers in units of 2^-g
    """

    node: int
    spreads: Sequence[int]
    centers: Sequence[int]
    divisor: int
    size: int


class Region:
    """A network on a box, the grid, how many bits slopes have, and which bounds are improved.

    ``refined`` maps numbers of nodes to entries of what they give, or to None for the undecided.
    """

    def __init__(
        self,
        network: Network,
        box: Box,
        grid: int,
        bits: int,
        refined: Mapping[int, Sequence[int] | None],
        ellipsoid: Ellipsoid | None = None,
    ) -> None:
        self.network, self.grid, self.bits, self.refined = network, grid, bits, dict(refined)
        self.ellipsoid = ellipsoid
        self.lower, self.upper = Numbers(box.lower), Numbers(box.upper)
        self.sizes, self.end = network.sizes, len(network.nodes)
        self.reads, self.affine, self.lists = network.once(_read)
        self.relus = [k for k in range(1, self.end + 1) if self.affine[k] is None is self.lists[k]]
        sizes = zip(network.nodes, self.sizes[1:], strict=True)
        windows = max((in_windows(node.operation, size) for node, size in sizes), default=1)
        self.values = sum(self.sizes) + windows
        self.together = max(1, min(AT_ONCE // max(self.sizes), IN_WINDOWS // windows))

    @property
    def length(self) -> int:
        """How many bits the ends of the box have on the grid, with what they are divided by."""
        return self.grid + max(self.lower.bits, self.upper.bits)


def _read(
    network: Network,
) -> tuple[list[tuple[int, ...]], list[Affine | None], list[Lists | None]]:
    """Return of each node what it reads, and the one of the two that it is: affine, or lists."""
    reads: list[tuple[int, ...]] = [()]
    maps: list[Affine | None] = [None]
    lists: list[Lists | None] = [None]
    for operation, own in network.nodes:
        reads.append(own)
        maps.append(affine(operation, [network.sizes[j] for j in own]))
        lists.append(Lists.of(operation))
    return reads, maps, lists
