"""Certificates of the decision regions of softmax layers and of what changes no output."""

from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from certify.certificates import facts
from certify.certificates.certificate import Certificate
from certify.certificates.encoding import to_json
from certify.certificates.objects import SoftmaxHead
from certify.numbers.rationals import Vector, combine, dot, text, texts

if TYPE_CHECKING:
    from certify.polyhedra.polyhedron import Boundedness


def invariant_regions(
    head: SoftmaxHead, direction: Vector, members: Sequence[tuple[int, Vector]]
) -> Certificate:
    """Whole lines along the direction stay in the region of each (class, point)."""
    return Certificate(
        "invariant-regions",
        to_json(head),
        {
            "direction": texts(direction),
            "regions": [{"class": i, "point": texts(h)} for i, h in members],
        },
        {},
    )


def logits_differ(head: SoftmaxHead, direction: Vector) -> Certificate:
    """Some w_i.d and w_m.d differ: the direction d changes softmax outputs.

    ``direction`` must not be invariant; the first class that tells is used.
    """
    *others, last = zip(*head.weights, strict=True)
    gaps = (combine((1, w), (-1, last)) for w in others)
    gap = next(v for v in gaps if dot(v, direction))
    named: dict[str, Fraction | int] = {
        f"{name}{k}": x for name, v in (("v", gap), ("d", direction)) for k, x in enumerate(v)
    }
    product = ["+", *(["*", f"v{k}", f"d{k}"] for k in range(len(gap)))]
    return facts.arithmetic(named, [(product, "!=", "0")])


def decision_region(head: SoftmaxHead, i: int, shape: "Boundedness") -> Certificate:
    """The region of class i is empty, bounded or unbounded, as decided for its polyhedron."""
    statement: dict[str, Any] = {"class": i, "region": "empty"}
    if shape.point is None:
        assert shape.combination is not None
        evidence: dict[str, Any] = {"combination": texts(shape.combination)}
    else:
        evidence = dict(shape.certificate.evidence)
        statement["region"] = "bounded" if shape.bounded else "unbounded"
        statement["point"] = texts(shape.point)
        if shape.ray is not None:
            statement["ray"] = texts(shape.ray)
    return Certificate("decision-region", to_json(head), statement, evidence)


def unbounded_region(head: SoftmaxHead, i: int, point: Vector, ray: Vector) -> Certificate:
    """The region of class i holds the point and never ends along the ray."""
    statement = {"class": i, "region": "unbounded", "point": texts(point), "ray": texts(ray)}
    return Certificate("decision-region", to_json(head), statement, {})


def adjacent(head: SoftmaxHead, i: int, j: int, point: Vector) -> Certificate:
    """At the point z_i = z_j, and every other logit is smaller: i and j share a facet."""
    statement = {"classes": [i, j], "adjacent": True, "point": texts(point)}
    return Certificate("adjacency", to_json(head), statement, {})


def apart(head: SoftmaxHead, i: int, j: int, combination: Vector, t: Fraction) -> Certificate:
    """A mixture of other logits exceeds t z_i + (1 - t) z_j everywhere: i and j never meet."""
    return Certificate(
        "adjacency",
        to_json(head),
        {"classes": [i, j], "adjacent": False},
        {"combination": texts(combination), "parameter": text(t)},
    )


def parallel(
    head: SoftmaxHead, first: tuple[int, int], second: tuple[int, int], factor: Fraction
) -> Certificate:
    """The bisectors of two pairs are parallel: w_i - w_j = factor (w_k - w_l), not zero."""
    return Certificate(
        "parallel",
        {"weights": to_json(head.weights)},
        {"parallel": True, "first": list(first), "second": list(second)},
        {"factor": text(factor)},
    )


def not_parallel(head: SoftmaxHead) -> Certificate:
    """No two bisectors are parallel, whichever two pairs of classes are taken."""
    return Certificate("parallel", {"weights": to_json(head.weights)}, {"parallel": False}, {})
