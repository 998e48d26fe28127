r"""Corollary 6: One step size at which every separator loses a point

Printed: For any $h\in\mathcal{H}_S$, there is some $(x,y)\in S$ such that for all
    $c>(\sum_{i=1}^N\alpha_i)^{-1}$, $h(x-cyw^*)\neq h(x)$.
Statement: Let $S$ be finite and separable with both labels and $\alpha$ as in Lemma 3. For every
    linear rule $h$ that is right on $S$ there is $(x,y)\in S$ with $h(x-cyw^*)\neq y$ for all
    $c>1/\sum\alpha_i$.
Verdict: true. True for every $\alpha$ as in Lemma 3; the constant is smallest, and is $\gamma^*$,
    for multipliers on points of minimal margin.
Reading: $S$ is the finite list of Section 3 with both labels, since it has a max-margin rule $w^*$
    and $\alpha$ is any vector as in Lemma 3; the sign of $0$ is fixed for each rule.
Needs both labels: Some point is labelled +1 and some point -1.
Needs finite: The set is finite.
Needs accurate: The rule is right on every point of the set.
    Without it: The reversed rule gives every point of the set its label once the step is long.
Sharp: If $S$ is finite, some linear rule is right on it and both labels occur, then along $w^*$
    every linear rule that is right on $S$ loses some point at the step $c$ exactly when
    $c\ge\gamma^*$, the endpoint included, and some point of each label exactly when
    $c\ge2\gamma^*$. No other unit direction does the first with $c\le\gamma^*$, or the second with
    $c\le2\gamma^*$: for both the least steps over all unit directions are those along $w^*$, and
    along no other one.
    Rests on: Coq in part cor_6. At $c=\gamma^*=1/\sum\alpha_i$ the $m_i-c\,w\cdot w^*$ average to
        $0$ with the weights $\alpha_i$, so one is at most $0$, and if none is below, the boundary
        holds points of both labels. For the labels, $2\gamma^*w^*$ leads from one nearest point to
        the other, and shorter steps leave the hulls apart. For a unit $v\neq w^*$ the rule $h^*$
        loses nothing at $c\,w^*\cdot v<\gamma^*$, nor a point of one label at $c\,w^*\cdot
        v<2\gamma^*$ when its boundary is moved towards the other.
    Overstated: From $\gamma^*$ on every accurate rule loses some point, but not one of each label:
        on $0$ labelled -1 and $1$ labelled +1 some rule keeps $+1$ at $1-\frac12$.
Quantifier: for all strict separators at once, by the multipliers, and sharp by one of them; with
    points on the boundary $w\cdot u>0$ for all rules at once, the rest by step 3; also evaluated on
    sampled and extreme separators
Uses: charles-lem-3, charles-thm-5
The idea: Take the step to be half the width of the widest strip, $\gamma^*$. Whatever accurate
    linear rule you meet, some point of the data does not survive that step.
Why it is true: Over the step $1/\sum\alpha_i$ along $w^*$ every margin of the rule falls by the
    same amount, the average of its margins with the weights $\alpha_i$, which is positive by
    Theorem 4 even where the rule owns a point on its boundary. The least margin is at most that
    average, so the point with the least margin is the first to reach the boundary, no later than at
    $1/\sum\alpha_i$. That is $\gamma^*$ exactly when only points nearest to the boundary of the
    max-margin rule carry weight.
Before you use it: *Some* point, and which one depends on the rule. Doubling the step to $2\gamma^*$
    costs every accurate rule a point of each label. This is what is special about the max-margin
    direction: along no other one is a step as short as $\gamma^*$ enough, since the max-margin rule
    itself keeps every label then. For a step that costs every rule *every* point, read on to [the
    remark](charles-cor-6-remark.html).
"""

from dataclasses import dataclass
from fractions import Fraction
from random import Random

import sympy

from certify import certificates, linear_program
from certify.certificates import facts
from certify.certificates.certificate import Certificate
from certify.numbers.rationals import Vector, combine, dot
from verify.claims.charles2019.shared import separators
from verify.claims.charles2019.shared.labelled import labelled, labels
from verify.claims.charles2019.shared.separators import Instance, LargestMargin
from verify.claims.charles2019.sharp import accurate_rules
from verify.claims.charles2019.without import infinite_sets, one_label
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
    mixture,
    named,
    step,
    theorem,
)
from verify.claims.relation import number
from verify.drawing import labelled_sets, numbers, small
from verify.objects import LabelledSet, LinearRule

BEYOND = Fraction(1, 8)


