"""Why the checker accepts some mutants: the reason for each place where a change leaves a truth.

A mutant of the evidence alone is about the same true statement as before, so accepting it accepts
nothing false. A mutant of the instance or of the statement is another certificate, and it has to be
accepted where it proves what it says. The table names the places where that happens, each with the
mathematical reason; a mutant accepted anywhere else is a survivor, and a defect.
"""

from __future__ import annotations

from verify.trust.mutants.documents import Mutant

SAME_STATEMENT = "other evidence of the same true statement"

_FEATURES = "a feature, a class or a bias that the stated shape of the region does not depend on"
_SLACK = "an inequality with slack at the points in question, or only relaxed"
_RENAMED = "rows and columns in another order, or a coordinate that the statement does not use"
_EVALUATED = "every fact is evaluated anew, and holds of the changed "

# By kind, and by the beginning of the place, without indices.
_REASONS: dict[str, dict[str, str]] = {
    "rank": {"instance.matrix": "the minor and the null space fit the changed matrix as well"},
    "null-space": {"instance.matrix": "an equation that follows from the others"},
    "linear-system-inconsistent": {
        "instance.matrix": "the same combination of the equations is still a contradiction",
        "instance.right_side": "the same combination still leaves a number other than 0",
    },
    "lp-optimal": {
        "instance.equalities.matrix": "a coefficient of a variable that stays at its bound",
        "instance.inequalities.matrix": "an inequality that is not tight, or a variable that is 0",
        "instance.inequalities.right_side": "an inequality that is not tight at the optimum",
        "instance.nonnegative": "a variable whose sign the optimum does not use",
        "instance.objective": "a cost of a variable that is 0, still not worth raising",
        "statement.x": "equal coordinates exchanged, or another optimum",
    },
    "lp-infeasible": {
        "instance.equalities": "the combination is still a contradiction",
        "instance.inequalities": "the combination is still a contradiction",
        "instance.nonnegative": "a sign that the contradiction does not use",
        "instance.objective": "feasibility does not depend on the objective",
    },
    "lp-unbounded": {
        "instance.equalities": "point and ray satisfy the changed equations",
        "instance.inequalities": "point and ray satisfy the changed inequalities",
        "instance.nonnegative": "point and ray have the changed signs",
        "instance.objective": "the ray still improves the changed objective",
        "statement.ray": "another ray that improves for ever",
        "statement.x": "another feasible point",
    },
    "max-margin": {
        "instance.points": "a point without weight that stays on its side of the strip",
        "statement.homogeneous": "the offset is 0, so both problems have this solution",
    },
    "not-separable": {
        "instance.labels": "the same combination, of the other label",
        "instance.points": "the same combination of the changed points",
        "statement.homogeneous": "fewer rules to exclude, or weights that balance the labels too",
    },
    "separable": {
        "instance.points": "the rule is right on the changed points",
        "statement.homogeneous": "the rule has the offset 0",
    },
    "every-separator": {
        "instance.labels": "a point without weight",
        "instance.points": "a point without weight, or a coordinate that cancels",
        "statement.weak": "other weak points, or none: one that is not still has a multiplier",
    },
    "separator-steps": {
        "instance.points": "a point that does not have the least margin",
        "instance.queries": "a query moved along the boundary, with the same margin",
        "instance.separator": "another separator, for which the steps are the same",
    },
    "some-point-flips": {"instance.points": "a point without weight, outside the strip"},
    "invariant-space": {"instance.weights": "the basis fits the changed weights as well"},
    "invariant-dimension": {
        "instance.weights": "the changed weights have the same rank, by the same minor",
    },
    "invariant-direction": {
        "instance.weights.exponent": "a common factor of all weights changes no null space",
        "statement.direction": "equal coordinates of the features exchanged",
    },
    "invariant-regions": {
        "instance.bias": "the class of each point still wins",
        "statement.direction": "another direction of the space",
        "statement.regions": "another region, or another point of the same",
    },
    "convex-negative-region": {
        "instance.network": "the changed network has the same, or again a convex region",
        "statement.segments": "no segment, or another whose ends are in the region",
    },
    "relu-universal-direction": {
        "instance.labels": "a point that the direction does not need",
        "instance.points": "a point that the direction does not need, or moved with its partner",
    },
    "convex-direction": {
        "instance.labels": "a point that the direction does not need",
        "instance.points": "a point that the direction does not need, or moved with its partner",
    },
    "network-flip": {
        "instance.network": "the changed network is right on the points and flips at the step",
        "instance.points": "the network is right on the changed points",
        "statement.direction": "another direction along which the points flip",
        "statement.flips": "another point, or step, that flips",
    },
    "rule-facts": {
        "instance.labels": "labels of points that no fact is about",
        "instance.points": _EVALUATED + "data",
        "instance.rules": _EVALUATED + "rule",
        "statement.facts": "another fact, which is evaluated and holds",
    },
    "universal-step": {
        "instance.points": "a point that the extreme rule does not touch",
        "statement.direction": "another direction with the same step of the same point",
    },
    "every-model": {
        "instance.labels": "a point without weight",
        "instance.points": "a point without weight, or a coordinate that cancels",
    },
    "class-left": {
        "instance.labels": "a point without weight",
        "instance.points": "a point without weight, or a coordinate that cancels",
    },
    "relu-label-forced": {
        "instance.labels": "a point without weight",
        "instance.points": "a point without weight",
    },
    "bounded": {"instance.right_side": "boundedness does not depend on the right side"},
    "unbounded-polyhedron": {
        "instance.matrix": "point and ray satisfy the changed inequalities",
        "instance.right_side": _SLACK,
    },
    "decision-region": {
        "instance.bias": _SLACK,
        "instance.weights": _FEATURES,
        "statement.class": "another class, of a region of the same shape",
        "statement.point": "another point of the region",
        "statement.ray": "another ray in the region",
    },
    "adjacency": {
        "statement.point": "another point of the same facet",
        "instance.bias": _SLACK,
        "instance.weights": _RENAMED,
        "statement.classes": "being neighbours does not depend on the order",
    },
    "parallel": {"instance.weights": _RENAMED},
    "network-points": {
        "instance.layers": _EVALUATED + "network",
        "instance.points": _EVALUATED + "points",
        "statement.facts": "another fact, which is evaluated and holds",
    },
    "arithmetic": {
        "instance.numbers": "every relation is evaluated anew, and holds of the changed numbers",
        "statement.relations": "another relation, which is evaluated and holds",
    },
    "binomial-tail": {
        "instance": "the tail of the changed law is within the bound as well",
        "statement": "a weaker bound, or a tail that is still within it",
    },
}


def reason(mutant: Mutant) -> str:
    """Return why an accepted mutant says nothing false; nothing if no reason is known."""
    if mutant.part == "evidence":
        return SAME_STATEMENT
    for place, why in _REASONS.get(mutant.kind, {}).items():
        if mutant.pattern.replace("[]", "").startswith(place):
            return why
    return ""
