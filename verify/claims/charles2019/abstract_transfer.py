r"""Abstract: Directions for networks transfer to linear rules

Printed: We further show that adversarial directions for ReLU networks transfer to linear
    classifiers while the reverse need not hold.
Statement: Let $S$ be separable with both labels. Every direction that is adversarial for all
    $h\in\mathcal{R}'_S$ at all their points labelled -1 is so for all $h\in\mathcal{H}_S$. For some
    $S$ the converse is false.
Verdict: true. The directions that the two sentences before promise serve all accurate networks, and
    linear rules are among these. A direction that is adversarial for one network alone need not
    transfer.
Reading: The directions are those of the sentences before, which serve many classifiers at once: all
    accurate ones of a class. As in Section 6, the networks are those of $\mathcal{R}'$, turned at
    their points labelled -1, and $S$ is linearly separable with both labels.
Needs universal direction: The direction serves all $h\in\mathcal{R}'_S$, not just one network.
    Without it: From $0$ the rule $|x|\ge1$, which says -1 there, also changes its label to the
        left, where every accurate linear rule only falls.
Sharp: For a finite linearly separable $S$ with both labels the directions that serve all of
    $\mathcal{R}'_S$ are exactly those from the hull of the points labelled -1 to some point
    labelled +1, at any length, and those that serve all of $\mathcal{H}_S$ are exactly the sums of
    such directions. The two sets agree when only one point is labelled +1.
    Rests on: Coq in part thm_4_exact, sec6_v2, sec6_nontransfer. The directions to one $x_+$ from a
        hull are a convex cone, which sums do not leave.
Quantifier: for all networks, linear rules and points at once, by two combinations of data points;
    also evaluated on sampled linear rules
Uses: charles-R-in-Rprime, charles-thm-15, charles-sec6-nontransfer
The idea: Does a direction that fools networks also fool linear rules? If it fools *every* accurate
    network, yes. If it fools one network, not necessarily.
Why it is true: Every linear rule is a network of class $R'$ with a single unit. So a direction that
    serves all of the class serves the linear ones. The converse fails for three points of the
    plane, below: a direction between two points labelled +1 serves all linear rules, and one
    network does not change along it.
Before you use it: The abstract does not repeat the word: it means the directions of the sentences
    before, and these fool every accurate network. For a direction that fools a single network it
    would be false already on a line: with $0$ labelled -1 and $1$ labelled +1 the network
    $|x|\geq1$ changes its label from $0$ to the left as well, where accurate linear rules only get
    more certain of -1.
"""

from dataclasses import dataclass, replace
from fractions import Fraction
from random import Random

import sympy

from certify import certificates
from certify.certificates import facts
from certify.numbers.rationals import Rows, Vector, combine, dot, vector
from verify.claims.charles2019 import sec6_nontransfer
from verify.claims.charles2019.shared.labelled import labelled, labels, turned
from verify.claims.charles2019.shared.separators import (
    QUERIES,
    LargestMargin,
    draw_rules,
    signed_sum,
)
from verify.claims.charles2019.sharp import direction_decisions, relu_directions
from verify.claims.charles2019.sharp.direction_decisions import R_PRIME, Query
from verify.claims.charles2019.sharp.direction_overstatements import all_sums
from verify.claims.charles2019.sharp.relu_directions import Path
from verify.claims.claim import Proof, Refutation, SharpForm, SymbolicStep, step
from verify.claims.language import Given, Symbolic, inner, least, mixture, named, theorem
from verify.claims.relation import Named, number
from verify.drawing import labelled_sets, numbers, small
from verify.objects import LabelledSet, LinearRule, TwoLayerNetwork, changed_step, is_adversarial


@dataclass(frozen=True)
class Instance:
    """A separable set, linear rules for it, v = (x_+ - sum_j mu_j x_j) / s, and points.

    ``combination`` has one entry for each data point, zero at points labelled +1.
    """

    data: LabelledSet
    separators: tuple[LinearRule, ...]
    positive: int
    combination: Vector
    scale: Fraction
    queries: Rows

    @property
    def path(self) -> Path:
        """The way from the mixture of points labelled -1 to x_+."""
        return Path(self.positive, self.combination, self.scale)


def draw(rng: Random, case: str) -> Instance:
    """Return a separable set of the named case with a direction of Proposition U-relu."""
    data = labelled_sets.separable_set(rng, case)
    rules = draw_rules(rng, data)
    weights = numbers.convex_weights(rng, len(data.negative))
    positive = rng.choice([i for i, y in enumerate(data.labels) if y == 1])
    queries = numbers.vectors(rng, QUERIES, data.dimension)
    combination = relu_directions.spread(weights, data)
    return Instance(data, rules, positive, combination, numbers.positive(rng), queries)


