r"""Significance and implications: Decision regions are generally unconstrained

Printed: However, we show that the decision regions are generally unconstrained, probably leading to
    the universality of adversarial examples combined with the non-linear preceding layers.
Statement: Let $m\ge2$ and let $w_i$ be no mixture $\sum_{j\neq i}\lambda_jw_j$, $\lambda\ge0$,
    $\sum\lambda_j=1$, of the other weights. Then, whatever the biases are, the region of class $i$
    holds cubes of every size, and so balls of every radius. For $l\ge m-1$, in particular for
    $l>m$, this is so for every class of almost every layer.
Verdict: true. In almost all layers with $l>m$ every region holds balls of every radius. What this
    probably leads to is no part of what is shown.
Reading: A region is unconstrained if it holds balls of every radius, which is more than that it
    extends to infinity; generally means for almost all layers with $l>m$, which the paper assumes,
    and $\mathcal{H}=\mathbb{R}^l$.
Needs weight between no others: $w_i$ is not in the convex hull of the $w_j$, $j\neq i$.
    Without it: A weight between two others has a region between two walls.
Needs full feature space: Features range over all of $\mathbb{R}^l$.
    Without it: Behind a ReLU a class that wins for small features only keeps a corner.
Sharp: If the weights are different, the region of class $i$ holds cubes of every size exactly when
    $w_i$ is no mixture of the others. For $w_i=\sum_{j\neq i}\lambda_jw_j$, $\lambda\ge0$,
    $\sum\lambda_j=1$, no cube of the region has a side longer than
    $2(b_i-\sum\lambda_jb_j)/\sum\lambda_j|w_i-w_j|_1$. The layers with such a weight have
    measure zero exactly when $l\ge m-1$; when $2\le l\le m-2$ the layers with one and those
    without both contain open sets that are not empty.
    Rests on: Coq in part unconstrained, unconstrained_only. The bound on the side is the identity
        above, since a cube with half the side $r$ around $h$ needs gaps of $r|w_i-w_j|_1$ at $h$;
        almost all layers and the open sets are steps 2 to 4, for all $l\ge2$ and $m$; with
        $l=1$ two weights are mixtures of each other only if equal, and of three or more one is.
    Overstated: That a region extends to infinity is not enough: a strip does, and holds no large
        ball.
Quantifier: for all sizes at once by a ray of a linear program, or the largest cube by its optimum;
    that almost all layers are such by one of each shape, and the rank of its differences
Uses: zou-unbounded
The idea: Does a softmax layer leave its classes any room? As much as one likes: not only a line to
    infinity, but balls of every radius.
Why it is true: If $w_i$ is outside of the hull of the other weights, a hyperplane separates them:
    some $d$ has $(w_i-w_j)\cdot d>0$ for all $j$. Along $d$ class $i$ gains on all others at once,
    and a ball of any radius fits in far enough out. If $w_i=\sum\lambda_jw_j$ is a mixture of
    others that are not equal to it, then $\sum\lambda_j(z_i-z_j)=b_i-\sum\lambda_jb_j$ is the same
    everywhere, so in the region no gap $z_i-z_j$ with $\lambda_j>0$ is large: it lies between
    walls. And $m\le l+1$ weights are affinely independent in almost all layers, so that none is a
    mixture of others.
Before you use it: Room in the space of features is no room among inputs: the features that images
    have may be few, and [where they do not reach](zou-input-manipulation.html) nobody can go. Nor
    does it say how far a given input is from the next region. With more classes than $l+1$ some may
    well be walled in: [the figure shows how](zou-unbounded.html). Of trained layers [the
    experiment](experiments.html#softmax-heads) decides whether their weights are affinely
    independent.
"""

from fractions import Fraction
from functools import partial
from random import Random

