r"""Theorem 10: A difference of data points fools every accurate class R rule

Printed: There is some $v$ such that for all $h\in\mathcal{R}_S$ and $(x,-1)$ such that $h(x)=-1$,
    $v$ is an adversarial direction for $h$ at $x$.
Statement: Let both labels occur in $S$ and $v=x_+-x_-$ for any $x_+$, $x_-$ in $S$ with these
    labels. Then for every rule $h$ of class $R$, $h=+1$ exactly where
    $\sum_i\mathrm{relu}(w_i\cdot x+b_i)>0$, that is right on $S$, and every $x$ with $h(x)=-1$,
    some $c>0$ has $h(x+cv)=+1$.
Verdict: true. The statement holds, by three lines without topology; the paper's own route through
    Theorem 11 is broken.
Reading: Both labels occur in $S$, as the sentence before the theorem assumes; $x$ is any point of
    the space, in $S$ or not.
Needs both labels: Some point is labelled +1 and some point -1.
Needs nonnegative output weights: $f$ adds its units with weights $v_i\geq0$.
Needs points labelled -1: Only points with label -1 are claimed to flip.
Sharp: If $S$ is finite with both labels and some rules of the class, of whatever width, are right
    on $S$, then $v$ does this for all of them exactly when $x_+-sv$ lies in the hull of the points
    labelled $-1$, for some $x_+$ in $S$ and $s>0$.
    Rests on: Coq in part sec6_v2, sec6_nontransfer. They speak of class $R'$, to which a rule of
        class $R$ belongs with one more unit that is constant; and the units of the second one make
        a rule of class $R$, with $f>0$. The second asks for a linear rule that is right; without
        one, $A=\mathrm{conv}(S[-1])+\mathbb{R}_+v$ still misses each $x_+$, by a half-space with
        $w\cdot v\le0$, and these units are silent on $A$.
Quantifier: for all accurate networks and all their -1 points at once, by one convex combination;
    explicit steps on a sampled network
Uses: charles-lem-13
The idea: Take one data point of each label and walk in the direction from the negative to the
    positive one. From *any* point labelled $-1$, by *any* accurate class $R$ network, you will
    reach label $+1$.
Why it is true: The network says $+1$ at $x_+$ and $-1$ at $x_-$, so some unit is larger at $x_+$.
    Therefore its weight vector has a positive product with $v=x_+-x_-$. Along $v$ this unit grows
    without bound, from every starting point; the others cannot pull it down, since no unit counts
    negatively.
Before you use it: The proof takes three lines; the paper's own way leads through Theorem 11, which
    is vacuous. Only points labelled $-1$ are promised to flip: for $f=|x|$ the points labelled $+1$
    need opposite directions.
"""

from dataclasses import dataclass, replace
from fractions import Fraction
from random import Random

import sympy

from certify import certificates
from certify.numbers.rationals import Vector, combine, dot
from verify.claims.charles2019.shared import two_layer
from verify.claims.charles2019.shared.labelled import labelled, labels
from verify.claims.charles2019.sharp import relu_directions
from verify.claims.charles2019.sharp.direction_decisions import R, sharp_form
from verify.claims.charles2019.sharp.direction_overstatements import all_sums
from verify.claims.charles2019.without import relu
from verify.claims.language import (
    Given,
    Named,
    Proof,
    Symbolic,
    SymbolicStep,
    computed,
    greatest,
    identity,
    inner,
    matrices,
    mixture,
    named,
    step,
    theorem,
)
from verify.drawing import labelled_sets, networks
from verify.objects import LabelledSet, TwoLayerNetwork


@dataclass(frozen=True)
class Instance:
    """A labelled set, a rule of class R that is right on it, and one point of each label."""

    data: LabelledSet
    network: TwoLayerNetwork
    positive: int
    negative: int


def draw(rng: Random, case: str) -> Instance:
    """Return a set of the named case, an accurate rule and a pair of points, by index."""
    data = networks.surrounded_set(rng, case)
    network = networks.network_of_class_r(rng, data)
    return Instance(data, network, *labelled_sets.pair_of_indices(rng, data))


def escape_step(network: TwoLayerNetwork, unit: int, x: Vector, direction: Vector) -> Fraction:
    """Return a positive step after which the unit alone lifts f above the threshold.

    Needs a positive output weight and w_i.v > 0 at the unit (Charles et al., Theorem 10).
    """
    level = network.threshold / network.output[unit] - network.preactivations(x)[unit]
    reach = level / dot(network.weights[unit], direction)
    return max(reach, Fraction(0)) + 1


