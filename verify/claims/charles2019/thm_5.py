r"""Theorem 5: A step that certainly flips the label

Printed: Fix $h\in\mathcal{H}_S$ with margin $\gamma_h$. Fix $(x,y)$ such that
    $y(\langle w,x\rangle+b)>0$. Then $h(x-cyw^*)\neq h(x)$ for all $c$ satisfying
    $c>\frac{y(\langle w,x\rangle+b)}{\gamma_h\sum_{i=1}^N\alpha_i}$.
Statement: As in Theorem 4, with margin $\gamma_h>0$ and $\alpha$ as in Lemma 3: for all $(x,y)$
    with $h(x)=y$, $h(x-cyw^*)\neq h(x)$ for all $c>m_h(x)/(\gamma_h\sum\alpha_i)$, where
    $m_h(x)=y(w\cdot x+b)$.
Verdict: true. The bound presupposes $\gamma_h>0$: a rule that gives its boundary a label can be
    right on $S$ with margin $0$, and then there is no bound.
Reading: $S$ is the finite list of Section 3 with both labels, since it has a max-margin rule $w^*$
    and $\alpha$ is any vector as in Lemma 3; the sign of $0$ is fixed for each rule; and
    $\gamma_h>0$, since the bound divides by it.
Needs both labels: Some point is labelled +1 and some point -1.
Needs positive margin: $\gamma_h>0$.
    Without it: If $0$ counts as +1, $h=\mathrm{sign}(x)$ is right on $0$ labelled +1 and $-1$
        labelled -1 with margin 0; then $\gamma_h\sum\alpha_i=0$, and the bound is undefined.
Needs correct at the point: $h(x)=y$.
    Without it: A point on the wrong side is moved away from the boundary and keeps its label,
        although its bound is negative.
Sharp: The label changes beyond $m_h(x)/(w\cdot w^*)$ and not before. If $m_h(x)>0$, the bound
    equals this threshold exactly when all points with $\alpha_i>0$ have margin $\gamma_h$. For the
    max-margin rule that is so with the $\alpha$ of the nearest points, and not with every $\alpha$.
    Rests on: Coq in part thm_5. The bound is $m_h(x)/(w\cdot w^*)$ exactly when
        $0=\sum\alpha_i(m_i-\gamma_h)$, whose terms are nonnegative.
    Overstated: Not only the max-margin rule attains the bound: on $(0,0)$ labelled -1 and $(0,1)$
        labelled +1 every linear rule with equal positive margins does.
Quantifier: certified on sampled and extreme separators and on sampled points, each exactly; that
    every separator is turned, for all at once through Theorem 4
Uses: charles-lem-3, charles-thm-4
The idea: Theorem 4 says that the label changes somewhere along $-yw^*$. Theorem 5 says by when.
Why it is true: The margin at $x$ falls at the rate $w\cdot w^*$, so it is zero at $m_h(x)/(w\cdot
    w^*)$. That rate is a weighted sum of margins on the data, hence at least $\gamma_h$ times the
    sum of the weights. Dividing by a smaller number gives a larger, safe step.
Before you use it: The bound divides by the margin of the rule on the data. A rule that touches a
    point has margin zero, and the bound says nothing. At points off the boundary it is attained
    exactly when all points that carry weight have the least margin. The weights of the nearest
    points of the hulls are of this kind for the max-margin rule itself; other weights with the two
    identities of Lemma 3 can lie on points of larger margin.
"""

from dataclasses import dataclass
from fractions import Fraction
from random import Random

import sympy

from certify import certificates
from certify.certificates import facts
from certify.numbers.rationals import Vector, combine, dot, vector
from verify.claims.charles2019.shared import separators
from verify.claims.charles2019.shared.labelled import labelled
from verify.claims.charles2019.shared.separators import Instance, LargestMargin, draw_data
from verify.claims.charles2019.without import one_label
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
    step,
    theorem,
)
from verify.drawing import labelled_sets, numbers, small
from verify.drawing.separators import separators as drawn_separators
from verify.objects import LabelledSet, LinearRule


