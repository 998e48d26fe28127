r"""Section 4, remark after Theorem 8: Two classes can be left along opposite directions, not along
one

Printed: In fact, the theorem actually shows a slightly stronger statement. Namely, that for
    distinct $k,l\in\{1,\ldots,K\}$, there is a vector $v_{k,l}^*$ that is an adversarial direction
    for all $h\in\mathcal{M}_S$ and for all $(x,y)\in S[k,l]$.
    Refuted: With one point of each of two classes on a line, no direction changes both labels.
Statement: Let $k\neq l$ both occur in $S$. There is $v$ such that every multi-class rule that is
    right on $S$ leaves class $k$ along $v$ from every $x$ with $h(x)=k$, and leaves class $l$ along
    $-v$ from every $x$ with $h(x)=l$.
Verdict: false as stated. With two classes, $v$ must raise $z_l-z_k$ for the points of class $k$ and
    lower it for those of class $l$. The proof of Theorem 8 gives $v$ for the one and $-v$ for the
    other.
Reading: Both $k$ and $l$ occur in $S$, the argmax has a fixed rule for ties, and some rule is right
    on $S$. One vector for both labels is printed, with one sign.
Needs both labels: Both $k$ and $l$ occur in $S$.
Needs tie rule: A tie for the largest logit is an error, or goes to the lowest class.
Sharp: With $K=2$ and both labels in $S$, one vector leads all multi-class rules that are right on
    $S$ out of both classes exactly when there is no such rule. With a third class the printed form
    can hold or fail.
    Rests on: algebra. With $K=2$ one slope would have to be positive and negative; without a rule
        there is nothing to show. That both happen with a third class is shown by the three points
        below.
    Overstated: A third class does not save the printed form: on $0$, $1$, $2$ in classes 1, 2, 3 a
        rule keeps class 1 along $-1$ and class 3 along $+1$.
Quantifier: for all rules that are right without ties and all starting points at once, by the
    multipliers; also evaluated on sampled and extreme rules, with ties to the lowest class and
    without
Uses: charles-thm-8
The idea: For two classes $k$ and $l$ there is one line along which both can be left, in opposite
    senses.
Why it is true: By Theorem 8 the direction $v$ from the mean of class $k$ to that of class $l$
    raises $z_l-z_k$. So $v$ leads out of class $k$, and $-v$ leads out of class $l$.
Before you use it: The paper's sentence has the same sign for both classes. That is false with two
    points on a line: what leads the first across the boundary leads the second away from it. With
    two classes it is never true, unless no rule is right on the data and nothing is claimed; with a
    third class it can be true by luck.
"""

from fractions import Fraction
from functools import partial
from random import Random

import sympy

from certify import certificates
from certify.certificates import facts
from certify.numbers.rationals import Vector, combine, dot, vector
from verify.claims.charles2019.shared import multiclass
from verify.claims.charles2019.shared.labelled import labelled
from verify.claims.charles2019.shared.multiclass import ONE, STEEP, Instance, accurate, between
from verify.claims.charles2019.sharp import accurate_models, mixtures
from verify.claims.charles2019.without.classes import NO_OTHER_LABEL, POINTWISE_TIES
from verify.claims.language import (
    Given,
    Named,
    Proof,
    Refutation,
    Symbolic,
    SymbolicStep,
    inner,
    mixture,
    multiples,
    named,
    step,
    theorem,
)
from verify.claims.relation import number
from verify.drawing import numbers, small
from verify.drawing.multiclass import TWO, planted_set
from verify.objects import ArgmaxRule, MulticlassSet, is_adversarial