from certify import certificates, linear_program, rank
from certify.errors import InputError
from certify.numbers.rationals import Rows, Vector, combine, dot, vector
from certify.programs.linear_program import LinearProgramResult
from verify.claims.language import (
    Given,
    Named,
    Proof,
    Refutation,
    Relations,
    Symbolic,
    computed,
    identity,
    inner,
    least,
    matrices,
    mixture,
    named,
    step,
    theorem,
    total,
)
from verify.claims.zou2018.shared import regions
from verify.claims.zou2018.shared.cubes import (
    cube,
    difference,
    gap,
    largest_cube,
    reach,
    rivals,
    size_1,
)
from verify.claims.zou2018.shared.regions import INTERVAL
from verify.claims.zou2018.sharp.directions import unit_layer
from verify.drawing import layers, numbers
from verify.objects import SoftmaxHead, units

INDEPENDENT, EQUAL = "affinely independent weights", "weights of one length"
FARTHEST = "the longest weight"
CASES = (INDEPENDENT, EQUAL, FARTHEST)


def draw(rng: Random, case: str) -> tuple[SoftmaxHead, int, Fraction]:
    """Return a layer with different weights, a class whose weight is no mixture, and a size."""
    while True:
        m = rng.randint(2, 4)
        l = rng.randint(m - 1, m + 1) if case == INDEPENDENT else rng.randint(1, 3)
        columns: Rows = tuple(numbers.vectors(rng, m, l))
        if case == EQUAL:
            columns = tuple(rng.sample(regions.columns(regions.circle_layer()), m))
        head = layers.of_columns(columns, numbers.vector(rng, m))
        if case == INDEPENDENT and rank(regions.differences(head)).value < m - 1:
            continue
        if layers.distinct(columns):
            longest = max(range(m), key=lambda i: dot(columns[i], columns[i]))
            i = longest if case == FARTHEST else rng.randrange(m)
            return head, i, numbers.positive(rng)


def prove(head: SoftmaxHead, region: int, size: Fraction) -> Proof:
    """Find a direction in which the class gains on all others, and a cube that fits in there."""
    regions.require_two_classes(head)
    i, found, l = region, largest_cube(head, region), head.features
    *start, free = found.x or (Fraction(0),) * (l + 1)
    *d, growth = found.ray or (*(Fraction(0),) * l, Fraction(1))
    # At start + c d a cube of the half side free + c growth fits in.
    h = combine((1, tuple(start)), (max(Fraction(0), (size - free) / growth), tuple(d)))
    walls = rivals(head, i)
    near = [corner(wall, h, size) for wall in walls.values()]
    return Proof.of(
        Named("d", tuple(d)),
        Named("h", h),
        *(mixture(f"u^{{({j + 1})}}", (-size, signs(wall))) for j, wall in walls.items()),
        step(r"Some $d$ has $(w_i-w_j)\cdot d>0$ for all $j\neq i$, since $w_i$ is no mixture of "
             "the other weights.",
             ([inner(rf"(w_i-w_{{{j + 1}}})\cdot d", w, d) for j, w in walls.items()], ">", 0)),
        step(r"Far enough along $d$ there is $h$ with $z_i-z_j\ge r|w_i-w_j|_1$ for all $j$.",
             *((gap(head, i, j, "h", h), ">=", reach(f"r|w_i-w_{{{j + 1}}}|_1", w, size))
               for j, w in walls.items())),
        step(r"Let $|u_k|\le r$. For each $j$ the gap at $h+u$ is least at $u^{(j)}$, whose "
             r"entry $k$ is $-r$ times the sign of that of $w_i-w_j$; there it is "
             r"$(z_i-z_j)(h)-r|w_i-w_j|_1\ge0$. So $h+u$ lies in the region.",
             *((gap(head, i, j, f"h+u^{{({j + 1})}}", u), "=",
                computed(rf"(z_i-z_{{{j + 1}}})(h)-r|w_i-w_{{{j + 1}}}|_1", "a - b",
                         a=difference(head, i, j, h), b=size * size_1(w)))
               for (j, w), u in zip(walls.items(), near, strict=True)),
             ([gap(head, i, j, f"h+u^{{({j + 1})}}", u)
               for j, u in zip(walls, near, strict=True)], ">=", 0)),
        found.certificate,
        certificates.decision_region(head, i, regions.polyhedron(head, i).bounded()),
    )  # fmt: skip


