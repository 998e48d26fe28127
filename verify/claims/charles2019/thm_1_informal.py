r"""Theorem 1 (informal): One direction for a constant fraction of two independent samples

Printed: Suppose linear classifiers $h_1,h_2$ are trained on sets $S^{(1)},S^{(2)}$ of size $n$
    sampled independently from $\mathcal{D}$, and that each $h_j$ correctly classifies $\Theta(n)$
    of $S^{(j)}$ correctly. With high probability, there is a vector $w$ and a set
    $S\subseteq S^{(1)}\cup S^{(2)}$ such that $w$ is an adversarial direction for both $h_1$ and
    $h_2$, on $S$ and $|S\cap S^{(j)}|=\Theta(n)$ for $j=1,2$.
    Refuted: Each rule is right on half of its own sample and no point is right under both, so S is
        empty.
Statement: Fix $\rho<1/2$, let $BR=o(\sqrt n)$, and let $S^{(1)},S^{(2)}$ be lists of $n$ i.i.d.
    draws from one law with $|x|\leq R$. For all large $n$, with probability at least $1-2/n^2$:
    whenever $|w^{(j)}|\leq B$ and all but $\rho_jn\leq\rho n$ points of $S^{(j)}$ have
    $y\,w^{(j)}\cdot x\geq1$, at least $(1-\rho_1-\rho_2)n/2$ points of each sample are strictly
    right under both rules, and $-yu$ is adversarial for both at each of them, with one $u$. One
    vector for all of them there is only where they have one label $y$. With probability at least
    $1-6/n^2$ one label has at least $(1-\rho_1-\rho_2)n/4$ of them in each sample, and then $w=-yu$
    serves these.
Verdict: true after repair. $\Theta(n)$ has to be more than one half: two rules that are right on
    half of the law each need not be right on any common point. With a fixed $\rho<1/2$ and
    $BR=o(\sqrt n)$, as the note after Theorem 7 has it, the sentence holds, for the common points
    of one label; no vector is adversarial at points of both.
Reading: The informal version of Theorem 7, whose assumptions A1 to A3 are read into it, so that
    rules are confident and not too long. $S$ may be any set, also one of points with one label.
Needs rho below one half: Each rule errs, in the sense of A3, on at most $\rho n$ points, for a
    fixed $\rho<1/2$.
    Without it: Right on one half of the law each, and on no common point, whatever $n$ is.
Needs norm bound: $|w^{(j)}|\leq B$ with $BR=o(\sqrt n)$.
Sharp: Where $S$ is not empty and both rules are strictly right on it, one vector is adversarial for
    both at all points of $S$ exactly when $S$ has points of one label only. The factor
    $1-\rho_1-\rho_2$ is attained: the errors of the two rules can be disjoint.
    Rests on: written proof. $v$ is adversarial for $w_j$ at $(x,y)$ exactly when $y\,w_j\cdot v<0$:
        for both labels that is a contradiction, for one it is so of $-yu$. Disjoint errors are the
        example.
Quantifier: for each sampled trial the counts, from how often each point was drawn, and the loss are
    certified, and the direction for all rules right on S at once; the probability is that of
    Theorem 7 and has no certificate for a single draw
Uses: charles-thm-7
The idea: Two rules trained on independent samples, each right on a constant share of its own
    sample, have a direction in common for a constant share of both samples. So the introduction
    promises; the constant has to be large enough.
Why it is true: Rules of bounded length that are right on their own sample with room to spare are
    right on most of a fresh sample as well. So most points of each sample are right under both
    rules, as long as the two shares of errors together leave something. On these common points let
    $u$ be the nearest point of the hull of $y_ix_i$ to the origin. Then both rules turn along $-yu$
    from each of them.

    The bound of [fresh samples](charles-rademacher-step.html) holds for each label apart as well:
    count a loss of $0$ at the points of the other label. It fails for two labels and two samples,
    with probability at most $1/n^2$ each. And the numbers of points with one label in the two
    samples have a difference of $2n$ independent terms, each in an interval of length $1$: it is
    more than $\sqrt{2n\ln n}$ one way or the other with probability at most $2/n^2$ (Hoeffding).
    Otherwise some label has, among the common points, at least half of $(1-\rho_1-\rho_2)n$ less
    the loss in the first sample, and less another $\sqrt{2n\ln n}$ in the second. For large $n$ a
    quarter of $(1-\rho_1-\rho_2)n$ pays for these.
Before you use it: *One direction* must be read with the sign of the label. A vector $v$ leads out
    of label $+1$ only where $w\cdot v<0$, and out of label $-1$ only where $w\cdot v>0$, so no
    vector serves points of both labels; one label has half of the common points, and $-yu$ serves
    these.

    *A constant share* is not enough: one rule may be right on one half of the world and the other
    rule on the other half, with no point in common. Nor is it enough without a bound on the length
    of the rules, for long rules can learn their sample by heart.
"""

