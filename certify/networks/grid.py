"""Where the windows of convolutions and pools lie on images, as flat indices."""

from dataclasses import dataclass
from math import prod
from typing import Any, TypeAlias

import numpy as np

from certify.errors import InputError

Shape: TypeAlias = tuple[int, int, int]  # of an image: channels, height, width
Pair: TypeAlias = tuple[int, int]  # downwards, to the right
Padding: TypeAlias = tuple[int, int, int, int]  # top, left, bottom, right

MOST_APART = 1_000_000  # of strides, dilations and padding


@dataclass(frozen=True)
class Grid:
    """Windows (h, w) of images (channels, height, width), which lie flat channel by channel.

    They start ``strides`` apart, their entries lie ``dilations`` apart, and zeros surround the
    image as ``padding``. Raises :class:`InputError` for what is no such grid, or has no window.

    >>> Grid((1, 2, 3), (2, 2), padding=(0, 1, 0, 0)).indices[0, 0].tolist()
    [[[-1, 0], [-1, 3]], [[0, 1], [3, 4]], [[1, 2], [4, 5]]]
    """

    shape: Shape
    window: Pair
    strides: Pair = (1, 1)
    dilations: Pair = (1, 1)
    padding: Padding = (0, 0, 0, 0)

    def __post_init__(self) -> None:
        sizes = (*self.shape, *self.window)
        if len(self.shape) != 3 or len(self.window) != 2 or min(sizes) < 1:
            got = f"{self.shape} and {self.window}"
            raise InputError("shape, window", expected="3 and 2 positive integers", got=got)
        for name, steps, length, least in (
            ("strides", self.strides, 2, 1),
            ("dilations", self.dilations, 2, 1),
            ("padding", self.padding, 4, 0),
        ):
            if len(steps) != length or not all(least <= s <= MOST_APART for s in steps):
                wanted = f"{length} integers from {least} to {MOST_APART}"
                raise InputError(name, expected=wanted, got=f"{steps}")
        if min(self.counts) < 1:
            top, left, bottom, right = self.padding
            wanted = f"at most {(self.shape[1] + top + bottom, self.shape[2] + left + right)}"
            raise InputError("window", expected=wanted, got=f"{self.reach}")

    @property
    def inputs(self) -> int:
        """The number of values of an image."""
        return prod(self.shape)

    @property
    def reach(self) -> Pair:
        """Height and width that a window spans, what lies between its entries included."""
        (h, w), (down, right) = self.window, self.dilations
        return down * (h - 1) + 1, right * (w - 1) + 1

    @property
    def counts(self) -> Pair:
        """How many windows there are downwards and to the right."""
        (_, height, width), (top, left, bottom, right) = self.shape, self.padding
        (h, w), (down, across) = self.reach, self.strides
        return (height + top + bottom - h) // down + 1, (width + left + right - w) // across + 1

    @property
    def indices(self) -> np.ndarray[Any, Any]:
        """The flat indices that windows cover, an array (channels, rows, columns, h, w).

        Those of the padding are -1.
        """
        channels, height, width = self.shape
        down, across = (
            stride * np.arange(count)[:, None] + apart * np.arange(length) - before
            for count, stride, length, apart, before in zip(
                self.counts, self.strides, self.window, self.dilations, self.padding, strict=False
            )
        )
        i, j = down[:, None, :, None], across[:, None, :]
        inside = (i >= 0) & (i < height) & (j >= 0) & (j < width)
        first = height * width * np.arange(channels)[:, None, None, None, None]
        return np.where(inside, first + i * width + j, -1)
