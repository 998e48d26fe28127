"""An audit as notebooks show it: the answers in words, and a picture for each that has one."""

from collections.abc import Iterable

from markupsafe import Markup, escape

from verify.evidence.result import Result
from verify.reporting.figures import draw
from verify.reporting.mathematics import to_html

# The pictures take their colours from the page; a notebook has none of these names.
_COLOURS = (
    "--ink:currentColor;--muted:currentColor;--rule:#8886;--paper:transparent;"
    "--series-1:#3b8fc4;--series-2:#d0661f;--series-3:#1f9672;--series-4:#a8568a;--sans:sans-serif"
)


def html(origin: str, notes: Iterable[str], answers: Iterable[tuple[str, str, Result]]) -> Markup:
    """Return notes and (title, id, result) of each question as HTML with MathML and SVG."""
    parts = [Markup("<h4>Audit of {}</h4>").format(origin)]
    parts.append(Markup("<p>{}</p>").format(" ".join(notes)))
    for title, name, result in answers:
        parts.append(
            Markup("<p><b>{}</b> ({}). {}</p>").format(
                title, str(result.grade), Markup(to_html(result.finding))
            )
        )
        for number, figure in enumerate(result.figures):
            panels = draw(figure, f"notebook-{name}-{number}")
            drawn = Markup("").join(
                Markup('<div style="flex:1 1 {};max-width:{}">{}{}</div>').format(
                    *(("6rem", "9rem") if panel.small else ("18rem", "30rem")),
                    escape(panel.title), panel.svg,
                )
                for panel in panels
            )  # fmt: skip
            parts.append(
                Markup('<div style="display:flex;flex-wrap:wrap;gap:1rem">{}</div>').format(drawn)
            )
    return Markup('<div style="max-width:52rem;{}">{}</div>').format(
        _COLOURS, Markup("").join(parts)
    )
