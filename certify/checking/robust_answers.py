"""What the certificates of an audit say of the balls around its examples.

Certificates of kind ``no-counterexample`` say that all of a box has one label; that their boxes
cover the ball of an example, as far as this lies between the limits of pixels, is found here, with
the standard library alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any

QUESTION = "robustness"
COVERS = 1000  # parts that are looked at, for each that there is
Box = tuple[Sequence[Any], Sequence[Any]]  # the least and the greatest corner
RADIUS = "[1-9][0-9]*(?:/[1-9][0-9]*)?"
# Names of counts, in front of a radius.
KEPT, LOST = "robust within ", "not robust within "
COUNTED = re.compile(f"({KEPT}|{LOST})({RADIUS})")
# Names of results: the number of an example in the user's data, and a radius.
ROBUST = re.compile(f"example (0|[1-9][0-9]*): no other label within ({RADIUS})")


class Balls:
    """What certificates say of examples: give it each with ``add``, then ask ``kept``."""

    def __init__(self) -> None:
        self._boxes: dict[str, list[Any]] = {}  # certificates by case
        self._points: list[Any] = []
        self._nodes = 0  # before which there may be one of units, in which the points are
        self._units: tuple[Sequence[Any], Sequence[Any]] | None = None
        self._limits: tuple[Fraction, Fraction] | None = None

    def add(self, case: str, certificate: Any) -> None:
        """Note one certificate of a certified record with its case."""
        instance = certificate["instance"]
        if certificate["kind"] == "no-counterexample":
            self._boxes.setdefault(case, []).append(certificate)
        elif certificate["kind"] == "network-points":
            points, facts = exact(instance["points"]), certificate["statement"]["facts"]
            half = len(points) // 2
            first, *rest = instance["nodes"]
            self._nodes, self._units = len(rest), None
            if first["type"] == "scale":
                self._units = exact(first["factors"]), exact(first["offsets"])
            self._points = points[half : 2 * half]
            if any(fact["fact"] == "box" for fact in facts):
                self._limits = Fraction(0), Fraction(1)
            elif len(points) % 2:
                # One point more: the middle of the limits, from which all are within half of them.
                ends = {f["radius"] for f in facts if f["fact"] == "within" and f["of"] == 2 * half}
                top = 2 * Fraction(max(ends, key=Fraction, default="0"))
                self._limits = Fraction(0), top

    def kept(self, rows: Sequence[int], truth: Mapping[int, int]) -> dict[int, Fraction]:
        """Return within which radius examples have no other label than that in ``truth``, by place.

        ``rows`` are their numbers in the user's data.
        """
        found: dict[int, Fraction] = {}
        for case, certificates in self._boxes.items():
            match = ROBUST.fullmatch(case)
            if match is None or int(match[1]) not in rows:
                continue
            place, radius = rows.index(int(match[1])), Fraction(match[2])
            known = place < len(self._points) and place in truth
            if known and self._hold(certificates, self._points[place], truth[place], radius):
                found[place] = max(radius, found.get(place, radius))
        return found

    def _hold(
        self, certificates: Sequence[Any], x: Sequence[Any], label: int, radius: Fraction
    ) -> bool:
        """Tell whether certificates are about a label on the whole ball of an example.

        Each may be about a part of the ball, and about some of the other labels, of one network.
        """
        nodes = certificates[0]["instance"]["nodes"]
        if any(certificate["instance"]["nodes"] != nodes for certificate in certificates):
            return False
        ball = self._ball(x, radius, len(nodes))
        parts: dict[int, list[Box]] = {}
        outputs = 0
        for certificate in certificates:
            k, others, outputs = rivals(certificate["statement"])
            if k == label:
                for j in others:
                    parts.setdefault(j, []).append(box_of(certificate["instance"]))
        return len(parts) == outputs - 1 > 0 and all(covered(ball, p) for p in parts.values())

    def _ball(self, x: Sequence[Any], radius: Fraction, nodes: int) -> Box:
        """Return the corners of the ball of an example in units of the data, within the limits."""
        reach: Sequence[Fraction] = (radius,) * len(x)
        if self._units is not None and nodes == self._nodes:
            # The points are multiples of these factors, and so is the radius.
            factors, offsets = self._units
            x = [f * v + o for f, v, o in zip(factors, x, offsets, strict=True)]
            reach = [radius * f for f in factors]
        pairs = list(zip(x, reach, strict=True))
        if self._limits is None:
            return tuple(v - r for v, r in pairs), tuple(v + r for v, r in pairs)
        low, high = self._limits
        return tuple(max(v - r, low) for v, r in pairs), tuple(min(v + r, high) for v, r in pairs)


def covered(ball: Box, parts: Sequence[Box]) -> bool:
    """Tell whether each point of a box is in one of some parts; False where that takes too long.

    Where no part holds all of the box, a side of one that runs through it cuts it in two.

    >>> first, second = ((0, 0), (1, 2)), ((1, 0), (2, 2))
    >>> covered(((0, 0), (2, 2)), [first, second]), covered(((0, 0), (2, 2)), [first])
    (True, False)
    """
    waiting, left = [(ball, list(parts))], COVERS * len(parts)
    while waiting:
        (lower, upper), parts = waiting.pop()
        left -= len(parts)
        near = [
            (low, high)
            for low, high in parts
            if len(low) == len(high) == len(lower)
            and all(a <= d and c <= b for a, b, c, d in zip(low, high, lower, upper, strict=True))
        ]
        if any(
            all(a <= c and d <= b for a, b, c, d in zip(low, high, lower, upper, strict=True))
            for low, high in near
        ):
            continue
        cuts = (
            (k, cut)
            for part in near
            for corner in part
            for k, cut in enumerate(corner)
            if lower[k] < cut < upper[k]
        )
        k, cut = next(cuts, (0, None))
        if cut is None or left < 0:
            return False
        waiting += [
            ((lower, (*upper[:k], cut, *upper[k + 1 :])), near),
            (((*lower[:k], cut, *lower[k + 1 :]), upper), near),
        ]
    return True


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


def box_of(instance: Any) -> Box:
    """Return the least and the greatest corner of the box of a certificate."""
    return exact(instance["lower"]), exact(instance["upper"])


def rivals(statement: Any) -> tuple[int | None, set[int], int]:
    """Return an output k, and those than which it is larger where no property holds, of how many.

    Each property is then of one row, output k minus another one at most 0. None for others.
    """
    found: set[tuple[int, int]] = set()
    width = 0
    for entry in statement["properties"]:
        matrix, right = exact(entry["matrix"]), exact(entry["right_side"])
        width = len(matrix[0])
        if len(matrix) != 1 or right != (0,) or sorted(matrix[0]) != [-1, *[0] * (width - 2), 1]:
            return None, set(), width
        found.add((matrix[0].index(1), matrix[0].index(-1)))
    labels = {k for k, _ in found}
    return (labels.pop() if len(labels) == 1 else None), {j for _, j in found}, width


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
