r"""Significance and implications: Decision regions are convex

Printed: The decision region for each class is convex.
Statement: Let $m\ge2$. Each region is convex: $\{z_i\ge z_j\ \mathrm{for\ all}\ j\}$, the open one
    with $>$ for $j\neq i$, and the one in which ties go to the first of the tied classes in a fixed
    order (the order of the indices, after renaming).
Verdict: true. True of open and of closed regions, and with ties settled in a fixed order. If ties
    were settled point by point, which arg max does not mean, a region need not be convex. That
    convex regions are robust is no mathematical statement.
Reading: Ties are settled by a fixed rule, as the paper's $\mathrm{arg\,max}$ has to be read: they
    belong to all tied classes, to none, or to the first in a fixed order.
Needs fixed tie rule: Ties belong to all tied classes, to none, or to the first in a fixed order.
    Without it: Give one point of a line of ties to the second class and the rest to the first.
Sharp: A closed region is a polyhedron with at most $m-1$ facets. One with interior has $m-1$
    exactly when for every other class $j$ the weights differ, $w_j\neq w_i$, and the logit common
    to $i$ and $j$ exceeds all others somewhere. Convexity alone bounds no distance to the boundary
    from below. Regions stay convex when an order of the classes settles ties; under a rule that
    looks at the tied classes alone, such as the middle one (of two the first), they need not.
    Rests on: Coq in part region_convex. Inequality $j$ of a polyhedron with interior, with a
        normal $w_j-w_i\neq0$, carries a facet of its own exactly when at some point it is
        an equality and all others are strict, which is what is said of the common logit; for the
        distance and the middle class see below.
Quantifier: for all points of a region at once, because the region is an intersection of
    half-spaces; certified at sampled points
The idea: A region is cut out by straight walls: one for each rival. What is cut out by straight
    walls is convex.
Why it is true: Take two points of class $i$ and a point between them. Each gap $z_i-z_j$ is an
    affine function of the features, so at the point between it is the mixture of its values at the
    two ends. Mixtures of numbers that are not negative are not negative. So class $i$ still wins.
    Mixtures of positive numbers are positive: that is what the open region and the order of ties
    ask for.
Before you use it: Ties need a rule: open, or given to the first of the tied classes in a fixed
    order. If a tie may be given to one class here and to another class there, the set of points
    labelled $i$ can lose its convexity, although it changes only where classes tie. Even a rule
    that looks at the tied classes alone is not enough: let the middle one win, and with four
    classes a segment between two points of one region can leave it. And convexity does not make a
    classifier robust: a convex region can be as thin as you like.
"""

from dataclasses import dataclass
from fractions import Fraction
from random import Random

import sympy

from certify import null_space
from certify.certificates import facts
from certify.numbers.rationals import Rows, Vector, combine, dot, vector
from verify.claims.language import (
    Given,
    Named,
    Operator,
    Proof,
    Refutation,
    Symbolic,
    computed,
    identity,
    inner,
    matrices,
    multiples,
    named,
    step,
    theorem,
)
from verify.claims.relation import mixture as mixed
from verify.claims.zou2018.shared import regions
from verify.claims.zou2018.sharp.regions import FACETS
from verify.drawing import heads, layers, numbers
from verify.objects import Cell, CellRule, SoftmaxHead

TIED = "a point where all classes tie"


def draw(rng: Random, case: str) -> tuple[SoftmaxHead, Vector, Vector, Fraction]:
    """Return a layer of the named case and two points of one class."""
    head = heads.softmax_head(rng, heads.WIDE if case == TIED else case)
    # One point more than classes: some two have the same class.
    points = numbers.vectors(rng, head.classes + 1, head.features)
    if case == TIED:
        head = _tied_at(head, points[0], points[1])
    rule = regions.argmax_rule(head, lowest=True)
    first: dict[int | None, Vector] = {}
    for h in points:
        i = rule.label(h)
        if i in first:
            break
        first[i] = h
    return head, first[i], h, Fraction(rng.randint(0, 8), 8)


def _tied_at(head: SoftmaxHead, tied: Vector, other: Vector) -> SoftmaxHead:
    """Return the layer with all logits 0 at one point and the first class winning at another."""
    columns = sorted(
        regions.columns(head), key=lambda w: dot(w, combine((1, other), (-1, tied))), reverse=True
    )
    return layers.of_columns(columns, [-dot(w, tied) for w in columns])


