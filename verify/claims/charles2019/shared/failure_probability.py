"""Probabilities of failing: exact by enumeration, or bounded from trials by exact intervals."""

from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from math import comb

from certify.certificates import facts
from certify.certificates.certificate import Certificate
from certify.errors import InputError
from certify.numbers.rationals import Vector, text
from verify.claims.charles2019.shared import enclosures
from verify.claims.charles2019.shared.enclosures import BITS, Relations, log_bounds, log_relations
from verify.claims.claim import Step, step
from verify.claims.relation import Named, Operator, Side, named, number, told, within
from verify.drawing.laws import Counts, FiniteLaw
from verify.objects import LinearRule

LEVEL = Fraction(1, 20)  # the error probability of each end of an interval
INCREDIBLE = Fraction(1, 10**6)  # failures as unlikely as this contradict what is proved
GRID = 2**12  # ends of intervals are multiples of 1 / GRID, rounded outwards


def tail(trials: int, probability: Fraction, successes: int, *, at_least: bool) -> Fraction:
    """Return P(X >= successes), or P(X <= successes), of a binomial law, exactly."""
    r, s = probability.numerator, probability.denominator - probability.numerator
    values = range(successes, trials + 1) if at_least else range(successes + 1)
    return Fraction(
        sum(comb(trials, k) * r**k * s ** (trials - k) for k in values),
        probability.denominator**trials,
    )


def named_tail(
    name: str, trials: int, probability: Fraction, successes: int, *, at_least: bool
) -> Named:
    """Return a binomial tail by name, with the sum that it is."""
    value = tail(trials, probability, successes, at_least=at_least)
    return Named(name, value, partial(tail_sum, trials, probability, successes, at_least))


def tail_sum(trials: int, probability: Fraction, successes: int, at_least: bool) -> str:
    """Return how a binomial tail is written as a sum."""
    p, sign = within(probability), r"\geq" if at_least else r"\leq"
    return rf"\sum_{{k{sign} {successes}}}\binom{{{trials}}}{{k}}({p})^k(1-{p})^{{{trials}-k}}"


def tail_certificate(
    trials: int, probability: Fraction, successes: int, bound: Fraction, *, at_least: bool
) -> Certificate:
    """Certify that a binomial tail is at most ``bound``."""
    return Certificate(
        "binomial-tail",
        {"trials": trials, "probability": text(probability)},
        {"successes": successes, "bound": text(bound), "at_least": at_least},
        {},
    )


def clopper_pearson(failures: int, trials: int) -> tuple[Fraction, Fraction]:
    """Return the interval of probabilities that ``failures`` in ``trials`` do not rule out.

    Each end errs with probability at most ``LEVEL``; both are exact up to rounding outwards.

    >>> clopper_pearson(0, 14), clopper_pearson(1, 1)
    ((Fraction(0, 1), Fraction(395, 2048)), (Fraction(51, 1024), Fraction(1, 1)))
    """
    if not 0 <= failures <= trials or not trials:
        raise InputError("failures", expected=f"0 to {trials} of one or more", got=str(failures))
    low = _first(lambda p: tail(trials, p, failures, at_least=True) > LEVEL) if failures else 1
    high = _first(lambda p: tail(trials, p, failures, at_least=False) <= LEVEL)
    return Fraction(low - 1, GRID), Fraction(high, GRID) if failures < trials else Fraction(1)


def interval_certificates(failures: int, trials: int) -> tuple[Certificate, ...]:
    """Certify the ends of the interval that are not 0 or 1."""
    low, high = clopper_pearson(failures, trials)
    ends = [(low, True)] if low else []
    ends += [(high, False)] if high < 1 else []
    return tuple(
        tail_certificate(trials, end, failures, LEVEL, at_least=upper) for end, upper in ends
    )


def evidence_step(failures: int, trials: int, size: int) -> Step:
    """Return what the failures among some trials say about the failure probability 2 / n^2.

    Exceptional draws may happen, and are counted. What may not happen is so many of them that the
    bound would be contradicted. The step also says how little a few trials support it.
    """
    low, high = clopper_pearson(failures, trials)
    ends: list[tuple[Side, Operator, Side]] = []
    if low:
        name = rf"P_{{p={text(low)}}}(\text{{so many or more}})"
        ends.append((named_tail(name, trials, low, failures, at_least=True), "<=", LEVEL))
    if high < 1:
        name = rf"P_{{p={text(high)}}}(\text{{so few or fewer}})"
        ends.append((named_tail(name, trials, high, failures, at_least=False), "<=", LEVEL))
    allowed = min(Fraction(2, size**2), Fraction(1))
    needed = trials_needed(allowed) if allowed < 1 else trials + 1
    return step(
        f"Failures: {failures} of {trials}. By the interval of Clopper and Pearson this only says "
        f"that the failure probability lies between {low} and {high} (each end errs with "
        f"probability at most 1/20). Under $2/n^2$ so many are not incredible; to support $2/n^2$ "
        f"it would take {needed} trials without one.",
        *ends,
        (named_tail(r"P_{p=2/n^2}(\text{so many or more})", trials, allowed, failures,
                    at_least=True), ">", INCREDIBLE),
        (named(r"\text{trials}", trials), "<",
         told(r"\text{needed}", needed, _fewest(allowed) if allowed < 1 else "")),
    )  # fmt: skip


