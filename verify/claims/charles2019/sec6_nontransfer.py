r"""Section 6, remark after Corollary 17: The max-margin direction need not turn an accurate network

Printed: The adversarial direction for $\mathcal{H}_S$ constructed in Theorem 4 does not necessarily
    transfer to $\mathcal{R}'_S$.
Statement: Let $u$ be the max-margin direction of a finite separable $S$ with both labels. If
    $x_+-su$ lies in the convex hull of the points labelled -1 for no $x_+$ labelled +1 and no
    $s>0$, then some accurate rule of class $R'$, with at most one unit for each $x_+$, keeps every
    label -1 along $u$. Otherwise $u$ turns every accurate rule of class $R'$ at all points that it
    labels -1.
Verdict: true. There are such sets, three points of the plane for instance, and an exact criterion
    tells them apart.
Reading: $S$ is linearly separable with both labels, so that Theorem 4 constructs its direction, and
    the points are those labelled -1, as in Section 5; the sentence asks for one such set.
Needs no positive point over the hull: $x_+-su$ is a mixture of points labelled -1 for no $x_+$ and
    $s>0$.
    Without it: If there is such a mixture, the direction turns every accurate network. On a line,
        and with one point labelled +1, there always is.
Needs enough units: The network may have as many units as there are points labelled +1.
    Without it: With one unit the rule is linear, and Theorem 4 applies to it.
Sharp: Smallest: $(0,0)$ labelled -1, $(1,1)$ and $(-1,1)$ labelled +1, and $f=|x_1|\ge1$. There
    $-yu$ turns no point of $S$ at all. It takes $d\ge2$, two different points labelled +1 and two
    units: otherwise $u$ turns every accurate rule at every point labelled -1.
    Rests on: Coq in part sec6_nontransfer, sec6_nontransfer_otherwise. On a line, where $u$ and all
        $x_+-x_-$ have one sign, and with one point labelled +1, $u$ leads from the hull by the two
        identities above; one unit is a linear rule.
Quantifier: for all steps and, by the signs of $w_i\cdot u$, all points at once; on sampled sets
Uses: charles-lem-3, charles-relu-same-label
The idea: The max-margin direction fools every accurate linear rule. An accurate network may not
    notice it at all.
Why it is true: Start from the points of the hull of the negative points, and go along $u$: the rays
    fill a polyhedron. No positive point is in the hull, since $S$ is separable. If $u$ leads from
    the hull to none, none is in the polyhedron either: for each $x_+$ a half-space $w\cdot
    x+b\leq0$ holds the polyhedron, scaled so that $w\cdot x_++b\geq1$. There $w\cdot u\leq0$, since
    the half-space holds the rays. Take such a unit for each positive point. Their sum $f$ is $0$ at
    the negative points, at least $1$ at the positive ones, and never grows along $u$: the rule
    $f\geq1$ keeps every label $-1$. If $u$ does lead from the hull to a positive point, Theorem 15
    shows that no accurate rule keeps them, as the hull is labelled $-1$.
Before you use it: It takes two dimensions, two positive points and two units. The smallest picture
    is $|x_1|\geq1$ with the max-margin direction pointing up: walking up, you never leave the
    strip. Tilt the units in the figure and see at which slope the ray begins to leave.
"""

from dataclasses import replace
from fractions import Fraction
from functools import partial
from random import Random

import sympy

from certify.certificates import facts
from certify.numbers.rationals import Rows, Vector, combine, dot, vector
from verify.claims.charles2019.shared import figures
from verify.claims.charles2019.shared.labelled import turned
from verify.claims.charles2019.shared.separators import LargestMargin, objects, signed_sum
from verify.claims.charles2019.shared.two_layer import value
from verify.claims.charles2019.sharp import direction_decisions, relu_directions
from verify.claims.charles2019.sharp.direction_decisions import R_PRIME, Query
from verify.claims.claim import Counterexample, Proof, Refutation, step
from verify.claims.language import (
    Given,
    Symbolic,
    counted,
    identity,
    inner,
    least,
    matrices,
    mixture,
    named,
    theorem,
)
from verify.claims.relation import Named, number
from verify.drawing import labelled_sets, numbers, small
from verify.objects import LabelledSet, TwoLayerNetwork

GENERIC, REPEATED = labelled_sets.GENERIC, labelled_sets.REPEATED
SCALED, LEVEL = labelled_sets.SCALED, "positive points level with the direction"
CASES = (GENERIC, REPEATED, SCALED, LEVEL)
FAR = 10**6  # a long step


