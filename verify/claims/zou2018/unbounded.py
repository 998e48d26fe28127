r"""Figure 1, left: Decision regions that extend to infinity

Printed: Left: illustration of a decision region (purple ones) that does not extend to $\infty$ when
    $l<m$. We show that in popular architectures, $l>m$ and all decision regions extend to $\infty$,
    facilitating adversarial examples.
    Refuted: At $l=m-1$, a case of $l<m$, the caption expects bounded regions, but every
        nonempty one is unbounded.
Statement: Let $m\ge2$. A nonempty region of class $i$ is bounded exactly when $w_i$ is interior to
    the convex hull of $w_1,\dots,w_m$ in $\mathbb{R}^l$. Hence all nonempty regions of all layers
    with $l\ge m-1$ are unbounded, in particular when $l>m$, and for $l\le m-2$ some layer has a
    bounded one.
Verdict: true after repair. The drawn region exists, with $l=2$ and $m\geq4$. But the case is
    $l\le m-2$ and not $l<m$: at $l=m-1$ no layer has a nonempty bounded region. The second
    half, $l>m$, is right for nonempty regions, although $l\ge m-1$ is what decides.
Reading: A caption speaks of its figure: of one region, in the plane. Then $l<m$ names the case in
    which such regions are to be expected; and regions are not empty.
Needs nonempty region: Some point belongs to the class.
    Without it: A class that never wins has an empty region, also with features enough.
Needs enough features: $l\ge m-1$.
    Without it: With $l=m-2$ a class can be closed in by the others.
Sharp: Layers with a bounded nonempty region exist exactly when $l\le m-2$. A nonempty region whose
    $w_i$ is on the boundary of the hull is unbounded for all $l$, $m$ and $b$; if the $w_i$ are
    different and have one length, all regions are nonempty and unbounded.
    Rests on: Coq in part unbounded, unbounded_enough_features, unbounded_few_features. For weights
        of one length the line in step 3 is the proof.
Quantifier: for all points of the region at once, by a ray or a positive combination
The idea: When is the region of a class closed in on all sides? Each rival $j$ cuts away a
    half-space, with normal $w_j-w_i$. To close a region in $\mathbb{R}^l$ the normals must point in
    all directions, and for that you need at least $l+1$ of them: if there are at most $l$, either
    some direction is at right angles to all of them, or they are $l$ independent ones and you can
    solve for a direction that meets each of them with $-1$.
Why it is true: You stay in the region along $d$ for ever exactly when no rival gains on class $i$
    along $d$, that is when $(w_j-w_i)\cdot d\leq0$ for all $j$. Such a $d\neq0$ exists exactly when
    $w_i$ is not interior to the convex hull of all the weight vectors. For if there is one, all $u$
    of the hull have $u\cdot d\leq w_i\cdot d$, and $w_i+\varepsilon d$ lies outside for every
    $\varepsilon>0$. And if $w_i$ is not interior, a hyperplane supports the hull at it: some
    $d\neq0$ has $w_j\cdot d\leq w_i\cdot d$ for all $j$. If it is interior, $w_i\pm\varepsilon e_k$
    is a mixture of the weights for a small $\varepsilon>0$, so $\pm e_k$ is a combination of the
    normals with numbers $\geq0$, and that combination of the inequalities bounds $\pm h_k$: an
    explicit box around the region.
Before you use it: The caption shows one region of one head in the plane, and such heads exist. It
    draws the line between $l<m$ and $l>m$, but the line runs elsewhere: with $l=m-1$ features no
    nonempty region is bounded, and with $l=m-2$ some head has a bounded one. Drag the weight
    vectors in the figure: with four classes pull $w_1$ out of the triangle of the others and back
    into it, and its region opens and closes.
"""

from fractions import Fraction
from functools import partial
from random import Random