def corner(w: Vector, h: Vector, size: Fraction) -> Vector:
    """Return the point of the cube around h at which w.h is least."""
    return combine((1, h), (-size, signs(w)))


def signs(w: Vector) -> Vector:
    """Return the signs of the entries."""
    return tuple(Fraction((c > 0) - (c < 0)) for c in w)


EXAMPLE = (SoftmaxHead.of([[0, 1, 0], [0, 0, 1]], [0, 0, 0]), 0, Fraction(2))


# A strip between two classes that win further out, and a class that wins near 0 only.
STRIP = SoftmaxHead.of([[-1, 0, 1], [0, 0, 0]], [0, 1, 0])
SMALL = SoftmaxHead.of([[-1, 0], [-1, 0]], [1, 0])


def draw_between(rng: Random) -> tuple[SoftmaxHead, int]:
    """Return a small layer with three or four classes, and one class."""
    m = rng.randint(3, 4)
    return layers.small_head(rng, rng.randint(1, 2), m), rng.randrange(m)


def narrow(head: SoftmaxHead, region: int) -> LinearProgramResult | None:
    """Return the largest cube of a region with interior, where the weights differ and it exists."""
    if not layers.distinct(regions.columns(head)):
        return None
    found = largest_cube(head, region)
    return found if found.value is not None and found.value > 0 else None


@theorem.without("weight between no others", (INTERVAL, 1), draw_between)
def refute_between(head: SoftmaxHead, region: int) -> Refutation | None:
    """Refute for a region with interior that has a largest cube."""
    found = narrow(head, region)
    if found is None:
        return None
    return Refutation.of(
        "The region has interior, and no larger cube than this one fits in.",
        *cube(head, region, found),
        step("The weight is a mixture of others.", *mixed(head, region)),
        found.certificate,
    )  # fmt: skip


def mixed(head: SoftmaxHead, region: int) -> Relations:
    """Return that the weight is a mixture of the others, with the shares that show it."""
    shares = mixture_of_others(head, region).x or ()
    others = [w for j, w in enumerate(regions.columns(head)) if j != region]
    terms = list(zip(shares, others, strict=True))
    return [
        (mixture(r"\sum_{j\neq i}\lambda_jw_j", *terms), "=",
         named("w_i", head.class_weights(region))),
        (total(r"\sum_{j\neq i}\lambda_j", shares), "=", 1),
        (least(r"\min_j\lambda_j", shares), ">=", 0),
    ]  # fmt: skip


def draw_two(rng: Random) -> tuple[SoftmaxHead, int]:
    """Return a small layer with two or three classes, and one class."""
    m = rng.randint(2, 3)
    return layers.small_head(rng, rng.randint(1, 2), m), rng.randrange(m)


@theorem.without("full feature space", (SMALL, 0), draw_two)
def refute_corner(head: SoftmaxHead, region: int) -> Refutation | None:
    """Refute when all features would leave room, and those that are not negative do not."""
    free, found = largest_cube(head, region), largest_cube(head, region, nonnegative=True)
    if free.ray is None or found.value is None or found.value <= 0:
        return None
    return Refutation.of(
        "The region holds cubes of every size, but one of features that are not negative has a "
        "largest side.",
        *cube(head, region, found),
        free.certificate, found.certificate,
    )  # fmt: skip


