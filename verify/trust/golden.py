"""Small honest certificates of every kind: data for the tests of the checker.

``TIGHT`` holds instances so small that almost every numeral matters. ``MORE`` shows the other
branches of a rule. Both map a name, ``kind`` or ``kind/variant``, to instance, statement, evidence.
"""

from __future__ import annotations

import copy
import hashlib
import json
from typing import Any

from certify import linear_program

Parts = dict[str, dict[str, Any]]


def kind_of(name: str) -> str:
    """Return the kind that a name begins with."""
    return name.partition("/")[0]


def document(name: str, parts: Parts) -> dict[str, Any]:
    """Return a certificate as JSON; the hash is computed here, independently of the package."""
    text = json.dumps(parts["instance"], sort_keys=True, separators=(",", ":"))
    return {
        "format": "adversarial-geometry/certificate",
        "version": 1,
        "kind": kind_of(name),
        "instance_sha256": hashlib.sha256(text.encode()).hexdigest(),
        **copy.deepcopy(parts),
    }


def _parts(instance: Any, statement: Any, evidence: Any) -> Parts:
    return {"instance": instance, "statement": statement, "evidence": evidence}


def _program(*arguments: Any, **options: Any) -> Parts:
    certificate = linear_program(*arguments, **options).certificate.to_json()
    return {name: certificate[name] for name in ("instance", "statement", "evidence")}


# The pair 0 labelled -1 and 1 labelled +1 on the line: every number of it is forced.
PAIR = {"points": [["0"], ["1"]], "labels": [-1, 1]}
PAIR_RULE = {"normal": ["2"], "offset": "-1"}
# The running example of the claims: u = (0, 1), margin 1/2, multipliers (1, 1, 0).
S0 = {"points": [["0", "0"], ["0", "1"], ["1", "1"]], "labels": [-1, 1, 1]}
S0_RULE = {"normal": ["0", "2"], "offset": "-1"}
MINOR = {"prime": 2, "rows": [0], "columns": [0]}
LINE = {
    "output": ["1"],
    "weights": [["1"]],
    "biases": ["-1"],
    "threshold": "0",
    "strict": True,
}

