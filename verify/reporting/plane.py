"""Pictures in the plane: regions, lines, labelled points and arrows of an exact instance.

They are written as SVG at once: a site has hundreds of them, which take matplotlib most of the time
of building it. Every name stands beside what it names, so no colour needs a legend.
"""

import math
from collections.abc import Iterator, Sequence
from typing import Any, TypeAlias

from markupsafe import Markup, escape

from verify.reporting.names import FONT_SIZE, Names

Place: TypeAlias = Sequence[float]
WIDTH, HEIGHT = 360.0, 240.0  # points: of the picture, and of the frame at most
LEFT, RIGHT, TOP, BOTTOM = 48.0, 14.0, 8.0, 40.0  # margins of the frame
MARKER = 11.0  # of a point; an arrow's head keeps off one
HEAD, HEAD_GAP = 9.0, 7.0
HAIR, HAIR_SPACING = 6.0, 13.0  # on the side of a rule where it says +1
DASHES = ("", "6 3", "1.5 2.5", "8 3 1.5 3")
SERIES = 4
TICKS = 7
_HATCHES = (None, "M0 6L6 0", "M0 3H6", "M0 0L6 6")
_COLOURS = {1: "--series-1", -1: "--series-2", 0: "--paper"}
_SIGNS = {1: "+", -1: "−", 0: ""}


class _Frame:
    """Where the view of a picture lies on its page."""

    def __init__(self, view: Sequence[float], flat: bool) -> None:
        self.view, self.flat = view, flat
        left, right, bottom, top = view
        margin = RIGHT if flat else LEFT
        room = WIDTH - margin - RIGHT
        self.scale = min(room / (right - left), HEIGHT / (top - bottom))
        width, height = self.scale * (right - left), self.scale * (top - bottom)
        self.left, self.top = margin + (room - width) / 2, TOP
        self.right, self.bottom = self.left + width, TOP + height
        self.height = self.bottom + BOTTOM

    def __call__(self, place: Place) -> tuple[float, float]:
        """Return a place of the data in points of the page."""
        x = self.left + self.scale * (place[0] - self.view[0])
        return x, self.top + self.scale * (self.view[3] - place[1])


def plane(data: dict[str, Any], identity: str, label: str) -> Markup:
    """Return a picture as an inline SVG element, as :func:`verify.reporting.svg.to_svg` does."""
    frame = _Frame(data["view"], data.get("flat", False))
    size = f"{WIDTH:g} {frame.height:.1f}"
    parts = [
        f'<svg class="plot" role="img" aria-label="{escape(label)}" viewBox="0 0 {size}" '
        f'width="{WIDTH:g}" height="{frame.height:.1f}" style="font-size:11px">',
        *_axes(frame),
        *_regions(frame, data["regions"], identity),
        *_lines(frame, data["lines"]),
        *_arrows(frame, data),
        *(text for marker, at in _spread(frame, data) for text in _marker(marker, at)),
        f'<g style="font-size:{FONT_SIZE}px;fill:var(--ink)" text-anchor="middle">',
        *(
            f'<text x="{name.x:.1f}" y="{name.y + 0.35 * FONT_SIZE:.1f}">{escape(name.text)}</text>'
            for name in names(data)
        ),
        "</g></svg>",
    ]
    return Markup("\n".join(parts))


def visible(line: dict[str, Any], view: Sequence[float]) -> list[list[float]]:
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


def ticks(low: float, high: float) -> list[float]:
    """Return round numbers from low to high, at most eight of them.

    >>> ticks(-1.1, 4.2)
    [-1.0, 0.0, 1.0, 2.0, 3.0, 4.0]
    """
    power = 10.0 ** math.floor(math.log10((high - low) / TICKS))
    step = power * next(m for m in (1, 2, 5, 10) if m * power * TICKS >= high - low)
    return [k * step for k in range(math.ceil(low / step), math.floor(high / step) + 1)]


