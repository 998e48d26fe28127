"""Corruptions of certificates of heads: at least as many features as classes, float weights."""

from typing import Any

from benchmarks.corruptions.corruption import DELETE, Change, Corruption, malformed, rejected
from benchmarks.corruptions.parts import (
    last_plus_one,
    negated,
    of_the_form,
    of_the_numbers,
    other_digit,
    plus_one,
    rounded,
    times,
)


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
        rejected(size, "the rank is one less", ("statement.rank", rank - 1)),
        rejected(size, "the rank is one more", ("statement.rank", rank + 1)),
        rejected(
            "dimension is what the rank leaves",
            "the dimension is one less",
            ("statement.dimension", dimension - 1),
        ),
        rejected(
            "dimension is what the rank leaves",
            "the head has lost its last feature",
            (table, weights[:-1]),
        ),
        malformed(
            "statement.dimension",
            "the dimension is a numeral",
            ("statement.dimension", str(dimension)),
        ),
        malformed("statement.rank", "the rank is negative", ("statement.rank", -rank)),
        rejected("minor is square", "the minor lacks a row", ("evidence.rows", rows[1:])),
        rejected("minor is square", "the minor lacks a column", ("evidence.columns", columns[1:])),
        malformed("evidence", "the minor has a row twice", ("evidence.rows", [rows[1], *rows[1:]])),
        malformed("evidence", "a row of the minor is no feature", ("evidence.rows.0", features)),
        malformed(
            "evidence",
            "a column of the minor is the last class",
            ("evidence.columns.0", classes - 1),
        ),
        malformed("evidence", "a row of the minor is negative", ("evidence.rows.0", -1)),
        malformed("evidence", "the prime is missing", ("evidence.prime", DELETE)),
        malformed("evidence", "the prime is 0", ("evidence.prime", 0)),
        # Floats on a common scale are even but for the smallest ones.
        rejected(minor, "the prime is 2", ("evidence.prime", 2)),
        rejected(minor, "the prime is 2^40", ("evidence.prime", 2**40)),
        rejected(
            minor,
            f"feature {rows[1]} has the weights of feature {rows[0]}",
            (f"{table}.{rows[1]}", weights[rows[0]]),
        ),
        rejected(
            minor,
            f"class {second} has the weights of class {first}",
            (table, lambda table: [[*r[:second], r[first], *r[second + 1 :]] for r in table]),
        ),
        rejected(
            minor,
            f"the last class has the weights of class {first}",
            (table, lambda table: [[*r[:-1], r[first]] for r in table]),
        ),
        rejected(
            "rank and dimension add up",
            "the rank is one less, the dimension one more, the minor smaller",
            *smaller(),
        ),
        rejected(
            "basis vectors are null vectors",
            "the same, with an invented dependency: one class is the last",
            *smaller(
                ("evidence.dependencies", [*dependencies, _unit(classes - 1, alone)]),
                ("evidence.free", [*free, alone]),
            ),
        ),
        malformed("evidence.free", "a free class is negative", ("evidence.free", [-1])),
        *of_the_numbers("weights", "weight"),
        *of_the_form("invariant-direction", (f"{table}.0.0", lambda x: x + 1)),
    ]
    return found + (_of_dependencies(certificate, alone) if free else _of_full_rank(classes))


def _unit(length: int, j: int) -> list[str]:
    return ["1" if k == j else "0" for k in range(length)]