def prove(instance: Instance) -> Proof:
    """Compare the exact flipping step of every separator and point with the bound."""
    data, largest = instance.data, LargestMargin(instance.data)
    a, u = largest.multipliers, largest.direction
    weight = sum(a, Fraction(0))
    slopes, bounds, flips, found = Relations(), Relations(), Relations(), []
    for rule in (rule for rule in instance.separators if rule.separates(data)):
        smallest, rate = min(rule.margins(data)), separators.slope(rule, largest)
        queries = separators.labelled_queries(rule, instance)
        exact = tuple(margin / rate for margin in rule.margins(queries))
        named_rate = separators.slopes([rule], largest)
        slopes += [(named_rate, "=", separators.sums_of_margins([rule], largest)),
                   (separators.least_margin(r"\gamma_h", rule, data), ">", 0),
                   (named_rate, ">=",
                    computed(r"\gamma_h\sum\alpha_i", "g * a", g=smallest, a=weight))]  # fmt: skip
        for k, (x, y, c) in enumerate(zip(queries.points, queries.labels, exact, strict=True), 1):
            margin = y * rule.value(x)
            if k > len(data.labels):
                bounds.append((labelled(rf"h(x_{{{k}}})", rule, x), "=", named(f"y_{{{k}}}", y)))
            bound = computed(rf"m_h(x_{{{k}}})/(\gamma_h\sum\alpha_i)", "m / (g * a)",
                             m=margin, g=smallest, a=weight)  # fmt: skip
            step_taken = computed("", "m / s", m=margin, s=rate).numbers
            bounds.append((Named(rf"m_h(x_{{{k}}})/(w\cdot u)", c, step_taken), "<=", bound))
            beyond = margin / (smallest * weight) + Fraction(1, 8)
            moved = combine((1, x), (-y * beyond, u))
            flips.append((labelled(rf"h(x_{{{k}}}-y_{{{k}}}c_{{{k}}}u)", rule, moved), "=",
                          named(f"-y_{{{k}}}", -y)))  # fmt: skip
        found.append(certificates.separator_steps(data, rule, queries, u, a, exact))
    return Proof.of(
        *separators.objects(largest),
        step(r"With $\gamma_h=\min_im_i>0$: $w\cdot u=\sum\alpha_im_i\ge\gamma_h\sum\alpha_i$, "
             r"because $w\cdot u-\gamma_h\sum\alpha_i=\sum\alpha_i(m_i-\gamma_h)\ge0$.", *slopes),
        step(r"So the exact flipping step $c=m_h(x)/(w\cdot u)$, with $y=h(x)$ at other points, is "
             r"at most $m_h(x)/(\gamma_h\sum\alpha_i)$.", *bounds),
        step(r"Beyond the bound, here at $c_k=m_h(x_k)/(\gamma_h\sum\alpha_i)+1/8$, the label has "
             "changed.", *flips),
        *found,
    )  # fmt: skip


EXAMPLE = Instance(
    LabelledSet.of([[0, 0], [0, 1], [1, 1]], [-1, 1, 1]),
    (LinearRule.of([3, 1], "-1/2"),),
    (vector([2, -1]),),
)


def draw_boundary(rng: Random) -> tuple[LabelledSet, LinearRule]:
    """Return up to three points with both labels and a rule, all small."""
    d = rng.randint(1, 2)
    data = small.both_labels(rng, d, rng.randint(2, 3))
    return data, small.rule(rng, d, zero=rng.choice((0, 1, -1)))


@theorem.without(
    "positive margin",
    (LabelledSet.of([[0], [-1]], [1, -1]), LinearRule.of([1], 0, 1)),
    draw_boundary,
)
def refute_margin(data: LabelledSet, rule: LinearRule) -> Refutation | None:
    """Refute when the rule is right on every point and has margin 0: the bound divides by it."""
    right = all(rule.label(x) == y for x, y in data.pairs)
    smallest = min(rule.margins(data))
    if not right or smallest != 0:
        return None
    weight = sum(LargestMargin(data).multipliers, Fraction(0))
    product = computed(r"\gamma_h\sum\alpha_i", "g * a", g=smallest, a=weight)
    return Refutation.of(
        "The rule is right on every point, one of them on its boundary, so the bound divides by "
        r"$\gamma_h\sum\alpha_i=0$.",
        Named(r"\alpha", LargestMargin(data).multipliers),
        step(r"$\gamma_h\sum\alpha_i=0$.", (product, "=", 0)),
        data.certificate([rule], [facts.accurate(0)]),
        facts.arithmetic(
            {"margin": smallest, "total": weight}, [(["*", "margin", "total"], "=", "0")]
        ),
    )


