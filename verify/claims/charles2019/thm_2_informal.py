"""Theorem 2, informal: one direction for all accurate networks with nonnegative output weights."""

from __future__ import annotations

from fractions import Fraction
from random import Random

from certify import certificates
from certify.numbers.rationals import dot
from verify.claims.charles2019 import thm_10, thm_15
from verify.claims.charles2019.sharp import (
    direction_decisions,
    direction_overstatements,
    relu_directions,
)
from verify.claims.charles2019.thm_10 import Instance
from verify.claims.charles2019.without import relu as relu_counterexamples
from verify.claims.claim import Claim, Hypothesis, Paper, Proof, SharpForm, Verdict, step
from verify.drawing import relu_rules


def draw(rng: Random, case: str) -> Instance:
    """Return a set of the named case, an accurate rule of class R or R' and a pair of points."""
    if rng.random() < 0.5:
        return thm_10.draw(rng, case)
    return thm_15.draw(rng, case)


def sharpness() -> Proof:
    """Evaluate what the width does: networks of one unit have more universal directions.

    With + (1, 1), (-1, 1) and - (0, 0) the max-margin direction (0, 1) serves every accurate rule
    with one unit, which is linear, and not a certain one with two units.
    """
    data, v = thm_15.EXAMPLE.data, (Fraction(0), Fraction(1))
    multipliers = (Fraction(1, 2), Fraction(1, 2), Fraction(1))
    silent = relu_directions.silent_network(data, v)
    refused = (relu_directions.refusal_certificate(data, silent, v),) if silent else ()
    return Proof(
        (
            step(r"$v$ is a sum of differences $x_+-x_-$, so one unit that is right on $S$ rises "
                 r"along it.", (data.signed_sum(multipliers), "=", v)),
            step("Two units can be right on $S$ and fall along it, both of them.",
                 *((dot(w, v), "<=", 0) for rule in (silent,) if rule for w in rule.weights),
                 (len(refused), "=", 1)),
        ),
        (certificates.every_separator(data, v, Fraction(0), multipliers), *refused),
    )  # fmt: skip


CLAIM = Claim(
    id="charles-thm-2-informal",
    paper=Paper.CHARLES,
    number="Theorem 2 (informal)",
    title="One direction for all accurate networks with nonnegative output weights",
    literal="Fix a set $S$ and consider the set of two-layer ReLU network with nonnegative weights "
    "on the final layer that correctly classify $S$. There is a vector $v_S$ that is adversarial "
    r"for all such networks at any point $(x,y)\in S$ such that $y=-1$.",
    statement=r"Let both labels occur in $S$. There is a vector $v_S$, for instance any $x_+-x_-$, "
    r"that is adversarial at every $(x,-1)\in S$ for all rules "
    r"$h=+1$ exactly where $f>a$, or where $f\geq a$, with "
    r"$f(x)=\sum_iv_i\,\mathrm{relu}(w_i\cdot x+b_i)$, $v_i\geq0$, that are right on $S$.",
    verdict=Verdict.TRUE,
    verdict_reason="It is Theorem 15 at the points of the data. Taken alone it names neither both "
    "labels nor a rule that says +1 above its threshold, and it needs both.",
    reading="It is announced as an informal version of Theorem 15, so both labels occur in $S$ and "
    "the networks are those of Section 5, which say +1 above a threshold.",
    hypotheses=(
        Hypothesis(
            "both labels",
            "Some point is labelled +1 and some point -1.",
            relu_counterexamples.one_label(relu_counterexamples.R_PRIME),
        ),
        Hypothesis(
            "upward threshold",
            "The rule says +1 where $f$ is above its threshold.",
            relu_counterexamples.reversed_rule(),
        ),
        Hypothesis(
            "nonnegative output weights",
            r"$f$ adds its units with weights $v_i\geq0$.",
            relu_counterexamples.signed_weights(relu_counterexamples.R_PRIME),
        ),
        Hypothesis(
            "points labelled -1",
            "Only points with label -1 are claimed to flip.",
            relu_counterexamples.other_label(relu_counterexamples.R_PRIME),
        ),
    ),
    sharp_form=r"If both labels occur in $S$, the set of such $v$ depends on the width. For one "
    r"unit, if any rule with one unit is right on $S$, it holds exactly the "
    r"$v=\sum_i\alpha_iy_ix_i$ with $\alpha\ge0$, not all 0, and $\sum_i\alpha_iy_i=0$. For at "
    "least as many units as there are points labelled +1, if any such rule is right on $S$, it "
    "holds exactly the $v$ with $x_+-sv$ in the hull of the points labelled -1, for some $x_+$ and "
    "$s>0$.",
    quantifier="for all accurate networks at once, by one convex combination; explicit steps on a "
    "sampled network",
    cases=relu_rules.CASES,
    draw=draw,
    example=thm_15.EXAMPLE,
    prove=thm_10.prove,
    sharpness=sharpness,
    sharp=SharpForm(
        direction_decisions.CASES,
        direction_decisions.draw_separable,
        direction_decisions.decide_both,
        direction_overstatements.all_sums(
            direction_decisions.R_PRIME,
            "Overstated: the set for one unit serves every width. With $(0,0)$ labelled $-1$ and "
            r"$(-1,1)$, $(1,1)$ labelled $+1$ two units keep the label $-1$ along $(0,1)$.",
        ),
    ),
    symbolic=thm_10.symbolic,
    uses=("charles-thm-10", "charles-thm-15"),
)