def draw(rng: Random, case: str) -> tuple[LabelledSet, Rows]:
    """Return a separable set of the named case whose max-margin direction is not universal."""
    while True:
        data = draw_level(rng) if case == LEVEL else labelled_sets.separable_set(rng, case)
        u = LargestMargin(data).direction
        if relu_directions.universal_path(data, u) is None:
            return data, numbers.vectors(rng, 2, data.dimension)


def draw_level(rng: Random) -> LabelledSet:
    """Return a point labelled -1, and points labelled +1 on both sides of the way up from it."""
    return direction_decisions.level_query(rng).data


def prove(data: LabelledSet, queries: Rows) -> Proof:
    """Build one unit for each +1 point and follow the direction from every -1 point."""
    largest = LargestMargin(data)
    u, (p, q) = largest.direction, largest.nearest_points
    network = silent_network(data, u)
    starts = [x for x in (*data.points, *queries) if network.label(x) == -1]
    values = [value(f"f{number(x)}", network, x) for x in starts for _ in (1, FAR)]
    moved = [value(f"f({number(x)}+{c}u)", network, combine((1, x), (c, u)))
             for x in starts for c in (1, FAR)]  # fmt: skip
    level_p, level_q = inner(r"u\cdot p", u, p), inner(r"u\cdot q", u, q)
    steps = (
        step(r"$u=p-q$ for the nearest points of the two hulls: $u\cdot x\ge u\cdot p$ at the "
             r"points labelled +1 and $u\cdot x\le u\cdot q$ at the others.",
             (mixture("p-q", (1, p), (-1, q)), "=", named("u", u)),
             ([inner(rf"u\cdot{number(x)}", u, x) for x in data.positive], ">=", level_p),
             ([inner(rf"u\cdot{number(x)}", u, x) for x in data.negative], "<=", level_q)),
        step(r"For each $x_+$ some $w\cdot x+b$ is at least 1 at $x_+$ and at most 0 at all points "
             "labelled -1: together they are an accurate rule $f\\ge1$ of class $R'$.",
             ([value(f"f{number(x)}", network, x) for x in data.negative], "=", 0),
             ([value(f"f{number(x)}", network, x) for x in data.positive], ">=", 1)),
        step(r"Also $w_i\cdot u\le0$ for every unit, so $f(x+cu)\le f(x)$ for all $x$ and $c>0$.",
             ([inner(r"w_#\cdot u", w, u) for w in network.weights], "<=", 0),
             (moved, "<=", values)),
        step("No point that the rule labels -1 is turned by $u$.",
             ([turned(rf"\text{{turned}}{number(x)}", network, x, u)
               for x in starts], "=", 0)),
    )  # fmt: skip
    known = [facts.accurate(0), facts.convex(0), *(facts.keeps(0, x, u) for x in starts)]
    given = (
        *objects(largest), Named("p", p), Named("q", q),
        *(Named(f"w_{{{i}}}", w) for i, w in enumerate(network.weights, 1)),
        Named("b", network.biases),
    )  # fmt: skip
    return Proof.of(*given, *steps, data.certificate([network], known), largest.answer.certificate)


def silent_network(data: LabelledSet, direction: Vector) -> TwoLayerNetwork:
    """Return the network of a direction that is known not to be universal."""
    network = relu_directions.silent_network(data, direction)
    assert network is not None
    return network


SMALLEST = LabelledSet.of([[0, 0], [1, 1], [-1, 1]], [-1, 1, 1])
EXAMPLE = (SMALLEST, (vector(["1/2", "-1/4"]),))


def draw_set(rng: Random) -> LabelledSet:
    """Return two to four points on a line or in the plane with any labels."""
    return small.labelled_set(rng, rng.randint(1, 2), rng.randint(2, 4))


@theorem.without("no positive point over the hull", LabelledSet.of([[0], [1]], [-1, 1]), draw_set)
def refute_over(data: LabelledSet) -> Refutation | None:
    """Refute when some +1 point lies over the hull of the -1 points: every network is turned."""
    largest = LargestMargin(data)  # raises InputError when the set is not separable
    u = largest.direction
    path = relu_directions.universal_path(data, u)
    if path is None:
        return None
    return Refutation.of(
        r"$x_+-su$ is a mixture of points labelled -1, so $u$ turns every accurate rule of class "
        "$R'$ from each of its points labelled -1.",
        Named(r"z=\sum\mu_ix_i", path.start(data)), Named(r"\mu", path.combination),
        Named("u", u), named("s", path.scale),
        step("The mixture leads along $u$ to a point labelled +1.",
             (mixture("z+su", (1, path.start(data)), (path.scale, u)), "=",
              named(f"x_{path.positive + 1}", data.points[path.positive])),
             (named("s", path.scale), ">", 0)),
        relu_directions.path_certificate(data, u, path), largest.answer.certificate,
    )  # fmt: skip


