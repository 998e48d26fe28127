"""Trees of parts as certificates of kind ``no-counterexample``."""

from collections.abc import Iterable
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

    evidence = settings(floats.relaxation.refined, GRID, every=False)
    written = [trees.document(i, described, closed) for i in range(len(question.properties))]
    return stated(question, {**evidence, "trees": written})


def settings(refined: Iterable[int], grid: int, *, every: bool) -> dict[str, Any]:
    """Return how bounds are computed: in units of 2^-grid, anew in every leaf or not."""
    return {"grid": grid, "bits": BITS, "refine": [[k, None] for k in refined], "every": every}


def closed(leaf: Leaf) -> dict[str, Any]:
    """Return a leaf as it stands in a certificate."""
    found: dict[str, Any] = {}
    if len(leaf.weights) > 1:
        found["weights"] = [round(w * 2**BITS) for w in leaf.weights]
    if any(ties := [round(t * 2**BITS) for t in leaf.ties]):
        found["ties"] = ties
    return found


def stated(question: Question, evidence: dict[str, Any]) -> Certificate:
    """Return the certificate of the answer "no" to a question."""
    return Certificate("no-counterexample", instance(question), _statement(question), evidence)


def instance(question: Question) -> dict[str, Any]:
    """Return network and box as they stand in a certificate."""
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
