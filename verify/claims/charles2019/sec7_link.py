r"""Section 7, discussion of Figure 4: What a transferred example shows

Printed: This shows that SVMs are often susceptible to adversarial examples generated from other
    SVMs trained on different subsets of the data. This supports our result that SVMs trained
    independently from some distribution are jointly susceptible to some adversarial direction.
Statement: Let two linear rules give $x$ the label $y$ and $x+d$ another one. Then $d$ is an
    adversarial direction for each, at $x$ and at every point that it labels $y$. The example says
    nothing of how many points both get right, of $w^*$, or of lengths. These are exact: let $S$
    have both labels and $w$ be the normal of a rule with positive margins on $S$. For a point with
    margin $m>0$ the label changes along $-yw^*$ just beyond the step $m/(w\cdot w^*)$, within a
    cube just beyond the radius $m/|w|_1$. Some point of $S$ is at the boundary by the step
    $\gamma^*$, and some point of each label by $2\gamma^*$.
Verdict: true after repair. Each transferred example is an exact witness of a common adversarial
    direction, provided that both rules were right before; the accuracy of Figure 4 also counts
    images that a machine got wrong anyway. It is no evidence for the rest of the result, the number
    of points and the max-margin direction.
Reading: The support that is meant is that of single examples: an image that fools two machines is a
    direction that they share. Linear rules are meant, with one boundary each.
Needs right before: Both rules give $x$ the label $y$.
    Without it: A rule that is wrong at the point already counts as fooled, and keeps its label
        along the perturbation.
Needs no bound on the step: The perturbation along the direction may be of any length.
    Without it: A common direction does not show in a cube that is too small.
Sharp: A perturbation $d$, lengthened if necessary, changes the labels of two linear rules at a
    point that both label $y$ exactly when $y(w_j\cdot d)<0$ for both. For the max-margin rule all
    points of least margin are at the boundary at $\gamma^*$, and the least cube that reaches it is
    as large as the largest entry of $\gamma^*w^*$ exactly when the entries of $w^*$ that are not
    $0$ have one absolute value; otherwise it is smaller.
    Rests on: Coq in part linear_same_label, sec7_link_step, sec7_link_cube. The least cube has
        $\gamma^*/|w^*|_1$, and $1=|w^*|_2^2\le|w^*|_1|w^*|_\infty$ with equality exactly for
        entries of one absolute value or $0$.
Quantifier: exact steps and radii for the sampled separators; that some point is reached by the step
    of Corollary 6 is certified for all strict separators at once
Uses: charles-linear-same-label, charles-thm-5, charles-cor-6
The idea: An attack is made against one machine and fools another one as well. What does that say
    about a direction that the two share?
Why it is true: Let two linear rules give $x$ the label $y$, and let both give $x+d$ another label.
    Along $d$ the margin of each rule has gone from one side of the boundary to the other, so it
    falls along $d$; and the margin of a linear rule falls at the same rate from everywhere. So $d$
    is a common adversarial direction, not for this point only but for every point that both label
    $y$. One example proves it.

    Along $-yw^*$ a margin $m$ falls at the rate $w\cdot w^*$, which is positive (Theorem 4), so it
    is $0$ at $m/(w\cdot w^*)$. In a cube of radius $\epsilon$ it falls by $\epsilon|w|_1$ at most.
    The steps $\gamma^*$ and $2\gamma^*$ are those of Corollary 6.
Before you use it: Both rules must have been right before: the accuracy of a machine on perturbed
    images also counts those that it gets wrong anyway. And the example says nothing about how
    *many* points the two machines share, which is what Theorem 7 counts, nor about the max-margin
    direction, which may turn neither of them.

    Lengths are another matter. For a separator both numbers are exact: the step along $-yw^*$ is
    $m/(w\cdot w^*)$, the radius of the cube is $m/|w|_1$. The number to look at is the step in
    units of $\gamma^*$: the theory says that some point is reached by 1, and some point of each
    label by 2. [Trained separators](experiments.html#digit-pairs) have their steps in these units.

    What the curves of Section 7 leave open, accuracy under noise and attacks that were not tried,
    [the certified band](experiments.html#certified-band) decides for single examples: within a
    radius all inputs keep the label, by a certificate, or one loses it, exactly.
"""

