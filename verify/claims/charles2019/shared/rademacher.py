"""Ramp losses of finitely many rules, enumerated over signs, over samples and over a finite law."""

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import pairwise, product
from math import comb, prod

from certify.certificates import facts
from certify.certificates.certificate import Certificate
from certify.numbers.rationals import Rows, combine, dot, text
from verify.claims.charles2019.shared.enclosures import (
    Expression,
    Loss,
    Relations,
    exponential_relations,
)
from verify.claims.charles2019.shared.independent_samples import ramp
from verify.drawing import laws
from verify.drawing.laws import Counts, FiniteLaw
from verify.objects import LinearRule

ZERO = Fraction(0)


@dataclass(frozen=True)
class Instance:
    """A law, a sample size n, a bound B^2, rules within it, and a few points of the law.

    ``sample`` lists at most three points by index; on them all sign vectors are tried.
    """

    law: FiniteLaw
    size: int
    bound_squared: Fraction
    rules: Rows
    sample: tuple[int, ...]

    @property
    def norms(self) -> Fraction:
        """The number B^2 R^2."""
        return self.bound_squared * self.law.radius_squared

    @cached_property
    def margins(self) -> Rows:
        """The margins y w.x, one row for each rule and one column for each point of the law."""
        return tuple(LinearRule(w, ZERO).margins(self.law.atoms) for w in self.rules)

    @cached_property
    def ramps(self) -> Rows:
        """The ramp losses, arranged as the margins."""
        return tuple(tuple(map(ramp, row)) for row in self.margins)

    @property
    def signed_points(self) -> Rows:
        """The vectors y_i x_i of the sample."""
        atoms = self.law.atoms
        return tuple(combine((atoms.labels[i], atoms.points[i])) for i in self.sample)


@dataclass(frozen=True)
class Pair:
    """Counts of the two samples, their probability, and F = sup over rules of L' - L."""

    first: Counts
    second: Counts
    probability: Fraction
    gap: Fraction


def largest_gap(instance: Instance, first: Counts, second: Counts) -> Fraction:
    """Return F: the largest L'(w) - L(w), for counts of the two samples."""
    change = [b - a for a, b in zip(first, second, strict=True)]
    return max(
        sum((c * r for c, r in zip(change, row, strict=True)), ZERO) for row in instance.ramps
    ) / Fraction(instance.size)


def pairs(instance: Instance) -> list[Pair]:
    """Return all pairs of samples, up to order, with their exact probabilities."""
    singles = _samples(instance.law, instance.size)
    return [
        Pair(first, second, p * q, largest_gap(instance, first, second))
        for first, p in singles
        for second, q in singles
    ]


def expected_supremum(instance: Instance) -> Fraction:
    """Return the mean over samples and signs of sup over rules of (1/n) sum s_i ramp_i."""
    law = signed_law(instance)
    return sum((value * p for value, p in law), ZERO) / instance.size


def signed_law(instance: Instance) -> list[tuple[Fraction, Fraction]]:
    """Return every value of sup over rules of sum s_i ramp_i but 0 with its probability.

    A sign vector matters only through how many of the draws of each point have sign +1.
    """
    chances: dict[Fraction, Fraction] = {}
    for counts, p in _samples(instance.law, instance.size):
        for plus in product(*(range(n + 1) for n in counts)):
            ways = prod(comb(n, k) for n, k in zip(counts, plus, strict=True))
            signs = [2 * k - n for k, n in zip(plus, counts, strict=True)]
            best = max(
                sum((s * r for s, r in zip(signs, row, strict=True)), ZERO)
                for row in instance.ramps
            )
            chances[best] = chances.get(best, ZERO) + p * Fraction(ways, 2**instance.size)
    return sorted((value, chance) for value, chance in chances.items() if value)


def supremum_chain(instance: Instance) -> list[Fraction]:
    """Return the mean over signs of sup sum s_i t_i, with t_i = ramp_i replaced by the margin.

    Entry k has the margin in the first k places: the first entry is all ramps, the last none.
    """
    k = len(instance.sample)
    return [sum(suprema(instance, replaced), ZERO) / 2**k for replaced in range(k + 1)]


def suprema(instance: Instance, replaced: int) -> list[Fraction]:
    """Return sup sum s_i t_i for every sign vector, the first t_i margins and the others ramps."""
    rows = [
        [row[i] if place < replaced else ramps[i] for place, i in enumerate(instance.sample)]
        for row, ramps in zip(instance.margins, instance.ramps, strict=True)
    ]
    return [_best(rows, s) for s in signs(len(instance.sample))]