@dataclass(frozen=True)
class Mislabelled:
    """A labelled set, a separator of it, and a point with any label and a step."""

    data: LabelledSet
    rule: LinearRule
    point: Vector
    label: int
    step: Fraction


def draw_mislabelled(rng: Random) -> Mislabelled:
    """Return up to three points on a line, a rule, and a labelled point with a step."""
    data = small.both_labels(rng, 1, rng.randint(2, 3))
    return Mislabelled(
        data, small.rule(rng, 1), small.vector(rng, 1), rng.choice((1, -1)),
        Fraction(rng.randint(1, 3)),
    )  # fmt: skip


@theorem.without(
    "correct at the point",
    Mislabelled(
        LabelledSet.of([[-1], [1]], [-1, 1]), LinearRule.of([1], 0), vector([-2]), 1, Fraction(1)
    ),
    draw_mislabelled,
)
def refute_mislabelled(instance: Mislabelled) -> Refutation | None:
    """Refute when the step is beyond the bound and the label of the point stays."""
    data, rule, x, y = instance.data, instance.rule, instance.point, instance.label
    if not rule.separates(data) or rule.label(x) == y or not rule.label(x):
        return None
    largest = LargestMargin(data)
    a, u, c = largest.multipliers, largest.direction, instance.step
    moved = combine((1, x), (-y * c, u))
    bound = y * rule.value(x) / (min(rule.margins(data)) * sum(a, Fraction(0)))
    if c <= bound or rule.label(moved) != rule.label(x):
        return None
    kept = [facts.label(0, z, rule.label(x)) for z in (x, moved)]
    return Refutation.of(
        "The step is beyond the bound, which is negative for a point that the rule labels "
        r"otherwise, and $-yu$ only leads away from the boundary.",
        *separators.objects(largest),
        step("The step is beyond the bound.",
             (named("c", c), ">", computed(r"m_h(x)/(\gamma_h\sum\alpha_i)", "m / (g * a)",
                                           m=y * rule.value(x), g=min(rule.margins(data)),
                                           a=sum(a, Fraction(0))))),
        step("The label has not changed.",
             (labelled("h(x-ycu)", rule, moved), "=", labelled("h(x)", rule, x))),
        certificates.every_separator(data, u, Fraction(0), a),
        data.certificate([rule], [facts.accurate(0), *kept]),
    )  # fmt: skip


def sharpness() -> Proof:
    """Evaluate the bound as attained by the max-margin rule, and the strict sign in it.

    With multipliers on a point of larger margin the max-margin rule does not attain it.
    """
    data = EXAMPLE.data
    largest = LargestMargin(data)
    a, u, best = largest.multipliers, largest.direction, largest.rule
    margins, rate = best.margins(data), separators.slope(best, largest)
    steps = [m / rate for m in margins]
    x, owner = data.points[1], LinearRule(best.normal, best.offset, 1)
    landed = combine((1, x), (-steps[1], u))
    line, other = LabelledSet.of([[-1], [1], [3]], [-1, 1, 1]), vector([1, 0, 1])
    widest, far = LinearRule.of([1], 0), vector([4])
    return Proof.of(
        Given("data", data),
        Given("$h$, the max-margin rule", best),
        Named(r"\alpha", a), Named("u", u),
        Given("data of step 3", line), Given("$h$ of step 3, the max-margin rule", widest),
        Named(r"\alpha\text{ of step 3}", other),
        step("For the max-margin rule and weights on points of least margin the exact step equals "
             "the bound at every point.",
             ([Named(r"m_#/(w\cdot u)", c, computed("", "m / s", m=m, s=rate).numbers)
               for m, c in zip(margins, steps, strict=True)], "=",
              [computed(r"m_#/(\gamma_h\sum\alpha_i)", "m / (g * a)", m=m, g=min(margins),
                        a=sum(a, Fraction(0))) for m in margins])),
        step(r"At the bound itself a point labelled +1 lands on the boundary and keeps its "
             r"label if $0$ counts as +1.",
             (separators.value_at(r"w\cdot(x_2-c_2u)+b", owner, landed), "=", 0),
             (labelled("h(x_2-c_2u)", owner, landed), "=", 1)),
        step(r"On a line $\alpha=(1,0,1)$ balances the classes as well and gives $u=4$, a multiple "
             r"of $w^*=1$. For this $\alpha$ the bound is larger than the exact step.",
             (separators.signed_sum(r"\sum\alpha_iy_ix_i", line, other), "=", named("u", far)),
             (inner(r"\sum\alpha_iy_i", other, line.labels), "=", 0),
             (computed(r"m_1/(w\cdot u)", "m / s", m=1, s=4), "<",
              computed(r"m_1/(\gamma_h\sum\alpha_i)", "m / (g * a)", m=1, g=1, a=2))),
        certificates.separator_steps(data, best, data, u, a, tuple(steps)),
        certificates.separator_steps(line, widest, line, far, other, vector(["1/4", "1/4", "3/4"])),
        data.certificate([owner], [facts.accurate(0), facts.label(0, landed, 1)]),
    )  # fmt: skip


