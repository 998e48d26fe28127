"""One certificate, changed in one entry: what the checker says of it."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from certify.certificates.certificate import Certificate
from certify.checking import checker
from certify.errors import InputError
from certify.numbers import rationals

_NUMERAL = re.compile(r"(0|-?[1-9][0-9]*)(/[1-9][0-9]*)?")
_SIGNS = ("=", "!=", "<", "<=")  # of relations


@dataclass(frozen=True)
class Corrupted:
    """A change of one entry, and the words with which the checker rejects it.

    place   where, as in ``evidence.multipliers[0]``
    before  the honest value and
    after   the changed one
    reason  the step that fails, and why
    """

    place: str
    before: str
    after: str
    reason: str


def corrupted(certificate: Certificate) -> Corrupted:
    """Return the first change of one entry that the checker rejects: evidence, then statement.

    Numbers are changed first, and comparisons only where no number matters. Raises InputError when
    there is no such change, for then the certificate proves nothing.
    """
    honest = certificate.to_json()
    for part in ("evidence", "statement"):
        leaves = sorted(_leaves(honest[part], (part,)), key=lambda leaf: leaf[1] in _SIGNS)
        for path, value in leaves:
            for other in _others(value):
                if reason := _rejection(_changed(honest, path, other)):
                    return Corrupted(_place(path), _text(value), _text(other), reason)
    raise InputError("certificate", expected="a number that matters", got=f"{certificate.kind}")


def _leaves(value: Any, path: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    if isinstance(value, dict):
        for name, item in value.items():
            yield from _leaves(item, (*path, name))
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            yield from _leaves(item, (*path, index))
    elif isinstance(value, int) or (
        isinstance(value, str) and (value in _SIGNS or _NUMERAL.fullmatch(value))
    ):
        yield path, value


def _changed(honest: Any, path: tuple[str | int, ...], other: Any) -> Any:
    changed = json.loads(json.dumps(honest))
    node = changed
    for key in path[:-1]:
        node = node[key]
    node[path[-1]] = other
    return changed


def _rejection(certificate: Any) -> str:
    """Return why the checker rejects a certificate; nothing when it does not, or finds no form."""
    try:
        checker.check(certificate)
    except checker.Rejected as error:
        return str(error)
    except checker.Malformed:
        pass
    return ""


def _others(value: Any) -> list[Any]:
    """Return other values in place of one: a little more, a little less, and the opposite."""
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, int):
        return [value + 1, value - 1, -value]
    if value in _SIGNS:
        return [sign for sign in _SIGNS if sign != value]
    number = rationals.rational(value, "value")
    return [rationals.text(other) for other in (number + 1, number - 1, -number)]


def _place(path: tuple[str | int, ...]) -> str:
    return "".join(f"[{k}]" if isinstance(k, int) else f".{k}" for k in path).lstrip(".")


def _text(value: Any) -> str:
    return json.dumps(value) if isinstance(value, bool | int) else str(value)
