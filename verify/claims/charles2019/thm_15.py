r"""Theorem 15: A difference of data points fools every accurate class R' rule

Printed: There is some $v$ such that for all $h\in\mathcal{R}'_S$ and $(x,-1)$ such that $h(x)=-1$,
    $v$ is an adversarial direction for $h$ at $x$.
Statement: Let both labels occur in $S$ and $v=x_+-x_-$ for any $x_+$, $x_-$ in $S$ with these
    labels. For every rule $h=+1$ exactly where $f>a$, or where $f\geq a$, with
    $f(x)=\sum_iv_i\,\mathrm{relu}(w_i\cdot x+b_i)$, $v_i\geq0$, $a>0$, that is right on $S$, and
    every $x$ with $h(x)=-1$, some $c>0$ has $h(x+cv)=+1$.
Verdict: true. True by the three lines that prove Theorem 10; the paper derives it from Theorem 11,
    which asks for continuous rules, and no rule with two labels is continuous.
Reading: Both labels occur in $S$, as Section 5 assumes before Theorem 10; $x$ is any point of the
    space, in $S$ or not.
Needs both labels: Some point is labelled +1 and some point -1.
Needs nonnegative output weights: $f$ adds its units with weights $v_i\geq0$.
Needs points labelled -1: Only points with label -1 are claimed to flip.
Needs positive threshold: The threshold $a$ is positive.
    Without it: The proof compares $f(x_+)$ with $f(x_-)$ only, at any threshold. For $a<0$, and for
        $f\geq0$, no rule labels a point -1.
Sharp: If $S$ is finite with both labels and some rules of the class, of whatever width, are right
    on $S$, then $v$ serves all of them exactly when $x_+-sv$ lies in the hull of the points
    labelled -1, for some $x_+$ in $S$ and $s>0$: a union of cones. At a point $x$ of $S$ labelled
    -1 they have all been turned exactly from the least $c$ on for which $x+cv$ lies in
    $x_++\mathrm{cone}(x_+-z)$, over the $z$ in $S$ labelled -1, for some $x_+$ in $S$: one linear
    program for each $x_+$. There need not be such a step.
    Rests on: Coq in part sec6_v2, sec6_nontransfer. The second asks for a linear rule that is
        right; without one, $A=\mathrm{conv}(S[-1])+\mathbb{R}_+v$ still misses each $x_+$, by a
        half-space with $w\cdot v\le0$, and these units are silent on $A$. The steps are the same
        question for $A=\mathrm{conv}(S[-1]\cup\{x+cv\})$.
Quantifier: for all accurate networks and all their -1 points at once, by one convex combination;
    explicit steps on a sampled network
Uses: charles-thm-10, charles-lem-14
The idea: Theorem 10 with weights and a threshold: the direction from a negative to a positive data
    point fools every accurate class $R'$ network at every point labelled $-1$.
Why it is true: Again $f(x_+)>f(x_-)$, so some unit with positive weight grows along $v=x_+-x_-$. It
    grows linearly for ever and lifts $f$ over any threshold.
Before you use it: From $x_-$ itself the step 1 serves all networks, since it ends at $x_+$. From
    other points there need not be any such step, because the growing unit can rise as slowly as you
    like. The set of directions that work is a union of cones: from the hull of the negative points
    to each positive point. In the figure, the shaded cone is where $d$ works for *every* accurate
    network.
"""

from dataclasses import replace
from fractions import Fraction
from random import Random

import sympy

