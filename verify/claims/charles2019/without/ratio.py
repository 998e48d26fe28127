"""How the bound for samples of different sizes fails: a rule that looks, and counts that differ."""

from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from random import Random

from certify.certificates import facts
from verify.claims.charles2019.shared import enclosures
from verify.claims.charles2019.shared.enclosures import Loss, exponential_relations, log_bounds
from verify.claims.charles2019.shared.failure_probability import tail, tail_certificate, tail_sum
from verify.claims.claim import Given, Refutation, step
from verify.claims.relation import computed, named, told

LARGEST_SUPPORT, LARGEST_SIZE, PARTS = 20, 1_500, 20
GRID = 1_000  # probabilities are rounded up to multiples of 1 / GRID


@dataclass(frozen=True)
class Onlooker:
    """M equally likely orthonormal points of class k, and sample sizes n_1 = ``size``, n_2 = 1.

    The second rule is right everywhere. The first one has seen the only point of the second sample
    and is wrong there, and right on the other M - 1 points, each with the margin 1.
    """

    support: int
    size: int
    delta: Fraction

    @property
    def loss(self) -> Loss:
        """The share of the second sample that the bound gives away, for 4 B^2 = M and R = 1."""
        n = Fraction(self.size)
        return Loss((4 * self.support / n,), (1 / (2 * n), Fraction(1, 2)), 1 / self.delta)


def draw_onlooker(rng: Random) -> Onlooker:
    """Return a support, a size, and a failure probability in twentieths below one half."""
    return Onlooker(
        rng.randint(1, LARGEST_SUPPORT),
        rng.randint(1, LARGEST_SIZE),
        Fraction(rng.randint(1, PARTS // 2 - 1), PARTS),
    )


def refute_onlooker(instance: Onlooker) -> Refutation | None:
    """Refute when the bound promises a point of S in the second sample more often than it may.

    S has none. The errors of the first rule are binomial, and the bound is positive unless there
    are too many of them.
    """
    n, chance, loss = instance.size, Fraction(1, instance.support), instance.loss
    most = int((1 - loss.bounds()[1]) * n)
    if most < n * chance:
        return None
    often = Fraction(ceil(tail(n, chance, most + 1, at_least=True) * GRID), GRID)
    if often >= 1 - 2 * instance.delta:
        return None
    share = 1 - Fraction(most, n)
    numbers: dict[str, Fraction | int] = {
        "support": instance.support, "size": n, "most": most, "share": share,
        "delta": instance.delta, "often": often,
    }  # fmt: skip
    relations: enclosures.Relations = [
        ("root0", "=", ["/", ["*", "4", "support"], "size"]),
        ("deviation0", "=", ["/", "1", ["*", "2", "size"]]),
        ("deviation1", "=", "1/2"),
        ("argument", "=", ["/", "1", "delta"]),
        ("share", "=", ["-", "1", ["/", "most", "size"]]),
        ("often", "<", ["-", "1", ["*", "2", "delta"]]),
    ]
    return Refutation.of(
        f"With at most {most} errors in the first sample the bound is positive, and no point of "
        "the second sample is right under both rules. There are more errors too rarely.",
        Given("law", f"$M={instance.support}$ equally likely orthonormal points of class $k$"),
        Given("sizes", "$n_1=n$, $n_2=1$"),
        Given("rules", "rule 2 has margin $1$ everywhere; rule 1 has seen the only point of "
              r"sample 2: $u_1=\sum\pm x_i$ with the minus at this point"),
        named("R^2", 1),
        computed("B^2", "m / 4", m=instance.support),
        step(rf"With ${most}$ errors in sample 1 the bound of $|S\cap S^{{(2)}}|$ is positive "
             "(a rational above the loss).",
             (computed(r"1-\rho_1", "1 - k / n", k=most, n=n), ">",
              loss.above(r"\frac{4BR}{\sqrt{n_1}}+\frac{\lambda}{\sqrt{n_1}}"
                         r"+\frac{\lambda}{\sqrt{n_2}}", [share]))),
        step(r"More errors have a probability below $1-2\delta$.",
             (told(r"P(\text{more errors})\text{, rounded up}", often,
                   f"({tail_sum(n, chance, most + 1, True)})^+"), "<",
              computed(r"1-2\delta", "1 - 2 * d", d=instance.delta))),
        loss.certificate(numbers, relations, beyond=["share"]),
        tail_certificate(n, chance, most + 1, often, at_least=True),
    )  # fmt: skip


def draw_totals(rng: Random) -> tuple[tuple[int, int], Fraction, Fraction]:
    """Return equal or different totals, deviations in tenths below one half, shares in quarters."""
    first = rng.randint(1, 400)
    second = first if rng.randrange(2) else rng.randint(1, 400)
    return (first, second), Fraction(rng.randint(1, 4), 10), Fraction(rng.randint(0, 4), 4)


def refute_totals(
    totals: tuple[int, int], deviation: Fraction, share: Fraction
) -> Refutation | None:
    """Refute when every point counts, so that the ratio is that of the totals, too far from 1."""
    (n, m), e = totals, deviation
    least = min(n, m)
    gap = abs(Fraction(n, m) - 1)
    allowed = 2 * e / (1 - e)
    if share != 1 or gap <= allowed or log_bounds(Fraction(8))[1] > 2 * least * e**2:
        return None
    numbers: dict[str, Fraction | int] = {"first": n, "second": m, "deviation": e}
    return Refutation.of(
        "All points have a label k or l, so the ratio is that of the totals with certainty, and "
        "it is further from 1 than it may be with a probability of one half.",
        step("All points have one of the labels, so $n_j=N_j$. The ratio is too far from 1.",
             (told("|n_1/n_2-1|", gap, f"|{n}/{m}-1|"), ">",
              computed(r"2\varepsilon/(1-\varepsilon)", "2 * e / (1 - e)", e=e))),
        step(r"The failure probability would be $4e^{-2Nq^2\varepsilon^2}\leq\frac12$, even with "
             "the smaller total for $N$.",
             (computed(r"2Nq^2\varepsilon^2", "2 * n * e**2", n=least, e=e), ">=",
              named(r"\ln8", log_bounds(Fraction(8))[1]))),
        facts.arithmetic(
            numbers,
            [
                (["/", ["*", "2", "deviation"], ["-", "1", "deviation"]], "<",
                 ["abs", ["-", ["/", "first", "second"], "1"]]),
                *exponential_relations("8", 2 * least * e**2),
            ],
        ),
        tail_certificate(n, share, n - 1, Fraction(0), at_least=False),
        tail_certificate(m, share, m - 1, Fraction(0), at_least=False),
    )  # fmt: skip


def refute_share(
    totals: tuple[int, int], deviation: Fraction, share: Fraction
) -> Refutation | None:
    """Refute when no point has a label k or l: both counts are 0 and have no ratio."""
    if share or totals[0] != totals[1]:
        return None
    return Refutation.of(
        "No point has one of the two labels: both counts are 0 with certainty.",
        step(
            "The probability of the two labels is 0, so $n_1=n_2=0$.", (named("q", share), "=", 0)
        ),
        tail_certificate(totals[0], share, 1, Fraction(0), at_least=True),
    )
