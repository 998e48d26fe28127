r"""Theorem 7: Two rules trained on independent samples share a large set and one direction

Printed: Under the assumptions above, with probability at least $1-4n^{-2}$, there is a set
    $S\subseteq S^{(1)}\cup S^{(2)}$ with max-margin SVM $w_S^*$ such that for $j\in\{1,2\}$, 1.
    $|S\cap S^{(j)}|\geq(1-2\rho)n-2BR\sqrt n-4\sqrt{n\ln(n)}$. 2. For all $(x,y)\in S$, $-yw_S^*$
    is an adversarial direction for $h_j$ at $x$.
    Refuted: No point need be right under both rules; then $S$ is empty and has no max-margin rule.
Statement: Let $S^{(1)},S^{(2)}$ be lists of $n$ i.i.d. draws from one law with $|x|\leq R$. With
    probability at least $1-2/n^2$, for all $w^{(1)},w^{(2)}$ with $|w^{(j)}|\leq B$, however they
    were chosen: let $n\rho_j$ points of $S^{(j)}$ have $y\,w^{(j)}\cdot x<1$ and let $S$ hold the
    drawn points that are strictly right under both rules. Then $|S\cap
    S^{(j)}|\geq(1-\rho_1-\rho_2)n-2BR\sqrt n-\sqrt{2n\,\ln n}$. If $S$ is not empty, $-yu$ is
    adversarial for both rules at every $(x,y)\in S$, where $u$ is the point of the hull of the
    $y_ix_i$ in $S$ nearest to $0$.
Verdict: true after repair. $S$ may be empty, and then has no max-margin rule, when the bound is not
    positive; and that rule must be the one through the origin, since S may have one label only.
    Independent training (A2) is not needed, and $4\sqrt{n\,\ln n}$ improves to $\sqrt{2n\,\ln n}$
    with a better probability.
Reading: The assumptions above are A1 to A3 with $|x|\leq R$, $B$ and $\rho$ being fixed numbers;
    training sets of size n are lists of n draws, and all rules have no bias terms.
Needs same law: Both samples come from the same law.
    Without it: Two laws on the same point with opposite labels: each rule is perfect on its own law
        and wrong on the other.
Needs norm bound: $|w^{(j)}|\leq B$ for a number $B$ fixed in advance (A1).
Needs bounded points: $|x|\leq R$ with probability one.
Needs margin one: Points count as errors when $y\,w\cdot x<1$, not only when the label is wrong
    (A3).
Needs rule through the origin: $u$ is the max-margin direction among the rules without offset.
    Without it: When all points of $S$ have one label there is no max-margin rule with offset.
Needs independent training: The two training procedures are independent of each other (A2).
    Without it: The bound holds for all rules in the ball at once, so both may depend on both
        samples.
Sharp: The loss is $2BR\sqrt n+\sqrt{2n\,\ln n}$ instead of $2BR\sqrt n+4\sqrt{n\,\ln n}$, with
    failure probability $2/n^2$ instead of $4/n^2$. Instead of $2BR\sqrt n$ it may be
    $\sqrt2BR\sqrt n/(1-p_n)$ with $p_n=\binom{2n}{n}4^{-n}$, about $(\pi n)^{-1/2}$, which is less
    exactly for $n\geq4$, and no factor below $\sqrt2$ will do: rules that remember are both right
    exactly on the points that both samples contain. For $BR\geq1$ and $\rho<1/2$ the bound is
    positive exactly from one size on: for $BR=1$ and $\rho=0$ from n = 20, or 16, instead of 115.
    Rests on: written proof. The losses are the Rademacher step with $\delta=n^{-2}$, and step 11,
        in which the mean is proved for all $n$ by algebra. $\sqrt2$ is the limit of step 13 for
        $m^2=n^{-1/2}$. For $n\leq2$ a bound is negative. A bound with deviation $\sqrt{fn\ln n}$
        that is positive at $n\geq3$ has $(1-2\rho)\sqrt{n\ln n}>\sqrt f\ln n>\sqrt f$. So
        $(1-2\rho)\sqrt n-\sqrt{f\ln n}$ rises from there on, and $1/(1-p_n)$ falls: it stays
        positive. The sizes, and the probability of step 10, are computed with certificates.
Quantifier: for each trial the counts, from how often each point was drawn, and the bound are
    certified, and the direction for all rules that are right on S at once; that exceptional draws
    have probability at most $2/n^2$ is proved on paper and has no certificate for a single draw:
    they are counted on sampled laws, and enumerated exactly for one
Uses: charles-rademacher-step, charles-linear-same-label
The idea: Train two linear rules on two independent samples. With high probability a large part of
    both samples is classified correctly by both, and one direction fools both rules on all of it.
Why it is true: A point of the second sample is lost to the common part only if the second rule is
    not confident there, or if the first rule is wrong there. The first happens for $n\rho_2$ points
    by assumption. For the second, [the bound on fresh samples](charles-rademacher-step.html) says
    that the first rule does on the second sample nearly as well as on its own. What is left is
    large. On it, the nearest point of the hull of $y_ix_i$ to the origin gives the direction, as
    for any two rules that are right on the same points.
Before you use it: Use the max-margin rule *through the origin*: the common part may have one label
    only. Independence of training is never used, and the constants improve: $\sqrt{2n\ln n}$ in
    place of $4\sqrt{n\ln n}$, and $\sqrt2/(1-p_n)$ in place of the 2, where
    $p_n=\binom{2n}{n}4^{-n}$ is small. No factor below $\sqrt2$ will do, for there are rules that
    remember their own points and refuse those of the other sample at that price. With $BR=1$ and
    $\rho=0$ the guarantee is positive from 20 points on, or 16, with the printed constants from
    115.

    A sample can be exceptional: then the common part is smaller than promised. Such draws are
    counted, in each trial below, as the failures they are.
"""

