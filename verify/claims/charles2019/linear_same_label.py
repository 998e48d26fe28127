r"""Section 2, remark: For a linear rule a direction works for a whole label

Printed: For a linear classifier, an adversarial direction for some data point is also adversarial
    for other data points with the same label. This need not hold for neural networks.
Statement: Let $h$ be linear and $h(x)=y$. Then $v$ is adversarial at $(x,y)$ exactly when
    $y(w\cdot v)<0$, whatever label the boundary has. So $v$ is adversarial at all correctly
    labelled points with the label $y$ or at none.
Verdict: true. True for each reading of the sign of zero, and networks do behave differently.
Reading: The points are labelled correctly, as the definition of an adversarial direction at $(x,y)$
    asks; rules are defined on all of $\mathbb{R}^d$, and the sign of $0$ is fixed for each rule.
Needs linear: The rule is linear.
    Without it: For $\mathrm{relu}(x-1)+\mathrm{relu}(-x-1)>0$ the direction $+1$ turns $-2$ and
        never turns $2$, although both are labelled +1.
Needs same label: The two points have the same label.
    Without it: A direction that turns the points labelled +1 turns none labelled -1.
Sharp: At a point that $h$ labels $y$, $v$ is adversarial exactly when $y(w\cdot v)<0$; a level
    direction never is.
    Rests on: Coq linear_same_label.
    Overstated: Where $y(w\cdot v)\leq0$ it need not be: with $y(w\cdot v)=0$ it is not, and a
        constant rule keeps every label.
Quantifier: along the whole ray at each sampled point; for all points at once by the sign of
    $y(w\cdot v)$, in which no point occurs
Uses: charles-def-adv
The idea: For a linear rule, moving along $v$ raises or lowers $w\cdot x+b$ at the same rate from
    every starting point. So a direction that spoils one point of a label spoils them all.
Why it is true: Write the margin of a point as $m=y(w\cdot x+b)$. At step $c$ it is $m+c\,y(w\cdot
    v)$. If $y(w\cdot v)<0$ it reaches any negative value in the end, from any $m$; otherwise it
    never gets below $m$.
Before you use it: The step depends on the point, the direction does not. For a ReLU network the
    same sentence is false, because the rate of change depends on where you are: the counterexample
    needs two units on a line.
"""

from dataclasses import replace
from fractions import Fraction
from random import Random

import sympy

from certify import linear_program
from certify.certificates import facts
from certify.numbers.rationals import Rows, Vector, combine, dot, vector
from verify.claims.charles2019.shared.labelled import labelled, turned
from verify.claims.language import (
    Given,
    Named,
    Proof,
    Refutation,
    Relations,
    Symbolic,
    computed,
    identity,
    inner,
    matrices,
    named,
    products,
    step,
    theorem,
    told,
)
from verify.claims.relation import number
from verify.drawing import numbers, small
from verify.objects import LinearRule, Rule, TwoLayerNetwork, changed_step, is_adversarial

GENERIC, LEVEL, BOUNDARY = "generic", "level direction", "points on the boundary"
ALIGNED, CONSTANT = "along the normal", "constant rule"
LARGEST_DIMENSION, POINTS = 3, 4
NEAR = vector(["1/4", 1, 3])  # steps at which the value is evaluated
FAR = Fraction(10**6)


def draw(rng: Random, case: str) -> tuple[LinearRule, Rows, Vector]:
    """Return a rule, points and a direction; by case level, aligned, or from the boundary."""
    d = rng.randint(1, LARGEST_DIMENSION)
    w = (Fraction(0),) * d if case == CONSTANT else numbers.nonzero_vector(rng, d)
    rule = LinearRule(w, numbers.number(rng), rng.choice((-1, 0, 1)))
    if case == CONSTANT and not rule.offset:  # no point would have a label to speak of
        rule = replace(rule, zero=rng.choice((-1, 1)))
    points, v = numbers.vectors(rng, POINTS, d), numbers.vector(rng, d)
    if case == LEVEL:
        v = combine((1, v), (-dot(w, v) / dot(w, w), w))
    if case == ALIGNED:
        v = combine((rng.choice((-1, 1)) * numbers.positive(rng), w))
    if case == BOUNDARY:
        feet = [combine((1, x), (-rule.value(x) / dot(w, w), w)) for x in points[:2]]
        points = (*feet, *points[2:])
    return rule, points, v


