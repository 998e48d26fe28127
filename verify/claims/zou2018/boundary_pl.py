r"""Significance and implications: The decision boundary is piecewise linear

Printed: The decision boundary of softmax regression is piece-wise linear.
Statement: Let $m\ge2$. The set of ties for the largest logit is the union over $i<j$ of the
    polyhedra $\{z_i=z_j,\ z_i\ge z_k\}$. If no two classes have the same logit function, its
    dimension is at most $l-1$ (that of the empty set is $-1$).
Verdict: true. A finite union of polyhedra is what piecewise linear means; that the boundary is thin
    needs different logits.
Reading: The decision boundary is the set of ties for the largest logit; piecewise linear means that
    it is a finite union of polyhedra.
Needs different logits: No two classes have the same weights and the same bias.
    Without it: Two classes with the same logit tie with each other everywhere: where they win,
        the boundary is thick.
Sharp: The dimension is at most $l-1$ exactly when no two classes share a logit function that is the
    largest on an open set; in every shape all $m(m-1)/2$ pieces can have dimension $l-1$.
    Rests on: Coq in part boundary_pl_hyperplanes, boundary_pl_thin. A piece with interior has
        $z_i=z_j$ in a ball, so these are one function, the largest there; and such a function makes
        the ball a tie. In every shape $w_i=t_ie_1$ with different $t_i$ and $b=0$ has all pieces
        equal to $\{h_1=0\}$.
    Overstated: Two classes with one logit do not make the boundary thick when neither ever wins.
Quantifier: certified for each piece: whether it has a point, and that no two logits are the same
    function; its dimension is computed, and ties are compared with pieces at sampled points
The idea: The boundary consists of points at which two classes share the largest logit. For each
    pair of classes with different logits they make one flat piece, which may end where a third
    class ties, too, or no piece at all.
Why it is true: For a pair $i<j$ the condition is one equation, $z_i=z_j$, and the inequalities
    $z_i\geq z_k$ for the other classes. That is a polyhedron, and the boundary is the union of
    these, of which there are $m(m-1)/2$. If the two logits are different functions, the equation is
    that of a hyperplane, or has no solution where the weights are equal.
Before you use it: If two classes have the same weights and the same bias, they tie with each other
    everywhere, and the boundary is as thick as their common region. Everything about thin
    boundaries assumes that no two classes share a logit function.
"""

from dataclasses import replace
from fractions import Fraction
from itertools import combinations
from random import Random

import sympy

from certify import certificates
from certify.certificates import facts
from certify.certificates.certificate import Certificate
from certify.numbers.rationals import Rows, Vector, combine, dot, vector
from certify.polyhedra.polyhedron import Polyhedron
from verify.claims.language import (
    Given,
    Named,
    Proof,
    Refutation,
    Symbolic,
    computed,
    identity,
    matrices,
    mixture,
    named,
    step,
    theorem,
)
from verify.claims.zou2018.shared import regions
from verify.drawing import heads, layers, numbers
from verify.objects import SoftmaxHead


def draw(rng: Random, case: str) -> tuple[SoftmaxHead, Rows]:
    """Return a layer of the named case with sampled points and points between two classes."""
    head = _without_equal_logits(heads.softmax_head(rng, case))
    h = numbers.vector(rng, head.features)
    i, j = rng.sample(range(head.classes), 2)
    return head, (h, *_between(head, i, j, h))


def _without_equal_logits(head: SoftmaxHead) -> SoftmaxHead:
    bias: list[Fraction] = []
    seen: set[tuple[Vector, Fraction]] = set()
    for w, b in zip(regions.columns(head), head.bias, strict=True):
        while (w, b) in seen:
            b += 1
        seen.add((w, b))
        bias.append(b)
    return SoftmaxHead(head.weights, tuple(bias))


def _between(head: SoftmaxHead, i: int, j: int, h: Vector) -> Rows:
    """Return the foot of h on the bisector of two classes, if there is a bisector."""
    w, z = regions.columns(head), head.logits(h)
    normal = combine((1, w[i]), (-1, w[j]))
    if not any(normal):
        return ()
    return (combine((1, h), ((z[j] - z[i]) / dot(normal, normal), normal)),)