def _fewest(probability: Fraction) -> str:
    """Return how the number of trials that is needed is written: the least T, (1-p)^T <= 1/20."""
    return rf"\lceil\ln 20/\ln(1/(1-{number(probability)}))\rceil"


def _first(holds: Callable[[Fraction], bool]) -> int:
    """Return the smallest k in 1..GRID whose k / GRID has a property that stays once it holds."""
    low, high = 0, GRID
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(Fraction(middle, GRID)) else (middle, high)
    return high


def trials_needed(probability: Fraction) -> int:
    """Return the least number T of trials without failure that supports a failure probability.

    That is the smallest T with (1 - p)^T <= 1/20: fewer trials would all succeed too often even if
    the probability were larger.

    >>> trials_needed(Fraction(4, 116**2))
    10077
    """
    bits = BITS
    while True:
        top = log_bounds(1 / LEVEL, bits)
        bottom = log_bounds(1 / (1 - probability), bits)
        if bottom[0] > 0:
            fewest, most = top[0] / bottom[1], top[1] / bottom[0]
            if fewest.__ceil__() == most.__ceil__():
                return fewest.__ceil__()
        bits *= 2


def trials_certificate(probability: Fraction, trials: int) -> Certificate:
    """Certify (1 - p)^T <= 1/20 < (1 - p)^(T - 1) through bounds of both logarithms."""
    bits = 4 * BITS
    (a, b), (c, d) = log_bounds(1 / LEVEL, bits), log_bounds(1 / (1 - probability), bits)
    ratio = ["/", "1", ["-", "1", "probability"]]
    relations: Relations = [
        *log_relations(text(1 / LEVEL), a, b, bits),
        *log_relations(ratio, c, d, bits),
        (text(b), "<=", ["*", "trials", text(c)]),
        (["*", ["-", "trials", "1"], text(d)], "<", text(a)),
    ]
    return facts.arithmetic({"probability": probability, "trials": trials}, relations)


@dataclass(frozen=True)
class Enumeration:
    """Exact probabilities over all pairs of samples.

    ``failure``: the overlap of some sample is below n - errors - loss; ``positive``: that bound is
    above 0.
    """

    failure: Fraction
    positive: Fraction


def enumerate_samples(
    law: FiniteLaw, size: int, rule: Callable[[Counts], Vector], loss: enclosures.Loss
) -> Enumeration:
    """Sum the probabilities of all pairs of samples, each training ``rule`` on its own counts.

    Pairs are not listed one by one. Given the rules of both samples, failing depends only on the
    errors r and on a = errors + overlap of each: sample 1 fails when a_1 + r_2 < n - loss.
    """
    most = size - (loss.bounds()[1].__floor__() + 1)
    while not loss.covers(Fraction(size - most - 1)):
        most += 1  # the largest whole number below n - loss
    weighted = [(counts, weight, rule(counts)) for counts, weight in law.all_samples(size)]
    margins = {w: LinearRule(w, Fraction(0)).margins(law.atoms) for w in {w for *_, w in weighted}}
    wrong = {w: [i for i, m in enumerate(ms) if m < 1] for w, ms in margins.items()}
    right = {
        (w, other): [i for i, pair in enumerate(zip(ms, os, strict=True)) if min(pair) > 0]
        for w, ms in margins.items()
        for other, os in margins.items()
    }
    tables: dict[tuple[Vector, Vector], Counter[tuple[int, int]]] = defaultdict(Counter)
    errors: Counter[int] = Counter()
    for counts, weight, w in weighted:
        r = sum(counts[i] for i in wrong[w])
        errors[r] += weight
        for other in margins:
            tables[w, other][r + sum(counts[i] for i in right[w, other]), r] += weight
    total = sum(errors.values())
    failing = sum(_failing(tables[w, other], tables[other, w], most) for w, other in right)
    positive = sum(n * m for r, n in errors.items() for s, m in errors.items() if r + s <= most)
    return Enumeration(Fraction(failing, total**2), Fraction(positive, total**2))


def _failing(first: Counter[tuple[int, int]], second: Counter[tuple[int, int]], most: int) -> int:
    """Return the weight of all pairs with a_1 + r_2 <= most or a_2 + r_1 <= most."""
    if not first or not second:
        return 0
    pairs = ((first, second), (second, first))
    near, single = [], 0
    for own, other in pairs:
        errors: Counter[int] = Counter()
        for (_, r), m in other.items():
            errors[r] += m
        reach = most - min(errors)
        states = {s: n for s, n in own.items() if s[0] <= reach}
        near.append(states)
        single += sum(
            n * m for (a, _), n in states.items() for r, m in errors.items() if a + r <= most
        )
    both = sum(
        n * m
        for (a, r), n in near[0].items()
        for (b, s), m in near[1].items()
        if a + s <= most and b + r <= most
    )
    return single - both
