"""Linear programs from MPS files, free or fixed, with every numeral read exactly.

HiGHS and most other readers store each numeral as the nearest double, and 0.1 in the file is then
another number: the program that is solved is not the one that was written, and may even have
another status. Here ``0.1`` is one tenth.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from os import PathLike
from pathlib import Path
from typing import Any, NoReturn

from flint import fmpq_mat

from certify.errors import InputError
from certify.numbers import rationals

# The fields of fixed MPS: columns 2-3, 5-12, 15-22, 25-36, 40-47 and 50-61 of the line.
_FIELDS = ((1, 3), (4, 12), (14, 22), (24, 36), (39, 47), (49, 61))
_BETWEEN = ((0, 1), (3, 4), (12, 14), (22, 24), (36, 39), (47, 49))  # blank in fixed MPS
MOST_BYTES = 2**29  # of a file, which is read whole
MOST_ENTRIES = 10_000_000  # of the dense matrices that a program becomes
_SENSES = {"MIN": False, "MINIMIZE": False, "MAX": True, "MAXIMIZE": True}
_BOUNDS_WITHOUT_VALUE = ("FR", "MI", "PL", "BV")
_BOUNDS = ("LO", "UP", "FX", "LI", "UI", *_BOUNDS_WITHOUT_VALUE)
_SECTIONS = ("OBJSENSE", "ROWS", "COLUMNS", "RHS", "RANGES", "BOUNDS")


@dataclass(frozen=True)
class MPSProgram:
    """What an MPS file says.

    ``arguments`` are the arguments of :func:`certify.linear_program`, with one column for each of
    ``variables``; the rows of the file come first, and bounds other than x >= 0 are rows after
    them. ``constant`` is to be added to the optimal value: MPS writes it as minus the right side
    of the objective.
    """

    name: str
    variables: tuple[str, ...]
    constant: Fraction
    arguments: dict[str, Any]


def read_mps(path: str | PathLike[str], *, fixed: bool = False) -> MPSProgram:
    """Read a linear program in free MPS, or in fixed MPS, where names may contain blanks.

    Understands ROWS, COLUMNS, RHS, RANGES, BOUNDS (LO, UP, FX, FR, MI, PL, and BV, LI, UI as the
    bounds that they are), OBJSENSE, infinite bounds, Fortran's exponents D, and comments: lines
    with ``*``, and what follows a ``$`` at the third field or later. The first N row is the
    objective, further ones are left out. Raises :class:`InputError` naming file, line and what was
    expected, for malformed files as for integer sections and matrices of more than
    ``MOST_ENTRIES`` entries, and OSError when the file cannot be read.

    >>> import tempfile
    >>> text = "ROWS\\n N c\\n G r\\nCOLUMNS\\n x c 1 r 0.1\\nRHS\\n b r 1\\nENDATA\\n"
    >>> with tempfile.NamedTemporaryFile("w+", suffix=".mps") as file:
    ...     print(text, file=file, flush=True)
    ...     program = read_mps(file.name)
    >>> from certify import linear_program
    >>> linear_program(**program.arguments).value
    Fraction(10, 1)
    """
    reader = _Reader(str(path))
    if Path(path).exists() and not Path(path).is_file():
        raise InputError(str(path), expected="a file", got="a folder, pipe or device")
    if Path(path).exists() and (size := Path(path).stat().st_size) > MOST_BYTES:
        raise InputError(str(path), expected=f"at most {MOST_BYTES} bytes", got=f"{size}")
    try:
        text = Path(path).read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise InputError(
            str(path), expected="text in UTF-8", got=f"the byte {error.object[error.start]:#x}"
        ) from None
    section = ""
    for reader.line, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.startswith("*"):
            continue
        if not line[0].isspace():
            section, *rest = line.split()
            if section == "ENDATA":
                return reader.program()
            reader.head(section, rest)
        elif section in _SECTIONS:
            parts = _columns(reader, line) if fixed and section != "OBJSENSE" else _words(line)
            getattr(reader, section.lower())(parts)
        else:
            reader.fail("a section such as ROWS before the first data line", line.strip())
    reader.fail("ENDATA", "the end of the file")


def _words(line: str) -> list[str]:
    """Return the fields of free MPS; from a word that begins with a dollar sign on is a comment."""
    parts = line.split()
    comment = (k for k, part in enumerate(parts) if k >= 2 and part.startswith("$"))
    return parts[: next(comment, len(parts))]


def _columns(reader: "_Reader", line: str) -> list[str]:
    if "\t" in line:
        reader.fail("blanks between the fields of fixed MPS", "a tab")
    for start, _ in (_FIELDS[2], _FIELDS[4]):  # where MPS allows a comment to begin
        if line[start : start + 1] == "$":
            line = line[:start]
    parts = [line[start:end].strip() for start, end in _FIELDS]
    if line[_FIELDS[-1][1] :].strip():
        reader.fail("nothing after column 61 of fixed MPS", line[_FIELDS[-1][1] :].strip())
    for start, end in _BETWEEN:
        if line[start:end].strip():
            expected = f"blanks between the fields of fixed MPS, as in column {start + 1}"
            reader.fail(expected, line.strip())
    # Field 1 is empty where a line has no type, and trailing fields are left out.
    parts = parts[1:] if not parts[0] else parts
    while parts and not parts[-1]:
        parts.pop()
    return parts


@dataclass
class _Row:
    kind: str
    entries: dict[int, Fraction] = field(default_factory=dict)
    right_side: Fraction | None = None
    spread: Fraction | None = None


@dataclass
class _Reader:
    """One file on its way in: what has been read so far, and one method for each section."""

    path: str
    line: int = 0
    name: str = ""
    maximize: bool = False
    sets: dict[str, str] = field(default_factory=dict)
    by_row: dict[str, _Row] = field(default_factory=dict)
    constraints: int = 0  # rows beside the objective and others of type N
    variables: dict[str, int] = field(default_factory=dict)
    lower: dict[int, Fraction | None] = field(default_factory=dict)
    upper: dict[int, Fraction | None] = field(default_factory=dict)

    def fail(self, expected: str, got: str) -> NoReturn:
        raise InputError(self.path, expected=expected, got=got, where=f"line {self.line}")

    def head(self, section: str, rest: list[str]) -> None:
        if section == "NAME":
            self.name = " ".join(rest)
        elif section not in _SECTIONS:
            self.fail(f"a section, one of NAME, {', '.join(_SECTIONS)}, ENDATA", section)
        elif section == "OBJSENSE" and rest:
            self.objsense(rest)
        elif rest:
            self.fail(f"{section} alone on its line", " ".join(rest))

    def objsense(self, parts: list[str]) -> None:
        if len(parts) != 1 or parts[0].upper() not in _SENSES:
            self.fail("MIN or MAX", " ".join(parts))
        self.maximize = _SENSES[parts[0].upper()]

    def rows(self, parts: list[str]) -> None:
        if len(parts) != 2 or parts[0] not in ("N", "L", "G", "E"):
            self.fail("N, L, G or E and the name of a row", " ".join(parts))
        if parts[1] in self.by_row:
            self.fail("a new row", f"{parts[1]!r} again")
        self.by_row[parts[1]] = _Row(parts[0])
        self.constraints += parts[0] != "N"

    def columns(self, parts: list[str]) -> None:
        if "'MARKER'" in parts:
            self.fail("continuous variables", f"an integer section, {' '.join(parts)}")
        if len(parts) not in (3, 5):
            self.fail("a column and one or two pairs of row and number", " ".join(parts))
        j = self.variables.setdefault(parts[0], len(self.variables))
        if self.constraints * (j + 1) > MOST_ENTRIES:
            got = f"{self.constraints} rows of {j + 1} columns or more"
            self.fail(f"at most {MOST_ENTRIES} entries", got)
        for row, value in self._pairs(parts[1:]):
            if j in row.entries:
                self.fail("one number for each row of a column", f"a second one for {parts[0]!r}")
            row.entries[j] = value

    def rhs(self, parts: list[str]) -> None:
        for row, value in self._pairs(self._in_set("RHS", parts, len(parts) % 2)):
            if row.right_side is not None:
                self.fail("one right side for each row", " ".join(parts))
            row.right_side = value

    def ranges(self, parts: list[str]) -> None:
        for row, value in self._pairs(self._in_set("RANGES", parts, len(parts) % 2)):
            if row.kind == "N" or row.spread is not None:
                self.fail("one range for each row of type L, G or E", " ".join(parts))
            row.spread = value

    def bounds(self, parts: list[str]) -> None:
        kind = parts[0]
        if kind not in _BOUNDS:
            self.fail(f"a bound, one of {', '.join(_BOUNDS)}", " ".join(parts))
        named = len(parts) > (2 if kind in _BOUNDS_WITHOUT_VALUE else 3)
        rest = self._in_set("BOUNDS", parts[1:], named)
        if kind not in _BOUNDS_WITHOUT_VALUE and len(rest) != 2:
            self.fail("a bound, a variable and a number", " ".join(parts))
        if not rest or len(rest) > 2 or rest[0] not in self.variables:
            self.fail("a variable of COLUMNS", " ".join(rest[:1]) or "nothing")
        j = self.variables[rest[0]]
        value = None if kind in _BOUNDS_WITHOUT_VALUE else self._bound(kind, rest[1])
        ends: dict[str, list[tuple[dict[int, Fraction | None], Fraction | None]]] = {
            "FR": [(self.lower, None), (self.upper, None)],
            "MI": [(self.lower, None)],
            "PL": [(self.upper, None)],
            "BV": [(self.lower, Fraction(0)), (self.upper, Fraction(1))],
            "FX": [(self.lower, value), (self.upper, value)],
        }
        default = [(self.lower if kind in ("LO", "LI") else self.upper, value)]
        for side, bound in ends.get(kind, default):
            if j in side:
                self.fail("each end of a variable bounded once", " ".join(parts))
            side[j] = bound
        if (self.upper.get(j) or 0) < 0 and j not in self.lower:
            # Readers disagree on whether the lower bound is then 0 or minus infinity.
            self.fail("LO, MI or FX before a negative UP", " ".join(parts))

    def program(self) -> MPSProgram:
        objective = next((row for row in self.by_row.values() if row.kind == "N"), None)
        if objective is None:
            self.fail("a row of type N, the objective", "ENDATA without one")
        n = len(self.variables)
        equalities: list[tuple[dict[int, Fraction], Fraction]] = []
        inequalities: list[tuple[dict[int, Fraction], Fraction]] = []
        sides = [(row.entries, *_interval(row)) for row in self.by_row.values() if row.kind != "N"]
        nonnegative = [j for j in range(n) if self.lower.get(j, 0) == 0]
        for j in range(n):
            lower = self.lower.get(j) or None  # at least 0 is said by ``nonnegative``
            sides.append(({j: Fraction(1)}, lower, self.upper.get(j)))
        for entries, low, high in sides:
            if low is not None and low == high:
                equalities.append((entries, low))
                continue
            if high is not None:
                inequalities.append((entries, high))
            if low is not None:
                inequalities.append(({j: -v for j, v in entries.items()}, -low))
        if (len(equalities) + len(inequalities)) * n > MOST_ENTRIES:
            got = f"{len(equalities) + len(inequalities)} rows of {n} columns, bounds included"
            self.fail(f"at most {MOST_ENTRIES} entries", got)
        costs = tuple(objective.entries.get(j, Fraction(0)) for j in range(n))
        arguments = {
            "objective": costs,
            "inequalities": _dense(inequalities, n),
            "equalities": _dense(equalities, n),
            "nonnegative": nonnegative,
            "maximize": self.maximize,
        }
        constant = -(objective.right_side or Fraction(0))
        return MPSProgram(self.name, tuple(self.variables), constant, arguments)

    def _pairs(self, parts: list[str]) -> Iterator[tuple[_Row, Fraction]]:
        if not parts or len(parts) % 2:
            self.fail("pairs of a row and a number", " ".join(parts) or "nothing")
        for name, numeral in zip(parts[::2], parts[1::2], strict=True):
            if name not in self.by_row:
                self.fail("a row of ROWS", name)
            yield self.by_row[name], self._number(numeral)

    def _in_set(self, section: str, parts: list[str], named: Any) -> list[str]:
        """Return ``parts`` without the name of the set, of which there may be only one."""
        name = parts[0] if named and parts else ""
        if self.sets.setdefault(section, name) != name:
            self.fail(f"a single {section} set, {self.sets[section]!r}", repr(name))
        return parts[1:] if named else parts

    def _bound(self, kind: str, numeral: str) -> Fraction | None:
        """Return the number of a bound, None for an infinite one on the side where that is none."""
        sign, word = numeral[:1], numeral.lstrip("+-").lower()
        if word not in ("inf", "infinity"):
            return self._number(numeral)
        if (sign == "-") != (kind in ("LO", "LI")) or kind == "FX":
            self.fail("a finite bound, or an infinite one that bounds nothing", numeral)
        return None

    def _number(self, numeral: str) -> Fraction:
        try:
            # Fortran writes the exponent of a double as D.
            return rationals.rational(numeral.replace("D", "E").replace("d", "e"))
        except InputError:
            self.fail("a number", repr(numeral))


def _interval(row: _Row) -> tuple[Fraction | None, Fraction | None]:
    """Return the least and greatest value of a row, None for no end."""
    b, spread = row.right_side or Fraction(0), row.spread
    if spread is None:
        return (None if row.kind == "L" else b, None if row.kind == "G" else b)
    if row.kind == "E":
        return (min(b, b + spread), max(b, b + spread))
    return (b, b + abs(spread)) if row.kind == "G" else (b - abs(spread), b)


def _dense(
    sides: list[tuple[dict[int, Fraction], Fraction]], columns: int
) -> tuple[fmpq_mat, list[Fraction]]:
    matrix = fmpq_mat(len(sides), columns)
    for i, (entries, _) in enumerate(sides):
        for j, value in entries.items():
            matrix[i, j] = rationals.as_flint(value)
    return matrix, [bound for _, bound in sides]
