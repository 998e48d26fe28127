r"""Section 3, remark: Scaling the weights does not change a linear rule

Printed: Note that $h(x)$ is invariant under scaling $(w,b)$ by the same positive constant, so we
    restrict to $\|w\|_2=1$.
Statement: For $t>0$ the rules $(w,b)$ and $(tw,tb)$ are equal. If $S$ has both labels, every rule
    that is right on $S$ has $w\neq0$ and is therefore equal to one with $|w|=1$.
Verdict: true. The normalisation also removes $w=0$, the constant rules. For rules that are to be
    right on a set with both labels that loses nothing; with one label it does.
Reading: A linear classifier has $w\neq0$, or the rules meant are those that are right on a set $S$
    with both labels, of which the section speaks next.
Needs both labels: Some point is labelled +1 and some point -1.
    Without it: With one label the constant rule is accurate and has no unit normal.
Needs positive factor: $t>0$.
    Without it: A negative factor swaps the labels beside the boundary, and zero makes the rule
        constant.
Sharp: All rules that are right on a nonempty $S$ have $w\neq0$ exactly when both labels occur in
    it.
    Rests on: Coq in part linear_scaling_normal. If one label occurs, the constant rule with this
        label is right, with $w=0$.
    Overstated: Not every entry of $w$ must differ from $0$: on $(0,0)$ labelled -1 and $(1,0)$
        labelled +1 the rule $2x_1-1$ is right.
Quantifier: that no accurate rule is constant is certified for all rules at once, whatever label
    their boundary has; equal labels on sampled points, and symbolically for all values
The idea: Only the sign of $w\cdot x+b$ matters, and multiplying by a positive number keeps signs.
Why it is true: $(tw)\cdot x+tb=t(w\cdot x+b)$, which has the sign of $w\cdot x+b$ for $t>0$.
    Dividing by $|w|$ makes the normal a unit vector, provided that it is not zero. A rule with
    $w=0$ is constant, and a constant rule gets one of the two labels wrong.
Before you use it: If the data have one label only, a constant rule is accurate and has no unit
    normal. That is one of many places where the paper takes both labels for granted.
"""

from fractions import Fraction
from math import prod
from random import Random

import sympy

