r"""Section 4, remark: Softmax keeps the argmax, in real numbers

Printed: The soft-max function $s:\mathbb{R}^d\to\mathbb{R}^d$ turns any vector in to a probability
    vector, but satisfies $g(s(z))=g(z)$.
Statement: For $z\in\mathbb{R}^K$ and $s_i(z)=e^{z_i}/\sum_je^{z_j}$, $s_i(z)>s_j(z)$ exactly when
    $z_i>z_j$, and $s_i(z)=s_j(z)$ exactly when $z_i=z_j$. So $z$ and $s(z)$ have their largest
    entries at the same indices, ties included.
Verdict: true. The dimension must be read as $K$, not $d$, and the label in the soft-margin
    paragraph as an argmax, not a maximum. It is a statement on real numbers: near ties it fails for
    softmax computed in floats.
Reading: $z$ has one entry for each of the $K$ classes, and $g$ is the argmax with any fixed rule
    for ties; the numbers are real numbers.
Needs real numbers: The exponentials are real numbers, not rounded ones.
    Without it: In double precision softmax gives $(0,2^{-54})$ two equal outputs.
Sharp: The whole order of the entries agrees. In doubles, with the largest logit subtracted first
    and every operation rounded to nearest, let $a$ be the distance of a logit from the largest *as
    it is computed*, a double. The logit gets the same output as the largest whenever $a\le2^{-54}$.
    With two classes it does for no larger $a$; with three or more it does for some up to
    $3\cdot2^{-54}$, and for none beyond. In exact distances the two limits are $2^{-54}+2^{-107}$
    and $3\cdot2^{-54}+2^{-106}$.
    Rests on: Coq in part softmax_remark, softmax_remark_largest. The limits in doubles follow on
        paper from the spacing of doubles beside 1, $2^{-53}$ below and $2^{-52}$ above, and are
        decided at the doubles beside them.
Quantifier: sampled logits; for each of them all pairs
The idea: Softmax turns logits into probabilities without changing their order. So it does not
    matter whether you take the largest logit or the largest probability.
Why it is true: The ratio of two outputs is $e^{z_i-z_j}$: the common denominator has cancelled. It
    is larger than 1 exactly when $z_i>z_j$, and equal to 1 exactly when $z_i=z_j$.
Before you use it: This is a statement on real numbers. In floating point two different logits can
    give the very same probability; then the argmax of the output is decided by the index, not by
    the network. In doubles, with the largest logit subtracted first, that happens whenever a logit
    is within $2^{-54}$ of the largest, and with three classes or more it can happen up to
    $3\cdot2^{-54}$, because the division rounds once more. Both numbers speak of the distance as
    the computer finds it: the subtraction rounds too, so the exact distance can be a little larger.
    Compute labels from logits.
"""

from fractions import Fraction
from functools import partial
from itertools import pairwise
from math import inf, nextafter
from random import Random
from typing import TypeAlias

import flint
import sympy

from certify.certificates import facts
from certify.certificates.certificate import Certificate
from certify.numbers import rationals
from certify.numbers.rationals import Vector, vector
from verify.claims.charles2019.sharp import softmax_remark
from verify.claims.charles2019.sharp.softmax_remark import (
    ABSORBED,
    ZERO,
    Logits,
    double,
    in_doubles,
    nearest_double,
)
from verify.claims.language import (
    Named,
    Proof,
    Refutation,
    Symbolic,
    SymbolicStep,
    computed,
    named,
    step,
    theorem,
    told,
)
from verify.claims.relation import within
from verify.drawing import numbers

GENERIC, TIES, EQUAL = "generic", "ties for the largest", "all logits equal"
NEAR, SINGLE, FAR = "nearly equal logits", "one class", "logits far apart"
CASES = (GENERIC, TIES, EQUAL, NEAR, SINGLE, FAR)


def draw(rng: Random, case: str) -> Logits:
    """Return one to six logits of the named kind."""
    count = 1 if case == SINGLE else rng.randint(2, 6)
    z = list(numbers.vector(rng, count))
    if case == TIES:
        z[rng.randrange(count)] = z[0] = max(z)
    if case == EQUAL:
        z = [z[0]] * count
    if case == NEAR:
        z = [z[0] + x / 10 ** rng.randint(10, 40) for x in z]
    if case == FAR:
        z = [100 * x for x in z]
    return Logits(tuple(z))


