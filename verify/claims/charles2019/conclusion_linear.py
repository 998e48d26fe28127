r"""Section 8: The results on networks are not derived for linear classifiers only

Printed: Second, our results are derived only for linear classifiers, and could be studied from a
    kernel perspective as well.
    Refuted: $|x|\geq1$ is right on $-1$ and $1$, labelled +1, and $0$, labelled -1, as no linear
        rule is, and Theorem 15 turns it.
Statement: Theorem 15 says something where no linear rule is right: if a point labelled -1 lies
    between points labelled +1, every network of class $R'$ that is right on the set is turned along
    $x_+-x_-$ at all its points labelled -1, and none of these is a linear rule.
Verdict: false as stated. The results of Sections 3 and 4 are on linear rules; those of Sections 5
    and 6 are on networks as well, and Theorem 15 covers data that no linear rule separates.
Reading: The results are the theorems of the paper, the linear classifiers those of Section 3,
    $\mathrm{sign}(w\cdot x+b)$.
Needs network right on the set: The network is right on all of $S$.
    Without it: The rule $f=0$ says $-1$ everywhere, and no direction turns it.
Sharp: A rule $f\geq a$ or $f>a$ of class $R'$ on a line has the labels of a linear or constant rule
    exactly when its region $\{h=+1\}$ is convex too.
    Rests on: written proof. $\{h=-1\}$ is convex; if $\{h=+1\}$ is too, both are intervals of the
        line that fill it: one is empty, or a point parts two half-lines, and a linear rule with its
        label on the boundary has these labels. The regions of a linear rule are convex.
    Overstated: That $\{h=-1\}$ is convex, as it is for all rules of class $R'$, is not enough:
        $|x|\geq1$.
Quantifier: for all accurate networks at once, by the points $x_+$ and $x_-$; that no linear rule is
    right by a combination of points
Uses: charles-thm-15, charles-lem-14
The idea: The conclusion is too modest. Half of the theorems are on networks and convex regions, and
    some of these networks have labels that no linear rule has.
Why it is true: A linear rule that says +1 at two points says +1 between them. So where a point
    labelled -1 lies between two labelled +1, no linear rule is right. Networks of class $R'$ can
    be, and [Theorem 15](charles-thm-15.html) turns all of them.
Before you use it: What the paper leaves open, and perhaps means, are other networks: signed output
    weights, or more layers, for which these theorems are false or not known. A kernel rule is a
    linear rule of other features, and the theorems on linear rules hold in these; but directions
    there need not come from directions of inputs.
"""

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from random import Random

from certify import separate
from certify.certificates import facts
from certify.numbers.rationals import Vector, combine, dot, vector
from verify.claims.charles2019.shared.labelled import labelled
from verify.claims.charles2019.shared.separators import signed_sum
from verify.claims.charles2019.sharp import accurate_rules, relu_directions
from verify.claims.charles2019.without import relu
from verify.claims.claim import Proof, Refutation, step
from verify.claims.language import Given, theorem
from verify.claims.relation import Named, inner, least, mixture, named, total
from verify.drawing import numbers, small
from verify.objects import LabelledSet, LinearRule, TwoLayerNetwork, changed_step, square

BETWEEN, BESIDE, UNEVEN = "one point between", "more points beside it", "far to one side"
CASES = (BETWEEN, BESIDE, UNEVEN)


def draw(rng: Random, case: str) -> tuple[LabelledSet, TwoLayerNetwork]:
    """Return a point labelled -1 between two labelled +1, perhaps others, and |g.(x - z)| >= t."""
    d = rng.randint(1, 3)
    z, g = numbers.vector(rng, d), numbers.nonzero_vector(rng, d)
    sides = [numbers.positive(rng) * (100 if case == UNEVEN and k else 1) for k in range(2)]
    points = [combine((1, z), (s, g)) for s in (sides[0], -sides[1])]
    beside = []
    for v in numbers.vectors(rng, 2 if case == BESIDE else 0, d):
        beside.append(combine((1, z), (1, v), (-dot(v, g) / square(g), g)))
    data = LabelledSet((z, *points, *beside), (-1, 1, 1, *(-1 for _ in beside)))
    return data, valley(z, g, min(sides) * square(g))


def valley(z: Vector, g: Vector, threshold: Fraction) -> TwoLayerNetwork:
    """Return the rule of class R' with the label +1 where |g.(x - z)| >= t."""
    return TwoLayerNetwork(
        (g, combine((-1, g))), (-dot(g, z), dot(g, z)), vector([1, 1]), threshold, strict=False
    )


