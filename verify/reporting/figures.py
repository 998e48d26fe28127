"""The figures of a report, each one or more panels of inline SVG.

A panel is about as wide as a phone; the page sets panels side by side where there is room.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from markupsafe import Markup
from matplotlib import colormaps
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import LogLocator

from verify.reporting.plane import plane
from verify.reporting.svg import (
    DASHES,
    INK,
    MARKERS,
    MUTED,
    PAPER,
    SERIES,
    new_figure,
    style,
    to_svg,
)


@dataclass(frozen=True)
class Panel:
    """One picture: its title (text with LaTeX, may be empty), its SVG and whether it is small."""

    title: str
    svg: Markup
    small: bool = False


def draw(figure: dict[str, Any], identity: str) -> list[Panel]:
    """Return the panels of one ``figures`` entry of a report; ``identity`` prefixes their ids."""
    drawings = {
        "transfer-curves": _transfer_curves,
        "drift": _drift,
        "steps": _steps,
        "images": _images,
        "robustness": _robustness,
    }
    if figure["kind"] == "plane":
        return [Panel("", plane(figure["data"], f"{identity}-0", figure["title"]))]
    with style():
        return [
            Panel(
                title,
                to_svg(picture, f"{identity}-{n}", f"{figure['title']} {title}".strip()),
                small,
            )
            for n, (title, picture, small) in enumerate(drawings[figure["kind"]](figure["data"]))
        ]


_Drawing = tuple[str, Figure, bool]
SHORT = 12  # letters of a name, of which three have room beside one another
_BAR: dict[str, Any] = {"color": SERIES[0], "lw": 9, "alpha": 0.35, "solid_capstyle": "butt"}


def _transfer_curves(data: dict[str, Any]) -> list[_Drawing]:
    sources = list(dict.fromkeys(c["source"] for p in data["panels"] for c in p["curves"]))
    drawings: list[_Drawing] = []
    for panel in data["panels"]:
        picture, axes = new_figure(3.5)
        for curve in panel["curves"]:
            look = _look(sources.index(curve["source"]))
            axes.fill_between(
                data["radii"], curve["low"], curve["high"], color=look["color"], alpha=0.16,
                lw=0 if len(data["radii"]) > 1 else 6,  # one radius alone has no area
            )  # fmt: skip
            axes.plot(data["radii"], curve["mean"], label=curve["source"], **look)
        axes.set(
            xlabel="ℓ∞ radius (1 = full range)",
            ylabel="accuracy (fraction)",
            ylim=(-0.02, 1.02),
        )
        axes.locator_params(axis="x", nbins=6)
        _legend_above(picture, [curve["source"] for curve in panel["curves"]])
        drawings.append((panel["title"], picture, False))
    return drawings


def _robustness(data: dict[str, Any]) -> list[_Drawing]:
    """Draw shares of examples against the radius: at least, at most, and the band between."""
    picture, axes = new_figure(3.9)
    count, radius = len(data["lower"]), data["radius"]
    ends = {e for name in ("lower", "upper", "attack") for e in data[name] if e is not None}
    steps = sorted({0.0, radius, *(e for e in ends if e < radius)})
    least, most = shares(data, steps)
    curves = [("at most: counterexamples", 1, data["upper"])]
    if data["attack"] != data["upper"]:
        curves.append(("attack alone", 2, data["attack"]))
    axes.plot(steps, least, drawstyle="steps-post", color=SERIES[0], lw=2.4, zorder=3,
              label="at least: certified")  # fmt: skip
    for name, number, found in curves:
        _, own = shares({**data, "upper": found}, steps)
        look: dict[str, Any] = {"color": SERIES[number], "ls": DASHES[number]}
        axes.plot(steps, own, drawstyle="steps-post", label=name, **look)
    axes.fill_between(steps, least, most, step="post", facecolor="none", edgecolor=MUTED,
                      hatch="////", lw=0, label="undecided")  # fmt: skip
    axes.set(
        xlabel=f"ℓ∞ radius ({data['unit']})",
        ylabel=f"accuracy (fraction of {count} examples)",
        xlim=(0, radius),
        ylim=(-0.02, 1.04),
    )
    axes.locator_params(axis="x", nbins=6)
    picture.legend(loc="outside upper left", ncols=2, columnspacing=1.4)
    return [("", picture, False)]


def shares(data: dict[str, Any], radii: Sequence[float]) -> tuple[list[float], list[float]]:
    """Return which shares of examples have no other label from each radius to the next.

    At least, and at most. Up to its lower end an example counts, and below its upper one; at the
    last radius alone an end that is the radius counts as lower.
    """
    lower, upper, count = data["lower"], data["upper"], len(data["lower"])
    least = [sum(e > r or e >= radii[-1] for e in lower) / count for r in radii]
    return least, [sum(e is None or e > r for e in upper) / count for r in radii]


def _drift(data: dict[str, Any]) -> list[_Drawing]:
    picture, axes = new_figure(3.7)
    positive = [v for series in data["series"] for v in series["values"] if v > 0] or [1.0]
    # A logarithmic axis has no 0: zeros stand on a line of their own below the least power of ten.
    lowest = math.floor(math.log10(min(positive)))
    highest = max(math.ceil(math.log10(max(positive))), lowest + 1)
    gap = max(1.0, (highest - lowest) / 7)
    zero = 10 ** (lowest - gap)
    for number, series in enumerate(data["series"]):
        axes.plot(
            data["theta"],
            [max(v, zero) for v in series["values"]],
            label=series["label"],
            clip_on=False,
            **_look(number),
        )
    axes.axhline(zero, color=INK, lw=1.4)
    axes.annotate(
        f"exact arithmetic: {data['exact']} at every θ",
        (1, zero),
        xycoords=("axes fraction", "data"),
        xytext=(0, 4),
        textcoords="offset points",
        ha="right",
        va="bottom",
        color=INK,
    )
    axes.set(
        xscale="log",
        yscale="log",
        xlabel="displacement θ (multiples of the direction)",
        ylabel="change of softmax (absolute)",
    )
    axes.set_ylim(zero, 10.0**highest)
    exponents = range(lowest, highest + 1, max(1, math.ceil((highest - lowest) / 6)))
    axes.set_yticks([zero, *(10.0**e for e in exponents)], ["0", *map(_power, exponents)])
    low, high = (round(math.log10(f(data["theta"]))) for f in (min, max))
    decades = range(low, high + 1, max(1, math.ceil((high - low) / 7)))
    axes.set_xticks([10.0**e for e in decades], [_power(e) for e in decades])
    axes.minorticks_off()
    axes.spines["bottom"].set_visible(False)
    _legend_above(picture)
    return [("", picture, False)]


def _steps(data: dict[str, Any]) -> list[_Drawing]:
    """Draw one panel per unit: each group's points, quartiles, median and bound in a row."""
    units = dict.fromkeys(group["unit"] for group in data["groups"])
    return [_rows(u, [g for g in data["groups"] if g["unit"] == u]) for u in units]


