"""What is enough for a difference of two points to leave a convex set, decided both ways.

One side is where the two points lie: in the closure, in the relative interior. The other one is the
label followed along whole rays, or a closed half-space that holds the set and not the point.
"""

from dataclasses import dataclass, replace
from fractions import Fraction
from random import Random

from certify import linear_program
from certify.certificates import facts
from certify.certificates.certificate import Certificate
from certify.numbers.rationals import Rows, Vector, combine, dot, vector
from certify.programs.linear_program import LinearProgramResult
from verify.claims.charles2019.shared.labelled import labelled, labels, turned
from verify.claims.charles2019.without.convexity import ALPHA, BETA
from verify.claims.claim import Given, Proof, Step, step
from verify.claims.relation import Named, number
from verify.drawing import convex_regions, numbers
from verify.objects import Cell, CellRule, changed_step

HALF, MIXED = "half-space with part of its edge", "intersection of open and closed half-spaces"
PAIRS = (HALF, MIXED)


@dataclass(frozen=True)
class Pair:
    """A convex set in cells with the label alpha, a point inside, one outside, and more inside.

    The first cell is open or closed or between; a second one is a part of its edge.
    """

    cells: tuple[Cell, ...]
    inside: Vector
    outside: Vector
    starts: Rows

    @property
    def rule(self) -> CellRule:
        """The rule alpha on the set and beta elsewhere."""
        return CellRule(self.cells, ALPHA, BETA)


def draw_pair(rng: Random, case: str) -> Pair:
    """Return a convex set of the named case with a point inside and one outside."""
    return _half_space(rng) if case == HALF else _mixed(rng)


def _half_space(rng: Random) -> Pair:
    """Draw {n.x > e} with a part of {n.x = e}, and points that often lie on the edge."""
    d = rng.randint(1, 3)
    n, on = numbers.nonzero_vector(rng, d), numbers.vector(rng, d)
    level = dot(n, on)
    half = Cell.of([combine((-1, n))], [-level], strict=True)
    row, bound = numbers.vector(rng, d), numbers.number(rng)
    part = Cell((n, combine((-1, n)), row), (level, -level, bound), (False, False, bool(d % 2)))
    cells = (half, part) if rng.random() < 0.8 else (half,)
    rule = CellRule(cells, ALPHA, BETA)
    while True:
        points = []
        for _ in range(2):
            x = numbers.vector(rng, d)
            height = rng.choice((0, 0, 1, -1)) * numbers.positive(rng)
            points.append(combine((1, x), ((level + height - dot(n, x)) / dot(n, n), n)))
        if [rule.label(x) for x in points] == [ALPHA, BETA]:
            inner = combine((1, points[0]), (1, n))
            return Pair(cells, points[0], points[1], (inner,))


def _mixed(rng: Random) -> Pair:
    """Draw a cell with strict and weak inequalities, and points that often lie on its sides."""
    region = convex_regions.draw(rng, convex_regions.MIXED)
    cell, base = region.cell, region.inside[0]
    inside, outside = list(region.inside), [region.outside]
    for v in numbers.vectors(rng, 4, len(base)):
        rows = zip(cell.matrix, cell.right_side, strict=True)
        ends = [(c - dot(a, base)) / dot(a, v) for a, c in rows if dot(a, v) > 0]
        if ends:
            side = combine((1, base), (min(ends), v))
            (inside if cell.contains(side) else outside).append(side)
    return Pair((cell,), inside[-1], outside[-1], tuple(inside[:-1]))


def enough(pair: Pair) -> bool:
    """Return whether the outer point is off the closure or the inner one in the interior.

    The set is a full one: the first cell, which is not empty, and parts of its edge.
    """
    cell = pair.cells[0]
    closed = replace(cell, strict=(False,) * len(cell.strict))
    opened = replace(cell, strict=(True,) * len(cell.strict))
    return not closed.contains(pair.outside) or opened.contains(pair.inside)