from certify import certificates, linear_program
from certify.certificates import facts
from certify.certificates.certificate import Certificate
from certify.numbers.rationals import Vector, combine, dot, vector
from verify.claims.charles2019 import thm_10
from verify.claims.charles2019.shared.labelled import labelled, labels
from verify.claims.charles2019.sharp import forced_steps, relu_directions
from verify.claims.charles2019.sharp.direction_decisions import R_PRIME, Query, sharp_form
from verify.claims.charles2019.sharp.direction_overstatements import only_differences
from verify.claims.charles2019.sharp.forced_steps import Forcing
from verify.claims.charles2019.thm_10 import Instance
from verify.claims.charles2019.without import relu
from verify.claims.language import (
    Given,
    Named,
    Proof,
    SharpForm,
    Symbolic,
    greatest,
    identity,
    mixture,
    named,
    step,
    theorem,
)
from verify.claims.relation import number
from verify.drawing import networks, numbers, relu_rules
from verify.objects import LabelledSet, LinearRule, TwoLayerNetwork

prove = thm_10.prove


def draw(rng: Random, case: str) -> Instance:
    """Return a set of the named case, an accurate rule of class R' and a pair of points."""
    instance = thm_10.draw(rng, case)
    network = relu_rules.network_of_class_r_prime(rng, instance.data, case)
    return replace(instance, network=network)


# Three points for which the max-margin direction (0, 1) is not universal, but (1, 1) is.
EXAMPLE = Instance(
    LabelledSet.of([[1, 1], [-1, 1], [0, 0]], [1, 1, -1]),
    relu_directions.sum_of_units([LinearRule.of([1, 0], 0), LinearRule.of([-1, 0], 0)]),
    positive=0,
    negative=2,
)


def draw_zero_threshold(rng: Random) -> Instance:
    """Return a rule f > 0 with any weights v > 0: with a < 0 no point would be labelled -1."""
    instance = thm_10.draw(rng, networks.GENERIC)
    shares = tuple(numbers.positive(rng) for _ in instance.network.output)
    return replace(instance, network=replace(instance.network, output=shares))


def sharpness() -> Proof:
    """Evaluate U-relu in both readings of the threshold, and that no step serves all rules.

    With + (1, 0) and - (0, 0), (0, 1) the direction (1, 0) is universal. Its least step for all
    rules at once is 1 from (0, 0), and from (0, 1) there is none.
    """
    v = vector([0, 1])
    silent = relu_directions.silent_network(EXAMPLE.data, v)
    rules = [silent, replace(silent, threshold=Fraction(1, 2), strict=True)] if silent else []
    data = LabelledSet.of([[1, 0], [0, 0], [0, 1]], [1, -1, -1])
    plus, low, high = data.points
    path = relu_directions.universal_path(data, plus)
    slack, far = 1 - Fraction(1, 1000), Fraction(1000)
    late = [
        (x, c, not_forced(data, combine((1, x), (c, plus)))) for x, c in ((low, slack), (high, far))
    ]
    held = [
        data.certificate(
            [rule],
            [facts.accurate(0), facts.convex(0), facts.label(0, combine((1, x), (c, plus)), -1)],
        )
        for x, c, rule in late
    ]
    zero = (Fraction(0),) * 3
    return Proof.of(
        Given("data of step 1", EXAMPLE.data), Named("u", v),
        *(Given(f"rule $h_{n}$ of step 1", rule) for n, rule in enumerate(rules, 1)),
        Given("data of step 2", data),
        Named("v", plus),
        *(Given(f"rule $h_{n}$ of step 3", rule) for n, (*_, rule) in enumerate(late, 1)),
        step("Along the max-margin direction $u$ of the example no unit of an accurate rule rises, "
             r"for $f\geq1$ and for $f>1/2$.",
             *((labels(f"h_{n}", rule, EXAMPLE.data.points), "=", [*EXAMPLE.data.labels])
               for n, rule in enumerate(rules, 1)),
             ([greatest(r"\max_iw_i\cdot u(h_#)", [dot(w, v) for w in rule.weights])
               for rule in rules], "<=", 0)),
        step("The direction $(1,0)$ leads from a point labelled -1 to one labelled +1, with "
             "step 1 from the origin.",
             (mixture("x_-+1v", (1, low), (1, plus)), "=", named("x_+", plus))),
        step("For any smaller step, and from $(0,1)$ for any step, an accurate rule still says "
             "$-1$: $w=(k,k-1)$, $b=1-k$ at the step $1-1/k$, and $w=(1,-k)$, $b=0$ at the step "
             "$k$, here for $k=1000$.",
             *((labels(f"h_{n}", rule, data.points), "=", [*data.labels])
               for n, (*_, rule) in enumerate(late, 1)),
             ([labelled(rf"h_#({number(x)}+{number(c)}v)", rule, combine((1, x), (c, plus)))
               for x, c, rule in late], "=", -1)),
        *(relu_directions.refusal_certificate(EXAMPLE.data, rule, v) for rule in rules),
        *((relu_directions.path_certificate(data, plus, path),) if path else ()),
        certificates.relu_label_forced(data, plus, 0, Fraction(1), zero),
        never_forced(data, high, plus),
        *held,
    )  # fmt: skip