def _of_full_rank(classes: int) -> list[Corruption]:
    return [
        rejected(
            "basis vectors are independent",
            "class 0 is free, without a dependency",
            ("evidence.free", [0]),
        ),
        rejected(
            "basis vectors are null vectors",
            "class 0 is free, with a dependency that it is the last class",
            ("evidence.dependencies", [_unit(classes - 1, 0)]),
            ("evidence.free", [0]),
        ),
        rejected(
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
        rejected(
            minor,
            f"the minor has class {free[0]} in place of class {alone}",
            ("evidence.columns", [free[0] if j == alone else j for j in columns]),
        ),
        rejected(
            minor,
            "the rank is one more, the dimension one less, the minor larger, a dependency missing",
            ("statement.rank", rank + 1),
            ("statement.dimension", dimension - 1),
            ("evidence.rows", [*rows, unused]),
            ("evidence.columns", [*columns, free[0]]),
            (place, dependencies[1:]),
            ("evidence.free", free[1:]),
        ),
        rejected(independent, "no class is free", ("evidence.free", [])),
        rejected(independent, "another class is free", ("evidence.free.0", alone)),
        rejected(
            "rank and dimension add up",
            "no class is free and there are no dependencies",
            ("evidence.free", []),
            (place, []),
        ),
        rejected(
            "rank and dimension add up",
            "a dependency is missing",
            ("evidence.free", free[1:]),
            (place, dependencies[1:]),
        ),
        rejected(
            null, "1 is added to a coefficient of a dependency", (f"{place}.0.{used}", plus_one)
        ),
        rejected(
            null,
            "a coefficient 0 of a dependency is 10^-9",
            (f"{place}.0.{alone}", f"1/{10**9}"),
        ),
        rejected(
            null,
            f"a weight of class {free[0]}, which depends on others, is another",
            (f"instance.weights.integers.{unused}.{free[0]}", lambda x: x + 1),
        ),
        rejected(
            independent,
            "a dependency is doubled",
            (f"{place}.0", times(2)),
        ),
        rejected(
            independent,
            "a dependency comes twice, for another free class",
            (place, [*dependencies, vector]),
            ("evidence.free", [*free, alone]),
        ),
        malformed(
            ("", "dimensions"), "a dependency lacks a coefficient", (f"{place}.0", vector[1:])
        ),
        malformed(place, "a coefficient is 2/4", (f"{place}.0.{used}", "2/4")),
        malformed(place, "a coefficient is -0", (f"{place}.0.{alone}", "-0")),
        malformed(place, "a coefficient is a number", (f"{place}.0.{used}", 1)),
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
        rejected("direction is not zero", "every coordinate is 0", (place, ["0"] * len(weights))),
        rejected(
            step, "1 is added to the last coordinate", (f"{place}.{len(weights) - 1}", plus_one)
        ),
        rejected(step, "one coordinate is 0", (f"{place}.{first}", "0")),
        rejected(step, "one coordinate is negated", (f"{place}.{last}", negated)),
        rejected(step, "one coordinate is doubled", (f"{place}.{first}", times(2))),
        rejected(
            step,
            f"one digit of {digits} is another",
            (f"{place}.{longest}", other_digit),
        ),
        rejected(
            step,
            "every coordinate is rounded to the first half of its digits",
            (place, lambda x: [rounded(c) for c in x]),
        ),
        rejected(step, "the coordinates are in reverse order", (place, lambda x: x[::-1])),
        rejected(
            step, "every coordinate is one feature later", (place, lambda x: [x[-1], *x[:-1]])
        ),
        rejected(step, f"coordinates {first} and {last} are exchanged", (place, exchanged)),
        rejected(
            step,
            f"the weights of features {first} and {last} are exchanged",
            (f"{table}.{first}", weights[last]),
            (f"{table}.{last}", weights[first]),
        ),
        rejected(step, "1 is added to one weight", (f"{table}.{first}.0", lambda x: x + 1)),
        rejected(
            step, "1 is added to one weight of the last class", (f"{table}.{last}", last_plus_one)
        ),
        rejected(
            step,
            "the head has another class, a copy of its last one but for one weight",
            (
                table,
                lambda table: [[*r, r[-1] + (i == first)] for i, r in enumerate(table)],
            ),
        ),
        rejected(
            step,
            "the head has another feature, a copy of its last one, with coordinate 1",
            (table, [*weights, weights[-1]]),
            (place, [*direction, "1"]),
        ),
        malformed(place, "a coordinate is missing", (place, direction[:-1])),
        malformed(place, "there is one coordinate more", (place, [*direction, "0"])),
        malformed(place, "a coordinate is a number", (f"{place}.{first}", 1)),
        malformed(place, "a coordinate is 2/4", (f"{place}.{first}", "2/4")),
        malformed(place, "a coordinate is -0", (f"{place}.{last}", "-0")),
        malformed(
            place, "a coordinate has 200,003 digits", (f"{place}.{first}", "1" + "0" * 200_002)
        ),
        malformed(place, "the direction is one numeral", (place, direction[first])),
        *of_the_numbers("weights", "weight"),
        *of_the_form("invariant-dimension", (f"{table}.0.0", lambda x: x + 1)),
    ]
