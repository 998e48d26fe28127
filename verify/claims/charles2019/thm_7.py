"""Theorem 7: rules trained on independent samples share a large set with one direction."""

from __future__ import annotations

from fractions import Fraction

import sympy

from certify.numbers.rationals import combine, dot
from verify.claims.charles2019.shared import failure_probability, trials
from verify.claims.charles2019.shared import independent_samples as samples
from verify.claims.charles2019.shared.enclosures import Loss
from verify.claims.charles2019.shared.independent_samples import Experiment, Trial
from verify.claims.charles2019.shared.sample_losses import two_sample_loss
from verify.claims.charles2019.sharp import samples as sharp_samples
from verify.claims.charles2019.sharp import thm_7 as thm_7_sharpness
from verify.claims.charles2019.without import fixed_rules, memorisers
from verify.claims.charles2019.without.fixed_rules import FixedRules
from verify.claims.charles2019.without.memorisers import MARGIN, NORM, RADIUS, Memorisers
from verify.claims.claim import (
    Claim,
    Counterexample,
    Dispensable,
    Hypothesis,
    Paper,
    Proof,
    SymbolicStep,
    Verdict,
    step,
)
from verify.drawing.laws import FiniteLaw
from verify.objects import LabelledSet

ONE = Fraction(1)

TWO_LABELS = FiniteLaw.of([[1], [1]], [1, -1], [1, 1])


def prove(instance: Experiment) -> Proof:
    """Count on every trial, find the direction, and say how little the trials say about chance."""
    n, readings = instance.size, instance.readings
    loss = two_sample_loss(n, instance.norms)
    failures = sum(samples.fails(r, n, loss) for r in readings)
    steps = (
        *samples.overlap_steps(readings, n, loss),
        *samples.direction_steps(readings),
        step(r"From each $(x,y)$ in $S$ the step $c=y\,w\cdot x/(w\cdot u)+1$ along $-yu$ changes "
             "the label, for both rules.",
             *((rule.label(combine((1, x), (-y * (m / dot(rule.normal, r.direction[0]) + 1),
                                            r.direction[0]))), "=", -y)
               for r in readings if r.common for rule in r.rules
               for x, y, m in zip(r.data.points, r.data.labels, rule.margins(r.data),
                                  strict=True))),
        failure_probability.evidence_step(failures, len(readings), n),
    )  # fmt: skip
    return Proof(
        steps,
        (
            samples.overlap_certificate(readings, n, instance.norms, loss),
            *(c for r in readings for c in samples.direction_certificates(r)),
            *failure_probability.interval_certificates(failures, len(readings)),
        ),
    )


EXAMPLE = Experiment(
    thm_7_sharpness.NOISY_LAW,
    Fraction(2),
    (Trial(((64, 15, 11), (62, 12, 16)), ((ONE, ONE), (ONE, -ONE))),),
)


def symbolic() -> tuple[SymbolicStep, ...]:
    """Prove the form in which the smallest size is unique, and the slope along the direction."""
    s, t, rho, beta = sympy.symbols("s t rho beta")
    left = (1 - 2 * rho) * s**2 - 2 * beta * s - 4 * s * t
    divided = SymbolicStep(
        r"Divided by $\sqrt n$ the printed bound is a difference that changes sign once.",
        r"(1-2\rho)n-2\beta\sqrt n-4\sqrt n\sqrt{\ln n}"
        r"=\sqrt n\left((1-2\rho)\sqrt n-2\beta-4\sqrt{\ln n}\right)",
        "all n, with s for the root of n and t for that of its logarithm",
        sympy.expand(left - s * ((1 - 2 * rho) * s - 2 * beta - 4 * t)) == 0,
    )
    return (divided, *(_slope(n, d) for n, d in ((1, 1), (3, 2), (4, 3))))


def _slope(n: int, d: int) -> SymbolicStep:
    w, mu, y = sympy.symbols(f"w:{d}"), sympy.symbols(f"mu:{n}"), sympy.symbols(f"y:{n}")
    x = [sympy.symbols(f"x{i}_:{d}") for i in range(n)]
    u = [sum(m * s * p[k] for m, s, p in zip(mu, y, x, strict=True)) for k in range(d)]
    margins = [s * sum(a * b for a, b in zip(w, p, strict=True)) for s, p in zip(y, x, strict=True)]
    difference = sum(a * b for a, b in zip(w, u, strict=True)) - sum(
        m * margin for m, margin in zip(mu, margins, strict=True)
    )
    return SymbolicStep(
        "The slope of a rule along the direction is an average of its margins.",
        r"w\cdot\sum\mu_iy_ix_i=\sum\mu_iy_i\,w\cdot x_i",
        f"{n} points in dimension {d}",
        sympy.expand(difference) == 0,
    )


def _unit_loss(size: int) -> Loss:
    return two_sample_loss(size, ONE)


def _memorised(text: str, dropped: str, length: int, known: str) -> Counterexample[Memorisers]:
    example = Memorisers(20, 86, Fraction(length), Fraction(known), Fraction(0))
    return memorisers.counterexample(
        text, dropped, example, _unit_loss, memorisers.twice_over_square
    )


