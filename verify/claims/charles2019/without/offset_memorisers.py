"""Rules that memorise at the least norm: the bound of Theorem 7 is nearly attained by them.

The points are x_i = m e_0 + s e_i with m^2 + s^2 = 1. A rule a e_0 + sum c_i e_i with a m = 1/2 and
c_i s = 1/2 on the atoms of its own sample, -1/2 on the other atoms of the second one, has the
margin 1 on the first, 0 on the second, and a squared norm near n / 2 when m^2 is near n^(-1/2).
"""

from dataclasses import dataclass
from fractions import Fraction
from math import comb
from random import Random

from certify.numbers.rationals import Vector
from verify.claims.charles2019.shared.enclosures import Loss, Relations
from verify.claims.charles2019.shared.independent_samples import Experiment, Trial
from verify.claims.claim import Counterexample, Given, Refutation, step
from verify.claims.relation import Named, computed, named
from verify.drawing.laws import Counts, FiniteLaw
from verify.objects import LabelledSet

ONE, HALF = Fraction(1), Fraction(1, 2)
LARGEST_SIZE, LARGEST_SPREAD, LARGEST_PART = 600, 900, 40


def central(size: int) -> Fraction:
    """Return p_n = C(2n, n) / 4^n, about 1 / sqrt(pi n): the chance that 2n signs balance."""
    return Fraction(comb(2 * size, size), 4**size)


def mean_given_balanced(size: int) -> tuple[Fraction, Fraction]:
    """Return P(tau) and E[sigma_i | tau] tau_i for 2n signs sigma and one balanced tau.

    sigma has independent signs; if 2k of them are too many, k of these are flipped at random, which
    gives tau. So sigma differs from tau in k places of one sign, any k of n with the same chance.
    """
    total, agreement = ONE, ONE
    for k in range(1, size + 1):
        weight = Fraction(comb(size, k), comb(size + k, k))
        total += 2 * weight
        agreement += weight + weight * (1 - Fraction(2 * k, size))
    return total / 4**size, agreement / total


def balanced_loss(size: int, norms: Fraction) -> Loss:
    """Return sqrt(2) B R sqrt(n) / (1 - p_n) + sqrt(2 n ln n) for norms = B^2 R^2."""
    root = 2 * norms * size / (1 - central(size)) ** 2
    return Loss((root,), (Fraction(2 * size),), Fraction(size))


@dataclass(frozen=True)
class Memory:
    """Two samples of ``size`` points from ``support`` equally likely x_i, with m^2 = ``part``."""

    size: int
    support: int
    part: Fraction

    @property
    def norm_squared(self) -> Fraction:
        """The bound B^2 of |w|^2 for rules that remember two disjoint samples, with R = 1.

        It is attained where no sample has a point twice.
        """
        return 1 / (4 * self.part) + self.size / (2 * (1 - self.part))

    @property
    def disjoint(self) -> Fraction:
        """A lower bound of the probability that the two samples have no point in common."""
        return max(1 - Fraction(self.size, self.support), Fraction(0)) ** self.size


def draw(rng: Random) -> Memory:
    """Return a size, a support some times larger than that, and a part of the form 1 / k."""
    size = rng.randint(1, LARGEST_SIZE)
    support = size * rng.randint(1, LARGEST_SPREAD)
    return Memory(size, support, Fraction(1, rng.randint(2, LARGEST_PART)))


def weaker_loss(size: int, norms: Fraction) -> Loss:
    """Return B R sqrt(n) + sqrt(2 n ln n): too little, since 1 is below the root of 2."""
    return Loss((norms * size,), (Fraction(2 * size),), Fraction(size))


def objects() -> tuple[Given, Given]:
    """Return the law and the rules that steps about a :class:`Memory` speak of."""
    return (
        Given(
            "law",
            r"$M$ equally likely points $x_i=m\,e_0+s\,e_i$, labelled $+1$, with $m^2+s^2=1$; "
            "the part is $m^2$",
        ),
        Given(
            "rules that remember",
            r"$w=e_0/(2m)+(\sum e_i-\sum e_j)/(2s)$, $i$ in the own sample and $j$ in the other "
            "one; margin $1$ on the own points, $0$ on those of the other",
        ),
    )


