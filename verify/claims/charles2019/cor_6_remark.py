r"""Section 3, remark after Corollary 6: One step size for all separators and all points

Printed: Thus, for any set $S$, there is a universal constant $c_S$ such that for any $h$ that
    linearly separates $S$ and any $(x,y)\in S$, $-c_Syw^*$ is an adversarial perturbation for $h$
    at $x$.
    Refuted: On $(0,0)$ labelled -1 and $(0,1)$, $(1,1)$ labelled +1, with $w^*=(0,1)$, the rules
        $\mathrm{sign}(tx_1+x_2-\frac12)$, $t\ge c>0$, keep the label of $(1,1)$ at $(1,1)-c(0,1)$.
Statement: Let $S$ be finite and separable with both labels, and let $a_k$ be the largest $\alpha_k$
    over all $\alpha\ge0$ with $\sum\alpha_iy_ix_i=w^*$ and $\sum\alpha_iy_i=0$. If $a_k>0$, the
    step $1/a_k$ along $-y_kw^*$ changes the label of $x_k$ for every separator, whatever label its
    boundary has, and no smaller one does; if $a_k=0$, no step does.
Verdict: false as stated. The remark exchanges quantifiers: Corollary 6 finds a point for each rule,
    Theorem 4 a step for each rule and point. Three points of the plane already have no such
    constant.
Reading: $S$ is finite, linearly separable and has both labels, as Corollary 6 needs. The order of
    the quantifiers is printed: $c_S$ before $h$ and $(x,y)$.
Needs both labels: Some point is labelled +1 and some point -1.
Sharp: If $S$ is finite, some linear rule is right on it and both labels occur: a constant for all
    points exists exactly when some $\alpha$ with $\alpha_i>0$ for all $i$ represents $w^*$; the
    least one is then $\max_k(1/a_k)$, at least $2\gamma^*$.
    Rests on: Coq in part cor_6_remark, cor_6_remark_exact. If all $a_k>0$, the mean of the
        $\alpha^{(k)}$ is positive; the sum of $\alpha_i$ over a class is at most $1/(2\gamma^*)$
        (Lemma 3), so $a_k\le1/(2\gamma^*)$.
Quantifier: for all separators at once, from both sides, at every point of sampled sets; those whose
    boundary has the other label than the point at the step $1/a_k$ itself by step 3, from $1/a_k+1$
    on at once; also evaluated on sampled and extreme separators
Uses: charles-lem-3, charles-cor-6
The idea: Corollary 6 finds a point for each rule. The remark claims one step for all rules and all
    points. These are different things: the order of *for all* and *there is* has been exchanged.
Why it is true: What holds instead is exact. For a point $x_k$, ask for the largest weight $a_k$ it
    can carry among all ways to write $w^*$ as a balanced combination of the data. If $a_k>0$, the
    step $1/a_k$ turns $x_k$ for every accurate rule, and no smaller one does. If $a_k=0$, no step
    does: linear programming duality hands you a rule that is level along $w^*$, has no point on its
    wrong side and $x_k$ strictly on the right one. Mix more and more of it into the max-margin
    rule: the mixtures are accurate and need longer and longer steps.
Before you use it: Drag the figure: put a point far along the strip, where it can carry no weight,
    and its arrow becomes a dashed one. The printed remark already fails for three points of the
    plane.
"""

from fractions import Fraction
from functools import partial
from random import Random

import sympy

from certify.certificates import facts
from certify.numbers.rationals import Vector, combine, dot
from verify.claims.charles2019.shared import separators
from verify.claims.charles2019.shared.labelled import labelled
from verify.claims.charles2019.shared.separators import (
    Instance,
    LargestMargin,
    least_margin,
    signed_sum,
)
from verify.claims.charles2019.shared.steps import UniversalStep, serving, universal_step
from verify.claims.charles2019.sharp.cor_6_remark import SHARP
from verify.claims.charles2019.without import one_label
from verify.claims.language import (
    Given,
    Named,
    Proof,
    Refutation,
    Relations,
    Symbolic,
    SymbolicStep,
    computed,
    greatest,
    inner,
    least,
    named,
    products,
    step,
    theorem,
)
from verify.claims.relation import number
from verify.drawing import labelled_sets, small
from verify.objects import LabelledSet, LinearRule

