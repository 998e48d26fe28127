r"""Section 5, definition: Continuous rules with a convex region

Printed: We define $\mathcal{C}:=\{h\mid h$ is continuous, $h^{-1}(\alpha)$ is convex$\}$. We denote
    the set of $S$-accurate $h$ in $\mathcal{C}$ by $\mathcal{C}_S$. … To apply Theorem 11 to
    $\mathcal{R}_S$, it suffices to show the following lemma.
Statement: If $S$ has both labels, no continuous rule is right on $S$: $\mathcal{C}_S$ is empty.
    What serves in its place is the class of the rules for which $\{h=\alpha\}$ is convex and open
    or closed. It contains class $R$ and class $R'$ with $\alpha=-1$: closed for $f>a$, open for
    $f\geq a$.
Verdict: vacuous as stated. $\mathbb{R}^d$ is connected, so continuous rules are constant. Class $R$
    is not contained in the class, and Theorem 10 does not follow from Theorem 11 as printed.
Reading: $S$ has both labels, as Section 5 assumes, and continuous means continuous as a map from
    $\mathbb{R}^d$ to the two labels.
Needs both labels: Both labels occur in $S$.
    Without it: With one label a constant rule is continuous and right.
Sharp: A rule on $\mathbb{R}^d$ with values among two labels is continuous exactly when it is
    constant; some continuous rule is right on a nonempty $S$ exactly when $S$ has one label.
    Rests on: Coq in part class_C. Two values would be taken at two points; the theorem, for these
        two, says that it is not so. If one label occurs, a constant rule is right.
    Overstated: A rule that need be continuous at the points of the set only can be right on both
        labels: $\mathrm{sign}(2x-1)$ on $0$ and $1$.
Quantifier: for sampled accurate rules of the classes $R$ and $R'$; the jump is located exactly, and
    the labels around it are certified down to a distance of $2^{-40}$ segments
Uses: charles-lem-14
The idea: The paper defines a class of *continuous* rules with two labels. A continuous function
    from a connected space to two isolated values is constant.
Why it is true: Walk on the segment from a point labelled $-1$ to one labelled $+1$. Let $z$ be
    where the steps with the label $-1$ have their least upper bound. As near to $z$ as one likes
    there are points labelled $-1$, $z$ itself or points before it, and points labelled $+1$, $z$
    itself or points behind it. So the label jumps at $z$, and there a rule with two values is not
    continuous.
Before you use it: So the class, as printed, contains no rule that is right on both labels, and
    theorems about it are true of nothing. It is enough that the region of one label is convex and
    *open or closed*. Both classes of networks satisfy that.
"""

from fractions import Fraction
from itertools import pairwise
from random import Random

import sympy

from certify.certificates import facts
from certify.numbers.rationals import Vector, combine, vector
from verify.claims.charles2019 import thm_2_informal
from verify.claims.charles2019.shared.labelled import labelled, labels
from verify.claims.charles2019.shared.separators import least_margin
from verify.claims.charles2019.shared.two_layer import value
from verify.claims.charles2019.sharp import accurate_rules
from verify.claims.charles2019.thm_10 import Instance
from verify.claims.charles2019.without import relu
from verify.claims.claim import Counterexample, Proof, Refutation, step
from verify.claims.language import Given, Symbolic, greatest, identity, least, named, theorem
from verify.claims.relation import Named
from verify.drawing import relu_rules, small
from verify.objects import Cell, CellRule, LabelledSet, LinearRule, TwoLayerNetwork, critical_steps

HALVINGS = (1, 4, 20, 40)


def jump(network: TwoLayerNetwork, x: Vector, v: Vector) -> Fraction:
    """Return the step c >= 0 up to which x + c v is labelled -1, from -1 at x to +1 at x + v.

    The rule has nonnegative output weights, so the labels -1 fill an interval of steps.
    """
    ends = sorted({Fraction(0), Fraction(1), *critical_steps(network, x, v)})
    for low, high in pairwise(ends):
        if network.label(combine((1, x), ((low + high) / 2, v))) == 1:
            return low
    return ends[-1]


