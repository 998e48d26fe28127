"""The region labelled -1 of a two-layer rule with v >= 0, as a polyhedron and point by point.

A sum of units is the largest of its partial sums: f(x) is the maximum of sum_{i in T} v_i (w_i.x +
b_i) over all sets T of units, the empty one included. So f <= a is one inequality for each T.
"""

from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import combinations, pairwise
from random import Random

from certify.certificates import facts
from certify.certificates.certificate import Certificate
from certify.numbers.rationals import Rows, Vector, combine, vector
from verify.claims.charles2019.shared import two_layer
from verify.claims.claim import Counterexample, Proof, Refutation, SharpForm, Step, step
from verify.claims.relation import named, number
from verify.drawing import networks, numbers, relu_rules, small
from verify.objects import Cell, TwoLayerNetwork, critical_steps

CLASS_R, ABOVE, REACHED = "class R", "any threshold, f > a", "any threshold, f >= a"
CONSTANT = "units without weight"
CASES = (CLASS_R, ABOVE, REACHED, CONSTANT)


@dataclass(frozen=True)
class Sampled:
    """A rule with v >= 0 and points, between the first two of which its label may change."""

    network: TwoLayerNetwork
    points: Rows


def draw(rng: Random, case: str) -> Sampled:
    """Return a rule of the named case, points with both labels where it has them, and others."""
    data = networks.surrounded_set(rng, rng.choice(networks.CASES))
    network = networks.network_of_class_r(rng, data)
    ends = rng.choice(data.negative), rng.choice(data.positive)
    if case != CLASS_R:
        shares = tuple(Fraction(rng.randint(0, 3), 2) for _ in network.output)
        # Units that are active at points labelled -1, and the threshold at one of their values.
        shift = tuple(b + rng.randint(0, 2) for b in network.biases)
        network = replace(network, biases=shift, output=shares, strict=case == ABOVE)
        levels = [network.value(ends[0]), network.value(ends[1]), numbers.number(rng)]
        network = replace(network, threshold=rng.choice(levels))
    if case == CONSTANT:
        flat = combine((0, network.weights[0]))
        network = replace(network, weights=(flat,) * len(network.weights), strict=bool(shares[0]))
    return Sampled(network, (*ends, *numbers.vectors(rng, 2, data.dimension)))


def polyhedron(network: TwoLayerNetwork) -> Cell:
    """Return {f <= a}, or {f < a} for the rule f >= a, by one inequality for each set of units."""
    units = range(len(network.output))
    v, w, b = network.output, network.weights, network.biases
    rows, bounds = [], []
    for chosen in (t for size in range(len(units) + 1) for t in combinations(units, size)):
        terms = [(v[i], w[i]) for i in chosen] or [(Fraction(0), w[0])]
        rows.append(combine(*terms))
        bounds.append(network.threshold - sum((v[i] * b[i] for i in chosen), Fraction(0)))
    return Cell(tuple(rows), tuple(bounds), (not network.strict,) * len(rows))


def edge(network: TwoLayerNetwork, x: Vector, z: Vector) -> Vector | None:
    """Return where the label changes between x, labelled -1, and z, labelled +1, else None.

    Only labels are compared: of points between the finitely many places where one can change.
    """
    if (network.label(x), network.label(z)) != (-1, 1):
        return None
    v = combine((1, z), (-1, x))
    ends = sorted({Fraction(0), Fraction(1), *critical_steps(network, x, v)})
    pairs = [(low, high) for low, high in pairwise(ends) if high <= 1]
    later = (
        low for low, high in pairs if network.label(combine((1, x), ((low + high) / 2, v))) > 0
    )
    return combine((1, x), (next(later, Fraction(1)), v))


def decide_polyhedron(sampled: Sampled) -> Proof:
    """Decide for every point and the edge whether the region is the polyhedron."""
    network, edges = sampled.network, _edges(sampled)
    points = (*sampled.points, *edges)
    cell, of_units = polyhedron(network), Cell.of(network.weights, [-b for b in network.biases])
    class_r = network.threshold == 0 and network.strict and set(network.output) == {1}
    steps = [
        step(r"A point is labelled $-1$ exactly if $\sum_{i\in T}v_i(w_i\cdot x+b_i)$ is at most "
             r"$a$, or less for the rule $f\geq a$, for every set $T$ of units.",
             *((int(network.label(x) == -1), "=", int(cell.contains(x))) for x in points)),
    ]  # fmt: skip
    if class_r:
        steps.append(
            step(r"For class $R$ these are the points with $w_i\cdot x+b_i\leq0$ for all $i$.",
                 *((int(network.label(x) == -1), "=", int(of_units.contains(x))) for x in points))
        )  # fmt: skip
    return Proof.of(*steps, _between(sampled), _certificate(sampled, edges))