def prove(instance: Instance) -> Proof:
    """Evaluate the smallest flipping step of every separator against gamma*."""
    data, largest = instance.data, LargestMargin(instance.data)
    a, u = largest.multipliers, largest.direction
    c = separators.shortest_step(a)
    threshold = 1 / sum(a, Fraction(0))
    first, landed, lost = [], [], Relations()
    for rule in instance.separators:
        margins, rate = rule.margins(data), separators.slope(rule, largest)
        k = margins.index(min(margins))
        first.append(computed(rf"m_{{{k + 1}}}/(w\cdot u)", "m / s", m=min(margins), s=rate))
        x, y = data.points[k], data.labels[k]
        after = y * rule.value(combine((1, x), (-y * threshold, u)))
        landed.append(
            Named(
                rf"y(w\cdot(x_{{{k + 1}}}-ycu)+b)",
                after,
                computed("", "m - c * s", m=margins[k], c=threshold, s=rate).numbers,
            )
        )
        beyond = combine((1, x), (-y * (threshold + BEYOND), u))
        changed = labelled(rf"h(x_{{{k + 1}}}-y(c+\frac18)u)", rule, beyond)
        lost.append((changed, "=", named("-y", -y)))
    best = largest.rule
    growing = accurate_rules.growing(data, u, a)
    return Proof.of(
        *separators.objects(largest), Given("max-margin rule $h^*$", best),
        step(r"In the scale of $u$ the multipliers sum to $2$, so the step $1/\sum\alpha_i$ is "
             r"$\frac12$, which is $\gamma^*$ along $w^*$.",
             (c, "=", Fraction(1, 2)),
             (computed(r"4\gamma^{*2}", "4 * g", g=largest.answer.margin_squared), "=",
              inner("|u|^2", u, u))),
        step(r"$w\cdot u/\sum\alpha_i$ is an average of margins, so the least margin is no larger: "
             r"some point of $S$ needs a step of at most $1/\sum\alpha_i$.", (first, "<=", c)),
        step(r"At that step the point has reached the boundary or passed it, and beyond it, here "
             r"by $1/8$, its label has changed.", (landed, "<=", 0), *lost),
        step(r"The max-margin rule $h^*$ needs the step $\gamma^*$ at every support vector, and no "
             "less at any point.",
             (separators.least_margin(r"\min_im_{h^*}(x_i)", best, data), "=", 1),
             (inner(r"w_{h^*}\cdot u", best.normal, u), "=", 2),
             (computed(r"\min_im_{h^*}(x_i)/(w_{h^*}\cdot u)", "m / s", m=min(best.margins(data)),
                       s=separators.slope(best, largest)), "=", c)),
        certificates.some_point_flips(data, u, a, best), *growing,
    )  # fmt: skip


EXAMPLE = Instance(
    LabelledSet.of([[0, 0], [0, 1], [1, 1]], [-1, 1, 1]), (LinearRule.of([3, 1], "-1/2"),), ()
)


def draw_any_rule(rng: Random) -> tuple[LabelledSet, LinearRule]:
    """Return up to four points with both labels and any rule, all small."""
    d = rng.randint(1, 2)
    return small.both_labels(rng, d, rng.randint(2, 4)), small.rule(rng, d)


@theorem.without(
    "accurate", (LabelledSet.of([[0], [1]], [-1, 1]), LinearRule.of([-1], 0)), draw_any_rule
)
def refute_any_rule(data: LabelledSet, rule: LinearRule) -> Refutation | None:
    """Refute when every point of the set has its label at some step beyond the bound.

    Beyond the bound the label of a linear rule is constant before and after the crossing, so one
    step in each part decides.
    """
    largest = LargestMargin(data)  # raises InputError when no rule is right
    a, u = largest.multipliers, largest.direction
    bound = 1 / sum(a, Fraction(0))
    slope = dot(rule.normal, u)
    found = []
    for x, y in data.pairs:
        crossing = y * rule.value(x) / slope if slope else bound
        steps = [max(crossing, bound) + 1, *([(bound + crossing) / 2] if crossing > bound else [])]
        moved = [(c, combine((1, x), (-y * c, u))) for c in steps]
        shown = next(((c, z) for c, z in moved if rule.label(z) == y), None)
        if shown is None:
            return None
        found.append((shown[1], y, shown[0]))
    return Refutation.of(
        "Every point of the set has its own label at some step beyond the bound.",
        Named("u", u), Named(r"\alpha", a),
        step(r"All of these steps exceed $1/\sum\alpha_i$, which is $\frac12$ in units of $u$.",
             (named("c_#", [c for *_, c in found]), ">", separators.shortest_step(a))),
        step("The labels there are those of the set.",
             ([labelled(r"h(x_#-y_#c_#u)", rule, z) for z, *_ in found], "=",
              named("y_#", [y for _, y, _ in found]))),
        certificates.some_point_flips(data, u, a, largest.rule),
        facts.certificate([rule], [facts.label(0, z, y) for z, y, _ in found]),
    )  # fmt: skip