def prove(instance: Instance) -> Proof:
    """Find the jump of the rule between two points, and on which side its edge belongs."""
    data, network = instance.data, instance.network
    x, end = data.points[instance.negative], data.points[instance.positive]
    v = combine((1, end), (-1, x))
    c = jump(network, x, v)
    z = combine((1, x), (c, v))
    before = [combine((1, z), (-c / 2**k, v)) for k in HALVINGS] if c else [z]
    after = [combine((1, z), (Fraction(1, 2**k), v)) for k in HALVINGS]
    edge = -1 if network.strict else 1
    steps = (
        step(r"The rule is right on $x_-$ and $x_+$, so both labels occur on the segment.",
             (labelled("h(x_-)", network, x), "=", -1),
             (labelled("h(x_+)", network, end), "=", 1)),
        step(r"At some $z$ of the segment $f$ is at the threshold.",
             (value("f(z)", network, z), "=", named("a", network.threshold))),
        step(r"Before $z$ the label is $-1$ and behind it $+1$, however near: $h$ jumps at $z$ and "
             "is not continuous. Any other rule that is right on both points jumps somewhere, too.",
             (labels("h", network, [p for p in before if p != z]), "=", -1),
             (labels("h", network, after), "=", 1)),
        step(r"What holds instead: the region $\{h=-1\}$ is convex, and closed for the rule $f>a$, "
             r"open for $f\geq a$; $z$ belongs to it in the first case only.",
             (least(r"\min_iv_i", network.output), ">=", 0),
             (labelled("h(z)", network, z), "=", edge)),
    )  # fmt: skip
    found = [
        facts.accurate(0), facts.convex(0), facts.label(0, z, edge),
        *(facts.label(0, p, -1) for p in before if p != z),
        *(facts.label(0, p, 1) for p in after),
        facts.keeps(0, after[-1], v),
    ]  # fmt: skip
    objects = Named("x_-", x), Named("x_+", end), Named("z", z)
    return Proof.of(*objects, *steps, data.certificate([network], found))


# The unit relu(x) on two points of a line: the jump is at the point labelled -1 itself.
EXAMPLE = Instance(
    LabelledSet.of([[0], [1]], [-1, 1]),
    TwoLayerNetwork.sum_of_units([[1]], [0]),
    positive=1,
    negative=0,
)


def draw_printed(rng: Random) -> Instance:
    """Return two points on a line and a small rule of class R."""
    network = relu.R.draw(rng)
    return Instance(small.labelled_set(rng, 1, 2), network, rng.randint(0, 1), rng.randint(0, 1))


def refute_printed(instance: Instance) -> Refutation | None:
    """Refute that an accurate rule of class R is continuous, hence in the printed class."""
    data, network = instance.data, instance.network
    labels = (data.labels[instance.negative], data.labels[instance.positive])
    if not network.is_accurate(data) or labels != (-1, 1) or min(network.output) < 0:
        return None
    proof = prove(instance)
    return Refutation.of(
        "This rule of class $R$ is right on both points and jumps between them, so it is not in "
        "the printed class. Nor is any other rule that is right on both: halving the segment again "
        "and again finds points of different labels as near as one likes.",
        *proof.objects,
        *proof.steps,
        *proof.certificates,
    )


def draw_one_label(rng: Random) -> tuple[LabelledSet, TwoLayerNetwork]:
    """Return one or two points on a line with any labels and a small rule of class R."""
    network = relu.R.draw(rng)
    return small.labelled_set(rng, 1, rng.randint(1, 2)), network


@theorem.without(
    "both labels",
    (LabelledSet.of([[0]], [-1]), TwoLayerNetwork.sum_of_units([[0]], [0])),
    draw_one_label,
)
def refute_one_label(data: LabelledSet, network: TwoLayerNetwork) -> Refutation | None:
    """Refute that no accurate rule is continuous: for one label a constant one is right."""
    flat = all(not any(w) for w in network.weights)
    if not flat or data.dimension != 1 or not network.is_accurate(data):
        return None
    x = data.points[0]
    ways = [(Fraction(sign),) for sign in (1, -1)]
    found = [facts.accurate(0), facts.convex(0), *(facts.keeps(0, x, v) for v in ways)]
    return Refutation.of(
        "The rule is constant, hence continuous with a convex region, and right on all points.",
        step("All weights of the units are 0.",
             (named("w_#", [*network.weights]), "=", vector([0]))),
        step("The rule is right on the points.",
             (labels("h", network, data.points), "=", [*data.labels])),
        data.certificate([network], found),
    )  # fmt: skip


def sharpness() -> Proof:
    """Evaluate the smallest jumps: at a point labelled -1, and at a point labelled +1.

    The same unit with f > 0 and with f >= 1: the edge of a closed and of an open region.
    """
    closed = EXAMPLE
    opened = Instance(closed.data, relu.R_PRIME.network([1], [0], [1]), positive=1, negative=0)
    v = vector([1])
    steps = [jump(i.network, vector([0]), v) for i in (closed, opened)]
    return Proof.of(
        Given("rule $h_1$", closed.network), Given("rule $h_2$", opened.network),
        step("The jump of $x>0$ is at $0$, labelled -1, and that of $x\\geq1$ at $1$, labelled "
             "+1.", (value("f_1(0)", closed.network, (steps[0],)), "=", 0),
             (value("f_2(1)", opened.network, (steps[1],)), "=", 1),
             (labels("h_1", closed.network, [(steps[0],)]), "=", -1),
             (labels("h_2", opened.network, [(steps[1],)]), "=", 1)),
        *prove(closed).certificates, *prove(opened).certificates,
    )  # fmt: skip


def symbolic() -> Symbolic:
    """Prove that a convex function that has risen to its level rises on, for all numbers."""
    f, level, t = sympy.symbols("f a t")
    beyond = level + (level - f) * t
    yield identity(
        r"Let $f(z)=a$ lie between a smaller value $f(x)$ and the value beyond. Convexity puts "
        r"$f(z+t(z-x))$ above the line through the first two, which is above $a$.",
        r"a=sf+(1-s)(a+t(a-f)),\ s=t/(1+t)",
        "all numbers with $t>0$", t / (1 + t) * f + beyond / (1 + t), level,
    )  # fmt: skip


