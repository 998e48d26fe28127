"""What the checker must refuse, and why: edits of the golden certificates, one line for each.

Every row names a golden certificate, the edits by dotted path (``DELETE`` removes a field) and the
exact step that must fail or the exact place that is malformed, with a part of the reason. The hash
of an edited instance is always computed again, so that the rule itself has to notice.
"""

from __future__ import annotations

import copy
from typing import Any, NamedTuple

from verify.trust.golden import GOLDEN, Parts

DELETE = object()


class Refusal(NamedTuple):
    golden: str
    edits: dict[str, Any]
    place: str  # the step of a rejection, the field of a malformed certificate
    reason: str


def edited(parts: Parts, edits: dict[str, Any]) -> Parts:
    """Return a deep copy with the values at some dotted paths replaced or removed."""
    result = copy.deepcopy(parts)
    for path, value in edits.items():
        *route, last = path.split(".")
        node: Any = result
        for key in route:
            node = node[int(key)] if isinstance(node, list) else node[key]
        key = int(last) if isinstance(node, list) else last
        if value is DELETE:
            del node[key]
        else:
            node[key] = value
    return result


_INDEPENDENT = "basis vectors are independent"
_MINOR = "minor is nonzero modulo the prime"
_NONNEGATIVE = "multipliers are nonnegative"
_NONZERO = "multipliers are not all zero"
_RAY_FEASIBLE = "ray stays feasible"
_CONVEX = "combination is convex"
_ONLY_NEGATIVE = "combination uses points labelled -1"

_LINEAR_ALGEBRA = [
    Refusal("rank", {"evidence.rows": []}, "minor is square", "0 rows, 1 columns"),
    Refusal("rank", {"evidence.rows": [1]}, _MINOR, "elimination stops at column 0"),
    Refusal(
        "rank/full", {"instance.matrix.0.1": "1/5"}, _MINOR, "denominator in row 0 is not invert"
    ),
    Refusal("rank/full", {"evidence.prime": 6, "instance.matrix.0": ["2", "1"]}, _MINOR, "6 is no"),
    Refusal("rank/swap", {"instance.matrix.1.0": "0"}, _MINOR, "elimination stops at column 0"),
    Refusal("rank/full", {"evidence.prime": 3}, _MINOR, "elimination stops at column 1"),
    Refusal("rank", {"statement.rank": 2}, "minor has the stated size", "rank 2, minor of size 1"),
    Refusal("rank", {"evidence.free": []}, _INDEPENDENT, "1 vectors, 0 free coordinates"),
    Refusal("rank", {"evidence.free": [0]}, _INDEPENDENT, "vector 0, free coordinate 0 differs"),
    Refusal(
        "rank",
        {"evidence.basis": [["2", "1"]]},
        "basis vectors are null vectors",
        "vector 0, equation 0 is not zero",
    ),
    Refusal(
        "rank",
        {"evidence.basis": [], "evidence.free": []},
        "rank and dimension add up",
        "rank at least 1 and 0 null vectors in dimension 2",
    ),
    Refusal(
        "null-space",
        {"statement.basis": [], "evidence.free": []},
        "rank and dimension add up",
        "0 null vectors",
    ),
    Refusal(
        "linear-system-solution",
        {"statement.solution": ["1", "2"]},
        "solution satisfies the equations",
        "equation 1 differs",
    ),
    Refusal(
        "linear-system-inconsistent",
        {"evidence.combination": ["1", "2"]},
        "combination cancels the unknowns",
        "coefficient 0 is not zero",
    ),
    Refusal(
        "linear-system-inconsistent",
        {"instance.right_side": ["1", "-1"]},
        "combination leaves a contradiction",
        "the right side cancels as well",
    ),
]

_LINEAR_PROGRAMS = [
    Refusal(
        "lp-optimal",
        {"statement.x": ["2", "1", "3"]},
        "point is feasible",
        "inequality 0 is violated",
    ),
    Refusal("lp-optimal", {"statement.x": ["0", "0", "1"]}, "point is feasible", "equation 0 dif"),
    Refusal(
        "lp-optimal",
        {"statement.x": ["-1", "0", "-1"]},
        "point is feasible",
        "nonnegative variable 0 is negative",
    ),
    Refusal(
        "lp-optimal", {"statement.value": "-3"}, "point attains the value", "the objective differs"
    ),
    Refusal(
        "lp-optimal",
        {"statement.x": ["0", "0", "0"], "statement.value": "0"},
        "multipliers prove the bound",
        "they prove -13/5",
    ),
    Refusal(
        "lp-optimal",
        {"evidence.inequality_multipliers": ["-2/5", "1/5"]},
        _NONNEGATIVE,
        "inequality multiplier 0 is negative",
    ),
    Refusal(
        "lp-optimal",
        {"evidence.inequality_multipliers": ["1/5", "1/5"]},
        "multipliers cancel the variables",
        "variable 0 keeps -2/5",
    ),
    Refusal(
        "lp-optimal",
        {"evidence.equality_multipliers": ["0"]},
        "multipliers cancel the variables",
        "variable 2 keeps -1",
    ),
    Refusal(
        "lp-infeasible",
        {"evidence.inequality_multipliers": ["0"], "evidence.equality_multipliers": ["0"]},
        "multipliers prove a contradiction",
        "they prove 0 >= 0",
    ),
    Refusal(
        "lp-infeasible",
        {"evidence.equality_multipliers": ["-1"]},
        "multipliers cancel the variables",
        "variable 0 keeps 2",
    ),
    Refusal("lp-unbounded", {"statement.x": ["1", "0", "1"]}, "point is feasible", "inequality 0"),
    Refusal(
        "lp-unbounded",
        {"statement.ray": ["1", "0", "1"]},
        _RAY_FEASIBLE,
        "inequality 0 fails along it",
    ),
    Refusal(
        "lp-unbounded",
        {"statement.ray": ["1", "1", "0"]},
        _RAY_FEASIBLE,
        "equation 0 is not zero",
    ),
    Refusal(
        "lp-unbounded",
        {"statement.ray": ["-1", "-1", "-1"]},
        _RAY_FEASIBLE,
        "nonnegative variable 0 is negative",
    ),
    Refusal(
        "lp-unbounded",
        {"statement.ray": ["0", "0", "0"]},
        "ray improves the objective",
        "the objective does not fall along it",
    ),
]

