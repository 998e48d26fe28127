r"""Section 5, remark: Class R' is broader than class R, with one more unit

Printed: We can extend $\mathcal{R}$ to include a broader class of ReLU classifiers. [Followed by
    the definition of $\mathcal{R}'$: $v_i\geq0$ for all $i$, and $g=1$ on $(a,\infty)$ or on
    $[a,\infty)$ with $a>0$.]
Statement: For every rule $f>0$ of class $R$ with $L$ units and every $a>0$, the rule $f+a>a$ with
    one more unit ($w=0$, $b=a$, $v=1$) belongs to class $R'$ and is the same rule. Every linear
    rule whose boundary has one of the two labels belongs to class $R'$ with one unit.
Verdict: true. Every rule of class $R$ is one of class $R'$, but not by the same weights, since
    $a=0$ is not allowed: one more unit is needed, and with the same number of units, for instance
    two, the inclusion is false.
Reading: A class holds the networks of every width $L$: its definition fixes none. With one width of
    two for both classes the sentence would be false.
Needs one more unit: The rule of class $R'$ may have one unit more.
    Without it: The quadrant $x_1\leq0$, $x_2\leq0$ is the -1 region of a class $R$ rule with two
        units and of no class $R'$ rule with two units.
Sharp: One unit of class $R$ never needs a second one in class $R'$. Two units need a third one
    exactly when their normals are linearly independent.
    Rests on: written proof. $\mathrm{relu}(s+a)>a$ exactly when $s>0$. Units with dependent normals
        see one coordinate, on which $\{h=-1\}$ is closed and convex: two units make any such set.
        Independent ones make a corner, which two units of class $R'$ cannot: see what one more unit
        is needed for.
Quantifier: at sampled points and on a whole line; for all points at once because the units are the
    same up to a constant one
The idea: Class $R$ cuts the bowl at height zero, class $R'$ at a positive height. Lift the bowl,
    and the first becomes a case of the second.
Why it is true: A unit with weights $w=0$ and bias $a$ has the value $a$ everywhere. Adding it to
    the sum lifts $f$ to $f+a$, and $f+a>a$ is the same as $f>0$. A linear rule compares $w\cdot
    x+b$ with $0$, and so does the one unit that compares $\mathrm{relu}(w\cdot x+b+a)$ with $a>0$.
Before you use it: The lift costs one unit. With the same number of units the inclusion is false: a
    quadrant is the $-1$ region of two units of class $R$, and no two units of class $R'$ make it.
    On its edges $f$ would be equal to $a$. Each of the two terms is convex and never negative, and
    their sum is constant along the endless edge, so each term is constant there. One of them is
    positive at the corner, since $a>0$; being constant along both edges it is constant everywhere.
    One term is left, and one term cuts the plane along a straight line.
"""

from dataclasses import dataclass
from fractions import Fraction
from random import Random

import sympy

from certify import rank
from certify.certificates import facts
from certify.numbers.rationals import Rows, Vector, dot, vector
from verify.claims.charles2019.shared import two_layer
from verify.claims.charles2019.shared.labelled import labelled
from verify.claims.charles2019.sharp import two_units
from verify.claims.charles2019.sharp.two_units import line_points
from verify.claims.charles2019.without import relu
from verify.claims.language import (
    Given,
    Named,
    Proof,
    Symbolic,
    computed,
    identity,
    least,
    named,
    step,
    theorem,
)
from verify.drawing import networks, numbers
from verify.objects import LinearRule, Rule, TwoLayerNetwork


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
        (rule.normal,), (rule.offset + a,), vector([1]), a, strict=rule.zero != 1
    )