def sharpness() -> Proof:
    """Evaluate both constants: gamma* for some point, 2 gamma* for some point of each label."""
    data = EXAMPLE.data
    largest = LargestMargin(data)
    u, best = largest.direction, largest.rule
    short = Fraction(9, 10)
    rules = {y: rule_that_keeps_label(data, u, y, short) for y in (1, -1)}
    kept = [
        (i, combine((1, x), (-y * short, u)), y)
        for i, y in enumerate(rules) for x, label in data.pairs
        if label == y
    ]  # fmt: skip
    p, q = largest.nearest_points
    return Proof.of(
        Given("data", data),
        Named("u", u), Named("p", p), Named("q", q),
        Given("max-margin rule", best),
        Given("accurate rules", tuple(rules.values())),
        step(r"Below $\gamma^*$, here at four tenths of $u$, the max-margin rule keeps every "
             "label.",
             ([computed(r"m_#-\frac25w\cdot u", "m - c * s", m=m, c=Fraction(2, 5),
                        s=separators.slope(best, largest)) for m in best.margins(data)], ">", 0)),
        step(r"At $2\gamma^*$ the nearest points coincide: $p-u=q$.",
             (mixture("p-u", (1, p), (-1, u)), "=", named("q", q))),
        step(r"Below $2\gamma^*$, here at nine tenths, accurate rules keep all labels of one "
             r"kind: $h_1$ at $x-\frac9{10}u$ for $y=1$, $h_2$ at $x+\frac9{10}u$ for $y=-1$.",
             *((labelled(rf"h_{{{i + 1}}}{number(z)}", list(rules.values())[i], z), "=",
                named("y", y)) for i, z, y in kept)),
        certificates.some_point_flips(data, u, largest.multipliers, best),
        *(no_rule_keeps_label(data, u, y) for y in (1, -1)),
        data.certificate(
            list(rules.values()),
            [facts.accurate(0), facts.accurate(1), *(facts.label(i, z, y) for i, z, y in kept)]
        ),
    )  # fmt: skip


def with_moved(data: LabelledSet, u: Vector, label: int, c: Fraction) -> LabelledSet:
    """Return the data together with the points of one label moved by -c y u, labels kept."""
    return accurate_rules.moved(data, combine((c, u)), accurate_rules.of_label(data, label))


def rule_that_keeps_label(data: LabelledSet, u: Vector, label: int, c: Fraction) -> LinearRule:
    """Return a rule that is right on the data and keeps the label of all these points at step c."""
    return LargestMargin(with_moved(data, u, label, c)).rule


def no_rule_keeps_label(data: LabelledSet, u: Vector, label: int) -> Certificate:
    """Certify that no rule has margins >= 1 on the data and >= 0 on the points moved by u."""
    moved = with_moved(data, u, label, Fraction(1))
    rows = [(*(-y * z for z in x), -y) for x, y in moved.pairs]
    bounds = [-1] * len(data.labels) + [0] * (len(moved.labels) - len(data.labels))
    return linear_program([0] * (data.dimension + 1), (rows, bounds)).certificate


def symbolic() -> Symbolic:
    """Prove that a weighted average is no less than its smallest term, term by term."""
    a, gaps, ones = matrices("a g 1", "n")
    smallest = sympy.Symbol("gamma")
    yield identity(
        r"With $m_i=\gamma_h+g_i$ the surplus is a sum of terms that are nonnegative where "
        r"$\alpha_i\ge0$ and $g_i\ge0$.",
        r"\sum\alpha_im_i-\gamma_h\sum\alpha_i=\sum\alpha_ig_i",
        "any number of points",
        a.T * (smallest * ones + gaps) - smallest * a.T * ones,
        a.T * gaps,
    )


# The sharp form of Corollary 6: both constants and the best direction, decided from both sides.
# Whether every accurate rule loses a point is decided by looking for a rule that loses none:
# three linear programs, one for each label that a boundary can have. The other side compares
# lengths.
HALF = Fraction(1, 2)
ENDPOINTS, NEAR, OTHER = "at the two constants", "near them", "another direction"


@dataclass(frozen=True)
class Step:
    """A separable set with both labels, a direction, and a step along it in multiples of it."""

    data: LabelledSet
    direction: Vector
    step: Fraction


def draw_steps(rng: Random, case: str) -> Step:
    """Return a set with a step along u near the two constants, or along a vector as long as u."""
    data = separators.draw_data(rng)
    u = LargestMargin(data).direction
    if case == OTHER:
        mirror = numbers.nonzero_vector(rng, data.dimension)
        along = combine((1, u), (-2 * dot(u, mirror) / dot(mirror, mirror), mirror))
        return Step(data, along, HALF - rng.choice((0, 0, 1, 2)) * Fraction(1, 10))
    c = rng.choice((HALF, Fraction(1)))
    if case == NEAR:
        c += Fraction(rng.randint(-6, 6), 16)
    return Step(data, u, c)


