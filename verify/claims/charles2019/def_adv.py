r"""Section 2, definition: Adversarial directions

Printed: We say that $v$ is an adversarial direction for $h$ at $(x,y)$ if $h(x)=y$ and there is
    some $c>0$ such that $h(x+cv)\neq y$.
Statement: Let $h$ be defined on all of $\mathbb{R}^d$. Whether $v$ is adversarial at $(x,y)$
    depends on the ray of $v$ only and never holds for $v=0$. For linear, argmax and two-layer
    rules, and for rules that are constant on finitely many convex cells, finitely many steps decide
    it.
Verdict: true. The definition is sound. It tacitly needs the rule to be defined along the whole ray,
    and it says nothing about the length of the step.
Reading: The rule is defined on all of $\mathbb{R}^d$, as those of the theorems are.
Needs whole space: The rule is defined on all of $\mathbb{R}^d$.
    Without it: On the unit square a direction can be adversarial in the plane and meet no changed
        label before it leaves the square.
Sharp: No bound on the step follows: for every $C>0$ and $v\neq0$ there are a linear rule and a
    point whose label along $v$ is another one exactly at the steps $c\geq C$.
    Rests on: written proof. The rule $w=-v$, $b=C|v|^2$, whose boundary does not have the label +1,
        has the value $(C-c)|v|^2$ at $0+cv$.
    Overstated: One step does not decide for all: from $2$ along $-1$ the rule with the sign of $x$
        keeps its label at the step $1$ and not at $2$.
Quantifier: the whole ray at once, on sampled rules, points and directions of every kind
The idea: Pick a point that a rule gets right, pick a direction, and walk. If the label changes
    somewhere on the way, the direction is adversarial. How far you have to walk is not part of the
    definition.
Why it is true: A definition needs no proof, but it needs an argument that it can be decided. Along
    a ray, a linear or ReLU rule changes its behaviour at finitely many steps only; between two of
    them the label is constant. So a finite list of steps settles a statement about infinitely many.
Before you use it: Two tacit assumptions: the rule must be defined on the whole ray (pixels live in
    a box, and a ray leaves it), and the step may be enormous. A direction can be adversarial in
    this sense and harmless in any picture you would accept. That an attack finds none within a
    radius says nothing of those that it did not try: [the certified
    band](experiments.html#certified-band) says of trained models within which radius no input has
    another label, whatever was added to the picture, noise or an attack.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from random import Random

import sympy

from certify import linear_program
from certify.certificates import facts
from certify.numbers.rationals import Vector, combine, dot, vector
from verify.claims.charles2019.shared.labelled import labelled
from verify.claims.language import (
    Given,
    Named,
    Proof,
    Refutation,
    Relations,
    Symbolic,
    greatest,
    identity,
    inner,
    matrices,
    mixture,
    named,
    step,
    theorem,
)
from verify.claims.relation import number
from verify.drawing import numbers, small
from verify.objects import ArgmaxRule, Cell, CellRule, LinearRule, TwoLayerNetwork
from verify.objects.rays import Rule, changed_step, critical_steps

GENERIC, ZERO, LEVEL, BOUNDARY = "generic", "zero direction", "level direction", "boundary point"
LARGEST_DIMENSION = 3


@dataclass(frozen=True)
class Instance:
    """One rule of each kind, a point, a direction and a positive factor."""

    linear: LinearRule
    argmax: ArgmaxRule
    network: TwoLayerNetwork
    cells: CellRule
    point: Vector
    direction: Vector
    factor: Fraction

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rules of the four kinds."""
        return (self.linear, self.argmax, self.network, self.cells)


