r"""Theorem 2: Every decision region extends to infinity with constant probabilities

Printed: For any region in H that's classified as a certain class, there always exists at least one
    direction, infinitely far along which the points are still classified as the same class with
    identical output probabilities (contrary to Fig. 1, left).
Statement: If $l>m\ge2$ and the region of class $i$ is not empty, it is unbounded: for some
    $d\neq0$, all $h$ in the region and all real $\theta$, $h+\theta d$ lies in the region and has
    the same softmax output as $h$.
Verdict: true. True once a region is understood to be nonempty and a direction to be nonzero.
Reading: The standing assumptions $l>m$ and $\mathcal{H}=\mathbb{R}^l$; a region is not empty and a
    direction not zero.
Needs more features than classes: $l>m$.
    Without it: With $l=m-1$ features every direction can change probabilities.
Needs nonempty region: Some point belongs to the class.
    Without it: A class that never wins has an empty region, which is bounded.
Needs full feature space: Features range over all of $\mathbb{R}^l$.
    Without it: Among features that are never negative every direction with constant probabilities
        can lead out of them, forwards and backwards.
Sharp: It holds for one, equivalently every, nonempty region exactly when
    $\mathrm{rank}(w_1-w_m,\dots,w_{m-1}-w_m)<l$; $D$ is the space of lines of each nonempty region,
    while rays need not lie in $D$. The shape guarantees it exactly when $l\ge m$, not only when
    $l>m$.
    Rests on: Coq in part thm_2. The lines in a nonempty polyhedron $\{(w_j-w_i)\cdot h\le
        b_i-b_j\}$ are the $d$ with $(w_j-w_i)\cdot d=0$ for all $j$, which is $D$ whatever $i$ is;
        $D\neq\{0\}$ exactly when that rank is less than $l$, which $l\ge m$ implies and, for
        $l<m$, the layer $e_1,\dots,e_l,0,\dots,0$ denies.
Quantifier: for all points of every region and all steps at once; sampled points show which regions
    are nonempty
Uses: zou-def-1, zou-thm-1
The idea: Take a point of a region and a direction that no probability notices. Walk along it. The
    probabilities stay as they are, so the class does too, and you never leave the region.
Why it is true: Theorem 1 gives a direction $d\neq0$ along which all differences of logits are
    constant. If class $i$ has the largest logit at $h$, then it has the largest logit on the whole
    line through $h$ along $d$, forwards and backwards. A region that contains a line is unbounded.
Before you use it: A region must have a point to start from: a class that never wins has an empty
    region, which is bounded. The condition that decides is
    $\mathrm{rank}(w_1-w_m,\dots,w_{m-1}-w_m)<l$. The shape of the head guarantees it as soon as
    $l\geq m$.
"""

from fractions import Fraction
from random import Random

import sympy

from certify import certificates, invariant_directions
from certify.numbers import rationals
from certify.numbers.rationals import Rows, Vector, combine, vector
from verify.claims.language import (
    Given,
    Named,
    Proof,
    Refutation,
    Symbolic,
    computed,
    identity,
    inner,
    matrices,
    multiples,
    named,
    rank_of,
    step,
    theorem,
)
from verify.claims.zou2018.shared import figures, regions
from verify.claims.zou2018.sharp.directions import REGIONS
from verify.claims.zou2018.without import empty_class, orthant
from verify.drawing import heads, layers, numbers
from verify.objects import SoftmaxHead

POINTS = 6


def draw(rng: Random, case: str) -> tuple[SoftmaxHead, Rows, Vector]:
    """Return a head of the named case that has an invariant direction, with sampled points."""
    head = heads.head_with_directions(rng, case)
    return (
        head,
        numbers.vectors(rng, POINTS, head.features),
        (-numbers.positive(rng), numbers.positive(rng)),
    )