def prove(instance: Logits) -> Proof:
    """Compare neighbouring logits, and rigorous enclosures of the outputs."""
    z = instance.z
    rising, level = neighbours(z)
    outputs = enclosures(z)
    return Proof.of(
        step(r"The sum cancels: $s_i/s_j=e^{z_i-z_j}\ge1+(z_i-z_j)$, which exceeds $1$ when "
             r"$z_i>z_j$.",
             ([computed(f"1+(z_{{{i + 1}}}-z_{{{j + 1}}})", "1 + (a - b)", a=z[i], b=z[j])
               for j, i in rising], ">", 1)),
        step(r"Equal logits have the ratio $e^0=1$, hence equal outputs.",
             ([computed(f"z_{{{i + 1}}}-z_{{{j + 1}}}", "a - b", a=z[i], b=z[j])
               for j, i in level], "=", 0)),
        step(r"Rational enclosures $\underline s_i\le s_i\le\overline s_i$ of the outputs lie in "
             "the order of the logits.",
             *((below(i, z, outputs), ">", above(j, z, outputs)) for j, i in rising)),
        step("So the largest logits and the largest outputs have the same indices.",
             (Named(r"\text{indices of the largest }z_i", from_one(largest(z)),
                    partial(_most, z)), "=",
              named(r"\text{of the largest }s_i", from_one(leading(outputs))))),
        _ordered(z, rising, level),
    )  # fmt: skip


Outputs: TypeAlias = list[tuple[Fraction, Fraction]]


def below(i: int, z: Vector, outputs: Outputs) -> Named:
    """Return the lower bound of an output by name, with the exponentials."""
    return Named(rf"\underline s_{{{i + 1}}}", outputs[i][0], partial(_softmax, z, i, "-"))


def above(i: int, z: Vector, outputs: Outputs) -> Named:
    """Return the upper bound of an output by name, with the exponentials."""
    return Named(rf"\overline s_{{{i + 1}}}", outputs[i][1], partial(_softmax, z, i, "+"))


def _softmax(z: Vector, i: int, side: str) -> str:
    powers = [f"e^{{{within(x)}}}" for x in z]
    return f"({powers[i]}/({'+'.join(powers)}))^{side}"


def _most(z: Vector) -> str:
    return rf"[\max_iz_i={within(max(z))}]"


def from_one(places: Vector) -> Vector:
    """Return places in a list counted from 1."""
    return tuple(place + 1 for place in places)


def neighbours(z: Vector) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """Return the indices (j, i) of neighbours in the order of the logits: z_j < z_i, and equal."""
    pairs = list(pairwise(sorted(range(len(z)), key=z.__getitem__)))
    rising = [(j, i) for j, i in pairs if z[j] < z[i]]
    return rising, [(j, i) for j, i in pairs if z[j] == z[i]]


def largest(z: Vector) -> Vector:
    """Return the indices of the largest entries, as numbers."""
    return tuple(Fraction(i) for i, value in enumerate(z) if value == max(z))


def leading(outputs: Outputs) -> Vector:
    """Return the indices of the outputs that no other one certainly exceeds, as numbers."""
    best = max(low for low, _ in outputs)
    return tuple(Fraction(i) for i, (_, high) in enumerate(outputs) if high >= best)


def enclosures(z: Vector) -> Outputs:
    """Return rational bounds of every softmax output, disjoint for different logits.

    Interval arithmetic with doubled precision until they are; equal logits share their bounds.
    """
    values, bits = sorted(set(z)), 64
    while True:
        with flint.ctx.workprec(bits):
            exact = [flint.arb(rationals.as_flint(x - values[-1])).exp() for x in values]
            total = sum((exact[values.index(x)] for x in z), flint.arb(0))
            bounds = {x: _ends(e / total) for x, e in zip(values, exact, strict=True)}
        if all(bounds[a][1] < bounds[b][0] for a, b in pairwise(values)):
            return [bounds[x] for x in z]
        bits *= 2


def _ends(ball: flint.arb) -> tuple[Fraction, Fraction]:
    low, high = (
        Fraction(int(mantissa)) * Fraction(2) ** int(exponent)
        for end in (ball.lower(), ball.upper())
        for mantissa, exponent in (end.mid().man_exp(),)
    )
    return low, high


def _ordered(z: Vector, rising: list[tuple[int, int]], level: list[tuple[int, int]]) -> Certificate:
    """Certify the order: a lower bound of each ratio exceeds 1, and equal logits are equal."""
    names = [f"z{i}" for i in range(len(z))]
    return facts.arithmetic(
        {**dict(zip(names, z, strict=True)), "largest": max(z)},
        [
            (["max", *names], "=", "largest"),
            *(("1", "<", ["+", "1", ["-", f"z{i}", f"z{j}"]]) for j, i in rising),
            *((f"z{i}", "=", f"z{j}") for j, i in level),
        ],
    )


def draw_doubles(rng: Random) -> Logits:
    """Return two or three logits k / 2^e with small k: each is a double."""
    count = rng.randint(2, 3)
    return Logits(
        tuple(Fraction(rng.randint(-3, 3), 2 ** rng.randint(0, 60)) for _ in range(count))
    )