def prove(head: SoftmaxHead, points: Rows) -> Proof:
    """Compare ties with the pieces at every point, and decide the dimension of every piece."""
    regions.require_two_classes(head)
    pairs = list(combinations(range(head.classes), 2))
    pieces = {pair: regions.boundary_piece(head, *pair) for pair in pairs}
    zero = (Fraction(0),) * (head.features + 1)
    steps = (
        step(r"The piece for $i<j$ is $\{z_i=z_j,\ z_i\ge z_k\}$: one equation and $m-2$ "
             r"inequalities, $m$ rows in all, two for the equation.",
             ([named(rf"\text{{rows}}({classes(pair)})", len(piece.matrix))
               for pair, piece in pieces.items()], "=",
              computed("2+(m-2)", "2 + (m - 2)", m=head.classes))),
        step(r"Features are a tie for the maximum exactly when they lie in a piece (1 for yes, 0 "
             "for no).",
             ([regions.holds_at(r"[\text{tie at }h_#]", head, h, int(is_tie(head, h)))
               for h in points], "=",
              named(r"[h_#\text{ in a piece}]",
                    [int(any(p.contains(h) for p in pieces.values())) for h in points]))),
        step(r"No two logits are equal as functions ...",
             *((lifted_apart(head, i, j), "!=", zero) for i, j in pairs)),
        step(r"... so a piece lies in a hyperplane, or is empty: its dimension is at most $l-1$.",
             (dimensions(pieces), "<=", computed("l-1", "l - 1", l=head.features))),
    )  # fmt: skip
    proofs = tuple(piece.is_empty().certificate for piece in pieces.values())
    return Proof.of(*steps, *proofs, different_logits(head))


def classes(pair: tuple[int, int]) -> str:
    """Return i and j as they are numbered in the steps, from 1."""
    return f"{pair[0] + 1},{pair[1] + 1}"


def dimensions(pieces: dict[tuple[int, int], Polyhedron]) -> list[Named]:
    """Return the dimensions of the pieces between two classes, by name."""
    return [named(rf"\dim({classes(p)})", piece.dimension()) for p, piece in pieces.items()]


def lifted_apart(head: SoftmaxHead, i: int, j: int) -> Named:
    """Return (w_i, b_i) - (w_j, b_j) by name, with both."""
    name = f"(w_{{{i + 1}}},b_{{{i + 1}}})-(w_{{{j + 1}}},b_{{{j + 1}}})"
    return mixture(name, (1, lifted(head, i)), (-1, lifted(head, j)))


def is_tie(head: SoftmaxHead, h: Vector) -> bool:
    """Return whether two logits are the largest at h."""
    z = head.logits(h)
    return z.count(max(z)) >= 2


def lifted(head: SoftmaxHead, i: int) -> Vector:
    """Return (w_i, b_i)."""
    return (*head.class_weights(i), head.bias[i])


def different_logits(head: SoftmaxHead) -> Certificate:
    """Certify that no two classes have the same weights and bias."""
    entries: dict[str, Fraction | int] = {
        f"z{i}_{k}": x for i in range(head.classes) for k, x in enumerate(lifted(head, i))
    }
    relations = [
        (["+", *(["^", ["-", f"z{i}_{k}", f"z{j}_{k}"], "2"] for k in range(head.features + 1))],
         "!=", "0")
        for i, j in combinations(range(head.classes), 2)
    ]  # fmt: skip
    return facts.arithmetic(entries, relations)