def refute(memory: Memory) -> Refutation | None:
    """Refute the bound with B R sqrt(n) in place of 2 B R sqrt(n)."""
    n, loss = memory.size, weaker_loss(memory.size, memory.norm_squared)
    allowed = Fraction(2, n**2)
    if memory.disjoint <= allowed or loss.covers(Fraction(n)):
        return None
    numbers: dict[str, Fraction | int] = {
        "size": n, "support": memory.support, "part": memory.part, "norms": memory.norm_squared,
    }  # fmt: skip
    relations: Relations = [
        ("norms", "=", ["+", ["/", "1", ["*", "4", "part"]],
                        ["/", "size", ["*", "2", ["-", "1", "part"]]]]),
        (["/", "2", ["^", "size", "2"]], "<", ["^", ["-", "1", ["/", "size", "support"]], "size"]),
        ("root0", "=", ["*", "norms", "size"]),
        ("deviation0", "=", ["*", "2", "size"]),
        ("argument", "=", "size"),
    ]  # fmt: skip
    return Refutation.of(
        "With more than the stated probability the samples have no point in common. Then the rules "
        "have margin 1 on their own points and 0 on the others, so no point is right under both, "
        "and the weaker bound promises some.",
        *objects(),
        computed("B^2", "1 / (4 * p) + n / (2 * (1 - p))", n=n, p=memory.part),
        step(r"The samples are disjoint with probability at least $(1-n/M)^n>2/n^2$.",
             (Named("(1-n/M)^n", memory.disjoint,
                    computed("", "(1 - n / m)**n", n=n, m=memory.support).numbers), ">",
              named("2/n^2", allowed))),
        step(r"Both rules then have $|w|^2$ at most $B^2=1/(4m^2)+n/(2s^2)$, and less where a "
             r"sample has a point twice; and $R=1$. With this $B$ the weaker bound "
             r"$n-BR\sqrt n-\sqrt{2n\ln n}$ is positive, and $S$ is empty (a rational above the "
             "loss stands on the right).",
             (named("n", n), ">", loss.above(r"\text{loss}", [Fraction(n)]))),
        loss.certificate(numbers, relations, beyond=["size"]),
    )  # fmt: skip


def overstated(text_of_it: str) -> Counterexample[Memory]:
    """Return the counterexample to a loss of B R sqrt(n) in the first term."""
    return Counterexample(text_of_it, Memory(180, 20 * 180, Fraction(1, 20)), refute, draw)


@dataclass(frozen=True)
class Remembered:
    """Two samples of the x_i as indices below ``support``; m and s are two sides of a triangle.

    They are (1 - t^2)/(1 + t^2) and 2t/(1 + t^2) for t = ``slope``, so that all is rational.
    """

    support: int
    samples: tuple[tuple[int, ...], tuple[int, ...]]
    slope: Fraction

    @property
    def sides(self) -> tuple[Fraction, Fraction]:
        """The numbers m and s."""
        square = self.slope**2
        return (1 - square) / (1 + square), 2 * self.slope / (1 + square)

    @property
    def law(self) -> FiniteLaw:
        """The uniform law on the points x_i, all labelled +1."""
        m, s = self.sides
        zero = Fraction(0)
        places = range(self.support)
        points = tuple((m, *(s if i == k else zero for k in places)) for i in places)
        share = Fraction(1, self.support)
        return FiniteLaw(LabelledSet(points, (1,) * self.support), (share,) * self.support)

    def trial(self) -> Trial:
        """Return the samples as counts, with the rules that remember them."""
        first, second = (
            tuple(sample.count(i) for i in range(self.support)) for sample in self.samples
        )
        return Trial((first, second), (self.rule(first, second), self.rule(second, first)))

    def rule(self, own: Counts, other: Counts) -> Vector:
        """Return the rule with margin 1 on its own atoms and 0 on the rest of the other sample."""
        m, s = self.sides
        return (
            HALF / m,
            *(HALF / s if n else -HALF / s if k else Fraction(0)
              for n, k in zip(own, other, strict=True)),
        )  # fmt: skip

    @property
    def shared(self) -> set[int]:
        """The atoms that both samples contain."""
        return set(self.samples[0]) & set(self.samples[1])

    @property
    def norm_squared(self) -> Fraction:
        """The squared norm of both rules, from the number of atoms that they remember."""
        m, s = self.sides
        return HALF**2 / m**2 + len({*self.samples[0], *self.samples[1]}) * HALF**2 / s**2


def draw_remembered(rng: Random, size: int, support: int, slope: Fraction) -> Remembered:
    """Return two samples of independent draws."""
    first, second = (tuple(rng.randrange(support) for _ in range(size)) for _ in range(2))
    return Remembered(support, (first, second), slope)


def experiment(rng: Random, size: int, support: int, trials: int) -> Experiment:
    """Return trials in which almost as many points are lost as any rules of their norm can lose."""
    drawn = [draw_remembered(rng, size, support, Fraction(3, 4)) for _ in range(trials)]
    longest = max(memory.norm_squared for memory in drawn)
    return Experiment(drawn[0].law, longest, tuple(memory.trial() for memory in drawn))