from collections.abc import Sequence
from fractions import Fraction
from random import Random

import sympy

from certify import max_margin
from certify.numbers.rationals import dot
from verify.claims.charles2019.shared import independent_samples, sample_losses
from verify.claims.charles2019.shared.independent_samples import Experiment, Reading, Trial
from verify.claims.charles2019.shared.sample_losses import two_sample_loss
from verify.claims.charles2019.shared.training_procedures import ORDINARY
from verify.claims.charles2019.sharp.labels import LABELS
from verify.claims.charles2019.without import fixed_rules, memorisers
from verify.claims.charles2019.without.fixed_rules import FixedRules
from verify.claims.charles2019.without.memorisers import NORM, Memorisers
from verify.claims.language import (
    Given,
    Proof,
    Symbolic,
    computed,
    identity,
    inner,
    named,
    step,
    theorem,
    total,
)
from verify.drawing import laws
from verify.drawing.laws import FiniteLaw

ONE = Fraction(1)
LARGEST_NORMS = Fraction(4)  # B^2 R^2: larger ones need samples of many thousand draws
SHARE = Fraction(1, 4)  # the loss is at most this share of n
LEAST_SIZE, CROWDED = "smallest size", "sizes beyond the smallest"
CASES = (*laws.CASES, LEAST_SIZE, CROWDED)


def draw(rng: Random, case: str) -> Experiment:
    """Return one trial that is large enough for its loss to be at most a quarter of n."""
    law = laws.law(rng, case if case in laws.CASES else rng.choice(laws.CASES))
    bound_squared = confident_bound(law)
    size = sample_losses.smallest_linear_size(SHARE, bound_squared * law.radius_squared)
    if case != LEAST_SIZE:
        size += rng.randint(0, 20 if case != CROWDED else 400)
    procedures = rng.choice(ORDINARY), rng.choice(ORDINARY)
    return independent_samples.experiment(rng, law, bound_squared, size, procedures)


def confident_bound(law: FiniteLaw) -> Fraction:
    """Return the B^2 of the shortest rule with margin 1 on all points; a cap where that is long."""
    answer = max_margin(law.atoms.points, law.atoms.labels, bias=False)
    cap = LARGEST_NORMS / law.radius_squared
    return min(cap, dot(answer.w, answer.w)) if answer.separable else cap


def prove(instance: Experiment) -> Proof:
    """Count on the trial, compare the loss with n, and find the direction."""
    n, readings = instance.size, instance.readings
    loss = two_sample_loss(n, instance.norms)
    shares = [half_without_errors(r, n) for r in readings]
    high = loss.decisive_bounds([*shares, SHARE * n])[1]
    large = [
        (r, share)
        for r, share in zip(readings, shares, strict=True)
        if high <= share and not independent_samples.fails(r, n, loss)
    ]
    steps = (
        *independent_samples.overlap_steps(readings, n, loss),
        step(r"At this size the loss is at most $n/4$ (a rational just above the loss stands for "
             r"it), and with $BR=o(\sqrt n)$ it is at most any share of $n$ from some size on.",
             (named(r"\text{loss}", high), "<=", computed("n/4", "n * q", n=n, q=SHARE))),
        step(r"Where it is at most half of $(1-\rho_1-\rho_2)n$, $S$ has the other half in each "
             "sample: a constant fraction.",
             *((independent_samples.named_overlap(r, j), ">=",
                named(r"\frac12(1-\rho_1-\rho_2)n", share))
               for r, share in large for j in (0, 1))),
        *independent_samples.direction_steps(readings),
        step(r"Label by label: $|S_y\cap S^{(j)}|$ is at least the number of points of sample $j$ "
             r"with label $y$, less the errors at that label in both samples and the difference of "
             "the ramp losses there; summed over $y$ this is the count above, so that in each "
             "sample one label has half of it.",
             *((named(rf"|S_{{{y}}}\cap S^{{({j + 1})}}|", labelled(r, j, y, r.common)), ">=",
                computed(rf"n_{{{y}}}-e_{{{y}}}-\Delta_{{{y}}}", "n - e - g",
                         n=labelled(r, j, y), e=errors_at(r, y), g=gap_at(r, j, y)))
               for r in readings for j in (0, 1) for y in (1, -1)),
             *((total(r"\sum_y(n_y-e_y)", [labelled(r, j, y) - errors_at(r, y) for y in (1, -1)]),
                "=", computed(r"n-n\rho_1-n\rho_2", "n - e - f",
                              n=n, e=r.errors[0], f=r.errors[1]))
               for r in readings for j in (0, 1))),
    )  # fmt: skip
    return Proof.of(
        *sample_losses.objects(n, instance.law.radius_squared),
        *steps,
        independent_samples.overlap_certificate(readings, n, instance.norms, loss),
        loss.certificate(
            {"size": n, "norms": instance.norms, "quarter": SHARE * n},
            [*sample_losses.shape(sample_losses.TWO_SAMPLE), ("quarter", "=", ["/", "size", "4"])],
            beyond=["quarter"],
        ),
        *(c for r in readings for c in independent_samples.direction_certificates(r)),
    )


