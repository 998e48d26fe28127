"""Where the names in a picture go: beside what they name, over as little else as possible.

Each name has some places to choose from. A place costs what lies under it: drawn strokes, other
names, the edge of the picture; the cheapest is taken, the first among equals.
"""

from collections.abc import Iterable, Sequence
from typing import TypeAlias

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from verify.reporting.svg import INK

Place: TypeAlias = Sequence[float]
Array: TypeAlias = NDArray[np.float64]

FONT_SIZE = 11.5
# Text takes the page's font, so its size is an estimate: a generous one for sans-serif letters.
LETTER_WIDTH, LINE_HEIGHT = 0.58 * FONT_SIZE, 1.3 * FONT_SIZE
MARGIN = 2.0  # points around a name
STROKE_SPACING = 2.0  # points between the samples of a stroke
NAME, EDGE, OUTSIDE, OTHER = 1000.0, 1000.0, 60.0, 10.0  # costs; 1 for a sample of a stroke
_AROUND = ((1, 1), (1, -1), (-1, 1), (-1, -1), (1, 0), (-1, 0), (0, 1), (0, -1))


class Names:
    """Names to be written into one picture, whose drawing and limits are final."""

    def __init__(self, picture: Figure, axes: Axes) -> None:
        picture.draw_without_rendering()  # fixes the size of the axes
        self._axes, self._scale = axes, 72 / picture.dpi
        self._view = self._points([(x, y) for x in axes.get_xlim() for y in axes.get_ylim()])
        self._strokes: Array = np.empty((0, 2))
        self._boxes: list[tuple[Array, Array]] = []

    def block_segment(self, *ends: Place) -> None:
        """Keep names off a straight stroke between two points; nothing for no points."""
        if ends:
            start, end = self._points(ends)
            count = int(np.linalg.norm(end - start) / STROKE_SPACING) + 2
            samples = start + np.linspace(0, 1, count)[:, None] * (end - start)
            self._strokes = np.vstack([self._strokes, samples])

    def block_point(self, at: Place, size: float) -> None:
        """Keep names off a marker of the given size in points."""
        grid = np.linspace(-size / 2, size / 2, 5)
        offsets = np.array([(x, y) for x in grid for y in grid])
        self._strokes = np.vstack([self._strokes, self._points([at]) + offsets])

    def beside_point(self, name: str, at: Place) -> None:
        """Write the name of a marker."""
        self._write(name, self._around(name, [self._points([at])[0]], 8))

    def beside_arrow(self, name: str, start: Place, end: Place) -> None:
        """Write the name of an arrow, near its head if possible."""
        tail, head = self._points([start, end])
        along = [head + t * (tail - head) for t in (0.0, 0.15, 0.3, 0.5, 0.7)]
        self._write(name, self._around(name, along, 5))

    def beside_segment(self, name: str, *ends: Place) -> None:
        """Write the name of a line, near one end of its visible part if possible."""
        if ends:
            start, end = self._points(ends)
            along = [start + t * (end - start) for t in (0.06, 0.94, 0.15, 0.85, 0.3, 0.7, 0.5)]
            self._write(name, self._around(name, along, 4))

    def inside(
        self, name: str, corners: Sequence[Place], others: Sequence[Sequence[Place]]
    ) -> None:
        """Write the name of a convex region inside it, off the other regions if possible."""
        polygon = self._points(corners)
        middle = polygon.mean(axis=0)
        steps = np.linspace(0.05, 0.95, 19)
        low, high = polygon.min(axis=0), polygon.max(axis=0)
        grid = low + np.array([(s, t) for s in steps for t in steps]) * (high - low)
        order = np.argsort(np.linalg.norm(grid - middle, axis=1), kind="stable")
        places = [middle, *(c for c in grid[order] if _contains(polygon, c[None]).all())]
        half = _size(name) / 2
        around = np.array([(0, 0), (-1, -1), (-1, 1), (1, -1), (1, 1)]) * half
        foreign = [self._points(other) for other in others]
        self._write(
            name,
            places,
            [
                OUTSIDE * np.sum(~_contains(polygon, place + around))
                + OTHER * sum(np.sum(_contains(other, place + around)) for other in foreign)
                for place in places
            ],
        )

    def _around(self, name: str, anchors: Iterable[Array], gap: float) -> list[Array]:
        """Return centres of the name on all sides of each anchor, a gap in points away."""
        reach = _size(name) / 2 + gap
        return [anchor + np.array(side) * reach for anchor in anchors for side in _AROUND]

    def _write(
        self, name: str, places: Sequence[Array], extra: Sequence[float] | None = None
    ) -> None:
        if not name:
            return
        half = _size(name) / 2 + MARGIN
        costs = [self._cost(place - half, place + half) for place in places]
        totals = np.add(costs, extra if extra is not None else 0.0)
        best = places[int(np.argmin(totals))]
        self._boxes.append((best - half, best + half))
        self._axes.annotate(
            name, self._data(best), ha="center", va="center", color=INK, zorder=6,
            fontsize=FONT_SIZE, annotation_clip=False,
        )  # fmt: skip

    def _cost(self, low: Array, high: Array) -> float:
        covered = np.all((self._strokes > low) & (self._strokes < high), axis=1).sum()
        names = sum(bool(np.all((low < q) & (high > p))) for p, q in self._boxes)
        least, most = self._view.min(axis=0), self._view.max(axis=0)
        outside = np.clip(least - low, 0, None).sum() + np.clip(high - most, 0, None).sum()
        return float(covered + NAME * names + EDGE * (outside > 0) + outside)

    def _points(self, places: Sequence[Place]) -> Array:
        return np.asarray(self._axes.transData.transform(np.asarray(places, float))) * self._scale

    def _data(self, point: Array) -> tuple[float, float]:
        x, y = self._axes.transData.inverted().transform(point / self._scale)
        return round(float(x), 9), round(float(y), 9)


def _size(name: str) -> Array:
    return np.array([len(name) * LETTER_WIDTH, LINE_HEIGHT])


def _contains(polygon: Array, points: Array) -> NDArray[np.bool_]:
    """Return which points lie in a convex polygon with corners in order, either way round."""
    sides = np.roll(polygon, -1, axis=0) - polygon
    offsets = points[:, None, :] - polygon[None]
    cross = sides[None, :, 0] * offsets[..., 1] - sides[None, :, 1] * offsets[..., 0]
    inside: NDArray[np.bool_] = np.all(cross >= 0, axis=1) | np.all(cross <= 0, axis=1)
    return inside
