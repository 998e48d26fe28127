"""What a corruption is, how it is made, and what a checker says of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

from certify.certificates.certificate import sha256
from certify.checking import checker

# New values, or functions that make them from the old ones, by the dotted paths of their places.
Changes: TypeAlias = Mapping[str, Any]
DELETE = object()

REJECTED, MALFORMED = "rejected", "malformed"


class Outcome(NamedTuple):
    """What a checker says: "accepted", "rejected" at a step or "malformed" at a place, and why."""

    verdict: str
    place: str
    reason: str

    def __str__(self) -> str:
        return ": ".join(self)


@dataclass(frozen=True)
class Corruption:
    """What is changed, in words and in fact, and how both checkers refuse it.

    ``places`` has the step of a rejection, or the places of which each checker calls one malformed.
    """

    what: str
    verdict: str
    places: tuple[str, ...]
    changes: Changes
    rehashed: bool = True

    def explains(self, outcome: Outcome) -> bool:
        """Return whether the certificate was refused, and for the expected reason."""
        if outcome.verdict != self.verdict:
            return False
        inside = [f"{place}{mark}" for place in self.places for mark in ".["]
        return outcome.place in self.places or (
            self.verdict == MALFORMED and outcome.place.startswith(tuple(inside))
        )


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
    for path, value in corruption.changes.items():
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


def rejected(steps: Mapping[str, Mapping[str, Changes]]) -> list[Corruption]:
    """Return corruptions that both checkers reject, by the step and by what is changed."""
    return [
        Corruption(what, REJECTED, (step,), changes)
        for step, corruptions in steps.items()
        for what, changes in corruptions.items()
    ]


def malformed(places: Mapping[str | tuple[str, ...], Mapping[str, Changes]]) -> list[Corruption]:
    """Return corruptions that each checker calls malformed at one of these places."""

    def full(name: str) -> str:
        # Rows of different length are found while reading, or when the table is put together.
        return name if name == "dimensions" else f"certificate.{name}".removesuffix(".")

    return [
        Corruption(what, MALFORMED, tuple(map(full, named)), changes)
        for place, corruptions in places.items()
        for named in [(place,) if isinstance(place, str) else place]
        for what, changes in corruptions.items()
    ]
