"""Lemma 3: the maximum-margin normal is a signed combination of the data."""

from __future__ import annotations

from fractions import Fraction

from certify.rationals import combine, dot
from verify.claims.charles2019 import separation
from verify.claims.charles2019.separation import Instance, LargestMargin
from verify.claims.claim import Claim, Hypothesis, Paper, Proof, Verdict, step
from verify.sampling import labelled_sets


def prove(instance: Instance) -> Proof:
    """Evaluate nearest points, support inequalities, optimality and the two identities."""
    data, largest = instance.data, LargestMargin(instance.data)
    a, u = largest.multipliers, largest.direction
    p, q = largest.nearest_points
    square = dot(u, u)
    by_class = [
        (sum((m for m, y in zip(a, data.labels, strict=True) if y == side), Fraction(0)), "=", 1)
        for side in (1, -1)
    ]
    steps = (
        step(r"The nearest points $p=\sum\mu_ix_i$ of the positive and $q=\sum\nu_jx_j$ of the "
             r"negative hull have convex weights.", *by_class, (min(a), ">=", 0)),  # type: ignore[arg-type]
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


CLAIM = Claim(
    id="charles-lem-3",
    paper=Paper.CHARLES,
    number="Lemma 3",
    title="The max-margin normal is a signed combination of the data",
    statement=r"Let $S$ be finite, linearly separable and have both labels. Then the max-margin "
    r"rule exists and is unique, and there are $\alpha\ge0$ with $w^*=\sum\alpha_iy_ix_i$ and "
    r"$\sum\alpha_iy_i=0$.",
    verdict=Verdict.REPAIRED,
    verdict_reason="Both labels must occur and the set must be finite. The two printed identities "
    "do not determine the multipliers, not even their sum.",
    hypotheses=(
        Hypothesis("both labels", "Some point is labelled +1 and some point -1."),
        Hypothesis("finite", "The set is finite."),
        Hypothesis("separable", "Some linear rule is right on every point."),
    ),
    sharp_form=r"One can choose $\alpha$ on points of minimal margin, and then "
    r"$\sum\alpha_i=1/\gamma^*$ when $|w^*|=1$.",
    quantifier="optimal among all separators at once, by the KKT conditions; also compared with "
    "sampled and extreme separators",
    cases=labelled_sets.CASES,
    draw=separation.draw,
    prove=prove,
)
