r"""Theorem 12: One direction leaves every convex set around one label

Printed: Let $\mathcal{T}$ denote the set of continuous functions
    $h:\mathbb{R}^d\to\{\alpha,\beta\}$ such that $h(x_\alpha)=\alpha$, $h(x_\beta)=\beta$, and
    there is some convex set $C_h$ containing $x_\alpha$ such that for all $x\in C_h^c$,
    $h(x)=\beta$. … Fix $x_\alpha\in S[\alpha]$, $x_\beta\in S[\beta]$. There is some
    $v\in\mathbb{R}^d$ such that for all $h\in\mathcal{T}$ and for all $(x,\alpha)\in C_h$ such that
    $h(x)=\alpha$, $v$ is an adversarial direction for $h$ at $x$.
Statement: Fix $x_\alpha$ and $x_\beta$, and let $v=x_\beta-x_\alpha$. For every $h$ with
    $h(x_\alpha)=\alpha$, and $h=\beta$ outside some convex set $C_h$, open or closed, that contains
    $x_\alpha$ and not $x_\beta$, and every $x$ with $h(x)=\alpha$, some $c>0$ has $h(x+cv)=\beta$.
Verdict: vacuous as stated. A continuous rule takes one value. Without the word the statement is
    false already on a line, because $C_h$ may be everything; $x_\beta$ has to lie outside.
Reading: The word continuous is taken as printed, for functions from all of $\mathbb{R}^d$ to two
    labels; $(x,\alpha)\in C_h$ means $x\in C_h$.
Needs other point outside: $x_\beta$ is not in $C_h$.
Needs convex: $C_h$ is convex.
Needs open or closed: $C_h$ is open or closed.
Sharp: Some closed convex $C_h$ that leaves $x_\beta$ out exists exactly when $x_\beta$ is not in
    the closure of the hull of $\{h=\alpha\}$. Then every $x$ with $h(x)=\alpha$ turns, and $C_h$
    need not be mentioned.
    Rests on: Coq in part thm_12. The closure of the hull is the least closed convex set that can be
        $C_h$.
Quantifier: for all such rules and all points at once, by one convex combination; explicit steps for
    sampled polyhedral sets and labels inside them
Uses: charles-class-C, charles-thm-11
The idea: A variation of Theorem 11: the label $\alpha$ need not fill the convex set, it only has to
    lie within one that leaves $x_\beta$ out.
Why it is true: Along the direction from $x_\alpha$ to $x_\beta$ the ray leaves the convex set
    $C_h$, by Theorem 11. Outside it the label is $\beta$.
Before you use it: As printed $C_h$ may be the whole space, and then nothing has to be left. So
    $x_\beta$ must lie outside of $C_h$, and $C_h$ must be open or closed. There is a closed one
    exactly when $x_\beta$ is not in the closure of the hull of the points labelled $\alpha$.
"""

from dataclasses import dataclass
from fractions import Fraction
from random import Random

from certify.certificates import facts
from certify.numbers.rationals import Rows, Vector, combine, dot, vector
from verify.claims.charles2019 import class_C, thm_11
from verify.claims.charles2019.shared.labelled import labels
from verify.claims.charles2019.sharp import convex_sets
from verify.claims.charles2019.without import convexity, line_directions, regions
from verify.claims.charles2019.without.convexity import ALPHA, BETA
from verify.claims.charles2019.without.line_directions import OnALine
from verify.claims.language import Counterexample, Given, Proof, Refutation, Symbolic, step, theorem
from verify.drawing import convex_regions, numbers
from verify.objects import Cell, CellRule, LabelledSet

WHOLE, HOLES = "alpha in all of the convex set", "alpha in parts of the convex set"
CASES = tuple(f"{region}; {part}" for region in convex_regions.CASES for part in (WHOLE, HOLES))


@dataclass(frozen=True)
class Instance:
    """A convex set C, cells inside it with label alpha, points of them, and x_beta outside C.

    The first of the points is x_alpha. The rule says beta everywhere else.
    """

    region: Cell
    parts: tuple[Cell, ...]
    points: Rows
    beta: Vector

    @property
    def rule(self) -> CellRule:
        """The rule alpha on the parts and beta elsewhere."""
        return CellRule(self.parts, ALPHA, BETA)


def draw(rng: Random, case: str) -> Instance:
    """Return a convex set of the named case, and the label alpha on all or some of it."""
    shape, part = case.split("; ")
    drawn = convex_regions.draw(rng, shape)
    if part == WHOLE:
        return Instance(drawn.cell, (drawn.cell,), drawn.inside, drawn.outside)
    parts = tuple(_part(rng, drawn.cell, x) for x in drawn.inside)
    return Instance(drawn.cell, parts, drawn.inside, drawn.outside)


def _part(rng: Random, cell: Cell, x: Vector) -> Cell:
    """Return the points of the cell on one side of a random hyperplane, with x."""
    row, strict = numbers.vector(rng, len(x)), rng.random() < 0.5
    bound = dot(row, x) + (numbers.positive(rng) if strict else rng.randint(0, 1))
    return Cell((*cell.matrix, row), (*cell.right_side, bound), (*cell.strict, strict))


def prove(instance: Instance) -> Proof:
    """Leave the convex set from every point, by the steps of Theorem 11."""
    return thm_11.prove_exits(
        instance.rule, instance.region, instance.points, instance.points[0], instance.beta
    )


