"""Linear programs from MPS files, free or fixed, with every numeral read exactly.

HiGHS and most other readers store each numeral as the nearest double, and 0.1 in the file is then
another number: the program that is solved is not the one that was written, and may even have
another status. Here ``0.1`` is one tenth.
"""

from __future__ import annotations

import gzip
import zlib
from codecs import BOM_UTF8
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise
from os import PathLike
from pathlib import Path
from typing import Any

from certify.errors import InputError
from certify.programs.mps_sections import Block, Sections
from certify.shown import Shown

# The fields of fixed MPS: columns 2-3, 5-12, 15-22, 25-36, 40-47 and 50-61 of the line.
_FIELDS = ((1, 3), (4, 12), (14, 22), (24, 36), (39, 47), (49, 61))
_BETWEEN = ((0, 1), (3, 4), (12, 14), (22, 24), (36, 39), (47, 49))  # blank in fixed MPS
_BLOCK = 5_000  # lines, whose words are taken together
MOST_BYTES = 2**29  # of the text, which is read whole
_GZIP = b"\x1f\x8b"


@dataclass(frozen=True, repr=False)
class MPSProgram(Shown):
    """What an MPS file says.

    ``arguments`` are the arguments of :func:`certify.linear_program`, with one column for each of
    ``variables``; the rows of the file come first, and bounds other than x >= 0 are rows after
    them. ``constant`` is to be added to the optimal value: minus the right side of the objective,
    as HiGHS and CPLEX read it. GLPK adds the right side itself, and QSopt_ex leaves it out.
    """

    name: str
    variables: tuple[str, ...]
    constant: Fraction
    arguments: dict[str, Any] = field(repr=False)


def read_mps(path: str | PathLike[str], *, fixed: bool = False, relax: bool = False) -> MPSProgram:
    """Read a linear program in free MPS, or in fixed MPS, where names may contain blanks.

    The file may be compressed by gzip. Understands ROWS, COLUMNS, RHS, RANGES, BOUNDS (LO, UP, FX,
    FR, MI, PL), OBJSENSE, infinite bounds (``Inf``), Fortran's exponents D, quotients ``p/q``, and
    comments: lines with ``*``, and what follows a ``$`` at the third field or later, unless that
    would be the name of a row or variable, which is refused. The first N row is the objective,
    further ones are left out.

    Bounds BV, LI and UI and sections between 'MARKER' lines make variables integers: such files
    are refused, unless ``relax`` asks for the program without that condition, with these bounds
    as bounds; a variable between markers then needs some bound, as readers do not agree on the one
    that it has without. Bounds of 1e30 and more in size are infinite, as solvers write them; from
    1e20 on they are refused: HiGHS and CPLEX take them for infinite, QSopt_ex does not. So are
    right sides and ranges of rows from 1e20 on.

    Raises :class:`InputError` naming file, line and what was expected, and OSError when the file
    cannot be read.

    >>> import tempfile
    >>> text = "ROWS\\n N c\\n G r\\nCOLUMNS\\n x c 1 r 0.1\\nRHS\\n b r 1\\nENDATA\\n"
    >>> with tempfile.NamedTemporaryFile("w+", suffix=".mps") as file:
    ...     print(text, file=file, flush=True)
    ...     program = read_mps(file.name)
    >>> from certify import linear_program
    >>> linear_program(**program.arguments).value
    Fraction(10, 1)
    """
    sections = Sections(str(path), relax, fixed)
    lines = _lines(Path(path))
    heads = [k for k, line in enumerate(lines) if line[:1].strip() and line[0] != "*"]
    take: Callable[[Block, int], None] = sections.outside
    split = _words
    for k, end in pairwise([-1, *heads, len(lines)]):
        sections.line = k + 1
        if k >= 0:
            section, *rest = lines[k].split()
            if section == "ENDATA":
                return MPSProgram(*sections.program())
            take = sections.head(section, rest)
            split = _columns if fixed and section != "OBJSENSE" else _words
        for start in range(k + 1, end, _BLOCK):
            take(split(sections, start + 1, lines[start : min(end, start + _BLOCK)]), start + 1)
    sections.line = len(lines)
    sections.fail("ENDATA", "the end of the file")