from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise, product
from random import Random

import sympy

from certify import certificates, linear_program
from certify.certificates import facts
from certify.certificates.certificate import Certificate
from certify.numbers.rationals import Vector, combine, dot, vector
from certify.programs.linear_program import LinearProgramResult
from verify.claims.charles2019.shared import cube_attacks, separators
from verify.claims.charles2019.shared.labelled import labelled
from verify.claims.charles2019.shared.separators import Instance, LargestMargin, draw_data
from verify.claims.language import (
    Counterexample,
    Given,
    Named,
    Proof,
    SharpForm,
    Step,
    Symbolic,
    computed,
    identity,
    least,
    matrices,
    named,
    products,
    step,
    theorem,
)
from verify.claims.relation import number
from verify.drawing import labelled_sets, numbers
from verify.drawing.separators import separators as drawn_separators
from verify.drawing.separators import touching
from verify.objects import LabelledSet, LinearRule

HALF = Fraction(1, 2)


def prove(instance: Instance) -> Proof:
    """Transfer examples between the rules, and compute the step along u and the radius needed."""
    data, rules, largest = instance.data, instance.separators, LargestMargin(instance.data)
    u, size = largest.direction, cube_attacks.largest_entry(largest.direction)
    found = transfers(instance)
    slopes = [
        Named(rf"y^{{({n})}}(w_{k + 1}\cdot d^{{({n})}})", slope(t, k),
              products(combine((t.y, t.rules[k].normal)), t.d))
        for n, t in enumerate(found, 1) for k in (0, 1)
    ]  # fmt: skip
    cases = [
        (rule, x, y, cube_attacks.step_along(rule, u, m), cube_attacks.radius_needed(rule, m))
        for rule in rules for (x, y), m in zip(data.pairs, rule.margins(data), strict=True)
    ]  # fmt: skip
    places = [(k, i + 1) for k in range(1, len(rules) + 1) for i in range(len(data.labels))]
    return Proof.of(
        *separators.objects(largest),
        *(one for n, t in enumerate(found, 1) for one in (
            Named(f"x^{{({n})}}", t.x), named(f"y^{{({n})}}", t.y), Named(f"d^{{({n})}}", t.d))),
        step("The example $x+d$ is transferred: two rules give $x$ its label $y$, and both give "
             "$x+d$ the other one. Here $d$ was made against one of them in a cube, or leads "
             "along $-yw^*$ far enough.",
             *((labelled(f"h_{k}(x^{{({n})}})", rule, t.x), "=", named(f"y^{{({n})}}", t.y))
               for n, t in enumerate(found, 1) for k, rule in enumerate(t.rules, 1)),
             *((labelled(f"h_{k}(x^{{({n})}}+d^{{({n})}})", rule, t.moved), "=",
                named(f"-y^{{({n})}}", -t.y))
               for n, t in enumerate(found, 1) for k, rule in enumerate(t.rules, 1))),
        step(r"So $y(w\cdot x+b)\ge0\ge y(w\cdot(x+d)+b)$ for both rules, not with two equalities: "
             r"$y(w\cdot d)<0$.", (slopes, "<", 0)),
        step(r"No point occurs in this, so $d$ is an adversarial direction for both rules at "
             r"every point that they label $y$: the label has changed at "
             r"$c=(y(w\cdot x+b)+1)/(-y(w\cdot d))$.",
             *((labelled(f"h_{k + 1}({number(x)}+{number(turning_step(t, k, x))}d^{{({n})}})",
                         t.rules[k], combine((1, x), (turning_step(t, k, x), t.d))), "=",
                named(f"-y^{{({n})}}", -t.y))
               for n, t in enumerate(found, 1) for k in (0, 1) if slope(t, k) < 0
               for x in data.labelled(t.y))),
        step(r"Along $-yu$ the value falls from the margin $m$ at the rate $w\cdot u$: the label "
             r"changes just beyond $c=m/(w\cdot u)$.",
             ([separators.value_at(rf"w_{k}\cdot(x_{{{i}}}-ycu)+b_{k}", rule,
                                   combine((1, x), (-y * c, u)))
               for (k, i), (rule, x, y, c, _) in zip(places, cases, strict=True)], "=", 0)),
        step(r"In the cube of radius $\epsilon$ the value falls at most by $\epsilon|w|_1$, at the "
             r"corner $-y\epsilon\,\mathrm{sign}(w)$: the label can change just beyond "
             r"$\epsilon=m/|w|_1$.",
             ([separators.value_at(rf"w_{k}\cdot(x_{{{i}}}-y\epsilon\,\mathrm{{sign}}(w_{k}))+b_{k}",
                                   rule,
                                   combine((1, x), (-y * r, cube_attacks.signs(rule.normal))))
               for (k, i), (rule, x, y, _, r) in zip(places, cases, strict=True)], "=", 0)),
        step(r"The cube is the weaker demand: $m/|w|_1\leq c|u|_\infty$, since $m=c\,w\cdot u\leq "
             r"c|w|_1|u|_\infty$.",
             ([Named(rf"m_{k}(x_{{{i}}})/|w_{k}|_1", r, cube_attacks.ratio(rule, x, y))
               for (k, i), (rule, x, y, _, r) in zip(places, cases, strict=True)], "<=",
              [computed(r"c|u|_\infty", "c * s", c=c, s=size) for *_, c, _ in cases])),
        step(r"In units of $u$, where $\gamma^*$ is $1/2$: of the steps $c_i=m_i/(w\cdot u)$ to "
             "the boundary some is at most 1/2, and some of each label at most 1 (Corollary 6).",
             ([least(r"\min_ic_i(h_#)", steps_along(rule, data, u)) for rule in rules], "<=", HALF),
             ([computed(rf"\min_{{y_i={y}}}c_i(h_{k})", "m / s", m=m, s=dot(rule.normal, u))
               for k, rule in enumerate(rules, 1)
               for y, m in zip((1, -1), separators.smallest_margins(rule, data), strict=True)],
              "<=", 1)),
        *(witness(data, t) for t in found),
           *(certificates.separator_steps(
                 data, rule, data, u, largest.multipliers, steps_along(rule, data, u)
             ) for rule in rules if rule.separates(data)),
           certificates.some_point_flips(data, u, largest.multipliers, largest.rule),
           *(cube_attacks.certificate(data, rule) for rule in rules),
    )  # fmt: skip


