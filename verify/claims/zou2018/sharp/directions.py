"""The exact words on invariant directions, decided on drawn layers by two ways each."""

from fractions import Fraction
from random import Random

from certify import certificates, invariant_directions, linear_program, rank
from certify.certificates import facts
from certify.certificates.certificate import Certificate
from certify.errors import InputError
from certify.numbers.rationals import Rows, Vector, combine, dot, vector
from verify.claims.claim import Counterexample, Proof, Refutation, SharpForm, step
from verify.claims.relation import Named, computed, inner, least, named, rank_of
from verify.claims.zou2018.shared import regions
from verify.drawing import heads, layers, numbers
from verify.objects import SoftmaxHead, units

INSIDE, OUTSIDE = "direction that keeps all outputs", "direction that changes outputs"
ATTAINED, BEYOND = "bound on the dimension attained", "more dimensions than the bound"
LINES, NO_LINES, EMPTY = "regions with lines", "regions without lines", "an empty region"


def draw_move(rng: Random, case: str) -> tuple[SoftmaxHead, Vector, Vector, Vector, Fraction]:
    """Return a layer of any shape with a direction of the named kind."""
    while True:
        head = heads.softmax_head(rng, rng.choice(heads.CASES))
        direction = numbers.vector(rng, head.features)
        if case == INSIDE:
            basis = invariant_directions(head.weights).basis
            zero = (Fraction(0),) * head.features
            direction = combine((0, zero), *((numbers.number(rng), v) for v in basis))
        level = len({dot(w, direction) for w in regions.columns(head)}) == 1
        if any(direction) and level == (case == INSIDE):
            break
    factor = numbers.nonzero_vector(rng, 1)[0]
    h, bias = numbers.vector(rng, head.features), numbers.vector(rng, head.classes)
    return head, bias, h, direction, factor


def decide_move(
    head: SoftmaxHead, other_bias: Vector, features: Vector, direction: Vector, theta: Fraction
) -> Proof:
    """Compare membership in D by its basis with the outputs before and after one step."""
    d = direction
    regions.require_two_classes(head)
    if not theta or not any(d):
        raise InputError("move", expected="a direction and a step that are not 0", got="0")
    space = invariant_directions(head.weights)
    inside = (
        combine((0, d), *((d[k], v) for k, v in zip(space.free, space.basis, strict=True))) == d
    )
    there = combine((1, features), (theta, d))
    other = SoftmaxHead(head.weights, other_bias)
    kept = [
        len(set(combine((1, layer.logits(there)), (-1, layer.logits(start))))) == 1
        for layer, start in ((head, features), (other, features))
    ]
    return Proof.of(
        step(r"$d$ lies in $D$, by the coordinates of a basis, exactly when one step along $d$ "
             "from one point keeps the outputs, whatever the bias (1 for yes, 0 for no).",
             ([int(k) for k in kept], "=", int(inside))),
        step(r"$\mathrm{dim}\,D=l-r$, and $r$ is the same whichever class is subtracted: one less "
             r"than the rank of the $(w_i,1)$.",
             (space.dimension, "=", head.features - affine_dimension(head))),
        space.certificate, *_of_direction(head, d, features, inside),
    )  # fmt: skip


def affine_dimension(head: SoftmaxHead) -> int:
    """Return the dimension of the affine hull of w_1, ..., w_m."""
    return rank([(*w, Fraction(1)) for w in regions.columns(head)]).value - 1


def _of_direction(head: SoftmaxHead, d: Vector, h: Vector, inside: bool) -> tuple[Certificate, ...]:
    if not inside:
        return (certificates.logits_differ(head, d),)
    z = head.logits(h)
    return (certificates.invariant_regions(head, d, [(z.index(max(z)), h)]),)


def draw_ray(rng: Random) -> tuple[SoftmaxHead, Vector, Vector]:
    """Return a small layer and a ray."""
    l = rng.randint(1, 2)
    head = layers.small_head(rng, l, rng.randint(2, 3))
    return head, layers.small_vector(rng, l), layers.small_vector(rng, l)


