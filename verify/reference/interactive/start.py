"""The data with which each figure starts: exact worked instances of its claims, as floats."""

from collections.abc import Callable
from typing import Any, TypeAlias

from certify.numbers.rationals import Rows, Vector, combine, dot
from verify.claims.charles2019 import cor_6_remark, lem_13, sec6_nontransfer, thm_4, thm_10
from verify.claims.zou2018 import thm_2
from verify.claims.zou2018.shared import regions
from verify.claims.zou2018.without import parallel as parallel_counterexamples
from verify.objects import LabelledSet, LinearRule, SoftmaxHead

Start: TypeAlias = dict[str, Any]


def _floats(vector: Vector) -> list[float]:
    return [float(c) for c in vector]


def _rows(rows: Rows) -> list[list[float]]:
    return [_floats(row) for row in rows]


def _labelled(data: LabelledSet) -> Start:
    return {"points": _rows(data.points), "labels": list(data.labels)}


def _margin(claim: str) -> Start:
    (query,) = thm_4.EXAMPLE.queries
    return {**_labelled(cor_6_remark.EXAMPLE.data), "query": _floats(query), "tilt": 0.75}


def _hyperplane(unit: LinearRule, aside: int) -> dict[str, list[float]]:
    """Return a point of the hyperplane, away from its foot, and the tip of the normal from there.

    Two handles move the hyperplane; at the feet they would cover the data.
    """
    w = unit.normal
    at = combine((-unit.offset / dot(w, w), w), (aside, (-w[1], w[0])))
    return {"at": _floats(at), "tip": _floats(combine((1, at), (1, w)))}


def _relu(claim: str) -> Start:
    """Return the data of Theorem 10 under the quadrant of Lemma 13, which is right on it.

    The network of Theorem 10's own example has a line as its -1 region, too thin to be seen. The
    third unit, at first switched off, closes the quadrant; the free direction is the one that
    Theorem 15's example shows to be universal for linear rules only.
    """
    example, network = lem_13.EXAMPLE, lem_13.EXAMPLE.network
    t = example.parameter
    quadrant = zip(network.weights, network.biases, (-2, 2), strict=True)
    units = [*(_hyperplane(LinearRule(w, b), aside) for w, b, aside in quadrant),
             _hyperplane(LinearRule.of(["-1/2", "-1/2"], "-3/2"), 0)]  # fmt: skip
    return {
        **_labelled(thm_10.EXAMPLE.data),
        "query": _floats(combine((1 - t, example.start), (t, example.end))),
        "free": [0.0, 1.0],
        "units": units,
        "third": False,
    }


def _head(name: str, head: SoftmaxHead) -> Start:
    return {"name": name, "weights": _rows(regions.columns(head)), "bias": _floats(head.bias)}


def _softmax(claim: str) -> Start:
    """Return softmax heads, first one that shows what the claim says."""
    heads = [
        _head("four classes, one enclosed", regions.simplex_layer(2, 0)),
        _head("three classes, none enclosed", SoftmaxHead.of([[1, 0, -1], [0, 1, -1]], [0, 0, 0])),
        _head("three classes, parallel differences", parallel_counterexamples.SQUEEZED_PLANE),
        _head("two classes", thm_2.SQUARE),
    ]
    # Theorems 1 and 2 are about directions that all of the first two lack; regions that end, not.
    chosen = 0 if claim == "zou-unbounded" else len(heads) - 1
    first = heads[chosen]
    return {
        "heads": heads,
        "chosen": chosen,
        "weights": first["weights"],
        "bias": first["bias"],
        "first": first["bias"][0],
        "point": [1.5, -1.5],
        "theta": 1.0,
    }


def _section6(claim: str) -> Start:
    data, (query,) = sec6_nontransfer.EXAMPLE
    # With (0, 1) labelled +1 the max-margin direction is the same and turns every rule.
    return {
        **_labelled(data),
        "query": _floats(query),
        "extra": [0.0, 1.0],
        "more": False,
        "slope": 0.0,
    }


STARTS: dict[str, Callable[[str], Start]] = {
    "margin": _margin,
    "relu": _relu,
    "softmax": _softmax,
    "section6": _section6,
}