def prove(instance: Instance) -> Proof:
    """Follow every rule along v from its points of class k, and along -v from those of class l."""
    data, k, l, rules = instance.data, instance.k, instance.l, instance.rules
    v, gaps = multiclass.mean_difference(data, k, l), multiclass.mean_gaps(data, k, l)
    opposite = combine((-1, v))
    slopes = [inner(r"(w_l-w_k)\cdot v", between(rule, l, k).normal, v) for rule in rules]
    runs = [
        (number, home, x, way, multiclass.after(rule, x, way))
        for number, rule in enumerate(rules)
        for home, way in ((k, v), (l, opposite))
        for x in multiclass.starts(rule, instance, home)
    ]
    steps = (
        step(r"For $v=\mathrm{mean}(S[l])-\mathrm{mean}(S[k])$ and every accurate rule "
             r"$(w_l-w_k)\cdot v>0$ (Theorem 8).", (slopes, ">", 0)),
        step("Exchanging $k$ and $l$ turns $v$ into $-v$: along $-v$ class $k$ gains on class $l$.",
             (Named(r"\mathrm{mean}(S[k])-\mathrm{mean}(S[l])",
                    multiclass.mean_difference(data, l, k), partial(_means, data, k, l)), "=",
              named("-v", opposite)),
             ([inner(r"(w_k-w_l)\cdot(-v)", between(rule, k, l).normal, opposite)
               for rule in rules], ">", 0)),
        step(r"So every rule leaves class $k$ along $v$, and class $l$ along $-v$: the label "
             r"beyond the last crossing is another one.",
             *((multiclass.last_label(rf"\text{{last label from }}"
                                      rf"x_{{{multiclass.place(instance, x)}}}"
                      rf"\text{{ along }}{'v' if way == v else '-v'}",
                      rules[number], x, way), "!=",
                named("k" if home == k else "l", home + 1)) for number, home, x, way, _ in runs)),
    )  # fmt: skip
    moved = data.certificate(
        rules,
        [facts.accurate(number) for number in range(len(rules))]
        + [facts.changes(number, x, way, c) for number, _, x, way, c in runs],
    )
    classes = data.classes
    there = certificates.class_left(data, k, v, gaps, multiclass.target(l, classes))
    back = certificates.class_left(data, l, opposite, gaps, multiclass.target(k, classes))
    v_named = Named(r"v=\mathrm{mean}(S[l])-\mathrm{mean}(S[k])", v)
    return Proof.of(v_named, *steps, there, back, moved)


def _means(data: MulticlassSet, k: int, l: int) -> str:
    """Return the difference of the means of two classes with their points."""
    sides = [(sign, [data.points[i] for i in data.members(c)]) for sign, c in ((1, k), (-1, l))]
    terms = [(Fraction(sign, len(points)), x) for sign, points in sides for x in points]
    return multiples(*terms)()


def draw_one_rule(rng: Random) -> tuple[MulticlassSet, ArgmaxRule]:
    """Return two to four points on a line with classes 0 and 1, and a rule with small numbers."""
    count = rng.randint(2, 4)
    data = MulticlassSet.of(
        [[rng.randint(-3, 3)] for _ in range(count)], [rng.randint(0, 1) for _ in range(count)], 2
    )
    weights = [[rng.randint(-3, 3)] for _ in range(2)]
    return data, ArgmaxRule.of(weights, [Fraction(rng.randint(-3, 3), 2), 0])


@theorem.as_printed(
    (MulticlassSet.of([[0], [1]], [0, 1], 2), ArgmaxRule.of([[0], [1]], ["1/2", 0])), draw_one_rule
)
def refute_one_rule(data: MulticlassSet, rule: ArgmaxRule) -> Refutation | None:
    """Refute when the accurate rule keeps some point along each of the two directions."""
    if set(data.labels) != {0, 1} or not accurate(rule, data):
        return None
    kept = []
    for v in ((ONE,), (-ONE,)):
        loyal = next(((x, y) for x, y in data.pairs if not is_adversarial(rule, x, v)), None)
        if loyal is None:
            return None
        kept.append((*loyal, v))
    return Refutation.of(
        "With two classes a direction that leads out of one class leads deeper into the other: "
        "along each direction of the line one data point keeps its label.",
        *(step(f"Along $v={number(v)}$ the point ${number(x)}$ keeps its class for ever: no other "
               "logit gains on that of its class.",
               (labelled(f"h{number(x)}", rule, x), "=", y + 1),
               (inner(rf"(w_{2 - y}-w_{y + 1})\cdot v", between(rule, 1 - y, y).normal, v),
                "<=", 0)) for x, y, v in kept),
        data.certificate([rule], [facts.accurate(0), *(facts.keeps(0, x, v) for x, _, v in kept)]),
    )  # fmt: skip


RIGHT, MIXED_UP = "some rule is right", "any two classes"