def prove(rule: LinearRule, points: Rows, direction: Vector) -> Proof:
    """Evaluate that the sign of y w.v alone decides, at every point that has a label."""
    v = direction
    affine, kept, flips, agree = Relations(), Relations(), Relations(), Relations()
    found: list[facts.Fact] = []
    for x in points:
        y, margin = rule.label(x), abs(rule.value(x))
        if not y:
            continue  # the boundary of a rule that gives it neither label
        slope = y * dot(rule.normal, v)
        at, own = f"x_{{{points.index(x) + 1}}}", named("y", y)
        affine += [
            (named(rf"y(w\cdot({at}+{number(c)}v)+b)", y * _value(rule, x, c, v)), "=",
             computed(r"m+c\,y(w\cdot v)", "m + c * s", m=margin, c=c, s=slope)) for c in NEAR
        ]  # fmt: skip
        if slope >= 0:
            kept += [
                (_label(f"h({at}+{number(c)}v)", rule, x, c, v), "=", own) for c in (*NEAR, FAR)
            ]
            found.append(facts.keeps(0, x, v))
        else:
            c = (margin + 1) / -slope
            flips.append((_label(f"h({at}+{number(c)}v)", rule, x, c, v), "=", named("-y", -y)))
            found.append(facts.changes(0, x, v, c))
        agree.append((turned(rf"[v\text{{ adversarial at }}{at}]", rule, x, v), "=",
                      told(r"[y(w\cdot v)<0]", int(slope < 0), rf"[y(w\cdot v)={number(slope)}]")
                      ))  # fmt: skip
    return Proof.of(
        step(r"With $m=y(w\cdot x+b)\ge0$: $y(w\cdot(x+cv)+b)=m+c\,y(w\cdot v)$ is affine in $c$.",
             *affine),
        step(r"If $y(w\cdot v)\ge0$ it never falls below $m$, so the label stays.", *kept),
        step(r"If $y(w\cdot v)<0$ it is $-1$ at $c=(m+1)/(-y(w\cdot v))$, and the label is $-y$.",
             *flips),
        step(r"So $v$ is adversarial exactly when $y(w\cdot v)<0$, in which the point does not "
             r"occur.", *agree),
        facts.certificate([rule], found),
    )  # fmt: skip


def _label(name: str, rule: LinearRule, x: Vector, c: Fraction | int, v: Vector) -> Named:
    return labelled(name, rule, combine((1, x), (c, v)))


def _value(rule: LinearRule, x: Vector, c: Fraction, v: Vector) -> Fraction:
    return rule.value(combine((1, x), (c, v)))


EXAMPLE = (
    LinearRule.of([2, 1], -1),
    (vector([1, 0]), vector([3, -1]), vector([0, 0]), vector([-2, 1])),
    vector([-1, 0]),
)


def draw_network(rng: Random) -> tuple[TwoLayerNetwork, tuple[Vector, Vector], Vector]:
    """Return one or two units on a line, two points and a direction, all small."""
    units = rng.randint(1, 2)
    rule = TwoLayerNetwork.sum_of_units(
        [small.vector(rng, 1, 2) for _ in range(units)], small.vector(rng, units, 2)
    )
    return rule, (small.vector(rng, 1), small.vector(rng, 1)), small.vector(rng, 1, 1)