def names(data: dict[str, Any]) -> list[Any]:
    """Place every name where it covers least, those with the fewest places first."""
    frame = _Frame(data["view"], data.get("flat", False))
    found = Names((frame.left, frame.top, frame.right, frame.bottom))
    segments = [[frame(end) for end in visible(line, data["view"])] for line in data["lines"]]
    if frame.flat:
        found.block_segment(frame((data["view"][0], 0)), frame((data["view"][1], 0)))
    for arrow in data["arrows"]:
        found.block_segment(frame(arrow["start"]), frame(arrow["end"]))
    for ends in filter(None, segments):
        found.block_segment(*ends)
    markers = list(_spread(frame, data))
    for _, at in markers:
        found.block_point(at, MARKER)
    for marker, at in markers:
        found.beside_point(marker["name"], at)
    for arrow in data["arrows"]:
        found.beside_arrow(arrow["name"], frame(arrow["start"]), frame(arrow["end"]))
    for line, ends in zip(data["lines"], segments, strict=True):
        if ends:
            found.beside_segment(line["name"], *ends)
    polygons = [[frame(c) for c in region["corners"]] for region in data["regions"]]
    written: set[str] = set()
    for number, (region, polygon) in enumerate(zip(data["regions"], polygons, strict=True)):
        if region["name"] not in written:  # of several parts the first has the name
            found.inside(region["name"], polygon, polygons[:number] + polygons[number + 1 :])
            written.add(region["name"])
    return found.written


def _axes(frame: _Frame) -> Iterator[str]:
    """Yield the grid with its numbers; of a line, the line itself."""
    left, right, bottom, top = frame.view
    across = [(frame((t, 0))[0], _numeral(t)) for t in ticks(left, right)]
    up = [] if frame.flat else [(frame((0, t))[1], _numeral(t)) for t in ticks(bottom, top)]
    grid = [f"M{x:.1f} {frame.top:.1f}V{frame.bottom:.1f}" for x, _ in across]
    grid += [f"M{frame.left:.1f} {y:.1f}H{frame.right:.1f}" for y, _ in up]
    yield _path("".join(grid), "stroke:var(--rule);stroke-width:.7")
    edge = f"M{frame.left:.1f} {frame.bottom:.1f}H{frame.right:.1f}"
    if frame.flat:
        yield _path(f"M{frame.left:.1f} {frame((0, 0))[1]:.1f}H{frame.right:.1f}", _stroke(1))
    else:
        edge = f"M{frame.left:.1f} {frame.top:.1f}V{frame.bottom:.1f}H{frame.right:.1f}"
    yield _path(edge, "stroke:var(--muted);stroke-width:.8")
    yield '<g style="fill:var(--ink)" text-anchor="middle">'
    yield from (f'<text x="{x:.1f}" y="{frame.bottom + 14:.1f}">{t}</text>' for x, t in across)
    middle, low = (frame.left + frame.right) / 2, frame.bottom + 31
    first = "coordinate" if frame.flat else "first coordinate"
    yield f'<text x="{middle:.1f}" y="{low:.1f}">{first} (units of the data)</text></g>'
    if up:
        yield '<g style="fill:var(--ink)" text-anchor="end">'
        yield from (f'<text x="{frame.left - 5:.1f}" y="{y + 4:.1f}">{t}</text>' for y, t in up)
        x, y = frame.left - 36, (frame.top + frame.bottom) / 2
        yield (
            f'<text text-anchor="middle" transform="translate({x:.1f} {y:.1f}) rotate(-90)">'
            "second coordinate</text></g>"
        )


def _regions(frame: _Frame, regions: Sequence[dict[str, Any]], identity: str) -> Iterator[str]:
    numbers: dict[str, int] = {}
    for region in regions:
        new = region["name"] not in numbers
        number = numbers.setdefault(region["name"], len(numbers))  # parts of one look alike
        colour = f"var(--series-{number % SERIES + 1})"
        corners = "L".join(f"{x:.1f} {y:.1f}" for x, y in map(frame, region["corners"]))
        shape = f"M{corners}Z"
        yield f'<path d="{shape}" style="fill:{colour};opacity:.13"/>'
        fill = "none"
        if hatch := _HATCHES[number % SERIES]:
            fill = f"url(#{identity}-hatch-{number})"
        if hatch and new:
            yield (
                f'<pattern id="{identity}-hatch-{number}" width="6" height="6" '
                f'patternUnits="userSpaceOnUse"><path d="{hatch}" style="stroke:{colour};'
                'stroke-width:.7"/></pattern>'
            )
        yield f'<path d="{shape}" style="fill:{fill};stroke:{colour};stroke-width:1.1;opacity:.5"/>'