def decide_pair(pair: Pair) -> Proof:
    """Decide whether the difference leaves the set from its points, and compare with the places."""
    rule, v = pair.rule, combine((1, pair.outside), (-1, pair.inside))
    starts = (pair.inside, *pair.starts)
    flips = [(x, changed_step(rule, x, v)) for x in starts]
    ray = int(all(dot(a, v) <= 0 for a in pair.cells[0].matrix))
    leaves, is_enough = int(all(c is not None for _, c in flips)), int(enough(pair))
    found = [facts.keeps(0, x, v) if c is None else facts.changes(0, x, v, c) for x, c in flips]
    known = [facts.label(0, x, ALPHA) for x in starts] + [facts.label(0, pair.outside, BETA)]
    if len(pair.cells) == 1:
        compared = step(
            "A cell of strict and weak inequalities is an intersection of open half-spaces; the "
            "difference leads out of it from all points, wherever the two points lie.",
            (leaves, "=", 1),
        )
    else:
        compared = step(
            "For a half-space with a part of its edge the difference leads out from all points "
            "exactly if this holds.",
            (leaves, "=", is_enough),
        )
    return Proof.of(
        step("If the outer point is off the closure, or the inner one in the relative "
             "interior, the difference leads out of the set from each of its points.",
             (is_enough, "<=", leaves)),
        compared,
        step("It does not lead out of the set exactly if some ray along it lies in the set; "
             "the parallel ray from the inner point does not, since the outer one lies on it.",
             (1 - leaves, "=", ray), (rule.label(pair.outside), "=", BETA)),
        step("The inner point and the others lie in the set, the outer one does not.",
             ([rule.label(x) for x in starts], "=", ALPHA),
             (rule.label(pair.outside), "=", BETA)),
        facts.certificate([rule], [*known, *found]),
    )  # fmt: skip


def parallel_rays() -> tuple[Given | Named | Step | Certificate, ...]:
    """Show a convex set with a ray and not all parallel ones, and one that has them all."""
    half = Cell.of([[0, -1]], [0], strict=True)
    origin, start, outer = vector([0, 0]), vector([0, 1]), vector([1, 0])
    part = CellRule((half, Cell.point(origin)), ALPHA, BETA)
    whole = CellRule((half,), ALPHA, BETA)
    v, down, far = combine((1, outer), (-1, origin)), vector([3, -1]), Fraction(1000)
    high = (far, far)
    return (
        Given(r"half-plane with a point, $h_{\rm part}$", part),
        Given(r"half-plane, $h_{\rm whole}$", whole),
        step(r"$\{x_2>0\}\cup\{(0,0)\}$ is convex and holds the ray along $v=(1,0)$ from $(0,1)$, "
             r"but not the parallel one from $(0,0)$, on which $x_\beta=(1,0)$ lies. So $v=x_\beta-"
             r"x_\alpha$ with $x_\alpha=(0,0)$ does not lead out from $(0,1)$.",
             (labels(r"h_{\rm part}", part, (origin, start)), "=", ALPHA),
             (labels(r"h_{\rm part}", part, (outer,)), "=", BETA),
             (turned(r"[h_{\rm part}\text{ changes along }(0,1)+cv]", part, start, v), "=", 0)),
        step(r"$\{x_2>0\}$ holds with one ray all parallel ones. Any pair does: a difference $v$ "
             r"from a point inside to one outside has $v_2<0$, here $v=(3,-1)$ from $(0,1)$ to "
             "$(3,0)$, and leads out from everywhere, for instance from $(1000,1000)$ at the step "
             "1000.",
             (labels(r"h_{\rm whole}", whole, (start, high)), "=", ALPHA),
             ([labelled(rf"h_{{\rm whole}}({number(x)}+{number(c)}\cdot{number(down)})", whole,
                        combine((1, x), (c, down)))
               for x, c in ((start, Fraction(1)), (high, far))], "=", BETA)),
        facts.certificate([part, whole], [
            facts.label(0, origin, ALPHA), facts.label(0, outer, BETA), facts.keeps(0, start, v),
            facts.changes(1, start, down, Fraction(1)), facts.changes(1, high, down, far),
        ]),
    )  # fmt: skip


OFF, GAP, EDGE = "off the hull", "in a gap between parts", "on the edge of an open part"
HULLS = (OFF, GAP, EDGE)