from certify import certificates
from certify.certificates import facts
from certify.numbers.rationals import Rows, Vector, combine, vector
from verify.claims.charles2019.shared import separators
from verify.claims.charles2019.shared.labelled import labelled
from verify.claims.charles2019.shared.separators import signed_sum, value_at
from verify.claims.charles2019.sharp import accurate_rules
from verify.claims.language import (
    Given,
    Named,
    Proof,
    Refutation,
    Symbolic,
    SymbolicStep,
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
from verify.drawing import labelled_sets, numbers, small
from verify.objects import LabelledSet, LinearRule, square, units


def draw(rng: Random, case: str) -> tuple[LabelledSet, LinearRule, Rows, Fraction]:
    """Return a set of the named case with one of its separators and a positive factor."""
    drawn = separators.draw(rng, case)
    rule = rng.choice(drawn.separators)
    return drawn.data, rule, drawn.queries, numbers.positive(rng)


def rescaled(rule: LinearRule, factor: Fraction) -> LinearRule:
    """Return the rule with weights (t w, t b)."""
    return LinearRule(combine((factor, rule.normal)), factor * rule.offset, rule.zero)


def prove(data: LabelledSet, rule: LinearRule, queries: Rows, factor: Fraction) -> Proof:
    """Evaluate values and labels of the scaled rule, and that the normal is not zero."""
    t = factor
    other = rescaled(rule, t)
    points = (*data.points, *queries)
    plus, minus = data.labels.index(1), data.labels.index(-1)
    v = combine((1, data.points[plus]), (-1, data.points[minus]))
    pair = tuple(Fraction(i in (plus, minus)) for i in range(len(data.labels)))
    steps = (
        step(r"$(tw)\cdot x+tb=t(w\cdot x+b)$.",
             ([value_at(r"(tw)\cdot x_#+tb", other, x) for x in points], "=",
              [computed(r"t(w\cdot x_#+b)", "t * v", t=t, v=rule.value(x)) for x in points])),
        step(r"For $t>0$ the signs agree, so the labels do.",
             ([labelled("h_t(x_#)", other, x) for x in points], "=",
              [labelled("h(x_#)", rule, x) for x in points])),
        step(r"For $x_+$ and $x_-$ in $S$ an accurate rule has $w\cdot(x_+-x_-)=(w\cdot "
             r"x_++b)-(w\cdot x_-+b)>0$, hence $w\neq0$.",
             (inner(r"w\cdot(x_+-x_-)", rule.normal, v), ">", 0),
             (named("w", rule.normal), "!=", (Fraction(0),) * data.dimension)),
        step(r"So $|w|^2>0$, and $|tw|^2=t^2|w|^2$ is $1$ at $t=1/|w|$.",
             (named_square("|w|^2", rule.normal), ">", 0),
             (named_square("|tw|^2", combine((t, rule.normal))), "=",
              computed("t^2|w|^2", "t**2 * s", t=t, s=square(rule.normal)))),
    )  # fmt: skip
    same = [facts.label(i, x, rule.label(x)) for x in points for i in (0, 1)]
    return Proof.of(
        *steps, *accurate_rules.growing(data, v, pair), facts.certificate([rule, other], same)
    )


def named_square(name: str, w: Vector) -> Named:
    """Return |w|^2 by name, with its terms."""
    return Named(name, square(w), products(w, w))


EXAMPLE = (
    LabelledSet.of([[0, 0], [0, 1], [1, 1]], [-1, 1, 1]),
    LinearRule.of([3, 4], "-1/2"),
    (vector([2, -1]),),
    Fraction(1, 5),
)


def draw_labelled(rng: Random) -> tuple[LabelledSet, LinearRule]:
    """Return up to three points with any labels and a rule with small weights."""
    d = rng.randint(1, 2)
    return small.labelled_set(rng, d, rng.randint(1, 3)), small.rule(rng, d)


@theorem.without("both labels", (LabelledSet.of([[0]], [1]), LinearRule.of([0], 1)), draw_labelled)
def refute_unit_normal(data: LabelledSet, rule: LinearRule) -> Refutation | None:
    """Refute when the rule is right on the set and is constant: no unit normal gives it."""
    if any(rule.normal) or not rule.separates(data):
        return None
    x = data.points[0]
    axes = [combine((s, e)) for e in units(data.dimension) for s in (1, -1)]
    return Refutation.of(
        "The rule is right on every point and constant, which no rule with $|w|=1$ is.",
        step(r"$|w|^2=0$.", (named_square("|w|^2", rule.normal), "=", 0)),
        step(
            "Every margin is positive.", (separators.least_margin(r"\min_im_i", rule, data), ">", 0)
        ),
        data.certificate([rule], [facts.accurate(0), *(facts.keeps(0, x, v) for v in axes)]),
    )


def draw_scaled(rng: Random) -> tuple[LinearRule, Fraction, Vector]:
    """Return a rule with small weights, a small factor and a small point."""
    d = rng.randint(1, 2)
    return small.rule(rng, d), small.integer(rng), small.vector(rng, d)


@theorem.without("positive factor", (LinearRule.of([0], 1), Fraction(0), vector([0])), draw_scaled)
def refute_factor(rule: LinearRule, factor: Fraction, point: Vector) -> Refutation | None:
    """Refute when the scaled rule gives the point another label."""
    x = point
    other = rescaled(rule, factor)
    if other.label(x) == rule.label(x):
        return None
    return Refutation.of(
        "The scaled rule gives the point another label.",
        step("The labels differ.",
             (labelled("h_t(x)", other, x), "!=", labelled("h(x)", rule, x))),
        facts.certificate(
            [rule, other], [facts.label(0, x, rule.label(x)), facts.label(1, x, other.label(x))]
        ),
    )  # fmt: skip


TWO, ONE = "any labels", "one label"


def draw_any(rng: Random, case: str) -> LabelledSet:
    """Return up to five points with any labels, separable or not, or with one label."""
    d, count = rng.randint(1, 3), rng.randint(1, 5)
    drawn = small.labelled_set(rng, d, count)
    return LabelledSet(drawn.points, (drawn.labels[0],) * count) if case == ONE else drawn


@theorem.sharp((TWO, ONE), draw_any)
def decide_constant(data: LabelledSet) -> Proof:
    """Look for a constant rule that is right on the points, with each label on its boundary."""
    found = [accurate_rules.rule(data, owner, constant=True) for owner in accurate_rules.OWNERS]
    constant = next((rule for rule, _ in found if rule is not None), None)
    both = len(set(data.labels)) == 2
    steps = [
        step("There is no constant rule that is right on the points exactly when both labels "
             "occur.",
             (named(r"[\text{none}]", int(constant is None)), "=",
              named(r"[\text{both}]", int(both)))),
    ]  # fmt: skip
    if constant is None:
        return Proof.of(*steps, *(certificate for _, certificate in found))
    steps.append(step("Its normal is zero.", (named_square("|w|^2", constant.normal), "=", 0)))
    known = data.certificate([constant], [facts.accurate(0)])
    return Proof.of(*steps, known)


@theorem.overstated(
    (LabelledSet.of([[0, 0], [1, 0]], [-1, 1]), LinearRule.of([2, 0], -1)), draw_labelled
)
def refute_every_entry(data: LabelledSet, rule: LinearRule) -> Refutation | None:
    """Refute that no entry of w is 0 when both labels occur and the rule is right."""
    if len(set(data.labels)) < 2 or all(rule.normal) or not rule.separates(data):
        return None
    return Refutation.of(
        "The rule is right on points of both labels, and an entry of its normal is 0.",
        step(
            "The product of the entries is 0.",
            (
                told(r"\prod_kw_k", prod(rule.normal), r"\cdot ".join(map(number, rule.normal))),
                "=",
                0,
            ),
        ),
        step(
            "Every margin is positive.", (separators.least_margin(r"\min_im_i", rule, data), ">", 0)
        ),
        data.certificate([rule], [facts.accurate(0)]),
    )


def sharpness() -> Proof:
    """Evaluate both sides of "exactly when": a constant rule for one label, none for two."""
    constant = LinearRule.of([0, 0], 1)
    one = LabelledSet.of([[0, 1], [1, 1]], [1, 1])
    data, pair = EXAMPLE[0], vector([1, 1, 0])
    return Proof.of(
        Given("constant rule", constant),
        Given("one label", one),
        Given("two labels", data),
        step("With one label a constant rule is accurate.",
             ([inner(f"y_#(w\\cdot x_{i}+b)", constant.normal, x, constant.offset)
               for i, x in enumerate(one.points, 1)], "=", 1)),
        step(r"With both, $x_+-x_-$ is a direction in which every accurate rule grows.",
             (signed_sum("x_+-x_-", data, pair), "=", vector([0, 1]))),
        one.certificate([constant], [facts.accurate(0)]),
        certificates.every_separator(data, vector([0, 1]), Fraction(0), pair),
    )  # fmt: skip


def symbolic() -> Symbolic:
    """Prove the scaling identity, and that a positive factor keeps the sign."""
    w, x = matrices("w x", "d")
    (b,), t, z = matrices("b"), sympy.Symbol("t", positive=True), sympy.Symbol("z", real=True)
    yield identity(
        "The value is scaled by the factor.",
        r"(tw)\cdot x+tb=t(w\cdot x+b)",
        "all dimensions", (t * w).T * x + t * b, t * (w.T * x + b),
    )  # fmt: skip
    yield SymbolicStep(
        "A positive factor keeps the sign.",
        r"\mathrm{sign}(tz)=\mathrm{sign}(z),\ t>0",
        "all real numbers",
        bool(sympy.simplify(sympy.sign(t * z) - sympy.sign(z)) == 0),
    )


CLAIM = theorem(__name__, cases=labelled_sets.CASES)
