"""Formulas and exact objects as plain text for the terminal and the report."""

import re
from functools import cache

from pylatexenc.latex2text import LatexNodes2Text

_FORMULA = re.compile(r"(?<!\\)\$[^$]+\$")
# The innermost first: a letter, a command or braces without others inside.
_SCRIPT = re.compile(r"([_^])(?:\{([^{}]*)\}|(\\[a-z]+|[^{}\\]))")
_FRACTION = re.compile(r"\\t?frac(?:\{([^{}]*)\}|(\d))(?:\{([^{}]*)\}|(\d))")
_SUBSCRIPTS = dict(
    zip("0123456789+-=()aehijklmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ", strict=True)
)
_SUPERSCRIPTS = {
    **dict(zip("0123456789+-=()*'", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾*'", strict=True)),
    **dict(zip("abcdefghijklmnoprstuvwxyz", "ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻ", strict=True)),
    **dict(zip("ABDEGHIJKLMNOPRTUVW", "ᴬᴮᴰᴱᴳᴴᴵᴶᴷᴸᴹᴺᴼᴾᴿᵀᵁⱽᵂ", strict=True)),
}
_END = "\2"  # of the name of a command
_LINES = {"over": "\u0305", "under": "\u0332"}  # written over or under the letter before
_KEPT = {"_": "\0", "^": "\1"}  # marks that Unicode has no letters for


def plain(text: str) -> str:
    r"""Return text with ``$LaTeX$`` as plain Unicode text.

    >>> plain(r"$\sum\alpha_iy_i=0$ in $\mathbb{R}^l$, $\min_{y_i=y} w^*\cdot x_{12}$")
    '∑αᵢyᵢ=0 in ℝˡ, min_(yᵢ=y) w*·x₁₂'
    >>> plain(r"$\|w\|_2=1$")
    '‖w‖₂=1'
    """
    text = _FORMULA.sub(lambda found: _lowered(found[0]), text)
    # The converter reads "%" as the start of a comment.
    text = str(_converter().latex_to_text(text.replace("%", r"\%")))
    for mark, kept in _KEPT.items():
        text = text.replace(kept, mark)
    return text.replace(_END, "")


def _lowered(formula: str) -> str:
    """Return a formula with indices and exponents as Unicode has them, or in round brackets."""
    # A name that begins where a command ends must not become a part of that command.
    name = r"(?=\\(?:(?:mathrm|text)\{|(?:over|under)line ))"
    formula = re.sub(rf"(\\[A-Za-z]+){name}", r"\1 ", formula)
    formula = re.sub(r"\\(?:mathrm|text)\{([^{}]*)\}", r"\1", formula)
    # The converter knows no name of these: without them a dimension reads like the space.
    formula = re.sub(r"\\(dim|det)\b ?(\()?", lambda m: f"{m[1]}{m[2] or ' '}", formula)
    formula = re.sub(r"\\rm\b ?", "", formula).replace(r"\|", "‖")
    formula = re.sub(r"(?<=\w)\\ln\b", r" \\ln", formula)
    formula = formula.replace(r"\approx ", r"\approx{}")
    formula = re.sub(r"\\(over|under)line (\w)", lambda m: f"{m[2]}{_LINES[m[1]]}", formula)
    formula = re.sub(r"\\binom\{?(\w+)\}?\{?(\w)\}?", r"C(\1,\2)", formula)
    while found := _SCRIPT.search(formula) or _FRACTION.search(formula):
        if found.re is _FRACTION:
            new = _fraction(found[1] or found[2], found[3] or found[4])
            formula = formula[: found.start()] + new + formula[found.end() :]
            continue
        mark, inner = found[1], found[2] or found[3]
        table = _SUBSCRIPTS if mark == "_" else _SUPERSCRIPTS
        if all(letter in table for letter in inner):
            new = _END + "".join(table[letter] for letter in inner)
        else:
            short = re.fullmatch(r"\\?\w+", inner)
            new = f"{_KEPT[mark]}{inner}" if short else f"{_KEPT[mark]}({inner})"
        formula = formula[: found.start()] + new + formula[found.end() :]
    return re.sub(r"\\cdot ", r"\\cdot{}", formula)


def _fraction(top: str, bottom: str) -> str:
    """Return a fraction in one line, with brackets where it could be read otherwise."""
    sum_above = re.search(r"[+-]", top)
    atom = re.fullmatch(rf"\\?\w+{_END}?[\w*']*", bottom)
    return f"{f'({top})' if sum_above else top}/{bottom if atom else f'({bottom})'}"


def without_formulas(text: str) -> str:
    """Return text with its ``$LaTeX$`` as plain text and the rest as it is, names of users' too.

    >>> without_formulas("at distance $10^6$, for the label a~b")
    'at distance 10⁶, for the label a~b'
    """
    return re.sub(r"\$[^$]+\$", lambda found: plain(found[0]), text)


@cache
def _converter() -> LatexNodes2Text:
    return LatexNodes2Text(math_mode="text", keep_braced_groups=True)