def as_network(rule: LinearRule) -> TwoLayerNetwork:
    """Return the rule relu(w.x + b + 1) > 1, or >= 1 where +1 owns the boundary, of class R'."""
    return TwoLayerNetwork(
        (rule.normal,), (rule.offset + 1,), vector([1]), Fraction(1), strict=rule.zero != 1
    )


def prove(instance: Instance) -> Proof:
    """Read each linear rule as a network with one unit, which the direction turns."""
    data, path, rules = instance.data, instance.path, instance.separators
    v, high = path.direction(data), data.points[path.positive]
    turnable = [
        (rule, as_network(rule), x)
        for rule in rules for x in (*data.points, *instance.queries) if rule.label(x)
    ]  # fmt: skip
    named_rules = [(rules.index(one[0]) + 1, one) for one in turnable]
    starts = [(rule, net, x) for rule, net, x in turnable if rule.label(x) == -1]
    flips = [(rule, x, -rule.value(x) / dot(rule.normal, v) + 1) for rule, _, x in starts]
    ends = enumerate(path.combination)
    multipliers = tuple((a + (i == path.positive)) / path.scale for i, a in ends)
    return Proof.of(
        Named("x_+", high), Named("v", v), Named("s", path.scale), Named(r"\alpha", multipliers),
        step(r"A linear rule $h_k$ is a rule $\mathrm{net}_k$ of class $R'$ with one unit: "
             r"$\mathrm{relu}(w\cdot x+b+1)>1$ exactly where $w\cdot x+b>0$, and the same with "
             r"$\ge$. So $\mathcal{H}_S\subset\mathcal{R}'_S$.",
             *((labels(f"h_{{{k}}}", rule, data.points), "=", [*data.labels])
               for k, rule in enumerate(rules, 1)),
             ([labelled(rf"\mathrm{{net}}_{{{k}}}{number(x)}", net, x)
               for k, (_, net, x) in named_rules], "=",
              [labelled(f"h_{{{k}}}{number(x)}", rule, x)
               for k, (rule, _, x) in named_rules])),
        step(r"$v$ is universal for $\mathcal{R}'_S$: $x_+-sv$ is a mixture of points labelled -1. "
             "So it turns these networks.",
             (mixture("x_+-sv", (1, high), (-path.scale, v)), "=",
              named(r"\sum_j\mu_jx_j", path.start(data))),
             ([turned(rf"\text{{turned}}{number(x)}", net, x, v)
               for _, net, x in starts], "=", 1)),
        step("Hence it turns the linear rules.",
             ([labelled(f"h_{{{rules.index(rule) + 1}}}({number(x)}+{number(c)}v)", rule,
                       combine((1, x), (c, v)))
               for rule, x, c in flips], "=", 1)),
        step(r"In other words, $v=\sum\alpha_iy_ix_i$ with $\alpha\ge0$ and $\sum\alpha_iy_i=0$: "
             "as for all directions that serve the linear rules, it is a sum of differences.",
             (signed_sum(r"\sum\alpha_iy_ix_i", data, multipliers), "=", named("v", v)),
             (least(r"\min_i\alpha_i", multipliers), ">=", 0),
             (inner(r"\sum\alpha_iy_i", multipliers, data.labels), "=", 0)),
        relu_directions.path_certificate(data, v, path),
        *direction_decisions.every_linear_rule(data, v, multipliers),
    )  # fmt: skip


EXAMPLE = Instance(
    LabelledSet.of([[0, 0], [0, 2], [1, 1]], [-1, -1, 1]),
    (LinearRule.of([2, "1/2"], -2),),
    2,
    vector(["1/2", "1/2", 0]),
    Fraction(1),
    (vector([-1, 3]),),
)


def draw_one_network(rng: Random) -> tuple[LabelledSet, TwoLayerNetwork, LinearRule, Vector]:
    """Return points on a line labelled by a small linear rule, a network and a direction."""
    rule = LinearRule(small.vector(rng, 1, 2), small.integer(rng))
    points = tuple(small.vector(rng, 1, 2) for _ in range(rng.randint(2, 3)))
    labels = tuple(1 if rule.value(x) > 0 else -1 for x in points)
    units = rng.randint(1, 2)
    network = TwoLayerNetwork(
        tuple(small.vector(rng, 1, 1) for _ in range(units)),
        small.vector(rng, units, 1), tuple(map(abs, small.vector(rng, units, 1))),
        Fraction(1), rng.random() < 0.5,
    )  # fmt: skip
    return LabelledSet(points, labels), network, rule, small.vector(rng, 1, 1)