def linear_suprema(instance: Instance) -> list[tuple[Fraction, Fraction]]:
    """Return sup_w sum s_i y_i w.x_i and |sum s_i y_i x_i|^2 for every sign vector."""
    rows = [[row[i] for i in instance.sample] for row in instance.margins]
    return [
        (_best(rows, s), dot(total, total))
        for s in signs(len(instance.sample))
        for total in (combine(*zip(s, instance.signed_points, strict=True)),)
    ]


def signs(length: int) -> list[tuple[int, ...]]:
    """Return all vectors of +1 and -1."""
    return list(product((1, -1), repeat=length))


def _best(rows: list[list[Fraction]], s: tuple[int, ...]) -> Fraction:
    return max(sum((a * t for a, t in zip(s, row, strict=True)), ZERO) for row in rows)


def widest_step(instance: Instance) -> tuple[Fraction, Fraction]:
    """Return the mean of F, and how far one more draw can move its conditional mean at most."""
    mean, high, low = widest_means(instance)
    return mean, high - low


def widest_means(instance: Instance) -> tuple[Fraction, Fraction, Fraction]:
    """Return the mean of F, and its two conditional means that one more draw parts the most.

    The draws are revealed one by one, the first sample before the second. The mean given the draws
    so far depends on their counts only, so it is computed backwards from complete samples.
    """
    n, m = instance.size, len(instance.law.probabilities)
    value = {
        (first, second): largest_gap(instance, first, second)
        for first, _ in _samples(instance.law, n)
        for second, _ in _samples(instance.law, n)
    }
    widest = ZERO, ZERO
    for drawn in reversed(range(2 * n)):
        known = {}
        for first in laws.compositions(min(drawn, n), m):
            for second in laws.compositions(max(drawn - n, 0), m):
                after = [
                    value[(_plus(first, a), second) if drawn < n else (first, _plus(second, a))]
                    for a in range(m)
                ]
                widest = max(widest, (max(after), min(after)), key=lambda two: two[0] - two[1])
                known[first, second] = dot(instance.law.probabilities, after)
        value = known
    return value[(0,) * m, (0,) * m], *widest


def _plus(counts: Counts, a: int) -> Counts:
    return (*counts[:a], counts[a] + 1, *counts[a + 1 :])


def _samples(law: FiniteLaw, size: int) -> list[tuple[Counts, Fraction]]:
    total = law.denominator**size
    return [(counts, Fraction(weight, total)) for counts, weight in law.all_samples(size)]


def allowance(instance: Instance, confidence: Fraction) -> Loss:
    """Return 2 B R / sqrt(n) + sqrt(ln(1/delta) / n)."""
    n = instance.size
    return Loss((4 * instance.norms / n,), (Fraction(1, n),), 1 / confidence)


def tails(pairs: list[Pair], mean: Fraction) -> list[tuple[Fraction, Fraction]]:
    """Return t and P(F - EF >= t) for every t >= 0 that F - EF attains."""
    return [
        (value - mean, sum((p.probability for p in pairs if p.gap >= value), Fraction(0)))
        for value in sorted({p.gap for p in pairs if p.gap >= mean})
    ]


def gap_law(pairs: list[Pair]) -> list[tuple[Fraction, Fraction]]:
    """Return every value of F but 0 with its probability."""
    chances: dict[Fraction, Fraction] = {}
    for p in pairs:
        chances[p.gap] = chances.get(p.gap, ZERO) + p.probability
    return sorted((gap, chance) for gap, chance in chances.items() if gap)


def exceeding(instance: Instance, pairs: list[Pair], confidence: Fraction) -> Fraction:
    """Return the probability that F is above the bound for this delta."""
    loss = allowance(instance, confidence)
    above = {gap: not loss.covers(gap) for gap in {p.gap for p in pairs}}
    return sum((p.probability for p in pairs if above[p.gap]), Fraction(0))


