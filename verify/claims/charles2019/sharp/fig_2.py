"""For which data two nonlinear rules and two directions do what Figure 2 says, decided both ways.

Rules may be chosen freely, so only the places of the points decide. Where they allow it, the rules
and directions are built. Where they do not, points are missing, or it is a line, on which there are
two directions only, and each leads from a point labelled +1 to one labelled -1: the labels of these
two points alone turn every rule that is right on them.
"""

from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from random import Random

from certify import null_space
from certify.certificates import facts
from certify.certificates.certificate import Certificate
from certify.numbers.rationals import Rows, Vector, combine, dot, vector
from verify.claims.claim import Counterexample, Proof, Refutation, Step, step
from verify.claims.relation import named
from verify.drawing import numbers, small
from verify.objects import Cell, CellRule, LabelledSet, changed_step, is_adversarial

SPACE, APART, AMONG, FEW = "in space", "apart on a line", "among each other on a line", "too few"
NONE = "no point labelled +1"
CASES = (SPACE, APART, AMONG, FEW, NONE)

DIRECTIONS: Rows = (vector([1]), vector([-1]))  # those of a line, up to their lengths


@dataclass(frozen=True)
class Figure:
    """Two rules that are right on the data, the directions v_1 and v_2, and the point x_2."""

    rules: tuple[CellRule, CellRule]
    first: Vector
    second: Vector
    point: Vector


def draw(rng: Random, case: str) -> LabelledSet:
    """Return points of the named case, none of them with both labels."""
    d = 1 if case in (APART, AMONG) else rng.randint(1 if case in (FEW, NONE) else 2, 3)
    counts = rng.randint(1, 3), 1 if case == FEW else rng.randint(2, 3)
    if case == NONE:
        counts = 0, rng.randint(1, 3)
    points: list[Vector] = []
    while len(points) < sum(counts):
        x = numbers.vector(rng, d)
        points += [] if x in points else [x]
    if case == APART:
        points.sort(reverse=rng.random() < 0.5)
    if case == AMONG:  # a point labelled -1 on both sides
        points.sort()
        points = [*points[1:-1], points[0], points[-1]]
    labels = (1,) * counts[0] + (-1,) * counts[1]
    pairs = list(zip(points, labels, strict=True))
    pairs += [rng.choice(pairs)] * rng.randint(0, 1)
    rng.shuffle(pairs)
    return LabelledSet(tuple(x for x, _ in pairs), tuple(y for _, y in pairs))


def allowed(data: LabelledSet) -> bool:
    """Return whether the points are enough, and on a line on different sides, by their places."""
    if not data.positive or len(set(data.negative)) < 2:
        return False
    apart = max(data.negative) < min(data.positive) or max(data.positive) < min(data.negative)
    return data.dimension > 1 or apart


def attempt(data: LabelledSet) -> Figure:
    """Build rules that are right on the data and directions that do as much as they can.

    h_1 is +1 at the points labelled +1 only. h_2 is +1 along v_1 from each of them, and at one more
    point on the way from x_2. In space no two points lie on a line along v_1 = v_2.
    """
    plus, minus = list(dict.fromkeys(data.positive)), sorted(set(data.negative))
    if data.dimension == 1:
        right = not plus or max(minus) < min(plus)
        first: Vector = (Fraction(1 if right else -1),)
        second = combine((-1, first))
        point, nearest = (minus[-1], minus[:-1][-1:]) if right else (minus[0], minus[1:2])
        gap = abs(point[0] - nearest[0][0]) / 2 if nearest else Fraction(1)
    else:
        first = second = _generic((*plus, *minus))
        point, gap = minus[0], Fraction(1)
    stop = combine((1, point), (gap, second))
    one = CellRule(tuple(map(Cell.point, plus)), 1, -1)
    rays = [cell_of_ray(x, first) for x in plus]
    return Figure((one, CellRule((*rays, Cell.point(stop)), 1, -1)), first, second, point)


def _generic(points: Rows) -> Vector:
    """Return a direction along which no two of the points lie on one line."""
    d, t = len(points[0]), Fraction(1)
    while True:
        v = tuple(t**k for k in range(d))
        gaps = [combine((1, x), (-1, z)) for x, z in combinations(points, 2)]
        if all(dot(v, g) ** 2 < dot(v, v) * dot(g, g) for g in gaps if any(g)):
            return v
        t += 1


def cell_of_ray(x: Vector, v: Vector) -> Cell:
    """Return the points x + c v with c >= 0 as a cell."""
    across = null_space([v]).basis
    rows = [combine((-1, v)), *across, *(combine((-1, u)) for u in across)]
    return Cell.of(rows, [dot(row, x) for row in rows])


def turned(rule: CellRule, points: Rows, v: Vector) -> int:
    """Return how many of the points the direction turns."""
    return sum(is_adversarial(rule, x, v) for x in points)


def shown(data: LabelledSet, figure: Figure) -> bool:
    """Return whether the rules are right and everything that is printed holds."""
    (one, two), plus, minus = figure.rules, data.positive, data.negative
    return (
        bool(plus)  # x_1 is one of them
        and all(rule.label(x) == y for rule in figure.rules for x, y in data.pairs)
        and turned(one, plus, figure.first) == len(plus)
        and turned(two, plus, figure.first) == 0
        and is_adversarial(two, figure.point, figure.second)
        and turned(two, minus, figure.second) < len(minus)
        and turned(one, minus, figure.second) == 0
    )