@theorem.without(
    "universal direction",
    (
        LabelledSet.of([[0], [1]], [-1, 1]),
        sec6_nontransfer.network([[1], [-1]], Fraction(1)),
        LinearRule.of([2], -1),
        vector([-1]),
    ),
    draw_one_network,
)
def refute_one_network(
    data: LabelledSet, network: TwoLayerNetwork, rule: LinearRule, direction: Vector
) -> Refutation | None:
    """Refute when the direction turns the network at a -1 point and the linear rule at none."""
    v = direction
    right = min(network.output) >= 0 and network.threshold > 0 and network.is_accurate(data)
    if not right or not rule.separates(data) or not data.positive or not data.negative:
        return None
    escapes = [(x, c) for x in data.negative if (c := changed_step(network, x, v)) is not None]
    if not escapes or any(is_adversarial(rule, x, v) for x in data.negative):
        return None
    found = [
        facts.accurate(0), facts.accurate(1), facts.convex(0),
        *(facts.changes(0, x, v, c) for x, c in escapes),
        *(facts.keeps(1, x, v) for x in data.negative),
    ]  # fmt: skip
    return Refutation.of(
        "The direction is adversarial for this one network at a point labelled -1, and for the "
        "linear rule at none.",
        step("The network is right, and $v$ turns it at a point labelled -1.",
             (labels("h", network, data.points), "=", [*data.labels]),
             ([turned(rf"\text{{turned}}{number(x)}", network, x, v) for x, _ in escapes], "=", 1)),
        step(r"The linear rule does not grow along it: $w\cdot v\le0$.",
             (inner(r"w\cdot v", rule.normal, v), "<=", 0)),
        data.certificate([network, rule], found),
    )  # fmt: skip


def refute_one_negative(query: Query) -> Refutation | None:
    """Refute that the sets agree as soon as one point is labelled -1, on a separable set."""
    found = SUMS.refute(query)
    if found is None or len(set(query.data.negative)) != 1:
        return None
    separator = LargestMargin(query.data)  # raises InputError when not separable
    return Refutation.of(
        found.text, *found.objects, *found.steps, *found.certificates, separator.answer.certificate
    )


SUMS = all_sums(
    R_PRIME,
    "Overstated: the sets agree also when one point is labelled $-1$. With $(0,0)$ labelled $-1$ "
    "and $(-1,1)$, $(1,1)$ labelled $+1$ the direction $(0,1)$ serves linear rules only.",
)


def sharpness() -> Proof:
    """Evaluate that the inclusion is strict: the max-margin direction serves linear rules only."""
    data, network = sec6_nontransfer.SMALLEST, sec6_nontransfer.FLAT
    largest = LargestMargin(data)
    a, u = largest.multipliers, largest.direction
    return Proof.of(
        Given("data", data), Given("network", network), Named(r"\alpha", a), Named("u", u),
        step(r"For three points of the plane $u=(0,1)$ is a sum of differences, so it serves all "
             "linear rules.",
             (signed_sum(r"\sum\alpha_iy_ix_i", data, a), "=", named("u", u))),
        step(r"It does not serve all networks: $f=|x_1|$ does not change along it.",
             ([inner(r"w_#\cdot u", w, u) for w in network.weights], "=", 0)),
        certificates.every_separator(data, u, Fraction(0), a),
        relu_directions.refusal_certificate(data, network, u),
    )  # fmt: skip


def symbolic() -> Symbolic:
    """Prove that one unit with the threshold 1 is the linear rule, for all values."""
    t = sympy.Symbol("t", real=True)
    unit = sympy.Max(t + 1, 0).rewrite(sympy.Piecewise)
    yield SymbolicStep(
        "One unit is a linear rule.",
        r"\{t:\mathrm{relu}(t+1)>1\}=\{t:t>0\}",
        "any dimension, with $t$ the value of the linear rule",
        sympy.solveset(unit > 1, t, sympy.S.Reals) == sympy.Interval.open(0, sympy.oo),
    )


CLAIM = theorem(
    __name__,
    sharp=SharpForm(
        direction_decisions.CASES,
        direction_decisions.draw_separable,
        direction_decisions.decide_both,
        replace(SUMS, refute=refute_one_negative),
    ),
    cases=labelled_sets.CASES,
)
