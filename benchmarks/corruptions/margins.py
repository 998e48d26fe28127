"""Corruptions of maximum margins, of points that are written as integers with a unit."""

from collections.abc import Iterable
from itertools import combinations
from typing import Any

import flint
import numpy as np

from benchmarks.corruptions.corruption import Change, Corruption, malformed, rejected
from benchmarks.corruptions.parts import (
    exact,
    negated,
    of_the_form,
    of_the_numbers,
    plus_one,
    times,
)
from certify import max_margin


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
    square = exact(statement["margin_squared"])
    # Away from the side of the first support vector, whose margin then is the first to fail.
    nudged = exact(statement["offset"]) - flint.fmpq(labels[s], 10**9)
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
        rejected(norm, "the squared margin is doubled", (margin, str(2 * square))),
        rejected(
            norm,
            "10^-12 is added to the squared margin",
            (margin, str(square + flint.fmpq(1, 10**12))),
        ),
        rejected(norm, "the squared margin is 0", (margin, "0")),
        rejected(norm, "the squared margin is negated", (margin, negated)),
        rejected(accurate, "the offset moves by 10^-9", (offset, str(nudged))),
        rejected(
            "offset is zero", "the separator is called homogeneous", ("statement.homogeneous", True)
        ),
        rejected(
            "multipliers are nonnegative",
            "one multiplier is negated",
            (f"{evidence}.{s}", negated),
        ),
        rejected(given, "1 is added to one multiplier", (f"{evidence}.{s}", plus_one)),
        rejected(given, "one multiplier is 0", (f"{evidence}.{s}", "0")),
        rejected(given, "every multiplier is 0", (evidence, ["0"] * len(labels))),
        rejected(given, "every multiplier is doubled", (evidence, times(2))),
        rejected(
            given,
            f"the multipliers of points {one} and {two} are exchanged",
            (evidence, exchanged),
        ),
        rejected(
            given,
            f"the multiplier of point {s} goes to point {idle}",
            (f"{evidence}.{idle}", multipliers[s]),
            (f"{evidence}.{s}", "0"),
        ),
        rejected(
            given,
            "1 is added to one coordinate of the normal",
            (f"{normal}.{pixel}", plus_one),
        ),
        rejected(given, "the normal is negated", (normal, times(-1))),
        rejected(
            "multipliers live on support vectors",
            "half the margin: normal, offset and multipliers are doubled",
            *((place, times(2)) for place in (normal, offset, evidence)),
            (margin, str(square / 4)),
        ),
        rejected(
            accurate,
            "twice the margin: normal, offset and multipliers are halved",
            *((place, times(flint.fmpq(1, 2))) for place in (normal, offset, evidence)),
            (margin, str(4 * square)),
        ),
        rejected(
            accurate,
            f"the separator is the best one without point {s}, whose multiplier is 0",
            *_best_without(instance, s),
        ),
        rejected(given, "the label of a support vector is the other", (f"{sides}.{s}", -labels[s])),
        rejected(
            accurate,
            "the label of a point that is no support vector is the other",
            (f"{sides}.{idle}", -labels[idle]),
        ),
        rejected(given, "every label is the other", (sides, [-y for y in labels])),
        rejected(
            given,
            "1 is added to a coordinate of a support vector",
            (f"{table}.{s}.{pixel}", lambda x: x + 1),
        ),
        rejected(
            given,
            f"points {one} and {two}, both support vectors, are exchanged",
            (table, exchanged),
        ),
        rejected(
            given,
            "the unit of all coordinates is doubled",
            ("instance.points.exponent", lambda e: e + 1),
        ),
        rejected(
            given,
            "a support vector is missing, with its label and multiplier",
            *((place, without) for place in (table, sides, evidence)),
        ),
        rejected(
            accurate,
            "there is one point more: a support vector, under the other label",
            (table, [*points, points[other]]),
            (sides, [*labels, -labels[other]]),
            (evidence, [*multipliers, "0"]),
        ),
        rejected(
            "multipliers balance the classes",
            "there is one point more: the origin, with a multiplier",
            (table, [*points, [0] * len(points[0])]),
            (sides, [*labels, 1]),
            (evidence, [*multipliers, "1"]),
        ),
        malformed(sides, "a label is 0", (f"{sides}.0", 0)),
        malformed(sides, "a label is a numeral", (f"{sides}.0", "1")),
        malformed(sides, "a label is true", (f"{sides}.0", True)),
        malformed("", "a label is missing", (sides, labels[:-1])),
        malformed("", "a point is missing, but not its label", (table, points[:-1])),
        malformed("", "a multiplier is missing", (evidence, multipliers[:-1])),
        malformed(normal, "a coordinate of the normal is missing", (normal, lambda x: x[1:])),
        malformed(offset, "the offset is a number", (offset, 1)),
        malformed(
            margin,
            "the squared margin is not in lowest terms",
            (margin, f"{2 * square.p}/{2 * square.q}"),
        ),
        malformed(margin, "the squared margin is in decimals", (margin, "0.25")),
        malformed(
            "statement.homogeneous",
            'homogeneous is "false" in place of false',
            ("statement.homogeneous", "false"),
        ),
        *of_the_numbers("points", "coordinate"),
        *of_the_form("invariant-direction", (f"{table}.{idle}.0", lambda x: x + 1)),
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
