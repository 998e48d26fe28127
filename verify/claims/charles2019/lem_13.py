r"""Lemma 13: The -1 region of a class R rule is convex

Printed: For $h\in\mathcal{R}$, $h^{-1}(-1)$ is convex.
Statement: For $f(x)=\sum_i\mathrm{relu}(w_i\cdot x+b_i)$ and the rule $+1$ exactly where $f>0$, the
    set $\{h=-1\}$ is convex.
Verdict: true. A sum of convex functions is convex, and the set is one of its sublevel sets.
Reading: $\mathcal{R}$ is the class that Section 5 defines: all output weights are 1, and the label
    is +1 where $f>0$; the empty set is convex.
Needs nonnegative output weights: $f$ adds its units with weights $v_i\geq0$.
Sharp: The set is the closed polyhedron $\{w_i\cdot x+b_i\leq0\text{ for all }i\}$. With any
    threshold $a$ and any $v\geq0$ it is the polyhedron $\{\sum_{i\in T}v_i(w_i\cdot x+b_i)\leq
    a\text{ for all }T\}$ over all sets $T$ of units, with $<$ for the rule $f\geq a$, and so still
    convex.
    Rests on: Coq in part lem_13, lem_14. $v_i\,\mathrm{relu}(t)$ is the larger of $0$ and $v_it$,
        and a sum of such is the largest of the sums over all $T$.
Quantifier: for all pairs of points at once, by the half-spaces; also evaluated on a segment
The idea: A sum of ReLU units is a bowl. The set where it is zero, the bottom of the bowl, is
    convex.
Why it is true: Each unit $\mathrm{relu}(g)$ of an affine function $g$ is convex: at a point between
    two others it is at most the mixture of the two values. Sums keep that. So if $f\leq0$ at both
    ends, then $f\leq0$ in between.
Before you use it: All output weights are positive here. One negative weight can turn the bowl into
    a hat, and the region under the brim has two parts.
"""

from dataclasses import dataclass
from fractions import Fraction
from random import Random

import sympy

from certify import certificates
from certify.certificates import facts
from certify.numbers.rationals import Vector, combine, vector
from verify.claims.charles2019.shared import two_layer
from verify.claims.charles2019.shared.labelled import labelled
from verify.claims.charles2019.sharp.sublevel_sets import POLYHEDRON
from verify.claims.charles2019.without import relu
from verify.claims.charles2019.without.relu import Family
from verify.claims.claim import Counterexample, Proof, Refutation, Step, step
from verify.claims.language import (
    Given,
    Symbolic,
    computed,
    greatest,
    identity,
    least,
    mixture,
    named,
    theorem,
)
from verify.claims.relation import Named, number
from verify.drawing import networks, small
from verify.objects import TwoLayerNetwork


@dataclass(frozen=True)
class Instance:
    """A rule of class R with two points labelled -1 and a parameter between 0 and 1."""

    network: TwoLayerNetwork
    start: Vector
    end: Vector
    parameter: Fraction


def draw(rng: Random, case: str) -> Instance:
    """Return an accurate rule on a set of the named case and a segment between -1 points."""
    data = networks.surrounded_set(rng, case)
    network = networks.network_of_class_r(rng, data)
    start, end = rng.choice(data.negative), rng.choice(data.negative)
    return Instance(network, start, end, Fraction(rng.randint(0, 8), 8))


def prove(instance: Instance) -> Proof:
    """Evaluate convexity unit by unit along the segment, and the label between its ends."""
    network, x, z, t = instance.network, instance.start, instance.end, instance.parameter
    middle = combine((1 - t, x), (t, z))
    return Proof.of(
        Named("(1-t)x+tz", middle), *convexity_steps(instance),
        step(r"Both ends are labelled $-1$, that is $f\leq0$, and so is the point between.",
             (two_layer.value("f(x)", network, x), "<=", 0),
             (two_layer.value("f(z)", network, z), "<=", 0),
             (two_layer.value("f((1-t)x+tz)", network, middle), "<=", 0),
             (labelled("h((1-t)x+tz)", network, middle), "=", -1)),
        certificates.convex_negative_region(network, [(x, z, t)]),
    )  # fmt: skip


def convexity_steps(instance: Instance) -> tuple[Step, ...]:
    """Evaluate that f is convex along the segment: affine parts, units, and their sum."""
    network, x, z, t = instance.network, instance.start, instance.end, instance.parameter
    middle = combine((1 - t, x), (t, z))
    first, second, between = (two_layer.activities(network, point) for point in (x, z, middle))
    ends = network.preactivations(x), network.preactivations(z)
    chord = computed("(1-t)f(x)+tf(z)", "(1 - t) * f + t * g",
                     t=t, f=network.value(x), g=network.value(z))  # fmt: skip
    return (
        step(r"The affine parts $g_i(x)=w_i\cdot x+b_i$ satisfy $g_i((1-t)x+tz)=(1-t)g_i(x)+"
             "tg_i(z)$.",
             (named("g((1-t)x+tz)", network.preactivations(middle)), "=",
              mixture("(1-t)g(x)+tg(z)", (1 - t, ends[0]), (t, ends[1])))),
        step(r"Each unit is convex: $\mathrm{relu}$ of the mixture is at most the mixture of the "
             r"$\mathrm{relu}$s.",
             (named(r"\mathrm{relu}(g((1-t)x+tz))", between), "<=",
              mixture(r"(1-t)\,\mathrm{relu}(g(x))+t\,\mathrm{relu}(g(z))",
                      (1 - t, first), (t, second)))),
        step(r"The output weights are nonnegative, so $f$ is convex: "
             r"$f((1-t)x+tz)\leq(1-t)f(x)+tf(z)$.",
             (least(r"\min_iv_i", network.output), ">=", 0),
             (two_layer.value("f((1-t)x+tz)", network, middle), "<=", chord)),
    )  # fmt: skip


