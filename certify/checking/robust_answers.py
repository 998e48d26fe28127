"""What the certificates of an audit say of the balls around its examples.

Certificates of kind ``no-counterexample`` say that all of a box has one label; that the box holds
the ball of an example, as far as this lies between the limits of pixels, is found here,
with the standard library alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

QUESTION = "robustness"
RADIUS = "[1-9][0-9]*(?:/[1-9][0-9]*)?"
# Names of counts, in front of a radius.
KEPT, LOST = "robust within ", "not robust within "
COUNTED = re.compile(f"({KEPT}|{LOST})({RADIUS})")
# Names of results: the number of an example in the user's data, and a radius.
ROBUST = re.compile(f"example (0|[1-9][0-9]*): no other label within ({RADIUS})")


class Balls:
    """What certificates say of examples: give it each with ``add``, then ask ``kept``."""

    def __init__(self) -> None:
        self._boxes: list[tuple[str, Any]] = []
        self._points: list[Any] = []
        self._nodes = 0  # before which there may be one of units, in which the points are
        self._units: tuple[Sequence[Any], Sequence[Any]] | None = None
        self._limits: tuple[Fraction, Fraction] | None = None

    def add(self, case: str, certificate: Any) -> None:
        """Note one certificate of a certified record with its case."""
        if certificate["kind"] == "no-counterexample":
            self._boxes.append((case, certificate))
        elif certificate["kind"] == "network-points":
            points = exact(certificate["instance"]["points"])
            facts, half = certificate["statement"]["facts"], len(points) // 2
            first, *rest = certificate["instance"]["nodes"]
            self._nodes, self._units = len(rest), None
            if first["type"] == "scale":
                self._units = exact(first["factors"]), exact(first["offsets"])
            self._points = points[half : 2 * half]
            if any(fact["fact"] == "box" for fact in facts):
                self._limits = Fraction(0), Fraction(1)
            elif (
                len(points) % 2
            ):  # the middle of the limits, from which all are within half of them
                ends = {f["radius"] for f in facts if f["fact"] == "within" and f["of"] == 2 * half}
                top = 2 * Fraction(max(ends, key=Fraction, default="0"))
                self._limits = Fraction(0), top

    def kept(self, rows: Sequence[int], truth: Mapping[int, int]) -> dict[int, Fraction]:
        """Return within which radius examples have no other label than that in ``truth``, by place.

        ``rows`` are their numbers in the user's data.
        """
        found: dict[int, Fraction] = {}
        for case, certificate in self._boxes:
            match = ROBUST.fullmatch(case)
            if match is None or int(match[1]) not in rows:
                continue
            place, radius = rows.index(int(match[1])), Fraction(match[2])
            known = place < len(self._points) and place in truth
            if known and self._holds(certificate, self._points[place], truth[place], radius):
                found[place] = max(radius, found.get(place, radius))
        return found

    def _holds(self, certificate: Any, x: Sequence[Any], label: int, radius: Fraction) -> bool:
        """Tell whether a certificate is about a label on the whole ball of an example."""
        if label_of(certificate["statement"]) != label:
            return False
        lower, upper = box_of(certificate["instance"])
        reach: Sequence[Fraction] = (radius,) * len(x)
        if self._units is not None and len(certificate["instance"]["nodes"]) == self._nodes:
            # The points are multiples of these factors, and so is the radius.
            factors, offsets = self._units
            x = [f * v + o for f, v, o in zip(factors, x, offsets, strict=True)]
            reach = [radius * f for f in factors]
        if not len(lower) == len(upper) == len(x):
            return False
        low, high = self._limits or (None, None)
        return all(
            a <= (v - r if low is None else max(v - r, low)) <= v
            and v <= (v + r if high is None else min(v + r, high)) <= b
            for a, v, r, b in zip(lower, x, reach, upper, strict=True)
        )


def counts(
    names: Iterable[str], kept: Iterable[Fraction], lost: Iterable[Fraction]
) -> dict[str, int]:
    """Return how many examples are robust, and how many are not, within each radius named."""
    near = {KEPT: list(kept), LOST: list(lost)}
    found = {}
    for name in names:
        if match := COUNTED.fullmatch(name):
            radius = Fraction(match[2])
            held = [r >= radius if match[1] == KEPT else r <= radius for r in near[match[1]]]
            found[name] = sum(held)
    return found


def box_of(instance: Any) -> tuple[Sequence[Any], Sequence[Any]]:
    """Return the least and the greatest corner of the box of a certificate."""
    return exact(instance["lower"]), exact(instance["upper"])


def label_of(statement: Any) -> int | None:
    """Return the output that is larger than all others where no property holds, None without one.

    Each property is then of one row, output k minus another one at most 0, and none is missing.
    """
    found: set[tuple[int, int]] = set()
    width = 0
    for matrix, right in _properties(statement):
        if len(matrix) != 1 or right != (0,):
            return None
        (row,) = matrix
        width = len(row)
        if sorted(row) != [-1, *[0] * (width - 2), 1]:
            return None
        found.add((row.index(1), row.index(-1)))
    labels = {k for k, _ in found}
    return labels.pop() if len(labels) == 1 and len(found) == width - 1 else None


def _properties(statement: Any) -> Iterator[tuple[Any, Any]]:
    for entry in statement["properties"]:
        yield exact(entry["matrix"]), exact(entry["right_side"])


def exact(value: Any) -> Any:
    """Return numbers of a certificate as fractions, whichever of their forms they have."""
    if isinstance(value, dict):
        if set(value) == {"exponent", "integers"}:
            return _scaled(value["integers"], Fraction(2) ** value["exponent"])
        return tuple((name, exact(entry)) for name, entry in sorted(value.items()))
    if isinstance(value, list):
        return tuple(map(exact, value))
    try:
        return Fraction(value)
    except ValueError:
        return value  # the type of a node


def _scaled(value: Any, unit: Fraction) -> Any:
    if isinstance(value, list):
        return tuple(_scaled(entry, unit) for entry in value)
    return Fraction(value) * unit