def _lines(path: Path) -> list[str]:
    """Return the lines of a file, unpacked."""
    if path.exists() and not path.is_file():
        raise InputError(str(path), expected="a file", got="a folder, pipe or device")
    if path.exists() and (size := path.stat().st_size) > MOST_BYTES:
        raise InputError(str(path), expected=f"at most {MOST_BYTES} bytes", got=f"{size}")
    with path.open("rb") as file:
        packed = file.read(len(_GZIP)) == _GZIP
        file.seek(0)
        try:
            with gzip.open(file) if packed else file as unpacked:
                data = unpacked.read(MOST_BYTES + 1)
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise InputError(str(path), expected="a whole gzip file", got=str(error)) from None
    if len(data) > MOST_BYTES:
        raise InputError(str(path), expected=f"at most {MOST_BYTES} bytes unpacked", got="more")
    try:
        text = data.removeprefix(BOM_UTF8).decode()
    except UnicodeDecodeError as error:
        got = f"the byte {error.object[error.start]:#x}"
        raise InputError(str(path), expected="text in UTF-8, or gzip of it", got=got) from None
    # str.splitlines would also end lines at signs that others take for blanks or parts of names.
    return text.replace("\r\n", "\n").replace("\r", "\n").removesuffix("\n").split("\n")


def _words(sections: Sections, first: int, lines: list[str]) -> Block:
    """Return the fields of lines of free MPS; those of a comment are none.

    From a word that begins with a dollar sign on, at the third field or later, is one as well.
    """
    block = list(map(str.split, lines))
    text = "\n".join(["", *lines])
    noted = "$" in text or "\n*" in text
    for k, line in enumerate(lines if noted else []):
        if line[:1] == "*":
            block[k] = []
        elif "$" in line:
            sections.line = first + k
            comment = (i for i, word in enumerate(block[k]) if i >= 2 and word[0] == "$")
            start = next(comment, len(block[k]))
            _no_name(sections, " ".join(block[k][start : start + 1]))
            del block[k][start:]
    return block


def _no_name(sections: Sections, comment: str) -> None:
    """Refuse a comment that begins with a name: other readers take it for that."""
    if comment in sections.places or comment in sections.variables:
        sections.fail("names that begin with no $, as comments do", comment)


def _columns(sections: Sections, first: int, lines: list[str]) -> Block:
    """Return the fields of lines of fixed MPS; those of a comment are none."""
    block = []
    for sections.line, line in enumerate(lines, first):
        parts = [] if line[:1] == "*" else list(_fields(sections, line))
        # Markers stand in one pair of fields or another, with blank ones before them.
        block.append([part for part in parts if part] if "'MARKER'" in parts else parts)
    return block


def _fields(sections: Sections, line: str) -> Iterator[str]:
    """Yield the fields; field 1 is empty where a line has no type, and trailing ones are none."""
    if "\t" in line:
        sections.fail("blanks between the fields of fixed MPS", "a tab")
    for start, end in (_FIELDS[2], _FIELDS[4]):  # where MPS allows a comment to begin
        if line[start : start + 1] == "$":
            _no_name(sections, line[start:end].strip())
            line = line[:start]
    if line[_FIELDS[-1][1] :].strip():
        sections.fail("nothing after column 61 of fixed MPS", line[_FIELDS[-1][1] :].strip())
    for start, end in _BETWEEN:
        if line[start:end].strip():
            expected = f"blanks between the fields of fixed MPS, as in column {start + 1}"
            sections.fail(expected, line.strip())
    parts = [line[start:end].strip() for start, end in _FIELDS]
    last = max((k for k, part in enumerate(parts) if part), default=-1)
    yield from parts[0 if parts[0] else 1 : last + 1]
