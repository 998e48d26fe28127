"""Formulas and exact objects as plain text for the terminal and the report."""

import re
from functools import cache

from pylatexenc.latex2text import LatexNodes2Text


def plain(text: str) -> str:
    r"""Return text with ``$LaTeX$`` as plain Unicode text.

    >>> plain(r"$\sum\alpha_iy_i=0$ in $\mathbb{R}^l$")
    '∑α_iy_i=0 in ℝ^l'
    """
    # The converter reads "%" as the start of a comment.
    return str(_converter().latex_to_text(text.replace("%", r"\%")))


def without_formulas(text: str) -> str:
    """Return text with its ``$LaTeX$`` as plain text and the rest as it is, names of users' too.

    >>> without_formulas("at distance $10^6$, for the label a~b")
    'at distance 10^6, for the label a~b'
    """
    return re.sub(r"\$[^$]+\$", lambda found: plain(found[0]), text)


@cache
def _converter() -> LatexNodes2Text:
    return LatexNodes2Text(math_mode="text", keep_braced_groups=True)
