"""Trees of parts as certificates of kind ``no-counterexample``."""

from typing import Any

from certify.bounds.evaluation import Floats
from certify.bounds.question import Question
from certify.bounds.tree import Leaf, Trees
from certify.certificates.certificate import Certificate
from certify.numbers.rationals import texts

GRID = 40  # bounds and coefficients are multiples of 2^-GRID
BITS = 12  # and multipliers of 2^-BITS


def certificate(floats: Floats, trees: Trees) -> Certificate:
    """Return what proves that no part of the box has a counterexample."""
    question, splits = floats.question, floats.splits
    node, first, second = (x.tolist() for x in (splits.node, splits.first, splits.second))

    def described(k: int) -> dict[str, Any]:
        return {"split": [node[k], first[k], *([second[k]] if second[k] >= 0 else [])]}

    def closed(leaf: Leaf) -> dict[str, Any]:
        found: dict[str, Any] = {}
        if len(leaf.weights) > 1:
            found["weights"] = [round(w * 2**BITS) for w in leaf.weights]
        if any(ties := [round(t * 2**BITS) for t in leaf.ties]):
            found["ties"] = ties
        return found

    evidence = {
        "grid": GRID,
        "bits": BITS,
        "refine": [[k, None] for k in floats.relaxation.refined],
        "every": False,
        "trees": [trees.document(i, described, closed) for i in range(len(question.properties))],
    }
    return Certificate("no-counterexample", _instance(question), _statement(question), evidence)


def _instance(question: Question) -> dict[str, Any]:
    return {
        "nodes": question.network.to_json(),
        "lower": texts(question.box.lower),
        "upper": texts(question.box.upper),
    }


def _statement(question: Question) -> dict[str, Any]:
    return {
        "properties": [
            {"matrix": [texts(row) for row in p.matrix], "right_side": texts(p.right_side)}
            for p in question.properties
        ]
    }
