r"""Lemma 14: The -1 region of a class R' rule is convex

Printed: For $h\in\mathcal{R}'$, $h^{-1}(-1)$ is convex.
Statement: For $f(x)=\sum_iv_i\,\mathrm{relu}(w_i\cdot x+b_i)$ with $v_i\geq0$, and the rule $+1$
    exactly where $f>a$, or exactly where $f\geq a$, with $a>0$, the set $\{h=-1\}$ is convex.
Verdict: true. A nonnegative combination of convex functions is convex, and the set is one of its
    sublevel sets.
Reading: $\mathcal{R}'$ is the class that Section 5 defines: output weights $v\geq0$, and the label
    +1 where $f>a$, or where $f\geq a$, with $a>0$; the empty set is convex.
Needs nonnegative output weights: $f$ adds its units with weights $v_i\geq0$.
Needs positive threshold: The threshold $a$ is positive.
    Without it: Sublevel sets of a convex function are convex at every level. For $a<0$, and for
        $f\geq0$, the set is empty; $a=0$ is class $R$ with weights.
Sharp: True for every real $a$, also where the set is empty or everything. The set is closed for
    every rule $f>a$ and open for every rule $f\geq a$: its edge has the label -1 in the first case
    and +1 in the second.
    Rests on: Coq lem_14, class_C_contains.
Quantifier: that $f$ is convex, for all points at once by the signs of the output weights; that then
    the set is, by steps 4 and 5, evaluated and certified on a segment
Uses: charles-lem-13
The idea: The same bowl, cut at a height $a$ instead of at the bottom. Every horizontal cut of a
    bowl is convex.
Why it is true: $f$ is convex because its output weights are not negative. If $f$ is at most $a$ at
    two points, it is at most $a$ at every mixture of them; the same with *less than*.
Before you use it: The threshold may be any real number; positive is not needed. It matters for the
    next claims that the region is closed ($f>a$ means $+1$) or open ($f\geq a$ means $+1$): the
    repaired Theorem 11 needs one of the two.
"""

from dataclasses import replace
from fractions import Fraction
from random import Random

import sympy

from certify.certificates import facts
from certify.numbers.rationals import combine, vector
from verify.claims.charles2019 import lem_13
from verify.claims.charles2019.lem_13 import Instance
from verify.claims.charles2019.shared import two_layer
from verify.claims.charles2019.shared.labelled import labelled
from verify.claims.charles2019.sharp.sublevel_sets import CLOSED
from verify.claims.charles2019.without import relu
from verify.claims.language import (
    Given,
    Named,
    Operator,
    Proof,
    Symbolic,
    computed,
    identity,
    named,
    step,
    theorem,
)
from verify.claims.relation import number
from verify.drawing import networks, numbers, relu_rules
from verify.objects import TwoLayerNetwork


def draw(rng: Random, case: str) -> Instance:
    """Return an accurate rule on a set of the named case and a segment between -1 points."""
    data = networks.surrounded_set(rng, case)
    network = relu_rules.network_of_class_r_prime(rng, data, case)
    start, end = rng.choice(data.negative), rng.choice(data.negative)
    return Instance(network, start, end, Fraction(rng.randint(0, 8), 8))


def draw_zero_threshold(rng: Random) -> Instance:
    """Return a rule f > 0 with any weights v >= 0; with a < 0 no point would be labelled -1."""
    instance = lem_13.draw(rng, networks.GENERIC)
    shares = tuple(abs(numbers.number(rng)) for _ in instance.network.output)
    return replace(instance, network=replace(instance.network, output=shares))