def symbolic() -> Symbolic:
    """Prove the value after a step for both labels and all numbers."""
    w, x, u = matrices("w x u", "d")
    (b,), c = matrices("b"), sympy.Symbol("c")
    for y in (1, -1):
        margin, after = (y * (w.T * p + b) for p in (x, x - c * y * u))
        yield identity(
            "The margin falls by the step times the slope.",
            r"y(w\cdot(x-cyu)+b)=m_h(x)-c\,(w\cdot u)",
            f"all dimensions, label {y:+d}", after, margin - c * w.T * u,
        )  # fmt: skip
    m, a, ones = matrices("m a 1", "n")
    gamma = sympy.Symbol("gamma")
    yield identity(
        "The sum of the weighted margins exceeds the bound by the weighted excesses.",
        r"\sum\alpha_im_i-\gamma_h\sum\alpha_i=\sum\alpha_i(m_i-\gamma_h)",
        "any number of points", a.T * m - gamma * a.T * ones, a.T * (m - gamma * ones),
    )  # fmt: skip


# The sharp form of Theorem 5: the exact threshold, and when the printed bound is attained.
BEST, TILTED, OTHER = "max-margin rule", "equal margins on the support", "any separator"
FARTHER = "max-margin rule, multipliers on farther points"


def draw_sets(rng: Random, case: str) -> tuple[LabelledSet, LinearRule, Vector, Vector]:
    """Return a set with a separator, multipliers of its max-margin direction, and a free point.

    The separator is the best one, a tilted one, or another. The tilted rule gives all points that
    carry multipliers the least margin: it is the best rule plus a little of a normal that is level
    on them and has no offset there, where there is one.
    """
    data = draw_data(rng)
    largest = LargestMargin(data)
    rule, a = largest.rule, largest.multipliers
    if case == OTHER:
        rule = drawn_separators(rng, data, rule, 3)[rng.randint(1, 2)]
    if case == TILTED:
        data, rule = lifted(rng, data, rule)
    if case == FARTHER:
        data, a = farther(data, numbers.positive(rng))
    x = numbers.vector(rng, data.dimension)
    while not rule.value(x):
        x = numbers.vector(rng, data.dimension)
    return data, rule, a, x


def farther(data: LabelledSet, t: Fraction) -> tuple[LabelledSet, Vector]:
    """Return the set with each point labelled +1 once more, at x + t u, and multipliers there.

    They replace those of the points labelled +1: the signed sum is (1 + t) u, divided by 1 + t.
    """
    largest = LargestMargin(data)
    copies = tuple(combine((1, x), (t, largest.direction)) for x in data.positive)
    pairs = list(zip(largest.multipliers, data.labels, strict=True))
    kept = (Fraction(0) if y == 1 else a / (1 + t) for a, y in pairs)
    replaced = (a / (1 + t) for a, y in pairs if y == 1)
    more = LabelledSet(data.points + copies, data.labels + (1,) * len(copies))
    return more, (*kept, *replaced)


def lifted(rng: Random, data: LabelledSet, best: LinearRule) -> tuple[LabelledSet, LinearRule]:
    """Return the set in one dimension more, and the best rule tilted into it.

    The points that carry multipliers stay at height 0. The others are lifted to one side at which
    the tilted rule gains, so that the least margins are as before.
    """
    carried = LargestMargin(data).multipliers
    heights = [Fraction(0) if a else y * numbers.positive(rng)
               for a, y in zip(carried, data.labels, strict=True)]  # fmt: skip
    points = tuple((*x, h) for x, h in zip(data.points, heights, strict=True))
    tilted = LinearRule((*best.normal, numbers.positive(rng)), best.offset)
    return LabelledSet(points, data.labels), tilted