AS_PRINTED = Counterexample(
    r"No rule that is right on both labels is continuous. On $S=\{(0,-1),(1,+1)\}$ the class $R$ "
    r"rule $\mathrm{relu}(x)>0$ is right and jumps at $0$.",
    EXAMPLE,
    refute_printed,
    draw_printed,
)


# The sharp form on continuous rules: on a line, exactly the constant ones.
COVERING, GAPS, POINTS = "cells that cover the line", "cells with gaps", "single points"
NEAR = Fraction(1, 2**40)


def draw_continuous(rng: Random, case: str) -> tuple[CellRule, LabelledSet]:
    """Return intervals that meet, or with gaps, or single points, and up to three points."""
    ends = sorted(rng.sample(range(-6, 7), rng.randint(1, 4)))
    open_ends = rng.random() < 0.5
    if case == POINTS:
        cells = [_between(end, end, False) for end in ends]
    else:
        cells = [Cell.of([[1]], [ends[0]], open_ends)]
        cells += [_between(low, high, False) for low, high in pairwise(ends)]
        cells.append(Cell.of([[-1]], [-ends[-1]], False))
        if case == GAPS:
            cells.pop(rng.randrange(len(cells)))
    labels = (1, -1) if rng.random() < 0.5 else (-1, 1)
    return CellRule(tuple(cells), *labels), small.labelled_set(rng, 1, rng.randint(1, 3))


def _between(low: int, high: int, strict: bool) -> Cell:
    return Cell.of([[1], [-1]], [high, -low], strict)


def edges(rule: CellRule) -> list[Fraction]:
    """Return the places at which the label can change, in order."""
    return sorted(
        {c / a[0] for cell in rule.cells for a, c in zip(cell.matrix, cell.right_side, strict=True)}
    )


@theorem.sharp((COVERING, GAPS, POINTS), draw_continuous)
def decide(rule: CellRule, data: LabelledSet) -> Proof:
    """Compare the label at each edge with those beside it, and with those everywhere."""
    places = edges(rule)
    apart = min([b - a for a, b in pairwise(places)], default=Fraction(1))
    near = min(NEAR, apart / 2)  # the label is constant between two edges
    beside = [(z - near, z, z + near) for z in places]
    continuous = all(len({rule.label((x,)) for x in around}) == 1 for around in beside)
    middles = [(a + b) / 2 for a, b in pairwise(places)]
    everywhere = [places[0] - 1, *places, *middles, places[-1] + 1]
    constant = len({rule.label((x,)) for x in everywhere}) == 1
    found = [accurate_rules.rule(data, owner, constant=True) for owner in accurate_rules.OWNERS]
    right = next((one for one, _ in found if one is not None), None)
    stated = [facts.label(0, (x,), rule.label((x,))) for around in beside for x in around]
    if constant:
        start: Vector = (places[0] - 1,)
        stated += [facts.keeps(0, start, (Fraction(sign),)) for sign in (1, -1)]
    shown = [facts.certificate([rule], stated)]
    if right is not None:
        shown.append(data.certificate([right], [facts.accurate(0)]))
    else:
        shown += [certificate for _, certificate in found]
    return Proof.of(
        step("The label is the same on both sides of each edge and at it exactly when it is "
             "the same everywhere.", (int(continuous), "=", int(constant))),
        step("A constant rule is right on the set exactly when it has one label.",
             (int(right is not None), "=", int(len(set(data.labels)) == 1))),
        *shown,
    )  # fmt: skip


def draw_separated(rng: Random) -> tuple[LabelledSet, LinearRule]:
    """Return two or three small points on a line and a small rule."""
    rule = LinearRule(small.vector(rng, 1), Fraction(rng.randint(-6, 6), 2))
    return small.labelled_set(rng, 1, rng.randint(2, 3)), rule


@theorem.overstated((LabelledSet.of([[0], [1]], [-1, 1]), LinearRule.of([2], -1)), draw_separated)
def refute_locally(data: LabelledSet, rule: LinearRule) -> Refutation | None:
    """Refute that a rule that is continuous at all points of the set cannot have both labels."""
    if not rule.separates(data) or len(set(data.labels)) < 2:
        return None
    return Refutation.of(
        "The rule is constant around each point of the set, since none is on the boundary, and "
        "right on both labels.",
        step("Every margin is positive.", (least_margin(r"\min_i m_i", rule, data), ">", 0)),
        step(
            "Both labels occur.",
            (least(r"\min_iy_i", data.labels), "=", -1),
            (greatest(r"\max_iy_i", data.labels), "=", 1),
        ),
        data.certificate([rule], [facts.accurate(0)]),
    )


CLAIM = theorem(
    __name__, without={"as printed": AS_PRINTED}, cases=relu_rules.CASES, draw=thm_2_informal.draw
)