@theorem.without("enough units", SMALLEST, draw_set)
def refute_one_unit(data: LabelledSet) -> Refutation | None:
    """Refute when two units keep the labels but every rule with one unit is turned."""
    largest = LargestMargin(data)
    a, u = largest.multipliers, largest.direction
    wide = relu_directions.silent_network(data, u)
    if wide is None:
        return None
    units = len(wide.weights)
    return Refutation.of(
        r"A rule with one unit is $w\cdot x+b>a$ or $\ge a$, a linear rule, and $w\cdot u>0$ for "
        "all that are right on the set: each of its points labelled -1 is turned. With one unit "
        "for each point labelled +1 a rule keeps them.",
        Named(r"\alpha", a), Named("u", u), Given("network", wide),
        step(r"$u=\sum_i\alpha_iy_ix_i$ with $\alpha\ge0$ and $\sum_i\alpha_iy_i=0$, so $w\cdot "
             r"u=\sum_i\alpha_iy_i(w\cdot x_i+b)>0$ for every linear rule that is right.",
             (signed_sum(r"\sum\alpha_iy_ix_i", data, a), "=", named("u", u)),
             (least(r"\min_i\alpha_i", a), ">=", 0),
             (inner(r"\sum\alpha_iy_i", a, data.labels), "=", 0)),
        step("A rule with one unit for each different point labelled +1, of which there are "
             r"several, has $w_i\cdot u\le0$ for every unit.",
             (named(r"\text{units}", units), "=",
              counted(r"\text{different points labelled }+1",
                      [*map(number, dict.fromkeys(data.positive))])),
             (named(r"\text{units}", units), ">=", 2),
             ([inner(r"w_#\cdot u", w, u) for w in wide.weights], "<=", 0)),
        *direction_decisions.every_linear_rule(data, u, a),
        relu_directions.refusal_certificate(data, wide, u),
    )  # fmt: skip


def network(weights: list[list[int]], threshold: Fraction) -> TwoLayerNetwork:
    """Return the class R' rule f >= a of units without offsets."""
    rule = TwoLayerNetwork.sum_of_units(weights, [0] * len(weights))
    return replace(rule, threshold=threshold, strict=False)


FLAT = network([[1, 0], [-1, 0]], Fraction(1))
FALLING = network([[2, -1], [-2, -1]], Fraction(1, 2))


LINE, ONE_POSITIVE, SEPARABLE = "on a line", "one point labelled +1", "any separable set"
SETS = (LEVEL, LINE, ONE_POSITIVE, SEPARABLE)


def draw_any_set(rng: Random, case: str) -> LabelledSet:
    """Return a separable set of the named case, for which the direction may transfer or not."""
    if case == LEVEL:
        return draw_level(rng)
    data = labelled_sets.separable_set(rng, rng.choice(labelled_sets.CASES))
    if case == LINE:  # along a normal that separates
        normal = LargestMargin(data).rule.normal
        return LabelledSet(tuple((dot(normal, x),) for x in data.points), data.labels)
    if case == ONE_POSITIVE:
        return LabelledSet((data.positive[0], *data.negative), (1, *(-1 for _ in data.negative)))
    return data


@theorem.sharp(SETS, draw_any_set)
def decide_set(data: LabelledSet) -> Proof:
    """Decide whether the max-margin direction transfers to all networks, and what it takes."""
    largest = LargestMargin(data)
    u = largest.direction
    found = direction_decisions.decide_both(Query(data, u))
    rules = direction_decisions.level_rules(R_PRIME, data, u)
    fewest = min(data.dimension, len(set(data.positive)))
    units = [len(rule.weights) for rule in rules if isinstance(rule, TwoLayerNetwork)]
    takes = step(
        "If a network keeps its labels along $u$, the space has two dimensions, two different "
        "points are labelled +1, and the network has two units.",
        (int(bool(rules)), "<=", int(fewest >= 2)),
        (units, ">=", 2),
    )
    return Proof.of(*found.steps, takes, largest.answer.certificate, *found.certificates)


