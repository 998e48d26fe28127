r"""Theorem 4: The max-margin direction fools every separator at every point

Printed: For all $h\in\mathcal{H}_S$ and $(x,y)\in S$, $-yw^*$ is an adversarial direction for $h$
    at $x$.
Statement: Let $S$ be finite and separable with both labels, and let $h$ be a linear rule that is
    right on all of $S$, whatever label its boundary has. For each $(x,y)$ with $h(x)=y$, in $S$ or
    not, $-yw^*$ is adversarial for $h$ at $x$.
Verdict: true. True for each reading of the sign of zero, and at all points that $h$ labels
    correctly, not only those of $S$. With one label, on infinite sets and on a part of the space it
    fails.
Reading: $S$ is the finite list $\{(x,y)\}_{i=1}^N$ of Section 3, with both labels, since a
    max-margin rule $w^*$ with $|w^*|=1$ is spoken of; rules are defined on all of $\mathbb{R}^d$,
    and the sign of $0$ is fixed for each rule.
Needs both labels: Some point is labelled +1 and some point -1.
Needs finite: The set is finite.
Needs whole space: The rule is defined on all of $\mathbb{R}^d$.
    Without it: On a box the direction can lead out of the domain while the label stays.
Sharp: Max-margin is not special: if $S$ is finite and some linear rule is right on it, then $-yv$
    does this for all linear rules that are right on $S$ exactly when $v\neq0$ lies in the cone of
    differences $x_+-x_-$, which is $0$ alone if one label occurs.
    Rests on: Coq thm_4, thm_4_exact.
    Overstated: Not every $v$ with $w^*\cdot v>0$ does: on $(0,0)$ labelled -1 and $(0,1)$ labelled
        +1 the vector $(1,1)$ has $w^*\cdot v=1$ and does not turn every accurate rule.
Quantifier: for all separators and all points at once, by the multipliers; also evaluated on sampled
    and extreme separators
Uses: charles-lem-3, charles-linear-same-label
The idea: There is one direction that fools *every* linear rule that is right on the data, at every
    point: the max-margin direction. You need not know the rule.
Why it is true: Write $u=\sum\alpha_iy_ix_i$ with weights $\alpha_i\geq0$ that balance the classes.
    Then for any rule $(w,b)$ the offset cancels, and $w\cdot u=\sum\alpha_iy_i(w\cdot x_i+b)$ is a
    weighted sum of the margins on the data. An accurate rule has no negative margin. Points of the
    label that owns the boundary may lie on it and have margin $0$, but then those of the other
    label may not; both labels carry weight, so $w\cdot u>0$. Hence from any point with label $y$
    the margin falls steadily along $-yu$, and it must cross zero.
Before you use it: The proof uses of max-margin only that $u$ is a balanced combination of the data.
    So every difference $x_+-x_-$ does the same, and so does every point of the cone of differences
    except $0$; if there is an accurate rule at all, nothing else does. The step can be arbitrarily
    long, and on a pixel box it may lead out first.
"""

from fractions import Fraction
from random import Random

from certify import certificates
from certify.certificates import facts
from certify.certificates.certificate import Certificate
from certify.numbers.rationals import Vector, combine, dot, rows, vector
from verify.claims.charles2019.shared import separators
from verify.claims.charles2019.shared.labelled import labelled
from verify.claims.charles2019.shared.separators import Instance, LargestMargin
from verify.claims.charles2019.sharp import accurate_rules
from verify.claims.charles2019.without import infinite_sets, one_label
from verify.claims.language import (
    Given,
    Named,
    Proof,
    Refutation,
    Symbolic,
    computed,
    greatest,
    identity,
    inner,
    least,
    matrices,
    mixture,
    named,
    step,
    theorem,
)
from verify.drawing import labelled_sets, numbers, small
from verify.objects import Cell, CellRule, LabelledSet, LinearRule


