r"""Section 4, note after Theorem 8: The class that is reached need not be the one aimed at

Printed: Note that it is not necessarily true that for sufficiently large $c$, for any $x\in S[k]$,
    $h(x-cw^*)=m$. The direction $-w^*$ may also increase the output associated to some other label.
    Since we know that $(W(x-cw^*)+b)_k<(W(x-cw^*)+b)_l$ for sufficiently large $c$, this is
    sufficient to show that $h(x-cw^*)\neq k=h(x)$.
Statement: Let $v$ be as in Theorem 8, leading from class $k$ towards $l$. For every multi-class
    rule that is right on $S$, from every $x$ with $h(x)=k$, $z_k<z_l$ holds along $v$ for all large
    $c$. With $K=2$ the label is then $l$.
Verdict: true. The index $m$, which is not introduced, must be read as $l$.
Reading: The note speaks of the classes $k$, $l$ and the direction of the proof of Theorem 8, there
    called $-w^*$, here $v$; both classes occur in $S$.
Needs two classes: For the label $l$ in the end there must be no third class, $K=2$.
    Without it: On a line with three classes the third overtakes the second for good.
Sharp: Let $v=\mathrm{mean}(S[l])-\mathrm{mean}(S[k])$. For every multi-class rule that is right on
    $S$, from $x$ with $h(x)=k$, class $l$ is ahead of class $k$ at $x+cv$, $c\ge0$, exactly for
    $c>(z_k-z_l)/((w_l-w_k)\cdot v)$.
    Rests on: algebra. The gap is its slope, which is positive, times the step past the crossing.
    Overstated: The label need not be $k$ up to that step: a third class can overtake $k$ before.
Quantifier: for all rules that are right without ties and all starting points at once, by the
    multipliers; with ties to the lowest class, and the label in the end, on sampled and extreme
    rules
Uses: charles-thm-8
The idea: Walking from class $k$ in the direction of class $l$ you may arrive somewhere else.
Why it is true: Along the direction $z_l$ overtakes $z_k$ and stays ahead, so class $k$ is lost for
    good. But a third logit may grow even faster. With two classes there is no third, and the label
    is $l$ in the end.
Before you use it: The printed index $m$ is never introduced; read it as $l$.
"""

from dataclasses import dataclass
from fractions import Fraction
from random import Random

import sympy

from certify import certificates, linear_program
from certify.certificates import facts
from certify.numbers.rationals import Vector, combine, dot, vector
from verify.claims.charles2019.shared import multiclass
from verify.claims.charles2019.shared.labelled import labelled
from verify.claims.charles2019.shared.multiclass import STEEP, THREE, Instance, accurate, between
from verify.claims.language import (
    Given,
    Named,
    Proof,
    Refutation,
    Symbolic,
    SymbolicStep,
    computed,
    counted,
    inner,
    named,
    step,
    theorem,
)
from verify.objects import ArgmaxRule, MulticlassSet, changed_step

BEYOND = (0, 1, 1000)  # steps past the crossing at which the sign of the gap is evaluated


def prove(instance: Instance) -> Proof:
    """Follow the gap of classes l and k along v, and the label to its end."""
    data, k, l, rules = instance.data, instance.k, instance.l, instance.rules
    v, gaps = multiclass.mean_difference(data, k, l), multiclass.mean_gaps(data, k, l)
    lines = [between(rule, l, k) for rule in rules]
    runs = [
        (number, x) for number, rule in enumerate(rules)
        for x in multiclass.starts(rule, instance, k)
    ]  # fmt: skip
    ends = [(number, *end(rules[number], x, v)) for number, x in runs]
    steps = (
        step(r"$(w_l-w_k)\cdot v>0$ for every accurate rule (Theorem 8).",
             ([inner(r"(w_l-w_k)\cdot v", line.normal, v) for line in lines], ">", 0)),
        step(r"So $z_k<z_l$ at every step beyond $c=(z_k-z_l)/((w_l-w_k)\cdot v)$, for instance "
             r"past it by 1 and by 1000.",
             *((multiclass.named_line(
                    f"(z_l-z_k)(x_{{{multiclass.place(instance, x)}}}+(c+{more})v)",
                    lines[number], combine((1, x), (c + more, v))), ">" if more else "=", 0)
               for number, x in runs
               for c in (crossing(lines[number].value(x), dot(lines[number].normal, v)),)
               for more in BEYOND)),
        step(r"Beyond the last crossing of two logits the label never changes again, and it is "
             r"not $k$.",
             ([multiclass.last_label(
                   rf"\text{{last label from }}x_{{{multiclass.place(instance, x)}}}",
                   rules[i], x, v) for i, x in runs], "!=", named("k", k + 1))),
        step(r"With two classes it is then $l$; with more it can be a third one.",
             *((multiclass.last_label(r"\text{last label}", rules[i], x, v), "=", named("l", l + 1))
               if data.classes == 2 else
               (counted(r"\text{classes}", range(1, data.classes + 1)), ">", 2)
               for i, x in runs)),
    )  # fmt: skip
    settled = data.certificate(
        rules,
        [facts.accurate(number) for number in range(len(rules))]
        + [facts.label(number, far, final) for number, far, final in ends]
        + [facts.keeps(number, far, v) for number, far, _ in ends],
    )
    targets = multiclass.target(l, data.classes)
    v_named = Named(r"v=\mathrm{mean}(S[l])-\mathrm{mean}(S[k])", v)
    return Proof.of(v_named, *steps, certificates.class_left(data, k, v, gaps, targets), settled)