def sign_certificate(instance: Instance) -> Certificate:
    """Certify the replacement of ramps by margins and the bound of the signed sums, on the sample.

    The numbers are the coordinates of the rules and of the vectors y x; margins and ramps are
    expressions in them.
    """
    points, k = instance.signed_points, len(instance.sample)
    named: dict[str, Fraction | int] = {"bound_squared": instance.bound_squared}
    relations: Relations = []
    for r, w in enumerate(instance.rules):
        named |= {f"w{r}_{c}": value for c, value in enumerate(w)}
        squares = [["^", f"w{r}_{c}", "2"] for c in range(len(w))]
        relations.append((["+", *squares], "<=", "bound_squared"))
    for i, x in enumerate(points):
        named |= {f"z{i}_{c}": value for c, value in enumerate(x)}
    for r, row in enumerate(instance.margins):
        for i, x in enumerate(points):
            terms = [["*", f"w{r}_{c}", f"z{i}_{c}"] for c in range(len(x))]
            named |= {f"m{r}_{i}": row[instance.sample[i]]}
            named |= {f"r{r}_{i}": instance.ramps[r][instance.sample[i]]}
            outer = ["max", "0", ["-", "1", ["max", "0", ["-", "1", f"m{r}_{i}"]]]]
            relations.append((f"m{r}_{i}", "=", ["+", *terms]))
            relations.append((f"r{r}_{i}", "=", ["-", "1", outer]))
    means = [
        ["+", *(_supremum(instance, s, replaced) for s in signs(k))] for replaced in range(k + 1)
    ]
    relations += [(a, "<=", b) for a, b in pairwise(means)]
    for s in signs(k):
        square = [
            ["^", ["+", *(_signed(sign, f"z{i}_{c}") for i, sign in enumerate(s))], "2"]
            for c in range(instance.law.atoms.dimension)
        ]
        best = ["^", ["max", "0", _supremum(instance, s, k)], "2"]
        relations.append((best, "<=", ["*", "bound_squared", ["+", *square]]))
    return facts.arithmetic(named, relations)


def _supremum(instance: Instance, s: tuple[int, ...], replaced: int) -> Expression:
    rules = range(len(instance.rules))
    return ["max", *(
        ["+", *(_signed(sign, f"{'m' if i < replaced else 'r'}{r}_{i}")
                for i, sign in enumerate(s))]
        for r in rules
    )]  # fmt: skip


def _signed(sign: int, name: str) -> Expression:
    return name if sign > 0 else ["-", "0", name]


def law_certificate(instance: Instance, pairs: list[Pair], mean: Fraction) -> Certificate:
    """Certify EF <= 2 B R / sqrt(n), squared, and the largest tail, from the values of F.

    The probabilities and the values of all pairs of samples are taken as given.
    """
    weights: dict[Fraction, Fraction] = {}
    for p in pairs:
        weights[p.gap] = weights.get(p.gap, Fraction(0)) + p.probability
    largest, n = max(weights), instance.size
    exponent = -n * (largest - mean) ** 2
    products = [["*", text(p), text(value)] for value, p in sorted(weights.items())]
    return facts.arithmetic(
        {"size": n, "norms": instance.norms, "mean": mean, "largest": largest},
        [
            (["+", *map(text, weights.values())], "=", "1"),
            ("mean", "=", ["+", *products]),
            (["*", "size", ["^", ["max", "0", "mean"], "2"]], "<=", ["*", "4", "norms"]),
            (text(exponent), "=", ["-", "0", ["*", "size", ["^", ["-", "largest", "mean"], "2"]]]),
            *exponential_relations(text(weights[largest]), exponent),
        ],
    )


def bound_certificate(instance: Instance, pairs: list[Pair], confidence: Fraction) -> Certificate:
    """Certify on which values of F the bound holds, and that the others are rare enough."""
    loss = allowance(instance, confidence)
    weights: dict[Fraction, Fraction] = {}
    for p in pairs:
        weights[p.gap] = weights.get(p.gap, Fraction(0)) + p.probability
    named: dict[str, Fraction | int] = {"size": instance.size, "norms": instance.norms}
    within, beyond, rare = [], [], ["0"]
    for k, value in enumerate(sorted(weights)):
        named[f"gap{k}"] = value
        if loss.covers(value):
            within.append(f"gap{k}")
        else:
            beyond.append(f"gap{k}")
            rare.append(text(weights[value]))
    relations: Relations = [
        (["*", "root0", "size"], "=", ["*", "4", "norms"]),
        (["*", "deviation0", "size"], "=", "1"),
        (["+", *rare], "<=", ["/", "1", "argument"]),
    ]
    return loss.certificate(named, relations, within, beyond)
