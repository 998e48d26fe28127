r"""Definition 2 and Figure 1, right: Parallel layers keep some classes apart

Printed: A softmax layer is parallel if at least one pair of its decision boundries is parallel
    (Fig. 1, right). [Caption, right:] "parallel" softmax layers where two of the three decision
    regions determined by the pair of parallel hyperplanes are not adjacent (red and blue ones),
    making adversarial examples between the two classes harder to find.
Statement: Let $m\ge2$. Call a layer parallel if $w_i-w_j$ and $w_{i'}-w_{j'}$ are nonzero and
    proportional for two different pairs of classes (bisector reading; the effective reading asks
    that both bisectors carry facets), and two regions adjacent if they meet in dimension at least
    $l-1$. If the weights are different and all regions have interior, a parallel layer has two
    regions that are not adjacent. If the weights are affinely independent (the $w_i-w_m$, $i<m$,
    are linearly independent), the layer is not parallel, all regions have interior and every two
    are adjacent.
Verdict: true after repair. It has to be said which bisectors count: all, or those that carry
    facets. Read for all bisectors and all layers the caption is false, since the region between can
    have no interior; with interiors some two of the regions are not adjacent. What is harder to
    find is no part of it.
Reading: Decision boundaries are the bisectors of two classes with different weights; the caption
    speaks of three regions, so all three have interior.
Needs regions with interior: Every class wins on an open set.
    Without it: If the class in the middle never wins but ties at one point, all three regions meet
        there.
Needs different weights: $w_i\neq w_j$ for $i\neq j$.
    Without it: Two classes with the same logit share one bisector with any third, and all regions
        meet.
Needs affinely independent weights: For the second half: no weight is an affine combination of the
    others.
    Without it: That no two bisectors are parallel does not make all regions adjacent.
Sharp: The outer regions of two parallel borders $v\cdot h=t_1<t_2$ that carry facets, the one below
    the first and the one above the second, are at distance at least $(t_2-t_1)/|v|$; exactly that
    for layers with three classes in all, while with four the facets may lie side by side. The
    parallel layers of a given shape have measure zero, within the zeros of finitely many
    polynomials, exactly when $l\ge2$ or $m\le2$; when $l=1$ and $m\ge3$ every layer with different
    weights is one.
    Rests on: written proof. The outer regions lie in $v\cdot h\le t_1$ and $v\cdot h\ge t_2$;
        for three classes the weights lie on a line, and the regions are these half-spaces. Two
        differences are proportional on the zeros of polynomials, none of which is 0 everywhere for
        $l\ge2$: the differences of two pairs of classes can be any two vectors. For $l=1$ all are
        proportional.
Quantifier: for all features at once: a mixture of logits covers the border of two classes, or a
    point of each common facet
Uses: zou-region-convex, zou-boundary-pl
The idea: If one class lies between two others like the filling of a sandwich, the two outer classes
    never meet. Parallel walls make a sandwich.
Why it is true: When the bisectors of two pairs are parallel, the weight vectors involved lie on a
    line, or they form a trapezoid. Either way one point of the segment between two weights is also
    a mixture of other weights: the middle one of three on a line, the crossing of the diagonals of
    a trapezoid. Translated into logits: wherever the two classes of that segment tie, some other
    class is at least as high, in a trapezoid for the diagonal whose biases mix to no more at the
    crossing. If it is higher, as on a line it is, the two never meet. If it is only as high, then
    where both are largest a third class ties with them, and its weight lies off their line: that is
    a second equation, so they share less than a facet. When the weights are affinely
    independent, the differences $z_1-z_m,\dots,z_{m-1}-z_m$ take any values, because the $w_i-w_m$
    are independent. So some features have $z_i$ above all other logits, and some have $z_i=z_j$
    above the rest; and no two of the $w_i-w_j$ are proportional.
Before you use it: Two things have to be said that the paper leaves open. Equal weights have no
    bisector and must be excluded. And a bisector may be nowhere part of the boundary: if the class
    in the middle never wins, its two parallel walls are invisible and the outer classes touch. The
    second picture shows such a head. The gap between two parallel borders is a lower bound for the
    distance of the regions beyond them. With three classes in all it is the distance; with four
    the two borders can lie side by side, like steps of a staircase, and the regions are further
    apart.
"""