def rising_unit(network: TwoLayerNetwork, low: Vector, high: Vector) -> int:
    """Return the unit with the largest weighted growth from ``low`` to ``high``."""
    before, after = (network.preactivations(x) for x in (low, high))
    growth = [
        v * (max(b, Fraction(0)) - max(a, Fraction(0)))
        for v, a, b in zip(network.output, before, after, strict=True)
    ]
    return max(range(len(growth)), key=growth.__getitem__)


def alone(
    network: TwoLayerNetwork, unit: int, end: str, x: Vector, c: Fraction, v: Vector
) -> Named:
    """Return v_i (w_i.(x + c v) + b_i), what one unit alone gives at the named end."""
    o, w, b, i = network.output[unit], network.weights[unit], network.biases[unit], unit + 1
    terms = computed("", "o * (wx + b + c * wv)", o=o, b=b, c=c, wx=dot(w, x), wv=dot(w, v))
    height = o * network.preactivations(combine((1, x), (c, v)))[unit]
    return Named(rf"v_{{{i}}}(w_{{{i}}}\cdot({end})+b_{{{i}}})", height, terms.numbers)


def prove(instance: Instance) -> Proof:
    """Find the unit that rises from the -1 to the +1 point and the step at which it wins."""
    data, network = instance.data, instance.network
    path = relu_directions.difference(data, instance.positive, instance.negative)
    high, low, v = data.points[path.positive], path.start(data), path.direction(data)
    unit = rising_unit(network, low, high)
    w, o, i = network.weights[unit], network.output[unit], unit + 1
    activity = [
        two_layer.active(rf"\mathrm{{relu}}(w_{i}\cdot {x}+b_{i})", network, unit, at)
        for x, at in (("x_+", high), ("x_-", low))
    ]
    flips = [(x, escape_step(network, unit, x, v)) for x in data.negative]
    ends = [combine((1, x), (c, v)) for x, c in flips]
    places = [str(k) for k, y in enumerate(data.labels, 1) if y == -1]
    above = [
        alone(network, unit, f"x_{{{k}}}+c_{{{k}}}v", x, c, v)
        for k, (x, c) in zip(places, flips, strict=True)
    ]
    return Proof.of(
        Named("x_+", high), Named("x_-", low), Named("v=x_+-x_-", v), Named("i", i),
        *(Named("c_#", c).at(k) for k, (_, c) in zip(places, flips, strict=True)),
        step(r"The rule is right on both points, so $f(x_+)>f(x_-)$ and some unit $i$ is more "
             r"active at $x_+$.",
             (two_layer.value("f(x_+)", network, high), ">",
              two_layer.value("f(x_-)", network, low)),
             (activity[0], ">", activity[1])),
        step(r"Its output weight is positive and $w_i\cdot(x_+-x_-)>0$.",
             (named(f"v_{i}", o), ">", 0), (inner(rf"w_{i}\cdot v", w, v), ">", 0)),
        step(r"From any $x$ with label $-1$ the unit alone gives $f(x+cv)\ge v_i(w_i\cdot "
             r"x+b_i+c\,w_i\cdot v)$. That is above the threshold $a$, of the rule $f>a$ or "
             r"$f\ge a$, at $c=\max(0,(a/v_i-w_i\cdot x-b_i)/(w_i\cdot v))+1$.",
             (above, ">", named("a", network.threshold)),
             ([two_layer.value("f(x_#+c_#v)", network, end).at(k)
               for k, end in zip(places, ends, strict=True)], ">=", above)),
        step(r"So the label there is $+1$.",
             ([labelled("h(x_#+c_#v)", network, end).at(k)
               for k, end in zip(places, ends, strict=True)], "=", 1)),
        relu_directions.path_certificate(data, v, path),
        certificates.network_flip(data, network, v, flips),
    )  # fmt: skip


EXAMPLE = Instance(
    LabelledSet.of([[1, 1], [-1, 1], [0, 0], [0, -1]], [1, 1, -1, -1]),
    TwoLayerNetwork.sum_of_units([[1, 0], [-1, 0]], [0, 0]),
    positive=0,
    negative=2,
)


