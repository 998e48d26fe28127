"""Pictures in the plane: regions, lines, labelled points and arrows of an exact instance."""

from __future__ import annotations

from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Polygon

from verify.reporting.svg import DASHES, INK, MUTED, PAPER, SERIES, new_figure

HEIGHT = 4.0
HATCHES = ("", "///", "...", "\\\\\\")
LABELS = {1: ("o", SERIES[0], "+"), -1: ("s", SERIES[1], "−"), 0: ("D", PAPER, "")}


def plane(data: dict[str, Any]) -> list[tuple[str, Figure, bool]]:
    """Draw one picture; every name stands beside what it names, so no colour needs a legend."""
    picture, axes = new_figure(HEIGHT)
    left, right, bottom, top = data["view"]
    axes.set(xlim=(left, right), ylim=(bottom, top), aspect="equal")
    axes.set(xlabel="x₁ (units of the data)", ylabel="x₂ (units of the data)")
    for number, region in enumerate(data["regions"]):
        _region(axes, region, number % len(SERIES))
    for number, line in enumerate(data["lines"]):
        _line(axes, line, DASHES[number % len(DASHES)], data["view"])
    for arrow in data["arrows"]:
        axes.annotate(
            "", arrow["end"], arrow["start"],
            arrowprops={"arrowstyle": "-|>", "color": INK, "lw": 1.8, "shrinkA": 0, "shrinkB": 0},
        )  # fmt: skip
        _name(axes, arrow["name"], arrow["end"], (5, 3))
    for marker in data["markers"]:
        shape, colour, sign = LABELS[marker["label"]]
        axes.plot(*marker["at"], shape, color=colour, mec=INK, mew=1, ms=9, zorder=4)
        _name(axes, f"{sign} {marker['name']}".strip(), marker["at"], (7, 5))
    return [("", picture, False)]


def _region(axes: Axes, region: dict[str, Any], number: int) -> None:
    colour = SERIES[number]
    axes.add_patch(Polygon(region["corners"], closed=True, fc=colour, ec="none", alpha=0.13))
    axes.add_patch(
        Polygon(region["corners"], closed=True, fill=False, ec=colour, lw=1.1,
                hatch=HATCHES[number], alpha=0.45)
    )  # fmt: skip
    corners = region["corners"]
    centre = [sum(c[k] for c in corners) / len(corners) for k in (0, 1)]
    axes.annotate(region["name"], centre, ha="center", va="center", color=INK, zorder=5)


def _line(axes: Axes, line: dict[str, Any], dashes: str, view: list[float]) -> None:
    a, b = line["normal"]
    left, right, bottom, top = view
    if abs(b) >= abs(a):
        ends = [(x, (line["level"] - a * x) / b) for x in (left, right)]
    else:
        ends = [((line["level"] - b * y) / a, y) for y in (bottom, top)]
    axes.plot(*zip(*ends, strict=True), color=MUTED, ls=dashes, lw=1.5)
    inside = max(ends, key=lambda p: left <= p[0] <= right and bottom <= p[1] <= top)
    _name(axes, line["name"], inside, (-4, 4), side="right")


def _name(axes: Axes, name: str, at: Any, offset: tuple[int, int], side: str = "left") -> None:
    axes.annotate(
        name, at, xytext=offset, textcoords="offset points", color=INK, ha=side,
        annotation_clip=True, zorder=6,
    )  # fmt: skip