def labelled(reading: Reading, j: int, y: int, among: Sequence[int] | None = None) -> int:
    """Return how many points of sample j have the label y, among the listed atoms or all."""
    atoms = range(len(reading.atoms.labels)) if among is None else among
    return sum(reading.trial.samples[j][i] for i in atoms if reading.atoms.labels[i] == y)


def errors_at(reading: Reading, y: int) -> int:
    """Return how many points of both samples with label y are errors of their own rule."""
    return sum(
        labelled(reading, k, y, [i for i, m in enumerate(reading.margins[k]) if m < 1])
        for k in range(2)
    )


def gap_at(reading: Reading, j: int, y: int) -> Fraction:
    """Return the ramp loss of the other rule at label y on sample j, less that on its own."""
    counts, other = reading.trial.samples, 1 - j
    return sum(
        (
            (counts[j][i] - counts[other][i]) * independent_samples.ramp(m)
            for i, m in enumerate(reading.margins[other])
            if reading.atoms.labels[i] == y
        ),
        Fraction(0),
    )


def half_without_errors(reading: Reading, size: int) -> Fraction:
    """Return (1 - rho_1 - rho_2) n / 2."""
    return Fraction(size - sum(reading.errors), 2)


EXAMPLE = Experiment(
    FiniteLaw.of([[1, 0], [0, 1]], [1, -1], [3, 1]),
    Fraction(2),
    (Trial(((600, 200), (610, 190)), ((ONE, -ONE), (ONE, -ONE))),),
)
TWO_LABELS = FiniteLaw.of([[1], [1]], [1, -1], [1, 1])
OPPOSITE = FixedRules((TWO_LABELS, TWO_LABELS), 3, ((ONE,), (-ONE,)))


def sharpness() -> Proof:
    """Evaluate that the factor 1 - rho_1 - rho_2 is attained: the errors can be disjoint."""
    law = FiniteLaw.of([[1, 1], [1, -1], [-1, 1]], [1, 1, 1], [2, 1, 1])
    trial = Trial(((200, 100, 100), (200, 100, 100)), ((ONE, Fraction(0)), (Fraction(0), ONE)))
    instance = Experiment(law, ONE, (trial,))
    (reading,) = instance.readings
    return Proof.of(
        Given("law", law),
        Given("samples and rules", trial),
        named("n", 400),
        step(r"Two rules that err on different points: $\rho_1=\rho_2=1/4$ and exactly "
             r"$(1-\rho_1-\rho_2)n$ points of each sample are in $S$.",
             *((inner(rf"w_{j + 1}\cdot x_{i + 1}", w, x), ">=" if m >= 1 else "<", 1)
               for j, w in enumerate(trial.normals)
               for i, (x, m) in enumerate(zip(law.atoms.points, reading.margins[j], strict=True))),
             ([independent_samples.named_errors(r"n\rho_#", reading, j) for j in (0, 1)], "=",
              Fraction(400, 4)),
             (named(r"|S\cap S^{(#)}|", [*reading.overlaps]), "=",
              computed(r"n-n\rho_1-n\rho_2", "400 - e - f",
                       e=reading.errors[0], f=reading.errors[1]))),
        *independent_samples.direction_certificates(reading),
    )  # fmt: skip


def symbolic() -> Symbolic:
    """Prove that half of the guaranteed part is left when the loss is at most the other half."""
    n, first, second, loss = sympy.symbols("n rho_1 rho_2 ell")
    half = (1 - first - second) * n / 2
    yield identity(
        "What is left exceeds one half by as much as the loss is below the other half.",
        r"(1-\rho_1-\rho_2)n-\ell-\frac{(1-\rho_1-\rho_2)n}{2}=\frac{(1-\rho_1-\rho_2)n}{2}-\ell",
        "all values",
        (1 - first - second) * n - loss - half,
        half - loss,
    )


CLAIM = theorem(
    __name__,
    without={
        "as printed": (OPPOSITE, fixed_rules.refute_fractions, fixed_rules.draw),
        "rho below one half": (OPPOSITE, fixed_rules.refute_fractions, fixed_rules.draw),
        "norm bound": memorisers.counterexample(
            "Rules that memorise are right on all of their own sample, and on nothing else. It is "
            r"so for each $n\geq3$ with $M=n^3$ points: $(1-n/M)^n\geq1-1/n>2/n^2$.",
            NORM,
            Memorisers(20, 86, ONE, ONE, Fraction(0)),
            lambda size: two_sample_loss(size, ONE),
            memorisers.twice_over_square,
            memorisers.OF_THEOREM_7,
        ),
    },
    sharp=LABELS,
)