TIGHT: dict[str, Parts] = {
    "rank": _parts(
        {"matrix": [["1", "2"], ["0", "0"]]},
        {"rank": 1},
        {**MINOR, "basis": [["-2", "1"]], "free": [1]},
    ),
    "null-space": _parts(
        {"matrix": [["1", "2"], ["0", "0"]]}, {"basis": [["-2", "1"]]}, {**MINOR, "free": [1]}
    ),
    "linear-system-solution": _parts(
        {"matrix": [["1", "1"], ["1", "-1"]], "right_side": ["3", "1"]},
        {"solution": ["2", "1"]},
        {},
    ),
    "linear-system-inconsistent": _parts(
        {"matrix": [["1"], ["-1"]], "right_side": ["0", "-1"]}, {}, {"combination": ["1", "1"]}
    ),
    "lp-optimal": _program(
        [0, 0, -1],
        ([[2, 1, 0], [1, 3, 0]], [4, 5]),
        ([[1, 1, -1]], [0]),
        nonnegative=[0, 1],
    ),
    "lp-infeasible": _program([0], ([[1]], [0]), ([[-1]], [-1])),
    "lp-unbounded": _program([-1, 0, 0], ([[1, -1, 0]], [0]), ([[1, 0, -1]], [0]), nonnegative=[1]),
    "max-margin": _parts(
        {"points": [["0", "0"], ["1", "1"]], "labels": [-1, 1]},
        {"homogeneous": False, "normal": ["1", "1"], "offset": "-1", "margin_squared": "1/2"},
        {"multipliers": ["1", "1"]},
    ),
    "not-separable": _parts(
        {"points": [["0"], ["1"], ["2"]], "labels": [1, -1, 1]},
        {"homogeneous": False},
        {"multipliers": ["1/4", "1/2", "1/4"]},
    ),
    "separable": _parts(PAIR, {"homogeneous": False}, PAIR_RULE),
    "every-separator": _parts(PAIR, {"normal": ["1"], "offset": "0"}, {"multipliers": ["1", "1"]}),
    "separator-steps": _parts(
        {**PAIR, "separator": PAIR_RULE, "queries": {"points": [["0"]], "labels": [-1]}},
        {"direction": ["1"], "steps": ["1/2"]},
        {"multipliers": ["1", "1"]},
    ),
    "some-point-flips": _parts(
        PAIR,
        {"direction": ["1"], "step": "1/2"},
        {"multipliers": ["1", "1"], "separator": PAIR_RULE},
    ),
    "invariant-space": _parts(
        {"weights": [["1", "0"], ["0", "0"]]},
        {"dimension": 1, "basis": [["0", "1"]]},
        {**MINOR, "free": [1]},
    ),
    "invariant-dimension": _parts(
        {"weights": {"exponent": -3, "integers": [["1", "2", "0"], ["2", "4", "0"]]}},
        {"rank": 1, "dimension": 1},
        {"prime": 2, "rows": [0], "columns": [0], "dependencies": [["-2", "1"]], "free": [1]},
    ),
    "invariant-direction": _parts(
        {"weights": {"exponent": 5, "integers": [["1", "0"], ["1", "0"]]}},
        {"direction": ["1", "-1"]},
        {},
    ),
    "invariant-regions": _parts(
        {"weights": [["1", "0"], ["1", "0"]], "bias": ["0", "1"]},
        {"direction": ["1", "-1"], "regions": [{"class": 1, "point": ["1", "0"]}]},
        {},
    ),
    "convex-negative-region": _parts(
        {"network": LINE},
        {
            "matrix": [["1"]],
            "right_side": ["1"],
            "segments": [{"start": ["1"], "end": ["1"], "parameter": "1"}],
        },
        {},
    ),
    "relu-universal-direction": _parts(
        PAIR, {"direction": ["1"]}, {"positive": 1, "combination": ["1", "0"], "scale": "1"}
    ),
    "convex-direction": _parts(
        PAIR,
        {"label": -1, "direction": ["1"]},
        {"outside": 1, "combination": ["1", "0"], "scale": "1"},
    ),
    "network-flip": _parts(
        {
            "points": [["-1"], ["0"]],
            "labels": [1, -1],
            "network": {
                "output": ["1"],
                "weights": [["-1"]],
                "biases": ["0"],
                "threshold": "1",
                "strict": False,
            },
        },
        {"direction": ["-1"], "flips": [{"point": ["0"], "step": "1"}]},
        {},
    ),
    "rule-facts": _parts(
        {
            "rules": [{"type": "linear", "normal": ["-1"], "offset": "0", "zero": 1}],
            "points": [["0"]],
            "labels": [1],
        },
        {
            "facts": [
                {"fact": "accurate", "rule": 0},
                {"fact": "label", "rule": 0, "point": ["0"], "label": 1},
                {"fact": "keeps", "rule": 0, "point": ["0"], "direction": ["0"]},
                {"fact": "changes", "rule": 0, "point": ["0"], "direction": ["1"], "step": "1"},
            ]
        },
        {},
    ),
    "universal-step": _parts(
        PAIR,
        {"direction": ["1"], "point": 1, "infinite": False, "step": "1"},
        {
            "multipliers": ["1", "1"],
            "separator": PAIR_RULE,
            "limit": {"normal": ["1"], "offset": "0"},
        },
    ),
    "every-model": _parts(
        {"classes": 2, "labels": [0], "points": [["1"]]},
        {"form": [["1", "1"], ["-1", "-1"]]},
        {"gaps": [{"point": 0, "class": 1, "multiplier": "1"}]},
    ),
    "class-left": _parts(
        {"classes": 2, "labels": [0, 1], "points": [["0"], ["1"]]},
        {"class": 0, "direction": ["1"]},
        {
            "gaps": [
                {"point": 0, "class": 1, "multiplier": "1"},
                {"point": 1, "class": 0, "multiplier": "1"},
            ],
            "targets": ["0", "1"],
        },
    ),
    "relu-label-forced": _parts(
        PAIR, {"point": ["2"]}, {"positive": 1, "weight": "1/2", "combination": ["1/2", "0"]}
    ),
    "bounded": _parts(
        {"matrix": [["1"], ["-2"]], "right_side": ["0", "0"]},
        {"bounded": True},
        {**MINOR, "combination": ["2", "1"]},
    ),
    "unbounded-polyhedron": _parts(
        {"matrix": [["1", "-1"], ["-1", "1"]], "right_side": ["0", "0"]},
        {"point": ["0", "0"], "ray": ["1", "1"]},
        {},
    ),
    "decision-region": _parts(
        {"weights": [["-2", "0", "1"]], "bias": ["0", "1", "0"]},
        {"class": 1, "region": "bounded", "point": ["1"]},
        {"prime": 2, "rows": [1], "columns": [0], "combination": ["1", "2"]},
    ),
    "adjacency": _parts(
        {"weights": [["0", "1"]], "bias": ["1", "0"]},
        {"classes": [0, 1], "adjacent": True, "point": ["1"]},
        {},
    ),
    "parallel": _parts(
        {"weights": [["0", "1", "2"], ["0", "1", "2"]]},
        {"parallel": True, "first": [0, 1], "second": [1, 2]},
        {"factor": "1"},
    ),
    # x + y and 0: (1, 0) and (0, 1) differ, with the same outputs.
    "network-points": _parts(
        {
            "layers": [
                {"type": "affine", "weights": [["1", "1"], ["0", "0"]], "biases": ["0", "0"]}
            ],
            "points": [{"exponent": 0, "integers": [1, 0]}, ["0", "1"]],
        },
        {
            "facts": [
                {"fact": "label", "point": 0, "label": 0},
                {"fact": "box", "point": 1},
                {"fact": "within", "point": 1, "of": 0, "radius": "1"},
                {"fact": "same softmax", "point": 1, "as": 0},
            ]
        },
        {},
    ),
    "arithmetic": _parts(
        {"numbers": [{"name": "a", "value": "2"}]},
        {"relations": [[["^", "a", "3"], "=", "8"]]},
        {},
    ),
    "binomial-tail": _parts(
        {"trials": 2, "probability": "1/2"},
        {"successes": 2, "at_least": True, "bound": "1/4"},
        {},
    ),
}

