r"""Theorem 16: A difference of data points fools every accurate class R'' rule at +1 points

Printed: There is some $v$ such that for all $h\in\mathcal{R}_S''$ and $(x,1)$ such that $h(x)=1$,
    $v$ is an adversarial direction for $h$ at $x$.
Statement: Let both labels occur in $S$ and $v=x_- - x_+$ for any $x_-$, $x_+$ in $S$ with these
    labels. For every rule $h=+1$ exactly where $w_i\cdot x+b_i>0$ for all $i$, that is right on
    $S$, and every $x$ with $h(x)=+1$, some $c>0$ has $h(x+cv)=-1$.
Verdict: true. True by one unit; the paper's derivation works once Theorem 11 asks for an open
    region. A unit with $w_i=0$ gives no half-space, and it does no harm.
Reading: Both labels occur in $S$, as Section 5 assumes before Theorem 10; $x$ is any point of the
    space, in $S$ or not.
Needs both labels: Some point is labelled +1 and some point -1.
Needs points labelled +1: Only points with label +1 are claimed to flip.
    Without it: For the rule +1 where $|x|<1$ the point $1$ needs $v<0$, and $-1$ needs $v>0$.
Sharp: If $S$ is finite with both labels and some rules of the class, of whatever width, are right
    on $S$, then $v$ does this for all of them exactly when $x_- - sv$ lies in the hull of the
    points labelled $+1$, for some $x_-$ in $S$ and $s>0$. For rules with one unit, which are
    linear, the set can be larger.
    Rests on: written proof. $\{h=+1\}$ is convex, so a point $x_--sv$ of the hull of $S[+1]$ serves
        as $x_+$ in the proof. Otherwise $\mathrm{conv}(S[+1])+\mathbb{R}_+v$ is closed and misses
        each $x_-$: one unit for each of them, positive on this set and not at $x_-$, makes a rule
        that is right on $S$ and says $+1$ on the whole set. The linear rules are Theorem 4.
Quantifier: for all accurate rules at once: a unit that is positive at $x_+$ and not at $x_-$, where
    it may be 0, falls along $v$, by the multipliers of these two points; and for all open convex
    regions; explicit steps on a sampled rule
Uses: charles-thm-11
The idea: Theorem 10 with the labels exchanged: class $R''$ says $+1$ where all units are active, an
    intersection of half-spaces. From any point labelled $+1$ walk in the direction from a positive
    to a negative data point.
Why it is true: At $x_-$ some unit is negative or zero, while at $x_+$ all are positive. So that
    unit falls along $v=x_--x_+$, and it reaches zero from every starting point.
Before you use it: The labels have changed their parts: now the points labelled $+1$ flip and those
    labelled $-1$ need not.

    Two sentences before the theorem have no entry of their own. That $\{h=+1\}$ is convex is right:
    it is an intersection of open half-spaces, and where some $w_i=0$ of these and of everything or
    nothing. (Positive are to be the entries of $z$, not of $x$ as printed.) That $R''$ is *similar*
    to $R$ is right up to the boundary: a rule of class $R$ says $-1$ exactly where all
    $w_i\cdot x+b_i\leq0$, so with $-w_i$, $-b_i$ and the labels exchanged it is one of class $R''$,
    except that the boundary belongs to the region in $R$ and not in $R''$.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from random import Random

import sympy

from certify import certificates
from certify.certificates import facts
from certify.certificates.certificate import Certificate
from certify.numbers.rationals import Rows, Vector, combine, dot, vector
from verify.claims.charles2019 import thm_10
from verify.claims.charles2019.shared.labelled import labelled, labels
from verify.claims.charles2019.shared.separators import signed_sum, value_at
from verify.claims.charles2019.sharp import relu_directions
from verify.claims.charles2019.sharp.direction_decisions import Family, convex_direction, sharp_form
from verify.claims.charles2019.sharp.direction_overstatements import only_differences
from verify.claims.charles2019.without import convexity, line_directions
from verify.claims.charles2019.without.line_directions import OnALine
from verify.claims.language import (
    Given,
    Named,
    Proof,
    Refutation,
    Symbolic,
    computed,
    identity,
    mixture,
    named,
    products,
    step,
    theorem,
)
from verify.drawing import labelled_sets, networks, numbers, small
from verify.objects import Cell, CellRule, LabelledSet, LinearRule, Rule

ATTAINED, ZERO_ROW = "unit at zero on a -1 point", "unit with zero weights"
CASES = (*networks.CASES, ATTAINED, ZERO_ROW)


@dataclass(frozen=True)
class Instance:
    """A labelled set, units that are all positive exactly on +1, one point of each label, starts.

    ``starts`` are further points that the rule labels +1.
    """

    data: LabelledSet
    units: tuple[LinearRule, ...]
    positive: int
    negative: int
    starts: Rows

    @property
    def rule(self) -> CellRule:
        """The rule of class R'': +1 on the open cell where every unit is positive."""
        return all_active(self.units)


def all_active(units: Sequence[LinearRule]) -> CellRule:
    """Return the rule +1 exactly where w_i.x + b_i > 0 for every unit."""
    opposite = tuple(combine((-1, unit.normal)) for unit in units)
    offsets = tuple(unit.offset for unit in units)
    return CellRule((Cell(opposite, offsets, (True,) * len(offsets)),), 1, -1)


def lowered(unit: LinearRule, height: Fraction) -> LinearRule:
    """Return height - (w.x + b): at least ``height`` where the unit is not positive."""
    return LinearRule(combine((-1, unit.normal)), height - unit.offset)


def _of_class_r_second(units: Sequence[LinearRule]) -> tuple[Rule, ...]:
    return (all_active([lowered(unit, Fraction(1, 2)) for unit in units]),)


R_SECOND = Family(1, _of_class_r_second, convex_direction(1))


def draw(rng: Random, case: str) -> Instance:
    """Return a set with its -1 points outside the hull of the +1 points, and an accurate rule."""
    mirrored = networks.surrounded_set(rng, case)
    data = LabelledSet(mirrored.points, tuple(-y for y in mirrored.labels))
    units = []
    for x in dict.fromkeys(data.negative):
        height = Fraction(1) if case == ATTAINED else Fraction(rng.randint(1, 4), 4)
        unit = relu_directions.mixture(data.positive, x)
        if isinstance(unit, LinearRule):  # always: x lies outside the hull
            units.append(lowered(unit, height))
    extra = numbers.vector(rng, data.dimension)
    if case == ZERO_ROW:
        extra = combine((0, extra))
    least = min(dot(extra, x) for x in data.positive)
    units.append(LinearRule(extra, numbers.positive(rng) - least))
    rule = all_active(units)
    queries = numbers.vectors(rng, 2, data.dimension)
    pair = labelled_sets.pair_of_indices(rng, data)
    return Instance(data, tuple(units), *pair, tuple(x for x in queries if rule.label(x) == 1))


def falling_unit(instance: Instance) -> LinearRule:
    """Return the unit that is smallest at x_-; it is not positive there."""
    low = instance.data.points[instance.negative]
    return min(instance.units, key=lambda unit: unit.value(low))


def prove(instance: Instance) -> Proof:
    """Find the unit that falls from the +1 to the -1 point and the step at which it is silent."""
    data, rule = instance.data, instance.rule
    high, low = data.points[instance.positive], data.points[instance.negative]
    v = combine((1, low), (-1, high))
    unit = falling_unit(instance)
    slope = dot(unit.normal, v)
    starts = (*data.positive, *instance.starts)
    places = [
        *(str(k) for k, y in enumerate(data.labels, 1) if y == 1),
        *(str(k) for k in range(len(data.labels) + 1, len(data.labels) + 1 + len(instance.starts))),
    ]
    flips = [(x, unit.value(x) / (-slope or 1)) for x in starts]
    ends = [combine((1, x), (c, v)) for x, c in flips]
    i = instance.units.index(unit) + 1
    steps = (
        step("The rule is right on both points: every unit is positive at $x_+$, and some unit "
             "$i$ is not at $x_-$, where it is negative or 0.",
             ([value_at(r"w_#\cdot x_++b_#", u, high) for u in instance.units], ">", 0),
             (value_at(rf"w_{i}\cdot x_-+b_{i}", unit, low), "<=", 0)),
        step(r"So $w_i\cdot v<0$ for $v=x_- - x_+$.",
             (Named(rf"w_{i}\cdot v", slope, products(unit.normal, v)), "<", 0)),
        step(r"From any $x$ with label $+1$ this unit reaches $0$ at the positive step "
             r"$c=(w_i\cdot x+b_i)/(-w_i\cdot v)$.",
             ([(computed("c_#", "a / -s", a=unit.value(x), s=slope) if slope
                 else named("c_#", c)).at(k) for k, (x, c) in zip(places, flips, strict=True)],
              ">", 0),
             ([value_at(rf"w_{i}\cdot(x_#+c_#v)+b_{i}", unit, end).at(k)
               for k, end in zip(places, ends, strict=True)], "=", 0)),
        step(r"There the label is $-1$. (The brackets have $-w_j\cdot x$ and $b_j$ of the first "
             "unit $j$ that is not positive.)",
             ([labelled("h(x_#+c_#v)", rule, end).at(k)
               for k, end in zip(places, ends, strict=True)], "=", -1)),
    )  # fmt: skip
    found = [facts.accurate(0), *(facts.changes(0, x, v, c) for x, c in flips)]
    objects = (
        Named("x_+", high), Named("x_-", low), Named("v=x_--x_+", v), Named("i", i),
    )  # fmt: skip
    return Proof.of(*objects, *steps, *every_rule(high, low), data.certificate([rule], found))


def every_rule(high: Vector, low: Vector) -> tuple[Certificate, Certificate]:
    """Certify that a unit falls along x_- - x_+, and that every accurate rule is turned."""
    pair, v = LabelledSet((high, low), (1, -1)), combine((1, low), (-1, high))
    # The unit may be 0 at the point labelled -1, the second one.
    falls = certificates.every_separator(
        pair, combine((-1, v)), Fraction(0), vector([1, 1]), weak=(1,)
    )
    return falls, R_SECOND.serves(pair, v, relu_directions.difference(pair, 1, 0))


# The open quadrant, left along the second unit.
EXAMPLE = Instance(
    LabelledSet.of([[1, 1], [2, 1], [1, 0], [-1, 2]], [1, 1, -1, -1]),
    (LinearRule.of([1, 0], 0), LinearRule.of([0, 1], 0)),
    positive=0,
    negative=2,
    starts=(vector([5, 3]),),
)


def draw_interval(rng: Random) -> OnALine:
    """Return an open interval, half-line or line with label +1, and three points it labels."""
    rule = CellRule((convexity.draw_cell(rng, True),), 1, -1)
    points = tuple(small.vector(rng, 1, 2) for _ in range(3))
    return OnALine(LabelledSet(points, tuple(map(rule.label, points))), (rule,))


@theorem.without(
    "points labelled +1",
    OnALine(
        LabelledSet.of([[-1], [0], [1]], [-1, 1, -1]),
        (CellRule((Cell.of([[1], [-1]], [1, 1], strict=True),), 1, -1),),
    ),
    draw_interval,
)
def refute_negative(instance: OnALine) -> Refutation | None:
    """Refute for points labelled -1: an open interval is left behind on both sides."""
    if len(set(instance.data.labels)) < 2:
        return None
    return line_directions.refute(instance, -1, convexity.opened)


def silent_rule(data: LabelledSet, direction: Vector) -> CellRule | None:
    """Return an accurate rule that no +1 point of the set leaves along v; None if v is universal.

    One unit for each -1 point, at least 1/2 on conv P + R_+ v and -1/2 at the point.
    """
    found = [relu_directions.mixture(data.positive, x, direction) for x in data.negative]
    units = [unit for unit in found if isinstance(unit, LinearRule)]
    if len(units) < len(found):
        return None
    return all_active([lowered(unit, Fraction(1, 2)) for unit in units])


def sharpness() -> Proof:
    """Evaluate the exact set, and that it is larger for one unit, which is a linear rule.

    With + (0, 0) and - (1, 1), (-1, 1) the direction (0, 1) is a sum of differences: every linear
    rule that is right falls along it, but the strip |x_1| < 1/2 is never left.
    """
    data = LabelledSet.of([[0, 0], [1, 1], [-1, 1]], [1, -1, -1])
    v, difference = vector([0, 1]), data.points[1]
    rule = silent_rule(data, v)
    strip = [rule] if rule else []
    multipliers, down = vector([1, "1/2", "1/2"]), combine((-1, v))
    kept = [facts.accurate(0), facts.keeps(0, data.points[0], v)]
    return Proof.of(
        Given("data", data),
        Named("v", v),
        *(Given("rule $h$", h) for h in strip),
        step("Along $v$, half of a sum of differences, two units keep the label of the origin for "
             "ever: no entry that they look at changes.",
             *((labels("h", h, data.points), "=", [*data.labels]) for h in strip),
             ([labelled("h(0,1000)", h, vector([0, 1000])) for h in strip], "=", 1)),
        step("Along a difference itself there is no such rule: the step 1 from $x_1$ ends in "
             "$x_2$, which every rule of them labels -1.",
             (mixture("x_1+1(x_2-x_1)", (1, data.points[0]), (1, difference)), "=",
              named("x_2", data.points[1]))),
        step("Every linear rule that is right on the data falls along $v$, by Theorem 4.",
             (signed_sum(r"\sum\alpha_iy_ix_i", data, multipliers), "=", named("-v", down))),
        *(data.certificate([h], kept) for h in strip),
        *every_rule(data.points[0], difference),
        certificates.every_separator(data, down, Fraction(0), multipliers),
    )  # fmt: skip


def symbolic() -> Symbolic:
    """Prove that the unit is 0 at the chosen step, in all dimensions."""
    u, s = sympy.symbols("u s")
    yield thm_10.along_ray()
    yield identity(
        r"With the slope $s=w_i\cdot v$ the unit is 0 at the chosen step, where it starts with "
        r"$u=w_i\cdot x+b_i$.",
        r"u+cs=0,\ c=u/(-s)", "all numbers, where the slope is not zero", u + u / -s * s,
    )  # fmt: skip


CLAIM = theorem(
    __name__,
    without={"both labels": convexity.one_label(inside=1)},
    sharp=sharp_form(
        R_SECOND,
        only_differences(
            R_SECOND,
            r"Overstated: only the positive multiples of differences $x_--x_+$ serve all rules. "
            r"With $(-1,0)$, $(1,0)$ labelled $+1$ and $(0,1)$ labelled $-1$ the direction $(0,1)$ "
            "does, from the middle.",
        ),
    ),
)
