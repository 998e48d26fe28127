"""What breaks the theorems on rules with one convex region: one label, holes, ragged edges.

The two labels alpha and beta are -1 and +1, and the region of a rule is {h = alpha}.
"""

from dataclasses import dataclass
from fractions import Fraction
from random import Random

from certify.certificates import facts
from certify.numbers.rationals import Vector, combine, dot, vector
from verify.claims.charles2019.shared.labelled import labels
from verify.claims.charles2019.without import line_directions
from verify.claims.charles2019.without.line_directions import OnALine
from verify.claims.claim import Counterexample, Given, Refutation, step
from verify.claims.relation import inner, mixture, named
from verify.drawing import small
from verify.objects import Cell, CellRule, LabelledSet, Rule, units

ALPHA, BETA = -1, 1


def half_line(end: Fraction | int, sign: int, strict: bool) -> Cell:
    """Return {x : sign x < sign end}, or with equality."""
    return Cell.of([[sign]], [sign * end], strict)


def draw_cell(rng: Random, strict: bool) -> Cell:
    """Return the whole line, a half-line, an interval or nothing, with small integer ends."""
    rows = rng.choice(([[0]], [[1]], [[-1]], [[1], [-1]]))
    return Cell.of(rows, [rng.randint(-2, 2) for _ in rows], strict)


def uniform(rule: Rule) -> bool:
    """Return whether all inequalities of the region are strict, or none: a sufficient condition.

    A finite union of such cells is open, or closed.
    """
    if not isinstance(rule, CellRule):
        return False
    flags = {flag for cell in rule.cells for flag in cell.strict}
    return len(flags) <= 1


def convex(rule: Rule) -> bool:
    """Return whether the region is one cell, open or closed."""
    return isinstance(rule, CellRule) and len(rule.cells) == 1 and uniform(rule)


def opened(rule: Rule) -> bool:
    """Return whether the region is one open cell."""
    return convex(rule) and isinstance(rule, CellRule) and all(rule.cells[0].strict)


def one_label(inside: int = ALPHA) -> Counterexample[OnALine]:
    """Without both labels; a convex region of the label +1 has to be open, as in class R''."""

    def draw(rng: Random) -> OnALine:
        y = rng.choice((-1, 1))
        points = tuple(small.vector(rng, 1) for _ in range(rng.randint(1, 2)))
        rules = tuple(
            CellRule((draw_cell(rng, inside == 1 or rng.random() < 0.5),), inside, -inside)
            for _ in range(rng.randint(1, 2))
        )
        starts = tuple(small.vector(rng, 1) for _ in range(rng.randint(0, 2)))
        return OnALine(LabelledSet(points, (y,) * len(points)), rules, starts)

    whole = Cell.of([[0]], [1], strict=inside == 1)
    return Counterexample(
        "If only the label of the convex region occurs, a constant rule is accurate and never "
        "turns. If only the other one does, at $0$ for instance, the rules with the regions $x>1$ "
        "and $x<-1$ are accurate and need opposite directions.",
        OnALine(LabelledSet.of([[0]], [inside]), (CellRule((whole,), inside, -inside),)),
        lambda instance: line_directions.refute(instance, inside, convex if inside < 0 else opened),
        draw,
    )


def draw_union(rng: Random) -> OnALine:
    """Return one rule of at most two cells, and three points that it labels."""
    strict = rng.random() < 0.5
    cells = tuple(draw_cell(rng, strict) for _ in range(rng.randint(1, 2)))
    rule = CellRule(cells, ALPHA, BETA)
    points = tuple(small.vector(rng, 1, 2) for _ in range(3))
    return OnALine(LabelledSet(points, tuple(map(rule.label, points))), (rule,))


def punctured_line(text: str) -> Counterexample[OnALine]:
    """Without a convex region: everything but one point, or any region with a hole, is alpha."""

    def refute(instance: OnALine) -> Refutation | None:
        if len(set(instance.data.labels)) < 2:
            return None
        return line_directions.refute(instance, ALPHA, uniform)

    rule = CellRule((half_line(1, 1, True), half_line(1, -1, True)), ALPHA, BETA)
    data = LabelledSet.of([[0], [1], [2]], [ALPHA, BETA, ALPHA])
    return Counterexample(text, OnALine(data, (rule,)), refute, draw_union)