def _lines(frame: _Frame, lines: Sequence[dict[str, Any]]) -> Iterator[str]:
    for number, line in enumerate(lines):
        ends = visible(line, frame.view)
        if not ends:
            continue
        (a, b), (c, d) = map(frame, ends)
        dash = DASHES[number % len(DASHES)]
        dashed = f";stroke-dasharray:{dash}" if dash else ""
        yield _path(
            f"M{a:.1f} {b:.1f}L{c:.1f} {d:.1f}", f"stroke:var(--muted);stroke-width:1.5{dashed}"
        )
        if line.get("rule"):
            x, y = line["normal"]
            length = math.hypot(x, y)
            step = (HAIR * x / length, -HAIR * y / length)
            count = max(1, int(math.dist((a, b), (c, d)) / HAIR_SPACING))
            shares = [(k + 0.5) / count for k in range(count)]
            yield _path(
                "".join(
                    f"M{a + t * (c - a):.1f} {b + t * (d - b):.1f}l{step[0]:.1f} {step[1]:.1f}"
                    for t in shares
                ),
                "stroke:var(--series-1);stroke-width:1.3",
            )


def _arrows(frame: _Frame, data: dict[str, Any]) -> Iterator[str]:
    places = [marker["at"] for marker in data["markers"]]
    for arrow in data["arrows"]:
        (a, b), (c, d) = frame(arrow["start"]), frame(arrow["end"])
        length = math.dist((a, b), (c, d))
        if not length:
            continue
        x, y = (c - a) / length, (d - b) / length
        if arrow["end"] in places:
            c, d = c - HEAD_GAP * x, d - HEAD_GAP * y
        e, f = c - HEAD * x, d - HEAD * y
        yield _path(f"M{a:.1f} {b:.1f}L{e:.1f} {f:.1f}", _stroke(1.8))
        side = 0.4 * HEAD
        yield (
            f'<path d="M{c:.1f} {d:.1f}L{e - side * y:.1f} {f + side * x:.1f}'
            f'L{e + side * y:.1f} {f - side * x:.1f}Z" style="fill:var(--ink)"/>'
        )


def _spread(frame: _Frame, data: dict[str, Any]) -> Iterator[tuple[dict[str, Any], Place]]:
    """Yield every marker with its place on the page, those at one place beside each other."""
    groups: dict[tuple[float, ...], list[dict[str, Any]]] = {}
    for marker in data["markers"]:
        groups.setdefault(tuple(marker["at"]), []).append(marker)
    for at, together in groups.items():
        x, y = frame(at)
        for k, marker in enumerate(together):
            yield marker, (x + (k - (len(together) - 1) / 2) * (MARKER + 1), y)


def _marker(marker: dict[str, Any], at: Place) -> Iterator[str]:
    (x, y), half = at, MARKER / 2
    look = f'style="fill:var({_COLOURS[marker["label"]]});stroke:var(--ink)"'
    if marker["label"] == 1:
        yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{half}" {look}/>'
    elif marker["label"] == -1:
        corner = f'x="{x - half:.1f}" y="{y - half:.1f}"'
        yield f'<rect {corner} width="{MARKER:g}" height="{MARKER:g}" {look}/>'
    else:
        yield f'<path d="M{x - half:.1f} {y:.1f}l5.5 -5.5l5.5 5.5l-5.5 5.5z" {look}/>'
    if sign := _SIGNS[marker["label"]]:
        yield (
            f'<text x="{x:.1f}" y="{y + 4:.1f}" text-anchor="middle" '
            f'style="fill:var(--paper);font-weight:700">{sign}</text>'
        )


def _path(drawn: str, look: str) -> str:
    return f'<path d="{drawn}" style="fill:none;{look}"/>'


def _stroke(width: float) -> str:
    return f"stroke:var(--ink);stroke-width:{width}"


def _numeral(value: float) -> str:
    return f"{round(value, 10) + 0:g}".replace("-", "−")