def prove(instance: Instance) -> Proof:
    """Evaluate the shift by a constant at points and along a whole line."""
    network, a = instance.network, instance.threshold
    shifted, unit = with_constant_unit(network, a), linear_as_unit(instance.linear, a)
    line = line_points((network, shifted), instance.start, instance.direction)
    points = tuple(dict.fromkeys((*instance.points, *line)))
    steps = (
        step(r"With $w=0$ and $b=a$ the new unit is $a$ everywhere, so $f'=f+a$: here at some "
             r"points, and on the line $x+cv$ at and between all $c$ at which a label can change.",
             ([two_layer.unit(r"0\cdot x_#+a", shifted, len(shifted.weights) - 1, x)
               for x in points], "=", named("a", a)),
             ([two_layer.value("f'(x_#)", shifted, x) for x in points], "=",
              [computed("f(x_#)+a", "f + a", f=network.value(x), a=a) for x in points])),
        step(r"The rule $f'>a$ belongs to class $R'$: $v\geq0$ and $a>0$.",
             (least(r"\min_iv_i", shifted.output), ">=", 0), (named("a", a), ">", 0)),
        step(r"It says +1 exactly where $f>0$ does.",
             ([labelled("h'(x_#)", shifted, x) for x in points], "=",
              [labelled("h(x_#)", network, x) for x in points])),
        step(r"A linear rule is one unit: $\mathrm{relu}(w\cdot x+b+a)$ exceeds (reaches) $a$ "
             r"exactly where $w\cdot x+b$ exceeds (reaches) $0$.",
             ([labelled(r"\mathrm{unit}(x_#)", unit, x) for x in points], "=",
              [labelled(r"\mathrm{linear}(x_#)", instance.linear, x) for x in points])),
    )  # fmt: skip
    rules: tuple[Rule, ...] = (network, shifted, instance.linear, unit)
    found = [
        facts.convex(1), facts.convex(3),
        *(facts.label(i, x, rule.label(x)) for x in points for i, rule in enumerate(rules)),
    ]  # fmt: skip
    objects = (Named(f"x_{{{k}}}", x) for k, x in enumerate(points, 1))
    return Proof.of(*objects, *steps, facts.certificate(rules, found))


# The quadrant with its two edges, and the half-plane x_1 + x_2 > 0, on a line through both edges.
EXAMPLE = Instance(
    TwoLayerNetwork.sum_of_units([[1, 0], [0, 1]], [0, 0]),
    LinearRule.of([1, 1], 0, -1),
    Fraction(1),
    (vector([0, 0]), vector([1, -1]), vector([-1, 0])),
    vector([0, -1]),
    vector([1, -1]),
)


def sharpness() -> Proof:
    """Evaluate that two units are enough on a line, and a wedge that needs a third one.

    A half-line, an interval, a point and the empty set are the regions of class R on a line.
    """
    pairs = {
        "Here $\\{h=-1\\}$ is a half-line. ": ([1, 2], [0, 0]),
        "Here it is an interval. ": ([1, -1], [-1, 0]),
        "Here it is a point. ": ([1, -1], [0, 0]),
        "Here it is empty. ": ([1, -1], [0, 1]),
    }
    steps, proved, shown = [], [], []
    for region, (weights, biases) in pairs.items():
        one = relu.R.network(weights, biases, [1, 1])
        other = two_units.same_width(one)
        assert other is not None  # all normals on a line are dependent
        comparison, certificate = two_units.compared(one, other, region)
        steps.append(comparison)
        place = len(steps)
        shown += [Given(f"$h$ of step {place}", one), Given(f"$h'$ of step {place}", other)]
        proved.append(certificate)
    corner = rank(EXAMPLE.network.weights)
    normals = EXAMPLE.network.weights
    return Proof.of(
        *shown, Given("quadrant", EXAMPLE.network),
        *steps,
        step("The quadrant needs a third unit: its normals are independent.",
             (computed(r"\det(w_1,w_2)", "a * d - b * c", a=normals[0][0], b=normals[0][1],
                       c=normals[1][0], d=normals[1][1]), "!=", 0)),
        *proved, corner.certificate,
    )  # fmt: skip


def symbolic() -> Symbolic:
    """Prove the shift of a unit by the threshold, for all numbers."""
    s, a = sympy.Symbol("s", real=True), sympy.Symbol("a", positive=True)
    yield identity(
        r"The unit of a linear rule minus its level is $s=w\cdot x+b$, cut off at $-a<0$; so "
        "it has the sign of $s$.",
        r"\mathrm{relu}(s+a)-a=\max(s,-a)",
        "all $s$ and all $a>0$",
        (sympy.Max(s + a, 0) - a - sympy.Max(s, -a)).rewrite(sympy.Abs),
    )


CLAIM = theorem(
    __name__,
    without={
        "one more unit": (
            TwoLayerNetwork.sum_of_units([[1, 0], [0, 1]], [0, 0]),
            two_units.refute_same_width,
            two_units.draw_two_units,
        )
    },
    sharp=two_units.SHARP,
    cases=networks.CASES,
)
