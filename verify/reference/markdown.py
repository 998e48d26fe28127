"""Prose in Markdown, formulas in dollar signs, as HTML with MathML; raw HTML is shown as text."""

import re
from functools import cache
from importlib.resources import files

from markdown_it import MarkdownIt
from markupsafe import Markup

from certify.errors import InputError
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


def sections(text: str, where: str) -> dict[str, Markup]:
    """Return what stands under each ``## heading``, in order; nothing may stand before the first.

    >>> list(sections("## One\\n\\na\\n\\n## Two\\n\\nb", "here"))
    ['One', 'Two']
    """
    start, *parts = re.split(r"^## (.+)\n", text, flags=re.MULTILINE)
    if start.strip():
        raise InputError("prose", expected="a heading first", got=start.strip()[:40], where=where)
    return {name.strip(): render(body) for name, body in zip(parts[::2], parts[1::2], strict=True)}


def prose(name: str) -> str:
    """Return the text of a file of ``verify/reference/prose``, or raise InputError."""
    path = files("verify.reference").joinpath("prose", name)
    if not path.is_file():
        raise InputError("prose", expected="a text", got="none", where=name)
    return path.read_text(encoding="utf-8")
