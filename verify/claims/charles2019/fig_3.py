r"""Figure 3: A linear rule, a network, and which direction serves both

Printed: The vector $v_1$ is the adversarial direction for $h_1$ from Theorem 4, and $v_2$ is the
    ReLU adversarial direction Theorem 15 pointing from $x_\alpha$ to $x_\beta$. [In the text:] As
    stated in Corollary 17, the ReLU adversarial direction $v_2$ constructed in the proof of Theorem
    15 transfers to the linear classifier classifier $h_1$. However, the linear classifier
    adversarial direction $v_1$ constructed in the proof of Theorem 4 does not serve as an
    adversarial direction for the -1 labeled points for $h_2$.
Statement: Let the max-margin direction $v_1$ of a finite separable $S$ with both labels lead from
    no mixture of points labelled -1 to a point labelled +1. Then for every $h_1\in\mathcal{H}_S$
    there is $h_2\in\mathcal{R}'_S$ such that $v_1$ turns all points with $h_1=-1$ and none with
    $h_2=-1$, and $v_2=x_+-x_-$ turns all of both, for any two points of $S$ with these labels.
    There is such an $S$ whenever $d\ge2$.
Verdict: true. The picture can be had exactly, with three points and two units.
Reading: The caption and the text that points at it speak of the one linear rule and the one network
    that are drawn, both right on the data; $x_\beta$ and $x_\alpha$ are a point labelled +1 and one
    labelled -1, here called $x_+$ and $x_-$.
Needs two dimensions: $d\ge2$.
    Without it: On a line the max-margin direction is a multiple of any difference of data points.
Needs two points labelled +1: At least two different points are labelled +1.
    Without it: A single point labelled +1 is its own nearest point, so the direction leads from the
        hull of the others to it.
Sharp: Smallest: $(0,0)$ labelled -1, $(1,1)$ and $(-1,1)$ labelled +1, with $h_1$: $x_2>1/2$ and
    $h_2$: $|x_1|\ge1$. It takes $d\ge2$, two different points labelled +1 and two units of $h_2$:
    on a line, and with one point labelled +1, $v_1$ turns every accurate network, and on every set
    all accurate ones with a single unit.
    Rests on: Coq in part fig_3, sec6_nontransfer_otherwise. On a line, and with one point labelled
        +1, $v_1$ leads from the hull of the points labelled -1 to one labelled +1. An accurate rule
        with one unit has the labels of a linear rule.
Quantifier: for all steps along whole rays from sampled points; for all linear rules and networks at
    once where it says that a direction serves a class
Uses: charles-thm-4, charles-cor-17, charles-sec6-nontransfer
The idea: One data set, one linear rule, one network, two directions: the first fools the linear
    rule only, the second fools both.
Why it is true: The first is the max-margin direction of a set for which [the remark after Corollary
    17](charles-sec6-nontransfer.html) builds a deaf network. The second is the difference of two
    data points, by Corollary 17.
Before you use it: On a line it cannot be drawn, and with a single positive point neither. From two
    dimensions on, three points and two units are enough.
"""

from functools import partial
from random import Random

import sympy

from certify.certificates import facts
from certify.numbers.rationals import Rows, combine, dot, vector
from verify.claims.charles2019 import sec6_nontransfer, thm_10
from verify.claims.charles2019.shared import figures
from verify.claims.charles2019.shared.labelled import labels, turned
from verify.claims.charles2019.shared.separators import LargestMargin
from verify.claims.charles2019.sharp import direction_decisions, relu_directions
from verify.claims.claim import Counterexample, Proof, Refutation, SharpForm, step
from verify.claims.language import Given, Symbolic, identity, inner, theorem
from verify.claims.relation import Named, number
from verify.drawing import labelled_sets, small
from verify.drawing.separators import separators, touching
from verify.objects import LabelledSet, LinearRule


def draw(rng: Random, case: str) -> tuple[LabelledSet, LinearRule, int, int, Rows]:
    """Return such a set of the named case with a sampled linear rule and a pair of points."""
    data, queries = sec6_nontransfer.draw(rng, case)
    linear = separators(rng, data, LargestMargin(data).rule, 3)[rng.randint(0, 2)]
    owner = rng.choice((0, 1, -1))  # of the boundary, which then goes through points of the set
    if owner:
        linear = touching(linear, data, owner)
    positive, negative = labelled_sets.pair_of_indices(rng, data)
    return data, linear, positive, negative, queries


