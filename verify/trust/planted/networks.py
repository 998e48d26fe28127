"""Labels of points by construction: ReLU rules at their borders, and classes with equal logits."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from random import Random

import numpy as np

from certify.certificates import facts, networks
from certify.certificates.certificate import Certificate
from certify.networks.graph import Network
from certify.networks.operations import Dense
from certify.networks.relu import ReluNetwork
from verify.objects import ArgmaxRule, TwoLayerNetwork
from verify.trust.planted.cancellation import Cancellation
from verify.trust.planted.instances import (
    BORDER,
    EASY,
    Array,
    Family,
    Instance,
    Json,
    cycled,
    exact,
    floats,
    nonzero,
    order,
    require_same,
    stated,
)

# The precision, and the bits of what cancels.
_CASES = {
    EASY: ("float64", 3),
    "by 2^-60": ("float64", 3),
    "by 2^-60, long": ("float64", 30),
    "by 2^-60, float32": ("float32", 12),
}
_TINY = 30  # half of the exponent of what decides


@dataclass(frozen=True, eq=False)
class ReluPoint:
    """sum_i v_i relu(w_i.x + b_i) compared with a threshold, at a point."""

    W: Array
    b: Array
    v: Array
    threshold: float
    strict: bool
    x: Array


@dataclass(frozen=True, eq=False)
class Logits:
    """Weights of classes, one row each, with biases, and a point."""

    W: Array
    b: Array
    x: Array


def _relu(rng: Random, number: int) -> Instance[ReluPoint]:
    """Plant every preactivation, one of them 0 or tiny, and a threshold at what the others give."""
    case, turn = cycled(number, tuple(_CASES))
    dtype, bits = _CASES[case]
    units, sign = rng.randint(2, 4), (1, -1, 1, 0)[turn % 4]
    z = [sign if case == EASY else 0, *(nonzero(rng, 4) for _ in range(units - 1))]
    v, strict = [nonzero(rng) for _ in z], rng.random() < 0.5
    if rng.random() < 0.4:
        # Class R: the label is +1 where some unit is active.
        z[1:] = [-abs(a) for a in z[1:]]
        v, strict = [1] * units, True
    threshold = sum(a * max(b, 0) for a, b in zip(v[1:], z[1:], strict=True))
    height = v[0] * max(sign, 0)
    holds = height > 0 or (height == 0 and not strict)
    tinies = [0 if case == EASY else sign] + [0] * (units - 1)
    rows = order(rng, units)
    W, b, x = Cancellation(rng, bits, _TINY).system([(z[i], tinies[i]) for i in rows], dtype)
    output = floats([v[i] for i in rows], dtype)
    data = ReluPoint(W, b, output, float(threshold), strict, x)
    return Instance(data, int(holds), holds, case if case == EASY or height else BORDER)


def _argmax(rng: Random, number: int) -> Instance[Logits]:
    """Plant every logit, the two largest equal or almost; the answer for a tie is -1."""
    case, turn = cycled(number, tuple(_CASES))
    dtype, bits = _CASES[case]
    top, sign = rng.randint(-4, 4), (1, 0, -1, 0)[turn % 4]
    z = [(top, 0), (top + sign, 0) if case == EASY else (top, sign)]
    z += [(top - rng.randint(2, 5), 0) for _ in range(rng.randint(1, 3))]
    rows = order(rng, len(z))
    W, b, x = Cancellation(rng, bits, _TINY).system([z[i] for i in rows], dtype)
    answer = rows.index(int(sign > 0)) if sign else -1
    return Instance(Logits(W, b, x), answer, answer >= 0, case if case == EASY or sign else BORDER)


def _relu_label(data: ReluPoint) -> Iterator[Certificate]:
    W, b, v, x = map(exact, (data.W, data.b, data.v, data.x))
    rule = TwoLayerNetwork(W, b, v, Fraction(data.threshold), data.strict)
    yield facts.certificate([rule], [facts.label(0, x, rule.label(x))])
    (value,) = ReluNetwork.of([(data.W, data.b), (data.v[None, :], [0])]).values(data.x)
    level = Fraction(data.threshold)
    label = 1 if value > level or (value == level and not data.strict) else -1
    yield facts.certificate([rule], [facts.label(0, x, label)])


def _largest(data: Logits) -> Iterator[Certificate]:
    rule = ArgmaxRule.of(exact(data.W), exact(data.b))
    x = exact(data.x)
    yield facts.certificate([rule], [facts.label(0, x, rule.label(x))])
    network = Network.chain(Dense.of(data.W, data.b))
    (z,) = network.outputs([data.x])
    if z.count(max(z)) == 1:
        fact = networks.label(0, z.index(max(z)))
        yield networks.network_points(network, [data.x], [fact])


def _read_relu(document: Json, data: ReluPoint) -> int:
    (rule,) = document["instance"]["rules"]
    require_same(rule["type"], "two-layer")
    for name, given in (("weights", data.W), ("biases", data.b), ("output", data.v)):
        require_same(stated(rule[name]), exact(given))
    require_same(Fraction(rule["threshold"]), Fraction(data.threshold))
    require_same(rule["strict"], data.strict)
    return int(_label(document, data.x) == 1)


def _read_argmax(document: Json, data: Logits) -> int:
    if document["kind"] == "network-points":
        ((layer,), (x,)) = document["instance"]["nodes"], document["instance"]["points"]
        (fact,) = document["statement"]["facts"]
        require_same((layer["type"], fact["fact"], fact["point"]), ("dense", "label", 0))
        require_same(stated(layer["weights"]), exact(data.W))
        require_same(stated(layer["biases"]), exact(data.b))
        require_same(stated(x), exact(data.x))
        return int(fact["label"])
    (rule,) = document["instance"]["rules"]
    require_same((rule["type"], rule["lowest"]), ("argmax", False))
    require_same(stated(rule["weights"]), exact(data.W))
    require_same(stated(rule["bias"]), exact(data.b))
    label = _label(document, data.x)
    return -1 if label is None else label


def _label(document: Json, x: Array) -> int | None:
    (fact,) = document["statement"]["facts"]
    require_same((fact["fact"], fact["rule"], stated(fact["point"])), ("label", 0, exact(x)))
    label: int | None = fact["label"]
    return label


def _float_relu(data: ReluPoint) -> int:
    value = np.maximum(data.W @ data.x + data.b, 0) @ data.v
    return int(value > data.threshold if data.strict else value >= data.threshold)


def _float_argmax(data: Logits) -> int:
    z = data.W @ data.x + data.b
    best = np.flatnonzero(z == z.max())
    return int(best[0]) if len(best) == 1 else -1


FAMILIES = (
    Family(
        "ReLU labels", "the label is +1", _relu, _relu_label,
        _read_relu, _float_relu, "NumPy: the network in its own precision, float64 or float32",
    ),
    Family(
        "largest logits", "one logit is larger than the others; asked is the class", _argmax,
        _largest, _read_argmax, _float_argmax, "NumPy: the logits in float64 or float32",
    ),
)  # fmt: skip
