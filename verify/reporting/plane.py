"""Pictures in the plane: regions, lines, labelled points and arrows of an exact instance."""

from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Polygon

from verify.reporting.names import Names
from verify.reporting.svg import DASHES, INK, MUTED, PAPER, SERIES, new_figure

HEIGHT = 4.0
HATCHES = ("", "///", "---", "\\\\\\")
LABELS = {1: ("o", SERIES[0], "+"), -1: ("s", SERIES[1], "−"), 0: ("D", PAPER, "")}
MARKER_SIZE, HEAD_GAP = 11.0, 7.0  # points: of a marker, and of an arrow's head before one


def plane(data: dict[str, Any]) -> list[tuple[str, Figure, bool]]:
    """Draw one picture; every name stands beside what it names, so no colour needs a legend."""
    flat = data.get("flat", False)
    picture, axes = new_figure(HEIGHT / 2.6 if flat else HEIGHT)
    left, right, bottom, top = data["view"]
    axes.set(xlim=(left, right), ylim=(bottom, top), aspect="equal")
    if flat:
        axes.set(xlabel="coordinate (units of the data)", yticks=[])
        axes.axhline(0, color=INK, lw=1.0, zorder=1)
        axes.locator_params(axis="x", nbins=7, steps=[1, 2, 5, 10])
    else:
        axes.set(xlabel="first coordinate (units of the data)", ylabel="second coordinate")
        axes.locator_params(nbins=7, steps=[1, 2, 5, 10])
    for number, region in enumerate(data["regions"]):
        _region(axes, region, number % len(SERIES))
    segments = [visible(line, data["view"]) for line in data["lines"]]
    for number, ends in enumerate(segments):
        axes.plot(
            *zip(*ends, strict=True), color=MUTED, ls=DASHES[number % len(DASHES)], lw=1.5
        )  # fmt: skip
    places = [marker["at"] for marker in data["markers"]]
    for arrow in data["arrows"]:
        before = HEAD_GAP if arrow["end"] in places else 0
        axes.annotate(
            "", arrow["end"], arrow["start"],
            arrowprops={"arrowstyle": "-|>", "color": INK, "lw": 1.8, "shrinkA": 0,
                        "shrinkB": before},
        )  # fmt: skip
    for marker in data["markers"]:
        _marker(axes, marker)
    _write_names(picture, axes, data, segments)
    return [("", picture, False)]


def visible(line: dict[str, Any], view: list[float]) -> list[list[float]]:
    """Return the two ends of the part of a line inside the view, none if it does not meet it.

    >>> visible({"normal": [1.0, 1.0], "level": 0.0}, [-1.0, 1.0, -2.0, 2.0])
    [[1.0, -1.0], [-1.0, 1.0]]
    """
    a, b = line["normal"]
    foot = [side * line["level"] / (a * a + b * b) for side in (a, b)]
    low, high = float("-inf"), float("inf")
    for start, slope, least, most in zip(foot, (-b, a), view[::2], view[1::2], strict=True):
        if slope:
            first, last = sorted(((least - start) / slope, (most - start) / slope))
            low, high = max(low, first), min(high, last)
        elif not least <= start <= most:
            return []
    return [[foot[0] - t * b, foot[1] + t * a] for t in (low, high)] if low < high else []


def _region(axes: Axes, region: dict[str, Any], number: int) -> None:
    colour = SERIES[number]
    axes.add_patch(Polygon(region["corners"], closed=True, fc=colour, ec="none", alpha=0.13))
    axes.add_patch(
        Polygon(region["corners"], closed=True, fill=False, ec=colour, lw=1.1,
                hatch=HATCHES[number], alpha=0.45)
    )  # fmt: skip


def _marker(axes: Axes, marker: dict[str, Any]) -> None:
    shape, colour, sign = LABELS[marker["label"]]
    axes.plot(*marker["at"], shape, color=colour, mec=INK, mew=1, ms=MARKER_SIZE, zorder=4)
    axes.annotate(
        sign, marker["at"], ha="center", va="center_baseline", color=PAPER, weight="bold", zorder=5
    )


def _write_names(
    picture: Figure, axes: Axes, data: dict[str, Any], segments: list[list[list[float]]]
) -> None:
    """Write every name where it covers least, those with the fewest places first."""
    names = Names(picture, axes)
    if data.get("flat", False):
        names.block_segment((data["view"][0], 0), (data["view"][1], 0))
    for arrow in data["arrows"]:
        names.block_segment(arrow["start"], arrow["end"])
    for ends in segments:
        names.block_segment(*ends)
    for marker in data["markers"]:
        names.block_point(marker["at"], MARKER_SIZE)
    for marker in data["markers"]:
        names.beside_point(marker["name"], marker["at"])
    for arrow in data["arrows"]:
        names.beside_arrow(arrow["name"], arrow["start"], arrow["end"])
    for line, ends in zip(data["lines"], segments, strict=True):
        names.beside_segment(line["name"], *ends)
    polygons = [region["corners"] for region in data["regions"]]
    for number, region in enumerate(data["regions"]):
        others = polygons[:number] + polygons[number + 1 :]
        names.inside(region["name"], region["corners"], others)