def prove(instance: Instance) -> Proof:
    """Evaluate w.u as a combination of margins, and the label beyond the boundary."""
    data, largest = instance.data, LargestMargin(instance.data)
    a, u = largest.multipliers, largest.direction
    rules = instance.separators
    slopes = [separators.slope(rule, largest) for rule in rules]
    smallest = [separators.smallest_margins(rule, data) for rule in rules]
    queries = [separators.labelled_queries(rule, instance) for rule in rules]
    crossings = [
        (rule, x, y, y * rule.value(x) / slope)
        for rule, slope, asked in zip(rules, slopes, queries, strict=True)
        for x, y in asked.pairs
    ]
    named_slopes = separators.slopes(rules, largest)
    return Proof.of(
        *separators.objects(largest),
        step(r"The multipliers balance the classes, $\sum\alpha_iy_i=0$, so the offset drops out: "
             r"$w\cdot u=\sum\alpha_iy_i(w\cdot x_i+b)=\sum\alpha_im_i$.",
             (inner(r"\sum\alpha_iy_i", a, data.labels), "=", 0),
             (named_slopes, "=", separators.sums_of_margins(rules, largest))),
        step(r"Every margin $m_i$ of an accurate rule is at least $0$, and positive on the class "
             r"that does not own the boundary; both classes carry some of $\alpha$. Hence "
             r"$w\cdot u>0$.",
             ([separators.least_margin(r"\min_i m_i", rule, data) for rule in rules], ">=", 0),
             ([greatest(r"\max_y\min_{y_i=y} m_i", both) for both in smallest], ">", 0),
             (least(r"\min_y\sum_{y_i=y}\alpha_i", separators.class_totals(data, a)), ">", 0),
             (named_slopes, ">", 0)),
        step(r"From any $x$ with $h(x)=y$ the value $y(w\cdot x+b)$ falls along $-yu$ at the rate "
             r"$w\cdot u$ and is $0$ at $c=y(w\cdot x+b)/(w\cdot u)$.",
             ([separators.value_at(r"w\cdot(x_#-y_#c_#u)+b", r, combine((1, x), (-y * c, u)))
               for r, x, y, c in crossings], "=", 0)),
        step(r"Beyond that step, for instance at $c+1$, the label is $-y$.",
             ([labelled(r"h(x_#-y_#(c_#+1)u)", r, combine((1, x), (-y * (c + 1), u)))
               for r, x, y, c in crossings], "=", [named("-y_#", -y) for *_, y, _ in crossings])),
        *accurate_rules.growing(data, u, a),
    )  # fmt: skip


# The running data set of the ledger of claims, with a steep separator and a point off the set.
EXAMPLE = Instance(
    LabelledSet.of([[0, 0], [0, 1], [1, 1]], [-1, 1, 1]),
    (LinearRule.of([3, 1], "-1/2"),),
    rows([[2, -1]]),
)


def draw_boxed(rng: Random) -> tuple[LabelledSet, LinearRule]:
    """Return corners and midpoints of the unit square with labels by a random rule."""
    rule = LinearRule(
        tuple(Fraction(rng.randint(-2, 2)) for _ in range(2)), Fraction(rng.randint(-3, 3), 2)
    )
    points = tuple(
        tuple(Fraction(rng.randint(0, 2), 2) for _ in range(2)) for _ in range(rng.randint(2, 4))
    )
    return LabelledSet(points, tuple(1 if rule.value(x) > 0 else -1 for x in points)), rule