def sharpness() -> Proof:
    """Attain the largest cube of a strip, and leave room to all classes of some shapes."""
    strip, circle = largest_cube(STRIP, 1), regions.circle_layer()
    wide = [largest_cube(circle, i) for i in range(circle.classes)]
    w = regions.columns(circle)
    triangle = regions.simplex_layer(2, 0)
    walled, around = largest_cube(triangle, 0), mixture_of_others(triangle, 0).x or ()
    others = [w for j, w in enumerate(regions.columns(triangle)) if j]
    shares, unit = mixture_of_others(STRIP, 1).x or (), unit_layer(3, 4)
    outer = [STRIP.class_weights(j) for j in (0, 2)]
    return Proof.of(
        Given("strip", STRIP), Given("unit weights", unit), Given("twelve classes", circle),
        Given("triangle", triangle),
        Named(r"\lambda^{\rm strip}", shares), Named(r"\lambda^{\rm triangle}", around),
        step("The second region of the strip holds cubes up to the bound, $|h_1|\\le1$: half the "
             "side $r=1$ around $0$, where the gaps to the other two are $1$.",
             *((gap(STRIP, 1, j, "0", vector([0, 0])), ">=",
                reach(f"r|w_2-w_{{{j + 1}}}|_1", wall, strip.value or Fraction(0)))
               for j, wall in rivals(STRIP, 1).items()),
             (mixture(r"\sum\lambda_jw_j", *zip(shares, outer, strict=True)), "=",
              named("w_2", STRIP.class_weights(1))),
             (computed(r"(b_2-\sum\lambda_jb_j)/\sum\lambda_j|w_2-w_j|_1", "(1 - m) / s",
                       m=dot(shares, [0, 0]), s=dot(shares, [1, 1])), "=",
              named("r", strip.value or 0))),
        step(r"For $l\ge m-1$ the weights $e_1,\dots,e_{m-1},0$ are affinely independent: the "
             r"$w_j-w_m=e_j$ are. So the minors of the differences are polynomials in the weights "
             "that are not all 0, and almost all layers of the shape have affinely independent "
             r"weights; then no weight is a mixture of others. Here $l=3$, $m=4$.",
             *((mixture(f"w_{j}-w_4", (1, unit.class_weights(j - 1)), (-1, unit.class_weights(3))),
                "=", named(f"e_{j}", e)) for j, e in enumerate(units(3), 1))),
        step("Different weights of one length, any number of them in any dimension, are no "
             r"mixtures of each other: $d=w_i$ has $(w_i-w_j)\cdot d=|w_i|^2-w_i\cdot w_j"
             r"=\frac12|w_i-w_j|^2>0$, and all regions hold cubes of every size; so it is for all "
             "weights near them. Here $l=2$, $m=12$: the least of these numbers for each class.",
             ([inner(rf"\min_{{j\neq{i + 1}}}(w_{{{i + 1}}}-w_j)\cdot w_{{{i + 1}}}"
                     rf"=(w_{{{i + 1}}}-w_{{{j + 1}}})\cdot w_{{{i + 1}}}",
                     combine((1, w[i]), (-1, w[j])), w[i])
               for i, j in enumerate(map(partial(regions.nearest, w), range(len(w))))], ">", 0)),
        step("The weight $0$ inside of a triangle has a largest cube, $l=2$ and $m=4$: it is a "
             r"mixture of the corners with positive shares, and stays one when all weights move a "
             r"little. For $2\le l\le m-2$ the corners of a simplex around $0$ do it as $l+1$ "
             "weights, and those that are left may repeat corners. Half the side of the cube is "
             "$r$.",
             (mixture(r"\sum\lambda_jw_j", *zip(around, others, strict=True)), "=",
              named("w_1", triangle.class_weights(0))),
             (least(r"\min_j\lambda_j", around), ">", 0),
             (computed(r"(b_1-\sum\lambda_jb_j)/\sum\lambda_j|w_1-w_j|_1", "a / s",
                       a=triangle.bias[0] - dot(around, triangle.bias[1:]),
                       s=dot(around, [size_1(w) for w in rivals(triangle, 0).values()])), "=",
              named("r", walled.value or 0))),
        strip.certificate, walled.certificate, *(w.certificate for w in wide),
        certificates.decision_region(triangle, 0, regions.polyhedron(triangle, 0).bounded()),
    )  # fmt: skip