def _rows(unit: str, groups: Sequence[dict[str, Any]]) -> _Drawing:
    picture, axes = new_figure(1.5 + 0.27 * len(groups))
    values = [v for group in groups for v in group["values"]]
    for row, group in enumerate(groups):
        first, median, third = np.quantile(group["values"], (0.25, 0.5, 0.75))
        # One broken line for all ticks of a row: a tenth of the bytes of one marker per point.
        ticks = np.repeat(np.array(group["values"], dtype=float), 3)
        ticks[2::3] = np.nan
        heights = np.tile([row - 0.24, row + 0.24, np.nan], len(group["values"]))
        axes.plot(ticks, heights, color=INK, lw=0.8, alpha=0.5)
        axes.plot([first, third], [row, row], **_BAR)
        axes.plot(median, row, "o", color=PAPER, mec=SERIES[0], mew=1.6, ms=6)
        if group["bound"] is not None:
            axes.plot(group["bound"], row, "D", color=SERIES[1], ms=5.5, mec=PAPER, mew=0.8)
    for value, name, side in ((1, "γ*", "right"), (2, "2γ*", "left")):
        axes.axvline(value, color=INK, lw=1.1, ls="--", zorder=0.9)
        axes.annotate(
            name,
            (value, 1),
            xycoords=("data", "axes fraction"),
            xytext=(2 if side == "left" else -2, 2),
            textcoords="offset points",
            ha=side,
        )
    axes.set_yticks(range(len(groups)), [group["label"] for group in groups])
    axes.set_ylim(len(groups) - 0.4, -0.6)
    axes.grid(axis="y", visible=False)
    axes.tick_params(axis="y", length=0)
    axes.set_xlabel(f"step ({unit})")
    if min(values) > 0 and max(values) > 10 * min(values):
        axes.set_xscale("log")
        # Three numbers a decade fit beside each other for three decades.
        few = max(values) < 1000 * min(values)
        axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5) if few else (1,)))
        axes.xaxis.set_major_formatter(lambda x, _: f"{x:g}")
        axes.minorticks_off()
    else:
        axes.set_xlim(0, 1.05 * max(2.0, *values))
    handles = [
        Line2D([], [], ls="", marker="|", color=INK, ms=8, mew=0.8, alpha=0.5, label="one point"),
        Line2D([], [], label="middle half", **_BAR),
        Line2D([], [], ls="", marker="o", color=PAPER, mec=SERIES[0], mew=1.6, label="median"),
    ]
    if any(group["bound"] is not None for group in groups):
        handles.append(
            Line2D([], [], ls="", marker="D", color=SERIES[1], mec=PAPER, label="proved bound")
        )
    picture.legend(
        handles=handles, loc="outside upper left", ncols=2, handlelength=1.6, columnspacing=1.4
    )
    return ("", picture, False)