def draw(rng: Random, case: str) -> Instance:
    """Return rules with small weights; by case the direction is zero or runs along the boundary."""
    d = rng.randint(1, LARGEST_DIMENSION)
    x, v, w = numbers.vector(rng, d), numbers.vector(rng, d), numbers.nonzero_vector(rng, d)
    if case == ZERO:
        v = scaled(0, v)
    if case == LEVEL:
        v = combine((1, v), (-dot(w, v) / dot(w, w), w))
    offset = -dot(w, x) if case == BOUNDARY else numbers.number(rng)
    units, cells = rng.randint(1, 3), rng.randint(1, 2)
    return Instance(
        LinearRule(w, offset, rng.choice((-1, 0, 1))),
        ArgmaxRule(numbers.vectors(rng, 3, d), numbers.vector(rng, 3), rng.random() < 0.5),
        TwoLayerNetwork(
            numbers.vectors(rng, units, d), numbers.vector(rng, units), numbers.vector(rng, units),
            numbers.number(rng), rng.random() < 0.5,
        ),
        CellRule(
            tuple(Cell.of(numbers.vectors(rng, 2, d), numbers.vector(rng, 2), rng.random() < 0.5)
                  for _ in range(cells)), 1, -1,
        ),
        x, v, numbers.positive(rng),
    )  # fmt: skip


def scaled(factor: Fraction | int, v: Vector) -> Vector:
    """Return the multiple of a vector."""
    return combine((factor, v))


def prove(instance: Instance) -> Proof:
    """Evaluate that finitely many steps decide, and that only the ray of the direction matters."""
    x, v, t = instance.point, instance.direction, instance.factor
    constant, decided = Relations(), Relations()
    found: list[facts.Fact] = []
    steps: list[Named] = []
    for i, rule in enumerate(instance.rules):
        ends = sorted({Fraction(0), *critical_steps(rule, x, v)})
        inside = [(p + (q - p) / 3, q - (q - p) / 3) for p, q in pairwise(ends)]
        inside.append((ends[-1] + 1, ends[-1] + 100))
        constant += [(_label(i, rule, x, v, p), "=", _label(i, rule, x, v, q)) for p, q in inside]
        start = labelled(f"h_{i + 1}(x)", rule, x)
        c = changed_step(rule, x, v)
        if c is None:
            tried = [*ends[1:], *(p for p, _ in inside)]
            decided += [(_label(i, rule, x, v, p), "=", start) for p in tried]
            found += [_kept(i, rule, x, v), _kept(i, rule, x, combine((t, v)))]
        else:
            steps.append(named(f"c_{i + 1}", c))
            decided += [(steps[-1], ">", 0), (_label(i, rule, x, v, c), "!=", start)]
            found += [facts.changes(i, x, v, c), facts.changes(i, x, combine((t, v)), c / t)]
        found.append(_kept(i, rule, x, combine((0, v))))
    return Proof.of(
        *steps,
        step(r"Along $x+cv$ the label of a linear, argmax, two-layer or piecewise constant rule "
             r"can change only at finitely many steps $c$: two steps between neighbouring ones "
             r"give equal labels (a tie counts as $0$).", *constant),
        step(r"So finitely many steps decide: one with another label than $x$, or none among all "
             r"parts of the ray.", *decided),
        step(r"Only the ray of $v$ counts: $x+\frac ct(tv)=x+cv$ for $t>0$.",
             *((mixture(r"x+\frac ct(tv)", (1, x), (c / t, scaled(t, v))), "=",
                mixture("x+cv", (1, x), (c, v))) for c in vector([1, "7/2"]))),
        step(r"And $v=0$ never qualifies: $x+c\cdot0=x$.",
             ([mixture(r"x+c\cdot0", (1, x), (c, scaled(0, v))) for c in (1, 100)], "=",
              named("x", x))),
        facts.certificate(instance.rules, found),
    )  # fmt: skip


def _kept(i: int, rule: Rule, x: Vector, v: Vector) -> facts.Fact:
    """State that the label stays along v; an open tie is no label to keep, so it is only named."""
    return facts.keeps(i, x, v) if rule.label(x) is not None else facts.label(i, x, None)