def draw_two(rng: Random, case: str) -> tuple[MulticlassSet, Vector]:
    """Return data of two classes, separable or not, and any direction, which is not 0."""
    if case == RIGHT:
        data = planted_set(rng, TWO).data
    else:
        drawn = small.labelled_set(rng, rng.randint(1, 2), rng.randint(2, 6))
        data = MulticlassSet(drawn.points, (0, 1, *((y + 1) // 2 for y in drawn.labels[2:])), 2)
    return data, numbers.nonzero_vector(rng, data.dimension)


@theorem.sharp((RIGHT, MIXED_UP), draw_two)
def decide_two(data: MulticlassSet, direction: Vector) -> Proof:
    """Look for an accurate rule, and for the proofs that both classes are left."""
    v = direction
    rule, none = accurate_models.model(data)
    both = [accurate_models.left(data, k, v) for k in (0, 1)]
    relations = step(
        "Both classes are left by all accurate rules exactly when there is no such rule.",
        (named(r"[\text{both are left}]", int(all(one.proved for one in both))), "=",
         named(r"[\text{no accurate rule}]", int(rule is None))),
    )  # fmt: skip
    if rule is None:
        return Proof.of(relations, none, *(one.certificate for one in both))
    kept = next(k for k in (0, 1) if dot(between(rule, 1 - k, k).normal, v) <= 0)
    return Proof.of(
        relations, mixtures.keeps(data, rule, kept, v), *(one.certificate for one in both)
    )


def draw_third_class(rng: Random) -> tuple[MulticlassSet, ArgmaxRule]:
    """Return three points on a line, one of each class, and a rule with small numbers."""
    data = MulticlassSet.of([[rng.randint(-3, 3)] for _ in range(3)], [0, 1, 2], 3)
    weights = [[rng.randint(-3, 3)] for _ in range(3)]
    bias = [Fraction(rng.randint(-6, 6), 2) for _ in range(3)]
    return data, ArgmaxRule.of(weights, bias)


@theorem.overstated((multiclass.THREE, STEEP), draw_third_class)
def refute_third_class(data: MulticlassSet, rule: ArgmaxRule) -> Refutation | None:
    """Refute that with three classes one vector leads out of the first and the third."""
    if not accurate(rule, data):
        return None
    ends = [i for k in (0, 2) for i in data.members(k)]
    kept = []
    for v in ((ONE,), (-ONE,)):
        loyal = next((i for i in ends if not is_adversarial(rule, data.points[i], v)), None)
        if loyal is None:
            return None
        kept.append((loyal, v))
    return Refutation.of(
        "Along each direction of the line the rule keeps a point of the first or third class.",
        *(step(f"Along $v={number(v)}$ the point $x_{i + 1}$ of class {y + 1} keeps its class for "
               "ever: no other logit gains on that of its class.",
               (labelled(f"h(x_{i + 1})", rule, data.points[i]), "=", y + 1),
               ([inner(rf"(w_{j + 1}-w_{y + 1})\cdot v", between(rule, j, y).normal, v)
                 for j in range(data.classes) if j != y], "<=", 0))
          for i, v in kept for y in (data.labels[i],)),
        data.certificate(
            [rule],
            [facts.accurate(0), *(facts.keeps(0, data.points[i], v) for i, v in kept)]
        ),
    )  # fmt: skip


def sharpness() -> Proof:
    """Evaluate both outcomes with a third class: one pair has a common vector, another has none."""
    data, v = multiclass.THREE, vector([1])
    gaps = multiclass.mean_gaps
    common = [
        certificates.class_left(data, k, v, gaps(data, k, k + 1), multiclass.target(k + 1, 3))
        for k in (0, 1)
    ]
    kept = data.certificate(
        [STEEP],
        [
            facts.accurate(0),
            facts.keeps(0, data.points[2], v),
            facts.keeps(0, data.points[0], combine((-1, v))),
        ],
    )
    return Proof.of(
        Given("data", data), Given("rule", STEEP), Named("v", v),
        step("On the points 0, 1, 2 of the classes 1, 2, 3 the vector $+1$ leads out of class "
             "1 and out of class 2, where class 3 takes over.",
             *((mixture(f"x_{i + 1}-x_{i}", (1, data.points[i]), (-1, data.points[i - 1])), "=",
                named("v", v)) for i in (1, 2))),
        step("For the classes 1 and 3 neither direction will do: an accurate rule keeps 2 "
             "along $+1$ and 0 along $-1$.",
             (multiclass.last_label(r"\text{last label from }2\text{ along }+1", STEEP,
                                    data.points[2], v), "=", 3),
             (multiclass.last_label(r"\text{last label from }0\text{ along }-1", STEEP,
                                    data.points[0], combine((-1, v))), "=", 1)),
        *common, kept,
    )  # fmt: skip


def symbolic() -> Symbolic:
    """Prove that with two classes the two requirements exclude each other."""
    rising = sympy.Interval.open(0, sympy.oo)
    falling = sympy.Interval.open(-sympy.oo, 0)
    yield SymbolicStep(
        "With two classes, leaving the first needs a positive slope of the gap, leaving the "
        "second a negative one.",
        r"\{s:s>0\}\cap\{s:s<0\}=\emptyset",
        "the slope $s=(w_2-w_1)\\cdot v$, two classes, any dimension",
        sympy.Intersection(rising, falling) is sympy.S.EmptySet,
    )


EXAMPLE = Instance(multiclass.THREE, 0, 1, (multiclass.STEEP,), (vector(["-1/2"]),))


CLAIM = theorem(
    __name__,
    without={"both labels": NO_OTHER_LABEL, "tie rule": POINTWISE_TIES},
    cases=multiclass.CASES,
    draw=multiclass.draw,
)