CLAIM = Claim(
    id="charles-thm-7",
    paper=Paper.CHARLES,
    number="Theorem 7",
    title="Two rules trained on independent samples share a large set and one direction",
    literal=r"Under the assumptions above, with probability at least $1-4n^{-2}$, there is a set "
    r"$S\subseteq S^{(1)}\cup S^{(2)}$ with max-margin SVM $w_S^*$ such that for $j\in\{1,2\}$, "
    r"1. $|S\cap S^{(j)}|\geq(1-2\rho)n-2BR\sqrt n-4\sqrt{n\ln(n)}$. "
    r"2. For all $(x,y)\in S$, $-yw_S^*$ is an adversarial direction for $h_j$ at $x$.",
    statement=r"Let $S^{(1)},S^{(2)}$ be lists of $n$ i.i.d. draws from one law with $|x|\leq R$. "
    r"With probability at least $1-2/n^2$, for all $w^{(1)},w^{(2)}$ with $|w^{(j)}|\leq B$, "
    r"however they were chosen: let $n\rho_j$ points of $S^{(j)}$ have $y\,w^{(j)}\cdot x<1$ and "
    r"let $S$ hold the drawn points that are strictly right under both rules. Then "
    r"$|S\cap S^{(j)}|\geq(1-\rho_1-\rho_2)n-2BR\sqrt n-\sqrt{2n\,\ln n}$. If $S$ is not empty, "
    r"$-yu$ is adversarial for both rules at every $(x,y)\in S$, where $u$ is the point of the "
    r"hull of the $y_ix_i$ in $S$ nearest to $0$.",
    reading=r"The assumptions above are A1 to A3 with $|x|\leq R$, $B$ and $\rho$ being fixed "
    "numbers; training sets of size n are lists of n draws, and all rules have no bias terms.",
    verdict=Verdict.REPAIRED,
    verdict_reason=r"$S$ may be empty, and then has no max-margin rule, when the bound is not "
    "positive; and that rule must be the one through the origin, since S may have one label only. "
    r"Independent training (A2) is not needed, and $4\sqrt{n\,\ln n}$ improves to "
    r"$\sqrt{2n\,\ln n}$ with a better probability.",
    hypotheses=(
        Hypothesis(
            "same law",
            "Both samples come from the same law.",
            Counterexample(
                "Two laws on the same point with opposite labels: each rule is perfect on its own "
                "law and wrong on the other.",
                FixedRules(
                    (FiniteLaw.of([[1]], [1], [1]), FiniteLaw.of([[1]], [-1], [1])),
                    20,
                    ((ONE,), (-ONE,)),
                ),
                fixed_rules.refute_common_law,
                fixed_rules.draw,
            ),
        ),
        Hypothesis(
            NORM,
            r"$|w^{(j)}|\leq B$ for a number $B$ fixed in advance (A1).",
            _memorised("Long rules can memorise their sample.", NORM, 1, "1"),
        ),
        Hypothesis(
            RADIUS,
            r"$|x|\leq R$ with probability one.",
            _memorised("On long points short rules can memorise.", RADIUS, 10, "1"),
        ),
        Hypothesis(
            MARGIN,
            r"Points count as errors when $y\,w\cdot x<1$, not only when the label is wrong (A3).",
            _memorised("Short rules can memorise with small margins.", MARGIN, 1, "1/10"),
        ),
        Hypothesis(
            "rule through the origin",
            r"$u$ is the max-margin direction among the rules without offset.",
            Counterexample(
                "When all points of $S$ have one label there is no max-margin rule with offset.",
                LabelledSet.of([[1]], [1]),
                fixed_rules.refute_offset,
                fixed_rules.draw_points,
            ),
        ),
        Hypothesis(
            "independent training",
            "The two training procedures are independent of each other (A2).",
            Dispensable(
                "The bound holds for all rules in the ball at once, so both may depend on both "
                "samples.",
                trials.draw_dependent,
                prove,
            ),
        ),
    ),
    sharp_form=r"The loss is $2BR\sqrt n+\sqrt{2n\,\ln n}$ instead of "
    r"$2BR\sqrt n+4\sqrt{n\,\ln n}$, with failure probability $2/n^2$ instead of $4/n^2$. Instead "
    r"of $2BR\sqrt n$ it may be $\sqrt2BR\sqrt n/(1-p_n)$ with $p_n=\binom{2n}{n}4^{-n}$, about "
    r"$(\pi n)^{-1/2}$, which is less exactly for $n\geq4$, and no factor below $\sqrt2$ will do: "
    "rules that remember are both right exactly on the points that both samples contain. For "
    r"$BR\geq1$ and $\rho<1/2$ the bound is positive exactly from one size on: for $BR=1$ and "
    r"$\rho=0$ from n = 20, or 16, instead of 115. If $B$ is read off the trained rules, a union "
    "over a grid of values of $B$ suffices.",
    sharp=sharp_samples.POSITIVE,
    quantifier="for each trial the counts, from how often each point was drawn, and the bound are "
    "certified, and the direction for all rules that are right on S at once; that "
    "exceptional draws have probability at most $2/n^2$ is proved on paper and has no certificate "
    "for a single draw: they are counted on sampled laws, and enumerated exactly for one",
    cases=(*trials.CASES, trials.NEARLY),
    draw=trials.draw,
    example=EXAMPLE,
    prove=prove,
    sharpness=thm_7_sharpness.sharpness,
    symbolic=symbolic,
    as_printed=Counterexample(
        "No point need be right under both rules; then $S$ is empty and has no max-margin rule.",
        FixedRules((TWO_LABELS, TWO_LABELS), 3, ((ONE,), (-ONE,))),
        fixed_rules.refute_nonempty,
        fixed_rules.draw,
    ),
    uses=("charles-rademacher-step", "charles-linear-same-label"),
)
