"""Corruptions of certificates of heads: at least as many features as classes, float weights."""

from typing import Any

from benchmarks.corruptions.corruption import DELETE, Changes, Corruption, malformed, rejected
from benchmarks.corruptions.parts import (
    negated,
    of_the_form,
    of_the_numbers,
    one_more,
    other_digit,
    plus_one,
    rounded,
    times,
)

TABLE = "instance.weights.integers"
RANK, DIMENSION = "statement.rank", "statement.dimension"
ROWS, COLUMNS, PRIME = "evidence.rows", "evidence.columns", "evidence.prime"
DEPENDENCIES, FREE = "evidence.dependencies", "evidence.free"
MINOR, NULL = "minor is nonzero modulo the prime", "basis vectors are null vectors"
INDEPENDENT, ADDED = "basis vectors are independent", "rank and dimension add up"


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
    first, second = columns[:2]
    # One rank less, with a minor that proves this much.
    smaller: Changes = {
        RANK: rank - 1, DIMENSION: dimension + 1,
        ROWS: rows[1:], COLUMNS: [j for j in columns if j != alone],
    }  # fmt: skip
    invented = {DEPENDENCIES: [*dependencies, _unit(classes - 1, alone)], FREE: [*free, alone]}
    return [
        *rejected({
            "minor has the stated size": {
                "the rank is one less": {RANK: rank - 1},
                "the rank is one more": {RANK: rank + 1},
            },
            "dimension is what the rank leaves": {
                "the dimension is one less": {DIMENSION: dimension - 1},
                "the head has lost its last feature": {TABLE: weights[:-1]},
            },
            "minor is square": {
                "the minor lacks a row": {ROWS: rows[1:]},
                "the minor lacks a column": {COLUMNS: columns[1:]},
            },
            # Floats on a common scale are even but for the smallest ones.
            MINOR: {
                "the prime is 2": {PRIME: 2},
                "the prime is 2^40": {PRIME: 2**40},
                f"feature {rows[1]} has the weights of feature {rows[0]}": {
                    f"{TABLE}.{rows[1]}": weights[rows[0]]
                },
                f"class {second} has the weights of class {first}": {
                    TABLE: lambda t: [[*r[:second], r[first], *r[second + 1 :]] for r in t]
                },
                f"the last class has the weights of class {first}": {
                    TABLE: lambda t: [[*r[:-1], r[first]] for r in t]
                },
            },
            ADDED: {"the rank is one less, the dimension one more, the minor smaller": smaller},
            NULL: {
                "the same, with an invented dependency: one class is the last": {
                    **smaller, **invented
                }
            },
        }),
        *malformed({
            DIMENSION: {"the dimension is a numeral": {DIMENSION: str(dimension)}},
            RANK: {"the rank is negative": {RANK: -rank}},
            "evidence": {
                "the minor has a row twice": {ROWS: [rows[1], *rows[1:]]},
                "a row of the minor is no feature": {f"{ROWS}.0": features},
                "a column of the minor is the last class": {f"{COLUMNS}.0": classes - 1},
                "a row of the minor is negative": {f"{ROWS}.0": -1},
                "the prime is missing": {PRIME: DELETE},
                "the prime is 0": {PRIME: 0},
            },
            FREE: {"a free class is negative": {FREE: [-1]}},
        }),
        *of_the_numbers("weights", "weight"),
        *of_the_form("invariant-direction", {f"{TABLE}.0.0": one_more}),
        *(_of_dependencies(certificate, alone) if free else _of_full_rank(classes)),
    ]  # fmt: skip


def _unit(length: int, j: int) -> list[str]:
    return ["1" if k == j else "0" for k in range(length)]


def _of_full_rank(classes: int) -> list[Corruption]:
    return rejected({
        INDEPENDENT: {"class 0 is free, without a dependency": {FREE: [0]}},
        NULL: {
            "class 0 is free, with a dependency that it is the last class": {
                DEPENDENCIES: [_unit(classes - 1, 0)], FREE: [0]
            }
        },
        ADDED: {
            "the head has another class, a copy of its last one": {
                TABLE: lambda table: [[*row, row[-1]] for row in table]
            }
        },
    })  # fmt: skip