@theorem.sharp((BEST, TILTED, OTHER, FARTHER), draw_sets)
def decide(data: LabelledSet, rule: LinearRule, multipliers: Vector, point: Vector) -> Proof:
    """Compare bound and threshold, look at the margins, and walk to both sides of the threshold."""
    x, a, largest = point, multipliers, LargestMargin(data)
    u, y = largest.direction, rule.label(x)
    margins = rule.margins(data)
    margin, smallest = y * rule.value(x), min(margins)
    threshold = margin / dot(rule.normal, u)
    bound = margin / (smallest * sum(a, Fraction(0)))
    equal = all(m == smallest for m, weight in zip(margins, a, strict=True) if weight)
    before, beyond = (combine((1, x), (-y * threshold * t, u)) for t in (Fraction(7, 8), 2))
    return Proof.of(
        step(r"The bound is the threshold exactly when all points with $\alpha_i>0$ have the "
             "least margin.",
             (named(r"[\text{bound}=\text{threshold}]", int(bound == threshold)), "=",
              named(r"[m_i=\gamma_h\text{ where }\alpha_i>0]", int(equal)))),
        step("Otherwise it is larger.",
             (named(r"\text{bound}", bound), ">=", named(r"\text{threshold}", threshold))),
        step("Short of the threshold the label stays, beyond it it has changed.",
             (labelled(r"h(\text{short})", rule, before), "=", named("y", y)),
             (labelled(r"h(\text{beyond})", rule, beyond), "=", named("-y", -y))),
        largest.answer.certificate,
        certificates.separator_steps(data, rule, LabelledSet((x,), (y,)), u, a, (threshold,)),
        data.certificate(
            [rule],
            [facts.accurate(0), facts.label(0, before, y), facts.label(0, beyond, -y)]
        ),
    )  # fmt: skip


def draw_small(rng: Random) -> tuple[LabelledSet, LinearRule, Vector]:
    """Return two or three small points of the plane with both labels, a rule and a point."""
    data = small.both_labels(rng, 2, rng.randint(2, 3))
    rule = LinearRule(small.vector(rng, 2), Fraction(rng.randint(-6, 6), 2))
    return data, rule, small.vector(rng, 2)


@theorem.overstated(
    (LabelledSet.of([[0, 0], [0, 1]], [-1, 1]), LinearRule.of([1, 1], "-1/2"), vector([0, 0])),
    draw_small,
)
def refute_best_only(data: LabelledSet, rule: LinearRule, point: Vector) -> Refutation | None:
    """Refute that only the max-margin rule attains the bound."""
    x = point
    if not rule.separates(data) or not rule.value(x):
        return None
    largest = LargestMargin(data)
    a, u, y = largest.multipliers, largest.direction, rule.label(x)
    slope, bound = dot(rule.normal, u), min(rule.margins(data)) * sum(a, Fraction(0))
    parallel = slope**2 == dot(u, u) * dot(rule.normal, rule.normal)
    if parallel or slope != bound:
        return None
    return Refutation.of(
        "The rule attains the bound at the point, and its normal is no multiple of the max-margin "
        "normal.",
        Named(r"\alpha", a), Named("u", u),
        step(r"$w\cdot u=\gamma_h\sum\alpha_i$.",
             (separators.slopes([rule], largest), "=",
              computed(r"\gamma_h\sum\alpha_i", "g * a", g=min(rule.margins(data)),
                       a=sum(a, Fraction(0))))),
        step(r"$(w\cdot u)^2<|w|^2|u|^2$, so $w$ is no multiple of $u$, the max-margin normal.",
             (computed(r"(w\cdot u)^2", "s**2", s=slope), "<",
              computed(r"|w|^2|u|^2", "w * u", w=dot(rule.normal, rule.normal), u=dot(u, u)))),
        largest.answer.certificate,
        certificates.separator_steps(
            data, rule, LabelledSet((x,), (y,)), u, a, (y * rule.value(x) / slope,)
        ),
    )  # fmt: skip


CLAIM = theorem(
    __name__,
    without={"both labels": one_label.COUNTEREXAMPLE},
    cases=labelled_sets.CASES,
    draw=separators.draw,
)
