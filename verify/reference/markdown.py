"""Prose in Markdown, formulas in dollar signs, as HTML with MathML; raw HTML is shown as text."""

import re
from functools import cache
from importlib.resources import files

from markdown_it import MarkdownIt
from markupsafe import Markup

from verify.reporting.mathematics import to_html

# Code first: dollar signs in it are no formulas.
_PIECE = re.compile(r"```.*?^```|`[^`\n]+`|(?<!\\)\$.+?(?<!\\)\$", re.DOTALL | re.MULTILINE)
_MARK = "\ue000{}\ue001"
_MARKED = re.compile("\ue000([0-9]+)\ue001")


def render(text: str) -> Markup:
    """Return Markdown as HTML.

    >>> str(render("If $r<1$, see [Theorem 1](zou-thm-1.html)."))[:16]
    '<p>If <math disp'
    """
    formulas: list[str] = []

    def keep(match: re.Match[str]) -> str:
        if match[0][0] == "`":
            return match[0]
        formulas.append(match[0])
        return _MARK.format(len(formulas) - 1)

    html = _converter().render(_PIECE.sub(keep, text))
    # A block of code may be scrolled, and so has to be reached by the keyboard.
    html = html.replace("<pre>", '<pre tabindex="0">')
    return Markup(_MARKED.sub(lambda match: to_html(formulas[int(match[1])]), html))


@cache
def _converter() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False}).enable("table")


def prose(name: str) -> str:
    """Return the text of a file of ``verify/reference/prose``."""
    return files("verify.reference").joinpath("prose", name).read_text(encoding="utf-8")
