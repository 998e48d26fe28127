"""The exact words on decision regions, decided on drawn layers by two ways."""

from fractions import Fraction
from random import Random
from typing import Any

from certify import certificates, linear_program, null_space, rank
from certify.certificates import facts
from certify.errors import InputError
from certify.numbers.rationals import Vector, combine, vector
from verify.claims.claim import Counterexample, Proof, Refutation, SharpForm, step
from verify.claims.relation import Named, inner, least, mixture, named, told, total
from verify.claims.zou2018.shared import regions
from verify.claims.zou2018.shared.regions import simplex_layer
from verify.drawing import layers, numbers
from verify.objects import SoftmaxHead, units

ALL_FACETS, FEWER_FACETS = "a facet for every other class", "fewer facets"
TOUCHING = "fewer facets, and dimension l - 1 in common with every other region"
CLOSED, OPEN = "weight interior to the hull", "weight on the boundary of the hull"
TIGHT, ONE_LENGTH = "l = m - 1", "different weights of one length"
FLAT, FACE = "weight in the middle of a flat hull", "weight in the middle of a face of the hull"
# Integer points of one length in the plane and in space.
CIRCLES = (
    [(x, y) for x in range(-5, 6) for y in range(-5, 6) if x * x + y * y == 25],
    [(x, y, z) for x in range(-3, 4) for y in range(-3, 4) for z in range(-3, 4)
     if x * x + y * y + z * z == 9],
)  # fmt: skip


def draw_facets(rng: Random, case: str) -> tuple[SoftmaxHead, int]:
    """Return a class whose region has interior, with all possible facets or not."""
    while True:
        head = layers.small_head(rng, rng.randint(1, 3), rng.randint(2, 5))
        if case == TOUCHING:
            head = _meeting(rng)
        i = rng.randrange(head.classes)
        region = regions.polyhedron(head, i)
        if region.interior_point() is None:
            continue
        if (len(region.irredundant().rows) == head.classes - 1) != (case == ALL_FACETS):
            continue
        if case != TOUCHING or meets_all(head, i):
            return head, i


def _meeting(rng: Random) -> SoftmaxHead:
    """Return a layer two logits of which are equal, or with one feature and three classes."""
    if rng.random() < 0.5:
        return layers.small_head(rng, 1, 3)
    head = layers.small_head(rng, rng.randint(1, 2), rng.randint(2, 3))
    w, b = list(regions.columns(head)), list(head.bias)
    w[0], b[0] = w[-1], b[-1]
    return layers.of_columns(w, b)


def meets_all(head: SoftmaxHead, i: int) -> bool:
    """Return whether the region has dimension l - 1 or more in common with every other one."""
    pieces = (regions.boundary_piece(head, i, j) for j in range(head.classes) if j != i)
    return all(piece.dimension() >= head.features - 1 for piece in pieces)


def decide_facets(head: SoftmaxHead, region: int) -> Proof:
    """Compare the inequalities that the region needs with the classes it has facets with."""
    i = region
    regions.require_two_classes(head)
    w, polyhedron = regions.columns(head), regions.polyhedron(head, i)
    if polyhedron.interior_point() is None:
        raise InputError("region", expected="one with interior", got=f"that of class {i}")
    needed = polyhedron.irredundant()
    others = [j for j in range(head.classes) if j != i and w[j] != w[i]]
    shared = {j: regions.border(head, i, j) for j in others}
    facets = [j for j, border in shared.items() if border.facet]
    steps = (
        step("The region has interior: its class wins strictly somewhere, or ties with its equals.",
             (polyhedron.dimension(), "=", head.features)),
        step(r"It needs at most $m-1$ of its inequalities.",
             (len(needed.rows), "<=", head.classes - 1)),
        step(r"It needs all $m-1$ exactly when, for every $j\neq i$, $w_j\neq w_i$ and the common "
             "logit of $i$ and $j$ exceeds all others somewhere (1 for yes, 0 for no).",
             (int(len(needed.rows) == head.classes - 1), "=",
              int(len(facets) == head.classes - 1))),
        step(r"Then it has dimension $l-1$ in common with every other region, which is not enough.",
             (int(len(facets) == head.classes - 1), "<=", int(meets_all(head, i)))),
    )  # fmt: skip
    borders = (certificates.adjacent(head, i, j, shared[j].point) for j in facets)
    shape = polyhedron.bounded()
    return Proof.of(
        *steps,
        certificates.decision_region(head, i, shape),
        *needed.certificates.values(),
        *borders,
    )