def symbolic() -> Symbolic:
    """Prove that a mixture of gaps is the same everywhere, for all numbers of classes at once."""
    (w, h), (others,), (b, shares, one) = (
        matrices("w h", "l"), matrices("V", "m", "l"), matrices("b lambda 1", "m")
    )  # fmt: skip
    (bias,) = matrices("b_i")
    gaps = one * (w.T * h + bias) - others * h - b
    yield identity(
        r"With the other weights in the rows of $V$, their biases in $b$ and shares of sum "
        r"$\lambda\cdot\mathbf1=1$ the mixed gap is $b_i-\lambda\cdot b$ everywhere if "
        r"$w=V^\top\lambda$.",
        r"\lambda\cdot((w\cdot h+b_i)\mathbf 1-Vh-b)=(\lambda\cdot\mathbf 1)(w\cdot h+b_i)"
        r"-(V^\top\lambda)\cdot h-\lambda\cdot b",
        "all numbers of features and classes", shares.T * gaps,
        shares.T * one * (w.T * h + bias) - (others.T * shares).T * h - shares.T * b,
    )  # fmt: skip


# Which weights leave their regions room, by mixtures and by cubes.
CORNER, BETWEEN = "a mixture of no others", "a mixture of others"


def mixture_of_others(head: SoftmaxHead, region: int) -> LinearProgramResult:
    """Look for shares >= 0 with sum 1 of the other weights that give the weight of the class."""
    others = [w for j, w in enumerate(regions.columns(head)) if j != region]
    rows = [*zip(*others, strict=True), (1,) * len(others)]
    right = [*head.class_weights(region), 1]
    return linear_program([0] * len(others), equalities=(rows, right), nonnegative=True)


def draw_weight(rng: Random, case: str) -> tuple[SoftmaxHead, int]:
    """Return a layer with different weights and a class of the named kind."""
    while True:
        m = rng.randint(2, 5)
        head = layers.small_head(rng, rng.randint(1, 3), m)
        i = rng.randrange(m)
        if not layers.distinct(regions.columns(head)):
            continue
        if (mixture_of_others(head, i).x is not None) == (case == BETWEEN):
            return head, i


def longest_half(head: SoftmaxHead, region: int, shares: Vector) -> Fraction:
    """Return the bound on half of the side of a cube, from the shares of a mixture."""
    walls = list(zip(rivals(head, region).items(), shares, strict=True))
    room = head.bias[region] - sum((a * head.bias[j] for (j, _), a in walls), Fraction(0))
    return room / sum((a * size_1(w) for (_, w), a in walls), Fraction(0))


@theorem.sharp((CORNER, BETWEEN), draw_weight)
def decide(head: SoftmaxHead, region: int) -> Proof:
    """Compare whether there is a mixture with whether there is a largest cube, and its bound."""
    regions.require_two_classes(head)
    i, shares, cube = region, mixture_of_others(head, region), largest_cube(head, region)
    if not layers.distinct(regions.columns(head)):
        raise InputError("head", expected="different weights", got="two that are equal")
    independent = rank(regions.differences(head)).value == head.classes - 1
    bounds = [] if shares.x is None else [longest_half(head, i, shares.x)]
    return Proof.of(
        step("There is a largest cube exactly when the weight is a mixture of the others (1 for "
             "yes, 0 for no), and the shares of the mixture bound its side.",
             (int(cube.value is not None), "=", int(shares.x is not None)),
             ([cube.value or 0] * len(bounds), "<=", bounds)),
        step("Affinely independent weights are no mixtures of others.",
             (int(independent), "<=", int(shares.x is None))),
        shares.certificate, cube.certificate,
    )  # fmt: skip


@theorem.overstated((STRIP, 1), draw_between)
def refute_unbounded(head: SoftmaxHead, region: int) -> Refutation | None:
    """Refute that an unbounded region with interior holds cubes of every size."""
    found, shape = narrow(head, region), regions.polyhedron(head, region).bounded()
    if found is None or shape:
        return None
    return Refutation.of(
        "The region extends to infinity and has a largest cube.",
        *cube(head, region, found),
        found.certificate, certificates.decision_region(head, region, shape),
    )  # fmt: skip


CLAIM = theorem(__name__)
