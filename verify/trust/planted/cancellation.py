"""Inner products of floats with planted exact values, which float arithmetic does not find."""

from collections.abc import Iterable
from fractions import Fraction
from random import Random

from verify.trust.planted.instances import Array, Row, dot, floats, shuffled_columns, whole


class Cancellation:
    """A point, and rows whose inner products with it are small although their terms are large.

    The first three coordinates sum to 0, and a row has one common factor there: three products of
    twice as many ``bits``, each of which is rounded where a float is shorter than that. The last
    coordinate is 2^-``tiny``, and a row may have as little there: a term of 2^-(2 ``tiny``), which
    is lost beside any other.
    """

    def __init__(self, rng: Random, bits: int, tiny: int) -> None:
        self._rng, self._bits, self._tiny = rng, bits, Fraction(1, 2**tiny)
        a, b = self._long(), self._long()
        self._point: Row = [a, b, -a - b, *whole(rng, rng.randint(0, 2)), self._tiny]

    def system(
        self, values: Iterable[tuple[int, int]], dtype: str = "float64"
    ) -> tuple[Array, Array, Array]:
        """Return W, b, x with (W x + b)_i = k + s 2^-(2 tiny) for the i-th pair (k, s)."""
        rows = [self._row(k, s) for k, s in values]
        *W, x = shuffled_columns(self._rng, [*(w for w, _ in rows), self._point])
        return floats(W, dtype), floats([b for _, b in rows], dtype), floats(x, dtype)

    def _row(self, value: int, sign: int) -> tuple[Row, Fraction]:
        factor, short = self._long(), whole(self._rng, len(self._point) - 1)
        large = [factor + s for s in short[:3]]
        return [*large, *short[3:], sign * self._tiny], value - dot(short, self._point[:-1])

    def _long(self) -> int:
        """Return an odd number, so that the last bit of a product counts."""
        return self._rng.choice((-1, 1)) * (self._rng.getrandbits(self._bits) | 1)
