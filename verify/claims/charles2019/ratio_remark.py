r"""Section 4, remark before Theorem 9: Samples of different sizes, and the ratio of the sizes

Printed: In general, we can derive an analogous result to Theorem 9 below based on the ratio of
    $|S^{(1)}[k,l]|$ to $|S^{(2)}[k,l]|$. Note that as we sample more from $\mathcal{D}$, with high
    probability $|S^{(1)}[k,l]|/|S^{(2)}[k,l]|$ will be close to 1.
Statement: Let the two samples have $n_1$ and $n_2$ points with labels $k,l$ from one law, let each
    rule be trained independently of the other sample, and let $S$, $B$, $R$ and $\rho_j$, now a
    share of $n_j$, be as in Theorem 9. With probability at least $1-2\delta$, $|S\cap
    S^{(2)}|/n_2\geq1-\rho_1-\rho_2-4BR/\sqrt{n_1}-\lambda/\sqrt{n_1}-\lambda/\sqrt{n_2}$ where
    $\lambda^2=\ln(1/\delta)/2$, and so it is with $1$ and $2$ exchanged, with a $2\delta$ of its
    own. If both samples have $N$ points in all and a label is $k$ or $l$ with probability $q>0$,
    then for $0<\varepsilon<1$ it is $|n_1/n_2-1|\leq2\varepsilon/(1-\varepsilon)$ with probability
    at least $1-4e^{-2N\varepsilon^2q^2}$.
Verdict: true. In that reading. The bound above uses independent training (B2) to count the wrong
    points; a bound of the same kind does without it.
Reading: The two training sets have one size before points with other labels are dropped, and the
    labels $k,l$ occur, since otherwise there is no ratio to speak of.
Needs independent training: Each rule is trained independently of the other sample (B2).
    Without it: For this bound: a rule that has seen the single point of the other sample is wrong
        there, at the price of few errors on its own sample.
Needs labels occur: A label is $k$ or $l$ with positive probability $q$.
    Without it: With $q=0$ both counts are 0 and have no ratio.
Needs equal totals: Both samples have the same total size $N$.
    Without it: With all points counted, the ratio is that of the totals.
Sharp: For $0<\varepsilon<1$ and counts from $(1-\varepsilon)Nq$ to $(1+\varepsilon)Nq$,
    $|n_1/n_2-1|\leq2\varepsilon/(1-\varepsilon)$, with equality exactly at $n_1=(1+\varepsilon)Nq$
    and $n_2=(1-\varepsilon)Nq$. Without independent training, for all rules however chosen,
    with probability at least $1-\delta$ no more than
    $4BR/\sqrt{n_1}+4BR/\sqrt{n_2}+\lambda\sqrt{1/n_1+1/n_2}$ is lost. For $n_1=n_2=n$ and
    $\delta=n^{-2}$ the loss of the statement above, in points, is $4BR\sqrt n+2\sqrt{n\ln n}$, more
    than the $4BR\sqrt n+\sqrt{2n\ln n}$ of Theorem 9, which needs no independence.
    Rests on: written proof. $(1+\varepsilon)/(1-\varepsilon)$ is the largest quotient, and
        $1-(1-\varepsilon)/(1+\varepsilon)=2\varepsilon/(1+\varepsilon)$ is less. The loss without
        independence is two symmetrisations and McDiarmid's inequality with $n_1$ and $n_2$; the
        sizes are computed with certificates.
Quantifier: for each pair of samples the counts are computed and the bound is certified for them;
    that wrong points are rarely too many and the sizes rarely far from their mean is certified by
    exact tails; the deviation over all rules in the ball is proved on paper
Uses: charles-thm-9, charles-rademacher-step
The idea: The two samples need not have the same number of points of the two classes. If both
    samples have the same total size, the numbers are close anyway.
Why it is true: Count the points that one rule gets wrong on the *other* sample. If the rule does
    not depend on that sample, the count is binomial, and by Hoeffding's inequality its share is
    rarely more than $\lambda/\sqrt{n_j}$ above the probability of a wrong point. This is at most
    the expected ramp loss. For all rules of the ball at once that exceeds the ramp loss on the own
    sample by at most $2(2B)R/\sqrt{n_i}$ in the mean, by the signs of the [Rademacher
    step](charles-rademacher-step.html) with $|w_k-w_l|\leq2B$. One draw changes this gap by at most
    $1/n_i$; so over $n_i$ draws Hoeffding's lemma makes a gap that is larger by $t$ than in the
    mean at most as likely as $e^{-2n_it^2}$, which is $\delta$ for $t=\lambda/\sqrt{n_i}$.

    The sizes themselves are binomial too, so their ratio is near 1.
Before you use it: The count of wrong points uses that a rule does not depend on the *other* sample.
    A bound of the same kind does without: compare the two samples through ramps, as in Theorem 7,
    with one size for each. When the sizes are equal, Theorem 9 gives more and assumes less.
"""

