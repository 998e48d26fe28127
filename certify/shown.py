"""How answers read: a line or a few in a terminal, a table in a notebook, short numbers in both.

Exact answers have numbers of thousands of digits. Here they are rounded, with a ``~``, and long
vectors end in how many entries they have; the attributes of an answer hold all of it.
"""

import html
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal
from fractions import Fraction
from textwrap import wrap
from typing import Any, ClassVar

from certify.errors import shortened

WIDTH = 80  # of a line in a terminal
LONGEST = 12  # characters of a number that is shown as it is
ENTRIES = 4  # of a vector, and rows of a matrix
_BITS = 64  # of a long number that are looked at
_WIDE = Context(prec=20, Emax=MAX_EMAX, Emin=MIN_EMIN)


class Shown:
    """Shows the fields of a dataclass, and the properties in ``shown``, but None and certificates.

    The dataclass has to be made with ``repr=False``.
    """

    shown: ClassVar[tuple[str, ...]] = ()

    def __repr__(self) -> str:
        return line(self)

    def _repr_html_(self) -> str:
        return table(self)


def line(answer: Any) -> str:
    """Return an answer as Python would write it, in one line or one for each part."""
    name, parts = type(answer).__name__, [f"{key}={value}" for key, value in _parts(answer)]
    whole = f"{name}({', '.join(parts)})"
    if len(whole) <= WIDTH and "\n" not in whole:
        return whole
    inside = [_filled(row) for part in parts for row in f"{part},".split("\n")]
    return "\n    ".join([f"{name}(", *inside]) + "\n)"


def _filled(row: str) -> str:
    width = WIDTH - 4
    lines = wrap(row, width, subsequent_indent=" ", break_long_words=False, break_on_hyphens=False)
    return "\n    ".join(lines)


def table(answer: Any) -> str:
    """Return an answer as a table in HTML."""
    rows = "".join(
        f"<tr><th>{html.escape(key)}</th><td>{html.escape(value)}</td></tr>"
        for key, value in _parts(answer)
    )
    return f"<table><caption>{type(answer).__name__}</caption>{rows}</table>"


def short(value: Any) -> str:
    """Return a value in few characters.

    >>> short((Fraction(1, 3), Fraction(-(10**30), 7))), short(range(9))
    ('(1/3, ~-1.42857e+29)', '(0, 1, 2, 3, ... 9 in all)')
    """
    if isinstance(value, int | Fraction) and not isinstance(value, bool):
        return _number(value)
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, Shown) or hasattr(value, "_fields"):
        return line(value)
    if isinstance(value, tuple | list | range):
        if value and isinstance(value[0], Shown):
            return f"({len(value)} of {type(value[0]).__name__})"
        entries = list(map(short, value[:ENTRIES]))
        if len(value) > ENTRIES:
            entries.append(f"... {len(value)} in all")
        # Long rows of a matrix stand below each other.
        between = ",\n " if len("".join(entries)) > WIDTH // 2 and entries[0][0] == "(" else ", "
        return f"({between.join(entries)}{',' * (len(value) == 1)})"
    return shortened(repr(value))


def _parts(answer: Any) -> Iterator[tuple[str, str]]:
    if is_dataclass(answer):
        names = [field.name for field in fields(answer) if field.repr]
    else:
        names = list(answer._fields)
    for name in (*names, *getattr(answer, "shown", ())):
        value = getattr(answer, name)
        if value is not None:
            yield name, short(value)


def _number(value: int | Fraction) -> str:
    n, d = value.as_integer_ratio()
    if n.bit_length() + d.bit_length() <= 4 * LONGEST and len(str(value)) <= LONGEST:
        return str(value)
    # The highest bits are enough, whatever the size: floats end at 2^1024, and Python prints no
    # integer beyond some thousand digits.
    shift = _BITS + d.bit_length() - n.bit_length()
    high = (n << max(0, shift)) // (d << max(0, -shift))
    return f"~{_WIDE.multiply(Decimal(high), _WIDE.power(2, -shift)):.6g}"
