r"""Theorem 11: One direction leaves every convex region that is open or closed

Printed: $\mathcal{C}:=\{h\mid h\text{ is continuous, }h^{-1}(\alpha)\text{ is convex}\}$. … There
    is some $v$ such that for all $h\in\mathcal{C}_S$ and $(x,\alpha)$ such that $h(x)=\alpha$, $v$
    is an adversarial direction for $h$ at $x$.
Statement: Let $x_\alpha$, $x_\beta$ in $S$ have the labels $\alpha$, $\beta$, and
    $v=x_\beta-x_\alpha$. For every $h$ that is right on $S$ and for which $A=\{h=\alpha\}$ is
    convex, and open or closed, and every $x\in A$, some $c>0$ has $h(x+cv)=\beta$.
Verdict: vacuous as stated. No continuous rule is right on both labels. Without the word the
    statement is false from dimension 2 on; what repairs it is a region that is open or closed, or
    only that $x_\beta$ is not in its closure.
Reading: Both labels occur in $S$, as Section 5 assumes; $\mathcal{C}$ are the functions from all of
    $\mathbb{R}^d$ to two labels that are continuous, as printed.
Needs both labels: Both labels occur in $S$.
Needs convex: $\{h=\alpha\}$ is convex.
Needs open or closed: $\{h=\alpha\}$ is open or closed.
Sharp: If $S$ is finite with both labels and some of these rules are right on $S$, then $v$ serves
    all of them exactly when $x_\beta-sv$ lies in the hull of the points labelled $\alpha$, for some
    $x_\beta$ in $S$ and $s>0$. This is so for the closed regions alone, and for the open ones
    alone. For a single convex region $A$ all differences of a point outside and one inside lead out
    from all of its points exactly when $A$ holds, with one ray, all parallel rays from its points;
    open and closed regions do.
    Rests on: written proof. If $z=x_\beta-sv$ is in the hull of the points labelled $\alpha$, it is
        in $A$, and the theorem holds for $z$ in place of $x_\alpha$. Otherwise
        $\mathrm{conv}(S[\alpha])+\mathbb{R}_+v$ misses the points labelled $\beta$: it is a closed
        region that is never left, and a small open neighbourhood of it an open one. On rays see the
        remark of Section 6 before Corollary 17.
Quantifier: for all such rules and all points at once, by one convex combination; explicit steps for
    sampled polyhedral regions
Uses: charles-class-C
The idea: Leave a convex region through a known hole: if $x_\alpha$ is inside and $x_\beta$ is
    outside, then the direction from one to the other leads out from every inside point.
Why it is true: Suppose it did not: from $x$ you could go on for ever. The segment from $x_\alpha$
    to a point far out on that ray passes as near to $x_\beta$ as you like, and it lies in the
    region, by convexity. A closed region then contains $x_\beta$, which it does not. For an open
    region start a little behind $x_\alpha$, and the segment passes exactly through $x_\beta$.
Before you use it: As printed the theorem speaks of continuous rules and is vacuous. Leaving out
    that word makes it false from dimension 2 on: a region that is neither open nor closed can
    contain a ray along its own edge. The repaired form is what Theorems 10, 15 and 16 would need.
    Its certificate speaks of every convex region, open or closed, that holds the points of one
    label and none of the other.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from random import Random

import sympy

from certify.certificates import facts
from certify.numbers.rationals import Rows, Vector, combine, dot, vector
from verify.claims.charles2019 import class_C
from verify.claims.charles2019.shared.labelled import labelled, labels
from verify.claims.charles2019.sharp import convex_sets, relu_directions
from verify.claims.charles2019.sharp.direction_decisions import Family, convex_direction, sharp_form
from verify.claims.charles2019.sharp.direction_overstatements import all_sums
from verify.claims.charles2019.without import convexity
from verify.claims.charles2019.without.convexity import ALPHA, BETA
from verify.claims.language import (
    Given,
    Named,
    Proof,
    Symbolic,
    identity,
    mixture,
    named,
    step,
    theorem,
    told,
)
from verify.drawing import convex_regions
from verify.objects import Cell, CellRule, LabelledSet, LinearRule, Rule


@dataclass(frozen=True)
class Instance:
    """A region A = {h = alpha} as one cell, points of it, x_alpha first, and x_beta outside."""

    region: Cell
    points: Rows
    beta: Vector

    @property
    def rule(self) -> CellRule:
        """The rule alpha on the region and beta elsewhere."""
        return CellRule((self.region,), ALPHA, BETA)


@dataclass(frozen=True)
class Exit:
    """A step c > 1 that leaves A, with p in A and r outside: (1 - 1/c) p + (1/c)(x + c v) = r."""

    start: Vector
    step: Fraction
    p: Vector
    r: Vector
    end: Vector


def _regions(units: Sequence[LinearRule]) -> tuple[Rule, ...]:
    """Return the closed region where no unit is positive, and the open one where all are < 1/2."""
    rows, sides = [unit.normal for unit in units], [-unit.offset for unit in units]
    closed = Cell.of(rows, sides)
    opened = Cell.of(rows, [side + Fraction(1, 2) for side in sides], strict=True)
    return CellRule((closed,), ALPHA, BETA), CellRule((opened,), ALPHA, BETA)


CONVEX = Family(ALPHA, _regions, convex_direction(ALPHA))


def draw(rng: Random, case: str) -> Instance:
    """Return a region of the named case with points on both sides."""
    region = convex_regions.draw(rng, case)
    return Instance(region.cell, region.inside, region.outside)


def leave(region: Cell, alpha: Vector, beta: Vector, x: Vector) -> Exit:
    """Return a step along x_beta - x_alpha that leaves the region from x.

    If x_beta violates an inequality strictly, so does r = x_beta + (x - x_alpha)/c for large c,
    and p = x_alpha. Otherwise the region is open, p = x_alpha + (x_alpha - x)/(c - 1) lies in it
    for large c, and r = x_beta.
    """
    v = combine((1, beta), (-1, alpha))
    rows = list(zip(region.matrix, region.right_side, strict=True))
    violated = next(((a, b) for a, b in rows if dot(a, beta) > b), None)
    back = combine((1, alpha), (-1, x))
    if violated is not None:
        a, bound = violated
        c = max(Fraction(0), dot(a, back) / (dot(a, beta) - bound)) + 2
        p, r = alpha, combine((1, beta), (-1 / c, back))
    else:
        c = max(Fraction(0), *(dot(a, back) / (b - dot(a, alpha)) for a, b in rows)) + 2
        p, r = combine((1, alpha), (1 / (c - 1), back)), beta
    return Exit(x, c, p, r, combine((1, x), (c, v)))


def prove(instance: Instance) -> Proof:
    """Find from every point a step that leaves the region, by one convex combination."""
    rule, alpha, beta = instance.rule, instance.points[0], instance.beta
    return prove_exits(rule, instance.region, instance.points, alpha, beta)


def prove_exits(rule: CellRule, region: Cell, points: Rows, alpha: Vector, beta: Vector) -> Proof:
    """Run the proof from points of a convex region outside which the rule says beta."""
    v = combine((1, beta), (-1, alpha))
    inner = CellRule((region,), ALPHA, BETA)
    exits = [leave(region, alpha, beta, x) for x in points]
    inside = tuple(dict.fromkeys((alpha, *points)))
    steps = (
        step(r"$x_\alpha$ and the points to start from lie in the region $A$ and have the label "
             r"$\alpha$ under the rule $h$; $x_\beta$ lies outside. (The rule $g$ says $\alpha$ "
             r"exactly on $A$. In Theorem 11 it is $h$; in Theorem 12 $A$ is $C_h$, and $h$ says "
             r"$\alpha$ on the parts.)",
             (labels("h", rule, inside), "=", ALPHA),
             (labels("g", inner, inside), "=", ALPHA),
             (labels("g", inner, (beta,)), "=", BETA),
             (labels("h", rule, (beta,)), "=", BETA)),
        step(r"There are $c>1$, $p\in A$ and $r\notin A$: for a closed region $p=x_\alpha$ and "
             r"$r=x_\beta+(x-x_\alpha)/c$, as near to $x_\beta$ as needed; for an open one "
             r"$p=x_\alpha+(x_\alpha-x)/(c-1)$, as near to $x_\alpha$ as needed, and $r=x_\beta$.",
             (named("c_#", [e.step for e in exits]), ">", 1),
             ([labelled("g(p_#)", inner, e.p) for e in exits], "=", ALPHA),
             ([labelled("g(r_#)", inner, e.r) for e in exits], "=", BETA)),
        step(r"In both cases $r=(1-1/c)p+(1/c)(x+cv)$ with $v=x_\beta-x_\alpha$.",
             ([mixture("(1-1/c_#)p_#+(1/c_#)(x_#+c_#v)", (1 - 1 / e.step, e.p), (1 / e.step, e.end))
               for e in exits], "=", named("r_#", [e.r for e in exits]))),
        step(r"$A$ is convex, so $x+cv$ is not in $A$, and its label is $\beta$.",
             (labels("h", rule, [e.end for e in exits]), "=", BETA)),
    )  # fmt: skip
    objects = (
        Named(r"x_\alpha", alpha), Named(r"x_\beta", beta), Named("v", v),
        Named(r"\alpha", ALPHA), Named(r"\beta", BETA),
        *(Named(f"x_{{{k}}}", x) for k, x in enumerate(points, 1)),
        *(named(f"c_{{{k}}}", e.step) for k, e in enumerate(exits, 1)),
        *(Named(f"p_{{{k}}}", e.p) for k, e in enumerate(exits, 1)),
        *(Named(f"r_{{{k}}}", e.r) for k, e in enumerate(exits, 1)),
    )  # fmt: skip
    data = LabelledSet((alpha, beta), (ALPHA, BETA))
    found = [facts.accurate(0), *(facts.changes(0, e.start, v, e.step) for e in exits)]
    return Proof.of(
        *objects,
        *steps,
        CONVEX.serves(data, v, relu_directions.difference(data, 1, 0)),
        data.certificate([rule], found),
    )


# The open quadrant x_1 < 1, x_2 < 1, with x_beta on its edge.
EXAMPLE = Instance(
    Cell.of([[1, 0], [0, 1]], [1, 1], strict=True),
    (vector([0, 0]), vector([-2, "1/2"]), vector([0, -3])),
    vector([1, 0]),
)


def sharpness() -> Proof:
    """Evaluate the exact set: x_beta - s v in the hull of the alpha points, for some s > 0.

    With alpha (0, 0), (2, 0) and beta (1, 1) the direction (0, 1) is no difference of data points
    and serves all closed and all open regions. With alpha (0, 0) and beta (1, 1), (-1, 1) it does
    not: the closed ray of all (0, t), t >= 0, and an open strip around it are never left.
    """
    v = vector([0, 1])
    between = LabelledSet.of([[0, 0], [2, 0], [1, 1]], [ALPHA, ALPHA, BETA])
    beside = LabelledSet.of([[0, 0], [1, 1], [-1, 1]], [ALPHA, BETA, BETA])
    path = relu_directions.universal_path(between, v)
    sides = [[1, 0], [-1, 0], [0, -1]]
    ray = CellRule((Cell.of(sides, [0, 0, 0]),), ALPHA, BETA)
    strip = CellRule((Cell.of(sides, ["1/2", "1/2", "1/2"], strict=True),), ALPHA, BETA)
    origin, far = beside.points[0], vector([0, 1000])
    return Proof.of(
        Given("points between", between),
        Given("points beside", beside),
        Named("v", v),
        Given(r"ray, $h_{\rm ray}$", ray),
        Given(r"strip, $h_{\rm strip}$", strip),
        step("From the middle of the points labelled alpha the direction leads to the other point.",
             (mixture(r"z=\frac12x_1+\frac12x_2",
                      *((Fraction(1, 2), x) for x in between.points[:2])), "=", vector([1, 0])),
             ([mixture("z+sv", (1, p.start(between)), (p.scale, v))
               for p in (path,) if p], "=", named(r"x_\beta", between.points[2]))),
        step("From the one point labelled alpha it misses both others, whatever $s$ is: the first "
             "entry stays $0$. A closed ray and an open strip around it are never left.",
             ([named(f"(x_{{{i}}})_1", x[0]) for i, x in enumerate(beside.points[1:], 2)], "!=",
              told("(x_1+sv)_1", 0, r"0+s\cdot 0")),
             *((labels(h, rule, (far,)), "=", ALPHA)
               for h, rule in ((r"h_{\rm ray}", ray), (r"h_{\rm strip}", strip))),
             *((labels(h, rule, beside.points), "=", [*beside.labels])
               for h, rule in ((r"h_{\rm ray}", ray), (r"h_{\rm strip}", strip)))),
        *(CONVEX.serves(between, v, p) for p in (path,) if p),
        beside.certificate(
            [ray, strip],
            [fact for i in (0, 1) for fact in (facts.accurate(i), facts.keeps(i, origin, v))]
        ),
        *convex_sets.parallel_rays(),
    )  # fmt: skip


def symbolic() -> Symbolic:
    """Prove the two convex combinations, for all numbers."""
    a, b, x, c = sympy.symbols("a b x c")
    end = x + c * (b - a)
    near = a + (a - x) / (c - 1)
    yield identity(
        "The combination for a closed region.",
        r"(1-1/c)x_\alpha+(1/c)(x+c(x_\beta-x_\alpha))=x_\beta+(x-x_\alpha)/c",
        "each coordinate, with $c$ not zero", (1 - 1 / c) * a + end / c, b + (x - a) / c,
    )  # fmt: skip
    yield identity(
        r"The combination for an open region, with $q=x_\alpha+(x_\alpha-x)/(c-1)$.",
        r"(1-1/c)q+(1/c)(x+c(x_\beta-x_\alpha))=x_\beta",
        "each coordinate, with $c$ neither 0 nor 1", (1 - 1 / c) * near + end / c, b,
    )  # fmt: skip


CLAIM = theorem(
    __name__,
    without={
        "as printed": class_C.AS_PRINTED,
        "both labels": convexity.one_label(),
        "convex": convexity.punctured_line(
            r"Let $\{h=\alpha\}$ be the line without $1$: then $+1$ turns nothing at $2$, and "
            "$-1$ nothing at $0$."
        ),
        "open or closed": convexity.RAGGED,
    },
    sharp=sharp_form(
        CONVEX,
        all_sums(
            CONVEX,
            r"Overstated: sums of such $v$ serve all rules as well. With $(0,0)$ labelled $\alpha$ "
            r"and $(-1,1)$, $(1,1)$ labelled $\beta$ the sum $(0,2)$, like its half $(0,1)$, never "
            "leaves a strip.",
        ),
    ),
    cases=convex_regions.CASES,
)