from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from random import Random

import sympy

from certify import certificates, rank
from certify.errors import InputError
from certify.numbers.rationals import Rows, Vector, combine, dot, vector
from verify.claims.language import (
    Given,
    Named,
    Proof,
    Symbolic,
    computed,
    counted,
    identity,
    inner,
    matrices,
    mixture,
    multiples,
    named,
    rank_of,
    step,
    theorem,
)
from verify.claims.zou2018.shared import borders, figures, regions
from verify.claims.zou2018.shared.regions import ParallelPair
from verify.claims.zou2018.sharp.borders import BORDERS
from verify.claims.zou2018.without import parallel
from verify.drawing import layers, numbers
from verify.objects import SoftmaxHead

COLLINEAR, TRAPEZOID, LINE = "three collinear weights", "two parallel sides", "one feature"
INDEPENDENT = "affinely independent weights"
CASES = (COLLINEAR, TRAPEZOID, INDEPENDENT, LINE)


@dataclass(frozen=True)
class Instance:
    """A layer that is parallel and all of whose regions have interior, or independent weights."""

    head: SoftmaxHead


def draw(rng: Random, case: str) -> Instance:
    """Return a layer of the named case with different weights."""
    while True:
        columns = _columns(rng, case)
        if layers.distinct(columns):
            break
    if case != INDEPENDENT:
        rng.shuffle(columns)
        return Instance(layers.with_all_regions(rng, columns))
    return Instance(layers.of_columns(columns, numbers.vector(rng, len(columns))))


def _columns(rng: Random, case: str) -> list[Vector]:
    l = 1 if case == LINE else rng.randint(2, 4)
    if case == INDEPENDENT:
        # Unit vectors and 0, sheared by a triangular matrix and moved: always independent.
        base, m = numbers.vector(rng, l), rng.randint(2, l + 1)
        rows = [
            (*numbers.vector(rng, k), numbers.positive(rng), *[Fraction(0)] * (l - k - 1))
            for k in range(m - 1)
        ]
        return [base, *(combine((1, base), (1, v)) for v in rows)]
    first, second, third = numbers.vectors(rng, 3, l)
    factor = numbers.nonzero_vector(rng, 1)[0]
    side = combine((factor, first), (-factor, second))
    chosen = {
        COLLINEAR: [first, second, combine((1, second), (1, side))],
        TRAPEZOID: [first, second, third, combine((1, third), (1, side))],
        LINE: [first, second, third],
    }[case]
    return [*chosen, *numbers.vectors(rng, rng.randint(0, 1), l)]


def prove(instance: Instance) -> Proof:
    """Prove that two regions are apart in a parallel layer, or that all are adjacent."""
    head = instance.head
    regions.require_two_classes(head)
    if rank(regions.differences(head)).value == head.classes - 1:
        return _prove_independent(head)
    found, inside = parallel_pairs(head), borders.interior_points(head)
    if not found or inside is None or not layers.distinct(regions.columns(head)):
        raise InputError(
            "head",
            expected="independent weights, or parallel and different ones with interiors",
            got="another layer",
        )
    return _prove_parallel(head, found, inside)


def parallel_pairs(head: SoftmaxHead) -> list[ParallelPair]:
    """Return all parallel pairs of bisectors."""
    return regions.parallel_pairs(head)


def effective_pairs(head: SoftmaxHead, facets: list[tuple[int, int]]) -> list[ParallelPair]:
    """Return the parallel pairs of bisectors both of which carry facets."""
    found = regions.parallel_pairs(head)
    return [p for p in found if p.first in facets and p.second in facets]