@theorem.without("whole space", (EXAMPLE.data, LinearRule.of([1, 1], "-1/2")), draw_boxed)
def refute_boxed(data: LabelledSet, rule: LinearRule) -> Refutation | None:
    """Refute when a point of the set leaves the square along -y u before its label changes."""
    if not rule.separates(data):
        return None
    u = LargestMargin(data).direction
    for k, (x, y) in enumerate(data.pairs, 1):
        away = combine((-y, u))
        inside = CellRule((_square(),), 1, -1)
        margin, slope = y * rule.value(x), dot(rule.normal, u)
        # The last step inside the square, if it is finite, must not reach the boundary.
        exits = [
            (Fraction(t) - c) / v
            for c, v in zip(x, away, strict=True) if v
            for t in (0, 1) if (Fraction(t) - c) / v >= 0
        ]  # fmt: skip
        last = min((e for e in exits if _leaves(inside, x, away, e)), default=None)
        if last is not None and last * slope < margin:
            after, name = last + (margin / slope - last) / 2, rf"x_{k}-y_{k}tu"
            return Refutation.of(
                f"At step {last} along $-yu$ the point leaves the square with its label; the label "
                "would change outside only.",
                Named("u", u), Named("t", last),
                step(rf"From $x_{k}$ the last point in the square is at the step $t$.",
                     (mixture(name, (1, x), (last, away)), "=", combine((1, x), (last, away)))),
                step(rf"The boundary comes later, at the margin $m_{k}$ of $x_{k}$ over the slope.",
                     (named("t", last), "<",
                      computed(rf"m_{k}/(w\cdot u)", "m / s", m=margin, s=slope))),
                certificates.every_separator(data, u, Fraction(0), LargestMargin(data).multipliers),
                data.certificate(
                    [rule, inside],
                    [
                        facts.accurate(0),
                        facts.label(1, x, 1),
                        facts.label(1, combine((1, x), (after, away)), -1),
                        facts.label(0, combine((1, x), (after, away)), y),
                    ]
                ),
            )  # fmt: skip
    return None


def _square() -> Cell:
    return Cell.of([[1, 0], [-1, 0], [0, 1], [0, -1]], [1, 0, 1, 0])


def _leaves(inside: CellRule, x: Vector, v: Vector, at: Fraction) -> bool:
    return inside.label(combine((1, x), (at + 1, v))) == -1


def sharpness() -> Proof:
    """Evaluate U-lin: a difference of two data points also turns every separator, and 0 does not.

    The difference $x_+-x_-$ of the example is not a multiple of the max-margin direction.
    """
    data = EXAMPLE.data
    v = combine((1, data.points[2]), (-1, data.points[0]))
    multipliers = vector([1, 0, 1])
    u = LargestMargin(data).direction
    return Proof.of(
        Given("data", data), Named("v", v), Named(r"\alpha", multipliers), Named("u", u),
        step(r"The single difference $v=x_+-x_-$ is a combination with $\alpha\ge0$.",
             (separators.signed_sum(r"\sum\alpha_iy_ix_i", data, multipliers), "=", named("v", v))),
        step(r"It is not a multiple of $u$.",
             (computed("v_1u_2-v_2u_1", "a * d - b * c", a=v[0], b=v[1], c=u[0], d=u[1]), "!=", 0)),
        certificates.every_separator(data, v, Fraction(0), multipliers),
    )  # fmt: skip


def symbolic() -> Symbolic:
    """Prove the multiplier identity for all data of all sizes at once."""
    (x,), (w,), (a, one), (b,) = (
        matrices("X", "n", "d"), matrices("w", "d"), matrices("a one", "n"), matrices("b")
    )  # fmt: skip
    yield identity(
        "The multiplier identity holds up to the offset times the balance of the classes: the rows "
        r"of $X$ are the $x_i$, the entries of $a$ the $\alpha_iy_i$, and those of $\mathbf{1}$ "
        "are 1.",
        r"w\cdot\sum\alpha_iy_ix_i=\sum\alpha_iy_i(w\cdot x_i+b)-b\sum\alpha_iy_i:\ "
        r"(X^\top a)^\top w=a^\top(Xw+b\mathbf{1})-b\,a^\top\mathbf{1}",
        "any number of points in all dimensions",
        (x.T * a).T * w, a.T * (x * w + one * b) - a.T * one * b,
    )  # fmt: skip


# The sharp form of Theorem 4: which directions turn every accurate rule, decided from both sides.
# One linear program looks for the direction in the cone of differences, another one for an
# accurate rule that does not grow along it; neither sees the answer of the other.
INSIDE, BESIDE, ANY, ZERO = "in the cone", "beside an edge of it", "any direction", "zero"
ONE_LABEL = "points of one label"


def draw_directions(rng: Random, case: str) -> tuple[LabelledSet, Vector]:
    """Return a set with a mixture of differences, one of them moved a little, or any vector.

    With points of one label there are no differences, and the cone is 0 alone.
    """
    data = separators.draw_data(rng)
    if case == ONE_LABEL:
        data = LabelledSet(data.points, (rng.choice((1, -1)),) * len(data.labels))
    v = numbers.vector(rng, data.dimension)
    rays = accurate_rules.differences(data)
    if case == INSIDE:
        v = combine(*zip(numbers.convex_weights(rng, len(rays)), rays, strict=True))
    if case == BESIDE:
        v = combine((1, rng.choice(rays)), (Fraction(1, 100), v))
    if case == ZERO:
        v = (Fraction(0),) * data.dimension
    return data, v