from certify import certificates, rank
from certify.numbers.rationals import Rows, Vector, combine, dot, vector
from certify.polyhedra.polyhedron import Boundedness, Polyhedron
from verify.claims.language import (
    Given,
    Named,
    Operator,
    Proof,
    Refutation,
    Step,
    Symbolic,
    computed,
    identity,
    inner,
    least,
    matrices,
    mixture,
    named,
    products,
    rank_of,
    step,
    theorem,
)
from verify.claims.zou2018.shared import figures, regions
from verify.claims.zou2018.shared.regions import INTERVAL, Side, box, open_direction, shapes
from verify.claims.zou2018.sharp.regions import HULL
from verify.claims.zou2018.without import empty_class
from verify.drawing import heads, layers, numbers
from verify.objects import SoftmaxHead

BOUNDED, TIGHT = "bounded region", "l = m - 1"


def draw(rng: Random, case: str) -> tuple[SoftmaxHead, int, Rows]:
    """Return a layer of the named case and the class that wins at a sampled point."""
    if case == BOUNDED:
        head = layers.with_bounded_region(rng, rng.randint(1, 3))
    elif case == TIGHT:
        l = rng.randint(1, 4)
        columns = numbers.vectors(rng, l + 1, l)
        head = layers.of_columns(columns, numbers.vector(rng, l + 1))
    else:
        head = heads.softmax_head(rng, case)
    points = numbers.vectors(rng, 2, head.features)
    z = head.logits(points[0])
    region = 0 if case == BOUNDED else z.index(max(z))
    return head, region, points


def prove(head: SoftmaxHead, region: int, points: Rows) -> Proof:
    """Decide the shape of the region; follow a ray, or bound every coordinate."""
    i = region
    regions.require_two_classes(head)
    l, m = head.features, head.classes
    polyhedron = regions.polyhedron(head, i)
    shape = decide(polyhedron)
    rows, bounds = polyhedron.matrix, polyhedron.right_side
    first = step(
        r"The region of class $i$ is $\{h:(w_j-w_i)\cdot h\le b_i-b_j\}$: the slack of the "
        r"inequality for $j$ at $h$ is $z_i(h)-z_j(h)$.",
        ([named(r"(b_i-b_j-(w_j-w_i)\cdot h_#)_{j\neq i}",
                tuple(b - dot(a, h) for a, b in zip(rows, bounds, strict=True))) for h in points],
         "=", [regions.named_gaps(r"(z_i-z_j)_{j\neq i}(h_#)", head, i, h) for h in points]),
    )  # fmt: skip
    count = step(
        r"Vectors whose positive combinations fill $\mathbb{R}^l$ number at least $l+1$, and there "
        r"are $m-1$: bounded asks for $m\ge l+2$ (1 for yes, 0 for no). If $m-1\le l$ there is "
        r"always a $d\neq0$ with $(w_j-w_i)\cdot d\le0$: a null vector where the differences "
        r"do not span $\mathbb{R}^l$, and the solution of $(w_j-w_i)\cdot d=-1$ for all $j$ where "
        r"they are $l$ independent ones.",
        (
            named(r"[\text{bounded}]", int(shape.bounded)),
            "<=",
            Named(r"[m\ge l+2]", int(enough_classes(l, m)), partial(_enough, l, m)),
        ),
        (named("d", [*open_direction(rows)]), "!=", (Fraction(0),) * l),
        ([inner(r"(w_j-w_i)\cdot d", a, d) for d in open_direction(rows) for a in rows], "<=", 0),
    )
    middle = _bounded(head, i, polyhedron, shape) if shape else _unbounded(head, i, shape)
    return Proof.of(
        *(Named(name, value) for name, value in found(shape).items()),
        first, *middle, count, certificates.decision_region(head, i, shape),
    )  # fmt: skip


def found(shape: Boundedness) -> dict[str, Vector]:
    """Return what shows whether the region is bounded, by name: the combination, or the ray."""
    names = {"h": shape.point, r"(\lambda_j)_{j\neq i}": shape.combination, "d": shape.ray}
    return {name: value for name, value in names.items() if value}


