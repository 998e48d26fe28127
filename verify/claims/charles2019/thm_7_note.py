r"""Section 3, note after Theorem 7: The common set is a constant fraction of the samples

Printed: Note that for $\rho<\frac12$ and $BR=o(\sqrt n)$, $|S\cap S^{(j)}|=\Theta(n)$. [In the
    first paragraph:] with high probability, there will be a single adversarial direction for both
    classifiers that affects most of the training examples in both sets.
    Refuted: With $\rho<1/2$ the common part can be a third of the samples: most examples are not
        affected.
Statement: Fix $\rho<1/2$ and let $BR=o(\sqrt n)$. With $\kappa=(1-2\rho)/2>0$, for every $n$ from
    some $n_0$ on Theorem 7 guarantees $\kappa n\leq|S\cap S^{(j)}|\leq n$ with probability at least
    $1-2/n^2$. Its bound exceeds $n/2$ for large $n$ exactly when $\rho<1/4$.
Verdict: true after repair. $\Theta(n)$ is right for a fixed $\rho$. But most of the examples are
    sure to be affected for $\rho<1/4$ only; between $1/4$ and $1/2$ it can be a third of them.
Reading: $\rho$ is a number that does not depend on $n$, as in A3; the assumptions are those of
    Theorem 7.
Needs rho away from one half: $\rho$ is below $1/2$ and does not depend on $n$.
    Without it: With $\rho=1/2-n^{-1/2}$ no share $s$ of the samples is sure for all large $n$. Let
        both rules be right with probability $s/2$, and each alone with half of the rest. By
        Chebyshev's inequality it is likely for large $n$ that each errs on at most $\rho n$ points
        of its sample and that fewer than $sn$ points are common. Below it is so for $s=1/2$, and
        $2/5$ in place of $s/2$, at a small size.
Needs norm bound: $BR=o(\sqrt n)$.
    Without it: With $BR\geq\sqrt n$ rules can memorise their samples, and $S$ is empty.
Sharp: $n_0$ is explicit: $8\,\ln n\leq\kappa^2n$ and $16B^2R^2\leq\kappa^2n$ suffice. They are not
    needed. The guarantee exceeds $n/2$ for large $n$ exactly when $\rho<1/4$, and for
    $\rho=1/2-n^{-1/2}$ and $BR\geq1$ it is negative for every $n\geq4$.
    Rests on: written proof. The conditions are the squares above. $(1-2\rho)n=2\sqrt n\le2BR\sqrt
        n$ for $\rho=1/2-n^{-1/2}$, which the loss exceeds. What is left of $n/2$ is
        $(1/2-2\rho)n-o(n)$. That the conditions are not needed is computed at one size.
Quantifier: for each sampled rho and B R the threshold is certified; that it holds from there on
    follows from the monotonicity shown for all n; the probability is that of Theorem 7
Uses: charles-thm-7
The idea: The guarantee of Theorem 7 loses terms of the order $\sqrt n$ and $\sqrt{n\ln n}$. As $n$
    grows these are small beside $n$, so the common part is a constant share.
Why it is true: Put $\kappa=(1-2\rho)/2$. Half of $\kappa n$ pays for $2BR\sqrt n$ and the other
    half for $\sqrt{2n\ln n}$ as soon as $n$ is large enough, and both inequalities stay true
    afterwards.
Before you use it: The share of errors $\rho$ must stay away from one half as $n$ grows. And *most
    of the examples* is claimed too quickly: the guarantee exceeds $n/2$ for $\rho<1/4$ only, and
    between one quarter and one half the common part can really be a third.
"""

from dataclasses import dataclass
from fractions import Fraction
from math import ceil, isqrt
from random import Random

import sympy

