"""What the certificates of an audit say of the balls around its examples.

Certificates of kind ``no-counterexample`` say that all of a box has one label; that their boxes
cover the ball of an example, as far as this lies between the limits of pixels, is found here, with
the standard library alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

QUESTION = "robustness"
COVERS = 1000  # parts that are looked at, for each that there is
Box = tuple[Sequence[Any], Sequence[Any]]  # the least and the greatest corner
RADIUS = "[1-9][0-9]*(?:/[1-9][0-9]*)?"
# Names of counts, in front of a radius.
KEPT, LOST = "robust within ", "not robust within "
COUNTED = re.compile(f"({KEPT}|{LOST})({RADIUS})")
# Names of results: the number of an example in the user's data, and a radius.
ROBUST = re.compile(f"example (0|[1-9][0-9]*): no other label within ({RADIUS})")


class Units(NamedTuple):
    """What a report states of the units of radii, and of where inputs stay that are moved.

    top      the greatest value of pixels, whose least is 0; None where the data have no limits
    factors  of features the ranges over the examples, of which points and radii are shares; ()
             where they are in units of the data
    offsets  the only value of each feature that has one, of others 0; () without factors
    """

    top: int | None = None
    factors: tuple[Fraction, ...] = ()
    offsets: tuple[Fraction, ...] = ()

    @classmethod
    def of(cls, question: Any) -> Units:
        """Return what a report states of a question; units of the data where it states none."""
        stated = question.get("units") or {"top": None, "factors": [], "offsets": []}
        return cls(stated["top"], exact(stated["factors"]), exact(stated["offsets"]))

    def multiplies(self, node: Any) -> bool:
        """Tell whether a node, the first of a certificate, takes points to units of the data."""
        own = self.factors, self.offsets
        return node["type"] == "scale" and (exact(node["factors"]), exact(node["offsets"])) == own

    def inputs(self, point: Sequence[Any]) -> tuple[Any, ...]:
        """Return a point of a certificate in units of the data."""
        if not self.factors:
            return tuple(point)
        return tuple(f * v + o for f, v, o in zip(self.factors, point, self.offsets, strict=True))

    def ball(self, x: Sequence[Any], radius: Fraction) -> Box:
        """Return the corners of the ball of a point in units of the data, within the limits."""
        reach = [radius * f for f in self.factors] or [radius] * len(x)
        pairs = list(zip(self.inputs(x), reach, strict=True))
        lower, upper = tuple(v - r for v, r in pairs), tuple(v + r for v, r in pairs)
        if self.top is None:
            return lower, upper
        return tuple(max(v, 0) for v in lower), tuple(min(v, self.top) for v in upper)


class Balls:
    """What certificates say of examples: give it each with ``add``, then ask ``kept``.

    Of two certificates about points nobody could say which are the examples: there is one.
    """

    def __init__(self) -> None:
        self._boxes: dict[str, list[Any]] = {}  # certificates by case
        self._points: list[Sequence[Any]] = []  # the examples of each certificate about points
        self._nodes: list[Any] = []  # of the network of these points

    def add(self, case: str, certificate: Any) -> None:
        """Note one certificate of a certified record with its case."""
        instance = certificate["instance"]
        if certificate["kind"] == "no-counterexample":
            self._boxes.setdefault(case, []).append(certificate)
        elif certificate["kind"] == "network-points":
            points = exact(instance["points"])
            half = len(points) // 2
            self._nodes = instance["nodes"]
            self._points.append(points[half : 2 * half])

    def kept(
        self, rows: Sequence[int], truth: Mapping[int, int], units: Units
    ) -> dict[int, Fraction]:
        """Return within which radius examples have no other label than that in ``truth``, by place.

        ``rows`` are their numbers in the user's data.
        """
        found: dict[int, Fraction] = {}
        examples = self._points[0] if len(self._points) == 1 else ()
        for case, certificates in self._boxes.items():
            match = ROBUST.fullmatch(case)
            if match is None or int(match[1]) not in rows:
                continue
            place, radius = rows.index(int(match[1])), Fraction(match[2])
            known = place < len(examples) and place in truth
            if known and self._hold(certificates, examples[place], truth[place], radius, units):
                found[place] = max(radius, found.get(place, radius))
        return found

    def _hold(
        self, certificates: Sequence[Any], x: Sequence[Any], label: int, radius: Fraction,
        units: Units,
    ) -> bool:  # fmt: skip
        """Tell whether certificates are about a label on the whole ball of an example.

        Each may be about a part of the ball, and about some of the other labels, of one network:
        that of the points, behind the node of their units if there is one.
        """
        nodes = certificates[0]["instance"]["nodes"]
        if any(certificate["instance"]["nodes"] != nodes for certificate in certificates):
            return False
        if not self._behind(nodes, units):
            return False
        lower, upper = ball = units.ball(x, radius)
        inside = all(low <= high for low, high in zip(lower, upper, strict=True))
        if not inside:
            return False
        parts: dict[int, list[Box]] = {}
        outputs = 0
        for certificate in certificates:
            k, others, outputs = rivals(certificate["statement"])
            if k == label:
                for j in others:
                    parts.setdefault(j, []).append(box_of(certificate["instance"]))
        return len(parts) == outputs - 1 > 0 and all(covered(ball, p) for p in parts.values())

    def _behind(self, nodes: Any, units: Units) -> bool:
        """Tell whether nodes are those of the points, behind that of units if there is one."""
        own = self._nodes
        if units.factors:
            if not own or not units.multiplies(own[0]):
                return False
            own = [{**node, "reads": _before(node["reads"])} for node in own[1:]]
        return bool(nodes == own or exact(nodes) == exact(own))  # written in one way, mostly


def _before(reads: Any) -> Any:
    """Return numbers of nodes, one or several, when the first one is left out."""
    return [j - 1 for j in reads] if isinstance(reads, list) else reads - 1


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