def _of_dependencies(certificate: Any, alone: int) -> list[Corruption]:
    """Return corruptions of a head whose classes depend on each other, in the order of ``free``."""
    weights = certificate["instance"]["weights"]["integers"]
    rank, dimension = (certificate["statement"][name] for name in ("rank", "dimension"))
    rows, columns, dependencies, free = (
        certificate["evidence"][name] for name in ("rows", "columns", "dependencies", "free")
    )
    vector, used = dependencies[0], next(j for j in columns if dependencies[0][j] != "0")
    unused = next(i for i in range(len(weights)) if i not in rows)
    missing = {DEPENDENCIES: dependencies[1:], FREE: free[1:]}
    larger = {
        RANK: rank + 1, DIMENSION: dimension - 1,
        ROWS: [*rows, unused], COLUMNS: [*columns, free[0]], **missing,
    }  # fmt: skip
    return [
        *rejected({
            MINOR: {
                f"the minor has class {free[0]} in place of class {alone}": {
                    COLUMNS: [free[0] if j == alone else j for j in columns]
                },
                "the rank is one more, the dimension one less, the minor larger, a dependency "
                "missing": larger,
            },
            INDEPENDENT: {
                "no class is free": {FREE: []},
                "another class is free": {f"{FREE}.0": alone},
                "a dependency is doubled": {f"{DEPENDENCIES}.0": times(2)},
                "a dependency comes twice, for another free class": {
                    DEPENDENCIES: [*dependencies, vector], FREE: [*free, alone]
                },
            },
            ADDED: {
                "no class is free and there are no dependencies": {FREE: [], DEPENDENCIES: []},
                "a dependency is missing": missing,
            },
            NULL: {
                "1 is added to a coefficient of a dependency": {
                    f"{DEPENDENCIES}.0.{used}": plus_one
                },
                "a coefficient 0 of a dependency is 10^-9": {
                    f"{DEPENDENCIES}.0.{alone}": f"1/{10**9}"
                },
                f"a weight of class {free[0]}, which depends on others, is another": {
                    f"{TABLE}.{unused}.{free[0]}": one_more
                },
            },
        }),
        *malformed({
            ("", "dimensions"): {
                "a dependency lacks a coefficient": {f"{DEPENDENCIES}.0": vector[1:]}
            },
            DEPENDENCIES: {
                "a coefficient is 2/4": {f"{DEPENDENCIES}.0.{used}": "2/4"},
                "a coefficient is -0": {f"{DEPENDENCIES}.0.{alone}": "-0"},
                "a coefficient is a number": {f"{DEPENDENCIES}.0.{used}": 1},
            },
        }),
    ]  # fmt: skip


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
    place = "statement.direction"
    start, end = f"{place}.{first}", f"{place}.{last}"
    return [
        *rejected({
            "direction is not zero": {"every coordinate is 0": {place: ["0"] * len(weights)}},
            "direction shifts all logits equally": {
                "1 is added to the last coordinate": {f"{place}.{len(weights) - 1}": plus_one},
                "one coordinate is 0": {start: "0"},
                "one coordinate is negated": {end: negated},
                "one coordinate is doubled": {start: times(2)},
                f"one digit of {len(direction[longest])} is another": {
                    f"{place}.{longest}": other_digit
                },
                "every coordinate is rounded to the first half of its digits": {
                    place: lambda x: [rounded(c) for c in x]
                },
                "the coordinates are in reverse order": {place: lambda x: x[::-1]},
                "every coordinate is one feature later": {place: lambda x: [x[-1], *x[:-1]]},
                f"coordinates {first} and {last} are exchanged": {place: exchanged},
                f"the weights of features {first} and {last} are exchanged": {
                    f"{TABLE}.{first}": weights[last], f"{TABLE}.{last}": weights[first]
                },
                "1 is added to one weight": {f"{TABLE}.{first}.0": one_more},
                "1 is added to one weight of the last class": {
                    f"{TABLE}.{last}": lambda row: [*row[:-1], row[-1] + 1]
                },
                "the head has another class, a copy of its last one but for one weight": {
                    TABLE: lambda table: [[*r, r[-1] + (i == first)] for i, r in enumerate(table)]
                },
                "the head has another feature, a copy of its last one, with coordinate 1": {
                    TABLE: [*weights, weights[-1]], place: [*direction, "1"]
                },
            },
        }),
        *malformed({
            place: {
                "a coordinate is missing": {place: direction[:-1]},
                "there is one coordinate more": {place: [*direction, "0"]},
                "a coordinate is a number": {start: 1},
                "a coordinate is 2/4": {start: "2/4"},
                "a coordinate is -0": {end: "-0"},
                "a coordinate has 200,003 digits": {start: "1" + "0" * 200_002},
                "the direction is one numeral": {place: direction[first]},
            },
        }),
        *of_the_numbers("weights", "weight"),
        *of_the_form("invariant-dimension", {f"{TABLE}.0.0": one_more}),
    ]  # fmt: skip
