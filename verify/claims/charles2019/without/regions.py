"""Rules by the shape of their -1 region: what its convexity, and its edge, decide about rays."""

from dataclasses import dataclass
from fractions import Fraction
from random import Random

from certify import certificates
from certify.certificates import facts
from certify.numbers.rationals import Rows, Vector, combine, dot, vector
from verify.claims.charles2019.shared.labelled import labelled, labels, turned
from verify.claims.charles2019.shared.separators import LargestMargin, least_margin
from verify.claims.claim import Counterexample, Given, Refutation, step
from verify.claims.relation import Named, computed, counted, inner, mixture, named, number
from verify.drawing import small
from verify.objects import Cell, CellRule, LabelledSet, TwoLayerNetwork
from verify.objects.rays import changed_step, is_adversarial


@dataclass(frozen=True)
class HalfPlaneAndPoints:
    """Data, the region n.x > e with single points added, and a point of it to start from."""

    data: LabelledSet
    normal: Vector
    level: Fraction
    added: Rows
    start: Vector

    @property
    def rule(self) -> CellRule:
        """The rule -1 on the region, +1 elsewhere."""
        half_plane = Cell.of([combine((-1, self.normal))], [-self.level], strict=True)
        return CellRule((half_plane, *map(Cell.point, self.added)), -1, 1)

    @property
    def is_convex(self) -> bool:
        """Whether no added point is below the edge and at most one is on it."""
        heights = {z: dot(self.normal, z) - self.level for z in self.added}
        return min(heights.values()) >= 0 and sum(h == 0 for h in heights.values()) <= 1


def draw_half_plane(rng: Random) -> HalfPlaneAndPoints:
    """Return an open half-plane with one or two points, and two or three labelled points."""
    return HalfPlaneAndPoints(
        small.labelled_set(rng, 2, rng.randint(2, 3), 1),
        small.vector(rng, 2, 1),
        small.integer(rng, 1),
        tuple(small.vector(rng, 2, 1) for _ in range(rng.randint(1, 2))),
        small.vector(rng, 2, 1),
    )


def refute_half_plane(instance: HalfPlaneAndPoints) -> Refutation | None:
    """Refute when the region is convex, the set separable, and some difference never leaves."""
    if not any(instance.normal) or not instance.is_convex:
        return None
    kept = _kept(instance.data, instance.rule, instance.start)
    if kept is None:
        return None
    separator = LargestMargin(instance.data).rule  # raises InputError when not separable
    added = [*dict.fromkeys(instance.added)]
    return Refutation.of(
        "The region is an open half-plane with one point of its edge, so it is convex and neither "
        "open nor closed. The ray along the edge starts inside and never leaves.",
        Given("rule $h$", instance.rule), Named("v=x_+-x_-", kept),
        step(r"The region $\{h=-1\}$ is $w\cdot x>e$ with the added points. None of them is below "
             "the edge, and at most one is on it: so it is convex.",
             ([inner(r"w\cdot a_#", instance.normal, a) for a in added], ">=",
              named("e", instance.level)),
             (counted(r"\text{points on the edge}", [
                 number(a) for a in added if dot(instance.normal, a) == instance.level
             ]), "<=", 1)),
        step("The rule is right on the data, and the start $x$ lies in the open half-plane.",
             (labels("h", instance.rule, instance.data.points), "=", [*instance.data.labels]),
             (inner(r"w\cdot x", instance.normal, instance.start), ">", named("e", instance.level))
             ),
        step("The direction runs along the edge or away from it, and so the ray from $x$ stays.",
             (inner(r"w\cdot v", instance.normal, kept), ">=", 0)),
        step(r"The set is linearly separable: some linear rule is right on it.",
             (least_margin(r"\min_i m_i", separator, instance.data), ">", 0)),
        instance.data.certificate(
            [instance.rule, separator],
            [facts.accurate(0), facts.accurate(1), facts.label(0, instance.start, -1),
             facts.keeps(0, instance.start, kept)]
        ),
    )  # fmt: skip


def _kept(data: LabelledSet, rule: CellRule, start: Vector) -> Vector | None:
    """Return a difference x_+ - x_- that keeps the label -1 of the start for ever."""
    right = all(rule.label(x) == y for x, y in data.pairs)
    if not right or rule.label(start) != -1:
        return None
    differences = (combine((1, p), (-1, q)) for p in data.positive for q in data.negative)
    return next((v for v in differences if not is_adversarial(rule, start, v)), None)


