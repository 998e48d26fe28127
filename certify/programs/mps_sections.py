"""The sections of an MPS file: what each line says, and the program that all of them say."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from typing import Any, NoReturn

import numpy as np

from certify.errors import InputError
from certify.numbers import rationals
from certify.programs.sparse import Array, SparseRows, as_floats, objects, whole

_SENSES = {"MIN": False, "MINIMIZE": False, "MAX": True, "MAXIMIZE": True}
_BOUNDS_WITHOUT_VALUE = ("FR", "MI", "PL", "BV")
_WHOLE_BOUNDS = ("BV", "LI", "UI")
_ENDS = {"BV": (0, 1)}  # of bounds without a value; none of the others
_BOUNDS = ("LO", "UP", "FX", "LI", "UI", *_BOUNDS_WITHOUT_VALUE)
_SECTIONS = ("OBJSENSE", "ROWS", "COLUMNS", "RHS", "RANGES", "BOUNDS")
_MARKERS = {"'INTORG'": True, "'INTEND'": False}
# Of a bound: HiGHS and CPLEX take it for infinite from 10^20 on, everybody from 10^30 on. The two
# take sides of rows for infinite, too, and others do not.
_DOUBTFUL, _INFINITE = 10**20, 10**30
# Most numerals; those with more digits are read as well, but take longer.
_PLAIN = re.compile(
    r"(?=[+-]?\.?\d)([+-]?\d{0,18})(?:\.(\d{0,18}))?(?:[eEdD]([+-]?\d{1,2}))?", re.ASCII
)
_NO_DIGITS = ("", "+", "-")  # what is left of .0
MOST = 1_000_000  # rows, and variables: as many entries as a vector of a certificate may have
MOST_DIGITS = 10**8  # of the integers that all rows become over their denominators
_BLANKS = " (names with blanks: fixed=True)"

Block = list[list[str]]  # the fields of lines, none of those that say nothing
Number = Fraction | int  # an int if it is whole: most are, and Fractions take their time
_Side = tuple[int, int, Number]  # a row of the file or -1 - j for a variable, 1 or -1, an end


@dataclass
class _Row:
    kind: str
    right_side: Number | None = None
    spread: Number | None = None


class Sections:
    """One file on its way in: what has been read so far, and one method for each section."""

    def __init__(self, path: str, relax: bool, fixed: bool) -> None:
        self.path, self.relax = path, relax
        self.blanks = "" if fixed else _BLANKS
        self.line = 0
        self.name = ""
        self.maximize: bool | None = None
        self.sets: dict[str, str] = {}
        self.places: dict[str, int] = {}  # of rows by name
        self.by_place: list[_Row] = []
        self.variables: dict[str, int] = {}
        self.decimal = True  # so far
        self.between = False  # markers
        self.marked: dict[int, int] = {}  # variables between markers, with their line
        self.entries: list[tuple[Array, ...]] = []  # rows, columns, places of numerals, lines
        self.known: dict[str, int] = {}  # places of numerals; most files have few
        self.numerators: list[int] = []
        self.denominators: list[int] = []
        self.numbers: dict[str, Number] = {}
        self.lower: dict[int, Number | None] = {}
        self.upper: dict[int, Number | None] = {}
        self.last_bound: dict[int, int] = {}  # lines

    def fail(self, expected: str, got: str) -> NoReturn:
        """Refuse the current line."""
        raise InputError(self.path, expected=expected, got=got, where=f"line {self.line}")

    def head(self, section: str, rest: list[str]) -> Callable[[Block, int], None]:
        """Begin a section; return what takes fields of its lines and the number of the first."""
        if section == "NAME":
            self.name = " ".join(rest)
            return self.outside
        if section not in _SECTIONS:
            self.fail(f"a section, one of NAME, {', '.join(_SECTIONS)}, ENDATA", section)
        if section == "OBJSENSE" and rest:
            self.objsense([rest], self.line)
        elif rest:
            self.fail(f"{section} alone on its line", " ".join(rest))
        take: Callable[[Block, int], None] = getattr(self, section.lower())
        return take

    def _lines(self, block: Block, first: int) -> Iterator[list[str]]:
        for self.line, parts in enumerate(block, first):
            if parts:
                yield parts

    def outside(self, block: Block, first: int) -> None:
        """Refuse fields where no section is."""
        for parts in self._lines(block, first):
            self.fail("a section such as ROWS before the first data line", " ".join(parts))

    def objsense(self, block: Block, first: int) -> None:
        """Take the sense of the objective."""
        for parts in self._lines(block, first):
            if len(parts) != 1 or parts[0].upper() not in _SENSES:
                self.fail("MIN or MAX", " ".join(parts))
            sense = _SENSES[parts[0].upper()]
            if self.maximize not in (None, sense):
                self.fail("one sense of the objective", f"another one, {parts[0]}")
            self.maximize = sense

    def rows(self, block: Block, first: int) -> None:
        """Take types and names of rows."""
        for parts in self._lines(block, first):
            if len(parts) != 2 or parts[0] not in ("N", "L", "G", "E"):
                hint = self.blanks if len(parts) > 2 else ""
                self.fail(f"N, L, G or E and the name of a row{hint}", " ".join(parts))
            if parts[1] in self.places:
                self.fail("a new row", f"{parts[1]!r} again")
            if len(self.by_place) == MOST:
                self.fail(f"at most {MOST} rows", "more")
            self.places[parts[1]] = len(self.by_place)
            self.by_place.append(_Row(parts[0]))

    def columns(self, block: Block, first: int) -> None:
        """Take numbers of columns, one or two a line, and markers."""
        start = 0
        for k, parts in enumerate(block):
            if len(parts) not in (3, 5) or parts[1] == "'MARKER'":
                self._entries(block[start:k], first + start)
                self.line, start = first + k, k + 1
                if "'MARKER'" in parts:
                    self._marker(parts)
                elif parts:
                    expected = f"a column and one or two pairs of row and number{self.blanks}"
                    self.fail(expected, " ".join(parts))
        self._entries(block[start:], first + start)

    def _entries(self, block: Block, first: int) -> None:
        for name in dict.fromkeys([parts[0] for parts in block]):
            self.variables.setdefault(name, len(self.variables))
        lengths = np.array(list(map(len, block)), dtype=np.int64)
        one, two = np.flatnonzero(lengths == 3), np.flatnonzero(lengths == 5)
        names, rows, numerals = _transposed([parts for parts in block if len(parts) == 3], 3)
        others, *pairs = _transposed([parts for parts in block if len(parts) == 5], 5)
        lines = first + np.concatenate([one, two, two])
        columns = [self.variables[name] for name in (*names, *others, *others)]
        rows, numerals = (*rows, *pairs[0], *pairs[2]), (*numerals, *pairs[1], *pairs[3])
        if len(self.variables) > MOST:
            self.line = min(k for k, j in zip(lines.tolist(), columns, strict=True) if j >= MOST)
            self.fail(f"at most {MOST} variables", "more")
        if self.between:
            self.marked.update(sorted(zip(columns, lines.tolist(), strict=True)))
        try:
            self._learn(set(numerals).difference(self.known))
            places = [self.places[row] for row in rows]
        except (KeyError, InputError):
            for parts in self._lines(block, first):  # which is the first?
                for row, numeral in zip(parts[1::2], parts[2::2], strict=True):
                    if row not in self.places:
                        self.fail("a row of ROWS", row)
                    self._learn([numeral])
            raise
        values = [self.known[numeral] for numeral in numerals]
        whole_numbers = (np.array(part, dtype=np.int64) for part in (places, columns, values))
        self.entries.append((*whole_numbers, lines))

    def _marker(self, parts: list[str]) -> None:
        if not self.relax:
            expected = "continuous variables (relax=True drops that they are integers)"
            self.fail(expected, f"an integer section, {' '.join(parts)}")
        if len(parts) != 3 or parts[1] != "'MARKER'" or parts[2] not in _MARKERS:
            self.fail("a name, 'MARKER', and 'INTORG' or 'INTEND'", " ".join(parts))
        self.between = _MARKERS[parts[2]]

    def rhs(self, block: Block, first: int) -> None:
        """Take right sides, one or two a line."""
        for parts in self._lines(block, first):
            for row, value in self._pairs(self._in_set("RHS", parts, len(parts) % 2)):
                if row.right_side is not None:
                    self.fail("one right side for each row", " ".join(parts))
                row.right_side = value

    def ranges(self, block: Block, first: int) -> None:
        """Take ranges, one or two a line."""
        for parts in self._lines(block, first):
            for row, value in self._pairs(self._in_set("RANGES", parts, len(parts) % 2)):
                if row.kind == "N" or row.spread is not None:
                    self.fail("one range for each row of type L, G or E", " ".join(parts))
                row.spread = value

    def bounds(self, block: Block, first: int) -> None:
        """Take bounds."""
        for parts in self._lines(block, first):
            self._take_bound(parts[0], parts)

    def _take_bound(self, kind: str, parts: list[str]) -> None:
        if kind not in _BOUNDS:
            self.fail(f"a bound, one of {', '.join(_BOUNDS)}", " ".join(parts))
        if kind in _WHOLE_BOUNDS and not self.relax:
            expected = "bounds of continuous variables (relax=True drops that they are integers)"
            self.fail(expected, " ".join(parts))
        named = len(parts) > (2 if kind in _BOUNDS_WITHOUT_VALUE else 3)
        rest = self._in_set("BOUNDS", parts[1:], named)
        if kind not in _BOUNDS_WITHOUT_VALUE and len(rest) != 2:
            self.fail("a bound, a variable and a number", " ".join(parts))
        # BV may have a value, which says nothing.
        if not rest or len(rest) > 2 or rest[0] not in self.variables:
            self.fail("a variable of COLUMNS", " ".join(rest[:1]) or "nothing")
        j = self.variables[rest[0]]
        value = None if kind in _BOUNDS_WITHOUT_VALUE else self._bound(kind, rest[1])
        low, high = _ENDS.get(kind, (value, value))
        for side, bound, bounded in (
            (self.lower, low, kind not in ("UP", "UI", "PL")),
            (self.upper, high, kind not in ("LO", "LI", "MI")),
        ):
            if bounded and j in side:
                self.fail("each end of a variable bounded once", " ".join(parts))
            if bounded:
                side[j] = bound
        self.last_bound[j] = self.line

    def program(self) -> tuple[str, tuple[str, ...], Fraction, dict[str, Any]]:
        """Return name, variables, constant and arguments of what has been read."""
        objective = next((i for i, row in enumerate(self.by_place) if row.kind == "N"), None)
        if objective is None:
            self.fail("a row of type N, the objective", "ENDATA without one")
        for j, line in self.last_bound.items():
            if (self.upper.get(j) or 0) < 0 and j not in self.lower:
                # Readers disagree on whether the lower bound is then 0 or minus infinity.
                self.line = line
                self.fail("LO, MI or FX beside a negative UP", str(self.upper[j]))
        for j, line in self.marked.items():
            if j not in self.last_bound:
                self.line = line
                self.fail("a bound of each variable between markers", "none")
        matrix = self._matrix()
        n = matrix.width
        equalities: list[_Side] = []
        inequalities: list[_Side] = []
        sides = [(i, *_interval(r)) for i, r in enumerate(self.by_place) if r.kind != "N"]
        for j in sorted(self.last_bound):
            # At least 0 is said by ``nonnegative``.
            sides.append((-1 - j, self.lower.get(j) or None, self.upper.get(j)))
        for i, low, high in sides:
            if low is not None and low == high:
                equalities.append((i, 1, low))
                continue
            if high is not None:
                inequalities.append((i, 1, high))
            if low is not None:
                inequalities.append((i, -1, -low))
        costs: list[Number] = [0] * n
        first, last = matrix.starts[objective : objective + 2]
        nonzero, integers = (a[first:last].tolist() for a in (matrix.columns, matrix.integers))
        for j, c in zip(nonzero, integers, strict=True):
            costs[j] = _number(c, matrix.denominators[objective])
        arguments = {
            "objective": tuple(costs),
            "inequalities": _system(matrix, inequalities),
            "equalities": _system(matrix, equalities),
            "nonnegative": [j for j in range(n) if self.lower.get(j, 0) == 0],
            "maximize": bool(self.maximize),
        }
        constant = -Fraction(self.by_place[objective].right_side or 0)
        return self.name, tuple(self.variables), constant, arguments

    def _matrix(self) -> SparseRows:
        """Return all rows of the file, those of type N too."""
        m, n = len(self.by_place), len(self.variables)
        none = np.zeros(0, dtype=np.int64)
        parts = zip(*(self.entries or [(none,) * 4]), strict=True)
        row, column, value, line = map(np.concatenate, parts)
        order = np.lexsort((column, row))
        again = np.flatnonzero((np.diff(row[order]) == 0) & (np.diff(column[order]) == 0))
        if len(again):
            first = order[again + 1].min()
            self.line = int(line[first])
            name = list(self.variables)[column[first]]
            self.fail("one number for each row of a column", f"a second one for {name!r}")
        p, q = (whole(whole(known)[value]) for known in (self.numerators, self.denominators))
        scales = np.ones(m, dtype=q.dtype)
        if self.decimal and q.dtype != object:
            np.maximum.at(scales, row, q)  # powers of ten divide each other
        else:
            scales = objects(scales)
            for i, value in zip(row.tolist(), q.tolist(), strict=True):
                scales[i] = lcm(scales[i], value)
        counts = np.bincount(row, minlength=m).tolist()
        digits = sum(s.bit_length() * c for s, c in zip(scales.tolist(), counts, strict=True)) // 3
        if digits > MOST_DIGITS:
            self.fail(f"at most {MOST_DIGITS} digits of all rows as integers", f"{digits}")
        factors = scales[row] // q
        size, factor = (float(np.abs(as_floats(part)).max(initial=0)) for part in (p, factors))
        if size * factor < 2.0**62:
            integers = p * factors
        else:
            integers = whole(objects(p) * objects(factors))
        kept = order[integers[order] != 0]
        starts = np.zeros(m + 1, dtype=np.int64)
        np.cumsum(np.bincount(row[kept], minlength=m), out=starts[1:])
        return SparseRows(n, starts, column[kept], integers[kept], objects(scales))

    def _pairs(self, parts: list[str]) -> Iterator[tuple[_Row, Number]]:
        if not parts or len(parts) % 2:
            self.fail("pairs of a row and a number", " ".join(parts) or "nothing")
        for name, numeral in zip(parts[::2], parts[1::2], strict=True):
            if name not in self.places:
                self.fail("a row of ROWS", name)
            row, value = self.by_place[self.places[name]], self._number(numeral)
            if row.kind != "N" and not -_DOUBTFUL < value < _DOUBTFUL:
                self.fail("below 1e20 in size: some readers take others for infinite", numeral)
            yield row, value

    def _in_set(self, section: str, parts: list[str], named: Any) -> list[str]:
        """Return ``parts`` without the name of the set, of which there may be only one."""
        name = parts[0] if named and parts else ""
        if self.sets.setdefault(section, name) != name:
            self.fail(f"a single {section} set, {self.sets[section]!r}", repr(name))
        return parts[1:] if named else parts

    def _bound(self, kind: str, numeral: str) -> Number | None:
        """Return the number of a bound, None for an infinite one on the side where that is none."""
        sign, word = numeral[:1], numeral.lstrip("+-").lower()
        if word not in ("inf", "infinity"):
            value = self._number(numeral)
            if -_DOUBTFUL < value < _DOUBTFUL:
                return value
            if -_INFINITE < value < _INFINITE:
                self.fail("a bound below 1e20 in size, or Inf: readers disagree", numeral)
        if (sign == "-") != (kind in ("LO", "LI")) or kind == "FX":
            self.fail("a finite bound, or an infinite one that bounds nothing", numeral)
        return None

    def _number(self, numeral: str) -> Number:
        if numeral not in self.numbers:
            self._learn([numeral])
            k = self.known[numeral]
            self.numbers[numeral] = _number(self.numerators[k], self.denominators[k])
        return self.numbers[numeral]

    def _learn(self, numerals: Iterable[str]) -> None:
        """Keep numbers as p / q, with q a power of ten or the file not ``decimal``."""
        known, above, below = self.known, self.numerators, self.denominators
        for numeral in numerals:
            plain = _PLAIN.fullmatch(numeral)
            if plain is not None:
                digits, decimals, exponent = plain.groups()
                places = -int(exponent) if exponent else 0
                if decimals:
                    decimals = decimals.rstrip("0")
                    digits += decimals
                    places += len(decimals)
                p = 0 if digits in _NO_DIGITS else int(digits)
                p, q = (p, 10**places) if places > 0 else (p * 10**-places, 1)
            else:
                try:
                    # Fortran writes the exponent of a double as D.
                    value = rationals.rational(numeral.replace("D", "E").replace("d", "e"))
                except InputError:
                    self.fail("a number", repr(numeral))
                (p, q), self.decimal = value.as_integer_ratio(), False
            known[numeral] = len(above)
            above.append(p)
            below.append(q)


def _transposed(block: Block, width: int) -> list[tuple[str, ...]]:
    return list(zip(*block, strict=True)) or [()] * width


def _number(p: int, q: int) -> Number:
    return p if q == 1 else Fraction(p, q)


def _interval(row: _Row) -> tuple[Number | None, Number | None]:
    """Return the least and greatest value of a row, None for no end."""
    b = row.right_side or 0
    if row.spread is None:
        return (None if row.kind == "L" else b, None if row.kind == "G" else b)
    b, spread = Fraction(b), Fraction(row.spread)
    if row.kind == "E":
        return (min(b, b + spread), max(b, b + spread))
    return (b, b + abs(spread)) if row.kind == "G" else (b - abs(spread), b)


def _system(matrix: SparseRows, sides: list[_Side]) -> tuple[SparseRows, list[Number]]:
    """Return sides as rows and their right sides; those of variables come last."""
    rows = np.array([i for i, _, _ in sides if i >= 0], dtype=np.int64)
    part = matrix.chosen(rows)
    signs = np.array([sign for _, sign, _ in sides], dtype=np.int64)
    places = np.array([-1 - i for i, _, _ in sides if i < 0], dtype=np.int64)
    integers = part.integers * signs[: len(rows)][part.row_of]
    return SparseRows(
        matrix.width,
        np.concatenate([part.starts, part.starts[-1] + 1 + np.arange(len(places))]),
        np.concatenate([part.columns, places]),
        np.concatenate([integers, signs[len(rows) :]]),
        np.concatenate([part.denominators, objects([1] * len(places))]),
    ), [end for _, _, end in sides]