@theorem.not_needed("positive threshold", draw_zero_threshold)
def prove(instance: Instance) -> Proof:
    """Evaluate convexity of f along the segment, and its level between the two ends."""
    network, x, z, t = instance.network, instance.start, instance.end, instance.parameter
    middle = combine((1 - t, x), (t, z))
    f, g = (two_layer.value(name, network, at) for name, at in (("f(x)", x), ("f(z)", z)))
    mixed = computed(
        "(1-t)f(x)+tf(z)", "(1 - t) * f + t * g", t=t, f=network.value(x), g=network.value(z)
    )
    level = named("a", network.threshold)
    below: Operator = "<=" if network.strict else "<"
    found = [facts.convex(0), *(facts.label(0, point, -1) for point in (x, z, middle))]
    return Proof.of(
        Named("(1-t)x+tz", middle), *lem_13.convexity_steps(instance),
        step(r"Both ends are labelled $-1$: there $f\leq a$ for the rule $f>a$, and $f<a$ for the "
             r"rule $f\geq a$. So the mixture of the two values is on the same side of $a$.",
             (f, below, level), (g, below, level), (mixed, below, level)),
        step("Hence the point between is labelled $-1$ as well.",
             (two_layer.value("f((1-t)x+tz)", network, middle), "<=", mixed),
             (labelled("h((1-t)x+tz)", network, middle), "=", -1)),
        facts.certificate([network], found),
    )  # fmt: skip


# The band |x_1| <= 1 as the region of |x_1| > 1, from one edge to the other.
EXAMPLE = Instance(
    TwoLayerNetwork(
        (vector([1, 0]), vector([-1, 0])), vector([0, 0]), vector([1, 1]), Fraction(1), strict=True
    ),
    vector([-1, 0]),
    vector([1, 2]),
    Fraction(1, 4),
)


def sharpness() -> Proof:
    """Evaluate where the region is closed and where it is open, on the unit relu(x) and a = 1.

    For the rule f > 1 the point 1 belongs to it, for f >= 1 it does not, although 1 - 1/k does.
    With a = -1 the region is empty, and convex all the same.
    """
    closed = TwoLayerNetwork((vector([1]),), vector([0]), vector([1]), Fraction(1), strict=True)
    opened = replace(closed, strict=False)
    empty = replace(closed, threshold=Fraction(-1))
    edge = vector([1])
    before = [(1 - Fraction(1, k),) for k in (1, 10, 1000)]
    after = vector(["1001/1000"])
    found = [
        facts.convex(0), facts.convex(1), facts.convex(2),
        facts.label(0, edge, -1), facts.label(0, after, 1), facts.label(1, edge, 1),
        *(facts.label(1, x, -1) for x in before),
        # The label +1 of the third rule never changes, in either direction.
        facts.label(2, edge, 1), *(facts.keeps(2, edge, (Fraction(s),)) for s in (1, -1)),
    ]  # fmt: skip
    return Proof.of(
        Given("network", closed),
        step("For $f>1$ the edge $x=1$ is labelled -1: the region is closed.",
             (two_layer.value("f(1)", closed, edge), "=", 1),
             (labelled("h(1)", closed, edge), "=", -1),
             (labelled(f"h({number(after[0])})", closed, after), "=", 1)),
        step(r"For $f\geq1$ the edge is labelled +1 and all points before it -1: it is open.",
             (labelled("h(1)", opened, edge), "=", 1),
             ([labelled(f"h({number(x[0])})", opened, x) for x in before], "=", -1)),
        step("With a negative threshold the region is empty.",
             ([labelled(f"h({number(x[0])})", empty, x) for x in (*before, edge, after)],
              "=", 1)),
        facts.certificate([closed, opened, empty], found),
    )  # fmt: skip


def symbolic() -> Symbolic:
    """Prove that a mixture of two values stays below their common bound, and convexity of relu."""
    f, g, t, a = sympy.symbols("f g t a")
    yield from lem_13.symbolic()
    yield identity(
        r"A mixture of two values below $a$ is below $a$: both terms on the right are "
        "nonnegative, and one is positive if both values are less than $a$.",
        r"a-((1-t)f+tg)=(1-t)(a-f)+t(a-g)",
        "all numbers",
        a - ((1 - t) * f + t * g),
        (1 - t) * (a - f) + t * (a - g),
    )


CLAIM = theorem(
    __name__,
    without={"nonnegative output weights": lem_13.signed_weights(relu.R_PRIME)},
    sharp=CLOSED,
    cases=relu_rules.CASES,
)
