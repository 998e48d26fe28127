r"""Theorem 2 (informal): One direction for all accurate networks with nonnegative output weights

Printed: Fix a set $S$ and consider the set of two-layer ReLU network with nonnegative weights on
    the final layer that correctly classify $S$. There is a vector $v_S$ that is adversarial for all
    such networks at any point $(x,y)\in S$ such that $y=-1$.
Statement: Let both labels occur in $S$. There is a vector $v_S$, for instance any $x_+-x_-$, that
    is adversarial at every $(x,-1)\in S$ for all rules $h=+1$ exactly where $f>a$, or where $f\geq
    a$, with $f(x)=\sum_iv_i\,\mathrm{relu}(w_i\cdot x+b_i)$, $v_i\geq0$, that are right on $S$.
Verdict: true. It is Theorem 15 at the points of the data. Taken alone it names neither both labels
    nor a rule that says +1 above its threshold, and it needs both.
Reading: It is announced as an informal version of Theorem 15, so both labels occur in $S$ and the
    networks are those of Section 5, which say +1 above a threshold.
Needs both labels: Some point is labelled +1 and some point -1.
Needs upward threshold: The rule says +1 where $f$ is above its threshold.
Needs nonnegative output weights: $f$ adds its units with weights $v_i\geq0$.
Needs points labelled -1: Only points with label -1 are claimed to flip.
Sharp: If $S$ is finite with both labels, the set of such $v$ can depend on the width. For one unit,
    if any rule with one unit is right on $S$, it holds exactly the $v=\sum_i\alpha_iy_ix_i$ with
    $\alpha\ge0$, not all 0, and $\sum_i\alpha_iy_i=0$. For at least as many units as there are
    points labelled +1, if any such rule is right on $S$, it holds exactly the $v$ with $x_+-sv$ in
    the hull of the points labelled -1, for some $x_+$ and $s>0$.
    Rests on: Coq in part thm_4_exact, sec6_v2, sec6_nontransfer. One unit is a linear rule. With
        one more unit, which is constant, a rule with $a\le0$ has a positive threshold. For a set
        that no linear rule separates see Theorem 15.
Quantifier: for all accurate networks at once, by one convex combination; explicit steps on a
    sampled network
Uses: charles-thm-10, charles-thm-15
The idea: The introduction's version of Theorem 15: one direction for all accurate two-layer
    networks with output weights that are not negative.
Why it is true: It is Theorem 15, said of the points of the data labelled $-1$.
Before you use it: Read it together with Theorem 15: both labels must occur, and the network says
    $+1$ *above* its threshold. Turn the rule around, $+1$ inside and $-1$ outside, and no direction
    serves all its points. The width matters: more directions can serve all networks with one unit
    than all networks.
"""

from fractions import Fraction
from random import Random

from certify import certificates
from certify.numbers.rationals import vector
from verify.claims.charles2019 import thm_10, thm_15
from verify.claims.charles2019.shared.labelled import labels
from verify.claims.charles2019.shared.separators import signed_sum
from verify.claims.charles2019.sharp import (
    direction_decisions,
    direction_overstatements,
    relu_directions,
)
from verify.claims.charles2019.thm_10 import Instance
from verify.claims.charles2019.without import relu
from verify.claims.language import Given, Named, Proof, SharpForm, inner, named, step, theorem
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
    data, v = thm_15.EXAMPLE.data, vector([0, 1])
    multipliers = vector(["1/2", "1/2", 1])
    silent = relu_directions.silent_network(data, v)
    refused = (relu_directions.refusal_certificate(data, silent, v),) if silent else ()
    return Proof.of(
        Given("data", data),
        Named("v", v),
        *(Given("network", rule) for rule in (silent,) if rule),
        step(r"$v$ is a combination of differences $x_+-x_-$, so one unit that is right on $S$ "
             "rises along it.",
             (signed_sum(r"\sum\alpha_iy_ix_i", data, multipliers), "=", named("v", v))),
        step("Two units can be right on $S$ although neither of them rises along it.",
             ([inner(r"w_#\cdot v", w, v) for rule in (silent,) if rule for w in rule.weights],
              "<=", 0),
             *((labels("h", rule, data.points), "=", [*data.labels])
               for rule in (silent,) if rule)),
        certificates.every_separator(data, v, Fraction(0), multipliers), *refused,
    )  # fmt: skip


EXAMPLE = thm_15.EXAMPLE


CLAIM = theorem(
    __name__,
    without={
        "both labels": relu.one_label(relu.R_PRIME, anywhere=False),
        "upward threshold": relu.reversed_rule(),
        "nonnegative output weights": relu.signed_weights(relu.R_PRIME),
        "points labelled -1": relu.other_label(relu.R_PRIME),
    },
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
    cases=relu_rules.CASES,
    prove=thm_10.prove,
    symbolic=thm_10.symbolic,
)