def not_forced(data: LabelledSet, x: Vector) -> TwoLayerNetwork:
    """Return an accurate rule that labels x as -1, for x outside every x_+ + cone(x_+ - N).

    One unit for each +1 point is silent on the -1 points and on x.
    """
    units = (relu_directions.mixture((*data.negative, x), z) for z in data.positive)
    return relu_directions.sum_of_units(unit for unit in units if isinstance(unit, LinearRule))


def never_forced(data: LabelledSet, x: Vector, v: Vector) -> Certificate:
    """Certify that no x + c v lies in x_+ + cone(x_+ - N), for a set with one +1 point.

    A point with that label under every accurate rule has x_+ as a mixture of itself and of -1
    points, so it is x_+ plus a nonnegative combination of the differences.
    """
    (target,) = data.positive
    columns = [v, *(combine((1, z), (-1, target)) for z in data.negative)]
    rows = [[column[k] for column in columns] for k in range(data.dimension)]
    gap = combine((1, target), (-1, x))
    return linear_program([0] * len(columns), equalities=(rows, gap), nonnegative=True).certificate


def symbolic() -> Symbolic:
    """Prove the height of the rising unit, and where a label is forced, for all numbers."""
    weight, y, z = sympy.symbols("weight y z")
    target = weight * y + (1 - weight) * z
    yield from thm_10.symbolic()
    yield identity(
        r"A mixture $x_+=\lambda y+(1-\lambda)z$ with $\lambda>0$ means that $y$ lies behind "
        r"$x_+$, seen from $z$.",
        r"y=x_++(1/\lambda-1)(x_+-z)",
        r"each coordinate, with $\lambda$ not zero",
        y, target + (1 / weight - 1) * (target - z),
    )  # fmt: skip


DIRECTIONS = sharp_form(
    R_PRIME,
    only_differences(
        R_PRIME,
        "Overstated: only the positive multiples of differences $x_+-x_-$ serve all rules. "
        "With $(-1,0)$, $(1,0)$ labelled $-1$ and $(0,1)$ labelled $+1$ the direction $(0,1)$ "
        "does, from the middle.",
    ),
)


def draw_sharp(rng: Random, case: str) -> Query | Forcing:
    """Return a set with a direction, or with a direction and a step along it."""
    source = forced_steps if case in forced_steps.CASES else DIRECTIONS
    drawn: Query | Forcing = source.draw(rng, case)
    return drawn


def decide(instance: Query | Forcing) -> Proof:
    """Decide whether the direction serves all rules, or whether the step does."""
    if isinstance(instance, Forcing):
        return forced_steps.decide(instance)
    return DIRECTIONS.decide(instance)


CLAIM = theorem(
    __name__,
    without={
        "both labels": relu.one_label(relu.R_PRIME),
        "nonnegative output weights": relu.signed_weights(relu.R_PRIME),
        "points labelled -1": relu.other_label(relu.R_PRIME),
        "positive threshold": (draw_zero_threshold, prove),
    },
    sharp=SharpForm(
        (*DIRECTIONS.cases, *forced_steps.CASES), draw_sharp, decide, DIRECTIONS.overstated
    ),
    cases=relu_rules.CASES,
)