_SEPARATORS = [
    Refusal(
        "max-margin/homogeneous",
        {"statement.offset": "1"},
        "offset is zero",
        "homogeneous, with offset 1",
    ),
    Refusal(
        "max-margin", {"evidence.multipliers": ["-1", "1"]}, _NONNEGATIVE, "multiplier 0 is negat"
    ),
    Refusal(
        "max-margin/S0",
        {"statement.normal": ["1", "2"]},
        "multipliers give the normal",
        "coordinate 0 differs",
    ),
    Refusal(
        "max-margin/S0",
        {"evidence.multipliers": ["3", "2", "0"]},
        "multipliers balance the classes",
        "sum a_i y_i is -1",
    ),
    Refusal(
        "max-margin/S0",
        {"statement.offset": "0"},
        "separator is accurate in the canonical scale",
        "point 0 has margin 0",
    ),
    # Both identities of Lemma 3 hold for these multipliers, which are not those of the margin.
    Refusal(
        "max-margin",
        {
            "instance": {"points": [["-1"], ["1"], ["3"]], "labels": [-1, 1, 1]},
            "statement.normal": ["1"],
            "statement.offset": "0",
            "statement.margin_squared": "1",
            "evidence.multipliers": ["1/4", "0", "1/4"],
        },
        "multipliers live on support vectors",
        "point 2 has margin 3",
    ),
    Refusal(
        "max-margin",
        {"statement.margin_squared": "2"},
        "margin is the reciprocal of the norm",
        "|w|^2 is 2",
    ),
    Refusal(
        "not-separable", {"evidence.multipliers": ["1", "-1", "0"]}, _NONNEGATIVE, "multiplier 1 is"
    ),
    Refusal(
        "not-separable/homogeneous",
        {"evidence.multipliers": ["0"]},
        _NONZERO,
        "every multiplier is zero",
    ),
    Refusal(
        "not-separable",
        {"evidence.multipliers": ["1", "0", "0"]},
        "multipliers balance the classes",
        "sum a_i y_i is 1",
    ),
    Refusal(
        "not-separable",
        {"evidence.multipliers": ["1", "1", "0"]},
        "multipliers cancel the points",
        "coordinate 0 is not zero",
    ),
    Refusal("separable", {"evidence.offset": "0"}, "separator is accurate", "0 has margin 0"),
    Refusal("separable", {"statement.homogeneous": True}, "offset is zero", "with offset -1"),
    Refusal(
        "max-margin/compact",
        {"instance.points.exponent": 0},
        "multipliers give the normal",
        "coordinate 0 differs",
    ),
    Refusal(
        "every-separator", {"evidence.multipliers": ["-1", "0"]}, _NONNEGATIVE, "multiplier 0 is"
    ),
    Refusal("every-separator", {"evidence.multipliers": ["0", "0"]}, _NONZERO, "every multiplier"),
    Refusal(
        "every-separator",
        {"statement.offset": "1"},
        "multipliers give the offset",
        "sum a_i y_i is 0",
    ),
    Refusal(
        "every-separator/weak",
        {"statement.weak": [0, 1]},
        "a strict point has a multiplier",
        "only weak points have multipliers",
    ),
    Refusal(
        "every-separator",
        {"statement.normal": ["-1"]},
        "multipliers give the normal",
        "coordinate 0 differs",
    ),
    Refusal(
        "separator-steps",
        {"instance.separator.offset": "0"},
        "separator is accurate",
        "point 0 has margin 0",
    ),
    Refusal(
        "separator-steps",
        {"instance.queries.labels": [1]},
        "query is on its own side",
        "query 0 has margin -1",
    ),
    Refusal(
        "separator-steps",
        {"statement.steps": ["1/3"]},
        "step brings the query to the boundary",
        "query 0, step 1/3",
    ),
    Refusal(
        "some-point-flips",
        {"statement.step": "1/3"},
        "step is the reciprocal of the multipliers",
        "their sum is 2",
    ),
    Refusal(
        "some-point-flips",
        {"evidence.separator": {"normal": ["3"], "offset": "-1"}},
        "separator keeps every label at smaller steps",
        "point 0 flips earlier",
    ),
    Refusal(
        "universal-step",
        {"evidence.limit": {"normal": ["1"], "offset": "1"}},
        "limit rule is weakly accurate",
        "margin 0 is negative",
    ),
    Refusal(
        "universal-step/infinite",
        {"statement.direction": ["1", "0"]},
        "limit rule is level along the direction",
        "slope 1",
    ),
    Refusal(
        "universal-step/infinite",
        {"statement.point": 1},
        "limit rule keeps the point strictly",
        "margin 0",
    ),
    Refusal(
        "universal-step",
        {"statement.step": "2"},
        "multiplier is the reciprocal of the step",
        "it is 1",
    ),
    Refusal(
        "universal-step",
        {"evidence.limit": {"normal": ["2"], "offset": "-1"}},
        "limit rule has slope one",
        "slope 2",
    ),
    Refusal(
        "universal-step",
        {"evidence.limit": {"normal": ["1"], "offset": "-1/2"}},
        "limit rule needs the step",
        "margin 1/2",
    ),
]