def refute_two_negative(data: LabelledSet) -> Refutation | None:
    """Refute that it takes two points labelled -1: a network keeps the label of a single one."""
    if len(set(data.negative)) != 1:
        return None
    largest = LargestMargin(data)  # raises InputError when the set is not separable
    u = largest.direction
    kept = relu_directions.silent_network(data, u)
    if kept is None:
        return None
    return Refutation.of(
        "One point is labelled -1, and no unit of an accurate network grows along the max-margin "
        "direction.",
        Named("u", u), Given("network", kept),
        step("No unit grows along it.",
             ([inner(r"w_#\cdot u", w, u) for w in kept.weights], "<=", 0)),
        step("All points labelled -1 are the same.",
             (counted(r"\text{different points labelled }-1",
                      [*map(number, dict.fromkeys(data.negative))]), "=", 1)),
        relu_directions.refusal_certificate(data, kept, u), largest.answer.certificate,
    )  # fmt: skip


TWO_NEGATIVE = Counterexample(
    "Overstated: it takes two different points labelled -1 as well. The smallest example has one.",
    SMALLEST,
    refute_two_negative,
    draw_set,
)


def sharpness() -> Proof:
    """Evaluate the smallest example with both networks, and that a fourth point can undo it.

    With the point (0, 1), labelled +1, the direction is the same and universal.
    """
    data, up, half = SMALLEST, vector([0, 1]), Fraction(1, 2)
    more = LabelledSet((*data.points, up), (*data.labels, 1))
    path = relu_directions.universal_path(more, LargestMargin(more).direction)
    assert path is not None
    rays = [(0, x, combine((-y, up))) for x, y in data.pairs]
    rays += [(1, x, up) for x in data.negative]
    known = [fact(i) for i in (0, 1) for fact in (facts.accurate, facts.convex)]
    known += [facts.keeps(*ray) for ray in rays]
    return Proof.of(
        Given("data", data), Given("network $f$ of step 2", FLAT),
        Given("network $f$ of step 3", FALLING),
        step(r"Three points of the plane: the max-margin direction is $(0,1)$.",
             (mixture(r"u=\frac12x_2+\frac12x_3-x_1", (half, data.points[1]),
                      (half, data.points[2]), (-1, data.points[0])), "=", up)),
        step(r"$f=|x_1|$ keeps the labels of all three points along $-yu$.",
             *((value(f"f({number(x)}{sign}10^6u)", FLAT, combine((1, x), (FAR, v))), "=",
                value(f"f{number(x)}", FLAT, x))
               for x in data.points for sign, v in (("+", up), ("-", combine((-1, up)))))),
        step(r"With $W=(2,-1),(-2,-1)$ and $f\ge1/2$ every $w_i\cdot u$ is $-1$ and no $f$ is "
             "on the threshold $a=1/2$, so small changes of weights and data are allowed.",
             ([inner(r"w_#\cdot u", w, up) for w in FALLING.weights], "=", -1),
             ([value(f"f{number(x)}", FALLING, x) for x in data.points], "!=",
              named("a", FALLING.threshold))),
        step(r"The criterion is exact: with $x_4=(0,1)$ labelled +1 the nearest points are $x_4$ "
             r"and $x_1$, so $u=x_4-x_1$ is the same, and universal.",
             (mixture("x_1+u", (1, path.start(more)), (path.scale, up)), "=",
              named("x_4", up))),
        data.certificate([FLAT, FALLING], known),
        LargestMargin(data).answer.certificate,
        relu_directions.path_certificate(more, up, path),
    )  # fmt: skip


def symbolic() -> Symbolic:
    """Prove that one point labelled +1, or a line, always lets the direction transfer."""
    x, z, u = sympy.symbols("x z u")
    yield identity(
        "On a line any difference is a multiple of the direction.",
        r"x_+-su=x_-,\ s=(x_+-x_-)/u",
        "dimension 1, with $u$ not zero", x - (x - z) / u * u, z,
    )  # fmt: skip
    high, low = matrices("x q", "d")
    yield identity(
        "With one point labelled +1 it is its own nearest point, and $s=1$ leads to the hull.",
        r"x_+-u=q,\ u=x_+-q",
        "all dimensions", high - (high - low), low,
    )  # fmt: skip


CLAIM = theorem(
    __name__,
    without={"sharp form, overstated": TWO_NEGATIVE},
    pictures=partial(figures.non_transfer, SMALLEST, (FLAT, FALLING), vector([0, 1])),
)
