r"""Corollary 17: Differences of data points turn networks and linear rules

Printed: Suppose $S$ is linearly separable. Then there exists $v\in\mathbb{R}^d$ such that for all
    $h\in\mathcal{R}'_S\cup\mathcal{H}_S$ and $x\in h^{-1}(-1)$, $v$ is an adversarial direction for
    $h$ at $x$.
Statement: Let both labels occur in $S$ and $v=x_+-x_-$ for any two points with these labels. Then
    $v$ is adversarial for every $h\in\mathcal{R}'_S\cup\mathcal{H}_S$ at every $x$ with $h(x)=-1$,
    in $S$ or not.
Verdict: true. True for any $x_+-x_-$ of two data points with these labels; linear separability is
    not needed for the networks.
Reading: Both labels occur in $S$: Section 5, which $\mathcal{R}'_S$ and the direction come from,
    assumes it, and two classes are spoken of. A linear rule may give its boundary either label.
Needs both labels: Some point is labelled +1 and some point -1.
Needs linearly separable: Some linear rule is right on $S$.
    Without it: Otherwise $\mathcal{H}_S$ is empty and the proof for networks runs as before.
Sharp: If $S$ is finite and any network is right on it, the step $c$ turns all these rules at a
    point $x$ of $S$ labelled -1 exactly when $x+cv=z+\sum_ja_j(z-z_j)$ for some $z$ in $S$ labelled
    +1, the points $z_j$ labelled -1 and $a_j\ge0$. At $x_-$ every $c\ge1$ does, and no smaller one
    does if $x_+$ is the only point labelled +1.
    Rests on: written proof. If $\mathrm{conv}(S[-1]\cup\{x+cv\})$ holds some $z$ labelled +1, then
        $z=\lambda(x+cv)+\sum_j\lambda_jz_j$ with $\lambda>0$, no right rule says -1 at $x+cv$, and
        $a_j=\lambda_j/\lambda$. If it holds none, a half-space around it without $z$, for each $z$,
        gives the units of a right network that says -1 there.
        $x_-+cv=x_++(c-1)(x_+-x_-)$; for $c<1$ and one $x_+$ that hull holds no point labelled +1.
Quantifier: for all accurate networks and linear rules and all points labelled -1 at once, by two
    combinations of data points; explicit steps on sampled rules
Uses: charles-thm-15, charles-linear-same-label
The idea: One direction for two families: the difference of two data points of different labels
    fools the accurate linear rules and the accurate networks of class $R'$.
Why it is true: For a linear rule the value rises from $x_-$ to $x_+$, hence along $v$ everywhere.
    For a network some unit does the same.
Before you use it: Both labels have to occur. At $x_-$ itself the step 1 turns all of these rules,
    since $x_-+v=x_+$, and a shorter one can do so only if other points are labelled $+1$. At other
    points no step need turn all of them. A linear rule may have points on its boundary, if it gives
    the boundary their label.

    The paper gives as the reason that linear rules divide the space into half-spaces, which are
    convex. That has no entry of its own, being one line: $w\cdot x+b$ at a mixture of two points is
    the mixture of its values there, so it is positive, or negative, where both are. The boundary
    can belong to either side, and a constant rule leaves one side empty.
"""

from dataclasses import dataclass
from fractions import Fraction
from random import Random

import sympy

from certify import certificates, max_margin
from certify.certificates import facts
from certify.numbers.rationals import Rows, Vector, combine, dot, vector
from verify.claims.charles2019 import thm_10
from verify.claims.charles2019.shared import two_layer
from verify.claims.charles2019.shared.labelled import labelled, labels
from verify.claims.charles2019.shared.separators import QUERIES, draw_rules, least_margin, value_at
from verify.claims.charles2019.shared.two_layer import value
from verify.claims.charles2019.sharp import direction_decisions, forced_labels, relu_directions
from verify.claims.charles2019.without import relu
from verify.claims.language import (
    Given,
    Named,
    Proof,
    SharpForm,
    Symbolic,
    computed,
    identity,
    inner,
    matrices,
    mixture,
    named,
    products,
    step,
    theorem,
)
from verify.claims.relation import number
from verify.drawing import labelled_sets, numbers, relu_rules
from verify.objects import LabelledSet, LinearRule, TwoLayerNetwork


@dataclass(frozen=True)
class Instance:
    """Data, linear rules and a network that are right on it, x_+ and x_- by index, and points."""

    data: LabelledSet
    separators: tuple[LinearRule, ...]
    network: TwoLayerNetwork
    positive: int
    negative: int
    queries: Rows

    @property
    def ends(self) -> tuple[Vector, Vector]:
        """The points x_+ and x_-."""
        return self.data.points[self.positive], self.data.points[self.negative]

    @property
    def direction(self) -> Vector:
        """The difference x_+ - x_-."""
        high, low = self.ends
        return combine((1, high), (-1, low))

    def labelled_negative(self, rule: LinearRule | TwoLayerNetwork) -> list[Vector]:
        """Return the points of the set and others that a rule labels -1."""
        return [x for x in (*self.data.points, *self.queries) if rule.label(x) == -1]