_SOFTMAX = [
    Refusal("invariant-dimension", {"evidence.rows": []}, "minor is square", "0 rows, 1 columns"),
    Refusal(
        "invariant-dimension",
        {"instance.weights.integers.0.0": "0", "evidence.dependencies": [["0", "1"]]},
        _MINOR,
        "elimination stops at column 0",
    ),
    Refusal(
        "invariant-dimension",
        {"evidence.dependencies": [["2", "1"]]},
        "basis vectors are null vectors",
        "vector 0, equation 0 is not zero",
    ),
    Refusal(
        "invariant-dimension/more classes",
        {"evidence.dependencies": [["2", "1"]]},
        "basis vectors are null vectors",
        "vector 0, equation 0 is not zero",
    ),
    Refusal(
        "invariant-dimension", {"evidence.free": [0]}, _INDEPENDENT, "vector 0, free coordinate 0"
    ),
    Refusal(
        "invariant-dimension",
        {"evidence.dependencies": [], "evidence.free": []},
        "rank and dimension add up",
        "rank at least 1 and 0 null vectors in dimension 2",
    ),
    Refusal(
        "invariant-dimension",
        {"statement.rank": 2},
        "minor has the stated size",
        "stated rank 2, minor of size 1",
    ),
    Refusal(
        "invariant-dimension",
        {"statement.dimension": 2},
        "dimension is what the rank leaves",
        "it leaves 1",
    ),
    Refusal(
        "invariant-direction",
        {"statement.direction": ["0", "0"]},
        "direction is not zero",
        "every coordinate is zero",
    ),
    Refusal(
        "invariant-direction",
        {"statement.direction": ["1", "1"]},
        "direction shifts all logits equally",
        "logit difference 0 is not zero",
    ),
    Refusal(
        "invariant-space",
        {"statement.dimension": 2},
        "dimension is the size of the basis",
        "1 vectors",
    ),
    Refusal(
        "invariant-space",
        {"statement.basis": [["1", "1"]]},
        "basis vectors are null vectors",
        "vector 0, equation 0 is not zero",
    ),
    Refusal(
        "invariant-regions",
        {"statement.direction": ["0", "0"]},
        "direction is not zero",
        "every coordinate is zero",
    ),
    Refusal(
        "invariant-regions",
        {"statement.direction": ["1", "1"]},
        "direction shifts all logits equally",
        "logit difference 0 is not zero",
    ),
    Refusal(
        "invariant-regions",
        {"statement.regions.0.point": ["2", "0"]},
        "point lies in the region",
        "class 1 has not the largest logit",
    ),
    Refusal(
        "decision-region",
        {"statement.point": ["2"]},
        "point lies inside",
        "inequality 1 is violated",
    ),
    Refusal(
        "decision-region",
        {"evidence.combination": ["-1", "-2"]},
        "combination is nonnegative",
        "coefficient 0 is negative",
    ),
    Refusal(
        "decision-region",
        {"evidence.combination": ["1", "1"]},
        "combination cancels the rows",
        "coordinate 0 is not zero",
    ),
    Refusal(
        "decision-region/empty",
        {"evidence.combination": ["-1"]},
        "combination is nonnegative",
        "coefficient 0 is negative",
    ),
    Refusal(
        "decision-region/empty",
        {"instance.weights": [["1", "0"]]},
        "combination cancels the rows",
        "coordinate 0 is not zero",
    ),
    Refusal(
        "decision-region/empty",
        {"instance.bias": ["1", "1"]},
        "combination leaves a contradiction",
        "0",
    ),
    Refusal(
        "decision-region/unbounded", {"statement.ray": ["0"]}, "ray is not zero", "every coordinate"
    ),
    Refusal(
        "decision-region/unbounded",
        {"statement.ray": ["-1"]},
        "ray stays inside",
        "inequality 0 fails along it",
    ),
    Refusal(
        "adjacency", {"statement.point": ["2"]}, "point lies on the boundary of both", "1 and 2"
    ),
    Refusal(
        "adjacency",
        {"instance": {"weights": [["1", "1"]], "bias": ["0", "0"]}},
        "boundary is a hyperplane",
        "equal weights",
    ),
    Refusal(
        "adjacency/third class",
        {"instance.bias": ["1", "0", "1"]},
        "no third class reaches the point",
        "class 2",
    ),
    Refusal(
        "adjacency/apart",
        {"evidence.combination": ["0", "0", "-1"]},
        _CONVEX,
        "coefficient 2 is negative",
    ),
    Refusal(
        "adjacency/apart",
        {"evidence.combination": ["1", "0", "0"]},
        "combination is of other classes",
        "1, 0",
    ),
    Refusal(
        "adjacency/apart",
        {"evidence.combination": ["0", "0", "2"]},
        _CONVEX,
        "the coefficients sum to 2",
    ),
    Refusal(
        "adjacency/apart",
        {"evidence.parameter": "1"},
        "mixtures have equal gradients",
        "coordinate 0 differs",
    ),
    Refusal(
        "adjacency/apart",
        {"instance.bias": ["0", "0", "-1"]},
        "mixture of other classes dominates",
        "it lies 1 below",
    ),
    Refusal(
        "adjacency/apart",
        {"instance.bias": ["0", "0", "0"]},
        "another class cuts the boundary",
        "the mixture ties along all of it",
    ),
    Refusal(
        "adjacency/apart",
        {"instance": {"weights": [["0", "0", "0"]], "bias": ["0", "0", "0"]}},
        "boundary is a hyperplane",
        "equal weights",
    ),
    Refusal(
        "parallel",
        {"instance.weights": [["0", "1", "1"], ["0", "1", "1"]]},
        "bisectors exist",
        "a difference is zero",
    ),
    Refusal("parallel", {"evidence.factor": "0"}, "bisectors exist", "a difference is zero"),
    Refusal(
        "parallel", {"evidence.factor": "2"}, "normals are proportional", "coordinate 0 differs"
    ),
    Refusal(
        "parallel/none",
        {"instance.weights": [["0", "1", "2"], ["0", "0", "0"]]},
        "normals are not proportional",
        "classes [0, 1] and [0, 2]",
    ),
    Refusal(
        "parallel/none",
        {"instance.weights": [["1", "1", "2"], ["0", "0", "3"]]},
        "normals are not proportional",
        "that of classes [0, 1] is zero",
    ),
    Refusal(
        "network-points",
        {"statement.facts.0.label": 1},
        "no output is larger",
        "fact 0, label: outputs [0] are",
    ),
    Refusal(
        "network-points",
        {"instance.layers.0.biases": ["0", "1"]},
        "no output is as large",
        "fact 0, label: output 0 ties with [1]",
    ),
    Refusal(
        "network-points/image",
        {"instance.points.0.integers.0": 1, "statement.facts.3.radius": "1"},
        "outputs differ by a constant",
        "fact 4, same softmax: output 1 differs",
    ),
    Refusal(
        "network-points/image",
        {"instance.layers.1.biases": ["0", "2"]},
        "no output is larger",
        "fact 0, label: outputs [1] are",
    ),
    Refusal(
        "network-points",
        {"instance.points.1": ["1/2", "-1/2"]},
        "point lies in the unit box",
        "fact 1, box: not its coordinates [1]",
    ),
    Refusal(
        "network-points",
        {"instance.points.1": {"exponent": -1, "integers": [3, 2]}},
        "point lies in the unit box",
        "fact 1, box: not its coordinates [0]",
    ),
    Refusal(
        "network-points",
        {"statement.facts.2.radius": "1/2"},
        "points are near",
        "fact 2, within: not in coordinates [0, 1]",
    ),
    Refusal("network-points", {"statement.facts.2.radius": "-1"}, "points are near", "[0, 1]"),
    Refusal(
        "network-points",
        {"instance.points.1": ["1", "0"]},
        "points differ",
        "fact 3, same softmax: 1 and 0 are the same",
    ),
    Refusal(
        "network-points",
        {"instance.points.1": ["1", "1"]},
        "outputs differ by a constant",
        "fact 3, same softmax: output 1 differs",
    ),
]