MORE: dict[str, Parts] = {
    "rank/full": _parts(
        {"matrix": [["1", "1/2"], ["0", "3"]]},
        {"rank": 2},
        {"prime": 5, "rows": [0, 1], "columns": [0, 1], "basis": [], "free": []},
    ),
    "rank/swap": _parts(
        {"matrix": [["0", "1"], ["1", "0"]]},
        {"rank": 2},
        {"prime": 5, "rows": [0, 1], "columns": [0, 1], "basis": [], "free": []},
    ),
    "max-margin/S0": _parts(
        S0,
        {"homogeneous": False, "normal": ["0", "2"], "offset": "-1", "margin_squared": "1/4"},
        {"multipliers": ["2", "2", "0"]},
    ),
    "max-margin/compact": _parts(
        {"points": {"exponent": -1, "integers": [[0, 0], [2, "2"]]}, "labels": [-1, 1]},
        {"homogeneous": False, "normal": ["1", "1"], "offset": "-1", "margin_squared": "1/2"},
        {"multipliers": ["1", "1"]},
    ),
    "max-margin/homogeneous": _parts(
        {"points": [["2"]], "labels": [1]},
        {"homogeneous": True, "normal": ["1/2"], "offset": "0", "margin_squared": "4"},
        {"multipliers": ["1/4"]},
    ),
    "not-separable/homogeneous": _parts(
        {"points": [["0"]], "labels": [1]}, {"homogeneous": True}, {"multipliers": ["1"]}
    ),
    "separable/homogeneous": _parts(
        {"points": {"exponent": 1, "integers": [[1]]}, "labels": [-1]},
        {"homogeneous": True},
        {"normal": ["-1"], "offset": "0"},
    ),
    "every-separator/S0": _parts(
        S0, {"normal": ["0", "1"], "offset": "0"}, {"multipliers": ["1", "1", "0"]}
    ),
    "every-separator/fixed point": _parts(
        PAIR, {"normal": ["2"], "offset": "1"}, {"multipliers": ["1", "2"]}
    ),
    # The boundary may go through the points labelled +1, of which one has no multiplier.
    "every-separator/weak": _parts(
        S0, {"normal": ["0", "1"], "offset": "0", "weak": [1, 2]}, {"multipliers": ["1", "1", "0"]}
    ),
    "convex-direction/mixture": _parts(
        {"points": [["1", "1"], ["0", "0"], ["2", "0"]], "labels": [-1, 1, 1]},
        {"label": 1, "direction": ["0", "1/3"]},
        {"outside": 0, "combination": ["0", "1/2", "1/2"], "scale": "3"},
    ),
    "some-point-flips/S0": _parts(
        S0,
        {"direction": ["0", "1"], "step": "1/2"},
        {"multipliers": ["1", "1", "0"], "separator": S0_RULE},
    ),
    "invariant-space/one class": _parts(
        {"weights": [["3"]]},
        {"dimension": 1, "basis": [["1"]]},
        {"prime": 2, "rows": [], "columns": [], "free": [0]},
    ),
    "invariant-dimension/plain": _parts(
        {"weights": [["1/2", "0"], ["1/3", "0"]]},
        {"rank": 1, "dimension": 1},
        {"prime": 5, "rows": [0], "columns": [0], "dependencies": [], "free": []},
    ),
    "invariant-dimension/more classes": _parts(
        {"weights": [["1", "2", "3", "0"], ["2", "4", "6", "0"]]},
        {"rank": 1, "dimension": 1},
        {"prime": 5, "rows": [1], "columns": [0], "dependencies": [["-2", "1"]], "free": [1]},
    ),
    "invariant-direction/plain": _parts(
        {"weights": [["1/2", "0"], ["1/3", "0"]]}, {"direction": ["2", "-3"]}, {}
    ),
    "convex-negative-region/silent unit": _parts(
        {
            "network": {
                "output": ["0", "1"],
                "weights": [["5"], ["1"]],
                "biases": ["5", "-1"],
                "threshold": "0",
                "strict": True,
            }
        },
        {
            "matrix": [["1"]],
            "right_side": ["1"],
            "segments": [{"start": ["-3"], "end": ["1"], "parameter": "1/2"}],
        },
        {},
    ),
    "rule-facts/all rules": _parts(
        {
            "rules": [
                {"type": "linear", "normal": ["1"], "offset": "0", "zero": 0},
                {"type": "argmax", "weights": [["1"], ["-1"]], "bias": ["0", "0"], "lowest": False},
                {"type": "argmax", "weights": [["1"], ["-1"]], "bias": ["0", "0"], "lowest": True},
                {
                    "type": "cells",
                    "cells": [
                        {
                            "matrix": [["1"], ["-1"]],
                            "right_side": ["1", "0"],
                            "strict": [True, False],
                        },
                    ],
                    "inside": 1,
                    "outside": -1,
                },
                # |x| > 1 by two units, and a dent: |x| on [-1, 1] less twice the right part.
                {
                    "type": "two-layer",
                    "output": ["1", "1"],
                    "weights": [["1"], ["-1"]],
                    "biases": ["0", "0"],
                    "threshold": "1",
                    "strict": True,
                },
            ],
            "points": [["1/2"]],
            "labels": [1],
        },
        {
            "facts": [
                {"fact": "accurate", "rule": 0},
                {"fact": "accurate", "rule": 3},
                {"fact": "convex", "rule": 4},
                {"fact": "label", "rule": 0, "point": ["0"], "label": 0},
                {"fact": "label", "rule": 1, "point": ["0"], "label": None},
                {"fact": "label", "rule": 1, "point": ["-1"], "label": 1},
                {"fact": "label", "rule": 2, "point": ["0"], "label": 0},
                {"fact": "label", "rule": 3, "point": ["1"], "label": -1},
                {"fact": "label", "rule": 3, "point": ["0"], "label": 1},
                {"fact": "label", "rule": 4, "point": ["1"], "label": -1},
                {"fact": "keeps", "rule": 0, "point": ["1"], "direction": ["1"]},
                {"fact": "keeps", "rule": 1, "point": ["1"], "direction": ["1"]},
                {"fact": "keeps", "rule": 3, "point": ["1"], "direction": ["1"]},
                {"fact": "keeps", "rule": 4, "point": ["2"], "direction": ["1"]},
                {"fact": "changes", "rule": 0, "point": ["1"], "direction": ["-1"], "step": "1"},
                {"fact": "changes", "rule": 3, "point": ["1"], "direction": ["-1"], "step": "1"},
                {"fact": "changes", "rule": 4, "point": ["2"], "direction": ["-1"], "step": "1"},
            ]
        },
        {},
    ),
    "universal-step/infinite": _parts(
        S0,
        {"direction": ["0", "1"], "point": 2, "infinite": True},
        {"separator": S0_RULE, "limit": {"normal": ["1", "0"], "offset": "0"}},
    ),
    "decision-region/empty": _parts(
        {"weights": [["0", "0"]], "bias": ["0", "1"]},
        {"class": 0, "region": "empty"},
        {"combination": ["1"]},
    ),
    "decision-region/unbounded": _parts(
        {"weights": [["0", "1"]], "bias": ["0", "0"]},
        {"class": 1, "region": "unbounded", "point": ["0"], "ray": ["1"]},
        {},
    ),
    "adjacency/apart": _parts(
        {"weights": [["-1", "1", "0"]], "bias": ["0", "0", "1"]},
        {"classes": [0, 1], "adjacent": False},
        {"combination": ["0", "0", "1"], "parameter": "1/2"},
    ),
    "adjacency/square": _parts(
        {"weights": [["0", "1", "0", "1"], ["0", "0", "1", "1"]], "bias": ["0", "0", "0", "0"]},
        {"classes": [0, 3], "adjacent": False},
        {"combination": ["0", "1/2", "1/2", "0"], "parameter": "1/2"},
    ),
    "adjacency/third class": _parts(
        {"weights": [["0", "1", "0"]], "bias": ["1", "0", "0"]},
        {"classes": [0, 1], "adjacent": True, "point": ["1"]},
        {},
    ),
    "parallel/none": _parts(
        {"weights": [["0", "1", "0"], ["0", "0", "1"]]}, {"parallel": False}, {}
    ),
    # Differences down and right of a 3 x 4 image, and the largest of them in two tiles of 2 x 1.
    "network-points/image": _parts(
        {
            "layers": [
                {"type": "scale", "factor": "2", "offset": "-1/3"},
                {
                    "type": "convolution",
                    "shape": [1, 3, 4],
                    "window": [2, 2],
                    "weights": {"exponent": -1, "integers": [[-1, 0, 1, 0], [-1, 1, 0, 0]]},
                    "biases": ["0", "1/3"],
                },
                {"type": "relu"},
                {"type": "max-pool", "shape": [2, 2, 3], "window": [1, 2]},
                {
                    "type": "affine",
                    "weights": [["1", "1", "0", "0"], ["0", "0", "1/2", "1"]],
                    "biases": ["0", "0"],
                },
            ],
            "points": [
                {"exponent": -2, "integers": [0, 1, 2, 3, 4, 4, 4, 4, 0, 0, 0, "0"]},
                ["0", "1/4", "1/2", "3/4", "1", "1", "1", "1", "0", "0", "0", "1/7"],
            ],
        },
        {
            "facts": [
                {"fact": "label", "point": 0, "label": 0},
                {"fact": "label", "point": 1, "label": 0},
                {"fact": "box", "point": 0},
                {"fact": "within", "point": 0, "of": 1, "radius": "1/7"},
                {"fact": "same softmax", "point": 0, "as": 1},
            ]
        },
        {},
    ),
    "arithmetic/all operations": _parts(
        {"numbers": [{"name": "a", "value": "2"}, {"name": "b", "value": "-1/3"}]},
        {
            "relations": [
                [["+", "a", "b", "1/3"], "=", "2"],
                [["+"], "=", "0"],
                [["-", "a", "b"], "=", "7/3"],
                [["*", "a", ["/", "1", "a"]], "=", "1"],
                [["max", "a", "b"], "=", "a"],
                [["abs", "b"], "<", "1/2"],
                [["^", "b", "0"], "<=", "1"],
                ["a", "!=", "b"],
            ]
        },
        {},
    ),
    "binomial-tail/lower": _parts(
        {"trials": 3, "probability": "1/3"},
        {"successes": 0, "at_least": False, "bound": "8/27"},
        {},
    ),
    # A third row that elimination changes twice, modulo a prime that none of its pivots is 0 for.
    "rank/three": _parts(
        {"matrix": [["0", "2", "1", "1"], ["3", "1", "1/2", "0"], ["1", "5", "4", "2"]]},
        {"rank": 3},
        {
            "prime": 11,
            "rows": [0, 1, 2],
            "columns": [0, 1, 2],
            "basis": [["1/6", "-11/18", "2/9", "1"]],
            "free": [3],
        },
    ),
    "separator-steps/on the border": _parts(
        {
            **PAIR,
            "separator": PAIR_RULE,
            "queries": {"points": [["1/2"], ["1/4"]], "labels": [1, -1]},
        },
        {"direction": ["1"], "steps": ["0", "1/4"]},
        {"multipliers": ["1", "1"]},
    ),
    # Rules whose label changes at one step alone, or only from the step 2 on, or only at infinity.
    "rule-facts/rays": _parts(
        {
            "rules": [
                {"type": "linear", "normal": ["1", "2"], "offset": "-6", "zero": 1},
                {
                    "type": "argmax",
                    "weights": [["1", "0"], ["0", "1"], ["0", "0"]],
                    "bias": ["-3", "1", "0"],
                    "lowest": False,
                },
                {
                    "type": "cells",
                    "cells": [
                        {
                            "matrix": [["1", "0"], ["-1", "0"]],
                            "right_side": ["3", "-3"],
                            "strict": [False, False],
                        },
                        {"matrix": [["0", "1"]], "right_side": ["-1"], "strict": [True]},
                    ],
                    "inside": 2,
                    "outside": 0,
                },
                {
                    "type": "two-layer",
                    "output": ["1", "1", "-1/2"],
                    "weights": [["1", "0"], ["-1", "0"], ["0", "1"]],
                    "biases": ["-3", "3", "-5"],
                    "threshold": "0",
                    "strict": True,
                },
            ],
            "points": [["1", "1"]],
            "labels": [-1],
        },
        {
            "facts": [
                {"fact": "accurate", "rule": 0},
                {"fact": "keeps", "rule": 0, "point": ["1", "1"], "direction": ["-2", "1"]},
                {
                    "fact": "changes",
                    "rule": 0,
                    "point": ["1", "1"],
                    "direction": ["1", "1"],
                    "step": "1",
                },
                {"fact": "label", "rule": 1, "point": ["1", "1"], "label": 1},
                {"fact": "keeps", "rule": 1, "point": ["1", "1"], "direction": ["1", "1"]},
                {"fact": "label", "rule": 1, "point": ["5", "1"], "label": None},
                {
                    "fact": "changes",
                    "rule": 1,
                    "point": ["1", "1"],
                    "direction": ["1", "0"],
                    "step": "4",
                },
                {"fact": "label", "rule": 2, "point": ["3", "0"], "label": 2},
                {
                    "fact": "changes",
                    "rule": 2,
                    "point": ["1", "1"],
                    "direction": ["1", "0"],
                    "step": "2",
                },
                {"fact": "keeps", "rule": 2, "point": ["1", "1"], "direction": ["-1", "0"]},
                {
                    "fact": "changes",
                    "rule": 3,
                    "point": ["1", "1"],
                    "direction": ["1", "0"],
                    "step": "2",
                },
                {"fact": "keeps", "rule": 3, "point": ["1", "1"], "direction": ["-1", "1"]},
                {
                    "fact": "changes",
                    "rule": 3,
                    "point": ["1", "5"],
                    "direction": ["0", "1"],
                    "step": "4",
                },
            ]
        },
        {},
    ),
    "adjacency/in the second coordinate": _parts(
        {"weights": [["1", "1", "1"], ["0", "1", "3"]], "bias": ["0", "-1", "-6"]},
        {"classes": [0, 1], "adjacent": True, "point": ["5", "1"]},
        {},
    ),
    # Row offsets that carry: 3 + 1 is neither 3 | 1 nor 3 ^ 1. Points in units of 2.
    "network-points/two channels": _parts(
        {
            "layers": [
                {
                    "type": "convolution",
                    "shape": [2, 3, 3],
                    "window": [2, 2],
                    "weights": [
                        ["1", "0", "0", "1", "0", "1/3", "1", "0"],
                        ["0", "1", "-1", "0", "1", "0", "0", "-1"],
                    ],
                    "biases": ["1/5", "0"],
                },
                {"type": "max-pool", "shape": [2, 2, 2], "window": [2, 1]},
            ],
            "points": [
                {"exponent": 1, "integers": [0, 1, 2, 3, 4, 5, 6, 7, 9, 1, 0, 1, 0, 2, 0, 3, 0, 1]}
            ],
        },
        {"facts": [{"fact": "label", "point": 0, "label": 0}]},
        {},
    ),
    "binomial-tail/upper": _parts(
        {"trials": 5, "probability": "2/7"},
        {"successes": 2, "at_least": True, "bound": "7432/16807"},
        {},
    ),
    "binomial-tail/certain": _parts(
        {"trials": 3, "probability": "1"},
        {"successes": 3, "at_least": True, "bound": "1"},
        {},
    ),
}

GOLDEN = {**TIGHT, **MORE}
