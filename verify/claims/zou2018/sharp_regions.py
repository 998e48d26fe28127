"""The exact words on decision regions and their boundary, decided on drawn layers by two ways."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from random import Random
from typing import Any

from certify import linear_program, rank
from certify.rationals import Vector, combine
from verify.claims import facts
from verify.claims.claim import Counterexample, Proof, Refutation, SharpForm, step
from verify.claims.zou2018 import certificates, regions
from verify.claims.zou2018.empty_class import OneClass
from verify.claims.zou2018.region_shapes import simplex_layer
from verify.objects import SoftmaxHead
from verify.sampling import heads, layers, numbers

ALL_FACETS, FEWER_FACETS = "a facet for every other class", "fewer facets"
CLOSED, OPEN = "weight interior to the hull", "weight on the boundary of the hull"
TIGHT, ONE_LENGTH = "l = m - 1", "different weights of one length"
# Integer points of one length in the plane and in space.
CIRCLES = (
    [(x, y) for x in range(-5, 6) for y in range(-5, 6) if x * x + y * y == 25],
    [(x, y, z) for x in range(-3, 4) for y in range(-3, 4) for z in range(-3, 4)
     if x * x + y * y + z * z == 9],
)  # fmt: skip


def draw_facets(rng: Random, case: str) -> OneClass:
    """Return a class whose region has interior, with all possible facets or not."""
    while True:
        head = layers.small_head(rng, rng.randint(1, 3), rng.randint(2, 5))
        i = rng.randrange(head.classes)
        region = regions.polyhedron(head, i)
        if region.interior_point() is None:
            continue
        if (len(region.irredundant().rows) == head.classes - 1) == (case == ALL_FACETS):
            return OneClass(head, i)


def decide_facets(instance: OneClass) -> Proof:
    """Compare the inequalities that the region needs with the classes it has facets with."""
    head, i = instance.head, instance.region
    w, region = regions.columns(head), regions.polyhedron(head, i)
    needed = region.irredundant()
    others = [j for j in range(head.classes) if j != i and w[j] != w[i]]
    shared = {j: regions.border(head, i, j) for j in others}
    facets = [j for j, border in shared.items() if border.facet]
    steps = (
        step("The region has interior: its class wins strictly somewhere, or ties with its equals.",
             (region.dimension(), "=", head.features)),
        step(r"It needs at most $m-1$ of its inequalities.",
             (len(needed.rows), "<=", head.classes - 1)),
        step(r"It needs all $m-1$ exactly when the common logit of $i$ and $j$ exceeds all others "
             r"somewhere, for every $j\neq i$ (1 for yes, 0 for no).",
             (int(len(needed.rows) == head.classes - 1), "=",
              int(len(facets) == head.classes - 1))),
    )  # fmt: skip
    borders = (certificates.adjacent(head, i, j, shared[j].point) for j in facets)
    shape = region.bounded()
    return Proof(
        steps,
        (certificates.decision_region(head, i, shape), *needed.certificates.values(), *borders),
    )


@dataclass(frozen=True)
class TwoTies:
    """A layer and two features, ties or not."""

    head: SoftmaxHead
    start: Vector
    end: Vector


def draw_ties(rng: Random) -> TwoTies:
    """Return one feature, four classes and two points, with very small integers."""

    def small(count: int) -> Vector:
        return tuple(Fraction(rng.randint(-1, 1)) for _ in range(count))

    return TwoTies(SoftmaxHead((small(4),), small(4)), small(1), small(1))


def tied(head: SoftmaxHead, h: Vector) -> list[int]:
    """Return the classes with the largest logit."""
    z = head.logits(h)
    return [i for i, value in enumerate(z) if value == max(z)]


def refute_middle(instance: TwoTies) -> Refutation | None:
    """Refute convexity when ties go to the middle one of the tied classes."""
    head, ends = instance.head, (instance.start, instance.end)
    middle = combine((Fraction(1, 2), ends[0]), (Fraction(1, 2), ends[1]))
    sets = [tied(head, h) for h in (*ends, middle)]
    chosen = [classes[(len(classes) - 1) // 2] for classes in sets]
    if chosen[0] != chosen[1] or chosen[2] == chosen[0]:
        return None
    named: dict[str, Fraction | int] = {f"b{i}": b for i, b in enumerate(head.bias)}
    named |= {f"w{i}_{k}": x for i, w in enumerate(regions.columns(head)) for k, x in enumerate(w)}
    named |= {f"h{p}_{k}": x for p, h in enumerate(ends) for k, x in enumerate(h)}
    first, second = ([f"h{p}_{k}" for k in range(head.features)] for p in range(2))
    between: list[Any] = [["/", ["+", x, y], "2"] for x, y in zip(first, second, strict=True)]
    points: list[list[Any]] = [[*first], [*second], between]

    def logit(i: int, p: int) -> Any:
        return ["+", f"b{i}", *(["*", f"w{i}_{k}", x] for k, x in enumerate(points[p]))]

    relations = [
        (logit(i, p), "=" if i in classes else "<", logit(classes[0], p))
        for p, classes in enumerate(sets)
        for i in range(head.classes)
        if i != classes[0]
    ]
    return Refutation(
        f"Let the middle one of the tied classes win, the lower of two. Both ends go to class "
        f"{chosen[0]}, counted from 0, and their midpoint to class {chosen[2]}.",
        (
            step("The ends have one class and the midpoint has another.",
                 (chosen[0], "=", chosen[1]), (chosen[2], "!=", chosen[0])),
            step("Only classes that tie at both ends tie at the midpoint.",
                 *((int(i in sets[0] and i in sets[1]), "=", 1) for i in sets[2])),
        ),
        (facts.arithmetic(named, relations),),
    )  # fmt: skip


FACETS: SharpForm[OneClass] = SharpForm(
    (ALL_FACETS, FEWER_FACETS),
    draw_facets,
    decide_facets,
    Counterexample(
        "A rule for ties that looks at nothing but the tied classes need not do: the middle one.",
        TwoTies(SoftmaxHead.of([[0, 0, 1, -1]], [0, 0, -1, -1]), (Fraction(1),), (Fraction(-1),)),
        refute_middle,
        draw_ties,
    ),
)


def draw_hull(rng: Random, case: str) -> OneClass:
    """Return a class that wins somewhere, with its weight placed as the case says."""
    while True:
        if case == CLOSED:
            return OneClass(layers.with_bounded_region(rng, rng.randint(1, 3)), 0)
        if case == ONE_LENGTH:
            circle = rng.choice(CIRCLES)
            columns = [tuple(map(Fraction, w)) for w in rng.sample(circle, rng.randint(2, 6))]
            head = layers.of_columns(columns, numbers.vector(rng, len(columns)))
            return OneClass(head, rng.randrange(head.classes))
        if case == TIGHT:
            l = rng.randint(1, 4)
            head = layers.small_head(rng, l, l + 1)
        else:
            head = layers.small_head(rng, rng.randint(1, 3), rng.randint(3, 6))
        i = rng.randrange(head.classes)
        if not regions.polyhedron(head, i).is_empty() and (case == TIGHT or not interior(head, i)):
            return OneClass(head, i)


def interior(head: SoftmaxHead, i: int) -> bool:
    """Return whether w_i is a mixture of the others with weights >= t > 0, and they span R^l.

    That is whether w_i is an interior point of the hull: the largest t, by a linear program.
    """
    w = regions.columns(head)
    gaps = [combine((1, w[j]), (-1, w[i])) for j in range(head.classes) if j != i]
    rows = [[*(Fraction(-int(k == j)) for k in range(len(gaps))), Fraction(1)]
            for j in range(len(gaps))]  # fmt: skip
    equations = [[*row, Fraction(0)] for row in zip(*gaps, strict=True)]
    equations.append([*[Fraction(1)] * len(gaps), Fraction(0)])
    answer = linear_program(
        [*[0] * len(gaps), 1],
        (rows, [0] * len(gaps)),
        (equations, [*[0] * head.features, 1]),
        maximize=True,
    )
    return answer.value is not None and answer.value > 0 and rank(gaps).value == head.features


def boxed(head: SoftmaxHead, i: int) -> bool:
    """Return whether every coordinate is bounded on the region, from both sides."""
    region = regions.polyhedron(head, i)
    sides = [
        tuple(Fraction(sign * (j == k)) for j in range(head.features))
        for k in range(head.features)
        for sign in (1, -1)
    ]
    system = region.matrix, region.right_side
    return all(linear_program(e, system, maximize=True).status == "optimal" for e in sides)


def decide_hull(instance: OneClass) -> Proof:
    """Compare a box around the region with the place of the weight in the hull."""
    head, i = instance.head, instance.region
    l, m, w = head.features, head.classes, regions.columns(head)
    region = regions.polyhedron(head, i)
    shape, closed = region.bounded(), boxed(head, i)
    one_length = layers.distinct(w) and len({sum(x * x for x in v) for v in w}) == 1
    steps = [
        step("The region is not empty.", (int(region.contains(shape.point or ())), "=", 1)),
        step(r"Every coordinate is bounded on it exactly when $w_i$ is interior to the hull (1 for "
             "yes, 0 for no).", (int(closed), "=", int(interior(head, i)))),
        step(r"Only when $m\ge l+2$, and then some layer of this shape has a bounded region.",
             (int(closed), "<=", int(m >= l + 2)),
             (int(m >= l + 2 and boxed(simplex_layer(l, m - l - 2), 0)), "=", int(m >= l + 2))),
    ]  # fmt: skip
    found = [certificates.decision_region(head, i, shape)]
    if one_length:
        all_shapes = [regions.polyhedron(head, k).bounded() for k in range(m)]
        steps.append(
            step("Different weights of one length: all regions are nonempty and unbounded.",
                 *((int(s.point is not None and not boxed(head, k)), "=", 1)
                   for k, s in enumerate(all_shapes)))
        )  # fmt: skip
        found = [certificates.decision_region(head, k, s) for k, s in enumerate(all_shapes)]
    return Proof(tuple(steps), tuple(found))


def draw_any_class(rng: Random) -> OneClass:
    """Return a small layer and one of its classes."""
    m = rng.randint(2, 4)
    return OneClass(layers.small_head(rng, rng.randint(1, 2), m), rng.randrange(m))


def refute_mixture(instance: OneClass) -> Refutation | None:
    """Refute that a region is bounded when its weight is any mixture of the others."""
    head, i = instance.head, instance.region
    w, region = regions.columns(head), regions.polyhedron(head, i)
    others = [w[j] for j in range(head.classes) if j != i]
    columns = [*zip(*others, strict=True), [1] * len(others)]
    answer = linear_program(
        [0] * len(others), equalities=(columns, [*w[i], 1]), nonnegative=True
    )  # fmt: skip
    shape = region.bounded()
    if answer.x is None or shape.point is None or shape.bounded:
        return None
    return Refutation(
        "The weight is a mixture of the others, and the region extends to infinity: the weight "
        "lies on the boundary of the hull.",
        (
            step("The weight is a mixture of the others.",
                 (combine(*zip(answer.x, others, strict=True)), "=", w[i]),
                 (sum(answer.x, Fraction(0)), "=", 1), (min(answer.x), ">=", 0)),
        ),
        (certificates.decision_region(head, i, shape), answer.certificate),
    )  # fmt: skip


HULL: SharpForm[OneClass] = SharpForm(
    (CLOSED, OPEN, TIGHT, ONE_LENGTH),
    draw_hull,
    decide_hull,
    Counterexample(
        "A weight in the hull of the others, but not in its interior, does not close the region.",
        OneClass(SoftmaxHead.of([[0, 0]], [0, 0]), 0),
        refute_mixture,
        draw_any_class,
    ),
)
ON_TOP, BELOW, DIFFERENT = "equal logits on top", "equal logits below others", "different logits"


def draw_equal(rng: Random, case: str) -> SoftmaxHead:
    """Return a layer with two classes of one logit, which wins on an open set or not, or none."""
    while True:
        if case == DIFFERENT:
            head = heads.softmax_head(rng, rng.choice(heads.CASES))
        else:
            head = layers.small_head(rng, rng.randint(1, 3), rng.randint(2, 5))
            w, b = list(regions.columns(head)), list(head.bias)
            w[0], b[0] = w[-1], b[-1]
            head = layers.of_columns(w, b)
        kind = ON_TOP if thick(head) else BELOW if equal_pairs(head) else DIFFERENT
        if kind == case:
            return head


def equal_pairs(head: SoftmaxHead) -> list[tuple[int, int]]:
    """Return the pairs of classes with the same logit function."""
    lifted = [(*w, b) for w, b in zip(regions.columns(head), head.bias, strict=True)]
    return [(i, j) for i, j in combinations(range(head.classes), 2) if lifted[i] == lifted[j]]


def thick(head: SoftmaxHead) -> list[int]:
    """Return one class of each equal pair whose region has interior."""
    return [
        i for i, _ in equal_pairs(head) if regions.polyhedron(head, i).interior_point() is not None
    ]


def decide_thin(head: SoftmaxHead) -> Proof:
    """Compare the dimensions of all pieces with equal logits that are largest on an open set."""
    l, m = head.features, head.classes
    pieces = {p: regions.boundary_piece(head, *p) for p in combinations(range(m), 2)}
    fan = layers.of_columns(
        [(Fraction(k), *[Fraction(0)] * (l - 1)) for k in range(m)], [Fraction(0)] * m
    )
    thin = max(piece.dimension() for piece in pieces.values()) <= l - 1
    steps = (
        step(r"The pieces have dimension at most $l-1$ exactly when no two classes share a logit "
             "that is the largest on an open set (1 for yes, 0 for no).",
             (int(thin), "=", int(not thick(head)))),
        step(r"In every shape some layer has $m(m-1)/2$ pieces of dimension $l-1$: weights "
             r"$0,e_1,2e_1,\dots$ without bias.",
             *((regions.boundary_piece(fan, *p).dimension(), "=", l - 1) for p in pieces)),
    )  # fmt: skip
    shapes = (
        certificates.decision_region(head, i, regions.polyhedron(head, i).bounded())
        for i in sorted({i for pair in equal_pairs(head) for i in pair} or {0})
    )
    return Proof(steps, (*shapes, *(piece.is_empty().certificate for piece in pieces.values())))


def draw_with_equal(rng: Random) -> SoftmaxHead:
    """Return a small layer."""
    return layers.small_head(rng, 1, rng.randint(2, 3))


def refute_any_equal(head: SoftmaxHead) -> Refutation | None:
    """Refute that two equal logits make the boundary thick: neither is ever the largest."""
    equal = equal_pairs(head)
    shapes = {i: regions.polyhedron(head, i).bounded() for pair in equal for i in pair}
    if not equal or any(shape.point is not None for shape in shapes.values()):
        return None
    named: dict[str, Fraction | int] = {}
    for i in shapes:
        named |= {f"w{i}_{k}": x for k, x in enumerate(head.class_weights(i))}
        named[f"b{i}"] = head.bias[i]
    same = [
        (f"{name}{i}{end}", "=", f"{name}{j}{end}")
        for i, j in equal
        for name, end in [("b", ""), *(("w", f"_{k}") for k in range(head.features))]
    ]
    pieces = [regions.boundary_piece(head, *p) for p in combinations(range(head.classes), 2)]
    return Refutation(
        "Two classes have one logit, which is nowhere the largest, and the boundary is thin.",
        (
            step(r"Every piece has dimension at most $l-1$.",
                 *((piece.dimension(), "<=", head.features - 1) for piece in pieces)),
        ),
        (
            facts.arithmetic(named, same),
            *(certificates.decision_region(head, i, shape) for i, shape in shapes.items()),
        ),
    )  # fmt: skip


THIN: SharpForm[SoftmaxHead] = SharpForm(
    (ON_TOP, BELOW, DIFFERENT),
    draw_equal,
    decide_thin,
    Counterexample(
        "Two classes with one logit do not make the boundary thick when neither ever wins.",
        SoftmaxHead.of([[0, 0, 0]], [0, 0, 1]),
        refute_any_equal,
        draw_with_equal,
    ),
)