_NETWORKS = [
    Refusal(
        "convex-negative-region",
        {"instance.network.output": ["-1"]},
        "output weights are nonnegative",
        "output weight 0 is negative",
    ),
    Refusal(
        "convex-negative-region",
        {"instance.network.threshold": "1"},
        "rule is f > 0",
        "threshold 1",
    ),
    Refusal("convex-negative-region", {"instance.network.strict": False}, "rule is f > 0", "0"),
    Refusal(
        "convex-negative-region/silent unit",
        {"instance.network.output": ["1", "1"]},
        "one half-space for each unit",
        "1 half-spaces, 2 units",
    ),
    Refusal(
        "convex-negative-region",
        {"statement.right_side": ["2"]},
        "half-space belongs to its unit",
        "unit 0 gives another one",
    ),
    Refusal(
        "convex-negative-region",
        {"statement.segments.0.parameter": "2"},
        "parameter lies between 0 and 1",
        "segment 0, parameter 2",
    ),
    Refusal(
        "convex-negative-region",
        {"statement.segments.0.start": ["2"]},
        "segment lies in the region",
        "segment 0, start",
    ),
    Refusal(
        "convex-negative-region",
        {"statement.segments.0.end": ["2"]},
        "segment lies in the region",
        "segment 0, end",
    ),
    Refusal(
        "relu-universal-direction",
        {"evidence.positive": 0},
        "end point has the other label",
        "point 0 is -1",
    ),
    Refusal("relu-universal-direction", {"evidence.scale": "0"}, "scale is positive", "it is 0"),
    Refusal(
        "relu-universal-direction",
        {"evidence.combination": ["-1", "0"]},
        _CONVEX,
        "coefficient 0 is negative",
    ),
    Refusal(
        "relu-universal-direction",
        {"evidence.combination": ["1/2", "0"]},
        _CONVEX,
        "the coefficients sum to 1/2",
    ),
    Refusal(
        "relu-universal-direction",
        {"evidence.combination": ["0", "1"]},
        "combination uses points of one label",
        "point 1 is +1",
    ),
    Refusal(
        "relu-universal-direction",
        {"statement.direction": ["-1"]},
        "direction leads to the end point",
        "coordinate 0 differs",
    ),
    Refusal(
        "convex-direction", {"statement.label": 1}, "end point has the other label", "point 1 is +1"
    ),
    *(
        Refusal(name, {"statement.direction": ["0"]}, "direction is not zero", "every coordinate")
        for name in ("relu-universal-direction", "convex-direction", "class-left", "universal-step")
    ),
    Refusal("convex-direction", {"evidence.scale": "-1"}, "scale is positive", "it is -1"),
    Refusal(
        "convex-direction/mixture",
        {"evidence.combination": ["0", "1", "1"]},
        _CONVEX,
        "the coefficients sum to 2",
    ),
    Refusal(
        "convex-direction/mixture",
        {"instance.labels": [-1, 1, -1]},
        "combination uses points of one label",
        "point 2 is -1",
    ),
    Refusal(
        "convex-direction/mixture",
        {"statement.direction": ["1/3", "1/3"]},
        "direction leads to the end point",
        "coordinate 0 differs",
    ),
    Refusal(
        "relu-label-forced", {"evidence.positive": 0}, "mixture has label +1", "point 0 has label"
    ),
    Refusal(
        "relu-label-forced",
        {"evidence.weight": "0"},
        "weight of the point is positive",
        "it is 0",
    ),
    Refusal(
        "relu-label-forced",
        {"evidence.combination": ["-1/2", "0"]},
        _CONVEX,
        "coefficient 0 is negative",
    ),
    Refusal("relu-label-forced", {"evidence.combination": ["1", "0"]}, _CONVEX, "sum 3/2"),
    Refusal("relu-label-forced", {"evidence.combination": ["0", "1/2"]}, _ONLY_NEGATIVE, "point 1"),
    Refusal(
        "relu-label-forced",
        {"statement.point": ["1"]},
        "mixture is the +1 point",
        "coordinate 0 differs",
    ),
    Refusal(
        "network-flip",
        {"instance.network.output": ["-1"]},
        "output weights are nonnegative",
        "output weight 0 is negative",
    ),
    Refusal(
        "network-flip",
        {"instance.labels": [1, 1]},
        "network is accurate",
        "point 1 is mislabelled",
    ),
    Refusal("network-flip", {"statement.flips.0.step": "0"}, "step is positive", "flip 0, step 0"),
    Refusal("network-flip", {"statement.flips.0.point": ["-1"]}, "point is labelled -1", "flip 0"),
    Refusal(
        "network-flip",
        {"statement.flips.0.step": "1/2"},
        "step reaches label +1",
        "flip 0, step 1/2",
    ),
]

_FACTS = [
    Refusal(
        "rule-facts",
        {"instance.labels": [-1]},
        "rule is right on the data",
        "fact 0, accurate: point 0",
    ),
    Refusal(
        "rule-facts/all rules",
        {"statement.facts.2.rule": 0},
        "rule is a two-layer network",
        "fact 2, convex",
    ),
    Refusal(
        "rule-facts/all rules",
        {"instance.rules.4.output": ["1", "-1"]},
        "output weights are nonnegative",
        "output weight 1 is negative",
    ),
    Refusal(
        "rule-facts",
        {"statement.facts.1.label": -1},
        "point has the label",
        "fact 1, label: 1",
    ),
    # An open tie is a label of its own: neither of the two classes.
    Refusal(
        "rule-facts/all rules",
        {"statement.facts.4.label": 0},
        "point has the label",
        "fact 4, label: None",
    ),
    Refusal(
        "rule-facts/all rules",
        {"statement.facts.6.label": 1},
        "point has the label",
        "fact 6, label: 0",
    ),
    Refusal(
        "rule-facts",
        {"statement.facts.2.direction": ["1"]},
        "label stays along the ray",
        "fact 2, keeps",
    ),
    # The ray meets {1} alone: a step between the critical ones would not find it.
    Refusal(
        "rule-facts/all rules",
        {
            "instance.rules.3.cells.0": {
                "matrix": [["1"], ["-1"]],
                "right_side": ["1", "-1"],
                "strict": [False, False],
            },
            "statement.facts": [{"fact": "keeps", "rule": 3, "point": ["0"], "direction": ["2"]}],
        },
        "label stays along the ray",
        "fact 0, keeps",
    ),
    Refusal(
        "rule-facts/all rules",
        {
            "statement.facts": [{"fact": "keeps", "rule": 4, "point": ["0"], "direction": ["1"]}],
        },
        "label stays along the ray",
        "fact 0, keeps",
    ),
    # The value dips to the threshold between two bends and comes back.
    Refusal(
        "rule-facts/all rules",
        {
            "statement.facts": [{"fact": "keeps", "rule": 4, "point": ["-2"], "direction": ["1"]}],
        },
        "label stays along the ray",
        "fact 0, keeps",
    ),
    Refusal(
        "rule-facts/all rules",
        {"statement.facts": [{"fact": "keeps", "rule": 1, "point": ["-1"], "direction": ["1"]}]},
        "label stays along the ray",
        "fact 0, keeps",
    ),
    Refusal(
        "rule-facts", {"statement.facts.3.step": "0"}, "step is positive", "fact 3, changes: 0"
    ),
    Refusal(
        "rule-facts",
        {"statement.facts.3.direction": ["-1"]},
        "label has changed at the step",
        "fact 3, changes: step 1",
    ),
]