@theorem.without(
    "linear",
    (TwoLayerNetwork.sum_of_units([[1], [-1]], [-1, -1]), (vector([-2]), vector([2])), vector([1])),
    draw_network,
)
def refute_network(
    rule: TwoLayerNetwork, points: tuple[Vector, Vector], direction: Vector
) -> Refutation | None:
    """Refute when the direction turns the first point and not the second, of the same label."""
    return _refute_pair(
        rule, points, direction,
        "The two points have the same label; the direction changes it at the first and never at "
        "the second.",
        same=True,
    )  # fmt: skip


def draw_linear(rng: Random) -> tuple[LinearRule, tuple[Vector, Vector], Vector]:
    """Return a linear rule on a line, two points and a direction, all small."""
    points = (small.vector(rng, 1), small.vector(rng, 1))
    return small.rule(rng, 1), points, small.vector(rng, 1, 1)


@theorem.without(
    "same label", (LinearRule.of([1], 0), (vector([1]), vector([-1])), vector([-1])), draw_linear
)
def refute_linear(
    rule: LinearRule, points: tuple[Vector, Vector], direction: Vector
) -> Refutation | None:
    """Refute when the points have different labels and only the first is turned."""
    return _refute_pair(
        rule, points, direction,
        "The two points have different labels; the direction changes the first and never the "
        "second.",
        same=False,
    )  # fmt: skip


def _refute_pair(
    rule: Rule, points: tuple[Vector, Vector], v: Vector, text: str, same: bool
) -> Refutation | None:
    x, z = points
    labels = [rule.label(x), rule.label(z)]
    c = changed_step(rule, x, v)
    if c is None or not all(labels) or (labels[0] == labels[1]) != same:
        return None
    if is_adversarial(rule, z, v):
        return None
    return Refutation.of(
        text,
        step(f"The label of $x_1$ is another one at the step $c={number(c)}$.",
             (labelled("h(x_1+cv)", rule, combine((1, x), (c, v))), "!=",
              labelled("h(x_1)", rule, x))),
        step("That of $x_2$ stays at all steps.",
             (labelled("h(x_2)", rule, z), "=" if same else "!=", labelled("h(x_1)", rule, x)),
             (turned(r"[v\text{ adversarial at }x_2]", rule, z, v), "=", 0)),
        facts.certificate(
            [rule],
            [
                facts.label(0, x, labels[0]), facts.label(0, z, labels[1]),
                facts.changes(0, x, v, c), facts.keeps(0, z, v),
            ],
        ),
    )  # fmt: skip


def draw_one(rng: Random, case: str) -> tuple[LinearRule, Vector, Vector]:
    """Return a rule with a point that has a label, off its boundary or on it, and a direction."""
    d = rng.randint(1, LARGEST_DIMENSION)
    w = numbers.nonzero_vector(rng, d)
    owner = rng.choice((-1, 1))
    rule = LinearRule(w, numbers.number(rng), owner)
    x, v = numbers.vector(rng, d), numbers.vector(rng, d)
    if case == BOUNDARY:
        x = combine((1, x), (-rule.value(x) / dot(w, w), w))
    if case == LEVEL:
        v = combine((1, v), (-dot(w, v) / dot(w, w), w))
    return rule, x, v


@theorem.sharp((GENERIC, LEVEL, BOUNDARY), draw_one)
def decide_one(rule: LinearRule, point: Vector, direction: Vector) -> Proof:
    """Compare the slope with the least value along the ray and with the labels along it."""
    x, v = point, direction
    y = rule.label(x)
    slope = y * dot(rule.normal, v)
    least = linear_program([slope], nonnegative=True)  # of the value minus that at the start
    step_found = changed_step(rule, x, v)
    falls = named(r"[y(w\cdot v)<0]", int(slope < 0))
    fact = facts.keeps(0, x, v) if step_found is None else facts.changes(0, x, v, step_found)
    return Proof.of(
        step("Some label along the ray is another one exactly when the slope is negative.",
             (named(r"[\text{changes}]", int(step_found is not None)), "=", falls)),
        step("It is exactly then that the values along the ray have no lower bound.",
             (named(r"[\text{unbounded}]", int(least.status == "unbounded")), "=", falls)),
        facts.certificate([rule], [facts.label(0, x, y), fact]), least.certificate,
    )  # fmt: skip