def decide(region: Polyhedron) -> Boundedness:
    """Return whether the region is bounded, with the ray or the combination that shows it."""
    return region.bounded()


def enough_classes(l: int, m: int) -> bool:
    """Return whether m - 1 vectors can have all of R^l as their positive combinations."""
    return m >= l + 2


def _enough(l: int, m: int) -> str:
    sign = r"\geq" if enough_classes(l, m) else "<"
    return f"[{m}{sign} {l}+2]"


def _unbounded(head: SoftmaxHead, i: int, shape: Boundedness) -> tuple[Step, Step]:
    d, start = shape.ray or (), shape.point or ()
    own = named(r"w_i\cdot d", dot(head.class_weights(i), d))
    return (
        step(r"Some $d\neq0$ has $w_j\cdot d\le w_i\cdot d$ for every class $j$: $w_i$ lies on the "
             r"boundary of the hull of all weights, because $w_i+\varepsilon d$ is outside for "
             r"every $\varepsilon>0$.",
             (named("d", d), "!=", (Fraction(0),) * head.features),
             ([inner(r"w_#\cdot d", w, d) for w in regions.columns(head)], "<=", own)),
        step(r"Then $h+\theta d$ stays in the region for all $\theta\ge0$.",
             ([regions.smallest_gap(regions.least_gap("i", f"h+{theta}d"), head, i,
                                    combine((1, start), (theta, d)))
               for theta in (0, 1, 1000)], ">=", 0)),
    )  # fmt: skip


def _bounded(
    head: SoftmaxHead, i: int, region: Polyhedron, shape: Boundedness
) -> tuple[Step, Step]:
    shares = shape.combination or ()
    others = [head.class_weights(j) for j in range(head.classes) if j != i]
    mixed = mixture(
        r"\sum_{j\neq i}\lambda_jw_j/\sum\lambda_j",
        *((a / sum(shares), w) for a, w in zip(shares, others, strict=True)),
    )
    return (
        step("$w_i$ is a mixture, with positive weights only, of the other $w_j$, and the "
             r"$w_j-w_i$ span $\mathbb{R}^l$: $w_i$ is interior to the hull. Then $(w_j-w_i)\cdot "
             r"d\le0$ for all $j$ leaves $d=0$ only: the terms of $0=\sum\lambda_j(w_j-w_i)\cdot "
             r"d$ are $\le0$, so all are $0$, and the $w_j-w_i$ span.",
             (mixed, "=", named("w_i", head.class_weights(i))),
             (least(r"\min_j\lambda_j", shares), ">", 0),
             (rank_of(r"\mathrm{rank}(w_j-w_i)_j", rank(region.matrix).value, region.matrix), "=",
              named("l", head.features))),
        step(r"So $\pm e_k=\sum\mu_j(w_j-w_i)$ with some $\mu\ge0$ of its own for each sign and "
             r"$k$, and $\pm h_k\le\sum\mu_j(b_i-b_j)$ in the region: an explicit box.",
             *(relation for side in box(region) for e in [outward(side)]
               for mu in [rf"\mu^{{({e})}}"] for relation in (
                 (mixture(rf"\sum_j{mu}_j(w_j-w_i)",
                          *zip(side.shares, region.matrix, strict=True)),
                  "=", named(e, side.outward)),
                 (least(rf"\min_j{mu}_j", side.shares), ">=", 0),
                 (inner(rf"({e})\cdot h", side.outward, shape.point or ()), "<=",
                  Named(rf"\sum_j{mu}_j(b_i-b_j)", side.bound,
                        products(side.shares, region.right_side)))))),
    )  # fmt: skip


def outward(side: Side) -> str:
    """Return how the outward normal of a side of the box is written."""
    k = next(k for k, entry in enumerate(side.outward, 1) if entry)
    return f"{'' if max(side.outward) > 0 else '-'}e_{{{k}}}"


