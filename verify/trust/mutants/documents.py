"""Systematic mutants of a certificate: one change each, of every kind that a forger might try.

A mutant that changes the instance gets the hash of the changed instance, so that the mathematics
has to notice; those of the document itself keep everything else as it was.
"""

import copy
import json
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from certify.certificates.certificate import FORMAT, VERSION, sha256
from certify.numbers import rationals

_NUMERAL = re.compile(r"(0|-?[1-9][0-9]*)(/[1-9][0-9]*)?")
PARTS = ("instance", "statement", "evidence")
DOCUMENT = "document"
LONG = 10**4_400  # more digits than Python writes out unless it is told to
# Their common denominator has as many digits as they have together.
FRACTIONS = [f"1/{10**18 + 9 * k}" for k in range(200)]

Json = dict[str, Any]


@contextmanager
def long_integers() -> Iterator[None]:
    """Let Python write integers of any length, as some mutants have them."""
    limit = sys.get_int_max_str_digits()
    sys.set_int_max_str_digits(0)
    try:
        yield
    finally:
        sys.set_int_max_str_digits(limit)


@dataclass(frozen=True)
class Mutant:
    """A changed certificate.

    part       "instance", "statement" or "evidence", or "document" for what is around them
    place      the dotted path of the change, indices included
    operation  what was done there, in a word or two
    document   the whole certificate as JSON
    """

    kind: str
    part: str
    place: str
    operation: str
    document: Json

    @property
    def pattern(self) -> str:
        """The place without its indices, as in ``instance.points[]``."""
        return re.sub(r"\.[0-9]+", "[]", self.place)


def mutants(honest: Json, other: Json | None = None) -> Iterator[Mutant]:
    """Yield every mutant of a certificate; ``other`` is one about another instance.

    No two are equal, and none is equal to the honest certificate. Some have integers that only
    :func:`long_integers` lets Python write.
    """
    seen = {_key(honest)}
    with long_integers():
        changed = [*_of_the_document(honest, other), *_of_the_parts(honest), *_of_sums(honest)]
        keys = [_key(mutant.document) for mutant in changed]
    for key, mutant in zip(keys, changed, strict=True):
        if key not in seen:
            seen.add(key)
            yield mutant


def _key(document: Json) -> str:
    return json.dumps(document, sort_keys=True)


def _of_the_document(honest: Json, other: Json | None) -> Iterator[Mutant]:
    def changed(place: str, operation: str, value: Any) -> Mutant:
        return Mutant(honest["kind"], DOCUMENT, place, operation, {**honest, place: value})

    yield changed("version", "stale version", VERSION - 1)
    yield changed("version", "later version", VERSION + 1)
    yield changed("format", "other format", f"{FORMAT}s")
    yield changed("kind", "unknown kind", f"{honest['kind']}s")
    yield changed("instance_sha256", "hash of nothing", sha256({}))
    yield changed("instance_sha256", "hash in capitals", honest["instance_sha256"].upper())
    yield changed("comment", "field added", "")
    if other is not None:
        yield changed("instance_sha256", "hash of another instance", other["instance_sha256"])
        yield changed("instance", "another instance under the old hash", other["instance"])
    for field in honest:
        rest = {name: value for name, value in honest.items() if name != field}
        yield Mutant(honest["kind"], DOCUMENT, field, "field removed", rest)


def _of_the_parts(honest: Json) -> Iterator[Mutant]:
    for part in PARTS:
        for path, value in _nodes(honest[part], (part,)):
            names = list(value) if isinstance(value, dict) else []
            removals = [((*path, name), "field removed", None) for name in names]
            for place, operation, changed in (
                *((path, *change) for change in _changes(value)),
                *removals,
            ):
                document = copy.deepcopy(honest)
                node: Any = document
                for key in place[:-1]:
                    node = node[key]
                if operation == "field removed":
                    del node[place[-1]]
                else:
                    node[place[-1]] = changed
                if part == "instance":
                    document["instance_sha256"] = sha256(document["instance"])
                yield Mutant(honest["kind"], part, ".".join(map(str, place)), operation, document)


def _of_sums(honest: Json) -> Iterator[Mutant]:
    """Yield relations with a long sum added to one side and taken away again: still true."""
    relations = honest["statement"].get("relations", []) if honest["kind"] == "arithmetic" else []
    for number, relation in enumerate(relations):
        for side in (0, 2):
            document = copy.deepcopy(honest)
            raised = ["+", relation[side], *FRACTIONS]
            document["statement"]["relations"][number][side] = ["-", raised, ["+", *FRACTIONS]]
            place = f"statement.relations.{number}.{side}"
            yield Mutant(honest["kind"], "statement", place, "a long sum", document)


def _nodes(value: Any, path: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """Yield every value below a part, the part itself included, with its path."""
    yield path, value
    if isinstance(value, dict):
        for name, item in value.items():
            yield from _nodes(item, (*path, name))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _nodes(item, (*path, index))


def _changes(value: Any) -> Iterator[tuple[str, Any]]:
    """Yield other values in place of one, each with the name of the operation."""
    if isinstance(value, bool):
        yield "flipped", not value
    elif isinstance(value, int):
        yield "plus 1", value + 1
        yield "minus 1", value - 1
        yield "sign", -value
        yield "zero", 0
        yield "a long integer", LONG
    elif isinstance(value, str) and _NUMERAL.fullmatch(value):
        number = rationals.rational(value, "value")
        yield "plus 1", rationals.text(number + 1)
        yield "minus 1", rationals.text(number - 1)
        yield "sign", rationals.text(-number)
        yield "zero", "0"
        yield "halved", rationals.text(number / 2)
        yield "a float", float(number)
        yield "over 1", f"{number.numerator}/1"
        yield "not in lowest terms", f"{3 * number.numerator}/{3 * number.denominator}"
        yield "a line feed", f"{value}\n"
    elif isinstance(value, str):
        yield "other word", f"{value}s"
        yield "a line feed", f"{value}\n"
        yield "a letter of another alphabet", f"{value}\u0430"
    elif isinstance(value, dict):
        yield "field added", {**value, "comment": ""}
    elif isinstance(value, list):
        yield from _rearranged(value)
    elif value is None:
        yield "something for nothing", "0"


def _rearranged(items: list[Any]) -> Iterator[tuple[str, list[Any]]]:
    yield "emptied", []
    yield "repeated", [*items, *items]
    for i in range(len(items)):
        yield "entry dropped", items[:i] + items[i + 1 :]
        yield "entry doubled", [*items[: i + 1], *items[i:]]
        if i:
            swapped = list(items)
            swapped[i - 1], swapped[i] = swapped[i], swapped[i - 1]
            yield "entries swapped", swapped
