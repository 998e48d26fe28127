"""Theorem 4: the max-margin direction is adversarial for every separator at every point."""

from __future__ import annotations

from fractions import Fraction

from certify.rationals import combine
from verify.claims.charles2019 import certificates, separation
from verify.claims.charles2019.separation import Instance, LargestMargin
from verify.claims.claim import Claim, Hypothesis, Paper, Proof, Verdict, step
from verify.sampling import labelled_sets


def prove(instance: Instance) -> Proof:
    """Evaluate w.u as a combination of margins, and the label beyond the boundary."""
    data, largest = instance.data, LargestMargin(instance.data)
    a, u = largest.multipliers, largest.direction
    rules = instance.separators
    slopes = [separation.slope(rule, largest) for rule in rules]
    crossings = [
        (rule, x, y, y * rule.value(x) / slope)
        for rule, slope in zip(rules, slopes, strict=True)
        for queries in (separation.labelled_queries(rule, instance),)
        for x, y in zip(queries.points, queries.labels, strict=True)
    ]
    steps = (
        step(r"The multipliers balance the classes, $\sum\alpha_iy_i=0$, so the offset drops out: "
             r"$w\cdot u=\sum\alpha_iy_i(w\cdot x_i+b)=\sum\alpha_im_i$.",
             (sum((m * y for m, y in zip(a, data.labels, strict=True)), Fraction(0)), "=", 0),
             *((s, "=", separation.weighted_margins(rule, largest))
               for rule, s in zip(rules, slopes, strict=True))),
        step(r"Every margin $m_i$ of a separator is positive and some $\alpha_i$ is, hence "
             r"$w\cdot u>0$.", (max(a), ">", 0), *((s, ">", 0) for s in slopes)),
        step(r"From any $x$ with label $y$ the value $y(w\cdot x+b)$ falls along $-yu$ at the rate "
             r"$w\cdot u$ and is $0$ at $c=y(w\cdot x+b)/(w\cdot u)$.",
             *((rule.value(combine((1, x), (-y * c, u))), "=", 0) for rule, x, y, c in crossings)),
        step(r"Beyond that step, for instance at $c+1$, the label is $-y$.",
             *((rule.label(combine((1, x), (-y * (c + 1), u))), "=", -y)
               for rule, x, y, c in crossings)),
    )  # fmt: skip
    return Proof(steps, (certificates.every_separator(data, u, Fraction(0), a),))


CLAIM = Claim(
    id="charles-thm-4",
    paper=Paper.CHARLES,
    number="Theorem 4",
    title="The max-margin direction fools every separator at every point",
    statement=r"Let $S$ be finite and separable with both labels, and let $h$ be right on all of "
    r"$S$. For each $(x,y)$ with $h(x)=y$, in $S$ or not, $-yw^*$ is adversarial for $h$ at $x$.",
    verdict=Verdict.REPAIRED,
    verdict_reason=r"Needs both labels, a finite set, and rules defined on all of $\mathbb{R}^d$: "
    "on a pixel box the step can leave the domain first.",
    hypotheses=(
        Hypothesis("both labels", "Some point is labelled +1 and some point -1."),
        Hypothesis("finite", "The set is finite."),
        Hypothesis("accurate", "The rule is right on every point of the set."),
        Hypothesis("whole space", r"The rule is defined on all of $\mathbb{R}^d$."),
    ),
    sharp_form=r"Max-margin is not special: $v$ does this for all separators exactly when "
    r"$v\neq0$ lies in the cone of differences $x_+-x_-$.",
    quantifier="for all separators and all points at once, by the multipliers; also evaluated on "
    "sampled and extreme separators",
    cases=labelled_sets.CASES,
    draw=separation.draw,
    prove=prove,
)