# The closed quadrant, with a segment between its two edges.
EXAMPLE = Instance(
    TwoLayerNetwork.sum_of_units([[1, 0], [0, 1]], [0, 0]),
    vector([0, -1]),
    vector([-1, 0]),
    Fraction(1, 2),
)


def signed_weights(family: Family) -> Counterexample[Instance]:
    """Without nonnegative output weights: a hat function has -1 points on both sides."""
    reach = 2 if family.positive_threshold else 1

    def draw_segment(rng: Random) -> Instance:
        ends = small.vector(rng, 1, 2), small.vector(rng, 1, 2)
        return Instance(family.draw(rng, (-2, 2)), *ends, Fraction(rng.randint(1, 3), 4))

    def refute(instance: Instance) -> Refutation | None:
        return refute_convexity(instance) if family.admits(instance.network) else None

    return Counterexample(
        rf"$\mathrm{{relu}}(x+{reach})-2\,\mathrm{{relu}}(x)$ exceeds the threshold in the middle "
        "only.",
        Instance(
            family.network([1, 1], [reach, 0], [1, -2]),
            (Fraction(-reach),), (Fraction(reach),), Fraction(1, 2),
        ),
        refute,
        draw_segment,
    )  # fmt: skip


def refute_convexity(instance: Instance) -> Refutation | None:
    """Refute when both ends are labelled -1 and the point between them +1."""
    network, x, z, t = instance.network, instance.start, instance.end, instance.parameter
    middle = combine((1 - t, x), (t, z))
    labels = [network.label(point) for point in (x, z, middle)]
    if labels != [-1, -1, 1] or not 0 <= t <= 1:
        return None
    found = [facts.label(0, point, y) for point, y in zip((x, z, middle), labels, strict=True)]
    return Refutation.of(
        "Two points are labelled -1, and a point between them +1.",
        step(
            "The labels at the ends and between.",
            *(
                (labelled(f"h{number(point)}", network, point), "=", wanted)
                for point, wanted in zip((x, z, middle), (-1, -1, 1), strict=True)
            ),
        ),
        step(
            "The point lies on the segment.",
            (named("t", t), ">=", 0),
            (named("t", t), "<=", 1),
            (mixture("(1-t)x+tz", (1 - t, x), (t, z)), "=", middle),
        ),
        facts.certificate([network], found),
    )


def sharpness() -> Proof:
    """Evaluate the quadrant: its edges and its corner belong to the region, no point beyond does.

    So the region is the closed polyhedron of the half-spaces of the units, all of it.
    """
    network, far, near = EXAMPLE.network, Fraction(1000), Fraction(1, 1000)
    zero = vector([0, 0])
    inside = [zero, (Fraction(0), -far), (-far, Fraction(0))]
    outside = [(near, -far), (-far, near), (near, near)]
    found = [*(facts.label(0, x, -1) for x in inside), *(facts.label(0, x, 1) for x in outside)]
    return Proof.of(
        Given("network", network),
        step(r"Corner and edges satisfy all inequalities $g_i(x)=w_i\cdot x+b_i\leq0$ and are "
             "labelled -1.",
             ([_highest(x) for x in inside], "=", 0),
             ([labelled(f"h{number(x)}", network, x) for x in inside], "=", -1)),
        step("A point that violates an inequality, by however little, is labelled +1.",
             ([_highest(x) for x in outside], "=", near),
             ([labelled(f"h{number(x)}", network, x) for x in outside], "=", 1)),
        certificates.convex_negative_region(
            network, [(inside[1], inside[2], Fraction(1, 2)), (zero, inside[1], Fraction(1))]
        ),
        facts.certificate([network], found),
    )  # fmt: skip


def _highest(x: Vector) -> Named:
    return greatest(rf"\max_ig_i{number(x)}", EXAMPLE.network.preactivations(x))


def symbolic() -> Symbolic:
    r"""Prove that relu is convex, by the difference of two squares, for all numbers."""
    a, b, t = sympy.symbols("a b t", real=True)
    yield identity(
        r"As $2\,\mathrm{relu}(s)=s+|s|$, convexity of $\mathrm{relu}$ is $|(1-t)a+tb|\leq"
        r"(1-t)|a|+t|b|$, and the squares of the two sides differ by something nonnegative for "
        r"$0\leq t\leq1$.",
        r"((1-t)|a|+t|b|)^2-((1-t)a+tb)^2=2t(1-t)(|a||b|-ab)",
        "all real $a$ and $b$",
        ((1 - t) * abs(a) + t * abs(b)) ** 2 - ((1 - t) * a + t * b) ** 2,
        2 * t * (1 - t) * (abs(a) * abs(b) - a * b),
    )


CLAIM = theorem(
    __name__,
    without={"nonnegative output weights": signed_weights(relu.R)},
    sharp=POLYHEDRON,
    cases=networks.CASES,
)
