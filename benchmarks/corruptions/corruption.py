"""What a corruption is, how it is made, and what a checker says of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

from certify.certificates.certificate import sha256
from certify.checking import checker

# The dotted path of a place, and its new value or a function that makes it from the old one.
Change: TypeAlias = tuple[str, Any]
DELETE = object()

REJECTED, MALFORMED = "rejected", "malformed"


@dataclass(frozen=True)
class Corruption:
    """What is changed, in words and in fact, and how both checkers refuse it.

    ``places`` has the step of a rejection, or the places of which each checker calls one malformed.
    """

    what: str
    verdict: str
    places: tuple[str, ...]
    changes: tuple[Change, ...]
    rehashed: bool = True

    def explains(self, outcome: Outcome) -> bool:
        """Return whether the certificate was refused, and for the expected reason."""
        if outcome.verdict != self.verdict:
            return False
        inside = [f"{place}{mark}" for place in self.places for mark in ".["]
        return outcome.place in self.places or (
            self.verdict == MALFORMED and outcome.place.startswith(tuple(inside))
        )


class Outcome(NamedTuple):
    """What a checker says: "accepted", "rejected" at a step or "malformed" at a place, and why."""

    verdict: str
    place: str
    reason: str

    def __str__(self) -> str:
        return ": ".join(self)


def outcome(check: Callable[[Any], tuple[str, str]], certificate: Any) -> Outcome:
    """Return the outcome of either checker; one that breaks down has refused nothing."""
    try:
        return Outcome("accepted", *check(certificate))
    except checker.Rejected as error:
        return Outcome(REJECTED, error.step, error.reason)
    except checker.Malformed as error:
        return Outcome(MALFORMED, error.where, error.reason)
    except Exception as error:
        return Outcome("failed", type(error).__name__, str(error))


def corrupted(certificate: Any, corruption: Corruption) -> Any:
    """Return the corrupted certificate; it shares with the original whatever has not changed."""
    result = certificate
    for path, value in corruption.changes:
        result = _changed(result, path.split("."), value)
    if corruption.rehashed and result["instance"] is not certificate["instance"]:
        result = {**result, "instance_sha256": sha256(result["instance"])}
    return result


def _changed(node: Any, route: list[str], value: Any) -> Any:
    # Only the containers on the way are copied: the others may hold ten million numbers.
    copy = node.copy()
    key: Any = int(route[0]) if isinstance(node, list) else route[0]
    if len(route) > 1:
        copy[key] = _changed(node[key], route[1:], value)
    elif value is DELETE:
        del copy[key]
    else:
        copy[key] = value(node[key]) if callable(value) else value
    return copy


def rejected(step: str, what: str, *changes: Change) -> Corruption:
    """Return the corruption that both checkers reject at this step."""
    return Corruption(what, REJECTED, (step,), changes)


def malformed(places: str | tuple[str, ...], what: str, *changes: Change) -> Corruption:
    """Return the corruption that each checker calls malformed at one of these places."""
    names = (places,) if isinstance(places, str) else places
    # Rows of different length are found while reading, or when the table is put together.
    full = tuple(
        n if n == "dimensions" else f"certificate.{n}" if n else "certificate" for n in names
    )
    return Corruption(what, MALFORMED, full, changes)