SHORTER = Fraction(9, 10)  # a step this much below the supremum is not enough
FAR = Fraction(1000)  # nor is this one where no step is


def prove(instance: Instance) -> Proof:
    """Evaluate the largest multiplier of every point, and the rules that need the whole step."""
    data, largest = instance.data, LargestMargin(instance.data)
    u, best = largest.direction, largest.rule
    found = [universal_step(data, u, k) for k in range(len(data.labels))]
    finite = [s for s in found if s.step is not None]
    before, landed = Relations(), Relations()
    for rule in instance.separators:
        margins, slope = rule.margins(data), dot(rule.normal, u)
        for s in finite:
            a, k = s.multipliers, s.point
            rest = [(-a[i], m) for i, m in enumerate(margins) if i != k]
            surplus = computed(
                rf"a_{{{k + 1}}}m_h(x_{{{k + 1}}})-w\cdot u",
                "a * m - s",
                a=a[k],
                m=margins[k],
                s=slope,
            )
            others = inner(
                rf"-\sum_{{i\neq {k + 1}}}\alpha_im_h(x_i)",
                [b for b, _ in rest], [m for _, m in rest],
            )  # fmt: skip
            before.append((surplus, "=", others))
            x = s.moved(1 / a[k])
            landed.append((surplus, "<=", 0))
            landed.append((labelled(rf"h(x_{{{k + 1}}}-y_{{{k + 1}}}c_{{{k + 1}}}u)", rule, x),
                           "=", named(f"-y_{{{k + 1}}}", -data.labels[k])))  # fmt: skip
    kept = Relations()
    keepers: list[Given] = []
    for s in found:
        c = FAR if s.step is None else SHORTER * s.step
        rule = s.keeping(best, c)
        k = s.point + 1
        keepers.append(Given(f"rule $h_{k}$", rule))
        kept += [(least_margin(rf"\min_im_{{h_{k}}}(x_i)", rule, data), ">", 0),
                 (labelled(rf"h_{k}(x_{k}-y_{k}cu)", rule, s.moved(c)), "=",
                  named(f"y_{k}", data.labels[s.point]))]  # fmt: skip
    mean = combine(*((Fraction(1, len(found)), s.multipliers) for s in found))
    steps = (
        step(r"For each $x_k$ a linear program gives $\alpha^{(k)}\ge0$ with $\sum\alpha^{(k)}_i"
             r"y_ix_i=u$, $\sum\alpha^{(k)}_iy_i=0$ and $\alpha^{(k)}_k=a_k$ as large as possible.",
             ([separators.signed_sum(r"\sum\alpha^{(#)}_iy_ix_i", data, s.multipliers)
               for s in found], "=", named("u", u)),
             ([inner(r"\sum\alpha^{(#)}_iy_i", s.multipliers, data.labels) for s in found], "=", 0),
             ([least(r"\min_i\alpha^{(#)}_i", s.multipliers) for s in found], ">=", 0)),
        step(r"If $a_k>0$ then, with $\alpha=\alpha^{(k)}$, $a_km_h(x_k)-w\cdot u=-\sum_{i\neq k}"
             r"\alpha_im_h(x_i)$ for every rule $h$ that is right, here for the separator.",
             *before),
        step(r"This is at most $0$, and $0$ only if all points of the other class that carry "
             r"$\alpha$ lie on the boundary, so that their label owns it; and some do. Either way "
             r"the step $c_k=1/a_k$ changes the label of $x_k$.",
             ([_other_label(s) for s in finite], ">", 0),
             *landed),
        step(r"Duality gives a limit rule $(w^{(k)},b^{(k)})$ with margins $m^{(k)}\ge0$ that "
             r"needs the step $1/a_k$, or that is level along $u$ with a positive margin at $x_k$ "
             r"if $a_k=0$.",
             ([least_margin(r"\min_im^{(#)}(x_i)", s.limit, data) for s in found], ">=", 0),
             ([inner(r"w^{(#)}\cdot u", s.limit.normal, u) for s in found], "=",
              named("[a_#>0]", [int(s.step is not None) for s in found])),
             *((_own_margin(s), "=", _whole_step(s))
               if s.step is not None else (_own_margin(s), ">", 0)
               for s in found)),
        step(r"Mixed with a separator it is one that keeps the label of $x_k$ at any smaller step: "
             r"a rule $h_k$ for $c=\frac{9}{10}c_k$, or for $c=1000$ if $a_k=0$.", *kept),
        step(r"One step serves all points exactly when some $\alpha>0$ represents $u$, as the mean "
             r"of these $\alpha$ then does.",
             (Named(r"[\text{mean of all }\alpha^{(k)}>0]", int(min(mean) > 0),
                    partial(_positive, mean)), "=",
              Named(r"[a_k>0\text{ for all }k]", int(len(finite) == len(found)),
                    partial(_positive, tuple(s.multipliers[s.point] for s in found))))),
        step(r"No point can do with less than $u$, that is $2\gamma^*$: $a_k\le1$. For $u\cdot "
             r"x_i\ge u\cdot p$ on points labelled +1 and $\le u\cdot q$ on the others, $p$ and "
             r"$q=p-u$ being the nearest points of the hulls. So $|u|^2=\sum\alpha_iy_iu\cdot x_i$ "
             r"is at least $|u|^2$ times the sum of either class.",
             (greatest(r"\max_ka_k", [s.multipliers[s.point] for s in found]), "<=", 1)),
    )  # fmt: skip
    lost = [c for s in finite for c in serving(data, u, s.multipliers, s.point)]
    return Proof.of(
        *separators.objects(largest),
        *(Named(rf"\alpha^{{({s.point + 1})}}", s.multipliers) for s in found),
        *(Named(rf"(w^{{({s.point + 1})}},b^{{({s.point + 1})}})",
                (*s.limit.normal, s.limit.offset)) for s in found),
        *keepers, *steps, *(s.certificate(best) for s in found), *lost,
    )  # fmt: skip


