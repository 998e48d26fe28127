"""Certificates of what networks say: facts about points, and directions along which rules flip."""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Any

from certify.certificates.certificate import Certificate
from certify.certificates.encoding import to_json
from certify.certificates.facts import Fact
from certify.certificates.objects import LabelledSet, TwoLayerNetwork
from certify.networks.graph import Network
from certify.networks.operations import Operation, Relu, compact
from certify.networks.relu import ReluNetwork
from certify.numbers.rationals import DyadicArray, Vector, text, texts


def network_points(network: Network, points: Iterable[Any], facts: Sequence[Fact]) -> Certificate:
    """Certify facts about points, which are given as for :meth:`Network.outputs`."""
    shown = [
        compact(x.exponent, x.integers[0]) if isinstance(x, DyadicArray) else texts(x)
        for x in network.exact(points)
    ]
    instance = {"nodes": network.to_json(), "points": shown}
    return Certificate("network-points", instance, {"facts": list(facts)}, {})


def label(point: int, k: int) -> Fact:
    """Output k at the point is larger than all others."""
    return {"fact": "label", "point": point, "label": k}


def within(point: int, of: int, radius: Fraction) -> Fact:
    """The l-infinity distance of the point from point ``of`` is at most the radius."""
    return {"fact": "within", "point": point, "of": of, "radius": text(radius)}


def box(point: int) -> Fact:
    """All coordinates of the point lie in [0, 1]."""
    return {"fact": "box", "point": point}


def same_softmax(point: int, other: int) -> Fact:
    """The two points differ, and their outputs by a constant: their softmax outputs are equal."""
    return {"fact": "same softmax", "point": point, "as": other}


def votes(point: int, k: int) -> Fact:
    """Class k has most votes at the point, more than those before it.

    The outputs are those of pairs of classes, (0, 1), (0, 2), ..., (1, 2), ...: above 0 a pair
    votes for its first class, else for its second.
    """
    return {"fact": "votes", "point": point, "label": k}


def segment(start: int, end: int, k: int, steps: Sequence[Fraction], *, changes: bool) -> Fact:
    """Output k is larger than all others on the segment between two points.

    If it ``changes``, only up to the last of the ``steps`` but one, and another one is larger
    beyond. The steps increase from 0 at the start to 1 at the end; between them the network has to
    be affine.
    """
    return {
        "fact": "segment",
        "from": start,
        "to": end,
        "label": k,
        "changes": changes,
        "steps": texts(steps),
    }


def convex_negative_region(
    network: TwoLayerNetwork, segments: Sequence[tuple[Vector, Vector, Fraction]]
) -> Certificate:
    """The -1 region of a rule f > 0 is the polyhedron on which its units are silent."""
    active = [k for k, v in enumerate(network.output) if v > 0]
    return Certificate(
        "convex-negative-region",
        {"network": to_json(network)},
        {
            "matrix": [texts(network.weights[k]) for k in active],
            "right_side": [text(-network.biases[k]) for k in active],
            "segments": [
                {"start": texts(x), "end": texts(z), "parameter": text(t)} for x, z, t in segments
            ],
        },
        {},
    )


def relu_universal_direction(
    data: LabelledSet, direction: Vector, positive: int, combination: Vector, scale: Fraction
) -> Certificate:
    """The direction leads from the hull of the negative points to one positive point."""
    return Certificate(
        "relu-universal-direction",
        to_json(data),
        {"direction": texts(direction)},
        {"positive": positive, "combination": texts(combination), "scale": text(scale)},
    )


def relu_label_forced(
    data: LabelledSet, point: Vector, positive: int, weight: Fraction, combination: Vector
) -> Certificate:
    """A positive point is a mixture of this point, with positive weight, and negative points."""
    return Certificate(
        "relu-label-forced",
        to_json(data),
        {"point": texts(point)},
        {"positive": positive, "weight": text(weight), "combination": texts(combination)},
    )


def network_flip(
    data: LabelledSet,
    network: TwoLayerNetwork,
    direction: Vector,
    flips: Sequence[tuple[Vector, Fraction]],
) -> Certificate:
    """One accurate network changes from -1 to +1 at each stated step along the direction."""
    stated: list[dict[str, Any]] = [{"point": texts(x), "step": text(c)} for x, c in flips]
    return Certificate(
        "network-flip",
        {**to_json(data), "network": to_json(network)},
        {"direction": texts(direction), "flips": stated},
        {},
    )


def twin(network: ReluNetwork, origin: Vector, point: Vector, target: Vector) -> Certificate:
    """The point has exactly the softmax output of the target; its l_inf distance is the radius.

    The target itself is a twin as well, about which only the distance and the box say anything.
    """
    maps: list[Operation] = []
    for layer in network.layers:
        maps += [layer, Relu()]
    radius = max(abs(a - b) for a, b in zip(point, origin, strict=True))
    facts = [within(1, 0, radius), box(1)]
    others = [] if point == target else [target]
    facts += [same_softmax(1, 2) for _ in others]
    return network_points(Network.chain(*maps[:-1]), [origin, point, *others], facts)