def sharpness() -> Proof:
    """Evaluate U-relu: the universal directions are a union of cones, and not convex.

    Both differences x_+ - x_- of the example are universal; their sum is silent for a rule of class
    R with two units, so it is not, and neither is the opposite of a difference.
    """
    data = LabelledSet.of([[1, 1], [-1, 1], [0, 0]], [1, 1, -1])
    good = [combine((1, x), (-1, data.points[2])) for x in data.positive]
    bad = [combine((1, good[0]), (1, good[1])), combine((-1, good[0]))]
    found = [(v, relu_directions.universal_path(data, v)) for v in good]
    paths = [(v, path) for v, path in found if path]
    silent = [(v, relu_directions.silent_network(data, v)) for v in bad]
    rules = [(v, of_class_r(rule)) for v, rule in silent if rule]
    proved = [
        *(relu_directions.path_certificate(data, v, path) for v, path in paths),
        *(relu_directions.refusal_certificate(data, rule, v) for v, rule in rules),
    ]
    return Proof.of(
        Given("data", data),
        *(Named(f"v_{{{n}}}", v) for n, v in enumerate(good, 1)),
        Named("v_{3}=v_1+v_2", bad[0]), Named("v_{4}=-v_1", bad[1]),
        *(Given(f"rule $h_{n}$ for $v_{n}$", rule)
          for n, (_, rule) in enumerate(rules, len(good) + 1)),
        step(r"Each difference leads from the hull of the points labelled -1 to some $x_+$.",
             ([mixture("z_#+s_#v_#", (1, p.start(data)), (p.scale, v)) for v, p in paths],
              "=", named("x_+", [data.points[p.positive] for _, p in paths]))),
        step("Their sum and the opposite of one of them do not: a rule of class $R$ that is right "
             "on the data rises along them in no unit.",
             *((labels(f"h_{n}", rule, data.points), "=", [*data.labels])
               for n, (_, rule) in enumerate(rules, len(good) + 1)),
             ([greatest(rf"\max_iw_i\cdot v_{n}", [dot(w, v) for w in rule.weights])
               for n, (v, rule) in enumerate(rules, len(good) + 1)], "<=", 0)),
        *proved,
    )  # fmt: skip


def of_class_r(network: TwoLayerNetwork) -> TwoLayerNetwork:
    """Return the same units with the rule f > 0."""
    return replace(network, threshold=Fraction(0), strict=True)


def symbolic(direction: str = "v") -> Symbolic:
    """Prove the height of the rising unit at the chosen step, in all dimensions."""
    s, z, a, o = sympy.symbols("s z a o")
    yield along_ray(direction)
    yield identity(
        "One step beyond the level $a/v_i$ the unit exceeds it by its slope "
        rf"$s=w_i\cdot {direction}$, where it starts with $z=w_i\cdot x+b_i$.",
        r"v_i(z+cs)=a+v_is,\ c=(a/v_i-z)/s+1",
        "all numbers, where the slope and the output weight are not zero",
        o * (z + ((a / o - z) / s + 1) * s), a + o * s,
    )  # fmt: skip


def along_ray(direction: str = "v") -> SymbolicStep:
    """Prove that a unit changes at one rate along a ray, in all dimensions."""
    w, x, v = matrices("w x v", "d")
    b, c = *matrices("b"), sympy.Symbol("c")
    return identity(
        rf"Along the ray the unit changes at the rate $w_i\cdot {direction}$.",
        rf"w_i\cdot(x+c{direction})+b_i=(w_i\cdot x+b_i)+c\,w_i\cdot {direction}",
        "all dimensions", w.T * (x + c * v) + b, w.T * x + b + c * w.T * v,
    )  # fmt: skip


CLAIM = theorem(
    __name__,
    without={
        "both labels": relu.one_label(relu.R),
        "nonnegative output weights": relu.signed_weights(relu.R),
        "points labelled -1": relu.other_label(relu.R),
    },
    sharp=sharp_form(
        R,
        all_sums(
            R,
            r"Overstated: sums of such $v$ serve all rules as well. With $(0,0)$ labelled $-1$ and "
            r"$(-1,1)$, $(1,1)$ labelled $+1$ the rule $|x_1|>0$ keeps its labels along the sum "
            "$(0,2)$, like its half $(0,1)$.",
        ),
    ),
    cases=networks.CASES,
)