from fractions import Fraction
from functools import cache

import sympy

from certify.certificates.certificate import Certificate
from certify.numbers.rationals import combine, dot
from verify.claims.charles2019.shared import (
    failure_probability,
    independent_samples,
    sample_losses,
    trials,
)
from verify.claims.charles2019.shared.enclosures import Loss, log_bounds
from verify.claims.charles2019.shared.failure_probability import LEVEL, Enumeration
from verify.claims.charles2019.shared.independent_samples import Experiment, Trial
from verify.claims.charles2019.shared.labelled import labelled
from verify.claims.charles2019.shared.sample_losses import TWO_SAMPLE, TWO_STEP, two_sample_loss
from verify.claims.charles2019.sharp import balanced
from verify.claims.charles2019.sharp.samples import POSITIVE
from verify.claims.charles2019.without import fixed_rules, memorisers
from verify.claims.charles2019.without.fixed_rules import FixedRules
from verify.claims.charles2019.without.memorisers import MARGIN, NORM, RADIUS, Memorisers
from verify.claims.language import (
    Counterexample,
    Given,
    Named,
    Operator,
    Proof,
    Step,
    Symbolic,
    computed,
    identity,
    matrices,
    named,
    step,
    theorem,
    told,
)
from verify.claims.relation import Side
from verify.drawing.laws import Counts, FiniteLaw
from verify.objects import LabelledSet

ONE = Fraction(1)
TWO_LABELS = FiniteLaw.of([[1], [1]], [1, -1], [1, 1])
NOISY_LAW = FiniteLaw.of([[1, 0], [0, 1], [0, 1]], [1, 1, -1], [14, 3, 3])