from certify.certificates import facts
from certify.certificates.certificate import Certificate
from certify.errors import InputError
from certify.numbers.rationals import text, vector
from verify.claims.charles2019.shared import sample_losses
from verify.claims.charles2019.shared.enclosures import Loss, log_bounds
from verify.claims.charles2019.shared.failure_probability import tail, tail_certificate, tail_sum
from verify.claims.charles2019.sharp.samples import SHARES
from verify.claims.charles2019.without import memorisers
from verify.claims.charles2019.without.memorisers import Memorisers
from verify.claims.claim import Proof, Refutation, SymbolicStep, step
from verify.claims.language import Given, Symbolic, computed, identity, named, theorem, told
from verify.claims.relation import Operator, Side
from verify.objects import LinearRule

ONE = Fraction(1)
HALF, QUARTER = Fraction(1, 2), Fraction(1, 4)
POINTS = (vector([1, 1]), vector([1, -1]), vector([-1, 1]))
RULES = (LinearRule(vector([1, 0]), Fraction(0)), LinearRule(vector([0, 1]), Fraction(0)))
LARGEST_SIZE, LARGEST_WEIGHT = 200, 12
CONSTANT, GROWING, PERFECT = "constant B R", "B R of the order of the fourth root of n", "no errors"
NEAR, LARGER = "rho close to one half", "sizes beyond the smallest"
CASES = (CONSTANT, GROWING, PERFECT, NEAR, LARGER)


@dataclass(frozen=True)
class Instance:
    """A fraction rho < 1/2 of errors, a sample size n, and B^2 R^2 >= 1 at that size."""

    rho: Fraction
    size: int
    norms: Fraction

    def __post_init__(self) -> None:
        if not 0 <= self.rho < HALF:
            raise InputError("rho", expected="0 <= rho < 1/2", got=text(self.rho))

    @property
    def share(self) -> Fraction:
        """The constant kappa = (1 - 2 rho) / 2."""
        return HALF - self.rho

    @property
    def loss(self) -> Loss:
        """What the bound of Theorem 7 loses at this size."""
        return sample_losses.two_sample_loss(self.size, self.norms)


def draw(rng: Random, case: str) -> Instance:
    """Return rho, the smallest size that the proof allows for it or a larger one, and B R."""
    rho = Fraction(rng.randint(0, 4), 10)
    if case in (PERFECT, NEAR):
        rho = Fraction(0) if case == PERFECT else HALF - Fraction(1, rng.randint(10, 40))
    norms = Fraction(rng.randint(1, 16))
    size = smallest_size(rho, norms)
    if case == LARGER:
        size += rng.randint(1, size)
    if case == GROWING:
        # 16 isqrt(n) <= kappa^2 n holds from n = (16 / kappa^2)^2 on.
        size = max(size, int((16 / (HALF - rho) ** 2) ** 2) + 1)
        norms = Fraction(isqrt(size))
    return Instance(rho, size, norms)


def smallest_size(rho: Fraction, norms: Fraction) -> int:
    """Return the smallest n >= 3 with 8 ln n <= kappa^2 n and 16 B^2 R^2 <= kappa^2 n."""
    square = (HALF - rho) ** 2

    def fits(n: int) -> bool:
        return 8 * log_bounds(Fraction(n))[1] <= square * n and 16 * norms <= square * n

    low, high = 2, 3
    while not fits(high):
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if fits(middle) else (middle, high)
    return high