def steps_along(rule: LinearRule, data: LabelledSet, u: Vector) -> Vector:
    """Return the step along -y u at which each point reaches the boundary."""
    return tuple(cube_attacks.step_along(rule, u, m) for m in rule.margins(data))


@dataclass(frozen=True)
class Example:
    """A point with label y under two rules, and a perturbation that changes it under both."""

    rules: tuple[LinearRule, LinearRule]
    x: Vector
    y: int
    d: Vector

    @property
    def moved(self) -> Vector:
        """The point x + d."""
        return combine((1, self.x), (1, self.d))


def transfers(instance: Instance) -> list[Example]:
    """Return transferred examples between neighbouring rules, from one point of each label.

    An attack on the first rule within a cube transfers or not; along the max-margin direction it
    always does once the step is long enough for both.
    """
    data, u = instance.data, LargestMargin(instance.data).direction
    found = []
    for rules, y in product(pairwise(instance.separators), (1, -1)):
        x = data.labelled(y)[0]
        radius = cube_attacks.radius_needed(rules[0], y * rules[0].value(x) + 1)
        inside = Example(rules, x, y, combine((-y * radius, cube_attacks.signs(rules[0].normal))))
        if all(rule.label(inside.moved) == -y for rule in rules):
            found.append(inside)
        far = 2 + max(y * rule.value(x) / dot(rule.normal, u) for rule in rules)
        found.append(Example(rules, x, y, combine((-y * far, u))))
    return found


def slope(example: Example, rule: int) -> Fraction:
    """Return y (w.d) for one of the two rules."""
    return example.y * dot(example.rules[rule].normal, example.d)


def turning_step(example: Example, rule: int, x: Vector) -> Fraction:
    """Return the step along d from x at which one of the rules has the value -y."""
    return (example.y * example.rules[rule].value(x) + 1) / -slope(example, rule)