@theorem.not_needed("independent training", trials.draw_dependent)
def prove(instance: Experiment) -> Proof:
    """Count on every trial, find the direction, and say how little the trials say about chance."""
    n, readings = instance.size, instance.readings
    loss = two_sample_loss(n, instance.norms)
    failures = sum(independent_samples.fails(r, n, loss) for r in readings)
    steps = (
        *independent_samples.overlap_steps(readings, n, loss),
        *independent_samples.direction_steps(readings),
        step(r"From each $(x,y)$ in $S$ the step $c=y\,w\cdot x/(w\cdot u)+1$ along $-yu$ changes "
             "the label, for both rules.",
             *((labelled(f"h_{k}(x-ycu)", rule,
                         combine((1, x), (-y * (m / dot(rule.normal, r.direction[0]) + 1),
                                          r.direction[0]))), "=", named("-y", -y))
               for r in readings if r.common for k, rule in enumerate(r.rules, 1)
               for x, y, m in zip(r.data.points, r.data.labels, rule.margins(r.data),
                                  strict=True))),
        failure_probability.evidence_step(failures, len(readings), n),
    )  # fmt: skip
    return Proof.of(
        *sample_losses.objects(n, instance.law.radius_squared),
        *steps,
        independent_samples.overlap_certificate(readings, n, instance.norms, loss),
        *(c for r in readings for c in independent_samples.direction_certificates(r)),
        *failure_probability.interval_certificates(failures, len(readings)),
    )


EXAMPLE = Experiment(
    NOISY_LAW, Fraction(2), (Trial(((64, 15, 11), (62, 12, 16)), ((ONE, ONE), (ONE, -ONE))),)
)


def symbolic() -> Symbolic:
    """Prove the form in which the smallest size is unique, and the slope along the direction."""
    s, t, rho, beta = sympy.symbols("s t rho beta")
    yield identity(
        r"Divided by $\sqrt n$ the printed bound is a difference that stays positive once it is.",
        r"(1-2\rho)n-2\beta\sqrt n-4\sqrt n\sqrt{\ln n}"
        r"=\sqrt n\left((1-2\rho)\sqrt n-2\beta-4\sqrt{\ln n}\right)",
        "all n, with s for the root of n and t for that of its logarithm",
        (1 - 2 * rho) * s**2 - 2 * beta * s - 4 * s * t, s * ((1 - 2 * rho) * s - 2 * beta - 4 * t),
    )  # fmt: skip
    (x,), (w,), (weights,) = matrices("X", "n", "d"), matrices("w", "d"), matrices("a", "n")
    n, k = sympy.symbols("n k", integer=True, positive=True)
    whole = sympy.binomial(2 * n, k)
    less, more = (
        sympy.combsimp(sympy.binomial(2 * n - 1, j) / whole) for j in (k - 1, k)
    )  # fmt: skip
    yield identity(
        r"Of $2n$ independent signs $E|k-n|=n\,C(2n,n)\,4^{-n}$ are too many: the terms of the "
        "mean are differences.",
        "(k-n)C(2n,k)=n(C(2n-1,k-1)-C(2n-1,k))",
        "all $n$ and $k$, divided by $C(2n,k)$", k - n, n * (less - more),
    )  # fmt: skip
    yield identity(
        "The slope of a rule along the direction is an average of its margins: the rows of $X$ are "
        r"the $x_i$, and the entries of $a$ the $\mu_iy_i$.",
        r"w\cdot\sum\mu_iy_ix_i=\sum\mu_iy_i\,w\cdot x_i",
        "any number of points in all dimensions", (x.T * weights).T * w, weights.T * (x * w),
    )  # fmt: skip


def _unit_loss(size: int) -> Loss:
    return two_sample_loss(size, ONE)


def _memorised(text: str, dropped: str, length: int, known: str) -> Counterexample[Memorisers]:
    example = Memorisers(20, 86, Fraction(length), Fraction(known), Fraction(0))
    return memorisers.counterexample(
        text, dropped, example, _unit_loss, memorisers.twice_over_square, memorisers.OF_THEOREM_7
    )


# The sharp form of Theorem 7: smallest sizes, an exact failure probability, and its constant.

# B R and rho of the sizes that are worked out in the sharp form.
TABLE = tuple(
    (Fraction(norm), Fraction(rho))
    for norm, rho in (
        (1, "0"), (1, "1/10"), (1, "1/4"), (2, "0"), (5, "0"), (10, "0"), (10, "1/10"), (30, "0"),
        (30, "1/4"),
    )
)  # fmt: skip

NOISY_SIZE, NOISY_NORMS = 90, Fraction(2)


def majority(counts: Counts) -> tuple[Fraction, Fraction]:
    """Return (1, 1) or (1, -1) by the more frequent label of the noisy point; a tie is +1."""
    return ONE, ONE if counts[1] >= counts[2] else -ONE


