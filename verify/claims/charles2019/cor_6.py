"""Corollary 6: one step size at which every separator loses some point of the data."""

from __future__ import annotations

from fractions import Fraction

from certify.rationals import combine, dot
from verify.claims.charles2019 import certificates, separation
from verify.claims.charles2019.separation import Instance, LargestMargin
from verify.claims.claim import Claim, Hypothesis, Paper, Proof, Verdict, step
from verify.sampling import labelled_sets


def prove(instance: Instance) -> Proof:
    """Evaluate the smallest flipping step of every separator against gamma*."""
    data, largest = instance.data, LargestMargin(instance.data)
    a, u = largest.multipliers, largest.direction
    threshold = 1 / sum(a, Fraction(0))
    first, landed = [], []
    for rule in instance.separators:
        margins, rate = rule.margins(data), separation.slope(rule, largest)
        first.append((min(margins) / rate, "<=", threshold))
        k = margins.index(min(margins))
        x, y = data.points[k], data.labels[k]
        after = y * rule.value(combine((1, x), (-y * threshold, u)))
        landed.append((after, "<=", 0))
    best = largest.rule
    steps = (
        step(r"In the scale of $u$ the multipliers sum to $2$, so the step $1/\sum\alpha_i$ is "
             r"$\frac12$, which is $\gamma^*$ along $w^*$.",
             (threshold, "=", Fraction(1, 2)), (4 * largest.answer.margin_squared, "=", dot(u, u))),
        step(r"$w\cdot u/\sum\alpha_i$ is an average of margins, so the least margin is no larger: "
             r"some point of $S$ needs a step of at most "
             r"$\gamma^*$.", *first),  # type: ignore[arg-type]
        step(r"At that step the point has reached the boundary or passed "
             r"it.", *landed),  # type: ignore[arg-type]
        step(r"The max-margin rule needs the step $\gamma^*$ at every support vector, and no less "
             r"at any point.",
             (min(best.margins(data)) / separation.slope(best, largest), "=", threshold)),
    )  # fmt: skip
    return Proof(steps, (certificates.some_point_flips(data, u, a, best),))


CLAIM = Claim(
    id="charles-cor-6",
    paper=Paper.CHARLES,
    number="Corollary 6",
    title="One step size at which every separator loses a point",
    statement=r"Let $S$ be finite and separable with both labels and $\alpha$ as in Lemma 3. For "
    r"every rule $h$ that is right on $S$ there is $(x,y)\in S$ with $h(x-cyw^*)\neq y$ for all "
    r"$c>1/\sum\alpha_i$.",
    verdict=Verdict.REPAIRED,
    verdict_reason="Needs both labels; the constant means something only for the multipliers on "
    "points of minimal margin.",
    hypotheses=(
        Hypothesis("both labels", "Some point is labelled +1 and some point -1."),
        Hypothesis("finite", "The set is finite."),
        Hypothesis("accurate", "The rule is right on every point of the set."),
    ),
    sharp_form=r"Some point of $S$ is lost by every accurate rule exactly when $c\ge\gamma^*$, the "
    r"endpoint included.",
    quantifier="for all separators at once, by the multipliers, and sharp by one separator; also "
    "evaluated on sampled and extreme separators",
    cases=labelled_sets.CASES,
    draw=separation.draw,
    prove=prove,
)
