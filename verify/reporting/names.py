"""Where the names in a picture go: beside what they name, over as little else as possible.

Each name has some places to choose from. A place costs what lies under it: drawn strokes, other
names, the edge of the picture; the cheapest is taken, the first among equals.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Place: TypeAlias = Sequence[float]
Array: TypeAlias = NDArray[np.float64]

FONT_SIZE = 11.5
# Text takes the page's font, so its size is an estimate: a generous one for sans-serif letters.
LETTER_WIDTH, LINE_HEIGHT = 0.58 * FONT_SIZE, 1.3 * FONT_SIZE
MARGIN = 2.0  # points around a name
STROKE_SPACING = 2.0  # points between the samples of a stroke
NAME, EDGE, OUTSIDE, OTHER = 1000.0, 1000.0, 60.0, 10.0  # costs; 1 for a sample of a stroke
_AROUND = np.array([(1, -1), (1, 1), (-1, -1), (-1, 1), (1, 0), (-1, 0), (0, -1), (0, 1)])
_BOX = np.array([(0, 0), (-1, -1), (-1, 1), (1, -1), (1, 1)])


@dataclass(frozen=True)
class Name:
    """A name and the centre of its place, in points of the picture."""

    text: str
    x: float
    y: float


class Names:
    """Names to be written into one picture; all places are in its points, y downwards.

    ``frame`` is (left, top, right, bottom), which names leave only where nothing else is free.
    """

    def __init__(self, frame: Sequence[float]) -> None:
        self.written: list[Name] = []
        self._least, self._most = np.array(frame[:2]), np.array(frame[2:])
        self._strokes: Array = np.empty((0, 2))
        self._boxes: list[tuple[Array, Array]] = []

    def block_segment(self, start: Place, end: Place) -> None:
        """Keep names off a straight stroke between two points."""
        first, last = np.array(start), np.array(end)
        count = int(np.linalg.norm(last - first) / STROKE_SPACING) + 2
        samples = first + np.linspace(0, 1, count)[:, None] * (last - first)
        self._strokes = np.vstack([self._strokes, samples])

    def block_point(self, at: Place, size: float) -> None:
        """Keep names off a marker of the given size."""
        grid = np.linspace(-size / 2, size / 2, 5)
        offsets = np.array([(x, y) for x in grid for y in grid])
        self._strokes = np.vstack([self._strokes, np.array(at) + offsets])

    def beside_point(self, name: str, at: Place) -> None:
        """Write the name of a marker."""
        self._write(name, _around(name, [np.array(at)], 8))

    def beside_arrow(self, name: str, start: Place, end: Place) -> None:
        """Write the name of an arrow, near its head if possible."""
        self._along(name, end, start, (0.0, 0.15, 0.3, 0.5, 0.7), 5)

    def beside_segment(self, name: str, start: Place, end: Place) -> None:
        """Write the name of a line, near one end of its visible part if possible."""
        self._along(name, start, end, (0.06, 0.94, 0.15, 0.85, 0.3, 0.7, 0.5), 4)

    def inside(
        self, name: str, corners: Sequence[Place], others: Sequence[Sequence[Place]]
    ) -> None:
        """Write the name of a convex region inside it, off the other regions if possible."""
        if not name:
            return
        polygon = np.array(corners)
        middle = polygon.mean(axis=0)
        steps = np.linspace(0.05, 0.95, 19)
        low, high = polygon.min(axis=0), polygon.max(axis=0)
        grid = low + np.array([(s, t) for s in steps for t in steps]) * (high - low)
        grid = grid[np.argsort(np.linalg.norm(grid - middle, axis=1), kind="stable")]
        places = np.vstack([middle, grid[_contains(polygon, grid)]])
        around = (places[:, None] + _BOX * _size(name) / 2).reshape(-1, 2)
        extra = OUTSIDE * ~_contains(polygon, around)
        extra = extra + sum(OTHER * _contains(np.array(other), around) for other in others)
        self._write(name, places, extra.reshape(len(places), -1).sum(axis=1))

    def _along(
        self, name: str, start: Place, end: Place, shares: Iterable[float], gap: float
    ) -> None:
        first, last = np.array(start), np.array(end)
        self._write(name, _around(name, [first + t * (last - first) for t in shares], gap))

    def _write(self, name: str, places: Array, extra: Array | float = 0.0) -> None:
        if not name:
            return
        half = _size(name) / 2 + MARGIN
        x, y = places[int(np.argmin(self._costs(places - half, places + half) + extra))]
        self._boxes.append((np.array((x, y)) - half, np.array((x, y)) + half))
        self.written.append(Name(name, float(x), float(y)))

    def _costs(self, low: Array, high: Array) -> Array:
        over = (self._strokes > low[:, None]) & (self._strokes < high[:, None])
        costs: Array = over.all(axis=2).sum(axis=1).astype(float)
        for least, most in self._boxes:
            costs += NAME * np.all((low < most) & (high > least), axis=1)
        outside = np.clip(self._least - low, 0, None) + np.clip(high - self._most, 0, None)
        beyond = outside.sum(axis=1)
        costs += EDGE * (beyond > 0) + beyond
        return costs


def _around(name: str, anchors: Iterable[Array], gap: float) -> Array:
    """Return centres of the name on all sides of each anchor, a gap away."""
    reach = _AROUND * (_size(name) / 2 + gap)
    return np.vstack([anchor + reach for anchor in anchors])


def _size(name: str) -> Array:
    return np.array([len(name) * LETTER_WIDTH, LINE_HEIGHT])


def _contains(polygon: Array, points: Array) -> NDArray[np.bool_]:
    """Return which points lie in a convex polygon with corners in order, either way round."""
    sides = np.roll(polygon, -1, axis=0) - polygon
    offsets = points[:, None, :] - polygon[None]
    cross = sides[None, :, 0] * offsets[..., 1] - sides[None, :, 1] * offsets[..., 0]
    inside: NDArray[np.bool_] = np.all(cross >= 0, axis=1) | np.all(cross <= 0, axis=1)
    return inside