def sharpness() -> Proof:
    """Attain a bounded region at m = l + 2 and l + 3, none at l + 1, and none for equal lengths."""
    first, second = (regions.simplex_layer(2, extra) for extra in (0, 1))
    origin = vector([0, 0])
    others = regions.columns(second)[1:]
    circle = regions.circle_layer()
    w = regions.columns(circle)
    three = SoftmaxHead.of([[1, 0, -1], [0, 1, -1]], [0, 0, 0])
    opened = [
        (i, d, rows) for i in range(3) for rows in [regions.polyhedron(three, i).matrix]
        for d in open_direction(rows)
    ]  # fmt: skip
    shares = vector([1, 1, "1/2", "1/2"])
    return Proof.of(
        Given("five classes", second),
        Given("three classes", three),
        Given("twelve classes", circle),
        Named(r"\lambda", shares), *(Named(f"d_{{{i + 1}}}", d) for i, d, _ in opened),
        step(r"For $m\ge l+2$ the layer $0,e_1,\dots,e_l,-(1,\dots,1),\dots$ with "
             r"$b=(1,0,\dots,0)$ has a bounded first region with interior: at $0$ its logit is "
             r"$1$ and the others are $0$; $\sum_{j\ge2}\lambda_jw_j=0=w_1$ for $\lambda_j=1$ at "
             r"the $e_k$ and positive ones of sum $1$ at the last; and the $e_k$ span "
             r"$\mathbb{R}^l$. So it is for all $l$ and $m$, by the statement above; here for "
             "$l=2$, $m=5$.",
             (regions.smallest_gap(regions.least_gap(1, "0"), second, 0, origin), ">", 0),
             (mixture(r"\sum_{j\ge2}\lambda_jw_j", *zip(shares, others, strict=True)), "=",
              named("w_1", origin)),
             (least(r"\min_j\lambda_j", shares), ">", 0),
             enough(second)),
        step(r"With $l+1$ classes, here $3$ in the plane, for every class $i$ some $d_i\neq0$ has "
             r"$(w_j-w_i)\cdot d_i\le0$ for all $j$, so its region, if it has points, has no end "
             "along $d_i$.",
             *((named(f"d_{{{i + 1}}}", d), "!=", vector([0, 0])) for i, d, _ in opened),
             *((inner(rf"(w_{{{j + 1}}}-w_{{{i + 1}}})\cdot d_{{{i + 1}}}", a, d), "<=", 0)
               for i, d, rows in opened
               for j, a in zip([j for j in range(3) if j != i], rows, strict=True))),
        step(r"Different weights of equal length: along $d=w_i$ the gap to class $j$ grows at the "
             r"rate $|w_i|^2-w_i\cdot w_j=\frac12|w_i-w_j|^2>0$, so all regions are nonempty and "
             "unbounded for every $b$, any number of classes and all $l$; here twelve in the "
             "plane, with the largest product for each.",
             *((inner(f"|w_{{{i + 1}}}|^2", w[i], w[i]), ">",
                inner(rf"\max_{{j\neq{i + 1}}}w_{{{i + 1}}}\cdot w_j"
                      rf"=w_{{{i + 1}}}\cdot w_{{{j + 1}}}", w[i], w[j]))
               for i, j in enumerate(map(partial(regions.nearest, w), range(len(w)))))),
        *(certificates.decision_region(head, 0, shapes(head)[0]) for head in (first, second)),
        *(certificates.decision_region(head, i, shape)
          for head in (three, circle) for i, shape in enumerate(shapes(head))),
    )  # fmt: skip


def symbolic() -> Symbolic:
    """Prove that l independent inequalities in l unknowns leave a direction open."""
    (a,), (ones,) = matrices("A", "l", "l"), matrices("1", "l")
    yield identity(
        r"With the rows $w_j-w_i$ as a square matrix $A$, the vector $d=-A^{-1}\mathbf1$ solves "
        r"$Ad=-\mathbf1\le0$ and is not $0$. Where $A$ has no inverse a null vector of $A$ takes "
        "its place.",
        r"A(-A^{-1}\mathbf1)=-\mathbf1",
        "all numbers $l$ of features and $l+1$ classes, $A$ invertible",
        a * (-a.I * ones), -ones,
    )  # fmt: skip