def prove(
    data: LabelledSet, linear: LinearRule, positive: int, negative: int, queries: Rows
) -> Proof:
    """Follow both directions from the points labelled -1 under both rules."""
    one = linear
    largest = LargestMargin(data)
    path = relu_directions.difference(data, positive, negative)
    u, v = largest.direction, path.direction(data)
    two = sec6_nontransfer.silent_network(data, u)
    unit = thm_10.rising_unit(two, path.start(data), data.points[path.positive])
    points = (*data.points, *queries)
    ones, twos = ([x for x in points if rule.label(x) == -1] for rule in (one, two))
    flips, others = ([(x, w, -one.value(x) / dot(one.normal, w) + 1) for x in ones] for w in (u, v))
    escapes = [(x, v, thm_10.escape_step(two, unit, x, v)) for x in twos]
    steps = (
        step("The linear rule $h_1$ and the network $h_2$ are right on the data.",
             (labels("h_1", one, data.points), "=", [*data.labels]),
             (labels("h_2", two, data.points), "=", [*data.labels])),
        step(r"$w\cdot v_1>0$ for the max-margin direction $v_1$, which turns $h_1$ at every point "
             "it labels -1.", (inner(r"w\cdot v_1", one.normal, u), ">", 0),
             (labels("h_1", one, [combine((1, x), (c, w)) for x, w, c in flips]), "=", 1)),
        step(r"No unit of $h_2$ grows along $v_1$, which turns none of its points labelled -1.",
             ([inner(r"w_#\cdot v_1", w, u) for w in two.weights], "<=", 0),
             ([turned(rf"\text{{turned}}_{{h_2}}({number(x)},v_1)", two, x, u)
               for x in twos], "=", 0)),
        step(r"$v_2=x_+-x_-$ has $w\cdot v_2>0$ and turns $h_1$ at every point it labels -1.",
             (inner(r"w\cdot v_2", one.normal, v), ">", 0),
             (labels("h_1", one, [combine((1, x), (c, w)) for x, w, c in others]), "=", 1)),
        step(r"Some unit of $h_2$ grows along $v_2$, which turns $h_2$ at every point labelled -1.",
             (inner(rf"w_{{{unit + 1}}}\cdot v_2", two.weights[unit], v), ">", 0),
             (labels("h_2", two, [combine((1, x), (c, w)) for x, w, c in escapes]), "=", 1)),
    )  # fmt: skip
    known = [
        *(facts.accurate(i) for i in (0, 1)), facts.convex(1),
        *(facts.changes(0, *flip) for flip in (*flips, *others)),
        *(facts.keeps(1, x, u) for x in twos),
        *(facts.changes(1, *flip) for flip in escapes),
    ]  # fmt: skip
    return Proof.of(
        Given("network $h_2$", two),
        Named("v_1", u),
        Named("v_2", v),
        *steps,
        data.certificate([one, two], known),
        largest.answer.certificate,
        *direction_decisions.every_linear_rule(data, u, largest.multipliers),
        relu_directions.path_certificate(data, v, path),
    )


EXAMPLE = (sec6_nontransfer.SMALLEST, LinearRule.of([0, 2], -1), 1, 0, (vector(["1/2", "-1/4"]),))


def draw_plane(rng: Random) -> LabelledSet:
    """Return two to four points of the plane with any labels."""
    return small.labelled_set(rng, 2, rng.randint(2, 4))


@theorem.without(
    "two dimensions",
    LabelledSet.of([[0], [1]], [-1, 1]),
    lambda rng: small.labelled_set(rng, 1, rng.randint(2, 4)),
)
def refute_line(data: LabelledSet) -> Refutation | None:
    """Refute for separable points on a line: the direction turns every accurate network."""
    return sec6_nontransfer.refute_over(data) if data.dimension == 1 else None


@theorem.without("two points labelled +1", LabelledSet.of([[0, 0], [0, 1]], [-1, 1]), draw_plane)
def refute_one_positive(data: LabelledSet) -> Refutation | None:
    """Refute for separable data with a single point labelled +1."""
    return sec6_nontransfer.refute_over(data) if len(set(data.positive)) == 1 else None


def refute_two_positive(data: LabelledSet) -> Refutation | None:
    """Refute for separable data in the plane with two different points labelled +1."""
    if data.dimension != 2 or len(set(data.positive)) < 2:
        return None
    return sec6_nontransfer.refute_over(data)


def sharpness() -> Proof:
    """Evaluate the smallest data, where the network has as few units as it can: two."""
    data, network, proof = EXAMPLE[0], sec6_nontransfer.FLAT, prove(*EXAMPLE)
    u = LargestMargin(data).direction
    return Proof.of(
        Given("data", data),
        Given("rule $h_1$", EXAMPLE[1]),
        *proof.objects,
        *proof.steps,
        step("Two units are enough here, and a rule with one unit is linear.",
             ([inner(r"w_#\cdot v_1", w, u) for w in network.weights], "<=", 0)),
        *proof.certificates, relu_directions.refusal_certificate(data, network, u),
    )  # fmt: skip


def symbolic() -> Symbolic:
    """Prove the step at which a linear rule turns, for all numbers."""
    s, g = sympy.symbols("s g")
    yield identity(
        r"With $s=w\cdot x+b$ and $g=w\cdot v$ the value at the chosen step is $g$.",
        r"s+cg=g,\ c=-s/g+1",
        "any dimension", s + (-s / g + 1) * g, g,
    )  # fmt: skip


CLAIM = theorem(
    __name__,
    sharp=SharpForm(
        sec6_nontransfer.SETS,
        sec6_nontransfer.draw_any_set,
        sec6_nontransfer.decide_set,
        Counterexample(
            "Overstated: two different points labelled +1 in the plane are enough. With $(0,0)$ "
            "labelled -1, $(0,1)$ and $(0,2)$ labelled +1 the direction $v_1$ turns every network.",
            LabelledSet.of([[0, 0], [0, 1], [0, 2]], [-1, 1, 1]),
            refute_two_positive,
            draw_plane,
        ),
    ),
    cases=sec6_nontransfer.CASES,
    pictures=partial(
        figures.figure_3, EXAMPLE[0], EXAMPLE[1], sec6_nontransfer.FLAT,
        (vector([0, 1]), vector([1, 1])),
    ),
)  # fmt: skip