@theorem.sharp((ENDPOINTS, NEAR, OTHER), draw_steps)
def decide(instance: Step) -> Proof:
    """Look for a rule that keeps all labels at the step, and for one that keeps those of a label.

    The step c along u is c |u| = 2 c gamma* along w*.
    """
    data, c = instance.data, instance.step
    u, shift = LargestMargin(data).direction, combine((c, instance.direction))
    square, length = dot(u, u), dot(shift, shift)
    kept, proofs = accurate_rules.keeping(data, shift, accurate_rules.of_label(data, 1, -1))
    answer = LargestMargin(data).answer.certificate
    if instance.direction != u:
        # |shift| <= gamma* = |u| / 2 and not along u: the max-margin rule itself keeps all labels,
        # and with its boundary moved towards the other label those of one along twice the shift.
        best = LargestMargin(data).rule
        twice = combine((2, shift))
        one = [accurate_rules.keeping(data, twice, accurate_rules.of_label(data, y))
               for y in (1, -1)]  # fmt: skip
        return Proof.of(
            step("Some accurate rule keeps every label.",
                 (named(r"[\text{some rule}]", int(kept is not None)), "=", 1)),
            step(r"The direction is another one, and no step is longer than $\gamma^*$.",
                 (named("v", instance.direction), "!=", named("u", u)),
                 (computed("4|cv|^2", "4 * l", l=length), "<=", named("|u|^2", square))),
            step("The max-margin rule is such a rule.",
                 (named("m_#", [*best.margins(data)]), ">",
                  inner(r"w\cdot cv", best.normal, shift))),
            step(r"At twice the step, no longer than $2\gamma^*$, some accurate rule keeps all "
                 "labels of one kind, for either.",
                 (named(r"[\text{some rule}]", [int(rule is not None) for rule, _ in one]),
                  "=", 1)),
            answer, *proofs, *(proof for _, found in one for proof in found),
        )  # fmt: skip
    by_label = [
        accurate_rules.keeping(data, shift, accurate_rules.of_label(data, y)) for y in (1, -1)
    ]
    return Proof.of(
        step(r"No accurate rule keeps all labels exactly when $c\ge\gamma^*$.",
             (named(r"[\text{no rule}]", int(kept is None)), "=",
              named(r"[4|cu|^2\ge|u|^2]", int(4 * length >= square)))),
        step(r"None keeps all of one label exactly when $c\ge2\gamma^*$.",
             (named(r"[\text{no rule}]", [int(rule is None) for rule, _ in by_label]), "=",
              named(r"[|cu|^2\ge|u|^2]", int(length >= square)))),
        answer, *proofs, *(proof for _, found in by_label for proof in found),
    )  # fmt: skip


@dataclass(frozen=True)
class Along:
    """A labelled set and a step along u, in multiples of it."""

    data: LabelledSet
    step: Fraction


def draw_small(rng: Random) -> Along:
    """Return two or three small points with both labels, and a step along u in quarters of it."""
    data = small.both_labels(rng, rng.randint(1, 2), rng.randint(2, 3))
    return Along(data, Fraction(rng.randint(1, 6), 4))


@theorem.overstated(Along(LabelledSet.of([[0], [1]], [-1, 1]), HALF), draw_small)
def refute_each_label(instance: Along) -> Refutation | None:
    """Refute that from gamma* on every accurate rule loses a point of each label."""
    data, c = instance.data, instance.step
    largest = LargestMargin(data)  # raises InputError when no rule is right
    if c < HALF:
        return None
    shift = combine((c, largest.direction))
    positive = accurate_rules.of_label(data, 1)
    kept, proofs = accurate_rules.keeping(data, shift, positive)
    if kept is None:
        return None
    after = [combine((1, data.points[i]), (-1, shift)) for i in positive]
    return Refutation.of(
        r"The step is at least $\gamma^*$, and a rule that is right on every point keeps all "
        "points labelled +1.",
        Given("rule", kept), Named("u", largest.direction),
        step(r"In units of $u$ the step is at least $1/2$.", (named("c", c), ">=", HALF)),
        step("The rule is right on all points.",
             (labels("h", kept, data.points), "=", [*data.labels])),
        step("It keeps the label of every point labelled +1, at $x-cu$.",
             (labels("h", kept, after), "=", 1)),
        largest.answer.certificate,
        *proofs,
    )  # fmt: skip


CLAIM = theorem(
    __name__,
    without={"both labels": one_label.COUNTEREXAMPLE, "finite": infinite_sets.NO_MULTIPLIERS},
    cases=labelled_sets.CASES,
    draw=separators.draw,
)
