"""Lemma 3: the maximum-margin normal is a signed combination of the data."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from random import Random

import sympy

from certify import linear_program, max_margin
from certify.rationals import Vector, combine, dot
from verify.claims.charles2019 import certificates, infinite_sets, separation
from verify.claims.charles2019.separation import Instance, LargestMargin
from verify.claims.claim import (
    Claim,
    Counterexample,
    Hypothesis,
    Operator,
    Paper,
    Proof,
    Refutation,
    SymbolicStep,
    Value,
    Verdict,
    step,
)
from verify.objects import LabelledSet, LinearRule
from verify.sampling import labelled_sets, small


def prove(instance: Instance) -> Proof:
    """Evaluate nearest points, support inequalities, optimality and the two identities."""
    data, largest = instance.data, LargestMargin(instance.data)
    a, u = largest.multipliers, largest.direction
    p, q = largest.nearest_points
    square = dot(u, u)
    by_class: list[tuple[Value, Operator, Value]] = [
        (sum((m for m, y in zip(a, data.labels, strict=True) if y == side), Fraction(0)), "=", 1)
        for side in (1, -1)
    ]
    steps = (
        step(r"The nearest points $p=\sum\mu_ix_i$ of the positive and $q=\sum\nu_jx_j$ of the "
             r"negative hull have convex weights.", *by_class, (min(a), ">=", 0)),
        step(r"They differ: $u=p-q\neq0$.", (combine((1, p), (-1, q)), "=", u), (square, ">", 0)),
        step(r"By minimality $u\cdot x\ge u\cdot p$ on positive and $u\cdot x\le u\cdot q$ on "
             r"negative points.",
             (min(dot(u, x) for x in data.positive), ">=", dot(u, p)),
             (max(dot(u, x) for x in data.negative), "<=", dot(u, q))),
        step(r"A separator with margin $\gamma$ has $2\gamma|w|\le w\cdot p-w\cdot q=w\cdot "
             r"u\le|w||u|$; squared, $4\gamma^2|w|^2\le(w\cdot u)^2\le|w|^2|u|^2$.",
             *((4 * min(rule.margins(data)) ** 2, "<=", separation.slope(rule, largest) ** 2)
               for rule in instance.separators),
             *((separation.slope(rule, largest) ** 2, "<=", dot(rule.normal, rule.normal) * square)
               for rule in instance.separators)),
        step(r"The rule with normal $u$ through the middle of $p$ and $q$ attains "
             r"$\gamma^*=|u|/2$.",
             (min(largest.rule.margins(data)), "=", 1),
             (4 * largest.answer.margin_squared, "=", square)),
        step(r"With $\alpha=(\mu,\nu)$: $\sum\alpha_iy_ix_i=u$ and $\sum\alpha_iy_i=0$.",
             (data.signed_sum(a), "=", u),
             (sum((m * y for m, y in zip(a, data.labels, strict=True)), Fraction(0)), "=", 0)),
        step(r"Points with $\alpha_i>0$ have minimal margin, and $\sum\alpha_i=2$ in the scale of "
             r"$u$, which is $1/\gamma^*$ in the scale $|w^*|=1$.",
             *((m, "=", 1) for m, w in zip(largest.rule.margins(data), a, strict=True) if w > 0),
             (sum(a, Fraction(0)), "=", 2)),
    )  # fmt: skip
    return Proof(steps, (largest.answer.certificate,))


EXAMPLE = Instance(
    LabelledSet.of([[0, 0], [0, 1], [1, 1]], [-1, 1, 1]), (LinearRule.of([3, 1], "-1/2"),), ()
)


@dataclass(frozen=True)
class Normal:
    """A labelled set, which may lack a label, and a normal whose offset is free."""

    data: LabelledSet
    normal: Vector


def draw_normal(rng: Random) -> Normal:
    """Return up to three points with any labels and a normal, all small."""
    d = rng.randint(1, 2)
    return Normal(small.labelled_set(rng, d, rng.randint(1, 3)), small.vector(rng, d))


def refute_largest(instance: Normal) -> Refutation | None:
    """Refute when rules with this normal have margins beyond all bounds, by a linear program.

    Its unknowns are the offset b and a common lower bound of the margins, which is maximised.
    """
    data, w = instance.data, instance.normal
    if not any(w):
        return None
    rows = [[-y, 1] for y in data.labels]
    bounds = [y * dot(w, x) for x, y in zip(data.points, data.labels, strict=True)]
    answer = linear_program([0, 1], (rows, bounds), maximize=True)
    if answer.status != "unbounded" or answer.ray is None:
        return None
    return Refutation(
        "Moving the offset raises the margin beyond every bound, so no margin is the largest.",
        (
            step("The normal is not zero.", (dot(w, w), ">", 0)),
            step("The margin grows along the ray.", (answer.ray[1], ">", 0)),
        ),
        (answer.certificate,),
    )


def draw_any(rng: Random) -> LabelledSet:
    """Return up to four small points with both labels, separable or not."""
    drawn = small.labelled_set(rng, rng.randint(1, 2), rng.randint(2, 4))
    return LabelledSet(drawn.points, (1, -1, *drawn.labels[2:]))


def refute_exists(data: LabelledSet) -> Refutation | None:
    """Refute when no rule is right on the set, so that there is none of largest margin."""
    answer = max_margin(data.points, data.labels)
    if answer.separable:
        return None
    zero = (Fraction(0),) * data.dimension
    return Refutation(
        "A mixture of the points labelled +1 is a mixture of those labelled -1, so no rule is "
        "right on all of them.",
        (
            step("The signed mixture cancels.", (data.signed_sum(answer.multipliers), "=", zero)),
            step("The weights are a mixture.", (min(answer.multipliers), ">=", 0),
                 (sum(answer.multipliers, Fraction(0)), "=", 1)),
        ),
        (answer.certificate,),
    )  # fmt: skip


def sharpness() -> Proof:
    """Evaluate that the identities leave the multipliers open, and the scale of their sum.

    On -1 labelled -1 and 1, 3 labelled +1 two multiplier vectors represent $w^*=1$.
    """
    data = LabelledSet.of([[-1], [1], [3]], [-1, 1, 1])
    best = LargestMargin(data)
    w = (Fraction(1),)
    support, spread = ((Fraction(1, 2),) * 2 + (Fraction(0),), (Fraction(1, 4), Fraction(0),
                       Fraction(1, 4)))  # fmt: skip
    largest = LargestMargin(EXAMPLE.data)
    square, total = largest.answer.margin_squared, sum(largest.answer.multipliers, Fraction(0))
    return Proof(
        (
            step("Both multiplier vectors satisfy both identities.",
                 *((data.signed_sum(a), "=", w) for a in (support, spread)),
                 *((a[1] + a[2] - a[0], "=", 0) for a in (support, spread))),
            step(r"Their sums differ: $1=1/\gamma^*$ on points of minimal margin, else less.",
                 (best.answer.margin_squared, "=", 1), (sum(support), "=", 1),
                 (sum(spread), "=", Fraction(1, 2))),
            step(r"With the textbook vector $w^*/\gamma^*$ the sum is $1/\gamma^{*2}$, with $u$ it "
                 r"is $2$; $|w|/\sum\alpha_i=\gamma^*$ in every scale.",
                 (total, "=", 1 / square), (sum(largest.multipliers, Fraction(0)), "=", 2),
                 (dot(largest.answer.w, largest.answer.w) / total**2, "=", square),
                 (dot(largest.direction, largest.direction) / 4, "=", square)),
        ),
        (
            best.answer.certificate,
            largest.answer.certificate,
            *(certificates.every_separator(data, w, Fraction(0), a) for a in (support, spread)),
        ),
    )  # fmt: skip


def symbolic() -> tuple[SymbolicStep, ...]:
    """Prove the expansion behind the support inequalities, and Cauchy-Schwarz."""
    return tuple(make(d) for make in (_expansion, _cauchy) for d in (1, 2, 3))


def _expansion(d: int) -> SymbolicStep:
    u, e, t = sympy.symbols(f"u:{d}"), sympy.symbols(f"e:{d}"), sympy.Symbol("t")
    moved = sum((p + t * q) ** 2 for p, q in zip(u, e, strict=True))
    product = sum(p * q for p, q in zip(u, e, strict=True))
    squares = sum(p**2 for p in u), sum(q**2 for q in e)
    return SymbolicStep(
        r"With $e=x-p$ and $u\cdot e<0$ a small step towards $x$ would shorten $u$.",
        r"|u+te|^2=|u|^2+2t\,(u\cdot e)+t^2|e|^2",
        f"dimension {d}",
        sympy.expand(moved - squares[0] - 2 * t * product - t**2 * squares[1]) == 0,
    )


def _cauchy(d: int) -> SymbolicStep:
    w, u = sympy.symbols(f"w:{d}"), sympy.symbols(f"u:{d}")
    product = sum(p * q for p, q in zip(w, u, strict=True))
    gap = sum(p**2 for p in w) * sum(q**2 for q in u) - product**2
    squares = sum((w[i] * u[j] - w[j] * u[i]) ** 2 for i in range(d) for j in range(i))
    return SymbolicStep(
        "The Cauchy-Schwarz inequality, by a sum of squares.",
        r"|w|^2|u|^2-(w\cdot u)^2=\sum_{i<j}(w_iu_j-w_ju_i)^2",
        f"dimension {d}",
        sympy.expand(gap - squares) == 0,
    )


CLAIM = Claim(
    id="charles-lem-3",
    paper=Paper.CHARLES,
    number="Lemma 3",
    title="The max-margin normal is a signed combination of the data",
    literal=r"For a linearly separable $S$ with max-margin normal $w^*$, $|w^*|=1$, there are "
    r"$\alpha_i\ge0$ with $w^*=\sum\alpha_iy_ix_i$ and $\sum\alpha_iy_i=0$.",
    statement=r"Let $S$ be finite, linearly separable and have both labels. Then the max-margin "
    r"rule exists and is unique, and there are $\alpha\ge0$ with $w^*=\sum\alpha_iy_ix_i$ and "
    r"$\sum\alpha_iy_i=0$.",
    verdict=Verdict.REPAIRED,
    verdict_reason="Both labels must occur and the set must be finite. The two printed identities "
    "do not determine the multipliers, not even their sum.",
    hypotheses=(
        Hypothesis(
            "both labels",
            "Some point is labelled +1 and some point -1.",
            Counterexample(
                r"With one label the margin grows with the offset and none is the largest; the "
                r"identities would force $\alpha=0$ and $w^*=0$.",
                Normal(LabelledSet.of([[0]], [1]), (Fraction(1),)),
                refute_largest,
                draw_normal,
            ),
        ),
        Hypothesis("finite", "The set is finite.", infinite_sets.UNIQUE),
        Hypothesis(
            "separable",
            "Some linear rule is right on every point.",
            Counterexample(
                "One point with both labels: no rule is right, so none has the largest margin.",
                LabelledSet.of([[0], [0]], [1, -1]),
                refute_exists,
                draw_any,
            ),
        ),
    ),
    sharp_form=r"One can choose $\alpha$ on points of minimal margin, and then "
    r"$\sum\alpha_i=1/\gamma^*$ when $|w^*|=1$.",
    quantifier="optimal among all separators at once, by the KKT conditions; also compared with "
    "sampled and extreme separators",
    cases=labelled_sets.CASES,
    draw=separation.draw,
    example=EXAMPLE,
    prove=prove,
    sharpness=sharpness,
    symbolic=symbolic,
)