def witness(data: LabelledSet, t: Example) -> Certificate:
    """Certify labels before and after for both rules, and that d turns both at the whole label."""
    stated = []
    for k in (0, 1):
        stated += [facts.label(k, t.x, t.y), facts.label(k, t.moved, -t.y)]
        stated += [facts.changes(k, x, t.d, turning_step(t, k, x)) for x in data.labelled(t.y)]
    return data.certificate(t.rules, stated)


EXAMPLE = Instance(
    LabelledSet.of([[0, 0], [0, 1], [1, 1]], [-1, 1, 1]),
    (LinearRule.of([0, 2], -1), LinearRule.of([3, 1], "-1/2")),
    (),
)


def sharpness() -> Proof:
    """Evaluate that the demands of the cube and of the direction agree for the max-margin rule."""
    data, rule, largest = EXAMPLE.data, EXAMPLE.separators[0], LargestMargin(EXAMPLE.data)
    u = largest.direction
    along, size = list(steps_along(rule, data, u)), cube_attacks.largest_entry(u)
    return Proof.of(
        Given("data", data),
        Given("rule", rule),
        Named("u", u),
        step(r"For the max-margin rule of the example, whose normal lies along an axis, the "
             r"cube and the direction agree: $m/|w|_1=c|u|_\infty$.",
             ([Named("m_#/|w|_1", cube_attacks.radius_needed(rule, m),
                     cube_attacks.ratio(rule, x, y))
               for m, (x, y) in zip(rule.margins(data), data.pairs, strict=True)],
              "=", [computed(r"c_#|u|_\infty", "c * s", c=c, s=size) for c in along])),
        step(r"All its points are at the boundary exactly at $c=1/2$, that is $\gamma^*$.",
             ([computed(r"c_#=m_#/(w\cdot u)", "m / s", m=m, s=dot(rule.normal, u))
               for m in rule.margins(data)], "=", HALF)),
        certificates.some_point_flips(data, u, largest.multipliers, rule),
        cube_attacks.certificate(data, rule),
    )  # fmt: skip


def symbolic() -> Symbolic:
    """Prove how the value falls along a direction, for both labels."""
    w, x, u = matrices("w x u", "d")
    (b,), c = matrices("b"), sympy.Symbol("c")
    for y in (1, -1):
        before, after = (y * (w.T * z + b) for z in (x, x - c * y * u))
        yield identity(
            r"Along $-yu$ the value falls at the rate $w\cdot u$, because $y^2=1$.",
            r"y(w\cdot(x-cyu)+b)=m-c\,w\cdot u",
            f"all dimensions, label {y:+d}", after, before - c * w.T * u,
        )  # fmt: skip


# The sharp form on transferred examples: which perturbations turn two rules, and cubes.
COMMON, ANY, EVEN = "against both rules", "any perturbation", "entries of one size"


@dataclass(frozen=True)
class Perturbed:
    """A separable set, two rules that are right on it, a perturbation, and a label."""

    data: LabelledSet
    rules: tuple[LinearRule, LinearRule]
    perturbation: Vector
    label: int


def draw_perturbed(rng: Random, case: str) -> Perturbed:
    """Return a set with two accurate rules, one of which may own its boundary, and a vector.

    In the last case the two nearest points differ by entries of one absolute value, or by 0.
    """
    data = draw_data(rng)
    if case == EVEN:
        signs = [Fraction(rng.randint(-1, 1)) for _ in range(rng.randint(1, 4))]
        signs[0] = Fraction(1)
        x = numbers.vector(rng, len(signs))
        data = LabelledSet((x, combine((1, x), (numbers.positive(rng), tuple(signs)))), (-1, 1))
    best = LargestMargin(data).rule
    drawn = drawn_separators(rng, data, best, 3)
    rules = (drawn[1], touching(drawn[2], data, rng.choice((1, -1))))
    y, d = rng.choice((1, -1)), numbers.vector(rng, data.dimension)
    if case == COMMON:
        d = combine((-y, best.normal), (Fraction(1, rng.randint(1, 20)), d))
    return Perturbed(data, rules, d, y)


