"""Why the first term of the bounds on samples may be divided by more, and from where that pays.

The signs of the points of two samples balance. They come from independent ones by flipping those
that are too many, which costs a factor on average.
"""

from fractions import Fraction
from math import comb

from certify.certificates.certificate import Certificate
from verify.claims.charles2019.shared import sample_losses
from verify.claims.charles2019.shared.enclosures import Loss, Relations
from verify.claims.charles2019.shared.sample_losses import TWO_SAMPLE
from verify.claims.charles2019.without import offset_memorisers
from verify.claims.charles2019.without.offset_memorisers import Memory
from verify.claims.claim import Step, step
from verify.claims.relation import Operator, Side, computed, inner, named, told


def steps() -> list[tuple[Step, list[Certificate]]]:
    """Return why the first term may be divided by more, and from which sizes that pays."""
    flipped: list[tuple[Side, Operator, Side]] = []
    positive: list[tuple[Side, Operator, Side]] = []
    found = []
    for n in (1, 2, 3):
        mean = inner(rf"E_{{n={n}}}|k-n|", [abs(k - n) for k in range(2 * n + 1)],
                     [Fraction(comb(2 * n, k), 4**n) for k in range(2 * n + 1)])  # fmt: skip
        flipped.append((mean, "=", computed("n p_n", "n * c / 4**n", n=n, c=comb(2 * n, n))))
    for norm in (1, 5, 10):
        lost = offset_memorisers.balanced_loss
        n = sample_losses.smallest_positive_size(Fraction(0), Fraction(norm**2), TWO_SAMPLE, lost)
        for size in (n, n - 1):
            loss = lost(size, Fraction(norm**2))
            bound = loss.above if size == n else loss.below
            value = bound(r"\sqrt2BR\sqrt n/(1-p_n)+\sqrt{2n\ln n}", [Fraction(size)]).value
            right = told(
                r"\frac{\sqrt2BR\sqrt n}{1-p_n}+\sqrt{2n\ln n}", value,
                rf"({'' if norm == 1 else norm}\sqrt{{{2 * size}}}/(1-p_{{{size}}})"
                rf"+\sqrt{{{2 * size}\ln {size}}})^{'+' if size == n else '-'}",
            )  # fmt: skip
            positive.append((named(f"n_{{BR={norm}}}", size), ">" if size == n else "<=", right))
            found.append(_certificate(loss, size, norm, size == n))
    why = step(r"$F=\sup_w(L'(w)-L(w))$ for the mean ramp losses $L$ and $L'$ of two samples is "
             r"$\sup_w\frac1n\sum\tau_i(\mathrm{ramp}_i-\frac12)$ with balanced signs "
             r"$\tau$ on all $2n$ points, and every balanced $\tau$ is as likely. Draw independent "
             r"signs $\sigma$, of which $k$ are $+1$, and flip $|k-n|$ surplus ones at random, so "
             r"that they balance. Permutations of the places and the exchange of the signs leave "
             r"this as it is: every balanced $\tau$ is as likely, and $E[\sigma_i\tau_i|\tau]$ is "
             r"the same for all places, $1-2E|k-n|/(2n)$. For all $n$ the difference in the "
             r"identity $(k-n)C(2n,k)=n(C(2n-1,k-1)-C(2n-1,k))$ "
             r"telescopes over $k>n$, so $E|k-n|=n\,C(2n,n)\,4^{-n}=np_n$, and "
             r"$E[\sigma|\tau]=(1-p_n)\tau$.",
             *flipped)  # fmt: skip
    pays = step(r"By Jensen's inequality $(1-p_n)EF$ is at most the same mean over $\sigma$, and "
             r"that is at most $BR\sqrt{2n}/n$ by contraction. With $\rho=0$ and $BR=1,5,10$ the "
             "bound is then positive from n = 16, 112, 324.",
             *positive)  # fmt: skip
    return [(why, []), (pays, found)]


def constant() -> tuple[Step, list[Certificate]]:
    """Return why the first term cannot have a factor below the root of 2."""
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
             (computed("1-n^2/M", "1 - n**2 / m", n=n, m=memory.support), ">=", Fraction(1, 2)),
             (told(r"\text{loss}", loss.above("", [Fraction(n)]).value,
                   r"(1.41\sqrt{(\frac{10^5}4+\frac{10^{10}}{2-2/10^5})10^{10}}"
                   r"+\sqrt{2\cdot10^{10}\ln10^{10}})^+"), "<", named("n", n))),
        [loss.certificate(numbers, relations, beyond=["size"])],
    )  # fmt: skip


def _certificate(loss: Loss, size: int, norm: int, positive: bool) -> Certificate:
    numbers: dict[str, Fraction | int] = {
        "size": size, "norm": norm, "rest": 1 - offset_memorisers.central(size)
    }  # fmt: skip
    relations: Relations = [
        ("rest", "=", ["-", "1", ["/", str(comb(2 * size, size)), ["^", "4", "size"]]]),
        (["*", "root0", ["^", "rest", "2"]], "=", ["*", ["*", "2", ["^", "norm", "2"]], "size"]),
        ("deviation0", "=", ["*", "2", "size"]),
        ("argument", "=", "size"),
    ]
    side = "beyond" if positive else "within"
    return loss.certificate(numbers, relations, **{side: ["size"]})