def decide(data: LabelledSet) -> Proof:
    """Decide by the places of the points, and by rules that are built and followed.

    Where the built rules fail, what no rule can do is shown by labels of points alone.
    """
    figure, possible = attempt(data), allowed(data)
    agreed = step(
        "The places of the points allow the figure exactly if the rules that are built show it.",
        (int(possible), "=", int(shown(data, figure))),
    )
    if possible:
        return Proof.of(agreed, _counts(data, figure), _certificate(data, figure))
    few = not data.positive or len(set(data.negative)) < 2
    return Proof.of(agreed, _too_few(data) if few else _blocked(data), _rays(data))


def _counts(data: LabelledSet, figure: Figure) -> Step:
    (one, two), plus, minus = figure.rules, data.positive, data.negative
    there = turned(two, minus, figure.second)
    return step(
        "$v_1$ turns all points labelled +1 for $h_1$ and none for $h_2$; $v_2$ turns some of "
        "those labelled -1 for $h_2$, not all, and none for $h_1$.",
        (turned(one, plus, figure.first), "=", len(plus)),
        (turned(two, plus, figure.first), "=", 0),
        (there, ">", 0), (there, "<", len(minus)),
        (turned(one, minus, figure.second), "=", 0),
    )  # fmt: skip


def _certificate(data: LabelledSet, figure: Figure) -> Certificate:
    found = [facts.accurate(0), facts.accurate(1)]
    rays = [
        *((i, x, figure.first) for i in (0, 1) for x in data.positive),
        *((i, x, figure.second) for i in (0, 1) for x in data.negative),
    ]
    for i, x, v in rays:
        c = changed_step(figure.rules[i], x, v)
        found.append(facts.keeps(i, x, v) if c is None else facts.changes(i, x, v, c))
    return data.certificate(figure.rules, found)


def _too_few(data: LabelledSet) -> Step:
    if not data.positive:
        return step("There is no point $x_1$ labelled +1.", (len(data.positive), "=", 0))
    return step(
        "With fewer than two different points labelled -1 a direction turns all of them or none.",
        (len(set(data.negative)), "<", 2),
    )


def forced(data: LabelledSet, v: Vector) -> tuple[Vector, Vector] | None:
    """Return a point labelled +1 and one labelled -1 further along v, on a line, if there are any.

    Every rule that is right on these two is turned along v at the first.
    """
    pairs = ((x, z) for x in data.positive for z in data.negative)
    return next(((x, z) for x, z in pairs if dot(v, z) > dot(v, x)), None)


def _blocked(data: LabelledSet) -> Step:
    """Find, for both directions of a line, two points whose labels turn every rule."""
    found = [pair for v in DIRECTIONS for pair in (forced(data, v),) if pair]
    return step(
        "On a line each direction leads from a point labelled +1 to one labelled -1. So every rule "
        "that is right, $h_2$ for instance, is turned at a point labelled +1 along both.",
        (data.dimension, "=", 1),
        (len(found), "=", len(DIRECTIONS)),
        ([v[0] * (z[0] - x[0]) for v, (x, z) in zip(DIRECTIONS, found, strict=False)], ">", 0),
    )


def _rays(data: LabelledSet) -> Certificate:
    """Certify labels of one rule that is right, and on a line where it must change."""
    rule = CellRule(tuple(map(Cell.point, dict.fromkeys(data.positive))), 1, -1)
    found = [facts.accurate(0)]
    if not data.positive:  # no cell at all: the rule is -1 everywhere
        rule = CellRule(tuple(map(Cell.point, dict.fromkeys(data.negative))), -1, 1)
    if data.dimension == 1:
        for x in data.positive:
            for z in data.negative:
                gap = z[0] - x[0]
                v = (Fraction(1 if gap > 0 else -1),)
                found.append(facts.changes(0, x, v, abs(gap)))
    return data.certificate([rule], found)


def refute_any_three(data: LabelledSet) -> Refutation | None:
    """Refute that any three points of a line will do, one of them labelled +1 and two -1."""
    if data.dimension != 1 or len(set(data.points)) < 3 or len(data.positive) != 1:
        return None
    (plus,), low, high = data.positive, min(data.negative), max(data.negative)
    if not low < plus < high:
        return None
    middle = named("x_+", plus[0])
    return Refutation.of(
        "The point labelled +1 lies between the others, so every rule that is right is turned "
        "there along both directions, and there is no $v_1$.",
        middle,
        named("x_-", low[0]),
        named("x_-'", high[0]),
        step(
            "It lies between.",
            (named("x_-", low[0]), "<", middle),
            (middle, "<", named("x_-'", high[0])),
        ),
        _rays(data),
    )


ANY_THREE = Counterexample(
    "Overstated: any three points of a line are enough, one of them labelled +1. With $0$ labelled "
    "+1 between $-1$ and $1$ every rule that is right is turned at $0$ along both directions.",
    LabelledSet.of([[0], [-1], [1]], [1, -1, -1]),
    refute_any_three,
    lambda rng: small.labelled_set(rng, 1, 3),
)