def prove(head: SoftmaxHead, points: Rows, thetas: Vector) -> Proof:
    """Follow each point along one invariant direction; its region and outputs stay the same."""
    regions.require_two_classes(head)
    space = invariant_directions(head.weights)
    zero = (rationals.rational(0),) * head.features
    parts = [*enumerate(space.basis, 1)]
    d = combine((0, zero), *parts)
    free, mixed = (
        regions.free_dimension(head, space),
        Named(r"d=\sum_kk\,d_k", d, multiples(*parts)),
    )
    inside = members(head, points)
    moved = [
        (i, h, combine((1, h), (theta, d)), f"h_{{{points.index(h) + 1}}}", rf"\theta_{{{s}}}d")
        for i, h in inside for s, theta in enumerate(thetas, 1)
    ]  # fmt: skip
    w = regions.columns(head)
    return Proof.of(
        *(Named(f"d_{{{k}}}", v) for k, v in enumerate(space.basis, 1)),
        mixed, free,
        step(r"The rank $r$ of $w_1-w_m,\dots,w_{m-1}-w_m$ is at most $m-1$, which is less than "
             r"$l$ when $l>m$. The space of invariant directions has dimension $l-r>0$, so it "
             r"contains some $d\neq0$.",
             (free, ">", 0), (mixed, "!=", (Fraction(0),) * head.features)),
        step(r"All $w_i\cdot d$ are equal, so along $d$ every difference of logits is constant: "
             r"$z_i(h+\theta d)-z_j(h+\theta d)=z_i(h)-z_j(h)$.",
             *((inner(rf"w_{{{j}}}\cdot d", v, d), "=", inner(rf"w_{{{len(w)}}}\cdot d", w[-1], d))
               for j, v in enumerate(w[:-1], 1)),
             *((regions.named_gaps(f"{gap(i)}_{{j\\neq{i + 1}}}({k}+{along})", head, i, there), "=",
                regions.named_gaps(f"{gap(i)}_{{j\\neq{i + 1}}}({k})", head, i, h))
               for i, h, there, k, along in moved)),
        step(r"If class $i$ attains the maximum at $h$, ties included, it does so at "
             r"$h+\theta d$: the region contains the whole line.",
             ([regions.smallest_gap(regions.least_gap(i + 1, f"{k}+{along}"), head, i, there)
               for i, _, there, k, along in moved], ">=", 0)),
        certificates.invariant_regions(head, d, inside),
    )  # fmt: skip


def gap(i: int) -> str:
    """Return how the gaps of class i to the others are written."""
    return f"(z_{{{i + 1}}}-z_j)"


def members(head: SoftmaxHead, points: Rows) -> list[tuple[int, Vector]]:
    """Return (class, point) for every class that attains the maximum at a point."""
    return [
        (i, h) for h in points for z in [head.logits(h)] for i in range(head.classes)
        if z[i] == max(z)
    ]  # fmt: skip


def draw_square_or_narrow(rng: Random) -> SoftmaxHead:
    """Return a layer with at most as many features as classes."""
    m = rng.randint(2, 3)
    return layers.small_head(rng, rng.randint(1, m), m)


@theorem.without(
    "more features than classes", SoftmaxHead.of([[1, 0]], [0, 0]), draw_square_or_narrow
)
def refute_narrow(head: SoftmaxHead) -> Refutation | None:
    """Refute when no direction is invariant: some region is not empty, and has no such line."""
    space = invariant_directions(head.weights)
    if head.features > head.classes or space.dimension:
        return None
    i = head.bias.index(max(head.bias))
    zero = (Fraction(0),) * head.features
    return Refutation.of(
        "Some region contains the features $0$, and along every direction the probabilities change "
        r"somewhere: $D=\{0\}$.",
        step("The features $0$ belong to a class.",
             (regions.smallest_gap(regions.least_gap(i + 1, "0"), head, i, zero), ">=", 0)),
        step(r"No direction but $0$ is invariant: the rank $r$ of the differences is $l$.",
             (rank_of("r", space.rank, regions.differences(head)), "=",
              named("l", head.features))),
        space.certificate,
        certificates.decision_region(head, i, regions.polyhedron(head, i).bounded()),
    )  # fmt: skip