def prove(data: LabelledSet, network: TwoLayerNetwork) -> Proof:
    """Show that no linear rule is right, that the network is, and that a difference turns it."""
    low, high, other = data.points[:3]
    v, path = combine((1, high), (-1, low)), relu_directions.difference(data, 1, 0)
    g = network.weights[0]
    share = dot(g, combine((1, low), (-1, other))) / dot(g, combine((1, high), (-1, other)))
    turned = [(x, changed_step(network, x, v)) for x in data.negative]
    found = [facts.changes(0, x, v, c) for x, c in turned if c is not None]
    return Proof.of(
        Named("v", v), named("s", share),
        step("The network is right on the set, and its output weights are not negative.",
             ([labelled("h(x_#)", network, x) for x in data.points], "=",
              [named("y_#", y) for y in data.labels]),
             (least(r"\min_i v_i", network.output), ">=", 0)),
        step(r"$x_1$ lies between $x_2$ and $x_3$, and $w\cdot x+b$ there is a mixture of its "
             "values at the two. So a linear rule that says +1 at both says +1 at $x_1$: none is "
             "right.",
             (named("s", share), ">", 0), (named("s", share), "<", 1),
             (mixture("sx_2+(1-s)x_3", (share, high), (1 - share, other)), "=",
              named("x_1", low))),
        step("$v=x_2-x_1$ turns the network at its points labelled -1.",
             ([labelled("h(x_#+c_#v)", network, combine((1, x), (c or 0, v)))
               for x, c in turned], "=", 1)),
        separate(data.points, data.labels).certificate,
        relu_directions.path_certificate(data, v, path),
        data.certificate([network], [facts.accurate(0), facts.convex(0), *found]),
    )  # fmt: skip


EXAMPLE = (
    LabelledSet.of([[0], [1], [-1]], [-1, 1, 1]),
    TwoLayerNetwork(
        (vector([1]), vector([-1])), vector([0, 0]), vector([1, 1]), Fraction(1), strict=False
    ),
)


def draw_line(rng: Random) -> tuple[LabelledSet, TwoLayerNetwork]:
    """Return two or three small points on a line and a small rule of class R'."""
    return small.labelled_set(rng, 1, rng.randint(2, 3), 2), relu.R_PRIME.draw(rng)


@theorem.as_printed(EXAMPLE, draw_line)
def refute_printed(data: LabelledSet, network: TwoLayerNetwork) -> Refutation | None:
    """Refute by a network that is right where no linear rule is, and that a difference turns."""
    if not network.is_accurate(data) or min(network.output) < 0 or network.threshold <= 0:
        return None
    answer = separate(data.points, data.labels)
    if answer.separable or not data.positive or not data.negative:
        return None
    pair = data.labels.index(1), data.labels.index(-1)
    v = combine((1, data.points[pair[0]]), (-1, data.points[pair[1]]))
    path = relu_directions.difference(data, *pair)
    return Refutation.of(
        "No linear rule is right on the set. A network of class $R'$ is, and Theorem 15 turns it.",
        step("The network is right on the set.",
             ([labelled("h(x_#)", network, x) for x in data.points], "=",
              [named("y_#", y) for y in data.labels])),
        step("A mixture of the points labelled +1 is one of those labelled -1, so no linear rule "
             "is right.",
             (signed_sum(r"\sum\alpha_iy_ix_i", data, answer.multipliers), "=",
              combine((0, data.points[0]))),
             (inner(r"\sum\alpha_iy_i", answer.multipliers, data.labels), "=", 0),
             (least(r"\min_i\alpha_i", answer.multipliers), ">=", 0),
             (total(r"\sum\alpha_i", answer.multipliers), ">", 0)),
        answer.certificate,
        relu_directions.path_certificate(data, v, path),
        data.certificate([network], [facts.accurate(0), facts.convex(0)]),
    )  # fmt: skip


@theorem.without(
    "network right on the set",
    (LabelledSet.of([[0], [1]], [-1, 1]), relu.R_PRIME.network([0], [0], [1])),
    draw_line,
)
def refute_wrong(data: LabelledSet, network: TwoLayerNetwork) -> Refutation | None:
    """Refute when the rule is wrong somewhere, and is not turned at a point labelled -1."""
    if network.is_accurate(data) or not data.positive or not data.negative:
        return None
    x, z = data.negative[0], data.positive[0]
    v = combine((1, z), (-1, x))
    if network.label(x) != -1 or changed_step(network, x, v) is not None:
        return None
    return Refutation.of(
        "The rule is wrong on the set, and no step along the difference changes its label.",
        step("Its label at $x_+$.", (labelled("h(x_+)", network, z), "=", -1)),
        facts.certificate([network], [facts.label(0, x, -1), facts.keeps(0, x, v)]),
    )


# The sharp form, on a line: all labels at the places where they can change, and between them.
VALLEY, SLOPE, ANY = "two sides", "one side", "any small network"


def draw_network(rng: Random, case: str) -> TwoLayerNetwork:
    """Return a rule of class R' on a line, with +1 on both sides, on one, or anywhere."""
    drawn = relu.R_PRIME.draw(rng)
    if case == ANY:
        return drawn
    signs = (1, -1) if case == VALLEY else (rng.choice((1, -1)),) * 2
    weights = tuple((s * numbers.positive(rng),) for s in signs)
    output = tuple(numbers.positive(rng) for _ in signs)
    return replace(drawn, weights=weights, biases=small.vector(rng, 2), output=output)


