r"""Text with ``$...$`` LaTeX turned into HTML with MathML, everything else escaped."""

import re
from xml.etree import ElementTree

from latex2mathml.converter import convert
from markupsafe import Markup, escape

_FORMULA = re.compile(r"(?<!\\)\$(.+?)(?<!\\)\$", re.DOTALL)
_NAMESPACE = "http://www.w3.org/1998/Math/MathML"
_ELEMENT = re.compile(
    "math|m(row|i|n|o|text|space|frac|sqrt|root|style|padded|phantom|table|tr|td)"
    "|m(sub|sup|subsup|under|over|underover)"
)
# What TeX spaces by itself: a space after a named function, but not before its index or bracket,
# none after the sign of a number that follows an opening bracket, a comma or a relation, and none
# around bars.
_SPACING = (
    (
        re.compile(
            r"(?<!<msub>)(?<!<msup>)(?<!<msubsup>)"
            r"<m([io])>([a-z]{2,})</m\1>(?=<m(?:i|n|sub|sup|subsup|frac)>)"
        ),
        r'<mi>\2</mi><mspace width="0.167em"/>',
    ),
    (
        re.compile(r'<mo>([a-z]{2,})</mo>(?=<mo stretchy="false">\()'),
        r"<mi>\1</mi>",
    ),
    (
        re.compile(r"([(\[,=≤≥]|&lt;|&gt;)</mo><mo>([−+])</mo>"),
        r'\1</mo><mo form="prefix">\2</mo>',
    ),
    # Bars enclose, and are no relation.
    (
        re.compile(r'<mo stretchy="false">\|</mo>'),
        '<mo stretchy="false" lspace="0" rspace="0">|</mo>',
    ),
)
_REFERENCE = re.compile("&#x([0-9A-F]+);")
_LONG = 16  # letters of a formula that fits into a column of a table
_BREAK_BEFORE = frozenset("=<>≤≥≠∈⊂⊆→+−")
_OPENING = frozenset("([{,=<>≤≥≠∈⊂⊆→")
_FORBIDDEN_ATTRIBUTES = frozenset({"href", "src", "id", "class", "style"})


def to_html(text: str) -> Markup:
    r"""Return ``text`` as safe inline HTML, each ``$...$`` being converted to MathML.

    ``\$`` stands for a dollar sign, and so does a ``$`` without a partner. A formula that cannot
    be converted is shown as its LaTeX source: no report must be lost over its typography.

    >>> str(to_html("a < b"))
    'a &lt; b'
    >>> str(to_html("if $r<1$"))
    'if <math display="inline"><mrow><mi>r</mi><mo>&lt;</mo><mn>1</mn></mrow></math>'
    """
    pieces: list[Markup] = []
    position = 0
    for match in _FORMULA.finditer(text):
        pieces.append(_plain(text[position : match.start()]))
        pieces.append(_formula(match.group(1)))
        position = match.end()
    pieces.append(_plain(text[position:]))
    return Markup("").join(pieces)


def _plain(text: str) -> Markup:
    return escape(text.replace(r"\$", "$"))


def _formula(latex: str) -> Markup:
    source = Markup("<code>{}</code>").format(latex)
    try:
        markup = convert(latex)
        root = ElementTree.fromstring(markup)
    except Exception:  # the converter raises an exception class of its own for each kind of error
        return source
    if not _is_plain(root):
        return source
    markup = markup.replace(f' xmlns="{_NAMESPACE}"', "")
    # A character takes a quarter of the room of its number.
    markup = _REFERENCE.sub(lambda found: escape(chr(int(found[1], 16))), markup)
    for pattern, replacement in _SPACING:
        markup = pattern.sub(replacement, markup)
    return Markup(_breakable(markup))


def _breakable(markup: str) -> str:
    """Return a long formula in pieces between which a line may end: browsers break none themselves.

    A piece begins with a relation, or with the sign of a sum, or after a comma.
    """
    root = ElementTree.fromstring(markup)
    if len(root) != 1 or len("".join(root.itertext())) <= _LONG:
        return markup
    pieces: list[list[ElementTree.Element]] = [[]]
    for child in root[0]:
        before = pieces[-1][-1] if pieces[-1] else None
        if (
            _sign(child) in _BREAK_BEFORE
            and child.get("form") != "prefix"
            and before is not None
            and _sign(before) not in _OPENING
        ):
            child.set("form", "infix")  # which it no longer is by its place
            pieces.append([])
        pieces[-1].append(child)
        if _sign(child) == ",":
            pieces.append([])
    rows = []
    for piece in filter(None, pieces):
        row = ElementTree.Element("mrow")
        row.extend(piece)
        inner = ElementTree.tostring(row, encoding="unicode")
        rows.append(f'<math display="inline">{inner}</math>')
    return "<wbr>".join(rows)


def _sign(element: ElementTree.Element) -> str:
    return (element.text or "") if element.tag == "mo" else ""


def _is_plain(root: ElementTree.Element) -> bool:
    """Tell whether the MathML has only presentation elements and no command was left over."""
    for element in root.iter():
        namespace, _, name = str(element.tag).rpartition("}")
        if namespace != "{" + _NAMESPACE or not _ELEMENT.fullmatch(name):
            return False
        if any(a in _FORBIDDEN_ATTRIBUTES or a.startswith("on") for a in element.attrib):
            return False
        if (element.text or "").startswith("\\"):
            return False
    return True