from fractions import Fraction
from functools import partial
from math import ceil, floor
from random import Random

import sympy

from certify.certificates.certificate import Certificate
from certify.numbers import rationals
from certify.numbers.rationals import vector
from verify.claims.charles2019.shared import multiclass_samples, sample_losses
from verify.claims.charles2019.shared.enclosures import (
    Loss,
    Relations,
    exponential_below,
    exponential_relations,
)
from verify.claims.charles2019.shared.failure_probability import (
    tail,
    tail_certificate,
    tail_sum,
)
from verify.claims.charles2019.shared.multiclass_samples import Models, through_origin
from verify.claims.charles2019.shared.training_procedures import ORDINARY
from verify.claims.charles2019.shared.transfers import Transfer
from verify.claims.charles2019.sharp.ramps import RATIOS
from verify.claims.charles2019.without import ratio
from verify.claims.charles2019.without.ratio import Onlooker
from verify.claims.language import (
    Given,
    Named,
    Proof,
    Symbolic,
    SymbolicStep,
    computed,
    identity,
    named,
    products,
    step,
    theorem,
    told,
)
from verify.claims.relation import number, within
from verify.drawing import laws
from verify.drawing.laws import FiniteLaw

TINY = "one point in a sample"
CASES = (*laws.CASES, TINY)
NORM_FACTORS = vector([1, "3/2", 2])  # B R
DELTAS = (Fraction(1, 10**6), Fraction(1, 10**9))


def draw(rng: Random, case: str) -> tuple[Models, Fraction, int, Fraction, Fraction]:
    """Return samples of different sizes of a law, with a rule trained on each alone."""
    law = laws.law(rng, case if case in laws.CASES else rng.choice(laws.CASES))
    bound = rng.choice(NORM_FACTORS) ** 2 / law.radius_squared
    sizes = [rng.randint(20, 160), rng.randint(20, 160)]
    if case == TINY:
        sizes[rng.randrange(2)] = 1
    first, second = (law.sample(rng, size) for size in sizes)
    rules = (
        multiclass_samples.train(rng, rng.choice(ORDINARY), law, first, second, bound),
        multiclass_samples.train(rng, rng.choice(ORDINARY), law, second, first, bound),
    )
    return (
        Models(law, bound, (first, second), rules),
        rng.choice(DELTAS),
        rng.randint(20, 200),
        Fraction(rng.randint(1, 4), 4),
        Fraction(rng.randint(1, 4), 5),
    )


