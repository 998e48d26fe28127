"""Corruptions of certificates, each of which both checkers have to refuse for its own reason.

The lists are functions of the certificate, so that the tests run them on small instances and
:mod:`benchmarks.full_size` on certificates of full size. The hash of a changed instance is computed
again, so that the mathematics has to notice; one corruption in each list leaves the old hash.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any, NamedTuple, TypeAlias

import flint
import numpy as np

from certify import checker, fast_reading, max_margin
from certify.certificates import sha256

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
    except fast_reading.Refused as error:
        return Outcome(error.verdict, error.place, error.reason)
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


def _rejected(step: str, what: str, *changes: Change) -> Corruption:
    return Corruption(what, REJECTED, (step,), changes)


def _malformed(places: str | tuple[str, ...], what: str, *changes: Change) -> Corruption:
    names = (places,) if isinstance(places, str) else places
    # Rows of different length are found while reading, or when the table is put together.
    full = tuple(
        n if n == "dimensions" else f"certificate.{n}" if n else "certificate" for n in names
    )
    return Corruption(what, MALFORMED, full, changes)


# The form of every certificate.


def _of_the_form(other_kind: str, weight: Change) -> list[Corruption]:
    unnoticed = _malformed(
        "instance_sha256",
        "a number of the instance is another, but the hash is the old one",
        weight,
    )
    return [
        replace(unnoticed, rehashed=False),
        _malformed(("version", "format"), "the version of the format is 2", ("version", 2)),
        _malformed(
            ("instance", "statement", "evidence"),
            f"the kind is {other_kind}",
            ("kind", other_kind),
        ),
        _malformed("evidence", "the evidence has another field", ("evidence.more", 1)),
        _malformed("statement", "the statement has another field", ("statement.more", 1)),
        _malformed("instance", "the instance has another field", ("instance.more", 1)),
    ]


def _of_the_numbers(name: str, what: str) -> list[Corruption]:
    """Return corruptions of integers with their unit, as weights and points are written."""
    place = f"instance.{name}"
    first = f"{place}.integers.0.0"
    return [
        _malformed(place, f"one {what} is a fraction", (first, "1/2")),
        _malformed(place, f"one {what} is a float", (first, 0.5)),
        _malformed(place, f"one {what} is true", (first, True)),
        _malformed(place, f"one {what} has a leading zero", (first, "01")),
        _malformed(
            (place, "dimensions"),
            f"one {what} is missing",
            (f"{place}.integers.1", lambda row: row[1:]),
        ),
        _malformed(place, f"the unit of every {what} is missing", (f"{place}.exponent", DELETE)),
        _malformed(place, "the unit is 2^10001", (f"{place}.exponent", 10_001)),
        _malformed(
            place,
            f"every {what} is an integer, without a unit",
            (place, lambda table: table["integers"]),
        ),
    ]


# Heads with at least as many features as classes, whose weights are floats.


def of_dimension(certificate: Any) -> list[Corruption]:
    """Return corruptions of the dimension of the invariant space of a head.

    There are some more when the rank is not full, so that there are dependencies.
    """
    weights = certificate["instance"]["weights"]["integers"]
    features, classes = len(weights), len(weights[0])
    rank, dimension = (certificate["statement"][name] for name in ("rank", "dimension"))
    rows, columns, dependencies, free = (
        certificate["evidence"][name] for name in ("rows", "columns", "dependencies", "free")
    )
    # A class of the minor that occurs in no dependency.
    alone = next(j for j in columns if all(v[j] == "0" for v in dependencies))
    without = [j for j in columns if j != alone]
    first, second = columns[:2]

    def smaller(*more: Change) -> tuple[Change, ...]:
        """Claim one rank less, with a minor that proves this much."""
        return (
            ("statement.rank", rank - 1),
            ("statement.dimension", dimension + 1),
            ("evidence.rows", rows[1:]),
            ("evidence.columns", without),
            *more,
        )

    size, minor = "minor has the stated size", "minor is nonzero modulo the prime"
    table = "instance.weights.integers"
    found = [
        _rejected(size, "the rank is one less", ("statement.rank", rank - 1)),
        _rejected(size, "the rank is one more", ("statement.rank", rank + 1)),
        _rejected(
            "dimension is what the rank leaves",
            "the dimension is one less",
            ("statement.dimension", dimension - 1),
        ),
        _rejected(
            "dimension is what the rank leaves",
            "the head has lost its last feature",
            (table, weights[:-1]),
        ),
        _malformed(
            "statement.dimension",
            "the dimension is a numeral",
            ("statement.dimension", str(dimension)),
        ),
        _malformed("statement.rank", "the rank is negative", ("statement.rank", -rank)),
        _rejected("minor is square", "the minor lacks a row", ("evidence.rows", rows[1:])),
        _rejected("minor is square", "the minor lacks a column", ("evidence.columns", columns[1:])),
        _malformed(
            "evidence", "the minor has a row twice", ("evidence.rows", [rows[1], *rows[1:]])
        ),
        _malformed("evidence", "a row of the minor is no feature", ("evidence.rows.0", features)),
        _malformed(
            "evidence",
            "a column of the minor is the last class",
            ("evidence.columns.0", classes - 1),
        ),
        _malformed("evidence", "a row of the minor is negative", ("evidence.rows.0", -1)),
        _malformed("evidence", "the prime is missing", ("evidence.prime", DELETE)),
        _malformed("evidence", "the prime is 0", ("evidence.prime", 0)),
        # Floats on a common scale are even but for the smallest ones.
        _rejected(minor, "the prime is 2", ("evidence.prime", 2)),
        _rejected(minor, "the prime is 2^40", ("evidence.prime", 2**40)),
        _rejected(
            minor,
            f"feature {rows[1]} has the weights of feature {rows[0]}",
            (f"{table}.{rows[1]}", weights[rows[0]]),
        ),
        _rejected(
            minor,
            f"class {second} has the weights of class {first}",
            (table, lambda table: [[*r[:second], r[first], *r[second + 1 :]] for r in table]),
        ),
        _rejected(
            minor,
            f"the last class has the weights of class {first}",
            (table, lambda table: [[*r[:-1], r[first]] for r in table]),
        ),
        _rejected(
            "rank and dimension add up",
            "the rank is one less, the dimension one more, the minor smaller",
            *smaller(),
        ),
        _rejected(
            "basis vectors are null vectors",
            "the same, with an invented dependency: one class is the last",
            *smaller(
                ("evidence.dependencies", [*dependencies, _unit(classes - 1, alone)]),
                ("evidence.free", [*free, alone]),
            ),
        ),
        _malformed("evidence.free", "a free class is negative", ("evidence.free", [-1])),
        *_of_the_numbers("weights", "weight"),
        *_of_the_form("invariant-direction", (f"{table}.0.0", lambda x: x + 1)),
    ]
    return found + (_of_dependencies(certificate, alone) if free else _of_full_rank(classes))


def _unit(length: int, j: int) -> list[str]:
    return ["1" if k == j else "0" for k in range(length)]


def _of_full_rank(classes: int) -> list[Corruption]:
    return [
        _rejected(
            "basis vectors are independent",
            "class 0 is free, without a dependency",
            ("evidence.free", [0]),
        ),
        _rejected(
            "basis vectors are null vectors",
            "class 0 is free, with a dependency that it is the last class",
            ("evidence.dependencies", [_unit(classes - 1, 0)]),
            ("evidence.free", [0]),
        ),
        _rejected(
            "rank and dimension add up",
            "the head has another class, a copy of its last one",
            ("instance.weights.integers", lambda table: [[*row, row[-1]] for row in table]),
        ),
    ]


def _of_dependencies(certificate: Any, alone: int) -> list[Corruption]:
    """Return corruptions of a head whose classes depend on each other, in the order of ``free``."""
    weights = certificate["instance"]["weights"]["integers"]
    rank, dimension = (certificate["statement"][name] for name in ("rank", "dimension"))
    rows, columns, dependencies, free = (
        certificate["evidence"][name] for name in ("rows", "columns", "dependencies", "free")
    )
    vector, used = dependencies[0], next(j for j in columns if dependencies[0][j] != "0")
    unused = next(i for i in range(len(weights)) if i not in rows)
    independent, null = "basis vectors are independent", "basis vectors are null vectors"
    minor = "minor is nonzero modulo the prime"
    place = "evidence.dependencies"
    return [
        _rejected(
            minor,
            f"the minor has class {free[0]} in place of class {alone}",
            ("evidence.columns", [free[0] if j == alone else j for j in columns]),
        ),
        _rejected(
            minor,
            "the rank is one more, the dimension one less, the minor larger, a dependency missing",
            ("statement.rank", rank + 1),
            ("statement.dimension", dimension - 1),
            ("evidence.rows", [*rows, unused]),
            ("evidence.columns", [*columns, free[0]]),
            (place, dependencies[1:]),
            ("evidence.free", free[1:]),
        ),
        _rejected(independent, "no class is free", ("evidence.free", [])),
        _rejected(independent, "another class is free", ("evidence.free.0", alone)),
        _rejected(
            "rank and dimension add up",
            "no class is free and there are no dependencies",
            ("evidence.free", []),
            (place, []),
        ),
        _rejected(
            "rank and dimension add up",
            "a dependency is missing",
            ("evidence.free", free[1:]),
            (place, dependencies[1:]),
        ),
        _rejected(
            null, "1 is added to a coefficient of a dependency", (f"{place}.0.{used}", _plus_one)
        ),
        _rejected(
            null,
            "a coefficient 0 of a dependency is 10^-9",
            (f"{place}.0.{alone}", f"1/{10**9}"),
        ),
        _rejected(
            null,
            f"a weight of class {free[0]}, which depends on others, is another",
            (f"instance.weights.integers.{unused}.{free[0]}", lambda x: x + 1),
        ),
        _rejected(
            independent,
            "a dependency is doubled",
            (f"{place}.0", _times(2)),
        ),
        _rejected(
            independent,
            "a dependency comes twice, for another free class",
            (place, [*dependencies, vector]),
            ("evidence.free", [*free, alone]),
        ),
        _malformed(
            ("", "dimensions"), "a dependency lacks a coefficient", (f"{place}.0", vector[1:])
        ),
        _malformed(place, "a coefficient is 2/4", (f"{place}.0.{used}", "2/4")),
        _malformed(place, "a coefficient is -0", (f"{place}.0.{alone}", "-0")),
        _malformed(place, "a coefficient is a number", (f"{place}.0.{used}", 1)),
    ]


def of_direction(certificate: Any) -> list[Corruption]:
    """Return corruptions of one direction that leaves a head unchanged.

    Two equal features would give a short direction, in which they could be exchanged.
    """
    weights = certificate["instance"]["weights"]["integers"]
    direction = certificate["statement"]["direction"]
    used = [j for j, x in enumerate(direction) if x != "0"]
    first, last = used[0], used[-1]
    longest = max(used, key=lambda j: len(direction[j]))
    exchanged = list(direction)
    exchanged[first], exchanged[last] = direction[last], direction[first]
    step, place = "direction shifts all logits equally", "statement.direction"
    table = "instance.weights.integers"
    digits = len(direction[longest])
    return [
        _rejected("direction is not zero", "every coordinate is 0", (place, ["0"] * len(weights))),
        _rejected(
            step, "1 is added to the last coordinate", (f"{place}.{len(weights) - 1}", _plus_one)
        ),
        _rejected(step, "one coordinate is 0", (f"{place}.{first}", "0")),
        _rejected(step, "one coordinate is negated", (f"{place}.{last}", _negated)),
        _rejected(step, "one coordinate is doubled", (f"{place}.{first}", _times(2))),
        _rejected(
            step,
            f"one digit of {digits} is another",
            (f"{place}.{longest}", _other_digit),
        ),
        _rejected(
            step,
            "every coordinate is rounded to the first half of its digits",
            (place, lambda x: [_rounded(c) for c in x]),
        ),
        _rejected(step, "the coordinates are in reverse order", (place, lambda x: x[::-1])),
        _rejected(
            step, "every coordinate is one feature later", (place, lambda x: [x[-1], *x[:-1]])
        ),
        _rejected(step, f"coordinates {first} and {last} are exchanged", (place, exchanged)),
        _rejected(
            step,
            f"the weights of features {first} and {last} are exchanged",
            (f"{table}.{first}", weights[last]),
            (f"{table}.{last}", weights[first]),
        ),
        _rejected(step, "1 is added to one weight", (f"{table}.{first}.0", lambda x: x + 1)),
        _rejected(
            step, "1 is added to one weight of the last class", (f"{table}.{last}", _last_plus_one)
        ),
        _rejected(
            step,
            "the head has another class, a copy of its last one but for one weight",
            (
                table,
                lambda table: [[*r, r[-1] + (i == first)] for i, r in enumerate(table)],
            ),
        ),
        _rejected(
            step,
            "the head has another feature, a copy of its last one, with coordinate 1",
            (table, [*weights, weights[-1]]),
            (place, [*direction, "1"]),
        ),
        _malformed(place, "a coordinate is missing", (place, direction[:-1])),
        _malformed(place, "there is one coordinate more", (place, [*direction, "0"])),
        _malformed(place, "a coordinate is a number", (f"{place}.{first}", 1)),
        _malformed(place, "a coordinate is 2/4", (f"{place}.{first}", "2/4")),
        _malformed(place, "a coordinate is -0", (f"{place}.{last}", "-0")),
        _malformed(
            place, "a coordinate has 200,003 digits", (f"{place}.{first}", "1" + "0" * 200_002)
        ),
        _malformed(place, "the direction is one numeral", (place, direction[first])),
        *_of_the_numbers("weights", "weight"),
        *_of_the_form("invariant-dimension", (f"{table}.0.0", lambda x: x + 1)),
    ]


def _plus_one(numeral: str) -> str:
    return str(_exact(numeral) + 1)


def _exact(numeral: str) -> flint.fmpq:
    # Python refuses to read integers of more than 4,300 digits.
    numerator, _, denominator = numeral.partition("/")
    return flint.fmpq(flint.fmpz(numerator), flint.fmpz(denominator or "1"))


def _times(factor: flint.fmpq | int) -> Callable[[Any], Any]:
    """Return the function that multiplies a numeral or a list of them."""

    def scale(value: Any) -> Any:
        if isinstance(value, list):
            return [scale(x) for x in value]
        return str(factor * _exact(value))

    return scale


def _negated(numeral: str) -> str:
    return numeral[1:] if numeral[0] == "-" else f"-{numeral}"


def _other_digit(numeral: str) -> str:
    k = len(numeral) // 2
    return f"{numeral[:k]}{int(numeral[k]) % 9 + 1}{numeral[k + 1 :]}"


def _rounded(numeral: str) -> str:
    digits = numeral.removeprefix("-")
    kept = (len(digits) + 1) // 2
    return numeral[: len(numeral) - len(digits) + kept] + "0" * (len(digits) - kept)


def _last_plus_one(row: list[int]) -> list[int]:
    return [*row[:-1], row[-1] + 1]


# Margins of points that are written as integers with a unit.


def of_max_margin(certificate: Any) -> list[Corruption]:
    """Return corruptions of the maximum margin, with an offset, of both labels.

    Some class needs two support vectors, or there is no multiplier to exchange.
    """
    instance, statement = certificate["instance"], certificate["statement"]
    points, labels = instance["points"]["integers"], instance["labels"]
    multipliers = certificate["evidence"]["multipliers"]
    support = [i for i, a in enumerate(multipliers) if a != "0"]
    s, other = support[0], next(i for i in support if labels[i] != labels[support[0]])
    one, two = next(
        (i, k)
        for i, k in combinations(support, 2)
        if labels[i] == labels[k] and multipliers[i] != multipliers[k] and points[i] != points[k]
    )
    idle = next(i for i, a in enumerate(multipliers) if a == "0")
    pixel = next(j for j, x in enumerate(statement["normal"]) if x != "0")
    square = _exact(statement["margin_squared"])
    # Away from the side of the first support vector, whose margin then is the first to fail.
    nudged = _exact(statement["offset"]) - flint.fmpq(labels[s], 10**9)
    given, norm = "multipliers give the normal", "margin is the reciprocal of the norm"
    accurate = "separator is accurate in the canonical scale"
    normal, offset, margin = (f"statement.{n}" for n in ("normal", "offset", "margin_squared"))
    evidence = "evidence.multipliers"
    table, sides = "instance.points.integers", "instance.labels"

    def exchanged(values: list[Any]) -> list[Any]:
        result = list(values)
        result[one], result[two] = values[two], values[one]
        return result

    def without(values: list[Any]) -> list[Any]:
        return [*values[:s], *values[s + 1 :]]

    return [
        _rejected(norm, "the squared margin is doubled", (margin, str(2 * square))),
        _rejected(
            norm,
            "10^-12 is added to the squared margin",
            (margin, str(square + flint.fmpq(1, 10**12))),
        ),
        _rejected(norm, "the squared margin is 0", (margin, "0")),
        _rejected(norm, "the squared margin is negated", (margin, _negated)),
        _rejected(accurate, "the offset moves by 10^-9", (offset, str(nudged))),
        _rejected(
            "offset is zero", "the separator is called homogeneous", ("statement.homogeneous", True)
        ),
        _rejected(
            "multipliers are nonnegative",
            "one multiplier is negated",
            (f"{evidence}.{s}", _negated),
        ),
        _rejected(given, "1 is added to one multiplier", (f"{evidence}.{s}", _plus_one)),
        _rejected(given, "one multiplier is 0", (f"{evidence}.{s}", "0")),
        _rejected(given, "every multiplier is 0", (evidence, ["0"] * len(labels))),
        _rejected(given, "every multiplier is doubled", (evidence, _times(2))),
        _rejected(
            given,
            f"the multipliers of points {one} and {two} are exchanged",
            (evidence, exchanged),
        ),
        _rejected(
            given,
            f"the multiplier of point {s} goes to point {idle}",
            (f"{evidence}.{idle}", multipliers[s]),
            (f"{evidence}.{s}", "0"),
        ),
        _rejected(
            given,
            "1 is added to one coordinate of the normal",
            (f"{normal}.{pixel}", _plus_one),
        ),
        _rejected(given, "the normal is negated", (normal, _times(-1))),
        _rejected(
            "multipliers live on support vectors",
            "half the margin: normal, offset and multipliers are doubled",
            *((place, _times(2)) for place in (normal, offset, evidence)),
            (margin, str(square / 4)),
        ),
        _rejected(
            accurate,
            "twice the margin: normal, offset and multipliers are halved",
            *((place, _times(flint.fmpq(1, 2))) for place in (normal, offset, evidence)),
            (margin, str(4 * square)),
        ),
        _rejected(
            accurate,
            f"the separator is the best one without point {s}, whose multiplier is 0",
            *_best_without(instance, s),
        ),
        _rejected(
            given, "the label of a support vector is the other", (f"{sides}.{s}", -labels[s])
        ),
        _rejected(
            accurate,
            "the label of a point that is no support vector is the other",
            (f"{sides}.{idle}", -labels[idle]),
        ),
        _rejected(given, "every label is the other", (sides, [-y for y in labels])),
        _rejected(
            given,
            "1 is added to a coordinate of a support vector",
            (f"{table}.{s}.{pixel}", lambda x: x + 1),
        ),
        _rejected(
            given,
            f"points {one} and {two}, both support vectors, are exchanged",
            (table, exchanged),
        ),
        _rejected(
            given,
            "the unit of all coordinates is doubled",
            ("instance.points.exponent", lambda e: e + 1),
        ),
        _rejected(
            given,
            "a support vector is missing, with its label and multiplier",
            *((place, without) for place in (table, sides, evidence)),
        ),
        _rejected(
            accurate,
            "there is one point more: a support vector, under the other label",
            (table, [*points, points[other]]),
            (sides, [*labels, -labels[other]]),
            (evidence, [*multipliers, "0"]),
        ),
        _rejected(
            "multipliers balance the classes",
            "there is one point more: the origin, with a multiplier",
            (table, [*points, [0] * len(points[0])]),
            (sides, [*labels, 1]),
            (evidence, [*multipliers, "1"]),
        ),
        _malformed(sides, "a label is 0", (f"{sides}.0", 0)),
        _malformed(sides, "a label is a numeral", (f"{sides}.0", "1")),
        _malformed(sides, "a label is true", (f"{sides}.0", True)),
        _malformed("", "a label is missing", (sides, labels[:-1])),
        _malformed("", "a point is missing, but not its label", (table, points[:-1])),
        _malformed("", "a multiplier is missing", (evidence, multipliers[:-1])),
        _malformed(normal, "a coordinate of the normal is missing", (normal, lambda x: x[1:])),
        _malformed(offset, "the offset is a number", (offset, 1)),
        _malformed(
            margin,
            "the squared margin is not in lowest terms",
            (margin, f"{2 * square.p}/{2 * square.q}"),
        ),
        _malformed(margin, "the squared margin is in decimals", (margin, "0.25")),
        _malformed(
            "statement.homogeneous",
            'homogeneous is "false" in place of false',
            ("statement.homogeneous", "false"),
        ),
        *_of_the_numbers("points", "coordinate"),
        *_of_the_form("invariant-direction", (f"{table}.{idle}.0", lambda x: x + 1)),
    ]


def _best_without(instance: Any, s: int) -> Iterable[Change]:
    """Yield what certifies the points without point s, and give that one the multiplier 0."""
    scale = 2.0 ** instance["points"]["exponent"]
    points = np.delete(np.array(instance["points"]["integers"]), s, axis=0) * scale
    best = max_margin(points, np.delete(np.array(instance["labels"]), s)).certificate
    for name in ("normal", "offset", "margin_squared"):
        yield f"statement.{name}", best.statement[name]
    multipliers = best.evidence["multipliers"]
    yield "evidence.multipliers", [*multipliers[:s], "0", *multipliers[s:]]