@theorem.without(
    "different logits",
    SoftmaxHead.of([[0, 0]], [0, 0]),
    lambda rng: layers.small_head(rng, rng.randint(1, 2), rng.randint(2, 3)),
)
def refute_equal(head: SoftmaxHead) -> Refutation | None:
    """Refute thinness when two equal logits are the largest on an open set."""
    for i, j in combinations(range(head.classes), 2):
        if lifted(head, i) != lifted(head, j):
            continue
        region = regions.polyhedron(head, i)
        inside = region.interior_point()
        if inside is None:
            continue
        entries: dict[str, Fraction | int] = {
            f"{name}{k}": x for name, c in (("p", i), ("q", j))
            for k, x in enumerate(lifted(head, c))
        }  # fmt: skip
        same = [(f"p{k}", "=", f"q{k}") for k in range(head.features + 1)]
        others = [k for k in range(head.classes) if lifted(head, k) != lifted(head, i)]
        return Refutation.of(
            "Two classes have the same logit, and it is the largest on an open set: every point of "
            "that set is on the boundary.",
            Named("h", inside),
            step("The two logits are the same function.",
                 (lifted_apart(head, i, j), "=", (Fraction(0),) * (head.features + 1))),
            step("The region of both has full dimension: those of its inequalities that are "
                 "equalities everywhere in it have rank $e=0$.",
                 (regions.full_dimension(head, i, region.dimension()), "=",
                  named("l", head.features))),
            step("At a point $h$ of its interior no logit is larger than this one"
                 + (", and each that differs is smaller." if others else "."),
                 (regions.smallest_gap(regions.least_gap(i + 1, "h"), head, i, inside), ">=",
                  0),
                 *((named(f"z_{{{k + 1}}}(h)", head.logits(inside)[k]), "<",
                    named(f"z_{{{i + 1}}}(h)", head.logits(inside)[i]))
                   for k in others)),
            facts.arithmetic(entries, same),
            certificates.decision_region(head, i, replace(region.bounded(), point=inside)),
        )  # fmt: skip
    return None


def sharpness() -> Proof:
    """Attain dimension l - 1, and all m (m - 1) / 2 pieces; and lose thinness with equal logits."""
    simplex = layers.of_columns(
        [(Fraction(j == 0), Fraction(j == 1)) for j in range(3)], [Fraction(0)] * 3
    )
    pairs = list(combinations(range(3), 2))
    borders = {pair: regions.border(simplex, *pair) for pair in pairs}
    equal, flat = SoftmaxHead.of([[0, 0], [0, 0]], [0, 0]), vector([0, 0, 0])
    return Proof.of(
        Given("three classes", simplex),
        Given("two equal logits", equal),
        *(Named(f"h_{{{i + 1}{j + 1}}}", b.point) for (i, j), b in borders.items()),
        step(r"For three affinely independent weights in the plane all $3$ pieces have "
             r"dimension $l-1=1$: at $h_{ij}$ the logits of $i$ and $j$ are equal and the third is "
             r"lower, so around it the piece is the whole line $z_i=z_j$. For all $l\ge m-1$ it is "
             r"so with $e_1,\dots,e_{m-1},0$, where some $h$ gives the first $m-1$ logits any "
             "values.",
             *(relation for (i, j), b in borders.items() for z in [simplex.logits(b.point)]
               for at in [f"(h_{{{i + 1}{j + 1}}})"] for relation in (
                 (computed(f"(z_{i + 1}-z_{j + 1}){at}", "a - b", a=z[i], b=z[j]), "=", 0),
                 (computed(f"(z_{i + 1}-z_{4 - i - j}){at}", "a - b", a=z[i], b=z[3 - i - j]),
                  ">", 0)))),
        step("With two equal logits everything is a tie: the piece is the plane, of dimension "
             "$l$.",
             (mixture("(w_1,b_1)-(w_2,b_2)", (1, flat), (-1, flat)), "=",
              vector([0, 0, 0]))),
        *(certificates.adjacent(simplex, *pair, border.point) for pair, border in borders.items()),
    )  # fmt: skip


def symbolic() -> Symbolic:
    """Prove that a hyperplane of ties has no interior: some point near it is off it."""
    v, h = matrices("v h", "l")
    (c,), s = matrices("c"), sympy.Symbol("s")
    yield identity(
        r"Every step along $v=w_i-w_j\neq0$, however small, leads away from a tie of $i$ and $j$.",
        r"(z_i-z_j)(h+sv)=(z_i-z_j)(h)+s\,v\cdot v",
        "all numbers of features",
        v.T * (h + s * v) + c,
        v.T * h + c + s * v.T * v,
    )


EXAMPLE = (SoftmaxHead.of([[1, -1, 0], [0, 0, 1]], [0, 0, 0]), (vector([-2, 1]), vector([1, 1])))


# When the boundary of a softmax layer is thin, decided on drawn layers by two ways.
ON_TOP, BELOW, DIFFERENT = "equal logits on top", "equal logits below others", "different logits"
EDGE = "equal logits on top, on no open set"