def prove(
    models: Models, delta: Fraction, total: int, share: Fraction, deviation: Fraction
) -> Proof:
    """Bound the overlap in both samples, and the ratio of their sizes."""
    both = [Transfer(models, delta, own, 1 - own) for own in range(2)]
    n, q, e = total, share, deviation
    low, high, chance = allowed_counts(n, q, e)
    below = told(r"e^{-2N\varepsilon^2q^2}", chance,
                 rf"(e^{{-2\cdot{n}({within(e)}\cdot{within(q)})^2}})^-")  # fmt: skip
    widest = computed(r"2\varepsilon/(1-\varepsilon)", "2 * e / (1 - e)", e=e)
    steps = (
        *multiclass_samples.norm_steps(models),
        step(r"A point of sample $j$ is outside $S$ only if its margin under the own rule is below "
             r"$1$, or rule $i$ is wrong there: a share $\text{wrong}_i$ of sample $j$.",
             *((named(rf"|S\cap S^{{({t.other + 1})}}|/n_{t.other + 1}", t.overlap), ">=",
                computed(rf"1-\rho_{t.other + 1}-\text{{wrong}}_{t.own + 1}", "1 - r - s",
                         r=t.errors[1], s=t.strays)) for t in both)),
        step(r"Rule $i$ does not depend on sample $j$, so the number of its wrong points there is "
             r"binomial: more than a share $\sqrt{\ln(1/\delta)/(2n_j)}$ above their probability "
             r"$p$ has a probability of at most $\delta$, by the exact tail.",
             ([Named(rf"P(\mathrm{{Bin}}\geq{t.unlikely})\text{{, rounded up}}",
                     rounded_up(t.chance, delta),
                     partial(_above, t.sizes[1], t.wrong, t.unlikely, True)) for t in both], "<=",
              named(r"\delta", delta))),
        step("On these draws there are not that many wrong points.",
             *((Named(rf"\text{{wrong under }}h_{t.own + 1}", t.strays * t.sizes[1],
                      products(t.models.samples[t.other], t.is_wrong)), "<",
                Named(r"\text{least unlikely count}", t.unlikely, partial(_unlikely, t)))
               for t in both)),
        step(r"$p$ is at most the expected ramp loss of rule $i$.",
             *((Named(f"p_{t.own + 1}", t.wrong, products(models.law.probabilities, t.is_wrong)),
                "<=",
                Named(rf"E\,\mathrm{{ramp}}(h_{t.own + 1})", t.ramp_loss,
                      products(models.law.probabilities, t.ramps))) for t in both)),
        step(r"That exceeds the ramp loss on sample $i$ by at most $4BR/\sqrt{n_i}+"
             r"\sqrt{\ln(1/\delta)/(2n_i)}$, except with probability $\delta$, for all rules in "
             r"the ball at once (a rational below it stands on the right).",
             *((computed(rf"E\,\mathrm{{ramp}}(h_{t.own + 1})-L_{t.own + 1}", "e - l",
                         e=t.ramp_loss, l=t.own_ramp), "<=",
                t.uniform.below(rf"\text{{allowed}}_{t.own + 1}", [t.ramp_loss - t.own_ramp]))
               for t in both)),
        step(r"On its own sample a rule has ramp loss at most $\rho_i$.",
             *((Named(f"L_{t.own + 1}", t.own_ramp, partial(_mean_ramp, t)), "<=",
                computed(rf"\rho_{t.own + 1}", "k / n", k=models.reading.errors[t.own],
                         n=t.sizes[0])) for t in both)),
        step(r"Together: $|S\cap S^{(j)}|/n_j\geq1-\rho_1-\rho_2$ minus what steps 3 and 6 "
             "allow.",
             *((Named(rf"1-\rho_1-\rho_2-|S\cap S^{{({t.other + 1})}}|/n_{t.other + 1}",
                      1 - sum(t.errors) - t.overlap,
                      computed("", "1 - r - s - o", r=t.errors[0], s=t.errors[1], o=t.overlap)
                      .numbers), "<=",
                t.total.below(r"\text{allowed}", [1 - sum(t.errors) - t.overlap]))
               for t in both)),
        step(r"With equal totals $N$ each size is binomial with mean $Nq$; it leaves "
             r"$(1\pm\varepsilon)Nq$ on either side with a probability of at most "
             r"$e^{-2N\varepsilon^2q^2}$, by the exact tails (a rational below it stands on the "
             "right).",
             (Named(rf"P(\mathrm{{Bin}}({n},{number(q)})\leq{low})\text{{, rounded up}}",
                    rounded_up(tail(n, q, low, at_least=False), chance),
                    partial(_above, n, q, low, False)), "<=", below),
             (Named(rf"P(\mathrm{{Bin}}({n},{number(q)})\geq{high})\text{{, rounded up}}",
                    rounded_up(tail(n, q, high, at_least=True), chance),
                    partial(_above, n, q, high, True)), "<=", below)),
        step(r"Otherwise the ratio of the sizes differs from $1$ by at most "
             r"$2\varepsilon/(1-\varepsilon)$.",
             (computed(r"\frac{1+\varepsilon}{1-\varepsilon}-1", "(1 + e) / (1 - e) - 1", e=e),
              "=", widest),
             (computed(r"1-\frac{1-\varepsilon}{1+\varepsilon}", "1 - (1 - e) / (1 + e)", e=e),
              "<=", widest)),
    )  # fmt: skip
    tails = [tail_certificate(n, q, low, chance, at_least=False)]
    if high <= n:
        tails.append(tail_certificate(n, q, high, chance, at_least=True))
    norms = (
        multiclass_samples.norm_certificate(rule, 0, 1, models.bound_squared)
        for rule in models.rules
    )
    return Proof.of(
        *multiclass_samples.objects(models),
        Given("steps 9 and 10", r"speak of $N$, $q$ and $\varepsilon$, not of the samples above"),
        *steps, *norms,
        *both[0].certificates(exponential_relations(rationals.text(chance), -2 * n * (e * q) ** 2)),
        *both[1].certificates([]), *tails,
    )  # fmt: skip