def _other_label(s: UniversalStep) -> Named:
    """Return the sum of the multipliers of the label that the point has not, by name."""
    k, own = s.point + 1, s.data.labels[s.point]
    name = rf"\sum_{{y_i=-y_{k}}}\alpha^{{({k})}}_i"
    return separators.named_totals((name, name), s.data, s.multipliers)[own == 1]


def _own_margin(s: UniversalStep) -> Named:
    name = rf"m^{{({s.point + 1})}}(x_{{{s.point + 1}}})"
    return separators.named_margins(name, s.limit, s.data)[s.point]


def _whole_step(s: UniversalStep) -> Named:
    """Return 1/a by name, which is the step."""
    whole = computed("", "1 / a", a=s.multipliers[s.point] or 1)
    return Named(f"1/a_{{{s.point + 1}}}", s.step or Fraction(0), whole.numbers)


def _positive(values: Vector) -> str:
    return rf"[\min{number(values)}{'>' if min(values) > 0 else '='}0]"


# At (1, 1) no step is enough; the other two points need 1 and 1 in units of u.
EXAMPLE = Instance(
    LabelledSet.of([[0, 0], [0, 1], [1, 1]], [-1, 1, 1]), (LinearRule.of([3, 1], "-1/2"),), ()
)


def draw_chosen(rng: Random) -> tuple[LabelledSet, int]:
    """Return up to four small points with both labels and an index."""
    data = small.both_labels(rng, rng.randint(1, 2), rng.randint(2, 4))
    return data, rng.randrange(len(data.labels))