@cache
def noisy_enumeration() -> Enumeration:
    """Return the exact failure probability of the majority rule on the noisy law."""
    loss = two_sample_loss(NOISY_SIZE, NOISY_NORMS)
    return failure_probability.enumerate_samples(NOISY_LAW, NOISY_SIZE, majority, loss)


def sharpness() -> Proof:
    """Evaluate the smallest sizes, one exact failure probability, the constant, and the trials."""
    rows = (_table_row(norm, rho) for norm, rho in TABLE)
    parts = [*rows, _noisy(), *balanced.steps(), balanced.constant(), _trials()]
    return Proof.of(
        *_objects(), *(part for part, _ in parts), *(c for _, found in parts for c in found)
    )


def _objects() -> list[Named | Given]:
    """Return what the steps of the sharp form speak of."""
    return [
        Given("noisy law", NOISY_LAW),
        Given(
            "majority rule",
            "$w=(1,1)$ if the sample has $x_2$ at least as often as $x_3$, else $w=(1,-1)$",
        ),
        told(r"B^2R^2\text{ of the noisy law}", NOISY_NORMS, r"2\cdot 1"),
        Given("$p_n$", r"$\binom{2n}{n}/4^n$, the probability that $2n$ signs balance"),
        Given(
            "rules that remember",
            "of $M=2n^2$ equally likely points $x_i=m\\,e_0+s\\,e_i$ with $m^2+s^2=1$: "
            r"$w=e_0/(2m)+(\sum e_i-\sum e_j)/(2s)$, $i$ in the own sample and $j$ in "
            "the other one; margin $1$ on the own points, $0$ on those of the other",
        ),
        told("m^2", 1 / Fraction(10**5), r"n^{-1/2}"),
    ]


def _table_row(norm: Fraction, rho: Fraction) -> tuple[Step, list[Certificate]]:
    relations: list[tuple[Side, Operator, Side]] = []
    found, sizes = [], []
    for factor in (sample_losses.PRINTED, TWO_STEP, TWO_SAMPLE):
        n = sample_losses.smallest_positive_size(rho, norm**2, factor)
        sizes.append(str(n))
        for size in (n, n - 1):
            loss = sample_losses.loss(size, norm**2, factor)
            decided = [(1 - 2 * rho) * size]
            value = computed(r"(1-2\rho)n", "(1 - 2 * r) * n", r=rho, n=size)
            bound = loss.above if size == n else loss.below
            lost = bound(sample_losses.written(factor), decided)
            relations.append((value, ">" if size == n else "<=", lost))
            found.append(_size_certificate(factor, size, norm, rho, size == n))
    text = (
        f"$BR={norm}$, $\\rho={rho}$: the bound is positive from n = {sizes[0]} as printed, from "
        f"{sizes[1]} with two separate bounds, from {sizes[2]} in the sharp form."
    )
    return step(text, *relations), found


def _size_certificate(
    factor: int, size: int, norm: Fraction, rho: Fraction, positive: bool
) -> Certificate:
    numbers: dict[str, Fraction | int] = {
        "size": size,
        "norm": norm,
        "norms": norm**2,
        "rho": rho,
        "value": (1 - 2 * rho) * size,
    }
    return sample_losses.loss(size, norm**2, factor).certificate(
        numbers,
        [
            ("value", "=", ["*", ["-", "1", ["*", "2", "rho"]], "size"]),
            ("norms", "=", ["^", "norm", "2"]),
            *sample_losses.shape(factor),
        ],
        within=[] if positive else ["value"],
        beyond=["value"] if positive else [],
    )