_MULTICLASS = [
    Refusal(
        "every-model",
        {"evidence.gaps.0.class": 0},
        "gap is to another class",
        "point 0 has class 0",
    ),
    Refusal(
        "every-model",
        {"evidence.gaps.0.multiplier": "-1"},
        _NONNEGATIVE,
        "point 0, class 1: -1",
    ),
    Refusal("every-model", {"evidence.gaps": []}, _NONZERO, "every multiplier is zero"),
    Refusal(
        "every-model",
        {"statement.form.1.0": "1"},
        "gaps give the form",
        "class 1, coordinate 0 differs",
    ),
    Refusal(
        "class-left",
        {"evidence.targets": ["0", "-1"]},
        "target weights are nonnegative",
        "class 1 is negative",
    ),
    Refusal(
        "class-left",
        {"statement.direction": ["-1"]},
        "gaps give the growth of the targets",
        "class 0, coordinate 0 differs",
    ),
]

_POLYHEDRA_AND_NUMBERS = [
    Refusal(
        "bounded",
        {"evidence.combination": ["-2", "-1"]},
        "combination is nonnegative",
        "coefficient 0 is negative",
    ),
    Refusal(
        "bounded",
        {"evidence.combination": ["1", "1"]},
        "combination cancels the rows",
        "coordinate 0 is not zero",
    ),
    Refusal(
        "bounded",
        {"evidence.rows": [], "evidence.columns": []},
        "rows in the combination span the space",
        "rank 0 of 1",
    ),
    # A row that the combination leaves out does not help to close the polyhedron.
    Refusal(
        "bounded",
        {"evidence.combination": ["0", "0"]},
        _MINOR,
        "elimination stops at column 0",
    ),
    Refusal(
        "unbounded-polyhedron",
        {"statement.point": ["1", "0"]},
        "point lies inside",
        "inequality 0 is violated",
    ),
    Refusal(
        "unbounded-polyhedron", {"statement.ray": ["0", "0"]}, "ray is not zero", "every coordinate"
    ),
    Refusal(
        "unbounded-polyhedron",
        {"statement.ray": ["0", "1"]},
        "ray stays inside",
        "inequality 1 fails along it",
    ),
    Refusal(
        "arithmetic",
        {"statement.relations.0.1": "!="},
        "relation holds",
        "relation 0: 8 != 8 is false",
    ),
    Refusal(
        "arithmetic", {"statement.relations.0.1": "<"}, "relation holds", "relation 0: 8 < 8 is fal"
    ),
    Refusal(
        "arithmetic",
        {"statement.relations.0": ["8", "<=", "15/2"]},
        "relation holds",
        "relation 0: 8 <= 15/2 is false",
    ),
    Refusal(
        "binomial-tail",
        {"instance.probability": "3/2"},
        "probability lies between 0 and 1",
        "it is 3/2",
    ),
    Refusal(
        "binomial-tail",
        {"statement.bound": "1/5"},
        "tail is within the bound",
        "the exact tail is larger",
    ),
    Refusal(
        "binomial-tail/lower",
        {"statement.successes": 1},
        "tail is within the bound",
        "the exact tail is larger",
    ),
    # By the least that the denominator allows.
    Refusal(
        "binomial-tail/upper",
        {"statement.bound": "7431/16807"},
        "tail is within the bound",
        "the exact tail is larger",
    ),
    Refusal(
        "binomial-tail/certain",
        {"statement.successes": 2, "statement.bound": "1/2"},
        "tail is within the bound",
        "the exact tail is larger",
    ),
]


def _half(row: str, bound: str, strict: bool) -> dict[str, Any]:
    """Return the cell of all x with row * x < bound, or <= bound."""
    return {"matrix": [[row]], "right_side": [bound], "strict": [strict]}


# A convolution whose windows overlap so much that they hold 10^8 values.
WIDE_WINDOWS = {
    "instance": {
        "points": [{"exponent": 0, "integers": [1] * 200**2}] * 2,
        "layers": [
            {
                "type": "convolution",
                "shape": [1, 200, 200],
                "window": [100, 100],
                "weights": {"exponent": 0, "integers": [[1] * 100**2]},
                "biases": ["0"],
            }
        ],
    }
}

# Rules that give one label to all points x + c v with c > 0 but one, or but those of an interval.
_RAYS = [
    Refusal(
        "rule-facts/all rules",
        {
            "instance.rules.3.cells": cells,
            "statement.facts": [{"fact": "keeps", "rule": 3, "point": [x], "direction": ["1"]}],
        },
        "label stays along the ray",
        "fact 0, keeps",
    )
    for x, cells in (
        # (-oo, 1) and (1, oo), without 1
        ("0", [_half("1", "1", True), _half("-1", "-1", True)]),
        # [0, 1] and [2, oo)
        ("0", [_half("-1", "-2", False), _half("1", "1", False)]),
        # only {3} lies in a cell
        ("0", [{"matrix": [["1"], ["-1"]], "right_side": ["3", "-3"], "strict": [False, False]}]),
        # the point itself alone: only c = 0
        ("0", [{"matrix": [["1"], ["-1"]], "right_side": ["0", "0"], "strict": [False, False]}]),
        # a cell that begins just behind the point
        ("0", [_half("-1", "0", True)]),
    )
]
_RAYS.append(
    Refusal(
        "rule-facts/all rules",
        {"statement.facts": [{"fact": "keeps", "rule": 1, "point": ["0"], "direction": ["0"]}]},
        "point has a label to keep",
        "its largest logits tie",
    )
)

REJECTED = [
    *_RAYS,
    *_LINEAR_ALGEBRA,
    *_LINEAR_PROGRAMS,
    *_SEPARATORS,
    *_SOFTMAX,
    *_NETWORKS,
    *_FACTS,
    *_MULTICLASS,
    *_POLYHEDRA_AND_NUMBERS,
]

_I, _S, _E = "certificate.instance", "certificate.statement", "certificate.evidence"


def _spread(pixels: int, channels: int, exponent: int, points: int) -> dict[str, Any]:
    """Return edits to points under a layer that yields many values from few numbers."""
    layer = {
        "type": "convolution",
        "shape": [1, 1, pixels],
        "window": [1, 1],
        "weights": {"exponent": exponent, "integers": [[1]] * channels},
        "biases": ["0"] * channels,
    }
    given = [{"exponent": 0, "integers": [1] * pixels}] * points
    return {"instance.layers": [layer], "instance.points": given}