def _label(i: int, rule: Rule, x: Vector, v: Vector, c: Fraction) -> Named:
    """Return the label at x + c v under the rule of this index, by name."""
    at = combine((1, x), (c, v))
    return labelled(f"h_{i + 1}(x+{'' if c == 1 else number(c)}v)", rule, at)


EXAMPLE = Instance(
    LinearRule.of([1, 1], "-1/2"),
    ArgmaxRule.of([[1, 0], [0, 1]], [0, 0]),
    TwoLayerNetwork.sum_of_units([[1, 0], [0, 1]], [0, -2]),
    CellRule((Cell.of([[1, 0], [0, 1]], [0, 0]),), 1, -1),
    vector([1, 1]),
    vector([0, -1]),
    Fraction(2),
)


def draw_boxed(rng: Random) -> tuple[LinearRule, Vector, Vector]:
    """Return a rule with small weights, a point on a grid of the square and a direction."""
    rule = LinearRule(small.vector(rng, 2), Fraction(rng.randint(-3, 3), 2))
    return (
        rule,
        (Fraction(rng.randint(0, 2), 2), Fraction(rng.randint(0, 2), 2)),
        small.vector(rng, 2),
    )


@theorem.without("whole space", (EXAMPLE.linear, EXAMPLE.point, EXAMPLE.direction), draw_boxed)
def refute_boxed(rule: LinearRule, point: Vector, direction: Vector) -> Refutation | None:
    """Refute when the label changes along the ray, but not as long as the ray is in the square."""
    x, v = point, direction
    y, c = rule.label(x), changed_step(rule, x, v)
    if c is None or not y or not all(0 <= z <= 1 for z in x):
        return None
    # The points of the square at which the rule does not say y.
    changed = Cell.of(
        [[1, 0], [-1, 0], [0, 1], [0, -1], scaled(y, rule.normal)], [1, 0, 1, 0, -y * rule.offset]
    )
    inside = CellRule((changed,), 1, -1)
    if inside.label(x) == 1 or changed_step(inside, x, v) is not None:
        return None
    return Refutation.of(
        "The label changes along the ray in the plane, but the ray has left the square by then.",
        step(r"In the plane the value falls along $v$.",
             (inner(r"yw\cdot v", scaled(y, rule.normal), v), "<", 0)),
        step(r"The changed label is reached outside the square: some entry of $x+cv$ is farther "
             r"than $\frac12$ from $\frac12$.",
             (greatest(r"\max_k|2(x+cv)_k-1|",
                       [abs(2 * z - 1) for z in combine((1, x), (c, v))]), ">", 1)),
        facts.certificate(
            [rule, inside],
            [facts.changes(0, x, v, c), facts.label(1, x, -1), facts.keeps(1, x, v)],
        ),
    )  # fmt: skip


SHORT, AT, FAR = "before the step", "at the step", "beyond the step"


@dataclass(frozen=True)
class Reach:
    """A direction, the step that is to be needed along it, another step, a normal and a point."""

    direction: Vector
    needed: Fraction
    step: Fraction
    normal: Vector
    point: Vector


def draw_reach(rng: Random, case: str) -> Reach:
    """Return a direction and the step to be needed, from tiny to huge, and a normal against it."""
    d = rng.randint(1, LARGEST_DIMENSION)
    v = numbers.nonzero_vector(rng, d)
    w = numbers.vector(rng, d)
    if dot(w, v) >= 0:  # any normal that falls along v will do
        w = combine((1, w), (-1 - dot(w, v) / dot(v, v), v))
    needed = numbers.positive(rng) * Fraction(10) ** rng.randint(-9, 9)
    factor = {SHORT: Fraction(rng.randint(1, 99), 100), AT: Fraction(1)}
    times = factor.get(case, 1 + numbers.positive(rng))
    return Reach(v, needed, needed * times, w, numbers.vector(rng, d))