@theorem.without("real numbers", Logits((Fraction(0), ABSORBED)), draw_doubles)
def refute_doubles(instance: Logits) -> Refutation | None:
    """Refute when a smaller logit, listed before the largest, gets the same output in doubles.

    Softmax is taken as it is computed: the largest logit is subtracted, every operation is rounded
    to the nearest double, and of equal outputs the first counts.
    """
    z = instance.z
    if any(nearest_double(x) != x for x in z):
        return None
    top = z.index(max(z))
    distances = [nearest_double(z[top] - x) for x in z]
    absorbed = next(i for i, a in enumerate(distances) if a <= ABSORBED)
    if z[absorbed] == z[top]:
        return None
    a = distances[absorbed]
    return Refutation.of(
        "In double precision both exponentials are 1 and both outputs the same number, so the "
        "first index counts as the largest although its logit is smaller.",
        step("The logit at the first index is smaller than the largest.",
             (double("z_i", z[absorbed]), "<", double(r"\max z", z[top]))),
        step(r"With $a=\max z-z_i$, as it is computed, $e^{-a}\ge1-a\ge1-2^{-54}$: so $e^{-a}$ is "
             r"rounded to $1$, since $1-2^{-54}$ is in the middle between the doubles $1-2^{-53}$ "
             "and $1$, and a middle goes to the even one, $1$.",
             (double("1-a", 1 - a), ">=", double("1-2^{-54}", 1 - ABSORBED))),
        facts.arithmetic(
            {"smaller": z[absorbed], "larger": z[top], "a": a},
            [
                ("smaller", "<", "larger"),
                (["abs", ["-", "a", ["-", "larger", "smaller"]]],
                 "<=", ["*", "a", rationals.text(softmax_remark.HALF_UNIT)]),
                ("a", "<=", ["/", "1", ["^", "2", "54"]]),
            ],
        ),
    )  # fmt: skip


def sharpness() -> Proof:
    """Evaluate the order of all outputs, and the last distances that doubles do not see."""
    z = vector([3, 1, 3, 2])
    outputs = enclosures(z)
    most = 3 * ABSORBED
    pair, triple = Logits((ABSORBED, ZERO)), Logits((most, most, ZERO))
    following = [Logits((_next(ABSORBED), ZERO)), Logits((_next(most),) * 2 + (ZERO,))]
    lost = [softmax_remark.computed(logits.z) for logits in (pair, triple)]
    kept = [softmax_remark.computed(logits.z) for logits in following]
    doubles = zip("abcd", (pair, triple, *following), (*lost, *kept), strict=True)
    return Proof.of(
        Named("z", z),
        *(part for n, logits, outputs_of in doubles for part in (
            told(f"z^{{({n})}}", logits.z, in_doubles(logits.z)),
            told(f"s^{{({n})}}", outputs_of, in_doubles(outputs_of)))),
        step(r"The whole order agrees, not only the maximum: with $z=(3,1,3,2)$ the outputs "
             r"have $s_1=s_3>s_4>s_2$.",
             (below(0, z, outputs), ">", above(3, z, outputs)),
             (below(3, z, outputs), ">", above(1, z, outputs)),
             (below(0, z, outputs), "=", below(2, z, outputs)),
             (above(0, z, outputs), "=", above(2, z, outputs))),
        step(r"In doubles $(2^{-54},0)$ and $(3\cdot2^{-54},3\cdot2^{-54},0)$ have equal "
             "outputs.",
             *((told(rf"\min s^{{({n})}}", min(o), rf"\min{in_doubles(o)}"), "=",
                told(rf"\max s^{{({n})}}", max(o), rf"\max{in_doubles(o)}"))
               for n, o in zip("ab", lost, strict=True))),
        step("With the next double in place of these numbers they have not.",
             *((double(rf"s^{{({n})}}_{{\text{{last}}}}", o[-1]), "<",
                double(rf"\max s^{{({n})}}", max(o)))
               for n, o in zip("cd", kept, strict=True))),
        *(softmax_remark.chain(logits.z) for logits in (pair, triple, *following)),
    )  # fmt: skip


def _next(x: Fraction) -> Fraction:
    return Fraction(nextafter(float(x), inf))


def symbolic() -> Symbolic:
    """Prove the ratio for any number of classes, and the bound of the exponential function."""
    z, m = sympy.IndexedBase("z"), sympy.Symbol("m", integer=True, positive=True)
    i, j, k = sympy.symbols("i j k", integer=True)
    total = sympy.Sum(sympy.exp(z[k]), (k, 1, m))
    ratio = (sympy.exp(z[i]) / total) / (sympy.exp(z[j]) / total)
    yield SymbolicStep(
        "The ratio of two outputs is the exponential of the difference of their logits.",
        r"\frac{s_i(z)}{s_j(z)}=e^{z_i-z_j}",
        "any number of classes",
        sympy.simplify(ratio - sympy.exp(z[i] - z[j])) == 0,
    )
    t = sympy.Symbol("t", real=True)
    gap = sympy.exp(t) - 1 - t
    convex = bool(sympy.diff(gap, t, 2).is_positive)
    yield SymbolicStep(
        "The exponential function lies above its tangent at 0, being convex.",
        r"e^t\ge1+t",
        "all real $t$",
        convex and gap.subs(t, 0) == 0 and sympy.diff(gap, t).subs(t, 0) == 0,
    )


EXAMPLE = Logits(vector([1, 2, 2, "-1/2"]))


CLAIM = theorem(__name__, sharp=softmax_remark.SHARP)