@theorem.overstated(
    (LinearRule.of([0], 1), vector([0]), vector([0])),
    lambda rng: (small.rule(rng, 1), small.vector(rng, 1), small.vector(rng, 1, 1)),
)
def refute_level(rule: LinearRule, point: Vector, direction: Vector) -> Refutation | None:
    """Refute that a direction with y (w.v) <= 0 is adversarial at the point."""
    x, v = point, direction
    y = rule.label(x)
    slope = y * dot(rule.normal, v)
    if not y or slope > 0 or is_adversarial(rule, x, v):
        return None
    return Refutation.of(
        "The value does not rise along the direction, and the label stays.",
        step(r"$y(w\cdot v)\le0$.",
             (Named(r"y(w\cdot v)", slope, products(combine((y, rule.normal)), v)), "<=", 0)),
        facts.certificate([rule], [facts.label(0, x, y), facts.keeps(0, x, v)]),
    )  # fmt: skip


def sharpness() -> Proof:
    """Evaluate the boundary of the condition: level directions keep, slightly falling ones turn.

    The boundary itself is tested with each of the three labels that it can have.
    """
    falling, slight = vector(["-1/1000", 1]), Fraction(1, 1000)
    rules = [LinearRule.of([1, 0], 0, zero) for zero in (1, -1, 0)]
    x = vector([1, 0])
    level = vector([0, 1])
    boundary = vector([0, 0])
    return Proof.of(
        *(Given(f"rule $h_{k}$", rule) for k, rule in enumerate(rules, 1)),
        Named("x", x), Named(r"v\text{ of step 1}", level), Named(r"v\text{ of step 2}", falling),
        step(r"$w\cdot v=0$ keeps the label of every point, and 0, for no label, on a boundary "
             "without one.",
             *((_label(f"h_{k}({number(z)}+10^6v)", rule, z, FAR, level), "=",
                labelled(f"h_{k}({number(z)})", rule, z))
               for k, rule in enumerate(rules, 1) for z in (x, boundary))),
        step(r"$w\cdot v=-1/1000$ is enough: from margin $1$ the label changes by step $1001$.",
             (inner(r"w\cdot v", rules[0].normal, falling), "=", -slight),
             ([_label("h_#(x+1001v)", rule, x, 1001, falling) for rule in rules], "=", -1)),
        facts.certificate(
            rules,
            [
                *(facts.keeps(i, z, level) for i in range(3) for z in (x, boundary)),
                *(facts.changes(i, x, falling, Fraction(1001)) for i in range(3)),
                facts.changes(0, boundary, falling, slight),
            ],
        ),
    )  # fmt: skip


def symbolic() -> Symbolic:
    """Prove the affine form and the value at the chosen step for all numbers."""
    w, x, v = matrices("w x v", "d")
    (b,), (c, y, m, s) = matrices("b"), sympy.symbols("c y m s")
    yield identity(
        "The value is affine along the ray.",
        r"y(w\cdot(x+cv)+b)=y(w\cdot x+b)+c\,y(w\cdot v)",
        "all dimensions",
        y * (w.T * (x + c * v) + b), y * (w.T * x + b) + c * y * w.T * v,
    )  # fmt: skip
    yield identity(
        r"With $m=y(w\cdot x+b)$ and $s=y(w\cdot v)\neq0$ it is $-1$ at the chosen step.",
        r"m+cs=-1,\ c=(m+1)/(-s)",
        "all numbers", m + (m + 1) / -s * s, -1,
    )  # fmt: skip


CLAIM = theorem(__name__, cases=(GENERIC, LEVEL, BOUNDARY, ALIGNED, CONSTANT))