def draw(rng: Random, case: str) -> Instance:
    """Return a separable set of the named case with linear rules and a network of class R'."""
    data = labelled_sets.separable_set(rng, case)
    return _with_network(rng, data, draw_rules(rng, data))


def _with_network(rng: Random, data: LabelledSet, rules: tuple[LinearRule, ...]) -> Instance:
    positive, negative = labelled_sets.pair_of_indices(rng, data)
    queries = numbers.vectors(rng, QUERIES, data.dimension)
    kind = rng.choice((relu_rules.ATTAINED, relu_rules.UNUSED, labelled_sets.GENERIC))
    network = relu_rules.network_of_class_r_prime(rng, data, kind)
    return Instance(data, rules, network, positive, negative, queries)


def prove(instance: Instance) -> Proof:
    """Follow the difference under linear rules by their slope, under a network by one unit."""
    data, rules, v = instance.data, instance.separators, instance.direction
    high, low = instance.ends
    pair = (instance.positive, instance.negative)
    share = tuple(Fraction(i in pair) for i in range(len(data.points)))
    slopes, network = [dot(rule.normal, v) for rule in rules], _network_proof(instance)
    flips = [(i, x, -rule.value(x) / slope + 1)
             for i, (rule, slope) in enumerate(zip(rules, slopes, strict=True))
             for x in instance.labelled_negative(rule)]  # fmt: skip
    named_slopes = [
        Named(r"w_#\cdot v", slope, products(rule.normal, v))
        for rule, slope in zip(rules, slopes, strict=True)
    ]
    steps = (
        step(r"A linear rule $h_k$ that is right has $w\cdot x_++b\ge0\ge w\cdot x_-+b$, and is 0 "
             r"at most at the one whose label its boundary has. So "
             r"$w\cdot v=(w\cdot x_++b)-(w\cdot x_-+b)>0$.",
             ([value_at(r"w_#\cdot x_++b_#", rule, high) for rule in rules], ">=", 0),
             ([value_at(r"w_#\cdot x_-+b_#", rule, low) for rule in rules], "<=", 0),
             (named_slopes, "=",
              [computed(r"(w_#\cdot x_++b_#)-(w_#\cdot x_-+b_#)", "p - q",
                        p=rule.value(high), q=rule.value(low)) for rule in rules]),
             (named_slopes, ">", 0)),
        step(r"So from any $x$ with label -1 the label at $c=-(w\cdot x+b)/(w\cdot v)+1$ is +1.",
             ([labelled(f"h_{{{i + 1}}}({number(x)}+{number(c)}v)", rules[i],
                       combine((1, x), (c, v)))
               for i, x, c in flips], "=", 1)),
    )  # fmt: skip
    known = [facts.accurate(i) for i in range(len(rules))]
    known += [facts.changes(i, x, v, c) for i, x, c in flips]
    return Proof.of(
        Named("x_+", high),
        Named("x_-", low),
        Named("v", v),
        *steps,
        *network.steps,
        *direction_decisions.every_linear_rule(data, v, share),
        data.certificate(rules, known),
        *network.certificates,
    )


def _network_proof(instance: Instance) -> Proof:
    """Return the steps and certificates for the rule of class R'."""
    data, network, v = instance.data, instance.network, instance.direction
    high, low = instance.ends
    unit = thm_10.rising_unit(network, low, high)
    i = unit + 1
    more, less = (
        two_layer.active(rf"\mathrm{{relu}}(w_{i}\cdot {x}+b_{i})", network, unit, at)
        for x, at in (("x_+", high), ("x_-", low))
    )
    starts = instance.labelled_negative(network)
    flips = [(x, thm_10.escape_step(network, unit, x, v)) for x in starts]
    ends = [combine((1, x), (c, v)) for x, c in flips]
    alone = [thm_10.alone(network, unit, f"{number(x)}+{number(c)}v", x, c, v) for x, c in flips]
    path = relu_directions.difference(data, instance.positive, instance.negative)
    return Proof.of(
        step(r"A rule $h$ of class $R'$ that is right has $f(x_+)>f(x_-)$, since one is beyond the "
             r"threshold and the other is not. So some unit with $v_i>0$ is more active at $x_+$, "
             r"hence $w_i\cdot v>0$.",
             (value("f(x_+)", network, high), ">", value("f(x_-)", network, low)),
             (more, ">", less), (named(f"v_{i}", network.output[unit]), ">", 0),
             (inner(rf"w_{i}\cdot v", network.weights[unit], v), ">", 0)),
        step(r"From any $x$ with label -1 that unit alone lifts $f(x+cv)$ above $a$ at an explicit "
             "step, and the label is +1.",
             (alone, ">", named("a", network.threshold)),
             ([value(f"f{number(end)}", network, end) for end in ends], ">=", alone),
             (labels("h", network, ends), "=", 1)),
        relu_directions.path_certificate(data, v, path),
        certificates.network_flip(data, network, v, flips),
    )  # fmt: skip