@dataclass(frozen=True)
class Ragged:
    """One point of each label, and two normals of open half-planes through the alpha point.

    The region of rule i is {x : n_i.(x - x_alpha) > 0} and x_alpha itself: convex, neither open nor
    closed.
    """

    alpha: Vector
    beta: Vector
    normals: tuple[Vector, Vector]

    @property
    def rules(self) -> tuple[CellRule, ...]:
        """The two rules."""
        return tuple(self._rule(n) for n in self.normals)

    def _rule(self, n: Vector) -> CellRule:
        d = len(self.alpha)
        sides = [row for e in units(d) for row in (e, combine((-1, e)))]
        point = Cell.of(sides, [dot(row, self.alpha) for row in sides])
        return CellRule(
            (Cell.of([combine((-1, n))], [-dot(n, self.alpha)], strict=True), point), ALPHA, BETA
        )


def draw_ragged(rng: Random) -> Ragged:
    """Return two points of the plane and two normals, all small."""
    alpha, beta = small.vector(rng, 2, 2), small.vector(rng, 2, 2)
    return Ragged(alpha, beta, (small.vector(rng, 2, 2), small.vector(rng, 2, 2)))


def refute_ragged(instance: Ragged) -> Refutation | None:
    """Refute when both rules are accurate and their normals opposite: no direction is left.

    From x_alpha + n_i the ray along v stays in the open half-plane i whenever n_i.v >= 0, and with
    opposite normals each v has this sign for one of them.
    """
    (n, m), rules = instance.normals, instance.rules
    given = [(rule.label(instance.alpha), rule.label(instance.beta)) for rule in rules]
    opposite = dot(n, m) < 0 and dot(n, m) ** 2 == dot(n, n) * dot(m, m)
    if given != [(ALPHA, BETA)] * 2 or not opposite:
        return None
    gap = combine((1, instance.beta), (-1, instance.alpha))
    starts = [combine((1, instance.alpha), (1, normal)) for normal in (n, m)]
    kept = [
        facts.keeps(i, starts[i], v)
        for v in (gap, combine((-1, gap)), n, m)
        for i in (0, 1)
        if dot(instance.normals[i], v) >= 0
    ]
    found = [
        facts.accurate(0), facts.accurate(1),
        facts.label(0, starts[0], ALPHA), facts.label(1, starts[1], ALPHA), *kept,
    ]  # fmt: skip
    ratio = -dot(n, n) / dot(n, m)
    return Refutation.of(
        "An open half-plane with one more point of its edge is convex, neither open nor closed, "
        "and a ray that does not fall never leaves the half-plane. Two opposite ones leave no "
        "direction.",
        *(Given(f"rule $h_{i}$", rule) for i, rule in enumerate(rules, 1)),
        named("r", ratio),
        step(r"Both rules are right on $x_\alpha$ and $x_\beta$.",
             *((labels(f"h_{i}", rule, (instance.alpha, instance.beta)), "=", [ALPHA, BETA])
               for i, rule in enumerate(rules, 1))),
        step("The normals are opposite, $w_2$ a negative multiple of $w_1$, so each $v$ has a "
             "nonnegative product with one of them.", (named("r", ratio), ">", 0),
             (mixture("w_1+rw_2", (1, n), (ratio, m)), "=", combine((0, n)))),
        step(r"$x_\alpha+w_i$ lies in the open half-plane $w_i\cdot(x-x_\alpha)>0$ of rule $i$, "
             r"and there a ray along $v$ with $w_i\cdot v\ge0$ stays.",
             ([inner(r"w_#\cdot w_#", normal, combine((1, start), (-1, instance.alpha)))
               for normal, start in zip((n, m), starts, strict=True)], ">", 0)),
        facts.certificate(rules, found, (instance.alpha, instance.beta), (ALPHA, BETA)),
    )  # fmt: skip


RAGGED = Counterexample(
    r"With $S=\{((0,0),\alpha),((1,0),\beta)\}$ the regions $\{x_2>0\}\cup\{(0,0)\}$ and "
    r"$\{x_2<0\}\cup\{(0,0)\}$ are convex and miss $(1,0)$. Directions with $v_2\geq0$ never leave "
    r"the first from $(0,1)$, the others never leave the second from $(0,-1)$.",
    Ragged(vector([0, 0]), vector([1, 0]), (vector([0, 1]), vector([0, -1]))),
    refute_ragged,
    draw_ragged,
)