def _above(trials: int, probability: Fraction, count: int, at_least: bool) -> str:
    return f"({tail_sum(trials, probability, count, at_least)})^+"


def _unlikely(t: Transfer) -> str:
    n, p, delta = t.sizes[1], within(t.wrong), within(1 / t.delta)
    return rf"\lfloor {n}({p}+\sqrt{{\ln({delta})/{2 * n}}})\rfloor+1"


def _mean_ramp(t: Transfer) -> str:
    return f"({products(t.models.samples[t.own], t.ramps)()})/{t.sizes[0]}"


def rounded_up(probability: Fraction, unit: Fraction) -> Fraction:
    """Return the next multiple of unit / 1000: no longer numeral, and the same side of the unit."""
    grid = unit / 1000
    return ceil(probability / grid) * grid


def allowed_counts(n: int, q: Fraction, e: Fraction) -> tuple[int, int, Fraction]:
    """Return the counts just beyond (1 - e) n q and (1 + e) n q, and a bound of their tails.

    The bound is a rational below exp(-2 n e^2 q^2), less than one percent of it off.
    """
    bound = exponential_below(-2 * n * (e * q) ** 2)
    unit = Fraction(1, 100 * 2 ** floor(1 / bound).bit_length())
    chance = floor(bound / unit) * unit
    return ceil((1 - e) * n * q) - 1, floor((1 + e) * n * q) + 1, chance


def sharpness() -> Proof:
    """Attain the bound of the ratio, and compare with the case of equal sizes."""
    e = Fraction(1, 10)
    size = sample_losses.smallest_positive_size(Fraction(0), Fraction(4), sample_losses.TWO_STEP)
    larger, smaller = (
        sample_losses.loss(n, Fraction(4), sample_losses.TWO_STEP) for n in (size, size - 1)
    )
    larger_count, smaller_count = (1 + e) * 100, (1 - e) * 100
    return Proof.of(
        named(r"\varepsilon", e), named("Nq", 100),
        computed(r"n_1=(1+\varepsilon)Nq", "(1 + e) * n", e=e, n=100),
        computed(r"n_2=(1-\varepsilon)Nq", "(1 - e) * n", e=e, n=100),
        Given("$BR$ of step 2", 1), Given(r"$\rho$ of step 2", 0),
        step(r"Counts $n_1=(1+\varepsilon)Nq$, $n_2=(1-\varepsilon)Nq$ attain the bound: with "
             r"$\varepsilon=1/10$ and $Nq=100$ the ratio is $110/90=1+2/9$.",
             (computed("n_1/n_2-1", "a / b - 1", a=larger_count, b=smaller_count), "=",
              computed(r"2\varepsilon/(1-\varepsilon)", "2 * e / (1 - e)", e=e))),
        step(r"For $n_1=n_2=n$ and $\delta=n^{-2}$ the bound is that of two separate steps, "
             r"$4BR\sqrt n+2\sqrt{n\ln n}$; with $BR=1$, $\rho=0$ it is positive from n = 66, "
             "against n = 46 in Theorem 9.",
             (named("n", size), ">", larger.above(r"4BR\sqrt n+2\sqrt{n\ln n}", [Fraction(size)])),
             (named("n", size - 1), "<=",
              smaller.below(r"4BR\sqrt n+2\sqrt{n\ln n}", [Fraction(size - 1)]))),
        *(_positive(n) for n in (size - 1, size)),
    )  # fmt: skip