def _prove_parallel(head: SoftmaxHead, found: list[ParallelPair], inside: Rows) -> Proof:
    pair = found[0]
    cover = borders.cover(head, pair)
    w = regions.columns(head)
    (i, j), (k, n) = pair.first, pair.second
    ours, theirs = cover.sides(w)
    (p, q), t = cover.pair, cover.parameter
    facets = [both for both, border in borders.borders(head).items() if border.facet]
    effective = effective_pairs(head, facets)
    proportional = certificates.parallel(head, pair.first, pair.second, pair.factor)
    apart = borders.cover_certificate(head, cover)
    terms = computed("", "m - (t * p + (1 - t) * q)", m=dot(cover.share, head.bias), t=t,
                     p=head.bias[p], q=head.bias[q])  # fmt: skip
    rise = Named(r"\sum_js_jb_j-(tb_p+(1-t)b_q)", cover.rise, terms.numbers)
    return Proof.of(
        *(Named(f"h_{{{n}}}", h) for n, h in enumerate(inside, 1)),
        *(named(n, c + 1) for n, c in zip(("i", "j", "i'", "j'", "p", "q"), (i, j, k, n, p, q),
                                            strict=True)),
        named("c", pair.factor), named("t", t), Named("s", cover.share),
        step("Every region has interior: each class wins strictly somewhere.",
             (regions.wins(head, inside), ">", 0)),
        step(r"Two bisectors are parallel: $w_i-w_j$ and $w_{i'}-w_{j'}$ are proportional and "
             "not $0$.",
             (mixture("w_i-w_j", (1, w[i]), (-1, w[j])), "=",
              mixture("c(w_{i'}-w_{j'})", (pair.factor, w[k]), (-pair.factor, w[n]))),
             (named("c", pair.factor), "!=", 0)),
        step(r"Then a mixture $tw_p+(1-t)w_q$ is one of other weights too: the middle one of three "
             "on a line, or the crossing of the diagonals of a trapezoid.",
             (Named("tw_p+(1-t)w_q", ours, multiples((t, w[p]), (1 - t, w[q]))), "=",
              Named(r"\sum_js_jw_j", theirs, multiples(*zip(cover.share, w, strict=True))))),
        step(r"With the biases the other mixture is at least as high (on a line higher, because "
             "the middle class has interior; in a trapezoid for one of the diagonals). If it is "
             r"higher, $p$ and $q$ never meet. If it is as high, the other classes of the mixture "
             r"tie wherever $p$ and $q$ are both largest; one of them has a weight off the line "
             r"through $w_p$ and $w_q$, which is a second equation, so what $p$ and $q$ share has "
             r"dimension at most $l-2$: no facet. The largest excess of a common logit $z_p=z_q$ "
             "over the largest other is at most minus that difference.",
             (rise, ">=", 0),
             (regions.excess(r"\text{largest excess}(p,q)", head, p, q,
                             regions.border(head, p, q)),
              "<=", computed(r"-(\sum_js_jb_j-(tb_p+(1-t)b_q))", "0 - m", m=cover.rise))),
        step("Parallel bisectors that carry facets (effective reading) are parallel bisectors: "
             "the effective reading asks for more. ($H_{ij}$ is the bisector of $i$ and $j$.)",
             (counted(r"\text{parallel pairs with facets}", [*map(_classes, effective)]), "<=",
              counted(r"\text{parallel pairs}", [*map(_classes, found)]))),
        proportional, apart, borders.winners(head, inside),
    )  # fmt: skip


def _classes(pair: ParallelPair) -> str:
    """Return how the two bisectors are written, with the classes from 1."""
    (i, j), (k, l) = pair.first, pair.second
    return f"(H_{{{i + 1}{j + 1}}},H_{{{k + 1}{l + 1}}})"


def _prove_independent(head: SoftmaxHead) -> Proof:
    found, inside = parallel_pairs(head), borders.interior_points(head) or ()
    shared = borders.borders(head)
    pairs = list(combinations(range(head.classes), 2))
    facets = (certificates.adjacent(head, *p, border.point) for p, border in shared.items())
    parallel_count = named(r"\text{parallel pairs}", len(found))
    return Proof.of(
        *(Named(f"h_{{{n}}}", h) for n, h in enumerate(inside, 1)),
        *(Named(f"h_{{{i + 1}{j + 1}}}", b.point) for (i, j), b in shared.items()),
        step("Every region has interior: each class wins strictly somewhere.",
             (named(r"\text{regions with interior}", len(inside)), "=", named("m", head.classes)),
             (regions.wins(head, inside), ">", 0)),
        step(r"The differences $w_i-w_m$ are independent, so no two of the $w_i-w_j$ are "
             "proportional: the layer is not parallel.",
             (rank_of("r", rank(regions.differences(head)).value, regions.differences(head)), "=",
              computed("m-1", "m - 1", m=head.classes)), (parallel_count, "=", 0)),
        step(r"The differences $z_i-z_m$ take all values, so each two classes tie somewhere ...",
             *((named(f"z_{{{i + 1}}}(h_{{{i + 1}{j + 1}}})", head.logits(b.point)[i]), "=",
                named(f"z_{{{j + 1}}}(h_{{{i + 1}{j + 1}}})", head.logits(b.point)[j]))
               for (i, j), b in shared.items())),
        step("... above all other classes: they share a facet.",
             (named(r"\text{borders}", len(shared)), "=", named("m(m-1)/2", len(pairs))),
             ([regions.excess(rf"\text{{excess}}({i + 1},{j + 1})", head, i, j, b)
               for (i, j), b in shared.items()], ">", 0)),
        step("So in neither reading is the layer parallel (0 for no).", (parallel_count, "=", 0)),
        certificates.not_parallel(head), *facets, borders.winners(head, inside),
    )  # fmt: skip