def crossing(value: Fraction, slope: Fraction) -> Fraction:
    """Return the step at which an affine function with this start and slope is 0."""
    return -value / slope if slope else Fraction(0)


def end(rule: ArgmaxRule, x: Vector, v: Vector) -> tuple[Vector, int | None]:
    """Return a point on the ray from which on the label is constant, and that label."""
    far = combine((1, x), (multiclass.after(rule, x, v), v))
    return far, rule.label(far)


def draw_astray(rng: Random) -> tuple[MulticlassSet, ArgmaxRule]:
    """Return three points on a line, one of each class, and a rule with small numbers."""
    data = MulticlassSet.of([[rng.randint(-3, 3)] for _ in range(3)], [0, 1, 2], 3)
    weights = [[rng.randint(-3, 3)] for _ in range(3)]
    return data, ArgmaxRule.of(weights, [Fraction(rng.randint(-6, 6), 2) for _ in range(3)])


@theorem.without("two classes", (THREE, STEEP), draw_astray)
def refute_astray(data: MulticlassSet, rule: ArgmaxRule) -> Refutation | None:
    """Refute when some point of class 0 ends in class 2 for good, on its way towards class 1."""
    if not accurate(rule, data):
        return None
    v = multiclass.mean_difference(data, 0, 1)
    x = data.points[data.members(0)[0]]
    far, final = end(rule, x, v)
    if final in (0, 1, None):
        return None
    line = between(rule, 1, 0)
    return Refutation.of(
        "Along the direction towards the second class the third one takes over and stays.",
        Named(r"v=\mathrm{mean}(S[2])-\mathrm{mean}(S[1])", v),
        step("The second class does overtake the first.",
             (inner(r"(w_2-w_1)\cdot v", line.normal, v), ">", 0)),
        step("The third grows faster than the second, and wins in the end.",
             (inner(r"(w_3-w_2)\cdot v", between(rule, 2, 1).normal, v), ">", 0),
             (multiclass.last_label(rf"\text{{last label from }}x_{data.members(0)[0] + 1}",
                                    rule, x, v), "=", 3)),
        data.certificate(
            [rule], [facts.accurate(0), facts.label(0, far, 2), facts.keeps(0, far, v)]
        ),
    )  # fmt: skip


SHORT, LEVEL, BEYOND_IT = "short of the step", "at the step", "beyond the step"


@dataclass(frozen=True)
class Ahead:
    """A rule, a point to which it gives class k, another class l, a direction and a step."""

    rule: ArgmaxRule
    k: int
    l: int
    point: Vector
    direction: Vector
    step: Fraction


def draw_ahead(rng: Random, case: str) -> Ahead:
    """Return an accurate rule, a point that it gives class k, the way to class l and a step."""
    drawn = multiclass.draw(rng, rng.choice(multiclass.CASES))
    data, k, l = drawn.data, drawn.k, drawn.l
    rule = rng.choice(drawn.rules)
    x = rng.choice(multiclass.starts(rule, drawn, k))
    v, line = multiclass.mean_difference(data, k, l), between(rule, l, k)
    c = crossing(line.value(x), dot(line.normal, v))
    share = Fraction(rng.randint(1, 9), 10)
    moved = {SHORT: c * share, LEVEL: c}
    return Ahead(rule, k, l, x, v, moved.get(case, c + share))