def draw_class(rng: Random) -> tuple[SoftmaxHead, int]:
    """Return a layer with more features than classes, and any of the classes."""
    m = rng.randint(2, 3)
    return layers.small_head(rng, m + 1, m), rng.randrange(m)


@theorem.without(
    "nonempty region", (SoftmaxHead.of([[0, 0], [0, 0], [0, 0]], [1, 0]), 1), draw_class
)
def refute_nonempty(head: SoftmaxHead, region: int) -> Refutation | None:
    """Refute when l > m and the class has no point at all."""
    if head.features <= head.classes:
        return None
    return empty_class.refute(head, region)


# l = m: one feature decides between two classes, the other does nothing.
SQUARE = SoftmaxHead.of([[1, 0], [0, 0]], [0, 1])


def sharpness() -> Proof:
    """Evaluate l = m, and that D is the lineality space of every nonempty region."""
    wide = SoftmaxHead.of([[1, 0, 2], [0, 1, 1], [1, 1, 3], [0, 0, 0], [2, 1, 0]], [0, 1, -3])
    spaces = [(head, invariant_directions(head.weights)) for head in (SQUARE, wide)]
    inside = members(SQUARE, (vector([0, 0]), vector([2, 0])))
    (d,) = spaces[0][1].basis
    w = [regions.columns(head) for head in (SQUARE, wide)]
    return Proof.of(
        Given("layer $A$", SQUARE),
        Given("layer $B$", wide),
        Named(r"d\text{ of }A", d),
        *(Named(rf"d_{{{k}}}\text{{ of }}B", row) for k, row in enumerate(spaces[1][1].basis, 1)),
        step("With $l=m=2$, as in $A$, a direction is left although $l>m$ fails.",
             (inner(r"(w_1-w_2)\cdot d", combine((1, w[0][0]), (-1, w[0][1])), d), "=", 0),
             (computed(r"l-r", "l - r", l=SQUARE.features, r=spaces[0][1].rank), ">", 0)),
        step(r"A line $h+\theta d$ stays in a nonempty region $\{(w_j-w_i)\cdot h\le b_i-b_j\}$ "
             r"exactly when $(w_j-w_i)\cdot d=0$ for all $j$, so the lines in each are exactly "
             "$D$, whatever $i$ is. Here for the basis of $D$ in $B$.",
             *((inner(rf"(w_{j + 1}-w_1)\cdot d_{k}", combine((1, w[1][j]), (-1, w[1][0])), row),
                "=", 0)
               for k, row in enumerate(spaces[1][1].basis, 1) for j in (1, 2))),
        step(r"For $l>m$ a nonempty region contains a whole translate of a space of dimension at "
             r"least $l-m+1\ge2$, here in $B$.",
             (named(r"\dim D", spaces[1][1].dimension), ">=",
              computed("l-m+1", "l - m + 1", l=wide.features, m=wide.classes))),
        *(space.certificate for _, space in spaces),
        certificates.invariant_regions(SQUARE, d, inside),
    )  # fmt: skip


def symbolic() -> Symbolic:
    """Prove that gaps stay constant along D, for all layers of all sizes at once."""
    v, w, h, d = matrices("v w h d", "l")
    theta = sympy.Symbol("theta")
    yield identity(
        r"The gap of two classes moves by $\theta$ times the difference of their slopes along $d$: "
        "not at all when these are the same.",
        r"(w_i-w_j)\cdot(h+\theta d)-(w_i-w_j)\cdot h=\theta(w_i\cdot d-w_j\cdot d)",
        "all numbers of features",
        (v - w).T * (h + theta * d) - (v - w).T * h, theta * (v.T * d - w.T * d),
    )  # fmt: skip


EXAMPLE = (
    SoftmaxHead.of([[1, 0], [2, 0], [0, 0]], [0, 1]),
    (vector([1, 0, 3]), vector([2, 0, 0])),
    vector([-1, 2]),
)


CLAIM = theorem(
    __name__,
    without={"full feature space": (orthant.EXAMPLE, orthant.refute, orthant.draw)},
    sharp=REGIONS,
    cases=heads.CASES,
    pictures=figures.invariant_lines,
)