def draw_inseparable(rng: Random) -> Instance:
    """Return a point labelled -1 between two labelled +1, and an accurate network."""
    d = rng.randint(1, labelled_sets.LARGEST_DIMENSION)
    middle, v = numbers.vector(rng, d), numbers.nonzero_vector(rng, d)
    sides = [combine((1, middle), (t * numbers.positive(rng), v)) for t in (1, -1)]
    return _with_network(rng, LabelledSet((middle, *sides), (-1, 1, 1)), ())


@theorem.not_needed("linearly separable", draw_inseparable)
def prove_inseparable(instance: Instance) -> Proof:
    """Run the proof for networks on data that no linear rule gets right."""
    data, proof = instance.data, _network_proof(instance)
    return Proof.of(
        *proof.steps, max_margin(data.points, data.labels).certificate, *proof.certificates
    )


EXAMPLE = Instance(
    LabelledSet.of([[0, 0], [1, 1], [-1, 1]], [-1, 1, 1]),
    (LinearRule.of([3, 4], -1, 1),),  # 0 at (-1, 1), which has the label of the boundary
    relu_directions.sum_of_units([LinearRule.of([1, 0], 0), LinearRule.of([-1, 0], 0)]),
    1,
    0,
    (vector(["1/2", -3]),),
)


def sharpness() -> Proof:
    """Evaluate the step that all rules need at x_- when one point is labelled +1: it is 1."""
    data = LabelledSet.of([[0], [1]], [-1, 1])
    short = [1 - Fraction(1, 10**k) for k in (1, 3, 6)]
    rules = [LinearRule(vector([1]), -(1 + c) / 2) for c in short]
    v, one, (start, end) = vector([1]), vector([1, 1]), data.points
    known = [
        fact for i, c in enumerate(short) for fact in
        (facts.accurate(i), facts.label(i, (c,), -1), facts.changes(i, start, v, Fraction(1)))
    ]  # fmt: skip
    return Proof.of(
        Given("data", data), Named("v", v),
        *(Given(f"rule $h_{i}$", rule) for i, rule in enumerate(rules, 1)),
        step(r"From $x_-$ the step 1 leads to $x_+$ itself.",
             (mixture("x_-+1v", (1, start), (1, v)), "=", named("x_+", end))),
        step(r"For $c<1$ the rule $x-\frac{1+c}2$ on the line is right on $0$ and $1$, and "
             "labels $c$ as $-1$; here with $c$ up to $1-10^{-6}$.",
             ([labelled(f"h_#({number(c)})", rule, (c,))
               for rule, c in zip(rules, short, strict=True)], "=", -1),
             ([least_margin(r"\min_i m_i(h_#)", rule, data) for rule in rules], ">", 0)),
        certificates.every_separator(data, v, Fraction(0), one),
        data.certificate(rules, known),
    )  # fmt: skip


def symbolic() -> Symbolic:
    """Prove the slope of a linear rule, and where one unit reaches the threshold."""
    w, p, q = matrices("w p q", "d")
    (b,) = matrices("b")
    yield identity(
        "The slope along the difference is the difference of the values.",
        r"w\cdot(x_+-x_-)=(w\cdot x_++b)-(w\cdot x_-+b)",
        "all dimensions", w.T * (p - q), (w.T * p + b) - (w.T * q + b),
    )  # fmt: skip
    o, s, g, a = sympy.symbols("o s g a")
    c = (a / o - s) / g
    yield identity(
        r"A unit $o\,\mathrm{relu}(s+cg)$ with $o,g>0$ reaches $a>0$ at an explicit step.",
        r"o(s+cg)=a,\ c=(a/o-s)/g",
        "any dimension", o * (s + c * g), a,
    )  # fmt: skip


CLAIM = theorem(
    __name__,
    without={"both labels": relu.one_label(relu.R_PRIME)},
    sharp=SharpForm(
        forced_labels.CASES, forced_labels.draw, forced_labels.decide, forced_labels.LEAST
    ),
    cases=labelled_sets.CASES,
)