_WIDE = _spread(pixels=1000, channels=1001, exponent=0, points=2)
_LONG = _spread(pixels=1000, channels=1000, exponent=10_000, points=2)
_COPIES = _spread(pixels=1, channels=1000, exponent=10_000, points=51)
# Few digits that stand for long numbers, and layers that multiply few numbers very often.
_SHIFTED = [{"instance.points": [{"exponent": 10_000, "integers": [1] * 30_000}] * 2}]
_LOADED = _spread(pixels=100_000, channels=1, exponent=0, points=2)
_LOADED["instance.layers"] = [
    {**_LOADED["instance.layers"][0], "window": [1, 50], "weights": [["1"] * 50]},
    *({"type": "relu"} for _ in range(3)),
    {
        **_LOADED["instance.layers"][0],
        "shape": [1, 1, 99_951],
        "window": [1, 90],
        "weights": [["1"] * 90],
    },
] + [
    {
        **_LOADED["instance.layers"][0],
        "shape": [1, 1, 99_862 - 98 * k],
        "window": [1, 99],
        "weights": [["1"] * 99],
    }
    for k in range(60)
]
_LOADED["statement.facts"] = [{"fact": "same softmax", "point": 0, "as": 1}]
_LOADED["instance.points"][1] = {"exponent": 0, "integers": [2] * 100_000}