def decide_closed(sampled: Sampled) -> Proof:
    """Decide whether the region holds its edge, where it has one; it may be empty or everything."""
    network, edges = sampled.network, _edges(sampled)
    kept = -1 if network.strict else 1
    steps = [_between(sampled)]
    if edges:
        steps.append(
            step(r"At the edge, where the label changes, $f=a$; it is labelled $-1$ for the rule "
                 r"$f>a$ and $+1$ for the rule $f\geq a$.",
                 ([network.value(p) for p in edges], "=", network.threshold),
                 ([network.label(p) for p in edges], "=", kept))
        )  # fmt: skip
    elif network.threshold < 0 or (network.threshold == 0 and not network.strict):
        steps.append(
            step("The threshold is so low that no point is labelled -1.",
                 ([network.label(x) for x in sampled.points], "=", 1),
                 ([network.value(x) for x in sampled.points], ">=", network.threshold))
        )  # fmt: skip
    return Proof.of(*steps, _certificate(sampled, edges))


def _edges(sampled: Sampled) -> list[Vector]:
    points = sampled.points
    found = [edge(sampled.network, x, z) for x in points for z in points]
    return list(dict.fromkeys(p for p in found if p is not None))


def _between(sampled: Sampled) -> Step:
    """Compare values and labels halfway between points labelled -1, and at the points."""
    network = sampled.network
    low = [x for x in sampled.points if network.label(x) == -1]
    half = [combine((Fraction(1, 2), x), (Fraction(1, 2), z)) for x, z in combinations(low, 2)]
    return step(
        "The output weights are nonnegative, and halfway between points labelled -1 the label is "
        "-1.",
        (min(network.output), ">=", 0),
        ([network.label(x) for x in half], "=", -1),
    )


def _certificate(sampled: Sampled, edges: list[Vector]) -> Certificate:
    network = sampled.network
    found = [facts.label(0, x, network.label(x)) for x in (*sampled.points, *edges)]
    return facts.certificate([network], [facts.convex(0), *found])


def draw_segment(rng: Random) -> tuple[TwoLayerNetwork, Vector, Vector]:
    """Return a rule with small weights >= 0 and a threshold >= 0, and two points on a line."""
    network = relu_rules.small_network(rng, 1, (0, 1), (0, 2))
    return network, small.vector(rng, 1, 2), small.vector(rng, 1, 2)


def refute_each_unit(network: TwoLayerNetwork, start: Vector, end: Vector) -> Refutation | None:
    """Refute that {f <= a} is where each unit is at most a: two units can add up to more."""
    x = start
    if set(network.output) != {1} or not network.strict or network.label(x) == -1:
        return None
    heights = network.preactivations(x)
    if max(heights) > network.threshold:
        return None
    return Refutation.of(
        "Each unit is at most $a$, and their sum is more.",
        step(
            "Each is at most the threshold.",
            (
                [two_layer.unit("w_#x+b_#", network, i, x) for i in range(len(heights))],
                "<=",
                named("a", network.threshold),
            ),
        ),
        step(
            "Their sum exceeds it.",
            (two_layer.value("f(x)", network, x), ">", named("a", network.threshold)),
        ),
        facts.certificate([network], [facts.convex(0), facts.label(0, x, 1)]),
    )


def refute_closed(network: TwoLayerNetwork, start: Vector, end: Vector) -> Refutation | None:
    """Refute that the region of the rule f >= a is closed: points of it approach its edge."""
    x, z = start, end
    a = network.threshold
    if network.strict or not network.value(x) < a == network.value(z):
        return None
    near = [combine((Fraction(1, 2**k), x), (1 - Fraction(1, 2**k), z)) for k in (1, 4, 20)]
    labels = [facts.label(0, z, 1), *(facts.label(0, p, -1) for p in (x, *near))]
    return Refutation.of(
        "The end of the segment is labelled +1 and all other points of it -1, by convexity of $f$, "
        "so the region is not closed.",
        step("$f$ is less than $a$ at the start, and $a$ at the end.",
             (two_layer.value(f"f({number(x[0])})", network, x), "<", named("a", a)),
             (two_layer.value(f"f({number(z[0])})", network, z), "=", named("a", a))),
        step("So it is less than $a$ before the end, however near.",
             ([two_layer.value(f"f({number(p[0])})", network, p) for p in near], "<",
              named("a", a))),
        facts.certificate([network], [facts.convex(0), *labels]),
    )  # fmt: skip


def _line(weights: list[int], threshold: int, strict: bool) -> TwoLayerNetwork:
    rows = tuple((Fraction(w),) for w in weights)
    zero, one = (Fraction(0),) * len(rows), (Fraction(1),) * len(rows)
    return TwoLayerNetwork(rows, zero, one, Fraction(threshold), strict)


POLYHEDRON = SharpForm(CASES, draw, decide_polyhedron, Counterexample(
    r"Overstated: with a threshold $a$ the set is $\{w_i\cdot x+b_i\leq a\text{ for all }i\}$. For "
    r"$2\,\mathrm{relu}(x)>1$, written with two units, the point 1 lies in it and is labelled +1.",
    (_line([1, 1], 1, True), vector([1]), vector([0])), refute_each_unit, draw_segment,
))  # fmt: skip

CLOSED = SharpForm(CASES, draw, decide_closed, Counterexample(
    r"Overstated: the set is closed for the rule $f\geq a$ as well. For "
    r"$\mathrm{relu}(x)\geq1$ all points before 1 belong to it, and 1 does not.",
    (_line([1], 1, False), vector([0]), vector([1])), refute_closed, draw_segment,
))  # fmt: skip
