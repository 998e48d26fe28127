"""Whether an answer about a property belongs to its certificates: the folder of ``verify decide``.

``boxes.jsonl`` states the property in numbers, a box of inputs a line, each with what outputs shall
never be on it. That all boxes are closed by certificates of one network is found here, that a
counterexample is one of what is stated, and that the answer is told the same in all files. What a
network's outputs are at a counterexample, and that model and property are those of some files, is
for ``certify bind`` to say. Times, counts of parts, bounds of undecided parts, notes, and how files
were called, cannot be derived: ``SHA256SUMS`` has the hashes of all files, but whoever changes a
file can change these.
Like the checker this needs the standard library only.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from fractions import Fraction
from math import prod
from pathlib import Path
from typing import Any, NamedTuple

from certify.checking import checker, report_fields
from certify.checking.folders import CERTIFICATES, SUMS, unlike_sums
from certify.checking.ledger_records import Record
from certify.checking.report_fields import at, shown
from certify.checking.robust_answers import Box, box_of, covered, exact

DECISION, BOXES, RESULT, POINT = "decision.json", "boxes.jsonl", "result.txt", "counterexample.txt"
ALWAYS, SOMETIMES = (BOXES, DECISION, RESULT, SUMS), (CERTIFICATES, POINT)
SEARCH = "search"  # the folder of a search that goes on
FORMAT = "adversarial-geometry/decision"
SCHEMA = Path(__file__).with_name("decision.schema.json")
MEANT = {"unsat": "holds", "sat": "violated", "timeout": "undecided", "unknown": "undecided"}
# What reading other JSON than is expected may raise.
UNREADABLE = (
    checker.Malformed, ValueError, LookupError, TypeError, AttributeError, ArithmeticError,
)  # fmt: skip
ROUNDED = Fraction(1, 10**15)  # of a number of the counterexample's file, at most
NUMBER = re.compile(r"-?[0-9]+\.[0-9]+")
PAIR = re.compile(rf"\([^()\s]+ ({NUMBER.pattern})\)")
TENSOR = re.compile(r"[^()\s]+ [A-Za-z0-9]+ \[((?:[0-9]+(?:,[0-9]+)*)?)\]")


class Property(NamedTuple):
    """What outputs shall never be on a box: C f(x) <= d, strictly where the file says so."""

    matrix: tuple[Any, ...]
    right_side: tuple[Any, ...]
    strict: frozenset[int]
    above: frozenset[int]
    below: frozenset[int]


class Stated(NamedTuple):
    """A box of the property, and what outputs shall never be on it."""

    box: Box
    properties: tuple[Property, ...]

    def refuted(self, x: Sequence[Fraction], z: Sequence[Fraction]) -> bool:
        """Tell whether a point with its outputs is a counterexample."""
        lower, upper = self.box
        if len(x) != len(lower) or not all(map(_between, lower, x, upper)):
            return False
        return any(
            all(x[i] > lower[i] for i in p.above)
            and all(x[i] < upper[i] for i in p.below)
            and all(
                (y < d if k in p.strict else y <= d)
                for k, (row, d) in enumerate(zip(p.matrix, p.right_side, strict=True))
                for y in [sum(c * v for c, v in zip(row, z, strict=True))]
            )
            for p in self.properties
        )


class Answer:
    """The files of one answer. Iterate over ``certificates`` first, then call ``compare``.

    ``differences`` are lines that name the file and place, what was expected and what was found;
    ``told`` is what the answer says, None where it cannot be read, and ``stated`` the property.
    """

    notes: Sequence[str] = ()

    def __init__(self, path: Path) -> None:
        self.path = path
        self.differences: list[str] = []
        self.told: Any = None
        self.stated: list[Stated] = []
        self.layers: set[str] = set()  # hashes of the networks of certificates
        self._closed: dict[Any, list[Box]] = {}
        self._count = 0
        here = {entry.name for entry in path.iterdir()}
        for name in sorted(set(ALWAYS) - here):
            self._differs(name, "this file", "none")
        for entry in sorted(path.iterdir()):
            known = entry.name in (*ALWAYS, *SOMETIMES) and entry.is_file()
            known |= entry.name == SEARCH and entry.is_dir()
            known |= entry.name.startswith(".") and not entry.suffix
            if entry.is_symlink() or not known:
                self._differs(entry.name, "only files of the answer", "another one")
        if SUMS in here:
            names = sorted(here & {*ALWAYS, *SOMETIMES} - {SUMS})
            for where, expected, got in unlike_sums(path, names):
                self._differs(where, expected, got)
        self._read()

    @property
    def words(self) -> str:
        """What the answer is, in a line, where nothing was found to be wrong with it."""
        word = at(self.told, "word")
        if word == "sat":
            return "violated, by a counterexample that certify bind evaluates with the model"
        if word == "unsat" and not self.stated:
            return "holds, as no box is asked about, which certify bind compares with the property"
        if word != "unsat":
            return "undecided, which proves nothing; the files belong together"
        return f"{at(self.told, 'answer')}; answer, property and certificates belong together"

    def _differs(self, where: object, expected: object, got: object) -> None:
        got = checker.shortened(str(got))
        self.differences.append(f"{self.path / str(where)}: expected {expected}, got {got}")

    def _read(self) -> None:
        try:
            told = report_fields.read((self.path / DECISION).read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError):
            self._differs(DECISION, "the answer of verify decide", "none, or another file")
            return
        wrong = list(report_fields.misshapen_by(told, SCHEMA))
        for where, expected, got in wrong:
            self._differs(f"{DECISION}: {where}", expected, got)
        if not wrong:
            self.told = told
        for place, text in _lines(self.path / BOXES):
            try:
                self.stated.append(_stated(checker.parse(text)))
            except UNREADABLE as error:
                self.differences.append(f"{place}: not a box with properties: {error!r}")

    def certificates(self) -> Iterator[tuple[str, str, Record | None]]:
        """Yield (place, text, None) for each certificate, and note what it is about."""
        for place, text in _lines(self.path / CERTIFICATES):
            self._count += 1
            try:
                certificate = checker.parse(text)
                instance, box = certificate["instance"], box_of(certificate["instance"])
                if not all(isinstance(x, Fraction) for corner in box for x in corner):
                    raise TypeError("corners that are no vectors")
                nodes = json.dumps(instance["nodes"], sort_keys=True, separators=(",", ":"))
                self.layers.add(hashlib.sha256(nodes.encode()).hexdigest())
                for entry in certificate["statement"]["properties"]:
                    own = exact(entry["matrix"]), exact(entry["right_side"])
                    self._closed.setdefault(own, []).append(box)
            except UNREADABLE as error:
                self.differences.append(f"{place}: not a certificate about a box: {error!r}")
            yield place, text, None

    def compare(self) -> None:
        """Compare what the answer says with the property and the certificates."""
        told = self.told
        if told is None:
            return
        word, point = told["word"], told["counterexample"]
        wanted = {
            "answer": MEANT[word],
            "boxes": len(self.stated),
            "certificates": self._count,
            "counterexample": point if word == "sat" else None,
            "outputs": told["outputs"] if word == "sat" else None,
            "floats": told["floats"] if word == "sat" else None,
        }
        if word in ("sat", "unsat"):
            wanted |= {"open_parts": 0, "bound": None}
        if self._count:
            wanted["model.layers_sha256"] = " and ".join(sorted(self.layers))
        for name, value in wanted.items():
            found = at(told, *name.split("."))
            if shown(value) != shown(found):
                expected = f"{shown(value)} by the word {word} and the other files"
                self._differs(f"{DECISION}: {name}", expected, shown(found))
        if word == "unsat":
            self._compare_coverage()
        elif word == "sat":
            self._compare_point(point, told["outputs"])
        self._compare_result(word)

    def _compare_coverage(self) -> None:
        for number, (box, properties) in enumerate(self.stated, 1):
            for k, own in enumerate(properties):
                if not covered(box, self._closed.get((own.matrix, own.right_side), [])):
                    expected = f"certificates that close all of this box to property {k}"
                    self._differs(f"{BOXES}:{number}", expected, "none, or not for all of it")

    def _compare_point(self, point: Any, outputs: Any) -> None:
        if point is None or outputs is None:
            self._differs(f"{DECISION}: counterexample", "one, with its outputs", "none")
            return
        try:
            x, z = _vector(point), _vector(outputs)
            refuted = any(stated.refuted(x, z) for stated in self.stated)
        except (ValueError, checker.Malformed):  # of another length, or numbers beyond the limits
            refuted = False
        if not refuted:
            self._differs(f"{DECISION}: counterexample", f"one of {BOXES}", "none of it")
            return
        self._compare_written(x, z)

    def _compare_written(self, x: Sequence[Fraction], z: Sequence[Fraction]) -> None:
        place = self.path / POINT
        text = place.read_bytes().decode("utf-8", "replace") if place.is_file() else ""
        found = _named(text, len(x), len(z)) or _listed(text, len(x), len(z))
        if found is None:
            wanted = "X_0, X_1, ... and Y_0, Y_1, ..., or variables with shapes, and no more"
            self._differs(POINT, wanted, "names or lines that are others")
            return
        try:
            pairs = zip([*x, *z], map(Fraction, found), strict=True)
            same = all(abs(number - own) <= ROUNDED * abs(number) for number, own in pairs)
        except ValueError:  # more digits than are read
            same = False
        if not same:
            self._differs(POINT, f"the numbers of {DECISION}", "others")

    def _compare_result(self, word: str) -> None:
        result, place = self.path / RESULT, self.path / POINT
        if place.exists() and word != "sat":
            self._differs(POINT, f"no such file with the word {word}", "one")
        point = place.read_bytes() if word == "sat" and place.is_file() else b""
        if result.is_file() and result.read_bytes() != f"{word}\n".encode() + point:
            self._differs(RESULT, f"{word}, and the counterexample if there is one", "others")


def is_answer(path: Path) -> bool:
    """Tell whether a folder holds an answer of ``verify decide``, or what is left of one."""
    return any((path / name).exists() for name in (DECISION, BOXES))


def _stated(line: Any) -> Stated:
    """Return what a line says; raises what is UNREADABLE for another one."""
    properties = []
    for entry in line["properties"]:
        matrix, right_side = tuple(map(_vector, entry["matrix"])), _vector(entry["right_side"])
        if not matrix or len(matrix) != len(right_side) or len({*map(len, matrix)}) != 1:
            raise ValueError("a property whose sizes do not fit")
        sets = [entry[name] for name in ("strict", "above", "below")]
        if any(type(k) is not int for given in sets for k in given):
            raise TypeError("indices that are no integers")
        properties.append(Property(matrix, right_side, *map(frozenset, sets)))
    box = _vector(line["lower"]), _vector(line["upper"])
    known = all(p.above | p.below <= {*range(len(box[0]))} for p in properties)
    if len(box[0]) != len(box[1]) or not known:
        raise ValueError("a box whose sizes do not fit")
    return Stated(box, tuple(properties))


def _named(text: str, inputs: int, outputs: int) -> list[str] | None:
    """Return the numbers of a file as VNN-LIB 1 has it, None for one in another form."""
    names = [f"{letter}_{k}" for letter, n in (("X", inputs), ("Y", outputs)) for k in range(n)]
    found = PAIR.findall(text)
    pairs = "\n".join(f"({name} {x})" for name, x in zip(names, found, strict=False))
    return found if len(found) == len(names) and text == f"({pairs})\n" else None


def _listed(text: str, inputs: int, outputs: int) -> list[str] | None:
    """Return the numbers of a file as VNN-LIB 2 has it, None for one in another form.

    A variable has its name, kind and shape on a line, and its numbers below, one a line.
    """
    found: list[str] = []
    starts, left = [], 0
    *lines, rest = text.split("\n")
    for line in lines:
        head = None if left else TENSOR.fullmatch(line)
        if head:
            starts.append(len(found))
            left = prod(int(size) for size in head[1].split(",") if size)
        elif left and NUMBER.fullmatch(line):
            found.append(line)
            left -= 1
        else:
            return None
    whole = not rest and not left and inputs in starts and len(found) == inputs + outputs
    return found if whole else None


def _lines(path: Path) -> Iterator[tuple[str, str]]:
    return checker.certificates_in(path) if path.is_file() else iter(())


def _vector(texts: Sequence[str]) -> tuple[Fraction, ...]:
    """Return numbers of any length that the checker would read, too."""
    pairs = (text.partition("/") for text in texts)
    return tuple(Fraction(checker.parse(n), checker.parse(d or "1")) for n, _, d in pairs)


def _between(low: Any, x: Any, high: Any) -> bool:
    return bool(low <= x <= high)