MALFORMED = [
    # Numerals.
    Refusal(
        "rank", {"instance.matrix.0.0": 1}, f"{_I}.matrix[0][0]", "numeral in a string, got in"
    ),
    Refusal("rank", {"instance.matrix.0.0": None}, f"{_I}.matrix[0][0]", "got null"),
    Refusal("rank", {"instance.matrix.0.0": "2/4"}, f"{_I}.matrix[0][0]", "'2/4' is not in lowest"),
    Refusal("rank", {"instance.matrix.0.0": "0/3"}, f"{_I}.matrix[0][0]", "numeral such as '-3/7'"),
    *(
        Refusal("rank", {"instance.matrix.0.0": text}, f"{_I}.matrix[0][0]", repr(text))
        for text in (
            "0.5",
            "1e3",
            "+1",
            "-0",
            "01",
            "3/1",
            "0/1",
            "-1/1",
            "1\n",
            "1/2\n",
            "\u0661",
            " 1",
            "1 ",
            "1\n",
            "1/0",
            "1/-2",
            "",
            "-",
            "nan",
            "inf",
            "1_000",
            "１",
            "0x1",
            "1/2/3",
        )
    ),
    # Shapes.
    Refusal("invariant-direction", {"instance.weights": []}, "instance.weights", "one row and one"),
    Refusal(
        "invariant-dimension",
        {"instance.weights.integers.0": []},
        f"{_I}.weights.integers[1]",
        "expected 0 entries, got 3",
    ),
    Refusal(
        "invariant-direction",
        {"statement.direction": ["1"]},
        f"{_S}.direction",
        "expected 2 entries, got 1",
    ),
    Refusal("rank", {"instance.matrix": []}, "instance.matrix", "at least one row and one column"),
    Refusal("rank", {"instance.matrix": [[]]}, "instance.matrix", "at least one row and one colum"),
    Refusal("rank", {"instance.matrix": "1"}, f"{_I}.matrix", "expected a list, got str"),
    Refusal("rank", {"instance.matrix": ["1"]}, f"{_I}.matrix[0]", "expected a list, got str"),
    Refusal("rank", {"instance.matrix.1": ["0"]}, f"{_I}.matrix[1]", "expected 2 entries, got 1"),
    Refusal("max-margin", {"instance.points": [["0"]]}, f"{_I}.points", "expected 2 rows, got 1"),
    Refusal("max-margin", {"instance": {"points": [], "labels": []}}, f"{_I}.labels", "one entry"),
    Refusal(
        "every-separator/weak", {"statement.weak": []}, f"{_S}.weak", "expected at least one entry"
    ),
    Refusal("every-separator/weak", {"statement.weak": [1, 1]}, f"{_S}.weak", "occurs twice"),
    Refusal("every-separator/weak", {"statement.weak": [3]}, f"{_S}.weak[0]", "from 0 to 2, got 3"),
    Refusal("convex-direction", {"statement.label": 0}, f"{_S}.label", "expected -1 or 1"),
    Refusal("convex-direction", {"evidence.outside": 2}, f"{_E}.outside", "from 0 to 1, got 2"),
    Refusal("max-margin", {"instance.labels": [0, 1]}, f"{_I}.labels[0]", "expected -1 or 1"),
    Refusal("max-margin", {"instance.labels": [-1, True]}, f"{_I}.labels[1]", "expected -1 or 1"),
    Refusal("max-margin", {"instance.labels": [-1, "1"]}, f"{_I}.labels[1]", "expected -1 or 1"),
    Refusal("max-margin", {"statement.normal": ["1"]}, f"{_S}.normal", "expected 2 entries, got 1"),
    Refusal(
        "max-margin", {"statement.homogeneous": 0}, f"{_S}.homogeneous", "true or false, got i"
    ),
    Refusal(
        "max-margin/compact",
        {"instance.points.integers.1": [1]},
        f"{_I}.points.integers[1]",
        "expected 2 entries, got 1",
    ),
    Refusal(
        "max-margin/compact",
        {"instance.points.integers": [[0, 0]]},
        f"{_I}.points.integers",
        "expected 2 rows, got 1",
    ),
    Refusal(
        "max-margin/compact",
        {"instance.points.integers.1": [1, "1/2"]},
        f"{_I}.points.integers[1]",
        "expected integers",
    ),
    Refusal(
        "max-margin/compact",
        {"instance.points.integers.1": [1, True]},
        f"{_I}.points.integers[1]",
        "expected a numeral in a string, got bool",
    ),
    Refusal(
        "max-margin/compact",
        {"instance.points.exponent": -10_001},
        f"{_I}.points.exponent",
        "from -10000 to 10000, got -10001",
    ),
    # Parts that have to fit together.
    Refusal(
        "separator-steps",
        {"instance.queries": {"points": [["0", "7"]], "labels": [-1]}},
        f"{_I}.queries.points[0]",
        "expected 1 entries, got 2",
    ),
    Refusal(
        "network-flip",
        {"instance.points": [["-1", "9"], ["0", "9"]]},
        f"{_I}.network.weights[0]",
        "expected 2 entries, got 1",
    ),
    Refusal(
        "rule-facts",
        {"instance.points": [["0", "5"]]},
        f"{_I}.points[0]",
        "expected 1 entries, got 2",
    ),
    Refusal(
        "rule-facts/all rules",
        {"instance.rules.0.normal": ["1", "1"]},
        "instance.rules",
        "expected one dimension, got [1, 2]",
    ),
    Refusal(
        "rule-facts/all rules",
        {
            "instance.rules.3.cells": [
                {"matrix": [["1"]], "right_side": ["0"], "strict": [False]},
                {"matrix": [["1", "1"]], "right_side": ["0"], "strict": [False]},
            ]
        },
        "rule.cells",
        "expected one dimension, got [1, 2]",
    ),
    # Cells that no point is asked about, behind one without rows.
    Refusal(
        "rule-facts/all rules",
        {
            "instance.rules.3.cells": [
                {"matrix": [], "right_side": [], "strict": []},
                {"matrix": [["1", "1"]], "right_side": ["0"], "strict": [False]},
            ]
        },
        "instance.rules",
        "expected one dimension, got [1, 2]",
    ),
    Refusal(
        "rule-facts",
        {
            "instance": {
                "rules": [{"type": "linear", "normal": [], "offset": "1", "zero": 0}],
                "points": [[]],
                "labels": [1],
            }
        },
        "instance.rules",
        "expected one dimension, got [0]",
    ),
    # Certificates that would state nothing.
    *(
        Refusal(name, {f"statement.{field}": []}, f"{_S}.{field}", "expected at least one entry")
        for name, field in (
            ("rule-facts", "facts"),
            ("network-points", "facts"),
            ("network-flip", "flips"),
            ("invariant-regions", "regions"),
            ("arithmetic", "relations"),
        )
    ),
    Refusal(
        "rule-facts",
        {"instance.points": [], "instance.labels": []},
        f"{_S}.facts[0].fact",
        "expected at least one point to be accurate on",
    ),
    Refusal(
        "every-model",
        {"instance.labels": [], "instance.points": []},
        f"{_I}.labels",
        "expected at least one entry",
    ),
    Refusal("every-model", {"instance.points": [[]]}, "instance.points", "one coordinate"),
    Refusal("separable", {"instance.points": [[], []]}, f"{_I}.labels", "one coordinate"),
    *(
        Refusal("network-points", edits, f"{_I}.{place}", reason)
        for edits, place, reason in (
            ({"instance.points": []}, "points", "expected at least one entry"),
            ({"instance.points": [[], []]}, "points[0]", "a moderate size, got 0 values"),
            ({"instance.points.1": ["0"]}, "points[1]", "expected 2 entries, got 1"),
            ({"instance.points.0.integers": [1]}, "points[1]", "expected 1 entries, got 2"),
            ({"instance.points.0.exponent": 10001}, "points[0].exponent", "from -10000 to 10000"),
            ({"instance.points.0.more": 1}, "points[0]", "unknown field 'more'"),
            ({"instance.points.0.integers": ["1/2", 0]}, "points[0].integers", "expected integers"),
            ({"instance.layers.0.biases": ["0"]}, "layers[0].weights", "1 rows, got 2"),
            ({"instance.layers.0.weights.0": ["1"]}, "layers[0].weights[0]", "2 entries, got 1"),
            ({"instance.layers.0.type": "dense"}, "layers[0].type", "unknown layer 'dense'"),
            ({"instance.layers.0.type": ["relu"]}, "layers[0].type", "unknown layer ['relu']"),
            ({"instance.layers.0.more": 1}, "layers[0]", "unknown field 'more'"),
            (
                {"instance.layers.0": {"type": "affine", "weights": [], "biases": []}},
                "layers[0].type",
                "a moderate size, got 0 values",
            ),
        )
    ),
    *(
        Refusal("network-points/image", {f"instance.layers.{path}": value}, place, reason)
        for path, value, place, reason in (
            ("1.shape", [1, 4, 4], f"{_I}.layers[1].type", "an image of 12 values, got 1 x 4 x 4"),
            ("1.shape", [12, 1], f"{_I}.layers[1].shape", "expected 3 entries, got 2"),
            ("1.shape", [0, 3, 4], f"{_I}.layers[1].shape[0]", "an integer at least 1, got 0"),
            ("1.window", [4, 1], f"{_I}.layers[1].type", "with a window 4 x 1"),
            ("1.window", [1, 5], f"{_I}.layers[1].type", "with a window 1 x 5"),
            ("1.window", [True, 2], f"{_I}.layers[1].window[0]", "an integer, got bool"),
            ("1.window", [2, 1], f"{_I}.layers[1].weights.integers[0]", "2 entries, got 4"),
            ("3.window", [3, 1], f"{_I}.layers[3].type", "with a window 3 x 1"),
            ("3.shape", [3, 2, 2], f"{_I}.layers[4].weights[0]", "expected 6 entries, got 4"),
            ("0.factor", 2, f"{_I}.layers[0].factor", "a numeral in a string, got int"),
        )
    ),
    *(
        Refusal("network-points", {f"statement.facts.{path}": value}, place, reason)
        for path, value, place, reason in (
            ("0.point", 2, f"{_S}.facts[0].point", "from 0 to 1, got 2"),
            ("0.label", 2, f"{_S}.facts[0].label", "from 0 to 1, got 2"),
            ("1.fact", "cube", f"{_S}.facts[1].fact", "unknown fact 'cube'"),
            ("2.of", 1, f"{_S}.facts[2].fact", "expected two different points"),
            ("3.as", 1, f"{_S}.facts[3].fact", "expected two different points"),
            ("3.as", 2, f"{_S}.facts[3].as", "from 0 to 1, got 2"),
            ("1.label", 0, f"{_S}.facts[1]", "unknown field 'label'"),
        )
    ),
    # Small texts that ask for many or for long numbers.
    Refusal("network-points", _WIDE, f"{_I}.layers[0].type", "got 1001000 values"),
    Refusal("network-points", _LONG, f"{_I}.layers[0].type", "got 1000000 values of 10006 bits"),
    Refusal("network-points", _COPIES, "outputs", "got 1000 values of 10006 bits"),
    *(Refusal("network-points", edits, f"{_I}.points[1]", "moderate size") for edits in _SHIFTED),
    Refusal("network-points", _LOADED, "certificate.instance", "more work than a document of"),
    # Integers and indices.
    Refusal("rank", {"statement.rank": True}, f"{_S}.rank", "expected an integer, got bool"),
    Refusal("rank", {"statement.rank": "1"}, f"{_S}.rank", "expected an integer, got str"),
    Refusal("rank", {"statement.rank": -1}, f"{_S}.rank", "an integer at least 0, got -1"),
    Refusal(
        "rank", {"evidence.prime": 1}, f"{_E}.prime", "an integer from 2 to 18446744073709551615"
    ),
    Refusal("rank", {"evidence.prime": 2**64}, f"{_E}.prime", "an integer from 2 to 1844674407370"),
    Refusal("rank", {"evidence.prime": 10**4000}, f"{_E}.prime", "an integer from 2 to 18446744"),
    Refusal("rank", {"evidence.rows": [2]}, f"{_E}.rows[0]", "an integer from 0 to 1, got 2"),
    Refusal("rank", {"evidence.free": [True]}, f"{_E}.free[0]", "expected an integer, got bool"),
    Refusal("rank", {"evidence.rows": [0, 0]}, f"{_E}.rows", "an index occurs twice"),
    # Fields, in every part and in nested objects.
    Refusal("rank", {"statement.rank": DELETE}, "certificate.statement", "'rank' is missing"),
    Refusal("rank", {"evidence.more": 1}, "certificate.evidence", "unknown field 'more'"),
    Refusal("rank", {"statement.more": 1}, "certificate.statement", "unknown field 'more'"),
    Refusal("rank", {"instance.more": 1}, "certificate.instance", "unknown field 'more'"),
    Refusal(
        "separator-steps", {"instance.separator.more": 1}, f"{_I}.separator", "unknown field 'more'"
    ),
    Refusal("separator-steps", {"instance.queries.x": 1}, f"{_I}.queries", "unknown field 'x'"),
    Refusal("lp-optimal", {"instance.equalities.x": 1}, f"{_I}.equalities", "unknown field 'x'"),
    Refusal("network-flip", {"instance.network.x": 1}, f"{_I}.network", "unknown field 'x'"),
    Refusal("network-flip", {"instance.network": []}, f"{_I}.network", "expected an object, got l"),
    Refusal("network-flip", {"statement.flips.0.x": 1}, f"{_S}.flips[0]", "unknown field 'x'"),
    Refusal("rule-facts", {"instance.rules.0.x": 1}, f"{_I}.rules[0]", "unknown field 'x'"),
    Refusal("rule-facts", {"statement.facts.0.x": 1}, f"{_S}.facts[0]", "unknown field 'x'"),
    Refusal("every-model", {"evidence.gaps.0.x": 1}, f"{_E}.gaps[0]", "unknown field 'x'"),
    Refusal("universal-step", {"evidence.limit.x": 1}, f"{_E}.limit", "unknown field 'x'"),
    Refusal("universal-step/infinite", {"statement.step": "1"}, _S, "unknown field 'step'"),
    # Values that only one kind knows.
    Refusal(
        "network-flip",
        {
            "instance.network": {
                **GOLDEN["network-flip"]["instance"]["network"],
                "output": [],
                "weights": [],
                "biases": [],
            }
        },
        "network",
        "at least one unit",
    ),
    Refusal(
        "rule-facts", {"instance.rules.0.type": "x"}, f"{_I}.rules[0].type", "unknown rule 'x'"
    ),
    Refusal("rule-facts", {"instance.rules.0.zero": 2}, f"{_I}.rules[0].zero", "from -1 to 1, got"),
    Refusal(
        "rule-facts", {"statement.facts.1.label": True}, f"{_S}.facts[1].label", "integer, got bool"
    ),
    Refusal("rule-facts", {"statement.facts.0.rule": 1}, f"{_S}.facts[0].rule", "from 0 to 0, got"),
    Refusal(
        "rule-facts", {"statement.facts.1.fact": "x"}, f"{_S}.facts[1].fact", "unknown fact 'x'"
    ),
    Refusal(
        "rule-facts/all rules",
        {"instance.rules.1": {"type": "argmax", "weights": [], "bias": [], "lowest": False}},
        "rule.bias",
        "at least one class",
    ),
    Refusal(
        "rule-facts/all rules",
        {"instance.rules.3.cells.0.strict": [True]},
        f"{_I}.rules[3].cells[0].strict",
        "expected 2 truth values",
    ),
    Refusal(
        "rule-facts/all rules",
        {"instance.rules.3.cells.0.strict": [0, 1]},
        f"{_I}.rules[3].cells[0].strict",
        "expected 2 truth values",
    ),
    Refusal("bounded", {"statement.bounded": False}, "statement.bounded", "expected true"),
    Refusal("decision-region", {"statement.region": "x"}, f"{_S}.region", "got 'x'"),
    Refusal("parallel", {"statement.second": [1, 0]}, "statement", "two different pairs of class"),
    Refusal("parallel", {"statement.first": [1]}, f"{_S}.first", "expected 2 entries, got 1"),
    Refusal("adjacency", {"statement.classes": [0]}, f"{_S}.classes", "expected 2 entries, got 1"),
    Refusal(
        "adjacency/third class",
        {"statement.classes": [0, 1, 2]},
        f"{_S}.classes",
        "expected 2 entries, got 3",
    ),
    *(
        Refusal(
            "arithmetic", {"instance.numbers.0.name": name}, f"{_I}.numbers[0].name", "a new id"
        )
        for name in ("1", "", "a b", "a\n", "\u0435psilon", "a\u00b7b", "x\u0301", "\u2118", "\x7f")
    ),
    Refusal(
        "arithmetic", {"statement.relations.0.1": ">"}, f"{_S}.relations[0]", "[left, operator"
    ),
    Refusal(
        "arithmetic", {"statement.relations.0": ["1"]}, f"{_S}.relations[0]", "[left, operator"
    ),
    Refusal("arithmetic", {"statement.relations.0": 1}, f"{_S}.relations[0]", "expected a list"),
    Refusal("arithmetic", {"statement.relations.0.2": "b"}, f"{_S}.relations[0][2]", "got 'b'"),
    *(
        Refusal("arithmetic", {"statement.relations.0.0": expression}, f"{_S}.relations[0][0]", say)
        for expression, say in (
            ([], "cannot evaluate None of 0 values"),
            (["/", "1", "0"], "cannot evaluate '/' of 2 values"),
            (["^", "2", "1/2"], "cannot evaluate '^' of 2 values"),
            (["^", "2", "-1"], "cannot evaluate '^' of 2 values"),
            (["max"], "cannot evaluate 'max' of 0 values"),
            (["abs", "1", "2"], "cannot evaluate 'abs' of 2 values"),
            (["sin", "1"], "cannot evaluate 'sin' of 1 values"),
            (["^", "10", "9999999"], "the numbers are too long"),
            (["^", ["^", "10", "99999"], "99999"], "the numbers are too long"),
            (["^", "1", ["^", "10", "5000"]], "the numbers are too long"),
            (["^", "0", "4000001"], "the numbers are too long"),
        )
    ),
    Refusal("binomial-tail", {"statement.successes": 3}, f"{_S}.successes", "from 0 to 2, got 3"),
    Refusal("binomial-tail", {"instance.trials": 0}, f"{_I}.trials", "from 1 to 200000, got 0"),
    Refusal(
        "binomial-tail",
        {"instance.trials": 200_000, "statement.successes": 100_000},
        "instance.trials",
        "got 100001 of 200000 trials at 2 bits",
    ),
    Refusal(
        "arithmetic",
        {"statement.relations": [[["^", "3", "300000"], "!=", "1"]] * 9},
        f"{_S}.relations[0]",
        "too long to compute with",
    ),
    Refusal(
        "network-points",
        WIDE_WINDOWS,
        f"{_I}.layers[0].type",
        "its windows hold more than 10000000 values",
    ),
]