def _noisy() -> tuple[Step, list[Certificate]]:
    """Return the exact enumeration, and a short proof of the same inequality.

    The overlap is too small only if the rules differ and one label of the noisy point occurs more
    often than the loss in one sample: four binomial events.
    """
    n, found = NOISY_SIZE, noisy_enumeration()
    loss = two_sample_loss(n, NOISY_NORMS)
    least = loss.bounds()[0].__floor__() + 1
    share = NOISY_LAW.probabilities[1]
    event = failure_probability.tail(n, share, least, at_least=True)
    bound = Fraction(1, 10 ** (len(str((1 / event).__floor__())) - 1))
    failure, allowed = (
        told(
            r"P(\text{failure})",
            found.failure,
            r"\sum_{|S\cap S^{(j)}|<(1-\rho_1-\rho_2)n-\text{loss}}P(S^{(1)})P(S^{(2)})",
        ),
        computed("2/n^2", "2 / n**2", n=n),
    )
    four = told(
        rf"4P(\text{{label at least }}{least}\text{{ times}})",
        4 * event,
        f"4{failure_probability.tail_sum(n, share, least, True)}",
    )
    return (
        step("For the noisy law, n = 90 and the majority rule the bound is positive with "
             f"probability {float(found.positive):.4f} and fails with probability "
             f"{float(found.failure):.0e}, far below $2/n^2$: such a test can hardly fail. Where "
             f"it fails, a rule loses at least {least} points more on one sample than on the "
             "other, so one label of the noisy point occurs that often: four events.",
             (failure, "<=", allowed), (failure, "<=", four), (four, "<=", allowed),
             (told(r"P(\text{bound}>0)", found.positive,
                   r"\sum_{n\rho_1+n\rho_2<n-\text{loss}}P(n\rho_1)P(n\rho_2)"), ">",
              Fraction(999, 1000))),
        [
            failure_probability.tail_certificate(n, share, least, bound, at_least=True),
            loss.certificate(
                {"size": n, "norms": NOISY_NORMS, "just_below": least - 1, "event": bound},
                [
                    *sample_losses.shape(TWO_SAMPLE),
                    (["*", "4", "event"], "<=", ["/", "2", ["^", "size", "2"]]),
                ],
                within=["just_below"],
            ),
        ],
    )  # fmt: skip


def _trials() -> tuple[Step, list[Certificate]]:
    relations: list[tuple[Side, Operator, Side]] = []
    found, words = [], []
    for n in (116, 200, 500):
        p = Fraction(2, n**2)
        needed = failure_probability.trials_needed(p)
        top, bottom = log_bounds(1 / LEVEL, 128), log_bounds(1 / (1 - p), 128)
        enough, fewer = (
            told(rf"{name}\ln\frac1{{1-2/n^2}}", t * log, rf"{t}\ln\frac1{{1-2/{n}^2}}")
            for name, t, log in (("T", needed, bottom[0]), ("(T-1)", needed - 1, bottom[1]))
        )
        relations.append((enough, ">=", named(r"\ln20", top[1])))
        relations.append((fewer, "<", named(r"\ln20", top[0])))
        found.append(failure_probability.trials_certificate(p, needed))
        words.append(f"{needed} for n = {n}")
    text = (
        r"To support $2/n^2$ at the level 1/20 takes $T$ trials without failure with "
        r"$(1-2/n^2)^T\leq1/20$: " + ", ".join(words) + " (logarithms are compared)."
    )
    return step(text, *relations), found


CLAIM = theorem(
    __name__,
    without={
        "as printed": (
            FixedRules((TWO_LABELS, TWO_LABELS), 3, ((ONE,), (-ONE,))),
            fixed_rules.refute_nonempty,
            fixed_rules.draw,
        ),
        "same law": (
            FixedRules(
                (FiniteLaw.of([[1]], [1], [1]), FiniteLaw.of([[1]], [-1], [1])),
                20,
                ((ONE,), (-ONE,)),
            ),
            fixed_rules.refute_common_law,
            fixed_rules.draw,
        ),
        "norm bound": _memorised("Long rules can memorise their sample.", NORM, 1, "1"),
        "bounded points": _memorised("On long points short rules can memorise.", RADIUS, 5, "1"),
        "margin one": _memorised("Short rules can memorise with small margins.", MARGIN, 1, "1/5"),
        "rule through the origin": (
            LabelledSet.of([[1]], [1]),
            fixed_rules.refute_offset,
            fixed_rules.draw_points,
        ),
    },
    sharp=POSITIVE,
    cases=(*trials.CASES, trials.NEARLY),
    draw=trials.draw,
)
