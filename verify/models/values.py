"""Values on the way through a model: which numbers of a network's node a tensor holds, and where.

Reshaping, transposing, slicing, padding with zeros and repeating move numbers without computing
any, so here they are NumPy's own functions on arrays of indices.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

PADDED, BEYOND = -1, -2  # places of windows beside the numbers: of the padding, and behind it


@dataclass(frozen=True, eq=False)
class Value:
    """A tensor of numbers that a node gives.

    ``entries`` has the shape of the tensor, examples one at a time, and says for each place which
    of the node's numbers is there; -1 stands for 0. Node 0 is the input.
    """

    node: int
    entries: np.ndarray

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the tensor."""
        return self.entries.shape

    def moved(self, entries: np.ndarray) -> "Value":
        """Return the tensor whose entries are so many of the same numbers, moved."""
        return Value(self.node, entries)

    def padded(self, before: Sequence[int], after: Sequence[int]) -> "Value":
        """Return the tensor with so many zeros on both sides of each axis; negative ones crop."""
        kept = tuple(
            slice(max(-a, 0), n + min(b, 0))
            for n, a, b in zip(self.shape, before, after, strict=True)
        )
        widths = [(max(a, 0), max(b, 0)) for a, b in zip(before, after, strict=True)]
        return self.moved(np.pad(self.entries[kept], widths, constant_values=-1))

    def spaced(self, steps: Sequence[int]) -> "Value":
        """Return the tensor with zeros between its entries, which come so many places apart."""
        sizes = [s * (n - 1) + 1 for n, s in zip(self.shape, steps, strict=True)]
        entries = np.full(sizes, -1, np.int64)
        entries[tuple(slice(None, None, s) for s in steps)] = self.entries
        return self.moved(entries)


def common(*shapes: tuple[int, ...]) -> tuple[int, ...] | None:
    """Return the shape to which shapes repeat, None where there is none."""
    try:
        return np.broadcast_shapes(*shapes)
    except ValueError:
        return None


def along(shape: Sequence[int], axes: Sequence[int]) -> np.ndarray:
    """Return the flat places of the entries along axes of a tensor, an array (..., n)."""
    kept = [axis for axis in range(len(shape)) if axis not in axes]
    flat = np.arange(prod(shape)).reshape(shape).transpose(*kept, *axes)
    return flat.reshape(*(shape[axis] for axis in kept), prod(shape[axis] for axis in axes))


@dataclass(frozen=True)
class Sides:
    """Where windows start and end along each axis of an image.

    window, strides, dilations  of each axis
    before, after               places of padding on both sides
    beyond                      places behind the padding into which the last window reaches
    """

    window: tuple[int, ...]
    strides: tuple[int, ...]
    dilations: tuple[int, ...]
    before: tuple[int, ...]
    after: tuple[int, ...]
    beyond: tuple[int, ...] = ()

    @property
    def reach(self) -> tuple[int, ...]:
        """How many places a window spans along each axis."""
        return tuple((k - 1) * d + 1 for k, d in zip(self.window, self.dilations, strict=True))

    def rounded_up(self, sizes: Sequence[int]) -> "Sides":
        """Return windows of which one more may start where less than a whole one is left.

        It starts in the image or in the padding before it.
        """
        beyond = []
        rows = (sizes, self.reach, self.strides, self.before, self.after)
        for n, e, s, before, after in zip(*rows, strict=True):
            count = -(-(n + before + after - e) // s) + 1
            if (count - 1) * s >= n + before:
                count -= 1
            beyond.append(max((count - 1) * s + e - n - before - after, 0))
        return Sides(
            self.window, self.strides, self.dilations, self.before, self.after, tuple(beyond)
        )

    def places(self, shape: Sequence[int]) -> np.ndarray:
        """Return the flat places that windows cover, an array (..., *counts, *window).

        The last axes of a tensor of the shape are those of the image. Places beside it are
        ``PADDED``, or ``BEYOND`` the padding. No window fits where an axis of the result is 0.
        """
        axes = len(self.window)
        outer = [(0, 0)] * (len(shape) - axes)
        padding = [*outer, *zip(self.before, self.after, strict=True)]
        behind = [*outer, *((0, b) for b in self.beyond or (0,) * axes)]
        flat = np.arange(prod(shape)).reshape(shape)
        flat = np.pad(flat, padding, constant_values=PADDED)
        flat = np.pad(flat, behind, constant_values=BEYOND)
        last = tuple(range(flat.ndim - axes, flat.ndim))
        if any(e > n for e, n in zip(self.reach, flat.shape[-axes:], strict=True)):
            return np.zeros((*flat.shape[:-axes], *(0,) * axes, *self.window), np.int64)
        windows = sliding_window_view(flat, self.reach, axis=last)
        steps: Any = [slice(None, None, s) for s in (*self.strides, *self.dilations)]
        return windows[(..., *steps)]
