"""The sections of an MPS file: what each line says, and the program that all of them say."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from typing import Any, NoReturn

import numpy as np

from certify.errors import InputError
from certify.numbers import rationals
from certify.programs.sparse import SparseRows, as_floats, objects, whole

_SENSES = {"MIN": False, "MINIMIZE": False, "MAX": True, "MAXIMIZE": True}
_BOUNDS_WITHOUT_VALUE = ("FR", "MI", "PL", "BV")
_WHOLE_BOUNDS = ("BV", "LI", "UI")
_BOUNDS = ("LO", "UP", "FX", "LI", "UI", *_BOUNDS_WITHOUT_VALUE)
_SECTIONS = ("OBJSENSE", "ROWS", "COLUMNS", "RHS", "RANGES", "BOUNDS")
_MARKERS = {"'INTORG'": True, "'INTEND'": False}
# Of a bound: HiGHS and CPLEX take it for infinite from 10^20 on, everybody from 10^30 on.
_DOUBTFUL, _INFINITE = 10**20, 10**30
# Most numerals; those with more digits are read as well, but take longer.
_PLAIN = re.compile(r"([+-]?\d{0,18})(?:\.(\d{0,18}))?(?:[eEdD]([+-]?\d{1,2}))?", re.ASCII)
MOST = 1_000_000  # rows, and variables: as many entries as a vector of a certificate may have
MOST_DIGITS = 10**8  # of the integers that all rows become over their denominators
_BLANKS = " (names with blanks: fixed=True)"

_Side = tuple[int, int, Fraction]  # a row of the file or -1 - j for a variable, 1 or -1, an end


@dataclass
class _Row:
    kind: str
    right_side: Fraction | None = None
    spread: Fraction | None = None


class Sections:
    """One file on its way in: what has been read so far, and one method for each section."""

    def __init__(self, path: str, relax: bool, fixed: bool) -> None:
        self.path, self.relax = path, relax
        self.blanks = "" if fixed else _BLANKS
        self.line = 0
        self.name = ""
        self.maximize = False
        self.sets: dict[str, str] = {}
        self.places: dict[str, int] = {}  # of rows by name
        self.by_place: list[_Row] = []
        self.variables: dict[str, int] = {}
        self.decimal = True  # so far
        self.between = False  # markers
        self.marked: dict[int, int] = {}  # variables between markers, with their line
        self.entries: list[tuple[int, int, int, int, int]] = []  # row, column, p, q and line
        self.known: dict[str, tuple[int, int]] = {}  # p and q of numerals; most files have few
        self.lower: dict[int, Fraction | None] = {}
        self.upper: dict[int, Fraction | None] = {}
        self.last_bound: dict[int, int] = {}  # lines

    def fail(self, expected: str, got: str) -> NoReturn:
        """Refuse the current line."""
        raise InputError(self.path, expected=expected, got=got, where=f"line {self.line}")

    def head(self, section: str, rest: list[str]) -> Callable[[list[str]], None] | None:
        """Begin a section; return what takes the fields of its lines."""
        if section == "NAME":
            self.name = " ".join(rest)
            return None
        if section not in _SECTIONS:
            self.fail(f"a section, one of NAME, {', '.join(_SECTIONS)}, ENDATA", section)
        if section == "OBJSENSE" and rest:
            self.objsense(rest)
        elif rest:
            self.fail(f"{section} alone on its line", " ".join(rest))
        take: Callable[[list[str]], None] = getattr(self, section.lower())
        return take

    def objsense(self, parts: list[str]) -> None:
        """Take the sense of the objective."""
        if len(parts) != 1 or parts[0].upper() not in _SENSES:
            self.fail("MIN or MAX", " ".join(parts))
        self.maximize = _SENSES[parts[0].upper()]

    def rows(self, parts: list[str]) -> None:
        """Take the type and the name of a row."""
        if len(parts) != 2 or parts[0] not in ("N", "L", "G", "E"):
            hint = self.blanks if len(parts) > 2 else ""
            self.fail(f"N, L, G or E and the name of a row{hint}", " ".join(parts))
        if parts[1] in self.places:
            self.fail("a new row", f"{parts[1]!r} again")
        if len(self.by_place) == MOST:
            self.fail(f"at most {MOST} rows", "more")
        self.places[parts[1]] = len(self.by_place)
        self.by_place.append(_Row(parts[0]))

    def columns(self, parts: list[str]) -> None:
        """Take one or two numbers of a column."""
        count = len(parts)
        if count != 3 and count != 5:
            if "'MARKER'" in parts:
                self._marker(parts)
                return
            expected = f"a column and one or two pairs of row and number{self.blanks}"
            self.fail(expected, " ".join(parts))
        if parts[1] == "'MARKER'":
            self._marker(parts)
            return
        j = self.variables.setdefault(parts[0], len(self.variables))
        if j == MOST:
            self.fail(f"at most {MOST} variables", "more")
        if self.between:
            self.marked[j] = self.line
        places, known, line = self.places, self.known, self.line
        try:
            p, q = known.get(parts[2]) or self._ratio(parts[2])
            self.entries.append((places[parts[1]], j, p, q, line))
            if count == 5:
                if parts[3] == parts[1]:
                    self._again(j)
                p, q = known.get(parts[4]) or self._ratio(parts[4])
                self.entries.append((places[parts[3]], j, p, q, line))
        except KeyError as error:
            self.fail("a row of ROWS", error.args[0])

    def _again(self, j: int) -> NoReturn:
        name = list(self.variables)[j]
        self.fail("one number for each row of a column", f"a second one for {name!r}")

    def _marker(self, parts: list[str]) -> None:
        if not self.relax:
            expected = "continuous variables (relax=True drops that they are integers)"
            self.fail(expected, f"an integer section, {' '.join(parts)}")
        if len(parts) != 3 or parts[1] != "'MARKER'" or parts[2] not in _MARKERS:
            self.fail("a name, 'MARKER', and 'INTORG' or 'INTEND'", " ".join(parts))
        self.between = _MARKERS[parts[2]]

    def rhs(self, parts: list[str]) -> None:
        """Take one or two right sides."""
        for row, value in self._pairs(self._in_set("RHS", parts, len(parts) % 2)):
            if row.right_side is not None:
                self.fail("one right side for each row", " ".join(parts))
            row.right_side = value

    def ranges(self, parts: list[str]) -> None:
        """Take one or two ranges."""
        for row, value in self._pairs(self._in_set("RANGES", parts, len(parts) % 2)):
            if row.kind == "N" or row.spread is not None:
                self.fail("one range for each row of type L, G or E", " ".join(parts))
            row.spread = value

    def bounds(self, parts: list[str]) -> None:
        """Take a bound."""
        kind = parts[0]
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
        costs = [Fraction(0)] * n
        first, last = matrix.starts[objective : objective + 2]
        for j, c in zip(matrix.columns[first:last], matrix.integers[first:last], strict=True):
            costs[j] = Fraction(int(c), matrix.denominators[objective])
        arguments = {
            "objective": tuple(costs),
            "inequalities": _system(matrix, inequalities),
            "equalities": _system(matrix, equalities),
            "nonnegative": [j for j in range(n) if self.lower.get(j, 0) == 0],
            "maximize": self.maximize,
        }
        constant = -(self.by_place[objective].right_side or Fraction(0))
        return self.name, tuple(self.variables), constant, arguments

    def _matrix(self) -> SparseRows:
        """Return all rows of the file, those of type N too."""
        m, n = len(self.by_place), len(self.variables)
        parts = [whole(part) for part in zip(*self.entries, strict=True)] or [whole([])] * 5
        row, column, p, q, _ = parts
        order = np.lexsort((column, row))
        same = np.flatnonzero((np.diff(row[order]) == 0) & (np.diff(column[order]) == 0))
        if len(same):
            _, j, _, _, self.line = self.entries[min(order[same + 1].tolist())]
            self._again(j)
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
        if float(np.abs(as_floats(p)).max(initial=0)) * float(max(factors, default=0)) < 2.0**62:
            integers = p * factors
        else:
            integers = whole(objects(p) * objects(factors))
        kept = order[integers[order] != 0]
        starts = np.zeros(m + 1, dtype=np.int64)
        np.cumsum(np.bincount(row[kept], minlength=m), out=starts[1:])
        return SparseRows(n, starts, column[kept], integers[kept], objects(scales))

    def _pairs(self, parts: list[str]) -> Iterator[tuple[_Row, Fraction]]:
        if not parts or len(parts) % 2:
            self.fail("pairs of a row and a number", " ".join(parts) or "nothing")
        for name, numeral in zip(parts[::2], parts[1::2], strict=True):
            if name not in self.places:
                self.fail("a row of ROWS", name)
            yield self.by_place[self.places[name]], self._number(numeral)

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
            value = self._number(numeral)
            if abs(value) < _DOUBTFUL:
                return value
            if abs(value) < _INFINITE:
                self.fail("a bound below 1e20 in size, or Inf: readers disagree", numeral)
        if (sign == "-") != (kind in ("LO", "LI")) or kind == "FX":
            self.fail("a finite bound, or an infinite one that bounds nothing", numeral)
        return None

    def _number(self, numeral: str) -> Fraction:
        return Fraction(*(self.known.get(numeral) or self._ratio(numeral)))

    def _ratio(self, numeral: str) -> tuple[int, int]:
        """Return a number as p / q, with q a power of ten or the file not ``decimal``."""
        plain = _PLAIN.fullmatch(numeral)
        if plain is not None and (plain[1].strip("+-") or plain[2]):
            decimals = (plain[2] or "").rstrip("0")
            places = len(decimals) - int(plain[3] or 0)
            p = int(plain[1] + decimals)
            found = (p, 10**places) if places > 0 else (p * 10**-places, 1)
        else:
            try:
                # Fortran writes the exponent of a double as D.
                value = rationals.rational(numeral.replace("D", "E").replace("d", "e"))
            except InputError:
                self.fail("a number", repr(numeral))
            found, self.decimal = value.as_integer_ratio(), False
        self.known[numeral] = found
        return found


def _interval(row: _Row) -> tuple[Fraction | None, Fraction | None]:
    """Return the least and greatest value of a row, None for no end."""
    b, spread = row.right_side or Fraction(0), row.spread
    if spread is None:
        return (None if row.kind == "L" else b, None if row.kind == "G" else b)
    if row.kind == "E":
        return (min(b, b + spread), max(b, b + spread))
    return (b, b + abs(spread)) if row.kind == "G" else (b - abs(spread), b)


def _system(matrix: SparseRows, sides: list[_Side]) -> tuple[SparseRows, list[Fraction]]:
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