def prove(head: SoftmaxHead, start: Vector, end: Vector, t: Fraction) -> Proof:
    """Evaluate the gaps of the common class at a mixture as the mixture of its gaps."""
    x, y = start, end
    regions.require_two_classes(head)
    open_rule, rule = (regions.argmax_rule(head, lowest=lowest) for lowest in (False, True))
    i = rule.label(x)
    assert i is not None
    between = mixture(start, end, t)
    places = {"x": x, "y": y, "(1-t)x+ty": between}
    gaps = [
        regions.named_gaps(rf"(z_i-z_j)_{{j\neq i}}({name})", head, i, h)
        for name, h in places.items()
    ]
    *ends, middle = gaps
    values = [(name, regions.gaps(head, i, h)) for name, h in places.items()]
    below, above = (
        [regions.named_gaps(rf"(z_i-z_j)_{{j{sign}i}}({name})", head, i, h, part)
         for name, h in places.items() if range(head.classes - 1)[part]]
        for sign, part in (("<", slice(i)), (">", slice(i, None)))
    )  # fmt: skip
    steps = (
        step(r"Two points have the class $i$: no gap $z_i-z_j$ is negative, and those to classes "
             r"of lower index are positive.",
             *((g, ">=", zeros(g)) for g in ends), *((g, ">", zeros(g)) for g in below[:2])),
        step(r"Gaps are affine: at $(1-t)x+ty$ they are the mixture of the gaps at $x$ and $y$.",
             (middle, "=", mixed(r"(1-t)(\ldots)(x)+t(\ldots)(y)", (1 - t, values[0][1]),
                                 (t, values[1][1])))),
        step(r"Mixtures of numbers $\ge0$ are $\ge0$, and of positive numbers positive: each "
             r"half-space, closed or open, keeps the segment, hence so do the closed region, the "
             r"open one and the one with ties to the lowest index.",
             *((g, ">=", zeros(g)) for g in above[2:]), *((g, ">", zeros(g)) for g in below[2:]),
             (regions.named_class(r"\text{class of }(1-t)x+ty", head, rule.label(between) or 0,
                                  between), "=",
              regions.named_class(r"\text{class of }x", head, i, x))),
    )  # fmt: skip
    kept = [facts.label(0, h, i) for h in (x, between, y)]
    if open_rule.label(x) == open_rule.label(y) == i:
        kept += [facts.label(1, h, i) for h in (x, between, y)]
    return Proof.of(
        named("i", i + 1),
        Named("(1-t)x+ty", between, multiples((1 - t, x), (t, y))),
        *steps,
        facts.certificate([rule, open_rule], kept),
    )


def mixture(start: Vector, end: Vector, t: Fraction) -> Vector:
    """Return (1 - t) x + t y."""
    return combine((1 - t, start), (t, end))


def zeros(values: Named) -> Vector:
    """Return as many zeros."""
    assert isinstance(values.value, tuple)
    return (Fraction(0),) * len(values.value)


@dataclass(frozen=True)
class OwnTies:
    """A layer with two classes, and features that go to class 1 if they are ties.

    All other ties go to class 0 (classes counted from 0): a rule that settles ties point by point.
    """

    head: SoftmaxHead
    exceptions: Rows

    def normal(self) -> Vector:
        """Return w_0 - w_1; ties are the h with normal.h = b_1 - b_0."""
        return combine((1, self.head.class_weights(0)), (-1, self.head.class_weights(1)))

    def tied(self) -> Rows:
        """Return the exceptions that are ties."""
        return tuple(h for h in self.exceptions if not any(regions.gaps(self.head, 0, h)))

    def rule(self) -> CellRule:
        """Return the rule as cells of class 1: its open half-space and the tied exceptions."""
        level = self.head.bias[1] - self.head.bias[0]
        half_space = Cell.of([self.normal()], [level], True)
        return CellRule((half_space, *map(Cell.point, self.tied())), 1, 0)


def draw_own_ties(rng: Random) -> OwnTies:
    """Return two classes and up to two exceptions, with small integers."""
    l = rng.randint(1, 2)
    exceptions = tuple(layers.small_vector(rng, l) for _ in range(rng.randint(0, 2)))
    return OwnTies(layers.small_head(rng, l, 2), exceptions)