def prove(instance: Instance) -> Proof:
    """Bound each part of the loss by kappa n / 2, and see that both fall relative to n."""
    n, share = instance.size, instance.share
    low_log, high_log = log_bounds(Fraction(n))
    value = share * n
    loss_below, _ = instance.loss.decisive_bounds([value])
    square = computed(r"\kappa^2n", "k**2 * n", k=share, n=n)
    part = computed(r"\kappa n", "k * n", k=share, n=n)
    return Proof.of(
        named("n", n), named(r"\kappa", share),
        step(r"With $\kappa=(1-2\rho)/2$: once $8\,\ln n\leq\kappa^2n$, "
             r"$\sqrt{2n\,\ln n}\leq\kappa n/2$ (squares; a rational above the logarithm).",
             (told(r"8\ln n", 8 * high_log, rf"(8\ln {n})^+"), "<=", square)),
        step(r"Once $16B^2R^2\leq\kappa^2n$, which $BR=o(\sqrt n)$ makes true in the end, "
             r"$2BR\sqrt n\leq\kappa n/2$.",
             (computed("16B^2R^2", "16 * b", b=instance.norms), "<=", square)),
        step(r"Then the loss is at most $\kappa n$ (a rational above it), and "
             r"$\kappa n\leq|S\cap S^{(j)}|\leq n$.",
             (instance.loss.above(r"\text{loss}", [value]), "<=", part),
             (part, "<=", named("n", n))),
        step(r"It stays so: $\ln n>1$, so $\frac{\ln n}{n}$ falls, since "
             r"$n\,\ln(1+1/n)\leq1<\ln n$.", (told(r"\ln n", low_log, rf"(\ln {n})^-"), ">", 1)),
        step(r"Whenever $\rho\geq1/4$ the guaranteed part is below $n/2$ (here for the larger of "
             r"this instance's $\rho$ and $1/4$, with a rational below the loss); only for "
             r"$\rho<1/4$ can it be most of the sample.",
             (computed(r"(1-2\max(\rho,\frac14))n-\text{loss}", "(1 - 2 * r) * n - l",
                       r=max(instance.rho, QUARTER), n=n, l=loss_below), "<",
              computed("n/2", "n / 2", n=n))),
        certificate(instance),
    )  # fmt: skip


def certificate(instance: Instance) -> Certificate:
    """Certify the two conditions, and that the loss is below kappa n."""
    return instance.loss.certificate(
        {
            "size": instance.size,
            "rho": instance.rho,
            "norms": instance.norms,
            "share": instance.share,
            "value": instance.share * instance.size,
        },
        [
            ("share", "=", ["-", "1/2", "rho"]),
            ("value", "=", ["*", "share", "size"]),
            *sample_losses.shape(sample_losses.TWO_SAMPLE),
            (["*", "8", "log_above"], "<=", ["*", ["^", "share", "2"], "size"]),
            (["*", "16", "norms"], "<=", ["*", ["^", "share", "2"], "size"]),
            ("1", "<", "log_below"),
        ],
        beyond=["value"],
    )


@dataclass(frozen=True)
class SplitErrors:
    """A law in the plane with all labels +1, and the rules sign(x_1) and sign(x_2).

    ``both`` is the probability of the point (1, 1); the rest is shared equally by (1, -1), which
    only the first rule gets right, and (-1, 1), which only the second does. ``share`` is the
    fraction of a sample that is claimed to be right under both.
    """

    size: int
    both: Fraction
    share: Fraction


def draw_split(rng: Random) -> SplitErrors:
    """Return a sample size, a probability and a claimed fraction."""
    whole = rng.randint(2, LARGEST_WEIGHT)
    return SplitErrors(
        rng.randint(1, LARGEST_SIZE),
        Fraction(rng.randint(1, whole - 1), whole),
        Fraction(1, rng.randint(2, 4)),
    )


