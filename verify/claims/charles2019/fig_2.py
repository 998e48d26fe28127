r"""Figure 2: Nonlinear rules need not share directions, within a label or with each other

Printed: Note that $v_1$ is adversarial for $h_1$ at $x_1$ and for the other points with +1 label.
    However, $v_1$ does not transfer to the +1 instances for $h_2$. Furthermore, $v_2$ is an
    adversarial direction for $h_2$ at $x_2$, but does not transfer to all other points with label
    -1 for $h_2$, nor does it transfer to any -1 labeled point for $h_1$.
Statement: Let $a=p\cdot x$ and $t=q\cdot x$ be independent coordinates and $s,r,k,e>0$. Let
    $h_1=+1$ exactly where $t>\max(0,s(a-r))$, and $h_2=+1$ exactly where $t>0$, or $t<-k$ and
    $|a|<e$. If both are right on $S$, which has points labelled +1, and points labelled -1 both
    with $|a|<e$ and with $|a|\ge e$, then $v_1$ along growing $a$ and $v_2$ along falling $t$ (with
    the other coordinate fixed) do all that is printed.
Verdict: true. The picture can be had exactly, with a whole family of rules and data.
Reading: The sentences speak of the two rules that are drawn, both right on the data; an example is
    claimed, not that it is always so.
Needs nonconvex rule: $h_2$ is no rule of class $R'$.
Sharp: Some two rules that are right on finitely many points, none of which has both labels, show it
    exactly when at least one point is labelled +1, at least two different ones -1, and, on a line,
    no label occurs on both sides of a point with the other one. So three points of a line are
    enough, $0$ labelled +1, $-1$ and $-3$ labelled -1, and fewer are not.
    Rests on: written proof. Without a point labelled +1 there is no $x_1$; with one point labelled
        -1 $v_2$ turns all of these or none. On a line $h_2$ turns a point labelled +1 along a
        direction in which one labelled -1 follows; so along $v_1$ none follows, and the labels are
        apart: let $v_2=-v_1$. In more dimensions let $v_1=v_2$ lead along no line through two of
        the points. Either way let $h_1$ be +1 at the points labelled +1 alone, and $h_2$ on the
        rays from these along $v_1$ and at one point behind $x_2$ along $v_2$. On a line $x_2$ is
        the point labelled -1 nearest to those labelled +1, and that one point is before the next.
Quantifier: along whole rays from every point of sampled data, in a family of rules; where no rules
    show it, for all rules at once by the number of points or labels of two
Uses: charles-def-adv, charles-relu-same-label
The idea: For linear rules a direction serves a whole label. The figure wants to show how nonlinear
    rules behave: $v_2$ works at some points of its label only, and $v_1$ and $v_2$ each for one
    rule only.
Why it is true: Two coordinates are enough. The first rule has a bent boundary, which one direction
    meets from every point above it. The second has a window below: falling through it from $|a|<e$
    you change the label, beside it you do not. Each claim that is printed is then a comparison
    of numbers.
Before you use it: Three points of a line already show everything that is printed, if the one
    labelled $+1$ does not lie between the two others. From two dimensions on any three different
    points do, one labelled $+1$ and two $-1$. The second rule cannot be of class $R'$: there, a
    direction serves the whole label $-1$.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from random import Random

import sympy

from certify.certificates import facts
from certify.numbers.rationals import Vector, combine, dot, vector
from verify.claims.charles2019.shared import figures
from verify.claims.charles2019.shared.labelled import labelled, labels, turned
from verify.claims.charles2019.sharp import fig_2
from verify.claims.charles2019.without import regions
from verify.claims.language import (
    Given,
    Named,
    Proof,
    SharpForm,
    Symbolic,
    counted,
    identity,
    inner,
    step,
    theorem,
)
from verify.claims.relation import number
from verify.drawing import numbers
from verify.objects import Cell, CellRule, LabelledSet

GENERIC, EDGES, REPEATED = "generic", "points on the edges of the regions", "repeated points"
LARGEST_DIMENSION, LARGEST_CLASS = 3, 3

TURNED = (
    r"Here $\text{turned}_h(x,v)$ is 1 if some step along $v$ changes the label of $h$ at $x$, and "
    r"0 if none does; the $a_i$ are from the inequalities $a_i\cdot x<c_i$ of the cells labelled "
    "+1: of the one with $x$ in it, or of all of them if none has."
)


@dataclass(frozen=True)
class Instance:
    """Two rules in the coordinates a = p.x and t = q.x, data for them, and two directions.

    h_1 = +1 where t > max(0, s (a - r)); h_2 = +1 where t > 0, and where t < -k with |a| < e.
    """

    data: LabelledSet
    across: Vector
    up: Vector
    steepness: Fraction
    reach: Fraction
    depth: Fraction
    width: Fraction
    first: Vector
    second: Vector

    @property
    def rules(self) -> tuple[CellRule, CellRule]:
        """The two rules as cells labelled +1."""
        above = combine((-1, self.up))
        slope = combine((self.steepness, self.across), (-1, self.up))
        wedge = Cell.of((above, slope), (0, self.steepness * self.reach), strict=True)
        sides = (self.up, self.across, combine((-1, self.across)))
        strip = Cell.of(sides, (-self.depth, self.width, self.width), strict=True)
        return (CellRule((wedge,), 1, -1), CellRule((Cell.of((above,), (0,), True), strip), 1, -1))

    def over_strip(self, x: Vector) -> bool:
        """Return whether a falling t leads from x into the strip of h_2."""
        return abs(dot(self.across, x)) < self.width

    def exit_step(self, x: Vector) -> Fraction:
        """Return the step along v_1 at which t = s (a - r)."""
        a, t = dot(self.across, x), dot(self.up, x)
        return (t / self.steepness + self.reach - a) / dot(self.across, self.first)


def draw(rng: Random, case: str) -> Instance:
    """Return two coordinates of the plane or of space, and data on the right sides of both."""
    d = rng.randint(2, LARGEST_DIMENSION)
    across, up = numbers.nonzero_vector(rng, d), numbers.nonzero_vector(rng, d)
    while dot(across, up) ** 2 == dot(across, across) * dot(up, up):  # parallel
        up = numbers.nonzero_vector(rng, d)
    first = combine((1, across), (-dot(across, up) / dot(up, up), up))
    second = combine((-1, up), (dot(across, up) / dot(across, across), across))
    steepness, reach, depth, width = (numbers.positive(rng) for _ in range(4))
    wanted = []
    for _ in range(rng.randint(1, LARGEST_CLASS)):
        t = numbers.positive(rng)
        wanted.append((t / steepness + reach - numbers.positive(rng), t, 1))
    wanted.append((width * Fraction(rng.randint(-3, 3), 4), _height(rng, case, depth), -1))
    for _ in range(rng.randint(1, LARGEST_CLASS)):
        outside = width + (0 if case == EDGES else numbers.positive(rng))
        wanted.append((rng.choice((-1, 1)) * outside, _height(rng, case, depth), -1))
    if case == REPEATED:
        wanted += [rng.choice(wanted) for _ in range(2)]
    points = []
    for a, t, _ in wanted:
        x = numbers.vector(rng, d)
        along = (a - dot(across, x)) / dot(across, first)
        fall = (t - dot(up, x)) / dot(up, second)
        points.append(combine((1, x), (along, first), (fall, second)))
    data = LabelledSet(tuple(points), tuple(y for *_, y in wanted))
    return Instance(data, across, up, steepness, reach, depth, width, first, second)


def _height(rng: Random, case: str, depth: Fraction) -> Fraction:
    """Return t between -k and 0, one of the two on the edges."""
    return -depth * Fraction(rng.choice((0, 4)) if case == EDGES else rng.randint(0, 4), 4)


def prove(instance: Instance) -> Proof:
    """Follow both directions from every point under both rules."""
    data, (one, two) = instance.data, instance.rules
    v, u = instance.first, instance.second
    exits = [(x, instance.exit_step(x)) for x in data.positive]
    over = [x for x in data.negative if instance.over_strip(x)]
    beside = [x for x in data.negative if not instance.over_strip(x)]
    falls = [(x, (dot(instance.up, x) + instance.depth + 1) / -dot(instance.up, u)) for x in over]
    steps = (
        step("Both rules are right on the data.",
             (labels("h_1", one, data.points), "=", [*data.labels]),
             (labels("h_2", two, data.points), "=", [*data.labels])),
        step(r"Along $v_1$ the coordinate $a$ grows, and $h_1$ turns every point labelled +1 where "
             r"$t=s(a-r)$.",
             (inner(r"p\cdot v_1", instance.across, v), ">", 0),
             ([labelled(f"h_1({number(x)}+{number(c)}v_1)", one, combine((1, x), (c, v)))
               for x, c in exits], "=", -1)),
        step(rf"$v_1$ leaves $t>0$ as it is, so $h_2$ turns none of them. {TURNED}",
             (inner(r"q\cdot v_1", instance.up, v), "=", 0),
             (turns("h_2", two, data.positive, "v_1", v), "=", 0)),
        step(r"Along $v_2$ the coordinate $t$ falls with $a$ fixed: from $|a|<e$, labelled -1, "
             r"$h_2$ gives +1 where $t=-k-1$; there is such a point, the $x_2$ of the figure.",
             (counted(r"\text{points labelled -1 with }|a|<e", [*map(number, over)]), ">=", 1),
             (labels("h_2", two, [combine((1, x), (c, u)) for x, c in falls]), "=", 1)),
        step(r"From $|a|\ge e$ it never does, since $a$ stays as it is and $t\le0$ only falls; "
             "there is such a point, too.",
             (counted(r"\text{points labelled -1 with }|a|\ge e", [*map(number, beside)]), ">=", 1),
             (inner(r"p\cdot v_2", instance.across, u), "=", 0),
             (turns("h_2", two, beside, "v_2", u), "=", 0)),
        step(r"$h_1$ turns no point labelled -1 along $v_2$: $t\le0$ only falls.",
             (turns("h_1", one, data.negative, "v_2", u), "=", 0)),
    )  # fmt: skip
    known = [
        facts.accurate(0), facts.accurate(1),
        *(facts.changes(0, x, v, c) for x, c in exits),
        *(facts.keeps(1, x, v) for x in data.positive),
        *(facts.changes(1, x, u, c) for x, c in falls),
        *(facts.keeps(1, x, u) for x in beside),
        *(facts.keeps(0, x, u) for x in data.negative),
    ]  # fmt: skip
    objects = (
        Named("p", instance.across), Named("q", instance.up), Named("v_1", v), Named("v_2", u),
    )  # fmt: skip
    return Proof.of(*objects, *steps, data.certificate((one, two), known))


def turns(
    name: str, rule: CellRule, points: Sequence[Vector], along: str, v: Vector
) -> list[Named]:
    """Return by name for each point whether some step along v changes its label."""
    return [turned(rf"\text{{turned}}_{{{name}}}({number(x)},{along})", rule, x, v) for x in points]


EXAMPLE = Instance(
    LabelledSet.of([[1, 1], [0, -1], [0, 1], [2, -1]], [1, -1, 1, -1]),
    across=vector([1, 0]), up=vector([0, 1]),
    steepness=Fraction(1), reach=Fraction(3), depth=Fraction(3), width=Fraction(1),
    first=vector([1, 0]), second=vector([0, -1]),
)  # fmt: skip


def sharpness() -> Proof:
    """Evaluate three points of a line, the fewest that the three assertions speak of."""
    data = LabelledSet.of([[0], [-1], [-3]], [1, -1, -1])
    one = CellRule((_interval("-1/2", "1/2"),), 1, -1)
    two = CellRule((Cell.of([[-1]], ["1/2"], True), _interval("-5/2", "-3/2")), 1, -1)
    right, left = vector([1]), vector([-1])
    plus, near, far = data.points
    rays = ((plus, right), (near, left), (far, left))
    found = [
        facts.accurate(0), facts.accurate(1),
        facts.changes(0, plus, right, Fraction(1)), facts.keeps(1, plus, right),
        facts.changes(1, near, left, Fraction(1)), facts.keeps(1, far, left),
        facts.keeps(0, near, left), facts.keeps(0, far, left),
    ]  # fmt: skip
    return Proof.of(
        Given("rule $h_1$", one), Given("rule $h_2$", two),
        step(f"$h_1$ turns $0$ to the right and neither point labelled -1 to the left. {TURNED}",
             ([turned(rf"\text{{turned}}_{{h_1}}({number(x)},{number(v)})", one, x, v)
               for x, v in rays], "=", [1, 0, 0])),
        step("$h_2$ turns $-1$ to the left, but not $-3$, and not $0$ to the right.",
             ([turned(rf"\text{{turned}}_{{h_2}}({number(x)},{number(v)})", two, x, v)
               for x, v in rays], "=", [0, 1, 0])),
        data.certificate((one, two), found),
    )  # fmt: skip


def _interval(low: str, high: str) -> Cell:
    """Return the open interval."""
    return Cell.of([[-1], [1]], [-Fraction(low), Fraction(high)], strict=True)


def symbolic() -> Symbolic:
    """Prove where the ray along v_1 leaves the region of h_1, for all numbers."""
    a, t, s, r, g = sympy.symbols("a t s r g")
    c = (t / s + r - a) / g
    yield identity(
        r"With $g=p\cdot v_1$ the ray meets the boundary of $h_1$ at an explicit step.",
        r"t=s(a+cg-r),\ c=(t/s+r-a)/g",
        "any dimension, with $s$ and $g$ not zero", t, s * (a + c * g - r),
    )  # fmt: skip


CLAIM = theorem(
    __name__,
    without={"nonconvex rule": regions.ONE_FOR_ALL},
    sharp=SharpForm(fig_2.CASES, fig_2.draw, fig_2.decide, fig_2.ANY_THREE),
    cases=(GENERIC, EDGES, REPEATED),
    pictures=partial(
        figures.figure_2, EXAMPLE.data, EXAMPLE.rules, (EXAMPLE.first, EXAMPLE.second)
    ),
)