def draw_ties(rng: Random) -> tuple[SoftmaxHead, Vector, Vector]:
    """Return one feature, four classes and two points, with very small integers."""

    def small(count: int) -> Vector:
        return tuple(Fraction(rng.randint(-1, 1)) for _ in range(count))

    return SoftmaxHead((small(4),), small(4)), small(1), small(1)


def tied(head: SoftmaxHead, h: Vector) -> list[int]:
    """Return the classes with the largest logit."""
    z = head.logits(h)
    return [i for i, value in enumerate(z) if value == max(z)]


def refute_middle(head: SoftmaxHead, start: Vector, end: Vector) -> Refutation | None:
    """Refute convexity when ties go to the middle one of the tied classes."""
    ends = (start, end)
    middle = combine((Fraction(1, 2), ends[0]), (Fraction(1, 2), ends[1]))
    sets = [tied(head, h) for h in (*ends, middle)]
    chosen = [classes[(len(classes) - 1) // 2] for classes in sets]
    if chosen[0] != chosen[1] or chosen[2] == chosen[0]:
        return None
    names, points = ("x", "y", r"\frac12(x+y)"), (*ends, middle)
    classes = [
        told(rf"\text{{class of }}{name}", i + 1,
             rf"\text{{middle of }}\{{{','.join(str(c + 1) for c in largest)}\}}")
        for name, i, largest in zip(names, chosen, sets, strict=True)
    ]  # fmt: skip
    entries: dict[str, Fraction | int] = {f"b{i}": b for i, b in enumerate(head.bias)}
    entries |= {
        f"w{i}_{k}": x for i, w in enumerate(regions.columns(head)) for k, x in enumerate(w)
    }
    entries |= {f"h{p}_{k}": x for p, h in enumerate(ends) for k, x in enumerate(h)}
    first, second = ([f"h{p}_{k}" for k in range(head.features)] for p in range(2))
    between: list[Any] = [["/", ["+", x, y], "2"] for x, y in zip(first, second, strict=True)]
    places: list[list[Any]] = [[*first], [*second], between]

    def logit(i: int, p: int) -> Any:
        return ["+", f"b{i}", *(["*", f"w{i}_{k}", x] for k, x in enumerate(places[p]))]

    relations = [
        (logit(i, p), "=" if i in largest else "<", logit(largest[0], p))
        for p, largest in enumerate(sets)
        for i in range(head.classes)
        if i != largest[0]
    ]
    return Refutation.of(
        f"Let the middle one of the tied classes win, the lower of two. Both ends go to class "
        f"{chosen[0] + 1} and their midpoint to class {chosen[2] + 1}.",
        step("At each of the three points these classes have the largest logit and no others: they "
             "tie (1 for yes, 0 for no).",
             *((regions.holds_at(rf"[{i + 1}\text{{ ties at }}{name}]", head, h,
                                 int(min(regions.gaps(head, i, h)) >= 0)), "=", int(i in largest))
               for name, h, largest in zip(names, points, sets, strict=True)
               for i in range(head.classes))),
        step("The middle one of them wins, of two the first: the ends have one class, and the "
             "midpoint another.",
             (classes[0], "=", classes[1]), (classes[2], "!=", classes[0])),
        facts.arithmetic(entries, relations),
    )  # fmt: skip


FACETS = SharpForm((ALL_FACETS, FEWER_FACETS, TOUCHING), draw_facets, decide_facets, Counterexample(
    "A rule for ties that looks at nothing but the tied classes need not keep regions convex: the "
    "middle one, of two the first.",
    (SoftmaxHead.of([[0, 0, 1, -1]], [0, 0, -1, -1]), vector([1]), vector([-1])),
    refute_middle, draw_ties,
))  # fmt: skip


def draw_hull(rng: Random, case: str) -> tuple[SoftmaxHead, int]:
    """Return a class that wins somewhere, with its weight placed as the case says."""
    while True:
        if case == CLOSED:
            return layers.with_bounded_region(rng, rng.randint(1, 3)), 0
        if case in (FLAT, FACE):
            return _in_a_face(rng, flat=case == FLAT), 0
        if case == ONE_LENGTH:
            circle = rng.choice(CIRCLES)
            columns = [tuple(map(Fraction, w)) for w in rng.sample(circle, rng.randint(2, 6))]
            head = layers.of_columns(columns, numbers.vector(rng, len(columns)))
            return head, rng.randrange(head.classes)
        if case == TIGHT:
            l = rng.randint(1, 4)
            head = layers.small_head(rng, l, l + 1)
        else:
            head = layers.small_head(rng, rng.randint(1, 3), rng.randint(3, 6))
        i = rng.randrange(head.classes)
        if not regions.polyhedron(head, i).is_empty() and (case == TIGHT or not interior(head, i)):
            return head, i


def _in_a_face(rng: Random, *, flat: bool) -> SoftmaxHead:
    """Return a layer whose first weight is a positive mixture of l others, in a hyperplane.

    One more weight lies outside it, unless the hull is to be flat. The first class wins at 0.
    """
    l = rng.randint(2, 3)
    centre, sides = numbers.vector(rng, l), list(numbers.vectors(rng, l - 1, l))
    sides.append(combine(*((-numbers.positive(rng), v) for v in sides)))
    (outward,) = null_space(sides).basis[:1]
    others = sides if flat else [*sides, outward]
    columns = [centre, *(combine((1, centre), (1, v)) for v in others)]
    return layers.of_columns(columns, [numbers.positive(rng), *([Fraction(0)] * len(others))])


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
    sides = [combine((sign, e)) for e in units(head.features) for sign in (1, -1)]
    system = region.matrix, region.right_side
    return all(linear_program(e, system, maximize=True).status == "optimal" for e in sides)


def decide_hull(head: SoftmaxHead, region: int) -> Proof:
    """Compare a box around the region with the place of the weight in the hull."""
    i = region
    regions.require_two_classes(head)
    l, m, w = head.features, head.classes, regions.columns(head)
    polyhedron = regions.polyhedron(head, i)
    shape = polyhedron.bounded()
    if shape.point is None:
        raise InputError("region", expected="one that is not empty", got=f"that of class {i}")
    closed = boxed(head, i)
    one_length = layers.distinct(w) and len({sum(x * x for x in v) for v in w}) == 1
    steps = [
        step("The region is not empty.", (int(polyhedron.contains(shape.point)), "=", 1)),
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
                 ([int(s.point is not None and not boxed(head, k))
                   for k, s in enumerate(all_shapes)], "=", 1))
        )  # fmt: skip
        found = [certificates.decision_region(head, k, s) for k, s in enumerate(all_shapes)]
    return Proof.of(*steps, *found)


def draw_any_class(rng: Random) -> tuple[SoftmaxHead, int]:
    """Return a small layer and one of its classes."""
    m = rng.randint(2, 4)
    return layers.small_head(rng, rng.randint(1, 2), m), rng.randrange(m)


def refute_mixture(head: SoftmaxHead, region: int) -> Refutation | None:
    """Refute that a region is bounded when its weight is any mixture of the others."""
    i = region
    w, polyhedron = regions.columns(head), regions.polyhedron(head, i)
    others = [w[j] for j in range(head.classes) if j != i]
    columns = [*zip(*others, strict=True), [1] * len(others)]
    answer = linear_program([0] * len(others), equalities=(columns, [*w[i], 1]), nonnegative=True)
    shape = polyhedron.bounded()
    if answer.x is None or shape.point is None or shape.bounded:
        return None
    return Refutation.of(
        "The weight is a mixture of the others, and the region extends to infinity: the weight "
        "lies on the boundary of the hull.",
        Named(r"(\lambda_j)_{j\neq i}", answer.x), Named("d", shape.ray or ()),
        step("The weight is a mixture of the others.",
             (mixture(r"\sum_j\lambda_jw_j", *zip(answer.x, others, strict=True)), "=",
              named("w_i", w[i])),
             (total(r"\sum_j\lambda_j", answer.x), "=", 1),
             (least(r"\min_j\lambda_j", answer.x), ">=", 0)),
        step("Along $d$ no logit gains on that of the class: the region has no end.",
             ([inner(r"(w_j-w_i)\cdot d", a, shape.ray or ()) for a in polyhedron.matrix], "<=",
              0)),
        certificates.decision_region(head, i, shape), answer.certificate,
    )  # fmt: skip


HULL = SharpForm(
    (CLOSED, OPEN, FLAT, FACE, TIGHT, ONE_LENGTH),
    draw_hull,
    decide_hull,
    Counterexample(
        "A weight in the hull of the others, but not in its interior, does not close the region.",
        (SoftmaxHead.of([[0, 0]], [0, 0]), 0),
        refute_mixture,
        draw_any_class,
    ),
)