@theorem.sharp((SHORT, AT, FAR), draw_reach)
def decide_reach(instance: Reach) -> Proof:
    """Build the rule for the point, find the least changing step by a linear program, and walk."""
    v, w, x = instance.direction, instance.normal, instance.point
    slope = dot(w, v)
    rule = LinearRule(w, -instance.needed * slope - dot(w, x))
    # The least c >= 0 with value(x) + c slope <= 0.
    least = linear_program([1], ([[slope]], [-rule.value(x)]), nonnegative=True)
    assert least.value is not None
    moved = combine((1, x), (instance.step, v))
    changed = rule.label(moved) != 1
    return Proof.of(
        step("The label is another one exactly from the chosen step on.",
             (named(r"[h(x+cv)\neq1]", int(changed)), "=",
              named(r"[c\ge\text{needed}]", int(instance.step >= instance.needed)))),
        step("The linear program finds that step.",
             (named(r"\text{least step}", least.value), "=",
              named(r"\text{needed}", instance.needed)),
             (labelled("h(x)", rule, x), "=", 1)),
        least.certificate,
        facts.certificate([rule], [facts.label(0, x, 1), facts.label(0, moved, rule.label(moved))]),
    )  # fmt: skip


@theorem.overstated(
    (LinearRule.of([1], 0), vector([2]), vector([-1])),
    lambda rng: (small.rule(rng, 1), small.vector(rng, 1), small.vector(rng, 1, 1)),
)
def refute_one_step(rule: LinearRule, point: Vector, direction: Vector) -> Refutation | None:
    """Refute that a direction is adversarial only if the step 1 changes the label."""
    x, v = point, direction
    y, c, after = rule.label(x), changed_step(rule, x, v), combine((1, x), (1, v))
    if not y or c is None or rule.label(after) != y:
        return None
    return Refutation.of(
        "The label is the same one step further and another one later.",
        step("The step 1 keeps the label.",
             (labelled("h(x+v)", rule, after), "=", named("h(x)", y))),
        step(f"The step {c} does not.",
             (labelled(f"h(x+{number(c)}v)", rule, combine((1, x), (c, v))), "!=",
              named("h(x)", y))),
        facts.certificate([rule], [facts.label(0, after, y), facts.changes(0, x, v, c)]),
    )  # fmt: skip


def sharpness() -> Proof:
    """Evaluate that the definition bounds no step: here the first change comes at a million."""
    distance = Fraction(10**6)
    rule, x, v = LinearRule.of([1], 0), (distance,), vector([-1])
    before = [Fraction(1), distance / 2, distance - Fraction(1, 100)]
    shorter: Sequence[Vector] = [combine((1, x), (c, v)) for c in before]
    return Proof.of(
        Given("rule", rule), Named("x", x), Named("v", v),
        *(Named(f"c_{{{i}}}", c) for i, c in enumerate(before, 1)),
        step("Every shorter step keeps the label.",
             (named("c_#", before), "<", distance),
             ([labelled("h(x+c_#v)", rule, z) for z in shorter], "=", 1)),
        step(r"The step $10^6$ changes it.",
             (labelled("h(x+10^6v)", rule, combine((1, x), (distance, v))), "!=", 1)),
        facts.certificate(
            [rule], [*(facts.label(0, z, 1) for z in shorter), facts.changes(0, x, v, distance)]
        ),
    )  # fmt: skip


def symbolic() -> Symbolic:
    """Prove that a linear value is affine along a ray, with a slope that ignores the point."""
    w, x, v = matrices("w x v", "d")
    (b,), c = matrices("b"), sympy.Symbol("c")
    yield identity(
        "Along a ray the value of a linear rule is affine: it is 0 at one step at most, or at all.",
        r"w\cdot(x+cv)+b=(w\cdot x+b)+c\,(w\cdot v)",
        "all dimensions",
        w.T * (x + c * v) + b,
        w.T * x + b + c * w.T * v,
    )


CLAIM = theorem(__name__, cases=(GENERIC, ZERO, LEVEL, BOUNDARY))
