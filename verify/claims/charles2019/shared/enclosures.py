"""Rational bounds of square roots and logarithms, with the relations that prove them.

A bound of a root is proved by squaring it. A bound of a logarithm is proved by one fact: a Taylor
polynomial P of odd degree lies below the exponential function everywhere. So P(u/m)^m >= x gives
ln x <= u, and x P(-l/m)^m >= 1 gives ln x >= l. Interval arithmetic proposes the logarithms; the
relations decide in rationals, and no float takes part.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache, partial
from math import factorial, floor, isqrt
from typing import Any, TypeAlias

import flint

from certify.certificates import facts
from certify.certificates.certificate import Certificate
from certify.errors import InputError
from certify.numbers import rationals
from certify.numbers.rationals import Vector
from verify.claims.relation import Named, within

Expression: TypeAlias = Any  # a numeral, a name or [operation, ...], as in facts.arithmetic
Relations: TypeAlias = list[tuple[Expression, str, Expression]]

BITS = 32  # after the binary point, to begin with; doubled until a comparison is decided


def root_bounds(x: Fraction, bits: int = BITS) -> tuple[Fraction, Fraction]:
    """Return rationals with low <= sqrt(x) <= high, at most 2^-bits apart, equal for squares.

    >>> root_bounds(Fraction(9, 4)), root_bounds(Fraction(2), 3)
    ((Fraction(3, 2), Fraction(3, 2)), (Fraction(11, 8), Fraction(3, 2)))
    """
    if x < 0:
        raise InputError("x", expected="a number >= 0", got=rationals.text(x))
    p, q = x.as_integer_ratio()
    root, of = isqrt(p), isqrt(q)
    if (root**2, of**2) == (p, q):
        return Fraction(root, of), Fraction(root, of)
    low = isqrt((p << 2 * bits) // q)
    return Fraction(low, 2**bits), Fraction(low + 1, 2**bits)


def log_bounds(x: Fraction, bits: int = BITS) -> tuple[Fraction, Fraction]:
    """Return rationals low <= ln x <= high for x >= 1, at most 2^(2-bits) apart, 0 for x = 1."""
    if x < 1:
        raise InputError("x", expected="a number >= 1", got=rationals.text(x))
    if x == 1:
        return Fraction(0), Fraction(0)
    with flint.ctx.workprec(bits + 64):
        ball = flint.arb(rationals.as_flint(x)).log()
        low = _dyadic((ball * 2**bits).lower())
        high = _dyadic((ball * 2**bits).upper())
    # One unit of slack on each side, so that short Taylor polynomials prove the bounds.
    return Fraction(max(floor(low) - 1, 0), 2**bits), Fraction(floor(high) + 2, 2**bits)


def log_relations(x: Expression, low: Fraction, high: Fraction, bits: int) -> Relations:
    """Return relations that prove low <= ln x <= high."""
    return [
        *exponential_relations(["/", "1", x], -low, bits),
        *exponential_relations(x, high, bits),
    ]


def exponential_relations(least: Expression, exponent: Fraction, bits: int = BITS) -> Relations:
    """Return relations that prove least <= exp(exponent), or fail when the two are too close."""
    bound, relations = _exponential_below(exponent, bits)
    return [*relations, (least, "<=", rationals.text(bound))]


def exponential_below(exponent: Fraction, bits: int = BITS) -> Fraction:
    """Return a rational b >= 0 with b <= exp(exponent), at most about 2^-bits below it."""
    return _exponential_below(exponent, bits)[0]


def _exponential_below(exponent: Fraction, bits: int) -> tuple[Fraction, Relations]:
    """Return a bound and its proof: exp(exponent / m) by a Taylor polynomial, squared until m.

    Every result is rounded down, so all numerals stay short.
    """
    power, degree = _power_and_degree(abs(exponent), bits)
    z = exponent / power
    bound = _rounded_down(_taylor_value(z, degree), 2 * bits)
    relations: Relations = [
        ("0", "<=", rationals.text(bound)),
        (rationals.text(bound), "<=", _taylor(rationals.text(z), degree)),
    ]
    while power > 1:
        bound, previous = _rounded_down(bound**2, 2 * bits), bound
        relations.append((rationals.text(bound), "<=", ["^", rationals.text(previous), "2"]))
        power //= 2
    return bound, relations


@dataclass(frozen=True)
class Loss:
    """The number sum of sqrt(r) over ``roots`` plus sum of sqrt(f ln argument) over ``deviations``.

    All entries are >= 0 and ``argument`` >= 1. Such numbers are what bounds on samples lose.
    """

    roots: Vector
    deviations: Vector
    argument: Fraction

    def bounds(self, bits: int = BITS) -> tuple[Fraction, Fraction]:
        """Return rationals below and above the number."""
        numbers = self._numbers(bits)
        return numbers["loss_below"], numbers["loss_above"]

    def covers(self, value: Fraction) -> bool:
        """Return whether value <= the number: decided, never by rounding."""
        return value <= self.decisive_bounds([value])[0]

    def decisive_bounds(self, values: Sequence[Fraction]) -> tuple[Fraction, Fraction]:
        """Return bounds of the number with none of the values strictly between them."""
        return self.bounds(self._deciding_bits(values))

    def below(self, name: str, values: Sequence[Fraction]) -> Named:
        """Return the lower of the decisive bounds by name; its numbers have a minus behind them."""
        return Named(name, self.decisive_bounds(values)[0], partial(self._formula, "-"))

    def above(self, name: str, values: Sequence[Fraction]) -> Named:
        """Return the upper of the decisive bounds by name; its numbers have a plus behind them."""
        return Named(name, self.decisive_bounds(values)[1], partial(self._formula, "+"))

    def _formula(self, side: str) -> str:
        log = rf"\ln {within(self.argument)}"
        terms = [rf"\sqrt{{{within(root)}}}" for root in self.roots]
        terms += [rf"\sqrt{{{within(f)}{log}}}" for f in self.deviations]
        return f"({'+'.join(terms)})^{side}"

    def certificate(
        self,
        numbers: Mapping[str, Fraction | int],
        relations: Relations,
        within: Sequence[str] = (),
        beyond: Sequence[str] = (),
    ) -> Certificate:
        """Certify value <= the number for the names ``within``, value > it for those ``beyond``.

        ``numbers`` holds these values and whatever the further ``relations`` speak of, which say
        where the values and this object's entries root0, deviation0, ..., argument come from. The
        names of the bounds are loss_below and loss_above.
        """
        bits = self._deciding_bits([numbers[name] for name in (*within, *beyond)])
        return facts.arithmetic(
            {**numbers, **self._numbers(bits)},
            [
                *relations,
                *self._relations(bits),
                *((name, "<=", "loss_below") for name in within),
                *(("loss_above", "<", name) for name in beyond),
            ],
        )

    def _deciding_bits(self, values: Sequence[Fraction | int]) -> int:
        """Return a precision at which every value lies outside the bounds, or on exact ones.

        The loop ends: unless the argument is 1 or there are no deviations the number is
        transcendental, and a sum of square roots is rational only if every root is, which the
        bounds of roots find exactly.
        """
        bits = BITS
        while True:
            low, high = self.bounds(bits)
            if low == high or all(value <= low or value > high for value in values):
                return bits
            bits *= 2

    @lru_cache(maxsize=16)  # noqa: B019 (a few precisions of a few numbers are asked for again)
    def _numbers(self, bits: int) -> dict[str, Fraction]:
        low, high = log_bounds(self.argument, bits)
        named = {"argument": self.argument, "log_below": low, "log_above": high}
        below = above = Fraction(0)
        for name, entry, logarithmic in self._terms():
            named[name] = entry
            start, end = root_bounds(entry * low if logarithmic else entry, bits)
            if logarithmic:
                end = root_bounds(entry * high, bits)[1]
            named[f"{name}_below"], named[f"{name}_above"] = start, end
            below, above = below + start, above + end
        return {**named, "loss_below": below, "loss_above": above}

    def _relations(self, bits: int) -> Relations:
        low, high = log_bounds(self.argument, bits)
        relations: Relations = [
            *log_relations("argument", low, high, bits),
            ("log_below", "=", rationals.text(low)),
            ("log_above", "=", rationals.text(high)),
        ]
        for name, _, logarithmic in self._terms():
            below, above = f"{name}_below", f"{name}_above"
            relations += [
                ("0", "<=", below),
                (["^", below, "2"], "<=", ["*", name, "log_below"] if logarithmic else name),
                ("0", "<=", above),
                (["*", name, "log_above"] if logarithmic else name, "<=", ["^", above, "2"]),
            ]
        names = [name for name, _, _ in self._terms()]
        return [
            *relations,
            ("loss_below", "=", ["+", *(f"{name}_below" for name in names)]),
            ("loss_above", "=", ["+", *(f"{name}_above" for name in names)]),
        ]

    def _terms(self) -> list[tuple[str, Fraction, bool]]:
        """Return the name of each root, the number under it, and whether a logarithm is there."""
        return [
            *((f"root{i}", entry, False) for i, entry in enumerate(self.roots)),
            *((f"deviation{i}", entry, True) for i, entry in enumerate(self.deviations)),
        ]


def _power_and_degree(size: Fraction, bits: int) -> tuple[int, int]:
    """Return m and an odd degree with size / m <= 1/4 and a Taylor error far below 2^-bits."""
    power = 4
    while 4 * size > power:
        power *= 2
    degree = 3
    while factorial(degree + 1) * 4 ** (degree + 1) < power * 2 ** (bits + 2):
        degree += 2
    return power, degree


def _taylor(z: Expression, degree: int) -> Expression:
    """Return the Taylor polynomial of exp at 0 as a nested expression in z."""
    result: Expression = "1"
    for k in range(degree, 0, -1):
        result = ["+", "1", ["*", ["/", z, str(k)], result]]
    return result


def _taylor_value(z: Fraction, degree: int) -> Fraction:
    return sum((z**k / factorial(k) for k in range(degree + 1)), Fraction(0))


def _rounded_down(x: Fraction, bits: int) -> Fraction:
    """Return x with about ``bits`` significant binary digits, and 16 to spare, rounded down."""
    size = x.numerator.bit_length() - x.denominator.bit_length()
    unit = Fraction(2) ** (size - bits - 16)
    return floor(x / unit) * unit


def _dyadic(end: flint.arb) -> Fraction:
    mantissa, exponent = (int(part) for part in end.mid().man_exp())
    return Fraction(mantissa) * Fraction(2) ** exponent
