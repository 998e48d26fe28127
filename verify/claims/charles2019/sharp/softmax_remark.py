"""Softmax as it is computed in doubles: which distances between logits its outputs do not show.

Every operation is rounded to the nearest double, ties to even, also the exponential function. The
computation is followed in rationals, and a certificate says of each result that it is no further
than half the distance of two doubles from the exact one. exp(-a) is enclosed by partial sums of its
alternating series, whose terms fall from the first one on that has an index of a at least.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from math import inf, nextafter
from random import Random

import flint

from certify.certificates import facts
from certify.certificates.certificate import Certificate
from certify.numbers import rationals
from certify.numbers.rationals import Vector
from verify.claims.charles2019.shared.enclosures import Relations
from verify.claims.claim import Counterexample, Proof, Refutation, SharpForm, step
from verify.claims.relation import Named, named, number

ZERO = Fraction(0)
# exp(-a) is rounded to the double 1 exactly when a <= 2^-54: the double before 1 is 1 - 2^-53, and
# the middle of the two goes to the even one, which is 1.
ABSORBED = Fraction(1, 2**54)
HALF_UNIT = Fraction(1, 2**53)  # the relative error of rounding to a double
MOST = 3 * ABSORBED  # up to here exp(-a) is rounded to 1 - 2^-53 at least
# Half of the distance to the next double: an exact distance that exceeds a limit by no more than
# this is rounded to the limit, since both limits are even.
SLACK = {ABSORBED: Fraction(1, 2**107), MOST: Fraction(1, 2**106)}

PAIR, SEVERAL, ENDS = "two classes", "three or more classes", "at the two limits"
ROUNDED = "distances that are rounded"


@dataclass(frozen=True)
class Logits:
    """One logit for each class."""

    z: Vector


def nearest_double(x: Fraction) -> Fraction:
    """Return the double nearest to x as the rational that it is; Python rounds to nearest even."""
    return Fraction(float(x))


def exponential(a: Fraction) -> Fraction:
    """Return the double nearest to exp(-a), a >= 0, with as much precision as that needs."""
    if not a:
        return Fraction(1)
    bits = 128
    while True:
        with flint.ctx.workprec(bits):
            ball = flint.arb(rationals.as_flint(-a)).exp()
            ends = {_end(ball.lower()), _end(ball.upper())}
        if len(ends) == 1:
            return ends.pop()
        bits *= 2


def _end(ball: flint.arb) -> Fraction:
    mantissa, exponent = ball.mid().man_exp()
    return nearest_double(Fraction(int(mantissa)) * Fraction(2) ** int(exponent))


@dataclass(frozen=True)
class Computation:
    """The results of each operation: distances, exponentials, partial sums, and the outputs."""

    distances: Vector
    exponentials: Vector
    sums: Vector
    outputs: Vector


def follow(z: Vector) -> Computation:
    """Compute softmax as doubles do, from logits that are doubles."""
    distances = tuple(nearest_double(max(z) - x) for x in z)
    powers = tuple(map(exponential, distances))
    sums = [powers[0]]
    for power in powers[1:]:
        sums.append(nearest_double(sums[-1] + power))
    return Computation(
        distances, powers, tuple(sums), tuple(nearest_double(p / sums[-1]) for p in powers)
    )


def computed(z: Vector) -> Vector:
    """Return the outputs of softmax in doubles."""
    return follow(z).outputs


def half_distance(x: Fraction) -> Fraction:
    """Return half the distance of the doubles around x > 0: 2^(k-53) for 2^k <= x < 2^(k+1)."""
    k = x.numerator.bit_length() - x.denominator.bit_length()
    if Fraction(2) ** k > x:
        k -= 1
    return Fraction(2) ** (k - 53)


def chain(z: Vector) -> Certificate:
    """Certify every operation of softmax in doubles up to its rounding, and how outputs compare."""
    done = follow(z)
    named: dict[str, Fraction | int] = {f"z{i}": x for i, x in enumerate(z)}
    named["largest"] = max(z)
    relations: Relations = [(["max", *(f"z{i}" for i in range(len(z)))], "=", "largest")]

    def rounds(name: str, exact: object, low: Fraction, rounded: Fraction) -> None:
        named[name] = rounded
        half = half_distance(low) if low else ZERO
        relations.append((["abs", ["-", name, exact]], "<=", rationals.text(half)))

    for i, x in enumerate(z):
        rounds(f"distance{i}", ["-", "largest", f"z{i}"], max(z) - x, done.distances[i])
        named[f"power{i}"] = done.exponentials[i]
        relations += _series(i, done.distances[i], done.exponentials[i], named)
    for i in range(len(z)):
        exact = f"power{i}" if not i else ["+", f"sum{i - 1}", f"power{i}"]
        before = done.sums[i - 1] if i else ZERO
        rounds(f"sum{i}", exact, before + done.exponentials[i], done.sums[i])
    total = f"sum{len(z) - 1}"
    for i in range(len(z)):
        low = done.exponentials[i] / done.sums[-1]
        rounds(f"output{i}", ["/", f"power{i}", total], low, done.outputs[i])
    top = z.index(max(z))
    for i in range(len(z)):
        comparison = "=" if done.outputs[i] == done.outputs[top] else "<"
        relations.append((f"output{i}", comparison, f"output{top}"))
    return facts.arithmetic(named, relations)


def _series(i: int, a: Fraction, power: Fraction, named: dict[str, Fraction | int]) -> Relations:
    """Return relations that enclose exp(-a) in the numbers that are rounded to ``power``.

    With h_n = 1 and h_k = 1 - a h_(k+1) / (k+1), h_0 is the partial sum up to the term of index n;
    two neighbouring ones, n >= a, lie on either side of exp(-a).
    """
    if not a:
        return [(f"power{i}", "=", "1")]
    n = max(2, int(a) + 1)
    while True:
        sums = sorted((_partial(a, n), _partial(a, n + 1)))
        half = half_distance(sums[0])
        if all(abs(s - power) < half for s in sums):
            break
        n += 1
        assert n < 200, "exp(-a) is too close to the middle of two doubles"
    relations: Relations = []
    for last in (n, n + 1):
        value, name = Fraction(1), "1"
        for k in reversed(range(last)):
            value = 1 - a * value / (k + 1)
            new = f"series{i}_{last}_{k}"
            named[new] = value
            relations.append((new, "=", ["-", "1", ["/", ["*", f"distance{i}", name], str(k + 1)]]))
            name = new
        relations.append((["abs", ["-", name, f"power{i}"]], "<", rationals.text(half)))
    return relations


def _partial(a: Fraction, last: int) -> Fraction:
    value = Fraction(1)
    for k in reversed(range(last)):
        value = 1 - a * value / (k + 1)
    return value


def double(name: str, value: Fraction) -> Named:
    """Return a double by name, written as an integer over a power of 2."""
    return Named(name, value, partial(_binary, value))


def _binary(value: Fraction) -> str:
    power = value.denominator.bit_length() - 1
    return rf"{value.numerator}/2^{{{power}}}" if power > 1 else ""


def in_doubles(values: Vector) -> str:
    """Return how a vector of doubles is written: integers over powers of 2."""
    return f"({','.join(_binary(x) or number(x) for x in values)})"


def draw(rng: Random, case: str) -> Logits:
    """Return doubles, one of them at a tiny distance from the largest, the others anywhere near.

    The largest may be any small number. In the last case one logit is below 0 by so little that its
    distance from the largest is no double.
    """
    if case == ROUNDED:
        limit = rng.choice((ABSORBED, MOST))
        slack, little = SLACK[limit], Fraction(1, 2**150)
        below = rng.choice((little, slack - little, slack, slack + little, 2 * slack, limit))
        return _shuffled(rng, limit, -below, rng.randint(0, 2))
    if case == ENDS:
        tiny = rng.choice((1, 3)) * ABSORBED
        if rng.random() < 0.5:
            tiny = Fraction(nextafter(float(tiny), inf))
    else:
        tiny = Fraction(rng.randint(1, 16), 2**56)
    largest = tiny if case == ENDS else Fraction(rng.randint(-64, 64), 2**56)
    count = 0 if case == PAIR else rng.randint(1 if case == SEVERAL else 0, 4)
    largest = rng.choice((ZERO, largest))
    return _shuffled(rng, largest, largest - tiny, count)


def _shuffled(rng: Random, largest: Fraction, second: Fraction, count: int) -> Logits:
    """Return both logits and some more in any order: these numbers again, or ones further below."""
    others = [rng.choice((largest, second, -Fraction(rng.randint(1, 24), 8))) for _ in range(count)]
    z = [largest, second, *others]
    rng.shuffle(z)
    return Logits(tuple(z))


def decide(instance: Logits) -> Proof:
    """Follow the computation and compare exact distances with the outputs, entry by entry."""
    z = instance.z
    done = follow(z)
    top = z.index(max(z))
    exact = [max(z) - x for x in z]
    limit = ABSORBED if len(z) == 2 else MOST
    close, near = ([int(e <= most + SLACK[most]) for e in exact] for most in (ABSORBED, limit))
    equal = [int(o == done.outputs[top]) for o in done.outputs]
    below = [i for i, x in enumerate(z) if x < max(z)]
    return Proof.of(
        step(r"The distance as computed is at most $2^{-54}$, or $3\cdot2^{-54}$, exactly when "
             r"the exact one exceeds this by at most $2^{-107}$, or $2^{-106}$.",
             *((int(done.distances[i] <= most), "=", int(exact[i] <= most + slack))
               for most, slack in SLACK.items() for i in below)),
        step(r"A distance up to $2^{-54}$, as computed, is lost.",
             *((close[i], "<=", equal[i]) for i in below)),
        step(r"What is lost is no further, as computed, than $2^{-54}$ with two classes, "
             r"$3\cdot2^{-54}$ with more.", *((equal[i], "<=", near[i]) for i in below)),
        step("A smaller logit never gets a larger output.",
             ([done.outputs[i] for i in below], "<=", done.outputs[top])),
        chain(z),
    )  # fmt: skip


def draw_close(rng: Random) -> Logits:
    """Return two to four logits at multiples of 2^-55 below 0."""
    return Logits(tuple(Fraction(-rng.randint(0, 7), 2**55) for _ in range(rng.randint(2, 4))))


def refute_two_classes(instance: Logits) -> Refutation | None:
    """Refute that no distance beyond 2^-54 is lost, with any number of classes."""
    z = instance.z
    done = follow(z)
    top = z.index(max(z))
    lost = [i for i, o in enumerate(done.outputs) if o == done.outputs[top]]
    far = next((i for i in lost if done.distances[i] > ABSORBED), None)
    if far is None:
        return None
    return Refutation.of(
        "The exponentials are different doubles, but divided by their sum both are rounded to the "
        "same number.",
        step(r"The distance is larger than $2^{-54}$.",
             (double(r"\max z-z_i", max(z) - z[far]), ">", named("2^{-54}", ABSORBED))),
        step("The outputs are equal.",
             (double("s_i", done.outputs[far]), "=", double(r"\max s", done.outputs[top]))),
        chain(z),
    )  # fmt: skip


def _overstated() -> Counterexample[Logits]:
    z: Sequence[Fraction] = (ZERO, ZERO, -Fraction(3, 2**55))
    return Counterexample(
        r"With three classes a distance beyond $2^{-54}$ can be lost: the division rounds once "
        "more.",
        Logits(tuple(z)),
        refute_two_classes,
        draw_close,
    )


SHARP = SharpForm(
    cases=(PAIR, SEVERAL, ENDS, ROUNDED), draw=draw, decide=decide, overstated=_overstated()
)