def draw_equal(rng: Random, case: str) -> SoftmaxHead:
    """Return a layer with two classes of one logit, which wins on an open set or not, or none."""
    while True:
        if case == DIFFERENT:
            head = heads.softmax_head(rng, rng.choice(heads.CASES))
        else:
            shape = (1, 4) if case == EDGE else (rng.randint(1, 3), rng.randint(2, 5))
            head = layers.small_head(rng, *shape)
            w, b = list(regions.columns(head)), list(head.bias)
            w[0], b[0] = w[-1], b[-1]
            head = layers.of_columns(w, b)
        if _kind(head) == case:
            return head


def _kind(head: SoftmaxHead) -> str:
    if not (pairs := equal_pairs(head)):
        return DIFFERENT
    if thick(head):
        return ON_TOP
    return BELOW if all(regions.polyhedron(head, i).is_empty() for i, _ in pairs) else EDGE


def equal_pairs(head: SoftmaxHead) -> list[tuple[int, int]]:
    """Return the pairs of classes with the same logit function."""
    lifted = [(*w, b) for w, b in zip(regions.columns(head), head.bias, strict=True)]
    return [(i, j) for i, j in combinations(range(head.classes), 2) if lifted[i] == lifted[j]]


def thick(head: SoftmaxHead) -> list[int]:
    """Return one class of each equal pair whose region has interior."""
    return [
        i for i, _ in equal_pairs(head) if regions.polyhedron(head, i).interior_point() is not None
    ]


@theorem.sharp((ON_TOP, BELOW, EDGE, DIFFERENT), draw_equal)
def decide_thin(head: SoftmaxHead) -> Proof:
    """Compare the dimensions of all pieces with equal logits that are largest on an open set."""
    regions.require_two_classes(head)
    l, m = head.features, head.classes
    pieces = {p: regions.boundary_piece(head, *p) for p in combinations(range(m), 2)}
    fan = layers.of_columns(
        [(Fraction(k), *[Fraction(0)] * (l - 1)) for k in range(m)], [Fraction(0)] * m
    )
    thin = max(piece.dimension() for piece in pieces.values()) <= l - 1
    shapes = (
        certificates.decision_region(head, i, regions.polyhedron(head, i).bounded())
        for i in sorted({i for pair in equal_pairs(head) for i in pair} or {0})
    )
    return Proof.of(
        step(r"The pieces have dimension at most $l-1$ exactly when no two classes share a logit "
             "that is the largest on an open set (1 for yes, 0 for no).",
             (int(thin), "=", int(not thick(head)))),
        step(r"In every shape some layer has $m(m-1)/2$ pieces of dimension $l-1$: weights "
             r"$0,e_1,2e_1,\dots$ without bias.",
             ([regions.boundary_piece(fan, *p).dimension() for p in pieces], "=", l - 1)),
        *shapes, *(piece.is_empty().certificate for piece in pieces.values()),
    )  # fmt: skip


@theorem.overstated(
    SoftmaxHead.of([[0, 0, 0]], [0, 0, 1]), lambda rng: layers.small_head(rng, 1, rng.randint(2, 3))
)
def refute_any_equal(head: SoftmaxHead) -> Refutation | None:
    """Refute that two equal logits make the boundary thick: neither is ever the largest."""
    equal = equal_pairs(head)
    shapes = {i: regions.polyhedron(head, i).bounded() for pair in equal for i in pair}
    if not equal or any(shape.point is not None for shape in shapes.values()):
        return None
    entries: dict[str, Fraction | int] = {}
    for i in shapes:
        entries |= {f"w{i}_{k}": x for k, x in enumerate(head.class_weights(i))}
        entries[f"b{i}"] = head.bias[i]
    same = [
        (f"{name}{i}{end}", "=", f"{name}{j}{end}")
        for i, j in equal
        for name, end in [("b", ""), *(("w", f"_{k}") for k in range(head.features))]
    ]
    pieces = {p: regions.boundary_piece(head, *p) for p in combinations(range(head.classes), 2)}
    return Refutation.of(
        "Two classes have one logit, which is nowhere the largest, and the boundary is thin.",
        step(r"Every piece has dimension at most $l-1$.",
             (dimensions(pieces), "<=", computed("l-1", "l - 1", l=head.features))),
        facts.arithmetic(entries, same),
        *(certificates.decision_region(head, i, shape) for i, shape in shapes.items()),
    )  # fmt: skip


CLAIM = theorem(__name__, cases=heads.CASES)