@theorem.sharp((SHORT, LEVEL, BEYOND_IT), draw_ahead)
def decide_ahead(instance: Ahead) -> Proof:
    """Compare the logits at the step, and the step with the least one, by a linear program."""
    rule, k, l, c = instance.rule, instance.k, instance.l, instance.step
    line, v = between(rule, l, k), instance.direction
    moved = combine((1, instance.point), (c, v))
    ahead = rule.logits(moved)[l] > rule.logits(moved)[k]
    rows = ([[-dot(line.normal, v)]], [line.value(instance.point)])
    least = linear_program([1], rows, nonnegative=True)
    assert least.value is not None
    two = ArgmaxRule((rule.weights[k], rule.weights[l]), (rule.bias[k], rule.bias[l]))
    return Proof.of(
        step("Class $l$ is ahead exactly beyond the least step at which it is not behind.",
             (named("[z_l>z_k]", int(ahead)), "=",
              named(r"[c>\text{least step}]", int(c > least.value)))),
        step("That is the step stated.",
             (named(r"\text{least step}", least.value), "=",
              named(r"(z_k-z_l)/((w_l-w_k)\cdot v)",
                    crossing(line.value(instance.point), dot(line.normal, v))))),
        least.certificate,
        facts.certificate(
            [rule, two],
            [facts.label(0, instance.point, k), facts.label(1, moved, two.label(moved))],
        ),
    )  # fmt: skip


@theorem.overstated(
    (
        MulticlassSet.of([[0], [2], [1]], [0, 1, 2], 3),
        ArgmaxRule.of([[0], [2], [1]], [0, -2, "-1/2"]),
    ),
    draw_astray,
)
def refute_until(data: MulticlassSet, rule: ArgmaxRule) -> Refutation | None:
    """Refute that the label is k until class l is ahead."""
    if not accurate(rule, data):
        return None
    v, line = multiclass.mean_difference(data, 0, 1), between(rule, 1, 0)
    x = data.points[data.members(0)[0]]
    threshold, first = crossing(line.value(x), dot(line.normal, v)), changed_step(rule, x, v)
    c = ((first or threshold) + threshold) / 2  # just after a change there may be a tie
    if c >= threshold or rule.label(combine((1, x), (c, v))) != 2:
        return None
    at = f"x_{data.members(0)[0] + 1}"
    return Refutation.of(
        "The third class is reached before the second is ahead of the first.",
        Named(r"v=\mathrm{mean}(S[l])-\mathrm{mean}(S[k])", v), Named("c", c),
        step("At a smaller step than that at which class 2 overtakes class 1 ($k=1$, $l=2$) the "
             "label is 3 already.",
             (named("c", c), "<", computed(rf"(z_1-z_2)({at})/((w_2-w_1)\cdot v)", "-z / s",
                                           z=line.value(x), s=dot(line.normal, v))),
             (labelled(f"h({at}+cv)", rule, combine((1, x), (c, v))), "=", 3)),
        data.certificate([rule], [facts.accurate(0), facts.label(0, combine((1, x), (c, v)), 2)]),
    )  # fmt: skip


def sharpness() -> Proof:
    """Follow the rule with logits 0, x - 1/2, 2x - 2 from the point 0 along +1."""
    x, v = THREE.points[0], vector([1])
    far, _ = end(STEEP, x, v)
    return Proof.of(
        Given("data", THREE), Given("rule", STEEP), Named("v", v),
        step("At $x=3/2$ the second and third class are level; the first is behind both.",
             *((inner(rf"z_{k + 1}(\frac32)", w, vector(["3/2"]), STEEP.bias[k]), "=", z)
               for k, (w, z) in enumerate(zip(STEEP.weights, (0, 1, 1), strict=True)))),
        step("The label in the end is that of the third class.",
             (multiclass.last_label(r"\text{last label from }x_1", STEEP, x, v), "=", 3)),
        certificates.class_left(
            THREE, 0, v, multiclass.mean_gaps(THREE, 0, 1), multiclass.target(1, 3)
        ),
        THREE.certificate(
            [STEEP],
            [
                facts.accurate(0),
                facts.label(0, combine((1, x), (multiclass.ONE, v)), 1),
                facts.label(0, far, 2),
                facts.keeps(0, far, v),
            ]
        ),
    )  # fmt: skip


def symbolic() -> Symbolic:
    """Prove that the gap exceeds 0 by the slope times the step past the crossing."""
    g = sympy.Symbol("g", real=True)
    s, t = sympy.symbols("s t", positive=True)
    gap = g + s * (-g / s + t)
    yield SymbolicStep(
        r"A step $t$ past the crossing the gap $z_l-z_k$ is the slope times $t$.",
        r"g+s\left(-\frac{g}{s}+t\right)=st>0",
        "any start $g$, slope $s>0$ and step $t>0$",
        sympy.simplify(gap - s * t) == 0 and bool((s * t).is_positive),
    )


EXAMPLE = Instance(THREE, 0, 1, (STEEP,), ())


CLAIM = theorem(__name__, cases=multiclass.CASES, draw=multiclass.draw)