@theorem.as_printed((EXAMPLE.data, 2), draw_chosen)
def refute_one_step(data: LabelledSet, point: int) -> Refutation | None:
    """Refute when no step along the max-margin direction is enough at the point."""
    largest = LargestMargin(data)  # raises InputError when no rule is right
    u, best = largest.direction, largest.rule
    answer = universal_step(data, u, point)
    if answer.step is not None:
        return None
    y, steps = data.labels[point], (Fraction(1), FAR)
    rules = [answer.keeping(best, c) for c in steps]
    return Refutation.of(
        "However long the step, some rule that is right on every point keeps the label of this "
        "one: mix a separator with more and more of a rule that is level along $w^*$.",
        Named("u", u), Given("limit rule", answer.limit),
        *(Given(f"rule $h_{i}$", rule) for i, rule in enumerate(rules, 1)),
        step("The limit rule is level, right up to its boundary, and strictly right at the "
             "point.",
             (inner(r"w\cdot u", answer.limit.normal, u), "=", 0),
             (least_margin(r"\min_im_i", answer.limit, data), ">=", 0),
             (_own_margin(answer), ">", 0)),
        step(r"Accurate rules keep the label at the steps $c_1=1$ and $c_2=1000$.",
             ([least_margin(r"\min_im_{h_#}(x_i)", rule, data) for rule in rules], ">", 0),
             ([labelled("h_#(x-yc_#u)", rule, answer.moved(c))
                                     for rule, c in zip(rules, steps, strict=True)],
              "=", named("y", y))),
        largest.answer.certificate,
        answer.certificate(best),
        data.certificate(
            rules,
            [fact for i, c in enumerate(steps)
             for fact in (facts.accurate(i), facts.label(i, answer.moved(c), y))]
        ),
    )  # fmt: skip


def sharpness() -> Proof:
    """Evaluate that even for two points on a line the constant is not near $1/\\sum\\alpha_i$."""
    data = LabelledSet.of([[0], [1]], [-1, 1])
    largest = LargestMargin(data)
    answer = universal_step(data, largest.direction, 1)
    rule, c = LinearRule.of([1], "-1/5"), Fraction(3, 5)
    u = largest.direction
    return Proof.of(
        Given("data", data), Given("rule $h$", rule), Named("u=|u|w^*", u),
        Named(r"\alpha", largest.multipliers), named("c", c),
        step(r"The step $c$ exceeds $1/\sum\alpha_i$.",
             (named("c", c), ">", computed(r"1/\sum\alpha_i", "1 / (a + b)",
                                           a=largest.multipliers[0], b=largest.multipliers[1]))),
        step("$h$ is right on both points and keeps the label of $x_2$ at $x_2-cu$.",
             ([Named(f"m_h(x_{{{i}}})", m, products((y,), (rule.value(x),)))
               for i, (x, y) in enumerate(data.pairs, 1) for m in [y * rule.value(x)]],
              ">", 0),
             (labelled("h(x_2-cu)", rule, answer.moved(c)), "=", 1)),
        step(r"The exact constant is $1/a_2=1$, that is $2\gamma^*=|u|$: $\alpha_1=\alpha_2$, and "
             r"$\alpha_2x_2-\alpha_1x_1=u$, leave $\alpha_2=a_2=1$ only.",
             (signed_sum(r"\alpha_2x_2-\alpha_1x_1", data, answer.multipliers), "=",
              named("u", u)),
             (computed(r"1/a_2", "1 / a", a=answer.multipliers[1]), "=",
              named("|u|", abs(u[0])))),
        answer.certificate(largest.rule),
        data.certificate([rule], [facts.accurate(0), facts.label(0, answer.moved(c), 1)]),
    )  # fmt: skip


def symbolic() -> Symbolic:
    """Prove for all real steps at once that the steep rules keep the label on the example."""
    c, excess = sympy.symbols("c e", nonnegative=True)
    w = sympy.Matrix([c + excess, 1])  # t = c + e

    def value(*x: sympy.Expr | int) -> sympy.Expr:
        return sympy.expand(w.dot(x) - sympy.Rational(1, 2))

    margins = (-value(0, 0), value(0, 1), value(1, 1), value(1, 1 - c))
    yield SymbolicStep(
        r"With $t\ge c$ the rule $\mathrm{sign}(tx_1+x_2-\frac12)$ is right on the example and "
        r"keeps $(1,1)-c(0,1)$ at +1.",
        r"t+\frac12-c\ge\frac12>0",
        r"every step $c\ge0$, on three points of the plane",
        all(margin.is_positive for margin in margins),
    )


CLAIM = theorem(
    __name__,
    without={"both labels": one_label.COUNTEREXAMPLE},
    sharp=SHARP,
    cases=labelled_sets.CASES,
    draw=separators.draw,
)