def places(network: TwoLayerNetwork) -> tuple[Vector, ...]:
    """Return points of the line that show all labels: each place of a change, and all between."""
    bends = [-b / w for (w,), b in zip(network.weights, network.biases, strict=True) if w]
    ends = sorted({*bends, Fraction(0)})
    ends = [ends[0] - 1, *ends, ends[-1] + 1]
    found = set(ends)
    for a, b in pairwise(ends):
        low, high = (network.value((t,)) - network.threshold for t in (a, b))
        if low != high:  # beyond the last bends the line goes on
            found.add(a - low * (b - a) / (high - low))
    turns = sorted(found)
    middles = [(a + b) / 2 for a, b in pairwise(turns)]
    return tuple((t,) for t in sorted({*turns, *middles, turns[0] - 1, turns[-1] + 1}))


@theorem.sharp((VALLEY, SLOPE, ANY), draw_network)
def decide(network: TwoLayerNetwork) -> Proof:
    """Compare whether a linear or constant rule has the labels with whether +1 has a gap."""
    points = places(network)
    labels = tuple(network.label(x) for x in points)
    shown = LabelledSet(points, labels)
    tried = [accurate_rules.rule(shown, owner) for owner in accurate_rules.OWNERS]
    same = next((rule for rule, _ in tried if rule is not None), None)
    inside = [i for i, y in enumerate(labels) if y == 1]
    gap = any(labels[i] == -1 for i in range(inside[0], inside[-1])) if inside else False
    proofs = [shown.certificate([network], [facts.accurate(0), facts.convex(0)])]
    if same is None:
        proofs += [certificate for _, certificate in tried]
    else:
        proofs.append(shown.certificate([same], [facts.accurate(0)]))
    return Proof.of(
        step("Some linear or constant rule has the labels exactly when +1 has no gap.",
             (int(same is not None), "=", int(not gap))),
        *proofs,
    )  # fmt: skip


@theorem.overstated(EXAMPLE[1], relu.R_PRIME.draw)
def refute_convex(network: TwoLayerNetwork) -> Refutation | None:
    """Refute that a convex region of -1 makes the rule linear."""
    points = places(network)
    labels = tuple(network.label(x) for x in points)
    middle = next(
        (i for i in range(1, len(labels) - 1)
         if labels[i] == -1 and 1 in labels[:i] and 1 in labels[i:]), None
    )  # fmt: skip
    if middle is None:
        return None
    first, last = labels.index(1), len(labels) - 1 - labels[::-1].index(1)
    chosen = [points[i] for i in (first, middle, last)]
    data = LabelledSet(tuple(chosen), (1, -1, 1))
    return Refutation.of(
        "The region of $-1$ is an interval, and +1 is on both of its sides, as for no linear rule.",
        *(Named(f"x_{i}", x) for i, x in enumerate(chosen, 1)),
        step("The labels in order.",
             ([labelled("h(x_#)", network, x) for x in chosen], "=", [1, -1, 1])),
        data.certificate([network], [facts.accurate(0), facts.convex(0)]),
        separate(data.points, data.labels).certificate,
    )  # fmt: skip


def sharpness() -> Proof:
    """Evaluate a network that is a linear rule, and one that is none."""
    slope, hollow = relu.R_PRIME.network([2], [0], [1]), EXAMPLE[1]
    linear = LinearRule.of([2], -1, 1)
    points = [vector([t]) for t in ("0", "1/2", "1")]
    far = [vector([t]) for t in (-1, 0, 1)]
    data = LabelledSet(tuple(far), (1, -1, 1))
    return Proof.of(
        Given("network of step 1", slope), Given("linear rule", linear),
        *(Named(f"x_{i}", x) for i, x in enumerate(points, 1)), Given("network of step 2", hollow),
        *(Named(rf"x_{i}\text{{ of step 2}}", x) for i, x in enumerate(far, 1)),
        step(r"$\mathrm{relu}(2x)\ge1$ has the labels of the linear rule $2x-1\ge0$.",
             ([labelled("h(x_#)", slope, x) for x in points], "=",
              [labelled(r"\mathrm{sign}(2x_#-1)", linear, x) for x in points])),
        step(r"$|x|\ge1$ has +1 on both sides of $0$, as no linear rule does.",
             ([labelled("h(x_#)", hollow, x) for x in far], "=", [1, -1, 1])),
        facts.certificate([slope, linear], [facts.label(i, x, slope.label(x)) for i in (0, 1)
                                            for x in points]),
        data.certificate([hollow], [facts.accurate(0), facts.convex(0)]),
        separate(data.points, data.labels).certificate,
    )  # fmt: skip


CLAIM = theorem(__name__)