def _images(data: dict[str, Any]) -> list[_Drawing]:
    rows, columns = data["shape"]
    values = [v for item in data["items"] for v in item["values"]]
    if data["diverging"]:
        largest = max(map(abs, values)) or 1.0
        scale, colours = Normalize(-largest, largest), colormaps["PuOr"]
    else:
        scale, colours = Normalize(min(values), max(values)), colormaps["cividis"]
    drawings: list[_Drawing] = []
    for item in data["items"]:
        picture, axes = new_figure(1.6 * rows / columns, 1.6)
        grid = [item["values"][r * columns : (r + 1) * columns] for r in range(rows)]
        axes.imshow(grid, cmap=colours, norm=scale, interpolation="none")
        axes.set_axis_off()
        drawings.append((item["title"], picture, True))
    picture, bar = new_figure(0.75)
    low, high = float(scale.vmin or 0.0), float(scale.vmax or 0.0)
    if low == high:
        high = low + 1
    ramp = [[low + (high - low) * k / 255 for k in range(256)]]
    bar.imshow(ramp, cmap=colours, aspect="auto", extent=(low, high, 0, 1), interpolation="none")
    bar.set(yticks=[], xlabel=data["unit"])
    bar.grid(visible=False)
    bar.spines[:].set_visible(False)
    drawings.append(("", picture, False))
    return drawings


def _look(number: int) -> dict[str, Any]:
    """Return colour, marker and line pattern of a series: any one of the three tells it apart."""
    number %= len(SERIES)
    return {
        "color": SERIES[number],
        "marker": MARKERS[number],
        "ls": DASHES[number],
        "markeredgecolor": PAPER,
        "markeredgewidth": 0.7,
    }


def _legend_above(picture: Figure, names: Sequence[str] = ()) -> None:
    columns = 3 if max(map(len, names), default=0) <= SHORT else 2
    picture.legend(loc="outside upper left", ncols=columns, columnspacing=1.4)


def _power(exponent: int) -> str:
    """Return a power of ten as plain text, since text in other fonts would move apart.

    >>> _power(-12)
    '10⁻¹²'
    """
    return "1" if exponent == 0 else "10" + str(exponent).translate(_SUPERSCRIPTS)


_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
