r"""Section 6, remark before Corollary 17: What a rule needs for a difference of data points to turn
it

Printed: In particular, all that is necessary for $v$ to transfer to a classifier $h$ is that
    $h^{-1}(-1)$ is convex and that $\mathcal{H}_S$ is non-empty.
Statement: Let $h$ be right on $S$ and let $\{h=-1\}$ be convex, and open or closed. Then each
    $v=x_+-x_-$ with points of $S$ is adversarial at every $x$ with $h(x)=-1$, whether or not
    $\mathcal{H}_S$ is empty.
Verdict: true after repair. It needs more of the region than convexity, for instance that it is open
    or closed: a convex one that is neither can hold a ray along its edge. Half-spaces, to which the
    sentence is applied, are open or closed.
Reading: $v$ is the direction of Theorem 15, any $x_+-x_-$, for a rule that is right on $S$; both
    labels occur. All that is necessary is read as all that is needed, and so enough.
Needs open or closed: The set $\{h=-1\}$ is open or closed.
Needs convex: The set $\{h=-1\}$ is convex.
Needs separable: $\mathcal{H}_S$ is not empty: some linear rule is right on $S$.
    Without it: Nothing in the proof speaks of linear rules that are right on the data.
Sharp: All pairs with $x_-$ in the convex region and $x_+$ not in it work exactly when the region
    holds, with one ray, all parallel rays from its points; every intersection of open half-spaces
    does, open and closed regions among them. For one pair with $h(x_+)=+1$ it suffices in every
    convex region that $x_+$ is not in the closure of $\{h=-1\}$, or that $x_-$ is in its relative
    interior; for a half-space with a part of its edge $v$ works exactly then.
    Rests on: written proof. If a ray $x+\mathbb{R}_+v$ is in $A$ and a parallel one leaves it from
        $x_-$ to $x_+$, the direction $x_+-x_-$, a multiple of $v$, fails at $x$. If no parallel ray
        leaves, $v=x_+-x_-$ leads out of $A$ from every $x$, since otherwise the ray from $x_-$,
        with $x_+$ on it, would lie in $A$. Open half-spaces have all parallel rays, and so have
        their intersections. The pointwise forms are the two identities above. In a half-space with
        a part of its edge, if neither holds, both points are on the edge: then $v$ runs along it,
        and from inside no step leads out.
Quantifier: from sampled points with explicit steps; for all convex regions by the symbolic
    identities
Uses: charles-thm-11
The idea: Which property of a rule makes the difference of two data points a working direction? It
    is enough that the region of $-1$ is convex, and that its edge belongs to it altogether or not
    at all.
Why it is true: Some half-space contains the convex region and not $x_+$: a closed one, $a\cdot
    x\leq c$, if the region is closed, an open one, $a\cdot x<c$, if it is open. So $a\cdot x_+$ is
    larger than $a\cdot x_-$, and $a\cdot(x+tv)$ grows with $t$ at the rate $a\cdot v>0$, from every
    point $x$ of the region. Beyond $c$ the label is $+1$.
Before you use it: The printed sentence asks for convexity only, and for half-spaces, which it is
    meant for, that is enough. An open half-plane with one extra point of its edge is convex, and
    a ray along the edge never leaves it. It is enough that the region is an intersection of open
    half-spaces, as every open and every closed convex set is. The data need not be linearly
    separable.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from random import Random

import sympy

from certify import max_margin
from certify.certificates import facts
from certify.certificates.certificate import Certificate
from certify.numbers.rationals import Vector, combine, dot, vector
from verify.claims.charles2019.shared.labelled import labelled, labels
from verify.claims.charles2019.shared.separators import LargestMargin
from verify.claims.charles2019.sharp import convex_sets
from verify.claims.charles2019.without import regions
from verify.claims.language import (
    Given,
    Named,
    Proof,
    SharpForm,
    Symbolic,
    computed,
    identity,
    inner,
    named,
    step,
    theorem,
)
from verify.claims.relation import number
from verify.drawing import labelled_sets, networks, numbers
from verify.objects import Cell, CellRule, LabelledSet

CLOSED, OPEN, TOUCHING = "closed region", "open region", "open region with +1 points on its edge"
HALF_SPACE, REPEATED = "half-space", "repeated points"
CASES = (CLOSED, OPEN, TOUCHING, HALF_SPACE, REPEATED)


@dataclass(frozen=True)
class Instance:
    """Data, the convex region labelled -1, and the indices of x_+ and x_-."""

    data: LabelledSet
    region: Cell
    positive: int
    negative: int

    @property
    def rule(self) -> CellRule:
        """The rule -1 on the region, +1 elsewhere."""
        return CellRule((self.region,), -1, 1)


def draw(rng: Random, case: str) -> Instance:
    """Return data around a polyhedron that is closed or open by case, and a pair of points."""
    if case == HALF_SPACE:
        data = labelled_sets.separable_set(rng, labelled_sets.GENERIC)
        best = LargestMargin(data).rule
        rows, bounds = [best.normal], [-best.offset]
    else:
        kind = networks.REPEATED if case == REPEATED else networks.GENERIC
        data = networks.surrounded_set(rng, kind)
        network = networks.network_of_class_r(rng, data)
        # The last unit touches the -1 points, which an open region must not.
        count = len(network.weights) - (case != CLOSED)
        rows, bounds = list(network.weights[:count]), [-b for b in network.biases[:count]]
    if case == TOUCHING:
        bounds = [min(dot(a, x) for x in data.positive if dot(a, x) > c)
                  for a, c in zip(rows, bounds, strict=True)]  # fmt: skip
    strict = case in (OPEN, TOUCHING) or (case != CLOSED and rng.random() < 0.5)
    pair = labelled_sets.pair_of_indices(rng, data)
    return Instance(data, Cell.of(rows, bounds, strict), *pair)


def prove(instance: Instance) -> Proof:
    """Find a half-space of the region that x_+ is outside of, and leave it along v."""
    data, rule, region = instance.data, instance.rule, instance.region
    high, low = data.points[instance.positive], data.points[instance.negative]
    v = combine((1, high), (-1, low))
    rows = zip(region.matrix, region.right_side, strict=True)
    excess, a, c = max((dot(a, high) - c, a, c) for a, c in rows)
    between = combine((Fraction(1, 3), low), (Fraction(2, 3), data.negative[0]))
    starts = dict.fromkeys((*data.negative, between))
    ends = [(x, (c - dot(a, x)) / dot(a, v) + 1) for x in starts]
    strict = region.strict[0]
    return Proof.of(
        Named("x_+", high), Named("x_-", low), Named("v", v), Named("a", a), Named("c", c),
        step("The region contains the points labelled -1 and none of the others.",
             (labels("h", rule, data.points), "=", [*data.labels])),
        step(r"It is convex, and open or closed: so it lies in a half-space $a\cdot x\le c$, or "
             r"$<c$ if open, that $x_+$ is outside of.",
             (computed(r"a\cdot x_+-c", "p - c", p=excess + c, c=c), ">=" if strict else ">", 0),
             ([inner(rf"a\cdot{number(x)}", a, x) for x in data.negative],
              "<" if strict else "<=", named("c", c))),
        step(r"So $a\cdot v=a\cdot x_+-a\cdot x_->0$.",
             (inner(r"a\cdot v", a, v), "=",
              computed(r"a\cdot x_+-a\cdot x_-", "p - q", p=dot(a, high), q=dot(a, low))),
             (inner(r"a\cdot v", a, v), ">", 0)),
        step(r"From any $x$ of the region $a\cdot(x+tv)>c$ at $t=(c-a\cdot x)/(a\cdot v)+1$, where "
             "the label is +1.",
             (moved_labels(rule, v, ends), "=", 1)),
        left(rule, data, v, ends),
    )  # fmt: skip


def moved_labels(
    rule: CellRule, v: Vector, steps: Sequence[tuple[Vector, Fraction]]
) -> list[Named]:
    """Return the label of each x + t v by name."""
    return [
        labelled(f"h({number(x)}+{number(t)}v)", rule, combine((1, x), (t, v))) for x, t in steps
    ]


def left(
    rule: CellRule, data: LabelledSet, v: Vector, steps: list[tuple[Vector, Fraction]]
) -> Certificate:
    """Certify that the rule is right, and that steps along v from some points change its label."""
    known = [facts.accurate(0), *(facts.changes(0, x, v, t) for x, t in steps)]
    return data.certificate([rule], known)


EXAMPLE = Instance(
    LabelledSet.of([[0, 0], [2, 0], [0, 2]], [-1, 1, 1]), Cell.of([[1, 0], [0, 1]], [1, 1]), 1, 0
)


def draw_inseparable(rng: Random) -> Instance:
    """Return a point labelled -1 between two points labelled +1, around a closed region."""
    d = rng.randint(1, 3)
    middle, v = numbers.vector(rng, d), numbers.nonzero_vector(rng, d)
    shares = numbers.positive(rng), -numbers.positive(rng)
    sides = [combine((1, middle), (t, v)) for t in shares]
    data = LabelledSet((middle, *sides), (-1, 1, 1))
    bounds = [dot(v, combine((1, middle), (t / 2, v))) * (1 if t > 0 else -1) for t in shares]
    return Instance(data, Cell.of([v, combine((-1, v))], bounds), rng.randint(1, 2), 0)


@theorem.not_needed("separable", draw_inseparable)
def prove_inseparable(instance: Instance) -> Proof:
    """Run the proof on data that no linear rule gets right."""
    proof, answer = prove(instance), max_margin(instance.data.points, instance.data.labels)
    return Proof.of(*proof.steps, *proof.certificates, answer.certificate)


def sharpness() -> Proof:
    """Evaluate the pointwise form: the same half-open region, with x_+ off its closure."""
    rule, v = regions.EDGE.example.rule, vector([1, -1])
    data = LabelledSet.of([[0, 0], [1, -1]], [-1, 1])
    starts = [vector([0, 0]), vector([0, 1]), vector([-9, 9])]
    ends = [(x, x[1] + 1) for x in starts]
    return Proof.of(
        Given("rule", rule),
        Named("v", v),
        step(r"It suffices that $x_+$ is off the closure of the region: for $x_+=(1,-1)$ the "
             "half-open region is left from each of its points.",
             (labels("h", rule, starts), "=", -1),
             (moved_labels(rule, v, ends), "=", 1)),
        left(rule, data, v, ends), *convex_sets.parallel_rays(),
    )  # fmt: skip


def symbolic() -> Symbolic:
    """Prove the two identities that replace the half-space for any convex region."""
    x, p, q, c = sympy.symbols("x p q c")
    far = x + c * (p - q)
    yield identity(
        r"Closed region: if $x+cv$ were inside, points inside would approach $x_+$.",
        r"(1-\frac1c)x_-+\frac1c(x+cv)=x_++\frac1c(x-x_-)",
        "any dimension, coordinate by coordinate", (1 - 1 / c) * q + far / c, p + (x - q) / c,
    )  # fmt: skip
    r = q + (q - x) / (c - 1)
    yield identity(
        r"Open region: if $x+cv$ were inside, so would be $x_+$, with $r$ as near to $x_-$ as "
        "one likes.",
        r"(1-\frac1c)r+\frac1c(x+cv)=x_+,\ r=x_-+\frac{x_--x}{c-1}",
        "any dimension, coordinate by coordinate", (1 - 1 / c) * r + far / c, p,
    )  # fmt: skip


CLAIM = theorem(
    __name__,
    without={"open or closed": regions.EDGE, "convex": regions.TWO_PIECES},
    sharp=SharpForm(
        convex_sets.PAIRS, convex_sets.draw_pair, convex_sets.decide_pair,
        replace(
            regions.EDGE,
            text="Overstated: for one pair it suffices that $x_+$ is not in the convex region. "
            "For an open half-plane with one point $x_-$ of its edge and $x_+$ on the edge it is "
            "not in it, and the direction along the edge never leaves.",
        ),
    ),
)  # fmt: skip