def _positive(size: int) -> Certificate:
    """Certify whether 1 exceeds the loss for n_1 = n_2 = n, delta = n^-2, B R = 1 and no errors."""
    n = Fraction(size)
    loss = Loss((16 / n,), (1 / (2 * n), 1 / (2 * n)), n**2)
    relations: Relations = [
        ("root0", "=", ["/", "16", "size"]),
        *((name, "=", ["/", "1", ["*", "2", "size"]]) for name in ("deviation0", "deviation1")),
        ("argument", "=", ["^", "size", "2"]),
        ("all", "=", "1"),
    ]
    numbers: dict[str, Fraction | int] = {"size": size, "all": 1}
    if loss.covers(Fraction(1)):
        return loss.certificate(numbers, relations, within=["all"])
    return loss.certificate(numbers, relations, beyond=["all"])


def symbolic() -> Symbolic:
    """Prove the width of the ratio, and the case of equal sizes."""
    e, n, t = sympy.symbols("epsilon n t", positive=True)
    # With t = ln n and delta = n^-2 the two deviations of equal samples add up.
    deviations = n * 2 * sympy.sqrt(2 * t / 2) / sympy.sqrt(n)
    yield identity(
        "The largest ratio of two numbers in the band exceeds 1 by this much.",
        r"\frac{1+\varepsilon}{1-\varepsilon}-1=\frac{2\varepsilon}{1-\varepsilon}",
        r"all $\varepsilon$ between 0 and 1", (1 + e) / (1 - e) - 1, 2 * e / (1 - e),
    )  # fmt: skip
    yield SymbolicStep(
        "For equal sizes the deviations are those of the proof in two steps.",
        r"n\sqrt{\frac{\ln n^2}{2}}\left(\frac{1}{\sqrt n}+\frac{1}{\sqrt n}\right)=2\sqrt{n\ln n}",
        "all n",
        sympy.simplify(deviations - 2 * sympy.sqrt(n * t)) == 0,
    )


EXAMPLE = (
    Models(
        FiniteLaw.of([[1, 0], [0, 1], [0, 1]], [1, 1, -1], [14, 3, 3]),
        Fraction(1),
        ((64, 15, 11), (42, 8, 10)),
        (
            through_origin([vector(["3/5", "4/5"]), vector(["-4/5", "-3/5"])]),
            through_origin([vector(["4/5", "-3/5"]), vector([-1, 0])]),
        ),
    ),
    Fraction(1, 10**6),
    100,
    Fraction(1, 2),
    Fraction(1, 5),
)

CLAIM = theorem(
    __name__,
    without={
        "independent training": (
            Onlooker(10, 748, Fraction(9, 20)),
            ratio.refute_onlooker,
            ratio.draw_onlooker,
        ),
        "labels occur": (
            ((1, 1), Fraction(1, 10), Fraction(0)),
            ratio.refute_share,
            ratio.draw_totals,
        ),
        "equal totals": (
            ((17, 7), Fraction(2, 5), Fraction(1)),
            ratio.refute_totals,
            ratio.draw_totals,
        ),
    },
    sharp=RATIOS,
)