@dataclass(frozen=True)
class Parts:
    """Cells with the label alpha, none empty: a point of each, and a point with the label beta."""

    cells: tuple[Cell, ...]
    inside: Rows
    outside: Vector

    @property
    def rule(self) -> CellRule:
        """The rule alpha on the parts and beta elsewhere."""
        return CellRule(self.cells, ALPHA, BETA)


def draw_parts(rng: Random, case: str) -> Parts:
    """Return one to three parts and a point of the named case that is in none of them."""
    d = rng.randint(1, 3)
    g = numbers.nonzero_vector(rng, d)
    count = {OFF: rng.randint(1, 3), GAP: 2, EDGE: 1}[case]
    cells, inside = [], []
    for k in range(count):
        x = numbers.vector(rng, d)
        sign = (-1) ** k if case == GAP else 1
        if case == GAP:  # the second part lies far along g
            x = combine((1, x), ((k * 50 - dot(g, x)) / dot(g, g), g))
        rows, slack = [combine((sign, g))], [numbers.positive(rng)]
        for _ in range(rng.randint(0, 2)):
            rows.append(numbers.vector(rng, d))
            slack.append(numbers.positive(rng))
        strict = (case == EDGE, *(rng.random() < 0.5 for _ in rows[1:]))
        bounds = tuple(dot(a, x) + s for a, s in zip(rows, slack, strict=True))
        cells.append(Cell(tuple(rows), bounds, strict))
        inside.append(x)
    if case == GAP:
        outside = combine((Fraction(1, 2), inside[0]), (Fraction(1, 2), inside[1]))
    else:
        top = max(cell.right_side[0] for cell in cells)
        base = inside[0]
        height = top + (0 if case == EDGE else numbers.positive(rng)) - dot(g, base)
        outside = combine((1, base), (height / dot(g, g), g))
    return Parts(tuple(cells), tuple(inside), outside)


def in_closed_hull(parts: Parts) -> LinearProgramResult:
    """Return the program whose solutions write the outer point as a limit of mixtures.

    One vector x_k and one share s_k >= 0 for each part, with A_k x_k <= s_k b_k, sum s_k = 1 and
    sum x_k the point: for parts that are not empty this is the closure of the hull (Balas, 1974).
    """
    d, count = len(parts.outside), len(parts.cells)
    width = count * (d + 1)
    rows = []
    for k, cell in enumerate(parts.cells):
        for a, c in zip(cell.matrix, cell.right_side, strict=True):
            row = [Fraction(0)] * width
            row[k * (d + 1) : (k + 1) * (d + 1)] = [*a, -c]
            rows.append(row)
    equal = [[Fraction(j % (d + 1) == i) for j in range(width)] for i in range(d + 1)]
    return linear_program(
        [0] * width,
        inequalities=(rows, [0] * len(rows)),
        equalities=(equal, (*parts.outside, Fraction(1))),
        nonnegative=[k * (d + 1) + d for k in range(count)],
    )


def half_space(parts: Parts) -> Cell | None:
    """Return {a.x <= c} that holds all parts and not the outer point, or None.

    a is a nonnegative combination of the rows of each part, whose bounds add up to at most c.
    """
    d = len(parts.outside)
    sizes = [len(cell.matrix) for cell in parts.cells]
    width, start = d + 1 + sum(sizes), d + 1
    equal: list[list[Fraction]] = []
    rows: list[list[Fraction]] = []
    signed: list[int] = []
    for cell, size in zip(parts.cells, sizes, strict=True):
        for i in range(d):
            row = [Fraction(0)] * width
            row[i] = Fraction(-1)
            row[start : start + size] = [a[i] for a in cell.matrix]
            equal.append(row)
        rows.append([Fraction(0)] * d + [Fraction(-1)] + [Fraction(0)] * (width - d - 1))
        rows[-1][start : start + size] = list(cell.right_side)
        signed += range(start, start + size)
        start += size
    rows.append([-c for c in parts.outside] + [Fraction(1)] + [Fraction(0)] * (width - d - 1))
    found = linear_program(
        [0] * width,
        inequalities=(rows, [0] * len(sizes) + [-1]),
        equalities=(equal, [0] * len(equal)),
        nonnegative=signed,
    ).x
    return None if found is None else Cell.of([found[:d]], [found[d]])