def decide(instance: Perturbed) -> Proof:
    """Look for a length of the perturbation that turns both rules, and for the smallest cube."""
    data, rules, d, y = instance.data, instance.rules, instance.perturbation, instance.label
    slopes = [y * dot(rule.normal, d) for rule in rules]
    steps: list[Step] = []
    proofs: list[Certificate] = []
    for x, label in data.pairs:
        if label != y:
            continue
        # The least t >= 0 with y (w.(x + t d) + b) <= -1 for both.
        rows = ([[s] for s in slopes], [-1 - y * rule.value(x) for rule in rules])
        length = linear_program([1], rows, nonnegative=True)
        steps.append(
            step(r"Some length of $d$ changes both labels exactly when both slopes are negative.",
                 (named(r"[\text{some length}]", int(length.x is not None)), "=",
                  named(r"[\text{both}<0]", int(max(slopes) < 0))))
        )  # fmt: skip
        proofs.append(length.certificate)
        if length.x is not None:
            moved = combine((1, x), (length.x[0], d))
            stated = [fact for k in (0, 1)
                      for fact in (facts.label(k, x, y), facts.label(k, moved, -y))]  # fmt: skip
            proofs.append(facts.certificate(rules, stated))
    largest = LargestMargin(data)
    best, u = largest.rule, largest.direction
    margins = best.margins(data)
    support = margins.index(1)
    radius = least_cube(best, data.points[support], data.labels[support])
    sizes = {abs(c) for c in u if c}
    assert radius.value is not None
    steps += [
        step(r"The least cube is as large as the largest entry of half of $u$ exactly when the "
             "entries of $u$ that are not 0 have one size; otherwise it is smaller.",
             (named(r"[\text{as large}]", int(radius.value == cube_attacks.largest_entry(u) / 2)),
              "=", named(r"[\text{one size}]", int(len(sizes) == 1))),
             (named(r"\epsilon", radius.value), "<=",
              computed(r"|u|_\infty/2", "u / 2", u=cube_attacks.largest_entry(u)))),
        step("All support vectors are reached at half of $u$.",
             (least(r"\min_im_i", margins), "=",
              computed(r"\frac12w\cdot u", "s / 2", s=dot(best.normal, u)))),
    ]  # fmt: skip
    proofs += [radius.certificate, largest.answer.certificate]
    return Proof.of(*steps, *proofs)


def least_cube(rule: LinearRule, x: Vector, y: int) -> LinearProgramResult:
    """Minimise r over all d with |d_k| <= r and y (w.(x + d) + b) <= 0; the unknowns are d, r."""
    n = len(x)
    rows = [[Fraction(sign * (i == k)) for i in range(n)] + [Fraction(-1)]
            for k in range(n) for sign in (1, -1)]  # fmt: skip
    rows.append([*(y * c for c in rule.normal), Fraction(0)])
    return linear_program([0] * n + [1], (rows, [0] * (2 * n) + [-y * rule.value(x)]))


SHARP = SharpForm((COMMON, ANY, EVEN), draw_perturbed, decide, Counterexample(
    "That an example transfers does not say that the max-margin direction turns the rules: "
    "here it turns neither of them.",
    cube_attacks.Transfer(
        LabelledSet.of([[0], [1]], [-1, 1]),
        (LinearRule.of([-1], 2), LinearRule.of([-1], 2)),
        Fraction(2),
    ),
    cube_attacks.refute_evidence, cube_attacks.draw_transfer,
))  # fmt: skip


CLAIM = theorem(
    __name__,
    without={
        "right before": (
            ((LinearRule.of([1], 0), LinearRule.of([0], -1)), vector([1]), 1, vector([-2])),
            cube_attacks.refute_wrong_before,
            cube_attacks.draw_pair,
        ),
        "no bound on the step": (
            (LabelledSet.of([[-1], [1]], [-1, 1]), LinearRule.of([1], 0), HALF),
            cube_attacks.refute_bounded,
            cube_attacks.draw_budget,
        ),
    },
    sharp=SHARP,
    cases=labelled_sets.CASES,
    draw=separators.draw,
)
