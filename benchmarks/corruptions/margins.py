"""Corruptions of maximum margins, of points that are written as integers with a unit."""

from collections.abc import Iterable
from itertools import combinations
from typing import Any

import flint
import numpy as np

from benchmarks.corruptions.corruption import Corruption, malformed, rejected
from benchmarks.corruptions.parts import (
    exact,
    negated,
    of_the_form,
    of_the_numbers,
    one_more,
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
    normal, offset, margin = (f"statement.{n}" for n in ("normal", "offset", "margin_squared"))
    evidence, sides, table = "evidence.multipliers", "instance.labels", "instance.points.integers"
    separator = (normal, offset, evidence)

    def exchanged(values: list[Any]) -> list[Any]:
        result = list(values)
        result[one], result[two] = values[two], values[one]
        return result

    def without(values: list[Any]) -> list[Any]:
        return [*values[:s], *values[s + 1 :]]

    return [
        *rejected({
            "margin is the reciprocal of the norm": {
                "the squared margin is doubled": {margin: str(2 * square)},
                "10^-12 is added to the squared margin": {
                    margin: str(square + flint.fmpq(1, 10**12))
                },
                "the squared margin is 0": {margin: "0"},
                "the squared margin is negated": {margin: negated},
            },
            "separator is accurate in the canonical scale": {
                "the offset moves by 10^-9": {offset: str(nudged)},
                "twice the margin: normal, offset and multipliers are halved": {
                    **dict.fromkeys(separator, times(flint.fmpq(1, 2))), margin: str(4 * square)
                },
                f"the separator is the best one without point {s}, whose multiplier is 0":
                    dict(_best_without(instance, s)),
                "the label of a point that is no support vector is the other": {
                    f"{sides}.{idle}": -labels[idle]
                },
                "there is one point more: a support vector, under the other label": {
                    table: [*points, points[other]], sides: [*labels, -labels[other]],
                    evidence: [*multipliers, "0"],
                },
            },
            "offset is zero": {
                "the separator is called homogeneous": {"statement.homogeneous": True}
            },
            "multipliers are nonnegative": {
                "one multiplier is negated": {f"{evidence}.{s}": negated}
            },
            "multipliers give the normal": {
                "1 is added to one multiplier": {f"{evidence}.{s}": plus_one},
                "one multiplier is 0": {f"{evidence}.{s}": "0"},
                "every multiplier is 0": {evidence: ["0"] * len(labels)},
                "every multiplier is doubled": {evidence: times(2)},
                f"the multipliers of points {one} and {two} are exchanged": {evidence: exchanged},
                f"the multiplier of point {s} goes to point {idle}": {
                    f"{evidence}.{idle}": multipliers[s], f"{evidence}.{s}": "0"
                },
                "1 is added to one coordinate of the normal": {f"{normal}.{pixel}": plus_one},
                "the normal is negated": {normal: times(-1)},
                "the label of a support vector is the other": {f"{sides}.{s}": -labels[s]},
                "every label is the other": {sides: [-y for y in labels]},
                "1 is added to a coordinate of a support vector": {
                    f"{table}.{s}.{pixel}": one_more
                },
                f"points {one} and {two}, both support vectors, are exchanged": {table: exchanged},
                "the unit of all coordinates is doubled": {"instance.points.exponent": one_more},
                "a support vector is missing, with its label and multiplier":
                    dict.fromkeys((table, sides, evidence), without),
            },
            "multipliers live on support vectors": {
                "half the margin: normal, offset and multipliers are doubled": {
                    **dict.fromkeys(separator, times(2)), margin: str(square / 4)
                }
            },
            "multipliers balance the classes": {
                "there is one point more: the origin, with a multiplier": {
                    table: [*points, [0] * len(points[0])], sides: [*labels, 1],
                    evidence: [*multipliers, "1"],
                }
            },
        }),
        *malformed({
            sides: {
                "a label is 0": {f"{sides}.0": 0},
                "a label is a numeral": {f"{sides}.0": "1"},
                "a label is true": {f"{sides}.0": True},
            },
            "": {
                "a label is missing": {sides: labels[:-1]},
                "a point is missing, but not its label": {table: points[:-1]},
                "a multiplier is missing": {evidence: multipliers[:-1]},
            },
            normal: {"a coordinate of the normal is missing": {normal: lambda x: x[1:]}},
            offset: {"the offset is a number": {offset: 1}},
            margin: {
                "the squared margin is not in lowest terms": {
                    margin: f"{2 * square.p}/{2 * square.q}"
                },
                "the squared margin is in decimals": {margin: "0.25"},
            },
            "statement.homogeneous": {
                'homogeneous is "false" in place of false': {"statement.homogeneous": "false"}
            },
        }),
        *of_the_numbers("points", "coordinate"),
        *of_the_form("invariant-direction", {f"{table}.{idle}.0": one_more}),
    ]  # fmt: skip


def _best_without(instance: Any, s: int) -> Iterable[tuple[str, Any]]:
    """Yield what certifies the points without point s, and give that one the multiplier 0."""
    scale = 2.0 ** instance["points"]["exponent"]
    points = np.delete(np.array(instance["points"]["integers"]), s, axis=0) * scale
    best = max_margin(points, np.delete(np.array(instance["labels"]), s)).certificate
    for name in ("normal", "offset", "margin_squared"):
        yield f"statement.{name}", best.statement[name]
    multipliers = best.evidence["multipliers"]
    yield "evidence.multipliers", [*multipliers[:s], "0", *multipliers[s:]]