# Two separate parts of the closed half-plane x_1 <= 1.
EXAMPLE = Instance(
    Cell.of([[1, 0]], [1]),
    (Cell.of([[1, 0], [0, 1]], [1, 0]), Cell.of([[1, 0], [0, -1]], [1, -1])),
    (vector([0, 0]), vector([1, 2])),
    vector([2, 1]),
)


def refute_inside(instance: OnALine) -> Refutation | None:
    """Refute when x_beta may lie in C: with C the whole line every rule is allowed."""
    if len(set(instance.data.labels)) < 2:
        return None
    return line_directions.refute(instance, ALPHA, lambda rule: isinstance(rule, CellRule))


INSIDE = Counterexample(
    r"Let $C_h$ be the line and $h=\beta$ at $x_\beta=1$ only: $v=+1$ turns nothing at $2$, and "
    r"$v=-1$ nothing at $x_\alpha=0$.",
    OnALine(
        LabelledSet.of([[0], [1], [2]], [ALPHA, BETA, ALPHA]),
        (
            CellRule(
                (convexity.half_line(1, 1, True), convexity.half_line(1, -1, True)), ALPHA, BETA
            ),
        ),
    ),
    refute_inside,
    convexity.draw_union,
)


@theorem.sharp(convex_sets.HULLS, convex_sets.draw_parts)
def decide_parts(parts: convex_sets.Parts) -> Proof:
    """Decide whether the point is in the closed hull, by mixtures and by a half-space."""
    mixture, region = convex_sets.in_closed_hull(parts), convex_sets.half_space(parts)
    rule = parts.rule
    compared = (
        step("The parts are not empty, and the outer point is in none of them.",
             ([rule.label(x) for x in parts.inside], "=", ALPHA),
             (rule.label(parts.outside), "=", BETA)),
        step(r"Either $x_\beta$ is a limit of mixtures of points with the label $\alpha$, or a "
             "closed half-space holds them and not it; never both.",
             (int(mixture.x is not None) + int(region is not None), "=", 1)),
    )  # fmt: skip
    if region is None:
        known = [facts.label(0, x, ALPHA) for x in parts.inside]
        stated = facts.certificate([rule], [*known, facts.label(0, parts.outside, BETA)])
        return Proof.of(*compared, mixture.certificate, stated)
    exits = thm_11.prove_exits(rule, region, parts.inside, parts.inside[0], parts.outside)
    return Proof.of(*compared, *exits.steps, *exits.certificates)


NOT_IN_HULL = Counterexample(
    r"Overstated: it is enough that $x_\beta$ is not in the hull of $\{h=\alpha\}$. An open "
    r"half-plane with one point $x_\alpha$ of its edge is its own hull, and along the edge it is "
    "never left.",
    regions.EDGE.example,
    regions.EDGE.refute,
    regions.EDGE.draw,
)


def sharpness() -> Proof:
    """Evaluate the form without C: x_beta not in the closure of the hull of {h = alpha}.

    On the line let alpha be the two points 0 and 2. Beyond their hull, at 3, the difference 3 - 0
    turns both. Within it a proper closed set that holds x_beta is not enough: alpha on the line
    from -5 on without 1 is kept along +1 from 2.
    """
    pair = CellRule(tuple(Cell.of([[1], [-1]], [t, -t]) for t in (0, 2)), ALPHA, BETA)
    parts = (Cell.of([[-1], [1]], [5, 1], (False, True)), convexity.half_line(1, -1, True))
    holed = CellRule(parts, ALPHA, BETA)
    points = [(Fraction(t),) for t in (0, 2)]
    v, right, one = vector([3]), vector([1]), Fraction(1)
    return Proof.of(
        Given("rule $h_1$", pair), Given("rule $h_2$", holed),
        step(r"$x_\beta=3$ is not in the hull of the points $0$ and $2$ labelled $\alpha$. With "
             r"$x_\alpha=0$ one step of $v=3$ turns both, whatever lies between them.",
             (labels("h_1", pair, points), "=", ALPHA),
             (labels("h_1", pair, [combine((1, x), (one, v)) for x in points]), "=", BETA)),
        step(r"The closed set $C_h=[-5,\infty)$ holds $x_\beta=1$ and does not help: with "
             r"$x_\alpha=0$ the point $2$ is kept along $v=1$, at each point behind it.",
             (labels("h_2", holed, (right,)), "=", BETA),
             (labels("h_2", holed, [*points, vector([1000])]), "=", ALPHA)),
        facts.certificate(
            [pair, holed],
            [
                *(facts.changes(0, x, v, one) for x in points),
                *(facts.label(0, x, ALPHA) for x in points),
                facts.label(0, v, BETA), facts.label(1, right, BETA),
                facts.label(1, points[0], ALPHA), facts.label(1, points[1], ALPHA),
                facts.keeps(1, points[1], right),
            ],
        ),
    )  # fmt: skip


def symbolic() -> Symbolic:
    """Prove the two convex combinations of Theorem 11, for all numbers."""
    return thm_11.symbolic()


CLAIM = theorem(
    __name__,
    without={
        "as printed": class_C.AS_PRINTED,
        "other point outside": INSIDE,
        "convex": convexity.punctured_line(
            r"Let $C_h=\{h=\alpha\}$ be the line without $x_\beta=1$: then $+1$ turns nothing "
            "at $2$, and $-1$ nothing at $0$."
        ),
        "open or closed": convexity.RAGGED,
        "sharp form, overstated": NOT_IN_HULL,
    },
)