def draw_union(rng: Random) -> tuple[LabelledSet, CellRule, Vector]:
    """Return one or two closed half-lines or segments labelled -1, and two or three points."""
    pieces = tuple(
        Cell.of([small.vector(rng, 1, 1) for _ in range(rows)], small.vector(rng, rows))
        for rows in (rng.randint(1, 2) for _ in range(rng.randint(1, 2)))
    )
    data = small.labelled_set(rng, 1, rng.randint(2, 3))
    return data, CellRule(pieces, -1, 1), small.vector(rng, 1)


def refute_union(data: LabelledSet, rule: CellRule, start: Vector) -> Refutation | None:
    """Refute when a difference of data points never leaves the region from the start."""
    kept = _kept(data, rule, start)
    if kept is None:
        return None
    return Refutation.of(
        "The region is closed but not convex, and the ray from one piece never leaves it.",
        step("The direction is not zero.", (_difference(data, kept), "!=", combine((0, kept)))),
        step(
            "The label stays along the ray.",
            (labelled("h(x)", rule, start), "=", -1),
            (turned(r"[v\text{ turns }x]", rule, start, kept), "=", 0),
        ),
        data.certificate(
            [rule], [facts.accurate(0), facts.label(0, start, -1), facts.keeps(0, start, kept)]
        ),
    )


EDGE = Counterexample(
    "An open half-plane with one point of its edge is convex, and the direction along the edge "
    "never leaves it.",
    HalfPlaneAndPoints(
        LabelledSet.of([[0, 0], [1, 0]], [-1, 1]),
        vector([0, 1]),
        Fraction(0),
        (vector([0, 0]),),
        vector([0, 1]),
    ),
    refute_half_plane,
    draw_half_plane,
)


TWO_PIECES = Counterexample(
    r"For $h=-1$ on $|x|\ge1$ the direction from $-1$ to $0$ never turns $1$.",
    (
        LabelledSet.of([[-1], [0]], [-1, 1]),
        CellRule((Cell.of([[1]], [-1]), Cell.of([[-1]], [-1])), -1, 1),
        vector([1]),
    ),
    refute_union,
    draw_union,
)


def _difference(data: LabelledSet, v: Vector) -> Named:
    """Return a difference x_+ - x_- by name, with the two points."""
    high, low = next(
        (p, q) for p in data.positive for q in data.negative if combine((1, p), (-1, q)) == v
    )
    return mixture("v=x_+-x_-", (1, high), (-1, low))


def draw_convex(rng: Random) -> tuple[LabelledSet, TwoLayerNetwork, Vector]:
    """Return three points on a line with any labels, a small rule and a direction."""
    units = rng.randint(1, 2)
    rule = TwoLayerNetwork(
        tuple(small.vector(rng, 1, 2) for _ in range(units)),
        small.vector(rng, units, 2),
        small.vector(rng, units, 1),
        Fraction(1),
        rng.random() < 0.5,
    )
    return small.labelled_set(rng, 1, 3), rule, small.vector(rng, 1, 1)


def refute_convex(data: LabelledSet, rule: TwoLayerNetwork, direction: Vector) -> Refutation | None:
    """Refute when an accurate rule of class R' is turned by v at one -1 point, hence at all."""
    v = direction
    if min(rule.output) < 0 or rule.threshold <= 0 or not rule.is_accurate(data):
        return None
    if len(set(data.negative)) < 2 or not data.positive:
        return None
    flips = [(x, changed_step(rule, x, v)) for x in data.negative]
    if all(c is None for _, c in flips):
        return None
    i = max(range(len(rule.output)), key=lambda k: rule.output[k] * dot(rule.weights[k], v))
    return Refutation.of(
        "The direction is adversarial at one point labelled -1, and so at all of them.",
        step(r"Some unit has $v_iw_i\cdot v>0$, which does not depend on the point.",
             (computed(rf"v_{i + 1}w_{i + 1}\cdot v", "o * s", o=rule.output[i],
                       s=dot(rule.weights[i], v)), ">", 0)),
        step("The number of points labelled -1 that turn is the number of all.",
             (counted(r"\text{points that turn}", [number(x) for x, c in flips if c is not None]),
              "=", counted(r"\text{points labelled }-1", [*map(number, data.negative)]))),
        certificates.network_flip(data, rule, v, [(x, c) for x, c in flips if c is not None]),
    )  # fmt: skip


ONE_FOR_ALL = Counterexample(
    "For a rule of class $R'$ a direction that is adversarial at one point labelled -1 is so at "
    "all of them.",
    (
        LabelledSet.of([[1], [0], [-1]], [1, -1, -1]),
        TwoLayerNetwork((vector([1]),), vector([0]), vector([1]), Fraction(1), strict=False),
        vector([1]),
    ),
    refute_convex,
    draw_convex,
)