@theorem.without(
    "fixed tie rule",
    OwnTies(SoftmaxHead.of([[1, 0], [0, 0]], [0, 0]), (vector([0, 0]),)),
    draw_own_ties,
)
def refute_own_ties(instance: OwnTies) -> Refutation | None:
    """Refute when an exception lies between two ties of the other class, with different weights."""
    head, tied = instance.head, instance.tied()
    along = null_space([instance.normal()]).basis
    if not any(instance.normal()) or not tied or not along:
        return None
    middle, reach = tied[0], Fraction(1)
    ends = [middle, middle]
    while set(ends) & set(tied):  # another exception in the way: look further out
        ends = [combine((1, middle), (s * reach, along[0])) for s in (1, -1)]
        reach += 1
    rule, open_rule = instance.rule(), regions.argmax_rule(head, lowest=False)
    points = (*ends, middle)
    labels = [
        regions.named_class(rf"\text{{class of }}h_{k}", head, rule.label(h), h)
        for k, h in enumerate(points, 1)
    ]
    stated = [facts.label(0, h, rule.label(h)) for h in points]
    stated += [facts.label(1, h, open_rule.label(h)) for h in points]
    return Refutation.of(
        "The rule takes the largest logit everywhere and settles ties point by point. Two points "
        "have one class and their midpoint has the other.",
        Named("h_1", ends[0]), Named("h_2", ends[1]), Named("h_3", middle),
        step("All three points are ties, so either class is allowed there: the rule gives the "
             "exceptions to class 2, and all other ties to class 1.",
             ([regions.smallest_gap("(z_1-z_2)(h_#)", head, 0, h) for h in points], "=", 0)),
        step("The third is the midpoint of the others.",
             (named("h_3", middle), "=", mixed(r"\frac12(h_1+h_2)", (Fraction(1, 2), ends[0]),
                                               (Fraction(1, 2), ends[1])))),
        step("The two ends share a class and the midpoint has the other one.",
             (labels[0], "=", labels[1]), (labels[2], "!=", labels[0])),
        facts.certificate([rule, open_rule], stated),
    )  # fmt: skip


def sharpness() -> Proof:
    """Attain m - 1 facets, and distances to the boundary below any bound."""
    simplex = layers.of_columns(
        [(Fraction(j == 0), Fraction(j == 1)) for j in range(3)], [Fraction(0)] * 3
    )
    facets = [regions.polyhedron(simplex, i).irredundant() for i in range(3)]
    points = [vector([1, 0]), vector([0, 1]), vector([-1, -1])]
    line = SoftmaxHead.of([[1, 0]], [0, 0])
    near = [Fraction(1, 10**k) for k in (1, 2, 3)]
    rule = regions.argmax_rule(line, lowest=False)
    return Proof.of(
        Given("three classes", simplex),
        *(Named(f"p_{j}", p) for j, p in enumerate(points, 1)),
        Given("half-line", line),
        step(r"A region needs at most $m-1$ inequalities, and affinely independent weights need "
             r"all of them. Here $2$ each: at $p_j$ the inequality of region $i$ for class $j$ "
             "fails and the other one holds, so it cannot be left out.",
             *((computed(rf"(z_{i + 1}-z_{c + 1})(p_{j + 1})", "a - b", a=z[i], b=z[c]), sign, 0)
               for j, p in enumerate(points) for z in [simplex.logits(p)]
               for i in range(3) if i != j
               for c, sign in _signs(j, 3 - i - j))),
        step(r"Convexity gives no distance to the boundary: the half-line $h>0$ contains all "
             "$h=10^{-k}$, with the boundary $0$ at the distance $h$.",
             ([inner(f"(z_1-z_2)(10^{{-{k}}})", (Fraction(1),), (h,))
               for k, h in enumerate(near, 1)], ">", 0)),
        *(c for f in facets for c in f.certificates.values()),
        facts.certificate([rule], [facts.label(0, (h,), 0) for h in near]),
    )  # fmt: skip


def _signs(failing: int, holding: int) -> tuple[tuple[int, Operator], tuple[int, Operator]]:
    """Return how the gaps to two classes compare with 0 where one inequality fails."""
    return (failing, "<"), (holding, ">=")


def symbolic() -> Symbolic:
    """Prove that a gap at a mixture is the mixture of gaps, for all layers of all sizes."""
    v, x, y = matrices("v x y", "l")
    (c,), t = matrices("c"), sympy.Symbol("t")
    start, end, between = (v.T * h + c for h in (x, y, (1 - t) * x + t * y))
    yield identity(
        "A gap between two logits is affine in the features.",
        r"(z_i-z_j)((1-t)x+ty)=(1-t)(z_i-z_j)(x)+t(z_i-z_j)(y)",
        "all numbers of features",
        between,
        (1 - t) * start + t * end,
    )


EXAMPLE = (
    SoftmaxHead.of([[1, -1, 0], [0, 0, 1]], [0, 0, 0]),
    vector([-2, 1]),
    vector([-1, -1]),
    Fraction(1, 4),
)


CLAIM = theorem(__name__, sharp=FACETS, cases=(*heads.CASES, TIED))