def refute_class_kept(head: SoftmaxHead, start: Vector, direction: Vector) -> Refutation | None:
    """Refute that only D keeps a class for ever: the class stays and the outputs change."""
    d = direction
    z, slopes = head.logits(start), tuple(dot(w, d) for w in regions.columns(head))
    i = z.index(max(z))
    if z.count(z[i]) > 1 or slopes[i] < max(slopes) or len(set(slopes)) == 1:
        return None
    rule, own = regions.argmax_rule(head, lowest=False), named(r"w_i\cdot d", slopes[i])
    return Refutation.of(
        "The class stays for ever along the ray, and the outputs change: the direction is not in "
        "$D$.",
        step("No logit grows faster than that of the class.",
             ([inner(r"w_#\cdot d", w, d) for w in regions.columns(head)], "<=", own)),
        step("Some logit grows slower.", (least(r"\min_jw_j\cdot d", slopes), "<", own)),
        facts.certificate([rule], [facts.keeps(0, start, d)]),
        certificates.logits_differ(head, d),
    )  # fmt: skip


DIRECTIONS = SharpForm((INSIDE, OUTSIDE), draw_move, decide_move, Counterexample(
    "Directions that keep the class of a point for ever need not lie in $D$.",
    (SoftmaxHead.of([[1, 0]], [0, 0]), vector([1]), vector([1])), refute_class_kept, draw_ray,
))  # fmt: skip


def unit_layer(l: int, m: int) -> SoftmaxHead:
    """Return the layer with class weights e_1, ..., e_min(m-1, l), 0, ..., 0 and no bias."""
    columns = [tuple(Fraction(i == k and i < m - 1) for k in range(l)) for i in range(m)]
    return layers.of_columns(columns, [Fraction(0)] * m)


def draw_layer(rng: Random, case: str) -> SoftmaxHead:
    """Return a layer whose differences have the largest rank that its shape allows, or less."""
    while True:
        head = heads.softmax_head(rng, rng.choice(heads.CASES))
        full = affine_dimension(head) == min(head.features, head.classes - 1)
        if full == (case == ATTAINED):
            return head


def decide_dimension(head: SoftmaxHead) -> Proof:
    """Compare the dimension with the rank and with the best bound, which the shape attains."""
    regions.require_two_classes(head)
    l, m = head.features, head.classes
    space, unit = invariant_directions(head.weights), invariant_directions(unit_layer(l, m).weights)
    best = max(0, l - m + 1)
    largest = affine_dimension(head) == min(l, m - 1)
    return Proof.of(
        step(r"$\mathrm{dim}\,D=l-r$ is at least $\max(0,l-m+1)$.",
             (space.dimension, "=", l - affine_dimension(head)), (space.dimension, ">=", best)),
        step(r"It is equal exactly when $r=\min(l,m-1)$ (1 for yes, 0 for no).",
             (int(space.dimension == best), "=", int(largest))),
        step("No larger bound holds for all layers of this shape: one attains it.",
             (unit.dimension, "=", best)),
        step(r"$D$ has exactly the $d$ that an independent search allows: along every axis it "
             "finds one that moves there if and only if some basis vector does.",
             *((int(reach > 0), "=", int(any(v[k] for v in space.basis)))
               for k, reach in enumerate(reaches(regions.differences(head))))),
        space.certificate, unit.certificate,
    )  # fmt: skip


def reaches(rows: Rows) -> Vector:
    """Return the largest d_k <= 1 with a.d = 0 for all rows, for each k, by linear programs."""
    l = len(rows[0])
    found = []
    for unit in units(l):
        answer = linear_program(unit, ([unit], [1]), (rows, [0] * len(rows)), maximize=True)
        assert answer.value is not None
        found.append(answer.value)
    return tuple(found)


def draw_enough_features(rng: Random) -> SoftmaxHead:
    """Return a small layer with at least m - 1 features."""
    m = rng.randint(2, 3)
    return layers.small_head(rng, m - 1 + rng.randint(0, 1), m)


def refute_exact_dimension(head: SoftmaxHead) -> Refutation | None:
    """Refute that the dimension is always l - m + 1."""
    space, bound = invariant_directions(head.weights), head.features - head.classes + 1
    if bound < 0 or space.dimension == bound:
        return None
    return Refutation.of(
        r"The weights differ in fewer directions than the shape allows, and the dimension exceeds "
        r"$l-m+1$.",
        step(r"The dimension is larger than $l-m+1$.",
             (named(r"\dim D", space.dimension), ">",
              computed("l-m+1", "l - m + 1", l=head.features, m=head.classes))),
        space.certificate,
    )  # fmt: skip


