"""One style for all figures, and matplotlib figures as SVG that follows the page's colours.

Figures are drawn with placeholder colours, which become CSS variables in the SVG: so one picture
serves light, dark and print. Text stays text and takes the page's font.
"""

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from typing import Any

import matplotlib
from markupsafe import Markup, escape
from matplotlib.axes import Axes
from matplotlib.figure import Figure

INK, MUTED, GRID, PAPER = "#010101", "#020202", "#030303", "#040404"
SERIES = ("#050505", "#060606", "#070707", "#080808")
MARKERS = ("o", "s", "^", "D")
DASHES = ("-", "--", ":", "-.")
_VARIABLES = {
    INK: "--ink",
    MUTED: "--muted",
    GRID: "--rule",
    PAPER: "--paper",
    **{colour: f"--series-{number}" for number, colour in enumerate(SERIES, start=1)},
}
_STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",
    "text.parse_math": False,
    "svg.hashsalt": "adversarial-geometry",
    "figure.facecolor": "none",
    "savefig.facecolor": "none",
    "axes.facecolor": "none",
    "axes.edgecolor": MUTED,
    "axes.labelcolor": INK,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": GRID,
    "grid.linewidth": 0.7,
    "text.color": INK,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "font.size": 11.5,
    "axes.labelsize": 11.5,
    "xtick.labelsize": 11,
    "ytick.labelsize": 11,
    "legend.fontsize": 11,
    "legend.frameon": False,
    "legend.handlelength": 2.6,
    "lines.linewidth": 1.7,
    "lines.markersize": 5,
}
#: Width of a panel in inches: 360 points, about one phone screen, so that its text stays readable.
WIDTH = 5.0


@contextmanager
def style() -> Iterator[None]:
    """Draw in the report's style, whatever the user's matplotlib settings; restore them after."""
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(_STYLE)
        yield


def new_figure(height: float, width: float = WIDTH) -> tuple[Figure, Axes]:
    """Return a fresh figure with its only axes; sizes in inches, outside matplotlib's registry."""
    figure = Figure(figsize=(width, height), layout="constrained")
    return figure, figure.add_subplot()


def to_svg(figure: Figure, identity: str, label: str) -> Markup:
    """Return ``figure`` as an inline SVG element.

    ``identity`` is put before every id, so that pictures on one page do not collide; ``label`` is
    what a screen reader says. The same figure gives the same bytes. Call within :func:`style`.
    """
    buffer = io.StringIO()
    nothing = dict.fromkeys(("Creator", "Date", "Format", "Type"))
    figure.savefig(buffer, format="svg", metadata=nothing)
    text = buffer.getvalue()
    text = text[text.index("<svg") :]
    # Inline, matplotlib's style sheet would apply to the whole page.
    text = re.sub(r"<defs>\s*<style.*?</style>\s*</defs>", "", text, flags=re.DOTALL)
    text = re.sub(r"<!--.*?-->\s*", "", text, flags=re.DOTALL)
    text = re.sub(r'\bid="', f'id="{identity}-', text)
    text = re.sub(r'href="#', f'href="#{identity}-', text)
    text = text.replace("url(#", f"url(#{identity}-")
    text = re.sub(r"font: (?:[a-z]+ )*([\d.]+)px [^;\"]*", r"font-size: \1px", text)
    for colour, variable in _VARIABLES.items():
        text = text.replace(colour, f"var({variable})")
    match = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', text)
    width, height = match.groups() if match else ("100%", "100%")
    opening = (
        f'<svg class="plot" role="img" aria-label="{escape(label)}" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}" style="stroke-linejoin:round;stroke-linecap:butt">'
    )
    return Markup(opening + text[text.index(">") + 1 :].strip())


def standalone(svg: Markup) -> str:
    """Return an inline SVG as the text of a file that brings the page's colours along."""
    sheet = files("verify.reporting").joinpath("templates/report.css").read_text(encoding="utf-8")
    # The colours, light and dark, come before the first rule for elements.
    colours = sheet[: sheet.index("\n* {")]
    rules = f"{colours}\nsvg {{ background: var(--paper); font-family: var(--sans); }}"
    opening = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
    head, body = svg.removeprefix("<svg ").split(">", 1)
    return f"{opening}{head}>\n<style>\n{rules}\n</style>\n{body}\n"