@theorem.as_printed(SplitErrors(9, Fraction(1, 3), HALF), draw_split)
def refute_most(instance: SplitErrors) -> Refutation | None:
    """Refute that rho < 1/2 makes the share at least one half."""
    if instance.share != HALF:
        return None
    return _refute_share(instance, (instance.size - 1) // 2, r"$\rho_1,\rho_2<1/2$")


@theorem.without("rho away from one half", SplitErrors(46, Fraction(2, 5), HALF), draw_split)
def refute_growing_rho(instance: SplitErrors) -> Refutation | None:
    """Refute a constant share when rho = 1/2 - 1 / sqrt(n) approaches one half."""
    n = instance.size
    root = isqrt(4 * n) + (isqrt(4 * n) ** 2 < 4 * n)  # n - 2 errors >= 2 sqrt(n), rounded up
    if root > n:
        return None
    return _refute_share(instance, (n - root) // 2, r"$\rho_1,\rho_2\leq1/2-n^{-1/2}$")


def _refute_share(instance: SplitErrors, errors: int, premise: str) -> Refutation | None:
    """Refute the share when at most ``errors`` errors and too small an overlap are likely."""
    n = instance.size
    needed = ceil(instance.share * n)
    wrong = (1 - instance.both) / 2
    excess = tail(n, wrong, errors + 1, at_least=True)
    enough = tail(n, instance.both, needed, at_least=True)
    total, rare = 2 * excess + enough, tail_sum(n, wrong, errors + 1, True)
    if not total < HALF:
        return None
    return Refutation.of(
        f"With probability above 1/2 both rules satisfy {premise} on samples of {n} points, and "
        f"fewer than {needed} points of the first sample are right under both.",
        Given("law", f"$(1,1)$ with probability {instance.both}, $(1,-1)$ and $(-1,1)$ with "
              f"{wrong} each, all labelled $+1$"),
        Given("rules", "$w_1=(1,0)$ and $w_2=(0,1)$, of margin $1$ where they are right"),
        Given("both, share", "the probability that both are right, and the share of a sample that "
              "is claimed to be so, with probability at least $1/2$"),
        step(
            f"With up to {errors} errors of each rule on its own sample {premise}; more are too "
            "rare.",
            (told(rf"2P(\text{{errors}}>{errors})", 2 * excess, f"2{rare}"), "<", HALF),
        ),
        step(
            f"The share that is claimed, {needed} points of the first sample, is too rare as "
            "well: with probability above 1/2 the assumption holds and the claim does not.",
            (
                told(
                    rf"2P(\text{{errors}}>{errors})+P(\text{{both right}}\geq{needed})",
                    total,
                    f"2{rare}+{tail_sum(n, instance.both, needed, True)}",
                ),
                "<",
                HALF,
            ),
        ),
        facts.certificate(
            RULES,
            [facts.label(k, x, rule.label(x)) for x in POINTS for k, rule in enumerate(RULES)],
        ),
        tail_certificate(n, wrong, errors + 1, excess, at_least=True),
        tail_certificate(n, instance.both, needed, enough, at_least=True),
        facts.arithmetic(
            {"excess": excess, "enough": enough},
            [(["+", ["*", "2", "excess"], "enough"], "<", "1/2")],
        ),
    )  # fmt: skip


@theorem.without("norm bound", Memorisers(3, 9, ONE, ONE, Fraction(0)), memorisers.draw)
def refute_long_rules(instance: Memorisers) -> Refutation | None:
    """Refute kappa n <= |S| for rules with B R >= sqrt(n): S is empty on disjoint samples."""
    n, allowed = instance.size, memorisers.twice_over_square(instance.size)
    if instance.known < 1 or instance.unknown > 0 or instance.disjoint <= allowed:
        return None
    return Refutation.of(
        "Rules that memorise their samples have no errors, and no point is right under both where "
        "the samples are disjoint, which is so too often.",
        Given("allowed", "$2/n^2$"), named(r"\rho", 0), named(r"\kappa", HALF),
        step(f"{memorisers.LAW} So it has no errors, and $BR$ is not below $\\sqrt n$.",
             (named(r"\text{own margin}", instance.known), ">=", 1),
             (memorisers.largest_norm(instance), ">=",
              computed("n/|x|^2", "n / l**2", n=n, l=instance.length))),
        *memorisers.disjoint_steps(instance, allowed),
        step(r"Then $S$ is empty, and $\kappa n$ points are too many. It is so for each $n\geq3$, "
             r"for instance with $M=n^3$: $(1-n/M)^n\geq1-1/n>2/n^2$.",
             (named("|S|", 0), "<", computed(r"\kappa n", "k * n", k=HALF, n=n))),
        memorisers.long_certificate(instance),
    )  # fmt: skip


def sharpness() -> Proof:
    """Evaluate that the guarantee is negative when rho = 1/2 - 1 / sqrt(n), and most for rho < 1/4.

    With B R >= 1 the part (1 - 2 rho) n = 2 sqrt(n) is lost entirely.
    """
    parts: list[tuple[Side, Operator, Side]] = []
    found = []
    for root in (10, 100, 1000):
        n = root**2
        loss = sample_losses.two_sample_loss(n, ONE)
        value = Fraction(2 * root)
        parts.append((computed(rf"(1-2\rho)n=2\sqrt{{{n}}}", "2 * r", r=root), "<",
                      loss.below(r"\text{loss}", [value])))  # fmt: skip
        found.append(
            loss.certificate(
                {"root": root, "size": n, "norms": ONE, "value": value},
                [
                    *sample_losses.shape(sample_losses.TWO_SAMPLE),
                    ("size", "=", ["^", "root", "2"]),
                    ("value", "=", ["*", "2", "root"]),
                ],
                within=["value"],
            )
        )
    size, rho = 4000, Fraction(1, 5)
    loss, value = sample_losses.two_sample_loss(size, ONE), (HALF - 2 * rho) * size
    found.append(
        loss.certificate(
            {"size": size, "norms": ONE, "rho": rho, "value": value},
            [
                *sample_losses.shape(sample_losses.TWO_SAMPLE),
                ("value", "=", ["*", ["-", "1/2", ["*", "2", "rho"]], "size"]),
            ],
            beyond=["value"],
        )
    )
    return Proof.of(
        named("BR", 1), Given(r"$\rho$ of step 1", "$1/2-n^{-1/2}$"),
        Given(r"$\rho$ of step 2", rho), Given("$n$ of step 2", size),
        step(r"For $\rho=1/2-n^{-1/2}$ and $BR=1$ the bound is negative: n = 100, 10000, "
             "1000000.", *parts),
        step(r"For $\rho=1/5$ and $BR=1$ more than half of n = 4000 points are guaranteed.",
             (computed(r"(\frac12-2\rho)n", "(1 / 2 - 2 * r) * n", r=rho, n=size), ">",
              loss.above(r"\text{loss}", [value]))),
        *found,
    )  # fmt: skip


def symbolic() -> Symbolic:
    """Prove that the logarithm falls relative to n, and the two squared conditions."""
    n, share, norm, log = sympy.symbols("n kappa beta ell", positive=True)
    derivative = sympy.diff(sympy.log(n) / n, n)
    yield SymbolicStep(
        r"The derivative of $\ln(n)/n$ is negative beyond $e$.",
        r"\frac{d}{dn}\frac{\ln n}{n}=\frac{1-\ln n}{n^2}",
        "all n > 0",
        sympy.simplify(derivative - (1 - sympy.log(n)) / n**2) == 0,
    )
    yield identity(
        r"$2\beta\sqrt n\leq\kappa n/2$ says $16\beta^2\leq\kappa^2n$.",
        r"(\kappa n/2)^2-(2\beta\sqrt n)^2=\frac n4(\kappa^2n-16\beta^2)",
        "all values",
        (share * n / 2) ** 2 - 4 * norm**2 * n, n / 4 * (share**2 * n - 16 * norm**2),
    )  # fmt: skip
    yield identity(
        r"$\sqrt{2n\ell}\leq\kappa n/2$ says $8\ell\leq\kappa^2n$.",
        r"(\kappa n/2)^2-2n\ell=\frac n4(\kappa^2n-8\ell)",
        "all values",
        (share * n / 2) ** 2 - 2 * n * log, n / 4 * (share**2 * n - 8 * log),
    )  # fmt: skip


EXAMPLE = Instance(Fraction(1, 10), smallest_size(Fraction(1, 10), ONE), ONE)


CLAIM = theorem(__name__, sharp=SHARES)
