"""The sharp form of Theorem 7: smallest sizes, an exact failure probability, and its constant."""

from fractions import Fraction
from functools import cache
from math import comb

from certify.certificates.certificate import Certificate
from verify.claims.charles2019.shared import failure_probability, sample_losses
from verify.claims.charles2019.shared.enclosures import Loss, Relations, log_bounds
from verify.claims.charles2019.shared.failure_probability import LEVEL, Enumeration
from verify.claims.charles2019.shared.sample_losses import TWO_SAMPLE, TWO_STEP, two_sample_loss
from verify.claims.charles2019.without import offset_memorisers
from verify.claims.charles2019.without.offset_memorisers import Memory
from verify.claims.claim import Operator, Proof, Step, Value, step
from verify.drawing.laws import Counts, FiniteLaw

ONE = Fraction(1)

# B R and rho of the sizes that are worked out in the sharp form.
TABLE = tuple(
    (Fraction(norm), Fraction(rho))
    for norm, rho in (
        (1, "0"), (1, "1/10"), (1, "1/4"), (2, "0"), (5, "0"), (10, "0"), (10, "1/10"), (30, "0"),
        (30, "1/4"),
    )
)  # fmt: skip

NOISY_LAW = FiniteLaw.of([[1, 0], [0, 1], [0, 1]], [1, 1, -1], [14, 3, 3])
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
    parts = [*rows, _noisy(), _balanced(), _constant(), _trials()]
    return Proof.of(*(part for part, _ in parts), *(c for _, found in parts for c in found))


def _table_row(norm: Fraction, rho: Fraction) -> tuple[Step, list[Certificate]]:
    relations: list[tuple[Value, Operator, Value]] = []
    found, sizes = [], []
    for factor in (sample_losses.PRINTED, TWO_STEP, TWO_SAMPLE):
        n = sample_losses.smallest_positive_size(rho, norm**2, factor)
        sizes.append(str(n))
        for size in (n, n - 1):
            loss, value = sample_losses.loss(size, norm**2, factor), (1 - 2 * rho) * size
            low, high = loss.decisive_bounds([value])
            relations.append((value, ">", high) if size == n else (value, "<=", low))
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
    return (
        step("For the noisy law, n = 90 and the majority rule the bound is positive with "
             f"probability {float(found.positive):.4f} and fails with probability "
             f"{float(found.failure):.0e}, far below $2/n^2$: such a test can hardly fail.",
             (found.failure, "<=", Fraction(2, n**2)),
             (found.failure, "<=", 4 * event), (4 * event, "<=", Fraction(2, n**2)),
             (found.positive, ">", Fraction(999, 1000))),
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


def _balanced() -> tuple[Step, list[Certificate]]:
    """Return why the first term may be divided by more, and from which sizes that pays."""
    sizes = range(1, 41)
    means = [(n, *offset_memorisers.mean_given_balanced(n)) for n in sizes]
    positive = [
        sample_losses.smallest_positive_size(Fraction(0), Fraction(norm**2), TWO_SAMPLE, lost)
        for norm in (1, 5, 10)
        for lost in (offset_memorisers.balanced_loss,)
    ]
    found = []
    for size in (positive[0] - 1, positive[0]):
        loss = offset_memorisers.balanced_loss(size, ONE)
        numbers: dict[str, Fraction | int] = {
            "size": size, "rest": 1 - offset_memorisers.central(size)
        }  # fmt: skip
        relations: Relations = [
            ("rest", "=", ["-", "1", ["/", str(comb(2 * size, size)), ["^", "4", "size"]]]),
            (["*", "root0", ["^", "rest", "2"]], "=", ["*", "2", "size"]),
            ("deviation0", "=", ["*", "2", "size"]),
            ("argument", "=", "size"),
        ]
        side = "within" if size < positive[0] else "beyond"
        found.append(loss.certificate(numbers, relations, **{side: ["size"]}))
    return (
        step(r"$F$ is $\sup_w\frac1n\sum\tau_i(\mathrm{ramp}_i-\frac12)$ with balanced signs "
             r"$\tau$ on all $2n$ points, and every balanced $\tau$ is as likely. Draw independent "
             r"signs $\sigma$ and flip surplus ones at random until they balance: then "
             r"$E[\sigma|\tau]=(1-p_n)\tau$ with $p_n=\binom{2n}{n}4^{-n}$ (here for $n\leq40$), "
             r"so by Jensen's inequality $(1-p_n)EF$ is at most the same mean over $\sigma$, and "
             r"that is at most $BR\sqrt{2n}/n$ by contraction. With $\rho=0$ and $BR=1,5,10$ the "
             "bound is then positive from n = 16, 112, 324.",
             *((total, "=", Fraction(1, comb(2 * n, n))) for n, total, _ in means),
             *((mean, "=", 1 - offset_memorisers.central(n)) for n, _, mean in means),
             (positive, "=", [16, 112, 324])),
        found,
    )  # fmt: skip


def _constant() -> tuple[Step, list[Certificate]]:
    n, part, constant = 10**10, Fraction(1, 10**5), Fraction(141, 100)
    memory = Memory(n, 2 * n**2, part)
    loss = Loss((constant**2 * memory.norm_squared * n,), (Fraction(2 * n),), Fraction(n))
    numbers: dict[str, Fraction | int] = {
        "size": n, "part": part, "constant": constant, "norms": memory.norm_squared
    }  # fmt: skip
    relations: Relations = [
        ("norms", "=", ["+", ["/", "1", ["*", "4", "part"]],
                        ["/", "size", ["*", "2", ["-", "1", "part"]]]]),
        ("root0", "=", ["*", ["*", ["^", "constant", "2"], "norms"], "size"]),
        ("deviation0", "=", ["*", "2", "size"]),
        ("argument", "=", "size"),
    ]  # fmt: skip
    return (
        step(r"No factor below $\sqrt2$ will do: rules that remember disjoint samples have $S$ "
             r"empty and $B^2R^2=\frac1{4m^2}+\frac n{2(1-m^2)}$, near $n/2$ for $m^2=n^{-1/2}$. "
             "With $n=10^{10}$ of $2n^2$ points the samples are disjoint with probability at least "
             r"$1/2$, and $1.41\,BR\sqrt n+\sqrt{2n\,\ln n}$ is below $n$ (a rational above it).",
             (1 - Fraction(n**2, memory.support), ">=", Fraction(1, 2)),
             (loss.decisive_bounds([Fraction(n)])[1], "<", n)),
        [loss.certificate(numbers, relations, beyond=["size"])],
    )  # fmt: skip


def _trials() -> tuple[Step, list[Certificate]]:
    relations: list[tuple[Value, Operator, Value]] = []
    found, words = [], []
    for n in (116, 200, 500):
        p = Fraction(2, n**2)
        needed = failure_probability.trials_needed(p)
        top, bottom = log_bounds(1 / LEVEL, 128), log_bounds(1 / (1 - p), 128)
        relations.append((needed * bottom[0], ">=", top[1]))
        relations.append(((needed - 1) * bottom[1], "<", top[0]))
        found.append(failure_probability.trials_certificate(p, needed))
        words.append(f"{needed} for n = {n}")
    text = (
        r"To support $2/n^2$ at the level 1/20 takes $T$ trials without failure with "
        r"$(1-2/n^2)^T\leq1/20$: " + ", ".join(words) + " (logarithms are compared)."
    )
    return step(text, *relations), found