@theorem.sharp((INSIDE, BESIDE, ANY, ZERO, ONE_LABEL), draw_directions)
def decide(data: LabelledSet, vector: Vector) -> Proof:
    """Decide membership in the cone and the existence of a rule that is not turned."""
    v = vector
    rays = accurate_rules.differences(data) or [(Fraction(0),) * data.dimension]
    inside = accurate_rules.combination(rays, v)
    beaten, refuted = accurate_rules.rule(data, falling=(v,))
    in_cone, all_turned = any(v) and inside.found is not None, beaten is None
    steps = [
        step(r"$v$ is not $0$ and a mixture of differences exactly when no accurate rule has "
             r"$w\cdot v\le0$.", (int(in_cone), "=", int(all_turned))),
    ]  # fmt: skip
    found = [refuted if beaten is None else inside.certificate]
    if inside.found is not None and any(v):
        a = per_point(data, inside.found)
        steps.append(step("The multipliers of the mixture give it.", (data.signed_sum(a), "=", v)))
        found.append(certificates.every_separator(data, v, Fraction(0), a))
    if beaten is not None:
        steps.append(
            step("The rule is right on all points and does not grow.",
                 (min(beaten.margins(data)), ">", 0), (dot(beaten.normal, v), "<=", 0))
        )  # fmt: skip
        found.append(not_turned(data, beaten, v))
    return Proof.of(*steps, *found)


def per_point(data: LabelledSet, multipliers: Vector) -> Vector:
    """Return the multipliers of the points from those of the differences x_+ - x_-."""
    plus = [i for i, y in enumerate(data.labels) if y == 1]
    minus = [i for i, y in enumerate(data.labels) if y == -1]
    pairs = [(i, j) for i in plus for j in minus]
    return tuple(
        sum((a for a, pair in zip(multipliers, pairs, strict=True) if k in pair), Fraction(0))
        for k in range(len(data.labels))
    )


def not_turned(data: LabelledSet, rule: LinearRule, v: Vector) -> Certificate:
    """Certify that a rule is right on the data and keeps every point along -y v."""
    kept = [facts.keeps(0, x, combine((-y, v))) for x, y in data.pairs]
    return data.certificate([rule], [facts.accurate(0), *kept])


@theorem.overstated(
    (LabelledSet.of([[0, 0], [0, 1]], [-1, 1]), (Fraction(1), Fraction(1))),
    lambda rng: (small.both_labels(rng, 2, rng.randint(2, 3)), small.vector(rng, 2)),
)
def refute_half_space(data: LabelledSet, vector: Vector) -> Refutation | None:
    """Refute that every direction with w*.v > 0 turns all accurate rules."""
    v = vector
    largest = LargestMargin(data)  # raises InputError when no rule is right
    product = dot(largest.direction, v)
    beaten, _ = accurate_rules.rule(data, falling=(v,))
    if product <= 0 or beaten is None:
        return None
    return Refutation.of(
        r"The direction has $w^*\cdot v>0$, and a rule that is right on every point does not grow "
        "along it.",
        Named("u=|u|w^*", largest.direction), Given("rule", beaten),
        step(r"$u\cdot v>0$.", (inner(r"u\cdot v", largest.direction, v), ">", 0)),
        step(r"The rule is right on every point, and $w\cdot v\le0$: no point changes its label.",
             (separators.least_margin(r"\min_im_i", beaten, data), ">", 0),
             (inner(r"w\cdot v", beaten.normal, v), "<=", 0)),
        largest.answer.certificate,
        not_turned(data, beaten, v),
    )  # fmt: skip


CLAIM = theorem(
    __name__,
    without={"both labels": one_label.COUNTEREXAMPLE, "finite": infinite_sets.SHARED_DIRECTION},
    cases=labelled_sets.CASES,
    draw=separators.draw,
)
