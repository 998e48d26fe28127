"""Certificates too long to write down: hundreds of rows, classes, units; and exact limits.

Python keeps the integers up to 256 once, so that what takes equal integers for the same object
shows in longer lists alone.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from certify.certificates.kinds import certificate
from certify.checking import checker
from tests.certify.checking.large_networks import ACCEPTED, NETWORKS
from verify.trust.mutants.documents import long_integers
from verify.trust.second import available, second_checker

N = 300
SAME = ["1"] * N


def counting(n: int = N) -> list[str]:
    return [str(k) for k in range(n)]


def column(entries: list[str]) -> list[list[str]]:
    return [[entry] for entry in entries]


def at(place: int, entry: str, n: int = N) -> list[str]:
    return [entry if k == place else "0" for k in range(n)]


def all_in_one_rank(size: int) -> dict[str, Any]:
    """Return the edits of a row of ones with all null vectors that it has."""
    basis = [["-1", *at(k, "1", N - 1)] for k in range(N - 1)]
    return {
        "instance.matrix": [SAME],
        "statement.rank": size,
        "evidence": {"prime": 2, "rows": [0], "columns": [N - 1], "basis": basis}
        | {"free": list(range(1, N))},
    }


PAIR = {"classes": N, "labels": [N - 1, N - 2], "points": [["1"], ["-1"]]}
STEEP = {"type": "argmax", "weights": column(counting()), "bias": ["0"] * N, "lowest": False}
LABELS = {"rules": [STEEP], "labels": [N - 1, N - 1], "points": [["1"], ["2"]]}
HALVES = {"weights": column(SAME), "output": SAME, "threshold": "0"} | {
    "biases": ["0"] * N,
    "strict": True,
}
VOTERS = 260
DUEL = {"points": [{"exponent": 0, "integers": [-1] * (VOTERS * (VOTERS - 1) // 2)}], "nodes": []}


def gap(point: int, other: int) -> dict[str, Any]:
    return {"point": point, "class": other, "multiplier": "1"}


def asked(points: int, more: int) -> dict[str, Any]:
    """Return the edits of a rule with 400 logits, some points and as many more characters."""
    rule = {"type": "argmax", "weights": column(counting(400)), "lowest": True}
    bias = [*["0"] * 399, "1" + "0" * more]
    return {
        "instance": {
            "rules": [{**rule, "bias": bias}],
            "labels": [399] * points,
            "points": column(["1"] * points),
        },
        "statement.facts": [{"fact": "accurate", "rule": 0}],
    }


def limit(more: int) -> dict[str, Any]:
    """Return the edits of a certificate that asks for as much as it may, and some characters."""
    points = 330

    def left(digits: int) -> int:
        parts = certificate("rule-facts", asked(points, digits))
        length = sum(
            len(json.dumps(parts[name], separators=(",", ":")))
            for name in ("instance", "statement")
        )
        return (400 * 11 * points - checker.FREE_WORK) // checker.WORK - length

    return asked(points, left(0) + more)


def nested(depth: int) -> dict[str, Any]:
    """Return the edits of a relation with so many operations inside each other."""
    expression: Any = "2"
    for _ in range(depth):
        expression = ["abs", expression]
    return {"statement.relations": [[expression, "=", "2"]]}


# The squares of all costs have the sum 5 * 10^11 - 155: the exponents, and 2 of each relation.
COSTLY = [[["^", "1", exponent], "=", "1"] for exponent in ("707106", "1051")]
POWER = [["^", "1", "0"], "=", "1"]  # of cost 5


def tail(trials: int, bits: int) -> dict[str, Any]:
    """Return the edits of a law with a denominator of so many bits, and one term of its sum."""
    with long_integers():
        probability = f"1/{2 ** (bits - 1)}"
    return {
        "instance": {"trials": trials, "probability": probability},
        "statement": {"successes": 0, "at_least": False, "bound": "1"},
    }


def meeting(first: bool, second: bool) -> dict[str, Any]:
    """Return the edits of cells up to 2 and from 2, each with its end or without it, on a ray."""
    cells = [
        {
            "matrix": [[normal, "0"], ["0", "1"]],
            "right_side": [end, "1/2"],
            "strict": [strict, True],
        }
        for normal, end, strict in (("1", "2", first), ("-1", "-2", second))
    ]
    return {
        "instance.rules": [{"type": "cells", "cells": cells, "inside": 2, "outside": 0}],
        "instance.points": [],
        "instance.labels": [],
        "statement.facts": [
            {"fact": "keeps", "rule": 0, "point": ["0", "0"], "direction": ["1", "0"]}
        ],
    }


LONG_TAIL = "malformed", "certificate.instance.trials"
CERTIFICATES = {
    "equations": (
        "linear-system-solution",
        {"instance": {"matrix": column(counting()), "right_side": counting()}}
        | {"statement.solution": ["1"]},
        ACCEPTED,
    ),
    "unknowns": (
        "linear-system-solution",
        {"instance": {"matrix": [SAME], "right_side": ["300"]}, "statement.solution": SAME},
        ACCEPTED,
    ),
    "an equation too many": (
        "linear-system-solution",
        {"instance": {"matrix": column(counting()), "right_side": counting(N + 1)}}
        | {"statement.solution": ["1"]},
        ("malformed", "certificate.instance.right_side"),
    ),
    "rank": ("rank", all_in_one_rank(1), ACCEPTED),
    "another rank": ("rank", all_in_one_rank(N), ("rejected", "minor has the stated size")),
    "variables": (
        "lp-optimal",
        {
            "instance": {
                "objective": SAME,
                "inequalities": {"matrix": [], "right_side": []},
                "equalities": {"matrix": [], "right_side": []},
                "nonnegative": list(range(N)),
            },
            "statement": {"x": ["0"] * N, "value": "0"},
            "evidence": {"inequality_multipliers": [], "equality_multipliers": []},
        },
        ACCEPTED,
    ),
    "margins": (
        "max-margin",
        {
            "instance": {"points": column(["1", "-1"] * N), "labels": [1, -1] * N},
            "statement": {"homogeneous": False, "normal": ["1"], "offset": "0"}
            | {"margin_squared": "1"},
            "evidence.multipliers": [*["0"] * (2 * N - 2), "1/2", "1/2"],
        },
        ACCEPTED,
    ),
    "classes": (
        "every-model",
        {
            "instance": PAIR,
            "statement.form": [["0", "0"]] * (N - 2) + [["-2", "0"], ["2", "0"]],
            "evidence.gaps": [gap(0, N - 2), gap(1, N - 1)],
        },
        ACCEPTED,
    ),
    "a gap to its own class": (
        "every-model",
        {
            "instance": PAIR,
            "statement.form": [["0", "0"]] * N,
            "evidence.gaps": [gap(0, N - 1)],
        },
        ("rejected", "gap is to another class"),
    ),
    "a class that is left": (
        "class-left",
        {
            "instance": PAIR,
            "statement": {"class": N - 1, "direction": ["-2"]},
            "evidence": {"gaps": [gap(0, N - 2), gap(1, N - 1)], "targets": at(N - 2, "1")},
        },
        ACCEPTED,
    ),
    "a target without gaps": (
        "class-left",
        {
            "instance": PAIR,
            "statement": {"class": N - 1, "direction": ["-2"]},
            "evidence": {"gaps": [gap(0, N - 2), gap(1, N - 1)], "targets": at(0, "1")},
        },
        ("rejected", "gaps give the growth of the targets"),
    ),
    "logits": (
        "rule-facts",
        {
            "instance": LABELS,
            "statement.facts": [
                {"fact": "accurate", "rule": 0},
                {"fact": "label", "rule": 0, "point": ["1"], "label": N - 1},
                {"fact": "label", "rule": 0, "point": ["0"], "label": None},
                {"fact": "keeps", "rule": 0, "point": ["1"], "direction": ["1"]},
                {"fact": "changes", "rule": 0, "point": ["1"], "direction": ["-1"], "step": "2"},
            ],
        },
        ACCEPTED,
    ),
    "another label": (
        "rule-facts",
        {
            "instance": LABELS,
            "statement.facts": [{"fact": "label", "rule": 0, "point": ["1"], "label": N - 2}],
        },
        ("rejected", "point has the label"),
    ),
    "no change": (
        "rule-facts",
        {
            "instance": LABELS,
            "statement.facts": [
                {"fact": "changes", "rule": 0, "point": ["1"], "direction": ["1"], "step": "2"}
            ],
        },
        ("rejected", "label has changed at the step"),
    ),
    "cells that meet": ("rule-facts", meeting(False, True), ACCEPTED),
    "cells that do not meet": (
        "rule-facts",
        meeting(True, True),
        ("rejected", "label stays along the ray"),
    ),
    "half-spaces": (
        "convex-negative-region",
        {
            "instance.network": HALVES,
            "statement": {"matrix": column(SAME), "right_side": ["0"] * N, "segments": []},
        },
        ACCEPTED,
    ),
    "a half-space too few": (
        "convex-negative-region",
        {
            "instance.network": HALVES,
            "statement": {"matrix": column(SAME[1:]), "right_side": ["0"] * (N - 1)}
            | {"segments": []},
        },
        ("rejected", "one half-space for each unit"),
    ),
    "a region among four classes": (
        "decision-region",
        {"instance": {"weights": [["-2", "0", "1", "3"]], "bias": ["0", "1", "0", "-9"]}}
        | {"evidence.combination": ["1", "2", "0"]},
        ACCEPTED,
    ),
    "outputs": (
        "network-points",
        {
            "instance": {"points": [{"exponent": 0, "integers": list(range(N))}], "nodes": []},
            "statement.facts": [{"fact": "label", "point": 0, "label": N - 1}],
        },
        ACCEPTED,
    ),
    "votes": (
        "network-points",
        {
            "instance": DUEL,
            "statement.facts": [{"fact": "votes", "point": 0, "label": VOTERS - 1}],
        },
        ACCEPTED,
    ),
    "fewer votes": (
        "network-points",
        {
            "instance": DUEL,
            "statement.facts": [{"fact": "votes", "point": 0, "label": VOTERS - 2}],
        },
        ("rejected", "no class has more votes"),
    ),
    "trials": (
        "binomial-tail",
        {
            "instance": {"trials": N, "probability": "1/3"},
            "statement": {"successes": N, "at_least": True, "bound": f"1/{3**N}"},
        },
        ACCEPTED,
    ),
    **NETWORKS,
    "as many terms of as many bits as there may be": ("binomial-tail", tail(80, 50_000), ACCEPTED),
    "a longer denominator": ("binomial-tail", tail(100, 40_001), LONG_TAIL),
    "a longer sum": ("binomial-tail", tail(79, 50_317), LONG_TAIL),
    "as deep an expression as there may be": ("arithmetic", nested(100), ACCEPTED),
    "a deeper expression": (
        "arithmetic",
        nested(101),
        ("malformed", f"certificate.statement.relations[0][0]{'[1]' * 100}"),
    ),
    "as long numbers as there may be": (
        "arithmetic",
        {"statement.relations": [*COSTLY, ["1", "<", "512"], ["1", "<", "8"], ["1", "<", "2"]]},
        ACCEPTED,
    ),
    "longer numbers than there may be": (
        "arithmetic",
        {"statement.relations": [*COSTLY, POWER, POWER, ["1", "<", "512"], ["1", "<", "8"]]},
        ("malformed", "certificate.statement.relations[5]"),
    ),
    "as much work as there may be": ("rule-facts", limit(0), ACCEPTED),
    "more work than there may be": (
        "rule-facts",
        limit(-1),
        ("malformed", "certificate.instance"),
    ),
}
TEXTS = [json.dumps(certificate(kind, edits)) for kind, edits, _ in CERTIFICATES.values()]
WANTED = [wanted for *_, wanted in CERTIFICATES.values()]


@pytest.mark.parametrize(
    ("text", "wanted"), list(zip(TEXTS, WANTED, strict=True)), ids=list(CERTIFICATES)
)
def test_large_certificates_are_decided(text: str, wanted: tuple[str, str]) -> None:
    found = ACCEPTED
    try:
        checker.check(checker.parse(text))
    except checker.Rejected as error:
        found = "rejected", error.step
    except checker.Malformed as error:
        found = "malformed", error.where
    assert found == wanted


@pytest.mark.skipif(not available(), reason="needs Node.js (node)")
def test_the_second_checker_decides_the_same() -> None:
    assert [verdict for verdict, _ in second_checker(TEXTS)] == [wanted for wanted, _ in WANTED]