DIMENSION = SharpForm((ATTAINED, BEYOND), draw_layer, decide_dimension, Counterexample(
    r"The dimension is not $l-m+1$ for every layer: two equal classes.",
    SoftmaxHead.of([[0, 0]], [0, 0]), refute_exact_dimension, draw_enough_features,
))  # fmt: skip


def draw_regions(rng: Random, case: str) -> SoftmaxHead:
    """Return a layer of the named case."""
    while True:
        if case == EMPTY:
            m = rng.randint(2, 4)
            head = layers.small_head(rng, rng.randint(1, 3), m)
        else:
            head = heads.softmax_head(rng, rng.choice(heads.CASES))
        lines = invariant_directions(head.weights).dimension > 0
        shapes = [regions.polyhedron(head, i).is_empty() for i in range(head.classes)]
        if any(shapes) if case == EMPTY else lines == (case == LINES):
            return head


def decide_regions(head: SoftmaxHead) -> Proof:
    """Compare the rank with the lines of each nonempty region, which linear programs find."""
    regions.require_two_classes(head)
    l, m = head.features, head.classes
    space = invariant_directions(head.weights)
    shapes = {i: regions.polyhedron(head, i).bounded() for i in range(m)}
    full = {i: shape.point for i, shape in shapes.items() if shape.point is not None}
    wanted = affine_dimension(head) < l
    lines = {i: max(reaches(regions.polyhedron(head, i).matrix)) > 0 for i in full}
    steps = (
        step("Some region is not empty: the largest bias wins at $0$.", (len(full), ">", 0)),
        step(r"A nonempty region contains a line, along which its gaps cannot change, exactly when "
             r"$r<l$: for all of them alike (1 for yes, 0 for no).",
             ([int(found) for found in lines.values()], "=", int(wanted))),
        step(r"The lines in each are $D$: on every axis one moves exactly when a basis vector of "
             "$D$ does, and the dimensions agree.",
             ([len(regions.polyhedron(head, i).lineality()) for i in full], "=", space.dimension),
             *((int(reach > 0), "=", int(any(v[k] for v in space.basis)))
               for i in full
               for k, reach in enumerate(reaches(regions.polyhedron(head, i).matrix)))),
        step(r"For $l\ge m$ there is always one, and for $l<m$ some layer of this shape has none.",
             (int(l >= m), "<=", int(wanted)),
             (int(affine_dimension(unit_layer(l, m)) < l), "=", int(l >= m))),
    )  # fmt: skip
    d = combine((0, (Fraction(0),) * l), *((k + 1, v) for k, v in enumerate(space.basis)))
    along = (certificates.invariant_regions(head, d, list(full.items())),) if any(d) else ()
    others = (certificates.decision_region(head, i, shape) for i, shape in shapes.items())
    return Proof.of(*steps, space.certificate, *along, *others)


def draw_class(rng: Random) -> tuple[SoftmaxHead, int]:
    """Return a small layer and one of its classes."""
    m = rng.randint(2, 3)
    return layers.small_head(rng, rng.randint(1, 2), m), rng.randrange(m)


def refute_only_lines(head: SoftmaxHead, region: int) -> Refutation | None:
    """Refute that a region without lines is bounded: it contains a ray."""
    i = region
    space, shape = invariant_directions(head.weights), regions.polyhedron(head, i).bounded()
    if space.dimension or shape.point is None or shape.bounded:
        return None
    return Refutation.of(
        r"The region is unbounded although $r=l$: it contains a ray, where probabilities change.",
        Named("h", shape.point), Named("d", shape.ray or ()),
        step("The region has a point, and along $d$ no logit gains on that of the class.",
             (regions.smallest_gap(regions.least_gap("i", "h"), head, i, shape.point), ">=", 0),
             ([inner(r"(w_j-w_i)\cdot d", a, shape.ray or ())
               for a in regions.polyhedron(head, i).matrix], "<=", 0)),
        step("No direction is invariant.",
             (rank_of("r", space.rank, regions.differences(head)), "=",
              named("l", head.features))),
        space.certificate,
        certificates.decision_region(head, i, shape),
    )  # fmt: skip


REGIONS = SharpForm((LINES, NO_LINES, EMPTY), draw_regions, decide_regions, Counterexample(
    r"That a region is unbounded does not make $r<l$: a half-line.",
    (SoftmaxHead.of([[1, 0]], [0, 0]), 0), refute_only_lines, draw_class,
))  # fmt: skip