EXAMPLE = (INTERVAL, 1, (vector([0]), vector([2])))


# Bounded and empty regions where none is expected, and none where the caption expects one.
def draw_many_classes(rng: Random) -> tuple[SoftmaxHead, int]:
    """Return a small layer with at least two classes more than features, and one class."""
    l = rng.randint(1, 2)
    m = l + 2
    return layers.small_head(rng, l, m), rng.randrange(m)


def enough(head: SoftmaxHead) -> tuple[Named, Operator, Named]:
    """Return that m >= l + 2."""
    return named("m", head.classes), ">=", computed("l+2", "l + 2", l=head.features)


def refute_bounded(head: SoftmaxHead, region: int) -> Refutation | None:
    """Refute when the region is bounded and has interior."""
    i = region
    polyhedron = regions.polyhedron(head, i)
    inside, shape = polyhedron.interior_point(), polyhedron.bounded()
    if inside is None or not shape:
        return None
    return Refutation.of(
        "The region has interior and is bounded: its weight vector lies inside the hull of the "
        "others.",
        Named("h", inside), Named(r"(\lambda_j)_{j\neq i}", shape.combination or ()),
        step("There are at least two classes more than features.",
             enough(head)),
        step("At some features the logit of the class is strictly the largest.",
             (regions.smallest_gap(regions.least_gap("i", "h"), head, i, inside), ">", 0)),
        _bounded(head, i, polyhedron, shape)[0],
        certificates.decision_region(head, i, shape),
    )  # fmt: skip


def draw_few_classes(rng: Random) -> tuple[SoftmaxHead, int]:
    """Return a small layer with at most one class more than features, and one class."""
    l = rng.randint(1, 2)
    m = rng.randint(2, l + 1)
    return layers.small_head(rng, l, m), rng.randrange(m)


def refute_empty(head: SoftmaxHead, region: int) -> Refutation | None:
    """Refute when l >= m - 1 and the class has no points."""
    few = head.classes <= head.features + 1
    return empty_class.refute(head, region) if few else None


def draw_layer(rng: Random) -> SoftmaxHead:
    """Return a small layer with fewer features than classes."""
    l = rng.randint(1, 2)
    return layers.small_head(rng, l, rng.randint(l + 1, l + 2))


def refute_caption(head: SoftmaxHead) -> Refutation | None:
    """Refute "l < m allows a bounded region" by a shape where no layer has one, and an example."""
    l, m = head.features, head.classes
    shapes = regions.shapes(head)
    full = {i: shape for i, shape in enumerate(shapes) if shape.point is not None}
    if not l < m < l + 2 or any(full.values()):
        return None
    return Refutation.of(
        r"Here $l<m$, and every nonempty region extends to infinity. So it is in every layer with "
        r"$l=m-1$: fewer than $l+1$ vectors $w_j-w_i$ cannot close in a region.",
        named("l", l), named("m", m),
        step("There are fewer features than classes.", (named("l", l), "<", named("m", m))),
        step(r"There are too few differences to fill $\mathbb{R}^l$.",
             (computed("m-1", "m - 1", m=m), "<", computed("l+1", "l + 1", l=l))),
        *(certificates.decision_region(head, i, shape) for i, shape in full.items()),
    )  # fmt: skip


CLAIM = theorem(
    __name__,
    without={
        "as printed": (SoftmaxHead.of([[1, 0]], [0, 0]), refute_caption, draw_layer),
        "nonempty region": ((SoftmaxHead.of([[0, 0]], [1, 0]), 1), refute_empty, draw_few_classes),
        "enough features": ((INTERVAL, 1), refute_bounded, draw_many_classes),
    },
    sharp=HULL,
    cases=(*heads.CASES, TIGHT, BOUNDED),
    pictures=figures.bounded_and_unbounded,
)
