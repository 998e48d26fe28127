"""Interactive figures for the reference pages: plain JavaScript and SVG, no request to anywhere.

They compute in floats, in the browser, and say so; what is certified stands beside them.
"""

import json
from dataclasses import dataclass
from importlib.resources import files

from markupsafe import Markup

from verify.reference.interactive.start import STARTS


@dataclass(frozen=True)
class Interactive:
    """One figure: its id, its title, and the claims that it illustrates."""

    id: str
    title: str
    claims: tuple[str, ...]


FIGURES: tuple[Interactive, ...] = (
    Interactive(
        "margin",
        "Steps along the max-margin direction",
        ("charles-thm-4", "charles-thm-5", "charles-cor-6", "charles-cor-6-remark"),
    ),
    Interactive(
        "relu",
        "Directions that leave the −1 region of a ReLU rule",
        ("charles-lem-13", "charles-thm-10", "charles-thm-15"),
    ),
    Interactive(
        "softmax",
        "Decision regions and invariant directions of a softmax head",
        ("zou-thm-1", "zou-thm-2", "zou-unbounded"),
    ),
    Interactive(
        "section6",
        "A max-margin direction that a ReLU rule never notices",
        ("charles-sec6-nontransfer", "charles-fig-3"),
    ),
)

_INSTRUCTIONS = {
    "margin": "Drag the points and x. An arrow at each point shows the step that changes its label "
    "for every separator at once; a dashed one shows that no step is enough.",
    "relu": "Drag the points, x, the tip of d, and the two handles of each hyperplane: the ring "
    "moves it, the triangle turns it.",
    "softmax": "Drag the weight vectors 1, 2, … and the features h. Put the tips of the weight "
    "vectors on one line to get a direction that no probability notices.",
    "section6": "Drag the points and x, and set how fast the units fall along w*. From 0 on, the "
    "ray along w* stays in the −1 region for ever.",
}
_KEYS = (
    "With the keyboard: Tab to a handle, arrow keys to move it, Shift with an arrow key to move it "
    "further."
)

_FRAGMENT = """\
<figure class="interactive" id="interactive-{id}" data-interactive="{id}" \
aria-labelledby="interactive-{id}-title">
<figcaption>
<p class="i-title"><strong id="interactive-{id}-title">{title}</strong> \
<span class="i-grade">illustration (float)</span></p>
<p class="i-how">{how} {keys}</p>
</figcaption>
<div class="i-body">
<div class="i-plot"></div>
<div class="i-words">
<p class="i-live" aria-live="polite" aria-atomic="true">This illustration needs JavaScript. \
The certified picture does not.</p>
<div class="i-controls"></div>
<table class="i-table"></table>
</div>
<div class="i-key"></div>
</div>
<script type="application/json">{start}</script>
</figure>
"""


def fragment(figure: Interactive, claim: str = "") -> Markup:
    """Return the HTML of a figure; :data:`SCRIPT` brings it to life and :data:`STYLE` dresses it.

    On the page of a claim it starts with an example of what the claim says.

    ``STYLE`` takes the colours of the page, where it defines them.
    """
    # No "</script>" and no "<!--" may end or change the script element.
    start = json.dumps(STARTS[figure.id](claim or figure.claims[0]), ensure_ascii=False).replace(
        "<", "\\u003c"
    )
    return Markup(_FRAGMENT).format(
        id=figure.id,
        title=figure.title,
        how=_INSTRUCTIONS[figure.id],
        keys=_KEYS,
        start=Markup(start.replace("<", "\\u003c")),
    )


def _read(name: str) -> str:
    return files("verify.reference.interactive").joinpath(name).read_text(encoding="utf-8")


_PARTS = ("geometry", "plane", "figure", "margin", "relu", "softmax", "section6")

#: Everything as one classic script; nothing of it is visible outside.
SCRIPT: str = "\n".join(
    (
        "(() => {",
        '"use strict";',
        *(_read(f"{part}.js") for part in _PARTS),
        "const begin = () => document.querySelectorAll('[data-interactive]').forEach(bind);",
        "if (document.readyState === 'loading')",
        "  document.addEventListener('DOMContentLoaded', begin);",
        "else begin();",
        "})();\n",
    )
)

STYLE: str = _read("interactive.css")
