"""Section 5: class R' contains class R, and the linear rules, if one unit may be added."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from random import Random

import sympy

from certify import rank, solve
from certify.rationals import Rows, Vector, combine, dot
from verify.claims import facts
from verify.claims.charles2019 import certificates, relu_counterexamples
from verify.claims.claim import (
    Claim,
    Counterexample,
    Hypothesis,
    Paper,
    Proof,
    Refutation,
    SymbolicStep,
    Verdict,
    step,
)
from verify.objects import LinearRule, TwoLayerNetwork
from verify.objects.rays import Rule, critical_steps
from verify.sampling import networks, numbers, relu_rules


@dataclass(frozen=True)
class Instance:
    """A rule of class R, a linear rule, a threshold a > 0, points, and a line to compare on."""

    network: TwoLayerNetwork
    linear: LinearRule
    threshold: Fraction
    points: Rows
    start: Vector
    direction: Vector


def draw(rng: Random, case: str) -> Instance:
    """Return rules on a set of the named case; one of the points lies on the linear boundary."""
    data = networks.surrounded_set(rng, case)
    normal, d = numbers.nonzero_vector(rng, data.dimension), data.dimension
    linear = LinearRule(normal, -dot(normal, rng.choice(data.points)), rng.choice((-1, 1)))
    return Instance(
        networks.network_of_class_r(rng, data), linear, numbers.positive(rng),
        data.points, numbers.vector(rng, d), numbers.vector(rng, d),
    )  # fmt: skip


def with_constant_unit(network: TwoLayerNetwork, a: Fraction) -> TwoLayerNetwork:
    """Return the rule f + a > a: the units of the network and one of constant height a."""
    return TwoLayerNetwork(
        (*network.weights, (Fraction(0),) * network.dimension),
        (*network.biases, a),
        (*network.output, Fraction(1)),
        a,
        strict=True,
    )


def linear_as_unit(rule: LinearRule, a: Fraction) -> TwoLayerNetwork:
    """Return relu(w.x + b + a) > a, or >= a where the rule says +1 on its boundary."""
    return TwoLayerNetwork(
        (rule.normal,), (rule.offset + a,), (Fraction(1),), a, strict=rule.zero != 1
    )


def prove(instance: Instance) -> Proof:
    """Evaluate the shift by a constant at points and along a whole line."""
    network, a = instance.network, instance.threshold
    shifted, unit = with_constant_unit(network, a), linear_as_unit(instance.linear, a)
    line = line_points((network, shifted), instance.start, instance.direction)
    points = (*instance.points, *line)
    steps = (
        step(r"With $w=0$ and $b=a$ the new unit is $a$ everywhere, so $f'=f+a$.",
             *((shifted.preactivations(x)[-1], "=", a) for x in points),
             *((shifted.value(x), "=", network.value(x) + a) for x in points)),
        step(r"The rule $f'>a$ belongs to class $R'$: $v\geq0$ and $a>0$.",
             (min(shifted.output), ">=", 0), (a, ">", 0)),
        step(r"It says +1 exactly where $f>0$ does.",
             *((shifted.label(x), "=", network.label(x)) for x in points)),
        step(r"A linear rule is one unit: $\mathrm{relu}(w\cdot x+b+a)$ exceeds (reaches) $a$ "
             r"exactly where $w\cdot x+b$ exceeds (reaches) $0$.",
             *((unit.label(x), "=", instance.linear.label(x)) for x in points)),
    )  # fmt: skip
    rules: tuple[Rule, ...] = (network, shifted, instance.linear, unit)
    found = [
        facts.convex(1), facts.convex(3),
        *(facts.label(i, x, rule.label(x)) for x in points for i, rule in enumerate(rules)),
    ]  # fmt: skip
    return Proof(steps, (facts.certificate(rules, found),))


def line_points(rules: tuple[Rule, ...], x: Vector, v: Vector) -> Rows:
    """Return points of the line x + c v at and between all steps where a label can change."""
    back = combine((-1, v))
    ends = sorted({
        Fraction(0),
        *(c for rule in rules for c in critical_steps(rule, x, v)),
        *(-c for rule in rules for c in critical_steps(rule, x, back)),
    })  # fmt: skip
    between = [(a + b) / 2 for a, b in pairwise(ends)]
    return tuple(combine((1, x), (c, v)) for c in (*ends, *between, ends[0] - 1, ends[-1] + 1))


# The quadrant with its two edges, and the half-plane x_1 + x_2 > 0, on a line through both edges.
EXAMPLE = Instance(
    TwoLayerNetwork.sum_of_units([[1, 0], [0, 1]], [0, 0]),
    LinearRule.of([1, 1], 0, -1),
    Fraction(1),
    ((Fraction(0), Fraction(0)), (Fraction(1), Fraction(-1)), (Fraction(-1), Fraction(0))),
    (Fraction(0), Fraction(-1)),
    (Fraction(1), Fraction(-1)),
)


def draw_two_units(rng: Random) -> TwoLayerNetwork:
    """Return a small rule of class R on the line or in the plane."""
    rule = relu_rules.small_network(rng, rng.randint(1, 2), (1, 1), (0, 0))
    return TwoLayerNetwork.sum_of_units(rule.weights, rule.biases)


def refute_same_width(network: TwoLayerNetwork) -> Refutation | None:
    """Refute when the two units have independent normals: no class R' rule of width 2 is equal.

    The -1 region is a wedge with a corner and two edges (times a subspace). Let f > a with v >= 0,
    a > 0 and two units have the same region. Then f = a at the corner and along both edges. There
    convex terms have a constant sum, so each is affine, and, being nonnegative without end, each is
    constant. A term that is positive at the corner is constant on both edges, hence everywhere.
    One term remains, and its sublevel sets are half-spaces. The rule f >= a has an open region.
    """
    if len(network.weights) != 2:
        return None
    independent = rank(network.weights)
    if independent.value < 2:
        return None
    corner = _solution(network.weights, combine((-1, network.biases)))
    edges = [_solution(network.weights, (Fraction(-(i == 1)), Fraction(-(i == 0)))) for i in (0, 1)]
    ends = [combine((1, corner), (c, e)) for e in edges for c in (1, 1000)]
    beyond = [combine((1, corner), (Fraction(-1, 1000), e)) for e in edges]
    return Refutation(
        "The region labelled -1 is a wedge: two units without a constant one cannot make it with "
        r"$a>0$, because along both edges each of their terms would have to be constant.",
        (
            step("Both units are 0 at the corner.",
                 (network.preactivations(corner), "=", (Fraction(0), Fraction(0)))),
            step("Along each edge one unit stays 0 and the other falls, without end.",
                 *((max(network.preactivations(x)), "=", 0) for x in ends),
                 *((min(network.preactivations(x)), "<", 0) for x in ends)),
            step("Continued beyond the corner both edges leave the region.",
                 *((network.label(x), "=", 1) for x in beyond)),
        ),
        (
            independent.certificate,
            certificates.convex_negative_region(
                network, [(x, z, Fraction(1, 2)) for x, z in ((ends[1], corner), (corner, ends[3]))]
            ),
        ),
    )  # fmt: skip


def _solution(matrix: Rows, right_side: Vector) -> Vector:
    found = solve(matrix, right_side).solution
    assert found is not None  # two independent rows are onto
    return found


def sharpness() -> Proof:
    """Evaluate when two units are enough: as soon as their normals are dependent.

    A half-line, an interval, a point and the empty set are the regions of class R on a line, and a
    rule of class R' with two units has the same region, at and between all bends.
    """
    family = relu_counterexamples.R_PRIME
    pairs = [
        (([1, 2], [0, 0]), ([1, 0], [1, 0], [1, 1])),
        (([1, -1], [-1, 0]), ([1, -1], [0, 1], [1, 1])),
        (([1, -1], [0, 0]), ([1, -1], [0, 1], [2, 1])),
        (([1, -1], [0, 1]), ([0, 0], [1, 1], [1, 1])),
    ]
    origin, right, left = (Fraction(0),), (Fraction(1),), (Fraction(-1),)
    compared, proved = [], []
    for (weights, biases), wanted in pairs:
        one = relu_counterexamples.R.network(weights, biases, [1, 1])
        loose = family.network(*wanted)
        other = TwoLayerNetwork(loose.weights, loose.biases, loose.output, Fraction(1), strict=True)
        line = sorted(line_points((one, other), origin, right))
        compared += [(one.label(x), "=", other.label(x)) for x in line]
        found = [facts.convex(1), *(
            fact for i, rule in enumerate((one, other)) for fact in (
                *(facts.label(i, x, rule.label(x)) for x in line),
                facts.keeps(i, line[-1], right), facts.keeps(i, line[0], left),
            )
        )]  # fmt: skip
        proved.append(facts.certificate([one, other], found))
    corner = rank(EXAMPLE.network.weights)
    return Proof(
        (
            step("On a line the rules of class $R$ have the regions of class $R'$ rules of the "
                 r"same width: at and between all bends the labels agree.",
                 *compared),
            step("The quadrant needs a third unit: its normals are independent.",
                 (corner.value, "=", 2)),
        ),
        (*proved, corner.certificate),
    )  # fmt: skip


def symbolic() -> tuple[SymbolicStep, ...]:
    """Prove the shift of a unit by the threshold, for all numbers."""
    s, a = sympy.Symbol("s", real=True), sympy.Symbol("a", positive=True)
    gap = sympy.Max(s + a, 0) - a - sympy.Max(s, -a)
    return (
        SymbolicStep(
            r"The unit of a linear rule minus its level is $s=w\cdot x+b$, cut off at $-a<0$; so "
            "it has the sign of $s$.",
            r"\mathrm{relu}(s+a)-a=\max(s,-a)",
            "all $s$ and all $a>0$",
            sympy.expand(gap.rewrite(sympy.Abs)) == 0,
        ),
    )


CLAIM = Claim(
    id="charles-R-in-Rprime",
    paper=Paper.CHARLES,
    number="Section 5, remark",
    title="Class R' is broader than class R, with one more unit",
    literal=r"Class $R$ can be extended to the broader class $R'$: any $v\geq0$ instead of $v=1$, "
    r"and rules $f>a$ or $f\geq a$ with $a>0$ instead of $f>0$.",
    statement=r"For every rule $f>0$ of class $R$ with $L$ units and every $a>0$, the rule "
    r"$f+a>a$ with one more unit ($w=0$, $b=a$, $v=1$) belongs to class $R'$ and is the same rule. "
    r"Every linear rule belongs to class $R'$ with one unit.",
    verdict=Verdict.REPAIRED,
    verdict_reason=r"$a=0$ is not allowed in class $R'$, so one more unit is needed; with the same "
    "number of units the inclusion is false.",
    hypotheses=(
        Hypothesis(
            "one more unit",
            "The rule of class $R'$ may have one unit more.",
            Counterexample(
                r"The quadrant $x_1\leq0$, $x_2\leq0$ is the -1 region of a class $R$ rule with "
                "two units and of no class $R'$ rule with two units.",
                TwoLayerNetwork.sum_of_units([[1, 0], [0, 1]], [0, 0]),
                refute_same_width,
                draw_two_units,
            ),
        ),
    ),
    sharp_form=r"One unit never needs a second one. Two units need a third one exactly when their "
    "normals are linearly independent.",
    quantifier="at sampled points and on a whole line; for all points at once because the units "
    "are the same up to a constant one",
    cases=networks.CASES,
    draw=draw,
    example=EXAMPLE,
    prove=prove,
    sharpness=sharpness,
    symbolic=symbolic,
)