# Figure 1, right: three stripes of the plane.
FIGURE = SoftmaxHead.of([[-1, 0, 1], [0, 0, 0]], [0, 1, 0])
SIMPLEX = SoftmaxHead.of([[1, 0, 0], [0, 1, 0]], [0, 0, 0])


def sharpness() -> Proof:
    """Evaluate the gap of the worked example, the two readings apart, and no converse."""
    v, low, high = vector([1, 0]), Fraction(-1), Fraction(1)
    feet = [combine((level / dot(v, v), v)) for level in (low, high)]
    between = combine((1, feet[1]), (-1, feet[0]))
    squeezed, askew = parallel.SQUEEZED_PLANE, parallel.ASKEW
    line = layers.of_columns([(Fraction(k * k),) for k in range(4)], [Fraction(0)] * 4)
    u, w, half = regions.columns(squeezed), regions.columns(askew), Fraction(1, 2)
    apart = regions.border(askew, 0, 2)
    ends = {0: vector([-1, -1]), 2: vector([4, 10])}
    winners, ties = borders.interior_points(SIMPLEX) or (), borders.borders(SIMPLEX)
    return Proof.of(
        Given("worked example", FIGURE),
        Named("v", v), Named("h_1", feet[0]), Named("h_2", feet[1]),
        Given("no gap", squeezed),
        Given("four weights", askew), *(Named(f"q_{i + 1}", h) for i, h in ends.items()),
        Given("one feature", line),
        Given("affinely independent weights", SIMPLEX),
        *(Named(f"p_{i}", h) for i, h in enumerate(winners, 1)),
        *(Named(f"p_{{{i + 1}{j + 1}}}", b.point) for (i, j), b in ties.items()),
        step(r"In the worked example, with three classes, the borders are $v\cdot h=t_1$ and "
             r"$v\cdot h=t_2$, and the outer regions are at distance $(t_2-t_1)/|v|$, that "
             "of $h_1$ and $h_2$. Its square is compared: $4$, so the distance is $2$.",
             (inner("|h_2-h_1|^2", between, between), "=",
              computed("(t_2-t_1)^2/|v|^2", "(b - a)**2 / s", b=high, a=low, s=dot(v, v))),
             ([computed(rf"(z_2-z_{{{1 + 2 * side}}})(h_{{{side + 1}}})", "a - b",
                        a=FIGURE.logits(foot)[1], b=FIGURE.logits(foot)[2 * side])
               for side, foot in enumerate(feet)], "=", 0)),
        step("The readings differ, in the layer without a gap: all three bisectors are parallel, "
             r"one carries a facet: $z_2$ is below the mixture $\frac12z_1+\frac12z_3$ everywhere, "
             "so class 2 never wins.",
             *((mixture(f"w_{j}-w_{i}", (1, u[j - 1]), (-1, u[i - 1])), "=",
                Named(rf"{c}(w_2-w_1)", combine((c, combine((1, u[1]), (-1, u[0]))))))
               for i, j, c in ((2, 3, 1), (1, 3, 2))),
             (mixture(r"\frac12w_1+\frac12w_3", (half, u[0]), (half, u[2])), "=",
              named("w_2", u[1])),
             (computed(r"\frac12b_1+\frac12b_3", "(a + b) / 2", a=squeezed.bias[0],
                       b=squeezed.bias[2]), ">", named("b_2", squeezed.bias[1]))),
        step("Not parallel does not make all regions adjacent: four weights in the plane, no "
             "two of whose six differences are proportional, and two classes apart, though "
             r"both win somewhere: where $z_1=z_3$, a mixture of $z_2$ and $z_4$ is higher.",
             ([regions.smallest_gap(regions.least_gap(i + 1, f"q_{i + 1}"), askew, i, h)
               for i, h in ends.items()], ">", 0),
             (parallel.determinants(askew), "!=", 0),
             (mixture(r"\frac58w_1+\frac38w_3", (Fraction(5, 8), w[0]), (Fraction(3, 8), w[2])),
              "=", mixture(r"\frac14w_2+\frac34w_4", (Fraction(1, 4), w[1]),
                           (Fraction(3, 4), w[3]))),
             (computed(r"\frac58b_1+\frac38b_3", "5 / 8 * a + 3 / 8 * b", a=askew.bias[0],
                       b=askew.bias[2]), "<",
              computed(r"\frac14b_2+\frac34b_4", "a / 4 + 3 / 4 * b", a=askew.bias[1],
                       b=askew.bias[3]))),
        step(r"With one feature the differences $w_i-w_j$ are numbers, and not $0$ if the weights "
             r"are different: for $m\ge3$ every two are proportional. Here $m=4$.",
             ([computed(f"w_{i}-w_{j}", "a - b", a=line.weights[0][i - 1], b=line.weights[0][j - 1])
               for i, j, _ in parallel.pairwise_differences(line)], "!=", 0)),
        step("Affinely independent weights: the $w_i-w_m$ are independent, so the $z_i-z_m$ take "
             "any values. Some $p_i$ has $z_i$ above all other logits, and some $p_{ij}$ has "
             "$z_i=z_j$ above the rest. Here $m=3$.",
             (rank_of("r", rank(regions.differences(SIMPLEX)).value, regions.differences(SIMPLEX)),
              "=", computed("m-1", "m - 1", m=SIMPLEX.classes)),
             ([regions.smallest_gap(regions.least_gap(i + 1, f"p_{i + 1}"), SIMPLEX, i, h)
               for i, h in enumerate(winners)], ">", 0),
             *((computed(f"(z_{i + 1}-z_{j + 1})(p_{{{i + 1}{j + 1}}})", "a - b", a=z[i], b=z[j]),
                "=", 0)
               for (i, j), b in ties.items() for z in [SIMPLEX.logits(b.point)]),
             ([regions.excess(rf"\text{{excess at }}p_{{{i + 1}{j + 1}}}", SIMPLEX, i, j, b)
               for (i, j), b in ties.items()], ">", 0)),
        borders.cover_certificate(FIGURE, borders.cover(FIGURE, parallel_pairs(FIGURE)[0])),
        certificates.adjacent(squeezed, 0, 2, regions.border(squeezed, 0, 2).point),
        certificates.not_parallel(askew),
        certificates.apart(askew, 0, 2, apart.share, apart.parameter),
    )  # fmt: skip


def symbolic() -> Symbolic:
    """Prove that the diagonals of a trapezoid cross, for all weights of all sizes."""
    w2, w3, w4 = matrices("p q r", "l")
    c = sympy.Symbol("c", positive=True)
    w1 = w2 + c * (w3 - w4)
    yield identity(
        "Two parallel sides make the diagonals cross; where $c<0$, exchange $w_3$ and $w_4$.",
        r"w_1-w_2=c(w_3-w_4),\ c>0\Rightarrow(w_1+cw_4)/(1+c)=(w_2+cw_3)/(1+c)",
        "all numbers of features", (w1 + c * w4) / (1 + c), (w2 + c * w3) / (1 + c),
    )  # fmt: skip


EXAMPLE = Instance(FIGURE)


CLAIM = theorem(
    __name__,
    without={
        "regions with interior": (
            parallel.PINCHED,
            parallel.refute_interior,
            parallel.draw_on_a_line,
        ),
        "different weights": (parallel.DOUBLED, parallel.refute_different, parallel.draw_on_a_line),
        "affinely independent weights": (
            parallel.SMALL_ASKEW,
            parallel.refute_independent,
            parallel.draw_four,
        ),
    },
    sharp=BORDERS,
    pictures=figures.parallel_layers,
)
